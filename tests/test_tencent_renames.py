"""Renames of a vendor whose queues are known by name, over the wire: plan, apply, drift and the way back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.providers.base import Face
from reconciler.providers.tencent import PROVIDER
from tests.commands import Commands
from tests.servers import Simulator

ACCOUNT: Final = ("AKIDEXAMPLE", "SECRETEXAMPLE")
TENANT: Final = 1400000000
START: Final = "  sales: {name: Sales}\n  support: {name: Support}\n"
SWAPPED: Final = "  sales: {name: Support, renamed_from: Sales}\n  support: {name: Sales, renamed_from: Support}\n"


class Story:
    """One tenant, and its files as they change."""

    def __init__(self, face: Face, url: str, folder: Path, command: Commands) -> None:
        self._face = face
        self._url = url
        self._file = folder / "acme.yaml"
        self._command = command

    def write(self, queues: str, *, priority: int = 1, more: str = "") -> None:
        """Write the files; an agent serves both queues, whatever they are called."""
        self._file.write_text(
            f"version: 1\ncontact_center: acme\nprovider:\n  type: tencent\n  sdk_app_id: {TENANT}\n"
            f"  secret_id: {ACCOUNT[0]}\n  secret_key: {ACCOUNT[1]}\n  endpoint: {self._url}\n  rate_limit: 1000\n"
            f"queues:\n{queues}agents:\n  li: {{email: li@example.com, name: Li, staff_number: '1', "
            f"queues: {{sales: {{priority: {priority}}}, support: {{}}}}}}\n{more}",
            encoding="utf-8",
        )

    def plan(self, *more: str) -> dict[str, Any]:
        """Plan; give the document."""
        found: dict[str, Any] = self._command("plan", str(self._file), "--format", "json", *more).json
        return found

    def refused(self) -> str:
        """Plan what the files got wrong; give what is said of it."""
        done = self._command("plan", str(self._file))
        assert 1 == done.code
        return done.err

    def apply(self) -> str:
        """Apply; nothing is left to do then. Give the run."""
        done = self._command.ok("apply", str(self._file), "--yes", "--format", "json")
        assert [] == self.plan()["changes"]
        return str(done.json["run"])

    def drift(self) -> list[dict[str, Any]]:
        """Give what somebody changed by hand."""
        found: list[dict[str, Any]] = self._command("drift", str(self._file), "--format", "json").json["drift"]
        return found

    def back(self, run: str) -> None:
        """Roll a run back."""
        self._command.ok("rollback", run, "--config", str(self._file), "--yes")

    def hand(self, action: str, **body: Any) -> None:
        """Change something at the vendor's console."""
        self._face.call("POST", action, {"SdkAppId": TENANT, **body})

    @property
    def names(self) -> dict[str, str]:
        """Say what the queues are called, by id."""
        sections = self._face.state()["sections"]
        return {item["id"]: name for name, item in sections["queues"].items()}


@pytest.fixture
def story(tmp_path: Path, command: Commands) -> Iterator[Story]:
    """Run an empty tenant, and make the first two queues."""
    face = PROVIDER.face(seed=None, tenant=str(TENANT), credentials=ACCOUNT, dialect=(), clock=time.time)
    running = Simulator(face)
    try:
        told = Story(face, running.url, tmp_path, command)
        told.write(START)
        told.apply()
        yield told
    finally:
        running.stop()


def test_a_rename_is_one_call_and_comes_back_by_one(story: Story) -> None:
    """The old name is as good as the local one for `--target`; neither is drift before or after."""
    before = story.names
    story.write("  sales: {name: Vente, renamed_from: Sales}\n  support: {name: Support}\n")
    assert [] == story.drift()
    made = story.plan("--target", "queues/Sales")
    assert [[{"path": "name", "before": "Sales", "after": "Vente"}]] == [item["fields"] for item in made["changes"]]
    assert ["UpdateCCCSkillGroup"] == [call["action"] for call in made["calls"]]
    run = story.apply()
    assert {number: name.replace("Sales", "Vente") for number, name in before.items()} == story.names
    assert [] == story.drift()
    story.back(run)
    assert before == story.names
    assert ([], made["calls"]) == (story.drift(), story.plan()["calls"])


def test_a_swap_is_made_once_and_swapped_back_once(story: Story) -> None:
    """Three calls, since one name is parked; the store knows that it was done, and that it was taken back."""
    before = story.names
    story.write(SWAPPED)
    made = story.plan()
    assert 3 == len(made["calls"])
    assert any("remove renamed_from" in note for note in made["notes"])
    run = story.apply()
    assert {"Sales": "Support", "Support": "Sales"} == {before[number]: name for number, name in story.names.items()}
    story.back(run)
    assert before == story.names
    assert made["changes"] == story.plan()["changes"]


def test_a_swap_that_was_cut_goes_on(story: Story) -> None:
    """A queue with a parked name is the one that it was."""
    before = story.names
    story.write(SWAPPED)
    parked = story.plan()["calls"][0]["body"]
    story.hand("UpdateCCCSkillGroup", SkillGroupID=parked["SkillGroupID"], SkillGroupName=parked["SkillGroupName"])
    assert 2 == len(story.plan()["calls"])
    story.apply()
    assert {"Sales": "Support", "Support": "Sales"} == {before[number]: name for number, name in story.names.items()}


def test_a_name_that_somebody_took_back_is_drift(story: Story) -> None:
    """Though the files' own rename looks the same."""
    number = next(number for number, name in story.names.items() if name == "Sales")
    story.write("  sales: {name: Vente, renamed_from: Sales}\n  support: {name: Support}\n")
    story.apply()
    story.hand("UpdateCCCSkillGroup", SkillGroupID=int(number), SkillGroupName="Sales")
    assert [[{"path": "name", "wanted": "Vente", "found": "Sales"}]] == [item["fields"] for item in story.drift()]


def test_both_names_live_is_an_error_at_the_old_one(story: Story) -> None:
    """It says which line to mend."""
    story.write("  sales: {name: Support, renamed_from: Sales}\n  other: {name: Support 2}\n  support: {name: X}\n")
    said = story.refused()
    assert 'queues/sales: "Sales" is to be renamed to "Support", and' in said
    assert "acme.yaml:11:40" in said


def test_values_of_pairs_are_drift_and_come_back(story: Story) -> None:
    """A priority is told with its queue, as an object in JSON."""
    story.write(START, priority=2)
    run = story.apply()
    number = next(number for number, name in story.names.items() if name == "Sales")
    pair = {"SkillGroupId": int(number), "Priority": 5}
    story.hand("BindStaffSkillGroupList", StaffEmail="li@example.com", StaffSkillGroupList=[pair])
    (found,) = story.drift()
    assert [{"path": "priorities", "wanted": {"Sales": 2}, "found": {"Sales": 5}}] == found["fields"]
    story.apply()
    story.back(run)
    (change,) = story.plan()["changes"]
    assert [{"path": "priorities", "before": {"Sales": 1}, "after": {"Sales": 2}}] == change["fields"]
