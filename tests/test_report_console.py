"""The terminal: width, colour, broken pipes, progress."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

import pytest
from rich.text import Text

from reconciler.report.console import Progress, make_console


class Terminal(io.StringIO):
    """A stream that says that a person looks at it."""

    def isatty(self) -> bool:
        """Say so."""
        return True


BOLD: Final = Text("word", "bold red")


@pytest.mark.parametrize(
    ("stream", "color", "environ", "colored"),
    [
        (Terminal(), "auto", {}, True),
        (Terminal(), "auto", {"TERM": "xterm-256color"}, True),
        (Terminal(), "auto", {"TERM": "dumb"}, False),
        (Terminal(), "auto", {"NO_COLOR": "1"}, False),
        (Terminal(), "auto", {"NO_COLOR": "false"}, False),
        (Terminal(), "auto", {"NO_COLOR": ""}, True),
        (Terminal(), "never", {}, False),
        (io.StringIO(), "auto", {}, False),
        (io.StringIO(), "auto", {"FORCE_COLOR": "1"}, False),
        (io.StringIO(), "always", {}, True),
        (io.StringIO(), "always", {"NO_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_when_there_is_colour(stream: io.StringIO, color: str, environ: Mapping[str, str], colored: bool) -> None:  # noqa: FBT001
    """On a terminal unless NO_COLOR has any value; `always` and `never` decide alone."""
    make_console(stream, color, environ).print(BOLD)  # type: ignore[arg-type]
    assert colored == ("\x1b[" in stream.getvalue())


@pytest.mark.parametrize(
    ("stream", "environ", "width"),
    [
        (io.StringIO(), {}, 80),
        (Terminal(), {}, 80),
        (io.StringIO(), {"COLUMNS": "120"}, 120),
        (io.StringIO(), {"COLUMNS": "0"}, 80),
        (io.StringIO(), {"COLUMNS": "wide"}, 80),
        (io.StringIO(), {"COLUMNS": "-5"}, 80),
        (io.StringIO(), {"COLUMNS": "²"}, 80),
        (io.StringIO(), {"COLUMNS": "9" * 5_000}, 80),
        (io.StringIO(), {"COLUMNS": "1"}, 40),
        (io.StringIO(), {"COLUMNS": "99999"}, 500),
    ],
)
def test_how_wide_it_is(stream: io.StringIO, environ: Mapping[str, str], width: int) -> None:
    """Exactly 80 columns where nothing tells, and never so few that nothing fits."""
    assert width == make_console(stream, "auto", environ).width


def test_a_closed_stream_is_no_terminal() -> None:
    """A console can be made for a stream that is closed; it is asked nothing that it can't answer."""
    stream = io.StringIO()
    stream.close()
    assert 80 == make_console(stream).width


def test_markup_and_emoji_codes_are_text() -> None:
    """Even a plain string that looks like markup is printed as it is."""
    stream = io.StringIO()
    make_console(stream, "always").print("[red]x[/red] :smile: 12", soft_wrap=True)
    assert "[red]x[/red] :smile: 12\n" == stream.getvalue()


def test_a_reader_that_leaves_does_not_end_the_run() -> None:
    """`| head` closes the pipe; the program carries on and ends with its own exit code."""
    program = (
        "import sys\n"
        "from reconciler.report.console import make_console\n"
        "console = make_console(sys.stdout)\n"
        "for number in range(20000):\n"
        "    console.print('a line of text that fills the pipe')\n"
        "sys.exit(7)\n"
    )
    read, write = os.pipe()
    process = subprocess.Popen([sys.executable, "-c", program], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    os.read(read, 10)
    os.close(read)
    _, problems = process.communicate(timeout=60)
    assert (7, b"") == (process.returncode, problems)


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now


def test_progress_shows_counts_on_a_terminal() -> None:
    """Long work shows how far it is; the bar is gone at the end."""
    stream, clock = Terminal(), Clock()
    with Progress(stream, "Reading [red]", total=3, clock=clock) as progress:
        progress.advance()
        assert "" == stream.getvalue()
        clock.now = 1.0
        progress.advance()
        assert 2 == progress.done
    assert "Reading [red]" in stream.getvalue()
    assert "2/3" in stream.getvalue()


def test_short_work_shows_no_progress() -> None:
    """Nothing flickers by."""
    stream, clock = Terminal(), Clock()
    with Progress(stream, "Reading", clock=clock) as progress:
        progress.expect(2)
        progress.advance(2)
    assert "" == stream.getvalue()


@pytest.mark.parametrize(
    ("stream", "enabled", "environ"),
    [(io.StringIO(), True, {}), (Terminal(), False, {}), (Terminal(), True, {"TERM": "dumb"})],
)
def test_progress_is_silent_elsewhere(stream: io.StringIO, enabled: bool, environ: Mapping[str, str]) -> None:  # noqa: FBT001
    """In a pipe or a log, and with -q, there is nothing at all."""
    clock = Clock()
    with Progress(stream, "Reading", total=2, enabled=enabled, environ=environ, clock=clock) as progress:
        clock.now = 10.0
        progress.advance()
    assert ("", 1) == (stream.getvalue(), progress.done)


def test_progress_ends_with_an_error() -> None:
    """An error leaves the block, and the cursor is shown again."""
    stream, clock = Terminal(), Clock()

    def work() -> None:
        with Progress(stream, "Reading", total=2, clock=clock) as progress:
            clock.now = 1.0
            progress.advance()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        work()
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")


def test_what_is_not_needed_is_not_imported() -> None:
    """Documents, saved plans and logs cost no rich; a console costs no progress bar."""
    program = (
        "import sys\n"
        "import reconciler.report.document, reconciler.report.saved, reconciler.report.log\n"
        "print('rich' in sys.modules)\n"
        "import reconciler.report.text, reconciler.report.console\n"
        "print('rich.progress' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert "False\nFalse\n" == done.stdout
