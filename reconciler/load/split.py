"""
Two processes read a large configuration: making trees is most of the time of a run, and one core's work.

A second process makes the trees of some of the files and hands them over in a compact form. It only speaks where all is
well: a file with anything odd in it (a problem, an alias, a secret) is left to us, so there is one way to report.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from reconciler.load.build import YAML_ERRORS, build
from reconciler.load.problems import Problems
from reconciler.load.tree import Document, Listing, Map, Mark
from reconciler.model.scalars import Quoted

WORTH_BYTES: Final = 1_500_000  # below this, a second process costs more than it saves
_SHARE: Final = 0.44  # of the bytes for the other process; we have its trees to unpack, too


class Helper:
    """What the other process was given, and what it found."""

    def __init__(self, docs: Sequence[Document], reading: int) -> None:
        self._numbers = {id(doc): number for number, doc in enumerate(docs)}
        self._reading = reading
        self._trees: dict[int, Any] | None = None

    def has(self, doc: Document) -> bool:
        """Whether the other process reads *doc*."""
        return id(doc) in self._numbers

    def take(self, doc: Document) -> int | None:
        """Wait for *doc* and fill in its `root`; give the number of nodes, or None where it is ours to read after all."""
        if self._trees is None:
            self._trees = _received(self._reading)
        packed = self._trees.get(self._numbers[id(doc)])
        if packed is None:
            return None
        nodes: int = packed[0]
        doc.root = _unpacked(packed[1], doc)
        return nodes


@contextmanager
def helper(docs: Sequence[Document]) -> Iterator[Helper]:
    """Begin to read some of *docs* in another process; none, where that would not pay."""
    theirs = _theirs(docs)
    if not theirs:
        yield Helper((), -1)
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(theirs, reading, writing)
    os.close(writing)
    try:
        yield Helper(theirs, reading)
    finally:
        os.close(reading)  # where we did not take them all, it ends by not being listened to
        with suppress(ChildProcessError):
            os.waitpid(child, 0)


def _theirs(docs: Sequence[Document]) -> list[Document]:
    """Choose what the other process reads: nothing where that would not pay."""
    total = sum(len(doc.data) for doc in docs)
    if total < WORTH_BYTES or not hasattr(os, "fork") or _processors() < 2:
        return []
    chosen: list[Document] = []
    size = 0
    for doc in reversed(docs):
        plain = b"&" not in doc.data and b"*" not in doc.data and b"provider" not in doc.data
        if plain and size + len(doc.data) <= total * _SHARE:
            chosen.append(doc)
            size += len(doc.data)
    return chosen


def _processors() -> int:
    count = getattr(os, "sched_getaffinity", None)
    return len(count(0)) if count is not None else os.cpu_count() or 1


def _work(docs: Sequence[Document], reading: int, writing: int) -> None:
    """Read, hand over, and end this process; whatever happens, nothing of the other one's runs here."""
    try:
        os.close(reading)
        trees = {}
        for number, doc in enumerate(docs):
            packed = _built(doc)
            if packed is not None:
                trees[number] = packed
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(marshal.dumps(trees))
    finally:
        os._exit(0)


def _built(doc: Document) -> tuple[int, Any] | None:
    problems = Problems()
    try:
        nodes = build(doc, problems)
    except YAML_ERRORS:
        return None
    odd = problems.items or doc.broken or doc.secrets or doc.providers or doc.holes or doc.open_line is not None
    return None if odd or not isinstance(doc.root, Map) else (nodes, _packed(doc.root))


def _received(reading: int) -> dict[int, Any]:
    with os.fdopen(os.dup(reading), "rb") as pipe:
        content = pipe.read()
    try:
        trees = marshal.loads(content)  # noqa: S302 - written by our own other process, through a pipe of our own
    except (EOFError, ValueError, TypeError):  # it was killed: everything is ours to read
        return {}
    return trees if isinstance(trees, dict) else {}


def _packed(value: Any) -> Any:
    """
    Turn a tree into what `marshal` knows.

    A plain text and a list stay what they are; a quoted text is a tuple of one, a section's list with its places a
    tuple of two, a mapping a tuple of five.
    """
    match value:
        case Map():
            key = value.key_mark
            marks = value.marks
            return (
                (value.mark.line, value.mark.column),
                None if key is None else (key.line, key.column),
                None if marks is None else {name: (mark.line, mark.column) for name, mark in marks.items()},
                tuple(value),
                [item if type(item) is str else _packed(item) for item in value.values()],
            )
        case Listing():
            return ([_packed(item) for item in value], [(mark.line, mark.column) for mark in value.marks])
        case list():
            return [item if type(item) is str else _packed(item) for item in value]
        case Quoted():
            return (str(value),)
        case _:
            return value


def _unpacked(packed: Any, doc: Document) -> Any:
    """Make the tree again; the hot path of large configurations."""
    if type(packed) is str:
        return packed
    if type(packed) is list:
        return [item if type(item) is str else _unpacked(item, doc) for item in packed]
    if len(packed) == 1:
        return Quoted(packed[0])
    if len(packed) == 2:
        items, places = packed
        parts = [(doc, len(items))]
        return Listing.of([_unpacked(item, doc) for item in items], [Mark(*place) for place in places], parts)
    mark, key, marks, names, values = packed
    made = Map()
    made.doc = doc
    made.dollars = doc.dollars
    made.mark = Mark(*mark)
    made.key_mark = None if key is None else Mark(*key)
    made.marks = None if marks is None else {name: Mark(*place) for name, place in marks.items()}
    made.origins = None
    for name, value in zip(names, values, strict=True):
        made[name] = value if type(value) is str else _unpacked(value, doc)
    return made
