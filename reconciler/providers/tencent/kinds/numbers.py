"""Tencent numbers: bought elsewhere, bound here. Source: Tencent CCC 2020-02-10, the Number actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from reconciler.model.call import Call, Reading
from reconciler.model.change import Change
from reconciler.model.desired import Entry
from reconciler.model.explanation import listed, shortened
from reconciler.model.kind import Context, Kind, Lowered, Review, Shape
from reconciler.model.live import Memory
from reconciler.model.resource import Computed, Identity, OnDuty, RefTo, Resource, Risky, Unordered
from reconciler.model.routing import Role, Route
from reconciler.model.scalars import Boolean
from reconciler.providers.tencent import facts
from reconciler.providers.tencent.decode import Paged, Row, ids, needed, number, text
from reconciler.providers.tencent.kinds.queues import made, queue_id
from reconciler.providers.tencent.limits import PAGE, SMALLER_PAGES
from reconciler.providers.tencent.naming import with_names

_STOPPED: Final = {
    "2": "it is stopped for an unpaid bill",
    "5": "the vendor has disabled it for a violation",
}


class Number(Resource):
    """A phone number of the application."""

    number: Annotated[
        str, Identity(), Field(pattern=r"^\+?[0-9]{3,24}$", description="As DescribeNumbers has it: 0085212345678.")
    ]
    outbound_queues: Annotated[
        tuple[str, ...], RefTo("queues"), Unordered(), Field(description="Queues that call out with this number.")
    ] = ()
    enabled: Annotated[Boolean, OnDuty(), Risky("high"), Field(description="Whether the number works.")] = True
    state: Annotated[str, Computed()] = "1"


_PAGES: Final = Paged(
    action="DescribeNumbers",
    rows="Numbers",
    key=lambda row: text(row, "Number"),
    size=PAGE,
    smaller=SMALLER_PAGES,
)


def read(_memory: Memory) -> Reading[tuple[Number, ...]]:
    """Read all numbers; queues are ids here, which `derive` names."""
    found = yield from _PAGES.read()
    return tuple(map(_decode, found))


def _decode(row: Row) -> Number:
    state = number(row, "State", default=1)
    return Number.live(
        {
            "number": needed(row, "Number", _PAGES.action),
            "outbound_queues": ids(row, "CallOutSkillGroupIds"),
            "enabled": state == 1,
            "state": str(state),
        }
    )


def derive(sections: Mapping[str, Mapping[str, Any]], _memory: Memory) -> tuple[Number, ...]:
    """Give queues their names in place of their ids."""
    return with_names(sections, "numbers", "outbound_queues")


def review(entry: Entry, live: Number) -> Review | None:
    """Leave a number alone that the vendor has stopped: no action mends that."""
    if "enabled" not in entry.written or live.state not in _STOPPED:
        return None
    return Review(
        skip=frozenset({"enabled"}),
        warning=f"{entry.address} can't be enabled or disabled: {_STOPPED[live.state]}, which the console alone mends",
    )


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Switch many numbers with one call; bind and let go one by one."""
    calls = [*_switch(changes)]
    for change in changes:
        calls.extend(_bind(change, context))
    return Lowered(calls=tuple(calls))


def _switch(changes: Sequence[Change]) -> Iterator[Call]:
    for enabled in (True, False):
        switched = [
            change
            for change in changes
            if change.field_change("enabled") is not None
            and change.desired is not None
            and change.desired.__dict__["enabled"] is enabled
        ]
        if switched:
            what = "enable" if enabled else "disable"
            names = [change.identity for change in switched]
            yield Call(
                "POST",
                "/",
                {"PhoneNumbers": names, "Disabled": 0 if enabled else 1},  # 0 enables, 1 disables
                action="DisableCCCPhoneNumber",
                sets=("enabled",),
                changes=tuple(change.address for change in switched),
                why=f"{what} {listed(names)}",
            )


def _bind(change: Change, context: Context) -> Iterator[Call]:
    """Bind all that the number has and shall have, since Bind may add or replace; then let go."""
    live, wish = change.live, change.desired
    if live is None or wish is None:
        return
    moved = change.members("outbound_queues")
    had = live.__dict__["outbound_queues"]
    if moved.add:
        everything = sorted({*had, *moved.add})

        def body(queues: Sequence[str]) -> Mapping[str, Any]:
            return {"Number": change.identity, "SkillGroupIds": [queue_id(queue, context) for queue in queues]}

        action = "BindNumberCallOutSkillGroup"
        yield Call(
            "POST",
            "/",
            body(everything),
            action=action,
            members=tuple(everything),
            otherwise=Call("POST", "/", body(moved.add), action=action, members=moved.add) if had else None,
            otherwise_on=frozenset({"form", "exists"}) if had else frozenset(),
            changes=(change.address,),
            why=f"{listed([shortened(queue) for queue in moved.add])} "
            f"{'calls' if len(moved.add) == 1 else 'call'} out with {change.identity}",
            requires=made(moved.add, context)
            | frozenset(facts.shows(change.identity, queue) for queue in moved.remove),
            gives=frozenset(facts.shows(change.identity, queue) for queue in moved.add),
        )
    if moved.remove:
        yield Call(
            "POST",
            "/",
            {"Number": change.identity, "SkillGroupIds": [queue_id(queue, context) for queue in moved.remove]},
            action="UnbindNumberCallOutSkillGroup",
            members=moved.remove,
            changes=(change.address,),
            why=f"{listed([shortened(queue) for queue in moved.remove])} "
            f"{'calls' if len(moved.remove) == 1 else 'call'} out with {change.identity} no more",
            takes=frozenset(facts.shows(change.identity, queue) for queue in moved.remove),
        )


KIND: Final = Kind(
    section="numbers",
    one="number",
    resource=Number,
    shape=Shape.NAMED,
    description="Phone numbers: which queues call out with them, and whether they work.",
    read=read,
    derive=derive,
    reads_with=("queues",),
    identity=lambda number: number.number,
    route=Route(
        role=Role.NUMBER,
        outward=True,
        caption="Where a number's calls come in is set in the vendor's console: no action tells.",
    ),
    given="numbers are bought, or brought in, in the console",
    unsupported={
        "inbound_queue": "no action says where inbound calls of a number go; set it in the console",
        "inbound_callback": "BindNumberCallInInterface sets it, nothing reads it back, and nothing takes it away",
        "callback": "BindNumberCallInInterface sets it, nothing reads it back, and nothing takes it away",
        "ivr": "no action says which flow a number's calls go to; set it in the console",
    },
    review=review,
    lower=lower,
)
