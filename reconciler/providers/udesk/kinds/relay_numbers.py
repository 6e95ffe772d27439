"""The tenant's relay numbers, bought elsewhere. Source: Udesk CTI Cloud API, "Get Relay Number List"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from reconciler.model.call import Reading
from reconciler.model.change import Change
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.resource import Computed, Identity, Resource
from reconciler.providers.udesk.decode import get, record, result, text, texts, unexpected


class RelayNumber(Resource):
    """A number that outbound calls may show."""

    number: Annotated[str, Identity()]
    is_default: Annotated[bool, Computed()] = False


def read(_memory: Memory) -> Reading[tuple[RelayNumber, ...]]:
    """Read the tenant's numbers and which one is the default."""
    (reply,) = yield (get("spnumbers"),)
    row = record(result(reply, "spnumbers"), "spnumbers")
    if "SpNumbers" not in row and "DefSpNumber" not in row:
        raise unexpected("spnumbers", "it has neither SpNumbers nor DefSpNumber")
    default = text(row, "DefSpNumber")
    listed = texts(row, "SpNumbers", inner=("SpNumber", "Number"))
    numbers = sorted({*listed, default} - {""})
    return tuple(RelayNumber.live({"number": number, "is_default": number == default}) for number in numbers)


def lower(_changes: Sequence[Change], _context: Context) -> Lowered:
    """Relay numbers are bought from the vendor, never made here."""
    return Lowered()


KIND: Final = Kind(
    section="relay_numbers",
    one="relay number",
    resource=RelayNumber,
    shape=Shape.LISTED,
    description="The tenant's relay numbers; read only.",
    read=read,
    identity=lambda number: number.number,
    external=True,
    lower=lower,
)
