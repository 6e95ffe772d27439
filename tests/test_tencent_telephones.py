"""The simulated vendor's rules of telephones, numbers and audio files, of what only tells, and of lists."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.providers.tencent.simulator.dialect import DIALECTS, Dialect
from reconciler.providers.tencent.simulator.machine import Machine
from tests.tencent_machines import PAGE, code, done, machine, section


def test_a_telephone_s_life() -> None:
    """It is made without a password in the answer, changed field by field, and deleted."""
    tenant = machine()
    done(
        tenant,
        "CreateExtension",
        ExtensionId="8003",
        ExtensionName="Door",
        SkillGroupIds=[1000],
        Relation="ZHAO@example.com",
    )
    assert {
        "number": "8003",
        "name": "Door",
        "queues": ["Sales"],
        "agent": "zhao@example.com",
    } == section(tenant, "extensions")["8003"]
    done(tenant, "ModifyExtension", ExtensionId="8003", ExtensionName="Gate")
    done(tenant, "ModifyExtension", ExtensionId="8003", SkillGroupIds=[1001, 1005])
    (found,) = done(tenant, "DescribeExtensions", **PAGE, ExtensionIds=["8003"])["ExtensionList"]
    assert ("Gate", "1001,1005", "zhao@example.com", "Zhao", "8003@1400000001.tccc.qcloud.com") == tuple(
        found[name] for name in ("ExtensionName", "SkillGroupId", "Relation", "RelationName", "FullExtensionId")
    )
    assert "Status" not in found
    done(tenant, "DeleteExtension", ExtensionId="8003")
    assert {"8001", "8002"} == section(tenant, "extensions").keys()


@pytest.mark.parametrize(
    ("action", "fields", "wanted"),
    [
        ("CreateExtension", {"ExtensionId": "8001"}, "InvalidParameterValue"),
        ("CreateExtension", {"ExtensionId": "8 1"}, "InvalidParameterValue"),
        ("CreateExtension", {"ExtensionName": ""}, "InvalidParameterValue"),
        ("CreateExtension", {"SkillGroupIds": [7]}, "InvalidParameterValue"),
        ("CreateExtension", {"Relation": "nobody@example.com"}, "InvalidParameterValue"),
        ("ModifyExtension", {"ExtensionId": "8009"}, "InvalidParameterValue"),
        ("ModifyExtension", {"ExtensionId": "8001", "ExtensionName": ""}, "InvalidParameterValue"),
        ("ModifyExtension", {"ExtensionId": "8001", "SkillGroupIds": [7]}, "InvalidParameterValue"),
        ("ModifyExtension", {"ExtensionId": "8001", "Relation": "nobody@example.com"}, "InvalidParameterValue"),
    ],
)
def test_telephones_that_are_refused(action: str, fields: Mapping[str, Any], wanted: str) -> None:
    """Each with its code, and nothing is changed."""
    assert wanted == code(machine(), action, **{"ExtensionId": "8003", "ExtensionName": "X", **fields})


@pytest.mark.parametrize(
    "name", [name for name in DIALECTS if name.startswith(("extension_exists", "extension_missing"))]
)
def test_codes_of_telephones_are_open(name: str) -> None:
    """Which code it is, is a setting."""
    setting, _, value = name.partition("=")
    made = code(machine(name), "CreateExtension", ExtensionId="8001", ExtensionName="X")
    missed = code(machine(name), "DeleteExtension", ExtensionId="8009")
    assert value == (made if setting == "extension_exists" else missed)


@pytest.mark.parametrize(
    ("dialect", "first", "second"),
    [
        ("default", "li.wei@example.com", "li.wei@example.com"),
        ("extension_claim=moves", "", "li.wei@example.com"),
        ("extension_claim=refused", "li.wei@example.com", ""),
    ],
)
def test_one_person_on_two_telephones(dialect: str, first: str, second: str) -> None:
    """They share, the second takes the person from the first, or it is refused; one's own is always fine."""
    tenant = machine(dialect)
    code(tenant, "ModifyExtension", ExtensionId="8002", Relation="li.wei@example.com")
    found = section(tenant, "extensions")
    assert (first, second) == (found["8001"]["agent"], found["8002"]["agent"])
    assert "ok" == code(machine(dialect), "ModifyExtension", ExtensionId="8001", Relation="li.wei@example.com")


