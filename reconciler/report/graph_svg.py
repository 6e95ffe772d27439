"""How callers reach people, as an SVG picture that stands alone or in a page. No script, and nothing that is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from reconciler.model.routing import Edge, Node, Role, Routing
from reconciler.report.graph_words import COUNTED, HEADS, fault_of, faults_told, in_order, name_of
from reconciler.report.layout import LABEL_LINE, PAD, SIGN, SMALL, SMALL_LINE, Box, Layout, Line, layout
from reconciler.report.page import asset
from reconciler.report.pen import count
from reconciler.report.text_width import width, wrapped

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_MARGIN: Final = 16
_HEAD: Final = 28  # above the boxes, for the columns' names
_LEAST: Final = 480  # wide, so that the words around a small picture have room
_MARKS: Final = {"added": ("+", "new"), "changed": ("~", "changed"), "removed": ("\u2212", "gone")}
_TOLD: Final = 20  # faults in the description
_SHORT: Final = 1_000  # characters of a text that is shown on hovering
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def svg(routing: Routing, *, title: str, changed: Mapping[str, str] = _NOTHING, standalone: bool = True) -> str:
    """
    Draw a picture.

    Args:
        routing: What to draw; its texts are masked and clean already (`Writer.picture`).
        title: What the picture shows, in a few words; who can't see it hears them first.
        changed: Addresses of nodes, and `start>end` of edges, to "added", "removed" or "changed".
        standalone: Whether it is a file of its own, with its title, style and captions. Else it is made to stand
            inline in an HTML page, as often as one likes: it has no style, which the page takes along as
            `asset("graph.css")`, and no captions, which the page writes. It has its natural size, at most 1,176 px
            wide, and belongs into a box that scrolls: `<div class="routing-scroll" tabindex="0" role="region">`.

    The same picture gives the same bytes, in whatever order its nodes and edges come.
    """
    return "".join(_Picture(routing, title, changed, standalone=standalone).written())


class _Picture:
    def __init__(self, routing: Routing, title: str, changed: Mapping[str, str], *, standalone: bool) -> None:
        routing = in_order(routing)
        self._routing = routing
        self._title = title
        self._changed = {key: kind for key, kind in changed.items() if kind in _MARKS}
        self._standalone = standalone
        self._layout: Layout = layout(routing, marked=self._changed)
        self._broken = {node.address for node in routing.faulty}
        self._silent = {node.address for node in routing.faulty if node.role is Role.QUEUE}
        self._margin = _MARGIN if standalone else 2
        self._inner = max(self._layout.width, _LEAST)

    def written(self) -> Iterator[str]:
        """Write it, from the top."""
        parts: list[str] = []
        y = self._above(parts) if self._standalone else 0
        y = self._legend(parts, y)
        shown = self._layout
        if shown.boxes:
            parts.extend(_text(column.x, y + 16, HEADS[column.role], "head") for column in shown.columns)
            y += _HEAD
            parts.append(f'<g transform="translate(0 {y})">\n')
            parts.extend(self._lines())
            parts.extend(map(self._box, shown.boxes))
            parts.append("</g>\n")
            y += round(shown.height)
        else:
            parts.append(_text(0, y + 16, "There is nothing on a caller's way here.", "note"))
            y += 24
        if self._standalone:
            y = self._below(parts, y)
        wide, high = round(self._inner) + 2 * self._margin, y + 2 * self._margin
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="routing" role="img" aria-label="{_esc(self._title)}" '
            f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">\n'
            f"<title>{_esc(self._title)}</title>\n<desc>{_esc(self._description())}</desc>\n"
        )
        if self._standalone:
            yield f'<style>\n{asset("graph.css")}</style>\n<rect class="paper" width="{wide}" height="{high}"/>\n'
        yield f'<g transform="translate({self._margin} {self._margin})">\n'
        yield from parts
        yield "</g>\n</svg>\n"

    def _above(self, parts: list[str]) -> int:
        y = 0
        for row in wrapped(self._title, self._inner, 18, lines=2):
            parts.append(_text(0, y + 18, row, "title"))
            y += 24
        return y + 4

    def _below(self, parts: list[str], y: int) -> int:
        y += 12
        for caption in self._routing.captions:
            for row in wrapped(caption, self._inner, SMALL, lines=3):
                y += SMALL_LINE
                parts.append(_text(0, y, row, "note"))
        return y + 4

    def _legend(self, parts: list[str], y: int) -> int:
        """Say in words what is wrong, and what the signs mean that this picture has."""
        x = 0.0
        for mark, told in self._signs():
            indent = 24 if mark else 0
            wide = width(told, SMALL) + indent
            if x and x + wide > self._inner:
                x, y = 0.0, y + 22
            parts.append(f'<g transform="translate({round(x)} {y})">{mark}{_text(indent, 13, told, "note")}</g>\n')
            x += wide + 18
        return y + 30

    def _signs(self) -> Iterator[tuple[str, str]]:
        """Give each sign that occurs, and what it means."""
        nodes = self._routing.nodes
        if self._broken:
            yield f'<g class="broken">{_sign(8, 9, "!")}</g>', "broken"
        elif nodes:
            yield "", "nothing is broken"
        if any(node.off for node in nodes):
            yield f'<g class="off">{_rect(0, 1, 18, 14, "box")}</g>', "switched off"
        if any(node.count > 1 for node in nodes):
            yield _rect(4, 0, 14, 12, "behind") + _rect(0, 3, 14, 12, "box"), "many in one"
        if any(edge.outward for edge in self._routing.edges):
            yield '<path class="outward" d="M0 8H20"/>', "calls out only"
        seen = set(self._changed.values())
        for kind, (sign, word) in _MARKS.items():
            if kind in seen:
                yield f'<g class="{kind}">{_sign(8, 9, sign)}</g>', word

    def _lines(self) -> Iterator[str]:
        """Draw the lines: those of one look in one path, since thousands of elements would be slow to show."""
        looks: dict[str, list[str]] = {}
        for line in self._layout.lines:
            looks.setdefault(self._look(line.edge), []).append(_curve(line))
        for look in sorted(looks):
            named = f' class="{look}"' if look else ""
            yield f'<path{named} d="{"".join(looks[look])}"/>\n'

    def _look(self, edge: Edge) -> str:
        kind = self._changed.get(f"{edge.start}>{edge.end}", "")
        if not kind and edge.start in self._broken and edge.end in self._silent and not edge.outward:
            kind = "broken"
        return " ".join(filter(None, (kind, "outward" if edge.outward else "")))

    def _box(self, box: Box) -> str:
        node = box.node
        kind = self._changed.get(node.address, "")
        fault = fault_of(node)
        looks = " ".join(filter(None, ("node", node.role.value, fault and "broken", "off" if node.off else "", kind)))
        wide, high = box.width, box.height
        many = node.count > 1
        parts = [f"<title>{_esc(_hover(node, kind))}</title>"]
        if many:
            parts.append(_rect(5, 1, wide - 6, high - 5, "behind", round_by=6))
            wide, high = wide - 4, high - 4
            parts.append(_rect(1, 5, wide - 1, high - 2, "box", round_by=6))
        else:
            parts.append(_rect(1, 1, wide - 2, high - 2, "box", round_by=6))
        top = 4 if many else 0
        y = top + PAD + 12
        parts.append(_text(PAD, y, box.label, "label"))
        for place, sign in enumerate(filter(None, ("!" if fault else "", kind and _MARKS[kind][0]))):
            mark = _sign(wide - 15 - SIGN * place, top + 16, sign)
            parts.append(f'<g class="{"bad" if sign == "!" else "mark"}">{mark}</g>')
        if box.small:
            y += LABEL_LINE - 2
            parts.append(_text(PAD, y, box.small, "small"))
        for number, row in enumerate(box.fault):
            y += SMALL_LINE if number or box.small else LABEL_LINE - 2
            parts.append(_text(PAD, y, row, "fault"))
        return (
            f'<svg class="{looks}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}">'
            f"{''.join(parts)}</svg>\n"
        )

    def _description(self) -> str:
        """Tell the picture to who can't see it."""
        nodes = self._routing.nodes
        counts = [(sum(node.role is role for node in nodes), role) for role in Role]
        told = ", ".join(count(number, *COUNTED[role]) for number, role in counts if number)
        faults = faults_told(self._routing, most=_TOLD)
        return " ".join((f"Boxes: {told or 'none'}.", *(["Broken:", *faults] if faults else ["Nothing is broken."])))


