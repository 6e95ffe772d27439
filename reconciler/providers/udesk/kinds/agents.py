"""Udesk agents: who answers. Source: Udesk CTI Cloud API, "Seat Management"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from reconciler.model.resource import Computed, Creates, Identity, Needed, RefTo, Resource, Risky, Unordered
from reconciler.model.scalars import Boolean
from reconciler.providers.udesk.kinds.extensions import NUMBER

PHONE = r"^(|0[0-9]{5,20}|[1-9][0-9]{10})$"
_ExtensionNumber = Annotated[str, StringConstraints(pattern=NUMBER)]


class Agent(Resource):
    """A person who answers calls."""

    label_field: ClassVar[str | None] = "name"

    id: Annotated[str, Identity(), Field(pattern=r"^[0-9]{1,32}$", description="Agent id: up to 32 digits.")]
    work_id: Annotated[
        str, Needed(), Field(pattern=r"^\w{1,32}$", description="Work number: up to 32 letters, digits or _.")
    ] = ""
    name: Annotated[str, Field(description="The agent's name.")] = ""
    mobile: Annotated[str, Field(pattern=PHONE, description='Mobile number; "" for none.')] = ""
    email: Annotated[str, Field(pattern=r"^(|[^@\s]+@[^@\s]+)$", description='E-mail address; "" for none.')] = ""
    role: Annotated[Literal["agent", "leader"], Field(description="agent or leader.")] = "agent"
    enabled: Annotated[Boolean, Risky("medium"), Field(description="Whether the agent may sign in.")] = True
    extensions: Annotated[
        tuple[_ExtensionNumber, ...],
        RefTo("extensions", implied=True),
        Unordered(),
        Risky("medium"),
        Field(
            max_length=2,
            description="Extensions, at most two; `auto` has the system make and bind one.",
        ),
    ] = ()
    queues: Annotated[
        tuple[str, ...],
        RefTo("queues", staffs=True),
        Unordered(),
        Risky("medium"),
        Field(description="Queues that the agent serves."),
    ] = ()
    default_number: Annotated[
        str, Field(pattern=PHONE, description='The number shown on outbound calls; "" for the company\'s.')
    ] = ""
    auto_extension: Annotated[bool, Creates(), Computed()] = False
    wrap_up_time: Annotated[int, Computed()] = 0  # seconds; in the vendor's examples, not in its tables

    @model_validator(mode="before")
    @classmethod
    def _auto(cls, values: Any) -> Any:
        """Read `extensions: auto`: one extension, made by the system; which one is not managed."""
        if isinstance(values, Mapping) and values.get("extensions") == "auto":
            return {**{key: value for key, value in values.items() if key != "extensions"}, "auto_extension": True}
        return values