@pytest.mark.parametrize(
    ("dialect", "queues", "agent"),
    [
        ("default", [], ""),
        ("extension_empty_queues=ignored", ["Sales", "Support"], ""),
        ("extension_empty_agent=ignored", [], "li.wei@example.com"),
    ],
)
def test_emptying_a_telephone(dialect: str, queues: list[str], agent: str) -> None:
    """[] and "" clear, or are ignored."""
    tenant = machine(dialect)
    done(tenant, "ModifyExtension", ExtensionId="8001", SkillGroupIds=[], Relation="")
    found = section(tenant, "extensions")["8001"]
    assert (queues, agent) == (found["queues"], found["agent"])


def test_deleting_a_telephone_that_is_bound() -> None:
    """It goes with its relation and groups, or it is refused until it is free."""
    assert "ok" == code(machine(), "DeleteExtension", ExtensionId="8001")
    tenant = machine("delete_extension_bound=refused")
    assert "ResourceUnavailable" == code(tenant, "DeleteExtension", ExtensionId="8001")
    done(tenant, "ModifyExtension", ExtensionId="8001", SkillGroupIds=[], Relation="")
    assert "ok" == code(tenant, "DeleteExtension", ExtensionId="8001")


def test_passwords_of_telephones() -> None:
    """They stay until they are reset, and one that is made anew has another."""
    tenant = machine()

    def password() -> Any:
        return done(tenant, "DescribeExtension", ExtensionId="8002")["Password"]

    first = password()
    assert first == password()
    assert first != done(tenant, "ResetExtensionPassword", ExtensionId="8002")["Password"] == password()
    done(tenant, "DeleteExtension", ExtensionId="8002")
    done(tenant, "CreateExtension", ExtensionId="8002", ExtensionName="Hall")
    assert password() != first
    assert first not in json.dumps(tenant.to_state())


def test_groups_of_a_telephone_without_any() -> None:
    """It is an empty text, or null."""
    for dialect, wanted in (("default", ""), ("extension_groups_empty=null", None)):
        (found,) = done(machine(dialect), "DescribeExtensions", **PAGE, FuzzingKeyWord="Hall")["ExtensionList"]
        assert wanted == found["SkillGroupId"]


@pytest.mark.parametrize(
    ("dialect", "wanted"), [("default", ["Chat", "Sales", "Support"]), ("number_bind=replace", ["Chat", "Support"])]
)
def test_binding_a_number(dialect: str, wanted: list[str]) -> None:
    """Bind adds or replaces; Unbind takes away."""
    tenant = machine(dialect)
    done(tenant, "BindNumberCallOutSkillGroup", Number="008675512345678", SkillGroupIds=[1005, 1001])
    assert wanted == section(tenant, "numbers")["008675512345678"]["outbound_queues"]
    done(tenant, "UnbindNumberCallOutSkillGroup", Number="008675512345678", SkillGroupIds=[1005])
    assert wanted[1:] == section(tenant, "numbers")["008675512345678"]["outbound_queues"]


def test_numbers_that_are_refused() -> None:
    """Unknown numbers and groups, none at all, and, by the dialect, what is not bound."""
    bad = "InvalidParameterValue"
    for action in ("BindNumberCallOutSkillGroup", "UnbindNumberCallOutSkillGroup"):
        assert bad == code(machine(), action, Number="1", SkillGroupIds=[1000])
        assert bad == code(machine(), action, Number="008675512345678", SkillGroupIds=[])
    assert bad == code(machine(), "BindNumberCallOutSkillGroup", Number="008675512345678", SkillGroupIds=[7])
    for dialect, wanted in (("default", "ok"), ("unbind_number_absent=refused", bad)):
        tenant = machine(dialect)
        assert wanted == code(
            tenant, "UnbindNumberCallOutSkillGroup", Number="008675512345678", SkillGroupIds=[1000, 1001]
        )


def test_numbers_are_switched() -> None:
    """0 enables and 1 disables, several at once; what the vendor stopped can't be switched, and then none is."""
    tenant = machine()
    done(tenant, "DisableCCCPhoneNumber", PhoneNumbers=["008675512345678", "008675512345679"], Disabled=0)
    assert ["1", "1", "2"] == [number["state"] for number in section(tenant, "numbers").values()]
    assert "FailedOperation.CurStateNotAllowModify" == code(
        tenant, "DisableCCCPhoneNumber", PhoneNumbers=["008675512345678", "008675512345670"], Disabled=1
    )
    done(tenant, "DisableCCCPhoneNumber", PhoneNumbers=["008675512345678"], Disabled=1)
    assert {"number": "008675512345678", "outbound_queues": ["Sales"], "enabled": False, "state": "4"} == section(
        tenant, "numbers"
    )["008675512345678"]
    for numbers, disabled in (([], 1), (["1"], 1), (["008675512345678"], 2)):
        assert "InvalidParameterValue" == code(tenant, "DisableCCCPhoneNumber", PhoneNumbers=numbers, Disabled=disabled)


