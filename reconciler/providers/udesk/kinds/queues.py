"""Udesk queues: waiting lines that agents serve. Source: Udesk CTI Cloud API, "Queue Management"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from reconciler.model.call import Call, Reading
from reconciler.model.change import Action, Change, Risk, differences
from reconciler.model.explanation import shortened, titled
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import Identity, Needed, Resource
from reconciler.model.routing import Role, Route
from reconciler.model.scalars import Integer
from reconciler.providers.udesk.decode import Row, get, needed, number, result, rows, shown, text
from reconciler.providers.udesk.forms import unshown
from reconciler.providers.udesk.limits import MOST_QUEUES
from reconciler.providers.udesk.protocol import API
from reconciler.providers.udesk.turnover import Turnover, turnover


class Queue(Resource):
    """A waiting line that agents serve."""

    label_field: ClassVar[str | None] = "name"

    id: Annotated[str, Identity(), Field(pattern=r"^9[0-9]{3}$", description="Queue id: 9 and three digits.")]
    name: Annotated[str, Needed(), Field(min_length=1, description="The queue's name.")] = ""
    strategy: Annotated[
        str,
        Field(min_length=1, description="Who is rung first. The vendor documents only longest_idle."),
    ] = "longest_idle"
    timeout: Annotated[Integer, Field(ge=0, description="Seconds that a caller waits before the queue gives up.")] = 60
    max_length: Annotated[Integer, Field(ge=1, le=512, description="Callers that may wait at once, at most 512.")] = 128


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
    places = turnover(context)
    calls = []
    for change in changes:
        match change.action:
            case Action.CREATE:
                calls.append(_create(change, places, context))
            case Action.UPDATE:
                calls.append(_update(change, places, context))
            case Action.DELETE:
                calls.append(_delete(change, context))
    unseen = tuple(refusal for change in changes for refusal in unshown(change, _SENT))
    return Lowered(calls=tuple(calls), refusals=(*_over_limit(context), *unseen), notes=tuple(_notes(context, places)))


def _create(change: Change, places: Turnover, context: Context) -> Call:
    # Fields that the files leave out keep the vendor's defaults: 60 s and 128 callers ("Create Queue").
    queue = change.desired
    assert isinstance(queue, Queue), "a creation has a wish"
    body = {wire: value for name, wire, value in _fields(queue) if name in change.written or name in {"id", "name"}}
    call = Call(
        "POST",
        API + "queues",
        body,
        changes=(change.address,),
        why=f"create queue {titled(queue.name, queue.id)}",
        gives=frozenset({("queue", queue.id)}),
        forbids=frozenset(("queue", place) for place in places.waits.get(queue.id, ())),
    )
    return _named_meanwhile(call, queue, context, places)


def _named_meanwhile(call: Call, queue: Queue, context: Context, places: Turnover) -> Call:
    """
    Have a queue whose name another one still bears take a name of its own, if the vendor refuses the other form.

    Whether names must differ is not said; `apply` reads back, and gives it its name when the other has let go of it.
    """
    if not _namesakes(queue, context, places):
        return call
    assert call.body is not None, "queues are sent"
    other = Call(call.method, call.path, {**call.body, "QueueName": f"{queue.name} ({queue.id})"})
    return replace(call, otherwise=other, otherwise_on=frozenset({"duplicate"}))


def _namesakes(queue: Queue, context: Context, places: Turnover) -> list[str]:
    """List who bears a queue's name and may still stand when it gets it."""
    names = _live_names(context).get(queue.name, ())
    gone = places.waits.get(queue.id, ())
    return [identity for identity in names if identity != queue.id and identity not in gone]


@lru_cache(maxsize=1)
def _live_names(context: Context) -> Mapping[str, Sequence[str]]:
    found = defaultdict(list)
    for identity, queue in sorted(context.live.of("queues").items()):
        found[queue.name].append(identity)
    return found


def _update(change: Change, places: Turnover, context: Context) -> Call:
    # PUT replaces the queue, and a Timeout left out defaults to 0 here, though to 60 in POST ("Modify Queue").
    # So all fields go; the wish comes completed from what is live.
    queue = change.desired
    assert isinstance(queue, Queue), "an update has a wish"
    call = Call(
        "PUT",
        API + "queues",
        {wire: value for _, wire, value in _fields(queue)},
        sets=change.paths,
        changes=(change.address,),
        why=differences(change),
        requires=frozenset({("queue", queue.id)}),
    )
    return _named_meanwhile(call, queue, context, places) if change.field_change("name") is not None else call


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
        why=f"delete queue {shortened(change.label, change.identity) or change.identity}",
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
    """Map queue ids to names for people: those that the files write, else the live ones; long ones are shortened."""
    names = {identity: queue.name for identity, queue in context.live.of("queues").items()}
    for entry in context.desired.of("queues").values():
        names[entry.identity] = entry.resource.__dict__["name"] or names.get(entry.identity, "")
    return {identity: shortened(name, identity) for identity, name in names.items()}


