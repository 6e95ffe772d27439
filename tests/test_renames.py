"""Objects that are known by a name, and get another one: whose object is whose, before, after and in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from reconciler.diff import diff
from reconciler.model.change import Change, ValueChange
from reconciler.model.live import Live
from reconciler.model.renaming import as_read, called_as, labels_of, parked_name, relabelled_document
from reconciler.renames import Moved, carried_out, moved
from tests.groups import KINDS, desired_of, live_of


def queues(**ids: str) -> dict[str, dict[str, Any]]:
    """Give queues by name, each with its id."""
    return {name: {"id": number} for name, number in ids.items()}


def wished(**old: str) -> dict[str, dict[str, Any]]:
    """Give entries by name, each with the name before it; an empty one is none."""
    return {name: {"renamed_from": was} if was else {} for name, was in old.items()}


def names(found: Moved) -> dict[str, str]:
    """Say which object has which name from here on, by id."""
    return {item.id: label for label, item in found.live.of("queues").items()}


def move(live: Mapping[str, Any], wish: Mapping[str, Any], memory: Mapping[str, Any] | None = None) -> Moved:
    """Move queues alone."""
    return moved(desired_of({"queues": wish}), live_of({"queues": live}, memory={"queues": memory or {}}), KINDS)


SWAP: Final = wished(A="B", B="A")
ALL: Final[Mapping[str, Any]] = {
    "queues": queues(Old="1", Other="2"),
    "agents": {"li": {"queues": ["Old", "Other"], "priorities": {"Old": 1, "Other": 3}}},
    "extensions": {"8001": {"queue": "Old"}},
    "numbers": {"0571": {"queues": ["Old"]}},
}


def test_an_object_is_called_by_its_new_name_wherever_it_is_named() -> None:
    """Its own field keeps the old name; the members of all lists, single names and pairs have the new one."""
    live = moved(desired_of({"queues": wished(New="Old")}), live_of(ALL), KINDS).live
    assert ["New", "Other"] == sorted(live.of("queues"))
    assert "Old" == live.of("queues")["New"].name
    assert ("New", "Other") == live.of("agents")["li"].queues
    assert {"New": 1, "Other": 3} == live.of("agents")["li"].priorities
    assert "New" == live.of("extensions")["8001"].queue
    assert ("New",) == live.of("numbers")["0571"].queues
    assert {"queues": {"Old": "New"}} == labels_of(live, KINDS)
    assert live_of(ALL).as_json() == as_read(live, KINDS).as_json()


def test_a_rename_is_an_update_in_place_and_nothing_else() -> None:
    """No member joins or leaves; the completed wish has the new name."""
    wish = desired_of({"queues": wished(New="Old"), "agents": {"li": {"queues": ["New", "Other"]}}})
    found = diff(wish, moved(wish, live_of(ALL), KINDS).live, KINDS).changes
    assert ["queues/New"] == [change.address for change in found]
    assert (ValueChange(path="name", before="Old", after="New"),) == found[0].fields
    assert found[0].desired is not None
    assert ("New", "1") == (found[0].desired.__dict__["name"], found[0].desired.__dict__["id"])


def test_with_prune_the_old_name_does_not_go() -> None:
    """It is the same object, so nothing is deleted but what nobody names."""
    wish = desired_of({"queues": wished(New="Old")}, queues={"prune": True})
    found = diff(wish, moved(wish, live_of({"queues": ALL["queues"]}), KINDS).live, KINDS)
    assert ["queues/New", "queues/Other"] == sorted(change.address for change in found.changes)


def test_without_renamed_from_nothing_is_touched() -> None:
    """It is the very same value, not an equal one."""
    live = live_of(ALL)
    assert live is moved(desired_of({"queues": wished(Old="", New="")}), live, KINDS).live


def test_a_section_that_was_not_read_is_no_matter() -> None:
    """Nothing is known, so nothing is renamed."""
    live = Live({})
    assert live is moved(desired_of({"queues": wished(New="Old")}), live, KINDS).live


@pytest.mark.parametrize(
    ("live", "wish", "expected"),
    [
        (queues(A="1"), wished(B="A"), {"1": "B"}),
        (queues(B="1"), wished(B="A"), {"1": "B"}),
        (queues(A="1", B="2"), wished(B="A", C="B"), {"1": "B", "2": "C"}),
        (queues(A="1", C="2"), wished(B="A", C="B"), {"1": "B", "2": "C"}),
        (queues(B="1", C="2"), wished(B="A", C="B"), {"1": "B", "2": "C"}),
        (queues(C="2"), wished(B="A", C="B"), {"2": "C"}),
        (queues(A="1"), wished(A="", B="A"), {"1": "B"}),
        (queues(A="2", B="1"), wished(A="", B="A"), {"1": "B", "2": "A"}),
        (queues(A="1", B="2"), wished(A="", B="A", C="B"), {"1": "B", "2": "C"}),
        (queues(A="3", B="1", C="2"), wished(A="", B="A", C="B"), {"1": "B", "2": "C", "3": "A"}),
        (queues(A="1"), wished(A="A"), {"1": "A"}),
    ],
    ids=[
        "one",
        "one, done",
        "chain",
        "chain, half",
        "chain, done",
        "first gone",
        "passed on",
        "passed on, done",
        "all passed on",
        "all done",
        "itself",
    ],
)
def test_names_that_are_there_tell_what_was_done(
    live: Mapping[str, Any], wish: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    """A chain is told apart from one that was carried out, and no entry takes another one's object."""
    found = move(live, wish)
    assert (expected, ()) == (names(found), found.problems)


