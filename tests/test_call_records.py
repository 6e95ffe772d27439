"""Tencent's call records: the pages' own samples, both spellings, nulls, paging, and what has to be refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.call import Call, Reply, run
from reconciler.model.call_record import CallRecord, Direction, Leg
from reconciler.model.errors import Contradiction, Refused, Unexpected
from reconciler.providers.tencent.call_records import RecordPage, decode_push, decode_records, read_records
from reconciler.providers.tencent.record_fields import END_STATUS

SAMPLES: Final = Path(__file__).parent / "wire" / "tencent"  # where each is from stands in cdr_samples.md there
DESCRIBED: Final = json.loads((SAMPLES / "cdr_describe_zh.json").read_text(encoding="utf-8"))["Response"]
PUSHED: Final = json.loads((SAMPLES / "cdr_push_zh.json").read_text(encoding="utf-8"))
START: Final = datetime(2026, 3, 1, tzinfo=UTC)
END: Final = datetime(2026, 3, 2, tzinfo=UTC)

PUSH: Final = CallRecord(
    session_id="99a1c8f8-eb3d-4xxx-8401-5f6aa8761232",
    queue_id="2734",
    queue_name="顾问外呼",
    agent="zhangsan@tencent.con",  # sic
    direction=Direction.OUT,
    direction_code=1,
    caller="0086400xxx6666",
    callee="0086184xxxx7605",
    start=datetime(2023, 2, 23, 8, 14, 28, tzinfo=UTC),
    ring=datetime(2023, 2, 23, 8, 14, 32, tzinfo=UTC),
    end=datetime(2023, 2, 23, 8, 14, 41, tzinfo=UTC),
    end_code=205,
    end_status="numberNotExist",
    duration_s=0,
    ivr_s=0,
    hung_up_by="seat",
    user_data="abc",
    remark="*******7605",
    legs=(
        Leg(
            agent="zhangsan@tencent.com",
            type="miniProgramSeat",
            sequence=0,
            queue_id="2734",
            queue_name="顾问外呼",
            priority=0,
            start=datetime(2023, 2, 23, 8, 14, 28, tzinfo=UTC),
            ring=datetime(2023, 2, 23, 8, 14, 28, tzinfo=UTC),
            accepted=datetime(2023, 2, 23, 8, 14, 29, tzinfo=UTC),
            end=datetime(2023, 2, 23, 8, 14, 41, tzinfo=UTC),
            end_code=1,
            end_status="ok",
        ),
    ),
)


def push(row: Any) -> CallRecord:
    """Read what a push says."""
    return decode_push(json.dumps(row).encode())


def page(*rows: Mapping[str, Any], total: int | None = None) -> dict[str, Any]:
    """Make an answer to DescribeTelCdr."""
    return {"TotalCount": len(rows) if total is None else total, "TelCdrList": list(rows), "RequestId": "r-1"}


def calls(first: int, last: int) -> list[dict[str, Any]]:
    """Make records of the sessions `s<first>` to before `s<last>`."""
    return [{"SessionId": f"s{number}", "StartTimestamp": 1772323200 + number} for number in range(first, last)]


# The vendor's samples


def test_the_sample_of_a_response() -> None:
    """Every field of the DescribeTelCdr page's example is read, where the page says what it is."""
    first = CallRecord(
        session_id="abc",
        queue_id="100",
        queue_name="abc",
        agent="abc",
        direction=Direction.IN,
        direction_code=0,
        caller="abc",
        callee="abc",
        start=datetime(2020, 5, 27, 2, 46, 46, tzinfo=UTC),
        queued=datetime(2021, 1, 14, 12, 28, 4, tzinfo=UTC),
        ring=datetime(2020, 5, 27, 2, 46, 46, tzinfo=UTC),
        accepted=datetime(2020, 5, 27, 2, 46, 46, tzinfo=UTC),
        end=datetime(2020, 5, 27, 2, 46, 46, tzinfo=UTC),
        end_code=1,
        end_status="abc",
        duration_s=60,
        ivr_s=5,
        hung_up_by="abc",
        user_data="abc",
        remark="abc",
        legs=(Leg(agent="abc", type="abc", sequence=0, queue_name="abc", end_status="abc"),),
    )
    second = replace(first, start=datetime(2020, 5, 27, 2, 47, 10, tzinfo=UTC), duration_s=62)
    assert RecordPage(records=(first, second), total=2) == decode_records(DESCRIBED)


