"""Lists whose members have values of their own: `queues: {sales: {priority: 1}}` beside `queues: [sales]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.load import Loaded
from tests.configurations import codes, texts
from tests.marks import marked, under
from tests.small_vendor import entry, one

QUEUES = "queues: {sales: {name: Sales}, support: {name: Support}, a.b: {}}\n"


def wanted(result: Loaded, name: str = "li") -> tuple[Any, Any, list[str]]:
    """Give an agent's queues, priorities, and which of them are managed."""
    assert result.desired is not None, texts(result)
    found = entry(result, "agents", name)
    values = found.resource.__dict__
    return values["queues"], values["priorities"], sorted(found.written & {"queues", "priorities"})


def li(root: Path, queues: str, **more: Any) -> Loaded:
    """Load one agent."""
    return one(root, QUEUES + f"agents: {{li: {{email: li@x, queues: {queues}}}}}\n", **more)


@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        ("[support, sales]", (("Sales", "Support"), {}, ["queues"])),
        ("{support: {}, sales: {}}", (("Sales", "Support"), {}, ["queues"])),
        (
            "{support: {priority: 5}, sales: {priority: 1}}",
            (("Sales", "Support"), {"Sales": 1, "Support": 5}, ["priorities", "queues"]),
        ),
        ("{Support: {}, sales: {priority: 3}}", (("Sales", "Support"), {"Sales": 3}, ["priorities", "queues"])),
        ("{}", ((), {}, ["queues"])),
        ("[]", ((), {}, ["queues"])),
    ],
)
def test_a_list_or_a_mapping(tmp_path: Path, queues: str, expected: Any) -> None:
    """Either form gives a sorted list; a value is managed exactly where it is written."""
    result = li(tmp_path, queues)
    assert expected == wanted(result)
    assert list(expected[1]) == list(wanted(result)[1])


@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        ("{sales: {priority: 9}}", [("out-of-range", "9")]),
        ("{sales: {priority: 0}}", [("out-of-range", "0")]),
        ("{sales: {priority: x}}", [("not-a-number", "x")]),
        ("{sales: {priority: '1'}}", [("quoted-number", "'1'")]),
        ("{sales: {priority: [1]}}", [("not-a-number", "[1]")]),
        ("{sales: {priority: ~}}", [("null", "priority")]),
        ("{sales: {prio: 1}}", [("unknown-field", "prio")]),
        ("{sales: 1}", [("not-a-mapping", "1")]),
        ("{sales: [1]}", [("not-a-mapping", "[1]")]),
        ("{sales: }", [("null", "sales")]),
        ("{salse: {}}", [("unknown-reference", "salse")]),
        ("{sales: {}, Sales: {}}", [("duplicate-value", "Sales")]),
        ("{sales: {priority: 9}, support: {priority: x}}", [("out-of-range", "9"), ("not-a-number", "x")]),
        ("{sales: {priority: 9, prio: 1}}", [("out-of-range", "9"), ("unknown-field", "prio")]),
        ("[sales, {support: {priority: 1}}]", [("not-a-text", "{support: {priority: 1}}")]),
        ("sales", [("not-a-list", "sales")]),
        ("[], priorities: {sales: 1}", [("unknown-field", "priorities")]),
    ],
)
def test_mistakes_and_where_the_caret_stands(tmp_path: Path, queues: str, expected: list[tuple[str, str]]) -> None:
    """One mistake is one error, and its caret underlines the mistake."""
    result = li(tmp_path, queues)
    assert expected == marked(result), texts(result)
    assert all(item.remedy for item in result.diagnostics), texts(result)


def test_mistakes_in_block_style(tmp_path: Path) -> None:
    """Places are found however it is laid out, and over several lines."""
    body = (
        QUEUES + "agents:\n  li:\n    email: li@x\n    queues:\n      sales:\n        priority: 7\n      support: {}\n"
    )
    result = one(tmp_path, body)
    (problem,) = result.diagnostics
    assert problem.place is not None
    assert ("out-of-range", 10, "7") == (problem.code, problem.place.line, under(problem.place))
    assert 'queues.sales.priority "7" is out of range: at most 5' == problem.summary


def test_two_keys_for_one_object_name_both_places(tmp_path: Path) -> None:
    """The local name and the identity are two spellings of one member."""
    (problem,) = li(tmp_path, "{Sales: {priority: 1}, support: {}, sales: {}}").diagnostics
    assert "sales" == under(problem.place)
    assert ["Sales"] == [under(place) for _, place in problem.related]


