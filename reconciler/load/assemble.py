"""Put the whole of a configuration together."""

from __future__ import annotations

from reconciler.load.head import Head
from reconciler.load.problems import Problems
from reconciler.load.sections import Sections
from reconciler.load.tree import At, Map
from reconciler.model.desired import Desired, Safety, SecretStores
from reconciler.model.secret import Mask


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
