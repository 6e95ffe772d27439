"""What a call needs besides itself: what the vendor ignored of it, what stands in its way, what it left out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

import pytest

from reconciler.model.call import Call, Reply
from reconciler.model.errors import Rejected, Unauthorized, Unreachable
from reconciler.model.history import Attempt, Ending
from reconciler.model.live import Live
from reconciler.model.outcome import Learned, Outcome, Result, Verdict
from tests.shop import Shop, gone, group, people, rely

DONE, FAILED, UNKNOWN, SKIPPED = Verdict.DONE, Verdict.FAILED, Verdict.UNKNOWN, Verdict.SKIPPED
SALES = {"all": 1, "sales": 7}


def ends(outcomes: tuple[Outcome, ...]) -> list[tuple[str, tuple[str, ...], Verdict]]:
    """List what was done, for whom, and how it ended."""
    return [(item.call.title, item.call.changes, item.verdict) for item in outcomes]


def titles(shop: Shop) -> list[str]:
    """List what was sent."""
    return [title for title, _ in shop.sent]


def test_what_took_is_read_back_once_and_that_is_all() -> None:
    """No call more than the plan has."""
    shop = Shop(ids=SALES)
    (outcome,) = shop.apply(people("ann", groups=["sales", "all"]))
    assert (DONE, "", 1) == (outcome.verdict, outcome.note, outcome.attempts)
    assert (["MakePeople"], 1) == (titles(shop), shop.reads)


def test_what_the_vendor_ignored_is_made_good_before_anybody_relies_on_it() -> None:
    """As further attempts of the same call, each with its intent, and told in a note."""
    shop = Shop(ids=SALES)
    shop.ignores = {"ann", "bob"}
    made, later = shop.apply(people("ann", "bob", "eve", groups=["all"]), rely(("in", "ann", "all")))
    assert (DONE, DONE) == (made.verdict, later.verdict)
    assert "bind ann apart; bind bob apart" in made.note
    assert ["MakePeople", "Bind", "Bind", "MakeGroup"] == titles(shop)
    assert {"ann": ("all",), "bob": ("all",), "eve": ("all",)} == shop.people
    assert [("c1", 1), ("c1", 2), ("c1", 3), ("c2", 1)] == [(item.call.id, item.number) for item in shop.intended]
    assert Counter({Ending.DONE: 4}) == Counter(item.ending for item in shop.ends)
    assert 3 == made.attempts


def test_what_shows_late_is_not_sent_again() -> None:
    """A read or two that show nothing of it yet are waited for."""
    shop = Shop(ids=SALES)
    shop.blind = 2
    (made,) = shop.apply(people("ann", groups=["all"]))
    assert (DONE, ["MakePeople"]) == (made.verdict, titles(shop))


def test_what_happened_without_an_answer_is_made_good_too() -> None:
    """It is done, and not all of it."""
    shop = Shop(ids=SALES)
    shop.ignores, shop.loses = {"ann"}, ["MakePeople"]
    (made,) = shop.apply(people("ann", groups=["all"]))
    assert (DONE, "done") == (made.verdict, made.settled)
    assert ["MakePeople", "Bind"] == titles(shop)
    assert {"ann": ("all",)} == shop.people


def test_a_mending_whose_answer_is_lost_is_read_back() -> None:
    """It is a write like any other."""
    shop = Shop(ids=SALES)
    shop.ignores, shop.loses = {"ann"}, ["Bind"]
    (made,) = shop.apply(people("ann", groups=["all"]))
    assert (DONE, ["MakePeople", "Bind"]) == (made.verdict, titles(shop))


def test_what_can_t_be_made_good_stops_who_relies_on_it_and_nobody_else() -> None:
    """The call is done in part: the report says what is missing, and why."""
    shop = Shop(ids=SALES)
    shop.ignores, shop.refuses = {"ann", "bob"}, {"Bind ann": "no-seat"}
    outcomes = shop.apply(
        people("ann", "bob", groups=["all"]), rely(("in", "ann", "all")), rely(("in", "bob", "all"), name="other")
    )
    assert {
        ("MakePeople", ("people/ann", "people/bob"), DONE),
        ("Bind", ("people/ann",), FAILED),
        ("MakeGroup", ("groups/later",), SKIPPED),
        ("MakeGroup", ("groups/other",), DONE),
    } == {*ends(outcomes)}
    assert {"ann": (), "bob": ("all",)} == shop.people
    assert 1 == Result(outcomes=outcomes).tally.partly
    assert Result(outcomes=outcomes).wrote
    (skipped,) = (item for item in outcomes if item.verdict is SKIPPED)
    assert ("c1",) == skipped.blocked_by


def test_a_vendor_that_takes_the_mending_and_does_nothing_is_asked_twice() -> None:
    """Then it is told, and nobody builds on it."""
    shop = Shop(ids=SALES)
    shop.ignores = shop.deaf = {"ann"}
    made, missing, later = shop.apply(people("ann", groups=["all"]), rely(("in", "ann", "all")))
    assert (DONE, FAILED, SKIPPED) == (made.verdict, missing.verdict, later.verdict)
    assert "does not show" in str(missing.error)
    assert ["MakePeople", "Bind", "Bind"] == titles(shop)


def test_what_can_t_be_read_back_holds_nobody_up_who_does_not_rely_on_it() -> None:
    """It worked, and nobody knows how much of it."""
    shop = Shop(ids=SALES)
    shop.unreadable = Unreachable("gone")
    outcomes = shop.apply(people("ann", groups=["all"]), rely(("in", "ann", "all")), group("other"))
    verdicts = {(item.call.changes, item.verdict) for item in outcomes}
    assert {(("people/ann",), DONE), (("people/ann",), FAILED), (("groups/later",), SKIPPED)} < verdicts
    assert (("groups/other",), DONE) in verdicts
    assert ["MakePeople worked, and what it did could not be read back: gone"] == [
        str(item.error) for item in outcomes if item.verdict is FAILED
    ]


def test_credentials_that_end_while_mending_end_the_run() -> None:
    """Nothing more is sent."""
    shop = Shop(ids=SALES)
    shop.ignores = {"ann", "bob"}

    def before(call: Call) -> None:
        if call.title == "Bind":
            raise Unauthorized("who?")

    shop.before = before
    outcomes = shop.apply(people("ann", "bob", groups=["all"]), rely(("person", "ann")))
    assert ["MakePeople"] == titles(shop)
    assert [DONE, FAILED, SKIPPED, SKIPPED] == [item.verdict for item in outcomes]


def test_a_run_that_is_to_stop_mends_nothing() -> None:
    """The answer that was on its way is kept; the next run sees what is missing."""
    shop = Shop(ids=SALES)
    shop.ignores = {"ann"}
    ended: list[Attempt] = []
    (made,) = shop.apply(
        people("ann", groups=["all"]),
        attempted=lambda item: ended.append(item) if item.ending is not None else None,
        stopping=lambda: bool(ended),
    )
    assert (DONE, ["MakePeople"]) == (made.verdict, titles(shop))


def test_what_stands_in_the_way_goes_first() -> None:
    """The call is refused, what it says is seen to, and it is sent once more."""
    shop = Shop(ids=SALES, people={"ann": ["sales", "all"]})
    shop.clings = True
    (outcome,) = shop.apply(gone("ann"))
    assert DONE is outcome.verdict
    assert "unbind ann apart" in outcome.note
    assert ["DropPeople", "Unbind", "DropPeople"] == titles(shop)
    assert {} == shop.people
    assert [1, 2, 3] == [item.number for item in shop.intended]


def test_of_a_batch_the_culprits_alone_are_freed() -> None:
    """It is halved first: who stands in nobody's way is deleted with others."""
    names = ("ann", "bob", "eve", "tom")
    shop = Shop(ids=SALES, people={name: ["all"] if name == "bob" else [] for name in names})
    shop.clings = True
    outcomes = shop.apply(gone(*names))
    assert {DONE} == {item.verdict for item in outcomes}
    assert {} == shop.people
    assert 1 == titles(shop).count("Unbind")


