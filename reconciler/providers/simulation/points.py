"""
What a vendor's reference leaves open, as settings: one dataclass a vendor, one field an open point.

A field's annotation has the values that it may have and an `Open` beside them; its default is the likeliest reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, Final, Self, TypeVar, get_args, get_type_hints

from reconciler.model.errors import ReconcilerError


@dataclass(frozen=True, slots=True)
class Open:
    """
    An open point: the question, and the section of the page that raises it.

    *tried* are the values that `variations` tries for a number, *lowest* the least that it may be; *along* are settings
    that make a value show.
    """

    question: str
    page: str
    tried: tuple[int, ...] = ()
    along: tuple[tuple[str, Any], ...] = ()
    lowest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoints:
    """What every vendor's settings can do."""

    @classmethod
    def parse(cls, settings: Iterable[str]) -> Self:
        """
        Read `name=value` settings.

        Raises:
            ReconcilerError: No such setting or value; the remedy names those that there are.
        """
        return replace(cls(), **dict(_setting(cls, item) for item in settings))


D = TypeVar("D", bound=OpenPoints)


def points(dialect: type[OpenPoints]) -> Mapping[str, tuple[Open, tuple[str, ...]]]:
    """List the open points by setting, with the values each may have; none stand for a number."""
    if dialect not in _POINTS:
        _POINTS[dialect] = _points(dialect)
    return _POINTS[dialect]


_POINTS: Final[dict[type[OpenPoints], Mapping[str, tuple[Open, tuple[str, ...]]]]] = {}


def _points(dialect: type[OpenPoints]) -> Mapping[str, tuple[Open, tuple[str, ...]]]:
    hints = get_type_hints(dialect, include_extras=True)
    found = {}
    for item in fields(dialect):
        kind, point = get_args(hints[item.name])
        found[item.name] = (point, () if kind is int else get_args(kind))
    return found


def variations(dialect: type[D]) -> dict[str, D]:
    """Give the default dialect, and every one that differs from it in one setting, by `name=value`."""
    return dict(_variations(dialect))


def described(dialect: OpenPoints) -> dict[str, dict[str, Any]]:
    """Say how a dialect reads each open point, as `providers.base.Face.help` does."""
    return {
        name: {
            "value": getattr(dialect, name),
            "values": values or "a number",
            "question": point.question,
            "page": point.page,
        }
        for name, (point, values) in points(type(dialect)).items()
    }


def _setting(dialect: type[OpenPoints], text: str) -> tuple[str, Any]:
    known = points(dialect)
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    value = value.strip()
    if not equals:
        examples = {name: values[-1] for name, (_, values) in known.items() if values}
        example = name if name in examples else next(iter(examples))
        raise ReconcilerError(
            f'the dialect setting "{text}" has no value',
            remedy=f"write name=value, such as {example}={examples[example]}",
        )
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(known)}"
        raise ReconcilerError(f'there is no dialect setting "{name}"', remedy=hint)
    point, values = known[name]
    if values:
        if value not in values:
            raise ReconcilerError(
                f'the dialect setting {name} can\'t be "{value}"', remedy=f"it may be {', '.join(values)}"
            )
        return name, value
    if not (value.isascii() and value.isdigit() and len(value) < 7 and int(value) >= point.lowest):
        raise ReconcilerError(
            f'the dialect setting {name} can\'t be "{value}"',
            remedy=f"it is a number from {point.lowest} to 999999",
        )
    return name, int(value)


def _variations(dialect: type[D]) -> Iterator[tuple[str, D]]:
    likeliest = dialect()
    yield "default", likeliest
    for name, (point, values) in points(dialect).items():
        for value in values or point.tried:
            if value != getattr(likeliest, name):
                changes: dict[str, Any] = {name: value, **dict(point.along)}
                yield f"{name}={value}", replace(likeliest, **changes)
