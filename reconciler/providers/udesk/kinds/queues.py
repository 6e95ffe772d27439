"""Udesk queues: waiting lines that agents serve. Source: Udesk CTI Cloud API, "Queue Management"."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from reconciler.model.resource import Identity, Needed, Resource, Risky
from reconciler.model.scalars import Integer


class Queue(Resource):
    """A waiting line that agents serve."""

    label_field: ClassVar[str | None] = "name"

    id: Annotated[str, Identity(), Field(pattern=r"^9[0-9]{3}$", description="Queue id: 9 and three digits.")]
    name: Annotated[str, Needed(), Field(min_length=1, description="The queue's name.")] = ""
    strategy: Annotated[
        str,
        Risky("medium"),
        Field(min_length=1, description="Who is rung first. The vendor documents only longest_idle."),
    ] = "longest_idle"
    timeout: Annotated[
        Integer, Risky("medium"), Field(ge=0, description="Seconds that a caller waits before the queue gives up.")
    ] = 60
    max_length: Annotated[
        Integer, Risky("medium"), Field(ge=1, le=512, description="Callers that may wait at once, at most 512.")
    ] = 128
