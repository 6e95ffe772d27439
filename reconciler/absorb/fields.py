"""The edits of one field, wherever its value stands: in the entry, behind an alias, in a merge key, or in defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never

from reconciler.absorb.edits import CantError, Piece, newline_at
from reconciler.absorb.pages import Page, Stand
from reconciler.absorb.round import Round
from reconciler.absorb.spelling import block, quoted, spelled
from reconciler.absorb.units import Unit
from reconciler.load.nodes import Node, Sort
from reconciler.load.tree import Map
from reconciler.model.change import MemberChange, ValueChange
from reconciler.model.kind import Shape
from reconciler.model.resource import FieldSpec, fits, specs

_SUBSTITUTED: Final = re.compile(r"\$(?:\$|\{)")
_ENV: Final = re.compile(r"\$\{(env|file):[^}:]*")
_COMMENT: Final = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?")
_FIRST_LINE: Final = re.compile(r"\n([ \t]*)\S")
_BY_HAND: Final = "Change it by hand."
_MISFIT: Final = "the live value has a form that the files may not have"


class Fields:
    """The edits of one unit, whose entry is *stand*."""

    def __init__(self, together: Round, unit: Unit, stand: Stand) -> None:
        self.together = together
        self.entries = together.entries
        self.unit = unit
        self.stand = stand
        self.rules = specs(unit.kind.resource)

    def edit(self) -> None:
        """Find them. Raises CantError, UnspellableError."""
        match self.unit.field:
            case None:
                self.one_of_several()
            case MemberChange() as item:
                self.listed(item, self.rules[item.path])
            case ValueChange(before=dict() as live, after=dict() as wish) as item:
                self.paired(live, [*wish], self.rules[item.path])
            case ValueChange() as item:
                self.single(item.before, self.rules[item.path])
            case _:
                assert_never(self.unit.field)

    def own(self, name: str) -> tuple[Page, Node, Node] | None:
        """
        Find the key and the value of a field.

        Returns:
            None where the entry does not have it by itself, but by its defaults, or by what it merges.

        Raises:
            CantError: It stands where nothing can be edited.
        """
        value: Any = self.value()
        if not isinstance(value, Map) or name not in value:
            return None
        stand, home = self.stand, value.home(name)
        if home.doc is not stand.page.doc:
            page = self.together.pages.page(home.doc)
            pair: tuple[Node, Node] | None = page.pair(home, name, None)
        else:
            page = stand.page
            inside = stand.value.sort is Sort.MAPPING and home.mark.index == stand.value.start
            pair = stand.value.value(name) if inside else None
        if pair is None:
            return None
        self.together.at(self.unit, page, pair[0].start)
        return page, *pair

    def value(self) -> Any:
        """Give what the entry was read as."""
        change = self.unit.change
        section = self.together.pages.whole[change.section]
        return section[change.name] if change.name else section

    def single(self, live: Any, spec: FieldSpec) -> None:
        """Set a field of one value."""
        if not spec.written:
            what = f"the content behind {spec.digest_of.path_field}" if spec.digest_of is not None else spec.name
            raise CantError(f"{what} does not stand in the files", "Fetch it and put it in place by hand.")
        if live is None:
            raise CantError("the vendor does not show it", _BY_HAND)
        if isinstance(live, (list, tuple, dict)):
            raise CantError("it is a list whose order matters", _BY_HAND)
        self.fit(spec, live)
        said: Any = self.entries.name_of(spec.ref.section, live) if spec.ref is not None and live else live
        if self.unit.kind.shape is Shape.SCALAR:
            self.set(self.stand.page, self.stand.value, said)
            return
        found = self.own(spec.name)
        if found is not None:
            page, _, node = found
            self.set(page, node, said)
            return
        quote = self.stand.page.quote
        self.beside(*(f"{spec.name}: {spelled(said, flow=flow, quote=quote)}" for flow in (True, False)))

    def fit(self, spec: FieldSpec, live: Any) -> None:
        """See that the files may hold a value. Raises CantError."""
        if not fits(self.unit.kind.resource, spec.name, live):
            raise CantError(_MISFIT, "Change it at the vendor, or by hand.")

    def beside(self, flow: str, line: str) -> None:
        """Give the entry a field of its own; it then wins over what the entry takes from elsewhere."""
        stand = self.stand
        if stand.value.sort not in {Sort.MAPPING, Sort.ALIAS}:
            raise CantError("the entry is no mapping", _BY_HAND)
        self.together.made.following.add(self.unit)
        self.together.job(stand.page, stand.key, stand.value).new.append((self.unit, Piece(flow, (line,))))

    def set(self, page: Page, node: Node, live: Any) -> None:
        """Put a live value in place of what stands there. Raises CantError."""
        match node.sort:
            case Sort.ALIAS:
                self.together.made.following.add(self.unit)
                new = spelled(live, flow=node.inside, quote=page.quote)
            case Sort.SCALAR:
                refuse_substituted(node)
                if node.style in {"|", ">"}:
                    new = self.blocked(page, node, live)
                else:
                    new = spelled(live, node, flow=node.inside, quote=page.quote)
            case Sort.MAPPING | Sort.LIST:
                raise CantError("a single value is due, and the file has more", _BY_HAND)
            case _:
                assert_never(node.sort)
        self.together.put(page, node.content, node.end, new)

    def blocked(self, page: Page, node: Node, live: Any) -> str:
        """Spell a value in place of a block: as a block, or else in quotes, with the comment of the block's head."""
        if not isinstance(live, str):
            return spelled(live)
        spelled(live)  # raises where nothing can spell it
        old = page.text[node.content : node.end]
        text = live.replace("$", "$$")
        indent = _FIRST_LINE.search(old)
        made = block(text, old, indent[1] if indent is not None else "", newline_at(page.text, node.content))
        if made is not None:
            return made
        comment = _COMMENT.match(old)
        return quoted(text, page.quote) + ((comment[1] or "") if comment is not None else "")

    def listed(self, item: MemberChange, spec: FieldSpec) -> None:
        """Change the members of a list."""
        found = self.own(spec.name)
        if found is None:
            listing = self.written_out(item, spec, self.stand.page)
            self.beside(f"{spec.name}: {listing}", f"{spec.name}: {listing}")
            return
        page, key, node = found
        match node.sort:
            case Sort.ALIAS:
                self.together.made.following.add(self.unit)
                self.together.put(page, node.start, node.end, self.written_out(item, spec, page))
            case Sort.SCALAR:
                raise CantError("a list is due, and the file has a single value", _BY_HAND)
            case Sort.LIST | Sort.MAPPING:
                self.members(item, spec, page, key, node)
            case _:
                assert_never(node.sort)

    def written_out(self, item: MemberChange, spec: FieldSpec, page: Page) -> str:
        """Spell the live list as a whole, between brackets."""
        wish = self.unit.change.desired.__dict__[spec.name] if self.unit.change.desired is not None else ()
        live = sorted(({*wish} - {*item.add}) | {*item.remove})
        names = [self.entries.name_of(spec.ref.section, member) if spec.ref else member for member in live]
        return f"[{', '.join(spelled(name, flow=True, quote=page.quote) for name in names)}]"

    def members(self, item: MemberChange, spec: FieldSpec, page: Page, key: Node, box: Node) -> None:
        """Take members out of a list that stands there, and put others in."""
        section = spec.ref.section if spec.ref is not None else None
        nodes = box.items if box.sort is Sort.LIST else [name for name, _ in box.pairs]
        places = self.places(spec, section, box, nodes)
        gone = []
        for member in item.add:
            if member not in places:
                raise CantError(f"{member} is not written there by itself", _BY_HAND)
            one = nodes[places[member]]
            if box.sort is Sort.LIST and one.sort is Sort.SCALAR:
                refuse_substituted(one)
            gone.append(places[member])
        by_identity = bool(nodes) and section is not None and self.entries.by_identity(section, nodes)
        like = next((one for one in reversed(nodes) if one.sort is Sort.SCALAR), None)
        pieces = []
        for member in item.remove:
            name = member if section is None or by_identity else self.entries.name_of(section, member)
            if box.sort is Sort.MAPPING:
                written = spelled(name, like, flow=box.flow, quote=page.quote, literal=True)
                piece = f"{written}: {{{self.companions(spec, member, box)}}}"
            else:
                piece = spelled(name, like, flow=box.flow, quote=page.quote)
            pieces.append(Piece(piece, (piece,)))
        job = self.together.job(page, key, box)
        job.gone |= dict.fromkeys(gone, self.unit)
        job.new += [(self.unit, piece) for piece in pieces]

    def places(self, spec: FieldSpec, section: str | None, box: Node, nodes: Sequence[Node]) -> dict[str, int]:
        """Give the number of each member, by what it means."""
        read = self.value().get(spec.name)
        found = {}
        for number, node in enumerate(nodes):
            text: Any = node.text
            if box.sort is Sort.LIST and isinstance(read, list) and len(read) == len(nodes):
                text = read[number]  # what an alias or a substitution stands for
            if isinstance(text, str):
                found[self.entries.meant(section, text)] = number
        return found

    def companions(self, spec: FieldSpec, member: str, box: Node) -> str:
        """Write what stands with a new member of a list, where all others have that too."""
        live = self.unit.change.live
        for other in self.rules.values():
            pair = other.paired_with
            if pair is None or pair.field != spec.name or live is None or not box.pairs:
                continue
            value = live.__dict__[other.name].get(member)
            told = all(inside.sort is Sort.MAPPING and inside.value(pair.word) for _, inside in box.pairs)
            if told and value is not None and fits(self.unit.kind.resource, other.name, {member: value}):
                return f"{pair.word}: {spelled(value)}"
        return ""

    def paired(self, live: Mapping[str, Any], wished: Sequence[str], spec: FieldSpec) -> None:
        """Change what stands with members of a list."""
        pair = spec.paired_with
        assert pair is not None, "only what belongs to pairs is a mapping"
        found = self.own(pair.field)
        if found is None or found[2].sort is not Sort.MAPPING:
            raise CantError(f"its {pair.word} is written elsewhere", _BY_HAND)
        page, _, box = found
        ref = self.rules[pair.field].ref
        section = ref.section if ref is not None else None
        inside = {self.entries.meant(section, key.text): value for key, value in box.pairs if key.sort is Sort.SCALAR}
        changes = []
        for member in wished:
            if member not in live:
                continue  # it is no member any more, and its value goes with it
            self.fit(spec, {member: live[member]})
            value = inside.get(member)
            one = value.value(pair.word) if value is not None and value.sort is Sort.MAPPING else None
            if one is None:
                raise CantError(f"the {pair.word} of {member} is written elsewhere", _BY_HAND)
            changes.append((one, live[member]))
        for (key, value), new in changes:
            self.together.at(self.unit, page, key.start)
            self.set(page, value, new)

    def one_of_several(self) -> None:
        """Change an entry whose fields exclude each other, so that it has one of them, or a word that says none."""
        unit, page, node = self.unit, self.stand.page, self.stand.value
        assert unit.change.live is not None, "an update has a live object"
        live = unit.change.live.__dict__
        values = {
            name: live[name] for name, spec in self.rules.items() if spec.written and spec.compared and live[name]
        }
        none = next((word for word, meaning in unit.kind.scalars.items() if not meaning), None)
        if len(values) > 1 or (not values and none is None):
            raise CantError("the live object says several things at once", _BY_HAND)
        if node.merges or len(node.pairs) > 1:
            raise CantError("the entry takes fields from elsewhere", _BY_HAND)
        if node.sort is Sort.SCALAR:
            refuse_substituted(node)
        if not values:
            self.together.put(page, node.content, node.end, str(none))
            return
        ((name, value),) = values.items()
        spec = self.rules[name]
        self.fit(spec, value)
        said = self.entries.name_of(spec.ref.section, value) if spec.ref is not None else value
        if not node.pairs:
            written = f"{name}: {spelled(said, flow=True, quote=page.quote)}"
            self.together.put(page, node.content, node.end, f"{{{written}}}")
            return
        key, old = node.pairs[0]
        self.set(page, old, said)
        if key.text != name:
            self.together.put(page, key.content, key.end, name)


def refuse_substituted(node: Node) -> None:
    """Refuse what is put in from elsewhere. Raises CantError."""
    for token in _SUBSTITUTED.finditer(node.text):
        if token[0] == "$$":
            continue
        source = _ENV.match(node.text, token.start())
        what = f"{source[0]}}}" if source is not None else "${…}"
        raise CantError(
            f"its value comes through {what}", "Change it there, or write the value in its place.", offset=node.start
        )
