"""The simulated vendor's rules, each against the section of the page that it is from (Udesk CTI Cloud API)."""

from __future__ import annotations

import time
from typing import Any, Final

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.providers.udesk.kinds import KINDS
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.machine import APIS, Machine

AGENT: Final = {"AgentId": "10031", "WorkId": "22024"}
QUEUE: Final = {"QueueId": "9001", "QueueName": "Sales"}
WAV: Final = b"RIFF\x24\x00\x00\x00WAVEfmt "


def machine(dialect: Dialect | None = None, **sections: Any) -> Machine:
    """Make a tenant that has *sections*."""
    return Machine.from_state({"sections": sections}, dialect)


def code(tenant: Machine, method: str, api: str, body: Any = None, **more: Any) -> str:
    """Carry out a call; give its code."""
    return tenant.handle(method, api, body, **more).code


def agents(*ids: str, **fields: Any) -> dict[str, Any]:
    """Make agents for a seed."""
    return {identity: dict(fields) for identity in ids}


def section(tenant: Machine, name: str) -> Any:
    """Give one section of the state."""
    return tenant.to_state()["sections"][name]


def test_a_hundred_queues_and_no_more() -> None:
    """The page, "Create Queue": a maximum of 100 queues can be created per AppId; deleting one makes room."""
    tenant = machine(queues={f"9{number:03}": {} for number in range(99)})
    assert code(tenant, "POST", "queues", {"QueueId": "9100", "QueueName": "x"}) == "000000"
    assert code(tenant, "POST", "queues", {"QueueId": "9101", "QueueName": "x"}) == "000001"
    assert code(tenant, "DELETE", "queues", {"QueueId": "9100"}) == "000000"
    assert code(tenant, "POST", "queues", {"QueueId": "9101", "QueueName": "x"}) == "000000"


def test_a_queue_s_timeout_defaults_to_60_when_made_and_to_0_when_changed() -> None:
    """The page, "Create Queue" and "Modify Queue": the same field has two defaults."""
    tenant = machine()
    tenant.handle("POST", "queues", QUEUE)
    assert section(tenant, "queues")["9001"] == {
        "id": "9001", "name": "Sales", "strategy": "longest_idle", "timeout": 60, "max_length": 128,
    }  # fmt: skip
    tenant.handle("PUT", "queues", {**QUEUE, "MaxLength": 512, "Strategy": "random"})
    tenant.handle("PUT", "queues", QUEUE)
    assert section(tenant, "queues")["9001"] == {
        "id": "9001", "name": "Sales", "strategy": "longest_idle", "timeout": 0, "max_length": 128,
    }  # fmt: skip


def test_a_queue_that_is_in_use_stays() -> None:
    """The page, "Delete Queue": queues with bound seats cannot be deleted; and, by dialect, none that a key names."""
    keys: dict[str, Any] = {"fast_routers": {"1": {"queue": "9001"}}, "queues": {"9001": {}}}
    busy = machine(agents=agents("1", queues=["9001"]))
    assert code(busy, "DELETE", "queues", {"QueueId": "9001"}) == "100004"
    assert code(machine(**keys), "DELETE", "queues", {"QueueId": "9001"}) == "100004"
    assert code(machine(Dialect(queue_with_key="allowed"), **keys), "DELETE", "queues", {"QueueId": "9001"}) == "000000"


def test_two_queues_may_have_one_name_or_not() -> None:
    """The page lists no such error; a second public document has 100006. A queue may keep its own name."""
    other = {**QUEUE, "QueueId": "9002"}
    for dialect, wanted in ((Dialect(), "000000"), (Dialect(queue_name="unique"), "100006")):
        tenant = machine(dialect, queues={"9001": {"name": "Sales"}, "9003": {"name": "Other"}})
        assert wanted == code(tenant, "POST", "queues", other)
        assert wanted == code(tenant, "PUT", "queues", {**QUEUE, "QueueId": "9003"})
        assert code(tenant, "PUT", "queues", {**QUEUE, "Timeout": 5}) == "000000"


def test_a_key_or_prompt_that_leads_nowhere_may_be_sent_again_or_not() -> None:
    """By dialect; never another key, nor to another queue that is not there."""
    state: dict[str, Any] = {
        "queues": {"9001": {}},
        "fast_routers": {"1": {"queue": "9002"}},
        "default_voices": {"hold": {"wav": "a.wav"}},
    }
    again, digit, queue = (
        [{"Dtmf": key, "Desc": "x", "QueueId": led} for key, led in (("3", "9001"), last)]
        for last in (("1", "9002"), ("2", "9002"), ("1", "9003"))
    )
    plays = {"DefVoices": {"Hold": {"Type": "wav", "Content": "a.wav"}}}
    other = {"DefVoices": {"Welcome": {"Type": "wav", "Content": "a.wav"}}}
    for dialect, wanted in ((Dialect(), "100018"), (Dialect(dangling="kept"), "000000")):
        tenant = machine(dialect, **state)
        for table in (digit, queue):
            assert code(tenant, "PUT", "ivrs/fastrouters", {"FastRouter": table}) == "100018"
        assert wanted == code(tenant, "PUT", "ivrs/fastrouters", {"FastRouter": again})
        assert code(tenant, "PUT", "ivrs/defvoices", other) == "100018"
        assert wanted == code(tenant, "PUT", "ivrs/defvoices", plays)


