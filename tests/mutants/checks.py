"""What stands around the planner: the rehearsal, the guards and risks, targets."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Edit, Mutant

_REHEARSE: Final = "plan/rehearse.py"
REHEARSAL: Final = (
    Mutant(
        rule="A call that the model refuses ends it",
        change=Edit(
            place=f"{_REHEARSE} rehearse",
            old='raise _failed(call, why, calls, how="" if calls is serial else " when calls run side by side")',
            new="pass",
        ),
        fails=("test_defect.py::test_a_plan_that_fails_its_rehearsal_is_kept[plan]",),
    ),
    Mutant(
        rule="The order that strays farthest is run too",
        change=Edit(
            place=f"{_REHEARSE} rehearse",
            old="(serial, contrary) if contrary != serial else (serial,)",
            new="(serial,)",
        ),
        fails=("test_rehearse.py::test_calls_that_do_not_wait_are_refused_side_by_side",),
        quick=True,
    ),
    Mutant(
        rule="That order takes what comes last as soon as it may run",
        change=Edit(place=f"{_REHEARSE} farthest", old="-heappop(ready)", new="-ready.pop()"),
        fails=("test_rehearse.py::test_calls_that_do_not_wait_are_refused_side_by_side",),
    ),
    Mutant(
        rule="That order keeps to what calls need",
        change=Edit(place=f"{_REHEARSE} farthest", old="not open_[follower]", new="open_[follower] >= 0"),
        fails=("test_target.py::test_only_what_legality_needs_comes_along[targets2-also2]",),
    ),
    Mutant(
        rule="The given order keeps to what calls need",
        change=Edit(place=f"{_REHEARSE} rehearse", old="_check_serial(plan.calls)", new="pass"),
        fails=("test_plan.py::test_a_plan_that_does_not_work_is_never_shown",),
    ),
    Mutant(
        rule="The end is the wish",
        change=Edit(
            place=f"{_REHEARSE} rehearse",
            old=("[change.address for change in check(desired, end) if (change.section, change.identity) in planned]"),
            new="[]",
        ),
        fails=("test_plan.py::test_a_plan_that_does_not_work_is_never_shown",),
    ),
    Mutant(
        rule="Nothing else is touched",
        change=Edit(
            place=f"{_REHEARSE} rehearse",
            old=(
                "[f'{section}/{identity}' for section, identity in _touched(start, end, planned, gone, provider.kinds)]"
            ),
            new="[]",
        ),
        fails=("test_plan.py::test_a_plan_that_does_not_work_is_never_shown",),
    ),
    Mutant(
        rule="Nothing else is gone",
        change=Edit(place=f"{_REHEARSE} _same", old="False", new="True"),
        fails=("test_rehearse.py::test_what_no_change_speaks_of_is_not_touched[gone]",),
    ),
    Mutant(
        rule="The second order ends where the first did",
        change=Edit(place=f"{_REHEARSE} rehearse", old="run.same_as(reached)", new="True"),
        fails=("test_rehearse.py::test_an_end_that_depends_on_the_order_is_refused",),
    ),
    Mutant(
        rule="What was learned on the way is part of where it ends",
        change=Edit(place="plan/stand_in.py StandIn.same_as", old="self._facts == other._facts", new="True"),
        fails=("test_rehearse.py::test_what_was_learned_tells_two_ends_apart",),
    ),
    Mutant(
        rule="Whole sections take part, so that their limits hold",
        change=Edit(
            place="plan/stand_in.py scope",
            old=(
                "{name for name, items in live.sections.items()"
                " if len(items) <= _WHOLE or _renames(name, desired, kinds)}"
            ),
            new="set()",
        ),
        fails=("test_target.py::test_only_what_legality_needs_comes_along[targets7-also7]",),
    ),
    Mutant(
        rule="A section too large to take part whole takes part with what changes and what that names",
        change=Edit(
            place="plan/stand_in.py scope",
            old="involved[spec.ref.section].update(value if isinstance(value, tuple) else (value,))",
            new="pass",
        ),
        fails=("test_rehearse.py::test_a_large_section_takes_part_with_what_the_plan_names",),
    ),
    Mutant(
        rule="A call that is refused in one form is made in the other",
        change=Edit(place="plan/stand_in.py StandIn._answer", old="self._model.answer(call.otherwise)", new="reply"),
        fails=("test_rehearse.py::test_what_is_refused_in_one_form_is_made_in_the_other",),
    ),
)
GUARDS: Final = (
    Mutant(
        rule="More deletions than `safety` allows are refused",
        change=Edit(
            place="plan/guard.py _deletions",
            old="count <= limit or allowed.get(section) == count",
            new="True",
        ),
        fails=("test_plan.py::test_one_plan_deletes_only_so_much[6-6-True]",),
    ),
    Mutant(
        rule="Only the very number lifts that",
        change=Edit(place="plan/guard.py _deletions", old="allowed.get(section) == count", new="section in allowed"),
        fails=("test_plan.py::test_one_plan_deletes_only_so_much[6-6-True]",),
    ),
    Mutant(
        rule="What is protected is not deleted",
        change=Edit(place="plan/guard.py guard", old="_protected(changes, desired)", new="()"),
        fails=("test_plan.py::test_what_is_protected_is_neither_deleted_nor_left_alone[9002]",),
    ),
    Mutant(
        rule="What is protected is not left without agents",
        change=Edit(place="plan/guard.py guard", old="_unstaffed(changes, desired, live, kinds)", new="()"),
        fails=("test_plan.py::test_what_is_protected_is_neither_deleted_nor_left_alone[9002]",),
    ),
    Mutant(
        rule="Who may not sign in answers for nothing",
        change=Edit(
            place="plan/staffing.py _on_duty",
            old="all(item.__dict__[field] for field in _duties(type(item)))",
            new="True",
        ),
        fails=("test_risk.py::test_who_takes_the_last_answer_is_of_high_risk[agents2-expected2]",),
    ),
    Mutant(
        rule="Who joins in the same plan answers for it",
        change=Edit(place="plan/staffing.py _difference", old="found[identity] += 1", new="pass"),
        fails=("test_plan.py::test_what_is_protected_is_neither_deleted_nor_left_alone[9002]",),
    ),
    Mutant(
        rule="A queue that somebody stays in is not left alone",
        change=Edit(
            place="plan/staffing.py left_alone", old="0 < before[item] <= -change[item]", new="0 < before[item]"
        ),
        fails=("test_risk.py::test_each_field_has_its_risk[agents-enabled-True-False-medium]",),
    ),
    Mutant(
        rule="A queue that is deleted is not left alone",
        change=Edit(place="plan/staffing.py left_alone", old="found - gone", new="found"),
        fails=("test_risk.py::test_a_queue_that_goes_is_not_left_alone",),
    ),
    Mutant(
        rule="Keys that lead to a queue that is left alone are named",
        change=Edit(
            place="plan/staffing.py leading_to",
            old="[(kind.section, name) for name, value in sorted(after.items()) if value == identity]",
            new="[]",
        ),
        fails=("test_risk.py::test_the_keys_that_lead_to_nobody_are_named",),
    ),
    Mutant(
        rule="A key that is turned to where nobody answers is of high risk",
        change=Edit(place="plan/staffing.py lonely", old="change.address in told", new="False"),
        fails=("test_risk.py::test_a_key_to_where_nobody_answers_is_of_high_risk[None]",),
    ),
    Mutant(
        rule="Who takes the last answer is of high risk",
        change=Edit(
            place="plan/staffing.py lonely",
            old="not leaves(change, kinds).isdisjoint(alone)",
            new="False",
        ),
        fails=("test_plan.py::test_the_last_one_who_leaves_is_told",),
    ),
    Mutant(
        rule="What is impossible has no calls",
        change=Edit(
            place="plan/__init__.py plan",
            old="Ordered(calls=()) if impossible else order(lowered.calls)",
            new="order(lowered.calls)",
        ),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[no-place-for-one-more]",),
    ),
    Mutant(
        rule="What gives way is told",
        change=Edit(place="plan/__init__.py plan", old="_forced(ordered)", new="()"),
        fails=("test_golden.py::test_the_story_is_planned_as_it_was[swap-extensions]",),
    ),
)
TARGETS: Final = (
    Mutant(
        rule="What gives the facts that are required comes along",
        change=Edit(place="plan/target.py _Search._lacking", old="call.requires - given", new="()"),
        fails=("test_target.py::test_only_what_legality_needs_comes_along[targets2-also2]",),
    ),
    Mutant(
        rule="What takes the facts that are forbidden comes along",
        change=Edit(place="plan/target.py _Search._lacking", old="call.forbids - taken", new="()"),
        fails=("test_target.py::test_only_what_legality_needs_comes_along[targets2-also2]",),
    ),
    Mutant(
        rule="What comes along brings along what it needs",
        change=Edit(place="plan/target.py targeted", old="kept |= more", new="return search.only(kept | more)"),
        fails=("test_target.py::test_only_what_legality_needs_comes_along[targets2-also2]",),
    ),
    Mutant(
        rule="Of what one call writes, only what is needed comes along",
        change=Edit(place="plan/target.py _Search._who", old="by_itself or addresses", new="addresses"),
        fails=("test_target.py::test_only_what_legality_needs_comes_along[targets2-also2]",),
    ),
    Mutant(
        rule="A queue that has no place takes along one that goes",
        change=Edit(
            place="plan/target.py _Search.missing",
            old="found <= kept and set(part.refusals) - set(self._whole.refusals)",
            new="False",
        ),
        fails=("test_target.py::test_a_queue_without_a_place_takes_one_along",),
    ),
    Mutant(
        rule="A refusal of what is left out does not stand in the way",
        change=Edit(
            place="plan/__init__.py plan",
            old="tuple(item for item in standing if concerns(item, changes, frozenset(targets)))",
            new="tuple(standing)",
        ),
        fails=("test_target.py::test_what_is_left_out_does_not_stand_in_the_way",),
    ),
    Mutant(
        rule="What comes along is told",
        change=Edit(
            place="plan/__init__.py _targeted",
            old="sorted(change.address for change in kept if change.address not in asked)",
            new="[]",
        ),
        fails=("test_target.py::test_only_what_legality_needs_comes_along[targets2-also2]",),
    ),
)
