"""From the vendor to a rehearsed plan; nothing is written."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from reconciler import graph
from reconciler.diff import diff, free_sections, needed_sections, not_shown, spared_sections
from reconciler.fetch import fetch, refuse_contradictions
from reconciler.model.diagnostics import Diagnostic, Diagnostics
from reconciler.model.errors import Contradiction, DefectError, Invalid, ReconcilerError
from reconciler.model.explanation import Explanation
from reconciler.model.live import Live
from reconciler.model.plan import Differences, Pictures, Plan
from reconciler.model.renaming import as_read, labels_of
from reconciler.plan import plan as make_plan
from reconciler.plan.rehearse import rehearse
from reconciler.providers.base import Client
from reconciler.renames import moved
from reconciler.session import Session

_ADDRESS: Final = "An address is SECTION/NAME, such as queues/sales, or a single thing's section."
_PAUSES: Final = (0.2, 0.6)  # seconds
_FETCH: Final = "Fetch a whole one: reconciler fetch PATH --out SNAPSHOT.json"


async def fetch_all(session: Session) -> Live:
    """Read the whole tenant; `left_out` names what the vendor's edition does not show."""
    memory, spared = session.memory(), free_sections(session.provider.kinds)
    async with session.reader() as client:
        return await fetch(session.provider, client, memory, spared=spared)


def left_out(session: Session, whole: Live) -> tuple[str, ...]:
    """Name the sections that the whole tenant was read without."""
    kinds = session.provider.kinds
    return tuple(name for name, kind in kinds.items() if kind.readable and name not in whole.sections)


def spared(session: Session) -> frozenset[str]:
    """Name the sections that this run can do without, where the vendor's edition does not show them."""
    return spared_sections(session.desired, session.provider.kinds)


async def fetch_needed(session: Session, client: Client) -> Live:
    """Read what the configuration manages, and what is tied to it."""
    sections = needed_sections(session.desired, session.provider.kinds)
    for pause in _PAUSES:
        session.taken = time.monotonic()
        try:
            return await _fetch(session, client, sections)
        except Contradiction as error:
            if not error.transient:
                raise
            await session.sleep(pause)  # somebody changed the tenant while its pages were read
    session.taken = time.monotonic()
    return await _fetch(session, client, sections)


async def _fetch(session: Session, client: Client, sections: Iterable[str]) -> Live:
    live = await fetch(session.provider, client, session.memory(), sections=sections, spared=spared(session))
    return called(session, live)


def called(session: Session, live: Live) -> Live:
    """Call what was read what the files call it: an object that an entry renames has its new name from here on."""
    return moved(session.desired, live, session.provider.kinds).live


async def plan(session: Session) -> tuple[Plan, Live]:
    """Walk from the vendor to a rehearsed plan; nothing is written."""
    if session.request.snapshot is not None:
        live = saved_live(session, session.request.snapshot)
    else:
        async with session.reader() as client:
            live = await fetch_needed(session, client)
    return plan_from(session, live), live


def saved_live(session: Session, path: str) -> Live:
    """Take of a snapshot what would have been read."""
    from reconciler import snapshot  # noqa: PLC0415 - only for --live

    whole = snapshot.read(path, session.desired, session.provider, session.memory())
    needed = needed_sections(session.desired, session.provider.kinds)
    missing = [
        name
        for name, kind in session.provider.kinds.items()
        if name in needed and kind.readable and name not in whole.sections
    ]
    if missing and not snapshot.left_out(path) & spared(session) >= {*missing}:
        raise ReconcilerError(
            f"{path} does not hold {', '.join(missing)}, and what is not there is not taken for empty",
            remedy=_FETCH,
        )
    live = Live({name: items for name, items in whole.sections.items() if name in needed}, whole.memory)
    refuse_contradictions(session.provider, live, remedy=f"{path} was changed by hand, or is no whole one. {_FETCH}")
    return called(session, live)


def fingerprinted(session: Session, made: Plan, live: Live) -> Plan:
    """Add what a plan that leaves the program must carry: what it was made from, and the pictures."""
    desired = session.desired
    told = replace(made, config_digest=desired.digest, live_digest=live.digest, named=desired.named)
    return pictured(session, told, live)


def pictured(session: Session, made: Plan, live: Live) -> Plan:
    """Add how callers reach people before the plan and after it, folded so that both can be read."""
    kinds = session.provider.kinds
    before, after = graph.folded_alike(
        graph.of_live(live, session.desired, kinds), graph.after(made.changes, live, session.desired, kinds)
    )
    return replace(made, pictures=Pictures(before=before, after=after))


def compare(session: Session, live: Live) -> Differences:
    """Diff, and stop at what the files got wrong."""
    kinds = session.provider.kinds
    found = diff(session.desired, live, kinds, prune=session.request.prune)
    renaming = moved(session.desired, as_read(live, kinds), kinds).problems
    unseen = not_shown(session.desired, live, kinds)
    problems = session.warnings + Diagnostics.of(_placed(session, (*unseen, *renaming, *found.warnings)))
    if problems.failed:
        raise Invalid(problems)
    return replace(found, warnings=problems.items)


