"""How callers reach people before and after, side by side, and what is different in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reconciler.model.plan import Pictures
from reconciler.model.routing import Edge, Node, Routing
from reconciler.report.graph_svg import svg
from reconciler.report.graph_words import fault_of, name_of
from reconciler.report.page import esc, named

_NAMED: Final = 12  # of each kind of difference


def pictures(found: Pictures) -> Iterator[str]:
    """Write the section's body: words first, for those who can't see the pictures, then the pictures."""
    before, after = found.before, found.after
    if not before.nodes and not after.nodes:
        yield '<p class="soft">There is nothing on a caller\u2019s way.</p>\n'
        return
    if before == after:
        yield '<p class="soft">It stays as it is.</p>\n'
        yield from _broken("Broken, and stays so", after.faulty)
        yield _figure("Before and after", after, {}, pair=False)
    else:
        yield from _said(before, after)
        yield '<div class="pair two">\n'
        yield _figure("Before", before, _changed(before, after, "removed"))
        yield _figure("After", after, _changed(after, before, "added"))
        yield "</div>\n"
    for caption in dict.fromkeys((*before.captions, *after.captions)):
        yield f'<p class="soft">{esc(caption)}</p>\n'


def _figure(title: str, routing: Routing, changed: Mapping[str, str], *, pair: bool = True) -> str:
    drawn = svg(routing, title=f"Call routing {title.lower()}", changed=changed, standalone=False)
    figure = (
        f"<figure>\n<figcaption><h3>{esc(title)}</h3></figcaption>\n"
        f'<div class="drawn" tabindex="0" role="region" aria-label="Picture: {esc(title.lower())}">{drawn}</div>\n'
        "</figure>\n"
    )
    return figure if pair else f'<div class="pair">{figure}</div>\n'


def _changed(one: Routing, other: Routing, only: str) -> dict[str, str]:
    """Name the nodes and edges of *one* that *other* does not have, or has otherwise."""
    known = {node.address: node for node in other.nodes}
    found = {
        node.address: "changed" if node.address in known else only
        for node in one.nodes
        if known.get(node.address) != node
    }
    edges = set(other.edges)
    return found | {_key(edge): only for edge in one.edges if edge not in edges}


def _key(edge: Edge) -> str:
    return f"{edge.start}>{edge.end}"


def _said(before: Routing, after: Routing) -> Iterator[str]:
    old = {node.address: node for node in before.nodes}
    new = {node.address: node for node in after.nodes}
    yield from _broken(
        "Newly broken",
        [node for node in after.faulty if not _as_bad(old.get(node.address), node)],
        loud=True,
    )
    mended = [node for node in before.faulty if node.address in new and not _faulty(new[node.address])]
    lines = [
        ("Mended", mended),
        ("Comes", [node for node in after.nodes if node.address not in old]),
        ("Goes", [node for node in before.nodes if node.address not in new]),
        ("Broken before and after", [node for node in after.faulty if _as_bad(old.get(node.address), node)]),
    ]
    told = [f"<li>{title}: {_names(nodes)}</li>\n" for title, nodes in lines if nodes]
    renamed = [(old[node.address], node) for node in after.nodes if _told_otherwise(old.get(node.address), node)]
    if renamed:
        pairs = ", ".join(f"{_name(was)} \u2192 {named(node.label)}" for was, node in renamed[:_NAMED])
        more = f" and {len(renamed) - _NAMED:,} more" if len(renamed) > _NAMED else ""
        told.append(f"<li>Changes: {pairs}{more}</li>\n")
    steps = ((set(after.edges) - set(before.edges), "new"), (set(before.edges) - set(after.edges), "gone"))
    if ways := ", ".join(f"{len(edges):,} {word}" for edges, word in steps if edges):
        told.append(f"<li>Steps between them: {ways}</li>\n")
    if told:
        yield f'<ul class="said">\n{"".join(told)}</ul>\n'


def _broken(title: str, nodes: Sequence[Node], *, loud: bool = False) -> Iterator[str]:
    if not nodes:
        return
    told = "".join(f"<li>{_name(node)}: {esc(fault_of(node))}</li>\n" for node in nodes[:_NAMED])
    if len(nodes) > _NAMED:
        told += f"<li>and {len(nodes) - _NAMED:,} more</li>\n"
    yield f'<div class="box{" bad" if loud else ""}"><h3>{title}</h3>\n<ul>\n{told}</ul></div>\n'


def _told_otherwise(was: Node | None, node: Node) -> bool:
    return was is not None and was.label != node.label


def _faulty(node: Node) -> bool:
    return bool(node.fault or node.faults)


def _as_bad(old: Node | None, node: Node) -> bool:
    return old is not None and old.fault == node.fault and old.faults >= node.faults


def _names(nodes: Sequence[Node]) -> str:
    told = ", ".join(_name(node) for node in nodes[:_NAMED])
    return told if len(nodes) <= _NAMED else f"{told} and {len(nodes) - _NAMED:,} more"


def _name(node: Node) -> str:
    of = node.address.partition("#")[0].partition("/")[2] if "#" in node.address else ""
    return named(f"{name_of(node)} of {of}" if of else name_of(node))
