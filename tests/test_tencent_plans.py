"""Tencent's plans on small tenants: how few calls, in which order, and what waits for what, where it is easily lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from reconciler.model.plan import Plan
from reconciler.providers.tencent import PROVIDER
from tests.laws.planned import make
from tests.laws.tencent.tenants import desired_of, live_of

Waits = Mapping[str, set[str]]
NEW: Final = {"name": "X", "staff_number": "1"}  # needed to make somebody


def planned(live: Mapping[str, Any], wish: Mapping[str, Any], **rest: Any) -> Plan:
    """Plan from plain data, and rehearse; what the wish's sections do not name goes."""
    prune = tuple(name for name in ("queues", "agents", "extensions") if name in wish)
    return make(desired_of(wish, **{"prune": prune, **rest}), live_of(live), PROVIDER)


def waits(made: Plan) -> Waits:
    """Map what each call is for to what those that it needs are for."""
    assert () == made.refusals
    assert made.summary.minimum_calls == made.summary.calls
    why = {call.id: call.why for call in made.calls}
    assert len(why) == len({*why.values()})
    return {call.why: {why[need] for need in call.needs} for call in made.calls}


def test_a_first_build_waits_for_what_it_names() -> None:
    """Queues, then people, whose creation binds them but for priorities; then what names them."""
    live: Mapping[str, Any] = {"numbers": {"0085200000001": {}}}
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {"type": "phone"}, "Web": {"type": "online", "ring_all": True}},
        "agents": {
            "a@x.cn": {"name": "A", "staff_number": "1", "queues": ["Sales"]},
            "b@x.cn": {
                "name": "B",
                "staff_number": "1",
                "queues": ["Sales"],
                "priorities": {"Sales": 1},
                "mobile_call_out": True,
            },
        },
        "extensions": {"8001": {"name": "Desk", "queues": ["Sales"], "agent": "a@x.cn"}},
        "numbers": {"0085200000001": {"outbound_queues": ["Sales"]}},
    }
    expected: Waits = {
        "create queue Sales": set(),
        "create 2 agents": {"create queue Sales"},
        "B joins Sales": {"create 2 agents", "create queue Sales"},
        "create extension 8001": {"create 2 agents", "create queue Sales"},
        "Sales calls out with 0085200000001": {"create queue Sales"},
        "create queue Web": set(),
        "B: mobile_call_out true": {"create 2 agents"},
        "queue Web rings all at once": {"create queue Web"},
    }
    assert expected == waits(planned(live, wish))


def test_who_leaves_waits_for_who_joins() -> None:
    """Callers keep an answer: people and telephones alike, whether they move or are deleted."""
    live: Mapping[str, Any] = {
        "queues": {"Sales": {}, "Web": {}},
        "agents": {
            "a@x.cn": {"name": "A", "queues": ["Sales"]},
            "b@x.cn": {"name": "B", "queues": ["Sales"]},
            "c@x.cn": {"name": "C"},
            "d@x.cn": {"name": "D"},
        },
        "extensions": {"8001": {"queues": ["Sales"]}, "8002": {"queues": ["Sales"]}, "8003": {}},
    }
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {}, "Web": {}},
        "agents": {"a@x.cn": {"queues": ["Web"]}, "c@x.cn": {"queues": ["Sales"]}, "d@x.cn": {}},
        "extensions": {"8001": {"queues": []}, "8003": {"queues": ["Sales"]}},
    }
    expected: Waits = {
        "A joins Web": set(),
        "C joins Sales": set(),
        "extension 8003: queues +Sales": set(),
        "A leaves Sales": {"A joins Web", "C joins Sales", "extension 8003: queues +Sales"},
        "delete B": {"C joins Sales", "extension 8003: queues +Sales"},
        "extension 8001: queues -Sales": {"C joins Sales", "extension 8003: queues +Sales"},
        "delete extension 8002 (8002)": {"C joins Sales", "extension 8003: queues +Sales"},
    }
    assert expected == waits(planned(live, wish))


def test_a_new_agent_is_there_before_the_old_one_leaves() -> None:
    """The creation itself binds."""
    live: Mapping[str, Any] = {"queues": {"Sales": {}}, "agents": {"a@x.cn": {"name": "A", "queues": ["Sales"]}}}
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {}},
        "agents": {"a@x.cn": {"queues": []}, "b@x.cn": {"name": "B", "staff_number": "1", "queues": ["Sales"]}},
    }
    expected: Waits = {
        "create B": set(),
        "A leaves Sales": {"create B"},
    }
    assert expected == waits(planned(live, wish))