def _hover(node: Node, kind: str) -> str:
    members = f": {', '.join(node.members)}{', …' if len(node.members) < node.count else ''}" if node.members else ""
    off = "switched off" if node.off else ""
    text = ". ".join(filter(None, (_MARKS[kind][1] if kind else "", f"{name_of(node)}{members}", off, fault_of(node))))
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _curve(line: Line) -> str:
    """Curve between columns, and go straight through one that is passed."""
    (x, y), *_ = line.points
    parts = [f"M{_number(x)} {_number(y)}"]
    for index, ((x1, y1), (x2, y2)) in enumerate(pairwise(line.points)):
        if index % 2:
            parts.append(f"H{_number(x2)}")
        else:
            middle = _number((x1 + x2) / 2)
            parts.append(f"C{middle} {_number(y1)} {middle} {_number(y2)} {_number(x2)} {_number(y2)}")
    return "".join(parts)


def _number(value: float) -> str:
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{round(value)}"


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{_number(x)}" y="{_number(y)}">{_esc(text)}</text>'


def _rect(x: float, y: float, wide: float, high: float, kind: str, *, round_by: int = 3) -> str:  # noqa: PLR0913 - what it takes
    place = f'x="{_number(x)}" y="{_number(y)}" width="{_number(wide)}" height="{_number(high)}"'
    return f'<rect class="{kind}" {place} rx="{round_by}"/>'


def _sign(x: float, y: float, sign: str) -> str:
    return (
        f'<circle class="sign" cx="{_number(x)}" cy="{_number(y)}" r="7.5"/>'
        f'<text class="bang" x="{_number(x)}" y="{_number(y + 4.3)}">{sign}</text>'
    )


def _esc(text: str) -> str:
    """Escape a text for XML; a character that no XML may hold is replaced."""
    return escape(_NO_XML.sub("\ufffd", text), quote=True)
