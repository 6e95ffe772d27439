"""
Whether a write took effect, told from what was read after it.

A call is compared with what is there, field by field and member by member, as far as it meant to change something: what
it only sent along may have been changed by somebody else since. What no read shows is not guessed: spare extensions and
webhook events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from reconciler.model.call import Call
from reconciler.model.live import Live
from reconciler.model.resource import Resource
from reconciler.providers.udesk.batches import BATCHES
from reconciler.providers.udesk.kinds.default_voices import NAMES
from reconciler.providers.udesk.protocol import API

Body: TypeAlias = Mapping[str, Any]
_Judge: TypeAlias = Callable[[Call, Live], bool | None]


def happened(part: Call, live: Live) -> bool | None:
    """Whether *live* shows that *part* took effect; see `providers.base.Provider.happened`."""
    sections, judge = _rule(part) or ((), _nobody_knows)
    return judge(part, live) if all(section in live.sections for section in sections) else None


def shown_by(call: Call) -> frozenset[str]:
    """Name the sections that are looked at; see `providers.base.Provider.shown_by`."""
    rule = _rule(call)
    return frozenset(rule[0]) if rule is not None else frozenset()


def _rule(call: Call) -> _Rule | None:
    api = call.path.removeprefix(API)
    rule = _RULES.get((call.method, api))
    return rule or _RULES.get((call.method, f"{api.rpartition('/')[0]}/*"))


def _nobody_knows(_part: Call, _live: Live) -> None:
    return None


def _key(part: Call) -> str:
    """Give the id at the end of the path."""
    return part.path.rpartition("/")[2]


def _forms(part: Call) -> Iterator[Body]:
    """Give the bodies that may have been sent: a call's own, and those of its other forms."""
    form: Call | None = part
    while form is not None:
        yield form.body or {}
        form = form.otherwise


def _shows(item: Resource, sent: Body, fields: Mapping[str, str], sets: Sequence[str] = ()) -> bool | None:
    """Whether a live object has what was sent, in *sets* if those are known; None where the vendor shows none of it."""
    shown = [name for name in fields if name in item.model_fields_set and fields[name] in sent]
    looked_at = [name for name in shown if name in sets] if sets else shown
    return all(_same(item.__dict__[name], sent[fields[name]]) for name in looked_at) if looked_at else None


def _same(has: Any, sent: Any) -> bool:
    return sorted(has) == sorted(sent) if isinstance(has, tuple) else bool(has == sent)


def _updated(section: str, fields: Mapping[str, str], identity: Callable[[Call], str]) -> _Judge:
    """Judge an update by the fields that it sent, in any of its forms."""

    def judge(part: Call, live: Live) -> bool | None:
        item = live.of(section).get(identity(part))
        if item is None:
            return False
        found = {_shows(item, sent, fields, part.sets) for sent in _forms(part)}
        return True if True in found else None if found == {None} else False

    return judge


def _there(section: str, wire: str) -> _Judge:
    """Judge a creation: the object is there."""
    return lambda part, live: str((part.body or {}).get(wire)) in live.of(section)


def _gone(section: str, identity: Callable[[Call], str]) -> _Judge:
    """Judge a deletion: the object is not there."""
    return lambda part, live: identity(part) not in live.of(section)


def _sent(wire: str) -> Callable[[Call], str]:
    return lambda part: str((part.body or {}).get(wire, ""))


def _agents_made(part: Call, live: Live) -> bool:
    return all(str(agent.get("AgentId")) in live.of("agents") for agent in BATCHES.members_of(part))


def _bound(field: str) -> _Judge:
    """Judge a binding of one agent: it has all that it did not merely keep."""

    def judge(part: Call, live: Live) -> bool:
        agent = live.of("agents").get(_sent("AgentId")(part))
        return agent is not None and {*BATCHES.members_of(part)} <= {*agent.__dict__[field]}

    return judge


def _unbound(field: str) -> _Judge:
    """Judge a letting go; an agent that is gone has let go of everything."""

    def judge(part: Call, live: Live) -> bool:
        agent = live.of("agents").get(_sent("AgentId")(part))
        return agent is None or {*BATCHES.members_of(part)}.isdisjoint(agent.__dict__[field])

    return judge