def test_the_sample_in_the_table_is_the_same() -> None:
    """The page shows the list twice; the one in the table of output fields says the same."""
    listed = json.loads((SAMPLES / "cdr_describe_table_zh.json").read_text(encoding="utf-8"))
    assert decode_records(DESCRIBED) == decode_records({"TotalCount": 2, "TelCdrList": listed})


def test_the_sample_of_a_chinese_push() -> None:
    """An outbound call to a number that does not exist: nobody accepted it, and it never stood in a queue."""
    assert PUSH == decode_push((SAMPLES / "cdr_push_zh.json").read_bytes())


def test_the_sample_of_an_english_push_is_not_json() -> None:
    """As the page prints it the sample is refused, with the place of what is wrong in it."""
    with pytest.raises(Unexpected, match=r"not JSON: line 15, column 22: a comma before the closing bracket") as caught:
        decode_push((SAMPLES / "cdr_push_en.txt").read_bytes())
    assert "DescribeTelCdr" in caught.value.remedy


def test_the_sample_of_an_english_push_with_its_comma_mended() -> None:
    """Without the comma the English sample is the same call as the Chinese one."""
    printed = (SAMPLES / "cdr_push_en.txt").read_bytes()
    mended = printed.replace(b'"Outbound Consultant",\n]', b'"Outbound Consultant"\n]')
    assert len(printed) - 1 == len(mended)
    (leg,) = PUSH.legs
    english = replace(PUSH, queue_name="Outbound Consultant", legs=(replace(leg, queue_name="Outgoing Consultant"),))
    assert english == decode_push(mended)


# Spellings, null and 0


@pytest.mark.parametrize(
    ("row", "user_data", "remark"),
    [
        ({"UUI": "u", "Remark": "r"}, "u", "r"),
        ({"Uui": "u", "UserRemark": "r"}, "u", "r"),
        ({"UUI": "u", "Uui": None, "Remark": "r", "UserRemark": ""}, "u", "r"),
        ({"UUI": None, "Uui": "u", "Remark": "", "UserRemark": "r"}, "u", "r"),
        ({}, "", ""),
    ],
)
def test_both_spellings(row: Mapping[str, Any], user_data: str, remark: str) -> None:
    """A field that the push spells in another way than DescribeTelCdr is one field."""
    record = push({"SessionId": "s", **row})
    assert (user_data, remark) == (record.user_data, record.remark)


@pytest.mark.parametrize(
    "lists",
    [
        {"TelCdrList": calls(0, 2)},
        {"TelCdrs": calls(0, 2)},
        {"TelCdrs": None, "TelCdrList": calls(0, 2)},
        {"TelCdrs": calls(0, 2), "TelCdrList": []},
    ],
)
def test_both_names_of_the_list(lists: Mapping[str, Any]) -> None:
    """TelCdrs is the retired name of TelCdrList; whichever holds something is the list."""
    found = decode_records({"TotalCount": 2, **lists})
    assert ["s0", "s1"] == [record.session_id for record in found.records]


@pytest.mark.parametrize("rows", [None, []])
def test_no_calls(rows: Any) -> None:
    """Null is how this vendor writes an empty list."""
    assert RecordPage(records=(), total=0) == decode_records({"TotalCount": 0, "TelCdrList": rows})


def places(value: Any) -> list[tuple[Any, Any]]:
    """List every field in *value*, however deep: what holds it, and its key there."""
    found = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((value, key))
        if isinstance(inner, dict | list):
            found += places(inner)
    return found


