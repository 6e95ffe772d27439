"""Put the whole of a configuration together, and fingerprint what it means."""

from __future__ import annotations

from typing import Any

from reconciler.load.head import Head
from reconciler.load.problems import Problems
from reconciler.load.sections import Sections
from reconciler.load.tree import At, Map
from reconciler.model.desired import Desired, Entry, Safety, SecretStores
from reconciler.model.live import digest
from reconciler.model.secret import Mask, Secret


def assemble(head: Head, sections: Sections, root: str, mask: Mask) -> Desired | None:
    """Make the value that all later stages share; None where its frame is missing."""
    if head.settings is None:
        return None
    return Desired(
        contact_center=head.contact_center or "",
        settings=head.settings,
        sections=sections.entries,
        implied=sections.implied,
        manage=head.manage,
        safety=head.safety or Safety(),
        secrets=head.secrets or SecretStores(),
        root=root,
        mask=mask,
    )


def fingerprint(head: Head, sections: Sections) -> str:
    """Fingerprint the meaning: nothing of its layout, and no secret."""
    assert head.settings is not None, "a configuration without settings has no meaning"
    assert head.safety is not None, "a configuration without limits has no meaning"
    meaning = _Meaning()
    settings = {name: value for name, value in head.settings if not isinstance(value, Secret)}
    return digest(
        {
            "contact_center": head.contact_center,
            "provider": settings,
            "sections": {
                section: {name: meaning.of(entry) for name, entry in entries.items()}
                for section, entries in sections.entries.items()
            },
            "manage": {name: rule.model_dump(mode="json") for name, rule in head.manage.items()},
            "safety": head.safety.model_dump(mode="json"),
        }
    )


class _Meaning:
    """What entries mean, as short as can be: many thousands share the same few sets of fields."""

    def __init__(self) -> None:
        self.named: dict[tuple[frozenset[str], frozenset[str]], tuple[str, list[str]]] = {}

    def of(self, entry: Entry) -> list[Any]:
        """Give an entry's identity, the names of its fields, and their values."""
        values = entry.resource.__dict__
        key = (entry.written, frozenset(entry.resource.model_fields_set))
        known = self.named.get(key)
        if known is None:
            # Wishes on how to create an object are set by its class, and not written as such.
            names = sorted(key[0] | key[1])
            known = (f"{','.join(names)}; {','.join(sorted(entry.written))}", names)
            self.named[key] = known
        return [entry.identity, known[0], *[values[name] for name in known[1]]]


def warn_ignored(head: Head, sections: Sections, whole: Map, problems: Problems) -> None:
    """Warn of entries that `manage` hides, as nothing will come of them."""
    for section, rule in head.manage.items():
        if not rule.ignore:
            continue
        hidden = []
        for entry in sections.entries.get(section, {}).values():
            label = entry.resource.label_field
            text = str(entry.resource.__dict__.get(label, "")) if label else ""
            if rule.ignores(name=entry.name, identity=entry.identity, label=text):
                hidden.append(entry.name)
        if hidden:
            shown = ", ".join(hidden[:5]) + (", …" if len(hidden) > 5 else "")
            problems.warning(
                "ignored-entry",
                f"manage.{section}.ignore hides {len(hidden)} of the {section} in these files: {shown}",
                At(whole["manage"][section], "ignore"),
                "nothing is done about them; remove them, or narrow the glob",
            )
