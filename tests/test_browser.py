"""Pages as Chromium shows them: to eyes, to fingers on a keyboard, to screen readers, on paper and without a script."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from reconciler.report.html import html
from reconciler.report.page import page as framed
from tests import sheets
from tests.browser import WIDTHS, chromium, inaccessible, misplaced, shown
from tests.commands import real

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT: Final = Path(__file__).resolve().parent.parent
CREDENTIALS: Final = {
    "UDESK_URL": "http://127.0.0.1:1",
    "UDESK_SID": "made-up-sid",
    "UDESK_AUTH_TOKEN": "made-up-token",
    "TENCENTCLOUD_SECRET_ID": "made-up-id",
    "TENCENTCLOUD_SECRET_KEY": "made-up-key",
}
LOOKS: Final = (
    *(("udesk", width, dark) for width in WIDTHS for dark in (False, True)),
    *((name, width, width == 390) for name in ("refused", "drift") for width in WIDTHS),
)
# The texts and the controls with which people filter, in the order in which the tab key meets them.
_FOCUSED: Final = (
    "() => [document.activeElement.name || document.activeElement.className || document.activeElement.textContent,"
    " getComputedStyle(document.activeElement).outlineStyle]"
)
# Rows and fields that are laid out and not skipped.
_SEEN: Final = """() => [...document.querySelectorAll("#changes tbody tr, #changes dd, #calls tbody tr")].filter(
  (item) => item.getBoundingClientRect().height > 0 && item.checkVisibility({ contentVisibilityAuto: true })).length"""
_TITLES: Final = '() => [...document.querySelectorAll("#changes tr:not([hidden]) bdi")].map((item) => item.textContent)'
_ALL: Final = '() => document.querySelectorAll("#changes tbody tr, #changes dd, #calls tbody tr").length'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one Chromium for all tests here."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Write all pages: the examples' plans as users get them, and what other commands come to."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name in ("udesk", "tencent"):
        # A copy, so that no store appears in the checkout.
        shutil.copytree(ROOT / "examples" / name, folder / name, ignore=shutil.ignore_patterns(".reconciler"))
        done = real(
            "plan",
            name,
            "--live",
            os.fspath(ROOT / "examples" / f"{name}-before.json"),
            "--format",
            "html",
            environ=CREDENTIALS,
            cwd=folder,
        )
        assert done.code == 0, done.err
        made[name] = done.out
    for sheet in (sheets.hostile, sheets.drift, sheets.review, sheets.refused, sheets.empty):
        made[sheet.__name__] = html(sheet())
    made["large"] = html(sheets.large(10_000, fields=1))
    found = {}
    for name, text in made.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(text, encoding="utf-8")
    return found


@pytest.mark.parametrize(("name", "width", "dark"), LOOKS)
def test_nobody_is_kept_out(browser: Browser, pages: Mapping[str, Path], name: str, width: int, *, dark: bool) -> None:
    """Axe finds nothing serious: contrasts, labels, headers, landmarks; in light and dark, on a desk and a phone."""
    with shown(browser, pages[name], width=width, dark=dark) as page:
        assert [] == inaccessible(page)


@pytest.mark.parametrize("name", ["udesk", "tencent", "hostile", "drift", "review", "refused", "empty"])
def test_all_can_be_read(browser: Browser, pages: Mapping[str, Path], name: str) -> None:
    """Nothing overlaps, is cut off or leaves the window, whatever things are called and however wide it is."""
    with shown(browser, pages[name]) as page:
        for width in (*WIDTHS, 320, 768, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert [] == misplaced(page), width


def test_what_can_not_be_read_is_noticed(browser: Browser, tmp_path: Path) -> None:
    """The check of the layout sees texts that overlap, leave the window or are cut off."""
    style = (
        ".on { margin-top: -1rem } .out { margin-left: 5000px } "
        ".cut { width: 3rem; height: 1rem; overflow: hidden; white-space: nowrap }"
    )
    body = "<main id=main><p>Below<p class=on>Above<p class=out>Away<p class=cut>Much too long for this box</main>"
    path = tmp_path / "bad.html"
    path.write_text(framed(title="Bad", body=(body,), styles=(style,)), encoding="utf-8")
    with shown(browser, path) as page:
        told = " | ".join(misplaced(page))
    for fault in ("overlap: Below / Above", "leaves the window: Away", "is cut off: Much", "scrolls sideways"):
        assert fault in told


def test_hostile_names_do_nothing(browser: Browser, pages: Mapping[str, Path]) -> None:
    """No script runs, nothing is asked for, and no element came from a text, also when all is opened and filtered."""
    with shown(browser, pages["hostile"]) as page:
        page.get_by_label("Search").fill("alert")
        page.locator("output", has_text=" of ").wait_for()
        page.emulate_media(media="print")
        assert 1 == page.locator("script").count()
        assert 0 == page.locator("img, link, iframe, object, embed, base, form[action]").count()
        assert [] == page.evaluate(
            '[...document.querySelectorAll("*")].flatMap((item) => item.getAttributeNames())'
            '.filter((name) => name.startsWith("on"))'
        )
        assert pages["hostile"].as_uri() == page.url


def test_markup_that_slipped_through_could_not_act(browser: Browser, tmp_path: Path) -> None:
    """Even markup in the body runs nothing and loads nothing: the page's policy forbids it, and the browser says so."""
    body = (
        "<main id=main><script>document.title = 'run'</script>"
        "<img src=https://example.com/x.png onerror=\"document.title = 'run'\"></main>"
    )
    path = tmp_path / "injected.html"
    path.write_text(framed(title="Safe", body=(body,), script="'use strict';"), encoding="utf-8")
    told = []
    with pytest.raises(AssertionError, match="Content Security Policy"), shown(browser, path) as page:
        told.append(page.title())
    assert ["Safe"] == told


