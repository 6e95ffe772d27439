"""What the documents promise exists: every command is documented, every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from reconciler.cli import cli

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = (
    "README.md",
    "CHANGELOG.md",
    "reconciler/architecture.md",
    "benchmarks/README.md",
    "docs/planning.md",
    "docs/reliability.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """A relative link names a file or a folder of the repository."""
    path = ROOT / page
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert [] == missing


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_in_the_readme(command: str) -> None:
    """A reader of the README meets each command."""
    assert f"reconciler {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    """Whoever copies a command from the README gets what it says."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\$ reconciler ([a-z]+)", text, re.MULTILINE))
    assert set() == named - set(cli.commands)
