"""The vendor's machine behind calls and replies, in any dialect: what the client makes of it, without HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.fetch import assemble
from reconciler.model.call import Call, Reply, run
from reconciler.model.errors import Rejected
from reconciler.model.live import Live, Memory
from reconciler.model.resource import Resource
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.protocol import API, classify
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.machine import Machine

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


class Vendor:
    """One tenant that is spoken to in calls, and our memory of it."""

    def __init__(self, state: Mapping[str, Any], memory: Memory, dialect: Dialect) -> None:
        self.machine = Machine.from_state({"sections": state}, dialect)
        self.facts: dict[str, dict[str, Any]] = {name: dict(items) for name, items in memory.facts.items()}

    def answer(self, call: Call) -> Reply:
        """Carry out one call, or raise `Rejected` as the client would."""
        found = self.machine.handle(call.method, call.path.removeprefix(API), call.body, query=call.query)
        payload = {"ErrCode": found.code, "ErrDesc": found.text, "Result": found.result, **dict(found.beside)}
        if found.ok:
            return Reply(payload=payload)
        condition = classify(found.code, found.text)
        if condition in call.accepts:
            return Reply(payload=payload, condition=condition)
        if call.otherwise is not None and condition in call.otherwise_on:
            return self.answer(replace(call.otherwise, changes=call.changes, id=call.id))
        raise Rejected(f"{call.title}: {found.code} {found.text}", code=found.code, text=found.text, call=call.title)

    def write(self, call: Call) -> Reply:
        """Carry out one write, and keep what the answer teaches."""
        reply = self.answer(call)
        learned = PROVIDER.learn(call, reply)
        for section, identity in learned.forget:
            self.facts.get(section, {}).pop(identity, None)
        for (section, identity), data in learned.remember.items():
            self.facts.setdefault(section, {})[identity] = dict(data)
        assert () == learned.failed
        return reply

    @property
    def sections(self) -> Mapping[str, Mapping[str, Any]]:
        """What it has, by its own account."""
        sections: Mapping[str, Mapping[str, Any]] = self.machine.to_state()["sections"]
        return sections

    def read(self) -> Live:
        """Read all of it, as `fetch` does."""
        memory = Memory({name: dict(items) for name, items in self.facts.items()})
        found: dict[str, dict[str, Resource]] = {}
        for name, kind in PROVIDER.kinds.items():
            if kind.read is not None:
                found[name] = {kind.identity(item): item for item in run(kind.read(memory), self.answer)}
        return assemble(PROVIDER, found, memory, PROVIDER.kinds)
