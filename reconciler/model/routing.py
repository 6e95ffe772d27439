"""How callers reach people: the parts of a tenant that stand on a caller's way, and what leads where."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """The part that an object plays on the way, in the order of the way."""

    NUMBER = "number"
    KEY = "key"
    QUEUE = "queue"
    AGENT = "agent"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """
    Where a kind's objects stand on the way; what leads where is read off their references.

    Args:
        role: Their part.
        unreached: What is wrong with one that nothing leads to ("no key leads here"); "" where that is no fault, or
            nobody can know.
        dead_end: What is wrong with one from which nothing leads on ("nobody answers"); "" where that is no fault.
        serves_all: The role of all whose objects this one leads to, without a reference: callers of a number hear the
            whole table of keys.
        outward: Whether its references lead out, not in: a number with which queues call out.
        caption: What a reader of the picture should know of this kind.
    """

    role: Role
    unreached: str = ""
    dead_end: str = ""
    serves_all: Role | None = None
    outward: bool = False
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """
    One object on the way, or many folded into one.

    Args:
        address: `queues/sales`; unique in its picture. Of folded ones, that of the queue with `#` and their role.
        role: Its part.
        label: What people call it.
        identity: What the vendor calls it; "" for folded ones.
        fault: What is wrong with it, as a sentence without its end; "" when nothing is, or nobody can know. Of folded
            ones, what is wrong with some of them, with the first few names.
        off: Whether it is switched off, so that nothing passes it.
        count: How many objects it stands for.
        faults: How many of them have a fault.
        members: What people call the first few of them.
    """

    address: str
    role: Role
    label: str
    identity: str = ""
    fault: str = ""
    off: bool = False
    count: int = 1
    faults: int = 0
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One step of the way, between two addresses. *outward*: calls go out this way, and none comes in."""

    start: str
    end: str
    outward: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """
    The whole picture. Nodes are sorted by role and address, edges by their ends.

    *captions* say what the picture can't show, such as that the vendor tells nobody how callers come in.
    """

    nodes: tuple[Node, ...] = field(default=(), repr=False)
    edges: tuple[Edge, ...] = field(default=(), repr=False)
    captions: tuple[str, ...] = ()

    @property
    def faulty(self) -> tuple[Node, ...]:
        """The nodes that have a fault, or stand for some that have one."""
        return tuple(node for node in self.nodes if node.fault or node.faults)
