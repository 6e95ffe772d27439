"""Why one call waits for another: read off what both state, so it can't differ from what `order` did."""

from __future__ import annotations

from reconciler.model.call import Call, Fact
from reconciler.model.explanation import Rule, Tie


def ties(call: Call, other: Call) -> tuple[Tie, ...]:
    """Find why *call* waits for *other*: the strictest rules first, a tie for each sort of facts."""
    found: dict[tuple[Rule, str], set[Fact]] = {}
    for rule, facts in (
        (Rule.NEEDS, call.requires & other.gives),
        (Rule.CLEARS, call.forbids & other.takes),
        (Rule.USED, call.takes & other.requires),
        (Rule.BEFORE, call.gives & other.forbids),
        (Rule.PREFERS, call.prefers & other.gives),
    ):
        for fact in facts:
            found.setdefault((rule, fact[0]), set()).add(fact)
    order = list(Rule)
    return tuple(
        Tie(rule=rule, facts=tuple(sorted(facts)), call=call, others=(other,))
        for (rule, _), facts in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    )


def only_better(call: Call, other: Call) -> bool:
    """Whether *call* waits for *other* for callers' sake alone: it could be made before it."""
    found = ties(call, other)
    return bool(found) and all(tie.rule is Rule.PREFERS for tie in found)
