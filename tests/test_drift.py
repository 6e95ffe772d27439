"""Drift: what somebody changed by hand, told from what the files wish and nobody has applied."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import Commands, Done, by_hand, configure
from tests.servers import Simulator

SALES: Final = {"QueueId": "9001", "QueueName": "Sales", "Timeout": 60, "MaxLength": 128}


def edit(path: str, before: str, after: str) -> None:
    """Change the files."""
    text = Path(path).read_text(encoding="utf-8")
    assert before in text
    Path(path).write_text(text.replace(before, after), encoding="utf-8")


def drift(command: Commands, path: str) -> tuple[int, dict[str, Any]]:
    """Look for drift; the two forms must agree on the exit code."""
    done = command("drift", path, "--format", "json")
    assert done.code == command("drift", path).code
    return done.code, done.json


def found(document: dict[str, Any]) -> dict[str, str]:
    """Give what drifted, and how."""
    return {item["address"]: item["drift"] for item in document["drift"]}


@pytest.fixture
def applied(command: Commands, tenant: Simulator, tmp_path: Path) -> str:
    """Give the path of a configuration that is applied."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    return path


def test_nothing_changed(command: Commands, tenant: Simulator, applied: str) -> None:
    """Right after an apply there is no drift; nothing is written for looking."""
    writes = tenant.calls()["writes"]
    code, document = drift(command, applied)
    assert (0, {}, []) == (code, found(document), document["pending"])
    assert {"missing": 0, "changed": 0, "extra": 0, "pending": 0, "unmanaged": 0} == document["summary"]
    assert writes == tenant.calls()["writes"]


def test_a_field_changed_by_hand(command: Commands, tenant: Simulator, applied: str) -> None:
    """It is drift, with what is wanted and what was found, and where it stands."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Verkauf"})
    code, document = drift(command, applied)
    assert (2, {"queues/sales": "changed"}) == (code, found(document))
    (item,) = document["drift"]
    assert [{"path": "name", "wanted": "Sales", "found": "Verkauf"}] == item["fields"]
    assert "acme.yaml" in item["source"]["file"]
    assert "Verkauf" in command("drift", applied).out


def test_what_is_not_managed_is_no_drift(command: Commands, tenant: Simulator, applied: str) -> None:
    """A field that the files leave out may change, and so may an absent section."""
    by_hand(tenant, "PUT", "queues", {**SALES, "Timeout": 5})
    by_hand(tenant, "PUT", "apps", {"AppName": "Else"})
    assert drift(command, applied)[0] == 0


def test_deleted_by_hand(command: Commands, tenant: Simulator, applied: str) -> None:
    """What was applied and is gone is missing; so are members that somebody took out."""
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9001"]})
    code, document = drift(command, applied)
    assert (2, {"agents/li.wei": "changed"}) == (code, found(document))
    assert [{"path": "queues", "missing": ["9001"], "extra": []}] == document["drift"][0]["fields"]
    by_hand(tenant, "DELETE", "queues", {"QueueId": "9001"})
    code, document = drift(command, applied)
    assert (2, {"agents/li.wei": "changed", "queues/sales": "missing"}) == (code, found(document))


def test_made_by_hand(command: Commands, tenant: Simulator, applied: str) -> None:
    """What the files do not name is listed as unmanaged; where pruning is on it should not be there."""
    by_hand(tenant, "POST", "queues", {"QueueId": "9009", "QueueName": "Mine"})
    code, document = drift(command, applied)
    assert (0, {}, ["queues/9009"]) == (code, found(document), document["unmanaged"])
    edit(applied, "queues:\n", "manage: {queues: {prune: true}}\nqueues:\n")
    code, document = drift(command, applied)
    assert (2, {"queues/9009": "extra"}) == (code, found(document))


@pytest.mark.usefixtures("tenant")
def test_files_that_are_ahead(command: Commands, applied: str) -> None:
    """A wish that was not applied yet is pending, whether a new value, a new entry, a new field or an entry's end."""
    edit(applied, "name: Sales}", "name: Vente}\n  support: {id: '9002', name: Support}")
    code, document = drift(command, applied)
    assert (0, {}, ["queues/sales", "queues/support"]) == (code, found(document), sorted(document["pending"]))
    assert "not applied yet" in command("drift", applied).out
    edit(applied, "name: Vente}", "name: Sales, timeout: 99}")
    assert (0, {}) == (drift(command, applied)[0], found(drift(command, applied)[1]))
    edit(applied, "queues:\n  sales", "manage: {agents: {prune: true}}\nqueues:\n  sales")
    edit(applied, "  li.wei: {id", "  other: {id: '7', work_id: '7', name: Other}\n#")
    code, document = drift(command, applied)
    assert (0, {}) == (code, found(document))
    assert {"agents/10031", "agents/other"} <= set(document["pending"])


