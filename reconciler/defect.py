"""
Our own mistakes, kept as a file that somebody can attach to a report.

    {"format": "reconciler-defect/1", "version": …, "command": {…}, "error": …, "report": …, "plan": {…} or null,
     "desired": {…}, "live": {…}}

With it whoever mends the mistake can make it happen again, offline: `live` is a snapshot for `plan --live`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from reconciler import snapshot
from reconciler._version import __version__
from reconciler.model.desired import Desired, Entry
from reconciler.model.errors import DefectError
from reconciler.model.live import Live
from reconciler.model.plan import Differences, Plan, Summary
from reconciler.model.secret import Secret
from reconciler.report.document import dumps, plan_document
from reconciler.report.safe import masked
from reconciler.session import Session
from reconciler.store.passwords import private_folder, write_durably

FORMAT: Final = "reconciler-defect/1"


def kept(error: DefectError, session: Session, live: Live, differences: Differences, made: Plan | None) -> DefectError:
    """
    Write down what led to a mistake of ours, and give the error that says where.

    Args:
        error: What was found.
        session: What was asked for.
        live: What the plan was made from.
        differences: What the plan was to do.
        made: The plan, where there is one.

    Returns:
        An error that names the file; *error* itself where none can be written.
    """
    if made is None:  # there are no calls yet, but what they were to do is known
        desired = session.desired
        summary = Summary()
        made = Plan(
            contact_center=desired.contact_center,
            provider=session.provider.name,
            summary=summary,
            changes=differences.changes,
            refusals=differences.refusals,
            origin=session.request.origin,
        )
    path = _write(session.desired.root, dumps(document(error, session, live, made)))
    if path is None:
        return error
    return DefectError(
        str(error),
        remedy="Nothing was changed. This is our mistake: please report it, and attach this file. Secrets are masked "
        "in it; names and numbers of agents are not.",
        file=str(path),
    )


def unforeseen(error: Exception) -> DefectError:
    """Turn an exception that planning should never raise into a mistake of ours that can be reported."""
    return DefectError(
        f"the plan can't be made: a mistake of ours ({type(error).__name__})",
        remedy="Nothing was changed. Please report it; RECONCILER_TRACEBACK=1 shows where it happened.",
        report="".join(traceback.format_exception(error)),
    )


def document(error: DefectError, session: Session, live: Live, made: Plan) -> dict[str, Any]:
    """Gather it all, masked."""
    desired, request = session.desired, session.request
    origin = request.origin
    found = {
        "format": FORMAT,
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "command": {
            "name": request.command,
            "path": origin.path,
            "overlays": origin.overlays,
            "assignments": origin.assignments,
            "targets": origin.targets,
            "prune": origin.prune,
            "allow_deletes": origin.allow_deletes,
            "live": request.snapshot,
        },
        "error": str(error),
        "report": error.report,
        "plan": plan_document(made, mask=desired.mask),
        "desired": _wish(desired),
        "live": snapshot.document(live, desired, session.provider),
    }
    plain = masked(found, desired.mask)
    assert isinstance(plain, dict), "a mapping stays one"
    return plain


def _wish(desired: Desired) -> dict[str, Any]:
    return {
        "contact_center": desired.contact_center,
        "provider": {name: value for name, value in desired.settings if not isinstance(value, Secret)},
        "sections": {section: _entries(entries) for section, entries in desired.sections.items()},
        "implied": {section: _entries(entries) for section, entries in desired.implied.items()},
        "manage": {name: rule.model_dump(mode="json") for name, rule in desired.manage.items()},
        "safety": desired.safety.model_dump(mode="json"),
    }


def _entries(entries: Mapping[str, Entry]) -> dict[str, Any]:
    return {
        name: {
            "identity": entry.identity,
            "written": sorted(entry.written),
            "values": {
                field: entry.resource.__dict__[field]
                for field in sorted(entry.written | entry.resource.model_fields_set)
            },
        }
        for name, entry in entries.items()
    }


def _write(root: str, text: str) -> Path | None:
    """Write beside the configuration, else where temporary files go; the same mistake again gives the same file."""
    content = text.encode("utf-8", "backslashreplace")
    folder = Path(root) / ".reconciler" / "defects"
    path = folder / f"{hashlib.sha256(content).hexdigest()[:12]}.json"
    with contextlib.suppress(OSError):
        private_folder(folder)
        write_durably(path, content)
        return path
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="reconciler-defect-", suffix=".json")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return Path(name)
    return None
