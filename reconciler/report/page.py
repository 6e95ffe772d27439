"""
The frame of a page that stands alone: nothing is loaded, and nothing runs but the script that was put in here.

`esc` is the one way for a text into a page, and `page` the one way for a page to be made.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files


def esc(text: object) -> str:
    """Escape a text for a page, in attributes as elsewhere."""
    return escape(str(text), quote=True)


def named(text: str) -> str:
    """Write a name so that it can't turn round the direction of what stands beside it."""
    return f"<bdi>{escape(text, quote=True)}</bdi>"


@cache
def asset(name: str) -> str:
    """Read a style sheet or a script of ours."""
    return files("reconciler.report").joinpath(name).read_text(encoding="utf-8")


def page(*, title: str, body: Iterable[str], styles: Iterable[str] = (), script: str = "") -> str:
    """
    Write a page: its frame around *body*, which is markup.

    Args:
        title: Plain text.
        body: A header, perhaps a nav, `<main id=main>` and a footer.
        styles: Style sheets besides that of the frame.
        script: What runs. The page allows the browser nothing else, so that markup which slipped through could not
            act: style and script are named by their digests.
    """
    style = "\n".join((asset("page.css"), *styles))
    policy = f"default-src 'none'; style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'" + (
        f"; script-src '{_digest(script)}'" if script else ""
    )
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{esc(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the content</a>\n'
    )
    foot = f"<script>{script}</script>\n" if script else ""
    return "".join((head, *body, foot, "</body>\n</html>\n"))


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
