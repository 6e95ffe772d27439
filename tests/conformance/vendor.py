"""What a vendor brings to the tests that hold for all: who it is, its story, each kind of write that it takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeAlias

from reconciler.model.call import Call
from reconciler.model.errors import VendorError
from reconciler.providers.base import Client, Face, Request
from reconciler.providers.simulation.points import OpenPoints

Sections: TypeAlias = Mapping[str, Any]
ByHand: TypeAlias = tuple[str, str, Mapping[str, Any]]
"""Something that somebody does in the vendor's console: method, api and body of the call that does the same."""

NO_FILES: Final[Mapping[str, bytes]] = {}


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind:
    """
    One kind of write, in a tenant of its own making: what is there, what is wished, which call it takes.

    *api* is what the vendor's faults are aimed at, and *body* a text that only this call's body holds. *reads* is what
    reading back asks for; "" where no read shows it. *lists* names the batch in its body, where it is one; with *items*
    a good answer may name items that failed. *skip* counts forms that the vendor refuses first, where its page leaves
    open which is right. *by_hand* is what somebody else may do to the same object meanwhile, and *shows* the address at
    which that shows. *unclear_late* tells that reads which lag can't tell whether it happened, and that to send it
    again harms none.
    """

    name: str
    method: str
    api: str
    body: str = ""
    reads: str
    live: Sections = field(default_factory=dict)
    wish: Sections = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    lists: str = ""
    items: bool = False
    skip: int = 0
    by_hand: ByHand | None = None
    shows: str = ""
    unclear_late: bool = False

    def matches(self, method: str, api: str, body: str) -> bool:
        """Whether a call that arrived is it."""
        return (method, api) == (self.method, self.api) and self.body in body


