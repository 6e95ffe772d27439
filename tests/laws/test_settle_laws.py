"""What holds of calls taken apart, put together, and looked for in what was read: for all plans, in every reading."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import pipeline
from reconciler.model.call import Call, Fact, Reply
from reconciler.model.desired import Desired
from reconciler.model.errors import Rejected
from reconciler.model.live import Live, Memory
from reconciler.model.resource import Resource, identity_field, specs
from reconciler.providers.base import Request
from reconciler.providers.udesk import PROVIDER, protocol
from reconciler.providers.udesk.protocol import API
from reconciler.providers.udesk.settings import UdeskSettings
from reconciler.providers.udesk.simulator.dialect import DIALECTS, Dialect
from reconciler.providers.udesk.simulator.signature import Account
from reconciler.providers.udesk.simulator.wire import Wire
from tests.conformance import tenant
from tests.conformance.stage import ENVIRON, Stage
from tests.laws.tenants import AUTH_TOKEN, QUEUES, SETTINGS, SID, Case, cases, desired_of, live_of
from tests.laws.test_plan_laws import ORDERS, make, possible, shuffled
from tests.laws.vendor import READINGS, Vendor

# What no read shows. A spare extension is one of them; one that an agent holds is not.
UNSEEN: Final = frozenset({"extensions", "webhooks/events"})
WRITES: Final = {
    ("PUT", "apps"), ("PUT", "spnumbers/default"), ("DELETE", "spnumbers/default"),
    ("PUT", "spnumbers/agent/default/"), ("DELETE", "spnumbers/agent/default/"),
    ("POST", "queues"), ("PUT", "queues"), ("DELETE", "queues"), ("POST", "extensions"), ("DELETE", "extensions"),
    ("POST", "agents"), ("PUT", "agents/"), ("DELETE", "agents/"), ("POST", "agents/extensions"),
    ("DELETE", "agents/extensions"), ("DELETE", "agents/queues"), ("POST", "ivrs/vfiles"), ("DELETE", "ivrs/vfiles"),
    ("PUT", "ivrs/defvoices"), ("PUT", "ivrs/fastrouters"), ("POST", "subscriptions"), ("PUT", "subscriptions/"),
    ("DELETE", "subscriptions/"), ("PUT", "webhooks/events"),
}  # fmt: skip
NOW: Final = 1_700_000_000.0


@st.composite
def bindings(draw: st.DrawFn) -> Case:
    """Draw few agents and many queues: an agent joins several in one call, and keeps some that it has."""
    several = st.lists(st.sampled_from(QUEUES), unique=True, max_size=5).map(sorted)
    live: dict[str, Any] = {"queues": {queue: {"name": queue} for queue in QUEUES}, "agents": {}}
    wish: dict[str, Any] = {"agents": {}}
    for number, agent in enumerate(draw(st.sampled_from([["11"], ["11"], ["11", "12"]]))):
        phones = [f"80{number}1", f"80{number}2"]
        live["agents"][agent] = {
            "work_id": "w",
            "queues": draw(several),
            "extensions": draw(st.sampled_from([[], [], phones[:1], phones])),
        }
        wish["agents"][agent] = {
            "queues": draw(several),
            "extensions": draw(st.sampled_from([phones, phones, []])),
        }
    known: dict[str, dict[str, Any]] = {number: {} for number in ("8001", "8002", "8011", "8012")}
    read = live_of({**live, "extensions": known})
    memory = Memory({"extensions": known})
    return Case(live=Live(read.sections, memory), desired=desired_of(wish, prune=()), state=read.as_json())


ANY: Final = st.one_of(bindings(), cases())


@given(case=ANY, seed=ORDERS)
def test_what_is_taken_apart_and_joined_is_the_call_itself(case: Case, seed: int) -> None:
    """All parts joined are the call; some of them joined have those very parts."""
    chance = random.Random(seed)  # noqa: S311 - hypothesis gives the seed
    for call in possible(case).calls:
        parts = PROVIDER.parts(call)
        assert call == PROVIDER.join(parts)
        some = [part for part in parts if chance.random() < 0.5] or [parts[-1]]
        assert tuple(some) == tuple(PROVIDER.parts(PROVIDER.join(some)))


@given(case=ANY)
def test_parts_state_together_what_the_call_states(case: Case) -> None:
    """Each fact and each address is some part's, nothing is added, and no two parts give or take the same."""
    for call in possible(case).calls:
        parts = PROVIDER.parts(call)
        for name in ("requires", "forbids", "prefers", "gives", "takes"):
            assert getattr(call, name) == frozenset().union(*(getattr(part, name) for part in parts))
        assert {*call.changes} == {address for part in parts for address in part.changes}
        assert all((call.id, call.needs) == (part.id, part.needs) for part in parts)
        moved: list[Fact] = [fact for part in parts for fact in part.gives | part.takes]
        assert len(moved) == len({*moved}) or len(parts) == 1


