"""What comes from outside stays data: inputs, names of folders and branches, what YAML says, a cancelled job."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.conformance.udesk.vendor import UDESK
from tests.pipeline import gitlab
from tests.pipeline.forge import Forge, forge
from tests.pipeline.runner import PATIENCE_S, ROOT, Report
from tests.pipeline.team import CENTER, Team, machine, team_of
from tests.servers import Simulator

INTO_A_SHELL: Final = ("$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "'; touch pwned; '", "x\ntouch pwned\n")
LOUD: Final = ("::error::boo", "##[error]boo", "::stop-commands::x", "::add-mask::a", "%0A::error::boo", "@everyone")


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """Give a team with a small tenant."""
    with team_of(UDESK, tmp_path) as found:
        yield found


@pytest.fixture
def hub() -> Iterator[Forge]:
    """Give a forge with one pull request."""
    with forge() as found:
        yield found


def act(team: Team, hub: Forge, **inputs: str) -> Report:
    """Use the action in a workflow of one step, in a pull request."""
    step = {"uses": "OWNER/reconciler@v0", "with": {name.replace("_", "-"): value for name, value in inputs.items()}}
    checkout = {"uses": "actions/checkout@v0", "with": {"persist-credentials": False, "fetch-depth": 2}}
    workflow = team.folder / "workflow.yml"
    workflow.write_text(yaml.safe_dump({"jobs": {"job": {"steps": [checkout, step]}}}), encoding="utf-8")
    name = f"run-{len(list(team.folder.glob('run-*')))}"
    revision = team.git("rev-parse", "HEAD")
    environ = dict(UDESK.environ)
    return team.runner(name, hub, event="pull_request", revision=revision, secrets={}, environ=environ).run(
        workflow, "job"
    )


def pwned(folder: Path) -> list[Path]:
    """Find what a shell would have made."""
    return [path for path in folder.rglob("*pwned*") if path.name in {"pwned", "pwned;"}]


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "review"])
def test_no_input_is_ever_a_command(team: Team, hub: Forge, command: str) -> None:
    """Each input holds something else that a shell would carry out; the run fails, and in our words."""
    team.write(UDESK.story.acts[0])
    team.commit("as it is")
    names = ("path", "arguments", "base", "notify", "comment_key", "plan_file", "lock_timeout", "state")
    for turn in range(2):
        given = {name: INTO_A_SHELL[(number + turn) % len(INTO_A_SHELL)] for number, name in enumerate(names)}
        if turn:
            given |= {"path": CENTER, "arguments": ""}
        report = act(team, hub, command=command, **given)
        assert report.failed
        assert [] == pwned(team.folder)
        assert all(re.match(r"::(error|notice) title=reconciler", line) for line in report.commands), report.commands


def test_an_unknown_command_is_refused(team: Team, hub: Forge) -> None:
    """Also one that is a function of the script, or a program."""
    team.commit("nothing")
    for command in ("told", "touch", "plan; touch pwned", ""):
        report = act(team, hub, command=command)
        assert [1] == report.codes
        assert [] == pwned(team.folder)
    assert [] == hub.comments


def test_a_folder_may_have_any_name(team: Team, hub: Forge) -> None:
    """Blanks, quotes, dollars and a leading dash; the plan is made, and the comment written."""
    team.write(UDESK.story.acts[0])
    for name in ('-$(touch pwned) "it\'s"', "--help"):
        (team.repository / name).mkdir()
        team.center.rename(team.repository / name / "-c")
        team.commit("moved")
        report = act(team, hub, command="plan", path=f"{name}/-c")
        assert not report.failed, report.log
        assert "true" == report.outputs["changes"]
        assert [] == pwned(team.folder)
        (team.repository / name / "-c").rename(team.center)
    assert 2 == len(hub.comments), "each folder has its own"


def test_arguments_are_one_a_line(team: Team, hub: Forge) -> None:
    """Each line is one argument, blanks and all; empty lines are none. Other arguments get a comment of their own."""
    team.write(UDESK.story.acts[0])
    (team.repository / "over lay.yaml").write_text("application: {name: From the overlay}\n", encoding="utf-8")
    team.commit("as it is")
    for arguments in ("--target=application\n\n--overlay=over lay.yaml\n", "--target\napplication"):
        report = act(team, hub, command="plan", path=CENTER, arguments=arguments)
        assert not report.failed, report.log
    first, second = hub.bodies
    assert "From the overlay" in first
    assert "From the overlay" not in second
    assert "queues/" not in first


def test_no_name_is_taken_for_a_workflow_command(team: Team, hub: Forge) -> None:
    """Names in YAML that the runner would obey are words in the log, on the lines of files, and in the summary."""
    queues = {f"q{number}": {"id": str(9100 + number), "name": name[:20]} for number, name in enumerate(LOUD)}
    team.save("center.yaml", {**team.head(), "queues": queues})
    team.commit("loud")
    report = act(team, hub, command="plan", sarif="true")
    assert not report.failed, report.log
    assert all(line.startswith(("::notice ", "::warning ", "::error title=")) for line in report.commands)
    assert [] == [line for line in report.commands if line.startswith(LOUD)]
    assert "boo" in report.log
    team.save("center.yaml", {**team.head(), "queues": {name: {"x": name} for name in LOUD}})
    team.commit("wrong")
    report = act(team, hub, command="plan")
    assert [1] == report.codes
    assert [] == [line for line in report.commands if line.startswith(LOUD)]
    (comment,) = hub.bodies
    assert "1" == report.outputs["exitcode"]
    assert comment.splitlines()[1:], "the comment says that there is no plan"


def test_gitlab_takes_variables_as_they_are(team: Team, hub: Forge) -> None:
    """A path and an overlay that a shell would carry out."""
    team.write(UDESK.story.acts[0])
    revision = team.commit("as it is")
    template = ROOT / "pipelines" / "gitlab" / "reconciler.gitlab-ci.yml"
    variables = {
        **UDESK.environ,
        "RECONCILER_TENANT": INTO_A_SHELL[0],
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "$(touch pwned)",
    }
    for number, words in enumerate(INTO_A_SHELL):
        where = team.folder / f"job-{number}"
        team.clone(where, revision)
        more = {"RECONCILER_PATH": words} if number % 2 else {"RECONCILER_PATH": CENTER, "RECONCILER_OVERLAY": words}
        done = gitlab.run(
            template, ("reconciler-plan", "reconciler-apply")[number % 2], where, variables | more, team.environ
        )
        assert 1 == done.code, done.log
        assert [] == pwned(team.folder)
    assert [] == hub.asked


def test_no_python_of_the_checkout_is_run() -> None:
    """What Python is given by `-m`, `-c` or `-` would find a pull request's `json.py` first; with `-I` it does not."""
    files = [*(ROOT / "pipelines").rglob("*.sh"), *(ROOT / "pipelines" / "gitlab").iterdir(), ROOT / "action.yml"]
    calls = [call for file in files for call in re.findall(r"python3?\"? (-\S*)", file.read_text(encoding="utf-8"))]
    assert calls, "there are such calls"
    assert [] == [call for call in calls if not call.startswith("-I")]


