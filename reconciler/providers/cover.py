"""
The fewest calls that cover pairs of two sides, when one call covers all pairs of one member of either side.

That is a minimum vertex cover of a bipartite graph, which by König's theorem is as large as a maximum matching and is
read off one. The matching is Hopcroft and Karp's: phases of shortest augmenting paths.

Several covers may be as small. Which members all of them have, and which parts either side could cover, is a property
of the graph and not of the matching that was found; so a pair more or less changes the part that it belongs to and
nothing else. Of two sides that would do, the one whose pairs can be made sooner is taken; of two as soon, the right.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

Edges: TypeAlias = Mapping[str, Sequence[str]]
Ranks: TypeAlias = Mapping[str, int]
_AT_ONCE: Final[Ranks] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """
    A least cover: *left* and *right* map its members to the partners that nobody else covers.

    The pairs in *both* have two members of it, left before right; either's call can make them.
    """

    left: Mapping[str, tuple[str, ...]]
    right: Mapping[str, tuple[str, ...]]
    both: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """How many calls it takes."""
        return len(self.left) + len(self.right)


def minimum_cover(pairs: Edges, *, left_ready: Ranks = _AT_ONCE, right_ready: Ranks = _AT_ONCE) -> Cover:
    """
    Find a minimum vertex cover.

    Args:
        pairs: For each member of the left side, its partners on the right, each once.
        left_ready: From when on members of the left can take part, as a rank; 0 for those it leaves out. A call can
            be made when all that take part in it can.
        right_ready: The same for the right.

    Returns:
        A cover of the least size; of several, see the module. It does not depend on the order of *pairs*.
    """
    edges = {left: sorted(rights) for left, rights in sorted(pairs.items()) if rights}
    back: dict[str, list[str]] = defaultdict(list)
    for one, others in edges.items():
        for other in others:
            back[other].append(one)
    match_left = _matching(edges)
    match_right = {right: left for left, right in match_left.items()}
    # König, from both ends: what alternating paths reach from unmatched members of one side must be covered on the
    # other. What neither reaches is matched whole, and either of its sides covers it.
    lefts = _reached((right for right in back if right not in match_right), back, match_left)
    rights = _reached((left for left in edges if left not in match_left), edges, match_right)
    free = {left: right for left, right in match_left.items() if left not in lefts and right not in rights}

    def left(member: str) -> int:
        return _ready(member, left_ready, edges[member], right_ready)

    def right(member: str) -> int:
        return _ready(member, right_ready, back[member], left_ready)

    for part in _parts(free, edges, back):
        partners = {free[member] for member in part}
        # How long the pairs that touch the part wait in all, those with a third member by its call.
        by_left = sum(left(one) * len(edges[one]) for one in part) + sum(
            left(one) for other in partners for one in back[other] if one not in part
        )
        by_right = sum(right(other) * len(back[other]) for other in partners) + sum(
            right(other) for one in part for other in edges[one] if other not in partners
        )
        if by_left < by_right:
            lefts |= part
        else:
            rights |= partners
    return _cover(edges, lefts, rights)


def _ready(member: str, own: Ranks, partners: Iterable[str], others: Ranks) -> int:
    """Rank one member's call: it waits for all that take part."""
    return max(own.get(member, 0), max((others.get(partner, 0) for partner in partners), default=0))


def _reached(starts: Iterable[str], edges: Edges, match: Mapping[str, str]) -> set[str]:
    """Walk alternating paths from unmatched members of one side; give the members of the other that they reach."""
    queue = deque(starts)
    seen: set[str] = set()
    while queue:
        for other in edges[queue.popleft()]:
            if other not in seen:
                seen.add(other)
                queue.append(match[other])  # it has one, else the path would make the matching larger
    return seen


def _parts(free: Mapping[str, str], edges: Edges, back: Edges) -> Iterator[set[str]]:
    """Split what either side could cover into connected parts, by their members on the left."""
    partners = set(free.values())
    seen: set[str] = set()
    for start in free:
        if start in seen:
            continue
        part = {start}
        queue = deque(part)
        while queue:
            for right in edges[queue.popleft()]:
                if right in partners:
                    fresh = {left for left in back[right] if left in free and left not in part}
                    part |= fresh
                    queue.extend(sorted(fresh))
        seen |= part
        yield part


def _cover(edges: Edges, lefts: set[str], rights: set[str]) -> Cover:
    left: dict[str, list[str]] = {member: [] for member in edges if member in lefts}
    right: dict[str, list[str]] = {member: [] for member in sorted(rights)}
    both: list[tuple[str, str]] = []
    for one, partners in edges.items():
        for other in partners:
            if one not in lefts:
                right[other].append(one)
            elif other not in rights:
                left[one].append(other)
            else:
                both.append((one, other))
    return Cover(
        left={one: tuple(partners) for one, partners in left.items()},
        right={other: tuple(partners) for other, partners in right.items()},
        both=tuple(both),
    )


def _matching(edges: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Find a maximum matching, left → right."""
    match_left: dict[str, str] = {}
    match_right: dict[str, str] = {}
    for left, rights in edges.items():  # a greedy start spares most phases
        for right in rights:
            if right not in match_right:
                match_left[left], match_right[right] = right, left
                break
    while True:
        layer = _layers(edges, match_left, match_right)
        if layer is None:
            return match_left
        for root in edges:
            if root not in match_left:
                _augment(root, edges, layer, match_left, match_right)


def _layers(
    edges: Mapping[str, Sequence[str]], match_left: Mapping[str, str], match_right: Mapping[str, str]
) -> dict[str, int] | None:
    """Give each left member its distance from an unmatched one; None when no augmenting path is left."""
    layer = {left: 0 for left in edges if left not in match_left}
    queue = deque(layer)
    found = False
    while queue:
        left = queue.popleft()
        for right in edges[left]:
            other = match_right.get(right)
            if other is None:
                found = True
            elif other not in layer:
                layer[other] = layer[left] + 1
                queue.append(other)
    return layer if found else None


def _augment(
    root: str,
    edges: Mapping[str, Sequence[str]],
    layer: dict[str, int],
    match_left: dict[str, str],
    match_right: dict[str, str],
) -> None:
    """Turn one shortest augmenting path from *root* around, if there is one; no recursion, paths may be long."""
    path: list[tuple[str, str]] = []
    iterators = [(root, iter(edges[root]))]
    while iterators:
        left, rights = iterators[-1]
        for right in rights:
            other = match_right.get(right)
            if other is None:
                path.append((left, right))
                for matched, partner in path:
                    match_left[matched], match_right[partner] = partner, matched
                return
            if layer.get(other) == layer[left] + 1:
                path.append((left, right))
                iterators.append((other, iter(edges[other])))
                break
        else:
            del layer[left]  # a dead end in this phase
            iterators.pop()
            if path:
                path.pop()
