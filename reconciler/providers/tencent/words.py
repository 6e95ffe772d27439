"""
Why one call waits for another, in words: what a fact means to people, and the vendor's limit behind it.

A fact that is not known here is still told, word by word.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from reconciler.model.call import Fact
from reconciler.model.desired import Desired
from reconciler.model.explanation import Rule, Tie, called, listed
from reconciler.model.live import Live
from reconciler.providers.tencent.limits import RING_ALL

Name = Callable[[str, str], str]

# What a fact says, as a clause that is to hold, and one that is to hold no more.
_HOLDS: Final = {
    "queue": "{queue} must be there",
    "bears": "a queue must bear the name {plain}",
    "parked": "{plain} must have let go of what another one waits for",
    "agent": "{agent} must be there",
    "phone": "{agent} must have the phone number",
    "serves": "{agent} must serve {queue}",
    "extension": "extension {plain} must be there",
    "rings": "extension {plain} must ring for {queue}",
    "freed": "extension {plain} must have let go of {agent}",
    "shows": "{queue} must call out with {plain}",
    "in turn": "{queue} must ring its members in turn",
}
_ENDS: Final = {
    "queue": "{queue} must be gone",
    "bears": "the name {plain} must be free, since names are unique",
    "agent": "{agent} must be gone",
    "phone": "{agent} must have let go of the phone number, since numbers are unique",
    "serves": "{agent} must have left {queue}",
    "extension": "extension {plain} must be gone",
    "rings": "extension {plain} must have left {queue}",
    "shows": "{queue} must call out with {plain} no more",
}
# Where each word of a fact names something: the fact's word, then what its second and third word are.
_SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "queue": ("queue",),
    "agent": ("agent",),
    "phone": ("agent", "plain"),
    "serves": ("agent", "queue"),
    "rings": ("plain", "queue"),
    "freed": ("plain", "agent"),
    "shows": ("plain", "queue"),
    "in turn": ("queue",),
}
_SHOWN: Final = 3


def describe(tie: Tie, desired: Desired, live: Live) -> str:
    """Say why a call waits for others: `li.wei must have left Sales first`."""
    name: Name = partial(called, desired=desired, live=live)
    ids = listed([other.id for other in tie.others])
    match tie.rule:
        case Rule.NEEDS:
            return f"{_all(tie.facts, _HOLDS, name)} first"
        case Rule.CLEARS:
            return f"{_limit(tie)}{_all(tie.facts, _ENDS, name)} first"
        case Rule.USED:
            return f"until {ids} is done {_all(tie.facts, _HOLDS, name)}"
        case Rule.BEFORE:
            return f"when {ids} is made {_all(tie.facts, _ENDS, name)}"
        case Rule.PREFERS:
            return f"for callers' sake {_all(tie.facts, _HOLDS, name)} first"


def _all(facts: tuple[Fact, ...], clauses: dict[str, str], name: Name) -> str:
    told = [_clause(fact, clauses, name) for fact in facts[:_SHOWN]]
    more = len(facts) - _SHOWN
    return "; ".join(told) + (f"; and {more} more like these" if more > 0 else "")


def _clause(fact: Fact, clauses: dict[str, str], name: Name) -> str:
    word, *rest = fact
    clause = clauses.get(word)
    shape = _SHAPES.get(word, ("plain",))
    if clause is None or len(shape) > len(rest):
        return f'"{" ".join(fact)}" must {"hold" if clauses is _HOLDS else "hold no more"}'
    words = {"plain": rest[0], "queue": "", "agent": ""}
    for kind, value in zip(shape, rest, strict=False):
        words[kind] = value if kind == "plain" else name(f"{kind}s", value)
    return clause.format_map({**words, "queue": f"queue {words['queue']}"})


def _limit(tie: Tie) -> str:
    """Say which of the vendor's limits makes something end first."""
    gone = {fact[0] for fact in tie.call.takes}
    word = tie.facts[0][0]
    if word in {"serves", "rings", "shows"} and "queue" in gone:
        return "a queue that is in use may not be deletable, so "
    if word in {"serves", "rings"} and tie.call.gives:
        return f"a queue that rings all at once takes {RING_ALL} members, so "
    return ""
