"""
Batches: writes that do several things at once, taken apart and put together again.

A binding sends along what its agent has already, since whether it adds or replaces is open: such *kept* members are no
parts of their own, and go along with each. Source: Udesk CTI Cloud API, "Seat Management" and "Message Subscription".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from reconciler.model.call import Call, Fact
from reconciler.providers.udesk.protocol import API


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """
    How one kind of batch is made.

    *members* is the list in its body. *named* says where facts name a member: `{"serves": 2}` for the third word; what
    names none is about all members that *shares* is true of. *of_one* tells that all are of one object, the first of
    `changes`. *alone* is what a call with a single member accepts, *again* what one accepts that leaves out what it
    keeps.
    """

    members: str
    name: Callable[[Any], str] = str  # of a member, as facts have it
    named: Mapping[str, int] = field(default_factory=dict)
    shares: Callable[[Any], bool] = lambda _: True
    of_one: bool = False
    keeps: bool = False
    alone: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    apart: Callable[[Call, Sequence[Any]], Sequence[str]]  # what each part says to people
    together: Callable[[Sequence[Call]], str]  # and what they say joined


_STATEMENTS: Final = ("requires", "forbids", "prefers", "gives", "takes")


def parts(call: Call) -> Sequence[Call]:
    """Split a batch, in the order of its body; see `providers.base.Provider.parts`."""
    batch = _batch(call)
    members = members_of(call)
    if batch is None or len(members) < 2:
        return (call,)
    stated: Mapping[str, Any] = {kind: _dealt(getattr(call, kind), batch, members) for kind in _STATEMENTS}
    addresses = _addresses(call, batch, len(members))
    form = call.otherwise
    kept = _kept(call, batch, members)
    return tuple(
        replace(
            call,
            body=_body(call, batch, sorted([*kept, member]) if kept else [member]),
            accepts=call.accepts | batch.alone,
            otherwise=None if form is None else replace(form, body=_body(form, batch, [member])),
            changes=addresses[place],
            why=why,
            **{kind: facts[place] for kind, facts in stated.items()},
        )
        for place, (member, why) in enumerate(zip(members, batch.apart(call, members), strict=True))
    )


def join(split: Sequence[Call]) -> Call:
    """Put parts together again; see `providers.base.Provider.join`."""
    first, *more = split
    batch = _batch(first)
    if batch is None or not more:
        assert not more, "what can't be split has one part"
        return first
    members = [member for part in split for member in members_of(part)]
    stated: dict[str, Any] = {kind: frozenset().union(*(getattr(part, kind) for part in split)) for kind in _STATEMENTS}
    return replace(
        first,
        body={**(first.body or {}), batch.members: _with_kept(split, batch, members)},
        accepts=first.accepts - batch.alone,
        otherwise=_joined_otherwise(split, batch),
        changes=tuple(dict.fromkeys(address for part in split for address in part.changes)),
        why=batch.together(split),
        **stated,
    )


def after(call: Call, done: Sequence[Call]) -> Call:
    """
    Make a call fit to be sent after other parts of the same batch took effect.

    What they bound is kept from then on: were it left out, and binding replaces, it would be lost again.
    """
    batch = _batch(call)
    if batch is None or not batch.keeps or not done:
        return call
    body = call.body or {}
    members = members_of(call)
    bound = [member for part in done for member in members_of(part) if member not in members]
    only_new = call.otherwise or Call(
        call.method, call.path, {**body, batch.members: list(members)}, accepts=batch.again
    )
    return replace(
        call,
        body={**body, batch.members: sorted({*body[batch.members], *bound})},
        otherwise=only_new if bound else call.otherwise,
    )


def _batch(call: Call) -> _Batch | None:
    return _BATCHES.get((call.method, call.path.removeprefix(API)))


def members_of(call: Call) -> Sequence[Any]:
    """List what a call makes, binds or lets go of, without what it only sends along; empty for what is no batch."""
    batch = _batch(call)
    if batch is None:
        return ()
    body = call.body or {}
    found = body.get(batch.members)
    if not isinstance(found, list | tuple):
        return ()
    if batch.keeps:
        # What an agent keeps is not stated as given, and is left out of the other form.
        new: Any = {fact[2] for fact in call.gives if fact[0] in batch.named}
        if not new and call.otherwise is not None:
            new = (call.otherwise.body or {}).get(batch.members, ())
        return [member for member in found if member in new] if new else found
    return found


def _body(form: Call, batch: _Batch, members: Sequence[Any]) -> Mapping[str, Any]:
    return {**(form.body or {}), batch.members: list(members)}


def _kept(call: Call, batch: _Batch, members: Sequence[Any]) -> Sequence[str]:
    sent = (call.body or {})[batch.members]
    return [member for member in sent if member not in members] if batch.keeps else ()


def _dealt(facts: frozenset[Fact], batch: _Batch, members: Sequence[Any]) -> Sequence[frozenset[Fact]]:
    """Deal facts out to the members that they name."""
    own: dict[str, set[Fact]] = {batch.name(member): set() for member in members}
    shared: set[Fact] = set()
    for fact in facts:
        at = batch.named.get(fact[0])
        own.get(fact[at] if at is not None else "", shared).add(fact)
    return [
        frozenset(own[batch.name(member)] | shared if batch.shares(member) else own[batch.name(member)])
        for member in members
    ]


def _addresses(call: Call, batch: _Batch, count: int) -> Sequence[tuple[str, ...]]:
    """Find the changes that each member serves: one each, after the agent's own where all are of one agent."""
    shared = call.changes[:1] if batch.of_one else ()
    own = call.changes[len(shared) :]
    return [(*shared, address) for address in own] if len(own) == count else [call.changes] * count


