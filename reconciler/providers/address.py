"""Where a vendor is: `https://host[:port]`, and nothing behind it. What the vendors' settings share."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

_NO_ADDRESS = "this is no address; write https://host or https://host:port"


def host_only(*, credentials: str, path: str) -> Callable[[Any], Any]:
    """
    Make a validator for `https://host[:port]`, which gives it without a trailing slash.

    Args:
        credentials: The settings that take what an address must not carry: "sid and auth_token".
        path: What becomes of the path: "/ccapi/v2 is added".
    """

    def check(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            parts = urlsplit(value)
            port_is_fine = parts.port != 0
        except ValueError:
            raise PydanticCustomError("bad-url", _NO_ADDRESS) from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine or value != value.strip():
            raise PydanticCustomError("bad-url", _NO_ADDRESS)
        if parts.username is not None or parts.password is not None:
            raise PydanticCustomError(
                "bad-url", "an address carries no user or password; use {credentials}", {"credentials": credentials}
            )
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise PydanticCustomError(
                "url-path",
                "the address ends after the host; write {base}, {path}",
                {"base": f"{parts.scheme}://{parts.netloc}", "path": path},
            )
        return f"{parts.scheme}://{parts.netloc}"

    return check


def is_open(address: str) -> bool:
    """Whether what travels there can be read on the way: plain http, and not to this machine."""
    parts = urlsplit(address)
    return parts.scheme == "http" and not _loopback(parts.hostname or "")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
