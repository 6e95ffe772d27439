"""Identities in which letter case does not matter, and names that objects had before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configurations import codes, texts
from tests.marks import marked, under
from tests.small_vendor import entry, one

AGENTS = "agents: {li: {email: Li@X.com}, WU@x.com: {}}\n"


def test_identities_are_kept_in_lower_case(tmp_path: Path) -> None:
    """The field itself keeps its spelling."""
    result = one(tmp_path, AGENTS)
    assert [("li@x.com", "Li@X.com"), ("wu@x.com", "WU@x.com")] == [
        (entry(result, "agents", name).identity, entry(result, "agents", name).resource.__dict__["email"])
        for name in ("li", "WU@x.com")
    ]


@pytest.mark.parametrize("reference", ["li", "Li@X.com", "li@x.com", "LI@X.COM"])
def test_references_in_any_case(tmp_path: Path, reference: str) -> None:
    """By identity however it is written, or by local name; alone and in lists."""
    result = one(tmp_path, AGENTS + f"phones: {{'1000': {{agent: {reference}, watchers: [wu@X.com, {reference}]}}}}\n")
    assert result.desired is not None, texts(result)
    phone = entry(result, "phones", "1000").resource.__dict__
    assert ("li@x.com", ("li@x.com", "wu@x.com")) == (phone["agent"], phone["watchers"])


def test_local_names_have_their_case(tmp_path: Path) -> None:
    """They are ours, not the vendor's."""
    result = one(tmp_path, AGENTS + "phones: {'1000': {agent: LI}}\n")
    assert [("unknown-reference", "LI")] == marked(result)
    assert 'did you mean "li"?' == result.diagnostics.items[0].remedy


def test_where_the_section_is_absent(tmp_path: Path) -> None:
    """A reference to a live object is kept in lower case, too."""
    result = one(tmp_path, "phones: {'1000': {agent: LI@x, watchers: [A@x, b@X]}}\n")
    assert result.desired is not None, texts(result)
    phone = entry(result, "phones", "1000").resource.__dict__
    assert ("li@x", ("a@x", "b@x")) == (phone["agent"], phone["watchers"])
    assert [("duplicate-value", "a@X")] == marked(one(tmp_path, "phones: {'1000': {watchers: [A@x, a@X]}}\n"))


@pytest.mark.parametrize(
    "agents", ["{a: {email: Li@x}, b: {email: li@X}}", "{Li@x: {}, li@X: {}}", "{li@x: {}, b: {email: LI@X}}"]
)
def test_two_entries_that_differ_in_case_only(tmp_path: Path, agents: str) -> None:
    """They are one object, and both places are named."""
    result = one(tmp_path, f"agents: {agents}\n")
    assert ["duplicate-identity"] == codes(result)
    (problem,) = result.diagnostics
    assert "letter case does not matter" in problem.summary
    ((_, other),) = problem.related
    assert "" != under(other) != under(problem.place)


def test_a_member_twice(tmp_path: Path) -> None:
    """Two spellings of one agent are one agent."""
    result = one(tmp_path, AGENTS + "phones: {'1000': {watchers: [li, wu@x.com, LI@x.com]}}\n")
    assert [("duplicate-value", "LI@x.com")] == marked(result)


def test_ambiguous_references(tmp_path: Path) -> None:
    """A text that is one agent's local name and another's identity, in whatever case, is nobody's."""
    body = "agents: {A@x: {email: b@x}, b: {email: a@X}}\nphones: {'1000': {agent: REF}}\n"
    assert [("ambiguous-reference", "A@x")] == marked(one(tmp_path, body.replace("REF", "A@x")))
    for reference, identity in (("a@x", "a@x"), ("b@X", "b@x"), ("b", "a@x")):
        result = one(tmp_path, body.replace("REF", reference))
        assert result.desired is not None, texts(result)
        assert identity == entry(result, "phones", "1000").resource.__dict__["agent"]


