"""Values that only an earlier call's answer tells: placeholders in plans, known by the time that a call is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.model.call import Call, Fact, Given, Reply, asked, known
from reconciler.model.live import Live
from reconciler.model.outcome import Outcome, Verdict
from reconciler.model.plan import Plan, Summary
from reconciler.model.secret import Mask
from reconciler.plan.order import order
from reconciler.plan.stand_in import NOT_GIVEN, StandIn
from reconciler.report.document import plan_document
from reconciler.report.saved import read_plan
from tests.shop import Shop, facts, group, people, rely

DONE, FAILED, SKIPPED = Verdict.DONE, Verdict.FAILED, Verdict.SKIPPED


def ends(outcomes: tuple[Outcome, ...]) -> list[tuple[str, Verdict]]:
    """List what was done and how it ended."""
    return [(item.call.title, item.verdict) for item in outcomes]


def test_an_ordered_plan_says_of_which_answer_a_value_is() -> None:
    """`{"from": "c1", "field": …}`, also in the other form of a call, whatever the order of what came in."""
    sends = people("ann", groups=["sales"], made=["sales"])
    both = [Call("POST", "/", {"X": [Given(("group", "sales"), "Id")]}, action="Other"), sends]
    calls = [group("sales"), Call("POST", "/", sends.body, action="Both", otherwise=both[0], requires=sends.requires)]
    for given in (calls, calls[::-1]):
        first, second = order(given).calls
        place = {"from": first.id, "field": "Id"}
        assert {"People": [{"Name": "ann", "Groups": [place]}]} == second.body
        assert second.otherwise is not None
        assert {"X": [place]} == second.otherwise.body
        assert (first.id,) == second.needs
        assert {(first.id, "Id")} == asked(second)


@pytest.mark.parametrize("requires", [facts(), facts(("group", "other"))])
def test_what_sends_a_value_must_require_the_fact(requires: frozenset[Fact]) -> None:
    """Else nothing would hold that the answer is there: our own mistake."""
    with pytest.raises(AssertionError):
        order([group("sales"), Call("POST", "/", {"X": Given(("group", "sales"), "Id")}, requires=requires)])


def test_what_asks_for_nothing_is_the_same_call() -> None:
    """No copies are made of bodies that hold no placeholder."""
    call = people("ann", groups=["all"])
    assert call is known(call, {})
    with pytest.raises(KeyError):
        known(Call("POST", "/", {"X": {"from": "c1", "field": "Id"}}), {"c1": {}})


def test_a_plan_with_placeholders_is_saved_and_read() -> None:
    """What was saved is what is planned anew."""
    calls = order([group("sales"), people("ann", groups=["sales"], made=["sales"])]).calls
    plan = Plan(contact_center="acme", provider="shop", summary=Summary(), calls=calls)
    text = json.dumps(plan_document(plan, mask=Mask()))
    assert '{"from": "c1", "field": "Id"}' in text
    assert json.loads(text)["calls"] == list(read_plan(text).calls)


def test_a_call_is_completed_before_its_intent_is_written() -> None:
    """A later run that settles an open attempt needs no earlier answer; the outcome was sent, so it is complete too."""
    shop = Shop()
    outcomes = shop.apply(group("sales"), people("ann", groups=["sales"], made=["sales"]))
    assert [("MakeGroup", DONE), ("MakePeople", DONE)] == ends(outcomes)
    assert {"ann": ("sales",)} == shop.people
    assert [{"Name": "sales"}, {"People": [{"Name": "ann", "Groups": [7]}]}] == [
        item.call.body for item in shop.intended
    ]


def test_many_wait_for_one_answer_and_one_for_many() -> None:
    """Each gets its own, however many run at once and are written down ahead."""
    shop = Shop()
    names = [f"g{number}" for number in range(20)]
    some = [people(f"p{number}", groups=[name], made=[name]) for number, name in enumerate(names)]
    outcomes = shop.apply(*map(group, names), *some, people("all", groups=names, made=names), parallel=4)
    assert {DONE} == {item.verdict for item in outcomes}
    assert [(name,) for name in names] == [shop.people[f"p{number}"] for number in range(20)]
    assert sorted(names) == sorted(shop.people["all"])


def test_the_id_of_what_happened_without_an_answer_is_read_back() -> None:
    """`recover` finds it by the name."""
    shop = Shop()
    shop.loses = ["MakeGroup"]
    outcomes = shop.apply(group("sales"), people("ann", groups=["sales"], made=["sales"]))
    assert [DONE, DONE] == [item.verdict for item in outcomes]
    assert {"ann": ("sales",)} == shop.people
    assert 1 == sum(title == "MakeGroup" for title, _ in shop.sent)


def test_an_answer_that_says_too_little_is_completed_by_a_read() -> None:
    """Any field of an answer may be absent."""

    class Terse(Shop):
        def _carry_out(self, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
            super()._carry_out(action, body)
            return {}

    shop = Terse()
    assert {DONE} == {
        item.verdict for item in shop.apply(group("sales"), people("ann", groups=["sales"], made=["sales"]))
    }
    assert {"ann": ("sales",)} == shop.people


@pytest.mark.parametrize("loses", [["MakeGroup"], []], ids=["lost", "mute"])
def test_what_needs_a_value_that_nobody_knows_is_skipped_and_says_why(loses: list[str]) -> None:
    """What only needs the group goes on; what waits for the skipped call does not."""
    shop = Shop()
    shop.mute = True
    shop.loses = loses
    outcomes = shop.apply(
        group("sales"),
        people("ann", groups=["sales"], made=["sales"]),
        people("bob", groups=["sales"]),
        rely(("person", "ann")),
    )
    by_name = {item.call.changes[0]: item for item in outcomes}
    ann = by_name["people/ann"]
    assert (DONE, SKIPPED, SKIPPED) == tuple(
        by_name[name].verdict for name in ("groups/sales", "people/ann", "groups/later")
    )
    assert "Id of c1" in str(ann.error)
    assert ("c1",) == ann.blocked_by
    assert ("c1",) == by_name["groups/later"].blocked_by
    assert "bob" in shop.people


def test_a_part_that_needs_no_unknown_value_is_sent() -> None:
    """A batch goes on without those of whom something is not known."""
    shop = Shop(ids={"all": 1})
    shop.mute = True
    first = people("ann", groups=["sales"], made=["sales"])
    other = people("bob", groups=["all"])
    assert first.body is not None
    assert other.body is not None
    both = Call(
        "POST",
        "/",
        {"People": [*first.body["People"], *other.body["People"]]},
        action="MakePeople",
        requires=first.requires,
        gives=first.gives | other.gives,
        changes=(*first.changes, *other.changes),
    )
    outcomes = shop.apply(group("sales"), both)
    assert [DONE, DONE, SKIPPED] == sorted(item.verdict for item in outcomes)
    assert {"bob": ("all",)} == shop.people


def test_what_waits_for_a_failure_is_skipped_for_that() -> None:
    """Not for the value, which is the lesser reason."""
    shop = Shop()
    shop.refuses = {"MakeGroup sales": "no"}
    refused, skipped = shop.apply(group("sales"), people("ann", groups=["sales"], made=["sales"]))
    assert (FAILED, SKIPPED) == (refused.verdict, skipped.verdict)
    assert (None, ("c1",)) == (skipped.error, skipped.blocked_by)


class Model:
    """The shop as a model for the rehearsal."""

    kinds: Mapping[str, Any] = {}

    def __init__(self) -> None:
        self._shop = Shop()

    def simulate(self, _live: Live) -> Model:
        """Start anew."""
        return Model()

    def answer(self, call: Call) -> Reply:
        """Carry one call out."""
        return Reply(payload=self._shop._carry_out(call.title, call.body or {}))  # noqa: SLF001 - the same machine

    def learn(self, call: Call, reply: Reply) -> Any:
        """Learn from it."""
        return self._shop.learn(call, reply)

    def state(self) -> Any:
        """Give who is where."""
        return self._shop.people


def test_the_rehearsal_fills_values_in_whatever_the_order() -> None:
    """The ids differ by the order, and who is where does not; what comes before the answer can't be made."""
    calls = order([group("a"), group("b"), people("ann", groups=["a", "b"], made=["a", "b"])]).calls
    first, second = (StandIn(Model(), Live({})) for _ in range(2))  # type: ignore[arg-type]
    assert first.through(calls) is None
    assert second.through([calls[1], calls[0], calls[2]]) is None
    refused = StandIn(Model(), Live({})).through([calls[0], calls[2]])  # type: ignore[arg-type]
    assert refused is not None
    assert (calls[2], NOT_GIVEN) == (refused[0], refused[1].code)
    assert "the answer to c2 gives" in refused[1].text
