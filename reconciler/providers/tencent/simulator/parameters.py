"""
The parameters of each action: which there are, of which type, which are needed. Source: TCCC API, "Input Parameters".

What values they may have is the business of each action's rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from reconciler.providers.tencent.simulator.answers import (
    INVALID_PARAMETER,
    MISSING_PARAMETER,
    UNKNOWN_PARAMETER,
    Refused,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: its type as the vendor names it, what an Array holds, what an Object has."""

    type: str
    needed: bool = False
    of: Parameter | None = None
    fields: Mapping[str, Parameter] = field(default_factory=dict)


TEXT: Final = Parameter(type="String")
INTEGER: Final = Parameter(type="Integer")
BOOLEAN: Final = Parameter(type="Boolean")
TEXTS: Final = Parameter(type="Array", of=TEXT)
INTEGERS: Final = Parameter(type="Array", of=INTEGER)


def _needed(parameter: Parameter) -> Parameter:
    return replace(parameter, needed=True)


def _object(**fields: Parameter) -> Parameter:
    return Parameter(type="Object", fields=fields)


def _objects(**fields: Parameter) -> Parameter:
    return Parameter(type="Array", of=_object(**fields), needed=True)


_APP: Final = {"SdkAppId": _needed(INTEGER)}
_PAGE: Final = {"PageSize": _needed(INTEGER), "PageNumber": _needed(INTEGER)}
_FORWARDING: Final = _object(
    Enabled=BOOLEAN,
    Condition=INTEGER,
    Target=_object(Type=INTEGER, StaffUserId=TEXT, SkillGroupId=INTEGER, Extension=TEXT),
)

PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "CreateStaff": {
        **_APP,
        "Staffs": _objects(
            Name=_needed(TEXT),
            Mail=_needed(TEXT),
            StaffNumber=_needed(TEXT),
            Phone=TEXT,
            Nick=TEXT,
            UserId=TEXT,
            SkillGroupNameList=TEXTS,
            Role=INTEGER,
            ExtensionNumber=TEXT,
        ),
        "SendPassword": BOOLEAN,
    },
    "ModifyStaff": {
        **_APP,
        "Email": _needed(TEXT),
        "Name": TEXT,
        "Phone": TEXT,
        "Nick": TEXT,
        "StaffNo": TEXT,
        "SkillGroupIds": INTEGERS,
        "UseMobileCallOut": BOOLEAN,
        "UseMobileAccept": INTEGER,
        "ExtensionNumber": TEXT,
        "ForwardingConfig": _FORWARDING,
    },
    "DeleteStaff": {**_APP, "StaffList": _needed(TEXTS)},
    "DescribeStaffInfoList": {**_APP, **_PAGE, "StaffMail": TEXT, "ModifiedTime": INTEGER, "SkillGroupId": INTEGER},
    "BindStaffSkillGroupList": {
        **_APP,
        "StaffEmail": _needed(TEXT),
        "StaffSkillGroupList": _objects(SkillGroupId=_needed(INTEGER), Priority=INTEGER),
        "SkillGroupList": INTEGERS,
    },
    "UnbindStaffSkillGroupList": {**_APP, "StaffEmail": _needed(TEXT), "SkillGroupList": _needed(INTEGERS)},
    "ForceMemberOffline": {**_APP, "UserId": _needed(TEXT)},
    "RestoreMemberOnline": {**_APP, "UserId": _needed(TEXT)},
    "CreateCCCSkillGroup": {
        **_APP,
        "SkillGroupName": _needed(TEXT),
        "SkillGroupType": _needed(INTEGER),
        "MaxConcurrency": INTEGER,
    },
    "UpdateCCCSkillGroup": {
        **_APP,
        "SkillGroupID": _needed(INTEGER),  # the one action that spells it so
        "SkillGroupName": TEXT,
        "MaxConcurrency": INTEGER,
        "RingAll": BOOLEAN,
    },
    "DeleteCCCSkillGroup": {**_APP, "SkillGroupId": _needed(INTEGER)},
    "DescribeSkillGroupInfoList": {
        **_APP,
        **_PAGE,
        "SkillGroupId": INTEGER,
        "ModifiedTime": INTEGER,
        "SkillGroupName": TEXT,
    },
    "CreateExtension": {
        **_APP,
        "ExtensionId": _needed(TEXT),
        "ExtensionName": _needed(TEXT),
        "SkillGroupIds": INTEGERS,
        "Relation": TEXT,
    },
    "ModifyExtension": {
        **_APP,
        "ExtensionId": _needed(TEXT),
        "ExtensionName": TEXT,
        "SkillGroupIds": INTEGERS,
        "Relation": TEXT,
    },
    "DeleteExtension": {**_APP, "ExtensionId": _needed(TEXT)},
    "DescribeExtensions": {
        **_APP,
        "PageNumber": _needed(INTEGER),
        "ExtensionIds": TEXTS,
        "PageSize": INTEGER,
        "FuzzingKeyWord": TEXT,
        "IsNeedStatus": BOOLEAN,
    },
    "DescribeExtension": {**_APP, "ExtensionId": _needed(TEXT)},
    "ResetExtensionPassword": {**_APP, "ExtensionId": _needed(TEXT)},
    "DescribeNumbers": {**_APP, "PageNumber": INTEGER, "PageSize": INTEGER},
    "BindNumberCallOutSkillGroup": {**_APP, "Number": _needed(TEXT), "SkillGroupIds": _needed(INTEGERS)},
    "UnbindNumberCallOutSkillGroup": {**_APP, "Number": _needed(TEXT), "SkillGroupIds": _needed(INTEGERS)},
    "DisableCCCPhoneNumber": {"PhoneNumbers": _needed(TEXTS), "Disabled": _needed(INTEGER), "SdkAppId": INTEGER},
    "UploadIvrAudio": {**_APP, "AudioList": _objects(CustomFileName=_needed(TEXT), AudioUrl=_needed(TEXT))},
    "DescribeIvrAudioList": {**_APP, **_PAGE, "CustomFileName": TEXTS, "AudioFileName": TEXTS, "FileId": INTEGERS},
    "DescribeStaffStatusMetrics": {**_APP, "StaffList": TEXTS, "GroupIdList": INTEGERS, "StatusList": TEXTS},
    "DescribeCCCBuyInfoList": {"SdkAppIds": INTEGERS},
    "DescribeTelCdr": {
        **_APP,
        **_PAGE,
        "StartTimeStamp": _needed(INTEGER),
        "EndTimeStamp": _needed(INTEGER),
        "InstanceId": INTEGER,
        "Limit": INTEGER,
        "Offset": INTEGER,
        "Phones": TEXTS,
        "SessionIds": TEXTS,
    },
}

