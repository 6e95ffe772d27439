"""The statements of each call, dropped one sort of facts at a time. `test_mutants` holds that none is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.mutants.mutant import Drop, Mutant

_STATED: Final[Mapping[tuple[str, str, str], tuple[str, ...]]] = {
    ("POST agents", "requires", "extension"): (
        "test_udesk_traps.py::test_the_system_picks_a_number_after_those_that_are_named",
    ),
    ("POST agents", "gives", "agent"): (
        "test_udesk_plans.py::test_of_two_covers_the_one_that_is_ready_sooner_is_taken[an agent is new]",
    ),
    ("PUT spnumbers/agent/default/*", "requires", "agent"): ("test_golden.py::test_the_example_is_planned_as_it_was",),
    ("PUT agents/*", "prefers", "serves"): (
        "test_udesk_plans.py::test_an_agent_goes_off_duty_after_somebody_else_is_there[joins]",
    ),
    ("PUT agents/*", "prefers", "duty"): (
        "test_udesk_plans.py::test_an_agent_goes_off_duty_after_somebody_else_is_there[comes on duty]",
    ),
    ("PUT agents/*", "prefers", "holds"): (
        "test_udesk_plans.py::test_an_agent_goes_off_duty_after_somebody_else_is_there[gets a telephone]",
    ),
    ("PUT agents/*", "prefers", "key left"): ("test_udesk_plans.py::test_an_agent_goes_off_duty_after_the_key_turns",),
    ("PUT agents/*", "gives", "duty"): ("test_udesk_plans.py::test_an_agent_leaves_after_another_comes_on_duty",),
    ("DELETE agents/*", "requires", "holds"): (
        "test_udesk_plans.py::test_extensions_are_bound_before_the_agent_takes_them_along",
    ),
    ("DELETE agents/*", "forbids", "serves"): ("test_golden.py::test_the_story_is_planned_as_it_was[agent-leaves]",),
    ("DELETE agents/*", "forbids", "holds"): (
        "test_udesk_plans.py::test_an_agent_lets_go_of_what_stays_before_it_is_deleted",
    ),
    ("DELETE agents/*", "takes", "agent"): ("test_udesk_plans.py::test_one_extension_is_deleted_by_itself",),
    ("DELETE agents/*", "takes", "extension"): (
        "test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",
    ),
    ("POST extensions", "gives", "extension"): (
        "test_udesk_traps.py::test_the_system_picks_a_number_after_those_that_are_named",
    ),
    ("DELETE extensions", "forbids", "holds"): ("test_udesk_plans.py::test_one_extension_is_deleted_by_itself",),
    ("DELETE extensions", "takes", "extension"): (
        "test_udesk_plans.py::test_spares_that_only_the_store_knows_are_deleted_by_themselves",
    ),
    ("POST agents/extensions", "requires", "agent"): (
        "test_target.py::test_only_what_legality_needs_comes_along[targets5-also5]",
    ),
    ("POST agents/extensions", "requires", "extension"): (
        "test_target.py::test_only_what_legality_needs_comes_along[targets5-also5]",
    ),
    ("POST agents/extensions", "forbids", "holds"): (
        "test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",
    ),
    ("POST agents/extensions", "gives", "holds"): (
        "test_golden.py::test_the_story_is_planned_as_it_was[all-renumbered]",
    ),
    ("DELETE agents/extensions", "prefers", "holds"): (
        "test_golden.py::test_the_story_is_planned_as_it_was[swap-extensions]",
    ),
    ("DELETE agents/extensions", "prefers", "serves"): (
        "test_udesk_plans.py::test_an_agent_gives_up_the_last_telephone_after_somebody_else_is_there[joins]",
    ),
    ("DELETE agents/extensions", "prefers", "duty"): (
        "test_udesk_plans.py::test_an_agent_gives_up_the_last_telephone_after_somebody_else_is_there[comes on duty]",
    ),
    ("DELETE agents/extensions", "prefers", "extension"): (
        "test_udesk_plans.py::test_all_telephones_change_at_once_only_when_the_new_ones_are_made",
    ),
    ("DELETE agents/extensions", "prefers", "key left"): (
        "test_udesk_plans.py::test_an_agent_gives_up_the_last_telephone_after_the_key_turns",
    ),
    ("DELETE agents/extensions", "takes", "holds"): (
        "test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",
    ),
    ("POST agents/queues", "requires", "agent"): (
        "test_udesk_plans.py::test_of_two_covers_the_one_that_is_ready_sooner_is_taken[an agent is new]",
    ),
    ("POST agents/queues", "requires", "queue"): (
        "test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",
    ),
    ("POST agents/queues", "requires", "serves"): (
        "test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",
    ),
    ("POST agents/queues", "forbids", "serves"): (
        "test_udesk_plans.py::test_a_queue_that_is_not_there_yet_is_joined_behind_the_agent_s_call",
    ),
    ("POST agents/queues", "gives", "serves"): (
        "test_udesk_plans.py::test_of_orders_that_cost_as_much_the_shortest_loss_is_taken",
    ),
    ("POST queues/agents", "requires", "queue"): (
        "test_udesk_plans.py::test_a_queue_that_is_not_there_yet_is_joined_behind_the_agent_s_call",
    ),
    ("POST queues/agents", "requires", "agent"): (
        "test_udesk_plans.py::test_of_two_covers_the_one_that_is_ready_sooner_is_taken[and so is a queue]",
    ),
    ("POST queues/agents", "gives", "serves"): (
        "test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",
    ),
    ("DELETE agents/queues", "prefers", "serves"): (
        "test_udesk_plans.py::test_who_takes_over_a_queue_has_a_telephone_first",
    ),
    ("DELETE agents/queues", "prefers", "holds"): (
        "test_udesk_plans.py::test_who_takes_over_a_queue_has_a_telephone_first",
    ),
    ("DELETE agents/queues", "prefers", "duty"): (
        "test_udesk_plans.py::test_an_agent_leaves_after_another_comes_on_duty",
    ),
    ("DELETE agents/queues", "prefers", "key left"): ("test_udesk_plans.py::test_a_key_keeps_its_answer_at_the_limit",),
    ("DELETE agents/queues", "prefers", "key"): (
        "test_udesk_plans.py::test_what_takes_from_callers_waits_for_keys_that_lead_to_somebody_again",
    ),
    ("DELETE agents/queues", "takes", "serves"): (
        "test_udesk_plans.py::test_what_an_agent_leaves_later_goes_along_until_then",
    ),
    ("POST queues", "forbids", "queue"): (
        "test_udesk_plans.py::test_where_there_are_too_many_queues_the_first_new_one_waits_for_the_rest",
    ),
    ("POST queues", "gives", "queue"): (
        "test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",
    ),
    ("DELETE queues", "forbids", "serves"): (
        "test_udesk_plans.py::test_an_agent_leaves_first_where_its_call_needs_the_place",
    ),
    ("DELETE queues", "forbids", "key"): (
        "test_udesk_plans.py::test_a_key_that_must_let_go_early_is_set_for_good_where_it_can_be",
    ),
    ("DELETE queues", "takes", "queue"): (
        "test_udesk_plans.py::test_where_there_are_too_many_queues_the_first_new_one_waits_for_the_rest",
    ),
    ("PUT ivrs/fastrouters", "requires", "queue"): (
        "test_udesk_plans.py::test_a_key_that_must_let_go_early_is_set_for_good_where_it_can_be",
    ),
    ("PUT ivrs/fastrouters", "prefers", "serves"): (
        "test_udesk_plans.py::test_of_orders_that_cost_as_much_the_shortest_loss_is_taken",
    ),
    ("PUT ivrs/fastrouters", "prefers", "holds"): (
        "test_golden.py::test_the_story_is_planned_as_it_was[all-renumbered]",
    ),
    ("PUT ivrs/fastrouters", "prefers", "duty"): (
        "test_udesk_plans.py::test_a_key_turns_after_its_agent_is_there[comes on duty]",
    ),
    ("PUT ivrs/fastrouters", "prefers", "voices set"): ("test_golden.py::test_the_example_is_planned_as_it_was",),
    ("PUT ivrs/fastrouters", "gives", "key"): (
        "test_udesk_plans.py::test_what_takes_from_callers_waits_for_keys_that_lead_to_somebody_again",
    ),
    ("PUT ivrs/fastrouters", "gives", "key left"): ("test_udesk_plans.py::test_a_key_keeps_its_answer_at_the_limit",),
    ("PUT ivrs/fastrouters", "takes", "key"): (
        "test_udesk_plans.py::test_a_key_that_must_let_go_early_is_set_for_good_where_it_can_be",
    ),
    ("PUT ivrs/defvoices", "requires", "file"): ("test_golden.py::test_the_example_is_planned_as_it_was",),
    ("PUT ivrs/defvoices", "requires", "new file"): (
        "test_udesk_traps.py::test_prompts_let_go_of_a_file_that_is_replaced",
    ),
    ("PUT ivrs/defvoices", "requires", "voices parked"): (
        "test_golden.py::test_the_story_is_planned_as_it_was[new-recording]",
    ),
    ("PUT ivrs/defvoices", "gives", "plays"): ("test_golden.py::test_the_story_is_planned_as_it_was[new-recording]",),
    ("PUT ivrs/defvoices", "gives", "voices parked"): (
        "test_golden.py::test_the_story_is_planned_as_it_was[new-recording]",
    ),
    ("PUT ivrs/defvoices", "gives", "voices set"): (
        "test_golden.py::test_the_story_is_planned_as_it_was[closing-down]",
    ),
    ("PUT ivrs/defvoices", "takes", "plays"): (
        "test_udesk_plans.py::test_prompts_that_no_longer_play_a_renewed_file_are_set_once",
    ),
    ("POST ivrs/vfiles", "forbids", "file"): (
        "test_udesk_plans.py::test_prompts_that_no_longer_play_a_renewed_file_are_set_once",
    ),
    ("POST ivrs/vfiles", "gives", "file"): ("test_golden.py::test_the_example_is_planned_as_it_was",),
    ("POST ivrs/vfiles", "gives", "new file"): ("test_udesk_traps.py::test_prompts_let_go_of_a_file_that_is_replaced",),
    ("DELETE ivrs/vfiles", "forbids", "plays"): (
        "test_udesk_plans.py::test_prompts_that_no_longer_play_a_renewed_file_are_set_once",
    ),
    ("DELETE ivrs/vfiles", "takes", "file"): (
        "test_udesk_plans.py::test_prompts_that_no_longer_play_a_renewed_file_are_set_once",
    ),
}
SAID_ONLY: Final[dict[tuple[str, str, str], str]] = {
    ("DELETE spnumbers/agent/default/*", "requires", "agent"): "an agent whose number is cleared is live and stays",
    ("PUT queues", "requires", "queue"): "a queue that changes is live and stays",
    ("PUT agents/*", "takes", "duty"): "nobody requires or forbids that an agent is on duty",
    ("DELETE agents/*", "takes", "holds"): "nobody gets an extension that goes with its agent",
}
"""Statements that are true and decide nothing, with the reason: no test can fail without them."""

FACTS: Final = tuple(
    Mutant(rule=f"{call} {statement} {fact}", change=Drop(call=call, statement=statement, fact=fact), fails=fails)
    for (call, statement, fact), fails in _STATED.items()
)
