"""Rules of order: what waits for what, what gives way, and that nothing depends on the order of the input."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Edit, Mutant

ORDER: Final = (
    Mutant(
        rule="A call waits for what gives the facts that it requires",
        change=Edit(place="plan/order.py _hard", old="waits[index].add(giver)", new="pass"),
        fails=("test_plan.py::test_what_requires_comes_after_what_gives",),
    ),
    Mutant(
        rule="What takes a fact waits for those who still require it",
        change=Edit(place="plan/order.py _hard", old="waits[taker].add(index)", new="pass"),
        fails=("test_plan.py::test_what_takes_comes_after_those_who_require",),
    ),
    Mutant(
        rule="A call waits for what takes the facts that it forbids",
        change=Edit(place="plan/order.py _hard", old="waits[index].add(taker)", new="pass"),
        fails=("test_plan.py::test_what_takes_comes_after_those_who_require",),
        quick=True,
    ),
    Mutant(
        rule="What gives a fact waits for those who forbid it",
        change=Edit(place="plan/order.py _hard", old="waits[giver].add(index)", new="pass"),
        fails=("test_plan.py::test_what_forbids_comes_before_what_gives",),
    ),
    Mutant(
        rule="A call waits for what gives the facts that it prefers",
        change=Edit(place="plan/order.py _soft", old="better - hard[index] - {index}", new="set()"),
        fails=("test_plan.py::test_a_preference_holds_where_it_can",),
    ),
    Mutant(
        rule="Only a preference gives way in a circle, never a need",
        change=Edit(place="plan/order.py _without_circles", old="inner[index] - hard[index]", new="inner[index]"),
        fails=("test_plan.py::test_calls_that_wait_for_each_other_are_our_mistake",),
        quick=True,
    ),
    Mutant(
        rule="No more preferences give way than open the circle",
        change=Edit(place="plan/order.py _needed_to_open", old="_circles(left)", new="True"),
        fails=("test_order.py::test_no_more_gives_way_than_must",),
    ),
    Mutant(
        rule="Preferences of as few calls as can be give way",
        change=Edit(
            place="plan/order.py _given_up",
            old="range(1, len(late_first) + 1)",
            new="range(len(late_first), len(late_first) + 1)",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[swap-extensions]",),
    ),
    Mutant(
        rule="Of as few calls, those that lose least give way",
        change=Edit(place="plan/order.py _given_up", old="(loss[index], -index)", new="(0, -index)"),
        fails=("test_order.py::test_of_as_few_calls_the_one_that_loses_least_gives_way",),
    ),
    Mutant(
        rule="Of calls that lose as much, the later ones give way",
        change=Edit(place="plan/order.py _given_up", old="(loss[index], -index)", new="(loss[index], index)"),
        fails=("test_order.py::test_of_as_few_calls_the_one_that_loses_least_gives_way",),
    ),
    Mutant(
        rule="A preference that gave way is told",
        change=Edit(place="plan/order.py _without_circles", old="dropped.append((late, soon))", new="pass"),
        fails=("test_plan.py::test_a_preference_holds_where_it_can",),
    ),
    Mutant(
        rule="The order of the input does not matter",
        change=Edit(place="plan/order.py order", old="sorted(calls, key=_tie)", new="list(calls)"),
        fails=("test_plan.py::test_order_does_not_depend_on_the_input_s",),
    ),
    Mutant(
        rule="Of calls that may run at once, what makes things comes first",
        change=Edit(place="plan/order.py _tie", old="0 if call.gives and not call.takes else 1", new="1"),
        fails=("test_golden.py::test_the_example_is_planned_as_it_was",),
    ),
    Mutant(
        rule="Of calls that may run at once, what lets go comes late",
        change=Edit(place="plan/order.py _tie", old="call.takes and not call.gives", new="False"),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[closing-down]",),
    ),
    Mutant(
        rule="Of calls that may run at once, what deletes comes last",
        change=Edit(
            place="plan/order.py _tie",
            old='call.forbids and (call.method == "DELETE" or (call.action is not None and rank == 2))',
            new="False",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[all-renumbered]",),
    ),
    Mutant(
        rule="Numbers in addresses sort as numbers",
        change=Edit(
            place="plan/order.py _tie",
            old='(address.rstrip("0123456789"), len(address), address)',
            new='(address.rstrip("0123456789"), 0, address)',
        ),
        fails=("test_order.py::test_calls_that_could_run_at_once_have_an_order[numbers]",),
    ),
)
