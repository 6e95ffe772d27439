"""Udesk extensions: the phones. Source: Udesk CTI Cloud API, "Extension Management"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import Field

from reconciler.model.call import Call
from reconciler.model.change import Action, Change
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.resource import Identity, Resource
from reconciler.model.routing import Role, Route
from reconciler.providers.udesk.forms import EXTENSION
from reconciler.providers.udesk.limits import MOST_EXTENSIONS
from reconciler.providers.udesk.protocol import API


class Extension(Resource):
    """A phone number inside the contact center."""

    number: Annotated[str, Identity(), Field(pattern=EXTENSION, description="Four digits, the first not 0.")]


def derive(sections: Mapping[str, Mapping[str, Any]], memory: Memory) -> tuple[Extension, ...]:
    """
    Gather the extensions that agents show and the spares that the store knows.

    The API has no list of extensions: one that no agent holds can't be seen.
    """
    bound = {number for agent in sections["agents"].values() for number in agent.extensions}
    return tuple(Extension.live({"number": number}) for number in sorted(bound | set(memory.of("extensions"))))


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Make and delete extensions, but for those that go with their agent (`IsDelExtensions`)."""
    calls = []
    for change in changes:
        match change.action:
            case Action.CREATE:
                # 100015 says that it exists already, as a spare that no read shows.
                calls.append(
                    Call(
                        "POST",
                        API + "extensions",
                        {"Extension": change.identity},
                        accepts=frozenset({"exists"}),
                        changes=(change.address,),
                        why=f"make sure that extension {change.identity} exists",
                        gives=frozenset({("extension", change.identity)}),
                    )
                )
            case Action.DELETE if change.identity not in _gone_with_agents(context):
                calls.append(_delete(change, context))
            case _:
                pass
    return Lowered(calls=tuple(calls))


def _delete(change: Change, context: Context) -> Call:
    # "Extensions that are already bound to an agent cannot be deleted" (100016).
    held = {("holds", agent, change.identity) for agent in holders(context).get(change.identity, ())}
    return Call(
        "DELETE",
        API + "extensions",
        {"Extension": change.identity},
        accepts=frozenset({"missing"}),
        changes=(change.address,),
        why=f"delete extension {change.identity}",
        forbids=frozenset(held),
        takes=frozenset({("extension", change.identity)}),
    )


@lru_cache(maxsize=1)
def holders(context: Context) -> Mapping[str, Sequence[str]]:
    """Map each extension to the agents that hold it now."""
    found = defaultdict(list)
    for agent in context.live.of("agents").values():
        for number in agent.extensions:
            found[number].append(agent.id)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """Extensions that are deleted with an agent: those that it *holds*, and those that are bound to it for that."""

    holds: tuple[str, ...] = ()
    takes_along: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """List both."""
        return (*self.holds, *self.takes_along)


@lru_cache(maxsize=1)
def swept(context: Context) -> Mapping[str, Swept]:
    """
    Find the extensions that are deleted together with an agent, by agent (`IsDelExtensions`).

    Those that it holds cost no call. Two that others hold can be bound to an agent that leaves with none: one call
    instead of two. Not so spares that only our store knows: binding one that is gone by now would be refused.
    """
    leaving = [
        context.live.of("agents")[change.identity]
        for change in context.changes.values()
        if change.section == "agents" and change.action is Action.DELETE
    ]
    going = {
        change.identity
        for change in context.changes.values()
        if change.section == "extensions" and change.action is Action.DELETE
    }
    found = {}
    for agent in leaving:
        held = tuple(number for number in agent.extensions if number in going)
        if held:
            found[agent.id] = Swept(holds=held)
            going.difference_update(held)
    rest = sorted(going & holders(context).keys())
    for agent in sorted(leaving, key=lambda agent: (len(agent.id), agent.id)):
        if agent.id not in found and len(rest) >= MOST_EXTENSIONS:
            found[agent.id] = Swept(takes_along=tuple(rest[:MOST_EXTENSIONS]))
            del rest[:MOST_EXTENSIONS]
    return found


@lru_cache(maxsize=1)
def _gone_with_agents(context: Context) -> frozenset[str]:
    return frozenset(number for agent in swept(context).values() for number in agent.all)


KIND: Final = Kind(
    section="extensions",
    one="extension",
    resource=Extension,
    shape=Shape.LISTED,
    description="Extensions that must exist, bound or not; those that agents name need not stand here.",
    derive=derive,
    reads_with=("agents",),
    identity=lambda extension: extension.number,
    collection=True,
    exported=False,
    once="password",
    lower=lower,
    route=Route(role=Role.EXTENSION),
)
