"""A large tenant, folded to a size that people can read: agents and their extensions become one node a queue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from reconciler.graph.drawing import RANK
from reconciler.model.routing import Edge, Node, Role, Routing

WHOLE: Final = 40  # agents, or numbers, in a picture that are all shown
_PAIRS: Final = 60  # of agents and queues: more lines than that nobody can follow
MEMBERS: Final = 8  # of folded ones that are named
_SINGLES: Final = 30  # agents with a fault that are shown one by one all the same
_SINGLES_EACH: Final = 3  # of a queue; where it has more, they are named with the others
_NAMED: Final = 3  # of those that share a fault

_NOUNS: Final = {role: (role.value, f"{role.value}s") for role in Role}


def folded(whole: Routing, *, most: int = WHOLE) -> Routing:
    """
    Fold a picture with more than *most* agents, or numbers, to a size that can be read.

    Agents become one node a queue, and so do their extensions; who serves several queues is counted in each. A few with
    a fault stay single, and the faults of the others are told with the node that stands for them. Numbers become one
    node for those that lead to the same.
    """
    return _folded(whole, _singles(whole)) if _is_large(whole, most) else whole


def folded_alike(before: Routing, after: Routing) -> tuple[Routing, Routing]:
    """Fold two pictures of one tenant in the same way, so that they can be compared; both where one is large."""
    if not (_is_large(before, WHOLE) or _is_large(after, WHOLE)):
        return before, after
    singles = _singles(before) | _singles(after)
    return _folded(before, singles), _folded(after, singles)


def _is_large(whole: Routing, most: int) -> bool:
    counts = Counter(node.role for node in whole.nodes)
    if counts[Role.AGENT] > most or counts[Role.NUMBER] > most or counts[Role.EXTENSION] > 2 * most:
        return True
    people = {node.address for node in whole.nodes if node.role is Role.AGENT}
    return sum(edge.end in people for edge in whole.edges) > _PAIRS


def _folded(whole: Routing, singles: frozenset[str]) -> Routing:
    if sum(node.role is Role.NUMBER for node in whole.nodes) > WHOLE:
        whole = _numbers_folded(whole)
    people = sum(node.role in {Role.AGENT, Role.EXTENSION} for node in whole.nodes)
    return _People(whole, singles).folded() if people else whole


def _singles(whole: Routing) -> frozenset[str]:
    """Choose the agents that stay single: those with a fault, in queues with few of them."""
    faulty = {node.address: node for node in whole.nodes if node.role is Role.AGENT and node.fault}
    queues: dict[str, list[str]] = defaultdict(list)
    for edge in whole.edges:
        if edge.end in faulty:
            queues[edge.start].append(edge.end)
    queues[""] = sorted(faulty.keys() - {agent for agents in queues.values() for agent in agents})
    found: dict[str, None] = {}
    for queue in sorted(queues):
        if len(queues[queue]) <= _SINGLES_EACH and len(found.keys() | queues[queue]) <= _SINGLES:
            found.update(dict.fromkeys(queues[queue]))
    return frozenset(found)


class _People:
    def __init__(self, whole: Routing, singles: frozenset[str]) -> None:
        self._whole = whole
        self._known = {node.address: node for node in whole.nodes}
        self._queues: dict[str, list[str]] = defaultdict(list)  # by agent
        self._agents: dict[str, list[Node]] = {node.address: [] for node in whole.nodes if node.role is Role.QUEUE}
        self._phones: dict[str, list[str]] = defaultdict(list)  # by agent, or by queue where they ring for it
        for edge in whole.edges:
            start, end = self._known[edge.start], self._known[edge.end]
            if start.role is Role.QUEUE and end.role is Role.AGENT:
                self._agents[start.address].append(end)
                self._queues[end.address].append(start.address)
            elif end.role is Role.EXTENSION:
                self._phones[start.address].append(end.address)
        self._single = frozenset(node.address for node in whole.nodes if node.address in singles)
        self._nodes: list[Node] = []
        self._edges: set[Edge] = set()
        self._placed: set[str] = set()  # extensions that stand somewhere

    def folded(self) -> Routing:
        """Keep what is before the people, and fold them."""
        people = {Role.AGENT, Role.EXTENSION}
        self._nodes = [node for node in self._whole.nodes if node.role not in people]
        kept = {node.address for node in self._nodes}
        self._edges = {edge for edge in self._whole.edges if edge.start in kept and edge.end in kept}
        for queue, agents in self._agents.items():
            self._edges |= {Edge(start=queue, end=node.address) for node in agents if node.address in self._single}
            self._fold(queue, [node for node in agents if node.address not in self._single])
        for address in sorted(self._single):
            self._nodes.append(self._known[address])
            self._own(address, self._phones[address], address)
        self._fold(
            "",
            [
                node
                for node in self._whole.nodes
                if node.role is Role.AGENT and node.address not in self._single and not self._queues[node.address]
            ],
        )
        rest = [node.address for node in self._whole.nodes if node.role is Role.EXTENSION]
        self._own("#spare", [address for address in rest if address not in self._placed], "", "bound to nobody")
        self._nodes.sort(key=lambda node: (RANK[node.role], node.address))
        edges = sorted(self._edges, key=lambda edge: (edge.start, edge.end, edge.outward))
        return replace(
            self._whole,
            nodes=tuple(self._nodes),
            edges=tuple(edges),
            captions=(*self._whole.captions, *self._told()),
        )

    def _fold(self, queue: str, agents: Sequence[Node]) -> None:
        group = f"{queue}#agents"
        if agents:
            self._nodes.append(_group(group, Role.AGENT, agents, "" if queue else "in no queue"))
            if queue:
                self._edges.add(Edge(start=queue, end=group))
        theirs = [phone for node in agents for phone in self._phones[node.address]]
        ringing = self._phones[queue] if queue else []
        key = self._own(queue, (*theirs, *ringing), group if theirs else queue)
        if key and theirs and ringing:
            self._edges.add(Edge(start=queue, end=key))

    def _own(self, owner: str, phones: Iterable[str], start: str, where: str = "") -> str:
        """Add the node of *owner*'s extensions, to which *start* leads; give its address, "" where there are none."""
        found = [self._known[address] for address in dict.fromkeys(phones)]
        self._placed.update(node.address for node in found)
        if not found:
            return ""
        key = f"{owner}#extensions"
        self._nodes.append(_group(key, Role.EXTENSION, found, where))
        if start:
            self._edges.add(Edge(start=start, end=key))
        return key

    def _told(self) -> Iterator[str]:
        told = []
        for role in (Role.AGENT, Role.EXTENSION):
            nodes = [node for node in self._whole.nodes if node.role is role]
            faults = sum(bool(node.fault) for node in nodes)
            told += [_count(len(nodes), role) + (f" ({faults:,} broken)" if faults else "")] if nodes else []
        yield f"Folded by queue: {' and '.join(told)} in all."
        if any(len(queues) > 1 for agent, queues in self._queues.items() if agent not in self._single):
            yield "Agents who serve several queues are counted in each of them, and so are their extensions."


