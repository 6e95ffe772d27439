"""What the files want, as one value: checked, substituted, with references resolved to identities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from reconciler.model.change import Source
from reconciler.model.live import digest, plain_value
from reconciler.model.resource import Resource
from reconciler.model.scalars import Boolean, Integer
from reconciler.model.secret import Mask, Secret


class Settings(BaseModel):
    """The base of each vendor's `provider:` section."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: str

    @property
    def tenant(self) -> str:
        """Name the tenant at the vendor (an AppId); with the contact center's name it keys the store."""
        raise NotImplementedError


class Manage(BaseModel):
    """How one section is managed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    prune: Annotated[Boolean, Field(description="Delete live objects that the files do not name.")] = False
    ignore: Annotated[
        tuple[str, ...],
        Field(description="Objects to leave out altogether: globs on local name, identity or `name:`."),
    ] = ()
    protect: Annotated[
        tuple[str, ...],
        Field(description="Objects that no plan may delete or leave without agents; globs, as in `ignore`."),
    ] = ()
    ignore_fields: Annotated[tuple[str, ...], Field(description="Fields that are never compared nor changed.")] = ()
    additive: Annotated[
        tuple[str, ...],
        Field(description="List fields in which live members that the files do not name stay."),
    ] = ()

    def ignores(self, *, name: str, identity: str, label: str) -> bool:
        """Whether `ignore` hides the object."""
        return bool(self.ignore) and matches(self.ignore, name=name, identity=identity, label=label)

    def protects(self, *, name: str, identity: str, label: str) -> bool:
        """Whether `protect` guards the object."""
        return bool(self.protect) and matches(self.protect, name=name, identity=identity, label=label)


def matches(globs: tuple[str, ...], *, name: str, identity: str, label: str) -> bool:
    """Match a local name or an identity against *globs*; `name:GLOB` matches the object's name instead."""
    for glob in globs:
        if glob.startswith("name:"):
            if fnmatchcase(label, glob.removeprefix("name:")):
                return True
        elif fnmatchcase(name, glob) or fnmatchcase(identity, glob):
            return True
    return False


class Safety(BaseModel):
    """What one plan may delete, per section."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    max_deletes: Annotated[Integer, Field(ge=0, description="Objects that one plan may delete in a section.")] = 5
    max_delete_percent: Annotated[
        Integer,
        Field(ge=0, le=100, description="The same, in percent of what is live; counts from ten live objects up."),
    ] = 30

    def limit(self, live: int) -> int:
        """Give the number of deletions allowed where *live* objects are known."""
        if live < 10:
            return self.max_deletes
        return min(self.max_deletes, max(1, live * self.max_delete_percent // 100))


class PasswordStore(BaseModel):
    """Where one-time extension passwords go. Exactly one of `file`, `age` and `command`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    file: Annotated[str | None, Field(description="A JSON file, mode 0600.")] = None
    age: Annotated[str | None, Field(description="A file of age-encrypted entries; needs `recipients`.")] = None
    recipients: Annotated[tuple[str, ...], Field(description="age public keys (`age1…`).")] = ()
    command: Annotated[
        tuple[str, ...], Field(description="A program and its arguments; gets one JSON object on standard input.")
    ] = ()


class SecretStores(BaseModel):
    """Where secrets that the vendor gives once are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    extension_passwords: Annotated[PasswordStore, Field(description="Where extension passwords go.")] = PasswordStore()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One wanted object. *written* are the fields that the files manage; *name* is its local name."""

    section: str
    name: str
    identity: str
    resource: Resource
    source: Source | None
    written: frozenset[str]
    implied: bool = False  # wanted because another entry names it, not by an entry of its own

    @property
    def address(self) -> str:
        """`queues/sales`; single things are their section alone."""
        return f"{self.section}/{self.name}" if self.name else self.section


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """
    A whole configuration.

    Args:
        sections: Entries by section and local name. A section that is absent is not managed; one that `prune`
            makes managed is present and empty.
        implied: Objects that are wanted only because an entry names them, by section and identity.
        root: The configuration's folder, absolute; `.reconciler/` and relative paths belong here.
        mask: Hides the secrets among its values.
    """

    contact_center: str
    settings: Settings
    sections: Mapping[str, Mapping[str, Entry]]
    implied: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    manage: Mapping[str, Manage] = field(default_factory=dict)
    safety: Safety = field(default_factory=Safety)
    secrets: SecretStores = field(default_factory=SecretStores)
    root: str = "."
    mask: Mask = field(default_factory=Mask)

    @property
    def digest(self) -> str:
        """Fingerprint what it means: the same for reformatted or moved YAML, and free of secrets. Worked out anew."""
        return digest(
            {
                "contact_center": self.contact_center,
                "provider": {name: value for name, value in self.settings if not isinstance(value, Secret)},
                "sections": {
                    section: {name: _meaning(entry) for name, entry in entries.items()}
                    for section, entries in self.sections.items()
                },
                "manage": {name: rule.model_dump(mode="json") for name, rule in self.manage.items()},
                "safety": self.safety.model_dump(mode="json"),
            }
        )

    @property
    def named(self) -> Mapping[str, int]:
        """Count what it names, by section; 0 stands for a single thing."""
        return {section: 0 if "" in entries else len(entries) for section, entries in self.sections.items() if entries}

    def of(self, section: str) -> Mapping[str, Entry]:
        """Give one section's entries by local name; empty where it is absent."""
        return self.sections.get(section, {})

    def manages(self, section: str) -> bool:
        """Whether the files say anything of *section*."""
        return section in self.sections

    def rule(self, section: str) -> Manage:
        """Give the section's `manage` entry, or the defaults."""
        return self.manage.get(section, _DEFAULT_RULE)

    def hides(self, section: str, identity: str, live: Resource | None) -> bool:
        """Whether `manage.SECTION.ignore` hides an object, which is *live* or only wanted."""
        rule = self.rule(section)
        if not rule.ignore:
            return False
        entry = next((entry for entry in self.of(section).values() if entry.identity == identity), None)
        labels = (_label(item) for item in (entry.resource if entry is not None else None, live))
        return rule.ignores(
            name=entry.name if entry is not None else identity, identity=identity, label=next(filter(None, labels), "")
        )

    def local_name(self, section: str, identity: str) -> str:
        """Name an object by its local name where it has one, else by its identity."""
        for entry in self.of(section).values():
            if entry.identity == identity:
                return entry.name
        return identity


_DEFAULT_RULE = Manage()


def _label(item: Resource | None) -> str:
    return str(item.__dict__.get(item.label_field, "")) if item is not None and item.label_field else ""


def _meaning(entry: Entry) -> list[Any]:
    """Give what an entry wants, wishes on how to create an object included."""
    values = entry.resource.__dict__
    names = sorted(entry.written | entry.resource.model_fields_set)
    return [entry.identity, sorted(entry.written), {name: values[name] for name in names}]


def entry_values(entry: Entry) -> dict[str, Any]:
    """Give the fields that an entry manages, as JSON-ready data."""
    values = entry.resource.__dict__
    return {name: plain_value(values[name]) for name in sorted(entry.written)}
