"""
Objects that differ, as rows of a page's tables.

Ten thousand of them are one page, so a row has little markup: HTML lets rows and cells go without their ends, and looks
come from the style sheet. What would make a page too large to open is cut, and the page says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from reconciler.model.change import Action, Cause, Risk, Source
from reconciler.report.page import esc
from reconciler.report.pen import RISKS, count, sentence
from reconciler.report.sheet import Item, Row, Subject, by_section
from reconciler.report.where import in_files, uri

_ACTIONS: Final = {Action.CREATE: "c", Action.UPDATE: "u", Action.DELETE: "d"}
RISK: Final = {Risk.LOW: "l", Risk.MEDIUM: "m", Risk.HIGH: "h"}
CAUSES: Final = {Cause.YOURS: "ky", Cause.DRIFT: "kd", Cause.CONFLICT: "kc"}
STATUSES: Final = {"new": "tn", "still there": "ts"}
_DRIFTED: Final = {**_ACTIONS, Action.CREATE: "x"}  # what a hand has made is nothing to be glad of
_LINKED: Final = 1_000  # objects whose places are links, where files can be read on the web
_CHUNK: Final = 100  # rows of one table: a browser skips what is out of sight by tables
_FEW: Final = 100  # objects, of which all fields are open from the start
_WEB: Final = re.compile(r"https?://")
_PLAIN: Final = 8  # fields that are never folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How much of each object is shown: characters of a value, members of a list, fields; *run*: one after another."""

    value: int
    members: int
    fields: int
    run: bool = False


