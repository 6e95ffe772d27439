"""
Which values are secret, and what they are.

Known by name, before any vendor is asked: a text that can't even be parsed may hold them. What is collected here goes
into the mask; what must be blanked out of a quoted line is found by place (`finder`), as the line may spell a value
in another way than the value itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.load.lines import Lines
from reconciler.load.tree import Document, Lost, Map

SECRET_NAMES: Final = frozenset({"sid", "auth_token", "secret_id", "secret_key", "token"})
NOT_SECRET: Final = frozenset({"type"})  # under `provider`, as long as no vendor is known

_REFERENCE: Final = re.compile(r"\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*(?::-)?|file:[^${}]*)\}", re.ASCII)
_ENV: Final = re.compile(r"\$\{env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<fallback>[^}]*))?\}", re.ASCII)
_NO_ENVIRON: Final[Mapping[str, str]] = {}
USER_INFO: Final = re.compile(r"//([^/\s@'\"]*:([^/\s@'\"]*))@")
# A name that is always secret, with what follows it; also where spaces, quotes or brackets went wrong.
_NAMED: Final = re.compile(rf"(?:{'|'.join(sorted(SECRET_NAMES))})[\"']?\s*[:=]\s*(?P<value>\S.*)")
PROVIDER: Final = re.compile(r"(?:^|[\s{,?\"'])provider[\"']?\s*:", re.MULTILINE)
TOP_KEY: Final = re.compile(r"^[\"']?(?P<name>[A-Za-z_][\w-]*)[\"']?\s*:", re.MULTILINE)
_PAIR: Final = re.compile(r"(?P<name>[\w.-]+)[\"']?\s*:(?:\s+|$)(?P<value>[^,}\]\n]*)")
_SWALLOWED: Final = re.compile(r"\bprovider:\s")
_REGION: Final = 64 * 1024  # characters of a broken text that are taken for `provider`, where no end is seen
_LEAST: Final = 4  # characters; what a broken text may mean by anything shorter is anyone's guess


def is_reference(text: str) -> bool:
    """Whether *text* only names where the secret is, and holds none."""
    return _REFERENCE.fullmatch(text) is not None


def under_secret_name(names: Sequence[str]) -> bool:
    """Whether a path leads to, or below, a name that is always secret; an entry in between may be called like one."""
    return any(name in SECRET_NAMES and (place != 1 or place == len(names) - 1) for place, name in enumerate(names))


def of_value(  # noqa: C901 - one case after another
    value: Any, environ: Mapping[str, str] = _NO_ENVIRON, seen: set[int] | None = None
) -> Iterator[str]:
    """List what is secret in a secret value: all of its texts, its keys included, and the variables that it names."""
    seen = set() if seen is None else seen
    match value:
        case str():
            if not is_reference(value):
                yield value
            if "$" in value:
                for found in _ENV.finditer(value):
                    yield from (text for text in (found["fallback"], environ.get(found["name"])) if text)
        case dict() | list():
            if id(value) in seen:
                return
            seen.add(id(value))
            if isinstance(value, dict):
                yield from (key for key in value if isinstance(key, str))
            for item in value.values() if isinstance(value, dict) else value:
                yield from of_value(item, environ, seen)
            if isinstance(value, Map):
                yield from of_value(value.doc.lost.get(id(value.mark)), environ, seen)
        case Lost():
            yield from value.keys
            for item in value.values:
                yield from of_value(item, environ, seen)


def of_provider(provider: Any, known: Collection[str], environ: Mapping[str, str] = _NO_ENVIRON) -> Iterator[str]:
    """List what is secret in what stands under `provider`; *known* are the names that hold no secrets."""
    if not isinstance(provider, Mapping):
        yield from of_value(provider, environ)
        return
    for name, value in provider.items():
        if name in SECRET_NAMES or name not in known:
            yield from of_value(value, environ)
        elif isinstance(value, str):
            for pair in USER_INFO.finditer(value):
                yield from (part for part in pair.groups() if part)
    lost = provider.doc.lost.get(id(provider.mark)) if isinstance(provider, Map) else None
    if lost is not None:  # a name that nobody knows, and without a value: `{secret}`
        yield from (key for key in lost.keys if key not in known and key not in SECRET_NAMES)
        yield from of_value(lost.values, environ)


def of_unread(doc: Document, known: Collection[str], environ: Mapping[str, str]) -> Iterator[str]:
    """List what was said, or may be, of a text that the parser did not get through while a secret was open."""
    whole = doc.prefix[:1] and doc.prefix[0][0] == "provider"
    if doc.open_line is None and not whole:
        return
    for lost in doc.lost.values():
        if lost.mark.line >= (doc.open_line or 0):
            yield from (key for key in lost.keys if key not in known and key not in SECRET_NAMES)
            yield from of_value(lost.values, environ)
    for value in doc.aliased:
        yield from (text for text in of_value(value, environ) if text not in known)


def of_broken(lines: Lines, first_line: int | None, *, provider_seen: bool) -> Iterator[str]:
    """
    Guess what may be secret in a text that is no YAML: too much rather than too little.

    *first_line* is where a secret, or `provider`, begins that the parser did not get past; *provider_seen* says that
    it got past one.
    """
    for found in _NAMED.finditer(lines.text):
        yield from _spellings(found["value"])
    if first_line is None:
        provider = PROVIDER.search(lines.text)
        if provider is None or provider_seen:
            return
        start = provider.end()
    else:
        start = lines.start(first_line)
    for number, line in enumerate(lines.text[start : start + _REGION].split("\n")):
        if number and line[:1].isalpha() and ":" in line:  # most likely the next section
            return
        if ":" not in line:
            yield from _spellings(line)
        for pair in _PAIR.finditer(line):
            if pair["name"] not in NOT_SECRET and pair["name"] != "provider":
                yield from _spellings(pair["value"])


def _spellings(value: str) -> Iterator[str]:
    """Give the texts that a piece of a broken line may stand for."""
    value = value.strip()
    bare = value.split(" #", 1)[0].strip()
    if is_reference(bare.strip("\"'")):
        return
    for text in (value, bare, bare.rstrip(",}] "), bare.strip("\"'"), bare.rstrip(",}] ").strip("\"'")):
        if len(text) >= _LEAST and not is_reference(text):
            yield text


def named(line: str, *, broken: bool) -> Iterator[tuple[int, int]]:
    """Find what follows a secret's name in *line*; in a text that is no YAML, to the end of the line."""
    for found in _NAMED.finditer(line):
        value = found["value"]
        if not broken:
            reference = _REFERENCE.match(value.lstrip("\"'"))
            value = "" if reference is not None else re.split(r"[,}\]]", value, maxsplit=1)[0]
        if value and not is_reference(value.strip(" \"'")):
            yield found.start("value"), found.start("value") + len(value)


def without_swallowed(message: str) -> str:
    """Cut a message short where it quotes a value that a missing quote made swallow `provider`, or a secret's line."""
    starts = [start for start, _ in named(message, broken=True)]
    swallowed = _SWALLOWED.search(message)
    if swallowed is not None:
        starts.append(swallowed.end())
    return f"{message[: min(starts)]}***" if starts else message


def blank_broken(line: str, known: Collection[str]) -> str:
    """Blank out everything in a line of a broken text that may be a secret's, names that are not *known* included."""
    head, colon, _ = line.partition(":")
    name = head.strip(" \t\"'{,?-")
    return f"{head}{colon} ***" if colon and (name in known or name in SECRET_NAMES or name == "provider") else "***"
