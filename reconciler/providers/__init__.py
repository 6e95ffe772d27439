"""The vendors, in plain sight. Others add theirs through the entry point group `reconciler.providers`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

    from reconciler.providers.base import Provider

BUILT_IN: Final = {
    "udesk": "reconciler.providers.udesk:PROVIDER",
    "tencent": "reconciler.providers.tencent:PROVIDER",
}


def _others() -> Iterator[EntryPoint]:
    """List what other packages bring. Reading all installed packages takes 30 ms, so it is done only when asked for."""
    from importlib.metadata import entry_points  # noqa: PLC0415

    yield from entry_points(group="reconciler.providers")


def names() -> tuple[str, ...]:
    """List what `provider.type` may say."""
    return tuple(sorted({*BUILT_IN, *(item.name for item in _others())}))


def provider(name: str) -> Provider | None:
    """Find a vendor by what `provider.type` says; None when there is none of that name."""
    target = BUILT_IN.get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        return cast("Provider", getattr(import_module(module), attribute))
    for item in _others():
        if item.name == name:
            return cast("Provider", item.load())
    return None
