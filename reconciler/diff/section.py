"""One section: what is wanted, what leaves, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.diff.hidden import Hidden, label_of
from reconciler.model.desired import Desired, Entry
from reconciler.model.kind import Kind, Shape
from reconciler.model.live import Live
from reconciler.model.renaming import rename_field
from reconciler.model.resource import identity_field, specs


def natural(address: str) -> tuple[str, int, str]:
    """Sort digits as numbers, so that queues/9 comes before queues/10; nothing depends on the order of the input."""
    return address.rstrip("0123456789"), len(address), address


class Section:
    """One section: what is wanted, what leaves, and what is left alone."""

    def __init__(self, kind: Kind[Any], desired: Desired, live: Live, hidden: Hidden, *, prune: bool) -> None:
        self.kind = kind
        self.hidden = hidden
        self.rule = desired.rule(kind.section)
        self.specs = specs(kind.resource)
        self.paired = tuple(spec for spec in self.specs.values() if spec.paired_with is not None)
        # The field that holds a name that can change; the key of a live object is then what the files call it.
        self.renaming = identity_field(kind.resource) if rename_field(kind.resource) is not None else None
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
        return label_of(entry.resource) or label_of(self.live.get(identity))
