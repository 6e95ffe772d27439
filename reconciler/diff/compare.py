"""One entry beside its live object: the change that makes one the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, assert_never

from reconciler.diff import pairs
from reconciler.diff.hidden import label_of
from reconciler.diff.section import Section
from reconciler.model.change import Action, Change, FieldChange, MemberChange, Risk, ValueChange
from reconciler.model.desired import Entry
from reconciler.model.diagnostics import Diagnostic, Place, error, warning
from reconciler.model.live import plain_value
from reconciler.model.plan import Refusal
from reconciler.model.resource import FieldSpec, Resource


def compare(entry: Entry, section: Section, refusals: list[Refusal], problems: list[Diagnostic]) -> Change | None:
    """Compare one entry with its live object; None where nothing that is managed differs."""
    kind = section.kind
    live = section.live.get(entry.identity)
    if live is None:
        if kind.fixed:
            return _unknown_before(entry, section)
        return _creation(entry, section, problems)
    skip: frozenset[str] = frozenset()
    if kind.review is not None:
        said = kind.review(entry, live)
        if said is not None:
            skip = said.skip
            if said.refusal is not None:
                refusals.append(said.refusal)
            if said.warning:
                problems.append(warning("left-alone", said.warning, place=place(entry)))
    wish, has = entry.resource.__dict__, live.__dict__
    different = [
        name for name in entry.written if wish[name] != has[name] and section.specs[name].compared and name not in skip
    ]
    if different or (section.renaming is not None and has[section.renaming] != entry.identity):
        return _update(entry, live, section, different, skip, refusals)
    return None


def _update(  # noqa: C901, PLR0912, PLR0913, PLR0917 - both sides, and what was found of them
    entry: Entry,
    live: Resource,
    section: Section,
    different: Sequence[str],
    skip: frozenset[str],
    refusals: list[Refusal],
) -> Change | None:
    """Gather what differs; none where it is only members that `additive` lets stay, or `ignore` hides."""
    wish, has = entry.resource.__dict__, live.__dict__
    values = dict(has)
    for name in entry.written:
        if name not in skip and section.specs[name].paired_with is None:
            values[name] = wish[name]
    found: dict[str, FieldChange] = {}
    for name in different:
        spec = section.specs[name]
        if spec.paired_with is not None:
            continue
        if spec.immutable is not None:
            refusals.append(_immutable(entry, spec))
        change = _field(spec, has[name], wish[name], section)
        match change:
            case MemberChange():
                values[name] = tuple(sorted(({*has[name]} - {*change.remove}) | {*change.add}))
            case None:
                values[name] = has[name]
            case ValueChange():
                pass
        if change is not None:
            found[name] = change
    own = section.renaming
    if own is not None and has[own] != entry.identity:
        values[own] = entry.identity
        found[own] = ValueChange(path=own, before=has[own], after=entry.identity)
    for spec in section.paired:
        values[spec.name], difference = _pairs(spec, entry, live, values, section, skip)
        if difference is not None:
            found[spec.name] = difference
    if not found:
        return None
    fields = tuple(found[name] for name in section.specs if name in found)
    return Change(
        section=entry.section,
        name=entry.name,
        identity=entry.identity,
        action=Action.UPDATE,
        fields=fields,
        source=entry.source,
        risk=risk_of(fields, section.specs),
        label=section.label(entry, entry.identity),
        desired=section.kind.resource.model_construct(**values),
        live=live,
        written=entry.written,
    )


def _pairs(  # noqa: PLR0913, PLR0917 - both sides, and what was found of them
    spec: FieldSpec,
    entry: Entry,
    live: Resource,
    values: Mapping[str, Any],
    section: Section,
    skip: frozenset[str],
) -> tuple[Any, ValueChange | None]:
    """Complete what belongs to the members that the object will have, and compare it where the files name it."""
    assert spec.paired_with is not None, "it belongs to a list"
    members: tuple[str, ...] = values[spec.paired_with.field]
    ref = section.specs[spec.paired_with.field].ref
    left_out: Sequence[str] = members if spec.name in skip else ()
    if ref is not None and section.hidden.any(ref.section):
        left_out = [*left_out, *(member for member in members if section.hidden.has(ref.section, member))]
    after = pairs.completed(spec, entry, live, members, left_out)
    return after, pairs.difference(spec, entry, live, after)


def _field(spec: FieldSpec, before: Any, after: Any, section: Section) -> FieldChange | None:
    if not spec.unordered:
        return ValueChange(path=spec.name, before=plain_value(before), after=plain_value(after))
    add = tuple(sorted({*after} - {*before}))
    remove = () if spec.name in section.rule.additive else tuple(sorted({*before} - {*after}))
    if spec.ref is not None and section.hidden.any(spec.ref.section):
        add, remove = (
            tuple(item for item in items if not section.hidden.has(spec.ref.section, item)) for items in (add, remove)
        )
    return MemberChange(path=spec.name, add=add, remove=remove) if add or remove else None


def risk_of(fields: Sequence[FieldChange], rules: Mapping[str, FieldSpec]) -> Risk:
    """Take the highest of the fields that differ; who only joins, or comes back, harms nobody."""
    levels = [Risk.LOW, *(Risk(rules[item.path].risk) for item in fields if _loses(item, rules[item.path]))]
    return max(levels, key=list(Risk).index)


def _loses(item: FieldChange, spec: FieldSpec) -> bool:
    match item:
        case MemberChange():
            return bool(item.remove)
        case ValueChange():
            return not (spec.on_duty and item.after)
        case _:
            assert_never(item)


def _creation(entry: Entry, section: Section, problems: list[Diagnostic]) -> Change:
    missing = [
        spec.name for spec in section.specs.values() if spec.needed and spec.written and spec.name not in _given(entry)
    ]
    if missing:
        problems.append(
            error(
                "needed-to-create",
                f"{entry.address} does not exist yet, and the vendor creates none without {' and '.join(missing)}",
                place=place(entry),
                remedy=f"Add {' and '.join(missing)}.",
            )
        )
    if section.kind.given:
        problems.append(_not_given(entry, section))
    fields = tuple(
        MemberChange(path=spec.name, add=value, remove=())
        if spec.unordered
        else ValueChange(path=spec.name, before=None, after=plain_value(value))
        for spec in section.specs.values()
        if spec.name in entry.written and not spec.renamed_from
        if (value := entry.resource.__dict__[spec.name]) not in ((), None, {})
    )
    return Change(
        section=entry.section,
        name=entry.name,
        identity=entry.identity,
        action=Action.CREATE,
        fields=fields,
        source=entry.source,
        label=section.label(entry, entry.identity),
        desired=entry.resource,
        written=entry.written,
    )


def _not_given(entry: Entry, section: Section) -> Diagnostic:
    """Say that nobody can make what is wished for."""
    near = get_close_matches(entry.identity, section.live, n=1)
    hint = f'Did you mean "{near[0]}"? ' if near else ""
    return error(
        "not-there",
        f'{entry.address}: there is no {section.kind.one} "{entry.identity}" at the vendor; {section.kind.given}',
        place=place(entry),
        remedy=f"{hint}Name one that is there, or take it out of the files.",
    )


def _given(entry: Entry) -> frozenset[str]:
    return entry.written | frozenset(entry.resource.model_fields_set)


def _unknown_before(entry: Entry, section: Section) -> Change:
    """Set what can't be read back and was never applied by us, whatever it is now."""
    fields = tuple(
        ValueChange(path=name, before=None, after=plain_value(entry.resource.__dict__[name]))
        for name in section.specs
        if name in entry.written
    )
    return Change(
        section=entry.section,
        name=entry.name,
        identity=entry.identity,
        action=Action.UPDATE,
        fields=fields,
        source=entry.source,
        risk=risk_of(fields, section.specs),
        desired=entry.resource,
        written=entry.written,
    )


def deletion(section: Section, identity: str, item: Resource) -> Change:
    """Make the change of an object that goes."""
    return Change(
        section=section.kind.section,
        name=identity,
        identity=identity,
        action=Action.DELETE,
        risk=section.kind.deletion_risk,
        label=label_of(item),
        live=item,
    )


def _immutable(entry: Entry, spec: FieldSpec) -> Refusal:
    return Refusal(
        rule="immutable",
        message=f"{entry.address}: {spec.name} can't be changed: {spec.immutable}",
        objects=(entry.address,),
        remedy=f"Write the live value, or take {spec.name} out of the file.",
    )


def place(entry: Entry) -> Place | None:
    """Give where an entry stands."""
    if entry.source is None:
        return None
    return Place(file=entry.source.file, line=entry.source.line, column=entry.source.column)
