"""Order from statements, guards, targets, notes: the plan around the vendor's calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import diff
from reconciler.model.call import Call, Fact
from reconciler.model.change import Risk
from reconciler.model.desired import Desired, Safety
from reconciler.model.errors import DefectError
from reconciler.model.live import Live
from reconciler.model.plan import Plan
from reconciler.plan import plan
from reconciler.plan.order import order
from reconciler.plan.rehearse import rehearse
from reconciler.providers.udesk import PROVIDER
from tests.laws.udesk.tenants import desired_of, live_of

A, B, C = ("a",), ("b",), ("c",)
PAIR: Final = {"9001": {"name": "Sales"}, "9002": {"name": "Support"}}


def call(name: str, **facts: set[Fact]) -> Call:
    """Make a call with statements about the world."""
    said: dict[str, Any] = {key: frozenset(value) for key, value in facts.items()}
    return Call("PUT", f"/{name}", changes=(f"x/{name}",), why=name, **said)


def names(calls: Sequence[Call]) -> list[str]:
    """List calls by their paths."""
    return [item.path[1:] for item in calls]


def needs(calls: Sequence[Call]) -> dict[str, list[str]]:
    """Map calls to what they need, by their paths."""
    by_id = {item.id: item.path[1:] for item in calls}
    return {by_id[item.id]: [by_id[name] for name in item.needs] for item in calls}


def test_what_requires_comes_after_what_gives() -> None:
    """A call waits for the making of what it refers to."""
    made = order([call("bind", requires={A, B}), call("agent", gives={A}), call("queue", gives={B})])
    assert {"agent": [], "queue": [], "bind": ["agent", "queue"]} == needs(made.calls)


def test_what_takes_comes_after_those_who_require() -> None:
    """A deletion waits for everything that lets go, and for whoever still needs what goes."""
    made = order([call("gone", takes={A}, forbids={B}), call("let-go", takes={B}), call("uses", requires={A})])
    assert {"let-go": [], "uses": [], "gone": ["let-go", "uses"]} == {
        key: sorted(value) for key, value in needs(made.calls).items()
    }


def test_what_forbids_comes_before_what_gives() -> None:
    """A call that must not see a fact goes before it becomes true."""
    made = order([call("late", gives={A}), call("early", forbids={A})])
    assert ["early", "late"] == names(made.calls)


def test_a_preference_holds_where_it_can() -> None:
    """And gives way where it can't; which did is told."""
    held = order([call("old", prefers={A}, takes={B}), call("new", gives={A})])
    assert ["new", "old"] == names(held.calls)
    assert () == held.broken
    forced = order([call("old", prefers={A}, takes={B}), call("new", gives={A}, forbids={B})])
    assert ["old", "new"] == names(forced.calls)
    assert [("c1", "c2")] == [*forced.broken]


def test_calls_that_wait_for_each_other_are_our_mistake() -> None:
    """A circle of hard waits is refused with a report, and never shown as a plan."""
    with pytest.raises(DefectError, match="circle") as caught:
        order([call("a", requires={B}, gives={A}), call("b", requires={A}, gives={B})])
    assert caught.value.report
    assert caught.value.remedy


FACTS: Final = st.frozensets(st.sampled_from([A, B, C, ("d",)]), max_size=2)


@given(
    statements=st.lists(st.tuples(FACTS, FACTS, FACTS), max_size=7),
    chance=st.randoms(use_true_random=False),
)
def test_order_does_not_depend_on_the_input_s(statements: list[tuple[frozenset[Fact], ...]], chance: Any) -> None:
    """Any calls in any order: the same sequence, every need before who needs it, and no call twice or lost."""
    calls = [
        Call("PUT", f"/{index}", changes=(f"x/{index}",), gives=gives, prefers=prefers, requires=requires - gives)
        for index, (gives, prefers, requires) in enumerate(statements)
    ]
    mixed = list(calls)
    chance.shuffle(mixed)
    try:
        made = order(calls)
    except DefectError:
        with pytest.raises(DefectError):
            order(mixed)
        return
    assert made == order(mixed)
    assert sorted(names(made.calls)) == sorted(names(calls))
    seen: set[str] = set()
    for item in made.calls:
        assert seen.issuperset(item.needs)
        seen.add(item.id)


def planned(live: Mapping[str, Any], wish: Mapping[str, Any], *, safety: Safety | None = None, **rest: Any) -> Plan:
    """Plan from plain data."""
    desired, found = _both(
        live, wish, safety=safety, **{key: rest.pop(key) for key in ("prune", "manage") if key in rest}
    )
    return plan(diff(desired, found, PROVIDER.kinds), desired, found, PROVIDER, **rest)


def _both(
    live: Mapping[str, Any], wish: Mapping[str, Any], *, safety: Safety | None = None, **rest: Any
) -> tuple[Desired, Live]:
    desired = desired_of(wish, **{"prune": (), **rest})
    return replace(desired, safety=safety or desired.safety), Live(live_of(live).sections)


def spread(count: int) -> dict[str, Any]:
    """Make so many queues."""
    return {str(9000 + number): {"name": "x"} for number in range(count)}


