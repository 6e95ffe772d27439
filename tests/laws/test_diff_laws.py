"""What every comparison promises, for each vendor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import diff
from reconciler.model.change import Action, Change, MemberChange
from reconciler.model.live import Live
from reconciler.model.plan import Differences
from reconciler.model.resource import identity_field
from tests.laws.vendor import Case, Vendor
from tests.laws.vendors import each_vendor


def compared(case: Case, live: Live | None = None) -> Differences:
    """Compare a case, or its wish and another state."""
    return diff(case.desired, case.called(case.live if live is None else live), case.vendor.provider.kinds)


@each_vendor
@given(data=st.data())
def test_what_is_compared_with_itself_is_no_change(vendor: Vendor, data: st.DataObject) -> None:
    """`diff(x, x)` is empty, with everything managed and everything pruned."""
    live = data.draw(vendor.cases()).live
    found = diff(vendor.exactly(live), live, vendor.provider.kinds)
    assert ((), (), ()) == (found.changes, found.unmanaged, found.refusals)


@each_vendor
@given(data=st.data())
def test_every_change_is_one(vendor: Vendor, data: st.DataObject) -> None:
    """What an update names differs, a creation was not there, a deletion was; no object changes twice."""
    case = data.draw(vendor.cases())
    there = case.called(case.live)
    found = compared(case)
    assert len(found.changes) == len({(change.section, change.identity) for change in found.changes})
    for change in found.changes:
        live = there.of(change.section).get(change.identity)
        assert (change.live is None) == (live is None)
        match change.action:
            case Action.CREATE:
                assert live is None
            case Action.DELETE:
                assert live is not None
                assert change.desired is None
            case Action.UPDATE:
                assert change.fields
                for item in change.fields:
                    assert item.path in change.written or item.path == _renamed(change)
                    if isinstance(item, MemberChange):
                        assert set(item.add).isdisjoint(live.__dict__[item.path])
                        assert set(item.remove) <= {*live.__dict__[item.path]}
                    elif live is not None:
                        assert item.before != item.after


def _renamed(change: Change) -> str | None:
    """Name the field that a rename changes: the entry's identity stands for it."""
    return identity_field(type(change.live)) if change.live is not None else None


@each_vendor
@given(data=st.data())
def test_what_is_not_managed_is_never_named(vendor: Vendor, data: st.DataObject) -> None:
    """No change outside the files' sections, but for what their entries need; nothing that is ignored."""
    case = data.draw(vendor.cases())
    found = compared(case)
    for change in found.changes:
        implied = case.desired.implied.get(change.section, {})
        assert case.desired.manages(change.section) or change.identity in implied
        assert not vendor.hidden(change.address)
    assert not any(map(vendor.hidden, found.unmanaged))


@each_vendor
@given(data=st.data())
def test_a_section_that_was_not_read_is_never_taken_for_empty(vendor: Vendor, data: st.DataObject) -> None:
    """Without live queues there is none to delete: absent is not empty."""
    case = data.draw(vendor.cases())
    without = Live({name: items for name, items in case.live.sections.items() if name != "queues"}, case.live.memory)
    found = compared(case, without)
    assert not [change for change in found.changes if change.section == "queues" and change.action is Action.DELETE]
