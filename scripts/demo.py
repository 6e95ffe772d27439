"""
Tell the story of one contact center, with the real commands against the simulator: plan, apply, drift.

    python scripts/demo.py

Each step is checked, and the first that does not do what the story says ends it with exit code 1. Nothing is left
behind: the example is copied to a temporary folder, and the simulator is stopped however the story ends.
"""

from __future__ import annotations

import hashlib
import json
import os
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NoReturn

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "examples"
RECONCILER: Final = (sys.executable, "-m", "reconciler")  # shown as `reconciler`, which may not be on the PATH
SEED: Final = "udesk-before.json"
SID, AUTH_TOKEN = "demo-sid", "demo-token"
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
def simulator(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the vendor; give its process and its address. It is gone when the block ends, however it ends."""
    arguments = ("simulate", "udesk", "--port", "0", "--seed", SEED)
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


def call_api(url: str, app_id: str, method: str, path: str, body: dict[str, Any]) -> None:
    """Send one signed request, as anybody's script could. Source: Udesk CTI Cloud API, "Authentication"."""
    timestamp = str(time.time_ns() // 1_000_000)
    query = {
        "Timestamp": timestamp,
        "AppId": app_id,
        "Sid": SID,
        "Sign": hashlib.sha1(f"{SID}{AUTH_TOKEN}{timestamp}".encode()).hexdigest(),  # noqa: S324 - the vendor's choice
    }
    request = urllib.request.Request(  # noqa: S310 - the simulator's own address
        f"{url}/ccapi/v2/{path}?{urllib.parse.urlencode(query)}",
        method=method,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=PATIENCE) as response:
            answer = response.read().decode()
    except urllib.error.HTTPError as error:
        answer = error.read().decode()
    except OSError as error:
        broken(f"{method} {path} did not get through: {error}")
    if '"ErrCode":"000000"' not in answer.replace(" ", ""):
        broken(f"{method} {path} was refused: {answer}")


def tell(folder: Path) -> None:
    """Tell the story in *folder*."""
    shutil.copytree(EXAMPLES / "udesk", folder / "udesk", ignore=shutil.ignore_patterns(".*"))
    shutil.copy(EXAMPLES / SEED, folder)
    app_id = json.loads((folder / SEED).read_text(encoding="utf-8"))["tenant"]

    say("""Acme Home's contact center is described in examples/udesk: 3 queues, 12 agents, prompts and keys, in one
        file per team. The vendor's system still is as it was last month. Here a simulator stands in for it.""")
    with simulator(folder) as (process, url):
        settings = {"UDESK_URL": url, "UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN}
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RECONCILER_")},
            "NO_PROXY": "127.0.0.1",
            **settings,
        }
        for name, value in settings.items():
            show("export", f"{name}={value}")

        say("What would change, and in which order?")
        run(folder, environment, "plan", "udesk", "--detailed-exitcode", expect=CHANGES)

        say("Make it so. `--yes` stands in for a person who has read the plan just shown.")
        run(folder, environment, "apply", "udesk", "--yes", last=1)

        say("Files and system now agree, so a second plan is empty.")
        run(folder, environment, "plan", "udesk", "--detailed-exitcode", expect=NOTHING)

        say("""On Friday night somebody's script calls the vendor's API by hand: callers of Support wait 20 seconds
            at most, not 90. Nobody tells the others.""")
        body = {"QueueId": "9002", "QueueName": "Support", "Strategy": "longest_idle", "Timeout": 20, "MaxLength": 128}
        print(f"PUT /ccapi/v2/queues\n{textwrap.fill(json.dumps(body), 78)}", flush=True)
        call_api(url, app_id, "PUT", "queues", body)

        say("The nightly drift check finds it, and says so with exit code 2.")
        run(folder, environment, "drift", "udesk", expect=CHANGES)

        say("The files still say 90, so applying them puts it back.")
        run(folder, environment, "apply", "udesk", "--yes", last=1)
        run(folder, environment, "plan", "udesk", "--detailed-exitcode", expect=NOTHING)

        show("kill", "%1")
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            broken("the simulator does not stop when it is asked to")
        if code != 0:
            broken(f"the simulator ended with exit code {code}:\n{(folder / 'simulator.log').read_text()}")
    say("That was the whole story. The files are in examples/udesk; change one, and plan again.")


def main() -> int:
    """Tell it, and clean up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that `finally` still happens
    try:
        with tempfile.TemporaryDirectory(prefix="reconciler-demo-") as folder:
            tell(Path(folder))
    except BrokenStoryError as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the simulator is stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
