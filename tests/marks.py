"""What the carets of messages underline."""

from __future__ import annotations

from reconciler.load import Loaded
from reconciler.model.diagnostics import Place


def marked(result: Loaded) -> list[tuple[str, str]]:
    """List each problem's code with the text that its caret underlines."""
    return [(item.code, under(item.place)) for item in result.diagnostics]


def under(place: Place | None) -> str:
    """Give the text that a caret underlines."""
    if place is None or place.excerpt is None:
        return ""
    return place.excerpt[place.column - 1 : place.column - 1 + place.width]
