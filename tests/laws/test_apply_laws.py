"""
Whatever went wrong before, a calm apply converges: random faults, kills, hands at the console, and other wishes.

A kill is a run that is cancelled in the middle of whatever it was doing, right before or after a call takes effect.
`tests/crash` kills real processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from reconciler import pipeline
from reconciler.model.errors import ReconcilerError
from reconciler.model.outcome import Result
from reconciler.providers.base import Request, Response
from tests.conformance.stage import Stage
from tests.conformance.troubled import TIMEOUT, Watched, soon
from tests.laws.applied import Trials
from tests.laws.tencent.applied import TRIALS as TENCENT
from tests.laws.udesk.applied import TRIALS as UDESK
from tests.servers import Simulator

DEEP: Final = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
FAULTS: Final = (
    "error-before", "error-after", "reset-before", "reset-after", "slow-down", "malformed", "truncated", "empty",
    "html", "half-batch", "refused",
)  # fmt: skip


class Deadly(Watched):
    """A simulated tenant that, if it is told to, has its client killed at a call: before it takes effect or after."""

    fuse: int = -1  # calls until then
    after: bool = False
    kill: Any = None

    def __init__(self, trials: Trials) -> None:
        super().__init__((), (), trials.vendor)
        state = json.loads(json.dumps(self.state(), default=list))
        self.load({**state, "sections": trials.seed})

    def answer(self, request: Request) -> Response:
        """Answer one request, or none any more."""
        self.fuse -= 1
        now = self.fuse == 0 and self.kill is not None
        if now and not self.after:
            self.kill()
        response = super().answer(request)
        if now and self.after:
            self.kill()
        return response


class Applies(RuleBasedStateMachine):
    """One tenant, its files, and all that can happen to them."""

    trials: Trials

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        self.wire = Deadly(self.trials)
        running = Simulator(self.wire)
        self.stack.callback(running.stop)
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.stage = Stage(
            root=Path(folder) / "acme",
            url=running.url,
            vendor=self.trials.vendor,
            settings={"timeout": TIMEOUT},
        )
        self.told = ""  # all that was ever told of passwords
        self.disturbed = False

    @initialize(wish=st.integers(0, 1))
    def begin(self, wish: int) -> None:
        """Start with some wish."""
        self.wish(wish)

    @rule(wish=st.integers(0, 1))
    def wish(self, wish: int) -> None:
        """Wish for something else."""
        self.wished = self.trials.wishes[wish]
        self.stage.write({**self.trials.always, **self.wished})
        self.disturbed = True

    @rule(
        kind=st.sampled_from(FAULTS), aim=st.integers(0, 99),
        skip=st.integers(0, 3), times=st.integers(1, 3),
    )  # fmt: skip
    def goes_wrong(self, kind: str, aim: int, skip: int, times: int) -> None:
        """Have something go wrong with calls to come."""
        aims, code = self.trials.aims, self.trials.code
        self.wire.add_fault({"kind": kind, **aims[aim % len(aims)], "skip": skip, "times": times, "code": code})
        self.disturbed = True

    def _hand(self, hand: int) -> tuple[str, str, Mapping[str, Any]]:
        return self.trials.by_hand[hand % len(self.trials.by_hand)]

    @rule(hand=st.integers(0, 99))
    def by_hand(self, hand: int) -> None:
        """Somebody is at the console."""
        self.wire.call(*self._hand(hand))
        self.disturbed = True

    @rule(hand=st.integers(0, 99), skip=st.integers(0, 4))
    def by_hand_meanwhile(self, hand: int, skip: int) -> None:
        """Somebody will be at the console while we write."""
        method, api, body = self._hand(hand)
        call = {"method": method, "api": api, "body": body}
        self.wire.add_fault({"kind": "changed-by-hand", **self.trials.writes, "skip": skip, "call": call})
        self.disturbed = True

    @precondition(lambda self: self.disturbed)
    @rule()
    def apply(self) -> None:
        """Apply, whatever comes of it."""
        with contextlib.suppress(ReconcilerError):
            self._apply()

    @precondition(lambda self: self.disturbed)
    @rule(fuse=st.integers(1, 60), after=st.booleans())
    def apply_and_be_killed(self, fuse: int, after: bool) -> None:  # noqa: FBT001 - hypothesis gives it
        """Apply, and be killed at some call."""
        self.wire.fuse, self.wire.after = fuse, after
        with contextlib.suppress(ReconcilerError, asyncio.CancelledError, BaseExceptionGroup):
            self._apply()
        self.wire.fuse = -1

    def _apply(self) -> Result:
        with self.stage.session() as session:

            async def work() -> Result:
                task, loop = asyncio.current_task(), asyncio.get_running_loop()
                assert task is not None
                self.wire.kill = lambda: loop.call_soon_threadsafe(task.cancel)
                await pipeline.lock(session)
                settled = await pipeline.settle_earlier(session)
                self.told += " ".join(settled)
                made, live = await pipeline.plan(session)
                result = await pipeline.apply(session, made, live, settled=settled)
                self.told += " ".join(f"{item.lost} {item.note}" for item in result.outcomes)
                return result

            return soon(work())

    def teardown(self) -> None:
        """Apply calmly, and compare."""
        with self.stack:
            self.wire.clear_faults()
            self.wire.kill = None
            if not hasattr(self, "wished"):
                return
            result = self._apply()
            if not result.complete:
                raise AssertionError(repr(result))
            assert () == self.stage.plan().calls
            self.trials.holds(self.wire.sections, self.wished, self.stage, self.told)


class UdeskApplies(Applies):
    """Udesk's tenant."""

    trials = UDESK


class TencentApplies(Applies):
    """Tencent's tenant."""

    trials = TENCENT


for machine in (UdeskApplies, TencentApplies):
    machine.TestCase.settings = settings(max_examples=150 if DEEP else 10, stateful_step_count=12 if DEEP else 8)
TestUdeskApplies = UdeskApplies.TestCase
TestTencentApplies = TencentApplies.TestCase
