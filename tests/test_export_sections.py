"""What `export` writes of a vendor's sections: read again, it is what was live."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.export import Notes, sections
from reconciler.model.live import Live, Memory
from reconciler.providers.tencent.kinds import KINDS as TENCENT
from tests.configurations import texts
from tests.laws.test_load_laws import folder
from tests.small_vendor import KINDS, Agent, Number, Queue, entry, one


def tenant(*, agents: list[dict[str, Any]], queues: list[str], numbers: list[dict[str, Any]] | None = None) -> Live:
    """Make a live tenant."""
    return Live(
        {
            "queues": {name: Queue.live({"name": name, "id": str(number)}) for number, name in enumerate(queues)},
            "agents": {str(values["email"]).lower(): Agent.live(values) for values in agents},
            "badges": {},
            "phones": {},
            "numbers": {str(values["number"]): Number.live(values) for values in numbers or []},
        },
        Memory({}),
    )


def exported(live: Live) -> tuple[str, dict[str, Any], list[str]]:
    """Export it; give the text of all files, what it says, and the notes."""
    notes = Notes()
    text = "".join(sections(KINDS, live, notes).values())
    return text, yaml.safe_load(text), notes.items


def test_queues_with_priorities(tmp_path: Path) -> None:
    """They are a mapping where some priority is not the default, else a list."""
    live = tenant(
        queues=["Sales", "Support"],
        agents=[
            {"email": "Li@x", "queues": ("Sales", "Support"), "priorities": {"Sales": 1, "Support": 3}},
            {"email": "wu@x", "queues": ("Sales", "Support"), "priorities": {"Sales": 3, "Support": 3}},
            {"email": "no@x", "queues": (), "priorities": {}},
        ],
    )
    text, said, notes = exported(live)
    assert {"Sales": {"priority": 1}, "Support": {}} == said["agents"]["li@x"]["queues"]
    assert ["Sales", "Support"] == said["agents"]["wu@x"]["queues"]
    assert {} == said["agents"]["no@x"]
    assert "renamed_from" not in text
    assert [] == notes
    result = one(tmp_path, text)
    assert result.desired is not None, texts(result)
    agent = entry(result, "agents", "li@x")
    assert ("li@x", "Li@x", {"Sales": 1}) == (
        agent.identity, agent.resource.__dict__["email"], agent.resource.__dict__["priorities"],
    )  # fmt: skip


def test_a_priority_that_the_page_does_not_allow() -> None:
    """It is left out, with a note; the queue stays."""
    live = tenant(queues=["Sales"], agents=[{"email": "li@x", "queues": ("Sales",), "priorities": {"Sales": 9}}])
    _, said, notes = exported(live)
    assert ["Sales"] == said["agents"]["li@x"]["queues"]
    assert ["Left out the priority of Sales in agents/li@x: it is not in a form that the page allows."] == notes


def test_what_nothing_makes_is_written_whole() -> None:
    """No creation would choose defaults for it."""
    live = tenant(queues=[], agents=[], numbers=[{"number": "100", "enabled": True, "memo": ""}])
    assert {"100": {"enabled": True, "memo": ""}} == exported(live)[1]["numbers"]


def test_many_agents_are_split_by_their_first_queue() -> None:
    """Also where queues are a mapping."""
    live = tenant(
        queues=["Sales"],
        agents=[{"email": f"{n}@x", "queues": ("Sales",), "priorities": {"Sales": 1 + n % 3}} for n in range(101)],
    )
    assert "agents/sales.yaml" in sections(KINDS, live, Notes())


def test_a_number_that_the_vendor_has_stopped() -> None:
    """What the console alone can mend is no wish: each plan would warn of it."""
    number = TENCENT["numbers"].resource.live(
        {"number": "0085212345678", "outbound_queues": (), "enabled": False, "state": "2"}
    )
    live = Live({**{name: {} for name in TENCENT}, "numbers": {"0085212345678": number}}, Memory({}))
    said = yaml.safe_load("".join(sections(TENCENT, live, Notes()).values()))
    assert {"outbound_queues": []} == said["numbers"]["0085212345678"]


_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=6)


@given(st.data())
def test_what_is_exported_loads_as_what_was_live(data: st.DataObject) -> None:
    """Whatever queues are called, and whatever priority each pair has."""
    queues = data.draw(
        st.lists(_NAMES | st.sampled_from(["$$", "${env:HOME}", "no", "1", "~"]), unique=True, max_size=4)
    )
    some = st.lists(st.sampled_from(queues), unique=True).map(sorted) if queues else st.just([])
    agents = []
    for number in range(data.draw(st.integers(0, 4))):
        served = tuple(data.draw(some))
        priorities = {name: data.draw(st.integers(1, 5)) for name in served}
        email = f"{data.draw(st.sampled_from(['a', 'B', 'cD']))}{number}@x"
        agents.append({"email": email, "queues": served, "priorities": priorities})
    live = tenant(queues=queues, agents=agents)
    text, _, notes = exported(live)
    assert [] == notes
    with folder({}) as root:
        result = one(root, text)
    assert result.desired is not None, texts(result)
    assert set(queues) == {item.identity for item in result.desired.of("queues").values()}
    assert live.of("agents").keys() == {item.identity for item in result.desired.of("agents").values()}
    for item in result.desired.of("agents").values():
        has = live.of("agents")[item.identity].__dict__
        wish = item.resource.__dict__
        assert {name: has[name] for name in ("email", "queues")} == {name: wish[name] for name in ("email", "queues")}
        assert {name: value for name, value in has["priorities"].items() if value != 3} == {
            **{name: value for name, value in wish["priorities"].items() if value != 3}
        }
        assert wish["priorities"].items() <= has["priorities"].items()