def upload(tenant: Machine, alias: str, url: str) -> dict[str, Any]:
    """Upload one file."""
    return done(tenant, "UploadIvrAudio", AudioList=[{"CustomFileName": alias, "AudioUrl": url}])


@pytest.mark.parametrize(
    ("dialect", "statuses"),
    [
        ("default", [1, 1, 1, 1]),
        ("review=rejected", [2, 2, 2, 2]),
        ("review=pending", [0, 0, 0, 0]),
        ("review_after=2", [0, 0, 0, 1]),
        ("review=rejected review_after=2", [0, 0, 0, 2]),
    ],
)
def test_reviews(dialect: str, statuses: list[int]) -> None:
    """An upload is reviewed at once, after some reads, or never; the answer and three reads show it."""
    tenant = machine(dialect)
    (made,) = upload(tenant, "hello", "https://example.com/hello.wav")["SuccessFileList"]
    found = [made["Status"]]
    for _ in range(3):
        (file,) = done(tenant, "DescribeIvrAudioList", **PAGE, CustomFileName=["hello"])["FileInfo"]
        found.append(file["Status"])
    assert statuses == found
    assert (4, "hello.wav") == (made["FileId"], made["AudioFileName"])


@pytest.mark.parametrize(
    ("alias", "url", "message"),
    [
        ("", "https://example.com/x.wav", "the alias is empty"),
        ("x", "ftp://example.com/x.wav", "the link can not be fetched"),
        ("x", "https://example.com/x.ogg", "the format is not supported"),
        ("x", "https://example.com/hello.mp3?sign=2", "duplicate file content"),
        ("x", "https://[bad", "the format is not supported"),
    ],
)
def test_uploads_that_fail(alias: str, url: str, message: str) -> None:
    """They are told by file name, and the others are uploaded."""
    tenant = machine()
    upload(tenant, "hello", "https://example.com/hello.mp3?sign=1")
    files = [
        {"CustomFileName": alias, "AudioUrl": url},
        {"CustomFileName": "y", "AudioUrl": "http://example.com/y.WAV"},
    ]
    answer = done(tenant, "UploadIvrAudio", AudioList=files)
    assert [message] == [item["FailedMsg"] for item in answer["FailedFileList"]]
    assert ["y"] == [item["CustomFileName"] for item in answer["SuccessFileList"]]


def test_uploads_have_a_limit() -> None:
    """Fifty a day; there is no clock."""
    tenant = machine("uploads_a_day=1")
    upload(tenant, "a", "https://example.com/a.wav")
    assert "FailedOperation.UploadFileOverflow" == code(
        tenant, "UploadIvrAudio", AudioList=[{"CustomFileName": "b", "AudioUrl": "https://example.com/b.wav"}]
    )
    assert "InvalidParameterValue" == code(tenant, "UploadIvrAudio", AudioList=[])


def test_an_alias_may_repeat() -> None:
    """The newest of one name stands for it, and the others have their ids; our digest is in the alias."""
    tenant = machine()
    upload(tenant, "closed [00000000000000ff]", "https://example.com/c.wav")
    found = section(tenant, "voice_files")
    assert {"welcome", "welcome#1", "closed", "closed#2"} == found.keys()
    assert ("4", "00000000000000ff") == (found["closed"]["file_id"], found["closed"]["digest"])
    listed = done(tenant, "DescribeIvrAudioList", **PAGE, FileId=[3])["FileInfo"]
    assert ["welcome [0123456789abcdef]"] == [file["CustomFileName"] for file in listed]


def test_metrics() -> None:
    """Everybody, or only who was online; the two mobile settings stand nowhere else."""

    def rows(dialect: str = "default", **body: Any) -> dict[str, tuple[Any, ...]]:
        found = done(machine(dialect), "DescribeStaffStatusMetrics", **body)["Metrics"] or ()
        names = ("Status", "UseMobileAccept", "UseMobileCallOut")
        return {item["Email"]: tuple(item[name] for name in names) for item in found}

    assert {
        "Li.Wei@example.com": ("offline", 1, False),
        "wang@example.com": ("free", 0, True),
        "zhao@example.com": ("offline", 0, False),
    } == rows()
    assert {"wang@example.com"} == rows("metrics=online").keys()
    assert {"Li.Wei@example.com"} == rows(GroupIdList=[1000]).keys()
    assert {"wang@example.com"} == rows(StatusList=["free"]).keys()
    assert "InvalidAction" == code(machine("metrics=absent"), "DescribeStaffStatusMetrics")


