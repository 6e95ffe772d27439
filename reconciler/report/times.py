"""Times for people and for machines; both in UTC, and neither fails on what a store may hold."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(seconds: float | None) -> str | None:
    """Spell Unix seconds as ISO 8601 with milliseconds; None where there are none, or none that make sense."""
    when = _when(seconds)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z") if when is not None else None


def moment(seconds: float | None) -> str:
    """Spell Unix seconds for people: `2026-11-22 09:30 UTC`."""
    when = _when(seconds)
    return when.strftime("%Y-%m-%d %H:%M UTC") if when is not None else "?"


def _when(seconds: float | None) -> datetime | None:
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):  # a store that somebody wrote to
        return None
