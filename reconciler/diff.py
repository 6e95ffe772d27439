"""
Desired and Live → Differences: what differs, read off the kinds' declarations.

It knows no vendor and no order. What is not written is not compared; what is not read is never taken for empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, assert_never

from reconciler.model.change import Action, Change, FieldChange, MemberChange, Risk, ValueChange
from reconciler.model.desired import Desired, Entry
from reconciler.model.diagnostics import Diagnostic, Place, error, warning
from reconciler.model.kind import Kind, Shape
from reconciler.model.live import Live
from reconciler.model.plan import Differences, Refusal
from reconciler.model.resource import FieldSpec, Resource, specs

Kinds = Mapping[str, Kind[Any]]


def diff(desired: Desired, live: Live, kinds: Kinds, *, prune: bool = False) -> Differences:
    """
    Compare.

    Args:
        desired: The wish.
        live: What the vendor has; must hold every section that `needed_sections` names.
        kinds: The vendor's kinds.
        prune: Delete what the files do not name in every collection that they manage (`--prune`).
    """
    hidden = _Hidden(desired, live)
    sections = [_Section(kind, desired, live, hidden, prune=prune) for kind in kinds.values() if not kind.external]
    leaving = {section.kind.section: section.leaving for section in sections}
    kept = _Kept(kinds, desired, live, hidden, leaving)
    changes: list[Change] = []
    unmanaged: list[str] = []
    refusals: list[Refusal] = []
    problems: list[Diagnostic] = []
    for section in sections:
        for entry in section.wanted:
            found = _compare(entry, section, refusals, problems)
            if found is not None:
                changes.append(found)
                problems.extend(_unknown_references(entry, kinds, desired, live))
        for identity, item in section.leaving.items():
            holders = kept.by(section.kind.section, identity)
            if holders and section.kind.section in kept.implied:
                continue  # an extension that an agent keeps is not a spare
            if holders:
                refusals.append(_still_named(section, identity, holders))
            changes.append(_deletion(section, identity, item))
        unmanaged.extend(
            f"{section.kind.section}/{identity}"
            for identity in section.unmanaged
            if not (section.kind.section in kept.implied and kept.by(section.kind.section, identity))
        )
    place_of = {section.kind.section: place for place, section in enumerate(sections)}
    return Differences(
        changes=tuple(sorted(changes, key=lambda change: (place_of[change.section], *_natural(change.address)))),
        unmanaged=tuple(sorted(unmanaged)),
        refusals=tuple(sorted(refusals, key=lambda refusal: (refusal.rule, refusal.objects))),
        warnings=tuple(sorted(problems, key=lambda problem: problem.sort_key)),
        live_counts={section.kind.section: len(live.of(section.kind.section)) for section in sections},
    )


def _natural(address: str) -> tuple[str, int, str]:
    """Sort digits as numbers, so that queues/9 comes before queues/10; nothing depends on the order of the input."""
    return address.rstrip("0123456789"), len(address), address


def needed_sections(desired: Desired, kinds: Kinds) -> frozenset[str]:
    """
    Name the sections that must be read: those managed, those that they name, and those that name them.

    A deletion is legal only when nothing refers to what goes, so whoever could refer must be known. And where those who
    answer are managed, so must be what leads callers to them: the keys of a queue that loses its last agent.
    """
    managed = {name for name in kinds if desired.manages(name) or desired.implied.get(name)}
    needed = set(managed)
    for kind in kinds.values():
        for spec in specs(kind.resource).values():
            if spec.ref is None:
                continue
            if kind.section in managed:
                needed.add(spec.ref.section)
            if spec.ref.section in managed:
                needed.add(kind.section)
    served = {
        spec.ref.section
        for name in managed
        for spec in specs(kinds[name].resource).values()
        if spec.ref is not None and spec.ref.staffs
    }
    needed.update(
        kind.section
        for kind in kinds.values()
        for spec in specs(kind.resource).values()
        if spec.ref is not None and not spec.is_list and spec.ref.section in served
    )
    for name in tuple(needed):
        needed.update(kinds[name].reads_with)
    if needed:
        needed.update(kind.section for kind in kinds.values() if kind.external)
    return frozenset(needed)


class _Hidden:
    """What `manage.SECTION.ignore` hides: it is neither wanted nor live, and whoever names it keeps naming it."""

    def __init__(self, desired: Desired, live: Live) -> None:
        self._desired = desired
        self._live = live
        self._names: dict[str, dict[str, Entry]] = {}

    def any(self, section: str) -> bool:
        """Whether anything of *section* may be hidden."""
        return bool(self._desired.rule(section).ignore)

    def implied(self, section: str) -> tuple[Entry, ...]:
        """List what is wanted only because an entry names it, but for what only hidden entries name."""
        implied = self._desired.implied.get(section, {})
        if not any(self.any(other) for other in self._desired.sections):
            return tuple(implied.values())
        named = {
            value
            for other, entries in self._desired.sections.items()
            for entry in entries.values()
            if not self.has(other, entry.identity)
            for spec in specs(type(entry.resource)).values()
            if spec.ref is not None and spec.ref.implied and spec.ref.section == section
            for value in entry.resource.__dict__[spec.name]
        }
        return tuple(entry for identity, entry in implied.items() if identity in named)

    def has(self, section: str, identity: str) -> bool:
        """Whether an object, wanted or live, is hidden."""
        rule = self._desired.rule(section)
        if not rule.ignore:
            return False
        if section not in self._names:
            self._names[section] = {entry.identity: entry for entry in self._desired.of(section).values()}
        entry = self._names[section].get(identity)
        label = (_label(entry.resource) if entry else "") or _label(self._live.of(section).get(identity))
        return rule.ignores(name=entry.name if entry else identity, identity=identity, label=label)


class _Section:
    """One section: what is wanted, what leaves, and what is left alone."""

    def __init__(self, kind: Kind[Any], desired: Desired, live: Live, hidden: _Hidden, *, prune: bool) -> None:
        self.kind = kind
        self.hidden = hidden
        self.rule = desired.rule(kind.section)
        self.specs = specs(kind.resource)
        self.read = kind.section in live.sections
        self.live: Mapping[str, Any] = live.of(kind.section)
        self.manages = desired.manages(kind.section)
        entries = (*desired.of(kind.section).values(), *hidden.implied(kind.section))
        if hidden.any(kind.section):
            entries = tuple(entry for entry in entries if not hidden.has(kind.section, entry.identity))
        self.wanted: tuple[Entry, ...] = entries
        named = {entry.identity for entry in entries}
        others = {identity: item for identity, item in self.live.items() if identity not in named}
        if hidden.any(kind.section):
            others = {key: item for key, item in others.items() if not hidden.has(kind.section, key)}
        goes = self.manages and (kind.whole or (kind.collection and (prune or self.rule.prune)))
        if kind.fixed or kind.shape in {Shape.SINGLE, Shape.SCALAR}:
            others = {}
        self.leaving: Mapping[str, Any] = others if goes else {}
        self.unmanaged = () if goes or not self.manages else tuple(others)

    def label(self, entry: Entry, identity: str) -> str:
        """Name an entry for people: by its own name field where the files write it, else by the live one."""
        return _label(entry.resource) or _label(self.live.get(identity))


def _label(item: Resource | None) -> str:
    if item is None or item.label_field is None:
        return ""
    return str(item.__dict__.get(item.label_field, ""))


def _compare(  # noqa: C901, PLR0912 - hot path: once for each object
    entry: Entry, section: _Section, refusals: list[Refusal], problems: list[Diagnostic]
) -> Change | None:
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
    wish = entry.resource.__dict__
    has = live.__dict__
    different = [
        name for name in entry.written if wish[name] != has[name] and section.specs[name].compared and name not in skip
    ]
    if not different:
        return None
    fields = []
    values = dict(has)
    for name in entry.written:
        if name not in skip:
            values[name] = wish[name]
    for name in section.specs:
        if name not in different:
            continue
        spec = section.specs[name]
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
            fields.append(change)
    if not fields:
        return None  # only members that `additive` lets stay, or `ignore` hides
    return Change(
        section=entry.section,
        name=entry.name,
        identity=entry.identity,
        action=Action.UPDATE,
        fields=tuple(fields),
        source=entry.source,
        risk=_risk(fields, section.specs),
        label=section.label(entry, entry.identity),
        desired=kind.resource.model_construct(**values),
        live=live,
        written=entry.written,
    )


def _field(spec: FieldSpec, before: Any, after: Any, section: _Section) -> FieldChange | None:
    if not spec.unordered:
        return ValueChange(path=spec.name, before=_plain(before), after=_plain(after))
    add = tuple(sorted({*after} - {*before}))
    remove = () if spec.name in section.rule.additive else tuple(sorted({*before} - {*after}))
    if spec.ref is not None and section.hidden.any(spec.ref.section):
        add, remove = (
            tuple(item for item in items if not section.hidden.has(spec.ref.section, item)) for items in (add, remove)
        )
    return MemberChange(path=spec.name, add=add, remove=remove) if add or remove else None


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _risk(fields: Sequence[FieldChange], rules: Mapping[str, FieldSpec]) -> Risk:
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


def _creation(entry: Entry, section: _Section, problems: list[Diagnostic]) -> Change:
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
    fields = tuple(
        MemberChange(path=spec.name, add=value, remove=())
        if spec.unordered
        else ValueChange(path=spec.name, before=None, after=_plain(value))
        for spec in section.specs.values()
        if spec.name in entry.written and (value := entry.resource.__dict__[spec.name]) not in ((), None)
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


def _given(entry: Entry) -> frozenset[str]:
    return entry.written | frozenset(entry.resource.model_fields_set)


def _unknown_before(entry: Entry, section: _Section) -> Change:
    """Set what can't be read back and was never applied by us, whatever it is now."""
    fields = tuple(
        ValueChange(path=name, before=None, after=_plain(entry.resource.__dict__[name]))
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
        risk=_risk(fields, section.specs),
        desired=entry.resource,
        written=entry.written,
    )


