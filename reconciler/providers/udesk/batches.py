"""
Udesk's batches. A binding sends along what its agent has already, since whether it adds or replaces is open.

Source: Udesk CTI Cloud API, "Seat Management" and "Message Subscription".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.providers.batches import Batch, Batches, Listing
from reconciler.providers.udesk.protocol import API


def _agents_apart(_call: Call, members: Sequence[Any]) -> Sequence[str]:
    return [f"create {member.get('Name') or member.get('AgentId')}" for member in members]


def _agents_together(split: Sequence[Call]) -> str:
    return f"create {len(split)} agents"


def _subscriptions_apart(_call: Call, members: Sequence[Any]) -> Sequence[str]:
    return [f"subscribe {member.get('name')}" for member in members]


def _subscriptions_together(split: Sequence[Call]) -> str:
    return f"subscribe {', '.join(str(member.get('name')) for part in split for member in BATCHES.members_of(part))}"


def _joining_apart(call: Call, members: Sequence[Any]) -> Sequence[str]:
    """Say who joins: `3 agents join Sales (9001)` tells no names, so the local ones must do."""
    _, joins, queue = call.why.partition(" join ")
    who = [address.partition("/")[2] for address in call.changes]
    if not joins or len(who) != len(members):
        return [call.why] * len(members)
    return [f"{name} joins {queue}" for name in who]


def _joining_together(split: Sequence[Call]) -> str:
    first = split[0]
    who = first.changes[0].partition("/")[2] if first.changes else ""
    said = f"{who} joins "
    return f"{len(split)} agents join {first.why.removeprefix(said)}" if first.why.startswith(said) else first.why


_GETS: Final = Listing(" gets ")
_TAKES_ALONG: Final = Listing(" takes ", " along, to be deleted in one call")
_LETS_GO: Final = Listing(" lets go of ")
_JOINS: Final = Listing(" joins ")
_LEAVES: Final = Listing(" leaves ")


def _phones_apart(call: Call, members: Sequence[Any]) -> Sequence[str]:
    listing = _TAKES_ALONG if call.why.endswith(_TAKES_ALONG.end) else _GETS
    return listing.apart(call, members)


def _phones_together(split: Sequence[Call]) -> str:
    listing = _TAKES_ALONG if split[0].why.endswith(_TAKES_ALONG.end) else _GETS
    return listing.together(split)


_DUPLICATE: Final = frozenset({"duplicate"})
_BY_QUEUE: Final = Batch(
    listed="AgentIds",
    named={"agent": 1, "serves": 1},
    alone=_DUPLICATE,
    apart=_joining_apart,
    together=_joining_together,
)
_TABLE: Final[Mapping[tuple[str, str], Batch]] = {
    ("POST", "agents"): Batch(
        listed="Agents",
        name=lambda member: str(member.get("AgentId")),
        named={"agent": 1},
        # Only who gets a number of the system's choice waits for those that the files name.
        shares=lambda member, _: bool(member.get("IsCreateExtension")),
        apart=_agents_apart,
        together=_agents_together,
    ),
    ("POST", "agents/queues"): Batch(
        listed="Queues",
        named={"queue": 1, "serves": 2},
        of_one=True,
        keeps=True,
        again=_DUPLICATE,
        apart=_JOINS.apart,
        together=_JOINS.together,
    ),
    ("DELETE", "agents/queues"): Batch(
        listed="Queues", named={"queue": 1, "serves": 2}, of_one=True, apart=_LEAVES.apart, together=_LEAVES.together
    ),
    ("POST", "queues/agents"): _BY_QUEUE,
    ("PUT", "queues/agents"): _BY_QUEUE,
    ("POST", "agents/extensions"): Batch(
        listed="Extensions",
        named={"extension": 1, "holds": 2},
        of_one=True,
        keeps=True,
        apart=_phones_apart,
        together=_phones_together,
    ),
    ("DELETE", "agents/extensions"): Batch(
        listed="Extensions",
        named={"extension": 1, "holds": 2},
        of_one=True,
        apart=_LETS_GO.apart,
        together=_LETS_GO.together,
    ),
    ("POST", "subscriptions"): Batch(
        listed="subscriptions",
        name=lambda member: str(member.get("name")),
        apart=_subscriptions_apart,
        together=_subscriptions_together,
    ),
}

BATCHES: Final = Batches(lambda call: _TABLE.get((call.method, call.path.removeprefix(API))))
