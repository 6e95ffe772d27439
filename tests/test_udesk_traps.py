"""
The vendor's traps, one test each: exactly what we send, in which order, and what we make of the answer.

Quoted names are sections of the vendor's page, "Udesk CTI Cloud API".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import pytest

from reconciler.diff import diff
from reconciler.model.call import Call, Reading, Reply, Upload, run
from reconciler.model.errors import OutcomeUnknown, Rejected, Unexpected, UnknownTenant
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Plan
from reconciler.plan import plan
from reconciler.providers.udesk import PROVIDER, protocol
from reconciler.providers.udesk.kinds import (
    agents,
    application,
    default_voices,
    extensions,
    fast_routers,
    queues,
    relay_numbers,
    subscriptions,
    voice_files,
    webhook_events,
)
from reconciler.providers.udesk.learn import learn
from tests.laws.udesk.tenants import SETTINGS, desired_of, live_of

T = TypeVar("T")
API: Final = "/ccapi/v2/"
NUMBER: Final = "057126200670"
PAIR: Final = {"9001": {"name": "Sales"}, "9002": {"name": "Support"}}
OLD, NEW = "0" * 16, "1" * 16
Sent = tuple[str, str, Any]


def planned(live: Mapping[str, Any], wish: Mapping[str, Any], *, memory: Memory | None = None, **rest: Any) -> Plan:
    """Plan from plain data; nothing is pruned unless *rest* says so."""
    found = Live(live_of(live).sections, memory or Memory())
    desired = desired_of(wish, **{"prune": (), **rest})
    return plan(diff(desired, found, PROVIDER.kinds), desired, found, PROVIDER)


def sent(live: Mapping[str, Any], wish: Mapping[str, Any], **rest: Any) -> list[Sent]:
    """Plan, and list what goes out: method, what follows /ccapi/v2/, body."""
    made = planned(live, wish, **rest)
    assert () == made.refusals
    return [(call.method, call.path.removeprefix(API), call.body) for call in made.calls]


def read(reading: Reading[T], answers: Mapping[str, Any]) -> T:
    """Run a reading on prepared answers, `Result` by what follows /ccapi/v2/; what is not prepared is missing."""

    def answer(call: Call) -> Reply:
        assert "GET" == call.method
        found = answers.get(call.path.removeprefix(API))
        if found is None:
            assert "missing" in call.accepts, call
            return Reply(payload={"ErrCode": "100018"}, condition="missing")
        return Reply(payload={"ErrCode": "000000", **found})

    return run(reading, answer)


def decode(method: str, body: str, *, status: int = 200, accepts: frozenset[str] = frozenset()) -> Reply:
    """Decode one answer."""
    call = Call(method, API + "agents", accepts=accepts)
    return protocol.decode(call, status=status, headers={}, body=body.encode(), now=0)


# Calling.


@pytest.mark.parametrize(("unit", "timestamp"), [("ms", "1519468251500"), ("s", "1519468251")])
def test_every_call_is_signed_with_the_configured_unit(unit: str, timestamp: str) -> None:
    """Milliseconds by the text, seconds by all examples ("Timestamp", "Server-Side API Authentication")."""
    settings = SETTINGS.model_copy(update={"timestamp_unit": unit})
    request = protocol.encode(Call("GET", API + "agents"), settings, now=1519468251.5)
    signed = hashlib.sha1(  # noqa: S324 - the vendor's choice
        f"{SETTINGS.sid.reveal()}{SETTINGS.auth_token.reveal()}{timestamp}".encode()
    ).hexdigest()
    assert {
        "Timestamp": timestamp, "AppId": SETTINGS.app_id, "Sid": SETTINGS.sid.reveal(), "Sign": signed,
    } == request.query  # fmt: skip


def test_delete_and_get_carry_bodies() -> None:
    """The ids of `DELETE queues` and the like travel in the body ("Delete Queue")."""
    request = protocol.encode(Call("DELETE", API + "queues", {"QueueId": "9001"}), SETTINGS, now=0)
    assert ("DELETE", b'{"QueueId": "9001"}') == (request.method, request.content)
    assert "application/json;charset=utf-8" == request.headers["Content-Type"]


@pytest.mark.parametrize("body", ['{"ErrCode":"000000","ErrDesc":""}', '{"code":0,"message":"OK"}'])
def test_both_envelopes_are_read(body: str) -> None:
    """Some answers say code and message ("Hold"), and the list of agents has an empty ErrDesc ("Get Seat List")."""
    assert "ok" == decode("GET", body).condition


def test_a_refusal_counts_whatever_its_status() -> None:
    """Which status goes with which code is not said ("HTTP Status Code")."""
    for status in (200, 400, 404, 422):
        with pytest.raises(Rejected) as caught:
            decode("PUT", '{"ErrCode":"100018","ErrDesc":"Queue Blank"}', status=status)
        assert ("100018", "Queue Blank") == (caught.value.code, caught.value.text)


def test_a_write_that_was_queued_or_has_no_body_worked() -> None:
    """202 Accepted, 204 NO CONTENT ("HTTP Status Code"); reading back tells the rest."""
    assert "ok" == decode("DELETE", "", status=204).condition
    assert "ok" == decode("POST", "", status=202).condition
    assert "ok" == decode("POST", '{"ErrCode":"000000"}', status=201).condition


@pytest.mark.parametrize("body", ["", '{"ErrCode":"000003","ErrDesc":"System internal error"}', "<html>"])
def test_after_a_500_nobody_knows_whether_a_write_happened(body: str) -> None:
    """By the page, "the user will not be able to determine if the request was successful" ("HTTP Status Code")."""
    with pytest.raises(OutcomeUnknown):
        decode("POST", body, status=500)
    with pytest.raises(Unexpected):
        decode("GET", body, status=500)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Duplicate entry '10031' for key 'agent_id'", "duplicate"),
        ("unexpected end of JSON input", "form"),
        ("Unexpected end of JSON input", "form"),
        ("Agent has queue or voip, can't delete", "bound"),
        ("something else", "100004"),
    ],
)
def test_100004_means_what_its_text_says(text: str, means: str) -> None:
    """One code for a duplicate, a broken body and an agent that is bound ("Code Error Codes")."""
    assert means == protocol.classify("100004", text)


def test_unknown_codes_are_kept_verbatim() -> None:
    """A code that no list has is shown as it came ("Code Error Codes" is not complete)."""
    with pytest.raises(Rejected, match="100099 Neues") as caught:
        decode("POST", '{"ErrCode":"100099","ErrDesc":"Neues"}')
    assert "100099" == caught.value.code


@pytest.mark.parametrize("code", ["100002", "100017"])
def test_a_tenant_that_is_not_known_is_no_plain_refusal(code: str) -> None:
    """AppId not found, forbidden or blank ("Code Error Codes")."""
    with pytest.raises(UnknownTenant):
        decode("GET", f'{{"ErrCode":"{code}","ErrDesc":"AppId"}}', status=403)


# Application and relay numbers.


def test_an_application_s_secret_is_never_kept() -> None:
    """The answer has Secret, which signs callbacks ("Get Application Details")."""
    row = {"AppId": "a", "Name": "Acme", "Type": "default", "Secret": "s3cret", "IsHideUserNum": "true", "Memo": ""}
    (found,) = read(application.read(Memory()), {"apps": {"Result": row}})
    assert "s3cret" not in repr(found.__dict__)
    assert ("Acme", True, "default") == (found.name, found.hide_user_number, found.type)


def test_the_application_goes_back_whole_with_its_type() -> None:
    """PUT takes the complete resource ("HTTP METHOD"); Type defaults to `default` there ("Update Application")."""
    live = {"application": {"": {"name": "A", "callback_url": "https://a", "memo": "m", "type": "external"}}}
    body = {"Name": "B", "CallbackUrl": "https://a", "IsHideUserNum": False, "Memo": "m", "Type": "external"}
    assert [("PUT", "apps", body)] == sent(live, {"application": {"": {"name": "B"}}})


@pytest.mark.parametrize("kind", ["1", "0", ""])
def test_a_type_as_creation_has_it_is_not_sent_back(kind: str) -> None:
    """1 and 0 when an application is made ("Create Application"), other words later ("Update Application")."""
    live = {"application": {"": {"name": "A", "type": kind}}}
    ((_, _, body),) = sent(live, {"application": {"": {"name": "B"}}})
    assert "Type" not in body


def test_the_default_number_s_url_has_no_stray_id() -> None:
    """The examples call spnumbers/default/7763; the URL is spnumbers/default ("Update Default Relay Number")."""
    live: dict[str, Any] = {"relay_numbers": {NUMBER: {}}}
    wish: dict[str, Any] = {"default_number": {"": {"number": NUMBER}}}
    assert [("PUT", "spnumbers/default", {"DefSpNumber": NUMBER})] == sent(live, wish)
    gone = {"relay_numbers": {NUMBER: {"is_default": True}}, "default_number": {"": {"number": NUMBER}}}
    assert [("DELETE", "spnumbers/default", None)] == sent(gone, {"default_number": {"": {"number": ""}}})


def test_a_number_that_is_not_the_tenant_s_is_refused() -> None:
    """DefSpNumber can be "any number in the relay number list" ("Update Default Relay Number")."""
    made = planned({"relay_numbers": {NUMBER: {}}}, {"default_number": {"": {"number": "057199999999"}}})
    assert ["unknown-number"] == [refusal.rule for refusal in made.refusals]
    assert () == made.calls


def test_relay_numbers_typed_as_uuid_can_t_be_checked() -> None:
    """SpNumbers is typed [string (uuid)] ("Get Relay Number List"): what looks like no number rules none out."""
    assert () == planned({"relay_numbers": {"d30fe35c": {}}}, {"default_number": {"": {"number": NUMBER}}}).refusals


@pytest.mark.parametrize("shown", [NUMBER, [NUMBER]])
def test_an_agent_s_number_is_text_or_a_list(shown: Any) -> None:
    """DefSpNumber is typed [string], and the example shows a text ("Get Seat List")."""
    assert NUMBER == _agent(DefSpNumber=shown).default_number


def test_an_agent_s_number_has_its_own_calls() -> None:
    """PUT and DELETE of spnumbers/agent/default/:agentId; PUT agents does not know it ("Update Seat")."""
    live = {"relay_numbers": {NUMBER: {}}, "agents": {"11": {"work_id": "w"}}}
    put = [("PUT", "spnumbers/agent/default/11", {"DefSpNumber": NUMBER})]
    assert put == sent(live, {"agents": {"11": {"default_number": NUMBER}}})
    live = {**live, "agents": {"11": {"work_id": "w", "default_number": NUMBER}}}
    assert [("DELETE", "spnumbers/agent/default/11", None)] == sent(live, {"agents": {"11": {"default_number": ""}}})


# Agents.


def _agent(**fields: Any) -> agents.Agent:
    row = {"AgentId": "62", "WorkId": "565", "Role": "agent", "Queues": None, "Extensions": None, **fields}
    page = {"CurrPage": 1, "PageSize": 439, "Total": 1, "TotalPage": 1, "AgentList": [row]}
    (found,) = read(agents.read(Memory()), {"agents": {"Result": page}})
    return found


def test_an_agent_s_id_may_carry_the_app_id() -> None:
    """`62` in the list, `7765@a54a8b77-…` in the single read ("Get Seat Details", "Get Seat List")."""
    assert "62" == _agent().id
    assert "7765" == _agent(AgentId="7765@a54a8b77-f12d-4ac9-742d-5b2bef5c4d11").id


def test_an_agent_s_lists_may_be_null() -> None:
    """Queues and Extensions are null in both examples ("Get Seat Details", "Get Seat List")."""
    assert ((), ()) == (_agent().queues, _agent().extensions)
    assert ((), ()) == (_agent(Queues=[], Extensions="").queues, _agent(Queues=[], Extensions="").extensions)


@pytest.mark.parametrize(
    "shown",
    [
        ["8002", "8001"],
        [{"Extension": "8001", "Password": "", "Number": "90310468568001"}, {"Extension": "8002"}],
        [8001, 8002],
        "8001,8002",
    ],
)
def test_an_agent_s_extensions_come_in_any_shape(shown: Any) -> None:
    """[Extension] is defined for creation only, as an object with a password ("Create Seat", "Get Seat List")."""
    assert ("8001", "8002") == _agent(Extensions=shown).extensions


def test_numbers_and_booleans_may_be_text() -> None:
    """IsHideUserNum and WrapUpTime are typed string in one table ("Create Application"), so all may be."""
    found = _agent(Enable="false", WrapUpTime="7", WorkId=565)
    assert (False, 7, "565") == (found.enabled, found.wrap_up_time, found.work_id)
    assert _agent(Enable=None).enabled, "default: true"


def test_an_agent_s_change_sends_all_fields_and_the_id_twice() -> None:
    """By the page, AgentId stands "in both the URL and the request body"; fields left out: not said ("Update Seat")."""
    live = {
        "agents": {"11": {"work_id": "w", "name": "Li", "mobile": "18512520714", "role": "leader", "enabled": False}}
    }
    body = {
        "AgentId": "11", "WorkId": "w", "Name": "Li Wei", "Mobile": "18512520714", "Email": "", "Role": "leader",
        "Enable": False,
    }  # fmt: skip
    assert [("PUT", "agents/11", body)] == sent(live, {"agents": {"11": {"name": "Li Wei"}}})


def test_wrap_up_time_is_sent_back_and_left_out_where_it_is_refused() -> None:
    """The examples send WrapUpTime, and no table lists it ("Create Seat")."""
    (call,) = planned({"agents": {"11": {"work_id": "w", "wrap_up_time": 9}}}, {"agents": {"11": {"name": "Li"}}}).calls
    assert call.body is not None
    assert 9 == call.body["WrapUpTime"]
    assert call.otherwise is not None
    assert {key: value for key, value in call.body.items() if key != "WrapUpTime"} == call.otherwise.body
    assert protocol.classify("000001", "ParamsInvalid") in call.otherwise_on


def test_new_agents_go_in_one_call_with_what_was_written() -> None:
    """Agents is an array; what is left out has the vendor's default ("Create Seat")."""
    wish = {"agents": {"12": {"work_id": "b", "role": "leader"}, "11": {"work_id": "a", "name": "Li"}}}
    body = {
        "Agents": [{"AgentId": "11", "WorkId": "a", "Name": "Li"}, {"AgentId": "12", "WorkId": "b", "Role": "leader"}]
    }
    assert [("POST", "agents", body)] == sent({}, wish)


