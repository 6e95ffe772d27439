"""The pipelines that users copy, run step by step: a pull request, its merge, a change by hand, the cron's drift."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from pyrage import x25519  # type: ignore[import-untyped]

from tests.conformance.udesk.vendor import UDESK
from tests.pipeline.forge import Forge, forge
from tests.pipeline.runner import ROOT, Report
from tests.pipeline.team import CENTER, Team, team_of

GITHUB: Final = ROOT / "pipelines" / "github"


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """Give a team with an empty repository, and a tenant that is older; test_pipeline_gitlab has another vendor's."""
    with team_of(UDESK, tmp_path) as found:
        yield found


@pytest.fixture
def hub() -> Iterator[Forge]:
    """Give a forge with one pull request."""
    with forge() as found:
        yield found


def adopt(team: Team) -> str:
    """Write the live tenant as YAML, as the first commit; give its revision."""
    team.save("frame.yaml", team.head())
    team.reconciler("export", "--provider-file", f"{CENTER}/frame.yaml", "--out", f"{CENTER}-new")
    (team.center / "frame.yaml").unlink()
    team.center.rmdir()
    (team.repository / f"{CENTER}-new").rename(team.center)
    team.reconciler("plan", CENTER, "--detailed-exitcode")
    return team.commit("adopt the tenant")


def run(  # noqa: PLR0913 - what a run is about
    team: Team, hub: Forge, workflow: str, event: str, revision: str, *, fork: bool = False, plan_file: str = ""
) -> Report:
    """Run the one job of a workflow on a new runner; *plan_file* is what a user hands to it besides."""
    secrets, others = team.credentials()
    secrets["DRIFT_WEBHOOK"] = f"{hub.url}/hooks/drift"
    if fork:
        secrets, others = {}, {}
    number = len(list(team.folder.glob("run-*")))
    runner = team.runner(
        f"run-{number}", hub, event=event, revision=revision, secrets=secrets, fork=fork, environ=others
    )
    return runner.run(GITHUB / f"{workflow}.yml", workflow, {"plan-file": plan_file} if plan_file else {})


def test_a_pull_request_is_planned_merged_applied_and_watched(team: Team, hub: Forge) -> None:
    """The whole story, with the very workflows; each step by the event that starts it."""
    adopt(team)

    team.git("checkout", "--quiet", "-b", "change")
    team.write(UDESK.story.acts[0], **_encrypted())
    team.commit("as we want it")
    tried = team.propose()
    planned = run(team, hub, "plan", "pull_request", tried)
    assert not planned.failed, planned.log
    assert "2" == planned.outputs["exitcode"]
    assert "true" == planned.outputs["changes"]
    (comment,) = hub.bodies
    assert comment.startswith("<!-- reconciler-action:")
    assert [] == [secret for secret in UDESK.secrets if secret in planned.log + planned.summary + comment]
    assert "to create" in comment
    assert "reconciler apply plan.json" in comment
    assert f"https://github.example.com/acme/contact-center/blob/{tried}/{CENTER}/" in comment
    assert [] != [line for line in planned.commands if f"file={CENTER}/center.yaml,line=" in line]
    assert comment.partition("\n")[2].strip() == planned.summary.strip()
    before = team.simulated.state()

    (team.center / "note.txt").write_text("reviewed\n", encoding="utf-8")
    team.commit("as the reviewer wants it")
    again = run(team, hub, "plan", "pull_request", team.propose())
    assert not again.failed, again.log
    assert 1 == len(hub.comments), "the same comment, brought up to date"
    assert before == team.simulated.state(), "a pull request changes nothing"

    applied = run(team, hub, "apply", "push", team.merge())
    assert not applied.failed, applied.log
    assert "0" == applied.outputs["exitcode"]
    assert "true" == applied.outputs["changes"]
    assert "read back, and all is as wanted" in " ".join(applied.summary.split())
    assert [] == [line for line in applied.commands if "will be lost" in line]
    uploads = [given for used, given in applied.uses if used.startswith("actions/upload-artifact@")]
    (kept,) = [given["path"] for given in uploads if given["name"] == "passwords"]
    passwords = (team.folder / "run-2" / "workspace" / kept).read_bytes()
    assert passwords.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")

    clean = run(team, hub, "drift", "schedule", team.git("rev-parse", "main"))
    assert not clean.failed, clean.log
    assert "false" == clean.outputs["changes"]

    _watched(team, hub)
    assert 1 == len(hub.comments)


