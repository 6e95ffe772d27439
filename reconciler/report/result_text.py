"""How an apply went, for people: what failed and why, what it means for the rest, and what to do."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from reconciler.model.history import Settled
from reconciler.model.outcome import Mismatch, Outcome, Result, Tally, Verdict
from reconciler.model.plan import Plan
from reconciler.model.secret import Mask
from reconciler.report.pen import Pen, count, some
from reconciler.report.problems import error_words, request_words

_SHOWN: Final = 20
_CELLS: Final = 1_000  # of one text
_WORKED: Final = {Verdict.DONE, Verdict.ALREADY}
_NAMED: Final = 3  # places and causes of one call
_HAPPENED: Final = {
    Settled.DONE: ("had happened", "had happened"),
    Settled.PARTLY: ("had happened in part", "had happened in part"),
    Settled.NOT_DONE: ("had not happened", "had not happened"),
    Settled.UNKNOWN: ("is not shown by any read", "are not shown by any read"),
}


def render_result(
    console: Console, result: Result, plan: Plan, *, mask: Mask | None = None, verbose: bool = False
) -> None:
    """Show how an apply went: what failed and why, what is not known, what was not tried, what reading back found."""
    pen = Pen(console=console, mask=mask or Mask(), names=plan.names)
    most = len(result.outcomes) + len(result.mismatches) + len(result.stale) if verbose else _SHOWN
    writer = _Writer(pen, result, plan, most)
    writer.outcomes()
    writer.passwords()
    writer.notes()
    writer.stale()
    writer.mismatches()
    lost_answers = _lost_answers(result.outcomes)
    if lost_answers:
        console.print()
        pen.line(lost_answers, hang=2)
    if result.problem:
        console.print()
        pen.line(pen.clean(result.problem, _CELLS), hang=2)
    if (not result.complete and (result.outcomes or result.problem)) or lost_answers:
        console.print()
    writer.ending()


def _field(pen: Pen, address: str, path: str) -> str:
    """Name a field: `queues/sales max length`."""
    return f"{pen.clean(address, 60)} {pen.clean(path.replace('_', ' '), 40)}".rstrip()


def _write_rest(pen: Pen, left: int) -> None:
    if left > 0:
        pen.line(f"and {left:,} more (-v shows all)", indent=2)


class _Writer:
    def __init__(self, pen: Pen, result: Result, plan: Plan, most: int) -> None:
        self._pen = pen
        self._result = result
        self._plan = plan
        self._most = most
        self._by_verdict: Mapping[Verdict, list[Outcome]] = {
            verdict: [item for item in result.outcomes if item.verdict is verdict] for verdict in Verdict
        }
        self._sources = {change.address: change.source for change in plan.changes if change.source is not None}
        self._calls = {call.id: call for call in plan.calls}
        self._skipped = {item.call.id: item for item in self._by_verdict[Verdict.SKIPPED]}

    def outcomes(self) -> None:
        for verdict, title in (
            (Verdict.FAILED, "Failed"),
            (Verdict.UNKNOWN, "Sent, but no answer came: it may have happened"),
            (Verdict.SKIPPED, "Not tried"),
        ):
            self._some(title, self._by_verdict[verdict])
        unkept = [item for item in self._by_verdict[Verdict.DONE] if item.error is not None]
        self._some("Done, but what the answer gave was not kept as asked", unkept)

    def _some(self, title: str, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        pen = self._pen
        pen.heading(title, "bold" if outcomes[0].verdict is Verdict.SKIPPED else "bold red")
        for item in outcomes[: self._most]:
            call = item.call
            words = (pen.clean(call.id, 12), pen.clean(call.title, 120), pen.clean(call.why, 200))
            pen.line("  ".join(word for word in words if word), indent=2, hang=4)
            if item.error is not None:
                pen.line(Text(error_words(pen, item.error), "red"), indent=6)
                if item.error.request_id:
                    pen.line(request_words(pen, item.error), indent=6)
                if item.error.remedy:
                    pen.line(pen.clean(item.error.remedy, _CELLS), indent=6)
            if item.blocked_by:
                pen.line(f"not tried because of {self._causes(item)}", indent=6)
            if item.verdict is Verdict.FAILED:
                self._in_the_files(item)
        _write_rest(pen, len(outcomes) - self._most)

    def _in_the_files(self, outcome: Outcome) -> None:
        """Show the lines that a failed call comes from."""
        places = [
            f"{self._pen.clean(source.file, 200)}:{source.line}"
            for source in (self._sources.get(address) for address in outcome.call.changes)
            if source is not None
        ]
        unique = list(dict.fromkeys(places))
        if unique:
            self._pen.line(f"In the files: {some(unique[:_NAMED], len(unique))}", indent=6, hang=2)

    def _causes(self, outcome: Outcome) -> str:
        """Name the calls that failed, however far before: `c3 (create queue Billing)`."""
        causes = list(self._roots(outcome))
        named = []
        for name in causes[:_NAMED]:
            call = self._calls.get(name)
            why = f" ({self._pen.clean(call.why, 100)})" if call is not None and call.why else ""
            named.append(f"{self._pen.clean(name, 12)}{why}")
        return some(named, len(causes))

    def _roots(self, outcome: Outcome) -> Iterator[str]:
        seen, left = {outcome.call.id}, list(reversed(outcome.blocked_by))
        while left:
            name = left.pop()
            if name in seen:
                continue
            seen.add(name)
            further = self._skipped.get(name)
            if further is not None and further.blocked_by:
                left += reversed(further.blocked_by)
            else:
                yield name

    def passwords(self) -> None:
        """Tell which passwords nobody has, and what to do about it."""
        lost = [item for item in self._result.outcomes if item.lost]
        if not lost:
            return
        pen = self._pen
        number = sum(len(item.lost) for item in lost)
        pen.heading("A password is lost" if number == 1 else f"{number:,} passwords are lost", "bold red")
        for item in lost[: self._most]:
            words = item.note or (
                f"extension {', '.join(item.lost)}: the vendor gives a password once, and it did not reach us; delete "
                "the extension in the console, and apply again"
            )
            pen.line(pen.clean(words, _CELLS), indent=2, hang=2)
        _write_rest(pen, len(lost) - self._most)

    def notes(self) -> None:
        noted = [item.note for item in self._result.outcomes if item.note and not item.lost]
        if not noted:
            return
        self._pen.heading("Worth knowing")
        for note in noted[: self._most]:
            self._pen.line(self._pen.clean(note, _CELLS), indent=2, hang=2)
        _write_rest(self._pen, len(noted) - self._most)
        self._pen.console.print()

    def stale(self) -> None:
        """Tell what somebody else changed after the plan was made."""
        stale, pen = self._result.stale, self._pen
        if not stale:
            return
        pen.heading("Changed by somebody else meanwhile", "bold red")
        for item in stale[: self._most]:
            words = f"{_field(pen, item.address, item.path)}: was {pen.value(item.planned)}"
            pen.line(f"{words}, is {pen.value(item.found)} now", indent=2, hang=2)
        _write_rest(pen, len(stale) - self._most)
        pen.line("Nothing more was sent. Make a new plan: it starts from what is there now.", indent=2, hang=2)

    def mismatches(self) -> None:
        found = self._result.mismatches
        if not found:
            return
        pen = self._pen
        pen.heading("Read back, and not as wanted")
        for item in found[: self._most]:
            words = f"{_field(pen, item.address, item.path)}: wanted {pen.value(item.wanted)}"
            pen.line(f"{words}, found {pen.value(item.found)}", indent=2, hang=2)
        _write_rest(pen, len(found) - self._most)
        sent = {address for item in self._result.outcomes if item.verdict in _WORKED for address in item.call.changes}
        lines = silencing([item for item in found if item.address in sent])
        if lines:
            pen.line("It was sent and did not stay. If others are to have the say there, leave it to them:", indent=2)
            for line in lines:
                pen.line(pen.clean(line, _CELLS), indent=4, hang=2)

    def ending(self) -> None:
        pen, result, tally, more = self._pen, self._result, self._result.tally, self._result.follow_ups
        run = pen.clean(result.run, 40)
        if result.complete:
            pen.line(_complete(tally, more, run), hang=2)
            return
        counts = [f"{tally.worked:,} of {count(tally.calls, 'call')} done"]
        for number, word in (
            (tally.partly, "in part"),
            (tally.failed, "failed"),
            (tally.unknown, "not known"),
            (tally.skipped, "not tried"),
        ):
            if number:
                counts.append(f"{number:,} {word}")
        if more.calls:
            counts.append(f"and {more.worked:,} of {more.calls:,} more after reading back")
        text = Text("Not complete: ", "bold red").append(", ".join(counts), "not bold default")
        if not result.verified:
            text.append("; not read back", "not bold default")
        text.append(". Run plan to see what is left; a second apply carries on from there.", "not bold default")
        pen.line(text, hang=2)
        if run:
            origin = self._plan.origin
            path = f" {shlex.quote(origin.path)}" if origin is not None and origin.path != "." else ""
            pen.line(f"This was run {run}; all of it: reconciler history show {run}{pen.clean(path)}", hang=2)


def _complete(tally: Tally, more: Tally, run: str) -> Text:
    if not tally.calls:
        return Text("Nothing to apply.")
    told = [f"{tally.already:,} already so"] if tally.already else []
    told += [f"{more.calls:,} more after reading back"] if more.calls else []
    told += [f"run {run}"] if run else []
    known = f" ({', '.join(told)})" if told else ""
    return Text.assemble(
        ("Applied: ", "bold green"), f"{count(tally.calls, 'call')} done{known}; read back, and all is as wanted."
    )


def silencing(mismatches: Sequence[Mismatch]) -> list[str]:
    """Give the lines for the YAML that leave the fields to others, one a section."""
    fields: dict[str, list[str]] = defaultdict(list)
    for item in mismatches:
        if item.ignorable:
            fields[item.address.partition("/")[0]].append(item.path)
    return [
        f"manage: {{{section}: {{ignore_fields: [{', '.join(dict.fromkeys(paths))}]}}}}"
        for section, paths in fields.items()
    ]


def _together(ends: set[Settled]) -> Settled:
    """Say in a word what reading back showed of a call's parts."""
    if Settled.UNKNOWN in ends:
        return Settled.UNKNOWN
    return next(iter(ends)) if len(ends) == 1 else Settled.PARTLY


def _lost_answers(outcomes: Sequence[Outcome]) -> str:
    """Say in a line what became of the calls whose answers were lost, each counted once."""
    by_call: dict[str, set[Settled]] = defaultdict(set)
    for item in outcomes:
        if item.settled in {*Settled}:
            by_call[item.call.id].add(Settled(item.settled))
    found = Counter(_together(ends) for ends in by_call.values())
    total = sum(found.values())
    if not total:
        return ""
    lead = f"{count(total, 'answer was', 'answers were')} lost; reading back showed that "
    if len(found) == 1:
        (settled,) = found
        return f"{lead}the {'call' if total == 1 else 'calls'} {_HAPPENED[settled][total > 1]}."
    first, *others = ((settled, found[settled]) for settled in Settled if settled in found)
    told = [f"{count(first[1], 'call')} {_HAPPENED[first[0]][first[1] > 1]}"]
    told += [f"{number:,} {_HAPPENED[settled][number > 1]}" for settled, number in others]
    return f"{lead}{', '.join(told)}."
