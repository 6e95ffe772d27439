"""Udesk queues: waiting lines that agents serve. Source: Udesk CTI Cloud API, "Queue Management"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from reconciler.model.call import Call, Reading
from reconciler.model.change import Action, Change, Risk, differences
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import Identity, Needed, Resource, Risky
from reconciler.model.scalars import Integer
from reconciler.providers.udesk.decode import Row, get, needed, number, result, rows, shown, text
from reconciler.providers.udesk.forms import unshown
from reconciler.providers.udesk.protocol import API


class Queue(Resource):
    """A waiting line that agents serve."""

    label_field: ClassVar[str | None] = "name"

    id: Annotated[str, Identity(), Field(pattern=r"^9[0-9]{3}$", description="Queue id: 9 and three digits.")]
    name: Annotated[str, Needed(), Field(min_length=1, description="The queue's name.")] = ""
    strategy: Annotated[
        str,
        Risky("medium"),
        Field(min_length=1, description="Who is rung first. The vendor documents only longest_idle."),
    ] = "longest_idle"
    timeout: Annotated[
        Integer, Risky("medium"), Field(ge=0, description="Seconds that a caller waits before the queue gives up.")
    ] = 60
    max_length: Annotated[
        Integer, Risky("medium"), Field(ge=1, le=512, description="Callers that may wait at once, at most 512.")
    ] = 128


LIMIT: Final = 100  # "A maximum of 100 queues can be created per AppId."


def read(_memory: Memory) -> Reading[tuple[Queue, ...]]:
    """Read all queues: QueueID and Name here, QueueId and QueueName in writes. Source: "Get All Queue Information"."""
    (reply,) = yield (get("queues"),)
    found = rows(result(reply, "queues", "Queues"), "queues", "Queues", "QueueList", "List")
    return tuple(map(_decode, found))


def _decode(row: Row) -> Queue:
    values = {
        "id": needed(row, "queues", "QueueID", "QueueId"),
        "name": text(row, "Name", "QueueName"),
        "strategy": text(row, "Strategy", default="longest_idle"),
        "timeout": number(row, "Timeout"),
        "max_length": number(row, "MaxLength", default=128),
    }
    names = ("Name", "QueueName")
    return Queue.live(shown(row, values, name=names, strategy="Strategy", timeout="Timeout", max_length="MaxLength"))


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Make, change and delete queues one by one: the API has no batch for them."""
    hurried = early(context)
    calls = []
    for change in changes:
        match change.action:
            case Action.CREATE:
                calls.append(_create(change, hurried))
            case Action.UPDATE:
                calls.append(_update(change))
            case Action.DELETE:
                calls.append(_delete(change, context))
    unseen = tuple(refusal for change in changes for refusal in unshown(change, _SENT))
    return Lowered(calls=tuple(calls), refusals=(*_over_limit(context), *unseen), notes=_notes(context, hurried))


def _create(change: Change, hurried: Mapping[str, str]) -> Call:
    # Fields that the files leave out keep the vendor's defaults: 60 s and 128 callers ("Create Queue").
    queue = change.desired
    assert isinstance(queue, Queue), "a creation has a wish"
    body = {wire: value for name, wire, value in _fields(queue) if name in change.written or name in {"id", "name"}}
    place = hurried.get(queue.id)
    return Call(
        "POST",
        API + "queues",
        body,
        changes=(change.address,),
        why=f"create queue {queue.name} ({queue.id})",
        gives=frozenset({("queue", queue.id)}),
        forbids=frozenset({("queue", place)}) if place else frozenset(),
    )


def _update(change: Change) -> Call:
    # PUT replaces the queue, and a Timeout left out defaults to 0 here, though to 60 in POST ("Modify Queue").
    # So all fields go; the wish comes completed from what is live.
    queue = change.desired
    assert isinstance(queue, Queue), "an update has a wish"
    return Call(
        "PUT",
        API + "queues",
        {wire: value for _, wire, value in _fields(queue)},
        changes=(change.address,),
        why=differences(change),
        requires=frozenset({("queue", queue.id)}),
    )


