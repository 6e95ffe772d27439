"""
One document out of many: the files of a folder, then overlays, then assignments.

Trees are never changed in place, as aliases may share their parts: what differs is copied along its way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reconciler.load.problems import Problems, given, shown
from reconciler.load.tree import At, Document, Item, Listing, Map, Mark, Stretch, Where
from reconciler.model.scalars import NULL

_ONCE: Final = "keep one of them; a key stands once in all files together"
_DEEPER: Final = frozenset({"manage", "defaults"})  # of these, each section's keys may stand in several files


def join(docs: Sequence[Document], problems: Problems) -> Map:
    """Join the files of one configuration into one mapping."""
    whole = Map.at(Document("", "", b""), Mark(0, 0))
    for doc in docs:
        if isinstance(doc.root, Map):
            for key in doc.root:
                _join_key(whole, key, doc.root, problems)
        elif doc.root is not None:
            doc.broken = True
            problems.unsure = True
            problems.error(
                "not-a-mapping",
                f"{doc.name} is {given(doc.root)}, and a configuration is a mapping of sections",
                Stretch(doc),
                "begin with a section's name, such as `agents:`",
            )
    return whole


def _join_key(whole: Map, key: str, root: Map, problems: Problems) -> None:
    value = root[key]
    if key not in whole:
        whole.take(key, value, root)
        return
    first = whole[key]
    if key != "provider" and isinstance(first, Map) and isinstance(value, Map):
        whole[key] = _joined(first, value, problems, deeper=key in _DEEPER)
        whole.dollars = whole.dollars or root.dollars
        return
    if isinstance(first, Listing) and isinstance(value, Listing):
        whole[key] = Listing.of([*first, *value], [*first.marks, *value.marks], [*first.parts, *value.parts])
        whole.dollars = whole.dollars or root.dollars
        return
    here, there = At(root, key, "key"), At(whole, key, "key")
    related: tuple[tuple[str, Where], ...] = (("it stands first here", there),)
    if key != "provider" and isinstance(first, (Map, list)) and isinstance(value, (Map, list)):
        problems.error(
            "mixed-section",
            f"the section {shown(key)} is {given(value)} here, and {given(first)} in another file",
            here,
            "write both in the same way",
            related,
        )
    else:
        problems.error("duplicate-key", f"the key {shown(key)} stands in two places", here, _ONCE, related)


def _joined(first: Map, second: Map, problems: Problems, *, deeper: bool) -> Map:
    """Join one section of two files."""
    made = first.twin()
    for key, value in second.items():
        if key not in made:
            made.take(key, value, second)
        elif deeper and isinstance(made[key], Map) and isinstance(value, Map):
            made[key] = _joined(made[key], value, problems, deeper=False)
        else:
            problems.error(
                "duplicate-key",
                f"the key {shown(key)} stands in two places",
                At(second, key, "key"),
                _ONCE,
                (("it stands first here", At(made, key, "key")),),
            )
    made.dollars = made.dollars or second.dollars
    return made


def overlaid(base: Map, over: Map, *, inside: bool = False) -> Map:
    """
    Lay *over* on *base*: mappings deeply, lists and values replaced, null removes.

    *inside* of a section, a list of names may be a mapping as well (`queues: [sales]` is `queues: {sales: {}}`), so
    that a mapping is laid on either.
    """
    made = base.twin()
    for key, value in over.items():
        if value is NULL:
            made.pop(key, None)
            if made.origins is not None:
                made.origins.pop(key, None)
        elif isinstance(value, Map) and isinstance(made.get(key), Map):
            made[key] = overlaid(made[key], value, inside=inside or key != "provider")
        elif isinstance(value, Map):
            names = _names_of(base, key) if inside else None
            made.take(key, _without_null(value) if names is None else overlaid(names, value, inside=True), over)
        else:
            made.take(key, value, over)
    made.dollars = made.dollars or over.dollars
    return made


def _names_of(base: Map, key: str) -> Map | None:
    """Give the mapping that a list of names stands for; None where *key* holds none."""
    items = base.get(key)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return None
    home = base.home(key)
    made = Map.at(home.doc, home.mark, home.key_mark)
    for number, item in enumerate(items):
        made.take(item, Map.at(home.doc, home.mark, home.key_mark), Item.of(base, key, number))
    return made


def _without_null(value: Map) -> Map:
    """Leave out what an overlay removes and nobody has."""
    if not any(item is NULL or isinstance(item, Map) for item in value.values()):
        return value
    made = value.twin()
    for key, item in value.items():
        if item is NULL:
            del made[key]
        elif isinstance(item, Map):
            made[key] = _without_null(item)
    return made


def assign(base: Map, doc: Document, path: str, column: int) -> Map:
    """
    Set what one `--set` says.

    Args:
        base: The configuration so far.
        doc: The assignment; its `root` is the value. Gets its `prefix`.
        path: The text before `=`, with dots between names. Names may hold dots, too: the longest that is there wins.
        column: Where *path* begins in the assignment.
    """
    names = _names(base, path.split("."))
    places = []
    for name in names:
        places.append((name, column))
        column += len(name) + 1
    doc.prefix = tuple(places)
    return _assigned(base, doc, 0)


def _assigned(base: Map, doc: Document, step: int) -> Map:
    name, column = doc.prefix[step]
    origin = Map.at(doc, Mark(-1, column), Mark(0, column - doc.shift))
    origin.marks = {name: Mark(0, column - doc.shift)}
    value: Any = doc.root
    made = base.twin()
    made.dollars = made.dollars or doc.dollars
    if step + 1 < len(doc.prefix):
        below = base.get(name)
        if isinstance(below, Map):
            made[name] = _assigned(below, doc, step + 1)
            return made
        names = _names_of(base, name) if step and doc.prefix[0][0] != "provider" else None
        if names is None:
            names = Map.at(doc, Mark(-1, column), Mark(0, column - doc.shift))
        value = _assigned(names, doc, step + 1)
    made.take(name, value, origin)
    return made


def _names(base: Any, parts: list[str]) -> list[str]:
    """Split a path into names: at each level the longest name that is there, in a list, too, else one part."""
    names = []
    while parts:
        taken = 1
        if isinstance(base, (Map, list)):
            # Nothing of that name: a new key. Its own dots can't be told from the path's, so it ends at the first.
            taken = next((count for count in range(len(parts), 0, -1) if ".".join(parts[:count]) in base), 1)
        name = ".".join(parts[:taken])
        names.append(name)
        base = base.get(name) if isinstance(base, Map) else None
        parts = parts[taken:]
    return names
