"""Who else is at the console: when live is looked at again, and what counts as somebody else's doing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import pytest

from reconciler.model.call import Call
from reconciler.model.change import Action, Change, ValueChange
from reconciler.model.errors import Overtaken, Unreachable
from reconciler.model.history import Attempt, Ending
from reconciler.model.kind import Kind, Lowered, Shape
from reconciler.model.live import Live
from reconciler.model.plan import Plan, Summary
from reconciler.model.resource import Computed, Identity, PairedWith, RenamedFrom, Resource
from reconciler.pipeline.watching import Watch
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.kinds.agents import Agent
from reconciler.providers.udesk.kinds.fast_routers import FastRouter
from reconciler.providers.udesk.kinds.queues import Queue
from tests import virtual


@dataclass
class Tenant:
    """A live tenant, read in *takes_s* seconds; it counts its reads."""

    sections: dict[str, dict[str, Resource]]
    takes_s: float = 0.05
    reads: list[frozenset[str]] = field(default_factory=list)
    error: Exception | None = None

    async def read(self, sections: Iterable[str]) -> Live:
        """Read, as it is when the answer leaves."""
        asked = frozenset(sections)
        self.reads.append(asked)
        await asyncio.sleep(self.takes_s)
        if self.error is not None:
            raise self.error
        return Live({name: dict(items) for name, items in self.sections.items() if name in asked})


def queue(number: str, **fields: Any) -> Queue:
    """Make a live queue."""
    return Queue.live({"id": number, "name": f"Q{number}", "timeout": 60, "max_length": 128, **fields})


def update(before: Queue, **fields: Any) -> Change:
    """Change a queue's fields."""
    return Change(
        section="queues",
        name=before.id,
        identity=before.id,
        action=Action.UPDATE,
        fields=tuple(
            ValueChange(path=name, before=before.__dict__[name], after=value) for name, value in fields.items()
        ),
        live=before,
        desired=before.model_copy(update=fields),
        written=frozenset(fields),
    )


def call(name: str, *changes: str, needs: Sequence[str] = ()) -> Call:
    """Make a call for some addresses."""
    return Call("PUT", "/ccapi/v2/queues", {}, id=name, changes=changes, needs=tuple(needs))


def watch(
    tenant: Tenant, calls: Sequence[Call], changes: Sequence[Change], kinds: Mapping[str, Kind[Any]] = PROVIDER.kinds
) -> Watch:
    """Watch a plan that was made from the tenant right now."""
    live = Live({name: dict(items) for name, items in tenant.sections.items()})
    plan = Plan(contact_center="acme", provider="udesk", summary=Summary(), changes=tuple(changes), calls=tuple(calls))
    taken = asyncio.get_running_loop().time()
    return Watch(plan, live, kinds, tenant, taken=taken)  # type: ignore[arg-type]


def done(item: Call) -> Attempt:
    """Say that a call was done."""
    return Attempt(call=item, number=1, ending=Ending.DONE)


def queues(*numbers: str) -> Mapping[str, dict[str, Resource]]:
    """Make live queues."""
    return {"queues": {number: queue(number) for number in numbers}}


def test_calls_that_go_out_at_once_need_no_other_look() -> None:
    """What the plan was made from is as fresh as it gets."""

    async def main() -> None:
        tenant = Tenant(dict(queues("9001", "9002")))
        calls = [call("c1", "queues/9001"), call("c2", "queues/9002")]
        seen = watch(tenant, calls, [update(queue("9001"), timeout=90), update(queue("9002"), timeout=90)])
        for item in calls:
            await seen.check(item)
        assert [] == tenant.reads

    virtual.run(main())


