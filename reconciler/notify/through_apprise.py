"""Hands a notice to apprise, an extra, which knows some hundred services."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import warnings
from collections.abc import Iterator
from typing import Any

from reconciler.model.errors import ReconcilerError
from reconciler.notify.destination import Destination


def check(to: Destination) -> None:
    """
    Make sure that apprise is there and knows the service.

    Raises:
        ReconcilerError: It is not, or does not.
    """
    try:
        apprise = _apprise()
    except ModuleNotFoundError as cause:
        raise ReconcilerError(
            f"--notify {to.shown} needs apprise, which is not installed",
            remedy="Install it: pip install 'reconciler[notify]'. Webhooks (http, https) do without.",
        ) from cause
    if _service(apprise, to) is None:
        raise ReconcilerError(
            f"--notify {to.shown} is no address that apprise understands",
            remedy="Its spellings are on https://appriseit.com/services/; try yours with: apprise -vv -b test URL",
        )


async def pass_on(to: Destination, title: str, text: str) -> str:
    """Tell one service; give "" where that worked, else why not, without the address."""
    apprise = _apprise()
    service = _service(apprise, to)
    if service is None:
        return "apprise does not understand the address"
    sender = apprise.Apprise()
    sender.add(service)
    try:
        worked = await asyncio.to_thread(sender.notify, body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
    except Exception as cause:  # noqa: BLE001 - a service's code may raise anything, and none of it may hide drift
        return f"apprise failed ({type(cause).__name__})"
    return "" if worked else "apprise could not deliver it; try the address with: apprise -vv -b test URL"


def _apprise() -> Any:
    """Import it, and keep what it logs to itself: that may quote addresses."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    with _quiet():
        import apprise  # noqa: PLC0415 - an extra, and half a second

    return apprise


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what Python has to say of the library: it is nothing that users can change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _service(apprise: Any, to: Destination) -> Any:
    try:
        with _quiet():
            return apprise.Apprise.instantiate(to.url.reveal(), suppress_exceptions=True)
    except Exception:  # noqa: BLE001 - whatever an odd address does to a service's parser, it is no address
        return None
