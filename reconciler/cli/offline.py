"""The commands that need no tenant: `init`, `schema`, `simulate`."""

from __future__ import annotations

from typing import Any

import click

from reconciler.cli.app import DONE, App, say_written
from reconciler.cli.options import VENDORS, examples
from reconciler.cli.output import write, write_json


@click.command(
    epilog=examples("reconciler init my-center", "reconciler init --provider tencent my-center"),
    short_help="Write a small working configuration.",
)
@click.option("--provider", "vendor", type=click.Choice(VENDORS), default="udesk", help="The vendor.")
@click.argument("directory", metavar="DIR", type=click.Path())
@click.pass_obj
def init(app: App, vendor: str, directory: str) -> int:
    """Write a small working configuration to DIR, with a schema that editors understand."""
    from reconciler.init import write

    for path in write(vendor, directory):
        say_written(app, path)
    return DONE


@click.command(
    epilog=examples("reconciler schema udesk > udesk.json"),
    short_help="Print the JSON Schema of the YAML, or of plans.",
)
@click.argument("of", metavar="[udesk|tencent|plan]", type=click.Choice([*VENDORS, "plan"]), default="udesk")
def schema(of: str) -> int:
    """Print the JSON Schema of a vendor's YAML (the default: udesk), or of the plan's JSON."""
    from reconciler.schema import documents, printed

    write_json(printed(documents()[of]))
    return DONE


@click.command(
    epilog=examples(
        "reconciler simulate udesk --port 8080",
        "reconciler simulate tencent --seed examples/tencent-before.json",
    ),
    short_help="Serve a vendor's API on localhost.",
)
@click.argument("vendor", type=click.Choice(VENDORS))
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@click.option("--seed", metavar="STATE", type=click.Path(), help="The state to start from: a snapshot.")
@click.option("--dump", metavar="FILE", type=click.Path(), help="Write the state there on exit.")
@click.option("--app-id", metavar="ID", help="The tenant; default: the seed's.")
@click.option("--sid", "--secret-id", "sid", default="demo-sid", help="The account it accepts.")
@click.option("--auth-token", "--secret-key", "auth_token", default="demo-token", help="The account's secret.")
@click.option(
    "--dialect",
    "dialects",
    multiple=True,
    metavar="NAME=VALUE",
    help="Settle a point that the vendor's page leaves open; repeatable. `--dialect help` lists them.",
)
@click.option(
    "--fault", "faults", multiple=True, metavar="JSON", help="Break something; repeatable. See GET /_control."
)
@click.option("--latency-ms", default=0, type=click.IntRange(0, 600_000), help="Answer this much later.")
def simulate(vendor: str, **asked: Any) -> int:
    """
    Serve the vendor's API on localhost until interrupted; prints one line when it listens.

    It checks signatures and keeps every limit of the vendor's page. GET /_control says how to look inside.
    """
    from reconciler import simulate as simulating

    asked["dialect"] = asked.pop("dialects")
    if "help" in asked["dialect"]:
        write(simulating.dialects(vendor))
        return DONE
    simulating.serve(vendor, announce=lambda line: write(f"{line}\n"), **asked)
    return DONE
