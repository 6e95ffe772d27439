"""The command that looks for what was changed by hand: `drift`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.cli.app import DONE, ERROR, FOUND, App, say, warn
from reconciler.cli.measuring import Gauge
from reconciler.cli.options import code_quality, configuration, examples, form_option
from reconciler.cli.output import write_json
from reconciler.cli.reviewing import based_on
from reconciler.cli.showing import FORMS, save_code_quality, show_sheet
from reconciler.cli.work import loaded_from, opened, progress, reporting, request_of, run_async

if TYPE_CHECKING:
    from reconciler.load import Loaded
    from reconciler.model.desired import Desired
    from reconciler.model.drift import Drift
    from reconciler.notify import Destination, Notice
    from reconciler.pipeline.looking_back import Telling
    from reconciler.report.sheet import Sheet
    from reconciler.session import Request, Session

F = TypeVar("F", bound=Callable[..., Any])


def _telling(command: F) -> F:
    """Add the options that say who hears of it."""
    for decorate in (
        click.option(
            "--metrics",
            metavar="FILE",
            type=click.Path(),
            help="Write metrics for Prometheus' node exporter, which reads files named .prom; one for each tenant.",
        ),
        click.option(
            "--notify",
            "urls",
            multiple=True,
            metavar="URL",
            envvar="RECONCILER_NOTIFY",
            help="Tell of what is new and what is resolved: http(s)://… gets JSON, other services are spelt as apprise "
            "does; repeatable (also RECONCILER_NOTIFY, with blanks between).",
        ),
    ):
        command = decorate(command)
    return command


@click.command(
    epilog=examples(
        "reconciler drift examples/udesk",
        "reconciler drift . --notify https://example.com/hook --metrics drift.prom",
        "reconciler drift . --base origin/main --format json > drift.json",
    ),
    short_help="Find what was changed by hand.",
)
@configuration
@form_option(*FORMS)
@code_quality
@click.option(
    "--base",
    metavar="REV",
    help="Take the files at this git revision for what was last applied, in place of the store.",
)
@_telling
@click.pass_obj
def drift(  # noqa: PLR0913 - each is an option
    app: App,
    /,
    *,
    form: str,
    quality: str | None,
    base: str | None,
    urls: tuple[str, ...],
    metrics: str | None,
    path: str,
    overlays: tuple[str, ...],
    assignments: tuple[str, ...],
) -> int:
    """
    Compare with the live state, reading only. Exits with 2 when somebody changed something by hand.

    What it finds is kept in the store, so that the next look knows what is new, still there, or resolved.
    """
    request = request_of(app, path, overlays, assignments)
    gauge = Gauge(app=app, path=metrics)
    try:
        loaded = gauge.of(loaded_from(app, request))
        with reporting(app, loaded, form, request=request, quality=quality):
            to = _destinations(app, urls)
        asked = _Asked(
            app=app, loaded=loaded, request=request, form=form, quality=quality, base=base, to=to, gauge=gauge
        )
        found = _look(asked)
    except (Exception, KeyboardInterrupt):  # whatever it is: the file must say that nobody looked
        gauge.failed()
        raise
    if found:
        return FOUND
    return DONE if gauge.kept else ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a look was asked for."""

    app: App
    loaded: Loaded
    request: Request
    form: str
    quality: str | None
    base: str | None
    to: Sequence[Destination]
    gauge: Gauge


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    """What one destination is told."""

    to: Destination
    news: Telling
    notice: Notice


def _destinations(app: App, urls: tuple[str, ...]) -> Sequence[Destination]:
    """Read who is to be told, before anything else is done; whatever is said from now on hides their tokens."""
    if not urls:
        return ()
    from reconciler.model.secret import Mask
    from reconciler.notify import destinations

    app.masks.append(Mask.of(url for url in urls if "://" in url))
    found = destinations(urls)
    app.masks.append(Mask.of(secret for item in found for secret in item.secrets))
    return found


def _look(asked: _Asked) -> bool:
    """Look, keep, show and tell; say whether anything was found."""
    app, gauge = asked.app, asked.gauge
    with opened(app, asked.loaded, asked.request, asked.form, quality=asked.quality) as session:
        gauge.begin(session)
        found = _found(asked, session)
        settled = _settled(found)
        if settled:
            found = _remembered(asked, session, found)
        _show(asked, found)
        if settled:  # else the next look tells, and measures
            gauge.worked(session, found, notify_failures=_tell(asked, session, found))
        return bool(found.findings)


