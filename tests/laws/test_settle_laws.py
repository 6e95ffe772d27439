"""What holds of calls taken apart, put together, and looked for in what was read: for all plans, in every reading."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import pipeline
from reconciler.model.call import Call, Fact
from reconciler.model.desired import Desired
from reconciler.model.live import Live
from reconciler.model.resource import Resource, identity_field, specs
from tests.conformance.stage import Stage
from tests.conformance.vendor import Vendor as Wired
from tests.conformance.vendors import VENDORS as WIRED
from tests.laws.planned import ORDERS, make, possible, shuffled
from tests.laws.vendor import Case, Tenant, Vendor
from tests.laws.vendors import VENDORS, each_vendor


def several(vendor: Vendor) -> st.SearchStrategy[Case]:
    """Draw cases, those in which much is joined in one call more often."""
    return st.one_of(vendor.bindings(), vendor.cases())


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_what_is_taken_apart_and_joined_is_the_call_itself(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """All parts joined are the call; some of them joined have those very parts."""
    case = data.draw(several(vendor))
    chance = random.Random(seed)  # noqa: S311 - hypothesis gives the seed
    for call in possible(case).calls:
        parts = vendor.provider.parts(call)
        assert call == vendor.provider.join(parts)
        some = [part for part in parts if chance.random() < 0.5] or [parts[-1]]
        assert tuple(some) == tuple(vendor.provider.parts(vendor.provider.join(some)))


@each_vendor
@given(data=st.data())
def test_parts_state_together_what_the_call_states(vendor: Vendor, data: st.DataObject) -> None:
    """Each fact and each address is some part's, nothing is added, and no two parts give or take the same."""
    case = data.draw(several(vendor))
    for call in possible(case).calls:
        parts = vendor.provider.parts(call)
        for name in ("requires", "forbids", "prefers", "gives", "takes"):
            assert getattr(call, name) == frozenset().union(*(getattr(part, name) for part in parts))
        assert {*call.changes} == {address for part in parts for address in part.changes}
        assert all((call.id, call.needs) == (part.id, part.needs) for part in parts)
        moved: list[Fact] = [fact for part in parts for fact in part.gives | part.takes]
        assert len(moved) == len({*moved}) or len(parts) == 1


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_what_is_there_tells_whether_a_call_happened(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """Before a call that changes anything it has not happened, after it has, and only the unseen can't be told."""
    case, reading = data.draw(several(vendor)), data.draw(st.sampled_from(vendor.readings))
    tenant = case.tenant(reading)
    for call in shuffled(possible(case).calls, seed):
        _carry_out_and_look(vendor, tenant, call)


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_what_somebody_else_changes_meanwhile_hides_nothing(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """An update that was done stays done to see, whatever happens to the other fields of its object."""
    case = data.draw(several(vendor))
    tenant = case.tenant("default")
    for call in shuffled(possible(case).calls, seed):
        tenant.write(call)
        for part in vendor.provider.parts(tenant.ready(call)) if call.sets else ():
            live = tenant.read()
            for section, name in (address.partition("/")[::2] for address in part.changes):
                items = {**live.of(section), name: _touched(live.of(section)[name], spared=part.sets)}
                live = Live({**live.sections, section: items})
            assert vendor.provider.happened(part, live), part.why


def _touched(item: Resource, *, spared: Sequence[str]) -> Resource:
    """Change all fields of an object but its identity, its computed ones and those *spared*."""
    values = dict(item.__dict__)
    for spec in specs(type(item)).values():
        value = values[spec.name]
        if spec.compared and spec.name not in {*spared, identity_field(type(item))}:
            values[spec.name] = _other(value)
    return type(item).live(values)


def _other(value: object) -> object:
    match value:
        case bool():
            return not value
        case tuple() | dict():
            return type(value)()
        case int() | str():
            return value * 2 or "x"
        case _:
            raise TypeError(value)


@each_vendor
@given(data=st.data(), seed=ORDERS)
def test_parts_sent_one_by_one_do_what_the_call_does(vendor: Vendor, data: st.DataObject, seed: int) -> None:
    """In any order of the parts, whether binding adds or replaces; those that were done stay done."""
    case, reading = data.draw(several(vendor)), data.draw(st.sampled_from(vendor.readings))
    chance = random.Random(seed)  # noqa: S311 - hypothesis gives the seed
    whole, apart = case.tenant(reading), case.tenant(reading)
    for call in shuffled(possible(case).calls, seed):
        whole.write(call)
        parts = list(vendor.provider.parts(apart.ready(call)))
        if not vendor.numbers(call):
            chance.shuffle(parts)
        done: list[Call] = []
        while parts:
            some = parts[: chance.randint(1, len(parts))]
            del parts[: len(some)]
            sent = vendor.provider.after(vendor.provider.join(some), done)
            apart.write(sent)
            done += some
            after = apart.read()
            assert all(vendor.provider.happened(part, after) is not False for part in done), sent.why
        assert whole.sections == apart.sections, call.why


def _carry_out_and_look(vendor: Vendor, tenant: Tenant, call: Call) -> None:
    parts = vendor.provider.parts(tenant.ready(call))
    was, before = tenant.sections, tenant.read()
    tenant.write(call)
    changed, after = was != tenant.sections, tenant.read()
    for part in parts:
        if changed:
            assert not vendor.provider.happened(part, before), (part.title, part.why)
        told = vendor.provider.happened(part, after)
        assert told or (told is None and vendor.unseen(call)), (part.title, part.why)


@pytest.fixture(scope="module")
def wishes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[tuple[Desired, Mapping[str, bytes]]]]:
    """Load the wishes of each vendor's conformance story, each with its files."""
    return {name: [*_wishes(wired, tmp_path_factory)] for name, wired in WIRED.items() if name in VENDORS}


def _wishes(wired: Wired, folders: pytest.TempPathFactory) -> Sequence[tuple[Desired, Mapping[str, bytes]]]:
    found = []
    for act in wired.story.acts:
        stage = Stage(root=folders.mktemp("wish"), url="https://cc.example.com", vendor=wired)
        stage.write(act.wish, act.files)
        loaded = pipeline.read(pipeline.Request(path=str(stage.root), environ=wired.environ))
        assert loaded.desired is not None
        found.append((loaded.desired, act.files))
    return found


EVERY: Final = [
    pytest.param(vendor, name, id=f"{vendor}-{name}")
    for vendor, wired in WIRED.items()
    if vendor in VENDORS
    for name in wired.dialects
    if name not in wired.story.unreachable
]


@pytest.mark.parametrize(("name", "dialect"), EVERY)
def test_it_holds_under_every_reading_of_the_page(
    name: str, dialect: str, wishes: Mapping[str, Sequence[tuple[Desired, Mapping[str, bytes]]]]
) -> None:
    """The same with every section and all dialects: from an older tenant to one wish, and on to another."""
    vendor = VENDORS[name]
    machine = vendor.wired(WIRED[name].story.before, dialect)
    tenant = Tenant(vendor.provider, machine)
    seen = set()
    for desired, files in wishes[name]:
        machine.files = files
        for _ in range(2):  # the second time, what started otherwise than written is switched
            made = make(desired, tenant.read(), vendor.provider)
            assert () == made.refusals
            for call in made.calls:
                _carry_out_and_look(vendor, tenant, call)
                seen.add(vendor.sort(call))
    assert vendor.writes <= seen, vendor.writes - seen
