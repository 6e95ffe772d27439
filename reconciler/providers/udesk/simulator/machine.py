"""
The vendor as a pure state machine: a call in, an answer out, and no clock, network, file or chance.

Which rule answers which call stands in `_RULES`; the rules live in modules by the page's chapters: `tenancy`, `seats`,
`listing`, `lines`, `prompts`, `messages`. Passwords and ids are made of counters: the same calls, the same answers.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final, Self

from reconciler.providers.udesk.simulator import lines, listing, messages, prompts, seats, tenancy
from reconciler.providers.udesk.simulator.answers import BAD_REQUEST, Answer, Denied
from reconciler.providers.udesk.simulator.asked import Asked, Rule
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.dump import write_state
from reconciler.providers.udesk.simulator.records import Tenant
from reconciler.providers.udesk.simulator.seed import read_state

# "*" stands for the id at the end of a path.
_RULES: Final[Mapping[str, Mapping[str, Rule]]] = {
    "apps": {
        "GET": tenancy.read_application,
        "POST": tenancy.make_application,
        "PUT": tenancy.update_application,
    },
    "spnumbers": {"GET": tenancy.list_numbers},
    "spnumbers/default": {"PUT": tenancy.set_default_number, "DELETE": tenancy.drop_default_number},
    # The URL is spnumbers/default; its examples call spnumbers/default/7763 ("Update Default Relay Number").
    "spnumbers/default/*": {"PUT": tenancy.set_default_number, "DELETE": tenancy.drop_default_number},
    "spnumbers/agent/default/*": {"PUT": tenancy.set_agent_number, "DELETE": tenancy.drop_agent_number},
    "agents": {"GET": listing.read_all, "POST": seats.create},
    "agents/*": {"GET": listing.read_one, "PUT": seats.update, "DELETE": seats.delete},
    "agents/extensions": {"POST": seats.bind_extensions, "DELETE": seats.unbind_extensions},
    "agents/queues": {"POST": seats.bind_queues, "DELETE": seats.unbind_queues},
    "queues": {"GET": lines.read_all, "POST": lines.create, "PUT": lines.update, "DELETE": lines.delete},
    "queues/*": {"GET": lines.read_one},
    "queues/agents": {"POST": lines.bind_agents, "PUT": lines.bind_agents},
    "extensions": {"POST": seats.create_extension, "DELETE": seats.delete_extension},  # and no list
    "ivrs/vfiles": {"GET": prompts.list_files, "POST": prompts.upload, "DELETE": prompts.delete_file},
    "ivrs/defvoices": {"GET": prompts.read_voices, "POST": prompts.set_voices, "PUT": prompts.set_voices},
    "ivrs/fastrouters": {"GET": prompts.read_keys, "POST": prompts.set_keys, "PUT": prompts.set_keys},
    "subscriptions": {"GET": messages.read_subscriptions, "POST": messages.subscribe},
    "subscriptions/*": {
        "GET": messages.read_subscription,
        "PUT": messages.update_subscription,
        "DELETE": messages.unsubscribe,
    },
    "webhooks/events": {
        "POST": messages.append_events,
        "PUT": messages.replace_events,
        "DELETE": messages.drop_events,
    },
    "calls/logs": {"GET": messages.read_logs},
}
APIS: Final[Mapping[str, str]] = {api: " ".join(rules) for api, rules in _RULES.items()}
"""The calls that the machine answers: methods by path."""


class Machine:
    """One tenant that answers calls. *version* grows with every write, whether it worked or not."""

    def __init__(self, tenant: Tenant, dialect: Dialect) -> None:
        self.tenant = tenant
        self.dialect = dialect
        self.version = 0

    @classmethod
    def from_state(cls, state: Mapping[str, Any], dialect: Dialect | None = None) -> Self:
        """
        Make a machine in the state of a snapshot; what the snapshot leaves out has the vendor's defaults.

        Args:
            state: `{"format": "reconciler-live/1", "tenant": AppId, "sections": {section: {identity: fields}}}`; all
                of it is optional. Lists may be tuples.
            dialect: How to read the page where it is open; the likeliest reading without it.

        Raises:
            ReconcilerError: It is no snapshot of a Udesk tenant.
        """
        return cls(read_state(state), dialect or Dialect())

    def to_state(self) -> dict[str, Any]:
        """Give the state as a snapshot, with every section and field."""
        return write_state(self.tenant)

    def copy(self) -> Machine:
        """Make an independent machine in the same state."""
        twin = Machine(copy.deepcopy(self.tenant), self.dialect)
        twin.version = self.version
        return twin

    def handle(
        self,
        method: str,
        api: str,
        body: Mapping[str, Any] | None = None,
        *,
        upload: bytes | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """
        Carry out one call.

        Args:
            method: GET, POST, PUT or DELETE.
            api: What follows `/ccapi/v2/`, such as `agents/10031`.
            body: The decoded JSON object; None when there was none, or nothing readable.
            upload: A voice file's bytes, where they are known; they must be a wav.
            query: Parameters of the URL; only pages are read from it.

        Returns:
            The answer. Refusals are answers too.
        """
        if method != "GET":
            self.version += 1
        try:
            rule, key = _rule(method, api.strip("/"))
            done = rule(
                self.tenant,
                Asked(dialect=self.dialect, key=key, given=body, query=query or {}, upload=upload),
            )
        except Denied as denied:
            return denied.answer(as_status=self.dialect.errors == "4xx")
        return Answer(text=done.text, result=done.result, beside=done.beside, status=_status(method, self.dialect))


def _rule(method: str, api: str) -> tuple[Rule, str]:
    """Find the rule for a call, and the id at the end of its path."""
    key = ""
    rules = _RULES.get(api)
    if rules is None and "/" in api:
        parent, _, key = api.rpartition("/")
        rules = _RULES.get(f"{parent}/*") if key else None
    if rules is None or "*" in api:
        raise Denied(BAD_REQUEST, "404 page not found", status=404)
    if method not in rules:
        raise Denied(BAD_REQUEST, "405 method not allowed", status=405)
    return rules[method], key


def _status(method: str, dialect: Dialect) -> int:
    """Give the status of a call that worked. Source: "HTTP Status Code"."""
    if method == "GET" or dialect.writes == "200":
        return 200
    if dialect.writes == "202":
        return 202
    return 204 if method == "DELETE" else 201
