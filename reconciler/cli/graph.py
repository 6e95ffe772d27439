"""The command that draws: `graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from reconciler.cli.app import DONE, App, say_written
from reconciler.cli.options import configuration, examples
from reconciler.cli.output import write, write_file
from reconciler.cli.work import loaded_from, opened, request_of

if TYPE_CHECKING:
    from reconciler.model.routing import Routing
    from reconciler.model.secret import Mask
    from reconciler.session import Session

FORMS: Final = ("svg", "mermaid", "dot", "html")


@click.command(
    epilog=examples(
        "reconciler graph examples/udesk > routing.svg",
        "reconciler graph . --format html --out routing.html",
    ),
    short_help="Draw who is reached how.",
)
@configuration
@click.option("--format", "form", type=click.Choice(FORMS), default="svg", help="How it is drawn; svg unless said.")
@click.option("--out", metavar="FILE", type=click.Path(), help="Write it there, not to stdout.")
@click.option("--live", metavar="SNAPSHOT", type=click.Path(), help="Draw a saved live state, not what the files want.")
@click.pass_obj
def graph(  # noqa: PLR0913 - what the command line gave, one by one
    app: App,
    /,
    *,
    path: str,
    overlays: tuple[str, ...],
    assignments: tuple[str, ...],
    form: str,
    out: str | None,
    live: str | None,
) -> int:
    """
    Draw who is reached how: number, key, queue, agents, extensions. What is broken is red.

    Offline: no network, and no credentials; a variable that is not set stands for itself. A large tenant is folded by
    queue.
    """
    request = request_of(app, path, overlays, assignments, live=live)
    loaded = loaded_from(app, request, placeholders=True)
    with opened(app, loaded, request) as session:
        text = _drawn(_routing(session), form, f"{session.desired.contact_center}: who is reached how", loaded.mask)
        if out is not None:
            write_file(out, text)
            say_written(app, out)
        else:
            write(_spelled(text, form))
        return DONE


def _routing(session: Session) -> Routing:
    from reconciler import graph as drawing

    desired, provider = session.desired, session.provider
    path = session.request.snapshot
    if path is None:
        return drawing.of_desired(desired, provider.kinds)
    from reconciler import snapshot
    from reconciler.model.live import Memory
    from reconciler.pipeline.planning import called

    found = called(session, snapshot.read(path, desired, provider, Memory()))
    return drawing.of_live(found, desired, provider.kinds)


def _drawn(whole: Routing, form: str, title: str, mask: Mask) -> str:
    from reconciler import graph as drawing
    from reconciler.report.graph_words import masked_picture

    small = masked_picture(drawing.folded(whole), mask)
    match form:
        case "mermaid":
            from reconciler.report.graph_mermaid import mermaid

            return mermaid(small, title=title)
        case "dot":
            from reconciler.report.graph_dot import dot

            return dot(small, title=title)
        case "html":
            from reconciler.report.graph_html import html

            return html(small, masked_picture(whole, mask), title=title)
        case _:
            from reconciler.report.graph_svg import svg

            return svg(small, title=title)


def _spelled(text: str, form: str) -> str:
    """Spell what stdout's encoding can't hold by its number, as the form does."""
    import sys

    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        mark = "#" if form == "mermaid" else "&#"
        return "".join(letter if letter.isascii() else f"{mark}{ord(letter)};" for letter in text)
    return text
