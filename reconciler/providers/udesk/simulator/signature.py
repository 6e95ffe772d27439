"""
Who may call. Source: Udesk CTI Cloud API, "Server-Side API Authentication" and "Code Error Codes".

Written apart from the client's signing, so that a mistake in either shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.providers.udesk.simulator.answers import BAD_PARAMETER, BLANK_APP, UNKNOWN_APP, Denied

VALID_S: Final = 600  # "Timestamp, valid within 10 minutes"
_EARLIEST_MS: Final = 10**11  # as seconds this is the year 5138, as milliseconds 1973


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whom the vendor accepts."""

    sid: str
    auth_token: str = field(repr=False)


def check(query: Mapping[str, str], account: Account, *, app_id: str | None, now: float, unit: str) -> None:
    """
    Check the parameters that every URL carries.

    Args:
        query: The URL's parameters.
        account: Whom to accept.
        app_id: The application that must be named; None where none need be ("Create Application").
        now: The vendor's clock, Unix seconds.
        unit: Of Timestamp: ms, s, or either.

    Raises:
        Denied: 100017 no AppId, HTTP 401 not signed well, 100002 no such AppId.
    """
    given = query.get("AppId", "")
    if app_id is not None and not given:
        raise Denied(BLANK_APP, "AppID Blank")
    timestamp = query.get("Timestamp", "")
    text = f"{account.sid}{account.auth_token}{timestamp}".encode("utf-8", "replace")
    signed = hashlib.sha1(text, usedforsecurity=False).hexdigest()  # the vendor's choice of hash
    fresh = abs(now - _seconds(timestamp, unit)) <= VALID_S
    if query.get("Sid") != account.sid or query.get("Sign", "").lower() != signed or not fresh:
        # The page gives 401 ("HTTP Status Code") and no code for it.
        raise Denied(BAD_PARAMETER, "Unauthorized", status=401)
    if app_id is not None and given != app_id:
        raise Denied(UNKNOWN_APP, "AppId AppNotFound or forbidden")


def _seconds(timestamp: str, unit: str) -> float:
    """Read a Timestamp; one that is none is as far away as can be."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 16):
        return float("inf")
    value = int(timestamp)
    if unit == "ms" or (unit == "either" and value >= _EARLIEST_MS):
        return value / 1000
    return float(value)
