"""
The program's one picture, as code.

    files ─► load ─► Desired ─┐
                              ├─► diff ─► Changes ─► plan ─► Plan ─► apply ─► Outcomes
    vendor ─► fetch ─► Live ──┘

Every command walks part of it. Stages don't know each other; only this module knows their order.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, assert_never

from reconciler.diff import diff, needed_sections
from reconciler.fetch import fetch, refuse_contradictions
from reconciler.model.call import Call
from reconciler.model.change import Action, Change, FieldChange, MemberChange, ValueChange
from reconciler.model.desired import Desired, Entry, entry_values
from reconciler.model.diagnostics import Diagnostic, Diagnostics
from reconciler.model.drift import Drift, Finding
from reconciler.model.errors import DefectError, Invalid, ReconcilerError, Refused, Rejected, StoreError
from reconciler.model.explanation import Explanation
from reconciler.model.live import Live
from reconciler.model.outcome import Learned, Mismatch, Outcome, Result, Verdict
from reconciler.model.plan import Differences, Plan
from reconciler.model.resource import specs
from reconciler.model.secret import Mask
from reconciler.plan import plan as make_plan
from reconciler.plan.rehearse import rehearse
from reconciler.providers.base import Client
from reconciler.session import Progress, Request, Session, open_session, read

if TYPE_CHECKING:
    from reconciler.report.saved import SavedPlan
    from reconciler.store.database import Store

__all__ = [
    "Progress",
    "Request",
    "Session",
    "apply",
    "check_current",
    "check_saved",
    "compare",
    "drift",
    "explain",
    "fetch_all",
    "fetch_needed",
    "fingerprinted",
    "open_session",
    "plan",
    "plan_from",
    "plan_saved",
    "read",
]

_ADDRESS: Final = "An address is SECTION/NAME, such as queues/sales, or a single thing's section."
_FETCH: Final = "Fetch a whole one: reconciler fetch PATH --out SNAPSHOT.json"
# How often a run that waits for the lock looks again, in seconds.
_LOOKS_S: Final = 1.0
# How a call ends that is worth reading back.
_TOLD: Final = frozenset({Verdict.DONE, Verdict.ALREADY, Verdict.UNKNOWN})
# How long reading back may wait for a slow vendor, and the growing pauses in between, in seconds.
_SETTLE: Final = (0.1, 0.2, 0.4, 0.8, 1.5)


async def fetch_all(session: Session) -> Live:
    """Read the whole tenant."""
    memory = session.memory()
    async with session.client() as client:
        return await fetch(session.provider, client, memory, seen=session.progress.read)


async def fetch_needed(session: Session, client: Client) -> Live:
    """Read what the configuration manages, and what is tied to it."""
    sections = needed_sections(session.desired, session.provider.kinds)
    return await fetch(session.provider, client, session.memory(), sections=sections, seen=session.progress.read)


async def plan(session: Session) -> tuple[Plan, Live]:
    """Walk from the vendor to a rehearsed plan; nothing is written."""
    if session.request.snapshot is not None:
        live = _saved_live(session, session.request.snapshot)
    else:
        async with session.client() as client:
            live = await fetch_needed(session, client)
    return plan_from(session, live), live


def _saved_live(session: Session, path: str) -> Live:
    """Take of a snapshot what would have been read."""
    from reconciler import snapshot  # noqa: PLC0415 - only for --live

    whole = snapshot.read(path, session.desired, session.provider, session.memory())
    needed = needed_sections(session.desired, session.provider.kinds)
    missing = [
        name
        for name, kind in session.provider.kinds.items()
        if name in needed and kind.readable and name not in whole.sections
    ]
    if missing:
        raise ReconcilerError(
            f"{path} does not hold {', '.join(missing)}, and what is not there is not taken for empty",
            remedy=_FETCH,
        )
    live = Live({name: items for name, items in whole.sections.items() if name in needed}, whole.memory)
    refuse_contradictions(session.provider, live, remedy=f"{path} was changed by hand, or is no whole one. {_FETCH}")
    return live


def fingerprinted(session: Session, made: Plan, live: Live) -> Plan:
    """Add what a plan that leaves the program must carry: the digests of what it was made from."""
    return replace(made, config_digest=session.desired.digest, live_digest=live.digest)


def compare(session: Session, live: Live) -> Differences:
    """Diff, and stop at what the files got wrong."""
    found = diff(session.desired, live, session.provider.kinds, prune=session.request.prune)
    problems = session.warnings + Diagnostics.of(_placed(session, found.warnings))
    if problems.failed:
        raise Invalid(problems)
    return replace(found, warnings=problems.items)


def _placed(session: Session, problems: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Point at the very value, where a stage only knew the entry."""
    return [
        replace(item, place=session.locate(item.path) or item.place, path=()) if item.path else item
        for item in problems
    ]