@pytest.mark.parametrize("others", [(), ("eve", "tom", "zoe")])
def test_what_is_refused_all_the_same_is_told_with_what_went_before_it(others: tuple[str, ...]) -> None:
    """Something was written, so it is no error without consequences."""

    class Stubborn(Shop):
        def unblock(self, _call: Call, _refused: Rejected, _live: Live) -> Sequence[Call]:
            """Let go of somebody who does not matter."""
            return [Call("POST", "/", {"Person": "bob", "Groups": [1]}, action="Unbind", why="unbind bob")]

    shop = Stubborn(ids=SALES, people={"ann": ["all"], "bob": ["all"], **dict.fromkeys(others, ())})
    shop.clings = True
    outcomes = shop.apply(gone("ann", *others))
    assert {("Unbind", ("people/ann",), DONE), ("DropPeople", ("people/ann",), FAILED)} <= {*ends(outcomes)}
    assert {"ann", "bob"} == shop.people.keys()
    assert 1 == titles(shop).count("Unbind")
    assert Result(outcomes=outcomes).wrote


def test_where_the_way_can_t_be_cleared_the_call_fails_as_it_was_refused() -> None:
    """Both refusals are told, and it is not sent again."""
    shop = Shop(ids=SALES, people={"ann": ["all"]})
    shop.clings, shop.refuses = True, {"Unbind ann": "no"}
    outcomes = shop.apply(gone("ann"))
    assert [("Unbind", ("people/ann",), FAILED), ("DropPeople", ("people/ann",), FAILED)] == ends(outcomes)
    assert "in use" in str(outcomes[1].error)
    assert not Result(outcomes=outcomes).wrote


