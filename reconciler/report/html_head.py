"""The head of a page: the verdict, what there is to do in numbers, and the command that does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.report.html_rows import RISK, Word, words_of
from reconciler.report.page import esc, named
from reconciler.report.sheet import Item, Sheet, Subject

SUBJECTS: Final = {Subject.PLAN: "Plan", Subject.DRIFT: "Drift", Subject.REVIEW: "Review", Subject.CHECK: "Check"}
_VENDORS: Final = {"udesk": "Udesk", "tencent": "Tencent"}


_NONE: Final = tuple(
    Word(word=word, look=look, token=look, number=0)
    for word, look in (("create", "c"), ("change", "u"), ("delete", "d"))
)


def header(sheet: Sheet, items: Sequence[Item], pending: Sequence[Item]) -> Iterator[str]:
    """Write the page's head: what it is about, the verdict, the numbers, and what to type."""
    over = [SUBJECTS[sheet.subject]]
    if sheet.provider:
        over.append(_VENDORS.get(sheet.provider, sheet.provider))
    told = " \u00b7 ".join(map(esc, over))
    yield f'<header>\n<p class="over">{told}</p>\n'
    yield f"<h1>{named(sheet.contact_center or SUBJECTS[sheet.subject])}</h1>\n"
    yield f'<p class="lead">{esc(sheet.verdict)}</p>\n'
    match sheet.revisions:
        case (base, head):
            yield f'<p class="soft">From <code>{esc(base)}</code> to <code>{esc(head)}</code></p>\n'
        case (base,):
            seen = "Causes are seen from" if sheet.subject is Subject.PLAN else "Compared with"
            yield f'<p class="soft">{seen} <code>{esc(base)}</code></p>\n'
        case _:
            pass
    tiles = list(_tiles(sheet, items, pending))
    if tiles:
        yield f'<dl class="tiles">\n{"".join(tiles)}</dl>\n'
    if sheet.command:
        yield f'<div class="command"><p class="soft">To apply it</p><code>{esc(sheet.command)}</code></div>\n'
    yield "</header>\n"


def _tiles(sheet: Sheet, items: Sequence[Item], pending: Sequence[Item]) -> Iterator[str]:
    if sheet.subject is Subject.CHECK or not (items or pending or sheet.calls):
        return
    words = {word.token: word for word in words_of(sheet.subject, items).values()}
    if sheet.subject is Subject.PLAN:
        words = {word.token: word for word in _NONE} | words
    for word in words.values():
        told = word.word.capitalize() if sheet.subject is Subject.DRIFT else f"To {word.word}"
        yield _tile(told, f"{word.number:,}", look=word.look if word.number else "")
    if pending:
        yield _tile("Not yet applied", f"{len(pending):,}")
    summary = sheet.summary
    if summary.bind or summary.unbind:
        yield _tile("Bindings", f"+{summary.bind:,} \u2212{summary.unbind:,}")
    if sheet.calls:
        least = f"at least {summary.minimum_calls:,} needed" if summary.minimum_calls else ""
        yield _tile("Calls", f"{len(sheet.calls):,}", least)
    if sheet.time:
        time, _, pace = sheet.time.partition(" at ")
        yield _tile("Time", time, f"at {pace}" if pace else "")
    if items:
        risks = sheet.risks
        told = ", ".join(f"{number:,} {risk.value}" for risk, number in risks.items())
        yield _tile("Risk", told or "low", look=RISK[next(iter(risks))] if risks else "")


def _tile(title: str, value: str, note: str = "", *, look: str = "") -> str:
    mark = f' class="{look}"' if look else ""
    more = f"<dd>{esc(note)}</dd>" if note else ""
    return f"<div{mark}><dt>{esc(title)}</dt><dd>{esc(value)}</dd>{more}</div>\n"
