"""Acme Home at Udesk: told by `make demo`."""

from __future__ import annotations

import hashlib
import json
import textwrap
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from scripts.stage import (
    ACCOUNT,
    CHANGES,
    NOTHING,
    SECRET,
    broken,
    copy_example,
    keep,
    run,
    say,
    send,
    simulator,
    stop,
    surroundings,
)


def call_api(url: str, app_id: str, method: str, path: str, body: dict[str, Any]) -> None:
    """Send one signed request. Source: Udesk CTI Cloud API, "Authentication"."""
    timestamp = str(time.time_ns() // 1_000_000)
    query = {
        "Timestamp": timestamp,
        "AppId": app_id,
        "Sid": ACCOUNT,
        "Sign": hashlib.sha1(f"{ACCOUNT}{SECRET}{timestamp}".encode()).hexdigest(),  # noqa: S324 - the vendor's choice
    }
    request = urllib.request.Request(  # noqa: S310 - the simulator's own address
        f"{url}/ccapi/v2/{path}?{urllib.parse.urlencode(query)}",
        method=method,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    answer = send(request, f"{method} {path}")
    if '"ErrCode":"000000"' not in answer.replace(" ", ""):
        broken(f"{method} {path} was refused: {answer}")


def tell(folder: Path) -> None:
    """Tell the story in *folder*."""
    copy_example(folder, "udesk")
    app_id = json.loads((folder / "udesk-before.json").read_text(encoding="utf-8"))["tenant"]

    say("""Acme Home's contact center is described in examples/udesk: 3 queues, 12 agents, prompts and keys, in one
        file per team. The vendor's system still is as it was last month. Here a simulator stands in for it.""")
    with simulator(folder, "udesk") as (process, url):
        environment = surroundings({"UDESK_URL": url, "UDESK_SID": ACCOUNT, "UDESK_AUTH_TOKEN": SECRET})

        say("What would change, and in which order?")
        run(folder, environment, "plan", "udesk", "--detailed-exitcode", expect=CHANGES)

        say("Make it so. `--yes` stands in for a person who has read the plan just shown.")
        run(folder, environment, "apply", "udesk", "--yes", last=1)

        say("Files and system now agree, so a second plan is empty.")
        run(folder, environment, "plan", "udesk", "--detailed-exitcode", expect=NOTHING)

        say("""On Friday night somebody's script calls the vendor's API by hand: callers of Support wait 20 seconds
            at most, not 90. Nobody tells the others.""")
        body = {"QueueId": "9002", "QueueName": "Support", "Strategy": "longest_idle", "Timeout": 20, "MaxLength": 128}
        print(f"PUT /ccapi/v2/queues\n{textwrap.fill(json.dumps(body), 78)}", flush=True)
        call_api(url, app_id, "PUT", "queues", body)

        say("The nightly drift check finds it, and says so with exit code 2.")
        run(folder, environment, "drift", "udesk", expect=CHANGES)

        say("The files still say 90, so applying them puts it back.")
        run(folder, environment, "apply", "udesk", "--yes", last=1)
        run(folder, environment, "plan", "udesk", "--detailed-exitcode", expect=NOTHING)

        keep(folder, "As applied")
        say("""On Monday the supervisor of Support lets callers wait two minutes, in the vendor's console, and means it.
            Not the system but the files are wrong now: `absorb` writes the change where the value stands, and nothing
            else.""")
        body["Timeout"] = 120
        print(f"PUT /ccapi/v2/queues\n{textwrap.fill(json.dumps(body), 78)}", flush=True)
        call_api(url, app_id, "PUT", "queues", body)
        run(folder, environment, "absorb", "udesk", "--dry-run")
        run(folder, environment, "absorb", "udesk")
        run(folder, environment, "plan", "udesk", "--detailed-exitcode", expect=NOTHING)

        say("""That edit goes through a pull request like any other. What it means can be told from git alone: no
            credentials, no network.""")
        run(folder, environment, "review", "udesk", "--base", "HEAD")

        say("And who is reached how, as a picture, or as a page with the plan:")
        run(folder, environment, "graph", "udesk", "--out", "reach.svg")

        stop(process, folder)
    say("That was the whole story. The files are in examples/udesk; change one, and plan again.")
