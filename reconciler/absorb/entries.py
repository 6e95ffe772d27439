"""Whole entries: where one stands that goes, and where and how one is written that comes. And what names mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler import export
from reconciler.absorb.edits import CantError, Piece
from reconciler.absorb.pages import Page, Pages
from reconciler.absorb.spelling import spelled
from reconciler.load.nodes import Node, Sort, line_end, line_start
from reconciler.load.tree import Listing, Map
from reconciler.model.change import Action, Change
from reconciler.model.desired import Desired
from reconciler.model.kind import Kind, Shape
from reconciler.model.resource import Resource, folds, identity_field, specs

_BY_HAND = "Change it by hand."


class Entries:
    """The entries of a configuration, and those that are to come."""

    def __init__(
        self, pages: Pages, desired: Desired, kinds: Mapping[str, Kind[Any]], coming: Iterable[Change]
    ) -> None:
        self.pages = pages
        self.desired = desired
        self.kinds = kinds
        self._coming = [change for change in coming if change.action is Action.DELETE]
        self._locals: dict[str, dict[str, str]] = {}
        self._meanings: dict[str, dict[str, str]] = {}

    def names(self, section: str) -> Mapping[str, str]:
        """Give the local names of a section by identity, with those of objects that are to come."""
        found = self._locals.get(section)
        if found is None:
            found = {entry.identity: name for name, entry in self.desired.of(section).items()}
            taken = {*found.values(), *found}
            for change in self._coming:
                if change.section == section and change.identity not in found:
                    found[change.identity] = name = self._new_name(change, taken)
                    taken.add(name)
            self._locals[section] = found
        return found

    def _new_name(self, change: Change, taken: set[str]) -> str:
        """Make a local name of an object's name, as `export` does."""
        kind = self.kinds[change.section]
        label = kind.resource.label_field
        if identity_field(kind.resource) is None or label is None or label == "callback" or change.live is None:
            return change.identity
        name = export.slug(str(change.live.__dict__[label]))
        return name if name and name not in taken else change.identity

    def name_of(self, section: str, identity: str) -> str:
        """Name an object as references do: by its local name, where that means no other."""
        name = self.names(section).get(identity, identity)
        return name if self.meant(section, name) == identity else identity

    def meant(self, section: str | None, text: str) -> str:
        """Give the identity that a reference means."""
        if section is None:
            return text
        known = self._meanings.get(section)
        if known is None:
            names = self.names(section)
            known = {identity: identity for identity in names}
            for identity, name in names.items():
                if known.get(name, identity) == identity:
                    known[name] = identity
            self._meanings[section] = known
        fold = section in self.kinds and folds(self.kinds[section].resource)
        return known.get(text) or (text.lower() if fold else text)

    def by_identity(self, section: str, nodes: Sequence[Node]) -> bool:
        """Whether a list names its members by identity although they have local names."""
        names = self.names(section)
        texts = [node.text for node in nodes if node.sort is Sort.SCALAR]
        return all(text in names and names[text] != text for text in texts)

    def written(self, change: Change) -> tuple[Page, Node | None, Node, int, int] | None:
        """
        Find the entry of an object.

        Returns:
            Its page, the section's key, its value, the entry's number in it, and where it begins. None where there is
            no entry of its own: others imply it.

        Raises:
            CantError: It can't be taken out of its place.
        """
        kind = self.kinds[change.section]
        if change.name not in self.desired.of(change.section):
            return None
        section: Any = self.pages.whole.get(change.section)
        if kind.shape is Shape.LISTED and isinstance(section, Listing):
            return self._item(change, section)
        if kind.shape is not Shape.NAMED or not isinstance(section, Map):
            raise CantError("it is one thing, and can't be left out", _BY_HAND)
        home = section.home(change.name)
        for doc in self.pages.holders(change.section):
            inside = doc.root[change.section]
            if doc is not home.doc and isinstance(inside, Map) and change.name in inside:
                raise CantError(f"{doc.name} also has fields of it", "Take both out by hand.")
        page = self.pages.page(home.doc)
        box = page.box(home)
        for number, (key, _) in enumerate(box.pairs):
            if key.sort is Sort.SCALAR and key.text == change.name:
                return page, page.key_of(box), box, number, key.start
        raise CantError("it is not found again in its file", _BY_HAND)

    def _item(self, change: Change, section: Listing) -> tuple[Page, Node | None, Node, int, int]:
        """Find an item of a section that is a list."""
        for number, text in enumerate(section):
            if text == change.identity:
                doc, place = section.part(number)
                page = self.pages.page(doc)
                pair = page.root.value(change.section)
                if pair is None or pair[1].sort is not Sort.LIST or place >= len(pair[1].items):
                    break
                item = pair[1].items[place]
                if item.sort is not Sort.SCALAR or item.text != change.identity:
                    break
                return page, pair[0], pair[1], place, item.start
        raise CantError("it is not found again in its file", _BY_HAND)

    def room(self, change: Change) -> tuple[Page, Node, Node, Piece]:
        """
        Find where an object's entry goes, and write it.

        Returns:
            A page, the section's key and value there, and the entry.

        Raises:
            CantError: There is no place for it.
        """
        kind = self.kinds[change.section]
        if kind.shape not in {Shape.NAMED, Shape.LISTED}:
            raise CantError("there is no room for another one", _BY_HAND)
        if not kind.exported and kind.shape is not Shape.LISTED:
            raise CantError(f"the content of a {kind.one} can't be read back", f"Add the {kind.one} by hand.")
        holders = [
            (page, *pair)
            for doc in self.pages.holders(change.section)
            if doc.path
            and not doc.overlay
            and (page := self.pages.page(doc)).root.sort is Sort.MAPPING
            and (pair := page.root.value(change.section)) is not None
            and pair[1].sort is (Sort.LIST if kind.shape is Shape.LISTED else Sort.MAPPING)
        ]
        if not holders:
            raise CantError(
                f"no file has a section {change.section} that could take it",
                f"Write {change.section}: {'[]' if kind.shape is Shape.LISTED else '{}'} in one, and absorb again.",
            )
        page, key, box = next((item for item in reversed(holders) if item[2].pairs or item[2].items), holders[-1])
        return page, key, box, self.piece(change, kind, page, box)

    def piece(self, change: Change, kind: Kind[Any], page: Page, box: Node) -> Piece:
        """Write the entry of a live object, as its neighbour is written."""
        live = change.live
        assert live is not None, "an object that the files lack is live"
        quote = page.quote
        if kind.shape is Shape.LISTED:
            like = next((item for item in reversed(box.items) if item.sort is Sort.SCALAR), None)
            text = spelled(change.identity, like, flow=box.flow, quote=quote)
            return Piece(text, (text,))
        name = self.names(change.section)[change.identity]
        if name in self.desired.of(change.section):
            raise CantError(f"another entry is called {name}", "Add it by hand under another name.")
        fields = self.fields(change, kind, live)
        last = box.pairs[-1] if box.pairs else None
        pattern = {key.text: value for key, value in last[1].pairs} if last is not None else {}
        called = spelled(name, last[0] if last else None, flow=box.flow, quote=quote, literal=True)
        flow = (
            f"{called}: {{{', '.join(self.field(k, v, pattern, flow=True, quote=quote) for k, v in fields.items())}}}"
        )
        if last is None or last[1].flow or last[1].sort is not Sort.MAPPING or not fields:
            return Piece(flow, (flow,), apart=self.apart(page.text, box))
        step = " " * max(1, last[1].column - last[0].column)
        lines = [
            f"{called}:",
            *(f"{step}{self.field(k, v, pattern, flow=False, quote=quote)}" for k, v in fields.items()),
        ]
        return Piece(flow, tuple(lines), apart=self.apart(page.text, box))

    def apart(self, text: str, box: Node) -> bool:
        """Whether a blank line stands between the last two entries."""
        if box.flow or len(box.pairs) < 2:
            return False
        between = text[line_end(text, box.pairs[-2][1].end) : line_start(text, box.pairs[-1][0].start)]
        return any(not line.strip() for line in between.splitlines()[1:])

    def field(self, name: str, value: Any, pattern: Mapping[str, Node], *, flow: bool, quote: str) -> str:
        """Write one field; `$` are doubled already."""
        like = pattern.get(name)
        match value:
            case dict():
                inner = ", ".join(self.field(k, v, {}, flow=True, quote=quote) for k, v in value.items())
                return f"{spelled(name, flow=flow, quote=quote, literal=True)}: {{{inner}}}"
            case list():
                item = next((one for one in like.items), None) if like is not None else None
                listed = (spelled(one, item, flow=True, quote=quote, literal=True) for one in value)
                return f"{name}: [{', '.join(listed)}]"
            case _:
                inside = like if like is not None and like.style not in {"|", ">"} else None
                written = spelled(value, inside, flow=flow, quote=quote, literal=True)
                return f"{spelled(name, flow=flow, quote=quote, literal=True)}: {written}"

    def fields(self, change: Change, kind: Kind[Any], live: Resource) -> dict[str, Any]:
        """Pick the fields that `export` would write, and those that defaults would get wrong."""
        names: dict[str, Mapping[str, str]] = {section: self.names(section) for section in self._referred(kind)}
        names[change.section] = self.names(change.section)
        notes = export.Notes()
        found = export.entry_fields(kind, change.identity, live, names, notes)
        if found is None or notes.items:
            why = notes.items[0].rstrip(".") if notes.items else "nothing can be said of it"
            raise CantError(f"it can't be written as it is ({why})", "Add it by hand.")
        defaults: Any = self.pages.whole.get("defaults")
        given = defaults.get(change.section) if isinstance(defaults, Map) else None
        for name, item in given.items() if isinstance(given, Map) else ():
            spec = specs(kind.resource).get(name)
            if spec is None or name in found:
                continue
            value = live.__dict__[name]
            if isinstance(value, tuple):
                known = names.get(spec.ref.section, {}) if spec.ref is not None else {}
                found[name] = [known.get(member, member) for member in value]
            elif isinstance(value, str):
                found[name] = value.replace("$", "$$")
            else:
                found[name] = value
            if isinstance(item, str) and item == spelled(value).strip("\"'"):
                del found[name]
        return found

    def _referred(self, kind: Kind[Any]) -> set[str]:
        return {spec.ref.section for spec in specs(kind.resource).values() if spec.ref is not None} & {*self.kinds}
