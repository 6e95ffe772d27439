"""Who is reached how: what is on the way, what is broken, what nobody can know, and how a large tenant is folded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler import graph
from reconciler.diff import diff
from reconciler.model.live import Live, Memory
from reconciler.model.routing import Edge, Node, Role, Routing
from tests.pictures import BROKEN, KINDS, TENCENT, desired, drawn, faults, tenant


def roles(routing: Routing) -> dict[str, int]:
    """Count the nodes by role."""
    return {role.value: sum(node.role is role for node in routing.nodes) for role in Role}


def test_all_steps_of_the_way_are_read_off_the_references(tmp_path: Path) -> None:
    """Whichever side holds a reference, its step leads the way of the caller; a number leads to all keys."""
    found = drawn(tmp_path, BROKEN)
    assert {"number": 1, "key": 3, "queue": 4, "agent": 4, "extension": 2} == roles(found)
    steps = {(edge.start, edge.end) for edge in found.edges}
    assert {
        ("default_number", "fast_routers/1"),
        ("fast_routers/1", "queues/sales"),
        ("queues/sales", "agents/li.wei"),
        ("agents/li.wei", "extensions/8001"),
    } <= steps


def test_what_is_broken_is_said(tmp_path: Path) -> None:
    """A key to a queue without agents, the queue, an agent without an extension, a queue that no key leads to."""
    assert {
        "fast_routers/2": "leads to a queue where nobody answers",
        "fast_routers/3": "leads to a queue where nobody answers",
        "queues/empty": "nobody answers",
        "queues/away": "nobody answers: all who serve it are switched off",
        "queues/lost": "no key leads here",
        "agents/wang.fang": "has no extension",
    } == faults(drawn(tmp_path, BROKEN))


def test_who_is_switched_off_needs_no_extension(tmp_path: Path) -> None:
    """An agent who may not sign in is drawn as off, and is no fault; `extensions: auto` counts as having one."""
    nodes = {node.address: node for node in drawn(tmp_path, BROKEN).nodes}
    assert (True, "") == (nodes["agents/off"].off, nodes["agents/off"].fault)
    assert "" == nodes["agents/auto"].fault


KEYED = 'fast_routers: {"1": {queue: a}}\nqueues: {a: {id: "9001", name: A}}\n'
AGENT = 'agents: {x: {id: "1", work_id: "1", name: X, extensions: ["8001"], queues: [a]}}\n'
PARTLY = "Not everything about agents is known here, so"


@pytest.mark.parametrize(
    ("body", "caption"),
    [
        (KEYED, 'Nothing is known of agents here, so "nobody answers" is not said.'),
        (
            f'queues: {{a: {{id: "9001", name: A}}}}\n{AGENT}',
            'Nothing is known of fast routers here, so "no key leads here" is not said.',
        ),
        (KEYED + AGENT.replace(", queues: [a]", ""), f'{PARTLY} "nobody answers" is said only where that is sure.'),
        (
            KEYED + AGENT.replace(' extensions: ["8001"],', ""),
            f'{PARTLY} "has no extension" is said only where that is sure.',
        ),
        *(
            (
                f"{KEYED}agents: {{}}\nmanage: {{agents: {{{rule}}}}}\n",
                f'{PARTLY} "nobody answers" is said only where that is sure.',
            )
            for rule in ('ignore: ["9*"]', "additive: [queues]", "ignore_fields: [queues]")
        ),
    ],
)
def test_what_the_files_leave_open_is_not_called_broken(tmp_path: Path, body: str, caption: str) -> None:
    """A section that is absent, a field that is not written, members that others may add: nobody can know."""
    found = drawn(tmp_path, body)
    assert {} == faults(found)
    assert caption in found.captions


def test_an_object_outside_the_files_is_drawn_and_not_judged(tmp_path: Path) -> None:
    """A key may name a live queue where the files have no `queues`; agents who do so too meet it there."""
    found = drawn(
        tmp_path,
        'fast_routers: {"1": {queue: "9001"}}\n'
        'agents: {x: {id: "1", work_id: "1", name: X, extensions: ["8001"], queues: ["9001"]}}\n',
    )
    assert {} == faults(found)
    assert {("fast_routers/1", "queues/9001"), ("queues/9001", "agents/x")} <= {
        (edge.start, edge.end) for edge in found.edges
    }


def test_a_key_that_is_managed_may_lead_to_nobody_outside(tmp_path: Path) -> None:
    """Where all agents are known, a key to a queue outside the files that none of them serves is broken."""
    found = drawn(tmp_path, 'fast_routers: {"1": {queue: "9001"}}\nagents: {}\n')
    assert {"fast_routers/1": "leads to a queue where nobody answers"} == faults(found)


def test_a_variable_that_is_not_set_may_mean_anything(tmp_path: Path) -> None:
    """Where names come from variables that are not set, nothing is called broken that they may mend."""
    found = drawn(
        tmp_path,
        """\
