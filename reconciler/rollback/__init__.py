"""
A run's record and the live tenant → the wish to have back what that run found.

It is an ordinary wish: it is compared, planned, guarded and rehearsed like one from files. It names every live object,
so that nothing else goes, and writes only the fields that go back. What can't go back is said, and left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.model.desired import Desired, Entry
from reconciler.model.diagnostics import Diagnostic, Diagnostics
from reconciler.model.history import Run
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.resource import specs
from reconciler.rollback.draft import Draft, Key
from reconciler.rollback.naming import drop_what_names_nothing, keep_what_is_named
from reconciler.rollback.renaming import as_recorded, drop_taken_names, renames_back, with_final_names
from reconciler.rollback.undo import take_back
from reconciler.rollback.wish import still_asked, what_is_new, wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """
    The way back.

    *desired* is the wish, *warnings* what does not go back and why, and *notes* what comes back otherwise than it was.
    *still_asked* says that the files still ask for some of what is taken back. *recorded* has, for objects that go by
    another name in the wish than in the record, the section and name there.
    """

    desired: Desired
    warnings: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    still_asked: bool = False
    recorded: Mapping[Key, Key] = field(default_factory=dict)


def to_read(run: Run, desired: Desired, kinds: Mapping[str, Kind[Any]]) -> Desired:
    """Give a wish that speaks of every section that the way back may need, so that all of them are read."""
    touched = {image.section for image in run.images}
    sections: dict[str, dict[str, Entry]] = {
        name: {} for name, kind in kinds.items() if not kind.external and (name in touched or desired.manages(name))
    }
    return replace(desired, sections=sections, implied={})


def digests(run: Run, live: Live, kinds: Mapping[str, Kind[Any]]) -> frozenset[str]:
    """Name the contents of files that would have to be found again: the vendor shows a digest of them, and no more."""
    found = set()
    for image in run.images:
        if image.section not in kinds or image.before is None:
            continue
        there = live.of(image.section).get(image.identity)
        for spec in specs(kinds[image.section].resource).values():
            value = image.before.get(spec.name)
            if spec.digest_of is not None and value and (there is None or there.__dict__[spec.name] != value):
                found.add(str(value))
    return frozenset(found)


def way_back(  # noqa: PLR0913 - the record, both states, and what was found out besides
    run: Run,
    desired: Desired,
    live: Live,
    kinds: Mapping[str, Kind[Any]],
    *,
    files: Mapping[str, str] | None = None,
    without: Mapping[Key, str] | None = None,
) -> Back:
    """
    Make the wish that takes a run's effects back, and touches nothing that was changed since.

    Args:
        run: Its record, with images and attempts.
        desired: The configuration: how to manage, and what to call things.
        live: The tenant now; must hold the sections that `to_read` leads to.
        kinds: The vendor's kinds.
        files: Where contents of files are found again: digest → path in the configuration's folder.
        without: What can't go back for a reason that only the planner knows, by section and identity.
    """
    live = as_recorded(run, live, kinds)
    draft = Draft(run=run, desired=desired, live=live, kinds=kinds, files=files or {}, without=without or {})
    for image in run.images:
        take_back(draft, image)
    while keep_what_is_named(draft) or drop_what_names_nothing(draft) or drop_taken_names(draft):
        pass
    notes = tuple(what_is_new(draft))
    return Back(
        desired=with_final_names(wish(draft), draft),
        warnings=Diagnostics.of(draft.warnings).items,
        notes=notes,
        still_asked=still_asked(draft),
        recorded={final: key for key, final in renames_back(draft).items()},
    )
