"""Tencent agents: staff. Source: Tencent CCC 2020-02-10, the Staff actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from reconciler.model.call import Call, Fact, Reading
from reconciler.model.change import Action, Change, Risk, differences
from reconciler.model.desired import Entry
from reconciler.model.explanation import listed, shortened
from reconciler.model.kind import Context, Kind, Lowered, Review, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import (
    Computed,
    Identity,
    Immutable,
    Needed,
    PairedWith,
    RefTo,
    Resource,
    Risky,
    Unordered,
)
from reconciler.model.routing import Role, Route
from reconciler.model.scalars import Boolean, Integer
from reconciler.providers.tencent import bindings, facts
from reconciler.providers.tencent.decode import Paged, Row, flag, ids, needed, number, read_call, rows, text
from reconciler.providers.tencent.kinds.queues import forwarding, made
from reconciler.providers.tencent.limits import CREATED_AT_ONCE, DEFAULT_PRIORITY, DELETED_AT_ONCE, STAFF_PAGE
from reconciler.providers.tencent.members import first, named_at_creation, replaced, room, telephones
from reconciler.providers.tencent.naming import with_names
from reconciler.providers.tencent.turns import circles

ROLES: Final = {"admin": 1, "inspector": 2, "agent": 3}
_ROLE_NAMES: Final = {value: name for name, value in ROLES.items()}
ACCEPTS: Final = {"off": 0, "offline": 1, "always": 2}
_ACCEPT_NAMES: Final = {value: name for name, value in ACCEPTS.items()}
_ROLE_FIXED: Final = "no action changes a role; change it in the console"


class Agent(Resource):
    """A person who answers customers."""

    label_field: ClassVar[str | None] = "name"

    email: Annotated[
        str,
        Identity(fold=True),
        Field(pattern=r"^[^@\s,]+@[^@\s,]+$", description="Email address; letter case does not matter."),
    ]
    name: Annotated[str, Needed(), Field(min_length=1, description="The person's name.")] = ""
    phone: Annotated[
        str,
        Field(
            pattern=r"^(|\+?[0-9]{5,20})$",
            description='Phone number with its country code, such as 008613800138000; "" for none.',
        ),
    ] = ""
    nick: Annotated[str, Field(description='What customers see; "" for none.')] = ""
    staff_number: Annotated[str, Needed(), Field(min_length=1, description="Work number.")] = ""
    role: Annotated[
        str,
        Immutable(_ROLE_FIXED),
        Field(
            pattern=r"^(agent|inspector|admin|[0-9]{1,9})$",
            description="agent, inspector, admin, or a custom role's number; set when the agent is made.",
        ),
    ] = "agent"
    extension_number: Annotated[
        str,
        Field(
            pattern=r"^(|[1-8][0-9]{3,5})$", description='The agent\'s own internal number, 4 to 6 digits; "" for none.'
        ),
    ] = ""
    mobile_accept: Annotated[
        Literal["off", "offline", "always"],
        Field(description="Whether calls go to the agent's mobile phone: off, offline (when signed out), or always."),
    ] = "off"
    mobile_call_out: Annotated[Boolean, Field(description="Whether the agent may call out with the mobile phone.")] = (
        False
    )
    queues: Annotated[
        tuple[str, ...],
        RefTo("queues", staffs=True),
        Unordered(),
        Risky("medium"),
        Field(description="Queues that the agent serves; as a mapping, with priorities."),
    ] = ()
    priorities: Annotated[
        dict[str, Annotated[Integer, Field(ge=1, le=5)]],
        PairedWith("queues", "priority", default=DEFAULT_PRIORITY),
        Field(description="The agent's priority in a queue: 1 (first) to 5; 3 unless it is set."),
    ] = {}  # noqa: RUF012 - pydantic copies it
    forwards_to: Annotated[str, Computed()] = ""


_STAFF: Final = Paged(
    action="DescribeStaffInfoList",
    rows="StaffList",
    key=lambda row: text(row, "Mail").lower(),
    size=STAFF_PAGE,
)
_METRICS: Final = "DescribeStaffStatusMetrics"


def read(memory: Memory) -> Reading[tuple[Agent, ...]]:
    """
    Read all staff, and the two mobile settings, which DescribeStaffStatusMetrics alone shows.

    Its rows may leave people out, and old editions lack it; then the store knows what was last set, or nobody does.
    Queues are ids here; `derive` names them.
    """
    (reply,) = yield (read_call(_METRICS, accepts=frozenset({"unsupported"})),)
    metrics = {text(row, "Email").lower(): row for row in rows(reply.payload, "Metrics", _METRICS)}
    found = yield from _STAFF.read()
    remembered = memory.of("agents")
    return tuple(_decode(row, metrics, remembered) for row in found)


def _decode(row: Row, metrics: Mapping[str, Row], remembered: Mapping[str, Mapping[str, Any]]) -> Agent:
    email = needed(row, "Mail", _STAFF.action)
    pairs = {needed(pair, "SkillGroupId", _STAFF.action): pair for pair in rows(row, "SkillGroupList", _STAFF.action)}
    role = _role(row)
    values: dict[str, Any] = {
        "email": email,
        "name": text(row, "Name"),
        "phone": text(row, "Phone"),
        "nick": text(row, "Nick"),
        "staff_number": text(row, "StaffNumber"),
        "role": role or "agent",
        "extension_number": text(row, "ExtensionNumber"),
        "queues": tuple(sorted(pairs)),
        "priorities": {
            queue: number(pair, "Priority", default=DEFAULT_PRIORITY) for queue, pair in sorted(pairs.items())
        },
        "forwards_to": _forwards_to(row),
    }
    if not role:
        del values["role"]
    return Agent.live(values | _mobile(metrics.get(email.lower(), {}), remembered.get(email.lower(), {})))


def _role(row: Row) -> str:
    """Read the roles: one list now, one number in older editions; several come joined, and none as ""."""
    found = ids(row, "RoleList") or ids(row, "RoleId") or ids(row, "RoleIdList")
    return ",".join(_ROLE_NAMES.get(int(role), role) for role in found)


def _mobile(row: Row, remembered: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in remembered.items() if name in {"mobile_accept", "mobile_call_out"}}
    accept = number(row, "UseMobileAccept", default=-1)
    if accept >= 0:
        found["mobile_accept"] = _ACCEPT_NAMES.get(accept, str(accept))
    if row.get("UseMobileCallOut") is not None:
        found["mobile_call_out"] = flag(row, "UseMobileCallOut")
    return found


def _forwards_to(row: Row) -> str:
    """Read where calls of a person are forwarded to; queues stand as ids."""
    config = row.get("ForwardingConfig")
    target = config.get("Target") if isinstance(config, dict) and config.get("Enabled") else None
    if not isinstance(target, dict):
        return ""
    match target.get("Type"):
        case 1:
            return f"agents/{text(target, 'StaffUserId').lower()}"
        case 2:
            return f"queues/{text(target, 'SkillGroupId')}"
        case 3:
            return f"extensions/{text(target, 'Extension').partition('@')[0]}"
        case _:
            return ""


def derive(sections: Mapping[str, Mapping[str, Any]], _memory: Memory) -> tuple[Agent, ...]:
    """Give queues their names in place of their ids."""
    return with_names(sections, "agents", "queues")


def _same_phone(one: str, other: str) -> bool:
    """Whether two spellings mean one phone: the country's prefix is sometimes left out when it is read back."""
    return _bare(one) == _bare(other)


