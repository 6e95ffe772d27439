"""
`--target`: the changes that are asked for, and those without which they could not legally be made.

What a change needs is read off the calls that it becomes by itself: the facts that they require and that another change
gives, and those that they forbid and that another change takes. So a key that is named does not bring the other keys
along, although one call writes them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from reconciler.model.call import Call, Fact
from reconciler.model.change import Change
from reconciler.model.desired import Desired
from reconciler.model.kind import Lowered
from reconciler.model.live import Live
from reconciler.model.plan import Refusal
from reconciler.providers.base import Provider


def targeted(
    changes: Sequence[Change], targets: frozenset[str], desired: Desired, live: Live, provider: Provider
) -> tuple[Change, ...]:
    """Keep the changes at *targets*, and those that legality needs besides, in their order."""
    kept = {change.address for change in changes} & targets
    if not kept or len(kept) == len(changes):
        return tuple(change for change in changes if change.address in kept)
    whole = provider.lower(changes, desired, live)
    search = _Search(changes, whole, desired, live, provider)
    while more := search.missing(kept) - kept:
        kept |= more
    return search.only(kept)


def concerns(refusal: Refusal, changes: Iterable[Change], targets: frozenset[str]) -> bool:
    """Whether a refusal speaks of what is asked for, rather than of what `--target` leaves out."""
    return not refusal.objects or refusal.objects[0] in targets | {change.address for change in changes}


class _Search:
    """What the changes that are kept still lack."""

    def __init__(
        self, changes: Sequence[Change], whole: Lowered, desired: Desired, live: Live, provider: Provider
    ) -> None:
        self._changes = changes
        self._whole = whole
        self._desired = desired
        self._live = live
        self._provider = provider
        self._givers = _index((call, call.gives) for call in whole.calls)
        self._takers = _index((call, call.takes) for call in whole.calls)
        self._alone: dict[str, Lowered] = {}

    def only(self, kept: set[str]) -> tuple[Change, ...]:
        """List the changes that are kept."""
        return tuple(change for change in self._changes if change.address in kept)

    def missing(self, kept: set[str]) -> set[str]:
        """Name the changes that give what the kept ones require, or take what they forbid."""
        part = self._lower(kept)
        given = {fact for call in part.calls for fact in call.gives}
        taken = {fact for call in part.calls for fact in call.takes}
        found = self._lacking(part.calls, given, taken)
        if found <= kept and set(part.refusals) - set(self._whole.refusals):
            # By themselves they can't be made at all: a queue has no place, since the one that goes is left out.
            found = self._lacking([call for call in self._whole.calls if kept & {*call.changes}], given, taken)
        return found

    def _lacking(self, calls: Iterable[Call], given: set[Fact], taken: set[Fact]) -> set[str]:
        found: set[str] = set()
        for call in calls:
            for fact in call.requires - given:
                found |= self._who(fact, self._givers.get(fact, ()), gives=True)
            for fact in call.forbids - taken:
                found |= self._who(fact, self._takers.get(fact, ()), gives=False)
        return found

    def _who(self, fact: Fact, calls: Sequence[Call], *, gives: bool) -> set[str]:
        """Name the changes by which a fact comes or goes; a call may serve many of which only one does it."""
        addresses = {address for call in calls for address in call.changes}
        if len(addresses) <= 1:
            return addresses
        by_itself = {
            address
            for address in addresses
            if any(fact in (call.gives if gives else call.takes) for call in self._by_itself(address).calls)
        }
        return by_itself or addresses

    def _by_itself(self, address: str) -> Lowered:
        if address not in self._alone:
            self._alone[address] = self._lower({address})
        return self._alone[address]

    def _lower(self, kept: set[str]) -> Lowered:
        return self._provider.lower(self.only(kept), self._desired, self._live)


def _index(statements: Iterable[tuple[Call, frozenset[Fact]]]) -> Mapping[Fact, Sequence[Call]]:
    found: dict[Fact, list[Call]] = defaultdict(list)
    for call, facts in statements:
        for fact in facts:
            found[fact].append(call)
    return found