@pytest.mark.parametrize("sample", [PUSHED, DESCRIBED["TelCdrList"][0]], ids=["push", "describe"])
@pytest.mark.parametrize("gone", [False, True], ids=["null", "absent"])
def test_any_field_may_be_null_or_absent(sample: Mapping[str, Any], *, gone: bool) -> None:
    """The pages say of nearly every field that it may be null: no single one of them makes a record unreadable."""
    for number, (holder, _) in enumerate(places(sample)):
        if isinstance(holder, list):
            continue
        changed = copy.deepcopy(sample)
        inner, key = places(changed)[number]
        if gone:
            del inner[key]
        else:
            inner[key] = None
        assert isinstance(push(changed), CallRecord), key


def test_all_that_is_not_told_is_empty() -> None:
    """A record with nothing but its session: no time, no code, no duration is made up."""
    row = dict.fromkeys([*PUSHED, *DESCRIBED["TelCdrList"][0]]) | {"SessionId": "s"}
    assert CallRecord(session_id="s") == push(row) == push({"SessionId": "s"})


def test_zero_is_a_time_that_never_came_but_a_status_of_its_own() -> None:
    """0 stands for an unset time and for no skill group; as EndStatus it is a system error, as a direction inbound."""
    row = {"StartTimestamp": 0, "RingTimestamp": 0, "QueuedSkillGroupId": 0, "EndStatus": 0, "Direction": 0}
    record = push({"SessionId": "s", **row})
    assert (None, None, "") == (record.start, record.ring, record.queue_id)
    assert (0, "error", Direction.IN) == (record.end_code, record.end_status, record.direction)


def test_time_stands_in_for_the_start() -> None:
    """`Time` is when the call was made: where there is no StartTimestamp, it is the start."""
    assert datetime(2020, 5, 27, 2, 46, 46, tzinfo=UTC) == push({"StartTimestamp": 0, "Time": 1590547606}).start


def test_numbers_as_text() -> None:
    """Other actions of this vendor write times as text; a number that is clear is read."""
    row = {"SessionId": "s", "StartTimestamp": "1590547606", "Duration": 60.0, "Direction": "1", "RingTimestamp": ""}
    assert push({**row, "QueuedSkillGroupId": "007"}) == CallRecord(
        session_id="s",
        start=datetime(2020, 5, 27, 2, 46, 46, tzinfo=UTC),
        duration_s=60,
        direction=Direction.OUT,
        direction_code=1,
        queue_id="7",
    )


def test_times_know_their_zone() -> None:
    """Every time is in UTC."""
    record = push(PUSHED)
    items: tuple[CallRecord | Leg, ...] = (record, *record.legs)
    times = [value for item in items for value in (item.start, item.ring, item.accepted, item.end)]
    assert {UTC} == {time.tzinfo for time in times if time is not None}


# Statuses, directions, durations


@pytest.mark.parametrize(("code", "word"), END_STATUS.items())
def test_a_status_says_the_same_twice(code: int, word: str) -> None:
    """EndStatus corresponds one-to-one with EndStatusString: one of them is enough."""
    for row in ({"EndStatus": code}, {"EndStatusString": word}, {"EndStatus": code, "EndStatusString": word}):
        record = push({"SessionId": "s", **row})
        assert (code, word) == (record.end_code, record.end_status)


@pytest.mark.parametrize(
    ("row", "code", "word"),
    [
        ({"EndStatus": 999}, 999, ""),
        ({"EndStatusString": "robotTired"}, None, "robotTired"),
        ({"EndStatus": 999, "EndStatusString": "robotTired"}, 999, "robotTired"),
        ({"EndStatus": 1, "EndStatusString": "fine"}, 1, "fine"),
    ],
)
def test_a_status_that_nobody_knew_is_kept(row: Mapping[str, Any], code: int | None, word: str) -> None:
    """The set grows: a new code or word is kept as it is, and the other one is not made up."""
    record = push({"SessionId": "s", **row})
    assert (code, word) == (record.end_code, record.end_status)


@pytest.mark.parametrize(
    ("value", "direction"), [(0, Direction.IN), (1, Direction.OUT), (6, Direction.UNKNOWN), (None, Direction.UNKNOWN)]
)
def test_directions(value: int | None, direction: Direction) -> None:
    """0 is in and 1 is out; another one is kept as a number."""
    record = push({"SessionId": "s", "Direction": value})
    assert (direction, value) == (record.direction, record.direction_code)


