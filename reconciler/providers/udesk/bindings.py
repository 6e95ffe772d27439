"""
Who serves which queue and holds which extension: the calls that bind and let go, as few as the API allows.

`POST agents/queues` covers one agent with many queues, `POST queues/agents` one queue with many agents, so the pairs
to add are a bipartite graph and the fewest calls a minimum vertex cover of it (`providers/cover.py`). Letting go has
no batch by queue: one call an agent. Source: Udesk CTI Cloud API, "Seat Queue Binding" and what follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.model.call import Call, Fact
from reconciler.model.change import Action, Change
from reconciler.model.explanation import shortened
from reconciler.model.kind import Context, Lowered
from reconciler.model.plan import Refusal
from reconciler.providers.udesk.answering import Sort, answering, rephoned, replaced
from reconciler.providers.udesk.joins import Joins, joins
from reconciler.providers.udesk.kinds.extensions import Swept, holders, swept
from reconciler.providers.udesk.kinds.queues import queue_names
from reconciler.providers.udesk.limits import MOST_EXTENSIONS
from reconciler.providers.udesk.protocol import API
from reconciler.providers.udesk.sharing import Sharing, regained, sharing


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Bind and let go for all changed agents."""
    calls: list[Call] = []
    refusals: list[Refusal] = []
    notes: list[str] = []
    for change in changes:
        calls.extend(_extensions(change, context, refusals))
        notes.extend(_told(change, context))
    calls.extend(_queues(context))
    return Lowered(calls=tuple(calls), refusals=tuple(refusals), notes=tuple(notes))


def _extensions(change: Change, context: Context, refusals: list[Refusal]) -> Iterator[Call]:
    """Bind before letting go where both fit into an agent's two places, else the other way round."""
    agent = change.identity
    live: tuple[str, ...] = change.live.__dict__["extensions"] if change.live is not None else ()
    served: tuple[str, ...] = ()
    if change.action is Action.DELETE:
        gone = swept(context).get(agent, Swept())
        add, remove = gone.takes_along, tuple(number for number in live if number not in gone.holds)
        served = tuple(context.by_identity["extensions", number].address for number in add)
        what = f"takes {', '.join(add)} along, to be deleted in one call"
    else:
        moved = change.members("extensions")
        add, remove = moved.add, moved.remove
        what = f"gets {', '.join(add)}"
    after = len(live) + len(add) - len(remove)
    if add and after > MOST_EXTENSIONS:
        refusals.append(
            Refusal(
                rule="two-extensions",
                message=f"{change.address} would have {after} extensions, and the vendor allows {MOST_EXTENSIONS}",
                objects=(change.address,),
                remedy="Drop one, or take extensions out of manage.agents.additive.",
            )
        )
        return
    room_first = len(live) + len(add) > MOST_EXTENSIONS
    who = shortened(change.label or change.name or agent)
    held = frozenset(("holds", agent, number) for number in add)
    others = list(_holders(add, agent, context))
    for other, number in others:
        if not _lets_go(other, number, context):
            refusals.append(_taken(change, other, number, context))
    if remove:
        yield Call(
            "DELETE",
            API + "agents/extensions",
            {"AgentId": agent, "Extensions": list(remove)},
            accepts=frozenset({"missing"}),
            changes=(change.address,),
            why=f"{who} lets go of {', '.join(remove)}",
            prefers=(frozenset() if room_first or served else held) | _phone_lost(change, remove, add, context),
            **_meanwhile(change, remove, context),
            takes=frozenset(("holds", agent, number) for number in remove),
        )
    if add:
        kept = tuple(number for number in live if number not in remove)
        only_new = Call("POST", API + "agents/extensions", {"AgentId": agent, "Extensions": list(add)})
        yield Call(
            "POST",
            API + "agents/extensions",
            # Whether this adds or replaces is not said, so what the agent keeps goes along. What it will lose does not:
            # another agent may be waiting for it.
            {"AgentId": agent, "Extensions": sorted({*kept, *add})},
            otherwise=only_new if kept else None,
            otherwise_on=frozenset({"duplicate", "bound", "exists"}),
            changes=(change.address, *served),
            why=f"{who} {what}",
            requires=frozenset({("agent", agent)} | {("extension", number) for number in add}),
            forbids=frozenset(
                {("holds", other, number) for other, number in others}
                | ({("holds", agent, number) for number in remove} if room_first else set())
            ),
            gives=held,
        )


