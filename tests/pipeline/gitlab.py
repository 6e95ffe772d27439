"""
GitLab's runner, as small as can be: the template's jobs, chosen by their rules, their scripts as one shell gets them.

Source: GitLab's CI/CD YAML reference: `extends` merges mappings, `before_script` and `script` are one script, variables
reach it by its environment, the first rule that matches decides.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.pipeline.runner import PATIENCE_S

_NO_JOBS: Final = {"stages", "variables", "include", "workflow", "default"}
_VARIABLE: Final = re.compile(r"\$\{?(\w+)\}?")
_TERM: Final = re.compile(r'\$(?P<left>\w+) (?P<operator>==|!=) (?:\$(?P<name>\w+)|"(?P<text>[^"]*)")')


@dataclass
class Job:
    """What a job did."""

    code: int
    log: str
    where: Path
    described: Mapping[str, Any]
    variables: Mapping[str, str] = field(repr=False)

    def report(self, kind: str) -> Path:
        """Give the file that it hands to GitLab as a report."""
        found: Path = self.where / self.described["artifacts"]["reports"][kind]
        return found

    def filled(self, text: str) -> str:
        """Put variables into one of its settings, as GitLab does."""
        return _filled(text, self.variables)


def template(path: Path) -> dict[str, Any]:
    """Read the jobs of a template, each with what it extends."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    jobs: dict[str, Any] = {}
    for name, job in document.items():
        if name in _NO_JOBS or name.startswith("."):
            continue
        jobs[name] = _merged(document[job["extends"]], job) if "extends" in job else job
        assert jobs[name]["stage"] in document["stages"]
    return jobs


def chosen(path: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Give the jobs that a pipeline with these variables has, and when each starts."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = {**document["variables"], **variables}
    found = {}
    for name, job in template(path).items():
        for rule in job["rules"]:
            if "if" not in rule or _holds(rule["if"], known):
                if rule.get("when") != "never":
                    found[name] = rule.get("when", "on_success")
                break
    return found


def run(path: Path, name: str, where: Path, variables: Mapping[str, str], environ: Mapping[str, str]) -> Job:
    """Run one job in a clone of the repository."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    job = template(path)[name]
    known = {**document["variables"], **variables, **job.get("variables", {}), "CI": "true", "GITLAB_CI": "true"}
    known["CI_PROJECT_DIR"] = str(where)
    script = "\n".join([*job["before_script"], *job["script"]])
    done = subprocess.run(
        ["/bin/bash", "-eo", "pipefail", "-c", script],
        env={**environ, **known},
        cwd=where,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    return Job(code=done.returncode, log=done.stdout, where=where, described=job, variables=known)


def _merged(below: Any, above: Any) -> Any:
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{name: _merged(below.get(name), value) for name, value in above.items()}}


def _filled(text: str, variables: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: variables.get(found[1], ""), text)


def _holds(rule: str, variables: Mapping[str, str]) -> bool:
    """Evaluate a rule: `&&` binds more than `||`, as in GitLab."""
    return any(all(_true(term, variables) for term in part.split("&&")) for part in rule.split("||"))


def _true(term: str, variables: Mapping[str, str]) -> bool:
    match = _TERM.fullmatch(term.strip())
    assert match is not None, f"not a rule that we use: {term!r}"
    right = variables.get(match["name"], "") if match["name"] else match["text"]
    return (variables.get(match["left"], "") == right) is (match["operator"] == "==")
