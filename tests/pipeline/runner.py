"""
A runner of GitHub's workflows, as small as can be: the very files that users copy, step by step, as bash gets them.

It evaluates `${{ … }}`, runs `run:` with the shells' options that GitHub documents, goes into our own composite
action, and keeps the log as GitHub reads it: with workflow commands, which `stop-commands` switches off. Other
people's actions are written down, with what they were given, and not run.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.pipeline.expressions import fill, holds, text

ROOT: Final = Path(__file__).resolve().parent.parent.parent
OURS: Final = "OWNER/reconciler@"
PATIENCE_S: Final = 120
_SHELLS: Final = {"bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail")}


@dataclass
class Report:
    """What a job did."""

    skipped: bool = False
    failed: bool = False
    codes: list[int] = field(default_factory=list)  # of steps that failed
    steps: list[str] = field(default_factory=list)  # the names of those that ran
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)  # our action's
    uses: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # other people's actions, and their inputs
    summary: str = ""

    @property
    def commands(self) -> list[str]:
        """List the workflow commands in the log, as the runner would take them."""
        return list(_commands(self.log))


@dataclass(kw_only=True)
class Runner:
    """
    One runner with an empty disk.

    Args:
        folder: Where it may write.
        environ: What each step starts from: PATH, HOME, and where the forge is.
        checkout: Does what `actions/checkout` does, given the workspace and its inputs.
        github: The context of that name.
        without: The ids of steps that are not run.
    """

    folder: Path
    environ: Mapping[str, str]
    checkout: Callable[[Path, Mapping[str, str]], None]
    github: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset({"install"})

    def run(self, workflow: Path, job: str, inputs: Mapping[str, str] | None = None) -> Report:
        """Run one job; *inputs* are given to our action besides those of the workflow."""
        report = Report()
        document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        described = document["jobs"][job]
        contexts: dict[str, Any] = {"github": self.github, "secrets": self.secrets, "vars": self.variables, "steps": {}}
        if not holds(described.get("if", True), contexts, _functions(report)):
            report.skipped = True
            return report
        for name in ("workspace", "temp"):
            (self.folder / name).mkdir(parents=True)
        for step in described["steps"]:
            if step.get("uses", "").startswith(OURS):
                step["with"] |= inputs or {}
        self._steps(described["steps"], contexts, {}, report)
        summary = self.folder / "summary.md"
        report.summary = summary.read_text(encoding="utf-8") if summary.exists() else ""
        return report

    def _steps(
        self, steps: list[dict[str, Any]], contexts: dict[str, Any], environ: Mapping[str, str], report: Report
    ) -> None:
        for number, step in enumerate(steps):
            functions = _functions(report)
            if not holds(step.get("if", True), contexts, functions) or step.get("id") in self.without:
                continue
            report.steps.append(step.get("name") or step.get("uses") or f"step {number}")
            given = {name: fill(text(value), contexts, functions) for name, value in step.get("env", {}).items()}
            inputs = {name: fill(text(value), contexts, functions) for name, value in step.get("with", {}).items()}
            if "run" in step:
                outputs = self._run(step, {**environ, **given}, report)
            elif step["uses"].startswith(OURS):
                outputs = self._action(inputs, {**environ, **given}, report)
                report.outputs = outputs
            else:
                outputs = {}
                report.uses.append((step["uses"], inputs))
                if step["uses"].startswith("actions/checkout@"):
                    self.checkout(self.folder / "workspace", inputs)
            if "id" in step:
                contexts["steps"][step["id"]] = {"outputs": outputs}

    def _action(self, inputs: Mapping[str, str], environ: Mapping[str, str], report: Report) -> dict[str, str]:
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        assert inputs.keys() <= action["inputs"].keys(), "only inputs that the action has"
        contexts: dict[str, Any] = {"github": self.github, "steps": {}}
        contexts["inputs"] = {
            name: inputs.get(name, fill(text(described.get("default", "")), contexts, {}))
            for name, described in action["inputs"].items()
        }
        self._steps(action["runs"]["steps"], contexts, environ, report)
        return {name: fill(output["value"], contexts, {}) for name, output in action["outputs"].items()}

    def _run(self, step: Mapping[str, Any], environ: Mapping[str, str], report: Report) -> dict[str, str]:
        assert "${{" not in step["run"], "nothing is put into a shell's text"
        script = self.folder / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        outputs = self.folder / "outputs"
        outputs.write_text("", encoding="utf-8")
        assert "working-directory" not in step, "all runs from the root, from where files are named"
        done = subprocess.run(
            [*_SHELLS[step.get("shell", "bash")], str(script)],
            env={**self._surroundings(), **environ, "GITHUB_OUTPUT": str(outputs)},
            cwd=self.folder / "workspace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )
        assert "Traceback" not in done.stdout, done.stdout
        report.log += done.stdout
        if done.returncode != 0:
            report.failed = True
            report.codes.append(done.returncode)
        return dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines())

    def _surroundings(self) -> dict[str, str]:
        return {
            **self.environ,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_PATH": str(self.folder / "path"),
            "GITHUB_REPOSITORY": self.github["repository"],
            "GITHUB_SERVER_URL": "https://github.example.com",
            "GITHUB_SHA": self.github["sha"],
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_WORKSPACE": str(self.folder / "workspace"),
            "RUNNER_TEMP": str(self.folder / "temp"),
        }


def _functions(report: Report) -> dict[str, Callable[..., Any]]:
    return {
        "always": lambda: True,
        "success": lambda: not report.failed,
        "failure": lambda: report.failed,
        "toJSON": json.dumps,
    }


def _commands(log: str) -> Iterator[str]:
    """Read a log as the runner does: a command begins its line, or stands anywhere in the old form."""
    stopped = ""
    for line in log.splitlines():
        text = line.lstrip()
        if stopped:
            if text == f"::{stopped}::":
                stopped = ""
        elif text.startswith("::stop-commands::"):
            stopped = text.removeprefix("::stop-commands::")
            assert re.fullmatch(r"[0-9a-f]{32}", stopped), "nobody can guess the word that ends it"
        elif re.match(r"::[a-z-]+( [^:]*)?::", text) or "##[" in text:
            yield text
    assert not stopped, "commands work again at the end"
