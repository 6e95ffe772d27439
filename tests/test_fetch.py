"""Reading the tenant: side by side, all or nothing, and never what can't be true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import pytest

from reconciler.diff import needed_sections
from reconciler.fetch import fetch
from reconciler.model.call import Call, Reply
from reconciler.model.errors import (
    Contradiction,
    RateLimited,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unreachable,
    Unsupported,
)
from reconciler.model.live import Live, Memory
from reconciler.providers.udesk import PROVIDER
from tests.laws.udesk.tenants import desired_of, live_of
from tests.laws.udesk.vendor import READINGS, Spoken

QUEUES: Final = {"9001": {"name": "Sales"}, "9002": {"name": "Support"}}
AGENT: Final = {"11": {"work_id": "w", "extensions": ["8001"], "queues": ["9001"]}}


class Direct:
    """A client that asks a function; it counts what is in flight."""

    def __init__(self, answer: Callable[[Call], Reply]) -> None:
        self.answer = answer
        self.sent: list[Call] = []
        self.flying = 0
        self.most = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send(self, call: Call) -> Reply:
        """Answer, after others had a turn."""
        self.sent.append(call)
        self.flying += 1
        self.most = max(self.most, self.flying)
        await asyncio.sleep(0)
        self.flying -= 1
        return self.answer(call)


def vendor(tenant: Mapping[str, Any]) -> Spoken:
    """Make a vendor that has *tenant*."""
    return Spoken(live_of(tenant).as_json(), READINGS["default"])


def read(client: Direct, memory: Memory | None = None, **rest: Any) -> Live:
    """Fetch through *client*."""
    return asyncio.run(fetch(PROVIDER, client, memory or Memory(), **rest))


def spoiled(tenant: Mapping[str, Any], spoil: Callable[[Call, Reply], Reply]) -> Direct:
    """Make a client whose answers pass through *spoil*."""
    there = vendor(tenant)
    return Direct(lambda call: spoil(call, there.answer(call)))


def with_result(api: str, result: Any) -> Callable[[Call, Reply], Reply]:
    """Make a spoiler that replaces the Result of one read."""
    return lambda call, reply: (
        Reply(payload={"ErrCode": "000000", "Result": result}) if call.path.endswith(api) else reply
    )


def test_all_of_it_is_read_side_by_side() -> None:
    """Every section, in the kinds' order, with the reads in flight together."""
    client = Direct(vendor({"queues": QUEUES, "agents": AGENT}).answer)
    live = read(client)
    assert [name for name in PROVIDER.kinds if name != "webhook_events"] == list(live.sections)
    assert (QUEUES.keys(), ["11"], ["8001"]) == (
        live.of("queues").keys(), [*live.of("agents")], [*live.of("extensions")],
    )  # fmt: skip
    assert client.most > 3


def test_only_what_is_asked_for_is_read() -> None:
    """A section that was not read is absent, which is not the same as empty."""
    client = Direct(vendor({"queues": QUEUES}).answer)
    live = read(client, sections=["queues", "webhook_events"])
    assert ["queues"] == list(live.sections)
    assert ["GET /ccapi/v2/queues"] == [call.title for call in client.sent]


@pytest.mark.parametrize(
    ("managed", "wanted"),
    [
        ((), set()),
        (("application",), {"application", "relay_numbers"}),
        (("default_number",), {"default_number", "relay_numbers"}),
        (("queues",), {"queues", "agents", "fast_routers", "relay_numbers"}),
        (("voice_files",), {"voice_files", "default_voices", "relay_numbers"}),
        (("extensions",), {"extensions", "agents", "relay_numbers"}),
        (("agents",), {"agents", "queues", "extensions", "fast_routers", "relay_numbers"}),
    ],
)
def test_what_is_managed_is_read_with_what_is_tied_to_it(managed: tuple[str, ...], wanted: set[str]) -> None:
    """What it names, who names it, since a deletion is legal only when nobody does, and what leads to who answers."""
    desired = desired_of({name: {} for name in managed}, prune=())
    assert wanted == needed_sections(desired, PROVIDER.kinds)


def test_what_only_we_know_is_added() -> None:
    """Spares and webhook events come from the store; without it they are not there."""
    there = vendor({"queues": QUEUES, "agents": AGENT})
    memory = Memory({"extensions": {"8009": {}}, "webhook_events": {"": {"call": ["end"]}}})
    live = read(Direct(there.answer), memory)
    assert ["8001", "8009"] == sorted(live.of("extensions"))
    assert ("end",) == live.of("webhook_events")[""].call


def lacking(*apis: str) -> Direct:
    """Make a client of a vendor whose edition lacks some reads."""
    there = vendor({"queues": QUEUES, "agents": AGENT})

    def answer(call: Call) -> Reply:
        if call.path.rpartition("/")[2] in apis:
            raise Unsupported(f"no {call.path}", code="NoSuch", text="", call=call.title)
        return there.answer(call)

    return Direct(answer)


