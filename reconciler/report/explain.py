"""
Explanations as people read them, and as a part of a plan's document.

First the answer (what changes, why, how risky), then each call: what it is for, why it stands there, and what would
happen elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich.text import Text

from reconciler.model.explanation import Explanation, Step, Trial, Wait
from reconciler.model.secret import Mask
from reconciler.report.pen import STYLES, Pen, count, field_pieces, some
from reconciler.report.safe import storable

_IDS_SHOWN: Final = 4
_FOLLOWERS_SHOWN: Final = 3
_OTHERS_SHOWN: Final = 3
_LONGEST: Final = 600  # columns of one sentence
_WHY: Final = 200  # columns of what a call is for


def write_explanations(pen: Pen, explanations: Sequence[Explanation]) -> None:
    """Show each explained address in full."""
    for explanation in explanations:
        _write(pen, explanation)


def _write(pen: Pen, explanation: Explanation) -> None:
    change = explanation.change
    address = pen.clean(explanation.address, 60)
    if change is None:
        pen.heading(f"{address}: this plan does not change it")
    else:
        title = f"{explanation.one} {pen.change_title(change)}".strip()
        words = Text(f"{change.action.value} {title}", STYLES[change.action])
        pen.console.print()
        pen.line(Text.assemble((f"{address}: ", "bold"), words))
    for reason in explanation.reasons:
        pen.line(pen.sentence(reason, _LONGEST), indent=2, hang=2)
    if change is None:
        return
    if change.source is not None:
        where = change.source
        pen.line(f"In the files: {pen.clean(where.file, 200)}:{where.line}:{where.column}", indent=2, hang=2)
    for item in change.fields:
        pen.flow(Text("    "), field_pieces(pen, change, item, full=True))
    if not explanation.steps:
        pen.line("No call is made for it.", indent=2)
    for step in explanation.steps:
        _write_step(pen, step, explanation.address)


def _write_step(pen: Pen, step: Step, address: str) -> None:
    call = step.call
    pen.console.print()
    lead = Text.assemble(
        (pen.clean(call.id, 12), "bold"), f"  {pen.clean(call.title, 100)}  {pen.sentence(call.why, _WHY)}"
    )
    pen.line(lead, indent=2, hang=4)
    others = [pen.clean(other, 40) for other in call.changes if other != address]
    if others:
        pen.line(f"It also serves {some(others[:_OTHERS_SHOWN], len(others))}.", indent=4, hang=2)
    if not step.waits:
        pen.line("It waits for nothing.", indent=4)
    for wait in step.waits:
        _write_wait(pen, f"After {_ids(pen, wait.others)}", wait)
    for sentence in step.gave_way:
        pen.line(pen.sentence(sentence, _LONGEST), indent=4, hang=2)
    for wait in step.followers[:_FOLLOWERS_SHOWN]:
        _write_wait(pen, f"{_ids(pen, wait.calls)} {'wait' if len(wait.calls) > 1 else 'waits'} for it", wait)
    more = sum(len(wait.calls) for wait in step.followers[_FOLLOWERS_SHOWN:])
    if more:
        pen.line(f"{count(more, 'more call')} {'waits' if more == 1 else 'wait'} for it.", indent=4)


def _write_wait(pen: Pen, lead: str, wait: Wait) -> None:
    pen.line(f"{lead}: {pen.sentence(wait.text, _LONGEST)}.", indent=4, hang=2)
    if wait.trial is not None:
        pen.line(pen.sentence(wait.trial.text, _LONGEST), indent=6)


def _ids(pen: Pen, ids: Sequence[str]) -> str:
    return some([pen.clean(item, 12) for item in ids[:_IDS_SHOWN]], len(ids))


def explanations_document(explanations: Sequence[Explanation], *, mask: Mask) -> list[dict[str, Any]]:
    """Turn explanations into what `explanations` of a plan's document holds."""

    def text(value: str) -> str:
        return storable(mask.text(value))

    def trial(item: Trial) -> dict[str, Any]:
        return {
            "call": item.call,
            "before": list(item.before),
            "effect": item.effect.value,
            "along": list(item.along),
            "code": text(item.code),
            "text": text(item.text),
        }

    def wait(item: Wait) -> dict[str, Any]:
        return {
            "calls": list(item.calls),
            "others": list(item.others),
            "rules": [rule.value for rule in item.rules],
            "why": text(item.text),
            "elsewhere": None if item.trial is None else trial(item.trial),
        }

    return [
        {
            "address": text(item.address),
            "changes": item.change is not None,
            "reasons": [text(reason) for reason in item.reasons],
            "calls": [
                {
                    "id": step.call.id,
                    "why": text(step.call.why),
                    "waits": [wait(found) for found in step.waits],
                    "followers": [wait(found) for found in step.followers],
                    "gave_way": [text(sentence) for sentence in step.gave_way],
                }
                for step in item.steps
            ],
        }
        for item in explanations
    ]
