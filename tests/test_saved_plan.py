"""`plan --out` and `apply plan.json`: what was reviewed is what is done, or nothing is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import BODY, Commands, by_hand, configure, head
from tests.servers import AUTH_TOKEN, SID, Simulator, simulator

TWO: Final = 'queues:\n  sales: {id: "9001", name: Sales, timeout: 90}\n  support: {id: "9002", name: Support}\n'


def test_what_was_saved_is_applied(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A saved plan needs no consent, does what it says, and a second apply of it is refused."""
    path = configure(tmp_path / "acme.yaml", tenant)
    out = str(tmp_path / "plan.json")
    shown = command.ok("plan", path, "--out", out, "--format", "json")
    assert shown.out == Path(out).read_text(encoding="utf-8")
    done = command.ok("apply", out, "--format", "json")
    assert [call["id"] for call in shown.json["calls"]] == [item["call"] for item in done.json["outcomes"]]
    assert command("plan", path, "--detailed-exitcode").code == 0
    again = command("apply", out)
    assert (3, "") == (again.code, again.out)
    assert "has changed since the plan was made" in again.err


def test_a_plan_under_another_name(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A plan is known by what it holds; a file named .json that is none is an error."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("plan", path, "--out", str(tmp_path / "reviewed"))
    command.ok("apply", str(tmp_path / "reviewed"))
    for content in ("", "{}", "[]", "no", '{"format": "reconciler-plan/2"}', '{"format": "reconciler-plan/1"}', "\0"):
        (tmp_path / "other.json").write_text(content, encoding="utf-8")
        done = command("apply", str(tmp_path / "other.json"))
        assert (1, "") == (done.code, done.out), content
        assert "reconciler plan" in done.err, content


def test_an_empty_plan(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A plan with nothing to do does nothing, even where something differs by now."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    command.ok("plan", path, "--out", str(tmp_path / "plan.json"))
    by_hand(tenant, "PUT", "queues", {"QueueId": "9001", "QueueName": "Else"})
    before = tenant.calls()["writes"]
    command.ok("apply", str(tmp_path / "plan.json"))
    assert before == tenant.calls()["writes"]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda text: f"# reviewed\n\n{text}# end\n", 0),
        (lambda text: text.replace('id: "9001", name: Sales', 'name: "Sales" , id: 9001'), 0),
        (lambda text: text.replace("Li Wei", "Li Wai"), 3),
        (lambda text: text + 'extensions: ["8005"]\n', 3),
        (lambda text: text + "safety: {max_deletes: 100}\n", 3),
        (lambda text: text + "manage: {queues: {prune: true}}\n", 3),
        (lambda text: text.replace("contact_center: acme", "contact_center: other"), 3),
        (lambda text: text.replace("app_id: a54a", "app_id: b54a"), 3),
        (lambda text: text.replace("name: Li Wei", "nom: Li Wei"), 1),
    ],
    ids=[
        "comments",
        "layout",
        "a value",
        "an entry",
        "a limit",
        "a rule",
        "another name",
        "another tenant",
        "a mistake",
    ],
)
def test_edits_after_review(
    command: Commands, tenant: Simulator, tmp_path: Path, edit: Callable[[str], str], code: int
) -> None:
    """Comments, order and layout may change between plan and apply; meaning may not, and a broken file is an error."""
    path = configure(tmp_path / "acme.yaml", tenant)
    out = str(tmp_path / "plan.json")
    command.ok("plan", path, "--out", out)
    text = Path(path).read_text(encoding="utf-8")
    assert edit(text) != text
    Path(path).write_text(edit(text), encoding="utf-8")
    done = command("apply", out)
    assert code == done.code, done.err
    assert bool(code) == (tenant.calls()["writes"] == 0)


