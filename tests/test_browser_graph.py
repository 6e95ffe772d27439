"""The routing picture as Chromium draws it: texts stay in their boxes, and nobody is left out by eyes or screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from reconciler import graph
from reconciler.model.routing import Routing
from reconciler.model.secret import Mask
from reconciler.report.graph_html import html
from reconciler.report.graph_svg import svg
from reconciler.report.graph_words import masked_picture
from tests.browser import WIDTHS, chromium, inaccessible, shown
from tests.pictures import BROKEN, drawn, tenant
from tests.test_report_graph import hostile

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Texts that stick out of their box, and boxes that lie on one another, as the browser has laid them out. A text that is
# wider than we reckoned is clipped by its box; one letter's width of that is no fault.
_WRONG: Final = """() => {
  const wrong = [], boxes = [...document.querySelectorAll("svg.node")], seen = [];
  for (const box of boxes) {
    const frame = box.querySelector("rect.box").getBoundingClientRect();
    for (const text of box.querySelectorAll(":scope > text")) {
      const found = text.getBoundingClientRect();
      if (found.right > frame.right + 8 || found.bottom > frame.bottom + 2)
        wrong.push("sticks out: " + text.textContent);
    }
    for (const other of seen)
      if (frame.left < other.right && other.left < frame.right && frame.top < other.bottom && other.top < frame.bottom)
        wrong.push("overlap at " + frame.left + ", " + frame.top);
    seen.push(frame);
  }
  return wrong;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one Chromium for all tests here."""
    with chromium() as found:
        yield found


def cases(folder: Path) -> dict[str, Routing]:
    """Give pictures to look at."""
    return {
        "broken": drawn(folder, BROKEN),
        "ten agents": tenant(queues=3, agents=10, keys=3, without=4),
        "5,000 agents": tenant(queues=20, agents=5_000, without=7),
        "hostile": masked_picture(hostile(), Mask()),
        "nothing": Routing(),
    }


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["broken", "ten agents", "5,000 agents", "hostile", "nothing"])
def test_the_page_is_readable_and_accessible(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    """Nothing overlaps or sticks out, the page itself never scrolls sideways, and axe finds nothing serious."""
    whole = cases(tmp_path / "files")[name]
    path = tmp_path / "routing.html"
    path.write_text(html(graph.folded(whole), whole, title="Acme: who is reached how"), encoding="utf-8")
    with shown(browser, path, width=width, dark=width < 1000) as page:
        assert [] == page.evaluate(_WRONG)
        assert [] == inaccessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        sizes = page.evaluate(
            '[...document.querySelectorAll("svg text")].map(text => parseFloat(getComputedStyle(text).fontSize)'
            " * text.ownerSVGElement.getScreenCTM().a)"
        )
        assert not sizes or min(sizes) >= 11.9


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_alone_is_drawn(browser: Browser, tmp_path: Path, *, dark: bool) -> None:
    """As a file of its own it has its colours, light and dark, and what is broken differs in colour too."""
    path = tmp_path / "routing.svg"
    path.write_text(svg(drawn(tmp_path / "files", BROKEN), title="Acme"), encoding="utf-8")
    with shown(browser, path, dark=dark) as page:
        assert [] == page.evaluate(_WRONG)
        fills = page.evaluate(
            '["rect.paper", "svg.node:not(.broken):not(.off) .box", "svg.broken .box"].map('
            "one => getComputedStyle(document.querySelector(one)).fill)"
        )
        assert 3 == len({*fills})
        assert ("rgb(21, 24, 28)" if dark else "rgb(255, 255, 255)") == fills[0]
