"""Udesk agents: who answers. Source: Udesk CTI Cloud API, "Seat Management"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from reconciler.model.call import Call, Fact, Reading, Reply
from reconciler.model.change import Action, Change, Risk, differences
from reconciler.model.desired import Entry
from reconciler.model.errors import Contradiction
from reconciler.model.explanation import shortened
from reconciler.model.kind import Context, Kind, Lowered, Review, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import Computed, Creates, Identity, Needed, OnDuty, RefTo, Resource, Risky, Unordered
from reconciler.model.routing import Role, Route
from reconciler.model.scalars import Boolean
from reconciler.providers.udesk import bindings
from reconciler.providers.udesk.answering import Sort, duty, replaced
from reconciler.providers.udesk.decode import (
    Row,
    flag,
    get,
    needed,
    number,
    pick,
    promised,
    record,
    result,
    rows,
    shown,
    text,
    texts,
    unexpected,
)
from reconciler.providers.udesk.forms import EXTENSION, PHONE, unknown_number, unshown
from reconciler.providers.udesk.kinds.extensions import Swept, holders, swept
from reconciler.providers.udesk.protocol import API

_ExtensionNumber = Annotated[str, StringConstraints(pattern=EXTENSION)]


MAX_PAGES: Final = 10_000


class Agent(Resource):
    """A person who answers calls."""

    label_field: ClassVar[str | None] = "name"

    id: Annotated[str, Identity(), Field(pattern=r"^[0-9]{1,32}$", description="Agent id: up to 32 digits.")]
    work_id: Annotated[
        str, Needed(), Field(pattern=r"^[0-9A-Za-z_]{1,32}$", description="Work number: up to 32 letters, digits or _.")
    ] = ""
    name: Annotated[str, Field(description="The agent's name.")] = ""
    mobile: Annotated[str, Field(pattern=PHONE, description='Mobile number; "" for none.')] = ""
    email: Annotated[str, Field(pattern=r"^(|[^@\s]+@[^@\s]+)$", description='E-mail address; "" for none.')] = ""
    role: Annotated[Literal["agent", "leader"], Field(description="agent or leader.")] = "agent"
    enabled: Annotated[Boolean, OnDuty(), Risky("medium"), Field(description="Whether the agent may sign in.")] = True
    extensions: Annotated[
        tuple[_ExtensionNumber, ...],
        RefTo("extensions", implied=True),
        Unordered(),
        Risky("medium"),
        Field(
            max_length=2,
            description="Extensions, at most two; `auto` has the system make and bind one.",
            json_schema_extra={"words": ["auto"]},
        ),
    ] = ()
    queues: Annotated[
        tuple[str, ...],
        RefTo("queues", staffs=True),
        Unordered(),
        Risky("medium"),
        Field(description="Queues that the agent serves."),
    ] = ()
    default_number: Annotated[
        str, Field(pattern=PHONE, description='The number shown on outbound calls; "" for the company\'s.')
    ] = ""
    auto_extension: Annotated[bool, Creates(), Computed()] = False
    wrap_up_time: Annotated[int, Computed()] = 0  # seconds; in the vendor's examples, not in its tables

    @model_validator(mode="before")
    @classmethod
    def _auto(cls, values: Any) -> Any:
        """Read `extensions: auto`: one extension, made by the system; which one is not managed."""
        if isinstance(values, Mapping) and values.get("extensions") == "auto":
            return {**{key: value for key, value in values.items() if key != "extensions"}, "auto_extension": True}
        return values


def read(_memory: Memory) -> Reading[tuple[Agent, ...]]:
    """
    Read all agents, page by page where the answer says that there is more.

    The page shows one answer with everything in it (`PageSize: 439, Total: 439`) and documents no parameters; those of
    its log reads, PageNum and PageSize, go into the query and into the body. Source: "Get Seat List".
    """
    (reply,) = yield (get("agents"),)
    first = _page(reply)
    found = list(first.rows)
    if first.pages > 1:
        numbers = range(2, first.pages + 1)
        replies = yield tuple(_more(number, first.size) for number in numbers)
        for number, reply in zip(numbers, replies, strict=True):
            page = _page(reply)
            if page.number != number or page.total != first.total:
                raise Contradiction(
                    f"GET {API}agents: page {number} of {first.pages} was asked for, and page {page.number} with "
                    f"{page.total} agents in all came after one with {first.total}",
                    remedy="Nothing was changed. Run again.",
                    transient=page.number == number,
                )
            found.extend(page.rows)
    if len(found) != first.total:
        raise Contradiction(
            f"GET {API}agents: the answer lists {len(found)} agents and says that there are {first.total}",
            remedy="Nothing was changed. Run again; if it stays, ask the vendor.",
        )
    return tuple(map(_decode, found))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    rows: Sequence[Row]
    number: int
    size: int
    total: int
    pages: int


def _page(reply: Reply) -> _Page:
    answer = record(result(reply, "agents"), "agents")
    if "AgentList" not in answer:
        raise unexpected("agents", "its Result has no AgentList")
    listed = rows(answer["AgentList"], "agents")
    total = -1 if pick(answer, "Total") is None else number(answer, "Total")
    if total < 0:
        raise unexpected("agents", "it does not say how many agents there are (Total)")
    size = number(answer, "PageSize") or len(listed)
    pages = number(answer, "TotalPage")
    if pages <= 1 and size and 0 < size < total and len(listed) <= size:
        pages = -(-total // size)
    if not 0 <= pages <= MAX_PAGES:
        raise unexpected("agents", f"it says that it has {pages} pages")
    return _Page(
        rows=listed,
        number=number(answer, "CurrPage", default=1),
        size=size,
        total=total,
        pages=pages,
    )


def _more(page: int, size: int) -> Call:
    return get("agents", query={"PageNum": str(page), "PageSize": str(size)}, body={"PageNum": page, "PageSize": size})


_OWN: Final = {
    "work_id": "WorkId",
    "name": "Name",
    "mobile": "Mobile",
    "email": "Email",
    "role": "Role",
    "enabled": "Enable",
}


_SPELLINGS: Final[Mapping[str, str | tuple[str, ...]]] = {**_OWN, "work_id": ("WorkId", "WorkID")}


def _decode(row: Row) -> Agent:
    plain = _as_documented(row)
    if plain is not None:
        return plain
    promised(row, "agents", "Queues", "Extensions")  # null for none; missing says nothing of who serves what
    values = {
        # "AgentId": "62" in the list, "7765@a54a8b77-..." in the single read.
        "id": needed(row, "agents", "AgentId", "AgentID").partition("@")[0],
        "work_id": text(row, "WorkId", "WorkID"),
        "name": text(row, "Name"),
        "mobile": text(row, "Mobile"),
        "email": text(row, "Email"),
        "role": text(row, "Role", default="agent"),
        "enabled": flag(row, "Enable", default=True),
        "extensions": texts(row, "Extensions", inner=("Extension", "Number")),
        "queues": texts(row, "Queues", inner=("QueueId", "QueueID")),
        "default_number": text(row, "DefSpNumber"),
        "auto_extension": False,
        "wrap_up_time": number(row, "WrapUpTime"),
    }
    return Agent.live(shown(row, values, **_SPELLINGS))


_TEXTS: Final = ("AgentId", "WorkId", "Name", "Mobile", "Email", "Role", "DefSpNumber")


def _as_documented(row: Row) -> Agent | None:
    """Decode a row whose fields all have the page's own types, in a fifth of the time; tenants have thousands."""
    get = row.get
    found: list[Any] = [get(name) for name in _TEXTS]
    enabled, wrap_up, queues, extensions = get("Enable"), get("WrapUpTime"), get("Queues"), get("Extensions")
    if not (
        all(type(value) is str for value in found)
        and found[0]
        and found[5]
        and type(enabled) is bool
        and type(wrap_up) is int
        and "Queues" in row
        and "Extensions" in row
        and (queues is None or type(queues) is list)
        and (extensions is None or type(extensions) is list)
    ):
        return None
    queues = queues or ()
    numbers = [item.get("Extension") if type(item) is dict else item for item in extensions or ()]
    if not all(type(item) is str and item for item in (*queues, *numbers)):
        return None
    identity, work_id, name, mobile, email, role, default_number = found
    return Agent.live(
        {
            "id": identity.partition("@")[0],
            "work_id": work_id,
            "name": name,
            "mobile": mobile,
            "email": email,
            "role": role,
            "enabled": enabled,
            "extensions": tuple(sorted({*numbers})) if numbers else (),
            "queues": tuple(sorted({*queues})) if queues else (),
            "default_number": default_number,
            "auto_extension": False,
            "wrap_up_time": wrap_up,
        }
    )


