"""
A sheet as a comment on a pull request, in the Markdown of GitHub and GitLab.

At most 60,000 bytes, of the 65,536 that GitHub bears. What does not fit is left out row by row, and said to be: first
calls and fields, then changes; the verdict, risks, counts, refusals and deletions have their room before all else.
The first line is a comment by which a pipeline finds its own comment again: `<!-- reconciler:CONTACT_CENTER -->`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.change import Action, Cause, Risk
from reconciler.model.routing import Node, Routing
from reconciler.report.markup import code, cut, fenced, link, sentence
from reconciler.report.pen import count
from reconciler.report.pen import sentence as words_of
from reconciler.report.sheet import Item, Level, Problem, Row, Sheet, Subject, by_section, row_words

MOST: Final = 60_000  # bytes
_TITLES: Final = {
    Subject.PLAN: ("Plan", "for"),
    Subject.DRIFT: ("Drift", "of"),
    Subject.REVIEW: ("Review", "of"),
    Subject.CHECK: ("Check", "of"),
}
_MARK: Final = re.compile(r"[^A-Za-z0-9._-]+")
_SECTION: Final = 24  # characters of a section's name
_TITLE: Final = 80  # characters of an object's name
_WORDS: Final = 120  # of what happens to one field, in a table
_VALUE: Final = 300  # of a value, in a diff
_SENTENCE: Final = 600
_FIELDS: Final = 3  # in a table
_MEMBERS: Final = 20  # of a list, in a diff
_OBJECTS: Final = 12  # that one refusal names
_COMMAND: Final = 4_000  # bytes
# What each part may take of the bytes, where all have much to say.
_REFUSALS: Final = 12_000
_ERRORS: Final = 24_000
_TABLED: Final = 60  # deletions in a table
_OTHERS: Final = 12_000  # for what comes after deletions
_DELETIONS: Final = 20_000
_REACH: Final = 4_000
_WARNINGS: Final = 6_000
_SHORT: Final = 3_000
_END: Final = "\n</details>\n"
_FOUR: Final = "| --- | --- | --- | --- |"
_LEFT_OUT: Final = 8
_TAIL: Final = 2_000  # what says that something was left out


def markdown(sheet: Sheet) -> str:
    """Write a sheet as Markdown."""
    return _Page(sheet).written()


def marker(contact_center: str) -> str:
    """Write the comment by which a pipeline finds what it wrote before."""
    return f"<!-- reconciler:{_MARK.sub('-', contact_center)[:63]} -->"


class _Page:
    """One comment; each part takes its bytes in the order of how much it matters, and stands where it is read."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._room = MOST - _TAIL
        self._left_out: list[str] = []

    def written(self) -> str:
        """Write it all."""
        sheet = self._sheet
        gone = [item for item in sheet.items if self._goes(item)]
        stay = [item for item in sheet.items if not item.pending and not self._goes(item)]
        errors = [problem for problem in sheet.problems if problem.level is Level.ERROR]
        others = [problem for problem in sheet.problems if problem.level is not Level.ERROR]
        head = self._take(self._head())
        command = self._take(self._command())
        refusals = self._refusals()
        wrong = self._problems("Errors", errors, _ERRORS)
        reach = self._reach()
        deletions = self._deletions(gone)
        warnings = self._problems("Warnings", others, _WARNINGS)
        notes = self._list("Notes", [sentence(note, _SENTENCE) for note in sheet.notes], _SHORT, "notes")
        sections = self._sections(stay)
        fields = self._fields(stay)
        pending = self._pending([item for item in sheet.items if item.pending])
        unmanaged = self._unmanaged()
        calls = self._calls()
        parts = [head, wrong, refusals, reach, deletions, sections, fields, warnings, pending, unmanaged, notes, calls]
        return "\n".join(filter(None, [*parts, command, self._tail()]))

    def _goes(self, item: Item) -> bool:
        deletes = self._sheet.subject in {Subject.PLAN, Subject.REVIEW}
        return deletes and item.action is Action.DELETE and not item.pending

    def _take(self, text: str) -> str:
        self._room -= len(text.encode()) + 1
        return text

    def _head(self) -> str:
        sheet = self._sheet
        title, joint = _TITLES[sheet.subject]
        name = f" {joint} {code(sheet.contact_center, _TITLE)}" if sheet.contact_center else ""
        vendor = f" ({code(sheet.provider, 40)})" if sheet.provider else ""
        lines = [marker(sheet.contact_center), f"### {title}{name}{vendor}: {sentence(sheet.verdict, _SENTENCE)}", ""]
        lines += [f"{line}  " for line in self._counts()]
        return "\n".join(lines).rstrip() + "\n"

    def _counts(self) -> Iterator[str]:
        """Say in numbers how risky it is, how much it is, and how long it takes."""
        sheet, summary = self._sheet, self._sheet.summary
        if sheet.risks:
            yield f"**Risk:** {', '.join(f'**{number:,} {risk.value}**' for risk, number in sheet.risks.items())}"
        told = [
            f"{number:,} {word}"
            for number, word in (
                (summary.create, "to create"),
                (summary.update, "to change"),
                (summary.delete, "to delete"),
                (summary.bind, "bound"),
                (summary.unbind, "unbound"),
            )
            if number
        ]
        if told:
            yield f"**Changes:** {', '.join(told)}"
        if sheet.calls:
            least = f" (at least {summary.minimum_calls:,} needed)" if summary.minimum_calls else ""
            time = f", {sentence(sheet.time, 100)}" if sheet.time else ""
            yield f"**Calls:** {count(summary.calls or len(sheet.calls), 'call')}{least}{time}"
        causes = Counter(item.cause for item in sheet.items if item.cause is not None)
        if causes:
            yield f"**Causes:** {', '.join(f'{causes[cause]:,} {cause.value}' for cause in Cause if causes[cause])}"
        if sheet.revisions:
            word = "Compared" if sheet.subject is Subject.REVIEW else "Base"
            yield f"**{word}:** {' → '.join(code(name, _TITLE) for name in sheet.revisions)}"

    def _command(self) -> str:
        command = self._sheet.command
        if not command:
            return ""
        if len(command.encode()) > _COMMAND:
            return "To apply it, give `reconciler apply` the options that `plan` was given.\n"
        return f"To apply it:\n\n{fenced(command, 'sh')}"

    def _block(  # noqa: PLR0913 - what a part is made of
        self, head: str, rows: Iterator[str], *, total: int, what: str, foot: str = "", room: int = MOST
    ) -> str:
        """Write a part: its head, the rows that fit, how many do not, its end; nothing where not one row fits."""
        if not total:
            return ""
        more = f"\nand {total:,} more {what}\n"
        spare = min(room, self._room) - len(f"{head}\n{foot}{more}".encode()) - 1
        found: list[str] = []
        for row in rows:
            spare -= len(row.encode()) + 1
            if spare < 0:
                break
            found.append(row)
        left = total - len(found)
        if left:
            self._left_out.append(f"{left:,} of {total:,} {what}" if found else f"{total:,} {what}")
        if not found:
            return ""
        rest = [f"\nand {left:,} more {what}"] if left else []
        return self._take("\n".join([head, *found, *rest, foot]))

    def _refusals(self) -> str:
        refusals = self._sheet.refusals
        rows = (
            f"- **Refused** ({code(item.rule, 60)}): {sentence(item.message, _SENTENCE)}"
            f"{self._objects(item.objects)}{self._lifts(item.remedy)}"
            for item in refusals
        )
        head = "#### Refused: nothing of this will be applied\n"
        return self._block(head, rows, total=len(refusals), what="refusals", room=_REFUSALS)

    @staticmethod
    def _lifts(remedy: str) -> str:
        return f"<br>**What lifts it:** {sentence(remedy, _SENTENCE)}" if remedy else ""

    @staticmethod
    def _objects(objects: Sequence[str]) -> str:
        if not objects:
            return ""
        more = f" and {len(objects) - _OBJECTS:,} more" if len(objects) > _OBJECTS else ""
        return f"<br>{', '.join(code(item, _TITLE) for item in objects[:_OBJECTS])}{more}"

    def _problems(self, title: str, problems: Sequence[Problem], room: int) -> str:
        def row(item: Problem) -> str:
            where = link(item.place, self._sheet.home)
            remedy = f"<br>{sentence(item.remedy, _SENTENCE)}" if item.remedy else ""
            seen = f" {code(item.place.excerpt.strip(), 160)}" if item.place and item.place.excerpt else ""
            at = f" at {where}:" if where else ":"
            return f"- {code(item.code, 60)}{at} {sentence(item.message, _SENTENCE)}{seen}{remedy}"

        head = f"#### {title}\n"
        return self._block(head, map(row, problems), total=len(problems), what=title.lower(), room=room)

    def _reach(self) -> str:
        """Say what a plan breaks on the callers' way to people, and what it mends; only where it breaks something."""
        pictures = self._sheet.pictures
        if pictures is None:
            return ""
        broken, mended = _newly(pictures.before, pictures.after), _newly(pictures.after, pictures.before)
        if not broken:
            return ""
        lines = [f"- **Broken**: {_fault(node)}" for node in broken]
        lines += [f"- Mended: {_fault(node)}" for node in mended]
        head = "#### How callers reach people\n"
        return self._block(head, iter(lines), total=len(lines), what="faults on the way", room=_REACH)

    def _deletions(self, items: Sequence[Item]) -> str:
        title = f"#### Deletions: {len(items):,}\n"
        others = sum(not item.pending for item in self._sheet.items) - len(items)
        room = max(_DELETIONS, (self._room - _OTHERS) * len(items) // (len(items) + others or 1))
        if len(items) <= _TABLED:
            head = f"{title}\n{self._table_head('section')}"
            rows = (self._row(item, sentence(words_of(item.section), _SECTION)) for item in _worst_first(items))
        else:  # names alone, so that more of them have room
            head = title
            rows = (
                f"- {sentence(words_of(item.section), _SECTION)} {code(item.title, _TITLE)} {item.risk.value}"
                for item in _worst_first(items)
            )
        return self._block(head, rows, total=len(items), what="deletions", room=room)

    def _sections(self, items: Sequence[Item]) -> str:
        parts: list[str] = []
        to = "to " if self._sheet.subject in {Subject.PLAN, Subject.REVIEW} else ""
        sections = by_section(items)
        left = len(sections)
        for section, found in sections.items():
            words = Counter(item.word for item in found)
            counts = ", ".join(f"{number:,} {to}{_word(word)}" for word, number in words.items())
            name = sentence(words_of(section), _SECTION)
            head = f"#### {name[:1].upper()}{name[1:]}: {counts}\n\n{self._table_head('what')}"
            rows = (self._row(item, self._what(item)) for item in _worst_first(found))
            room = max(self._room - 2 * _SHORT, 0) // left  # what one section does not need, the next ones have
            parts.append(self._block(head, rows, total=len(found), what=f"changes of {name}", room=room))
            left -= 1
        return "\n".join(filter(None, parts))

    def _table_head(self, second: str) -> str:
        titles = ["action", "object", second, "risk", *self._more_titles(), "where"]
        return f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}"

    def _more_titles(self) -> list[str]:
        items = self._sheet.items
        found = ["cause"] if any(item.cause is not None for item in items) else []
        found += ["status"] if any(item.status for item in items) else []
        return found + (["since"] if any(item.since for item in items) else [])

    def _row(self, item: Item, second: str) -> str:
        risk = f"**{item.risk.value}**" if item.risk is Risk.HIGH else item.risk.value
        more = {
            "cause": item.cause.value if item.cause is not None else "",
            "status": sentence(item.status, 40),
            "since": code(item.since, 40),
        }
        cells = [_word(item.word), code(item.title, _TITLE), second, risk]
        cells += [more[title] for title in self._more_titles()]
        return f"| {' | '.join([*cells, link(item.source, self._sheet.home)])} |"

    def _what(self, item: Item) -> str:
        shown = [code(row_words(row), _WORDS) for row in item.fields[:_FIELDS]]
        if len(item.fields) > len(shown):
            shown.append(f"and {count(len(item.fields) - len(shown), 'more field')}")
        return "<br>".join(shown)

    def _fields(self, items: Sequence[Item]) -> str:
        """Write what differs in each object, as a diff to unfold."""
        found = [item for item in items if item.fields]
        if not found:
            return ""
        head = "<details><summary>Fields, before and after</summary>\n"
        spare = self._room - _SHORT - len(head) - 100
        lines: list[str] = []
        shown = 0
        for item in found:
            part = [f"@@ {cut(item.called, _TITLE)} @@", *_diff(item.fields)]
            spare -= sum(len(line.encode()) + 1 for line in part)
            if spare < 0:
                break
            lines += part
            shown += 1
        if shown < len(found):
            self._left_out.append(f"the fields of {len(found) - shown:,} objects")
        return self._take(f"{head}\n{fenced(chr(10).join(lines), 'diff')}\n</details>\n") if lines else ""

    def _pending(self, items: Sequence[Item]) -> str:
        head = f"<details><summary>Not applied yet: {len(items):,}</summary>\n"
        rows = (f"- {code(item.title, _TITLE)} {link(item.source, self._sheet.home)}".rstrip() for item in items)
        what = "that are not applied yet"
        return self._block(head, rows, foot=_END, total=len(items), what=what, room=_SHORT)

    def _unmanaged(self) -> str:
        found = self._sheet.unmanaged
        objects = "live object" if len(found) == 1 else "live objects"
        head = f"<details><summary>Unmanaged: {len(found):,} {objects} that the files do not name</summary>\n"
        rows = (f"- {code(address, _TITLE)}" for address in found)
        return self._block(head, rows, foot=_END, total=len(found), what="unmanaged objects", room=_SHORT)

    def _list(self, title: str, lines: Sequence[str], room: int, what: str) -> str:
        rows = (f"- **Note**: {line}" for line in lines)
        return self._block(f"#### {title}\n", rows, total=len(lines), what=what, room=room)

    def _calls(self) -> str:
        calls = self._sheet.calls
        head = f"<details><summary>Calls, in order: {len(calls):,}</summary>\n\n| | call | what for | after |\n{_FOUR}"
        rows = (
            f"| {code(call.id, 20)} | {code(call.title, _TITLE)} | {sentence(call.why, _WORDS)} | "
            f"{', '.join(code(need, 20) for need in call.needs[:4])}{' …' if len(call.needs) > 4 else ''} |"
            for call in calls
        )
        return self._block(head, rows, foot=_END, total=len(calls), what="calls")

    def _tail(self) -> str:
        if not self._left_out:
            return ""
        shown = self._left_out[:_LEFT_OUT]
        more = " and more" if len(self._left_out) > len(shown) else ""
        return (
            f"**Left out here**, since a comment bears no more: {', '.join(shown)}{more}. "
            "To see all of it: `--format html` in place of `--format markdown`.\n"
        )


