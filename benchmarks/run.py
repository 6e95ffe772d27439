"""
Measure, print the table, and rewrite it in `benchmarks/README.md`.

    python -m benchmarks.run [start] [plan] [scale]

Without names all groups run. A bound that is missed is said so and is no failure; a program that does not do what
is to be measured is.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.measure import BrokenError, Program, Samples, interleaved, serving

HERE: Final = Path(__file__).resolve().parent
WORK: Final = HERE / ".work"
README: Final = HERE / "README.md"
START, END = "<!-- table: written by make bench -->", "<!-- end of table -->"

PYTHON: Final = Path(sys.executable)
RECONCILER: Final = PYTHON.parent / "reconciler"
OCTODNS: Final = WORK / "octodns-venv" / "bin"
SID, AUTH_TOKEN = "demo-sid", "demo-token"
SMALL, LARGE = 10_000, 50_000  # agents


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. *measured* and *against* are for reading, *value* is what *bound* bounds."""

    what: str
    measured: str
    against: str
    value: float
    bound: float
    unit: str
    at_least: bool = False

    @property
    def passes(self) -> bool:
        """Whether the bound holds."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def cells(self) -> tuple[str, ...]:
        """Give the row as text."""
        digits = 0 if self.unit == " MiB" else 2
        sign = "≥" if self.at_least else "≤"
        verdict = "pass" if self.passes else "**miss**"
        value = f"{self.value:.{digits}f}{self.unit}"
        return (self.what, self.measured, self.against, value, f"{sign} {self.bound:g}{self.unit}", verdict)


def ratio(what: str, measured: Samples, against: Samples, bound: float) -> Row:
    """Compare two times: how many times longer *measured* takes."""
    return Row(
        what=what,
        measured=_time(measured),
        against=_time(against),
        value=measured.seconds / against.seconds,
        bound=bound,
        unit="x",
    )


def memory(what: str, measured: Samples, bound: float) -> Row:
    """Bound a peak."""
    return Row(what=what, measured="", against="", value=measured.peak_mib, bound=bound, unit=" MiB")


def _time(samples: Samples) -> str:
    return f"{samples.seconds * 1000:.1f} ms" if samples.seconds < 0.2 else f"{samples.seconds:.2f} s"


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
            measured=_time(octodns),
            against=_time(nothing),
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


GROUPS: Final[Mapping[str, Callable[[], list[Row]]]] = {"start": start, "plan": plan, "scale": scale}


def _folder(agents: int) -> Path:
    return WORK / f"tenant-{agents}"


def _plan(agents: int, config: str, environment: Mapping[str, str], *, expect: int) -> Program:
    command = (RECONCILER, "plan", _folder(agents) / config, "--detailed-exitcode")
    return Program(command=command, environment=environment, expect=expect)


@contextmanager
def tenant(agents: int, *, changed: int = 0) -> Iterator[dict[str, str]]:
    """Make a tenant and serve it; give the environment in which our commands reach it."""
    folder = _folder(agents)
    make = (PYTHON, "-m", "benchmarks.tenants", "--agents", str(agents), "--out", folder, "--changed", str(changed))
    subprocess.run(make, check=True, cwd=HERE.parent, stdout=subprocess.DEVNULL)
    simulate = (RECONCILER, "simulate", "udesk", "--port", "0", "--seed", folder / "live.json")
    with serving(simulate, WORK / f"simulator-{agents}.log") as url:
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


def table(rows: list[Row]) -> str:
    """Lay the rows out as Markdown that also reads well as it is."""
    lines = [("", "time", "against", "result", "bound", ""), *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
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
    rows: list[Row] = []
    try:
        if "plan" in names:
            install_octodns()
        for name in names:
            print(f"measuring: {name} …", file=sys.stderr, flush=True)
            rows += GROUPS[name]()
    except BrokenError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    text = f"Measured on {machine()}.\n\n{table(rows)}"
    print(text)
    missed = sum(not row.passes for row in rows)
    print(f"\n{len(rows) - missed} of {len(rows)} bounds hold" + (f"; {missed} missed" if missed else ""))
    if names == list(GROUPS):
        rewrite(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
