"""
The vendor as a pure state machine: an action in, an answer out, and no clock, network, file or chance.

Which rule answers which action stands in `_RULES`; the rules live in modules by what they are about. Times, ids and
passwords are made of counters: the same calls, the same answers.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final, Self

from reconciler.providers.tencent.simulator import audio, evidence, groups, lines, members, staff, telephones
from reconciler.providers.tencent.simulator.answers import INVALID_ACTION, NO_INSTANCE, Answer, Failure, Refused
from reconciler.providers.tencent.simulator.asked import Asked, Rule, shown
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.dump import write_state
from reconciler.providers.tencent.simulator.parameters import PARAMETERS, read
from reconciler.providers.tencent.simulator.records import Tenant
from reconciler.providers.tencent.simulator.seed import read_state

_READS: Final[Mapping[str, Rule]] = {
    "DescribeStaffInfoList": staff.read_all,
    "DescribeSkillGroupInfoList": groups.read_all,
    "DescribeExtensions": telephones.read_all,
    "DescribeExtension": telephones.read_one,
    "DescribeNumbers": lines.read_all,
    "DescribeIvrAudioList": audio.read_all,
    "DescribeStaffStatusMetrics": evidence.read_metrics,
    "DescribeCCCBuyInfoList": evidence.read_purchases,
    "DescribeTelCdr": evidence.read_records,
}
_WRITES: Final[Mapping[str, Rule]] = {
    "CreateStaff": staff.create,
    "ModifyStaff": staff.modify,
    "DeleteStaff": staff.delete,
    "BindStaffSkillGroupList": members.bind,
    "UnbindStaffSkillGroupList": members.unbind,
    "ForceMemberOffline": staff.force_offline,
    "RestoreMemberOnline": staff.restore_online,
    "CreateCCCSkillGroup": groups.create,
    "UpdateCCCSkillGroup": groups.update,
    "DeleteCCCSkillGroup": groups.delete,
    "CreateExtension": telephones.create,
    "ModifyExtension": telephones.modify,
    "DeleteExtension": telephones.delete,
    "ResetExtensionPassword": telephones.reset_password,
    "BindNumberCallOutSkillGroup": lines.bind,
    "UnbindNumberCallOutSkillGroup": lines.unbind,
    "DisableCCCPhoneNumber": lines.disable,
    "UploadIvrAudio": audio.upload,
}
_RULES: Final[Mapping[str, Rule]] = {**_READS, **_WRITES}
ACTIONS: Final[Mapping[str, str]] = {action: "reads" if action in _READS else "writes" for action in _RULES}
"""The actions that the machine answers, and whether they read or write."""
assert PARAMETERS.keys() == _RULES.keys(), "every rule has its parameters"


class Machine:
    """One tenant that answers actions. *version* grows with every write, whether it worked or not."""

    def __init__(self, tenant: Tenant, dialect: Dialect) -> None:
        self.tenant = tenant
        self.dialect = dialect
        self.version = 0

    @classmethod
    def from_state(cls, state: Mapping[str, Any], dialect: Dialect | None = None) -> Self:
        """
        Make a machine in the state of a snapshot; what the snapshot leaves out has the vendor's defaults.

        Args:
            state: `{"format": "reconciler-live/1", "tenant": SdkAppId, "sections": {section: {identity: fields}}}`;
                all of it is optional. Lists may be tuples.
            dialect: How to read the pages where they are open; the likeliest reading without it.

        Raises:
            ReconcilerError: It is no snapshot of a Tencent tenant.
        """
        dialect = dialect or Dialect()
        return cls(read_state(state, case_sensitive=dialect.email_case == "sensitive"), dialect)

    def to_state(self) -> dict[str, Any]:
        """Give the state as a snapshot, with every section and field."""
        return write_state(self.tenant)

    def copy(self) -> Machine:
        """Make an independent machine in the same state."""
        twin = Machine(copy.deepcopy(self.tenant), self.dialect)
        twin.version = self.version
        return twin

    def handle(self, action: str, body: Mapping[str, Any], *, trusted: bool = False) -> Answer:
        """
        Carry out one action.

        Args:
            action: Such as CreateStaff.
            body: The decoded JSON object, with `SdkAppId` where the action needs it.
            trusted: Whether it carries what the vendor itself has shown, which may break the forms of its pages.

        Returns:
            The members of `Response` but for its RequestId, or the refusal.
        """
        rule = _RULES.get(action)
        if rule is None:
            return Failure(code=INVALID_ACTION, message=f"The action {action} does not exist.")
        if action in _WRITES:
            self.version += 1
        try:
            known = read(body, PARAMETERS[action])
            if known.get("SdkAppId", self.tenant.app_id) != self.tenant.app_id:
                return Failure(code=NO_INSTANCE, message="The instance does not exist.")
            done = rule(self.tenant, Asked(dialect=self.dialect, body=known, trusted=trusted))
        except Refused as refused:
            return refused.failure
        answer: dict[str, Any] = shown(done, self.dialect)
        return answer
