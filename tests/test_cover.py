"""The fewest calls that bind: a minimum vertex cover, against trying everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.providers.cover import minimum_cover

PAIRS = st.dictionaries(
    st.sampled_from("abcde"), st.lists(st.sampled_from("12345"), unique=True, max_size=5), max_size=5
)


def smallest(pairs: Mapping[str, Sequence[str]]) -> int:
    """Find the size of a minimum cover by trying all sets of members, small ones first."""
    edges = [(left, right) for left, rights in pairs.items() for right in rights]
    members = sorted({("left", left) for left, _ in edges} | {("right", right) for _, right in edges})
    for size in range(len(members) + 1):
        for chosen in combinations(members, size):
            if all(("left", left) in chosen or ("right", right) in chosen for left, right in edges):
                return size
    raise AssertionError("all members together cover everything")


@given(pairs=PAIRS)
def test_a_cover_covers_and_none_is_smaller(pairs: Mapping[str, Sequence[str]]) -> None:
    """Every pair has an end in it, and brute force finds none with fewer members."""
    cover = minimum_cover(pairs)
    assert all(left in cover.left or right in cover.right for left, rights in pairs.items() for right in rights)
    assert smallest(pairs) == cover.size


@given(pairs=PAIRS)
def test_the_order_of_the_pairs_does_not_matter(pairs: dict[str, list[str]]) -> None:
    """The same pairs give the same cover, in whatever order they come."""
    mixed = {left: pairs[left][::-1] for left in sorted(pairs, reverse=True)}
    assert minimum_cover(pairs) == minimum_cover(mixed)


def test_of_two_that_are_as_small_the_right_side_s_is_taken() -> None:
    """One pair: a queue's call rather than an agent's, since it only ever adds."""
    cover = minimum_cover({"a": ["1"]})
    assert ({}, {"1": ("a",)}) == (cover.left, cover.right)


def test_nothing_to_cover() -> None:
    """No pairs, no calls."""
    assert 0 == minimum_cover({}).size
    assert 0 == minimum_cover({"a": []}).size


def test_long_paths_take_no_recursion() -> None:
    """A path through ten thousand members has half of them, and no stack runs out."""
    length = 10_000
    pairs = {f"a{number}": [f"q{number}", f"q{number + 1}"] for number in range(length)}
    assert length == minimum_cover(pairs).size


def test_of_two_that_are_as_small_the_sooner_is_taken() -> None:
    """Member b can't take part yet: a's call then makes its two pairs at once, and only b's waits."""
    pairs = {"a": ["1", "2"], "b": ["1"]}
    cover = minimum_cover(pairs, left_ready={"b": 1})
    assert ({"a": ("1", "2"), "b": ("1",)}, {}) == (cover.left, cover.right)
    assert {"1": ("a", "b"), "2": ("a",)} == minimum_cover(pairs).right


def test_a_call_waits_for_all_that_take_part() -> None:
    """One pair whose right member is late: either side's call would have to wait for it, so the right's is taken."""
    cover = minimum_cover({"a": ["1"]}, right_ready={"1": 1})
    assert ({}, {"1": ("a",)}) == (cover.left, cover.right)