def _encrypted() -> dict[str, Any]:
    """Say where passwords go."""
    recipient = str(x25519.Identity.generate().to_public())
    return {"secrets": {"extension_passwords": {"age": "passwords.age", "recipients": [recipient]}}}


def _watched(team: Team, hub: Forge) -> None:
    main = team.git("rev-parse", "main")
    team.by_hand()
    found = run(team, hub, "drift", "schedule", main)
    assert [2] == found.codes, found.log
    assert "true" == found.outputs["changes"]
    assert any("by hand" in line for line in found.commands)
    assert found.summary.strip()
    assert "reconciler_" in Path(found.outputs["metrics-file"]).read_text(encoding="utf-8")
    (told,) = [json.loads(content) for line, content in hub.said if line == "POST /hooks/drift"]
    assert "acme-prod" in json.dumps(told)

    # Part of it was meant: that goes into the files, and the merge puts the rest back.
    before = (team.center / "center.yaml").read_text(encoding="utf-8")
    team.reconciler("absorb", CENTER, codes=(0, 3))
    assert before != (team.center / "center.yaml").read_text(encoding="utf-8")
    back = run(team, hub, "apply", "push", team.commit("as somebody wanted it"))
    assert not back.failed, back.log
    last = run(team, hub, "drift", "schedule", team.git("rev-parse", "main"))
    assert not last.failed, last.log


def test_a_fork_is_reviewed_without_a_secret(team: Team, hub: Forge) -> None:
    """Its pull request is not planned; the review needs no credential, writes no comment, asks the vendor nothing."""
    team.write(UDESK.story.acts[0])
    team.commit("as it is")
    team.git("checkout", "--quiet", "-b", "change")
    team.write(UDESK.story.acts[1])
    team.commit("as somebody else wants it")
    tried = team.propose()
    asked = len(team.simulated.calls()["calls"])
    assert run(team, hub, "plan", "pull_request", tried, fork=True).skipped
    reviewed = run(team, hub, "review", "pull_request", tried, fork=True)
    assert not reviewed.failed, reviewed.log
    assert "true" == reviewed.outputs["changes"]
    assert "acme-prod" in reviewed.summary
    assert [] != [line for line in reviewed.commands if f"file={CENTER}/center.yaml,line=" in line]
    assert not run(team, hub, "review", "pull_request", tried).failed, "a branch's, too"
    assert [] == hub.asked
    assert asked == len(team.simulated.calls()["calls"])


def test_a_refused_plan_fails_the_job_and_says_why(team: Team, hub: Forge) -> None:
    """The comment has the guard's rule; nothing of such a plan is applied."""
    team.commit("no configuration yet")
    team.git("checkout", "--quiet", "-b", "change")
    team.write(UDESK.story.acts[0], safety={"max_deletes": 0})
    revision = team.commit("too much")
    before = team.simulated.state()
    planned = run(team, hub, "plan", "pull_request", team.propose())
    assert [3] == planned.codes, planned.log
    (comment,) = hub.bodies
    assert "Refused" in comment
    assert "reconciler apply" not in comment
    applied = run(team, hub, "apply", "push", revision)
    assert [3] == applied.codes, applied.log
    assert before == team.simulated.state()


def test_an_approved_plan_is_applied_or_refused(team: Team, hub: Forge) -> None:
    """A plan from the pull request's job, by its file: once it is carried out, and then it is stale."""
    team.write(UDESK.story.acts[0])
    revision = team.commit("as we want it")
    team.reconciler("plan", CENTER, "--out", str(team.folder / "approved.json"))
    for code in (0, 3):
        report = run(team, hub, "apply", "push", revision, plan_file=str(team.folder / "approved.json"))
        assert str(code) == report.outputs["exitcode"], report.log
        assert ([code] if code else []) == report.codes
        assert "true" == report.outputs["changes"]
        # Nobody said where passwords go, so they are on a disk that goes away.
        assert (0 if code else 1) == sum("Passwords will be lost" in line for line in report.commands)
