"""
What a vendor brings. A vendor folder imports `model` and this module, never another vendor, never a stage.

Everything but the client is pure, so that plans can be made, shown and rehearsed without a network.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from reconciler.model.call import Call, Reply
from reconciler.model.change import Change
from reconciler.model.desired import Desired, Settings
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.errors import Rejected
from reconciler.model.explanation import Tie
from reconciler.model.kind import Kind, Lowered
from reconciler.model.live import Live
from reconciler.model.outcome import Learned
from reconciler.model.plan import Pace


class Client(Protocol):
    """Sends calls; the one member of a vendor that touches the network. Use as `async with`."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
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

    def state(self) -> Any:
        """Give all that it holds, as a value: two that are equal hold the same."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    What arrived at a simulated vendor.

    *query* holds each parameter once, *raw_query* is all of it as sent. *form* and *files* are a multipart body's
    fields and files by name; *form* is None for any other body, and for one that can't be read. Header names are in
    lower case.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    raw_query: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    form: Mapping[str, str] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a request to a simulated vendor asks for: its name for people, and whether it only reads."""

    name: str
    reads: bool


class Delivery(Enum):
    """How an answer of a simulated vendor reaches the client."""

    WHOLE = "as it is"
    CUT = "half of it, then the connection closes"
    RESET = "not at all: the connection is reset"
    NEVER = "not at all: the connection stays open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a simulated vendor answers; *headers* are without the body's length."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delivery: Delivery = Delivery.WHOLE


