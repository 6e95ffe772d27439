"""
What a section's entries are made of: typed fields whose behaviour is declared, never coded.

The diff reads these rules and the graph reads the references, so no kind overrides either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Identity:
    """
    The field that names the object at the vendor; left out, it is the local name.

    *fold*: letter case does not matter to the vendor (an email), so identities are kept in lower case.
    """

    fold: bool = False


@dataclass(frozen=True, slots=True)
class RenamedFrom:
    """Holds the identity that the object had before: where the identity is a name, it is renamed in place."""


@dataclass(frozen=True, slots=True)
class PairedWith:
    """
    What belongs to each pair of the object and a member of its list *field*: `{member: value}`.

    In YAML it stands with the member, under *word*: `queues: {sales: {priority: 1}}`. Only pairs that are written so
    are managed. *default* is what a pair gets that is made without.
    """

    field: str
    word: str
    default: int | None = None


@dataclass(frozen=True, slots=True)
class Immutable:
    """Set at creation only; a wish to change it later is refused with *reason*."""

    reason: str


@dataclass(frozen=True, slots=True)
class Computed:
    """The vendor's own: read, kept, sometimes sent back, never written in YAML and never compared."""


@dataclass(frozen=True, slots=True)
class WriteOnly:
    """Ours alone (a path on disk): never read back, so never compared."""


@dataclass(frozen=True, slots=True)
class Creates:
    """Says how to create, or travels with another change; alone it is no difference."""


@dataclass(frozen=True, slots=True)
class Needed:
    """The vendor won't create an object without it; what exists may leave it unmanaged."""


@dataclass(frozen=True, slots=True)
class DigestOf:
    """
    The first 16 hex digits of the SHA-256 of the file that the field *path_field* names; `load` computes it.

    *magic* are bytes that the file must have at given offsets, else it isn't *word* ("a wav file").
    """

    path_field: str
    magic: tuple[tuple[int, bytes], ...] = ()
    word: str = "a file"


@dataclass(frozen=True, slots=True)
class Derived:
    """Made from other fields by the class itself: compared, and never written in YAML."""


@dataclass(frozen=True, slots=True)
class Unordered:
    """A list whose order means nothing; it is kept sorted."""


@dataclass(frozen=True, slots=True)
class Risky:
    """A change of this field touches callers: `medium` or `high`."""

    level: str


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Whether the object answers at all: while it is false, nothing that it staffs has an answer from it."""


@dataclass(frozen=True, slots=True)
class RefTo:
    """
    Names objects of *section* by identity.

    *implied*: naming it is a wish that it exists, so it is created when it is missing. *staffs*: these members
    answer for the object named (agents in a queue). *lets_go*: what is named may be deleted all the same, since the
    vendor then lets go of it by itself.
    """

    section: str
    implied: bool = False
    staffs: bool = False
    lets_go: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """How one field behaves, read off its annotation once."""

    name: str
    is_list: bool
    computed: bool
    write_only: bool
    creates: bool
    needed: bool
    unordered: bool
    immutable: str | None
    risk: str
    on_duty: bool
    ref: RefTo | None
    digest_of: DigestOf | None
    paired_with: PairedWith | None
    renamed_from: bool
    derived: bool

    @property
    def written(self) -> bool:
        """Whether YAML may hold it."""
        return not (self.computed or self.derived) and self.digest_of is None and self.paired_with is None

    @property
    def compared(self) -> bool:
        """Whether a difference in this field is a change."""
        return not (self.computed or self.write_only or self.creates or self.renamed_from)


class Resource(BaseModel):
    """
    One configured object, desired or live.

    Desired: `model_fields_set` holds the fields that the files write, so they alone are managed. Live: it holds the
    fields that the vendor showed. References hold identities in both, unordered lists are sorted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False, defer_build=True)

    # How `plan` names an object to a person, when it has a name beside its identity.
    label_field: ClassVar[str | None] = None

    @classmethod
    def live(cls, values: Mapping[str, Any]) -> Self:
        """
        Make a live object from decoded *values*, unchecked: the vendor may break its own rules.

        Fields that *values* leaves out have the class's defaults. This is `model_construct` in a fifth of its time,
        which a tenant of thousands feels in every plan: our classes have no aliases, extras or private attributes.
        """
        made = cls.__new__(cls)
        put = object.__setattr__
        put(made, "__dict__", {**_defaults(cls), **values})
        put(made, "__pydantic_fields_set__", set(values))
        put(made, "__pydantic_extra__", None)
        put(made, "__pydantic_private__", None)
        return made


_DEFAULTS: Final[dict[type[Resource], Mapping[str, Any]]] = {}


def _defaults(resource: type[Resource]) -> Mapping[str, Any]:
    found = _DEFAULTS.get(resource)
    if found is None:
        fields = resource.model_fields.items()
        found = {name: "" if info.is_required() else info.get_default() for name, info in fields}
        _DEFAULTS[resource] = found
    return found


_SPECS: Final[dict[type[Resource], Mapping[str, FieldSpec]]] = {}


def specs(resource: type[Resource]) -> Mapping[str, FieldSpec]:
    """Read the field rules of *resource*, in the order of its class."""
    found = _SPECS.get(resource)
    if found is None:
        found = _SPECS[resource] = {name: _spec(name, info) for name, info in resource.model_fields.items()}
    return found


def folds(resource: type[Resource]) -> bool:
    """Whether letter case does not matter in the identities of a class."""
    marks = (item for info in resource.model_fields.values() for item in info.metadata)
    return any(isinstance(item, Identity) and item.fold for item in marks)


def identity_field(resource: type[Resource]) -> str | None:
    """Name the field that holds the identity, if the section has one beside the local name."""
    for name, info in resource.model_fields.items():
        if any(isinstance(item, Identity) for item in info.metadata):
            return name
    return None


def fits(resource: type[Resource], name: str, value: Any) -> bool:
    """Whether a field may hold *value* by its own rules, whatever the others hold."""
    try:
        resource.__pydantic_validator__.validate_assignment(resource.model_construct(), name, value)
    except ValidationError as error:
        return not any(problem["loc"][:1] == (name,) for problem in error.errors())
    return True


def _spec(name: str, info: FieldInfo) -> FieldSpec:
    def marked(kind: type) -> Any:
        return next((item for item in info.metadata if isinstance(item, kind)), None)

    immutable = marked(Immutable)
    risky = marked(Risky)
    return FieldSpec(
        name=name,
        is_list=_is_list(info.annotation),
        computed=marked(Computed) is not None,
        write_only=marked(WriteOnly) is not None,
        creates=marked(Creates) is not None,
        needed=marked(Needed) is not None,
        unordered=marked(Unordered) is not None,
        immutable=immutable.reason if immutable else None,
        risk=risky.level if risky else "low",
        on_duty=marked(OnDuty) is not None,
        ref=marked(RefTo),
        digest_of=marked(DigestOf),
        paired_with=marked(PairedWith),
        renamed_from=marked(RenamedFrom) is not None,
        derived=marked(Derived) is not None,
    )


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) is tuple:
        return True
    return any(_is_list(part) for part in get_args(annotation))
