"""What every comparison promises."""

from __future__ import annotations

from hypothesis import given

from reconciler.diff import diff
from reconciler.model.change import Action, MemberChange
from reconciler.model.live import Live
from reconciler.providers.udesk import PROVIDER
from tests.laws.tenants import Case, cases, desired_of, wish_of


@given(case=cases())
def test_what_is_compared_with_itself_is_no_change(case: Case) -> None:
    """`diff(x, x)` is empty, with everything managed and everything pruned."""
    found = diff(desired_of(wish_of(case.live)), case.live, PROVIDER.kinds)
    assert ((), (), ()) == (found.changes, found.unmanaged, found.refusals)


@given(case=cases())
def test_every_change_is_one(case: Case) -> None:
    """What an update names differs, a creation was not there, a deletion was; no object changes twice."""
    found = diff(case.desired, case.live, PROVIDER.kinds)
    assert len(found.changes) == len({(change.section, change.identity) for change in found.changes})
    for change in found.changes:
        live = case.live.of(change.section).get(change.identity)
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
                    assert item.path in change.written
                    if isinstance(item, MemberChange):
                        assert set(item.add).isdisjoint(live.__dict__[item.path])
                        assert set(item.remove) <= {*live.__dict__[item.path]}
                    elif live is not None:
                        assert item.before != item.after


@given(case=cases())
def test_what_is_not_managed_is_never_named(case: Case) -> None:
    """No change outside the files' sections, but for what their entries need; nothing that is ignored."""
    found = diff(case.desired, case.live, PROVIDER.kinds)
    for change in found.changes:
        implied = case.desired.implied.get(change.section, {})
        assert case.desired.manages(change.section) or change.identity in implied
        assert not change.identity.startswith("91")
    assert not any(address.startswith("queues/91") for address in found.unmanaged)


@given(case=cases())
def test_a_section_that_was_not_read_is_never_taken_for_empty(case: Case) -> None:
    """Without live queues there is none to delete: absent is not empty."""
    without = Live({name: items for name, items in case.live.sections.items() if name != "queues"}, case.live.memory)
    found = diff(case.desired, without, PROVIDER.kinds)
    assert not [change for change in found.changes if change.section == "queues" and change.action is Action.DELETE]
