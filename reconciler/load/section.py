"""
One section: from a mapping or a list to entries, by what its kind declares.

`Section.entry` is the hot path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from reconciler.load import pairs
from reconciler.load.files import FileError, Folder
from reconciler.load.head import twice
from reconciler.load.messages import described, explain, locate, unknown_field
from reconciler.load.names import Names, folded, renaming
from reconciler.load.pairs import Members, Pairing
from reconciler.load.problems import Problems, a, given, shown, suggestion
from reconciler.load.secrets import SECRET_NAMES
from reconciler.load.substitute import Placeholder
from reconciler.load.tree import At, Listing, Map, Where
from reconciler.model.change import Source
from reconciler.model.desired import Entry, Manage
from reconciler.model.kind import Kind, Shape
from reconciler.model.resource import DigestOf, RefTo, Resource, folds, identity_field, specs


@dataclass(slots=True)
class Scene:
    """
    What all sections of a configuration share.

    *vendor* is how messages call it, *unsupported* has the sections that its API can't set, and why. *entries* and
    *names* hold the sections that were read, *defaults* the fields that each gives its entries; *owners* who asks for
    an object that needs no entry.
    """

    kinds: Mapping[str, Kind[Any]]
    whole: Map
    manage: Mapping[str, Manage]
    folder: Folder
    problems: Problems
    vendor: str = ""
    unsupported: Mapping[str, str] = field(default_factory=dict)
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)
    names: dict[str, Names] = field(default_factory=dict)
    defaults: Mapping[str, Map] = field(default_factory=dict)
    owners: dict[tuple[str, str], tuple[Entry, Map, str]] = field(default_factory=dict)

    def named(self, section: str) -> Names:
        """Give the names of *section*, as far as they are known by now."""
        known = self.names.get(section)
        if known is None:
            raw = self.whole.get(section)
            entries = self.entries.get(section)
            readable = raw is None or isinstance(raw, (Map, list))
            managed = raw is not None or self.prunes(section)
            known = Names.of(self.kinds[section], raw, entries or {}, strict=managed and readable)
            if entries is not None or raw is None:
                self.names[section] = known
        return known

    def prunes(self, section: str) -> bool:
        """Whether `manage` makes *section* a wish even where it is absent."""
        return section in self.manage and self.manage[section].prune


def is_placeholder(value: Any, loc: Sequence[Any] = ()) -> bool:
    """Whether *value*, or an item of it, is not known yet; of a mapping, only what stands at *loc* in it counts."""
    if isinstance(value, dict):
        return bool(loc) and is_placeholder(value.get(loc[0]), loc[1:])
    return isinstance(value, Placeholder) or (isinstance(value, list) and any(is_placeholder(item) for item in value))


@dataclass(frozen=True, slots=True)
class _Field:
    """A field that needs more than its type's check."""

    name: str
    is_list: bool
    unordered: bool
    ref: RefTo | None
    names: Names | None
    pairing: Pairing | None


