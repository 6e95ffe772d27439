"""
Desired and Live → Live under the names that the files give: an entry with `renamed_from` keeps its object.

All such names refer to the state before the plan, and they may stay in the files after it. Whether a rename was carried
out is read off the names that are there; only of a circle, which looks the same before and after, does the store tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.model.desired import Desired, Entry
from reconciler.model.diagnostics import Diagnostic, Place, error
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.renaming import Labels, parked_name, relabelled, rename_field
from reconciler.model.resource import Resource

Kinds = Mapping[str, Kind[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """
    What was read, under the names that the files give.

    Args:
        live: It; an object that is still to be renamed has its new name as key, and the old one in its own field.
        problems: Renames that can't be meant.
        notes: What people should know of renames that are still to be made, by address.
    """

    live: Live
    problems: tuple[Diagnostic, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


def moved(desired: Desired, live: Live, kinds: Kinds) -> Moved:
    """
    Find the objects that entries with `renamed_from` mean, and call them by their new names, wherever they are named.

    Args:
        desired: The wish.
        live: What was read, as the vendor names it.
        kinds: The vendor's kinds.
    """
    labels: dict[str, dict[str, str]] = {}
    problems: list[Diagnostic] = []
    notes: dict[str, str] = {}
    for section, kind in kinds.items():
        name = rename_field(kind.resource)
        if name is None or section not in live.sections:
            continue
        found = _Section(desired, live, section, name)
        labels[section] = {source: new for new, source in found.sources.items()}
        problems.extend(found.problems)
        notes |= found.notes()
    labels = {section: names for section, names in labels.items() if names}
    return Moved(live=relabelled(live, labels, kinds), problems=tuple(problems), notes=notes)


def carried_out(desired: Desired, document: Mapping[str, Mapping[str, Any]], kinds: Kinds) -> Labels:
    """
    Find what is called otherwise by now than in what was kept before: `{section: {name there: name now}}`.

    *document* holds objects by section and identity. Names that go round in a circle are left out: they are the same.
    """
    labels: dict[str, dict[str, str]] = {}
    for section, kind in kinds.items():
        name = rename_field(kind.resource)
        if name is None or section not in document:
            continue
        wanted = {entry.identity: str(entry.resource.__dict__[name]) for entry in desired.of(section).values()}
        sources = _sources(wanted, document[section], {})
        circled = {new for circle in _circles(sources) for new in circle}
        often = Counter(sources.values())
        once = {new: source for new, source in sources.items() if new not in circled and often[source] == 1}
        if found := _free(once, document[section]):
            labels[section] = {source: new for new, source in found.items()}
    return labels


class _Section:
    """One section: which entries' objects bear another name now, and what speaks against it."""

    def __init__(self, desired: Desired, live: Live, section: str, name: str) -> None:
        self._items: Mapping[str, Resource] = live.of(section)
        self._rule = desired.rule(section)
        self._entries = {entry.identity: entry for entry in desired.of(section).values()}
        self._old = {identity: str(entry.resource.__dict__[name]) for identity, entry in self._entries.items()}
        self._memory = live.memory.of(section)
        self._field = name
        self.problems: list[Diagnostic] = []
        sources = _sources(self._old, self._items, self._parked())
        done = {new for circle in _circles(sources) if self._all_done(circle) for new in circle}
        if done:
            sources = _sources(
                {new: "" if new in done else old for new, old in self._old.items()}, self._items, self._parked()
            )
        self.sources: Mapping[str, str] = self._possible(sources)

    def notes(self) -> dict[str, str]:
        """Say what people should know of names that go round in a circle."""
        notes = {}
        for circle in _circles(self.sources):
            addresses = [self._entries[new].address for new in circle]
            if not any(self._hidden(self._entries[new]) for new in circle):
                notes[addresses[0]] = (
                    f"{' and '.join([', '.join(addresses[:-1]), addresses[-1]])} hand their names round in a circle. "
                    f"Once that is applied, remove {self._field} from them: without the store nobody can tell that it "
                    "was done."
                )
        return notes

    def _parked(self) -> dict[str, str]:
        """Find what a plan that was cut left under a name for the moment: name before → name now."""
        found: dict[str, str] = {}
        for old in {old for old in self._old.values() if old}:
            names = [
                name
                for name, item in self._items.items()
                if name not in self._old and _number(item) and name == parked_name(old, _number(item))
            ]
            if names:
                found[old] = min(names)
        return found

    def _all_done(self, circle: Iterable[str]) -> bool:
        """Whether a circle was carried out: where the store knows that of one, it is true of all, unless it differs."""
        known = {self._done(new) for new in circle}
        return True in known and False not in known

    def _done(self, new: str) -> bool | None:
        """Whether this very object got its name by a rename for this very entry; None where the store has no word."""
        known = self._memory.get(new, {})
        item = self._items.get(new)
        if item is None or "id" not in known:
            return None
        address = self._entries[new].address
        return bool(_number(item)) and str(known["id"]) == _number(item) and known.get("address", address) == address

    def _possible(self, sources: Mapping[str, str]) -> dict[str, str]:
        """Leave out what can't be meant, and say so."""
        left = dict(sources)
        often = Counter(left.values())
        for new, source in sources.items():
            entry = self._entries[new]
            code = said = remedy = ""
            if often[source] > 1:
                code = "renamed-twice"
                said = f'{entry.address}: another entry was "{self._old[new]}" before, too'
                remedy = f"An object has one name: remove {self._field} from one of them."
            elif self._ignored(source) and not self._hidden(entry):
                code = "renamed-hidden"
                said = f'{entry.address}: "{source}" can\'t be renamed, since manage.{entry.section}.ignore hides it'
                remedy = f"Take it out of ignore, or remove {self._field}."
            elif new in self._items and not often[new]:
                code = "both-live"
                said = f'{entry.address}: "{source}" is to be renamed to "{new}", and both of them are live'
                remedy = (
                    f'If "{new}" is the one that is meant, remove {self._field}; else give "{new}" another name at the '
                    "vendor, or delete it there."
                )
            if said:
                del left[new]
                if not self._hidden(entry):
                    self.problems.append(self._problem(entry, code, said, remedy))
        return _free(left, self._items)

    def _problem(self, entry: Entry, code: str, said: str, remedy: str) -> Diagnostic:
        place = None
        if entry.source is not None:
            place = Place(file=entry.source.file, line=entry.source.line, column=entry.source.column)
        return replace(error(code, said, place=place, remedy=remedy), path=(entry.section, entry.name, self._field))

    def _ignored(self, source: str) -> bool:
        return self._rule.ignores(name=source, identity=source, label=_label(self._items[source]))

    def _hidden(self, entry: Entry) -> bool:
        return self._rule.ignores(name=entry.name, identity=entry.identity, label=_label(entry.resource))


