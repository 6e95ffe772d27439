"""
What the vendor's pages leave open, one setting each.

The default is the likeliest reading. The client must hold under every value, so tests run under `DIALECTS`: the default
and every dialect that differs from it in one setting. Sources name actions and data types of the TCCC API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from reconciler.providers.simulation.points import Open, OpenPoints, variations


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect(OpenPoints):
    """One way to read the pages."""

    bind: Annotated[
        Literal["add", "replace"],
        Open("Does binding add to a person's skill groups, or replace them?", "BindStaffSkillGroupList"),
    ] = "add"
    bind_priority: Annotated[
        Literal["moves", "stays"],
        Open("Does binding a pair that exists change its priority?", "BindStaffSkillGroupList"),
    ] = "moves"
    bind_again: Annotated[
        Literal["ok", "refused"],
        Open("Is binding a pair that exists fine, or refused (InvalidParameter)?", "BindStaffSkillGroupList"),
    ] = "ok"
    unbind_absent: Annotated[
        Literal["ok", "refused"],
        Open("Is unbinding a pair that is not there fine, or refused?", "UnbindStaffSkillGroupList"),
    ] = "ok"
    create_queues: Annotated[
        Literal["honoured", "ignored"],
        Open("Does CreateStaff act on SkillGroupNameList?", "SeatUserInfo"),
    ] = "honoured"
    modify_queues: Annotated[
        Literal["replace", "add"], Open("Does ModifyStaff's SkillGroupIds add or replace?", "ModifyStaff")
    ] = "replace"
    duplicate_staff: Annotated[
        Literal["item", "call", "partial"],
        Open(
            "Is who can't be made, as a duplicate, reported per item, or does the call fail: with nothing done, or "
            "with those before made?",
            "CreateStaff",
        ),
    ] = "item"
    email_case: Annotated[
        Literal["insensitive", "sensitive"], Open("Does the case of an email count?", "CreateStaff")
    ] = "insensitive"
    work_numbers: Annotated[Literal["free", "unique"], Open("May two people have one work number?", "CreateStaff")] = (
        "free"
    )
    modify_empty: Annotated[
        Literal["clears", "ignored"], Open('Does "" clear Phone, Nick or ExtensionNumber?', "ModifyStaff")
    ] = "clears"
    forwarding_off: Annotated[
        Literal["bare", "with-target"],
        Open("May Enabled be false without a Target?", "ModifyStaff"),
    ] = "bare"
    forwarding_unset: Annotated[
        Literal["null", "disabled", "absent"],
        Open("How does the forwarding of a person without any read?", "StaffInfo"),
    ] = "null"
    phone_prefix: Annotated[
        Literal["kept", "stripped"], Open("Does a phone read back with the 0086 that it was sent with?", "StaffInfo")
    ] = "kept"
    roles: Annotated[
        Literal["list", "id"], Open("Does a role read as RoleList, or as RoleId as in the older pages?", "StaffInfo")
    ] = "list"
    delete_unknown_staff: Annotated[
        Literal["ok", "refused"], Open("Is deleting an email that nobody has an error?", "DeleteStaff")
    ] = "ok"
    delete_staff_bound: Annotated[
        Literal["ok", "kept", "refused"],
        Open(
            "Do telephones let go of a person who is deleted, keep naming them, or is the deletion refused while the "
            "person has skill groups or a telephone?",
            "DeleteStaff",
        ),
    ] = "ok"
    delete_forwarded: Annotated[
        Literal["ok", "kept", "refused"],
        Open(
            "Calls are forwarded to a person or telephone that is deleted: does the forwarding end, stay and lead "
            "nowhere, or is the deletion refused?",
            "ForwardingConfig",
        ),
    ] = "ok"
    metrics: Annotated[
        Literal["all", "online", "absent"],
        Open("Does it list everybody, only who was ever online, or is it not offered?", "DescribeStaffStatusMetrics"),
    ] = "all"
    delete_queue: Annotated[
        Literal["exists", "absent"],
        Open("Is DeleteCCCSkillGroup offered? Old editions lack it.", "DeleteCCCSkillGroup"),
    ] = "exists"
    delete_queue_in_use: Annotated[
        Literal["refused", "ok"],
        Open(
            "Is deleting a group refused (ResourceUnavailable) while people, telephones, numbers, forwarding name it, "
            "or do they let go of it?",
            "DeleteCCCSkillGroup",
        ),
    ] = "refused"
    ring_all: Annotated[
        Literal["shown", "absent"], Open("Is RingAll known? Old editions lack it.", "SkillGroupInfoItem")
    ] = "shown"
    name_filter: Annotated[
        Literal["exact", "part"], Open("Does SkillGroupName match exactly, or a part?", "DescribeSkillGroupInfoList")
    ] = "exact"
    extension_exists: Annotated[
        Literal["InvalidParameterValue", "FailedOperation", "ResourceInUse", "InternalError.DBError"],
        Open("Which code says that a telephone exists already?", "CreateExtension"),
    ] = "InvalidParameterValue"
    extension_missing: Annotated[
        Literal["InvalidParameterValue", "ResourceNotFound", "InternalError.DBError"],
        Open("Which code says that there is no such telephone?", "ModifyExtension"),
    ] = "InvalidParameterValue"
    extension_claim: Annotated[
        Literal["shared", "moves", "refused"],
        Open(
            "May one person be bound to several telephones, does the last one take the person from the others, or is "
            "it refused?",
            "ModifyExtension",
        ),
    ] = "shared"
    extension_empty_queues: Annotated[
        Literal["clears", "ignored"], Open("Does [] clear a telephone's skill groups?", "ModifyExtension")
    ] = "clears"
    extension_empty_agent: Annotated[
        Literal["clears", "ignored"], Open('Does "" clear a telephone\'s Relation?', "ModifyExtension")
    ] = "clears"
    extension_groups_empty: Annotated[
        Literal["text", "null"], Open('Is SkillGroupId of a telephone without groups "" or null?', "ExtensionInfo")
    ] = "text"
    delete_extension_bound: Annotated[
        Literal["ok", "refused"],
        Open("May a telephone go while it has a Relation or skill groups?", "DeleteExtension"),
    ] = "ok"
    number_bind: Annotated[
        Literal["add", "replace"],
        Open("Does binding add to a number's skill groups, or replace them?", "BindNumberCallOutSkillGroup"),
    ] = "add"
    unbind_number_absent: Annotated[
        Literal["ok", "refused"],
        Open("Is unbinding a group that a number does not have fine, or refused?", "UnbindNumberCallOutSkillGroup"),
    ] = "ok"
    review: Annotated[
        Literal["approved", "rejected", "pending"],
        Open("How does the review of an upload end? Pending never ends.", "UploadIvrAudio"),
    ] = "approved"
    review_after: Annotated[
        int, Open("How many lists of the files show an upload before its review ends?", "UploadIvrAudio", tried=(2,))
    ] = 0
    uploads_a_day: Annotated[
        int, Open("How many files may be uploaded? There is no clock here: all in all.", "UploadIvrAudio", lowest=1)
    ] = 50
    null_lists: Annotated[
        Literal["null", "list", "absent"],
        Open('Is a list without members null, [], or not there? An example has "ErrorStaffList": null.', "CreateStaff"),
    ] = "null"
    order: Annotated[
        Literal["made", "sorted", "reversed", "shuffled"],
        Open(
            "Do lists keep the order of making? Shuffled is another order each time that a first page is read.",
            "DescribeStaffInfoList",
        ),
    ] = "made"
    page_cap: Annotated[
        int,
        Open(
            "The most rows on a page of telephones or numbers, for which no maximum is stated; 0 for none.",
            "DescribeExtensions",
            tried=(2,),
        ),
    ] = 0
    page_over: Annotated[
        Literal["cut", "refused"],
        Open("Is a larger PageSize than `page_cap` cut, or refused?", "DescribeExtensions", along=(("page_cap", 50),)),
    ] = "cut"
    lag: Annotated[
        int, Open("How many reads by an action still show the state before the last write?", "General", tried=(2,))
    ] = 0
    deprecated: Annotated[
        Literal["absent", "present"], Open("Does a DeprecatedWarning stand in answers?", "Response format")
    ] = "absent"
    edition: Annotated[
        Literal["domestic", "international"],
        Open("Which edition answers? The international one lacks DeleteStatusInfo and CostType.", "DeleteStaff"),
    ] = "domestic"
    seats: Annotated[
        int, Open("How many seats were bought? StaffBuyNum says so.", "DescribeCCCBuyInfoList", lowest=1)
    ] = 100_000
    telephones: Annotated[
        int, Open("How many office telephones were bought? SipBuyNum says so.", "DescribeCCCBuyInfoList", lowest=1)
    ] = 100_000


DIALECTS: Final[Mapping[str, Dialect]] = variations(Dialect)
"""The default dialect, and every one that differs from it in one setting, by `name=value`."""
