"""
Tencent's call detail records: DescribeTelCdr and the CDR push, read into one `CallRecord`.

The two spell some fields differently (UUI and Uui, Remark and UserRemark), the push has no numeric EndStatus, and of
nearly every field the pages say that it may be null. A time of 0 is one that never came. What stands there in a form
that no page explains is refused, never skipped: a list with a hole looks like a quiet hour.

Not read: SkillGroup and SkillGroupId of the call itself, since no page says how they differ from the queue's (each leg
has its own), EndStatusV2 for the like reason, and links to recordings, which carry authorisation.

Sources: "DescribeTelCdr" (获取电话服务记录与录音), "Data Types: TelCdrInfo, ServeParticipant", "Phone CDR Data Push".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

from reconciler.model.call import Call, Reading
from reconciler.model.call_record import CallRecord, Direction, Leg
from reconciler.model.errors import Contradiction, Refused, Unexpected
from reconciler.providers.answers import kind
from reconciler.providers.tencent import record_fields as fields

ACTION: Final = "DescribeTelCdr"
PAGE_SIZE: Final = 100  # records, the most that the page allows
LONGEST: Final = timedelta(days=90)  # a window stays below it

_TOGETHER: Final = 20  # pages asked for at once
_ATTEMPTS: Final = 5  # at a list that does not change while it is read


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """One page of records, in the vendor's order, and how many there are on all pages."""

    records: tuple[CallRecord, ...]
    total: int


def read_records(start: datetime, end: datetime) -> Reading[tuple[CallRecord, ...]]:
    """
    Read all calls of a window, each once.

    How far back a window may start (180 days) is for the vendor to say: that takes a clock.

    Args:
        start: With a timezone; fractions of a second widen the window.
        end: After *start* by less than 90 days. In the past, or the list grows while it is read.

    Raises:
        Refused: The vendor does not take such a window; raised at once.
        Unexpected: An answer that can't be used.
        Contradiction: The list did not stay the same for as long as it takes to read it, several times over.

    Source: "DescribeTelCdr". Pages count from 0; the order of records is not promised.
    """
    if start.utcoffset() is None or end.utcoffset() is None:
        raise Refused("a window of call records has no timezone", remedy="Give start and end with a timezone.")
    first, last = (start - fields.EPOCH) // fields.SECOND, -((fields.EPOCH - end) // fields.SECOND)
    window = f"from {start.isoformat()} to {end.isoformat()}"
    if first >= last:
        raise Refused(
            f"the window of call records {window} ends before it has begun", remedy="Let start be before end."
        )
    if (last - first) * fields.SECOND >= LONGEST:
        raise Refused(
            f"the window of call records {window} is too long: the vendor takes less than {LONGEST.days} days",
            remedy="Read it in parts.",
        )
    return _steady({"StartTimeStamp": first, "EndTimeStamp": last, "PageSize": PAGE_SIZE})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sweep:
    """All pages, read once; *moved* says how it is seen that they don't fit together, and is empty where they do."""

    records: tuple[CallRecord, ...] = ()
    moved: str = ""


def _steady(window: Mapping[str, int]) -> Reading[tuple[CallRecord, ...]]:
    """Read all pages until they fit together."""
    before = _Sweep()
    for _ in range(_ATTEMPTS):
        sweep = yield from _sweep(window)
        if not sweep.moved:
            return sweep.records
        if sweep.records and sweep.records == before.records:  # nothing moves: the vendor does list it twice
            return _without_repeats(sweep.records)
        before = sweep
    raise Contradiction(
        f"{ACTION}: the answers did not fit together in {_ATTEMPTS} readings; at last {before.moved}",
        remedy="Nothing was changed. Let the window end a few minutes ago; if it stays, ask the vendor.",
        call=ACTION,
        transient=True,
    )


