"""
A sheet as JUnit XML, which every pipeline can show.

One suite a section, one case an object, and a suite for the rules, so that a report never is empty. Of a plan, what it
changes is no failure: those cases pass and say what differs; a refusal fails. Of drift and of a check each finding is
a failure, what the files are merely ahead of is skipped, and what kept us from a result is an error.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.report.sheet import Item, Level, Problem, Sheet, Subject, by_section, row_words, said

_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, Char
_RULES: Final = "rules"


def junit(sheet: Sheet) -> str:
    """Write a sheet as JUnit XML."""
    name = sheet.contact_center or "reconciler"
    root = ET.Element("testsuites", {"name": _clean(f"reconciler {sheet.subject} {name}")})
    _suite(root, f"{name}.{_RULES}", _rules(sheet, f"{name}.{_RULES}"))
    for section, items in by_section(sheet.items).items():
        title = f"{name}.{section}"
        _suite(root, title, (_object(sheet, item, title) for item in items))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, name: str, cases: Iterator[ET.Element]) -> None:
    suite = ET.SubElement(root, "testsuite", {"name": _clean(name)})
    suite.extend(cases)
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in suite)))
    suite.set("tests", str(len(suite)))


def _rules(sheet: Sheet, suite: str) -> Iterator[ET.Element]:
    """Write what stands against it, and what is wrong; one case that passes where nothing is."""
    for refusal in sheet.refusals:
        case = _case(suite, refusal.rule)
        more = [refusal.remedy, ", ".join(refusal.objects)]
        _told(case, "failure", f"Refused: {refusal.message}", more, refusal.rule)
        yield case
    for problem in sheet.problems:
        yield _problem(sheet, problem, suite)
    if not sheet.refusals and not sheet.problems:
        case = _case(suite, str(sheet.subject))
        ET.SubElement(case, "system-out").text = _clean(sheet.verdict)
        yield case


def _problem(sheet: Sheet, problem: Problem, suite: str) -> ET.Element:
    place = problem.place
    at = f"{place.file}:{place.line}:{place.column}: " if place is not None else ""
    case = _case(suite, f"{problem.code} {at.removesuffix(': ')}".strip())
    if problem.level is Level.ERROR:
        _told(case, "error" if sheet.failed else "failure", f"{at}{problem.message}", [problem.remedy], problem.code)
    else:
        ET.SubElement(case, "system-out").text = _clean(f"{at}{said(problem.message, problem.remedy)}")
    return case


def _object(sheet: Sheet, item: Item, suite: str) -> ET.Element:
    case = _case(suite, f"{item.word} {item.title}")
    lines = [row_words(row) for row in item.fields]
    if item.source is not None:
        lines.insert(0, f"at {item.source.file}:{item.source.line}:{item.source.column}")
    cause = f", {item.cause.value}" if item.cause is not None else ""
    summary = f"{item.word} {item.address} ({item.risk.value} risk{cause})"
    if item.pending:
        ET.SubElement(case, "skipped", {"message": "not applied yet"})
    elif sheet.subject is Subject.DRIFT:
        _told(case, "failure", summary, lines, f"{sheet.subject}-{item.word}")
    else:
        ET.SubElement(case, "system-out").text = _lines([summary, *lines])
    return case


def _case(suite: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": _clean(suite), "name": _clean(name)})


def _told(case: ET.Element, tag: str, message: str, more: Sequence[str], kind: str) -> None:
    element = ET.SubElement(case, tag, {"message": _clean(message), "type": _clean(kind)})
    element.text = _lines([message, *more])


def _lines(lines: Sequence[str]) -> str:
    """Put lines below each other; none but the first begins with a text from outside, which a log might obey."""
    return _clean("\n- ".join(filter(None, lines)))


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
