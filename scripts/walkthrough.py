"""
Carry out what a page of the documents tells its reader to type, and put what comes back below each command.

A page is a walk: its blocks run from top to bottom in one shell, in a scratch folder, against simulators that the page
itself starts. What a block is says its language, and the comment on the line above it, if there is one:

    ```console          commands behind `$ `; below each stands what it prints
    ```sh               a script; what it prints is not shown
    <!-- file: PATH -->  the block below is a file, written there before the walk goes on
    <!-- quiet -->       the commands below run, and what they print is not shown
    <!-- not run: WHY --> the block below is left alone, for this reason
    <!-- before: … -->   a script that readers don't see: what stands in for somebody else's doing

A command that fails ends the walk, unless the next one is `echo $?`.
"""

from __future__ import annotations

import os
import re
import secrets
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PATIENCE_S: Final = 90  # for one command; far more than any needs
RUN: Final = ("console", "sh", "bash", "shell")  # languages of blocks that readers carry out
TOOLS: Final = ("bash", "curl", "git", "sed", "timeout")  # what pages use besides ours
FOLDER: Final = "/home/operator/projects"  # shown for the scratch folder, and as long
HOST: Final = "runner"  # shown for this machine

_FENCE: Final = re.compile(r"^(`{3,})([\w-]*)\s*$")
_MARK: Final = re.compile(r"^<!-- (file|not run|quiet|before)(?:: ?(.*?))?(?: -->)?$")
_MADE: Final = re.compile(r"^<!-- [\w-]+ -->$")  # opens a block that scripts/docs.py makes
_PORT: Final = re.compile(r"\b80[89]\d\b")
_RUN_ID: Final = re.compile(r"(?:\b[Rr]un |\"run\": \"|^)([0-9a-f]{12}|[0-9a-f]{8}(?=  ))\b", re.MULTILINE)
_SHORT: Final = 8  # characters of a run's id that a table of runs has
_STEADY: Final = (  # what differs from run to run, and what is shown for it: as wide, so that columns stay
    (re.compile(r"\b\d{4}-\d\d-\d\d([ T])\d\d:\d\d:\d\d(?:\.\d+)?"), r"2026-03-02\g<1>09:14:07"),
    (re.compile(r"(?<=_timestamp_seconds)(\{.*\}) \d{10}(?:\.\d+)?"), r"\1 1772442847.25"),
    (re.compile(r"(?<=_duration_seconds)(\{.*\}) [\d.]+"), r"\1 1.042"),
    (re.compile(r"\b\d{4}-\d\d-\d\d([ T])\d\d:\d\d(?!:)"), r"2026-03-02\g<1>09:14"),
    (re.compile(r"\b\d{4} \(UTC\)"), "2026 (UTC)"),
    (re.compile(r"(?<=  )\d\d-\d\d \d\d:\d\d(?=  )"), "03-02 09:14"),
    (re.compile(r"\b\d{1,2}\.\d s\b"), "1.0 s"),
    (re.compile(r"TOOK +STATE"), "TOOK   STATE"),
    (re.compile(r"(?<=  )(1\.0 s)  +(?=[\w ]+$)", re.MULTILINE), r"\1  "),
    (re.compile(r"(?<=  )\?  +(?=\w+$)", re.MULTILINE), "?      "),
    (re.compile(r"\b(?:\d,)?\d{1,3} ms\b"), "12 ms"),
)
_IDS: Final = ("4f2a1b2c3d4e", "9c07e5d81a62", "b36d0f48e7a1", "e1854ca93f70", "27a9d6b05c8f", "d80f3e61b942")


class WalkError(Exception):
    """A command of a page did not do what the page says; the text says where and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """
    A fenced block of a page, or what a `before` comment holds.

    Attributes:
        line: Where it begins in the page, counted from one.
        start: The index of its first line within the fences.
        end: The index behind its last.
        mark: What the comment above it says: file, not run, quiet, before, made; else empty.
        said: What stands behind the mark's colon.
    """

    line: int
    start: int
    end: int
    language: str
    lines: tuple[str, ...]
    mark: str = ""
    said: str = ""

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands of a console; one goes on behind `> `, or where a line ends in a backslash."""
        found: list[str] = []
        for text in self.lines:
            if found and (text.startswith("> ") or found[-1].endswith("\\")):
                found[-1] += f"\n{text}"
            elif text.startswith("$ "):
                found.append(text.removeprefix("$ "))
        return tuple(found)

    @property
    def carried_out(self) -> bool:
        """Whether readers carry it out, and so do we."""
        return self.language in RUN and self.mark in ("", "quiet")


