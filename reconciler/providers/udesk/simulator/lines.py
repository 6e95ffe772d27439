"""Rules of queues. Source: Udesk CTI Cloud API, "Queue Management"."""

from __future__ import annotations

from typing import Any, Final

from reconciler.providers.udesk.simulator import forms
from reconciler.providers.udesk.simulator.answers import (
    INTERNAL,
    NAME_EXISTS,
    OVERLOADED,
    Denied,
    duplicate,
    not_found,
    nothing_to_delete,
    parameter,
)
from reconciler.providers.udesk.simulator.asked import Asked, Done, listed, ordered
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.records import MAX_LENGTH, MAX_QUEUES, Queue, Tenant

_MADE_AT: Final = "2019-08-23T09:00:00+08:00"  # the machine has no clock
_YEAR_S: Final = 31_536_000


def create(tenant: Tenant, asked: Asked) -> Done:
    """Make a queue; at most 100 in an application ("Create Queue")."""
    queue_id = forms.needed(asked.body, "QueueId", forms.QUEUE_ID)
    fields = _fields(asked.body, timeout=60)  # "Timeout: defaults to 60"
    if queue_id in tenant.queues:
        raise duplicate(queue_id, "queue_id")
    _check_name(tenant, asked, queue_id, fields[0])
    if len(tenant.queues) >= MAX_QUEUES:
        raise parameter()
    queue = tenant.make_queue(queue_id)
    queue.name, queue.strategy, queue.timeout, queue.max_length = fields
    return Done()


def update(tenant: Tenant, asked: Asked) -> Done:
    """Replace a queue; a Timeout left out becomes 0 here, though 60 in creation ("Modify Queue")."""
    queue_id = forms.needed(asked.body, "QueueId", forms.QUEUE_ID)
    fields = _fields(asked.body, timeout=0)
    queue = tenant.queues.get(queue_id)
    if queue is None:
        raise not_found("Queue Blank")
    _check_name(tenant, asked, queue_id, fields[0])
    queue.name, queue.strategy, queue.timeout, queue.max_length = fields
    return Done()


def _check_name(tenant: Tenant, asked: Asked, queue_id: str, name: str) -> None:
    if asked.dialect.queue_name == "unique" and any(
        queue.name == name and queue.id != queue_id for queue in tenant.queues.values()
    ):
        raise Denied(NAME_EXISTS, "NameIsExisted")


def _fields(body: forms.Body, *, timeout: int) -> tuple[str, str, int, int]:
    """Read name, strategy, timeout and length. Strategies other than longest_idle are not listed: any text will do."""
    return (
        forms.needed(body, "QueueName"),
        forms.text(body, "Strategy", "") or "longest_idle",
        forms.number(body, "Timeout", timeout, low=0, high=_YEAR_S),
        forms.number(body, "MaxLength", 128, low=1, high=MAX_LENGTH),
    )


def delete(tenant: Tenant, asked: Asked) -> Done:
    """Delete a queue: "Queues with bound seats cannot be deleted" ("Delete Queue")."""
    queue_id = forms.needed(asked.body, "QueueId", forms.QUEUE_ID)
    if queue_id not in tenant.queues:
        raise nothing_to_delete()
    if tenant.serving.get(queue_id):
        raise Denied(OVERLOADED, "Queue has agent, can't delete")
    if asked.dialect.queue_with_key == "refused" and any(key.queue == queue_id for key in tenant.keys.values()):
        raise Denied(OVERLOADED, "Queue has fast router, can't delete")
    del tenant.queues[queue_id]
    return Done()


def read_all(tenant: Tenant, asked: Asked) -> Done:
    """List the queues ("Get All Queue Information")."""
    queues = (tenant.queues[queue_id] for queue_id in ordered(tenant.queues, asked.dialect))
    return Done(result=listed((_shown(queue, tenant, asked.dialect) for queue in queues), asked.dialect))


def read_one(_tenant: Tenant, _asked: Asked) -> Done:
    """Fail, as the page says of "Get Queue Information": "This interface has issues, temporarily ignored"."""
    raise Denied(INTERNAL, "System internal error", status=500)


def _shown(queue: Queue, tenant: Tenant, dialect: Dialect) -> dict[str, Any]:
    names = ("QueueID", "Name") if dialect.queue_names == "QueueID" else ("QueueId", "QueueName")
    return {
        "ID": queue.serial,
        "CreatedAt": _MADE_AT,
        "UpdatedAt": _MADE_AT,
        "AppID": tenant.app_id,
        names[0]: queue.id,
        "Timeout": queue.timeout,
        "Strategy": queue.strategy,
        "AgentID": 0,
        names[1]: queue.name,
        "MaxLength": queue.max_length,
        "WaitMusic": "",
    }


def bind_agents(tenant: Tenant, asked: Asked) -> Done:
    """Have agents serve a queue; "only creates new records without deleting previous" ("Batch Bind Seats to Queue")."""
    queue_id = forms.needed(asked.body, "QueueId", forms.QUEUE_ID)
    agent_ids = forms.texts(asked.body, "AgentIds", forms.AGENT_ID)
    if queue_id not in tenant.queues:
        raise not_found("Queue Blank")
    serving = tenant.serving.get(queue_id, set())
    for agent_id in agent_ids:
        if agent_id not in tenant.agents:
            raise not_found()
        if agent_id in serving and asked.dialect.bound_again == "refused":
            raise duplicate(f"{agent_id}-{queue_id}", "agent_queue")
    for agent_id in agent_ids:
        if agent_id not in serving:
            tenant.bind_queue(tenant.agents[agent_id], queue_id)
    return Done()
