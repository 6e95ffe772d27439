"""One configuration out of several files, overlays and assignments."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.load import Loaded
from reconciler.model.diagnostics import Place
from tests.configurations import HEAD, PROVIDER_BLOCK, codes, loaded, texts, write

BASE = """\
queues:
  sales: {id: 9001, name: Sales, timeout: 60}
  support: {id: 9002}
agents:
  li.wei:
    id: 10031
    queues: [sales]
    extensions: [8001]
"""


def place(result: Loaded) -> Place:
    """Give the place of the only problem."""
    (problem,) = result.diagnostics
    assert problem.place is not None
    return problem.place


def test_a_section_may_stand_in_several_files(tmp_path: Path) -> None:
    """Sections merge by local name, single things and rules by key, lists follow each other."""
    write(
        tmp_path,
        {
            "a.yaml": HEAD + "queues: {a: {id: 9001}}\napplication: {name: A}\nextensions: [8001]\n"
            "manage: {queues: {prune: true}}\ndefaults: {agents: {role: agent}}\nsafety: {max_deletes: 1}\n",
            "b.yaml": "queues: {b: {id: 9002}}\napplication: {memo: B}\nextensions: [8002]\n"
            "manage: {queues: {protect: [a]}, agents: {prune: true}}\ndefaults: {agents: {enabled: false}}\n"
            "safety: {max_delete_percent: 3}\nagents: {x: {id: 1}}\n",
        },
    )
    result = loaded(tmp_path)
    assert result.desired is not None, texts(result)
    desired = result.desired
    assert ["a", "b"] == list(desired.of("queues"))
    assert frozenset({"name", "memo"}) == desired.of("application")[""].written
    assert ["8001", "8002"] == list(desired.of("extensions"))
    assert (True, ("a",)) == (desired.rule("queues").prune, desired.rule("queues").protect)
    assert (1, 3) == (desired.safety.max_deletes, desired.safety.max_delete_percent)
    assert frozenset({"role", "enabled"}) == desired.of("agents")["x"].written
    source = desired.of("extensions")["8002"].source
    assert source is not None
    assert ("b.yaml", 3, 14) == (source.file, source.line, source.column)


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        ("queues: {a: {id: 9001}}\n", "\nqueues: {a: {id: 9001}}\n", (2, 9)),
        ("default_number: ''\n", "default_number: ''\n", (1, 9)),
        ("application: {name: A}\n", "application: {name: A}\n", (1, 9)),
        ("manage: {queues: {prune: true}}\n", "manage: {queues: {prune: true}}\n", (1, 9)),
        ("", "version: 1\n", (1, 1)),
        ("", PROVIDER_BLOCK, (1, 3)),
    ],
)
def test_a_key_given_in_two_files_names_both(tmp_path: Path, first: str, second: str, lines: tuple[int, int]) -> None:
    """Sections share nothing but their name; `provider` stands once."""
    result = loaded(write(tmp_path, {"a.yaml": HEAD + first, "b.yaml": second}))
    (problem,) = result.diagnostics
    assert "duplicate-key" == problem.code
    assert ("b.yaml", lines[0]) == (place(result).file, place(result).line)
    assert [("a.yaml", lines[1])] == [(other.file, other.line) for _, other in problem.related]


def test_an_extension_listed_in_two_files_names_both(tmp_path: Path) -> None:
    """A list's items are compared across files."""
    result = loaded(
        write(tmp_path, {"a.yaml": HEAD + "extensions: [8001]\n", "b.yaml": "extensions: [8002, '8001']\n"})
    )
    (problem,) = result.diagnostics
    assert "duplicate-value" == problem.code
    assert ("b.yaml", 1, 20, 6) == (place(result).file, place(result).line, place(result).column, place(result).width)
    assert ["a.yaml"] == [other.file for _, other in problem.related]


def test_a_section_has_one_form(tmp_path: Path) -> None:
    """A list in one file and a mapping in another can't be merged."""
    result = loaded(write(tmp_path, {"a.yaml": HEAD + "extensions: [8001]\n", "b.yaml": "extensions: {8001: {}}\n"}))
    assert ["mixed-section"] == codes(result)


