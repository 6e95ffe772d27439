"""The store's tables and what is read from and written to them. SQLAlchemy Core; one connection a call."""

from __future__ import annotations

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

VERSION: Final = 1
_ADDRESSES: Final = "Write sqlite:///PATH or postgresql://HOST/DATABASE."
_METADATA: Final = sa.MetaData()
_SCHEMA: Final = sa.Table("reconciler_schema", _METADATA, sa.Column("version", sa.Integer, nullable=False))
_REMEMBERED: Final = sa.Table(
    "remembered",
    _METADATA,
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("section", sa.String(64), primary_key=True),
    sa.Column("identity", sa.String(255), primary_key=True),
    sa.Column("data", sa.JSON, nullable=False),
)
_APPLIED: Final = sa.Table(
    "applied",
    _METADATA,
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("document", sa.JSON, nullable=False),  # {section: {identity: {field: value}}}
)


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
        with _plainly():
            if file is not None and not writable and not file.exists():
                return cls(sa.create_engine("sqlite://"), writable=False, empty=True)
            engine = _engine(url, file, writable=writable)
            version = _version(engine)
            if version is None and writable:
                _METADATA.create_all(engine)
                with engine.begin() as connection:
                    connection.execute(sa.insert(_SCHEMA).values(version=VERSION))
        if version is not None and version > VERSION:
            engine.dispose()
            raise StoreError(
                f"the store was written by a newer version of reconciler (schema {version}, this one knows {VERSION})",
                remedy="Upgrade reconciler.",
            )
        return cls(engine, writable=writable, empty=version is None and not writable)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def memory(self, tenant: str) -> Memory:
        """Recall what is remembered of a tenant."""
        if self.empty:
            return Memory()
        query = sa.select(_REMEMBERED.c.section, _REMEMBERED.c.identity, _REMEMBERED.c.data).where(
            _REMEMBERED.c.tenant == tenant
        )
        facts: dict[str, dict[str, Mapping[str, Any]]] = {}
        with _plainly(), self.engine.connect() as connection:
            for section, identity, data in connection.execute(query):
                facts.setdefault(section, {})[identity] = data if isinstance(data, dict) else {}
        return Memory(facts)

    def keep(self, tenant: str, learned: Learned) -> None:
        """Remember and forget what an answer taught."""
        table = _REMEMBERED
        with _plainly(), self.engine.begin() as connection:
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
        with _plainly(), self.engine.connect() as connection:
            document = connection.execute(sa.select(_APPLIED.c.document).where(_APPLIED.c.tenant == tenant)).scalar()
        return document if isinstance(document, dict) else None

    def set_applied(self, tenant: str, document: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Remember what was applied, in place of what was before."""
        with _plainly(), self.engine.begin() as connection:
            connection.execute(sa.delete(_APPLIED).where(_APPLIED.c.tenant == tenant))
            connection.execute(sa.insert(_APPLIED).values(tenant=tenant, document=document))


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
    if not writable and not Path(f"{file}-journal").exists():  # which a run left that died while it wrote
        # Read-only, for SQLite itself: a folder that can't be written to is no obstacle, and nothing appears in it.
        quoted = file.absolute().as_uri()
        url = sa.URL.create("sqlite", database=quoted, query={"mode": "ro", "uri": "true"})
    engine = sa.create_engine(url)
    sa.event.listen(engine, "connect", _durable if writable else _patient)
    return engine


def _version(engine: sa.Engine) -> int | None:
    """Read which version of the tables is there; None where there are none."""
    if not sa.inspect(engine).has_table(_SCHEMA.name):
        return None
    with engine.connect() as connection:
        found = connection.execute(sa.select(_SCHEMA.c.version)).scalar()
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


def _durable(connection: Any, record: Any) -> None:
    # No write-ahead log: it leaves files beside the store, and can't be read in a folder that can't be written to.
    _patient(connection, record)
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=EXTRA")
    cursor.close()


def _patient(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


@contextmanager
def _plainly() -> Iterator[None]:
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