class Section:
    """One section, read by its kind's declarations."""

    def __init__(self, scene: Scene, kind: Kind[Any], defaults: Map | None) -> None:
        self.scene = scene
        self.problems = scene.problems
        self.kind = kind
        model: type[Resource] = kind.resource
        self.model = model
        self.owner = a(kind.one)
        self.defaults = defaults
        fields = specs(model)
        self.identity = identity_field(model)
        self.fold = folds(model)
        self.renaming = renaming(model)
        pairings = pairs.pairings(model)
        self.not_written = frozenset(name for name, spec in fields.items() if not spec.written)
        ignored = scene.manage[kind.section].ignore_fields if kind.section in scene.manage else ()
        # What belongs to a pair goes with the pair.
        beside = [name for field in ignored if field in pairings for name in pairings[field].companions.values()]
        managed = frozenset(name for name, spec in fields.items() if not (spec.computed or spec.renamed_from))
        self.managed = managed - {self.identity, *ignored, *beside}
        self.digests: list[tuple[str, DigestOf]] = [
            (name, spec.digest_of) for name, spec in fields.items() if spec.digest_of is not None
        ]
        self.fields = [
            _Field(
                name,
                spec.is_list,
                spec.unordered,
                spec.ref,
                scene.named(spec.ref.section) if spec.ref is not None and spec.ref.section in scene.kinds else None,
                pairings.get(name),
            )
            for name, spec in fields.items()
            if spec.written and (spec.is_list or spec.ref is not None)
        ]
        self.implying = [item for item in self.fields if item.ref is not None and item.ref.implied]
        # The vendor takes the whole, or each is one value in several spellings: what is left out is a wish, too.
        self.entire = bool(kind.scalars) or (kind.whole and kind.shape is Shape.SINGLE)
        self.written_sets: dict[frozenset[str], frozenset[str]] = {}
        self.entries: dict[str, Entry] = {}
        self.seen: dict[str, str] = {}
        self.old: dict[str, tuple[str, At]] = {}  # who had which identity before, and where that stands

    def read(self, value: Any) -> dict[str, Entry]:
        """Read the section."""
        match self.kind.shape:
            case Shape.NAMED:
                if isinstance(value, Map):
                    self.named(value)
                else:
                    self.misshapen(value, f"write `name: {{…}}` for each {self.kind.one}")
            case Shape.LISTED:
                if isinstance(value, list):
                    self.listed(value)
                else:
                    self.misshapen(value, "write `[…]` with one identity each")
            case Shape.SINGLE:
                if isinstance(value, Map):
                    self.entry(self.scene.whole, self.kind.section, value, "")
                else:
                    self.misshapen(value, described_fields(self.model))
            case Shape.SCALAR:
                if isinstance(value, str):
                    self.scalar(value)
                else:
                    self.misshapen(value, self.kind.description)
        return self.entries

    def misshapen(self, value: Any, remedy: str) -> None:
        """Report a section that is written in the wrong way."""
        where = At(self.scene.whole, self.kind.section)
        self.problems.error(
            "wrong-shape", f"{self.kind.section} is {given(value)}, and {self.kind.shape.value} is due", where, remedy
        )

    def named(self, section: Map) -> None:
        """Read a mapping of names to fields."""
        names = self.kind.names
        for name, value in section.items():
            if names and name not in names:
                self.problems.error(
                    "unknown-name",
                    f"{self.kind.section} has no {shown(name)}",
                    At(section, name, "key"),
                    suggestion(name, names, otherwise="it has"),
                )
            elif not name:
                self.problems.error(
                    "empty-name", f"{self.owner} has an empty name", At(section, name, "key"), "name it"
                )
            elif value.__class__ is Map:
                self.entry(section, name, value, name)
            else:
                self.spelled(section, name, value)

    def spelled(self, section: Map, name: str, value: Any) -> None:
        """Read an entry that is no mapping."""
        meant = self.kind.scalars.get(value) if isinstance(value, str) else None
        if meant is not None:
            self.add(name, name, _unchecked(self.model, meant), section.source(name, value), At(section, name, "key"))
            return
        what = shown(value) if isinstance(value, str) else given(value)
        spellings = [*self.kind.scalars]
        remedy = f"write {', '.join(spellings)}, or `{{…}}` with fields" if spellings else described_fields(self.model)
        self.problems.error(
            "not-a-mapping",
            f"{self.kind.one} {shown(name)} is {what}, and a mapping of fields is due",
            At(section, name),
            remedy,
        )

    def entry(self, section: Map, key: str, value: Map, name: str) -> None:  # noqa: C901, PLR0912, PLR0915 - hot path
        """Read one entry of named fields, which stands in *section* under *key*; *name* is its local name."""
        defaults = self.defaults
        if defaults:
            value = _defaulted(value, defaults)
        raw: dict[str, Any] = dict(value)
        identity = self.identity
        if identity is not None and identity not in raw:
            raw[identity] = name
        failed = False
        if not self.not_written.isdisjoint(raw):
            failed = True
            self.refuse(value, raw)
        sorted_away: dict[str, list[Any]] | None = None
        members: dict[str, Members] | None = None
        for item in self.fields:
            found = raw.get(item.name)
            if found is None:
                continue
            if isinstance(found, list):
                if not found:
                    continue
                unordered, failed = self.resolve(item, found, value, raw, failed=failed)
                if unordered is not None:
                    sorted_away = sorted_away or {}
                    sorted_away[item.name] = unordered
            elif item.pairing is not None and isinstance(found, Map):
                members = members or {}
                members[item.name] = self.pair(item, item.pairing, found, raw)
                failed = failed or members[item.name].wrong
            elif item.names is not None and found:
                raw[item.name] = self.refer(item.names, found, value, item)
        if self.digests:
            failed = self.fingerprint(value, raw) or failed
        try:
            resource = self.model.model_validate(raw)
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False)
            if sorted_away:
                errors = self.errors({**raw, **sorted_away})
            made = self.explain(errors, At(section, key, "key"), name, value, raw, members=members or {})
            if made is None:
                return
            resource = made
        if failed:
            return
        own = resource.__dict__[identity] if identity is not None else name
        if self.fold and not isinstance(raw[identity or ""], Placeholder):
            own = own.lower()
        source: Source | None
        if section.origins is None and not section.marks and value.key_mark is not None:
            source = value.doc.source(value.key_mark)
        else:
            source = section.source(key, value)
        entry = self.add(name, own, resource, source, At(section, key, "key"))
        if entry is not None:
            for item in self.implying:
                self.own(item, entry, value)
            if self.renaming is not None:
                self.rename(self.renaming.name, entry, value)

    def add(self, name: str, identity: str, resource: Resource, source: Source | None, where: Where) -> Entry | None:
        """Add an entry, unless another one has its identity."""
        if identity in self.seen:
            other = self.entries[self.seen[identity]]
            first = self.scene.whole.get(self.kind.section)
            related: tuple[tuple[str, Where], ...] = ()
            if isinstance(first, Map):
                related = (("the other one is here", At(first, other.name, "key")),)
            case = "; letter case does not matter" if self.fold else ""
            self.problems.error(
                "duplicate-identity",
                f"{self.kind.one} {shown(name)} has the identity {shown(identity)}, "
                f"and so has {shown(other.name)}{case}",
                where,
                f"give one of them another {self.identity or 'name'}, or remove it",
                related,
            )
            return None
        given_fields = frozenset(resource.model_fields_set)
        written = self.written_sets.get(given_fields)
        if written is None:
            written = self.managed if self.entire else self.managed & given_fields
            self.written_sets[given_fields] = written
        entry = Entry(
            section=self.kind.section, name=name, identity=identity, resource=resource, source=source, written=written
        )
        self.entries[name] = entry
        self.seen[identity] = name
        return entry

    def refuse(self, value: Map, raw: dict[str, Any]) -> None:
        """Refuse fields that are the vendor's or ours alone."""
        for field_name in self.not_written.intersection(raw):
            del raw[field_name]
            message = unknown_field(self.owner, field_name, self.model, self.kind.unsupported)
            self.problems.error(message.code, message.summary, At(value, field_name, "key"), message.remedy)

    def rename(self, name: str, entry: Entry, value: Map) -> None:
        """Look at the identity that an entry had before: another one than now, and nobody else's."""
        old = entry.resource.__dict__[name]
        if not old or isinstance(value.get(name), Placeholder):
            return
        where = At(value, name)
        old = folded(old, fold=self.fold)
        one = self.kind.one
        if old == entry.identity:
            self.problems.error(
                "renamed-from-itself",
                f"{one} {shown(entry.name)} is renamed from {shown(old)}, and that is its {self.identity} now",
                where,
                f"remove {name}, or write the {self.identity} that it had before",
            )
        elif old in self.old:
            other, place = self.old[old]
            self.problems.error(
                "renamed-twice",
                f"{one} {shown(entry.name)} is renamed from {shown(old)}, and so is {shown(other)}",
                where,
                f"leave it to one {one}",
                (("the other one is here", place),),
            )
        else:
            self.old[old] = (entry.name, where)

    def meaning(self, item: _Field, text: str, where: At) -> str:
        """Give the identity that a reference means."""
        if item.names is None:
            return text
        if item.ref is not None and item.ref.implied:
            return item.names.meant(text)
        return item.names.identity(text, where, self.problems)

    def pair(self, item: _Field, pairing: Pairing, found: Map, raw: dict[str, Any]) -> Members:
        """Read a list that is written as a mapping; it becomes a list, and what stands with its members."""
        made = pairs.read(pairing, found, lambda text, where: self.meaning(item, text, where), self.problems)
        raw.update(made.raw())
        return made

    def resolve(
        self, item: _Field, found: list[Any], value: Map, raw: dict[str, Any], *, failed: bool
    ) -> tuple[list[Any] | None, bool]:
        """
        Resolve a list's references, look for what stands twice, and sort it where order means nothing.

        Returns:
            The list as it stood, where it was sorted, and whether something was wrong.
        """
        resolved = found
        if item.names is not None:
            known = item.names.known
            try:
                resolved = [known[text] for text in found]
            except (KeyError, TypeError):
                resolved = [
                    self.meaning(item, text, At(value, item.name, "value", (number,)))
                    if isinstance(text, str) and not isinstance(text, Placeholder)
                    else text
                    for number, text in enumerate(found)
                ]
        if len(resolved) == 1:
            raw[item.name] = resolved
            return None, failed
        double = twice(resolved, At(value, item.name), item.name)
        if double is not None:
            message, where, related = double
            self.problems.error(message.code, message.summary, where, message.remedy, related)
            raw[item.name] = resolved
            return None, True
        if item.unordered and all(isinstance(text, str) for text in resolved):
            raw[item.name] = sorted(resolved)
            return resolved, failed
        raw[item.name] = resolved
        return None, failed

    def refer(self, names: Names, found: Any, value: Map, item: _Field) -> Any:
        """Resolve a reference that is one text."""
        if not isinstance(found, str) or isinstance(found, Placeholder):
            return found
        # In place of a list it is a word that the kind itself knows.
        return found if item.is_list else names.identity(found, At(value, item.name), self.problems)

    def fingerprint(self, value: Map, raw: dict[str, Any]) -> bool:
        """Work out digests of files; say whether something was wrong."""
        failed = False
        for name, rule in self.digests:
            path = raw.get(rule.path_field)
            if not isinstance(path, str) or not path or isinstance(path, Placeholder):
                continue
            folder = value.home(rule.path_field).doc.folder
            where = At(value, rule.path_field)
            head = max((offset + len(magic) for offset, magic in rule.magic), default=0)
            try:
                digest, start = self.scene.folder.digest(path, folder, head)
            except FileError as problem:
                self.problems.error(problem.code, f"the file {shown(path)} {problem}", where, problem.remedy)
                failed = True
                continue
            if any(start[offset : offset + len(magic)] != magic for offset, magic in rule.magic):
                self.problems.error(
                    "wrong-file", f"the file {shown(path)} is not {rule.word}", where, f"name {rule.word}"
                )
                failed = True
                continue
            raw[rule.path_field] = self.scene.folder.relative(path, folder)
            raw[name] = digest
        return failed

    def errors(self, raw: Mapping[str, Any]) -> list[Any]:
        """Check once more, for places in lists as they stand in the file."""
        try:
            self.model.model_validate(raw)
        except ValidationError as invalid:
            return list(invalid.errors(include_url=False))
        return []

    def explain(  # noqa: PLR0913 - the parts of one entry
        self,
        errors: Sequence[Any],
        key: At,
        name: str,
        value: Map,
        raw: Mapping[str, Any],
        *,
        members: Mapping[str, Members],
    ) -> Resource | None:
        """Say what is wrong with an entry; where that is only what is not known yet, give it as it is."""
        wrong = [
            error
            for error in errors
            if not (error["loc"] and is_placeholder(raw.get(str(error["loc"][0])), error["loc"][1:]))
        ]
        for error in wrong:
            said = pairs.explained(error, members)
            if said is None:
                self.invalid(error, key, name, value)
            else:
                message, where = said
                self.problems.error(message.code, message.summary, where, message.remedy)
        return None if wrong else _unchecked(self.model, raw)

    def invalid(self, error: Any, key: At, name: str, value: Map) -> None:
        """Add one of pydantic's errors."""
        loc = error["loc"]
        if self.identity is not None and loc and loc[0] == self.identity and loc[0] not in value:
            if id(value.mark) in value.doc.holes:
                return
            description = described(self.model, self.identity)
            self.problems.error(
                "missing-identity",
                f"{self.kind.one} {shown(name)} has no {self.identity}, and its name can't serve as one",
                key,
                f"write {self.identity}: … {description}",
            )
            return
        if error["type"] == "extra_forbidden" and not SECRET_NAMES.isdisjoint((name, *loc[:-1])):
            self.problems.secrets.append(str(loc[-1]))  # meant for the value, and written as a key: `{secret: …}`
        message = explain(error, self.owner, self.model)
        if error["type"] == "extra_forbidden" and len(loc) == 1:
            message = unknown_field(self.owner, loc[0], self.model, self.kind.unsupported)
        summary = message.summary if loc or not name else f"{self.kind.one} {shown(name)}: {message.summary}"
        where = locate(value, loc, at_key=message.at_key) or key
        self.problems.error(message.code, summary, where, message.remedy or self.kind.description)

    def own(self, item: _Field, entry: Entry, value: Map) -> None:
        """Note which entry asks for an object; two can't share one."""
        assert item.ref is not None, "only references imply objects"
        for number, identity in enumerate(entry.resource.__dict__[item.name]):
            key = (item.ref.section, identity)
            other = self.scene.owners.get(key)
            if other is None:
                self.scene.owners[key] = (entry, value, item.name)
                continue
            one = self.scene.kinds[item.ref.section].one
            self.problems.error(
                "two-owners",
                f"{one} {shown(identity)} is named by {shown(entry.name)}, and by {shown(other[0].name)}",
                _member(value, item.name, item.names, identity, number),
                f"leave it to one {self.kind.one}",
                (("the other one is here", _member(other[1], other[2], item.names, identity, 0)),),
            )

    def scalar(self, value: str) -> None:
        """Read a single thing that is one value."""
        whole, section = self.scene.whole, self.kind.section
        name = next(name for name, spec in specs(self.model).items() if spec.written)
        try:
            resource = self.model.model_validate({name: value})
        except ValidationError as invalid:
            if not isinstance(value, Placeholder):
                for error in invalid.errors(include_url=False):
                    message = explain({**error, "loc": (section,)}, self.owner, self.model)
                    remedy = described(self.model, name)
                    self.problems.error(message.code, message.summary, At(whole, section), remedy)
                return
            resource = _unchecked(self.model, {name: value})
        self.add("", "", resource, whole.source(section, value), At(whole, section, "key"))

    def listed(self, items: list[Any]) -> None:
        """Read a list of identities."""
        assert self.identity is not None, "a list of identities is of a kind that has one"
        first: dict[str, int] = {}
        for number, item in enumerate(items):
            where = item_of(self.scene.whole, self.kind.section, items, number)
            source = items.part(number)[0].source(items.marks[number]) if isinstance(items, Listing) else None
            if not isinstance(item, str):
                summary = f"an item of {self.kind.section} is {given(item)}, and {self.owner} is a single value"
                self.problems.error("not-a-text", summary, where, described(self.model, self.identity))
                continue
            try:
                resource = self.model.model_validate({self.identity: item})
            except ValidationError as invalid:
                if not isinstance(item, Placeholder):
                    for error in invalid.errors(include_url=False):
                        message = explain(error, self.owner, self.model)
                        summary = message.summary.replace(self.identity, self.kind.one, 1)
                        self.problems.error(message.code, summary, where, message.remedy)
                    continue
                resource = _unchecked(self.model, {self.identity: item})
            identity = folded(resource.__dict__[self.identity], fold=self.fold and not isinstance(item, Placeholder))
            if identity in self.seen:
                self.problems.error(
                    "duplicate-value",
                    f"{shown(identity)} stands twice in {self.kind.section}",
                    where,
                    "remove one of them",
                    (
                        (
                            "it stands first here",
                            item_of(self.scene.whole, self.kind.section, items, first[identity]),
                        ),
                    ),
                )
            else:
                first[identity] = number
                self.add(identity, identity, resource, source, where)


