"""
Tencent Cloud Contact Center (TCCC, API version 2020-02-10).

`protocol` and `auth` are the wire, `client` sends, `kinds` hold what can be configured, `bindings` who serves what,
`members` who waits for whom there, `bound` the least number of calls, `batches` and `settle` what became of a call,
`simulator` the vendor as a state machine. `call_records` reads what calls left behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from reconciler.model.change import Change
from reconciler.model.desired import Desired, Settings
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.kind import Context, Kind, Lowered
from reconciler.model.live import Live
from reconciler.model.outcome import Learned
from reconciler.model.plan import Pace
from reconciler.providers.tencent.batches import BATCHES
from reconciler.providers.tencent.bound import minimum_calls
from reconciler.providers.tencent.check import UNSUPPORTED, check
from reconciler.providers.tencent.kinds import KINDS
from reconciler.providers.tencent.learn import learn, recover
from reconciler.providers.tencent.protocol import UPLOAD
from reconciler.providers.tencent.settings import TencentSettings

if TYPE_CHECKING:
    from reconciler.model.call import Call, Reply
    from reconciler.model.errors import Rejected
    from reconciler.model.explanation import Tie
    from reconciler.providers.base import Client, Face, Simulator


class Tencent:
    """The vendor, as `providers.base.Provider` asks."""

    name: str = "tencent"
    settings: type[Settings] = TencentSettings
    kinds: Mapping[str, Kind[Any]] = KINDS
    unsupported: Mapping[str, str] = UNSUPPORTED

    def check(self, desired: Desired) -> Sequence[tuple[tuple[str, ...], Diagnostic]]:
        """Find what breaks the vendor's limits, offline."""
        return check(desired)

    def contradictions(self, live: Live) -> Sequence[str]:
        """Find what can't be true at once: somebody serves a queue, and there are none."""
        if "queues" not in live.sections or live.of("queues"):
            return ()
        fields = {"agents": "queues", "extensions": "queues", "numbers": "outbound_queues"}
        return tuple(
            f"{section}/{identity} names a queue, and the list of queues is empty"
            for section, field in fields.items()
            for identity, item in live.of(section).items()
            if item.__dict__[field]
        )[:1]

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
        """Say how long *calls* take at least: each action has a rate of its own, uploads a slower one."""
        assert isinstance(settings, TencentSettings), "a Tencent configuration has Tencent's settings"
        uploads = sum(call.action == UPLOAD for call in calls) / settings.upload_rate_limit
        counts = Counter(call.title for call in calls if call.action != UPLOAD)
        others = max(counts.values(), default=0) / settings.rate_limit
        if uploads > max(1, others):
            return Pace(seconds=uploads, told=f"{settings.upload_rate_limit:,} uploads/s")
        return Pace(seconds=max(uploads, others), told=f"{settings.rate_limit:,} calls/s of each action")

    def describe(self, tie: Tie, desired: Desired, live: Live) -> str:
        """Say in words why a call waits for others."""
        from reconciler.providers.tencent.words import describe  # noqa: PLC0415 - only for those who ask

        return describe(tie, desired, live)

    def learn(self, call: Call, reply: Reply) -> Learned:
        """Read from the answer to a write what no later read will show, and what later calls need of it."""
        return learn(call, reply)

    def unlearn(self, _call: Call, _refused: Rejected) -> Learned:
        """Nothing: what the store holds is never sent."""
        return Learned()

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
        from reconciler.providers.tencent.settle import happened  # noqa: PLC0415 - only for those who need it

        return happened(part, live)

    def shown_by(self, call: Call) -> frozenset[str]:
        """Name the sections whose read shows what `happened` looks for."""
        from reconciler.providers.tencent.settle import shown_by  # noqa: PLC0415 - only for those who need it

        return shown_by(call)

    def makes_twice(self, call: Call) -> bool:
        """Aliases of voice files may repeat; all else has a name, an email or a number of its own, or is set."""
        return call.action == "UploadIvrAudio"

    def mend(self, call: Call, live: Live) -> Sequence[Call]:
        """Name what a call left undone whose page leaves that open."""
        from reconciler.providers.tencent.mending import mend  # noqa: PLC0415 - only for those who need it

        return mend(call, live)

    def unblock(self, call: Call, refused: Rejected, live: Live) -> Sequence[Call]:
        """Name what stands in the way of a refused call."""
        from reconciler.providers.tencent.mending import unblock  # noqa: PLC0415 - only for those who need it

        return unblock(call, refused, live)

    def simulate(self, live: Live) -> Simulator:
        """Make the vendor's model in the state *live*."""
        from reconciler.providers.tencent.rehearsal import Rehearsal  # noqa: PLC0415 - only for those who need it

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
        from reconciler.providers.tencent.simulator import wire  # noqa: PLC0415 - only for those who need it

        return wire.connect(seed=seed, tenant=tenant, credentials=credentials, dialect=dialect, clock=clock)

    def connect(
        self,
        settings: Settings,
        *,
        root: str,  # noqa: ARG002 - nothing is uploaded from disk: the vendor fetches files itself
        clock: Callable[[], float],
        may_write: Callable[[Call], Awaitable[None]],
        stopping: Callable[[], bool] = lambda: False,
    ) -> Client:
        """Make a client; httpx is imported here, so that offline commands don't pay for it."""
        from reconciler.providers.tencent.client import TencentClient  # noqa: PLC0415 - only for those who need it

        assert isinstance(settings, TencentSettings), "a Tencent configuration has Tencent's settings"
        return TencentClient(settings, clock=clock, may_write=may_write, stopping=stopping)


PROVIDER: Final = Tencent()
