"""
The fewest calls that cover pairs of two sides, when one call covers all pairs of one member of either side.

That is a minimum vertex cover of a bipartite graph, which by König's theorem is as large as a maximum matching and is
read off one. The matching is Hopcroft and Karp's: phases of shortest augmenting paths.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Members of either side such that each pair has one of its ends among them."""

    left: frozenset[str]
    right: frozenset[str]

    @property
    def size(self) -> int:
        """How many calls it takes."""
        return len(self.left) + len(self.right)


def minimum_cover(pairs: Mapping[str, Sequence[str]]) -> Cover:
    """
    Find a minimum vertex cover.

    Args:
        pairs: For each member of the left side, its partners on the right, each once.

    Returns:
        A cover of the least size; of several, the one that takes the most from the right. It does not depend on the
        order of *pairs*.
    """
    edges = {left: sorted(rights) for left, rights in sorted(pairs.items()) if rights}
    match_left = _matching(edges)
    match_right = {right: left for left, right in match_left.items()}
    # König: walk alternating paths from unmatched members of the right; what they reach on the left, and what they
    # don't reach on the right, is the cover.
    lefts = defaultdict(list)
    for left, rights in edges.items():
        for right in rights:
            lefts[right].append(left)
    seen_right = {right for right in lefts if right not in match_right}
    seen_left: set[str] = set()
    queue = deque(seen_right)
    while queue:
        for left in lefts[queue.popleft()]:
            if left in seen_left:
                continue
            seen_left.add(left)
            other = match_left[left]  # else the path would make the matching larger
            if other not in seen_right:
                seen_right.add(other)
                queue.append(other)
    return Cover(left=frozenset(seen_left), right=frozenset(lefts.keys() - seen_right))


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
