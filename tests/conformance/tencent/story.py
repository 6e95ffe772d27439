"""What is told of a Tencent tenant, and what it must have after each act."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.providers.tencent.simulator.dialect import Dialect
from tests.conformance.tencent import tenant
from tests.conformance.vendor import Act, ByHand, Sections, Story

_DRIFTED: Final = {
    "agents/li", "agents/wang", "agents/zhao", "agents/new@example.com", "extensions/8001", "extensions/8003",
    "numbers/0085212345678", "numbers/0085287654321", "queues/chat", "queues/Other",
}  # fmt: skip


def _by_hand(sections: Sections, dialect: Dialect) -> Iterator[ByHand]:
    """Change a bit of everything that can be read, as a person in the console would."""
    ids = {name: int(queue["id"]) for name, queue in sections["queues"].items()}
    staff = sections["agents"]
    li, wang, zhao = ({"StaffEmail": staff[f"{name}@example.com"]["email"]} for name in ("li", "wang", "zhao"))
    yield "POST", "UpdateCCCSkillGroup", {"SkillGroupID": ids["Chat"], "MaxConcurrency": 7}
    yield "POST", "CreateCCCSkillGroup", {"SkillGroupName": "Other", "SkillGroupType": 0}
    yield "POST", "UnbindStaffSkillGroupList", {**li, "SkillGroupList": [ids["Sales"]]}
    yield "POST", "BindStaffSkillGroupList", {**zhao, "StaffSkillGroupList": [{"SkillGroupId": ids["Video"]}]}
    yield "POST", "UnbindStaffSkillGroupList", {**wang, "SkillGroupList": [ids["Support"]]}
    # How mobiles are used may be shown by no read; then what a hand does there is seen by nobody.
    mobile = {"UseMobileAccept": 1} if dialect.metrics == "all" else {}
    yield "POST", "ModifyStaff", {"Email": "wang@example.com", "Name": "Renamed", **mobile}
    new = {"Mail": "new@example.com", "Name": "New", "StaffNumber": "77"}
    yield "POST", "CreateStaff", {"Staffs": [new], "SendPassword": False}
    yield "POST", "ModifyExtension", {"ExtensionId": "8001", "ExtensionName": "By hand"}
    yield "POST", "DeleteExtension", {"ExtensionId": "8003"}
    yield "POST", "DisableCCCPhoneNumber", {"PhoneNumbers": [tenant.NUMBER], "Disabled": 1}
    unbound = {"Number": tenant.OTHER_NUMBER, "SkillGroupIds": [ids["Support"]]}
    yield "POST", "UnbindNumberCallOutSkillGroup", unbound


def _wished(act: Act, old: Sections, now: Sections, dialect: Dialect) -> dict[str, Any]:
    """Complete the wish with the vendor's defaults and with what nobody manages."""
    wish = act.wish
    names = {local: fields["name"] for local, fields in wish["queues"].items()}
    emails = {local: fields["email"].lower() for local, fields in wish["agents"].items()}
    # Before the act the queues were called otherwise; who keeps a priority keeps it under the new name.
    renamed = {fields["renamed_from"]: fields["name"] for fields in wish["queues"].values() if "renamed_from" in fields}
    if not set(renamed) <= set(old["queues"]):  # it was carried out before
        renamed = {}
    return {
        "queues": {
            fields["name"]: _queue(fields, old, now, renamed) for fields in wish["queues"].values()
        },
        "agents": {
            emails[local]: _agent(fields, names, old["agents"].get(emails[local], {}), renamed)
            for local, fields in wish["agents"].items()
        },
        "extensions": {
            number: {
                "number": number, "name": fields["name"],
                "queues": sorted(names[local] for local in fields["queues"]),
                "agent": emails.get(fields["agent"], ""),
            }
            for number, fields in wish["extensions"].items()
        },
        "numbers": {
            number: _number(fields, wish["numbers"].get(number, {}), names, renamed)
            for number, fields in old["numbers"].items()
        },
        "voice_files": _files(wish.get("voice_files", {}), old, dialect),
    }  # fmt: skip


def _queue(fields: Sections, old: Sections, now: Sections, renamed: Mapping[str, str]) -> dict[str, Any]:
    name = fields["name"]
    before: Sections = next((live for was, live in old["queues"].items() if renamed.get(was, was) == name), {})
    if name in renamed and name not in renamed.values():  # its old bearer has another name now
        before = {}
    return {
        "type": "phone", "max_concurrency": 1, "ring_all": False, "renamed_from": "",
        "id": now["queues"].get(name, {}).get("id"),  # the vendor gives it; a queue keeps what it has
        **before,
        **{key: value for key, value in fields.items() if key != "renamed_from"},
    }  # fmt: skip


