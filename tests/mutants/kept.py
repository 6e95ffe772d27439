"""Rules that lose nothing on the way: what a replacing call takes along, what lets go for a moment and comes back."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Edit, Mutant

PARKING: Final = (
    Mutant(
        rule="Keys whose queue must go early are parked",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py lower",
            old="calls.append(_write(live, parked, context, addresses, why, places.early_write))",
            new="pass",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[hundred-queues-with-keys]",),
    ),
    Mutant(
        rule="A parked key whose new queue stands already is set for good",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py lower",
            old="parked |= {digit: wanted[digit] for digit in places.set_early}",
            new="pass",
        ),
        fails=("test_udesk_plans.py::test_a_key_that_must_let_go_early_is_set_for_good_where_it_can_be",),
        quick=True,
    ),
    Mutant(
        rule="The early writing sets other keys too, where somebody answers already",
        change=Edit(
            place="providers/udesk/scene.py Scene.set_early",
            old="digit in parked or self._staffed(self.then[digit], state)",
            new="digit in parked",
        ),
        fails=("test_udesk_plans.py::test_the_early_writing_sets_every_key_that_it_can",),
    ),
    Mutant(
        rule="The early writing turns no key that may stay to where nobody answers yet",
        change=Edit(
            place="providers/udesk/scene.py Scene.set_early",
            old="digit in parked or self._staffed(self.then[digit], state)",
            new="True",
        ),
        fails=("test_udesk_plans.py::test_the_early_writing_turns_no_key_to_where_nobody_answers",),
    ),
    Mutant(
        rule="The early writing sets only keys whose new queue stands",
        change=Edit(
            place="providers/udesk/scene.py Scene.set_early",
            old="self._stands(self.then[digit], state)",
            new="True",
        ),
        fails=("test_udesk_plans.py::test_a_key_that_must_let_go_early_is_set_for_good_where_it_can_be",),
    ),
    Mutant(
        rule="More keys than must let go early where that is better",
        change=Edit(
            place="providers/udesk/scene.py Scene.early_writes",
            old="len(self.keys) if len(self.keys) <= _FEW else self.short",
            new="self.short",
        ),
        fails=("test_udesk_plans.py::test_more_keys_than_must_let_go_early_where_that_is_better",),
    ),
    Mutant(
        rule="Only keys that must are parked, and only as many as must",
        change=Edit(place="providers/udesk/scene.py scene_of", old="max(short, 0)", new="len(keys)"),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[hundred-queues]",),
    ),
    Mutant(
        rule="Prompts that play a file that is replaced are parked",
        change=Edit(
            place="providers/udesk/playing.py playing",
            old="sorted(name for name, (wav, _) in live.items() if wav in again)",
            new="[]",
        ),
        fails=("test_udesk_traps.py::test_prompts_let_go_of_a_file_that_is_replaced",),
    ),
    Mutant(
        rule="Only prompts that play the file again are parked",
        change=Edit(
            place="providers/udesk/playing.py playing",
            old="renewed & {wav for wav, _ in wanted.values()}",
            new="renewed",
        ),
        fails=("test_udesk_plans.py::test_prompts_that_no_longer_play_a_renewed_file_are_set_once",),
    ),
    Mutant(
        rule="A prompt that lets go is set for good where it can be",
        change=Edit(
            place="providers/udesk/playing.py playing",
            old="frozenset(name for name in parked if wanted[name][0] in late)",
            new="frozenset(parked)",
        ),
        fails=("test_udesk_plans.py::test_a_prompt_gets_what_it_is_to_be_when_it_lets_go",),
    ),
    Mutant(
        rule="It may play a file with new content that nobody plays now",
        change=Edit(
            place="providers/udesk/playing.py playing",
            old="wanted[name][0] in late",
            new="wanted[name][0] in renewed",
        ),
        fails=("test_udesk_plans.py::test_a_prompt_that_lets_go_plays_another_file_at_once",),
    ),
    Mutant(
        rule="A prompt that would be parked must be in the files",
        change=Edit(
            place="providers/udesk/kinds/voice_files.py lower",
            old="refusals.extend(_unmanaged(change, voices, context))",
            new="pass",
        ),
        fails=("test_udesk_traps.py::test_prompts_let_go_of_a_file_that_is_replaced",),
    ),
)
KEPT: Final = (
    Mutant(
        rule="What an agent serves goes along when it joins a queue",
        change=Edit(place="providers/udesk/bindings.py _bind_agent", old="sorted({*kept, *add})", new="sorted(add)"),
        fails=("test_udesk_traps.py::test_what_an_agent_serves_goes_along_when_it_joins_a_queue",),
        quick=True,
    ),
    Mutant(
        rule="What a queue's call added before goes along in the agent's call",
        change=Edit(place="providers/udesk/bindings.py _bind_agent", old="shared.before.get(agent, ())", new="()"),
        fails=("test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",),
    ),
    Mutant(
        rule="Where a binding that exists is a duplicate, only the new ones go",
        change=Edit(place="providers/udesk/bindings.py _bind_agent", old="only_new if kept else None", new="None"),
        fails=("test_udesk_traps.py::test_what_an_agent_serves_goes_along_when_it_joins_a_queue",),
    ),
    Mutant(
        rule="What an agent leaves only later goes along until then",
        change=Edit(
            place="providers/udesk/bindings.py _bind_agent",
            old="not leaves_first or queue not in drop",
            new="queue not in drop",
        ),
        fails=("test_udesk_plans.py::test_what_an_agent_leaves_later_goes_along_until_then",),
    ),
    Mutant(
        rule="An agent whose call needs a place that it holds leaves first",
        change=Edit(
            place="providers/udesk/bindings.py _bind_agent",
            old="shared.places.first_gone(drop) <= shared.places.stand(add)",
            new="False",
        ),
        fails=("test_plan.py::test_at_the_limit_an_agent_changes_all_its_queues",),
    ),
    Mutant(
        rule="A live queue that the agent's call names is served until then",
        change=Edit(
            place="providers/udesk/bindings.py _bind_agent",
            old="queue in drop or queue in before",
            new="queue in before",
        ),
        fails=("test_udesk_plans.py::test_what_an_agent_leaves_later_goes_along_until_then",),
    ),
    Mutant(
        rule="A queue that the agent's call names after a queue's is served by then",
        change=Edit(
            place="providers/udesk/bindings.py _bind_agent",
            old="queue in drop or queue in before",
            new="queue in drop",
        ),
        fails=("test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",),
    ),
    Mutant(
        rule="An agent's call comes before the queue's that adds to it",
        change=Edit(place="providers/udesk/bindings.py _bind_agent", old="shared.after.get(agent, ())", new="()"),
        fails=("test_udesk_plans.py::test_a_queue_that_is_not_there_yet_is_joined_behind_the_agent_s_call",),
    ),
    Mutant(
        rule="An agent that leaves first has left when its call is made",
        change=Edit(
            place="providers/udesk/bindings.py _bind_agent",
            old='{("serves", agent, queue) for queue in drop if leaves_first}',
            new="set()",
        ),
        fails=("test_udesk_plans.py::test_an_agent_leaves_first_where_its_call_needs_the_place",),
    ),
    Mutant(
        rule="Extensions that an agent keeps go along when it gets another",
        change=Edit(place="providers/udesk/bindings.py _extensions", old="sorted({*kept, *add})", new="sorted(add)"),
        fails=("test_udesk_traps.py::test_two_extensions_at_most_are_bound_at_every_step",),
    ),
    Mutant(
        rule="Extensions that an agent loses do not go along",
        change=Edit(
            place="providers/udesk/bindings.py _extensions",
            old="tuple(number for number in live if number not in remove)",
            new="live",
        ),
        fails=("test_udesk_traps.py::test_two_extensions_at_most_are_bound_at_every_step",),
    ),
    Mutant(
        rule="Keys that do not change stay in the table",
        change=Edit(place="providers/udesk/kinds/fast_routers.py lower", old="dict(live)", new="{}"),
        fails=("test_udesk_traps.py::test_the_key_table_goes_whole",),
    ),
    Mutant(
        rule="A live key may lead to a queue that is gone, and goes on doing so",
        change=Edit(
            place="providers/udesk/rehearsal.py",
            old='Dialect(voices_body="list", bind_queues="replace", voices_left_out="default", dangling="kept")',
            new='Dialect(voices_body="list", bind_queues="replace", voices_left_out="default")',
        ),
        fails=("test_udesk_plans.py::test_a_key_that_leads_nowhere_stops_no_plan",),
    ),
    Mutant(
        rule="A vendor who refuses such a key is sent the table without it",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write",
            old='Call("PUT", API + "ivrs/fastrouters", {"FastRouter": sound}) if len(sound) < len(rows) else None',
            new="None",
        ),
        fails=("test_udesk_plans.py::test_a_key_that_leads_nowhere_stops_no_plan",),
    ),
    Mutant(
        rule="Queues that are made are not gone",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py _write",
            old='{*context.live.of("queues"), *(queue for kind, queue in moves.new if kind == "queue")}',
            new='{*context.live.of("queues")}',
        ),
        fails=("test_udesk_plans.py::test_a_key_whose_queue_is_made_again_needs_no_other_form",),
    ),
    Mutant(
        rule="A queue whose name another still bears has one of its own for a while, where the vendor refuses that",
        change=Edit(
            place="providers/udesk/kinds/queues.py _named_meanwhile",
            old='replace(call, otherwise=other, otherwise_on=frozenset({"duplicate"}))',
            new="call",
        ),
        fails=("test_udesk_traps.py::test_a_name_is_told_to_be_taken_only_where_both_queues_may_stand[98-True]",),
    ),
    Mutant(
        rule="A queue whose name is free by then needs no name for a while",
        change=Edit(
            place="providers/udesk/kinds/queues.py _namesakes",
            old="places.waits.get(queue.id, ())",
            new="()",
        ),
        fails=("test_udesk_traps.py::test_a_name_is_told_to_be_taken_only_where_both_queues_may_stand[99-False]",),
    ),
    Mutant(
        rule="Prompts that do not change go along",
        change=Edit(
            place="providers/udesk/playing.py playing",
            old="dict(live)",
            new="dict.fromkeys(live, OWN)",
        ),
        fails=("test_udesk_traps.py::test_prompts_let_go_of_a_file_that_is_replaced",),
    ),
)
