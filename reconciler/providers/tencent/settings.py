"""The `provider:` section of a Tencent Cloud Contact Center application."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from reconciler.model.desired import Settings
from reconciler.model.resource import Risky
from reconciler.model.scalars import Boolean, Integer
from reconciler.model.secret import Secret
from reconciler.providers.address import host_only

_VISIBLE: Final = re.compile(r"[!-~]*", re.ASCII)


def _one_word(value: Secret) -> Secret:
    """Refuse what no header can carry: blanks, line ends, letters beyond ASCII. They come along with a copied file."""
    if not _VISIBLE.fullmatch(value.reveal()):
        raise PydanticCustomError("bad-form", "a blank, a line end or a letter beyond ASCII is no part of it")
    return value


Credential = Annotated[Secret, AfterValidator(_one_word), WithJsonSchema({"type": "string"})]


class TencentSettings(Settings):
    """How to reach one application (SdkAppId). Source: Tencent Cloud API 3.0, "Common Params", "Request Limits"."""

    type: Annotated[Literal["tencent"], Risky("high"), Field(description="The vendor.")]
    sdk_app_id: Annotated[
        Integer, Risky("high"), Field(ge=1, description="The application's SdkAppId, such as 1400000000.")
    ]
    secret_id: Annotated[Credential, Field(description="The account's SecretId; use ${env:TENCENTCLOUD_SECRET_ID}.")]
    secret_key: Annotated[Credential, Field(description="The account's SecretKey; use ${env:TENCENTCLOUD_SECRET_KEY}.")]
    token: Annotated[
        Credential,
        Field(description="The token of temporary credentials; use ${env:TENCENTCLOUD_TOKEN:-}."),
    ] = Secret("")
    endpoint: Annotated[
        str,
        Risky("high"),
        BeforeValidator(host_only(credentials="secret_id and secret_key", path="the API has no path")),
        Field(description="The API's address; https://ccc.intl.tencentcloudapi.com for the international edition."),
    ] = "https://ccc.tencentcloudapi.com"
    region: Annotated[
        str, Field(pattern=r"^[a-z0-9-]*$", description="Sent as X-TC-Region where it is set; the API needs none.")
    ] = ""
    rate_limit: Annotated[Integer, Field(ge=1, le=10_000, description="Calls per second of each action.")] = 20
    upload_rate_limit: Annotated[Integer, Field(ge=1, le=10_000, description="Uploads per second.")] = 1
    max_parallel: Annotated[Integer, Field(ge=1, le=256, description="Calls in flight at once, of all actions.")] = 8
    timeout: Annotated[Integer, Field(ge=1, le=600, description="Seconds to wait for one answer.")] = 10
    send_password: Annotated[
        Boolean, Risky("medium"), Field(description="Have the vendor mail a password to each agent that is created.")
    ] = False
    create_with_queues: Annotated[
        Boolean, Field(description="Name an agent's queues in its creation; what does not take is bound afterwards.")
    ] = True
    review_timeout: Annotated[
        Integer, Field(ge=0, le=86_400, description="Seconds to wait for the vendor's review of a voice file.")
    ] = 60

    @property
    def tenant(self) -> str:
        """The SdkAppId, as text."""
        return str(self.sdk_app_id)
