"""What every absorption promises, whatever the files look like and whatever was changed by hand."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.absorbed import Absorption, Left
from reconciler.model.desired import Desired
from tests.absorbing import TENCENT, Sections, absorbed, as_wished, changed, drifted, load
from tests.configurations import write
from tests.laws.yaml_texts import Dress, Spot, Text, Written, configurations, texts

_COMMENT: Final = re.compile(r"# c[0-9]+: 值, '\{\"\[ \*&")
_BY_ID: Final = {"queues": "id", "agents": "id"}
_VALUES: Final[dict[tuple[str, str], st.SearchStrategy[Any]]] = {
    ("queues", "name"): texts,
    ("queues", "timeout"): st.sampled_from((30, 60, 90)),
    ("queues", "max_length"): st.sampled_from((1, 128)),
    ("agents", "name"): texts,
    ("agents", "enabled"): st.booleans(),
    ("agents", "mobile"): st.sampled_from(("", "13900000000")),
    ("fast_routers", "description"): texts,
}


def identity(case: Written, section: str, name: str) -> str:
    """Give what the vendor calls an entry."""
    sections = {"queues": case.queues, "agents": case.agents, "fast_routers": case.routers}
    own = _BY_ID.get(section)
    return str(sections[section][name][own]) if own else name


@st.composite
def hands(  # noqa: C901, PLR0912 - one kind of change after another
    draw: st.DrawFn, case: Written
) -> dict[tuple[str, ...], Any]:
    """Change a tenant by hand: values, members, objects that go and that come."""
    changes: dict[tuple[str, ...], Any] = {}
    for name in case.queues:
        for field in ("name", "timeout", "max_length"):
            if draw(st.integers(0, 3)) == 0:
                changes["queues", identity(case, "queues", name), field] = draw(_VALUES["queues", field])
    for name in case.agents:
        own = identity(case, "agents", name)
        if draw(st.integers(0, 5)) == 0:
            changes["agents", own] = None
            continue
        for field in ("name", "enabled", "mobile"):
            if draw(st.integers(0, 3)) == 0:
                changes["agents", own, field] = draw(_VALUES["agents", field])
        if draw(st.booleans()):
            ids = [queue["id"] for queue in case.queues.values()]
            changes["agents", own, "queues"] = sorted(draw(st.lists(st.sampled_from(ids), unique=True)))
    for digit in case.routers:
        match draw(st.integers(0, 5)):
            case 0:
                changes["fast_routers", digit] = None
            case 1:
                changes["fast_routers", digit, "description"] = draw(texts)
            case 2:
                queue = draw(st.sampled_from([queue["id"] for queue in case.queues.values()]))
                changes["fast_routers", digit, "queue"] = queue
    if draw(st.booleans()) and case.routers:
        queue = draw(st.sampled_from([queue["id"] for queue in case.queues.values()]))
        changes["fast_routers", "9"] = {"queue": queue, "description": draw(texts), "digit": "9"}
    return changes


@contextmanager
def folders() -> Iterator[tuple[Path, Path]]:
    """Give two folders for as long as one example takes: for the configuration, and for what is beside it."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        yield Path(one), Path(other)


def put(case: Written, root: Path) -> None:
    """Write a configuration."""
    write(root, {name: text.data for name, text in case.files.items()})


def contents(root: Path) -> dict[str, bytes]:
    """Read what lies in a folder."""
    return {path.name: path.read_bytes() for path in root.iterdir()}


def desired(root: Path) -> Desired:
    """Load a configuration that is right."""
    found = load(root).desired
    assert found is not None
    return found


def may_change(case: Written, file: Text, found: Absorption) -> set[int]:
    """Work out, from how the text was written, which of its lines an absorption may take out or write anew."""
    allowed: set[int] = set()
    sections = {"queues": case.queues, "agents": case.agents, "fast_routers": case.routers}
    for item in found.taken:
        section, _, name = item.address.partition("/")
        entry: Spot = (section, name)
        if item.path:
            spot = (*entry, item.path)
            in_list = {key[3]: lines for key, lines in file.values.items() if len(key) == 4 and key[:3] == spot}
            if in_list:
                heads = file.values[spot] - set().union(*in_list.values())
                before = {*sections[section][name][item.path]}
                gone = {part for part in before if f"-{part}" in item.said.split()}
                allowed |= set().union(*(in_list[part] for part in gone)) if gone else set()
                allowed |= heads if gone == before else set()
            else:
                allowed |= file.values.get(spot, set())
                if spot not in file.values and entry in file.braces:
                    allowed |= file.entries.get(entry, set())
        elif entry in file.entries:
            allowed |= file.entries[entry]
            rest = [key for key in file.entries if key[0] == section and f"{key[0]}/{key[1]}" not in gone_of(found)]
            if not rest and section in file.heads:
                allowed.add(file.heads[section])
        elif section in file.sections:
            allowed |= file.sections[section]
        if section in file.sections and (not item.path):
            allowed |= file.sections[section]
    return allowed


