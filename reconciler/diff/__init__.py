"""
Desired and Live → Differences: what differs, read off the kinds' declarations.

It knows no vendor and no order. What is not written is not compared; what is not read is never taken for empty.
"""

from __future__ import annotations

from reconciler.diff.compare import compare, deletion
from reconciler.diff.hidden import Hidden
from reconciler.diff.kept import Kept, still_named
from reconciler.diff.needed import Kinds, free_sections, needed_sections, not_shown, spared_sections
from reconciler.diff.references import unknown_references
from reconciler.diff.section import Section, natural
from reconciler.model.change import Change
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.live import Live
from reconciler.model.plan import Differences, Refusal

__all__ = ["diff", "free_sections", "needed_sections", "not_shown", "spared_sections"]


def diff(desired: Desired, live: Live, kinds: Kinds, *, prune: bool = False) -> Differences:
    """
    Compare.

    Args:
        desired: The wish.
        live: What the vendor has; must hold every section that `needed_sections` names, but for `spared_sections`.
        kinds: The vendor's kinds.
        prune: Delete what the files do not name in every collection that they manage (`--prune`).
    """
    hidden = Hidden(desired, live)
    sections = [Section(kind, desired, live, hidden, prune=prune) for kind in kinds.values() if not kind.external]
    leaving = {section.kind.section: section.leaving for section in sections}
    kept = Kept(kinds, desired, live, hidden, leaving)
    changes: list[Change] = []
    unmanaged: list[str] = []
    refusals: list[Refusal] = []
    problems: list[Diagnostic] = []
    for section in sections:
        for entry in section.wanted:
            found = compare(entry, section, refusals, problems)
            if found is not None:
                changes.append(found)
                problems.extend(unknown_references(entry, kinds, desired, live))
        for identity, item in section.leaving.items():
            holders = kept.by(section.kind.section, identity)
            if holders and section.kind.section in kept.implied:
                continue  # an extension that an agent keeps is not a spare
            if holders:
                refusals.append(still_named(section.kind, identity, holders))
            changes.append(deletion(section, identity, item))
        unmanaged.extend(
            f"{section.kind.section}/{identity}"
            for identity in section.unmanaged
            if not (section.kind.section in kept.implied and kept.by(section.kind.section, identity))
        )
    place_of = {section.kind.section: place for place, section in enumerate(sections)}
    return Differences(
        changes=tuple(sorted(changes, key=lambda change: (place_of[change.section], *natural(change.address)))),
        unmanaged=tuple(sorted(unmanaged)),
        refusals=tuple(sorted(refusals, key=lambda refusal: (refusal.rule, refusal.objects))),
        warnings=tuple(sorted(problems, key=lambda problem: problem.sort_key)),
        live_counts={section.kind.section: len(live.of(section.kind.section)) for section in sections},
    )