def _deletion(section: _Section, identity: str, item: Resource) -> Change:
    return Change(
        section=section.kind.section,
        name=identity,
        identity=identity,
        action=Action.DELETE,
        risk=section.kind.deletion_risk,
        label=_label(item),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Referrer:
    """A live object that goes on naming another, by its field *path*; and what the files say of it."""

    address: str
    section: str
    path: str
    hidden: bool
    additive: bool
    uncompared: bool
    named: bool
    written: bool


class _Kept:
    """Which live objects are still named, after the plan, by live objects whose naming field nobody changes."""

    def __init__(
        self,
        kinds: Kinds,
        desired: Desired,
        live: Live,
        hidden: _Hidden,
        leaving: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._hidden = hidden
        self.implied = {
            spec.ref.section
            for kind in kinds.values()
            for spec in specs(kind.resource).values()
            if spec.ref is not None and spec.ref.implied
        }
        self._found: dict[tuple[str, str], list[_Referrer]] = defaultdict(list)
        open_sections = {name for name, items in leaving.items() if items} | self.implied
        for kind in kinds.values():
            for spec in specs(kind.resource).values():
                if spec.ref is not None and spec.ref.section in open_sections:
                    self._gather(kind, spec, desired, live, leaving.get(kind.section, {}))

    def _gather(
        self, kind: Kind[Any], spec: FieldSpec, desired: Desired, live: Live, leaving: Mapping[str, Any]
    ) -> None:
        assert spec.ref is not None, "only references are gathered"
        rule = desired.rule(kind.section)
        additive = spec.name in rule.additive
        entries = {entry.identity: entry for entry in desired.of(kind.section).values()}
        hides = self._hidden.any(kind.section)
        target = spec.ref.section
        for identity, item in live.of(kind.section).items():
            if identity in leaving:
                continue
            entry = entries.get(identity)
            written = entry is not None and spec.name in entry.written
            hidden = hides and self._hidden.has(kind.section, identity)
            if written and not additive and not hidden:
                continue
            value = item.__dict__[spec.name]
            for named in value if isinstance(value, tuple) else (value,):
                if named:
                    referrer = _Referrer(
                        address=f"{kind.section}/{entry.name if entry else identity}" if identity else kind.section,
                        section=kind.section,
                        path=spec.name,
                        hidden=hidden,
                        additive=additive,
                        uncompared=spec.name in rule.ignore_fields,
                        named=entry is not None,
                        written=written,
                    )
                    self._found[target, named].append(referrer)

    def by(self, section: str, identity: str) -> list[_Referrer]:
        """List who still names an object."""
        return sorted(self._found.get((section, identity), []), key=lambda holder: _natural(holder.address))


def _still_named(section: _Section, identity: str, holders: list[_Referrer]) -> Refusal:
    what = f"{section.kind.section}/{identity}"
    one, *more = _letting_go(holders)
    keep = f"keep it: name it under {section.kind.section}"
    if section.kind.collection:
        keep += f", or list it in manage.{section.kind.section}.ignore"
    return Refusal(
        rule="still-named",
        message=f"{what} can't be deleted: {_few(holders)} still {'names' if len(holders) == 1 else 'name'} it, "
        "and the files do not change that",
        objects=(what, *(holder.address for holder in holders)),
        remedy=f"{' and '.join([one[0].upper() + one[1:], *more])}; or {keep}.",
    )


def _letting_go(holders: Sequence[_Referrer]) -> Iterator[str]:
    """Say all that must be done to have the files take an object from those who name it."""
    for section in dict.fromkeys(holder.section for holder in holders if holder.hidden):
        hidden = [holder for holder in holders if holder.hidden and holder.section == section]
        yield f"take {_few(hidden)} out of manage.{section}.ignore"
    for holder in {(item.section, item.path): item for item in holders if item.additive}.values():
        yield f"take {holder.path} out of manage.{holder.section}.additive"
    for holder in {(item.section, item.path): item for item in holders if item.uncompared}.values():
        yield f"take {holder.path} out of manage.{holder.section}.ignore_fields"
    unnamed = [holder for holder in holders if not holder.named]
    if unnamed:
        yield f"name {_few(unnamed)} in the files without it"
    for path in dict.fromkeys(holder.path for holder in holders):
        left_open = [holder for holder in holders if holder.path == path and holder.named and not holder.written]
        if left_open := [holder for holder in left_open if not holder.uncompared]:
            yield f"write {path} of {_few(left_open)} in the files without it"


def _few(holders: Sequence[_Referrer]) -> str:
    names = list(dict.fromkeys(holder.address for holder in holders))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _unknown_references(entry: Entry, kinds: Kinds, desired: Desired, live: Live) -> Iterator[Diagnostic]:
    """Check what names a live object, where the section that it belongs to is not in the files."""
    for spec in specs(kinds[entry.section].resource).values():
        if spec.ref is None or spec.ref.implied or spec.name not in entry.written:
            continue
        if desired.manages(spec.ref.section):
            continue
        value = entry.resource.__dict__[spec.name]
        known = live.of(spec.ref.section)
        for named in value if isinstance(value, tuple) else (value,):
            if named and named not in known:
                one = kinds[spec.ref.section].one
                near = get_close_matches(named, known, n=1)
                hint = f'did you mean "{near[0]}"? ' if near else ""
                problem = error(
                    "unknown-reference",
                    f'{entry.address}: there is no {one} "{named}", neither in the files nor live',
                    place=place(entry),
                    remedy=f"{hint}Add it under {spec.ref.section}, or name one that exists by its id.",
                )
                yield replace(problem, path=(entry.section, entry.name, spec.name))
