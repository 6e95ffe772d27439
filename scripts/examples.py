"""
A plan in each of its forms, and the routing picture in each of its own: `docs/examples/`.

All are of the example contact center against the state that it had a month before, so that they can be compared.
`scripts/docs.py` writes the files.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_PLAN: Final = ("plan", "examples/udesk", "--live", "examples/udesk-before.json")
COMMANDS: Final = {
    "plan.txt": _PLAN,
    "plan.json": (*_PLAN, "--format", "json"),
    "plan.md": (*_PLAN, "--format", "markdown"),
    "plan.html": (*_PLAN, "--format", "html"),
    "plan.sarif.json": (*_PLAN, "--format", "sarif"),
    "plan.github.txt": (*_PLAN, "--format", "github"),
    "plan.gitlab.json": (*_PLAN, "--format", "gitlab"),
    "plan.junit.xml": (*_PLAN, "--format", "junit"),
    "graph.svg": ("graph", "examples/udesk", "--format", "svg"),
    "graph-broken.svg": ("graph", "examples/udesk", "--overlay", "docs/examples/broken.yaml", "--format", "svg"),
    "graph.mmd": ("graph", "examples/udesk", "--format", "mermaid"),
    "graph.dot": ("graph", "examples/udesk", "--format", "dot"),
    "graph.html": ("graph", "examples/udesk", "--format", "html"),
}


def documents() -> Mapping[str, Callable[[], str]]:
    """Name the files, and what writes each."""
    return {name: partial(written, name) for name in COMMANDS}


# A pipeline's own settings make links absolute.
_ASIDE: Final = ("RECONCILER_", "UDESK_", "GITHUB_", "CI_")


@cache
def written(name: str) -> str:
    """Run a file's command; give what it prints."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(_ASIDE)},
        "UDESK_SID": "demo-sid",
        "UDESK_AUTH_TOKEN": "demo-token",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    command = (sys.executable, "-m", "reconciler", *COMMANDS[name])
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True).stdout
