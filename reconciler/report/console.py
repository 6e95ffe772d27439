"""The terminal: how wide it is, whether it shows colour, and progress on long work."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, Literal, Self

from rich.console import Console

if TYPE_CHECKING:
    import rich.progress

ColorChoice = Literal["auto", "always", "never"]
WIDTH: Final = 80  # columns, where nothing tells
_COLUMNS: Final = re.compile("[0-9]{1,5}")
_NARROWEST: Final = 40
_WIDEST: Final = 500
_PATIENCE_S: Final = 0.5  # work shorter than this shows no progress


def make_console(stream: IO[str], color: ColorChoice = "auto", environ: Mapping[str, str] | None = None) -> Console:
    """
    Make a console that never interprets markup and never fails on a character.

    Args:
        stream: Where it writes.
        color: `always` wins over NO_COLOR; `auto` asks the stream, NO_COLOR and TERM.
        environ: The process environment; read are NO_COLOR, TERM and COLUMNS.
    """
    environ = environ or {}
    colored = color == "always" or (color == "auto" and _shows_color(stream, environ))
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        with suppress(OSError, ValueError):
            reconfigure(errors="backslashreplace")
    return _Console(
        file=stream,
        width=_width(stream, environ),
        height=25,
        color_system="standard" if colored else None,
        force_terminal=colored or is_terminal(stream),
        no_color=not colored,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


class _Console(Console):
    """Goes quiet when its reader leaves (`| head`): an apply must go on, and end with its own exit code."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        with suppress(OSError, ValueError):
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, self.file.fileno())
            os.close(sink)


def is_terminal(stream: IO[str]) -> bool:
    """Whether a person looks at *stream*; a closed one is none."""
    try:
        return stream.isatty()
    except (OSError, ValueError):
        return False


def _shows_color(stream: IO[str], environ: Mapping[str, str]) -> bool:
    return is_terminal(stream) and not environ.get("NO_COLOR") and environ.get("TERM") not in {"dumb", "unknown"}


def _width(stream: IO[str], environ: Mapping[str, str]) -> int:
    columns = environ.get("COLUMNS", "")
    width = int(columns) if _COLUMNS.fullmatch(columns) else 0
    if not width and is_terminal(stream):
        try:
            width = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):
            width = 0
    return min(max(width, _NARROWEST), _WIDEST) if width else WIDTH


class Progress:
    """
    Counts and time left, on a terminal, once the work proves long; else nothing at all.

    Use as `with Progress(sys.stderr, "Reading", total=12) as progress`, and call `advance()` per step.
    """

    def __init__(  # noqa: PLR0913  (what to show, and the world that is passed in)
        self,
        stream: IO[str],
        description: str,
        *,
        total: int | None = None,
        enabled: bool = True,
        color: ColorChoice = "auto",
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._description = description
        self._total = total
        self._color: ColorChoice = color
        self._environ = environ or {}
        self._clock = clock
        self._enabled = enabled and is_terminal(stream) and self._environ.get("TERM") != "dumb"
        self._done = 0
        self._began = 0.0
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def __enter__(self) -> Self:
        self._began = self._clock()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @property
    def done(self) -> int:
        """How many steps were made."""
        return self._done

    def expect(self, total: int) -> None:
        """Say how many steps there are, once that is known."""
        self._total = total
        self._show()

    def advance(self, steps: int = 1) -> None:
        """Count *steps* as made."""
        self._done += steps
        self._show()

    def _show(self) -> None:
        if not self._enabled:
            return
        if self._bar is None and self._clock() - self._began >= _PATIENCE_S:
            self._start()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, total=self._total)

    def _start(self) -> None:
        from rich import progress  # noqa: PLC0415  (slow to import, and short work never gets here)

        self._bar = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeRemainingColumn(),
            console=make_console(self._stream, self._color, self._environ),
            transient=True,
        )
        self._task = self._bar.add_task(self._description, total=self._total)
        self._bar.start()