def test_the_hint_says_where_the_values_go(tmp_path: Path) -> None:
    """Who writes the companion finds out how it is written."""
    (problem,) = li(tmp_path, "[sales], priorities: {sales: 1}").diagnostics
    assert "queues: {NAME: {priority: …}}" in problem.remedy
    (problem,) = li(tmp_path, "{sales: {priorty: 1}}").diagnostics
    assert 'did you mean "priority"?' in problem.remedy


def test_where_the_other_section_is_absent(tmp_path: Path) -> None:
    """Keys are identities of live objects then."""
    result = one(tmp_path, "agents: {li: {email: li@x, queues: {Sales: {priority: 1}}}}\n")
    assert (("Sales",), {"Sales": 1}, ["priorities", "queues"]) == wanted(result)


def test_defaults(tmp_path: Path) -> None:
    """They give members, with their values, to entries that write none."""
    body = QUEUES + "defaults: {agents: {queues: {sales: {priority: 2}, support: {}}}}\n"
    body += "agents: {li: {email: li@x}, wu: {email: wu@x, queues: [a.b]}}\n"
    result = one(tmp_path, body)
    assert (("Sales", "Support"), {"Sales": 2}, ["priorities", "queues"]) == wanted(result)
    assert (("a.b",), {}, ["queues"]) == wanted(result, "wu")


@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        ("{sales: {priority: 9}}", [("out-of-range", "9")]),
        ("{sales: {prio: 1}}", [("unknown-field", "prio")]),
        ("{sales: 1}", [("not-a-mapping", "1")]),
        ("{sales: {priority: 9}, support: {prio: 1}}", [("out-of-range", "9"), ("unknown-field", "prio")]),
        ("{sales: {priority: 9}, support: {priority: 0}}", [("out-of-range", "9"), ("out-of-range", "0")]),
        ("{salse: {}}", [("unknown-reference", "salse")]),
        ("{sales: {}, Sales: {}}", [("duplicate-value", "Sales")]),
    ],
)
def test_a_mistake_in_defaults_is_said_once(tmp_path: Path, queues: str, expected: list[tuple[str, str]]) -> None:
    """Not once for each entry."""
    body = QUEUES + f"defaults: {{agents: {{queues: {queues}}}}}\nagents:\n"
    result = one(tmp_path, body + "".join(f"  a{n}: {{email: {n}@x}}\n" for n in range(9)))
    assert expected == marked(result), texts(result)


OVERLAYS = [
    ("{support: {priority: 1}}", (("Sales", "Support"), {"Support": 1})),
    ("{sales: {priority: 1}}", (("Sales", "Support"), {"Sales": 1})),
    ("{sales: ~}", (("Support",), {})),
    ("{a.b: {}}", (("Sales", "Support", "a.b"), {})),
    ("{}", (("Sales", "Support"), {})),
    ("[a.b]", (("a.b",), {})),
]


@pytest.mark.parametrize("base", ["[sales, support]", "{sales: {}, support: {}}"])
@pytest.mark.parametrize(("over", "expected"), OVERLAYS)
def test_an_overlay_is_laid_on_either_form(tmp_path: Path, base: str, over: str, expected: Any) -> None:
    """Mappings deeply, lists replaced, null removes; both forms of what lies below mean the same."""
    result = li(tmp_path, base, overlay=f"agents: {{li: {{queues: {over}}}}}\n")
    assert expected == wanted(result)[:2]


def test_an_overlay_takes_a_value_away(tmp_path: Path) -> None:
    """The member stays, and its value is no longer managed."""
    over = "agents: {li: {queues: {sales: {priority: ~}}}}\n"
    result = li(tmp_path, "{sales: {priority: 1}, support: {priority: 2}}", overlay=over)
    assert (("Sales", "Support"), {"Support": 2}, ["priorities", "queues"]) == wanted(result)
    assert (("Sales",), {}, ["queues"]) == wanted(li(tmp_path, "{sales: {priority: 1}}", overlay=over))


