"""
The live state as a file: written by `fetch`, read by `plan --live` and `simulate --seed`.

    {"format": "reconciler-live/1", "provider": "udesk", "contact_center": …, "tenant": …,
     "sections": {section: {identity: {field: value}}}}

Where the vendor's edition does not show a section, `"left_out": [section, …]` says so.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from reconciler.model.desired import Desired
from reconciler.model.errors import ReconcilerError
from reconciler.model.kind import Kind
from reconciler.model.live import Live, Memory
from reconciler.model.resource import Resource
from reconciler.providers.base import Provider

FORMAT: Final = "reconciler-live/1"
_REMEDY: Final = "Make one with: reconciler fetch PATH --out SNAPSHOT.json"


def document(live: Live, desired: Desired, provider: Provider) -> dict[str, Any]:
    """Turn the live state into a snapshot's document, unmasked."""
    return {
        "format": FORMAT,
        "provider": provider.name,
        "contact_center": desired.contact_center,
        "tenant": desired.settings.tenant,
        "sections": live.as_json(),
    }


def dumps(live: Live, desired: Desired, provider: Provider, *, left_out: Sequence[str] = ()) -> str:
    """Write a snapshot, *left_out* the sections that the vendor does not show; the same state gives the same bytes."""
    whole = document(live, desired, provider) | ({"left_out": sorted(left_out)} if left_out else {})
    return json.dumps(desired.mask.tree(whole), indent=1, ensure_ascii=False) + "\n"


def write_file(path: str, text: str, *, mode: int = 0o600) -> None:
    """Replace a file in one step; a run that is cut leaves the old one. Raises OSError."""
    target = Path(path)
    if target.exists() and not target.is_file():  # a pipe, /dev/stdout
        target.write_text(text, encoding="utf-8")
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: str, desired: Desired, provider: Provider, memory: Memory) -> Live:
    """
    Read a snapshot of the configuration's tenant.

    Raises:
        ReconcilerError: It is not readable, not a snapshot, or another tenant's.
    """
    try:
        document = json.loads(Path(path).read_bytes())
    except OSError as cause:
        raise ReconcilerError(f"{path} can't be read: {cause.strerror}", remedy=_REMEDY) from cause
    except (ValueError, RecursionError) as cause:
        raise ReconcilerError(f"{path} is no JSON", remedy=_REMEDY) from cause
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ReconcilerError(f"{path} is no snapshot in the format {FORMAT}", remedy=_REMEDY)
    if document.get("provider") != provider.name or document.get("tenant") != desired.settings.tenant:
        raise ReconcilerError(
            f"{path} was taken from {document.get('provider')} {document.get('tenant')}, and the configuration is for "
            f"{provider.name} {desired.settings.tenant}",
            remedy="Fetch a snapshot of this tenant.",
        )
    sections = document.get("sections")
    if not isinstance(sections, dict):
        raise ReconcilerError(f"{path} has no sections", remedy=_REMEDY)
    found: dict[str, Mapping[str, Resource]] = {}
    for name, kind in provider.kinds.items():
        if name in sections:
            found[name] = _section(path, kind, sections[name])
    return Live(found, memory)


def left_out(path: str) -> frozenset[str]:
    """Name the sections that the vendor did not show when a snapshot, which can be read, was taken."""
    named = json.loads(Path(path).read_bytes()).get("left_out")
    return frozenset(item for item in named if isinstance(item, str)) if isinstance(named, list) else frozenset()


def _section(path: str, kind: Kind[Any], objects: Any) -> dict[str, Resource]:
    if not isinstance(objects, dict):
        raise ReconcilerError(f"{path}: sections.{kind.section} is no object", remedy=_REMEDY)
    examples = {
        name: info.get_default() if info.default is not None and not info.is_required() else ""
        for name, info in kind.resource.model_fields.items()
    }
    return {identity: _object(path, kind, identity, fields, examples) for identity, fields in objects.items()}


def _object(path: str, kind: Kind[Any], identity: str, fields: Any, examples: Mapping[str, Any]) -> Resource:
    """Read one object; *examples* are values of the kinds that its fields hold, by name."""
    where = f"{path}: sections.{kind.section}.{identity}"
    if not isinstance(fields, dict):
        raise ReconcilerError(f"{where} is no object", remedy=_REMEDY)
    values = {}
    for name, example in examples.items():
        value = fields.get(name, example)
        if isinstance(example, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = tuple(sorted(value))
        if isinstance(example, dict) and isinstance(value, dict):
            value = {key: value[key] for key in sorted(value)}
            if not all(type(item) is int for item in value.values()):
                raise ReconcilerError(f"{where}.{name} is not of the kind that a snapshot holds there", remedy=_REMEDY)
        if type(value) is not type(example):
            raise ReconcilerError(f"{where}.{name} is not of the kind that a snapshot holds there", remedy=_REMEDY)
        values[name] = value
    live: Resource = kind.resource.live(values)
    if kind.identity(live) != identity:
        raise ReconcilerError(f"{where} is the entry of {kind.identity(live) or 'nothing'}", remedy=_REMEDY)
    return live
