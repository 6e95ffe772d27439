"""Rules for callers' sake: the new stands before the old goes."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Edit, Mutant

BEFORE: Final = (
    Mutant(
        rule="Who has to change all telephones at once is out of reach in between",
        change=Edit(
            place="providers/udesk/answering.py answering",
            old="first & last if sort < Sort.REACHABLE or agent not in between else ()",
            new="first & last",
        ),
        fails=("test_udesk_plans.py::test_who_leaves_waits_for_who_changes_all_telephones",),
    ),
    Mutant(
        rule="Of several who change all telephones, one goes after the other",
        change=Edit(place="providers/udesk/answering.py _next", old="back[: back.index(agent)][-1:]", new="[]"),
        fails=("test_udesk_plans.py::test_one_changes_all_telephones_after_the_other_has_the_new_ones",),
    ),
    Mutant(
        rule="A successor who needs the very telephone that is let go of is not the one to wait for",
        change=Edit(
            place="providers/udesk/answering.py _next",
            old='not any(fact[0] == "holds" and fact[2] in releasing for fact in gained(other, queue, context))',
            new="True",
        ),
        fails=("test_udesk_plans.py::test_of_who_comes_one_who_does_not_need_this_very_telephone_is_waited_for",),
    ),
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
        rule="The last one leaves a queue after somebody else answers it",
        change=Edit(
            place="providers/udesk/bindings.py _unbind",
            old="better |= replaced(agent, queues, Sort, context, before=gone)",
            new="pass",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[agent-leaves]",),
    ),
    Mutant(
        rule="The last one goes off duty after somebody else answers",
        change=Edit(
            place="providers/udesk/kinds/agents.py _duty",
            old='replaced(change.identity, change.live.__dict__["queues"], stricter, context)',
            new="frozenset()",
        ),
        fails=("test_udesk_plans.py::test_an_agent_goes_off_duty_after_somebody_else_is_there[joins]",),
    ),
    Mutant(
        rule="The last telephone is given up after somebody else answers",
        change=Edit(
            place="providers/udesk/bindings.py _phone_lost",
            old='replaced(change.identity, live["queues"], (Sort.REACHABLE,), context, releasing=remove)',
            new="frozenset()",
        ),
        fails=("test_udesk_plans.py::test_an_agent_gives_up_the_last_telephone_after_the_key_turns",),
    ),
    Mutant(
        rule="Who keeps a telephone gives up another at once",
        change=Edit(
            place="providers/udesk/bindings.py _phone_lost",
            old='len(remove) < len(live["extensions"])',
            new="False",
        ),
        fails=("test_udesk_plans.py::test_an_agent_that_keeps_a_telephone_gives_up_the_other_at_once",),
    ),
    Mutant(
        rule="Somebody else answers who has joined",
        change=Edit(place="providers/udesk/answering.py gained", old='found.add(("serves", agent, queue))', new="pass"),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[agent-leaves]",),
    ),
    Mutant(
        rule="Somebody else answers who has been switched on",
        change=Edit(place="providers/udesk/answering.py gained", old="found.add(duty(agent))", new="pass"),
        fails=("test_udesk_plans.py::test_an_agent_leaves_after_another_comes_on_duty",),
    ),
    Mutant(
        rule="Somebody else answers who has got a telephone",
        change=Edit(
            place="providers/udesk/answering.py gained",
            old='found |= {("holds", agent, number) for number in change.members("extensions").add}',
            new="pass",
        ),
        fails=("test_udesk_plans.py::test_who_takes_over_a_queue_has_a_telephone_first",),
    ),
    Mutant(
        rule="Who has a telephone need not get another to answer",
        change=Edit(
            place="providers/udesk/answering.py gained",
            old='change.live is None or not change.live.__dict__["extensions"] or agent in rephoned(context)',
            new="True",
        ),
        fails=("test_udesk_plans.py::test_an_agent_leaves_after_another_gets_a_telephone",),
    ),
    Mutant(
        rule="Somebody who serves is not enough: one who is on duty, where there is one",
        change=Edit(
            place="providers/udesk/answering.py _able",
            old='sort >= Sort.ON_DUTY and not fields["enabled"]',
            new="False",
        ),
        fails=("test_udesk_plans.py::test_an_agent_leaves_after_another_comes_on_duty",),
    ),
    Mutant(
        rule="Somebody on duty is not enough: one who has a telephone, where there is one",
        change=Edit(
            place="providers/udesk/answering.py _able",
            old='sort < Sort.REACHABLE or bool(fields["extensions"] or fields["auto_extension"])',
            new="True",
        ),
        fails=("test_udesk_plans.py::test_an_agent_leaves_after_another_gets_a_telephone",),
    ),
    Mutant(
        rule="A telephone is not all that counts: so does who is on duty without one",
        change=Edit(
            place="providers/udesk/kinds/agents.py _duty",
            old="(Sort.ON_DUTY, Sort.REACHABLE)",
            new="(Sort.REACHABLE,)",
        ),
        fails=("test_udesk_plans.py::test_an_agent_goes_off_duty_after_somebody_else_is_there[comes on duty]",),
    ),
    Mutant(
        rule="A telephone that the system makes is one",
        change=Edit(
            place="providers/udesk/answering.py _able",
            old='fields["extensions"] or fields["auto_extension"]',
            new='fields["extensions"]',
        ),
        fails=("test_udesk_plans.py::test_a_telephone_that_the_system_makes_is_one",),
    ),
    Mutant(
        rule="Of those who come, the one is waited for who can answer first",
        change=Edit(place="providers/udesk/answering.py _coming", old="shared.made(other, queue)", new="0"),
        fails=("test_udesk_plans.py::test_a_queue_is_left_by_its_key_before_its_agents_at_the_limit",),
    ),
    Mutant(
        rule="Of those who can answer as soon, the one who needs least",
        change=Edit(place="providers/udesk/answering.py _coming", old="len(gained(other, queue, context))", new="0"),
        fails=("test_udesk_plans.py::test_an_agent_leaves_after_the_one_joins_who_needs_the_least",),
    ),
    Mutant(
        rule="Who can only answer later is not waited for",
        change=Edit(place="providers/udesk/answering.py _next", old="position < before", new="True"),
        fails=("test_udesk_plans.py::test_a_queue_is_left_by_its_key_before_its_agents_at_the_limit",),
    ),
    Mutant(
        rule="Where nobody comes, the last one waits for keys to lead elsewhere",
        change=Edit(
            place="providers/udesk/answering.py replaced",
            old=(
                "facts |= {key_left(digit, queue) for digit in _keys(context).get(queue, ())"
                " if shared.places.released(digit) < before}"
            ),
            new="pass",
        ),
        fails=("test_udesk_traps.py::test_a_queue_is_not_left_alone_while_a_key_leads_to_it",),
        quick=True,
    ),
    Mutant(
        rule="Keys that turn later are not waited for",
        change=Edit(
            place="providers/udesk/answering.py replaced",
            old="shared.places.released(digit) < before",
            new="True",
        ),
        fails=("test_udesk_plans.py::test_a_key_that_can_only_turn_later_is_not_waited_for",),
    ),
    Mutant(
        rule="Nobody waits for a telephone that it must give up itself",
        change=Edit(
            place="providers/udesk/answering.py replaced",
            old='fact[0] == "holds" and fact[2] in releasing',
            new="False",
        ),
        fails=(
            (
                "test_udesk_plans.py::test_an_agent_gives_up_the_last_telephone_after_somebody_else_is_there"
                "[gets this one's telephone]"
            ),
        ),
    ),
    Mutant(
        rule="Where somebody answers all along, nobody else is waited for",
        change=Edit(
            place="providers/udesk/answering.py Answering.abandoned",
            old="not self.keep[sort].get(queue)",
            new="True",
        ),
        fails=("test_udesk_plans.py::test_an_agent_leaves_at_once_where_another_stays",),
    ),
    Mutant(
        rule="Who does not answer leaves at once",
        change=Edit(
            place="providers/udesk/answering.py Answering.abandoned",
            old="agent in self.now[sort].get(queue, ())",
            new="True",
        ),
        fails=("test_udesk_plans.py::test_an_agent_leaves_after_another_comes_on_duty",),
    ),
    Mutant(
        rule="Queues are looked at that lose somebody to a switch or for want of a telephone",
        change=Edit(
            place="providers/udesk/answering.py _touched",
            old='found.update(change.live.__dict__["queues"])',
            new="pass",
        ),
        fails=("test_udesk_plans.py::test_an_agent_goes_off_duty_after_somebody_else_is_there[comes on duty]",),
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
        rule="The table is written after somebody answers where it leads",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write",
            old="better |= {fact for fact in found if not left_out[fact[0]]}",
            new="pass",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[all-renumbered]",),
    ),
    Mutant(
        rule="Where somebody answers all along, the table waits for those who join only",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write",
            old="bool(staff.keep[Sort.REACHABLE].get(queue))",
            new="False",
        ),
        fails=("test_udesk_plans.py::test_a_key_turns_to_where_somebody_is_all_along_without_waiting_for_more",),
    ),
    Mutant(
        rule="Where nobody does, the table waits for duty and telephones too",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write",
            old="not left_out[fact[0]]",
            new='fact[0] == "serves"',
        ),
        fails=("test_udesk_plans.py::test_a_key_turns_after_its_agent_is_there[comes on duty]",),
    ),
    Mutant(
        rule="Queues are looked at that keys are turned to",
        change=Edit(
            place="providers/udesk/answering.py _touched",
            old=(
                'found.update(change.desired.__dict__["queue"] for change in context.changes.values()'
                ' if change.section == "fast_routers" and change.desired is not None)'
            ),
            new="pass",
        ),
        fails=("test_udesk_plans.py::test_a_key_turns_after_its_agent_is_there[gets a telephone]",),
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
        rule="A good order makes queues first that keys wait for",
        change=Edit(
            place="providers/udesk/turnover.py _foremost",
            old="makes = [choice for choice in makes if choice[0][1] & scene.needed]",
            new="pass",
        ),
        fails=("test_udesk_plans.py::test_where_there_are_too_many_orders_to_search_a_good_one_is_taken[keys]",),
    ),
    Mutant(
        rule="A good order makes queues first that let the next agents move on",
        change=Edit(
            place="providers/udesk/turnover.py _foremost",
            old="[min(makes, key=lambda choice: (*after(choice), choice[0]))]",
            new="makes[:1]",
        ),
        fails=("test_udesk_plans.py::test_where_there_are_too_many_orders_to_search_a_good_one_is_taken[one each]",),
    ),
    Mutant(
        rule="A good order lets those go whom the fewest miss",
        change=Edit(
            place="providers/udesk/turnover.py _good", old="(scene.cost(choice[1]), choice[0])", new="choice[0]"
        ),
        fails=(
            "test_udesk_plans.py::test_where_there_are_too_many_orders_to_search_a_good_one_is_taken[one in the last]",
        ),
    ),
    Mutant(
        rule="A good order writes the table as soon as it can",
        change=Edit(
            place="providers/udesk/turnover.py _good",
            old="Step.WRITE in kinds or kinds == {Step.WRITE_EARLY}",
            new="kinds == {Step.WRITE} or kinds == {Step.WRITE_EARLY}",
        ),
        fails=("test_udesk_plans.py::test_where_there_are_too_many_orders_to_search_a_good_one_is_taken[keys]",),
    ),
    Mutant(
        rule="Keys that lead to nobody count in that order",
        change=Edit(place="providers/udesk/scene.py Scene.cost", old="len(self.silent(state))", new="0"),
        fails=("test_udesk_plans.py::test_a_key_keeps_its_answer_at_the_limit",),
    ),
    Mutant(
        rule="Queues without agents count in that order",
        change=Edit(place="providers/udesk/scene.py Scene.cost", old="len(self.empty(state))", new="0"),
        fails=("test_udesk_plans.py::test_a_queue_is_left_by_its_key_before_its_agents_at_the_limit",),
    ),
    Mutant(
        rule="Agents without a queue count in that order",
        change=Edit(
            place="providers/udesk/scene.py Scene.cost",
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
        change=Edit(place="providers/udesk/scene.py Scene.events", old="room > 0", new="room > 1"),
        fails=("test_udesk_plans.py::test_where_there_are_too_many_queues_the_first_new_one_waits_for_the_rest",),
    ),
    Mutant(
        rule="A queue that keys lead to goes after they have let go",
        change=Edit(
            place="providers/udesk/scene.py Scene.events",
            old="sum(self.keys) & ~state.ahead if state.written < 2 else 0",
            new="0",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[hundred-queues-with-keys]",),
    ),
    Mutant(
        rule="The table is written after the new queues that it leads to are made",
        change=Edit(
            place="providers/udesk/scene.py Scene.events",
            old="state.written < 2 and not self.needed & ~state.made",
            new="state.written < 2",
        ),
        fails=("test_udesk_plans.py::test_what_takes_from_callers_waits_for_queues_that_have_agents_again",),
    ),
    Mutant(
        rule="Keys that nobody answers before or after do not count in that order",
        change=Edit(
            place="providers/udesk/scene.py scene_of",
            old="now[digit] in staff and then[digit] in answered",
            new="True",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[hundred-queues-with-keys]",),
    ),
    Mutant(
        rule="Queues that nobody serves in the end do not count in that order",
        change=Edit(
            place="providers/udesk/scene.py scene_of",
            old="queue not in goes and not staff[queue] & 1 and queue in answered",
            new="queue not in goes and not staff[queue] & 1",
        ),
        fails=("test_udesk_plans.py::test_of_orders_that_cost_as_much_the_shortest_loss_is_taken",),
    ),
    Mutant(
        rule="Of two who swap telephones, who serves no queue lets go first",
        change=Edit(
            place="providers/udesk/bindings.py _meanwhile",
            old='len(remove) < len(live["extensions"]) or not live["queues"] or not on_duty',
            new='len(remove) < len(live["extensions"]) or not on_duty',
        ),
        fails=("test_udesk_plans.py::test_who_is_missed_least_lets_go_of_a_telephone_first[Gao serves nothing]",),
    ),
    Mutant(
        rule="Of two who swap telephones, who alone answers a queue lets go second",
        change=Edit(place="providers/udesk/bindings.py _meanwhile", old="1 + len(alone)", new="1"),
        fails=("test_udesk_plans.py::test_who_is_missed_least_lets_go_of_a_telephone_first[Luo is alone in b]",),
    ),
    Mutant(
        rule="What is broken for a moment when a preference gives way is told",
        change=Edit(
            place="plan/__init__.py _forced",
            old='f"; {calls[late].meanwhile}" if calls[late].meanwhile else ""',
            new='""',
        ),
        fails=("test_udesk_plans.py::test_what_a_swap_of_telephones_breaks_is_told",),
    ),
    Mutant(
        rule="Queues that nobody else answers then are told",
        change=Edit(
            place="providers/udesk/bindings.py _meanwhile",
            old='text += f", nor has anybody else who answers {_called(alone, context)}"',
            new="pass",
        ),
        fails=("test_udesk_plans.py::test_what_a_swap_of_telephones_breaks_is_told",),
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
