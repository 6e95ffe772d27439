"""
Who runs us, for the history: the login, the machine, the configuration's last author, the pipeline's job.

Nothing here may fail a run, hold it up, or carry out what somebody wrote into a repository.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from reconciler.model.history import Who
from reconciler.store.leases import user

_PATIENCE_S: Final = 0.5  # git takes some 5 ms; a huge history is not worth a wait
_LONGEST: Final = 300  # characters of one value

# A repository's own settings can name programs. Each that a `log` might run is switched off; it draws nothing either.
_GIT: Final = (
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", "log.showSignature=false",
    "-c", "log.mailmap=false",
    "-c", "safe.bareRepository=explicit",
)  # fmt: skip
_LOG: Final = ("log", "-1", "--no-color", "--no-show-signature", "--no-ext-diff", "--no-textconv", "--no-notes",
               "--encoding=UTF-8", "--format=%H%x00%an <%ae>", "--", ".")  # fmt: skip
_SETTINGS: Final = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone would fetch what it lacks, through a program of its choice
    "GIT_ALLOW_PROTOCOL": "none",  # the same, for a git that does not know the line above
    "LC_ALL": "C",
}
_PASSED_ON: Final = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT")  # and GIT_CONFIG_…: who trusts which folder

_Job = tuple[str, Callable[[Mapping[str, str]], tuple[str, str]]]

# By the variable that each pipeline sets: the job's name, and its address.
_JOBS: Final[tuple[_Job, ...]] = (
    (
        "GITHUB_ACTIONS",
        lambda env: (
            f"GitHub Actions {env['GITHUB_RUN_ID']}/{env.get('GITHUB_RUN_ATTEMPT', '1')}",
            (
                f"{env.get('GITHUB_SERVER_URL', 'https://github.com')}/{env['GITHUB_REPOSITORY']}"
                f"/actions/runs/{env['GITHUB_RUN_ID']}"
            ),
        ),
    ),
    ("GITLAB_CI", lambda env: (f"GitLab CI {env['CI_JOB_ID']}", env.get("CI_JOB_URL", ""))),
    (
        "TF_BUILD",
        lambda env: (
            f"Azure Pipelines {env['BUILD_BUILDID']}",
            (
                f"{env['SYSTEM_COLLECTIONURI'].rstrip('/')}/{env['SYSTEM_TEAMPROJECT'].replace(' ', '%20')}"
                f"/_build/results?buildId={env['BUILD_BUILDID']}"
            ),
        ),
    ),
    (
        "CIRCLECI",
        lambda env: (
            f"CircleCI {env['CIRCLE_PROJECT_REPONAME']} {env['CIRCLE_BUILD_NUM']}",
            env.get("CIRCLE_BUILD_URL", ""),
        ),
    ),
    (
        "BUILDKITE",
        lambda env: (
            f"Buildkite {env['BUILDKITE_PIPELINE_SLUG']} {env['BUILDKITE_BUILD_NUMBER']}",
            env.get("BUILDKITE_BUILD_URL", ""),
        ),
    ),
    (
        "BITBUCKET_BUILD_NUMBER",
        lambda env: (
            f"Bitbucket Pipelines {env['BITBUCKET_BUILD_NUMBER']}",
            f"https://bitbucket.org/{env['BITBUCKET_REPO_FULL_NAME']}/pipelines/results/{env['BITBUCKET_BUILD_NUMBER']}",
        ),
    ),
    ("TEAMCITY_VERSION", lambda env: (f"TeamCity {env['BUILD_NUMBER']}", env.get("BUILD_URL", ""))),
    ("JENKINS_URL", lambda env: (f"Jenkins {env['JOB_NAME']} {env['BUILD_NUMBER']}", env.get("BUILD_URL", ""))),
)


def who(root: str, environ: Mapping[str, str]) -> Who:
    """
    Say who runs us; what is not known is empty.

    Args:
        root: The configuration's folder.
        environ: The environment of the run.
    """
    revision, author = _last_commit(root, environ)
    job, url = _job(environ)
    return Who(
        user=_clean(user()),
        host=_clean(socket.gethostname()),
        author=_clean(author),
        revision=_clean(revision),
        job=_clean(job),
        url=_address(_clean(url)),
    )


def _last_commit(root: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """Ask git for the last commit that touches *root*: its revision, and its author as `name <address>`."""
    git = shutil.which("git", path=environ.get("PATH", ""))
    if git is None:
        return "", ""
    passed_on = {name: value for name, value in environ.items() if name in _PASSED_ON or name.startswith("GIT_CONFIG_")}
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no word of anybody's
            [git, *_GIT, *_LOG],
            cwd=root,
            env=passed_on | _SETTINGS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return "", ""
    revision, _, author = done.stdout.decode("utf-8", errors="replace").strip().partition("\0")
    return (revision, author) if done.returncode == 0 else ("", "")


def _job(environ: Mapping[str, str]) -> tuple[str, str]:
    for sign, name in _JOBS:
        if environ.get(sign):
            try:
                return name(environ)
            except KeyError:  # it sets the sign and not the rest: something else, or a shell that pretends
                continue
    return "", ""


def _clean(text: str) -> str:
    """Keep what can be printed on a line."""
    return "".join(character for character in text if character.isprintable())[:_LONGEST]


def _address(url: str) -> str:
    """Keep an address that a reader may open, without what may be a login in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and "@" not in parts.netloc else ""
