"""Who may import whom, as tables. What they say stands in `reconciler/architecture.md`; here it is held."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "reconciler"

NOUNS: Final = frozenset({"_version", "model"})
STAGE: Final = NOUNS | {"providers.base", "providers.retries"}
VENDOR: Final = STAGE | {
    "providers.address",
    "providers.answers",
    "providers.batches",
    "providers.connections",
    "providers.cover",
    "providers.pacing",
    "providers.simulation",
}

# Each part of the program, and the other parts that it may import. A part is a module or a folder right below
# `reconciler/`; in `providers/` each module and each vendor's folder is a part of its own.
MAY_IMPORT: Final[Mapping[str, frozenset[str]]] = {
    "_version": frozenset(),
    "model": frozenset({"_version"}),
    # The stages. They never import each other: what one hands to the next is a value from `model`.
    "load": STAGE,
    "fetch": STAGE,
    "renames": STAGE,
    "diff": STAGE,
    "plan": STAGE,
    "apply": STAGE,
    "rollback": STAGE,
    "report": STAGE,
    "store": NOUNS,
    # The vendors. None knows another, or a stage.
    "providers": NOUNS | {"providers.base"},
    "providers.address": NOUNS,
    "providers.answers": NOUNS,
    "providers.batches": NOUNS,
    "providers.base": NOUNS,
    "providers.connections": NOUNS,
    "providers.cover": NOUNS,
    "providers.pacing": NOUNS,
    "providers.read_only": NOUNS | {"providers.base"},
    "providers.retries": NOUNS | {"providers.base"},
    "providers.simulation": NOUNS | {"providers.base"},
    "providers.tencent": VENDOR,
    "providers.udesk": VENDOR,
    # Completion, and the table that it reads; no press of the tab key may wait for anything else.
    "_commands": frozenset({"completion"}),
    "completion": frozenset(),
    # The side doors.
    "absorb": STAGE | {"pipeline", "load", "diff", "renames", "export"},  # edits what was loaded, and compares again
    "defect": STAGE | {"report", "session", "snapshot", "store"},  # keeps what a mistake of ours was made from
    "export": STAGE | {"pipeline", "schema"},  # reads the tenant, and plans from what it wrote
    "graph": NOUNS,  # draws what it is handed
    "history": NOUNS | {"store"},  # loads nothing
    "init": NOUNS | {"schema"},
    "notify": NOUNS,  # delivers what it is handed, and knows nothing of what that is about
    "review": STAGE | {"diff", "graph", "load", "plan", "providers", "renames", "revisions", "session"},
    "revisions": NOUNS,  # reads git
    # What commands share before any stage runs.
    "session": NOUNS | {"providers", "providers.base", "providers.read_only", "providers.retries", "load", "store"},
    "schema": STAGE | {"providers", "report"},  # describes what any vendor's files and a saved plan may hold
    "simulate": STAGE | {"providers"},  # serves any vendor by name
    "snapshot": STAGE,
    "who": NOUNS | {"store"},  # signs the journal with the login that the lock has
}

# They know the order of the stages, so they may import every part.
DOORS: Final = frozenset({"__init__", "__main__", "cli", "pipeline"})

# Each library's home: where a reader learns or replaces it. Paths are globs below `reconciler/`.
HOMES: Final[Mapping[str, tuple[str, ...]]] = {
    "apprise": ("notify/through_apprise.py",),  # an extra
    "click": ("cli/*",),
    "httpx": ("notify/webhook.py", "providers/connections.py", "providers/*/auth.py", "providers/*/client.py"),
    "pyrage": ("store/passwords.py",),  # an extra
    "pydantic": (
        "model/*",
        "load/*",
        "providers/*",
        "report/saved.py",
        "report/plan_shape.py",
        "export.py",
        "schema.py",
    ),
    "pydantic_core": ("model/*", "load/*", "providers/*"),
    "rich": ("report/*",),
    "sqlalchemy": ("store/*",),
    "starlette": ("simulate/*",),
    "tenacity": ("providers/retries.py",),
    "uvicorn": ("simulate/*",),
    "yaml": ("load/*", "export.py"),
}

# Imports for the type checker alone that a table would forbid: (file, module), each with its reason beside it.
TYPING_ONLY: Final = frozenset(
    {
        ("cli/app.py", "rich.console"),  # hands on the console that report makes
        ("model/call_record.py", "datetime"),  # the type of a call's times; nobody there asks for the time
    }
)

# Pure parts: the same input gives the same output, whenever and wherever. So they can't reach for these.
PURE: Final = (
    "model/*",
    "renames.py",
    "diff/*",
    "graph/*",
    "plan/*",
    "rollback/*",
    "providers/address.py",
    "providers/answers.py",
    "providers/cover.py",
    "providers/*/kinds/*",
    "providers/*/protocol.py",
)
IMPURE: Final = frozenset(
    {"asyncio", "datetime", "os", "random", "secrets", "socket", "subprocess", "tempfile", "threading", "time", "uuid"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported module, in full; *names* are what a `from` import takes out of it."""

    module: str
    names: tuple[str, ...]
    line: int
    typing_only: bool = False


def imports(source: str) -> Iterator[Import]:
    """Find every import: at the top, inside functions, and under TYPE_CHECKING."""
    tree = ast.parse(source)
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for statement in block.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        unseen = id(node) in typing_only
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(module=alias.name, names=(), line=node.lineno, typing_only=unseen)
            case ast.ImportFrom():
                module = "." * node.level + (node.module or "")
                names = tuple(alias.name for alias in node.names)
                yield Import(module=module, names=names, line=node.lineno, typing_only=unseen)
            case _:
                pass


def part_of_file(path: str) -> str:
    """Name the part that the file at *path*, below `reconciler/`, belongs to."""
    return _part([*path.removesuffix(".py").split("/")])


