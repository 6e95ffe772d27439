"""What every review and every `plan --base` promises, for each vendor."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import diff
from reconciler.model.change import Action, Cause, Change, FieldChange, MemberChange, ValueChange, pairs_of
from reconciler.model.desired import Desired, Entry
from reconciler.model.live import Live
from reconciler.model.plan import Plan, Summary
from reconciler.model.resource import identity_field, specs
from reconciler.model.review import NOT_MANAGED, Review, Revised
from reconciler.pipeline.causes import caused
from reconciler.renames import moved
from reconciler.review import Side, review
from reconciler.review.objects import wanted
from tests.laws.vendor import Case, Vendor
from tests.laws.vendors import each_vendor


def side(desired: Desired, name: str) -> Side:
    """Take a configuration for one side."""
    return Side(revised=Revised(name=name), desired=desired)


def reviewed(base: Desired, head: Desired, vendor: Vendor) -> Review:
    """Compare two configurations."""
    return review(side(base, "base"), side(head, "head"), vendor.provider)


def as_live(desired: Desired) -> Live:
    """Have live exactly what a configuration says, and the defaults of the classes in what it leaves open."""
    return Live({name: {key: item.resource for key, item in items.items()} for name, items in wanted(desired).items()})


def marked(case: Case, base: Desired, live: Live) -> tuple[Change, ...]:
    """Plan a wish beside a live state, and say who made what differs since *base*."""
    kinds = case.vendor.provider.kinds
    found = diff(case.desired, moved(case.desired, live, kinds).live, kinds)
    made = Plan(contact_center="acme", provider=case.vendor.provider.name, summary=Summary(), changes=found.changes)
    return caused(made, base, case.desired, kinds, rev="base").changes


def seen(case: Case, change: Change) -> bool:
    """Whether a hand can be seen there at all."""
    kind = case.vendor.provider.kinds[change.section]
    return kind.readable and not (change.action is Action.CREATE and kind.read is None)


@each_vendor
@given(data=st.data())
def test_a_configuration_beside_itself_is_no_change(vendor: Vendor, data: st.DataObject) -> None:
    """`review(x, x)` is empty, whatever x is."""
    desired = data.draw(vendor.cases()).desired
    found = reviewed(desired, desired, vendor)
    assert found.empty
    assert () == found.warnings


@each_vendor
@given(data=st.data())
def test_a_review_says_what_a_plan_would_where_the_base_is_live(vendor: Vendor, data: st.DataObject) -> None:
    """With live exactly as the base says, the plan of the head has the changes of the review, and no others."""
    base, head = data.draw(vendor.cases()).desired, data.draw(vendor.cases()).desired
    kinds = vendor.provider.kinds
    live = as_live(base)
    planned = {
        change.address: change
        for change in diff(head, moved(head, live, kinds).live, kinds).changes
        if not kinds[change.section].fixed
    }
    found = {
        (change.section, change.identity): change
        for change in reviewed(base, head, vendor).changes
        if not kinds[change.section].fixed
    }
    for change in planned.values():
        told = found.pop((change.section, change.identity))
        assert change.action is told.action
        for item in told.fields:
            if NOT_MANAGED in (getattr(item, "before", None), getattr(item, "after", None)):
                continue
            if not specs(kinds[change.section].resource)[item.path].compared:
                continue
            if not isinstance(getattr(item, "after", None), dict):  # of pairs, a plan tells those that come, too
                assert item == change.field_change(item.path)
    for change in found.values():  # what only the files tell: a field that was not managed, and has its default
        assert change.action is Action.UPDATE


@each_vendor
@given(data=st.data())
def test_what_the_files_did_not_change_is_drift(vendor: Vendor, data: st.DataObject) -> None:
    """With the files as they were, every difference was made by hand, as far as a hand can be seen."""
    case = data.draw(vendor.cases())
    for change in marked(case, case.desired, case.live):
        due = Cause.DRIFT if seen(case, change) else Cause.YOURS
        assert due is change.cause, change
        assert {due} >= {item.cause for item in change.fields}


@each_vendor
@given(data=st.data())
def test_what_is_live_as_the_base_says_is_yours(vendor: Vendor, data: st.DataObject) -> None:
    """Where nobody touched anything since the base, every difference is the files' own."""
    case, base = data.draw(vendor.cases()), data.draw(vendor.cases()).desired
    for change in marked(case, base, as_live(base)):
        assert Cause.YOURS is change.cause, change
        assert {Cause.YOURS} >= {item.cause for item in change.fields}


@each_vendor
@given(data=st.data())
def test_a_field_is_yours_only_where_live_is_as_the_base_says(vendor: Vendor, data: st.DataObject) -> None:
    """A comparison of the base with live agrees: where it finds nothing, the files changed; else a hand did."""
    case, base = data.draw(vendor.cases()), data.draw(vendor.cases()).desired
    kinds = vendor.provider.kinds
    if any(entry.resource.__dict__.get("renamed_from") for items in wanted(base).values() for entry in items.values()):
        base = replace(base, sections={name: items for name, items in base.sections.items() if name != "queues"})
    live = moved(case.desired, case.live, kinds).live
    before = {(change.section, change.identity): change for change in diff(base, live, kinds).changes}
    entries = wanted(base)
    for change in marked(case, base, case.live):
        was = entries.get(change.section, {}).get(change.identity)
        if change.action is not Action.UPDATE or was is None or not kinds[change.section].readable:
            continue
        hand = before.get((change.section, change.identity))
        for item in change.fields:
            if item.path in was.written and item.path != identity_field(kinds[change.section].resource):
                differs = hand.field_change(item.path) if hand is not None else None
                if item.path not in base.rule(change.section).additive:
                    assert due(item, differs, was) is item.cause, change


def due(item: FieldChange, hand: FieldChange | None, was: Entry) -> Cause:
    """Say whose a difference is, from what the base differs from live in."""
    match item:
        case MemberChange():
            joined, left = (hand.remove, hand.add) if isinstance(hand, MemberChange) else ((), ())
            undone = ({*joined} & {*item.remove}) | ({*left} & {*item.add})
            return Cause.DRIFT if undone else Cause.YOURS
        case ValueChange(after=dict()):
            said = was.resource.__dict__[item.path]
            pairs = [(said[member], live, value) for member, live, value in pairs_of(item) if member in said]
            if any(wish not in (live, value) for wish, live, value in pairs):
                return Cause.CONFLICT
            return Cause.DRIFT if any(wish == value for wish, _, value in pairs) else Cause.YOURS
        case ValueChange():
            if not isinstance(hand, ValueChange):
                return Cause.YOURS
            return Cause.DRIFT if hand.after == item.after else Cause.CONFLICT


@each_vendor
@given(data=st.data())
def test_marking_changes_nothing_else(vendor: Vendor, data: st.DataObject) -> None:
    """A plan with `--base` is the plan without, but for the marks; an object has the worst mark of its fields."""
    case, base = data.draw(vendor.cases()), data.draw(vendor.cases()).desired
    kinds = vendor.provider.kinds
    plain = diff(case.desired, case.called(case.live), kinds).changes
    found = marked(case, base, case.live)
    bare = tuple(
        replace(change, cause=None, fields=tuple(replace(item, cause=None) for item in change.fields))
        for change in found
    )
    assert plain == bare
    order = [Cause.YOURS, Cause.DRIFT, Cause.CONFLICT]
    for change in found:
        assert change.cause is not None
        worst = max((item.cause for item in change.fields if item.cause is not None), key=order.index, default=None)
        assert worst is None or order.index(worst) <= order.index(change.cause)
        if change.action is Action.UPDATE:
            assert worst is change.cause
