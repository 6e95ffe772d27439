"""Rules that make the calls few, and limits that no plan may pass."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Edit, Mutant, Split

LIMITS: Final = (
    Mutant(
        rule="More than 100 queues are refused",
        change=Edit(
            place="providers/udesk/kinds/queues.py _over_limit", old="not created or after <= MOST_QUEUES", new="True"
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[no-place-for-one-more]",),
    ),
    Mutant(
        rule="At 100 queues old ones go before new ones are made",
        change=Edit(
            place="providers/udesk/scene.py scene_of",
            old="not free < len(created) <= free + len(deleted)",
            new="True",
        ),
        fails=("test_plan.py::test_at_the_limit_an_agent_changes_all_its_queues",),
    ),
    Mutant(
        rule="More than two extensions are refused",
        change=Edit(
            place="providers/udesk/bindings.py _extensions", old="add and after > MOST_EXTENSIONS", new="False"
        ),
        fails=("test_udesk_plans.py::test_a_third_extension_is_refused",),
    ),
    Mutant(
        rule="At two extensions the old one goes first",
        change=Edit(
            place="providers/udesk/bindings.py _extensions", old="len(live) + len(add) > MOST_EXTENSIONS", new="False"
        ),
        fails=("test_udesk_traps.py::test_two_extensions_at_most_are_bound_at_every_step",),
        quick=True,
    ),
    Mutant(
        rule="An extension that somebody else keeps is refused",
        change=Edit(
            place="providers/udesk/bindings.py _extensions",
            old="not _lets_go(other, number, context)",
            new="False",
        ),
        fails=("test_udesk_traps.py::test_an_extension_that_somebody_else_keeps_is_refused",),
    ),
    Mutant(
        rule="Where a tenant has more queues than it may, the first new one waits for the rest too",
        change=Edit(place="providers/udesk/turnover.py _settled", old="over and late", new="False"),
        fails=("test_udesk_plans.py::test_where_there_are_too_many_queues_the_first_new_one_waits_for_the_rest",),
    ),
)
CALLS: Final = (
    Mutant(
        rule="New agents go in one call",
        change=Split(call="POST agents", field="Agents"),
        fails=("test_udesk_traps.py::test_new_agents_go_in_one_call_with_what_was_written",),
    ),
    Mutant(
        rule="agent_batch bounds what one call creates",
        change=Edit(
            place="providers/udesk/kinds/agents.py _create",
            old='context.desired.settings.__dict__["agent_batch"]',
            new="len(created) or 1",
        ),
        fails=("test_udesk_traps.py::test_new_agents_go_in_batches_of_the_configured_size",),
        quick=True,
    ),
    Mutant(
        rule="Extensions that a leaving agent holds go with it",
        change=Edit(
            place="providers/udesk/kinds/extensions.py swept",
            old="tuple(number for number in agent.extensions if number in going)",
            new="()",
        ),
        fails=("test_udesk_traps.py::test_extensions_go_with_their_agent",),
    ),
    Mutant(
        rule="Two extensions of others may go along with an agent that leaves",
        change=Edit(
            place="providers/udesk/kinds/extensions.py swept",
            old="agent.id not in found and len(rest) >= MOST_EXTENSIONS",
            new="False",
        ),
        fails=("test_udesk_plans.py::test_two_extensions_of_others_go_along_with_an_agent_that_leaves",),
    ),
    Mutant(
        rule="One extension alone is not bound to be deleted",
        change=Edit(place="providers/udesk/kinds/extensions.py swept", old="len(rest) >= MOST_EXTENSIONS", new="rest"),
        fails=("test_udesk_plans.py::test_one_extension_is_deleted_by_itself",),
    ),
    Mutant(
        rule="No more go along than an agent has places for",
        change=Edit(place="providers/udesk/kinds/extensions.py swept", old="agent.id not in found", new="True"),
        fails=("test_udesk_plans.py::test_an_agent_that_takes_its_own_along_takes_no_others",),
    ),
    Mutant(
        rule="A spare that only the store knows is not bound to be deleted",
        change=Edit(
            place="providers/udesk/kinds/extensions.py swept", old="going & holders(context).keys()", new="going"
        ),
        fails=("laws/test_minimum_laws.py::test_no_legal_way_is_shorter_than_the_plan",),
    ),
    Mutant(
        rule="What goes with its agent is not deleted by itself",
        change=Edit(
            place="providers/udesk/kinds/extensions.py lower",
            old="change.identity not in _gone_with_agents(context)",
            new="True",
        ),
        fails=("test_udesk_traps.py::test_extensions_go_with_their_agent",),
    ),
    Mutant(
        rule="Both extensions of an agent are bound in one call",
        change=Split(call="POST agents/extensions", field="Extensions"),
        fails=("test_udesk_traps.py::test_two_extensions_at_most_are_bound_at_every_step",),
    ),
    Mutant(
        rule="Both extensions of an agent are unbound in one call",
        change=Split(call="DELETE agents/extensions", field="Extensions"),
        fails=("laws/test_plan_laws.py::test_no_plan_makes_a_call_too_many",),
    ),
    Mutant(
        rule="One agent joins many queues in one call",
        change=Split(call="POST agents/queues", field="Queues"),
        fails=("test_udesk_traps.py::test_what_an_agent_serves_goes_along_when_it_joins_a_queue",),
    ),
    Mutant(
        rule="Many agents join one queue in one call",
        change=Split(call="POST queues/agents", field="AgentIds"),
        fails=("test_udesk_traps.py::test_many_agents_join_a_queue_in_one_call",),
    ),
    Mutant(
        rule="An agent leaves all its queues in one call",
        change=Split(call="DELETE agents/queues", field="Queues"),
        fails=("test_udesk_traps.py::test_an_agent_leaves_its_queues_before_it_is_deleted",),
    ),
    Mutant(
        rule="New subscriptions go in one call",
        change=Split(call="POST subscriptions", field="subscriptions"),
        fails=("test_udesk_traps.py::test_new_subscriptions_go_in_one_call_and_may_fail_one_by_one",),
    ),
    Mutant(
        rule="The key table is written once where one writing is enough",
        change=Edit(
            place="providers/udesk/kinds/fast_routers.py lower",
            old="calls.append(_write(live, wanted, context, addresses, _why(changes), places.write))",
            new="calls.extend(_write(live, wanted, context, (item,), item, places.write) for item in addresses)",
        ),
        fails=("test_udesk_traps.py::test_the_key_table_goes_whole",),
    ),
    Mutant(
        rule="All prompts are set in one call",
        change=Edit(
            place="providers/udesk/kinds/default_voices.py lower",
            old="Lowered(calls=tuple(calls))",
            new="Lowered(calls=(*calls, *calls[-1:]))",
        ),
        fails=("test_udesk_traps.py::test_prompts_let_go_of_a_file_that_is_replaced",),
    ),
    Mutant(
        rule="The bindings are a minimum cover (and not one call an agent)",
        change=Edit(
            place="providers/cover.py minimum_cover",
            old="_cover(edges, lefts, rights)",
            new="_cover(edges, {*edges}, set())",
        ),
        fails=("test_cover.py::test_a_cover_covers_and_none_is_smaller",),
    ),
    Mutant(
        rule="The bindings are a minimum cover (and not one call a queue)",
        change=Edit(
            place="providers/cover.py minimum_cover",
            old="_cover(edges, lefts, rights)",
            new="_cover(edges, set(), {*back})",
        ),
        fails=("test_cover.py::test_a_cover_covers_and_none_is_smaller",),
    ),
    Mutant(
        rule="A greedy matching is improved until it is a maximum",
        change=Edit(place="providers/cover.py _matching", old="layer is None", new="True"),
        fails=("test_cover.py::test_a_cover_covers_and_none_is_smaller",),
        quick=True,
    ),
    Mutant(
        rule="Of two sides that would do, the one that can be made sooner is taken",
        change=Edit(place="providers/cover.py minimum_cover", old="by_left < by_right", new="False"),
        fails=("test_cover.py::test_of_two_that_are_as_small_the_sooner_is_taken",),
    ),
    Mutant(
        rule="Of two sides that can be made as soon, the queue's is taken",
        change=Edit(place="providers/cover.py minimum_cover", old="by_left < by_right", new="by_left <= by_right"),
        fails=("test_cover.py::test_of_two_that_are_as_small_the_right_side_s_is_taken",),
    ),
    Mutant(
        rule="A call is ready when all that take part in it are",
        change=Edit(
            place="providers/cover.py _ready",
            old="max(own.get(member, 0), max((others.get(partner, 0) for partner in partners), default=0))",
            new="own.get(member, 0)",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[five-of-hundred-replaced]",),
    ),
    Mutant(
        rule="A new agent is ready later than a live one",
        change=Edit(place="providers/udesk/joins.py joins", old="dict.fromkeys(new_agents, 1)", new="dict()"),
        fails=("test_udesk_plans.py::test_of_two_covers_the_one_that_is_ready_sooner_is_taken[an agent is new]",),
    ),
    Mutant(
        rule="A new queue is ready later than a live one",
        change=Edit(place="providers/udesk/joins.py joins", old="dict.fromkeys(new_queues, late)", new="dict()"),
        fails=("test_udesk_plans.py::test_of_two_covers_the_one_that_is_ready_sooner_is_taken[and so is a queue]",),
    ),
    Mutant(
        rule="A new queue at the limit is ready later than a new agent",
        change=Edit(
            place="providers/udesk/joins.py joins",
            old="2 if len(context.live.of('queues')) + len(new_queues) > MOST_QUEUES else 1",
            new="1",
        ),
        fails=("test_udesk_plans.py::test_of_two_covers_the_one_that_is_ready_sooner_is_taken[without]",),
    ),
    Mutant(
        rule="The order of the pairs does not matter",
        change=Edit(
            place="providers/cover.py minimum_cover",
            old="{left: sorted(rights) for left, rights in sorted(pairs.items()) if rights}",
            new="{left: list(rights) for left, rights in pairs.items() if rights}",
        ),
        fails=("test_cover.py::test_the_order_of_the_pairs_does_not_matter",),
    ),
)