_LONGEST: Final = 19  # digits of a number in a query; more would be no 64-bit integer
_INT64: Final = 2**63


def read(body: Mapping[str, Any], parameters: Mapping[str, Parameter], *, where: str = "") -> dict[str, Any]:
    """
    Read a body; a null counts as left out, as the official SDK sends none.

    Raises:
        Refused: UnknownParameter, MissingParameter, InvalidParameter.
    """
    for name in body:
        if name not in parameters:
            raise Refused(UNKNOWN_PARAMETER, f"The parameter `{where}{name}` is not recognized.")
    found = {}
    for name, parameter in parameters.items():
        value = body.get(name)
        if value is not None:
            found[name] = _value(value, parameter, f"{where}{name}")
        elif parameter.needed:
            raise Refused(MISSING_PARAMETER, f"The request is missing a required parameter `{where}{name}`.")
    return found


def _value(value: Any, parameter: Parameter, where: str) -> Any:
    match parameter.type:
        case "String" if isinstance(value, str):
            return value
        case "Boolean" if isinstance(value, bool):
            return value
        case "Integer" if type(value) is int and -_INT64 <= value < _INT64:
            return value
        case "Array" if isinstance(value, list | tuple) and parameter.of is not None:
            return [_value(item, parameter.of, f"{where}.{place}") for place, item in enumerate(value)]
        case "Object" if isinstance(value, Mapping):
            return read(value, parameter.fields, where=f"{where}.")
        case _:
            raise Refused(INVALID_PARAMETER, f"The parameter `{where}` should be of type {parameter.type}.")


def from_query(query: Mapping[str, str], parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """
    Make the body of a GET: `SdkAppIds.0=1&SdkAppIds.1=2` is a list of two; types come from *parameters*.

    What fits nothing stays as it is, for `read` to refuse.
    """
    found: dict[str, Any] = {}
    for name, value in query.items():
        _place(found, name.split("."), value)
    return {name: _typed(value, parameters.get(name)) for name, value in found.items()}


def _place(found: dict[str, Any], steps: list[str], value: str) -> None:
    for step in steps[:-1]:
        inner = found.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        found = inner
    found.setdefault(steps[-1], value)


def _typed(value: Any, parameter: Parameter | None) -> Any:
    if parameter is None:
        return value
    match parameter.type:
        case "Integer" if isinstance(value, str) and len(value) <= _LONGEST and value.isascii() and value.isdigit():
            return int(value)
        case "Boolean" if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        case "Array" if isinstance(value, dict) and all(step.isascii() and step.isdigit() for step in value):
            return [_typed(value[step], parameter.of) for step in sorted(value, key=lambda step: (len(step), step))]
        case "Object" if isinstance(value, dict):
            return {name: _typed(item, parameter.fields.get(name)) for name, item in value.items()}
        case _:
            return value
