"""
The vendor's own SDK, unchanged, against the simulated vendor, over a real socket.

It signs and reads as the vendor means it, so it is what our simulator is held against. It warns of fields that it does
not know, and a warning is an error here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tencentcloud.ccc.v20200210 import models
from tencentcloud.ccc.v20200210.ccc_client import CccClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.signature import Account
from reconciler.providers.tencent.simulator.wire import Wire
from tests.servers import Simulator

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")

APP_ID: Final = 1400000000
ACCOUNT: Final = Account(secret_id="AKIDEXAMPLE", secret_key="SECRETEXAMPLE")
EXAMPLES: Final[Any] = json.loads((Path(__file__).parent / "wire" / "tencent" / "examples.json").read_text("utf-8"))
SEED: Final = {
    "sections": {
        "queues": {"Sales": {"id": "1000"}, "Support": {"id": "1001"}, "Chat": {"id": "1005", "type": "online"}},
        "agents": {
            "li.wei@example.com": {"name": "Li Wei", "staff_number": "1", "queues": ["Sales"]},
            "wang@example.com": {"name": "Wang", "staff_number": "2", "online": True, "forwards_to": "queues/Chat"},
            "zhao@example.com": {"name": "Zhao", "staff_number": "3"},
        },
        "extensions": {"8001": {"name": "Desk", "queues": ["Sales"]}, "8002": {"name": "Hall"}},
        "numbers": {"008675512345678": {"outbound_queues": ["Sales"]}},
        "voice_files": {"welcome": {"file_id": "3"}},
    }
}
Send = Callable[..., Any]


def client(url: str, *, method: str = "POST", credential: Credential | None = None) -> CccClient:
    """Make the SDK's client for an address of ours."""
    scheme, _, endpoint = url.partition("://")
    profile = ClientProfile(
        httpProfile=HttpProfile(protocol=scheme, endpoint=endpoint, reqMethod=method, reqTimeout=30)
    )
    return CccClient(credential or Credential(ACCOUNT.secret_id, ACCOUNT.secret_key), "", profile)


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    """Run a tenant; one server serves all tests, as it takes longer to start than a test does."""
    started = Simulator(Wire(account=ACCOUNT, clock=time.time, dialect=Dialect(delete_queue_in_use="ok")))
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture
def running(server: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Give the server with `SEED`, and nothing counted."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.control("PUT", "state", SEED)
    server.control("DELETE", "calls")
    return server


@pytest.fixture(params=["POST", "GET"])
def send(request: pytest.FixtureRequest, running: Simulator) -> Send:
    """Give a function that has the SDK carry out an action, in both of its forms."""
    return sender(client(running.url, method=request.param))


def sender(sdk: CccClient) -> Send:
    """Give a function that carries out an action with its fields, and gives the SDK's response object."""

    def carry_out(action: str, /, **fields: Any) -> Any:
        asked = getattr(models, f"{action}Request")()
        named = {"SdkAppId": APP_ID, **fields} if hasattr(asked, "SdkAppId") else fields
        asked.from_json_string(json.dumps(named))
        return getattr(sdk, action)(asked)

    return carry_out


def refusal(send: Send, action: str, **fields: Any) -> str:
    """Carry out an action that must be refused; give the code."""
    with pytest.raises(TencentCloudSDKException) as caught:
        send(action, **fields)
    assert caught.value.requestId
    return str(caught.value.code)


PAGE: Final = {"PageSize": 50, "PageNumber": 0}


@pytest.mark.parametrize("action", sorted(EXAMPLES))
def test_every_action_is_understood(send: Send, action: str) -> None:
    """An example of each works, and the SDK knows every field of the answer."""
    answer = send(action, **EXAMPLES[action])
    assert answer.RequestId


def test_skill_groups(send: Send) -> None:
    """Made, listed, changed, deleted."""
    made = send("CreateCCCSkillGroup", SkillGroupName="夜班", SkillGroupType=1, MaxConcurrency=2).SkillGroupId
    assert "InvalidParameterValue.SkillGroupExist" == refusal(
        send, "CreateCCCSkillGroup", SkillGroupName="夜班", SkillGroupType=0
    )
    send("UpdateCCCSkillGroup", SkillGroupID=made, SkillGroupName="Night", RingAll=True)
    listed = send("DescribeSkillGroupInfoList", **PAGE)
    assert 4 == listed.TotalCount
    (group,) = [item for item in listed.SkillGroupList if item.SkillGroupId == made]
    assert ("Night", 1, 2, True) == (
        group.SkillGroupName,
        group.SkillGroupType,
        group.MaxConcurrency,
        group.RingAll,
    )
    send("DeleteCCCSkillGroup", SkillGroupId=made)
    assert 3 == send("DescribeSkillGroupInfoList", **PAGE).TotalCount


def test_staff(send: Send) -> None:
    """Made in a batch, bound, changed, unbound, deleted; who is online stays, and who is there already is told."""
    people = [
        {"Name": "Chen", "Mail": "chen@example.com", "StaffNumber": "9", "SkillGroupNameList": ["Sales"]},
        {"Name": "Li", "Mail": "li.wei@example.com", "StaffNumber": "8"},
    ]
    answer = send("CreateStaff", Staffs=people, SendPassword=False)
    assert [("li.wei@example.com", "FailedOperation.DuplicatedAccount")] == [
        (item.StaffEmail, item.Code) for item in answer.ErrorStaffList
    ]
    pairs = [{"SkillGroupId": 1000, "Priority": 1}, {"SkillGroupId": 1001}]
    send("BindStaffSkillGroupList", StaffEmail="chen@example.com", StaffSkillGroupList=pairs)
    target = {"Type": 1, "StaffUserId": "zhao@example.com"}
    send(
        "ModifyStaff",
        Email="chen@example.com",
        Phone="008613800138000",
        UseMobileAccept=2,
        UseMobileCallOut=True,
        ForwardingConfig={"Enabled": True, "Condition": 1, "Target": target},
    )
    (row,) = send("DescribeStaffInfoList", StaffMail="chen@example.com", **PAGE).StaffList
    assert ("Chen", "008613800138000", "9", [3]) == (row.Name, row.Phone, row.StaffNumber, row.RoleList)
    assert [("Sales", 1), ("Support", 3)] == [(item.SkillGroupName, item.Priority) for item in row.SkillGroupList]
    assert "zhao@example.com" == row.ForwardingConfig.Target.StaffUserId
    (metrics,) = send("DescribeStaffStatusMetrics", StaffList=["chen@example.com"]).Metrics
    assert (2, True, "offline") == (metrics.UseMobileAccept, metrics.UseMobileCallOut, metrics.Status)
    send("UnbindStaffSkillGroupList", StaffEmail="chen@example.com", SkillGroupList=[1000])
    answer = send("DeleteStaff", StaffList=["chen@example.com", "wang@example.com"])
    assert ["wang@example.com"] == answer.OnlineStaffList
    left = send("DescribeStaffInfoList", **PAGE)
    assert {"li.wei@example.com", "wang@example.com", "zhao@example.com"} == {item.Mail for item in left.StaffList}


def test_telephones(send: Send) -> None:
    """Made, listed, changed, deleted; the password is shown and reset."""
    send("CreateExtension", ExtensionId="8003", ExtensionName="Door", SkillGroupIds=[1000, 1001])
    send("ModifyExtension", ExtensionId="8003", ExtensionName="Gate", Relation="zhao@example.com")
    listed = send("DescribeExtensions", ExtensionIds=["8003"], **PAGE)
    (row,) = listed.ExtensionList
    assert (1, "Gate", "1000,1001", "zhao@example.com") == (
        listed.Total,
        row.ExtensionName,
        row.SkillGroupId,
        row.Relation,
    )
    password = send("DescribeExtension", ExtensionId="8003").Password
    assert password != send("ResetExtensionPassword", ExtensionId="8003").Password
    send("DeleteExtension", ExtensionId="8003")
    assert 2 == send("DescribeExtensions", PageNumber=0).Total


def test_clearing_a_telephone(running: Simulator) -> None:
    """[] and "" arrive as such in the form that can carry them."""
    send = sender(client(running.url))
    send("ModifyExtension", ExtensionId="8001", SkillGroupIds=[], Relation="")
    (row,) = send("DescribeExtensions", ExtensionIds=["8001"], **PAGE).ExtensionList
    assert ("", "") == (row.SkillGroupId, row.Relation)


def test_numbers(send: Send) -> None:
    """Bound, unbound, switched off."""
    number = "008675512345678"
    send("BindNumberCallOutSkillGroup", Number=number, SkillGroupIds=[1001, 1005])
    send("UnbindNumberCallOutSkillGroup", Number=number, SkillGroupIds=[1000])
    send("DisableCCCPhoneNumber", PhoneNumbers=[number], Disabled=1)
    (row,) = send("DescribeNumbers").Numbers
    assert (number, [1001, 1005], 4) == (row.Number, row.CallOutSkillGroupIds, row.State)


def test_audio_files(send: Send) -> None:
    """Uploaded and listed; the same content twice fails."""
    files = [{"CustomFileName": "hello [00000000000000ff]", "AudioUrl": "https://example.com/hello.wav"}]
    (made,) = send("UploadIvrAudio", AudioList=files).SuccessFileList
    again = send("UploadIvrAudio", AudioList=files)
    assert [("hello.wav", "duplicate file content")] == [
        (item.FileName, item.FailedMsg) for item in again.FailedFileList
    ]
    listed = send("DescribeIvrAudioList", FileId=[made.FileId], **PAGE)
    assert [("hello [00000000000000ff]", 1)] == [(item.CustomFileName, item.Status) for item in listed.FileInfo]


def test_refusals_reach_the_sdk(running: Simulator) -> None:
    """It sees our errors as the vendor's: a wrong key, another instance, a missing field."""
    wrong = Credential(ACCOUNT.secret_id, "wrong")
    assert "AuthFailure.SignatureFailure" == refusal(sender(client(running.url, credential=wrong)), "DescribeNumbers")
    temporary = Credential(ACCOUNT.secret_id, ACCOUNT.secret_key, "token")
    assert "AuthFailure.TokenFailure" == refusal(sender(client(running.url, credential=temporary)), "DescribeNumbers")
    send = sender(client(running.url))
    assert "InvalidParameterValue.InstanceNotExist" == refusal(send, "DescribeNumbers", SdkAppId=1)
    assert "MissingParameter" == refusal(send, "DescribeStaffInfoList")
    assert "InvalidAction" == refusal(send, "DescribeAIAgentInfoList", **PAGE)


def test_calls_are_counted_by_action(running: Simulator) -> None:
    """What arrived is told by action, reads apart from writes."""
    send = sender(client(running.url))
    for _ in range(3):
        send("DescribeNumbers")
    send("DeleteExtension", ExtensionId="8002")
    calls = running.calls()
    assert (4, 3, 1) == (calls["count"], calls["reads"], calls["writes"])
    assert {"DescribeNumbers": 3, "DeleteExtension": 1} == {
        name: found["count"] for name, found in calls["by_name"].items()
    }
