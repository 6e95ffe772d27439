"""
A mutant: the planner with one of its rules dropped.

What is dropped is found by its meaning and not by its place: statements by the calls that make them, code by its syntax
tree within one function. Layout, comments and what stands around it don't matter; a rule that can't be found where it
should be is an error, so that no mutant goes stale unseen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:  # what is mutated must not be imported before
    from reconciler.model.call import Call, Fact

PACKAGE: Final = Path(__file__).resolve().parents[2] / "reconciler"
API: Final = "/ccapi/v2/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """
    Other code in the place of some.

    Args:
        place: A file below `reconciler/` and a function in it, `plan/order.py _hard`; `Scene.events` is a method.
        old: The statement or expression, which is there exactly once.
        new: What stands there instead.
    """

    place: str
    old: str
    new: str

    @property
    def module(self) -> str:
        """The module that is edited."""
        path = self.place.split()[0].removesuffix(".py").removesuffix("/__init__")
        return f"reconciler.{path.replace('/', '.')}"

    @property
    def path(self) -> Path:
        """The file that is edited."""
        return PACKAGE / self.place.split()[0]

    def tree(self) -> ast.Module:
        """
        Give the module's syntax tree, edited.

        Raises:
            LookupError: The function is not there, or the code in it not exactly once.
        """
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        within = _function(tree, self.place)
        old, new = _parsed(self.old), _parsed(self.new)
        swap = _Swap(old, new)
        swap.visit(within)
        if swap.found != 1:
            raise LookupError(f"{self.place} has {self.old!r} {swap.found} times, and a mutant expects it once")
        return ast.fix_missing_locations(tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Statements that some calls no longer make: *statement* is `requires`, *fact* its first word, `serves`."""

    call: str
    statement: str
    fact: str

    def __call__(self, calls: Sequence[Call]) -> Iterator[Call]:
        """Leave the facts out."""
        for call in calls:
            facts: frozenset[Fact] = getattr(call, self.statement)
            kept = frozenset(fact for fact in facts if word(fact) != self.fact)
            match self.statement if call_name(call) == self.call else "":
                case "requires":
                    yield replace(call, requires=kept)
                case "forbids":
                    yield replace(call, forbids=kept)
                case "prefers":
                    yield replace(call, prefers=kept)
                case "gives":
                    yield replace(call, gives=kept)
                case "takes":
                    yield replace(call, takes=kept)
                case _:
                    yield call


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A call for each member of a list, where one is enough for all."""

    call: str
    field: str

    def __call__(self, calls: Sequence[Call]) -> Iterator[Call]:
        """Make many of one."""
        for call in calls:
            members = (call.body or {}).get(self.field, ()) if call_name(call) == self.call else ()
            if len(members) < 2:
                yield call
                continue
            assert call.body is not None, "it has members"
            for member in members:
                mine = {*member.values()} if isinstance(member, dict) else {member}
                others = {item for other in members if other is not member for item in _texts(other)} - mine
                yield replace(
                    call,
                    body={**call.body, self.field: [member]},
                    gives=frozenset(fact for fact in call.gives if others.isdisjoint(fact)),
                    takes=frozenset(fact for fact in call.takes if others.isdisjoint(fact)),
                )


Change: TypeAlias = Edit | Drop | Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """
    A rule that is dropped, and the tests that fail without it.

    *fails* are ids of tests, below `tests/`; each of them fails by itself. *quick* mutants run in every `make test`.
    """

    rule: str
    change: Change
    fails: tuple[str, ...]
    quick: bool = False


def word(fact: Fact) -> str:
    """Give the word for a sort of facts; a file under new content is another sort."""
    return "new file" if fact[0] == "file" and fact[2:] else fact[0]


def call_name(call: Call) -> str:
    """Name a sort of calls: `DELETE agents/*`, or the vendor's action."""
    if call.action is not None:
        return call.action
    path = call.path.removeprefix(API)
    head, _, identity = path.rpartition("/")
    return f"{call.method} {head}/*" if identity.isdecimal() else f"{call.method} {path}"


def statements(call: Call) -> Iterator[tuple[str, str, str]]:
    """List what a call states: its name, the statement, the word."""
    for name in ("requires", "forbids", "prefers", "gives", "takes"):
        for fact in getattr(call, name):
            yield call_name(call), name, word(fact)


def _texts(member: Any) -> set[str]:
    return {str(value) for value in member.values()} if isinstance(member, dict) else {member}


def _function(tree: ast.Module, place: str) -> ast.AST:
    found: ast.AST = tree
    for name in place.split()[1:2] and place.split()[1].split("."):
        body: list[Any] = getattr(found, "body", [])
        matching = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name]
        if len(matching) != 1:
            raise LookupError(f"{place} is not there")
        found = matching[0]
    return found


def _parsed(code: str) -> ast.stmt | ast.expr:
    (statement,) = ast.parse(code).body
    return statement.value if isinstance(statement, ast.Expr) else statement


class _Swap(ast.NodeTransformer):
    """Puts one piece of code in the place of another, and counts."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.found = 0
        self._old = old
        self._dump = ast.dump(old)
        self._new = new

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Expr) and self._is_old(node.value):
            self.found += 1
            return ast.Expr(self._new) if isinstance(self._new, ast.expr) else self._new
        if self._is_old(node):
            self.found += 1
            return self._new
        return self.generic_visit(node)

    def _is_old(self, node: ast.AST) -> bool:
        return type(node) is type(self._old) and ast.dump(node) == self._dump


class Finder:
    """Imports one module edited, ahead of all other finders."""

    def __init__(self, edit: Edit) -> None:
        self._edit = edit

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Speak up for the one module."""
        if name != self._edit.module:
            return None
        path = str(self._edit.path)
        return spec_from_file_location(name, path, loader=_Loader(name, path, self._edit))


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, edit: Edit) -> None:
        super().__init__(name, path)
        self._edit = edit

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - as importlib calls it
        return compile(self._edit.tree(), str(self._edit.path), "exec", dont_inherit=True)


def lowered_by(change: Drop | Split, lower: Any) -> Any:
    """Have a vendor's `lower` make other calls."""

    @wraps(lower)
    def mutated(*arguments: Any, **named: Any) -> Any:
        made = lower(*arguments, **named)
        return replace(made, calls=tuple(change(made.calls)))

    return mutated
