"""
Put real output into README.md, or check that it is there.

    python scripts/docs.py [--check]

A block between `<!-- NAME -->` and `<!-- end -->` holds what its command prints. Ports differ from run to run, so they
are shown as 8080.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
README: Final = ROOT / "README.md"
PYTHON: Final = sys.executable
_PLAN: Final = (PYTHON, "-m", "reconciler", "plan", "examples/udesk", "--live", "examples/udesk-before.json")
BLOCKS: Final = {
    "demo": ("$ make demo", (PYTHON, "scripts/demo.py")),
    "plan": (
        "$ reconciler plan examples/udesk --live examples/udesk-before.json",
        _PLAN,
    ),
    "explain": (
        "$ reconciler plan examples/udesk --live examples/udesk-before.json --explain agents/gao.ming",
        (*_PLAN, "--explain", "agents/gao.ming"),
    ),
    "help": ("$ reconciler --help", (PYTHON, "-m", "reconciler", "--help")),
}
# The demo's plan is the block below it, and the story is long: these lines open and close what is left out.
_LEFT_OUT: Final = re.compile(r"(?<=--detailed-exitcode\n)Queues\n.*?(?=\nPlan: )", re.DOTALL)
_ASKED: Final = "\n\nagents/gao.ming: "  # where the explanation begins, below a plan that stands in another block


def output(name: str) -> str:
    """Run a block's command; give what it prints."""
    environment = {
        **os.environ,
        "UDESK_SID": "demo-sid",
        "UDESK_AUTH_TOKEN": "demo-token",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    environment.pop("UDESK_URL", None)
    done = subprocess.run(BLOCKS[name][1], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", done.stdout)
    if name == "demo":
        text = _LEFT_OUT.sub("…\n", text, count=1)
    if name == "explain":
        text = f"…\n{text[text.index(_ASKED) + 1 :]}"
    return text.strip("\n")


def rendered(readme: str) -> str:
    """Fill every block of *readme*."""
    for name, (command, _) in BLOCKS.items():
        block = f"<!-- {name} -->\n```console\n{command}\n{output(name)}\n```\n<!-- end -->"
        pattern = re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)
        readme, count = pattern.subn(block.replace("\\", r"\\"), readme)
        if count != 1:
            message = f"README.md has {count} blocks named {name}"
            raise SystemExit(message)
    return readme


def main() -> int:
    """Rewrite README.md, or compare."""
    before = README.read_text(encoding="utf-8")
    after = rendered(before)
    if before == after:
        return 0
    if "--check" in sys.argv[1:]:
        sys.stderr.write("README.md does not show what the commands print: run `make docs`.\n")
        return 1
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
