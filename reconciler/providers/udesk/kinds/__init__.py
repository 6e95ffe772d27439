"""Udesk's kinds: one file each, one line each in `KINDS`, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.kind import Kind
from reconciler.providers.udesk.kinds import (
    agents,
    application,
    default_number,
    default_voices,
    extensions,
    fast_routers,
    queues,
    relay_numbers,
    subscriptions,
    voice_files,
    webhook_events,
)

KINDS: Final[Mapping[str, Kind[Any]]] = {
    kind.section: kind
    for kind in (
        application.KIND,
        default_number.KIND,
        relay_numbers.KIND,
        queues.KIND,
        extensions.KIND,
        agents.KIND,
        voice_files.KIND,
        default_voices.KIND,
        fast_routers.KIND,
        subscriptions.KIND,
        webhook_events.KIND,
    )
}
