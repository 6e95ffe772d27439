"""
What a server costs by itself: the same calls, sent by as little as there can be.

    python -m benchmarks.clients (httpx | bare) URL --calls 2000 --parallel 8

`httpx` is one plain client and so many workers; `bare` writes ready-made bytes to asyncio's streams, one connection for
each worker, and reads what the answer's length says. Neither plans, writes a journal, paces, or looks back. It prints
one line of JSON, in seconds: `apply`, the wall time, and `cpu`, of the process meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import urlencode, urlsplit

import httpx

from benchmarks.applying import timed
from benchmarks.places import AUTH_TOKEN, SID
from benchmarks.tenants import APP_ID, Agent
from reconciler.providers.udesk.protocol import API, sign


def query() -> str:
    """Sign."""
    timestamp = str(int(time.time() * 1000))
    signature = sign(SID, AUTH_TOKEN, timestamp)
    return urlencode({"Timestamp": timestamp, "AppId": APP_ID, "Sid": SID, "Sign": signature})


def bodies(calls: int) -> Iterator[dict[str, object]]:
    """Give agents another mobile number, as the apply does: the vendor takes the fields that an agent has."""
    for place in range(calls):
        agent = Agent(place, changed=True)
        yield {
            "AgentId": agent.identity,
            "WorkId": str(200_000 + place),
            "Name": f"Agent Number {place:05d}",
            "Mobile": agent.mobile,
            "Email": f"agent-{place:05d}@contact-center.example.com",
            "Role": "leader" if place % 50 == 0 else "agent",
            "Enable": True,
        }


async def all_of(calls: int, parallel: int, send: Callable[[int, dict[str, object]], Awaitable[int]]) -> None:
    """Send all, *parallel* at once; hold that each worked."""
    left = bodies(calls)

    async def work(worker: int) -> None:
        for body in left:
            status = await send(worker, body)
            assert status == 200, f"HTTP {status} for {body}"

    async with asyncio.TaskGroup() as group:
        for worker in range(parallel):
            group.create_task(work(worker))


async def with_httpx(url: str, calls: int, parallel: int) -> None:
    """Send with one plain client."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:

        async def send(_worker: int, body: dict[str, object]) -> int:
            answer = await client.put(f"{API}agents/{body['AgentId']}?{query()}", json=body)
            return answer.status_code if answer.json()["ErrCode"] == "000000" else 0

        await all_of(calls, parallel, send)


async def bare(url: str, calls: int, parallel: int) -> None:
    """Send with nothing but streams."""
    parts = urlsplit(url)
    head = f"Host: {parts.netloc}\r\nContent-Type: application/json\r\n"
    streams = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(parallel)]

    async def send(worker: int, body: dict[str, object]) -> int:
        reader, writer = streams[worker]
        content = json.dumps(body).encode()
        first = f"PUT {API}agents/{body['AgentId']}?{query()} HTTP/1.1\r\n{head}Content-Length: {len(content)}\r\n\r\n"
        writer.write(first.encode() + content)
        answered = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = answered.partition("content-length:")[2].partition("\r\n")[0]
        answer = json.loads(await reader.readexactly(int(length)))
        return int(answered.split(" ", 2)[1]) if answer["ErrCode"] == "000000" else 0

    await all_of(calls, parallel, send)
    for _, writer in streams:
        writer.close()


def main() -> None:
    """Send, print."""
    parser = argparse.ArgumentParser(description="Send the calls of an apply with as little as there can be.")
    ways = {"httpx": with_httpx, "bare": bare}
    parser.add_argument("way", choices=ways)
    parser.add_argument("url")
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--parallel", type=int, required=True)
    options = parser.parse_args()
    with timed() as found:
        asyncio.run(ways[options.way](options.url, options.calls, options.parallel))
    print(json.dumps({"calls": options.calls, **found}))


if __name__ == "__main__":
    main()
