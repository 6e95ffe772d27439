"""Events on stderr: short lines, or one flat JSON object a line."""

from __future__ import annotations

import io
import json
import logging
import warnings
from typing import Any

import pytest

from reconciler.model.secret import Mask, Secret
from reconciler.report.events import Event, Level
from reconciler.report.log import Events, LogFormat, libraries_heard


def logged(form: LogFormat, verbosity: int = 2, mask: Mask | None = None, **fields: Any) -> str:
    """Write one event, and give the line."""
    stream = io.StringIO()
    events = Events(stream, form=form, clock=lambda: 1_763_731_620.1239, verbosity=verbosity, mask=mask)
    events.write(Event(name="call-sent", fields=fields))
    return stream.getvalue()


def test_a_json_line() -> None:
    """The time, the level, the event and its fields beside them; one object, one line."""
    line = logged("json", call="c1", seconds=0.25, many=("a", "b"), name="李\n\u2028x\x85")
    assert line.endswith("}\n")
    assert 1 == len(line.splitlines())
    assert {
        "time": "2025-11-21T13:27:00.123Z",
        "level": "info",
        "event": "call-sent",
        "call": "c1",
        "seconds": 0.25,
        "many": ["a", "b"],
        "name": "李\n\u2028x\x85",
    } == json.loads(line)


def test_a_field_takes_no_other_s_place() -> None:
    """The time, the level and the event are always ours."""
    assert "info" == json.loads(logged("json", level="fatal", time="never"))["level"]


def test_a_stream_that_can_t_spell_still_gets_json() -> None:
    """What the encoding lacks is escaped as JSON escapes it, not as Python does."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="backslashreplace")
    Events(stream, form="json", clock=lambda: 0.0).write(Event(name="e", fields={"text": "李\x85"}))
    assert "李\x85" == json.loads(raw.getvalue())["text"]


def test_a_text_line() -> None:
    """Short, with names beside values; what has blanks is quoted, what is invisible is escaped."""
    line = logged("text", call="c1", why="a b", empty="", odd="\x1b[2J\n", many=[1, 2])
    assert '13:27:00 info    call-sent call=c1 why="a b" empty="" odd=\\x1b[2J\\n many="[1, 2]"\n' == line


def test_a_text_line_is_short() -> None:
    """What is the same in all lines, and what the plan shows, is left to JSON; a second attempt is told."""
    fields: dict[str, Any] = {"run": "4f2a", "call": "c1", "addresses": ["a/b"], "attempt": 1}
    assert "13:27:00 info    call-sent call=c1\n" == logged("text", **fields)
    assert "13:27:00 info    call-sent call=c1 attempt=2\n" == logged("text", **{**fields, "attempt": 2})
    assert fields.items() <= json.loads(logged("json", **fields)).items()


@pytest.mark.parametrize(
    ("form", "verbosity", "levels"),
    [
        ("text", -9, ["error"]),
        ("text", -1, ["error"]),
        ("text", 0, ["warning", "error"]),
        ("text", 1, ["info", "warning", "error"]),
        ("text", 2, ["debug", "info", "warning", "error"]),
        ("text", 9, ["debug", "info", "warning", "error"]),
        ("json", -1, ["error"]),
        ("json", 0, ["info", "warning", "error"]),
        ("json", 1, ["debug", "info", "warning", "error"]),
        ("json", 9, ["debug", "info", "warning", "error"]),
    ],
)
def test_verbosity_picks_the_levels(form: LogFormat, verbosity: int, levels: list[str]) -> None:
    """-q shows errors, nothing given also warnings and as JSON what happens, -v more, -vv all."""
    stream = io.StringIO()
    events = Events(stream, form=form, clock=lambda: 0.0, verbosity=verbosity)
    for level in Level:
        events.write(Event(name="e", level=level))
        assert (level.name.lower() in levels) == events.shows(level)
    assert levels == [level.name.lower() for level in Level if level.name.lower() in stream.getvalue()]
    assert len(levels) == len(stream.getvalue().splitlines())


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_are_masked(form: LogFormat) -> None:
    """In any field, at any depth, and a Secret by itself; also when the mask comes later."""
    line = logged(form, mask=Mask.of(["hunter22"]), url="a?sid=hunter22", deep={"x": ["hunter22"]}, own=Secret("zzzz"))
    assert "hunter22" not in line
    assert "zzzz" not in line
    stream = io.StringIO()
    events = Events(stream, form=form, clock=lambda: 0.0)
    events.hide(Mask.of(["hunter22"]))
    events.write(Event(name="hunter22", level=Level.ERROR))
    assert "hunter22" not in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_half_secret_is_left_where_a_text_is_cut(form: LogFormat) -> None:
    """A text is masked before it is cut."""
    for short in range(8):
        line = logged(form, mask=Mask.of(["hunter22"]), text="x" * (2_000 - short) + "hunter22" * 300)
        assert "hunter" not in line
        assert len(line) < 2_300


def test_a_closed_stream_stops_nothing() -> None:
    """A log that can't be written is no reason to stop an apply."""
    stream = io.StringIO()
    events = Events(stream, clock=lambda: 0.0)
    stream.close()
    events.write(Event(name="lost", level=Level.ERROR))


def test_libraries_keep_to_it() -> None:
    """What a library logs or warns of becomes an event, masked like all; afterwards it is heard no more."""
    stream = io.StringIO()
    events = Events(stream, form="json", clock=lambda: 0.0, mask=Mask.of(["hunter22"]))
    before = [*logging.getLogger().handlers]
    with warnings.catch_warnings(), libraries_heard(lambda: events):
        warnings.simplefilter("always")
        logging.getLogger("asyncio").error("task %s\nfailed", "hunter22")
        logging.getLogger("asyncio").info("small talk")
        warnings.warn("this is old", stacklevel=1)
    logging.getLogger("asyncio").error("later")
    task, old = (json.loads(line) for line in stream.getvalue().splitlines())
    assert ("library", "error", "asyncio", "task ***\nfailed") == tuple(
        task[name] for name in ("event", "level", "logger", "text")
    )
    assert "warning" == old["level"]
    assert "this is old" in old["text"]
    assert before == logging.getLogger().handlers
