"""
A simulated vendor on localhost: `reconciler simulate`.

A thin ASGI face over what a vendor brings as `providers.base.Face`, plus a control address, `/_control`: state, faults,
latency, the calls that arrived, and calls by hand. It knows no vendor, and listens on loopback unless told otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from reconciler.model.errors import ReconcilerError
from reconciler.providers import provider as find_provider
from reconciler.providers.base import Face, Simulated
from reconciler.simulate.control import latency, read_json
from reconciler.simulate.files import Files
from reconciler.simulate.listener import address, listening
from reconciler.simulate.server import Server, Service


def serve(  # noqa: PLR0913 - one argument for each option of the command
    provider: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: str | None = None,
    dump: str | None = None,
    app_id: str | None = None,
    sid: str,
    auth_token: str,
    dialect: Sequence[str] = (),
    faults: Sequence[str] = (),
    latency_ms: int = 0,
    announce: Callable[[str], None],
) -> None:
    """
    Serve a simulated vendor until SIGINT or SIGTERM, then write the state.

    Args:
        provider: What `provider.type` says.
        host: Where to listen; anything but loopback must be asked for by name.
        port: 0 for any that is free.
        seed: A snapshot file to start from.
        dump: A file that gets the state at the end.
        app_id: The tenant's id; None for the snapshot's.
        sid: The account that it accepts.
        auth_token: The account's secret.
        dialect: `name=value` settings for what the vendor's reference leaves open.
        faults: Faults as JSON objects.
        latency_ms: Milliseconds before every answer.
        announce: Called once, with one line, when it listens.

    Raises:
        ReconcilerError: A file, a setting, a fault or the address can't be used.
    """
    vendor = _simulated(provider)
    files = Files(seed=Path(seed) if seed else None, dump=Path(dump) if dump else None)
    files.check_dump()
    face = vendor.face(
        seed=files.read_seed(), tenant=app_id, credentials=(sid, auth_token), dialect=dialect, clock=time.time
    )
    for fault in faults:
        face.add_fault(read_json(fault.encode("utf-8", "replace")))
    latency(latency_ms)
    with listening(host, port) as listener:
        asyncio.run(_run(face, listener, latency_ms=latency_ms, announce=announce))
    files.write_dump(face.state())


def dialects(provider: str) -> str:
    """
    List what a vendor's page leaves open, as text: each setting with its default, its values, and the question.

    Raises:
        ReconcilerError: There is no simulator for it.
    """
    face = _simulated(provider).face(seed=None, tenant=None, credentials=("", ""), dialect=(), clock=time.time)
    lines = []
    for name, point in face.help()["dialect"].items():
        values = point["values"] if isinstance(point["values"], str) else ", ".join(point["values"])
        lines.append(f"{name}={point['value']}  ({values})")
        question = f'{point["question"]} See "{point["page"]}".'
        lines += textwrap.wrap(question, 80, initial_indent="    ", subsequent_indent="    ")
    return "\n".join([*lines, ""])


def _simulated(provider: str) -> Simulated:
    vendor = find_provider(provider)
    if not isinstance(vendor, Simulated):
        raise ReconcilerError(f'there is no simulator for "{provider}"', remedy="try udesk or tencent")
    return vendor


async def _run(face: Face, listener: socket.socket, *, latency_ms: int, announce: Callable[[str], None]) -> None:
    where = address(listener)
    service = Service(face, latency_ms=latency_ms)
    server = Server(service, announce=lambda: announce(f"listening on {where} ({face.title})"))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread, or not POSIX
            loop.add_signal_handler(number, server.stop)
    await server.serve(sockets=[listener])
