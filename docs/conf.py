# ruff: noqa: INP001 - Sphinx reads it, nobody imports it
"""
How the site is built from these pages: `make docs`.

Nothing is fetched when it is built or read: no fonts, scripts or pictures of other hosts. The pages are read on the
forge too, so they are plain Markdown, and links lead to files; what is no page of the site is mended in `_read`.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pygments.lexers.shell import BashSessionLexer

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent

project = "reconciler"
author = "The authors of reconciler"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "examples"]
nitpicky = True
smartquotes = False

myst_enable_extensions: list[str] = []
myst_heading_anchors = 4
myst_links_external_new_tab = False

html_theme = "furo"
html_title = "reconciler"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

_FENCED: Final = re.compile(r"(^(`{3,}).*?^\2$)", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"(!?)\[([^\]\n]+)\]\((?!https?://|#)([^)#\s]+)(#[^)\s]*)?\)")
_WHOLE: Final = {"architecture": "reconciler/architecture.md", "pipelines": "pipelines/README.md"}  # kept elsewhere


def _read(app: Any, docname: str, source: list[str]) -> None:
    """Give a page's text, with links that hold on the site: to what is not on it they are plain text."""
    del app
    home = PurePosixPath("docs", docname).parent
    if docname in _WHOLE:
        home = PurePosixPath(_WHOLE[docname]).parent
        source[0] = Path(ROOT, _WHOLE[docname]).read_text(encoding="utf-8")
    up = "../" * (len(PurePosixPath(docname).parts) - 1)
    places = {place: f"{name}.md" for name, place in _WHOLE.items()}

    def mended(found: re.Match[str]) -> str:
        mark, text, path, anchor = found[1], found[2], found[3], found[4] or ""
        target = _resolved(home / path)
        if mark:  # a picture, which Sphinx takes along
            return found[0]
        if target.startswith("docs/examples/"):
            return f'<a href="{up}{target.removeprefix("docs/")}">{text.replace("`", "")}</a>'
        page = places.get(target, target.removeprefix("docs/") if target.startswith("docs/") else "")
        return f"[{text}](/{page}{anchor})" if page else text

    # Splitting gives the text between fences, each fence whole, and its backticks once more.
    parts = _FENCED.split(source[0])
    source[0] = "".join(
        part if index % 3 else _LINK.sub(mended, part) for index, part in enumerate(parts) if index % 3 != 2
    )


def _resolved(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


class _Console(BashSessionLexer):
    """Our consoles: a command stands behind `$ `, goes on behind `> `, and all else is what it prints."""

    _ps1rgx = re.compile(r"^(\$ )(.*\n?)")
    _bare_continuation = True


def setup(app: Any) -> dict[str, bool]:
    """Have Sphinx call us."""
    app.connect("source-read", _read)
    app.add_lexer("console", _Console)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