def test_overlays_merge_deeply(tmp_path: Path) -> None:
    """Mappings deeply, lists replaced, null removes; the last one wins; what is new is added."""
    root = write(tmp_path / "root", {"a.yaml": HEAD + BASE})
    write(
        tmp_path,
        {
            "one.yaml": "queues: {sales: {timeout: 90, name: ~}, support: ~, new: {id: 9003, name: ~}}\n"
            "agents: {li.wei: {queues: [new], extensions: []}}\nprovider: {rate_limit: 5}\nextensions: ~\n",
            "two.yaml": "queues: {sales: {timeout: 91}}\n",
        },
    )
    result = loaded(root, overlays=[str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")])
    assert result.desired is not None, texts(result)
    queues = result.desired.of("queues")
    assert ["sales", "new"] == list(queues)
    assert (91, frozenset({"timeout"})) == (queues["sales"].resource.__dict__["timeout"], queues["sales"].written)
    assert ("9003",) == result.desired.of("agents")["li.wei"].resource.__dict__["queues"]
    assert {} == result.desired.implied
    assert not result.desired.manages("extensions")


def test_an_overlay_may_lie_in_the_folder(tmp_path: Path) -> None:
    """Then it is an overlay only, by whatever path it is given."""
    root = write(tmp_path, {"a.yaml": HEAD + BASE, "over/prod.yaml": "queues: {sales: {timeout: 90}}\n"})
    result = loaded(root, overlays=[str(root / "over" / ".." / "over" / "prod.yaml")])
    assert result.desired is not None, texts(result)
    assert 90 == result.desired.of("queues")["sales"].resource.__dict__["timeout"]
    assert ["duplicate-key"] == codes(loaded(root))


def test_overlays_with_mistakes(tmp_path: Path) -> None:
    """An overlay is shown by the path that was given; null in a list removes nothing."""
    root = write(tmp_path / "root", {"a.yaml": HEAD + BASE})
    over = write(tmp_path, {"o.yaml": "queues: {sales: {timeout: x}}\nagents: {li.wei: {queues: [~]}}\n"}) / "o.yaml"
    result = loaded(root, overlays=[str(over)])
    assert ["not-a-number", "null"] == codes(result)
    assert {str(over)} == {item.place.file for item in result.diagnostics if item.place}
    assert ["unreadable-file"] == [
        code.replace("no-such", "unreadable") for code in codes(loaded(root, overlays=["/x"]))
    ]
    assert ["not-a-mapping"] == codes(loaded(root, overlays=[str(write(tmp_path, {"l.yaml": "[a]"}) / "l.yaml")]))
    assert ["not-a-file"] == codes(loaded(root, overlays=[str(tmp_path)]))


@pytest.mark.parametrize(
    ("assignment", "section", "name", "field", "value"),
    [
        ("queues.sales.timeout=90", "queues", "sales", "timeout", 90),
        ("agents.li.wei.queues=[support]", "agents", "li.wei", "queues", ("9002",)),
        ("agents.li.wei.queues=[]", "agents", "li.wei", "queues", ()),
        ("agents.li.wei.name=a=b", "agents", "li.wei", "name", "a=b"),
        ('agents.li.wei.name="60"', "agents", "li.wei", "name", "60"),
        ("agents.li.wei.name=''", "agents", "li.wei", "name", ""),
        ("agents.new.id=7", "agents", "new", "id", "7"),
        ("agents.new={id: 7, enabled: false}", "agents", "new", "enabled", False),
        ("agents.new=\n  id: 7\n  enabled: false", "agents", "new", "enabled", False),
        ("default_number=057126200670", "default_number", "", "number", "057126200670"),
        ("application.name=X", "application", "", "name", "X"),
        ("queues.sales.name=${env:UDESK_SID}", "queues", "sales", "name", "sid-5f2c81"),
    ],
)
def test_assignments(  # noqa: PLR0913 - one row of the table
    tmp_path: Path, *, assignment: str, section: str, name: str, field: str, value: object
) -> None:
    """Dots part names, the longest name that is there wins, and the value is YAML."""
    result = loaded(write(tmp_path, {"a.yaml": HEAD + BASE}), assignments=[assignment])
    assert result.desired is not None, texts(result)
    assert value == result.desired.of(section)[name].resource.__dict__[field]


@pytest.mark.parametrize(
    ("assignment", "code"),
    [
        ("queues.sales.timeout", "bad-assignment"),
        ("=1", "bad-assignment"),
        ("queues..timeout=1", "bad-assignment"),
        ("queues.sales.timeout=", "null"),
        ("queues.sales.timeout=~", "null"),
        ("queues.sales={timeout: ~}", "null"),
        ("queues.sales.timeout=x", "not-a-number"),
        ("queues.sales.timout=1", "unknown-field"),
        ("quues.sales.timeout=1", "unknown-section"),
        ("queues.sales.timeout=[1", "yaml-syntax"),
        ("queues.sales.timeout=!x 1", "explicit-tag"),
        ("queues.sales.name=\udcff", "not-utf-8"),
        ("queues.sales.name=\x00", "control-character"),
        ("queues.sales.name=1\n---\n2", "second-document"),
    ],
)
def test_assignments_with_mistakes(tmp_path: Path, assignment: str, code: str) -> None:
    """Each is an error in `--set`, whose line is the assignment."""
    result = loaded(write(tmp_path, {"a.yaml": HEAD + BASE}), assignments=[assignment])
    assert [code] == codes(result)
    assert "--set" == place(result).file
    texts(result).encode("utf-8")


@pytest.mark.parametrize(
    ("assignment", "marked"),
    [
        ("queues.sales.timeout=x", "x"),
        ("queues.sales.timout=1", "timout"),
        ("agents.li.wei.queues=[sales, sals]", "sals"),
        ("agents.li.wei={id: 10031, queues: [sals]}", "sals"),
        ("queues.new.name=A", "new"),
        ("extensions=[8001, 12]", "12"),
        ("default_voices.hold=x", "x"),
    ],
)
def test_the_caret_stands_in_the_assignment(tmp_path: Path, assignment: str, marked: str) -> None:
    """What is underlined is what is wrong."""
    spot = place(loaded(write(tmp_path, {"a.yaml": HEAD + BASE}), assignments=[assignment]))
    assert assignment == spot.excerpt
    assert marked == assignment[spot.column - 1 : spot.column - 1 + spot.width]


def test_assignments_follow_overlays(tmp_path: Path) -> None:
    """In the order that they are given, after all overlays."""
    write(tmp_path, {"a.yaml": HEAD + BASE, "o/o.yaml": "queues: {sales: {timeout: 1}}\n"})
    result = loaded(
        tmp_path / "a.yaml",
        overlays=[str(tmp_path / "o" / "o.yaml")],
        assignments=["queues.sales.timeout=2", "queues.sales.timeout=3"],
    )
    assert result.desired is not None, texts(result)
    assert 3 == result.desired.of("queues")["sales"].resource.__dict__["timeout"]


def test_the_caret_stands_where_a_value_was_written(tmp_path: Path) -> None:
    """Whatever came from a merge key, `defaults`, an overlay or another file points there."""
    write(
        tmp_path,
        {
            "a.yaml": HEAD + "queues:\n  a: &a {id: 9001, timeout: x}\n  b: {<<: *a, id: 9002}\n",
            "b.yaml": "agents: {x: {id: 1}, y: {id: 2}}\ndefaults: {agents: {role: boss}}\n",
        },
    )
    result = loaded(tmp_path)
    found = {
        (item.code, item.place.file, item.place.line, item.place.column) for item in result.diagnostics if item.place
    }
    assert {("not-a-number", "a.yaml", 10, 29), ("unknown-value", "b.yaml", 2, 27)} == found
