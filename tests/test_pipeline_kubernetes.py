"""The CronJob's container, run as the manifest says, with the volumes as Kubernetes lays them out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.conformance.udesk.vendor import UDESK
from tests.pipeline.forge import Forge, forge
from tests.pipeline.runner import PATIENCE_S, ROOT
from tests.pipeline.team import CENTER, Team, team_of

MANIFESTS: Final = ROOT / "pipelines" / "kubernetes"


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """Give a team that has written its configuration."""
    with team_of(UDESK, tmp_path) as found:
        found.write(UDESK.story.acts[0])
        yield found


@pytest.fixture
def outside() -> Iterator[Forge]:
    """Give a webhook's receiver and a Pushgateway."""
    with forge() as found:
        yield found


def container() -> Mapping[str, Any]:
    """Read what the CronJob runs."""
    job = yaml.safe_load((MANIFESTS / "cronjob.yaml").read_text(encoding="utf-8"))
    (found,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def mount(files: Path, where: Path) -> None:
    """Lay a ConfigMap out as Kubernetes does: links to a hidden folder, which is a link, so that all turn at once."""
    content = where / "..2026_01_02_03_04_05.678"
    content.mkdir(parents=True)
    (where / "..data").symlink_to(content.name)
    for file in files.iterdir():
        if file.is_file():
            (content / file.name).write_bytes(file.read_bytes())
            (where / file.name).symlink_to(f"..data/{file.name}")
    for folder in (content, where):
        folder.chmod(0o555)


def look(team: Team, **environ: str) -> tuple[int, str]:
    """Run the container once; give its exit code and its log."""
    described = container()
    volumes = {"/etc/reconciler": team.folder / "configuration", "/var/lib/reconciler": team.folder / "state"}
    assert volumes.keys() | {"/tmp"} == {item["mountPath"] for item in described["volumeMounts"]}  # noqa: S108 - the pod's
    if not volumes["/etc/reconciler"].exists():
        mount(team.center, volumes["/etc/reconciler"])
        volumes["/var/lib/reconciler"].mkdir()
    (script,) = described["args"]
    for path, folder in volumes.items():
        script = script.replace(path, str(folder))
    done = subprocess.run(
        [*described["command"], script],
        env={**team.environ, **team.vendor.environ, **environ},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.returncode, done.stdout


def test_the_job_looks_and_tells(team: Team, outside: Forge) -> None:
    """No drift, drift, the same drift again: each is a good job; the webhook hears once, the gateway each time."""
    team.reconciler("apply", CENTER, "--yes")
    more = {
        "RECONCILER_STATE": team.store,
        "RECONCILER_NOTIFY": f"{outside.url}/hooks/drift",
        "PUSHGATEWAY": f"{outside.url}/metrics/job/reconciler/tenant/acme-prod",
    }
    code, log = look(team, **more)
    assert 0 == code, log
    assert ["PUT /metrics/job/reconciler/tenant/acme-prod"] == [line for line, _ in outside.said]

    team.by_hand()
    for words in ("Changed by hand", "Still there"):
        code, log = look(team, **more)
        assert 0 == code, log
        assert words in log
    told = [json.loads(content) for line, content in outside.said if line == "POST /hooks/drift"]
    assert 1 == len(told)
    pushed = [content.decode() for line, content in outside.said if line.startswith("PUT ")]
    assert 3 == len(pushed)
    assert pushed[-1] == (team.folder / "state" / "reconciler.prom").read_text(encoding="utf-8")


def test_the_job_keeps_its_own_store(team: Team) -> None:
    """Without a store in common it keeps one on its volume; nothing else is written, since nothing else can be."""
    code, log = look(team)
    assert 0 == code, log
    state = team.folder / "state"
    assert {"reconciler.prom", "state.db"} <= {path.name for path in state.iterdir()}


def test_a_job_that_could_not_look_has_failed(team: Team) -> None:
    """The vendor is away: the job fails, and the metrics say so."""
    team.simulated.stop()
    code, log = look(team, RECONCILER_STATE=team.store)
    assert 1 == code, log
    assert (team.folder / "state" / "reconciler.prom").exists()
