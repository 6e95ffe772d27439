"""
What others are told of drift: a line, a text and a document.

The text goes to chats and mailboxes, each with a markup of its own. So what a name could bring along (a mention of
everybody, a link, a tag) is spelt in a way that none of them obeys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reconciler.model.change import differences
from reconciler.model.drift import Did, Drift, Finding, Seen, flipped
from reconciler.model.secret import Mask
from reconciler.report.drift_document import finding_document, seen_document
from reconciler.report.pen import sentence
from reconciler.report.safe import masked, visible
from reconciler.report.times import moment

NOTIFICATION_FORMAT: Final = "reconciler-notification/1"
_NAMED: Final = 20  # findings of a sort in the text
_LISTED: Final = 500  # of a sort in the document
_LINE: Final = 300  # characters
# No service takes these for the start of a mention, a link, a tag or an emphasis.
_HARMLESS: Final = str.maketrans({"@": "＠", "<": "‹", ">": "›", "[": "［", "]": "］", "*": "＊", "`": "'", "&": "＆"})  # noqa: RUF001


def notice(
    found: Drift, *, new: Sequence[Finding], resolved: Sequence[Seen], still: int, mask: Mask
) -> tuple[str, str, dict[str, Any]]:
    """Give the line, the text and the document that tell of findings that are new and of those that are gone."""
    where = f"{_plain(found.contact_center, mask)} ({_plain(found.provider, mask)})"
    counts = [
        f"{number:,} {word}"
        for number, word in ((len(new), "new"), (len(resolved), "resolved"), (still, "still there"))
        if number
    ]
    title = f"Drift in {where}: {', '.join(counts)}"
    lines = [f"{title}."]
    lines += _section("New:", [_told(item, mask) for item in new])
    lines += _section("Resolved:", [_gone(item, mask) for item in resolved])
    text = "\n".join(lines)
    document = {
        "contact_center": found.contact_center,
        "provider": found.provider,
        "text": text,
        "new": [finding_document(item) for item in new[:_LISTED]],
        "resolved": [seen_document(item) for item in resolved[:_LISTED]],
        "still": still,
        "summary": {"new": len(new), "resolved": len(resolved), "still": still},
        "run": found.run,
    }
    return title, text, {"format": NOTIFICATION_FORMAT, **masked(document, mask)}


def _section(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    more = [f"and {len(lines) - _NAMED:,} more"] if len(lines) > _NAMED else []
    return ["", title, *(f"- {line}" for line in lines[:_NAMED]), *more]


def _told(item: Finding, mask: Mask) -> str:
    change = item.change
    what = f": {differences(flipped(change))}" if item.did is Did.CHANGED else ""
    return _plain(f"{_name(change.section, change.label, change.identity)} {item.did}{what}", mask)


def _gone(item: Seen, mask: Mask) -> str:
    name = _name(item.section, item.label, item.identity)
    return _plain(f"{name} {item.did}, first seen {moment(item.first_seen)}", mask)


def _name(section: str, label: str, identity: str) -> str:
    if not identity:
        return sentence(section)
    return (
        f"{sentence(section)} {label} ({identity})"
        if label and label != identity
        else f"{sentence(section)} {identity}"
    )


def _plain(text: str, mask: Mask) -> str:
    """Mask a text and make it harmless; cut it where it is too long for a line of a chat."""
    safe = visible(mask.text(text)).translate(_HARMLESS).replace("://", ": //").replace("__", "_ _")
    return safe if len(safe) <= _LINE else f"{safe[: _LINE - 1]}…"
