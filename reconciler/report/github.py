"""
A sheet as workflow commands, which GitHub hangs on the lines of a pull request.

GitHub shows ten errors, ten warnings and ten notices of a step, and drops the rest without a word. So the most severe
come first, ten of each at the most, and what is left out is summed up in the last notice. No other line is written:
whatever stands in a name stays in the line of its command.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from reconciler.report.pen import count
from reconciler.report.sheet import Level, Remark, Sheet
from reconciler.report.where import in_files

MOST: Final = 10  # of each command in one step
_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_MESSAGE: Final = 2_000  # characters
_TITLE: Final = 120
_FILE: Final = 1_000


def github(sheet: Sheet) -> str:
    """Write a sheet as workflow commands, one a line."""
    remarks = sheet.remarks
    told: Counter[Level] = Counter()
    lines = []
    for remark in remarks:
        told[remark.level] += 1
        if told[remark.level] <= _most(remark.level):
            lines.append(_command(sheet, remark))
    left = len(remarks) - len(lines)
    verdict = f"{sheet.contact_center}: {sheet.verdict}" if sheet.contact_center else sheet.verdict
    more = f" {count(left, 'more remark')} than GitHub shows." if left else ""
    lines.append(f"::notice title={_property(_title(sheet))}::{_data(verdict + more)}")
    return "\n".join(lines) + "\n"


def _most(level: Level) -> int:
    return MOST - 1 if level is Level.NOTE else MOST  # the last notice is the sum


def _title(sheet: Sheet) -> str:
    return f"reconciler {sheet.subject}"


def _command(sheet: Sheet, remark: Remark) -> str:
    place = remark.place
    properties = []
    if place is not None and in_files(place.file):
        properties += [f"file={_property(place.file[:_FILE])}", f"line={place.line}", f"col={place.column}"]
    properties.append(f"title={_property(f'{_title(sheet)}: {remark.rule}'[:_TITLE])}")
    return f"::{_COMMANDS[remark.level]} {','.join(properties)}::{_data(remark.words)}"


def _data(text: str) -> str:
    """Escape what a command says; the runner turns it back."""
    cut = text if len(text) <= _MESSAGE else f"{text[: _MESSAGE - 1]}…"
    return cut.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace(":", "%3A").replace(",", "%2C")
