"""
What a call needs besides itself: what the vendor ignored of it is made good, what stands in its way goes first.

Neither is in the plan, since the vendor's page leaves open whether it will be needed. The vendor's folder says what to
send (`Provider.mend`, `Provider.unblock`); it goes out as further attempts of the plan's call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconciler.apply.settle import PAUSES, SHORT
from reconciler.apply.world import World, worked
from reconciler.model.call import Call
from reconciler.model.errors import ReconcilerError, VendorError, told
from reconciler.model.live import Live
from reconciler.model.outcome import Outcome, Verdict
from reconciler.providers.base import Provider

Send = Callable[[Call], Awaitable[Sequence[Outcome]]]

_ROUNDS: Final = 2  # of sending what is missing; a vendor that ignores it twice goes on doing so


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """
    What was sent besides a call.

    *outcomes* are those of all of it. *unmade* are the parts of the call that are not whole, so that nothing may build
    on them, and *failures* says why of what has no outcome of its own. *error* is what kept us from looking.
    """

    outcomes: tuple[Outcome, ...] = ()
    unmade: tuple[Call, ...] = ()
    failures: tuple[Outcome, ...] = ()
    error: ReconcilerError | None = None

    @property
    def why(self) -> str:
        """Say what was done, in the vendor folder's words."""
        return "; ".join(dict.fromkeys(item.call.why for item in self.outcomes if worked(item) and item.call.why))


async def make_good(call: Call, world: World, send: Send) -> Besides:
    """
    Have all of a call with `confirm` that worked: read it back, and send what is missing.

    What does not show at once is waited for a little, since a vendor may show a write late. Where one piece is refused,
    those of other objects are sent all the same.
    """
    sent: list[Outcome] = []
    try:
        missing, live = await _missing(call, world, frozenset())
        for _ in range(_ROUNDS):
            todo = _apart(missing, _spoilt(sent))
            if not todo or world.stopping():
                break
            for item in todo:
                if not world.stopping() and _apart([item], _spoilt(sent)):
                    sent += await send(item)
            missing, live = await _missing(call, world, _spoilt(sent))
    except ReconcilerError as error:
        parts = tuple(world.provider.parts(call))
        return Besides(outcomes=tuple(sent), unmade=parts, failures=(_unread(call, error),), error=error)
    unmade = tuple(part for part in world.provider.parts(call) if missing and world.provider.mend(part, live))
    ignored = () if world.stopping() else tuple(map(_ignored, _apart(missing, _spoilt(sent))))
    return Besides(outcomes=tuple(sent), unmade=unmade, failures=ignored)


async def clear_the_way(calls: Sequence[Call], send: Send) -> Besides:
    """Send what must go before a call, in order, until one does not work."""
    sent: list[Outcome] = []
    for item in calls:
        sent += await send(item)
        if not all(map(worked, sent)):
            break
    return Besides(outcomes=tuple(sent))


def of_call(call: Call, others: Iterable[Call]) -> list[Call]:
    """Make calls that go out besides *call* further attempts of it: they have its id, and are not read back again."""
    return [
        replace(item, id=call.id, needs=call.needs, changes=item.changes or call.changes, confirm=False)
        for item in others
    ]


async def _missing(call: Call, world: World, spoilt: frozenset[str]) -> tuple[list[Call], Live]:
    """Read what is missing of a call; patiently, but for that of which something did not work."""

    async def look() -> tuple[list[Call], Live]:
        sections = world.provider.shown_by(call)
        live = await world.read(sections) if sections else Live({})
        return of_call(call, _addressed(call, world.provider.mend(call, live), world.provider, live)), live

    missing, live = await look()
    waited = 0.0
    for pause in PAUSES:
        # A read that does not even show what the answer said to be there is late: it says nothing of the rest.
        late = any(part.gives and world.provider.happened(part, live) is False for part in world.provider.parts(call))
        if not _apart(missing, spoilt) or world.stopping() or (waited >= sum(SHORT) and not late):
            break
        await world.sleep(pause)
        waited += pause
        missing, live = await look()
    return missing, live


def _addressed(call: Call, missing: Sequence[Call], provider: Provider, live: Live) -> Sequence[Call]:
    """Tell of what is missing whose it is, where a part of the call by itself misses the very same."""
    parts = provider.parts(call)
    if not missing or len(parts) < 2:
        return missing
    alone = [(part.changes, [(item.title, item.body) for item in provider.mend(part, live)]) for part in parts]
    owners = [
        dict.fromkeys(address for changes, some in alone if (item.title, item.body) in some for address in changes)
        for item in missing
    ]
    return [replace(item, changes=tuple(own) or item.changes) for item, own in zip(missing, owners, strict=True)]


def _spoilt(sent: Iterable[Outcome]) -> frozenset[str]:
    """Name the addresses of which something did not work."""
    return frozenset(address for item in sent if not worked(item) for address in item.call.changes)


def _apart(calls: Iterable[Call], spoilt: frozenset[str]) -> list[Call]:
    return [call for call in calls if spoilt.isdisjoint(call.changes)]


def _unread(call: Call, cause: ReconcilerError) -> Outcome:
    error = VendorError(
        f"{call.title} worked, and what it did could not be read back: {told(cause)}",
        remedy="Apply again: it reads back first.",
        call=call.title,
    )
    return Outcome(call=call, verdict=Verdict.FAILED, error=error)


def _ignored(call: Call) -> Outcome:
    error = VendorError(
        f"{call.title}: the vendor took the call, and reading back does not show what it should have done",
        remedy="Apply again; if it stays, ask the vendor.",
        call=call.title,
    )
    return Outcome(call=call, verdict=Verdict.FAILED, error=error)
