"""What became of a call to Tencent: what reading back shows, what is made good, and what must go first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.model.call import Call
from reconciler.model.errors import Rejected
from reconciler.providers.tencent import PROVIDER
from tests.laws.tencent.tenants import live_of

LIVE = live_of(
    {
        "queues": {"Sales": {}, "Web": {"ring_all": True}},
        "agents": {
            "a@x.cn": {"email": "A@x.cn", "phone": "13800000001", "queues": ["Sales"], "priorities": {"Sales": 3}}
        },
        "extensions": {"8001": {"queues": ["Sales"], "agent": "a@x.cn"}, "8002": {}},
        "numbers": {"0085200000001": {"outbound_queues": ["Sales"], "enabled": False}},
        "voice_files": {"bare": {}},
    }
)
Body = Mapping[str, Any]


def call(action: str, body: Body, **rest: Any) -> Call:
    """Make a call of the vendor's."""
    return Call("POST", "/", body, action=action, **rest)


@pytest.mark.parametrize(
    ("expected", "made"),
    [
        pytest.param(True, call("CreateStaff", {"Staffs": [{"Mail": "a@X.cn"}]}), id="letter case does not matter"),
        pytest.param(False, call("CreateStaff", {"Staffs": [{"Mail": "b@x.cn"}]}), id="nobody of that name"),
        pytest.param(True, call("ModifyStaff", {"Email": "a@x.cn", "Phone": "008613800000001"}), id="a prefix"),
        pytest.param(False, call("ModifyStaff", {"Email": "a@x.cn", "Phone": ""}), id="the phone is still there"),
        pytest.param(
            True,
            call(
                "ModifyStaff",
                {"Email": "a@x.cn", "UseMobileAccept": 0, "UseMobileCallOut": True},
                sets=("mobile_accept",),
            ),
            id="not what goes along",
        ),
        pytest.param(False, call("DeleteStaff", {"StaffList": ["a@x.cn", "z@x.cn"]}), id="one of two is there"),
        pytest.param(
            False,
            call("BindStaffSkillGroupList", {
                "StaffEmail": "a@x.cn", "StaffSkillGroupList": [{"SkillGroupId": 1000, "Priority": 1}],
            }),
            id="the priority has not moved",
        ),
        pytest.param(
            True, call("UnbindStaffSkillGroupList", {"StaffEmail": "a@x.cn", "SkillGroupList": [1001]}), id="left"
        ),
        pytest.param(
            False, call("ModifyExtension", {"ExtensionId": "8001", "SkillGroupIds": []}), id="queues go as a whole"
        ),
        pytest.param(
            True, call("DisableCCCPhoneNumber", {"PhoneNumbers": ["0085200000001"], "Disabled": 1}), id="disabled"
        ),
        pytest.param(
            None,
            call("UploadIvrAudio", {"AudioList": [{}]}, gives=frozenset({("file", "bare", "0" * 16)})),
            id="a file without a digest tells nothing",
        ),
        pytest.param(None, call("ForceMemberOffline", {"UserId": "a@x.cn"}), id="nothing shows it"),
    ],
)  # fmt: skip
def test_what_reading_back_shows(expected: bool | None, made: Call) -> None:  # noqa: FBT001 - what is expected
    """Whether a call took effect."""
    assert expected is PROVIDER.happened(made, LIVE)


def test_a_priority_that_stayed_is_bound_anew() -> None:
    """The pair is taken away and bound again, with all others."""
    body = {"StaffEmail": "A@x.cn", "StaffSkillGroupList": [{"SkillGroupId": 1000, "Priority": 1}]}
    found = PROVIDER.mend(call("BindStaffSkillGroupList", body), LIVE)
    assert ["UnbindStaffSkillGroupList", "BindStaffSkillGroupList"] == [item.action for item in found]
    assert [{"StaffEmail": "A@x.cn", "SkillGroupList": [1000]}, body] == [item.body for item in found]


def test_queues_that_a_creation_did_not_honour_are_bound() -> None:
    """With those that the person has."""
    body = {"Staffs": [{"Mail": "a@x.cn", "SkillGroupNameList": ["Sales", "Web"]}]}
    (found,) = PROVIDER.mend(call("CreateStaff", body), LIVE)
    pairs = [{"SkillGroupId": 1000, "Priority": 3}, {"SkillGroupId": 1001}]
    assert {"StaffEmail": "A@x.cn", "StaffSkillGroupList": pairs} == found.body


@pytest.mark.parametrize(
    ("made", "code", "expected"),
    [
        pytest.param(
            call("BindStaffSkillGroupList", {
                "StaffEmail": "A@x.cn", "StaffSkillGroupList": [{"SkillGroupId": 1000, "Priority": 1}],
            }),
            "InvalidParameter",
            [("UnbindStaffSkillGroupList", {"StaffEmail": "A@x.cn", "SkillGroupList": [1000]})],
            id="a pair that is there and shall have another priority",
        ),
        pytest.param(
            call("DeleteStaff", {"StaffList": ["a@x.cn"]}),
            "ResourceUnavailable",
            [
                ("UnbindStaffSkillGroupList", {"StaffEmail": "A@x.cn", "SkillGroupList": [1000]}),
                ("ModifyExtension", {"ExtensionId": "8001", "Relation": ""}),
            ],
            id="a person who serves a queue and has a telephone",
        ),
        pytest.param(
            call("DeleteExtension", {"ExtensionId": "8001"}),
            "ResourceUnavailable",
            [("ModifyExtension", {"ExtensionId": "8001", "SkillGroupIds": [], "Relation": ""})],
            id="a telephone that rings for a queue",
        ),
        pytest.param(
            call("ModifyExtension", {"ExtensionId": "8002", "Relation": "a@x.cn"}),
            "InvalidParameterValue",
            [("ModifyExtension", {"ExtensionId": "8001", "Relation": ""})],
            id="a person who is another telephone's",
        ),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_goes_first(made: Call, code: str, expected: list[tuple[str, Body]]) -> None:
    """Where a refusal may be for its sake."""
    found = PROVIDER.unblock(made, Rejected("no", code=code, text="no"), LIVE)
    assert expected == [(item.action, item.body) for item in found]