@pytest.mark.parametrize(
    ("live", "gone", "refused"),
    [
        (6, 5, False),
        (6, 6, True),
        (10, 3, False),
        (10, 4, True),
        (13, 3, False),
        (13, 4, True),
        (100, 5, False),
        (100, 6, True),
    ],
)
def test_one_plan_deletes_only_so_much(live: int, gone: int, refused: bool) -> None:  # noqa: FBT001
    """Five, and from ten live objects up at most 30 %, rounded down; the remedy lifts it, and only for that number."""
    queues = spread(live)
    wish: dict[str, Any] = {"queues": {identity: {} for identity in [*queues][gone:]}}
    made = planned({"queues": queues}, wish, prune=("queues",), safety=Safety())
    assert (["max-deletes"] if refused else []) == [refusal.rule for refusal in made.refusals]
    for number, allowed in ((gone, True), (gone - 1, False), (gone + 1, False)):
        again = planned({"queues": queues}, wish, prune=("queues",), safety=Safety(), allowed={"queues": number})
        assert (allowed or not refused) is (not again.refusals)
    if refused:
        assert f"--allow-deletes queues={gone}" in made.refusals[0].remedy


def test_dropped_keys_count_and_unbinding_does_not() -> None:
    """What callers lose is bounded; who serves what may change as it likes."""
    keys = {digit: {"queue": "9001", "description": "x"} for digit in "123456"}
    live = {
        "queues": PAIR,
        "fast_routers": keys,
        "agents": {str(number): {"queues": ["9001", "9002"]} for number in range(9)},
    }
    dropped = planned(live, {"fast_routers": {}}, safety=Safety())
    assert ["max-deletes"] == [refusal.rule for refusal in dropped.refusals]
    left = planned(live, {"agents": {str(number): {"queues": ["9001"]} for number in range(9)}}, safety=Safety())
    assert () == left.refusals


@pytest.mark.parametrize("glob", ["9002", "name:Supp*"])
def test_what_is_protected_is_neither_deleted_nor_left_alone(glob: str) -> None:
    """By identity or by name, whether the files name it or not."""
    manage = {"queues": {"protect": (glob,)}}
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9002"]}}}
    gone = planned({"queues": PAIR}, {"queues": {"9001": {}}}, prune=("queues",), manage=manage)
    assert ["protected"] == [refusal.rule for refusal in gone.refusals]
    alone = planned(live, {"agents": {"11": {"queues": []}}}, manage=manage)
    assert [("protected", ("queues/9002",))] == [(refusal.rule, refusal.objects) for refusal in alone.refusals]
    handed = planned(
        live, {"agents": {"11": {"queues": []}, "12": {"work_id": "w", "queues": ["9002"]}}}, manage=manage
    )
    assert () == handed.refusals


def test_the_last_one_who_leaves_is_told() -> None:
    """A queue without agents is a warning, and the change that does it is of high risk."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9002"]}}}
    made = planned(live, {"agents": {"11": {"queues": []}}})
    assert ["left-alone"] == [warning.code for warning in made.warnings]
    assert [Risk.HIGH] == [change.risk for change in made.changes]


def test_a_target_restricts_a_plan_to_what_it_needs() -> None:
    """The key's queue comes along, the rest is left out, and both are told."""
    wish = {
        "queues": {"9003": {"name": "New"}, "9004": {"name": "Other"}},
        "fast_routers": {"1": {"queue": "9003", "description": "x"}},
    }
    made = planned({}, wish, targets=("fast_routers/1",))
    assert {"queues/9003", "fast_routers/1"} == {change.address for change in made.changes}
    assert any("queues/9003" in note for note in made.notes)
    assert any("1 more change is left out" in note for note in made.notes)


def test_nothing_to_do_is_an_empty_plan() -> None:
    """No changes, no calls, no numbers."""
    made = planned({"queues": PAIR}, {"queues": PAIR})
    assert made.empty
    assert (0, 0) == (made.summary.calls, made.summary.minimum_calls)


def test_at_the_limit_an_agent_changes_all_its_queues() -> None:
    """With 99 of 100 queues an agent leaves two that go and joins two that come: one must go first, and it is told."""
    fillers = {str(9100 + number): {"name": "x"} for number in range(97)}
    live = {"queues": {**fillers, **PAIR}, "agents": {"11": {"queues": ["9001", "9002"]}}}
    wish = {
        "queues": {"9003": {"name": "c"}, "9004": {"name": "d"}},
        "agents": {"11": {"queues": ["9003", "9004"]}},
    }
    made = planned(live, wish, prune=("queues",), manage={"queues": {"ignore": ["91*"]}})
    assert () == made.refusals
    assert any("99 of 100" in note and "Sales (9001)" in note for note in made.notes)
    assert made.summary.minimum_calls == made.summary.calls


def test_a_plan_that_does_not_work_is_never_shown() -> None:
    """The rehearsal refuses a plan with a call left out, out of order, or too many; nothing was sent."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9001"]}}}
    wish: dict[str, Any] = {"queues": {"9002": {}}, "agents": {"11": {"queues": []}}}
    desired, found = _both(live, wish, prune=("queues",))
    made = plan(diff(desired, found, PROVIDER.kinds), desired, found, PROVIDER)
    stray = Call("PUT", "/ccapi/v2/queues", {"QueueId": "9002", "QueueName": "x"}, id="c9")
    rehearse(made, desired, found, PROVIDER, check=_check)
    for broken in (made.calls[1:], made.calls[::-1], made.calls[:-1], (*made.calls, stray)):
        with pytest.raises(DefectError) as caught:
            rehearse(replace(made, calls=broken), desired, found, PROVIDER, check=_check)
        assert caught.value.remedy


def _check(wish: Desired, end: Live) -> Sequence[Any]:
    return diff(wish, end, PROVIDER.kinds).changes
