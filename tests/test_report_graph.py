"""The routing picture in its forms: nothing overlaps, what is broken is marked, and no name can break out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from reconciler import graph
from reconciler.model.routing import Edge, Node, Role, Routing
from reconciler.model.secret import Mask
from reconciler.report.graph_dot import dot
from reconciler.report.graph_html import html
from reconciler.report.graph_mermaid import mermaid
from reconciler.report.graph_svg import svg
from reconciler.report.graph_words import masked_picture
from tests.commands import Commands
from tests.pictures import BROKEN, HOSTILE, SVG, UDESK, boxes, drawn, faults_of_drawing, tenant
from tests.servers import AUTH_TOKEN, SID

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "examples"
FORMS: Final[dict[str, Callable[[Routing], str]]] = {
    "svg": lambda routing: svg(routing, title="Acme"),
    "mermaid": lambda routing: mermaid(routing, title="Acme"),
    "dot": lambda routing: dot(routing, title="Acme"),
    "html": lambda routing: html(routing, routing, title="Acme"),
}
TENANTS: Final = {
    "nothing": Routing(),
    "ten agents": tenant(queues=3, agents=10, keys=3),
    "forty agents in two queues each": tenant(queues=8, agents=40, each=2, without=9),
    "100 queues of 50": tenant(queues=100, agents=5_000),
    "one queue of 5,000": tenant(queues=1, agents=5_000, without=3),
    "agents in four of twelve queues": tenant(queues=12, agents=400, each=4, without=7),
}


def hostile(names: tuple[str, ...] = HOSTILE) -> Routing:
    """Make a picture whose every text is hostile."""
    nodes = [
        Node(
            address=f"queues/{name}",
            role=role,
            label=name,
            identity=name,
            fault=f"is broken: {name}" if number % 2 else "",
            count=1 + number % 3,
            members=(name,) if number % 3 else (),
        )
        for role in Role
        for number, name in enumerate(names)
    ]
    nodes = [replace(node, address=f"{node.role.value}{node.address}") for node in nodes]
    edges = [Edge(start=f"keyqueues/{name}", end=f"queuequeues/{name}") for name in names]
    return Routing(nodes=tuple(nodes), edges=tuple(edges), captions=names)


@pytest.mark.parametrize("name", TENANTS)
def test_nothing_overlaps(name: str) -> None:
    """No two boxes overlap, all texts are within theirs, and each line joins two boxes."""
    routing = graph.folded(TENANTS[name])
    assert [] == faults_of_drawing(svg(routing, title=name), routing)


def test_lines_that_pass_a_column_hit_no_box() -> None:
    """A telephone that rings for a queue is joined with it past the agents, not through one of them."""
    agents = [Node(address=f"agents/{number}", role=Role.AGENT, label=f"A{number}") for number in range(5)]
    queue = Node(address="queues/q", role=Role.QUEUE, label="Q")
    phone = Node(address="extensions/p", role=Role.EXTENSION, label="P")
    edges = [Edge(start="queues/q", end=node.address) for node in agents]
    routing = Routing(nodes=(queue, *agents, phone), edges=(*edges, Edge(start="queues/q", end="extensions/p")))
    text = svg(routing, title="Acme")
    assert [] == faults_of_drawing(text, routing)
    heights = [float(y) for y in re.findall(r"C[^CHM]* ([\d.]+)H", text)]
    people = [box for box in boxes(text) if "agent" in box.looks]
    assert 1 == len(heights)
    assert [] == [box.title for box in people if box.y <= heights[0] <= box.y + box.height]


def test_what_is_broken_is_red_and_has_a_sign_and_words(tmp_path: Path) -> None:
    """Nobody has to tell red from other colours: a sign and a sentence say it too, and the description names it."""
    text = svg(drawn(tmp_path, BROKEN), title="Acme")
    broken = {box.title: box for box in boxes(text) if "broken" in box.looks}
    assert "Queue Lost (9004). no key leads here" in broken
    box = broken["Queue Lost (9004). no key leads here"]
    assert ("fault", "no key leads here") in {(kind, row) for kind, row, _, _ in box.texts}
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert ("img", "Acme") == (root.get("role"), root.get("aria-label"))
    assert "Key 2: leads to a queue where nobody answers." in (root.findtext(f"{SVG}desc") or "")
    assert 6 == text.count('<g class="bad">')


def test_a_picture_inline_has_nothing_that_the_page_would_refuse() -> None:
    """Inline there is no style, no id and no script, so that it can stand in a page as often as one likes."""
    text = svg(TENANTS["ten agents"], title="Before", standalone=False)
    assert [] == re.findall(r"<style|style=|<script|\bid=|href|url\(", text)


@pytest.mark.parametrize("form", FORMS)
def test_no_form_refers_to_anything_outside(form: str) -> None:
    """All forms are whole in themselves: no address is loaded."""
    text = FORMS[form](tenant(queues=3, agents=10, without=4)).replace('href="#main"', "")
    assert [] == re.findall(r"\bsrc=|\bhref=|@import|url\(|//(?!www\.w3\.org/2000/svg)", text)


def test_changes_are_marked() -> None:
    """What is new, goes, or changes has a class and a sign of its own, and the legend says what it means."""
    routing = tenant(queues=3, agents=3, keys=2, without=2)
    changed = {
        "queues/q000": "added",
        "queues/q001": "changed",
        "agents/a00000": "removed",
        "queues/q000>agents/a00000": "removed",
        "queues/q002": "<script>",
    }
    text = svg(routing, title="After", changed=changed, standalone=False)
    looks = {box.title.partition(".")[0]: box.looks for box in boxes(text)}
    assert [True] * 3 == [any(kind in found for found in looks.values()) for kind in ("added", "changed", "removed")]
    assert ["+", "~", "\u2212"] == [sign for sign in ("+", "~", "\u2212") if f">{sign}</text>" in text]
    assert 'class="removed"' in text
    assert [] == faults_of_drawing(text, routing)
    assert "<script>" not in text


@pytest.mark.parametrize("form", FORMS)
def test_the_order_of_nodes_and_edges_changes_no_byte(form: str, tmp_path: Path) -> None:
    """The same configuration gives the same bytes, however its files are written."""
    head, *sections = re.split(r"(?m)^(?=\w)", BROKEN)
    other = head + "".join(reversed(sections))
    assert FORMS[form](drawn(tmp_path / "a", BROKEN)) == FORMS[form](drawn(tmp_path / "b", other))


class _Seen(HTMLParser):
    """What a browser would see: its elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.mark.parametrize("form", ["svg", "html"])
