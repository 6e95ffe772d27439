"""The rehearsal's view of the simulator: calls in, replies out, at its strictest and without HTTP."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model.call import Call, Reply
from reconciler.model.errors import Rejected
from reconciler.model.live import Live
from reconciler.providers.tencent.protocol import classify
from reconciler.providers.tencent.simulator.answers import Failure
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.machine import Machine

# Where the pages are open, the reading under which a wrong plan shows: binding replaces, what is not bound can't be
# unbound, what is in use can't be deleted. But people and telephones are deleted as they are, with what they are bound
# to, and a plan's uploads are not held to what one day allows.
STRICT: Final = Dialect(
    bind="replace",
    number_bind="replace",
    unbind_absent="refused",
    unbind_number_absent="refused",
    delete_unknown_staff="refused",
    uploads_a_day=999_999,
)

_ACCOUNT: Final = frozenset({"DescribeCCCBuyInfoList"})  # actions of the account, which name no application


class Rehearsal:
    """A machine in a given state, spoken to in calls."""

    def __init__(self, live: Live) -> None:
        self._machine = Machine.from_state({"sections": live.as_json()}, STRICT)

    def answer(self, call: Call) -> Reply:
        """Carry out one call, or raise `Rejected` as the client would."""
        assert call.action is not None, "a call to this vendor names its action"
        tenant = {} if call.action in _ACCOUNT else {"SdkAppId": self._machine.tenant.app_id}
        # Bodies carry live values along, which may break the pages' forms; what the files say was checked by `load`.
        found = self._machine.handle(call.action, {**tenant, **(call.body or {})}, trusted=True)
        if not isinstance(found, Failure):
            return Reply(payload=found)
        condition = classify(call.action, found.code, found.message)
        if condition in call.accepts:
            return Reply(payload={}, condition=condition)
        raise Rejected(
            f"{call.title}: {found.code} {found.message}", code=found.code, text=found.message, call=call.title
        )

    def state(self) -> Any:
        """Give what the tenant has, as a snapshot's sections."""
        return self._machine.to_state()["sections"]