def _phone_lost(change: Change, remove: Sequence[str], add: Sequence[str], context: Context) -> frozenset[Fact]:
    """Name what comes first where an agent is left without a phone, for good or until it gets the new ones."""
    live = change.live.__dict__ if change.live is not None else {}
    if len(remove) < len(live["extensions"]) or (add and change.identity not in rephoned(context)):
        return frozenset()
    first = replaced(change.identity, live["queues"], (Sort.REACHABLE,), context, releasing=remove)
    # The new ones are made before the old are let go of: that may fail.
    return first | {("extension", number) for number in add}


def _told(change: Change, context: Context) -> Iterator[str]:
    """Say who is out of reach while all extensions change at once."""
    lost = change.identity in rephoned(context) and _meanwhile(change, change.members("extensions").remove, context)
    if lost and lost["loss"] > 1:
        yield f"An agent may have {MOST_EXTENSIONS} extensions, so all change at once: {lost['meanwhile']}."


def _meanwhile(change: Change, remove: Sequence[str], context: Context) -> dict[str, Any]:
    """Say what is lost if an agent lets go before the next phone is there."""
    live = change.live.__dict__ if change.live is not None else {}
    on_duty = live["enabled"] and change.desired is not None and change.desired.__dict__["enabled"]
    if len(remove) < len(live["extensions"]) or not live["queues"] or not on_duty:
        return {}
    reachable = answering(context).now[Sort.REACHABLE]
    alone = [queue for queue in live["queues"] if reachable.get(queue, frozenset()) == {change.identity}]
    text = f"{shortened(change.label or change.identity)} has no extension meanwhile"
    if alone:
        text += f", nor has anybody else who answers {_called(alone, context)}"
    return {"meanwhile": text, "loss": 1 + len(alone)}


def _holders(numbers: Sequence[str], agent: str, context: Context) -> Iterator[tuple[str, str]]:
    """Find who else holds these extensions now. One that sits on two agents: not said whether it may, so never."""
    owners = holders(context)
    for number in numbers:
        for other in owners.get(number, ()):
            if other != agent:
                yield other, number


def _lets_go(agent: str, number: str, context: Context) -> bool:
    change = context.by_identity.get(("agents", agent))
    return change is not None and (change.action is Action.DELETE or number in change.members("extensions").remove)


def _taken(change: Change, other: str, number: str, context: Context) -> Refusal:
    desired = context.desired
    holder = f"agents/{desired.local_name('agents', other)}"
    entry = next((entry for entry in desired.of("agents").values() if entry.identity == other), None)
    steps = []
    if desired.hides("agents", other, context.live.of("agents").get(other)):
        steps.append(f"take agent {other} out of manage.agents.ignore")
    if desired.hides("extensions", number, None):
        steps.append(f"take extension {number} out of manage.extensions.ignore")
    if "extensions" in desired.rule("agents").additive:
        steps.append("take extensions out of manage.agents.additive")
    if entry is None:
        steps.append(f"name agent {other} in the files with other extensions")
    elif not steps or "extensions" not in entry.written:
        steps.append(f"give {holder} other extensions in the files")
    first, *more = steps
    remedy = " and ".join([first[0].upper() + first[1:], *more])
    return Refusal(
        rule="extension-taken",
        message=f"{change.address} wants extension {number}, which agent {other} holds, and the files leave it there",
        objects=(change.address, holder),
        remedy=f"{remedy}, or unbind {number} from agent {other} in the console.",
    )


def _queues(context: Context) -> Iterator[Call]:
    moves, shared = joins(context), sharing(context)
    for agent in shared.by_agent:
        yield _bind_agent(moves.agents[agent], shared, context)
    for queue, agents in shared.by_queue.items():
        yield _bind_queue(queue, agents, moves.agents, context)
    yield from _unbind(moves, shared, context)


