"""Read the parameters of a body, or refuse it. Source: Udesk CTI Cloud API, "Data Format Conventions"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from reconciler.providers.udesk.simulator.answers import parameter

Body = Mapping[str, Any]


class Trusted(dict[str, Any]):
    """
    A body whose forms are not checked, only its effect: the rehearsal's.

    It carries what the vendor itself has shown, and a live vendor may break its own rules.
    """


# "PSTN Numbers": 0 and area and number; eleven digits; 00 and country and number.
PHONE: Final = re.compile(r"0[0-9]{5,20}|[1-9][0-9]{10}")
EXTENSION: Final = re.compile(r"[1-9][0-9]{3}")  # "Extension Numbers"
QUEUE_ID: Final = re.compile(r"9[0-9]{3}")  # "Queue ID (QueueId)"
AGENT_ID: Final = re.compile(r"[0-9]{1,32}")  # "Agent ID (AgentId)"
WORK_ID: Final = re.compile(r"\w{1,32}")  # "Agent Work Number (WorkId)"
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
URL: Final = re.compile(r"https?://\S+")
KEY: Final = re.compile(r"[0-9]")  # "Update Fast Router Configuration": Dtmf, 0~9


def needed(body: Body, name: str, form: re.Pattern[str] | None = None, *, blank: str = "") -> str:
    """Read a text that must be there; *blank* is what the vendor says when it is not."""
    value = body.get(name)
    if isinstance(body, Trusted) and isinstance(value, str):
        return value
    if value is None or value == "":
        raise parameter(blank or f"{name} Blank")
    if not isinstance(value, str) or (form is not None and form.fullmatch(value) is None):
        raise parameter("ParamsInvalid")
    return value


def text(body: Body, name: str, default: str, form: re.Pattern[str] | None = None) -> str:
    """Read a text that may be left out; "" is no value, whatever the form."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(body, Trusted) and isinstance(value, str):
        return value
    if not isinstance(value, str) or (value and form is not None and form.fullmatch(value) is None):
        raise parameter("ParamsInvalid")
    return value


def choice(body: Body, name: str, default: str, choices: tuple[str, ...]) -> str:
    """Read one of some words; "" and nothing stand for the default."""
    value = body.get(name)
    if value is None or value == "":
        return default
    if isinstance(body, Trusted) and isinstance(value, str):
        return value
    if not isinstance(value, str) or value not in choices:
        raise parameter("ParamsInvalid")
    return value


def number(body: Body, name: str, default: int, *, low: int, high: int) -> int:
    """Read a whole number from *low* to *high*."""
    value = body.get(name)
    if value is None:
        return default
    if type(value) is not int or not (isinstance(body, Trusted) or low <= value <= high):
        raise parameter("ParamsInvalid")
    return value


def boolean(body: Body, name: str, *, default: bool) -> bool:
    """Read a boolean."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise parameter("ParamsInvalid")
    return value


def texts(body: Body, name: str, form: re.Pattern[str] | None = None, *, blank: str = "") -> list[str]:
    """Read a list of texts with at least one member, each once."""
    value = body.get(name)
    if value is None or value == []:
        raise parameter(blank or f"{name} Blank")
    if not isinstance(value, list):
        raise parameter("ParamsInvalid")
    checked = form is not None and not isinstance(body, Trusted)
    for item in value:
        if not isinstance(item, str) or not item or (checked and form is not None and form.fullmatch(item) is None):
            raise parameter("ParamsInvalid")
    return list(dict.fromkeys(value))


def objects(body: Body, name: str, *, empty: bool = False) -> list[Body]:
    """Read a list of objects, with at least one member unless it may be *empty*."""
    value = body.get(name)
    if value is None or (value == [] and not empty):
        raise parameter(f"{name} Blank")
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise parameter("ParamsInvalid")
    return [Trusted(item) for item in value] if isinstance(body, Trusted) else value
