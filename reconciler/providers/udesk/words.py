"""
Why one call waits for another, in words: what a fact means to people, and the vendor's limit behind it.

A fact that is not known here is still told, word by word. Sources: the limits are the ones that the kinds cite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from reconciler.model.call import Fact
from reconciler.model.desired import Desired
from reconciler.model.explanation import Rule, Tie, called, listed
from reconciler.model.live import Live
from reconciler.providers.udesk.limits import MOST_QUEUES

Name = Callable[[str, str], str]

# Facts that something exists: the section, and how the thing is named.
_THINGS: Final = {
    "queue": ("queues", "queue"),
    "agent": ("agents", "agent"),
    "extension": ("extensions", "extension"),
    "file": ("voice_files", "voice file"),
}
# Facts that one thing has to do with another: how it is said that it must, does, and must no longer.
_VERBS: Final = {
    "serves": ("answer", "answers", "leave"),
    "holds": ("have", "has", "let go of"),
    "key": ("lead to", "leads to", "let go of"),
    "plays": ("play", "plays", "let go of"),
}

# What can't be deleted while a relation holds.
_DELETIONS: Final = {
    ("serves", "queue"): "a queue with agents can't be deleted",
    ("holds", "extension"): "an extension that an agent has can't be deleted",
    ("key", "queue"): "a queue that a key leads to can't be deleted",
    ("plays", "file"): "a file that a prompt plays is never deleted",
}


def describe(tie: Tie, desired: Desired, live: Live) -> str:  # noqa: PLR0911 - one return a sort of fact
    """Say why a call waits for others: `a queue with agents can't be deleted, so Li Wei must leave Support first`."""
    name: Name = partial(called, desired=desired, live=live)
    sort = tie.facts[0][:1]
    lengths = {len(fact) for fact in tie.facts}
    match sort:
        case (("queue" | "agent" | "extension" | "file") as word,) if min(lengths) > 1:
            return _existence(tie, word, name, live)
        case (("serves" | "holds" | "key" | "plays") as word,) if lengths == {3}:
            return _relation(tie, word, name)
        case ("key left",) if lengths == {3}:
            return _key_left(tie, name)
        case ("voices parked",):
            return "the prompts must have let go of the files that are replaced first"
        case ("duty",) if lengths == {2}:
            return (
                f"for callers' sake {listed([name('agents', fact[1]) for fact in tie.facts])} should be on duty first"
            )
        case ("voices set",):
            return "for callers' sake the prompts should be set first"
        case _:
            return _any(tie)


def _existence(tie: Tie, word: str, name: Name, live: Live) -> str:
    things = listed([_thing(fact, word, name) for fact in tie.facts])
    match tie.rule:
        case Rule.NEEDS:
            return f"{things} must be there first"
        case Rule.CLEARS:
            return f"{_room(tie, word, live)}{things} must go first"
        case Rule.USED:
            return f"{_ids(tie)} still {_plural(tie.others, 'needs', 'need')} {things}"
        case Rule.BEFORE:
            return f"{_ids(tie)} can only be made before {things} {_plural(tie.facts, 'is', 'are')} there"
        case Rule.PREFERS:
            return f"for callers' sake {things} should be there first"


def _thing(fact: Fact, word: str, name: Name) -> str:
    section, one = _THINGS[word]
    if word == "file":
        return f"the new content of {fact[1]}" if fact[2:] == ("new",) else f"{one} {fact[1]}"
    return f"{one} {name(section, fact[1])}"


def _room(tie: Tie, word: str, live: Live) -> str:
    """Say which limit makes a thing go before another comes."""
    if not any(fact[0] == word for fact in tie.call.gives):
        return ""
    if word == "queue":
        count = len(live.of("queues"))
        return (
            f"the tenant has {count} of {MOST_QUEUES} queues, so "
            if count >= MOST_QUEUES
            else f"only {MOST_QUEUES} queues fit, so "
        )
    return "a file name is there only once, so the old " if word == "file" else ""


def _relation(tie: Tie, word: str, name: Name) -> str:
    must, does, undo = _VERBS[word]
    one, many = _ends(tie.facts, word, name)
    subjects = list(dict.fromkeys(one))
    who, what = listed(subjects), listed(list(dict.fromkeys(many)))
    does = does if len(subjects) == 1 else must
    match tie.rule:
        case Rule.NEEDS:
            return f"{who} must {must} {what} first"
        case Rule.CLEARS:
            return f"{_limit(tie, word)}{who} must {undo} {what} first"
        case Rule.USED:
            return f"{_ids(tie)} still {_plural(tie.others, 'counts', 'count')} on it that {who} {does} {what}"
        case Rule.BEFORE:
            return f"{_ids(tie)} can only be made before {who} {does} {what}"
        case Rule.PREFERS:
            return f"for callers' sake {who} should {must} {what} first"


def _ends(facts: Iterable[Fact], word: str, name: Name) -> tuple[list[str], list[str]]:
    """Name both ends of each relation."""
    one, many = [], []
    for _, subject, other in facts:
        match word:
            case "serves":
                one.append(name("agents", subject))
                many.append(name("queues", other))
            case "holds":
                one.append(name("agents", subject))
                many.append(f"extension {other}")
            case "key":
                one.append(f"key {subject}")
                many.append(name("queues", other))
            case _:
                one.append(f"the prompt {subject}")
                many.append(other)
    return one, many


def _limit(tie: Tie, word: str) -> str:
    """Say which of the vendor's limits makes a relation end first; by what the call itself makes or takes away."""
    gone = {fact[0] for fact in tie.call.takes}
    holders = {fact[1] for fact in tie.call.gives if fact[0] == "holds"}
    match word:
        case "holds" if holders:
            own = any(fact[1] in holders for fact in tie.facts)
            limit = "an agent has two extensions at most" if own else "an extension is on one agent only"
        case "serves" | "holds" if "agent" in gone:
            limit = f"an agent with {'queues' if word == 'serves' else 'extensions'} can't be deleted"
        case _:
            limit = next((_DELETIONS[word, thing] for thing in sorted(gone) if (word, thing) in _DELETIONS), "")
    return f"{limit}, so " if limit else ""


def _key_left(tie: Tie, name: Name) -> str:
    keys = listed([f"key {fact[1]}" for fact in tie.facts])
    queues = listed(list(dict.fromkeys(name("queues", fact[2]) for fact in tie.facts)))
    if tie.rule is Rule.PREFERS:
        return f"for callers' sake {keys} should no longer lead to {queues} when nobody answers there"
    return f"{keys} must no longer lead to {queues} first" if tie.rule is Rule.NEEDS else _any(tie)


def _any(tie: Tie) -> str:
    """Tell facts that have no words of their own."""
    facts = listed(['"' + " ".join(fact) + '"' for fact in tie.facts])
    match tie.rule:
        case Rule.NEEDS:
            return f"{facts} must hold first"
        case Rule.CLEARS:
            return f"{facts} must no longer hold first"
        case Rule.USED:
            return f"{_ids(tie)} still {_plural(tie.others, 'needs', 'need')} {facts}"
        case Rule.BEFORE:
            return f"{_ids(tie)} can only be made before {facts} {_plural(tie.facts, 'holds', 'hold')}"
        case Rule.PREFERS:
            return f"for callers' sake {facts} should hold first"


def _ids(tie: Tie) -> str:
    return listed([other.id for other in tie.others])


def _plural(items: tuple[object, ...], one: str, many: str) -> str:
    return one if len(items) == 1 else many
