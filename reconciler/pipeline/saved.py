"""Saved plans: planned again when they are applied, and held to what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconciler.model.errors import Refused
from reconciler.model.live import Live
from reconciler.model.plan import Plan
from reconciler.model.secret import Mask
from reconciler.pipeline.planning import fetch_needed, plan_from, unknown_targets
from reconciler.session import Session

if TYPE_CHECKING:
    from reconciler.report.saved import SavedPlan


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
        raise _changed(gone)
    made = plan_from(session, live, only=addresses)
    check_current(saved, made, session.desired.mask)
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
