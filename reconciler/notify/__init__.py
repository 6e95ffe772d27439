"""
Telling somebody of drift: plain JSON webhooks, and every other service through apprise.

It knows no drift, only notices and where they go. An address may hold a token, so none is ever shown whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reconciler.notify.destination import Destination, destination
from reconciler.notify.through_apprise import check, pass_on
from reconciler.notify.webhook import post

__all__ = ["Destination", "Notice", "deliver", "destinations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told: a line, a text, and the same as data."""

    title: str
    text: str
    document: dict[str, Any] = field(repr=False)


def destinations(urls: tuple[str, ...]) -> tuple[Destination, ...]:
    """
    Read addresses, each once, and make sure that each could be told something.

    Raises:
        ReconcilerError: One is no address, or what it needs is not installed.
    """
    found = tuple(destination(url) for url in dict.fromkeys(urls))
    for item in found:
        if not item.webhook:
            check(item)
    return found


async def deliver(to: Destination, notice: Notice) -> str:
    """Tell one destination; give "" where that worked, else why not, without the address."""
    if to.webhook:
        return await post(to, notice.document)
    return await pass_on(to, notice.title, notice.text)
