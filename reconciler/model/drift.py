"""What somebody changed by hand, and what is wished but not yet applied."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.model.change import Change
from reconciler.model.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One object that no longer is as it was applied. *change* is the way back to the wish."""

    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """
    What `drift` found.

    *pending* are changes of the files that were never applied; they are no drift. *known* says whether the store could
    tell the two apart; without it everything that differs counts as drift.
    """

    contact_center: str
    provider: str
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    pending: tuple[Change, ...] = field(default=(), repr=False)
    unmanaged: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    known: bool = False
