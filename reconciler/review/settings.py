"""What differs beside the sections: the tenant, how it is reached, and what `manage`, `safety` and `secrets` say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from reconciler.load.head import not_secret
from reconciler.model.change import Action, Change, FieldChange, MemberChange, Risk, Source, ValueChange
from reconciler.model.desired import Desired, Safety
from reconciler.model.kind import Kind
from reconciler.model.resource import Risky
from reconciler.model.review import NOT_SET
from reconciler.model.secret import Secret
from reconciler.providers.base import Provider

Find = Callable[[Sequence[str]], Source | None]
Told = tuple[FieldChange, Risk]

_ORDER: Final = list(Risk)
_LISTS: Final = ("ignore", "protect", "ignore_fields", "additive")
_PASSWORDS: Final = {"file": Risk.MEDIUM, "age": Risk.HIGH, "recipients": Risk.HIGH, "command": Risk.HIGH}


def settings_changes(base: Desired, head: Desired, provider: Provider, find: Find) -> Iterator[Change]:
    """
    Compare all but the sections' entries.

    Of a secret only the variable is told that it names, and else that it is another one.
    """
    if base.contact_center != head.contact_center:
        # The name keys the lock, the history and what is known of spares: all of it starts anew.
        renamed = ValueChange(path="name", before=base.contact_center, after=head.contact_center)
        yield _change("contact_center", [(renamed, Risk.HIGH)], find(("contact_center",)))
    parts: list[tuple[str, list[Told], tuple[str, ...]]] = [
        ("provider", list(_provider(base, head, provider)), ("provider",)),
        *(
            (f"manage.{section}", list(_managed(base, head, kind)), ("manage", section))
            for section, kind in provider.kinds.items()
            if not kind.external
        ),
        ("safety", list(_safety(base, head)), ("safety",)),
        ("secrets", list(_secrets(base, head)), ("secrets", "extension_passwords")),
    ]
    for name, told, path in parts:
        if told:
            inner = (told[0][0].path,) if len(told) == 1 else ()
            yield _change(name, told, find((*path, *inner)))


def _change(name: str, told: Sequence[Told], source: Source | None) -> Change:
    return Change(
        section="settings",
        name=name,
        identity=name,
        action=Action.UPDATE,
        fields=tuple(item for item, _ in told),
        source=source,
        risk=max((risk for _, risk in told), key=_ORDER.index),
    )


def _provider(base: Desired, head: Desired, provider: Provider) -> Iterator[Told]:
    if base.settings.type != head.settings.type:
        yield ValueChange(path="type", before=base.settings.type, after=head.settings.type), Risk.HIGH
        return
    visible, model = not_secret(provider), provider.settings
    for name, info in model.model_fields.items():
        first, last = (side.settings.__dict__.get(name) for side in (base, head))
        risk = next((Risk(item.level) for item in info.metadata if isinstance(item, Risky)), Risk.LOW)
        if name not in visible:
            was, now = _secret(first), _secret(last)
            if was != now:
                unnamed = was and now and not was.variable and not now.variable
                after = "another value" if unnamed else _told(now)
                yield ValueChange(path=name, before=_told(was), after=after), Risk.MEDIUM
        elif _plain(first) != _plain(last):
            yield ValueChange(path=name, before=first, after=last), risk


def _plain(value: Any) -> str:
    """Spell a value, so that sides can be compared of which one holds texts for want of a variable."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _secret(value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret("" if value is None else str(value))


def _told(secret: Secret) -> Any:
    """Name the variable that a secret comes from; the secret itself is nobody's business."""
    return secret.variable or ("a value" if secret else NOT_SET)


def _managed(base: Desired, head: Desired, kind: Kind[Any]) -> Iterator[Told]:
    section = kind.section
    was, now = base.rule(section), head.rule(section)
    deletes = now.prune or kind.whole
    gone = max(Risk.MEDIUM, kind.deletion_risk, key=_ORDER.index)
    if base.manages(section) != head.manages(section):
        before = base.manages(section)
        risk = gone if deletes and not before else Risk.LOW
        yield ValueChange(path="managed", before=before, after=not before), risk
    if was.prune != now.prune:
        yield ValueChange(path="prune", before=was.prune, after=now.prune), gone if now.prune else Risk.LOW
    for name in _LISTS:
        before_list, after_list = set(getattr(was, name)), set(getattr(now, name))
        if before_list != after_list:
            add, remove = sorted(after_list - before_list), sorted(before_list - after_list)
            # What leaves one of these lists comes within reach of an apply.
            yield MemberChange(path=name, add=tuple(add), remove=tuple(remove)), Risk.MEDIUM if remove else Risk.LOW


def _safety(base: Desired, head: Desired) -> Iterator[Told]:
    for name in Safety.model_fields:
        before, after = (getattr(side.safety, name) for side in (base, head))
        if before != after:
            yield ValueChange(path=name, before=before, after=after), Risk.MEDIUM if after > before else Risk.LOW


def _secrets(base: Desired, head: Desired) -> Iterator[Told]:
    """Compare where one-time passwords go: who changes that may read them, or has a program run."""
    was, now = base.secrets.extension_passwords, head.secrets.extension_passwords
    for name, risk in _PASSWORDS.items():
        before, after = (_listed(getattr(side, name)) for side in (was, now))
        if before != after:
            yield ValueChange(path=name, before=before or NOT_SET, after=after or NOT_SET), risk


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
