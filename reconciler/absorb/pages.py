"""Where values stand: from an entry's name to the stretches of text that hold it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.absorb.edits import CantError
from reconciler.absorb.spelling import quote_of
from reconciler.load import Loaded
from reconciler.load.nodes import Node, Sort, UnreadableError, entry_at, whole
from reconciler.load.tree import Document, Map

_NEWLINE: Final = re.compile("\n")


@dataclass(slots=True, eq=False)
class Page:
    """One file, read for edits as far as these need it; nodes stay the same, so that edits of one box meet."""

    doc: Document
    text: str
    quote: str
    _lines: list[int] = field(default_factory=list)
    _root: Node | None = None
    _read: bool = False
    _entries: dict[int, tuple[Node, Node]] = field(default_factory=dict)
    _boxes: dict[int, Node] = field(default_factory=dict)
    _keys: dict[int, Node] = field(default_factory=dict)  # of values, by their ids

    @classmethod
    def of(cls, doc: Document) -> Page:
        """Open a document."""
        text = doc.data.decode("utf-8")
        return cls(doc, text, quote_of(text))

    def line(self, offset: int) -> int:
        """Say in which line, from 1, something stands."""
        if not self._lines:
            self._lines = [found.end() for found in _NEWLINE.finditer(self.text)]
        return bisect_right(self._lines, offset) + 1

    @property
    def root(self) -> Node:
        """All of it. Raises CantError."""
        if not self._read:
            try:
                self._root = whole(self.text)
            except UnreadableError as problem:
                raise CantError("its file can't be read a second time", "Change it by hand.") from problem
            self._read = True
            for key, value in _pairs(self._root):
                self._keys[id(value)] = key
                if value.sort is not Sort.SCALAR:
                    self._boxes.setdefault(value.start, value)
            if self._root is not None:
                self._boxes[self._root.start] = self._root
        if self._root is None:
            raise CantError("its file is empty", "Change it by hand.")
        return self._root

    def box(self, home: Map) -> Node:
        """Find the mapping that the tree knows. Raises CantError."""
        root = self.root
        found = root if root.start == home.mark.index else self._boxes.get(home.mark.index)
        if found is None or found.sort is not Sort.MAPPING:
            raise CantError("it is not found again in its file", "Change it by hand.")
        return found

    def key_of(self, node: Node) -> Node | None:
        """Give the key above a value, where all of the file was read."""
        return self._keys.get(id(node))

    def pair(self, home: Map, key: str, mark: Any) -> tuple[Node, Node]:
        """
        Find the pair *key* of the mapping *home*, whose key stands at *mark*.

        Raises:
            CantError: It is not found again.
        """
        if mark is not None and not self._read and not self._flow(home):
            known = self._entries.get(mark.index)
            if known is not None:
                return known
            try:
                found = entry_at(self.text, mark.index, mark.column)
            except UnreadableError:
                found = None
            if found is not None and found[0].sort is Sort.SCALAR and found[0].text == key:
                self._entries[mark.index] = found
                return found
        again = self.box(home).value(key)
        if again is None:
            raise CantError("it is not found again in its file", "Change it by hand.")
        return self._entries.setdefault(again[0].start, again)

    def _flow(self, home: Map) -> bool:
        """Whether a mapping is, or may be, written between braces."""
        return self.text[home.mark.index : home.mark.index + 1] in {"{", "[", "&", "!", ""}


def _pairs(node: Node | None) -> Iterator[tuple[Node, Node]]:
    """List all pairs of a text."""
    left = [node] if node is not None else []
    while left:
        here = left.pop()
        for key, value in here.pairs:
            yield key, value
            left.append(value)
        left.extend(here.items)


@dataclass(slots=True, eq=False)
class Stand:
    """An entry: the page that it stands on, its key and its value there, and the tree's mapping that holds the key."""

    page: Page
    key: Node
    value: Node
    home: Map


class Pages:
    """All files of a configuration."""

    def __init__(self, loaded: Loaded) -> None:
        assert loaded.whole is not None, "what is absorbed has been loaded"
        self.whole = loaded.whole
        self.documents = [doc for doc in loaded.documents if doc.root is not None]
        self._pages: dict[int, Page] = {}

    def page(self, doc: Document) -> Page:
        """Open a file. Raises CantError: it is no file."""
        if not doc.path:
            raise CantError("its value comes from --set", "Leave that out, and absorb again.")
        found = self._pages.get(id(doc))
        if found is None:
            found = self._pages[id(doc)] = Page.of(doc)
        return found

    def entry(self, section: str, name: str) -> Stand:
        """Find an entry, or, without a name, a single thing. Raises CantError."""
        above: Any = self.whole if not name else self.whole.get(section)
        own = name or section
        if not isinstance(above, Map) or own not in above:
            raise CantError("it does not stand in the files by itself", "Change it by hand.")
        home = above.home(own)
        value = above[own]
        page = self.page(home.doc)
        mark = home.marks.get(own) if home.marks is not None else None
        if mark is None and isinstance(value, Map) and value.doc is home.doc:
            mark = value.key_mark
        key, node = page.pair(home, own, mark)
        return Stand(page, key, node, home)

    def holders(self, section: str) -> list[Document]:
        """List the documents that say something of a section, in the order in which they were merged."""
        return [doc for doc in self.documents if isinstance(doc.root, Map) and section in doc.root]
