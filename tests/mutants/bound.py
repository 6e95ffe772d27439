"""The terms of the least number of calls."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Edit, Mutant

_BOUND: Final = "providers/udesk/bound.py"
BOUND: Final = (
    Mutant(
        rule="Counts the application, the default number and webhook events",
        change=Edit(
            place=f"{_BOUND} minimum_calls",
            old="len(of('application', ())) + len(of('default_number', ())) + len(of('webhook_events', ()))",
            new="0",
        ),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="Counts queues, one by one",
        change=Edit(place=f"{_BOUND} minimum_calls", old="len(of('queues', ()))", new="0"),
        fails=("test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",),
    ),
    Mutant(
        rule="Counts the key table",
        change=Edit(
            place=f"{_BOUND} minimum_calls",
            old="_key_table(of('fast_routers', []), of('queues', []), live)",
            new="0",
        ),
        fails=("test_udesk_plans.py::test_a_key_that_must_let_go_early_is_set_for_good_where_it_can_be",),
    ),
    Mutant(
        rule="Counts a second writing of the key table where one can't do",
        change=Edit(place=f"{_BOUND} _key_table", old="2 if there > MOST_QUEUES else 1", new="1"),
        fails=("test_udesk_plans.py::test_a_key_that_must_let_go_early_is_set_for_good_where_it_can_be",),
        quick=True,
    ),
    Mutant(
        rule="Queues that no key led to may go before the table is written",
        change=Edit(place=f"{_BOUND} _key_table", old="len(deleted - {*now.values()})", new="0"),
        fails=("laws/test_minimum_laws.py::test_no_legal_way_is_shorter_than_the_plan",),
    ),
    Mutant(
        rule="Only new queues that keys will lead to must be there for the table",
        change=Edit(place=f"{_BOUND} _key_table", old="created & {*then.values()}", new="created"),
        fails=("laws/test_minimum_laws.py::test_no_legal_way_is_shorter_than_the_plan",),
    ),
    Mutant(
        rule="A queue that is gone takes no place",
        change=Edit(
            place=f"{_BOUND} _key_table",
            old='len(live.of("queues"))',
            new='len({*live.of("queues"), *now.values()})',
        ),
        fails=("test_udesk_plans.py::test_a_queue_that_is_gone_takes_no_place",),
    ),
    Mutant(
        rule="Counts the prompts",
        change=Edit(place=f"{_BOUND} minimum_calls", old="bool(of('default_voices'))", new="0"),
        fails=("test_udesk_plans.py::test_prompts_that_no_longer_play_a_renewed_file_are_set_once",),
    ),
    Mutant(
        rule="Counts changed and deleted subscriptions, one by one",
        change=Edit(
            place=f"{_BOUND} minimum_calls",
            old="sum(change.action is not Action.CREATE for change in subscriptions)",
            new="0",
        ),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="Counts new subscriptions once",
        change=Edit(
            place=f"{_BOUND} minimum_calls",
            old="any(change.action is Action.CREATE for change in subscriptions)",
            new="0",
        ),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="Counts voice files",
        change=Edit(
            place=f"{_BOUND} minimum_calls",
            old="_voice_files(of('voice_files', []), of('default_voices', []), live)",
            new="0",
        ),
        fails=("test_udesk_plans.py::test_prompts_that_no_longer_play_a_renewed_file_are_set_once",),
    ),
    Mutant(
        rule="Counts new content twice: a deletion and an upload",
        change=Edit(place=f"{_BOUND} _voice_files", old="len(changes) + len(renewed)", new="len(changes)"),
        fails=("test_udesk_plans.py::test_prompts_that_no_longer_play_a_renewed_file_are_set_once",),
    ),
    Mutant(
        rule="Counts a second setting of prompts whose file is replaced",
        change=Edit(place=f"{_BOUND} _voice_files", old="total += 2 - bool(voices)", new="pass"),
        fails=("laws/test_minimum_laws.py::test_no_legal_way_is_shorter_than_the_plan[udesk-prompts]",),
    ),
    Mutant(
        rule="Counts new extensions",
        change=Edit(
            place=f"{_BOUND} minimum_calls",
            old="sum(change.action is Action.CREATE for change in of('extensions', ()))",
            new="0",
        ),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="Counts deleted extensions",
        change=Edit(
            place=f"{_BOUND} minimum_calls",
            old="_deleted_extensions(deleted, of('agents', []), live)",
            new="0",
        ),
        fails=("test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",),
    ),
    Mutant(
        rule="Extensions that go with their agent take no call",
        change=Edit(
            place=f"{_BOUND} _deleted_extensions",
            old="deleted & {number for agent in leaving for number in agent.extensions}",
            new="set()",
        ),
        fails=("test_udesk_plans.py::test_an_agent_that_takes_its_own_along_takes_no_others",),
    ),
    Mutant(
        rule="Two extensions of others may go along with an agent that leaves",
        change=Edit(
            place=f"{_BOUND} _deleted_extensions",
            old="min(empty_handed, len(seen - with_agent) // MOST_EXTENSIONS)",
            new="0",
        ),
        fails=("test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",),
    ),
    Mutant(
        rule="Extensions that no read shows do not go along",
        change=Edit(
            place=f"{_BOUND} _deleted_extensions",
            old="deleted & {number for agent in live.of('agents').values() for number in agent.extensions}",
            new="deleted",
        ),
        fails=("test_udesk_plans.py::test_spares_that_only_the_store_knows_are_deleted_by_themselves",),
    ),
    Mutant(
        rule="Counts creations of agents by the batch",
        change=Edit(place=f"{_BOUND} _agents", old="-(-created // batch)", new="created // batch"),
        fails=("test_udesk_plans.py::test_of_two_covers_the_one_that_is_ready_sooner_is_taken[an agent is new]",),
    ),
    Mutant(
        rule="Counts deletions of agents",
        change=Edit(
            place=f"{_BOUND} _agents",
            old="1 + bool(agent.queues) + bool(set(agent.extensions) - deleted)",
            new="bool(agent.queues) + bool(set(agent.extensions) - deleted)",
        ),
        fails=("test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",),
    ),
    Mutant(
        rule="Counts that an agent leaves its queues before it is deleted",
        change=Edit(
            place=f"{_BOUND} _agents",
            old="1 + bool(agent.queues) + bool(set(agent.extensions) - deleted)",
            new="1 + bool(set(agent.extensions) - deleted)",
        ),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="Counts that an agent lets go of extensions that stay before it is deleted",
        change=Edit(
            place=f"{_BOUND} _agents",
            old="1 + bool(agent.queues) + bool(set(agent.extensions) - deleted)",
            new="1 + bool(agent.queues)",
        ),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="Counts changed fields of agents",
        change=Edit(place=f"{_BOUND} _agents", old="bool(fields & _AGENT_FIELDS)", new="0"),
        fails=("test_udesk_plans.py::test_of_two_covers_the_one_that_is_ready_sooner_is_taken[an agent is new]",),
    ),
    Mutant(
        rule="Counts agents' own numbers",
        change=Edit(
            place=f"{_BOUND} _agents",
            old=("number is not None and (change.action is Action.UPDATE or bool(getattr(number, 'after', '')))"),
            new="0",
        ),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="Counts agents that leave queues or let go of extensions",
        change=Edit(place=f"{_BOUND} _agents", old="bool(change.members(path).remove)", new="0"),
        fails=("test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",),
    ),
    Mutant(
        rule="Counts agents that get extensions",
        change=Edit(place=f"{_BOUND} _agents", old="bool(change.members('extensions').add)", new="0"),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="Counts pairs that share neither agent nor queue",
        change=Edit(place=f"{_BOUND} _agents", old="_matching(pairs)", new="0"),
        fails=("test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",),
    ),
    Mutant(
        rule="Counts the most of those pairs, not the first that fit",
        change=Edit(place=f"{_BOUND} _matching", old="stack.append(partner[queue])", new="pass"),
        fails=("test_udesk_plans.py::test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s",),
    ),
)
