"""`${env:}`, `${file:}` and `$$`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.load import Loaded, limits
from tests.configurations import ENVIRON, HEAD, codes, loaded, texts, write


def name(root: Path, text: str, **environ: str) -> str:
    """Give what a queue's name becomes."""
    write(root, {"a.yaml": HEAD + f"queues:\n  a:\n    id: 9001\n    name: {text}\n"})
    result = loaded(root, environ={**ENVIRON, **environ})
    assert result.desired is not None, texts(result)
    found = result.desired.of("queues")["a"].resource.__dict__["name"]
    assert isinstance(found, str)
    return found


def failing(root: Path, text: str, **environ: str) -> Loaded:
    """Load a configuration with *text* in its 12th line."""
    write(root, {"a.yaml": HEAD + f"queues:\n  a:\n    id: 9001\n    name: {text}\n"})
    return loaded(root, environ={**ENVIRON, **environ})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${env:A}", "one"),
        ("x${env:A}-${env:B}y", "xone-two words: {}y"),
        ("${env:C:-fallback}", "fallback"),
        ("${env:A:-fallback}", "one"),
        ("${env:EMPTY:-fallback}", "fallback"),
        ("'${env:C:-}x'", "x"),
        ("${env:C:-a:b}", "a:b"),
        ("$$", "$"),
        ("$${env:A}", "${env:A}"),
        ("$$$$", "$$"),
        ("a $5 b$", "a $5 b$"),
        ("'${env:DOLLAR}'", "${env:A}"),
        ('"\\x24{env:A}"', "one"),
        ("${env:NULL}", "null"),
        ("|\n      ${env:A}\n", "one\n"),
    ],
)
def test_what_is_put_in(tmp_path: Path, text: str, expected: str) -> None:
    """It is put in once, and stays text whatever it looks like."""
    assert expected == name(tmp_path, text, A="one", B="two words: {}", EMPTY="", DOLLAR="${env:A}", NULL="null")


def test_a_plain_scalar_stays_plain(tmp_path: Path) -> None:
    """A number may come from the environment; a quoted one is text there, too."""
    write(tmp_path, {"a.yaml": HEAD + "queues: {a: {id: 9001, timeout: $" + "{env:T}}}\n"})
    assert ["yaml-syntax"] == codes(loaded(tmp_path))  # braces in braces need quotes
    write(tmp_path, {"a.yaml": HEAD + "queues:\n  a:\n    id: 9001\n    timeout: ${env:T}\n"})
    result = loaded(tmp_path, environ={**ENVIRON, "T": "90"})
    assert result.desired is not None, texts(result)
    assert 90 == result.desired.of("queues")["a"].resource.__dict__["timeout"]
    write(tmp_path, {"a.yaml": HEAD + "queues:\n  a:\n    id: 9001\n    timeout: '${env:T}'\n"})
    assert ["quoted-number"] == codes(loaded(tmp_path, environ={**ENVIRON, "T": "90"}))


@pytest.mark.parametrize("body", ["{a: {id: 9001, timeout: ${env:T}}}", "{a: {id: 9001, x: [${env:T}]}}"])
def test_the_remedy_for_braces_in_braces_is_block_style(tmp_path: Path, body: str) -> None:
    """YAML ends a plain scalar at a brace, and quotes would make a text of a number."""
    write(tmp_path, {"a.yaml": f"{HEAD}queues: {body}\n"})
    assert "write `key: ${…}`, or `- ${…}`, on a line of its own" in texts(loaded(tmp_path))


