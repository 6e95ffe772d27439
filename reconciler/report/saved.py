"""
A saved plan, read back: what `apply plan.json` needs of it, and the shape that `schemas/plan.json` describes.

Whatever the file holds, the worst that comes of it is an error with a remedy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconciler.model.errors import ReconcilerError
from reconciler.model.plan import Origin
from reconciler.report.document import PLAN_FORMAT

MAX_BYTES: Final = 100_000_000
_AGAIN: Final = "Make the plan again: reconciler plan PATH --out plan.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourcePart(_Part):
    """Where it stands in the files; line and column count from 1."""

    file: Annotated[str, Field(description="The file, as it was named.")]
    line: Annotated[int, Field(ge=1, description="The line, from 1.")]
    column: Annotated[int, Field(ge=1, description="The column in characters, from 1.")]


class ValuePart(_Part):
    """A field's value before and after."""

    path: Annotated[str, Field(description="The field.")]
    before: Annotated[Any, Field(description="The live value; null on creation, and where it can't be known.")]
    after: Annotated[Any, Field(description="The wanted value; null on deletion.")]


class MembersPart(_Part):
    """Members that join and leave an unordered list."""

    path: Annotated[str, Field(description="The field.")]
    add: Annotated[list[str], Field(description="Identities that join.")]
    remove: Annotated[list[str], Field(description="Identities that leave.")]


class ChangePart(_Part):
    """One object that differs."""

    address: Annotated[str, Field(description="section/local-name; single things are their section alone.")]
    action: Annotated[Literal["create", "update", "delete"], Field(description="What happens to the object.")]
    identity: Annotated[str, Field(description="Its name at the vendor.")]
    fields: Annotated[list[ValuePart | MembersPart], Field(description="What differs.")]
    source: Annotated[
        SourcePart | None, Field(description="Its entry in the files; null where they do not name the object.")
    ]
    risk: Annotated[Literal["low", "medium", "high"], Field(description="What the change does to callers.")]


class UploadPart(_Part):
    """A file that travels with a call."""

    path: Annotated[str, Field(description="Relative to the configuration's folder.")]
    digest: Annotated[str, Field(description="The first 16 hex digits of its SHA-256.")]


class CallPart(_Part):
    """One request to the vendor."""

    id: Annotated[str, Field(min_length=1, description="Names the call within the plan.")]
    method: Annotated[str, Field(description="The HTTP method.")]
    path: Annotated[str, Field(description="The path at the vendor's host.")]
    action: Annotated[str, Field(description="The vendor's action, where it has such.")] = ""
    query: Annotated[dict[str, str], Field(description="Query parameters, without signature.")] = {}
    body: Annotated[
        dict[str, Any] | None,
        Field(description='The body. {"from": "c1", "field": "…"} is a value that an earlier answer gives.'),
    ]
    upload: Annotated[UploadPart | None, Field(description="The file that goes with it.")] = None
    needs: Annotated[list[str], Field(description="Calls that must have succeeded before.")]
    changes: Annotated[list[str], Field(description="Addresses of the changes that it serves.")]
    why: Annotated[str, Field(description="What for, in one line.")]


class RefusalPart(_Part):
    """A guard's no."""

    rule: Annotated[str, Field(description="The rule, a stable word.")]
    message: Annotated[str, Field(description="What it stopped.")]
    objects: Annotated[list[str], Field(description="The addresses concerned.")]
    remedy: Annotated[str, Field(description="What lifts it.")]


class WarningPart(_Part):
    """Something to know that stops nothing."""

    code: Annotated[str, Field(description="The kind of warning, a stable word.")]
    message: Annotated[str, Field(description="What is odd.")]
    source: Annotated[SourcePart | None, Field(description="Where it stands in the files, if anywhere.")]
    remedy: Annotated[str, Field(description="What would be right.")]


class SummaryPart(_Part):
    """The plan in numbers."""

    create: Annotated[int, Field(ge=0, description="Objects to create.")]
    update: Annotated[int, Field(ge=0, description="Objects to change.")]
    delete: Annotated[int, Field(ge=0, description="Objects to delete.")]
    bind: Annotated[int, Field(ge=0, description="Pairs to bind.")]
    unbind: Annotated[int, Field(ge=0, description="Pairs to unbind.")]
    calls: Annotated[int, Field(ge=0, description="Write calls.")]
    minimum_calls: Annotated[int, Field(ge=0, description="A lower bound of the calls, computed apart.")]