def _agent(fields: Sections, names: Mapping[str, str], old: Sections, renamed: Mapping[str, str]) -> dict[str, Any]:
    wanted = fields["queues"]
    pairs = wanted if isinstance(wanted, Mapping) else {local: {} for local in wanted}
    had = {renamed.get(name, name): priority for name, priority in old.get("priorities", {}).items()}
    priorities = {names[local]: pair.get("priority", had.get(names[local], 3)) for local, pair in pairs.items()}
    return {
        "phone": "", "nick": "", "role": "agent", "extension_number": "", "mobile_accept": "off",
        "mobile_call_out": False, "forwards_to": "", **old, **fields,
        "email": old.get("email", fields["email"]),
        "queues": sorted(priorities), "priorities": priorities,
    }  # fmt: skip


def _number(old: Sections, fields: Sections, names: Mapping[str, str], renamed: Mapping[str, str]) -> dict[str, Any]:
    queues = (
        [names[local] for local in fields["outbound_queues"]]
        if "outbound_queues" in fields
        else [renamed.get(name, name) for name in old["outbound_queues"]]
    )
    enabled = fields.get("enabled", old["enabled"])
    return {**old, "outbound_queues": sorted(queues), "enabled": enabled, "state": "1" if enabled else "4"}


def _files(wish: Sections, old: Sections, dialect: Dialect) -> dict[str, Any]:
    """Say which files there are: nothing deletes one, so each that was there still is, and a newer one has its name."""
    files = {name: {**fields} for name, fields in old["voice_files"].items()}
    last = max((int(fields["file_id"]) for fields in files.values()), default=0)
    status = "0" if dialect.review == "pending" else "1"
    for name, fields in wish.items():
        content = fields.get("sha256") or hashlib.sha256(fields["url"].encode()).hexdigest()
        digest = content[:16]
        there = files.get(name)
        if there is not None and digest in there["digests"]:
            continue
        last += 1
        digests = sorted({digest, *(there["digests"] if there is not None else ())})
        if there is not None:
            aside = f"{name}#{there['file_id']}"
            files[aside] = {**there, "name": aside}
        made = {"name": name, "url": "", "sha256": "", "digest": digest, "file_id": str(last), "status": status}
        files[name] = made
        for fields_of in files.values():
            if fields_of["name"].partition("#")[0] == name:
                fields_of["digests"] = digests
    return files


def _many(count: int) -> dict[str, Any]:
    numbers = range(count)
    return {
        "queues": {f"q{number}": {"name": f"Queue {number}"} for number in numbers},
        "extensions": {str(8100 + number): {"name": "Desk", "queues": [f"q{number}"]} for number in numbers},
        "voice_files": {f"file{number}": {"url": f"https://cdn.example.com/{number}.mp3"} for number in range(3)},
    }


def bare(sections: dict[str, Any]) -> dict[str, Any]:
    """Take away the ids of files, which go by who comes first; a file that is there twice shows all the same."""
    files = sorted(sections["voice_files"].values(), key=lambda file: int(file["file_id"]))
    sections["voice_files"] = {}
    for file in files:
        name = file["name"].partition("#")[0]
        same = sum(other["name"] == name for other in sections["voice_files"].values())
        sections["voice_files"][f"{name}#{same}"] = {**file, "name": name, "file_id": ""}
    return sections


STORY: Final = Story(
    before=tenant.BEFORE,
    empty=tenant.BOUGHT,
    acts=(Act(wish=tenant.FIRST), Act(wish=tenant.SECOND), Act(wish=tenant.THIRD)),
    by_hand=_by_hand,
    drifted=_DRIFTED,
    wished=_wished,
    many=_many,
    bare=bare,
    unreachable={
        "modify_empty=ignored": "nothing takes a phone, a nick or an internal number from a person",
        "extension_empty_queues=ignored": "nothing takes its last queue from a telephone",
        "extension_empty_agent=ignored": "nothing takes its person from a telephone",
        "delete_queue=absent": "no action deletes a queue in an old edition",
        "ring_all=absent": "an old edition knows no RingAll",
        "review=rejected": "people at the vendor turn the files down",
    },
    again={
        "extension_claim=moves": "a telephone that takes a person takes the person from another telephone as well",
        "extension_claim=refused": "two telephones that swap persons each have to let go first",
        "review=pending": "people at the vendor never look at the files, which the next run does not wait for",
    },
)
