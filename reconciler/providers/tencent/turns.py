"""Things that have one holder at a time and are handed on: names of queues, phone numbers of agents."""

from __future__ import annotations

from collections.abc import Mapping


def circles(waits: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """
    Find who waits for each other in a circle.

    Args:
        waits: For each who waits, whom it waits for.

    Returns:
        The circles, each from its first member on in the order of waiting, sorted.
    """
    found = set()
    done: set[str] = set()
    for start in sorted(waits):
        path: dict[str, int] = {}
        at = start
        while at in waits and at not in path and at not in done:
            path[at] = len(path)
            at = waits[at]
        if at in path:
            circle = list(path)[path[at] :]
            first = circle.index(min(circle))
            found.add((*circle[first:], *circle[:first]))
        done.update(path)
    return tuple(sorted(found))