class OriginPart(_Part):
    """How to load the same configuration again."""

    path: Annotated[str, Field(description="The configuration, as it was named.")]
    overlays: Annotated[list[str], Field(description="Each --overlay.")]
    assignments: Annotated[list[str], Field(description="Each --set, without those that touch `provider`.")]
    targets: Annotated[list[str], Field(description="Each --target.")]
    prune: Annotated[bool, Field(description="Whether --prune was given.")]
    allow_deletes: Annotated[dict[str, int], Field(description="Each --allow-deletes.")]


class TrialPart(_Part):
    """What would happen if a call ran before some that it waits for, as tried on the vendor's model."""

    call: Annotated[str, Field(description="The call that was moved.")]
    before: Annotated[list[str], Field(description="The calls that it was made before.")]
    along: Annotated[list[str], Field(description="Calls like it that were moved with it.")]
    effect: Annotated[
        Literal["refused", "astray", "noticed", "fewer", "harmless", "untried"],
        Field(description="What came of it, the worst first."),
    ]
    code: Annotated[str, Field(description="The vendor's code, where it refuses.")]
    text: Annotated[str, Field(description="The same in words.")]


class WaitPart(_Part):
    """Calls that wait for others, all for one reason."""

    calls: Annotated[list[str], Field(description="Who waits.")]
    others: Annotated[list[str], Field(description="For whom.")]
    rules: Annotated[
        list[Literal["needs", "clears", "used", "before", "prefers"]],
        Field(description="What binds them; `prefers` alone is only better for callers."),
    ]
    why: Annotated[str, Field(description="The reason in words.")]
    elsewhere: Annotated[TrialPart | None, Field(description="What would happen elsewhere; null where not tried.")]


class StepPart(_Part):
    """One call that serves the explained object."""

    id: Annotated[str, Field(description="The call.")]
    why: Annotated[str, Field(description="What for, in one line.")]
    waits: Annotated[list[WaitPart], Field(description="Why it stands where it stands.")]
    followers: Annotated[list[WaitPart], Field(description="Who waits for it.")]
    gave_way: Annotated[list[str], Field(description="What would have been better and can't be had.")]


class ExplanationPart(_Part):
    """One address that `--explain` named."""

    address: Annotated[str, Field(description="section/local-name; single things are their section alone.")]
    changes: Annotated[bool, Field(description="Whether the plan changes it.")]
    reasons: Annotated[list[str], Field(description="Why it changes or does not.")]
    calls: Annotated[list[StepPart], Field(description="The calls that serve it, in order.")]


class PlanDocument(_Part):
    """A plan: what differs between the files and the live tenant, and the calls that make it so."""

    format: Annotated[Literal["reconciler-plan/1"], Field(description="The form of this document.")]
    contact_center: Annotated[str, Field(description="The tenant's name in the files.")]
    provider: Annotated[str, Field(description="The vendor.")]
    config_digest: Annotated[str, Field(description="Fingerprint of what the files mean.")]
    live_digest: Annotated[str, Field(description="Fingerprint of the live tenant.")]
    summary: Annotated[SummaryPart, Field(description="How many of what.")]
    changes: Annotated[list[ChangePart], Field(description="What differs, by object.")]
    calls: Annotated[list[CallPart], Field(description="The requests, in a valid serial order.")]
    refusals: Annotated[list[RefusalPart], Field(description="Why the plan may not be applied; empty when it may.")]
    warnings: Annotated[list[WarningPart], Field(description="Things to know.")]
    unmanaged: Annotated[list[str], Field(description="Addresses of live objects that the files do not name.")]
    notes: Annotated[list[str], Field(description="What the plan has to say of its own way.")]
    config: Annotated[
        OriginPart | None, Field(description="How to load the same configuration again; absent without one.")
    ] = None
    explanations: Annotated[
        list[ExplanationPart], Field(description="What `--explain` asked for; absent where nothing was asked.")
    ] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan as it was saved; *calls*, *changes* and *refusals* are the document's own, as plain data."""

    contact_center: str
    provider: str
    config_digest: str
    live_digest: str
    origin: Origin | None
    changes: tuple[Mapping[str, Any], ...]
    calls: tuple[Mapping[str, Any], ...]
    refusals: tuple[Mapping[str, Any], ...]


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
    )


def _parse(text: str | bytes) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise _no_plan(f"it is longer than {MAX_BYTES // 1_000_000} MB")
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        document = json.loads(decoded, parse_constant=_constant, object_pairs_hook=_once)
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
    return document


def _constant(name: str) -> Any:
    raise ValueError(name)


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
