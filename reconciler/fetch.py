"""
Vendor → Live: all reads at once, within the vendor's pace, and all or nothing.

A read that failed, was cut short or contradicts another ends the run. It is never taken for an empty tenant, and what
the vendor's edition does not show is never taken for an empty section.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from reconciler.model.call import Reading, Reply
from reconciler.model.errors import (
    Contradiction,
    RateLimited,
    ReconcilerError,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unreachable,
    Unsupported,
    VendorError,
)
from reconciler.model.kind import Kind
from reconciler.model.live import Live, Memory
from reconciler.model.resource import Resource
from reconciler.providers.base import Client, Provider

_NAMED: Final = 3  # answers of which one can't be used, at most, for their ids to help
_AGAIN: Final = "Nothing was changed. Run again; if it stays, ask the vendor."
# Of several reads that failed together, the one that says most about the cause is shown.
_TELLING = (Unauthorized, UnknownTenant, Unreachable, RateLimited, Contradiction, Unexpected, ReconcilerError)


async def fetch(
    provider: Provider,
    client: Client,
    memory: Memory,
    *,
    sections: Iterable[str] | None = None,
    spared: Collection[str] = (),
) -> Live:
    """
    Read the tenant.

    Args:
        provider: Whose kinds to read.
        client: An open client.
        memory: What the store remembers of the tenant.
        sections: Which sections; all of them by default.
        spared: Sections that can be done without: one that the vendor's edition does not show is absent.

    Raises:
        Unsupported: The vendor's edition does not show a section that is not among *spared*, or none at all.
        VendorError: A read failed, or two can't both be true.
    """
    live = await read(provider, client, memory, sections=sections, spared=spared)
    refuse_contradictions(provider, live)
    return live


async def read(
    provider: Provider,
    client: Client,
    memory: Memory,
    *,
    sections: Iterable[str] | None = None,
    spared: Collection[str] = (),
) -> Live:
    """
    Read the tenant while somebody writes to it, so that two reads may well contradict each other; else as `fetch`.

    Raises:
        VendorError: A read failed.
    """
    wanted = frozenset(provider.kinds if sections is None else sections)
    reads = {name: kind for name, kind in provider.kinds.items() if name in wanted and kind.read is not None}
    found: dict[str, dict[str, Resource]] = {}
    missing: list[Unsupported] = []

    async def fill(kind: Kind[Any]) -> None:
        try:
            found[kind.section] = await _read(kind, client, memory)
        except Unsupported as error:
            if kind.section not in spared:
                raise
            missing.append(error)

    try:
        async with asyncio.TaskGroup() as group:
            for name, kind in reads.items():
                group.create_task(fill(kind), name=f"read {name}")
    except BaseExceptionGroup as failures:
        raise _most_telling(failures) from None
    if missing and not found:  # then it is not about a section
        raise missing[0]
    return assemble(provider, found, memory, wanted)


def assemble(
    provider: Provider, found: Mapping[str, Mapping[str, Resource]], memory: Memory, wanted: Iterable[str]
) -> Live:
    """Add the sections that are made from others, in the kinds' order."""
    sections: dict[str, Mapping[str, Resource]] = {}
    asked = frozenset(wanted)
    for name in provider.kinds:
        if name in found:
            sections[name] = found[name]
    for name, kind in provider.kinds.items():
        if name not in asked or kind.derive is None or not all(other in sections for other in kind.reads_with):
            continue
        if kind.read is not None and name not in found:  # not shown, so there is nothing to add to
            continue
        derived = kind.derive(sections, memory)
        if kind.readable or derived:
            sections[name] = _by_identity(kind, derived)
    return Live({name: sections[name] for name in provider.kinds if name in sections}, memory)


def refuse_contradictions(provider: Provider, live: Live, *, remedy: str = _AGAIN) -> None:
    """
    Hold that all of it can be true.

    Raises:
        Contradiction: It can't; *remedy* says what to do.
    """
    contradictions = provider.contradictions(live)
    if contradictions:
        raise Contradiction(f"what was read can't be true at once: {'; '.join(contradictions)}", remedy=remedy)


async def _read(kind: Kind[Any], client: Client, memory: Memory) -> dict[str, Resource]:
    assert kind.read is not None, "only kinds with a read are read"
    try:
        objects = await drive(kind.read(memory), client)
    except Unsupported as error:
        error.remedy = (
            f"This edition does not show {kind.section}: take the section, and whatever names it, out of the files, or "
            "ask the vendor."
        )
        raise
    except Unexpected as error:
        if error.remedy:
            raise
        # A field of one object: the decoder knew neither whose answer it stood in nor what to do about it.
        useless = Unexpected(
            f"what the vendor answers about {kind.section} can't be used: {error}",
            remedy=_AGAIN,
            call=error.call,
        )
        useless.request_id = error.request_id
        raise useless from error
    return _by_identity(kind, objects)


async def drive(reading: Reading[Any], client: Client) -> Any:
    """Run a reading for real: what it yields together goes out together."""
    try:
        calls = next(reading)
        while True:
            if len(calls) == 1:
                replies: tuple[Reply, ...] = (await client.send(calls[0]),)
            else:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(client.send(call)) for call in calls]
                replies = tuple(task.result() for task in tasks)
            try:
                calls = reading.send(replies)
            except VendorError as error:  # of several answers the reading does not say which it can't use
                if not error.request_id and len(replies) <= _NAMED:
                    error.request_id = " ".join(reply.request_id for reply in replies if reply.request_id)
                raise
    except StopIteration as stop:
        return stop.value


def _by_identity(kind: Kind[Any], objects: Iterable[Any]) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for item in objects:
        identity = kind.identity(item)
        if identity in found:
            raise Contradiction(
                f"the vendor lists {kind.one} {identity} twice",
                remedy=_AGAIN,
            )
        found[identity] = item
    return found


def _most_telling(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    leaves = list(_leaves(failures))
    for kind in _TELLING:
        for leaf in leaves:
            if isinstance(leaf, kind):
                return leaf
    return leaves[0]


def _leaves(failure: BaseException) -> Iterable[BaseException]:
    if isinstance(failure, BaseExceptionGroup):
        for inner in failure.exceptions:
            yield from _leaves(inner)
    else:
        yield failure
