"""Plans of drawn cases, the orders that they allow, and tenants on which they are carried out."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import assume, reject
from hypothesis import strategies as st

from reconciler.diff import diff
from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.diagnostics import Diagnostics
from reconciler.model.live import Live
from reconciler.model.plan import Plan
from reconciler.plan import plan
from reconciler.plan.rehearse import rehearse
from reconciler.providers.base import Provider
from reconciler.renames import moved
from tests.laws.vendor import Case, Tenant

ORDERS = st.integers(0, 2**32)


def make(desired: Desired, live: Live, provider: Provider) -> Plan:
    """Plan and rehearse what was read, as the pipeline does; a wish that makes no sense beside it is no example."""
    kinds = provider.kinds
    found = moved(desired, live, kinds)
    differences = diff(desired, found.live, kinds)
    if Diagnostics.of((*found.problems, *differences.warnings)).failed:
        reject()
    made = plan(differences, desired, found.live, provider)
    if made.calls and not made.refusals:
        rehearse(
            made,
            desired,
            found.live,
            provider,
            check=lambda wish, end: diff(wish, end, kinds).changes,
            name=lambda wish, state: moved(wish, state, kinds).live,
        )
    return made


def planned(case: Case, live: Live | None = None) -> Plan:
    """Plan a case, from what is live in it or since."""
    return make(case.desired, case.live if live is None else live, case.vendor.provider)


def possible(case: Case) -> Plan:
    """Plan a case that nothing stands against."""
    made = planned(case)
    assume(not made.refusals)
    return made


def shuffled(calls: Sequence[Call], seed: int) -> list[Call]:
    """Put calls into an order that `needs` allows, any of them."""
    chance = random.Random(seed)  # noqa: S311 - hypothesis gives the seed
    done: set[str] = set()
    left = list(calls)
    found = []
    while left:
        ready = [call for call in left if done.issuperset(call.needs)]
        found.append(chance.choice(ready))
        left.remove(found[-1])
        done.add(found[-1].id)
    return found


def carry_out(tenant: Tenant, case: Case, made: Plan, calls: Sequence[Call]) -> None:
    """Send *calls*, all of *made*; then switch what started otherwise than they said, as `apply` does."""
    for call in calls:
        tenant.write(call)
    started = {change.address for change in made.changes if change.section in case.vendor.starts_otherwise}
    if started:
        for call in planned(case, tenant.read()).calls:
            if started.issuperset(call.changes):
                assert "PUT" == call.method
                tenant.write(call)


def mixed(items: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Put mappings, those within them too, into another order."""
    pairs = list(items.items())
    chance.shuffle(pairs)
    return {key: mixed(value, chance) if isinstance(value, Mapping) else value for key, value in pairs}
