"""From what is to be absorbed to the edits that do it; what no small edit can do is said, and left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from reconciler.absorb.edits import CantError
from reconciler.absorb.entries import Entries
from reconciler.absorb.fields import Fields
from reconciler.absorb.pages import Pages
from reconciler.absorb.round import Drafted, Round
from reconciler.absorb.spelling import UnspellableError
from reconciler.absorb.units import Unit
from reconciler.model.change import Action

_NO_TEXT = "the live value holds a character that no file in UTF-8 can hold"


def draft(units: Iterable[Unit], pages: Pages, entries: Entries) -> Drafted:
    """Work out the edits of some units, together."""
    together = Round(pages, entries)
    for unit in units:
        try:
            _draft(unit, together)
        except CantError as problem:
            together.made.refused[unit] = problem
        except UnspellableError:
            together.made.refused[unit] = CantError(_NO_TEXT, "Change it at the vendor.")
    return together.finished()


def _draft(unit: Unit, together: Round) -> None:
    """Find the edits of one unit. Raises CantError, UnspellableError."""
    match unit.change.action:
        case Action.CREATE:
            _remove(unit, together)
        case Action.DELETE:
            page, key, box, piece = together.entries.room(unit.change)
            together.at(unit, page, box.end)
            together.job(page, key, box).new.append((unit, piece))
        case Action.UPDATE:
            change = unit.change
            stand = together.pages.entry(change.section, change.name)
            together.made.stands[unit] = stand
            together.at(unit, stand.page, stand.key.start)
            Fields(together, unit, stand).edit()
        case _:
            assert_never(unit.change.action)


def _remove(unit: Unit, together: Round) -> None:
    """Take out the entry of an object that is gone; where only others name it, that is theirs to change."""
    found = together.entries.written(unit.change)
    if found is not None:
        page, key, box, number, offset = found
        together.at(unit, page, offset)
        together.job(page, key, box).gone[number] = unit
