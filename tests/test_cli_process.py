"""The command as a process: signals, pipes, encodings, start-up. What needs no process is in `test_cli`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler import __version__
from tests.commands import BODY, CREDENTIALS, PATIENCE_S, configure, head, real
from tests.servers import Simulator, simulator

PYTHON: Final = (sys.executable, "-m", "reconciler")
# What only some commands need, each a tenth of a second or more. Completion and --version must do without all of them.
HEAVY: Final = {"httpx", "pydantic", "rich", "sqlalchemy", "starlette", "uvicorn", "yaml", "asyncio", "reconciler.load"}


def imported(*arguments: str, **environ: str) -> set[str]:
    """Run a command; give the modules that it imported."""
    done = real(*arguments, command=(sys.executable, "-X", "importtime", "-m", "reconciler"), environ=environ)
    assert done.code == 0, done.err
    return {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a command; it is gone when the block ends, however it ends."""
    process = subprocess.Popen(
        [*PYTHON, *arguments],
        env={**os.environ, **CREDENTIALS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def arrived(running: Simulator, method: str, path: str, process: subprocess.Popen[str]) -> None:
    """Wait until a call of *process* has arrived."""
    deadline = time.monotonic() + PATIENCE_S
    while not any((item["method"], item["path"]) == (method, path) for item in running.calls()["calls"]):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, f"{method} {path} never arrived"
        time.sleep(0.02)


def test_version_is_one_line() -> None:
    """`reconciler --version` says name and version, and imports next to nothing for it."""
    assert f"reconciler {__version__}\n" == real("--version").out
    assert not (HEAVY | {"click", "reconciler.cli"}) & imported("--version")


@pytest.mark.parametrize("arguments", [("--help",), ("plan", "--help"), ()])
def test_help_imports_click_alone(arguments: tuple[str, ...]) -> None:
    """Help, like completion, needs no library but click."""
    if arguments:
        assert not HEAVY & imported(*arguments)
    else:
        assert not HEAVY & imported(_RECONCILER_COMPLETE="bash_complete", COMP_WORDS="reconciler pl", COMP_CWORD="1")


def test_importing_the_package_costs_nothing() -> None:
    """`import reconciler` brings no library; what it exports is imported when it is asked for."""
    script = "import sys, reconciler; print(*sorted(sys.modules))"
    done = real(command=(sys.executable, "-c", script))
    loaded = set(done.out.split())
    assert not (HEAVY | {"click"}) & loaded
    assert {"reconciler"} == {name for name in loaded if name.partition(".")[0] == "reconciler"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    """Each shell's script comes out, and commands and options complete."""
    script = real(environ={"_RECONCILER_COMPLETE": f"{shell}_source"})
    assert (0, "") == (script.code, script.err)
    assert f"_RECONCILER_COMPLETE={shell}_complete" in script.out
    for words, cursor, word, found in (
        ("reconciler pl", "1", "pl", "plan"),
        ("reconciler plan --deta", "2", "--deta", "--detailed-exitcode"),
        ("reconciler schema ud", "2", "ud", "udesk"),
    ):
        said = real(
            environ={
                "_RECONCILER_COMPLETE": f"{shell}_complete",
                "COMP_WORDS": words,
                "COMP_CWORD": word if shell == "fish" else cursor,
            }
        )
        assert said.code == 0
        assert found in said.out


def test_the_reader_leaves(tmp_path: Path) -> None:
    """`| head` is no error: nothing is said of it, an apply goes on, and the exit code is the command's own."""
    with simulator() as running:
        path = configure(tmp_path / "acme.yaml", running)
        for arguments, code in (
            (("schema", "udesk"), 0),
            (("plan", path), 0),
            (("plan", path, "--format", "json", "--detailed-exitcode"), 2),
            (("apply", path, "--yes"), 0),
            (("plan", path, "--detailed-exitcode"), 0),
        ):
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run(
                [*PYTHON, *arguments],
                env={**os.environ, **CREDENTIALS},
                stdin=subprocess.DEVNULL,
                stdout=writer,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                timeout=PATIENCE_S,
            )
            os.close(writer)
            assert (code, "") == (done.returncode, done.stderr), arguments


@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", "<&-", "> /dev/full", "> /dev/full 2> /dev/full"])
def test_streams_that_are_closed_or_full(tmp_path: Path, redirection: str) -> None:
    """Closed streams end in no traceback; a result that can't be written is a 1, with a word where one can be said."""
    (tmp_path / "acme.yaml").write_text(head("http://127.0.0.1:9") + BODY, encoding="utf-8")
    for command in ("schema", "validate acme.yaml"):
        done = real(
            command=("sh", "-c", f"{sys.executable} -m reconciler {command} {redirection}"),
            cwd=tmp_path,
            environ={"PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
        )
        full = redirection.startswith("> /dev/full")
        assert int(full) == done.code, done.err
        assert (full and "2>" not in redirection) == ("error" in done.err), done.err
        assert "Exception ignored" not in done.err


def test_a_terminal_that_can_t_spell(tmp_path: Path) -> None:
    """In ASCII, names in any script are escaped, in the plan as in errors; JSON still parses."""
    with simulator() as running:
        body = 'queues: {销售: {id: "9001", name: "销售 📞"}}\n'
        path = configure(tmp_path / "acme.yaml", running, body)
        ascii_only = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
        done = real("plan", path, environ=ascii_only)
        assert (0, True) == (done.code, "\\u9500" in done.out)
        done = real("plan", path, "--format", "json", environ=ascii_only)
        assert done.json["changes"][0]["address"] == "queues/销售"
        assert "销售 📞" in [item["after"] for item in done.json["changes"][0]["fields"]]
        done = real("validate", path, "--set", "queues.销.timeout=x", environ=ascii_only)
        assert (1, True) == (done.code, "\\u9500" in done.err)


def test_an_interrupt_is_an_event(tmp_path: Path) -> None:
    """With `--log-format json` Ctrl-C leaves one JSON object on stderr."""
    with simulator(faults=[{"kind": "hang-before", "method": "GET", "api": "apps", "times": 0}]) as running:
        path = configure(tmp_path / "acme.yaml", running, "application: {name: A}\n")
        with started("--log-format", "json", "plan", path) as process:
            arrived(running, "GET", "/ccapi/v2/apps", process)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE_S)
        assert (130, "") == (process.returncode, out)
        assert [("interrupted", "error")] == [
            (event["event"], event["level"]) for event in map(json.loads, err.splitlines())
        ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_reading_is_130(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end a run that only reads at once, with 130 and one line."""
    with simulator(faults=[{"kind": "hang-before", "method": "GET", "api": "apps", "times": 0}]) as running:
        path = configure(tmp_path / "acme.yaml", running, "application: {name: A}\n")
        with started("apply", path, "--yes") as process:
            arrived(running, "GET", "/ccapi/v2/apps", process)
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE_S)
            assert (130, "", "interrupted") == (process.returncode, out, err.strip())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_writing_is_130(tmp_path: Path, number: signal.Signals) -> None:
    """The first signal lets calls in flight finish, since answers may carry passwords; the second ends it at once."""
    with simulator(faults=[{"kind": "hang-after", "method": "POST", "api": "queues", "times": 0}]) as running:
        path = configure(tmp_path / "acme.yaml", running, 'queues: {sales: {id: "9001", name: Sales}}\n')
        with started("apply", path, "--yes") as process:
            assert process.stderr is not None
            arrived(running, "POST", "/ccapi/v2/queues", process)
            process.send_signal(number)
            assert process.stderr.readline().startswith("Finishing the calls in flight")
            process.send_signal(number)
            _, err = process.communicate(timeout=PATIENCE_S)
            assert (130, "interrupted") == (process.returncode, err.strip())


def test_interrupted_and_finished_is_130(tmp_path: Path) -> None:
    """After one signal the answers in flight are still kept: no password of what was made is lost."""
    with simulator(latency_ms=300) as running:
        path = configure(tmp_path / "acme.yaml", running, f"{BODY}extensions: ['8001', '8002']\n")
        with started("apply", path, "--yes") as process:
            arrived(running, "POST", "/ccapi/v2/extensions", process)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 130
        stored = json.loads((tmp_path / ".reconciler/secrets/acme.json").read_text(encoding="utf-8"))
        assert set(running.state()["sections"]["extensions"]) == set(stored["extensions"])


def test_the_simulator_stops_when_told(tmp_path: Path) -> None:
    """`simulate` prints one line when it listens, ends with 0 on SIGTERM, and leaves its state."""
    with started("simulate", "udesk", "--dump", str(tmp_path / "after.json")) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
        process.terminate()
        out, err = process.communicate(timeout=PATIENCE_S)
        assert (0, "", "") == (process.returncode, out, err)
    assert (tmp_path / "after.json").stat().st_size > 100


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Hash seeds, locale, working directory and the order of making files change no byte of a plan."""
    names = [f"q{number}" for number in range(30)]
    queues = "".join(f'  {name}: {{id: "{9100 + n}", name: {name}}}\n' for n, name in enumerate(names))
    agents = "".join(
        f'  a{n}: {{id: "{n + 1}", work_id: "{n + 1}", name: A{n}, queues: [q{n % 30}, q{(n + 7) % 30}]}}\n'
        for n in range(60)
    )
    parts = {"one.yaml": head("{url}"), "two.yaml": f"queues:\n{queues}", "three.yaml": f"agents:\n{agents}"}
    with simulator() as running:
        said = []
        for number, seed in enumerate(("0", "1", "4242")):
            folder = tmp_path / f"copy{number}" / "conf"
            folder.mkdir(parents=True)
            for name in sorted(parts, reverse=bool(number % 2)):
                (folder / name).write_text(parts[name].replace("{url}", running.url), encoding="utf-8")
            done = real(
                *("plan", "conf", "--format", "json", "--out", "plan.json"),
                cwd=folder.parent,
                environ={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
            )
            assert done.code == 0, done.err
            assert done.out == ((folder.parent / "plan.json").read_text(encoding="utf-8"))
            said.append(done.out)
        assert {said[0]} == set(said)
        calls: list[Any] = real("plan", str(folder), "--format", "json").json["calls"]
        assert done.json["calls"] == calls, "how the folder is spelled shows in `config.path` and in sources alone"
