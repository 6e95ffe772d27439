"""Tencent queues: skill groups. Source: Tencent CCC 2020-02-10, Create/Update/Delete/DescribeSkillGroup actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from reconciler.model.call import Call, Fact, Given, Reading
from reconciler.model.change import Action, Change, Risk, differences
from reconciler.model.explanation import listed, shortened
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.renaming import parked_name
from reconciler.model.resource import Computed, Identity, Immutable, RenamedFrom, Resource
from reconciler.model.routing import Role, Route
from reconciler.model.scalars import Boolean, Integer
from reconciler.providers.tencent import facts
from reconciler.providers.tencent.decode import Paged, Row, flag, needed, number, shown, text
from reconciler.providers.tencent.limits import QUEUE_PAGE
from reconciler.providers.tencent.members import crowded, leaving, members, overflows
from reconciler.providers.tencent.turns import circles

TYPES: Final = {"phone": 0, "online": 1, "audio": 3, "video": 4}
_TYPE_NAMES: Final = {value: name for name, value in TYPES.items()}
_TYPE_FIXED: Final = "no action changes a queue's type; make another queue"


class Queue(Resource):
    """A skill group: callers wait for its members."""

    name: Annotated[str, Identity(), Field(min_length=1, description="The queue's name, unique in the application.")]
    type: Annotated[
        Literal["phone", "online", "audio", "video"],
        Immutable(_TYPE_FIXED),
        Field(description="phone, online, audio or video; set when it is made."),
    ] = "phone"
    max_concurrency: Annotated[
        Integer,
        Field(ge=1, description="Customers that one agent may serve at once; more than 1 only where type is online."),
    ] = 1
    ring_all: Annotated[
        Boolean, Field(description="Ring all members at once; such a queue takes two members at most.")
    ] = False
    renamed_from: Annotated[
        str, RenamedFrom(), Field(min_length=1, description="The name that it had before: it is renamed in place.")
    ] = ""
    id: Annotated[str, Computed()] = ""

    label_field: ClassVar[str | None] = None


_PAGES: Final = Paged(
    action="DescribeSkillGroupInfoList",
    rows="SkillGroupList",
    key=lambda row: text(row, "SkillGroupId"),
    size=QUEUE_PAGE,
)


def read(memory: Memory) -> Reading[tuple[Queue, ...]]:
    """Read all skill groups. Older editions don't show RingAll: then the store knows what was last set, or nobody."""
    found = yield from _PAGES.read()
    remembered = memory.of("queues")
    return tuple(_decode(row, remembered) for row in found)


def _decode(row: Row, remembered: Mapping[str, Mapping[str, Any]]) -> Queue:
    known = remembered.get(f"#{text(row, 'SkillGroupId')}", {}) if row.get("RingAll") is None else {}
    row = {**row, "RingAll": known["ring_all"]} if "ring_all" in known else row
    kind = number(row, "SkillGroupType", default=-1)
    values = {
        "name": needed(row, "SkillGroupName", _PAGES.action),
        "type": _TYPE_NAMES.get(kind, str(kind)),
        "max_concurrency": number(row, "MaxConcurrency", default=1),
        "ring_all": flag(row, "RingAll"),
        "renamed_from": "",
        "id": needed(row, "SkillGroupId", _PAGES.action),
    }
    return Queue.live(shown(row, values, type="SkillGroupType", max_concurrency="MaxConcurrency", ring_all="RingAll"))


@lru_cache(maxsize=1)
def _ids(context: Context) -> Mapping[str, int]:
    return {name: int(queue.id) for name, queue in context.live.of("queues").items()}


def queue_id(name: str, context: Context) -> int | Given:
    """Give a queue's id, which for one that the plan makes is in the answer to its creation."""
    if name.startswith("#"):  # a group that the list did not show: see `with_names`
        return int(name[1:])
    found = _ids(context).get(name)
    return found if found is not None else Given(facts.queue(name), "SkillGroupId")


