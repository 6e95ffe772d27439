"""The simulated vendor's rules of staff and skill groups, one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.providers.tencent.simulator.dialect import DIALECTS
from reconciler.providers.tencent.simulator.machine import Machine
from tests.tencent_machines import PAGE, SEED, ask, code, done, machine, section


def person(mail: str, **fields: Any) -> dict[str, Any]:
    """Make a SeatUserInfo."""
    return {"Name": "Name", "Mail": mail, "StaffNumber": mail, **fields}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"Mail": "no email"}, "InvalidParameterValue"),
        ({"Mail": "LI.WEI@example.com"}, "FailedOperation.DuplicatedAccount"),
        ({"Phone": "008613800138000"}, "InvalidParameterValue.PhoneNumIsBoundOtherAccount"),
        ({"Phone": "13800138000"}, "InvalidParameterValue.PhoneNumIsBoundOtherAccount"),
        ({"Phone": "12 34"}, "InvalidParameter"),
        ({"ExtensionNumber": "9001"}, "InvalidParameter"),
        ({"ExtensionNumber": "101"}, "InvalidParameter"),
        ({"SkillGroupNameList": ["Nowhere"]}, "InvalidParameterValue"),
        ({"Role": 0}, "InvalidParameterValue"),
        ({"Name": ""}, "InvalidParameterValue"),
    ],
)
def test_who_can_not_be_made(fields: Mapping[str, Any], wanted: str) -> None:
    """A bad item is told in `ErrorStaffList`, and the others are made; or it fails the call, by the dialect."""
    batch = [person("one@example.com"), {**person("two@example.com"), **fields}, person("three@example.com")]
    emails = {"one@example.com", "three@example.com"}
    tenant = machine()
    (error,) = done(tenant, "CreateStaff", Staffs=batch)["ErrorStaffList"]
    assert (batch[1]["Mail"], wanted) == (error["StaffEmail"], error["Code"])
    assert emails <= section(tenant, "agents").keys()
    assert "two@example.com" not in section(tenant, "agents")
    tenant = machine("duplicate_staff=call")
    assert wanted == code(tenant, "CreateStaff", Staffs=batch)
    tenant = machine("duplicate_staff=partial")
    assert wanted == getattr(ask(tenant, "CreateStaff", Staffs=batch), "code", "")
    assert {"one@example.com"} == emails & section(tenant, "agents").keys()


def test_a_batch_of_staff_has_a_limit() -> None:
    """Ten at most, and as many as there are seats."""
    people = [person(f"p{number}@example.com") for number in range(11)]
    assert "InvalidParameterValue" == code(machine(), "CreateStaff", Staffs=people)
    assert "InvalidParameterValue" == code(machine(), "CreateStaff", Staffs=[])
    assert "ok" == code(machine(), "CreateStaff", Staffs=people[:10])
    assert "LimitExceeded" == code(machine("seats=4"), "CreateStaff", Staffs=people[:2])


def test_one_person_twice_in_a_batch() -> None:
    """The second of them is a duplicate."""
    answer = done(machine(), "CreateStaff", Staffs=[person("a@example.com"), person("A@example.com")])
    assert ["A@example.com"] == [item["StaffEmail"] for item in answer["ErrorStaffList"]]
    answer = done(
        machine("email_case=sensitive"), "CreateStaff", Staffs=[person("a@example.com"), person("A@example.com")]
    )
    assert answer["ErrorStaffList"] is None


def test_passwords_go_out_by_mail_unless_told_otherwise() -> None:
    """`SendPassword` is true by default."""
    tenant = machine()
    done(tenant, "CreateStaff", Staffs=[person("a@example.com")])
    done(tenant, "CreateStaff", Staffs=[person("b@example.com")], SendPassword=False)
    assert ["a@example.com"] == tenant.tenant.mailed


@pytest.mark.parametrize(("dialect", "queues"), [("default", {"Sales": 3}), ("create_queues=ignored", {})])
def test_groups_at_creation(dialect: str, queues: Mapping[str, int]) -> None:
    """`SkillGroupNameList` binds at the default priority, or nothing."""
    tenant = machine(dialect)
    done(tenant, "CreateStaff", Staffs=[person("a@example.com", SkillGroupNameList=["Sales"])])
    assert queues == section(tenant, "agents")["a@example.com"]["priorities"]


def test_modify_changes_what_is_sent() -> None:
    """Fields left out stay as they are."""
    tenant = machine()
    before = section(tenant, "agents")["li.wei@example.com"]
    done(tenant, "ModifyStaff", Email="LI.wei@example.com", Phone="008613900139000")
    assert {**before, "phone": "008613900139000"} == section(tenant, "agents")["li.wei@example.com"]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"Email": "nobody@example.com"}, "InvalidParameterValue.AccountNotExist"),
        ({"Phone": "008613800138000"}, "InvalidParameterValue.PhoneNumIsBoundOtherAccount"),
        ({"UseMobileAccept": 3}, "InvalidParameter"),
        ({"ExtensionNumber": "0123"}, "InvalidParameter"),
        ({"Name": ""}, "InvalidParameterValue"),
        ({"StaffNo": ""}, "InvalidParameterValue"),
        ({"SkillGroupIds": [7]}, "InvalidParameterValue.SkillGroupError"),
        ({"ForwardingConfig": {"Enabled": True}}, "InvalidParameter"),
        ({"ForwardingConfig": {"Enabled": True, "Target": {"Type": 2, "SkillGroupId": 7}}}, "InvalidParameter"),
        ({"ForwardingConfig": {"Enabled": True, "Target": {"Type": 1, "StaffUserId": "x"}}}, "InvalidParameter"),
        ({"ForwardingConfig": {"Enabled": True, "Target": {"Type": 3, "Extension": "1"}}}, "InvalidParameter"),
        ({"ForwardingConfig": {"Enabled": True, "Target": {"Type": 4}}}, "InvalidParameter"),
        ({"ForwardingConfig": {"Enabled": False, "Condition": 3}}, "InvalidParameter"),
    ],
)
def test_modifications_that_are_refused(fields: Mapping[str, Any], wanted: str) -> None:
    """Each with its code, and nothing is changed."""
    assert wanted == code(machine(), "ModifyStaff", **{"Email": "wang@example.com", "Name": "X", **fields})


@pytest.mark.parametrize(
    ("dialect", "phone", "nick"), [("default", "", ""), ("modify_empty=ignored", "008613800138000", "")]
)
def test_empty_text_in_a_modification(dialect: str, phone: str, nick: str) -> None:
    """An empty text clears a field or is ignored."""
    tenant = machine(dialect)
    done(tenant, "ModifyStaff", Email="li.wei@example.com", Phone="", Nick="", ExtensionNumber="")
    agent = section(tenant, "agents")["li.wei@example.com"]
    assert (phone, nick) == (agent["phone"], agent["nick"])


def test_a_phone_moves_only_when_it_is_free() -> None:
    """What a person gives up, another may take."""
    tenant = machine()
    done(tenant, "ModifyStaff", Email="li.wei@example.com", Phone="")
    done(tenant, "ModifyStaff", Email="wang@example.com", Phone="008613800138000")
    assert "InvalidParameterValue.PhoneNumIsBoundOtherAccount" == code(
        tenant, "ModifyStaff", Email="li.wei@example.com", Phone="+8613800138000"
    )


def test_forwarding_is_shown_and_ends() -> None:
    """A forwarding is shown with its target, ends with `Enabled` false, and then reads as the dialect says."""
    tenant = machine()
    config = {"Enabled": True, "Condition": 2, "Target": {"Type": 2, "SkillGroupId": 1000}}
    done(tenant, "ModifyStaff", Email="zhao@example.com", ForwardingConfig=config)
    assert config == row(tenant, "zhao@example.com")["ForwardingConfig"]
    done(tenant, "ModifyStaff", Email="zhao@example.com", ForwardingConfig={"Enabled": False})
    assert row(tenant, "zhao@example.com")["ForwardingConfig"] is None
    assert "" == section(tenant, "agents")["zhao@example.com"]["forwards_to"]
    strict = machine("forwarding_off=with-target")
    assert "InvalidParameter" == code(
        strict, "ModifyStaff", Email="zhao@example.com", ForwardingConfig={"Enabled": False}
    )
    off = {**config, "Enabled": False}
    done(strict, "ModifyStaff", Email="zhao@example.com", ForwardingConfig=off)
    assert off == row(strict, "zhao@example.com")["ForwardingConfig"]
    unset = {
        name: row(machine(name, agents={"a@b.cn": {}}), "a@b.cn") for name in DIALECTS if "forwarding_unset" in name
    }
    assert unset["forwarding_unset=disabled"]["ForwardingConfig"]["Enabled"] is False
    assert "ForwardingConfig" not in unset["forwarding_unset=absent"]


def row(tenant: Machine, email: str) -> dict[str, Any]:
    """Read one person."""
    (found,) = done(tenant, "DescribeStaffInfoList", **PAGE, StaffMail=email)["StaffList"]
    assert isinstance(found, dict)
    return found


def test_how_a_person_reads() -> None:
    """Phones may lose their prefix, roles may be a number, and lists may be null."""
    assert {
        "Name": "Li Wei",
        "Mail": "Li.Wei@example.com",
        "Phone": "008613800138000",
        "Nick": "",
        "StaffNumber": "1",
        "RoleList": [3],
        "SkillGroupList": [
            {"SkillGroupId": 1005, "SkillGroupName": "Chat", "Priority": 3, "Type": "IM"},
            {"SkillGroupId": 1000, "SkillGroupName": "Sales", "Priority": 1, "Type": "TEL"},
        ],
        "LastModifyTimestamp": 0,
        "ExtensionNumber": "",
        "ForwardingConfig": {
            "Enabled": True,
            "Condition": 1,
            "Target": {"Type": 1, "StaffUserId": "wang@example.com"},
        },
    } == row(machine(), "li.wei@example.com")
    assert "13800138000" == row(machine("phone_prefix=stripped"), "li.wei@example.com")["Phone"]
    found = row(machine("roles=id"), "wang@example.com")
    assert (1, False) == (found["RoleId"], "RoleList" in found)
    assert row(machine(), "wang@example.com")["SkillGroupList"] is None
    assert [] == row(machine("null_lists=list"), "wang@example.com")["SkillGroupList"]
    assert "SkillGroupList" not in row(machine("null_lists=absent"), "wang@example.com")


def test_filters_of_staff() -> None:
    """By email, by group, and by what changed since."""
    tenant = machine()

    def emails(**body: Any) -> list[str]:
        answer = done(tenant, "DescribeStaffInfoList", **PAGE, **body)
        found = [item["Mail"] for item in answer["StaffList"] or ()]
        assert len(found) == answer["TotalCount"]
        return found

    assert ["Li.Wei@example.com"] == emails(StaffMail="li.wei@example.com")
    assert [] == emails(StaffMail="nobody@example.com")
    assert ["Li.Wei@example.com"] == emails(SkillGroupId=1000)
    assert [] == emails(SkillGroupId=1001, StaffMail="li.wei@example.com")
    done(tenant, "ModifyStaff", Email="zhao@example.com", Nick="Z")
    assert ["zhao@example.com"] == emails(ModifiedTime=1)


def test_who_is_online_stays() -> None:
    """They are told in `OnlineStaffList`; the others go, with their bindings and relations."""
    tenant = machine()
    answer = done(tenant, "DeleteStaff", StaffList=["wang@example.com", "li.wei@example.com", "nobody@example.com"])
    assert {"OnlineStaffList": ["wang@example.com"], "DeleteStatusInfo": ""} == answer
    assert {"wang@example.com", "zhao@example.com"} == section(tenant, "agents").keys()
    assert "" == section(tenant, "extensions")["8001"]["agent"]
    done(tenant, "ForceMemberOffline", UserId="wang@example.com")
    assert done(tenant, "DeleteStaff", StaffList=["wang@example.com"])["OnlineStaffList"] is None


def test_a_batch_of_deletions_has_a_limit() -> None:
    """Two hundred at most."""
    emails = [f"p{number}@example.com" for number in range(201)]
    assert "InvalidParameterValue" == code(machine(), "DeleteStaff", StaffList=emails)
    assert "InvalidParameterValue" == code(machine(), "DeleteStaff", StaffList=[])
    assert "ok" == code(machine(), "DeleteStaff", StaffList=emails[:200])
    assert "InvalidParameterValue.AccountNotExist" == code(
        machine("delete_unknown_staff=refused"), "DeleteStaff", StaffList=["zhao@example.com", *emails[:2]]
    )


def test_deleting_who_is_bound() -> None:
    """Telephones let go, keep naming the person, or the deletion is refused until they are free."""
    tenant = machine("delete_staff_bound=kept")
    done(tenant, "DeleteStaff", StaffList=["li.wei@example.com"])
    assert "li.wei@example.com" == section(tenant, "extensions")["8001"]["agent"]
    tenant = machine("delete_staff_bound=refused")
    assert "ResourceUnavailable" == code(tenant, "DeleteStaff", StaffList=["zhao@example.com", "li.wei@example.com"])
    done(tenant, "UnbindStaffSkillGroupList", StaffEmail="li.wei@example.com", SkillGroupList=[1000, 1005])
    done(tenant, "ModifyExtension", ExtensionId="8001", Relation="")
    done(tenant, "DeleteStaff", StaffList=["zhao@example.com", "li.wei@example.com"])
    assert {"wang@example.com"} == section(tenant, "agents").keys()


def test_deleting_where_calls_are_forwarded_to() -> None:
    """The forwarding ends, or leads nowhere, or the deletion is refused."""
    offline = {**SEED["sections"]["agents"], "wang@example.com": {"name": "Wang"}}
    tenant = machine(agents=offline)
    done(tenant, "DeleteStaff", StaffList=["wang@example.com"])
    done(tenant, "DeleteExtension", ExtensionId="8001")
    assert {""} == {agent["forwards_to"] for agent in section(tenant, "agents").values()}
    tenant = machine("delete_forwarded=kept", agents=offline)
    done(tenant, "DeleteStaff", StaffList=["wang@example.com"])
    assert "agents/wang@example.com" == section(tenant, "agents")["li.wei@example.com"]["forwards_to"]
    tenant = machine("delete_forwarded=refused", agents=offline)
    assert "ResourceUnavailable" == code(tenant, "DeleteStaff", StaffList=["wang@example.com"])
    assert "ResourceUnavailable" == code(tenant, "DeleteExtension", ExtensionId="8001")
    assert "ok" == code(tenant, "DeleteStaff", StaffList=["wang@example.com", "li.wei@example.com"])


def pairs(tenant: Machine, email: str = "li.wei@example.com") -> Any:
    """Give a person's priorities by queue."""
    return section(tenant, "agents")[email]["priorities"]


