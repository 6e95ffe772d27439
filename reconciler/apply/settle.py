"""What became of a write whose answer was lost: read back, patiently, until it shows or surely did not happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.model.call import Call
from reconciler.model.history import Settled
from reconciler.model.live import Live
from reconciler.providers.base import Provider

# A vendor may show a write late. What does not show after these pauses, in seconds, has not happened.
PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.5)
_LONG: Final = (*PAUSES, 3.0, 6.0)  # where to send it again would make a second one
SHORT: Final = (0.2, 0.8)  # where the same was waited for before

Read: TypeAlias = Callable[[Iterable[str]], Awaitable[Live]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What reading back shows of a call's parts: what happened, what did not, and what no read shows."""

    done: tuple[Call, ...]
    left: tuple[Call, ...]
    unseen: tuple[Call, ...]
    live: Live

    @property
    def settled(self) -> Settled:
        """Say it in a word."""
        if self.unseen:
            return Settled.UNKNOWN
        if not self.left:
            return Settled.DONE
        return Settled.PARTLY if self.done else Settled.NOT_DONE


async def settle(
    call: Call,
    provider: Provider,
    read: Read,
    sleep: Callable[[float], Awaitable[None]],
    *,
    pauses: Sequence[float] | None = None,
) -> Found:
    """
    Read back what *call* would have done.

    Args:
        call: The write.
        provider: Splits it, and knows what shows that a part happened.
        read: Reads some sections, from now on.
        sleep: Waits, in seconds.
        pauses: How to wait for a vendor that shows writes late, in seconds; by default as long as is wise.

    Raises:
        ReconcilerError: It can't be read back.
    """
    return (await settle_all([call], provider, read, sleep, pauses=pauses))[0]


async def settle_all(
    calls: Sequence[Call],
    provider: Provider,
    read: Read,
    sleep: Callable[[float], Awaitable[None]],
    *,
    pauses: Sequence[float] | None = None,
) -> tuple[Found, ...]:
    """Do the same for several writes, one read for all: a run that died may have left many open."""
    parts = [provider.parts(call) for call in calls]
    sections = frozenset[str]().union(*map(provider.shown_by, calls))
    if not sections:
        return tuple(look(some, provider, Live({})) for some in parts)
    live = await read(sections)
    found = [look(some, provider, live) for some in parts]
    if pauses is None:
        twice = any(item.left and provider.makes_twice(call) for call, item in zip(calls, found, strict=True))
        pauses = _LONG if twice else PAUSES
    for pause in pauses:
        if not any(item.left for item in found):
            break
        await sleep(pause)
        live = await read(sections)
        found = [look(some, provider, live) for some in parts]
    return tuple(found)


def look(parts: Sequence[Call], provider: Provider, live: Live) -> Found:
    """Sort a call's parts by what *live* shows of them."""
    seen: dict[bool | None, list[Call]] = {True: [], False: [], None: []}
    for part in parts:
        seen[provider.happened(part, live)].append(part)
    return Found(done=tuple(seen[True]), left=tuple(seen[False]), unseen=tuple(seen[None]), live=live)
