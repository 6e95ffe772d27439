"""What every rollback promises, for each vendor, on small tenants near the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.model.call import Call
from reconciler.model.history import Attempt, Ending, Run
from reconciler.model.plan import Plan, Refusal
from reconciler.model.renaming import rename_field
from reconciler.pipeline.images import images
from reconciler.rollback import Back, way_back
from tests.laws.planned import ORDERS, make, planned, possible, shuffled
from tests.laws.vendor import Case, Sections, Tenant, Vendor
from tests.laws.vendors import each_vendor


def carried_out(tenant: Tenant, case: Case, made: Plan, calls: Sequence[Call]) -> Run:
    """Send *calls*, some of *made*, then switch what started otherwise, as `apply` does; give the record of it."""
    spares = {*tenant.sections["extensions"]}
    live = case.called(tenant.read())
    attempts = []
    for call in calls:
        reply = tenant.write(call)
        ending = Ending.DONE if reply.condition == "ok" else Ending.ALREADY
        attempts.append(Attempt(call=call, number=1, ending=ending))
    started = {change.address for change in made.changes if change.section in case.vendor.starts_otherwise}
    for call in planned(case, tenant.read()).calls if started and len(calls) == len(made.calls) else ():
        assert started.issuperset(call.changes)
        tenant.write(call)
        attempts.append(Attempt(call=call, number=2, ending=Ending.DONE))
    if attempts:  # whose passwords the answers gave
        new = dict.fromkeys(sorted({*tenant.sections["extensions"]} - spares), "a file")
        attempts[0] = replace(attempts[0], places=new)
    return Run(
        id="r1", tenant="t", contact_center="acme", provider=tenant.provider.name, command="apply", started=0.0,
        images=images(made, live), attempts=tuple(attempts), calls=len(made.calls),
    )  # fmt: skip


def back(run: Run, case: Case, tenant: Tenant) -> tuple[Back, Plan]:
    """Plan the way back, and rehearse it."""
    vendor, live = case.vendor, tenant.read()
    found = way_back(run, case.desired, live, vendor.provider.kinds, files=vendor.contents)
    return found, make(found.desired, live, vendor.provider)


def handed_on(vendor: Vendor, run: Run) -> bool:
    """Whether an identity that an object let go of was given to another one in the same run, as in chains."""
    if rename_field(vendor.provider.kinds["queues"].resource) is None:
        return False
    names = [
        {str((image.before or {}).get("name")), str((image.after or {}).get("name"))}
        for image in run.images
        if image.section == "queues" and image.action == "update" and "name" in image.fields
    ]
    made = {image.identity for image in run.images if image.section == "queues" and image.action != "update"}
    return len(frozenset().union(*names) | made) < sum(map(len, names)) + len(made)


def unguarded(made: Plan) -> tuple[Refusal, ...]:
    """Leave out what `protect` refuses, which holds for the way back as for any."""
    return tuple(refusal for refusal in made.refusals if not refusal.rule.startswith("protect"))


def restored(vendor: Vendor, sections: Sections, run: Run, before: Sections) -> dict[str, Any]:
    """Give what a rollback of *run* restores; not what the vendor gives by itself, nor contents that nobody knows."""
    gone = frozenset((image.section, image.identity) for image in run.images if image.action == "delete")
    lost = vendor.lost(before, gone)
    return {
        section: {
            identity: {name: value for name, value in fields.items() if (section, name) not in vendor.not_restored}
            for identity, fields in items.items()
            if (section, identity) not in lost
        }
        for section, items in sections.items()
        if section not in vendor.one_way
    }


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_a_rollback_leads_back_to_what_the_run_found(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """All is as it was but for passwords and ids; the plan passes the rehearsal, and a second one is empty."""
    case, reading = data.draw(vendor.cases()), data.draw(st.sampled_from(vendor.readings))
    made = possible(case)
    tenant = case.tenant(reading)
    before = tenant.sections
    run = carried_out(tenant, case, made, shuffled(made.calls, seed))
    assume(not handed_on(vendor, run))  # test_rollback_names tells which of these go back
    was = restored(vendor, case.tenant(reading).sections, run, before)

    found, undo = back(run, case, tenant)
    assert () == unguarded(undo)
    assume(not undo.refusals)
    carried_out(tenant, replace(case, desired=found.desired), undo, shuffled(undo.calls, seed))

    assert was == restored(vendor, tenant.sections, run, before), found.warnings
    _, again = back(run, case, tenant)
    assert ((), ()) == (again.changes, again.calls)


@each_vendor
@given(data=st.data(), seed=ORDERS, cut=st.integers(0, 40))
def test_a_run_that_was_cut_anywhere_is_taken_back(vendor: Vendor, data: st.DataObject, seed: int, cut: int) -> None:
    """Whatever part of a run took effect is taken back, and nothing besides."""
    case, reading = data.draw(vendor.cases()), data.draw(st.sampled_from(vendor.readings))
    made = possible(case)
    tenant = case.tenant(reading)
    before = tenant.sections
    calls = shuffled(made.calls, seed)[: cut % (len(made.calls) + 1)]
    run = carried_out(tenant, case, made, calls)
    assume(not handed_on(vendor, run))
    was = restored(vendor, case.tenant(reading).sections, run, before)

    found, undo = back(run, case, tenant)
    assert () == unguarded(undo)
    assume(not undo.refusals)
    carried_out(tenant, replace(case, desired=found.desired), undo, shuffled(undo.calls, seed))
    assert was == restored(vendor, tenant.sections, run, before), found.warnings