def review(entry: Entry, live: Agent) -> Review | None:
    """`extensions: auto` is met by any one extension; only a creation can have one made."""
    wish = entry.resource
    assert isinstance(wish, Agent), "agents are reviewed against agents"
    if not wish.auto_extension or live.extensions:
        return None
    return Review(
        refusal=Refusal(
            rule="auto-extension",
            message=f"{entry.address} has no extension, and the vendor makes one by itself only for a new agent",
            objects=(entry.address,),
            remedy='Name one: extensions: ["8001"].',
        )
    )


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Make agents in batches, change their fields one by one, and bind them with the fewest calls."""
    calls = list(_create(changes, context))
    refusals: list[Refusal] = []
    for change in changes:
        match change.action:
            case Action.CREATE:
                calls.extend(_set_default_number(change))
            case Action.UPDATE:
                if any(item.path in _OWN for item in change.fields):
                    calls.append(_update(change, context))
                calls.extend(_set_default_number(change))
            case Action.DELETE:
                calls.append(_delete(change, context))
        refusals.extend(unshown(change, frozenset(_OWN)) if any(item.path in _OWN for item in change.fields) else ())
        if isinstance(change.desired, Agent) and change.field_change("default_number"):
            refusals.extend(unknown_number(change, change.desired.default_number, context))
    bound = bindings.lower(changes, context)
    return Lowered(calls=(*calls, *bound.calls), refusals=(*refusals, *bound.refusals), notes=bound.notes)


def _create(changes: Sequence[Change], context: Context) -> Iterator[Call]:
    """Make new agents, `agent_batch` a call. Fields that the files leave out keep the vendor's defaults."""
    created = [change for change in changes if change.action is Action.CREATE]
    size: int = context.desired.settings.__dict__["agent_batch"]
    for start in range(0, len(created), size):
        batch = created[start : start + size]
        agents = []
        for change in batch:
            wish = change.desired
            assert isinstance(wish, Agent), "a creation has a wish"
            body: dict[str, Any] = {"AgentId": wish.id}
            body |= {wire: wish.__dict__[name] for name, wire in _OWN.items() if name in change.written}
            if wish.auto_extension:
                body["IsCreateExtension"] = True
            agents.append(body)
        made = batch[0].label or batch[0].identity if len(batch) == 1 else f"{len(batch)} agents"
        # Which number IsCreateExtension takes is the system's choice, so those that the files name are taken first.
        chooses = any("IsCreateExtension" in body for body in agents)
        yield Call(
            "POST",
            API + "agents",
            {"Agents": agents},
            changes=tuple(change.address for change in batch),
            why=f"create {made}",
            requires=_made_extensions(context) if chooses else frozenset(),
            gives=frozenset(("agent", change.identity) for change in batch),
        )


