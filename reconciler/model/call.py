"""
One request to a vendor, what it states about the world, and what came back.

A call says what must hold before it (`requires`, `forbids`, and `prefers` where that is only better for callers)
and what it changes (`gives`, `takes`). Order, legality and the reasons that `plan` prints follow from these
statements alone; no stage knows what a queue is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

Fact: TypeAlias = tuple[str, ...]
"""Something that is true of a tenant or not: `("serves", "10031", "9001")`. The vendor's folder picks the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """
    A file that travels with a call. It is read when the call is sent, and refused if its digest has changed since.

    *path* is relative to the configuration's folder, *digest* the first 16 hex digits of its SHA-256.
    """

    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Given:
    """
    A value in a body that only an earlier call's answer tells: *field* of what the call that gives *fact* learns.

    `plan.order` turns it into `{"from": "c1", "field": "SkillGroupId"}`, which is what plans and their JSON hold.
    """

    fact: Fact
    field: str


@dataclass(frozen=True, slots=True)
class Call:
    """
    One request.

    *path* starts at the vendor's host. *accepts* names conditions that are as good as success here, in the
    vendor folder's words ("exists" for a creation that makes sure). *otherwise* is the same wish in another form, for
    what the vendor's page leaves open: sent when the first form was refused with a condition in *otherwise_on*, which
    means that nothing was done. *sets* are the fields that an update means to change, where its body has to hold more
    of the object; none where that is not told. *read_only* marks a read whose method does not tell. *confirm*: when
    it has worked it is read back before what waits for it starts, and what is missing is made good (`Provider.mend`),
    since the vendor's page leaves open how much of it is done. *members* names what stands in a batch, in the order of
    its body and as facts have it, where the body does not tell. *id* and *needs* are given by `plan.order`. *changes*
    are the addresses that this call serves, *why* one line for people. *meanwhile* says what callers or agents do
    without if it has to run before what it prefers, and *loss* how much that is: where some call must, it is the one
    that loses least.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    _: KW_ONLY
    action: str | None = None
    read_only: bool = False
    confirm: bool = False
    members: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    upload: Upload | None = None
    accepts: frozenset[str] = frozenset()
    otherwise: Call | None = None
    otherwise_on: frozenset[str] = frozenset()
    sets: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    why: str = ""
    requires: frozenset[Fact] = frozenset()
    forbids: frozenset[Fact] = frozenset()
    prefers: frozenset[Fact] = frozenset()
    gives: frozenset[Fact] = frozenset()
    takes: frozenset[Fact] = frozenset()
    meanwhile: str = ""
    loss: int = 0
    id: str = ""
    needs: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether it may change something: a GET never does, and neither does what is marked as a read."""
        return not self.read_only and self.method != "GET"

    @property
    def title(self) -> str:
        """What to call it in a message: `PUT /ccapi/v2/queues`, or the vendor's action."""
        return self.action or f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    What the vendor answered to a call that worked.

    *payload* is the decoded document as the vendor's folder understands it; *condition* is "ok", or the one of the
    call's `accepts` that was met.
    """

    payload: Mapping[str, Any]
    condition: str = "ok"
    request_id: str = ""  # the vendor's own, where it gives one


def known(call: Call, given: Mapping[str, Mapping[str, Any]]) -> Call:
    """
    Put what earlier calls' answers gave into a call's body.

    Args:
        call: One of an ordered plan.
        given: Values by call id and field.

    Raises:
        KeyError: A value is not known.
    """
    return filled(call, lambda place: given[place["from"]][place["field"]])


def asked(call: Call) -> frozenset[tuple[str, str]]:
    """Name the values that a call of an ordered plan needs of earlier answers, as call ids and fields."""
    found: set[tuple[str, str]] = set()

    def note(place: Mapping[str, str]) -> Any:
        found.add((place["from"], place["field"]))
        return place

    filled(call, note)
    return frozenset(found)


def filled(call: Call, fill: Callable[[Any], Any]) -> Call:
    """
    Replace what stands in a call's body, and in that of its other form, for values that earlier answers give.

    *fill* is handed each `Given` or, of an ordered plan, each `{"from": "c1", "field": "…"}`.
    """
    form = call.otherwise
    body = None if call.body is None else _filled(call.body, fill)
    otherwise = None if form is None else filled(form, fill)
    if body is call.body and otherwise is form:
        return call
    return replace(call, body=body, otherwise=otherwise)


def _filled(value: Any, fill: Callable[[Any], Any]) -> Any:
    """Fill in one value; it comes back as it is where nothing was to be filled in."""
    if isinstance(value, Given):
        return fill(value)
    if isinstance(value, Mapping):
        if value.keys() == {"from", "field"}:
            return fill(value)
        made: Any = {name: _filled(item, fill) for name, item in value.items()}
        return made if any(made[name] is not value[name] for name in made) else value
    if isinstance(value, (list, tuple)):
        made = [_filled(item, fill) for item in value]
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    return value


T = TypeVar("T")

Reading: TypeAlias = Generator[tuple[Call, ...], tuple[Reply, ...], T]
"""A read as a generator: it yields calls that may go out together, is sent their replies, and returns a value."""


def drive(reading: Reading[T], replies: Mapping[str, Reply]) -> T:
    """Run *reading* on prepared replies, by `Call.title`; for tests and the rehearsal, which have no network."""
    return run(reading, lambda call: replies[call.title])


def run(reading: Reading[T], answer: Any) -> T:
    """Run *reading* with a plain function from call to reply."""
    try:
        calls = next(reading)
        while True:
            calls = reading.send(tuple(answer(call) for call in calls))
    except StopIteration as stop:
        value: T = stop.value
        return value
