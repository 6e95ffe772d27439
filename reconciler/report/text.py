"""What people read on a terminal: plans, diagnostics, results, drift, errors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never

from rich.console import Console
from rich.text import Text

from reconciler.model.change import Action, Change, FieldChange, MemberChange, Risk, ValueChange
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostics
from reconciler.model.errors import DefectError, Invalid, ReconcilerError, Refused, Rejected, Unexpected, VendorError
from reconciler.model.outcome import Outcome, Result, Verdict
from reconciler.model.plan import Differences, Plan
from reconciler.model.secret import Mask
from reconciler.report.pen import Pen, count, sentence, some
from reconciler.report.plan_text import counted, render_plan, write_changes, write_refusals
from reconciler.report.problems import write_problem, write_warnings

__all__ = [
    "render_diagnostics",
    "render_drift",
    "render_error",
    "render_line",
    "render_plan",
    "render_result",
    "render_valid",
]

_PROBLEMS_SHOWN: Final = 1_000
_OUTCOMES_SHOWN: Final = 20
_ERROR_CELLS: Final = 1_000
_FLIPPED: Final = {Action.CREATE: Action.DELETE, Action.UPDATE: Action.UPDATE, Action.DELETE: Action.CREATE}


def render_diagnostics(
    console: Console, diagnostics: Diagnostics, *, mask: Mask | None = None, verbose: bool = False
) -> None:
    """Show every problem, in the order of the files, and how many there are; nothing where there is none."""
    pen = Pen(console=console, mask=mask or Mask())
    shown = diagnostics.items if verbose else diagnostics.items[:_PROBLEMS_SHOWN]
    for item in shown:
        write_problem(pen, item)
        console.print()
    if len(shown) < len(diagnostics):
        pen.line(f"and {count(len(diagnostics) - len(shown), 'more problem')} (-v shows all)")
    if diagnostics.items:
        errors, warnings = len(diagnostics.errors), len(diagnostics.warnings)
        told = [count(errors, "error")] if errors else []
        told += [count(warnings, "warning")] if warnings else []
        pen.line(Text(", ".join(told), "bold red" if errors else "bold yellow"))


def render_line(console: Console, text: str, *, mask: Mask | None = None) -> None:
    """Say one thing, such as where a file was written; on one line, so that a path can be copied."""
    pen = Pen(console=console, mask=mask or Mask())
    console.print(Text(pen.clean(text)), soft_wrap=True)


def render_valid(console: Console, desired: Desired) -> None:
    """Say in a line that a configuration is valid, and what it names."""
    pen = Pen(console=console, mask=desired.mask)
    what = f": {', '.join(counted(desired))}" if desired.sections else ""
    name = f"{pen.clean(desired.contact_center, 64)} ({pen.clean(desired.settings.type, 32)})"
    pen.line(Text.assemble(("Valid: ", "bold green"), f"{name}{what}."), hang=7)


def render_result(
    console: Console, result: Result, plan: Plan, *, mask: Mask | None = None, verbose: bool = False
) -> None:
    """Show how an apply went: what failed and why, what is not known, what was not tried, what reading back found."""
    pen = Pen(console=console, mask=mask or Mask(), names=plan.names)
    by_verdict = {verdict: [item for item in result.outcomes if item.verdict is verdict] for verdict in Verdict}
    for verdict, title in (
        (Verdict.FAILED, "Failed"),
        (Verdict.UNKNOWN, "Sent, but no answer came: it may have happened"),
        (Verdict.SKIPPED, "Not tried"),
    ):
        _write_outcomes(pen, title, by_verdict[verdict], verbose=verbose)
    unkept = [item for item in by_verdict[Verdict.DONE] if item.error is not None]
    _write_outcomes(pen, "Done, but what the answer gave was not kept as asked", unkept, verbose=verbose)
    noted = [item.note for item in result.outcomes if item.note]
    if noted:
        pen.heading("Worth knowing")
        for note in noted if verbose else noted[:_OUTCOMES_SHOWN]:
            pen.line(pen.clean(note, _ERROR_CELLS), indent=2, hang=2)
        if len(noted) > _OUTCOMES_SHOWN and not verbose:
            pen.line(f"and {len(noted) - _OUTCOMES_SHOWN:,} more (-v shows all)", indent=2)
        console.print()
    if result.mismatches:
        pen.heading("Read back, and not as wanted")
        shown = result.mismatches if verbose else result.mismatches[:_OUTCOMES_SHOWN]
        for item in shown:
            words = f"{pen.clean(item.address, 60)} {pen.clean(item.path.replace('_', ' '), 40)}:"
            wanted, found = pen.value(item.wanted), pen.value(item.found)
            pen.line(f"{words} wanted {wanted}, found {found}", indent=2, hang=2)
        if len(result.mismatches) > len(shown):
            pen.line(f"and {len(result.mismatches) - len(shown):,} more (-v shows all)", indent=2)
    if result.problem:
        console.print()
        pen.line(pen.clean(result.problem, _ERROR_CELLS), hang=2)
    if not result.complete and (result.outcomes or result.problem):
        console.print()
    worked = len(by_verdict[Verdict.DONE]) + len(by_verdict[Verdict.ALREADY])
    pen.line(_ending(result, by_verdict, worked), hang=2)


def _write_outcomes(pen: Pen, title: str, outcomes: Sequence[Outcome], *, verbose: bool) -> None:
    if not outcomes:
        return
    pen.heading(title, "bold" if outcomes[0].verdict is Verdict.SKIPPED else "bold red")
    shown = outcomes if verbose else outcomes[:_OUTCOMES_SHOWN]
    for item in shown:
        call = item.call
        words = [pen.clean(call.id, 12), pen.clean(call.title, 120), pen.clean(call.why, 200)]
        blocked = f"(waited for {some(list(item.blocked_by[:4]), len(item.blocked_by))})" if item.blocked_by else ""
        pen.line("  ".join(word for word in (*words, blocked) if word), indent=2, hang=4)
        if item.error is not None:
            pen.line(Text(_message(pen, item.error), "red"), indent=6)
            if item.error.remedy:
                pen.line(pen.clean(item.error.remedy, _ERROR_CELLS), indent=6)
    if len(outcomes) > len(shown):
        pen.line(f"and {len(outcomes) - len(shown):,} more (-v shows all)", indent=2)


def _ending(result: Result, by_verdict: Mapping[Verdict, Sequence[Outcome]], worked: int) -> Text:
    total = len(result.outcomes)
    if result.complete:
        if not total:
            return Text("Nothing to apply.")
        already = len(by_verdict[Verdict.ALREADY])
        known = f" ({already:,} already so)" if already else ""
        return Text.assemble(
            ("Applied: ", "bold green"), f"{count(total, 'call')} done{known}; read back, and all is as wanted."
        )
    counts = [f"{worked:,} of {count(total, 'call')} done"]
    for verdict, word in ((Verdict.FAILED, "failed"), (Verdict.UNKNOWN, "not known"), (Verdict.SKIPPED, "not tried")):
        if by_verdict[verdict]:
            counts.append(f"{len(by_verdict[verdict]):,} {word}")
    text = Text("Not complete: ", "bold red").append(", ".join(counts), "not bold default")
    if not result.verified:
        text.append("; not read back", "not bold default")
    text.append(". Run plan to see what is left; a second apply carries on from there.", "not bold default")
    return text


def render_drift(  # noqa: PLR0913  (what to show, and how much of it)
    console: Console,
    differences: Differences,
    *,
    names: Mapping[tuple[str, str], str] | None = None,
    pending: Collection[str] = (),
    mask: Mask | None = None,
    verbose: bool = False,
) -> None:
    """
    Show what someone changed by hand, from what the files say to what is live.

    Args:
        console: Where to.
        differences: What an apply would do; here it is told from the other side.
        names: People's names for objects, by section and identity.
        pending: Addresses that differ because the files changed and were not applied yet: no drift.
        mask: Hides secrets.
        verbose: Show all of it.
    """
    pen = Pen(console=console, mask=mask or Mask(), names=names or {})
    drifted = [_flip(change) for change in differences.changes if change.address not in pending]
    waiting = len(differences.changes) - len(drifted)
    if drifted:
        pen.line(f"Changed by hand (files {pen.arrow} live):")
        console.print()
        write_changes(pen, drifted, verbose=verbose, gone="missing", new="not in the files")
        console.print()
    if differences.warnings:
        write_warnings(pen, differences.warnings, verbose=verbose)
        console.print()
    pen.line(_drift_sum(drifted), hang=2)
    if waiting:
        pen.line(f"{count(waiting, 'object differs', 'objects differ')} because the files changed; apply them.", hang=2)
    if differences.unmanaged:
        kinds = dict.fromkeys(pen.clean(sentence(item.partition("/")[0])) for item in differences.unmanaged)
        known = f"{count(len(differences.unmanaged), 'live object')} in {', '.join(kinds)}"
        pen.line(f"Unmanaged: {known} that the files do not name.", hang=2)
    write_refusals(pen, differences.refusals)


def _drift_sum(drifted: Sequence[Change]) -> Text:
    if not drifted:
        return Text("No drift. The live tenant is as the files say.")
    actions = [change.action for change in drifted]
    changed, gone, new = (actions.count(action) for action in (Action.UPDATE, Action.DELETE, Action.CREATE))
    return Text.assemble(
        ("Drift: ", "bold yellow"), f"{changed:,} changed, {gone:,} missing, {new:,} that should not be there"
    )


def _flip(change: Change) -> Change:
    """Tell a change from the other side: what the hand did, rather than what an apply would do."""
    return replace(
        change,
        action=_FLIPPED[change.action],
        fields=tuple(_flip_field(item) for item in change.fields),
        risk=Risk.LOW,  # an apply's risk says nothing of what the hand did
    )


def _flip_field(item: FieldChange) -> FieldChange:
    match item:
        case ValueChange():
            return replace(item, before=item.after, after=item.before)
        case MemberChange():
            return replace(item, add=item.remove, remove=item.add)
        case _:
            assert_never(item)


def render_error(console: Console, error: ReconcilerError, *, mask: Mask | None = None) -> None:
    """Show an error: a sentence, what to do next, and what a vendor or a guard has to say."""
    pen = Pen(console=console, mask=mask or Mask())
    if isinstance(error, Invalid):
        render_diagnostics(console, error.diagnostics, mask=mask)
        return
    pen.line(Text.assemble(("error", "bold red"), f": {_message(pen, error)}"), hang=2)
    if isinstance(error, VendorError) and error.call:
        pen.line(f"in the call {pen.clean(error.call, 200)}", indent=2)
    if isinstance(error, Unexpected) and error.reply:
        pen.line(f"the answer begins: {pen.clean(error.reply, 300)}", indent=2, hang=2)
    if error.remedy:
        pen.line(pen.clean(error.remedy, _ERROR_CELLS), indent=2)
    if isinstance(error, DefectError) and error.file:
        pen.whole(error.file, indent=2)
    elif isinstance(error, DefectError) and error.report:
        console.print()
        for row in error.report.splitlines()[:200]:
            pen.line(pen.clean(row, 400), indent=2)
    if isinstance(error, Refused):
        write_refusals(pen, error.refusals)


def _message(pen: Pen, error: ReconcilerError) -> str:
    message = pen.clean(error, _ERROR_CELLS)
    if isinstance(error, Rejected):
        own = [pen.clean(part, 300) for part in (error.code, error.text) if part]
        missing = [part for part in own if part not in message]
        if missing:
            message += f" ({': '.join(missing)})"
    return message
