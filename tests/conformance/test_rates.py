"""Never more calls than the rate, as the vendor counts them: of each action apart, or all together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conformance.stage import Stage
from tests.conformance.vendor import Vendor
from tests.conformance.vendors import VENDORS
from tests.servers import running

RATE: Final = 12
MANY: Final = 2 * RATE  # writes of each of two kinds


@pytest.mark.parametrize("of", VENDORS.values(), ids=repr)
def test_no_second_has_more_calls_than_the_rate(of: Vendor, tmp_path: Path) -> None:
    """Reads, writes and reading back, eight at once and as fast as they may: by the simulator's own count."""
    wish: dict[str, Any] = of.story.many(MANY)
    settings = {"rate_limit": RATE, "max_parallel": 8, **dict.fromkeys(of.slower.values(), 1)}
    with running(of.face(of.story.empty, (), time.time)) as vendor:
        stage = Stage(root=tmp_path, url=vendor.url, vendor=of, settings=settings)
        stage.write(wish)
        assert stage.apply()[1].complete
        calls = vendor.calls()
    assert calls["writes"] >= MANY
    if of.apart_rates:
        assert calls["most_in_a_second"] > RATE, "each action has a rate of its own"
        busiest = {name: found["most_in_a_second"] for name, found in calls["by_name"].items()}
    else:
        busiest = {"all": calls["most_in_a_second"]}
    assert RATE == max(busiest.values()), "the rate is used"
    assert {} == {name: most for name, most in busiest.items() if most > (1 if name in of.slower else RATE)}
    assert of.slower.keys() <= busiest.keys()
