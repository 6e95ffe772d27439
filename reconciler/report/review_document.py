"""A review as a JSON document."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model.change import Change, FieldChange, MemberChange, ValueChange
from reconciler.model.review import NOT_MANAGED, Review, Revised, Unsaid
from reconciler.model.secret import Mask
from reconciler.report.document import Parts

REVIEW_FORMAT: Final = "reconciler-review/1"


def review_document(found: Review, *, mask: Mask) -> dict[str, Any]:
    """
    Turn a review into a document, `reconciler-review/1`.

    A field's `before` or `after` is null on the side that leaves it to the live tenant; then `managed` says so of both.
    """
    parts = Parts(mask)
    summary = found.summary
    document: dict[str, Any] = {
        "format": REVIEW_FORMAT,
        "contact_center": parts.text(found.contact_center),
        "provider": found.provider,
        "base": _revised(found.base, parts),
        "head": _revised(found.head, parts),
        "summary": {
            "create": summary.create,
            "update": summary.update,
            "delete": summary.delete,
            "bind": summary.bind,
            "unbind": summary.unbind,
            "released": len(found.released),
            "settings": len(found.settings),
        },
        "settings": [_change(change, parts) for change in found.settings],
        "changes": [_change(change, parts) for change in found.changes],
        "released": [_change(change, parts) for change in found.released],
        "warnings": [parts.warning(warning) for warning in found.warnings],
        "notes": parts.texts(found.notes),
        "names": {
            parts.text(f"{section}/{identity}"): parts.text(name)
            for (section, identity), name in sorted(found.all_names.items())
        },
    }
    if found.pictures is not None:
        document["routing"] = parts.pictures(found.pictures)
    return document


def _revised(revised: Revised, parts: Parts) -> dict[str, Any]:
    return {"revision": parts.text(revised.name), "commit": revised.commit or None}


def _change(change: Change, parts: Parts) -> dict[str, Any]:
    written = parts.change(change)
    written["fields"] = [_field(item, parts) for item in change.fields]
    return written


def _field(item: FieldChange, parts: Parts) -> dict[str, Any]:
    match item:
        case MemberChange():
            return parts.field(item)
        case ValueChange(before=dict() as before, after=dict() as after):
            pairs = ({name: _open(value) for name, value in side.items()} for side in (before, after))
            return parts.field(ValueChange(path=item.path, before=next(pairs), after=next(pairs)))
        case ValueChange():
            plain = parts.field(ValueChange(path=item.path, before=_open(item.before), after=_open(item.after)))
            if NOT_MANAGED not in (item.before, item.after):
                return plain
            return plain | {
                "managed": {"before": item.before is not NOT_MANAGED, "after": item.after is not NOT_MANAGED}
            }


def _open(value: Any) -> Any:
    return None if isinstance(value, Unsaid) else value
