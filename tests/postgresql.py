"""A real PostgreSQL server for tests, on a socket in a folder of its own; it needs no port, and goes with the tests."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PASSWORD: Final = "pg-pa55word"
_PATIENCE_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server. Its only login is `team`, with `PASSWORD`."""

    folder: Path
    programs: Path

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        """Give a database's address, as users write it."""
        return f"postgresql://team:{password}@/{database}?host={self.folder}"

    def database(self) -> str:
        """Make an empty database; give its address."""
        name = f"db_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name}", "postgres")
        return self.url(name)

    def disconnect(self, database: str) -> None:
        """End all connections to a database, as a restart does."""
        condition = f"datname = '{database}' AND pid <> pg_backend_pid()"
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {condition}", "postgres")  # noqa: S608 - our own names

    def run(self, statement: str, database: str) -> None:
        """Carry out one statement."""
        environ = {"PGPASSWORD": PASSWORD, "PATH": os.environ.get("PATH", "")}
        command = [str(self.programs / "psql"), "-X", "-q", "-h", str(self.folder), "-U", "team", "-d", database]
        subprocess.run([*command, "-c", statement], env=environ, check=True, timeout=_PATIENCE_S, capture_output=True)


@contextlib.contextmanager
def programs() -> Iterator[Path | None]:
    """Find a server's programs that can run here: those of the wheel in the dev group, or the system's; or None."""
    found = []
    wheel = importlib.util.find_spec(
        "pgserver"
    )  # its programs alone: as root, its Python makes users and opens folders
    shipped = Path(wheel.origin).parent if wheel is not None and wheel.origin is not None else None
    if shipped is not None:
        found.append(shipped / "pginstall" / "bin")
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (on_path := shutil.which("initdb")) is not None:
        found.append(Path(on_path).resolve().parent)
    usable = next((folder for folder in found if _runs(folder)), None)
    if usable is not None or shipped is None:
        yield usable
        return
    with tempfile.TemporaryDirectory(prefix="reconciler-pg-") as folder:  # it lies where only root may look
        Path(folder).chmod(0o755)
        for part in shipped.parent.glob("pgserver*"):
            if part.is_dir():
                shutil.copytree(part, Path(folder) / part.name)
        copied = Path(folder) / "pgserver" / "pginstall" / "bin"
        yield copied if _runs(copied) else None


@contextlib.contextmanager
def server(binaries: Path) -> Iterator[Server]:
    """Run a server until the end of the block."""
    control = [str(binaries / "pg_ctl"), "-w", "-t", str(_PATIENCE_S)]
    folder = Path(tempfile.mkdtemp(prefix="reconciler-pg-"))
    started = False
    control += ["-D", str(folder / "data")]
    try:
        (folder / "password").write_text(PASSWORD, encoding="ascii")
        if who := _unprivileged():
            for path in (folder, folder / "password"):
                os.chown(path, who["user"], who["group"])
        _run(
            [
                *(str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "team", "-E", "UTF8", "--locale=C"),
                *("--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync"),
            ]
        )
        # No port is opened. Tests crash programs, not machines, so nothing waits for the disk.
        settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        _run([*control, "-l", str(folder / "log"), "-o", settings, "start"])
        started = True
        yield Server(folder=folder, programs=binaries)
    finally:
        if started:
            _run([*control, "-m", "immediate", "stop"])
        shutil.rmtree(folder)


def _unprivileged() -> dict[str, Any]:
    """Name another user than root, as which the server refuses to run; empty where we are none."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


def _runs(folder: Path) -> bool:
    names = ("initdb", "postgres", "pg_ctl", "psql")
    try:
        return all(_run([str(folder / name), "--version"]).returncode == 0 for name in names)
    except (OSError, subprocess.SubprocessError):
        return False


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server has it for as long as it runs, so it must be no pipe of ours
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=2 * _PATIENCE_S,
        check=True,
        **_unprivileged(),
    )
