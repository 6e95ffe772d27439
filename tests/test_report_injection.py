"""
Whatever names hold, no form says anything but what was meant.

Each form is read again by its own parser, and what it is made of is the same as with a plain name.
"""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.report.console import make_console
from reconciler.report.document import dumps, plan_document
from reconciler.report.github import github
from reconciler.report.gitlab import code_quality, gitlab
from reconciler.report.junit import junit
from reconciler.report.markdown import MOST, markdown
from reconciler.report.plan_text import render_plan
from reconciler.report.safe import visible
from reconciler.report.sarif import sarif
from reconciler.report.sheet import Sheet
from reconciler.report.where import in_files, lies_at
from tests.hostile import HOSTILE, MASKED, check_of, plan_of, sheet_of
from tests.test_report_sarif import SCHEMA

PLAIN: Final = "Sales"
TAGS: Final = frozenset({"<code>", "</code>", "<br>", "<wbr>"})
LINK: Final = re.compile(r"(https://git\.example/r/blob/abc/)?[A-Za-z0-9._~%/-]+#L[0-9]+")
MARK: Final = re.compile(r"<!-- reconciler:[A-Za-z0-9._-]{0,63} -->\n")
BARE: Final = re.compile(r"[^@#<>\[\]`*_~|\\$&^!{}=\x00-\x1f]*")  # what our own words are made of
COMMAND: Final = re.compile(r"::(?:error|warning|notice) (?P<properties>[^:]*?)::(?P<message>.*)")
NASTY: Final = st.text(
    st.one_of(st.characters(), st.sampled_from("|`<>@#[]()*_~\\$&:!%\n\r\x00\x1b{}-+=./'\"")), max_size=40
)
MARKDOWN: Final = MarkdownIt("commonmark").enable(["table", "strikethrough"])

hostile = pytest.mark.parametrize("text", HOSTILE, ids=lambda text: visible(text)[:24])


def blocks(tokens: list[Token]) -> list[tuple[str, str]]:
    """Give the skeleton of a page: its blocks, and what of them is markup of ours."""
    kept = {"html_block", "fence"}
    return [
        (
            token.type,
            MARK.sub("", token.content) if token.type == "html_block" else token.info if token.type in kept else "",
        )
        for token in tokens
    ]


def check_markdown(sheet: Sheet, plain: Sheet) -> None:
    """Find the blocks of the plain page, no tag, link or image but ours, and nothing bare that means something."""
    page = markdown(sheet)
    assert len(page.encode()) <= MOST
    tokens = MARKDOWN.parse(page)
    if "Left out here" not in page:
        assert blocks(MARKDOWN.parse(markdown(plain))) == blocks(tokens)
    assert MARK.fullmatch(tokens[0].content)
    for token in tokens:
        check_inline(token.children or [])


def check_inline(tokens: list[Token]) -> None:
    """Find no tag but ours, and what comes from outside in `<code>`."""
    inside = 0
    for token in tokens:
        assert token.type in {
            "text",
            "html_inline",
            "link_open",
            "link_close",
            "strong_open",
            "strong_close",
            "hardbreak",
            "code_inline",
            "softbreak",
        }
        if token.type == "html_inline":
            assert token.content in TAGS
            inside += {"<code>": 1, "</code>": -1}.get(token.content, 0)
        elif token.type == "link_open":
            assert LINK.fullmatch(str(token.attrs["href"])), token.attrs
        elif token.type == "text" and not inside:
            assert BARE.fullmatch(token.content), token.content
    assert inside == 0


@hostile
def test_markdown_shows_names_and_nothing_else(text: str) -> None:
    """No name breaks out of its cell, its line or its fold; none becomes a link, an image, a tag or a mention."""
    # A name in a path may make it one outside of the repository, which is not linked: that changes no block.
    check_markdown(sheet_of(text or "x"), sheet_of(PLAIN))
    check_markdown(
        sheet_of(text or "x", refused=False, saved_as=f"{text}.json"), sheet_of(PLAIN, refused=False, saved_as="p")
    )
    check_markdown(check_of(text or "x"), check_of(PLAIN))


@given(NASTY.filter(bool))
def test_markdown_bears_any_text(text: str) -> None:
    """The same for texts that nobody has thought of."""
    check_markdown(sheet_of(text), sheet_of(PLAIN))


@hostile
def test_github_gets_one_command_a_line(text: str) -> None:
    """No name begins a line or ends one, and none ends a property; what the runner decodes is the name."""
    for sheet in (sheet_of(text), check_of(text)):
        written = github(sheet)
        assert written.splitlines() == written.removesuffix("\n").split("\n")
        for line in written.removesuffix("\n").split("\n"):
            found = COMMAND.fullmatch(line)
            assert found is not None, line
            keys = [part.partition("=")[0] for part in found["properties"].split(",")]
            assert keys in (["title"], ["file", "line", "col", "title"])
    assert len(github(sheet_of(PLAIN)).splitlines()) == len(github(sheet_of(text)).splitlines())