@given(case=ANY, seed=ORDERS, reading=st.sampled_from(sorted(READINGS)))
def test_what_is_there_tells_whether_a_call_happened(case: Case, seed: int, reading: str) -> None:
    """Before a call that changes anything it has not happened, after it has, and only the unseen can't be told."""
    vendor = Vendor(case.state, case.live.memory, READINGS[reading])
    for call in shuffled(possible(case).calls, seed):
        _carry_out_and_look(vendor, call)


@given(case=ANY, seed=ORDERS)
def test_what_somebody_else_changes_meanwhile_hides_nothing(case: Case, seed: int) -> None:
    """An update that was done stays done to see, whatever happens to the other fields of its object."""
    vendor = Vendor(case.state, case.live.memory, READINGS["default"])
    for call in shuffled(possible(case).calls, seed):
        vendor.write(call)
        if call.sets:
            section, _, name = call.changes[0].partition("/")
            live = vendor.read()
            items = {**live.of(section), name: _touched(live.of(section)[name], spared=call.sets)}
            assert PROVIDER.happened(call, Live({**live.sections, section: items})), call.why


def _touched(item: Resource, *, spared: Sequence[str]) -> Resource:
    """Change all fields of an object but its identity, its computed ones and those *spared*."""
    values = dict(item.__dict__)
    for spec in specs(type(item)).values():
        value = values[spec.name]
        if spec.compared and spec.name not in {*spared, identity_field(type(item))}:
            values[spec.name] = not value if isinstance(value, bool) else () if spec.is_list else value * 2 or "x"
    return type(item).live(values)


@given(case=ANY, seed=ORDERS, reading=st.sampled_from(sorted(READINGS)))
def test_parts_sent_one_by_one_do_what_the_call_does(case: Case, seed: int, reading: str) -> None:
    """In any order of the parts, whether binding adds or replaces; those that were done stay done."""
    chance = random.Random(seed)  # noqa: S311 - hypothesis gives the seed
    whole = Vendor(case.state, case.live.memory, READINGS[reading])
    apart = Vendor(case.state, case.live.memory, READINGS[reading])
    for call in shuffled(possible(case).calls, seed):
        whole.write(call)
        parts = list(PROVIDER.parts(call))
        if "IsCreateExtension" not in repr(call.body) and "subscriptions" not in call.path:  # the vendor counts
            chance.shuffle(parts)
        done: list[Call] = []
        while parts:
            several = parts[: chance.randint(1, len(parts))]
            del parts[: len(several)]
            sent = PROVIDER.after(PROVIDER.join(several), done)
            apart.write(sent)
            done += several
            after = apart.read()
            assert all(PROVIDER.happened(part, after) is not False for part in done), sent.why
        assert whole.sections == apart.sections, call.why