def _placed(session: Session, problems: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Point at the very value, where a stage only knew the entry."""
    return [
        replace(item, place=session.locate(item.path) or item.place, path=()) if item.path else item
        for item in problems
    ]


def plan_from(session: Session, live: Live, *, only: Sequence[str] | None = None) -> Plan:
    """
    Plan from what was read: diff, lower, order, guard, rehearse.

    *only* are addresses to keep to, in place of the request's targets; with none of them there is nothing to do.
    """
    request = session.request
    differences = compare(session, live)
    targets = addresses_of(request.targets, session, live) if only is None else only
    if only is not None and not only:
        differences = replace(differences, changes=(), refusals=())
    strangers = sorted(set(request.allowed) - set(session.provider.kinds))
    if strangers:
        raise ReconcilerError(
            f"--allow-deletes {strangers[0]}: there is no such section",
            remedy=f"Sections are {', '.join(kind for kind in session.provider.kinds)}.",
        )
    unknown = unknown_targets(targets, session, live)
    if unknown:
        raise ReconcilerError(
            f"--target {unknown[0]}: there is no such address, neither in the files nor live",
            remedy=_ADDRESS,
        )
    made: Plan | None = None
    kinds, prune = session.provider.kinds, request.prune
    try:
        made = make_plan(
            differences,
            session.desired,
            live,
            session.provider,
            origin=request.origin,
            targets=targets,
            allowed=request.allowed,
        )
        if made.calls and not made.refusals:
            rehearse(
                made,
                session.desired,
                live,
                session.provider,
                check=lambda wish, end: diff(wish, end, kinds, prune=prune).changes,
                name=lambda wish, state: moved(wish, state, kinds).live,
            )
    except DefectError as error:
        from reconciler import defect  # noqa: PLC0415 - only when we made a mistake

        raise defect.kept(error, session, as_read(live, kinds), differences, made) from error
    except ReconcilerError:
        raise
    except Exception as error:
        if "RECONCILER_TRACEBACK" in request.environ:
            raise
        from reconciler import defect  # noqa: PLC0415 - only when we made a mistake

        raise defect.kept(defect.unforeseen(error), session, as_read(live, kinds), differences, made) from error
    if session.going_back is not None:
        return made
    return replace(made, notes=(*made.notes, *_renaming_notes(session, made, live)))


def _renaming_notes(session: Session, made: Plan, live: Live) -> Iterator[str]:
    kinds = session.provider.kinds
    notes = moved(session.desired, as_read(live, kinds), kinds).notes
    return (notes[change.address] for change in made.changes if change.address in notes)


def explain(session: Session, made: Plan, live: Live, addresses: Sequence[str]) -> tuple[Explanation, ...]:
    """
    Say of each address why the plan changes it or not, and why its calls stand where they stand.

    Raises:
        ReconcilerError: There is no such address, neither in the files nor live.
    """
    from reconciler.plan.explain import Explainer  # noqa: PLC0415 - only for those who ask

    explainer = Explainer(
        plan=made,
        differences=compare(session, live),
        desired=session.desired,
        live=live,
        provider=session.provider,
        name=lambda wish, state: moved(wish, state, session.provider.kinds).live,
    )
    found: dict[str, Explanation] = {}
    for address in (_by_new_name(item, session, live) for item in addresses):
        explained = explainer.explain(address)
        if explained is None:
            near = " or ".join(explainer.near(address))
            raise ReconcilerError(
                f"--explain {address}: there is no such address, neither in the files nor live",
                remedy=f"Did you mean {near}?" if near else _ADDRESS,
            )
        found[explained.address] = explained
    return tuple(found.values())


def addresses_of(targets: Sequence[str], session: Session, live: Live) -> tuple[str, ...]:
    """Read targets as addresses; as everywhere in the files, an identity is as good as a local name."""
    desired = session.desired
    found = []
    for target in targets:
        section, slash, name = _by_new_name(target, session, live).partition("/")
        if slash and name not in desired.of(section):
            name = desired.local_name(section, name)
        found.append(f"{section}{slash}{name}")
    return tuple(found)


def _by_new_name(address: str, session: Session, live: Live) -> str:
    """Take an object's name at the vendor for the one that the files give it, where they have no other of that name."""
    section, slash, name = address.partition("/")
    names = labels_of(live, session.provider.kinds).get(section, {})
    entries = session.desired.of(section)
    ours = {*entries, *(entry.identity for entry in entries.values())}
    return f"{section}{slash}{names[name]}" if name in names and name not in ours else address


def unknown_targets(targets: Sequence[str], session: Session, live: Live) -> list[str]:
    """Find targets that are neither in the files nor live."""
    if not targets:
        return []
    known = {entry.address for entries in session.desired.sections.values() for entry in entries.values()}
    known |= {f"{section}/{identity}" for section, entries in session.desired.implied.items() for identity in entries}
    return [
        target
        for target in targets
        if target not in known and target.partition("/")[2] not in live.of(target.partition("/")[0])
    ]
