"""
Plans, diagnostics and results as JSON documents.

The same values give the same bytes. Nothing here knows a vendor, a clock or a terminal; secrets are masked text by
text, and the documents' own keys and words are left as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, assert_never

from reconciler.model.call import Call
from reconciler.model.change import Change, FieldChange, MemberChange, Source, ValueChange
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, Diagnostics, Place
from reconciler.model.errors import ReconcilerError, Refused, Rejected
from reconciler.model.outcome import Outcome, Result, Stale
from reconciler.model.plan import Origin, Pictures, Plan, Refusal, Summary
from reconciler.model.routing import Node, Routing
from reconciler.model.secret import Mask
from reconciler.report.safe import escaped_json, masked, storable

PLAN_FORMAT: Final = "reconciler-plan/1"
DIAGNOSTICS_FORMAT: Final = "reconciler-diagnostics/1"
RESULT_FORMAT: Final = "reconciler-result/1"
ERROR_FORMAT: Final = "reconciler-error/1"

_START: Final = 200  # bytes, among which a plan says that it is one


def dumps(document: Mapping[str, Any] | Sequence[Any], *, dense: bool = False) -> str:
    """
    Write a document: indented, characters as they are but for invisible ones, one line end at the end.

    *dense* ones are for machines alone: no line ends within.
    """
    layout: dict[str, Any] = {"separators": (",", ":")} if dense else {"indent": 2}
    return escaped_json(json.dumps(document, ensure_ascii=False, **layout)) + "\n"


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
    pen = Parts(mask)
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
        "names": pen.names(plan),
        "pace": {"seconds": round(plan.pace.seconds, 3), "told": pen.text(plan.pace.told)},
    }
    if plan.named:
        document["named"] = {pen.text(section): number for section, number in plan.named.items()}
    if plan.base:
        document["base"] = pen.text(plan.base)
    if plan.pictures is not None:
        document["routing"] = pen.pictures(plan.pictures)
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
    return {"format": ERROR_FORMAT, "error": Parts(mask).error(error)}


def diagnostics_document(diagnostics: Diagnostics, *, mask: Mask) -> dict[str, Any]:
    """Turn what is wrong with a configuration into a document, `reconciler-diagnostics/1`."""
    pen = Parts(mask)
    return {
        "format": DIAGNOSTICS_FORMAT,
        "valid": not diagnostics.failed,
        "errors": len(diagnostics.errors),
        "warnings": len(diagnostics.warnings),
        "diagnostics": [pen.diagnostic(item) for item in diagnostics],
    }


def result_document(result: Result, plan: Plan, *, mask: Mask) -> dict[str, Any]:
    """Turn what an apply did into a document, `reconciler-result/1`, with the plan that it followed."""
    pen = Parts(mask)
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


class Parts:
    """Writes the parts of documents, masked."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def text(self, value: str) -> str:
        """Mask one text."""
        return storable(self._mask.text(value))

    def texts(self, values: Sequence[str]) -> list[str]:
        """Mask some texts."""
        return [self.text(value) for value in values]

    def value(self, value: Any) -> Any:
        """Mask any value, and make it JSON-ready."""
        return masked(value, self._mask)

    def source(self, source: Source | Place | None) -> dict[str, Any] | None:
        """Write where something stands."""
        if source is None:
            return None
        return {"file": self.text(source.file), "line": source.line, "column": source.column}

    def field(self, item: FieldChange) -> dict[str, Any]:
        """Write what happens to one field."""
        match item:
            case ValueChange():
                written = {
                    "path": self.text(item.path),
                    "before": self.value(item.before),
                    "after": self.value(item.after),
                }
            case MemberChange():
                written = {"path": self.text(item.path), "add": self.texts(item.add), "remove": self.texts(item.remove)}
            case _:
                assert_never(item)
        return written if item.cause is None else {**written, "cause": item.cause.value}

    def names(self, plan: Plan) -> dict[str, str]:
        """Give people's names for what changes and for what the changes refer to, by section and identity."""
        found = dict(plan.names)
        found |= {(change.section, change.identity): change.label for change in plan.changes if change.label}
        return {
            self.text(f"{section}/{identity}"): self.text(name) for (section, identity), name in sorted(found.items())
        }

    def pictures(self, pictures: Pictures) -> dict[str, Any]:
        """Write how callers reach people, before and after."""
        return {"before": self.routing(pictures.before), "after": self.routing(pictures.after)}

    def routing(self, routing: Routing) -> dict[str, Any]:
        """Write how callers reach people."""
        return {
            "nodes": [self.node(node) for node in routing.nodes],
            "edges": [
                {"from": self.text(edge.start), "to": self.text(edge.end), "outward": edge.outward}
                for edge in routing.edges
            ],
            "captions": self.texts(routing.captions),
        }

    def node(self, node: Node) -> dict[str, Any]:
        """Write one object on the way."""
        return {
            "address": self.text(node.address),
            "role": node.role.value,
            "label": self.text(node.label),
            "identity": self.text(node.identity),
            "fault": self.text(node.fault),
            "off": node.off,
            "count": node.count,
            "faults": node.faults,
            "members": self.texts(node.members),
        }

    def change(self, change: Change) -> dict[str, Any]:
        """Write one object that differs."""
        written = {
            "address": self.text(change.address),
            "action": change.action.value,
            "identity": self.text(change.identity),
            "fields": [self.field(item) for item in change.fields],
            "source": self.source(change.source),
            "risk": change.risk.value,
        }
        return written if change.cause is None else {**written, "cause": change.cause.value}

    def call(self, call: Call) -> dict[str, Any]:
        """Write one call."""
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
        """Write a guard's no."""
        return {
            "rule": refusal.rule,
            "message": self.text(refusal.message),
            "objects": self.texts(refusal.objects),
            "remedy": self.text(refusal.remedy),
        }

    def warning(self, item: Diagnostic) -> dict[str, Any]:
        """Write a warning."""
        return {
            "code": item.code,
            "message": self.text(item.summary),
            "source": self.source(item.place),
            "remedy": self.text(item.remedy),
        }

    def diagnostic(self, item: Diagnostic) -> dict[str, Any]:
        """Write a problem with all that is known of it."""
        return {
            "severity": item.severity.value,
            **self.warning(item),
            "width": item.place.width if item.place is not None else 0,
            "excerpt": self.value(item.place.excerpt) if item.place is not None else None,
            "related": [{"message": self.text(words), "source": self.source(place)} for words, place in item.related],
        }

    def origin(self, origin: Origin) -> dict[str, Any]:
        """Write how to load the configuration again."""
        return {
            "path": self.text(origin.path),
            "overlays": self.texts(origin.overlays),
            "assignments": self.texts(origin.assignments),
            "targets": self.texts(origin.targets),
            "prune": origin.prune,
            "allow_deletes": dict(sorted(origin.allow_deletes.items())),
        }

    def outcome(self, outcome: Outcome) -> dict[str, Any]:
        """Write how one call went."""
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
        """Write what somebody else changed."""
        return {
            "address": self.text(item.address),
            "path": self.text(item.path),
            "planned": self.value(item.planned),
            "found": self.value(item.found),
        }

    def error(self, error: ReconcilerError) -> dict[str, Any]:
        """Write an error."""
        written = {
            "message": self.text(str(error)),
            "remedy": self.text(error.remedy),
            "request_id": self.text(error.request_id),
        }
        if isinstance(error, Rejected):
            written |= {"code": self.text(error.code), "text": self.text(error.text)}
        return written
