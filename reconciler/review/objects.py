"""What the files say of each object before and after: what they name anew, name otherwise, or no longer name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.diff.hidden import Hidden
from reconciler.diff.kept import Kept, still_named
from reconciler.model.change import Action, Change, FieldChange, MemberChange, Risk, ValueChange
from reconciler.model.desired import Desired, Entry
from reconciler.model.diagnostics import Diagnostic, Place, warning
from reconciler.model.kind import Kind, Shape
from reconciler.model.live import Live, plain_value
from reconciler.model.renaming import rename_field
from reconciler.model.resource import FieldSpec, Resource, identity_field, specs
from reconciler.model.review import NOT_MANAGED
from reconciler.renames import moved

Kinds = Mapping[str, Kind[Any]]
Entries = Mapping[str, Mapping[str, Entry]]  # by section and identity

_NOTHING = Live({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """
    Both configurations, by section and identity, under the identities that *head* gives.

    What `ignore` hides is left out, as nothing comes of it. *base_live* is what *base* says, as if it were live.
    """

    kinds: Kinds
    head: Desired
    base: Desired | None
    before: Entries
    after: Entries
    base_live: Live
    hidden: Hidden

    @classmethod
    def of(cls, base: Desired | None, head: Desired, kinds: Kinds) -> Sides:
        """Gather both; an entry that `renamed_from` names has its new identity on both sides."""
        before = wanted(base) if base is not None else {}
        live, before = renamed(before, head, kinds)
        return cls(
            kinds=kinds,
            head=head,
            base=base,
            before=before,
            after=wanted(head),
            base_live=live,
            hidden=Hidden(head, _NOTHING),
        )

    def label(self, section: str, identity: str) -> str:
        """Give people's name for an object."""
        for entries in (self.after, self.before):
            entry = entries.get(section, {}).get(identity)
            if entry is not None and (text := label_of(entry.resource)):
                return text
        return ""


@dataclass(slots=True)
class Objects:
    """What was found."""

    changes: list[Change] = field(default_factory=list)
    released: list[Change] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def wanted(desired: Desired) -> dict[str, dict[str, Entry]]:
    """List what a configuration wants, by section and identity, but for what `ignore` hides."""
    hidden = Hidden(desired, _NOTHING)
    found: dict[str, dict[str, Entry]] = {}
    for section in dict.fromkeys((*desired.sections, *desired.implied)):
        entries = (*desired.of(section).values(), *hidden.implied(section))
        if hidden.any(section):
            entries = tuple(entry for entry in entries if not hidden.has(section, entry.identity))
        found[section] = {entry.identity: entry for entry in entries}
    return found


def renamed(
    before: Mapping[str, Mapping[str, Entry]], head: Desired, kinds: Kinds
) -> tuple[Live, dict[str, dict[str, Entry]]]:
    """
    Call what an earlier configuration names what *head* calls it now, wherever it is named.

    Returns:
        It as if it were live, and its entries; each entry keeps the identity that it had.
    """
    live = Live({name: {key: entry.resource for key, entry in items.items()} for name, items in before.items()})
    if not any(rename_field(kind.resource) for name, kind in kinds.items() if name in before):
        return live, {name: dict(items) for name, items in before.items()}
    called = moved(head, live, kinds).live
    if called is live:
        return live, {name: dict(items) for name, items in before.items()}
    entries: dict[str, dict[str, Entry]] = {}
    for section, items in called.sections.items():
        # Relabelling keeps the order, so the entries come as before.
        entries[section] = {
            key: entry if entry.resource is item else replace(entry, resource=item)
            for (key, item), entry in zip(items.items(), before[section].values(), strict=True)
        }
    return called, entries


def compared(sides: Sides) -> Objects:
    """Compare object by object."""
    found = Objects()
    going: list[tuple[_Section, Change]] = []
    sections = [_Section(sides, kind) for kind in sides.kinds.values() if not kind.external]
    for one in sections:
        before, after = sides.before.get(one.name, {}), sides.after.get(one.name, {})
        for identity, entry in after.items():
            was = before.get(identity)
            if was is None:
                found.changes.append(one.added(entry))
            elif (change := one.changed(was, entry)) is not None:
                found.changes.append(change)
        for identity in [identity for identity in before if identity not in after]:
            gone = one.gone(identity, before[identity])
            if one.deletes(gone):
                going.append((one, gone))
            else:
                found.released.append(replace(gone, risk=Risk.LOW))
    _judge(going, sides, found)
    for one in sections:
        found.problems += one.problems
        found.notes += one.notes(found)
    return found


