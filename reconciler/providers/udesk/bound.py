"""
The fewest calls that any legal sequence could make, reckoned from the two states alone and apart from `lower`.

Each line counts things that no single call can do two of, by what each of the vendor's calls can change at most:

- one queue a call: created, changed or deleted (POST, PUT, DELETE queues)
- one agent's fields a call; creations go `agent_batch` a call (POST agents)
- pairs of agent and queue to add: a call touches one agent or one queue, so pairs that share neither need a call each;
  the most of them is a maximum matching (König: as many calls are enough)
- pairs to drop: one agent a call (DELETE agents/queues)
- an agent that gains extensions, one that loses them: one agent a call (POST, DELETE agents/extensions)
- an extension made: one a call; one deleted: one a call, but for those that go with their agent (IsDelExtensions)
- an agent that leaves with no extension to delete can be given two that others let go of: one call to bind them, none
  to delete them. With one, nothing is gained, and an agent that has one to take along already has room for one more
- the key table: one call; two where it can't be written while all queues that it leads to, now and then, are there
- the nine prompts: one call; two where a file that one plays before and after is replaced under its own name
- one call for new subscriptions, and for each single thing that differs

Why the table may take two: a queue goes only when no key leads to it, and a key is set only when its queue is there. If
one writing did, then just before it all queues would stand that keys lead to then, and just after it none would have
gone that keys led to before. Of the queues that go, only those that no key leads to could have gone by that moment. If
that is more than a tenant may have, a writing ahead of it must let go of a queue. Two are always enough: the first lets
go of all that must go.

That all this together is enough: letting go first, then deleting, making, binding, and setting the keys needs no call
more. `tests/laws/udesk/search.py` looks at all sequences of calls on small tenants, and finds none that is shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.model.change import Action, Change
from reconciler.model.desired import Desired
from reconciler.model.live import Live
from reconciler.providers.udesk.limits import MOST_EXTENSIONS, MOST_QUEUES

_AGENT_FIELDS = frozenset({"work_id", "name", "mobile", "email", "role", "enabled"})


def minimum_calls(changes: Sequence[Change], desired: Desired, live: Live) -> int:
    """Count; see the module for why each is needed."""
    sections: dict[str, list[Change]] = {}
    for change in changes:
        sections.setdefault(change.section, []).append(change)
    of = sections.get
    total = len(of("application", ())) + len(of("default_number", ())) + len(of("webhook_events", ()))
    total += len(of("queues", ()))
    total += _key_table(of("fast_routers", []), of("queues", []), live) + bool(of("default_voices"))
    subscriptions = of("subscriptions", [])
    total += sum(change.action is not Action.CREATE for change in subscriptions)
    total += any(change.action is Action.CREATE for change in subscriptions)
    total += _voice_files(of("voice_files", []), of("default_voices", []), live)
    deleted = frozenset(change.identity for change in of("extensions", ()) if change.action is Action.DELETE)
    total += sum(change.action is Action.CREATE for change in of("extensions", ()))
    total += _deleted_extensions(deleted, of("agents", []), live)
    batch: int = desired.settings.__dict__["agent_batch"]
    return total + _agents(of("agents", []), deleted, batch, live)


def _key_table(keys: Sequence[Change], queues: Sequence[Change], live: Live) -> int:
    if not keys:
        return 0
    now = {digit: key.queue for digit, key in live.of("fast_routers").items()}
    then = now | {change.identity: change.desired.__dict__["queue"] if change.desired else "" for change in keys}
    created = {change.identity for change in queues if change.action is Action.CREATE}
    deleted = {change.identity for change in queues if change.action is Action.DELETE}
    there = len(live.of("queues")) - len(deleted - {*now.values()}) + len(created & {*then.values()})
    return 2 if there > MOST_QUEUES else 1


def _deleted_extensions(deleted: frozenset[str], agents: Sequence[Change], live: Live) -> int:
    leaving = [live.of("agents")[change.identity] for change in agents if change.action is Action.DELETE]
    with_agent = deleted & {number for agent in leaving for number in agent.extensions}
    empty_handed = sum(deleted.isdisjoint(agent.extensions) for agent in leaving)
    # A spare that only the store knows may be gone by now; a call that binds it can't be counted on.
    seen = deleted & {number for agent in live.of("agents").values() for number in agent.extensions}
    rest = len(deleted - with_agent)
    return rest - min(empty_handed, len(seen - with_agent) // MOST_EXTENSIONS)


def _voice_files(changes: Sequence[Change], voices: Sequence[Change], live: Live) -> int:
    renewed = {change.identity for change in changes if change.action is Action.UPDATE}
    total = len(changes) + len(renewed)  # a name is unique: new content means a deletion and an upload
    plays = {name: voice.wav for name, voice in live.of("default_voices").items()}
    wanted = {**plays, **{change.identity: change.desired.__dict__["wav"] for change in voices if change.desired}}
    if renewed & {*plays.values()} & {*wanted.values()}:
        # Such a prompt lets go first and is set again after: two calls, of which the prompts' own change may be one.
        total += 2 - bool(voices)
    return total


def _agents(changes: Sequence[Change], deleted: frozenset[str], batch: int, live: Live) -> int:
    created = sum(change.action is Action.CREATE for change in changes)
    total = -(-created // batch)
    pairs: dict[str, tuple[str, ...]] = {}
    for change in changes:
        if change.action is Action.DELETE:
            agent = live.of("agents")[change.identity]
            total += 1 + bool(agent.queues) + bool(set(agent.extensions) - deleted)
            continue
        fields = {item.path for item in change.fields}
        if change.action is Action.UPDATE:
            total += bool(fields & _AGENT_FIELDS)
        number = change.field_change("default_number")
        total += number is not None and (change.action is Action.UPDATE or bool(getattr(number, "after", "")))
        for path in ("queues", "extensions"):
            total += bool(change.members(path).remove)
        total += bool(change.members("extensions").add)
        if added := change.members("queues").add:
            pairs[change.identity] = added
    return total + _matching(pairs)


def _matching(pairs: dict[str, tuple[str, ...]]) -> int:
    """Count the most pairs that share neither agent nor queue, by the plainest way: one augmenting search an agent."""
    partner: dict[str, str] = {}
    size = 0
    spent: set[str] = set()  # queues from which no search that failed could go on: none after it can either
    for agent in pairs:
        came_from: dict[str, str] = {}
        found = None
        stack = [agent]
        while stack and found is None:
            current = stack.pop()
            for queue in pairs[current]:
                if queue in came_from or queue in spent:
                    continue
                came_from[queue] = current
                if queue not in partner:
                    found = queue
                    break
                stack.append(partner[queue])
        if found is None:
            spent |= came_from.keys()
            continue
        size += 1
        while True:
            holder = came_from[found]
            previous = next((queue for queue, other in partner.items() if other == holder), None)
            partner[found] = holder
            if holder == agent or previous is None:
                break
            found = previous
    return size
