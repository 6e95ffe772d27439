"""Udesk webhook events: a write-only set. Source: Udesk CTI Cloud API, "Subscribe to Events"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from reconciler.model.call import Call
from reconciler.model.change import Change
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.resource import Resource, Unordered
from reconciler.providers.udesk.protocol import API


class WebhookEvents(Resource):
    """Which events the application's callback is told of. The vendor can't show it."""

    agent_state: Annotated[tuple[str, ...], Unordered(), Field(description="Changes of agents' states.")] = ()
    ext_state: Annotated[tuple[str, ...], Unordered(), Field(description="Changes of extensions' states.")] = ()
    agent_call_mode: Annotated[tuple[str, ...], Unordered(), Field(description="Changes of agents' call modes.")] = ()
    call: Annotated[tuple[str, ...], Unordered(), Field(description="What happens in calls.")] = ()


CATEGORIES: Final = {
    "agent_state": ("acd_agent_state",),
    "ext_state": ("ext_state",),
    "agent_call_mode": ("agent_call_mode_change",),
    "call": (
        "agent_breakout", "agent_interrupt", "asr_gather_fail", "asr_gather_succ", "begin", "call_notes",
        "consult_fail", "consult_succ", "dtmf_gather_fail", "dtmf_gather_succ", "eavesdrop_fail", "eavesdrop_succ",
        "end", "end_consult_fail", "end_consult_succ", "enqueue_succ", "extern_succ", "general_hangup", "hangup_cause",
        "hold_call", "play_fail", "play_succ", "record_stop", "start_dialout", "start_ivr", "substitute_fail",
        "substitute_succ", "three_way_fail", "three_way_succ", "transfer_agent_fail", "transfer_agent_succ",
        "user_answer", "user_hangup", "user_ringing", "voice_mail_fail", "voice_mail_succ",
    ),
}  # fmt: skip


def derive(_sections: Mapping[str, Mapping[str, Any]], memory: Memory) -> tuple[WebhookEvents, ...]:
    """Recall what was last applied; the vendor has no read for it."""
    remembered = memory.of("webhook_events").get("")
    if remembered is None:
        return ()
    return (WebhookEvents.live({name: tuple(sorted(remembered.get(name, ()))) for name in CATEGORIES}),)


def lower(changes: Sequence[Change], _context: Context) -> Lowered:
    """Replace the whole set, or remove it where nothing is wanted."""
    calls = []
    for change in changes:
        wish = change.desired
        assert isinstance(wish, WebhookEvents), "the set is never deleted, only emptied"
        events = [
            {"category": name, "all_type": list(wanted)} for name in CATEGORIES if (wanted := wish.__dict__[name])
        ]
        if events:
            calls.append(
                Call(
                    "PUT",
                    API + "webhooks/events",
                    {"Events": events},
                    changes=(change.address,),
                    why="set the events that the callback is told of",
                )
            )
        else:
            calls.append(
                Call(
                    "DELETE",
                    API + "webhooks/events",
                    accepts=frozenset({"missing"}),
                    changes=(change.address,),
                    why="tell the callback of no events",
                )
            )
    return Lowered(calls=tuple(calls))


KIND: Final = Kind(
    section="webhook_events",
    one="set of webhook events",
    resource=WebhookEvents,
    shape=Shape.SINGLE,
    description="The whole set of events that the callback is told of; compared with what was last applied.",
    derive=derive,
    fixed=True,
    whole=True,
    readable=False,
    exported=False,
    lower=lower,
)
