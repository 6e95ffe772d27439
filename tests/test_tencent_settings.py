"""The `provider:` section of a Tencent application: defaults, forms, and what is not shown."""

from __future__ import annotations

from typing import Any, Final

import pytest
from pydantic import ValidationError

from reconciler.model.secret import Secret
from reconciler.providers.tencent.settings import TencentSettings

WRITTEN: Final = {"type": "tencent", "sdk_app_id": "1400000000", "secret_id": "AKID1", "secret_key": "key-1"}


def made(**more: Any) -> TencentSettings:
    """Make the settings from YAML's scalars."""
    return TencentSettings.model_validate({**WRITTEN, **more})


def test_what_is_left_out_is_the_vendor_s_usual() -> None:
    """The rates, the endpoint and what is mailed to nobody."""
    settings = made()
    assert 1_400_000_000 == settings.sdk_app_id
    assert "1400000000" == settings.tenant
    assert "https://ccc.tencentcloudapi.com" == settings.endpoint
    assert ("", False) == (settings.region, bool(settings.token))
    assert (20, 1, 8, 10) == (
        settings.rate_limit,
        settings.upload_rate_limit,
        settings.max_parallel,
        settings.timeout,
    )
    assert (False, True, 60) == (settings.send_password, settings.create_with_queues, settings.review_timeout)


@pytest.mark.parametrize(
    ("written", "endpoint"),
    [
        ("https://ccc.intl.tencentcloudapi.com", "https://ccc.intl.tencentcloudapi.com"),
        ("https://ccc.tencentcloudapi.com/", "https://ccc.tencentcloudapi.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_endpoint_is_a_host(written: str, endpoint: str) -> None:
    """With a scheme, perhaps a port, and no slash at its end."""
    assert endpoint == made(endpoint=written).endpoint


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        (
            "endpoint",
            "https://ccc.tencentcloudapi.com/v3",
            "write https://ccc.tencentcloudapi.com, the API has no path",
        ),
        ("endpoint", "ccc.tencentcloudapi.com", "write https://host"),
        ("endpoint", "https://me:you@ccc.tencentcloudapi.com", "use secret_id and secret_key"),
        ("endpoint", "https://ccc.tencentcloudapi.com:99999", "this is no address"),
        ("sdk_app_id", "0", "greater than or equal to 1"),
        ("sdk_app_id", "acme", "a whole number is due"),
        ("region", "ap guangzhou", "pattern"),
        ("region", "ap-1\r\nX-Header: y", "pattern"),
        ("rate_limit", "0", "greater than or equal to 1"),
        ("upload_rate_limit", "0", "greater than or equal to 1"),
        ("review_timeout", "-1", "greater than or equal to 0"),
        ("send_password", "yes", "true or false is due"),
        ("timestamp_unit", "ms", "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused(field: str, value: str, says: str) -> None:
    """Where it stands, and with what would be right."""
    with pytest.raises(ValidationError) as caught:
        made(**{field: value})
    (problem,) = caught.value.errors()
    assert (field,) == problem["loc"]
    assert says in problem["msg"]


@pytest.mark.parametrize("field", ["secret_id", "secret_key", "token"])
@pytest.mark.parametrize("value", ["hidden\n", "hid den", " hidden", "hidden\x00", "hidden密"])
def test_a_credential_that_no_header_can_carry_is_refused(field: str, value: str) -> None:
    """Before anything is sent, and without repeating it."""
    with pytest.raises(ValidationError) as caught:
        made(**{field: value})
    (problem,) = caught.value.errors()
    assert (field,) == problem["loc"]
    assert "hid" not in problem["msg"]


def test_secrets_are_not_shown() -> None:
    """Not in the settings' `repr`."""
    settings = made(token="token-1")
    assert Secret("token-1") == settings.token
    for secret in ("AKID1", "key-1", "token-1"):
        assert secret not in f"{settings!r} {settings}"
