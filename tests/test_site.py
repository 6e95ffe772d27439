"""The site: it is built without a warning, every link in it leads somewhere, and nothing of it comes from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts import site
from tests.browser import WIDTHS, chromium, inaccessible, shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = [*site.documents()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it once."""
    folder = tmp_path_factory.mktemp("site") / "site"
    assert "" == site.build(folder)
    return folder


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(site.ROOT).as_posix())
def test_links_of_a_document_lead_somewhere(path: Path) -> None:
    """A link names a file of the repository, an anchor a heading of it; one to another host has an address's form."""
    assert [] == site.dead_links(path)


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](there.md)", []),
        ("[a](there.md#a-heading)", []),
        ("[a](there.md#twice) [b](there.md#twice-1)", []),
        ("[a](#here)\n\n# Here", []),
        ("[a](https://example.com/x?y=z#w)", []),
        ("`[a](gone.md)` and\n\n```\n[b](gone.md)\n```", []),
        ("[a](gone.md)", ["gone.md"]),
        ("![a](gone.svg)", ["gone.svg"]),
        ("[a](there.md#gone)", ["there.md#gone"]),
        ("[a](there.md#not-one)", ["there.md#not-one"]),
        ("[a](#gone)", ["#gone"]),
        ("[a](https://)", ["https://"]),
        ("[a](ftp://example.com)", ["ftp://example.com"]),
    ],
)
def test_a_dead_link_is_found(text: str, dead: list[str], tmp_path: Path) -> None:
    """Whatever is wrong with it; what stands in code is no link."""
    (tmp_path / "there.md").write_text("# A heading\n\n## Twice\n\n## Twice\n\n```\n# Not one\n```\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert dead == site.dead_links(page)


def test_the_site_is_built_and_whole(built: Path) -> None:
    """No link and no picture in it is dead, and nothing would be fetched from another host."""
    assert [] == site.broken(built)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<a href="gone.html">a</a>', "leads nowhere"),
        ('<a href="#gone">a</a>', "leads nowhere"),
        ('<img src="gone.png">', "is missing"),
        ('<img src="https://example.com/a.png">', "would be fetched"),
        ('<script src="//example.com/a.js"></script>', "would be fetched"),
        ('<link rel="stylesheet" href="https://example.com/a.css">', "would be fetched"),
    ],
)
def test_what_is_wrong_with_a_site_is_found(html: str, words: str, tmp_path: Path) -> None:
    """Each kind of fault is named with its page."""
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    (found,) = site.broken(tmp_path)
    assert found.startswith("index.html: ")
    assert words in found


def test_a_style_sheet_that_fetches_is_found(tmp_path: Path) -> None:
    """A font of another host's would be asked for by each reader."""
    (tmp_path / "a.css").write_text("@font-face { src: url('https://example.com/a.woff') }", encoding="utf-8")
    assert ["a.css: something would be fetched"] == site.broken(tmp_path)


def test_every_page_is_in_the_navigation(built: Path) -> None:
    """Who opens the first page finds all others from there."""
    index = (built / "index.html").read_text(encoding="utf-8")
    pages = {path.relative_to(site.DOCS).with_suffix(".html").as_posix() for path in _pages()} - {"index.html"}
    assert set() == pages - set(re.findall(r'class="reference internal" href="([^"#]+)"', index))


def test_rendered_examples_open(built: Path) -> None:
    """The page on forms shows them as files beside the site, which a browser opens."""
    text = (built / "formats.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="(examples/[^"]+)"', text))
    assert set() != linked
    assert set() == {name for name in linked if not (built / name).is_file()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run one Chromium for all tests here."""
    with chromium() as found:
        yield found


def test_no_page_is_wider_than_a_phone(built: Path, browser: Browser) -> None:
    """What is wide scrolls in a box of its own."""
    pages = [path.relative_to(site.DOCS).with_suffix(".html") for path in _pages()]
    with shown(browser, built / "index.html", width=min(WIDTHS)) as seen:
        for page in pages:
            seen.goto((built / page).as_uri())
            assert (page, 0) == (page, seen.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("page", ["index", "start", "formats"])
def test_nobody_is_kept_out(page: str, built: Path, browser: Browser) -> None:
    """Who has no eyes or no mouse gets everywhere; contrasts hold in light and dark."""
    for width, dark in zip(WIDTHS, (False, True), strict=True):
        with shown(browser, built / f"{page}.html", width=width, dark=dark) as seen:
            assert [] == inaccessible(seen)


def test_a_block_s_commands_are_copied_without_what_they_print(built: Path, browser: Browser) -> None:
    """The button copies what is to be typed: prompts and output stay behind."""
    with shown(browser, built / "exit-codes.html") as seen:
        seen.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text }")
        seen.locator(".highlight-console .copy").nth(1).click()
        copied = seen.evaluate("window.copied")
    assert "reconciler validate wrong.yaml\necho $?" == copied.partition("\n")[2]


def _pages() -> list[Path]:
    return [path for path in site.documents() if path.is_relative_to(site.DOCS)]
