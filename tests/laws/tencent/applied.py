"""What Tencent's tenant goes through in the laws of applying: two wishes, and hands at the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.conformance.stage import Stage
from tests.conformance.tencent import tenant
from tests.conformance.tencent.vendor import TENCENT
from tests.laws.applied import Trials

NUMBER: Final = tenant.NUMBER
WISHES: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "queues": {"a": {"name": "A"}, "b": {"name": "B", "ring_all": False}},
        "agents": {
            "one": {"email": "one@x.cn", "name": "One", "staff_number": "1", "queues": {"a": {"priority": 1}, "b": {}}},
            "two": {"email": "two@x.cn", "name": "Two", "staff_number": "2", "queues": ["a"], "phone": "13800000001"},
            "three": {"email": "three@x.cn", "name": "Three", "staff_number": "3", "queues": [], "phone": ""},
        },
        "extensions": {
            "8201": {"name": "Desk", "queues": ["a"], "agent": "one"},
            "8202": {"name": "Hall", "queues": [], "agent": ""},
        },
        "numbers": {NUMBER: {"outbound_queues": ["a"], "enabled": True}},
        "voice_files": {"hello": {"url": "https://cdn.example.com/hello.mp3"}},
    },
    {
        "queues": {"b": {"name": "B", "ring_all": True}, "c": {"name": "C", "type": "online", "max_concurrency": 3}},
        "agents": {
            "one": {"email": "one@x.cn", "name": "One", "staff_number": "1", "queues": {"c": {"priority": 2}}},
            "three": {
                "email": "three@x.cn", "name": "Tres", "staff_number": "3", "queues": {"b": {"priority": 4}, "c": {}},
                "phone": "13800000001", "mobile_accept": "always",
            },
        },
        "extensions": {"8201": {"name": "Desk 1", "queues": ["b"], "agent": "three"}},
        "numbers": {NUMBER: {"outbound_queues": ["b", "c"], "enabled": False}},
        "voice_files": {"hello": {"url": "https://cdn.example.com/hello-2.mp3"}},
    },
)  # fmt: skip
BY_HAND: Final[tuple[tuple[str, str, Mapping[str, Any]], ...]] = (
    ("POST", "CreateCCCSkillGroup", {"SkillGroupName": "By hand", "SkillGroupType": 0}),
    ("POST", "UpdateCCCSkillGroup", {"SkillGroupID": 1000, "SkillGroupName": "Renamed"}),
    ("POST", "BindStaffSkillGroupList", {"StaffEmail": "three@x.cn", "StaffSkillGroupList": [{"SkillGroupId": 1001}]}),
    ("POST", "UnbindStaffSkillGroupList", {"StaffEmail": "one@x.cn", "SkillGroupList": [1000]}),
    ("POST", "ModifyStaff", {"Email": "one@x.cn", "Name": "By hand"}),
    ("POST", "CreateStaff", {"Staffs": [{"Mail": "new@x.cn", "Name": "New", "StaffNumber": "9"}]}),
    ("POST", "DeleteStaff", {"StaffList": ["three@x.cn"]}),
    ("POST", "ModifyExtension", {"ExtensionId": "8201", "ExtensionName": "By hand", "Relation": ""}),
    ("POST", "DeleteExtension", {"ExtensionId": "8201"}),
    ("POST", "DisableCCCPhoneNumber", {"PhoneNumbers": [NUMBER], "Disabled": 1}),
)


def _holds(has: Mapping[str, Any], wished: Mapping[str, Any], _stage: Stage, _told: str) -> None:
    names = {name: fields["name"] for name, fields in wished["queues"].items()}
    assert {*names.values()} == {*has["queues"]}, "none is there twice"
    for fields in wished["queues"].values():
        assert fields.items() <= has["queues"][fields["name"]].items()
    assert {fields["email"] for fields in wished["agents"].values()} == {*has["agents"]}
    for fields in wished["agents"].values():
        agent = has["agents"][fields["email"]]
        queues = fields["queues"]
        assert sorted(names[queue] for queue in queues) == sorted(agent["queues"])
        pairs = queues.items() if isinstance(queues, dict) else ()
        wanted = {names[queue]: pair["priority"] for queue, pair in pairs if pair}
        assert wanted.items() <= agent["priorities"].items()
        plain = {name: value for name, value in fields.items() if name != "queues"}
        assert plain.items() <= agent.items()
    emails = {"": "", **{name: fields["email"] for name, fields in wished["agents"].items()}}
    assert {*wished["extensions"]} == {*has["extensions"]}
    for number, fields in wished["extensions"].items():
        item = has["extensions"][number]
        assert fields["name"] == item["name"]
        assert (sorted(names[queue] for queue in fields["queues"]), emails[fields["agent"]]) == (
            sorted(item["queues"]),
            item["agent"],
        )
    line = wished["numbers"][NUMBER]
    assert sorted(names[queue] for queue in line["outbound_queues"]) == sorted(
        has["numbers"][NUMBER]["outbound_queues"]
    )
    assert line["enabled"] is has["numbers"][NUMBER]["enabled"]
    digests = [file["digest"] for file in has["voice_files"].values()]
    assert len(digests) == len({*digests}), "no content is there twice"


TRIALS: Final = Trials(
    vendor=TENCENT,
    seed=tenant.BOUGHT,
    always=tenant.PRUNE,
    wishes=WISHES,
    by_hand=BY_HAND,
    aims=tuple({"api": glob} for glob in ("Create*", "[MU]*", "Delete*", "Bind*", "*")),
    writes={"api": "[BCMU]*"},
    code="FailedOperation.NobodyKnows",
    holds=_holds,
)