def test_the_single_read_of_a_queue_has_issues() -> None:
    """The page, "Get Queue Information": this interface has issues, so nobody may build on it."""
    answer = machine(queues={"9001": {}}).handle("GET", "queues/9001")
    assert (answer.code, answer.status) == ("000003", 500)


@pytest.mark.parametrize(
    ("method", "api", "body", "wanted"),
    [
        ("POST", "queues", {**QUEUE, "QueueId": "8001"}, "000001"),
        ("POST", "queues", {**QUEUE, "QueueId": "90011"}, "000001"),
        ("POST", "queues", {**QUEUE, "QueueId": 9001}, "000001"),
        ("POST", "queues", {**QUEUE, "QueueId": "9\u066001"}, "000001"),
        ("POST", "queues", {**QUEUE, "QueueName": ""}, "000001"),
        ("POST", "queues", {**QUEUE, "MaxLength": 513}, "000001"),
        ("POST", "queues", {**QUEUE, "MaxLength": 512}, "000000"),
        ("POST", "queues", {**QUEUE, "Timeout": "60"}, "000001"),
        ("POST", "queues", {**QUEUE, "Timeout": True}, "000001"),
        ("POST", "queues", {**QUEUE, "Strategy": "skills"}, "000000"),
        ("POST", "queues", None, "100004"),
        ("POST", "extensions", {"Extension": "0800"}, "000001"),
        ("POST", "extensions", {"Extension": "80011"}, "000001"),
        ("POST", "extensions", {"Extension": "9001"}, "000000"),
        ("POST", "agents", {"Agents": []}, "000001"),
        ("POST", "agents", {"Agents": [AGENT]}, "000000"),
        ("POST", "agents", {"Agents": [AGENT, AGENT]}, "100004"),
        ("POST", "agents", {"Agents": [{**AGENT, "AgentId": "a1"}]}, "000001"),
        ("POST", "agents", {"Agents": [{**AGENT, "AgentId": "1" * 33}]}, "000001"),
        ("POST", "agents", {"Agents": [{**AGENT, "WorkId": "a b"}]}, "000001"),
        ("POST", "agents", {"Agents": [{**AGENT, "Role": "boss"}]}, "000001"),
        ("POST", "agents", {"Agents": [{**AGENT, "Role": "leader"}]}, "000000"),
        ("POST", "agents", {"Agents": [{**AGENT, "Mobile": "12"}]}, "000001"),
        ("POST", "agents", {"Agents": [{**AGENT, "Mobile": "0085212345678"}]}, "000000"),
        ("POST", "agents", {"Agents": [{**AGENT, "Enable": "yes"}]}, "000001"),
        ("POST", "agents", {"Agents": "10031"}, "000001"),
        ("POST", "agents", {"Agents": ["10031"]}, "000001"),
        ("POST", "ivrs/vfiles", {"FileName": ""}, "000001"),
        ("POST", "ivrs/vfiles", {"FileName": "a.mp3", "FileType": "mp3"}, "000001"),
        ("PUT", "ivrs/defvoices", {"DefVoices": {"Goodbye": "default"}}, "000001"),
        ("PUT", "ivrs/defvoices", {"DefVoices": {"Hold": "loud"}}, "000001"),
        ("PUT", "ivrs/defvoices", {"DefVoices": {"Hold": {"Type": "wav", "Content": "no.wav"}}}, "100018"),
        ("PUT", "ivrs/defvoices", {"DefVoices": {"Hold": {"Type": "tts", "Content": ""}}}, "000001"),
        ("PUT", "ivrs/defvoices", {"DefVoices": [{}]}, "000001"),
        ("PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "1", "Desc": "", "QueueId": "9001"}]}, "100018"),
        ("PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "#", "Desc": "", "QueueId": "9001"}]}, "000001"),
        ("PUT", "ivrs/fastrouters", {"FastRouter": []}, "000000"),
        ("PUT", "spnumbers/default", {"DefSpNumber": "057126200670"}, "100018"),
        ("DELETE", "spnumbers/default", None, "000004"),
        ("PUT", "webhooks/events", {"Events": [{"category": "weather", "all_type": ["rain"]}]}, "000001"),
        ("GET", "subscriptions/1", None, "100018"),
        ("GET", "subscriptions/x", None, "100018"),
        ("DELETE", "subscriptions/1", None, "000004"),
        ("GET", "calls/logs", None, "100004"),
        ("GET", "calls/logs", {}, "000000"),
        ("GET", "calls/logs", {"PageSize": 101}, "000001"),
        ("DELETE", "agents/1", {"AgentId": "1"}, "000004"),
        ("DELETE", "agents/1", {"AgentId": "2"}, "000001"),
        ("GET", "agents/1", {"AgentId": "1"}, "100018"),
        ("GET", "agents/1", None, "000001"),
        ("PUT", "agents/1", {"AgentId": "1", "WorkId": "1"}, "100018"),
    ],
)  # fmt: skip
def test_forms_and_missing_records(method: str, api: str, body: Any, wanted: str) -> None:
    """The page, "Data Format Conventions" and "Code Error Codes": what is blank, malformed or missing has its code."""
    assert wanted == code(machine(), method, api, body)


def test_an_agent_has_two_extensions_at_most() -> None:
    """The page, "Seat Extension Binding": a maximum of two; binding one again takes no more room."""
    tenant = machine(agents=agents("1"), extensions={"8001": {}, "8002": {}, "8003": {}})
    assert (
        code(tenant, "POST", "agents/extensions", {"AgentId": "1", "Extensions": ["8001", "8002", "8003"]}) == "000001"
    )
    assert code(tenant, "POST", "agents/extensions", {"AgentId": "1", "Extensions": ["8001"]}) == "000000"
    assert code(tenant, "POST", "agents/extensions", {"AgentId": "1", "Extensions": ["8001", "8002"]}) == "000000"
    assert code(tenant, "POST", "agents/extensions", {"AgentId": "1", "Extensions": ["8003"]}) == "000001"
    assert code(tenant, "POST", "agents/extensions", {"AgentId": "1", "Extensions": ["8009"]}) == "100018"
    assert section(tenant, "agents")["1"]["extensions"] == ["8001", "8002"]


def test_one_extension_on_two_agents_is_a_dialect() -> None:
    """The page does not say whether two agents may share an extension."""
    seed: dict[str, Any] = {"agents": {"1": {"extensions": ["8001"]}, "2": {}}}
    bind = {"AgentId": "2", "Extensions": ["8001"]}
    assert code(machine(**seed), "POST", "agents/extensions", bind) == "100004"
    shared = machine(Dialect(shared_extension="allowed"), **seed)
    assert code(shared, "POST", "agents/extensions", bind) == "000000"
    assert code(shared, "DELETE", "agents/1", {"AgentId": "1", "IsDelExtensions": True}) == "000000"
    assert ["8001"] == list(section(shared, "extensions"))


def test_an_extension_is_made_once_and_deleted_when_nobody_has_it() -> None:
    """The page, "Code Error Codes": 100015 it exists, 100016 it is bound, 000004 there is none."""
    tenant = machine(agents=agents("1", extensions=["8001"]))
    first = tenant.handle("POST", "extensions", {"Extension": "8002"}).result
    assert {"Extension": "8002", "Number": "90310468568002"} == {k: v for k, v in first.items() if k != "Password"}
    assert code(tenant, "POST", "extensions", {"Extension": "8002"}) == "100015"
    assert code(tenant, "DELETE", "extensions", {"Extension": "8001"}) == "100016"
    assert code(tenant, "DELETE", "extensions", {"Extension": "8002"}) == "000000"
    assert code(tenant, "DELETE", "extensions", {"Extension": "8002"}) == "000004"
    again = tenant.handle("POST", "extensions", {"Extension": "8002"}).result
    assert again["Password"] != first["Password"]


def test_an_agent_is_deleted_only_when_it_is_free() -> None:
    """The page, "Delete Seat": not with queues; with extensions only by IsDelExtensions, and they go too."""
    tenant = machine(agents={"1": {"queues": ["9001"], "extensions": ["8001"]}})
    gone = {"AgentId": "1", "IsDelExtensions": True}
    assert code(tenant, "DELETE", "agents/1", gone) == "100004"
    assert code(tenant, "DELETE", "agents/queues", {"AgentId": "1", "Queues": ["9001"]}) == "000000"
    assert code(tenant, "DELETE", "agents/1", {"AgentId": "1"}) == "100004"
    assert code(tenant, "DELETE", "agents/1", {"AgentId": "1", "IsDelExtensions": "false"}) == "100004"
    assert code(tenant, "DELETE", "agents/1", gone) == "000000"
    assert ({}, {}) == (section(tenant, "agents"), section(tenant, "extensions"))


def test_an_agent_may_come_with_an_extension() -> None:
    """The page, "Create Seat": IsCreateExtension makes and binds one; its password is in the answer."""
    tenant = machine(extensions={"8001": {}})
    made = tenant.handle("POST", "agents", {"Agents": [{**AGENT, "IsCreateExtension": True}]})
    assert [("8002", 16)] == [(item["Extension"], len(item["Password"])) for item in made.result["Extensions"]]
    assert section(tenant, "agents")["10031"]["extensions"] == ["8002"]
    assert tenant.handle("POST", "agents", {"Agents": [{**AGENT, "AgentId": "2"}]}).result is None


def test_a_batch_of_agents_is_atomic_or_not() -> None:
    """What is made of a batch with a bad agent is open: nothing, or those before it."""
    batch = {"Agents": [AGENT, {"AgentId": "2"}, {**AGENT, "AgentId": "3"}]}
    for dialect, made in ((Dialect(), []), (Dialect(agent_batch="partial"), ["10031"])):
        tenant = machine(dialect)
        assert code(tenant, "POST", "agents", batch) == "000001"
        assert made == list(section(tenant, "agents"))


def test_fields_left_out_of_an_agent_are_reset_or_kept() -> None:
    """PUT takes the complete resource ("HTTP METHOD"); whether it really resets is open. Bindings stay either way."""
    seed: dict[str, Any] = {
        "agents": agents("1", name="Li", role="leader", enabled=False, queues=["9001"], wrap_up_time=5)
    }
    for dialect, wanted in (
        (Dialect(), ("", "agent", True, 0)),
        (Dialect(agent_left_out="keep"), ("Li", "leader", False, 5)),
    ):
        tenant = machine(dialect, **seed)
        assert code(tenant, "PUT", "agents/1", {"AgentId": "1", "WorkId": "w"}) == "000000"
        agent = section(tenant, "agents")["1"]
        assert wanted == (agent["name"], agent["role"], agent["enabled"], agent["wrap_up_time"])
        assert agent["queues"] == ["9001"]


@pytest.mark.parametrize(
    ("value", "wanted", "stored"), [("accepted", "000000", 7), ("ignored", "000000", 0), ("refused", "000001", 0)]
)
def test_wrap_up_time_is_a_dialect(value: str, wanted: str, stored: int) -> None:
    """WrapUpTime stands in the examples and in no table of parameters."""
    tenant = machine(Dialect.parse([f"wrap_up_time={value}"]), agents=agents("1"))
    assert wanted == code(tenant, "PUT", "agents/1", {"AgentId": "1", "WorkId": "w", "WrapUpTime": 7})
    assert stored == section(tenant, "agents")["1"]["wrap_up_time"]


def test_binding_queues_adds_or_replaces() -> None:
    """Whether POST agents/queues adds is open; POST and PUT queues/agents add ("Batch Bind Seats to Queue")."""
    seed: dict[str, Any] = {"queues": {"9001": {}, "9002": {}}, "agents": agents("1", queues=["9001"])}
    for dialect, wanted in ((Dialect(), ["9001", "9002"]), (Dialect(bind_queues="replace"), ["9002"])):
        tenant = machine(dialect, **seed)
        assert code(tenant, "POST", "agents/queues", {"AgentId": "1", "Queues": ["9002"]}) == "000000"
        assert wanted == section(tenant, "agents")["1"]["queues"]
        assert code(tenant, "PUT", "queues/agents", {"QueueId": "9001", "AgentIds": ["1"]}) == "000000"
        assert section(tenant, "agents")["1"]["queues"] == ["9001", "9002"]


def test_a_binding_names_what_exists_or_nothing_happens() -> None:
    """The page, "Code Error Codes": 100018 for an agent, "Queue Blank" for a queue; nothing is bound by half."""
    tenant = machine(queues={"9001": {}}, agents=agents("1"))
    answer = tenant.handle("POST", "agents/queues", {"AgentId": "1", "Queues": ["9001", "9002"]})
    assert ("100018", "Queue Blank") == (answer.code, answer.text)
    assert code(tenant, "POST", "queues/agents", {"QueueId": "9001", "AgentIds": ["1", "2"]}) == "100018"
    assert section(tenant, "agents")["1"]["queues"] == []


@pytest.mark.parametrize(
    ("method", "api", "body"),
    [
        ("POST", "agents/queues", {"AgentId": "1", "Queues": ["9001"]}),
        ("POST", "queues/agents", {"QueueId": "9001", "AgentIds": ["1"]}),
        ("POST", "agents/extensions", {"AgentId": "1", "Extensions": ["8001"]}),
    ],
)
def test_doing_it_again_is_a_dialect(method: str, api: str, body: Any) -> None:
    """Binding what is bound, and unbinding what is not, may be fine or not."""
    seed: dict[str, Any] = {"queues": {"9001": {}}, "extensions": {"8001": {}}, "agents": agents("1")}
    for dialect, again in ((Dialect(), "000000"), (Dialect(bound_again="refused"), "100004")):
        tenant = machine(dialect, **seed)
        assert ["000000", again] == [code(tenant, method, api, body) for _ in range(2)]
    if api.startswith("agents"):
        for dialect, unbound in ((Dialect(), "000004"), (Dialect(unbound_again="ok"), "000000")):
            assert unbound == code(machine(dialect, **seed), "DELETE", api, body)


def test_how_agents_are_shown() -> None:
    """Ids, extensions, numbers, names, empty lists and order are shown as the dialect says."""
    seed: dict[str, Any] = {
        "queues": {"9001": {"name": "Sales"}, "9002": {"name": "Support"}},
        "agents": {"2": {"queues": ["9002", "9001"], "extensions": ["8001"], "default_number": "0571"}, "1": {}},
    }
    plain = machine(**seed)
    first, second = plain.handle("GET", "agents").result["AgentList"]
    assert ("2", ["9002", "9001"], "Support,Sales") == (first["AgentId"], first["Queues"], first["QueuesNames"])
    assert ("0571", "8001") == (first["DefSpNumber"], first["ExtenInfos"])
    assert [{"Extension": "8001", "Number": "90310468568001"}] == first["Extensions"]
    assert ("1", None, None, "") == (second["AgentId"], second["Queues"], second["QueuesNames"], second["DefSpNumber"])
    one = plain.handle("GET", "agents/2", {"AgentId": "2"}).result
    assert f"2@{plain.tenant.app_id}" == one["AgentId"]
    other = machine(
        Dialect(
            list_agent_id="tenant", read_agent_id="bare", extensions="text", agent_number="list", names="list",
            empty_lists="list", order="sorted",
        ),
        **seed,
    )  # fmt: skip
    first, second = other.handle("GET", "agents").result["AgentList"]
    assert (f"1@{other.tenant.app_id}", [], [], []) == (
        first["AgentId"], first["Queues"], first["QueuesNames"], first["DefSpNumber"],
    )  # fmt: skip
    assert (["9001", "9002"], ["Sales", "Support"], ["8001"], ["0571"]) == (
        second["Queues"], second["QueuesNames"], second["Extensions"], second["DefSpNumber"],
    )  # fmt: skip
    empty = machine(Dialect(extensions="object-empty-password", order="reversed"), **seed)
    last = empty.handle("GET", "agents").result["AgentList"][-1]
    assert last["Extensions"] == [{"Extension": "8001", "Password": "", "Number": "90310468568001"}]


def test_queues_are_read_in_other_words_than_they_are_written() -> None:
    """The page, "Get All Queue Information" says QueueID and Name; the other spelling is a dialect."""
    queue: dict[str, Any] = {"queues": {"9001": {"name": "Sales"}}}
    (read,) = machine(**queue).handle("GET", "queues").result
    assert ("9001", "Sales") == (read["QueueID"], read["Name"])
    (read,) = machine(Dialect(queue_names="QueueId"), **queue).handle("GET", "queues").result
    assert ("9001", "Sales") == (read["QueueId"], read["QueueName"])


def test_relay_numbers() -> None:
    """The page, "Relay Number Management": a default can be any number in the list, for all and for an agent."""
    tenant = machine(relay_numbers={"0571": {}, "0572": {"is_default": True}}, agents=agents("1"))
    assert {"SpNumbers": ["0571", "0572"], "DefSpNumber": "0572"} == tenant.handle("GET", "spnumbers").result
    assert code(tenant, "PUT", "spnumbers/default", {"DefSpNumber": "057100"}) == "100018"
    number = {"DefSpNumber": "057126200670"}
    tenant = machine(relay_numbers={"057126200670": {}}, agents=agents("1"))
    assert code(tenant, "PUT", "spnumbers/agent/default/1", number) == "000000"
    assert section(tenant, "agents")["1"]["default_number"] == "057126200670"
    assert code(tenant, "PUT", "spnumbers/agent/default/2", number) == "100018"
    assert code(tenant, "DELETE", "/spnumbers/agent/default/1") == "000000"
    assert code(tenant, "DELETE", "spnumbers/agent/default/1") == "000004"
    assert code(tenant, "PUT", "spnumbers/default", number) == "000000"
    assert code(tenant, "DELETE", "spnumbers/default/7763") == "000000"


def test_the_application() -> None:
    """The page, "Application Management": PUT resets what it leaves out, or keeps it; the secret shows in reads."""
    seed: dict[str, Any] = {
        "application": {"": {"name": "Acme", "memo": "m", "hide_user_number": True, "type": "external"}}
    }
    tenant = machine(**seed)
    assert code(tenant, "PUT", "apps", {"CallbackUrl": "https://crm.example.com"}) == "000000"
    shown = tenant.handle("GET", "apps").result
    assert ("Acme", "default", False, "") == (shown["Name"], shown["Type"], shown["IsHideUserNum"], shown["Memo"])
    assert shown["Secret"]
    tenant = machine(Dialect(application_left_out="keep"), **seed)
    tenant.handle("PUT", "apps", {"Memo": ""})
    shown = tenant.handle("GET", "apps").result
    assert ("external", True, "") == (shown["Type"], shown["IsHideUserNum"], shown["Memo"])
    assert code(tenant, "PUT", "apps", {"Type": "other"}) == "000001"
    assert code(tenant, "PUT", "apps", {"Name": ""}) == "000001"
    assert code(tenant, "POST", "apps", {"Name": "x", "Type": "default", "CallbackUrl": ""}) == "000001"


def test_voice_files_are_unique_wavs() -> None:
    """The page, "Upload IVR Voice File": unique names, wav only; one that a prompt plays stays, by dialect."""
    tenant = machine()
    assert code(tenant, "POST", "ivrs/vfiles", {"FileName": "a.wav"}, upload=b"ID3") == "100008"
    assert code(tenant, "POST", "ivrs/vfiles", {"FileName": "a.wav", "FileDesc": "A"}, upload=WAV) == "000000"
    assert code(tenant, "POST", "ivrs/vfiles", {"FileName": "a.wav"}, upload=WAV) == "100004"
    assert {"IvrVFiles": [{"FileName": "a.wav", "FileType": "wav", "FileDesc": "A"}]} == tenant.handle(
        "GET", "ivrs/vfiles"
    ).result
    voices = {"DefVoices": {"Hold": {"Type": "wav", "Content": "a.wav"}}}
    assert code(tenant, "POST", "ivrs/defvoices", voices) == "000000"
    assert code(tenant, "DELETE", "ivrs/vfiles", {"FileName": "a.wav"}) == "100004"
    tenant.dialect = Dialect(voice_in_use="allowed")
    assert code(tenant, "DELETE", "ivrs/vfiles", {"FileName": "a.wav"}) == "000000"
    assert code(tenant, "DELETE", "ivrs/vfiles", {"FileName": "a.wav"}) == "000004"


def test_default_voices_in_every_form() -> None:
    """The page, "Set IVR Default Voices": an object or a list of one; left out and unset ones are dialects."""
    hold = {"Hold": {"Type": "tts", "Content": "Wait"}}
    tenant = machine(default_voices={"welcome": {"tts": "Hello"}})
    assert code(tenant, "PUT", "ivrs/defvoices", {"DefVoices": hold}) == "000000"
    read = tenant.handle("GET", "ivrs/defvoices").result["Voices"]
    assert ({"Type": "tts", "Content": "Hello"}, hold["Hold"], "default") == (
        read["Welcome"],
        read["Hold"],
        read["Waiting"],
    )
    dialect = Dialect(voices_body="list", voices_answer="list", voices_left_out="default", voices_unset="absent")
    tenant = machine(dialect, default_voices={"welcome": {"tts": "Hello"}})
    assert code(tenant, "PUT", "ivrs/defvoices", {"DefVoices": hold}) == "000001"
    assert code(tenant, "PUT", "ivrs/defvoices", {"DefVoices": [hold]}) == "000000"
    assert {"Voices": [hold]} == tenant.handle("GET", "ivrs/defvoices").result


def test_the_key_table_is_replaced_whole() -> None:
    """The page, "Update Fast Router Configuration": keys left out go, a key twice is refused."""
    tenant = machine(queues={"9001": {}}, fast_routers={"1": {"queue": "9001"}})
    row = {"Dtmf": "2", "Desc": "Sales", "QueueId": "9001"}
    assert code(tenant, "PUT", "ivrs/fastrouters", {"FastRouter": [row, row]}) == "000001"
    assert code(tenant, "PUT", "ivrs/fastrouters", {"FastRouter": [row]}) == "000000"
    assert {"ErrCode": "000000", "ErrDesc": "OK", "Result": None, "FastRouter": [row]} == tenant.handle(
        "GET", "ivrs/fastrouters"
    ).document()
    tenant.dialect = Dialect(fast_router="result")
    assert {"FastRouter": [row]} == tenant.handle("GET", "ivrs/fastrouters").result


def test_subscriptions_have_numbers_and_names_may_repeat() -> None:
    """The page, "Message Subscription": each of a batch works or fails; the list has no ids."""
    one = {"callback": "http://x", "name": "crm", "events": ["end"]}
    tenant = machine()
    made = tenant.handle("POST", "subscriptions", {"subscriptions": [one, {**one, "events": []}, one]}).result
    assert {"sub_succ": [{"id": 1, "name": "crm"}, {"id": 2, "name": "crm"}], "sub_fail": ["crm"]} == made
    assert [{**one, "enable": True}] * 2 == tenant.handle("GET", "subscriptions").result
    assert {"crm": 2} == tenant.handle("PUT", "subscriptions/2", {**one, "state": 0, "enable": False}).result
    assert tenant.handle("GET", "subscriptions/2").result["enable"] is False
    tenant.dialect = Dialect(subscription_switch="state", subscription_answer="list", subscription_starts="disabled")
    assert [{"SubId": 2, "name": "crm"}] == tenant.handle("PUT", "subscriptions/2", {**one, "state": 1}).result
    assert tenant.handle("GET", "subscriptions/2").result["enable"] is True
    tenant.handle("POST", "subscriptions", {"subscriptions": [one]})
    assert tenant.handle("GET", "subscriptions/3").result["enable"] is False
    assert {"crm", "crm#2", "crm#3"} == {fields["name"] for fields in section(tenant, "subscriptions").values()}
    again = Machine.from_state(tenant.to_state())
    assert ["crm"] * 3 == [row["name"] for row in again.handle("GET", "subscriptions").result]
    assert tenant.to_state() == again.to_state()


def test_webhook_events_are_appended_replaced_and_removed() -> None:
    """The page, "Subscribe to Events": POST appends, PUT replaces all, DELETE removes all; nothing reads them."""
    tenant = machine()
    for names in (["begin"], ["end", "begin"]):
        tenant.handle("POST", "webhooks/events", {"Events": [{"category": "call", "all_type": names}]})
    assert section(tenant, "webhook_events")[""]["call"] == ["begin", "end"]
    tenant.handle("PUT", "webhooks/events", {"Events": [{"category": "ext_state", "all_type": ["ext_state"]}]})
    assert {"agent_state": [], "ext_state": ["ext_state"], "agent_call_mode": [], "call": []} == section(
        tenant, "webhook_events"
    )[""]
    assert code(tenant, "DELETE", "webhooks/events") == "000000"
    assert section(tenant, "webhook_events")[""]["ext_state"] == []
    assert tenant.handle("GET", "webhooks/events").status == 405


def full_state() -> dict[str, Any]:
    """Make a tenant with something everywhere, through calls alone."""
    tenant = machine(relay_numbers={"057126200670": {}})
    calls: list[tuple[str, str, Any]] = [
        ("PUT", "apps", {"Name": "Acme", "Type": "external", "CallbackUrl": "https://x", "IsHideUserNum": True}),
        ("PUT", "spnumbers/default", {"DefSpNumber": "057126200670"}),
        ("POST", "queues", QUEUE),
        ("POST", "extensions", {"Extension": "8009"}),
        ("POST", "agents", {"Agents": [{**AGENT, "Name": "李", "IsCreateExtension": True, "WrapUpTime": 3}]}),
        ("POST", "queues/agents", {"QueueId": "9001", "AgentIds": ["10031"]}),
        ("POST", "ivrs/vfiles", {"FileName": "a.wav", "FileDesc": "Greeting [sha256:0123456789abcdef]"}),
        ("POST", "ivrs/vfiles", {"FileName": "b.wav", "FileDesc": "[sha256:0123456789abcdef]"}),
        ("POST", "ivrs/vfiles", {"FileName": "c.wav", "FileDesc": "by hand"}),
        ("PUT", "ivrs/defvoices", {"DefVoices": {"Hold": {"Type": "wav", "Content": "a.wav"}}}),
        ("PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "1", "Desc": "d", "QueueId": "9001"}]}),
        ("POST", "subscriptions", {"subscriptions": [{"callback": "http://x", "name": "crm", "events": ["end"]}]}),
        ("PUT", "webhooks/events", {"Events": [{"category": "call", "all_type": ["begin"]}]}),
    ]  # fmt: skip
    for method, api, body in calls:
        assert code(tenant, method, api, body) == "000000", api
    return tenant.to_state()


def test_state_goes_out_and_in_again() -> None:
    """A dump is a seed that makes the same tenant, with every section and field of our kinds."""
    state = full_state()
    assert state == Machine.from_state(state).to_state()
    assert "Password" not in str(state)
    assert state["sections"]["voice_files"] == {
        "a.wav": {"name": "a.wav", "path": "", "description": "Greeting", "digest": "0123456789abcdef"},
        "b.wav": {"name": "b.wav", "path": "", "description": "", "digest": "0123456789abcdef"},
        "c.wav": {"name": "c.wav", "path": "", "description": "by hand", "digest": ""},
    }
    assert set(KINDS) == set(state["sections"])
    digest_only = Machine.from_state({"sections": {"voice_files": {"d.wav": {"digest": "0" * 16}}}})
    assert digest_only.handle("GET", "ivrs/vfiles").result["IvrVFiles"][0]["FileDesc"] == f"[sha256:{'0' * 16}]"
    for name, kind in KINDS.items():
        for fields in state["sections"][name].values():
            assert set(kind.resource.model_fields) == set(fields), name


def test_a_copy_goes_its_own_way() -> None:
    """A copy is not touched by what happens to its origin."""
    tenant = machine(agents=agents("1"), queues={"9001": {}})
    twin = tenant.copy()
    tenant.handle("POST", "agents/queues", {"AgentId": "1", "Queues": ["9001"]})
    assert [] == section(twin, "agents")["1"]["queues"]


def test_the_same_calls_give_the_same_answers() -> None:
    """There is no chance in it: two machines agree on passwords and ids."""
    assert full_state() == full_state()
    calls: list[tuple[str, str, Any]] = [
        ("POST", "extensions", {"Extension": "8001"}),
        ("POST", "apps", {"Name": "x", "Type": 1, "CallbackUrl": ""}),
    ]
    for method, api, body in calls:
        assert machine().handle(method, api, body) == machine().handle(method, api, body)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ([], "not a JSON object"),
        ({"format": "reconciler-live/9"}, "its format"),
        ({"provider": "tencent"}, "of the provider"),
        ({"tenant": 7}, "the tenant of the snapshot is not text"),
        ({"sections": []}, "sections are not a mapping"),
        ({"sections": {"queue": {}}}, 'unknown section "queue"'),
        ({"sections": {"queues": []}}, "section queues"),
        ({"sections": {"queues": {"9001": None}}}, "queues/9001"),
        ({"sections": {"queues": {"9001": {"id": "9002"}}}}, "the id of queues/9001"),
        ({"sections": {"queues": {"9001": {"timeout": "60"}}}}, "the timeout of queues/9001"),
        ({"sections": {"agents": {"1": {"id": "2"}}}}, "the id of agents/1"),
        ({"sections": {"agents": {"1": {"name": None}}}}, "the name of agents/1"),
        ({"sections": {"agents": {"1": {"enabled": 1}}}}, "the enabled of agents/1"),
        ({"sections": {"agents": {"1": {"queues": "9001"}}}}, "the queues of agents/1"),
        ({"sections": {"agents": {"1": {"queues": [9001]}}}}, "the queues of agents/1"),
        ({"sections": {"agents": {"1": {"queues": ["9001", "9001"]}}}}, "twice"),
        ({"sections": {"queues": {}, "agents": {"1": {"queues": ["9001"]}}}}, "agents/1 serves the queue 9001"),
        ({"sections": {"default_voices": {"goodbye": {}}}}, "default_voices/goodbye"),
        ({"sections": {"fast_routers": {"1": {}}}}, "fast_routers/1 names no queue"),
        ({"sections": {"subscriptions": {"a": {"number": "x"}}}}, "the number of subscriptions/a"),
        ({"sections": {"subscriptions": {"a": {"number": "1"}, "b": {"number": "1"}}}}, "is taken"),
        ({"sections": {"webhook_events": {"": {"call": "end"}}}}, "the call of webhook_events"),
    ],
)
def test_a_bad_seed_is_explained(state: Any, words: str) -> None:
    """A seed that is no snapshot of a Udesk tenant is a clear error that names the place, never a traceback."""
    with pytest.raises(ReconcilerError) as caught:
        Machine.from_state(state)
    assert words in str(caught.value)
    assert caught.value.remedy


JUNK: Final[tuple[Any, ...]] = (
    None,
    {},
    {"AgentId": None},
    {"AgentId": []},
    {"Agents": [None]},
    {"Agents": [{}]},
    {"Agents": {"a": 1}},
    {"QueueId": {}},
    {"Extension": ["8001"]},
    {"FileName": 1},
    {"DefVoices": {"Hold": []}},
    {"DefVoices": [[]]},
    {"FastRouter": [{"Dtmf": 1}]},
    {"FastRouter": {}},
    {"subscriptions": [{"name": 1}]},
    {"subscriptions": [[]]},
    {"Events": [{"category": [], "all_type": 1}]},
    {"DefSpNumber": 1},
    {"Name": []},
    {"AgentId": "1", "Extensions": [[]]},
    {"AgentId": "1", "Queues": [{}]},
    {"QueueId": "9001", "AgentIds": [None]},
    {"AgentId": "1", "WorkId": "1", "Role": []},
    {"AgentId": "1", "IsDelExtensions": []},
    {"PageNum": [], "PageSize": {}},
    {"callback": "x", "name": "y", "events": "z"},
)


def test_no_body_breaks_the_machine() -> None:
    """Whatever a body holds, each call gets an answer; nothing is raised."""
    for dialect in (Dialect(), Dialect(voices_body="list", paging="body", subscription_switch="state")):
        for api, methods in APIS.items():
            for method in methods.split():
                for body in JUNK:
                    tenant = machine(
                        dialect, agents=agents("1"), queues={"9001": {}}, subscriptions={"s": {"number": "1"}}
                    )
                    assert tenant.handle(method, api.replace("*", "1"), body).code


def test_fifty_thousand_agents_load_fast() -> None:
    """A big tenant costs what reading its rows costs: less than a few passes over the same data as JSON."""
    rows = {str(number): {"id": str(number), "work_id": "w", "queues": ["9001", "9002"]} for number in range(50_000)}
    started = time.process_time()
    tenant = machine(queues={"9001": {}, "9002": {}}, agents=rows)
    assert time.process_time() - started < 5  # seconds; it takes a quarter of one
    assert len(tenant.tenant.agents) == 50_000
