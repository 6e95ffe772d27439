"""No secret leaves the program: every artefact of a whole run full of faults, at its most talkative, is searched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import CREDENTIALS, PATIENCE_S, files, head, real
from tests.conformance import tenant
from tests.servers import AUTH_TOKEN, SID, Simulator, simulator

# The vendor's own words may repeat what we sent: the token, and the signature of a request.
ECHO: Final = f"signature of {SID} with {AUTH_TOKEN} is not liked"
FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "error-after", "api": "agents", "method": "POST"},
    {"kind": "reset-after", "api": "extensions", "method": "POST", "skip": 1},
    {"kind": "malformed", "api": "ivrs/defvoices", "method": "P*"},
    {"kind": "truncated", "api": "subscriptions", "method": "POST"},
    {"kind": "slow-down", "api": "agents/queues", "retry_after": 0},
    {"kind": "refused", "api": "apps", "method": "PUT", "code": "000001", "text": ECHO},
    {"kind": "refused", "api": "ivrs/fastrouters", "method": "P*", "code": "000003", "text": ECHO},
    {"kind": "html", "api": "spnumbers/default", "method": "PUT"},
    {"kind": "error-before", "method": "GET", "api": "agents", "status": 502},
)


@pytest.fixture
def vendor() -> Iterator[Simulator]:
    """Run a tenant that everything changes in, and where much goes wrong."""
    with simulator(seed={"sections": tenant.BEFORE}, faults=FAULTS) as running:
        yield running


def written(folder: Path, running: Simulator) -> Path:
    """Write the configuration of the conformance story's first act."""
    folder.mkdir()
    for name, content in tenant.FILES.items():
        (folder / name).write_bytes(content)
    (folder / "head.yaml").write_text(head(running.url), encoding="utf-8")
    body = {**tenant.FIRST, "extensions": ["8009", "8021", "8022"]}
    (folder / "body.yaml").write_text(json.dumps(body), encoding="utf-8")
    return folder


def watched(folder: Path, *arguments: str) -> tuple[str, set[str]]:
    """Run a command and look at the process list while it runs; give what it said, and all command lines."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        env={**os.environ, **CREDENTIALS},
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


def test_no_secret_is_in_any_artefact_of_a_faulty_run(vendor: Simulator, tmp_path: Path) -> None:
    """Output, events, journal, plan, history and process list; passwords stand in their own file alone."""
    folder = written(tmp_path / "acme", vendor)
    said = [real("plan", str(folder), "--out", str(tmp_path / "plan.json"), "--format", "json").out]
    applied, processes = watched(
        tmp_path, "-vv", "--log-format", "json", "apply", str(folder), "--yes", "--format", "json"
    )
    again, more = watched(tmp_path, "-vv", "apply", str(folder), "--yes")
    said += [applied, again]
    listed = real("history", "list", str(folder), "--format", "json")
    runs = sorted(set(re.findall(r'"([0-9a-f]{12})"', listed.out)))
    assert len(runs) == 2, listed
    for run in runs:
        for shape in ("text", "json"):
            done = real("history", "show", run, str(folder), "--format", shape)
            assert done.code == 0
            said += [done.out, done.err]
    said.append(str(real("rollback", runs[-1], "--config", str(folder), cwd=tmp_path)))

    store = folder / ".reconciler" / "secrets" / "acme.json"
    passwords = {item["password"] for item in json.loads(store.read_text())["extensions"].values()}
    assert passwords
    assert 0o600 == store.stat().st_mode & 0o777
    artefacts = {name: content for name, content in files(tmp_path).items() if not name.endswith("secrets/acme.json")}
    assert any(name.endswith("state.db") for name in artefacts)
    artefacts |= {f"output {number}": text.encode() for number, text in enumerate(said)}
    artefacts |= {"processes": "\n".join(processes | more).encode()}
    for secret in (SID, AUTH_TOKEN, *passwords):
        for name, content in artefacts.items():
            assert secret.encode() not in content, f"{secret} is in {name}"
    for name, content in artefacts.items():
        assert b"Sign=" not in content, f"a signature is in {name}"
