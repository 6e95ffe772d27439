"""`reconciler absorb` against a running tenant: what it says, what it writes, and how it ends."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.providers.tencent import PROVIDER as TENCENT
from tests.commands import BODY, Commands, by_hand, configure, configure_tencent, head, real
from tests.servers import AUTH_TOKEN, SID, Simulator, running

SALES: Final = {"QueueId": "9001", "QueueName": "Sales", "Timeout": 60, "MaxLength": 128}


def body(path: str, tenant: Simulator) -> str:
    """Give what a file holds below its head."""
    return Path(path).read_text(encoding="utf-8").removeprefix(head(tenant.url))


@pytest.fixture
def applied(command: Commands, tenant: Simulator, tmp_path: Path) -> str:
    """Give the path of a configuration that is applied."""
    path = configure(tmp_path / "acme.yaml", tenant, BODY.replace("[sales]}", "[sales]} # who"))
    command.ok("apply", path, "--yes")
    return path


def test_nothing_to_absorb(command: Commands, tenant: Simulator, applied: str) -> None:
    """Then it says so, and nothing is written."""
    before = body(applied, tenant)
    done = command.ok("absorb", applied)
    assert "Nothing to absorb" in done.out
    assert before == body(applied, tenant)


def test_a_hand_made_change(command: Commands, tenant: Simulator, applied: str) -> None:
    """It is in the file then, and neither a plan nor drift has anything left."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Vertrieb"})
    by_hand(tenant, "DELETE", "agents/queues", {"AgentId": "10031", "Queues": ["9001"]})
    before = body(applied, tenant)
    dry = command.ok("absorb", applied, "--dry-run")
    assert before == body(applied, tenant)
    assert '-  sales: {id: "9001", name: Sales}\n+  sales: {id: "9001", name: Vertrieb}\n' in dry.out
    assert "Would absorb 2 differences in 1 file." in dry.err
    done = command.ok("absorb", applied)
    assert "Absorbed 2 differences in 1 file." in done.out
    assert before.replace("name: Sales", "name: Vertrieb").replace("[sales]} #", "[]} #") == body(applied, tenant)
    assert command("plan", applied, "--detailed-exitcode").code == 0
    assert command("drift", applied).code == 0
    assert "Nothing to absorb" in command.ok("absorb", applied).out


def test_a_wish_that_is_not_applied_yet_stays(command: Commands, tenant: Simulator, applied: str) -> None:
    """The files are ahead of the tenant there; only what a hand changed is absorbed."""
    text = Path(applied).read_text(encoding="utf-8")
    Path(applied).write_text(text.replace("name: Li Wei", "name: Wei Li"), encoding="utf-8")
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Vertrieb"})
    done = command.ok("absorb", applied)
    assert "not applied yet" in done.out
    assert "name: Wei Li" in body(applied, tenant)
    assert "name: Vertrieb" in body(applied, tenant)
    refused = command("absorb", applied, "--target", "agents/li.wei")
    assert refused.code == 3
    assert "nobody has applied that yet" in " ".join(refused.out.split())


def test_what_is_left_ends_with_3(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """The rest is written all the same; as JSON it is one document."""
    path = configure(
        tmp_path / "acme.yaml", tenant, 'queues:\n  sales: {id: "9001", name: "${env:UDESK_SID}", timeout: 60}\n'
    )
    command.ok("apply", path, "--yes")
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Vertrieb", "Timeout": 5})
    done = command("absorb", path, "--format", "json")
    assert done.code == 3
    document: dict[str, Any] = done.json
    assert "reconciler-absorb/1" == document["format"]
    assert [("queues/sales", "timeout")] == [(item["address"], item["path"]) for item in document["absorbed"]]
    assert [("queues/sales", "name")] == [(item["address"], item["path"]) for item in document["left"]]
    assert SID not in done.out
    assert AUTH_TOKEN not in done.out
    assert "timeout: 5}" in body(path, tenant)


def test_what_both_sides_changed_is_left(command: Commands, tenant: Simulator, applied: str) -> None:
    """A wish not applied yet is not overwritten by a hand's other value, unless it is named."""
    text = Path(applied).read_text(encoding="utf-8")
    Path(applied).write_text(text.replace("name: Sales", "name: Ventas"), encoding="utf-8")
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Vertrieb"})
    done = command("absorb", applied)
    assert 3 == done.code
    assert "the two differ" in " ".join(done.out.split())
    assert "name: Ventas" in body(applied, tenant)
    assert "conflict" in command("drift", applied).out
    command.ok("absorb", applied, "--target", "queues/sales")
    assert "name: Vertrieb" in body(applied, tenant)


def test_no_credential_is_written_into_the_files(command: Commands, tenant: Simulator, applied: str) -> None:
    """Whoever puts one into a name finds it refused, and nowhere in what is said."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": f"xx {AUTH_TOKEN} yy"})
    before = body(applied, tenant)
    done = command("absorb", applied)
    assert 3 == done.code
    assert before == body(applied, tenant)
    assert AUTH_TOKEN not in done.out + done.err


def test_the_vendor_is_never_written_to(command: Commands, tenant: Simulator, applied: str) -> None:
    """Absorbing only reads there."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Vertrieb"})
    writes = tenant.calls()["writes"]
    command.ok("absorb", applied)
    assert writes == tenant.calls()["writes"]


def test_an_unknown_target(command: Commands, applied: str) -> None:
    """It is an error, and so is a snapshot that is none."""
    done = command("absorb", applied, "--target", "queues/nobody")
    assert done.code == 1
    assert "no such address" in done.err
    assert command("absorb", applied, "--live", applied).code == 1


def test_a_file_that_may_not_be_written(command: Commands, tenant: Simulator, applied: str) -> None:
    """It is an error, and nothing was changed."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "Vertrieb"})
    before = body(applied, tenant)
    Path(applied).chmod(0o444)
    done = command("absorb", applied)
    assert (1, before) == (done.code, body(applied, tenant))
    assert "may not be written" in done.err


def test_a_terminal_without_utf_8(tenant: Simulator, applied: str) -> None:
    """A diff is written byte for byte all the same."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": "销售"})
    done = real("absorb", applied, "--dry-run", environ={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.code == 0
    assert "name: 销售}" in done.out


def test_tencent(command: Commands, tmp_path: Path) -> None:
    """The other vendor's tenant is absorbed in the same way, priorities included."""
    face = TENCENT.face(seed=None, tenant="1400000000", credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
    with running(face) as tenant:
        text = (
            "queues:\n  sales: {name: Sales}\nagents:\n  li:\n    email: li@example.com\n    name: Li\n"
            '    staff_number: "1"\n    queues:\n      sales: {priority: 1} # first\n'
        )
        path = configure_tencent(tmp_path / "acme.yaml", tenant, text)
        command.ok("apply", path, "--yes")
        state = tenant.state()
        state["sections"]["agents"]["li@example.com"]["priorities"] = {"Sales": 4}
        state["sections"]["agents"]["li@example.com"]["name"] = "Li, Wei"
        tenant.control("PUT", "state", state)
        done = command.ok("absorb", path)
        assert "2 differences" in done.out
        after = Path(path).read_text(encoding="utf-8")
        assert text.replace("name: Li", "name: Li, Wei").replace("priority: 1}", "priority: 4}") in after
        assert command("plan", path, "--detailed-exitcode").code == 0
