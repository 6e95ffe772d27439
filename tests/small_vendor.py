"""A vendor of a few small kinds, for what `load`, the schema and the export need to know of no particular one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, cast

from pydantic import Field

from reconciler.load import Loaded, load
from reconciler.model.change import Change
from reconciler.model.desired import Desired, Entry, Settings
from reconciler.model.diagnostics import Diagnostic
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.resource import Computed, Identity, PairedWith, RefTo, RenamedFrom, Resource, Unordered
from reconciler.model.scalars import Boolean, Integer
from reconciler.providers.base import Provider
from tests.configurations import write

HEAD: Final = "version: 1\ncontact_center: acme\nprovider: {type: small}\n"


class Queue(Resource):
    """A queue, whose name is its identity."""

    name: Annotated[str, Identity(), Field(min_length=1, description="Its name.")]
    size: Annotated[Integer, Field(ge=1, description="How many it holds.")] = 1
    renamed_from: Annotated[str, RenamedFrom(), Field(min_length=1, description="Its old name.")] = ""
    id: Annotated[str, Computed()] = ""


class Agent(Resource):
    """A person, whose email is the identity."""

    email: Annotated[str, Identity(fold=True), Field(pattern=r"^[^@\s]+@[^@\s]+$", description="The address.")]
    name: Annotated[str, Field(description="The name.")] = ""
    queues: Annotated[tuple[str, ...], RefTo("queues", staffs=True), Unordered(), Field(description="The queues.")] = ()
    priorities: Annotated[
        dict[str, Annotated[Integer, Field(ge=1, le=5)]],
        PairedWith("queues", "priority", default=3),
        Field(description="1 to 5."),
    ] = {}  # noqa: RUF012 - pydantic copies it
    badges: Annotated[tuple[str, ...], RefTo("badges", implied=True), Unordered(), Field(description="Badges.")] = ()


class Badge(Resource):
    """What an agent wears; naming it makes it."""

    code: Annotated[str, Identity(fold=True), Field(pattern=r"^[A-Za-z]{1,4}$", description="Letters.")]


class Phone(Resource):
    """A telephone, of one agent, and watched by others."""

    number: Annotated[str, Identity(), Field(pattern=r"^[0-9]{4}$", description="Four digits.")]
    agent: Annotated[str, RefTo("agents"), Field(description="Whose it is.")] = ""
    watchers: Annotated[tuple[str, ...], RefTo("agents"), Unordered(), Field(description="Who watches it.")] = ()


class Number(Resource):
    """A number, which nobody makes."""

    number: Annotated[str, Identity(), Field(description="The number.")]
    enabled: Annotated[Boolean, Field(description="Whether it works.")] = True
    memo: Annotated[str, Field(description="A note.")] = ""


class SmallSettings(Settings):
    """How to reach it: not at all."""

    @property
    def tenant(self) -> str:
        """The only one."""
        return "one"


def _lower(_changes: Sequence[Change], _context: Context) -> Lowered:
    return Lowered()


def _kind(section: str, one: str, resource: type[Any], identity: str, **more: Any) -> Kind[Any]:
    shape = more.pop("shape", Shape.NAMED)
    return Kind(
        section=section,
        one=one,
        resource=resource,
        shape=shape,
        description=f"All {section}.",
        identity=lambda item: str(item.__dict__[identity]).lower(),
        lower=_lower,
        **more,
    )


KINDS: Final = {
    kind.section: kind
    for kind in (
        _kind(
            "queues", "queue", Queue, "name", collection=True, unsupported={"id": "it is given", "timeout": "no call"}
        ),
        _kind("badges", "badge", Badge, "code", shape=Shape.LISTED),
        _kind("agents", "agent", Agent, "email", collection=True, unsupported={"enabled": "no call does that"}),
        _kind("phones", "phone", Phone, "number", collection=True),
        _kind("numbers", "number", Number, "number", given="numbers are bought"),
    )
}


@dataclass(frozen=True, slots=True)
class SmallVendor:
    """As much of a provider as the offline stages ask for."""

    name: str = "small"
    settings: type[Settings] = SmallSettings
    kinds: Mapping[str, Kind[Any]] = field(default_factory=lambda: MappingProxyType(KINDS))
    unsupported: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"voices": "no call sets voices"}))

    def check(self, desired: Desired) -> Sequence[tuple[tuple[str, ...], Diagnostic]]:
        """Have no limits."""
        del desired
        return ()


VENDOR: Final = cast("Provider", SmallVendor())


def one(  # noqa: PLR0913 - as many as `load` has
    root: Path,
    body: str,
    *,
    overlay: str = "",
    assignments: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    placeholders: bool = False,
) -> Loaded:
    """Load *body* below the head, which has three lines, and *overlay*."""
    write(root, {"a.yaml": HEAD + body, ".o.yaml": overlay})
    return load(
        str(root),
        vendors=lambda name: VENDOR if name == "small" else None,
        vendor_names=lambda: ("small",),
        environ=environ or {},
        overlays=[str(root / ".o.yaml")] if overlay else [],
        assignments=assignments,
        placeholders=placeholders,
    )


def entry(result: Loaded, section: str, name: str) -> Entry:
    """Give what was wanted of one object."""
    assert result.desired is not None
    return result.desired.of(section)[name]
