"""The command line, run in this process and in one of its own, on small tenants of the simulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.cli import run
from tests.servers import APP_ID, AUTH_TOKEN, SID, Simulator

PATIENCE_S: Final = 60
CREDENTIALS: Final = {"UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN}
BODY: Final = """\
queues:
  sales: {id: "9001", name: Sales}
agents:
  li.wei: {id: "10031", work_id: "22024", name: Li Wei, extensions: ["8001"], queues: [sales]}
"""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Decode stdout, which must be one JSON document and nothing else."""
        return json.loads(self.out)


def head(url: str, *, more: str = "") -> str:
    """Write the frame of a configuration for the tenant at *url*; a high rate, so that tests are quick."""
    return (
        f"version: 1\ncontact_center: acme\nprovider:\n  type: udesk\n  base_url: {url}\n  app_id: {APP_ID}\n"
        "  sid: ${env:UDESK_SID}\n  auth_token: ${env:UDESK_AUTH_TOKEN}\n  rate_limit: 10000\n" + more
    )


def configure(path: Path, running: Simulator, body: str = BODY) -> str:
    """Write a configuration for a running tenant; give its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head(running.url) + body, encoding="utf-8")
    return str(path)


def configure_tencent(path: Path, running: Simulator, body: str, *, app_id: int = 1400000000) -> str:
    """Write a configuration for a running Tencent tenant that accepts `SID` and `AUTH_TOKEN`; give its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"version: 1\ncontact_center: acme\nprovider:\n  type: tencent\n  sdk_app_id: {app_id}\n"
        "  secret_id: ${env:UDESK_SID}\n  secret_key: ${env:UDESK_AUTH_TOKEN}\n"
        f"  endpoint: {running.url}\n  rate_limit: 10000\n{body}",
        encoding="utf-8",
    )
    return str(path)


class Commands:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        for name in ("RECONCILER_STATE", "NO_COLOR", "COLUMNS", "TERM", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)

    def __call__(self, *arguments: str) -> Done:
        """Run one command."""
        self._capsys.readouterr()
        code = run(arguments)
        said = self._capsys.readouterr()
        assert "a mistake of ours" not in said.err, said.err
        assert "Traceback" not in said.err, said.err
        return Done(code, said.out, said.err)

    def ok(self, *arguments: str) -> Done:
        """Run one command that must end with 0."""
        done = self(*arguments)
        assert done.code == 0, f"{arguments}\n{done.out}\n{done.err}"
        return done


def real(
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    command: Sequence[str] = (sys.executable, "-m", "reconciler"),
    **more: Any,
) -> Done:
    """Run a command in a process of its own, as users do."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("RECONCILER_", "COVERAGE_"))}
    keep.pop("NO_COLOR", None)
    done = subprocess.run(
        [*command, *arguments],
        env=keep | CREDENTIALS | dict(environ or {}),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
        **more,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def files(folder: Path) -> dict[str, bytes]:
    """Read all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def by_hand(running: Simulator, method: str, api: str, body: dict[str, Any]) -> None:
    """Change the tenant as somebody would in the vendor's console."""
    done = running.control("POST", "call", {"method": method, "api": api, "body": body})
    assert done["answer"]["ErrCode"] == "000000", done