def _bare(phone: str) -> str:
    for prefix in ("0086", "+86"):
        if phone.startswith(prefix):
            return phone.removeprefix(prefix)
    return phone.removeprefix("00").removeprefix("+")


def review(entry: Entry, live: Agent) -> Review | None:
    """Take spellings of one phone for the same, and don't compare what the vendor does not show."""
    wish = entry.resource
    assert isinstance(wish, Agent), "agents are reviewed against agents"
    skip = set()
    if "phone" in entry.written and wish.phone != live.phone and _same_phone(wish.phone, live.phone):
        skip.add("phone")
    if "role" in entry.written and wish.role != live.role:
        number_of = str(ROLES.get(wish.role, wish.role))
        has = {str(ROLES.get(role, role)) for role in live.role.split(",")}
        if "role" not in live.model_fields_set or number_of in has:
            skip.add("role")
    return Review(skip=frozenset(skip)) if skip else None


OWN: Final = {
    "name": "Name",
    "phone": "Phone",
    "nick": "Nick",
    "staff_number": "StaffNumber",
    "extension_number": "ExtensionNumber",
}
# ModifyStaff has another word for the work number, and the mobile settings besides.
_MODIFIED: Final = {
    **OWN,
    "staff_number": "StaffNo",
    "mobile_accept": "UseMobileAccept",
    "mobile_call_out": "UseMobileCallOut",
}
_MOBILE: Final = frozenset({"mobile_accept", "mobile_call_out"})


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Make and delete agents in batches, change their fields one by one, and bind each with one call."""
    phones = _Phones(changes)
    calls = [*_create(changes, phones, context), *_delete(changes, phones, context)]
    for change in changes:
        if change.action is not Action.DELETE:
            calls.extend(_modify(change, phones))
    bound = bindings.lower(changes, context)
    notes = (*phones.notes(), *bound.notes, *_forwarded_to(changes, context))
    refusals = (*bound.refusals, *phones.refusals(changes, context))
    return Lowered(calls=(*calls, *bound.calls), refusals=refusals, notes=notes)


def _forwarded_to(changes: Sequence[Change], context: Context) -> Iterator[str]:
    """Say whose forwarded calls will reach nobody."""
    for change in changes:
        senders = forwarding(f"agents/{change.identity}", context) if change.action is Action.DELETE else []
        if senders:
            verb = "forwards" if len(senders) == 1 else "forward"
            yield (
                f"{listed(senders[:3])} {verb} calls to {change.identity}, who is deleted; forwarding is not managed "
                "here, so change it in the console."
            )


class _Phones:
    """Which phone numbers go from person to person: a number belongs to one account only."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._held: dict[str, str] = {}  # number: who has it now, and lets go of it
        claims: dict[str, str] = {}
        for change in changes:
            before = change.live.__dict__["phone"] if change.live is not None else ""
            after = change.desired.__dict__["phone"] if change.desired is not None else ""
            if before and (change.action is Action.DELETE or change.field_change("phone") is not None):
                self._held[_bare(before)] = change.identity
            if after and (change.action is Action.CREATE or change.field_change("phone") is not None):
                claims[change.identity] = _bare(after)
        waits = {who: self._held[phone] for who, phone in claims.items() if phone in self._held}
        self._parked = {circle[0] for circle in circles({who: of for who, of in waits.items() if who != of})}
        self._claims = claims

    def refusals(self, changes: Sequence[Change], context: Context) -> Iterator[Refusal]:
        """Refuse to give somebody a number that somebody else has and keeps."""
        has = {
            _bare(agent.phone): email
            for email, agent in context.live.of("agents").items()
            if agent.phone and _bare(agent.phone) not in self._held
        }
        for change in changes:
            holder = has.get(self._claims.get(change.identity, ""), change.identity)
            if holder != change.identity:
                yield Refusal(
                    rule="phone-taken",
                    message=f"{change.address}: {holder} has this phone number and keeps it, and the vendor takes each "
                    "only once",
                    objects=(change.address,),
                    remedy=f"Take it from {holder}, in the files or in the console, or write another number.",
                )

    def claimed(self, change: Change) -> frozenset[Fact]:
        """State who must have let go of a number before this change gives it to its person."""
        phone = _bare(change.desired.__dict__["phone"]) if change.desired is not None else ""
        holder = self._held.get(phone, change.identity) if phone else change.identity
        return frozenset({facts.phone(holder, phone)}) if holder != change.identity else frozenset()

    def let_go(self, change: Change) -> frozenset[Fact]:
        """State which number this change takes from its person."""
        phone = _bare(change.live.__dict__["phone"]) if change.live is not None else ""
        return (
            frozenset({facts.phone(change.identity, phone)})
            if self._held.get(phone) == change.identity
            else frozenset()
        )

    def parks(self, change: Change) -> bool:
        """Whether a person gives up a number first, to open a circle."""
        return change.identity in self._parked

    def notes(self) -> Iterator[str]:
        """Say what costs a call more."""
        for email in sorted(self._parked):
            yield f"{email} has no phone number for a moment, since numbers are handed round in a circle."


