"""A review as people read it on a terminal."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.text import Text

from reconciler.model.change import Risk
from reconciler.model.review import Review
from reconciler.model.secret import Mask
from reconciler.report.pen import RISK_STYLES, RISKS, Pen
from reconciler.report.plan_text import write_changes
from reconciler.report.problems import write_warnings
from reconciler.report.review_sheet import revision, verdict


def render_review(console: Console, found: Review, *, mask: Mask | None = None, verbose: bool = False) -> None:
    """
    Show what changes between two revisions.

    Args:
        console: Where to.
        found: What to show; of long sections the first few.
        mask: Hides secrets.
        verbose: Show all of it.
    """
    pen = Pen(console=console, mask=mask or Mask(), names=found.names)
    base, head = pen.clean(revision(found.base)), pen.clean(revision(found.head))
    tenant = f"{pen.clean(found.contact_center, 64)} ({pen.clean(found.provider, 32)})"
    pen.line(f"{tenant}, from {base} to {head}:", hang=2)
    if not found.empty:
        console.print()
    if found.settings or found.changes:
        write_changes(pen, (*found.settings, *found.changes), verbose=verbose)
        console.print()
    if found.released:
        pen.line("No longer in the files; what is live stays as it is:")
        console.print()
        write_changes(pen, found.released, verbose=verbose, gone="no longer managed")
        console.print()
    for note in found.notes:
        pen.line(f"Note: {pen.clean(note)}", hang=6)
    if found.notes:
        console.print()
    if found.warnings:
        write_warnings(pen, found.warnings, verbose=verbose)
        console.print()
    risks = Counter(change.risk for change in (*found.settings, *found.changes))
    told = ", ".join(f"{risks[risk]:,} {risk.value}" for risk in RISKS if risks[risk] and risk is not Risk.LOW)
    pieces = [Text(pen.clean(verdict(found)))]
    if told:
        pieces.append(Text(f"Risk: {told}.", RISK_STYLES[Risk.HIGH] if risks[Risk.HIGH] else ""))
    pen.flow(Text("Review: ", "bold"), pieces)
