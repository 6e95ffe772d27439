"""Drift as people read it on a terminal: what is new, what is still there since when, and what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from reconciler.model.change import Action
from reconciler.model.drift import Did, Drift, Finding, Seen, Status, flipped
from reconciler.model.secret import Mask
from reconciler.report.pen import Pen, count, sentence
from reconciler.report.plan_text import write_changes
from reconciler.report.problems import write_warnings
from reconciler.report.times import moment

_AS_WISHED: Final = "No drift. The live tenant is as the files say."
_WORDS: Final = {Action.CREATE: "not in the files", Action.UPDATE: "changed", Action.DELETE: "missing"}
_SHOWN: Final = 20  # findings that are gone


def render_drift(console: Console, found: Drift, *, mask: Mask | None = None, verbose: bool = False) -> None:
    """Show what somebody changed by hand, from what the files say to what is live; *verbose*: all of it."""
    pen = Pen(console=console, mask=mask or Mask(), names=found.names)
    for title, items in _groups(found, pen):
        pen.line(title, hang=2)
        console.print()
        changes = [flipped(item.change, risk=item.risk) for item in items]
        write_changes(pen, changes, verbose=verbose, gone="missing", new="not in the files", words=_WORDS)
        console.print()
    if found.resolved:
        _write_resolved(pen, found.resolved, verbose=verbose)
    if found.warnings:
        write_warnings(pen, found.warnings, verbose=verbose)
        console.print()
    _write_sum(pen, found)


def _groups(found: Drift, pen: Pen) -> list[tuple[str, tuple[Finding, ...]]]:
    """Group what was found: what is new first, then what earlier looks have seen."""
    sides = f"(files {pen.arrow} live)"
    new = tuple(item for item in found.findings if item.status is not Status.STILL)
    since: dict[str, list[Finding]] = {}
    for item in sorted(found.of_status(Status.STILL), key=lambda item: item.first_seen or 0.0, reverse=True):
        since.setdefault(moment(item.first_seen), []).append(item)
    groups = [(f"{'New since the last look' if since else 'Changed by hand'} {sides}:", new)] if new else []
    return groups + [(f"Still there, since {when} {sides}:", tuple(items)) for when, items in since.items()]


def _write_resolved(pen: Pen, resolved: Sequence[Seen], *, verbose: bool) -> None:
    pen.line("Resolved since the last look:")
    for item in resolved if verbose else resolved[:_SHOWN]:
        name = pen.titled(item.label or item.address.partition("/")[2], item.identity)
        lead = f"{pen.clean(sentence(item.section))} {name}".rstrip()
        told = f"{item.did}, first seen {moment(item.first_seen)}"
        pen.line(Text.assemble((f"{lead}  ", "green"), told), indent=2, hang=2)
    if len(resolved) > _SHOWN and not verbose:
        pen.line(f"and {len(resolved) - _SHOWN:,} more (-v shows all)", indent=2)
    pen.console.print()


def _write_sum(pen: Pen, found: Drift) -> None:
    pen.line(_sum(found), hang=2)
    if not found.known and found.findings:
        pen.line("No apply is recorded here: what was never applied counts too, since nobody can tell.", hang=2)
    if found.base:
        pen.line(f"Taken as applied: the files at {pen.clean(found.base, 100)}.", hang=2)
    if found.pending:
        differ = count(len(found.pending), "object differs", "objects differ")
        pen.line(f"{differ} from the files: not applied yet, or rolled back.", hang=2)
    if found.unmanaged:
        kinds = dict.fromkeys(pen.clean(sentence(item.partition("/")[0])) for item in found.unmanaged)
        objects = f"{count(len(found.unmanaged), 'live object')} in {', '.join(kinds)}"
        pen.line(f"Unmanaged: {objects} that the files do not name.", hang=2)


def _sum(found: Drift) -> Text:
    if not found.findings:
        return Text("No drift: nobody changed anything by hand." if found.pending else _AS_WISHED)
    changed, gone, new = (found.count(did) for did in (Did.CHANGED, Did.MISSING, Did.EXTRA))
    told = f"{changed:,} changed, {gone:,} missing, {new:,} that should not be there"
    seen = ", ".join(f"{len(items):,} {status.value}" for status in Status if (items := found.of_status(status)))
    return Text.assemble(("Drift: ", "bold yellow"), told, f"; {seen}" if seen else "")
