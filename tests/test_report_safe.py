"""What a terminal would obey is shown as what it is."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.safe import escaped_json, storable, visible

JOINERS = {"\u200c", "\u200d"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 李 é 👩‍👩‍👧", "plain 李 é 👩‍👩‍👧"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u202egnp", r"\u202egnp"),
        ("\u200f\u2066\ufeff", r"\u200f\u2066\ufeff"),
        ("\u2028", r"\u2028"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
    ],
)
def test_invisible_characters_are_spelt(text: str, shown: str) -> None:
    """Controls, format marks, separators and lone surrogates by their code; all else as it is."""
    assert shown == visible(text)


def test_no_invisible_character_is_forgotten() -> None:
    """Each character of Unicode's control, format, surrogate and separator classes is spelt, but for the joiners."""
    unseen = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    text = "".join(
        character for character in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(character) in unseen
    )
    assert JOINERS == {character for character in visible(text) if unicodedata.category(character) in unseen}


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp"])))
def test_escaped_json_means_the_same(text: str) -> None:
    """Escaping changes how a document looks, never what it says."""
    assert text == json.loads(escaped_json(json.dumps(text, ensure_ascii=False)))


def test_storable_text_can_be_written() -> None:
    """Half a character is replaced by the sign for what is unknown."""
    assert "a\ufffdb" == storable("a\ud800b")
