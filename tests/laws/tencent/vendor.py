"""Tencent, as the laws see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from reconciler.model.call import Call, Reply
from reconciler.model.desired import Desired
from reconciler.model.errors import Rejected
from reconciler.model.live import Live
from reconciler.providers.base import Provider
from reconciler.providers.tencent import PROVIDER
from reconciler.providers.tencent.protocol import classify
from reconciler.providers.tencent.rehearsal import STRICT
from reconciler.providers.tencent.simulator.dialect import DIALECTS, Dialect
from reconciler.providers.tencent.simulator.machine import Machine
from tests.laws.tencent.tenants import (
    AGENTS,
    HIDDEN,
    NUMBERS,
    QUEUES,
    SECRET_ID,
    SECRET_KEY,
    TOKEN,
    desired_of,
    lives,
    state_of,
    subsets,
    wish_of,
    wishes,
)
from tests.laws.vendor import Case, Sections, Tenant

READINGS: Final[Mapping[str, Dialect]] = {
    "default": Dialect(),
    "strict": STRICT,
    "stubborn": Dialect(bind_priority="stays", create_queues="ignored", unbind_absent="refused"),
    "refusing": Dialect(
        bind_again="refused",
        delete_staff_bound="refused",
        delete_extension_bound="refused",
        extension_claim="refused",
        unbind_number_absent="refused",
    ),
    "moving": Dialect(bind="replace", number_bind="replace", extension_claim="moves", delete_queue_in_use="ok"),
    "bare": Dialect(roles="id", null_lists="absent", order="reversed"),
}
"""Readings of the pages that differ in what a write does; those that differ in form alone are the wire's business."""


class Spoken:
    """The machine behind calls and replies, in any dialect: what the client makes of it, without HTTP."""

    def __init__(self, state: Mapping[str, Any], dialect: Dialect) -> None:
        self._machine = Machine.from_state({"sections": state}, dialect)
        self.files: Mapping[str, bytes] = {}
        self.lag = 0

    def answer(self, call: Call) -> Reply:
        """Carry out one call, or raise `Rejected` as the client would."""
        action = call.action or ""
        tenant = {} if action == "DescribeCCCBuyInfoList" else {"SdkAppId": self._machine.tenant.app_id}
        found = self._machine.handle(action, {**tenant, **(call.body or {})})
        if isinstance(found, Mapping):
            return Reply(payload=found)
        condition = classify(action, found.code, found.message)
        if condition in call.accepts:
            return Reply(payload={}, condition=condition)
        if call.otherwise is not None and condition in call.otherwise_on:
            return self.answer(replace(call.otherwise, changes=call.changes, id=call.id))
        raise Rejected(
            f"{call.title}: {found.code} {found.message}", code=found.code, text=found.message, call=call.title
        )

    @property
    def sections(self) -> Sections:
        """What it has, by its own account, without what follows from other fields."""
        sections: dict[str, dict[str, Any]] = self._machine.to_state()["sections"]
        files = sections["voice_files"].items()
        sections["voice_files"] = {
            name: {key: value for key, value in file.items() if key != "digests"} for name, file in files
        }
        return sections