def gone_of(found: Absorption) -> set[str]:
    """Name the entries that were taken out."""
    return {item.address for item in found.taken if not item.path and item.said == "removed"}


def check_lines(case: Written, name: str, before: bytes, after: bytes, found: Absorption) -> None:
    """All other lines are there as they were, in their order, with their ends; and no comment is lost."""
    file = case.files[name]
    allowed = may_change(case, file, found)
    old, new = before.split(b"\n"), after.split(b"\n")
    rest = iter(new)
    last = len(old) - 1
    for number, line in enumerate(old):
        if number in allowed or (number == last and not line):
            continue
        # A last line without a line break gets one where something follows it now.
        assert any(line.rstrip(b"\r") == other.rstrip(b"\r") for other in rest), (number, line)
    lost = Counter(_COMMENT.findall(before.decode())) - Counter(_COMMENT.findall(after.decode()))
    goes = gone_of(found)
    mine = {
        comment
        for (section, entry), lines in file.entries.items()
        if f"{section}/{entry}" in goes and section not in file.sections
        for number in lines
        for comment in _COMMENT.findall(file.lines[number])
    }
    in_braces = {
        comment
        for (section, entry), lines in file.entries.items()
        if f"{section}/{entry}" in goes and section in file.sections and len(lines) == 1
        for number in lines
        for comment in _COMMENT.findall(file.lines[number])
    }
    members = {
        comment
        for spot, lines in file.values.items()
        if len(spot) == 4
        and any(item.address == f"{spot[0]}/{spot[1]}" and item.path == spot[2] for item in found.taken)
        for number in lines & allowed
        for comment in _COMMENT.findall(file.lines[number])
    }
    in_lists = {  # of members that stood between brackets, each in a line of its own
        comment
        for spot, lines in file.values.items()
        if len(spot) == 3 and len(lines) > 1 and spot[2] == "queues"
        if any(item.address == f"{spot[0]}/{spot[1]}" and item.path == spot[2] for item in found.taken)
        for number in lines
        for comment in _COMMENT.findall(file.lines[number])
    }
    assert {*lost} <= mine | in_braces | members | in_lists
    assert Counter(_COMMENT.findall(after.decode())) <= Counter(_COMMENT.findall(before.decode()))
    assert before.startswith(b"\xef\xbb\xbf") == after.startswith(b"\xef\xbb\xbf")
    assert (b"\r\n" in before) == (b"\r\n" in after) or b"\n" not in after
    if b"\r\n" in before:
        assert after.count(b"\n") == after.count(b"\r\n")
    if len(file.lines) - 1 not in allowed:  # what is last now may be a blank line, with which the text ends
        assert before.endswith(b"\n") == after.endswith(b"\n")


def check_meaning(before: Desired, after: Desired, found: Absorption) -> None:
    """See that what was not absorbed means what it meant."""
    fields = {(item.address, item.path) for item in found.taken}
    for section, entries in before.sections.items():
        for name, entry in entries.items():
            address = entry.address
            other = after.sections[section].get(name)
            assert (other is None) == ((address, "") in fields), address
            if other is None:
                continue
            assert other.written == entry.written
            for field in entry.written:
                if (address, field) not in fields:
                    assert entry.resource.__dict__[field] == other.resource.__dict__[field], (address, field)


def shared(case: Written, item: Left) -> bool:
    """Whether a value stands behind an anchor, and so may be others' too."""
    section, _, name = item.address.partition("/")
    for file in case.files.values():
        lines = file.entries.get((section, name), set())
        if any("&" in _COMMENT.sub("", file.lines[number]) for number in lines):
            return True
    return False


def differences(root: Path, sections: Sections, beside: Path) -> set[tuple[str, str]]:
    """Name what differs, field by field; whole objects have none."""
    found, _ = drifted(root, sections, beside)
    changes = [finding.change for finding in found.findings]
    return {
        (change.address, path)
        for change in changes
        for path in (change.paths if change.desired and change.live else ("",))
    }


