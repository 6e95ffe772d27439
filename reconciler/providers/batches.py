"""
Batches: writes that do several things at once, taken apart and put together again. Each vendor has a table of its own.

A binding may send along what its object has already, where it is open whether it adds or replaces: such *kept* members
are no parts of their own, and go along with each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from reconciler.model.call import Call, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """
    How one kind of batch is made.

    *listed* is the list in its body. *name* tells what facts call a member, where `Call.members` does not. *named* says
    where facts name a member: `{"serves": 2}` for the third word; what names none is about all members that *shares* is
    true of, given the fact. *of_one* tells that all are of one object, the first of `changes`. *keeps*: members that no
    fact says to be given are only sent along. *alone* is what a call with a single member accepts, *again* what one
    accepts that leaves out what it keeps.
    """

    listed: str
    name: Callable[[Any], str] = str
    named: Mapping[str, int] = field(default_factory=dict)
    shares: Callable[[Any, Fact], bool] = lambda _member, _fact: True
    of_one: bool = False
    keeps: bool = False
    alone: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    apart: Callable[[Call, Sequence[Any]], Sequence[str]]  # what each part says to people
    together: Callable[[Sequence[Call]], str]  # and what they say joined


_STATEMENTS: Final = ("requires", "forbids", "prefers", "gives", "takes")


@dataclass(frozen=True, slots=True)
class _Member:
    """What stands in a batch, and what facts call it."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Batches:
    """A vendor's batches; *find* gives the kind of a call's, None for what is no batch."""

    find: Callable[[Call], Batch | None]

    def parts(self, call: Call) -> Sequence[Call]:
        """Split a batch, in the order of its body; see `providers.base.Provider.parts`."""
        batch = self.find(call)
        if batch is None:
            return (call,)
        members = _new(call, batch)
        if len(members) < 2:
            return (call,)
        stated: Mapping[str, Any] = {kind: _dealt(getattr(call, kind), batch, members) for kind in _STATEMENTS}
        addresses = _addresses(call, batch, len(members))
        form = call.otherwise
        new = {member.name for member in members}
        kept = [member for member in _sent(call, batch) if member.name not in new]
        said = batch.apart(call, [member.value for member in members])
        return tuple(
            replace(
                _with(call, batch, _in_order(call, batch, [*kept, member])),
                accepts=call.accepts | batch.alone,
                otherwise=None if form is None else _with(form, batch, [member]),
                changes=addresses[place],
                why=why,
                **{kind: facts[place] for kind, facts in stated.items()},
            )
            for place, (member, why) in enumerate(zip(members, said, strict=True))
        )

    def join(self, split: Sequence[Call]) -> Call:
        """Put parts together again; see `providers.base.Provider.join`."""
        first, *more = split
        batch = self.find(first)
        if batch is None or not more:
            assert not more, "what can't be split has one part"
            return first
        new = [member for part in split for member in _new(part, batch)]
        sent = [member for part in split for member in _sent(part, batch)] if batch.keeps else new
        stated: dict[str, Any] = {
            kind: frozenset().union(*(getattr(part, kind) for part in split)) for kind in _STATEMENTS
        }
        forms = [part.otherwise for part in split if part.otherwise is not None]
        return replace(
            _with(first, batch, _sorted(sent) if batch.keeps else sent),
            accepts=first.accepts - batch.alone,
            otherwise=_with(forms[0], batch, new) if forms else None,
            changes=tuple(dict.fromkeys(address for part in split for address in part.changes)),
            why=batch.together(split),
            **stated,
        )

    def after(self, call: Call, done: Sequence[Call]) -> Call:
        """
        Make a call fit to be sent after other parts of the same batch took effect.

        What they bound is kept from then on: were it left out, and binding replaces, it would be lost again.
        """
        batch = self.find(call)
        if batch is None or not batch.keeps or not done:
            return call
        own = _new(call, batch)
        names = {member.name for member in own}
        bound = [member for part in done for member in _new(part, batch) if member.name not in names]
        only_new = call.otherwise or replace(
            _with(Call(call.method, call.path, call.body, action=call.action), batch, own), accepts=batch.again
        )
        return replace(
            _with(call, batch, _sorted([*_sent(call, batch), *bound])),
            otherwise=only_new if bound else call.otherwise,
        )

    def members_of(self, call: Call) -> Sequence[Any]:
        """List what a call makes, binds or lets go of, without what it only sends along; empty for what is no batch."""
        batch = self.find(call)
        return () if batch is None else [member.value for member in _new(call, batch)]


def _sent(call: Call, batch: Batch) -> Sequence[_Member]:
    """List all that stands in the body."""
    values = (call.body or {}).get(batch.listed)
    if not isinstance(values, list | tuple):
        return ()
    names = call.members if len(call.members) == len(values) else [batch.name(value) for value in values]
    return [_Member(name, value) for name, value in zip(names, values, strict=True)]


def _new(call: Call, batch: Batch) -> Sequence[_Member]:
    found = _sent(call, batch)
    if not batch.keeps:
        return found
    # What an object keeps is not stated as given, and is left out of the other form.
    new = {fact[batch.named[fact[0]]] for fact in call.gives if fact[0] in batch.named}
    if not new and call.otherwise is not None:
        new = {member.name for member in _sent(call.otherwise, batch)}
    return [member for member in found if member.name in new] if new else found


def _with(form: Call, batch: Batch, members: Sequence[_Member]) -> Call:
    body = {**(form.body or {}), batch.listed: [member.value for member in members]}
    return replace(form, body=body, members=tuple(member.name for member in members) if form.members else ())


def _in_order(call: Call, batch: Batch, members: Sequence[_Member]) -> Sequence[_Member]:
    places = {member.name: place for place, member in enumerate(_sent(call, batch))}
    return sorted(members, key=lambda member: places[member.name])


def _sorted(members: Sequence[_Member]) -> Sequence[_Member]:
    """List each member once, by name."""
    return sorted({member.name: member for member in members}.values(), key=lambda member: member.name)


def _dealt(facts: frozenset[Fact], batch: Batch, members: Sequence[_Member]) -> Sequence[frozenset[Fact]]:
    """Deal facts out to the members that they name."""
    own: dict[str, set[Fact]] = {member.name: set() for member in members}
    shared: set[Fact] = set()
    for fact in facts:
        at = batch.named.get(fact[0])
        own.get(fact[at] if at is not None else "", shared).add(fact)
    return [
        frozenset({*own[member.name], *(fact for fact in shared if batch.shares(member.value, fact))})
        for member in members
    ]


def _addresses(call: Call, batch: Batch, count: int) -> Sequence[tuple[str, ...]]:
    """Find the changes that each member serves: one each, after the object's own where all are of one object."""
    shared = call.changes[:1] if batch.of_one else ()
    own = call.changes[len(shared) :]
    return [(*shared, address) for address in own] if len(own) == count else [call.changes] * count


@dataclass(frozen=True, slots=True)
class Listing:
    """A line that lists members: `Li Wei joins Sales (9001), Support (9002)`, cut apart behind each member's id."""

    verb: str
    end: str = ""

    def apart(self, call: Call, members: Sequence[Any]) -> Sequence[str]:
        """Say of each member what the line says of all."""
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
        """Say of all what the parts say of each."""
        if len({part.why for part in split}) == 1:
            return split[0].why  # it could not be cut apart
        who, verb, _ = split[0].why.partition(self.verb)
        pieces = [part.why.partition(self.verb)[2].removesuffix(self.end) for part in split]
        return f"{who}{verb}{', '.join(pieces)}{self.end}"
