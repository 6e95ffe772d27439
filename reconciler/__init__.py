"""
Configuration as code for contact centers: YAML files say how a tenant should be, and the vendor is made so.

The stages, in their order, each a module or folder of that name:

    load    files → Desired, what is wanted
    fetch   vendor → Live, what is there
    diff    Desired and Live → Changes
    plan    Changes → Plan: calls in a legal order, guarded and rehearsed
    apply   Plan → Outcomes
    report  any of them → text, JSON, and what a page, a pipeline or a comment shows

`pipeline` is that order as code, and has the verbs: `read`, `open_session`, `fetch_all`, `plan`, `apply`, `drift`. What
is exported here is the public API; everything else is free to change. It is imported when it is asked for, so that
`import reconciler` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers know it by its name; `typing` alone takes a third of the time of `--version`

if TYPE_CHECKING:
    from typing import Any

    from reconciler import pipeline
    from reconciler._version import __version__
    from reconciler.load import Loaded
    from reconciler.model.call import Call
    from reconciler.model.call_record import CallRecord
    from reconciler.model.change import Action, Change, MemberChange, Risk, ValueChange
    from reconciler.model.desired import Desired
    from reconciler.model.diagnostics import Diagnostic, Diagnostics, Place, Severity
    from reconciler.model.drift import Drift, Finding
    from reconciler.model.errors import (
        Invalid,
        OutcomeUnknown,
        ReconcilerError,
        Refused,
        Rejected,
        StoreError,
        Unauthorized,
        Unexpected,
        Unreachable,
        VendorError,
    )
    from reconciler.model.live import Live
    from reconciler.model.outcome import Mismatch, Outcome, Result, Verdict
    from reconciler.model.plan import Plan, Refusal
    from reconciler.session import Request, Session

__all__ = [
    "Action",
    "Call",
    "CallRecord",
    "Change",
    "Desired",
    "Diagnostic",
    "Diagnostics",
    "Drift",
    "Finding",
    "Invalid",
    "Live",
    "Loaded",
    "MemberChange",
    "Mismatch",
    "Outcome",
    "OutcomeUnknown",
    "Place",
    "Plan",
    "ReconcilerError",
    "Refusal",
    "Refused",
    "Rejected",
    "Request",
    "Result",
    "Risk",
    "Session",
    "Severity",
    "StoreError",
    "Unauthorized",
    "Unexpected",
    "Unreachable",
    "ValueChange",
    "VendorError",
    "Verdict",
    "__version__",
    "pipeline",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562)."""
    if name == "__version__":
        from reconciler._version import __version__  # noqa: PLC0415

        return __version__
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals().update(_exported())
    return globals()[name]


def __dir__() -> list[str]:
    """List what is exported, imported yet or not."""
    return sorted({*globals(), *__all__})


def _exported() -> dict[str, Any]:
    import reconciler.pipeline  # noqa: PLC0415
    import reconciler.session  # noqa: PLC0415
    from reconciler.model import (  # noqa: PLC0415
        call,
        call_record,
        change,
        desired,
        diagnostics,
        drift,
        errors,
        live,
        outcome,
        plan,
    )

    homes = (reconciler.session, call, call_record, change, desired, diagnostics, drift, errors, live, outcome, plan)
    found = {name: value for home in reversed(homes) for name, value in vars(home).items() if name in __all__}
    return {**found, "pipeline": reconciler.pipeline}
