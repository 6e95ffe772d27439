"""
The live tenant as tidy YAML: `plan` right after shows nothing to do, and that is checked before it is said.

References instead of ids, vendor defaults left out, nothing pruned. What can't be read back (voice files' content,
passwords, webhook events) is not written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from reconciler import pipeline
from reconciler.model.desired import Entry
from reconciler.model.errors import DefectError, ReconcilerError
from reconciler.model.kind import Kind, Shape
from reconciler.model.live import Live
from reconciler.model.resource import Resource, fits, identity_field, specs
from reconciler.providers.base import Provider
from reconciler.schema import MODELINE, documents, printed

_OWN_MODELINE: Final = re.compile(r"^# yaml-language-server:.*\n", re.MULTILINE)
# What readers of YAML 1.2 take for a number, and the dumper's YAML 1.1 leaves without quotes.
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")
_NAMED: Final = re.compile(r"\$\{env:([A-Z_]+)")  # the variable that a setting's description names
_MANY: Final = 100  # entries of a section from which they are split over files, by whom they serve
_PROVIDER_KEYS: Final = frozenset({"version", "contact_center", "provider", "safety", "secrets"})
_SECRET_KEYS: Final = frozenset({"sid", "auth_token", "secret_id", "secret_key", "token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What `export` wrote. *notes* say what was left out and why."""

    paths: tuple[str, ...]
    notes: tuple[str, ...]
    summary: str


