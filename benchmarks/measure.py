"""
Run programs and measure them: wall time, and peak memory as the kernel counted it.

The runner itself stays small: a child's peak counts from the moment it is forked, and so can't be told apart from
what its parent holds.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

_PER_MIB: Final = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes there, in KiB elsewhere
_PATIENCE: Final = 300  # seconds until a server must listen


class BrokenError(Exception):
    """A program did not do what is to be measured, so there is nothing to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run. *expect* is its exit code, *says* a text that its output must have."""

    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    expect: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run."""

    seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Samples:
    """All runs of one program."""

    runs: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        """The median time."""
        return median(run.seconds for run in self.runs)

    @property
    def peak_mib(self) -> float:
        """The largest peak: memory has a bound, not an average."""
        return max(run.peak_mib for run in self.runs)


def once(program: Program, log: Path) -> Sample:
    """
    Run *program* to its end, its output going to *log*.

    Raises:
        BrokenError: Another exit code than expected, or the text that it must print is missing.
    """
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            program.command,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)  # else its destructor would wait again
    text = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode != program.expect or program.says not in text:
        line = " ".join(map(str, program.command))
        due = f"{program.expect} was due" + (f", with {program.says!r} in the output" if program.says else "")
        message = f"{line}\nended with exit code {process.returncode}; {due}:\n{text[-3000:]}"
        raise BrokenError(message)
    return Sample(seconds, usage.ru_maxrss / _PER_MIB)


def interleaved(programs: Mapping[str, Program], *, rounds: int, log: Path) -> dict[str, Samples]:
    """Run each program once unmeasured, then all in turn, *rounds* times, so that a noisy minute hits all alike."""
    for program in programs.values():
        once(program, log)
    runs: dict[str, list[Sample]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            runs[name].append(once(program, log))
    return {name: Samples(tuple(samples)) for name, samples in runs.items()}


@contextmanager
def serving(command: Sequence[str | Path], log: Path) -> Iterator[str]:
    """Start a server that prints `listening on URL`, give the URL, and stop it in the end."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        )
        try:
            assert process.stdout is not None
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                line = process.stdout.readline() if selector.select(_PATIENCE) else ""
            if "listening on " not in line:
                message = f"{' '.join(map(str, command))}\ndoes not listen: {line}\n{log.read_text(encoding='utf-8')}"
                raise BrokenError(message)
            yield line.partition("listening on ")[2].split()[0]
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
