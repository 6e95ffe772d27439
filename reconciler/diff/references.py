"""What entries name and nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from reconciler.diff.compare import place
from reconciler.diff.needed import Kinds
from reconciler.model.desired import Desired, Entry
from reconciler.model.diagnostics import Diagnostic, error
from reconciler.model.live import Live
from reconciler.model.resource import specs


def unknown_references(entry: Entry, kinds: Kinds, desired: Desired, live: Live) -> Iterator[Diagnostic]:
    """Check what names a live object, where the section that it belongs to is not in the files."""
    for spec in specs(kinds[entry.section].resource).values():
        if spec.ref is None or spec.ref.implied or spec.name not in entry.written:
            continue
        if desired.manages(spec.ref.section):
            continue
        value = entry.resource.__dict__[spec.name]
        known = live.of(spec.ref.section)
        for named in value if isinstance(value, tuple) else (value,):
            if named and named not in known:
                one = kinds[spec.ref.section].one
                near = get_close_matches(named, known, n=1)
                hint = f'did you mean "{near[0]}"? ' if near else ""
                problem = error(
                    "unknown-reference",
                    f'{entry.address}: there is no {one} "{named}", neither in the files nor live',
                    place=place(entry),
                    remedy=f"{hint}Add it under {spec.ref.section}, or name one that exists by its id.",
                )
                yield replace(problem, path=(entry.section, entry.name, spec.name))
