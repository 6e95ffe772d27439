"""
What only tells: states, purchases, finished calls.

Source: TCCC API, "DescribeStaffStatusMetrics", "DescribeCCCBuyInfoList", "DescribeTelCdr".
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.providers.tencent.simulator.answers import INVALID_ACTION, Refused, invalid_value
from reconciler.providers.tencent.simulator.asked import Asked, ordered, page
from reconciler.providers.tencent.simulator.records import Staff, Tenant

LARGEST_PAGE: Final = 100
_LONGEST_S: Final = 90 * 86_400  # DescribeTelCdr: "under 90 days"


def read_metrics(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Show what people do, and, nowhere else, how their mobiles are used ("DescribeStaffStatusMetrics")."""
    body = asked.body
    if asked.dialect.metrics == "absent":
        raise Refused(INVALID_ACTION, "The action DescribeStaffStatusMetrics does not exist.")
    keys = set(tenant.staff)
    if body.get("StaffList"):
        keys &= {tenant.key(email) for email in body["StaffList"]}
    if body.get("GroupIdList"):
        keys &= {key for group in body["GroupIdList"] for key in tenant.members.get(group, ())}
    if body.get("StatusList"):
        keys = {key for key in keys if _status(tenant.staff[key]) in body["StatusList"]}
    if asked.dialect.metrics == "online":
        keys = {key for key in keys if tenant.staff[key].online}
    tenant.shuffles += 1
    rows = [_shown(tenant.staff[key]) for key in ordered(tenant.staff, tenant, asked.dialect) if key in keys]
    return {"Metrics": rows}


def _status(staff: Staff) -> str:
    return "free" if staff.online else "offline"


def _shown(staff: Staff) -> dict[str, Any]:
    return {
        "Email": staff.email,
        "Status": _status(staff),
        "StatusExtra": {"Type": "", "Direct": ""},
        "OnlineDuration": 0,
        "FreeDuration": 0,
        "BusyDuration": 0,
        "NotReadyDuration": 0,
        "RestDuration": 0,
        "AfterCallWorkDuration": 0,
        "Reason": "",
        "ReserveRest": False,
        "ReserveNotReady": False,
        "UseMobileAccept": staff.mobile_accept,
        "UseMobileCallOut": staff.mobile_call_out,
        "LastOnlineTimestamp": None,
        "LastStatusTimestamp": None,
        "ClientInfo": [],
    }


def read_purchases(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """Show what was bought, of one application or all of the account's ("DescribeCCCBuyInfoList")."""
    wanted = asked.body.get("SdkAppIds") or [tenant.app_id]
    numbers = [
        {"PhoneNum": line.number, "Type": 0, "CallType": 3, "BuyTime": 0, "EndTime": 0, "State": line.state}
        for line in tenant.lines.values()
    ]
    dialect = asked.dialect
    mine = {
        "SdkAppId": tenant.app_id,
        "Name": tenant.contact_center,
        "StaffBuyNum": dialect.seats,
        "StaffBuyList": [{"Num": dialect.seats, "BuyTime": 0, "EndTime": 0, "SipNum": dialect.telephones}],
        "PhoneNumBuyList": numbers,
        "SipBuyNum": dialect.telephones,
    }
    found = [mine] if tenant.app_id in wanted else []
    return {"TotalCount": len(found), "SdkAppIdBuyList": found, "PackageBuyList": []}


def read_records(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """List finished calls that started in a span of time ("DescribeTelCdr")."""
    body = asked.body
    start, end = body["StartTimeStamp"], body["EndTimeStamp"]
    if not 0 <= end - start < _LONGEST_S:
        raise invalid_value("The span from `StartTimeStamp` to `EndTimeStamp` is not valid.")
    found = [record for record in tenant.records if start <= (record.get("Time") or 0) <= end]
    if body.get("SessionIds"):
        found = [record for record in found if record.get("SessionId") in body["SessionIds"]]
    if body.get("Phones"):
        found = [record for record in found if {record.get("Caller"), record.get("Callee")} & set(body["Phones"])]
    places = page(range(len(found)), tenant, asked, largest=LARGEST_PAGE)
    return {"TotalCount": len(found), "TelCdrList": [found[place] for place in places]}