def _sources(wanted: Mapping[str, str], names: Collection[str], parked: Mapping[str, str]) -> dict[str, str]:
    """
    Find whose object bears another name now.

    Args:
        wanted: Each entry's name, and the one before it; empty where it has none.
        names: Those that are there.
        parked: What is called otherwise for the moment: name before → name now.

    Returns:
        Name wanted → name now, for entries whose old name is there and nobody else's.
    """
    sources = {
        new: parked.get(old, old)
        for new, old in wanted.items()
        if old not in {"", new} and (old in parked or old in names)
    }
    # Who has nothing to wait for owns what bears its name, and so on: of a chain that was carried out nothing is left.
    settled = wanted.keys() - sources.keys()
    while settled:
        owned = {new for new in settled if new in names}
        # An entry without a name before it may be one that is still to be made, once its name is given up: as long as
        # the name at the end of those who hand theirs on is free, none of them has been renamed.
        fresh = {new for new in owned if wanted[new] in {"", new}}
        settled = {
            new
            for new, source in sources.items()
            if source in owned - fresh or (_last(new, sources) in names and source in fresh)
        }
        for new in settled:
            del sources[new]
    return sources


def _last(new: str, sources: Mapping[str, str]) -> str:
    """Find the name at the end of those who wait for each other's, from *new* on."""
    by_source = {source: name for name, source in sources.items()}
    walked = {new}
    while (following := by_source.get(new)) is not None and following not in walked:
        walked.add(following)
        new = following
    return new


def _free(sources: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """Leave out who would get a name that stays taken; who waits for its name then has to wait as well."""
    left = dict(sources)
    while blocked := {new for new in left if new in names and new not in left.values()}:
        for new in blocked:
            del left[new]
    return left


def _circles(sources: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Find the entries that hand their names round, each circle once, from its first name."""
    seen: set[str] = set()
    for start in sorted(sources):
        walked: list[str] = []
        at = start
        while at in sources and at not in seen:
            seen.add(at)
            walked.append(at)
            at = sources[at]
        if at in walked:
            yield tuple(walked[walked.index(at) :])


def _number(item: Resource) -> str:
    """Give the vendor's own id of an object, where it has one beside its name."""
    return str(item.__dict__.get("id") or "")


def _label(item: Resource) -> str:
    return str(item.__dict__.get(item.label_field, "")) if item.label_field else ""
