"""What is broken on the way, and what can't be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from reconciler.graph.drawing import RANK, Drawing, Spot, Tie, Unsaid
from reconciler.model.routing import Edge, Node, Role, Routing


def judged(drawing: Drawing, unsaid: Unsaid) -> Routing:
    """Say of each object what is wrong with it, as far as that can be known."""
    judge = _Judge(drawing, unsaid)
    nodes = [
        Node(
            address=spot.address,
            role=drawing.routes[spot.section].role,
            label=spot.label,
            identity=spot.identity,
            fault=judge.fault(spot),
            off=spot.off,
        )
        for spot in drawing.spots.values()
    ]
    nodes.sort(key=lambda node: (RANK[node.role], node.address))
    edges = tuple(Edge(start=start, end=end, outward=outward) for start, end, outward in drawing.steps)
    return Routing(nodes=tuple(nodes), edges=edges, captions=(*judge.captions(),))


class _Judge:
    def __init__(self, drawing: Drawing, unsaid: Unsaid) -> None:
        self._drawing = drawing
        self._unsaid = unsaid
        self._open: dict[tuple[str, str], None] = {}  # (section of which too little is known, the fault), in order
        self._nexts: dict[str, list[Spot]] = defaultdict(list)
        self._reached: set[str] = set()
        for start, end, outward in drawing.steps:
            if not outward:
                self._nexts[start].append(drawing.spots[end])
                self._reached.add(end)
        inward = [tie for tie in drawing.ties if not drawing.routes[tie.section].outward]
        vague = {spot.section for spot in drawing.spots.values() if spot.outside} & drawing.known
        self._partly = {(section, name) for section, _, name in unsaid.fields}
        self._partly |= {(tie.section, tie.field) for tie in drawing.ties if tie.to in vague}
        self._onward: dict[str, list[Tie]] = defaultdict(list)  # by section: what may lead on from its objects
        self._hither: dict[str, list[Tie]] = defaultdict(list)  # what may lead to them
        for tie in inward:
            start, end = (tie.section, tie.to) if tie.along else (tie.to, tie.section)
            self._onward[start].append(tie)
            self._hither[end].append(tie)
        self._answered = {
            spot.address: self._answers(spot) for spot in drawing.spots.values() if self._role(spot) is Role.QUEUE
        }

    def _role(self, spot: Spot) -> Role:
        return self._drawing.routes[spot.section].role

    def fault(self, spot: Spot) -> str:
        """Say what is wrong with an object, as a sentence without its end; "" when nothing is, or nobody can know."""
        if spot.missing:
            return f"is not among the {spot.section.replace('_', ' ')}"
        if spot.outside:
            return ""
        route = self._drawing.routes[spot.section]
        faults = [self._dead_end(spot, route.dead_end)]
        if route.unreached and spot.address not in self._reached:
            faults.append(self._unless_open(spot, self._hither[spot.section], route.unreached))
        return " and ".join(filter(None, faults))

    def _dead_end(self, spot: Spot, fault: str) -> str:
        nexts = self._nexts[spot.address]
        match self._role(spot):
            case Role.KEY if nexts:
                return self._leads_astray(nexts)
            case Role.QUEUE if not self._answered[spot.address]:
                served = any(self._role(other) is Role.AGENT for other in nexts)
                return f"{fault}: all who serve it are switched off" if served and fault else fault
            case Role.AGENT if spot.off:
                return ""
            case Role.KEY | Role.AGENT if fault and not nexts:
                return self._unless_open(spot, self._onward[spot.section], fault)
            case _:
                return ""

    def _leads_astray(self, queues: Iterable[Spot]) -> str:
        queues = tuple(queues)
        if all(queue.missing for queue in queues):
            return "leads to a queue that is not there"
        silent = all(not self._answered.get(queue.address, True) for queue in queues)
        return "leads to a queue where nobody answers" if silent else ""

    def _answers(self, queue: Spot) -> bool:
        """Whether anybody answers for a queue, or may: telephones ring as people do."""
        if any(self._role(other) is Role.EXTENSION or not other.off for other in self._nexts[queue.address]):
            return True
        if queue.outside and queue.section in self._drawing.known:
            return True
        fault = self._drawing.routes[queue.section].dead_end
        return not queue.missing and bool(fault) and not self._unless_open(queue, self._onward[queue.section], fault)

    def _unless_open(self, spot: Spot, ties: Iterable[Tie], fault: str) -> str:
        """Give the fault, unless a tie may be there that is not known."""
        ties = tuple(ties)
        if any((tie.section, spot.identity, tie.field) in self._unsaid.made for tie in ties):
            return ""
        openings = [tie.section for tie in ties if self._is_open(tie, spot)]
        for section in openings:
            self._open[section, fault] = None
        return fault if not openings and ties else ""

    def _is_open(self, tie: Tie, spot: Spot) -> bool:
        unsaid = self._unsaid
        if (tie.section, tie.field) in unsaid.lists:
            return True
        if tie.section == spot.section:
            return (tie.section, spot.identity, tie.field) in unsaid.fields
        return (
            tie.section not in self._drawing.known
            or tie.section in unsaid.sections
            or (tie.section, tie.field) in self._partly
        )

    def captions(self) -> Iterable[str]:
        """Say what the picture can't show; to be asked when all faults were."""
        present = {spot.section for spot in self._drawing.spots.values()}
        for section, route in self._drawing.routes.items():
            if route.caption and section in present:
                yield route.caption
        for section, fault in self._open:
            told = section.replace("_", " ")
            if section not in self._drawing.known:
                yield f'Nothing is known of {told} here, so "{fault}" is not said.'
            else:
                yield f'Not everything about {told} is known here, so "{fault}" is said only where that is sure.'
