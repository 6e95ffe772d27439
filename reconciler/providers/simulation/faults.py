"""
What goes wrong on purpose, as data: a kind, the calls it befalls, and how often.

A kind whose name ends in `-after` strikes when the call has been carried out, so a write took effect that the client
does not hear of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Final

from reconciler.model.errors import ReconcilerError

KINDS: Final[Mapping[str, str]] = {
    "error-before": "HTTP 500 (or `status`), and nothing was done",
    "error-after": "HTTP 500 (or `status`), although it was done",
    "reset-before": "the connection is reset, and nothing was done",
    "reset-after": "the connection is reset, although it was done",
    "hang-before": "no answer comes, and nothing was done",
    "hang-after": "no answer comes, although it was done",
    "slow-down": "too many requests: HTTP 429 (or `status`) with Retry-After where `retry_after` gives seconds, or the "
    "vendor's own code; nothing was done",
    "refused": "HTTP 200 (or `status`) with the error `code` and `text`; nothing was done",
    "malformed": "an answer that is no JSON, although it was done",
    "truncated": "half an answer, then the connection closes, although it was done",
    "empty": "an answer without a body, although it was done",
    "html": "an answer in HTML, although it was done",
    "wrong-total": "a list that comes in pages claims `by` more than it has",
    "missing-page": "a page of a list comes without its rows",
    "half-batch": "the second half of a batch is refused with `code` and `text`, the first half is done",
    "changed-by-hand": "somebody carries out `call` right after it, as POST /_control/call would; nothing is told",
    "clock": "the vendor's clock is off by `seconds`, in the Date header too; for all calls unless `times` is given",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One fault.

    It befalls calls whose method and api match the globs *method* and *api*, and whose body holds the text *body*: the
    first *skip* of them pass, then *times* are hit; 0 stands for all. An api is a path, or the vendor's action. *call*
    has `method`, `api` and `body`.
    """

    kind: str
    method: str = "*"
    api: str = "*"
    body: str = ""
    times: int = 1
    skip: int = 0
    status: int = 0
    code: str = ""
    text: str = ""
    retry_after: int = -1  # seconds; -1 for none
    by: int = 1
    seconds: int = 0
    call: Mapping[str, Any] | None = None

    @classmethod
    def parse(cls, data: Any) -> Fault:
        """
        Read a fault from JSON data.

        Raises:
            ReconcilerError: It is none; the remedy says what would be one.
        """
        if not isinstance(data, Mapping):
            raise ReconcilerError(
                "a fault is a JSON object",
                remedy='for example {"kind": "error-after", "method": "POST", "api": "queues"}',
            )
        kind = data.get("kind")
        if not isinstance(kind, str) or kind.replace("_", "-") not in KINDS:
            near = get_close_matches(str(kind), KINDS, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(KINDS)}"
            raise ReconcilerError(f'there is no kind of fault "{kind}"', remedy=hint)
        kind = kind.replace("_", "-")
        values: dict[str, Any] = {"times": 0} if kind == "clock" else {}
        known = {item.name: item for item in fields(cls)}
        for name, value in data.items():
            if name not in known:
                near = get_close_matches(str(name), known, n=1)
                hint = f'did you mean "{near[0]}"?' if near else f"it may have {', '.join(known)}"
                raise ReconcilerError(f'a fault has no "{name}"', remedy=hint)
            kind_of, words = _FORMS.get(str(known[name].type), (Mapping, _CALL))
            if not isinstance(value, kind_of) or isinstance(value, bool):
                raise ReconcilerError(f'the "{name}" of a fault can\'t be {value!r}', remedy=words)
            values[name] = value
        fault = replace(cls(kind=kind), **{**values, "kind": kind})
        if fault.times < 0 or fault.skip < 0 or not (fault.status == 0 or 200 <= fault.status <= 599):
            raise ReconcilerError(
                "the numbers of a fault make no sense", remedy="times and skip are 0 or more, status is 200 to 599"
            )
        if (fault.call is None) == (kind == "changed-by-hand") or not _is_call(fault.call or {}):
            raise ReconcilerError(f'the fault "{kind}" and this "call" do not go together', remedy=_CALL)
        if abs(fault.seconds) > _CENTURY_S:
            raise ReconcilerError("a clock can't be off by more than a century", remedy="give fewer seconds")
        return fault

    def befalls(self, method: str, api: str, body: str) -> bool:
        """Whether a call matches."""
        named = fnmatchcase(method, self.method.upper()) and fnmatchcase(api, self.api.strip("/"))
        return named and self.body in body

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON data."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


_CENTURY_S: Final = 3_155_760_000
_CALL: Final = 'changed-by-hand has one: {"method": "PUT", "api": "queues", "body": {…}}; other kinds have none'
_FORMS: Final[Mapping[str, tuple[type, str]]] = {"int": (int, "it is a whole number"), "str": (str, "it is text")}


def _is_call(call: Mapping[str, Any]) -> bool:
    texts = (call.get("method", "GET"), call.get("api", ""))
    body = call.get("body")
    known = {"method", "api", "body"}.issuperset(call)
    return known and all(isinstance(text, str) for text in texts) and (body is None or isinstance(body, dict))


class Faults:
    """The faults still to come, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add one at the end."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Drop them all."""
        self._waiting.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """List them, with what is left of `times` and `skip`."""
        return [fault.as_json() for fault in self._waiting]

    def strike(self, method: str, api: str, body: str = "") -> tuple[Fault | None, int]:
        """
        Find what befalls a call, and use it up.

        Returns:
            The first fault that is due, if any, and by how many seconds the vendor's clock is off.
        """
        hit: Fault | None = None
        offset_s = 0
        left: list[Fault] = []
        for fault in self._waiting:
            if not fault.befalls(method, api, body):
                left.append(fault)
            elif fault.skip:
                left.append(replace(fault, skip=fault.skip - 1))
            elif fault.kind != "clock" and hit is not None:
                left.append(fault)
            else:
                if fault.kind == "clock":
                    offset_s += fault.seconds
                else:
                    hit = fault
                if fault.times != 1:
                    left.append(replace(fault, times=max(0, fault.times - 1)))
        self._waiting = left
        return hit, offset_s