def bind(tenant: Machine, *groups: tuple[int, int]) -> str:
    """Bind one person; give the code."""
    items = [{"SkillGroupId": group, "Priority": priority} for group, priority in groups]
    return code(tenant, "BindStaffSkillGroupList", StaffEmail="Li.Wei@example.com", StaffSkillGroupList=items)


@pytest.mark.parametrize(
    ("dialect", "wanted"),
    [
        ("default", {"Chat": 3, "Sales": 2, "Support": 5}),
        ("bind=replace", {"Sales": 2, "Support": 5}),
        ("bind_priority=stays", {"Chat": 3, "Sales": 1, "Support": 5}),
        ("bind_again=refused", {"Chat": 3, "Sales": 1}),
    ],
)
def test_binding(dialect: str, wanted: Mapping[str, int]) -> None:
    """A call with a pair that exists and a new one, under every reading."""
    tenant = machine(dialect)
    assert ("InvalidParameter" if "refused" in dialect else "ok") == bind(tenant, (1000, 2), (1001, 5))
    assert wanted == pairs(tenant)


def test_bindings_that_are_refused() -> None:
    """Unknown people and groups, odd priorities, a group twice, none at all."""
    for groups in (((7, 1),), ((1001, 0),), ((1001, 6),), ((1001, 1), (1001, 1)), ()):
        assert "InvalidParameter" == bind(machine(), *groups)
    assert "InvalidParameter" == code(
        machine(),
        "BindStaffSkillGroupList",
        StaffEmail="nobody@example.com",
        StaffSkillGroupList=[{"SkillGroupId": 1000}],
    )


