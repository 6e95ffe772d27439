"""Rules for callers' sake: the new stands before the old goes."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Edit, Mutant

BEFORE: Final = (
    Mutant(
        rule="An agent gets its new extension before it lets go of the old one, where there is room",
        change=Edit(
            place="providers/udesk/bindings.py _extensions",
            old="frozenset() if room_first or served else held",
            new="frozenset()",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[swap-extensions]",),
    ),
    Mutant(
        rule="At two extensions an agent does not wait for the new one",
        change=Edit(place="providers/udesk/bindings.py _extensions", old="room_first or served", new="served"),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[full-desks-swap-one]",),
    ),
    Mutant(
        rule="An agent has let go when it gets the third extension",
        change=Edit(
            place="providers/udesk/bindings.py _extensions",
            old='{("holds", agent, number) for number in remove} if room_first else set()',
            new="set()",
        ),
        fails=("test_udesk_traps.py::test_two_extensions_at_most_are_bound_at_every_step",),
    ),
    Mutant(
        rule="Another agent has let go of an extension before this one gets it",
        change=Edit(
            place="providers/udesk/bindings.py _extensions",
            old='{("holds", other, number) for other, number in others}',
            new="set()",
        ),
        fails=("test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",),
    ),
    Mutant(
        rule="An agent joins its new queues before it leaves the old ones",
        change=Edit(
            place="providers/udesk/bindings.py _unbind",
            old=(
                '{("serves", agent, queue) for queue in moves.joining.get(agent, ())'
                " if shared.made(agent, queue) < gone}"
            ),
            new="set()",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[five-of-hundred-replaced]",),
    ),
    Mutant(
        rule="The last one leaves a queue after somebody else has joined it",
        change=Edit(
            place="providers/udesk/bindings.py _unbind",
            old='better.add(("serves", other, queue))',
            new="pass",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[agent-leaves]",),
    ),
    Mutant(
        rule="The last one leaves a queue after who joins it has a telephone",
        change=Edit(
            place="providers/udesk/bindings.py _unbind",
            old='better |= {("holds", other, number) for number in first_phones(other, context)}',
            new="pass",
        ),
        fails=("test_udesk_plans.py::test_who_takes_over_a_queue_has_a_telephone_first",),
    ),
    Mutant(
        rule="The last one leaves a queue after its keys lead elsewhere",
        change=Edit(
            place="providers/udesk/bindings.py _unbind",
            old="better |= {key_left(digit, queue) for digit in keys[queue] if shared.places.released(digit) < gone}",
            new="pass",
        ),
        fails=("test_udesk_traps.py::test_a_queue_is_not_left_alone_while_a_key_leads_to_it",),
        quick=True,
    ),
    Mutant(
        rule="A queue that somebody stays in is not treated as emptied",
        change=Edit(place="providers/udesk/bindings.py _emptied", old="touched - staying", new="touched"),
        fails=("test_golden.py::test_the_example_is_planned_as_it_was",),
    ),
    Mutant(
        rule="What takes from callers at the limit waits for what was made good before",
        change=Edit(
            place="providers/udesk/bindings.py _unbind",
            old="better |= again[gone]",
            new="pass",
        ),
        fails=("test_udesk_plans.py::test_what_takes_from_callers_waits_for_keys_that_lead_to_somebody_again",),
    ),
    Mutant(
        rule="The table is written after agents have joined the queues that it leads to",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write",
            old=(
                '{("serves", agent, queue) for queue in new for agent in moves.joined.get(queue, ())'
                " if shared.made(agent, queue) <= position}"
            ),
            new="set()",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[all-renumbered]",),
    ),
    Mutant(
        rule="The table does not wait for who can join only after it",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write",
            old="shared.made(agent, queue) <= position",
            new="True",
        ),
        fails=("test_udesk_plans.py::test_a_table_that_must_let_go_first_does_not_ask_for_the_impossible",),
    ),
    Mutant(
        rule="The table is written after who joins has a telephone",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write",
            old=(
                'answering |= {("holds", agent, number) for _, agent, _ in answering'
                " for number in first_phones(agent, context)}"
            ),
            new="pass",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[all-renumbered]",),
    ),
    Mutant(
        rule="A key leads to a new queue after the prompts are set",
        change=Edit(place="providers/udesk/kinds/fast_routers.py _write", old="better.add(VOICES_SET)", new="pass"),
        fails=("test_golden.py::test_the_example_is_planned_as_it_was",),
    ),
    Mutant(
        rule="The table waits for what was made good at the limit before it",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write", old="regained(context, position)", new="set()"
        ),
        fails=("test_udesk_plans.py::test_what_takes_from_callers_waits_for_who_serves_again",),
    ),
    Mutant(
        rule="Agents who serve again are waited for at the limit",
        change=Edit(place="providers/udesk/sharing.py regained", old="places.idle", new="()"),
        fails=("test_udesk_plans.py::test_what_takes_from_callers_waits_for_who_serves_again",),
    ),
    Mutant(
        rule="Queues that have agents again are waited for at the limit",
        change=Edit(place="providers/udesk/sharing.py regained", old="places.empty", new="()"),
        fails=("test_udesk_plans.py::test_what_takes_from_callers_waits_for_queues_that_have_agents_again",),
    ),
    Mutant(
        rule="Keys that lead to somebody again are waited for at the limit",
        change=Edit(place="providers/udesk/sharing.py regained", old="0 < places.write < before", new="False"),
        fails=("test_udesk_plans.py::test_what_takes_from_callers_waits_for_keys_that_lead_to_somebody_again",),
    ),
    Mutant(
        rule="A queue's call that can be made sooner is made ahead of the agent's",
        change=Edit(
            place="providers/udesk/sharing.py sharing",
            old="queues_call < agents_call and alone <= queues_call",
            new="False",
        ),
        fails=("test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",),
    ),
    Mutant(
        rule="A pair that can't be made yet is left to the queue's call, behind the agent's",
        change=Edit(place="providers/udesk/sharing.py sharing", old="alone > agents_call", new="False"),
        fails=("test_udesk_plans.py::test_a_queue_that_is_not_there_yet_is_joined_behind_the_agent_s_call",),
    ),
    Mutant(
        rule="At the limit the order is searched in which the fewest are without an answer",
        change=Edit(
            place="providers/udesk/turnover.py turnover", old="_best(scene) or _good(scene)", new="_good(scene)"
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[five-of-hundred-replaced]",),
    ),
    Mutant(
        rule="Where there are too many orders to search, a good one is taken",
        change=Edit(
            place="providers/udesk/turnover.py turnover", old="_best(scene) or _good(scene)", new="_best(scene)"
        ),
        fails=("test_udesk_plans.py::test_where_there_are_too_many_orders_to_search_a_good_one_is_taken",),
    ),
    Mutant(
        rule="Keys that lead to nobody count in that order",
        change=Edit(place="providers/udesk/turnover.py _Scene.cost", old="len(self.silent(state))", new="0"),
        fails=("test_udesk_plans.py::test_a_key_keeps_its_answer_at_the_limit",),
    ),
    Mutant(
        rule="Queues without agents count in that order",
        change=Edit(place="providers/udesk/turnover.py _Scene.cost", old="len(self.empty(state))", new="0"),
        fails=("test_udesk_plans.py::test_a_queue_is_left_by_its_key_before_its_agents_at_the_limit",),
    ),
    Mutant(
        rule="Agents without a queue count in that order",
        change=Edit(
            place="providers/udesk/turnover.py _Scene.cost",
            old="self.without(state).bit_count()",
            new="0",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[five-of-hundred-replaced]",),
    ),
    Mutant(
        rule="The most who are without an answer at one time count first",
        change=Edit(place="providers/udesk/turnover.py _best", old="max(most, cost)", new="(0, 0, 0)"),
        fails=("test_udesk_plans.py::test_the_most_at_one_time_count_before_the_most_in_all",),
    ),
    Mutant(
        rule="Whoever is without an answer at any time counts next",
        change=Edit(
            place="providers/udesk/turnover.py _best",
            old="_sum(ever, tuple(max(now - was, 0) for now, was in zip(cost, before, strict=True)))",
            new="ever",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[five-of-hundred-replaced]",),
    ),
    Mutant(
        rule="How long they are counts last",
        change=Edit(place="providers/udesk/turnover.py _best", old="_sum(total, cost)", new="total"),
        fails=("test_udesk_plans.py::test_of_orders_that_cost_as_much_the_shortest_loss_is_taken",),
    ),
    Mutant(
        rule="A queue goes early only when its place is needed",
        change=Edit(place="providers/udesk/turnover.py _Scene.events", old="room > 0", new="room > 1"),
        fails=("test_udesk_plans.py::test_where_there_are_too_many_queues_the_first_new_one_waits_for_the_rest",),
    ),
    Mutant(
        rule="A queue that keys lead to goes after they have let go",
        change=Edit(
            place="providers/udesk/turnover.py _Scene.events",
            old="sum(self.keys) & ~state.ahead if state.written < 2 else 0",
            new="0",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[hundred-queues-with-keys]",),
    ),
    Mutant(
        rule="The table is written after the new queues that it leads to are made",
        change=Edit(
            place="providers/udesk/turnover.py _Scene.events",
            old="state.written < 2 and not self.needed & ~state.made",
            new="state.written < 2",
        ),
        fails=("test_udesk_plans.py::test_what_takes_from_callers_waits_for_queues_that_have_agents_again",),
    ),
    Mutant(
        rule="Keys that the limit leaves without an answer are told",
        change=Edit(
            place="providers/udesk/kinds/queues.py _notes",
            old='f"For that, nobody answers these keys until their new queues stand: {led}."',
            new='""',
        ),
        fails=("test_udesk_plans.py::test_of_orders_that_cost_as_much_the_shortest_loss_is_taken",),
    ),
    Mutant(
        rule="Queues that the limit leaves without agents are told",
        change=Edit(
            place="providers/udesk/kinds/queues.py _notes",
            old=(
                'f"For that, these queues have no agents for a moment, and only more calls would avoid it: '
                '{named(places.empty)}."'
            ),
            new='""',
        ),
        fails=("test_udesk_plans.py::test_a_queue_is_left_by_its_key_before_its_agents_at_the_limit",),
    ),
)
