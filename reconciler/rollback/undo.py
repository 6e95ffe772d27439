"""One change of a run, taken back: from its image and what is live now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.change import Action
from reconciler.model.history import Image
from reconciler.model.kind import Kind
from reconciler.model.resource import FieldSpec, Resource, fits, identity_field, specs
from reconciler.model.secret import MASK
from reconciler.rollback.draft import Draft, Wanted, members, said
from reconciler.rollback.effect import Effect, effect

_NO_CONTENT: Final = "its content is not kept, and no file in the configuration's folder has it"


def take_back(draft: Draft, image: Image) -> None:
    """Put into *draft* what takes one change back, or why it stays."""
    kind = draft.kinds.get(image.section)
    now = draft.live.of(image.section).get(image.identity)
    what = effect(draft.attempts[image.address])
    if image.aside:
        _set_aside(draft, image, now)
    elif what is Effect.NONE or (image.action == Action.CREATE and now is None):
        pass  # it never was, or is gone already
    elif kind is None or image.action not in set(Action):
        draft.lost(image, "this version of the program does not know what it is")
    elif why := _out_of_reach(draft, image, now):
        draft.lost(image, why)
    elif image.action == Action.DELETE:
        _deletion(draft, image, kind, now)
    elif image.action == Action.UPDATE:
        _update(draft, image, kind, now)
    elif what is Effect.BEFORE:
        draft.lost(image, "the vendor said that it was there before the run, so it stays")
    elif not (kind.collection or kind.whole):
        draft.lost(image, f"it stays, since the vendor deletes no {kind.one}")
    elif now is not None:
        _creation(draft, image, kind, now)


def _out_of_reach(draft: Draft, image: Image, now: Resource | None) -> str:
    if draft.desired.hides(image.section, image.identity, now):
        return f"manage.{image.section}.ignore hides it"
    return draft.without.get((image.section, image.identity), "")


def _creation(draft: Draft, image: Image, kind: Kind[Any], now: Resource) -> None:
    """Let go what the run made, and what the vendor made along with it."""
    after = image.after or {}
    rules = specs(kind.resource)
    since = [
        name
        for name, spec in rules.items()
        if spec.compared
        and name in image.written
        and name in after
        and draft.masked(_value(spec, after[name])) != draft.masked(_named_alike(spec, now, after[name]))
        and not (draft.unfinished and _on_the_way(_value(spec, after[name]), now.__dict__[name]))
    ]
    if since:
        many = len(since) > 1 or rules[since[0]].is_list
        draft.changed(
            image, f"it goes, though its {' and '.join(since)} {'are' if many else 'is'} not what the run made of it"
        )
    draft.leaving[image.section, image.identity] = image
    for spec in rules.values():
        if spec.ref is None or not spec.ref.implied or spec.name in image.written:
            continue
        for member in now.__dict__[spec.name]:
            key = (spec.ref.section, member)
            if member in draft.made and key not in draft.without:
                draft.leaving.setdefault(key, None)
            else:
                draft.lost(image, f"its {draft.address(key)} stays, as the record does not say that the run made it")


def _on_the_way(after: Any, has: Any) -> bool:
    """Whether a run that did not come to its end may itself have left a field of what it made like this."""
    if isinstance(after, dict):
        return bool(has.items() <= after.items())
    return {*has} < {*after} if isinstance(after, tuple) else has in {"", None}


def _named_alike(spec: FieldSpec, now: Resource, after: Any) -> Any:
    """Give what a field holds now; of what belongs to members of a list, that of those that *after* speaks of."""
    has = now.__dict__[spec.name]
    if spec.paired_with is None or not isinstance(after, Mapping):
        return has
    return {member: value for member, value in has.items() if member in after}


def _deletion(draft: Draft, image: Image, kind: Kind[Any], now: Resource | None) -> None:
    """Make again what the run deleted, with all that is known of it."""
    rules = specs(kind.resource)
    own = identity_field(kind.resource)
    values = {name: _value(rules[name], value) for name, value in (image.before or {}).items() if name in rules}
    if now is not None:
        _half_deleted(draft, image, values, now)
        return
    wanted = Wanted(image=image, values=values, new=True)
    wanted.written = {name for name in values if not (rules[name].computed or rules[name].renamed_from) and name != own}
    for spec in rules.values():
        if spec.digest_of is not None and not _find_content(draft, wanted, spec):
            draft.lost(image, _NO_CONTENT)
            return
    unknown = [spec.name for spec in rules.values() if spec.needed and spec.name not in values]
    if unknown:
        draft.lost(image, f"the vendor makes none without {' and '.join(unknown)}, and never showed it")
        return
    if secret := [name for name in wanted.written if _masked(values[name])]:
        draft.lost(image, f"its {' and '.join(sorted(secret))} held a secret, which is not kept")
        return
    if own is not None:
        values[own] = image.identity
    draft.wanted[image.section, image.identity] = wanted


def _half_deleted(draft: Draft, image: Image, before: Mapping[str, Any], now: Resource) -> None:
    """Look at an object that the run meant to delete and that is there: let go of by the run, or made again since."""
    rules = specs(type(now))
    differ = [
        name
        for name, value in before.items()
        if rules[name].compared and draft.masked(value) != draft.masked(now.__dict__[name])
    ]
    if not differ:
        return
    if not all(_only_less(rules[name], now.__dict__[name], before[name]) for name in differ):
        draft.changed(image, f"it is there again, with another {' and '.join(differ)}, and is left as it is")
        return
    # What it named was taken from it before it was to go, and that is all that differs.
    wanted = Wanted(image=image, values=dict(now.__dict__), written=set(differ))
    wanted.values |= {name: before[name] for name in differ}
    draft.wanted[image.section, image.identity] = wanted


def _only_less(spec: FieldSpec, has: Any, before: Any) -> bool:
    if spec.paired_with is not None:
        return bool(has.items() <= before.items())
    return spec.unordered and {*has} < {*before}


def _update(draft: Draft, image: Image, kind: Kind[Any], now: Resource | None) -> None:
    """Give the fields that the run changed their values back, where they still have those that it gave them."""
    if now is None:
        _missing(draft, image, kind)
        return
    wanted = Wanted(image=image, values=dict(now.__dict__))
    stays = False
    rules = specs(kind.resource)
    # What belongs to a member that left comes back with it.
    beside = [spec.name for spec in rules.values() if spec.paired_with and spec.paired_with.field in image.fields]
    for name in dict.fromkeys((*image.fields, *beside)):
        spec = rules.get(name)
        if spec is None:
            draft.lost_field(image, name, "this version of the program does not know it")
        elif spec.derived:
            draft.lost_field(image, name, "what it was made of can't be read back")
            stays = True
        elif spec.paired_with is not None:
            stays |= not _pairs(draft, wanted, spec, now)
        elif not _field(draft, wanted, spec, now):
            stays = True
    if wanted.written and not (stays and kind.together):
        draft.wanted[image.section, image.identity] = wanted


def _missing(draft: Draft, image: Image, kind: Kind[Any]) -> None:
    """Look at an object that the run changed and that is not there: gone since, or the run was cut in between."""
    if not kind.readable:
        draft.lost(image, "nobody knows what it is now")
        return
    replaced = any(spec.digest_of is not None and spec.name in image.fields for spec in specs(kind.resource).values())
    again = any(
        attempt.call.upload is not None and effect((attempt,)) is Effect.SOME
        for attempt in draft.attempts[image.address]
    )
    # New content under an old name, or a table that is written twice: the run was cut between two calls.
    left_out = kind.whole and draft.unfinished
    if left_out or (replaced and not again):
        _deletion(draft, image, kind, None)
    else:
        draft.changed(image, "it is gone since, and stays so")


def _set_aside(draft: Draft, image: Image, now: Resource | None) -> None:
    """Give an object back what it named: what went in the run, or a file that was to be replaced when it was cut."""
    if now is None or image.before is None or not draft.touched(image):
        return
    rules = specs(type(now))
    before = {name: _value(rules[name], value) for name, value in image.before.items() if name in rules}
    fields = [name for name in before if rules[name].compared]
    if all(before[name] == now.__dict__[name] for name in fields):
        return
    let_go = {
        name: before[name]
        for name in fields
        if (ref := rules[name].ref) is not None and ref.lets_go
        if {*members(now.__dict__[name])} < {*members(before[name])}
    }
    if let_go:  # the vendor did, when what it named went
        _give_back(draft, image, now, let_go)
        return
    if any(now.__dict__[name] for name in fields):
        draft.changed(image, "somebody changed it since, and it is left as it is")
        return
    _give_back(draft, image, now, {name: before[name] for name in fields})


def _give_back(draft: Draft, image: Image, now: Resource, fields: Mapping[str, Any]) -> None:
    draft.wanted[image.section, image.identity] = Wanted(
        image=image, values={**now.__dict__, **fields}, written=set(fields)
    )


def _field(draft: Draft, wanted: Wanted, spec: FieldSpec, now: Resource) -> bool:
    """Take one field back where it was changed; say whether it is then what it was before the run."""
    image = wanted.image
    has = now.__dict__[spec.name]
    if image.before is None or spec.name not in image.before:
        draft.lost_field(image, spec.name, "nobody knows what it was before the run")
        return False
    before = _value(spec, image.before[spec.name])
    after = _value(spec, (image.after or {}).get(spec.name))
    back = tuple(sorted(({*has} - ({*after} - {*before})) | ({*before} - {*after}))) if spec.unordered else before
    if has == back:
        return True
    if not spec.unordered and draft.masked(has) != draft.masked(after):
        if draft.masked(has) == draft.masked(back):
            return True
        story = f"it was {said(before)}, the run made it {said(after)}, and it is {said(has)} now"
        draft.changed(image, f"{spec.name} is left as it is, since somebody changed it: {story}")
        return False
    why = _why_not(draft, image, spec, back)
    if spec.unordered and not fits(type(now), spec.name, back) and fits(type(now), spec.name, before):
        why = f"{', '.join(back)} would be too many: some were added since"
    if not why and spec.digest_of is not None and not _find_content(draft, wanted, spec, str(before)):
        why = _NO_CONTENT
    if why:
        draft.lost_field(image, spec.name, why)
        return False
    wanted.values[spec.name] = back
    wanted.written.add(spec.name)
    return True


def _pairs(draft: Draft, wanted: Wanted, spec: FieldSpec, now: Resource) -> bool:
    """Take back what belongs to members of a list, one by one; say whether all of it is then as before the run."""
    image = wanted.image
    if image.before is None or spec.name not in image.before:
        if spec.name in image.fields:
            draft.lost_field(image, spec.name, "nobody knows what it was before the run")
        return spec.name not in image.fields
    before, after = image.before[spec.name], (image.after or {}).get(spec.name, {})
    has, back, fine = now.__dict__[spec.name], dict(now.__dict__[spec.name]), True
    why = _why_not(draft, image, spec, ())
    for member in sorted({*before, *after}):
        was, made = before.get(member), after.get(member)
        if was in {None, made} or (made is None and member in has) or has.get(member) == was:
            continue  # the run left it alone, or it goes with its member, or is back already
        if member in has and has[member] != made:
            story = f"it was {said(was)}, the run made it {said(made)}, and it is {said(has[member])} now"
            draft.changed(image, f"{spec.name} of {member} is left as it is, since somebody changed it: {story}")
            fine = False
        elif why:
            draft.lost_field(image, f"{spec.name} of {member}", why)
            fine = False
        else:
            back[member] = was
    if back != has:
        wanted.values[spec.name] = {member: back[member] for member in sorted(back)}
        wanted.written.add(spec.name)
    return fine


def _why_not(draft: Draft, image: Image, spec: FieldSpec, back: Any) -> str:
    if _masked(back):
        return "it held a secret, which is not kept"
    if spec.name in draft.desired.rule(image.section).ignore_fields:
        return f"it stands in manage.{image.section}.ignore_fields"
    return ""


def _find_content(draft: Draft, wanted: Wanted, spec: FieldSpec, digest: str | None = None) -> bool:
    """Have a file uploaded that has the content again, with what travels along; say whether there is one."""
    path = draft.files.get(str(wanted.values.get(spec.name, "")) if digest is None else digest)
    if path is None or spec.digest_of is None:
        return False
    wanted.values[spec.digest_of.path_field] = path
    wanted.written |= {spec.digest_of.path_field}
    for other in specs(draft.kinds[wanted.image.section].resource).values():
        if other.creates and not other.computed and other.name in (wanted.image.before or {}):
            wanted.values[other.name] = _value(other, (wanted.image.before or {})[other.name])
    return True


def _value(spec: FieldSpec, value: Any) -> Any:
    """Make a field's value of JSON data."""
    if not spec.is_list:
        return value
    items = value if isinstance(value, list | tuple) else ()
    return tuple(sorted(items)) if spec.unordered else tuple(items)


def _masked(value: Any) -> bool:
    return any(isinstance(item, str) and MASK in item for item in (value if isinstance(value, tuple) else (value,)))
