"""A vendor without a network: the real client, and below httpx's seam for transports a simulated tenant."""

from __future__ import annotations

from typing import Any, cast

import httpx

from reconciler.model.desired import Settings
from reconciler.providers.base import Client, Face, Provider
from reconciler.simulate.server import Service
from tests.conformance.vendor import Vendor


class _Within:
    """A provider whose clients send to a face in this process; else it is the provider that it stands for."""

    def __init__(self, provider: Provider, vendor: Vendor, face: Face) -> None:
        self._provider = provider
        self._vendor = vendor
        self._service = Service(face, latency_ms=0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def connect(self, settings: Settings, *, root: str, **rest: Any) -> Client:
        """Make a client that needs no network."""
        return self._vendor.client(settings, root=root, transport=httpx.ASGITransport(self._service), **rest)


def within(provider: Provider, vendor: Vendor, face: Face) -> Provider:
    """Give the provider, with clients that send to *face*."""
    return cast("Provider", _Within(provider, vendor, face))