def _create(changes: Sequence[Change], phones: _Phones, context: Context) -> Iterator[Call]:
    """Make new agents, ten a call. Fields that the files leave out keep the vendor's defaults."""
    created = [change for change in changes if change.action is Action.CREATE]
    for batch in _batches(_together(created, phones), CREATED_AT_ONCE):
        staff = [_staff(change, context) for change in batch]
        named = {change.identity: named_at_creation(change, context) for change in batch}
        joins = frozenset(facts.serves(email, queue) for email, queues in named.items() for queue in queues)
        queues = sorted({queue for names in named.values() for queue in names})
        body: dict[str, Any] = {
            "Staffs": staff,
            "SendPassword": bool(context.desired.settings.__dict__["send_password"]),
        }
        yield Call(
            "POST",
            "/",
            body,
            action="CreateStaff",
            confirm=bool(joins),
            changes=tuple(change.address for change in batch),
            why=f"create {batch[0].label or batch[0].identity if len(batch) == 1 else f'{len(batch)} agents'}",
            requires=made(queues, context)
            | frozenset(facts.bears(queue, queue) for queue in queues)
            | frozenset(fact for join in joins for fact in first(join, context)),
            forbids=frozenset(fact for change in batch for fact in phones.claimed(change))
            | frozenset(fact for join in joins for fact in room(join, context)),
            gives=frozenset(facts.agent(change.identity) for change in batch) | joins,
        )