def test_a_new_telephone_rings_before_the_old_one_leaves() -> None:
    """So does that of a telephone."""
    live: Mapping[str, Any] = {
        "queues": {"Sales": {}},
        "extensions": {"8001": {"queues": ["Sales"]}},
        "agents": {"a@x.cn": {"name": "A", "queues": ["Sales"]}},
    }
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {}},
        "extensions": {"8001": {"queues": []}, "8002": {"name": "New", "queues": ["Sales"]}},
        "agents": {},
    }
    expected: Waits = {
        "create extension 8002": set(),
        "delete A": {"create extension 8002"},
        "extension 8001: queues -Sales": {"create extension 8002"},
    }
    assert expected == waits(planned(live, wish))


def test_a_queue_goes_when_nobody_has_to_do_with_it() -> None:
    """Nobody serves it, rings for it, calls out with it or forwards to it: the vendor may not delete it else."""
    live: Mapping[str, Any] = {
        "queues": {"Old": {}, "Sales": {}},
        "agents": {
            "a@x.cn": {"name": "A", "queues": ["Old"]},
            "b@x.cn": {"name": "B", "forwards_to": "queues/Old"},
            "c@x.cn": {"name": "C", "queues": ["Old"]},
        },
        "extensions": {"8001": {"queues": ["Old"]}, "8002": {"queues": ["Old"]}},
        "numbers": {"0085200000001": {"outbound_queues": ["Old"]}},
    }
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {}},
        "agents": {"a@x.cn": {"queues": []}},
        "extensions": {"8001": {"queues": []}},
        "numbers": {"0085200000001": {"outbound_queues": ["Sales"]}},
    }
    expected: Waits = {
        "Sales calls out with 0085200000001": set(),
        "A leaves Old": set(),
        "delete b@x.cn and c@x.cn": set(),
        "extension 8001: queues -Old": set(),
        "delete extension 8002 (8002)": set(),
        "Old calls out with 0085200000001 no more": {"Sales calls out with 0085200000001"},
        "delete queue Old": {
            "A leaves Old",
            "Old calls out with 0085200000001 no more",
            "delete b@x.cn and c@x.cn",
            "delete extension 8002 (8002)",
            "extension 8001: queues -Old",
        },
    }
    assert expected == waits(planned(live, wish))


def test_phone_numbers_are_let_go_before_they_are_given() -> None:
    """Numbers are unique; of a circle one is taken away for a moment."""
    live: Mapping[str, Any] = {
        "agents": {
            "a@x.cn": {"name": "A", "phone": "13800000001"},
            "b@x.cn": {"name": "B", "phone": "13800000002"},
            "c@x.cn": {"name": "C", "phone": "13800000003"},
            "d@x.cn": {"name": "D", "phone": "13800000004"},
        }
    }
    wish: Mapping[str, Any] = {
        "agents": {
            "a@x.cn": {"phone": "13800000002"},
            "b@x.cn": {"phone": "13800000001"},
            "c@x.cn": {"phone": "13800000004"},
            "e@x.cn": {"name": "E", "staff_number": "1", "phone": "13800000003"},
        }
    }
    expected: Waits = {
        "take the phone number from A for a moment": set(),
        "delete D": set(),
        "B: phone 13800000002 → 13800000001": {"take the phone number from A for a moment"},
        "A: phone 13800000001 → 13800000002": {
            "B: phone 13800000002 → 13800000001",
            "take the phone number from A for a moment",
        },
        "C: phone 13800000003 → 13800000004": {"delete D"},
        "create E": {"C: phone 13800000003 → 13800000004"},
    }
    assert expected == waits(planned(live, wish))


def test_names_are_let_go_before_they_are_given() -> None:
    """Names are unique; of a circle one is parked, and a creation names queues by what they are called then."""
    live: Mapping[str, Any] = {"queues": {"Day": {}, "Night": {}, "Holidays": {}}}
    wish: Mapping[str, Any] = {
        "queues": {
            "Day": {"renamed_from": "Night"},
            "Night": {"renamed_from": "Day"},
            "Weekend": {"renamed_from": "Holidays"},
        },
        "agents": {"a@x.cn": {"name": "A", "staff_number": "1", "queues": ["Weekend"]}},
    }
    expected: Waits = {
        "park the name Night: call the queue Night (1001) for a moment": set(),
        "Day: name Day → Night": {"park the name Night: call the queue Night (1001) for a moment"},
        "Night: name Night → Day": {
            "Day: name Day → Night",
            "park the name Night: call the queue Night (1001) for a moment",
        },
        "Holidays: name Holidays → Weekend": set(),
        "create A": {"Holidays: name Holidays → Weekend"},
    }
    assert expected == waits(planned(live, wish))


