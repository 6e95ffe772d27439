"""What the documents promise holds: every command is documented, and what they tell to type works as they show it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Final

import click
import pytest

from reconciler.cli import app, cli
from reconciler.providers.simulation.points import points
from reconciler.providers.tencent.kinds import KINDS as TENCENT_KINDS
from reconciler.providers.tencent.simulator.machine import ACTIONS
from reconciler.providers.udesk.kinds import KINDS as UDESK_KINDS
from scripts import docs, reference, vendors
from scripts.walkthrough import TOOLS, blocks, left_out, walked

ROOT: Final = Path(__file__).resolve().parent.parent
_CRON: Final = "17 * * * * cd /srv/{} && reconciler drift {} --notify "
_UDESK: Final = "$ export UDESK_URL=https://acme.example.com UDESK_APP_ID=…"
_TENCENT: Final = "$ export TENCENTCLOUD_ENDPOINT=https://ccc.tencentcloudapi.com"
_PIP: Final = "$ pip install ."
NOT_RUN: Final = {  # the first lines of blocks that no test carries out, with the reason that stands there
    ("README.md", "$ make test"): "it is what runs this",
    (
        "README.md",
        f"{_PIP}                     # or: pip install '.[age,notify,postgresql]'",
    ): "needs a package registry",
    ("README.md", f"{_UDESK} UDESK_SID=… UDESK_AUTH_TOKEN=…"): "it is your tenant",
    ("adopting.md", f"{_CRON.format('contact-center', 'acme')}https://chat.example.com/hooks/1"): "a line of a crontab",
    (
        "drift.md",
        f'{_CRON.format("acme", ".")}"$HOOK" --metrics /var/lib/node_exporter/acme.prom',
    ): "a line of a crontab",
    ("review.md", "pre-commit install"): "pre-commit is a tool of its own",
    ("start.md", "$ pip install ."): "needs a package registry; every other page runs the result",
    ("start.md", _UDESK): "it is your tenant",
    ("start.md", _TENCENT): "it is your application",
}
VENDORS: Final = (ROOT / "docs" / "vendors.md").read_text(encoding="utf-8")
FOLDER: Final = ROOT / "reconciler" / "providers"


def page_text(page: str) -> str:
    """Read a page."""
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", docs.walks())
def test_what_a_page_tells_to_type_prints_what_it_shows(page: str) -> None:
    """Each command on it works, from top to bottom; where it prints something else by now, `make docs` rewrites it."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"pages are walked with {', '.join(TOOLS)}; not here: {', '.join(missing)}")
    text = page_text(page)
    assert text == walked(text)


def test_what_is_not_run_is_known() -> None:
    """A block that no test carries out says why, and stands in the list above."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    found = {(path.name, line): why for path in pages for line, why in left_out(path.read_text(encoding="utf-8"))}
    assert NOT_RUN == found


def test_no_block_of_commands_is_overlooked() -> None:
    """A page of docs/ is walked, or its blocks of commands are all made by `scripts/docs.py`."""
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    made = {page for page in pages & docs.PAGES.keys() if any(block.carried_out for block in blocks(page_text(page)))}
    assert set() == made


@pytest.mark.parametrize("name", [*reference.pages()])
def test_the_reference_is_current(name: str) -> None:
    """It says what the schema and the command line say; `make docs` rewrites it."""
    assert reference.pages()[name]() == page_text(f"docs/reference/{name}")


def test_the_reference_has_every_command() -> None:
    """With each option that its help shows."""
    text = page_text("docs/reference/commands.md")
    for name, command in cli.commands.items():
        part = text.partition(f"\n## reconciler {name}\n")[2].partition("\n## ")[0]
        options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
        assert [] == [option.opts for option in options if f"`{option.opts[0]}`" not in part]


EXAMPLES: Final = sorted(
    {*re.findall(r"^reconciler (?!.*\[OPTIONS\]).+$", page_text("docs/reference/commands.md"), re.MULTILINE)}
)


@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_of_the_help_are_understood(line: str) -> None:
    """Each names a command, and gives it what it takes; what they do is shown by the other pages."""
    words = shlex.split(re.split(r" [|>] ", line)[0])[1:]
    command: click.Command = cli
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words, obj=app.App()).close()


def test_every_exit_code_is_on_its_page() -> None:
    """The page's table has those that the program knows, and no other; each is met on the page once at least."""
    known = {str(value) for name, value in vars(app).items() if name.isupper() and type(value) is int}
    text = page_text("docs/exit-codes.md")
    table = text.partition("| --- |")[2].partition("\n\n")[0]
    assert known == set(re.findall(r"^\| (\d+) \|", table, re.MULTILINE))
    assert known == set(re.findall(r"^\$ echo \$\?\n(\d+)$", text, re.MULTILINE))


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
