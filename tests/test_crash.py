"""
Killed anywhere: a real run dies before or after any of its steps, and the next one carries on as if nothing had been.

`make test` tries a few; `make check-deep` each crossing of each point, with one call in flight and with eight. What the
points are, `crash/points.py` says; what must hold, `crash/stories.py`.
"""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeVar

import pytest

from tests.conformance.vendor import Vendor
from tests.conformance.vendors import VENDORS
from tests.crash.ground import VENDOR, Blow, Ground, ground
from tests.crash.points import POINTS
from tests.crash.stories import Wanted, killed, stopped, undisturbed

T = TypeVar("T")
FIRST: Final = next(iter(VENDORS))
DEEP: Final = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
ALL: Final = (*VENDOR, *POINTS)
# Crossed in every plan, by a run that nobody disturbed; the others belong to passwords, or to settling.
READS: Final = ("read.before", "read.after")
SETTLING: Final = ("settle.before", "settle.after")
# Crossed only where the vendor gives passwords.
PASSWORDS: Final = frozenset(
    {"half a file"} | {f"{step}.{when}" for step in ("passwords", "flush", "replace") for when in ("before", "after")}
)
WISHES: Final = ("first", "second")
PLACES: Final = (("second", 1), ("first", 8)) + ((("first", 1), ("second", 8)) if DEEP else ())
# A few that differ in what is known and what has happened.
QUICK: Final = (
    "commit", "effect", "intend.after", "decode.before", "keep.after", "passwords.after", "half a file",
    "replace.before",
)  # fmt: skip
QUICK_STOPS: Final = ("lock.after", "intend.before", "effect", "release.before")
SEEDS: Final = range(60) if DEEP else range(2)
ONCE: Final = (signal.SIGTERM,)
STOPS: Final = [
    ("second", 1, ONCE),
    *[
        ("first", 8, ONCE),
        ("second", 8, (signal.SIGINT,)),
        ("second", 1, (signal.SIGTERM, signal.SIGINT)),
        ("first", 8, (signal.SIGINT, signal.SIGTERM)),
    ][: None if DEEP else 0],
]


def points_of(vendor: Vendor, points: Sequence[str]) -> Sequence[str]:
    """Leave out what is never crossed with a vendor."""
    return [point for point in points if vendor.gives_passwords or point not in PASSWORDS]


def writes_of(vendor: Vendor) -> Sequence[str]:
    """Name the points that a run which writes crosses."""
    return points_of(vendor, [point for point in ALL if point not in {*READS, *SETTLING}])


def sample(vendor: Vendor, items: Sequence[T]) -> Sequence[T]:
    """Thin out what `make test` tries with all but the first vendor: the steps that are struck are the same."""
    return items if DEEP or vendor.name == FIRST else items[::2]


def each(items: Sequence[T]) -> list[tuple[Vendor, T]]:
    """Pair each vendor with some items, or in the deep profile with all."""
    return [(vendor, item) for vendor in VENDORS.values() for item in sample(vendor, items)]


def _kills() -> Iterator[tuple[Vendor, str, int, str]]:
    for vendor in VENDORS.values():
        if DEEP:
            yield from ((vendor, *place, point) for place in PLACES for point in writes_of(vendor))
        else:
            quick = sample(vendor, points_of(vendor, QUICK))
            yield from ((vendor, *PLACES[number % 2], point) for number, point in enumerate(quick))


KILLS: Final = list(_kills())
STOPPED: Final = [
    pytest.param(
        vendor, wish, parallel, signals, point,
        id=f"{vendor}-{wish}-{parallel}-{'-'.join(number.name for number in signals)}-{point}",
    )
    for vendor in VENDORS.values()
    for wish, parallel, signals in STOPS
    for point in (writes_of(vendor) if DEEP else sample(vendor, QUICK_STOPS))
]  # fmt: skip
EACH: Final = pytest.mark.parametrize("vendor", VENDORS.values(), ids=repr)


class Grounds:
    """The grounds for each wish and each number of calls in flight, made when they are asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._made: dict[tuple[str, str, int], tuple[Ground, Wanted]] = {}

    def __call__(self, vendor: Vendor, wish: str, parallel: int) -> tuple[Ground, Wanted]:
        """Give the ground, and what an undisturbed run does on it."""
        key = vendor.name, wish, parallel
        if key not in self._made:
            folder = self._folder / f"{vendor}{wish}{parallel}"
            made = self._stack.enter_context(ground(folder, vendor, wish, parallel=parallel))
            self._made[key] = made, undisturbed(made)
        return self._made[key]


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grounds]:
    """Have the grounds for all tests here."""
    with ExitStack() as stack:
        yield Grounds(tmp_path_factory.mktemp("crash"), stack)


def crossings(wanted: Wanted, point: str, *, some: int) -> Sequence[int]:
    """Choose crossings of a point: all of them, or *some* that another point's do not equal."""
    many = wanted.crossed.get(point, 0)
    if DEEP:
        return range(1, many + 1)
    chance = random.Random(point)  # noqa: S311 - the same in each run
    return sorted(chance.sample(range(1, many + 1), min(some, many)))


@EACH
def test_a_run_crosses_every_point(vendor: Vendor, grounds: Grounds) -> None:
    """No point is a name alone: each is crossed by some run, those of settling by one that follows a killed one."""
    crossed: set[str] = set()
    for wish in WISHES:
        made, wanted = grounds(vendor, wish, 8 if wish == "first" else 1)
        crossed.update(name for name, many in wanted.crossed.items() if many)
        made.restore()
        assert -signal.SIGKILL == made.run(Blow(point="send.before", crossing=1)).code
        crossed.update(made.run().crossed)
    assert set(points_of(vendor, ALL)) == crossed - {"writes"}


