"""Tencent extensions: telephones. Source: Tencent CCC 2020-02-10, the Extension actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from reconciler.model.call import Call, Fact, Reading
from reconciler.model.change import Action, Change, differences
from reconciler.model.explanation import listed, shortened
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.resource import Identity, Needed, RefTo, Resource, Risky, Unordered
from reconciler.model.routing import Role, Route
from reconciler.providers.tencent import facts
from reconciler.providers.tencent.decode import Paged, Row, ids, needed, shown, text
from reconciler.providers.tencent.kinds.queues import made, queue_id
from reconciler.providers.tencent.limits import PAGE, SMALLER_PAGES
from reconciler.providers.tencent.members import first, replaced, room, telephones
from reconciler.providers.tencent.naming import with_names


class Extension(Resource):
    """A telephone with a number of its own."""

    label_field: ClassVar[str | None] = "name"

    number: Annotated[str, Identity(), Field(pattern=r"^[0-9A-Za-z_-]{1,32}$", description="The telephone's number.")]
    name: Annotated[str, Needed(), Field(min_length=1, description="What the telephone is called.")] = ""
    queues: Annotated[
        tuple[str, ...],
        RefTo("queues"),
        Unordered(),
        Risky("medium"),
        Field(description="Queues that it rings for."),
    ] = ()
    agent: Annotated[
        str,
        RefTo("agents", lets_go=True),
        Risky("medium"),
        Field(description='The agent whose telephone it is; "" for nobody\'s.'),
    ] = ""


_PAGES: Final = Paged(
    action="DescribeExtensions",
    rows="ExtensionList",
    key=lambda row: text(row, "ExtensionId"),
    size=PAGE,
    total="Total",
    smaller=SMALLER_PAGES,
)


def read(_memory: Memory) -> Reading[tuple[Extension, ...]]:
    """Read all telephones; their groups are one text of ids with commas, which `derive` names."""
    found = yield from _PAGES.read()
    return tuple(map(_decode, found))


def _decode(row: Row) -> Extension:
    values = {
        "number": needed(row, "ExtensionId", _PAGES.action),
        "name": text(row, "ExtensionName"),
        "queues": ids(row, "SkillGroupId"),
        "agent": text(row, "Relation").lower(),
    }
    return Extension.live(shown(row, values, name="ExtensionName"))


def derive(sections: Mapping[str, Mapping[str, Any]], _memory: Memory) -> tuple[Extension, ...]:
    """Give queues their names in place of their ids."""
    return with_names(sections, "extensions", "queues")


def spelled(email: str, context: Context) -> str:
    """Give a person's email as the vendor spells it, else as the files do."""
    live = context.live.of("agents").get(email)
    if live is not None:
        return str(live.email)
    change = context.by_identity.get(("agents", email))
    return str(change.desired.__dict__["email"]) if change is not None and change.desired is not None else email


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Make, change and delete telephones one by one; groups and agent travel with each."""
    calls: list[Call] = []
    notes: list[str] = []
    twice = _in_two_steps(changes, context)
    for change in changes:
        notes.extend(_shared(change, context))
        match change.action:
            case Action.CREATE:
                calls.append(_create(change, context))
            case Action.UPDATE if change.identity in twice:
                calls.extend(_leave_first(_update(change, context), change, context))
            case Action.UPDATE:
                calls.append(_update(change, context))
            case Action.DELETE:
                calls.append(_delete(change, context))
    return Lowered(calls=tuple(calls), notes=tuple(notes))


def _shared(change: Change, context: Context) -> Iterator[str]:
    """Say whose telephones may be lost to another one: whether a person may have several is not said."""
    wish = change.desired
    if not isinstance(wish, Extension) or not wish.agent or change.field_change("agent") is None:
        return
    others = [
        number
        for number in telephones(context).get(wish.agent, ())
        if number != change.identity and ("extensions", number) not in context.by_identity
    ]
    if others:
        yield (
            f"{wish.agent} has extension {listed(others)} already. Should the vendor let a person have one only, it "
            f"takes the agent from there when {change.identity} gets it."
        )


def _create(change: Change, context: Context) -> Call:
    wish = change.desired
    assert isinstance(wish, Extension), "a creation has a wish"
    body: dict[str, Any] = {"ExtensionId": wish.number, "ExtensionName": wish.name}
    if wish.queues:
        body["SkillGroupIds"] = [queue_id(queue, context) for queue in wish.queues]
    if wish.agent:
        body["Relation"] = spelled(wish.agent, context)
    joins = frozenset(facts.rings(wish.number, queue) for queue in wish.queues)
    return Call(
        "POST",
        "/",
        body,
        action="CreateExtension",
        changes=(change.address,),
        why=f"create extension {wish.number}",
        requires=made(wish.queues, context) | _firsts(joins, context) | _person(wish.agent),
        forbids=_rooms(joins, context),
        prefers=_freed(change, context),
        gives=frozenset({facts.extension(wish.number)}) | joins,
    )


def _firsts(joins: frozenset[Fact], context: Context) -> frozenset[Fact]:
    return frozenset(fact for join in joins for fact in first(join, context))


def _rooms(joins: frozenset[Fact], context: Context) -> frozenset[Fact]:
    return frozenset(fact for join in joins for fact in room(join, context))


def _person(email: str) -> frozenset[Fact]:
    return frozenset({facts.agent(email)}) if email else frozenset()


def _freed(change: Change, context: Context) -> frozenset[Fact]:
    """
    State which telephones should have let go of a person before another one claims it.

    Whether a person may have two at once is not said. Where they hand persons round in a circle, or the old one waits
    for the new one to ring for its queues, the vendor may refuse, and then they let go first (`mending`).
    """
    email = change.desired.__dict__["agent"] if change.desired is not None else ""
    joins = {*change.members("queues").add}
    found = set()
    for number in telephones(context).get(email, ()):
        item, other = context.live.of("extensions")[number], context.by_identity.get(("extensions", number))
        if number == change.identity or other is None:
            continue
        next_one = other.desired.__dict__["agent"] if other.desired is not None else ""
        kept = other.desired.__dict__["queues"] if other.desired is not None else ()
        if not next_one and joins.isdisjoint({*item.queues} - {*kept}):
            found.add(facts.freed(number, email))
    return frozenset(found)


def _update(change: Change, context: Context) -> Call:
    """Change what differs. The groups go as a whole: there is no action that takes one away."""
    wish, live = change.desired, change.live
    assert isinstance(wish, Extension), "an update has a wish"
    assert isinstance(live, Extension), "an update has a live object"
    moved = change.members("queues")
    body: dict[str, Any] = {"ExtensionId": wish.number}
    if change.field_change("name") is not None:
        body["ExtensionName"] = wish.name
    if moved.add or moved.remove:
        body["SkillGroupIds"] = [queue_id(queue, context) for queue in wish.queues]
    person = change.field_change("agent") is not None
    if person:
        body["Relation"] = spelled(wish.agent, context) if wish.agent else ""
    joins = frozenset(facts.rings(wish.number, queue) for queue in moved.add)
    leaves = frozenset(facts.rings(wish.number, queue) for queue in moved.remove)
    freed = frozenset({facts.freed(wish.number, live.agent)}) if person and live.agent else frozenset()
    return Call(
        "POST",
        "/",
        body,
        action="ModifyExtension",
        sets=change.paths,
        changes=(change.address,),
        why=f"extension {wish.number}: {differences(change)}",
        requires=made(moved.add, context) | _firsts(joins, context) | (_person(wish.agent) if person else frozenset()),
        forbids=_rooms(joins, context),
        prefers=frozenset(_replaced(leaves, context)) | (_freed(change, context) if person else frozenset()),
        gives=joins | freed,
        takes=leaves,
        meanwhile=f"extension {wish.number} does not ring for some queues" if leaves else "",
        loss=len(leaves),
    )


def _replaced(leaves: frozenset[Fact], context: Context) -> Iterator[Fact]:
    for leave in leaves:
        yield from replaced(leave[2], leave, context)


def _in_two_steps(changes: Sequence[Change], context: Context) -> frozenset[str]:
    """Find telephones that make room for each other in a circle: one of each leaves before it joins."""
    makers = {
        facts.rings(change.identity, queue): change.identity
        for change in changes
        if change.action is Action.UPDATE
        for queue in change.members("queues").remove
    }
    waits = {}
    for change in changes:
        if change.action is Action.UPDATE:
            rooms = _rooms(frozenset(facts.rings(change.identity, q) for q in change.members("queues").add), context)
            waits[change.identity] = {makers[fact] for fact in rooms if fact in makers}
    split: set[str] = set()
    while circle := _circle({who: whom - split for who, whom in waits.items()}):
        split.add(min(circle))
    return frozenset(split)


def _circle(waits: Mapping[str, set[str]]) -> set[str]:
    """Find who waits in a circle, or for one; nobody where there is none."""
    left = {who: set(whom) for who, whom in waits.items()}
    while free := [who for who, whom in left.items() if not whom & left.keys()]:
        for who in free:
            del left[who]
    return set(left)


def _leave_first(call: Call, change: Change, context: Context) -> Iterator[Call]:
    """Split a call in which a telephone changes its queues into two: it leaves, and then joins."""
    moved = change.members("queues")
    live, body = change.live, call.body or {}
    assert isinstance(live, Extension), "an update has a live object"
    stays = [queue_id(queue, context) for queue in live.queues if queue not in moved.remove]
    away = facts.parked(change.identity)
    yield Call(
        "POST",
        "/",
        {"ExtensionId": body["ExtensionId"], "SkillGroupIds": stays},
        action="ModifyExtension",
        changes=call.changes,
        why=f"extension {change.identity} leaves {listed([shortened(queue) for queue in moved.remove])}",
        prefers=call.prefers,
        gives=frozenset({away}),
        takes=call.takes,
        meanwhile=call.meanwhile,
        loss=call.loss,
    )
    yield replace(call, requires=call.requires | {away}, prefers=frozenset(), takes=frozenset(), meanwhile="", loss=0)


def _delete(change: Change, context: Context) -> Call:
    live = change.live
    assert isinstance(live, Extension), "what is deleted is live"
    leaves = frozenset(facts.rings(live.number, queue) for queue in live.queues)
    return Call(
        "POST",
        "/",
        {"ExtensionId": live.number},
        action="DeleteExtension",
        accepts=frozenset({"missing"}),
        changes=(change.address,),
        why=f"delete extension {live.number}{f' ({shortened(live.name)})' if live.name else ''}",
        prefers=frozenset(_replaced(leaves, context)),
        gives=frozenset({facts.freed(live.number, live.agent)}) if live.agent else frozenset(),
        takes=frozenset({facts.extension(live.number)}) | leaves,
        meanwhile=f"extension {live.number} rings no more",
        loss=len(leaves),
    )


KIND: Final = Kind(
    section="extensions",
    one="extension",
    resource=Extension,
    shape=Shape.NAMED,
    description="Telephones, each with a number of its own; they name their agent.",
    read=read,
    derive=derive,
    reads_with=("queues",),
    identity=lambda extension: extension.number,
    collection=True,
    route=Route(role=Role.EXTENSION),
    unsupported={"password": "it is a secret of the vendor's; read it in the console"},
    lower=lower,
)
