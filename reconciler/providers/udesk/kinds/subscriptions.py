"""Udesk message subscriptions. Source: Udesk CTI Cloud API, "Message Subscription"."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from reconciler.model.resource import Computed, Identity, Needed, Resource, Unordered
from reconciler.model.scalars import Boolean


class Subscription(Resource):
    """Who is told of what happens in calls."""

    label_field: ClassVar[str | None] = "callback"

    name: Annotated[str, Identity(), Field(min_length=1, max_length=200, description="The subscription's name.")]
    callback: Annotated[str, Needed(), Field(pattern=r"^https?://\S+$", description="The address that is told.")] = ""
    events: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1)], ...],
        Needed(),
        Unordered(),
        Field(description="Events to tell of, such as user_ringing."),
    ] = ()
    enabled: Annotated[Boolean, Field(description="Whether it is told at all.")] = True
    number: Annotated[str, Computed()] = ""  # the vendor's id; "" where it is not known
