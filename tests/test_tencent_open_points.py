"""Open points of Tencent's pages that the client settles by asking otherwise: page sizes, and pairs bound twice."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.providers.tencent import PROVIDER
from tests.commands import Commands
from tests.servers import AUTH_TOKEN, SID, running

HEAD: Final = """\
version: 1
contact_center: acme
provider:
  type: tencent
  sdk_app_id: 1400000000
  endpoint: {url}
  secret_id: ${{env:UDESK_SID}}
  secret_key: ${{env:UDESK_AUTH_TOKEN}}
  rate_limit: 10000
"""
BEFORE: Final = {
    "sections": {
        "queues": {"Sales": {}, "Support": {}, "VIP": {}},
        "agents": {
            "li@example.com": {
                "name": "Li",
                "staff_number": "1",
                "queues": ["Sales", "Support"],
                "priorities": {"Sales": 3, "Support": 2},
            }
        },
        "extensions": {f"{8000 + number}": {"name": f"Desk {number}"} for number in range(60)},
    }
}
WISH: Final = """\
agents:
  li: {email: li@example.com, queues: {Sales: {priority: 1}, Support: {}, VIP: {priority: 4}}}
extensions:
  "8000": {name: Front desk}
"""


@pytest.mark.parametrize(
    "dialect",
    [
        ("page_cap=50", "page_over=refused"),
        ("page_cap=20", "page_over=refused"),
        ("page_cap=7", "page_over=cut"),
        ("bind_again=refused",),
        ("bind_again=refused", "bind_priority=stays"),
    ],
    ids=",".join,
)
def test_the_wish_is_met_at_once(command: Commands, tmp_path: Path, dialect: tuple[str, ...]) -> None:
    """All telephones are read, one priority moves, one pair is new, one stays as it was, and the next plan is empty."""
    face = PROVIDER.face(seed=BEFORE, tenant=None, credentials=(SID, AUTH_TOKEN), dialect=dialect, clock=time.time)
    with running(face) as vendor:
        path = tmp_path / "acme.yaml"
        path.write_text(HEAD.format(url=vendor.url) + WISH, encoding="utf-8")
        command.ok("apply", str(path), "--yes")
        assert 0 == command("plan", str(path), "--detailed-exitcode").code
        state: Any = json.loads(json.dumps(vendor.state()))["sections"]
    assert {"Sales": 1, "Support": 2, "VIP": 4} == state["agents"]["li@example.com"]["priorities"]
    assert 60 == len(state["extensions"])
