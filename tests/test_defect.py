"""Mistakes of our own: nothing is sent, and a file tells whoever mends them all that led there."""

from __future__ import annotations

import json
import re
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler import providers
from reconciler.cli import run
from reconciler.model.call import Call, Reply
from reconciler.model.change import Change
from reconciler.model.desired import Desired
from reconciler.model.errors import Rejected
from reconciler.model.kind import Lowered
from reconciler.model.live import Live
from reconciler.providers.base import Simulator as Model
from reconciler.providers.udesk import Udesk
from tests.commands import BODY, CREDENTIALS, Commands, Done, configure
from tests.servers import AUTH_TOKEN, SID, Simulator

LIVE: Final = {"QueueId": "9002", "QueueName": f"Support {AUTH_TOKEN}"}


class Refusing:
    """A vendor's model that refuses every write."""

    def answer(self, call: Call) -> Reply:
        """Refuse it."""
        raise Rejected(f"{call.title}: no, {SID}", code="999999", text="no")

    def state(self) -> Any:
        """Hold nothing."""
        return ()


class Unsure(Udesk):
    """A vendor whose rehearsals all fail: what a planner with a mistake looks like."""

    def simulate(self, live: Live) -> Model:
        """Make a model that refuses."""
        del live
        return Refusing()


class Circular(Udesk):
    """A vendor whose calls wait for each other."""

    def lower(self, changes: Sequence[Change], desired: Desired, live: Live) -> Lowered:
        """Let two calls wait for each other."""
        del changes, desired, live
        a, b = ("a",), ("b",)
        return Lowered(
            calls=(
                Call("PUT", "/a", why="a", requires=frozenset({b}), gives=frozenset({a})),
                Call("PUT", "/b", why="b", requires=frozenset({a}), gives=frozenset({b})),
            )
        )


class Failing(Udesk):
    """A vendor with a plain mistake."""

    def lower(self, changes: Sequence[Change], desired: Desired, live: Live) -> Lowered:
        """Look up what is not there."""
        raise KeyError(len(changes), desired.contact_center, len(live.sections), SID)


UNSURE: Final = Unsure()
CIRCULAR: Final = Circular()
FAILING: Final = Failing()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every rehearsal fail."""
    monkeypatch.setitem(providers.BUILT_IN, "udesk", f"{__name__}:UNSURE")


def attached(done: Done) -> Path:
    """Find the file that a message asks to attach: it stands on a line of its own, to be copied."""
    assert "attach this file" in " ".join(done.err.split())
    found = re.search(r"^  (/.*\.json)$", done.err, re.MULTILINE)
    assert found is not None, done.err
    return Path(found[1])


def written(path: Path) -> Mapping[str, Any]:
    """Read the file, which only its owner may."""
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    text = path.read_text(encoding="utf-8")
    for secret in (SID, AUTH_TOKEN):
        assert secret not in text
    document: Mapping[str, Any] = json.loads(text)
    return document


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("name", ["plan", "apply"])
def test_a_plan_that_fails_its_rehearsal_is_kept(
    command: Commands, tenant: Simulator, tmp_path: Path, name: str
) -> None:
    """The plan is not shown, nothing is sent, and the file holds what was asked, wished, live and planned."""
    tenant.control("POST", "call", {"method": "POST", "api": "queues", "body": LIVE})
    path = configure(tmp_path / "acme.yaml", tenant)
    before = tenant.state()
    done = command(name, path, *(["--yes"] if name == "apply" else []), "--prune", "--set", f"provider.sid={SID}")
    assert (1, "") == (done.code, done.out)
    assert before == tenant.state()
    assert "rehearsal" in done.err
    file = attached(done)
    assert tmp_path / ".reconciler" / "defects" == file.parent
    assert "*\n" == (tmp_path / ".reconciler" / ".gitignore").read_text(encoding="utf-8")
    document = written(file)
    assert ["format", "version", "python", "platform", "command", "error", "report", "plan", "desired", "live"] == [
        *document
    ]
    assert (name, path, True, []) == tuple(document["command"][key] for key in ("name", "path", "prune", "assignments"))
    assert "reconciler-plan/1" == document["plan"]["format"]
    assert document["plan"]["calls"]
    assert "Sales" == document["desired"]["sections"]["queues"]["sales"]["values"]["name"]
    assert "sid" not in document["desired"]["provider"]
    assert "Support ***" == document["live"]["sections"]["queues"]["9002"]["name"]
    assert document["report"]
    again = command("plan", path, "--prune")
    assert document["live"] == written(attached(again))["live"]


@pytest.mark.usefixtures("broken")
def test_the_live_state_can_be_planned_against(
    command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept as `live` is a snapshot, so the mistake can be made again, offline, and the plan be mended."""
    path = configure(tmp_path / "acme.yaml", tenant)
    document = written(attached(command("plan", path)))
    tenant.stop()
    snapshot = tmp_path / "live.json"
    snapshot.write_text(json.dumps(document["live"]), encoding="utf-8")
    assert "rehearsal" in command("plan", path, "--live", str(snapshot)).err
    monkeypatch.undo()
    for name, value in (("UDESK_SID", SID), ("UDESK_AUTH_TOKEN", AUTH_TOKEN)):
        monkeypatch.setenv(name, value)
    assert (
        document["plan"]["calls"] == command.ok("plan", path, "--live", str(snapshot), "--format", "json").json["calls"]
    )


@pytest.mark.usefixtures("broken")
def test_the_same_mistake_is_one_file(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A pipeline that runs every hour does not fill the disk."""
    path = configure(tmp_path / "acme.yaml", tenant)
    assert attached(command("plan", path)) == attached(command("plan", path))
    assert 1 == len([*(tmp_path / ".reconciler" / "defects").iterdir()])


@pytest.mark.usefixtures("broken")
def test_without_a_place_beside_the_files_it_goes_where_temporary_files_go(
    command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where even that can't be written, the message says what there is to say."""
    path = configure(tmp_path / "files" / "acme.yaml", tenant)
    (tmp_path / "files" / ".reconciler").write_text("in the way", encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    state = ("--state", f"sqlite:///{tmp_path}/state.db")
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    file = attached(command(*state, "plan", path))
    assert elsewhere == file.parent
    assert written(file)["plan"]["calls"]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    done = command(*state, "plan", path)
    assert 1 == done.code
    assert "please report it" in done.err
    assert "attach this file" not in " ".join(done.err.split())


def test_calls_that_wait_for_each_other_are_kept(
    command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no plan then, but the changes that it was to make are known."""
    monkeypatch.setitem(providers.BUILT_IN, "udesk", f"{__name__}:CIRCULAR")
    done = command("plan", configure(tmp_path / "acme.yaml", tenant, BODY))
    assert (1, "") == (done.code, done.out)
    document = written(attached(done))
    assert [] == document["plan"]["calls"]
    assert {"queues/sales", "extensions/8001", "agents/li.wei"} == {
        change["address"] for change in document["plan"]["changes"]
    }
    assert "/a" in document["report"]


def test_any_mistake_while_planning_is_kept(
    tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nobody foresaw is kept too, with where it happened; nobody sees a traceback who did not ask for one."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(providers.BUILT_IN, "udesk", f"{__name__}:FAILING")
    assert 1 == run(["plan", configure(tmp_path / "acme.yaml", tenant)])
    said = capsys.readouterr()
    assert ("", True) == (said.out, "a mistake of ours (KeyError)" in said.err)
    assert "Traceback" not in said.err
    document = written(attached(Done(1, said.out, said.err)))
    assert "test_defect.py" in document["report"]
    assert 3 == len(document["plan"]["changes"])