def parts_of_import(item: Import) -> frozenset[str]:
    """Name the parts that one import of ours reaches; `from reconciler.providers import base` reaches `base`."""
    steps = item.module.split(".")[1:]
    if steps in ([], ["providers"]) and item.names:
        return frozenset(_part([*steps, name], known_only=True) for name in item.names)
    return frozenset({_part(steps)})


def _part(steps: list[str], *, known_only: bool = False) -> str:
    """Shorten *steps* to a part. With *known_only* a last step that is no part is a name in the module above it."""
    match steps:
        case [] | ["__init__"]:
            return "__init__"
        case ["providers"] | ["providers", "__init__"]:
            return "providers"
        case ["providers", name, *_]:
            part = f"providers.{name}"
            return "providers" if known_only and part not in MAY_IMPORT else part
        case [name, *_]:
            return "__init__" if known_only and name not in MAY_IMPORT and name not in DOORS else name
    raise AssertionError(steps)


def breaches(path: str, source: str) -> list[str]:
    """List what *source*, the file at *path* below `reconciler/`, imports against the tables."""
    part = part_of_file(path)
    found = []
    for item in imports(source):
        where = f"{path}:{item.line}"
        top = item.module.partition(".")[0]
        if item.typing_only and (path, item.module) in TYPING_ONLY:
            continue
        if not top:
            found.append(f"{where} imports {item.module} by dots; write the whole name")
        elif top == "reconciler":
            if part in DOORS:
                continue
            reached = parts_of_import(item) - {part} - MAY_IMPORT.get(part, frozenset())
            found += [f"{where} {part} may not import {other}" for other in sorted(reached)]
        elif top in sys.stdlib_module_names:
            if top in IMPURE and _is_in(path, PURE):
                found.append(f"{where} {part} is pure and may not import {top}")
        elif top not in HOMES:
            found.append(f"{where} {top} has no home; give it one in HOMES, or do without")
        elif not _is_in(path, HOMES[top]):
            found.append(f"{where} {top} lives in {' and '.join(HOMES[top])}")
    return found


def _is_in(path: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, glob) for glob in globs)


FILES: Final = tuple(sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")))


@pytest.mark.parametrize("path", FILES)
def test_imports_keep_to_the_tables(path: str) -> None:
    """No module imports what the tables keep from it."""
    assert [] == breaches(path, (PACKAGE / path).read_text(encoding="utf-8"))


def test_every_part_is_in_the_tables() -> None:
    """A new module takes its place in the table, and a module that went leaves it."""
    assert MAY_IMPORT.keys() | DOORS == {part_of_file(path) for path in FILES}


def test_doors_are_not_in_the_table() -> None:
    """A part either is a door or has a row."""
    assert frozenset() == MAY_IMPORT.keys() & DOORS


def test_modules_are_found_by_name_in_one_place() -> None:
    """Only `providers/__init__.py` turns a text into a module, so the tables see everything else."""
    dynamic = {
        path
        for path in FILES
        if any(
            item.module.partition(".")[0] == "importlib" and "import_module" in item.names
            for item in imports((PACKAGE / path).read_text(encoding="utf-8"))
        )
    }
    assert {"providers/__init__.py"} == dynamic


@pytest.mark.parametrize(
    ("path", "source", "breach"),
    [
        ("diff.py", "from reconciler.plan import order", "diff.py:1 diff may not import plan"),
        ("diff.py", "from reconciler import plan", "diff.py:1 diff may not import plan"),
        ("load/yaml.py", "import reconciler.cli", "load/yaml.py:1 load may not import cli"),
        (
            "plan/order.py",
            "def f():\n    from reconciler.providers.udesk import PROVIDER",
            "plan/order.py:2 plan may not import providers.udesk",
        ),
        ("plan/order.py", "from reconciler.providers import provider", "plan/order.py:1 plan may not import providers"),
        (
            "report/console.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from reconciler.store import Store",
            "report/console.py:3 report may not import store",
        ),
        (
            "providers/udesk/client.py",
            "from reconciler.providers.tencent import protocol",
            "providers/udesk/client.py:1 providers.udesk may not import providers.tencent",
        ),
        ("model/live.py", "from .call import Call", "model/live.py:1 imports .call by dots; write the whole name"),
        ("diff.py", "import yaml", "diff.py:1 yaml lives in load/* and export.py"),
        ("providers/udesk/protocol.py", "import httpx", "providers/udesk/protocol.py:1 httpx lives in "),
        ("cli/app.py", "import numpy", "cli/app.py:1 numpy has no home; "),
        ("cli/app.py", "from rich.console import Console", "cli/app.py:1 rich lives in report/*"),
        ("model/live.py", "import time", "model/live.py:1 model is pure and may not import time"),
    ],
)
def test_breaches_are_found(path: str, source: str, breach: str) -> None:
    """The check itself can fail: each kind of breach is seen, in whatever dress it comes."""
    (found,) = breaches(path, source)
    assert breach == found[: len(breach)]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("diff.py", "from reconciler.model.change import Change"),
        ("apply.py", "from reconciler.providers.base import Client"),
        ("apply.py", "from reconciler.providers import base"),
        ("cli/planning.py", "from reconciler import pipeline, report"),
        ("providers/udesk/client.py", "import httpx, time"),
        ("providers/udesk/lower.py", "from reconciler.providers.udesk.kinds import KINDS"),
        ("report/console.py", "from rich.console import Console"),
        ("cli/app.py", "if TYPE_CHECKING:\n    from rich.console import Console"),
    ],
)
def test_what_is_allowed_passes(path: str, source: str) -> None:
    """The check does not cry wolf."""
    assert [] == breaches(path, source)
