"""
Read a snapshot's parts, or say what is wrong with them.

A snapshot says what a vendor has, and a vendor may break its own rules; so types are checked here, forms are not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from reconciler.model.errors import ReconcilerError

FORMAT: Final = "reconciler-live/1"
_KEYS: Final = ("format", "provider", "contact_center", "tenant", "sections", "left_out")
Fields = Mapping[str, Any]


def head(state: Any, provider: str, known: Collection[str]) -> tuple[str, str, Fields]:
    """
    Read what stands above the rows.

    Args:
        state: The snapshot; all of it is optional.
        provider: Whose it must be.
        known: The sections that it may have.

    Returns:
        The tenant, "" where none is named; the contact center; the sections.

    Raises:
        ReconcilerError: It is no snapshot of this vendor's; the message names the place.
    """
    if not isinstance(state, Mapping):
        raise bad("it is not a JSON object")
    if state.get("format", FORMAT) != FORMAT:
        raise bad(f'its format is "{state["format"]}", not "{FORMAT}"')
    if state.get("provider", provider) != provider:
        raise bad(f'it is of the provider "{state["provider"]}", not of {provider}')
    odd = [name for name in state if name not in _KEYS]
    if odd:
        raise bad(f'it has an unknown key "{odd[0]}"')
    tenant = text(state, "tenant", "", "the snapshot")
    contact_center = text(state, "contact_center", "simulated", "the snapshot")
    sections = state.get("sections", {})
    if not isinstance(sections, Mapping):
        raise bad("its sections are not a mapping")
    unknown = [name for name in sections if name not in known]
    if unknown:
        raise bad(f'it has an unknown section "{unknown[0]}"')
    return tenant, contact_center, sections


def rows(sections: Fields, section: str) -> Mapping[str, Fields]:
    """Give a section's rows by identity."""
    found = sections.get(section, {})
    if not isinstance(found, Mapping):
        raise bad(f"its section {section} is not a mapping of identities to fields")
    for identity, fields in found.items():
        if not isinstance(fields, Mapping) or not isinstance(identity, str):
            raise bad(f"{section}/{identity} is not a mapping of fields")
    return found


def text(fields: Fields, name: str, default: str, where: str) -> str:
    """Read a text."""
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise bad(f"the {name} of {where} is not text")
    return value


def choice(fields: Fields, name: str, default: str, where: str, values: Collection[str]) -> str:
    """Read a text that is one of *values*."""
    value = text(fields, name, default, where)
    if value not in values:
        raise bad(f'the {name} of {where} is "{value}", and none of {", ".join(values)}')
    return value


def same(fields: Fields, name: str, identity: str, where: str) -> str:
    """Read a text that repeats the identity."""
    if fields.get(name, identity) != identity:
        raise bad(f"the {name} of {where} is not {identity}")
    return identity


def number(fields: Fields, name: str, default: int, where: str) -> int:
    """Read a whole number."""
    value = fields.get(name, default)
    if type(value) is not int:
        raise bad(f"the {name} of {where} is not a whole number")
    return value


def digits(fields: Fields, name: str, where: str) -> int | None:
    """Read a whole number above 0 that is written as text; None for ""."""
    value = text(fields, name, "", where)
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 19 and int(value) > 0):
        raise bad(f'the {name} of {where} is "{value}", and should be digits')
    return int(value)


def boolean(fields: Fields, name: str, where: str, *, default: bool) -> bool:
    """Read true or false."""
    value = fields.get(name, default)
    if not isinstance(value, bool):
        raise bad(f"the {name} of {where} is not true or false")
    return value


def texts(fields: Fields, name: str, where: str) -> list[str] | tuple[str, ...]:
    """Read a list of texts."""
    value: Any = fields.get(name, ())
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise bad(f"the {name} of {where} are not a list of texts")
    return value


def bad(problem: str) -> ReconcilerError:
    """Say that it is no snapshot to start from."""
    return ReconcilerError(
        f"this is no state that the simulator can start from: {problem}",
        remedy="use a snapshot that `reconciler fetch` or `simulate --dump` wrote",
    )