@dataclass(slots=True)
class Notes:
    """What was left out and why."""

    items: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Add a note."""
        self.items.append(text)


def _is_free(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


async def export(session: pipeline.Session, out: str) -> Written:
    """
    Write the tenant into the folder *out*, which must be new or empty.

    Raises:
        ReconcilerError: The folder is not empty or can't be written, or the tenant can't be read.
        DefectError: A plan from what was written is not empty.
    """
    folder = Path(out)
    if not _is_free(folder):
        raise ReconcilerError(f"{out} is not an empty folder", remedy="Name one that is new; nothing is overwritten.")
    notes = Notes()
    provider_text, environ = _provider_file(session, notes)
    live = await pipeline.fetch_all(session)
    vendor = session.provider.name
    files = {
        name: MODELINE.format(f"{'../' * name.count('/')}.schema/{vendor}.json") + text
        for name, text in {"provider.yaml": provider_text, **sections(session.provider.kinds, live, notes)}.items()
    }
    files[f".schema/{vendor}.json"] = printed(documents()[vendor])
    paths = []
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
    except OSError as cause:
        raise ReconcilerError(f"{out} can't be written: {cause.strerror}", remedy="Name another folder.") from cause
    _check(session, live, out, environ)
    counts = ", ".join(
        f"{number} {kind.one}{'' if number == 1 else 's'}"
        for kind in session.provider.kinds.values()
        if kind.exported
        and kind.shape in {Shape.NAMED, Shape.LISTED}
        and not (kind.external or kind.fixed)
        and (number := len(live.of(kind.section)))
    )
    summary = f"Exported {session.desired.contact_center}: {counts or 'an empty tenant'}.\nA plan from {out} is empty."
    return Written(paths=tuple(paths), notes=tuple(notes.items), summary=summary)


def _check(session: pipeline.Session, live: Live, out: str, environ: Mapping[str, str]) -> None:
    request = pipeline.Request(path=out, environ={**session.request.environ, **environ}, state=session.request.state)
    loaded = pipeline.read(request)
    if loaded.desired is None:
        problems = "; ".join(item.summary for item in loaded.diagnostics.errors[:3])
        raise DefectError(f"what was exported to {out} does not load: {problems}", remedy="Please report this.")
    again = pipeline.open_session(loaded, request)
    made = pipeline.plan_from(again, Live(live.sections, live.memory))
    if made.changes or made.refusals:
        what = ", ".join(change.address for change in made.changes[:5])
        raise DefectError(f"a plan from {out} is not empty: {what}", remedy="Please report this.")


def _provider_file(session: pipeline.Session, notes: Notes) -> tuple[str, dict[str, str]]:
    """
    Take the user's own text, with every secret that stands in it replaced by a reference to the environment.

    Returns:
        The text, and the variables that it reads now. Their values are made up: what is written is loaded and planned,
        which takes no credentials.

    Raises:
        ReconcilerError: The file holds more than it should, or a secret where it can't be replaced.
    """
    path = Path(session.request.path)
    if path.is_dir():
        raise ReconcilerError(f"{path} is a folder", remedy="--provider-file names one YAML file.")
    text = path.read_text(encoding="utf-8-sig")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode), "it has been loaded before"
    keys = {key.value for key, _ in root.value}
    if keys - _PROVIDER_KEYS:
        raise ReconcilerError(
            f"{path} also holds {', '.join(sorted(keys - _PROVIDER_KEYS))}",
            remedy="Keep version, contact_center and provider in a file of their own.",
        )
    environ = {}
    known = session.desired.mask.secrets
    for start, past, name, quote in sorted(_literals(root, known), reverse=True):
        variable = _variable(session.provider, name)
        environ[variable] = "made-up"
        end = start + len(text[start:past].rstrip())  # a block scalar ends where the next key begins
        text = f"{text[:start]}{quote}${{env:{variable}}}{quote}{text[end:]}"
    text = _OWN_MODELINE.sub("", text)
    if any(len(secret) >= 4 and secret in text for secret in known) or not _is_yaml(text):
        raise ReconcilerError(
            f"{path} holds credentials in a way that can't be kept out of the export",
            remedy="Write them as ${env:…}, with no anchors, and in no comment.",
        )
    if environ:
        notes.add(f"Credentials are read from the environment: {', '.join(sorted(environ))}.")
    return text if text.endswith("\n") else f"{text}\n", environ


def _variable(vendor: Provider, setting: str) -> str:
    """Name the environment variable for a setting: the one that its description names."""
    named = _NAMED.search(vendor.settings.model_fields[setting].description or "")
    return named[1] if named is not None else f"{vendor.name}_{setting}".upper()


def _literals(root: yaml.MappingNode, known: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    """Find where secrets stand in the text, or in a file that the new folder does not have."""
    for key, value in root.value:
        if key.value != "provider" or not isinstance(value, yaml.MappingNode):
            continue
        for name, scalar in value.value:
            if name.value not in _SECRET_KEYS or not isinstance(scalar, yaml.ScalarNode):
                continue
            if "${file:" in scalar.value or any(secret in scalar.value for secret in known):
                quote = '"' if value.flow_style else ""
                yield scalar.start_mark.index, scalar.end_mark.index, name.value, quote


def _is_yaml(text: str) -> bool:
    try:
        yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    return True


def sections(kinds: Mapping[str, Kind[Any]], live: Live, notes: Notes) -> dict[str, str]:
    """Write what is live of each section, as texts by file name."""
    names = {kind.section: _local_names(kind, live) for kind in kinds.values() if not kind.external}
    unshown = [kind.section for kind in kinds.values() if kind.readable and kind.section not in live.sections]
    files: dict[str, str] = {}
    managed: dict[str, Any] = {}
    for kind in kinds.values():
        if kind.external or not kind.exported or kind.section in unshown:
            continue
        entries = {
            names[kind.section][identity]: fields
            for identity, item in live.of(kind.section).items()
            if (fields := entry_fields(kind, identity, item, names, notes)) is not None
        }
        if not entries and not kind.collection:
            continue
        if kind.collection:
            managed[kind.section] = {"prune": False}
        for name, part in _split(kind, entries):
            files[name] = _dump({kind.section: part})
    if managed:
        files["manage.yaml"] = (
            "# Nothing that the files do not name is deleted. Turn prune on by section once they are complete.\n"
            + _dump({"manage": managed})
        )
    left_out = [kind.section for kind in kinds.values() if not kind.exported and not kind.external]
    if unshown:
        notes.add(f"Not written, since this edition of the vendor does not show it: {', '.join(unshown)}.")
    if left_out:
        notes.add(f"Not written, since the vendor can't give it back: {', '.join(left_out)}.")
    return files


def _split(kind: Kind[Any], entries: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give file names and contents: one file a section, or by the first queue where there are many."""
    if kind.shape is Shape.SINGLE:
        yield f"{kind.section}.yaml", entries[""]
        return
    if kind.shape is Shape.SCALAR:
        yield f"{kind.section}.yaml", next(iter(entries[""].values()))
        return
    staffs = next((spec.name for spec in specs(kind.resource).values() if spec.ref and spec.ref.staffs), None)
    if staffs is None or len(entries) <= _MANY:
        yield f"{kind.section}.yaml", dict(entries)
        return
    groups: dict[str, dict[str, Any]] = {}
    for name, fields in entries.items():
        first = next(iter(fields.get(staffs) or ["none"]))
        groups.setdefault(slug(first) or "others", {})[name] = fields
    for group, part in sorted(groups.items()):
        yield f"{kind.section}/{group}.yaml", part


def entry_fields(
    kind: Kind[Any], identity: str, item: Resource, names: Mapping[str, Mapping[str, str]], notes: Notes
) -> dict[str, Any] | None:
    """Give what YAML says of one object; None where nothing is worth saying."""
    always_there = kind.fixed or kind.shape in {Shape.SINGLE, Shape.SCALAR}
    values: dict[str, Any] | None = _beside_defaults(kind, identity, item, names[kind.section])
    if values or not always_there:
        values = _allowed(kind, identity, values or {}, identity_field(kind.resource), notes)
    if values is None or (always_there and not values):
        return None
    pairs = _pairs(kind, identity, item, values, notes)
    for spec in specs(kind.resource).values():
        if spec.name not in values:
            continue
        known = names.get(spec.ref.section, {}) if spec.ref is not None else {}
        if spec.name in pairs:
            values[spec.name] = {known.get(member, member): pairs[spec.name][member] for member in values[spec.name]}
        elif known:
            values[spec.name] = _references(values[spec.name], known)
    return {name: _written(value) for name, value in values.items()}


