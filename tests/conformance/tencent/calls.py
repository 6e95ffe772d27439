"""
Each kind of write that plans make, in a tenant of its own making: what is there, what is wished, which call it takes.

The objects of one kind are no other's, so that all of them also stand in one tenant. What a batch takes in goes in one
call, so there is one kind for all staff that is made, one for all that is deleted, one for numbers that are switched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.conformance.tencent import tenant
from tests.conformance.vendor import Kind

_QUEUES: Final = "DescribeSkillGroupInfoList"
_STAFF: Final = "DescribeStaffInfoList"
_TELEPHONES: Final = "DescribeExtensions"
_NUMBERS: Final = "DescribeNumbers"
_FILES: Final = "DescribeIvrAudioList"


def _agent(who: str, **fields: Any) -> dict[str, Any]:
    email = f"{who}@example.com"
    return {email: {"email": email, "name": who, "staff_number": who, **fields}}


def _wish(who: str, **fields: Any) -> dict[str, Any]:
    return {who: {"email": f"{who}@example.com", "name": who, "staff_number": who, **fields}}


KINDS: Final = (
    Kind(
        name="CreateCCCSkillGroup",
        method="POST", api="CreateCCCSkillGroup", body='"New"', reads=_QUEUES,
        wish={"queues": {"new": {"name": "New"}}},
        by_hand=("POST", "CreateCCCSkillGroup", {"SkillGroupName": "New", "SkillGroupType": 1}), shows="queues/new",
    ),
    Kind(
        name="UpdateCCCSkillGroup",
        method="POST", api="UpdateCCCSkillGroup", body=" 2001", reads=_QUEUES,
        live={"queues": {"Chat": {"id": "2001", "type": "online", "max_concurrency": 2}}},
        wish={"queues": {"chat": {"name": "Chat", "max_concurrency": 3}}},
        by_hand=("POST", "UpdateCCCSkillGroup", {"SkillGroupID": 2001, "MaxConcurrency": 4}), shows="queues/chat",
    ),
    Kind(
        name="UpdateCCCSkillGroup, a new name",
        method="POST", api="UpdateCCCSkillGroup", body=" 2002", reads=_QUEUES,
        live={"queues": {"Old": {"id": "2002"}}},
        wish={"queues": {"renamed": {"name": "Renamed", "renamed_from": "Old"}}},
        by_hand=("POST", "UpdateCCCSkillGroup", {"SkillGroupID": 2002, "SkillGroupName": "By hand"}),
        shows="queues/renamed",
    ),
    Kind(
        name="UpdateCCCSkillGroup, of a queue that is just made",
        method="POST", api="UpdateCCCSkillGroup", body='"RingAll": true', reads=_QUEUES,
        wish={"queues": {"all": {"name": "All at once", "ring_all": True}}},
        by_hand=("POST", "CreateCCCSkillGroup", {"SkillGroupName": "All at once", "SkillGroupType": 1}),
        shows="queues/all",
    ),
    Kind(
        name="DeleteCCCSkillGroup",
        method="POST", api="DeleteCCCSkillGroup", body=" 2003", reads=_QUEUES,
        live={"queues": {"Gone": {"id": "2003"}}},
        wish={"queues": {}},
        by_hand=("POST", "UpdateCCCSkillGroup", {"SkillGroupID": 2003, "SkillGroupName": "By hand"}),
        shows="queues/Gone",
    ),
    Kind(
        name="CreateStaff",
        method="POST", api="CreateStaff", body='"made@example.com"', reads=_STAFF, lists="Staffs", items=True,
        live={"queues": {"Welcoming": {"id": "2004"}}},
        wish={
            "queues": {"welcoming": {"name": "Welcoming"}},
            "agents": {**_wish("made", queues=["welcoming"]), **_wish("made-too")},
        },
        by_hand=(
            "POST", "CreateStaff", {"Staffs": [{"Mail": "made@example.com", "Name": "By hand", "StaffNumber": "1"}]}
        ),
        shows="agents/made",
    ),
    Kind(
        name="ModifyStaff",
        method="POST", api="ModifyStaff", body='"changes@example.com"', reads=_STAFF,
        live={"agents": _agent("changes", name="Old")},
        wish={"agents": _wish("changes", name="Changed")},
        by_hand=("POST", "ModifyStaff", {"Email": "changes@example.com", "Name": "By hand"}), shows="agents/changes",
    ),
    Kind(
        name="DeleteStaff",
        method="POST", api="DeleteStaff", body='"leaves@example.com"', reads=_STAFF, lists="StaffList", items=True,
        live={"agents": {**_agent("leaves", phone="008613900000001"), **_agent("leaves-too")}},
        wish={"agents": {}},
        by_hand=("POST", "ModifyStaff", {"Email": "leaves@example.com", "Name": "By hand"}),
        shows="agents/leaves@example.com",
    ),
    Kind(
        name="BindStaffSkillGroupList",
        method="POST", api="BindStaffSkillGroupList", body='"joins@example.com"', reads=_STAFF,
        lists="StaffSkillGroupList",
        live={"queues": {"A": {"id": "2011"}, "B": {"id": "2012"}}, "agents": _agent("joins")},
        wish={
            "queues": {"a": {"name": "A"}, "b": {"name": "B"}},
            "agents": _wish("joins", queues={"a": {"priority": 1}, "b": {"priority": 4}}),
        },
        by_hand=(
            "POST", "BindStaffSkillGroupList",
            {"StaffEmail": "joins@example.com", "StaffSkillGroupList": [{"SkillGroupId": 2901}]},
        ),
        shows="agents/joins",
    ),
    Kind(
        name="BindStaffSkillGroupList, another priority",
        method="POST", api="BindStaffSkillGroupList", body='"moves@example.com"', reads=_STAFF,
        live={
            "queues": {"C": {"id": "2013"}},
            "agents": _agent("moves", queues=["C"], priorities={"C": 4}),
        },
        wish={"queues": {"c": {"name": "C"}}, "agents": _wish("moves", queues={"c": {"priority": 2}})},
        by_hand=(
            "POST", "BindStaffSkillGroupList",
            {"StaffEmail": "moves@example.com", "StaffSkillGroupList": [{"SkillGroupId": 2013, "Priority": 5}]},
        ),
        shows="agents/moves",
    ),
    Kind(
        name="BindStaffSkillGroupList, to a queue that is just made",
        method="POST", api="BindStaffSkillGroupList", body='"follows@example.com"', reads=_STAFF,
        live={"agents": _agent("follows")},
        wish={"queues": {"led": {"name": "Led"}}, "agents": _wish("follows", queues=["led"])},
        by_hand=("POST", "ModifyStaff", {"Email": "follows@example.com", "Name": "By hand"}), shows="agents/follows",
    ),
    Kind(
        name="UnbindStaffSkillGroupList",
        method="POST", api="UnbindStaffSkillGroupList", body='"parts@example.com"', reads=_STAFF,
        lists="SkillGroupList",
        live={
            "queues": {"D": {"id": "2014"}, "E": {"id": "2015"}},
            "agents": _agent("parts", queues=["D", "E"]),
        },
        wish={"queues": {"d": {"name": "D"}, "e": {"name": "E"}}, "agents": _wish("parts", queues=[])},
        by_hand=(
            "POST", "BindStaffSkillGroupList",
            {"StaffEmail": "parts@example.com", "StaffSkillGroupList": [{"SkillGroupId": 2901}]},
        ),
        shows="agents/parts",
    ),
    Kind(
        name="CreateExtension",
        method="POST", api="CreateExtension", body='"8101"', reads=_TELEPHONES,
        live={"agents": _agent("sits")},
        wish={"agents": _wish("sits"), "extensions": {"8101": {"name": "New", "agent": "sits"}}},
        by_hand=("POST", "CreateExtension", {"ExtensionId": "8101", "ExtensionName": "By hand"}),
        shows="extensions/8101",
    ),
    Kind(
        name="CreateExtension, for a queue that is just made",
        method="POST", api="CreateExtension", body='"8102"', reads=_TELEPHONES,
        wish={"queues": {"rung": {"name": "Rung"}}, "extensions": {"8102": {"name": "New", "queues": ["rung"]}}},
        by_hand=("POST", "CreateExtension", {"ExtensionId": "8102", "ExtensionName": "By hand"}),
        shows="extensions/8102",
    ),
    Kind(
        name="ModifyExtension",
        method="POST", api="ModifyExtension", body='"8103"', reads=_TELEPHONES,
        live={
            "queues": {"F": {"id": "2016"}},
            "agents": {**_agent("stands")},
            "extensions": {"8103": {"name": "Old", "queues": ["F"]}},
        },
        wish={
            "queues": {"f": {"name": "F"}},
            "agents": _wish("stands"),
            "extensions": {"8103": {"name": "Changed", "queues": [], "agent": "stands"}},
        },
        by_hand=("POST", "ModifyExtension", {"ExtensionId": "8103", "ExtensionName": "By hand"}),
        shows="extensions/8103",
    ),
    Kind(
        name="DeleteExtension",
        method="POST", api="DeleteExtension", body='"8104"', reads=_TELEPHONES,
        live={"extensions": {"8104": {"name": "Gone"}}},
        wish={"extensions": {}},
        by_hand=("POST", "ModifyExtension", {"ExtensionId": "8104", "ExtensionName": "By hand"}),
        shows="extensions/8104",
    ),
    Kind(
        name="BindNumberCallOutSkillGroup",
        method="POST", api="BindNumberCallOutSkillGroup", body='"0085200000001"', reads=_NUMBERS,
        lists="SkillGroupIds",
        live={"queues": {"G": {"id": "2017"}, "H": {"id": "2018"}}, "numbers": {"0085200000001": {}}},
        wish={
            "queues": {"g": {"name": "G"}, "h": {"name": "H"}},
            "numbers": {"0085200000001": {"outbound_queues": ["g", "h"]}},
        },
        by_hand=("POST", "BindNumberCallOutSkillGroup", {"Number": "0085200000001", "SkillGroupIds": [2901]}),
        shows="numbers/0085200000001",
    ),
    Kind(
        name="UnbindNumberCallOutSkillGroup",
        method="POST", api="UnbindNumberCallOutSkillGroup", body='"0085200000002"', reads=_NUMBERS,
        lists="SkillGroupIds",
        live={
            "queues": {"I": {"id": "2019"}, "J": {"id": "2020"}},
            "numbers": {"0085200000002": {"outbound_queues": ["I", "J"]}},
        },
        wish={
            "queues": {"i": {"name": "I"}, "j": {"name": "J"}},
            "numbers": {"0085200000002": {"outbound_queues": []}},
        },
        by_hand=("POST", "BindNumberCallOutSkillGroup", {"Number": "0085200000002", "SkillGroupIds": [2901]}),
        shows="numbers/0085200000002",
    ),
    Kind(
        name="DisableCCCPhoneNumber",
        method="POST", api="DisableCCCPhoneNumber", body='"0085200000003"', reads=_NUMBERS, lists="PhoneNumbers",
        live={"numbers": {"0085200000003": {}, "0085200000004": {}}},
        wish={"numbers": {"0085200000003": {"enabled": False}, "0085200000004": {"enabled": False}}},
        by_hand=("POST", "BindNumberCallOutSkillGroup", {"Number": "0085200000003", "SkillGroupIds": [2901]}),
        shows="numbers/0085200000003",
    ),
    Kind(
        name="UploadIvrAudio",
        method="POST", api="UploadIvrAudio", body='"https://cdn.example.com/new.mp3"', reads=_FILES, items=True,
        wish={"voice_files": {"new": {"url": "https://cdn.example.com/new.mp3"}}},
        by_hand=(
            "POST", "UploadIvrAudio",
            {"AudioList": [{"CustomFileName": "new", "AudioUrl": "https://cdn.example.com/by-hand.mp3"}]},
        ),
        shows="voice_files/new",
    ),
)  # fmt: skip

# What is there in each tenant, and in no kind's way: a queue for what is done by hand.
GROUND: Final[Mapping[str, Any]] = {"queues": {"Stays": {"id": "2901"}}}
MANAGED: Final = {"queues": {"stays": {"name": "Stays"}}, **tenant.PRUNE}
STARTS: Final = Kind(
    name="an agent who joins a queue first",
    method="POST", api="BindStaffSkillGroupList", body='"first@example.com"', reads=_STAFF,
    live={"agents": _agent("first")},
    wish={"agents": {"!": {"email": "first@example.com", "queues": ["stays"]}}},
)  # fmt: skip
