"""An answer that is good and leaves something out: what became of each item, in the vendor's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.apply.settle import Found
from reconciler.model.call import Call, Reply
from reconciler.model.errors import Rejected
from reconciler.model.outcome import Learned
from reconciler.providers.base import Provider


def sort_out(  # noqa: PLR0913 - an answer, and what is known besides
    call: Call, reply: Reply, learned: Learned, provider: Provider, *, found: Found | None, ours: bool
) -> tuple[list[Call], list[tuple[Call, Rejected]]]:
    """
    Tell apart what an otherwise good answer did and what it left out.

    What it does not name as left out counts as done, as after any good answer. What it names is read back: what was to
    go or to change, and shows so, is as wanted, and done. What was to be made and is there was made by somebody else
    meanwhile: it may be quite another, so it has failed, and the next plan starts from it. Names that fit no item leave
    the say to the read alone.

    Args:
        call: What was answered.
        reply: The answer.
        learned: What it teaches; *failed* is not empty.
        provider: Splits the call, and learns of each part what the answer says of it.
        found: What reading back shows; None where it could not be read.
        ours: Whether what is there may be our own doing, since an earlier answer was lost.

    Returns:
        The parts that are done, and those that are not, each with why.
    """
    parts = provider.parts(call)
    shown = () if found is None else found.done
    whys = [learned.failed] if len(parts) == 1 else _placed(parts, reply, provider)
    if not any(whys):
        whys = [{} if part in shown else learned.failed for part in parts]
    done: list[Call] = []
    failed: list[tuple[Call, Rejected]] = []
    for part, why in zip(parts, whys, strict=True):
        there = part in shown
        if not why or (there and (ours or not part.gives)):
            done.append(part)
        else:
            refused = _refusal(part, why, there=there)
            refused.request_id = reply.request_id
            failed.append((part, refused))
    return done, failed


def _placed(parts: Sequence[Call], reply: Reply, provider: Provider) -> list[Mapping[str, str]]:
    """Say of each part why it was left out, if it was: what all parts are told alike is whose the facts say it is."""
    claims = [provider.learn(part, reply).failed for part in parts]
    common = {name for name in claims[0] if all(name in claim for claim in claims)}
    return [
        {name: why for name, why in claim.items() if name not in common or name.casefold() in _words(part)}
        for part, claim in zip(parts, claims, strict=True)
    ]


def _words(part: Call) -> frozenset[str]:
    """List what a part's facts speak of."""
    return frozenset(word.casefold() for fact in part.gives | part.takes for word in fact[1:])


def told(failed: Mapping[str, str]) -> Sequence[str]:
    """Say why each item was left out."""
    return [f"{name}: {why}" if why else name for name, why in failed.items()]


def _refusal(part: Call, why: Mapping[str, str], *, there: bool) -> Rejected:
    words = "; ".join(told(why))
    also = ". It is there all the same, and it was not this call that made it" if there else ""
    return Rejected(
        f"{part.title}: the vendor took the call and left out {words}{also}",
        code="partial",
        text=words,
        remedy="Plan again: it starts from what is there." if there else "Look at this entry, then apply again.",
        call=part.title,
    )
