"""Headless Chromium, for tests of what people see. Where it is absent, such tests say so and are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

WIDTHS: Final = (1280, 390)  # a desk, and a phone
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ARGUMENTS: Final = (
    "--no-sandbox",  # containers have no user namespaces
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",  # nor much shared memory
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

# What is wrong with how a page is laid out: texts and controls that lie on one another, that leave the window, or that
# their box cuts off. What scrolls in a box of its own counts as far as one sees it.
_MISPLACED: Final = """() => {
  const wrong = [], found = [], unseen = ".unseen, .skip, script, style, title, option";
  const clip = (element, box) => {
    let { left, top, right, bottom } = box;
    for (let up = element; up && up !== document.documentElement; up = up.parentElement) {
      if (getComputedStyle(up).overflowX === "visible") continue;
      const frame = up.getBoundingClientRect();
      left = Math.max(left, frame.left); right = Math.min(right, frame.right);
      top = Math.max(top, frame.top); bottom = Math.min(bottom, frame.bottom);
    }
    return { left, top, right, bottom };
  };
  const add = (node, element, box) => {
    const seen = clip(element, box);
    if (seen.right - seen.left > 1 && seen.bottom - seen.top > 1)
      found.push({ ...seen, node, element, told: (node.textContent || element.tagName).trim().slice(0, 40) });
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest(unseen) || element.closest("svg")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) add(node, element, box);
  }
  for (const element of document.querySelectorAll("input, select, button, svg"))
    if (element.checkVisibility() && !element.parentElement.closest("svg"))
      add(element, element, element.getBoundingClientRect());
  for (const { left, right, told } of found)
    if (left < -0.5 || right > innerWidth + 0.5) wrong.push(`leaves the window: ${told}`);
  found.sort((one, other) => one.top - other.top);
  found.forEach((one, place) => {
    for (let next = place + 1; next < found.length && found[next].top < one.bottom - 2; next += 1) {
      const other = found[next];
      if (one.node === other.node || one.element.contains(other.node) || other.element.contains(one.node)) continue;
      if (other.left < one.right - 1 && one.left < other.right - 1)
        wrong.push(`overlap: ${one.told} / ${other.told}`);
    }
  });
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(unseen) || element.closest("svg") || /INPUT|SELECT/.test(element.tagName)) continue;
    const style = getComputedStyle(element);
    if (style.clipPath !== "none") continue;  // only the screen reader is to have it
    if (/hidden|clip/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      wrong.push(`is cut off: ${element.textContent.trim().slice(0, 40)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page scrolls sideways");
  return wrong;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the system's Chromium; skip the test where it, or what drives it, is not here."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is here: install it (apt-get install chromium), or name one in CHROMIUM")
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not here: install the dev group")
    with driver.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=[*_ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def shown(  # noqa: PLR0913 - each is a way of looking
    browser: Browser, path: Path, *, width: int = 1280, dark: bool = False, script: bool = True, paper: bool = False
) -> Iterator[Page]:
    """Open a file, without a network; whatever the page asks for, says or complains of fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        offline=True,
    )
    page = context.new_page()
    said: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    def dismiss(dialog: Dialog) -> None:
        said.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", complain)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", dismiss)
    try:
        page.goto(path.as_uri())
        if paper:
            page.emulate_media(media="print")
        yield page
        assert not said, said
    finally:
        context.close()


def misplaced(page: Page) -> list[str]:
    """List texts and controls that overlap, leave the window or are cut off; empty when all can be read."""
    found: list[str] = page.evaluate(_MISPLACED)
    return found


def inaccessible(page: Page) -> list[str]:
    """List what axe-core finds that is serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not here: install the dev group")
    found: dict[str, Any] = axe.Axe().run(page, options={"preload": False}).response  # it asks for style sheets else
    return [
        f"{item['id']}: {item['help']} ({node['target']})"
        for item in found["violations"]
        if item["impact"] in {"serious", "critical"}
        for node in item["nodes"]
    ]
