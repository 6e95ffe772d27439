"""What the machine answers, and the vendor's codes. Source: Udesk CTI Cloud API, "Code Error Codes"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

OK: Final = "000000"
BAD_PARAMETER: Final = "000001"
INTERNAL: Final = "000003"
NOT_THERE: Final = "000004"
BAD_REQUEST: Final = "000036"  # not on the page; a second public document of the same API has it
UNKNOWN_APP: Final = "100002"
OVERLOADED: Final = "100004"  # a duplicate, a broken body, and an agent that can't be deleted all share it
NAME_EXISTS: Final = "100006"  # from the second document, as BAD_REQUEST
INVALID_WAV: Final = "100008"  # from the second document, as BAD_REQUEST
EXTENSION_EXISTS: Final = "100015"
EXTENSION_BOUND: Final = "100016"
BLANK_APP: Final = "100017"
NOT_FOUND: Final = "100018"

# The page lists statuses and codes, and not which go together. These follow its words ("HTTP Status Code"): 400 the
# request has errors, 403 access is forbidden, 404 a record that does not exist, 422 an object can't be created so.
_STATUS: Final = {
    BAD_PARAMETER: 400,
    INTERNAL: 500,
    NOT_THERE: 404,
    UNKNOWN_APP: 403,
    OVERLOADED: 422,
    NAME_EXISTS: 422,
    INVALID_WAV: 422,
    EXTENSION_EXISTS: 422,
    EXTENSION_BOUND: 422,
    BLANK_APP: 400,
    NOT_FOUND: 404,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    One answer of the machine, before HTTP.

    *beside* are members that stand next to `Result`; *status* is the HTTP status that the dialect gives it.
    """

    code: str = OK
    text: str = "OK"
    result: Any = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return self.code == OK

    def document(self) -> dict[str, Any]:
        """Give the envelope. Source: "Response Format"."""
        return {"ErrCode": self.code, "ErrDesc": self.text, "Result": self.result, **self.beside}


class Denied(Exception):
    """The vendor refuses; raised inside the machine, and answered by it."""

    def __init__(self, code: str, text: str, *, status: int | None = None) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.status = status  # a status that holds in every dialect

    def answer(self, *, as_status: bool) -> Answer:
        """Give the refusal, as 200 or with the status that its code suggests."""
        status = self.status or (_STATUS.get(self.code, 400) if as_status else 200)
        return Answer(code=self.code, text=self.text, status=status)


def parameter(text: str = "Parameter error") -> Denied:
    """Say that a parameter is blank or bad."""
    return Denied(BAD_PARAMETER, text)


def not_found(text: str = "RecordNotFound") -> Denied:
    """Say that what the call names is not there."""
    return Denied(NOT_FOUND, text)


def nothing_to_delete() -> Denied:
    """Say that what should go is not there."""
    return Denied(NOT_THERE, "Data does not exist")


def duplicate(value: str, key: str) -> Denied:
    """Say that it exists already."""
    return Denied(OVERLOADED, f"Duplicate entry '{value}' for key '{key}'")


def broken_body() -> Denied:
    """Say that the body is missing, or no JSON object."""
    return Denied(OVERLOADED, "unexpected end of JSON input")
