"""
A hundred things to make, none of which can share a call: queues, for us and for whoever else makes them one by one.

    python -m benchmarks.creations FOLDER

writes `FOLDER/config/company.yaml`, what we apply; `FOLDER/empty.json`, the tenant before; and `FOLDER/zones` with
`FOLDER/octodns.yaml`, a zone of as many records, which octoDNS's target makes as the same queues. The target's address
is in the environment, as ours is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.tenants import APP_ID, PROVIDER, QUEUES, sections
from benchmarks.zones import ZONE

OCTODNS = """\
---
providers:
  config:
    class: octodns.provider.yaml.YamlProvider
    directory: {zones}
    escaped_semicolons: false
  target:
    class: octodns_target.QueueTarget
    url: env/UDESK_URL
    app_id: {app_id}
    sid: env/UDESK_SID
    auth_token: env/UDESK_AUTH_TOKEN
zones:
  {zone}:
    sources: [config]
    targets: [target]
"""


def main() -> None:
    """Write all of it."""
    folder = Path(sys.argv[1])
    zones, config = folder / "zones", folder / "config"
    for path in (zones, config):
        path.mkdir(parents=True, exist_ok=True)
    identities = [str(9000 + place) for place in range(QUEUES)]
    head = PROVIDER.partition("fast_routers:")[0]
    queues = "".join(f'  "{identity}": {{name: Queue {identity}, timeout: 60}}\n' for identity in identities)
    (config / "company.yaml").write_text(f"{head}queues:\n{queues}", encoding="utf-8")
    none: dict[str, dict[str, object]] = {"queues": {}, "fast_routers": {}}
    live = {
        "format": "reconciler-live/1",
        "provider": "udesk",
        "contact_center": "benchmark",
        "tenant": APP_ID,
        "sections": {name: none.get(name, items) for name, items in sections(0, 2)},
    }
    (folder / "empty.json").write_text(json.dumps(live), encoding="utf-8")
    records = "".join(f"q{identity}:\n  ttl: 300\n  type: A\n  value: 10.0.0.1\n" for identity in identities)
    (zones / "example.com.yaml").write_text(f"---\n{records}", encoding="utf-8")
    (folder / "octodns.yaml").write_text(OCTODNS.format(zones=zones, app_id=APP_ID, zone=ZONE), encoding="utf-8")


if __name__ == "__main__":
    main()
