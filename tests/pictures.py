"""Routing pictures for tests: small ones by hand, large ones made, and what can be read off an SVG again."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reconciler import graph
from reconciler.model.desired import Desired
from reconciler.model.kind import Kind
from reconciler.model.routing import Edge, Node, Role, Routing
from reconciler.providers import tencent, udesk
from reconciler.report.text_width import width
from reconciler.session import Request, read
from tests.configurations import write

KINDS: Final[Mapping[str, Mapping[str, Kind[Any]]]] = {
    "udesk": udesk.PROVIDER.kinds,
    "tencent": tencent.PROVIDER.kinds,
}
SVG: Final = "{http://www.w3.org/2000/svg}"
UDESK: Final = (
    "version: 1\ncontact_center: acme\nprovider: {type: udesk, base_url: https://a.example.com, app_id: a54a8b77, "
    'sid: "${env:NOT_SET}", auth_token: "${env:NOT_SET_EITHER}"}\n'
)
TENCENT: Final = (
    "version: 1\ncontact_center: acme\nprovider: {type: tencent, sdk_app_id: 1400000000, "
    'secret_id: "${env:NOT_SET}", secret_key: "${env:NOT_SET_EITHER}"}\n'
)
BROKEN: Final = """\
default_number: "057126200670"
fast_routers:
  "1": {queue: sales}
  "2": {queue: empty}
  "3": {queue: away}
queues:
  sales: {id: "9001", name: Sales}
  empty: {id: "9002", name: 空队列}
  away: {id: "9003", name: Away}
  lost: {id: "9004", name: Lost}
extensions: ["8009"]
agents:
  li.wei: {id: "1", work_id: "1", name: Li Wei, extensions: ["8001"], queues: [sales, lost]}
  wang.fang: {id: "2", work_id: "2", name: 王芳, extensions: [], queues: [sales]}
  off: {id: "3", work_id: "3", name: Off Duty, enabled: false, extensions: [], queues: [away]}
  auto: {id: "4", work_id: "4", name: Auto, extensions: auto, queues: [sales]}
"""
HOSTILE: Final = (
    "</script><script>alert(1)</script>",
    "</title></svg></style><img src=x onerror=alert(1)>",
    '"] --> x["y"]; click n1 "javascript:alert(1)"',
    "--><script>alert(1)</script><!--",
    "`**md**` %%{init: {}}%% #quot; &amp; &#60; end",
    "\x1b[31mred\x07\x00\u202eevil\u2028\ufffe",
    "style x:#red; classDef broken:#f;",
    "\\N \\G \\l \\",
    "w" * 10_000,
    "e" + "\u0301" * 5_000,
    "שלום מרחבא 客服热线 👩‍👩‍👧",
)


def desired(folder: Path, body: str, *, head: str = UDESK) -> Desired:
    """Load a configuration whose credentials are not set."""
    loaded = read(Request(path=str(write(folder, {"all.yaml": head + body}))), placeholders=True)
    assert loaded.desired is not None, [item.summary for item in loaded.diagnostics]
    return loaded.desired


def drawn(folder: Path, body: str, *, head: str = UDESK) -> Routing:
    """Draw a configuration."""
    found = desired(folder, body, head=head)
    return graph.of_desired(found, KINDS[found.settings.type])


def faults(routing: Routing) -> dict[str, str]:
    """Give what is wrong, by address."""
    return {node.address: node.fault for node in routing.nodes if node.fault}


def tenant(*, queues: int, agents: int, each: int = 1, without: int = 0, keys: int = 10) -> Routing:
    """Make a picture of so many agents, in *each* queues; every *without*-th has no extension."""
    nodes = [Node(address="default_number", role=Role.NUMBER, label="057126200670", identity="057126200670")]
    edges = []
    for key in range(min(keys, queues)):
        nodes.append(Node(address=f"fast_routers/{key}", role=Role.KEY, label=str(key), identity=str(key)))
        edges.append(Edge(start="default_number", end=f"fast_routers/{key}"))
        edges.append(Edge(start=f"fast_routers/{key}", end=f"queues/q{key:03}"))
    for queue in range(queues):
        fault = "" if queue < keys else "no key leads here"
        address = f"queues/q{queue:03}"
        nodes.append(
            Node(address=address, role=Role.QUEUE, label=f"Queue {queue}", identity=str(9000 + queue), fault=fault)
        )
    for agent in range(agents):
        lacks = bool(without) and agent % without == 0
        address, phone = f"agents/a{agent:05}", f"extensions/{1000 + agent}"
        fault = "has no extension" if lacks else ""
        nodes.append(
            Node(address=address, role=Role.AGENT, label=f"Agent {agent}", identity=str(agent + 1), fault=fault)
        )
        edges.extend(
            Edge(start=f"queues/q{(agent * (step + 1) + step) % queues:03}", end=address) for step in range(each)
        )
        if not lacks:
            nodes.append(Node(address=phone, role=Role.EXTENSION, label=phone[11:], identity=phone[11:]))
            edges.append(Edge(start=address, end=phone))
    nodes.sort(key=lambda node: (list(Role).index(node.role), node.address))
    return Routing(nodes=tuple(nodes), edges=tuple(sorted(set(edges), key=lambda edge: (edge.start, edge.end))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box as an SVG has it."""

    looks: frozenset[str]
    title: str
    x: float
    y: float
    width: float
    height: float
    texts: tuple[tuple[str, str, float, float], ...]  # (class, text, x, y)


