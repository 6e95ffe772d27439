"""
A saved plan, read back: what `apply plan.json` needs of it. Its shape is in `plan_shape`.

Whatever the file holds, the worst that comes of it is an error with a remedy.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from reconciler.model.errors import ReconcilerError
from reconciler.model.plan import Origin
from reconciler.report.document import PLAN_FORMAT
from reconciler.report.plan_shape import OriginPart, PlanDocument

MAX_BYTES: Final = 100_000_000
_DEPTH: Final = 100
_AGAIN: Final = "Make the plan again: reconciler plan PATH --out plan.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan as it was saved; *calls*, *changes*, *refusals* and the *whole* are the document's own, as plain data."""

    contact_center: str
    provider: str
    config_digest: str
    live_digest: str
    origin: Origin | None
    changes: tuple[Mapping[str, Any], ...]
    calls: tuple[Mapping[str, Any], ...]
    refusals: tuple[Mapping[str, Any], ...]
    document: PlanDocument
    whole: Mapping[str, Any] = field(repr=False)


def read_plan_file(path: str) -> SavedPlan:
    """
    Read a saved plan from a file.

    Raises:
        ReconcilerError: The file can't be read, or holds no plan.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "bad name"
        message = f"The plan {path} can't be read: {reason}."
        raise ReconcilerError(message, remedy="Name a file that `reconciler plan PATH --out FILE` wrote.") from error
    return read_plan(content)


def read_plan(text: str | bytes) -> SavedPlan:
    """
    Read a saved plan.

    Raises:
        ReconcilerError: It is none, or one of another version; the remedy says what to do.
    """
    document = _parse(text)
    found = document.get("format")
    if found != PLAN_FORMAT:
        if isinstance(found, str) and found.startswith("reconciler-plan/"):
            message = f"The plan was saved as {found[:40]!r}, and this version reads {PLAN_FORMAT}."
            raise ReconcilerError(message, remedy=f"{_AGAIN} (with this version).")
        raise _no_plan(f"it does not say `format: {PLAN_FORMAT}`")
    try:
        plan = PlanDocument.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise _no_plan(f"{_where(first['loc'])}: {_sentence(first['type'], first['msg'])}") from None
    _check_needs(plan)
    return SavedPlan(
        contact_center=plan.contact_center,
        provider=plan.provider,
        config_digest=plan.config_digest,
        live_digest=plan.live_digest,
        origin=None if plan.config is None else _origin(plan.config),
        changes=tuple(document["changes"]),
        calls=tuple(document["calls"]),
        refusals=tuple(document["refusals"]),
        document=plan,
        whole=document,
    )


def _parse(text: str | bytes) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise _no_plan(f"it is longer than {MAX_BYTES // 1_000_000} MB")
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        document = json.loads(decoded, parse_constant=_constant, parse_float=_finite, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise _no_plan(f"it is not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise _no_plan(f"it is not JSON (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise _no_plan("it is nested too deeply") from error
    except ValueError as error:  # NaN, a key twice, a number of 5,000 digits
        raise _no_plan("it is not JSON that we write") from error
    if not isinstance(document, dict):
        raise _no_plan("it is not a JSON object")
    if _too_deep(document):
        raise _no_plan("it is nested too deeply")
    return document


def _too_deep(document: Any) -> bool:
    """Whether values lie in each other deeper than anything that we write: readers go down step by step."""
    level = [document]
    for _ in range(_DEPTH):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


def _constant(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    """Refuse 1e999, which is read as infinity and could not be written again."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key given twice: two readers could take it for two plans."""
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key twice")
    return document


def _check_needs(plan: PlanDocument) -> None:
    seen: set[str] = set()
    for number, call in enumerate(plan.calls):
        if call.id in seen:
            raise _no_plan(f"calls[{number}]: there are two calls {call.id[:40]!r}")
        missing = next((need for need in call.needs if need not in seen), None)
        if missing is not None:
            raise _no_plan(f"calls[{number}]: it needs {missing[:40]!r}, which does not come before it")
        seen.add(call.id)


def _origin(part: OriginPart) -> Origin:
    return Origin(
        path=part.path,
        overlays=tuple(part.overlays),
        assignments=tuple(part.assignments),
        targets=tuple(part.targets),
        prune=part.prune,
        allow_deletes=part.allow_deletes,
    )


def _no_plan(reason: str) -> ReconcilerError:
    return ReconcilerError(f"This is no saved plan: {reason}.", remedy=_AGAIN)


def _where(loc: tuple[int | str, ...]) -> str:
    """Spell a place in the document: `changes[3].action`; class names of union members are left out."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.endswith("Part"):
            path += f".{part[:60]}" if path else part[:60]
    return path


def _sentence(code: str, message: str) -> str:
    match code:
        case "missing":
            return "it is missing"
        case "extra_forbidden":
            return "no such key is known"
        case _:
            return message[:1].lower() + message[1:]
