"""What stands beside the sections: version, name, provider, `manage`, `safety` and `secrets`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from reconciler.load.messages import (
    MAPPING_REMEDY,
    Message,
    explain,
    locate,
    unknown_field,
    unsupported_section,
    writable,
)
from reconciler.load.problems import Problems, a, given, shown, suggestion
from reconciler.load.secrets import NOT_SECRET, SECRET_NAMES
from reconciler.load.substitute import Placeholder
from reconciler.load.tree import At, Map, Where
from reconciler.model.desired import Manage, PasswordStore, Safety, SecretStores, Settings
from reconciler.model.kind import Kind, Shape
from reconciler.model.resource import Resource, identity_field, specs
from reconciler.model.scalars import Quoted
from reconciler.model.secret import Secret
from reconciler.providers.base import Provider

KEYS: Final = ("version", "contact_center", "provider", "manage", "safety", "secrets", "defaults")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_NAME_FORM: Final = "up to 63 of a-z, 0-9 and -, and no - at the start"

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Head:
    """What stands beside the sections, as far as it is right."""

    contact_center: str | None = None
    provider: Provider | None = None
    settings: Settings | None = None
    manage: dict[str, Manage] = field(default_factory=dict)
    safety: Safety | None = None
    secrets: SecretStores | None = None


def not_secret(provider: Provider | None) -> frozenset[str]:
    """List the names under `provider` whose values may be shown."""
    if provider is None:
        return NOT_SECRET
    fields = provider.settings.model_fields.items()
    return frozenset(name for name, info in fields if not _is_secret(info.annotation)) - SECRET_NAMES


def _is_secret(annotation: Any) -> bool:
    return annotation is Secret or any(_is_secret(part) for part in get_args(annotation))


def find_provider(
    whole: Map,
    top: Where,
    vendors: Callable[[str], Provider | None],
    names: Callable[[], Sequence[str]],
    problems: Problems,
) -> Provider | None:
    """Find the vendor that `provider.type` names; *top* is where a missing key is reported."""
    section = whole.get("provider")
    if section is None:
        missing(problems, "provider", top, "write provider: with its type, address and credentials")
        return None
    if not isinstance(section, Map):
        problems.error(
            "not-a-mapping",
            f"provider is {given(section)}, and a mapping is due",
            At(whole, "provider"),
            MAPPING_REMEDY,
        )
        return None
    kind = section.get("type")
    if kind is None:
        known = ", ".join(names())
        if not problems.unsure:
            where = At(whole, "provider", "key")
            problems.error("missing-field", "provider needs type", where, f"known are {known}")
        return None
    found = vendors(kind) if isinstance(kind, str) else None
    if found is None:
        what = shown(kind) if isinstance(kind, str) else given(kind)
        where = At(section, "type")
        problems.error("unknown-provider", f"there is no provider {what}", where, suggestion(str(kind), names()))
    return found


def missing(problems: Problems, key: str, top: Where, remedy: str) -> None:
    """Report a key that has to be there, unless it may stand in what could not be read."""
    if not problems.unsure:
        problems.error("missing-key", f"the configuration has no {key}", top, remedy)


def version_fits(whole: Map, top: Where, problems: Problems) -> bool:
    """Check `version`; False where the files are of a version that means other things."""
    version = whole.get("version")
    if version is None:
        missing(problems, "version", top, "write `version: 1` at the top of one file")
        return True
    where = At(whole, "version")
    if not isinstance(version, str):
        problems.error("not-a-number", f"version is {given(version)}, and 1 is due", where, "write `version: 1`")
    elif isinstance(version, Quoted) and version == "1":
        problems.error(
            "quoted-number", "version: a number is due, and quotes make it text", where, "write `version: 1`"
        )
    elif version != "1":
        problems.error(
            "unknown-version",
            f"version {shown(version)} is not known; this program reads version 1",
            where,
            "write `version: 1`, or use the release that reads this version",
        )
        return False
    return True


def read_head(whole: Map, top: Where, provider: Provider | None, problems: Problems) -> Head:
    """Read all but `defaults` and the sections."""
    head = Head(provider=provider)
    head.contact_center = _contact_center(whole, top, problems)
    if provider is not None:
        head.settings = _settings(whole, provider, problems)
        head.manage = _manage(whole, provider, problems)
    head.safety = model_of(whole, "safety", Safety, problems) if "safety" in whole else Safety()
    head.secrets = _secret_stores(whole, problems) if "secrets" in whole else SecretStores()
    return head


def _contact_center(whole: Map, top: Where, problems: Problems) -> str | None:
    name = whole.get("contact_center")
    if name is None:
        missing(problems, "contact_center", top, f"write contact_center: with a name of {_NAME_FORM}")
        return None
    if isinstance(name, str) and (_NAME.fullmatch(name) or isinstance(name, Placeholder)):
        return str(name)
    what = shown(name) if isinstance(name, str) else given(name)
    problems.error(
        "bad-form", f"contact_center {what} does not have the form that is due", At(whole, "contact_center"), _NAME_FORM
    )
    return None


def model_of(whole: Map, key: str, model: type[M], problems: Problems) -> M | None:
    """Check the mapping under *key* against *model*."""
    value = whole[key]
    if not isinstance(value, Map):
        problems.error(
            "not-a-mapping", f"{key} is {given(value)}, and a mapping is due", At(whole, key), MAPPING_REMEDY
        )
        return None
    return checked(value, model, key, At(whole, key, "key"), problems)


def checked(value: Map, model: type[M], owner: str, where: Where, problems: Problems) -> M | None:
    """Check *value*, which *owner* names, against *model*; *where* serves what has no place of its own."""
    duplicates = [found for name, items in value.items() if (found := twice(items, At(value, name), name))]
    for message, place, related in duplicates:
        problems.error(message.code, message.summary, place, message.remedy, related)
    try:
        made = model.model_validate(value)
    except ValidationError as failed:
        for error in failed.errors(include_url=False):
            report(error, value, owner, model, problems, where=where)
        return None
    return None if duplicates else made


def report(  # noqa: PLR0913 - the parts of one error
    error: Any,
    value: Map,
    owner: str,
    model: type[BaseModel],
    problems: Problems,
    *,
    where: Where = None,
    secret: bool = False,
) -> None:
    """Add one of pydantic's errors, found in *value*; *where* serves what has no place of its own."""
    message = explain(error, owner, model, secret=secret)
    place = locate(value, error["loc"], at_key=message.at_key)
    problems.error(message.code, message.summary, place or where, message.remedy)


