"""What YAML means here: scalars, keys, anchors, and what can't be read. Both parsers give the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.load import Loaded, limits
from reconciler.model.desired import Entry
from tests.configurations import HEAD, codes, loaded, texts, write

parsers = pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "python"])


def one(root: Path, body: str, *, pure: bool = False) -> Loaded:
    """Load *body* below the usual head, which has eight lines."""
    return loaded(write(root, {"a.yaml": HEAD + body}), pure=pure)


def queue(root: Path, fields: str, *, pure: bool = False) -> Entry:
    """Load one queue."""
    result = one(root, f"queues:\n  a: {{id: 9001, {fields}}}\n", pure=pure)
    assert result.desired is not None, texts(result)
    return result.desired.of("queues")["a"]


@parsers
@pytest.mark.parametrize(
    "text", ["0571", "no", "1_000", "1e3", "0x10", "2020-01-01", "true", "12:30:45", ".5", "=", "+1", "NaN"]
)
def test_a_text_field_takes_plain_scalars_as_written(tmp_path: Path, text: str, *, pure: bool) -> None:
    """Nothing is taken for a number, a boolean or a date before a field says what it is."""
    assert text == queue(tmp_path, f"name: {text}", pure=pure).resource.__dict__["name"]


@pytest.mark.parametrize(("text", "number"), [("60", 60), ("+60", 60), ("007", 7), ("0", 0)])
def test_a_number_is_decimal(tmp_path: Path, text: str, number: int) -> None:
    """Leading zeros are no octal."""
    assert number == queue(tmp_path, f"timeout: {text}").resource.__dict__["timeout"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"60"', "quoted-number"),
        ("'60'", "quoted-number"),
        ("6_0", "not-a-number"),
        ("0x10", "not-a-number"),
        ("1e3", "not-a-number"),
        ("6.0", "not-a-number"),
        ("true", "not-a-number"),
        ("[60]", "not-a-number"),
        ("-1", "out-of-range"),
        ("9" * 40, "not-a-number"),
        ("\u0661", "not-a-number"),
    ],
)
def test_what_is_no_number(tmp_path: Path, text: str, code: str) -> None:
    """A quoted scalar is text, and a number field does not take it."""
    assert [code] == codes(one(tmp_path, f"queues: {{a: {{id: 9001, timeout: {text}}}}}\n"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False)],
)
def test_booleans(tmp_path: Path, *, text: str, value: bool) -> None:
    """The three spellings of YAML 1.2 are taken."""
    result = one(tmp_path, f"agents: {{a: {{id: 1, enabled: {text}}}}}\n")
    assert result.desired is not None, texts(result)
    assert value is result.desired.of("agents")["a"].resource.__dict__["enabled"]


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "1", "tRUE", '"true"', "y"])
def test_what_is_no_boolean(tmp_path: Path, text: str) -> None:
    """Never yes, no, on or off; the remedy says what to write."""
    result = one(tmp_path, f"agents: {{a: {{id: 1, enabled: {text}}}}}\n")
    assert codes(result) in (["not-a-boolean"], ["quoted-boolean"])
    assert result.diagnostics.items[0].remedy


@parsers
@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL", "&a", "&a null"])
def test_null_is_an_error(tmp_path: Path, text: str, *, pure: bool) -> None:
    """As the value of a key, with the place and what to write instead."""
    result = one(tmp_path, f"queues:\n  a:\n    id: 9001\n    name: {text}\n", pure=pure)
    assert ["null"] == codes(result)
    place = result.diagnostics.items[0].place
    assert place is not None
    assert (12, 5, 4) == (place.line, place.column, place.width)
    assert '"" is the empty text' in result.diagnostics.items[0].remedy


@parsers
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("agents: {a: {id: 1, extensions: [~]}}\n", ["null"]),
        ("agents: {a: {id: 1, extensions: [8001, ]}}\n", []),
        ("agents:\n  a:\n    id: 1\n    extensions:\n    -\n", ["null"]),
        ("agents:\n", ["null"]),
        ("agents: {a: }\n", ["null"]),
        ("agents: {a: {id: ~}}\n", ["null"]),
        ("agents: {~: {id: 1}}\n", ["null-key"]),
        ("agents:\n  ?\n  : {id: 1}\n", ["null-key"]),
        ("default_number: ''\n", []),
        ('agents: {"": {id: 1}}\n', ["empty-name"]),
    ],
)
def test_null_anywhere(tmp_path: Path, body: str, found: list[str], *, pure: bool) -> None:
    """Also in lists, as a section, an entry, an identity or a key; quoted, it is text."""
    assert found == codes(one(tmp_path, body, pure=pure))


def test_a_null_that_is_quoted_is_text(tmp_path: Path) -> None:
    """Quotes make it text."""
    assert "null" == queue(tmp_path, "name: 'null'").resource.__dict__["name"]


@parsers
def test_a_duplicate_key_names_both_places(tmp_path: Path, *, pure: bool) -> None:
    """In one file."""
    result = one(tmp_path, "queues:\n  a: {id: 9001}\n  b: {id: 9002}\n  a: {id: 9003}\n", pure=pure)
    (problem,) = result.diagnostics
    assert "duplicate-key" == problem.code
    assert problem.place is not None
    assert 12 == problem.place.line
    assert [10] == [place.line for _, place in problem.related]


@parsers
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("queues: !foo {}\n", "explicit-tag"),
        ("queues: !!python/object/apply:os.system {}\n", "explicit-tag"),
        ("default_number: !!str 057126200670\n", "explicit-tag"),
        ("default_number: !<tag:x> '057126200670'\n", "explicit-tag"),
        ("!!str queues: {}\n", "explicit-tag"),
        ("? {a: b}\n: c\n", "complex-key"),
        ("? [a]\n: c\n", "complex-key"),
        ("queues: {}\n---\nagents: {}\n", "second-document"),
        ("queues: {}\n--- \n", "second-document"),
        ("queues: *x\n", "unknown-anchor"),
        ("queues: &x {a: *x}\n", "cyclic-alias"),
        ("queues: &x [*x]\n", "cyclic-alias"),
        ("queues: {<<: 1}\n", "bad-merge"),
        ("queues: {<<: [1]}\n", "bad-merge"),
        ("queues: {<<: {}, <<: {}}\n", "duplicate-key"),
    ],
)
def test_yaml_that_means_nothing_here(tmp_path: Path, body: str, code: str, *, pure: bool) -> None:
    """Each is one error, with a place."""
    result = one(tmp_path, body, pure=pure)
    assert code in codes(result), texts(result)
    assert all(item.place is not None and item.place.line >= 9 for item in result.diagnostics), texts(result)


@parsers
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("queues:\n\ta: 1\n", "a tab"),
        ("queues: {a: 1\nagents: 3\n", "comma or }"),
        ("queues: [a\nagents: 3\n", "comma or ]"),
        ('default_number: "057\n', "quote is opened and never closed"),
        ("default_number: a: b\n", "colon stands where no key can be"),
        ("default_number: @a\n", "no value begins with @"),
        ("default_number: `a\n", "no value begins with `"),
        ('default_number: "\\q"\n', "no such escape"),
        ('default_number: "\\ud800"\n', "no such character"),
        ("queues:\n  a: {}\n b: {}\n", "does not fit the ones above"),
        ("queues\nagents: {}\n", "colon"),
        ("default_number: \x01\n", "U+0001"),
        ("default_number: \ufffe\n", "U+FFFE"),
        ("- a\n", "does not fit"),
        ("default_number: !<\n", "a tag"),
        ("queues: |x\n", "broken | or > block"),
        ("queues: &\n", "& or * without a name"),
        ('default_number: "\\UFFFFFFFF"\n', ""),
        ("%FOO\n", ""),
    ],
)
def test_syntax_errors_are_in_plain_words(tmp_path: Path, text: str, words: str, *, pure: bool) -> None:
    """One error for each file, with a line, a caret and something to do; no parser's jargon."""
    result = one(tmp_path, text, pure=pure)
    (problem,) = result.diagnostics
    assert problem.code in {"yaml-syntax", "control-character"}
    assert words in problem.summary, texts(result)
    assert problem.remedy
    assert "token" not in texts(result)
    assert problem.place is not None


