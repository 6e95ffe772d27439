"""What a plan is about to change, as it is and as it will be: the before-images that a rollback goes back to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.model.change import Action, Change
from reconciler.model.history import Image
from reconciler.model.live import Live, plain
from reconciler.model.plan import Plan
from reconciler.model.resource import Resource, specs


def images(plan: Plan, live: Live | None = None) -> tuple[Image, ...]:
    """
    Give one image for each change of *plan*, in its order.

    Where the plan gives files new content under their old names, whoever names one in *live* may have to let go of it
    for a moment; where it deletes what others name, the vendor may have those let go of it. Those that no change speaks
    of follow, with no fields.
    """
    return (*map(_image, plan.changes), *(_set_aside(plan, live) if live is not None else ()))


def _set_aside(plan: Plan, live: Live) -> Iterator[Image]:
    renewed = {
        (change.section, change.identity)
        for change in plan.changes
        if change.live is not None
        for spec in specs(type(change.live)).values()
        if spec.digest_of is not None and change.field_change(spec.name) is not None
    }
    gone = {(change.section, change.identity) for change in plan.changes if change.action is Action.DELETE}
    changed = {(change.section, change.identity) for change in plan.changes}
    for section, items in live.sections.items() if renewed or gone else ():
        for identity, item in items.items():
            refs = [(spec, spec.ref) for spec in specs(type(item)).values() if spec.ref is not None]
            names = {(ref.section, item.__dict__[spec.name]) for spec, ref in refs if not spec.is_list}
            held = {
                (ref.section, member)
                for spec, ref in refs
                if ref.lets_go
                for member in (item.__dict__[spec.name] if spec.is_list else (item.__dict__[spec.name],))
            }
            if (names & renewed or held & gone) and (section, identity) not in changed:
                known = _known(item)
                yield Image(
                    address=f"{section}/{identity}" if identity else section,
                    section=section,
                    identity=identity,
                    action=Action.UPDATE.value,
                    before=known,
                    after=known,
                )


def _image(change: Change) -> Image:
    return Image(
        address=change.address,
        section=change.section,
        identity=change.identity,
        action=change.action.value,
        label=change.label,
        before=_known(change.live) if change.live is not None else None,
        after=_known(change.desired) if change.desired is not None else None,
        written=tuple(sorted(change.written)),
        fields=tuple(item.path for item in change.fields),
    )


def _known(item: Resource) -> Mapping[str, Any]:
    """Give the fields that the vendor showed or the files wrote; what nobody said is not taken for a default."""
    return {name: value for name, value in plain(item).items() if name in item.model_fields_set}
