"""All rules of the planner that have a mutant, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.mutants import facts_tencent
from tests.mutants.bound import BOUND
from tests.mutants.callers import BEFORE
from tests.mutants.checks import GUARDS, REHEARSAL, TARGETS
from tests.mutants.facts import FACTS
from tests.mutants.fewest import CALLS, LIMITS
from tests.mutants.kept import KEPT, PARKING
from tests.mutants.mutant import Mutant
from tests.mutants.order import ORDER

GROUPS: Final[Mapping[str, tuple[Mutant, ...]]] = {
    "Order": ORDER,
    "Limits": LIMITS,
    "The fewest calls": CALLS,
    "What goes along": KEPT,
    "What is parked": PARKING,
    "Make before break": BEFORE,
    "The least number of calls": BOUND,
    "The rehearsal": REHEARSAL,
    "Guards and risks": GUARDS,
    "Targets": TARGETS,
    "What each call states": FACTS,
    "What each call to Tencent states": facts_tencent.FACTS,
}
MUTANTS: Final[Mapping[str, Mutant]] = {
    f"{title}: {mutant.rule}": mutant for title, mutants in GROUPS.items() for mutant in mutants
}
