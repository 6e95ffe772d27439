"""What holds of members, and of identities without case, however they are written."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.load import Loaded
from reconciler.model.desired import entry_values
from tests.configurations import texts
from tests.laws import strategies
from tests.laws.test_load_laws import folder
from tests.small_vendor import one

QUEUES = {"sales": "Sales", "support": "Support", "q.1": "q.1", "no": "Nightly"}


def load(body: dict[str, Any], **more: Any) -> Loaded:
    """Load plain data."""
    with folder({}) as root:
        return one(root, "".join(f"{name}: {json.dumps(value)}\n" for name, value in body.items()), **more)


def meaning(result: Loaded) -> tuple[Any, str]:
    """Give what is wanted of agents and phones, and the digest of all."""
    assert result.desired is not None, texts(result)
    wanted = {
        item.address: (item.identity, entry_values(item))
        for section in ("agents", "phones")
        for item in result.desired.of(section).values()
    }
    return wanted, result.desired.digest


def body(queues: Any) -> dict[str, Any]:
    """Make a configuration of one agent."""
    named = {name: {"name": own} for name, own in QUEUES.items()}
    return {"queues": named, "agents": {"li": {"email": "li@x", "queues": queues}}}


served = st.lists(st.sampled_from([*QUEUES]), unique=True)


@st.composite
def spelled(draw: st.DrawFn, names: list[str]) -> list[str]:
    """Give queues in any order, each by its local name or its identity."""
    return [draw(st.sampled_from([name, QUEUES[name]])) for name in draw(st.permutations(names))]


@given(st.data())
def test_both_forms_of_a_list_mean_the_same(data: st.DataObject) -> None:
    """Also below an overlay, and below assignments."""
    names = data.draw(served)
    listed, mapped = data.draw(spelled(names)), data.draw(spelled(names))
    forms: tuple[Any, Any] = (listed, {name: {} for name in mapped})
    assert meaning(load(body(forms[0]))) == meaning(load(body(forms[1])))
    over = {name: data.draw(st.sampled_from([{}, {"priority": 2}, None])) for name in data.draw(served)}
    overlay = json.dumps({"agents": {"li": {"queues": over}}})
    bases: tuple[Any, Any] = ([*names], {name: {} for name in names})
    assert meaning(load(body(bases[0]), overlay=overlay)) == meaning(load(body(bases[1]), overlay=overlay))
    sets = [f"agents.li.queues.{name}.priority={data.draw(st.integers(1, 5))}" for name in names]
    found, other = (meaning(load(body(base), assignments=sets)) for base in bases)
    assert found == other
    assert len(names) == len(found[0]["agents/li"][1].get("priorities", {}))


@given(st.dictionaries(st.sampled_from([*QUEUES]), st.none() | st.integers(1, 5)), st.randoms())
def test_order_and_spelling_of_members_mean_nothing(priorities: dict[str, int | None], random: Any) -> None:
    """A value is kept for exactly those that have one, and both fields are sorted."""
    fields = [(name, {} if value is None else {"priority": value}) for name, value in priorities.items()]
    pairs = fields.copy()
    random.shuffle(pairs)
    one_way = load(body({name: {**value} for name, value in fields}))
    other = load(body({random.choice([name, QUEUES[name]]): value for name, value in pairs}))
    assert meaning(one_way) == meaning(other)
    assert one_way.desired is not None
    agent = one_way.desired.of("agents")["li"]
    wanted = {QUEUES[name]: value for name, value in priorities.items() if value is not None}
    assert wanted == agent.resource.__dict__["priorities"]
    assert sorted(wanted) == list(agent.resource.__dict__["priorities"])
    assert tuple(sorted(QUEUES[name] for name in priorities)) == agent.resource.__dict__["queues"]
    assert bool(wanted) == ("priorities" in agent.written)


@st.composite
def cased(draw: st.DrawFn, text: str) -> str:
    """Give a text with its letters in any case."""
    return "".join(draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in text)


@given(st.data())
def test_the_case_of_a_reference_does_not_matter(data: st.DataObject) -> None:
    """Where the identity has none; alone, in lists, and whether or not the section is there."""
    emails = {"li": "li.wei@x.com", "b": "b@x.com", "c": "c@x.com"}
    watchers = data.draw(st.lists(st.sampled_from([*emails]), unique=True))

    def phones() -> dict[str, Any]:
        return {
            "1000": {
                "agent": data.draw(cased(emails["li"])),
                "watchers": [data.draw(cased(emails[name])) for name in data.draw(st.permutations(watchers))],
            }
        }

    agents = {name: {"email": data.draw(cased(email))} for name, email in emails.items()}
    locals_ = {"1000": {"agent": "li", "watchers": watchers}}
    found = [meaning(load({"agents": agents, "phones": item})) for item in (phones(), phones(), locals_)]
    assert found[0] == found[1] == found[2]
    absent = [meaning(load({"phones": item})) for item in (phones(), phones())]
    assert absent[0] == absent[1]
    assert found[0][0]["phones/1000"] == absent[0][0]["phones/1000"]


@given(st.data())
def test_an_email_stands_for_one_agent_in_any_case(data: st.DataObject) -> None:
    """Two entries never share it, and the field keeps its spelling."""
    first, second = data.draw(cased("li.wei@x.com")), data.draw(cased("li.wei@x.com"))
    both = load({"agents": {"a": {"email": first}, "b": {"email": second}}})
    assert ["duplicate-identity"] == [item.code for item in both.diagnostics]
    alone = load({"agents": {"a": {"email": first}}})
    assert alone.desired is not None
    assert (first, first.lower()) == (
        alone.desired.of("agents")["a"].resource.__dict__["email"], alone.desired.of("agents")["a"].identity,
    )  # fmt: skip


_WHOLE = (
    "queues: {sales: {name: Sales, renamed_from: Old}, support: {}}\n"
    "agents:\n  li.wei: {email: Li@x, queues: {sales: {priority: 1}, Old: {}}, badges: [ab]}\n"
    "defaults: {agents: {queues: {support: {priority: 2}}}}\nvoices: {a: 1}\nphones: {'1000': {agent: lI@X}}\n"
)


@given(strategies.mutilated(_WHOLE), strategies.mutilated("agents: {li.wei: {queues: {sales: {priority: ~}}}}\n"))
def test_nearly_right_files_end_in_a_message(text: str, overlay: str) -> None:
    """Whatever is wrong with members, renames and what the vendor can't do, there is an answer."""
    with folder({}) as root:
        result = one(
            root, text, overlay=overlay, assignments=["agents.li.wei.queues.sales.priority=3"], placeholders=True
        )
    texts(result).encode("utf-8")
    assert (result.desired is None) == result.diagnostics.failed