async def plan_saved(session: Session, saved: SavedPlan) -> tuple[Plan, Live]:
    """
    Plan again what a saved plan says, and hold it to that. What else differs by now is left for another plan.

    Raises:
        Refused: The configuration, or what the plan touches, is no longer the same.
    """
    check_saved(saved, session)
    async with session.client() as client:
        live = await fetch_needed(session, client)
    addresses = tuple(str(change["address"]) for change in saved.changes)
    gone = _unknown_targets(addresses, session, live)
    if gone:
        raise _changed(gone)
    made = plan_from(session, live, only=addresses)
    check_current(saved, made, session.desired.mask)
    return made, live


def plan_from(session: Session, live: Live, *, only: Sequence[str] | None = None) -> Plan:
    """
    Plan from what was read: diff, lower, order, guard, rehearse.

    *only* are addresses to keep to, in place of the request's targets; with none of them there is nothing to do.
    """
    request = session.request
    differences = compare(session, live)
    targets = _addresses(request.targets, session.desired) if only is None else only
    if only is not None and not only:
        differences = replace(differences, changes=(), refusals=())
    strangers = sorted(set(request.allowed) - set(session.provider.kinds))
    if strangers:
        raise ReconcilerError(
            f"--allow-deletes {strangers[0]}: there is no such section",
            remedy=f"Sections are {', '.join(kind for kind in session.provider.kinds)}.",
        )
    unknown = _unknown_targets(targets, session, live)
    if unknown:
        raise ReconcilerError(
            f"--target {unknown[0]}: there is no such address, neither in the files nor live",
            remedy=_ADDRESS,
        )
    made: Plan | None = None
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
            kinds, prune = session.provider.kinds, request.prune
            rehearse(
                made,
                session.desired,
                live,
                session.provider,
                check=lambda wish, end: diff(wish, end, kinds, prune=prune).changes,
            )
    except DefectError as error:
        from reconciler import defect  # noqa: PLC0415 - only when we made a mistake

        raise defect.kept(error, session, live, differences, made) from error
    except ReconcilerError:
        raise
    except Exception as error:
        if "RECONCILER_TRACEBACK" in request.environ:
            raise
        from reconciler import defect  # noqa: PLC0415 - only when we made a mistake

        raise defect.kept(defect.unforeseen(error), session, live, differences, made) from error
    return made


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
    )
    found: dict[str, Explanation] = {}
    for address in addresses:
        explained = explainer.explain(address)
        if explained is None:
            near = " or ".join(explainer.near(address))
            raise ReconcilerError(
                f"--explain {address}: there is no such address, neither in the files nor live",
                remedy=f"Did you mean {near}?" if near else _ADDRESS,
            )
        found[explained.address] = explained
    return tuple(found.values())


def _addresses(targets: Sequence[str], desired: Desired) -> tuple[str, ...]:
    """Read targets as addresses; as everywhere in the files, an identity is as good as a local name."""
    found = []
    for target in targets:
        section, slash, name = target.partition("/")
        if slash and name not in desired.of(section):
            name = desired.local_name(section, name)
        found.append(f"{section}{slash}{name}")
    return tuple(found)


def _unknown_targets(targets: Sequence[str], session: Session, live: Live) -> list[str]:
    if not targets:
        return []
    known = {entry.address for entries in session.desired.sections.values() for entry in entries.values()}
    known |= {f"{section}/{identity}" for section, entries in session.desired.implied.items() for identity in entries}
    return [
        target
        for target in targets
        if target not in known and target.partition("/")[2] not in live.of(target.partition("/")[0])
    ]


async def lock(session: Session, *, timeout_s: float = 0, waiting: Callable[[str], None] = lambda _: None) -> None:
    """
    Become the one who may write to the tenant, until the session is closed.

    Args:
        session: Whose tenant.
        timeout_s: How long to wait for another run, in seconds.
        waiting: Is told who holds the lock, once.

    Raises:
        Refused: Another run holds it.
    """
    from reconciler.store import leases  # noqa: PLC0415 - only for those who write

    store = session.store(create=True)
    assert store is not None, "asked to create it"
    run, until = leases.new_run(), session.clock() + timeout_s
    told = False
    while True:
        found = leases.take(store, session.tenant, run=run, clock=session.clock)
        if isinstance(found, leases.Lease):
            found.start()
            session.lease = found
            return
        left = until - session.clock()
        if left <= 0:
            raise leases.held(found, session.desired.contact_center)
        if not told:
            waiting(f"Waiting for the lock: {found.named} holds it.")
            told = True
        await session.sleep(min(_LOOKS_S, left))


