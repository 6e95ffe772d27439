"""
What happens, as flat events: a level, a word, and fields. `report/log.py` writes them.

The fields are `run`, `call` (an id of the plan), `title` (a method and a path, or the vendor's action), `path` (of a
read), `addresses`, `attempt` (a number from 1), `outcome`, `ms`, `request_id` (the vendor's), `text`, and where they
help `remedy`, `file`, `line` and `column`. What is not known is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from reconciler.model.diagnostics import Diagnostic, Severity
from reconciler.model.errors import (
    DefectError,
    Invalid,
    RateLimited,
    ReconcilerError,
    Refused,
    Rejected,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unreachable,
    VendorError,
)
from reconciler.model.history import Attempt, Ending
from reconciler.model.outcome import Asked, Outcome, Verdict


class Level(IntEnum):
    """How much it matters."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


_VERDICTS: Final = {Verdict.FAILED: Level.ERROR, Verdict.UNKNOWN: Level.ERROR, Verdict.SKIPPED: Level.WARNING}
_ENDINGS: Final = {Ending.REFUSED: Level.WARNING, Ending.UNSENT: Level.WARNING, Ending.LOST: Level.WARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened."""

    name: str
    level: Level = Level.INFO
    fields: Mapping[str, Any] = field(default_factory=dict)


def told(text: str, level: Level = Level.INFO) -> Event:
    """Turn what a person would read on the way into an event."""
    return Event(name="progress", level=level, fields={"text": text})


def failed(name: str, text: str, *, remedy: str = "") -> Event:
    """Turn what ended a run, and is no error of ours, into an event."""
    return Event(name=name, level=Level.ERROR, fields=_known(text=text, remedy=remedy))


def read_event(asked: Asked, run: str = "") -> Event:
    """Say that a read was sent, and answered or not; one that is tried again is told each time."""
    call, error = asked.call, asked.error
    return Event(
        name="read",
        level=Level.DEBUG if error is None else Level.WARNING,
        fields=_known(
            run=run,
            title=call.title,
            path=call.path,
            attempt=asked.number,
            outcome=_read_ending(error).value,
            ms=asked.milliseconds,
            request_id=asked.request_id,
            text=_said(error) if error is not None else "",
        ),
    )


def _read_ending(error: VendorError | None) -> Ending:
    match error:
        case None:
            return Ending.DONE
        case Rejected() | Unauthorized() | UnknownTenant():
            return Ending.REFUSED
        case RateLimited() | Unreachable():
            return Ending.UNSENT
        case _:
            return Ending.LOST


def attempt_event(attempt: Attempt, run: str = "") -> Event:
    """Say that a call is about to be sent (`sending`), how that ended (`sent`), or what was read back (`settled`)."""
    call = attempt.call
    name = "sending" if attempt.ending is None else "sent"
    if attempt.settled is not None:
        name = "settled"
    return Event(
        name=name,
        level=_ENDINGS.get(attempt.ending, Level.INFO) if attempt.ending is not None else Level.INFO,
        fields=_known(
            run=run,
            call=call.id,
            title=call.title,
            addresses=call.changes,
            attempt=attempt.number,
            outcome=attempt.ending.value if attempt.ending is not None else "",
            ms=attempt.milliseconds if attempt.ending is not None else None,
            request_id=attempt.request_id,
            settled=attempt.settled.value if attempt.settled is not None else "",
            text=attempt.text,
        ),
    )


def outcome_event(outcome: Outcome, run: str = "") -> Event:
    """Say how a call of the plan ended, all attempts together."""
    call, error = outcome.call, outcome.error
    said = _said(error) if error is not None else outcome.note
    return Event(
        name="call",
        level=Level.ERROR if error is not None and outcome.verdict is Verdict.DONE else _level(outcome),
        fields=_known(
            run=run,
            call=call.id,
            title=call.title,
            addresses=call.changes,
            attempt=outcome.attempts if outcome.verdict is not Verdict.SKIPPED else None,
            outcome=outcome.verdict.value,
            request_id=error.request_id if error is not None else "",
            settled=outcome.settled,
            blocked_by=outcome.blocked_by,
            lost=outcome.lost,
            text=said,
            remedy=error.remedy if error is not None else "",
        ),
    )


def _level(outcome: Outcome) -> Level:
    return Level.WARNING if outcome.lost else _VERDICTS.get(outcome.verdict, Level.INFO)


def problem_event(item: Diagnostic) -> Event:
    """Turn what is wrong with a configuration into an event."""
    place = item.place
    where = {"file": place.file, "line": place.line, "column": place.column} if place is not None else {}
    return Event(
        name="problem",
        level=Level.ERROR if item.severity is Severity.ERROR else Level.WARNING,
        fields=_known(code=item.code, text=item.summary, remedy=item.remedy, **where),
    )


def error_events(error: ReconcilerError) -> Iterator[Event]:
    """Turn an error into events: the problems of a configuration each, a guard's refusals each, else one."""
    if isinstance(error, Invalid):
        yield from (problem_event(item) for item in error.diagnostics)
        return
    yield Event(
        name="refused" if isinstance(error, Refused) else "error",
        level=Level.ERROR,
        fields=_known(
            text=_said(error),
            remedy=error.remedy,
            title=error.call if isinstance(error, VendorError) else "",
            request_id=error.request_id,
            answer=error.reply if isinstance(error, Unexpected) else "",
            file=error.file if isinstance(error, DefectError) else "",
            report=error.report if isinstance(error, DefectError) and not error.file else "",
        ),
    )
    for refusal in error.refusals if isinstance(error, Refused) else ():
        yield Event(
            name="refusal",
            level=Level.ERROR,
            fields=_known(code=refusal.rule, text=refusal.message, remedy=refusal.remedy, addresses=refusal.objects),
        )


def _said(error: ReconcilerError) -> str:
    """Give an error's sentence, with the vendor's own words where it leaves them out."""
    message = str(error)
    if isinstance(error, Rejected):
        missing = [part for part in (error.code, error.text) if part and part not in message]
        message += f" ({': '.join(missing)})" if missing else ""
    return message


def _known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None, (), [])}
