"""GitLab's two reports: the terraform report's three numbers, and Code Quality."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.report.gitlab import code_quality, gitlab
from reconciler.report.sheet import Level, Problem, Sheet, Subject
from tests.test_report_sarif import PLAN, sheet_of

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def test_a_plan_is_three_numbers() -> None:
    """What `artifacts:reports:terraform` reads, and nothing else."""
    assert {"create": 0, "update": 1, "delete": 1} == json.loads(gitlab(sheet_of(PLAN)))


def test_a_plan_that_could_not_be_made_is_no_report() -> None:
    """GitLab says then that the report failed; zeros would read as "no changes"."""
    assert {} == json.loads(gitlab(Sheet(subject=Subject.PLAN, failed=True)))


@pytest.mark.parametrize("subject", [Subject.CHECK, Subject.DRIFT])
def test_what_has_no_such_numbers_is_code_quality(subject: Subject) -> None:
    """A check and drift are findings on lines."""
    problem = Problem(level=Level.ERROR, code="odd", message="It is odd", remedy="Mend it.")
    (finding,) = json.loads(gitlab(Sheet(subject=subject, problems=(problem,))))
    assert ("It is odd. Mend it.", "odd", "critical") == tuple(
        finding[key] for key in ("description", "check_name", "severity")
    )
    assert [] == json.loads(gitlab(Sheet(subject=subject)))


def test_findings_stand_on_their_lines() -> None:
    """A path relative to where the command ran, a line, and a fingerprint that is its own."""
    findings = json.loads(code_quality(sheet_of(PLAN)))
    assert ["critical", "major", "info"] == [finding["severity"] for finding in findings]
    assert {"path": "centers/acme/my queues.yaml", "lines": {"begin": 12}} == findings[-1]["location"]
    assert {"path": "centers/acme", "lines": {"begin": 1}} == findings[0]["location"]
    assert len(findings) == len({finding["fingerprint"] for finding in findings})
    assert SEVERITIES >= {finding["severity"] for finding in findings}


def test_the_same_remark_twice_has_two_fingerprints() -> None:
    """GitLab shows one of those that have the same; both keep theirs when lines move."""
    problem = Problem(level=Level.ERROR, code="odd", message="It is odd")
    sheet = Sheet(subject=Subject.CHECK, problems=(problem, problem))
    prints = [finding["fingerprint"] for finding in json.loads(code_quality(sheet))]
    assert 2 == len({*prints})
    moved = replace(sheet, verdict="Other.")
    assert prints == [finding["fingerprint"] for finding in json.loads(code_quality(moved))]
