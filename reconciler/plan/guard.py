"""What a plan must not do, whatever the files say: too many deletions, protected objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.model.change import Action, Change
from reconciler.model.desired import Desired
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.plan import Refusal
from reconciler.model.resource import Resource
from reconciler.plan.staffing import left_alone

GUARDS: Final = frozenset({"max-deletes", "protected"})
"""The rules of the refusals from here: they say what may not be done, all others what can't be."""
_WILD: Final = frozenset("*?[")


def guard(  # noqa: PLR0913 - what to look at, and what is allowed
    changes: Sequence[Change],
    desired: Desired,
    live: Live,
    kinds: Mapping[str, Kind[Any]],
    *,
    live_counts: Mapping[str, int],
    allowed: Mapping[str, int],
) -> tuple[Refusal, ...]:
    """
    Gather all refusals.

    Args:
        changes: What the plan would change.
        desired: The wish, for its `safety` and `protect`.
        live: What is there now.
        kinds: The vendor's kinds.
        live_counts: How many objects of each section are known to be live.
        allowed: Deletions that the user allowed, by section: the very number (`--allow-deletes`).
    """
    return (
        *_deletions(changes, desired, kinds, live_counts, allowed),
        *_protected(changes, desired),
        *_protected_by_whom(changes, desired, live, kinds),
        *_unstaffed(changes, desired, live, kinds),
    )


def _deletions(
    changes: Sequence[Change],
    desired: Desired,
    kinds: Mapping[str, Kind[Any]],
    live_counts: Mapping[str, int],
    allowed: Mapping[str, int],
) -> Iterator[Refusal]:
    deleted = Counter(change.section for change in changes if change.action is Action.DELETE)
    for section, count in sorted(deleted.items()):
        known = live_counts.get(section, 0)
        limit = desired.safety.limit(known)
        if count <= limit or allowed.get(section) == count:
            continue
        safety = desired.safety
        what = f"1 {kinds[section].one}" if count == 1 else f"{count} {section.replace('_', ' ')}"
        because = f"safety.max_deletes is {safety.max_deletes}"
        if known >= 10 and limit < safety.max_deletes:
            because = f"safety.max_delete_percent is {safety.max_delete_percent}, which is {limit} of {known}"
        told = f"; --allow-deletes allows {allowed[section]}, which is another number" if section in allowed else ""
        yield Refusal(
            rule="max-deletes",
            message=f"{what} would be deleted, and {because}{told}",
            objects=tuple(
                change.address for change in changes if change.section == section and change.action is Action.DELETE
            ),
            remedy=f"If {'it' if count == 1 else 'all of them'} may go: --allow-deletes {section}={count}.",
        )


def _protected(changes: Sequence[Change], desired: Desired) -> Iterator[Refusal]:
    for change in changes:
        rule = desired.rule(change.section)
        if change.action is Action.DELETE and rule.protects(
            name=change.name, identity=change.identity, label=change.label
        ):
            yield Refusal(
                rule="protected",
                message=f"{change.address} would be deleted, and manage.{change.section}.protect guards it",
                objects=(change.address,),
                remedy="Name it in the files, or take it out of protect.",
            )


def _protected_by_whom(
    changes: Sequence[Change], desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]
) -> Iterator[Refusal]:
    """
    Refuse deletions beside a protected name that nobody has any more.

    A local name goes with its entry, so that what the name protected could be any of those that are to be deleted.
    """
    deleted: dict[str, list[str]] = {}
    for change in changes:
        if change.action is Action.DELETE:
            deleted.setdefault(change.section, []).append(change.address)
    for section, addresses in deleted.items():
        for name in desired.rule(section).protect:
            if _WILD.isdisjoint(name) and ":" not in name and not _known(name, section, desired, live, kinds):
                yield Refusal(
                    rule="protected",
                    message=f"manage.{section}.protect guards {name}, and nothing is called so any more: "
                    f"what is to be deleted may be what it guards",
                    objects=tuple(addresses),
                    remedy=f"Name its identity in protect, or take {name} out of it.",
                )


def _known(name: str, section: str, desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]) -> bool:
    entries = desired.of(section)
    if name in entries or name in live.of(section) or name in kinds[section].names:
        return True
    return any(entry.identity == name for entry in entries.values())


def _unstaffed(
    changes: Sequence[Change], desired: Desired, live: Live, kinds: Mapping[str, Kind[Any]]
) -> Iterator[Refusal]:
    guarded = {name for name in kinds if desired.rule(name).protect}
    if not guarded:
        return
    wished = {(change.section, change.identity): change.label for change in changes}  # a name that the plan gives
    for section, identity in left_alone(changes, live, kinds):
        if section not in guarded:
            continue
        name = desired.local_name(section, identity)
        labels = {_label(live.of(section).get(identity)), wished.get((section, identity), "")}
        rule = desired.rule(section)
        item = live.of(section).get(identity)
        called = {identity, kinds[section].identity(item) if item is not None else identity}  # old and new name
        if any(rule.protects(name=name, identity=one, label=label) for label in labels for one in called):
            yield Refusal(
                rule="protected",
                message=f"{section}/{name} would be left without agents, and manage.{section}.protect guards it",
                objects=(f"{section}/{name}",),
                remedy="Leave somebody there who answers, or take it out of protect.",
            )


def _label(item: Resource | None) -> str:
    return str(item.__dict__.get(item.label_field, "")) if item is not None and item.label_field else ""
