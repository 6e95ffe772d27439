"""
Whether edits do what they are to do, and nothing else: they are read again, and compared, before they are written.

An edit inside of one block entry is read by itself: when the entry is over where it was to be over, what follows is
read as before. Anything else is loaded anew as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, assert_never

from reconciler import pipeline
from reconciler.absorb.pages import Page, Stand
from reconciler.absorb.round import Drafted
from reconciler.absorb.units import Unit
from reconciler.diff import diff
from reconciler.diff.compare import compare
from reconciler.diff.hidden import Hidden
from reconciler.diff.section import Section
from reconciler.load import Loaded
from reconciler.load.nodes import Node, Sort, UnreadableError, entry_at
from reconciler.load.tree import Map
from reconciler.model.change import Action, Change, FieldChange, MemberChange, ValueChange
from reconciler.model.desired import Desired, Entry
from reconciler.model.kind import Shape
from reconciler.model.live import Live
from reconciler.model.renaming import as_read
from reconciler.model.resource import identity_field, specs
from reconciler.renames import moved

Key: TypeAlias = tuple[str, str]  # section and local name
BOM: Final = b"\xef\xbb\xbf"
_MOST_LOADS: Final = 100  # of the whole configuration; each takes a second where it is large
_WITH_IT: Final = "Absorb what belongs to it as well, or change it by hand."


@dataclass(frozen=True, slots=True)
class Wrong:
    """What would not be as it is to be, and what to do about it."""

    why: str
    remedy: str = "Change it by hand."


@dataclass(slots=True)
class Checker:
    """Checks rounds of edits of one configuration."""

    session: pipeline.Session
    loaded: Loaded
    live: Live
    _before: dict[str, Change] | None = None
    _loads: int = 0

    def wrong(self, units: Sequence[Unit], drafted: Drafted) -> Wrong | None:
        """Say what is wrong with a round; None where nothing is."""
        if self._quickly(units, drafted):
            return None
        if self._loads >= _MOST_LOADS:
            return Wrong("too much stands in each other's way to tell it apart", "Absorb it by itself, with --target.")
        self._loads += 1
        return self._thoroughly(units, drafted)

    # One entry at a time.

    def _quickly(self, units: Sequence[Unit], drafted: Drafted) -> bool:
        """Read the edited entries by themselves; False says that this is not enough to tell."""
        groups: dict[Key, list[Unit]] = {}
        for unit in units:
            groups.setdefault((unit.change.section, unit.change.name), []).append(unit)
        desired = self.session.desired
        sections = {section: dict(entries) for section, entries in desired.sections.items()}
        again: dict[Key, Entry] = {}
        for key, members in groups.items():
            entry = self._alone(key, members, drafted)
            if entry is None:
                return False
            again[key] = sections[key[0]][key[1]] = entry
        new = replace(desired, sections=sections)
        if any(found.severity == "error" for _, found in self.session.provider.check(new)):
            return False
        now, before = self._comparing(new), self._comparing(desired)
        return all(
            self._beside(now(entry), before(desired.sections[key[0]][key[1]]), groups[key]) is None
            for key, entry in again.items()
        )

    def _alone(self, key: Key, units: Sequence[Unit], drafted: Drafted) -> Entry | None:
        section, name = key
        stand = drafted.stands.get(units[0])
        old = self.session.desired.of(section).get(name)
        if stand is None or old is None or self.session.provider.kinds[section].shape is not Shape.NAMED:
            return None
        rules = specs(type(old.resource))
        if any(unit.field is None or _implies(rules[unit.path]) for unit in units):
            return None
        if any(drafted.places[unit][0] is not stand.page for unit in units) or not self._simple(section, name, stand):
            return None
        text = self._text(stand, drafted)
        if text is None:
            return None
        entry = self.loaded.entry_of(stand.page.doc, section, name, text, self.session.request.environ)
        if entry is None or entry.identity != old.identity or _differs(old, entry, units):
            return None
        return replace(entry, source=old.source)

    def _simple(self, section: str, name: str, stand: Stand) -> bool:
        """Whether an entry stands in one place and takes nothing from elsewhere."""
        whole = self.loaded.whole
        value: Any = whole[section].get(name) if whole is not None else None
        return isinstance(value, Map) and value.origins is None and not _tied(stand.key) and not _tied(stand.value)

    def _text(self, stand: Stand, drafted: Drafted) -> str | None:
        """Give the entry's new text by itself, where it is over where it was to be over."""
        page = stand.page
        text = drafted.texts.get(page)
        if text is None or stand.key.start != page_key_start(page, stand):
            return None
        start, end = drafted.moved(page, stand.key.start), drafted.moved(page, stand.value.end)
        if start is None or end is None:
            return None
        try:
            key, value = entry_at(text, start, stand.key.column)
        except UnreadableError:
            return None
        if value.end != end or key.start != start or _tied(value) or _tied(key):
            return None
        return " " * stand.key.column + text[start:end] + "\n"

    def _comparing(self, desired: Desired) -> Callable[[Entry], Change | None]:
        """Give a function that compares an entry with its live object."""
        kinds, hidden, prune = self.session.provider.kinds, Hidden(desired, self.live), self.session.request.prune
        sections: dict[str, Section] = {}

        def compared(entry: Entry) -> Change | None:
            section = sections.get(entry.section)
            if section is None:
                kind = kinds[entry.section]
                section = sections[entry.section] = Section(kind, desired, self.live, hidden, prune=prune)
            return compare(entry, section, [], [])

        return compared

    # All of it.

    def _thoroughly(self, units: Sequence[Unit], drafted: Drafted) -> Wrong | None:
        texts = {
            page.doc.path: (BOM if page.doc.bom else b"") + text.encode("utf-8") for page, text in drafted.texts.items()
        }
        loaded = pipeline.read(self.session.request, texts=texts)
        if loaded.desired is None:
            first = loaded.diagnostics.errors[0]
            return Wrong(f"the files would not load: {first.summary}", _WITH_IT)
        return self._meaning(loaded.desired, units) or self._plan(loaded.desired, units)

    def _meaning(self, new: Desired, units: Sequence[Unit]) -> Wrong | None:
        """Find what the files would mean besides."""
        old = self.session.desired
        frame = ("contact_center", "settings", "manage", "safety", "secrets")
        if any(getattr(old, name) != getattr(new, name) for name in frame) or {*old.sections} != {*new.sections}:
            return Wrong("the edit would change what stands beside the sections")
        groups: dict[Key, list[Unit]] = {}
        for unit in units:
            groups.setdefault((unit.change.section, unit.change.name), []).append(unit)
        for section, entries in old.sections.items():
            after = new.sections[section]
            for name, entry in entries.items():
                wrong = _entry(entry, after.get(name), groups.get((section, name), []))
                if wrong is not None:
                    return wrong
            coming = {unit.change.identity for unit in units if unit.change.action is Action.DELETE}
            for name in after.keys() - entries.keys():
                if after[name].identity not in coming:
                    return Wrong(f"the edit would make another entry, {section}/{name}")
        return None

    def _plan(self, new: Desired, units: Sequence[Unit]) -> Wrong | None:
        """Find what a plan would still change, or would change then."""
        kinds, prune = self.session.provider.kinds, self.session.request.prune
        if self._before is None:
            found = diff(self.session.desired, self.live, kinds, prune=prune)
            self._before = {change.address: change for change in found.changes}
        live = moved(new, as_read(self.live, kinds), kinds).live
        groups: dict[str, list[Unit]] = {}
        for unit in units:
            groups.setdefault(unit.change.address, []).append(unit)
        for change in diff(new, live, kinds, prune=prune).changes:
            wrong = self._beside(change, self._before.get(change.address), groups.get(change.address, []))
            if wrong is not None:
                return wrong
        return None

    def _beside(self, now: Change | None, before: Change | None, units: Sequence[Unit]) -> Wrong | None:
        """Say what a change holds that was not there before, or should be gone; None where nothing."""
        if now is None:
            return None
        if before is None or before.action is not now.action:
            return Wrong(f"a plan would then {now.action.value} {now.address}", _WITH_IT)
        if any(unit.field is None for unit in units):
            if now.action is Action.CREATE and now.name not in self.session.desired.of(now.section):
                return Wrong("it has no entry of its own: another one names it", _WITH_IT)
            return Wrong(f"a plan would still {now.action.value} {now.address}")
        done = {unit.path: unit.field for unit in units if unit.field is not None}
        for item in now.fields:
            was = before.field_change(item.path)
            if was is None or not _within(item, was, done.get(item.path)):
                return Wrong(f"a plan would still change {item.path} of {now.address}")
        return None