def test_a_swap_is_made_and_told_to_be_taken_out_afterwards() -> None:
    """It looks the same before and after."""
    found = move(queues(A="1", B="2"), SWAP)
    assert {"1": "B", "2": "A"} == names(found)
    assert {
        "queues/A": "queues/A and queues/B hand their names round in a circle. Once that is applied, remove "
        "renamed_from from them: without the store nobody can tell that it was done."
    } == found.notes


@pytest.mark.parametrize("memory", [{"A": {"id": "2"}, "B": {"id": "1"}}, {"A": {"id": "2"}}], ids=["both", "one"])
def test_a_swap_that_the_store_knows_of_is_done(memory: Mapping[str, Any]) -> None:
    """The ids are what the store says, so both names stay; one tells of both, if the store was lost in between."""
    found = move(queues(A="2", B="1"), SWAP, memory)
    assert ({"1": "B", "2": "A"}, {}) == (names(found), found.notes)


@pytest.mark.parametrize(
    "memory",
    [
        {},
        {"A": {"id": "2"}, "B": {"id": "9"}},
        {"A": {"id": "2", "address": "queues/B"}, "B": {"id": "1", "address": "queues/A"}},
    ],
    ids=["nothing", "another", "other entries"],
)
def test_a_swap_is_not_done_before_all_of_it_is(memory: Mapping[str, Any]) -> None:
    """What the store knows has to be these very objects, renamed for these very entries."""
    assert {"2": "B", "1": "A"} == names(move(queues(A="2", B="1"), SWAP, memory))


@pytest.mark.parametrize(
    "live",
    [queues(B="2", **{"A (1)": "1"}), queues(A="2", **{"A (1)": "1"}), queues(A="2", B="1")],
    ids=["parked", "halfway", "done"],
)
def test_a_swap_that_was_cut_goes_on(live: Mapping[str, Any]) -> None:
    """A parked name says whose object it was; what is done is remembered as it is done."""
    memory = {name: {"id": item["id"]} for name, item in live.items() if name in {"A", "B"}}
    found = move(live, SWAP, memory if {*live} == {"A", "B"} else {})
    assert ({"1": "B", "2": "A"}, ()) == (names(found), found.problems)


def test_a_name_that_only_looks_parked_is_a_name() -> None:
    """The number in it must be the object's own."""
    found = move(queues(A="1", **{"A (7)": "2"}), wished(B="A"))
    assert {"1": "B", "2": "A (7)"} == names(found)
    assert "A (7)" == parked_name("A", "7")


