"""A plan as people read it: what differs by section, the calls in order, the sum, and what stands against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, assert_never

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconciler.model.call import Call
from reconciler.model.change import Action, Cause, Change, FieldChange, Risk
from reconciler.model.desired import Desired
from reconciler.model.explanation import Explanation
from reconciler.model.plan import Plan, Refusal
from reconciler.model.resource import identity_field
from reconciler.model.secret import Mask
from reconciler.report.explain import write_explanations
from reconciler.report.pen import (
    NAME_CELLS,
    NARROW,
    RISK_STYLES,
    RISKS,
    SIGNS,
    STYLES,
    Pen,
    count,
    duration,
    field_pieces,
    sentence,
    some,
)
from reconciler.report.problems import write_warnings

CALLS_SHOWN: Final = 20
SECTION_WHOLE: Final = 40  # changes of one section that are all shown
EXAMPLES: Final = 5  # of each action, where a section is too long
_FIELDS_SHOWN: Final = 10
_ADDRESSES_SHOWN: Final = 8
_UNMANAGED_NAMED: Final = 3
_REFUSALS_SHOWN: Final = 50
_CAUSE_STYLES: Final = {Cause.YOURS: "dim", Cause.DRIFT: "yellow", Cause.CONFLICT: "bold red"}
_CAUSES: Final = {
    Cause.YOURS: "yours",
    Cause.DRIFT: "drift (changed by hand)",
    Cause.CONFLICT: "conflict (both, differently)",
}
_WORDS: Final = {Action.CREATE: "to create", Action.UPDATE: "to change", Action.DELETE: "to delete"}


def render_plan(  # noqa: PLR0913  (what to show, and how much of it)
    console: Console,
    plan: Plan,
    *,
    desired: Desired | None = None,
    explanations: Sequence[Explanation] = (),
    verbose: bool = False,
    mask: Mask | None = None,
) -> None:
    """
    Show a plan.

    Args:
        console: Where to.
        plan: What to show; of long lists the first few.
        desired: Gives the counts for "No changes", and the mask where none is given.
        explanations: What was asked about single addresses, shown at the end.
        verbose: Show all changes and all calls.
        mask: Hides secrets.
    """
    hidden = mask if mask is not None else desired.mask if desired is not None else Mask()
    pen = Pen(console=console, mask=hidden, names=plan.names)
    if plan.changes:
        write_changes(pen, plan.changes, verbose=verbose)
    elif not plan.calls:
        pen.line(_nothing(pen, plan, desired), hang=2)
    if plan.calls:
        _write_calls(pen, plan.calls, verbose=verbose)
    _write_unmanaged(pen, plan.unmanaged)
    _write_notes(pen, plan.notes)
    if plan.warnings:
        console.print()
        write_warnings(pen, plan.warnings, verbose=verbose)
    if plan.changes or plan.calls:
        console.print()
        pen.flow(Text("Plan: ", "bold"), _sum(pen, plan))
        _write_causes(pen, plan)
    write_explanations(pen, explanations)
    write_refusals(pen, plan.refusals)


def write_changes(  # noqa: PLR0913  (what to show, how much of it, and in which words)
    pen: Pen,
    changes: Iterable[Change],
    *,
    verbose: bool = False,
    gone: str = "deleted",
    new: str = "",
    words: Mapping[Action, str] = _WORDS,
) -> None:
    """
    Show changes section by section; a long section shows its counts and a few of each action.

    *gone* and *new* are the words for an object that goes and for one that comes, *words* those of the counts.
    """
    sections: dict[str, list[Change]] = {}
    for change in changes:
        sections.setdefault(change.section, []).append(change)
    for number, (section, items) in enumerate(sections.items()):
        if number:
            pen.console.print()
        title = pen.clean(sentence(section)).capitalize()
        if verbose or len(items) <= SECTION_WHOLE:
            pen.line(Text(title, "bold"))
            _write_rows(pen, items, gone=gone, new=new)
            continue
        by_action = {action: [item for item in items if item.action is action] for action in Action}
        counts = ", ".join(f"{len(found):,} {words[action]}" for action, found in by_action.items() if found)
        pen.line(Text.assemble((title, "bold"), f": {counts}"), hang=2)
        for action, found in by_action.items():
            examples = sorted(found, key=lambda item: RISKS.index(item.risk))[:EXAMPLES]
            _write_rows(pen, examples, gone=gone, new=new)
            if len(found) > EXAMPLES:
                rest = f"and {len(found) - EXAMPLES:,} more {words[action]}"
                pen.line(Text(f"{SIGNS[action]} {rest}", STYLES[action]), indent=2)


def _write_rows(pen: Pen, items: Sequence[Change], *, gone: str, new: str) -> None:
    limit = min(NAME_CELLS, pen.console.width // 2 - 6)
    titles = [pen.change_title(item, limit) for item in items]
    width = max((cell_len(title) for title in titles), default=0)
    for item, title in zip(items, titles, strict=True):
        padding = " " * (width - cell_len(title) + 2)
        lead = Text.assemble("  ", (f"{SIGNS[item.action]} {title}", STYLES[item.action]), padding)
        pen.flow(lead, _detail(pen, item, gone=gone, new=new))


def _detail(pen: Pen, change: Change, *, gone: str, new: str) -> list[Text]:
    """Say what happens to one object: its fields, or that it goes; and whether callers may notice."""
    parts: list[list[Text]] = []
    match change.action:
        case Action.DELETE:
            parts.append([Text(gone, "red")])
        case Action.CREATE:
            if new:
                parts.append([Text(new, "green")])
            parts += _fields(pen, change, [item for item in change.fields if item.path not in _told(change)])
        case Action.UPDATE:
            parts += _fields(pen, change, change.fields)
        case _:
            assert_never(change.action)
    if change.risk is not Risk.LOW:
        parts.append([Text(f"{change.risk.value} risk", RISK_STYLES[change.risk])])
    if change.cause is not None:
        parts.append([_cause(change.cause)])
    parts = [part for part in parts if part]
    for part in parts[:-1]:
        part[-1] = part[-1].append(",", "default")
    return [piece for part in parts for piece in part]


def _fields(pen: Pen, change: Change, fields: Sequence[FieldChange]) -> list[list[Text]]:
    parts = [_field(pen, change, item) for item in fields[:_FIELDS_SHOWN]]
    if len(fields) > _FIELDS_SHOWN:
        parts.append([Text(f"and {count(len(fields) - _FIELDS_SHOWN, 'more field')}")])
    return parts


def _field(pen: Pen, change: Change, item: FieldChange) -> list[Text]:
    """Say what happens to one field, and who made it differ where that is not what made the others differ."""
    pieces = field_pieces(pen, change, item)
    if item.cause is not None and item.cause is not change.cause:
        pieces.append(_cause(item.cause))
    return pieces


def _cause(cause: Cause) -> Text:
    return Text(f"({cause.value})", _CAUSE_STYLES[cause])


def _told(change: Change) -> frozenset[str]:
    """Name the fields that the title of a new object shows already."""
    if change.desired is None:
        return frozenset()
    identity = identity_field(type(change.desired))
    told = [identity, change.desired.label_field if change.label else None]
    return frozenset(name for name in told if name is not None)


def _write_calls(pen: Pen, calls: Sequence[Call], *, verbose: bool) -> None:
    shown = calls if verbose else calls[:CALLS_SHOWN]
    pen.heading("Calls, in order")
    titles = [pen.clean(call.title, max(pen.console.width - 20, 20)) for call in shown]
    ids = [pen.clean(call.id, 12) for call in shown]
    id_width = max(map(cell_len, ids))
    widest = min(pen.console.width // 2 - 4, pen.console.width - id_width - NARROW - 6)
    title_width = min(max(map(cell_len, titles)), widest)
    for call, name, title in zip(shown, ids, titles, strict=True):
        lead = Text(f"  {name:<{id_width}}  {title}{' ' * max(title_width - cell_len(title), 0)}  ")
        if cell_len(title) > title_width:  # a long path has a line of its own
            pen.line(lead)
            lead = Text(" " * (id_width + title_width + 6))
        pen.flow(lead, _reasons(pen, call))
    if len(calls) > len(shown):
        pen.line(f"and {count(len(calls) - len(shown), 'more call')} (-v shows all)", indent=2)


def _reasons(pen: Pen, call: Call) -> list[Text]:
    """Say what a call is for, which file goes with it, and what it waits for."""
    words = [pen.sentence(call.why, 200)] if call.why else []
    if call.upload is not None:
        words.append(f"sends {pen.clean(call.upload.path, 60)}")
    if call.needs:
        words.append(f"after {some([pen.clean(need, 12) for need in call.needs[:4]], len(call.needs))}")
    return [Text(f"{word};") for word in words[:-1]] + [Text(word) for word in words[-1:]]


def _write_unmanaged(pen: Pen, unmanaged: Sequence[str]) -> None:
    if not unmanaged:
        return
    sections: dict[str, list[str]] = {}
    for address in unmanaged:
        sections.setdefault(address.partition("/")[0], []).append(address)
    pen.console.print()
    stay = "it stays as it is" if len(unmanaged) == 1 else "they stay as they are"
    pen.line(f"Unmanaged: {count(len(unmanaged), 'live object')} that the files do not name; {stay}.")
    for section, found in sections.items():
        names = [pen.address(address) for address in found[:_UNMANAGED_NAMED]]
        pen.line(f"{pen.clean(sentence(section))}: {some(names, len(found))}", indent=2, hang=2)


def _write_notes(pen: Pen, notes: Sequence[str]) -> None:
    if notes:
        pen.console.print()
    for note in notes:
        pen.line(f"Note: {pen.clean(note)}", hang=6)


def _sum(pen: Pen, plan: Plan) -> list[Text]:
    summary = plan.summary
    create, change, delete = summary.create, summary.update, summary.delete
    pieces = [
        Text(f"{create:,} to create,", "green" if create else ""),
        Text(f"{change:,} to change,", "yellow" if change else ""),
        Text(f"{delete:,} to delete;", "red" if delete else ""),
    ]
    if summary.bind or summary.unbind:
        pieces += [Text(f"{count(summary.bind, 'binding')} added,"), Text(f"{summary.unbind:,} removed;")]
    risks = Counter(change.risk for change in plan.changes)
    told = ", ".join(f"{risks[risk]:,} {risk.value}" for risk in RISKS if risks[risk] and risk is not Risk.LOW)
    risk = [Text(f"risk: {told}", RISK_STYLES[Risk.HIGH] if risks[Risk.HIGH] else "")] if told else []
    calls = count(len(plan.calls), "call")
    if plan.calls and summary.minimum_calls:
        calls += f" (at least {summary.minimum_calls:,} needed)"
    if not plan.calls or not plan.pace.told:
        return _with_semicolon([*pieces, Text(calls)], risk)
    about = Text(f"about {duration(plan.pace.seconds)} at {pen.clean(plan.pace.told, 40)}")
    return _with_semicolon([*pieces, Text(f"{calls},"), about], risk)


def _write_causes(pen: Pen, plan: Plan) -> None:
    """Say who made how much differ since the revision that the plan was compared with."""
    causes = Counter(change.cause for change in plan.changes if change.cause is not None)
    if causes:
        told = ", ".join(f"{causes[cause]:,} {_CAUSES[cause]}" for cause in Cause if causes[cause])
        since = f"Since {pen.clean(plan.base, 60)}: " if plan.base else "Causes: "
        pen.line(Text.assemble((since, "bold"), f"{told}"), hang=2)


def _with_semicolon(pieces: list[Text], more: list[Text]) -> list[Text]:
    return [*pieces[:-1], pieces[-1].append(";"), *more] if more else pieces


def _nothing(pen: Pen, plan: Plan, desired: Desired | None) -> str:
    if plan.refusals:
        return "No changes."
    if plan.origin is not None and plan.origin.targets:
        return "No changes in what --target names."
    match [pen.clean(words, 60) for words in counted(desired.named if desired is not None else plan.named)]:
        case []:
            return "No changes. The live tenant matches the files."
        case [only]:
            return f"No changes. {only[:1].upper()}{only[1:]}: all as the files want it."
        case [*most, last]:
            first = ", ".join(most)
            return f"No changes. {first[:1].upper()}{first[1:]} and {last} match."
        case _:
            raise AssertionError("a list has no other shape")


def counted(named: Mapping[str, int]) -> list[str]:
    """Count what the files name: `3 queues`, `1 agent`; single things by their name alone."""
    return [
        count(number, sentence(section).removesuffix("s"), sentence(section)) if number else sentence(section)
        for section, number in named.items()
    ]


def write_refusals(pen: Pen, refusals: Sequence[Refusal]) -> None:
    """Show what stands against a plan, and what lifts each."""
    if not refusals:
        return
    pen.heading("Refused: nothing of this plan will be applied.", "bold red")
    for refusal in refusals[:_REFUSALS_SHOWN]:
        title = Text.assemble((f"! {pen.clean(refusal.rule)}", "bold red"), f": {pen.clean(refusal.message)}")
        pen.line(title, indent=2, hang=2)
        if refusal.objects:
            named = [pen.clean(address, 60) for address in refusal.objects[:_ADDRESSES_SHOWN]]
            pen.line(some(named, len(refusal.objects)), indent=4)
        if refusal.remedy:
            pen.line(Text.assemble(("What lifts it: ", "bold"), pen.clean(refusal.remedy)), indent=4, hang=2)
    if len(refusals) > _REFUSALS_SHOWN:
        pen.line(f"and {count(len(refusals) - _REFUSALS_SHOWN, 'more refusal')}", indent=2)
