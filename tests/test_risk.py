"""What a change does to callers, kind by kind and field by field, and what raises it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from reconciler.diff import diff
from reconciler.model.change import Action, Risk
from reconciler.model.live import Live
from reconciler.model.plan import Plan
from reconciler.model.resource import identity_field, specs
from reconciler.model.secret import Mask
from reconciler.plan import plan
from reconciler.providers.udesk import PROVIDER
from reconciler.report.document import plan_document
from tests.laws.udesk.tenants import Tenant, desired_of, live_of

LOW, MEDIUM, HIGH = Risk.LOW, Risk.MEDIUM, Risk.HIGH
NUMBERS: Final[dict[str, dict[str, Any]]] = {"057126200670": {}, "057126200671": {}}
QUEUES: Final = {"9001": {"name": "Orders"}, "9002": {"name": "Returns"}}
# Somebody always stays in both queues, so that these rows show what a field does by itself.
STAYING: Final = {"19": {"work_id": "w19", "queues": ["9001", "9002"]}}

# Section, field, the value that is live, the value that is wished, and the risk. "" is a single thing's identity.
FIELDS: Final[tuple[tuple[str, str, Any, Any, Risk], ...]] = (
    ("application", "name", "Acme", "Acme Home", LOW),
    ("application", "callback_url", "", "https://crm.example.com/cti", MEDIUM),
    ("application", "hide_user_number", False, True, LOW),
    ("application", "memo", "", "since 2019", LOW),
    ("default_number", "number", "057126200670", "057126200671", HIGH),
    ("default_number", "number", "057126200670", "", HIGH),
    ("default_number", "number", "", "057126200671", HIGH),
    ("queues", "name", "Orders", "Sales", LOW),
    ("queues", "strategy", "longest_idle", "random", LOW),
    ("queues", "timeout", 60, 90, LOW),
    ("queues", "max_length", 128, 64, LOW),
    ("agents", "work_id", "w1", "w2", LOW),
    ("agents", "name", "Gao Ning", "Gao", LOW),
    ("agents", "mobile", "", "18512520714", LOW),
    ("agents", "email", "", "gao@example.com", LOW),
    ("agents", "role", "agent", "leader", LOW),
    ("agents", "enabled", True, False, MEDIUM),
    ("agents", "enabled", False, True, LOW),
    ("agents", "extensions", ["8001"], [], MEDIUM),
    ("agents", "extensions", ["8001"], ["8001", "8002"], LOW),
    ("agents", "extensions", ["8001"], ["8002"], MEDIUM),
    ("agents", "queues", ["9001"], [], MEDIUM),
    ("agents", "queues", ["9001"], ["9001", "9002"], LOW),
    ("agents", "queues", ["9001"], ["9002"], MEDIUM),
    ("agents", "default_number", "", "057126200671", LOW),
    ("voice_files", "digest", "0" * 16, "1" * 16, MEDIUM),
    ("default_voices", "wav", "", "a.wav", MEDIUM),
    ("default_voices", "tts", "Hello", "Good day", LOW),
    ("fast_routers", "queue", "9001", "9002", MEDIUM),
    ("fast_routers", "description", "Orders", "Sales", LOW),
    ("subscriptions", "callback", "https://a.example.com", "https://b.example.com", MEDIUM),
    ("subscriptions", "events", ["user_ringing"], ["user_answer"], LOW),
    ("subscriptions", "enabled", True, False, LOW),
    ("webhook_events", "call", ["begin"], ["end"], LOW),
    ("webhook_events", "agent_state", [], ["acd_agent_state"], LOW),
)
IDENTITIES: Final = {
    "queues": "9001",
    "agents": "11",
    "extensions": "8009",
    "voice_files": "a.wav",
    "default_voices": "welcome",
    "fast_routers": "1",
    "subscriptions": "crm",
}
DELETED: Final = {
    "queues": HIGH,
    "fast_routers": HIGH,
    "agents": MEDIUM,
    "extensions": MEDIUM,
    "voice_files": MEDIUM,
    "subscriptions": MEDIUM,
}
WHOLE: Final[Mapping[str, Mapping[str, Any]]] = {  # what each kind's objects need to be made
    "queues": {"name": "New"},
    "agents": {"work_id": "w1", "queues": ["9002"], "extensions": ["8001"], "enabled": False},
    "voice_files": {"path": "a.wav", "digest": "1" * 16},
    "fast_routers": {"queue": "9002", "description": "x"},
    "subscriptions": {"callback": "https://a.example.com", "events": ["user_answer"]},
}


def planned(live: Tenant, wish: Tenant, **rest: Any) -> Plan:
    """Plan from plain data; nothing is pruned unless *rest* says so."""
    desired, found = desired_of(wish, **{"prune": (), **rest}), Live(live_of(live).sections)
    return plan(diff(desired, found, PROVIDER.kinds), desired, found, PROVIDER)


def risks(made: Plan) -> dict[str, Risk]:
    """Map addresses to the risk of their change."""
    return {change.address: change.risk for change in made.changes}


def warned(made: Plan) -> list[str]:
    """List what is warned of."""
    return [warning.summary for warning in made.warnings]


def around(section: str, identity: str, fields: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Put one object, or none, into a tenant where two queues are served whatever happens to it."""
    tenant: dict[str, dict[str, Any]] = {"queues": {**QUEUES}, "agents": {**STAYING}, "relay_numbers": NUMBERS}
    tenant.setdefault(section, {})
    if fields is None:
        tenant[section].pop(identity, None)
    else:
        tenant[section] = {**tenant[section], identity: {**tenant[section].get(identity, {}), **fields}}
    return tenant


