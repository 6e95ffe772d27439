"""
The fewest calls that any legal sequence could make, reckoned from the two states alone and apart from `lower`.

Each line counts things that no single call can do two of, by what each action changes at most:

- one queue a call: created, changed or deleted. A creation does not take RingAll: one call more sets it
- queues that hand their names round in a circle: one call more a circle, since names are unique
- ten agents a creation, which names their queues, but no priorities: who shall have others is bound with a call of its
  own; and so is whoever a creation must not bind (`create_with_queues: false`)
- 200 agents a deletion
- one agent's fields a call (ModifyStaff); the mobile settings of a new one too, since no creation takes them
- phone numbers that are handed round in a circle: one call more a circle
- one agent's joining and its priorities a call (Bind), one agent's leaving a call (Unbind)
- one telephone a call, with its queues and its agent; where telephones change places in full queues that ring all at
  once, and nobody else leaves one of them, one must leave before it joins: one call more for each such round
- all numbers that are enabled: one call, all that are disabled: another; one number's joining or leaving a call
- one voice file a call: an upload of several tells not which of them failed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reconciler.model.change import Action, Change
from reconciler.model.desired import Desired
from reconciler.model.live import Live
from reconciler.providers.tencent.limits import CREATED_AT_ONCE, DEFAULT_PRIORITY, DELETED_AT_ONCE, RING_ALL

_MODIFIED = frozenset({"name", "phone", "nick", "staff_number", "extension_number", "mobile_accept", "mobile_call_out"})


def minimum_calls(changes: Sequence[Change], desired: Desired, live: Live) -> int:
    """Count; see the module for why each is needed."""
    sections: dict[str, list[Change]] = {}
    for change in changes:
        sections.setdefault(change.section, []).append(change)
    of = sections.get
    named: bool = desired.settings.__dict__["create_with_queues"]
    return (
        _queues(of("queues", []), live)
        + _agents(of("agents", []), named=named)
        + len(of("extensions", []))
        + _rotations(changes, live)
        + _numbers(of("numbers", []))
        + len(of("voice_files", []))
    )


def _queues(changes: Sequence[Change], live: Live) -> int:
    total = len(changes)
    total += sum(bool(_value(change.desired, "ring_all")) for change in changes if change.action is Action.CREATE)
    was = {change.identity: _value(change.live, "name") for change in changes if change.field_change("name")}
    return total + _rounds([(live.of("queues")[new].name, new) for new in was if new in live.of("queues")])


def _agents(changes: Sequence[Change], *, named: bool) -> int:
    created = [change for change in changes if change.action is Action.CREATE]
    deleted = [change for change in changes if change.action is Action.DELETE]
    total = -(-len(created) // CREATED_AT_ONCE) + -(-len(deleted) // DELETED_AT_ONCE)
    for change in created:
        priorities = _value(change.desired, "priorities").values()
        total += bool(_value(change.desired, "queues")) and (
            not named or any(priority != DEFAULT_PRIORITY for priority in priorities)
        )
        total += bool(
            ("mobile_accept" in change.written and _value(change.desired, "mobile_accept") != "off")
            or ("mobile_call_out" in change.written and _value(change.desired, "mobile_call_out"))
        )
    phones = []
    for change in changes:
        if change.action is not Action.UPDATE:
            continue
        paths = {item.path for item in change.fields}
        moved = change.members("queues")
        after: Any = getattr(change.field_change("priorities"), "after", None) or {}
        total += bool(paths & _MODIFIED) + bool(moved.remove)
        total += bool(moved.add) or bool({*after} & {*_value(change.live, "queues")})
        if "phone" in paths:
            phones.append((_bare(_value(change.live, "phone")), _bare(_value(change.desired, "phone"))))
    return int(total) + _rounds((old, new) for old, new in phones if old and new)


def _bare(phone: str) -> str:
    """Take off the country's prefix, which the vendor may leave out."""
    return phone.removeprefix("+86") if phone.startswith("+") else phone.removeprefix("0086")


def _rotations(changes: Sequence[Change], live: Live) -> int:  # noqa: C901 - who is full, who is stuck, who is near
    """Count the rounds of telephones that wait for each other's places: each leaves and joins with one call."""
    by_queue = {change.identity: change for change in changes if change.section == "queues"}
    leavers: dict[str, list[Change]] = {}
    members: dict[str, int] = {}
    for section in ("agents", "extensions"):
        for item in live.of(section).values():
            for queue in item.queues:
                members[queue] = members.get(queue, 0) + 1
    for change in changes:
        if change.section not in {"agents", "extensions"}:
            continue
        gone = change.action is Action.DELETE
        for queue in _value(change.live, "queues") if gone else change.members("queues").remove:
            leavers.setdefault(queue, []).append(change)
    full = {
        name
        for name, queue in live.of("queues").items()
        if queue.ring_all and members.get(name, 0) >= RING_ALL and name in leavers
        if name not in by_queue or by_queue[name].field_change("ring_all") is None
    }

    def stuck(change: Change) -> bool:
        moves = change.section == "extensions" and change.action is Action.UPDATE
        return moves and not full.isdisjoint(change.members("queues").add)

    while free := {queue for queue in full if not all(map(stuck, leavers[queue]))}:
        full -= free
    rounds = 0
    left = set(full)
    while left:
        rounds += 1
        reached = {left.pop()}
        while reached:
            queue = reached.pop()
            near = {
                other
                for change in changes
                if change.section == "extensions"
                if queue in {*change.members("queues").add, *change.members("queues").remove}
                for other in (*change.members("queues").add, *change.members("queues").remove)
            }
            reached |= near & left
            left -= near
    return rounds


def _numbers(changes: Sequence[Change]) -> int:
    switched = {_value(change.desired, "enabled") for change in changes if change.field_change("enabled") is not None}
    moved = [change.members("outbound_queues") for change in changes]
    return len(switched) + sum(bool(item.add) + bool(item.remove) for item in moved)


def _rounds(handed: Iterable[tuple[str, str]]) -> int:
    """Count the circles in which unique things are handed round: *handed* are who lets go of what for what."""
    gives = dict(handed)
    found = 0
    while gives:
        start, at = gives.popitem()
        while at in gives:
            at = gives.pop(at)
        found += at == start
    return found


def _value(item: Any, name: str) -> Any:
    return item.__dict__[name]
