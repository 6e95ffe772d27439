"""
A client that makes one thing after another: reads what is there, then creates what is missing.

    python -m benchmarks.serial_client URL

httpx over one connection that stays open, and nothing else: it reads no files, plans nothing, keeps no journal and
does not look back. `kubectl apply` would read each object before it makes it, which is twice the calls.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from typing import Any

import httpx

QUEUES, APP_ID = 100, "7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"  # as in tenants.py, whose import would count


def call(client: httpx.Client, method: str, body: dict[str, Any] | None = None) -> Any:
    """Send one call; give its Result."""
    timestamp, sid = str(int(time.time() * 1000)), os.environ["UDESK_SID"]
    signed = f"{sid}{os.environ['UDESK_AUTH_TOKEN']}{timestamp}"
    signature = hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324 - the vendor's scheme
    query = {"Timestamp": timestamp, "AppId": APP_ID, "Sid": sid, "Sign": signature}
    answer = client.request(method, "/ccapi/v2/queues", params=query, json=body).json()
    assert answer["ErrCode"] == "000000", answer
    return answer.get("Result")


def main() -> None:
    """Read, create."""
    with httpx.Client(base_url=sys.argv[1], timeout=60, verify=False) as client:  # noqa: S501 - plain http
        assert not call(client, "GET"), "the tenant has no queues yet"
        for place in range(QUEUES):
            identity = str(9000 + place)
            call(client, "POST", {"QueueId": identity, "QueueName": f"Queue {identity}", "Timeout": 60})


if __name__ == "__main__":
    main()