@pytest.mark.parametrize(
    ("live", "wish", "code", "told"),
    [
        (
            queues(Old="1", New="2"),
            wished(New="Old"),
            "both-live",
            'queues/New: "Old" is to be renamed to "New", and both of them are live',
        ),
        (
            queues(A="1"),
            wished(B="A", C="A"),
            "renamed-twice",
            'queues/B: another entry was "A" before, too',
        ),
        (
            queues(A="3", B="1", C="2"),
            wished(B="A", C="B"),
            "both-live",
            'queues/C: "B" is to be renamed to "C", and both of them are live',
        ),
    ],
    ids=["both live", "two of one", "made again"],
)
def test_what_cannot_be_meant_is_an_error_at_its_place(
    live: Mapping[str, Any], wish: Mapping[str, Any], code: str, told: str
) -> None:
    """Nothing is renamed then, and the message names both."""
    found = move(live, wish)
    problem = found.problems[0]
    assert (code, told) == (problem.code, problem.summary)
    assert problem.place is not None
    assert "renamed_from" == problem.path[-1]
    assert {item["id"]: name for name, item in live.items()} == names(found)


def test_what_is_hidden_is_not_renamed() -> None:
    """`ignore` names the old name: whoever wants it renamed has to take it out of there."""
    wish = desired_of({"queues": wished(New="Old")}, queues={"ignore": ["Ol*"]})
    found = moved(wish, live_of({"queues": queues(Old="1")}), KINDS)
    assert ["renamed-hidden"] == [problem.code for problem in found.problems]
    assert ["Old"] == [*found.live.of("queues")]


def test_a_hidden_entry_says_nothing() -> None:
    """Its object is neither compared nor renamed, and what speaks against its name does not matter."""
    wish = desired_of({"queues": wished(New="Old")}, queues={"ignore": ["New"], "prune": True})
    for live in (queues(Old="1"), queues(Old="1", New="2")):
        found = moved(wish, live_of({"queues": live}), KINDS)
        assert () == found.problems
        changes: tuple[Change, ...] = diff(wish, found.live, KINDS).changes
        assert not [change for change in changes if change.identity == "New"]


def test_what_was_kept_is_called_what_it_is_called_now() -> None:
    """A document of the time before a chain of renames follows it, once."""
    wish = desired_of({"queues": wished(B="A", C="B"), "agents": {}})
    kept: dict[str, Any] = {
        "queues": {"A": {"places": 1}, "B": {"places": 2}},
        "agents": {"li": {"queues": ["A", "B"]}},
    }
    labels = carried_out(wish, kept, KINDS)
    assert {"queues": {"A": "B", "B": "C"}} == labels
    now = relabelled_document(kept, labels, KINDS)
    assert {"B": {"places": 1}, "C": {"places": 2}} == now["queues"]
    assert {"li": {"queues": ["B", "C"]}} == now["agents"]
    assert {} == carried_out(wish, now, KINDS)


def test_while_names_move_objects_are_known_by_their_ids() -> None:
    """Half a circle or all of it is done: each object is called what the plan calls it, wherever it is named."""
    before: dict[str, Any] = {"queues": queues(A="1", B="2"), "agents": {"li": {"queues": ["A"]}}}
    planned = moved(desired_of({"queues": SWAP, "agents": {}}), live_of(before), KINDS).live
    for one, other in (("A", "B"), (parked_name("A", "1"), "B"), (parked_name("A", "1"), "A"), ("B", "A")):
        now: dict[str, Any] = {"queues": {one: {"id": "1"}, other: {"id": "2"}}, "agents": {"li": {"queues": [one]}}}
        found = called_as(planned, live_of(now), KINDS)
        assert {"1": "B", "2": "A"} == {item.id: label for label, item in found.of("queues").items()}
        assert ("B",) == found.of("agents")["li"].queues


def test_what_the_plan_does_not_know_takes_nobody_s_name() -> None:
    """Somebody makes a queue of a name that another one is about to get; one that the plan makes has its own."""
    planned = moved(desired_of({"queues": wished(B="A")}), live_of({"queues": queues(A="1")}), KINDS).live
    found = called_as(planned, live_of({"queues": queues(A="1", B="9")}), KINDS)
    assert {"1": "B", "9": "B#9"} == {item.id: label for label, item in found.of("queues").items()}
    found = called_as(planned, live_of({"queues": queues(B="1", A="9")}), KINDS)
    assert {"1": "B", "9": "A"} == {item.id: label for label, item in found.of("queues").items()}
