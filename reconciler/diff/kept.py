"""Who still names what is to go, so that it can't be deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.diff.hidden import Hidden
from reconciler.diff.needed import Kinds
from reconciler.diff.section import natural
from reconciler.model.desired import Desired
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.plan import Refusal
from reconciler.model.resource import FieldSpec, specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrer:
    """A live object that goes on naming another, by its field *path*; and what the files say of it."""

    address: str
    section: str
    path: str
    hidden: bool
    additive: bool
    uncompared: bool
    named: bool
    written: bool


class Kept:
    """Which live objects are still named, after the plan, by live objects whose naming field nobody changes."""

    def __init__(
        self,
        kinds: Kinds,
        desired: Desired,
        live: Live,
        hidden: Hidden,
        leaving: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._hidden = hidden
        self.implied = {
            spec.ref.section
            for kind in kinds.values()
            for spec in specs(kind.resource).values()
            if spec.ref is not None and spec.ref.implied
        }
        self._found: dict[tuple[str, str], list[Referrer]] = defaultdict(list)
        open_sections = {name for name, items in leaving.items() if items} | self.implied
        for kind in kinds.values():
            for spec in specs(kind.resource).values():
                if spec.ref is not None and not spec.ref.lets_go and spec.ref.section in open_sections:
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
                    referrer = Referrer(
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

    def by(self, section: str, identity: str) -> list[Referrer]:
        """List who still names an object."""
        return sorted(self._found.get((section, identity), []), key=lambda holder: natural(holder.address))


def still_named(kind: Kind[Any], identity: str, holders: list[Referrer]) -> Refusal:
    """Refuse to delete what others go on naming."""
    what = f"{kind.section}/{identity}"
    one, *more = _letting_go(holders)
    keep = f"keep it: name it under {kind.section}"
    if kind.collection:
        keep += f", or list it in manage.{kind.section}.ignore"
    return Refusal(
        rule="still-named",
        message=f"{what} can't be deleted: {_few(holders)} still {'names' if len(holders) == 1 else 'name'} it, "
        "and the files do not change that",
        objects=(what, *(holder.address for holder in holders)),
        remedy=f"{' and '.join([one[0].upper() + one[1:], *more])}; or {keep}.",
    )


def _letting_go(holders: Sequence[Referrer]) -> Iterator[str]:
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


def _few(holders: Sequence[Referrer]) -> str:
    names = list(dict.fromkeys(holder.address for holder in holders))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
