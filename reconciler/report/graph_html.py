"""How callers reach people, as a page: the picture, what is broken in words, and a table of the queues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reconciler.model.routing import Node, Role, Routing
from reconciler.report.graph_svg import svg
from reconciler.report.graph_words import COUNTED, fault_of, name_of
from reconciler.report.page import asset, esc, named, page
from reconciler.report.pen import count, some

_FAULTS: Final = 500  # that are told in words
_NAMED: Final = 12  # people named in a cell of the table


def html(routing: Routing, whole: Routing, *, title: str) -> str:
    """
    Write the page.

    Args:
        routing: The picture, folded where it is large.
        whole: The same with everybody in it, for the words. The texts of both are masked and clean already.
        title: What is shown.
    """
    sections = (*_picture(routing, title), *_broken(whole), *_queues(whole))
    body = (*_header(whole, title), '<main id="main">\n', *sections, "</main>\n")
    return page(title=title, body=body, styles=(asset("graph.css"), asset("graph_page.css")))


def _header(whole: Routing, title: str) -> Iterator[str]:
    counts = [(sum(node.role is role for node in whole.nodes), role) for role in Role]
    told = ", ".join(count(number, *COUNTED[role]) for number, role in counts if number)
    broken = len(whole.faulty)
    verdict = f"{count(broken, 'thing')} broken." if broken else "Nothing is broken."
    yield f'<header>\n<p class="over">How callers reach people</p>\n<h1>{esc(title)}</h1>\n'
    told = told or "There is nothing on a caller's way here."
    yield f'<p class="lead">{esc(verdict)}</p>\n<p class="soft">{esc(told)}</p>\n</header>\n'


def _picture(routing: Routing, title: str) -> Iterator[str]:
    yield '<section>\n<h2 id="picture">Picture</h2>\n'
    yield '<div class="routing-scroll" tabindex="0" role="region" aria-labelledby="picture">\n'
    yield svg(routing, title=title, standalone=False)
    yield "</div>\n"
    yield from (f'<p class="soft">{esc(caption)}</p>\n' for caption in routing.captions)
    yield "</section>\n"


def _broken(whole: Routing) -> Iterator[str]:
    faulty = whole.faulty
    if not faulty:
        return
    yield '<section>\n<h2>What is broken</h2>\n<div class="box bad">\n<ul>\n'
    for node in faulty[:_FAULTS]:
        yield f"<li><strong>{named(name_of(node))}</strong>: {esc(fault_of(node))}.</li>\n"
    if len(faulty) > _FAULTS:
        yield f"<li>And {len(faulty) - _FAULTS:,} more.</li>\n"
    yield "</ul>\n</div>\n</section>\n"


def _queues(whole: Routing) -> Iterator[str]:
    known = {node.address: node for node in whole.nodes}
    ahead: dict[str, list[Node]] = defaultdict(list)  # what leads to a queue
    behind: dict[str, list[Node]] = defaultdict(list)  # to whom it leads
    phones: dict[str, int] = defaultdict(int)
    for edge in whole.edges:
        start, end = known.get(edge.start), known.get(edge.end)
        if start is None or end is None:
            continue
        if end.role is Role.QUEUE:
            ahead[end.address].append(start)
        elif start.role is Role.QUEUE:
            behind[start.address].append(end)
        if end.role is Role.EXTENSION:
            phones[start.address] += 1
    queues = [node for node in whole.nodes if node.role is Role.QUEUE]
    if queues:
        yield '<section>\n<h2 id="queues">Queues</h2>\n'
        yield '<div class="routing-scroll" tabindex="0" role="region" aria-labelledby="queues">\n<table>\n<thead><tr>'
        heads = ("Queue", "Numbers and keys", "Agents", "Extensions", "Broken")
        yield "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead>\n<tbody>\n"
        yield from (_row(queue, ahead[queue.address], behind[queue.address], phones) for queue in queues)
        yield "</tbody>\n</table>\n</div>\n</section>\n"
    served = {node.address for nodes in behind.values() for node in nodes}
    loose = [node for node in whole.nodes if node.role is Role.AGENT and node.address not in served]
    if loose:
        yield f"<section>\n<h2>Agents in no queue</h2>\n<p>{_people(loose)}</p>\n</section>\n"


def _row(queue: Node, ahead: Sequence[Node], behind: Sequence[Node], phones: Mapping[str, int]) -> str:
    agents = [node for node in behind if node.role is Role.AGENT]
    ringing = sum(phones[node.address] for node in agents) + phones[queue.address]
    faulty = [node for node in agents if node.fault]
    faults = [fault_of(queue)] if fault_of(queue) else []
    if faulty:
        faults.append(f"{count(len(faulty), 'agent')} with a fault")
    cells = (
        ", ".join(named(name_of(node)) for node in ahead) or "none",
        _people(agents) if agents else "none",
        f"{ringing:,}",
        f'<strong class="bad">{esc("; ".join(faults))}</strong>' if faults else "",
    )
    identity = f' <span class="soft">{named(queue.identity)}</span>' if queue.identity != queue.label else ""
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{named(queue.label)}{identity}</th>{row}</tr>\n'


def _people(nodes: Sequence[Node]) -> str:
    told = [named(node.label) + (" (switched off)" if node.off else "") for node in nodes[:_NAMED]]
    return f"{len(nodes):,}: {some(told, len(nodes))}" if len(nodes) > 1 else told[0]
