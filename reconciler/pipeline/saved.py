"""Saved plans: planned again when they are applied, and held to what they say."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from reconciler.model.errors import Refused
from reconciler.model.live import Live
from reconciler.model.outcome import Stale
from reconciler.model.plan import Plan
from reconciler.model.secret import Mask
from reconciler.pipeline.planning import fetch_needed, plan_from, unknown_targets
from reconciler.pipeline.watching import overtaken
from reconciler.session import Session

if TYPE_CHECKING:
    from reconciler.report.saved import SavedPlan

_ASIDE: Final = frozenset({"source", "cause"})


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
    gone = unknown_targets(addresses, session, live)
    if gone:
        raise _changed(gone, [Stale(address=address, path="", planned="there", found="absent") for address in gone])
    made = plan_from(session, live, only=addresses)
    check_current(saved, made, live, session.desired.mask)
    return made, live


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


def check_current(saved: SavedPlan, made: Plan, live: Live, mask: Mask) -> None:
    """
    Refuse a saved plan when what it touches has changed: planned anew, it must come out the same.

    Raises:
        Overtaken: It does not; each field is named, with both values.
    """
    from reconciler.report.document import plan_document  # noqa: PLC0415 - plans are compared as they are saved

    now = plan_document(made, mask=mask)
    before = {_in_itself(change): str(change["address"]) for change in saved.changes}
    after = {_in_itself(change): str(change["address"]) for change in now["changes"]}
    differ = sorted(
        {address for change, address in (before | after).items() if (change in before) != (change in after)}
    )
    if differ or json.dumps(list(saved.calls), sort_keys=True) != json.dumps(now["calls"], sort_keys=True):
        raise _changed(differ, _differing(saved, now, live, differ))


def _in_itself(change: Mapping[str, Any]) -> str:
    """Spell a change without where it stands, which a comment above it moves, and without who made it differ."""
    told = {name: value for name, value in change.items() if name not in _ASIDE}
    told["fields"] = _fields_of(change)
    return json.dumps(told, sort_keys=True)


def _fields_of(change: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in field.items() if name != "cause"} for field in change.get("fields", ())]


def _differing(saved: SavedPlan, now: Mapping[str, Any], live: Live, addresses: Sequence[str]) -> list[Stale]:
    """Find what is not as it was when the plan was saved: by field where the plan says so, else by what calls send."""
    before = {str(change["address"]): change for change in saved.changes}
    after = {str(change["address"]): change for change in now["changes"]}
    found = [
        stale for address in addresses for stale in _fields(address, before.get(address), after.get(address), live)
    ]
    return found or list(_sent(saved.calls, now["calls"]))


def _fields(
    address: str, planned: Mapping[str, Any] | None, now: Mapping[str, Any] | None, live: Live
) -> Iterator[Stale]:
    if planned is None:
        yield Stale(address=address, path="", planned="as wished", found="different")
        return
    item = live.of(address.partition("/")[0]).get(str(planned["identity"]))
    was_there = planned["action"] != "create"
    if was_there != (item is not None):
        there = ("there", "absent") if was_there else ("absent", "there")
        yield Stale(address=address, path="", planned=there[0], found=there[1])
        return
    differ = now is None or planned["action"] != now["action"] or _fields_of(planned) != _fields_of(now)
    if item is None or not differ:
        return
    before = planned.get("fields", ())
    named = {str(field["path"]) for field in before}
    for field in (*before, *(field for field in (now or {}).get("fields", ()) if field["path"] not in named)):
        path = str(field["path"])
        value = item.__dict__.get(path)
        if isinstance(value, dict) and isinstance(field.get("after"), dict):  # the plan speaks of some members alone
            value = {member: value[member] for member in sorted(value) if member in field["after"]}
        if path not in named:
            yield Stale(address=address, path=path, planned=field.get("after", "as wished"), found=value)
        elif "before" in field:
            if _plain(value) != field["before"]:
                yield Stale(address=address, path=path, planned=field["before"], found=value)
        else:
            yield from _moved(address, field, _at((now or {}).get("fields", ()), path), value or ())


def _at(fields: Sequence[Mapping[str, Any]], path: str) -> Mapping[str, Any]:
    return next((field for field in fields if field["path"] == path), {})


def _moved(address: str, planned: Mapping[str, Any], now: Mapping[str, Any], value: Collection[str]) -> Iterator[Stale]:
    """Find members that came or went: what was to be done is done already, or there is more to do than planned."""
    more = {"add": {*now.get("add", ())} - {*planned["add"]}, "remove": {*now.get("remove", ())} - {*planned["remove"]}}
    came = ({*planned["add"]} & {*value}) | more["remove"]
    went = ({*planned["remove"]} - {*value}) | more["add"]
    if came or went:
        path = str(planned["path"])
        yield Stale(address=address, path=path, planned=_members(went, came), found=_members(came, went))


def _members(there: Collection[str], absent: Collection[str]) -> str:
    return ", ".join([*(f"with {item}" for item in sorted(there)), *(f"without {item}" for item in sorted(absent))])


def _sent(planned: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[Stale]:
    """Find what calls would send otherwise than planned: live values that no change speaks of."""
    for was, call in zip(planned, now, strict=False):
        old, new = was.get("body") or {}, call.get("body") or {}
        if not isinstance(old, Mapping) or not isinstance(new, Mapping) or not was.get("changes"):
            continue
        for name in dict.fromkeys((*old, *new)):
            if old.get(name) != new.get(name):
                yield Stale(address=str(was["changes"][0]), path=name, planned=old.get(name), found=new.get(name))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _changed(addresses: Sequence[str], found: list[Stale]) -> Refused:
    if found:
        return overtaken(found, remedy="Make a new plan.")
    what = ", ".join(addresses[:5]) if addresses else "what its calls rely on"
    more = f" and {len(addresses) - 5} more" if len(addresses) > 5 else ""
    return Refused(f"the live state has changed since the plan was made: {what}{more}", remedy="Make a new plan.")
