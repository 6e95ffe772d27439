"""How callers reach people, as a Mermaid flowchart: forges draw it where it stands in Markdown."""

from __future__ import annotations

import re
from typing import Final

from reconciler.model.routing import Node, Role, Routing
from reconciler.report.graph_words import fault_of
from reconciler.report.text_width import cut

_LONGEST: Final = 45_000  # characters; Mermaid takes 50,000 unless its page says otherwise
_EDGES: Final = 500  # what Mermaid takes
_ROOM: Final = 60.0  # a line of a box, in letters' widths

# In quotes Mermaid still reads #…; as an entity, `…` as Markdown, % and {} as a directive, : after some words as a
# style, and < as HTML. So whatever is no letter, digit or harmless sign goes as its number.
_UNSAFE: Final = re.compile(r"[^\w .,()+\-/@…✗·]")

_STYLES: Final = (
    "classDef broken fill:#fdeceb,stroke:#a8201a,stroke-width:2px,color:#a8201a",
    "classDef off fill:#fff,stroke:#8b949e,color:#59636e,stroke-dasharray:4 3",
)


def mermaid(routing: Routing, *, title: str) -> str:
    """Write a picture as a flowchart from left to right; its texts are masked and clean already."""
    text = _written(routing, title, full=True)
    return text if len(text) <= _LONGEST else _written(routing, title, full=False)


def _written(routing: Routing, title: str, *, full: bool) -> str:
    ids = {node.address: f"n{number}" for number, node in enumerate(routing.nodes, 1)}
    edges = [edge for edge in routing.edges if edge.start in ids and edge.end in ids]
    lines = ["flowchart LR", f"accTitle: {_safe(title)}"]
    lines += [f"%% {_plain(caption)}" for caption in routing.captions]
    if len(edges) > _EDGES:
        lines.append(f"%% {len(edges):,} edges: raise maxEdges where it is shown, or take the svg form.")
    lines += [f'{ids[node.address]}["{_label(node, full=full)}"]{_look(node)}' for node in routing.nodes]
    if not routing.nodes:
        lines.append('n0["There is nothing on a caller\'s way here."]')
    lines += [f"{ids[edge.start]} {'-.->' if edge.outward else '-->'} {ids[edge.end]}" for edge in edges]
    lines += _STYLES
    return "\n".join((lines[0], *(f"  {line}" for line in lines[1:]))) + "\n"


def _label(node: Node, *, full: bool) -> str:
    label = f"Key {node.label}" if node.role is Role.KEY else node.label
    small = ", ".join(node.members) if node.members and full else node.identity
    fault = fault_of(node)
    told = [label, "" if small == node.label else small, f"✗ {fault}" if fault else ""]
    return "<br/>".join(_safe(cut(text, _ROOM, 1.0)) for text in told if text)


def _look(node: Node) -> str:
    if node.fault or node.faults:
        return ":::broken"
    return ":::off" if node.off else ""


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", text)


def _plain(text: str) -> str:
    """Keep of a remark what can't be a directive."""
    return re.sub(r"[^\w .,\-/]", "", text)
