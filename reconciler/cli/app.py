"""What all commands share: the common options, the exit codes, and where words go."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from reconciler.cli.output import complain_plainly

if TYPE_CHECKING:
    from rich.console import Console

    from reconciler.model.diagnostics import Diagnostics
    from reconciler.model.errors import ReconcilerError
    from reconciler.model.secret import Mask
    from reconciler.report.log import Events

DONE: Final = 0
ERROR: Final = 1
FOUND: Final = 2
REFUSED: Final = 3
STOPPED: Final = 4
INTERRUPTED: Final = 130


@dataclass(slots=True)
class App:
    """The options that all commands share, and where their words go."""

    state: str | None = None
    color: str = "auto"
    log_format: str = "text"
    verbosity: int = 0
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    masks: list[Mask] = field(default_factory=list)  # of all that this run has loaded: whatever is said passes them

    def console(self, stream: Any) -> Console:
        """Make a console for a stream."""
        from reconciler.report.console import make_console

        return make_console(stream, self.color, self.environ)  # type: ignore[arg-type]

    @property
    def for_machines(self) -> bool:
        """Whether stderr holds nothing but JSON, one object a line."""
        return self.log_format == "json"

    @property
    def events(self) -> Events:
        """Where events go: stderr, masked."""
        import time

        from reconciler.report.log import Events

        form: Any = self.log_format
        return Events(sys.stderr, form=form, clock=time.time, verbosity=self.verbosity, mask=self.mask)

    @property
    def mask(self) -> Mask:
        """Hide every secret that this run has met."""
        from reconciler.model.secret import Mask

        return Mask.of(secret for mask in self.masks for secret in mask.secrets)

    @property
    def out(self) -> Console:
        """Where results go."""
        return self.console(sys.stdout)

    @property
    def err(self) -> Console:
        """Where everything else goes."""
        return self.console(sys.stderr)


def say(app: App, text: str) -> None:
    """Tell what happens, on stderr."""
    if app.for_machines:
        from reconciler.report.events import told

        app.events.write(told(text))
    elif app.verbosity >= 0:
        warn(app, text)


def warn(app: App, text: str) -> None:
    """Tell what is told once and never again, on stderr, also to who wants quiet."""
    if app.for_machines:
        from reconciler.report.events import Level, told

        quiet = Level.ERROR if app.verbosity < 0 else Level.INFO
        app.events.write(told(text, Level.WARNING if text.startswith("warning: ") else quiet))
        return
    from reconciler.report.text import render_told

    render_told(app.err, text, mask=app.mask)


def say_written(app: App, path: str) -> None:
    """Tell where a file was written, on stderr; on one line, so that the path can be copied."""
    text = f"wrote {path}"
    if app.for_machines or app.verbosity < 0:
        say(app, text)
        return
    from reconciler.report.text import render_line

    render_line(app.err, text, mask=app.mask)


def complain(app: App, text: str, *, name: str = "error", remedy: str = "") -> None:
    """Tell what went wrong where no error of ours says it, on stderr, if anybody listens."""
    if app.for_machines:
        from reconciler.report.events import failed

        app.events.write(failed(name, text, remedy=remedy))
    else:
        complain_plainly(f"{name}: {app.mask.text(text)}" if name == "error" else text)


def show_problems(app: App, diagnostics: Diagnostics, mask: Mask) -> None:
    """Show what is wrong with a configuration, on stderr; nothing where nothing is."""
    if not len(diagnostics):
        return
    if app.for_machines:
        from reconciler.report.events import problem_event

        for item in diagnostics:
            app.events.write(problem_event(item))
        return
    from reconciler.report.text import render_diagnostics

    render_diagnostics(app.err, diagnostics, mask=mask, verbose=app.verbosity > 0)


def show_error(app: App, error: ReconcilerError) -> int:
    """Show one of our errors, masked; give its exit code."""
    from reconciler.model.errors import Refused

    if app.for_machines:
        from reconciler.report.events import error_events

        for event in error_events(error):
            app.events.write(event)
    else:
        from reconciler.report.text import render_error

        render_error(app.err, error, mask=app.mask)
    return REFUSED if isinstance(error, Refused) else ERROR


def fail(app: App, message: str, remedy: str) -> int:
    """Show that a command can't begin, and what to do; give the exit code."""
    from reconciler.model.errors import ReconcilerError

    return show_error(app, ReconcilerError(message, remedy=remedy))