def unlock(session: Session) -> str:
    """End whoever's lock it is; name who had it, "" when nobody had."""
    from reconciler.store import leases  # noqa: PLC0415

    if session.store(create=False) is None:
        return ""
    store = session.store(create=True)
    assert store is not None, "asked to create it"
    holder = leases.free(store, session.tenant)
    return holder.named if holder is not None else ""


async def apply(session: Session, made: Plan, *, fail_fast: bool = False) -> Result:
    """
    Carry a plan out, then read back.

    Raises:
        Refused: The plan is one that a guard refused.
        ReconcilerError: Nothing was written.
    """
    if made.refusals:
        raise Refused("the plan is refused", refusals=made.refusals)
    if not made.calls:
        live = await _read_again(session)
        _remember_applied(session, live)
        return Result(verified=True)
    store = session.store(create=True)
    assert store is not None, "asked to create it"
    async with session.client() as client:
        outcomes = await _send(session, made, client, store, fail_fast=fail_fast)
        if not any(outcome.verdict in _TOLD or _in_part(outcome) for outcome in outcomes):
            return Result(outcomes=outcomes)
        if session.stopping:
            return Result(outcomes=outcomes, problem="stopped as asked; what was in flight is finished and kept")
        return await _verify(session, made, client, store, outcomes, fail_fast=fail_fast)


async def _send(session: Session, made: Plan, client: Client, store: Store, *, fail_fast: bool) -> tuple[Outcome, ...]:
    from reconciler.apply import apply as send_all  # noqa: PLC0415 - the stage's verb is this command's too

    async def keep(_call: Call, learned: Learned) -> None:
        if learned.passwords or learned.remember or learned.forget:
            # In a thread, since disks and programs take their time, which must not count as other calls' time; and once
            # begun it goes on to its end, even when the run is interrupted.
            await asyncio.to_thread(_keep, session, store, learned)

    return await send_all(
        made.calls,
        session.provider,
        client,
        keep=keep,
        seen=session.progress.outcome,
        fail_fast=fail_fast,
        parallel=session.desired.settings.__dict__.get("max_parallel", 8),
        stopping=lambda: session.stopping,
    )


def _keep(session: Session, store: Store, learned: Learned) -> None:
    """Write what an answer taught, passwords first: they are given once."""
    desired = session.desired
    with session.keeping:
        try:
            if learned.passwords:
                from reconciler.store import passwords  # noqa: PLC0415

                where = desired.secrets.extension_passwords
                passwords.keep(learned.passwords, where, root=desired.root, contact_center=desired.contact_center)
        except StoreError:
            with contextlib.suppress(StoreError):  # the one about the passwords says more
                store.keep(session.tenant, learned)
            raise
        store.keep(session.tenant, learned)


async def _verify(  # noqa: PLR0913 - what an apply has at hand
    session: Session,
    made: Plan,
    client: Client,
    store: Store,
    outcomes: tuple[Outcome, ...],
    *,
    fail_fast: bool,
) -> Result:
    """
    Read back until it holds, or the deadline is reached.

    What is left then may be something that the vendor's page leaves open (whether a new subscription starts enabled),
    so updates of what the plan made are planned and sent once more.
    """
    clean = all(outcome.verdict in {Verdict.DONE, Verdict.ALREADY} for outcome in outcomes)
    try:
        live, left = await _settle(session, made, client, patient=clean)
        again = _follow_up(session, made, live) if clean and left else None
        if again is not None:
            more = await _send(session, again, client, store, fail_fast=fail_fast)
            outcomes = (*outcomes, *more)
            live, left = await _settle(session, made, client, patient=True)
    except ReconcilerError as error:
        # Whether a batch that was refused took effect in part is not known then.
        problem = f"reading back failed: {error}"
        if isinstance(error, DefectError) and error.file:
            problem += f"; this is our mistake: please report it, and attach {error.file}"
        return Result(outcomes=outcomes, problem=problem, moved=True)
    moved = not Result(outcomes=outcomes).wrote and _moved(session, made, live)
    found = Result(outcomes=outcomes, mismatches=tuple(left), verified=True, moved=moved)
    try:
        _remember_applied(session, live)
    except StoreError as error:
        return replace(found, verified=False, problem=f"what was applied can't be kept: {error}")
    return found


