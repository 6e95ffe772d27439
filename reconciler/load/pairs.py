"""
Lists whose members have values of their own: `queues: {sales: {priority: 1}}` beside `queues: [sales]`.

What stands with a member belongs to a companion field of the class, which YAML never names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.load.messages import Message, described, explain, unknown_of
from reconciler.load.problems import Problems, given, shown
from reconciler.load.secrets import SECRET_NAMES
from reconciler.load.tree import At, Map
from reconciler.model.resource import Resource, specs


@dataclass(frozen=True, slots=True)
class Pairing:
    """A list *field* of *model* that may be a mapping, and its *companions* by the word that stands for each."""

    model: type[Resource]
    field: str
    companions: Mapping[str, str]

    @property
    def form(self) -> str:
        """Show how a pair is written: `{priority: …}`."""
        return f"{{{', '.join(f'{word}: …' for word in self.companions)}}}"


@dataclass(slots=True)
class Members:
    """
    What the mapping *found* says.

    *keys* has for each member's identity how it is written, *values* the companions by name; *wrong*: not all of it
    could be read.
    """

    pairing: Pairing
    found: Map
    keys: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: bool = False

    def sorted(self) -> list[str]:
        """List the members."""
        return sorted(self.keys)

    def raw(self) -> dict[str, Any]:
        """Give the fields that it stands for, each in the order of the members."""
        companions = {name: {key: values[key] for key in sorted(values)} for name, values in self.values.items()}
        return {self.pairing.field: self.sorted(), **companions}


def pairings(model: type[Resource]) -> dict[str, Pairing]:
    """Find the list fields of *model* that have companions."""
    found: dict[str, dict[str, str]] = {}
    for name, spec in specs(model).items():
        if spec.paired_with is not None:
            found.setdefault(spec.paired_with.field, {})[spec.paired_with.word] = name
    return {name: Pairing(model, name, companions) for name, companions in found.items()}


def read(pairing: Pairing, found: Map, meant: Callable[[str, At], str], problems: Problems) -> Members:
    """Read the mapping *found*; *meant* gives the identity that a key means, and reports one that means none."""
    made = Members(pairing, found)
    for key, value in found.items():
        where = At(found, key, "key")
        identity = meant(key, where)
        if identity in made.keys:
            first = made.keys[identity]
            problems.error(
                "duplicate-value",
                f"{shown(key)} and {shown(first)} mean the same, and both stand in {pairing.field}",
                where,
                "remove one of them",
                (("it stands first here", At(found, first, "key")),),
            )
            made.wrong = True
            continue
        made.keys[identity] = key
        label = _label(pairing, key)
        if not isinstance(value, Map):
            what = shown(value) if isinstance(value, str) else given(value)
            problems.error(
                "not-a-mapping",
                f"{label} is {what}, and a mapping is due",
                At(found, key),
                f"write {pairing.form}, or {{}}",
            )
            made.wrong = True
            continue
        for word, item in value.items():
            companion = pairing.companions.get(word)
            if companion is not None:
                made.values.setdefault(companion, {})[identity] = item
                continue
            if key in SECRET_NAMES:
                problems.secrets.append(word)  # meant for the value, and written as a key: `{secret: …}`
            words = {word: described(pairing.model, name) for word, name in pairing.companions.items()}
            message = unknown_of(label, word, words)
            problems.error(message.code, message.summary, At(value, word, "key"), message.remedy)
            made.wrong = True
    return made


def explained(error: Any, read_: Mapping[str, Members]) -> tuple[Message, At] | None:
    """
    Put one of pydantic's errors in plain words, and find its place.

    Args:
        error: One of `ValidationError.errors()`.
        read_: The lists that are written as mappings, by name; what was checked is their `raw`.

    Returns:
        None where it speaks of no single member of them.
    """
    for name, members in read_.items():
        pairing = members.pairing
        words = {companion: word for word, companion in pairing.companions.items()}
        match error["loc"]:
            case (str(field_name), int(number), *_) if field_name == name and number < len(members.keys):
                key = members.keys[members.sorted()[number]]
                return explain(error, name, pairing.model), At(members.found, key, "key")
            case (str(companion), str(member), *_) if companion in words and member in members.keys:
                key, word = members.keys[member], words[companion]
                message = explain({**error, "loc": (_label(pairing, key), word)}, name, pairing.model)
                message = replace(message, remedy=message.remedy or described(pairing.model, companion))
                return message, At(members.found[key], word)
    return None


def _label(pairing: Pairing, key: str) -> str:
    """Name a member's fields for people."""
    return f"{pairing.field}.{shown(key)[1:-1]}"
