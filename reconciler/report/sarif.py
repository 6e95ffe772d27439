"""
A sheet as SARIF 2.1.0, for code scanning: each remark on its line of the YAML.

GitHub takes 25,000 results of a run and 10 MB packed; the most severe are kept, and the run says how many there were.
Files are named from where the command ran (`%SRCROOT%`), never by an absolute path. A result's fingerprint holds no
line, so that a finding stays the same one when lines move.
"""

from __future__ import annotations

from typing import Any, Final

from reconciler._version import __version__
from reconciler.model.diagnostics import Place
from reconciler.report.document import dumps
from reconciler.report.pen import count
from reconciler.report.sheet import Level, Remark, Sheet
from reconciler.report.where import in_files, uri

MOST: Final = 25_000
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "%SRCROOT%"
_ABOUT: Final = {
    "plan-create": "An object of the files is not live yet, and would be created.",
    "plan-change": "A live object differs from the files, and would be changed.",
    "plan-delete": "A live object that the files do not have would be deleted.",
    "review-add": "The newer revision has an object that the older one does not have.",
    "review-change": "An object means something else in the newer revision.",
    "review-remove": "The newer revision no longer has an object of the older one.",
    "drift-changed": "A live object was changed by hand since it was last applied.",
    "drift-missing": "A live object was deleted by hand since it was last applied.",
    "drift-extra": "A live object was made by hand, where the files manage all of its kind.",
}
_WORDS: Final = {
    Level.ERROR: "What stands against carrying it out.",
    Level.WARNING: "What to look at before carrying it out.",
    Level.NOTE: "What differs, without a risk to callers.",
}


def sarif(sheet: Sheet) -> str:
    """Write a sheet as SARIF."""
    remarks = sheet.remarks
    shown = remarks[:MOST]
    rules = {remark.rule: remark for remark in reversed(shown)}  # the loudest stands for its rule
    indexes = {rule: index for index, rule in enumerate(sorted(rules))}
    driver = {
        "name": "reconciler",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rules[name]) for name in indexes],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"reconciler-{sheet.subject}/{uri(sheet.contact_center)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which the command ran."}}},
        "invocations": [_invocation(sheet, len(remarks) - len(shown))],
        "results": [_result(remark, indexes[remark.rule], sheet.path) for remark in shown],
    }
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, dense=True)


def _rule(remark: Remark) -> dict[str, Any]:
    about = _ABOUT.get(remark.rule) or f"{remark.rule.replace('-', ' ').capitalize()}. {_WORDS[remark.level]}"
    return {
        "id": remark.rule,
        "name": "".join(word.capitalize() for word in remark.rule.split("-")) or "Rule",
        "shortDescription": {"text": remark.rule.replace("-", " ").capitalize() or "Rule"},
        "fullDescription": {"text": about},
        "help": {"text": about},
        "defaultConfiguration": {"level": remark.level.value},
        "properties": {"tags": ["contact-center", "configuration"]},
    }


def _invocation(sheet: Sheet, left: int) -> dict[str, Any]:
    told = [{"level": "note", "message": {"text": sheet.verdict}}]
    if left:
        told.append({"level": "warning", "message": {"text": f"Left out: {count(left, 'more result')}."}})
    return {"executionSuccessful": not sheet.failed, "toolExecutionNotifications": told}


def _result(remark: Remark, index: int, path: str) -> dict[str, Any]:
    # The second is the one that GitHub goes by; its uploader would work one out from the line otherwise.
    prints = {"reconciler/v1": remark.fingerprint, "primaryLocationLineHash": f"{remark.fingerprint}:1"}
    return {
        "ruleId": remark.rule,
        "ruleIndex": index,
        "level": remark.level.value,
        "message": {"text": _plain(remark.words)},
        "locations": [_location(remark, path)],
        "partialFingerprints": prints,
    }


def _plain(text: str) -> str:
    r"""Escape what a SARIF viewer reads as a link, `[text](target)`, or as a placeholder, `{0}`."""
    return text.replace("](", "\\](").replace("{", "{{").replace("}", "}}")


def _location(remark: Remark, path: str) -> dict[str, Any]:
    """Say where it stands; what the files do not name stands at the configuration, since GitHub takes none without."""
    place = remark.place
    known = place if place is not None and in_files(place.file) else None
    file = known.file if known is not None else path if in_files(path) else "."
    found: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(file) or ".", "uriBaseId": _ROOT},
            "region": _region(known) if known is not None else {"startLine": 1},
        }
    }
    if remark.address or known is None:
        name = remark.address or "configuration"
        found["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return found


def _region(place: Place) -> dict[str, Any]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endColumn": place.column + max(place.width, 1),
    }