def _carry_out_and_look(vendor: Vendor, call: Call) -> None:
    parts = PROVIDER.parts(call)
    was, before = vendor.sections, vendor.read()
    vendor.write(call)
    changed, after = was != vendor.sections, vendor.read()
    api = call.path.removeprefix(API)
    for part in parts:
        if changed:
            assert not PROVIDER.happened(part, before), (part.title, part.why)
        told = PROVIDER.happened(part, after)
        assert told or (told is None and api in UNSEEN), (part.title, part.why)


class Wired(Vendor):
    """One tenant behind signatures, envelopes and bodies, in any dialect; no socket."""

    def __init__(self, dialect: Dialect, settings: UdeskSettings) -> None:
        account = Account(sid=SID, auth_token=AUTH_TOKEN)
        super().__init__({}, Memory(), dialect)
        self.wire = Wire(account=account, clock=lambda: NOW, seed={"sections": tenant.BEFORE}, dialect=dialect)
        self.settings = settings
        self.files: Mapping[str, bytes] = {}

    @property
    def sections(self) -> Mapping[str, Mapping[str, Any]]:
        """What it has, by its own account."""
        sections: Mapping[str, Mapping[str, Any]] = self.wire.state()["sections"]
        return sections

    def answer(self, call: Call) -> Reply:
        """Send one call as the client would."""
        upload = self.files[call.upload.path] if call.upload is not None else b""
        sent = protocol.encode(call, self.settings, now=NOW, upload=upload)
        form = None
        if sent.headers.get("Content-Type", "").startswith("multipart/"):
            form = {name: str(value) for name, value in (call.body or {}).items()}
        request = Request(
            method=sent.method,
            path=sent.path,
            query=sent.query,
            body=sent.content,
            form=form,
            files={} if form is None else {"File": upload},
        )
        answer = self.wire.answer(request)
        try:
            return protocol.decode(call, status=answer.status, headers=answer.headers, body=answer.body, now=NOW)
        except Rejected as refused:
            other = call.otherwise
            if other is None or protocol.classify(refused.code, refused.text) not in call.otherwise_on:
                raise
            return self.answer(replace(other, changes=call.changes, id=call.id))

    def read(self) -> Live:
        """Read all of it, as often as a vendor takes to show what was written."""
        for _ in range(self.wire.dialect.lag):
            super().read()
        return super().read()


@pytest.fixture(scope="module")
def wishes(tmp_path_factory: pytest.TempPathFactory) -> Sequence[tuple[Desired, Mapping[str, bytes]]]:
    """Load the two wishes of the conformance story, each with its files."""
    found = []
    for sections, files in ((tenant.FIRST, tenant.FILES), (tenant.SECOND, {**tenant.FILES, **tenant.SECOND_FILES})):
        stage = Stage(root=tmp_path_factory.mktemp("wish"), url="https://cc.example.com")
        stage.write(sections, files)
        loaded = pipeline.read(pipeline.Request(path=str(stage.root), environ=ENVIRON))
        assert loaded.desired is not None
        found.append((loaded.desired, files))
    return found


@pytest.mark.parametrize("name", DIALECTS)
def test_it_holds_under_every_reading_of_the_page(
    name: str, wishes: Sequence[tuple[Desired, Mapping[str, bytes]]]
) -> None:
    """The same on the wire, with every section: from an older tenant to one wish, and on to another."""
    unit = "s" if DIALECTS[name].timestamp_unit == "s" else "ms"
    settings = SETTINGS.model_copy(update={"timestamp_unit": unit})
    vendor = Wired(DIALECTS[name], settings)
    seen = set()
    for desired, files in wishes:
        vendor.files = files
        for _ in range(2):  # the second time, subscriptions that started otherwise than written are switched
            made = make(desired, vendor.read())
            assert () == made.refusals
            for call in made.calls:
                _carry_out_and_look(vendor, call)
                seen.add((call.method, call.path.removeprefix(API).rstrip("0123456789")))
    assert WRITES <= seen, WRITES - seen