def _joined(part: Call, live: Live) -> bool:
    queue, agents = _sent("QueueId")(part), live.of("agents")
    return all(agent in agents and queue in agents[agent].queues for agent in BATCHES.members_of(part))


def _extension_made(part: Call, live: Live) -> bool | None:
    """Take an extension that an agent holds for made; of spares no read tells, and our store may be out of date."""
    return True if _held(_sent("Extension")(part), live) else None


def _extension_deleted(part: Call, live: Live) -> bool | None:
    return False if _held(_sent("Extension")(part), live) else None


def _held(number: str, live: Live) -> bool:
    return any(number in agent.extensions for agent in live.of("agents").values())


def _company_number(part: Call, live: Live) -> bool:
    return bool(live.of("default_number")[""].number == _sent("DefSpNumber")(part))


def _agent_number(part: Call, live: Live) -> bool:
    agent, number = live.of("agents").get(_key(part)), _sent("DefSpNumber")(part)
    return not number if agent is None else bool(agent.default_number == number)


def _uploaded(part: Call, live: Live) -> bool | None:
    """Judge an upload by the digest in its description: another file of that name is not ours, or is the old one."""
    body = part.body or {}
    item = live.of("voice_files").get(str(body.get("FileName")))
    if item is None:
        return False
    return str(body.get("FileDesc")).endswith(f"[sha256:{item.digest}]") if item.digest else None


def _voices_set(part: Call, live: Live) -> bool:
    """Judge the prompts that were meant to change; the others went along."""
    meant = _meant(part, "default_voices", "plays")
    return any(_prompts(sent, meant, live) for sent in _forms(part))


def _prompts(sent: Body, meant: frozenset[str], live: Live) -> bool:
    given = sent.get("DefVoices")
    voices: Body = given if isinstance(given, Mapping) else given[0] if given else {}
    wanted = {name: _plays(voices[wire]) for name, wire in NAMES.items() if wire in voices}
    has = {name: (item.wav, item.tts) for name, item in live.of("default_voices").items()}
    looked_at = meant & wanted.keys() or wanted.keys()
    return all(has.get(name, ("", "")) == wanted[name] for name in looked_at)


def _plays(voice: Any) -> tuple[str, str]:
    if not isinstance(voice, Mapping):
        return "", ""
    content = str(voice.get("Content", ""))
    return (content, "") if voice.get("Type") == "wav" else ("", content)


def _keys_set(part: Call, live: Live) -> bool:
    """Judge the keys that were meant to change; the whole table goes along."""
    meant = _meant(part, "fast_routers", "key")
    has = {digit: (key.queue, key.description) for digit, key in live.of("fast_routers").items()}
    return any(_table(sent, meant, has) for sent in _forms(part))


def _table(sent: Body, meant: frozenset[str], has: Mapping[str, tuple[str, str]]) -> bool:
    wanted = {row["Dtmf"]: (row["QueueId"], row["Desc"]) for row in sent.get("FastRouter", ())}
    if not meant:
        return wanted == has
    return all(wanted.get(digit) == has.get(digit) for digit in meant)


def _meant(part: Call, section: str, word: str) -> frozenset[str]:
    """Name what a call means to change, from the addresses that it serves and from what it states."""
    addresses = (address.partition("/") for address in part.changes)
    return frozenset(name for found, _, name in addresses if found == section) | {
        fact[1] for fact in part.gives | part.takes if fact[0] == word
    }


def _subscribed(part: Call, live: Live) -> bool:
    """Names may repeat, and the list carries no ids: what was asked for is there when all that was sent is."""
    return all(
        any(_bears(item, sent) and _shows(item, sent, _TOLD_AT_ONCE) for item in _listed(live))
        for sent in BATCHES.members_of(part)
    )


def _subscription_changed(part: Call, live: Live) -> bool | None:
    items = _listed(live)
    sent = part.body or {}
    for item in items:
        if item.__dict__["number"] == _key(part):
            return _shows(item, sent, _SUBSCRIPTION, part.sets)
    return False if all(item.__dict__["number"] for item in items) else None


