"""What the stories of `scripts/demo.py` are told with: commands in a terminal, and a simulated vendor beside them."""

from __future__ import annotations

import os
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NoReturn

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "examples"
RECONCILER: Final = (sys.executable, "-m", "reconciler")  # shown as `reconciler`, which may not be on the PATH
ACCOUNT, SECRET = "demo-sid", "demo-token"  # what the simulators accept unless told otherwise
NOTHING, CHANGES = 0, 2  # what `plan --detailed-exitcode` and `drift` exit with
PATIENCE: Final = 60  # seconds to wait for the simulator; far more than it needs


class BrokenStoryError(Exception):
    """A step did not do what the story says."""


def say(text: str) -> None:
    """Print one paragraph of the story."""
    print(f"\n{textwrap.fill(' '.join(text.split()), 78)}\n", flush=True)


def show(*command: str, then: str = "") -> None:
    """Print a command as a person would type it."""
    print(f"$ {shlex.join(command)}{then}", flush=True)


def run(folder: Path, environment: dict[str, str], *arguments: str, expect: int = 0, last: int = 0) -> None:
    """
    Run one of our commands; its output goes straight to the terminal, so it looks as it always does.

    With *last* only so many lines of its result are shown, as `tail` would.
    """
    show("reconciler", *arguments, then=f" | tail -n {last}" if last else "")
    done = subprocess.run(
        [*RECONCILER, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if last else None,
        encoding="utf-8",
        check=False,
    )
    failed = done.returncode != expect
    for line in (done.stdout or "").splitlines()[0 if failed else -last :]:
        print(line, flush=True)
    if failed:
        broken(f"`reconciler {' '.join(arguments)}` ended with exit code {done.returncode}; {expect} was due")


def broken(why: str) -> NoReturn:
    """End the story."""
    raise BrokenStoryError(why)


@contextmanager
def simulator(folder: Path, vendor: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the vendor; give its process and its address. It is gone when the block ends, however it ends."""
    arguments = ("simulate", vendor, "--port", "0", "--seed", f"{vendor}-before.json")
    show("reconciler", *arguments, then=" &")
    with (folder / "simulator.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*RECONCILER, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C is for the story; the story then stops the simulator
        )
        try:
            yield process, address(process, log)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def address(process: subprocess.Popen[str], log: IO[str]) -> str:
    """Wait for the one line that the simulator prints when it listens."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(PATIENCE) else ""
    if "listening on " not in line:
        log.seek(0)
        broken(f"the simulator does not listen: {line}{log.read()}")
    print(textwrap.fill(line, 78), flush=True)
    return line.partition("listening on ")[2].split()[0]


def stop(process: subprocess.Popen[str], folder: Path) -> None:
    """Stop the vendor, as the story shows it."""
    show("kill", "%1")
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        broken("the simulator does not stop when it is asked to")
    if code != 0:
        broken(f"the simulator ended with exit code {code}:\n{(folder / 'simulator.log').read_text()}")


def copy_example(folder: Path, vendor: str) -> None:
    """Copy the example and its older state, so that nothing is left behind in the project."""
    shutil.copytree(EXAMPLES / vendor, folder / vendor, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(EXAMPLES / f"{vendor}-before.json", folder)


def keep(folder: Path, message: str) -> None:
    """Commit the story's files, as a team would have."""
    if shutil.which("git") is None:
        broken("git is not installed, and the story reviews a change with it")
    me = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false")
    show("git", "commit", "--all", "--message", message)
    # The same date at each telling, so that the commit has the same name.
    dates = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
    for words in (("init", "--quiet"), ("add", "udesk"), (*me, "commit", "--quiet", "--message", message)):
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - the user's own
            cwd=folder,
            env={**os.environ, **dates},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            broken(f"`git {words[0]}` failed: {done.stderr}")


def surroundings(settings: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of the story's commands, and show how a person would set it."""
    for name, value in settings.items():
        show("export", f"{name}={value}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RECONCILER_")}
    return {**kept, "NO_PROXY": "127.0.0.1", **settings}


def send(request: urllib.request.Request, what: str) -> str:
    """Send one request to the simulator, as anybody's script could; give the answer's text."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=PATIENCE) as response:
            return str(response.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError as error:
        broken(f"{what} did not get through: {error}")