def test_the_remedy_for_a_quoted_number_does_not_lead_back(tmp_path: Path) -> None:
    """Who put `${…}` in quotes did so for the braces around it; what is written instead works."""
    write(tmp_path, {"a.yaml": HEAD + 'queues: {a: {id: 9001, timeout: "${env:T}"}}\n'})
    environ = {**ENVIRON, "T": "60"}
    result = loaded(tmp_path, environ=environ)
    assert ["quoted-number"] == codes(result)
    assert "write `timeout: ${…}` on a line of its own" in texts(result)
    write(tmp_path, {"a.yaml": HEAD + "queues:\n  a:\n    id: 9001\n    timeout: ${env:T}\n"})
    assert [] == codes(loaded(tmp_path, environ=environ))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${env:MISSING}", "unset-variable"),
        ("${env:}", "bad-substitution"),
        ("${env:A B}", "bad-substitution"),
        ("${env:1A}", "bad-substitution"),
        ("${A}", "bad-substitution"),
        ("${}", "bad-substitution"),
        ("${ENV:A}", "bad-substitution"),
        ("${env:A", "bad-substitution"),
        ("${env:A:-${env:B}}", "bad-substitution"),
        ("${env:BAD}", "not-utf-8"),
        ("${file:missing}", "no-such-file"),
        ("${file:}", "bad-path"),
        ("${file:/etc/hostname}", "outside-folder"),
        ("${file:../outside}", "outside-folder"),
        ("${file:link}", "outside-folder"),
        ("${file:.git/config}", "private-folder"),
        ("${file:sub/.reconciler/secrets/acme.json}", "private-folder"),
        ("${file:into}", "private-folder"),
        ("${file:.}", "not-a-file"),
        ("${file:pipe}", "not-a-file"),
        ("${file:latin}", "not-utf-8"),
        ("${file:huge}", "huge-file"),
    ],
)
def test_what_can_t_be_put_in(tmp_path: Path, text: str, code: str) -> None:
    """Each is one error, at its place."""
    write(tmp_path, {"outside": "stuff"})
    root = write(tmp_path / "root", {"latin": b"\xff", "huge": b"x" * (limits.MIB + 1)})
    write(root / ".git", {"config": "stuff"})
    write(root / "sub" / ".reconciler" / "secrets", {"acme.json": "stuff"})
    (root / "link").symlink_to("../outside")
    (root / "into").symlink_to(".git/config")
    os.mkfifo(root / "pipe")
    result = failing(root, text, BAD="\udcff", A="a", B="b")
    (problem,) = result.diagnostics
    assert code == problem.code
    assert problem.place is not None
    assert (12, 11) == (problem.place.line, problem.place.column)
    assert problem.remedy
    assert "stuff" not in texts(result)


def test_files_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    """One newline at the end is no part of the value."""
    write(
        tmp_path,
        {
            "a.yaml": HEAD,
            "team/q.yaml": "queues:\n  a:\n    id: 9001\n    name: ${file:name.txt}\n",
            "team/name.txt": "Sales\r\n",
            "name.txt": "wrong",
        },
    )
    result = loaded(tmp_path)
    assert result.desired is not None, texts(result)
    assert "Sales" == result.desired.of("queues")["a"].resource.__dict__["name"]
    result = loaded(tmp_path, assignments=["queues.a.name=${file:team/name.txt}!"])
    assert result.desired is not None, texts(result)
    assert "Sales!" == result.desired.of("queues")["a"].resource.__dict__["name"]


def test_keys_are_left_alone(tmp_path: Path) -> None:
    """Substitution is for values."""
    write(tmp_path, {"a.yaml": HEAD + "subscriptions: {'$$a': {callback: http://x, events: [a]}}\n"})
    result = loaded(tmp_path)
    assert result.desired is not None, texts(result)
    assert ["$$a"] == list(result.desired.of("subscriptions"))


def test_shared_values_are_put_in_once(tmp_path: Path) -> None:
    """`$$` behind an alias is not read twice."""
    body = "queues:\n  a: &a {id: 9001, name: $$$$}\n  b: {<<: *a, id: 9002}\n"
    result = loaded(write(tmp_path, {"a.yaml": HEAD + body}))
    assert result.desired is not None, texts(result)
    assert ["$$", "$$"] == [entry.resource.__dict__["name"] for entry in result.desired.of("queues").values()]


def test_what_is_put_in_has_a_limit(tmp_path: Path) -> None:
    """A value stays below a mebibyte, however it is made."""
    write(tmp_path, {"big": "x" * (limits.MIB // 2)})
    assert ["huge-scalar"] == codes(failing(tmp_path, "${file:big}${file:big}${file:big}"))


def test_placeholders_stand_in(tmp_path: Path) -> None:
    """Where nothing is set, what does not depend on it is still read and checked."""
    body = (
        "queues:\n  a:\n    id: ${env:Q}\n    timeout: ${env:T}\n    max_length: 5\nagents: {x: {id: 1, queues: [a]}}\n"
    )
    write(tmp_path, {"a.yaml": HEAD.replace("https://acme.example.com", "${env:URL}") + body})
    result = loaded(tmp_path, environ={}, placeholders=True)
    assert result.desired is not None, texts(result)
    queue = result.desired.of("queues")["a"]
    assert ("${env:Q}", "${env:T}") == (queue.identity, queue.resource.__dict__["timeout"])
    assert "unset-variable" in codes(loaded(tmp_path, environ={}))
    write(tmp_path, {"b.yaml": "safety: {max_deletes: x}\n"})
    assert ["not-a-number"] == codes(loaded(tmp_path, environ={}, placeholders=True))