def test_new_agents_go_in_batches_of_the_configured_size() -> None:
    """How many one call takes is not said ("Create Seat"): `agent_batch` bounds it."""
    settings = SETTINGS.model_copy(update={"agent_batch": 2})
    wish = {"agents": {str(number): {"work_id": "w"} for number in range(5)}}
    assert [2, 2, 1] == [len(body["Agents"]) for _, _, body in sent({}, wish, settings=settings)]


def test_the_system_picks_a_number_after_those_that_are_named() -> None:
    """IsCreateExtension takes any free number ("Create Seat"), so numbers that the files name are taken first."""
    wish = {"agents": {"11": {"work_id": "a", "extensions": "auto"}, "12": {"work_id": "b", "extensions": ["8001"]}}}
    body = {"Agents": [{"AgentId": "11", "WorkId": "a", "IsCreateExtension": True}, {"AgentId": "12", "WorkId": "b"}]}
    assert [
        ("POST", "extensions", {"Extension": "8001"}),
        ("POST", "agents", body),
        ("POST", "agents/extensions", {"AgentId": "12", "Extensions": ["8001"]}),
    ] == sent({}, wish)


def test_an_existing_agent_gets_no_extension_by_itself() -> None:
    """IsCreateExtension is a field of creation only ("Create Seat", "Update Seat")."""
    made = planned({"agents": {"11": {"work_id": "a"}}}, {"agents": {"11": {"extensions": "auto"}}})
    assert ["auto-extension"] == [refusal.rule for refusal in made.refusals]
    has_one = {"agents": {"11": {"work_id": "a", "extensions": ["8007"]}}}
    assert [] == sent(has_one, {"agents": {"11": {"extensions": "auto"}}})


