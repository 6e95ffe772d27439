"""Local names and identities: what a reference in one section may say of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.load.problems import Problems, a, shown, suggestion
from reconciler.load.tree import At, Map
from reconciler.model.desired import Entry
from reconciler.model.kind import Kind
from reconciler.model.resource import identity_field


@dataclass(slots=True)
class Names:
    """
    The names of one section's entries.

    *known* gives the identity for a local name or an identity. *ambiguous* are texts that are one entry's local name
    and another one's identity. Where the section is not *strict*, a text that is not known may be the identity of a
    live object.
    """

    one: str
    section: str
    strict: bool
    known: dict[str, str] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    owners: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: Kind[Any], raw: Any, entries: Mapping[str, Entry], *, strict: bool) -> Names:
        """
        Gather the names of one section.

        Args:
            kind: The section's kind.
            raw: What stands in the files, so that entries with mistakes are known, too.
            entries: Those that are right.
            strict: Whether all that exists is named here.
        """
        identity = identity_field(kind.resource)
        local: dict[str, str] = {name: entry.identity for name, entry in entries.items()}
        if isinstance(raw, Map):
            for name, value in raw.items():
                if name not in local:
                    own = value.get(identity) if isinstance(value, Map) and identity else None
                    local[name] = own if isinstance(own, str) else name
        elif isinstance(raw, list):
            local.update((item, item) for item in raw if isinstance(item, str) and item not in local)
        known = {own: own for own in local.values()}
        ambiguous = frozenset(name for name, own in local.items() if name != own and name in known)
        known.update((name, own) for name, own in local.items() if name not in ambiguous)
        for name in ambiguous:
            known.pop(name, None)
        return cls(kind.one, kind.section, strict, known, local, ambiguous)

    def owner(self, identity: str) -> str:
        """Find the first entry that has *identity*."""
        if not self.owners:
            self.owners.update((own, name) for name, own in reversed(self.locals.items()))
        return self.owners[identity]

    def identity(self, text: str, where: At, problems: Problems) -> str:
        """Give the identity that *text* means, or add a problem at *where*; then *text* itself stands in."""
        found = self.known.get(text)
        if found is not None:
            return found
        if text in self.ambiguous:
            other = self.owner(text)
            problems.error(
                "ambiguous-reference",
                f"{shown(text)} is the local name of one {self.one}, and the identity of {shown(other)}",
                where,
                f"write {shown(other)}, or {shown(self.locals[text])}, whichever is meant",
            )
        elif self.strict and not problems.unsure:
            problems.error(
                "unknown-reference",
                f"there is no {self.one} {shown(text)}",
                where,
                suggestion(text, list(self.locals), otherwise="there are", compare=problems.afford(len(self.locals)))
                or f"add {a(self.one)} of that name to {self.section}",
            )
        return text
