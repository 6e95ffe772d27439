"""Udesk fast routers: which key reaches which queue. Source: Udesk CTI Cloud API, "Update Fast Router Configuration"."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.model.resource import Needed, RefTo, Resource, Risky


class FastRouter(Resource):
    """What happens when a caller presses a key."""

    queue: Annotated[
        str, Needed(), RefTo("queues"), Risky("high"), Field(min_length=1, description="The queue that answers.")
    ] = ""
    description: Annotated[str, Field(description="A remark; the vendor's `Desc`.")] = ""
