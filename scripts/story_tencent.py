"""Harbour Travel at Tencent Cloud Contact Center: told by `make demo-tencent`."""

from __future__ import annotations

import hashlib
import hmac
import json
import textwrap
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scripts.stage import (
    ACCOUNT,
    CHANGES,
    NOTHING,
    SECRET,
    broken,
    copy_example,
    run,
    say,
    send,
    simulator,
    stop,
    surroundings,
)


def call_api(url: str, action: str, body: dict[str, Any]) -> None:
    """Send one signed request. Source: Tencent Cloud API 3.0, "Signature v3"."""
    content, now = json.dumps(body), int(time.time())
    date = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
    host, scope = urlsplit(url).netloc, f"{date}/ccc/tc3_request"
    signed = f"POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{_digest(content)}"
    key = f"TC3{SECRET}".encode()
    for part in (date, "ccc", "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, f"TC3-HMAC-SHA256\n{now}\n{scope}\n{_digest(signed)}".encode(), "sha256").hex()
    request = urllib.request.Request(  # noqa: S310 - the simulator's own address
        url,
        method="POST",
        data=content.encode(),
        headers={
            "Host": host,
            "Content-Type": "application/json",
            "Authorization": f"TC3-HMAC-SHA256 Credential={ACCOUNT}/{scope}, SignedHeaders=content-type;host, "
            f"Signature={signature}",
            "X-TC-Action": action,
            "X-TC-Version": "2020-02-10",
            "X-TC-Timestamp": str(now),
        },
    )
    answer = send(request, action)
    if '"Error"' in answer or '"RequestId"' not in answer:
        broken(f"{action} was refused: {answer}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def tell(folder: Path) -> None:
    """Tell the story in *folder*."""
    copy_example(folder, "tencent")
    app_id = int(json.loads((folder / "tencent-before.json").read_text(encoding="utf-8"))["tenant"])

    say("""Harbour Travel's contact center is described in examples/tencent: 3 queues, 8 agents, telephones and
        numbers, in one file per team. The vendor's system still is as it was last month. Here a simulator stands in
        for it.""")
    with simulator(folder, "tencent") as (process, url):
        environment = surroundings(
            {
                "TENCENTCLOUD_ENDPOINT": url,
                "TENCENTCLOUD_SECRET_ID": ACCOUNT,
                "TENCENTCLOUD_SECRET_KEY": SECRET,
            }
        )

        say("What would change, and in which order? The queue Service is renamed in place, with all who serve it.")
        run(folder, environment, "plan", "tencent", "--detailed-exitcode", expect=CHANGES)

        say("Make it so. `--yes` stands in for a person who has read the plan just shown.")
        run(folder, environment, "apply", "tencent", "--yes", last=1)

        say("Files and system now agree, so a second plan is empty.")
        run(folder, environment, "plan", "tencent", "--detailed-exitcode", expect=NOTHING)

        say("""On Friday night somebody's script calls the vendor's API by hand: Li Wei is asked last in Sales, not
            first. Nobody tells the others.""")
        body = {
            "SdkAppId": app_id,
            "StaffEmail": "li.wei@example.com",
            "StaffSkillGroupList": [{"SkillGroupId": 1000, "Priority": 5}],
        }
        print(f"BindStaffSkillGroupList\n{textwrap.fill(json.dumps(body), 78)}", flush=True)
        call_api(url, "BindStaffSkillGroupList", body)

        say("The nightly drift check finds it, and says so with exit code 2.")
        run(folder, environment, "drift", "tencent", expect=CHANGES)

        say("The files still say 1, so applying them puts it back.")
        run(folder, environment, "apply", "tencent", "--yes", last=1)
        run(folder, environment, "plan", "tencent", "--detailed-exitcode", expect=NOTHING)

        say("""And the other way round: whoever has no files yet gets them from the live application. A plan from what
            was written is empty; that is checked before it is said.""")
        run(folder, environment, "export", "--provider-file", "tencent/provider.yaml", "--out", "exported")

        stop(process, folder)
    say("That was the whole story. The files are in examples/tencent; change one, and plan again.")