def _found(asked: _Asked, session: Session) -> Drift:
    """Compare; where that fails, the store hears of it too."""
    from reconciler import pipeline
    from reconciler.model.errors import ReconcilerError, StoreError

    base = _base(asked, session)
    try:
        with progress(asked.app, session, "Reading"):
            found: Drift = run_async(pipeline.drift(session, base=base, revision=asked.base or ""))
    except ReconcilerError as error:
        with contextlib.suppress(StoreError):  # perhaps that is what failed
            pipeline.record_failure(session, error, started=asked.gauge.started)
        raise
    return found


def _base(asked: _Asked, session: Session) -> Desired | None:
    """Load the files at `--base`; None without it."""
    from reconciler.model.errors import ReconcilerError

    if asked.base is None:
        return None
    found = based_on(asked.app, asked.request, asked.base)
    if found.desired is None or found.desired.settings.type != session.provider.name:
        raise ReconcilerError(
            f"there is no configuration of this tenant at {asked.base}", remedy="Name another revision with --base."
        )
    return found.desired


def _settled(found: Drift) -> bool:
    """Whether what was found is nobody's work in hand, and worth keeping."""
    from reconciler.pipeline.drifting import AT_WORK

    return all(item.code != AT_WORK for item in found.warnings)


def _remembered(asked: _Asked, session: Session, found: Drift) -> Drift:
    """Keep what was found; where the store can't be written, say so, and go on with what it knows."""
    from reconciler import pipeline
    from reconciler.model.errors import StoreError

    try:
        digests = [item.digest for item in asked.to]
        return pipeline.record(session, found, started=asked.gauge.started, destinations=digests)
    except StoreError as error:
        again = " Whoever is told is told all of it again at each look." if asked.to else ""
        warn(asked.app, f"warning: this look is not kept, since {error}.{again}")
    with contextlib.suppress(StoreError):
        return pipeline.recall(session, found)
    return found


def _show(asked: _Asked, found: Drift) -> None:
    app, mask = asked.app, asked.app.mask
    if asked.quality is not None:
        save_code_quality(app, asked.quality, _sheet(asked, found))
    if asked.form == "json":
        from reconciler.report.document import dumps
        from reconciler.report.drift_document import drift_document

        write_json(dumps(drift_document(found, mask=mask)))
    elif asked.form == "text":
        from reconciler.report.drift_text import render_drift

        render_drift(app.out, found, mask=mask, verbose=app.verbosity > 0)
    else:
        show_sheet(asked.form, _sheet(asked, found))


def _sheet(asked: _Asked, found: Drift) -> Sheet:
    from reconciler.cli.home import here
    from reconciler.report.drift_sheet import drift_sheet

    return drift_sheet(found, mask=asked.app.mask, origin=asked.request.origin, here=here())


def _tell(asked: _Asked, session: Session, found: Drift) -> int:
    """Tell each destination what it does not know yet; give how many could not be told."""
    if not asked.to:
        return 0
    from reconciler.model.errors import StoreError

    try:
        letters = _letters(asked, session, found)
    except StoreError as error:
        warn(asked.app, f"warning: nobody was told of drift: {error}. The next look tells it again.")
        return len(asked.to)
    if not letters:
        return 0
    return sum(
        not _noted(asked.app, session, found, letter, why)
        for letter, why in zip(letters, run_async(_delivered(letters)), strict=True)
    )


def _letters(asked: _Asked, session: Session, found: Drift) -> Sequence[_Letter]:
    """Write to each destination that is to be told something."""
    from reconciler import notify, pipeline
    from reconciler.report.notice import notice

    letters = []
    for to in asked.to:
        news = pipeline.to_tell(session, found, to.digest)
        if not news.empty:
            title, text, document = notice(
                found, new=news.new, resolved=news.resolved, still=news.still, mask=asked.app.mask
            )
            letters.append(_Letter(to=to, news=news, notice=notify.Notice(title=title, text=text, document=document)))
    return letters


async def _delivered(letters: Sequence[_Letter]) -> Sequence[str]:
    """Deliver all of them at once; give of each why not, "" where it was."""
    import asyncio

    from reconciler import notify

    return await asyncio.gather(*(notify.deliver(letter.to, letter.notice) for letter in letters))


def _noted(app: App, session: Session, found: Drift, letter: _Letter, why: str) -> bool:
    """Say how it went, and keep it; say whether it was delivered."""
    from reconciler import pipeline
    from reconciler.model.errors import StoreError

    name, news = letter.to.shown, letter.news
    if why:
        again = "The next look tells it again." if found.run else "Nothing is kept, so the next look tells all again."
        warn(app, f"warning: {name} was not told of drift: {why}. {again}")
    else:
        say(app, f"Told {name}: {len(news.new):,} new, {len(news.resolved):,} resolved.")
    try:
        pipeline.told(session, found, letter.to.digest, worked=not why)
    except StoreError as error:
        warn(app, f"warning: it is not kept that {name} was told, since {error}. The next look tells it again.")
    return not why