def _pairs(
    kind: Kind[Any], identity: str, item: Resource, values: Mapping[str, Any], notes: Notes
) -> dict[str, dict[str, dict[str, Any]]]:
    """Give the list fields whose members have values that no pair gets by itself: those values, by member and word."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for spec in specs(kind.resource).values():
        pair = spec.paired_with
        if pair is None or pair.field not in values:
            continue
        told = {member: value for member, value in item.__dict__[spec.name].items() if member in values[pair.field]}
        for member, value in sorted(told.items()):
            if value == pair.default:
                continue
            if not fits(kind.resource, spec.name, {member: value}):
                notes.add(
                    f"Left out the {pair.word} of {member} in {kind.section}/{identity}: "
                    "it is not in a form that the page allows."
                )
                continue
            members = found.setdefault(pair.field, {member: {} for member in values[pair.field]})
            members[member][pair.word] = value
    return found


def _beside_defaults(kind: Kind[Any], identity: str, item: Resource, names: Mapping[str, str]) -> dict[str, Any]:
    """
    Pick the fields that are not what the vendor would choose, and the identity where the local name is another.

    Where nothing makes the object, the vendor chooses nothing: then all is picked that can be managed.
    """
    named = identity_field(kind.resource)
    values: dict[str, Any] = {}
    for spec in specs(kind.resource).values():
        if not spec.written or spec.write_only or spec.renamed_from or spec.name in kind.unsupported:
            continue
        value = item.__dict__[spec.name]
        if spec.name == named:
            if names[identity] != value:
                values[spec.name] = value
        elif spec.needed or kind.given or value != kind.resource.model_fields[spec.name].get_default():
            values[spec.name] = value
    left_alone = _left_alone(kind, identity, item, values)
    return {name: value for name, value in values.items() if name not in left_alone}


def _left_alone(kind: Kind[Any], identity: str, item: Resource, values: Mapping[str, Any]) -> frozenset[str]:
    """Name the fields that the kind would not compare with what is live, with a warning in every plan."""
    if kind.review is None:
        return frozenset()
    wish = Entry(
        section=kind.section, name=identity, identity=identity, resource=item, source=None, written=frozenset(values)
    )
    said = kind.review(wish, item)
    return said.skip if said is not None else frozenset()


def _written(value: Any) -> Any:
    """Write a value so that it is read as it is: what a vendor holds is no reference to anybody's environment."""
    match value:
        case str():
            return value.replace("$", "$$")
        case tuple() | list():
            return [_written(item) for item in value]
        case dict():
            return {name: _written(item) for name, item in value.items()}  # nothing is substituted in keys
        case _:
            return value


def _references(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, tuple):
        return [names.get(item, item) for item in value]
    return names.get(value, value)


def _allowed(
    kind: Kind[Any], identity: str, values: dict[str, Any], named: str | None, notes: Notes
) -> dict[str, Any] | None:
    """Leave out what the vendor holds and its own page does not allow."""
    probe = dict(values)
    if named is not None:
        probe[named] = identity
    while True:
        try:
            kind.resource.model_validate(probe)
        except ValidationError as error:
            bad = {str(item["loc"][0]) for item in error.errors() if item["loc"]}
            if not bad & probe.keys() or named in bad:
                notes.add(f"Left out {kind.section}/{identity}: it is not in a form that the vendor's page allows.")
                return None
            for name in sorted(bad & probe.keys()):
                notes.add(f"Left out {name} of {kind.section}/{identity}: it is not in a form that the page allows.")
                probe.pop(name)
                values.pop(name, None)
        else:
            return values


def _local_names(kind: Kind[Any], live: Live) -> dict[str, str]:
    """Name objects by their names where these make a good name, each once; else by identity."""
    named = identity_field(kind.resource)
    label = kind.resource.label_field
    found: dict[str, str] = {}
    if named is None or label is None or label == "callback" or not kind.exported:
        return {identity: identity for identity in live.of(kind.section)}
    identities = set(live.of(kind.section))
    taken: set[str] = set()
    for identity, item in live.of(kind.section).items():
        name = slug(str(item.__dict__[label]))
        if not name or name in taken or name in identities:
            name = identity
        taken.add(name)
        found[identity] = name
    return found


def slug(text: str) -> str:
    """Make a local name of a name: `Li Wei` → `li-wei`; empty where it is not in Latin letters."""
    if not text.isascii():
        return ""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class _Dumper(yaml.SafeDumper):
    """Block mappings, lists in one line, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never make an alias."""
        del data
        return True


def _list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="'" if _NUMBER.fullmatch(data) else None)


_Dumper.add_representer(list, _list)
_Dumper.add_representer(str, _text)


def _dump(document: Any) -> str:
    text: str = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    return text
