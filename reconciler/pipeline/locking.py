"""Who may write: the tenant's lock, from the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reconciler.session import Session

# How often a run that waits for the lock looks again, in seconds.
_LOOKS_S: Final = 1.0


async def lock(session: Session, *, timeout_s: float = 0, waiting: Callable[[str], None] = lambda _: None) -> None:
    """
    Become the one who may write to the tenant, until the session is closed.

    Args:
        session: Whose tenant.
        timeout_s: How long to wait for another run, in seconds.
        waiting: Is told who holds the lock, once.

    Raises:
        Refused: Another run holds it.
    """
    from reconciler.store import leases  # noqa: PLC0415 - only for those who write

    store = session.store(create=True)
    assert store is not None, "asked to create it"
    run, until = leases.new_run(), session.clock() + timeout_s
    told = False
    while True:
        try:
            found = leases.take(store, session.tenant, run=run, clock=session.clock)
            if isinstance(found, leases.Lease):
                session.lease = found
                found.start()
                return
        except KeyboardInterrupt:  # SIGTERM, perhaps between the taking and our knowing of it
            leases.give_back(store, session.tenant, run=run)
            raise
        left = until - session.clock()
        if left <= 0:
            raise leases.held(found, session.desired.contact_center)
        if not told:
            waiting(f"Waiting for the lock: {found.named} holds it.")
            told = True
        await session.sleep(min(_LOOKS_S, left))


def unlock(session: Session) -> str:
    """End whoever's lock it is; name who had it, "" when nobody had."""
    from reconciler.store import leases  # noqa: PLC0415

    if session.store(create=False) is None:
        return ""
    store = session.store(create=True)
    assert store is not None, "asked to create it"
    holder = leases.free(store, session.tenant)
    return holder.named if holder is not None else ""