def _made_extensions(context: Context) -> frozenset[Fact]:
    return frozenset(
        ("extension", change.identity)
        for change in context.changes.values()
        if change.section == "extensions" and change.action is Action.CREATE
    )


def _update(change: Change, context: Context) -> Call:
    # Whether PUT resets or keeps what it isn't sent is not said, so everything goes, with the id in URL and body
    # ("Update Seat"). WrapUpTime stands in the vendor's examples only: sent where there is something to lose, and left
    # out where it is refused.
    wish = change.desired
    assert isinstance(wish, Agent), "an update has a wish"
    path = f"{API}agents/{wish.id}"
    body: dict[str, Any] = {"AgentId": wish.id}
    body |= {wire: wish.__dict__[name] for name, wire in _OWN.items()}
    without = Call("PUT", path, body) if wish.wrap_up_time else None
    return Call(
        "PUT",
        path,
        {**body, "WrapUpTime": wish.wrap_up_time} if wish.wrap_up_time else body,
        otherwise=without,
        otherwise_on=frozenset({"form"}) if without else frozenset(),
        sets=tuple(path for path in change.paths if path in _OWN),
        changes=(change.address,),
        why=differences(change, only=frozenset(_OWN)),
        **_duty(change, context),
    )


def _duty(change: Change, context: Context) -> dict[str, Any]:
    """State that an agent goes on or off duty; off only when somebody else answers, or no key leads there."""
    if change.field_change("enabled") is None or change.live is None or change.desired is None:
        return {}
    facts = frozenset({duty(change.identity)})
    if change.desired.__dict__["enabled"]:
        return {"gives": facts}
    stricter = (Sort.ON_DUTY, Sort.REACHABLE)
    return {"takes": facts, "prefers": replaced(change.identity, change.live.__dict__["queues"], stricter, context)}


