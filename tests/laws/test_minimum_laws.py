"""
The proof that no plan makes a call too many: on tiny tenants, all legal ways are searched for the shortest.

Each vendor's model knows the vendor's pages and not the planner. Here a tenant and a wish are drawn as its states,
handed to the planner as files and a live state would be, and the numbers of calls compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciler.model.call import known
from reconciler.model.plan import Plan
from reconciler.plan.rehearse import farthest
from tests.laws import search
from tests.laws.planned import ORDERS, make, shuffled
from tests.laws.search import Model, State
from tests.laws.tencent.search import MODEL as TENCENT
from tests.laws.udesk.prompts import MODEL as PROMPTS
from tests.laws.udesk.search import MODEL as UDESK

MODELS: Final[Mapping[str, Model]] = {"udesk": UDESK, "udesk-prompts": PROMPTS, "tencent": TENCENT}

each_model: Final = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)

# A case takes a few milliseconds, so that there may be more of them than of other laws.
_MANY: Final = settings(max_examples=5 * settings().max_examples)
_SOME: Final = settings(max_examples=2 * settings().max_examples)


def _beside(model: Model, made: Plan, found: Sequence[State]) -> str:
    """Show a plan beside the shortest way, for whoever has to look why they differ."""
    planned = (f"{call.id} {call.title}: {call.why}" for call in made.calls)
    return "\n".join(["planned:", *planned, "found:", *(model.told(*step) for step in pairwise(found))])


@each_model
@_MANY
@given(data=st.data())
def test_no_legal_way_is_shorter_than_the_plan(model: Model, data: st.DataObject) -> None:
    """The plan has as many calls as the shortest of all legal ways, and the bound says so; refused is what has none."""
    task = data.draw(model.tasks())
    found = search.shortest(task)
    made = make(*model.tenant_of(task), model.provider)
    if found is None:
        assert [model.impossible] == [refusal.rule for refusal in made.refusals]
        return
    assert () == made.refusals
    least = len(found) - 1
    assert (least, least) == (len(made.calls), made.summary.minimum_calls), _beside(model, made, found)


@each_model
@_SOME
@given(data=st.data(), seed=ORDERS)
def test_each_call_of_a_plan_is_a_legal_move(model: Model, data: st.DataObject, seed: int) -> None:
    """As planned and in another order that `needs` allows, each call is one of the moves, and they end at the wish."""
    task = data.draw(model.walked())
    made = make(*model.tenant_of(task), model.provider)
    assume(not made.refusals)
    given = {call.id: model.gives(call, task) for call in made.calls}
    for calls in (made.calls, shuffled(made.calls, seed)):
        state = task.start
        for call in calls:
            after = model.carried_out(state, known(call, given), task)
            assert after in task.moves(state), (state, call)
            state = after
        assert task.goal == state


@each_model
@given(data=st.data())
def test_no_way_of_as_few_calls_is_kinder_to_callers(model: Model, data: st.DataObject) -> None:
    """
    Of all ways of as few calls, none leaves fewer without an answer at any time: keys, queues, agents, prompts.

    That holds for the order of the plan and for the one that strays farthest from it: `needs` keeps what counts.
    """
    task = data.draw(model.gentle())
    made = make(*model.tenant_of(task), model.provider)
    assume(not made.refusals)
    least = search.gentlest(task, len(made.calls))
    given = {call.id: model.gives(call, task) for call in made.calls}
    for calls in (made.calls, farthest(made.calls)):
        state = task.start
        worst = task.loss(state)
        for call in calls:
            state = model.carried_out(state, known(call, given), task)
            worst = max(worst, task.loss(state))
        assert task.goal == state
        assert least == worst, [call.why for call in calls]


@each_model
@_SOME
@given(data=st.data())
def test_the_led_search_finds_what_the_blind_one_finds(model: Model, data: st.DataObject) -> None:
    """The search's bound is never too high, and neither it nor the moves that are left out cost a shorter way."""
    task = data.draw(model.tiny())
    assume(not task.hopeless)
    blind, led = search.widest(task), search.shortest(task)
    assert blind is not None
    assert led is not None
    assert len(blind) == len(led), (blind, led)
    assert task.bound()(task.start) <= len(blind) - 1, blind


@each_model
@given(data=st.data())
def test_what_the_search_calls_impossible_is(model: Model, data: st.DataObject) -> None:
    """What there is no room for is reached by nothing legal, and everything else is reached."""
    task = data.draw(model.cramped())
    assert (search.widest(task) is None) == (search.shortest(task) is None)


@pytest.mark.parametrize(
    ("task", "calls"),
    [
        pytest.param(task, calls, id=f"{name}: {what}")
        for name, model in MODELS.items()
        for what, task, calls in model.known
    ],
)
def test_known_answers(task: Any, calls: int) -> None:
    """The search finds what was reckoned by hand."""
    found = search.shortest(task)
    assert found is not None
    assert calls == len(found) - 1
