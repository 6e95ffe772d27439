"""GitLab's template, run job by job: which jobs a pipeline has, and what each does to a merge request and a tenant."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.conformance.tencent.vendor import TENCENT
from tests.pipeline import gitlab
from tests.pipeline.forge import TOKEN, Forge, forge
from tests.pipeline.gitlab import Job, chosen
from tests.pipeline.runner import ROOT
from tests.pipeline.team import CENTER, Team, team_of

TEMPLATE: Final = ROOT / "pipelines" / "gitlab" / "reconciler.gitlab-ci.yml"
REQUEST: Final = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_PROJECT_PATH": "acme/contact-center",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "acme/contact-center",
    "CI_MERGE_REQUEST_PROJECT_PATH": "acme/contact-center",
    "CI_DEFAULT_BRANCH": "main",
}
FORK: Final = {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "somebody/contact-center"}  # a member may start it in ours
PUSH: Final = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}
SCHEDULE: Final = {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """Give a team with an empty repository, and a tenant that is older than it."""
    with team_of(TENCENT, tmp_path) as found:
        found.commit("nothing yet")
        yield found


@pytest.fixture
def lab() -> Iterator[Forge]:
    """Give a forge with one merge request."""
    with forge() as found:
        yield found


@pytest.mark.parametrize(
    ("variables", "jobs"),
    [
        (REQUEST, {"reconciler-review": "on_success", "reconciler-plan": "on_success"}),
        (REQUEST | FORK, {"reconciler-review": "on_success"}),
        (REQUEST | FORK | {"CI_PROJECT_PATH": "somebody/contact-center"}, {"reconciler-review": "on_success"}),
        (PUSH, {"reconciler-apply": "on_success"}),
        (PUSH | {"RECONCILER_APPLY": "manual"}, {"reconciler-apply": "manual"}),
        (PUSH | {"CI_COMMIT_BRANCH": "topic"}, {}),
        (SCHEDULE, {"reconciler-drift": "on_success"}),
        (SCHEDULE | {"CI_COMMIT_BRANCH": "topic"}, {"reconciler-drift": "on_success"}),
    ],
)
def test_a_pipeline_has_the_jobs_that_it_should(variables: Mapping[str, str], jobs: Mapping[str, str]) -> None:
    """A fork is reviewed and not planned, only the default branch is applied, only a schedule looks for drift."""
    assert jobs == chosen(TEMPLATE, variables)


def test_two_applies_never_run_at_once() -> None:
    """One tenant is one resource group and one environment; what only reads has another, and waits for nobody."""
    jobs = gitlab.template(TEMPLATE)
    assert "$RECONCILER_TENANT" == jobs["reconciler-apply"]["resource_group"]
    assert jobs["reconciler-apply"]["interruptible"] is False
    assert "$RECONCILER_TENANT" == jobs["reconciler-apply"]["environment"]["name"]
    for name in ("reconciler-plan", "reconciler-drift"):
        assert {"name": "$RECONCILER_TENANT/read", "action": "access"} == jobs[name]["environment"]
    assert "environment" not in jobs["reconciler-review"], "it gets no secret"


def run(  # noqa: PLR0913 - what a job is about
    team: Team, lab: Forge, name: str, revision: str, base: str = "", *, secrets: bool = True, store: bool = True
) -> Job:
    """Run a job in a new clone."""
    where = team.folder / f"job-{len(list(team.folder.glob('job-*')))}"
    team.clone(where, revision, depth=0)
    variables = {
        "RECONCILER_PATH": CENTER,
        "RECONCILER_TENANT": "acme-prod",
        "CI_API_V4_URL": lab.url,
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
    }
    if secrets:
        variables |= {**team.vendor.environ, "RECONCILER_NOTE_TOKEN": TOKEN}
    if secrets and store:
        variables["RECONCILER_STATE"] = team.store
    return gitlab.run(TEMPLATE, name, where, variables, team.environ)


def test_a_merge_request_is_planned_applied_and_watched(team: Team, lab: Forge) -> None:
    """The widget's counts, one note, what was merged made true, and drift as a failed job."""
    base = team.git("rev-parse", "HEAD")
    team.write(TENCENT.story.acts[0])
    head = team.commit("as we want it")
    reviewed = run(team, lab, "reconciler-review", head, base, secrets=False)
    assert 0 == reviewed.code, reviewed.log
    ET.parse(reviewed.report("junit"))  # noqa: S314 - our own

    for _ in range(2):
        planned = run(team, lab, "reconciler-plan", head, base)
        assert 0 == planned.code, planned.log
    counts = json.loads(planned.report("terraform").read_text(encoding="utf-8"))
    assert {"create", "update", "delete"} == counts.keys()
    assert sum(counts.values()) > 0
    findings = json.loads(planned.report("codequality").read_text(encoding="utf-8"))
    assert {f"{CENTER}/center.yaml", CENTER} == {finding["location"]["path"] for finding in findings}
    ET.parse(planned.report("junit"))  # noqa: S314 - our own
    (note,) = lab.bodies
    assert note.startswith("<!-- reconciler-pipeline:acme-prod -->\n")
    assert "in " in note
    for path in planned.described["artifacts"]["paths"]:
        assert (planned.where / path).exists(), path

    applied = run(team, lab, "reconciler-apply", head)
    assert 0 == applied.code, applied.log
    clean = run(team, lab, "reconciler-drift", head)
    assert 0 == clean.code, clean.log
    team.by_hand()
    found = run(team, lab, "reconciler-drift", head)
    assert 2 == found.code, found.log
    assert (found.where / "drift.prom").exists()
    alone = run(team, lab, "reconciler-drift", head, store=False)
    assert 2 == alone.code, alone.log
    assert 1 == len(lab.comments)
    for job in (reviewed, planned, applied, found, alone):
        assert [] == [secret for secret in TENCENT.secrets if secret in job.log]


def test_without_a_plan_the_note_says_so(team: Team, lab: Forge) -> None:
    """An old plan does not stand there as if it were of today; others' notes are left alone."""
    forged = "<!-- reconciler-pipeline:acme-prod -->\nNo changes, trust me."
    lab.comment(forged, "mallory")
    team.write(TENCENT.story.acts[0])
    base = team.commit("as we want it")
    planned = run(team, lab, "reconciler-plan", base, base)
    assert 0 == planned.code, planned.log
    team.save("broken.yaml", {"queus": {}})
    failed = run(team, lab, "reconciler-plan", team.commit("broken"), base)
    assert 1 == failed.code, failed.log
    assert forged == lab.bodies[0]
    (note,) = lab.bodies[1:]
    assert note.partition("\n")[2].strip()
    assert "queus" in failed.log
