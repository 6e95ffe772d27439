"""
What YAML becomes here: plain Python that remembers where it stood.

A mapping is a `Map`, a list a plain list, a scalar a `str` (plain), a `Quoted` (quoted or block) or `NULL`. Only what
every run needs is kept: the place of each mapping and of each entry's key. Finer places are read again from the
bytes when a message needs them (`positions`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from reconciler.model.change import Source

_DOLLARS: Final = (b"$", rb"\x24", rb"\u0024", rb"\U00000024")


class Mark(NamedTuple):
    """A place in a text, line and column from 0. The parser's own marks have the same two attributes."""

    line: int
    column: int


class Span(NamedTuple):
    """A stretch of a text, lines and columns from 0; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(slots=True, eq=False)
class Lost:
    """What was written in a mapping at *mark* and left out: keys without a value, and what no key leads to."""

    mark: Any
    keys: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Document:
    """
    One text that was read: a file, an overlay, or an assignment of `--set`.

    Args:
        name: How messages call it.
        folder: Absolute; what `${file:}` and `path:` are relative to.
        data: The bytes, UTF-8 without a byte order mark.
        line: For an assignment, the whole of it; *data* is what stands after `=`.
        prefix: For an assignment, the names before `=` with their columns.
        shift: For an assignment, where its value begins in its line.
        path: Where a file lies, as it was found; empty for what is none.
        bom: Whether a byte order mark stands before *data*.
        overlay: Whether it was merged over the others.
    """

    name: str
    folder: str
    data: bytes
    line: str | None = None
    prefix: tuple[tuple[str, int], ...] = ()
    shift: int = 0
    root: Any = None
    secrets: list[Any] = field(default_factory=list)  # values under names that are always secret
    providers: list[Any] = field(default_factory=list)  # every value that stood under `provider`
    open_line: int | None = None  # of a secret, or of `provider`, that the parser did not get past
    holes: dict[int, Any] = field(default_factory=dict)  # mappings that lost a key, by their mark's id
    lost: dict[int, Lost] = field(default_factory=dict)  # what a mapping does not hold, by its mark's id
    aliased: list[Any] = field(default_factory=list)  # what aliases below `provider` stand for
    broken: bool = False  # some of what it says could not be read
    path: str = ""
    bom: bool = False
    overlay: bool = False
    dollars: bool = field(init=False)  # whether anything here can ask for substitution

    def __post_init__(self) -> None:
        self.dollars = any(spelling in self.data for spelling in _DOLLARS)

    def losses(self, mark: Any) -> Lost:
        """Give what the mapping at *mark* lost, to be added to."""
        found = self.lost.get(id(mark))
        if found is None:
            found = self.lost[id(mark)] = Lost(mark)
        return found

    def source(self, mark: Any) -> Source:
        """Make the `Source` of an entry whose key stands at *mark*."""
        column = mark.column + (self.shift if self.shift and mark.line == 0 else 0)
        return Source(file=self.name, line=mark.line + 1, column=column + 1)


class Map(dict[str, Any]):
    """
    A mapping, and where it was written.

    *mark* is its own start and *key_mark* that of the key above it (None at the top and in lists). *marks* holds the
    keys' places where entries may be scalars. *origins* says, for a key that was written elsewhere (merge key,
    `defaults`, overlay, another file), in which mapping it physically stands.
    """

    __slots__ = ("doc", "dollars", "key_mark", "mark", "marks", "origins")

    doc: Document
    dollars: bool
    mark: Any
    key_mark: Any
    marks: dict[str, Any] | None
    origins: dict[str, Map] | None

    @classmethod
    def at(cls, doc: Document, mark: Any, key_mark: Any = None) -> Map:
        """Make an empty one."""
        made = cls()
        made.doc = doc
        made.dollars = doc.dollars
        made.mark = mark
        made.key_mark = key_mark
        made.marks = None
        made.origins = None
        return made

    def twin(self) -> Map:
        """Copy it, to be changed; the copy stands where the original stands."""
        made = Map(self)
        made.doc = self.doc
        made.dollars = self.dollars
        made.mark = self.mark
        made.key_mark = self.key_mark
        made.marks = self.marks
        made.origins = dict(self.origins) if self.origins else None
        return made

    def take(self, key: str, value: Any, origin: Map) -> None:
        """Set *key* to what was written in *origin*."""
        self[key] = value
        physical = origin.home(key)
        if self.origins is None:
            self.origins = {}
        self.origins[key] = physical
        self.dollars = self.dollars or physical.dollars

    def home(self, key: str) -> Map:
        """Find the mapping in which *key* physically stands."""
        found = self
        while found.origins is not None and key in found.origins:
            found = found.origins[key]
        return found

    def source(self, key: str, value: Any) -> Source | None:
        """Say where the entry *key* stands."""
        home = self.home(key)
        mark = home.marks.get(key) if home.marks else None
        if mark is not None:
            return home.doc.source(mark)
        if value.__class__ is Map and value.key_mark is not None:
            made: Source = value.doc.source(value.key_mark)
            return made
        return None


class Item(Map):
    """Where a key physically stands that was written as an item of a list; see `merge`."""

    __slots__ = ("where",)

    where: At

    @classmethod
    def of(cls, map_: Map, key: str, number: int) -> Item:
        """Make the one for an item of the list under *key*."""
        home = map_.home(key)
        made = cls()
        made.doc = home.doc
        made.dollars = home.dollars
        made.mark = home.mark
        made.key_mark = home.key_mark
        made.marks = None
        made.origins = None
        made.where = At(map_, key, "value", (number,))
        return made


class Listing(list[Any]):
    """
    A list that stands right under a section's name: it may hold entries, so it knows the place of each.

    *marks* are as many as its items; *parts* says which document gave how many of them, in order.
    """

    __slots__ = ("marks", "parts")

    marks: list[Any]
    parts: list[tuple[Document, int]]

    @classmethod
    def of(cls, items: list[Any], marks: list[Any], parts: list[tuple[Document, int]]) -> Listing:
        """Make one."""
        made = cls(items)
        made.marks = marks
        made.parts = parts
        return made

    def part(self, number: int) -> tuple[Document, int]:
        """Say which document gave the item, and as which of its items."""
        for doc, count in self.parts:
            if number < count:
                return doc, number
            number -= count
        raise IndexError(number)


@dataclass(slots=True, eq=False)
class At:
    """A key of *map*, or its value, to be found when a message needs its place; *trail* leads to an item below it."""

    map: Map
    key: str
    part: str = "value"  # or "key"
    trail: tuple[int, ...] = ()

    def written(self) -> At:
        """Give the item of a list for a key that was written as one; else itself."""
        home = self.map.home(self.key)
        return home.where.written() if isinstance(home, Item) else self


@dataclass(slots=True, eq=False)
class Stretch:
    """A known stretch of a document; without a span, the document as a whole."""

    doc: Document
    span: Span | None = None


Where: TypeAlias = At | Stretch | None