def test_an_agent_leaves_its_queues_before_it_is_deleted() -> None:
    """By the page, "The agent is bound to a queue or IP phone and cannot be deleted" ("Code Error Codes", 100004)."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9001", "9002"], "extensions": ["8001"]}}}
    assert [
        ("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]}),
        ("DELETE", "agents/queues", {"AgentId": "11", "Queues": ["9001", "9002"]}),
        ("DELETE", "agents/11", {"AgentId": "11"}),
    ] == sent(live, {"agents": {}}, prune=("agents",))


def test_extensions_go_with_their_agent() -> None:
    """IsDelExtensions deletes the bound extensions; queues must be left first ("Delete Seat")."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9001"], "extensions": ["8001", "8002"]}}}
    assert [
        ("DELETE", "agents/queues", {"AgentId": "11", "Queues": ["9001"]}),
        ("DELETE", "agents/11", {"AgentId": "11", "IsDelExtensions": True}),
    ] == sent(live, {"agents": {}}, prune=("agents", "extensions"))


def test_an_extension_that_stays_does_not_go_with_its_agent() -> None:
    """IsDelExtensions deletes *all* extensions of the seat ("Delete Seat"), so one that stays is unbound before."""
    live = {"agents": {"11": {"extensions": ["8001", "8002"]}}}
    assert [
        ("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]}),
        ("DELETE", "agents/11", {"AgentId": "11", "IsDelExtensions": True}),
    ] == sent(live, {"agents": {}, "extensions": {"8001": {}}}, prune=("agents", "extensions"))


def test_paging_goes_on_where_the_answer_says_so() -> None:
    """The example has one page with all 439; parameters are documented for logs only ("Get Seat List")."""
    asked: list[Call] = []

    def answer(call: Call) -> Reply:
        asked.append(call)
        number = int(call.query.get("PageNum", "1"))
        ids = [["1", "2"], ["3", "4"], ["5"]][number - 1]
        page = {
            "CurrPage": number,
            "PageSize": 2,
            "Total": 5,
            "TotalPage": 3,
            "AgentList": [{"AgentId": i, "Queues": None, "Extensions": None} for i in ids],
        }
        return Reply(payload={"Result": page})

    assert ["1", "2", "3", "4", "5"] == [agent.id for agent in run(agents.read(Memory()), answer)]
    assert [
        ({}, None),
        ({"PageNum": "2", "PageSize": "2"}, {"PageNum": 2, "PageSize": 2}),
        ({"PageNum": "3", "PageSize": "2"}, {"PageNum": 3, "PageSize": 2}),
    ] == [(dict(call.query), call.body) for call in asked]


# Who holds which extension.


def test_two_extensions_at_most_are_bound_at_every_step() -> None:
    """By the page, "a maximum of two extension numbers" ("Seat Extension Binding"): room first."""
    live = {"agents": {"11": {"extensions": ["8001", "8002"]}}, "extensions": {"8003": {}}}
    assert [
        ("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8002"]}),
        ("POST", "agents/extensions", {"AgentId": "11", "Extensions": ["8001", "8003"]}),
    ] == sent(live, {"agents": {"11": {"extensions": ["8001", "8003"]}}})


