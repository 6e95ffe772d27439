"""As much as goes: all together if that is right, else without those that stand in the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.absorb.check import Check, Wrong
from reconciler.absorb.edits import CantError
from reconciler.absorb.round import Drafted
from reconciler.absorb.units import Unit

_FEW: Final = 8  # edits that are tried one by one, each of which may take another look at all files


@dataclass(slots=True)
class Accepted:
    """What is written: its units and their edits; and why others are not."""

    units: list[Unit] = field(default_factory=list)
    drafted: Drafted = field(default_factory=Drafted)
    left: dict[Unit, Wrong] = field(default_factory=dict)


def accept(units: Sequence[Unit], draft: Callable[[Sequence[Unit]], Drafted], wrong: Check) -> Accepted:
    """
    Find the units that can be absorbed together.

    Args:
        units: What is asked for, in order.
        draft: Works out their edits.
        wrong: Says what is wrong with these.
    """
    made = Accepted()
    able = _able(units, draft, made)
    _add(able, draft, wrong, made)
    while made.left.keys() & {*able}:
        # What stood in the way of one may have been another that is in by now.
        count = len(made.units)
        again = [unit for unit in able if unit in made.left]
        if not made.units or len(again) == len(able):
            break
        for unit in again:
            _add([unit], draft, wrong, made)
        if len(made.units) == count:
            break
    _spare(draft, wrong, made)
    return made


def _spare(draft: Callable[[Sequence[Unit]], Drafted], wrong: Check, made: Accepted) -> None:
    """Leave out the edits that others make superfluous: where an anchor changes, its aliases follow."""
    following = [unit for unit in made.units if unit in made.drafted.following]
    spared: set[Unit] = set()
    for some in [following] if len(following) > _FEW else [following, *([unit] for unit in following)]:
        kept = [unit for unit in made.units if unit not in spared and unit not in some]
        if spared.issuperset(some) or not kept:
            continue
        drafted = draft(kept)
        drafted.places = made.drafted.places | drafted.places
        drafted.stands = made.drafted.stands | drafted.stands
        if not drafted.refused and wrong(made.units, drafted) is None:
            made.drafted = drafted
            spared.update(some)


def _able(units: Sequence[Unit], draft: Callable[[Sequence[Unit]], Drafted], made: Accepted) -> list[Unit]:
    """Leave out the units for which there are no edits."""
    able = [*units]
    while refused := draft(able).refused:
        made.left |= {unit: _said(problem) for unit, problem in refused.items()}
        able = [unit for unit in able if unit not in refused]
    return able


def _said(problem: CantError) -> Wrong:
    return Wrong(str(problem), problem.remedy)


def _add(units: Sequence[Unit], draft: Callable[[Sequence[Unit]], Drafted], wrong: Check, made: Accepted) -> None:
    """Add units to those that are in, all or else by halves."""
    if not units:
        return
    together = [*made.units, *units]
    drafted = draft(together)
    refused = next(iter(drafted.refused.values()), None)
    problem = wrong(together, drafted) if refused is None else _said(refused)
    if problem is None:
        made.units, made.drafted = together, drafted
        for unit in units:
            made.left.pop(unit, None)
    elif len(units) == 1:
        made.left[units[0]] = problem
    else:
        middle = len(units) // 2
        _add(units[:middle], draft, wrong, made)
        _add(units[middle:], draft, wrong, made)
