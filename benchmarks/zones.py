"""
Make octoDNS's side of the comparison: a zone in YAML, and a server that lists as many records.

As a program, `python zones.py RECORDS FOLDER` writes the files, serves the list on 127.0.0.1 and prints its
address on one line; it serves until it is ended.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

ZONE: Final = "example.com."


def records(count: int) -> list[dict[str, Any]]:
    """Make *count* plain A records with two addresses each, in the natural order that octoDNS wants in YAML."""
    return [
        {
            "name": f"host-{number:05d}",
            "type": "A",
            "ttl": 300 + number % 7,
            "values": [
                f"10.{number // 250 % 250}.{number % 250}.1",
                f"10.{number // 250 % 250}.{number % 250}.2",
            ],
        }
        for number in range(count)
    ]


def write(folder: Path, *, count: int, url: str) -> Path:
    """Write the zone and octoDNS's configuration below *folder*; give the configuration's path."""
    zones = folder / "zones"
    zones.mkdir(parents=True, exist_ok=True)
    lines = ["---"]
    for record in records(count):
        lines += [f"{record['name']}:", f"  ttl: {record['ttl']}", "  type: A", "  values:"]
        lines += [f"  - {value}" for value in record["values"]]
    (zones / "example.com.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = folder / "octodns.yaml"
    config.write_text(
        f"""\
---
providers:
  config:
    class: octodns.provider.yaml.YamlProvider
    directory: {zones}
    escaped_semicolons: false
  target:
    class: octodns_target.ListTarget
    url: {url}
zones:
  {ZONE}:
    sources: [config]
    targets: [target]
""",
        encoding="utf-8",
    )
    return config


def serve(body: bytes) -> ThreadingHTTPServer:
    """Make a server on a free local port that answers every GET with *body*, made once."""

    class Listing(BaseHTTPRequestHandler):
        # The base class looks the method up by this name.
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet: the runner's output is the table."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Listing)


def main() -> None:
    """Write, serve, and say where."""
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    server = serve(json.dumps(records(count)).encode())
    url = f"http://127.0.0.1:{server.server_address[1]}"
    write(folder, count=count, url=url)
    print(f"listening on {url}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