def test_a_change_made_while_others_ran_stops_what_waited_for_them() -> None:
    """The field is named, with what it was and what it is now."""

    async def main() -> None:
        tenant = Tenant(dict(queues("9001", "9002")))
        calls = [call("c1", "queues/9001"), call("c2", "queues/9002", needs=["c1"])]
        seen = watch(tenant, calls, [update(queue("9001"), timeout=90), update(queue("9002"), timeout=90)])
        await seen.check(calls[0])
        tenant.sections["queues"]["9002"] = queue("9002", timeout=75)
        seen.attempted(done(calls[0]))
        with pytest.raises(Overtaken) as caught:
            await seen.check(calls[1])
        (found,) = caught.value.found
        assert ("queues/9002", "timeout", 60, 75) == (found.address, found.path, found.planned, found.found)
        assert "timeout was 60 when the plan was made, and is 75 now" in caught.value.refusals[0].message
        assert [frozenset({"queues"})] == tenant.reads

    virtual.run(main())


def test_a_field_that_the_plan_leaves_alone_counts_too() -> None:
    """A change sends the whole object, so an older value of another field would go along."""

    async def main() -> None:
        tenant = Tenant(dict(queues("9001", "9002")))
        calls = [call("c1", "queues/9002"), call("c2", "queues/9001", needs=["c1"])]
        seen = watch(tenant, calls, [update(queue("9001"), timeout=90), update(queue("9002"), timeout=90)])
        await seen.check(calls[0])
        tenant.sections["queues"]["9001"] = queue("9001", max_length=7)
        seen.attempted(done(calls[0]))
        with pytest.raises(Overtaken, match="queues/9001"):
            await seen.check(calls[1])

    virtual.run(main())


def test_what_our_own_calls_did_is_nobody_else_s_doing() -> None:
    """Before, after, and the members that come and go on the way."""

    async def main() -> None:
        before = Agent.live({"id": "101", "queues": ("9001", "9002"), "extensions": ()})
        change = Change(
            section="agents",
            name="li",
            identity="101",
            action=Action.UPDATE,
            live=before,
            desired=before.model_copy(update={"queues": ("9002", "9003"), "name": "Li"}),
        )
        tenant = Tenant({"agents": {"101": before}})
        calls = [call("c1", "agents/li"), call("c2", "agents/li", needs=["c1"]), call("c3", "agents/li", needs=["c2"])]
        seen = watch(tenant, calls, [change])
        await seen.check(calls[0])
        tenant.sections["agents"]["101"] = before.model_copy(update={"queues": ("9001", "9002", "9003")})
        seen.attempted(done(calls[0]))
        await seen.check(calls[1])
        tenant.sections["agents"]["101"] = before.model_copy(update={"queues": ("9002", "9003", "9004"), "name": "Li"})
        seen.attempted(done(calls[1]))
        with pytest.raises(Overtaken) as caught:
            await seen.check(calls[2])
        assert [("queues", ("9002", "9003", "9004"))] == [(item.path, item.found) for item in caught.value.found]

    virtual.run(main())


class Person(Resource):
    """Somebody in groups, with a priority in each."""

    id: str
    groups: tuple[str, ...] = ()
    priorities: Annotated[dict[str, int], PairedWith("groups", "priority", default=3)] = {}  # noqa: RUF012 - copied


PEOPLE: Kind[Any] = Kind(
    section="people",
    one="person",
    resource=Person,
    shape=Shape.NAMED,
    description="People.",
    identity=lambda person: person.id,
    lower=lambda _changes, _context: Lowered(),
)


_BEGUN, _BEFORE = ("people/ann",), ()
_FINE, _STALE = "fine", "stale"


def person(**priorities: int) -> Person:
    """Make somebody in groups."""
    return Person.live({"id": "ann", "groups": tuple(sorted(priorities)), "priorities": priorities})


