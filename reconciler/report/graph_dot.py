"""How callers reach people, in Graphviz's language."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from reconciler.model.routing import Node, Role, Routing
from reconciler.report.graph_words import fault_of
from reconciler.report.text_width import cut

_ROOM: Final = 60.0  # a line of a box, in letters' widths
_BROKEN: Final = 'color="#a8201a", fontcolor="#a8201a", fillcolor="#fdeceb", penwidth=2'
_OFF: Final = 'style="filled,rounded,dashed", fontcolor="#59636e", fillcolor="#ffffff"'


def dot(routing: Routing, *, title: str) -> str:
    """Write a picture as a directed graph from left to right; its texts are masked and clean already."""
    ids = {node.address: f"n{number}" for number, node in enumerate(routing.nodes, 1)}
    lines = [
        "digraph routing {",
        '  charset="UTF-8";',
        f"  label={_quoted(title, *routing.captions)};",
        '  labelloc=t; rankdir=LR; ranksep=1; nodesep=0.2; fontname="sans-serif";',
        '  node [shape=box, style="filled,rounded", fillcolor="#f6f7f9", color="#8b949e", fontname="sans-serif"];',
        '  edge [color="#8b949e"];',
    ]
    lines += [f"  {ids[node.address]} [{_attributes(node)}];" for node in routing.nodes]
    columns: dict[Role, list[str]] = defaultdict(list)
    for node in routing.nodes:
        columns[node.role].append(ids[node.address])
    lines += [f"  {{rank=same; {'; '.join(columns[role])};}}" for role in Role if columns[role]]
    for edge in routing.edges:
        if edge.start in ids and edge.end in ids:
            lines.append(f"  {ids[edge.start]} -> {ids[edge.end]}{' [style=dashed]' if edge.outward else ''};")
    return "\n".join((*lines, "}")) + "\n"


def _attributes(node: Node) -> str:
    label = f"Key {node.label}" if node.role is Role.KEY else node.label
    small = ", ".join(node.members) if node.members else node.identity
    fault = fault_of(node)
    told = [label, "" if small == node.label else small, f"✗ {fault}" if fault else ""]
    look = _BROKEN if fault else _OFF if node.off else ""
    return ", ".join(filter(None, (f"label={_quoted(*(cut(text, _ROOM, 1.0) for text in told if text))}", look)))


def _quoted(*rows: str) -> str:
    r"""Quote a text of several rows: `\` begins an escape there, and `&` an entity."""
    safe = (row.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for row in rows)
    return '"' + "\\n".join(safe) + '"'