def _sweep(window: Mapping[str, int]) -> Reading[_Sweep]:
    """Read all pages, up to one that does not fit to the first."""
    (reply,) = yield (_call(window, 0),)
    total = (page := decode_records(reply.payload)).total
    found: list[CallRecord] = []
    pages = [page]
    number = 0
    while pages:
        for page in pages:
            due = min(PAGE_SIZE, total - len(found))
            if page.total != total:
                return _Sweep(moved=f"page {number} said that there are {page.total} records, and page 0 said {total}")
            if len(page.records) != due:
                return _Sweep(moved=f"page {number} had {len(page.records)} records where {due} of {total} were due")
            found += page.records
            number += 1
        numbers = range(number, min(number + _TOGETHER, -(-total // PAGE_SIZE)))
        replies = (yield tuple(_call(window, each) for each in numbers)) if numbers else ()
        pages = [decode_records(reply.payload, page=each) for each, reply in zip(numbers, replies, strict=True)]
    sessions = Counter(record.session_id for record in found if record.session_id)
    moved = next((f"session {_short(session)} stood there twice" for session, n in sessions.items() if n > 1), "")
    return _Sweep(records=tuple(found), moved=moved)


def _without_repeats(records: Sequence[CallRecord]) -> tuple[CallRecord, ...]:
    """Keep each record of a session once. Two that differ are no repeats, nor are two of which nobody says whose."""
    named = {record: at for at, record in reversed(tuple(enumerate(records)))}
    return tuple(record for at, record in enumerate(records) if not record.session_id or named[record] == at)


def _call(window: Mapping[str, int], page: int) -> Call:
    return Call("POST", "/", {**window, "PageNumber": page}, action=ACTION, read_only=True)


def decode_records(payload: fields.Row, *, page: int = 0) -> RecordPage:
    """
    Read one answer to DescribeTelCdr.

    Args:
        payload: The content of `Response`. Its list is TelCdrList, or TelCdrs of old; null is an empty one.
        page: Its number, for messages.

    Raises:
        Unexpected: A promised field is missing, or one is in a form that no page explains; says which record's.
    """
    place = f"page {page}"
    try:
        names = [name for name in ("TelCdrList", "TelCdrs") if name in payload]
        if not names:
            fields.refuse("it has no TelCdrList")
        total = fields.number(payload, "TotalCount")
        if total is None or total < 0:
            fields.refuse("it does not say how many records there are (TotalCount)")
        rows = next((rows for name in names if (rows := fields.rows(payload, name))), ())
        records = []
        for number, row in enumerate(rows):
            place = f"page {page}, {_place(row, number)}"
            records.append(_record(row))
    except fields.UnreadableError as error:
        unexpected = Unexpected(
            f"{ACTION}: the answer can't be used: {place}: {error}",
            remedy="Nothing was changed. Run again; if it stays, ask the vendor.",
            call=ACTION,
        )
        if isinstance(request := payload.get("RequestId"), str):
            unexpected.request_id = request
        raise unexpected from None
    return RecordPage(records=tuple(records), total=total)


def decode_push(body: bytes) -> CallRecord:
    """
    Read the body of a CDR push: one record, for one whole call.

    Args:
        body: UTF-8 JSON, an object without an envelope.

    Raises:
        Unexpected: Not JSON, or a field in a form that no page explains.

    Source: "Phone CDR Data Push". Its English sample is not JSON: a comma stands before a closing bracket.
    """
    place = ""
    try:
        row = _document(body)
        place = f"{_place(row)}: "
        return _record(row)
    except fields.UnreadableError as error:
        raise Unexpected(
            f"CDR push: it can't be used: {place}{error}",
            remedy=f"Read this call with {ACTION} instead; if it stays, ask the vendor.",
            call="CDR push",
        ) from None


def _document(body: bytes) -> fields.Row:
    try:
        text = body.decode()
        row = json.loads(text, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        fields.refuse(f"it is not UTF-8, from byte {error.start} on")
    except json.JSONDecodeError as error:
        fields.refuse(f"it is not JSON: {_why(error)}")
    except (ValueError, RecursionError):  # a number of 5000 digits; brackets without end
        fields.refuse("it is not JSON that can be read: too long a number, or nested too deeply")
    if not isinstance(row, dict):
        fields.refuse(f"it is {kind(row)}, not an object")
    return row


def _no_number(word: str) -> NoReturn:
    fields.refuse(f"it is not JSON: {word} is no number there")


def _why(error: json.JSONDecodeError) -> str:
    """Say what is wrong and where. Python 3.13 points at a comma too many, and those before at what follows it."""
    text, at = error.doc, error.pos
    comma = at if text[at : at + 1] == "," else len(text[:at].rstrip()) - 1
    if re.compile(r",\s*[]}]").match(text, max(comma, 0)):
        line, column = text.count("\n", 0, comma) + 1, comma - text.rfind("\n", 0, comma)
        return f"line {line}, column {column}: a comma before the closing bracket"
    return f"line {error.lineno}, column {error.colno}: {error.msg}"


def _record(row: fields.Row) -> CallRecord:
    session = fields.text(row, "SessionId")
    start = fields.time(row, "StartTimestamp", "Time")  # Time, "call initiation", is in DescribeTelCdr alone
    queued, accepted, end = (fields.time(row, f"{name}Timestamp") for name in ("Queued", "Accept", "Ended"))
    if not session and start is None:
        fields.refuse("it has neither a SessionId nor a StartTimestamp, so nobody knows which call it is of")
    direction = fields.number(row, "Direction")
    code, status = fields.end(row)
    seat = fields.row(row, "SeatUser")
    with fields.within("SeatUser"):
        agent = fields.text(seat, "Mail")
    return CallRecord(
        session_id=session,
        queue_id=fields.skill_group(row, "QueuedSkillGroupId"),
        queue_name=fields.text(row, "QueuedSkillGroupName"),
        agent=agent,
        direction={0: Direction.IN, 1: Direction.OUT}.get(-1 if direction is None else direction, Direction.UNKNOWN),
        direction_code=direction,
        caller=fields.text(row, "Caller"),
        callee=fields.text(row, "Callee"),
        start=start,
        queued=queued,
        ring=fields.time(row, "RingTimestamp"),
        accepted=accepted,
        end=end,
        end_code=code,
        end_status=status,
        duration_s=fields.duration(row, "Duration", accepted, end),
        ivr_s=fields.duration(row, "IVRDuration", start, queued),
        hung_up_by=fields.text(row, "HungUpSide"),
        user_data=fields.text(row, "UUI", "Uui"),
        remark=fields.text(row, "Remark", "UserRemark"),
        legs=tuple(_leg(leg, at) for at, leg in enumerate(fields.rows(row, "ServeParticipants"))),
    )


def _leg(row: fields.Row, at: int) -> Leg:
    with fields.within(f"ServeParticipants[{at}]"):
        code, status = fields.end(row)
        return Leg(
            agent=fields.text(row, "Mail"),
            type=fields.text(row, "Type"),
            sequence=fields.number(row, "Sequence"),
            queue_id=fields.skill_group(row, "SkillGroupId"),
            queue_name=fields.text(row, "SkillGroupName"),
            priority=fields.number(row, "SkillGroupPriority"),
            start=fields.time(row, "StartTimestamp"),
            ring=fields.time(row, "RingTimestamp"),
            accepted=fields.time(row, "AcceptTimestamp"),
            end=fields.time(row, "EndedTimestamp"),
            end_code=code,
            end_status=status,
        )


def _place(row: fields.Row, number: int | None = None) -> str:
    """Say which record it is."""
    session = row.get("SessionId")
    named = f"session {_short(session)}" if isinstance(session, str) and session else "no session"
    return named if number is None else f"record {number} ({named})"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
