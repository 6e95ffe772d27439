"""
A sheet for GitLab's merge requests, which read two kinds of report.

`--format gitlab` of `plan`, `review` and `show` is what `artifacts:reports:terraform` takes: `{"create": 1,
"update": 2, "delete": 0}`. Of `validate` and `drift`, which have no such counts, it is the Code Quality list that
`artifacts:reports:codequality` takes. For plans `--code-quality FILE` writes that list beside the first report, since a
job has one stdout and a merge request shows both. A plan that could not be made is `{}`: GitLab then says that the
report failed, where counts of nothing would read as "no changes".
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.report.document import dumps
from reconciler.report.sheet import Level, Remark, Sheet, Subject
from reconciler.report.where import in_files

_SEVERITIES: Final = {Level.ERROR: "critical", Level.WARNING: "major", Level.NOTE: "info"}
_NOWHERE: Final = "."  # Code Quality takes no finding without a file


def gitlab(sheet: Sheet) -> str:
    """Write a sheet as the report that GitLab has for its subject."""
    if sheet.subject in {Subject.CHECK, Subject.DRIFT}:
        return code_quality(sheet)
    if sheet.failed:
        return dumps({})
    summary = sheet.summary
    return dumps({"create": summary.create, "update": summary.update, "delete": summary.delete})


def code_quality(sheet: Sheet) -> str:
    """Write what a sheet says line by line as a Code Quality report."""
    return dumps([_finding(remark, sheet) for remark in sheet.remarks])


def _finding(remark: Remark, sheet: Sheet) -> dict[str, Any]:
    place = remark.place
    known = place is not None and in_files(place.file)
    return {
        "description": remark.words,
        "check_name": remark.rule,
        "fingerprint": remark.fingerprint,
        "severity": _SEVERITIES[remark.level],
        "location": {
            "path": place.file if place is not None and known else sheet.path if in_files(sheet.path) else _NOWHERE,
            "lines": {"begin": place.line if place is not None and known else 1},
        },
    }
