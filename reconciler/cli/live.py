"""The commands that look at the live tenant, or at who works on it: `fetch`, `export`, `unlock`."""

from __future__ import annotations

import click

from reconciler.cli.app import DONE, App, say, say_written
from reconciler.cli.options import configuration, examples
from reconciler.cli.output import write, write_file, write_json
from reconciler.cli.work import loaded_from, opened, progress, request_of, run_async


@click.command(
    epilog=examples("reconciler fetch examples/udesk --out live.json"),
    short_help="Save the live state as a file.",
)
@configuration
@click.option("--out", required=True, metavar="SNAPSHOT", type=click.Path(), help="Where to write it; - for stdout.")
@click.pass_obj
def fetch(app: App, path: str, overlays: tuple[str, ...], assignments: tuple[str, ...], out: str) -> int:
    """Read the whole tenant into a file, for `plan --live` and `simulate --seed`."""
    request = request_of(app, path, overlays, assignments)
    loaded = loaded_from(app, request)
    with opened(app, loaded, request) as session:
        from reconciler import pipeline, snapshot

        with progress(app, session, "Reading"):
            live = run_async(pipeline.fetch_all(session))
        without = pipeline.left_out(session, live)
        text = snapshot.dumps(live, session.desired, session.provider, left_out=without)
        if out == "-":
            write_json(text)
        else:
            write_file(out, text)
            say_written(app, out)
        if without:
            say(app, f"Left out, since this edition of the vendor does not show it: {', '.join(without)}.")
        return DONE


@click.command(
    epilog=examples("reconciler export --provider-file provider.yaml --out my-center"),
    short_help="Write the live tenant as YAML.",
)
@click.option(
    "--provider-file",
    required=True,
    metavar="FILE",
    type=click.Path(),
    help="YAML with version, contact_center and provider.",
)
@click.option("--out", required=True, metavar="DIR", type=click.Path(), help="A folder that is new or empty.")
@click.pass_obj
def export(app: App, provider_file: str, out: str) -> int:
    """Write the live tenant as YAML files; `plan` right after shows nothing to do."""
    request = request_of(app, provider_file)
    loaded = loaded_from(app, request)
    with opened(app, loaded, request) as session:
        from reconciler import export as exporting

        with progress(app, session, "Reading"):
            written = run_async(exporting.export(session, out))
        for path in written.paths:
            say_written(app, path)
        for note in written.notes:
            say(app, note)
        write(f"{written.summary}\n")
        return DONE


@click.command(
    epilog=examples("reconciler unlock examples/udesk"),
    short_help="Free a lock left by a dead run.",
)
@configuration
@click.pass_obj
def unlock(app: App, path: str, overlays: tuple[str, ...], assignments: tuple[str, ...]) -> int:
    """
    Free the lock of a tenant whose run is dead.

    A lock ends by itself a minute after its run has died, and at once when that was on this machine. A run that is
    not dead after all stops before its next write.
    """
    request = request_of(app, path, overlays, assignments)
    loaded = loaded_from(app, request)
    with opened(app, loaded, request) as session:
        from reconciler import pipeline

        had = pipeline.unlock(session)
        from reconciler.report.text import render_note

        render_note(app.out, f"Unlocked: {had} held the lock." if had else "Nobody holds the lock.")
        return DONE