def _unsubscribed(part: Call, live: Live) -> bool | None:
    numbers = {item.__dict__["number"] for item in _listed(live)}
    if _key(part) in numbers:
        return False
    return None if "" in numbers else True  # one whose id could not be found may be the one


def _listed(live: Live) -> Sequence[Resource]:
    return tuple(live.of("subscriptions").values())


def _bears(item: Resource, sent: Body) -> bool:
    """Whether a subscription has the name that was sent; the second of a name has its id, or its place, added."""
    name, sent_name = item.__dict__["name"], str(sent.get("name"))
    return name in {sent_name, f"{sent_name}#{item.__dict__['number']}"} or name.startswith(f"{sent_name}#?")


_APPLICATION: Final = {
    "name": "Name",
    "callback_url": "CallbackUrl",
    "hide_user_number": "IsHideUserNum",
    "memo": "Memo",
}
_QUEUE: Final = {"name": "QueueName", "strategy": "Strategy", "timeout": "Timeout", "max_length": "MaxLength"}
# Without WrapUpTime, which is only sent along, and which the vendor may ignore or refuse.
_AGENT: Final = {
    "work_id": "WorkId",
    "name": "Name",
    "mobile": "Mobile",
    "email": "Email",
    "role": "Role",
    "enabled": "Enable",
}
_TOLD_AT_ONCE: Final = {"callback": "callback", "events": "events"}  # whether a new one starts enabled is not said
_SUBSCRIPTION: Final = {**_TOLD_AT_ONCE, "enabled": "enable"}

_Rule: TypeAlias = tuple[tuple[str, ...], _Judge]
_RULES: Final[Mapping[tuple[str, str], _Rule]] = {
    ("PUT", "apps"): (("application",), _updated("application", _APPLICATION, lambda _: "")),
    ("PUT", "spnumbers/default"): (("default_number",), _company_number),
    ("DELETE", "spnumbers/default"): (("default_number",), _company_number),
    ("PUT", "spnumbers/agent/default/*"): (("agents",), _agent_number),
    ("DELETE", "spnumbers/agent/default/*"): (("agents",), _agent_number),
    ("POST", "agents"): (("agents",), _agents_made),
    ("PUT", "agents/*"): (("agents",), _updated("agents", _AGENT, _key)),
    ("DELETE", "agents/*"): (("agents",), _gone("agents", _key)),
    ("POST", "agents/queues"): (("agents",), _bound("queues")),
    ("DELETE", "agents/queues"): (("agents",), _unbound("queues")),
    ("POST", "queues/agents"): (("agents",), _joined),
    ("PUT", "queues/agents"): (("agents",), _joined),
    ("POST", "agents/extensions"): (("agents",), _bound("extensions")),
    ("DELETE", "agents/extensions"): (("agents",), _unbound("extensions")),
    ("POST", "queues"): (("queues",), _there("queues", "QueueId")),
    ("PUT", "queues"): (("queues",), _updated("queues", _QUEUE, _sent("QueueId"))),
    ("DELETE", "queues"): (("queues",), _gone("queues", _sent("QueueId"))),
    ("POST", "extensions"): (("agents",), _extension_made),
    ("DELETE", "extensions"): (("agents",), _extension_deleted),
    ("POST", "ivrs/vfiles"): (("voice_files",), _uploaded),
    ("DELETE", "ivrs/vfiles"): (("voice_files",), _gone("voice_files", _sent("FileName"))),
    ("POST", "ivrs/defvoices"): (("default_voices",), _voices_set),
    ("PUT", "ivrs/defvoices"): (("default_voices",), _voices_set),
    ("POST", "ivrs/fastrouters"): (("fast_routers",), _keys_set),
    ("PUT", "ivrs/fastrouters"): (("fast_routers",), _keys_set),
    ("POST", "subscriptions"): (("subscriptions",), _subscribed),
    ("PUT", "subscriptions/*"): (("subscriptions",), _subscription_changed),
    ("DELETE", "subscriptions/*"): (("subscriptions",), _unsubscribed),
}
