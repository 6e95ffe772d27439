"""Diagnostics as people read them: what is wrong, where, the line with a caret, and what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, chop_cells
from rich.text import Text

from reconciler.model.diagnostics import Diagnostic, Place, Severity
from reconciler.model.errors import ReconcilerError, Rejected
from reconciler.report.pen import Pen, count

_COLORS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_SUMMARY_CELLS: Final = 400
_ERROR_CELLS: Final = 1_000
_ID_CELLS: Final = 320
_WARNINGS_SHOWN: Final = 20
_NEAR: Final = 400  # characters of the line, to each side, that are looked at


def write_problem(pen: Pen, item: Diagnostic) -> None:
    """
    Show one problem.

        error[unknown-field]: a queue has no field "timout"
          queues.yaml:12:5
        12 |     timout: 90
           |     ^^^^^^ did you mean "timeout"? (seconds)
    """
    color = _COLORS[item.severity]
    title = Text.assemble(
        (f"{item.severity.value}[{pen.clean(item.code)}]", f"bold {color}"),
        f": {pen.clean(item.summary, _SUMMARY_CELLS)}",
    )
    pen.line(title, hang=2)
    remedy = pen.clean(item.remedy, _SUMMARY_CELLS)
    if item.place is not None:
        pen.line(_where(pen, item.place), indent=2)
        if item.place.excerpt is not None:
            remedy = _write_excerpt(pen, item.place, item.place.excerpt, remedy, color)
    if remedy:
        pen.line(remedy, indent=2, hang=2)
    for words, place in item.related:
        pen.line(f"{pen.clean(words, _SUMMARY_CELLS)}: {_where(pen, place)}", indent=2, hang=2)


def write_warnings(pen: Pen, warnings: Sequence[Diagnostic], *, verbose: bool = False) -> None:
    """Show the first few warnings, or all."""
    shown = warnings if verbose else warnings[:_WARNINGS_SHOWN]
    for warning in shown:
        write_problem(pen, warning)
    if len(shown) < len(warnings):
        pen.line(f"and {count(len(warnings) - len(shown), 'more warning')} (-v shows all)")


def error_words(pen: Pen, error: ReconcilerError) -> str:
    """Spell an error as a sentence, with the vendor's own words where it leaves them out."""
    message = pen.clean(error, _ERROR_CELLS)
    if isinstance(error, Rejected):
        own = [pen.clean(part, 300) for part in (error.code, error.text) if part]
        missing = [part for part in own if part not in message]
        if missing:
            message += f" ({': '.join(missing)})"
    return message


def request_words(pen: Pen, error: ReconcilerError) -> str:
    """Name the request as the vendor does, who finds it again by that; "" where it gave no number."""
    return f"request {pen.clean(error.request_id, _ID_CELLS)}" if error.request_id else ""


def _where(pen: Pen, place: Place) -> str:
    return f"{pen.clean(place.file, 200)}:{place.line}:{place.column}"


def _write_excerpt(pen: Pen, place: Place, excerpt: str, remedy: str, color: str) -> str:
    """Show the line and the caret; return the remedy if it did not fit beside the caret."""
    number = str(place.line)
    gutter = " " * len(number)
    room = max(pen.console.width - len(number) - 3, 20)
    if pen.mask.text(excerpt) != excerpt:  # what is hidden has another width, and a caret would point elsewhere
        pen.line(Text.assemble((f"{number} | ", "dim"), pen.clean(excerpt, room)))
        return remedy
    start = min(max(place.column - 1, 0), len(excerpt))
    end = min(start + max(place.width, 1), len(excerpt))
    before = pen.clean(excerpt[max(start - _NEAR, 0) : start])
    marked = pen.clean(excerpt[start : min(end, start + _NEAR)])
    after = pen.clean(excerpt[end : end + _NEAR])
    if start > _NEAR or cell_len(before) > room // 2:
        before = pen.dots + _tail(before, room // 2)
    marked = pen.cut(marked, max(room - cell_len(before) - 2, 4))
    after = pen.cut(after, max(room - cell_len(before) - cell_len(marked), 0)) if after else ""
    line = Text.assemble((f"{number} | ", "dim"), f"{before}{marked}{after}")
    line.rstrip()
    pen.console.print(line, soft_wrap=True)
    caret = "^" * max(cell_len(marked), 1)
    lead = cell_len(before) + len(caret) + 1
    beside = remedy if lead + cell_len(remedy) <= room else ""
    under = Text.assemble((f"{gutter} | ", "dim"), " " * cell_len(before), (caret, f"bold {color}"))
    if beside:
        under.append(f" {beside}")
    pen.console.print(under, soft_wrap=True)
    return "" if beside else remedy


def _tail(text: str, cells: int) -> str:
    """Keep the last *cells* columns of a clean text."""
    if cell_len(text) <= cells:
        return text
    return chop_cells(text[::-1], max(cells, 1))[0][::-1]