def _word(word: str) -> str:
    return sentence(word, 40)


def _worst_first(items: Sequence[Item]) -> list[Item]:
    order = (Risk.HIGH, Risk.MEDIUM, Risk.LOW)
    return sorted(items, key=lambda item: order.index(item.risk))


def _diff(fields: Sequence[Row]) -> Iterator[str]:
    """Write fields as lines of a diff."""
    for row in fields:
        name = f"    {cut(row.path, _TITLE)}"
        if row.added or row.removed:
            for sign, members in (("-", row.removed), ("+", row.added)):
                yield from (f"{sign}{name}: {cut(member, _TITLE)}" for member in members[:_MEMBERS])
                if len(members) > _MEMBERS:
                    yield f"{sign}{name}: and {len(members) - _MEMBERS:,} more"
            continue
        if row.before is not None:
            yield f"-{name}: {cut(row.before, _VALUE)}"
        if row.after is not None:
            yield f"+{name}: {cut(row.after, _VALUE)}"


def _newly(before: Routing, after: Routing) -> list[Node]:
    """Find what has a fault in *after* that it does not have in *before*."""
    known = {node.address: node for node in before.nodes}
    found = []
    for node in after.faulty:
        was = known.get(node.address)
        if was is None or node.faults > was.faults or (node.fault and node.fault != was.fault):
            found.append(node)
    return found


def _fault(node: Node) -> str:
    name = f"{code(node.label, _TITLE)} ({code(node.address, _TITLE)})"
    return f"{name} {sentence(node.fault, _SENTENCE)}" if node.fault else f"{name}: {node.faults:,} with a fault"
