"""
Each rule of the planner is needed: without it a test fails.

The mutants are in this folder's lists, each with the tests that fail. `make test` runs a few of them, and holds that
the others still find what they change; `make check-deep` runs them all.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import diff
from tests.laws.vendor import Vendor
from tests.laws.vendors import each_vendor
from tests.mutants import facts, facts_tencent
from tests.mutants.mutant import Drop, Edit, statements
from tests.mutants.rules import GROUPS, MUTANTS

ROOT: Final = Path(__file__).resolve().parents[2]
DEEP: Final = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
RUN: Final = [name for name, mutant in MUTANTS.items() if mutant.quick or DEEP]
EDITS: Final = [name for name, mutant in MUTANTS.items() if isinstance(mutant.change, Edit)]
STATED: Final = frozenset(
    (mutant.change.call, mutant.change.statement, mutant.change.fact)
    for mutant in (*facts.FACTS, *facts_tencent.FACTS)
    if isinstance(mutant.change, Drop)
)


@pytest.mark.parametrize("name", RUN)
def test_without_the_rule_a_test_fails(name: str) -> None:
    """All that the list names fails on the mutant: it is imported, it runs, and it does wrong."""
    mutant = MUTANTS[name]
    command = [sys.executable, "-m", "tests.mutants.run", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert pytest.ExitCode.TESTS_FAILED == found["code"], f"survives: {done.stdout}"
    failed = {name for test in found["failed"] for name in (test, test.partition("[")[0])}
    assert {f"tests/{test}" for test in mutant.fails} <= failed


def test_every_edit_still_finds_its_code() -> None:
    """A rule that was written anew takes its mutant along; the edited module still compiles, and differs."""
    stale = []
    for name in EDITS:
        change = MUTANTS[name].change
        assert isinstance(change, Edit)
        try:
            tree = change.tree()
        except LookupError as error:
            stale.append(f"{name}: {error}")
            continue
        compile(tree, str(change.path), "exec")
        assert ast.dump(ast.parse(change.old)) != ast.dump(ast.parse(change.new)), name
    assert [] == stale, "\n".join(stale)


def test_every_mutant_names_tests_that_exist() -> None:
    """At least one each, in a file of ours."""
    for name, mutant in MUTANTS.items():
        assert mutant.fails, name
        for test in mutant.fails:
            file, _, function = test.partition("::")
            assert function.partition("[")[0] in _tests(ROOT / "tests" / file), test


def test_rules_are_told_once() -> None:
    """No two rows of a table say the same."""
    for title, mutants in GROUPS.items():
        assert len(mutants) == len({mutant.rule for mutant in mutants}), title


@each_vendor
@given(data=st.data())
def test_no_statement_is_without_a_mutant(vendor: Vendor, data: st.DataObject) -> None:
    """Whatever sort of fact a call of any plan states is in the list."""
    case = data.draw(vendor.cases())
    live, provider = case.called(case.live), vendor.provider
    changes = diff(case.desired, live, provider.kinds).changes
    stated = {item for call in provider.lower(changes, case.desired, live).calls for item in statements(call)}
    assert set() == stated - STATED - facts.SAID_ONLY.keys() - facts_tencent.SAID_ONLY.keys()


@lru_cache
def _tests(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