def test_implied_objects(tmp_path: Path) -> None:
    """What a reference alone asks for is asked for once, whatever its case, and is met by an entry in any."""
    result = one(tmp_path, "badges: [Ab]\nagents: {li: {email: li@x, badges: [aB, CD]}}\n")
    assert result.desired is not None, texts(result)
    assert ["cd"] == list(result.desired.implied["badges"])
    assert ("ab", "cd") == entry(result, "agents", "li").resource.__dict__["badges"]
    assert ["ab"] == [item.identity for item in result.desired.of("badges").values()]
    assert [("duplicate-value", "AB")] == marked(one(tmp_path, "badges: [ab, AB]\n"))
    two = one(tmp_path, "agents:\n  li: {email: li@x, badges: [x, aB]}\n  wu: {email: wu@x, badges: [y, Ab]}\n")
    assert [("two-owners", "Ab")] == marked(two)
    assert ["aB"] == [under(place) for _, place in two.diagnostics.items[0].related]


def test_placeholders_keep_their_case(tmp_path: Path) -> None:
    """Variables whose names differ in case are two."""
    body = "agents: {a: {email: '${env:A}'}, b: {email: '${env:a}'}}\nphones: {'1000': {agent: '${env:A}'}}\n"
    result = one(tmp_path, body, placeholders=True)
    assert result.desired is not None, texts(result)
    assert ["${env:A}", "${env:a}"] == [item.identity for item in result.desired.of("agents").values()]
    known = one(tmp_path, body, environ={"A": "A@x", "a": "B@x"})
    assert known.desired is not None, texts(known)
    assert "a@x" == entry(known, "phones", "1000").resource.__dict__["agent"]


def test_manage_matches_either(tmp_path: Path) -> None:
    """`ignore` takes the identity, which is in lower case."""
    result = one(tmp_path, "manage: {agents: {ignore: ['li@*']}}\n" + AGENTS)
    assert ["ignored-entry"] == codes(result)


def test_a_rename(tmp_path: Path) -> None:
    """The old name is a hint, never a managed field; chains and swaps are fine."""
    body = (
        "queues: {a: {name: A, renamed_from: B}, b: {name: B, renamed_from: A}, c: {name: C, renamed_from: D}, D: {}}\n"
    )
    result = one(tmp_path, body)
    assert result.desired is not None, texts(result)
    assert "B" == entry(result, "queues", "a").resource.__dict__["renamed_from"]
    assert {frozenset()} == {item.written for item in result.desired.of("queues").values()}
    plain = one(tmp_path, "queues: {a: {name: A}, b: {name: B}, c: {name: C}, D: {}}\n")
    assert plain.desired is not None
    assert plain.desired.digest != result.desired.digest


@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        ("{a: {name: A, renamed_from: A}}", [("renamed-from-itself", "A")]),
        ("{A: {renamed_from: A}}", [("renamed-from-itself", "A")]),
        ("{a: {renamed_from: Old}, b: {renamed_from: Old}}", [("renamed-twice", "Old")]),
        ("{a: {renamed_from: ''}}", [("empty-text", "''")]),
        ("{a: {renamed_from: [Old]}}", [("not-a-text", "[Old]")]),
    ],
)
def test_mistakes_in_renames(tmp_path: Path, queues: str, expected: list[tuple[str, str]]) -> None:
    """An object has one old name, and it is not its own."""
    result = one(tmp_path, f"queues: {queues}\n")
    assert expected == marked(result), texts(result)
    assert all(item.remedy for item in result.diagnostics), texts(result)


def test_a_name_that_two_had_names_both_places(tmp_path: Path) -> None:
    """So that one of them can be mended."""
    (problem,) = one(tmp_path, "queues:\n  a: {renamed_from: Old}\n  b: {renamed_from: Old}\n").diagnostics
    assert [5] == [place.line for _, place in problem.related]
    assert ["Old"] == [under(place) for _, place in problem.related]