def test_a_chain_of_names_is_moved_from_its_end() -> None:
    """That takes no call more."""
    live: Mapping[str, Any] = {"queues": {"A": {}, "B": {}}}
    wish: Mapping[str, Any] = {"queues": {"B": {"renamed_from": "A"}, "C": {"renamed_from": "B"}}}
    expected: Waits = {
        "B: name B → C": set(),
        "A: name A → B": {"B: name B → C"},
    }
    assert expected == waits(planned(live, wish))


def test_in_a_full_queue_somebody_leaves_before_another_joins() -> None:
    """A queue that rings all at once takes two members."""
    live: Mapping[str, Any] = {
        "queues": {"Sales": {"ring_all": True}},
        "agents": {"a@x.cn": {"name": "A", "queues": ["Sales"]}, "b@x.cn": {"name": "B"}},
        "extensions": {"8001": {"queues": ["Sales"]}, "8002": {}},
    }
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {}},
        "agents": {"a@x.cn": {"queues": []}, "b@x.cn": {"queues": ["Sales"]}},
        "extensions": {"8001": {"queues": []}, "8002": {"queues": ["Sales"]}},
    }
    expected: Waits = {
        "A leaves Sales": set(),
        "extension 8002: queues +Sales": {"A leaves Sales"},
        "extension 8001: queues -Sales": {"extension 8002: queues +Sales"},
        "B joins Sales": {"extension 8001: queues -Sales"},
    }
    assert expected == waits(planned(live, wish))


def test_telephones_that_change_places_in_full_queues_leave_first() -> None:
    """One call moves a telephone, so that one of a round has to leave before it joins."""
    live: Mapping[str, Any] = {
        "queues": {"A": {"ring_all": True}, "B": {"ring_all": True}},
        "agents": {"a@x.cn": {"name": "X", "queues": ["A"]}, "b@x.cn": {"name": "Y", "queues": ["B"]}},
        "extensions": {"8001": {"queues": ["A"]}, "8002": {"queues": ["B"]}},
    }
    wish: Mapping[str, Any] = {"extensions": {"8001": {"queues": ["B"]}, "8002": {"queues": ["A"]}}}
    expected: Waits = {
        "extension 8001 leaves A": set(),
        "extension 8002: queues +A -B": {"extension 8001 leaves A"},
        "extension 8001: queues +B -A": {"extension 8001 leaves A", "extension 8002: queues +A -B"},
    }
    assert expected == waits(planned(live, wish))


def test_a_queue_stops_to_ring_all_before_a_third_joins() -> None:
    """Until then it takes two members."""
    live: Mapping[str, Any] = {
        "queues": {"Sales": {"ring_all": True}},
        "agents": {
            "a@x.cn": {"name": "A", "queues": ["Sales"]},
            "b@x.cn": {"name": "B", "queues": ["Sales"]},
            "c@x.cn": {"name": "C"},
        },
        "extensions": {"8001": {}},
    }
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {"ring_all": False}},
        "agents": {
            "a@x.cn": {},
            "b@x.cn": {},
            "c@x.cn": {"queues": ["Sales"]},
            "d@x.cn": {"name": "D", "staff_number": "1", "queues": ["Sales"]},
        },
        "extensions": {"8001": {"queues": ["Sales"]}, "8002": {"name": "New", "queues": ["Sales"]}},
    }
    expected: Waits = {
        "Sales: ring_all true → false": set(),
        "C joins Sales": {"Sales: ring_all true → false"},
        "create D": {"Sales: ring_all true → false"},
        "extension 8001: queues +Sales": {"Sales: ring_all true → false"},
        "create extension 8002": {"Sales: ring_all true → false"},
    }
    assert expected == waits(planned(live, wish))


