"""Ties and circles in the order of calls: what comes first where several could, and what gives way."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model.call import Call, Fact
from reconciler.plan.order import order


def fact(name: str) -> frozenset[Fact]:
    """Make one fact."""
    return frozenset({(name,)})


def call(name: str, method: str = "PUT", *, loss: int = 0, action: str | None = None, **facts: frozenset[Fact]) -> Call:
    """Make a call for one address."""
    said: dict[str, Any] = facts
    return Call(method, f"/{name}", action=action, changes=(f"x/{name}",), why=name, loss=loss, **said)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (call("b", gives=fact("m")), call("a")),
        (call("b"), call("a", takes=fact("m"))),
        (call("b", gives=fact("m")), call("a", gives=fact("n"), takes=fact("m"))),
        (call("b", gives=fact("m"), takes=fact("n")), call("a", takes=fact("k"))),
        (call("b", takes=fact("m")), call("a", "DELETE", takes=fact("n"), forbids=fact("k"))),
        (
            call("b", "POST", action="Let", takes=fact("m")),
            call("a", "POST", action="Drop", takes=fact("n"), forbids=fact("k")),
        ),
        (call("9"), call("10")),
    ],
    ids=["make", "let go", "make, then move", "move, then let go", "delete last", "delete last by action", "numbers"],
)
def test_calls_that_could_run_at_once_have_an_order(first: Call, second: Call) -> None:
    """What makes things comes first, then what changes them, what lets go, what deletes; then by address."""
    made = order([second, first]).calls
    assert [first.why, second.why] == [item.why for item in made]
    assert [(), ()] == [item.needs for item in made]


def test_no_more_gives_way_than_must() -> None:
    """Two calls must give way to what waits for them; of what they would want of each other, one half can be kept."""
    made = order(
        [
            call("u", prefers=fact("x") | fact("v"), gives=fact("u")),
            call("v", prefers=fact("w") | fact("u"), gives=fact("v")),
            call("x", requires=fact("u"), gives=fact("x")),
            call("w", requires=fact("v"), gives=fact("w")),
        ]
    )
    why = {item.id: item.why for item in made.calls}
    assert 3 == len(made.broken)
    assert {("u", "x"), ("v", "w")} < {(why[late], why[soon]) for late, soon in made.broken}


def test_as_few_calls_as_can_be_give_way() -> None:
    """One call that gives way opens both circles, where the two others would have to."""
    made = order(
        [
            call("hub", prefers=fact("a") | fact("b"), gives=fact("hub")),
            call("a", prefers=fact("hub"), gives=fact("a"), requires=fact("left")),
            call("b", prefers=fact("hub"), gives=fact("b"), requires=fact("left")),
            call("left", gives=fact("left")),
        ]
    )
    why = {item.id: item.why for item in made.calls}
    assert {"hub"} == {why[late] for late, _ in made.broken}


@pytest.mark.parametrize(("losses", "expected"), [((0, 1), "a"), ((1, 0), "b"), ((1, 1), "b")])
def test_of_as_few_calls_the_one_that_loses_least_gives_way(losses: tuple[int, int], expected: str) -> None:
    """Of two that want each other first; where they lose as much, the later one by address."""
    of_a, of_b = losses
    made = order(
        [
            call("a", prefers=fact("b"), gives=fact("a"), loss=of_a),
            call("b", prefers=fact("a"), gives=fact("b"), loss=of_b),
        ]
    )
    why = {item.id: item.why for item in made.calls}
    assert [expected] == [why[late] for late, _ in made.broken]
    assert expected == made.calls[0].why
