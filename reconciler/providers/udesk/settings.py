"""The `provider:` section of a Udesk tenant."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from reconciler.model.desired import Settings
from reconciler.model.scalars import Integer
from reconciler.model.secret import Secret


def _base_url(value: Any) -> Any:
    """Check `https://host[:port]`; give it without a trailing slash."""
    if not isinstance(value, str):
        return value
    try:
        parts = urlsplit(value)
        port_is_fine = parts.port != 0
    except ValueError:
        raise PydanticCustomError("bad-url", "this is no address; write https://host or https://host:port") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine or value != value.strip():
        raise PydanticCustomError("bad-url", "this is no address; write https://host or https://host:port")
    if parts.username is not None or parts.password is not None:
        raise PydanticCustomError("bad-url", "an address carries no user or password; use sid and auth_token")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise PydanticCustomError(
            "url-path",
            "the address ends after the host; write {base}, /ccapi/v2 is added",
            {"base": f"{parts.scheme}://{parts.netloc}"},
        )
    return f"{parts.scheme}://{parts.netloc}"


SecretText = Annotated[Secret, WithJsonSchema({"type": "string"})]


class UdeskSettings(Settings):
    """How to reach one Udesk CTI Cloud application. Source: Udesk CTI Cloud API, "General Specifications"."""

    type: Annotated[Literal["udesk"], Field(description="The vendor.")]
    base_url: Annotated[
        str,
        BeforeValidator(_base_url),
        Field(description="The address before /ccapi/v2, such as https://acme.example.com."),
    ]
    app_id: Annotated[str, Field(min_length=1, description="The application's AppId, a UUID.")]
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
