"""Local names and identities: what a reference in one section may say of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.load.problems import Problems, a, shown, suggestion
from reconciler.load.tree import At, Map
from reconciler.model.desired import Entry
from reconciler.model.kind import Kind
from reconciler.model.resource import FieldSpec, Resource, folds, identity_field, specs


@dataclass(slots=True)
class Names:
    """
    The names of one section's entries.

    *known* gives the identity for a local name or an identity. *ambiguous* are texts that are one entry's local name
    and another one's identity. Where the section is not *strict*, a text that is not known may be the identity of a
    live object. *identities* are filled where letter case does not matter in them (*fold*), *renamed* gives the local
    name for an identity that its entry had before.
    """

    one: str
    section: str
    strict: bool
    known: dict[str, str] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    owners: dict[str, str] = field(default_factory=dict)
    fold: bool = False
    identities: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)

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
        model: type[Resource] = kind.resource
        identity = identity_field(model)
        fold = folds(model)
        local: dict[str, str] = {name: entry.identity for name, entry in entries.items()}
        if isinstance(raw, Map):
            for name, value in raw.items():
                if name not in local:
                    own = value.get(identity) if isinstance(value, Map) and identity else None
                    local[name] = folded(own if isinstance(own, str) else name, fold=fold)
        elif isinstance(raw, list):
            local.update((item, folded(item, fold=fold)) for item in raw if isinstance(item, str) and item not in local)
        known = {own: own for own in local.values()}
        ambiguous = frozenset(
            name for name, own in local.items() if (bare := folded(name, fold=fold)) != own and bare in known
        )
        identities: frozenset[str] = frozenset()
        if fold and identity is not None:
            identities = frozenset(known)
            # As they are written, too: that is how references have most of them.
            known.update((str(entry.resource.__dict__[identity]), entry.identity) for entry in entries.values())
        known.update((name, own) for name, own in local.items() if name not in ambiguous)
        for name in ambiguous:
            known.pop(name, None)
        return cls(
            kind.one,
            kind.section,
            strict,
            known,
            local,
            ambiguous,
            fold=fold,
            identities=identities,
            renamed=_renamed(kind, raw, fold=fold),
        )

    def owner(self, identity: str) -> str:
        """Find the first entry that has *identity*."""
        if not self.owners:
            self.owners.update((own, name) for name, own in reversed(self.locals.items()))
        return self.owners[identity]

    def meant(self, text: str) -> str:
        """Give the identity that *text* means; one that is not known stands for itself."""
        found = self.known.get(text)
        return found if found is not None else folded(text, fold=self.fold)

    def identity(self, text: str, where: At, problems: Problems) -> str:
        """Give the identity that *text* means, or add a problem at *where*; then *text* itself stands in."""
        found = self.known.get(text)
        if found is not None:
            return found
        if text in self.ambiguous:
            other = self.owner(folded(text, fold=self.fold))
            problems.error(
                "ambiguous-reference",
                f"{shown(text)} is the local name of one {self.one}, and the identity of {shown(other)}",
                where,
                f"write {shown(other)}, or {shown(self.locals[text])}, whichever is meant",
            )
            return text
        own = folded(text, fold=self.fold)
        if own not in self.identities and self.strict and not problems.unsure:
            summary = f"there is no {self.one} {shown(text)}"
            problems.error("unknown-reference", summary, where, self.hint(text, problems))
        return own

    def hint(self, text: str, problems: Problems) -> str:
        """Say what a reference to nothing was probably to mean."""
        new = self.renamed.get(folded(text, fold=self.fold))
        if new is not None:
            return f"did you mean {shown(new)}? That one is renamed from {shown(text)}"
        known = suggestion(text, list(self.locals), otherwise="there are", compare=problems.afford(len(self.locals)))
        return known or f"add {a(self.one)} of that name to {self.section}"


def folded(identity: str, *, fold: bool) -> str:
    """Give an identity as it is kept: in lower case where *fold* says that letter case does not matter."""
    return identity.lower() if fold else identity


def renaming(model: type[Resource]) -> FieldSpec | None:
    """Find the field that holds the identity which an object had before, if its kind has one."""
    return next((spec for spec in specs(model).values() if spec.renamed_from), None)


def _renamed(kind: Kind[Any], raw: Any, *, fold: bool) -> dict[str, str]:
    """Give the local names of what is to be renamed, by the old identities."""
    field_of = renaming(kind.resource)
    if field_of is None or not isinstance(raw, Map):
        return {}
    olds = {name: value.get(field_of.name) for name, value in raw.items() if isinstance(value, Map)}
    return {folded(old, fold=fold): name for name, old in olds.items() if isinstance(old, str) and old}