@lru_cache(maxsize=1)
def servers(context: Context) -> Mapping[str, Sequence[str]]:
    """Map each queue to the agents that serve it now."""
    found = defaultdict(list)
    for agent in context.live.of("agents").values():
        for queue in agent.queues:
            found[queue].append(agent.id)
    return found


def _over_limit(context: Context) -> tuple[Refusal, ...]:
    queues = {change.identity: change for change in context.changes.values() if change.section == "queues"}
    live = context.live.of("queues")
    created = [change.address for change in queues.values() if change.action is Action.CREATE]
    after = len(live) + len(created) - sum(change.action is Action.DELETE for change in queues.values())
    if not created or after <= MOST_QUEUES:
        return ()
    wanted = {entry.identity for entry in context.desired.of("queues").values()}
    strangers = [queue for queue in sorted(live) if queue not in wanted and queue not in queues]
    return (
        Refusal(
            rule="queue-limit",
            message=f"the tenant would have {after} queues, and the vendor allows {MOST_QUEUES}; {len(strangers)} of "
            f"those it has are not in the files and stay",
            objects=(*created, *(f"queues/{queue}" for queue in strangers)),
            remedy=f"{_who_must_go(after - MOST_QUEUES, strangers, context)}, or want fewer.",
        ),
    )


def _who_must_go(count: int, strangers: Sequence[str], context: Context) -> str:
    """Say which of the queues that the files do not name must go, and how; `prune` takes none that `ignore` hides."""
    live = context.live.of("queues")
    seen = sum(not context.desired.hides("queues", queue, live[queue]) for queue in strangers)
    many = "One queue" if count == 1 else f"{count} queues"
    if seen >= count:
        return f"{many} that the files do not name must go (manage.queues.prune, or in the console)"
    if seen:
        more = count - seen
        return (
            f"{many} that the files do not name must go (in the console, or by manage.queues.prune once {more} more "
            f"{'is' if more == 1 else 'are'} taken out of manage.queues.ignore)"
        )
    them = "it" if count == 1 else "them"
    prune = "" if context.desired.rule("queues").prune else " and set manage.queues.prune"
    how = f"take {them} out of there{prune}, or delete {them} in the console"
    return f"{many} that manage.queues.ignore hides must go ({how})"


def _notes(context: Context, places: Turnover) -> Iterator[str]:
    """Say what the limit breaks, and for whom; and what may take a call more."""
    for change in context.changes.values():
        queue = change.desired
        if not isinstance(queue, Queue) or change.field_change("name") is None:
            continue
        if namesakes := _namesakes(queue, context, places):
            name = shortened(queue.name, queue.id)
            yield (
                f"{change.address} gets the name {name} while {', '.join(namesakes)} still bears it. Should the vendor "
                f"refuse that, it is called {titled(queue.name, queue.id)} first, and one call more renames it."
            )
    if not places.waits:
        return
    live = context.live.of("queues")

    def named(queues: Iterable[str]) -> str:
        return ", ".join(titled(live[queue].name, queue) for queue in sorted(queues))

    yield (
        f"The tenant has {len(live)} of {MOST_QUEUES} queues, so these must go before all new ones can be made: "
        f"{named({queue for places in places.waits.values() for queue in places})}."
    )
    if places.silent:
        keys = context.live.of("fast_routers")
        led = ", ".join(f"{digit} (now {keys[digit].queue})" for digit in places.silent)
        yield f"For that, nobody answers these keys until their new queues stand: {led}."
    if places.empty:
        yield (
            f"For that, these queues have no agents for a moment, and only more calls would avoid it: "
            f"{named(places.empty)}."
        )
    if places.idle:
        agents = context.live.of("agents")
        shown = [shortened(agents[agent].name, agent) or agent for agent in places.idle]
        rest = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
        at_once = f", at most {places.idle_at_once} at a time" if places.idle_at_once < len(shown) else ""
        yield (
            f"For that, {len(shown)} {'agent serves' if len(shown) == 1 else 'agents serve'} no queue "
            f"meanwhile{at_once}: {', '.join(shown[:_NAMED])}{rest}."
        )


_NAMED: Final = 8


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
    route=Route(role=Role.QUEUE, unreached="no key leads here", dead_end="nobody answers"),
)
