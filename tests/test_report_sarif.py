"""SARIF: valid, on the line, and with fingerprints that survive a move."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jsonschema

from reconciler.model.change import Action, Change, Risk, Source, ValueChange
from reconciler.model.plan import Origin, Plan, Refusal, Summary
from reconciler.model.secret import Mask
from reconciler.report.sarif import MOST, sarif
from reconciler.report.sheet import Level, Problem, Sheet, Subject
from reconciler.report.writer import plan_sheet

# The schema of the standard, as the package sarif-om (MIT) brings it.
SCHEMA: Final = jsonschema.Draft4Validator(
    json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text(encoding="utf-8"))
)
PLAN: Final = Plan(
    contact_center="acme",
    provider="udesk",
    summary=Summary(update=1, delete=1, calls=2),
    changes=(
        Change(
            section="queues",
            name="sales",
            identity="9001",
            label="Sales",
            action=Action.UPDATE,
            fields=(ValueChange(path="timeout", before=60, after=90),),
            source=Source(file="my queues.yaml", line=12, column=3),
        ),
        Change(section="agents", name="10031", identity="10031", action=Action.DELETE, risk=Risk.HIGH),
    ),
    refusals=(Refusal(rule="max-deletes", message="1 agent would go", objects=("agents/10031",), remedy="--prune"),),
    origin=Origin(path="centers/acme"),
)


def run_of(sheet: Sheet) -> dict[str, Any]:
    """Write a sheet, check the document against the schema, and give its run."""
    document = json.loads(sarif(sheet))
    SCHEMA.validate(document)
    (run,) = document["runs"]
    found: dict[str, Any] = run
    return found


def sheet_of(plan: Plan) -> Sheet:
    """Make a plan's sheet."""
    return plan_sheet(plan, mask=Mask(), here="/home/me")


def test_results_stand_on_their_line() -> None:
    """A change stands where its entry stands, seen from where the command ran, and as a reference: encoded."""
    change = run_of(sheet_of(PLAN))["results"][-1]
    place = change["locations"][0]["physicalLocation"]
    assert {"uri": "centers/acme/my%20queues.yaml", "uriBaseId": "%SRCROOT%"} == place["artifactLocation"]
    assert {"startLine": 12, "startColumn": 3, "endColumn": 4} == place["region"]
    assert "Queues: change Sales (9001): timeout 60 → 90" == change["message"]["text"]
    assert ("plan-change", "note") == (change["ruleId"], change["level"])


def test_the_most_severe_come_first() -> None:
    """Refusals are errors, what is risky are warnings, the rest are notes; every rule is described."""
    run = run_of(sheet_of(PLAN))
    assert ["error", "warning", "note"] == [result["level"] for result in run["results"]]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert result["ruleId"] == rule["id"]
        assert rule["fullDescription"]["text"]
        assert len(rule["properties"]["tags"]) <= 10


def test_what_the_files_do_not_name_has_a_logical_place() -> None:
    """A deletion stands at the configuration, since GitHub takes none without a file, and says which object it is."""
    deleted = run_of(sheet_of(PLAN))["results"][1]["locations"][0]
    assert "centers/acme" == deleted["physicalLocation"]["artifactLocation"]["uri"]
    assert [{"fullyQualifiedName": "agents/10031", "kind": "resource"}] == deleted["logicalLocations"]


def test_fingerprints_hold_no_lines() -> None:
    """Moved to another line and file, a change is the same result; another object's is another."""
    first, *others = PLAN.changes
    moved = replace(PLAN, changes=(replace(first, source=Source(file="other.yaml", line=99, column=1)), *others))
    before, after = (run_of(sheet_of(plan))["results"] for plan in (PLAN, moved))
    prints = [result["partialFingerprints"] for result in before]
    assert prints == [result["partialFingerprints"] for result in after]
    assert len(prints) == len({json.dumps(item) for item in prints})


def test_an_absolute_path_tells_nothing_of_the_disk() -> None:
    """A configuration named by an absolute path is named from here, or by its own folder where it lies elsewhere."""
    for path, wanted in (("/home/me/acme", "acme/my%20queues.yaml"), ("/srv/acme", "my%20queues.yaml")):
        written = sarif(sheet_of(replace(PLAN, origin=Origin(path=path))))
        assert f'"{wanted}"' in written
        assert "/home/me" not in written
        assert "/srv" not in written


def test_no_more_than_github_takes() -> None:
    """Of more than 25,000 results the most severe are kept, and the run says how many were left out."""
    problems = [Problem(level=Level.WARNING, code="odd", message=f"odd {number}") for number in range(MOST)]
    problems.append(Problem(level=Level.ERROR, code="wrong", message="wrong"))
    sheet = Sheet(subject=Subject.CHECK, verdict="Not valid.", problems=tuple(problems))
    (run,) = json.loads(sarif(sheet))["runs"]
    assert MOST == len(run["results"])
    assert "error" == run["results"][0]["level"]
    assert "Left out: 1 more result." == run["invocations"][0]["toolExecutionNotifications"][1]["message"]["text"]


def test_an_empty_plan_is_valid() -> None:
    """Nothing to do is a run without results."""
    run = run_of(sheet_of(replace(PLAN, changes=(), refusals=())))
    assert [] == run["results"]
    assert [] == run["tool"]["driver"]["rules"]
    assert run["invocations"][0]["executionSuccessful"]