@hostile
def test_gitlab_gets_json_of_its_own_shape(text: str) -> None:
    """Both reports are JSON, with the keys that GitLab reads and no path to anywhere else."""
    assert {"create": 1, "update": 2, "delete": 2} == json.loads(gitlab(sheet_of(text)))
    findings = json.loads(code_quality(sheet_of(text)))
    assert len(json.loads(code_quality(sheet_of(PLAIN)))) == len(findings)
    for finding in (*findings, *json.loads(gitlab(check_of(text)))):
        assert {"description", "check_name", "fingerprint", "severity", "location"} == finding.keys()
        assert not finding["location"]["path"].startswith(("/", ".."))


def parsed(text: str) -> ET.Element:
    """Read XML that we wrote ourselves."""
    return ET.fromstring(text.encode())  # noqa: S314


def shape(element: ET.Element) -> list[Any]:
    """Give an element's tags, attributes' names and children."""
    return [element.tag, sorted(element.attrib), [shape(child) for child in element]]


@hostile
def test_junit_is_well_formed(text: str) -> None:
    """The file is XML 1.0 whatever characters a name has, of the same elements; suites may have other names."""
    for sheet, plain in ((sheet_of(text or "x"), sheet_of(PLAIN)), (check_of(text), check_of(PLAIN))):
        written = junit(sheet)
        root = parsed(written)
        assert shape(parsed(junit(plain))) == shape(root)
        assert int(root.get("tests", "")) == len(root.findall("*/testcase"))


@given(NASTY)
def test_junit_bears_any_text(text: str) -> None:
    """The same for texts that nobody has thought of."""
    parsed(junit(sheet_of(text)))


@hostile
def test_sarif_is_valid(text: str) -> None:
    """The document is as its schema says, and its references are relative and lead nowhere else."""
    for sheet in (sheet_of(text), check_of(text)):
        document = json.loads(sarif(sheet))
        SCHEMA.validate(document)
        for result in document["runs"][0]["results"]:
            for location in result["locations"]:
                name = location["physicalLocation"]["artifactLocation"]["uri"]
                assert re.fullmatch(r"[A-Za-z0-9._~%-][A-Za-z0-9._~%/-]*", name)
                assert not name.startswith("../")


@hostile
def test_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    """Between the line ends stand printable characters alone, and as many lines begin as we wrote."""
    stream = io.StringIO()
    render_plan(make_console(stream, "never", {"COLUMNS": "100"}), plan_of(text), mask=MASKED, verbose=True)
    shown = stream.getvalue()
    assert shown == "\n".join(visible(line) for line in shown.split("\n"))


def obeyed(text: str) -> list[str]:
    """Find lines that the runner of a pipeline would take for a command, if a job printed them."""
    return [line for line in text.split("\n") if line.lstrip().startswith("::") or re.search(r"##(vso)?\[", line)]


@hostile
def test_nothing_is_a_command_to_whoever_runs_the_job(text: str) -> None:
    """A job prints most of it into its log, where a runner looks for `::error::` at the start and `##[` anywhere."""
    stream = io.StringIO()
    render_plan(make_console(stream, "never", {"COLUMNS": "60"}), plan_of(text), mask=MASKED, verbose=True)
    assert [] == obeyed(stream.getvalue())
    assert [] == obeyed(dumps(plan_document(plan_of(text), mask=MASKED)))
    for sheet in (sheet_of(text), check_of(text)):
        for form in (markdown, gitlab, code_quality, junit, sarif):
            assert [] == obeyed(form(sheet))
        assert len(obeyed(github(sheet))) == len(github(sheet).splitlines())


@pytest.mark.parametrize("form", [markdown, github, gitlab, code_quality, junit, sarif])
def test_no_form_shows_a_secret(form: Any) -> None:
    """A secret that some vendor's text quotes is masked, wherever it stands."""
    secret = MASKED.secrets[0]
    assert secret not in form(sheet_of(f"it is {secret}, see"))
    assert secret not in form(check_of(f"it is {secret}, see"))


def test_names_of_files_stay_in_the_repository() -> None:
    """A file's name leads to a file below, or is not linked at all."""
    assert not in_files("../x.yaml")
    assert not in_files("a/../../x.yaml")
    assert not in_files("/etc/passwd")
    assert not in_files("--set")
    assert in_files("a/../x.yaml")
    assert "x.yaml" == lies_at("x.yaml", None)
