"""Rules of the application and its relay numbers. Source: Udesk CTI Cloud API, "Application Management"."""

from __future__ import annotations

import hashlib
import uuid

from reconciler.providers.udesk.simulator import forms
from reconciler.providers.udesk.simulator.answers import not_found, nothing_to_delete, parameter
from reconciler.providers.udesk.simulator.asked import Asked, Done, listed, ordered
from reconciler.providers.udesk.simulator.records import PREFIX, Application, Tenant


def make_application(tenant: Tenant, asked: Asked) -> Done:
    """Answer as if a new application was made; this machine stays the one tenant it is ("Create Application")."""
    body = asked.body
    name = forms.needed(body, "Name")
    kind = forms.number(body, "Type", -1, low=0, high=1)
    if kind < 0 or "CallbackUrl" not in body:
        raise parameter()
    made = Application(
        name=name,
        callback_url=forms.text(body, "CallbackUrl", "", forms.URL),
        hide_user_number=forms.boolean(body, "IsHideUserNum", default=False),
        memo=forms.text(body, "Memo", ""),
        type=str(kind),
    )
    tenant.applications_made += 1
    app_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant.app_id}/{tenant.applications_made}"))
    return Done(result={**_shown(made, app_id), "ExtensionPrefix": PREFIX, "WrapUpTime": "0"})


def update_application(tenant: Tenant, asked: Asked) -> Done:
    """
    Change the application ("Update Application").

    PUT takes "the complete resource" ("HTTP METHOD"), so what is left out is reset; but a name is never lost to it.
    """
    body = asked.body
    live = tenant.application
    if "Name" in body:
        forms.needed(body, "Name")
    rest = live if asked.dialect.application_left_out == "keep" else Application()
    tenant.application = Application(
        name=forms.text(body, "Name", live.name),
        callback_url=forms.text(body, "CallbackUrl", rest.callback_url, forms.URL),
        hide_user_number=forms.boolean(body, "IsHideUserNum", default=rest.hide_user_number),
        memo=forms.text(body, "Memo", rest.memo),
        type=forms.choice(body, "Type", rest.type, ("default", "external")),
    )
    return Done()


def read_application(tenant: Tenant, _asked: Asked) -> Done:
    """Show the application ("Get Application Details")."""
    return Done(result=_shown(tenant.application, tenant.app_id))


def _shown(application: Application, app_id: str) -> dict[str, object]:
    return {
        "AppId": app_id,
        "Name": application.name,
        "Type": application.type,
        "CallbackUrl": application.callback_url,
        "IsHideUserNum": application.hide_user_number,
        "Secret": hashlib.sha256(f"secret/{app_id}".encode()).hexdigest()[:32],
        "Memo": application.memo,
    }


def list_numbers(tenant: Tenant, asked: Asked) -> Done:
    """List the relay numbers ("Get Relay Number List")."""
    return Done(
        result={
            "SpNumbers": listed(ordered(tenant.relay_numbers, asked.dialect), asked.dialect),
            "DefSpNumber": tenant.default_number,
        }
    )


def set_default_number(tenant: Tenant, asked: Asked) -> Done:
    """Set the company's default ("Update Default Relay Number")."""
    tenant.default_number = _relay_number(tenant, asked)
    return Done()


def drop_default_number(tenant: Tenant, _asked: Asked) -> Done:
    """Drop the company's default ("Delete Default Relay Number")."""
    if not tenant.default_number:
        raise nothing_to_delete()
    tenant.default_number = ""
    return Done()


def set_agent_number(tenant: Tenant, asked: Asked) -> Done:
    """Set an agent's default ("Modify Agent's Default Relay Number")."""
    number = _relay_number(tenant, asked)
    agent = tenant.agents.get(asked.key)
    if agent is None:
        raise not_found()
    agent.default_number = number
    return Done()


def drop_agent_number(tenant: Tenant, asked: Asked) -> Done:
    """Drop an agent's default ("Delete Agent's Default Relay Number")."""
    agent = tenant.agents.get(asked.key)
    if agent is None:
        raise not_found()
    if not agent.default_number:
        raise nothing_to_delete()
    agent.default_number = ""
    return Done()


def _relay_number(tenant: Tenant, asked: Asked) -> str:
    """Read DefSpNumber, which "can be any number in the relay number list"."""
    number = forms.needed(asked.body, "DefSpNumber", forms.PHONE)
    if number not in tenant.relay_numbers:
        raise not_found()
    return number
