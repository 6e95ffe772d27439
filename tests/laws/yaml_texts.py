"""
One configuration in any dress that YAML has: blocks and braces, quotes, comments, anchors, merge keys, odd line ends.

Each text knows in which of its lines each value stands, so that what an edit may touch is known without asking the
program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

from tests.absorbing import UDESK

Entries = dict[str, dict[str, Any]]
Spot = tuple[str, ...]  # section, name, field

_PLAIN: Final = re.compile(r"[A-Za-z一-鿿😀][\w 一-鿿😀./-]*(?<! )")
_NOT_PLAIN: Final = frozenset({"null", "Null", "NULL", "true", "false", "no", "yes", "on", "off", "y", "n"})
HARD: Final = (
    "Sales", "销售一部", "客服 😀", "a: b", "x #y", "it's", 'say "hi"', "- dash", "no", "0571", "true", "a, b", "[x]",
    "{y}", "$5", "${env:HOME}", "two\nlines", "ends \\", "*star", "&and", "!bang", "%", "@at", "`tick", "ü:", "null",
    "tab\there", "\u202eright", "https://a.example/x?y=1#z", "?", "| a |", "'", "  led", "trail ", "line\n", "=", "<<",
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(HARD),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9),
)


@dataclass(slots=True)
class Text:
    """
    A text, and where things stand in it; lines count from 0.

    *values* are the lines of each field's value, *own* whether the entry has it by itself, *entries* the lines of each
    entry, *braces* the entries that are written between braces, *sections* the lines of sections that are, *heads* the
    lines of the sections' names.
    """

    data: bytes = b""
    lines: list[str] = field(default_factory=list)
    values: dict[Spot, set[int]] = field(default_factory=dict)
    entries: dict[Spot, set[int]] = field(default_factory=dict)
    braces: set[Spot] = field(default_factory=set)
    sections: dict[str, set[int]] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    comments: int = 0


class Dress:
    """Writes one text."""

    def __init__(self, draw: st.DrawFn, *, start: int = 0) -> None:
        self.draw = draw
        self.made = Text(comments=start)
        self.anchored: dict[str, Any] = {}  # scalars by anchor

    def maybe(self, *, often: bool = False) -> bool:
        """Toss a coin."""
        return self.draw(st.booleans()) or (often and self.draw(st.booleans()))

    def comment(self) -> str:
        """Give a comment that there is once, or none."""
        if not self.maybe():
            return ""
        self.made.comments += 1
        return f"{self.draw(st.sampled_from(('  ', ' ', '      ')))}# c{self.made.comments}: 值, '{{\"[ *&"

    def line(self, text: str, *spots: Spot) -> int:
        """Add a line."""
        number = len(self.made.lines)
        self.made.lines.append(text)
        for spot in spots:
            self.made.values.setdefault(spot, set()).add(number)
        return number

    def loose(self, indent: str) -> None:
        """Add a blank line or a comment of its own, or nothing."""
        if self.maybe():
            return
        comment = self.comment().strip()
        self.line(f"{indent}{comment}" if comment else "")

    def scalar(self, value: Any, *, flow: bool) -> str:
        """Spell a scalar in one line."""
        if isinstance(value, bool):
            return self.draw(st.sampled_from(("true", "True") if value else ("false", "FALSE")))
        if isinstance(value, int):
            return str(value)
        text = str(value).replace("$", "$$")
        ways = [json.dumps(text, ensure_ascii=False)]
        if text.isprintable() and "\n" not in text:
            ways.append("'" + text.replace("'", "''") + "'")
        if _PLAIN.fullmatch(text) and text not in _NOT_PLAIN and text.isprintable():
            ways.append(text)
        if not flow and re.fullmatch("[0-9]+", text):
            ways.append(text)
        ways[0] = re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", ways[0])
        ways[0] = re.sub("[\U0001fffe-\U0010ffff]", lambda found: f"\\U{ord(found[0]):08x}", ways[0])
        return self.draw(st.sampled_from(ways))

    def key(self, name: str) -> str:
        """Spell a key."""
        ways = [f'"{name}"', f"'{name}'", name]
        return self.draw(st.sampled_from(ways))

    def value(self, spot: Spot, value: Any) -> str:
        """Spell a value between braces."""
        if isinstance(value, list):
            gap = self.draw(st.sampled_from(("", " ")))
            inner = f",{self.draw(st.sampled_from((' ', '')))}".join(self.scalar(item, flow=True) for item in value)
            inner = inner.replace('","', '", "')
            return f"[{gap}{inner}{gap}]" if value else self.draw(st.sampled_from(("[]", "[ ]")))
        name = f"{spot[-1]}{value}" if isinstance(value, int) and not isinstance(value, bool) else ""
        if name and name in self.anchored and self.maybe():
            return f"*{name} "
        if name and name not in self.anchored and self.maybe():
            self.anchored[name] = value
            return f"&{name} {value}"
        return self.scalar(value, flow=True)

    def braces(self, spot: Spot, fields: Mapping[str, Any]) -> str:
        """Write an entry's fields between braces."""
        return "{" + ", ".join(f"{name}: {self.value((*spot, name), value)}" for name, value in fields.items()) + "}"

    def block(self, spot: Spot, fields: Mapping[str, Any], indent: str) -> None:
        """Write an entry's fields line by line."""
        for name, value in fields.items():
            here = (*spot, name)
            self.loose(indent)
            lead = f"{indent}{self.key(name)}:"
            if isinstance(value, list) and value and self.maybe():
                self.listed(here, value, lead, indent)
            elif isinstance(value, str) and _fits_block(value) and self.maybe():
                self.blocked(here, value, lead, indent)
            else:
                spelled = self.value(here, value).rstrip()
                self.line(f"{lead} {spelled}{self.comment()}", here)

    def listed(self, here: Spot, value: Sequence[Any], lead: str, indent: str) -> None:
        """Write a list, line by line or over several lines of brackets."""
        if self.maybe():
            self.line(f"{lead}{self.comment()}", here)
            inner = indent + self.draw(st.sampled_from(("", "  ", " ")))
            dash = self.draw(st.sampled_from(("- ", "-   ")))
            for item in value:
                self.loose(inner)
                self.line(f"{inner}{dash}{self.scalar(item, flow=False)}{self.comment()}", (*here, str(item)), here)
            return
        self.line(f"{lead} [{self.comment()}", here)
        comma = self.maybe()
        for number, item in enumerate(value):
            end = "," if comma or number < len(value) - 1 else ""
            self.line(f"{indent}  {self.scalar(item, flow=True)}{end}{self.comment()}", here)
        self.line(f"{indent}]{self.comment()}", here)

    def blocked(self, here: Spot, value: str, lead: str, indent: str) -> None:
        """Write a text as a block."""
        sign = self.draw(st.sampled_from(("|", ">"))) if "\n" not in value.rstrip("\n") else "|"
        chomping = "" if value.endswith("\n") else "-"
        self.line(f"{lead} {sign}{chomping}{self.comment()}", here)
        for part in value.removesuffix("\n").split("\n"):
            self.line(f"{indent}  {part}".replace("$", "$$"), here)

    def section(self, name: str, entries: Entries, *, keys: Mapping[str, str]) -> None:
        """Write a section of named entries; *keys* are merge keys: an entry, and the one that it takes fields from."""
        self.loose("")
        if not keys and self.maybe() and self.maybe():
            self.braced(name, entries)
            return
        self.made.heads[name] = self.line(f"{self.key(name)}:{self.comment()}")
        indent = " " * self.draw(st.integers(1, 4))
        inner = indent + " " * self.draw(st.integers(1, 4))
        for entry, whole in entries.items():
            spot = (name, entry)
            self.loose(indent)
            start = len(self.made.lines)
            anchor = f" &{name}-base" if entry in keys.values() else ""
            fields = whole
            merge = ""
            if entry in keys:
                merge = f"*{name}-base"
                base = entries[keys[entry]]
                fields = {key: value for key, value in whole.items() if key not in base or base[key] != value}
            if self.maybe() or not fields:
                self.made.braces.add(spot)
                lead = f"<<: {merge}, " if merge else ""
                written = "{" + lead + self.braces(spot, fields).removeprefix("{")
                written = written.replace(", }", "}")
                number = self.line(f"{indent}{self.key(entry)}:{anchor} {written}{self.comment()}")
                self.made.values |= {(*spot, key): {number} for key in fields}
            else:
                self.line(f"{indent}{self.key(entry)}:{anchor}{self.comment()}")
                if merge:
                    self.line(f"{inner}<<: {merge}{self.comment()}")
                self.block(spot, fields, inner)
            self.made.entries[spot] = {*range(start, len(self.made.lines))}

    def braced(self, name: str, entries: Entries) -> None:
        """Write a section between braces, in one line or an entry a line."""
        lead = f"{self.key(name)}: {{"
        if self.maybe():
            parts = [f"{self.key(entry)}: {self.braces((name, entry), fields)}" for entry, fields in entries.items()]
            number = self.line(f"{lead}{', '.join(parts)}}}{self.comment()}")
            self.made.sections[name] = {number}
        else:
            first = self.line(f"{lead}{self.comment()}")
            for place, (entry, fields) in enumerate(entries.items()):
                end = "," if place < len(entries) - 1 or self.maybe() else ""
                written = f"  {self.key(entry)}: {self.braces((name, entry), fields)}{end}{self.comment()}"
                self.made.entries[name, entry] = {self.line(written)}
            self.made.sections[name] = {*range(first, self.line(f"  }}{self.comment()}") + 1)}
        for entry, fields in entries.items():
            lines = self.made.entries.get((name, entry), self.made.sections[name])
            self.made.entries.setdefault((name, entry), lines)
            self.made.braces.add((name, entry))
            self.made.values |= {(name, entry, key): lines for key in fields}

    def finished(self) -> Text:
        """Give the bytes."""
        newline = self.draw(st.sampled_from(("\n", "\n", "\r\n")))
        whole = newline.join(self.made.lines) + (newline if self.maybe(often=True) else "")
        self.made.data = (b"\xef\xbb\xbf" if self.maybe() and self.maybe() else b"") + whole.encode("utf-8")
        return self.made


