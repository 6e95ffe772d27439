"""
The store's tables, by schema version, and the steps that carry an older store over.

A store knows its version. One that is older is brought up to date in one transaction by whoever writes to it first; one
that is newer is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

VERSION: Final = 2
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
RUNS: Final = sa.Table(
    "runs",
    METADATA,
    sa.Column("run", sa.String(32), primary_key=True),
    sa.Column("tenant", sa.String(200), nullable=False, index=True),
    sa.Column("command", sa.String(32), nullable=False),
    sa.Column("started", sa.Float, nullable=False),  # Unix seconds
    sa.Column("ended", sa.Float),
    sa.Column("state", sa.String(16), nullable=False),  # running, done, failed, refused, interrupted, crashed
    sa.Column("who", sa.JSON, nullable=False),  # {"user": …, "host": …, "git_author": …, "ci_job": …}
    sa.Column("digest", sa.String(80), nullable=False),  # of the configuration
    sa.Column("changes", sa.JSON, nullable=False),  # with what each object was before
    sa.Column("notes", sa.JSON, nullable=False),
)
CALLS: Final = sa.Table(
    "calls",
    METADATA,
    sa.Column("run", sa.String(32), primary_key=True),
    sa.Column("call", sa.String(16), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(400), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("changes", sa.JSON, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("intended", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("verdict", sa.String(16)),  # none: sent, and nobody knows yet
    sa.Column("text", sa.Text),
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


def _journal(connection: sa.Connection) -> None:
    METADATA.create_all(connection, tables=[RUNS, CALLS, LEASES], checkfirst=True)


STEPS: Final[Mapping[int, Callable[[sa.Connection], None]]] = {2: _journal}
"""How to come to a version from the one before."""
