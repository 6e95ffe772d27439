"""The vendors, in plain sight. Others add theirs through the entry point group `reconciler.providers`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from reconciler.providers.base import Provider

BUILT_IN: Final = {"udesk": "reconciler.providers.udesk:PROVIDER"}


def names() -> tuple[str, ...]:
    """List what `provider.type` may say."""
    return tuple(sorted({*BUILT_IN, *(item.name for item in entry_points(group="reconciler.providers"))}))


def provider(name: str) -> Provider | None:
    """Find a vendor by what `provider.type` says; None when there is none of that name."""
    target = BUILT_IN.get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        return cast("Provider", getattr(import_module(module), attribute))
    for item in entry_points(group="reconciler.providers"):
        if item.name == name:
            return cast("Provider", item.load())
    return None
