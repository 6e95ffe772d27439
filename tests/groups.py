"""
Kinds of a vendor whose queues have a name for an identity, and what belongs to pairs: made for tests alone.

Nothing here sends anything: these are declarations, and plain data turned into the values that stages take.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

from reconciler.model.change import Source
from reconciler.model.desired import Desired, Entry, Manage, Settings
from reconciler.model.kind import Kind, Lowered, Shape
from reconciler.model.live import Live, Memory
from reconciler.model.resource import (
    Computed,
    Identity,
    PairedWith,
    RefTo,
    RenamedFrom,
    Resource,
    Unordered,
    identity_field,
    specs,
)


class Queue(Resource):
    """A waiting line that is known by its name."""

    label_field: ClassVar[str | None] = None

    name: Annotated[str, Identity()] = ""
    places: int = 1
    renamed_from: Annotated[str, RenamedFrom()] = ""
    id: Annotated[str, Computed()] = ""


class Agent(Resource):
    """Somebody who serves queues, each with a priority."""

    email: Annotated[str, Identity()] = ""
    nick: str = ""
    queues: Annotated[tuple[str, ...], RefTo("queues", staffs=True), Unordered()] = ()
    priorities: Annotated[dict[str, int], PairedWith("queues", "priority")] = {}  # noqa: RUF012 - pydantic copies it


class Extension(Resource):
    """A telephone of an agent, who may be deleted all the same."""

    number: Annotated[str, Identity()] = ""
    agent: Annotated[str, RefTo("agents", lets_go=True)] = ""
    queue: Annotated[str, RefTo("queues")] = ""


class Number(Resource):
    """A number that is bought."""

    number: Annotated[str, Identity()] = ""
    enabled: bool = True
    queues: Annotated[tuple[str, ...], RefTo("queues"), Unordered()] = ()


def _kind(section: str, one: str, resource: type[Resource], **rest: Any) -> Kind[Any]:
    own = identity_field(resource)
    assert own is not None, "all of these have one"
    return Kind(
        section=section,
        one=one,
        resource=resource,
        shape=Shape.NAMED,
        lower=lambda _changes, _context: Lowered(),
        description="",
        identity=lambda item: str(item.__dict__[own]),
        **rest,
    )


KINDS: Final[Mapping[str, Kind[Any]]] = {
    "queues": _kind("queues", "queue", Queue, collection=True),
    "agents": _kind("agents", "agent", Agent, collection=True),
    "extensions": _kind("extensions", "extension", Extension, collection=True),
    "numbers": _kind("numbers", "number", Number, given="numbers are bought in the console"),
}

Tenant = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Nothing(Settings):
    """Settings of a vendor that needs none."""

    @property
    def tenant(self) -> str:
        """Name the only one."""
        return "1"


def live_of(tenant: Tenant, *, memory: Mapping[str, Any] | None = None) -> Live:
    """Make the live state of plain data, by section and identity; sections that are left out are there and empty."""
    sections = {}
    for section, kind in KINDS.items():
        own = str(identity_field(kind.resource))
        sections[section] = {
            identity: kind.resource.live({**_values(kind.resource, fields), own: identity})
            for identity, fields in tenant.get(section, {}).items()
        }
    return Live(sections, Memory(memory or {}))


def desired_of(tenant: Tenant, **manage: Mapping[str, Any]) -> Desired:
    """Make a wish of plain data as `load` would, by section and identity, which is the local name as well."""
    sections = {
        section: {identity: _entry(section, identity, data) for identity, data in items.items()}
        for section, items in tenant.items()
    }
    return Desired(
        contact_center="acme",
        settings=Nothing(type="none"),
        sections=sections,
        manage={section: Manage.model_validate(rule) for section, rule in manage.items()},
    )


def _values(resource: type[Resource], fields: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: info.get_default() for name, info in resource.model_fields.items()}
    return values | {
        name: tuple(sorted(value)) if specs(resource)[name].is_list else value for name, value in fields.items()
    }


def _entry(section: str, identity: str, fields: Mapping[str, Any]) -> Entry:
    resource = KINDS[section].resource
    own = str(identity_field(resource))
    given = {key: tuple(sorted(value)) if specs(resource)[key].is_list else value for key, value in fields.items()}
    return Entry(
        section=section,
        name=identity,
        identity=identity,
        resource=resource.model_validate({**given, own: identity}),
        source=Source(file=f"{section}.yaml", line=1, column=1),
        written=frozenset(key for key in fields if not specs(resource)[key].renamed_from),
    )