def twice(items: Any, at: At, name: str) -> tuple[Message, At, tuple[tuple[str, Where], ...]] | None:
    """Find a value that stands twice in a list."""
    if not isinstance(items, list):
        return None
    seen: dict[str, int] = {}
    for number, item in enumerate(items):
        if not isinstance(item, str):
            continue
        if item in seen:
            message = Message("duplicate-value", f"{shown(item)} stands twice in {name}", "remove one of them")
            first = At(at.map, at.key, "value", (seen[item],))
            return message, At(at.map, at.key, "value", (number,)), (("it stands first here", first),)
        seen[item] = number
    return None


def _settings(whole: Map, provider: Provider, problems: Problems) -> Settings | None:
    section = whole["provider"]
    model = provider.settings
    where = At(whole, "provider", "key")
    visible = not_secret(provider)
    made: Settings | None = None
    try:
        made = model.model_validate(section)
    except ValidationError as failed:
        errors = failed.errors(include_url=False)
        wrong = [error for error in errors if not _is_placeholder(section, error["loc"])]
        for error in wrong:
            name = error["loc"][0] if error["loc"] else ""
            if error["type"] == "missing" and problems.unsure:
                continue
            report(error, section, "provider", model, problems, where=where, secret=name not in visible)
        if not wrong:
            made = model.model_construct(**section)
    empty = [
        name
        for name, info in model.model_fields.items()
        if info.is_required() and name not in visible and section.get(name) == ""
    ]
    for name in empty:
        problems.error(
            "empty-secret",
            f"provider.{name} is empty",
            At(section, name),
            "set the variable, or the file, it comes from",
        )
    return None if empty else made