@EACH
def test_the_plans_have_every_kind_of_write(vendor: Vendor, grounds: Grounds) -> None:
    """No kind of call goes without having been struck: together the two transitions take all of them."""
    sent = set()
    for wish in WISHES:
        _, wanted = grounds(vendor, wish, 8 if wish == "first" else 1)
        sent |= {_without_ids(effect) for effect in wanted.effects}
    assert {_without_ids(f"{kind.method} {kind.api}") for kind in vendor.kinds} == sent


def _without_ids(effect: str) -> str:
    return re.sub(r"/[0-9]+", "/{id}", effect)


@pytest.mark.parametrize(("vendor", "wish", "parallel", "point"), KILLS, ids=str)
def test_killed_at_a_point(vendor: Vendor, wish: str, parallel: int, point: str, grounds: Grounds) -> None:
    """The next run settles what was open and says so, and writes only what was missing."""
    made, wanted = grounds(vendor, wish, parallel)
    found = [
        line
        for crossing in crossings(wanted, point, some=3 if point == "commit" else 1)
        for line in killed(made, wanted, Blow(point=point, crossing=crossing))
    ]
    assert [] == found, "\n".join(found)


@pytest.mark.parametrize(("vendor", "seed"), each(SEEDS), ids=str)
def test_killed_again_while_carrying_on(vendor: Vendor, seed: int, grounds: Grounds) -> None:
    """Whoever comes to settle may die of it too: the run after that one carries on."""
    chance = random.Random(seed)  # noqa: S311 - the same in each run
    made, wanted = grounds(vendor, *chance.choice(PLACES))
    blows = [
        Blow(point=point, crossing=chance.randint(1, wanted.crossed.get(point) or 3))
        for point in (chance.choice(writes_of(vendor)), chance.choice(points_of(vendor, ALL)))
    ]
    found = killed(made, wanted, *blows)
    assert [] == found, "\n".join(found)


@pytest.mark.parametrize(("vendor", "point"), each(SETTLING), ids=str)
def test_killed_while_settling(vendor: Vendor, point: str, grounds: Grounds) -> None:
    """A password that was lost is told of before it is written that the call is settled, so at least once."""
    made, wanted = grounds(vendor, "first", 8)
    many = made.run_from_start(Blow(point="effect", crossing=3)).crossed
    assert many["effect"] >= 3
    found = [
        line
        for crossing in (range(1, 6) if DEEP else (1, 3))
        for line in killed(made, wanted, Blow(point="effect", crossing=3), Blow(point=point, crossing=crossing))
    ]
    assert [] == found, "\n".join(found)


@pytest.mark.parametrize(("vendor", "seed"), each(SEEDS), ids=str)
def test_killed_and_its_store_lost(vendor: Vendor, seed: int, grounds: Grounds) -> None:
    """Without the store a run is less informed: it converges all the same, and nothing exists twice."""
    chance = random.Random(seed)  # noqa: S311 - the same in each run
    made, wanted = grounds(vendor, *chance.choice(PLACES))
    point = chance.choice(writes_of(vendor))
    blow = Blow(point=point, crossing=chance.randint(1, wanted.crossed.get(point) or 3))
    found = killed(made, wanted, blow, forgotten=True)
    assert [] == found, "\n".join(found)


@pytest.mark.parametrize(("vendor", "wish", "parallel", "signals", "point"), STOPPED)
def test_asked_to_stop_at_a_point(  # noqa: PLR0913, PLR0917 - a case
    vendor: Vendor, wish: str, parallel: int, signals: tuple[int, ...], point: str, grounds: Grounds
) -> None:
    """Asked once it finishes what is in flight, and leaves neither an open call nor a lock; asked twice, it ends."""
    made, wanted = grounds(vendor, wish, parallel)
    every = crossings(wanted, point, some=1)
    found = [
        line
        for crossing in [*every[:3], *every[3::7]]
        for line in stopped(made, wanted, Blow(point=point, crossing=crossing, signals=signals), in_flight=parallel)
    ]
    assert [] == found, "\n".join(found)


@pytest.mark.parametrize(("vendor", "number"), each([signal.SIGINT, signal.SIGTERM]), ids=str)
def test_asked_to_stop_while_reading(vendor: Vendor, number: signal.Signals, grounds: Grounds) -> None:
    """Before there is anything to finish, a run ends at once, with 130, and gives the lock back."""
    made, wanted = grounds(vendor, "second", 1)
    found = [
        line
        for point in READS
        for line in stopped(made, wanted, Blow(point=point, crossing=3, signals=(number,)), in_flight=0)
    ]
    assert [] == found, "\n".join(found)


@EACH
def test_history_shows_a_run_that_was_killed(vendor: Vendor, grounds: Grounds) -> None:
    """`history show` has the calls of a run that died, and what reading back said of those that it left open."""
    made, _ = grounds(vendor, "second", 1)
    made.run_from_start(Blow(point="effect", crossing=5))
    run, state = made.journal().runs[-1]
    assert "running" == state
    for words in ("Nobody knows yet whether these happened", "cut off"):
        shown = made.run(None, "history", "show", run, str(made.folder))
        assert (0, "") == (shown.code, shown.err)
        assert words in shown.out
        assert 0 == made.run().code
