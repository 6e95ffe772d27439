"""
The reverse of apply: what somebody changed by hand is written into the YAML files, where the values stand.

    drift ─► units ─► edits (`draft`, `entries`, `edits`) ─► read again, and compared (`check`) ─► files

Only what must change changes: comments, order, quotes and anchors stay. What no small edit can do, or what would change
anything else, is left, and said (`accept`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler import pipeline
from reconciler.absorb.accept import Accepted, accept
from reconciler.absorb.check import BOM, Checker, Wrong
from reconciler.absorb.draft import draft
from reconciler.absorb.edits import Edit
from reconciler.absorb.entries import Entries
from reconciler.absorb.files import write
from reconciler.absorb.pages import Page, Pages
from reconciler.absorb.patch import patch
from reconciler.absorb.units import Unit, units_of
from reconciler.load import Loaded
from reconciler.model.absorbed import Absorption, Left, Rewritten, Taken
from reconciler.model.change import Action, Cause, Change
from reconciler.model.drift import Drift
from reconciler.model.errors import ReconcilerError, Refused
from reconciler.model.live import Live, plain_value
from reconciler.model.secret import Mask
from reconciler.pipeline.drifting import AT_WORK
from reconciler.pipeline.planning import addresses_of, unknown_targets

_PENDING = "the files wish for it, and nobody has applied that yet"
_UNREADABLE = "the vendor does not show it, so nobody can tell what it is"


async def absorb(session: pipeline.Session, loaded: Loaded, *, dry_run: bool = False) -> Absorption:
    """
    Write drift into the files.

    Args:
        session: The configuration, whose request names the targets, if not all is meant.
        loaded: What it was loaded as.
        dry_run: Write nothing.

    Raises:
        ReconcilerError: A target is unknown, a file can't be written, or the tenant can't be read.
        Refused: A file was changed meanwhile, or a run is writing to the tenant.
    """
    drift, live = await pipeline.drift_beside_live(session)
    at_work = next((item for item in drift.warnings if item.code == AT_WORK), None)
    if at_work is not None:
        raise Refused(f"{at_work.summary}; nothing was written", remedy="Absorb again when it has ended.")
    chosen, others = _chosen(session, drift, live)
    kinds = dict(session.provider.kinds)
    pages = Pages(loaded)
    entries = Entries(pages, session.desired, kinds, chosen)
    asked = list(units_of(chosen, kinds))
    held = {unit: wrong for unit in asked if (wrong := _held_back(unit, session, loaded)) is not None}
    units = [unit for unit in asked if unit not in held]
    checker = Checker(session, loaded, live)
    accepted = accept(units, lambda some: draft(some, pages, entries), checker.wrong) if units else Accepted()
    files, diff = _files(loaded, accepted, session.desired.root)
    if files and not dry_run:
        write(files)
    return Absorption(
        contact_center=drift.contact_center,
        provider=drift.provider,
        taken=tuple(_taken(unit, accepted, entries) for unit in accepted.units),
        left=(
            *others,
            *(_left(unit, wrong, pages, entries) for unit, wrong in held.items()),
            *(_left(unit, accepted.left[unit], pages, entries) for unit in units if unit in accepted.left),
        ),
        files=files,
        diff=diff,
        pending=len(drift.pending),
        known=drift.known,
        written=not dry_run,
    )


def _chosen(session: pipeline.Session, drift: Drift, live: Live) -> tuple[list[Change], list[Left]]:
    """Pick what is asked for: all drift, or that of the targets; and say what else they name."""
    findings = [finding.change for finding in drift.findings]
    if not session.request.targets:
        return findings, []
    targets = dict.fromkeys(addresses_of(session.request.targets, session, live))
    unknown = unknown_targets([*targets], session, live)
    if unknown:
        raise ReconcilerError(
            f"--target {unknown[0]}: there is no such address, neither in the files nor live",
            remedy="An address is SECTION/NAME, such as queues/sales, or a single thing's section.",
        )
    chosen = [change for change in findings if change.address in targets]
    named = {change.address for change in chosen}
    left = []
    pending = {change.address: change for change in drift.pending}
    unmanaged = {*drift.unmanaged}
    for address in targets:
        section, _, identity = address.partition("/")
        if address in unmanaged:
            chosen.append(
                Change(
                    section=section,
                    name=identity,
                    identity=identity,
                    action=Action.DELETE,
                    live=live.of(section)[identity],
                )
            )
        elif address in pending and address not in named:
            readable = session.provider.kinds[section].readable
            left.append(
                Left(
                    address=address,
                    path="",
                    said="",
                    why=_PENDING if readable else _UNREADABLE,
                    remedy="Apply, or take the wish out of the files." if readable else "Change it by hand.",
                )
            )
    return chosen, left


def _held_back(unit: Unit, session: pipeline.Session, loaded: Loaded) -> Wrong | None:
    """Say why something must not be written at all; None where it may."""
    if _holds_secret(unit, loaded.mask):
        return Wrong("the live value holds a credential of this configuration", "Change it at the vendor.")
    if unit.field is not None and unit.field.cause is Cause.CONFLICT and not session.request.targets:
        return Wrong(
            "the files have changed it since the last apply, too, and the two differ",
            f"Apply to have the files' value, or take the live one: --target {unit.change.address}.",
        )
    return None


def _holds_secret(unit: Unit, mask: Mask) -> bool:
    if unit.change.live is None:
        return False
    values = unit.change.live.__dict__
    return any(
        mask.tree(plain_value(values[name])) != plain_value(values[name])
        for name in ([unit.path] if unit.path else values)
    )


@dataclass(frozen=True, slots=True)
class _Edited:
    page: Page
    edits: Sequence[Edit]
    text: str


def _files(loaded: Loaded, accepted: Accepted, root: str) -> tuple[tuple[Rewritten, ...], str]:
    """Give the new files, in the order of their names, and their diff."""
    drafted = accepted.drafted
    edited = [_Edited(page, drafted.edits[page], text) for page, text in drafted.texts.items()]
    files, diffs = [], []
    for item in sorted(edited, key=lambda item: item.page.doc.name):
        doc = item.page.doc
        bom = BOM if doc.bom else b""
        files.append(
            Rewritten(name=doc.name, path=doc.path, before=bom + doc.data, after=bom + item.text.encode("utf-8"))
        )
        diffs.append(_diff(loaded, item, root))
    return tuple(files), "".join(diffs)


def _diff(loaded: Loaded, item: _Edited, root: str) -> str:
    doc = item.page.doc
    mark = "\ufeff" if doc.bom else ""
    edits = [Edit(edit.start + len(mark), edit.end + len(mark), edit.new) for edit in item.edits]
    holds = doc.providers or doc.secrets or any(secret in item.page.text for secret in loaded.mask.secrets)
    text = patch(
        _shown(doc.path, root), mark + item.page.text, edits, lambda some: loaded.lines(doc, some) if holds else {}
    )
    return "".join(loaded.mask.text(line) for line in text.splitlines(keepends=True)) if holds else text


def _shown(path: str, root: str) -> str:
    """Name a file as a diff does: below the current folder, else below the configuration's, else below the root."""
    full = Path(path)
    for folder in (Path.cwd(), Path(root), Path(full.anchor)):
        if full.is_relative_to(folder):
            return full.relative_to(folder).as_posix()
    return full.name


def _taken(unit: Unit, accepted: Accepted, entries: Entries) -> Taken:
    place = accepted.drafted.places.get(unit)
    file, line = _place(*place) if place is not None else ("", 0)
    return Taken(address=unit.change.address, path=unit.path, said=unit.said(entries.name_of), file=file, line=line)


def _left(unit: Unit, wrong: Wrong, pages: Pages, entries: Entries) -> Left:
    place = draft([unit], pages, entries).places.get(unit)
    file, line = _place(*place) if place is not None else ("", 0)
    return Left(
        address=unit.change.address,
        path=unit.path,
        said=unit.said(entries.name_of),
        why=wrong.why,
        remedy=wrong.remedy,
        file=file,
        line=line,
    )


def _place(page: Page, offset: int) -> tuple[str, int]:
    """Give a file's name, and a line from 1."""
    return page.doc.name, page.line(offset)
