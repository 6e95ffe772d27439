"""The Udesk application itself. Source: Udesk CTI Cloud API, "Application Management"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from reconciler.model.call import Call, Reading
from reconciler.model.change import Change, differences
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.resource import Computed, Resource, Risky
from reconciler.model.scalars import Boolean
from reconciler.providers.udesk.decode import flag, get, pick, record, result, shown, text, unexpected
from reconciler.providers.udesk.forms import unshown
from reconciler.providers.udesk.protocol import API


class Application(Resource):
    """The application: one tenant of the call center platform."""

    label_field: ClassVar[str | None] = "name"

    name: Annotated[str, Field(min_length=1, description="The application's name.")] = ""
    callback_url: Annotated[
        str, Risky("medium"), Field(pattern=r"^(|https?://\S+)$", description='Where events go; "" for nowhere.')
    ] = ""
    hide_user_number: Annotated[Boolean, Field(description="Hide callers' numbers from agents' phones.")] = False
    memo: Annotated[str, Field(description="A remark.")] = ""
    type: Annotated[str, Computed()] = ""  # default or external; not ours to change, but sent back on every update


def read(_memory: Memory) -> Reading[tuple[Application, ...]]:
    """Read the application. Its Secret is in the answer and is dropped here. Source: "Get Application Details"."""
    (reply,) = yield (get("apps"),)
    row = record(result(reply, "apps"), "apps")
    if pick(row, "Name", "AppId") is None:
        raise unexpected("apps", "it has neither Name nor AppId")
    values = {
        "name": text(row, "Name"),
        "callback_url": text(row, "CallbackUrl"),
        "hide_user_number": flag(row, "IsHideUserNum"),
        "memo": text(row, "Memo"),  # "optional" in the answer
        "type": text(row, "Type"),
    }
    return (
        Application.live(
            shown(row, values, name="Name", callback_url="CallbackUrl", hide_user_number="IsHideUserNum", type="Type")
        ),
    )


def lower(changes: Sequence[Change], _context: Context) -> Lowered:
    """Change the application: one call, all fields, since what PUT does to those left out is not said."""
    calls = []
    for change in changes:
        wish = change.desired
        assert isinstance(wish, Application), "the application is never deleted"
        body: dict[str, Any] = {
            "Name": wish.name,
            "CallbackUrl": wish.callback_url,
            "IsHideUserNum": wish.hide_user_number,
            "Memo": wish.memo,
        }
        # Type is 1 or 0 on creation, and default or external from then on; anything else is not sent back.
        if wish.type in {"default", "external"}:
            body["Type"] = wish.type
        calls.append(
            Call("PUT", API + "apps", body, sets=change.paths, changes=(change.address,), why=differences(change))
        )
    unseen = tuple(refusal for change in changes for refusal in unshown(change, _SENT))
    return Lowered(calls=tuple(calls), refusals=unseen)


_SENT: Final = frozenset({"name", "callback_url", "hide_user_number", "type"})


KIND: Final = Kind(
    section="application",
    one="application",
    resource=Application,
    shape=Shape.SINGLE,
    description="The application itself.",
    read=read,
    fixed=True,
    lower=lower,
)
