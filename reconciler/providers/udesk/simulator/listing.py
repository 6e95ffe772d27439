"""How agents are shown. Source: Udesk CTI Cloud API, "Get Seat Details" and "Get Seat List"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reconciler.providers.udesk.simulator import forms
from reconciler.providers.udesk.simulator.answers import not_found, parameter
from reconciler.providers.udesk.simulator.asked import Asked, Done, listed, ordered
from reconciler.providers.udesk.simulator.dialect import Dialect
from reconciler.providers.udesk.simulator.records import PREFIX, Agent, Tenant
from reconciler.providers.udesk.simulator.seats import BLANK


def read_one(tenant: Tenant, asked: Asked) -> Done:
    """
    Show one agent ("Get Seat Details").

    "AgentId must be passed in both the URL and the request body."
    """
    agent_id = forms.needed(asked.given or {}, "AgentId", forms.AGENT_ID, blank=BLANK)
    if agent_id != asked.key:
        raise parameter("ParamsInvalid")
    agent = tenant.agents.get(agent_id)
    if agent is None:
        raise not_found()
    shown = _shown(agent, tenant, asked.dialect, tenanted=asked.dialect.read_agent_id == "tenant")
    # The example of the single read shows neither, though its table lists both.
    del shown["QueuesNames"], shown["ExtenInfos"]
    return Done(result=shown)


def read_all(tenant: Tenant, asked: Asked) -> Done:
    """List agents, all at once or by page ("Get Seat List"); pages count from 1."""
    dialect = asked.dialect
    agents = ordered(tenant.agents, dialect)
    total = len(agents)
    page, size, pages = 1, total, 1
    if dialect.paging != "none":
        source: Any = asked.query if dialect.paging == "query" else (asked.given or {})
        page = _page_number(source.get("PageNum"), 1)
        size = min(_page_number(source.get("PageSize"), dialect.page_size), dialect.page_size)
        pages = max(1, -(-total // size))
        agents = agents[(page - 1) * size : page * size]
    tenanted = dialect.list_agent_id == "tenant"
    return Done(
        result={
            "CurrPage": page,
            "PageSize": size,
            "Total": total,
            "TotalPage": pages,
            "AgentList": listed(
                (_shown(tenant.agents[agent_id], tenant, dialect, tenanted=tenanted) for agent_id in agents), dialect
            ),
        },
        text="",  # as in the page's example
    )


def _page_number(value: object, default: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if value is None:
        return default
    if type(value) is not int or value < 1:
        raise parameter("ParamsInvalid")
    return value


def _shown(agent: Agent, tenant: Tenant, dialect: Dialect, *, tenanted: bool) -> dict[str, Any]:
    queues = ordered(agent.queues, dialect)
    extensions = ordered(agent.extensions, dialect)
    number = agent.default_number
    return {
        "AppId": tenant.app_id,
        "AgentId": f"{agent.id}@{tenant.app_id}" if tenanted else agent.id,
        "WorkId": agent.work_id,
        "Name": agent.name,
        "Mobile": agent.mobile,
        "Email": agent.email,
        "Role": agent.role,
        "Queues": listed(queues, dialect),
        "QueuesNames": _named((tenant.queues[queue_id].name for queue_id in queues), dialect),
        "Extensions": listed((_extension(item, dialect) for item in extensions), dialect),
        "DefSpNumber": number if dialect.agent_number == "text" else listed([number] if number else (), dialect),
        "State": 4,  # not available
        "ExtState": 3,  # offline
        "WrapUpTime": agent.wrap_up_time,
        "Enable": agent.enabled,
        "ExtenInfos": _named(extensions, dialect),
    }


def _named(names: Iterable[str], dialect: Dialect) -> str | list[str] | None:
    """Show names, as text or as a list; without any it is null in the page's example."""
    found = listed(names, dialect)
    return ",".join(found) if found and dialect.names == "text" else found


def _extension(number: str, dialect: Dialect) -> str | dict[str, str]:
    match dialect.extensions:
        case "object":
            return {"Extension": number, "Number": PREFIX + number}
        case "object-empty-password":
            return {"Extension": number, "Password": "", "Number": PREFIX + number}
        case "text":
            return number
