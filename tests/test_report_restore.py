"""A saved plan as the value that it was saved from."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from reconciler.model.change import Action, Cause, MemberChange, ValueChange
from reconciler.model.plan import Pace, Plan
from reconciler.model.secret import Mask
from reconciler.providers import provider
from reconciler.report.document import dumps, plan_document
from reconciler.report.forms import written
from reconciler.report.restore import restored
from reconciler.report.saved import read_plan
from reconciler.report.writer import plan_sheet
from tests.hostile import plan_of
from tests.test_golden import GOLDEN

OPEN: Final = Mask()
PLANS: Final = tuple(sorted(path.parent.name for path in GOLDEN.glob("*/plan.json")))


def again(document: Any) -> Plan:
    """Read a document and make the plan of it."""
    saved = read_plan(json.dumps(document))
    vendor = provider(saved.provider)
    return restored(saved, vendor.kinds if vendor is not None else {})


@pytest.mark.parametrize("story", PLANS)
def test_a_restored_plan_is_saved_as_it_was(story: str) -> None:
    """The document of what was read is the document that was read, to the byte."""
    text = (GOLDEN / story / "plan.json").read_text(encoding="utf-8")
    assert text == dumps(plan_document(again(json.loads(text)), mask=OPEN))


def test_all_that_a_plan_may_have_comes_back() -> None:
    """Causes, pictures, names, files to upload, the base: what golden stories do not have."""
    document = plan_document(plan_of("Sales"), mask=OPEN)
    made = again(document)
    assert document == plan_document(made, mask=OPEN)
    assert (Action.UPDATE, Cause.YOURS) == (made.changes[0].action, made.changes[0].cause)
    assert Cause.DRIFT is made.changes[0].fields[0].cause
    assert made.pictures is not None
    assert ["leads to Sales", "nobody answers", ""] == [node.fault for node in made.pictures.after.nodes]
    assert ("Sales", "0") == (made.calls[1].upload and made.calls[1].upload.path, made.calls[1].upload.digest)  # type: ignore[union-attr]
    assert "Sales" == made.base


def test_names_are_kept_for_people() -> None:
    """What fields refer to is told by name, as it was when the plan was made."""
    made = again(json.loads((GOLDEN / "example" / "plan.json").read_text(encoding="utf-8")))
    rows = [row for item in plan_sheet(made, mask=OPEN).items for row in item.fields]
    assert ("Billing (9003)",) in [row.added for row in rows]


def test_another_vendors_plan_is_shown_all_the_same() -> None:
    """Without its kinds, by its ids."""
    document = {**json.loads((GOLDEN / "example" / "plan.json").read_text(encoding="utf-8")), "provider": "other"}
    assert "9003" in written("markdown", plan_sheet(again(document), mask=OPEN))


def test_old_plans_have_what_is_new_empty() -> None:
    """No names, no pace, no pictures."""
    document = json.loads((GOLDEN / "rename-queue" / "plan.json").read_text(encoding="utf-8"))
    for key in ("names", "pace"):
        del document[key]
    made = again(document)
    assert ({}, Pace(), None, "", {}) == (made.names, made.pace, made.pictures, made.base, made.named)


def test_values_of_two_shapes_are_texts() -> None:
    """Pairs on one side alone are nothing that we write; they are shown as they stand."""
    document = json.loads((GOLDEN / "rename-queue" / "plan.json").read_text(encoding="utf-8"))
    field = {"path": "name", "before": {"a": 1}, "after": ["b"]}
    document["changes"][0]["fields"] = [field, {"path": "agents", "add": ["1"], "remove": []}]
    first, second = again(document).changes[0].fields
    assert ValueChange(path="name", before='{"a": 1}', after='["b"]') == first
    assert MemberChange(path="agents", add=("1",), remove=()) == second
