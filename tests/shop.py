"""
A made-up vendor, as small as can be, that does what real ones do: gives ids, ignores and leaves out, holds on.

Groups get an id from the vendor. People are made several at a time, in groups, whose ids the call sends; they are
bound to more, let go of, and deleted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Self

from reconciler.apply import World, apply
from reconciler.model.call import Call, Fact, Given, Reply
from reconciler.model.errors import OutcomeUnknown, Rejected, VendorError
from reconciler.model.history import Attempt
from reconciler.model.live import Live
from reconciler.model.outcome import Learned, Outcome
from reconciler.model.resource import Computed, Identity, Resource
from reconciler.plan.order import order
from reconciler.providers.retries import Retries


class Group(Resource):
    """A group; the vendor gives the id."""

    name: Annotated[str, Identity()]
    id: Annotated[int, Computed()] = 0


class Person(Resource):
    """Somebody in groups, by name."""

    name: Annotated[str, Identity()]
    groups: tuple[str, ...] = ()


def group(name: str) -> Call:
    """Make a group."""
    return Call("POST", "/", {"Name": name}, action="MakeGroup", gives=facts(("group", name)), **_for(f"groups/{name}"))


def people(*names: str, groups: Sequence[str] = (), made: Sequence[str] = ()) -> Call:
    """Make people in *groups*, of which *made* get their ids in the same plan; the others have 1."""
    ids = [Given(("group", name), "Id") if name in made else 1 for name in groups]
    return Call(
        "POST",
        "/",
        {"People": [{"Name": name, "Groups": ids} for name in names]},
        action="MakePeople",
        confirm=True,
        requires=facts(*(("group", name) for name in groups)),
        gives=facts(*(("person", name) for name in names), *(("in", name, item) for name in names for item in groups)),
        **_for(*(f"people/{name}" for name in names)),
    )


def gone(*names: str) -> Call:
    """Delete people."""
    return Call(
        "POST",
        "/",
        {"People": list(names)},
        action="DropPeople",
        takes=facts(*(("person", name) for name in names)),
        **_for(*(f"people/{name}" for name in names)),
    )


def rely(*on: Fact, name: str = "later") -> Call:
    """Make a group once *on* hold."""
    return replace(group(name), requires=facts(*on))


def facts(*some: Fact) -> frozenset[Fact]:
    """Gather facts."""
    return frozenset(some)


def _for(*changes: str) -> dict[str, Any]:
    return {"changes": changes, "why": f"make {', '.join(changes)} right"}


class Shop:
    """The vendor: provider, client and journal in one."""

    def __init__(
        self, *, ids: Mapping[str, int] | None = None, people: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.ids: dict[str, int] = dict(ids or {})
        self.people: dict[str, tuple[str, ...]] = {name: tuple(groups) for name, groups in (people or {}).items()}
        self.ignores: set[str] = set()  # who is made without groups
        self.deaf: set[str] = set()  # whose binding does nothing
        self.refuses: dict[str, str] = {}  # what calls about a name are refused, by action and name
        self.fails: dict[str, str] = {}  # who is left out of a good answer, and why
        self.clings = False  # whether nobody goes who is in a group
        self.loses: list[str] = []  # actions whose next answer is lost, after they took effect
        self.mute = False  # whether answers and reads keep ids to themselves
        self.blind = 0  # how many reads show nothing of what came since the start
        self.unreadable: VendorError | None = None
        self.before: Callable[[Call], None] = lambda _: None
        self.sent: list[tuple[str, Any]] = []
        self.intended: list[Attempt] = []
        self.ends: list[Attempt] = []
        self.reads = 0
        self._start = dict(self.ids), dict(self.people)

    # The provider

    def parts(self, call: Call) -> Sequence[Call]:
        """Split what is about several people."""
        members = (call.body or {}).get("People", ())
        if len(members) < 2:
            return (call,)
        return tuple(self._only(call, [member]) for member in members)

    def join(self, parts: Sequence[Call]) -> Call:
        """Put parts together."""
        if len(parts) == 1:
            return parts[0]
        everyone = [member for part in parts for member in (part.body or {})["People"]]
        sets: dict[str, Any] = {
            kind: frozenset().union(*(getattr(part, kind) for part in parts)) for kind in ("requires", "gives", "takes")
        }
        changes = tuple(change for part in parts for change in part.changes)
        return replace(parts[0], body={"People": everyone}, changes=changes, **sets)

    def _only(self, call: Call, members: Sequence[Any]) -> Call:
        names = {_name(member) for member in members}
        return replace(
            call,
            body={"People": list(members)},
            changes=tuple(f"people/{name}" for name in names),
            gives=frozenset(fact for fact in call.gives if fact[1] in names),
            takes=frozenset(fact for fact in call.takes if fact[1] in names),
        )

    def after(self, call: Call, done: Sequence[Call]) -> Call:
        """Nothing depends on it."""
        assert {call.action} >= {item.action for item in done}, "they are parts of one call"
        return call

    def shown_by(self, call: Call) -> frozenset[str]:
        """All is shown."""
        return frozenset({"groups"} if call.action == "MakeGroup" else {"groups", "people"})

    def happened(self, part: Call, live: Live) -> bool:
        """Whether it shows."""
        body = part.body or {}
        match part.action:
            case "MakeGroup":
                return body["Name"] in live.of("groups")
            case "MakePeople":
                return all(item["Name"] in live.of("people") for item in body["People"])
            case "DropPeople":
                return not any(name in live.of("people") for name in body["People"])
            case "Bind":
                return {*body["Groups"]} <= self._ids_of(live, body["Person"])
            case _:
                return not {*body["Groups"]} & self._ids_of(live, body["Person"])

    def _ids_of(self, live: Live, person: str) -> set[int]:
        found = live.of("people").get(person)
        return set() if found is None else {self._id(live, name) for name in found.groups}

    def _id(self, live: Live, name: str) -> int:
        return live.of("groups")[name].id or 1 if name in live.of("groups") else 1

    def makes_twice(self, _call: Call) -> bool:
        """Never: names are unique."""
        return False

    def learn(self, call: Call, reply: Reply) -> Learned:
        """Learn ids, and who was left out."""
        if call.action == "MakeGroup":
            return Learned(given={"Id": reply.payload["Id"]} if "Id" in reply.payload else {})
        left = {**reply.payload.get("Errors", {}), **reply.payload.get("Online", {})}
        return Learned(failed={name.upper(): why for name, why in left.items()})

    def unlearn(self, _call: Call, _refused: Rejected) -> Learned:
        """Nothing."""
        return Learned()

    def recover(self, call: Call, live: Live) -> Learned:
        """Find an id by the name."""
        if call.action != "MakeGroup":
            return Learned()
        found = live.of("groups").get((call.body or {})["Name"])
        return Learned(given={"Id": found.id} if found is not None and found.id else {})

    def mend(self, call: Call, live: Live) -> Sequence[Call]:
        """Bind who is not where the call put them."""
        calls = []
        for member in (call.body or {}).get("People", ()) if call.action == "MakePeople" else ():
            missing = {*member["Groups"]} - self._ids_of(live, member["Name"])
            if missing:
                calls.append(replace(_bind("Bind", member["Name"], sorted(missing)), changes=call.changes))
        return calls

    def unblock(self, call: Call, refused: Rejected, live: Live) -> Sequence[Call]:
        """Let go of who can't be deleted for being in groups."""
        if refused.code != "in-use":
            return ()
        (name,) = (call.body or {})["People"]
        return [_bind("Unbind", name, sorted(self._ids_of(live, name)))]

    # The client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send(self, call: Call) -> Reply:
        """Carry one call out."""
        await asyncio.sleep(0)
        self.before(call)
        self.sent.append((call.title, call.body))
        payload = self._carry_out(call.title, call.body or {})
        if call.title in self.loses:
            self.loses.remove(call.title)
            raise OutcomeUnknown(f"{call.title}: no answer")
        return Reply(payload=payload)

    def _carry_out(self, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
        names = [_name(member) for member in body.get("People", ())] or [body.get("Person") or body["Name"]]
        for name in names:
            if (code := self.refuses.get(f"{action} {name}")) is not None:
                raise Rejected(f"{action}: {code}", code=code, text=f"{name} is not liked")
        left = {name: self.fails[name] for name in names if name in self.fails}
        return self._done(action, body, left)

    def _done(self, action: str, body: Mapping[str, Any], left: Mapping[str, str]) -> dict[str, Any]:
        match action:
            case "MakeGroup":
                self.ids[body["Name"]] = len(self.ids) + 7
                return {} if self.mute else {"Id": self.ids[body["Name"]]}
            case "MakePeople":
                for item in body["People"]:
                    if item["Name"] not in left:
                        named = {} if item["Name"] in self.ignores else dict.fromkeys(item["Groups"], 0)
                        self.people[item["Name"]] = self._named(named)
                return {"Errors": dict(left)} if left else {}
            case "DropPeople":
                if self.clings and any(self.people.get(name) for name in body["People"]):
                    raise Rejected("DropPeople: in use", code="in-use", text="still in a group")
                for name in {*body["People"]} - left.keys():
                    self.people.pop(name, None)
                return {"Online": dict(left)} if left else {}
            case "Bind" if body["Person"] not in self.deaf:
                had = self.people[body["Person"]]
                self.people[body["Person"]] = (*had, *self._named(body["Groups"]))
            case "Unbind":
                self.people[body["Person"]] = ()
        return {}

    def _named(self, numbers: Iterable[int]) -> tuple[str, ...]:
        by_id = {number: name for name, number in self.ids.items()}
        return tuple(by_id.get(number, "all") for number in numbers)

    # The journal, and reads

    async def intend(self, attempts: Sequence[Attempt]) -> None:
        """Keep intents."""
        await asyncio.sleep(0)
        self.intended += attempts

    def ended(self, attempt: Attempt) -> None:
        """Keep ends."""
        self.ends.append(attempt)

    async def keep(self, _call: Call, _learned: Learned) -> Mapping[str, str]:
        """Nothing is ever kept."""
        return {}

    async def read(self, _sections: Iterable[str]) -> Live:
        """Read all of it."""
        self.reads += 1
        if self.unreadable is not None:
            raise self.unreadable
        ids, members = self._start if self.blind else (self.ids, self.people)
        self.blind = max(0, self.blind - 1)
        groups = {name: Group.live({"name": name, "id": 0 if self.mute else number}) for name, number in ids.items()}
        persons = {name: Person.live({"name": name, "groups": some}) for name, some in members.items()}
        return Live({"groups": groups, "people": persons})

    def apply(self, *calls: Call, **rest: Any) -> tuple[Outcome, ...]:
        """Order and apply calls; *rest* is the world's, and `fail_fast`."""
        fail_fast = rest.pop("fail_fast", False)
        world: dict[str, Any] = {
            "provider": self,
            "client": self,
            "journal": self,
            "retries": Retries(sleep=_at_once, chance=lambda: 0.0),
            "read": self.read,
            "sleep": _at_once,
            **rest,
        }
        return asyncio.run(apply(order(calls).calls, World(**world), fail_fast=fail_fast))


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def _name(member: Any) -> str:
    return str(member["Name"] if isinstance(member, Mapping) else member)


def _bind(action: str, person: str, numbers: Sequence[int]) -> Call:
    return Call(
        "POST",
        "/",
        {"Person": person, "Groups": list(numbers)},
        action=action,
        changes=(f"people/{person}",),
        why=f"{action.lower()} {person} apart",
    )
