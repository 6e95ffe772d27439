"""What holds of the routing picture, whatever is on the way."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler import graph
from reconciler.model.routing import Edge, Node, Role, Routing
from reconciler.model.secret import Mask
from reconciler.report.graph_dot import dot
from reconciler.report.graph_html import html
from reconciler.report.graph_mermaid import mermaid
from reconciler.report.graph_svg import svg
from reconciler.report.graph_words import masked_picture
from reconciler.report.text_width import cut, width, wrapped
from tests.pictures import HOSTILE, faults_of_drawing

NAMES = st.one_of(st.text(max_size=30), st.sampled_from(HOSTILE), st.sampled_from(["客服", "Li Wei", "8001"]))


@st.composite
def pictures(draw: st.DrawFn, *, most: int = 8) -> Routing:
    """Draw a picture: nodes of all roles with any names, and edges between any two that stand in different columns."""
    nodes = [
        Node(
            address=f"{role.value}s/{number}",
            role=role,
            label=draw(NAMES),
            identity=draw(NAMES),
            fault=draw(st.sampled_from(["", "", "nobody answers", "is broken in a way that takes many words to say"])),
            off=draw(st.booleans()),
        )
        for role in Role
        for number in range(draw(st.integers(min_value=0, max_value=most)))
    ]
    pairs = [(one, other) for one in nodes for other in nodes if one.role < other.role]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=3 * most, unique=True)) if pairs else []
    order = list(Role)
    edges = {
        tuple(sorted((one, other), key=lambda node: order.index(node.role))): draw(st.booleans())
        for one, other in chosen
    }
    return Routing(
        nodes=tuple(sorted(nodes, key=lambda node: (order.index(node.role), node.address))),
        edges=tuple(
            Edge(start=one.address, end=other.address, outward=outward) for (one, other), outward in edges.items()
        ),
        captions=tuple(draw(st.lists(NAMES, max_size=2))),
    )


@given(pictures())
def test_nothing_ever_overlaps(routing: Routing) -> None:
    """Boxes are apart, texts are in their boxes, and each line joins two boxes."""
    clean = masked_picture(routing, Mask())
    assert [] == faults_of_drawing(svg(clean, title="Acme"), clean)


@given(pictures(), st.randoms(use_true_random=False))
def test_order_changes_no_byte(routing: Routing, random: object) -> None:
    """The picture is the same in whatever order its nodes and edges come."""
    nodes, edges = list(routing.nodes), list(routing.edges)
    random.shuffle(nodes)  # type: ignore[attr-defined]
    random.shuffle(edges)  # type: ignore[attr-defined]
    clean = masked_picture(routing, Mask())
    mixed = masked_picture(replace(routing, nodes=tuple(nodes), edges=tuple(edges)), Mask())
    assert svg(clean, title="Acme") == svg(mixed, title="Acme")


@given(pictures())
def test_every_form_can_write_every_picture(routing: Routing) -> None:
    """No name ends in an error, and what is XML can be read as XML."""
    clean = masked_picture(routing, Mask())
    ET.fromstring(svg(clean, title="Acme"))  # noqa: S314 - our own
    assert all((dot(clean, title="Acme"), mermaid(clean, title="Acme"), html(clean, clean, title="Acme")))


@given(pictures(most=30), st.integers(min_value=0, max_value=20))
def test_folding_keeps_everybody(routing: Routing, most: int) -> None:
    """Whoever is in a picture is counted in the folded one, each fault is told, and no step leads nowhere."""
    found = graph.folded(routing, most=most)
    addresses = {node.address for node in found.nodes}
    assert {end for edge in found.edges for end in (edge.start, edge.end)} <= addresses
    for role in Role:
        before = [node for node in routing.nodes if node.role is role]
        after = [node for node in found.nodes if node.role is role]
        assert len(before) <= sum(node.count for node in after)
        assert sum(bool(node.fault) for node in before) <= sum(node.faults or bool(node.fault) for node in after)
        assert bool(before) == bool(after)


@given(pictures(most=6), pictures(most=6))
def test_pictures_are_folded_alike_or_not_at_all(before: Routing, after: Routing) -> None:
    """Two pictures of one tenant are both folded, or both left whole."""
    folded = graph.folded_alike(before, after)
    assert all(any("Folded" in caption for caption in item.captions) for item in folded) or folded == (before, after)


@given(st.text(max_size=200), st.floats(min_value=20, max_value=400), st.integers(min_value=1, max_value=4))
def test_a_text_is_cut_to_its_room(text: str, room: float, lines: int) -> None:
    """What is cut or wrapped fits, and what fits is left as it is."""
    short = cut(text, room, 12)
    assert width(short, 12) <= room
    assert short == text or width(text, 12) > room
    rows = wrapped(text, room, 12, lines=lines)
    assert len(rows) <= lines
    assert all(width(row, 12) <= room for row in rows)
