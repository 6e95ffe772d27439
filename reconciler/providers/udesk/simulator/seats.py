"""Rules of agents and extensions. Source: Udesk CTI Cloud API, "Seat Management" and "Extension Management"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from reconciler.providers.udesk.simulator import forms
from reconciler.providers.udesk.simulator.answers import (
    EXTENSION_BOUND,
    EXTENSION_EXISTS,
    INTERNAL,
    OVERLOADED,
    Denied,
    duplicate,
    not_found,
    nothing_to_delete,
    parameter,
)
from reconciler.providers.udesk.simulator.asked import Asked, Done
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.records import MAX_EXTENSIONS, PREFIX, Agent, Tenant

BLANK: Final = "AgentId AppId WorkId Blank"  # "Code Error Codes", 000001
ROLES: Final = ("agent", "leader")
_DAY_S: Final = 86_400


def create(tenant: Tenant, asked: Asked) -> Done:
    """Make agents, each with an extension where `IsCreateExtension` asks for one ("Create Seat")."""
    entries = forms.objects(asked.body, "Agents")
    made: list[tuple[Agent, bool]] = []
    ids: set[str] = set()
    refusal: Denied | None = None
    for entry in entries:
        try:
            agent = _filled(Agent(forms.needed(entry, "AgentId", forms.AGENT_ID, blank=BLANK)), entry, asked.dialect)
            # 100004: "The agentId or queueId is duplicate with existing ones".
            if agent.id in tenant.agents or agent.id in ids:
                raise duplicate(agent.id, "agent_id")
            with_extension = forms.boolean(entry, "IsCreateExtension", default=False)
        except Denied as denied:
            if asked.dialect.agent_batch == "atomic":
                raise
            refusal = denied
            break
        ids.add(agent.id)
        made.append((agent, with_extension))
    wanted = sum(with_extension for _, with_extension in made)
    if wanted > 9000 - len(tenant.extensions):  # all numbers of the form are taken
        raise Denied(INTERNAL, "System internal error")
    extensions = []
    for agent, with_extension in made:
        tenant.agents[agent.id] = agent
        if with_extension:
            number = tenant.free_extension()
            assert number is not None, "counted above"
            extensions.append({"Extension": number, "Password": tenant.make_extension(number)})
            tenant.bind_extension(agent, number)
    if refusal is not None:
        raise refusal
    return Done(result={"Extensions": extensions} if extensions else None)


def update(tenant: Tenant, asked: Asked) -> Done:
    """
    Change an agent ("Update Seat").

    The id must be in the URL and in the body. In the page's example they differ, and the body's is the one meant.
    """
    agent_id = forms.needed(asked.body, "AgentId", forms.AGENT_ID, blank=BLANK)
    live = tenant.agents.get(agent_id)
    if live is None:
        raise not_found()
    rest = live
    if asked.dialect.agent_left_out == "reset":  # "Enable: default: true", "Role: default is agent"
        rest = replace(
            Agent(live.id), extensions=live.extensions, queues=live.queues, default_number=live.default_number
        )
    tenant.agents[agent_id] = _filled(rest, asked.body, asked.dialect)
    return Done()


def _filled(rest: Agent, entry: forms.Body, dialect: Dialect) -> Agent:
    """Read a seat object; what it leaves out comes from *rest*."""
    wrap_up_time = rest.wrap_up_time
    if "WrapUpTime" in entry and dialect.wrap_up_time != "ignored":
        if dialect.wrap_up_time == "refused":
            raise parameter("ParamsInvalid")
        wrap_up_time = forms.number(entry, "WrapUpTime", rest.wrap_up_time, low=0, high=_DAY_S)
    return Agent(
        id=rest.id,
        work_id=forms.needed(entry, "WorkId", forms.WORK_ID, blank=BLANK),
        name=forms.text(entry, "Name", rest.name),
        mobile=forms.text(entry, "Mobile", rest.mobile, forms.PHONE),
        email=forms.text(entry, "Email", rest.email, forms.EMAIL),
        role=forms.choice(entry, "Role", rest.role, ROLES),
        enabled=forms.boolean(entry, "Enable", default=rest.enabled),
        extensions=rest.extensions,
        queues=rest.queues,
        default_number=rest.default_number,
        wrap_up_time=wrap_up_time,
    )


def delete(tenant: Tenant, asked: Asked) -> Done:
    """Delete an agent, with `IsDelExtensions` its extensions too ("Delete Seat")."""
    agent_id = forms.needed(asked.body, "AgentId", forms.AGENT_ID, blank=BLANK)
    if agent_id != asked.key:
        raise parameter("ParamsInvalid")
    agent = tenant.agents.get(agent_id)
    if agent is None:
        raise nothing_to_delete()
    with_extensions = _flag(asked.body, "IsDelExtensions")
    # 100004: "The agent is bound to a queue or IP phone and cannot be deleted".
    if agent.queues or (agent.extensions and not with_extensions):
        raise Denied(OVERLOADED, "Agent has queue or voip, can't delete")
    for number in tuple(agent.extensions):
        tenant.unbind_extension(agent, number)
        if not tenant.holders.get(number):
            del tenant.extensions[number]
    del tenant.agents[agent_id]
    return Done()


def _flag(body: forms.Body, name: str) -> bool:
    """Read a boolean that the page types as one and writes in quotes."""
    value: Any = body.get(name)
    if value in ("true", "false"):
        return bool(value == "true")
    return forms.boolean(body, name, default=False)


def bind_extensions(tenant: Tenant, asked: Asked) -> Done:
    """Give an agent extensions, two at most ("Seat Extension Binding")."""
    agent = _agent(tenant, asked.body)
    numbers = forms.texts(asked.body, "Extensions", forms.EXTENSION)
    for number in numbers:
        if number not in tenant.extensions:
            raise not_found()
        if number in agent.extensions and asked.dialect.bound_again == "refused":
            raise duplicate(f"{agent.id}-{number}", "agent_extension")
        others = tenant.holders.get(number, set()) - {agent.id}
        if others and asked.dialect.shared_extension == "refused":
            raise duplicate(number, "extension")
    fresh = [number for number in numbers if number not in agent.extensions]
    if len(agent.extensions) + len(fresh) > MAX_EXTENSIONS:
        raise parameter()
    for number in fresh:
        tenant.bind_extension(agent, number)
    return Done()


def unbind_extensions(tenant: Tenant, asked: Asked) -> Done:
    """Take extensions from an agent; they stay as spares ("Seat Extension Unbinding")."""
    agent = _agent(tenant, asked.body)
    numbers = forms.texts(asked.body, "Extensions", forms.EXTENSION)
    bound = [number for number in numbers if number in agent.extensions]
    if len(bound) < len(numbers) and asked.dialect.unbound_again == "refused":
        raise nothing_to_delete()
    for number in bound:
        tenant.unbind_extension(agent, number)
    return Done()


def bind_queues(tenant: Tenant, asked: Asked) -> Done:
    """Have an agent serve queues ("Seat Queue Binding")."""
    agent = _agent(tenant, asked.body)
    queue_ids = forms.texts(asked.body, "Queues", forms.QUEUE_ID)
    if any(queue_id not in tenant.queues for queue_id in queue_ids):
        raise not_found("Queue Blank")
    if asked.dialect.bind_queues == "replace":
        for queue_id in [queue_id for queue_id in agent.queues if queue_id not in queue_ids]:
            tenant.unbind_queue(agent, queue_id)
    elif asked.dialect.bound_again == "refused":
        for queue_id in queue_ids:
            if queue_id in agent.queues:
                raise duplicate(f"{agent.id}-{queue_id}", "agent_queue")
    for queue_id in queue_ids:
        if queue_id not in agent.queues:
            tenant.bind_queue(agent, queue_id)
    return Done()


def unbind_queues(tenant: Tenant, asked: Asked) -> Done:
    """Have an agent leave queues ("Seat Queue Unbinding")."""
    agent = _agent(tenant, asked.body)
    queue_ids = forms.texts(asked.body, "Queues", forms.QUEUE_ID)
    bound = [queue_id for queue_id in queue_ids if queue_id in agent.queues]
    if len(bound) < len(queue_ids) and asked.dialect.unbound_again == "refused":
        raise nothing_to_delete()
    for queue_id in bound:
        tenant.unbind_queue(agent, queue_id)
    return Done()


def _agent(tenant: Tenant, body: forms.Body) -> Agent:
    agent = tenant.agents.get(forms.needed(body, "AgentId", forms.AGENT_ID, blank=BLANK))
    if agent is None:
        raise not_found()
    return agent


def create_extension(tenant: Tenant, asked: Asked) -> Done:
    """Make an extension; its password is shown now or never ("Create Extension")."""
    number = forms.needed(asked.body, "Extension", forms.EXTENSION)
    if number in tenant.extensions:
        raise Denied(EXTENSION_EXISTS, "NumberIsExisted")
    password = tenant.make_extension(number)
    return Done(result={"Extension": number, "Password": password, "Number": PREFIX + number})


def delete_extension(tenant: Tenant, asked: Asked) -> Done:
    """Delete an extension that no agent has ("Delete Extension")."""
    number = forms.needed(asked.body, "Extension", forms.EXTENSION)
    if number not in tenant.extensions:
        raise nothing_to_delete()
    if tenant.holders.get(number):
        raise Denied(EXTENSION_BOUND, "VoipBindAgent")
    del tenant.extensions[number]
    return Done()