@dataclass(frozen=True, kw_only=True, eq=False)
class Act:
    """One wish of the story, with the files beside it."""

    wish: Sections
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Story:
    """
    One contact center through its states; `test_story` tells it.

    Args:
        before: An older tenant, as the sections of a snapshot.
        empty: A tenant that never had anything, but for what nobody can make.
        acts: What is wished, one after the other; the hand at the console comes after the first.
        by_hand: What somebody does then, given the state of the tenant and its dialect.
        drifted: The addresses that drift then names.
        wished: What the vendor must have: given the act, the state before it and after it, and the dialect. It is
            written down apart from everything that makes it so.
        many: A wish that takes so many calls of one kind, and of another kind besides, from the empty tenant.
        bare: Takes from a state what the vendor numbers as it likes, before two are compared.
        unreachable: Dialects, by name, under which no client can reach the end, and why.
        again: Dialects under which an act may take a second run, and why.
    """

    before: Sections
    empty: Sections
    acts: Sequence[Act]
    by_hand: Callable[[Sections, Any], Iterable[ByHand]]
    drifted: Collection[str]
    wished: Callable[[Act, Sections, Sections, Any], Sections]
    many: Callable[[int], dict[str, Any]]
    bare: Callable[[dict[str, Any]], dict[str, Any]] = lambda sections: sections
    unreachable: Mapping[str, str] = field(default_factory=dict)
    again: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadFault:
    """
    What goes wrong with reads: the simulator's *fault*, and the *error* that it ends in each time, with some *words*.

    *passes* counts the tries after which a run ends, where the fault is worth another try; 1 where it is not.
    """

    fault: Mapping[str, Any]
    error: type[VendorError]
    words: tuple[str, ...]
    passes: int = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Reads:
    """
    What goes wrong when a vendor is read, and what it is told by.

    Args:
        faults: By name.
        title: What the simulator calls a read of an api.
        wrong: The environment with a wrong secret, and the settings that are named then.
        anonymous: Dialects in which wrong credentials are answered in different ways.
        elsewhere: A setting that names another tenant, and its value.
        pages: Dialects in which a list comes on pages of two.
        many: Sections with seven of what is listed so.
        listed: Their section, and the api that lists them.
        missing: What is said where a page lacks its rows.
        settled: Whether a list that changed between its pages is read again.
        keeps_time: Whether the client goes by the vendor's clock where its own is wrong.
    """

    faults: Mapping[str, ReadFault]
    title: Callable[[str], str]
    wrong: tuple[Mapping[str, str], str]
    anonymous: Sequence[tuple[str, ...]] = ((),)
    elsewhere: tuple[str, Any]
    pages: Sequence[tuple[str, ...]]
    many: Sections
    listed: tuple[str, str]
    missing: str
    settled: bool = False
    keeps_time: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Vendor:
    """
    A vendor, as the tests see it.

    Args:
        name: What `provider.type` says.
        settings: The `provider` section, but for type and address; a high rate, so that tests are quick.
        address: The setting that has the address.
        environ: The credentials in the environment.
        secrets: What nothing may ever show, the beginning of a signature among it.
        face: Makes a simulated tenant: given a snapshot's sections, settings of its dialect, and a clock.
        client: Makes a client, as `providers.base.Provider.connect` does, that sends through a `transport` of httpx's.
        dialects: Every way to read its pages that is tried.
        adapted: Settings that a user of a dialect would have.
        api: What a request that arrived asks for.
        asked: The same of a call.
        names: What tells objects of one kind of call from others, in a call's body.
        bare: The tenant's sections without what the vendor numbers by itself.
        went_well: Whether an answer to a call by hand is a good one.
        kinds: Each kind of write that plans make; all but *apart* also stand in one tenant.
        ground: What is there in each tenant, and in no kind's way.
        managed: What is wished besides in each.
        apart: Kinds that are about what others are about, each of which takes a tenant of its own.
        starts: A kind whose call comes before that of any other.
        in_turn: Settings with which each call does one thing, one after the other.
        story: What is told of it.
        reads: What goes wrong when it is read.
        noise: Faults for the story's first act, after each of which the second run carries on. In some of them the
            vendor repeats our secrets.
        signature: The signature of a request that arrived.
        refusal: An error code of which nobody knows the meaning.
        internal: The code of an internal error, after which nobody knows whether something was done.
        gives_passwords: Whether making extensions is answered with a password that is given once.
        apart_rates: Whether the vendor counts each action apart, or all calls together.
        slower: Actions that have a rate of their own, and the setting that has it.
    """

    name: str
    settings: Mapping[str, Any]
    address: str
    environ: Mapping[str, str]
    secrets: tuple[str, ...]
    face: Callable[[Sections, Sequence[str], Callable[[], float]], Face]
    client: Callable[..., Client]
    dialects: Mapping[str, OpenPoints]
    adapted: Callable[[Any], Mapping[str, Any]] = lambda _: {}
    api: Callable[[Request], str]
    asked: Callable[[Call], str]
    names: Callable[[Mapping[str, Any]], Sequence[str]]
    bare: Callable[[dict[str, Any]], dict[str, Any]]
    went_well: Callable[[Mapping[str, Any]], bool]
    kinds: tuple[Kind, ...]
    ground: Sections
    managed: Sections
    apart: Collection[str] = ()
    starts: Kind
    in_turn: Mapping[str, Any]
    story: Story
    reads: Reads
    noise: Sequence[Mapping[str, Any]]
    signature: Callable[[Request], str]
    refusal: str
    internal: str
    gives_passwords: bool = False
    apart_rates: bool = False
    slower: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Name it."""
        return self.name

    @property
    def by_name(self) -> Mapping[str, Kind]:
        """Give the kinds by name."""
        return {kind.name: kind for kind in self.kinds}

    @property
    def together(self) -> Sequence[tuple[Kind, ...]]:
        """Give all kinds, in as few tenants as can be."""
        rest = tuple(kind for kind in self.kinds if kind.name not in self.apart)
        return (rest, *((kind,) for kind in self.kinds if kind.name in self.apart))

    def live_of(self, kinds: Iterable[Kind]) -> dict[str, Any]:
        """Give the state that a tenant with these kinds' objects starts from."""
        return _merged(self.ground, *(kind.live for kind in kinds))

    def wish_of(self, kinds: Iterable[Kind]) -> dict[str, Any]:
        """Give the sections of the files that take a call of each kind."""
        return _merged(self.managed, *(kind.wish for kind in kinds))

    def provider(self, url: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Give the section `provider` of a configuration for the tenant at *url*."""
        return {"type": self.name, self.address: url, **self.settings, **settings}


def files_of(kinds: Iterable[Kind]) -> dict[str, bytes]:
    """Give the files that these kinds upload."""
    return {name: content for kind in kinds for name, content in kind.files.items()}


def settings_of(dialect: OpenPoints) -> tuple[str, ...]:
    """Write a dialect as the settings that make it."""
    default = type(dialect)()
    names = [item.name for item in fields(dialect)]
    return tuple(
        f"{name}={getattr(dialect, name)}" for name in names if getattr(dialect, name) != getattr(default, name)
    )


def _merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if isinstance(value, Mapping) and isinstance(whole.get(name), Mapping):
                whole[name] = {**whole[name], **value}
            elif isinstance(value, list) and isinstance(whole.get(name), list):
                whole[name] = [*whole[name], *value]
            else:
                whole[name] = value
    return whole