def made(names: Sequence[str], context: Context) -> frozenset[Fact]:
    """State that queues are there which the plan makes."""
    return frozenset(facts.queue(name) for name in names if name not in context.live.of("queues"))


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Make, change and delete queues one by one: there is no batch for them."""
    calls: list[Call] = []
    renames = _Renames(changes)
    for change in changes:
        match change.action:
            case Action.CREATE:
                calls.extend(_create(change, renames))
            case Action.UPDATE:
                calls.extend(_update(change, renames, context))
            case Action.DELETE:
                calls.append(_delete(change, context))
    refusals = (*overflows(context), *_too_many_at_once(changes), *_forwarded_to(changes, context))
    return Lowered(calls=tuple(calls), refusals=refusals, notes=(*renames.notes(), *crowded(context)))


def _forwarded_to(changes: Sequence[Change], context: Context) -> Iterator[Refusal]:
    """Refuse to delete a queue that somebody forwards calls to: it would be refused, and nothing here changes that."""
    for change in changes:
        live = change.live
        if change.action is not Action.DELETE or not isinstance(live, Queue):
            continue
        if senders := forwarding(f"queues/{live.name}", context):
            yield Refusal(
                rule="forwarding-target",
                message=f"{change.address} can't be deleted: {listed(senders[:3])} "
                f"{'forwards' if len(senders) == 1 else 'forward'} calls to it",
                objects=(change.address, *(f"agents/{email}" for email in senders)),
                remedy="Forwarding is not managed here: change it in the console first.",
            )


def forwarding(target: str, context: Context) -> list[str]:
    """List who forwards calls to *target* and stays; "queues/Sales" or "agents/li.wei@example.com"."""
    going = {("agents", email) for email in _forwarding(context).get(target, ())} & context.by_identity.keys()
    gone = {email for section, email in going if context.by_identity[section, email].action is Action.DELETE}
    return [email for email in _forwarding(context).get(target, ()) if email not in gone]


def _forwarders(name: str, context: Context) -> frozenset[Fact]:
    """State who forwards calls to a queue, and so must go before it."""
    return frozenset(map(facts.agent, _forwarding(context).get(f"queues/{name}", ())))


@lru_cache(maxsize=1)
def _forwarding(context: Context) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for email, agent in sorted(context.live.of("agents").items()):
        if agent.forwards_to:
            found[agent.forwards_to].append(email)
    return found


def _too_many_at_once(changes: Sequence[Change]) -> Iterator[Refusal]:
    """Refuse to have agents serve several customers at once where only online queues take that (MaxConcurrency)."""
    for change in changes:
        queue = change.desired
        if isinstance(queue, Queue) and queue.max_concurrency > 1 and queue.type != "online":
            yield Refusal(
                rule="max-concurrency",
                message=f"{change.address}: max_concurrency {queue.max_concurrency} is for queues of the type online, "
                f"and this is a queue of the type {queue.type}",
                objects=(change.address,),
                remedy="Write max_concurrency: 1.",
            )


class _Renames:
    """Which names go from queue to queue, and which of them must be parked for that."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._old: dict[str, str] = {
            change.identity: change.live.__dict__["name"]
            for change in changes
            if _renamed(change) and change.live is not None
        }
        holders = {old: new for new, old in self._old.items()}
        waits = {new: holders[new] for new in self._old if new in holders}
        self._holders = holders
        self._parked = {circle[0] for circle in circles(waits)}

    def freed(self, name: str) -> frozenset[Fact]:
        """State that a name must be free before it is given."""
        return frozenset({facts.bears(name, self._holders[name])}) if name in self._holders else frozenset()

    def parks(self, name: str) -> bool:
        """Whether the queue that is to be called *name* takes another name first, to open a circle."""
        return name in self._parked

    def notes(self) -> Iterator[str]:
        """Say what costs a call more."""
        for name in sorted(self._parked):
            yield f"queues/{name} takes another name for a moment, since the queues hand their names round in a circle."


def _renamed(change: Change) -> bool:
    return change.action is Action.UPDATE and change.field_change("name") is not None


