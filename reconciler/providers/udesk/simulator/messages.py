"""Rules of subscriptions, events and logs. Source: Udesk CTI Cloud API, "Event Subscription" and "Message"."""

from __future__ import annotations

from typing import Any

from reconciler.providers.udesk.simulator import forms
from reconciler.providers.udesk.simulator.answers import Denied, not_found, nothing_to_delete, parameter
from reconciler.providers.udesk.simulator.asked import Asked, Done, listed, ordered
from reconciler.providers.udesk.simulator.records import CATEGORIES, Subscription, Tenant


def subscribe(tenant: Tenant, asked: Asked) -> Done:
    """Make subscriptions; each works or fails by itself, and names may repeat ("Message Subscription")."""
    made: list[dict[str, Any]] = []
    failed: list[str] = []
    for entry in forms.objects(asked.body, "subscriptions"):
        try:
            subscription = _filled(entry, enabled=asked.dialect.subscription_starts == "enabled")
        except Denied:
            name = entry.get("name")
            failed.append(name if isinstance(name, str) else "")
            continue
        tenant.subscriptions_made += 1
        tenant.subscriptions[tenant.subscriptions_made] = subscription
        made.append({"id": tenant.subscriptions_made, "name": subscription.name})
    return Done(result={"sub_succ": listed(made, asked.dialect), "sub_fail": listed(failed, asked.dialect)})


def _filled(entry: forms.Body, *, enabled: bool) -> Subscription:
    return Subscription(
        callback=forms.needed(entry, "callback", forms.URL),
        name=forms.needed(entry, "name"),
        events=forms.texts(entry, "events"),
        enabled=enabled,
    )


def read_subscriptions(tenant: Tenant, asked: Asked) -> Done:
    """List subscriptions, without their ids ("Batch Query for Message Subscriptions")."""
    numbers = ordered(tenant.subscriptions, asked.dialect)
    return Done(result=listed((_shown(tenant.subscriptions[number], asked) for number in numbers), asked.dialect))


def read_subscription(tenant: Tenant, asked: Asked) -> Done:
    """Show one subscription ("Single Query for Message Subscription")."""
    return Done(result=_shown(tenant.subscriptions[_number(tenant, asked)], asked))


def _shown(subscription: Subscription, asked: Asked) -> dict[str, Any]:
    return {
        "callback": subscription.callback,
        "name": subscription.name,
        "events": listed(subscription.events, asked.dialect),
        "enable": subscription.enabled,
    }


def update_subscription(tenant: Tenant, asked: Asked) -> Done:
    """
    Change a subscription ("Update Message Subscription").

    The table has `enable`, the example `state` and no `enable`; without the one that counts, it stays as it is.
    """
    body = asked.body
    number = _number(tenant, asked)
    enabled = tenant.subscriptions[number].enabled
    if asked.dialect.subscription_switch == "state":
        enabled = bool(forms.number(body, "state", int(enabled), low=0, high=1))
    else:
        enabled = forms.boolean(body, "enable", default=enabled)
    subscription = tenant.subscriptions[number] = _filled(body, enabled=enabled)
    if asked.dialect.subscription_answer == "list":
        return Done(result=[{"SubId": number, "name": subscription.name}])
    return Done(result={subscription.name: number})


def unsubscribe(tenant: Tenant, asked: Asked) -> Done:
    """Delete a subscription ("Delete Message Subscription")."""
    try:
        number = _number(tenant, asked)
    except Denied:
        raise nothing_to_delete() from None
    del tenant.subscriptions[number]
    return Done(result="")  # as in the page's example


def _number(tenant: Tenant, asked: Asked) -> int:
    key = asked.key
    if not (key.isascii() and key.isdigit() and len(key) < 19 and int(key) in tenant.subscriptions):
        raise not_found()
    return int(key)


def append_events(tenant: Tenant, asked: Asked) -> Done:
    """Add to the events of the application's callback ("Subscribe to Events": POST appends)."""
    for category, names in _events(asked).items():
        tenant.webhook_events[category] = list(dict.fromkeys([*tenant.webhook_events.get(category, ()), *names]))
    return Done()


def replace_events(tenant: Tenant, asked: Asked) -> Done:
    """Replace all events ("Subscribe to Events": PUT replaces all events with the ones in the body)."""
    tenant.webhook_events = _events(asked)
    return Done()


def drop_events(tenant: Tenant, _asked: Asked) -> Done:
    """Remove all events ("Subscribe to Events": DELETE removes all events)."""
    tenant.webhook_events = {}
    return Done()


def _events(asked: Asked) -> dict[str, list[str]]:
    """Read the events by category; the four categories are fixed, the names of events may grow."""
    found: dict[str, list[str]] = {}
    for entry in forms.objects(asked.body, "Events", empty=True):
        category = forms.needed(entry, "category")
        if category not in CATEGORIES:
            raise parameter("ParamsInvalid")
        found[category] = list(dict.fromkeys([*found.get(category, ()), *forms.texts(entry, "all_type")]))
    return found


def read_logs(_tenant: Tenant, asked: Asked) -> Done:
    """
    List calls, of which a simulated tenant has none ("Obtaining Call Logs").

    "An empty {} request body should be submitted, otherwise an error 100004 unexpected end of JSON input will occur."
    """
    forms.number(asked.body, "PageSize", 100, low=1, high=100)  # "maximum 100"
    return Done(result={"CallLogs": listed((), asked.dialect)})