def _fits_block(value: str) -> bool:
    parts = value.removesuffix("\n").split("\n")
    plain = all(part and part == part.strip() and part.isprintable() for part in parts)
    return plain and "\n\n" not in value


@dataclass(slots=True)
class Written:
    """A configuration: its files, what stands where in each, and what it holds."""

    files: dict[str, Text]
    queues: Entries
    agents: Entries
    routers: Entries


@st.composite
def configurations(draw: st.DrawFn) -> Written:  # noqa: C901 - one section after another
    """Write a configuration by chance."""
    queues: Entries = {}
    for number, name in enumerate(
        draw(st.lists(st.sampled_from(("sales", "客服", "vip", "q4")), min_size=1, unique=True))
    ):
        queues[name] = {"id": str(9001 + number), "name": draw(texts)}
        if draw(st.booleans()):
            queues[name]["timeout"] = draw(st.sampled_from((60, 90)))
        if draw(st.booleans()):
            queues[name]["max_length"] = draw(st.sampled_from((64, 128)))
    agents: Entries = {}
    for number, name in enumerate(
        draw(st.lists(st.sampled_from(("li.wei", "王芳", "zhao", "sun")), max_size=4, unique=True))
    ):
        agents[name] = {"id": str(10001 + number), "work_id": f"w{number}", "name": draw(texts)}
        if draw(st.booleans()):
            agents[name]["enabled"] = draw(st.booleans())
        if draw(st.booleans()):
            agents[name]["mobile"] = draw(st.sampled_from(("", "13800000000", "057100")))
        agents[name]["queues"] = draw(st.lists(st.sampled_from([*queues]), unique=True))
    routers = {
        digit: {"queue": draw(st.sampled_from([*queues])), "description": draw(texts)}
        for digit in draw(st.lists(st.sampled_from("012"), max_size=3, unique=True))
    }
    files: dict[str, Text] = {"a.yaml": Text(data=UDESK.encode())}
    dress = Dress(draw)
    parts = [("queues", queues), ("agents", agents), ("fast_routers", routers)]
    for number, (section, entries) in enumerate(draw(st.permutations(parts))):
        names = [*entries]
        keys: dict[str, str] = {}
        if section == "queues" and len(names) > 1 and draw(st.booleans()):
            keys = {names[1]: names[0]}
        if entries:
            dress.section(section, entries, keys=keys)
        if draw(st.booleans()) or number == len(parts) - 1:
            files[f"f{number}.yaml"] = dress.finished()
            dress = Dress(draw, start=dress.made.comments)
    return Written(files, queues, agents, routers)
