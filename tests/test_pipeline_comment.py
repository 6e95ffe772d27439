"""The pull request's one comment: found again, brought up to date, and never anybody else's."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.pipeline.forge import BOT, TOKEN, Forge, forge
from tests.pipeline.runner import ROOT

PROGRAM: Final = ROOT / "pipelines" / "github" / "steps" / "comment.py"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    """Give a forge with one pull request."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with forge() as found:
        yield found


def program() -> Any:
    """Load the step's program, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("comment", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def comment(hub: Forge, folder: Path, text: str = "**2 to create**\n", **more: str) -> int:
    """Run the step, with no pause between its tries; give its exit code."""
    file = folder / "comment.md"
    file.write_text(text, encoding="utf-8")
    environ: Mapping[str, str] = {
        "GITHUB_API_URL": hub.url,
        "GITHUB_REPOSITORY": "acme/contact-center",
        "GITHUB_TOKEN": TOKEN,
        "PULL_REQUEST": "7",
        "COMMENT_AUTHOR": BOT,
        "COMMENT_FILE": str(file),
        "COMMENT_KEY": "acme-prod",
        **more,
    }
    code: int = program().main(environ, lambda _: None)
    return code


def test_it_is_written_once_and_brought_up_to_date(hub: Forge, tmp_path: Path) -> None:
    """Its first line tells it from others; the rest is what was given."""
    assert 0 == comment(hub, tmp_path)
    assert ["<!-- reconciler-action:acme-prod -->\n**2 to create**\n"] == hub.bodies
    assert 0 == comment(hub, tmp_path, "No changes.\n")
    assert ["<!-- reconciler-action:acme-prod -->\nNo changes.\n"] == hub.bodies


def test_it_is_found_on_a_later_page(hub: Forge, tmp_path: Path) -> None:
    """A long talk has more comments than one answer holds."""
    for number in range(250):
        hub.comment(f"I think {number}", "ann")
    assert 0 == comment(hub, tmp_path)
    assert 0 == comment(hub, tmp_path, "No changes.\n")
    assert 251 == len(hub.comments)
    assert "No changes." in hub.bodies[250]


def test_others_are_left_alone(hub: Forge, tmp_path: Path) -> None:
    """Somebody who writes our first line does not get our words into theirs; nor does another tenant's comment."""
    forged = "<!-- reconciler-action:acme-prod -->\nNo changes, trust me."
    hub.comment(forged, "mallory")
    other = "<!-- reconciler-action:acme-test -->\n1 to delete"
    hub.comment(other)
    quoted = "As was said:\n<!-- reconciler-action:acme-prod -->\n"
    hub.comment(quoted)
    assert 0 == comment(hub, tmp_path)
    assert 0 == comment(hub, tmp_path)
    assert [forged, other, quoted] == hub.bodies[:3]
    assert 4 == len(hub.comments)


def test_of_two_one_stays(hub: Forge, tmp_path: Path) -> None:
    """Two runs at the same time may have written one each."""
    for _ in range(2):
        hub.comment("<!-- reconciler-action:acme-prod -->\nold")
    assert 0 == comment(hub, tmp_path)
    assert ["<!-- reconciler-action:acme-prod -->\n**2 to create**\n"] == hub.bodies


@pytest.mark.parametrize("key", ["", "a --> <script>", "two\nlines", "x" * 200])
def test_the_key_can_t_end_its_line(hub: Forge, tmp_path: Path, key: str) -> None:
    """What is no plain word is fingerprinted, with what the comment is about."""
    assert 0 == comment(hub, tmp_path, COMMENT_KEY=key, COMMENT_OF='"." "contact-center" ""')
    assert 0 == comment(hub, tmp_path, COMMENT_KEY=key, COMMENT_OF='"." "elsewhere" ""')
    first, second = (body.splitlines()[0] for body in hub.bodies)
    assert first != second
    assert re.fullmatch(r"<!-- reconciler-action:[0-9a-f]{12} -->", first)


def test_a_long_text_is_cut(hub: Forge, tmp_path: Path) -> None:
    """GitHub takes 65,536 characters."""
    assert 0 == comment(hub, tmp_path, "座" * 100_000)
    assert len(hub.bodies[0]) < 65_536
    assert hub.bodies[0].endswith("…")


@pytest.mark.parametrize("answers", [[502], [200, 503], [200, 0], [429, 500]])
def test_a_passing_fault_leaves_one_comment(hub: Forge, tmp_path: Path, answers: list[int]) -> None:
    """GitHub is away for a moment, or its answer is lost after the comment was written."""
    hub.answers += answers
    assert 0 == comment(hub, tmp_path)
    assert 1 == len(hub.comments)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ([403], "GitHub answered 403 to GET issues/7/comments"),
        ([502, 502, 502], "GitHub answered 502"),
        ({"GITHUB_TOKEN": "another"}, "GitHub answered 401"),
        ({"PULL_REQUEST": "7/../8\n::error::"}, "is no number of a pull request"),
        ({"COMMENT_FILE": "/nonexistent/50%\n::warning::"}, "50%25"),
        ({"GITHUB_API_URL": "http://127.0.0.1:1"}, "refused"),
    ],
)
def test_a_failure_is_said_on_one_line(
    hub: Forge, tmp_path: Path, fault: list[int] | dict[str, str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The step fails, lest an old comment stands there as if it were of today; the token is not in what it says."""
    more = {}
    if isinstance(fault, dict):
        more = fault
    else:
        hub.answers += fault
    assert 1 == comment(hub, tmp_path, **more)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::error title=No comment::")
    assert words in line
    assert TOKEN not in line
    assert [] == hub.comments
