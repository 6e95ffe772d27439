"""What `absorb` did: which live values went into which files, what was left, and why."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    One live value that the files have now.

    *path* is the field, empty where a whole entry came or went; *said* is what it does to the files, in a line. *file*
    and *line* (from 1) are where.
    """

    address: str
    path: str
    said: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """
    One difference that was not absorbed: *why* not, and what to do about it.

    *file* and *line* (from 1) are where the value stands that could not be changed in place; empty and 0 where nowhere.
    """

    address: str
    path: str
    said: str
    why: str
    remedy: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A file: how reports call it, where it lies, and its bytes before and after."""

    name: str
    path: str
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorption:
    """
    A run of `absorb`.

    *diff* is a unified diff of *files*, with no secrets in it. *pending* counts what the files wish for and nobody has
    applied yet, which is no drift; *known* says whether the store could tell the two apart. *written*: not a dry run.
    """

    contact_center: str
    provider: str
    taken: tuple[Taken, ...] = ()
    left: tuple[Left, ...] = ()
    files: tuple[Rewritten, ...] = field(default=(), repr=False)
    diff: str = field(default="", repr=False)
    pending: int = 0
    known: bool = False
    written: bool = False