class Tencent:
    """The description; see `vendor.Vendor`."""

    provider: Provider = PROVIDER
    readings: Sequence[str] = tuple(sorted(READINGS))
    secrets: Sequence[str] = (SECRET_ID, SECRET_KEY, TOKEN)
    starts_otherwise: frozenset[str] = frozenset()
    # A new file under an old name takes its place; a number's state says whether it works.
    travels: Mapping[str, frozenset[str]] = {
        "voice_files": frozenset({"name", "file_id", "status"}),
        "numbers": frozenset({"state"}),
    }
    writes = frozenset(
        {
            "CreateCCCSkillGroup", "UpdateCCCSkillGroup", "DeleteCCCSkillGroup", "CreateStaff", "ModifyStaff",
            "DeleteStaff", "BindStaffSkillGroupList", "UnbindStaffSkillGroupList", "CreateExtension", "ModifyExtension",
            "DeleteExtension", "BindNumberCallOutSkillGroup", "UnbindNumberCallOutSkillGroup", "DisableCCCPhoneNumber",
            "UploadIvrAudio",
        }
    )  # fmt: skip
    contents: Mapping[str, str] = {}
    one_way = frozenset({"voice_files"})  # nothing deletes them
    not_restored = frozenset({("queues", "id"), ("agents", "forwards_to"), ("agents", "email"), ("numbers", "state")})

    def cases(self, *, whole: bool = False) -> st.SearchStrategy[Case]:
        """Draw a live tenant and a wish beside it."""
        return cases(whole=whole)

    def bindings(self) -> st.SearchStrategy[Case]:
        """Draw few agents and numbers, and many queues."""
        return bindings()

    def machine(self, state: Any, reading: str) -> Spoken:
        """Make the vendor's machine in a state."""
        return Spoken(state, READINGS[reading])

    def wired(self, state: Any, dialect: str) -> Spoken:
        """Make the vendor's machine in any dialect; signatures and envelopes are held against the vendor's own SDK."""
        return Spoken(state, DIALECTS[dialect])

    def sort(self, call: Call) -> str:
        """Name a call by its action."""
        return str(call.action)

    def exactly(self, live: Live) -> Desired:
        """Wish for exactly what is live."""
        return desired_of(wish_of(live))

    def comparable(self, sections: Sections, _desired: Desired) -> Sections:
        """Leave out ids of queues and files."""
        found: dict[str, dict[str, Any]] = {name: dict(items) for name, items in sections.items()}
        found["queues"] = {name: {**fields, "id": ""} for name, fields in found["queues"].items()}
        found["voice_files"] = {name: {**fields, "file_id": ""} for name, fields in found["voice_files"].items()}
        return found

    def chosen(self, _desired: Desired, after: Sections) -> frozenset[tuple[str, str]]:
        """Name the older files of a name: the vendor keeps them all."""
        return frozenset(("voice_files", name) for name in after["voice_files"] if "#" in name)

    def answered(self, sections: Sections) -> frozenset[tuple[str, str]]:
        """Name the queues that somebody serves, a person or a telephone."""
        return frozenset(
            ("queues", queue)
            for section in ("agents", "extensions")
            for item in sections[section].values()
            for queue in item["queues"]
        )

    def at_fault(self, lost: tuple[str, str], _live: Live) -> str:
        """Name the queue itself."""
        return lost[1]

    def may_choose(self, _calls: object, _call: Call) -> bool:
        """Whether the vendor might choose; it does not."""
        return False

    def hidden(self, address: str) -> bool:
        """Whether every wish ignores an object."""
        return address == f"queues/{HIDDEN}"

    def unseen(self, call: Call) -> bool:
        """Whether no read may show it: mobile settings where the vendor does not list them; files without a digest."""
        return call.action in {"ModifyStaff", "UploadIvrAudio"}

    def numbers(self, _call: Call) -> bool:
        """Whether the order of parts shows; no batch is numbered."""
        return False

    def lost(self, _before: Sections, _deleted: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """All else comes back."""
        return frozenset()


TENCENT: Final = Tencent()


@st.composite
def cases(draw: st.DrawFn, *, whole: bool = False) -> Case:
    """Draw a live tenant and a wish beside it."""
    live = draw(lives())
    return _case(live, draw(wishes(live, whole=whole)))


def _case(live: Any, desired: Desired) -> Case:
    state = state_of(live)
    return Case(vendor=TENCENT, live=Tenant(PROVIDER, Spoken(state, Dialect())).read(), desired=desired, state=state)


@st.composite
def bindings(draw: st.DrawFn) -> Case:
    """Draw few agents and numbers, and many queues: some join several in one call, and keep some that they have."""
    several = subsets(QUEUES).map(sorted)
    emails = draw(st.sampled_from([AGENTS[:1], AGENTS[:2]]))
    live: dict[str, Any] = {
        "queues": {queue: {} for queue in QUEUES},
        "agents": {email: {"queues": draw(several)} for email in emails},
        "numbers": {number: {"outbound_queues": draw(several), "enabled": draw(st.booleans())} for number in NUMBERS},
    }
    wish: dict[str, Any] = {"agents": {}, "numbers": {}}
    for email in draw(st.sampled_from([AGENTS[:1], AGENTS[:2], AGENTS])):
        queues = draw(several)
        priorities = {queue: draw(st.sampled_from([1, 3])) for queue in queues if draw(st.booleans())}
        wish["agents"][email] = {"name": "N", "staff_number": "1", "queues": queues}
        if priorities:
            wish["agents"][email]["priorities"] = priorities
    for number in NUMBERS:
        wish["numbers"][number] = {"outbound_queues": draw(several), "enabled": draw(st.booleans())}
    return _case(live, desired_of(wish, prune=draw(st.sampled_from([(), ("agents",)]))))