@pytest.mark.parametrize(
    ("now", "begun", "end"),
    [
        ({"stays": 2, "moves": 3, "goes": 1}, _BEGUN, _FINE),
        ({"stays": 2, "moves": 5, "goes": 1}, _BEGUN, _FINE),
        ({"stays": 2, "moves": 5, "comes": 3}, _BEGUN, _FINE),
        ({"stays": 2, "moves": 5, "comes": 4, "goes": 3}, _BEGUN, _FINE),
        ({"stays": 2, "comes": 1}, _BEGUN, _FINE),
        ({"stays": 2, "moves": 4, "goes": 1}, _BEGUN, _STALE),
        ({"stays": 3, "moves": 3, "goes": 1}, _BEGUN, _STALE),
        ({"moves": 3, "goes": 1}, _BEGUN, _STALE),
        ({"stays": 2, "moves": 3, "goes": 1, "odd": 1}, _BEGUN, _STALE),
        ({"stays": 2, "moves": 5, "goes": 1}, _BEFORE, _FINE),
        ({"stays": 2, "moves": 3, "goes": 4}, _BEFORE, _STALE),
        ({"stays": 2, "moves": 3, "goes": 1, "comes": 4}, _BEFORE, _STALE),
        ({"stays": 2, "goes": 1}, _BEFORE, _STALE),
    ],
    ids=[
        "nothing yet",
        "moved",
        "joined with the usual",
        "joined and leaving with others",
        "away for a moment, to come back with another",
        "moved to where nobody wished",
        "one of no concern moved",
        "one of no concern gone",
        "one of no concern joined",
        "as wished before we began",
        "one that is to leave moved before we began",
        "joined with another before we began",
        "away before we began",
    ],
)
def test_what_belongs_to_pairs_is_on_its_way_while_our_calls_are(
    now: Mapping[str, int], begun: tuple[str, ...], end: str
) -> None:
    """A member's value is as it was or as wished; of who joins or leaves it may be any, once we have begun."""

    async def main() -> None:
        before = person(stays=2, moves=3, goes=1)
        wish = person(stays=2, moves=5, comes=1)
        change = Change(section="people", name="ann", identity="ann", action=Action.UPDATE, live=before, desired=wish)
        tenant = Tenant({"people": {"ann": before}})
        calls = [call("c1", *begun), call("c2", "people/ann", needs=["c1"])]
        seen = watch(tenant, calls, [change], {"people": PEOPLE})
        await seen.check(calls[0])
        tenant.sections["people"]["ann"] = person(**now)
        seen.attempted(done(calls[0]))
        if end == _FINE:
            await seen.check(calls[1])
            return
        with pytest.raises(Overtaken) as caught:
            await seen.check(calls[1])
        assert {item.path for item in caught.value.found} <= {"groups", "priorities"}
        assert "goes: 1, moves: 3, stays: 2" in "".join(item.message for item in caught.value.refusals)

    virtual.run(main())


class Group(Resource):
    """A group whose name can change."""

    name: Annotated[str, Identity()]
    renamed_from: Annotated[str, RenamedFrom()] = ""
    id: Annotated[int, Computed()] = 0


@pytest.mark.parametrize(
    ("name", "end"), [("A", _FINE), ("B", _FINE), ("A (7)", _FINE), ("A (8)", _STALE), ("C", _STALE)]
)
def test_a_name_that_is_handed_on_may_be_parked(name: str, end: str) -> None:
    """The old one, the new one, or for a moment the one that is nobody's."""

    async def main() -> None:
        kind = replace(PEOPLE, section="groups", resource=Group, identity=lambda item: item.name)
        before = Group.live({"name": "A", "id": 7})
        wish = before.model_copy(update={"name": "B", "renamed_from": "A"})
        change = Change(section="groups", name="b", identity="B", action=Action.UPDATE, live=before, desired=wish)
        tenant = Tenant({"groups": {"B": before}})
        calls = [call("c1", "groups/b"), call("c2", "groups/b", needs=["c1"])]
        seen = watch(tenant, calls, [change], {"groups": kind})
        await seen.check(calls[0])
        tenant.sections["groups"]["B"] = before.model_copy(update={"name": name})
        seen.attempted(done(calls[0]))
        with nullcontext() if end == _FINE else pytest.raises(Overtaken):
            await seen.check(calls[1])

    virtual.run(main())