def blocks(text: str) -> Iterator[Block]:
    """Find a page's blocks, in order."""
    lines = text.split("\n")
    index, mark, said = 0, "", ""
    while index < len(lines):
        line = lines[index]
        if (fence := _FENCE.match(line)) is not None:
            end = next((n for n in range(index + 1, len(lines)) if lines[n] == fence[1]), len(lines))
            inside = tuple(lines[index + 1 : end])
            yield Block(line=index + 1, start=index + 1, end=end, language=fence[2], lines=inside, mark=mark, said=said)
            index, mark, said = end + 1, "", ""
        elif (found := _MARK.match(line)) is not None:
            mark, said = found[1], found[2] or ""
            index += 1
            if mark == "before":
                end = index if line.endswith("-->") else next(n for n in range(index, len(lines)) if lines[n] == "-->")
                inside = (said,) if line.endswith("-->") else tuple(lines[index:end])
                yield Block(line=index, start=index, end=end, language="sh", lines=inside, mark="before")
                index, mark, said = (index if line.endswith("-->") else end + 1), "", ""
        elif _MADE.match(line) and "<!-- end -->" in lines[index:] and line != "<!-- end -->":
            index = lines.index("<!-- end -->", index) + 1
        else:
            index += 1


def left_out(text: str) -> list[tuple[str, str]]:
    """Name the blocks that readers may carry out and we don't: the first line of each, and why."""
    return [(block.lines[0], block.said) for block in blocks(text) if block.mark == "not run"]


def walked(text: str) -> str:
    """
    Walk a page; give it with what its commands print.

    Raises:
        WalkError: A command failed, or a simulator did not start.
    """
    found = list(blocks(text))
    if not any(block.carried_out for block in found):
        return text
    lines = text.split("\n")
    written: list[tuple[Block, list[str]]] = []
    with _shell() as shell:
        for block in found:
            try:
                shown = _carried_out(shell, block)
            except WalkError as error:
                raise WalkError(f"line {block.line}: {error}") from error
            if shown is not None:
                written.append((block, shown))
    for block, shown in reversed(written):
        lines[block.start : block.end] = shown
    return "\n".join(lines)


def _carried_out(shell: _Shell, block: Block) -> list[str] | None:
    """Do what a block says; give its new lines where it shows what comes back."""
    if block.mark == "file":
        shell.write(block.said, "\n".join((*block.lines, "")))
    elif block.mark == "before" or (block.carried_out and block.language != "console"):
        shell.run("\n".join(block.lines))
    elif block.carried_out:
        return list(_console(shell, block))
    return None


def _console(shell: _Shell, block: Block) -> Iterator[str]:
    commands = block.commands
    for command, after in zip(commands, (*commands[1:], ""), strict=True):
        output = shell.run(re.sub("(?m)^> ", "", command), may_fail=after == "echo $?")
        yield from f"$ {command}".split("\n")
        if block.mark != "quiet":
            yield from output


