"""
Udesk CTI Cloud (`ccapi/v2`).

`protocol` signs and decodes, `client` sends, `kinds` hold what can be configured, `bindings` who serves what, `bound`
the least number of calls, `batches` and `settle` what became of a call, `simulator` the vendor as a state machine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from reconciler.model.change import Change
from reconciler.model.desired import Desired, Settings
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.kind import Context, Kind, Lowered
from reconciler.model.live import Live
from reconciler.model.plan import Pace
from reconciler.providers.udesk.batches import BATCHES
from reconciler.providers.udesk.bound import minimum_calls
from reconciler.providers.udesk.check import check
from reconciler.providers.udesk.kinds import KINDS
from reconciler.providers.udesk.learn import learn, recover, unlearn
from reconciler.providers.udesk.protocol import API
from reconciler.providers.udesk.settings import UdeskSettings

if TYPE_CHECKING:
    from reconciler.model.call import Call, Reply
    from reconciler.model.errors import Rejected
    from reconciler.model.explanation import Tie
    from reconciler.model.outcome import Learned
    from reconciler.providers.base import Client, Face, Simulator


class Udesk:
    """The vendor, as `providers.base.Provider` asks."""

    name: str = "udesk"
    settings: type[Settings] = UdeskSettings
    kinds: Mapping[str, Kind[Any]] = KINDS
    unsupported: Mapping[str, str] = {}

    def check(self, desired: Desired) -> Sequence[tuple[tuple[str, ...], Diagnostic]]:
        """Find what breaks the vendor's limits, offline."""
        return check(desired)

    def contradictions(self, live: Live) -> Sequence[str]:
        """Find what can't be true at once: a queue that has agents can't be deleted, so it must be listed."""
        return tuple(_unlisted_queues(live))

    def lower(self, changes: Sequence[Change], desired: Desired, live: Live) -> Lowered:
        """Turn changes into calls, kind by kind; order is not ours to decide."""
        context = Context.of(changes, desired, live)
        return Lowered.joined(
            kind.lower([change for change in changes if change.section == kind.section], context)
            for kind in self.kinds.values()
        )

    def minimum_calls(self, changes: Sequence[Change], desired: Desired, live: Live) -> int:
        """Count the calls that no plan can do without."""
        return minimum_calls(changes, desired, live)

    def pace(self, calls: Sequence[Call], settings: Settings) -> Pace:
        """Say how long *calls* take at least: one rate holds for all of them together."""
        rate: int = settings.__dict__["rate_limit"]
        return Pace(seconds=len(calls) / rate, told=f"{rate:,} calls/s")

    def describe(self, tie: Tie, desired: Desired, live: Live) -> str:
        """Say in words why a call waits for others."""
        from reconciler.providers.udesk.words import describe  # noqa: PLC0415 - only for those who ask

        return describe(tie, desired, live)

    def learn(self, call: Call, reply: Reply) -> Learned:
        """Read from the answer to a write what no later read will show."""
        return learn(call, reply)

    def unlearn(self, call: Call, refused: Rejected) -> Learned:
        """Read from a refusal what our store holds wrongly."""
        return unlearn(call, refused)

    def recover(self, call: Call, live: Live) -> Learned:
        """Say what a write that happened without an answer teaches, given what was read since."""
        return recover(call, live)

    def parts(self, call: Call) -> Sequence[Call]:
        """Split a write into the smallest writes that together do the same."""
        return BATCHES.parts(call)

    def join(self, parts: Sequence[Call]) -> Call:
        """Put some parts of one call together again."""
        return BATCHES.join(parts)

    def after(self, call: Call, done: Sequence[Call]) -> Call:
        """Make a part fit to be sent after others of its call took effect."""
        return BATCHES.after(call, done)

    def happened(self, part: Call, live: Live) -> bool | None:
        """Whether *live* shows that a write took effect; None where no read can show it."""
        from reconciler.providers.udesk.settle import happened  # noqa: PLC0415 - only for those who need it

        return happened(part, live)

    def shown_by(self, call: Call) -> frozenset[str]:
        """Name the sections whose read shows what `happened` looks for."""
        from reconciler.providers.udesk.settle import shown_by  # noqa: PLC0415 - only for those who need it

        return shown_by(call)

    def makes_twice(self, call: Call) -> bool:
        """Names of subscriptions may repeat; all else has an identity of its own, or is set."""
        return (call.method, call.path) == ("POST", f"{API}subscriptions")

    def mend(self, _call: Call, _live: Live) -> Sequence[Call]:
        """Nothing: no call has `confirm`."""
        return ()

    def unblock(self, _call: Call, _refused: Rejected, _live: Live) -> Sequence[Call]:
        """Nothing: what must go first is in the plan."""
        return ()

    def simulate(self, live: Live) -> Simulator:
        """Make the vendor's model in the state *live*."""
        from reconciler.providers.udesk.rehearsal import Rehearsal  # noqa: PLC0415 - only for those who need it

        return Rehearsal(live)

    def face(
        self,
        *,
        seed: Any,
        tenant: str | None,
        credentials: tuple[str, str],
        dialect: Sequence[str],
        clock: Callable[[], float],
    ) -> Face:
        """Make the simulated vendor behind HTTP; see `providers.base.Simulated`."""
        from reconciler.providers.udesk.simulator import wire  # noqa: PLC0415 - only for those who need it

        return wire.connect(seed=seed, tenant=tenant, credentials=credentials, dialect=dialect, clock=clock)

    def connect(
        self,
        settings: Settings,
        *,
        root: str,
        clock: Callable[[], float],
        may_write: Callable[[Call], Awaitable[None]],
        stopping: Callable[[], bool] = lambda: False,
    ) -> Client:
        """Make a client; httpx is imported here, so that offline commands don't pay for it."""
        from reconciler.providers.udesk.client import UdeskClient  # noqa: PLC0415 - only for those who need it

        assert isinstance(settings, UdeskSettings), "a Udesk configuration has Udesk's settings"
        return UdeskClient(settings, root=root, clock=clock, may_write=may_write, stopping=stopping)


def _unlisted_queues(live: Live) -> Iterator[str]:
    if "queues" not in live.sections:
        return
    listed = live.of("queues")
    for agent in live.of("agents").values():
        for queue in agent.queues:
            if queue not in listed:
                yield f"agent {agent.id} serves queue {queue}, and the list of queues does not have it"
                return
    keys = live.of("fast_routers")
    if keys and not listed:
        yield "the key table points at queues, and the list of queues is empty"


PROVIDER: Final = Udesk()