def _with_kept(split: Sequence[Call], batch: _Batch, members: Sequence[Any]) -> list[Any]:
    if not batch.keeps:
        return list(members)
    return sorted({member for part in split for member in (part.body or {})[batch.members]})


def _joined_otherwise(split: Sequence[Call], batch: _Batch) -> Call | None:
    forms = [part.otherwise for part in split if part.otherwise is not None]
    if not forms:
        return None
    members = [member for part in split for member in members_of(part)]
    return replace(forms[0], body={**(forms[0].body or {}), batch.members: members})


def _agents_apart(_call: Call, members: Sequence[Any]) -> Sequence[str]:
    return [f"create {member.get('Name') or member.get('AgentId')}" for member in members]


def _agents_together(split: Sequence[Call]) -> str:
    return f"create {len(split)} agents"


def _subscriptions_apart(_call: Call, members: Sequence[Any]) -> Sequence[str]:
    return [f"subscribe {member.get('name')}" for member in members]


def _subscriptions_together(split: Sequence[Call]) -> str:
    return f"subscribe {', '.join(str(member.get('name')) for part in split for member in members_of(part))}"


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


@dataclass(frozen=True, slots=True)
class _Listing:
    """A line that lists members: `Li Wei joins Sales (9001), Support (9002)`, cut apart behind each member's id."""

    verb: str
    end: str = ""

    def apart(self, call: Call, members: Sequence[Any]) -> Sequence[str]:
        whole = [call.why] * len(members)
        who, verb, rest = call.why.partition(self.verb)
        if not verb or not rest.endswith(self.end):
            return whole
        rest = rest.removesuffix(self.end)
        found = []
        for member in members[:-1]:
            ends = [at + len(mark) for mark in (f"{member}, ", f"{member}), ") if (at := rest.find(mark)) >= 0]
            if not ends:
                return whole
            found.append(rest[: min(ends) - 2])
            rest = rest[min(ends) :]
        return [f"{who}{verb}{piece}{self.end}" for piece in (*found, rest)]

    def together(self, split: Sequence[Call]) -> str:
        if len({part.why for part in split}) == 1:
            return split[0].why  # it could not be cut apart
        who, verb, _ = split[0].why.partition(self.verb)
        pieces = [part.why.partition(self.verb)[2].removesuffix(self.end) for part in split]
        return f"{who}{verb}{', '.join(pieces)}{self.end}"


_GETS: Final = _Listing(" gets ")
_TAKES_ALONG: Final = _Listing(" takes ", " along, to be deleted in one call")
_LETS_GO: Final = _Listing(" lets go of ")
_JOINS: Final = _Listing(" joins ")
_LEAVES: Final = _Listing(" leaves ")


def _phones_apart(call: Call, members: Sequence[Any]) -> Sequence[str]:
    listing = _TAKES_ALONG if call.why.endswith(_TAKES_ALONG.end) else _GETS
    return listing.apart(call, members)


def _phones_together(split: Sequence[Call]) -> str:
    listing = _TAKES_ALONG if split[0].why.endswith(_TAKES_ALONG.end) else _GETS
    return listing.together(split)


_DUPLICATE: Final = frozenset({"duplicate"})
_BY_QUEUE: Final = _Batch(
    members="AgentIds",
    named={"agent": 1, "serves": 1},
    alone=_DUPLICATE,
    apart=_joining_apart,
    together=_joining_together,
)
_BATCHES: Final[Mapping[tuple[str, str], _Batch]] = {
    ("POST", "agents"): _Batch(
        members="Agents",
        name=lambda member: str(member.get("AgentId")),
        named={"agent": 1},
        # Only who gets a number of the system's choice waits for those that the files name.
        shares=lambda member: bool(member.get("IsCreateExtension")),
        apart=_agents_apart,
        together=_agents_together,
    ),
    ("POST", "agents/queues"): _Batch(
        members="Queues",
        named={"queue": 1, "serves": 2},
        of_one=True,
        keeps=True,
        again=_DUPLICATE,
        apart=_JOINS.apart,
        together=_JOINS.together,
    ),
    ("DELETE", "agents/queues"): _Batch(
        members="Queues", named={"queue": 1, "serves": 2}, of_one=True, apart=_LEAVES.apart, together=_LEAVES.together
    ),
    ("POST", "queues/agents"): _BY_QUEUE,
    ("PUT", "queues/agents"): _BY_QUEUE,
    ("POST", "agents/extensions"): _Batch(
        members="Extensions",
        named={"extension": 1, "holds": 2},
        of_one=True,
        keeps=True,
        apart=_phones_apart,
        together=_phones_together,
    ),
    ("DELETE", "agents/extensions"): _Batch(
        members="Extensions",
        named={"extension": 1, "holds": 2},
        of_one=True,
        apart=_LETS_GO.apart,
        together=_LETS_GO.together,
    ),
    ("POST", "subscriptions"): _Batch(
        members="subscriptions",
        name=lambda member: str(member.get("name")),
        apart=_subscriptions_apart,
        together=_subscriptions_together,
    ),
}