def test_an_object_that_was_there_before(command: Commands, tenant: Simulator, applied: str) -> None:
    """An object that the files have only begun to name can't have drifted from what was applied."""
    by_hand(tenant, "POST", "queues", {"QueueId": "9002", "QueueName": "Hand"})
    edit(applied, "name: Sales}", "name: Sales}\n  support: {id: '9002', name: Support}")
    code, document = drift(command, applied)
    assert (0, {}, ["queues/support"]) == (code, found(document), document["pending"])


def test_hand_and_files_on_one_object(command: Commands, tenant: Simulator, applied: str) -> None:
    """Where both changed one object, only what the hand did is told; of a list, only the members that it touched."""
    edit(applied, "name: Sales}", "name: Sales, timeout: 99}\n  support: {id: '9002', name: Support}")
    command.ok("apply", applied, "--yes")
    edit(applied, "timeout: 99", "timeout: 33")
    edit(applied, "queues: [sales]", "queues: [sales, support]")
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Verkauf", "Timeout": 99})
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9001"]})
    code, document = drift(command, applied)
    assert (2, ["agents/li.wei", "queues/sales"]) == (code, sorted(found(document)))
    fields = {item["address"]: item["fields"] for item in document["drift"]}
    assert [{"path": "name", "wanted": "Sales", "found": "Verkauf"}] == fields["queues/sales"]
    assert [{"path": "queues", "missing": ["9001"], "extra": []}] == fields["agents/li.wei"]


def test_members_added_by_hand(command: Commands, tenant: Simulator, applied: str) -> None:
    """A member that somebody added is drift, but for a field that is additive; additive members may be missed."""
    edit(applied, "name: Sales}", "name: Sales}\n  support: {id: '9002', name: Support}")
    command.ok("apply", applied, "--yes")
    by_hand(tenant, "POST", "agents/queues", {"AgentId": "10031", "Queues": ["9002"]})
    code, document = drift(command, applied)
    assert (2, [{"path": "queues", "missing": [], "extra": ["9002"]}]) == (code, document["drift"][0]["fields"])
    edit(applied, "queues:\n  sales", "manage: {agents: {additive: [queues]}}\nqueues:\n  sales")
    command.ok("apply", applied, "--yes")
    assert drift(command, applied)[0] == 0
    edit(applied, "queues: [sales]", "queues: []")
    assert drift(command, applied)[0] == 0


