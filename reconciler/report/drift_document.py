"""Drift as a JSON document."""

from __future__ import annotations

from typing import Any, Final, assert_never

from reconciler.model.change import FieldChange, MemberChange, ValueChange
from reconciler.model.drift import Did, Drift, Finding, Seen
from reconciler.model.secret import Mask
from reconciler.report.safe import masked
from reconciler.report.times import iso

DRIFT_FORMAT: Final = "reconciler-drift/1"


def drift_document(found: Drift, *, mask: Mask) -> dict[str, Any]:
    """
    Turn what somebody changed by hand into a document, `reconciler-drift/1`.

    It is told from the other side than a plan: what is wanted, and what was found.
    """
    document = {
        "contact_center": found.contact_center,
        "provider": found.provider,
        "run": found.run,
        "known": found.known,
        "base": found.base,
        "summary": {
            **{did.value: found.count(did) for did in (Did.MISSING, Did.CHANGED, Did.EXTRA)},
            "pending": len(found.pending),
            "unmanaged": len(found.unmanaged),
        },
        "drift": [finding_document(item) for item in found.findings],
        "resolved": [seen_document(item) for item in found.resolved],
        "pending": [change.address for change in found.pending],
        "refusals": [],
        "warnings": [
            {
                "code": item.code,
                "message": item.summary,
                "source": None
                if item.place is None
                else {"file": item.place.file, "line": item.place.line, "column": item.place.column},
                "remedy": item.remedy,
            }
            for item in found.warnings
        ],
        "unmanaged": found.unmanaged,
    }
    plain: dict[str, Any] = {"format": DRIFT_FORMAT, **masked(document, mask)}
    return plain


def finding_document(item: Finding) -> dict[str, Any]:
    """Turn one finding into data, not yet masked."""
    change = item.change
    source = change.source
    return {
        "address": change.address,
        "drift": item.did.value,
        "identity": change.identity,
        "fields": [_field(field) for field in change.fields],
        "source": None if source is None else {"file": source.file, "line": source.line, "column": source.column},
        "risk": item.risk.value,
        "fingerprint": item.fingerprint,
        "status": item.status.value if item.status is not None else None,
        "first_seen": iso(item.first_seen),
        "last_seen": iso(item.last_seen),
        "replaces": item.replaces or None,
    }


def seen_document(item: Seen) -> dict[str, Any]:
    """Turn a finding of an earlier look into data, not yet masked."""
    return {
        "address": item.address,
        "drift": item.did,
        "identity": item.identity,
        "label": item.label,
        "what": item.what,
        "risk": item.risk,
        "fingerprint": item.fingerprint,
        "first_seen": iso(item.first_seen),
        "last_seen": iso(item.last_seen),
        "resolved": iso(item.resolved),
    }


def _field(item: FieldChange) -> dict[str, Any]:
    match item:
        case ValueChange():
            return {"path": item.path, "wanted": item.after, "found": item.before}
        case MemberChange():
            return {"path": item.path, "missing": item.add, "extra": item.remove}
        case _:
            assert_never(item)
