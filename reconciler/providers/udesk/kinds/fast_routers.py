"""Udesk fast routers: which key reaches which queue. Source: Udesk CTI Cloud API, "IVR Configuration Management"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final

from pydantic import Field

from reconciler.model.call import Call, Fact, Reading
from reconciler.model.change import Action, Change, Risk
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.resource import Computed, Needed, RefTo, Resource, Risky
from reconciler.model.routing import Role, Route
from reconciler.providers.udesk.answering import Sort, answering, gained, key_left
from reconciler.providers.udesk.decode import get, needed, result, rows, text
from reconciler.providers.udesk.joins import joins
from reconciler.providers.udesk.kinds.extensions import holders
from reconciler.providers.udesk.protocol import API
from reconciler.providers.udesk.sharing import regained, sharing
from reconciler.providers.udesk.turnover import turnover


class FastRouter(Resource):
    """What happens when a caller presses a key."""

    queue: Annotated[
        str, Needed(), RefTo("queues"), Risky("medium"), Field(min_length=1, description="The queue that answers.")
    ] = ""
    description: Annotated[str, Field(description="A remark; the vendor's `Desc`.")] = ""
    digit: Annotated[str, Computed()] = ""  # of a live key; in YAML it is the entry's own name


DIGITS: Final = tuple("0123456789")


def read(_memory: Memory) -> Reading[tuple[FastRouter, ...]]:
    """Read the table; `FastRouter` may stand beside `Result`. Source: "Get Fast Router Configuration"."""
    (reply,) = yield (get("ivrs/fastrouters"),)
    payload = reply.payload
    value = payload["FastRouter"] if "FastRouter" in payload else result(reply, "ivrs/fastrouters")
    return tuple(
        FastRouter.live(
            {
                "digit": needed(row, "ivrs/fastrouters", "Dtmf"),
                "queue": needed(row, "ivrs/fastrouters", "QueueId", "QueueID"),
                "description": text(row, "Desc"),
            }
        )
        for row in rows(value, "ivrs/fastrouters", "FastRouter", "FastRouters")
    )


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """
    Write the whole table in one call, after the queues that it names have their agents.

    A key whose queue must go before its new one can be made lets go of it ahead of the rest, which costs a call more.
    """
    if not changes:
        return Lowered()
    live = {digit: (key.queue, key.description) for digit, key in context.live.of("fast_routers").items()}
    wanted = dict(live)
    for change in changes:
        if change.action is Action.DELETE:
            wanted.pop(change.identity)
        else:
            wanted[change.identity] = _pair(change, context)
    addresses = tuple(change.address for change in changes)
    places = turnover(context)
    calls = []
    if places.parked:
        parked = {digit: pair for digit, pair in live.items() if digit not in places.parked}
        parked |= {digit: wanted[digit] for digit in places.set_early}
        why = f"let go of queues that must be deleted first: {', '.join(sorted(places.parked))}"
        calls.append(_write(live, parked, context, addresses, why, places.early_write))
        live = parked
    calls.append(_write(live, wanted, context, addresses, _why(changes), places.write))
    return Lowered(calls=tuple(calls))


def _pair(change: Change, context: Context) -> tuple[str, str]:
    wish = change.desired
    assert isinstance(wish, FastRouter), "a key that stays has a wish"
    if wish.description or "description" in change.written or change.live is not None:
        return wish.queue, wish.description
    # Desc is required by the page; without one in the files the queue's name says most.
    entries = [entry for entry in context.desired.of("queues").values() if entry.identity == wish.queue]
    names = [entry.resource.__dict__["name"] for entry in entries]
    found = context.live.of("queues").get(wish.queue)
    return wish.queue, next(filter(None, [*names, found.name if found else "", wish.queue]))


def _write(  # noqa: PLR0913, PLR0917 - the table before and after, and what it is for
    before: Mapping[str, tuple[str, str]],
    after: Mapping[str, tuple[str, str]],
    context: Context,
    addresses: tuple[str, ...],
    why: str,
    position: int,
) -> Call:
    pointed = {("key", digit, queue) for digit, (queue, _) in after.items()}
    was = {("key", digit, queue) for digit, (queue, _) in before.items()}
    new = {queue for digit, (queue, _) in after.items() if before.get(digit, ("",))[0] != queue}
    # The queues' agents come first, switched on and with their phones, but for those whom only a later queue's making
    # lets join; and callers of a new queue hear the new prompts.
    moves, shared, staff = joins(context), sharing(context), answering(context)
    better: set[Fact] = set()
    for queue in new:
        coming = {
            agent: gained(agent, queue, context)
            for agent in staff.then[Sort.SERVES].get(queue, ())
            if shared.made(agent, queue) <= position
        }
        # One call gives an agent all extensions, and who waits for one that another has may wait in a circle.
        waiting = {agent for agent, found in coming.items() if _borrows(found, context)}
        reachable = staff.then[Sort.REACHABLE].get(queue, frozenset())
        answered, others = (
            bool(staff.keep[Sort.REACHABLE].get(queue)),
            not waiting.issuperset(reachable & coming.keys()),
        )
        for agent, found in coming.items():
            sparing = answered or (others and agent in waiting)
            left_out = {"serves": False, "duty": answered, "holds": sparing or agent not in reachable}
            better |= {fact for fact in found if not left_out[fact[0]]}
    if any(("queue", queue) in moves.new for queue in new):
        better.add(VOICES_SET)
    rows = [
        {"Dtmf": digit, "Desc": description, "QueueId": queue} for digit, (queue, description) in sorted(after.items())
    ]
    # A live key may lead to a queue that is gone. Whether it may be sent again is not said; if not, it is left out.
    there = {*context.live.of("queues"), *(queue for kind, queue in moves.new if kind == "queue")}
    sound = [row for row in rows if row["QueueId"] in there]
    return Call(
        "PUT",
        API + "ivrs/fastrouters",
        {"FastRouter": rows},
        otherwise=Call("PUT", API + "ivrs/fastrouters", {"FastRouter": sound}) if len(sound) < len(rows) else None,
        otherwise_on=frozenset({"missing"}),
        changes=addresses,
        why=why,
        requires=frozenset(("queue", queue) for queue, _ in after.values())
        | {key_left(digit, queue) for digit, (queue, _) in after.items() if queue not in there},
        prefers=frozenset(better | regained(context, position)),
        loss=_MUCH * len(new),
        gives=frozenset(pointed - was) | {key_left(digit, queue) for _, digit, queue in was - pointed},
        takes=frozenset(was - pointed),
    )


_MUCH: Final = 10  # a key is worth more than what a call about one agent may lose
VOICES_SET: Final[Fact] = ("voices set",)


def _borrows(facts: Iterable[Fact], context: Context) -> bool:
    """Whether an agent gets a telephone that somebody has now."""
    return any(fact[0] == "holds" and holders(context).get(fact[2]) for fact in facts)


def _why(changes: Sequence[Change]) -> str:
    digits = sorted(change.identity for change in changes)
    return f"key table: {', '.join(digits)}"


KIND: Final = Kind(
    section="fast_routers",
    one="key",
    resource=FastRouter,
    shape=Shape.NAMED,
    description="The whole key table: which key reaches which queue.",
    read=read,
    identity=lambda key: key.digit,
    names=DIGITS,
    whole=True,
    deletion_risk=Risk.HIGH,
    lower=lower,
    route=Route(role=Role.KEY, dead_end="leads to no queue"),
)
