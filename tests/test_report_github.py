"""Workflow commands: on the line, escaped, the most severe first, and never more than GitHub shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from reconciler.model.diagnostics import Place
from reconciler.report.github import MOST, github
from reconciler.report.sheet import Level, Problem, Sheet, Subject
from tests.test_report_sarif import PLAN, sheet_of

SHEET = Sheet(subject=Subject.CHECK, contact_center="acme", verdict="Not valid.")


def problems(**counts: int) -> tuple[Problem, ...]:
    """Make so many problems of each level."""
    return tuple(
        Problem(level=Level(level), code="odd", message=f"{level} {number}")
        for level, count in counts.items()
        for number in range(count)
    )


def commands(sheet: Sheet) -> Counter[str]:
    """Count the commands by name."""
    return Counter(line.split(" ")[0] for line in github(sheet).splitlines())


def test_a_change_hangs_on_its_line() -> None:
    """File, line and column as GitHub reads them, and the whole in a notice at the end."""
    lines = github(sheet_of(PLAN)).splitlines()
    where = "file=centers/acme/my queues.yaml,line=12,col=3,title=reconciler plan%3A plan-change"
    assert f"::notice {where}::Queues: change Sales (9001): timeout 60 → 90" == lines[2]
    verdict = "acme: Refused: 1 rule against it; nothing of this plan will be applied."
    assert f"::notice title=reconciler plan::{verdict}" == lines[-1]


def test_the_most_severe_come_first() -> None:
    """A refusal, then what is risky, then the rest."""
    assert ["::error", "::warning", "::notice", "::notice"] == [
        line.split(" ")[0] for line in github(sheet_of(PLAN)).splitlines()
    ]


def test_signs_of_the_commands_own_are_escaped() -> None:
    """Percent and line ends everywhere, colons and commas in properties."""
    place = Place(file="a,b:c%.yaml", line=1, column=2)
    problem = Problem(level=Level.ERROR, code="odd", message="50%: a, b\r\nc", place=place)
    first, _ = github(replace(SHEET, problems=(problem,))).splitlines()
    where = "file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=reconciler check%3A odd"
    assert f"::error {where}::50%25: a, b%0D%0Ac" == first


def test_no_more_than_github_shows() -> None:
    """Ten of each in a step, the last notice being the sum, which says how many are left out."""
    many = replace(SHEET, problems=problems(error=30, warning=20, note=20))
    assert Counter({"::error": MOST, "::warning": MOST, "::notice": MOST}) == commands(many)
    assert github(many).endswith("::acme: Not valid. 41 more remarks than GitHub shows.\n")
    assert "more remark" not in github(replace(SHEET, problems=problems(error=10, warning=10, note=9)))
    assert "1 more remark than" in github(replace(SHEET, problems=problems(note=10)))


def test_nothing_to_say_is_one_notice() -> None:
    """An empty sheet tells its verdict."""
    assert "::notice title=reconciler check::acme: Not valid.\n" == github(SHEET)


def test_a_long_message_is_cut() -> None:
    """An annotation is a few lines, not a file."""
    (line, _) = github(replace(SHEET, problems=(replace(problems(error=1)[0], message="x" * 9_000),))).splitlines()
    assert len(line) < 2_200