def test_a_refusal_that_names_nothing_in_the_way_is_final() -> None:
    """One attempt, as ever."""
    shop = Shop(ids=SALES, people={"ann": ["all"]})
    shop.refuses = {"DropPeople ann": "no"}
    (outcome,) = shop.apply(gone("ann"))
    assert (FAILED, 1) == (outcome.verdict, outcome.attempts)


def test_each_item_that_is_left_out_is_told_in_the_vendor_s_words() -> None:
    """The others are done; who waits for those who failed does not start, and who waits for the others does."""
    shop = Shop(ids=SALES)
    shop.fails = {"bob": "DuplicatedAccount: taken", "eve": "Phone: odd"}
    outcomes = shop.apply(
        people("ann", "bob", "eve", "tom", groups=["all"]),
        rely(("person", "bob")),
        rely(("person", "tom"), name="other"),
    )
    made, *failed = (item for item in outcomes if item.call.title == "MakePeople")
    assert ("people/ann", "people/tom") == made.call.changes
    assert [("people/bob",), ("people/eve",)] == [item.call.changes for item in failed]
    assert {(FAILED, "partial")} == {(item.verdict, getattr(item.error, "code", "")) for item in failed}
    assert ["BOB: DuplicatedAccount: taken", "EVE: Phone: odd"] == [getattr(item.error, "text", "") for item in failed]
    verdicts = {item.call.changes: item.verdict for item in outcomes}
    assert (SKIPPED, DONE) == (verdicts["groups/later",], verdicts["groups/other",])
    (ended,) = (item for item in shop.ends if item.call.title == "MakePeople")
    assert "left out BOB: DuplicatedAccount: taken" in ended.text


