"""The statements of each call to Tencent, dropped one sort of facts at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.mutants.mutant import Drop, Mutant

_STATED: Final[Mapping[tuple[str, str, str], tuple[str, ...]]] = {
    ("BindNumberCallOutSkillGroup", "requires", "queue"): (
        "test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",
    ),
    ("BindNumberCallOutSkillGroup", "requires", "shows"): (
        "test_tencent_plans.py::test_a_queue_goes_when_nobody_has_to_do_with_it",
    ),
    ("BindStaffSkillGroupList", "forbids", "rings"): (
        "test_tencent_plans.py::test_in_a_full_queue_somebody_leaves_before_another_joins",
    ),
    ("BindStaffSkillGroupList", "forbids", "serves"): (
        "test_golden.py::test_the_story_is_planned_as_it_was[tencent-full-desks]",
    ),
    ("BindStaffSkillGroupList", "gives", "serves"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("BindStaffSkillGroupList", "requires", "agent"): (
        "test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",
    ),
    ("BindStaffSkillGroupList", "requires", "in turn"): (
        "test_tencent_plans.py::test_a_queue_stops_to_ring_all_before_a_third_joins",
    ),
    ("BindStaffSkillGroupList", "requires", "queue"): (
        "test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",
    ),
    ("BindStaffSkillGroupList", "requires", "serves"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("CreateCCCSkillGroup", "forbids", "bears"): (
        "test_tencent_plans.py::test_a_new_queue_gets_a_name_that_another_has_let_go_of",
    ),
    ("CreateCCCSkillGroup", "gives", "queue"): ("test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",),
    ("CreateExtension", "gives", "rings"): (
        "test_tencent_plans.py::test_a_new_telephone_rings_before_the_old_one_leaves",
    ),
    ("CreateExtension", "requires", "agent"): ("test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",),
    ("CreateExtension", "requires", "in turn"): (
        "test_tencent_plans.py::test_a_queue_stops_to_ring_all_before_a_third_joins",
    ),
    ("CreateExtension", "requires", "queue"): ("test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",),
    ("CreateStaff", "forbids", "phone"): (
        "test_tencent_plans.py::test_phone_numbers_are_let_go_before_they_are_given",
    ),
    ("CreateStaff", "gives", "agent"): ("test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",),
    ("CreateStaff", "gives", "serves"): ("test_tencent_plans.py::test_a_new_agent_is_there_before_the_old_one_leaves",),
    ("CreateStaff", "requires", "bears"): ("test_tencent_plans.py::test_names_are_let_go_before_they_are_given",),
    ("CreateStaff", "requires", "in turn"): (
        "test_tencent_plans.py::test_a_queue_stops_to_ring_all_before_a_third_joins",
    ),
    ("CreateStaff", "requires", "queue"): ("test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",),
    ("DeleteCCCSkillGroup", "forbids", "agent"): (
        "test_tencent_plans.py::test_a_queue_waits_for_who_forwards_calls_to_it",
    ),
    ("DeleteCCCSkillGroup", "forbids", "rings"): (
        "test_tencent_plans.py::test_a_queue_goes_when_nobody_has_to_do_with_it",
    ),
    ("DeleteCCCSkillGroup", "forbids", "serves"): (
        "test_tencent_plans.py::test_a_queue_goes_when_nobody_has_to_do_with_it",
    ),
    ("DeleteCCCSkillGroup", "forbids", "shows"): (
        "test_tencent_plans.py::test_a_queue_goes_when_nobody_has_to_do_with_it",
    ),
    ("DeleteExtension", "gives", "freed"): (
        "test_tencent_plans.py::test_a_person_goes_when_telephones_are_somebody_else_s",
    ),
    ("DeleteExtension", "prefers", "rings"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("DeleteExtension", "prefers", "serves"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("DeleteExtension", "takes", "rings"): ("test_tencent_plans.py::test_a_queue_goes_when_nobody_has_to_do_with_it",),
    ("DeleteStaff", "prefers", "freed"): (
        "test_tencent_plans.py::test_a_person_goes_when_telephones_are_somebody_else_s",
    ),
    ("DeleteStaff", "prefers", "rings"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("DeleteStaff", "prefers", "serves"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("DeleteStaff", "takes", "agent"): ("test_tencent_plans.py::test_a_queue_waits_for_who_forwards_calls_to_it",),
    ("DeleteStaff", "takes", "phone"): ("test_tencent_plans.py::test_phone_numbers_are_let_go_before_they_are_given",),
    ("DeleteStaff", "takes", "serves"): (
        "test_tencent_plans.py::test_a_queue_starts_to_ring_all_when_enough_have_left",
    ),
    ("ModifyExtension", "forbids", "rings"): (
        "test_tencent_plans.py::test_telephones_that_change_places_in_full_queues_leave_first",
    ),
    ("ModifyExtension", "forbids", "serves"): (
        "test_tencent_plans.py::test_in_a_full_queue_somebody_leaves_before_another_joins",
    ),
    ("ModifyExtension", "gives", "freed"): (
        "test_tencent_plans.py::test_a_person_goes_when_telephones_are_somebody_else_s",
    ),
    ("ModifyExtension", "gives", "parked"): (
        "test_tencent_plans.py::test_telephones_that_change_places_in_full_queues_leave_first",
    ),
    ("ModifyExtension", "gives", "rings"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("ModifyExtension", "prefers", "freed"): (
        "test_tencent_plans.py::test_a_person_goes_when_telephones_are_somebody_else_s",
    ),
    ("ModifyExtension", "prefers", "rings"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("ModifyExtension", "prefers", "serves"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("ModifyExtension", "requires", "agent"): (
        "test_tencent_plans.py::test_a_telephone_of_a_new_agent_waits_for_the_agent",
    ),
    ("ModifyExtension", "requires", "in turn"): (
        "test_tencent_plans.py::test_a_queue_stops_to_ring_all_before_a_third_joins",
    ),
    ("ModifyExtension", "requires", "parked"): (
        "test_tencent_plans.py::test_telephones_that_change_places_in_full_queues_leave_first",
    ),
    ("ModifyExtension", "requires", "queue"): (
        "test_tencent_plans.py::test_a_telephone_of_a_new_agent_waits_for_the_agent",
    ),
    ("ModifyExtension", "takes", "rings"): ("test_tencent_plans.py::test_a_queue_goes_when_nobody_has_to_do_with_it",),
    ("ModifyStaff", "forbids", "phone"): (
        "test_tencent_plans.py::test_phone_numbers_are_let_go_before_they_are_given",
    ),
    ("ModifyStaff", "gives", "parked"): ("test_tencent_plans.py::test_phone_numbers_are_let_go_before_they_are_given",),
    ("ModifyStaff", "requires", "agent"): ("test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",),
    ("ModifyStaff", "requires", "parked"): (
        "test_tencent_plans.py::test_phone_numbers_are_let_go_before_they_are_given",
    ),
    ("ModifyStaff", "takes", "phone"): ("test_tencent_plans.py::test_phone_numbers_are_let_go_before_they_are_given",),
    ("UnbindNumberCallOutSkillGroup", "takes", "shows"): (
        "test_tencent_plans.py::test_a_queue_goes_when_nobody_has_to_do_with_it",
    ),
    ("UnbindStaffSkillGroupList", "prefers", "rings"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("UnbindStaffSkillGroupList", "prefers", "serves"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("UnbindStaffSkillGroupList", "takes", "serves"): ("test_tencent_plans.py::test_who_leaves_waits_for_who_joins",),
    ("UpdateCCCSkillGroup", "forbids", "bears"): (
        "test_tencent_plans.py::test_names_are_let_go_before_they_are_given",
    ),
    ("UpdateCCCSkillGroup", "forbids", "rings"): (
        "test_tencent_plans.py::test_a_queue_starts_to_ring_all_when_enough_have_left",
    ),
    ("UpdateCCCSkillGroup", "forbids", "serves"): (
        "test_tencent_plans.py::test_a_queue_starts_to_ring_all_when_enough_have_left",
    ),
    ("UpdateCCCSkillGroup", "gives", "bears"): ("test_tencent_plans.py::test_names_are_let_go_before_they_are_given",),
    ("UpdateCCCSkillGroup", "gives", "in turn"): (
        "test_tencent_plans.py::test_a_queue_stops_to_ring_all_before_a_third_joins",
    ),
    ("UpdateCCCSkillGroup", "gives", "parked"): ("test_tencent_plans.py::test_names_are_let_go_before_they_are_given",),
    ("UpdateCCCSkillGroup", "requires", "parked"): (
        "test_tencent_plans.py::test_names_are_let_go_before_they_are_given",
    ),
    ("UpdateCCCSkillGroup", "requires", "queue"): (
        "test_tencent_plans.py::test_a_first_build_waits_for_what_it_names",
    ),
    ("UpdateCCCSkillGroup", "takes", "bears"): ("test_tencent_plans.py::test_names_are_let_go_before_they_are_given",),
    ("UploadIvrAudio", "gives", "new file"): (
        "test_golden.py::test_the_story_is_planned_as_it_was[tencent-first-build]",
    ),
}
SAID_ONLY: Final[dict[tuple[str, str, str], str]] = {
    (
        "BindNumberCallOutSkillGroup",
        "gives",
        "shows",
    ): "nobody waits for a number's new queues; which they are, its other form tells as well",
    ("CreateExtension", "gives", "extension"): "nobody waits for a telephone",
    ("DeleteCCCSkillGroup", "takes", "queue"): "nobody waits for a queue to go",
    ("DeleteExtension", "takes", "extension"): "nobody waits for a telephone to go",
    ("UnbindStaffSkillGroupList", "requires", "agent"): "who leaves a queue is live and stays",
}
"""Statements that are true and decide nothing, with the reason: no test can fail without them."""

FACTS: Final = tuple(
    Mutant(rule=f"{call} {statement} {fact}", change=Drop(call=call, statement=statement, fact=fact), fails=fails)
    for (call, statement, fact), fails in _STATED.items()
)
