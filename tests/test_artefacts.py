"""No secret leaves the program: every artefact of a whole run full of faults, at its most talkative, is searched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reconciler.providers.base import Request, Response
from tests.commands import PATIENCE_S, Done, files, real
from tests.conformance.stage import Stage
from tests.conformance.vendor import Vendor
from tests.conformance.vendors import VENDORS
from tests.servers import Front, running


class Listening(Front):
    """A simulated tenant, in which much goes wrong, that keeps the signatures of all requests."""

    def __init__(self, of: Vendor) -> None:
        super().__init__(of.face(of.story.before, (), time.time))
        self.signatures: set[str] = set()
        self._of = of
        for fault in of.noise:
            self.add_fault(fault)

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        self.signatures.add(self._of.signature(request))
        return super().answer(request)


@pytest.fixture(params=VENDORS.values(), ids=repr)
def of(request: pytest.FixtureRequest) -> Vendor:
    """Give each vendor."""
    found: Vendor = request.param
    return found


def watched(of: Vendor, folder: Path, *arguments: str) -> tuple[str, set[str]]:
    """Run a command and look at the process list while it runs; give what it said, and all command lines."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        env={**os.environ, **of.environ},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    seen: set[str] = set()
    said = []
    deadline = time.monotonic() + PATIENCE_S
    for line in process.stdout:  # each line is a moment to look
        said.append(line)
        seen |= command_lines(process.pid)
        assert time.monotonic() < deadline
    process.stdout.close()
    process.wait(PATIENCE_S)
    text = "".join(said)
    assert "Traceback" not in text, text
    return text, seen


def command_lines(root: int) -> set[str]:
    """Read how a process and its children were started, as `ps` shows it."""
    parents, started = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            started[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except (OSError, IndexError, ValueError):
            continue
    ours = {root}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return {line for pid, line in started.items() if pid in ours}


def test_no_secret_is_in_any_artefact_of_a_faulty_run(of: Vendor, tmp_path: Path) -> None:
    """Output, events, journal, plan, history and process list; passwords stand in their own file alone."""
    vendor = Listening(of)
    folder = tmp_path / "acme"
    first = of.story.acts[0]

    def say(*arguments: str) -> Done:
        return real(*arguments, environ=of.environ, cwd=tmp_path)

    with running(vendor) as simulated:
        Stage(root=folder, url=simulated.url, vendor=of).write(first.wish, first.files)
        said = [say("plan", str(folder), "--out", str(tmp_path / "plan.json"), "--format", "json").out]
        applied, processes = watched(
            of, tmp_path, "-vv", "--log-format", "json", "apply", str(folder), "--yes", "--format", "json"
        )
        again, more = watched(of, tmp_path, "-vv", "apply", str(folder), "--yes")
        said += [applied, again]
        listed = say("history", "list", str(folder), "--format", "json")
        runs = sorted(set(re.findall(r'"([0-9a-f]{12})"', listed.out)))
        assert len(runs) == 2, listed
        for run in runs:
            for shape in ("text", "json"):
                done = say("history", "show", run, str(folder), "--format", shape)
                assert done.code == 0
                said += [done.out, done.err]
        said.append(str(say("rollback", runs[-1], "--config", str(folder))))
    assert [] == vendor.faults(), "all of it went wrong"

    store = folder / ".reconciler" / "secrets" / "acme.json"
    passwords: set[str] = set()
    if of.gives_passwords:
        passwords = {item["password"] for item in json.loads(store.read_text())["extensions"].values()}
        assert passwords
        assert 0o600 == store.stat().st_mode & 0o777
    artefacts = {name: content for name, content in files(tmp_path).items() if not name.endswith("secrets/acme.json")}
    assert any(name.endswith("state.db") for name in artefacts)
    artefacts |= {f"output {number}": text.encode() for number, text in enumerate(said)}
    artefacts |= {"processes": "\n".join(processes | more).encode()}
    assert len(vendor.signatures) > 20
    for secret in (*of.secrets, *passwords, *vendor.signatures):
        assert secret
        for name, content in artefacts.items():
            assert secret.encode() not in content, f"{secret} is in {name}"