def _create(change: Change, renames: _Renames) -> Iterator[Call]:
    queue = change.desired
    assert isinstance(queue, Queue), "a creation has a wish"
    body: dict[str, Any] = {"SkillGroupName": queue.name, "SkillGroupType": TYPES[queue.type]}
    if "max_concurrency" in change.written:
        body["MaxConcurrency"] = queue.max_concurrency
    there = facts.queue(queue.name)
    yield Call(
        "POST",
        "/",
        body,
        action="CreateCCCSkillGroup",
        changes=(change.address,),
        why=f"create queue {queue.name}",
        forbids=renames.freed(queue.name),
        gives=frozenset({there}),
    )
    if queue.ring_all:
        # A creation does not take RingAll.
        yield Call(
            "POST",
            "/",
            {"SkillGroupID": Given(there, "SkillGroupId"), "RingAll": True},
            action="UpdateCCCSkillGroup",
            sets=("ring_all",),
            changes=(change.address,),
            why=f"queue {queue.name} rings all at once",
            requires=frozenset({there}),
        )


_WIRE: Final = {"name": "SkillGroupName", "max_concurrency": "MaxConcurrency", "ring_all": "RingAll"}


def _update(change: Change, renames: _Renames, context: Context) -> Iterator[Call]:
    queue, live = change.desired, change.live
    assert isinstance(queue, Queue), "an update has a wish"
    assert isinstance(live, Queue), "an update has a live object"
    key = {"SkillGroupID": int(live.id)}
    requires, forbids, gives, takes = set[Fact](), set[Fact](), set[Fact](), set[Fact]()
    if _renamed(change):
        old, new = facts.bears(live.name, change.identity), facts.bears(queue.name, change.identity)
        forbids |= renames.freed(queue.name)
        gives.add(new)
        if renames.parks(queue.name):
            aside = parked_name(live.name, live.id)
            yield Call(
                "POST",
                "/",
                {**key, "SkillGroupName": aside},
                action="UpdateCCCSkillGroup",
                changes=(change.address,),
                why=f"park the name {live.name}: call the queue {aside} for a moment",
                gives=frozenset({facts.parked(queue.name)}),
                takes=frozenset({old}),
            )
            requires.add(facts.parked(queue.name))
        else:
            takes.add(old)
    if change.field_change("ring_all") is not None:
        if queue.ring_all:
            forbids |= leaving(change.identity, context)
        else:
            gives.add(facts.in_turn(change.identity))
    yield Call(
        "POST",
        "/",
        {**key, **{_WIRE[path]: queue.__dict__[path] for path in change.paths if path in _WIRE}},
        action="UpdateCCCSkillGroup",
        sets=tuple(path for path in change.paths if path in _WIRE),
        changes=(change.address,),
        why=f"{shortened(live.name)}: {differences(change)}",
        requires=frozenset(requires),
        forbids=frozenset(forbids),
        gives=frozenset(gives),
        takes=frozenset(takes),
    )


def _delete(change: Change, context: Context) -> Call:
    # What makes it answer ResourceUnavailable is not said; so it goes when nobody has to do with it any more.
    live = change.live
    assert isinstance(live, Queue), "what is deleted is live"
    return Call(
        "POST",
        "/",
        {"SkillGroupId": int(live.id)},
        action="DeleteCCCSkillGroup",
        accepts=frozenset({"missing"}),
        changes=(change.address,),
        why=f"delete queue {live.name}",
        forbids=members(change.identity, context, numbers=True) | _forwarders(live.name, context),
        takes=frozenset({facts.queue(change.identity)}),
    )


KIND: Final = Kind(
    section="queues",
    one="queue",
    resource=Queue,
    shape=Shape.NAMED,
    description="Skill groups: callers wait for their members.",
    read=read,
    identity=lambda queue: queue.name,
    collection=True,
    deletion_risk=Risk.HIGH,
    route=Route(role=Role.QUEUE, dead_end="nobody answers"),
    unsupported={
        "id": "the vendor gives it; the name is the identity",
        "strategy": "no action sets a queue's route policy",
        "timeout": "no action sets how long callers wait",
        "max_length": "no action sets how many callers may wait",
    },
    lower=lower,
)
