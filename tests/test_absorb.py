"""`absorb`: what is written where, in which spelling, and what is left as it is."""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.absorb import files
from reconciler.model.absorbed import Absorption, Rewritten
from reconciler.model.errors import ReconcilerError, Refused
from tests.absorbing import TENCENT, UDESK, absorbed, as_wished, changed, differing

Changes = Mapping[tuple[str, ...], Any]

SALES: Final = ("queues", "9001")
LI: Final = ("agents", "10001")
XU: Final = ("agents", "10002")
TWO: Final = 'queues:\n  sales: {id: "9001", name: Sales}\n  support: {id: "9002", name: Support}\n'
STAFF: Final = TWO + 'agents:\n  li:\n    id: "10001"\n    work_id: w\n'
# Two people in lines, with a blank line between them, then a comment.
APART: Final = (
    "agents:\n   li:\n     id: \"10001\"\n     work_id: 'w'\n\n   xu:\n     id: \"10002\"\n     work_id: 'v'\n"
)
PHONES: Final = (
    'agents:\n  li: {id: "10001", work_id: w, extensions: ["8001"]}\n'
    '  xu: {id: "10002", work_id: v, extensions: ["8002"]}\n'
)
SHARED: Final = (
    TWO + 'agents:\n  li: {id: "10001", work_id: w, queues: &t [sales]}\n  xu: {id: "10002", work_id: v, queues: *t}\n'
)
ADDED: Final = "   zhao-liu:\n     id: \"10077\"\n     work_id: 'w7'\n     name: Zhao Liu\n     queues: [support]\n"
PRUNE: Final = "manage: {agents: {prune: true}}\n"
ZHAO: Final = {"id": "10077", "work_id": "w7", "name": "Zhao Liu", "queues": ["9002"], "extensions": []}


def queue(fields: str) -> str:
    """Write one queue in lines."""
    return 'queues:\n  sales:\n    id: "9001"\n' + "".join(f"    {line}\n" for line in fields.splitlines())


class Case:
    """One configuration in one file, and a tenant that has what it wants."""

    def __init__(self, tmp_path: Path, body: str, *, head: str = UDESK, **asked: Any) -> None:
        self.path = tmp_path / "config" / "acme.yaml"
        self.beside = tmp_path
        self.path.parent.mkdir()
        self.head = head
        self.asked = asked
        self.path.write_bytes((head + body).encode())
        self.live = as_wished(self.path, **asked)

    @property
    def body(self) -> str:
        """What the file holds below its head."""
        return self.path.read_bytes().decode().removeprefix(self.head)

    def absorb(self, changes: Changes, **more: Any) -> Absorption:
        """Change the tenant by hand, and absorb that."""
        self.live = changed(self.live, changes)
        return absorbed(self.path, self.live, self.beside, **self.asked, **more)

    def left(self) -> dict[str, tuple[str, ...]]:
        """Name what still differs."""
        return differing(self.path, self.live, self.beside, **self.asked)


