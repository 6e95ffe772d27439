"""What became of a call to Udesk: batches taken apart, what reading back shows, what a lost answer still teaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.model.call import Call, Fact, Reply, Upload
from reconciler.model.live import Live, Memory
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.protocol import API
from tests.laws.udesk.tenants import live_of

NUMBER = "057126200670"
LIVE = live_of(
    {
        "application": {"": {"name": "Acme", "memo": "Autumn", "type": "default"}},
        "relay_numbers": {NUMBER: {"is_default": True}},
        "default_number": {"": {"number": NUMBER}},
        "queues": {"9001": {"name": "Sales", "timeout": 90}, "9002": {"name": "Support"}},
        "agents": {
            "11": {
                "work_id": "w1", "name": "Li", "extensions": ["8001"], "queues": ["9001"], "default_number": NUMBER,
            },
            "12": {"work_id": "w2", "name": "Wei"},
        },
        "voice_files": {"a.wav": {"digest": "0" * 16}, "bare.wav": {}},
        "default_voices": {"welcome": {"wav": "a.wav"}, "hold": {"tts": "Wait."}},
        "fast_routers": {"1": {"queue": "9001", "description": "Sales"}, "2": {"queue": "9002", "description": "X"}},
        "subscriptions": {
            "crm": {"callback": "https://a", "events": ["x", "y"], "enabled": True, "number": "3"},
            "crm#4": {"callback": "https://b", "events": ["x"], "enabled": False, "number": "4"},
        },
    }
)  # fmt: skip


def call(method: str, api: str, body: Mapping[str, Any] | None = None, **rest: Any) -> Call:
    """Make a call of the vendor's."""
    return Call(method, API + api, body, **rest)


def without_ids(live: Live) -> Live:
    """Forget the ids of subscriptions, which the list does not carry."""
    items = {name: item.model_copy(update={"number": ""}) for name, item in live.of("subscriptions").items()}
    return Live({**live.sections, "subscriptions": items})