def test_a_key_that_was_added_by_hand_stops_the_table_that_would_drop_it() -> None:
    """The table is sent whole."""

    async def main() -> None:
        one = FastRouter.live({"digit": "1", "queue": "9001", "description": ""})
        change = Change(
            section="fast_routers",
            name="1",
            identity="1",
            action=Action.UPDATE,
            live=one,
            desired=one.model_copy(update={"description": "Sales"}),
        )
        tenant = Tenant({"fast_routers": {"1": one}, **queues("9001")})
        calls = [call("c1", "queues/9001"), call("c2", "fast_routers/1", needs=["c1"])]
        seen = watch(tenant, calls, [update(queue("9001"), timeout=90), change])
        await seen.check(calls[0])
        tenant.sections["fast_routers"]["5"] = FastRouter.live({"digit": "5", "queue": "9001", "description": ""})
        seen.attempted(done(calls[0]))
        with pytest.raises(Overtaken, match="fast_routers/5"):
            await seen.check(calls[1])

    virtual.run(main())


def test_what_is_gone_or_there_against_the_plan_is_named() -> None:
    """A deleted object, and one that somebody made first."""

    async def main() -> None:
        tenant = Tenant(dict(queues("9001", "9002")))
        new = Change(section="queues", name="new", identity="9003", action=Action.CREATE, desired=queue("9003"))
        calls = [call("c1", "queues/9001"), call("c2", "queues/9002", "queues/new", needs=["c1"])]
        seen = watch(tenant, calls, [update(queue("9001"), timeout=90), update(queue("9002"), timeout=90), new])
        await seen.check(calls[0])
        del tenant.sections["queues"]["9002"]
        tenant.sections["queues"]["9003"] = queue("9003")
        seen.attempted(done(calls[0]))
        with pytest.raises(Overtaken) as caught:
            await seen.check(calls[1])
        assert [("queues/9002", "absent"), ("queues/new", "there")] == [
            (item.address, item.found) for item in caught.value.found
        ]

    virtual.run(main())


def test_a_large_plan_is_looked_at_about_once_a_second() -> None:
    """Reading may take a tenth of the time; calls that wait for a look share it."""

    async def main() -> None:
        numbers = [str(9000 + number) for number in range(400)]
        tenant = Tenant(dict(queues(*numbers)), takes_s=0.05)
        calls = [call(f"c{number}", f"queues/{number}") for number in numbers]
        seen = watch(tenant, calls, [update(queue(number), timeout=90) for number in numbers])
        waiting = iter(calls)

        async def work() -> None:
            for item in waiting:
                await seen.check(item)
                await asyncio.sleep(0.1)
                seen.attempted(done(item))

        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(work() for _ in range(8)))
        took = asyncio.get_running_loop().time() - started
        assert took < 1.2 * 400 / 8 * 0.1
        assert 4 <= len(tenant.reads) <= 10 + took / 0.5

    virtual.run(main())


def test_a_look_that_fails_is_taken_again() -> None:
    """What can't be read is not taken for unchanged."""

    async def main() -> None:
        tenant = Tenant(dict(queues("9001", "9002")))
        calls = [call("c1", "queues/9001"), call("c2", "queues/9002", needs=["c1"])]
        seen = watch(tenant, calls, [update(queue("9001"), timeout=90), update(queue("9002"), timeout=90)])
        await seen.check(calls[0])
        seen.attempted(done(calls[0]))
        tenant.error = Unreachable("gone")
        with pytest.raises(Unreachable):
            await seen.check(calls[1])
        tenant.error = None
        await seen.check(calls[1])
        assert 2 == len(tenant.reads)

    virtual.run(main())