def _press_to(page: Page, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        focused, outline = page.evaluate(_FOCUSED)
        assert "none" != outline, focused
        if focused == name:
            return
    pytest.fail(f"the tab key does not lead to {name}")


def test_filters_work_by_keyboard(browser: Browser, pages: Mapping[str, Path]) -> None:
    """The tab key leads to each filter, with a visible focus; rows follow, and the count is told as it changes."""
    with shown(browser, pages["udesk"]) as page:
        rows = page.locator("#changes tbody tr:visible")
        count = page.locator("output[aria-live=polite]")
        assert (17, "Showing all 17.") == (rows.count(), count.inner_text())
        page.keyboard.press("Tab")
        assert "skip" == page.evaluate(_FOCUSED)[0]
        _press_to(page, "q")
        page.keyboard.type("GAO ming")
        page.locator("output", has_text="Showing 1 of 17.").wait_for()
        assert ["Gao Ming (10051)"] == rows.locator("bdi").all_inner_texts()
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.locator("output", has_text="Showing all 17.").wait_for()
        _press_to(page, "s")
        page.keyboard.type("Queues")
        page.locator("output", has_text="Showing 2 of 17.").wait_for()
        _press_to(page, "a")
        page.keyboard.type("create")
        page.locator("output", has_text="Showing 1 of 17.").wait_for()
        assert ["Billing (9003)"] == rows.locator("bdi").all_inner_texts()
        assert ["Queues"] == [text.split("\n")[0][:6] for text in page.locator(".group:visible h3").all_inner_texts()]
        _press_to(page, "Clear")
        page.keyboard.press("Enter")
        page.locator("output", has_text="Showing all 17.").wait_for()
        assert 17 == rows.count()


def test_risk_filters_tell_low_from_the_rest(browser: Browser, pages: Mapping[str, Path]) -> None:
    """Each value of each filter shows what it says."""
    with shown(browser, pages["udesk"]) as page:
        page.get_by_label("Risk").select_option("low")
        page.locator("output", has_text="Showing 11 of 17.").wait_for()
        page.get_by_label("Risk").select_option("medium")
        page.locator("output", has_text="Showing 6 of 17.").wait_for()
        page.get_by_label("What happens").select_option("delete")
        page.locator("output", has_text="Showing 3 of 17.").wait_for()


def test_a_refusal_leads_to_its_object(browser: Browser, pages: Mapping[str, Path]) -> None:
    """Following its link shows the row, and the filters do not cover it."""
    with shown(browser, pages["refused"], width=1280) as page:
        page.get_by_role("link", name="agents/10039").click()
        row = page.locator("tr:target")
        assert "10039" in row.inner_text()
        box, bar = row.bounding_box(), page.locator("#filters").bounding_box()
        assert box is not None
        assert bar is not None
        assert box["y"] >= bar["y"] + bar["height"]
        assert box["y"] + box["height"] <= 800


@pytest.mark.parametrize("name", ["udesk", "hostile"])
def test_paper_shows_everything(browser: Browser, pages: Mapping[str, Path], name: str) -> None:
    """What is folded or filtered on the screen is printed all the same; controls are not, and paper is white."""
    with shown(browser, pages[name], dark=True) as page:
        page.get_by_label("Search").fill("gao")
        page.locator("output", has_text=" of ").wait_for()
        page.evaluate('document.querySelectorAll("details").forEach((item) => { item.open = false; })')
        page.emulate_media(media="print")
        assert page.evaluate(_ALL) == page.evaluate(_SEEN)
        assert 0 == page.locator("#filters:visible, nav:visible").count()
        body = "getComputedStyle(document.body)"
        assert ["rgb(255, 255, 255)", "rgb(0, 0, 0)"] == page.evaluate(f"[{body}.backgroundColor, {body}.color]")


@pytest.mark.parametrize("width", WIDTHS)
def test_all_is_there_without_a_script(browser: Browser, pages: Mapping[str, Path], width: int) -> None:
    """Without its script a page has no filters, and all that it says."""
    with shown(browser, pages["udesk"], width=width, script=False) as page:
        assert 0 == page.locator("#filters:visible").count()
        assert 17 == page.locator("#changes tbody tr:visible").count()
        assert page.get_by_text("he.ping@example.com").is_visible()
        assert 22 == page.locator("#calls tbody tr:visible").count()
        assert 2 == page.locator("figure svg[role=img]:visible").count()


def test_ten_thousand_changes_open_and_filter(browser: Browser, pages: Mapping[str, Path]) -> None:
    """A large plan opens, finds one of its objects, and shows all again."""
    with shown(browser, pages["large"]) as page:
        assert "Showing all 10,000." == page.locator("output").inner_text()
        page.locator("input[name=q]").fill("agents/agent-07654")
        page.locator("output", has_text="Showing 1 of 10,000.").wait_for()
        assert ["Agent 07654 (107654)"] == page.evaluate(_TITLES)
        page.locator("button[type=reset]").click()
        page.locator("output", has_text="Showing all 10,000.").wait_for()
        assert 10_000 == len(page.evaluate(_TITLES))