def boxes(text: str) -> list[Box]:
    """Read the boxes of a picture."""
    return [
        Box(
            looks=frozenset(item.get("class", "").split()),
            title=item.findtext(f"{SVG}title") or "",
            **{name: float(item.get(name, "nan")) for name in ("x", "y", "width", "height")},
            texts=tuple(
                (row.get("class", ""), row.text or "", float(row.get("x", "nan")), float(row.get("y", "nan")))
                for row in item.findall(f"{SVG}text")
            ),
        )
        for item in ET.fromstring(text).iter(f"{SVG}svg")  # noqa: S314 - our own
        if "node" in item.get("class", "").split()
    ]


def line_ends(text: str) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Read where the lines of a picture begin and end."""
    found = []
    drawing = ET.fromstring(text).find(f"{SVG}g/{SVG}g[{SVG}svg]")  # noqa: S314 - our own
    for path in drawing.findall(f"{SVG}path") if drawing is not None else ():
        for part in re.findall(r"M[^M]+", path.get("d", "")):
            numbers = [float(number) for number in re.findall(r"-?[0-9.]+(?:e[+-]?\d+)?", part)]
            found.append(((numbers[0], numbers[1]), (numbers[-2], numbers[-1])))
    return found


SIZES: Final[Mapping[str, float]] = {"label": 14, "small": 12, "fault": 12}


def faults_of_drawing(text: str, routing: Routing) -> list[str]:
    """List what is wrong with how a picture was drawn; nothing, one hopes."""
    found = boxes(text)
    wrong = []
    if len(found) != len(routing.nodes):
        wrong.append(f"{len(routing.nodes)} nodes are {len(found)} boxes")
    for number, one in enumerate(found):
        for other in found[number + 1 :]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            if not apart and one.y < other.y + other.height and other.y < one.y + one.height:
                wrong.append(f"{one.title!r} and {other.title!r} overlap")
        for kind, row, x, y in one.texts:
            if x + width(row, SIZES[kind], bold=kind == "label") > one.width:
                wrong.append(f"{row!r} is too wide")
            if not SIZES[kind] - 2 <= y <= one.height - 3:
                wrong.append(f"{row!r} is not inside")
    rights = {(box.x + box.width, round(box.y + box.height / 2, 1)) for box in found}
    lefts = {(box.x, round(box.y + box.height / 2, 1)) for box in found}
    ends = line_ends(text)
    if len(ends) != len(set(routing.edges)):
        wrong.append(f"{len(set(routing.edges))} edges are {len(ends)} lines")
    wrong += [f"a line begins at {start}" for start, _ in ends if not _near(start, rights)]
    wrong += [f"a line ends at {end}" for _, end in ends if not _near(end, lefts)]
    return wrong


def _near(point: tuple[float, float], places: set[tuple[float, float]]) -> bool:
    return any(abs(point[0] - x) < 0.2 and abs(point[1] - y) < 0.2 for x, y in places)
