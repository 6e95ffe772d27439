"""What breaks Tencent's limits, found offline. Forms and ranges of single fields are the kinds' own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, error, warning
from reconciler.providers.address import is_open
from reconciler.providers.tencent.limits import RING_ALL
from reconciler.providers.tencent.settings import TencentSettings

Found = tuple[tuple[str, ...], Diagnostic]

_NOWHERE = "no action of the vendor's public API sets it; set it in the console"
UNSUPPORTED: Final = {
    "application": f"the application itself: {_NOWHERE}",
    "default_number": f"an outbound number for the whole application: {_NOWHERE}",
    "default_voices": f"default voices: {_NOWHERE}",
    "fast_routers": f"key menus: {_NOWHERE}",
    "subscriptions": f"data push: {_NOWHERE}",
    "webhook_events": f"data push: {_NOWHERE}",
    "roles": "roles: no action lists, makes or changes them; name one by its number at an agent's creation",
    "ivr": f"IVR flows: {_NOWHERE}",
}


def check(desired: Desired) -> tuple[Found, ...]:
    """Gather all of it."""
    return (*_address(desired), *_queues(desired), *_phones(desired), *_voice_files(desired))


def _address(desired: Desired) -> Iterator[Found]:
    settings = desired.settings
    assert isinstance(settings, TencentSettings), "a Tencent configuration has Tencent's settings"
    if is_open(settings.endpoint):
        yield (
            ("provider", "endpoint"),
            warning(
                "plain-http",
                "endpoint is http, so names, phone numbers and settings travel unencrypted",
                remedy="Write https://.",
            ),
        )


def _queues(desired: Desired) -> Iterator[Found]:
    members = Counter(
        queue
        for section in ("agents", "extensions")
        for entry in desired.of(section).values()
        for queue in entry.resource.__dict__["queues"]
    )
    for name, entry in desired.of("queues").items():
        queue = entry.resource.__dict__
        if queue["max_concurrency"] > 1 and "type" in entry.written and queue["type"] != "online":
            yield (
                ("queues", name, "max_concurrency"),
                error(
                    "max-concurrency",
                    f"an agent of a {queue['type']} queue serves one customer at a time",
                    remedy="Write max_concurrency: 1; more is for queues of the type online.",
                ),
            )
        if queue["ring_all"] and members[entry.identity] > RING_ALL:
            yield (
                ("queues", name, "ring_all"),
                error(
                    "ring-all-members",
                    f"a queue that rings all at once takes {RING_ALL} members, agents and extensions together, and "
                    f"{members[entry.identity]} are named here",
                    remedy="Write ring_all: false, or name fewer.",
                ),
            )


def _phones(desired: Desired) -> Iterator[Found]:
    """Find phone numbers that two agents have: they are unique at the vendor (PhoneNumIsBoundOtherAccount)."""
    first: dict[str, str] = {}
    for name, entry in desired.of("agents").items():
        phone = entry.resource.__dict__["phone"].removeprefix("0086").removeprefix("+86")
        if not phone:
            continue
        if phone in first:
            yield (
                ("agents", name, "phone"),
                error(
                    "duplicate-phone",
                    f"agent {name} has the phone number of {first[phone]}, and the vendor takes each only once",
                    remedy="Give one of them another number.",
                ),
            )
        first.setdefault(phone, name)


def _voice_files(desired: Desired) -> Iterator[Found]:
    """Find files that are the same: the vendor takes the same content only once (UploadIvrAudio, FailedMsg)."""
    first: dict[str, str] = {}
    for name, entry in desired.of("voice_files").items():
        file = entry.resource.__dict__
        if not file["digest"]:
            continue
        if file["digest"] in first:
            field = "sha256" if file["sha256"] else "url"
            yield (
                ("voice_files", name, field),
                error(
                    "duplicate-file",
                    f"voice file {name} has the {field} of {first[file['digest']]}, and the vendor takes the same "
                    "content only once",
                    remedy="Use the one file in both places.",
                ),
            )
        first.setdefault(file["digest"], name)
