"""What `--target` takes along: what legality needs, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import diff
from reconciler.model.live import Live
from reconciler.model.plan import Plan
from reconciler.plan import plan
from reconciler.plan.rehearse import rehearse
from reconciler.providers.udesk import PROVIDER
from tests.laws.udesk.tenants import Tenant, desired_of, live_of
from tests.laws.udesk.vendor import cases
from tests.laws.vendor import Case

LIVE: Final[Tenant] = {
    "queues": {"9001": {"name": "Orders"}, "9002": {"name": "Returns"}},
    "agents": {
        "11": {"work_id": "w1", "queues": ["9001"], "extensions": ["8001"]},
        "12": {"work_id": "w2", "queues": ["9001", "9002"], "extensions": ["8002"]},
        "13": {"work_id": "w3", "queues": ["9002"], "extensions": ["8003"]},
    },
    "fast_routers": {"1": {"queue": "9001", "description": "a"}, "2": {"queue": "9002", "description": "b"}},
    "voice_files": {"a.wav": {"digest": "0" * 16}, "b.wav": {"digest": "0" * 16}},
    "default_voices": {"welcome": {"wav": "a.wav"}, "hold": {"wav": "b.wav"}, "waiting": {"tts": "x"}},
}
WISH: Final[Tenant] = {
    "queues": {"9001": {"name": "Orders!"}, "9003": {"name": "Repairs"}, "9004": {"name": "Sales"}},
    "agents": {
        "11": {"queues": ["9001", "9003"], "extensions": ["8002"]},
        "12": {"queues": ["9001"], "extensions": ["8001"]},
        "13": {"queues": ["9004"], "extensions": ["8003"]},
        "14": {"work_id": "w4", "queues": ["9003"], "extensions": ["8009"]},
    },
    "fast_routers": {"1": {"queue": "9001", "description": "A"}, "2": {"queue": "9004"}, "3": {"queue": "9003"}},
    "voice_files": {},
    "default_voices": {"welcome": {}, "hold": {}, "waiting": {"tts": "y"}},
}


def planned(live: Tenant, wish: Tenant, targets: tuple[str, ...], **rest: Any) -> Plan:
    """Plan from plain data; queues, files and extensions that the wish does not name go."""
    desired = desired_of(wish, **{"prune": ("queues", "voice_files"), **rest})
    found = Live(live_of(live).sections)
    made = plan(diff(desired, found, PROVIDER.kinds), desired, found, PROVIDER, targets=targets)
    if not made.refusals:
        rehearse(made, desired, found, PROVIDER, check=lambda a, b: diff(a, b, PROVIDER.kinds).changes)
    return made


@pytest.mark.parametrize(
    ("targets", "also"),
    [
        (("queues/9001",), ()),
        (("queues/9003",), ()),
        (("queues/9002",), ("agents/12", "agents/13", "fast_routers/2", "queues/9004", "agents/11")),
        (("agents/11",), ("agents/12", "queues/9003")),
        (("agents/13",), ("queues/9004",)),
        (("agents/14",), ("queues/9003", "extensions/8009")),
        (("extensions/8009",), ()),
        (("fast_routers/1",), ()),
        (("fast_routers/2",), ("queues/9004",)),
        (("fast_routers/3",), ("queues/9003",)),
        (("fast_routers/1", "fast_routers/3"), ("queues/9003",)),
        (("voice_files/a.wav",), ("default_voices/welcome",)),
        (("default_voices/waiting",), ()),
        (("default_voices/hold", "queues/9003"), ()),
    ],
)
def test_only_what_legality_needs_comes_along(targets: tuple[str, ...], also: tuple[str, ...]) -> None:
    """The queue that a key names, the keys and agents that hold a queue that goes; not what one call also writes."""
    made = planned(LIVE, WISH, targets)
    assert () == made.refusals
    # Agents 11 and 12 swap telephones, so one never comes without the other, and what they join comes with them.
    swapped = {"agents/11", "agents/12", "queues/9003"} if {"agents/11", "agents/12"} & {*targets, *also} else set()
    assert {*targets, *also} | swapped == {change.address for change in made.changes}
    told = " ".join(made.notes)
    assert all(address in told for address in {*also} | swapped - {*targets})
    assert "left out by --target" in told


def test_what_is_left_out_keeps_its_live_values() -> None:
    """One call writes the whole key table, and one all prompts: the others go along as they are."""
    (call,) = planned(LIVE, WISH, ("fast_routers/1",)).calls
    assert {
        "FastRouter": [
            {"Dtmf": "1", "Desc": "A", "QueueId": "9001"},
            {"Dtmf": "2", "Desc": "b", "QueueId": "9002"},
        ]
    } == call.body
    (call,) = planned(LIVE, WISH, ("default_voices/waiting",)).calls
    assert call.body is not None
    (voices,) = call.body["DefVoices"]
    assert {"Type": "wav", "Content": "a.wav"} == voices["Welcome"]
    assert {"Type": "tts", "Content": "y"} == voices["Waiting"]


def test_a_queue_without_a_place_takes_one_along() -> None:
    """With 100 of 100 queues a new one needs one that goes, and whoever holds that one."""
    fillers: Mapping[str, Any] = {str(9100 + number): {"name": "x"} for number in range(98)}
    live = {**LIVE, "queues": {**LIVE["queues"], **fillers}}
    wish: Tenant = {
        "queues": {"9001": {}, "9003": {"name": "Repairs"}},
        "agents": {"11": {"name": "x"}, "12": {"queues": ["9001"]}, "13": {"queues": ["9001"]}},
        "fast_routers": {"1": {"queue": "9001", "description": "A"}},
    }
    made = planned(live, wish, ("queues/9003",), prune=("queues",), manage={"queues": {"ignore": ["91*"]}})
    assert () == made.refusals
    assert {"queues/9002", "queues/9003", "agents/12", "agents/13", "fast_routers/2"} == {
        change.address for change in made.changes
    }


def test_what_is_left_out_does_not_stand_in_the_way() -> None:
    """A refusal about something else is for another plan; one about what is named stays."""
    live: Tenant = {"queues": {"9001": {"name": "a"}, "9002": {"name": "b"}}, "agents": {"11": {"queues": ["9002"]}}}
    wish: Tenant = {"queues": {"9001": {"name": "A"}}}
    assert () == planned(live, wish, ("queues/9001",)).refusals
    assert ["still-named"] == [refusal.rule for refusal in planned(live, wish, ("queues/9002",)).refusals]
    assert ["still-named"] == [refusal.rule for refusal in planned(live, wish, ()).refusals]
    auto: Tenant = {"queues": {"9001": {"name": "A"}}, "agents": {"11": {"auto_extension": True}}}
    for targets, rules in ((("queues/9001",), []), (("agents/11",), ["auto-extension"])):
        assert rules == [refusal.rule for refusal in planned(live, auto, targets, prune=()).refusals]


@given(case=cases(), chance=st.data())
def test_what_is_kept_works_by_itself(case: Case, chance: st.DataObject) -> None:
    """Any part of any plan: it is legal, arrives, and leaves alone what was left out; naming all is the whole plan."""
    found = diff(case.desired, case.live, PROVIDER.kinds)
    whole = plan(found, case.desired, case.live, PROVIDER)
    if whole.refusals or not whole.changes:
        return
    addresses = [change.address for change in whole.changes]
    targets = tuple(chance.draw(st.lists(st.sampled_from(addresses), min_size=1, max_size=3, unique=True)))
    made = plan(found, case.desired, case.live, PROVIDER, targets=targets)
    assert () == made.refusals
    kept = {change.address for change in made.changes}
    assert {*targets} <= kept <= {*addresses}
    rehearse(made, case.desired, case.live, PROVIDER, check=lambda a, b: diff(a, b, PROVIDER.kinds).changes)
    assert made.calls == plan(found, case.desired, case.live, PROVIDER, targets=tuple(sorted(kept))).calls
    assert whole.calls == plan(found, case.desired, case.live, PROVIDER, targets=tuple(addresses)).calls
