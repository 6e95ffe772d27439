"""
Whole stories: a wish and a live tenant in, the plan as people and programs read it out.

One folder a story: `desired.yaml`, `live.json`, `plan.txt`, `plan.json`; one that is refused from the files alone has
`desired.yaml` and `errors.txt`. `pytest --update-golden` writes the plans anew; what changed is then read by who
reviews.
"""

from __future__ import annotations

import asyncio
import io
import shutil
from pathlib import Path
from typing import Final

import pytest

from reconciler import pipeline
from reconciler.model.errors import Invalid
from reconciler.report.console import make_console
from reconciler.report.document import dumps, plan_document
from reconciler.report.plan_text import render_plan
from reconciler.report.text import render_diagnostics

GOLDEN: Final = Path(__file__).parent / "golden"
EXAMPLES: Final = GOLDEN.parent.parent / "examples"
STORIES: Final = tuple(sorted(path.parent.name for path in GOLDEN.glob("*/live.json")))
WRONG: Final = tuple(sorted({path.parent.name for path in GOLDEN.glob("*/desired.yaml")} - {*STORIES}))
ENVIRON: Final = {
    "UDESK_SID": "sid-of-the-account",
    "UDESK_AUTH_TOKEN": "token-of-the-account",
    "TENCENTCLOUD_SECRET_ID": "id-of-the-account",
    "TENCENTCLOUD_SECRET_KEY": "key-of-the-account",
}


@pytest.mark.parametrize("story", STORIES)
def test_the_story_is_planned_as_it_was(
    story: str, *, update_golden: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The plan is the same to the byte, as text and as JSON; it was rehearsed, and has no call too many."""
    # In a copy, since a mistake of ours leaves a file beside the configuration.
    monkeypatch.chdir(shutil.copytree(GOLDEN / story, tmp_path / story))
    _check(GOLDEN / story, "desired.yaml", "live.json", update=update_golden)


def test_the_example_is_planned_as_it_was(
    *, update_golden: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The example, from the older state that the demo starts with."""
    monkeypatch.chdir(shutil.copytree(EXAMPLES, tmp_path / "examples"))
    _check(GOLDEN / "example", "udesk", "udesk-before.json", update=update_golden)


@pytest.mark.parametrize("story", WRONG)
def test_the_story_ends_with_its_files(story: str, *, update_golden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a live tenant to look at, `validate` and `plan` tell the same: what is wrong, where, and what to do."""
    monkeypatch.chdir(GOLDEN / story)
    request = pipeline.Request(path="desired.yaml", environ=ENVIRON)
    loaded = pipeline.read(request)
    with pytest.raises(Invalid) as caught:
        pipeline.open_session(loaded, request)
    assert loaded.diagnostics == caught.value.diagnostics
    text = io.StringIO()
    render_diagnostics(make_console(text, "never", {"COLUMNS": "100"}), loaded.diagnostics, mask=loaded.mask)
    _same(GOLDEN / story / "errors.txt", text.getvalue(), update=update_golden)


def test_every_folder_is_a_story() -> None:
    """Nothing lies there that no test looks at."""
    assert {*STORIES, *WRONG, "example"} == {path.name for path in GOLDEN.iterdir() if path.is_dir()}
    assert {*WRONG} == {path.parent.name for path in GOLDEN.glob("*/errors.txt")}


@pytest.mark.parametrize("story", [*STORIES, *WRONG])
def test_every_story_says_what_it_is_about(story: str) -> None:
    """The first line of its files is a sentence for who reads the plan."""
    first, *_ = (GOLDEN / story / "desired.yaml").read_text(encoding="utf-8").splitlines()
    assert first.startswith("# ")


def _check(folder: Path, configuration: str, live: str, *, update: bool) -> None:
    request = pipeline.Request(path=configuration, snapshot=live, environ=ENVIRON, state="sqlite:///no.db")
    session = pipeline.open_session(pipeline.read(request), request)
    made, _ = asyncio.run(pipeline.plan(session))
    text = io.StringIO()
    render_plan(make_console(text, "never", {"COLUMNS": "100"}), made, desired=session.desired, verbose=True)
    written = {"plan.txt": text.getvalue(), "plan.json": dumps(plan_document(made, mask=session.desired.mask))}
    for name, content in written.items():
        _same(folder / name, content, update=update)
    assert made.summary.minimum_calls <= made.summary.calls


def _same(path: Path, content: str, *, update: bool) -> None:
    for secret in ENVIRON.values():
        assert secret not in content
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    assert before == content, "pytest --update-golden, if this is meant"