class Face(Protocol):
    """A simulated vendor behind HTTP, without the HTTP server: requests in, responses out."""

    @property
    def title(self) -> str:
        """Name vendor and tenant for people."""
        ...

    def label(self, request: Request) -> Label:
        """Say what a request asks for; its body need not have come yet."""
        ...

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        ...

    def call(self, method: str, api: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Carry out one call by hand, unsigned; give its answer and what HTTP status belongs to it."""
        ...

    def state(self) -> Mapping[str, Any]:
        """Give the state as a snapshot."""
        ...

    def load(self, state: Any) -> None:
        """Go on from the state of a snapshot, or raise `ReconcilerError`."""
        ...

    def faults(self) -> Sequence[Mapping[str, Any]]:
        """List the faults still to come."""
        ...

    def add_fault(self, fault: Any) -> None:
        """Add a fault, or raise `ReconcilerError`."""
        ...

    def clear_faults(self) -> None:
        """Drop all faults."""
        ...

    def help(self) -> Mapping[str, Any]:
        """
        Say what there is, as JSON data.

        `calls` and `faults` are mappings of names to explanations; `dialect` has for each setting its `value`, its
        `values`, the `question` that the vendor's page leaves open, and where on the `page`.
        """
        ...


@runtime_checkable
class Simulated(Protocol):
    """A vendor that can be simulated over HTTP; a provider may have this member beside those of `Provider`."""

    def face(
        self,
        *,
        seed: Any,
        tenant: str | None,
        credentials: tuple[str, str],
        dialect: Sequence[str],
        clock: Callable[[], float],
    ) -> Face:
        """
        Make the simulated vendor.

        Args:
            seed: A snapshot to start from; None for an empty tenant.
            tenant: The tenant's id; None for the snapshot's.
            credentials: What it accepts: the account, and its secret.
            dialect: `name=value` settings for what the vendor's reference leaves open.
            clock: Gives Unix seconds, for signatures.

        Raises:
            ReconcilerError: The snapshot or a setting makes no sense.
        """
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

    @property
    def unsupported(self) -> Mapping[str, str]:
        """Name sections that other vendors have and this one's API can't set, and why."""
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

    def minimum_calls(self, changes: Sequence[Change], desired: Desired, live: Live) -> int:
        """
        Count the calls that no plan can do without, from the two states alone.

        Reckoned apart from `lower`, so that one checks the other; it may be too low, never too high.
        """
        ...

    def pace(self, calls: Sequence[Call], settings: Settings) -> Pace:
        """Say how long *calls* take at least, at the rate that *settings* allow."""
        ...

    def describe(self, tie: Tie, desired: Desired, live: Live) -> str:
        """
        Say in words why a call waits for others, with names of objects and the limit behind it.

        A clause without a full stop: `queue Support (9002) must be there first`. Facts without words of their own are
        told all the same.
        """
        ...

    def learn(self, call: Call, reply: Reply) -> Learned:
        """
        Read from the answer to a write what no later read will show, and what later calls need of it.

        Where `Learned.failed` names items, it is also asked of the parts of *call* with the answer to all of it, to
        tell whose they are; what all parts are told alike belongs to those whose facts name it.
        """
        ...

    def unlearn(self, call: Call, refused: Rejected) -> Learned:
        """Read from a refusal what our store holds wrongly: an extension that is gone, say."""
        ...

    def recover(self, call: Call, live: Live) -> Learned:
        """
        Say what a write that happened without an answer teaches, given what was read since.

        Takes the place of `learn`, whose answer was lost: facts for the store, and in `lost` the extensions whose
        password went with the answer, which `note` tells people with what to do.
        """
        ...

    def parts(self, call: Call) -> Sequence[Call]:
        """
        Split a write into the smallest writes that together do the same, in the order of its body.

        Each has the facts and changes of its own part, and the id and needs of *call*. A call that can't be split is
        its only part.
        """
        ...

    def join(self, parts: Sequence[Call]) -> Call:
        """Put some parts of one call together again, as if only they had been asked for; at least one."""
        ...

    def after(self, call: Call, done: Sequence[Call]) -> Call:
        """
        Make *call*, some parts joined, fit to be sent after *done*, other parts of the same call, took effect.

        Whether a write adds to what is there or replaces it may be open; then what *done* brought about goes along.
        """
        ...

    def happened(self, part: Call, live: Live) -> bool | None:
        """
        Whether *live*, read after a write was sent, shows that it took effect; None where no read can show it.

        Asked of the parts of a call. A creation has happened when the object is there, a deletion when it is not, a
        change when what it sent is what is there, whatever else was changed meanwhile.
        """
        ...

    def shown_by(self, call: Call) -> frozenset[str]:
        """Name the sections whose read shows what `happened` looks for; none where no read does."""
        ...

    def makes_twice(self, call: Call) -> bool:
        """Whether a second sending of what had happened would make a second object, rather than be refused."""
        ...

    def mend(self, call: Call, live: Live) -> Sequence[Call]:
        """
        Name what is left to do of a call with `confirm` that worked, as *live*, read after it, shows.

        To be sent one after the other; none where all of it is there. *live* holds the sections of `shown_by`.
        """
        ...

    def unblock(self, call: Call, refused: Rejected, live: Live) -> Sequence[Call]:
        """
        Name what must go first, where a refusal shows that something is in the way of a call that can't be split.

        To be sent one after the other, then *call* once more; none where the refusal says no such thing. *live*, read
        after the refusal, holds the sections of `shown_by`.
        """
        ...

    def simulate(self, live: Live) -> Simulator:
        """Make the vendor's model in the state *live*, for the rehearsal."""
        ...

    def connect(
        self,
        settings: Settings,
        *,
        root: str,
        clock: Callable[[], float],
        may_write: Callable[[Call], Awaitable[None]],
        stopping: Callable[[], bool] = lambda: False,
    ) -> Client:
        """
        Make a client.

        Args:
            settings: The `provider:` section.
            root: The folder below which uploads are read.
            clock: Gives Unix seconds, for signatures.
            may_write: Awaited with each write right before it goes out; raises when it may not.
            stopping: Whether no more writes may start: those that wait to go out raise `Stopped` soon, and reads go
                on, to find out what became of writes in flight, but wait for no more than a few seconds.
        """
        ...
