"""JUnit: what fails, what passes, and counts that are right."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from reconciler.model.change import Action, Risk
from reconciler.model.diagnostics import Place
from reconciler.report.junit import junit
from reconciler.report.sheet import Item, Level, Problem, Sheet, Subject
from tests.test_report_sarif import PLAN, sheet_of

ITEM = Item(
    address="queues/a", section="queues", title="A", identity="1", action=Action.UPDATE, word="changed", risk=Risk.LOW
)


def root_of(sheet: Sheet) -> ET.Element:
    """Write a sheet and read it again."""
    return ET.fromstring(junit(sheet).encode())  # noqa: S314 - our own


def counts(element: ET.Element) -> tuple[int, ...]:
    """Give how many cases there are, and how many of them failed, were errors, and were skipped."""
    return tuple(int(element.get(name, "")) for name in ("tests", "failures", "errors", "skipped"))


def test_a_refusal_fails_and_changes_pass() -> None:
    """One suite a section, one case an object; what differs is told by a case that passes."""
    root = root_of(sheet_of(PLAN))
    assert (3, 1, 0, 0) == counts(root)
    assert ["acme.rules", "acme.queues", "acme.agents"] == [suite.get("name") for suite in root]
    case = root.find("testsuite[2]/testcase")
    assert case is not None
    assert "change Sales (9001)" == case.get("name")
    told = "change queues/sales (low risk)\n- at centers/acme/my queues.yaml:12:3\n- timeout 60 → 90"
    assert told == case.findtext("system-out")
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert "Refused: 1 agent would go" == failure.get("message")
    assert "--prune" in str(failure.text)


def test_nothing_to_do_is_a_case_that_passes() -> None:
    """A file without a case is taken for a failed run by some readers."""
    root = root_of(sheet_of(replace(PLAN, changes=(), refusals=())))
    assert (1, 0, 0, 0) == counts(root)
    assert "No changes: the live tenant is as the files say." == root.findtext("testsuite/testcase/system-out")


def test_each_drift_fails_and_what_is_pending_is_skipped() -> None:
    """Somebody's hand is what drift is for; files that are merely ahead are nobody's fault."""
    items = (ITEM, replace(ITEM, address="queues/b", title="B", pending=True))
    assert (3, 1, 0, 1) == counts(root_of(Sheet(subject=Subject.DRIFT, verdict="Drift.", items=items)))


def test_errors_of_a_check_fail_and_warnings_pass() -> None:
    """Each with its place."""
    place = Place(file="a.yaml", line=2, column=3)
    problems = (
        Problem(level=Level.ERROR, code="odd", message="It is odd", place=place, remedy="Mend it."),
        Problem(level=Level.WARNING, code="queer", message="It is queer"),
    )
    sheet = Sheet(subject=Subject.CHECK, verdict="Not valid.", problems=problems)
    root = root_of(sheet)
    assert (2, 1, 0, 0) == counts(root)
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert "a.yaml:2:3: It is odd" == failure.get("message")
    assert (2, 0, 1, 0) == counts(root_of(replace(sheet, subject=Subject.PLAN, failed=True)))
