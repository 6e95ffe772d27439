"""
Find places again, and where secrets stand: one more pass over a text, made only when a message needs it.

The pass keeps what was asked for and what may be secret, and nothing else, so that a message about one line of a
large file costs time but no memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.load import limits
from reconciler.load.build import YAML_ERRORS, events
from reconciler.load.secrets import SECRET_NAMES, is_reference
from reconciler.load.tree import Span
from reconciler.model.scalars import NULL_SPELLINGS

_SLACK: Final = 4096  # characters, for what a mask takes out before a line is cut
Spot = tuple[int, int]  # line and column, from 0


@dataclass(slots=True, eq=False)
class Node:
    """A key or a value with its stretch of text."""

    span: Span
    text: str | None = None
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    alias: bool = False
    target: Node | None = None  # what it stands for


class _Enough(Exception):
    """All that is asked for has been seen."""


@dataclass(slots=True)
class Finder:
    """
    One pass.

    Args:
        data: The text.
        wanted: Where the mappings begin whose keys and values are asked for.
        until: The last line of interest, where nothing is *wanted*.
        provider: Whether the text itself stands under `provider`.
        pure: Take the parser that is written in Python.
    """

    data: bytes
    wanted: Collection[Spot] = ()
    until: int | None = None
    provider: bool = False
    pure: bool = False
    found: dict[Spot, dict[str, tuple[Node, Node]]] = field(default_factory=dict)
    providers: list[Node] = field(default_factory=list)
    secrets: list[Node] = field(default_factory=list)
    root: Node | None = None
    last_line: int = 0
    complete: bool = False
    _anchors: dict[str, Node] = field(default_factory=dict)
    _get: Any = None

    def run(self) -> Finder:
        """Make the pass, as far as the text can be read."""
        try:
            following = events(self.data, pure=self.pure)
        except YAML_ERRORS:
            return self

        def get() -> Any:
            event = following()
            self.last_line = event.end_mark.line
            if self.until is not None and not self.wanted:
                line = event.start_mark.line
                # Of a line that is long, the end is never quoted.
                if line > self.until or (
                    line == self.until and event.start_mark.column > limits.EXCERPT_CHARACTERS + _SLACK
                ):
                    raise _Enough
            return event

        self._get = get
        try:
            get()
            if get().__class__ is not StreamEndEvent:
                self.root = self._node(get(), 1, keep=self.provider, shallow=True, into=None)
            self.complete = True
        except (*YAML_ERRORS, _Enough):
            pass
        return self

    def secret_spans(self, known: Collection[str]) -> list[Span]:
        """List the stretches that hold secrets; *known* are the names under `provider` that are none."""
        spans: list[Span] = []
        seen: set[int] = set()
        for node in self.providers:
            spans.extend(_provider(node, known, seen))
        if self.provider and self.root is not None:
            spans.extend(_provider(self.root, known, seen))
        for node in self.secrets:
            if not node.pairs:  # a mapping is an entry that happens to have such a name
                spans.extend(leaf.span for leaf in _leaves(node, seen))
        return spans

    def _node(self, event: Any, depth: int, *, keep: bool, shallow: bool, into: list[Node] | None) -> Node:
        start, end = event.start_mark, event.end_mark
        node = Node(Span(start.line, start.column, end.line, end.column))
        if into is not None:
            into.append(node)
        if depth > limits.DEPTH + 1:
            raise _Enough
        if event.__class__ is AliasEvent:
            node.alias = True
            node.target = self._anchors.get(event.anchor or "")
            return node
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = node
            keep = True
        if event.__class__ is ScalarEvent:
            node.text = event.value
        elif event.__class__ is MappingStartEvent:
            self._mapping(node, depth, keep=keep)
        elif event.__class__ is SequenceStartEvent:
            while (event := self._get()).__class__ is not SequenceEndEvent:
                self._node(event, depth + 1, keep=keep, shallow=False, into=node.items if keep or shallow else None)
            node.span = _until(node.span, event)
        return node

    def _mapping(self, node: Node, depth: int, *, keep: bool) -> None:
        spot = (node.span.line, node.span.column)
        keys: dict[str, tuple[Node, Node]] | None = None
        if spot in self.wanted:
            keys = self.found.setdefault(spot, {})
        while (event := self._get()).__class__ is not MappingEndEvent:
            key = self._node(event, depth + 1, keep=keep, shallow=False, into=None)
            into: list[Node] | None = None
            if depth == 1 and key.text == "provider":
                into = self.providers
            elif key.text in SECRET_NAMES:
                into = self.secrets
            # The value's own children are of interest where they may be secret, and to name an item of a list.
            value = self._node(
                self._get(), depth + 1, keep=keep or into is not None, shallow=keys is not None, into=into
            )
            if keep:
                node.pairs.append((key, value))
            if keys is not None and key.text is not None:
                keys.setdefault(key.text, (key, value))
        node.span = _until(node.span, event)


def _until(span: Span, event: Any) -> Span:
    return Span(span.line, span.column, event.end_mark.line, event.end_mark.column)


def _provider(node: Node, known: Collection[str], seen: set[int]) -> Iterator[Span]:  # noqa: C901 - one case a line
    """Find the secrets of a `provider` mapping, or of what is merged into it."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.target is not None:
        yield from _provider(node.target, known, seen)
        return
    if node.alias:
        yield node.span
        return
    if node.text is not None:  # a single value where a mapping is due: who knows what it is
        if not is_reference(node.text):
            yield node.span
        return
    for item in node.items:
        yield from _provider(item, known, seen)
    for key, value in node.pairs:
        if key.text == "<<":
            yield from _provider(value, known, seen)
        elif key.text in SECRET_NAMES or key.text not in known:
            for leaf in _leaves(value, seen):
                yield leaf.span
            if value.text in NULL_SPELLINGS and key.text not in SECRET_NAMES:
                yield key.span  # a secret that is written as a name: `{secret}`


def _leaves(node: Node, seen: set[int]) -> Iterator[Node]:
    """List the scalars below *node*, each once, but for plain references to the environment or a file."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.target is not None:
        yield from _leaves(node.target, seen)
    elif node.alias:  # of nothing: a secret that happens to begin with *
        yield node
    if node.text is not None and not is_reference(node.text):
        yield node
    for item in node.items:
        yield from _leaves(item, seen)
    for key, value in node.pairs:
        yield from _leaves(key, seen)
        yield from _leaves(value, seen)