@pytest.mark.parametrize(
    ("row", "duration_s", "ivr_s"),
    [
        ({"Duration": 7, "AcceptTimestamp": 100, "EndedTimestamp": 160}, 7, None),
        ({"AcceptTimestamp": 100, "EndedTimestamp": 160}, 60, None),
        ({"AcceptTimestamp": 0, "EndedTimestamp": 160}, None, None),
        ({"AcceptTimestamp": 170, "EndedTimestamp": 160}, None, None),
        ({"StartTimestamp": 100, "QueuedTimestamp": 112}, None, 12),
        ({"StartTimestamp": 100, "QueuedTimestamp": 0, "IVRDuration": 0}, None, 0),
        ({"StartTimestamp": 100, "RingTimestamp": 120, "EndedTimestamp": 160}, None, None),
    ],
)
def test_durations(row: Mapping[str, Any], duration_s: int | None, ivr_s: int | None) -> None:
    """What is stated stands; else the difference that the push's page defines, where both times are there."""
    record = push({"SessionId": "s", **row})
    assert (duration_s, ivr_s) == (record.duration_s, record.ivr_s)


def test_the_queue_is_where_the_caller_waited() -> None:
    """The call's own SkillGroup is not the queue: a caller who gave up before is not counted for it."""
    row = {"SessionId": "s", "SkillGroupId": 7, "SkillGroup": "Sales", "QueuedSkillGroupId": 0}
    assert ("", "") == (push(row).queue_id, push(row).queue_name)


# Personal data


def test_personal_data_is_in_no_repr() -> None:
    """Numbers, addresses, remarks and what the caller's system gave along are not in a record's `repr`."""
    shown = repr(push(PUSHED))
    for value in ("zhangsan", "0086400xxx6666", "0086184xxxx7605", "7605", "'abc'"):
        assert value not in shown
    assert "numberNotExist" in shown


def test_personal_data_is_in_no_error() -> None:
    """An error names the session and the field, never what stands in a text."""
    row = {"SessionId": "s-1", "StartTimestamp": "0086184xxxx7605", "Callee": "0086184xxxx7605"}
    with pytest.raises(Unexpected) as caught:
        push(row)
    assert "CDR push: it can't be used: session 's-1': StartTimestamp is a text, not a whole number" == str(
        caught.value
    )
    assert "7605" not in repr(caught.value.__dict__)


# What has to be refused


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ({"SessionId": ["s"]}, "(no session): SessionId is a list, not a text"),
        ({"SessionId": True}, "SessionId is a boolean, not a text"),
        ({"StartTimestamp": -1}, "StartTimestamp is -1, not a time in Unix seconds"),
        ({"StartTimestamp": 1677140068000}, "StartTimestamp is 1677140068000, not a time in Unix seconds"),
        ({"StartTimestamp": 10**30}, "StartTimestamp is a number, not a whole number of 64 bits"),
        ({"StartTimestamp": "9" * 5000}, "StartTimestamp is a text, not a whole number"),
        ({"StartTimestamp": 1.5}, "StartTimestamp is a number, not a whole number"),
        ({"StartTimestamp": True}, "StartTimestamp is a boolean, not a whole number"),
        ({"Duration": -5}, "Duration is -5 seconds"),
        ({"EndStatus": "ok"}, "EndStatus is a text, not a whole number"),
        ({"EndStatusString": {}}, "EndStatusString is an object, not a text"),
        ({"SeatUser": "zhangsan@tencent.com"}, "SeatUser is a text, not an object"),
        ({"SeatUser": {"Mail": []}}, "SeatUser: Mail is a list, not a text"),
        ({"ServeParticipants": {}}, "ServeParticipants is an object, not a list"),
        ({"ServeParticipants": [None]}, "ServeParticipants[0] is null, not an object"),
        (
            {"ServeParticipants": [{}, {"Sequence": "x"}]},
            "ServeParticipants[1]: Sequence is a text, not a whole number",
        ),
    ],
)
def test_a_record_that_can_t_be_read_is_refused(field: Mapping[str, Any], what: str) -> None:
    """It is never skipped: the error says which record it is, which field, and what to do."""
    with pytest.raises(Unexpected) as caught:
        decode_records(page(*calls(0, 2), {"SessionId": "s2", **field}))
    assert str(caught.value).startswith("DescribeTelCdr: the answer can't be used: page 0, record 2 (")
    assert str(caught.value).endswith(what)
    assert caught.value.remedy
    assert ("DescribeTelCdr", "r-1") == (caught.value.call, caught.value.request_id)


