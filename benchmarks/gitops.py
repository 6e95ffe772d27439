"""
Measure what reviewers and pipelines wait for: a plan as HTML, a review, an absorbed change, and the graph.

All of it is offline but for one row of `absorb`: live states are snapshots, and no credentials would work anywhere.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.absorbing import absorb
from benchmarks.measure import BrokenError, Program, interleaved
from benchmarks.places import AUTH_TOKEN, HERE, PYTHON, RECONCILER, SID, WORK
from benchmarks.rows import Row, ratio

AGENTS, DRAWN = 10_000, 5_000
REVIEWED: Final = 100  # agents that a pull request changes
ROUNDS: Final = 5
ENVIRONMENT: Final = {"UDESK_URL": "http://127.0.0.1:9", "UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN}
_MB: Final = 1_000_000


def gitops() -> list[Row]:
    """Measure a tenant of 10,000 agents: each form against what it is compared with, all programs in turn."""
    everyone = _tenant("gitops-all", AGENTS, changed=AGENTS)
    some = _tenant("gitops-some", AGENTS, changed=REVIEWED)
    drawn = _tenant("gitops-drawn", DRAWN)
    repository = _repository(some)
    found = interleaved(
        {
            "text": _program("plan", everyone / "changed", "--live", everyone / "live.json"),
            "html": _program("plan", everyone / "changed", "--live", everyone / "live.json", "--format", "html"),
            "validate": _program("validate", repository / "config"),
            "review": _program("review", repository / "config", "--base", "HEAD", says="100"),
            "validate-drawn": _program("validate", drawn / "config"),
            "graph": _program("graph", drawn / "config", says="<svg"),
        },
        rounds=ROUNDS,
        log=WORK / "gitops.log",
    )
    return [
        ratio(f"`plan --format html` of {AGENTS:,} changes, against text", found["html"], found["text"], 2),
        _size(everyone),
        ratio(
            f"`review` of {REVIEWED} changes among {AGENTS:,} agents, against `validate`",
            found["review"],
            found["validate"],
            2.5,
        ),
        *absorb(),
        ratio(f"`graph` of {DRAWN:,} agents, against `validate`", found["graph"], found["validate-drawn"], 2),
    ]


def _program(*words: str | Path, says: str = "") -> Program:
    return Program(command=(RECONCILER, *words), environment=ENVIRONMENT, says=says)


def _tenant(name: str, agents: int, *, changed: int = 0) -> Path:
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    make = (PYTHON, "-m", "benchmarks.tenants", "--agents", str(agents), "--out", folder, "--changed", str(changed))
    subprocess.run(make, check=True, cwd=HERE.parent, stdout=subprocess.DEVNULL)
    return folder


def _repository(tenant: Path) -> Path:
    """Put the configuration into a repository, and the changed one into its work tree."""
    folder = WORK / "gitops-repository"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tenant / "config", folder / "config")
    me = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com", "-c", "commit.gpgsign=false")
    for words in (("init", "--quiet"), ("add", "."), (*me, "commit", "--quiet", "--message", "Base")):
        subprocess.run(("git", *words), check=True, cwd=folder)  # noqa: S607 - the user's own git
    for file in (tenant / "changed").iterdir():
        shutil.copy(file, folder / "config" / file.name)
    return folder


def _size(tenant: Path) -> Row:
    """Weigh the page."""
    command: Sequence[str | Path] = (
        RECONCILER,
        "plan",
        tenant / "changed",
        "--live",
        tenant / "live.json",
        "--format",
        "html",
    )
    done = subprocess.run(command, check=False, capture_output=True, env={**ENVIRONMENT, "PATH": ""})
    if done.returncode != 0:
        message = f"the page can't be written:\n{done.stderr.decode()[-3000:]}"
        raise BrokenError(message)
    size = len(done.stdout) / _MB
    return Row(what="that page", measured="", against="", value=size, bound=5, unit=" MB")
