"""
The program's one picture, as code.

    files ─► load ─► Desired ─┐
                              ├─► diff ─► Changes ─► plan ─► Plan ─► apply ─► Outcomes
    vendor ─► fetch ─► Live ──┘

Every command walks part of it. Stages don't know each other; only this folder knows their order: `planning` walks to
the plan, `applying` from there to the end, `verifying` reads back, `drifting` compares only, and `rolling_back`
plans back to what a run found.
"""

from __future__ import annotations

from reconciler.pipeline.drifting import drift, drift_beside_live
from reconciler.pipeline.locking import lock, unlock
from reconciler.pipeline.looking_back import last_success, recall, record, record_failure, to_tell, told
from reconciler.pipeline.planning import (
    compare,
    explain,
    fetch_all,
    fetch_needed,
    fingerprinted,
    left_out,
    pictured,
    plan,
    plan_from,
)
from reconciler.pipeline.rolling_back import check_tenant, plan_back, recorded
from reconciler.pipeline.saved import check_current, check_saved, plan_saved
from reconciler.pipeline.settling import left_open, settle_earlier
from reconciler.session import Progress, Request, Session, open_session, read

__all__ = [
    "Progress",
    "Request",
    "Session",
    "apply",
    "check_current",
    "check_saved",
    "check_tenant",
    "compare",
    "drift",
    "drift_beside_live",
    "explain",
    "fetch_all",
    "fetch_needed",
    "fingerprinted",
    "last_success",
    "left_open",
    "left_out",
    "lock",
    "open_session",
    "pictured",
    "plan",
    "plan_back",
    "plan_from",
    "plan_saved",
    "read",
    "recall",
    "record",
    "record_failure",
    "recorded",
    "settle_earlier",
    "to_tell",
    "told",
    "unlock",
]

from reconciler.pipeline.applying import apply