def test_mistakes_that_come_of_an_overlay(tmp_path: Path) -> None:
    """Each is shown where it was written: an item of the list, or the overlay."""
    result = li(tmp_path, "[salse, support]", overlay="agents: {li: {queues: {support: {priority: 9}, nope: {}}}}\n")
    found = {item.code: (under(item.place), item.place.file) for item in result.diagnostics if item.place is not None}
    assert ["out-of-range", "unknown-reference", "unknown-reference"] == sorted(codes(result)), texts(result)
    assert "9" == found["out-of-range"][0]
    assert {"salse", "nope"} == {
        under(item.place) for item in result.diagnostics if item.code == "unknown-reference"
    }, texts(result)


@pytest.mark.parametrize("base", ["[sales, support, a.b]", "{sales: {}, support: {}, a.b: {}}"])
def test_assignments(tmp_path: Path, base: str) -> None:
    """A value is set at a member that is there, in either form; names may hold dots."""
    sets = ["agents.li.queues.sales.priority=1", "agents.li.queues.a.b.priority=2"]
    result = li(tmp_path, base, assignments=sets)
    assert (("Sales", "Support", "a.b"), {"Sales": 1, "a.b": 2}, ["priorities", "queues"]) == wanted(result)
    both = ["agents.li.queues=[support, sales]", "agents.li.queues.sales.priority=4"]
    assert (("Sales", "Support"), {"Sales": 4}, ["priorities", "queues"]) == wanted(
        li(tmp_path, base, assignments=both)
    )


@pytest.mark.parametrize("base", ["[sales]", "{sales: {}}"])
@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("agents.li.queues.sales.priority=9", ("out-of-range", "9")),
        ("agents.li.queues.sales.prio=1", ("unknown-field", "prio")),
        ("agents.li.queues.salse.priority=1", ("unknown-reference", "salse")),
        ("agents.li.queues.sales=1", ("not-a-mapping", "1")),
        ("agents.li.queues.Sales.priority=1", ("duplicate-value", "Sales")),
    ],
)
def test_mistakes_in_assignments(tmp_path: Path, base: str, assignment: str, expected: tuple[str, str]) -> None:
    """The caret stands in the assignment."""
    result = li(tmp_path, base, assignments=[assignment])
    assert [expected] == marked(result), texts(result)
    assert ["--set"] == [item.place.file for item in result.diagnostics if item.place is not None]


def test_placeholders(tmp_path: Path) -> None:
    """A value that is not known yet stands for itself, and hides no other mistake."""
    result = li(tmp_path, "{sales: {priority: '${env:P}'}, support: {priority: 2}}", placeholders=True)
    assert {"Sales": "${env:P}", "Support": "2"} == wanted(result)[1]
    assert ["priorities", "queues"] == wanted(result)[2]
    wrong = li(tmp_path, "{sales: {priority: '${env:P}'}, support: {priority: 9}}", placeholders=True)
    assert [("out-of-range", "9")] == marked(wrong)
    known = one(
        tmp_path,
        QUEUES + "agents:\n  li:\n    email: li@x\n    queues:\n      sales:\n        priority: ${env:P}\n",
        environ={"P": "4"},
    )
    assert {"Sales": 4} == wanted(known)[1]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("[priorities]", ["queues"]),
        ("[queues]", []),
        ("[queues, priorities]", []),
        ("[name]", ["priorities", "queues"]),
    ],
)
def test_ignored_fields(tmp_path: Path, fields: str, expected: list[str]) -> None:
    """Values can be ignored alone; they are ignored with their members."""
    body = f"manage: {{agents: {{ignore_fields: {fields}}}}}\n" + QUEUES
    result = one(tmp_path, body + "agents: {li: {email: li@x, queues: {sales: {priority: 1}}}}\n")
    assert expected == wanted(result)[2]
    additive = one(tmp_path, "manage: {agents: {additive: [queues]}}\n")
    assert additive.desired is not None
    assert [("not-a-list", "priorities")] == marked(one(tmp_path, "manage: {agents: {additive: [priorities]}}\n"))


def test_the_digest_is_of_the_meaning(tmp_path: Path) -> None:
    """Form and order of the members do not change it; values do."""
    digests = [
        result.desired.digest
        for queues in (
            "{sales: {priority: 1}, support: {}}", "{support: {}, Sales: {priority: 1}}", "[sales, support]",
            "{support: {}, sales: {}}", "{sales: {priority: 2}, support: {}}",
        )
        if (result := li(tmp_path, queues)).desired is not None
    ]  # fmt: skip
    assert digests[0] == digests[1]
    assert digests[2] == digests[3]
    assert 3 == len(set(digests))
