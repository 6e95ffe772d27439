"""The vendor's id of a request stands in every error and event that tells of one: support asks for it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.providers.base import Request, Response
from reconciler.providers.tencent import PROVIDER
from tests.commands import Commands, Done, configure_tencent
from tests.servers import AUTH_TOKEN, SID, Front, Simulator, running

SEED: Final = {
    "tenant": "1400000000",
    "sections": {"queues": {"Sales": {}}, "agents": {"a@x.com": {"name": "A", "staff_number": "1", "queues": []}}},
}
BODY: Final = "queues: {sales: {name: Sales}}\nagents: {a: {email: a@x.com, name: B}}\n"
ID: Final = r"[0-9a-f]{8}-[0-9a-f-]{27}"
JSON: Final = ("--log-format", "json")


@pytest.fixture
def vendor() -> Iterator[Simulator]:
    """Run a small tenant."""
    face = PROVIDER.face(seed=SEED, tenant=None, credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
    with running(face) as found:
        yield found


@pytest.fixture
def path(vendor: Simulator, tmp_path: Path) -> str:
    """Write a configuration that wishes for one call."""
    return configure_tencent(tmp_path / "acme.yaml", vendor, BODY)


def refuse(vendor: Simulator, action: str, code: str = "OperationDenied.NotInWhiteList", **more: Any) -> None:
    """Have the vendor refuse an action from now on."""
    vendor.control("POST", "faults", {"kind": "refused", "api": action, "code": code, "times": 0, **more})


def events(done: Done, *names: str) -> list[dict[str, Any]]:
    """Give the events of these names."""
    return [event for event in map(json.loads, done.err.splitlines()) if event["event"] in names]


def test_a_refused_write_is_told_with_it(command: Commands, vendor: Simulator, path: str) -> None:
    """In the report, in its document, in the events, and in the history: the same, whoever looks."""
    refuse(vendor, "ModifyStaff")
    done = command("apply", path, "--yes")
    (shown,) = re.findall(rf"^ +request ({ID})$", done.out, re.MULTILINE)
    run = re.search(r"history show (\w+)", done.out)
    assert run is not None
    assert shown in command.ok("history", "show", run[1], path).out
    done = command(*JSON, "apply", path, "--yes", "--format", "json")
    (outcome,) = done.json["outcomes"]
    assert re.fullmatch(ID, outcome["error"]["request_id"])
    assert {outcome["error"]["request_id"]} == {event["request_id"] for event in events(done, "sent", "call")}


def test_an_item_that_a_good_answer_left_out_is_told_with_it(
    command: Commands, vendor: Simulator, tmp_path: Path
) -> None:
    """The answer that left it out has one."""
    seed = {**SEED, "sections": {"queues": {}, "agents": {"a@x.com": {"name": "A", "online": True}}}}
    vendor.control("PUT", "state", seed)
    path = configure_tencent(tmp_path / "acme.yaml", vendor, "manage: {agents: {prune: true}}\nagents: {}\n")
    done = command("apply", path, "--yes", "--format", "json")
    (outcome,) = done.json["outcomes"]
    assert ("failed", "partial") == (outcome["verdict"], outcome["error"]["code"])
    assert re.fullmatch(ID, outcome["error"]["request_id"])


@pytest.mark.parametrize("code", ["InvalidParameter", "AuthFailure.TokenFailure", "InternalError"])
def test_a_read_that_fails_is_told_with_it(command: Commands, vendor: Simulator, path: str, code: str) -> None:
    """In the error, its document and its event."""
    refuse(vendor, "DescribeStaffInfoList", code)
    done = command("plan", path)
    assert 1 == done.code
    assert re.search(rf"in the call DescribeStaffInfoList, request {ID}", " ".join(done.err.split()))
    done = command(*JSON, "plan", path, "--format", "json")
    (event,) = events(done, "error")
    assert re.fullmatch(ID, event["request_id"])
    assert event["request_id"] == done.json["error"]["request_id"]
    assert event["request_id"] == events(done, "read")[-1]["request_id"], "the last attempt's"


def test_a_read_that_is_tried_again_is_told_each_time(command: Commands, vendor: Simulator, path: str) -> None:
    """Each with its number, how it ended, how long it took, and an id of its own."""
    refuse(vendor, "DescribeStaffInfoList", "InternalError", times=2)
    told = events(command.ok(*JSON, "-v", "plan", path), "read")
    assert {"DescribeSkillGroupInfoList", "DescribeStaffInfoList"} <= {event["title"] for event in told}
    own = [event for event in told if event["title"] == "DescribeStaffInfoList"]
    assert [(1, "lost", "warning"), (2, "lost", "warning"), (3, "done", "debug")] == [
        (event["attempt"], event["outcome"], event["level"]) for event in own
    ]
    assert all("InternalError" in event["text"] for event in own[:2])
    assert all(event["path"] == "/" and event["ms"] >= 0 for event in told)
    ids = [event["request_id"] for event in told]
    assert len({*ids}) == len(ids) == len([name for name in ids if re.fullmatch(ID, name)])


def test_reads_that_fail_are_told_without_asking(command: Commands, vendor: Simulator, path: str) -> None:
    """As lost writes are; what went well takes -v."""
    refuse(vendor, "DescribeStaffInfoList", "InternalError", times=1)
    (failed,) = events(command.ok(*JSON, "plan", path), "read")
    assert ("warning", 1) == (failed["level"], failed["attempt"])


class ShutAfterwards(Front):
    """A vendor that shows no people any more once one was changed."""

    def answer(self, request: Request) -> Response:
        """Answer, and refuse the reads that come after a write."""
        answer = super().answer(request)
        if self.label(request).name == "ModifyStaff":
            self.add_fault({"kind": "refused", "api": "DescribeStaffInfoList", "code": "InvalidParameter", "times": 0})
        return answer


def test_reading_back_that_fails_is_told_with_it(command: Commands, tmp_path: Path) -> None:
    """Inside the sentence that says so: the run goes on to its end."""
    face = PROVIDER.face(seed=SEED, tenant=None, credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
    with running(ShutAfterwards(face)) as vendor:
        path = configure_tencent(tmp_path / "acme.yaml", vendor, BODY)
        done = command("apply", path, "--yes", "--format", "json")
    assert (4, False) == (done.code, done.json["verified"])
    assert re.search(rf"reading back failed: .*\(request {ID}\)", done.json["problem"])


def test_no_secret_comes_along(command: Commands, vendor: Simulator, path: str) -> None:
    """A vendor that repeats our secrets has them masked, in events of reads as anywhere."""
    refuse(vendor, "DescribeStaffInfoList", "InvalidParameter", text=f"{SID} {AUTH_TOKEN}")
    done = command(*JSON, "-v", "plan", path, "--format", "json")
    assert events(done, "read")
    assert SID not in done.out + done.err
    assert AUTH_TOKEN not in done.out + done.err
