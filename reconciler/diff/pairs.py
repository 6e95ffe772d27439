"""What belongs to each pair of an object and a member of one of its lists: an agent's priority in a queue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from reconciler.model.change import ValueChange
from reconciler.model.desired import Entry
from reconciler.model.resource import FieldSpec, Resource


def completed(
    spec: FieldSpec, entry: Entry, live: Resource, members: Collection[str], left_out: Collection[str]
) -> Any:
    """
    Give the value of each member that the object will have: the wished one, else the live one.

    Args:
        spec: The field.
        entry: The wish.
        live: What is there.
        members: Those that the object will have.
        left_out: Of these, members whose values nobody may change.
    """
    has: Mapping[str, Any] = live.__dict__[spec.name]
    wished = _wished(spec, entry)
    values = {**has, **{member: value for member, value in wished.items() if member not in left_out}}
    return {member: values[member] for member in sorted(members) if member in values}


def difference(spec: FieldSpec, entry: Entry, live: Resource, after: Mapping[str, Any]) -> ValueChange | None:
    """
    Compare what the wish names; *after* is what will be.

    Returns:
        The values of those members alone that differ; *before* lacks members that are new to the object.
    """
    has: Mapping[str, Any] = live.__dict__[spec.name]
    names = [name for name in sorted(_wished(spec, entry)) if name in after and after[name] != has.get(name)]
    if not names:
        return None
    return ValueChange(
        path=spec.name,
        before={name: has[name] for name in names if name in has},
        after={name: after[name] for name in names},
    )


def _wished(spec: FieldSpec, entry: Entry) -> Mapping[str, Any]:
    if spec.name not in entry.written:
        return {}
    wished: Mapping[str, Any] = entry.resource.__dict__[spec.name]
    return wished