@pytest.mark.parametrize(
    ("method", "api", "body", "code"),
    [
        ("POST", "queues", {"QueueId": "9009", "QueueName": "Unrelated"}, 0),
        ("PUT", "queues", {"QueueId": "9002", "QueueName": "Renamed"}, 0),
        ("PUT", "queues", {"QueueId": "9001", "QueueName": "Sales", "Timeout": 30, "MaxLength": 128}, 3),
        ("PUT", "queues", {"QueueId": "9001", "QueueName": "Sales", "Timeout": 60, "MaxLength": 64}, 3),
        ("PUT", "queues", {"QueueId": "9001", "QueueName": "Sales", "Timeout": 90, "MaxLength": 128}, 3),
        ("DELETE", "queues", {"QueueId": "9001"}, 3),
    ],
    ids=["another object", "another managed object", "its field", "what its call sends", "done by hand", "gone"],
)
def test_changes_by_hand_after_review(  # noqa: PLR0913, PLR0917 - a case
    command: Commands, tmp_path: Path, method: str, api: str, body: dict[str, Any], code: int
) -> None:
    """Refused when what the plan touches has changed since, and not when something else has."""
    queues = {"9001": {"name": "Sales", "timeout": 60, "max_length": 128}, "9002": {"name": "Support"}}
    with simulator(seed={"sections": {"queues": queues}}) as running:
        path = configure(tmp_path / "acme.yaml", running, TWO)
        out = str(tmp_path / "plan.json")
        shown = command.ok("plan", path, "--out", out, "--format", "json").json
        assert ["queues/sales"] == [change["address"] for change in shown["changes"]]
        by_hand(running, method, api, body)
        before = running.calls()["writes"]
        done = command("apply", out)
        assert code == done.code, done.err
        assert before + (code == 0) == running.calls()["writes"]
        if code == 0:
            assert running.state()["sections"]["queues"]["9001"]["timeout"] == 90


def test_a_deletion_that_somebody_was_faster_with(command: Commands, tmp_path: Path) -> None:
    """What the plan would delete and is gone already is a refusal, not a misspelt address."""
    with simulator(seed={"sections": {"queues": {"9001": {"name": "Sales"}, "9007": {"name": "Old"}}}}) as running:
        path = configure(tmp_path / "acme.yaml", running, "queues: {'9001': {name: Sales}}\n")
        out = str(tmp_path / "plan.json")
        command.ok("plan", path, "--prune", "--out", out)
        by_hand(running, "DELETE", "queues", {"QueueId": "9007"})
        done = command("apply", out)
        assert (3, True) == (done.code, "queues/9007" in done.err)


def test_the_plan_keeps_how_it_was_asked_for(command: Commands, tmp_path: Path) -> None:
    """`--overlay`, `--set`, `--target`, `--prune` and `--allow-deletes` are in the plan, and hold for its apply."""
    seed = {
        "sections": {
            "queues": {"9001": {"name": "Sales"}},
            "agents": {f"{n}": {"id": f"{n}", "work_id": f"{n}", "name": f"A{n}"} for n in range(1, 8)},
        }
    }
    with simulator(seed=seed) as running:
        path = configure(tmp_path / "acme.yaml", running, "queues: {'9001': {name: Sales}}\nagents: {}\n")
        overlay = tmp_path / "overlay.yaml"
        overlay.write_text("queues: {'9001': {name: Overlaid}}\n", encoding="utf-8")
        out = str(tmp_path / "plan.json")
        given = ("--overlay", str(overlay), "--set", "queues.9001.timeout=77", "--prune")
        allowed = ("--target", "queues/9001", *(f for n in range(1, 7) for f in ("--target", f"agents/{n}")))
        command.ok("plan", path, *given, *allowed, "--allow-deletes", "agents=6", "--out", out)
        command.ok("apply", out)
        state = running.state()["sections"]
        assert ("Overlaid", 77) == (state["queues"]["9001"]["name"], state["queues"]["9001"]["timeout"])
        assert ["7"] == list(state["agents"])


