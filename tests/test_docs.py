"""What the documents promise exists: every command is documented, every link leads somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from reconciler.cli import cli
from reconciler.providers.simulation.points import points
from reconciler.providers.tencent.kinds import KINDS as TENCENT_KINDS
from reconciler.providers.tencent.simulator.machine import ACTIONS
from reconciler.providers.udesk.kinds import KINDS as UDESK_KINDS
from scripts import vendors

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = (
    "README.md",
    "CHANGELOG.md",
    "reconciler/architecture.md",
    "benchmarks/README.md",
    "docs/planning.md",
    "docs/reliability.md",
    "docs/vendors.md",
)
VENDORS: Final = (ROOT / "docs" / "vendors.md").read_text(encoding="utf-8")
FOLDER: Final = ROOT / "reconciler" / "providers"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """A relative link names a file or a folder of the repository."""
    path = ROOT / page
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if not (path.parent / link).exists()]
    assert [] == missing


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_is_in_the_readme(command: str) -> None:
    """A reader of the README meets each command."""
    assert f"reconciler {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    """Whoever copies a command from the README gets what it says."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\$ reconciler ([a-z]+)", text, re.MULTILINE))
    assert set() == named - set(cli.commands)


def block(name: str) -> str:
    """Cut one block out of the page on vendors."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", VENDORS, re.DOTALL)
    assert found is not None, name
    return found[1]


def cells(name: str) -> list[list[str]]:
    """Take a block's table apart, without its head."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in block(name).splitlines() if "|" in line][2:]


def sent(vendor: str, pattern: str) -> set[str]:
    """Find what a vendor's folder writes of calls, but for its simulator."""
    paths = [path for path in (FOLDER / vendor).rglob("*.py") if "simulator" not in path.parts]
    return {found for path in paths for found in re.findall(pattern, path.read_text(encoding="utf-8"))}


def test_every_section_of_every_vendor_is_in_the_table() -> None:
    """One row each, and no other."""
    kinds = {"Udesk": UDESK_KINDS, "Tencent": TENCENT_KINDS}
    due = {(f"`{kind.section}`", vendor) for vendor in kinds for kind in kinds[vendor].values() if not kind.external}
    assert sorted(due) == sorted((row[0], row[1]) for row in cells("calls"))


def test_the_table_has_the_actions_that_are_sent() -> None:
    """Each action of Tencent's that the client sends stands in its column's row, and none that it does not send."""
    known = sent("tencent", r'"((?:Create|Update|Modify|Delete|Bind|Unbind|Disable|Upload|Describe)[A-Za-z]+)"')
    named = {word for row in cells("calls") for cell in row for word in re.findall(r"`([A-Z][a-z][A-Za-z]+)`", cell)}
    of_no_section = {"DescribeTelCdr", "DescribeCCCBuyInfoList"}
    assert (known & ACTIONS.keys()) - of_no_section == named


def test_the_table_has_the_paths_that_are_sent() -> None:
    """The same for Udesk: what follows a method in a cell is a path of its API, and none is left out."""
    written = sent("udesk", r'(?:API \+ |(?<![.\w])get\()"([a-z/]+)"') | {"spnumbers/agent/default"}
    named = {
        path.partition("/{")[0]
        for row in cells("calls")
        for cell in row
        for path in re.findall(r"(?:GET|POST|PUT|DELETE)`? ?`?([a-z/]+(?:/\{[a-z]+\})?)`", cell)
    }
    assert written == named


@pytest.mark.parametrize("vendor", [*vendors.DIALECTS])
def test_the_client_s_way_with_each_open_point_is_told(vendor: str) -> None:
    """Every setting of the simulator stands in the table, with what the client does, and no other."""
    settings = [*points(vendors.DIALECTS[vendor])]
    assert sorted(settings) == sorted(vendors.HELD[vendor])
    assert [f"`{name}`" for name in settings] == [row[0] for row in cells(f"open-{vendor}")]


@pytest.mark.parametrize("name", ["settings", "unsupported"])
def test_what_is_made_from_the_code_is_current(name: str) -> None:
    """The block holds what the code says now; `make docs` rewrites it."""
    assert vendors.BLOCKS[name]() == block(name).strip()


@pytest.mark.parametrize("vendor", [*vendors.DIALECTS])
def test_open_points_are_current(vendor: str) -> None:
    """The same for the open points."""
    assert vendors.BLOCKS[vendor]() == block(f"open-{vendor}").strip()


@pytest.mark.parametrize(("name", "word"), [("read-policy", "reads"), ("write-policy", "writes")])
def test_policies_allow_what_is_sent(name: str, word: str) -> None:
    """The policy for plans has all reads and nothing else, the one for applies all writes."""
    policy = json.loads(block(name).strip().removeprefix("```json").removesuffix("```"))
    (statement,) = policy["statement"]
    named = {item for row in cells("calls") for cell in row for item in re.findall(r"`([A-Z][a-z][A-Za-z]+)`", cell)}
    due = sorted(f"ccc:{action}" for action in named if ACTIONS[action] == word)
    assert ("2.0", "allow", due) == (policy["version"], statement["effect"], statement["action"])
