"""Udesk, as the laws see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from reconciler.model.call import Call, Reply
from reconciler.model.desired import Desired
from reconciler.model.errors import Rejected
from reconciler.model.live import Live, Memory
from reconciler.providers.base import Provider
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.protocol import API, classify
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.machine import Machine
from tests.laws.udesk.tenants import AUTH_TOKEN, QUEUES, SID, desired_of, live_of, lives, wish_of, wishes
from tests.laws.udesk.wired import Wired
from tests.laws.vendor import Case, Sections

READINGS: Final[Mapping[str, Dialect]] = {
    "default": Dialect(),
    "strict": Dialect(voices_body="list", bind_queues="replace", voices_left_out="default", bound_again="refused"),
    "lenient": Dialect(
        queue_with_key="allowed",
        voice_in_use="allowed",
        shared_extension="allowed",
        unbound_again="ok",
        agent_left_out="keep",
        application_left_out="keep",
    ),
    "replace": Dialect(bind_queues="replace", wrap_up_time="refused", subscription_starts="disabled"),
    "refused": Dialect(bound_again="refused", agent_batch="partial", voices_unset="absent", empty_lists="list"),
}
"""Readings of the page that differ in what a write does; those that differ in form alone are the wire's business."""


class Spoken:
    """The machine behind calls and replies, in any dialect: what the client makes of it, without HTTP."""

    def __init__(self, state: Mapping[str, Any], dialect: Dialect) -> None:
        self._machine = Machine.from_state({"sections": state}, dialect)

    def answer(self, call: Call) -> Reply:
        """Carry out one call, or raise `Rejected` as the client would."""
        found = self._machine.handle(call.method, call.path.removeprefix(API), call.body, query=call.query)
        payload = {"ErrCode": found.code, "ErrDesc": found.text, "Result": found.result, **dict(found.beside)}
        if found.ok:
            return Reply(payload=payload)
        condition = classify(found.code, found.text)
        if condition in call.accepts:
            return Reply(payload=payload, condition=condition)
        if call.otherwise is not None and condition in call.otherwise_on:
            return self.answer(replace(call.otherwise, changes=call.changes, id=call.id))
        raise Rejected(f"{call.title}: {found.code} {found.text}", code=found.code, text=found.text, call=call.title)

    @property
    def sections(self) -> Sections:
        """What it has, by its own account."""
        sections: Sections = self._machine.to_state()["sections"]
        return sections


# What no read shows. A spare extension is one of them; one that an agent holds is not.
_UNSEEN: Final = frozenset({"extensions", "webhooks/events"})


_WRITES: Final = frozenset(
    {
        "PUT apps",
        "PUT spnumbers/default",
        "DELETE spnumbers/default",
        "PUT spnumbers/agent/default/",
        "DELETE spnumbers/agent/default/",
        "POST queues",
        "PUT queues",
        "DELETE queues",
        "POST extensions",
        "DELETE extensions",
        "POST agents",
        "PUT agents/",
        "DELETE agents/",
        "POST agents/extensions",
        "DELETE agents/extensions",
        "DELETE agents/queues",
        "POST ivrs/vfiles",
        "DELETE ivrs/vfiles",
        "PUT ivrs/defvoices",
        "PUT ivrs/fastrouters",
        "POST subscriptions",
        "PUT subscriptions/",
        "DELETE subscriptions/",
        "PUT webhooks/events",
    }
)


