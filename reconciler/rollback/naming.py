"""What names what: the run's objects that others name since stay, and what is gone is not named again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from reconciler.model.diagnostics import warning
from reconciler.model.resource import FieldSpec, specs
from reconciler.rollback.draft import Draft, Key, Wanted, members

_SHOWN: Final = 5


def keep_what_is_named(draft: Draft) -> bool:
    """Keep what the run made and others name since; say whether anything is kept."""
    held = _holders(draft, draft.leaving)
    for key, holders in held.items():
        image = draft.leaving.pop(key)
        names = sorted({draft.address(holder) for holder in holders})
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        address = image.address if image is not None else draft.address(key)
        verb = "names" if len(names) == 1 else "name"
        draft.warnings.append(warning("changed-since", f"{address} stays: {shown} {verb} it since"))
    return bool(held)


def drop_what_names_nothing(draft: Draft) -> bool:
    """Let go of references to what will not be there; say whether there were any."""
    gained = [
        (key, spec, member)
        for key, wanted in draft.wanted.items()
        for spec in specs(draft.kinds[key[0]].resource).values()
        if spec.ref is not None
        for member in draft.gains(wanted, spec)
    ]
    held = _holders(draft, {_target(spec, member) for _, spec, member in gained})
    found = False
    for key, spec, member in gained:
        wanted = draft.wanted.get(key)
        if wanted is not None and (why := _why_not(draft, key, spec, member, held)):
            _let_go(draft, key, wanted, spec, member, why)
            found = True
    return found


def _target(spec: FieldSpec, member: str) -> Key:
    assert spec.ref is not None, "only references name anything"
    return spec.ref.section, member


def _why_not(draft: Draft, key: Key, spec: FieldSpec, member: str, held: Mapping[Key, Sequence[Key]]) -> str:
    assert spec.ref is not None, "only references name anything"
    target = _target(spec, member)
    if spec.ref.implied:  # made again where it is missing, but nobody is to share it
        others = [holder for holder in held.get(target, ()) if holder != key]
        return f"{draft.address(others[0])} has it since" if others else ""
    known = target[0] in draft.live.sections and not draft.kinds[target[0]].external
    return f"{draft.address(target)} is not there any more" if known and draft.final(target) is None else ""


def _let_go(  # noqa: PLR0913, PLR0917 - whose reference to what, and why
    draft: Draft, key: Key, wanted: Wanted, spec: FieldSpec, member: str, why: str
) -> None:
    image = wanted.image
    if spec.is_list:
        wanted.values[spec.name] = tuple(item for item in wanted.values[spec.name] if item != member)
        draft.lost_field(image, f"{member} among its {spec.name}", why)
        return
    if wanted.new or draft.kinds[key[0]].together:
        del draft.wanted[key]
        draft.lost(image, why)
        return
    wanted.written.discard(spec.name)
    wanted.values[spec.name] = draft.live.of(key[0])[key[1]].__dict__[spec.name]
    draft.lost_field(image, spec.name, why)


def _holders(draft: Draft, targets: Collection[Key]) -> dict[Key, list[Key]]:
    """Find who will name each of *targets*."""
    found: dict[Key, list[Key]] = defaultdict(list)
    aimed = {section for section, _ in targets}
    for kind in draft.kinds.values():
        refs = [
            (spec.name, spec.ref.section)
            for spec in specs(kind.resource).values()
            if spec.ref is not None and spec.ref.section in aimed
        ]
        if not refs:
            continue
        new = (identity for section, identity in draft.wanted if section == kind.section)
        for identity in dict.fromkeys((*draft.live.of(kind.section), *new)):
            values = draft.final((kind.section, identity)) or {}
            for name, section in refs:
                for member in members(values.get(name)):
                    if (section, member) in targets:
                        found[section, member].append((kind.section, identity))
    return found
