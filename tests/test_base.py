"""`plan --base REV`: each difference is yours, drift, or a conflict."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import Commands, by_hand, head
from tests.repositories import git, repository
from tests.servers import Simulator

BODY: Final = """\
queues:
  sales: {id: "9001", name: Sales, timeout: 60, max_length: 100}
  support: {id: "9002", name: Support}
agents:
  li.wei: {id: "10031", work_id: "22024", name: Li Wei, extensions: ["8001"], queues: [sales]}
  ma.li: {id: "10032", work_id: "22025", name: Ma Li, extensions: ["8002"], queues: [sales, support]}
fast_routers:
  "1": {queue: sales, description: Sales}
  "2": {queue: support, description: Support}
"""


class Desk:
    """A configuration in git, applied to a simulated tenant; then both may be changed."""

    def __init__(self, command: Commands, tenant: Simulator, root: Path) -> None:
        self.command = command
        self.tenant = tenant
        self.root = repository(root, {"conf/head.yaml": head(tenant.url), "conf/body.yaml": BODY})
        command.ok("apply", str(root / "conf"), "--yes")

    def files(self, *changes: tuple[str, str]) -> None:
        """Change the files: what stands there, and what is to stand there instead."""
        text = BODY
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (self.root / "conf/body.yaml").write_text(text)

    def hand(self, **fields: Any) -> None:
        """Change the queue Sales in the vendor's console."""
        whole = {"QueueId": "9001", "QueueName": "Sales", "Strategy": "longest_idle", "Timeout": 60, "MaxLength": 100}
        by_hand(self.tenant, "PUT", "queues", whole | fields)

    def causes(self, *arguments: str) -> dict[str, Any]:
        """Plan; give the causes by address, and by field."""
        done = self.command.ok("plan", str(self.root / "conf"), "--base", "HEAD", "--format", "json", *arguments)
        found = {}
        for change in done.json["changes"]:
            found[change["address"]] = change["cause"]
            found |= {f"{change['address']}.{item['path']}": item["cause"] for item in change["fields"]}
        assert "HEAD" == done.json["base"]
        return found