def _in_part(outcome: Outcome) -> bool:
    """Whether a call that was refused may have taken effect in part: whether batches are all or nothing is not said."""
    return isinstance(outcome.error, Rejected) and len(outcome.call.gives | outcome.call.takes) > 1


def _moved(session: Session, made: Plan, live: Live) -> bool:
    """Whether anything that was planned is no longer as it was."""
    now = diff(session.desired, live, session.provider.kinds, prune=session.request.prune).changes
    still = {change.address: change.fields for change in now}
    return any(still.get(change.address) != change.fields for change in made.changes)


async def _settle(session: Session, made: Plan, client: Client, *, patient: bool) -> tuple[Live, Sequence[Mismatch]]:
    live = await fetch_needed(session, client)
    left = _mismatches(session, made, live)
    for pause in _SETTLE if patient else ():
        if not left:
            break
        await session.sleep(pause)
        live = await fetch_needed(session, client)
        left = _mismatches(session, made, live)
    return live, left


def _mismatches(session: Session, made: Plan, live: Live) -> Sequence[Mismatch]:
    planned = {change.address for change in made.changes}
    found = diff(session.desired, live, session.provider.kinds, prune=session.request.prune)
    left = []
    for change in found.changes:
        if change.address not in planned:
            continue
        if change.action is not Action.UPDATE:
            there = change.action is Action.CREATE
            words = ("there", "absent") if there else ("absent", "there")
            left.append(Mismatch(address=change.address, path="", wanted=words[0], found=words[1]))
        for item in change.fields if change.action is Action.UPDATE else ():
            if isinstance(item, MemberChange):
                has: tuple[str, ...] = change.live.__dict__[item.path] if change.live is not None else ()
                wanted = tuple(sorted(({*has} | {*item.add}) - {*item.remove}))
                left.append(Mismatch(address=change.address, path=item.path, wanted=list(wanted), found=list(has)))
            else:
                left.append(Mismatch(address=change.address, path=item.path, wanted=item.after, found=item.before))
    return left


def _follow_up(session: Session, made: Plan, live: Live) -> Plan | None:
    """Plan again what the vendor did otherwise than expected; only updates, only of what the plan touched."""
    again = plan_from(session, live)
    planned = {change.address for change in made.changes}
    open_ = [change for change in again.changes if change.address in planned]
    if again.refusals or not open_ or any(change.action is not Action.UPDATE for change in open_):
        return None
    calls = tuple(call for call in again.calls if planned.issuperset(call.changes))
    return replace(again, calls=calls) if calls else None


async def _read_again(session: Session) -> Live:
    async with session.client() as client:
        return await fetch_needed(session, client)


def _remember_applied(session: Session, live: Live) -> None:
    """Keep what is applied now, entry by entry, so that a change made by hand can be told from a wish to come."""
    store = session.store(create=True)
    assert store is not None, "asked to create it"
    open_ = {
        (change.section, change.identity)
        for change in diff(session.desired, live, session.provider.kinds, prune=session.request.prune).changes
    }
    before = store.applied(session.tenant) or {}
    document: dict[str, dict[str, Any]] = {}
    for section, entries in _all_entries(session.desired).items():
        document[section] = {
            identity: entry_values(entry)
            if (section, identity) not in open_
            else before.get(section, {}).get(identity, {})
            for identity, entry in entries.items()
            if (section, identity) not in open_ or identity in before.get(section, {})
        }
    for section, identity in _held(session, live, open_):
        document.setdefault(section, {}).setdefault(identity, {})
    if document != before:
        store.set_applied(session.tenant, document)


