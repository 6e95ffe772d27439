"""Runs and attempts as rows of the store's tables, and back. A row that makes no sense is an error, never a guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

import sqlalchemy as sa

from reconciler.model.call import Call, Fact, Upload
from reconciler.model.errors import StoreError
from reconciler.model.history import Attempt, Ending, Image, Run, RunState, Settled, Who
from reconciler.model.plan import Origin
from reconciler.model.secret import Mask

Row: TypeAlias = dict[str, Any]
T = TypeVar("T")

# Of a call: its sets of facts.
_FACTS: Final = ("requires", "forbids", "prefers", "gives", "takes")


def run_row(run: Run, mask: Mask) -> Row:
    """Write a run that begins."""
    head = {
        "contact_center": run.contact_center,
        "provider": run.provider,
        "command": run.command,
        "who": fields_of(run.who),
        "configuration": run.configuration,
        "origin": None if run.origin is None else fields_of(run.origin),
        "config_digest": run.config_digest,
        "calls": run.calls,
    }
    return {
        "id": run.id,
        "tenant": run.tenant,
        "started": run.started,
        "head": mask.for_json(head),
        "images": mask.for_json([fields_of(image) for image in run.images]),
        **end_values(run, mask),
    }


def end_values(run: Run, mask: Mask) -> Row:
    """Write how a run ended, or that it has not."""
    return {
        "ended": run.ended,
        "state": run.state.value,
        "result": mask.for_json({"counts": dict(run.counts), "problem": run.problem}),
    }


def attempt_row(run: str, position: int, attempt: Attempt, mask: Mask) -> Row:
    """Write an attempt that is about to be made."""
    return {
        "run": run,
        "call": attempt.call.id,
        "number": attempt.number,
        "position": position,
        "intended": attempt.intended,
        "request": mask.for_json(_request(attempt.call)),
        "places": dict(attempt.places),
        **ended_values(attempt, mask),
    }


def ended_values(attempt: Attempt, mask: Mask) -> Row:
    """Write what is known of an attempt now, apart from where its passwords are."""
    return {
        "open": attempt.open,
        "ended": attempt.ended,
        "ending": attempt.ending.value if attempt.ending is not None else None,
        "settled": attempt.settled.value if attempt.settled is not None else None,
        "result": mask.for_json(
            {"milliseconds": attempt.milliseconds, "request_id": attempt.request_id, "text": attempt.text}
        ),
    }


def run_of(row: sa.RowMapping, attempts: tuple[Attempt, ...] = ()) -> Run:
    """Read a run; its images where the row has them."""
    return made(f"run {row['id']}", lambda: _run(row, attempts))


def attempt_of(row: sa.RowMapping) -> Attempt:
    """Read an attempt."""
    return made(f"call {row['call']} of run {row['run']}", lambda: _attempt(row))


def made(what: str, make: Callable[[], T]) -> T:
    """
    Make a value of a row.

    Raises:
        StoreError: The row of *what* makes no sense.
    """
    try:
        return make()
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as cause:
        raise StoreError(
            f"the store holds something else where {what} should be", remedy="Name another store with --state."
        ) from cause


def _run(row: sa.RowMapping, attempts: tuple[Attempt, ...]) -> Run:
    head, result = row["head"], row["result"]
    origin, ended = head["origin"], row["ended"]
    return Run(
        id=row["id"],
        tenant=row["tenant"],
        contact_center=head["contact_center"],
        provider=head["provider"],
        command=head["command"],
        started=float(row["started"]),
        ended=None if ended is None else float(ended),
        state=RunState(row["state"]),
        who=Who(**head["who"]),
        configuration=head["configuration"],
        origin=None if origin is None else Origin(**_tuples(origin)),
        config_digest=head["config_digest"],
        images=tuple(Image(**_tuples(image)) for image in row.get("images") or ()),
        calls=head["calls"],
        counts=result["counts"],
        problem=result["problem"],
        attempts=attempts,
    )


def _attempt(row: sa.RowMapping) -> Attempt:
    result = row["result"]
    return Attempt(
        call=_call(row["request"]),
        number=row["number"],
        ending=Ending(row["ending"]) if row["ending"] is not None else None,
        milliseconds=result["milliseconds"],
        request_id=result["request_id"],
        text=result["text"],
        settled=Settled(row["settled"]) if row["settled"] is not None else None,
        intended=row["intended"],
        ended=row["ended"],
        places=row["places"],
    )


def _request(call: Call) -> Row:
    """Write a call without what says nothing; `otherwise` is a call of its own, if it was ever sent."""
    request: Row = {"id": call.id, "method": call.method, "path": call.path}
    plain: Mapping[str, Any] = {
        "body": call.body,
        "action": call.action,
        "query": dict(call.query),
        "upload": fields_of(call.upload) if call.upload is not None else None,
        "accepts": sorted(call.accepts),
        "otherwise_on": sorted(call.otherwise_on),
        "sets": call.sets,
        "members": call.members,
        "confirm": call.confirm,
        "read_only": call.read_only,
        "changes": call.changes,
        "why": call.why,
        "meanwhile": call.meanwhile,
        "loss": call.loss,
        "needs": call.needs,
    }
    request |= {name: value for name, value in plain.items() if value is not None and value not in ({}, [], (), "", 0)}
    if call.body is not None:  # an empty body is not the same as none
        request["body"] = call.body
    for name in _FACTS:
        facts: frozenset[Fact] = getattr(call, name)
        if facts:
            request[name] = sorted(facts)
    return request


def _call(request: Mapping[str, Any]) -> Call:
    values = dict(request)
    for name in _FACTS:
        values[name] = frozenset(tuple(fact) for fact in values.get(name, ()))
    for name in ("accepts", "otherwise_on"):
        values[name] = frozenset(values.get(name, ()))
    for name in ("sets", "members", "changes", "needs"):
        values[name] = tuple(values.get(name, ()))
    if "upload" in values:
        values["upload"] = Upload(**values["upload"])
    return Call(**values)


def fields_of(value: Any) -> Row:
    """Give a dataclass's fields by name."""
    return {name: getattr(value, name) for name in type(value).__dataclass_fields__}


def _tuples(values: Mapping[str, Any]) -> Row:
    """Give a dataclass its fields back: what JSON has as a list was a tuple."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