def test_a_queue_starts_to_ring_all_when_enough_have_left() -> None:
    """From then on it takes two members."""
    live: Mapping[str, Any] = {
        "queues": {"Sales": {}},
        "agents": {
            "a@x.cn": {"name": "A", "queues": ["Sales"]},
            "b@x.cn": {"name": "B", "queues": ["Sales"]},
            "c@x.cn": {"name": "C", "queues": ["Sales"]},
        },
        "extensions": {"8001": {"queues": ["Sales"]}, "8002": {"queues": ["Sales"]}},
    }
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {"ring_all": True}},
        "agents": {"a@x.cn": {}, "b@x.cn": {"queues": []}},
        "extensions": {"8001": {"queues": []}, "8002": {}},
    }
    expected: Waits = {
        "B leaves Sales": set(),
        "delete C": set(),
        "extension 8001: queues -Sales": set(),
        "Sales: ring_all false → true": {"B leaves Sales", "delete C", "extension 8001: queues -Sales"},
    }
    assert expected == waits(planned(live, wish))


def test_a_person_goes_when_telephones_are_somebody_else_s() -> None:
    """A telephone lets go of a person before another one claims it, and before the person is deleted."""
    live: Mapping[str, Any] = {
        "agents": {"a@x.cn": {"name": "A"}, "b@x.cn": {"name": "B"}},
        "extensions": {"8001": {"agent": "a@x.cn"}, "8002": {"agent": "a@x.cn"}, "8003": {"agent": "b@x.cn"}},
    }
    wish: Mapping[str, Any] = {
        "agents": {"b@x.cn": {}},
        "extensions": {"8001": {"agent": "b@x.cn"}, "8003": {"agent": ""}},
    }
    expected: Waits = {
        'extension 8003: agent b@x.cn → ""': set(),
        "extension 8001: agent a@x.cn → b@x.cn": {'extension 8003: agent b@x.cn → ""'},
        "delete extension 8002 (8002)": set(),
        "delete A": {"delete extension 8002 (8002)", "extension 8001: agent a@x.cn → b@x.cn"},
    }
    assert expected == waits(planned(live, wish))


def test_a_telephone_of_a_new_agent_waits_for_the_agent() -> None:
    """And for the queue that it rings for."""
    live: Mapping[str, Any] = {"queues": {"Sales": {}}, "extensions": {"8001": {}, "8002": {}}}
    wish: Mapping[str, Any] = {
        "queues": {"Sales": {}, "Web": {}},
        "agents": {"a@x.cn": {"name": "A", "staff_number": "1"}},
        "extensions": {"8001": {"agent": "a@x.cn"}, "8002": {"queues": ["Web"]}},
    }
    expected: Waits = {
        "create A": set(),
        "create queue Web": set(),
        "extension 8002: queues +Web": {"create queue Web"},
        'extension 8001: agent "" → a@x.cn': {"create A"},
    }
    assert expected == waits(planned(live, wish))


def test_an_agent_joins_before_it_leaves() -> None:
    """Bind carries what the agent has, so Unbind comes after it."""
    live: Mapping[str, Any] = {
        "queues": {"Sales": {}, "Web": {}},
        "agents": {"a@x.cn": {"name": "A", "queues": ["Sales"]}},
    }
    wish: Mapping[str, Any] = {"agents": {"a@x.cn": {"queues": ["Web"]}}}
    expected: Waits = {
        "A joins Web": set(),
        "A leaves Sales": {"A joins Web"},
    }
    assert expected == waits(planned(live, wish))


def test_a_number_is_bound_before_it_is_let_go() -> None:
    """The same of numbers."""
    live: Mapping[str, Any] = {
        "queues": {"Sales": {}, "Web": {}},
        "numbers": {"0085200000001": {"outbound_queues": ["Sales"]}},
    }
    wish: Mapping[str, Any] = {"numbers": {"0085200000001": {"outbound_queues": ["Web"]}}}
    expected: Waits = {
        "Web calls out with 0085200000001": set(),
        "Sales calls out with 0085200000001 no more": {"Web calls out with 0085200000001"},
    }
    assert expected == waits(planned(live, wish))


def test_a_queue_waits_for_who_forwards_calls_to_it() -> None:
    """It goes after a person who goes, too."""
    live: Mapping[str, Any] = {
        "queues": {"Old": {}, "Sales": {}},
        "agents": {"a@x.cn": {"name": "A", "forwards_to": "queues/Old"}},
    }
    wish: Mapping[str, Any] = {"queues": {"Sales": {}}, "agents": {}}
    assert {"delete A": set(), "delete queue Old": {"delete A"}} == waits(planned(live, wish))


