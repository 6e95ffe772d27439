"""
One finished call, as a vendor recorded it: evidence of what a configuration does to callers.

All times are in UTC, all durations in seconds. What a vendor does not tell is None, or an empty text; nothing here is
guessed. Numbers, addresses and remarks are personal data: they are kept out of `repr`, so that no log has them by
accident, and who shows them has to ask for them by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime  # the type alone: nobody here asks for the time


class Direction(StrEnum):
    """Who called whom."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"  # not told, or in a word that the vendor did not have before: see `direction_code`


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """
    One agent's part in a call.

    *type* is the vendor's word for what the agent answered with, *sequence* counts from 0, *priority* is the one that
    the agent had in the queue. The other fields mean what they mean in `CallRecord`.
    """

    agent: str = field(default="", repr=False)  # e-mail
    type: str = ""
    sequence: int | None = None
    queue_id: str = ""
    queue_name: str = ""
    priority: int | None = None
    start: datetime | None = None
    ring: datetime | None = None
    accepted: datetime | None = None
    end: datetime | None = None
    end_code: int | None = None
    end_status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """
    One call from its first second to its last, transfers included.

    *session_id* names the call; empty where the vendor does not say it. *queue_id* and *queue_name* are the queue where
    the caller waited; for an outbound call the one that the vendor counts it for. *agent* is who served last. *ring*
    and *accepted* are of the agent's phone on an inbound call, and of the customer's on an outbound one. *end_code* and
    *end_status* say the same as a number and as a word; there are more of them each year, so any may stand here.
    *hung_up_by* is the vendor's word for a side. *duration_s* counts from *accepted* to *end*, *ivr_s* from *start* to
    *queued*. *legs* are the agents' parts, in the vendor's order.
    """

    session_id: str = ""
    queue_id: str = ""
    queue_name: str = ""
    agent: str = field(default="", repr=False)  # e-mail
    direction: Direction = Direction.UNKNOWN
    direction_code: int | None = None  # as the vendor has it
    caller: str = field(default="", repr=False)
    callee: str = field(default="", repr=False)
    start: datetime | None = None
    queued: datetime | None = None
    ring: datetime | None = None
    accepted: datetime | None = None
    end: datetime | None = None
    end_code: int | None = None
    end_status: str = ""
    duration_s: int | None = None
    ivr_s: int | None = None
    hung_up_by: str = ""
    user_data: str = field(default="", repr=False)  # what the caller's own system gave along
    remark: str = field(default="", repr=False)
    legs: tuple[Leg, ...] = ()
