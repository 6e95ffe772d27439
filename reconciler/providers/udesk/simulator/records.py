"""What a tenant holds, as the machine keeps it: plain mutable records, and the indexes that its rules need."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

# "Agent SIP number": {company number prefix}{agent extension number}, the prefix being 9 and nine digits.
PREFIX: Final = "9031046856"
MAX_QUEUES: Final = 100  # "Create Queue": a maximum of 100 queues can be created per AppId
MAX_EXTENSIONS: Final = 2  # "Seat Extension Binding": a maximum of two extension numbers
MAX_LENGTH: Final = 512  # "Create Queue": MaxLength, maximum value is 512
CATEGORIES: Final = ("agent_state", "ext_state", "agent_call_mode", "call")  # "Subscribe to Events"
VOICES: Final = {
    "Welcome": "welcome",
    "ClosingTime": "closing_time",
    "NoAnswer": "no_answer",
    "VoiceMail": "voice_mail",
    "Waiting": "waiting",
    "Consult": "consult",
    "Hold": "hold",
    "QueueTimeout": "queue_timeout",
    "Evaluate": "evaluate",
}
"""The nine prompts ("Set IVR Default Voices"): the vendor's name, and the name in our snapshots."""


@dataclass(slots=True, kw_only=True)
class Application:
    """The application itself."""

    name: str = ""
    callback_url: str = ""
    hide_user_number: bool = False
    memo: str = ""
    type: str = "default"


@dataclass(slots=True, kw_only=True)
class Queue:
    """A waiting line; *serial* is the vendor's own row number."""

    id: str
    serial: int
    name: str = ""
    strategy: str = "longest_idle"
    timeout: int = 60
    max_length: int = 128


@dataclass(slots=True)
class Agent:
    """A person who answers calls."""

    id: str
    work_id: str = ""
    name: str = ""
    mobile: str = ""
    email: str = ""
    role: str = "agent"
    enabled: bool = True
    extensions: list[str] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    default_number: str = ""
    wrap_up_time: int = 0


@dataclass(slots=True, kw_only=True)
class Voice:
    """What one prompt plays: *kind* is `wav` or `tts`."""

    kind: str
    content: str


@dataclass(slots=True, kw_only=True)
class Key:
    """Where one key leads."""

    queue: str
    description: str


@dataclass(slots=True, kw_only=True)
class Subscription:
    """Who is told of events."""

    callback: str
    name: str
    events: list[str]
    enabled: bool


@dataclass(slots=True, kw_only=True)
class Tenant:
    """
    Everything that one AppId holds.

    *serving* and *holders* are indexes, agents by queue and by extension; `bind` and its like keep them.
    """

    app_id: str
    contact_center: str = "simulated"
    application: Application = field(default_factory=Application)
    relay_numbers: dict[str, None] = field(default_factory=dict)
    default_number: str = ""
    queues: dict[str, Queue] = field(default_factory=dict)
    extensions: dict[str, None] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    voice_files: dict[str, str] = field(default_factory=dict)  # FileName → FileDesc
    voices: dict[str, Voice] = field(default_factory=dict)  # by the vendor's name, those that are set
    keys: dict[str, Key] = field(default_factory=dict)
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    webhook_events: dict[str, list[str]] = field(default_factory=dict)
    serving: dict[str, set[str]] = field(default_factory=dict)
    holders: dict[str, set[str]] = field(default_factory=dict)
    queues_made: int = 0
    extensions_made: int = 0
    applications_made: int = 0
    subscriptions_made: int = 0

    def make_queue(self, queue_id: str) -> Queue:
        """Add a queue with the vendor's defaults."""
        self.queues_made += 1
        queue = self.queues[queue_id] = Queue(id=queue_id, serial=self.queues_made)
        return queue

    def make_extension(self, number: str) -> str:
        """Add an extension; give its password, which nothing shows again ("Create Extension")."""
        self.extensions[number] = None
        self.extensions_made += 1
        seed = f"{self.app_id}/{number}/{self.extensions_made}"
        return hashlib.sha256(seed.encode()).hexdigest()[:16]

    def free_extension(self) -> str | None:
        """Pick a number for an extension that the system makes: the first free one from 8001 up, then from 1000."""
        for number in (*range(8001, 10_000), *range(1000, 8001)):
            if str(number) not in self.extensions:
                return str(number)
        return None

    def bind_queue(self, agent: Agent, queue_id: str) -> None:
        """Have *agent* serve a queue."""
        agent.queues.append(queue_id)
        self.serving.setdefault(queue_id, set()).add(agent.id)

    def unbind_queue(self, agent: Agent, queue_id: str) -> None:
        """Have *agent* leave a queue."""
        agent.queues.remove(queue_id)
        self.serving[queue_id].discard(agent.id)

    def bind_extension(self, agent: Agent, number: str) -> None:
        """Give *agent* an extension."""
        agent.extensions.append(number)
        self.holders.setdefault(number, set()).add(agent.id)

    def unbind_extension(self, agent: Agent, number: str) -> None:
        """Take an extension from *agent*."""
        agent.extensions.remove(number)
        self.holders[number].discard(agent.id)