@parsers
def test_the_caret_stands_where_the_syntax_breaks(tmp_path: Path, *, pure: bool) -> None:
    """Line, column and excerpt are the file's own, also behind wide characters."""
    result = one(tmp_path, "queues: {é😀: {id: 9001}, c: @x}\n", pure=pure)
    (problem,) = result.diagnostics
    assert problem.place is not None
    assert problem.place.excerpt is not None
    assert "@" == problem.place.excerpt[problem.place.column - 1]
    assert 9 == problem.place.line


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "--- # nothing\n...\n"])
def test_an_empty_file_says_nothing(tmp_path: Path, text: str) -> None:
    """A file of comments is no error."""
    assert [] == codes(loaded(write(tmp_path, {"a.yaml": HEAD, "b.yaml": text})))


@pytest.mark.parametrize("text", ["[a]\n", "text\n", "- a\n", "'x'\n"])
def test_the_top_is_a_mapping(tmp_path: Path, text: str) -> None:
    """Anything else is an error."""
    assert ["not-a-mapping"] == codes(loaded(write(tmp_path, {"a.yaml": HEAD, "b.yaml": text})))


@parsers
def test_anchors_and_merge_keys(tmp_path: Path, *, pure: bool) -> None:
    """Own keys win, then the earlier mapping; what is merged may be merged itself."""
    body = """\
queues:
  a: &a {id: 9001, name: A, timeout: 5, max_length: 6}
  b: &b {<<: *a, id: 9002, name: B}
  c: {name: C, <<: [{max_length: 7, timeout: 8}, *b], id: 9003}
  d: {<<: {<<: *a, name: D}, id: 9004}
"""
    result = one(tmp_path, body, pure=pure)
    assert result.desired is not None, texts(result)
    found = {
        name: tuple(entry.resource.__dict__[field] for field in ("id", "name", "timeout", "max_length"))
        for name, entry in result.desired.of("queues").items()
    }
    expected: dict[str, tuple[Any, ...]] = {
        "a": ("9001", "A", 5, 6),
        "b": ("9002", "B", 5, 6),
        "c": ("9003", "C", 8, 7),
        "d": ("9004", "D", 5, 6),
    }
    assert expected == found