QUEUE = {"QueueId": "9001", "QueueName": "Sales", "Strategy": "longest_idle", "Timeout": 90, "MaxLength": 128}
AGENT = {"AgentId": "11", "WorkId": "w1", "Name": "Li", "Mobile": "", "Email": "", "Role": "agent", "Enable": True}
CRM = {"name": "crm", "callback": "https://a", "events": ["y", "x"], "enable": True, "state": 1}
VOICES = {"Welcome": {"Type": "wav", "Content": "a.wav"}, "Hold": {"Type": "tts", "Content": "Wait."}}
KEYS = [{"Dtmf": "1", "Desc": "Sales", "QueueId": "9001"}, {"Dtmf": "2", "Desc": "X", "QueueId": "9002"}]
TOLD: tuple[tuple[bool | None, Call], ...] = (
    (True, call("PUT", "apps", {"Name": "Acme", "CallbackUrl": "", "IsHideUserNum": False, "Memo": "Autumn"})),
    (False, call("PUT", "apps", {"Name": "Acme", "CallbackUrl": "", "IsHideUserNum": False, "Memo": "Spring"})),
    (True, call("PUT", "spnumbers/default", {"DefSpNumber": NUMBER})),
    (False, call("PUT", "spnumbers/default", {"DefSpNumber": "057126200671"})),
    (False, call("DELETE", "spnumbers/default")),
    (True, call("PUT", "spnumbers/agent/default/11", {"DefSpNumber": NUMBER})),
    (False, call("PUT", "spnumbers/agent/default/12", {"DefSpNumber": NUMBER})),
    (False, call("PUT", "spnumbers/agent/default/99", {"DefSpNumber": NUMBER})),
    (True, call("DELETE", "spnumbers/agent/default/12")),
    (False, call("DELETE", "spnumbers/agent/default/11")),
    (True, call("DELETE", "spnumbers/agent/default/99")),
    (True, call("POST", "agents", {"Agents": [{"AgentId": "12", "WorkId": "w2"}]})),
    (False, call("POST", "agents", {"Agents": [{"AgentId": "13", "WorkId": "w3"}]})),
    (True, call("PUT", "agents/11", AGENT)),
    (True, call("PUT", "agents/11", {**AGENT, "WrapUpTime": 7})),  # some vendors may ignore it, or refuse it
    (False, call("PUT", "agents/11", {**AGENT, "Enable": False})),
    (False, call("PUT", "agents/99", {**AGENT, "AgentId": "99"})),
    (True, call("DELETE", "agents/99", {"AgentId": "99", "IsDelExtensions": True})),
    (False, call("DELETE", "agents/11", {"AgentId": "11", "IsDelExtensions": True})),
    (True, call("POST", "agents/queues", {"AgentId": "11", "Queues": ["9001"]})),
    (False, call("POST", "agents/queues", {"AgentId": "11", "Queues": ["9001", "9002"]})),
    (False, call("POST", "agents/queues", {"AgentId": "99", "Queues": ["9001"]})),
    (True, call("DELETE", "agents/queues", {"AgentId": "11", "Queues": ["9002"]})),
    (True, call("DELETE", "agents/queues", {"AgentId": "99", "Queues": ["9002"]})),
    (False, call("DELETE", "agents/queues", {"AgentId": "11", "Queues": ["9001"]})),
    (True, call("POST", "queues/agents", {"QueueId": "9001", "AgentIds": ["11"]})),
    (False, call("PUT", "queues/agents", {"QueueId": "9001", "AgentIds": ["12"]})),
    (True, call("POST", "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]})),
    (False, call("POST", "agents/extensions", {"AgentId": "12", "Extensions": ["8001"]})),
    (True, call("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8002"]})),
    (False, call("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]})),
    (True, call("POST", "queues", {"QueueId": "9001", "QueueName": "Sales"})),
    (False, call("POST", "queues", {"QueueId": "9003", "QueueName": "Sales"})),
    (True, call("PUT", "queues", QUEUE)),
    (False, call("PUT", "queues", {**QUEUE, "Timeout": 60})),
    (False, call("PUT", "queues", {**QUEUE, "QueueId": "9003"})),
    (True, call("DELETE", "queues", {"QueueId": "9003"})),
    (False, call("DELETE", "queues", {"QueueId": "9001"})),
    (True, call("POST", "extensions", {"Extension": "8001"})),
    (None, call("POST", "extensions", {"Extension": "8002"})),
    (False, call("DELETE", "extensions", {"Extension": "8001"})),
    (None, call("DELETE", "extensions", {"Extension": "8002"})),
    (True, call("POST", "ivrs/vfiles", {"FileName": "a.wav", "FileDesc": f"Hi [sha256:{'0' * 16}]"})),
    (False, call("POST", "ivrs/vfiles", {"FileName": "a.wav", "FileDesc": f"Hi [sha256:{'1' * 16}]"})),
    (False, call("POST", "ivrs/vfiles", {"FileName": "b.wav", "FileDesc": f"[sha256:{'1' * 16}]"})),
    (None, call("POST", "ivrs/vfiles", {"FileName": "bare.wav", "FileDesc": f"[sha256:{'1' * 16}]"})),
    (True, call("DELETE", "ivrs/vfiles", {"FileName": "b.wav"})),
    (False, call("DELETE", "ivrs/vfiles", {"FileName": "a.wav"})),
    (True, call("PUT", "ivrs/defvoices", {"DefVoices": VOICES})),
    (True, call("PUT", "ivrs/defvoices", {"DefVoices": [{**VOICES, "Consult": "default"}]})),
    (False, call("PUT", "ivrs/defvoices", {"DefVoices": [{**VOICES, "Hold": "default"}]})),
    (True, call("PUT", "ivrs/fastrouters", {"FastRouter": KEYS})),
    (False, call("PUT", "ivrs/fastrouters", {"FastRouter": KEYS[:1]})),
    (True, call("POST", "subscriptions", {"subscriptions": [CRM]})),
    (True, call("POST", "subscriptions", {"subscriptions": [{**CRM, "callback": "https://b", "events": ["x"]}]})),
    (False, call("POST", "subscriptions", {"subscriptions": [{**CRM, "callback": "https://c"}]})),
    (True, call("PUT", "subscriptions/3", CRM)),
    (False, call("PUT", "subscriptions/3", {**CRM, "enable": False})),
    (False, call("PUT", "subscriptions/9", CRM)),
    (True, call("DELETE", "subscriptions/9")),
    (False, call("DELETE", "subscriptions/3")),
    (None, call("PUT", "webhooks/events", {"Events": []})),
    (None, call("DELETE", "webhooks/events")),
)


@pytest.mark.parametrize(("told", "part"), TOLD, ids=lambda item: item.title if isinstance(item, Call) else repr(item))
def test_each_write_is_looked_for_where_it_shows(told: bool | None, part: Call) -> None:  # noqa: FBT001
    """A creation by its object, a deletion by its absence, a change by what it sent; else nobody can tell."""
    assert told is PROVIDER.happened(part, LIVE)


@pytest.mark.parametrize(("told", "part"), TOLD, ids=lambda item: item.title if isinstance(item, Call) else repr(item))
def test_what_was_not_read_tells_nothing(told: bool | None, part: Call) -> None:  # noqa: ARG001, FBT001
    """A section that was not read is not an empty one."""
    assert None is PROVIDER.happened(part, Live({}, Memory()))


def test_what_somebody_else_changed_does_not_hide_what_was_done() -> None:
    """A body holds more than it means to change: other fields, prompts and keys may have moved since."""
    other = {**QUEUE, "QueueName": "Before"}
    assert PROVIDER.happened(call("PUT", "queues", other, sets=("timeout",)), LIVE)
    assert PROVIDER.happened(call("PUT", "agents/11", {**AGENT, "Email": "a@b"}, sets=("name",)), LIVE)
    assert PROVIDER.happened(call("PUT", "apps", {"Name": "Acme", "Memo": "Before"}, sets=("name",)), LIVE)
    assert PROVIDER.happened(call("PUT", "subscriptions/3", {**CRM, "events": ["z"]}, sets=("callback",)), LIVE)
    prompts = {"DefVoices": [{**VOICES, "Hold": "default"}]}
    assert PROVIDER.happened(call("PUT", "ivrs/defvoices", prompts, changes=("default_voices/welcome",)), LIVE)
    plays: frozenset[Fact] = frozenset({("plays", "welcome", "a.wav")})
    assert PROVIDER.happened(call("PUT", "ivrs/defvoices", prompts, changes=("voice_files/a",), gives=plays), LIVE)
    keys = call("PUT", "ivrs/fastrouters", {"FastRouter": KEYS[:1]}, changes=("fast_routers/1", "fast_routers/3"))
    assert PROVIDER.happened(keys, LIVE), "key 3 is gone, as it was meant to be"


def test_what_was_meant_to_change_and_did_not_is_not_hidden_by_the_rest() -> None:
    """The fields, prompts and keys that were meant have to be as sent."""
    assert not PROVIDER.happened(call("PUT", "queues", {**QUEUE, "Timeout": 60}, sets=("timeout",)), LIVE)
    prompts = {"DefVoices": [{**VOICES, "Hold": "default"}]}
    assert not PROVIDER.happened(call("PUT", "ivrs/defvoices", prompts, changes=("default_voices/hold",)), LIVE)
    keys = {"FastRouter": KEYS[:1]}
    assert not PROVIDER.happened(call("PUT", "ivrs/fastrouters", keys, changes=("fast_routers/2",)), LIVE)


def test_either_form_of_a_call_may_be_what_was_done() -> None:
    """A queue that took a name of its own, since the vendor refused the other, was changed all the same."""
    first = {**QUEUE, "QueueName": "Support"}
    queue = call("PUT", "queues", first, sets=("name",), otherwise=call("PUT", "queues", QUEUE))
    assert PROVIDER.happened(queue, LIVE)


def test_a_subscription_whose_id_is_not_known_may_be_any() -> None:
    """The list carries no ids: where one could not be found, neither its change nor its deletion can be told."""
    live = without_ids(LIVE)
    assert None is PROVIDER.happened(call("DELETE", "subscriptions/3"), live)
    assert None is PROVIDER.happened(call("PUT", "subscriptions/3", CRM), live)
    assert PROVIDER.happened(call("POST", "subscriptions", {"subscriptions": [CRM]}), live)


def test_a_field_that_the_vendor_does_not_show_tells_nothing() -> None:
    """What an answer leaves out is not its default."""
    queue = LIVE.of("queues")["9001"]
    bare = type(queue).live({"id": "9001", "name": "Sales"})
    live = Live({**LIVE.sections, "queues": {"9001": bare}})
    assert None is PROVIDER.happened(call("PUT", "queues", QUEUE, sets=("timeout",)), live)


BINDING = call(
    "POST",
    "agents/queues",
    {"AgentId": "11", "Queues": ["9001", "9002", "9003"]},
    otherwise=call(
        "POST", "agents/queues", {"AgentId": "11", "Queues": ["9001", "9003"]}, accepts=frozenset({"duplicate"})
    ),
    otherwise_on=frozenset({"duplicate"}),
    changes=("agents/li",),
    why="Li joins Sales, Asia (9001), Night (9003)",
    id="c7",
    needs=("c1",),
    requires=frozenset({("agent", "11"), ("queue", "9001"), ("queue", "9002"), ("queue", "9003")}),
    gives=frozenset({("serves", "11", "9001"), ("serves", "11", "9003")}),
)


def test_what_an_agent_keeps_goes_along_with_each_part() -> None:
    """Queue 9002 is kept: whether binding adds or replaces is not said ("Seat Queue Binding")."""
    one, two = PROVIDER.parts(BINDING)
    assert {"AgentId": "11", "Queues": ["9001", "9002"]} == one.body
    assert {"AgentId": "11", "Queues": ["9002", "9003"]} == two.body
    assert two.otherwise is not None
    assert {"AgentId": "11", "Queues": ["9003"]} == two.otherwise.body
    assert frozenset({("agent", "11"), ("queue", "9002"), ("queue", "9003")}) == two.requires
    assert frozenset({("serves", "11", "9003")}) == two.gives
    assert ("Li joins Sales, Asia (9001)", "Li joins Night (9003)") == (one.why, two.why)
    assert (("agents/li",), "c7", ("c1",)) == (two.changes, two.id, two.needs)
    assert BINDING == PROVIDER.join([one, two])


def test_what_another_part_bound_is_kept_from_then_on() -> None:
    """Otherwise the second half of a split would undo the first, where binding replaces."""
    one, two = PROVIDER.parts(BINDING)
    later = PROVIDER.after(two, [one])
    assert {"AgentId": "11", "Queues": ["9001", "9002", "9003"]} == later.body
    assert later.otherwise == two.otherwise, "only what is new, where a vendor refuses what is bound"
    assert frozenset({("serves", "11", "9003")}) == later.gives
    assert (later,) == tuple(PROVIDER.parts(later))
    assert two == PROVIDER.after(two, [])


def test_a_binding_that_kept_nothing_gets_another_form_when_it_keeps_something() -> None:
    """A vendor may refuse to bind what the first part bound."""
    whole = call(
        "POST",
        "agents/queues",
        {"AgentId": "12", "Queues": ["9001", "9002"]},
        otherwise_on=frozenset({"duplicate"}),
        gives=frozenset({("serves", "12", "9001"), ("serves", "12", "9002")}),
    )
    one, two = PROVIDER.parts(whole)
    later = PROVIDER.after(two, [one])
    assert {"AgentId": "12", "Queues": ["9001", "9002"]} == later.body
    assert later.otherwise is not None
    assert ({"AgentId": "12", "Queues": ["9002"]}, frozenset({"duplicate"})) == (
        later.otherwise.body,
        later.otherwise.accepts,
    )


def test_an_agent_alone_may_be_in_the_queue_already() -> None:
    """Among many, a duplicate says nothing of the others; alone it is as good as success."""
    whole = call(
        "POST", "queues/agents", {"QueueId": "9001", "AgentIds": ["11", "12", "13"]},
        changes=("agents/li", "agents/wei", "agents/ann"), why="3 agents join Sales (9001)",
    )  # fmt: skip
    one, two, three = PROVIDER.parts(whole)
    assert frozenset({"duplicate"}) == two.accepts
    assert ("wei joins Sales (9001)", ("agents/wei",)) == (two.why, two.changes)
    some = PROVIDER.join([one, three])
    assert ("2 agents join Sales (9001)", frozenset()) == (some.why, some.accepts)
    assert {"QueueId": "9001", "AgentIds": ["11", "13"]} == some.body
    assert whole == PROVIDER.join([one, two, three])


def test_only_agents_that_get_a_number_by_choice_wait_for_the_others() -> None:
    """Which number the system takes is its choice, so numbers in the files come first; nobody else need wait."""
    whole = call(
        "POST", "agents", {"Agents": [{"AgentId": "11", "Name": "Li"}, {"AgentId": "12", "IsCreateExtension": True}]},
        changes=("agents/li", "agents/wei"), why="create 2 agents", requires=frozenset({("extension", "8001")}),
        gives=frozenset({("agent", "11"), ("agent", "12")}),
    )  # fmt: skip
    one, two = PROVIDER.parts(whole)
    assert (frozenset(), frozenset({("extension", "8001")})) == (one.requires, two.requires)
    assert ("create Li", "create 12") == (one.why, two.why)
    assert (frozenset({("agent", "11")}), ("agents/wei",)) == (one.gives, two.changes)
    assert whole == PROVIDER.join([one, two])


def test_extensions_that_go_along_with_an_agent_keep_their_addresses() -> None:
    """Two extensions bound to an agent that leaves: each part serves the agent and its own extension."""
    whole = call(
        "POST", "agents/extensions", {"AgentId": "11", "Extensions": ["8001", "8002"]},
        changes=("agents/li", "extensions/8001", "extensions/8002"),
        why="Li takes 8001, 8002 along, to be deleted in one call",
        gives=frozenset({("holds", "11", "8001"), ("holds", "11", "8002")}),
    )  # fmt: skip
    one, two = PROVIDER.parts(whole)
    assert ("agents/li", "extensions/8002") == two.changes
    assert "Li takes 8001 along, to be deleted in one call" == one.why
    assert whole == PROVIDER.join([one, two])


def test_a_line_that_can_not_be_cut_apart_stays_whole() -> None:
    """It is for people; the call matters more."""
    whole = call("DELETE", "agents/queues", {"AgentId": "11", "Queues": ["9001", "9002"]}, why="tidy up")
    assert ["tidy up", "tidy up"] == [part.why for part in PROVIDER.parts(whole)]
    assert whole == PROVIDER.join(PROVIDER.parts(whole))


def test_other_calls_are_their_only_part() -> None:
    """The key table goes as a whole, and so does all that is about one object."""
    for whole in (
        call("PUT", "ivrs/fastrouters", {"FastRouter": KEYS}),
        call("PUT", "queues", QUEUE),
        call("DELETE", "spnumbers/default"),
        call("POST", "agents", {"Agents": []}),
        call("POST", "ivrs/vfiles", {"FileName": "a.wav"}, upload=Upload(path="a.wav", digest="0" * 16)),
    ):
        assert (whole,) == tuple(PROVIDER.parts(whole))
        assert whole is PROVIDER.join([whole])
        assert whole is PROVIDER.after(whole, [whole])


def test_a_lost_password_is_told_with_what_to_do() -> None:
    """The vendor gives it once; the extension itself is known from then on ("Create Extension")."""
    learned = PROVIDER.recover(call("POST", "extensions", {"Extension": "8002"}), LIVE)
    assert ("8002",) == learned.lost
    assert {("extensions", "8002"): {}} == learned.remember
    assert (
        "the password of extension 8002 is given only once, and was lost with the answer: unless somebody has it from "
        "before, delete extension 8002 in the console, and apply again" == learned.note
    )


def test_the_extension_that_the_system_made_is_found_with_its_agent() -> None:
    """Its number stood in the lost answer, and the agent shows it; one that shows none is told too ("Create Seat")."""
    batch = [
        {"AgentId": "11", "IsCreateExtension": True},
        {"AgentId": "12", "IsCreateExtension": True},
        {"AgentId": "1"},
    ]
    learned = PROVIDER.recover(call("POST", "agents", {"Agents": batch}), LIVE)
    assert ("8001",) == learned.lost
    assert (
        "the password of extension 8001 is given only once, and was lost with the answer: delete extension 8001 in the "
        "console, name another one for agent 11 in the files, and apply again; the vendor was asked to make an "
        "extension for agent 12, its answer was lost, and the agent shows none: name one for it in the files, and "
        "apply again" == learned.note
    )
    plain = PROVIDER.recover(call("POST", "agents", {"Agents": [{"AgentId": "11"}]}), LIVE)
    assert ((), "") == (plain.lost, plain.note)


def test_what_needs_no_answer_is_kept_without_one() -> None:
    """Spares after unbinding, extensions and subscriptions that are gone, and the events last applied."""
    unbound = PROVIDER.recover(call("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]}), LIVE)
    assert {("extensions", "8001"): {}} == unbound.remember
    deleted = PROVIDER.recover(call("DELETE", "extensions", {"Extension": "8001"}), LIVE)
    assert (("extensions", "8001"),) == deleted.forget
    swept = call(
        "DELETE", "agents/9", {"AgentId": "9", "IsDelExtensions": True},
        takes=frozenset({("agent", "9"), ("extension", "8001")}),
    )  # fmt: skip
    assert (("extensions", "8001"),) == PROVIDER.recover(swept, LIVE).forget
    gone = PROVIDER.recover(call("DELETE", "subscriptions/3", changes=("subscriptions/crm",)), LIVE)
    assert (("subscriptions", "crm"),) == gone.forget
    events = {"Events": [{"category": "call", "all_type": ["begin"]}]}
    applied = PROVIDER.recover(call("PUT", "webhooks/events", events), LIVE)
    assert {("webhook_events", ""): {"call": ["begin"]}} == applied.remember
    made = PROVIDER.recover(call("POST", "subscriptions", {"subscriptions": [CRM]}), LIVE)
    assert ({}, {}, "") == (made.remember, made.failed, made.note), "ids are found again by reading upwards"


def test_an_extension_that_was_there_is_nobodys_loss() -> None:
    """100015 to the first question: whoever made it has its password."""
    asked = call("POST", "extensions", {"Extension": "8002"}, accepts=frozenset({"exists"}))
    learned = PROVIDER.learn(asked, Reply(payload={}, condition="exists"))
    assert () == learned.lost
    assert "was there already" in learned.note
