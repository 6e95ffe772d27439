"""What answers to writes teach that no read shows again: extension passwords, subscription ids, spares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from reconciler.model.call import Call, Reply
from reconciler.model.errors import Rejected
from reconciler.model.live import Live
from reconciler.model.outcome import Learned, OneTimePassword
from reconciler.providers.udesk.protocol import API, classify


def learn(call: Call, reply: Reply) -> Learned:  # noqa: PLR0911 - one return for each call that teaches something
    """
    Read the answer to *call*; the condition `lost` stands for an answer that never came.

    Source: "Create Extension", "Create Seat", "Subscribe", "Subscribe to Events".
    """
    api = call.path.removeprefix(API)
    body = call.body or {}
    result = reply.payload.get("Result")
    match call.method, api.split("/")[0]:
        case "POST", "extensions":
            number = str(body.get("Extension", ""))
            rows = [result] if isinstance(result, dict) else []
            passwords = _passwords(rows, number)
            note = _unknown_password(number, reply, passwords)
            return Learned(passwords=passwords, remember={("extensions", number): {}}, note=note)
        case "DELETE", "extensions":
            return Learned(forget=(("extensions", str(body.get("Extension", ""))),))
        case "POST", "agents" if api == "agents":
            found = result.get("Extensions") if isinstance(result, dict) else result
            rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
            passwords = _passwords(rows, "")
            asked = sum(bool(agent.get("IsCreateExtension")) for agent in body.get("Agents", ()))
            note = ""
            if len(passwords) < asked and reply.condition != "lost":
                note = (
                    f"the vendor gave {len(passwords)} of {asked} passwords of the extensions that it made for new "
                    "agents; delete the extensions whose password is missing and name others"
                )
            return Learned(passwords=passwords, note=note)
        case "DELETE", "agents" if api not in {"agents/queues", "agents/extensions"} and body.get("IsDelExtensions"):
            gone = (fact[1] for fact in call.takes if fact[0] == "extension")
            return Learned(forget=tuple(("extensions", number) for number in sorted(gone)))
        case "DELETE", "agents" if api == "agents/extensions":
            # From here on they are spares, which no read shows.
            return Learned(remember={("extensions", number): {} for number in body.get("Extensions", ())})
        case "POST", "subscriptions":
            return _subscriptions(body, result)
        case "DELETE", "subscriptions":
            return (
                Learned(forget=(("subscriptions", call.changes[0].partition("/")[2]),)) if call.changes else Learned()
            )
        case "PUT" | "DELETE", "webhooks":
            events = {item["category"]: item["all_type"] for item in body.get("Events", ())}
            return Learned(remember={("webhook_events", ""): events})
        case _:
            return Learned()


def recover(call: Call, live: Live) -> Learned:
    """
    Say what *call* teaches though its answer was lost, given what was read since.

    Passwords are gone with the answer: of an extension that was asked for, and of one that the system made for a new
    agent, whose number the agent shows.
    """
    learned = learn(call, _LOST)
    body = call.body or {}
    match call.method, call.path.removeprefix(API):
        case "POST", "extensions":
            number = str(body.get("Extension", ""))
            return replace(learned, lost=(number,), note=_lost_with_answer(number))
        case "POST", "agents":
            return _lost_with_agents(body, live)
        case _:
            return learned


_LOST: Final = Reply(payload={}, condition="lost")


def _lost_with_agents(body: Mapping[str, Any], live: Live) -> Learned:
    asked = [str(agent.get("AgentId")) for agent in body.get("Agents", ()) if agent.get("IsCreateExtension")]
    agents = live.of("agents")
    made = {agent: agents[agent].extensions if agent in agents else () for agent in asked}
    notes = [_lost_with_answer(number, agent) for agent, numbers in made.items() for number in numbers] + [
        f"the vendor was asked to make an extension for agent {agent}, its answer was lost, and the agent shows none: "
        f"name one for it in the files, and apply again"
        for agent, numbers in made.items()
        if not numbers
    ]
    lost = sorted(number for numbers in made.values() for number in numbers)
    return Learned(lost=tuple(lost), note="; ".join(notes))


def _lost_with_answer(number: str, agent: str = "") -> str:
    """Say what to do about a password that nobody has; *agent* is the one that the extension was made for."""
    # It may have been there before, but then whoever made it has the password.
    unless = "" if agent else "unless somebody has it from before, "
    instead = f", name another one for agent {agent} in the files" if agent else ""
    return (
        f"the password of extension {number} is given only once, and was lost with the answer: {unless}delete "
        f"extension {number} in the console{instead}, and apply again"
    )


def unlearn(call: Call, refused: Rejected) -> Learned:
    """
    Forget extensions that could not be bound because they are not there.

    Our store may have known one as a spare that somebody deleted since, and no read shows. Forgotten, it is made sure
    of by the next plan, which harms none that does exist.
    """
    if (call.method, call.path) != ("POST", API + "agents/extensions"):
        return Learned()
    if classify(refused.code, refused.text) != "missing":
        return Learned()
    return Learned(forget=tuple(("extensions", str(number)) for number in (call.body or {}).get("Extensions", ())))


def _unknown_password(number: str, reply: Reply, passwords: Sequence[OneTimePassword]) -> str:
    """Say so where an extension's password is not with us: the vendor gives it once."""
    if reply.condition == "lost":
        return ""  # `recover` has the words for it
    if reply.condition != "ok":
        return (
            f"extension {number} was there already; its password was given to whoever made it, and can't be read again"
        )
    if not passwords:
        return f"the vendor gave no password for extension {number}; if nobody has it, delete it and apply again"
    if passwords[0].extension != number:
        return (
            f"extension {number} was asked for, and the vendor answered with {passwords[0].extension} and its password"
        )
    return ""


def _passwords(rows: Sequence[Mapping[str, Any]], number: str) -> tuple[OneTimePassword, ...]:
    return tuple(
        OneTimePassword(
            extension=str(row.get("Extension") or number),
            password=str(row["Password"]),
            number=str(row.get("Number") or ""),
        )
        for row in rows
        if row.get("Password")
    )


def _subscriptions(body: Mapping[str, Any], result: Any) -> Learned:
    made = result.get("sub_succ") if isinstance(result, dict) else None
    failed = result.get("sub_fail") if isinstance(result, dict) else None
    ids = {
        ("subscriptions", str(row["name"])): {"id": str(row["id"])}
        for row in (made if isinstance(made, list) else [])
        if isinstance(row, dict) and row.get("name") and row.get("id") is not None
    }
    wanted = {str(item["name"]) for item in body.get("subscriptions", ())}
    refused = {str(name) for name in failed} if isinstance(failed, list) else set()
    return Learned(remember=ids, failed=dict.fromkeys(sorted(refused & wanted), ""))