def _bind_agent(change: Change, shared: Sharing, context: Context) -> Call:
    # Whether this adds or replaces is not said ("Seat Queue Binding"), so what the agent serves by then goes along, and
    # what a queue's call adds comes later. Where the agent has to leave before this call can be made, it leaves first.
    agent = change.identity
    add = shared.by_agent[agent]
    drop = joins(context).leaving.get(agent, ())
    leaves_first = shared.places.first_gone(drop) <= shared.places.stand(add)
    live: tuple[str, ...] = change.live.__dict__["queues"] if change.live is not None else ()
    before = shared.before.get(agent, ())
    kept = (*(queue for queue in live if not leaves_first or queue not in drop), *before)
    only_new = Call("POST", API + "agents/queues", {"AgentId": agent, "Queues": list(add)}, accepts=_DUPLICATE)
    return Call(
        "POST",
        API + "agents/queues",
        {"AgentId": agent, "Queues": sorted({*kept, *add})},
        otherwise=only_new if kept else None,
        otherwise_on=_DUPLICATE,
        changes=(change.address,),
        why=f"{shortened(change.label or change.name)} joins {_called(add, context)}",
        requires=frozenset(
            {("agent", agent)}
            | {("queue", queue) for queue in (*add, *kept)}
            | {("serves", agent, queue) for queue in kept if queue in drop or queue in before}
        ),
        forbids=frozenset(
            {("serves", agent, queue) for queue in shared.after.get(agent, ())}
            | {("serves", agent, queue) for queue in drop if leaves_first}
        ),
        gives=frozenset(("serves", agent, queue) for queue in add),
    )


_DUPLICATE: Final = frozenset({"duplicate"})


def _bind_queue(queue: str, agents: Sequence[str], by_agent: Mapping[str, Change], context: Context) -> Call:
    # "Batch binding seats to a queue only creates new records without deleting previous ones."
    joined = by_agent[agents[0]].label or agents[0] if len(agents) == 1 else f"{len(agents)} agents"
    label = _called((queue,), context)
    return Call(
        "POST",
        API + "queues/agents",
        {"QueueId": queue, "AgentIds": list(agents)},
        accepts=_DUPLICATE if len(agents) == 1 else frozenset(),
        changes=tuple(by_agent[agent].address for agent in agents),
        why=f"{joined} join {label}" if len(agents) > 1 else f"{joined} joins {label}",
        requires=frozenset({("queue", queue)} | {("agent", agent) for agent in agents}),
        gives=frozenset(("serves", agent, queue) for agent in agents),
    )


def _called(queues: Sequence[str], context: Context) -> str:
    """Name queues for people, by name where they have one."""
    names = queue_names(context)
    return ", ".join(f"{names[queue]} ({queue})" if names.get(queue) else queue for queue in queues)


def _unbind(moves: Joins, shared: Sharing, context: Context) -> Iterator[Call]:
    """
    Let go, one call an agent: after its new queues, and where a queue has nobody else left, after its keys.

    What comes later than a queue that must go early, and that an agent serves, is not waited for.
    """
    # Reckoned once a position, where agents are many more.
    idle, answerless = {*shared.places.idle}, {*shared.places.empty, *shared.places.muted}
    again: dict[int, frozenset[Fact]] = {}
    for agent, queues in sorted(moves.leaving.items()):
        change = moves.agents[agent]
        gone = shared.places.first_gone(queues)
        better: set[Fact] = {
            ("serves", agent, queue) for queue in moves.joining.get(agent, ()) if shared.made(agent, queue) < gone
        }
        better |= replaced(agent, queues, Sort, context, before=gone)
        if agent in idle or not answerless.isdisjoint(queues):
            if gone not in again:
                again[gone] = regained(context, gone)
            better |= again[gone]
        yield Call(
            "DELETE",
            API + "agents/queues",
            {"AgentId": agent, "Queues": list(queues)},
            accepts=frozenset({"missing"}),
            changes=(change.address,),
            why=f"{shortened(change.label or change.name or agent)} leaves {_called(queues, context)}",
            prefers=frozenset(better),
            takes=frozenset(("serves", agent, queue) for queue in queues),
        )
