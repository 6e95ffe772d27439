"""
What commands share before any stage runs: what was asked for, the loaded configuration, its vendor and its store.

It loads, and imports no other stage: `validate` needs none.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import providers
from reconciler.load import Loaded, load
from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostics, Place
from reconciler.model.errors import Invalid, Stopped, StoreError
from reconciler.model.history import Attempt
from reconciler.model.live import Memory
from reconciler.model.outcome import Asked, Outcome
from reconciler.model.plan import Origin
from reconciler.providers.base import Client, Provider

if TYPE_CHECKING:
    from reconciler.providers.retries import Retries
    from reconciler.store.database import Store
    from reconciler.store.leases import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a user asked for, as the command line gave it."""

    path: str
    overlays: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    prune: bool = False
    allowed: Mapping[str, int] = field(default_factory=dict)
    state: str | None = None
    snapshot: str | None = None
    command: str = ""  # the command's name, for reports of our own mistakes
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        """What a saved plan keeps of it. Assignments under `provider` may be secrets and stay out."""
        return Origin(
            path=self.path,
            overlays=self.overlays,
            assignments=tuple(item for item in self.assignments if not item.startswith("provider.")),
            targets=self.targets,
            prune=self.prune,
            allow_deletes=self.allowed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Who is told of progress. All members may be called from the event loop only."""

    read: Callable[[Asked], None] = lambda _: None  # each time that a read was sent and answered, or failed
    outcome: Callable[[Outcome], None] = lambda _: None
    attempt: Callable[[Attempt], None] = lambda _: None  # when it begins (no ending yet), and when it has ended


async def _sleep(seconds: float) -> None:
    import asyncio  # noqa: PLC0415 - 15 ms that offline commands save

    await asyncio.sleep(seconds)


@dataclass(slots=True, kw_only=True)
class Session:
    """A loaded configuration with its vendor and store: what the commands that touch the network share."""

    request: Request
    desired: Desired
    provider: Provider
    warnings: Diagnostics
    progress: Progress = Progress()
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = _sleep
    locate: Callable[[Sequence[str]], Place | None] = lambda _: None  # where a path of the YAML stands
    stopping: bool = False  # asked to start no more writes
    going_back: frozenset[tuple[str, str]] | None = None  # the wish is what a run found; what comes or goes for it
    compare: Callable[[Call], None] = lambda _: None  # raises where somebody else changed what a write relies on
    taken: float = 0.0  # when the live state was last read for a plan, on the monotonic clock
    writes: bool = True  # whether it may write to the vendor at all: commands that look may not
    asked: int = 0  # how many reads were sent
    lease: Lease | None = None  # of the tenant, while this run may write
    _store: Store | None = None
    _client: Client | None = None
    _retries: Retries | None = None

    @property
    def tenant(self) -> str:
        """The key of everything that the store holds of this tenant."""
        return f"{self.provider.name}:{self.desired.contact_center}:{self.desired.settings.tenant}"

    @property
    def store_url(self) -> str:
        """Where the store is: `--state`, RECONCILER_STATE, or nothing, which is beside the configuration."""
        return self.request.state or self.request.environ.get("RECONCILER_STATE") or ""

    def store(self, *, create: bool) -> Store | None:
        """Open the store: to read what there is, or (*create*) to write, which makes one that does not exist yet."""
        beside = Path(self.desired.root) / ".reconciler" / "state.db"
        url = self.store_url
        if not create and not url and not beside.exists():
            return None
        if self._store is None or (create and not self._store.writable):
            from reconciler.store.database import Store  # noqa: PLC0415 - 200 ms that a plan without a store saves

            self.close()
            self._store = Store.open(url or beside, writable=create)
        return self._store

    def memory(self) -> Memory:
        """Recall what the vendor can't tell."""
        store = self.store(create=False)
        return store.memory(self.tenant) if store is not None else Memory()

    async def _may_write(self, call: Call) -> None:
        if not self.writes:  # the vendor's own client asks once more, right before the bytes leave
            from reconciler.providers.read_only import refuse_writes  # noqa: PLC0415 - never, but for our mistakes

            refuse_writes(call)
        if self.stopping:
            raise Stopped("stopped as asked, before this was sent")
        self.compare(call)
        if self.lease is None or self._store is None:
            return
        if self._store.file is not None:
            self.lease.check()  # a fifth of a millisecond; to hand it to a thread and back takes longer
        else:
            import asyncio  # noqa: PLC0415 - only for those who write

            await asyncio.to_thread(self.lease.check)

    def client(self) -> Client:
        """
        Give the tenant's client: one for all that the session does, so that its calls share one pace.

        It tries reads again within the session's patience; writes it sends once.
        """
        if self._client is None:
            from reconciler.providers.retries import Patient  # noqa: PLC0415 - offline commands do without

            client = self.provider.connect(
                self.desired.settings,
                root=self.desired.root,
                clock=self.clock,
                may_write=self._may_write,
                stopping=lambda: self.stopping,
            )
            self._client = Patient(client, self.retries, told=self._asked)
            if not self.writes:
                self._client = self._looking(self._client)
        return self._client

    def reader(self) -> Client:
        """Give the same client as one that can't write."""
        return self._looking(self.client())

    @staticmethod
    def _looking(client: Client) -> Client:
        from reconciler.providers.read_only import ReadOnly  # noqa: PLC0415 - offline commands do without

        return client if isinstance(client, ReadOnly) else ReadOnly(client)

    @property
    def retries(self) -> Retries:
        """The run's patience: one budget for all that the session tries again."""
        if self._retries is None:
            from reconciler.providers.retries import Retries  # noqa: PLC0415 - offline commands do without

            self._retries = Retries(sleep=self._wait, stopping=lambda: self.stopping)
        return self._retries

    def _asked(self, asked: Asked) -> None:
        self.asked += 1
        self.progress.read(asked)  # looked up now, like `sleep` below

    async def _wait(self, seconds: float) -> None:
        await self.sleep(seconds)  # looked up now: it may have been replaced since the session began

    def close(self) -> None:
        """Let go of the tenant's lock and of the store; who interrupts it interrupts it after that."""
        try:
            self._let_go()
        except KeyboardInterrupt:
            self._let_go()
            raise

    def _let_go(self) -> None:
        if self.lease is not None:
            with contextlib.suppress(StoreError):  # it ends by itself
                self.lease.release()
            self.lease = None
        if self._store is not None:
            self._store.close()
            self._store = None


def read(request: Request, *, texts: Mapping[str, bytes] | None = None, placeholders: bool = False) -> Loaded:
    """
    Load the configuration; its problems are in the value.

    *texts* stand in for files, by absolute path. With *placeholders*, `${env:}` of a variable that is not set stands
    for itself.
    """
    return load(
        request.path,
        vendors=providers.provider,
        vendor_names=providers.names,
        environ=request.environ,
        overlays=request.overlays,
        assignments=request.assignments,
        placeholders=placeholders,
        texts=texts,
    )


def open_session(loaded: Loaded, request: Request, *, progress: Progress | None = None, writes: bool = True) -> Session:
    """
    Start work on a loaded configuration.

    Args:
        loaded: The configuration.
        request: What was asked for.
        progress: Who is told of progress.
        writes: Whether the vendor may be written to; without it no client of the session can.

    Raises:
        Invalid: The configuration has errors.
    """
    if loaded.desired is None or loaded.provider is None or loaded.diagnostics.failed:
        raise Invalid(loaded.diagnostics)
    return Session(
        request=request,
        desired=loaded.desired,
        provider=loaded.provider,
        warnings=loaded.diagnostics,
        locate=loaded.place,
        progress=progress or Progress(),
        writes=writes,
    )
