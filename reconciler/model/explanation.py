"""
Why an object changes, why its calls stand where they stand, and what would happen elsewhere. Frozen, and JSON-ready.

The texts are whole sentences for people, with names of live and wanted objects in them: whoever shows them masks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from unicodedata import category, east_asian_width

from reconciler.model.call import Call, Fact
from reconciler.model.change import Change
from reconciler.model.desired import Desired
from reconciler.model.live import Live

NAME_COLUMNS: Final = 32  # of a terminal, for a name and its id
_LEAST: Final = 8  # of them, for a name beside a long id
_ESCAPED: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Rule(StrEnum):
    """Why one call waits for another, read off what both state; from the strictest to the mildest."""

    NEEDS = "needs"  # it requires what the other gives
    CLEARS = "clears"  # it forbids what the other takes
    USED = "used"  # it takes what the other still requires
    BEFORE = "before"  # it gives what the other forbids
    PREFERS = "prefers"  # it would rather find what the other gives: only better for callers


class Effect(StrEnum):
    """What came of it when a call was tried elsewhere, on the vendor's model."""

    REFUSED = "refused"  # the vendor's model, at its strictest reading of the page, refuses it, or a call after it
    ASTRAY = "astray"  # all calls work, and the end is not the one that was planned
    NOTICED = "noticed"  # all ends well, and callers or agents do without something meanwhile
    FEWER = "fewer"  # all ends well, and agents have fewer queues or extensions meanwhile than before or after
    HARMLESS = "harmless"  # nothing shows
    UNTRIED = "untried"  # too much to try


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What binds a call to the *others* that come before it: one rule, and facts of one sort (the same first word)."""

    rule: Rule
    facts: tuple[Fact, ...]
    call: Call
    others: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """
    A call made directly before some that it waits for.

    *before* are their ids, *call* the id of what was moved, *text* what would happen, *code* the vendor's own where its
    model refuses. *along* are the ids of calls like it that were moved with it, where it alone makes no difference.
    """

    call: str
    before: tuple[str, ...]
    effect: Effect
    text: str
    code: str = ""
    along: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """*calls* wait for *others*, all for the same reason; either is one call. *trial* moves the first."""

    calls: tuple[str, ...]
    others: tuple[str, ...]
    rules: tuple[Rule, ...]
    text: str
    trial: Trial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One call that serves the object.

    *waits* say why it stands where it stands, *followers* who waits for it, *gave_way* which preferences could not be
    had.
    """

    call: Call
    waits: tuple[Wait, ...] = ()
    followers: tuple[Wait, ...] = ()
    gave_way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    One address: *reasons* say why it changes or does not; *change* is None where the plan leaves it as it is.

    *one* is what such an object is called: "queue"; empty for single things.
    """

    address: str
    one: str = ""
    change: Change | None
    reasons: tuple[str, ...]
    steps: tuple[Step, ...] = ()


def called(section: str, identity: str, desired: Desired, live: Live) -> str:
    """Name an object for people: `Support (9002)`, by the name that the files write, else the live one."""
    entry = next((entry for entry in desired.of(section).values() if entry.identity == identity), None)
    for item in (entry.resource if entry is not None else None, live.of(section).get(identity)):
        if item is not None and item.label_field is not None:
            label = str(item.__dict__.get(item.label_field, ""))
            if label:
                return titled(label, identity)
    return titled(entry.name if entry is not None else "", identity)


def titled(label: str, identity: str) -> str:
    """Name an object: `Sales (9001)`. A long name is shortened, the id never."""
    if label in {"", identity}:
        return identity
    return f"{shortened(label, identity)} ({identity})"


def shortened(name: str, identity: str = "") -> str:
    """
    Cut a name so that the *identity* has its place beside it, whether it is shown there or not.

    Columns of a terminal count: some characters take two, and what must be escaped there counts as it is spelt.
    """
    columns = max(NAME_COLUMNS - len(identity) - 3, _LEAST) if identity else NAME_COLUMNS
    if len(name) <= columns and name.isascii() and name.isprintable():
        return name
    used = 0
    for place, character in enumerate(name):
        used += _width(character)
        if used > columns:
            return f"{_cut(name[:place], columns)}…"
    return name


def _cut(name: str, columns: int) -> str:
    """Make room for the sign that stands for the rest."""
    used = sum(map(_width, name))
    while name and used >= columns:
        used -= _width(name[-1])
        name = name[:-1]
    return name


def _width(character: str) -> int:
    if character.isascii():
        return 1 if character.isprintable() else len("\\x1b")
    if category(character) in _ESCAPED:
        return len("\\u200b")
    return 2 if east_asian_width(character) in "WF" else 1


def listed(items: list[str] | tuple[str, ...], most: int = 3) -> str:
    """Join texts for people: `a, b and c`; of many the first few, `a, b, c and 37 more`."""
    if len(items) > most + 1:
        return f"{', '.join(items[:most])} and {len(items) - most:,} more"
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
