"""The `provider:` section of a Udesk tenant."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from reconciler.model.desired import Settings
from reconciler.model.resource import Risky
from reconciler.model.scalars import Integer
from reconciler.model.secret import Secret
from reconciler.providers.address import host_only

SecretText = Annotated[Secret, WithJsonSchema({"type": "string"})]


class UdeskSettings(Settings):
    """How to reach one Udesk CTI Cloud application. Source: Udesk CTI Cloud API, "General Specifications"."""

    type: Annotated[Literal["udesk"], Risky("high"), Field(description="The vendor.")]
    base_url: Annotated[
        str,
        Risky("high"),
        BeforeValidator(host_only(credentials="sid and auth_token", path="/ccapi/v2 is added")),
        Field(description="The address before /ccapi/v2, such as https://acme.example.com."),
    ]
    app_id: Annotated[str, Risky("high"), Field(min_length=1, description="The application's AppId, a UUID.")]
    sid: Annotated[SecretText, Field(description="The account's Sid; use ${env:UDESK_SID}.")]
    auth_token: Annotated[SecretText, Field(description="The account's AuthToken; use ${env:UDESK_AUTH_TOKEN}.")]
    rate_limit: Annotated[Integer, Field(ge=1, le=10_000, description="Calls per second, all kinds together.")] = 10
    max_parallel: Annotated[Integer, Field(ge=1, le=256, description="Calls in flight at once.")] = 8
    timeout: Annotated[Integer, Field(ge=1, le=600, description="Seconds to wait for one answer.")] = 10
    timestamp_unit: Annotated[
        Literal["ms", "s"],
        Field(description="Unit of the signed Timestamp. The vendor's page says ms; its examples show s."),
    ] = "ms"
    agent_batch: Annotated[Integer, Field(ge=1, le=10_000, description="Agents created by one call.")] = 100

    @property
    def tenant(self) -> str:
        """The AppId."""
        return self.app_id
