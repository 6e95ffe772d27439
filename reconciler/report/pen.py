"""
How things are spelt for people: names before ids, values, counts, cut texts.

Everything that comes from a vendor or a file passes through `Pen.clean` and becomes `rich.text.Text`, so that it
can neither speak markup nor move the cursor nor show a secret.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from reconciler.model.change import (
    Action,
    Change,
    FieldChange,
    MemberChange,
    Risk,
    ValueChange,
    pair_word,
    pairs_of,
)
from reconciler.model.explanation import NAME_COLUMNS
from reconciler.model.resource import FieldSpec, specs
from reconciler.model.secret import MASK, Mask, Secret
from reconciler.report.safe import visible

STYLES: Final = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.DELETE: "red"}
RISKS: Final = (Risk.HIGH, Risk.MEDIUM, Risk.LOW)  # the worst first
RISK_STYLES: Final = {Risk.HIGH: "bold red", Risk.MEDIUM: "dim", Risk.LOW: ""}
SIGNS: Final = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
MEMBERS_SHOWN: Final = 12  # of those that join or leave one list
VALUE_CELLS: Final = 60
NAME_CELLS: Final = NAME_COLUMNS
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_BARE: Final = re.compile(r"[^\s\"',;\\→()\[\]{}]+")
_FULL_CELLS: Final = 2_000
NARROW: Final = 20  # columns that a text gets at the least
_LONGEST: Final = 4_000  # characters of one text that are looked at for showing


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """
    Writes on *console*; *names* are people's names for objects, by section and identity.

    *ascii* tells whether the stream can't show arrows: asked once, since every text that is written needs to know.
    """

    console: Console
    mask: Mask = field(default_factory=Mask)
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    ascii: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ascii", not self.console.encoding.lower().startswith("utf"))

    @property
    def arrow(self) -> str:
        """The sign between before and after."""
        return "->" if self.ascii else "→"

    @property
    def dots(self) -> str:
        """What stands for what was cut."""
        return "..." if self.ascii else "…"

    def clean(self, value: object, limit: int | None = None, *, longest: int | None = _LONGEST) -> str:
        """Mask and escape a text; cut it to *limit* columns, and before that to *longest* characters."""
        text = visible(self.mask.text(str(value))[:longest])
        if self.ascii:
            text = text.replace("→", "->").replace("…", self.dots)
        return text if limit is None else self.cut(text, limit)

    def sentence(self, value: object, limit: int) -> str:
        """Mask and escape a sentence; where it is too long it ends with a whole word, so that no id is cut."""
        text = self.clean(value)
        cut = self.cut(text, limit)
        if cut == text:
            return text
        kept, _, _ = cut.removesuffix(self.dots).rpartition(" ")
        return f"{kept.rstrip(' ,;')}{self.dots}" if kept else cut

    def cut(self, text: str, limit: int) -> str:
        """Cut a clean text to *limit* columns of the terminal; wide characters count as two."""
        if len(text) * 2 <= limit or (len(text) <= 4 * limit and cell_len(text) <= limit):
            return text
        # Marks that add no width could go on for ever, so characters count too.
        parts = chop_cells(text[: 4 * limit], max(limit - len(self.dots), 1))
        return f"{parts[0]}{self.dots}" if parts else ""

    def line(self, text: Text | str = "", *, indent: int = 0, hang: int = 0) -> None:
        """Print one line; what does not fit goes on below, *hang* columns further in."""
        body = text if isinstance(text, Text) else Text(text)
        if indent + cell_len(body.plain) <= self.console.width:
            self._put(Text.assemble(" " * indent, body))
            return
        rows = body.wrap(self.console, max(self.console.width - indent - hang, NARROW), overflow="fold")
        for number, row in enumerate(rows):
            self._put(Text.assemble(" " * (indent + (hang if number else 0)), row))

    def flow(self, lead: Text, pieces: Sequence[Text]) -> None:
        """Print *lead* and, right of it, *pieces*, of which each breaks only where it is too long for a line."""
        left = cell_len(lead.plain)
        width = max(self.console.width - left, NARROW)
        rows = [Text()]
        for piece in pieces:
            used = cell_len(rows[-1].plain)
            if used and used + 1 + cell_len(piece.plain) > width:
                rows.append(Text())
            elif used:
                rows[-1].append(" ")
            if cell_len(piece.plain) <= width:
                rows[-1].append_text(piece)
            else:
                first, *others = piece.wrap(self.console, width, overflow="fold")
                rows[-1].append_text(first)
                rows.extend(others)
        for number, row in enumerate(rows):
            self._put(Text.assemble(" " * left if number else lead, row))

    def _put(self, row: Text) -> None:
        row.rstrip()
        if row.plain.lstrip().startswith("::"):  # GitHub's runner takes it for a command
            row = Text(row.plain.replace("::", "\\x3a:", 1))
        self.console.print(row, soft_wrap=True)

    def whole(self, text: str, *, indent: int = 0) -> None:
        """Print a text that must not be broken, since somebody will copy it: a path."""
        self._put(Text(" " * indent + self.clean(text)))

    def words(self, text: str) -> None:
        """Print a text of any length, broken between words alone: a path in it stays whole."""
        rows, left = [""], 0
        for word in self.clean(text, longest=None).split():
            cells = cell_len(word)
            if left > cells:
                rows[-1] += f" {word}"
                left -= cells + 1
            else:
                rows.append(f"  {word}" if rows[-1] else word)
                left = self.console.width - 2 - cells
        for row in rows[1:]:
            self._put(Text(row))

    def heading(self, text: str, style: str = "bold") -> None:
        """Print a blank line and a heading."""
        self.console.print()
        self.line(Text(text, style))

    def titled(self, label: str, identity: str, limit: int = NAME_CELLS) -> str:
        """Name an object: `Sales (9001)`; the id alone where it has no other name."""
        if not identity or label == identity:
            return self.clean(label or identity, limit)
        if not label:
            return self.clean(identity, limit)
        tail = f" ({self.clean(identity)})"
        room = limit - cell_len(tail)
        # Rather the name is left out than the id cut: somebody will search for it.
        return self.clean(label, room) + tail if room > len(self.dots) else self.clean(identity, limit)

    def object(self, section: str, identity: str, limit: int = NAME_CELLS) -> str:
        """Name an object of *section* by its identity."""
        return self.titled(self.names.get((section, identity), ""), identity, limit)

    def change_title(self, change: Change, limit: int = NAME_CELLS) -> str:
        """Name what changes; single things have their section's name."""
        if not change.name:
            return self.clean(change.label or sentence(change.section), limit)
        return self.titled(change.label or change.name, change.identity, limit)

    def address(self, address: str) -> str:
        """Name an object by its address."""
        section, _, name = address.partition("/")
        return self.object(section, name) if name else self.clean(sentence(section))

    def value(self, value: Any, limit: int = VALUE_CELLS) -> str:
        """Spell a value: plain words bare, other texts in quotes, lists shortened."""
        match value:
            case None:
                text = "nothing"
            case bool():
                text = "true" if value else "false"
            case Secret():
                text = MASK
            case str():
                text = self._quoted(self.clean(value), limit)
            case list() | tuple():
                text = f"[{some([self.value(item, 20) for item in value[:MEMBERS_SHOWN]], len(value))}]"
            case Mapping():
                shown = [f"{self.value(key, 30)} {self.value(value[key], 20)}" for key in sorted(value)[:MEMBERS_SHOWN]]
                text = f"[{some(shown, len(value))}]"
            case _:
                text = self.clean(value, limit)
        return text

    def _quoted(self, text: str, limit: int) -> str:
        """Quote a clean text unless it is one plain word."""
        if _BARE.fullmatch(text):
            return self.cut(text, limit)
        return '"' + self.cut(text.replace('"', '\\"'), limit) + '"'


