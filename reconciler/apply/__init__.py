"""
Plan → Outcomes: the calls in order, side by side where `needs` allows, each until it is known what became of it.

`run` decides what may start, `sending` carries one call through (intent, attempt, outcome, and again where it surely
did not happen), `besides` sees to what the vendor ignored of it and to what stands in its way, `settle` reads back what
an answer would have told.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.apply.run import Run
from reconciler.apply.world import World
from reconciler.model.call import Call
from reconciler.model.outcome import Outcome

__all__ = ["World", "apply"]


async def apply(calls: Sequence[Call], world: World, *, fail_fast: bool = False) -> tuple[Outcome, ...]:
    """
    Send all calls.

    Args:
        calls: In a valid serial order, with ids and needs.
        world: How to send, read back, write down and tell.
        fail_fast: Start nothing more after the first failure.

    Returns:
        The outcomes in the order of *calls*; failures are outcomes, not exceptions. A batch of which only a part worked
        has one outcome for each part that fared differently.
    """
    run = Run(calls, world, fail_fast=fail_fast)
    await run.all()
    return tuple(outcome for call in calls for outcome in run.outcomes[call.id])
