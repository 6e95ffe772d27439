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
    """An open store. Every write is durable when the method returns."""

    engine: sa.Engine

    @classmethod
    def open(cls, url: str) -> Store:
        """
        Open or create the store at *url*.

        Raises:
            StoreError: It can't be opened, or a newer version of the program made it.
        """
        try:
            parsed = sa.make_url(url)
        except exc.ArgumentError as cause:
            raise StoreError(
                "--state is no address of a store", remedy="Write sqlite:///PATH or postgresql://HOST/DATABASE."
            ) from cause
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.drivername.split("+")[0] not in {"sqlite", "postgresql"}:
            raise StoreError(
                f"--state names {parsed.drivername}, and a store is sqlite or postgresql",
                remedy="Write sqlite:///PATH or postgresql://HOST/DATABASE.",
            )
        if parsed.drivername.startswith("sqlite") and parsed.database not in {None, "", ":memory:"}:
            _make_folder(Path(str(parsed.database)).parent)
        with _plainly():
            engine = sa.create_engine(parsed)
            if engine.dialect.name == "sqlite":
                sa.event.listen(engine, "connect", _durable)
            _METADATA.create_all(engine)
            with engine.begin() as connection:
                version = connection.execute(sa.select(_SCHEMA.c.version)).scalar()
                if version is None:
                    connection.execute(sa.insert(_SCHEMA).values(version=VERSION))
        if version is not None and version > VERSION:
            raise StoreError(
                f"the store was written by a newer version of reconciler (schema {version}, this one knows {VERSION})",
                remedy="Upgrade reconciler.",
            )
        return cls(engine)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def memory(self, tenant: str) -> Memory:
        """Recall what is remembered of a tenant."""
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
        with _plainly(), self.engine.connect() as connection:
            document = connection.execute(sa.select(_APPLIED.c.document).where(_APPLIED.c.tenant == tenant)).scalar()
        return document if isinstance(document, dict) else None

    def set_applied(self, tenant: str, document: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Remember what was applied, in place of what was before."""
        with _plainly(), self.engine.begin() as connection:
            connection.execute(sa.delete(_APPLIED).where(_APPLIED.c.tenant == tenant))
            connection.execute(sa.insert(_APPLIED).values(tenant=tenant, document=document))


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


def _durable(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn the database's errors into ours; its own text may hold the address, password included, so it is not shown."""
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
