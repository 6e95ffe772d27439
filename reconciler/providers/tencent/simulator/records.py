"""What the machine keeps of a tenant. Source: TCCC API, "Data Types"."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

PRIORITY: Final = 3  # "1 is the highest, 5 is the lowest, 3 by default"
TYPES: Final = {"phone": 0, "online": 1, "audio": 3, "video": 4}  # "0-phone, 1-online, 3-audio, 4-video"
ROLES: Final = {"admin": 1, "inspector": 2, "agent": 3}  # "else: Custom Role ID"
MOBILE: Final = {"off": 0, "offline": 1, "always": 2}  # "0 - Off | 1 - Only when Offline | 2 - Always"
RING_ALL_MEMBERS: Final = 2
_FIRST_GROUP: Final = 1000

TO_AGENT: Final = 1
TO_GROUP: Final = 2
TO_EXTENSION: Final = 3


@dataclass(slots=True)
class Group:
    """A skill group."""

    id: int
    name: str
    type: int = 0
    max_concurrency: int = 1
    ring_all: bool = False
    modified: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """
    Where a person's calls go; *email*, *group* or *extension* counts, by the type of the target, 0 for none.

    *extension* is in its full form, `1003@1400000000.sip.tccc.qcloud.com`.
    """

    enabled: bool
    condition: int = 1
    type: int = 0
    email: str = ""
    group: int = 0
    extension: str = ""


@dataclass(slots=True)
class Staff:
    """A person; *groups* are priorities by skill group, *modified* counts instead of a time."""

    email: str
    name: str = ""
    number: str = ""
    phone: str = ""
    nick: str = ""
    roles: list[int] = field(default_factory=lambda: [ROLES["agent"]])
    extension_number: str = ""
    mobile_accept: int = 0
    mobile_call_out: bool = False
    groups: dict[int, int] = field(default_factory=dict)
    forwarding: Forwarding | None = None
    online: bool = False
    barred: bool = False  # may not log in, after ForceMemberOffline
    modified: int = 0


@dataclass(slots=True)
class Telephone:
    """A telephone; *staff* is the key of the one person bound to it, or ""."""

    number: str
    name: str = ""
    groups: list[int] = field(default_factory=list)
    staff: str = ""
    passwords: int = 1  # how many it has had
    created: int = 0
    modified: int = 0


@dataclass(slots=True)
class Line:
    """A number: state 1 normal, 2 stopped for unpaid bill, 4 disabled by the administrator, 5 for violation."""

    number: str
    groups: list[int] = field(default_factory=list)
    state: int = 1


@dataclass(slots=True)
class Audio:
    """An audio file; *status* is 0 not reviewed, 1 approved, 2 rejected, *shown* how many lists have had it."""

    id: int
    alias: str
    file_name: str
    status: int = 1
    url: str = ""
    fresh: bool = False
    shown: int = 0


@dataclass(slots=True)
class Tenant:
    """
    One application. Its dicts keep the order of making.

    *members*, *phones_of* and *holders* are indexes: staff by group, telephones by group, telephones by staff.
    """

    app_id: int
    contact_center: str = "simulated"
    case_sensitive: bool = False
    groups: dict[int, Group] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    telephones: dict[str, Telephone] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    files: dict[int, Audio] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)  # finished calls, as TelCdrInfo
    mailed: list[str] = field(default_factory=list)  # who got a password by mail
    members: dict[int, set[str]] = field(default_factory=dict)
    phones_of: dict[int, set[str]] = field(default_factory=dict)
    holders: dict[str, set[str]] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)  # staff by bare phone
    forwarding: dict[str, None] = field(default_factory=dict)  # staff who have a forwarding
    changes: int = 0  # stands for the time
    last_group: int = _FIRST_GROUP - 1
    last_file: int = 0
    uploads: int = 0
    shuffles: int = 0

    def key(self, email: str) -> str:
        """Give the key of a person."""
        return email if self.case_sensitive else email.lower()

    def tick(self) -> int:
        """Give the next time."""
        self.changes += 1
        return self.changes

    def make_group(self, name: str, type_: int = 0) -> Group:
        """Add a skill group; the service gives the id."""
        self.last_group += 1
        group = Group(self.last_group, name, type_)
        self.groups[group.id] = group
        return group

    def group_name(self, group: int) -> str:
        """Name a skill group; one that is not listed has its id for a name."""
        found = self.groups.get(group)
        return found.name if found is not None else f"#{group}"

    def add_staff(self, staff: Staff) -> None:
        """Add a person, with what the record says."""
        key = self.key(staff.email)
        self.staff[key] = staff
        for group in staff.groups:
            self.members.setdefault(group, set()).add(key)
        if staff.phone:
            self.phones[bare(staff.phone)] = key
        if staff.forwarding is not None:
            self.forwarding[key] = None

    def drop_staff(self, key: str) -> None:
        """Take a person away; telephones stay as they are."""
        staff = self.staff.pop(key)
        for group in staff.groups:
            self.members[group].discard(key)
        self._drop_phone(key, staff)
        self.forwarding.pop(key, None)

    def bind(self, key: str, group: int, priority: int) -> None:
        """Have a person serve a group."""
        self.staff[key].groups[group] = priority
        self.members.setdefault(group, set()).add(key)

    def unbind(self, key: str, group: int) -> None:
        """Have a person leave a group."""
        del self.staff[key].groups[group]
        self.members[group].discard(key)

    def set_phone(self, key: str, phone: str) -> None:
        """Set a person's phone."""
        staff = self.staff[key]
        self._drop_phone(key, staff)
        staff.phone = phone
        if phone:
            self.phones[bare(phone)] = key

    def _drop_phone(self, key: str, staff: Staff) -> None:
        if staff.phone and self.phones.get(bare(staff.phone)) == key:
            del self.phones[bare(staff.phone)]

    def set_forwarding(self, key: str, forwarding: Forwarding | None) -> None:
        """Set where a person's calls go."""
        self.staff[key].forwarding = forwarding
        self.forwarding.pop(key, None)
        if forwarding is not None:
            self.forwarding[key] = None

    def add_telephone(self, telephone: Telephone) -> None:
        """Add a telephone, with what the record says."""
        self.telephones[telephone.number] = telephone
        for group in telephone.groups:
            self.phones_of.setdefault(group, set()).add(telephone.number)
        if telephone.staff:
            self.holders.setdefault(telephone.staff, set()).add(telephone.number)

    def drop_telephone(self, number: str) -> None:
        """Take a telephone away."""
        self.relate(number, "")
        self.set_groups(number, ())
        del self.telephones[number]

    def set_groups(self, number: str, groups: Collection[int]) -> None:
        """Set a telephone's groups."""
        telephone = self.telephones[number]
        for group in telephone.groups:
            self.phones_of[group].discard(number)
        telephone.groups = list(groups)
        for group in groups:
            self.phones_of.setdefault(group, set()).add(number)

    def relate(self, number: str, key: str) -> None:
        """Set whom a telephone is bound to."""
        telephone = self.telephones[number]
        if telephone.staff:
            self.holders[telephone.staff].discard(number)
        telephone.staff = key
        if key:
            self.holders.setdefault(key, set()).add(number)

    def serving(self, group: int) -> int:
        """Count a group's members, telephones among them."""
        return len(self.members.get(group, ())) + len(self.phones_of.get(group, ()))

    def forwarders(self, type_: int, target: str | int) -> Iterator[str]:
        """Find who has calls forwarded to a person (by key), a group, or an extension (by number)."""
        for key in self.forwarding:
            found = self.staff[key].forwarding
            if found is None or not found.enabled or found.type != type_:
                continue
            leads_to = {
                TO_AGENT: self.key(found.email),
                TO_GROUP: found.group,
                TO_EXTENSION: number_of(found.extension),
            }
            if target == leads_to[type_]:
                yield key


def bare(phone: str) -> str:
    """Write a phone without what different spellings of it differ in."""
    for prefix in ("0086", "+86", "00", "+"):
        if phone.startswith(prefix):
            return phone.removeprefix(prefix)
    return phone


def number_of(extension: str) -> str:
    """Take the number from an extension's full form."""
    return extension.partition("@")[0]