def field_pieces(pen: Pen, change: Change, item: FieldChange, *, full: bool = False) -> list[Text]:
    """Spell what happens to one field: `timeout 60 → 90`, `queues +Sales (9001) -Support (9002)`."""
    spec = field_spec(change, item.path)
    section = ref_section(change, item.path)
    word = pen.clean(item.path.replace("_", " "), NAME_CELLS)
    match item:
        case MemberChange():
            return _member_pieces(pen, word, item, section or item.path, full=full)
        case ValueChange(after=Mapping()) | ValueChange(before=Mapping()):
            return _pair_pieces(pen, change, item, section, full=full)
        case ValueChange():
            if spec is not None and spec.digest_of is not None:
                return [Text("content changed" if change.action is Action.UPDATE else "content new")]
            limit = _FULL_CELLS if full else VALUE_CELLS
            after = _spell(pen, section, item.after, limit)
            if change.action is Action.CREATE:
                return [Text(f"{word} {after}")]
            before = "unknown" if item.before is None else _spell(pen, section, item.before, limit)
            return [Text(f"{word} {before} {pen.arrow} {after}")]
        case _:
            assert_never(item)


def _member_pieces(pen: Pen, word: str, item: MemberChange, section: str, *, full: bool) -> list[Text]:
    pieces = []
    for sign, members, style in (("+", item.add, "green"), ("-", item.remove, "red")):
        shown = members if full else members[:MEMBERS_SHOWN]
        pieces += [Text(f"{sign}{pen.object(section, member)}", style) for member in shown]
        if len(members) > len(shown):
            pieces.append(Text(f"{sign}{len(members) - len(shown):,} more", style))
    return [Text.assemble(f"{word} ", pieces[0]), *pieces[1:]] if pieces else []