def test_a_quoted_merge_key_is_a_plain_key(tmp_path: Path) -> None:
    """Quotes make it text, as in YAML."""
    assert ["unknown-field"] == codes(one(tmp_path, 'queues: {a: {id: 9001, "<<": {name: A}}}\n'))


def test_an_alias_may_stand_for_an_entry(tmp_path: Path) -> None:
    """Its source is where the alias stands, not where the anchor does."""
    body = "subscriptions:\n  a: &a {callback: http://x, events: [b]}\n  c: *a\n"
    result = one(tmp_path, body)
    assert result.desired is not None, texts(result)
    places = [entry.source for entry in result.desired.of("subscriptions").values()]
    assert [(10, 3), (11, 3)] == [(place.line, place.column) for place in places if place]


@parsers
def test_bombs_end(tmp_path: Path, *, pure: bool) -> None:
    """Aliases of aliases are counted, not written out."""
    lines = ["x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 40)]
    assert ["alias-expansion"] == codes(one(tmp_path, "\n".join(lines) + "\n", pure=pure))


def test_merge_bombs_end(tmp_path: Path) -> None:
    """What merge keys copy counts, too."""
    body = "x: &x {" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}\n"
    body += "agents:\n" + "".join(f"  a{n}: {{<<: *x}}\n" for n in range(600))
    assert ["alias-expansion"] == codes(one(tmp_path, body))


@parsers
@pytest.mark.parametrize("body", ["x: " + "[" * 3000, "x: " + "{a: " * 3000, "? " * 3000, "x:\n  " + "- " * 3000])
def test_deep_nesting_ends(tmp_path: Path, body: str, *, pure: bool) -> None:
    """No recursion gives way."""
    assert codes(one(tmp_path, body, pure=pure)) in (["too-deep"], ["yaml-syntax"])


def test_long_scalars_end(tmp_path: Path) -> None:
    """A value has a mebibyte at most, and its error is no longer than others."""
    result = one(tmp_path, f"default_number: {'1' * (2 * limits.MIB)}\n")
    assert ["huge-scalar"] == codes(result)
    assert len(texts(result)) < 2000


def test_many_values_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However flat."""
    monkeypatch.setattr(limits, "NODES", 1000)
    assert ["too-many-values"] == codes(one(tmp_path, f"extensions: [{'1, ' * 2000}]\n"))
    assert ["too-many-values"] == codes(one(tmp_path, f"queues: {{{', '.join(f'{n}: 1' for n in range(2000))}}}\n"))


def test_all_line_breaks_count(tmp_path: Path) -> None:
    """Lines are counted as YAML counts them."""
    body = HEAD.replace("\n", "\r\n") + "# a\r# b\u2028# c\x85queues: {a: {id: 9001, timout: 1}}\r\n"
    result = loaded(write(tmp_path, {"a.yaml": body}))
    place = result.diagnostics.items[0].place
    assert place is not None
    assert (12, 24, "queues: {a: {id: 9001, timout: 1}}") == (place.line, place.column, place.excerpt)


def test_both_parsers_say_the_same(tmp_path: Path) -> None:
    """Apart from syntax errors, which are the parser's own, no byte differs."""
    body = "queues: {a: {id: 9001, timout: 1}, b: {id: 9001, name: ~}}\nagents: {x: {id: a, queues: [c, 'c']}}\n"
    assert texts(one(tmp_path, body)) == texts(one(tmp_path, body, pure=True))