@pytest.mark.parametrize(
    ("dialect", "wanted"), [("default", ("ok", {"Chat": 3})), ("unbind_absent=refused", ("InvalidParameter", None))]
)
def test_unbinding_an_absent_pair(dialect: str, wanted: Any) -> None:
    """It is fine, or nothing is unbound."""
    tenant = machine(dialect)
    found = code(tenant, "UnbindStaffSkillGroupList", StaffEmail="li.wei@example.com", SkillGroupList=[1000, 1001])
    assert (wanted[0], wanted[1] or {"Chat": 3, "Sales": 1}) == (found, pairs(tenant))


def test_modify_s_groups_add_or_replace() -> None:
    """`SkillGroupIds` of ModifyStaff says nothing of priorities; the default holds for what is new."""
    for dialect, wanted in (
        ("default", {"Sales": 1, "Support": 3}),
        ("modify_queues=add", {"Chat": 3, "Sales": 1, "Support": 3}),
    ):
        tenant = machine(dialect)
        done(tenant, "ModifyStaff", Email="li.wei@example.com", SkillGroupIds=[1000, 1001])
        assert wanted == pairs(tenant)


def test_a_ring_all_group_takes_two() -> None:
    """Telephones count, whoever comes third; and a group of three can't begin to ring all."""
    overflow = "InvalidParameterValue.RingAllGroupMemberOverflow"
    tenant = machine()
    assert "ok" == bind(tenant, (1001, 1))
    assert overflow == code(
        tenant,
        "BindStaffSkillGroupList",
        StaffEmail="wang@example.com",
        StaffSkillGroupList=[{"SkillGroupId": 1001}],
    )
    assert overflow == code(tenant, "ModifyExtension", ExtensionId="8002", SkillGroupIds=[1001])
    assert overflow == code(tenant, "CreateExtension", ExtensionId="8003", ExtensionName="X", SkillGroupIds=[1001])
    assert overflow == code(tenant, "ModifyStaff", Email="wang@example.com", SkillGroupIds=[1001])
    (error,) = done(tenant, "CreateStaff", Staffs=[person("x@example.com", SkillGroupNameList=["Support"])])[
        "ErrorStaffList"
    ]
    assert overflow == error["Code"]
    done(tenant, "ModifyExtension", ExtensionId="8002", SkillGroupIds=[1000])
    assert overflow == code(tenant, "UpdateCCCSkillGroup", SkillGroupID=1000, RingAll=True)
    assert "ok" == bind(tenant, (1001, 2))


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, "ok"),
        ({"SkillGroupName": "Sales"}, "InvalidParameterValue.SkillGroupExist"),
        ({"SkillGroupName": ""}, "InvalidParameter"),
        ({"SkillGroupType": 2}, "InvalidParameter"),
        ({"MaxConcurrency": 2}, "InvalidParameter"),
        ({"MaxConcurrency": 0}, "InvalidParameter"),
        ({"SkillGroupType": 1, "MaxConcurrency": 9}, "ok"),
        ({"SkillGroupType": 3, "MaxConcurrency": 2}, "InvalidParameter"),
        ({"SkillGroupType": 4}, "ok"),
    ],
)
def test_which_groups_can_be_made(fields: Mapping[str, Any], wanted: str) -> None:
    """Names are unique, types are four, and only an online group serves several at once."""
    body = {"SkillGroupName": "Night", "SkillGroupType": 0, **fields}
    assert wanted == code(machine(), "CreateCCCSkillGroup", **body)


