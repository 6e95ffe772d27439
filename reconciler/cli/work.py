"""The steps that commands are made of: load, open, wait with progress, stop when asked to."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Awaitable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.app import ERROR, App, say, show_error, show_problems
from reconciler.cli.output import write_json

if TYPE_CHECKING:
    from reconciler.load import Loaded
    from reconciler.model.errors import ReconcilerError
    from reconciler.model.history import Attempt
    from reconciler.model.outcome import Asked, Outcome
    from reconciler.report.console import Progress
    from reconciler.session import Request, Session


def request_of(  # noqa: PLR0913 - what the command line gave, one by one
    app: App,
    path: str,
    overlays: tuple[str, ...] = (),
    assignments: tuple[str, ...] = (),
    targets: tuple[str, ...] = (),
    *,
    prune: bool = False,
    allowed: Mapping[str, int] | None = None,
    live: str | None = None,
) -> Request:
    """Gather what was asked for."""
    from reconciler.session import Request

    return Request(
        path=path,
        overlays=overlays,
        assignments=assignments,
        targets=targets,
        prune=prune,
        allowed=allowed or {},
        snapshot=live,
        state=app.state,
        command=click.get_current_context().info_name or "",
        environ=app.environ,
    )


def loaded_from(app: App, request: Request) -> Loaded:
    """Load the configuration; its secrets are masked from now on."""
    from reconciler.session import read

    loaded = read(request)
    app.masks.append(loaded.mask)
    return loaded


@contextlib.contextmanager
def reporting(app: App, loaded: Loaded, form: str = "text") -> Iterator[None]:
    """Show our own errors, masked; the exit code is the exception's. As JSON they are also what stdout gets."""
    from reconciler.model.errors import Invalid, ReconcilerError

    try:
        yield
    except Invalid as error:
        show_problems(app, error.diagnostics, loaded.mask)
        if form == "json":
            _write_error(error, loaded)
        raise click.exceptions.Exit(ERROR) from error
    except ReconcilerError as error:
        if form == "json":
            _write_error(error, loaded)
        raise click.exceptions.Exit(show_error(app, error)) from error


def _write_error(error: ReconcilerError, loaded: Loaded) -> None:
    """Write the document that tells of an error: a configuration's problems, a plan of refusals, or the error."""
    from reconciler.model.errors import Invalid, Refused
    from reconciler.model.errors import ReconcilerError as Ours
    from reconciler.report.document import diagnostics_document, dumps, error_document, refused_document

    if isinstance(error, Invalid):
        document = diagnostics_document(error.diagnostics, mask=loaded.mask)
    elif isinstance(error, Refused) and loaded.desired is not None:
        document = refused_document(error, loaded.desired, mask=loaded.mask)
    else:
        document = error_document(error, mask=loaded.mask)
    with contextlib.suppress(Ours):  # that stdout can't be written is perhaps the error
        write_json(dumps(document))


@contextlib.contextmanager
def opened(app: App, loaded: Loaded, request: Request, form: str = "text") -> Iterator[Session]:
    """Have a session; our own errors are shown, and end the command."""
    from reconciler.session import open_session

    with reporting(app, loaded, form):
        session = open_session(loaded, request)
        try:
            yield session
        finally:
            session.close()


@contextlib.contextmanager
def progress(app: App, session: Session, what: str, total: int | None = None) -> Iterator[Progress]:
    """
    Tell of progress, on stderr: a bar on a terminal, lines with -v, events for machines.

    The bar counts reads; where a plan's calls are carried out, of which there are *total*, those, each once.
    """
    from reconciler.model.outcome import FOLLOW_UP
    from reconciler.report.console import Progress as Bar
    from reconciler.report.events import attempt_event, outcome_event, read_event
    from reconciler.session import Progress as Reached

    with Bar(
        sys.stderr,
        what,
        total=total,
        enabled=app.verbosity == 0 and not app.for_machines,
        color=app.color,  # type: ignore[arg-type]
        environ=app.environ,
    ) as bar:
        events = app.events
        over: set[str] = set()  # calls of the plan that the bar has counted

        def read(item: Asked) -> None:
            if total is None and item.error is None:
                bar.advance()
            if app.for_machines or app.verbosity > 1:
                events.write(read_event(item, run_id(session)))

        def outcome(item: Outcome) -> None:
            if item.call.id not in over and not item.call.id.startswith(FOLLOW_UP):
                over.add(item.call.id)
                bar.advance()
            if app.for_machines or app.verbosity > 0:
                events.write(outcome_event(item, run_id(session)))

        def attempt(item: Attempt) -> None:
            if app.for_machines or app.verbosity > 1:
                events.write(attempt_event(item, run_id(session)))

        session.progress = Reached(read=read, outcome=outcome, attempt=attempt)
        yield bar


def run_id(session: Session) -> str:
    """Name the run, as the store does; "" before it may write."""
    return session.lease.holder.run if session.lease is not None else ""


def run_async(work: Any) -> Any:
    """Wait for a coroutine."""
    import asyncio

    return asyncio.run(work)


async def stoppable(app: App, session: Session, work: Awaitable[Any]) -> Any:
    """Have Ctrl-C and SIGTERM let calls in flight finish: their answers may carry passwords. A second one ends it."""
    import asyncio
    import signal

    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"

    def stop() -> None:
        if session.stopping:
            # What is torn off may end otherwise than cancelled; nobody is left to whom that matters.
            loop.set_exception_handler(lambda _loop, _context: None)
            task.cancel()
        else:
            session.stopping = True
            say(app, "Finishing the calls in flight, starting no more; once more ends it at once.")

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in signals}
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread, or not POSIX
        for number in signals:
            loop.add_signal_handler(number, stop)
    try:
        return await work
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            for number in signals:
                loop.remove_signal_handler(number)
                # asyncio leaves the system's own, and SIGTERM would end us before the lock is given back.
                signal.signal(number, before[number])
