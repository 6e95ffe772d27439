"""
Plans, diagnostics, results and drift as JSON documents.

The same values give the same bytes. Nothing here knows a vendor, a clock or a terminal; secrets are masked text by
text, and the documents' own keys and words are left as they are.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, assert_never

from reconciler.model.call import Call
from reconciler.model.change import Action, Change, FieldChange, MemberChange, Source, ValueChange
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, Diagnostics, Place
from reconciler.model.errors import ReconcilerError, Refused, Rejected
from reconciler.model.outcome import Outcome, Result, Stale
from reconciler.model.plan import Differences, Origin, Plan, Refusal, Summary
from reconciler.model.secret import Mask
from reconciler.report.safe import escaped_json, masked, storable

PLAN_FORMAT: Final = "reconciler-plan/1"
DIAGNOSTICS_FORMAT: Final = "reconciler-diagnostics/1"
RESULT_FORMAT: Final = "reconciler-result/1"
DRIFT_FORMAT: Final = "reconciler-drift/1"
ERROR_FORMAT: Final = "reconciler-error/1"

_START: Final = 200  # bytes, among which a plan says that it is one
_DRIFT_WORDS: Final = {Action.CREATE: "missing", Action.UPDATE: "changed", Action.DELETE: "extra"}


def dumps(document: Mapping[str, Any]) -> str:
    """Write a document: indented, characters as they are but for invisible ones, one line end at the end."""
    return escaped_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def is_plan_file(path: str) -> bool:
    """Whether *path* is meant as a saved plan: a file named .json, or one that begins as a plan does."""
    try:
        if not Path(path).is_file():  # a pipe can be read only once
            return path.endswith(".json") and not Path(path).is_dir()
        with Path(path).open("rb") as file:
            start = file.read(_START)
    except (OSError, ValueError):
        return path.endswith(".json")
    return path.endswith(".json") or (start.lstrip().startswith(b"{") and b'"reconciler-plan/' in start)


def plan_document(plan: Plan, *, mask: Mask) -> dict[str, Any]:
    """Turn a plan into its document, `reconciler-plan/1`."""
    pen = _Pen(mask)
    summary = plan.summary
    document: dict[str, Any] = {
        "format": PLAN_FORMAT,
        "contact_center": plan.contact_center,
        "provider": plan.provider,
        "config_digest": plan.config_digest,
        "live_digest": plan.live_digest,
        "summary": {
            "create": summary.create,
            "update": summary.update,
            "delete": summary.delete,
            "bind": summary.bind,
            "unbind": summary.unbind,
            "calls": summary.calls,
            "minimum_calls": summary.minimum_calls,
        },
        "changes": [pen.change(change) for change in plan.changes],
        "calls": [pen.call(call) for call in plan.calls],
        "refusals": [pen.refusal(refusal) for refusal in plan.refusals],
        "warnings": [pen.warning(warning) for warning in plan.warnings],
        "unmanaged": pen.texts(plan.unmanaged),
        "notes": pen.texts(plan.notes),
    }
    if plan.origin is not None:
        document["config"] = pen.origin(plan.origin)
    return document


def refused_document(error: Refused, desired: Desired, *, mask: Mask) -> dict[str, Any]:
    """Turn a refusal before there was a plan into the document of a plan that holds nothing but refusals."""
    refusals = error.refusals or (Refusal(rule="refused", message=str(error), remedy=error.remedy),)
    nothing = Plan(
        contact_center=desired.contact_center,
        provider=desired.settings.type,
        summary=Summary(),
        refusals=refusals,
    )
    return plan_document(nothing, mask=mask)


def error_document(error: ReconcilerError, *, mask: Mask) -> dict[str, Any]:
    """Turn an error after which there is no result into a document, `reconciler-error/1`."""
    return {"format": ERROR_FORMAT, "error": _Pen(mask).error(error)}


def diagnostics_document(diagnostics: Diagnostics, *, mask: Mask) -> dict[str, Any]:
    """Turn what is wrong with a configuration into a document, `reconciler-diagnostics/1`."""
    pen = _Pen(mask)
    return {
        "format": DIAGNOSTICS_FORMAT,
        "valid": not diagnostics.failed,
        "errors": len(diagnostics.errors),
        "warnings": len(diagnostics.warnings),
        "diagnostics": [pen.diagnostic(item) for item in diagnostics],
    }


def result_document(result: Result, plan: Plan, *, mask: Mask) -> dict[str, Any]:
    """Turn what an apply did into a document, `reconciler-result/1`, with the plan that it followed."""
    pen = _Pen(mask)
    return {
        "format": RESULT_FORMAT,
        "contact_center": plan.contact_center,
        "provider": plan.provider,
        "complete": result.complete,
        "verified": result.verified,
        "wrote": result.wrote,
        "problem": pen.text(result.problem),
        "run": pen.text(result.run),
        "settled": pen.texts(result.settled),
        "summary": {"calls": result.tally.calls, **result.tally.counts},
        "follow_ups": result.follow_ups.counts,
        "outcomes": [pen.outcome(outcome) for outcome in result.outcomes],
        "mismatches": [
            {
                "address": pen.text(item.address),
                "path": pen.text(item.path),
                "wanted": pen.value(item.wanted),
                "found": pen.value(item.found),
                "ignorable": item.ignorable,
            }
            for item in result.mismatches
        ],
        "stale": [pen.stale(item) for item in result.stale],
        "plan": plan_document(plan, mask=mask),
    }


def drift_document(
    differences: Differences,
    *,
    contact_center: str,
    provider: str,
    mask: Mask,
    pending: Collection[str] = (),
) -> dict[str, Any]:
    """
    Turn what someone changed by hand into a document, `reconciler-drift/1`.

    Args:
        differences: What an apply would do; drift is the same seen from the other side.
        contact_center: The tenant's name.
        provider: The vendor.
        mask: Hides secrets.
        pending: Addresses that differ because the files changed and were not applied yet: no drift.
    """
    pen = _Pen(mask)
    drifted = [change for change in differences.changes if change.address not in pending]
    actions = [change.action for change in drifted]
    return {
        "format": DRIFT_FORMAT,
        "contact_center": contact_center,
        "provider": provider,
        "summary": {
            **{word: actions.count(action) for action, word in _DRIFT_WORDS.items()},
            "pending": len(differences.changes) - len(drifted),
            "unmanaged": len(differences.unmanaged),
        },
        "drift": [pen.drift(change) for change in drifted],
        "pending": [pen.text(item.address) for item in differences.changes if item.address in pending],
        "refusals": [pen.refusal(refusal) for refusal in differences.refusals],
        "warnings": [pen.warning(warning) for warning in differences.warnings],
        "unmanaged": pen.texts(differences.unmanaged),
    }


class _Pen:
    """Writes the parts of documents, masked."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def text(self, value: str) -> str:
        return storable(self._mask.text(value))

    def texts(self, values: Sequence[str]) -> list[str]:
        return [self.text(value) for value in values]

    def value(self, value: Any) -> Any:
        return masked(value, self._mask)

    def source(self, source: Source | Place | None) -> dict[str, Any] | None:
        if source is None:
            return None
        return {"file": self.text(source.file), "line": source.line, "column": source.column}

    def field(self, item: FieldChange) -> dict[str, Any]:
        match item:
            case ValueChange():
                return {
                    "path": self.text(item.path),
                    "before": self.value(item.before),
                    "after": self.value(item.after),
                }
            case MemberChange():
                return {"path": self.text(item.path), "add": self.texts(item.add), "remove": self.texts(item.remove)}
            case _:
                assert_never(item)

    def change(self, change: Change) -> dict[str, Any]:
        return {
            "address": self.text(change.address),
            "action": change.action.value,
            "identity": self.text(change.identity),
            "fields": [self.field(item) for item in change.fields],
            "source": self.source(change.source),
            "risk": change.risk.value,
        }

    def call(self, call: Call) -> dict[str, Any]:
        written: dict[str, Any] = {"id": call.id, "method": call.method, "path": self.text(call.path)}
        if call.action is not None:
            written["action"] = call.action
        if call.query:
            written["query"] = self.value(call.query)
        written["body"] = self.value(call.body)
        if call.upload is not None:
            written["upload"] = {"path": self.text(call.upload.path), "digest": call.upload.digest}
        written["needs"] = list(call.needs)
        written["changes"] = self.texts(call.changes)
        written["why"] = self.text(call.why)
        return written

    def refusal(self, refusal: Refusal) -> dict[str, Any]:
        return {
            "rule": refusal.rule,
            "message": self.text(refusal.message),
            "objects": self.texts(refusal.objects),
            "remedy": self.text(refusal.remedy),
        }

    def warning(self, item: Diagnostic) -> dict[str, Any]:
        return {
            "code": item.code,
            "message": self.text(item.summary),
            "source": self.source(item.place),
            "remedy": self.text(item.remedy),
        }

    def diagnostic(self, item: Diagnostic) -> dict[str, Any]:
        return {
            "severity": item.severity.value,
            **self.warning(item),
            "width": item.place.width if item.place is not None else 0,
            "excerpt": self.value(item.place.excerpt) if item.place is not None else None,
            "related": [{"message": self.text(words), "source": self.source(place)} for words, place in item.related],
        }

    def origin(self, origin: Origin) -> dict[str, Any]:
        return {
            "path": self.text(origin.path),
            "overlays": self.texts(origin.overlays),
            "assignments": self.texts(origin.assignments),
            "targets": self.texts(origin.targets),
            "prune": origin.prune,
            "allow_deletes": dict(sorted(origin.allow_deletes.items())),
        }

    def outcome(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "call": outcome.call.id,
            "verdict": outcome.verdict.value,
            "error": None if outcome.error is None else self.error(outcome.error),
            "blocked_by": list(outcome.blocked_by),
            "note": self.text(outcome.note),
            "attempts": outcome.attempts,
            "settled": outcome.settled,
            "lost": self.texts(outcome.lost),
        }

    def stale(self, item: Stale) -> dict[str, Any]:
        return {
            "address": self.text(item.address),
            "path": self.text(item.path),
            "planned": self.value(item.planned),
            "found": self.value(item.found),
        }

    def error(self, error: ReconcilerError) -> dict[str, Any]:
        written = {
            "message": self.text(str(error)),
            "remedy": self.text(error.remedy),
            "request_id": self.text(error.request_id),
        }
        if isinstance(error, Rejected):
            written |= {"code": self.text(error.code), "text": self.text(error.text)}
        return written

    def drift(self, change: Change) -> dict[str, Any]:
        return {
            "address": self.text(change.address),
            "drift": _DRIFT_WORDS[change.action],
            "identity": self.text(change.identity),
            "fields": [self._drifted(item) for item in change.fields],
            "source": self.source(change.source),
            "risk": change.risk.value,
        }

    def _drifted(self, item: FieldChange) -> dict[str, Any]:
        match item:
            case ValueChange():
                return {
                    "path": self.text(item.path),
                    "wanted": self.value(item.after),
                    "found": self.value(item.before),
                }
            case MemberChange():
                return {"path": self.text(item.path), "missing": self.texts(item.add), "extra": self.texts(item.remove)}
            case _:
                assert_never(item)
