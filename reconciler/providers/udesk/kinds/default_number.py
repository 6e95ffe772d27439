"""The company's default relay number. Source: Udesk CTI Cloud API, "Relay Number Management"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from reconciler.model.call import Call
from reconciler.model.change import Change
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import Resource, Risky
from reconciler.model.routing import Role, Route
from reconciler.providers.udesk.forms import PHONE, unknown_number
from reconciler.providers.udesk.protocol import API


class DefaultNumber(Resource):
    """The number shown on outbound calls where neither the call nor the agent names one."""

    number: Annotated[
        str, Risky("high"), Field(pattern=PHONE, description='One of the tenant\'s relay numbers; "" for none.')
    ] = ""


def derive(sections: Mapping[str, Mapping[str, Any]], _memory: Memory) -> tuple[DefaultNumber, ...]:
    """Find the default among the relay numbers."""
    default = [number.number for number in sections["relay_numbers"].values() if number.is_default]
    return (DefaultNumber.live({"number": default[0] if default else ""}),)


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Set or clear the default. The examples' URL has a stray agent id at its end; the page's URL has none."""
    calls = []
    refusals: list[Refusal] = []
    for change in changes:
        wish = change.desired
        assert isinstance(wish, DefaultNumber), "the default number is never deleted"
        refusals.extend(unknown_number(change, wish.number, context))
        if wish.number:
            body = {"DefSpNumber": wish.number}
            why = f"company's default number {wish.number}"
            calls.append(Call("PUT", API + "spnumbers/default", body, changes=(change.address,), why=why))
        else:
            why = "no default number for the company"
            calls.append(
                Call(
                    "DELETE",
                    API + "spnumbers/default",
                    accepts=frozenset({"missing"}),
                    changes=(change.address,),
                    why=why,
                )
            )
    return Lowered(calls=tuple(calls), refusals=tuple(refusals))


KIND: Final = Kind(
    section="default_number",
    one="default number",
    resource=DefaultNumber,
    shape=Shape.SCALAR,
    description='The company\'s default relay number; "" for none.',
    derive=derive,
    reads_with=("relay_numbers",),
    fixed=True,
    lower=lower,
    route=Route(
        role=Role.NUMBER,
        serves_all=Role.KEY,
        caption="Which numbers lead to the keys the vendor does not tell; the default number stands for them.",
    ),
)
