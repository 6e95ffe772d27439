"""
Make a Udesk tenant of any size: its YAML, and the live state that the YAML describes. The same input, the same bytes.

    python -m benchmarks.tenants --agents 10000 --out FOLDER [--changed 100] [--queues-each 3]

writes `FOLDER/config/*.yaml` (20 files), `FOLDER/changed/*.yaml` (the same, where *changed* agents have another
mobile number), `FOLDER/live.json` (a snapshot for `simulate --seed`) and `FOLDER/before.json` (the same tenant before
its agents came). It runs as a program of its own, so that its memory is not the runner's.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

APP_ID: Final = "7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
NUMBER: Final = "057126200670"
FILES: Final = 20
QUEUES: Final = 100  # the vendor's limit
QUEUES_EACH: Final = 2
# Only 9,000 extensions exist in a tenant, so one agent in six has one; that scales to 54,000 agents.
EXTENSION_EVERY: Final = 6

PROVIDER: Final = f"""\
version: 1
contact_center: benchmark
provider:
  type: udesk
  base_url: ${{env:UDESK_URL}}
  app_id: {APP_ID}
  sid: ${{env:UDESK_SID}}
  auth_token: ${{env:UDESK_AUTH_TOKEN}}
  rate_limit: 10000
  timeout: 60
application: {{name: Benchmark}}
default_number: "{NUMBER}"
fast_routers:
  "1": {{queue: queue-00, description: First}}
  "2": {{queue: queue-01, description: Second}}
queues:
"""


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent, by its place in the tenant."""

    place: int
    changed: bool = False
    queues_each: int = QUEUES_EACH

    @property
    def identity(self) -> str:
        """The vendor's id."""
        return str(100_000 + self.place)

    @property
    def mobile(self) -> str:
        """A mobile number; another one for an agent that has changed."""
        return f"{'139' if self.changed else '138'}{self.place:08d}"

    @property
    def extensions(self) -> tuple[str, ...]:
        """The phone on the agent's desk, if it has one."""
        return (str(1000 + self.place // EXTENSION_EVERY),) if self.place % EXTENSION_EVERY == 0 else ()

    @property
    def queues(self) -> tuple[int, ...]:
        """Different queues, equally far apart, so that all queues get about as many agents."""
        farthest = (QUEUES - 1) // (self.queues_each - 1)
        apart = 1 + self.place // QUEUES % farthest
        return tuple(sorted((self.place + count * apart) % QUEUES for count in range(self.queues_each)))


def agent_yaml(agent: Agent) -> str:
    """Write one agent as people do: block style, ids quoted, short lists in brackets."""
    name = f"agent-{agent.place:05d}"
    extensions = ", ".join(f'"{number}"' for number in agent.extensions)
    queues = ", ".join(f"queue-{number:02d}" for number in agent.queues)
    return f"""\
  {name}:
    id: "{agent.identity}"
    work_id: "{200_000 + agent.place}"
    name: Agent Number {agent.place:05d}
    mobile: "{agent.mobile}"
    email: {name}@contact-center.example.com
    role: {"leader" if agent.place % 50 == 0 else "agent"}      # leaders may listen in too
    enabled: true    # may sign in
    extensions: [{extensions}]
    queues: [{queues}]
    default_number: "{NUMBER}"
"""


def agent_live(agent: Agent) -> dict[str, Any]:
    """Give the same agent as the vendor has it."""
    return {
        "id": agent.identity,
        "work_id": str(200_000 + agent.place),
        "name": f"Agent Number {agent.place:05d}",
        "mobile": agent.mobile,
        "email": f"agent-{agent.place:05d}@contact-center.example.com",
        "role": "leader" if agent.place % 50 == 0 else "agent",
        "enabled": True,
        "extensions": list(agent.extensions),
        "queues": [str(9000 + number) for number in agent.queues],
        "default_number": NUMBER,
        "auto_extension": False,
        "wrap_up_time": 0,
    }


def write_yaml(folder: Path, *, agents: int, changed: int, queues_each: int) -> int:
    """Write the configuration, with *changed* agents spread evenly; give the bytes that the agents take."""
    folder.mkdir(parents=True, exist_ok=True)
    queues = "".join(
        f'  queue-{number:02d}: {{id: "{9000 + number}", name: Queue {number:02d}, timeout: 60}}\n'
        for number in range(QUEUES)
    )
    (folder / "company.yaml").write_text(PROVIDER + queues, encoding="utf-8")
    every = agents // changed if changed else 0
    size = 0
    # With `company.yaml` there are as many files as FILES says.
    per_file = -(-agents // (FILES - 1))
    for start in range(0, agents, per_file):
        places = range(start, min(start + per_file, agents))
        text = "".join(agent_yaml(Agent(place, bool(every) and place % every == 0, queues_each)) for place in places)
        size += len(text)
        (folder / f"agents-{start // per_file:02d}.yaml").write_text(f"agents:\n{text}", encoding="utf-8")
    return size


def sections(agents: int, queues_each: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the live state section by section."""
    everyone = [Agent(place, queues_each=queues_each) for place in range(agents)]
    callback = {"callback_url": "", "hide_user_number": False, "memo": "", "type": "default"}
    yield "application", {"": {"name": "Benchmark", **callback}}
    yield "default_number", {"": {"number": NUMBER}}
    yield "relay_numbers", {NUMBER: {"number": NUMBER, "is_default": True}}
    yield (
        "queues",
        {
            str(9000 + number): {
                "id": str(9000 + number),
                "name": f"Queue {number:02d}",
                "strategy": "longest_idle",
                "timeout": 60,
                "max_length": 128,
            }
            for number in range(QUEUES)
        },
    )
    yield "extensions", {number: {"number": number} for agent in everyone for number in agent.extensions}
    yield "agents", {agent.identity: agent_live(agent) for agent in everyone}
    yield "voice_files", {}
    yield (
        "fast_routers",
        {
            "1": {"queue": "9000", "description": "First", "digit": "1"},
            "2": {"queue": "9001", "description": "Second", "digit": "2"},
        },
    )
    yield "subscriptions", {}


def write_live(path: Path, *, agents: int, queues_each: int) -> None:
    """Write the live state as a snapshot."""
    snapshot = {
        "format": "reconciler-live/1",
        "provider": "udesk",
        "contact_center": "benchmark",
        "tenant": APP_ID,
        "sections": dict(sections(agents, queues_each)),
    }
    path.write_text(json.dumps(snapshot), encoding="utf-8")


def main() -> None:
    """Write all of it."""
    parser = argparse.ArgumentParser(description="Make a Udesk tenant of any size.")
    parser.add_argument("--agents", type=int, required=True)
    parser.add_argument("--changed", type=int, default=0)
    parser.add_argument("--queues-each", type=int, default=QUEUES_EACH, choices=range(2, QUEUES + 1), metavar="COUNT")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    agents, each = options.agents, options.queues_each
    size = write_yaml(options.out / "config", agents=agents, changed=0, queues_each=each)
    if options.changed:
        write_yaml(options.out / "changed", agents=agents, changed=options.changed, queues_each=each)
    write_live(options.out / "live.json", agents=agents, queues_each=each)
    write_live(options.out / "before.json", agents=0, queues_each=each)
    print(json.dumps({"agents": agents, "bindings": agents * each, "bytes_each": round(size / agents)}))


if __name__ == "__main__":
    main()
