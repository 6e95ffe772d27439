"""What a mask hides in what is written as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.secret import MASK, Mask

ALPHABET = 'ab"\\/n\n\x00é李\U0001f600\ud83d\ude00\u2028'
SECRETS = st.lists(st.text(ALPHABET, max_size=6), max_size=3)


@st.composite
def masks_and_values(draw: st.DrawFn) -> tuple[Mask, Any]:
    """Draw a mask, and a JSON-like value in which its secrets are likely to be, also as JSON spells them."""
    secrets = draw(SECRETS)
    spelled = [json.dumps(secret, ensure_ascii=ascii_)[1:-1] for secret in secrets for ascii_ in (True, False)]
    piece = st.sampled_from([*secrets, *spelled, ""]) | st.text(ALPHABET, max_size=3)
    text = st.lists(piece, max_size=3).map("".join)
    leaves = text | st.none() | st.booleans() | st.integers() | st.floats()
    value = st.recursive(
        leaves, lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(text, inner), max_leaves=8
    )
    return Mask.of(secrets), draw(value)


@given(masks_and_values())
def test_a_record_is_masked_as_the_walk_masks_it(drawn: tuple[Mask, Any]) -> None:
    """Looking for secrets in the whole JSON first leaves none of them: the JSON is that of the walk, byte for byte."""
    mask, value = drawn
    assert json.dumps(mask.tree(value)) == json.dumps(mask.for_json(value))


@pytest.mark.parametrize("secret", ['pass"word', "back\\slash", "zürich-9", "grin-\U0001f600"])
def test_a_secret_is_found_however_json_spells_it(secret: str) -> None:
    """A secret that JSON writes otherwise is hidden as it is, and as JSON has it, with and without escapes."""
    mask = Mask.of([secret])
    spellings = [secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    assert [f"a {MASK} z"] * 3 == mask.for_json([f"a {spelled} z" for spelled in spellings])


def test_what_holds_no_secret_is_given_back() -> None:
    """Most records hold no secret, and are not built anew."""
    value = {"name": ("Li", "Wei")}
    assert Mask.of(["hunter22"]).for_json(value) is value


def test_what_is_no_json_is_masked_all_the_same() -> None:
    """A value that can't be written as JSON is walked."""
    odd = object()
    assert [odd, MASK] == Mask.of(["hunter22"]).for_json([odd, "hunter22"])
