"""
Queues by name: the vendor's rows name them by id, our files and plans by name.

A group that the list of groups does not show keeps its id, as `#1002`: it can be left, and is never taken for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_names(sections: Mapping[str, Mapping[str, Any]], section: str, field: str) -> tuple[Any, ...]:
    """Put the names of queues where rows of *section* have their ids, in *field* and what belongs to it."""
    names = {queue.id: name for name, queue in sections["queues"].items()}
    return tuple(_named(item, field, names) for item in sections[section].values())


def _named(item: Any, field: str, names: Mapping[str, str]) -> Any:
    values = item.__dict__
    made: dict[str, Any] = {}
    if values[field]:
        made[field] = tuple(sorted(_name(number, names) for number in values[field]))
    if values.get("priorities"):
        priorities = {_name(number, names): value for number, value in values["priorities"].items()}
        made["priorities"] = dict(sorted(priorities.items()))
    kind, _, target = values.get("forwards_to", "").partition("/")
    if kind == "queues":
        made["forwards_to"] = f"queues/{_name(target, names)}"
    if not made:
        return item
    shown = item.model_fields_set
    return type(item).live({name: value for name, value in {**values, **made}.items() if name in shown})


def _name(number: str, names: Mapping[str, str]) -> str:
    """Name a queue; what is a name already stays, so that naming twice does no harm."""
    return names.get(number, f"#{number}" if number.isdecimal() else number)
