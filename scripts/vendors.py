"""
Print a block of docs/vendors.md, as Markdown, from what the vendors' folders declare.

    python -m scripts.vendors settings|unsupported|udesk|tencent

The last two list what that vendor's page leaves open. What the client does about each point stands here, in `HELD`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.model.secret import Secret
from reconciler.providers import BUILT_IN, provider
from reconciler.providers.base import Provider
from reconciler.providers.simulation.points import OpenPoints, points
from reconciler.providers.tencent.simulator.dialect import Dialect as TencentDialect
from reconciler.providers.udesk.simulator.dialect import Dialect as UdeskDialect

TITLES: Final = {"udesk": "Udesk", "tencent": "Tencent"}
DIALECTS: Final[Mapping[str, type[OpenPoints]]] = {"udesk": UdeskDialect, "tencent": TencentDialect}

# What the client does about each open point, by the setting of the simulator that shows it.
_TENCENT: Final = {
    "bind": "Bind carries all pairs that the person has and shall have: right either way.",
    "bind_priority": "Read back; a pair that kept its priority is taken away and bound again. The plan says so.",
    "bind_again": "The new and changed pairs are sent alone; one whose priority moves is taken away first.",
    "unbind_absent": "Only pairs that the last read showed are unbound.",
    "create_queues": "Read back; what did not take is bound. `create_with_queues: false` never relies on it.",
    "modify_queues": "`SkillGroupIds` is never sent.",
    "duplicate_staff": "Who is in `ErrorStaffList` failed; a refused call is split until the culprit stands alone.",
    "email_case": "Compared in lower case; who exists is called as the vendor spells it.",
    "work_numbers": "Sent as written; a refusal is that person's failure, and the others are made.",
    "modify_empty": "Read back; a value that stayed is told, with exit code 4.",
    "forwarding_off": "Forwarding is not managed, so it is never sent.",
    "forwarding_unset": "All three read as none.",
    "phone_prefix": "Numbers with and without 0086 or +86 are the same.",
    "roles": "Both are read; a role that is not shown is not compared.",
    "delete_unknown_staff": "Only people that the last read showed are deleted.",
    "delete_staff_bound": "Sent as it is; refused, the person leaves queues and telephones first, then once more.",
    "delete_forwarded": "The plan says who forwards; a refusal is told as it came. A queue named so is refused.",
    "metrics": "What it does not list is what was last set, by the store; without that it is not compared.",
    "delete_queue": "`InvalidAction` is the failure of that deletion alone, and says what to do.",
    "delete_queue_in_use": "A queue goes last, when its members, telephones and numbers have left it.",
    "ring_all": "Not shown, it is not compared; setting it fails with the vendor's words, and the rest is done.",
    "name_filter": "No filter is used: all are read.",
    "extension_exists": "Read before; whatever the code, a read says whether the telephone is there.",
    "extension_missing": "Read before; whatever the code, a read says whether the telephone is gone.",
    "extension_claim": "A telephone that is to let go does so first; refused, so does any other. Read back either way.",
    "extension_empty_queues": "Read back; queues that stayed are told, with exit code 4.",
    "extension_empty_agent": "Read back; an agent who stayed is told, with exit code 4.",
    "extension_groups_empty": "Both read as none.",
    "delete_extension_bound": "Sent as it is; refused, the telephone lets go of all first, then once more.",
    "number_bind": "Bind carries all queues that the number has and shall have: right either way.",
    "unbind_number_absent": "Only queues that the last read showed are unbound.",
    "review": "A rejected file is an error; one still waiting after `review_timeout` is told, with exit code 4.",
    "review_after": "Read again until it is reviewed, for `review_timeout` seconds.",
    "uploads_a_day": "The refusal is told; uploads that were done stay done.",
    "null_lists": "All three read as empty.",
    "order": "Rows are told apart by identity; pages are read again until they come to the stated total.",
    "page_cap": "Pages are as large as the first one that came.",
    "page_over": "Refused, smaller pages are asked for: 100, then 50, then 20.",
    "lag": "Reading back is repeated, with growing pauses, before anything is called missing.",
    "deprecated": "Not looked at.",
    "edition": "Neither field is used. `endpoint` names the edition.",
    "seats": "`LimitExceeded` is told as it came; people who were made stay.",
    "telephones": "`LimitExceeded` is told as it came; telephones that were made stay.",
}
_UDESK: Final = {
    "timestamp_unit": "`provider.timestamp_unit`; a refusal because of the clock names it.",
    "errors": "The code decides, whatever the status.",
    "writes": "Any of them is a success, with or without a body.",
    "envelope": "Both are read.",
    "unauthorized": "The status is enough; the error says what to check.",
    "scalars": "Both are read.",
    "empty_lists": "Both read as empty.",
    "order": "Unordered lists are sorted before they are compared.",
    "lag": "Reading back is repeated, with growing pauses, before anything is called missing.",
    "application_left_out": "All fields are sent, the live values where the files say nothing.",
    "list_agent_id": "`@AppId` is taken off.",
    "read_agent_id": "`@AppId` is taken off.",
    "extensions": "All three are read.",
    "names": "Neither is used: ids are.",
    "agent_number": "Both are read.",
    "paging": "Read on while the answer says that there is more, and hold the count to its total.",
    "page_size": "Pages are as large as the first one that came.",
    "agent_batch": "A refused batch is split until the culprit stands alone; who was made is read back.",
    "agent_left_out": "All fields are sent, the live values where the files say nothing.",
    "wrap_up_time": "Sent where it is set; refused, the same call goes without it.",
    "bind_queues": "What the agent has by then goes along; refused as a duplicate, the new ones go alone.",
    "bound_again": "A duplicate counts as done where it is the only one, else the new ones go alone.",
    "unbound_again": '"Not bound" counts as done.',
    "shared_extension": "Never asked for: whoever has it lets go first.",
    "queue_names": "Both are read.",
    "queue_name": "Refused, the queue is made under a name with its id, and gets its own once that is free.",
    "queue_with_key": "Never asked for: keys are set before a queue goes.",
    "upload": "A multipart file; refused for its form, base64 in JSON.",
    "voice_in_use": "Never asked for: prompts are set before a file goes.",
    "dangling": "Sent along; refused, what leads nowhere is left out.",
    "voices_body": "An object; refused for its form, a list of one.",
    "voices_answer": "Both are read.",
    "voices_left_out": "All live prompts go along.",
    "voices_unset": "Both read as the default.",
    "fast_router": "Both are read.",
    "subscription_switch": "Both fields are sent.",
    "subscription_starts": "Read back; one that started otherwise than written is updated.",
    "subscription_answer": "Both are read.",
}
HELD: Final[Mapping[str, Mapping[str, str]]] = {"udesk": _UDESK, "tencent": _TENCENT}


def vendors() -> Iterator[Provider]:
    """Give the vendors that come with us, in the order in which they came."""
    for name in BUILT_IN:
        vendor = provider(name)
        assert vendor is not None, "a built-in vendor is there"
        yield vendor


def settings() -> str:
    """List what `provider:` may hold: how fast, how much at once, and what else can be chosen."""
    rows = [
        (TITLES[vendor.name], f"`{name}`", _default(info.default), info.description or "")
        for vendor in vendors()
        for name, info in vendor.settings.model_fields.items()
        if name != "type"
    ]
    return _table(("vendor", "setting", "default", "what it is"), rows)


def unsupported() -> str:
    """List what users may look for and the vendor's API can't set: an error, with the reason, at `validate`."""
    rows = []
    for vendor in vendors():
        title = TITLES[vendor.name]
        rows += [(title, f"`{section}:`", why) for section, why in vendor.unsupported.items()]
        rows += [
            (title, f"`{field}` of {kind.section.replace('_', ' ')}", why)
            for kind in vendor.kinds.values()
            for field, why in kind.unsupported.items()
        ]
    return _table(("vendor", "asked for", "what the tool says"), rows)


def open_points(vendor: str) -> str:
    """List what a vendor's page leaves open, how it may be read, and what the client does about it."""
    dialect = DIALECTS[vendor]
    likeliest, held = dialect(), HELD[vendor]
    rows = []
    for name, (point, values) in points(dialect).items():
        default = getattr(likeliest, name)
        others = [value for value in values if value != default]
        readings = ", ".join([f"**{default}**", *(others or ["any number"])])
        rows.append((f"`{name}`", point.question, point.page, readings, held[name]))
    return _table(("setting", "question", "page", "readings", "what the client does"), rows)


def _default(value: Any) -> str:
    match value:
        case Secret() | "":
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case str() | int():
            return f"`{value}`"
        case _:
            return "required"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in (head, ["---"] * len(head), *rows))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "settings": settings,
    "unsupported": unsupported,
    "udesk": lambda: open_points("udesk"),
    "tencent": lambda: open_points("tencent"),
}


def main() -> int:
    """Print the block that is asked for."""
    sys.stdout.write(f"{BLOCKS[sys.argv[1]]()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
