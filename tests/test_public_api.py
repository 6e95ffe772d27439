"""What others may import from `reconciler`, as a list: to change it is a decision."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import reconciler
from reconciler import pipeline
from reconciler.model import errors
from tests.commands import CREDENTIALS, configure
from tests.servers import Simulator

PUBLIC: Final = [
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
VERBS: Final = ("read", "open_session", "fetch_all", "plan", "apply", "drift")


def test_the_list() -> None:
    """These names are public, and no others."""
    assert PUBLIC == reconciler.__all__
    assert set(PUBLIC) <= set(dir(reconciler))


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_is_there(name: str) -> None:
    """Each name can be imported by itself, in whatever order, and is what its home has under that name."""
    script = f"from reconciler import {name} as found; import reconciler; assert found is reconciler.{name}"
    if name in {"Action", "Request", "pipeline", "__version__"}:  # one of each home that matters: a process is slow
        subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).resolve().parent.parent)
    found = getattr(reconciler, name)
    if inspect.isclass(found):
        assert found is getattr(sys.modules[found.__module__], name)
        assert found.__doc__


def test_what_is_not_public_is_not_there() -> None:
    """A misspelt name fails as it does in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'Plann'"):
        _ = reconciler.Plann
    with pytest.raises(ImportError):
        exec("from reconciler import Plann")  # noqa: S102 - an import that must fail


def test_errors_share_a_base() -> None:
    """Who catches `ReconcilerError` catches every error of ours."""
    ours = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]
    assert [] == [item for item in ours if not issubclass(item, reconciler.ReconcilerError)]


def test_the_verbs_work_from_python(tenant: Simulator, tmp_path: Path) -> None:
    """Read, plan, apply, look for drift: what the commands do can be done from a program."""
    request = reconciler.Request(path=configure(tmp_path / "acme.yaml", tenant), environ=CREDENTIALS)
    loaded = pipeline.read(request)
    assert not loaded.diagnostics.failed
    session = pipeline.open_session(loaded, request)
    try:
        plan, live = asyncio.run(pipeline.plan(session))
        assert isinstance(plan, reconciler.Plan)
        assert isinstance(live, reconciler.Live)
        result = asyncio.run(pipeline.apply(session, plan, live))
        assert result.complete
        assert () == asyncio.run(pipeline.drift(session)).findings
        assert "10031" in asyncio.run(pipeline.fetch_all(session)).of("agents")
    finally:
        session.close()


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_say_what_they_do(verb: str) -> None:
    """Each verb is documented."""
    assert inspect.getdoc(getattr(pipeline, verb))


def test_a_configuration_with_errors_opens_no_session(tmp_path: Path) -> None:
    """Problems are in what `read` gives; who goes on all the same gets them as an exception."""
    (tmp_path / "acme.yaml").write_text("version: 1\n", encoding="utf-8")
    request = reconciler.Request(path=str(tmp_path))
    with pytest.raises(reconciler.Invalid) as caught:
        pipeline.open_session(pipeline.read(request), request)
    assert caught.value.diagnostics.failed