def test_ids_of_groups_are_given() -> None:
    """Each new group gets the next id, which no group had before."""
    tenant = machine()
    first = done(tenant, "CreateCCCSkillGroup", SkillGroupName="A", SkillGroupType=0)
    done(tenant, "DeleteCCCSkillGroup", SkillGroupId=first["SkillGroupId"])
    second = done(tenant, "CreateCCCSkillGroup", SkillGroupName="A", SkillGroupType=0)
    assert [1006, 1007] == [first["SkillGroupId"], second["SkillGroupId"]]


def test_updating_a_group() -> None:
    """A rename keeps the id; names stay unique; concurrency keeps to the type, and to two where all ring."""
    tenant = machine()
    done(tenant, "UpdateCCCSkillGroup", SkillGroupID=1000, SkillGroupName="Selling", RingAll=True)
    assert {
        "name": "Selling",
        "type": "phone",
        "max_concurrency": 1,
        "ring_all": True,
        "renamed_from": "",
        "id": "1000",
    } == section(tenant, "queues")["Selling"]
    for fields, wanted in (
        ({"SkillGroupName": "Selling"}, "ok"),
        ({"SkillGroupName": "Chat"}, "InvalidParameterValue.SkillGroupExist"),
        ({"MaxConcurrency": 2}, "InvalidParameter"),
        ({"SkillGroupID": 7}, "InvalidParameter"),
        ({"SkillGroupID": 1005, "MaxConcurrency": 4}, "ok"),
        ({"SkillGroupID": 1005, "RingAll": True}, "InvalidParameter"),
        ({"SkillGroupID": 1005, "RingAll": True, "MaxConcurrency": 2}, "ok"),
    ):
        assert wanted == code(tenant, "UpdateCCCSkillGroup", **{"SkillGroupID": 1000, **fields})


