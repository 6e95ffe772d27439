"""What every rollback promises, on small tenants near the vendor's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.history import Attempt, Ending, Run
from reconciler.model.plan import Plan
from reconciler.pipeline.images import images
from reconciler.providers.udesk import PROVIDER
from reconciler.rollback import Back, way_back
from tests.laws.tenants import Case, cases
from tests.laws.test_plan_laws import ORDERS, make, possible, shuffled
from tests.laws.vendor import READINGS, Vendor

CONTENTS = {digit * 16: f"{digit}.wav" for digit in "01"}  # every content is still in the folder


def carried_out(vendor: Vendor, desired: Desired, made: Plan, calls: Sequence[Call]) -> Run:
    """Send *calls*, some of *made*, then switch subscriptions as `apply` does; give the record of it."""
    spares = {*vendor.sections["extensions"]}
    live = vendor.read()
    attempts = []
    for call in calls:
        reply = vendor.write(call)
        ending = Ending.DONE if reply.condition == "ok" else Ending.ALREADY
        attempts.append(Attempt(call=call, number=1, ending=ending))
    started = {change.address for change in made.changes if change.section == "subscriptions"}
    for call in make(desired, vendor.read()).calls if len(calls) == len(made.calls) else ():
        assert started.issuperset(call.changes)
        vendor.write(call)
        attempts.append(Attempt(call=call, number=2, ending=Ending.DONE))
    if attempts:  # whose passwords the answers gave
        new = dict.fromkeys(sorted({*vendor.sections["extensions"]} - spares), "a file")
        attempts[0] = replace(attempts[0], places=new)
    return Run(
        id="r1", tenant="t", contact_center="acme", provider="udesk", command="apply", started=0.0,
        images=images(made, live), attempts=tuple(attempts), calls=len(made.calls),
    )  # fmt: skip


def back(run: Run, desired: Desired, vendor: Vendor) -> tuple[Back, Plan]:
    """Plan the way back, and rehearse it."""
    live = vendor.read()
    found = way_back(run, desired, live, PROVIDER.kinds, files=CONTENTS)
    return found, make(found.desired, live)


def restored(vendor: Vendor, run: Run, before: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Give what a rollback of *run* restores; not what the vendor gives by itself, nor contents that nobody knows."""
    gone = {(image.section, image.identity) for image in run.images if image.action == "delete"}
    unknown = {name for name, file in before["voice_files"].items() if not file["digest"]}
    unknown = {name for name in unknown if ("voice_files", name) in gone}
    silent = {name for name, voice in before["default_voices"].items() if voice["wav"] in unknown}
    found = {}
    for section, items in vendor.sections.items():
        found[section] = {
            identity: {
                name: value
                for name, value in fields.items()
                if (section, name) not in {("subscriptions", "number"), ("agents", "wrap_up_time")}
            }
            for identity, fields in items.items()
            if not (section == "voice_files" and identity in unknown)
            and not (section == "default_voices" and identity in silent)
            and section != "webhook_events"
        }
    return found


@given(case=cases(), seed=ORDERS, reading=st.sampled_from(sorted(READINGS)))
def test_a_rollback_leads_back_to_what_the_run_found(case: Case, seed: int, reading: str) -> None:
    """All is as it was but for passwords and ids; the plan passes the rehearsal, and a second one is empty."""
    made = possible(case)
    vendor = Vendor(case.state, case.live.memory, READINGS[reading])
    before = vendor.sections
    run = carried_out(vendor, case.desired, made, shuffled(made.calls, seed))
    was = restored(Vendor(case.state, case.live.memory, READINGS[reading]), run, before)

    found, undo = back(run, case.desired, vendor)
    assert () == undo.refusals
    carried_out(vendor, found.desired, undo, shuffled(undo.calls, seed))

    assert was == restored(vendor, run, before), found.warnings
    _, again = back(run, case.desired, vendor)
    assert ((), ()) == (again.changes, again.calls)


@given(case=cases(), seed=ORDERS, cut=st.integers(0, 40), reading=st.sampled_from(sorted(READINGS)))
def test_a_run_that_was_cut_anywhere_is_taken_back(case: Case, seed: int, cut: int, reading: str) -> None:
    """Whatever part of a run took effect is taken back, and nothing besides."""
    made = possible(case)
    vendor = Vendor(case.state, case.live.memory, READINGS[reading])
    before = vendor.sections
    calls = shuffled(made.calls, seed)[: cut % (len(made.calls) + 1)]
    run = carried_out(vendor, case.desired, made, calls)
    was = restored(Vendor(case.state, case.live.memory, READINGS[reading]), run, before)

    found, undo = back(run, case.desired, vendor)
    assert () == undo.refusals
    carried_out(vendor, found.desired, undo, shuffled(undo.calls, seed))
    assert was == restored(vendor, run, before), found.warnings
