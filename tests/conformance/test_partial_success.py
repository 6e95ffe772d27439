"""Answers of Tencent's that are good and name items that failed: each is an outcome of its own, and never swallowed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.model.outcome import Result, Verdict
from tests.conformance.stage import Stage
from tests.conformance.tencent.tenant import PRUNE
from tests.conformance.tencent.vendor import TENCENT
from tests.conformance.vendor import Sections

NOWHERE: Final = "https://vendor.example.com"
TEAM: Final = {
    f"a{number}": {"email": f"a{number}@example.com", "name": f"A{number}", "staff_number": str(number)}
    for number in range(1, 6)
}
LIVE: Final = {fields["email"]: fields for fields in TEAM.values()}


def tenant(root: Path, seed: Sections, dialect: Sequence[str] = ()) -> tuple[Stage, Any]:
    """Have a tenant in this process, and a configuration for it."""
    face = TENCENT.face(seed, dialect, time.time)
    return Stage(root=root, url=NOWHERE, vendor=TENCENT, face=face), face


def failed(result: Result) -> Mapping[tuple[str, ...], str]:
    """Give what each failure says, by what it is about."""
    return {item.call.changes: str(item.error) for item in result.outcomes if item.verdict is Verdict.FAILED}


def test_who_is_online_is_not_deleted_and_is_named(tmp_path: Path) -> None:
    """OnlineStaffList: the others go, the run ends with 4, and the next one deletes who has signed out since."""
    seed = {"agents": {**LIVE, "a3@example.com": {**LIVE["a3@example.com"], "online": True}}}
    stage, face = tenant(tmp_path / "acme", seed)
    stage.write({**PRUNE, "agents": {}})
    made, result = stage.apply()
    assert ["DeleteStaff"] == [call.title for call in made.calls]
    assert (False, True) == (result.complete, result.wrote)
    assert [("agents/a3@example.com",)] == [*failed(result)]
    assert "is online" in failed(result)["agents/a3@example.com",]
    assert ["a3@example.com"] == [*face.state()["sections"]["agents"]]
    face.call("POST", "ForceMemberOffline", {"UserId": "a3@example.com"})
    assert stage.apply()[1].complete
    assert {} == face.state()["sections"]["agents"]


@pytest.mark.parametrize("dialect", ["item", "call", "partial"])
def test_a_person_who_can_t_be_made_is_named(dialect: str, tmp_path: Path) -> None:
    """ErrorStaffList, or a refusal of the whole: the others are made, whoever is in the way is named with the code."""
    taken = {"email": "other@example.com", "name": "Other", "staff_number": "3"}
    settings = (f"duplicate_staff={dialect}", "work_numbers=unique")
    stage, face = tenant(tmp_path / "acme", {"agents": {"other@example.com": taken}}, settings)
    stage.write({"agents": TEAM})
    result = stage.apply()[1]
    assert (False, True) == (result.complete, result.wrote)
    assert [("agents/a3",)] == [*failed(result)]
    assert "The staff number 3 is used by another account" in failed(result)["agents/a3",]
    assert {*LIVE, "other@example.com"} - {"a3@example.com"} == {*face.state()["sections"]["agents"]}
    face.call("POST", "ModifyStaff", {"Email": "other@example.com", "StaffNo": "9"})
    assert stage.apply()[1].complete
    assert {*LIVE, "other@example.com"} == {*face.state()["sections"]["agents"]}


def test_a_phone_that_somebody_keeps_is_refused_beforehand(tmp_path: Path) -> None:
    """Phone numbers are unique, and who has one is known; so the plan says it, and names who."""
    taken = {"email": "other@example.com", "name": "Other", "staff_number": "9", "phone": "008613800000001"}
    stage, _ = tenant(tmp_path / "acme", {"agents": {"other@example.com": taken, **LIVE}}, ("phone_prefix=stripped",))
    new = {"email": "new@example.com", "name": "New", "staff_number": "8", "phone": "+8613800000001"}
    for name, fields in (("new", new), ("a3", {**TEAM["a3"], "phone": "008613800000001"})):
        stage.write({"agents": {name: fields}})
        (refusal,) = stage.plan().refusals
        assert ("phone-taken", (f"agents/{name}",)) == (refusal.rule, refusal.objects)
        assert "other@example.com" in refusal.message
    stage.write({"agents": {"new": new, "other": {"email": "other@example.com", "phone": "008613800000002"}}})
    assert stage.apply()[1].complete


def test_a_file_that_the_vendor_can_t_use_is_named(tmp_path: Path) -> None:
    """FailedFileList: the other file is there, and the one that is left out says why."""
    stage, face = tenant(tmp_path / "acme", {})
    files = {"good": {"url": "https://cdn.example.com/good.mp3"}, "bad": {"url": "https://cdn.example.com/bad.ogg"}}
    stage.write({"voice_files": files})
    result = stage.apply()[1]
    assert (False, True) == (result.complete, result.wrote)
    assert "format is not supported" in failed(result)["voice_files/bad",]
    assert ["good"] == [*face.state()["sections"]["voice_files"]]