def page_key_start(page: Page, stand: Stand) -> int:
    """Give where the key of a block entry stands; -1 where the entry may be written between braces."""
    line = page.text.rfind("\n", 0, stand.key.start) + 1
    return stand.key.start if not page.text[line : stand.key.start].strip() else -1


def _within(now: FieldChange, was: FieldChange, done: FieldChange | None) -> bool:
    """Whether what still differs was there before, and is not what was absorbed."""
    match now:
        case MemberChange():
            if not isinstance(was, MemberChange):
                return False
            add, remove = {*was.add}, {*was.remove}
            if isinstance(done, MemberChange):
                add, remove = add - {*done.add}, remove - {*done.remove}
            return add >= {*now.add} and remove >= {*now.remove}
        case ValueChange(after=dict() as after):
            if not isinstance(was, ValueChange) or not isinstance(was.after, dict):
                return False
            mine = {*done.after} if isinstance(done, ValueChange) and isinstance(done.after, dict) else set()
            return all(member in was.after and member not in mine for member in after)
        case ValueChange():
            return done is None and isinstance(was, ValueChange) and (now.before, now.after) == (was.before, was.after)
        case _:
            assert_never(now)


def _entry(entry: Entry, other: Entry | None, units: Sequence[Unit]) -> Wrong | None:
    """Compare an entry with what becomes of it."""
    gone = any(unit.change.action is Action.CREATE for unit in units)
    if other is None or gone:
        if gone and other is None:
            return None
        return Wrong(f"the edit would {'keep' if gone else 'remove'} {entry.address}")
    if other.identity == entry.identity and other.written == entry.written and other.resource == entry.resource:
        return None
    renamed = any(unit.path == identity_field(type(entry.resource)) for unit in units)
    if _differs(entry, other, units) or (other.identity != entry.identity and not renamed):
        return Wrong(f"{entry.address} takes its value from the same place, and would change too")
    return None


def _implies(spec: Any) -> bool:
    return spec.ref is not None and spec.ref.implied


def _tied(node: Node) -> bool:
    """Whether a node has to do with anchors: its own, or others'."""
    if node.sort is Sort.ALIAS or node.anchor is not None or node.merges:
        return True
    return any(_tied(item) for pair in node.pairs for item in pair) or any(_tied(item) for item in node.items)


def _differs(old: Entry, new: Entry, units: Iterable[Unit]) -> bool:
    """Whether two readings of an entry differ in more than the fields of *units*, and what belongs to them."""
    paths = {unit.path for unit in units}
    if "" in paths:
        return False
    rules = specs(type(old.resource))
    paths |= {name for name, spec in rules.items() if spec.paired_with is not None and spec.paired_with.field in paths}
    if (old.written ^ new.written) - paths:
        return True
    one, other = old.resource.__dict__, new.resource.__dict__
    return any(one[name] != other[name] for name in one if name not in paths)


Check: TypeAlias = Callable[[Sequence[Unit], Drafted], Wrong | None]
