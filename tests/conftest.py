"""What all tests share: how long hypothesis looks for a counterexample, and the command line at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from tests.commands import Commands
from tests.postgresql import Server, programs, server
from tests.servers import Simulator, simulator

# A noisy machine is no counterexample, so nothing here depends on how long an example takes.
_PATIENT: Final = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("ci", derandomize=True, max_examples=60, deadline=None, suppress_health_check=_PATIENT)
settings.register_profile("deep", max_examples=1000, deadline=None, suppress_health_check=_PATIENT, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Give the command line, with the credentials of simulated tenants in the environment."""
    return Commands(capsys, monkeypatch)


@pytest.fixture
def tenant() -> Iterator[Simulator]:
    """Run an empty simulated tenant."""
    with simulator() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Run a PostgreSQL server, for all tests together; each makes a database of its own."""
    with programs() as found:
        if found is None:
            pytest.skip("no PostgreSQL server is here: neither the wheel pgserver of the dev group, nor the system's")
        with server(found) as running:
            yield running


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that rewrites the plans in `golden/`."""
    parser.addoption("--update-golden", action="store_true", help="write the plans in tests/golden anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Tell whether the plans in `golden/` are to be written anew."""
    return bool(request.config.getoption("--update-golden"))