@pytest.mark.parametrize("row", [{}, {"StartTimestamp": 0, "SessionId": ""}, {"Duration": 5}])
def test_a_record_of_nothing_is_refused(row: Mapping[str, Any]) -> None:
    """Without a session and a start it is no evidence of any call; a push of another kind is none either."""
    with pytest.raises(Unexpected, match="neither a SessionId nor a StartTimestamp"):
        push(row)


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        ({}, "no TelCdrList"),
        ({"TotalCount": 0}, "no TelCdrList"),
        ({"TelCdrList": []}, "TotalCount"),
        ({"TelCdrList": [], "TotalCount": None}, "TotalCount"),
        ({"TelCdrList": [], "TotalCount": -1}, "TotalCount"),
        ({"TelCdrList": [], "TotalCount": [1]}, "TotalCount"),
        ({"TelCdrList": {}, "TotalCount": 1}, "TelCdrList is an object, not a list"),
        ({"TelCdrList": [None], "TotalCount": 1}, r"TelCdrList\[0\] is null"),
    ],
)
def test_an_answer_that_can_t_be_used_is_refused(payload: Mapping[str, Any], what: str) -> None:
    """An answer without its list or its total is no empty tenant."""
    with pytest.raises(Unexpected, match=what):
        decode_records(payload)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "not JSON: line 1, column 1"),
        (b"[]", "a list, not an object"),
        (b"null", "null, not an object"),
        (b'{"SessionId": "s",}', "line 1, column 18: a comma before the closing bracket"),
        (b",]", "line 1, column 1: a comma before"),
        (b'{"SessionId" "s"}', "not JSON: line 1, column 14"),
        (b'{"SessionId": "\xff"}', "not UTF-8, from byte 15"),
        (b'{"Duration": NaN}', "NaN is no number"),
        (b'{"Duration": ' + b"9" * 5000 + b"}", "too long a number"),
        (b'{"Uui": ' + b"[" * 200_000, "nested too deeply"),
    ],
)
def test_a_push_that_is_no_json_object_is_refused(body: bytes, what: str) -> None:
    """Whatever arrives at the address of a push is read, or refused in words."""
    with pytest.raises(Unexpected, match=what):
        decode_push(body)


def test_half_a_surrogate_pair_does_no_harm() -> None:
    """Legal JSON that is no legal text becomes something that can be shown, in the record and in an error."""
    assert push({"SessionId": "a\ud800b"}).session_id == "a?b"
    with pytest.raises(Unexpected) as caught:
        push({"SessionId": "a\ud800b\x1b[2J", "Duration": -1})
    assert str(caught.value).encode().isascii()
    assert str(caught.value).isprintable()


# Windows and pages


def vendor(*lists: Sequence[Mapping[str, Any]]) -> tuple[Callable[[Call], Reply], list[Call]]:
    """Answer as the vendor would; each time page 0 is asked for, the next of *lists* holds, and the last one stays."""
    asked: list[Call] = []
    left = list(lists)

    def answer(call: Call) -> Reply:
        asked.append(call)
        assert call.body is not None
        number = call.body["PageNumber"]
        if number == 0 and len([item for item in asked if item.body and item.body["PageNumber"] == 0]) > 1 < len(left):
            left.pop(0)
        return Reply(payload=page(*left[0][number * 100 : number * 100 + 100], total=len(left[0])))

    return answer, asked


