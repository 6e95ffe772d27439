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
from tests.conformance.udesk import tenant
from tests.servers import Simulator

DEEP: Final = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
AGENTS: Final = ("31", "32", "33")
WISHES: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "queues": {"a": {"id": "9401", "name": "A", "timeout": 60}, "b": {"id": "9402", "name": "B"}},
        "agents": {
            "31": {"id": "31", "work_id": "w31", "name": "One", "queues": ["a", "b"], "extensions": ["8201"]},
            "32": {"id": "32", "work_id": "w32", "name": "Two", "queues": ["a"], "extensions": "auto"},
            "33": {"id": "33", "work_id": "w33", "name": "Three", "queues": [], "extensions": ["8202", "8203"]},
        },
        "extensions": ["8204"],
        "subscriptions": {
            "crm": {"callback": "https://crm.example.com", "events": ["end"]},
            "log": {"callback": "https://log.example.com", "events": ["end"]},
        },
        "fast_routers": {"1": {"queue": "a", "description": "A"}},
        "default_number": tenant.NUMBER,
        "webhook_events": {"call": ["begin", "end"]},
    },
    {
        "queues": {"b": {"id": "9402", "name": "B", "timeout": 90}, "c": {"id": "9403", "name": "C"}},
        "agents": {
            "31": {"id": "31", "work_id": "w31", "name": "One", "queues": ["c"], "extensions": ["8203"]},
            "33": {"id": "33", "work_id": "w33", "name": "Tres", "queues": ["b", "c"], "extensions": ["8201"]},
        },
        "extensions": [],
        "subscriptions": {"crm": {"callback": "https://crm.example.com/2", "events": ["begin"]}},
        "fast_routers": {"2": {"queue": "b", "description": "B"}},
        "default_number": "",
        "webhook_events": {"call": ["end"]},
    },
)
FAULTS: Final = (
    "error-before", "error-after", "reset-before", "reset-after", "slow-down", "malformed", "truncated", "empty",
    "html", "half-batch", "refused",
)  # fmt: skip
BY_HAND: Final[tuple[tuple[str, str, Mapping[str, Any]], ...]] = (
    ("PUT", "queues", {"QueueId": "9402", "QueueName": "By hand"}),
    ("POST", "queues", {"QueueId": "9409", "QueueName": "By hand"}),
    ("POST", "agents/queues", {"AgentId": "33", "Queues": ["9402"]}),
    ("DELETE", "agents/queues", {"AgentId": "31", "Queues": ["9401"]}),
    ("PUT", "agents/31", {"AgentId": "31", "WorkId": "w31", "Name": "By hand"}),
    ("POST", "agents", {"Agents": [{"AgentId": "39", "WorkId": "w39"}]}),
    ("DELETE", "agents/extensions", {"AgentId": "33", "Extensions": ["8202"]}),
    ("PUT", "ivrs/fastrouters", {"FastRouter": [{"Dtmf": "7", "Desc": "By hand", "QueueId": "9402"}]}),
    ("PUT", "spnumbers/default", {"DefSpNumber": tenant.OTHER_NUMBER}),
)


class Deadly(Watched):
    """A simulated tenant that, if it is told to, has its client killed at a call: before it takes effect or after."""

    fuse: int = -1  # calls until then
    after: bool = False
    kill: Any = None

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

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        self.wire = Deadly((), ())
        running = Simulator(self.wire)
        self.stack.callback(running.stop)
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.stage = Stage(root=Path(folder) / "acme", url=running.url, settings={"timeout": TIMEOUT})
        self.told = ""  # all that was ever told of passwords
        self.disturbed = False

    @initialize(wish=st.sampled_from(range(len(WISHES))))
    def begin(self, wish: int) -> None:
        """Start with some wish."""
        self.wish(wish)

    @rule(wish=st.sampled_from(range(len(WISHES))))
    def wish(self, wish: int) -> None:
        """Wish for something else."""
        self.wished = WISHES[wish]
        self.stage.write({**tenant.PRUNE, **self.wished})
        self.disturbed = True

    @rule(
        kind=st.sampled_from(FAULTS), method=st.sampled_from(("POST", "PUT", "DELETE", "*")),
        skip=st.integers(0, 3), times=st.integers(1, 3),
    )  # fmt: skip
    def goes_wrong(self, kind: str, method: str, skip: int, times: int) -> None:
        """Have something go wrong with calls to come."""
        self.wire.add_fault({"kind": kind, "method": method, "skip": skip, "times": times, "code": "000001"})
        self.disturbed = True

    @rule(hand=st.sampled_from(BY_HAND))
    def by_hand(self, hand: tuple[str, str, Mapping[str, Any]]) -> None:
        """Somebody is at the console."""
        self.wire.call(*hand)
        self.disturbed = True

    @rule(hand=st.sampled_from(BY_HAND), skip=st.integers(0, 4))
    def by_hand_meanwhile(self, hand: tuple[str, str, Mapping[str, Any]], skip: int) -> None:
        """Somebody will be at the console while we write."""
        method, api, body = hand
        call = {"method": method, "api": api, "body": body}
        self.wire.add_fault({"kind": "changed-by-hand", "method": "P*", "skip": skip, "call": call})
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
            self._holds()

    def _holds(self) -> None:
        has, wished = self.wire.sections, self.wished
        ids = {name: fields["id"] for name, fields in wished["queues"].items()}
        assert {*ids.values()} == {*has["queues"]}
        for fields in wished["queues"].values():
            assert {**fields}.items() <= {**has["queues"][fields["id"]], "id": fields["id"]}.items()
        assert {*wished["agents"]} == {*has["agents"]}
        held = set()
        for name, fields in wished["agents"].items():
            agent = has["agents"][name]
            assert sorted(ids[queue] for queue in fields["queues"]) == sorted(agent["queues"])
            assert (fields["name"], fields["work_id"]) == (agent["name"], agent["work_id"])
            auto = fields["extensions"] == "auto"
            assert len(agent["extensions"]) == 1 if auto else fields["extensions"] == sorted(agent["extensions"])
            held |= {*agent["extensions"]}
        assert held | {*wished["extensions"]} == {*has["extensions"]}
        assert {*wished["subscriptions"]} == {*has["subscriptions"]}, "none is there twice"
        for name, fields in wished["subscriptions"].items():
            assert fields.items() <= has["subscriptions"][name].items()
        assert {
            key: (ids[fields["queue"]], fields["description"]) for key, fields in wished["fast_routers"].items()
        } == {key: (fields["queue"], fields["description"]) for key, fields in has["fast_routers"].items()}
        assert wished["default_number"] == has["default_number"][""]["number"]
        assert wished["webhook_events"]["call"] == has["webhook_events"][""]["call"]
        path = self.stage.root / ".reconciler" / "secrets" / "acme.json"
        stored = json.loads(path.read_text(encoding="utf-8"))["extensions"] if path.exists() else {}
        for number in has["extensions"]:
            assert number in stored or number in self.told, f"the password of {number} is stored, or told to be lost"


Applies.TestCase.settings = settings(max_examples=150 if DEEP else 15, stateful_step_count=12 if DEEP else 8)
TestApplies = Applies.TestCase
