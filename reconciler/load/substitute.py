"""`${env:NAME}`, `${env:NAME:-fallback}`, `${file:path}` and `$$`, in values and never in keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.load import limits
from reconciler.load.files import FileError, Folder
from reconciler.load.problems import Problems, shown
from reconciler.load.secrets import SECRET_NAMES
from reconciler.load.tree import At, Document, Listing, Map
from reconciler.model.scalars import Quoted

_TOKEN: Final = re.compile(r"\$(?:\$|\{(?P<inner>[^}]*)(?P<end>\}?))")
_ENV: Final = re.compile(r"env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<fallback>.*))?", re.ASCII | re.DOTALL)
_FORMS: Final = "write ${env:NAME}, ${env:NAME:-fallback} or ${file:path}; $$ stands for a plain $"


class Placeholder(Quoted):
    """Stands for a value that is not known here, as its variable is not set."""

    __slots__ = ()


class PutIn(Quoted):
    """What came of a text in quotes by substitution."""

    __slots__ = ()


@dataclass(slots=True)
class Substitution:
    """
    One pass over a configuration.

    *placeholders* lets variables that are not set stand for themselves. *secrets* gets what was put in under names
    that are always secret.
    """

    environ: Mapping[str, str]
    folder: Folder
    problems: Problems
    placeholders: bool = False
    secrets: list[str] = field(default_factory=list)
    _done: dict[int, tuple[Any, Any]] = field(default_factory=dict)  # aliases share values: by id, kept alive
    _files: dict[tuple[str, str], str] = field(default_factory=dict)
    _total: int = 0

    def mapping(self, mapping: Map) -> Map:
        """Substitute below *mapping*; give it back itself where nothing changes."""
        if not mapping.dollars:
            return mapping
        if id(mapping) in self._done:
            known: Map = self._done[id(mapping)][1]
            return known
        made: Map | None = None
        for key, value in mapping.items():
            if value.__class__ is str or value.__class__ is Quoted:
                if "$" not in value:
                    continue
                new: Any = self.text(value, mapping, key, ())
                if key in SECRET_NAMES:
                    self.secrets.append(new)
            elif isinstance(value, Map):
                new = self.mapping(value)
            elif isinstance(value, list):
                new = self.listing(value, mapping, key, ())
            else:
                continue
            if new is not value:
                made = mapping.twin() if made is None else made
                made[key] = new
        result = mapping if made is None else made
        self._done[id(mapping)] = (mapping, result)
        return result

    def listing(self, items: list[Any], mapping: Map, key: str, trail: tuple[int, ...]) -> list[Any]:
        """Substitute in a list."""
        made: list[Any] = []
        same = True
        for number, item in enumerate(items):
            new = item
            if isinstance(item, Map):
                new = self.mapping(item)
            elif isinstance(item, list):
                new = self.listing(item, mapping, key, (*trail, number))
            elif isinstance(item, str) and "$" in item:
                new = self.text(item, mapping, key, (*trail, number))
            same = same and new is item
            made.append(new)
        if same:
            return items
        return Listing.of(made, items.marks, items.parts) if isinstance(items, Listing) else made

    def text(self, text: str, mapping: Map, key: str, trail: tuple[int, ...]) -> str:
        """Substitute in one scalar; what was plain stays plain, and never becomes null."""
        where = At(mapping, key, "value", trail)
        doc = mapping.home(key).doc
        parts = []
        at = size = 0
        unknown = False
        for token in _TOKEN.finditer(text):
            parts.append(text[at : token.start()])
            at = token.end()
            if token["inner"] is None:
                found: str | None = "$"
            elif not token["end"]:
                self.problems.error("bad-substitution", "a ${ is not closed by }", where, _FORMS)
                return text
            else:
                found = self.value(token["inner"], doc, where)
            if found is None:
                unknown = True
                found = token[0]
            size += len(found)
            parts.append(found)
            if size > limits.SCALAR_CHARACTERS or self._total + size > limits.TOTAL_BYTES:
                self.problems.error("huge-scalar", "this value becomes too long by what is put in", where, "shorten it")
                return text
        self._total += size
        result = "".join((*parts, text[at:]))
        if unknown:
            return Placeholder(result)
        return PutIn(result) if isinstance(text, Quoted) else result

    def value(self, inner: str, doc: Document, where: At) -> str | None:
        """Give what `${inner}` stands for; None where that is not known, and was said."""
        if inner.startswith("file:"):
            return self.file(inner.removeprefix("file:"), doc, where)
        match = _ENV.fullmatch(inner)
        if match is None or "${" in inner:
            # What stands in the braces may be a secret in the wrong place, so it is not repeated.
            self.problems.error("bad-substitution", "this ${…} has none of the forms that are known", where, _FORMS)
            return None
        name, fallback = match["name"], match["fallback"]
        value = self.environ.get(name)
        if fallback is not None and not value:
            return fallback
        if value is None:
            if not self.placeholders:
                self.problems.error(
                    "unset-variable",
                    f"the environment variable {name} is not set",
                    where,
                    f"set {name}, or give a fallback: ${{env:{name}:-…}}",
                )
            return None
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            self.problems.error(
                "not-utf-8", f"the environment variable {name} is not UTF-8", where, "set it to a text in UTF-8"
            )
            return None
        return value

    def file(self, path: str, doc: Document, where: At) -> str | None:
        """Read `${file:path}`."""
        known = self._files.get((doc.folder, path))
        if known is not None:
            return known
        try:
            text = self.folder.text(path, doc.folder)
        except FileError as problem:
            self.problems.error(problem.code, f"the file {shown(path)} {problem}", where, problem.remedy)
            return None
        self._files[doc.folder, path] = text
        return text
