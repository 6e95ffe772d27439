"""What every plan promises, for each vendor, on small tenants near the limits."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.model.change import Action, Change, ValueChange
from reconciler.model.desired import Desired
from reconciler.model.errors import Rejected
from reconciler.model.live import Live, Memory
from reconciler.model.renaming import labels_of, relabelled_document
from reconciler.model.resource import specs
from reconciler.model.secret import Mask
from reconciler.report.document import dumps, plan_document
from tests.laws.planned import ORDERS, carry_out, make, mixed, planned, possible, shuffled
from tests.laws.udesk.vendor import UDESK, staffed
from tests.laws.vendor import Case, Sections, Tenant, Vendor
from tests.laws.vendors import each_vendor


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_every_order_that_needs_allow_is_legal_and_ends_at_the_wish(
    vendor: Vendor, data: st.DataObject, seed: int
) -> None:
    """No call is refused, whatever runs first, and the next plan is empty."""
    case, reading = data.draw(vendor.cases()), data.draw(st.sampled_from(vendor.readings))
    made = possible(case)
    tenant = case.tenant(reading)
    carry_out(tenant, case, made, shuffled(made.calls, seed))
    again = planned(case, tenant.read())
    assert ((), (), ()) == (again.changes, again.calls, again.refusals)


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_what_is_not_managed_stays_untouched(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """An object without a change, and a field without one, is afterwards as it was."""
    case = data.draw(vendor.cases())
    made = possible(case)
    tenant = case.tenant()
    before = _called(case, tenant.sections)
    carry_out(tenant, case, made, shuffled(made.calls, seed))
    after = tenant.sections
    changes = {(change.section, change.identity): change for change in made.changes}
    gone = {key for key, change in changes.items() if change.action is Action.DELETE}
    kinds = vendor.provider.kinds
    for section, items in before.items():
        for identity, fields in items.items() if not kinds[section].external else ():  # bought elsewhere, only named
            change = changes.get((section, identity))
            if change is not None and change.action is not Action.UPDATE:
                continue
            touched = set(change.paths) | vendor.travels.get(section, frozenset()) if change is not None else set()
            rules = specs(kinds[section].resource)
            # The vendor lets go of what is gone by itself.
            touched |= {
                spec.name
                for spec in rules.values()
                if spec.ref is not None and spec.ref.lets_go and (spec.ref.section, fields[spec.name]) in gone
            }
            has = after[section].get(identity, {})
            for spec in rules.values():
                if spec.paired_with is not None and spec.paired_with.field in touched:
                    # What belongs to a member that joins or leaves goes with it.
                    both = {*fields[spec.name]} & {*has[spec.name]} - {*_named(change, spec.name)}
                    assert all(fields[spec.name][member] == has[spec.name][member] for member in both)
                    touched.add(spec.name)
            assert {name: value for name, value in fields.items() if name not in touched} == {
                name: value for name, value in has.items() if name not in touched
            }, (section, identity)
    made_now = {
        (section, identity) for section, items in after.items() for identity in items if identity not in before[section]
    }
    new = {key for key, change in changes.items() if change.action is Action.CREATE}
    assert made_now <= new | vendor.chosen(case.desired, after)


def _named(change: Change | None, path: str) -> Mapping[str, Any]:
    """Give the pairs that a change names."""
    found = change.field_change(path) if change is not None else None
    return found.after if isinstance(found, ValueChange) else {}


def _called(case: Case, sections: Sections) -> Sections:
    """Call what the vendor has what the files call it."""
    kinds = case.vendor.provider.kinds
    return relabelled_document(sections, labels_of(case.called(case.live), kinds), kinds)


@each_vendor
@given(data=st.data(), seed=ORDERS, cut=st.integers(0, 40))
def test_an_apply_that_was_cut_anywhere_is_carried_on(vendor: Vendor, data: st.DataObject, seed: int, cut: int) -> None:
    """Stop after any call, plan again from what is there, and arrive where the whole plan arrives."""
    case, reading = data.draw(vendor.cases()), data.draw(st.sampled_from(vendor.readings))
    made = possible(case)
    whole = case.tenant(reading)
    carry_out(whole, case, made, made.calls)

    tenant = case.tenant(reading)
    for call in shuffled(made.calls, seed)[: cut % (len(made.calls) + 1)]:
        tenant.write(call)
    again = planned(case, tenant.read())
    assert () == again.refusals
    carry_out(tenant, case, again, shuffled(again.calls, seed))
    assert vendor.comparable(whole.sections, case.desired) == vendor.comparable(tenant.sections, case.desired)
    assert () == planned(case, tenant.read()).changes


@each_vendor
@given(data=st.data())
def test_no_plan_makes_a_call_too_many(vendor: Vendor, data: st.DataObject) -> None:
    """The lower bound, which is reckoned apart from the planner, is met exactly, at the limits too."""
    made = possible(data.draw(vendor.cases()))
    assert made.summary.minimum_calls == made.summary.calls


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_no_call_can_be_left_out(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """Without any one call, another is refused or the wish is not reached; but for one that only makes sure."""
    case = data.draw(vendor.cases())
    made = possible(case)
    assume(made.calls)
    left_out = made.calls[seed % len(made.calls)]
    assume(not vendor.may_choose(made.calls, left_out))
    whole = case.tenant()
    replies = {call.id: whole.write(call) for call in made.calls}
    assume(replies[left_out.id].condition == "ok")
    tenant = case.tenant()
    try:
        for call in made.calls:
            if call is not left_out:
                tenant.write(call)
    except (Rejected, KeyError):  # a KeyError: it sends what the answer to the one left out would have given
        return
    assert () != planned(case, tenant.read()).changes, left_out.why


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_callers_keep_an_answer(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """
    Make before break: a queue with members before and after has some at every step, and so has every key.

    Only where a limit leaves no other way is it otherwise, and then a note says which.
    """
    case = data.draw(vendor.cases())
    made = possible(case)
    tenant = case.tenant()
    live = case.called(case.live)
    steps = [vendor.answered(_called(case, tenant.sections))]
    for call in shuffled(made.calls, seed):
        tenant.write(call)
        steps.append(vendor.answered(_now_called(case, tenant)))
    told = " ".join(made.notes)
    for step in steps:
        for lost in sorted((steps[0] & steps[-1]) - step):
            assert vendor.at_fault(lost, live) in told, (lost, made.notes)


def _now_called(case: Case, tenant: Tenant) -> Sections:
    """Call what the vendor has now what the files call it, in the middle of a rename, too."""
    kinds = case.vendor.provider.kinds
    return relabelled_document(tenant.sections, labels_of(case.called(tenant.read()), kinds), kinds)


@given(data=st.data(), seed=ORDERS, needed=st.sampled_from([("enabled",), ("enabled", "extensions")]))
def test_callers_keep_somebody_who_is_there(data: st.DataObject, seed: int, needed: tuple[str, ...]) -> None:
    """
    The same of Udesk's agents who are switched on, and of those who have a telephone besides.

    Where the plan notes that a limit breaks something it may be otherwise: telephones that go round in a circle.
    """
    case = data.draw(UDESK.cases())
    made = possible(case)
    assume(not any("limit" in note or "must go before" in note for note in made.notes))
    tenant = case.tenant()
    steps = [staffed(tenant.sections, *needed)]
    for call in shuffled(made.calls, seed):
        tenant.write(call)
        steps.append(staffed(tenant.sections, *needed))
    if needed == ("enabled", "extensions"):
        # An agent with one telephone who gets another has none for a moment, where the other must be let go first.
        assume(not any("lets go" in call.why for call in made.calls))
    for step in steps:
        assert steps[0] & steps[-1] <= step, made.notes


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_input_order_changes_no_byte(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """The same configuration and live state give the same plan, in whatever order they are read."""
    case = data.draw(vendor.cases())
    chance = random.Random(seed)  # noqa: S311 - hypothesis gives the seed
    desired = replace(
        case.desired,
        sections=mixed(case.desired.sections, chance),
        implied=mixed(case.desired.implied, chance),
    )
    live = Live(mixed(case.live.sections, chance), Memory(mixed(case.live.memory.facts, chance)))
    assert _bytes(case, case.desired, case.live) == _bytes(case, desired, live)


def _bytes(case: Case, desired: Desired, live: Live) -> str:
    return dumps(plan_document(make(desired, live, case.vendor.provider), mask=Mask()))


@each_vendor
@given(data=st.data())
def test_a_plan_tells_no_secret(vendor: Vendor, data: st.DataObject) -> None:
    """Neither credentials nor signatures stand in a plan, as JSON or as an object."""
    case = data.draw(vendor.cases())
    made = planned(case)
    shown = dumps(plan_document(made, mask=Mask())) + repr(made) + repr(case.desired.settings)
    assert not any(secret in shown for secret in vendor.secrets)


@each_vendor
@given(data=st.data())
def test_refused_plans_have_no_calls(vendor: Vendor, data: st.DataObject) -> None:
    """What is refused is never carried out in part, and the refusal says what to do."""
    made = planned(data.draw(vendor.cases()))
    if made.refusals:
        assert all(refusal.message and refusal.remedy and refusal.objects for refusal in made.refusals)
