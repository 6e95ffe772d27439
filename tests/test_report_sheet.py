"""Sheets: what a reader is shown, whatever form it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.call import Call
from reconciler.model.change import Action, Cause, MemberChange, Risk, Source, ValueChange
from reconciler.model.diagnostics import Diagnostics, error, warning
from reconciler.model.errors import ReconcilerError, Refused, Unreachable
from reconciler.model.plan import Origin, Refusal
from reconciler.model.secret import Mask
from reconciler.report.sheet import Item, Level, Row, Subject, by_section, row_words, said
from reconciler.report.where import configuration, lies_at, uri
from reconciler.report.writer import apply_command, check_sheet, error_sheet, plan_sheet
from tests.test_report_sarif import PLAN, sheet_of

SALES = PLAN.changes[0]


def item_of(*fields: ValueChange | MemberChange, **more: Any) -> Item:
    """Write one change of a queue."""
    return sheet_of(replace(PLAN, changes=(replace(SALES, fields=fields, **more),))).items[0]


def test_remarks_are_sorted_by_severity_then_place() -> None:
    """A refusal is an error, a risk a warning, the rest notes; each says its rule and what to do."""
    remarks = sheet_of(PLAN).remarks
    assert [Level.ERROR, Level.WARNING, Level.NOTE] == [remark.level for remark in remarks]
    assert ["max-deletes", "plan-delete", "plan-change"] == [remark.rule for remark in remarks]
    assert "Refused: 1 agent would go. --prune" == remarks[0].words
    assert "Agents: delete 10031 (high risk)" == remarks[1].message


def test_a_cause_is_told_in_the_remark() -> None:
    """With `--base` a line says whose change it is."""
    changes = (replace(SALES, cause=Cause.CONFLICT, risk=Risk.MEDIUM),)
    (remark, *_) = sheet_of(replace(PLAN, changes=changes, refusals=())).remarks
    assert "Queues: change Sales (9001): timeout 60 → 90 (medium risk, conflict)" == remark.message


def test_fields_are_spelt_for_people() -> None:
    """Values before and after, members that join and leave, by their names."""
    fields = (
        ValueChange(path="max_length", before=None, after=128),
        ValueChange(path="name", before="Sales", after="Front desk"),
        MemberChange(path="agents", add=("10031",), remove=("10032",)),
    )
    rows = item_of(*fields).fields
    assert Row(path="max length", after="128") == rows[0]
    assert 'name Sales → "Front desk"' == row_words(rows[1])
    assert "agents +10031 -10032" == row_words(rows[2])


def test_fingerprints_know_the_object_and_what_happens_to_it() -> None:
    """The same for the same difference wherever it stands; another object, tenant or action has another."""
    first = item_of(*SALES.fields).fingerprint
    assert first == item_of(source=Source(file="other.yaml", line=1, column=1)).fingerprint
    others = {
        item_of(identity="9002").fingerprint,
        item_of(action=Action.DELETE).fingerprint,
        sheet_of(replace(PLAN, contact_center="other")).items[0].fingerprint,
    }
    assert 3 == len(others - {first})


@pytest.mark.parametrize(
    ("path", "file", "found"),
    [
        ("centers/acme", "queues.yaml", "centers/acme/queues.yaml"),
        ("./centers/acme/", "a/b.yaml", "centers/acme/a/b.yaml"),
        (".", "queues.yaml", "queues.yaml"),
        ("centers/acme.yaml", "acme.yaml", "centers/acme.yaml"),
        ("centers/acme.YML", "acme.YML", "centers/acme.YML"),
        ("/work/acme", "queues.yaml", "acme/queues.yaml"),
        ("/elsewhere/acme", "queues.yaml", "queues.yaml"),
        ("../acme", "queues.yaml", "../acme/queues.yaml"),
        ("centers/acme", "--set", "--set"),
        ("centers/acme", "overlays/prod.yaml", "overlays/prod.yaml"),
        ("centers/acme", "/work/over.yaml", "over.yaml"),
        ("centers/acme", "/secret/over.yaml", "over.yaml"),
    ],
)
def test_files_are_named_from_where_the_command_ran(path: str, file: str, found: str) -> None:
    """As a reviewer finds them in the repository; overlays are named from there already."""
    overlays = ("overlays/prod.yaml", "/work/over.yaml", "/secret/over.yaml")
    assert found == lies_at(file, Origin(path=path, overlays=overlays), "/work")


def test_where_the_configuration_lies() -> None:
    """Below the folder in which the command runs, or nowhere that a report may tell."""
    assert "acme" == configuration(Origin(path="/work/acme"), "/work")
    assert "" == configuration(Origin(path="/srv/acme"), "/work")
    assert "" == configuration(None)


@pytest.mark.parametrize(
    "name", ["//evil.example/x", "javascript:x", "a?b#c", "%2e%2e/x", "\ud800", "a\\b", "a/../../x"]
)
def test_a_reference_is_nothing_but_a_path(name: str) -> None:
    """No name of a file becomes a host, a scheme, a query or a way out."""
    written = uri(name)
    assert not set(written) & set(":?#\\ ")
    assert not written.startswith(("/", "."))


def test_the_command_says_all_that_was_asked() -> None:
    """Whoever types it gets the plan that was shown; what a shell would read is quoted."""
    origin = Origin(
        path="my center",
        overlays=("prod.yaml",),
        assignments=("queues.sales.name=A b",),
        targets=("queues/sales",),
        prune=True,
        allow_deletes={"agents": 7},
    )
    command = (
        "reconciler apply 'my center' --overlay prod.yaml --set 'queues.sales.name=A b' --target queues/sales "
        "--allow-deletes agents=7 --prune"
    )
    assert command == apply_command(origin)
    assert "" == sheet_of(PLAN).command
    calls = replace(PLAN, refusals=(), calls=(Call("PUT", "/ccapi/v2/queues", {}, id="c1"),))
    assert "reconciler apply 'my plan.json'" == plan_sheet(calls, mask=Mask(), saved_as="my plan.json").command


def test_a_check_counts_its_problems() -> None:
    """The verdict says whether it is valid, and how much is wrong."""
    found = Diagnostics.of([error("a", "A"), warning("b", "B"), warning("c", "C")])
    assert "Not valid: 1 error, 2 warnings." == check_sheet(found, mask=Mask()).verdict
    assert "Valid." == check_sheet(Diagnostics(), mask=Mask()).verdict
    assert not check_sheet(found, mask=Mask()).failed
    assert check_sheet(found, mask=Mask(), subject=Subject.PLAN).failed


def test_an_error_is_a_sheet_of_its_own() -> None:
    """What kept us from a result is the one problem; a guard's no before there was a plan is a refusal."""
    lost = error_sheet(Unreachable("no such host", remedy="Check base_url."), mask=Mask(), subject=Subject.PLAN)
    assert ["no such host. Check base_url."] == [remark.words for remark in lost.remarks]
    assert lost.failed
    refusal = Refusal(rule="protected", message="No", objects=("queues/a",))
    refused = error_sheet(Refused("no", refusals=(refusal,)), mask=Mask(), subject=Subject.PLAN)
    assert (refusal,) == refused.refusals
    assert not refused.failed
    secret = error_sheet(ReconcilerError("hunter22 failed"), mask=Mask.of(["hunter22"]), subject=Subject.DRIFT)
    assert "*** failed" == secret.problems[0].message


def test_sentences_are_put_together() -> None:
    """With what stands between them, and none where there is one alone."""
    assert "A. B." == said("A", "B.")
    assert "A; b" == said("A", "b")
    assert "A! B" == said("A!", "B")
    assert "A" == said("A", "")
    assert "B" == said("", "B")


def test_items_by_section_keep_their_order() -> None:
    """Sections come as their first item comes."""
    items = sheet_of(PLAN).items
    assert ["queues", "agents"] == [*by_section(items)]
