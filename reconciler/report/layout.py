"""
Where each box of a routing picture stands: columns from number to extension, boxes that never overlap, few crossings.

Pure and deterministic: the order in which nodes and edges come changes nothing. Lengths are in CSS pixels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from reconciler.model.routing import Edge, Node, Role, Routing
from reconciler.report.text_width import cut, wrapped
from reconciler.report.text_width import width as width_of

LABEL, SMALL = 14, 12  # font sizes
WIDTHS: Final = {Role.NUMBER: 168, Role.KEY: 148, Role.QUEUE: 204, Role.AGENT: 232, Role.EXTENSION: 168}
PAD: Final = 10
SIGN: Final = 20  # room for a sign, right of the label
LABEL_LINE, SMALL_LINE = 19, 16
_ACROSS: Final = 56  # between columns
_BETWEEN: Final = 10  # between boxes
_APART: Final = 26  # between groups that no line joins
_PASSING: Final = 4  # the height of a line that passes a column
_FAULT_LINES: Final = 3
_SWEEPS: Final = 8
_SETTLING: Final = 12
_BOTTOM: Final = 2.0
_LIGHT: Final = 0.05  # how much a box without neighbours insists on its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One node with its place, and its texts as they fit into it."""

    node: Node
    x: float
    y: float
    width: int
    height: int
    label: str
    small: str
    fault: tuple[str, ...]

    @property
    def middle(self) -> float:
        """Where lines meet it."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One edge: the points that it passes, from left to right, each pair of which a curve or a straight line joins."""

    edge: Edge
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """All boxes of a role."""

    role: Role
    x: float
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A picture without its frame: all of it lies between 0 and *width*, *height*."""

    width: float
    height: float
    columns: tuple[Column, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


@dataclass(slots=True)
class _Cell:
    """A box in the making, or the place where a line passes a column."""

    column: int
    height: float
    box: int = -1
    y: float = 0.0
    rank: float = 0.0

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def layout(routing: Routing, *, marked: Container[str] = ()) -> Layout:
    """
    Lay a picture out. Edges whose ends are not there, or stand in one column, are left out.

    Boxes have room for a sign at their top right where they are broken, and for another where they are *marked*.
    """
    nodes = sorted(routing.nodes, key=_order)
    roles = [role for role in Role if any(node.role is role for node in nodes)]
    columns = tuple(_columns(roles))
    texts = [_texts(node, WIDTHS[node.role], marked=node.address in marked) for node in nodes]
    grid = _Grid(len(columns))
    for number, node in enumerate(nodes):
        grid.add(_Cell(roles.index(node.role), _height(*texts[number]), box=number))
    paths = grid.link(sorted(set(routing.edges), key=_ends), {node.address: n for n, node in enumerate(nodes)})
    grid.sort()
    grid.place()
    boxes = []
    for number, (node, (label, small, fault)) in enumerate(zip(nodes, texts, strict=True)):
        cell, column = grid.cells[number], columns[grid.cells[number].column]
        boxes.append(
            Box(
                node=node,
                x=column.x,
                y=round(cell.y, 1),
                width=column.width,
                height=int(cell.height),
                label=label,
                small=small,
                fault=fault,
            )
        )
    lines = tuple(
        Line(edge=edge, points=tuple(_points([grid.cells[number] for number in path], columns))) for edge, path in paths
    )
    return Layout(
        width=columns[-1].x + columns[-1].width if columns else 0,
        height=max((box.y + box.height for box in boxes), default=0),
        columns=columns,
        boxes=tuple(boxes),
        lines=lines,
    )


def _order(node: Node) -> tuple[str, ...]:
    return node.address, node.label, node.identity, node.fault


def _ends(edge: Edge) -> tuple[str, str, bool]:
    return edge.start, edge.end, edge.outward


def _columns(roles: Sequence[Role]) -> Iterator[Column]:
    x = 0
    for role in roles:
        yield Column(role=role, x=x, width=WIDTHS[role])
        x += WIDTHS[role] + _ACROSS


def _texts(node: Node, width: int, *, marked: bool) -> tuple[str, str, tuple[str, ...]]:
    room = width - 2 * PAD - (2 if node.count > 1 else 0)
    signs = bool(node.fault or node.faults) + marked
    small = _named(node, room) if node.members else node.identity if node.identity != node.label else ""
    label = f"Key {node.label}" if node.role is Role.KEY else node.label
    small = "" if node.role is Role.KEY else small
    return (
        cut(label, room - SIGN * signs, LABEL, bold=True),
        cut(small, room, SMALL),
        wrapped(node.fault, room, SMALL, lines=_FAULT_LINES),
    )


def _named(node: Node, room: float) -> str:
    """Name as many of the folded ones as fit, and at least the first."""
    for number in range(len(node.members), 0, -1):
        text = ", ".join(node.members[:number]) + (", …" if number < node.count else "")
        if number == 1 or width_of(text, SMALL) <= room:
            return text
    return ""


def _height(_label: str, small: str, fault: tuple[str, ...]) -> int:
    return 2 * PAD - 4 + LABEL_LINE + SMALL_LINE * (bool(small) + len(fault))


def _points(path: Sequence[_Cell], columns: Sequence[Column]) -> Iterator[tuple[float, float]]:
    """Leave the first on its right side, enter the last on its left, and pass those between on both."""
    for number, cell in enumerate(path):
        column = columns[cell.column]
        y = round(cell.middle, 1)
        if number:
            yield column.x, y
        if number < len(path) - 1:
            yield column.x + column.width, y


class _Grid:
    """Cells by column, in order from the top, and which of them are joined."""

    def __init__(self, columns: int) -> None:
        self.cells: list[_Cell] = []
        self._columns: list[list[int]] = [[] for _ in range(columns)]
        self._left: dict[int, list[int]] = defaultdict(list)
        self._right: dict[int, list[int]] = defaultdict(list)

    def add(self, cell: _Cell) -> int:
        """Put a cell at the bottom of its column."""
        self.cells.append(cell)
        self._columns[cell.column].append(len(self.cells) - 1)
        return len(self.cells) - 1

    def link(self, edges: Sequence[Edge], numbers: Mapping[str, int]) -> list[tuple[Edge, tuple[int, ...]]]:
        """Join the ends of edges, through the columns between them."""
        found = []
        for edge in edges:
            ends = [numbers[end] for end in (edge.start, edge.end) if end in numbers]
            ends.sort(key=lambda number: self.cells[number].column)
            if len(ends) < 2 or self.cells[ends[0]].column == self.cells[ends[1]].column:
                continue
            between = range(self.cells[ends[0]].column + 1, self.cells[ends[1]].column)
            path = (ends[0], *(self.add(_Cell(column, _PASSING)) for column in between), ends[1])
            for left, right in pairwise(path):
                self._right[left].append(right)
                self._left[right].append(left)
            found.append((edge, path))
        return found

    def sort(self) -> None:
        """Order columns so that few lines cross: each cell goes where those that it is joined with are, on average."""
        best, fewest = [list(column) for column in self._columns], self._crossings()
        self._rank()
        for sweep in range(_SWEEPS):
            if not fewest:
                break
            forth = sweep % 2 == 0
            for column in self._columns if forth else reversed(self._columns):
                self._sort_by(column, self._left if forth else self._right)
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(column) for column in self._columns], crossings
        self._columns = best

    def _rank(self) -> None:
        for column in self._columns:
            for rank, number in enumerate(column):
                self.cells[number].rank = rank / len(column)

    def _sort_by(self, column: list[int], joined: Mapping[int, list[int]]) -> None:
        wish = {
            number: _mean([self.cells[other].rank for other in joined.get(number, ())], self._unled(number))
            for number in column
        }
        column.sort(key=wish.__getitem__)  # stable: equals keep their order
        for rank, number in enumerate(column):
            self.cells[number].rank = rank / len(column)

    def _unled(self, number: int) -> float:
        """Let a cell stay where it is that nothing leads to; one that is joined with nothing goes to the bottom."""
        return self.cells[number].rank if self._left.get(number) or self._right.get(number) else _BOTTOM

    def _crossings(self) -> int:
        found = 0
        for column in self._columns[:-1]:
            following = self._columns[self.cells[column[0]].column + 1] if column else []
            place = {number: rank for rank, number in enumerate(following)}
            ends = [rank for number in column for rank in sorted(place[other] for other in self._right[number])]
            found += _inversions(ends, len(following))
        return found

    def place(self) -> None:
        """Give each cell its height above: as near to those that it is joined with as its neighbours allow."""
        for column in self._columns:
            self._stack(column)
        for _ in range(_SETTLING):
            for columns in (self._columns[::-1], self._columns):
                for column in columns:
                    self._settle(column)
        self._close()

    def _close(self) -> None:
        """Begin at the top, and close the gaps that go through all columns."""
        bottom = up = 0.0
        for number, cell in enumerate(sorted(self.cells, key=lambda cell: cell.y)):
            room = _APART if number else 0
            up += max(cell.y - up - bottom - room, 0.0) if number else cell.y
            cell.y -= up
            bottom = max(bottom, cell.y + cell.height)

    def _stack(self, column: Sequence[int]) -> None:
        y = 0.0
        for number in column:
            self.cells[number].y = y
            y += self.cells[number].height + _BETWEEN

    def _settle(self, column: Sequence[int]) -> None:
        """Move a column's cells to where they would be, pushing each other no further than they must."""
        blocks: list[tuple[float, float, int]] = []  # (weighted place, weight, cells), from the top
        above = 0.0
        for number in column:
            cell = self.cells[number]
            joined = [self.cells[other].middle for other in (*self._left[number], *self._right[number])]
            weight = float(len(joined)) or _LIGHT
            wish = _mean(joined, cell.middle) - cell.height / 2 - above
            block = (wish * weight, weight, 1)
            while blocks and blocks[-1][0] / blocks[-1][1] >= block[0] / block[1]:
                last = blocks.pop()
                block = (last[0] + block[0], last[1] + block[1], last[2] + block[2])
            blocks.append(block)
            above += cell.height + _BETWEEN
        numbers = iter(column)
        above = 0.0
        for total, weight, count in blocks:
            for _ in range(count):
                cell = self.cells[next(numbers)]
                cell.y = total / weight + above
                above += cell.height + _BETWEEN


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _inversions(values: Sequence[int], size: int) -> int:
    """Count the pairs that stand the wrong way round, with a tree of counts."""
    tree = [0] * (size + 1)
    found = 0
    for seen, value in enumerate(values):
        found += seen
        index = value + 1
        while index:
            found -= tree[index]
            index &= index - 1
        index = value + 1
        while index <= size:
            tree[index] += 1
            index += index & -index
    return found