def test_hostile_names_are_harmless_in_markup(form: str) -> None:
    """No name closes a tag, opens one, or holds what XML can't; each is cut to its box."""
    text = FORMS[form](masked_picture(hostile(), Mask()))
    seen = _Seen()
    seen.feed(text)
    assert set() == seen.tags & {"script", "img", "iframe", "foreignobject", "a" if form == "svg" else "script"}
    assert [] == [name for name in seen.attributes if name.startswith("on")]
    assert [] == re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\ufffe\uffff]", text)
    if form == "svg":
        ET.fromstring(text)  # noqa: S314 - our own
        assert [] == faults_of_drawing(text, masked_picture(hostile(), Mask()))
        assert len(text) < 200_000


def test_hostile_names_are_harmless_in_mermaid() -> None:
    """Each line is one that we wrote; a name can only stand in quotes, without any sign that means something there."""
    text = mermaid(masked_picture(hostile(), Mask()), title="Acme")
    ours = (
        r"flowchart LR|  accTitle: [\w ]+|  %% [\w .,\-/]*|  classDef \w+ [\w:#,\- ]+|  n\d+ (?:-->|-\.->) n\d+|"
        r'  n\d+\["(?:[\w .,()+\-/@…✗·]|#\d+;|<br/>)*"\](?::::\w+)?'
    )
    assert [] == [row for row in text.splitlines() if not re.fullmatch(ours, row)]


def test_a_long_flowchart_stays_within_what_mermaid_takes() -> None:
    """A large tenant's flowchart keeps below 50,000 characters and 500 edges."""
    text = mermaid(masked_picture(graph.folded(tenant(queues=100, agents=5_000, without=2)), Mask()), title="Acme")
    assert (True, True) == (len(text) < 50_000, text.count("-->") <= 500)


def test_hostile_names_are_harmless_in_dot() -> None:
    """A name stays within its quotes, where a backslash begins nothing and `&` no entity."""
    text = dot(masked_picture(hostile(), Mask()), title="Acme")
    quoted = re.compile(r'"(?:[^"\\\n]|\\\\|\\"|\\n)*"')
    bare = quoted.sub('""', text)
    assert [] == re.findall(r"[<>&\\'`]|script", bare.replace("->", ""))
    assert [] == re.findall(r"&(?!amp;)", text)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not here")
