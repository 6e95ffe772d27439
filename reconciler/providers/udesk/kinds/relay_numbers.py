"""The tenant's relay numbers: bought elsewhere, only read here. Source: Udesk CTI Cloud API, "Get Relay Number List"."""

from __future__ import annotations

from typing import Annotated

from reconciler.model.resource import Computed, Identity, Resource


class RelayNumber(Resource):
    """A number that outbound calls may show."""

    number: Annotated[str, Identity()]
    is_default: Annotated[bool, Computed()] = False
