"""Between ASGI's messages and what a vendor's face takes and gives. starlette reads multipart bodies."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl

from reconciler.providers.base import Request, Response

TRANSPORT: Final = "reconciler.transport"  # where a request's scope keeps its connection
_MAX_BODY: Final = 64 * 1024 * 1024  # bytes

Scope = Any  # ASGI's own types are open mappings
Receive = Callable[[], Any]
Send = Callable[[Any], Any]


class TooLargeError(Exception):
    """A body beyond all reason."""


async def read(receive: Receive) -> bytes | None:
    """Read a whole body; None when the client went away."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > _MAX_BODY:
            raise TooLargeError
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def head_of(scope: Scope) -> Request:
    """Make the request that a face takes, without its body."""
    raw_query = scope["query_string"].decode("latin-1")
    query: dict[str, str] = {}
    with contextlib.suppress(ValueError):  # too many parameters to be meant
        for name, value in parse_qsl(raw_query, keep_blank_values=True, max_num_fields=1000):
            query.setdefault(name, value)
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=query,
        raw_query=raw_query,
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
    )


async def with_body(scope: Scope, head: Request, body: bytes) -> Request:
    """Add the body to a request."""
    form: dict[str, str] | None = None
    files: dict[str, bytes] = {}
    if head.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        form, files = await _form(scope, body)
    return replace(head, body=body, form=form, files=files)


async def _form(scope: Scope, body: bytes) -> tuple[dict[str, str] | None, dict[str, bytes]]:
    """Read a multipart body; None where it can't be read."""

    async def replay() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    from starlette.requests import Request as FormRequest  # noqa: PLC0415 - 30 ms that only an upload need pay

    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    try:
        async with FormRequest(scope, replay).form() as form:
            for name, value in form.multi_items():
                if isinstance(value, str):
                    fields[name] = value
                else:
                    files[name] = await value.read()
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes that are no form
        return None, {}
    return fields, files


async def send_whole(response: Response, send: Send) -> None:
    """Send all of an answer."""
    await send(_start(response))
    await send({"type": "http.response.body", "body": response.body, "more_body": False})


async def send_cut(response: Response, send: Send) -> None:
    """Promise a whole body and send half; uvicorn then closes the connection of a response that is not complete."""
    await send(_start(response))
    await send({"type": "http.response.body", "body": response.body[: len(response.body) // 2], "more_body": True})


def _start(response: Response) -> dict[str, Any]:
    headers = {**response.headers, "content-length": str(len(response.body))}
    if response.status == 204:
        del headers["content-length"]
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": response.status, "headers": pairs}


def reset(transport: asyncio.Transport) -> None:
    """Reset a connection: closed with nothing left to linger for, it ends with RST and not in peace."""
    with contextlib.suppress(OSError, AttributeError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
