"""The rehearsal finds what is wrong with a plan: in its order, in another that it allows, at its end, beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from reconciler.diff import diff
from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.errors import DefectError
from reconciler.model.live import Live, Memory
from reconciler.plan import plan
from reconciler.plan.rehearse import farthest, rehearse
from reconciler.plan.stand_in import StandIn, scope
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.protocol import API
from tests.laws.udesk.tenants import desired_of, live_of

LIVE: Final = Live(
    live_of(
        {
            "queues": {"9001": {"name": "a"}, "9002": {"name": "b"}, "9003": {"name": "c"}},
            "agents": {"11": {"queues": ["9001"]}},
        }
    ).sections
)
WISH: Final = desired_of({"queues": {"9002": {}}, "agents": {"11": {"queues": []}}}, prune=("queues",),
                         manage={"queues": {"ignore": ["9003"]}})  # fmt: skip
MADE: Final = plan(diff(WISH, LIVE, PROVIDER.kinds), WISH, LIVE, PROVIDER)


def check(wish: Desired, end: Live) -> Sequence[Any]:
    """Compare, as the pipeline does."""
    return diff(wish, end, PROVIDER.kinds).changes


def refused(calls: Sequence[Call]) -> str:
    """Rehearse other calls in the plan's place; give what is said against them."""
    with pytest.raises(DefectError) as caught:
        rehearse(replace(MADE, calls=tuple(calls)), WISH, LIVE, PROVIDER, check=check)
    assert caught.value.report
    return str(caught.value)


def test_the_plan_itself_passes() -> None:
    """Gao leaves the queue, and it is deleted."""
    assert ["DELETE", "DELETE"] == [call.method for call in MADE.calls]
    rehearse(MADE, WISH, LIVE, PROVIDER, check=check)


def test_a_call_that_is_refused_is_named() -> None:
    """With the vendor's words: the queue still has an agent."""
    _, delete = MADE.calls
    assert "failed at c2, DELETE /ccapi/v2/queues: 100004" in refused([replace(delete, needs=())])


def test_calls_that_do_not_wait_are_refused_side_by_side() -> None:
    """In the given order all is well; in another that `needs` allows, the queue would go first."""
    said = refused([replace(call, needs=()) for call in MADE.calls])
    assert "failed at c2" in said
    assert "side by side" in said


def test_a_call_before_what_it_needs_is_refused() -> None:
    """Were the order of no matter otherwise, what is shown would still be no order to follow."""
    leave, delete = MADE.calls
    assert "c1 of this plan needs a call that does not come before it" in refused(
        [replace(leave, needs=("c9",)), delete]
    )


def test_an_end_that_is_not_the_wish_is_refused() -> None:
    """The queue stays."""
    assert "ends elsewhere than it should: queues/9001" in refused(MADE.calls[:1])


def test_an_end_that_depends_on_the_order_is_refused() -> None:
    """Renamed twice, and neither waits for the other: only in the given order it ends well."""
    leave, delete = MADE.calls
    stray = Call("PUT", f"{API}queues", {"QueueId": "9002", "QueueName": "x"}, id="c3")
    back = Call("PUT", f"{API}queues", {"QueueId": "9002", "QueueName": "b", "Timeout": 60}, id="c4")
    assert "ends elsewhere" in refused([leave, delete, stray, back])


@pytest.mark.parametrize(
    "stray",
    [
        Call("PUT", f"{API}queues", {"QueueId": "9003", "QueueName": "x"}, id="c9"),
        Call("DELETE", f"{API}queues", {"QueueId": "9003"}, id="c9"),
    ],
    ids=["changed", "gone"],
)
def test_what_no_change_speaks_of_is_not_touched(stray: Call) -> None:
    """Queue 9003 is neither wished for nor to go."""
    assert "queues/9003" in refused([*MADE.calls, stray])


def test_the_order_that_strays_farthest() -> None:
    """What comes last runs as soon as it may; what it needs still comes before it."""
    calls = [Call("PUT", f"/{name}", id=name, needs=needs) for name, needs in _CALLS]
    assert ["d", "b", "c", "a"] == [call.id for call in farthest(calls)]


_CALLS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (("a", ()), ("b", ()), ("c", ("b",)), ("d", ()))


# The model in the vendor's place.


def test_what_was_learned_tells_two_ends_apart() -> None:
    """An extension that was unbound and bound again is where it was, and yet known from now on."""
    live = Live(live_of({"agents": {"11": {"extensions": ["8001"]}}}).sections)
    body = {"AgentId": "11", "Extensions": ["8001"]}
    still, moved = StandIn(PROVIDER, live), StandIn(PROVIDER, live)
    assert still.same_as(moved)
    calls = [Call(method, f"{API}agents/extensions", body) for method in ("DELETE", "POST")]
    assert moved.through(calls) is None
    assert not still.same_as(moved)


def test_what_is_refused_in_one_form_is_made_in_the_other() -> None:
    """As the client does; what the refusal was is no matter then."""
    other = Call("PUT", f"{API}queues", {"QueueId": "9002", "QueueName": "x"})
    call = Call("POST", f"{API}queues", {"QueueId": "9002", "QueueName": "x"}, otherwise=other,
                otherwise_on=frozenset({"duplicate", "exists"}))  # fmt: skip
    run = StandIn(PROVIDER, LIVE)
    assert run.through([call]) is None
    assert "x" == run.read().of("queues")["9002"].name


def test_a_large_section_takes_part_with_what_the_plan_names() -> None:
    """Of six hundred agents and their telephones, those that swap, and no other."""
    agents = {str(1000 + number): {"work_id": "w", "extensions": [str(2000 + number)]} for number in range(600)}
    live = Live(live_of({"agents": agents, "extensions": {"8001": {}}}).sections, Memory({"extensions": {"8001": {}}}))
    wish = desired_of({"agents": {"1000": {"extensions": ["8001"]}}}, prune=())
    made = plan(diff(wish, live, PROVIDER.kinds), wish, live, PROVIDER)
    rehearse(made, wish, live, PROVIDER, check=check)
    _, start = scope(made, wish, live, PROVIDER.kinds)
    assert {"1000"} == {*start.of("agents")}
    assert {"2000", "8001"} == {*start.of("extensions")}
