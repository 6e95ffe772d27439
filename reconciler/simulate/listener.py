"""A socket that listens, or a clear word on why it can't."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterator

from reconciler.model.errors import ReconcilerError


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """
    Listen on an address.

    Raises:
        ReconcilerError: It is no address of this machine, or it is taken.
    """
    if not host.strip():
        raise ReconcilerError(
            "no host to listen on", remedy="leave --host out for 127.0.0.1; name another address only if you mean it"
        )
    if not 0 <= port <= 65_535:
        raise ReconcilerError(f"{port} is no port", remedy="give a port from 1 to 65535, or 0 for any that is free")
    try:
        family, kind, number, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, number)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            listener.listen(1024)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise ReconcilerError(
            f"can't listen on {host} port {port}: {reason}", remedy="choose another --port, or 0 for any that is free"
        ) from cause
    with listener:
        yield listener


def address(listener: socket.socket) -> str:
    """Give the URL of what listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