class Udesk:
    """The description; see `vendor.Vendor`."""

    provider: Provider = PROVIDER
    readings: Sequence[str] = tuple(sorted(READINGS))
    secrets: Sequence[str] = (SID, AUTH_TOKEN)
    starts_otherwise = frozenset({"subscriptions"})
    # A description goes along with the next upload.
    travels: Mapping[str, frozenset[str]] = {"voice_files": frozenset({"description"})}
    writes = _WRITES
    contents: Mapping[str, str] = {digit * 16: f"{digit}.wav" for digit in "01"}  # every content is still in the folder
    one_way = frozenset({"webhook_events"})  # nobody can read them
    not_restored = frozenset({("subscriptions", "number"), ("agents", "wrap_up_time")})

    def cases(self, *, whole: bool = False) -> st.SearchStrategy[Case]:
        """Draw a live tenant and a wish beside it."""
        return cases(whole=whole)

    def bindings(self) -> st.SearchStrategy[Case]:
        """Draw few agents and many queues."""
        return bindings()

    def machine(self, state: Any, reading: str) -> Spoken:
        """Make the vendor's machine in a state."""
        return Spoken(state, READINGS[reading])

    def wired(self, state: Any, dialect: str) -> Wired:
        """Make the vendor's machine behind its wire."""
        return Wired(state, dialect)

    def sort(self, call: Call) -> str:
        """Name a call by method and path, without what it is about."""
        return f"{call.method} {call.path.removeprefix(API).rstrip('0123456789')}"

    def exactly(self, live: Live) -> Desired:
        """Wish for exactly what is live."""
        return desired_of(wish_of(live))

    def comparable(self, sections: Sections, desired: Desired) -> Sections:
        """Leave out numbers of extensions and of subscriptions."""
        found: dict[str, dict[str, Any]] = {name: dict(items) for name, items in sections.items()}
        for entry in desired.of("agents").values():
            if entry.resource.__dict__["auto_extension"] and entry.identity in found["agents"]:
                agent = found["agents"][entry.identity]
                for number in agent["extensions"]:
                    del found["extensions"][number]
                found["agents"][entry.identity] = {**agent, "extensions": len(agent["extensions"])}
        found["subscriptions"] = {name: {**fields, "number": ""} for name, fields in found["subscriptions"].items()}
        return found

    def chosen(self, desired: Desired, after: Sections) -> frozenset[tuple[str, str]]:
        """Name extensions that the vendor chose for new agents."""
        return frozenset(
            ("extensions", number)
            for entry in desired.of("agents").values()
            if entry.resource.__dict__["auto_extension"] and entry.identity in after["agents"]
            for number in after["agents"][entry.identity]["extensions"]
        )

    def answered(self, sections: Sections) -> frozenset[tuple[str, str]]:
        """Name the queues that somebody serves, and the keys that lead to one."""
        return staffed(sections)

    def at_fault(self, lost: tuple[str, str], live: Live) -> str:
        """Name the queue that a key leads to."""
        section, name = lost
        return str(live.of("fast_routers")[name].queue) if section == "fast_routers" else name

    def may_choose(self, calls: Sequence[Call], call: Call) -> bool:
        """Whether the system might choose the very number that *call* makes."""
        return call.path.endswith("/extensions") and any("IsCreateExtension" in repr(other.body) for other in calls)

    def hidden(self, address: str) -> bool:
        """Whether every wish ignores an object: those that take up places."""
        return address.startswith("queues/91")

    def unseen(self, call: Call) -> bool:
        """Whether no read may show what a call does."""
        return call.path.removeprefix(API) in _UNSEEN

    def numbers(self, call: Call) -> bool:
        """Whether the vendor numbers extensions or subscriptions."""
        return "IsCreateExtension" in repr(call.body) or "subscriptions" in call.path

    def lost(self, before: Sections, deleted: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Name files of which nobody knows the content, and the prompts that play them."""
        files = {
            name
            for name, file in before["voice_files"].items()
            if not file["digest"] and ("voice_files", name) in deleted
        }
        silent = {name for name, voice in before["default_voices"].items() if voice["wav"] in files}
        return frozenset({("voice_files", name) for name in files} | {("default_voices", name) for name in silent})


UDESK: Final = Udesk()


def staffed(sections: Sections, *needed: str) -> frozenset[tuple[str, str]]:
    """Find the queues that somebody serves who has all that is *needed*, and the keys that lead to one."""
    queues = {
        queue
        for agent in sections["agents"].values()
        if all(agent[field] for field in needed)
        for queue in agent["queues"]
    }
    keys = {key for key, fields in sections["fast_routers"].items() if fields["queue"] in queues}
    return frozenset({("queues", queue) for queue in queues} | {("fast_routers", key) for key in keys})


@st.composite
def cases(draw: st.DrawFn, *, whole: bool = False) -> Case:
    """Draw a live tenant and a wish beside it."""
    live, known = draw(lives())
    hidden = (
        {*live["extensions"]} - {*known} - {item for agent in live["agents"].values() for item in agent["extensions"]}
    )
    shown = {**live, "extensions": {number: {} for number in live["extensions"] if number not in hidden}}
    memory: dict[str, dict[str, dict[str, Any]]] = {
        "extensions": {number: {} for number in known},
        "subscriptions": {name: {"id": fields["number"]} for name, fields in live["subscriptions"].items()},
    }
    read = Live(live_of(shown).sections, Memory(memory))
    state = Live(live_of(live).sections).as_json()
    return Case(vendor=UDESK, live=read, desired=draw(wishes(live, whole=whole)), state=state)


@st.composite
def bindings(draw: st.DrawFn) -> Case:
    """Draw few agents and many queues: an agent joins several in one call, and keeps some that it has."""
    several = st.lists(st.sampled_from(QUEUES), unique=True, max_size=5).map(sorted)
    live: dict[str, Any] = {"queues": {queue: {"name": queue} for queue in QUEUES}, "agents": {}}
    wish: dict[str, Any] = {"agents": {}}
    for number, agent in enumerate(draw(st.sampled_from([["11"], ["11"], ["11", "12"]]))):
        phones = [f"80{number}1", f"80{number}2"]
        live["agents"][agent] = {
            "work_id": "w",
            "queues": draw(several),
            "extensions": draw(st.sampled_from([[], [], phones[:1], phones])),
        }
        wish["agents"][agent] = {
            "queues": draw(several),
            "extensions": draw(st.sampled_from([phones, phones, []])),
        }
    known: dict[str, dict[str, Any]] = {number: {} for number in ("8001", "8002", "8011", "8012")}
    read = live_of({**live, "extensions": known})
    memory = Memory({"extensions": known})
    return Case(
        vendor=UDESK, live=Live(read.sections, memory), desired=desired_of(wish, prune=()), state=read.as_json()
    )