default_number: "${env:A_NUMBER}"
fast_routers: {"1": {queue: "${env:A_QUEUE}"}}
queues: {a: {id: "${env:AN_ID}", name: A}, b: {id: "9002", name: "${env:A_NAME}"}}
agents: {x: {id: "1", work_id: "1", name: X, extensions: ["${env:A_PHONE}"], queues: ["${env:A_QUEUE}"]}}
""",
    )
    assert {} == faults(found)
    assert {"number": 1, "key": 1, "queue": 3, "agent": 1, "extension": 1} == roles(found)


def test_tencent_numbers_lead_outward_and_telephones_answer(tmp_path: Path) -> None:
    """A number leads nobody in; a queue that only a telephone serves is answered; agents need no telephone."""
    found = drawn(
        tmp_path,
        """\
queues: {sales: {name: Sales}, desk: {name: Desk}, empty: {name: Empty}}
agents: {li.wei: {email: li@example.com, name: Li, staff_number: "1", queues: [sales]}}
extensions: {"8001": {name: Front desk, queues: [desk], agent: ""}}
numbers: {"0085230010001": {outbound_queues: [empty], enabled: false}}
""",
        head=TENCENT,
    )
    assert {"queues/empty": "nobody answers"} == faults(found)
    assert [True] == [edge.outward for edge in found.edges if edge.start.startswith("numbers/")]
    assert [True] == [node.off for node in found.nodes if node.role is Role.NUMBER]
    assert ("Where a number's calls come in is set in the vendor's console: no action tells.",) == found.captions


def test_tencent_queues_are_open_where_telephones_are_not_in_the_files(tmp_path: Path) -> None:
    """A telephone outside the files may answer for a queue without agents."""
    assert {} == faults(drawn(tmp_path, "queues: {a: {name: A}}\nagents: {}\n", head=TENCENT))


def live_of(folder: Path, body: str) -> Live:
    """Take what a configuration wants for what is live."""
    wanted = desired(folder, body)
    kinds = KINDS["udesk"]
    sections = {
        section: {entry.identity: kinds[section].resource.live(dict(entry.resource)) for entry in entries.values()}
        for section, entries in (*wanted.implied.items(), *wanted.sections.items())
    }
    return Live({**sections, "agents": sections.get("agents", {})}, Memory())


def test_before_and_after_are_drawn_from_live_and_the_changes(tmp_path: Path) -> None:
    """What is there is drawn under the files' names; after the changes the picture is what the files want."""
    kinds = KINDS["udesk"]
    live = live_of(tmp_path / "live", BROKEN)
    wanted = desired(
        tmp_path / "wanted",
        BROKEN.replace("queue: empty", "queue: lost").replace(
            "extensions: [], queues: [sales]", 'extensions: ["8010"], queues: [sales]'
        ),
    )
    changes = diff(wanted, live, kinds).changes
    before, after = graph.of_live(live, wanted, kinds), graph.after(changes, live, wanted, kinds)
    assert "has no extension" == faults(before)["agents/wang.fang"]
    assert {
        "fast_routers/3": "leads to a queue where nobody answers",
        "queues/empty": "nobody answers and no key leads here",
        "queues/away": "nobody answers: all who serve it are switched off",
        "agents/auto": "has no extension",  # only a new agent gets one by itself
    } == faults(after)


def test_a_live_key_to_a_queue_that_is_gone_is_broken(tmp_path: Path) -> None:
    """What names an object that was read and is not there leads nowhere, and both are said."""
    live = live_of(tmp_path, BROKEN)
    queues = {identity: item for identity, item in live.sections["queues"].items() if identity != "9002"}
    found = graph.of_live(Live({**live.sections, "queues": queues}), desired(tmp_path / "none", ""), KINDS["udesk"])
    assert {
        "fast_routers/2": "leads to a queue that is not there",
        "queues/9002": "is not among the queues",
    }.items() <= faults(found).items()


def test_a_section_that_was_not_read_is_not_empty(tmp_path: Path) -> None:
    """Without agents having been read, no live queue is called unanswered."""
    live = live_of(tmp_path, BROKEN)
    sections = {name: items for name, items in live.sections.items() if name not in {"agents", "extensions"}}
    found = graph.of_live(Live(sections), desired(tmp_path / "none", ""), KINDS["udesk"])
    assert {"queues/9004": "no key leads here"} == faults(found)


def test_a_local_name_that_is_another_objects_identity_keeps_them_apart(tmp_path: Path) -> None:
    """Two live objects never share an address."""
    kinds = KINDS["tencent"]
    resource = kinds["queues"].resource
    live = Live({"queues": {name: resource.live({"name": name, "id": name}) for name in ("Sales", "sales")}})
    found = graph.of_live(live, desired(tmp_path, "queues: {sales: {name: Sales}}\n", head=TENCENT), kinds)
    assert ["Sales", "sales"] == sorted(node.label for node in found.nodes)
    assert 2 == len({node.address for node in found.nodes})


