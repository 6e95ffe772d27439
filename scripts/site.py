"""
Build the site from docs/, and check that every link leads somewhere.

    python -m scripts.site [FOLDER]        # default: build/site

Sphinx's warnings are errors. Links within the pages, README.md and the other documents are followed, anchors too, in
the Markdown and again in the HTML that was made. Links to other hosts are held to their form alone: there is no network
here. Nothing in the site may come from another host.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree, rmtree
from typing import Final
from urllib.parse import unquote, urlsplit

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
DOCUMENTS: Final = (
    "README.md",
    "CHANGELOG.md",
    "reconciler/architecture.md",
    "benchmarks/README.md",
    "pipelines/README.md",
)
_FENCE: Final = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"(`+)[^`].*?\1", re.DOTALL)
_HEADING: Final = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)
_LINK: Final = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_FETCHED: Final = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}


def documents() -> Iterator[Path]:
    """Give every document whose links are followed."""
    yield from (ROOT / name for name in DOCUMENTS)
    yield from (path for path in sorted(DOCS.rglob("*.md")) if "examples" not in path.relative_to(DOCS).parts)


def dead_links(path: Path) -> list[str]:
    """Name the links of a Markdown file that lead nowhere."""
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    return [link for link in _LINK.findall(_CODE.sub("`…`", text)) if not _leads_somewhere(path, link)]


def _leads_somewhere(path: Path, link: str) -> bool:
    if "://" in link or link.startswith("mailto:"):
        return well_formed(link)
    name, _, anchor = link.partition("#")
    target = path.parent / unquote(name) if name else path
    if not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors(target.resolve()))


def well_formed(address: str) -> bool:
    """Whether an address of another host could be one; it is not asked."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https", "mailto"} and bool(parts.netloc or parts.path) and " " not in address


@cache
def anchors(path: Path) -> frozenset[str]:
    """Find a Markdown file's anchors, as forges and the site make them of its headings."""
    found: dict[str, int] = {}
    result = set()
    for heading in _HEADING.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        result.add(f"{slug}-{count}" if count else slug)
    return frozenset(result)


def build(folder: Path) -> str:
    """Build the site; give what Sphinx complains of, which is nothing where all is well."""
    rmtree(folder, ignore_errors=True)
    doctrees = folder.with_name(f"{folder.name}-doctrees")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-E", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", str(doctrees), str(DOCS), str(folder)], capture_output=True, encoding="utf-8", check=False
    )
    rmtree(doctrees, ignore_errors=True)
    if done.returncode == 0:
        copytree(DOCS / "examples", folder / "examples")
    return done.stderr or ("" if done.returncode == 0 else done.stdout or "Sphinx failed and did not say why")


class _Page(HTMLParser):
    """A page's anchors, where it leads, and what it fetches."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        values = {name: value for name, value in attrs if value is not None}
        self.anchors.update(values[name] for name in ("id", "name") if name in values)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag in _FETCHED and _FETCHED[tag] in values:
            self.fetched.append(values[_FETCHED[tag]])


def broken(folder: Path) -> list[str]:
    """Name what is wrong with a site that was built: dead links, and what other hosts would be asked for."""
    pages = {path: _read(path) for path in sorted(folder.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        here = path.relative_to(folder)
        found += [f"{here}: {link} leads nowhere" for link in page.links if not _found(path, link, pages)]
        found += [f"{here}: {link} would be fetched" for link in page.fetched if "//" in link]
        found += [
            f"{here}: {link} is missing"
            for link in page.fetched
            if "//" not in link and not link.startswith(("data:", "#")) and not _found(path, link, pages)
        ]
    sheets = [path for path in sorted(folder.rglob("*.css")) if re.search(r"url\(['\"]?(?:https?:)?//", _text(path))]
    return found + [f"{path.relative_to(folder)}: something would be fetched" for path in sheets]


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(_text(path))
    return page


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _found(path: Path, link: str, pages: Mapping[Path, _Page]) -> bool:
    if "://" in link or link.startswith("mailto:"):
        return well_formed(link)
    parts = urlsplit(link)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return False
    return not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].anchors


def main() -> int:
    """Check the documents, build the site, and check that."""
    folder = Path(sys.argv[1] if sys.argv[1:] else ROOT / "build" / "site").resolve()
    wrong = [f"{path.relative_to(ROOT)}: {link} leads nowhere" for path in documents() for link in dead_links(path)]
    complaints = build(folder)
    wrong += [complaints] if complaints else broken(folder)
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    print(f"{folder}/index.html; links to other hosts were held to their form, not followed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