_MEASURES: Final = (
    Measure(value=400, members=60, fields=80),
    Measure(value=400, members=60, fields=80, run=True),
    Measure(value=60, members=8, fields=12, run=True),
    Measure(value=16, members=2, fields=3, run=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """
    Rows by place among the items, and what was left out of them.

    *size* counts bytes, *anchors* are the ids of rows by address.
    """

    rows: Mapping[int, str]
    size: int
    cut: bool = False
    left_out: int = 0
    anchors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What happens to *number* objects; *look* is its class in the style sheet, *token* the class to find them by."""

    word: str
    look: str
    token: str
    number: int

    @property
    def marks(self) -> str:
        """The classes of a row."""
        return self.look if self.token == self.look else f"{self.look} {self.token}"


def words_of(subject: Subject, items: Sequence[Item]) -> Mapping[tuple[Action, str], Word]:
    """Count what happens: creations, then changes, then deletions. Two words may share a look, but no token."""
    looks = _DRIFTED if subject is Subject.DRIFT else _ACTIONS
    counted = Counter((item.action, item.word) for item in items)
    shared = len({action for action, _ in counted}) < len(counted)
    order = sorted(counted, key=lambda key: (tuple(looks).index(key[0]), key[1]))
    return {
        (action, word): Word(
            word=word,
            look=looks[action],
            token=f"w{place}" if shared else looks[action],
            number=counted[action, word],
        )
        for place, (action, word) in enumerate(order)
    }


def rows_of(subject: Subject, items: Sequence[Item], *, room: int, linked: Iterable[str] = (), home: str = "") -> Rows:
    """
    Write a row for each item.

    Where *room*, in bytes, is too small, values and lists are cut; where that is not enough, objects stay out, but
    deletions and what has a high risk stay in. *linked* are addresses that the page refers to, *home* is where files
    can be read on the web.
    """
    wanted = set(linked)
    anchors = {item.address: f"at{place}" for place, item in enumerate(items) if item.address in wanted}
    pen = _RowPen(
        marks={key: word.marks for key, word in words_of(subject, items).items()},
        anchors=anchors,
        opened=len(items) <= _FEW,
        home=home if len(items) <= _LINKED and _WEB.match(home) else "",
    )
    for measure in _MEASURES:
        written, left = [], room
        for item in items:
            written.append(pen.row(item, measure))
            left -= size(written[-1])
            if left < 0:
                break
        else:
            cut = measure not in _MEASURES[:2]
            return Rows(rows=dict(enumerate(written)), size=room - left, cut=cut, anchors=anchors)
    kept: dict[int, str] = {}
    left = room
    for place in sorted(range(len(items)), key=lambda place: _weight(items[place])):
        text = pen.row(items[place], _MEASURES[-1])
        if size(text) > left:
            break
        left -= size(text)
        kept[place] = text
    there = {items[place].address for place in kept}
    return Rows(
        rows=kept,
        size=room - left,
        cut=True,
        left_out=len(items) - len(kept),
        anchors={address: anchor for address, anchor in anchors.items() if address in there},
    )


def size(text: str) -> int:
    """Count the bytes of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _weight(item: Item) -> tuple[bool, int]:
    return item.action is not Action.DELETE, RISKS.index(item.risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowPen:
    """Writes rows; *marks* are classes by action and word, *opened* says whether folded fields are open."""

    marks: Mapping[tuple[Action, str], str]
    anchors: Mapping[str, str]
    opened: bool
    home: str

    def row(self, item: Item, measure: Measure) -> str:
        tokens = self.marks[item.action, item.word]
        tags = ""
        if item.risk is not Risk.LOW:
            tokens += f" {RISK[item.risk]}"
            tags = f" <i class=r>{item.risk.value} risk</i>"
        if item.cause is not None:
            tokens += f" {CAUSES[item.cause]}"
            tags += f" <i class={CAUSES[item.cause]}>{item.cause.value}</i>"
        if item.status:
            tokens += f" {STATUSES.get(item.status, '')}".rstrip()
            tags += f" <i>{escape(item.status)}</i>"
        if item.since:
            tags += f"<p>since {escape(item.since)}"
        marks = f'"{tokens}"' if " " in tokens else tokens
        anchor = f" id={self.anchors[item.address]}" if item.address in self.anchors else ""
        where = "" if item.source is None else f"<p>{self._place(item.source)}"
        return (
            f"<tr class={marks}{anchor}><th><bdi>{escape(item.title)}</bdi><p>{escape(item.address)}{where}"
            f"<td>{escape(item.word)}{tags}<td>{_fields(item, measure, opened=self.opened)}\n"
        )

    def _place(self, source: Source) -> str:
        told = f"{escape(source.file)}:{source.line}"
        if not self.home or not in_files(source.file):
            return told
        return f'<a href="{escape(self.home)}{escape(uri(source.file))}#L{source.line}">{told}</a>'


def _fields(item: Item, measure: Measure, *, opened: bool) -> str:
    fields = item.fields
    if not fields:
        return ""
    shown = fields[: measure.fields]
    told = len({row.cause for row in shown}) > 1  # else the object's own says it
    new = item.action is not Action.UPDATE
    pairs = [(escape(row.path), _field(row, measure, new=new, told=told)) for row in shown]
    if len(fields) > len(shown):
        pairs.append(("and", count(len(fields) - len(shown), "more field")))
    if measure.run:
        return "".join([f"<p>{path} {text}" for path, text in pairs])
    body = "".join([f"<dt>{path}<dd>{text}" for path, text in pairs])
    if len(fields) <= (2 if new else _PLAIN):
        return f"<dl>{body}</dl>"
    mark = " open" if opened else ""
    return f"<details{mark}><summary>{count(len(fields), 'field')}</summary><dl>{body}</dl></details>"


def _field(row: Row, measure: Measure, *, new: bool, told: bool) -> str:
    tag = f" <i class={CAUSES[row.cause]}>{row.cause.value}</i>" if told and row.cause is not None else ""
    if row.added or row.removed:
        return f"{_members(row, measure, new=new)}{tag}"
    after = "nothing" if row.after is None else f"<b>{escape(_value(row.after, measure.value))}</b>"
    if row.before is not None:
        return f"<s>{escape(_value(row.before, measure.value))}</s> \u2192 {after}{tag}"
    if new and row.after is not None:
        return f"{escape(_value(row.after, measure.value))}{tag}"
    return f"unknown \u2192 {after}{tag}"


def _members(row: Row, measure: Measure, *, new: bool) -> str:
    most = measure.members
    if new and not row.removed:
        parts = [escape(", ".join(row.added[:most]))]
    else:
        parts = [f"<b>+ {escape(member)}</b>" for member in row.added[:most]]
        parts += [f"<s>\u2212 {escape(member)}</s>" for member in row.removed[:most]]
    for sign, members in (("+", row.added), ("\u2212", row.removed)):
        if len(members) > most:
            parts.append(f"and {'' if new else f'{sign} '}{len(members) - most:,} more")
    return " ".join(parts)


def _value(text: str, limit: int) -> str:
    """Take off the quotes of a plain text, which has a place of its own here, and cut it."""
    bare = text[1:-1]
    if text[:1] == text[-1:] == '"' and bare and bare == bare.strip() and '"' not in bare:
        text = bare
    return text if len(text) <= limit else f"{text[: limit - 1]}\u2026"


def groups(items: Sequence[Item], rows: Rows, *, deletions_first: bool, prefix: str) -> Iterator[str]:
    """Write the tables: deletions first where that is wished, then section by section. *prefix* keeps ids apart."""
    placed = {id(item): place for place, item in enumerate(items)}
    going = [item for item in items if item.action is Action.DELETE] if deletions_first else []
    staying = [item for item in items if not (deletions_first and item.action is Action.DELETE)]
    blocks = [("Deletions", by_section(going))] if going else []
    blocks += [(sentence(section).capitalize(), {section: group}) for section, group in by_section(staying).items()]
    for place, (title, sections) in enumerate(blocks):
        number = sum(map(len, sections.values()))
        yield (f'<div class="group">\n<h3 id="{prefix}{place}">{esc(title)}<span class="soft">{number:,}</span></h3>\n')
        for section, group in sections.items():
            found = [text for item in group if (text := rows.rows.get(placed[id(item)])) is not None]
            many = len(found) > _CHUNK
            caption = title if len(sections) == 1 else f"{title}: {sentence(section)}"
            for start in range(0, len(found), _CHUNK):
                part = found[start : start + _CHUNK]
                told = f"{caption}, {start + 1:,} to {start + len(part):,}" if many else caption
                yield _table(section, told, part, many=many)
        if missing := number - sum(1 for group in sections.values() for item in group if placed[id(item)] in rows.rows):
            yield f'<p class="soft">and {count(missing, "more", "more")}, too many for this page</p>\n'
        yield "</div>\n"


def _table(section: str, caption: str, rows: Sequence[str], *, many: bool) -> str:
    return (
        f'<div class="rows{" many" if many else ""}" data-s="{esc(section)}"><table class="changes">'
        f"<caption class=unseen>{esc(caption)}</caption><col class=x1><col class=x2><col>"
        "<thead class=unseen><tr><th scope=col>Object<th scope=col>What happens<th scope=col>What differs</thead>"
        f"<tbody>\n{''.join(rows)}</tbody></table></div>\n"
    )
