"""What any HTTP answer tells, whichever vendor it is from: its document, its start, its times. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.model.errors import OutcomeUnknown, Unexpected

_SHOWN: Final = 300  # characters of a reply that an error may quote

# Where gateways and vendors put the number by which they find a request again, the likeliest first.
_ID_HEADERS: Final = ("x-request-id", "x-trace-id", "x-correlation-id", "request-id", "x-amzn-requestid", "traceid")
_ID_FIELDS: Final = ("RequestId", "RequestID", "request_id", "requestId", "TraceId", "trace_id", "traceId")
_ID: Final = re.compile(r"[\w.:=+/@-]{1,100}", re.ASCII)


def document(body: bytes) -> Mapping[str, Any] | None:
    """Read a JSON object in UTF-8; None for anything else."""
    try:
        value = json.loads(body.decode("utf-8-sig"))
        if b"\\ud" in body.lower():  # half a surrogate pair is legal JSON, and no text that could be shown or kept
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def start(body: bytes) -> str:
    """Give what an error may quote of *body*: one line, printable, short."""
    return line(body[: 4 * _SHOWN].decode("utf-8", "replace"))


def line(text: str) -> str:
    """Make one short printable line of *text*."""
    text = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * _SHOWN]).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def ahead_s(date: str | None, now: float) -> float | None:
    """Give how far our clock is ahead of an HTTP Date, in seconds; None where it is none."""
    if date is None:
        return None
    try:
        return now - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def wait_s(headers: Mapping[str, str], now: float) -> float | None:
    """
    Give the seconds that Retry-After asks for: a number, or a date (RFC 9110, 10.2.3).

    A date is the vendor's, so it is read by the vendor's clock where the answer tells it.
    """
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        ahead = ahead_s(value, now)
        seconds = math.nan if ahead is None else (ahead_s(headers.get("date"), now) or 0.0) - ahead
    return max(0.0, seconds) if math.isfinite(seconds) else None


def request_id(headers: Mapping[str, str], fields: Mapping[str, Any] | None) -> str:
    """Find the vendor's own number of a request; "" where there is none that could be one."""
    found = [headers.get(name) for name in _ID_HEADERS] + [(fields or {}).get(name) for name in _ID_FIELDS]
    return next((value for value in found if isinstance(value, str) and _ID.fullmatch(value)), "")


def unsure(call: Call, what: str, body: bytes, *, setting: str) -> OutcomeUnknown | Unexpected:
    """
    Make the error for an answer that does not tell what became of *call*.

    Args:
        call: What was sent.
        what: What the answer is, in words.
        body: The answer.
        setting: The setting that holds the address: "provider.base_url".
    """
    if not call.writes:
        return Unexpected(
            f"{call.title}: the answer can't be used: {what}",
            remedy=f"Nothing was changed. Run again; if it stays, check {setting} and ask the vendor.",
            call=call.title,
            reply=start(body),
            transient=True,
        )
    return OutcomeUnknown(
        f"{call.title}: the answer does not tell whether it happened: {what}",
        remedy="Run plan again: it reads what is there.",
        call=call.title,
    )


def kind(value: Any) -> str:
    """Say of what kind a JSON value is, without the value."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def short(value: Any) -> str:
    """Quote a value that an error may show, cut short."""
    told = repr(value)
    return told if len(told) <= 60 else f"{told[:60]}…"
