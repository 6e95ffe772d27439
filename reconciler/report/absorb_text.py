"""What `absorb` did, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from reconciler.model.absorbed import Absorption, Left, Taken
from reconciler.model.secret import Mask
from reconciler.report.pen import Pen, count
from reconciler.report.safe import masked

FORMAT: Final = "reconciler-absorb/1"
_SHOWN: Final = 50
_CELLS: Final = 400


def render_absorption(console: Console, found: Absorption, *, mask: Mask | None = None, verbose: bool = False) -> None:
    """Show which live values went into which files, and what was left, and why."""
    pen = Pen(console=console, mask=mask or Mask())
    _Writer(pen, found, verbose=verbose).write()


class _Writer:
    def __init__(self, pen: Pen, found: Absorption, *, verbose: bool) -> None:
        self._pen = pen
        self._found = found
        self._most = len(found.taken) + len(found.left) if verbose else _SHOWN

    def write(self) -> None:
        found, pen = self._found, self._pen
        for file in dict.fromkeys(item.file for item in found.taken):
            pen.line(Text(pen.clean(file, _CELLS) if file else "Elsewhere, by what is written above", "bold"))
            self._taken([item for item in found.taken if item.file == file])
        if found.taken:
            pen.line()
        if found.left:
            pen.line(Text("Not absorbed", "bold red"))
            for item in found.left[: self._most]:
                self._left(item)
            self._rest(len(found.left))
            pen.line()
        pen.line(self._sum(), hang=2)
        if not found.known and (found.taken or found.left):
            pen.line("No apply is recorded here: what was never applied counts too, since nobody can tell.", hang=2)
        if found.pending:
            differ = count(found.pending, "object differs", "objects differ")
            pen.line(f"{differ} from the files: not applied yet, or rolled back. That is left as it is.", hang=2)

    def _taken(self, items: Sequence[Taken]) -> None:
        for item in items[: self._most]:
            place = f"{item.line}" if item.line else ""
            path = "" if item.said.startswith(item.path) or not item.path else f" {item.path}"
            self._pen.line(
                Text(self._pen.clean(f"{place:>6}  {item.address}{path}  {item.said}", _CELLS).rstrip()), hang=8
            )
        self._rest(len(items))

    def _left(self, item: Left) -> None:
        pen = self._pen
        place = f"{pen.clean(item.file, 200)}:{item.line}  " if item.file else ""
        said = f"  {item.said}" if item.said else ""
        pen.line(Text(f"{place}{pen.clean(f'{item.address}{said}', _CELLS)}"), indent=2, hang=2)
        pen.line(Text(pen.clean(item.why, _CELLS), "red"), indent=4, hang=2)
        if item.remedy:
            pen.line(pen.clean(item.remedy, _CELLS), indent=4, hang=2)

    def _rest(self, number: int) -> None:
        if number > self._most:
            self._pen.line(f"and {number - self._most:,} more (-v shows all)", indent=2)

    def _sum(self) -> Text:
        found = self._found
        if not found.taken and not found.left:
            return Text("Nothing to absorb: nobody changed anything by hand.")
        done = "Absorbed" if found.written else "Would absorb"
        files = count(len(found.files), "file")
        parts = [f"{count(len(found.taken), 'difference')} in {files}"] if found.taken else ["nothing"]
        if found.left:
            parts.append(f"{count(len(found.left), 'difference was', 'differences were')} left")
        return Text.assemble((f"{done} ", "bold green" if found.taken else "bold"), f"{'; '.join(parts)}.")


def absorption_document(found: Absorption, *, mask: Mask | None = None) -> dict[str, Any]:
    """Give the same as JSON-ready data, masked."""
    document: dict[str, Any] = masked(
        {
            "format": FORMAT,
            "contact_center": found.contact_center,
            "provider": found.provider,
            "written": found.written,
            "files": [file.name for file in found.files],
            "absorbed": [
                {"address": item.address, "path": item.path, "what": item.said, "file": item.file, "line": item.line}
                for item in found.taken
            ],
            "left": [
                {
                    "address": item.address,
                    "path": item.path,
                    "what": item.said,
                    "why": item.why,
                    "remedy": item.remedy,
                    "file": item.file,
                    "line": item.line,
                }
                for item in found.left
            ],
            "pending": found.pending,
            "known": found.known,
            "diff": found.diff,
        },
        mask or Mask(),
    )
    return document
