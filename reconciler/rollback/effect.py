"""What a run really did about a change, by the attempts that it recorded."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import assert_never

from reconciler.model.history import Attempt, Ending, Settled


class Effect(Enum):
    """What became of a change."""

    NONE = "nothing was sent, or it surely did not happen"
    BEFORE = "it was so before, the vendor said"
    SOME = "it happened, or may have"


def effect(attempts: Iterable[Attempt]) -> Effect:
    """Say what became of a change from the attempts at the calls that serve it."""
    found = {_of(attempt) for attempt in attempts}
    return next((item for item in (Effect.SOME, Effect.BEFORE) if item in found), Effect.NONE)


def _of(attempt: Attempt) -> Effect:
    if attempt.settled is not None:
        return Effect.NONE if attempt.settled is Settled.NOT_DONE else Effect.SOME
    match attempt.ending:
        case Ending.DONE | Ending.LOST | None:
            return Effect.SOME
        case Ending.ALREADY:
            return Effect.BEFORE
        case Ending.REFUSED:
            # Whether a batch is all or nothing is not said.
            return Effect.SOME if len(attempt.call.changes) > 1 else Effect.NONE
        case Ending.UNSENT:
            return Effect.NONE
        case _:
            assert_never(attempt.ending)
