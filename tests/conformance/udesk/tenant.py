"""One contact center through three states: what the vendor had, what is wished first, and what is wished then."""

from __future__ import annotations

import io
import wave
from typing import Any, Final


def wav(tone: int) -> bytes:
    """Make a real wav file of a few samples; another *tone*, another content."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes([tone, 0]) * 80)
    return content.getvalue()


NUMBER: Final = "057126200670"
OTHER_NUMBER: Final = "057126200671"
PRUNE: Final = {
    "manage": {name: {"prune": True} for name in ("queues", "extensions", "agents", "voice_files", "subscriptions")},
    "safety": {"max_deletes": 50, "max_delete_percent": 100},
}
FILES: Final = {"welcome.wav": wav(1), "hold.wav": wav(2)}
RELAY: Final[dict[str, Any]] = {
    "relay_numbers": {NUMBER: {"number": NUMBER}, OTHER_NUMBER: {"number": OTHER_NUMBER}},
}

BEFORE: Final[dict[str, Any]] = {
    **RELAY,
    "application": {"": {"name": "Old", "callback_url": "https://old.example.com", "memo": "old", "type": "external"}},
    "default_number": {"": {"number": OTHER_NUMBER}},
    "queues": {
        "9001": {"name": "Old sales", "strategy": "longest_idle", "timeout": 45, "max_length": 20},
        "9009": {"name": "Support"},  # goes, and another of this name comes
    },
    "extensions": {"8009": {}, "8003": {}},  # two spares that no read shows
    "agents": {
        "101": {"work_id": "w101", "name": "Li", "extensions": ["8007"], "queues": ["9001", "9009"], "wrap_up_time": 7},
        "109": {"work_id": "w109", "name": "Gone", "extensions": ["8001"], "queues": ["9009"], "enabled": False},
    },
    "voice_files": {"old.wav": {"description": "Old", "digest": "0" * 16}},
    "default_voices": {"welcome": {"wav": "old.wav"}, "consult": {"tts": "Kept, since no file speaks of it."}},
    "fast_routers": {
        "1": {"queue": "9001", "description": "Sales"},
        "9": {"queue": "9009", "description": "Gone"},
    },
    "subscriptions": {
        "crm": {"callback": "https://old.example.com", "events": ["user_answer"], "enabled": False, "number": "3"},
        "gone": {"callback": "https://gone.example.com", "events": ["user_answer"], "number": "5"},
    },
    "webhook_events": {"": {"call": ["begin"]}},
}

FIRST: Final[dict[str, Any]] = {
    **PRUNE,
    "application": {"name": "Acme", "callback_url": "https://crm.example.com/", "hide_user_number": True, "memo": ""},
    "default_number": NUMBER,
    "queues": {
        "sales": {"id": "9001", "name": "Sales", "strategy": "longest_idle", "timeout": 60, "max_length": 64},
        "support": {"id": "9002", "name": "Support", "timeout": 90, "max_length": 512},
    },
    "extensions": ["8009"],
    "agents": {
        "li": {"id": "101", "work_id": "w101", "name": "Li Wei", "mobile": "18512520714", "email": "li@example.com",
               "role": "leader", "enabled": True, "extensions": ["8001", "8002"], "queues": ["sales", "support"],
               "default_number": OTHER_NUMBER},
        "wang": {"id": "102", "work_id": "w102", "name": "Wang", "extensions": ["8003"], "queues": ["sales"],
                 "role": "agent", "default_number": "", "enabled": True, "mobile": "", "email": ""},
        "chen": {"id": "103", "work_id": "w103", "name": "Chen", "extensions": "auto", "queues": ["support"],
                 "enabled": False},
        "zhao": {"id": "104", "work_id": "w104", "name": "Zhao", "extensions": [], "queues": []},
    },
    "voice_files": {
        "welcome.wav": {"path": "welcome.wav", "description": "Greeting"},
        "hold.wav": {"path": "hold.wav"},
    },
    "default_voices": {
        "welcome": {"wav": "welcome.wav"},
        "waiting": {"tts": "Please hold."},
        "hold": {"wav": "hold.wav"},
        "evaluate": "default",
    },
    "fast_routers": {
        "0": {"queue": "support", "description": ""},
        "1": {"queue": "sales", "description": "Sales"},
        "2": {"queue": "support", "description": "Support"},
    },
    "subscriptions": {
        "crm": {"callback": "https://crm.example.com/events", "events": ["user_answer", "user_ringing"],
                "enabled": True},
        "wallboard": {"callback": "https://wall.example.com", "events": ["agent_answer"], "enabled": False},
        "log": {"callback": "https://log.example.com", "events": ["begin", "end"], "enabled": True},
    },
    "webhook_events": {"call": ["begin", "end"], "agent_state": ["acd_agent_state"]},
}  # fmt: skip

# Queue 9002 is replaced by 9003 with its keys, two agents swap extensions, one leaves with his, a prompt that plays
# gets other content, and every other section changes too.
SECOND: Final[dict[str, Any]] = {
    **PRUNE,
    "application": {"name": "Acme", "callback_url": "", "hide_user_number": False, "memo": "Autumn"},
    "default_number": "",
    "queues": {
        "sales": {"id": "9001", "name": "Verkauf", "strategy": "longest_idle", "timeout": 0, "max_length": 64},
        "support": {"id": "9003", "name": "Support", "timeout": 90, "max_length": 512},
        "day": {"id": "9004", "name": "Day"},
        "night": {"id": "9005", "name": "Night"},
    },
    "extensions": [],
    "agents": {
        "li": {"id": "101", "work_id": "w101", "name": "Li Wei", "mobile": "", "email": "li@example.com",
               "role": "agent", "enabled": True, "extensions": ["8003"], "queues": ["support"], "default_number": ""},
        "wang": {"id": "102", "work_id": "w102", "name": "Wang Fang", "extensions": ["8001", "8002"],
                 "queues": ["sales", "support"], "default_number": NUMBER},
        "zhao": {"id": "104", "work_id": "w104", "name": "Zhao", "extensions": [], "queues": ["sales"]},
        "qian": {"id": "105", "work_id": "w105", "name": "Qian", "extensions": ["8010"],
                 "queues": ["day", "night", "support"]},
    },
    "voice_files": {"welcome.wav": {"path": "welcome.wav", "description": "Greeting"}},
    "default_voices": {
        "welcome": {"wav": "welcome.wav"},
        "waiting": "default",
        "hold": "default",
        "evaluate": {"tts": "How was it?"},
    },
    "fast_routers": {
        "1": {"queue": "sales", "description": "Sales"},
        "2": {"queue": "support", "description": "Support"},
        "3": {"queue": "support", "description": "More"},
    },
    "subscriptions": {
        "crm": {"callback": "https://crm.example.com/v2", "events": ["user_answer"], "enabled": False},
        "log": {"callback": "https://log.example.com", "events": ["begin", "end"], "enabled": True},
        "new": {"callback": "https://new.example.com", "events": ["end"]},
    },
    "webhook_events": {"call": ["end"]},
}  # fmt: skip
SECOND_FILES: Final = {"welcome.wav": wav(3)}
