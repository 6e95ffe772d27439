"""
A target for octoDNS that lists its records over HTTP: the least that an octoDNS provider can do.

octoDNS imports this module in its own environment (`benchmarks/.work/octodns-venv`); nothing of ours is loaded
there. One GET gives the whole zone, as our simulator gives all agents in one answer; the standard library fetches
it, so that no HTTP package's import is held against octoDNS.
"""

import json
import logging
import urllib.request
from typing import Any

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
