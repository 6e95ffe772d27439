"""
The fields of call records: numbers, texts, times, durations and end statuses, in the forms that the vendor gives them.

Null and absent are the same here: the pages say of nearly every field that it may be null. Another form than those is
refused, as `UnreadableError`; the caller knows whose field it was. No message quotes a text: it may be personal data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from reconciler.providers.answers import kind

Row = Mapping[str, Any]

# "EndStatus corresponds one-to-one with EndStatusString" (TelCdrInfo). From 212 on: the vendor's SDK.
END_STATUS: Final[Mapping[int, str]] = {
    0: "error",
    1: "ok",
    2: "unconnected",
    100: "blackList",
    102: "ivrGiveUp",
    103: "waitingGiveUp",
    104: "ringingGiveUp",
    105: "noSeatOnline",
    106: "notWorkTime",
    107: "ivrEnd",
    108: "restrictedCallee",
    109: "tooManyRequest",
    110: "restrictedArea",
    111: "restrictedTime",
    201: "unknown",
    202: "notAnswer",
    203: "userReject",
    204: "powerOff",
    205: "numberNotExist",
    206: "busy",
    207: "outOfCredit",
    208: "operatorError",
    209: "callerCancel",
    210: "notInService",
    211: "clientError",
    212: "carrierBlocked",
    213: "callReminder",
    215: "numberInvalid",
    216: "callRestricted",
    217: "calleeRestricted",
    218: "areaRestricted",
    219: "promptCallForwarding",
    220: "callerCancelWhileRing",
    221: "callerCancelWithoutRing",
    222: "voiceMailReached",
    501: "callConflict",
    502: "clientTimeout",
    503: "voipClientError",
}
_END_CODE: Final = {word: code for code, word in END_STATUS.items()}

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,19}", re.ASCII)
_LONG: Final = 1 << 63
_LATEST: Final = 1 << 35  # in the year 3058; what counts milliseconds is beyond


class UnreadableError(Exception):
    """What is wrong, without where: `str()` goes into a sentence."""


@contextmanager
def within(place: str) -> Iterator[None]:
    """Say of what can't be read that it stands in *place*."""
    try:
        yield
    except UnreadableError as error:
        raise UnreadableError(f"{place}: {error}") from None


def end(row: Row) -> tuple[int | None, str]:
    """Read the end status; where one of its two forms is missing, the pages' table has it."""
    code, status = number(row, "EndStatus"), text(row, "EndStatusString")
    if code is None:
        return _END_CODE.get(status), status
    return code, status or END_STATUS.get(code, "")


def duration(row: Row, name: str, since: datetime | None, until: datetime | None) -> int | None:
    """Read a duration; where it is missing, it is the difference that the push's page says it is."""
    stated = number(row, name)
    if stated is not None:
        if stated < 0:
            refuse(f"{name} is {stated} seconds")
        return stated
    if since is None or until is None or until < since:
        return None
    return (until - since) // SECOND


def time(row: Row, *names: str) -> datetime | None:
    """Read a time in Unix seconds under the first of *names* that has one; 0 is one that never came."""
    for name in names:
        seconds = number(row, name)
        if not seconds:
            continue
        if not 0 < seconds < _LATEST:
            refuse(f"{name} is {seconds}, not a time in Unix seconds")
        return EPOCH + timedelta(seconds=seconds)
    return None


def number(row: Row, name: str) -> int | None:
    """Read a whole number, or one as text, as other actions have it; null and an empty text are none."""
    value = row.get(name)
    if value is None or value == "":
        return None
    if (isinstance(value, str) and _INTEGER.fullmatch(value)) or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    if type(value) is not int or not -_LONG <= value < _LONG:
        refuse(f"{name} is {kind(value)}, not a whole number" + " of 64 bits" * (type(value) is int))
    return value


def skill_group(row: Row, name: str) -> str:
    """Read a skill group's id; 0 is none."""
    return str(number(row, name) or "")


def text(row: Row, *names: str) -> str:
    """Read the first of *names* that says something; halves of surrogate pairs, which nobody can print, become `?`."""
    for name in names:
        value = row.get(name)
        if value is None or value == "":
            continue
        if type(value) is int and -_LONG <= value < _LONG:
            return str(value)
        if not isinstance(value, str):
            refuse(f"{name} is {kind(value)}, not a text")
        return value.encode(errors="replace").decode()
    return ""


def row(parent: Row, name: str) -> Row:
    """Read an object; null is an empty one."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        refuse(f"{name} is {kind(value)}, not an object")
    return value


def rows(row: Row, name: str) -> Sequence[Row]:
    """Read a list of objects; null is an empty one, but none of its entries may be."""
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        refuse(f"{name} is {kind(value)}, not a list")
    for at, item in enumerate(value):
        if not isinstance(item, dict):
            refuse(f"{name}[{at}] is {kind(item)}, not an object")
    return value


def refuse(what: str) -> NoReturn:
    """Say what can't be read."""
    raise UnreadableError(what)