def test_gitlab_runs_no_python_of_the_checkout(team: Team, hub: Forge) -> None:
    """A merge request's `json.py` stays a file, though the note is written by Python."""
    team.write(UDESK.story.acts[0])
    for name in ("json.py", "urllib.py", "os.py"):
        (team.repository / name).write_text("open('pwned', 'w').close()\n", encoding="utf-8")
    revision = team.commit("hostile")
    template = ROOT / "pipelines" / "gitlab" / "reconciler.gitlab-ci.yml"
    variables = {
        **UDESK.environ,
        "RECONCILER_PATH": CENTER,
        "RECONCILER_NOTE_TOKEN": "x",
        "CI_API_V4_URL": hub.url,
        "CI_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": revision,
    }
    where = team.folder / "job"
    team.clone(where, revision)
    gitlab.run(template, "reconciler-plan", where, variables, team.environ)
    assert [] == pwned(team.folder)


def test_a_cancelled_job_ends_its_calls_in_flight(tmp_path: Path) -> None:
    """The runner tells bash alone; bash tells the command, which starts no more, and says where it stands."""
    written = threading.Event()
    face = UDESK.face(UDESK.story.before, (), time.time)
    simulated = Simulator(face, latency_ms=20, answered=written.set)
    try:
        team = Team(folder=tmp_path, vendor=UDESK, simulated=simulated, environ=machine(tmp_path))
        team.begin()
        team.write(UDESK.story.acts[0])
        work = tmp_path / "runner"
        work.mkdir()
        environ: Mapping[str, Any] = {
            **team.environ,
            **UDESK.environ,
            "GITHUB_OUTPUT": str(work / "outputs"),
            "GITHUB_STEP_SUMMARY": str(work / "summary"),
            "RUNNER_TEMP": str(work),
            "INPUT_COMMAND": "apply",
            "INPUT_PATH": CENTER,
        }
        process = subprocess.Popen(
            [str(ROOT / "pipelines" / "github" / "steps" / "run.sh")],
            env=environ,
            cwd=team.repository,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert written.wait(PATIENCE_S)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE_S)
    finally:
        simulated.stop()
    assert "Finishing the calls in flight" in said
    assert "exitcode=130" in (work / "outputs").read_text(encoding="utf-8").splitlines(), said