def test_a_new_queue_gets_a_name_that_another_has_let_go_of() -> None:
    """Names are unique: the one before is renamed first."""
    live: Mapping[str, Any] = {"queues": {"Help": {}, "Night": {}}}
    wish: Mapping[str, Any] = {
        "queues": {"Help": {"renamed_from": "Night"}, "Night": {"type": "phone"}, "Sales": {"renamed_from": "Help"}}
    }
    expected: Waits = {
        "Help: name Help → Sales": set(),
        "Night: name Night → Help": {"Help: name Help → Sales"},
        "create queue Night": {"Night: name Night → Help"},
    }
    assert expected == waits(planned(live, wish))


def sent(made: Plan) -> list[tuple[str | None, Any]]:
    """List what goes out."""
    assert () == made.refusals
    return [(call.action, call.body) for call in made.calls]


def test_bind_carries_all_that_an_agent_has_and_shall_have() -> None:
    """Right whether Bind adds or replaces; where pairs that are there are refused, the new ones go alone."""
    live = {"queues": {"A": {}, "B": {}, "C": {}}, "agents": {"a@x.cn": {"queues": ["A"], "priorities": {"A": 2}}}}
    made = planned(live, {"agents": {"a@x.cn": {"queues": ["A", "B"], "priorities": {"B": 1}}}})
    pairs = [{"SkillGroupId": 1000, "Priority": 2}, {"SkillGroupId": 1001, "Priority": 1}]
    assert [("BindStaffSkillGroupList", {"StaffEmail": "a@x.cn", "StaffSkillGroupList": pairs})] == sent(made)
    other = made.calls[0].otherwise
    assert other is not None
    assert {"StaffEmail": "a@x.cn", "StaffSkillGroupList": pairs[1:]} == other.body


@pytest.mark.parametrize(("people", "calls"), [(10, 1), (11, 2), (21, 3)])
def test_people_are_made_ten_at_a_time(people: int, calls: int) -> None:
    """In as few calls as the vendor's limit allows."""
    wish = {"agents": {f"p{number}@x.cn": NEW for number in range(people)}}
    made = planned({}, wish)
    assert ["CreateStaff"] * calls == [call.action for call in made.calls]
    assert calls == made.summary.minimum_calls


@pytest.mark.parametrize(("people", "calls"), [(200, 1), (201, 2)])
def test_people_are_deleted_two_hundred_at_a_time(people: int, calls: int) -> None:
    """In as few calls as the vendor's limit allows."""
    made = planned({"agents": {f"p{number}@x.cn": {} for number in range(people)}}, {"agents": {}})
    assert ["DeleteStaff"] * calls == [call.action for call in made.calls]
    assert calls == made.summary.minimum_calls


def test_people_are_bound_apart_where_the_settings_say_so() -> None:
    """`create_with_queues: false` names no queues in a creation."""
    settings = desired_of({}).settings.model_copy(update={"create_with_queues": False})
    made = planned({"queues": {"A": {}}}, {"agents": {"a@x.cn": {**NEW, "queues": ["A"]}}}, settings=settings)
    assert ["CreateStaff", "BindStaffSkillGroupList"] == [call.action for call in made.calls]
    assert "SkillGroupNameList" not in (made.calls[0].body or {})["Staffs"][0]
    assert 2 == made.summary.minimum_calls


def test_a_ring_all_queue_with_three_members_is_refused() -> None:
    """People and telephones count together."""
    live = {"queues": {"A": {}}, "agents": {"a@x.cn": {"queues": ["A"]}, "b@x.cn": {"queues": ["A"]}}}
    wish = {"queues": {"A": {"ring_all": True}}, "extensions": {"8001": {"name": "D", "queues": ["A"]}}}
    assert ["ring-all-members"] == [refusal.rule for refusal in planned(live, wish).refusals]


def test_what_waits_for_a_telephone_of_somebody_new_is_bound_apart() -> None:
    """One creation has both, so to name the queue in it would wait for what waits for it."""
    live = {
        "queues": {"A": {"ring_all": True}, "B": {}},
        "extensions": {"8001": {"queues": ["A"]}, "8002": {"queues": ["A"]}},
    }
    wish = {
        "agents": {"a@x.cn": {**NEW, "name": "A"}, "b@x.cn": {**NEW, "name": "B", "queues": ["A"]}},
        "extensions": {"8001": {"queues": ["B"], "agent": "a@x.cn"}, "8002": {}},
    }
    made = planned(live, wish)
    assert ["CreateStaff", "ModifyExtension", "BindStaffSkillGroupList"] == [call.action for call in made.calls]