def _set_default_number(change: Change) -> Iterator[Call]:
    wish = change.desired
    assert isinstance(wish, Agent), "only agents that stay have a number"
    if change.field_change("default_number") is None or (change.live is None and not wish.default_number):
        return
    path = f"{API}spnumbers/agent/default/{wish.id}"
    requires = frozenset({("agent", wish.id)})
    if wish.default_number:
        yield Call(
            "PUT",
            path,
            {"DefSpNumber": wish.default_number},
            changes=(change.address,),
            why=f"{shortened(change.label or change.name)} calls out with {wish.default_number}",
            requires=requires,
        )
    else:
        yield Call(
            "DELETE",
            path,
            accepts=frozenset({"missing"}),
            changes=(change.address,),
            why=f"{shortened(change.label or change.name)} calls out with the company's number",
            requires=requires,
        )


def _delete(change: Change, context: Context) -> Call:
    # "The agent is bound to a queue or IP phone and cannot be deleted" (100004), but for extensions that go with it.
    live = change.live
    assert isinstance(live, Agent), "what is deleted is live"
    gone = swept(context).get(live.id, Swept()).all
    body: dict[str, Any] = {"AgentId": live.id}
    if gone:
        body["IsDelExtensions"] = True
    also = f" and {'extension' if len(gone) == 1 else 'extensions'} {', '.join(gone)}" if gone else ""
    return Call(
        "DELETE",
        f"{API}agents/{live.id}",
        body,
        accepts=frozenset({"missing"}),
        changes=(change.address, *(context.by_identity["extensions", number].address for number in gone)),
        why=f"delete {change.label or live.id}{also}",
        requires=frozenset(("holds", live.id, number) for number in gone),
        forbids=frozenset(
            {("serves", live.id, queue) for queue in live.queues}
            | {("holds", live.id, number) for number in live.extensions if number not in gone}
            | {("holds", other, number) for number in gone for other in holders(context)[number] if other != live.id}
        ),
        takes=frozenset(
            {("agent", live.id)}
            | {("holds", live.id, number) for number in gone}
            | {("extension", number) for number in gone}
        ),
    )


KIND: Final = Kind(
    section="agents",
    one="agent",
    resource=Agent,
    shape=Shape.NAMED,
    description="Who answers calls.",
    read=read,
    identity=lambda agent: agent.id,
    collection=True,
    deletion_risk=Risk.MEDIUM,
    review=review,
    lower=lower,
    route=Route(role=Role.AGENT, dead_end="has no extension"),
)