def test_where_there_is_room_the_new_extension_comes_first() -> None:
    """One of two places is free ("Seat Extension Binding"), so the agent never is without."""
    live = {"agents": {"11": {"extensions": ["8001"]}}, "extensions": {"8003": {}}}
    assert [
        ("POST", "agents/extensions", {"AgentId": "11", "Extensions": ["8003"]}),
        ("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]}),
    ] == sent(live, {"agents": {"11": {"extensions": ["8003"]}}})


def test_an_extension_is_never_on_two_agents() -> None:
    """Whether it may be is not said ("Seat Extension Binding"): the one lets go before the other gets it."""
    live = {"agents": {"11": {"extensions": ["8001"]}, "12": {"extensions": ["8002"]}}}
    wish = {"agents": {"11": {"extensions": ["8002"]}, "12": {"extensions": ["8001"]}}}
    made = planned(live, wish)
    place = {(call.method, (call.body or {})["AgentId"]): index for index, call in enumerate(made.calls)}
    assert place["DELETE", "12"] < place["POST", "11"]
    assert place["DELETE", "11"] < place["POST", "12"]
    assert 4 == len(made.calls)


def test_an_extension_that_somebody_else_keeps_is_refused() -> None:
    """Agent 12 is not in the files, so nothing takes 8001 from it ("Seat Extension Binding")."""
    live = {"agents": {"11": {}, "12": {"extensions": ["8001"]}}}
    made = planned(live, {"agents": {"11": {"extensions": ["8001"]}}})
    assert ["extension-taken"] == [refusal.rule for refusal in made.refusals]


HOLDS: Final = {"agents": {"11": {"name": "Li", "extensions": ["8001"]}, "12": {"name": "Wang"}}}
TAKES: Final = {"12": {"extensions": ["8001"]}}


@pytest.mark.parametrize(
    ("wish", "manage", "remedy", "lifted", "rule"),
    [
        pytest.param(
            TAKES,
            {},
            "Name agent 11 in the files with other extensions",
            {**TAKES, "11": {"extensions": []}},
            {},
            id="not in the files",
        ),
        pytest.param(
            {**TAKES, "11": {"name": "Li"}},
            {},
            "Give agents/11 other extensions in the files",
            {**TAKES, "11": {"name": "Li", "extensions": []}},
            {},
            id="its extensions are left open",
        ),
        pytest.param(
            {**TAKES, "11": {"extensions": []}},
            {"additive": ("extensions",)},
            "Take extensions out of manage.agents.additive",
            {**TAKES, "11": {"extensions": []}},
            {},
            id="additive",
        ),
        pytest.param(
            TAKES,
            {"additive": ("extensions",)},
            "Take extensions out of manage.agents.additive and name agent 11 in the files with other extensions",
            {**TAKES, "11": {"extensions": []}},
            {},
            id="additive, and not in the files",
        ),
        pytest.param(
            TAKES,
            {"prune": True, "ignore": ("name:Li",)},
            "Take agent 11 out of manage.agents.ignore and name agent 11 in the files with other extensions",
            {**TAKES, "11": {"extensions": []}},
            {"prune": True},
            id="ignored",
        ),
        pytest.param(
            {**TAKES, "11": {"extensions": []}},
            {"ignore": ("11",)},
            "Take agent 11 out of manage.agents.ignore",
            {**TAKES, "11": {"extensions": []}},
            {},
            id="ignored, and in the files",
        ),
    ],
)
def test_what_lifts_the_refusal_of_a_taken_extension_does(
    wish: Mapping[str, Any], manage: Mapping[str, Any], remedy: str, lifted: Mapping[str, Any], rule: Mapping[str, Any]
) -> None:
    """Who holds it is among the objects; the remedy says what keeps it there, and followed to the letter it lifts."""
    (refusal,) = planned(HOLDS, {"agents": wish}, manage={"agents": manage}).refusals
    assert ("agents/12", "agents/11") == refusal.objects
    assert f"{remedy}, or unbind 8001 from agent 11 in the console." == refusal.remedy
    assert () == planned(HOLDS, {"agents": lifted}, manage={"agents": rule}).refusals


# Who serves which queue.


def test_what_an_agent_serves_goes_along_when_it_joins_a_queue() -> None:
    """Whether POST agents/queues adds or replaces is not said ("Seat Queue Binding")."""
    live = {"queues": PAIR | {"9003": {"name": "More"}}, "agents": {"11": {"queues": ["9001"]}}}
    (call,) = planned(live, {"agents": {"11": {"queues": ["9001", "9002", "9003"]}}}).calls
    assert {"AgentId": "11", "Queues": ["9001", "9002", "9003"]} == call.body
    assert call.otherwise is not None, "where binding again is a duplicate, only the new ones go"
    assert {"AgentId": "11", "Queues": ["9002", "9003"]} == call.otherwise.body


def test_many_agents_join_a_queue_in_one_call() -> None:
    """By the page, "Batch binding seats to a queue only creates new records without deleting previous ones"."""
    live = {"queues": PAIR, "agents": {"11": {}, "12": {}, "13": {"queues": ["9001"]}}}
    wish = {"agents": {number: {"queues": ["9001"]} for number in ("11", "12", "13")}}
    assert [("POST", "queues/agents", {"QueueId": "9001", "AgentIds": ["11", "12"]})] == sent(live, wish)


def test_queues_are_left_agent_by_agent() -> None:
    """There is no batch unbinding by queue ("Seat Queue Unbinding", "Batch Bind Seats to Queue")."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9001", "9002"]}, "12": {"queues": ["9001"]}}}
    assert [
        ("DELETE", "agents/queues", {"AgentId": "11", "Queues": ["9001", "9002"]}),
        ("DELETE", "agents/queues", {"AgentId": "12", "Queues": ["9001"]}),
    ] == sent(live, {"agents": {"11": {"queues": []}, "12": {"queues": []}}})


# Queues.


@pytest.mark.parametrize("names", [("QueueID", "Name"), ("QueueId", "QueueName")])
def test_queues_are_read_under_both_names(names: tuple[str, str]) -> None:
    """QueueId and QueueName when writing, QueueID and Name when reading ("Get All Queue Information")."""
    row = {names[0]: "9001", names[1]: "Sales", "Timeout": 45, "Strategy": "longest_idle", "MaxLength": 64, "ID": 7}
    (found,) = read(queues.read(Memory()), {"queues": {"Result": [row]}})
    assert ("9001", "Sales", 45, 64) == (found.id, found.name, found.timeout, found.max_length)


def test_a_queue_s_change_sends_all_fields() -> None:
    """A Timeout left out defaults to 60 in POST and to 0 in PUT ("Create Queue", "Modify Queue")."""
    live = {"queues": {"9001": {"name": "Sales", "timeout": 45, "max_length": 64, "strategy": "ring_all"}}}
    body = {"QueueId": "9001", "QueueName": "Vente", "Strategy": "ring_all", "Timeout": 45, "MaxLength": 64}
    assert [("PUT", "queues", body)] == sent(live, {"queues": {"9001": {"name": "Vente"}}})


def test_a_new_queue_keeps_the_vendor_s_defaults() -> None:
    """60 seconds and 128 callers where the files say nothing ("Create Queue")."""
    assert [("POST", "queues", {"QueueId": "9001", "QueueName": "Sales"})] == sent(
        {}, {"queues": {"9001": {"name": "Sales"}}}
    )


def test_a_queue_goes_last() -> None:
    """By the page, "Queues with bound seats cannot be deleted" ("Delete Queue"); of keys it says nothing: first too."""
    live = {
        "queues": PAIR,
        "agents": {"11": {"queues": ["9001"]}},
        "fast_routers": {"1": {"queue": "9001", "description": "x"}},
    }
    wish: dict[str, Any] = {
        "queues": {"9002": {}},
        "agents": {"11": {"queues": ["9002"]}},
        "fast_routers": {"1": {"queue": "9002", "description": "x"}},
    }
    assert [
        ("POST", "queues/agents", {"QueueId": "9002", "AgentIds": ["11"]}),
        ("PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "1", "Desc": "x", "QueueId": "9002"}]}),
        ("DELETE", "agents/queues", {"AgentId": "11", "Queues": ["9001"]}),
        ("DELETE", "queues", {"QueueId": "9001"}),
    ] == sent(live, wish, prune=("queues",))


def test_a_queue_is_not_left_alone_while_a_key_leads_to_it() -> None:
    """The key moves before the last agent leaves, whichever of both calls could go first ("Seat Queue Unbinding")."""
    live = {
        "queues": PAIR,
        "agents": {"11": {"queues": ["9001"]}, "12": {"queues": ["9002"]}},
        "fast_routers": {"1": {"queue": "9001", "description": "x"}},
    }
    wish = {"agents": {"11": {"queues": []}}, "fast_routers": {"1": {"queue": "9002", "description": "x"}}}
    table, leave = planned(live, wish).calls
    assert ("ivrs/fastrouters", "agents/queues") == (table.path.removeprefix(API), leave.path.removeprefix(API))
    assert (table.id,) == leave.needs


def test_a_hundred_queues_is_the_end() -> None:
    """By the page, "A maximum of 100 queues can be created per AppId" ("Create Queue"): refused before any call."""
    live = {"queues": {str(number): {"name": "x"} for number in range(9000, 9100)}}
    made = planned(live, {"queues": {"9200": {"name": "New"}}})
    assert ["queue-limit"] == [refusal.rule for refusal in made.refusals]
    assert () == made.calls


@pytest.mark.parametrize(
    ("manage", "remedy"),
    [
        pytest.param(
            {}, "One queue that the files do not name must go (manage.queues.prune, or in the console)", id="open"
        ),
        pytest.param(
            {"ignore": ("9099",)},
            "One queue that the files do not name must go (manage.queues.prune, or in the console)",
            id="one is hidden",
        ),
        pytest.param(
            {"prune": True, "ignore": ("90*",)},
            "One queue that manage.queues.ignore hides must go (take it out of there, or delete it in the console)",
            id="all are hidden",
        ),
        pytest.param(
            {"ignore": ("90*",)},
            "One queue that manage.queues.ignore hides must go (take it out of there and set manage.queues.prune, or "
            "delete it in the console)",
            id="all are hidden, and none would go",
        ),
    ],
)
def test_what_lifts_the_limit_of_queues(manage: Mapping[str, Any], remedy: str) -> None:
    """`prune` takes none that `ignore` hides, so it is not what lifts the refusal then."""
    live = {"queues": {str(number): {"name": "x"} for number in range(9000, 9100)}}
    (refusal,) = planned(live, {"queues": {"9200": {"name": "New"}}}, manage={"queues": manage}).refusals
    assert f"{remedy}, or want fewer." == refusal.remedy
    assert ("queues/9200", *(f"queues/{queue}" for queue in live["queues"])) == refusal.objects


def test_as_many_hidden_queues_must_be_taken_out_of_ignore_as_prune_does_not_free() -> None:
    """Three too many, and `prune` reaches one."""
    live = {"queues": {str(number): {"name": "x"} for number in range(9000, 9100)}}
    wish = {"queues": {str(number): {"name": "New"} for number in range(9200, 9203)}}
    (refusal,) = planned(live, wish, manage={"queues": {"ignore": ("900*", "901*", "90[2-8]*", "909[1-9]")}}).refusals
    assert (
        "3 queues that the files do not name must go (in the console, or by manage.queues.prune once 2 more are taken "
        "out of manage.queues.ignore), or want fewer."
    ) == refusal.remedy


@pytest.mark.parametrize(("others", "told"), [(99, False), (98, True)])
def test_a_name_is_told_to_be_taken_only_where_both_queues_may_stand(others: int, *, told: bool) -> None:
    """In a full tenant the old one goes first, so its name is free, and the new one needs no other for a while."""
    rest = {str(number): {"name": f"q{number}"} for number in range(9100, 9100 + others)}
    live = {"queues": {"9001": {"name": "Sales"}, **rest}}
    made = planned(live, {"queues": {"9002": {"name": "Sales"}, **rest}}, prune=("queues",))
    (create,) = (call for call in made.calls if call.method == "POST")
    assert told == any("still bears it" in note for note in made.notes)
    assert told == (create.otherwise is not None)


def test_the_broken_read_of_one_queue_is_not_used() -> None:
    """By the page, it "has issues, temporarily ignored" ("Get Queue Information"): only the list is read."""
    row = {"QueueID": "9001", "Name": "Sales"}
    assert 1 == len(read(queues.read(Memory()), {"queues": {"Result": [row]}}))


# Extensions.


def test_extensions_are_known_from_agents_and_from_our_own_memory() -> None:
    """The API has no list of extensions ("Extension Management")."""
    holder = _agent(Extensions=["8001"])
    found = extensions.derive({"agents": {"62": holder}}, Memory({"extensions": {"8009": {}}}))
    assert ["8001", "8009"] == [item.number for item in found]


def test_an_extension_that_exists_already_is_as_good_as_made() -> None:
    """100015 NumberIsExisted: a spare that no read shows ("Code Error Codes")."""
    (call,) = planned({}, {"extensions": {"8009": {}}}).calls
    assert ("POST", {"Extension": "8009"}) == (call.method, call.body)
    reply = protocol.decode(
        call, status=200, headers={}, body=b'{"ErrCode":"100015","ErrDesc":"NumberIsExisted"}', now=0
    )
    assert "exists" == reply.condition
    assert {("extensions", "8009"): {}} == learn(call, reply).remember
    assert () == learn(call, reply).passwords


def test_a_password_is_learned_once_and_never_shown() -> None:
    """The answer to a creation has the password, and no other answer does ("Create Extension")."""
    call = Call("POST", API + "extensions", {"Extension": "4567"})
    row = {"Extension": "4567", "Password": "5ca7561e1748f1b7", "Number": "90310468564567"}
    learned = learn(call, Reply(payload={"ErrCode": "000000", "Result": row}))
    (password,) = learned.passwords
    assert ("4567", "5ca7561e1748f1b7", "90310468564567") == (password.extension, password.password, password.number)
    assert "5ca7561e1748f1b7" not in repr(learned)


def test_passwords_of_agents_extensions_are_learned_too() -> None:
    """IsCreateExtension answers with Extensions and their passwords ("Create Seat")."""
    call = Call("POST", API + "agents", {"Agents": [{"AgentId": "11", "IsCreateExtension": True}]})
    result = {"Extensions": [{"Extension": "8001", "Password": "p"}]}
    assert [("8001", "p")] == [
        (item.extension, item.password) for item in learn(call, Reply(payload={"Result": result})).passwords
    ]
    assert () == learn(call, Reply(payload={"Result": None})).passwords


def test_an_extension_is_unbound_before_it_is_deleted() -> None:
    """By the page, "Extensions that are already bound to an agent cannot be deleted" ("Delete Extension", 100016)."""
    live = {"agents": {"11": {"extensions": ["8001"]}}}
    assert [
        ("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]}),
        ("DELETE", "extensions", {"Extension": "8001"}),
    ] == sent(live, {"agents": {"11": {"extensions": []}}}, prune=("extensions",))


def test_an_unbound_extension_stays_known() -> None:
    """Once nobody holds it no read shows it ("Seat Extension Unbinding"), so it is remembered."""
    call = Call("DELETE", API + "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]})
    assert {("extensions", "8001"): {}} == learn(call, Reply(payload={})).remember


# Voice files and prompts.


def test_a_file_s_content_is_known_by_its_digest() -> None:
    """Content can't be read back ("Get IVR Voice File List"), so FileDesc carries a digest."""
    rows = [
        {"FileName": "a.wav", "FileType": "wav", "FileDesc": f"Greeting [sha256:{NEW}]"},
        {"FileName": "b.wav", "FileDesc": f"[sha256:{OLD}]"},
        {"FileName": "c.wav", "FileDesc": "By hand"},
    ]
    found = read(voice_files.read(Memory()), {"ivrs/vfiles": {"Result": {"IvrVFiles": rows}}})
    assert [("a.wav", "Greeting", NEW), ("b.wav", "", OLD), ("c.wav", "By hand", "")] == [
        (item.name, item.description, item.digest) for item in found
    ]


def test_a_live_file_without_a_digest_is_left_alone() -> None:
    """Nobody can tell what it plays ("Get IVR Voice File List"): a warning, and no call."""
    made = planned({"voice_files": {"a.wav": {}}}, {"voice_files": {"a.wav": {"path": "a.wav", "digest": NEW}}})
    assert ((), ["left-alone"]) == (made.calls, [item.code for item in made.warnings])


def test_a_name_is_taken_until_the_old_file_is_gone() -> None:
    """By the page, "FileName: must be unique" ("Upload IVR Voice File"): delete, then upload."""
    live = {"voice_files": {"a.wav": {"digest": OLD}}}
    wish = {"voice_files": {"a.wav": {"path": "x/a.wav", "digest": NEW, "description": "Hi"}}}
    remove, upload = planned(live, wish).calls
    assert ("DELETE", {"FileName": "a.wav"}) == (remove.method, remove.body)
    assert {"FileName": "a.wav", "FileType": "wav", "FileDesc": f"Hi [sha256:{NEW}]"} == upload.body
    assert Upload(path="x/a.wav", digest=NEW) == upload.upload
    assert (remove.id,) == upload.needs


def test_a_file_travels_as_a_form_or_as_base64() -> None:
    """How the bytes travel is not said ("Upload IVR Voice File"): one form, and the other where that is refused."""
    (call,) = planned({}, {"voice_files": {"a.wav": {"path": "a.wav", "digest": NEW}}}).calls
    request = protocol.encode(call, SETTINGS, now=0, upload=b"RIFF")
    assert request.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="FileName"\r\n\r\na.wav\r\n' in request.content
    assert b'filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n' in request.content
    assert call.otherwise is not None
    for code, text in (("100004", "unexpected end of JSON input"), ("000001", "ParamsInvalid")):
        assert protocol.classify(code, text) in call.otherwise_on
    other = protocol.encode(call.otherwise, SETTINGS, now=0, upload=b"RIFF")
    assert b'"FileContent": "UklGRg=="' in other.content
    assert "application/json;charset=utf-8" == other.headers["Content-Type"]


def test_prompts_let_go_of_a_file_that_is_replaced() -> None:
    """What becomes of a file that plays is not said ("Delete IVR Voice File"): the prompt is parked, then set again."""
    live = {"voice_files": {"a.wav": {"digest": OLD}}, "default_voices": {"hold": {"wav": "a.wav"}}}
    files = {"voice_files": {"a.wav": {"path": "a.wav", "digest": NEW}}}
    made = planned(live, {**files, "default_voices": {"hold": {"wav": "a.wav"}}})
    assert [
        ("PUT", "ivrs/defvoices"),
        ("DELETE", "ivrs/vfiles"),
        ("POST", "ivrs/vfiles"),
        ("PUT", "ivrs/defvoices"),
    ] == [(call.method, call.path.removeprefix(API)) for call in made.calls]
    first, last = ((call.body or {})["DefVoices"][0]["Hold"] for call in (made.calls[0], made.calls[-1]))
    assert ("default", {"Type": "wav", "Content": "a.wav"}) == (first, last)
    assert any("a.wav" in note and "hold" in note for note in made.notes)
    refused = planned(live, files)  # no file would wish the prompt back, were the run to stop in between
    assert ["unmanaged-prompt"] == [refusal.rule for refusal in refused.refusals]


def test_all_nine_prompts_go_along() -> None:
    """Whether one left out keeps its setting is not said ("Set IVR Default Voices")."""
    live = {"voice_files": {"a.wav": {"digest": OLD}}, "default_voices": {"hold": {"wav": "a.wav"}}}
    (call,) = planned(live, {"default_voices": {"welcome": {"tts": "Hi"}, "waiting": {}}}).calls
    everything = dict.fromkeys(default_voices.NAMES.values(), "default")
    body = {
        **everything, "Hold": {"Type": "wav", "Content": "a.wav"}, "Welcome": {"Type": "tts", "Content": "Hi"},
    }  # fmt: skip
    assert {"DefVoices": [body]} == call.body, "typed as a list"
    assert call.otherwise is not None
    assert {"DefVoices": body} == call.otherwise.body, "and named like an object's fields"


@pytest.mark.parametrize(
    "result",
    [
        {"Voices": {"Welcome": {"Type": "wav", "Content": "a.wav"}, "Hold": "default"}},
        {"Voices": [{"Welcome": {"Type": "wav", "Content": "a.wav"}}]},
        {"Voices": [{"Welcome": {"Type": "WAV", "Content": "a.wav"}}, {"Hold": "default"}]},
        [{"Welcome": {"Type": "wav", "Content": "a.wav"}}],
    ],
)
def test_prompts_are_read_in_every_form(result: Any) -> None:
    """Voices is typed [Voice], and named like an object's fields ("Get IVR Default Voices")."""
    found = {voice.name: voice for voice in read(default_voices.read(Memory()), {"ivrs/defvoices": {"Result": result}})}
    assert set(default_voices.NAMES) == set(found)
    assert ("a.wav", "") == (found["welcome"].wav, found["hold"].wav)


# Keys.


@pytest.mark.parametrize("answer", [{"FastRouter": [1]}, {"Result": {"FastRouter": [1]}}, {"Result": [1]}])
def test_keys_are_read_beside_the_result_or_in_it(answer: dict[str, Any]) -> None:
    """The table lists FastRouter next to ErrCode ("Get Fast Router Configuration")."""
    row = {"Dtmf": "1", "Desc": "Sales", "QueueId": "9001"}
    filled = {key: [row] if isinstance(value, list) else {"FastRouter": [row]} for key, value in answer.items()}
    (found,) = read(fast_routers.read(Memory()), {"ivrs/fastrouters": filled})
    assert ("1", "9001", "Sales") == (found.digit, found.queue, found.description)


def test_the_key_table_goes_whole() -> None:
    """POST and PUT take the whole table ("Update Fast Router Configuration"): a key that is left out goes."""
    live = {
        "queues": PAIR,
        "fast_routers": {"1": {"queue": "9001", "description": "a"}, "2": {"queue": "9001", "description": "b"}},
    }
    wish = {"fast_routers": {"1": {"queue": "9001", "description": "a"}, "3": {"queue": "9002", "description": ""}}}
    rows = [{"Dtmf": "1", "Desc": "a", "QueueId": "9001"}, {"Dtmf": "3", "Desc": "", "QueueId": "9002"}]
    assert [("PUT", "ivrs/fastrouters", {"FastRouter": rows})] == sent(live, wish)


def test_a_key_always_has_a_description() -> None:
    """Desc is required ("Update Fast Router Configuration"): the queue's name where the files say nothing."""
    ((_, _, body),) = sent({"queues": PAIR}, {"fast_routers": {"1": {"queue": "9002"}}})
    assert {"FastRouter": [{"Dtmf": "1", "Desc": "Support", "QueueId": "9002"}]} == body


def test_a_key_waits_for_its_queue_and_its_agents() -> None:
    """A key that leads to nobody helps nobody; the page speaks of neither ("Update Fast Router Configuration")."""
    wish = {
        "queues": {"9001": {"name": "Sales"}},
        "agents": {"11": {"work_id": "w", "queues": ["9001"]}},
        "fast_routers": {"1": {"queue": "9001", "description": "x"}},
    }
    assert ["agents", "queues", "queues/agents", "ivrs/fastrouters"] == [path for _, path, _ in sent({}, wish)]


# Subscriptions and webhook events.


ROW: Final = {"callback": "https://a", "name": "crm", "events": ["x"], "enable": True}


def test_ids_are_found_by_reading_upwards() -> None:
    """The list carries no ids ("Batch Query for Message Subscriptions"); single reads do by their URL."""
    answers = {"subscriptions": {"Result": [ROW]}, "subscriptions/7": {"Result": ROW}}
    (found,) = read(subscriptions.read(Memory()), answers)
    assert "7" == found.number


def test_a_remembered_id_is_tried_first() -> None:
    """The creation's answer had it ("Message Subscription"), so one read is enough, however high it is."""
    memory = Memory({"subscriptions": {"crm": {"id": "90001"}}})
    answers = {"subscriptions": {"Result": [ROW]}, "subscriptions/90001": {"Result": ROW}}
    (found,) = read(subscriptions.read(memory), answers)
    assert "90001" == found.number


def test_a_subscription_whose_id_is_lost_is_read_and_not_changed() -> None:
    """The search has a bound ("Single Query for Message Subscription"); a change is refused with what to do."""
    (found,) = read(subscriptions.read(Memory()), {"subscriptions": {"Result": [ROW]}})
    assert "" == found.number
    made = planned(
        {"subscriptions": {"crm": {"callback": "https://a", "events": ["x"], "enabled": True}}},
        {"subscriptions": {"crm": {"callback": "https://b", "events": ["x"]}}},
    )
    assert ["unknown-id"] == [refusal.rule for refusal in made.refusals]
    assert all(refusal.remedy for refusal in made.refusals)


def test_names_of_subscriptions_may_repeat() -> None:
    """The example lists sub1 twice ("Batch Query for Message Subscriptions")."""
    other = {**ROW, "callback": "https://b"}
    answers = {
        "subscriptions": {"Result": [other, ROW]},
        "subscriptions/1": {"Result": ROW},
        "subscriptions/2": {"Result": other},
    }
    found = read(subscriptions.read(Memory()), answers)
    assert [("crm", "1"), ("crm#2", "2")] == [(item.name, item.number) for item in found]


def test_two_alike_are_told_apart_by_id() -> None:
    """The example's two are the same in everything ("Batch Query for Message Subscriptions")."""
    answers = {
        "subscriptions": {"Result": [ROW, ROW]},
        "subscriptions/1": {"Result": ROW},
        "subscriptions/4": {"Result": ROW},
    }
    found = read(subscriptions.read(Memory()), answers)
    assert [("crm", "1"), ("crm#4", "4")] == [(item.name, item.number) for item in found]


def test_a_subscription_is_switched_by_both_fields() -> None:
    """The table has `enable`, the example sends `state: 0` ("Update Message Subscription")."""
    live = {"subscriptions": {"crm": {"callback": "https://a", "events": ["x"], "enabled": True, "number": "7"}}}
    wish = {"subscriptions": {"crm": {"callback": "https://a", "events": ["x"], "enabled": False}}}
    body = {"callback": "https://a", "name": "crm", "events": ["x"], "enable": False, "state": 0}
    assert [("PUT", "subscriptions/7", body)] == sent(live, wish)


def test_new_subscriptions_go_in_one_call_and_may_fail_one_by_one() -> None:
    """`sub_succ` has the ids, `sub_fail` names in an answer that is otherwise good ("Message Subscription")."""
    wish = {"subscriptions": {name: {"callback": "https://a", "events": ["x"]} for name in ("a", "b")}}
    (call,) = planned({}, wish).calls
    assert ["a", "b"] == [item["name"] for item in (call.body or {})["subscriptions"]]
    learned = learn(call, Reply(payload={"Result": {"sub_succ": [{"id": 1, "name": "a"}], "sub_fail": ["b"]}}))
    assert {("subscriptions", "a"): {"id": "1"}} == learned.remember
    assert {"b": ""} == learned.failed
    nobody_failed = learn(call, Reply(payload={"Result": {"sub_succ": [], "sub_fail": None}}))
    assert {} == nobody_failed.failed


def test_a_subscription_goes_by_its_id() -> None:
    """DELETE subscriptions/{id} ("Delete Message Subscription")."""
    live = {"subscriptions": {"crm": {"callback": "https://a", "events": ["x"], "number": "7"}}}
    assert [("DELETE", "subscriptions/7", None)] == sent(live, {"subscriptions": {}}, prune=("subscriptions",))


def test_webhook_events_are_replaced_and_never_appended() -> None:
    """POST appends, PUT replaces, DELETE removes all ("Subscribe to Events")."""
    wish: dict[str, Any] = {"webhook_events": {"": {"call": ["end", "begin"]}}}
    body = {"Events": [{"category": "call", "all_type": ["begin", "end"]}]}
    assert [("PUT", "webhooks/events", body)] == sent({}, wish)
    before = {"webhook_events": {"": {"call": ["end"]}}}
    assert [("DELETE", "webhooks/events", None)] == sent(before, {"webhook_events": {"": {"call": []}}})


def test_webhook_events_are_compared_with_what_was_applied() -> None:
    """There is no read ("Subscribe to Events"): what we applied is remembered, and nothing else is known."""
    call = Call("PUT", API + "webhooks/events", {"Events": [{"category": "call", "all_type": ["begin"]}]})
    learned = learn(call, Reply(payload={}))
    assert {("webhook_events", ""): {"call": ["begin"]}} == learned.remember
    (found,) = webhook_events.derive({}, Memory({"webhook_events": {"": {"call": ["begin"]}}}))
    assert (("begin",), ()) == (found.call, found.ext_state)
    assert () == webhook_events.derive({}, Memory())


# Other open points.


def test_the_order_of_a_list_means_nothing() -> None:
    """It is not said ("Get Seat List"), and Queues of the same members are the same."""
    assert ("9001", "9002") == _agent(Queues=["9002", "9001"]).queues
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9002", "9001"]}}}
    assert [] == sent(live, {"agents": {"11": {"queues": ["9001", "9002"]}}})


def test_names_that_are_only_for_people_are_not_read() -> None:
    """QueuesNames and ExtenInfos are typed text and named like lists ("Get Seat List")."""
    assert _agent() == _agent(QueuesNames=["Sales"], ExtenInfos="8001,8002")


def test_a_queue_and_an_extension_may_share_a_number() -> None:
    """The forms of both overlap ("Extension Numbers", "Queue ID"), and mean two things."""
    wish = {"queues": {"9001": {"name": "Sales"}}, "extensions": {"9001": {}}}
    assert {("POST", "queues"), ("POST", "extensions")} == {(method, path) for method, path, _ in sent({}, wish)}


def test_leading_zeros_are_kept() -> None:
    """Ids and numbers are text ("Data Format Conventions")."""
    assert "007" == _agent(AgentId="007").id
    (found,) = read(relay_numbers.read(Memory()), {"spnumbers": {"Result": {"SpNumbers": [NUMBER], "DefSpNumber": ""}}})
    assert (NUMBER, False) == (found.number, found.is_default)
