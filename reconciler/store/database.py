"""The store's tables and what is read from and written to them. SQLAlchemy Core; one connection a call."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from reconciler.model.errors import StoreError
from reconciler.model.live import Memory
from reconciler.model.outcome import Learned
from reconciler.store.rows import made
from reconciler.store.tables import APPLIED, METADATA, REMEMBERED, SCHEMA, STEPS, VERSION

_ADDRESSES: Final = "Write sqlite:///PATH or postgresql://HOST/DATABASE."
_LACKING: Final = re.compile(r"no such (table|column)|(relation|column) .* does not exist")
_DAMAGED: Final = re.compile(r"not a database|malformed|file is encrypted|unsupported file format|decode to UTF-8")
_ANEW: Final = (
    "Restore it from a backup, or move it away{beside} and go on with a new one: no plan becomes wrong, but history "
    "and what only the store knew are gone."
)
_BESIDE: Final = ("-wal", "-shm")  # SQLite's own files beside a store
_MIGRATING: Final = 5_923_671  # the lock that openers of one PostgreSQL database share while its tables are made

_REMEMBER: Final = sa.insert(REMEMBERED)
_FORGET: Final = sa.delete(REMEMBERED).where(
    REMEMBERED.c.tenant == sa.bindparam("its_tenant"),
    REMEMBERED.c.section == sa.bindparam("its_section"),
    REMEMBERED.c.identity == sa.bindparam("its_identity"),
)


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Every write is durable when the method returns; one that is not *writable* is only read."""

    engine: sa.Engine
    writable: bool
    empty: bool  # nothing is there yet, and nothing was asked to be made
    version: int = VERSION  # of its tables, where it was only opened to be read
    file: Path | None = None  # SQLite's
    made: tuple[int, int] | None = None  # which file that was when it was opened: device and number

    @classmethod
    def open(cls, where: str | Path, *, writable: bool = True) -> Store:
        """
        Open the store.

        Args:
            where: A file, or the URL of a database.
            writable: Make what is missing. Without it nothing is written, not even to an empty place.

        Raises:
            StoreError: It can't be opened, or a newer version of the program made it.
        """
        url = sa.URL.create("sqlite", database=str(where)) if isinstance(where, Path) else _parsed(where)
        file = Path(url.database) if url.drivername.startswith("sqlite") and url.database else None
        if file is not None and writable:
            _make_folder(file.parent)
        with plainly(file):
            if file is not None and not writable and not file.exists():
                return cls(sa.create_engine("sqlite://"), writable=False, empty=True)
            if writable and file is not None and file.exists():
                first = _engine(url, file, writable=False)  # before anything of it is touched
                _looked_at(first, _version)
                first.dispose()
            if file is not None and writable:
                _make_private(file)
            engine = _engine(url, file, writable=writable)
            version = _looked_at(engine, _prepared if writable else _version)
        return cls(
            engine,
            writable=writable,
            empty=version is None and not writable,
            version=version or 0,
            file=file.absolute() if file is not None else None,
            made=_which(file) if file is not None else None,
        )

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def check(self) -> None:
        """
        Make sure that others still find the store that we write to.

        Raises:
            StoreError: Its file is gone, or another one is in its place: a second run may hold the lock there.
        """
        if self.file is not None and _which(self.file) != self.made:
            raise StoreError(
                f"the store {self.file} was removed while this run was writing, so no more is sent",
                remedy="Make sure that no other run is writing, then apply again: it carries on.",
            )

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection for one read, which waits for no writer; raise StoreError for what goes wrong in it."""
        with plainly(self.file), self.engine.connect().execution_options(reads=True) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection for one transaction, durable afterwards; raise StoreError for what goes wrong in it."""
        with plainly(self.file), self.engine.begin() as connection:
            yield connection

    def memory(self, tenant: str) -> Memory:
        """Recall what is remembered of a tenant."""
        if self.empty:
            return Memory()
        query = sa.select(REMEMBERED.c.section, REMEMBERED.c.identity, REMEMBERED.c.data).where(
            REMEMBERED.c.tenant == tenant
        )
        facts: dict[str, dict[str, Mapping[str, Any]]] = {}
        with self.reading() as connection:
            for section, identity, data in connection.execute(query):
                facts.setdefault(section, {})[identity] = data if isinstance(data, dict) else {}
        return Memory(facts)

    def keep(self, tenant: str, learned: Learned) -> None:
        """Remember and forget what an answer taught."""
        with self.writing() as connection:
            keep_facts(connection, tenant, (learned,))

    def applied(self, tenant: str) -> Mapping[str, Mapping[str, Mapping[str, Any]]] | None:
        """Recall what was last applied; None when nothing ever was."""
        if self.empty:
            return None
        with self.reading() as connection:
            document = connection.execute(sa.select(APPLIED.c.document).where(APPLIED.c.tenant == tenant)).scalar()
        if not isinstance(document, dict):
            return None
        return made("what was last applied", lambda: {section: _entries(found) for section, found in document.items()})

    def set_applied(self, tenant: str, document: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Remember what was applied, in place of what was before."""
        with self.writing() as connection:
            connection.execute(sa.delete(APPLIED).where(APPLIED.c.tenant == tenant))
            connection.execute(sa.insert(APPLIED).values(tenant=tenant, document=document))


def _entries(found: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Give a section of what was applied; whatever else somebody wrote there raises."""
    return {identity: {**values} for identity, values in found.items()}


def keep_facts(connection: sa.Connection, tenant: str, lessons: Sequence[Learned]) -> None:
    """Remember and forget what answers taught, in their order; the later word holds."""
    facts: dict[tuple[str, str], Mapping[str, Any] | None] = {}
    for learned in lessons:
        facts |= dict.fromkeys(learned.forget)
        facts |= learned.remember
    if not facts:
        return
    keys = [{"its_tenant": tenant, "its_section": section, "its_identity": identity} for section, identity in facts]
    connection.execute(_FORGET, keys)
    rows = [
        {"tenant": tenant, "section": section, "identity": identity, "data": dict(data)}
        for (section, identity), data in facts.items()
        if data is not None
    ]
    if rows:
        connection.execute(_REMEMBER, rows)


def _which(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _dumped(value: Any) -> str:
    """Write JSON that every database takes, whatever a vendor's answer held."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:  # a number that is none has no JSON; Python reads and writes one all the same
        return json.dumps(json.loads(json.dumps(value), parse_constant=str), separators=(",", ":"))


def _parsed(address: str) -> sa.URL:
    try:
        url = sa.make_url(address)
    except (exc.ArgumentError, ValueError) as cause:  # a port that is no number is a ValueError
        raise StoreError("--state is no address of a store", remedy=_ADDRESSES) from cause
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise StoreError(f"--state names {url.drivername}, and a store is sqlite or postgresql", remedy=_ADDRESSES)
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise StoreError("--state names no file, and a store must outlast the run", remedy=_ADDRESSES)
    return url


def _engine(url: sa.URL, file: Path | None, *, writable: bool) -> sa.Engine:
    if file is None:
        return sa.create_engine(url, json_serializer=_dumped, pool_pre_ping=True, connect_args=_patience(url))
    if not writable:
        # The log's files come and go beside the store, also for who reads. Where they can't, nobody writes either.
        way = {"mode": "rw"} if os.access(file.parent, os.W_OK) else {"mode": "ro", "immutable": "1"}
        url = sa.URL.create("sqlite", database=file.absolute().as_uri(), query={**way, "uri": "true"})
    engine = sa.create_engine(url, json_serializer=_dumped)
    sa.event.listen(engine, "connect", _for_writing if writable else _for_reading)
    sa.event.listen(engine, "begin", _begin if writable else _begin_reading)
    return engine


def _patience(url: sa.URL) -> dict[str, Any]:
    """Give up on a server that does not answer within 10 s, unless the address says how long."""
    return {} if "connect_timeout" in url.query else {"connect_timeout": 10}


def _looked_at(engine: sa.Engine, look: Callable[[sa.Engine], int | None]) -> int | None:
    """Find which version of the tables is there; let go of the connections where we can't go on with it."""
    try:
        version = look(engine)
        _check_age(version)
    except BaseException:
        engine.dispose()
        raise
    return version


def _check_age(version: int | None) -> None:
    if version is not None and version > VERSION:
        raise StoreError(
            f"the store was written by a newer version of reconciler (schema {version}, this one knows {VERSION})",
            remedy="Upgrade reconciler.",
        )


def _prepared(engine: sa.Engine) -> int:
    """Make the tables, or bring them up to date, in one transaction; give the version that is there then."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
        if not sa.inspect(connection).has_table(SCHEMA.name):
            METADATA.create_all(connection)
            connection.execute(sa.insert(SCHEMA).values(version=VERSION))
            return VERSION
        found = connection.execute(sa.select(SCHEMA.c.version)).scalar()
        version = found if isinstance(found, int) else 0
        for step in range(version + 1, VERSION + 1):
            STEPS[step](connection)
        if version < VERSION:
            connection.execute(sa.update(SCHEMA).values(version=VERSION))
        return max(version, VERSION)


def _version(engine: sa.Engine) -> int | None:
    """Read which version of the tables is there; None where there are none."""
    if not sa.inspect(engine).has_table(SCHEMA.name):
        return None
    with engine.connect() as connection:
        found = connection.execute(sa.select(SCHEMA.c.version)).scalar()
    return found if isinstance(found, int) else None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.name == ".reconciler":
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
    except OSError as cause:
        raise StoreError(
            f"the store's folder {folder} can't be made: {cause.strerror}",
            remedy="Name another place with --state sqlite:///PATH.",
        ) from cause


def _for_writing(connection: Any, record: Any) -> None:
    _for_reading(connection, record, writable=True)


def _for_reading(connection: Any, _record: Any, *, writable: bool = False) -> None:
    connection.isolation_level = None  # SQLAlchemy says when a transaction begins: see `_begin`
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=10000")
    # A commit is on the disk when it returns: one flush of the log, where the older way takes several.
    for setting in ("journal_mode=WAL", "synchronous=FULL") if writable else ("query_only=ON",):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    # Who writes waits its turn at the start, not half way; who only reads waits for nobody.
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _make_private(file: Path) -> None:
    """
    Keep others from reading names and numbers of people. SQLite gives the files beside it the same mode.

    An older file is tightened; one that a group may write to is shared with it on purpose, and stays so.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        return
    for name in (file.name, *(file.name + end for end in _BESIDE)):
        each = file.with_name(name)
        with contextlib.suppress(OSError):  # not there, or not ours
            mode = stat.S_IMODE(each.stat().st_mode)
            private = mode & (0o660 if mode & stat.S_IWGRP else 0o600)
            if private != mode:
                each.chmod(private)


@contextmanager
def plainly(file: Path | None = None) -> Iterator[None]:
    """Turn the database's errors into ours, with SQLite's *file*; without an address, which may hold a password."""
    try:
        yield
    except (exc.SQLAlchemyError, ModuleNotFoundError, OSError, ValueError, RecursionError) as cause:
        # The last two: text that is no UTF-8 on its way in, JSON that is none on its way out.
        if isinstance(cause, ModuleNotFoundError):
            raise StoreError(
                "a store in PostgreSQL needs its driver", remedy="Install it: pip install 'reconciler[postgresql]'."
            ) from cause
        origin = getattr(cause, "orig", None)
        why = str(origin).splitlines()[0] if origin is not None and str(origin) else type(cause).__name__
        which = "the store" if file is None else f"the store {file}"
        beside = "" if file is None else f", with {' and '.join(file.name + end for end in _BESIDE)} beside it,"
        remedy = _ANEW.format(beside=beside)
        if _LACKING.search(why):
            raise StoreError(f"{which} is not whole: {why}", remedy=remedy) from cause
        if isinstance(cause, json.JSONDecodeError | UnicodeDecodeError) or _DAMAGED.search(why):
            raise StoreError(f"{which} is damaged: {why}", remedy=remedy) from cause
        raise StoreError(f"the store can't be used: {why}", remedy="Check --state (or RECONCILER_STATE).") from cause
