"""
Put real output into README.md and docs/, or check that it is there.

    python -m scripts.docs [--check] [PAGE…]

A block between `<!-- NAME -->` and `<!-- end -->` holds what its command prints: as a console shows it, or, where that
is Markdown, as it is. Ports differ from run to run, so they are shown as 8080. In the other pages of docs/ each block
of commands is carried out, see `walkthrough`. `docs/reference/` is read off the code, see `reference`, and
`docs/examples/` has a plan in each of its forms.

With `--check` pages that tests walk are left to them, so that nobody waits for them twice.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from scripts import examples, reference
from scripts.walkthrough import WalkError, blocks, walked

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = {
    "README.md": ("demo", "plan", "explain", "help"),
    "docs/planning.md": ("mutants",),
    "docs/reliability.md": ("faults",),
    "docs/vendors.md": ("demo-tencent", "settings", "unsupported", "open-udesk", "open-tencent"),
}
PYTHON: Final = sys.executable
AT_ONCE: Final = 3  # pages that are walked side by side
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


def walks() -> tuple[str, ...]:
    """Name the pages whose commands are carried out, from top to bottom."""
    pages = ("README.md", *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").glob("*.md"))))
    return tuple(page for page in pages if any(block.carried_out for block in blocks(_text(page))))


def made(*, check: bool, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    """Make every page that holds output, or those *wanted*; give its name and its text."""
    without = CHECKED_BY_TESTS if check else ()
    for page in PAGES:
        if not wanted or page in wanted:
            yield page, rendered(page, _text(page), without=without)
    due = [] if check else [page for page in walks() if not wanted or page in wanted]
    with ThreadPoolExecutor(AT_ONCE) as pool:  # most of a walk is waiting: for a simulator, or for the rate of calls
        yield from zip(due, pool.map(_walked, due), strict=True)
    for folder, pages in (("docs/reference", reference.pages()), ("docs/examples", examples.documents())):
        for name, make in pages.items():
            if not wanted or f"{folder}/{name}" in wanted:
                yield f"{folder}/{name}", make()


def _walked(page: str) -> str:
    try:
        return walked(_text(page))
    except WalkError as error:
        message = f"{page}, {error}"
        raise SystemExit(message) from error


def _text(page: str) -> str:
    path = ROOT / page
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main() -> int:
    """Rewrite the pages, or compare."""
    check = "--check" in sys.argv[1:]
    stale = []
    for page, after in made(check=check, wanted={word for word in sys.argv[1:] if word != "--check"}):
        if _text(page) == after:
            continue
        stale.append(page)
        if not check:
            path = ROOT / page
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, encoding="utf-8")
    if stale and check:
        sys.stderr.write(f"{' and '.join(stale)}: not what the commands print. Run `make docs`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
