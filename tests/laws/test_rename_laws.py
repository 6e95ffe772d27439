"""What every renaming promises, on a model of a vendor that knows queues by id and by a name that is unique."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import diff
from reconciler.model.change import Change
from reconciler.model.live import Live
from reconciler.model.renaming import labels_of, parked_name
from reconciler.renames import moved
from tests.groups import KINDS, desired_of, live_of

NAMES = ("A", "B", "C", "D", "E", "A (1)", "B (2)")


@dataclass(slots=True)
class Vendor:
    """Queues by id; agents serve ids. The store remembers which name came of a rename."""

    queues: dict[str, str]
    serves: Mapping[str, frozenset[str]] = field(default_factory=dict)
    memory: dict[str, dict[str, str]] = field(default_factory=dict)

    def read(self) -> Live:
        """Read all of it, by name as the vendor shows it."""
        return live_of(
            {
                "queues": {name: {"id": number} for number, name in self.queues.items()},
                "agents": {
                    agent: {"queues": [self.queues[number] for number in numbers]}
                    for agent, numbers in self.serves.items()
                },
            },
            memory={"queues": dict(self.memory)},
        )

    def rename(self, number: str, name: str, *, parks: bool) -> None:
        """Carry out one call; a name that another queue bears is refused."""
        assert name not in self.queues.values()
        self.queues[number] = name
        if not parks:
            self.memory[name] = {"id": number, "address": f"queues/{name}"}


def lowered(changes: tuple[Change, ...]) -> list[tuple[str, str, bool]]:
    """Turn changes into renames in an order that the vendor takes; one name of each circle is parked."""
    lives = {change.identity: change.live.__dict__ for change in changes if change.live is not None}
    wanted = {live["name"]: new for new, live in lives.items()}
    numbers = {live["name"]: live["id"] for live in lives.values()}
    calls = []
    while wanted:
        name = next((old for old in sorted(wanted) if wanted[old] not in wanted), None)
        if name is None:
            name = min(wanted)
            aside = parked_name(name, numbers[name])
            calls.append((numbers[name], aside, True))
            wanted[aside], numbers[aside] = wanted.pop(name), numbers.pop(name)
            continue
        calls.append((numbers.pop(name), wanted.pop(name), False))
    return calls


@st.composite
def cases(draw: st.DrawFn) -> tuple[Vendor, dict[str, str]]:
    """Give queues, and new names for some: by name wanted, the one before it."""
    names = draw(st.lists(st.sampled_from(NAMES[:5]), unique=True, max_size=5))
    queues = {str(number): name for number, name in enumerate(names, 1)}
    stays = draw(st.sets(st.sampled_from(names))) if names else set()
    goes = [name for name in names if name not in stays]
    free = draw(st.permutations([name for name in (*NAMES[:5], "F", "G") if name not in stays]))
    old = {new: was for was, new in zip(goes, free, strict=False)}
    serves = draw(st.dictionaries(st.sampled_from("xy"), st.frozensets(st.sampled_from(sorted(queues) or ["1"]))))
    serves = {agent: numbers & queues.keys() for agent, numbers in serves.items()}
    return Vendor(queues, serves), old


def wish_of(old: Mapping[str, str]) -> Any:
    """Write the wish for new names."""
    return desired_of({"queues": {new: {"renamed_from": was} for new, was in old.items()}})


@given(case=cases(), cuts=st.lists(st.integers(0, 6), max_size=6))
def test_however_often_a_plan_is_cut_it_arrives(case: tuple[Vendor, dict[str, str]], cuts: list[int]) -> None:
    """Chains and circles end where they were to end, and then nothing is left to do."""
    vendor, old = case
    new_name = {was: new for new, was in old.items()}
    expected = {number: new_name.get(name, name) for number, name in vendor.queues.items()}
    desired = wish_of(old)
    for cut in (*cuts, None):
        found = moved(desired, vendor.read(), KINDS)
        assert () == found.problems
        assert expected == {item.id: name for name, item in found.live.of("queues").items()}
        changes = diff(desired, found.live, KINDS).changes
        assert all(change.live is not None for change in changes)
        for number, name, parks in lowered(changes)[:cut]:
            vendor.rename(number, name, parks=parks)
    assert expected == vendor.queues
    end = vendor.read()
    assert end is moved(desired, end, KINDS).live
    assert () == diff(desired, end, KINDS).changes


@given(case=cases())
def test_a_rename_moves_nobody(case: tuple[Vendor, dict[str, str]]) -> None:
    """Who serves a queue serves the very same one under its new name."""
    vendor, old = case
    found = moved(wish_of(old), vendor.read(), KINDS).live
    numbers = {name: item.id for name, item in found.of("queues").items()}
    assert vendor.serves == {
        agent: frozenset(numbers[name] for name in item.queues) for agent, item in found.of("agents").items()
    }


@given(
    names=st.lists(st.sampled_from(NAMES), unique=True, max_size=6),
    old=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("", *NAMES)), max_size=6),
    known=st.dictionaries(st.sampled_from(NAMES), st.sampled_from("1234"), max_size=3),
)
def test_no_object_is_taken_twice_or_lost(names: list[str], old: dict[str, str], known: dict[str, str]) -> None:
    """Whatever is wished and live: each object is there once, and no two entries share one."""
    memory = {"queues": {name: {"id": number} for name, number in known.items()}}
    live = live_of({"queues": {name: {"id": str(number)} for number, name in enumerate(names, 1)}}, memory=memory)
    found = moved(wish_of(old), live, KINDS)
    assert len(names) == len(found.live.of("queues"))
    assert {item.id for item in live.of("queues").values()} == {item.id for item in found.live.of("queues").values()}
    labels = labels_of(found.live, KINDS).get("queues", {})
    for name, label in labels.items():
        assert label in old
        assert name == old[label] or name.startswith(f"{old[label]} (")
    assert len(labels) == len({*labels.values()})


@given(names=st.lists(st.sampled_from(NAMES), unique=True), wanted=st.sets(st.sampled_from(NAMES)))
def test_without_old_names_nothing_moves(names: list[str], wanted: set[str]) -> None:
    """It is the identity."""
    live = live_of({"queues": {name: {"id": name} for name in names}})
    found = moved(wish_of(dict.fromkeys(wanted, "")), live, KINDS)
    assert live is found.live
    assert ((), {}) == (found.problems, found.notes)