def test_graphviz_reads_what_we_write() -> None:
    """Graphviz draws even hostile names, and each node is there."""
    routing = masked_picture(hostile(), Mask())
    done = subprocess.run(
        [shutil.which("dot") or "dot", "-Tplain"],
        input=dot(routing, title="Acme"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("", len(routing.nodes)) == (done.stderr, len(re.findall(r"(?m)^node ", done.stdout)))


@pytest.mark.parametrize("form", FORMS)
def test_secrets_are_masked(form: str) -> None:
    """A secret that stands in a name is seen in no form."""
    node = Node(address="queues/s3cr3t-value", role=Role.QUEUE, label="s3cr3t-value", fault="s3cr3t-value is broken")
    twin = replace(node, address="queues/s3cr3t-value ", members=("s3cr3t-value",), count=2)
    edges = (Edge(start=node.address, end=twin.address),)
    routing = Routing(nodes=(node, twin), edges=edges, captions=("s3cr3t-value",))
    masked = masked_picture(routing, Mask.of(["s3cr3t-value"]))
    assert 2 == len({item.address for item in masked.nodes})
    assert "s3cr3t" not in FORMS[form](masked)


def test_a_malformed_picture_is_drawn_as_far_as_it_goes() -> None:
    """A saved plan may be written by anybody: lines to nowhere, to themselves and backwards, and twins."""
    node = Node(address="queues/a", role=Role.QUEUE, label="A")
    key = Node(address="fast_routers/1", role=Role.KEY, label="1")
    ends = [("queues/a", "queues/a"), ("queues/a", "fast_routers/1"), ("nobody", "queues/a"), ("", "")]
    routing = Routing(nodes=(node, node, key), edges=tuple(Edge(start=start, end=end) for start, end in ends))
    assert {"svg", "mermaid", "dot", "html"} == {form for form, write in FORMS.items() if write(routing)}


def test_graph_draws_from_the_files_alone(command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials are needed, and stdout holds the picture alone; broken parts are no error."""
    path = tmp_path / "all.yaml"
    path.write_text(UDESK + BROKEN, encoding="utf-8")
    for name in ("UDESK_SID", "UDESK_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    done = command("graph", str(path))
    assert (0, "") == (done.code, done.err)
    assert "Queue Lost (9004). no key leads here" in {box.title for box in boxes(done.out)}
    assert not (tmp_path / ".reconciler").exists()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("example", ["udesk", "tencent"])
def test_the_examples_are_drawn_in_each_form(command: Commands, example: str, form: str) -> None:
    """Nothing is broken in what we show people, and no form has a secret."""
    done = command.ok("graph", str(EXAMPLES / example), "--format", form)
    assert [] == [secret for secret in (SID, AUTH_TOKEN) if secret in done.out]
    assert [] == re.findall(r'class="[^"]*\bbroken|:::broken|✗', done.out.partition("</style>")[2] or done.out)


def test_graph_writes_to_a_file(command: Commands, tmp_path: Path) -> None:
    """`--out` takes the picture, and stdout nothing."""
    out = tmp_path / "routing.html"
    done = command.ok("graph", str(EXAMPLES / "udesk"), "--format", "html", "--out", str(out))
    assert ("", True) == (done.out, out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>"))


def test_graph_of_broken_files_is_an_error(command: Commands, tmp_path: Path) -> None:
    """What is wrong in the files is said on stderr, and nothing is drawn."""
    path = tmp_path / "all.yaml"
    path.write_text(UDESK + 'queues: {a: {id: "1"}}\n', encoding="utf-8")
    done = command("graph", str(path))
    assert (1, "") == (done.code, done.out)
    assert "all.yaml" in done.err


def test_graph_draws_a_saved_live_state(command: Commands) -> None:
    """With `--live` it is the snapshot that is drawn, under the files' names."""
    live = EXAMPLES / "udesk-before.json"
    done = command.ok("graph", str(EXAMPLES / "udesk"), "--live", str(live), "--format", "mermaid")
    names = {item["name"] for item in json.loads(live.read_text(encoding="utf-8"))["sections"]["agents"].values()}
    assert set() == {name for name in names if f'["{name}<br/>' not in done.out}


def test_graph_of_no_snapshot_is_an_error(command: Commands, tmp_path: Path) -> None:
    """A snapshot that is none is said to be none."""
    path = tmp_path / "live.json"
    path.write_text("{}", encoding="utf-8")
    done = command("graph", str(EXAMPLES / "udesk"), "--live", str(path))
    assert (1, "") == (done.code, done.out)
    assert "reconciler-live/1" in done.err


def test_every_name_stands_in_the_page_in_words() -> None:
    """Who can't see the picture reads what is broken, and who serves which queue."""
    whole = tenant(queues=2, agents=60, without=20)
    text = html(graph.folded(whole), whole, title="Acme")
    assert 3 == text.count("has no extension.</li>")
    assert "Agent 0" in text
    assert ["Queue 0", "Queue 1"] == re.findall(r'<th scope="row"><bdi>([^<]+)</bdi>', text)
