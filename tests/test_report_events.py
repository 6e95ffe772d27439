"""What happens becomes flat events: attempts, outcomes, problems and errors."""

from __future__ import annotations

from typing import Any, Final

import pytest

from reconciler.model.call import Call
from reconciler.model.diagnostics import Diagnostics, Place, error, warning
from reconciler.model.errors import (
    DefectError,
    Invalid,
    RateLimited,
    ReconcilerError,
    Refused,
    Rejected,
    Unauthorized,
    Unexpected,
    Unreachable,
    VendorError,
)
from reconciler.model.history import Attempt, Ending, Settled
from reconciler.model.outcome import Asked, Outcome, Verdict
from reconciler.model.plan import Refusal
from reconciler.report.events import Event, Level, attempt_event, error_events, outcome_event, read_event

CALL: Final = Call("PUT", "/q", {"a": 1}, id="c3", changes=("queues/sales",), why="timeout 60 → 90")
ABOUT: Final = {"run": "4f2a", "call": "c3", "title": "PUT /q", "addresses": ("queues/sales",)}


@pytest.mark.parametrize(
    ("attempt", "event"),
    [
        (
            Attempt(call=CALL, number=1),
            Event(name="sending", fields={**ABOUT, "attempt": 1}),
        ),
        (
            Attempt(call=CALL, number=2, ending=Ending.DONE, milliseconds=0, request_id="r-7"),
            Event(name="sent", fields={**ABOUT, "attempt": 2, "outcome": "done", "ms": 0, "request_id": "r-7"}),
        ),
        (
            Attempt(call=CALL, number=1, ending=Ending.LOST, milliseconds=9, text="reset"),
            Event(
                name="sent",
                level=Level.WARNING,
                fields={**ABOUT, "attempt": 1, "outcome": "lost", "ms": 9, "text": "reset"},
            ),
        ),
        (
            Attempt(call=CALL, number=1, ending=Ending.LOST, milliseconds=9, settled=Settled.NOT_DONE),
            Event(
                name="settled",
                level=Level.WARNING,
                fields={**ABOUT, "attempt": 1, "outcome": "lost", "ms": 9, "settled": "not done"},
            ),
        ),
    ],
)
def test_an_attempt(attempt: Attempt, event: Event) -> None:
    """When it begins nothing is known but what is sent; then how it ended, how long it took, whose answer it was."""
    assert event == attempt_event(attempt, "4f2a")


@pytest.mark.parametrize(
    ("error", "level", "fields"),
    [
        (None, Level.DEBUG, {"outcome": "done"}),
        (Unreachable("Nobody."), Level.WARNING, {"outcome": "unsent", "text": "Nobody."}),
        (RateLimited("Slow."), Level.WARNING, {"outcome": "unsent", "text": "Slow."}),
        (Unauthorized("Who?"), Level.WARNING, {"outcome": "refused", "text": "Who?"}),
        (Unexpected("Odd."), Level.WARNING, {"outcome": "lost", "text": "Odd."}),
        (
            Rejected("No.", code="100004", text="Duplicate entry"),
            Level.WARNING,
            {"outcome": "refused", "text": "No. (100004: Duplicate entry)"},
        ),
    ],
)
def test_a_read(error: VendorError | None, level: Level, fields: dict[str, Any]) -> None:
    """What was asked for, which attempt it was, how it ended, how long it took, and the vendor's id of the request."""
    call = Call("POST", "/", action="DescribeNumbers", read_only=True)
    asked = Asked(call=call, number=2, milliseconds=9, request_id="r-7", error=error)
    about = {"run": "4f2a", "title": "DescribeNumbers", "path": "/", "attempt": 2, "ms": 9, "request_id": "r-7"}
    assert Event(name="read", level=level, fields={**about, **fields}) == read_event(asked, "4f2a")


REJECTED: Final = Rejected("No.", code="100004", text="Duplicate entry", remedy="Free it.")


@pytest.mark.parametrize(
    ("outcome", "level", "fields"),
    [
        (Outcome(call=CALL, verdict=Verdict.DONE), Level.INFO, {"attempt": 1, "outcome": "done"}),
        (
            Outcome(call=CALL, verdict=Verdict.FAILED, error=REJECTED, attempts=2),
            Level.ERROR,
            {"attempt": 2, "outcome": "failed", "text": "No. (100004: Duplicate entry)", "remedy": "Free it."},
        ),
        (
            Outcome(call=CALL, verdict=Verdict.SKIPPED, blocked_by=("c1",)),
            Level.WARNING,
            {"outcome": "skipped", "blocked_by": ("c1",)},
        ),
        (
            Outcome(call=CALL, verdict=Verdict.DONE, settled="done", lost=("8001",), note="make another"),
            Level.WARNING,
            {"attempt": 1, "outcome": "done", "settled": "done", "lost": ("8001",), "text": "make another"},
        ),
    ],
)
def test_an_outcome(outcome: Outcome, level: Level, fields: dict[str, Any]) -> None:
    """How a call ended, with the vendor's words, after how many attempts; what is empty is left out."""
    assert Event(name="call", level=level, fields={**ABOUT, **fields}) == outcome_event(outcome, "4f2a")


def test_problems_have_places() -> None:
    """Each problem of a configuration is an event of its own, with file, line and column."""
    place = Place(file="a.yaml", line=2, column=3)
    problems = Diagnostics.of([error("e", "bad", place=place, remedy="mend"), warning("w", "odd")])
    odd, bad = error_events(Invalid(problems))
    assert Event(name="problem", level=Level.WARNING, fields={"code": "w", "text": "odd"}) == odd
    assert {"code": "e", "text": "bad", "remedy": "mend", "file": "a.yaml", "line": 2, "column": 3} == bad.fields


@pytest.mark.parametrize(
    ("problem", "fields"),
    [
        (ReconcilerError("No.", remedy="Do."), {"text": "No.", "remedy": "Do."}),
        (
            Unexpected("Odd.", call="GET /q", reply="<html>"),
            {"text": "Odd.", "title": "GET /q", "answer": "<html>"},
        ),
        (DefectError("Ours.", report="all of it", file="d.json"), {"text": "Ours.", "file": "d.json"}),
        (DefectError("Ours.", report="all of it"), {"text": "Ours.", "report": "all of it"}),
    ],
)
def test_an_error(problem: ReconcilerError, fields: dict[str, Any]) -> None:
    """What went wrong and what to do."""
    assert [Event(name="error", level=Level.ERROR, fields=fields)] == [*error_events(problem)]


def test_a_refusal_says_what_lifts_it() -> None:
    """The guard's words and remedy, beside the refusal itself."""
    refusal = Refusal(rule="lock-held", message="held", objects=("acme",), remedy="wait")
    whole, part = error_events(Refused("Not applied.", refusals=(refusal,)))
    assert ("refused", {"text": "Not applied."}) == (whole.name, whole.fields)
    assert ("refusal", Level.ERROR) == (part.name, part.level)
    assert {"code": "lock-held", "text": "held", "remedy": "wait", "addresses": ("acme",)} == part.fields
