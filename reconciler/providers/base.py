"""
What a vendor brings. A vendor folder imports `model` and this module, never another vendor, never a stage.

Everything but the client is pure, so that plans can be made, shown and rehearsed without a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from reconciler.model.call import Call, Reply
from reconciler.model.change import Change
from reconciler.model.desired import Desired, Settings
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.kind import Kind, Lowered
from reconciler.model.live import Live
from reconciler.model.outcome import Learned


class Client(Protocol):
    """Sends calls; the one member of a vendor that touches the network. Use as `async with`."""

    async def __aenter__(self) -> Client: ...
    async def __aexit__(self, *exc_info: object) -> None: ...
    async def send(self, call: Call) -> Reply:
        """
        Send one call and wait for its answer, paced.

        Raises:
            Rejected: The vendor refused, and none of `call.accepts` covers why.
            OutcomeUnknown: A write was sent and no usable answer came.
            VendorError: Anything else, by the tree in `model.errors`.
        """
        ...


class Simulator(Protocol):
    """The vendor as a pure state machine: no clock, no network, no files."""

    def answer(self, call: Call) -> Reply:
        """Carry out one call as the vendor would, or raise `Rejected` as the client would."""
        ...


class Provider(Protocol):
    """One vendor."""

    @property
    def name(self) -> str:
        """What `provider.type` says."""
        ...

    @property
    def settings(self) -> type[Settings]:
        """What the `provider:` section may hold."""
        ...

    @property
    def kinds(self) -> Mapping[str, Kind[Any]]:
        """The sections, in the order in which people read them."""
        ...

    def check(self, desired: Desired) -> Sequence[tuple[tuple[str, ...], Diagnostic]]:
        """
        Find what breaks the vendor's limits, offline.

        Each problem comes with its path in the YAML, `("agents", "li.wei", "extensions")`; `load` adds the place.
        """
        ...

    def contradictions(self, live: Live) -> Sequence[str]:
        """Find what can't be true at once in what was read."""
        ...

    def lower(self, changes: Sequence[Change], desired: Desired, live: Live) -> Lowered:
        """Turn changes into the fewest calls, each with what it states."""
        ...

    def learn(self, call: Call, reply: Reply) -> Learned:
        """Read from the answer to a write what no later read will show."""
        ...

    def simulate(self, live: Live) -> Simulator:
        """Make the vendor's model in the state *live*, for the rehearsal."""
        ...

    def connect(self, settings: Settings, *, root: str, clock: Callable[[], float]) -> Client:
        """Make a client. Uploads are read below the folder *root*; *clock* gives Unix seconds, for signatures."""
        ...
