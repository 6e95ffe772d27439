"""Udesk webhook events: a write-only set. Source: Udesk CTI Cloud API, "Subscribe to Events"."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.model.resource import Resource, Unordered


class WebhookEvents(Resource):
    """Which events the application's callback is told of. The vendor can't show it."""

    agent_state: Annotated[tuple[str, ...], Unordered(), Field(description="Changes of agents' states.")] = ()
    ext_state: Annotated[tuple[str, ...], Unordered(), Field(description="Changes of extensions' states.")] = ()
    agent_call_mode: Annotated[tuple[str, ...], Unordered(), Field(description="Changes of agents' call modes.")] = ()
    call: Annotated[tuple[str, ...], Unordered(), Field(description="What happens in calls.")] = ()