@pytest.fixture
def desk(command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a configuration that was applied."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    return Desk(command, tenant, tmp_path / "r")


def test_nothing_changed_is_no_difference(desk: Desk) -> None:
    """Neither the files nor a hand: nothing to mark."""
    assert {} == desk.causes()


def test_what_the_files_changed_is_yours(desk: Desk) -> None:
    """An update, a creation, a key that goes, and members."""
    desk.files(
        ("timeout: 60", "timeout: 90"),
        ("  support:", '  new: {id: "9003", name: New}\n  support:'),
        ('  "2": {queue: support, description: Support}\n', ""),
        ("[sales, support]", "[support]"),
    )
    found = desk.causes()
    assert {"queues/sales", "queues/new", "fast_routers/2", "agents/ma.li"} <= found.keys()
    assert {"yours"} == {*found.values()}


def test_what_a_hand_changed_is_drift(desk: Desk) -> None:
    """The files say what they said, and live differs."""
    desk.hand(Timeout=10)
    by_hand(desk.tenant, "DELETE", "agents/queues", {"AgentId": "10032", "Queues": ["9002"]})
    found = desk.causes()
    assert "drift" == found["queues/sales.timeout"]
    assert {"drift"} == {*found.values()}


def test_what_both_changed_is_a_conflict(desk: Desk) -> None:
    """Differently: a conflict. To the same value: no difference at all. Side by side: the object counts as drift."""
    desk.hand(Timeout=10)
    desk.files(("timeout: 60", "timeout: 90"))
    assert {"queues/sales": "conflict", "queues/sales.timeout": "conflict"} == desk.causes()
    desk.files(("timeout: 60", "timeout: 10"))
    assert {} == desk.causes()
    desk.files(("max_length: 100", "max_length: 50"))
    assert {
        "queues/sales": "drift",
        "queues/sales.timeout": "drift",
        "queues/sales.max_length": "yours",
    } == desk.causes()


def test_a_field_that_the_files_take_over_is_yours(desk: Desk) -> None:
    """The base said nothing of it, so nobody's work is undone that the base knew of."""
    desk.files(("name: Support}", "name: Support, timeout: 33}"))
    assert {"queues/support": "yours", "queues/support.timeout": "yours"} == desk.causes()


def test_what_goes_is_yours_where_the_base_had_it_and_drift_where_a_hand_made_it(desk: Desk) -> None:
    """One that the files drop, one that a hand changed meanwhile, and one that somebody made by hand."""
    by_hand(desk.tenant, "POST", "queues", {"QueueId": "9005", "QueueName": "Hand"})
    desk.files(
        ('  support: {id: "9002", name: Support}\n', ""),
        ("[sales, support]", "[sales]"),
        ('  "2": {queue: support, description: Support}\n', ""),
    )
    found = desk.causes("--prune")
    assert ("yours", "drift") == (found["queues/9002"], found["queues/9005"])
    whole = {"QueueId": "9002", "QueueName": "Renamed", "Strategy": "longest_idle", "Timeout": 60, "MaxLength": 128}
    by_hand(desk.tenant, "PUT", "queues", whole)
    assert "conflict" == desk.causes("--prune")["queues/9002"]


def test_what_comes_within_reach_of_prune_is_yours(desk: Desk) -> None:
    """An object that no file ever named goes since the files prune now; where they did before, a hand made it."""
    by_hand(desk.tenant, "POST", "queues", {"QueueId": "9005", "QueueName": "Hand"})
    desk.files(("queues:\n", "manage: {queues: {prune: true}}\nqueues:\n"))
    assert {"queues/9005": "yours"} == desk.causes()
    git(desk.root, "commit", "--quiet", "--all", "-m", "prune")
    assert {"queues/9005": "drift"} == desk.causes()


def test_the_forms_show_it_and_the_base_may_lack_it_all(desk: Desk) -> None:
    """Markdown names the cause; at a revision before the configuration nothing was said, so all of it is yours."""
    desk.hand(Timeout=10)
    done = desk.command.ok("plan", str(desk.root / "conf"), "--base", "HEAD", "--format", "markdown")
    assert "drift" in done.out
    git(desk.root, "checkout", "--quiet", "--orphan", "empty")
    git(desk.root, "rm", "--quiet", "-r", "--cached", ".")
    git(desk.root, "commit", "--quiet", "--allow-empty", "-m", "empty")
    assert {"yours"} == {*desk.causes().values()}


def test_a_variable_that_only_the_base_names_stands_for_itself(desk: Desk) -> None:
    """It may be gone for good, and what it was is compared as a text."""
    (desk.root / "conf/old.yaml").write_text('application: {name: "${env:NOBODY_SETS_THIS}"}\n')
    git(desk.root, "add", "--all")
    git(desk.root, "commit", "--quiet", "-m", "variable")
    (desk.root / "conf/old.yaml").unlink()
    desk.hand(Timeout=10)
    assert "drift" == desk.causes()["queues/sales"]


def test_a_base_that_is_none_ends_it_before_the_tenant_is_asked(desk: Desk) -> None:
    """A sentence, exit 1, and no call."""
    before = desk.tenant.control("GET", "calls")
    done = desk.command("plan", str(desk.root / "conf"), "--base", "nowhere")
    assert 1 == done.code
    assert "there is no git revision nowhere" in done.err
    assert before == desk.tenant.control("GET", "calls")


def test_it_works_with_a_saved_live_state(desk: Desk, tmp_path: Path) -> None:
    """`--live` and `--base` together: offline, and marked; a saved plan keeps the marks."""
    desk.hand(Timeout=10)
    snapshot, saved = str(tmp_path / "live.json"), str(tmp_path / "plan.json")
    desk.command.ok("fetch", str(desk.root / "conf"), "--out", snapshot)
    assert "drift" == desk.causes("--live", snapshot, "--out", saved)["queues/sales"]
    shown = desk.command.ok("show", saved, "--format", "json").json
    assert ["drift"] == [change["cause"] for change in shown["changes"]]
    desk.command.ok("apply", saved)
