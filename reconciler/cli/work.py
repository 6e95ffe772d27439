"""The steps that commands are made of: load, open, wait with progress, stop when asked to."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Awaitable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.cli.app import ERROR, App, say, show_error, show_problems
from reconciler.cli.home import here
from reconciler.cli.output import write_json
from reconciler.cli.showing import save_code_quality, show_sheet

if TYPE_CHECKING:
    from reconciler.load import Loaded
    from reconciler.model.errors import ReconcilerError
    from reconciler.model.history import Attempt
    from reconciler.model.outcome import Asked, Outcome
    from reconciler.report.console import Progress
    from reconciler.report.sheet import Sheet
    from reconciler.session import Request, Session

_TENANT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


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


def loaded_from(app: App, request: Request, *, placeholders: bool = False) -> Loaded:
    """Load the configuration; its secrets are masked from now on. With *placeholders*, it may lack variables."""
    from reconciler.session import read

    loaded = read(request, placeholders=placeholders)
    app.masks.append(loaded.mask)
    return loaded


@contextlib.contextmanager
def reporting(
    app: App, loaded: Loaded, form: str = "text", *, request: Request | None = None, quality: str | None = None
) -> Iterator[None]:
    """
    Show our own errors, masked; the exit code is the exception's. In any form but text they are what stdout gets, too.

    *request* tells what was asked for; *quality* is a file that gets GitLab's Code Quality report of an error.
    """
    from reconciler.model.errors import Invalid, ReconcilerError

    try:
        yield
    except Invalid as error:
        show_problems(app, error.diagnostics, loaded.mask)
        _write_error(app, error, loaded, form, request, quality)
        raise click.exceptions.Exit(ERROR) from error
    except ReconcilerError as error:
        _write_error(app, error, loaded, form, request, quality)
        raise click.exceptions.Exit(show_error(app, error)) from error


def _write_error(  # noqa: PLR0913, PLR0917 - what went wrong, and where to tell of it
    app: App, error: ReconcilerError, loaded: Loaded, form: str, request: Request | None, quality: str | None
) -> None:
    """Tell of an error where the result was to be, so that a pipeline's comment says what is wrong."""
    from reconciler.model.errors import ReconcilerError as Ours

    with contextlib.suppress(Ours):  # that stdout can't be written is perhaps the error
        if form == "json":
            _write_error_document(error, loaded)
        elif form != "text":
            show_sheet(form, failure_sheet(error, loaded, request))
        if quality is not None:
            save_code_quality(app, quality, failure_sheet(error, loaded, request))


def failure_sheet(error: ReconcilerError, loaded: Loaded, request: Request | None) -> Sheet:
    """Make the sheet that tells of an error: a configuration's problems, refusals, or the error itself."""
    from reconciler.model.errors import Invalid
    from reconciler.report.sheet import Subject
    from reconciler.report.writer import check_sheet, error_sheet

    about: dict[str, Any] = {
        "mask": loaded.mask,
        "contact_center": tenant_of(loaded),
        "provider": loaded.provider.name if loaded.provider is not None else "",
        "origin": request.origin if request is not None else None,
        "here": here(),
        "subject": {"drift": Subject.DRIFT, "review": Subject.REVIEW, "validate": Subject.CHECK}.get(
            request.command if request is not None else "", Subject.PLAN
        ),
    }
    if isinstance(error, Invalid):
        return check_sheet(error.diagnostics, **about)
    return error_sheet(error, **about)


def tenant_of(loaded: Loaded) -> str:
    """Name the tenant, also of files that are wrong elsewhere: by it a pipeline finds its comment again."""
    if loaded.desired is not None:
        return loaded.desired.contact_center
    name = loaded.whole.get("contact_center") if loaded.whole is not None else None
    return str(name) if isinstance(name, str) and _TENANT.fullmatch(name) else ""


def _write_error_document(error: ReconcilerError, loaded: Loaded) -> None:
    """Write the document that tells of an error: a configuration's problems, a plan of refusals, or the error."""
    from reconciler.model.errors import Invalid, Refused
    from reconciler.report.document import diagnostics_document, dumps, error_document, refused_document

    if isinstance(error, Invalid):
        document = diagnostics_document(error.diagnostics, mask=loaded.mask)
    elif isinstance(error, Refused) and loaded.desired is not None:
        document = refused_document(error, loaded.desired, mask=loaded.mask)
    else:
        document = error_document(error, mask=loaded.mask)
    write_json(dumps(document))


@contextlib.contextmanager
def opened(  # noqa: PLR0913 - what was asked for, and how
    app: App,
    loaded: Loaded,
    request: Request,
    form: str = "text",
    *,
    quality: str | None = None,
    writes: bool = False,
) -> Iterator[Session]:
    """
    Have a session; our own errors are shown, and end the command.

    Without *writes* nothing that is done with it can change the tenant.
    """
    from reconciler.session import open_session

    with reporting(app, loaded, form, request=request, quality=quality):
        session = open_session(loaded, request, writes=writes)
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
