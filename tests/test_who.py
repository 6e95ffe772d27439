"""Who ran it: what a pipeline and git tell, and that nothing in a repository can make us do anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from reconciler.model.history import Who
from reconciler.who import who

ME: Final = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent"}
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git is here")


def git(folder: Path, *arguments: str, author: str = "Ann Lee") -> str:
    """Run git with settings of nobody's."""
    environ = ME | {"GIT_CONFIG_NOSYSTEM": "1"}
    for kind in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{kind}_NAME": author, f"GIT_{kind}_EMAIL": "ann@example.com"}
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository: a configuration below it, and a later commit that does not touch it."""
    folder = tmp_path / "repository"
    (folder / "conf").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "conf" / "acme.yaml").write_text("version: 1\n", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "conf", author="李 Wei")
    (folder / "other").write_text("", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "other")
    return folder


@needs_git
def test_the_last_commit_of_the_configuration(repository: Path) -> None:
    """The one that touches its folder, not the last of all; a folder without a commit has none."""
    found = who(str(repository / "conf"), ME)
    assert ("李 Wei <ann@example.com>", git(repository, "rev-parse", "HEAD~1")) == (found.author, found.revision)
    assert found.user
    assert found.host
    (repository / "new").mkdir()
    assert ("", "") == (who(str(repository / "new"), ME).author, who(str(repository / "new"), ME).revision)


def test_without_git_or_a_repository(tmp_path: Path) -> None:
    """It is empty, and nothing fails: no git, no repository, no folder."""
    for root, environ in ((tmp_path, ME), (tmp_path, {}), (tmp_path / "none", ME), (tmp_path, {"PATH": str(tmp_path)})):
        found = who(str(root), environ)
        assert ("", "", "", "") == (found.author, found.revision, found.job, found.url)


@needs_git
def test_a_git_that_hangs(tmp_path: Path) -> None:
    """It is waited for half a second, no longer, and killed."""
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec tail -f /dev/null\n", encoding="utf-8")
    slow.chmod(0o755)
    assert "" == who(str(tmp_path), ME | {"PATH": f"{slow.parent}:{ME['PATH']}"}).author


@needs_git
def test_a_hostile_repository_runs_nothing(repository: Path) -> None:
    """Settings, attributes and hooks of a repository that name programs are left alone."""
    trap = repository / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/caught\nexit 1\n", encoding="utf-8")
    trap.chmod(0o755)
    for name in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.askPass", "pager.log", "gpg.program",
        "diff.external", "diff.trap.textconv", "diff.trap.command", "credential.helper", "alias.log",
        "remote.origin.uploadpack",
    ):  # fmt: skip
        git(repository, "config", name, str(trap))
    for name, value in (
        ("log.showSignature", "true"),
        ("remote.origin.url", f"ext::{trap}"),
        ("remote.origin.promisor", "true"),
        ("protocol.ext.allow", "always"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
    ):
        git(repository, "config", name, value)
    (repository / "conf" / ".gitattributes").write_text("* diff=trap filter=trap\n", encoding="utf-8")
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc"):
        shutil.copy(trap, repository / ".git" / "hooks" / hook)
    assert "李 Wei <ann@example.com>" == who(str(repository / "conf"), ME).author
    # An object that is missing would be fetched from where the repository says, by a program of its choice.
    tree = git(repository, "rev-parse", "HEAD~1^{tree}")
    (repository / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    assert "" == who(str(repository / "conf"), ME).author
    assert not (repository / "caught").exists()


@pytest.mark.parametrize(
    ("environ", "job", "url"),
    [
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "1234", "GITHUB_RUN_ATTEMPT": "2",
             "GITHUB_SERVER_URL": "https://github.example.com", "GITHUB_REPOSITORY": "acme/conf"},
            "GitHub Actions 1234/2",
            "https://github.example.com/acme/conf/actions/runs/1234",
        ),
        (
            {"GITLAB_CI": "true", "CI_JOB_ID": "77", "CI_JOB_URL": "https://gitlab.com/acme/-/jobs/77"},
            "GitLab CI 77",
            "https://gitlab.com/acme/-/jobs/77",
        ),
        (
            {"TF_BUILD": "True", "BUILD_BUILDID": "9", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
             "SYSTEM_TEAMPROJECT": "Call Center"},
            "Azure Pipelines 9",
            "https://dev.azure.com/acme/Call%20Center/_build/results?buildId=9",
        ),
        (
            {"CIRCLECI": "true", "CIRCLE_PROJECT_REPONAME": "conf", "CIRCLE_BUILD_NUM": "5",
             "CIRCLE_BUILD_URL": "https://circleci.com/gh/acme/conf/5"},
            "CircleCI conf 5",
            "https://circleci.com/gh/acme/conf/5",
        ),
        (
            {"BUILDKITE": "true", "BUILDKITE_PIPELINE_SLUG": "conf", "BUILDKITE_BUILD_NUMBER": "3",
             "BUILDKITE_BUILD_URL": "https://buildkite.com/acme/conf/builds/3"},
            "Buildkite conf 3",
            "https://buildkite.com/acme/conf/builds/3",
        ),
        (
            {"BITBUCKET_BUILD_NUMBER": "8", "BITBUCKET_REPO_FULL_NAME": "acme/conf"},
            "Bitbucket Pipelines 8",
            "https://bitbucket.org/acme/conf/pipelines/results/8",
        ),
        ({"TEAMCITY_VERSION": "2026.1", "BUILD_NUMBER": "4"}, "TeamCity 4", ""),
        (
            {"JENKINS_URL": "https://ci", "JOB_NAME": "conf", "BUILD_NUMBER": "6", "BUILD_URL": "https://ci/job/conf/6/"},
            "Jenkins conf 6",
            "https://ci/job/conf/6/",
        ),
        ({"GITHUB_ACTIONS": "true"}, "", ""),
        ({"GITLAB_CI": "true", "CI_JOB_ID": "1\n2\x1b[31m", "CI_JOB_URL": "javascript:x"}, "GitLab CI 12[31m", ""),
        ({"GITLAB_CI": "true", "CI_JOB_ID": "1", "CI_JOB_URL": "https://u:p@x/1"}, "GitLab CI 1", ""),
        ({"GITLAB_CI": "true", "CI_JOB_ID": "1", "CI_JOB_URL": "https://[x"}, "GitLab CI 1", ""),
        ({"CI": "true"}, "", ""),
    ],
)  # fmt: skip
def test_the_pipelines_job(tmp_path: Path, environ: dict[str, str], job: str, url: str) -> None:
    """Each pipeline's own variables say which job it is and where to look; half of them, or odd ones, say nothing."""
    found = who(str(tmp_path), environ)
    assert Who(user=found.user, host=found.host, job=job, url=url) == found
