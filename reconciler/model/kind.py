"""
A kind: the class behind a YAML section, and everything that the stages need to know of it.

A stage never asks which vendor or kind it has; it reads these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, Self, TypeAlias, TypeVar

from reconciler.model.call import Call, Reading
from reconciler.model.change import Change, Risk
from reconciler.model.desired import Desired, Entry
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import Resource
from reconciler.model.routing import Route

R = TypeVar("R", bound=Resource)


class Shape(Enum):
    """How a section is written."""

    NAMED = "a mapping of names to fields"
    LISTED = "a list of identities"
    SINGLE = "a mapping of fields"
    SCALAR = "one value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The calls that some changes become, and what stands against them."""

    calls: tuple[Call, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def joined(cls, parts: Iterable[Lowered]) -> Self:
        """Put together what several kinds lowered."""
        parts = tuple(parts)
        return cls(
            calls=tuple(call for part in parts for call in part.calls),
            refusals=tuple(refusal for part in parts for refusal in part.refusals),
            notes=tuple(note for part in parts for note in part.notes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a kind says of a wish beside its live object: fields not to compare, and why; or that it can't be met."""

    skip: frozenset[str] = frozenset()
    warning: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """
    Where an object stands that is there, and of no use yet.

    *path* is the field that tells, *wanted* and *found* its values for people; *over*: waiting changes nothing.
    """

    path: str
    wanted: str
    found: str
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """What lowering may look at besides its own changes; compared by identity, so that findings can be cached."""

    desired: Desired
    live: Live
    changes: Mapping[str, Change]  # all changes of the plan, by address
    by_identity: Mapping[tuple[str, str], Change]  # the same, by section and identity

    @classmethod
    def of(cls, changes: Iterable[Change], desired: Desired, live: Live) -> Self:
        """Gather it."""
        changes = tuple(changes)
        return cls(
            desired=desired,
            live=live,
            changes={change.address: change for change in changes},
            by_identity={(change.section, change.identity): change for change in changes},
        )


Lower: TypeAlias = Callable[[Sequence[Change], Context], Lowered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[R]):
    """
    One section of the YAML.

    Args:
        section: The YAML key.
        one: What one is called in messages: "queue".
        resource: The fields.
        shape: How the section is written.
        scalars: For entries that may be one scalar: what each spelling stands for.
        names: The only local names allowed, where they are fixed; else empty.
        collection: Whether `manage` may name it: its objects come and go one by one.
        whole: Whether what the section leaves out goes (a key table) rather than being unmanaged.
        fixed: Whether the objects always exist, so that a difference is always an update.
        external: Whether it is only read, to check references; it is no YAML section.
        readable: Whether the vendor shows it. If not, the wish is compared with what was last applied.
        read: Reads all of it; `derive` instead makes it from other sections that were read.
        reads_with: Sections that `derive` needs.
        review: Looks at each wish beside its live object before they are compared.
        deletion_risk: How a deletion touches callers.
        lower: Turns this section's changes into calls.
        exported: Whether `export` can write it.
        together: Whether its fields only make sense together (a prompt is a file or a text), so none is set alone.
        once: What the vendor gives once, to whoever makes one, and nobody can restore: "password".
        given: Where objects come from if no call makes them ("numbers are bought in the console"): wanting one that is
            not there is an error that says so.
        unsupported: Fields that users may look for, and why the vendor's API can't set them.
        pending: Says what an object still waits for at the vendor ("review"), or that it was turned down, after which
            waiting is over; verifying waits for it.
        route: Where its objects stand on a caller's way; None for what is not on it.
    """

    section: str
    one: str
    resource: type[R]
    shape: Shape
    lower: Lower
    description: str
    read: Callable[[Memory], Reading[tuple[R, ...]]] | None = None
    derive: Callable[[Mapping[str, Mapping[str, Any]], Memory], tuple[R, ...]] | None = None
    reads_with: tuple[str, ...] = ()
    identity: Callable[[R], str] = field(default=lambda _: "")
    scalars: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    collection: bool = False
    whole: bool = False
    fixed: bool = False
    external: bool = False
    readable: bool = True
    exported: bool = True
    review: Callable[[Entry, R], Review | None] | None = None
    deletion_risk: Risk = Risk.MEDIUM
    together: bool = False
    once: str = ""
    given: str = ""
    unsupported: Mapping[str, str] = field(default_factory=dict)
    pending: Callable[[R], Pending | None] | None = None
    route: Route | None = None

    def met(self, change: Change, live: R, *, values: Mapping[str, Any] | None = None) -> frozenset[str]:
        """
        Name the fields in which a wish is met by what looks different: a vendor may spell a phone number anew.

        Args:
            change: What is wished; with *values*, only what these say.
            live: What is there.
            values: Fields of another wish for the same object.
        """
        if self.review is None or change.desired is None:
            return frozenset()
        entry = Entry(
            section=change.section,
            name=change.name,
            identity=change.identity,
            resource=change.desired if values is None else change.desired.model_copy(update=dict(values)),
            source=change.source,
            written=change.written if values is None else frozenset(values),
        )
        said = self.review(entry, live)
        return said.skip if said is not None and not said.warning else frozenset()