def _delete(change: Change, context: Context) -> Call:
    # "Queues with bound seats cannot be deleted"; what happens to a key that points at it is not said.
    held = {("serves", agent, change.identity) for agent in servers(context).get(change.identity, ())}
    keys = {
        ("key", digit, change.identity)
        for digit, key in context.live.of("fast_routers").items()
        if key.queue == change.identity
    }
    return Call(
        "DELETE",
        API + "queues",
        {"QueueId": change.identity},
        accepts=frozenset({"missing"}),
        changes=(change.address,),
        why=f"delete queue {change.label or change.identity}",
        forbids=frozenset(held | keys),
        takes=frozenset({("queue", change.identity)}),
    )


_SENT: Final = frozenset({"name", "strategy", "timeout", "max_length"})


def _fields(queue: Queue) -> tuple[tuple[str, str, Any], ...]:
    return (
        ("id", "QueueId", queue.id),
        ("name", "QueueName", queue.name),
        ("strategy", "Strategy", queue.strategy),
        ("timeout", "Timeout", queue.timeout),
        ("max_length", "MaxLength", queue.max_length),
    )


@lru_cache(maxsize=1)
def queue_names(context: Context) -> Mapping[str, str]:
    """Map queue ids to names: those that the files write, else the live ones."""
    live = {identity: queue.name for identity, queue in context.live.of("queues").items()}
    entries = context.desired.of("queues").values()
    return live | {
        entry.identity: entry.resource.__dict__["name"] for entry in entries if entry.resource.__dict__["name"]
    }


@lru_cache(maxsize=1)
def servers(context: Context) -> Mapping[str, Sequence[str]]:
    """Map each queue to the agents that serve it now."""
    found = defaultdict(list)
    for agent in context.live.of("agents").values():
        for queue in agent.queues:
            found[queue].append(agent.id)
    return found


@lru_cache(maxsize=1)
def early(context: Context) -> Mapping[str, str]:
    """
    Pair creations that find no free place with the deletions that make one: created id → deleted id.

    Empty unless the tenant would pass 100 queues on the way. The queues that go first are those that the fewest
    keys and agents need; queues that keys want do not wait where others can, or else for one that no key points at.
    """
    queues = [change for change in context.changes.values() if change.section == "queues"]
    created = [change.identity for change in queues if change.action is Action.CREATE]
    deleted = [change.identity for change in queues if change.action is Action.DELETE]
    short = len(context.live.of("queues")) + len(created) - LIMIT
    if short <= 0 or not deleted:
        return {}
    keys = Counter(key.queue for key in context.live.of("fast_routers").values())
    agents = Counter(queue for agent in context.live.of("agents").values() for queue in agent.queues)
    first = sorted(deleted, key=lambda queue: (keys[queue], agents[queue], queue))[:short]
    wanted = {
        change.desired.__dict__["queue"]
        for change in context.changes.values()
        if change.section == "fast_routers" and change.desired is not None
    }
    # Those that find a place at once are the last; of those that wait, the ones that keys want are paired first.
    late = sorted(created, key=lambda queue: (queue in wanted, queue))[:short]
    return dict(zip(sorted(late, key=lambda queue: (queue not in wanted, queue)), first, strict=False))


def _over_limit(context: Context) -> tuple[Refusal, ...]:
    queues = [change for change in context.changes.values() if change.section == "queues"]
    live = len(context.live.of("queues"))
    created = sum(change.action is Action.CREATE for change in queues)
    after = live + created - sum(change.action is Action.DELETE for change in queues)
    if not created or after <= LIMIT:
        return ()
    return (
        Refusal(
            rule="queue-limit",
            message=f"the tenant would have {after} queues, and the vendor allows {LIMIT}",
            objects=tuple(change.address for change in queues if change.action is Action.CREATE),
            remedy=f"Delete {after - LIMIT} queues that the files do not name (manage.queues.prune), or want fewer.",
        ),
    )


def _notes(context: Context, hurried: Mapping[str, str]) -> tuple[str, ...]:
    if not hurried:
        return ()
    gone = ", ".join(f"{context.live.of('queues')[queue].name} ({queue})" for queue in sorted(hurried.values()))
    return (
        (
            f"The tenant has {len(context.live.of('queues'))} of {LIMIT} queues, so these must go before all new ones "
            f"can be made: {gone}."
        ),
    )


KIND: Final = Kind(
    section="queues",
    one="queue",
    resource=Queue,
    shape=Shape.NAMED,
    description="Waiting lines that agents serve, at most 100.",
    read=read,
    identity=lambda queue: queue.id,
    collection=True,
    deletion_risk=Risk.HIGH,
    lower=lower,
)