def test_options_that_go_with_plan(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A saved plan says by itself how far it goes."""
    path = configure(tmp_path / "acme.yaml", tenant)
    out = str(tmp_path / "plan.json")
    command.ok("plan", path, "--out", out)
    for option in (("--prune",), ("--target", "queues/sales"), ("--allow-deletes", "queues=1")):
        assert command("apply", out, *option).code == 1
    assert tenant.calls()["writes"] == 0


def test_another_place(command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the configuration lies elsewhere by now, `--config` says where; overlays are named anew beside it."""
    monkeypatch.chdir(tmp_path)
    configure(Path("here/conf/acme.yaml"), tenant)
    Path("here/over.yaml").write_text("queues: {sales: {timeout: 77}}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    command.ok("plan", "conf", "--overlay", "over.yaml", "--out", "plan.json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").rename(tmp_path / "there")
    assert command("apply", "there/plan.json").code == 1
    assert command("apply", "there/plan.json", "--config", "there/conf").code == 1
    assert command("apply", "there/plan.json", "--config", "there/conf/acme.yaml", "--overlay", "there/none").code == 1
    assert tenant.calls()["writes"] == 0
    command.ok("apply", "there/plan.json", "--config", "there/conf", "--overlay", "there/over.yaml")
    assert tenant.state()["sections"]["queues"]["9001"]["timeout"] == 77


def test_assignments_of_secrets_stay_out(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """What `--set` gives to `provider` is not in the plan, so it is given again; nothing secret is in the file."""
    path = tmp_path / "acme.yaml"
    path.write_text(head("http://127.0.0.1:9").replace("${env:UDESK_SID}", "wrong") + BODY, encoding="utf-8")
    out = tmp_path / "plan.json"
    given = ("--set", f"provider.base_url={tenant.url}", "--set", f"provider.sid={SID}")
    command.ok("plan", str(path), *given, "--set", "queues.sales.timeout=77", "--out", str(out))
    text = out.read_text(encoding="utf-8")
    assert SID not in text
    assert AUTH_TOKEN not in text
    assert ["queues.sales.timeout=77"] == json.loads(text)["config"]["assignments"]
    assert command("apply", str(out)).code == 3, "another address is another tenant"
    command.ok("apply", str(out), *given)


def test_a_refused_plan_stays_refused(command: Commands, tmp_path: Path) -> None:
    """A plan that a guard refused can be saved and looked at, and is refused when it is applied."""
    agents = {f"{n}": {"id": f"{n}", "work_id": f"{n}", "name": f"A{n}"} for n in range(1, 8)}
    with simulator(seed={"sections": {"agents": agents}}) as running:
        path = configure(tmp_path / "acme.yaml", running, "manage: {agents: {prune: true}}\n")
        out = str(tmp_path / "plan.json")
        assert command("plan", path, "--out", out).code == 3
        assert command("apply", out).code == 3
        assert running.calls()["writes"] == 0


def test_an_edited_plan_is_not_believed(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A plan is planned anew and must come out the same, so what was written into the file by hand is never sent."""
    path = configure(tmp_path / "acme.yaml", tenant)
    out = tmp_path / "plan.json"
    command.ok("plan", path, "--out", str(out))
    edits: tuple[Callable[[Any], object], ...] = (
        lambda plan: plan["calls"][0]["body"].update(Extra="1"),
        lambda plan: plan["calls"].pop(),
        lambda plan: plan["changes"].pop(),
        lambda plan: plan["changes"][0].update(address="queues/other"),
        lambda plan: plan.update(contact_center="other"),
        lambda plan: plan.update(config_digest="sha256:0"),
    )
    for edit in edits:
        plan = json.loads(out.read_text(encoding="utf-8"))
        edit(plan)
        (tmp_path / "edited.json").write_text(json.dumps(plan), encoding="utf-8")
        done = command("apply", str(tmp_path / "edited.json"))
        assert done.code == 3
        assert tenant.calls()["writes"] == 0
