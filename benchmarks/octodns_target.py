"""
Targets for octoDNS over HTTP: one that lists its records, and one that makes them; the least that a provider can do.

octoDNS imports this module in its own environment (`benchmarks/.work/octodns-venv`); nothing of ours is loaded
there. One GET gives the whole zone, as our simulator gives all agents in one answer; the standard library fetches
it, so that no HTTP package's import is held against octoDNS.
"""

import hashlib
import http.client
import json
import logging
import time
import urllib.request
from typing import Any
from urllib.parse import urlencode, urlsplit

from octodns.provider.base import BaseProvider
from octodns.record import Record


class ListTarget(BaseProvider):
    """Reads a JSON list of `{name, type, ttl, values}`; writes nothing."""

    SUPPORTS_GEO = False
    SUPPORTS_DYNAMIC = False
    SUPPORTS_ROOT_NS = False
    SUPPORTS = frozenset({"A"})

    # octoDNS hands the configuration's keys over by name, and calls the provider's own id `id`.
    def __init__(self, id: str, url: str, **options: Any) -> None:
        self.log = logging.getLogger(f"ListTarget[{id}]")
        super().__init__(id, **options)
        self.url = url

    # octoDNS passes `target` and `lenient` by name, as flags.
    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002
        """Fill *zone* with what the server lists; whether it exists there."""
        with urllib.request.urlopen(self.url, timeout=60) as answer:  # noqa: S310 - the runner's own server
            listed = json.load(answer)
        for item in listed:
            data = {"type": item["type"], "ttl": item["ttl"], "values": item["values"]}
            zone.add_record(Record.new(zone, item["name"], data, source=self, lenient=lenient), lenient=lenient)
        return True


class QueueTarget(BaseProvider):
    """
    Makes a queue of our simulated vendor for each record, over one connection that stays open.

    It signs and checks answers as it must, and otherwise does nothing that costs time: a record's name is the queue's.
    """

    SUPPORTS_GEO = False
    SUPPORTS_DYNAMIC = False
    SUPPORTS_ROOT_NS = False
    SUPPORTS = frozenset({"A"})

    # octoDNS hands the configuration's keys over by name, and calls the provider's own id `id`.
    def __init__(self, id: str, url: str, app_id: str, sid: str, auth_token: str, **options: Any) -> None:
        self.log = logging.getLogger(f"QueueTarget[{id}]")
        super().__init__(id, **options)
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.app_id, self.sid, self.auth_token = app_id, sid, auth_token

    def call(self, method: str, body: Any = None) -> Any:
        """Send one call; give its Result."""
        timestamp = str(int(time.time() * 1000))
        signature = hashlib.sha1(f"{self.sid}{self.auth_token}{timestamp}".encode()).hexdigest()  # noqa: S324 - theirs
        query = urlencode({"Timestamp": timestamp, "AppId": self.app_id, "Sid": self.sid, "Sign": signature})
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        self.connection.request(method, f"/ccapi/v2/queues?{query}", content, headers)
        answer = json.loads(self.connection.getresponse().read())
        assert answer["ErrCode"] == "000000", answer
        return answer.get("Result")

    # octoDNS passes `target` and `lenient` by name, as flags.
    def populate(self, zone: Any, target: bool = False, lenient: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002
        """Read what is there; the comparison starts with nothing."""
        assert not self.call("GET"), "the tenant has no queues yet"
        return False

    def _apply(self, plan: Any) -> None:
        for change in plan.changes:
            identity = change.new.name.removeprefix("q")
            self.call("POST", {"QueueId": identity, "QueueName": f"Queue {identity}", "Timeout": 60})