# Each: what the file says below its head, what somebody changes, and what the file says then.
WRITTEN: Final[dict[str, tuple[str, Changes, str]]] = {
    "plain, with a comment": (
        queue("name: Sales    # shown"), {(*SALES, "name"): "Vertrieb"}, queue("name: Vertrieb    # shown"),
    ),
    "single quotes": (queue("name: 'Sales'"), {(*SALES, "name"): "it's"}, queue("name: 'it''s'")),
    "double quotes": (queue('name: "Sales"'), {(*SALES, "name"): 'say "hi"'}, queue('name: "say \\"hi\\""')),
    "what may not stand plain": (queue("name: Sales"), {(*SALES, "name"): "a: b #c"}, queue('name: "a: b #c"')),
    "what others would not take for text": (queue("name: Sales"), {(*SALES, "name"): "no"}, queue('name: "no"')),
    "digits beside digits": (queue("name: 0571"), {(*SALES, "name"): "0572"}, queue("name: 0572")),
    "the quotes of the file": (
        queue("name: Sales").replace('"', "'"), {(*SALES, "name"): "- x"}, queue("name: '- x'").replace('"', "'"),
    ),
    "dollars": (queue("name: $$5"), {(*SALES, "name"): "${env:HOME}"}, queue("name: $${env:HOME}")),
    "empty": (
        "application: {name: Acme, memo: old}\n", {("application", "", "memo"): ""},
        'application: {name: Acme, memo: ""}\n',
    ),
    "control characters": (queue("name: 'Sales'"), {(*SALES, "name"): "a\tb\x1b\n"}, queue('name: "a\\tb\\e\\n"')),
    "Chinese and emoji": (queue("name: 销售 # 部门"), {(*SALES, "name"): "客服😀"}, queue("name: 客服😀 # 部门")),
    "numbers": (queue("timeout: 60 # s"), {(*SALES, "timeout"): 5}, queue("timeout: 5 # s")),
    "a block": (queue("name: |- # c\n  Sales"), {(*SALES, "name"): "A\nB\n"}, queue("name: | # c\n  A\n  B")),
    "a folded block over lines": (
        queue("name: >-\n  Sales\n  West\ntimeout: 5"), {(*SALES, "name"): "East"},
        queue("name: >-\n  East\ntimeout: 5"),
    ),
    "a block that can't hold it": (
        queue("name: |- # c\n  Sales"), {(*SALES, "name"): " led"}, queue('name: " led" # c'),
    ),
    "quotes over lines": (queue("name: 'Sales\n  West' # c"), {(*SALES, "name"): "E"}, queue("name: 'E' # c")),
    "an anchor that nobody names": (queue("timeout: &t 60"), {(*SALES, "timeout"): 5}, queue("timeout: &t 5")),
    "an anchor, and its alias alike": (
        'queues:\n  sales: {id: "9001", name: S, timeout: &t 60}\n  support: {id: "9002", name: P, timeout: *t}\n',
        {(*SALES, "timeout"): 5, ("queues", "9002", "timeout"): 5},
        'queues:\n  sales: {id: "9001", name: S, timeout: &t 5}\n  support: {id: "9002", name: P, timeout: *t}\n',
    ),
    "an anchored list, and its alias alike": (
        SHARED,
        {(*LI, "queues"): ["9001", "9002"], (*XU, "queues"): ["9001", "9002"]},
        SHARED.replace("&t [sales]", "&t [sales, support]"),
    ),
    "one of two aliases alike": (
        ('queues:\n  sales: {id: "9001", name: S, timeout: &t 60}\n  support: {id: "9002", name: P, timeout: *t}\n'
        '  vip: {id: "9003", name: V, timeout: *t}\n'),
        {(*SALES, "timeout"): 5, ("queues", "9002", "timeout"): 5, ("queues", "9003", "timeout"): 7},
        ('queues:\n  sales: {id: "9001", name: S, timeout: &t 5}\n  support: {id: "9002", name: P, timeout: *t}\n'
        '  vip: {id: "9003", name: V, timeout: 7}\n'),
    ),
    "an alias": (
        queue("max_length: &t 60\ntimeout: *t # c"), {(*SALES, "timeout"): 5},
        queue("max_length: &t 60\ntimeout: 5 # c"),
    ),
    "a merge key": (
        TWO.replace("{id", "&q {timeout: 60, id", 1).replace('{id: "9002"', '{<<: *q, id: "9002"'),
        {("queues", "9002", "timeout"): 5},
        TWO.replace("{id", "&q {timeout: 60, id", 1).replace(
            '{id: "9002", name: Support', '{<<: *q, id: "9002", name: Support, timeout: 5'),
    ),
    "a default": (
        TWO + "defaults: {queues: {timeout: 60}}\n", {(*SALES, "timeout"): 5},
        TWO.replace("name: Sales", "name: Sales, timeout: 5") + "defaults: {queues: {timeout: 60}}\n",
    ),
    "a default, in lines": (
        queue("name: Sales # c\n# end") + "defaults: {queues: {timeout: 60}}\n", {(*SALES, "timeout"): 5},
        queue("name: Sales # c\ntimeout: 5\n# end") + "defaults: {queues: {timeout: 60}}\n",
    ),
    "a boolean as it is spelt": (
        'agents: {li: {id: "10001", work_id: w, enabled: True}}\n', {(*LI, "enabled"): False},
        'agents: {li: {id: "10001", work_id: w, enabled: False}}\n',
    ),
    "a single thing": (
        'default_number: "0571000001"   # main\n', {("default_number", "", "number"): "0571000002"},
        'default_number: "0571000002"   # main\n',
    ),
    "a member in lines": (
        STAFF + "    queues:  # who\n    - sales  # a\n    # b\n    - support\n",
        {(*LI, "queues"): ["9002"]},
        STAFF + "    queues:  # who\n    # b\n    - support\n",
    ),
    "all members in lines": (
        STAFF + "    queues:  # who\n    - sales  # a\n    # b\n",
        {(*LI, "queues"): []},
        STAFF + "    queues: []  # who\n    # b\n",
    ),
    "a member as the others are named": (
        TWO + 'agents: {li: {id: "10001", work_id: w, queues: ["9001"]}}\n', {(*LI, "queues"): ["9001", "9002"]},
        TWO + 'agents: {li: {id: "10001", work_id: w, queues: ["9001", "9002"]}}\n',
    ),
    "brackets over lines": (
        STAFF + "    queues: [\n      sales,  # a\n      support  # b\n    ]\n",
        {(*LI, "queues"): ["9001"]},
        STAFF + "    queues: [\n      sales,  # a\n    ]\n",
    ),
    "a list behind an alias": (
        SHARED, {(*XU, "queues"): ["9001", "9002"]}, SHARED.replace("*t", "[sales, support]"),
    ),
    "an entry that goes": (
        TWO.replace("  support", "  # the second\n  support") + "agents: {}\n", {("queues", "9002"): None},
        TWO.replace('  support: {id: "9002", name: Support}', "  # the second") + "agents: {}\n",
    ),
    "the last entry": (
        "queues: # all\n  sales:\n    id: '9001' # c\n    name: S\n", {SALES: None}, "queues: {} # all\n",
    ),
    "an entry that comes, as its neighbour is written": (
        f"{TWO}{APART}# end\n{PRUNE}", {("agents", "10077"): ZHAO},
        f"{TWO}{APART}\n{ADDED}# end\n{PRUNE}",
    ),
    "an entry that defaults would get wrong": (
        TWO + "agents: {}\nmanage: {agents: {prune: true}}\ndefaults: {agents: {role: leader, enabled: true}}\n",
        {("agents", "10077"): ZHAO},
        TWO + 'agents: {zhao-liu: {id: "10077", work_id: w7, name: Zhao Liu, queues: [support], role: agent}}\n'
        "manage: {agents: {prune: true}}\ndefaults: {agents: {role: leader, enabled: true}}\n",
    ),
    "items of a section": (
        'extensions: ["8001", "8002", "8003"]\nmanage: {extensions: {prune: true}}\n',
        {("extensions", "8002"): None, ("extensions", "8005"): {"number": "8005"}},
        'extensions: ["8001", "8003", "8005"]\nmanage: {extensions: {prune: true}}\n',
    ),
    "a table's keys": (
        TWO + 'fast_routers:\n  "1": {queue: sales, description: S}\n  "2": {queue: sales, description: T}\n',
        {("fast_routers", "1"): None, ("fast_routers", "3"): {"queue": "9002", "description": "U", "digit": "3"},
         ("fast_routers", "2", "queue"): "9002"},
        TWO + 'fast_routers:\n  "2": {queue: support, description: T}\n  "3": {queue: support, description: U}\n',
    ),
    "prompts": (
        "default_voices:\n  hold: default # a\n  welcome: {tts: Hi}\n  waiting:\n    tts: Wait # c\n",
        {("default_voices", "hold", "tts"): "On hold", ("default_voices", "welcome", "tts"): "",
         ("default_voices", "waiting", "tts"): "Please: wait"},
        'default_voices:\n  hold: {tts: On hold} # a\n  welcome: default\n  waiting:\n    tts: "Please: wait" # c\n',
    ),
    "windows line ends, and none at the end": (
        "queues:\r\n  sales: {id: '9001'}\r\n  support:\r\n    id: '9002'\r\n    name: S", {("queues", "9002"): None},
        "queues:\r\n  sales: {id: '9001'}",
    ),
    "between braces over lines": (
        'queues: {\n  sales: {id: "9001"},  # a\n  support: {id: "9002", name: S},  # b\n}\n',
        {("queues", "9002"): None},
        'queues: {\n  sales: {id: "9001"},  # a\n}\n',
    ),
    "an entry that is an alias": (
        'queues:\n  "9001": &q {timeout: 60}\n  "9002": *q\n', {("queues", "9002", "timeout"): 5},
        'queues:\n  "9001": &q {timeout: 60}\n  "9002": {<<: *q, timeout: 5}\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_values_are_written_where_they_stand(tmp_path: Path, name: str) -> None:
    """Nothing but the value changes; then nothing differs any more, and a second run has nothing to do."""
    body, changes, after = WRITTEN[name]
    case = Case(tmp_path, body)
    assert {} == case.left()
    found = case.absorb(changes)
    assert () == found.left
    assert after == case.body
    assert {} == case.left()
    assert ((), ()) == ((again := case.absorb({})).taken, again.files)


TENCENT_STAFF: Final = """\
queues: {sales: {name: Sales}, support: {name: Support}, VIP: {}}
agents:
  li: {email: li@x.com, name: Li, staff_number: "1", queues: {sales: {priority: 1}, support: {priority: 2}}}
  xu:
    email: xu@x.com
    name: Xu
    staff_number: "3"
    queues:
      sales: {priority: 1}  # p
      support:
        priority: 4 # q
extensions:
  "8001": {name: Desk, agent: li}
"""


def test_priorities(tmp_path: Path) -> None:
    """What stands with a member of a list is set there; a new member has it where all others do."""
    case = Case(tmp_path, TENCENT_STAFF, head=TENCENT)
    found = case.absorb(
        {
            ("agents", "li@x.com", "queues"): ["Sales", "VIP"],
            ("agents", "li@x.com", "priorities"): {"Sales": 5, "VIP": 2},
            ("agents", "xu@x.com", "priorities"): {"Sales": 2, "Support": 5},
            ("extensions", "8001", "agent"): "xu@x.com",
        }
    )
    assert () == found.left
    assert {} == case.left()
    for line in (
        "queues: {sales: {priority: 5}, VIP: {priority: 2}}}",
        "      sales: {priority: 2}  # p",
        "        priority: 5 # q",
        '  "8001": {name: Desk, agent: xu}',
    ):
        assert line in case.body


def test_a_queue_whose_name_is_its_identity(tmp_path: Path) -> None:
    """One that was renamed at the vendor is another one there; what belongs together is left together."""
    case = Case(tmp_path, TENCENT_STAFF, head=TENCENT)
    members: Changes = {("agents", who, "queues"): ["Neu", "Support"] for who in ("li@x.com", "xu@x.com")}
    new = {**case.live["queues"]["Sales"], "name": "Neu"}
    before = case.body
    found = case.absorb({("queues", "Sales"): None, ("queues", "Neu"): new, **members}, targets=["queues/sales"])
    assert before == case.body
    assert ["queues/sales"] == [item.address for item in found.left]
    assert "would not load" in found.left[0].why


# Each: what the file says, what somebody changes, and what is said of the field that can't be had.
LEFT: Final[dict[str, tuple[str, Changes, str]]] = {
    "the environment": (queue("timeout: ${env:T}"), {(*SALES, "timeout"): 5}, "${env:T}"),
    "a part from the environment": (queue("name: Sales ${env:T}"), {(*SALES, "name"): "X"}, "${env:T}"),
    "a member from the environment": (
        TWO + 'agents: {li: {id: "10001", work_id: w, queues: ["${env:Q}"]}}\n', {(*LI, "queues"): []}, "${env:Q}",
    ),
    "an anchor that others name": (
        queue("max_length: &t 60\ntimeout: *t") + '  support: {id: "9002", timeout: *t}\n',
        {(*SALES, "max_length"): 5}, "queues/",
    ),
    "an anchor that others merge": (
        TWO.replace("{id", "&q {timeout: 60, id", 1).replace('{id: "9002"', '{<<: *q, id: "9002"'),
        {(*SALES, "timeout"): 5}, "queues/support takes its value from the same place",
    ),
    "a lone surrogate": ('agents: {li: {id: "10001", work_id: w, name: Li}}\n', {(*LI, "name"): "\ud800"}, "UTF-8"),
    "a form that the files may not have": (
        'agents: {li: {id: "10001", work_id: w, email: a@b.c}}\n', {(*LI, "email"): "nobody"}, "form",
    ),
    "a queue that a key still names": (
        TWO + 'fast_routers: {"1": {queue: sales, description: S}}\n', {SALES: None}, 'there is no queue "sales"',
    ),
    "a comment between members": (
        STAFF + '    queues: [sales, # a\n      support # b\n      , "9003"]\n'
        .replace(', "9003"', ""),
        {(*LI, "queues"): ["9002"]}, "comment",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_is_not_safe_is_left_and_named(tmp_path: Path, name: str) -> None:
    """The file stays byte for byte, and it is said why, where, and what to do."""
    body, changes, why = LEFT[name]
    case = Case(tmp_path, body, environ={"T": "60", "Q": "sales"})
    before = case.path.read_bytes()
    found = case.absorb(changes)
    assert before == case.path.read_bytes()
    assert ((), ()) == (found.taken, found.files)
    assert why in found.left[0].why
    assert found.left[0].remedy
    assert found.left[0].line > 0


def test_what_can_be_had_is_written_beside_what_cannot(tmp_path: Path) -> None:
    """One field that is left keeps no other from being written."""
    case = Case(tmp_path, queue("timeout: ${env:T}\nname: Sales"), environ={"T": "60"})
    found = case.absorb({(*SALES, "timeout"): 5, (*SALES, "name"): "X"})
    assert queue("timeout: ${env:T}\nname: X") == case.body
    assert [("queues/sales", "name")] == [(item.address, item.path) for item in found.taken]
    assert [("queues/sales", "timeout")] == [(item.address, item.path) for item in found.left]
    assert {"queues/sales": ("timeout",)} == case.left()


def test_a_voice_file(tmp_path: Path) -> None:
    """Its content is not ours to fetch."""
    root = tmp_path / "config"
    case = Case(tmp_path, queue("name: Sales"))
    (root / "a.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
    case.path.write_text(UDESK + "voice_files: {a.wav: {path: a.wav}}\n")
    case.live = as_wished(case.path)
    found = case.absorb({("voice_files", "a.wav", "digest"): "0123456789abcdef"})
    assert ["digest"] == [item.path for item in found.left]
    assert "content behind path" in found.left[0].why


def test_telephones_that_change_hands(tmp_path: Path) -> None:
    """What can't be written alone, since two would have it, is written together."""
    body = PHONES
    swap: Changes = {(*LI, "extensions"): ["8002"], (*XU, "extensions"): ["8001"]}
    case = Case(tmp_path, body)
    found = case.absorb(swap, targets=["agents/li"])
    assert body == case.body
    assert "agents/li" == found.left[0].address
    assert () == case.absorb({}).left
    assert body.replace("8001", "@").replace("8002", "8001").replace("@", "8002") == case.body


def test_a_telephone_that_only_an_agent_names(tmp_path: Path) -> None:
    """It goes with the agent's list; by itself it can't be absorbed."""
    body = 'agents:\n  li: {id: "10001", work_id: w, extensions: ["8001"]}\n'
    gone: Changes = {("extensions", "8001"): None, (*LI, "extensions"): []}
    case = Case(tmp_path, body)
    found = case.absorb(gone, targets=["extensions/8001"])
    assert ["it has no entry of its own: another one names it"] == [item.why for item in found.left]
    assert () == case.absorb({}).left
    assert body.replace('"8001"', "") == case.body
    assert {} == case.left()


def test_an_overlay(tmp_path: Path) -> None:
    """A value that stands in an overlay is changed there."""
    over = tmp_path / "prod.yaml"
    over.write_text("queues:\n  support:\n    timeout: 90 # here\n")
    case = Case(tmp_path, TWO, overlays=(str(over),))
    found = case.absorb({("queues", "9002", "timeout"): 5})
    assert () == found.left
    assert TWO == case.body
    assert "queues:\n  support:\n    timeout: 5 # here\n" == over.read_text()


def test_an_assignment(tmp_path: Path) -> None:
    """A value that stands on the command line is nobody's to change."""
    case = Case(tmp_path, TWO, assignments=("queues.support.timeout=90",))
    found = case.absorb({("queues", "9002", "timeout"): 5})
    assert ["its value comes from --set"] == [item.why for item in found.left]


def test_files_of_a_folder(tmp_path: Path) -> None:
    """Each value is changed in its file; what comes goes where the section's last entry stands."""
    root = tmp_path / "config"
    root.mkdir()
    texts = {
        "a.yaml": UDESK + "manage: {agents: {prune: true}}\n",
        "b.yaml": TWO + 'agents:\n  li: {id: "10001", work_id: w}\n',
    }
    texts["c.yaml"] = "\ufeffagents:\r\n  xu: {id: '10002', work_id: v} # 徐\r\n"
    for name, text in texts.items():
        (root / name).write_bytes(text.encode())
    live = changed(as_wished(root), {("agents", "10001"): None, ("agents", "10077"): ZHAO, (*SALES, "name"): "Neu"})
    found = absorbed(root, live, tmp_path)
    assert () == found.left
    assert ["b.yaml", "c.yaml"] == [file.name for file in found.files]
    assert texts["a.yaml"] == (root / "a.yaml").read_bytes().decode()
    assert TWO.replace("Sales", "Neu") + "agents: {}\n" == (root / "b.yaml").read_bytes().decode()
    added = "  zhao-liu: {id: '10077', work_id: w7, name: Zhao Liu, queues: [support]}\r\n"
    assert texts["c.yaml"] + added == (root / "c.yaml").read_bytes().decode()
    assert {} == differing(root, live, tmp_path)


def test_a_target_that_the_files_do_not_name(tmp_path: Path) -> None:
    """A live object that nobody manages is written when it is asked for, and only then."""
    case = Case(tmp_path, TWO + 'agents:\n  li: {id: "10001", work_id: w}\n')
    assert () == case.absorb({("agents", "10077"): {**ZHAO, "name": "赵六"}}).taken
    found = case.absorb({}, targets=["agents/10077"])
    assert [("agents/10077", "added")] == [(item.address, item.said) for item in found.taken]
    assert case.body.endswith('  "10077": {work_id: w7, name: 赵六, queues: [support]}\n')


def test_only_targets(tmp_path: Path) -> None:
    """An identity names a target as well as its address; what is not asked for stays."""
    case = Case(tmp_path, TWO)
    found = case.absorb({(*SALES, "name"): "X", ("queues", "9002", "name"): "Z"}, targets=["queues/9002"])
    assert TWO.replace("Support", "Z") == case.body
    assert ["queues/support"] == [item.address for item in found.taken]
    with pytest.raises(ReconcilerError, match="no such address"):
        case.absorb({}, targets=["queues/nobody"])


def test_a_diff_that_git_applies(tmp_path: Path) -> None:
    """A dry run writes nothing; `git apply` makes of its diff what the real run writes."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not here")
    body = TWO + "".join(f'  q{number}: {{id: "{number}", name: Q}}\n' for number in range(9100, 9130)) + "agents: {}"
    case = Case(tmp_path, body)
    changes = {(*SALES, "name"): "销售", ("queues", "9110"): None, ("queues", "9125", "name"): "Z"}
    dry = case.absorb(changes, dry_run=True)
    before = case.path.read_bytes()
    assert (False, before) == (dry.written, (case.head + body).encode())
    copy = tmp_path / "copy"
    shutil.copytree(case.path.parent, copy)
    subprocess.run([git, "init", "-q"], cwd=copy, check=True)
    subprocess.run([git, "apply", "-"], input=dry.diff.encode(), cwd=copy, check=True)
    case.absorb({})
    assert case.path.read_bytes() == (copy / "acme.yaml").read_bytes() != before


def test_no_secret_is_in_a_diff(tmp_path: Path) -> None:
    """A line of context that holds one shows that there is one, and no more."""
    head = UDESK.replace("${env:UDESK_SID}", "literal-secret-1 # mine").replace(
        "${env:UDESK_AUTH_TOKEN}", '"lit\\x65ral-2"'
    )
    case = Case(tmp_path, TWO, head=head)
    found = case.absorb({(*SALES, "name"): "X"}, dry_run=True)
    assert "auth_token: ***" in found.diff
    assert "literal-secret-1" not in found.diff
    assert "ral-2" not in found.diff


def test_rights_and_links_stay(tmp_path: Path) -> None:
    """A file keeps its mode; one behind a link is written, and the link stays."""
    root = tmp_path / "config"
    (root / ".real").mkdir(parents=True)
    (root / ".real" / "q.yaml").write_text(TWO)
    (root / ".real" / "q.yaml").chmod(0o640)
    (root / "q.yaml").symlink_to(".real/q.yaml")
    (root / "p.yaml").write_text(UDESK)
    live = changed(as_wished(root), {(*SALES, "name"): "X"})
    assert () == absorbed(root, live, tmp_path).left
    assert (root / "q.yaml").is_symlink()
    assert TWO.replace("Sales", "X") == (root / ".real" / "q.yaml").read_text()
    assert 0o640 == stat.S_IMODE((root / ".real" / "q.yaml").stat().st_mode)
    assert [".real", "p.yaml", "q.yaml"] == sorted(path.name for path in root.iterdir())


def rewritten(path: Path, before: str, after: str) -> Rewritten:
    """Name what a file holds and is to hold."""
    return Rewritten(name=path.name, path=str(path), before=before.encode(), after=after.encode())


def test_a_file_that_was_changed_meanwhile(tmp_path: Path) -> None:
    """It is not written, and neither is any other."""
    one, two = tmp_path / "1.yaml", tmp_path / "2.yaml"
    one.write_text("a\n")
    two.write_text("somebody's\n")
    with pytest.raises(Refused, match=r"2\.yaml was changed"):
        files.write([rewritten(one, "a\n", "b\n"), rewritten(two, "a\n", "b\n")])
    assert ("a\n", "somebody's\n") == (one.read_text(), two.read_text())
    assert ["1.yaml", "2.yaml"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    """It is an error, and nothing was changed."""
    one, two = tmp_path / "1.yaml", tmp_path / "2.yaml"
    one.write_text("a\n")
    two.write_text("a\n")
    two.chmod(0o444)
    with pytest.raises(ReconcilerError, match=r"2\.yaml may not be written"):
        files.write([rewritten(one, "a\n", "b\n"), rewritten(two, "a\n", "b\n")])
    assert "a\n" == one.read_text()


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """It is an error, too."""
    with pytest.raises(ReconcilerError, match="can't be written"):
        files.write([rewritten(tmp_path / "no.yaml", "a\n", "b\n")])
