"""
Put real output into README.md and docs/, or check that it is there.

    python scripts/docs.py [--check]

A block between `<!-- NAME -->` and `<!-- end -->` holds what its command prints: as a console shows it, or, where that
is Markdown, as it is. Ports differ from run to run, so they are shown as 8080.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = {
    "README.md": ("demo", "plan", "explain", "help"),
    "docs/planning.md": ("mutants",),
    "docs/reliability.md": ("faults",),
    "docs/vendors.md": ("demo-tencent", "settings", "unsupported", "open-udesk", "open-tencent"),
}
PYTHON: Final = sys.executable
_PLAN: Final = (PYTHON, "-m", "reconciler", "plan", "examples/udesk", "--live", "examples/udesk-before.json")
BLOCKS: Final = {
    "demo": ("$ make demo", (PYTHON, "-m", "scripts.demo")),
    "demo-tencent": ("$ make demo-tencent", (PYTHON, "-m", "scripts.demo", "tencent")),
    "plan": (
        "$ reconciler plan examples/udesk --live examples/udesk-before.json",
        _PLAN,
    ),
    "explain": (
        "$ reconciler plan examples/udesk --live examples/udesk-before.json --explain agents/gao.ming",
        (*_PLAN, "--explain", "agents/gao.ming"),
    ),
    "help": ("$ reconciler --help", (PYTHON, "-m", "reconciler", "--help")),
    "mutants": ("", (PYTHON, "-m", "tests.mutants")),
    "faults": ("", (PYTHON, "-m", "tests.conformance.troubled")),
    "settings": ("", (PYTHON, "-m", "scripts.vendors", "settings")),
    "unsupported": ("", (PYTHON, "-m", "scripts.vendors", "unsupported")),
    "open-udesk": ("", (PYTHON, "-m", "scripts.vendors", "udesk")),
    "open-tencent": ("", (PYTHON, "-m", "scripts.vendors", "tencent")),
}
CHECKED_BY_TESTS: Final = {"faults"}  # which carry out what the block shows, so that nobody has to wait for it twice
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
    text = re.sub(r"\brun [0-9a-f]{12}\b", "run 4f2a1b2c3d4e", text)
    if name == "demo":
        text = _LEFT_OUT.sub("…\n", text, count=1)
    if name == "explain":
        text = f"…\n{text[text.index(_ASKED) + 1 :]}"
    return text.strip("\n")


def rendered(page: str, text: str, *, without: Collection[str] = ()) -> str:
    """Fill every block of a page, *without* some."""
    for name in PAGES[page]:
        if name in without:
            continue
        command, _ = BLOCKS[name]
        shown = f"```console\n{command}\n{output(name)}\n```" if command else f"\n{output(name)}\n"
        block = f"<!-- {name} -->\n{shown}\n<!-- end -->"
        pattern = re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)
        text, count = pattern.subn(block.replace("\\", r"\\"), text)
        if count != 1:
            message = f"{page} has {count} blocks named {name}"
            raise SystemExit(message)
    return text


def main() -> int:
    """Rewrite the pages, or compare."""
    stale = []
    check = "--check" in sys.argv[1:]
    for page in PAGES:
        path = ROOT / page
        before = path.read_text(encoding="utf-8")
        after = rendered(page, before, without=CHECKED_BY_TESTS if check else ())
        if before == after:
            continue
        stale.append(page)
        if not check:
            path.write_text(after, encoding="utf-8")
    if stale and check:
        sys.stderr.write(f"{' and '.join(stale)}: not what the commands print. Run `make docs`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