def test_pages_from_zero_to_the_total() -> None:
    """Pages count from 0 and hold 100; the calls are reads, in the vendor's words, without the instance."""
    answer, asked = vendor(calls(0, 250))
    found = run(read_records(START, END), answer)
    assert [f"s{number}" for number in range(250)] == [record.session_id for record in found]
    window = {"StartTimeStamp": 1772323200, "EndTimeStamp": 1772409600, "PageSize": 100}
    assert [{**window, "PageNumber": number} for number in range(3)] == [call.body for call in asked]
    assert {("POST", "/", "DescribeTelCdr", True)} == {(c.method, c.path, c.action, c.read_only) for c in asked}


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (2_500, 25)])
def test_no_page_more_than_needed(count: int, pages: int) -> None:
    """A full last page is the last."""
    answer, asked = vendor(calls(0, count))
    assert count == len(run(read_records(START, END), answer))
    assert pages == len(asked)


def test_a_list_that_grew_is_read_again() -> None:
    """A call that ends while pages are read moves the total, and shifts the pages: all of it is read again."""
    answer, asked = vendor(calls(0, 150), calls(0, 151))

    def grown(call: Call) -> Reply:
        assert call.body is not None
        reply = answer(call)
        if len(asked) == 2:  # page 1 of the first reading: it starts with what page 0 ended with
            return Reply(payload=page(*calls(99, 150), total=151))
        return reply

    found = run(read_records(START, END), grown)
    assert [f"s{number}" for number in range(151)] == [record.session_id for record in found]
    assert 4 == len(asked)


def test_a_call_that_stands_there_twice_hides_another() -> None:
    """With a repeat and the right total, some other call was not shown: all of it is read again."""
    shifted = [*calls(0, 100), *calls(99, 149)]
    answer, asked = vendor(shifted, calls(0, 150))
    found = run(read_records(START, END), answer)
    assert 150 == len({record.session_id for record in found}) == len(found)
    assert 4 == len(asked)


def test_a_repeat_that_stays_is_the_vendor_s() -> None:
    """Where the same list comes again, repeats and all, each call is taken once."""
    answer, _ = vendor([*calls(0, 3), *calls(1, 2)])
    assert ["s0", "s1", "s2"] == [record.session_id for record in run(read_records(START, END), answer)]


def test_two_records_of_one_session_that_differ_both_stand() -> None:
    """As in the page's own example: what differs is no repeat, and nobody can say which one is right."""
    found = run(read_records(START, END), lambda _: Reply(payload=DESCRIBED))
    assert decode_records(DESCRIBED).records == found


def test_records_without_a_session_are_no_repeats() -> None:
    """The page allows null for SessionId: two calls in the same second are two."""
    row = {"SessionId": None, "StartTimestamp": 1772323200}
    assert 2 == len(run(read_records(START, END), lambda _: Reply(payload=page(row, row))))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda number: page(*calls(0, 100), total=150 + number), id="the total moves each time"),
        pytest.param(lambda _: page(*calls(0, 50), total=150), id="a page is short"),
        pytest.param(lambda _: page(total=150), id="a page is empty"),
        pytest.param(lambda _: page(*calls(0, 101), total=101), id="a page is too long"),
        pytest.param(lambda _: page(*calls(0, 2), total=1), id="more than the total"),
        pytest.param(lambda _: page(*calls(0, 100), total=10**30), id="a total that can't be"),
    ],
)
def test_half_a_list_is_never_taken_for_the_whole(answer: Callable[[int], dict[str, Any]]) -> None:
    """A list that does not fit together however often it is read ends in an error, not in fewer calls."""
    asked: list[Call] = []

    def send(call: Call) -> Reply:
        asked.append(call)
        return Reply(payload=answer(len(asked)))

    with pytest.raises((Contradiction, Unexpected)) as caught:
        run(read_records(START, END), send)
    assert caught.value.remedy
    assert len(asked) < 200


