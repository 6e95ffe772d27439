"""The plan: what differs, the calls that make it so, and what stands against it. Frozen, and JSON-ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.call import Call
from reconciler.model.change import Change
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.routing import Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """
    A guard's no.

    *rule* is a stable kebab-case word (`max-deletes`), *message* says what it stopped, *objects* are the addresses,
    *remedy* is what lifts it.
    """

    rule: str
    message: str
    objects: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What the diff found. *unmanaged* are addresses of live objects that the files do not name."""

    changes: tuple[Change, ...] = ()
    unmanaged: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    live_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The plan in numbers; bindings count in pairs, calls are writes."""

    create: int = 0
    update: int = 0
    delete: int = 0
    bind: int = 0
    unbind: int = 0
    calls: int = 0
    minimum_calls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a plan's calls take at least, at the rate that the vendor bears, which is *told*: "20 calls/s"."""

    seconds: float = 0.0
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How to load the same configuration again: what `apply plan.json` needs. Paths are as the user gave them."""

    path: str
    overlays: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()  # --set, without those that touch `provider`
    targets: tuple[str, ...] = ()
    prune: bool = False
    allow_deletes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """How callers reach people before a plan and after it, each folded to a size that people can read."""

    before: Routing
    after: Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    Changes, and calls in a valid serial order whose `needs` say which must have succeeded before.

    The digests fingerprint what it was made from. They take as long as the diff, so they are worked out, like the
    pictures, for plans that leave the program, and empty in others. *base* is the revision that `--base` named.
    """

    contact_center: str
    provider: str
    config_digest: str = ""
    live_digest: str = ""
    summary: Summary
    changes: tuple[Change, ...] = field(default=(), repr=False)  # `repr` is called where nobody reads it: see `Live`
    calls: tuple[Call, ...] = field(default=(), repr=False)
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Diagnostic, ...] = field(default=(), repr=False)
    unmanaged: tuple[str, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    pace: Pace = Pace()
    origin: Origin | None = None
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (section, identity) → name for people
    pictures: Pictures | None = field(default=None, repr=False)
    base: str = ""
    named: Mapping[str, int] = field(default_factory=dict)  # how much of what the files name: see `Desired`

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes


JSON = Mapping[str, Any]