def _held(session: Session, live: Live, open_: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Find what belongs to applied entries and that no entry names: an extension that the system made by itself."""
    for kind in session.provider.kinds.values():
        for spec in specs(kind.resource).values():
            if spec.ref is None or not spec.ref.implied:
                continue
            for entry in session.desired.of(kind.section).values():
                item = live.of(kind.section).get(entry.identity)
                if item is None or spec.name in entry.written or (entry.section, entry.identity) in open_:
                    continue
                yield from ((spec.ref.section, identity) for identity in item.__dict__[spec.name])


def _all_entries(desired: Desired) -> Mapping[str, Mapping[str, Entry]]:
    found: dict[str, dict[str, Entry]] = {}
    for section, entries in desired.sections.items():
        found[section] = {entry.identity: entry for entry in entries.values()}
    for section, implied in desired.implied.items():
        found.setdefault(section, {}).update(implied)
    return found


async def drift(session: Session) -> Drift:
    """Compare, reading only: what was changed by hand, and what is wished but not yet applied."""
    async with session.client() as client:
        live = await fetch_needed(session, client)
    differences = compare(session, live)
    store = session.store(create=False)
    applied = store.applied(session.tenant) if store is not None else None
    findings = []
    pending = []
    for change in differences.changes:
        if change.action is Action.UPDATE and not session.provider.kinds[change.section].readable:
            pending.append(change)  # can't be read, so nobody can tell that it was changed by hand
            continue
        by_hand = change if applied is None else _by_hand(change, applied)
        if by_hand is None:
            pending.append(change)
        else:
            findings.append(Finding(change=by_hand))
    return Drift(
        contact_center=session.desired.contact_center,
        provider=session.provider.name,
        findings=tuple(findings),
        pending=tuple(pending),
        unmanaged=differences.unmanaged,
        warnings=differences.warnings,
        known=applied is not None,
    )


def _by_hand(change: Change, applied: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Change | None:
    """Reduce a change to what somebody changed by hand since the last apply; None when the files are merely ahead."""
    was = applied.get(change.section, {}).get(change.identity)
    match change.action:
        case Action.CREATE:
            return change if was is not None else None  # it was there, and is gone
        case Action.DELETE:
            return change if was is None else None  # it was never ours
        case Action.UPDATE:
            if was is None:
                return None  # the files name it since, and no apply has made it so yet
            fields = tuple(found for item in change.fields if (found := _field_by_hand(item, was)) is not None)
            return replace(change, fields=fields) if fields else None


def _field_by_hand(item: FieldChange, was: Mapping[str, Any]) -> FieldChange | None:
    """Reduce a field's change to what is no longer as it was applied; a field that never was can't have drifted."""
    if item.path not in was:
        return None
    applied = was[item.path]
    match item:
        case ValueChange():
            return item if applied != item.before else None
        case MemberChange():
            add = tuple(member for member in item.add if member in applied)
            remove = tuple(member for member in item.remove if member not in applied)
            return replace(item, add=add, remove=remove) if add or remove else None
        case _:
            assert_never(item)


def check_saved(saved: SavedPlan, session: Session) -> None:
    """
    Refuse a saved plan whose configuration is no longer the same.

    Raises:
        Refused: It is another configuration, or it has changed.
    """
    desired = session.desired
    if saved.provider != session.provider.name or saved.contact_center != desired.contact_center:
        raise Refused(
            f"the plan is for {saved.contact_center} at {saved.provider}, and the configuration for "
            f"{desired.contact_center} at {session.provider.name}",
            remedy="Name the right configuration with --config PATH.",
        )
    if saved.config_digest != desired.digest:
        raise Refused("the configuration has changed since the plan was made", remedy="Make a new plan.")
    if saved.refusals:
        raise Refused("the saved plan was refused when it was made", remedy="Make a new plan.")


def check_current(saved: SavedPlan, made: Plan, mask: Mask) -> None:
    """
    Refuse a saved plan when what it touches has changed: planned anew, it must come out the same.

    Raises:
        Refused: It does not.
    """
    from reconciler.report.document import plan_document  # noqa: PLC0415 - plans are compared as they are saved

    now = plan_document(made, mask=mask)
    before = {_without_place(change): str(change["address"]) for change in saved.changes}
    after = {_without_place(change): str(change["address"]) for change in now["changes"]}
    differ = sorted(
        {address for change, address in (before | after).items() if (change in before) != (change in after)}
    )
    if differ or json.dumps(list(saved.calls), sort_keys=True) != json.dumps(now["calls"], sort_keys=True):
        raise _changed(differ)


def _without_place(change: Mapping[str, Any]) -> str:
    """Spell a change without where it stands: a comment above it moves it, and changes nothing."""
    return json.dumps({name: value for name, value in change.items() if name != "source"}, sort_keys=True)


def _changed(addresses: Sequence[str]) -> Refused:
    what = ", ".join(addresses[:5]) if addresses else "what its calls rely on"
    more = f" and {len(addresses) - 5} more" if len(addresses) > 5 else ""
    return Refused(f"the live state has changed since the plan was made: {what}{more}", remedy="Make a new plan.")