def test_an_error_names_its_page() -> None:
    """On whatever page a record can't be read, its place is told."""
    rows = calls(0, 150)
    rows[120]["Duration"] = "long"
    answer, _ = vendor(rows)
    with pytest.raises(Unexpected, match=r"page 1, record 20 \(session 's120'\): Duration is a text"):
        run(read_records(START, END), answer)


@pytest.mark.parametrize(
    ("start", "end", "what"),
    [
        (END, START, "ends before it has begun"),
        (START, START, "ends before it has begun"),
        (START, START + timedelta(days=90), "less than 90 days"),
        (START, START + timedelta(days=90, seconds=-1, milliseconds=1), "less than 90 days"),
        (START.replace(tzinfo=None), END, "no timezone"),
        (START, END.replace(tzinfo=None), "no timezone"),
    ],
)
def test_windows_that_the_vendor_does_not_take(start: datetime, end: datetime, what: str) -> None:
    """Refused at once, before anything is asked."""
    with pytest.raises(Refused, match=what) as caught:
        read_records(start, end)
    assert caught.value.remedy


def test_windows_in_whole_seconds() -> None:
    """Times of any zone will do, and fractions of a second widen the window; the longest is a second below 90 days."""
    answer, asked = vendor([])
    east = timezone(timedelta(hours=8))
    run(read_records(datetime(2026, 3, 1, 8, 0, 0, 500, tzinfo=east), END - timedelta(milliseconds=1)), answer)
    run(read_records(START, START + timedelta(days=90, seconds=-1)), answer)
    bodies = [call.body for call in asked if call.body is not None]
    assert [(1772323200, 1772409600), (1772323200, 1772323200 + 90 * 86400 - 1)] == [
        (body["StartTimeStamp"], body["EndTimeStamp"]) for body in bodies
    ]


# Laws

JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**20) | st.floats() | st.text("a9.\u0000é", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)
FIELDS: Final = sorted({*PUSHED, *DESCRIBED["TelCdrList"][0], *PUSHED["ServeParticipants"][0], "Mail", "Time"})
ROWS: Final = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8)
ANSWERS: Final = st.fixed_dictionaries(
    {},
    optional={
        "TotalCount": JSON,
        "TelCdrList": JSON | st.lists(ROWS, max_size=3),
        "TelCdrs": JSON | st.lists(ROWS, max_size=3),
        "RequestId": JSON,
    },
)


@given(payload=ANSWERS | st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_any_answer_is_read_or_refused(payload: Mapping[str, Any]) -> None:
    """Any JSON object in: as many records out as it lists, or an error in words."""
    try:
        found = decode_records(payload)
    except Unexpected as error:
        refused = error
    else:
        assert len(found.records) == len(payload.get("TelCdrList") or payload.get("TelCdrs") or ())
        return
    assert refused.remedy


@given(row=ROWS | st.dictionaries(st.text(max_size=5), JSON, max_size=3), value=JSON, at=st.integers(0, 200))
def test_any_push_is_read_or_refused(row: Mapping[str, Any], value: Any, at: int) -> None:
    """Any JSON object in, or the sample with anything in any one place: a record, or an error in words."""
    changed = copy.deepcopy(PUSHED)
    all_places = places(changed)
    holder, key = all_places[at % len(all_places)]
    holder[key] = value
    for body in (row, changed):
        try:
            record = push(body)
        except Unexpected as error:
            refused = error
        else:
            assert isinstance(record.session_id, str)
            continue
        assert refused.remedy


@given(body=st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever arrives, it ends in a record or in words."""
    try:
        decode_push(body)
    except Unexpected as error:
        refused = error
    else:
        return
    assert refused.remedy


@given(answers=st.lists(ANSWERS, min_size=1, max_size=4))
def test_any_answers_end_a_reading(answers: list[dict[str, Any]]) -> None:
    """A reading comes to an end whatever it is sent, and never in a traceback."""
    asked: list[Call] = []

    def send(call: Call) -> Reply:
        asked.append(call)
        return Reply(payload=answers[len(asked) % len(answers)])

    try:
        run(read_records(START, END), send)
    except (Unexpected, Contradiction) as error:
        refused = error
    else:
        return
    assert refused.remedy
