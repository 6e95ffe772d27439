"""The rehearsal's view of the simulator: calls in, replies out, at its strictest and without HTTP."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model.call import Call, Reply
from reconciler.model.errors import Rejected
from reconciler.model.live import Live
from reconciler.providers.udesk.protocol import API, classify
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.forms import Trusted
from reconciler.providers.udesk.simulator.machine import Machine

# Where the page is open, the reading under which a wrong plan shows: what is in use can't be deleted, fields left out
# are lost, binding an agent replaces its queues. But a live key or prompt may name what is gone already; it does so
# before the plan as after it.
STRICT: Final = Dialect(voices_body="list", bind_queues="replace", voices_left_out="default", dangling="kept")


class Rehearsal:
    """A machine in a given state, spoken to in calls."""

    def __init__(self, live: Live) -> None:
        sections = live.as_json()
        self._machine = Machine.from_state({"sections": sections}, STRICT)

    def answer(self, call: Call) -> Reply:
        """Carry out one call, or raise `Rejected` as the client would."""
        # Bodies carry live values along, which may break the page's forms; what the files say was checked by `load`.
        body = None if call.body is None else Trusted(call.body)
        found = self._machine.handle(call.method, call.path.removeprefix(API), body, query=call.query)
        if (call.method, call.path) == ("POST", API + "subscriptions"):
            self._switch(call)
        payload = {"ErrCode": found.code, "ErrDesc": found.text, "Result": found.result, **dict(found.beside)}
        if not found.code.strip("0"):
            return Reply(payload=payload)
        condition = classify(found.code, found.text)
        if condition in call.accepts:
            return Reply(payload=payload, condition=condition)
        raise Rejected(f"{call.title}: {found.code} {found.text}", code=found.code, text=found.text, call=call.title)

    def state(self) -> Any:
        """Give what the tenant has, as a snapshot's sections."""
        return self._machine.to_state()["sections"]

    def _switch(self, call: Call) -> None:
        """
        Have new subscriptions start as they were sent.

        Whether they start enabled is not said, nor is a field for it ("Message Subscription"); `apply` reads back and
        switches those that started the other way, by ids that nobody knows before.
        """
        sent = [item for item in (call.body or {}).get("subscriptions", ()) if "enable" in item]
        made = self._machine.tenant.subscriptions
        for item in sent:
            number = max((key for key, found in made.items() if found.name == item["name"]), default=None)
            if number is not None:
                made[number].enabled = bool(item["enable"])
