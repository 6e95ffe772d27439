"""What the vendor has, as one value, and what only our store remembers of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from reconciler.model.resource import Resource, specs


@dataclass(frozen=True, slots=True)
class Memory:
    """
    What the vendor can't tell: `{section: {identity: data}}`.

    Spare extensions, subscription ids, the webhook events last applied. Losing it never makes a plan wrong, only
    less informed.
    """

    facts: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)

    def of(self, section: str) -> Mapping[str, Mapping[str, Any]]:
        """Give what is remembered of one section, by identity."""
        return self.facts.get(section, {})


@dataclass(frozen=True, slots=True)
class Live:
    """
    The live tenant: by section and identity. A section that was not read is absent, which is not the same as empty.

    A section that the vendor can't show is present only where the store remembers it.
    """

    # Not in `repr`: Python's asyncio spells out a task's result when it ends, and a tenant takes it 0.3 s.
    sections: Mapping[str, Mapping[str, Resource]] = field(repr=False)
    memory: Memory = field(default_factory=Memory, repr=False)

    def of(self, section: str) -> Mapping[str, Any]:
        """Give one section's objects by identity; empty where it was not read."""
        return self.sections.get(section, {})

    def as_json(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Give plain, sorted data: what a snapshot holds and what the digest is over."""
        return {
            section: {identity: plain(objects[identity]) for identity in sorted(objects)}
            for section, objects in sorted(self.sections.items())
        }

    @property
    def digest(self) -> str:
        """Fingerprint it: `sha256:` and 64 hex digits. It does not depend on the order of objects or fields."""
        found = hashlib.sha256()
        for section, objects in sorted(self.sections.items()):
            # JSON with sorted keys takes five times as long, which a large tenant would feel in every plan.
            lines = []
            for identity, item in sorted(objects.items()):
                values = item.__dict__
                fields = [values[name] for name in specs(type(item))]
                if _has_pairs(type(item)):
                    fields = [sorted(value.items()) if isinstance(value, dict) else value for value in fields]
                lines.append(f"{section}/{identity!r}{fields!r}\n")
            found.update("".join(lines).encode("utf-8", "surrogatepass"))
        return f"sha256:{found.hexdigest()}"


@lru_cache
def _has_pairs(resource: type[Resource]) -> bool:
    return any(spec.paired_with is not None for spec in specs(resource).values())


def plain(resource: Resource) -> dict[str, Any]:
    """Turn a live object into JSON-ready data."""
    return {name: plain_value(value) for name, value in resource.__dict__.items()}


def plain_value(value: Any) -> Any:
    """Turn what a field holds into JSON-ready data; mappings come in the order of their keys."""
    match value:
        case tuple():
            return list(value)
        case dict():
            return {key: value[key] for key in sorted(value)}
        case _:
            return value


def digest(value: Any) -> str:
    """Fingerprint JSON-ready data, whatever the order of its keys: `sha256:` and 64 hex digits."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
