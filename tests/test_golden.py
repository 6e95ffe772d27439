"""
Whole stories: a wish and a live tenant in, the plan as people and programs read it out.

One folder a story: `desired.yaml`, `live.json`, `plan.txt`, `plan.json`. `pytest --update-golden` writes the plans
anew; what changed is then read by who reviews.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Final

import pytest

from reconciler import pipeline
from reconciler.report.console import make_console
from reconciler.report.document import dumps, plan_document
from reconciler.report.plan_text import render_plan

GOLDEN: Final = Path(__file__).parent / "golden"
EXAMPLES: Final = GOLDEN.parent.parent / "examples"
STORIES: Final = tuple(sorted(path.parent.name for path in GOLDEN.glob("*/desired.yaml")))
ENVIRON: Final = {"UDESK_SID": "sid-of-the-account", "UDESK_AUTH_TOKEN": "token-of-the-account"}


@pytest.mark.parametrize("story", STORIES)
def test_the_story_is_planned_as_it_was(story: str, *, update_golden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is the same to the byte, as text and as JSON; it was rehearsed, and has no call too many."""
    monkeypatch.chdir(GOLDEN / story)
    _check(GOLDEN / story, "desired.yaml", "live.json", update=update_golden)


def test_the_example_is_planned_as_it_was(*, update_golden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example, from the older state that the demo starts with."""
    monkeypatch.chdir(EXAMPLES)
    _check(GOLDEN / "example", "udesk", "udesk-before.json", update=update_golden)


def test_every_folder_is_a_story() -> None:
    """Nothing lies there that no test looks at."""
    assert {*STORIES, "example"} == {path.name for path in GOLDEN.iterdir() if path.is_dir()}


def _check(folder: Path, configuration: str, live: str, *, update: bool) -> None:
    request = pipeline.Request(path=configuration, snapshot=live, environ=ENVIRON, state=f"sqlite:///{folder}/no.db")
    session = pipeline.open_session(pipeline.read(request), request)
    made, _ = asyncio.run(pipeline.plan(session))
    text = io.StringIO()
    render_plan(make_console(text, "never", {"COLUMNS": "100"}), made, desired=session.desired, verbose=True)
    written = {"plan.txt": text.getvalue(), "plan.json": dumps(plan_document(made, mask=session.desired.mask))}
    for name, content in written.items():
        for secret in ENVIRON.values():
            assert secret not in content
        if update:
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        assert (folder / name).read_text(encoding="utf-8") == content, "pytest --update-golden, if this is meant"
    assert made.summary.minimum_calls <= made.summary.calls