def test_what_the_edition_does_not_show_and_can_be_spared_is_absent() -> None:
    """It is not taken for empty, nor what is made of it; all else is read."""
    live = read(lacking("agents"), sections=["queues", "agents", "extensions"], spared=["agents", "extensions"])
    assert ["queues"] == list(live.sections)


def test_what_can_t_be_spared_ends_the_run() -> None:
    """With what to do about that section."""
    with pytest.raises(Unsupported, match="queues") as caught:
        read(lacking("agents", "queues"), spared=["agents"])
    assert "does not show queues" in caught.value.remedy


def test_who_shows_nothing_at_all_has_no_empty_tenant() -> None:
    """Then it is not about a section."""
    with pytest.raises(Unsupported):
        read(lacking("agents", "queues"), sections=["agents", "queues"], spared=["agents", "queues"])


def test_an_answer_that_can_t_be_used_is_named_as_the_vendor_does() -> None:
    """By its request id, with the error that says what is wrong with it."""
    answer = Reply(payload={"ErrCode": "000000", "Result": [{"QueueID": "9001", "Timeout": "soon"}]}, request_id="r-7")
    with pytest.raises(Unexpected) as caught:
        read(Direct(lambda _: answer), sections=["queues"])
    assert "r-7" == caught.value.request_id


@pytest.mark.parametrize(
    ("api", "row"),
    [
        ("queues", {"QueueID": "9001", "Name": "Sales"}),
        ("ivrs/fastrouters", {"Dtmf": "1", "Desc": "", "QueueId": "9001"}),
        ("ivrs/vfiles", {"FileName": "a.wav"}),
    ],
)
def test_one_object_twice_is_a_contradiction(api: str, row: Mapping[str, Any]) -> None:
    """Nobody could say which of both is true."""
    with pytest.raises(Contradiction, match="twice") as caught:
        read(spoiled({"queues": QUEUES}, with_result(api, [row, row])))
    assert caught.value.remedy


def test_one_agent_on_two_pages_is_a_contradiction() -> None:
    """A list that moved while it was read; the other agent would be missing."""
    page = {
        "CurrPage": 1,
        "PageSize": 2,
        "Total": 2,
        "TotalPage": 1,
        "AgentList": [{"AgentId": "11", "Queues": None, "Extensions": None}] * 2,
    }
    with pytest.raises(Contradiction, match="agent 11 twice"):
        read(spoiled({}, with_result("agents", page)))


def test_an_agent_s_queue_that_the_list_lacks_is_a_contradiction() -> None:
    """A queue with agents can't be deleted ("Delete Queue"), so the list of queues was cut short."""
    with pytest.raises(Contradiction, match="9001"):
        read(spoiled({"queues": QUEUES, "agents": AGENT}, with_result("queues", None)))


def test_keys_without_any_queue_are_a_contradiction() -> None:
    """A key table that leads nowhere, beside an empty list."""
    tenant = {"queues": QUEUES, "fast_routers": {"1": {"queue": "9001", "description": ""}}}
    with pytest.raises(Contradiction, match="key table"):
        read(spoiled(tenant, with_result("queues", [])))


def test_of_several_failures_the_most_telling_is_shown() -> None:
    """Wrong credentials rather than the unreadable answer that came with them."""
    errors = {
        "apps": Unexpected("a", remedy="r"),
        "queues": Unauthorized("b", remedy="r"),
        "agents": Unreachable("c", remedy="r"),
    }

    def answer(call: Call) -> Reply:
        raise errors.get(call.path.rpartition("/")[2], RateLimited("d", remedy="r"))

    with pytest.raises(Unauthorized):
        read(Direct(answer))
    errors["queues"] = UnknownTenant("e", remedy="r")
    with pytest.raises(UnknownTenant):
        read(Direct(answer))


def test_a_defect_of_ours_is_not_hidden() -> None:
    """What is no error of the vendor's passes as it is."""

    def answer(_call: Call) -> Reply:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read(Direct(answer))


def test_a_field_that_can_t_be_read_names_its_section_and_a_remedy() -> None:
    """The decoder knows the field only."""
    rows = [{"QueueID": "9001", "Name": "Sales", "Timeout": "soon"}]
    with pytest.raises(Unexpected, match=r"queues.*Timeout is 'soon'") as caught:
        read(spoiled({}, with_result("queues", rows)))
    assert caught.value.remedy


def test_reading_agrees_with_what_is_there() -> None:
    """All fields come back as the vendor has them."""
    tenant = {
        "application": {"": {"name": "Acme", "callback_url": "https://a", "memo": "m", "type": "default"}},
        "relay_numbers": {"057126200670": {"is_default": True}},
        "queues": QUEUES,
        "agents": AGENT,
        "voice_files": {"a.wav": {"digest": "0" * 16, "description": "Hi"}},
        "default_voices": {"hold": {"wav": "a.wav"}},
        "fast_routers": {"1": {"queue": "9001", "description": "x"}},
        "subscriptions": {"s": {"callback": "https://a", "events": ["x"], "enabled": False, "number": "3"}},
    }
    there = vendor(tenant)
    state = {name: items for name, items in there.sections.items() if name != "webhook_events"}
    assert state == read(Direct(there.answer)).as_json()