def _judge(going: Sequence[tuple[_Section, Change]], sides: Sides, found: Objects) -> None:
    """Find what stays, or can't go, since others that the files leave alone go on naming it."""
    leaving: dict[str, dict[str, Any]] = {}
    for _, gone in going:
        leaving.setdefault(gone.section, {})[gone.identity] = gone.live
    kept = Kept(sides.kinds, sides.head, sides.base_live, sides.hidden, leaving) if leaving else None
    for one, gone in going:
        holders = kept.by(gone.section, gone.identity) if kept is not None else []
        if holders and kept is not None and gone.section in kept.implied:
            found.released.append(replace(gone, risk=Risk.LOW))
            continue
        if holders:
            refusal = still_named(sides.kinds[gone.section], gone.identity, holders)
            one.problems.append(warning(refusal.rule, refusal.message, remedy=refusal.remedy))
        found.changes.append(gone)


class _Section:
    """One section, on both sides."""

    def __init__(self, sides: Sides, kind: Kind[Any]) -> None:
        self._sides = sides
        self._kind = kind
        self.name = kind.section
        self._specs = specs(kind.resource)
        self._rule = sides.head.rule(kind.section)
        self._renaming = rename_field(kind.resource) is not None
        self._identity = identity_field(kind.resource)
        self._guarded = sides.base is not None and bool(sides.base.rule(kind.section).protect)
        self._staying = 0
        self.problems: list[Diagnostic] = []
        # What can differ: all that files may say, and what is made of it, as `extensions: auto` is a field of its own.
        self._told = tuple(
            spec
            for spec in self._specs.values()
            if not ((spec.computed and not spec.creates) or spec.renamed_from or spec.write_only)
            and spec.name != self._identity
        )

    def added(self, entry: Entry) -> Change:
        """Make the change of an object that the files name anew."""
        fields: list[FieldChange] = []
        for spec in self._told:
            value = entry.resource.__dict__[spec.name]
            if not _says(entry, spec) or value in ((), None, {}):
                continue
            if spec.unordered:
                fields.append(MemberChange(path=spec.name, add=value, remove=()))
            else:
                fields.append(ValueChange(path=spec.name, before=None, after=plain_value(value)))
        return self._change(entry, Action.CREATE, fields, desired=entry.resource)

    def changed(self, was: Entry, now: Entry) -> Change | None:
        """Compare what the files said of an object with what they say; None where it is the same."""
        before, after = was.resource.__dict__, now.resource.__dict__
        if self._guarded:
            self._unguarded(was, now)
        renamed = self._renaming and was.identity != now.identity
        if before == after and was.written == now.written and not renamed:
            return None
        fields: list[FieldChange] = []
        if renamed and self._identity is not None:
            fields.append(ValueChange(path=self._identity, before=was.identity, after=now.identity))
        met = self._met(was, now)
        fields += [item for spec in self._told if spec.name not in met for item in self._differences(spec, was, now)]
        if not fields:
            return None
        values = dict(before)
        for name in now.written:
            values[name] = after[name]
            if name in self._rule.additive:
                values[name] = tuple(sorted({*before[name], *after[name]}))
        desired = self._kind.resource.model_construct(**values)
        return self._change(now, Action.UPDATE, fields, desired=desired, live=was.resource)

    def _met(self, was: Entry, now: Entry) -> frozenset[str]:
        """Name the fields that both say, and that mean the same to the vendor: a phone number has several spellings."""
        said = self._kind.review(now, was.resource) if self._kind.review is not None else None
        return said.skip & was.written & now.written if said is not None and not said.warning else frozenset()

    def _differences(self, spec: FieldSpec, was: Entry, now: Entry) -> Iterator[FieldChange]:
        """Compare one field, which either side may leave to the live tenant."""
        said, says = _says(was, spec), _says(now, spec)
        before, after = was.resource.__dict__[spec.name], now.resource.__dict__[spec.name]
        if spec.paired_with is not None:
            yield from self._pairs(spec, was, now)
        elif said and says:
            item = self._field(spec, before, after)
            if item is not None:
                self._immutable(spec, now)
                yield item
        elif said or says:
            yield ValueChange(
                path=spec.name,
                before=plain_value(before) if said else NOT_MANAGED,
                after=plain_value(after) if says else NOT_MANAGED,
            )

    def gone(self, identity: str, entry: Entry) -> Change:
        """Make the change of an object that the files no longer name."""
        change = self._change(entry, Action.DELETE, (), live=entry.resource)
        return replace(change, identity=identity)

    def deletes(self, gone: Change) -> bool:
        """Whether an apply deletes what the files no longer name; else it stays live."""
        kind, head = self._kind, self._sides.head
        if kind.fixed or kind.shape in {Shape.SINGLE, Shape.SCALAR} or not head.manages(kind.section):
            return False
        if not (kind.whole or (kind.collection and self._rule.prune)):
            return False
        about = {"name": gone.identity, "identity": gone.identity, "label": gone.label}
        if self._rule.ignores(**about):
            return False
        if self._rule.protects(**about):
            told = f"{gone.address} is protected, so an apply that would delete it is refused"
            self.problems.append(warning("protected", told, remedy=f"See manage.{kind.section}.protect."))
        elif self._rule.protects(**about | {"name": gone.name}):
            told = f"{gone.address} is protected by its name in the files alone: without its entry, an apply deletes it"
            self.problems.append(warning("unprotected", told, remedy=self._by_identity(gone.identity)))
        return True

    def _unguarded(self, was: Entry, now: Entry) -> None:
        """Say when an object is no longer protected, as its name in the files is another one."""
        base = self._sides.base
        if was.name == now.name or base is None:
            return
        before, after = base.rule(self.name), self._rule
        about = {"identity": now.identity, "label": label_of(now.resource)}
        if before.protects(name=was.name, **about) and not after.protects(name=now.name, **about):
            place = None
            if now.source is not None:
                place = Place(file=now.source.file, line=now.source.line, column=now.source.column)
            told = f"{now.address} is no longer protected: it was by its name in the files, {was.name}"
            self.problems.append(warning("unprotected", told, place=place, remedy=self._by_identity(now.identity)))

    def _by_identity(self, identity: str) -> str:
        return f"Name {identity} in manage.{self.name}.protect."

    def notes(self, found: Objects) -> Iterator[str]:
        """Say what the changes alone do not tell."""
        section = self._kind.section
        if self._staying:
            members = "member is" if self._staying == 1 else "members are"
            yield (
                f"{self._staying} {members} no longer named in lists that manage.{section}.additive keeps open; "
                "where live, they stay."
            )
        gone = sum(change.section == section and change.action is Action.DELETE for change in found.changes)
        if gone > (most := self._sides.head.safety.max_deletes):
            yield (
                f"{gone} {section} go, and safety.max_deletes lets {most} go: the plan is refused unless "
                f"--allow-deletes {section}={gone} is given."
            )

    def _change(
        self,
        entry: Entry,
        action: Action,
        fields: Sequence[FieldChange],
        *,
        desired: Resource | None = None,
        live: Resource | None = None,
    ) -> Change:
        return Change(
            section=entry.section,
            name=entry.name,
            identity=entry.identity,
            action=action,
            fields=tuple(fields),
            source=entry.source,
            risk=self._kind.deletion_risk if action is Action.DELETE else self._risk(action, fields),
            label=label_of(entry.resource) or self._sides.label(entry.section, entry.identity),
            desired=desired,
            live=live,
            written=entry.written,
        )

    def _risk(self, action: Action, fields: Sequence[FieldChange]) -> Risk:
        """Take the highest of the fields that differ; who joins, comes back or is let alone harms nobody."""
        levels = [Risk.LOW]
        if action is Action.UPDATE:
            levels += [Risk(self._specs[item.path].risk) for item in fields if _loses(item, self._specs[item.path])]
        return max(levels, key=list(Risk).index)

    def _field(self, spec: FieldSpec, before: Any, after: Any) -> FieldChange | None:
        if before == after:
            return None
        if not spec.unordered:
            return ValueChange(path=spec.name, before=plain_value(before), after=plain_value(after))
        add, remove = tuple(sorted({*after} - {*before})), tuple(sorted({*before} - {*after}))
        if spec.name in self._rule.additive:
            self._staying += len(remove)
            remove = ()
        return MemberChange(path=spec.name, add=add, remove=remove) if add or remove else None

    def _pairs(self, spec: FieldSpec, was: Entry, now: Entry) -> Iterator[ValueChange]:
        """Compare what belongs to the members that both name; what goes or comes with a member is told by it."""
        assert spec.paired_with is not None, "it belongs to a list"
        said, says = (entry.resource.__dict__[spec.name] if spec.name in entry.written else {} for entry in (was, now))
        members = {*was.resource.__dict__[spec.paired_with.field]}
        names = [
            name
            for name in sorted({*said, *says})
            if said.get(name) != says.get(name)
            and (name in says or name in now.resource.__dict__[spec.paired_with.field])
        ]
        if names:
            yield ValueChange(
                path=spec.name,
                before={name: said.get(name, NOT_MANAGED) for name in names if name in members},
                after={name: says.get(name, NOT_MANAGED) for name in names},
            )

    def _immutable(self, spec: FieldSpec, now: Entry) -> None:
        if spec.immutable is None:
            return
        place = None
        if now.source is not None:
            place = Place(file=now.source.file, line=now.source.line, column=now.source.column)
        told = f"{now.address}: {spec.name} can't be changed: {spec.immutable}"
        self.problems.append(warning("immutable", told, place=place, remedy="Where it is live, the plan is refused."))


def _says(entry: Entry, spec: FieldSpec) -> bool:
    """Whether the files say a field; one that they write under another name (`extensions: auto`), by its value."""
    return spec.name in entry.written or (spec.computed and bool(entry.resource.__dict__[spec.name]))


def _loses(item: FieldChange, spec: FieldSpec) -> bool:
    match item:
        case MemberChange():
            return bool(item.remove)
        case ValueChange():
            return item.after is not NOT_MANAGED and not (spec.on_duty and item.after)


def label_of(item: Resource) -> str:
    """Give people's name for an object, where it has one beside its identity."""
    return str(item.__dict__.get(item.label_field) or "") if item.label_field else ""
