"""What holds of loading, whatever is in the files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.load import Loaded
from reconciler.model.desired import Desired, entry_values
from tests.configurations import AUTH_TOKEN, ENVIRON, HEAD, SID, loaded, texts, write
from tests.laws import strategies

WHOLE = HEAD + (
    "queues: {sales: {id: 9001, name: Sales}}\n"
    "agents:\n  li.wei: &a\n    id: 10031\n    queues: [sales]\n    extensions: ['8001']\n"
    "default_voices: {hold: default}\nmanage: {agents: {prune: true}}\ndefaults: {agents: {role: agent}}\n"
)


@contextmanager
def folder(files: Mapping[str, str | bytes]) -> Iterator[Path]:
    """Write *files* for as long as one example takes."""
    with tempfile.TemporaryDirectory() as name:
        yield write(Path(name), files)


def meaning(desired: Desired) -> dict[str, Any]:
    """Give all that was wanted, as plain data, whatever the order."""
    return {
        section: {name: (entry.identity, entry_values(entry)) for name, entry in entries.items()}
        for section, entries in desired.sections.items()
    }


def same(one: Loaded, other: Loaded) -> None:
    """Compare what two loads gave."""
    assert one.desired is not None, texts(one)
    assert other.desired is not None, texts(other)
    assert meaning(one.desired) == meaning(other.desired)
    assert one.desired.digest == other.desired.digest


def holds(result: Loaded) -> None:
    """Check what holds of every load."""
    shown = texts(result)
    shown.encode("utf-8")
    assert SID not in shown
    assert AUTH_TOKEN not in shown
    assert (result.desired is None) == result.diagnostics.failed
    assert sorted(item.sort_key for item in result.diagnostics) == [item.sort_key for item in result.diagnostics]


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_end_in_a_traceback(content: bytes, pure: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """Whatever is in a file, there is an answer."""
    with folder({"a.yaml": WHOLE, "b.yaml": content}) as root:
        holds(loaded(root, pure=pure))


@given(strategies.mutilated(WHOLE), st.booleans())
def test_nearly_right_files_end_in_a_message(content: str, pure: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """Also where almost all is right, which is where people make mistakes."""
    with folder({"a.yaml": content}) as root:
        holds(loaded(root, pure=pure))


@given(
    strategies.mutilated("queues.sales={name: A, timeout: 60}"), strategies.mutilated("queues: {sales: {name: ~}}\n")
)
def test_assignments_and_overlays_end_in_a_message(assignment: str, overlay: str) -> None:
    """The command line is no safer a place than a file."""
    with folder({"a.yaml": WHOLE, ".o.yaml": overlay}) as root:
        holds(loaded(root, assignments=[assignment], overlays=[str(root / ".o.yaml")]))


@given(st.data())
def test_the_layout_of_files_means_nothing(data: st.DataObject) -> None:
    """Order and files may be what they like; the meaning and the digest stay."""
    sections = data.draw(strategies.tenants())
    whole = "".join(f"{section}: {strategies.written(value)}\n" for section, value in sections.items())
    with (
        folder({"a.yaml": HEAD + whole}) as one,
        folder({"head.yaml": HEAD, **data.draw(strategies.split(sections))}) as other,
    ):
        same(loaded(one), loaded(other))


@given(strategies.tenants())
def test_both_parsers_agree(sections: dict[str, Any]) -> None:
    """Without libyaml nothing is different but the time it takes."""
    text = HEAD + "".join(f"{section}: {strategies.written(value)}\n" for section, value in sections.items())
    with folder({"a.yaml": text}) as root:
        same(loaded(root), loaded(root, pure=True))


@given(strategies.texts)
def test_a_text_field_keeps_its_text(text: str) -> None:
    """In quotes it is what it is; plain, too, where YAML can read it at all."""
    with folder({"a.yaml": HEAD + f"queues: {{a: {{id: 9001, name: {strategies.written([text])[1:-1]}}}}}\n"}) as root:
        result = loaded(root)
        assert result.desired is not None or "$" in text, texts(result)
        if result.desired is not None and "$" not in text:
            assert text == result.desired.of("queues")["a"].resource.__dict__["name"]


@given(st.from_regex(r"\A[a-zA-Z0-9_.+:/-]{1,16}\Z"))
def test_a_plain_scalar_stays_as_it_is_written(text: str) -> None:
    """No number, boolean, date or octal is made of it."""
    if text in {"null", "Null", "NULL"} or text.startswith(("-", ":", "...")) or text.endswith(":"):
        return
    with folder({"a.yaml": HEAD + f"queues:\n  a:\n    id: 9001\n    name: {text}\n"}) as root:
        result = loaded(root)
        assert result.desired is not None, texts(result)
        assert text == result.desired.of("queues")["a"].resource.__dict__["name"]


@given(
    st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=6, max_size=20),
    st.sampled_from(["  auth_token: {}\n", '  password: "{}"\n', "  password: '{}'\n", "  x: [{}, {}]\n", "  {} {}\n"]),
    st.sampled_from(["", "  tmeout: 1\n", "  [\n", "queues: {a: 1}\n", "queues: [\n", "\t\n", "x\n"]),
    st.booleans(),
)
def test_what_stands_under_provider_is_never_shown(
    secret: str,
    form: str,
    after: str,
    pure: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """However it is written, and whatever is wrong around it."""
    line = form.format(*[secret] * form.count("{}"))
    head = HEAD.replace("  auth_token: ${env:UDESK_AUTH_TOKEN}\n", "")
    with folder({"a.yaml": head + line + after}) as root:
        result = loaded(root, environ=ENVIRON, pure=pure)
        shown = texts(result)
        if _is_name(secret):  # then the message may have to say it for another reason
            return
        assert secret not in shown, shown


def _is_name(secret: str) -> bool:
    """Whether *secret* is a word that a message may need, or the name of a key."""
    return secret.rstrip(":").isalpha() or ":" in secret or secret.startswith(("{", "[", "?", "-", "<<"))
