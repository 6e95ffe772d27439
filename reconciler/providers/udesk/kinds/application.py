"""The Udesk application itself. Source: Udesk CTI Cloud API, "Application Management"."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from reconciler.model.resource import Computed, Resource, Risky
from reconciler.model.scalars import Boolean


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
