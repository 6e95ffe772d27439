"""What breaks Udesk's limits, found offline. Forms and ranges of single fields are the kinds' own."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostic, error, warning
from reconciler.providers.address import is_open
from reconciler.providers.udesk.kinds.webhook_events import CATEGORIES
from reconciler.providers.udesk.limits import MOST_QUEUES
from reconciler.providers.udesk.settings import UdeskSettings

Found = tuple[tuple[str, ...], Diagnostic]


def check(desired: Desired) -> tuple[Found, ...]:
    """Gather all of it."""
    return (*_address(desired), *_queues(desired), *_voices(desired), *_webhooks(desired))


def _address(desired: Desired) -> Iterator[Found]:
    settings = desired.settings
    assert isinstance(settings, UdeskSettings), "a Udesk configuration has Udesk's settings"
    if is_open(settings.base_url):
        yield (
            ("provider", "base_url"),
            warning(
                "plain-http",
                "base_url is http, so callers' settings and extension passwords travel unencrypted",
                remedy="Write https:// if the vendor offers it.",
            ),
        )


def _queues(desired: Desired) -> Iterator[Found]:
    queues = desired.of("queues")
    if len(queues) > MOST_QUEUES:
        yield (
            ("queues",),
            error(
                "too-many-queues",
                f"{len(queues)} queues are wanted, and the vendor allows {MOST_QUEUES} for each AppId",
                remedy=f"Remove {len(queues) - MOST_QUEUES} of them.",
            ),
        )
    for name, entry in queues.items():
        strategy = entry.resource.__dict__["strategy"]
        if "strategy" in entry.written and strategy != "longest_idle":
            yield (
                ("queues", name, "strategy"),
                warning(
                    "unlisted-strategy",
                    f'the vendor documents no strategy "{strategy}"; it is sent as it stands',
                    remedy="longest_idle is the one that is documented.",
                ),
            )


def _voices(desired: Desired) -> Iterator[Found]:
    for name, entry in desired.of("voice_files").items():
        if not entry.identity.lower().endswith(".wav"):
            yield (
                ("voice_files", name),
                warning(
                    "not-named-wav",
                    f"the vendor takes wav files only, and {entry.identity} is not named like one",
                    remedy=f"Call it {entry.identity}.wav.",
                ),
            )


def _webhooks(desired: Desired) -> Iterator[Found]:
    for entry in desired.of("webhook_events").values():
        for category, known in CATEGORIES.items():
            for event in entry.resource.__dict__[category]:
                if event not in known:
                    near = get_close_matches(event, known, n=1)
                    yield (
                        ("webhook_events", category),
                        warning(
                            "unlisted-event",
                            f'the vendor lists no event "{event}" in {category}',
                            remedy=f'Did you mean "{near[0]}"?' if near else f"It lists {', '.join(known[:6])}.",
                        ),
                    )