def _is_placeholder(section: Map, loc: Sequence[Any]) -> bool:
    return bool(loc) and isinstance(section.get(loc[0]), Placeholder)


def _manage(whole: Map, provider: Provider, problems: Problems) -> dict[str, Manage]:
    section = whole.get("manage")
    kinds = provider.kinds
    if section is None:
        return {}
    if not isinstance(section, Map):
        problems.error(
            "not-a-mapping",
            f"manage is {given(section)}, and a mapping of sections is due",
            At(whole, "manage"),
            MAPPING_REMEDY,
        )
        return {}
    collections = [name for name, kind in kinds.items() if kind.collection]
    made = {}
    for name, value in section.items():
        where = At(section, name, "key")
        if name not in collections:
            if name in provider.unsupported:
                message = unsupported_section(provider.name, name, provider.unsupported[name])
                problems.error(message.code, message.summary, where, message.remedy)
            elif name in kinds and not kinds[name].external:
                problems.error(
                    "not-a-collection",
                    f"manage takes sections whose objects come and go, and {name} is none",
                    where,
                    f"it takes {', '.join(collections)}",
                )
            else:
                remedy = suggestion(name, collections, otherwise="it takes")
                problems.error("unknown-section", f"manage names no section {shown(name)}", where, remedy)
            continue
        if not isinstance(value, Map):
            problems.error(
                "not-a-mapping",
                f"manage.{name} is {given(value)}, and a mapping is due",
                At(section, name),
                MAPPING_REMEDY,
            )
            continue
        rule = checked(value, Manage, f"manage.{name}", where, problems)
        if rule is not None:
            made[name] = rule
            _rule_fields(value, rule, kinds[name], problems)
    return made


def _rule_fields(value: Map, rule: Manage, kind: Kind[Any], problems: Problems) -> None:
    """Check the names of fields in `ignore_fields` and `additive`."""
    model: type[Resource] = kind.resource
    identity = identity_field(model)
    written = [name for name in writable(model) if name != identity]
    lists = [name for name in written if specs(model)[name].is_list]
    fields = [*written, *(name for name, spec in specs(model).items() if spec.paired_with is not None)]
    for key, given_names, known in (("ignore_fields", rule.ignore_fields, fields), ("additive", rule.additive, lists)):
        for number, name in enumerate(given_names):
            if name in known:
                continue
            where = At(value, key, "value", (number,))
            if name in fields:
                remedy = f"it takes {', '.join(lists)}" if lists else "remove it"
                problems.error("not-a-list", f"additive names list fields, and {name} is none", where, remedy)
            elif name == identity:
                problems.error(
                    "identity-field", f"{name} is {a(kind.one)}'s identity, and is always compared", where, "remove it"
                )
            elif kind.shape is Shape.LISTED:
                problems.error("unknown-field", f"{a(kind.one)} has no fields to name here", where, "remove it")
            else:
                message = unknown_field(a(kind.one), name, model, kind.unsupported)
                problems.error(message.code, message.summary, where, message.remedy)


def _secret_stores(whole: Map, problems: Problems) -> SecretStores | None:
    made = model_of(whole, "secrets", SecretStores, problems)
    section = whole["secrets"]
    if made is None or "extension_passwords" not in section:
        return made
    store: PasswordStore = made.extension_passwords
    where = At(section, "extension_passwords", "key")
    ways = [name for name in ("file", "age", "command") if name in store.model_fields_set]
    if len(ways) != 1:
        found = " and ".join(ways) if ways else "none"
        problems.error(
            "one-password-store",
            f"extension_passwords takes one of file, age and command, and has {found}",
            where,
            "keep exactly one",
        )
        return None
    empty = not getattr(store, ways[0])
    if empty:
        problems.error("empty-text", f"extension_passwords.{ways[0]} is empty", where, "write it, or remove it")
    if (ways == ["age"]) != bool(store.recipients):
        problems.error(
            "age-recipients",
            "age and recipients go together in extension_passwords",
            where,
            "write {age: PATH, recipients: [age1…]}",
        )
        return None
    return None if empty else made
