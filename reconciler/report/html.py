"""
A sheet as a page that stands alone: plans, drift and reviews for people who read in a browser.

It works offline, on paper, on a phone, by keyboard and without its script, which only filters. The same sheet gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.diagnostics import Place
from reconciler.model.plan import Refusal
from reconciler.report.html_head import SUBJECTS, header
from reconciler.report.html_pictures import pictures
from reconciler.report.html_rows import CAUSES, RISK, STATUSES, Rows, groups, rows_of, size, words_of
from reconciler.report.page import asset, esc, named, page
from reconciler.report.pen import RISKS, count, sentence
from reconciler.report.sheet import CallRow, Item, Level, Problem, Sheet, Subject

_LEVELS: Final = {Level.ERROR: (" bad", "Error"), Level.WARNING: (" care", "Warning"), Level.NOTE: ("", "Note")}
_PAGE: Final = 4_850_000  # bytes that a page may have, refusals and frame aside
_EACH: Final = 380  # or so many for each object, up to
_LARGEST: Final = 12_000_000
_LEAST: Final = 500_000  # that objects have, whatever else there is
_OBJECTS: Final = 50  # of one refusal that are named
_PROBLEMS: Final = 200
_OPEN_CALLS: Final = 50
_CALLS: Final = 12_000
_CALLS_IN_TABLE: Final = 100
_CALLS_BYTES: Final = 1_200_000
_FEWER_CALLS_BYTES: Final = 400_000
_NEEDS: Final = 6
_WHY: Final = 80  # characters of a call's reason where there are many calls
_CALL_HEAD: Final = "<tr><th scope=col>Call<th scope=col>Sent<th scope=col>Why<th scope=col>After"
_CAUSES_TOLD: Final = "Yours: the files changed it. Drift: live was changed by hand. Conflict: both were, differently."
_UNMANAGED: Final = 1_000
_SIFTED: Final = 6  # with fewer objects there is nothing to search


def html(sheet: Sheet) -> str:
    """Write a sheet as a page."""
    items = tuple(item for item in sheet.items if not item.pending)
    pending = tuple(item for item in sheet.items if item.pending)
    linked = {address for refusal in sheet.refusals for address in refusal.objects[:_OBJECTS]}
    besides = (_problems(sheet.problems), _pending(sheet, pending), _routing(sheet), _notes(sheet.notes))
    problems, wished, routing, notes = besides
    calls, unmanaged = _calls(sheet.calls, most=_CALLS_BYTES), _unmanaged(sheet.unmanaged)
    room = min(max(_PAGE, _EACH * len(items)), _LARGEST) - sum(map(_bytes, (*besides, unmanaged)))
    least = min(_bytes(calls), _FEWER_CALLS_BYTES)  # before what changes is cut, calls are
    rows = rows_of(sheet.subject, items, room=max(room - least, _LEAST), linked=linked, home=sheet.home)
    if rows.size + _bytes(calls) > room:
        calls = _calls(sheet.calls, most=_FEWER_CALLS_BYTES)
    refused, changes = _refusals(sheet.refusals, rows), _changes(sheet, items, rows)
    parts = [
        part for part in (refused, problems, changes, wished, routing, notes, calls, unmanaged) if part is not None
    ]
    of = f" of {sheet.contact_center}" if sheet.contact_center else ""
    title = f"{SUBJECTS[sheet.subject]}{of}: {sheet.verdict}"
    return page(
        title=title,
        body=(
            *header(sheet, items, pending),
            *_nav(parts),
            '<main id="main" tabindex="-1">\n',
            *(text for part in parts for text in part.body),
            "</main>\n<footer><p>Written by reconciler. This page loads nothing from elsewhere.</p></footer>\n",
        ),
        styles=(asset("changes.css"), asset("graph.css")),
        script=asset("changes.js"),
    )


class _Part:
    """A section of the page, and its entry in the list of sections."""

    def __init__(self, name: str, title: str, number: int | None, body: Iterator[str], lead: str = "") -> None:
        self.name = name
        self.title = title
        self.number = number
        told = "" if number is None else f'<span class="soft">{number:,}</span>'
        self.body = (
            f'<section id="{name}" aria-labelledby="{name}-title">\n<h2 id="{name}-title">{title}{told}</h2>\n',
            f'<p class="soft">{lead}</p>\n' if lead else "",
            *body,
            "</section>\n",
        )


def _bytes(part: _Part | None) -> int:
    return 0 if part is None else sum(map(size, part.body))


def _nav(parts: Sequence[_Part]) -> Iterator[str]:
    if len(parts) < 2:
        return
    yield '<nav aria-label="On this page"><ul>\n'
    for part in parts:
        number = "" if part.number is None else f' <span class="soft">{part.number:,}</span>'
        yield f'<li><a href="#{part.name}">{part.title}{number}</a></li>\n'
    yield "</ul></nav>\n"


def _refusals(refusals: Sequence[Refusal], rows: Rows) -> _Part | None:
    if not refusals:
        return None

    def body() -> Iterator[str]:
        for refusal in refusals[:_PROBLEMS]:
            yield f'<div class="box bad"><h3>{esc(refusal.rule)}</h3><p>{esc(refusal.message)}</p>\n'
            if refusal.objects:
                named_ones = "".join(f"<li>{_linked(address, rows)}</li>" for address in refusal.objects[:_OBJECTS])
                more = len(refusal.objects) - _OBJECTS
                yield f"<ul>{named_ones}{f'<li>and {more:,} more</li>' if more > 0 else ''}</ul>\n"
            if refusal.remedy:
                yield f"<p><strong>What lifts it:</strong> {esc(refusal.remedy)}</p>"
            yield "</div>\n"
        if len(refusals) > _PROBLEMS:
            yield f"<p>and {count(len(refusals) - _PROBLEMS, 'more refusal')}</p>\n"

    return _Part("refused", "Refused", len(refusals), body(), "Nothing of this will be applied.")


def _linked(address: str, rows: Rows) -> str:
    anchor = rows.anchors.get(address)
    return f'<a href="#{anchor}">{named(address)}</a>' if anchor else named(address)


def _problems(problems: Sequence[Problem]) -> _Part | None:
    if not problems:
        return None
    found = sorted(problems, key=lambda problem: tuple(Level).index(problem.level))
    errors = sum(problem.level is Level.ERROR for problem in found)

    def body() -> Iterator[str]:
        for problem in found[:_PROBLEMS]:
            look, word = _LEVELS[problem.level]
            yield f'<div class="box{look}"><p><strong>{word}:</strong> {esc(problem.message)}</p>\n'
            if problem.place is not None:
                place = problem.place
                yield f"<p><code>{esc(place.file)}:{place.line}:{place.column}</code> ({esc(problem.code)})</p>\n"
                if place.excerpt is not None:
                    yield f'<pre class="marks" tabindex="0">{_marked(place, place.excerpt)}</pre>\n'
            if problem.remedy:
                yield f"<p>{esc(problem.remedy)}</p>\n"
            for words, other in problem.related:
                yield f"<p>{esc(words)}: <code>{esc(other.file)}:{other.line}</code></p>\n"
            yield "</div>\n"
        if len(found) > _PROBLEMS:
            yield f"<p>and {len(found) - _PROBLEMS:,} more</p>\n"

    return _Part("problems", "Errors and warnings" if errors else "Warnings", len(found), body())


def _marked(place: Place, excerpt: str) -> str:
    """Underline what is wrong in a line; where a sheet spells what was there otherwise, columns no longer count."""
    start, end = place.column - 1, place.column - 1 + place.width
    if not 0 <= start < end <= len(excerpt) or "\\" in excerpt or "***" in excerpt:
        return esc(excerpt)
    return f"{esc(excerpt[:start])}<mark>{esc(excerpt[start:end])}</mark>{esc(excerpt[end:])}"


def _changes(sheet: Sheet, items: Sequence[Item], rows: Rows) -> _Part | None:
    if not items:
        return None
    drifted = sheet.subject is Subject.DRIFT

    def body() -> Iterator[str]:
        if len(items) >= _SIFTED:
            yield from _filters(sheet.subject, items)
        yield from groups(items, rows, deletions_first=not drifted, prefix="group")

    lead = []
    if drifted:
        lead.append("What somebody changed by hand; values stand as the files have them, then as they are live.")
    if any(item.cause is not None for item in items):
        lead.append(_CAUSES_TOLD)
    if rows.cut:
        lead.append("There is so much that long values and lists are cut on this page; the plan as JSON has all.")
    if rows.left_out:
        lead.append(
            f"{count(rows.left_out, 'object')} of low weight did not fit: deletions and high risks stand here first."
        )
    return _Part("changes", "Changed by hand" if drifted else "Changes", len(items), body(), " ".join(lead))


def _filters(subject: Subject, items: Sequence[Item]) -> Iterator[str]:
    sections = list(dict.fromkeys(item.section for item in items))
    risks = {item.risk for item in items}
    causes = {item.cause for item in items}
    status = {item.status for item in items}
    choices = (
        ("s", "Section", [(section, sentence(section)) for section in sections]),
        ("a", "What happens", [(word.token, word.word) for word in words_of(subject, items).values()]),
        ("r", "Risk", [(RISK[risk], risk.value) for risk in RISKS if risk in risks]),
        ("k", "Cause", [(token, cause.value) for cause, token in CAUSES.items() if cause in causes]),
        ("t", "Seen", [(token, word) for word, token in STATUSES.items() if word in status]),
    )
    yield (
        '<form id="filters" class="filters screen" role="search" aria-label="Filter the changes" hidden>\n'
        '<label>Search<input name="q" type="search" autocomplete="off" spellcheck="false"></label>\n'
    )
    for name, label, options in choices:
        if len(options) > 1:
            told = "".join(f'<option value="{esc(value)}">{esc(word)}</option>' for value, word in options)
            yield f'<label>{label}<select name="{name}"><option value="">all</option>{told}</select></label>\n'
    yield (
        '<button type="reset">Clear</button>\n<button type="button" hidden>Open all fields</button>\n'
        f'<output role="status" aria-live="polite">Showing all {len(items):,}.</output>\n</form>\n'
    )


def _pending(sheet: Sheet, pending: Sequence[Item]) -> _Part | None:
    if not pending:
        return None
    rows = rows_of(Subject.PLAN, pending, room=1_000_000, home=sheet.home)
    lead = "The files are ahead of what was applied; nobody changed this by hand."
    return _Part(
        "pending",
        "Not yet applied",
        len(pending),
        groups(pending, rows, deletions_first=sheet.subject is not Subject.DRIFT, prefix="wish"),
        lead,
    )


def _routing(sheet: Sheet) -> _Part | None:
    if sheet.pictures is None:
        return None
    return _Part("routing", "How callers reach people", None, pictures(sheet.pictures))


def _notes(notes: Sequence[str]) -> _Part | None:
    if not notes:
        return None
    told = "".join(f"<li>{esc(note)}</li>\n" for note in notes[:_PROBLEMS])
    if len(notes) > _PROBLEMS:
        told += f"<li>and {len(notes) - _PROBLEMS:,} more</li>\n"
    return _Part("notes", "Notes", len(notes), iter((f'<ul class="said">\n{told}</ul>\n',)))


def _calls(calls: Sequence[CallRow], *, most: int) -> _Part | None:
    if not calls:
        return None
    many = len(calls) > _OPEN_CALLS
    why = _WHY if len(calls) > 1_000 else None

    def body() -> Iterator[str]:
        if many:
            yield f"<details><summary>Show {count(len(calls), 'call')}</summary>\n"
        left, shown = most, 0
        for start in range(0, min(len(calls), _CALLS), _CALLS_IN_TABLE):
            rows = "".join([_call(call, why) for call in calls[start : start + _CALLS_IN_TABLE]])
            left -= size(rows)
            if left < 0:
                break
            shown = min(start + _CALLS_IN_TABLE, len(calls))
            head = ' class="unseen"' if start else ""
            yield (
                f'<div class="rows{" many" if many else ""}"><table class="calls"><caption class=unseen>Calls '
                f"{start + 1:,} to {shown:,}</caption><col class=y1><col class=y2><col><col class=y4>"
                f"<thead{head}>{_CALL_HEAD}</thead><tbody>\n{rows}</tbody></table></div>\n"
            )
        if len(calls) > shown:
            yield f'<p class="soft">and {count(len(calls) - shown, "more call")}, too many for this page</p>\n'
        if many:
            yield "</details>\n"

    return _Part("calls", "Calls, in order", len(calls), body())


def _call(call: CallRow, why: int | None) -> str:
    needs = ", ".join(call.needs[:_NEEDS])
    if len(call.needs) > _NEEDS:
        needs += f" and {len(call.needs) - _NEEDS:,} more"
    after = f"<td data-l=After>{esc(needs)}" if needs else "<td>"
    reason = call.why if why is None or len(call.why) <= why else f"{call.why[: why - 1]}\u2026"
    return f"<tr><th>{esc(call.id)}<td>{esc(call.title)}<td>{esc(reason)}{after}\n"


def _unmanaged(unmanaged: Sequence[str]) -> _Part | None:
    if not unmanaged:
        return None
    sections: dict[str, list[str]] = {}
    for address in unmanaged:
        sections.setdefault(address.partition("/")[0], []).append(address)

    def body() -> Iterator[str]:
        for section, found in sections.items():
            yield f'<h3>{esc(sentence(section).capitalize())}<span class="soft">{len(found):,}</span></h3>\n'
            told = "".join(f"<li>{named(address)}</li>\n" for address in found[:_UNMANAGED])
            more = len(found) - _UNMANAGED
            yield f'<ul class="names">\n{told}{f"<li>and {more:,} more</li>" if more > 0 else ""}</ul>\n'

    lead = "Live objects that the files do not name. They stay as they are."
    return _Part("unmanaged", "Unmanaged", len(unmanaged), body(), lead)