def test_a_single_item_that_is_left_out_wrote_nothing() -> None:
    """However good the answer looked, and whatever it calls the item."""
    shop = Shop(people={"ann": []})
    shop.fails = {"ann": "is online"}
    (outcome,) = outcomes = shop.apply(gone("ann"))
    assert FAILED is outcome.verdict
    assert "left out ANN: is online" in str(outcome.error)
    assert not Result(outcomes=outcomes).wrote


def test_who_is_gone_though_the_vendor_left_them_out_is_gone() -> None:
    """Somebody else deleted them, or the vendor did in the end: it is as wanted."""

    class Late(Shop):
        async def send(self, call: Call) -> Reply:
            """Delete all of them, whatever the answer says."""
            reply = await super().send(call)
            self.people.clear()
            return reply

    shop = Late(people={"ann": [], "bob": []})
    shop.fails = {"ann": "is online"}
    (outcome,) = shop.apply(gone("ann", "bob"))
    assert DONE is outcome.verdict
    assert "ANN: is online" in outcome.note


def test_who_is_there_though_the_vendor_left_them_out_is_somebody_else_s() -> None:
    """It may be quite another: a new plan starts from what is there."""
    shop = Shop(ids=SALES)
    shop.before = lambda _: shop.people.update(bob=())
    shop.fails = {"bob": "DuplicatedAccount: taken"}
    made, failed = shop.apply(people("ann", "bob", groups=["all"]))
    assert (DONE, FAILED) == (made.verdict, failed.verdict)
    assert "it was not this call that made it" in str(failed.error)
    assert ["MakePeople"] == titles(shop)


def test_who_is_there_after_an_answer_of_ours_was_lost_is_ours() -> None:
    """It showed too late, so they were asked for again, and were there."""
    shop = Shop(ids=SALES)
    shop.loses, shop.blind = ["MakePeople"], 6  # as often as is looked before it is sent again

    def before(_call: Call) -> None:
        if len(shop.sent) == 1:
            shop.fails = {"ann": "DuplicatedAccount: taken"}

    shop.before = before
    (outcome,) = shop.apply(people("ann", groups=["all"]))
    assert (DONE, ["MakePeople", "MakePeople"]) == (outcome.verdict, titles(shop))


@pytest.mark.parametrize("absent", [[], ["bob"]])
def test_a_name_that_fits_no_item_leaves_the_say_to_the_read(absent: list[str]) -> None:
    """What is not there failed; if all is there, it is done, with a word about the answer."""

    class Vague(Shop):
        def learn(self, call: Call, reply: Reply) -> Learned:
            """Name somebody by another name."""
            return replace(super().learn(call, reply), failed={"?": "odd"})

    shop = Vague(ids=SALES)
    shop.fails = dict.fromkeys(absent, "odd")
    outcomes = shop.apply(people("ann", "bob"))
    assert [DONE, *(FAILED for _ in absent)] == [item.verdict for item in outcomes]
    assert "?: odd" in (str(outcomes[1].error) if absent else outcomes[0].note)


@pytest.mark.parametrize("where", range(1, 4))
def test_a_run_that_ends_anywhere_in_between_is_carried_on(where: int) -> None:
    """A new plan has what is missing: nothing is made twice, and the end is the same."""

    class DiedError(BaseException):
        """The run dies here."""

    shop = Shop(ids=SALES)
    shop.ignores = {"ann", "bob"}

    def before(_call: Call) -> None:
        if len(shop.sent) == where:
            raise DiedError

    shop.before = before
    whole = people("ann", "bob", groups=["all"])
    with pytest.raises(BaseExceptionGroup) if where < 3 else nullcontext():
        shop.apply(whole)
    assert where == len(shop.sent)
    shop.before = lambda _: None
    missing = [name for name in ("ann", "bob") if not shop.people[name]]
    again = shop.mend(whole, asyncio.run(shop.read(())))
    assert missing == [(item.body or {})["Person"] for item in again]
    assert {DONE} >= {item.verdict for item in shop.apply(*again)}
    assert {"ann": ("all",), "bob": ("all",)} == shop.people