def _pair_pieces(pen: Pen, change: Change, item: ValueChange, section: str | None, *, full: bool) -> list[Text]:
    """Spell what belongs to members of a list: `priority of Sales 3 → 1`."""
    word = pen.clean(pair_word(change, item.path).replace("_", " "), NAME_CELLS)
    pairs = list(pairs_of(item))
    pieces = []
    for member, before, after in pairs if full else pairs[:MEMBERS_SHOWN]:
        known = [pen.value(value) for value in (before, after) if value is not None]
        pieces.append(Text(f"{word} of {_spell(pen, section, member, VALUE_CELLS)} {f' {pen.arrow} '.join(known)}"))
    if len(pairs) > len(pieces):
        pieces.append(Text(f"and {len(pairs) - len(pieces):,} more"))
    return [piece.append(",") for piece in pieces[:-1]] + pieces[-1:]


def ref_section(change: Change, path: str) -> str | None:
    """Find whose objects a field names: by its values, or by those to whom its values belong."""
    spec = field_spec(change, path)
    if spec is not None and spec.paired_with is not None:
        spec = field_spec(change, spec.paired_with.field)
    return spec.ref.section if spec is not None and spec.ref is not None else None


def field_spec(change: Change, path: str) -> FieldSpec | None:
    """Find how a changed field behaves; a saved plan no longer knows."""
    resource = change.desired if change.desired is not None else change.live
    return None if resource is None else specs(type(resource)).get(path)


def _spell(pen: Pen, section: str | None, value: Any, limit: int) -> str:
    if section is not None and isinstance(value, str) and value:
        return pen.object(section, value)
    if section is not None and isinstance(value, list | tuple):
        return f"[{some([pen.object(section, str(item)) for item in value[:MEMBERS_SHOWN]], len(value))}]"
    return pen.value(value, limit)


def sentence(section: str) -> str:
    """Spell a section for people: `fast_routers` is "fast routers"."""
    return section.replace("_", " ")


def count(number: int, one: str, many: str = "") -> str:
    """Count things: `1 call`, `2 calls`, `10,000 calls`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def some(items: Sequence[str], total: int) -> str:
    """Join the first few of *total* items: `a, b and 37 more`."""
    joined = ", ".join(items)
    return f"{joined} and {total - len(items):,} more" if total > len(items) else joined


def duration(seconds: float) -> str:
    """Spell a time to wait, rounded up: `1 s`, `2 min`, `1 h 5 min`."""
    whole = max(math.ceil(seconds), 1)
    minutes, hours = math.ceil(whole / _MINUTE_S), whole // _HOUR_S
    if whole < 2 * _MINUTE_S:
        return f"{whole} s"
    return f"{minutes} min" if hours < 2 else f"{minutes // 60} h {minutes % 60} min"