def test_a_small_picture_is_not_folded() -> None:
    """Ten agents are all shown."""
    small = tenant(queues=3, agents=10, keys=3)
    assert small == graph.folded(small)


def test_a_large_tenant_is_folded_by_queue() -> None:
    """Of 5,000 agents in 100 queues remain two nodes a queue, which say how many they stand for."""
    found = graph.folded(tenant(queues=100, agents=5_000))
    assert {"number": 1, "key": 10, "queue": 100, "agent": 100, "extension": 100} == roles(found)
    groups = [node for node in found.nodes if node.role is Role.AGENT]
    assert ({50}, 5_000) == ({node.count for node in groups}, sum(node.count for node in groups))
    assert ("50 agents", "Agent 0") == (groups[0].label, groups[0].members[0])
    assert "Folded by queue: 5,000 agents and 5,000 extensions in all." in found.captions


def test_one_queue_with_everybody_is_one_node() -> None:
    """5,000 agents in one queue are one box."""
    found = graph.folded(tenant(queues=1, agents=5_000))
    assert {"number": 1, "key": 1, "queue": 1, "agent": 1, "extension": 1} == roles(found)


def test_who_serves_several_queues_is_counted_in_each() -> None:
    """And a caption says so, with how many there are in all."""
    found = graph.folded(tenant(queues=4, agents=100, each=2))
    assert "Agents who serve several queues are counted in each of them, and so are their extensions." in found.captions
    assert "Folded by queue: 100 agents and 100 extensions in all." in found.captions


def test_a_few_with_a_fault_stay_single_when_folded() -> None:
    """They are what one looks for; where a queue has many of them, they are counted and the first ones named."""
    few = graph.folded(tenant(queues=10, agents=500, without=250))
    assert {"agents/a00000", "agents/a00250"} == {node.address for node in few.nodes if node.fault and node.count == 1}
    many = graph.folded(tenant(queues=10, agents=500, without=2))
    broken = [node for node in many.nodes if node.faults]
    assert "has no extension: 50 of 50 (Agent 0, Agent 10, Agent 20, …)" == broken[0].fault
    assert 250 == sum(node.faults for node in broken)
    assert "Folded by queue: 500 agents (250 broken) and 250 extensions in all." in many.captions


def test_folding_loses_nobody() -> None:
    """Agents in no queue, and extensions bound to nobody, have nodes of their own."""
    whole = tenant(queues=2, agents=100)
    loose = [Node(address=f"agents/z{number}", role=Role.AGENT, label=f"Z{number}") for number in range(3)]
    spare = [Node(address=f"extensions/z{number}", role=Role.EXTENSION, label=f"Z{number}") for number in range(2)]
    found = graph.folded(replace(whole, nodes=(*whole.nodes, *loose, *spare)))
    labels = {node.label for node in found.nodes}
    assert {"3 agents, in no queue", "2 extensions, bound to nobody"} <= labels


def test_folded_steps_end_at_nodes() -> None:
    """No step of a folded picture leads nowhere, telephones that ring for a queue itself included."""
    whole = tenant(queues=5, agents=200, each=3, without=40)
    ringing = Node(address="extensions/front", role=Role.EXTENSION, label="Front")
    whole = replace(
        whole, nodes=(*whole.nodes, ringing), edges=(*whole.edges, Edge(start="queues/q001", end="extensions/front"))
    )
    found = graph.folded(whole)
    addresses = {node.address for node in found.nodes}
    assert {end for edge in found.edges for end in (edge.start, edge.end)} <= addresses
    assert Edge(start="queues/q001", end="queues/q001#extensions") in found.edges


def test_many_numbers_that_lead_to_the_same_are_one_node() -> None:
    """A thousand numbers would be a column that nobody reads."""
    queue = Node(address="queues/a", role=Role.QUEUE, label="A")
    numbers = [Node(address=f"numbers/{number}", role=Role.NUMBER, label=str(number)) for number in range(1000)]
    edges = [Edge(start=node.address, end="queues/a", outward=True) for node in numbers[:999]]
    found = graph.folded(Routing(nodes=(*numbers, queue), edges=tuple(edges)))
    assert ["999 numbers", "999"] == [node.label for node in found.nodes if node.role is Role.NUMBER]


def test_before_and_after_are_folded_alike() -> None:
    """Where one of two pictures is large, both are folded, and who is single in one is so in the other."""
    small, large = tenant(queues=2, agents=39), tenant(queues=2, agents=41, without=40)
    before, after = graph.folded_alike(small, large)
    assert "agents/a00000" in {node.address for node in before.nodes} & {node.address for node in after.nodes}
    assert "queues/q000#agents" in {node.address for node in before.nodes} & {node.address for node in after.nodes}
