"""Udesk message subscriptions. Source: Udesk CTI Cloud API, "Message Subscription"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, StringConstraints

from reconciler.model.call import Call, Reading
from reconciler.model.change import Action, Change, differences
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import Computed, Identity, Needed, Resource, Risky, Unordered
from reconciler.model.scalars import Boolean
from reconciler.providers.udesk.decode import Row, flag, get, needed, result, rows, text, texts
from reconciler.providers.udesk.protocol import API

PROBE_BEYOND: Final = 40  # ids tried past the highest one that could be expected
_ABSENT: Final = frozenset({"missing"})


class Subscription(Resource):
    """Who is told of what happens in calls."""

    label_field: ClassVar[str | None] = "callback"

    name: Annotated[str, Identity(), Field(min_length=1, max_length=200, description="The subscription's name.")]
    callback: Annotated[
        str, Needed(), Risky("medium"), Field(pattern=r"^https?://\S+$", description="The address that is told.")
    ] = ""
    events: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1)], ...],
        Needed(),
        Unordered(),
        Field(description="Events to tell of, such as user_ringing."),
    ] = ()
    enabled: Annotated[Boolean, Field(description="Whether it is told at all.")] = True
    number: Annotated[str, Computed()] = ""  # the vendor's id; "" where it is not known


def read(memory: Memory) -> Reading[tuple[Subscription, ...]]:
    """
    Read the list, then find the ids, which it does not carry.

    Ids that the store remembers are tried first, then upwards from 1 to a bound; a subscription whose id stays unknown
    is read all the same, and only a change of it is refused. Source: "Batch Query for Message Subscriptions".
    """
    (reply,) = yield (get("subscriptions"),)
    listed = [_decode(row) for row in rows(result(reply, "subscriptions"), "subscriptions", "subscriptions")]
    if not listed:
        return ()
    known = [str(item["id"]) for item in memory.of("subscriptions").values() if str(item.get("id", "")).isdigit()]
    highest = max([int(number) for number in known], default=0)
    upwards = [str(number) for number in range(1, max(highest, len(listed)) + PROBE_BEYOND + 1)]
    missing = list(listed)
    found: dict[str, Subscription] = {}
    order = list(dict.fromkeys([*known, *upwards]))
    while order and missing:
        tried, order = order[: max(len(missing), 4)], order[max(len(missing), 4) :]
        replies = yield tuple(get(f"subscriptions/{number}", accepts=_ABSENT) for number in tried)
        for number, one in zip(tried, replies, strict=True):
            row = one.payload.get("Result")
            if one.condition != "ok" or not isinstance(row, dict) or not row:
                continue
            content = _decode(row)
            if content in missing:
                missing.remove(content)
                found[number] = content
    numbered = [(number, item) for number, item in sorted(found.items(), key=lambda pair: int(pair[0]))]
    return _named([*numbered, *(("", item) for item in missing)])


def _named(numbered: Sequence[tuple[str, Subscription]]) -> tuple[Subscription, ...]:
    """Names may repeat: the first of a name keeps it, the others get their id, or their place, added."""
    taken: set[str] = set()
    named = []
    for place, (number, item) in enumerate(numbered, start=1):
        name = item.name if item.name not in taken else f"{item.name}#{number or f'?{place}'}"
        taken.add(name)
        named.append(item.model_copy(update={"name": name, "number": number}))
    return tuple(named)


def _decode(row: Row) -> Subscription:
    return Subscription.live(
        {
            "name": needed(row, "subscriptions", "name", "Name"),
            "callback": text(row, "callback", "Callback"),
            "events": texts(row, "events", "Events"),
            "enabled": flag(row, "enable", "Enable", "state", default=True),
            "number": "",
        }
    )


def lower(changes: Sequence[Change], _context: Context) -> Lowered:
    """Make all new ones in one call; change and delete one by one, by id."""
    calls = []
    refusals = []
    created = [change for change in changes if change.action is Action.CREATE]
    if created:
        calls.append(
            Call(
                "POST",
                API + "subscriptions",
                {"subscriptions": [_encode(change) for change in created]},
                changes=tuple(change.address for change in created),
                why=f"subscribe {', '.join(change.identity for change in created)}",
            )
        )
    for change in changes:
        if change.action is Action.CREATE:
            continue
        live = change.live
        assert isinstance(live, Subscription), "what is changed or deleted is live"
        if not live.number:
            refusals.append(
                Refusal(
                    rule="unknown-id",
                    message=f"the vendor's id of subscription {change.identity} could not be found, and its list "
                    "carries none",
                    objects=(change.address,),
                    remedy="Delete it in the console, or leave the subscription out of the files.",
                )
            )
        elif change.action is Action.UPDATE:
            calls.append(
                Call(
                    "PUT",
                    f"{API}subscriptions/{live.number}",
                    _encode(change),
                    sets=change.paths,
                    changes=(change.address,),
                    why=differences(change),
                )
            )
        else:
            calls.append(
                Call(
                    "DELETE",
                    f"{API}subscriptions/{live.number}",
                    accepts=_ABSENT,
                    changes=(change.address,),
                    why=f"unsubscribe {change.identity}",
                )
            )
    switched = [change.identity for change in created if "enabled" in change.written]
    note = (
        "The vendor does not say whether a new subscription starts enabled; those that start otherwise than written "
        f"are switched after reading back, one call each ({', '.join(switched)})."
    )
    return Lowered(calls=tuple(calls), refusals=tuple(refusals), notes=(note,) if switched else ())


def _encode(change: Change) -> dict[str, Any]:
    wish = change.desired
    assert isinstance(wish, Subscription), "what is sent has a wish"
    body: dict[str, Any] = {"callback": wish.callback, "name": wish.name, "events": list(wish.events)}
    if change.action is Action.UPDATE:
        body["name"] = wish.name.split("#", 1)[0] if change.live is not None and "#" in change.identity else wish.name
    if change.action is Action.UPDATE or "enabled" in change.written:
        # The table says `enable`, the example sends `state`: both go.
        body |= {"enable": wish.enabled, "state": int(wish.enabled)}
    return body


KIND: Final = Kind(
    section="subscriptions",
    one="subscription",
    resource=Subscription,
    shape=Shape.NAMED,
    description="Who is told of what happens in calls.",
    read=read,
    identity=lambda subscription: subscription.name,
    collection=True,
    lower=lower,
)