def test_purchases() -> None:
    """Seats and telephones of the application; another one is not there."""
    (found,) = done(machine("seats=7"), "DescribeCCCBuyInfoList")["SdkAppIdBuyList"]
    assert (1400000001, 7, 3) == (found["SdkAppId"], found["StaffBuyNum"], len(found["PhoneNumBuyList"]))
    assert 0 == done(machine(), "DescribeCCCBuyInfoList", SdkAppIds=[1])["TotalCount"]


def test_finished_calls() -> None:
    """Those of a span of time, which is under ninety days."""
    tenant = machine()
    tenant.tenant.records += [{"Time": time, "SessionId": str(time), "Caller": "1"} for time in (10, 20, 30)]

    def sessions(start: int, end: int, **body: Any) -> list[str]:
        answer = done(tenant, "DescribeTelCdr", StartTimeStamp=start, EndTimeStamp=end, **PAGE, **body)
        return [record["SessionId"] for record in answer["TelCdrList"] or ()]

    assert ["10", "20"] == sessions(0, 20)
    assert ["20"] == sessions(0, 90, SessionIds=["20"])
    assert [] == sessions(0, 90, Phones=["2"])
    for start, end in ((5, 4), (0, 90 * 86_400)):
        assert "InvalidParameterValue" == code(tenant, "DescribeTelCdr", StartTimeStamp=start, EndTimeStamp=end, **PAGE)


@pytest.mark.parametrize(
    ("action", "largest"),
    [
        ("DescribeStaffInfoList", 9999),
        ("DescribeSkillGroupInfoList", 100),
        ("DescribeIvrAudioList", 50),
        ("DescribeExtensions", 0),
        ("DescribeNumbers", 0),
    ],
)
def test_pages(action: str, largest: int) -> None:
    """Pages count from 0 and have a largest size, where one is stated."""
    for page, size, wanted in (
        (0, 1, "ok"),
        (-1, 1, "InvalidParameterValue"),
        (0, 0, "InvalidParameterValue"),
        (0, largest or 10**9, "ok"),
        (10**9, 1, "ok"),
    ):
        assert wanted == code(machine(), action, PageNumber=page, PageSize=size)
    if largest:
        assert "InvalidParameterValue" == code(machine(), action, PageNumber=0, PageSize=largest + 1)


def listed(tenant: Machine, *, size: int) -> list[str]:
    """Read all telephones, page by page; one page more than there should be is empty."""
    found: list[str] = []
    for number in range(5):
        answer = done(tenant, "DescribeExtensions", PageNumber=number, PageSize=size)
        found += [item["ExtensionId"] for item in answer["ExtensionList"] or ()]
    return found


@pytest.mark.parametrize("order", ["made", "sorted", "reversed", "shuffled"])
def test_orders(order: str) -> None:
    """In any order all rows are on some page once; a shuffled order is another one each time."""
    extensions: dict[str, dict[str, str]] = {str(8000 + number): {} for number in (4, 2, 3, 1)}
    tenant = Machine.from_state({"sections": {"extensions": extensions}}, Dialect.parse([f"order={order}"]))
    found = [listed(tenant, size=2) for _ in range(4)]
    assert all(sorted(extensions) == sorted(one) for one in found)
    wanted = {
        "made": ["8004", "8002", "8003", "8001"],
        "sorted": ["8001", "8002", "8003", "8004"],
        "reversed": ["8001", "8003", "8002", "8004"],
    }
    if order in wanted:
        assert [wanted[order]] * 4 == found
    else:
        assert len({tuple(one) for one in found}) > 1


def test_a_server_s_own_page_size() -> None:
    """A larger page than it gives is cut, or refused."""
    tenant = machine("page_cap=1")
    assert ["8001", "8002"] == listed(tenant, size=50)
    assert "InvalidParameterValue" == code(
        machine("page_over=refused"), "DescribeExtensions", PageNumber=0, PageSize=51
    )
    assert 2 == done(tenant, "DescribeExtensions", PageNumber=0, PageSize=50)["Total"]
