"""
Run tests on a mutant: `python -m tests.mutants.run RULE [TEST...]` prints the ids of the tests that fail, as JSON.

In a process of its own, since what is mutated is imported once. Without tests, those that the mutant names.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Final

import pytest

from tests.mutants.mutant import Edit, Finder, Mutant, lowered_by
from tests.mutants.rules import MUTANTS

PROFILE: Final = "mutants"


class Run:
    """A run of pytest on a mutant, and the tests that fail in it."""

    def __init__(self, mutant: Mutant) -> None:
        self.failed: list[str] = []
        self._mutant = mutant

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """Become the mutant before any test is imported; laws have CI's examples, and the first that fails will do."""
        from hypothesis import HealthCheck, Phase, settings  # pytest wants to import it first

        settings.register_profile(
            PROFILE,
            derandomize=True,
            max_examples=60,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
        )
        os.environ["HYPOTHESIS_PROFILE"] = PROFILE
        change = self._mutant.change
        if isinstance(change, Edit):
            sys.meta_path.insert(0, Finder(change))
        else:
            from reconciler.providers.tencent import Tencent  # not before an edit
            from reconciler.providers.udesk import Udesk

            Udesk.lower = lowered_by(change, Udesk.lower)  # type: ignore[method-assign]
            Tencent.lower = lowered_by(change, Tencent.lower)  # type: ignore[method-assign]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of a test's end; one that could not even start proves nothing."""
        if report.when == "call" and report.failed:
            self.failed.append(report.nodeid)


def main() -> int:
    """Run, and tell what failed."""
    rule, *tests = sys.argv[1:]
    mutant = MUTANTS[rule]
    run = Run(mutant)
    chosen = [f"tests/{test}" for test in tests or mutant.fails]
    code = pytest.main(["-q", "--tb=no", "--no-header", "-p", "no:cacheprovider", *chosen], plugins=[run])
    sys.stdout.write(f"\n{json.dumps({'code': int(code), 'failed': run.failed})}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
