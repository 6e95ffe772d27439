"""The company's default relay number. Source: Udesk CTI Cloud API, "Relay Number Management"."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.model.resource import Resource, Risky
from reconciler.providers.udesk.kinds.agents import PHONE


class DefaultNumber(Resource):
    """The number shown on outbound calls where neither the call nor the agent names one."""

    number: Annotated[
        str, Risky("high"), Field(pattern=PHONE, description='One of the tenant\'s relay numbers; "" for none.')
    ] = ""