def _numbers_folded(whole: Routing) -> Routing:
    """Put numbers together that lead to the same."""
    ends: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for edge in whole.edges:
        ends[edge.start].append((edge.end, edge.outward))
    alike: dict[tuple[object, ...], list[Node]] = defaultdict(list)
    for node in whole.nodes:
        if node.role is Role.NUMBER:
            alike[tuple(sorted(ends[node.address])), node.fault, node.off].append(node)
    place: dict[str, str] = {}
    nodes = [node for node in whole.nodes if node.role is not Role.NUMBER]
    for number, members in enumerate(alike.values(), 1):
        group = members[0] if len(members) == 1 else _group(f"#numbers-{number:04}", Role.NUMBER, members, "")
        nodes.append(group)
        place.update((node.address, group.address) for node in members)
    edges = {replace(edge, start=place.get(edge.start, edge.start)) for edge in whole.edges}
    return replace(
        whole,
        nodes=tuple(sorted(nodes, key=lambda node: (RANK[node.role], node.address))),
        edges=tuple(sorted(edges, key=lambda edge: (edge.start, edge.end, edge.outward))),
    )


def _group(address: str, role: Role, members: Sequence[Node], where: str) -> Node:
    if len(members) == 1 and not where:
        return replace(members[0], address=address)
    off = sum(node.off for node in members)
    told = ", ".join(filter(None, (where, f"{off:,} off" if 0 < off < len(members) else "")))
    faulty = [node for node in members if node.fault]
    return Node(
        address=address,
        role=role,
        label=_count(len(members), role) + (f", {told}" if told else ""),
        fault=_faults(faulty, len(members)),
        off=off == len(members),
        count=len(members),
        faults=len(faulty),
        members=tuple(node.label for node in members[:MEMBERS]),
    )


def _faults(faulty: Sequence[Node], of: int) -> str:
    """Tell the faults of folded ones, and name the first few: `has no extension: 12 of 50 (Li Wei, …)`."""
    found: dict[str, list[Node]] = defaultdict(list)
    for node in faulty:
        found[node.fault].append(node)
    told = []
    for fault, nodes in sorted(found.items()):
        names = ", ".join(node.label for node in nodes[:_NAMED])
        told.append(f"{fault}: {len(nodes):,} of {of:,} ({names}{', …' if len(nodes) > _NAMED else ''})")
    return "; ".join(told)


def _count(number: int, role: Role) -> str:
    return f"{number:,} {_NOUNS[role][number != 1]}"