@dataclass(slots=True, kw_only=True)
class _Shell:
    """A shell that stays open, so that variables, folders and programs in the background last from block to block."""

    folder: Path
    process: subprocess.Popen[bytes]
    ports: dict[str, str]  # as the page says → as we have
    ids: dict[str, str] = field(default_factory=dict)  # as we have → as the page says
    heard: bytes = b""

    def write(self, path: str, text: str) -> None:
        """Write a file of the page's."""
        file = self.folder / path
        if not file.resolve().is_relative_to(self.folder):
            raise WalkError(f"{path} is outside the scratch folder")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._as_here(text), encoding="utf-8")

    def run(self, command: str, *, may_fail: bool = False) -> list[str]:
        """
        Carry out one command; give what it prints, as the page shows it.

        Raises:
            WalkError: It failed, or did not end.
        """
        end = f"end-{secrets.token_hex(8)}"
        script = f"{self._as_here(command)}\n__code=$?; printf '\\n%s %s\\n' {end} $__code; (exit $__code)\n"
        assert self.process.stdin is not None, "the shell reads from us"
        self.process.stdin.write(script.encode())
        self.process.stdin.flush()
        said = self._until(rf"\n{end} (\d+)\n", command)
        output, code = said[0], int(said[1])
        if code != 0 and not may_fail:
            raise WalkError(f"`{command}` ended with exit code {code}:\n{output}")
        if command.rstrip().endswith("&"):
            output += "".join(self._until(r"(listening on [^\n]*)\n", command))
        return self._as_shown(output).rstrip("\n").split("\n") if output.strip("\n") else []

    def _until(self, pattern: str, command: str) -> tuple[str, str]:
        """Read on until a pattern shows; give what stands before it, and its first group."""
        assert self.process.stdout is not None, "we read from the shell"
        limit = time.monotonic() + PATIENCE_S
        sought = re.compile(pattern)
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while True:
                text = self.heard.decode("utf-8", errors="replace")
                if (found := sought.search(text)) is not None:
                    self.heard = text[found.end() :].encode()
                    return text[: found.start()], found[1]
                ready = selector.select(max(0.0, limit - time.monotonic()))
                more = os.read(self.process.stdout.fileno(), 65536) if ready else b""
                if not more:
                    raise WalkError(f"`{command}` did not end:\n{text}")
                self.heard += more

    def _as_here(self, text: str) -> str:
        """Put our ports and run ids where the page has its own."""
        text = _PORT.sub(lambda found: self._port(found[0]), text)
        for ours, shown in self.ids.items():
            text = re.sub(rf"\b{shown[:4]}(?:{shown[4:8]}(?:{shown[8:]})?)?\b", ours, text)
        return text

    def _port(self, shown: str) -> str:
        if shown not in self.ports:
            self.ports[shown] = _free_port()
        return self.ports[shown]

    def _as_shown(self, text: str) -> str:
        """Put what the page shows where we have what differs from run to run."""
        for shown, ours in self.ports.items():
            text = text.replace(f"127.0.0.1:{ours}", f"127.0.0.1:{shown}")
        text = text.replace(str(self.folder), FOLDER).replace(f" on {socket.gethostname()}", f" on {HOST}")
        for found in _RUN_ID.findall(text):
            self.ids.setdefault(found[:_SHORT], _IDS[len(self.ids) % len(_IDS)])
        for ours, shown in self.ids.items():
            text = re.sub(rf"\b{ours}([0-9a-f]{{4}})?\b", lambda found, shown=shown: shown[: len(found[0])], text)  # type: ignore[misc]
        for pattern, steady in _STEADY:
            text = pattern.sub(steady, text)
        return "\n".join(line.rstrip() for line in text.split("\n"))


@contextmanager
def _shell() -> Iterator[_Shell]:
    """Open a shell in a scratch folder that has the examples; all that it started ends with it."""
    with tempfile.TemporaryDirectory(prefix="docs-", dir="/tmp") as made:  # its length shows
        folder, tools = Path(made, "work").resolve(), Path(made, "bin")
        tools.mkdir()
        shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns(".reconciler"))
        ports = {"8080": _free_port()}
        with subprocess.Popen(
            [_bash(), "--norc", "--noprofile"],
            cwd=folder,
            env=_environment(Path(made), tools, ports["8080"]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                shell = _Shell(folder=folder, process=process, ports=ports)
                shell.run("set -o pipefail")  # whatever a pipe's last command says, the first may have failed
                yield shell
            finally:
                os.killpg(process.pid, signal.SIGKILL)


def _environment(home: Path, tools: Path, port: str) -> dict[str, str]:
    """Say what the commands of a page find: ours under their names, a git of its own, and no width but 80."""
    command = tools / "reconciler"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m reconciler "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    python = tools / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    settings = home / "gitconfig"
    settings.write_text(
        "[user]\nname = Ops\nemail = ops@example.com\n[init]\ndefaultBranch = main\n[advice]\ndetachedHead = false\n",
        encoding="utf-8",
    )
    moment = "2026-03-02T09:00:00+0000"
    return {
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "LOGNAME": "ops",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "PYTHONIOENCODING": "utf-8",
        "NO_PROXY": "127.0.0.1",
        "GIT_CONFIG_GLOBAL": str(settings),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": moment,
        "GIT_COMMITTER_DATE": moment,
        "UDESK_URL": f"http://127.0.0.1:{port}",  # what `init` falls back to, were the port 8080
        "TENCENTCLOUD_ENDPOINT": f"http://127.0.0.1:{port}",
    }


def _bash() -> str:
    found = shutil.which("bash")
    if found is None:
        raise WalkError("the pages are walked with bash, which is not here")
    return found


def _free_port() -> str:
    """Find a free port of four digits, so that lines are as wide as with 8080."""
    for _ in range(200):
        port = 2000 + secrets.randbelow(7000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return str(port)
    raise WalkError("no port of four digits is free")
