"""A review, written as a sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from reconciler.model.change import Action, Change, ValueChange
from reconciler.model.plan import Origin
from reconciler.model.review import Review, Revised
from reconciler.model.secret import Mask
from reconciler.report.pen import count
from reconciler.report.sheet import Sheet, Subject
from reconciler.report.writer import Writer

_WORDS: Final = {Action.CREATE: "add", Action.UPDATE: "change", Action.DELETE: "remove"}
_RELEASED: Final = "stop managing"


def review_sheet(found: Review, *, mask: Mask, origin: Origin | None = None, here: str = "") -> Sheet:
    """
    Make the sheet of a review.

    *origin* is what the user gave, *here* the folder in which the command runs: files are named from there.
    """
    writer = Writer(mask, found.names, found.contact_center, Subject.REVIEW, origin=origin, here=here)
    items = [writer.item(change, _WORDS[change.action]) for change in (*found.settings, *found.changes)]
    items += [writer.item(_let_go(change), _RELEASED) for change in found.released]
    return Sheet(
        subject=Subject.REVIEW,
        contact_center=writer.text(found.contact_center),
        provider=writer.text(found.provider),
        verdict=verdict(found),
        summary=found.summary,
        items=tuple(items),
        problems=tuple(writer.problem(item) for item in found.warnings),
        notes=tuple(writer.text(note) for note in found.notes),
        pictures=writer.pictures(found.pictures),
        revisions=(writer.text(revision(found.base)), writer.text(revision(found.head))),
        path=writer.path,
    )


def _let_go(change: Change) -> Change:
    """Tell of an object that stays live as of one whose files let it go: nothing is deleted."""
    managed = ValueChange(path="managed", before=True, after=False)
    return replace(change, action=Action.UPDATE, fields=(managed,), desired=None)


def revision(revised: Revised) -> str:
    """Name a side of the review: as the user does, with the commit where that says more."""
    if not revised.commit or revised.commit.startswith(revised.name):
        return revised.name
    return f"{revised.name} ({revised.commit[:12]})"


def verdict(found: Review) -> str:
    """Say the whole in a sentence."""
    if found.empty:
        return "No change in meaning."
    summary = found.summary
    told = [
        f"{number:,} {word}"
        for number, word in (
            (summary.create, "to add"),
            (summary.update, "to change"),
            (summary.delete, "to remove"),
            (len(found.released), "no longer managed"),
        )
        if number
    ]
    if found.settings:
        told.append(count(len(found.settings), "change of the settings", "changes of the settings"))
    return f"{', '.join(told)}."