def _together(created: Sequence[Change], phones: _Phones) -> list[Change]:
    """Put those last who wait for a phone number, so that the other batches need not."""
    return sorted(created, key=lambda change: bool(phones.claimed(change)))


def _batches(changes: Sequence[Change], size: int) -> Iterable[Sequence[Change]]:
    return (changes[start : start + size] for start in range(0, len(changes), size))


def _staff(change: Change, context: Context) -> dict[str, Any]:
    wish = change.desired
    assert isinstance(wish, Agent), "a creation has a wish"
    staff: dict[str, Any] = {"Mail": wish.email}
    staff |= {wire: wish.__dict__[name] for name, wire in OWN.items() if name in change.written and wish.__dict__[name]}
    if "role" in change.written:
        staff["Role"] = ROLES.get(wish.role) or int(wish.role)
    if names := named_at_creation(change, context):
        staff["SkillGroupNameList"] = list(names)
    return staff


def _modify(change: Change, phones: _Phones) -> Iterator[Call]:
    """Change what differs, and of a new agent what no creation takes; ModifyStaff leaves alone what it is not sent."""
    wish = change.desired
    assert isinstance(wish, Agent), "only agents that stay are modified"
    if change.action is Action.CREATE:
        default = Agent.model_fields
        paths = [
            name for name in sorted(_MOBILE) if name in change.written and wish.__dict__[name] != default[name].default
        ]
    else:
        paths = [path for path in change.paths if path in _MODIFIED]
    if not paths:
        return
    email = bindings.spelled(change)
    # The two mobile settings go together: what the store remembers of them comes from one call.
    sent = [name for name in _MODIFIED if name in paths or (name in _MOBILE & change.written and _MOBILE & {*paths})]
    call = Call(
        "POST",
        "/",
        {"Email": email, **{_MODIFIED[name]: _sent(name, wish) for name in sent}},
        action="ModifyStaff",
        sets=tuple(paths),
        changes=(change.address,),
        why=f"{shortened(change.label or change.name)}: {_told(change, paths)}",
        requires=frozenset({facts.agent(change.identity)}),
    )
    if "phone" not in paths:
        yield call
        return
    claimed, let_go = phones.claimed(change), phones.let_go(change)
    if not phones.parks(change):
        yield replace(call, forbids=claimed, takes=let_go)
        return
    parked = facts.parked(change.identity)
    yield replace(
        call,
        body={"Email": email, "Phone": ""},
        sets=("phone",),
        why=f"take the phone number from {shortened(change.label or change.name)} for a moment",
        gives=frozenset({parked}),
        takes=let_go,
    )
    yield replace(call, requires=call.requires | {parked}, forbids=claimed)