def item_of(whole: Map, section: str, items: list[Any], number: int) -> At:
    """Find an item of a section that is a list, and that several files may have given."""
    if not isinstance(items, Listing) or len(items.parts) == 1:
        return At(whole, section, "value", (number,))
    doc, number = items.part(number)
    return At(doc.root, section, "value", (number,))


def _member(value: Map, name: str, names: Names | None, identity: str, number: int) -> At:
    """Find a member of a list by its identity, as sorting has moved it."""
    found = value.get(name)
    for place, text in enumerate(found if isinstance(found, (list, Map)) else ()):
        if text == identity or (isinstance(text, str) and names is not None and names.meant(text) == identity):
            return At(found, text, "key") if isinstance(found, Map) else At(value, name, "value", (place,))
    return At(value, name, "value", (number,))


def _defaulted(value: Map, defaults: Map) -> Map:
    """Give an entry the fields that it leaves open."""
    made = value.twin()
    for name, item in defaults.items():
        if name not in made:
            made.take(name, item, defaults)
    return made


def _unchecked(model: type[Resource], raw: Mapping[str, Any]) -> Resource:
    """Take values as they are: some of them are not known yet."""
    values = {name: tuple(item) if isinstance(item, list) else item for name, item in raw.items()}
    return model.model_construct(None, **values)


def described_fields(model: type[Resource]) -> str:
    """Say which fields there are."""
    return f"its fields are {', '.join(_written(model))}"


def _written(model: type[Resource]) -> Iterator[str]:
    return (name for name, spec in specs(model).items() if spec.written)
