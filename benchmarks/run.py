"""
Measure, print the tables, and rewrite them in `benchmarks/README.md`.

    python -m benchmarks.run [start] [plan] [scale] [new] [load] [cold] [gitops]

Without names all groups run. A bound that is missed is said so and is no failure; a program that does not do what
is to be measured is.
"""

from __future__ import annotations

import compileall
import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import gitops, load
from benchmarks.measure import BrokenError, Program, interleaved, serving
from benchmarks.places import AUTH_TOKEN, HERE, OCTODNS, PYTHON, RECONCILER, SID, WORK
from benchmarks.rows import Row, memory, ratio, seconds_of, time_of

README: Final = HERE / "README.md"
START, END = "<!-- table: written by make bench -->", "<!-- end of table -->"

SMALL, LARGE = 10_000, 50_000  # agents
SIZES: Final = (1_000, 5_000, SMALL, LARGE)
STAGES: Final = ("diff", "plan", "rehearse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One line of the second table: a plan of *agents* who are all new, in seconds. *least* is the first line."""

    agents: int
    command: float
    stages: Mapping[str, float]  # by stage, and `cover`
    least: Growth | None = None

    @property
    def inside(self) -> float:
        """The planner's stages alone."""
        return sum(self.stages[stage] for stage in STAGES)

    def cells(self) -> tuple[str, ...]:
        """Give the line as text."""
        least = self.least or self
        grown = self.inside / least.inside / as_sorting(least.agents, self.agents)
        return (
            f"{self.agents:,}",
            seconds_of(self.command),
            _each(self.command, self.agents),
            seconds_of(self.inside),
            _each(self.inside, self.agents),
            f"{grown:.2f}x",
            seconds_of(self.stages["rehearse"]),
            seconds_of(self.stages["cover"]),
        )


def as_sorting(few: int, many: int) -> float:
    """Say how many times longer n·log n takes for *many* than for *few*."""
    return many * math.log(many) / (few * math.log(few))


def _each(seconds: float, agents: int) -> str:
    return f"{seconds / agents * 1_000_000:.0f} µs"


def start() -> list[Row]:
    """Measure how long people wait for a word: `--version`, and a press of the tab key."""
    completion = {"_RECONCILER_COMPLETE": "bash_complete", "COMP_WORDS": "reconciler pl", "COMP_CWORD": "1"}
    programs = {
        "pass": Program(command=(PYTHON, "-c", "pass")),
        "version": Program(command=(RECONCILER, "--version"), says="0."),
        "completion": Program(command=(RECONCILER,), environment=completion, says="plan"),
    }
    found = interleaved(programs, rounds=25, log=WORK / "start.log")
    return [
        ratio("`reconciler --version`, against `python -c pass`", found["version"], found["pass"], 3.3),
        ratio("completion of `reconciler pl`, against the same", found["completion"], found["pass"], 3.3),
    ]


def plan() -> list[Row]:
    """Measure a tenant of 10,000 agents, and octoDNS with a zone of 10,000 records."""
    octodns_folder = WORK / "octodns"
    with ExitStack() as stack:
        environment = stack.enter_context(tenant(SMALL, changed=SMALL // 100))
        stack.enter_context(
            serving((PYTHON, HERE / "zones.py", str(SMALL), octodns_folder), WORK / "octodns-target.log")
        )
        found = interleaved(
            {
                "octodns": Program(
                    command=(OCTODNS / "octodns-sync", "--config-file", octodns_folder / "octodns.yaml"),
                    environment={"PYTHONPATH": str(HERE), "NO_PROXY": "127.0.0.1"},
                    says="No changes were planned",
                ),
                "nothing": _plan(SMALL, "config", environment, expect=0),
                "changed": _plan(SMALL, "changed", environment, expect=2),
                "validate": Program(
                    command=(RECONCILER, "validate", _folder(SMALL) / "config"), environment=environment
                ),
            },
            rounds=5,
            log=WORK / "plan.log",
        )
    octodns, nothing = found["octodns"], found["nothing"]
    return [
        Row(
            what=f"octoDNS {octodns_version()}, against our plan of 10,000 agents; nothing to do for both",
            measured=time_of(octodns),
            against=time_of(nothing),
            value=octodns.seconds / nothing.seconds,
            bound=4,
            unit="x",
            at_least=True,
        ),
        memory("peak memory of that plan", nothing, 220),
        ratio("plan with 1 % of the agents changed, against nothing to do", found["changed"], nothing, 1.15),
        ratio("`validate`, against the same plan", found["validate"], nothing, 0.8),
    ]


def scale() -> list[Row]:
    """Measure five times the agents."""
    with tenant(SMALL) as small, tenant(LARGE) as large:
        found = interleaved(
            {
                "small": _plan(SMALL, "config", small, expect=0),
                "large": _plan(LARGE, "config", large, expect=0),
            },
            rounds=3,
            log=WORK / "scale.log",
        )
    return [
        ratio("plan of 50,000 agents, against 10,000", found["large"], found["small"], 5.5),
        memory("peak memory with 50,000 agents", found["large"], 800),
    ]


def new() -> list[Row | Growth]:
    """Measure plans in which all agents are new, with three queues each."""
    each = 3
    with ExitStack() as stack:
        nothing = stack.enter_context(tenant(SMALL, queues_each=each))
        before = {agents: stack.enter_context(tenant(agents, queues_each=each, live="before.json")) for agents in SIZES}
        plans = {
            agents: _plan(agents, "config", environment, expect=2, queues_each=each)
            for agents, environment in before.items()
        }
        found = interleaved(
            {"nothing": _plan(SMALL, "config", nothing, expect=0, queues_each=each), "new": plans[SMALL]},
            rounds=5,
            log=WORK / "new.log",
        )
        commands = interleaved(
            {str(agents): program for agents, program in plans.items()}, rounds=3, log=WORK / "growth.log"
        )
        stages = staged({agents: (_folder(agents, each), before[agents]) for agents in SIZES}, rounds=3)
    growth: list[Growth] = []
    for agents in SIZES:
        least = growth[0] if growth else None
        seconds = commands[str(agents)].seconds
        growth.append(Growth(agents=agents, command=seconds, stages=stages[agents], least=least))
    few, many = growth[0], growth[-1]
    sorting = round(as_sorting(few.agents, many.agents))
    inside, rehearsing = stages[SMALL], stages[SMALL]["rehearse"]
    return [
        ratio(
            "plan of 10,000 new agents with 3 bindings each, against nothing to do with the same files",
            found["new"],
            found["nothing"],
            3,
        ),
        memory("peak memory of that plan", found["new"], 300),
        Row(
            what="its rehearsal, against its diff and plan, all inside one process",
            measured=seconds_of(rehearsing),
            against=seconds_of(inside["diff"] + inside["plan"]),
            value=rehearsing / (inside["diff"] + inside["plan"]),
            bound=1,
            unit="x",
        ),
        Row(
            what=f"plan of 50,000 new agents, against 1,000 (n·log n is {sorting}x)",
            measured=seconds_of(many.command),
            against=seconds_of(few.command),
            value=many.command / few.command,
            bound=sorting,
            unit="x",
        ),
        Row(
            what="the same, of the diff, plan and rehearsal alone",
            measured=seconds_of(many.inside),
            against=seconds_of(few.inside),
            value=many.inside / few.inside,
            bound=sorting,
            unit="x",
        ),
        *growth,
    ]


def staged(tenants: Mapping[int, tuple[Path, Mapping[str, str]]], *, rounds: int) -> dict[int, dict[str, float]]:
    """Time the stages alone, the sizes in turn; give the medians in seconds, by the number of agents."""
    runs: dict[int, list[dict[str, float]]] = {agents: [] for agents in tenants}
    for _ in range(rounds):
        for agents, (folder, environment) in tenants.items():
            command = (PYTHON, "-m", "benchmarks.stages", folder / "config", folder / "before.json")
            done = subprocess.run(
                command, check=False, cwd=HERE.parent, env={**os.environ, **environment}, capture_output=True, text=True
            )
            if done.returncode != 0:
                message = f"the stages of {agents:,} agents can't be timed:\n{done.stderr[-3000:]}"
                raise BrokenError(message)
            runs[agents].append(json.loads(done.stdout))
    return {agents: {name: median(run[name] for run in found) for name in found[0]} for agents, found in runs.items()}


GROUPS: Final[Mapping[str, Callable[[], Sequence[Row | Growth]]]] = {
    "start": start,
    "plan": plan,
    "scale": scale,
    "new": new,
    "load": load.load,
    "cold": load.cold,
    "gitops": gitops.gitops,
}


def _folder(agents: int, queues_each: int = 2) -> Path:
    return WORK / (f"tenant-{agents}" if queues_each == 2 else f"tenant-{agents}-{queues_each}-queues")


def _plan(agents: int, config: str, environment: Mapping[str, str], *, expect: int, queues_each: int = 2) -> Program:
    command = (RECONCILER, "plan", _folder(agents, queues_each) / config, "--detailed-exitcode")
    return Program(command=command, environment=environment, expect=expect)


@contextmanager
def tenant(agents: int, *, changed: int = 0, queues_each: int = 2, live: str = "live.json") -> Iterator[dict[str, str]]:
    """Make a tenant and serve it; give the environment in which our commands reach it."""
    folder = _folder(agents, queues_each)
    make = (PYTHON, "-m", "benchmarks.tenants", "--agents", str(agents), "--out", folder, "--changed", str(changed))
    each = ("--queues-each", str(queues_each))
    subprocess.run((*make, *each), check=True, cwd=HERE.parent, stdout=subprocess.DEVNULL)
    simulate = (RECONCILER, "simulate", "udesk", "--port", "0", "--seed", folder / live)
    with serving(simulate, WORK / f"simulator-{folder.name}-{live}.log") as url:
        yield {"UDESK_URL": url, "UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN, "NO_PROXY": "127.0.0.1"}


def install_octodns() -> None:
    """Put octoDNS's current release into an environment of its own."""
    pip = (OCTODNS / "python", "-m", "pip", "--quiet", "--disable-pip-version-check")
    if not (OCTODNS / "python").exists():
        subprocess.run((PYTHON, "-m", "venv", OCTODNS.parent), check=True)
    done = subprocess.run((*pip, "install", "--upgrade", "octodns"), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        if not (OCTODNS / "octodns-sync").exists():
            message = f"octoDNS can't be installed:\n{done.stderr}"
            raise BrokenError(message)
        print("The registry can't be reached; measuring against the octoDNS that is here.", file=sys.stderr)


def octodns_version() -> str:
    """Ask octoDNS's environment for its version."""
    command = (OCTODNS / "python", "-c", "from importlib.metadata import version; print(version('octodns'))")
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def machine() -> str:
    """Say in one line what was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cores} cores ({platform.machine()}), {gib:.0f} GiB of memory, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out as Markdown that also reads well as it is."""
    return _laid_out([("", "time", "against", "result", "bound", ""), *(row.cells() for row in rows)])


def growth_table(lines: Sequence[Growth]) -> str:
    """Lay the growth out in the same way."""
    heads = ("new agents", "plan", "each", "stages alone", "each", "to n·log n", "of it, rehearsal", "of it, cover")
    return _laid_out([heads, *(line.cells() for line in lines)])


def _laid_out(lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


def rewrite(text: str) -> None:
    """Put *text* between the markers of the README."""
    before, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Measure the groups named on the command line, or all; only all of them rewrite the README."""
    names = sys.argv[1:] or list(GROUPS)
    if unknown := sorted(set(names) - set(GROUPS)):
        print(f"no group {', '.join(unknown)}; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 1
    WORK.mkdir(exist_ok=True)
    compileall.compile_dir(HERE.parent / "reconciler", quiet=2)  # as pip does with whatever it installs
    found: list[Row | Growth] = []
    try:
        if {"plan", "cold"} & set(names):
            install_octodns()
        for name in names:
            print(f"measuring: {name} …", file=sys.stderr, flush=True)
            found += GROUPS[name]()
    except BrokenError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    rows = [line for line in found if isinstance(line, Row)]
    growth = [line for line in found if isinstance(line, Growth)]
    text = "\n\n".join([f"Measured on {machine()}.", table(rows), *([growth_table(growth)] if growth else [])])
    print(text)
    bounded = [row for row in rows if row.bound is not None]
    missed = sum(not row.passes for row in bounded)
    print(f"\n{len(bounded) - missed} of {len(bounded)} bounds hold" + (f"; {missed} missed" if missed else ""))
    if names == list(GROUPS):
        rewrite(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
