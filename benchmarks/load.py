"""
Measure applies: 2,000 calls at a latency of 50 ms, the same within a rate limit, and 100 creations from a cold start.

The least that an apply can take is worked out, calls times latency ÷ calls in flight, on a server that answers after
exactly that latency (`lean_server.py`). Beside it stand plain clients on the same server, and on the simulator, which
takes its own time for each call.
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.measure import BrokenError, Program, once, serving
from benchmarks.places import AUTH_TOKEN, HERE, OCTODNS, PYTHON, RECONCILER, SID, WORK
from benchmarks.rows import Row, shown

CALLS, PARALLEL, LATENCY_MS = 2_000, 8, 50
RATE: Final = 100  # calls a second
ROUNDS: Final = 3
CREATIONS, COLD_PARALLEL, COLD_LATENCY_MS, COLD_ROUNDS = 100, 10, 20, 7
LEAST_S: Final = CALLS * LATENCY_MS / 1000 / PARALLEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server of one tenant, which starts from *seed* again before each run."""

    url: str
    seed: bytes

    @property
    def environment(self) -> dict[str, str]:
        """How programs reach it."""
        return {"UDESK_URL": self.url, "UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN, "NO_PROXY": "127.0.0.1"}

    def control(self, method: str, what: str, body: bytes | None = None) -> Any:
        """Ask its control address."""
        request = urllib.request.Request(f"{self.url}/_control/{what}", data=body, method=method)  # noqa: S310 - ours
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def fresh(self) -> None:
        """Start again, without a store of ours either."""
        self.control("PUT", "state", self.seed)
        self.control("DELETE", "calls")
        for left in WORK.glob("apply.db*"):
            left.unlink()


STATE: Final = f"sqlite:///{WORK / 'apply.db'}"


@contextmanager
def lean(seed: Path, *, latency_ms: int) -> Iterator[Server]:
    """Serve a tenant with an exact latency."""
    command = (PYTHON, "-m", "benchmarks.lean_server", "--latency-ms", str(latency_ms), "--seed", seed)
    with serving(command, WORK / "lean-server.log") as url:
        yield Server(url=url, seed=seed.read_bytes())


@contextmanager
def simulated(seed: Path, *, latency_ms: int) -> Iterator[Server]:
    """Serve a tenant as `reconciler simulate` does."""
    command = (RECONCILER, "simulate", "udesk", "--port", "0", "--seed", seed, "--latency-ms", str(latency_ms))
    with serving(command, WORK / "simulator-load.log") as url:
        yield Server(url=url, seed=seed.read_bytes())


def told(server: Server, *command: str | Path) -> Mapping[str, float]:
    """
    Run a program of ours that prints its times, on a fresh tenant; add what the server counted.

    Raises:
        BrokenError: It failed, or other calls arrived than are to be measured.
    """
    server.fresh()
    environment = {**os.environ, **server.environment}
    done = subprocess.run(
        (PYTHON, "-m", *command), check=False, cwd=HERE.parent, env=environment, capture_output=True, text=True
    )
    if done.returncode != 0:
        message = f"{' '.join(map(str, command))} failed:\n{done.stderr[-3000:]}"
        raise BrokenError(message)
    calls = server.control("GET", "calls")
    if calls["writes"] != CALLS:
        message = f"{' '.join(map(str, command))} made {calls['writes']} writes; {CALLS} were due"
        raise BrokenError(message)
    return {**json.loads(done.stdout), **{name: calls[name] for name in ("reads", "most_in_a_second")}}


def load() -> list[Row]:
    """Measure 2,000 calls that can't share a request: 2,000 agents get another mobile number each."""
    folder = WORK / f"tenant-{CALLS}"
    make = (PYTHON, "-m", "benchmarks.tenants", "--agents", str(CALLS), "--changed", str(CALLS), "--out", folder)
    subprocess.run(make, check=True, cwd=HERE.parent, stdout=subprocess.DEVNULL)
    ours = ("benchmarks.applying", folder / "changed", "--state", STATE, "--set", f"provider.max_parallel={PARALLEL}")
    limited = (*ours, "--set", f"provider.rate_limit={RATE}")
    seed = folder / "live.json"
    found: dict[str, list[Mapping[str, float]]] = {}
    with lean(seed, latency_ms=LATENCY_MS) as exact, simulated(seed, latency_ms=LATENCY_MS) as real:
        ways: dict[str, tuple[Server, Sequence[str | Path]]] = {
            "ours": (exact, ours),
            "forgetful": (exact, (*ours, "--without-journal")),
            "httpx": (exact, _client("httpx", exact)),
            "bare": (exact, _client("bare", exact)),
            "limited": (exact, limited),
            "ours, simulator": (real, ours),
            "httpx, simulator": (real, _client("httpx", real)),
        }
        whole = []
        for _ in range(ROUNDS):
            for name, (server, command) in ways.items():
                found.setdefault(name, []).append(told(server, *command))
            exact.fresh()
            whole.append(once(_apply(folder / "changed", exact, parallel=PARALLEL), WORK / "load.log").seconds)
    took = {name: median(run["apply"] for run in runs) for name, runs in found.items()}
    middle = next(run for run in found["limited"] if run["apply"] == took["limited"])
    limit_s = (CALLS + middle["reads"]) / RATE
    busiest = max(run["most_in_a_second"] for run in found["limited"])
    least = f"{CALLS:,} calls at {LATENCY_MS} ms ÷ {PARALLEL}"
    return [
        shown(
            f"apply of {CALLS:,} calls, journal and reading back included, against {least}", took["ours"], LEAST_S, 1.15
        ),
        shown("the same as a whole command: start, files, lock, plan and output too", median(whole), LEAST_S),
        shown("plain httpx with 8 workers and nothing else, the same calls", took["httpx"], LEAST_S),
        shown("asyncio's bare streams, the same calls: what the server costs", took["bare"], LEAST_S),
        shown(
            "the apply on our simulator, against plain httpx there", took["ours, simulator"], took["httpx, simulator"]
        ),
        shown("the apply, against the same with a journal that writes nothing", took["ours"], took["forgetful"], 1.1),
        shown(
            f"the apply within {RATE} calls/s, against all its calls, reads too, ÷ {RATE}/s",
            took["limited"],
            limit_s,
            1.05,
        ),
        Row(
            what="its busiest second, as the server counted",
            measured="",
            against="",
            value=busiest,
            bound=RATE,
            unit=" calls",
        ),
    ]


def cold() -> list[Row]:
    """Measure 100 creations from a cold start: ours, octoDNS's, and those of a client that makes one after another."""
    folder = WORK / "creations"
    subprocess.run((PYTHON, "-m", "benchmarks.creations", folder), check=True, cwd=HERE.parent)
    seconds: dict[str, list[float]] = {}
    with lean(folder / "empty.json", latency_ms=COLD_LATENCY_MS) as server:
        programs = {
            "ours": _apply(folder / "config", server, parallel=COLD_PARALLEL),
            "octodns": Program(
                command=(OCTODNS / "octodns-sync", "--config-file", folder / "octodns.yaml", "--doit"),
                environment={**server.environment, "PYTHONPATH": str(HERE)},
                says=f"{CREATIONS} total changes",
            ),
            "serial": Program(command=(PYTHON, HERE / "serial_client.py", server.url), environment=server.environment),
        }
        for number in range(COLD_ROUNDS + 1):
            for name, program in programs.items():
                server.fresh()
                sample = once(program, WORK / "cold.log")
                writes = server.control("GET", "calls")["writes"]
                if writes != CREATIONS:
                    message = f"{name} made {writes} writes; {CREATIONS} were due"
                    raise BrokenError(message)
                if number:  # the first is not measured
                    seconds.setdefault(name, []).append(sample.seconds)
    took = {name: median(runs) for name, runs in seconds.items()}
    what = f"{CREATIONS} creations at {COLD_LATENCY_MS} ms"
    return [
        shown(f"octoDNS, {what} from a cold start, against ours", took["octodns"], took["ours"], 4, at_least=True),
        shown("httpx, one creation after another, against ours", took["serial"], took["ours"], 2, at_least=True),
    ]


def _client(way: str, server: Server) -> tuple[str, ...]:
    return ("benchmarks.clients", way, server.url, "--calls", str(CALLS), "--parallel", str(PARALLEL))


def _apply(config: Path, server: Server, *, parallel: int) -> Program:
    more = ("--yes", "--set", f"provider.max_parallel={parallel}")
    command = (RECONCILER, "--state", STATE, "apply", config, *more)
    return Program(command=command, environment=server.environment, says="all is as wanted")
