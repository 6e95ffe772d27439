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


def _leases(connection: sa.Connection) -> None:
    LEASES.create(connection, checkfirst=True)


STEPS: Final[Mapping[int, Callable[[sa.Connection], None]]] = {2: _leases}
"""How to come to a version from the one before."""
