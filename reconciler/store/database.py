"""The store's tables and what is read from and written to them. SQLAlchemy Core; one connection a call."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from reconciler.model.errors import StoreError
from reconciler.model.live import Memory
from reconciler.model.outcome import Learned
from reconciler.store.tables import APPLIED, METADATA, REMEMBERED, SCHEMA, STEPS, VERSION

_ADDRESSES: Final = "Write sqlite:///PATH or postgresql://HOST/DATABASE."
_MIGRATING: Final = 5_923_671  # the lock that openers of one PostgreSQL database share while its tables are made


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. Every write is durable when the method returns; one that is not *writable* is only read."""

    engine: sa.Engine
    writable: bool
    empty: bool  # nothing is there yet, and nothing was asked to be made

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
        with plainly():
            if file is not None and not writable and not file.exists():
                return cls(sa.create_engine("sqlite://"), writable=False, empty=True)
            if writable and file is not None and file.exists():
                looked_at = _engine(url, file, writable=False)  # before anything of it is touched
                _check_age(_version(looked_at))
                looked_at.dispose()
            engine = _engine(url, file, writable=writable)
            version = _prepared(engine) if writable else _version(engine)
        _check_age(version)
        return cls(engine, writable=writable, empty=version is None and not writable)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def memory(self, tenant: str) -> Memory:
        """Recall what is remembered of a tenant."""
        if self.empty:
            return Memory()
        query = sa.select(REMEMBERED.c.section, REMEMBERED.c.identity, REMEMBERED.c.data).where(
            REMEMBERED.c.tenant == tenant
        )
        facts: dict[str, dict[str, Mapping[str, Any]]] = {}
        with plainly(), self.engine.connect() as connection:
            for section, identity, data in connection.execute(query):
                facts.setdefault(section, {})[identity] = data if isinstance(data, dict) else {}
        return Memory(facts)

    def keep(self, tenant: str, learned: Learned) -> None:
        """Remember and forget what an answer taught."""
        table = REMEMBERED
        with plainly(), self.engine.begin() as connection:
            for section, identity in (*learned.forget, *learned.remember):
                connection.execute(
                    sa.delete(table).where(
                        table.c.tenant == tenant, table.c.section == section, table.c.identity == identity
                    )
                )
            rows = [
                {"tenant": tenant, "section": section, "identity": identity, "data": dict(data)}
                for (section, identity), data in learned.remember.items()
            ]
            if rows:
                connection.execute(sa.insert(table), rows)

    def applied(self, tenant: str) -> Mapping[str, Mapping[str, Mapping[str, Any]]] | None:
        """Recall what was last applied; None when nothing ever was."""
        if self.empty:
            return None
        with plainly(), self.engine.connect() as connection:
            document = connection.execute(sa.select(APPLIED.c.document).where(APPLIED.c.tenant == tenant)).scalar()
        return document if isinstance(document, dict) else None

    def set_applied(self, tenant: str, document: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Remember what was applied, in place of what was before."""
        with plainly(), self.engine.begin() as connection:
            connection.execute(sa.delete(APPLIED).where(APPLIED.c.tenant == tenant))
            connection.execute(sa.insert(APPLIED).values(tenant=tenant, document=document))


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
        return sa.create_engine(url)
    if not writable:
        # The log's files come and go beside the store, also for who reads. Where they can't, nobody writes either.
        way = {"mode": "rw"} if os.access(file.parent, os.W_OK) else {"mode": "ro", "immutable": "1"}
        url = sa.URL.create("sqlite", database=file.absolute().as_uri(), query={**way, "uri": "true"})
    engine = sa.create_engine(url)
    sa.event.listen(engine, "connect", _for_writing if writable else _for_reading)
    sa.event.listen(engine, "begin", _begin if writable else _begin_reading)
    return engine


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
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # who writes waits its turn at the start, not half way


def _begin_reading(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the database's errors into ours, without the address, which may hold a password."""
    try:
        yield
    except (exc.SQLAlchemyError, ModuleNotFoundError, OSError) as cause:
        if isinstance(cause, ModuleNotFoundError):
            raise StoreError(
                "a store in PostgreSQL needs its driver", remedy="Install it: pip install 'reconciler[postgresql]'."
            ) from cause
        origin = getattr(cause, "orig", None)
        why = str(origin).splitlines()[0] if origin is not None and str(origin) else type(cause).__name__
        raise StoreError(f"the store can't be used: {why}", remedy="Check --state (or RECONCILER_STATE).") from cause