def test_editions_without_ring_all() -> None:
    """They neither show it nor know it."""
    tenant = machine("ring_all=absent")
    assert "UnknownParameter" == code(tenant, "UpdateCCCSkillGroup", SkillGroupID=1000, RingAll=False)
    listed = done(tenant, "DescribeSkillGroupInfoList", **PAGE)["SkillGroupList"]
    assert all("RingAll" not in item for item in listed)


@pytest.mark.parametrize("user", ["staff", "telephone", "number", "forwarding", "nobody"])
@pytest.mark.parametrize("dialect", ["default", "delete_queue_in_use=ok", "delete_queue=absent"])
def test_deleting_a_group(user: str, dialect: str) -> None:
    """One that is in use stays, or what names it lets go; old editions delete none."""
    tenant = Machine.from_state(
        {
            "sections": {
                "queues": {"A": {"id": "1"}},
                "agents": {
                    "a@b.cn": {
                        "queues": ["A"] if user == "staff" else [],
                        "forwards_to": "queues/A" if user == "forwarding" else "",
                    }
                },
                "extensions": {"8001": {"queues": ["A"] if user == "telephone" else []}},
                "numbers": {"1": {"outbound_queues": ["A"] if user == "number" else []}},
            }
        },
        DIALECTS[dialect],
    )
    wanted = {"delete_queue=absent": "InvalidAction", "delete_queue_in_use=ok": "ok"}.get(
        dialect, "ok" if user == "nobody" else "ResourceUnavailable"
    )
    assert wanted == code(tenant, "DeleteCCCSkillGroup", SkillGroupId=1)
    if wanted == "ok":
        state = json.dumps(tenant.to_state()["sections"])
        assert '"A"' not in state
        assert "/A" not in state
        assert "InvalidParameterValue" == code(tenant, "DeleteCCCSkillGroup", SkillGroupId=1)


def test_filters_of_groups() -> None:
    """By id, and by the whole name or a part of it."""

    def names(tenant: Machine, **body: Any) -> list[str]:
        return [
            item["SkillGroupName"]
            for item in done(tenant, "DescribeSkillGroupInfoList", **PAGE, **body)["SkillGroupList"] or ()
        ]

    assert ["Support"] == names(machine(), SkillGroupId=1001)
    assert [] == names(machine(), SkillGroupName="S")
    assert ["Sales", "Support"] == names(machine("name_filter=part"), SkillGroupName="S")
    assert [] == names(machine(), ModifiedTime=1)
