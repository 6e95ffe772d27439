"""One entry read again, from another text, beside all others as they are: far cheaper than to load everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.load.build import YAML_ERRORS, build
from reconciler.load.problems import Problems
from reconciler.load.section import Scene, Section
from reconciler.load.substitute import Substitution
from reconciler.load.tree import Document, Map
from reconciler.model.desired import Entry
from reconciler.model.kind import Shape


def entry_of(  # noqa: PLR0913, PLR0917 - an entry, and what stands around it
    scene: Scene, doc: Document, section: str, name: str, text: str, environ: Mapping[str, str]
) -> Entry | None:
    """Read the entry *name* of *section* from *text*; None where it is not one, for whatever reason."""
    kind = scene.kinds[section]
    if kind.shape is not Shape.NAMED:
        return None
    problems = Problems()
    alone = Document(doc.name, doc.folder, text.encode("utf-8"))
    try:
        build(alone, problems)
    except YAML_ERRORS:
        return None
    root = alone.root
    if not isinstance(root, Map) or [*root] != [name] or problems.items:
        return None
    root = Substitution(environ, scene.folder, problems).mapping(root)
    beside = replace(scene, problems=problems, owners={})
    made = Section(beside, kind, scene.defaults.get(section)).read(root)
    return None if problems.items else made.get(name)
