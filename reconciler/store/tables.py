"""
The store's tables, by schema version, and the steps that carry an older store over.

A store knows its version. One that is older is brought up to date in one transaction by whoever writes to it first; one
that is newer is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa

VERSION: Final = 4
METADATA: Final = sa.MetaData()

SCHEMA: Final = sa.Table("reconciler_schema", METADATA, sa.Column("version", sa.Integer, nullable=False))
REMEMBERED: Final = sa.Table(
    "remembered",
    METADATA,
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("section", sa.String(64), primary_key=True),
    sa.Column("identity", sa.String(255), primary_key=True),
    sa.Column("data", sa.JSON, nullable=False),
)
APPLIED: Final = sa.Table(
    "applied",
    METADATA,
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("document", sa.JSON, nullable=False),  # {section: {identity: {field: value}}}
)
LEASES: Final = sa.Table(
    "leases",
    METADATA,
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("fence", sa.Integer, nullable=False),  # grows with every taking
    sa.Column("run", sa.String(32)),  # none: free
    sa.Column("holder", sa.JSON, nullable=False),
    sa.Column("taken", sa.Float, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
)
RUNS: Final = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("tenant", sa.String(200), nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("state", sa.String(16), nullable=False),
    # What people wrote or machines said is in JSON, which takes every character: text with a NUL is refused elsewhere.
    sa.Column("head", sa.JSON, nullable=False),  # what was known when it began
    sa.Column("images", sa.JSON, nullable=False),
    sa.Column("result", sa.JSON, nullable=False),  # what is known since it has ended
    sa.Index("runs_by_tenant", "tenant", "started"),
)
ATTEMPTS: Final = sa.Table(
    "attempts",
    METADATA,
    sa.Column("run", sa.String(32), primary_key=True),
    sa.Column("call", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),  # in the run, by intent
    sa.Column("open", sa.Boolean, nullable=False),  # nobody knows what became of it: few are, and each apply asks
    sa.Column("intended", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("ending", sa.String(16)),
    sa.Column("settled", sa.String(16)),
    sa.Column("request", sa.JSON, nullable=False),  # the call as it was sent
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("places", sa.JSON, nullable=False),  # extension → where its password is; never the password
)
_OPEN: Final = sa.Index("attempts_open", ATTEMPTS.c.run, sqlite_where=ATTEMPTS.c.open == sa.true())

DRIFT_RUNS: Final = sa.Table(
    "drift_runs",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("tenant", sa.String(200), nullable=False),
    sa.Column("started", sa.Float, nullable=False),  # the first of the looks that it stands for
    sa.Column("last", sa.Float, nullable=False),  # when the latest of them ended
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("head", sa.JSON, nullable=False),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Index("drift_runs_by_tenant", "tenant", "last"),
)
FINDINGS: Final = sa.Table(
    "findings",
    METADATA,
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("fingerprint", sa.String(32), primary_key=True),
    sa.Column("first_seen", sa.Float, nullable=False),
    sa.Column("last_seen", sa.Float, nullable=False),
    sa.Column("resolved", sa.Float),  # none: it is there
    sa.Column("data", sa.JSON, nullable=False),
)
TOLD: Final = sa.Table(
    "told",
    METADATA,
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("destination", sa.String(32), primary_key=True),  # a digest; the address itself may hold a secret
    sa.Column("fingerprints", sa.JSON, nullable=False),  # of the findings that it knows to be there
    sa.Column("failures", sa.Integer, nullable=False),  # in a row
)


@sa.event.listens_for(ATTEMPTS, "before_create")
def _index_what_is_open(_table: sa.Table, connection: sa.Connection, **_: Any) -> None:
    """Say what the index holds in PostgreSQL too; said above, SQLAlchemy would load that dialect for everyone."""
    if connection.dialect.name == "postgresql":
        _OPEN.dialect_options["postgresql"]["where"] = ATTEMPTS.c.open == sa.true()


def _leases(connection: sa.Connection) -> None:
    LEASES.create(connection, checkfirst=True)


def _journal(connection: sa.Connection) -> None:
    RUNS.create(connection, checkfirst=True)
    ATTEMPTS.create(connection, checkfirst=True)


def _findings(connection: sa.Connection) -> None:
    DRIFT_RUNS.create(connection, checkfirst=True)
    FINDINGS.create(connection, checkfirst=True)
    TOLD.create(connection, checkfirst=True)


STEPS: Final[Mapping[int, Callable[[sa.Connection], None]]] = {2: _leases, 3: _journal, 4: _findings}
"""How to come to a version from the one before."""
