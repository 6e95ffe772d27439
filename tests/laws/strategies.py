"""Configurations by chance: their meaning, and the ways in which it can be written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
# Whatever YAML would rather take for something else, and what a person would write.
texts = st.one_of(
    st.sampled_from(["0571", "no", "on", "1_000", "1e3", "0x1F", "2020-01-01", "12:30", "~x", "NaN", ".5", "y", "+1"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=12),
)


@st.composite
def tenants(draw: st.DrawFn) -> dict[str, Any]:
    """Give sections, as plain data: queues, agents that serve some of them, spare extensions."""
    queues = {
        name: {"id": str(9000 + number), "name": draw(texts), **draw(_queue_fields)}
        for number, name in enumerate(draw(st.lists(names, max_size=5, unique=True)))
    }
    # A text that is one queue's name and another one's identity is nobody's.
    queues = {name: fields for name, fields in queues.items() if not name.isdigit()}
    agents = {
        name: {"id": str(10000 + number), "queues": draw(_some(list(queues))), "name": draw(texts)}
        for number, name in enumerate(draw(st.lists(names, max_size=6, unique=True)))
    }
    spares = draw(st.lists(st.integers(8000, 8020).map(str), max_size=3, unique=True))
    sections: dict[str, Any] = {"queues": queues, "agents": agents, "extensions": spares}
    return {name: value for name, value in sections.items() if value or draw(st.booleans())}


_queue_fields = st.fixed_dictionaries(
    {}, optional={"timeout": st.integers(0, 600).map(str), "max_length": st.integers(1, 512).map(str)}
)


def _some(items: Sequence[str]) -> st.SearchStrategy[list[str]]:
    if not items:
        return st.just([])
    return st.lists(st.sampled_from(items), unique=True, max_size=3)


def written(value: Any) -> str:
    """Write plain data as YAML: texts of digits alone stay plain, as numbers have to be; all others are quoted."""
    match value:
        case dict():
            return (
                "{"
                + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {written(item)}" for key, item in value.items())
                + "}"
            )
        case list():
            return "[" + ", ".join(written(item) for item in value) + "]"
        case str() if value.isascii() and value.isdigit():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


@st.composite
def split(draw: st.DrawFn, sections: Mapping[str, Any]) -> dict[str, str]:
    """Deal the entries of *sections* out to some files, in any order."""
    files = [f"{draw(st.sampled_from(['a', 'b', 'c/d', 'z/y/x']))}{number}.yaml" for number in range(3)]
    dealt: dict[str, dict[str, Any]] = {name: {} for name in files}
    for section, value in draw(st.permutations(list(sections.items()))):
        if isinstance(value, list) or not value:
            dealt[draw(st.sampled_from(files))][section] = value
            continue
        for name, fields in draw(st.permutations(list(value.items()))):
            dealt[draw(st.sampled_from(files))].setdefault(section, {})[name] = fields
    return {
        name: "".join(f"{section}: {written(value)}\n" for section, value in parts.items())
        for name, parts in dealt.items()
    }


# Pieces that break YAML, or nearly do; parted by a character that stands in none of them.
_PIECES = (
    "\n|  |: |- |{|}|[|]|&a |*a|<<: *a\n|>|'|\"|!x |# |\t|~|${env:UDESK_SID}|${file:a.yaml}|${|$$|\\|\0|\x85|é|%"
    "|@|`|---\n|...\n|? |provider:|agents:|queues: |yes|1e3|\N{PILE OF POO}|sid: |auth_token: |\u2028|\ufeff"
)
_pieces = st.sampled_from([*_PIECES.split("|"), "|\n"])


@st.composite
def mutilated(draw: st.DrawFn, text: str) -> str:
    """Put some pieces into *text*, and take some out of it."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        taken = draw(st.sampled_from([0, 0, 1, 3, 20]))
        text = text[:at] + draw(st.one_of(_pieces, st.just(""))) + text[at + taken :]
    return text