@pytest.mark.parametrize(("section", "field", "before", "after", "risk"), FIELDS)
def test_each_field_has_its_risk(section: str, field: str, before: Any, after: Any, risk: Risk) -> None:
    """One field differs, and everybody else stays: the change carries that field's risk, in every form."""
    identity = IDENTITIES.get(section, "")
    live = around(section, identity, {**WHOLE.get(section, {}), "enabled": True, field: before})
    live.setdefault("voice_files", {"a.wav": {"digest": "1" * 16}})
    live.setdefault("extensions", {"8001": {}, "8002": {}})
    if section in {"queues", "default_number", "webhook_events", "application", "default_voices", "fast_routers"}:
        live[section][identity].pop("enabled")
    if section == "default_number":
        live["relay_numbers"] = {number: {"is_default": number == before} for number in NUMBERS}
    made = planned(live, {section: {identity: {field: after}}})
    (change,) = (item for item in made.changes if item.section == section)
    assert (risk, [field]) == (change.risk, [item.path for item in change.fields])
    assert [risk.value] == [
        item["risk"]
        for item in plan_document(made, mask=Mask())["changes"]
        if item["address"].partition("/")[0] == section
    ]


def test_every_field_is_in_the_table() -> None:
    """A field that is added comes with a row that says what its change does to callers."""
    known = {(section, field) for section, field, *_ in FIELDS}
    missing = {
        (kind.section, spec.name)
        for kind in PROVIDER.kinds.values()
        if not kind.external
        for spec in specs(kind.resource).values()
        if spec.compared and spec.name != identity_field(kind.resource)
    } - known
    assert set() == {item for item in missing if item[0] != "webhook_events"}


@pytest.mark.parametrize(("section", "risk"), DELETED.items())
def test_each_deletion_has_its_risk(section: str, risk: Risk) -> None:
    """A queue or a key that goes may leave callers without an answer; an agent that goes, a thinner one."""
    identity = IDENTITIES[section]
    live = around(section, identity, WHOLE.get(section, {}))
    if section == "queues":
        live["agents"] = {"19": {"work_id": "w19", "queues": ["9002"]}}
    wish: Tenant = {section: {key: {} for key in live[section] if key != identity}}
    assert {f"{section}/{identity}": risk} == risks(planned(live, wish, prune=(section,)))


@pytest.mark.parametrize("section", ["queues", "agents", "voice_files", "fast_routers", "subscriptions"])
def test_additions_harm_nobody(section: str) -> None:
    """What comes to what is there is low, whatever its fields are."""
    identity = "9003" if section == "queues" else IDENTITIES[section]
    live = around(section, identity, None)
    live["extensions"] = {"8001": {}}
    assert {f"{section}/{identity}": LOW} == risks(planned(live, {section: {identity: WHOLE[section]}}))


# Whether somebody answers.