@given(st.data())
def test_absorbing_is_exact(data: st.DataObject) -> None:
    """
    Then a plan has nothing left but what is named; only lines that hold what changed differ, and comments stay.

    A dry run writes nothing, and its diff, carried out, gives what the real run writes.
    """
    case = data.draw(configurations())
    with folders() as (root, beside):
        put(case, root)
        before, meant = contents(root), desired(root)
        live = changed(as_wished(root), data.draw(hands(case)))
        due = differences(root, live, beside)
        dry = absorbed(root, live, beside, dry_run=True)
        assert before == contents(root)
        found = absorbed(root, live, beside)
        after = contents(root)
        left = {(item.address, item.path) for item in found.left}
        assert due == {(item.address, item.path) for item in found.taken} | left
        assert left == differences(root, live, beside)
        assert all(shared(case, item) for item in found.left), [(item.why, item.said) for item in found.left]
        assert [*before] == [*after]
        for name in before:
            check_lines(case, name, before[name], after[name], found)
        check_meaning(meant, desired(root), found)
        assert (dry.taken, dry.left, dry.diff) == (found.taken, found.left, found.diff)
        assert after == patched(before, dry.diff)


_QUEUES: Final = {"sales": "Sales", "客服": "客服", "vip": "V: 1"}


@st.composite
def staffed(draw: st.DrawFn) -> str:
    """Write a Tencent tenant whose agents have their queues as lists or with priorities, in any dress."""
    dress = Dress(draw)
    dress.line('queues: {sales: {name: Sales}, 客服: {}, vip: {name: "V: 1"}}')
    dress.line("agents:")
    for number in range(draw(st.integers(1, 3))):
        dress.line(f"  a{number}:{dress.comment()}")
        dress.line(
            f'    {{email: a{number}@x.com, name: A, staff_number: "{number}",' if (braces := dress.maybe()) else ""
        )
        if not braces:
            for field in (f"email: a{number}@x.com", "name: A", f'staff_number: "{number}"'):
                dress.line(f"    {field}{dress.comment()}")
        members = draw(st.lists(st.sampled_from([*_QUEUES]), unique=True))
        told = {name: draw(st.sampled_from(("{}", "{priority: 1}", "{ priority: 3 }"))) for name in members}
        listing = (
            f"[{', '.join(members)}]" if dress.maybe() else f"{{{', '.join(f'{k}: {v}' for k, v in told.items())}}}"
        )
        if braces or not members or dress.maybe():
            dress.line(f"    {' ' if braces else ''}queues: {listing}{'}' if braces else ''}{dress.comment()}")
            continue
        dress.line(f"    queues:{dress.comment()}")
        for name, value in told.items():
            dress.loose("      ")
            if value != "{}" and dress.maybe():
                dress.line(f"      {dress.key(name)}:{dress.comment()}")
                dress.line(f"        priority: {value.strip('{ }').removeprefix('priority: ')}{dress.comment()}")
            else:
                dress.line(f"      {dress.key(name)}: {value}{dress.comment()}")
    return TENCENT + "\n".join(dress.made.lines) + "\n"


@given(st.data())
def test_absorbing_priorities_is_exact(data: st.DataObject) -> None:
    """Members and what stands with them are as they are live; comments that stand by themselves stay."""
    text = data.draw(staffed())
    with folders() as (root, beside):
        path = root / "acme.yaml"
        path.write_text(text, encoding="utf-8")
        live = as_wished(path)
        for agent in live["agents"].values():
            members = data.draw(st.lists(st.sampled_from([*_QUEUES.values()]), unique=True))
            agent["queues"] = sorted(members)
            agent["priorities"] = {name: data.draw(st.integers(1, 5)) for name in sorted(members)}
        found = absorbed(path, live, beside)
        assert () == found.left
        assert set() == differences(path, live, beside)
        after = path.read_text(encoding="utf-8")
        alone = [line for line in text.split("\n") if line.lstrip().startswith("#")]
        assert alone == [line for line in after.split("\n") if line.lstrip().startswith("#")]
        assert Counter(_COMMENT.findall(after)) <= Counter(_COMMENT.findall(text))


def patched(files: dict[str, bytes], diff: str) -> dict[str, bytes]:
    """Carry out a unified diff, strictly, as `patch` does."""
    made = dict(files)
    for part in re.split(r"^--- ", diff, flags=re.MULTILINE)[1:]:
        head, _, rest = part.partition("\n")
        name = head.rstrip("\t").rpartition("/")[2]
        old = files[name].split(b"\n")
        new: list[bytes] = []
        at = 0
        body = rest.split("\n")[1:-1]
        ended, sign = True, " "
        for line in body:
            hunk = re.fullmatch(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@", line)
            if hunk:
                start = int(hunk[1]) - (0 if hunk[2] == "0" else 1)
                new += old[at:start]
                at = start
            elif line.startswith("\\"):
                ended = ended and sign == "-"
            else:
                sign = line[0]
                ended = ended or sign != "-"
                if line[0] in " -":
                    assert old[at] == line[1:].encode(), line
                    at += 1
                if line[0] in " +":
                    new.append(line[1:].encode())
        tail = old[at:]
        if not tail and ended:
            tail = [b""]
        made[name] = b"\n".join([*new, *tail])
    return made
