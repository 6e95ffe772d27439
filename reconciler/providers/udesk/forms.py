"""Forms that several kinds share. Source: Udesk CTI Cloud API, "Data Format Conventions"."""

from __future__ import annotations

from typing import Final

from reconciler.model.change import Action, Change
from reconciler.model.kind import Context
from reconciler.model.plan import Refusal

EXTENSION: Final = r"^[1-9][0-9]{3}$"
# A landline or an international number starts with 0; a mobile number has 11 digits. "" is no number.
PHONE: Final = r"^(|0[0-9]{5,20}|[1-9][0-9]{10})$"


def unknown_number(change: Change, number: str, context: Context) -> tuple[Refusal, ...]:
    """Refuse a number that is not among the tenant's. Source: "can be any number in the relay number list"."""
    known = context.live.of("relay_numbers")
    # The page types the list's elements as uuid. Where none of them looks like a number, it can't be checked.
    if not number or number in known or not any(item.isdigit() for item in known):
        return ()
    return (
        Refusal(
            rule="unknown-number",
            message=f"{number} is not one of the tenant's relay numbers",
            objects=(change.address,),
            remedy=f"Use one of {', '.join(sorted(known)[:5])}{' …' if len(known) > 5 else ''}.",
        ),
    )


def unshown(change: Change, sent: frozenset[str]) -> tuple[Refusal, ...]:
    """
    Refuse an update that must send fields which neither the files write nor the vendor has shown.

    A change sends the whole object ("Update Seat", "Modify Queue"), and a guess would be written over what is live.
    """
    if change.action is not Action.UPDATE or change.live is None:
        return ()
    missing = sorted(sent - change.written - change.live.model_fields_set)
    if not missing:
        return ()
    return (
        Refusal(
            rule="not-shown",
            message=f"{change.address}: a change sends the whole object, and the vendor's list does not show its "
            f"{' and '.join(missing)}",
            objects=(change.address,),
            remedy=f"Write {' and '.join(missing)} in the file.",
        ),
    )