SERVED: Final[Tenant] = {
    "queues": QUEUES,
    "agents": {
        "11": {"work_id": "w1", "queues": ["9001"]},
        "12": {"work_id": "w2", "queues": ["9001"]},
        "13": {"work_id": "w3", "queues": ["9002"]},
        "14": {"work_id": "w4", "queues": ["9002"], "enabled": False},
    },
    "fast_routers": {"1": {"queue": "9001"}, "2": {"queue": "9002"}, "5": {"queue": "9002"}},
}


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        ({"11": {"queues": []}}, {"11": MEDIUM}),
        ({"11": {"queues": []}, "12": {"queues": []}}, {"11": HIGH, "12": HIGH}),
        ({"11": {"queues": []}, "12": {"enabled": False}}, {"11": HIGH, "12": HIGH}),
        ({"11": {"enabled": False}}, {"11": MEDIUM}),
        ({"13": {"enabled": False}}, {"13": HIGH}),
        ({"13": {"queues": ["9001"]}}, {"13": HIGH}),
        ({"13": {"queues": []}, "14": {"enabled": True}}, {"13": MEDIUM, "14": LOW}),
        ({"13": {"queues": []}, "15": {"work_id": "w5", "queues": ["9002"]}}, {"13": MEDIUM, "15": LOW}),
        (
            {"13": {"queues": []}, "15": {"work_id": "w5", "queues": ["9002"], "enabled": False}},
            {"13": HIGH, "15": LOW},
        ),
        ({"13": {"queues": []}, "11": {"queues": ["9001", "9002"]}}, {"13": MEDIUM, "11": LOW}),
        ({"14": {"queues": []}}, {"14": MEDIUM}),
        ({"13": {"name": "x"}, "14": {"enabled": False}}, {"13": LOW}),
    ],
)
def test_who_takes_the_last_answer_is_of_high_risk(agents: Any, expected: Mapping[str, Risk]) -> None:
    """By leaving or by being disabled; not where somebody else stays or comes. Who is disabled answers nothing."""
    made = planned(SERVED, {"agents": agents})
    assert {f"agents/{identity}": risk for identity, risk in expected.items()} == risks(made)
    alone = {"left-alone"} if HIGH in expected.values() else set()
    assert alone == {warning.code for warning in made.warnings}


def test_a_deleted_agent_takes_the_last_answer_too() -> None:
    """Deletion is medium while others answer, and high when nobody does."""
    kept: dict[str, dict[str, Any]] = {key: {} for key in SERVED["agents"]}
    for gone, risk in (("11", MEDIUM), ("13", HIGH)):
        wish: Tenant = {"agents": {key: {} for key in kept if key != gone}}
        assert {f"agents/{gone}": risk} == risks(planned(SERVED, wish, prune=("agents",)))


def test_the_keys_that_lead_to_nobody_are_named() -> None:
    """When a queue loses its last agent, the warning says which keys lead callers there after the plan."""
    alone = planned(SERVED, {"agents": {"13": {"queues": []}}})
    assert [
        "queues/9002 will have nobody who answers, and fast_routers/2, fast_routers/5 lead callers there"
    ] == warned(alone)
    keys = {"1": {"queue": "9001"}, "2": {"queue": "9001"}, "5": {"queue": "9002"}}
    one = planned(SERVED, {"agents": {"13": {"queues": []}}, "fast_routers": keys})
    assert ["queues/9002 will have nobody who answers, and fast_routers/5 leads callers there"] == warned(one)
    none = planned(SERVED, {"agents": {"13": {"queues": []}}, "fast_routers": {}})
    assert ["queues/9002 will have nobody who answers"] == warned(none)


def test_a_queue_that_goes_is_not_left_alone() -> None:
    """Its deletion says it all; who leaves it loses a queue."""
    keys = {"1": {"queue": "9001"}}
    wish: Tenant = {
        "queues": {"9001": {}},
        "agents": {"13": {"queues": []}, "14": {"queues": []}},
        "fast_routers": keys,
    }
    made = planned(SERVED, wish, prune=("queues",))
    assert {"agents/13": MEDIUM, "agents/14": MEDIUM, "queues/9002": HIGH} == {
        address: risk for address, risk in risks(made).items() if not address.startswith("fast")
    }
    assert [] == warned(made)


@pytest.mark.parametrize("before", [None, "9001"])
def test_a_key_to_where_nobody_answers_is_of_high_risk(before: str | None) -> None:
    """Made or turned there: it is said, and made low again by an agent that comes in the same plan."""
    live = {**SERVED, "queues": {**QUEUES, "9003": {"name": "Repairs"}}, "fast_routers": {}}
    if before is not None:
        live["fast_routers"] = {"3": {"queue": before}}
    keys = {"3": {"queue": "9003", "description": "Repairs"}}
    nobody = planned(live, {"fast_routers": keys})
    assert {"fast_routers/3": HIGH} == risks(nobody)
    assert ["fast_routers/3 will lead callers to queues/9003, a queue where nobody answers"] == warned(nobody)
    somebody = planned(live, {"fast_routers": keys, "agents": {"11": {"queues": ["9001", "9003"]}}})
    assert [] == warned(somebody)
    assert {"fast_routers/3": LOW if before is None else MEDIUM, "agents/11": LOW} == risks(somebody)


def test_what_was_not_read_is_not_judged() -> None:
    """Where agents are not part of what was read, a key is not said to lead to nobody."""
    wish = {"fast_routers": {"1": {"queue": "9001", "description": "x"}}}
    desired, read = desired_of(wish, prune=()), live_of({"queues": QUEUES})
    partly = Live({name: items for name, items in read.sections.items() if name != "agents"})
    made = plan(diff(desired, partly, PROVIDER.kinds), desired, partly, PROVIDER)
    assert ([Action.CREATE], [LOW], []) == (
        [change.action for change in made.changes],
        [change.risk for change in made.changes],
        warned(made),
    )
