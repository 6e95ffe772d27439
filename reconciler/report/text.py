"""What people read on a terminal: plans, diagnostics, results, errors."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.text import Text

from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostics
from reconciler.model.errors import DefectError, Invalid, ReconcilerError, Refused, Unexpected, VendorError
from reconciler.model.secret import Mask
from reconciler.report.pen import Pen, count
from reconciler.report.plan_text import counted, render_plan, write_refusals
from reconciler.report.problems import error_words, request_words, write_problem
from reconciler.report.result_text import render_result

__all__ = [
    "render_diagnostics",
    "render_error",
    "render_line",
    "render_note",
    "render_plan",
    "render_result",
    "render_told",
    "render_valid",
]

_PROBLEMS_SHOWN: Final = 1_000
_ERROR_CELLS: Final = 1_000


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


def render_told(console: Console, text: str, *, mask: Mask | None = None) -> None:
    """Say one thing whole; what does not fit goes on below, broken between words alone: some are paths."""
    pen = Pen(console=console, mask=mask or Mask())
    pen.words(text)


def render_note(console: Console, text: str, *, mask: Mask | None = None) -> None:
    """Say one thing that nobody will copy; what does not fit goes on below."""
    pen = Pen(console=console, mask=mask or Mask())
    pen.line(pen.clean(text, _ERROR_CELLS), hang=2)


def render_valid(console: Console, desired: Desired) -> None:
    """Say in a line that a configuration is valid, and what it names."""
    pen = Pen(console=console, mask=desired.mask)
    what = f": {', '.join(counted(desired.named))}" if desired.sections else ""
    name = f"{pen.clean(desired.contact_center, 64)} ({pen.clean(desired.settings.type, 32)})"
    pen.line(Text.assemble(("Valid: ", "bold green"), f"{name}{what}."), hang=7)


def render_error(console: Console, error: ReconcilerError, *, mask: Mask | None = None) -> None:
    """Show an error: a sentence, what to do next, and what a vendor or a guard has to say."""
    pen = Pen(console=console, mask=mask or Mask())
    if isinstance(error, Invalid):
        render_diagnostics(console, error.diagnostics, mask=mask)
        return
    pen.line(Text.assemble(("error", "bold red"), f": {error_words(pen, error)}"), hang=2)
    call = f"in the call {pen.clean(error.call, 200)}" if isinstance(error, VendorError) and error.call else ""
    where = ", ".join(filter(None, (call, request_words(pen, error))))
    if where:
        pen.line(where, indent=2, hang=2)
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