def test_without_a_store_all_that_differs_is_drift(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Where nothing is known of the last apply, nobody can say that it was only the files; looking changes nothing."""
    path = configure(tmp_path / "acme.yaml", tenant)
    for _ in range(2):
        code, document = drift(command, path)
        assert (2, False) == (code, document["known"])
        assert {"agents/li.wei", "queues/sales"} <= found(document).keys()
    assert "No apply is recorded here" in command("drift", path).out


def test_webhook_events_never_drift(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """They can't be read back, so nobody can see that somebody changed them."""
    body = "webhook_events: {call: [begin, user_answer, end]}\n"
    path = configure(tmp_path / "acme.yaml", tenant, body)
    code, document = drift(command, path)
    assert (0, {}, ["webhook_events"]) == (code, found(document), document["pending"])
    command.ok("apply", path, "--yes")
    by_hand(tenant, "DELETE", "webhooks/events", {"Events": [{"category": "call", "all_type": ["begin"]}]})
    assert (0, []) == (drift(command, path)[0], drift(command, path)[1]["pending"])
    edit(path, "[begin, ", "[")
    assert (0, ["webhook_events"]) == (drift(command, path)[0], drift(command, path)[1]["pending"])
    assert command("plan", path, "--detailed-exitcode").code == 2


def test_an_apply_with_nothing_to_do_is_remembered(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """What was found to be as wished counts as applied, so that a later change by hand is seen."""
    by_hand(tenant, "POST", "queues", {**SALES})
    path = configure(tmp_path / "acme.yaml", tenant, 'queues: {sales: {id: "9001", name: Sales}}\n')
    command.ok("apply", path, "--yes")
    assert tenant.calls()["writes"] == 0
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Verkauf"})
    assert drift(command, path)[0] == 2
    edit(path, "name: Sales", "name: Verkauf")
    command.ok("apply", path, "--yes")
    edit(path, "name: Verkauf", "name: Sales")
    assert drift(command, path)[0] == 0, "the hand's value was taken over, and the files are ahead again"


def test_only_what_was_verified_is_remembered(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """After an apply that stopped part way, what was done counts as applied and the rest is still pending."""
    path = configure(tmp_path / "acme.yaml", tenant)
    tenant.control(
        "POST", "faults", {"kind": "refused", "method": "POST", "api": "agents", "code": "000001", "times": 0}
    )
    assert command("apply", path, "--yes").code == 4
    code, document = drift(command, path)
    assert (0, {}, ["agents/li.wei"]) == (code, found(document), document["pending"])
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Verkauf"})
    code, document = drift(command, path)
    assert (2, {"queues/sales": "changed"}, ["agents/li.wei"]) == (code, found(document), document["pending"])


def test_a_targeted_apply_forgets_nothing(command: Commands, tenant: Simulator, applied: str) -> None:
    """What a partial apply left alone is remembered as it was."""
    edit(applied, "name: Sales}", "name: Vente}\n  support: {id: '9002', name: Support}")
    command.ok("apply", applied, "--yes", "--target", "queues/support")
    code, document = drift(command, applied)
    assert (0, ["queues/sales"]) == (code, document["pending"])
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Hand"})
    assert drift(command, applied)[0] == 2


@pytest.mark.usefixtures("tenant")
def test_drift_takes_what_plan_takes(command: Commands, applied: str) -> None:
    """Overlays and assignments are part of the wish; a broken configuration is a 1."""
    done: Done = command("drift", applied, "--set", "queues.sales.name=Else", "--format", "json")
    assert (0, ["queues/sales"]) == (done.code, done.json["pending"])
    assert command("drift", applied, "--set", "queues.sales.nam=Else").code == 1


def test_what_is_still_to_go_was_ours(command: Commands, tenant: Simulator, applied: str) -> None:
    """An apply of something else does not make a stranger of what the files dropped since."""
    wish = 'manage: {agents: {prune: true}}\nqueues: {sales: {id: "9001", name: Sold}}\nagents: {}\n'
    configure(Path(applied), tenant, wish)
    assert command("drift", applied).code == 0
    command.ok("apply", applied, "--target", "queues/sales", "--yes")
    assert tenant.state()["sections"]["queues"]["9001"]["name"] == "Sold"
    again = command("drift", applied)
    assert (0, True) == (again.code, "not applied yet" in again.out)


def git(folder: Path, *arguments: str) -> None:
    """Run git, as somebody whom no setting of this machine knows."""
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
    program = shutil.which("git")
    assert program is not None, "git is here"
    subprocess.run([program, *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_revision_in_place_of_the_store(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """With `--base` the files at a revision are what was applied, also where no store ever was."""
    path = configure(tmp_path / "files" / "acme.yaml", tenant)
    folder = tmp_path / "files"
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "acme.yaml")
    git(folder, "commit", "-q", "-m", "first")
    command.ok("--state", f"sqlite:///{tmp_path}/other.db", "apply", path, "--yes")
    edit(path, "name: Sales}", "name: Sales, timeout: 99}\n  support: {id: '9002', name: Support}")
    done = command("drift", path, "--base", "main", "--format", "json")
    assert (0, [], ["queues/sales", "queues/support"]) == (done.code, done.json["drift"], sorted(done.json["pending"]))
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Verkauf"})
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9001"]})
    done = command("drift", path, "--base", "main", "--format", "json")
    assert (2, True, "main") == (done.code, done.json["known"], done.json["base"])
    fields = {item["address"]: item["fields"] for item in done.json["drift"]}
    assert {
        "agents/li.wei": [{"path": "queues", "missing": ["9001"], "extra": []}],
        "queues/sales": [{"path": "name", "wanted": "Sales", "found": "Verkauf"}],
    } == fields
    assert "Taken as applied: the files at main." in command("drift", path, "--base", "main").out
    unknown = command("drift", path, "--format", "json")
    assert (False, False) == (unknown.json["known"], "queues/support" not in found(unknown.json))
    assert command("drift", path, "--base", "nowhere").code == 1


def test_an_extension_of_the_systems_own_is_no_drift(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """What the vendor made for an agent with `auto` belongs to it, whether the store says so or a revision."""
    body = (
        "manage: {extensions: {prune: true}}\nagents:\n"
        "  li.wei: {id: '10031', work_id: '22024', name: Li Wei, extensions: auto}\n"
    )
    path = configure(tmp_path / "acme.yaml", tenant, body)
    command.ok("apply", path, "--yes")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "acme.yaml")
    git(tmp_path, "commit", "-q", "-m", "first")
    assert [0, 0] == [command("drift", path, *more).code for more in ((), ("--base", "HEAD"))]


def test_what_is_ahead_beside_a_hand(command: Commands, tenant: Simulator, applied: str) -> None:
    """Of an object that both changed, each side's part is told: the hand's as drift, the files' as pending."""
    edit(applied, "name: Sales}", "name: Sales}\n  support: {id: '9002', name: Support}")
    command.ok("apply", applied, "--yes")
    edit(applied, "queues: [sales]", "queues: [support]")
    by_hand(tenant, "POST", "agents/queues", {"AgentId": "10031", "Queues": ["9002"]})
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9001"]})
    code, document = drift(command, applied)
    assert (0, {}, []) == (code, found(document), document["pending"]), "the hand did what the files wish now"
    edit(applied, "queues: [support]", "queues: [sales, support]")
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9002"]})
    code, document = drift(command, applied)
    assert [{"path": "queues", "missing": ["9001"], "extra": []}] == document["drift"][0]["fields"]
    assert (2, ["agents/li.wei"]) == (code, document["pending"])


def test_the_risk_is_what_the_hand_did(command: Commands, tenant: Simulator, applied: str) -> None:
    """A queue that is gone is worse than one that should not be there, whatever putting it right would do."""
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9001"]})
    by_hand(tenant, "DELETE", "queues", {"QueueId": "9001"})
    by_hand(tenant, "POST", "queues", {"QueueId": "9009", "QueueName": "Mine"})
    edit(applied, "queues:\n", "manage: {queues: {prune: true}}\nqueues:\n")
    _, document = drift(command, applied)
    assert {"queues/sales": "high", "queues/9009": "low", "agents/li.wei": "medium"} == {
        item["address"]: item["risk"] for item in document["drift"]
    }


@pytest.mark.parametrize("form", ["markdown", "html", "sarif", "github", "gitlab", "junit"])
def test_every_form(command: Commands, tenant: Simulator, applied: str, form: str) -> None:
    """Each form tells what drifted, with the same exit code; a failure is told in it, too."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Verkauf"})
    edit(applied, "name: Li Wei,", "name: Li Wei, email: a@example.com,")
    done = command("drift", applied, "--format", form)
    assert (2, "") == (done.code, done.err)
    if form != "gitlab":
        assert "Verkauf" in done.out
    by_hand(tenant, "PUT", "queues", {**SALES})
    assert 0 == command("drift", applied, "--format", form).code
    tenant.control(
        "POST", "faults", {"kind": "refused", "method": "GET", "api": "queues", "code": "000001", "times": 0}
    )
    failed = command("drift", applied, "--format", form)
    assert (1, True) == (failed.code, bool(failed.out))


def test_a_sarif_result_has_the_findings_fingerprint(command: Commands, tenant: Simulator, applied: str) -> None:
    """So that a code scanner's alert follows it as the history does."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Verkauf"})
    (item,) = drift(command, applied)[1]["drift"]
    assert item["fingerprint"] in command("drift", applied, "--format", "sarif").out