@pytest.mark.parametrize("queues", ["[Old]", "{Old: {priority: 1}}"])
def test_references_to_an_old_name(tmp_path: Path, queues: str) -> None:
    """They name nothing any more; the message says what they were to mean."""
    body = f"queues: {{sales: {{name: New, renamed_from: Old}}}}\nagents: {{li: {{email: li@x, queues: {queues}}}}}\n"
    result = one(tmp_path, body)
    assert [("unknown-reference", "Old")] == marked(result)
    assert 'did you mean "sales"?' in result.diagnostics.items[0].remedy
    taken = one(tmp_path, body.replace("}}\nagents", "}, Old: {}}\nagents"))
    assert taken.desired is not None, texts(taken)
    assert ("Old",) == entry(taken, "agents", "li").resource.__dict__["queues"]


def test_an_old_name_is_nobody_s_default(tmp_path: Path) -> None:
    """All entries can't have had one name."""
    result = one(tmp_path, "defaults: {queues: {renamed_from: Old}}\nqueues: {a: {}, b: {}}\n")
    assert [("identity-field", "renamed_from")] == marked(result)


def test_an_old_name_that_is_not_known_yet(tmp_path: Path) -> None:
    """Placeholders may come to be different names."""
    body = "queues: {a: {renamed_from: '${env:A}'}, b: {renamed_from: '${env:A}'}}\n"
    assert one(tmp_path, body, placeholders=True).desired is not None


@pytest.mark.parametrize(
    ("body", "expected", "says"),
    [
        ("voices: {a: 1}\n", ("unsupported-section", "voices"), "no call sets voices"),
        ("defaults: {voices: {a: 1}}\n", ("unsupported-section", "voices"), "no call sets voices"),
        ("manage: {voices: {prune: true}}\n", ("unsupported-section", "voices"), "no call sets voices"),
        ("queues: {a: {timeout: 5}}\n", ("unsupported-field", "timeout"), "no call"),
        ("queues: {a: {id: 5}}\n", ("unsupported-field", "id"), "it is given"),
        ("agents: {a@x: {enabled: true}}\n", ("unsupported-field", "enabled"), "no call does that"),
        ("defaults: {agents: {enabled: true}}\n", ("unsupported-field", "enabled"), "no call does that"),
        ("manage: {agents: {ignore_fields: [enabled]}}\n", ("unsupported-field", "enabled"), "no call does that"),
        ("manage: {agents: {additive: [enabled]}}\n", ("unsupported-field", "enabled"), "no call does that"),
    ],
)
def test_what_the_vendor_can_t_do(tmp_path: Path, body: str, expected: tuple[str, str], says: str) -> None:
    """It is said with the reason, rather than that there is no such thing."""
    result = one(tmp_path, body)
    assert [expected] == marked(result), texts(result)
    (problem,) = result.diagnostics
    assert says in problem.summary
    assert "remove it" in problem.remedy


def test_what_the_vendor_can_t_do_on_the_command_line(tmp_path: Path) -> None:
    """An overlay or an assignment is no way around; an overlay may take it away."""
    result = one(tmp_path, "", assignments=["voices.a=1"], overlay="queues: {a: {timeout: 5}}\n")
    assert {("unsupported-section", "voices"), ("unsupported-field", "timeout")} == set(marked(result))
    away = one(
        tmp_path, "voices: {a: 1}\nqueues: {a: {timeout: 5}}\n", overlay="voices: ~\nqueues: {a: {timeout: ~}}\n"
    )
    assert away.desired is not None, texts(away)


@pytest.mark.parametrize("section", ["queues", "agents", "phones"])
def test_manage_takes_collections(tmp_path: Path, section: str) -> None:
    """And no other sections."""
    result = one(tmp_path, f"manage: {{{section}: {{prune: true}}}}\n")
    assert result.desired is not None, texts(result)
    assert {} == result.desired.of(section)
    assert result.desired.manages(section)
    assert [("not-a-collection", "numbers")] == marked(one(tmp_path, "manage: {numbers: {prune: true}}\n"))
