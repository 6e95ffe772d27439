"""One contact center at Tencent through its states: what the vendor had, and what is wished, one after the other."""

from __future__ import annotations

from typing import Any, Final

NUMBER: Final = "0085212345678"
OTHER_NUMBER: Final = "0085287654321"
PRUNE: Final = {
    "manage": {name: {"prune": True} for name in ("queues", "agents", "extensions")},
    "safety": {"max_deletes": 50, "max_delete_percent": 100},
}
# Numbers are bought, and nobody can make one.
BOUGHT: Final[dict[str, Any]] = {"numbers": {NUMBER: {"number": NUMBER}, OTHER_NUMBER: {"number": OTHER_NUMBER}}}

BEFORE: Final[dict[str, Any]] = {
    "queues": {
        "Sales": {"id": "1100"},
        "Support": {"id": "1101"},
        "Chat": {"id": "1102", "type": "online", "max_concurrency": 5},
        "Gone": {"id": "1103"},  # goes, with all who serve it
        "Idle": {"id": "1104"},
    },
    "agents": {
        "li@example.com": {
            "email": "Li@Example.com", "name": "Li", "staff_number": "1", "phone": "008613800000009", "nick": "L",
            "extension_number": "6009", "queues": ["Gone", "Sales"], "priorities": {"Gone": 2, "Sales": 3},
            "mobile_accept": "always",
        },
        "gone@example.com": {
            "email": "gone@example.com", "name": "Gone", "staff_number": "9", "phone": "008613800000002",
            "queues": ["Gone", "Support"],
        },
        "away@example.com": {"email": "away@example.com", "name": "Away", "staff_number": "8"},
    },
    "extensions": {
        "8001": {"name": "Old desk", "queues": ["Gone", "Sales"], "agent": "gone@example.com"},
        "8009": {"name": "Gone", "queues": ["Gone"], "agent": "away@example.com"},
    },
    "numbers": {
        NUMBER: {"outbound_queues": ["Gone", "Sales"]},
        OTHER_NUMBER: {"enabled": False, "state": "4"},
    },
    "voice_files": {"old": {"digest": "0" * 16}},
}  # fmt: skip

FIRST: Final[dict[str, Any]] = {
    **PRUNE,
    "queues": {
        "sales": {"name": "Sales", "type": "phone", "max_concurrency": 1},
        "support": {"name": "Support", "ring_all": False},
        "chat": {"name": "Chat", "type": "online", "max_concurrency": 3},
        "vip": {"name": "VIP", "type": "phone", "ring_all": True},
        "video": {"name": "Video", "type": "video"},
    },
    "agents": {
        "li": {"email": "li@example.com", "name": "Li Wei", "staff_number": "1001", "phone": "008613800000001",
               "nick": "Li", "role": "agent", "extension_number": "6001", "mobile_accept": "offline",
               "mobile_call_out": True, "queues": {"sales": {"priority": 1}, "chat": {}}},
        "wang": {"email": "wang@example.com", "name": "Wang", "staff_number": "1002", "phone": "008613800000002",
                 "role": "inspector", "mobile_accept": "always", "queues": ["support", "vip"]},
        "chen": {"email": "Chen@example.com", "name": "Chen", "staff_number": "1003", "nick": "",
                 "queues": {"sales": {"priority": 5}, "vip": {"priority": 2}}},
        "zhao": {"email": "zhao@example.com", "name": "Zhao", "staff_number": "1004", "queues": []},
    },
    "extensions": {
        "8001": {"name": "Desk 1", "queues": ["sales"], "agent": "li"},
        "8002": {"name": "Desk 2", "queues": ["support", "video"], "agent": "wang"},
        "8003": {"name": "Hall", "queues": [], "agent": ""},
    },
    "numbers": {
        NUMBER: {"outbound_queues": ["sales", "video"], "enabled": True},
        OTHER_NUMBER: {"outbound_queues": ["support"], "enabled": True},
    },
    "voice_files": {
        "welcome": {"url": "https://cdn.example.com/welcome.mp3"},
        "hold": {"url": "https://cdn.example.com/hold.wav?sign=1", "sha256": "ab" * 32},
    },
}  # fmt: skip

# A chain of names: Sales becomes Verkauf, Support becomes Sales. Every field of an agent and a telephone changes, two
# agents swap telephones, one leaves, a queue and a telephone go, a prompt gets other content.
SECOND: Final[dict[str, Any]] = {
    **PRUNE,
    "queues": {
        "sales": {"name": "Verkauf", "renamed_from": "Sales"},
        "support": {"name": "Sales", "renamed_from": "Support"},
        "chat": {"name": "Chat", "type": "online", "max_concurrency": 2},
        "vip": {"name": "VIP", "ring_all": False},
        "late": {"name": "Late"},
    },
    "agents": {
        "li": {"email": "li@example.com", "name": "Li Wei Ming", "staff_number": "2001", "phone": "008613800000003",
               "nick": "Ming", "extension_number": "6002", "mobile_accept": "always", "mobile_call_out": False,
               "queues": {"sales": {"priority": 4}, "late": {}}},
        "wang": {"email": "wang@example.com", "name": "Wang", "staff_number": "1002", "phone": "008613800000001",
                 "mobile_accept": "off", "queues": ["vip", "late", "sales"]},
        "zhao": {"email": "zhao@example.com", "name": "Zhao", "staff_number": "1004", "queues": ["support", "vip"]},
        "qian": {"email": "qian@example.com", "name": "Qian", "staff_number": "1005", "queues": ["late", "vip"]},
    },
    "extensions": {
        "8001": {"name": "Desk one", "queues": ["sales", "late"], "agent": "wang"},
        "8002": {"name": "Desk 2", "queues": ["support"], "agent": "li"},
        "8004": {"name": "New", "queues": ["late"], "agent": "qian"},
    },
    "numbers": {
        NUMBER: {"outbound_queues": ["sales", "late"], "enabled": True},
        OTHER_NUMBER: {"outbound_queues": [], "enabled": False},
    },
    "voice_files": {
        "welcome": {"url": "https://cdn.example.com/welcome-2.mp3"},
        "hold": {"url": "https://cdn.example.com/hold.wav?sign=2", "sha256": "ab" * 32},
    },
}  # fmt: skip

# Two queues swap their names, two agents their phones; what can be emptied is emptied.
THIRD: Final[dict[str, Any]] = {
    **PRUNE,
    "queues": {
        "sales": {"name": "Sales", "renamed_from": "Verkauf"},
        "support": {"name": "Verkauf", "renamed_from": "Sales"},
        "vip": {"name": "VIP"},
        "late": {"name": "Spät", "renamed_from": "Late"},
    },
    "agents": {
        "li": {"email": "li@example.com", "name": "Li", "phone": "008613800000001", "nick": "",
               "extension_number": "", "queues": ["late"]},
        "wang": {"email": "wang@example.com", "name": "Wang", "phone": "008613800000003", "queues": []},
        "zhao": {"email": "zhao@example.com", "name": "Zhao", "queues": {"support": {"priority": 1}}},
    },
    "extensions": {
        "8001": {"name": "Desk one", "queues": [], "agent": "wang"},
        "8002": {"name": "Desk 2", "queues": ["support"], "agent": ""},
    },
    "numbers": {NUMBER: {"outbound_queues": []}},
}  # fmt: skip
