"""Events on stderr: short lines, or one JSON object a line."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from reconciler.model.secret import Mask, Secret
from reconciler.report.log import Events, Level, LogFormat


def logged(form: LogFormat, verbosity: int = 2, mask: Mask | None = None, **fields: Any) -> str:
    """Write one event, and give the line."""
    stream = io.StringIO()
    Events(stream, form=form, clock=lambda: 1_763_731_620.1239, verbosity=verbosity, mask=mask).info(
        "call-sent", **fields
    )
    return stream.getvalue()


def test_a_json_line() -> None:
    """The time, the level, the event and its fields; one object, one line."""
    line = logged("json", call="c1", seconds=0.25, many=("a", "b"), name="李\n")
    assert line.endswith("}\n")
    assert 1 == line.count("\n")
    assert {
        "time": "2025-11-21T13:27:00.123Z",
        "level": "info",
        "event": "call-sent",
        "fields": {"call": "c1", "seconds": 0.25, "many": ["a", "b"], "name": "李\n"},
    } == json.loads(line)


def test_a_text_line() -> None:
    """Short, with names beside values; what has blanks is quoted, what is invisible is escaped."""
    line = logged("text", call="c1", why="a b", empty="", odd="\x1b[2J\n", many=[1, 2])
    assert '13:27:00 info    call-sent call=c1 why="a b" empty="" odd=\\x1b[2J\\n many="[1, 2]"\n' == line


@pytest.mark.parametrize(
    ("verbosity", "levels"),
    [
        (-9, ["error"]),
        (-1, ["error"]),
        (0, ["warning", "error"]),
        (1, ["info", "warning", "error"]),
        (2, ["debug", "info", "warning", "error"]),
        (9, ["debug", "info", "warning", "error"]),
    ],
)
def test_verbosity_picks_the_levels(verbosity: int, levels: list[str]) -> None:
    """-q shows errors, nothing given also warnings, -v what happens, -vv details."""
    stream = io.StringIO()
    events = Events(stream, form="json", clock=lambda: 0.0, verbosity=verbosity)
    events.debug("e")
    events.info("e")
    events.warning("e")
    events.error("e")
    assert levels == [json.loads(line)["level"] for line in stream.getvalue().splitlines()]
    assert ("debug" in levels) == events.shows(Level.DEBUG)


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_are_masked(form: LogFormat) -> None:
    """In any field, at any depth, and a Secret by itself; also when the mask comes later."""
    line = logged(form, mask=Mask.of(["hunter22"]), url="a?sid=hunter22", deep={"x": ["hunter22"]}, own=Secret("zzzz"))
    assert "hunter22" not in line
    assert "zzzz" not in line
    stream = io.StringIO()
    events = Events(stream, form=form, clock=lambda: 0.0)
    events.hide(Mask.of(["hunter22"]))
    events.error("hunter22")
    assert "hunter22" not in stream.getvalue()


def test_a_closed_stream_stops_nothing() -> None:
    """A log that can't be written is no reason to stop an apply."""
    stream = io.StringIO()
    events = Events(stream, clock=lambda: 0.0)
    stream.close()
    events.error("lost")