def _told(change: Change, paths: Sequence[str]) -> str:
    """Say what is set; of a new agent there is nothing that it was before."""
    if change.action is not Action.CREATE:
        return differences(change, only=frozenset(paths))
    assert change.desired is not None, "a creation has a wish"
    return ", ".join(f"{path} {str(change.desired.__dict__[path]).lower()}" for path in paths)


def _sent(path: str, wish: Agent) -> Any:
    return ACCEPTS[wish.mobile_accept] if path == "mobile_accept" else wish.__dict__[path]


def _delete(changes: Sequence[Change], phones: _Phones, context: Context) -> Iterator[Call]:
    """
    Delete agents, 200 a call, as they are: whether bindings and telephones must be cleared first is not said.

    Whoever makes room for somebody else goes in a batch of their own, which waits for nobody.
    """
    deleted = [change for change in changes if change.action is Action.DELETE]
    for batch in _batches(deleted, DELETED_AT_ONCE):
        leaves = frozenset(
            facts.serves(change.identity, queue)
            for change in batch
            if change.live is not None
            for queue in change.live.__dict__["queues"]
        )
        names = [change.label or change.identity for change in batch]
        yield Call(
            "POST",
            "/",
            {"StaffList": [bindings.spelled(change) for change in batch]},
            action="DeleteStaff",
            changes=tuple(change.address for change in batch),
            why=f"delete {names[0] if len(names) == 1 else listed([*map(bindings.spelled, batch)])}",
            prefers=frozenset(fact for leave in leaves for fact in replaced(leave[2], leave, context))
            | frozenset(
                facts.freed(number, change.identity)
                for change in batch
                for number in telephones(context).get(change.identity, ())
            ),
            takes=frozenset(facts.agent(change.identity) for change in batch)
            | leaves
            | frozenset(fact for change in batch for fact in phones.let_go(change)),
            meanwhile=f"{listed(names[:3])} {'answers' if len(names) == 1 else 'answer'} no more",
            loss=len(batch),
        )


KIND: Final = Kind(
    section="agents",
    one="agent",
    resource=Agent,
    shape=Shape.NAMED,
    description="Staff: who answers customers.",
    read=read,
    derive=derive,
    reads_with=("queues",),
    identity=lambda agent: agent.email.lower(),
    collection=True,
    deletion_risk=Risk.MEDIUM,
    route=Route(role=Role.AGENT),
    unsupported={
        "enabled": "no action enables or disables a person; leave the entry out, or bar the login in the console",
        "extensions": 'telephones name their agent here: extensions: {"8001": {agent: li.wei}}',
        "default_number": "no action sets a person's outbound number",
        "password": "it can't be read back, so it is no configuration",
        "forwarding": "it is not managed here; set it in the console",
    },
    review=review,
    lower=lower,
)
