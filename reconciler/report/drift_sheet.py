"""Drift, written as a sheet."""

from __future__ import annotations

from typing import Final

from reconciler.model.change import Action, Change
from reconciler.model.drift import Did, Drift, Finding, Status, flipped
from reconciler.model.plan import Origin
from reconciler.model.secret import Mask
from reconciler.report.pen import count, sentence
from reconciler.report.sheet import Item, Sheet, Subject
from reconciler.report.times import moment
from reconciler.report.writer import Writer

_PENDING: Final = {Action.CREATE: "not created yet", Action.UPDATE: "not changed yet", Action.DELETE: "not deleted yet"}
_RESOLVED: Final = 50  # findings that are gone and named


def drift_sheet(found: Drift, *, mask: Mask, origin: Origin | None = None, here: str = "") -> Sheet:
    """
    Make the sheet of drift: what a hand did, from the files to what is live, and what was not applied yet.

    *origin* says which configuration it is, *here* is the folder in which the command runs: files are named from there.
    """
    writer = Writer(mask, found.names, found.contact_center, Subject.DRIFT, origin=origin, here=here)
    return Sheet(
        subject=Subject.DRIFT,
        contact_center=writer.text(found.contact_center),
        provider=writer.text(found.provider),
        verdict=_verdict(found),
        items=(
            *(_finding(writer, item) for item in found.findings),
            *(_pending(writer, change) for change in found.pending),
        ),
        problems=tuple(writer.problem(item) for item in found.warnings),
        unmanaged=tuple(writer.text(address) for address in found.unmanaged),
        notes=tuple(_notes(found, writer)),
        path=writer.path,
        revisions=(writer.text(found.base),) if found.base else (),
    )


def _finding(writer: Writer, item: Finding) -> Item:
    return writer.item(
        flipped(item.change, risk=item.risk),
        item.did.value,
        fingerprint=item.fingerprint,
        status=item.status.value if item.status is not None else "",
        since=moment(item.first_seen) if item.first_seen is not None else "",
    )


def _pending(writer: Writer, change: Change) -> Item:
    return writer.item(change, _PENDING[change.action], pending=True)


def _verdict(found: Drift) -> str:
    if not found.findings:
        if found.pending:
            return f"No drift: {count(len(found.pending), 'object')} not applied yet."
        return "No drift: the live tenant is as the files say."
    changed, gone, new = (found.count(did) for did in (Did.CHANGED, Did.MISSING, Did.EXTRA))
    return f"Changed by hand: {changed:,} changed, {gone:,} missing, {new:,} that should not be there."


def _notes(found: Drift, writer: Writer) -> list[str]:
    notes = []
    seen = [f"{len(items):,} {status.value}" for status in Status if (items := found.of_status(status))]
    if seen:
        notes.append(f"Since the last look: {', '.join(seen)}.")
    if found.findings and not found.known:
        notes.append("No apply is recorded here: what was never applied counts too, since nobody can tell.")
    if found.base:
        notes.append(f"Taken as applied: the files at {writer.text(found.base, 100)}.")
    for item in found.resolved[:_RESOLVED]:
        name = writer.text(item.label or item.identity, 80)
        first = moment(item.first_seen)
        notes.append(f"Resolved: {writer.text(sentence(item.section))} {name}, {item.did}, first seen {first}.")
    if len(found.resolved) > _RESOLVED:
        notes.append(f"Resolved: {len(found.resolved) - _RESOLVED:,} more.")
    return notes
