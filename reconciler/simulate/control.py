"""The control address of a simulated vendor, `/_control`, which no vendor has. Nothing there is signed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from reconciler.model.errors import ReconcilerError
from reconciler.providers.base import Face, Response
from reconciler.simulate.calls import Calls

CONTROL: Final = "/_control"
_MAX_LATENCY_MS: Final = 600_000
_HELP: Final = {
    f"GET {CONTROL}": "this",
    f"GET {CONTROL}/state": "the state, as a snapshot",
    f"PUT {CONTROL}/state": "go on from the snapshot in the body",
    f"GET {CONTROL}/calls": "calls so far, the most in one second, and the most in flight",
    f"DELETE {CONTROL}/calls": "forget the calls so far",
    f"GET {CONTROL}/faults": "the faults still to come",
    f"POST {CONTROL}/faults": "add a fault, or a list of them",
    f"DELETE {CONTROL}/faults": "drop all faults",
    f"GET {CONTROL}/latency": "how long every answer is delayed",
    f"POST {CONTROL}/latency": 'delay every answer: {"latency_ms": 20}',
    f"POST {CONTROL}/call": 'carry out a call unsigned: {"method": "PUT", "api": "queues", "body": {…}}',
}


class Control:
    """What can be asked of a simulated vendor beside its own calls."""

    def __init__(self, face: Face, calls: Calls, *, latency_ms: int) -> None:
        self._face = face
        self._calls = calls
        self.latency_ms = latency(latency_ms)
        self._doors: Mapping[str, Callable[[bytes], Any]] = {
            f"GET {CONTROL}": lambda _: {"control": _HELP, **face.help()},
            f"GET {CONTROL}/state": lambda _: face.state(),
            f"PUT {CONTROL}/state": lambda body: face.load(read_json(body)),
            f"GET {CONTROL}/calls": lambda _: calls.as_json(),
            f"DELETE {CONTROL}/calls": lambda _: calls.clear(),
            f"GET {CONTROL}/faults": lambda _: face.faults(),
            f"POST {CONTROL}/faults": self._add_faults,
            f"DELETE {CONTROL}/faults": lambda _: face.clear_faults(),
            f"GET {CONTROL}/latency": lambda _: {"latency_ms": self.latency_ms},
            f"POST {CONTROL}/latency": self._set_latency,
            f"POST {CONTROL}/call": self._call,
        }
        assert self._doors.keys() == _HELP.keys(), "the help names every door"

    def answer(self, method: str, path: str, body: bytes) -> Response:
        """Answer one request."""
        what = f"{method} {path.rstrip('/')}"
        door = self._doors.get(what)
        if door is None:
            return as_json(404, {"error": f"there is no {what}", "control": _HELP})
        try:
            result = door(body)
        except ReconcilerError as error:
            return as_json(400, {"error": str(error), "remedy": error.remedy})
        return as_json(200, {} if result is None else result)

    def _add_faults(self, body: bytes) -> None:
        faults = read_json(body)
        for fault in faults if isinstance(faults, list) else [faults]:
            self._face.add_fault(fault)

    def _set_latency(self, body: bytes) -> None:
        self.latency_ms = latency(_object(body, "latency_ms").get("latency_ms"))

    def _call(self, body: bytes) -> Mapping[str, Any]:
        asked = _object(body, "method", "api", "body")
        method, api, given = asked.get("method", "GET"), asked.get("api"), asked.get("body")
        if not isinstance(method, str) or not isinstance(api, str) or not (given is None or isinstance(given, dict)):
            raise ReconcilerError("this is no call", remedy=_HELP[f"POST {CONTROL}/call"])
        return self._face.call(method, api, given)


def latency(value: Any) -> int:
    """Check milliseconds, or raise `ReconcilerError`."""
    if type(value) is not int or not 0 <= value <= _MAX_LATENCY_MS:
        raise ReconcilerError(
            f"a latency can't be {value!r}", remedy=f"give milliseconds, a whole number from 0 to {_MAX_LATENCY_MS}"
        )
    return value


def as_json(status: int, data: Any) -> Response:
    """Answer with JSON."""
    content = json.dumps(data, ensure_ascii=False, default=list).encode("utf-8", "replace") + b"\n"
    return Response(status=status, headers={"content-type": "application/json;charset=utf-8"}, body=content)


def read_json(body: bytes) -> Any:
    """Read JSON, or raise `ReconcilerError`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as cause:
        raise ReconcilerError("this is no JSON", remedy=f"GET {CONTROL} says what goes where") from cause


def _object(body: bytes, *known: str) -> Mapping[str, Any]:
    data = read_json(body)
    if not isinstance(data, dict) or not data.keys() <= set(known):
        raise ReconcilerError(f"a JSON object is due, with {', '.join(known)}", remedy=f"GET {CONTROL} says more")
    return data
