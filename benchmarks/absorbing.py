"""
Measure `absorb` of one hand-made change in 10,000 agents, in 20 files and in one, against `validate` of the same files.

The bound is for the program's own work: the live state comes from a snapshot. Another row reads it from the simulator.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

from benchmarks.measure import Program, interleaved, serving
from benchmarks.places import AUTH_TOKEN, HERE, PYTHON, RECONCILER, SID, WORK
from benchmarks.rows import Row, ratio

AGENTS: Final = 10_000
ROUNDS: Final = 7
_SAYS: Final = "Would absorb 2 differences in 1 file."


def absorb() -> list[Row]:
    """Measure it; nothing is written, so that each run finds the same."""
    folder = WORK / f"tenant-{AGENTS}"
    make = (PYTHON, "-m", "benchmarks.tenants", "--agents", str(AGENTS), "--out", folder, "--changed", "0")
    subprocess.run(make, check=True, cwd=HERE.parent, stdout=subprocess.DEVNULL)
    live, single = _by_hand(folder), _in_one(folder)
    simulate = (RECONCILER, "simulate", "udesk", "--port", "0", "--seed", live)
    with serving(simulate, WORK / "simulator-absorb.log") as url:
        environment = {"UDESK_URL": url, "UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN, "NO_PROXY": "127.0.0.1"}

        def program(command: str, config: Path, *more: str | Path) -> Program:
            says = _SAYS if command == "absorb" else ""
            return Program(command=(RECONCILER, command, config, *more), environment=environment, says=says)

        dry = ("--dry-run", "--live", live)
        found = interleaved(
            {
                "validate": program("validate", folder / "config"),
                "absorb": program("absorb", folder / "config", *dry),
                "validate one": program("validate", single),
                "absorb one": program("absorb", single, *dry),
                "read": program("absorb", folder / "config", "--dry-run"),
            },
            rounds=ROUNDS,
            log=WORK / "absorb.log",
        )
    what = "`absorb` of one agent's change in 10,000"
    return [
        ratio(f"{what}, against `validate`", found["absorb"], found["validate"], 1.5),
        ratio("the same, all agents in one file", found["absorb one"], found["validate one"], 1.5),
        ratio("the same, with the live state read from the simulator", found["read"], found["validate"], 3),
    ]


def _by_hand(folder: Path) -> Path:
    """Change one agent of the live state: a name, and a queue."""
    whole = json.loads((folder / "live.json").read_bytes())
    agents = whole["sections"]["agents"]
    agent = agents[sorted(agents)[AGENTS // 2]]
    agent["name"] = "Wang: Wei"
    agent["queues"] = agent["queues"][:1]
    path = folder / "by-hand.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def _in_one(folder: Path) -> Path:
    """Put all agents into one file."""
    single = folder / "single"
    shutil.rmtree(single, ignore_errors=True)
    single.mkdir()
    shutil.copy(folder / "config" / "company.yaml", single)
    with (single / "agents.yaml").open("w", encoding="utf-8") as out:
        out.write("agents:\n")
        for path in sorted((folder / "config").glob("agents-*.yaml")):
            out.write(path.read_text(encoding="utf-8").removeprefix("agents:\n"))
    return single
