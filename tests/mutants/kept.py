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
        rule="Only keys that must are parked, and only as many as must",
        change=Edit(place="providers/udesk/turnover.py _scene", old="max(short, 0)", new="len(keys)"),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[hundred-queues]",),
    ),
    Mutant(
        rule="Prompts that play a file that is replaced are parked",
        change=Edit(
            place="providers/udesk/playing.py playing",
            old="sorted(name for name, (wav, _) in live.items() if wav in both)",
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
        rule="Prompts that do not change go along",
        change=Edit(
            place="providers/udesk/playing.py playing",
            old="dict(live)",
            new="dict.fromkeys(live, OWN)",
        ),
        fails=("test_udesk_traps.py::test_prompts_let_go_of_a_file_that_is_replaced",),
    ),
)
