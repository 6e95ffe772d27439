"""The words of routing pictures: names made harmless, and what all forms say alike."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from rich.console import Console

from reconciler.model.routing import Node, Role, Routing
from reconciler.model.secret import Mask
from reconciler.report.pen import Pen

_NAME_CELLS: Final = 80
_FAULT_CELLS: Final = 300
# Marks over and under one letter, more of which than a script needs would cover the lines around.
_PILED: Final = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)

COUNTED: Final = {role: (role.value, f"{role.value}s") for role in Role}  # for one, and for many
HEADS: Final = {role: many.capitalize() for role, (_, many) in COUNTED.items()}  # of columns


def in_order(routing: Routing) -> Routing:
    """Sort a picture's nodes and edges."""
    rank = {role: number for number, role in enumerate(Role)}
    nodes = sorted(routing.nodes, key=lambda node: (rank[node.role], node.address, node.label, node.identity))
    edges = sorted(routing.edges, key=lambda edge: (edge.start, edge.end, edge.outward))
    return replace(routing, nodes=tuple(nodes), edges=tuple(edges))


def name_of(node: Node) -> str:
    """Name a node with its part: `Queue Sales (9001)`; folded ones say for themselves what they are."""
    if node.count > 1:
        return node.label
    part = "" if node.label.casefold().startswith(node.role.value) else f"{node.role.value.capitalize()} "
    identity = f" ({node.identity})" if node.identity and node.identity != node.label else ""
    return f"{part}{node.label}{identity}"


def fault_of(node: Node) -> str:
    """Say what is wrong with a node, or with some that it stands for."""
    if node.fault or not node.faults:
        return node.fault
    return f"{node.faults:,} of {node.count:,} broken"


def faults_told(routing: Routing, *, most: int) -> list[str]:
    """Say what is broken, in a sentence each, such as "Key 5: leads to a queue where nobody answers."."""
    faulty = routing.faulty
    told = [f"{name_of(node)}: {fault_of(node)}." for node in faulty[:most]]
    if len(faulty) > most:
        told.append(f"And {len(faulty) - most:,} more.")
    return told


def masked_picture(routing: Routing, mask: Mask) -> Routing:
    """Mask and clean a picture's texts."""
    return cleaned(routing, Pen(console=Console(file=io.StringIO()), mask=mask).clean)


def cleaned(routing: Routing, clean: Callable[[str, int | None], str]) -> Routing:
    """Pass all texts of a picture through *clean*, given how many columns they may take; addresses stay apart."""

    def shown(text: str, cells: int) -> str:
        found = clean(text, cells)
        return found if found.isascii() else _PILED.sub(r"\1", found)

    addresses: dict[str, str] = {}
    taken: set[str] = set()
    for node in routing.nodes:
        address = clean(node.address, None)
        while address in taken:  # secrets are masked, and long ones are cut
            address += "'"
        taken.add(address)
        addresses[node.address] = address
    return replace(
        routing,
        nodes=tuple(
            replace(
                node,
                address=addresses[node.address],
                label=shown(node.label, _NAME_CELLS),
                identity=shown(node.identity, _NAME_CELLS),
                fault=shown(node.fault, _FAULT_CELLS),
                members=tuple(shown(member, _NAME_CELLS) for member in node.members),
            )
            for node in routing.nodes
        ),
        edges=tuple(
            replace(edge, start=addresses[edge.start], end=addresses[edge.end])
            for edge in routing.edges
            if edge.start in addresses and edge.end in addresses
        ),
        captions=tuple(clean(caption, None) for caption in routing.captions),
    )
