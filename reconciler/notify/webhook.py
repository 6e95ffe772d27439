"""
Posts a notice as JSON to an address of the user's own.

Twice at the most, since who is told twice is better off than who is not told. It follows no redirect: what it posts is
meant for the host that was named.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import httpx

from reconciler._version import __version__
from reconciler.notify.destination import Destination

TIMEOUT_S: Final = 10.0
_TRIES: Final = 2
_PAUSE_S: Final = 0.5
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_BROKEN: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError, TimeoutError, ValueError)


async def post(
    to: Destination,
    document: Mapping[str, Any],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    timeout_s: float = TIMEOUT_S,
) -> str:
    """Post a document; give "" where it was taken, else why not, without the address."""
    why = ""
    body = json.dumps(document).encode("ascii")
    for attempt in range(_TRIES):
        if attempt:
            await sleep(_PAUSE_S)
        try:
            async with asyncio.timeout(timeout_s):
                status = await _post(to, body, timeout_s)
        except _BROKEN as cause:
            why = _reason(cause, timeout_s)
            if isinstance(cause, httpx.InvalidURL | httpx.UnsupportedProtocol | ValueError):
                break
            continue
        if 200 <= status < 300:
            return ""
        why = f"it answered with HTTP {status}"
        if 300 <= status < 400:
            why += ", a redirect; name the address that it leads to"
        if status not in _AGAIN:
            break
    return why


async def _post(to: Destination, body: bytes, timeout_s: float) -> int:
    headers = {"Content-Type": "application/json", "User-Agent": f"reconciler/{__version__}"}
    async with (
        httpx.AsyncClient(timeout=timeout_s, follow_redirects=False) as client,
        client.stream("POST", to.url.reveal(), content=body, headers=headers) as response,
    ):
        return response.status_code  # what else it says is of no use, and may be endless


def _reason(cause: Exception, timeout_s: float) -> str:
    """Say why in words of our own: those of a library may quote the address."""
    match cause:
        case TimeoutError() | httpx.TimeoutException():
            return f"no answer within {timeout_s:g} s"
        case httpx.ConnectError():
            return "it can't be reached"
        case httpx.ProxyError():
            return "the proxy (HTTPS_PROXY) did not let it through"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | ValueError():
            return "it is no address that can be called"
        case _:
            return "the connection broke before the answer"
