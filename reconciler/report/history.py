"""Past runs: a table of them (with looks for drift), one in full, and both as JSON documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconciler.model.change import Action
from reconciler.model.drift import Look
from reconciler.model.history import Attempt, Ending, Image, Run, RunState, Settled, Who
from reconciler.model.outcome import Verdict
from reconciler.model.secret import Mask
from reconciler.report.looks import LOOK_STYLES, look_head, state_of
from reconciler.report.pen import SIGNS, STYLES, Pen, count, some
from reconciler.report.safe import masked

HISTORY_FORMAT: Final = "reconciler-history/1"
RUN_FORMAT: Final = "reconciler-run/1"

_ID: Final = 8  # characters of a run's id in the table; `show` takes them
_GAP: Final = "  "
_CUT: Final = ("WHO", "CENTER")  # columns that give way where a line is too long
_LEAST: Final = 4  # columns that they keep
_DIGEST: Final = len("sha256:") + 16
_SHOWN: Final = 50
_TEXT: Final = 300
_STYLES: Final = {
    RunState.COMPLETE: "green",
    RunState.INCOMPLETE: "bold red",
    RunState.INTERRUPTED: "bold yellow",
    RunState.CUT: "bold red",
    RunState.RUNNING: "bold",
}
_FINE: Final = {Ending.DONE, Ending.ALREADY}


def render_history(console: Console, runs: Sequence[Run | Look], *, where: str = "", mask: Mask | None = None) -> None:
    """Show runs and looks for drift as a table, in their order; *where* is the store, named when there are none."""
    pen = Pen(console=console, mask=mask or Mask())
    if not runs:
        pen.line(f"No runs: nothing is kept in {pen.clean(where)}." if where else "No runs.", hang=2)
        return
    years = {_when(_time(run), "%Y") for run in runs}
    rows = [_row(pen, run, min(years) if len(years) == 1 else "") for run in runs]
    # What is the same in all rows is said once, above them; so those fit that differ.
    same = {name: rows[0][name] for name in ("COMMAND", "CENTER") if len({row[name] for row in rows}) == 1}
    lead = {"apply": "Applies", "rollback": "Rollbacks", "drift": "Looks for drift"}.get(
        same.get("COMMAND", ""), "Runs"
    )
    pen.line(f"{lead} of {same['CENTER']}, newest first:" if "CENTER" in same else f"{lead}, newest first:")
    console.print()
    rows = [{name: cell for name, cell in row.items() if name not in same} for row in rows]
    widths = _widths(rows, console.width)
    pen.line(Text(_spread({name: name for name in rows[0]}, widths, pen), "bold"))
    for row, run in zip(rows, runs, strict=True):
        line = Text(_spread(row, widths, pen))
        style = LOOK_STYLES[run.state] if isinstance(run, Look) else _STYLES[run.state]
        line.stylize(style, len(line) - len(row["STATE"]))
        pen.line(line)


def _time(run: Run | Look) -> float:
    """Say when it was: a run when it began, looks that are kept as one when the latest of them ended."""
    return run.last if isinstance(run, Look) else run.started


def _row(pen: Pen, run: Run | Look, year: str) -> dict[str, str]:
    """Spell a run's cells; *year* is the one that all runs have, if they do."""
    head = {
        "RUN": pen.clean(run.id[:_ID]),
        f"{year or 'WHEN'} (UTC)": _when(_time(run), "%m-%d %H:%M" if year else "%Y-%m-%d %H:%M"),
        "WHO": pen.clean(_name(run.who), 60),
        "COMMAND": "drift" if isinstance(run, Look) else pen.clean(run.command, 10),
        "CENTER": pen.clean(run.contact_center, 64),
    }
    if isinstance(run, Look):
        return {**head, "CALLS": f"{run.calls:,}", "TOOK": _spelled(run.seconds), "STATE": state_of(run)}
    return {
        **head,
        "CALLS": f"{'?' if run.ended is None else _done(run)}/{run.calls}",
        "TOOK": _took(run),
        "STATE": run.state.value,
    }


def _widths(rows: Sequence[Mapping[str, str]], room: int) -> dict[str, int]:
    widths = {name: max(len(name), *(cell_len(row[name]) for row in rows)) for name in rows[0]}
    over = sum(widths.values()) + len(_GAP) * (len(widths) - 1) - room
    while over > 0:  # a column at a time, from the widest that may give way
        name = max((name for name in _CUT if name in widths), key=lambda name: widths[name])
        if widths[name] <= _LEAST:
            break
        widths[name] -= 1
        over -= 1
    return widths


def _spread(row: Mapping[str, str], widths: Mapping[str, int], pen: Pen) -> str:
    cells = [pen.cut(row[name], width) for name, width in widths.items()]
    return _GAP.join(
        cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths.values(), strict=True)
    ).rstrip()


def render_run(console: Console, run: Run, *, mask: Mask | None = None, verbose: bool = False) -> None:
    """Show all that is known of a run: who and when, what it changed, each attempt, passwords' places, what is open."""
    pen = Pen(console=console, mask=mask or Mask())
    _write_head(pen, run)
    if changed := [image for image in run.images if not image.aside]:
        pen.heading("Changes")
        shown = changed if verbose else changed[:_SHOWN]
        for image in shown:
            _write_image(pen, image)
        _write_rest(pen, len(changed) - len(shown))
    if run.attempts:
        pen.heading(f"Calls: {'?' if run.ended is None else _done(run)} of {run.calls} done")
        _write_attempts(pen, run.attempts, verbose=verbose)
    elif run.calls:
        pen.heading(f"Calls: none of {run.calls} was sent")
    places = {name: place for attempt in run.attempts for name, place in attempt.places.items()}
    if places:
        pen.heading("Where passwords went")
        for place in dict.fromkeys(places.values()):
            names = [pen.clean(name, 20) for name in places if places[name] == place]
            pen.line(f"{some(names[:20], len(names))}: {pen.clean(place, _TEXT)}", indent=2, hang=2)
    unknown = [attempt for attempt in run.attempts if attempt.open]
    if unknown:
        pen.heading("Open", "bold red")
        for attempt in unknown[:_SHOWN]:
            words = f"{_number(pen, attempt)}  {pen.clean(attempt.call.title, 120)}  {pen.clean(attempt.call.why, 120)}"
            pen.line(words, indent=2, hang=4)
        _write_rest(pen, len(unknown) - _SHOWN)
        rest = "Nobody knows yet whether these happened. The next apply reads back first, and says so."
        pen.line(rest, indent=2)


def _write_head(pen: Pen, run: Run) -> None:
    who, origin = run.who, run.origin
    title = f"Run {pen.clean(run.id, 40)}: {pen.clean(run.command, 20)} to {pen.clean(run.contact_center, 64)}"
    pen.line(Text.assemble(f"{title} ({pen.clean(run.provider, 32)}), ", (run.state.value, _STYLES[run.state])))
    started = _when(run.started, "%Y-%m-%d %H:%M:%S UTC")
    by = " on ".join(pen.clean(part, 60) for part in (who.user, who.host) if part)
    commit = f"{pen.clean(who.revision, 12)} by {pen.clean(who.author, 120)}" if who.author else ""
    options = []
    if origin is not None:
        options += [f"--overlay {item}" for item in origin.overlays] + [f"--set {item}" for item in origin.assignments]
        options += [f"--target {item}" for item in origin.targets] + (["--prune"] if origin.prune else [])
        options += [f"--allow-deletes {name}={number}" for name, number in origin.allow_deletes.items()]
    for label, words in (
        ("when", f"{started}, took {_took(run)}" if run.ended is not None else f"{started}, {_unended(run)}"),
        ("who", by),
        ("commit", commit.removeprefix(" by ")),
        ("job", " ".join(pen.clean(part, 200) for part in (who.job, who.url) if part)),
        ("files", pen.clean(run.configuration, _TEXT)),
        ("options", pen.clean(" ".join(options), _TEXT)),
        ("digest", _digest(pen, run.config_digest)),
        ("problem", pen.clean(run.problem, 1_000)),
    ):
        if words:
            pen.line(f"{label:<8} {words}", indent=2, hang=9)


def _digest(pen: Pen, digest: str) -> str:
    """Shorten a digest to what tells it from others; the document has all of it."""
    short = pen.clean(digest)[:_DIGEST]
    return f"{short}{pen.dots}" if len(digest) > len(short) else short


def _unended(run: Run) -> str:
    if run.state is RunState.RUNNING:
        return "and still running, or dead: the next apply finds out"
    return "and died on the way"


def _write_image(pen: Pen, image: Image) -> None:
    action = next((action for action in Action if action.value == image.action), Action.UPDATE)
    name = pen.clean(image.address, 60)
    label = pen.titled(image.label, image.identity)
    if label and label != name.partition("/")[2]:
        name += f" {label}" if label.endswith(")") else f" ({label})"
    head = Text.assemble((f"  {SIGNS[action]} {name}", STYLES[action]), _GAP)
    if action is Action.DELETE:
        head.append("deleted")
    before, after = image.before or {}, image.after or {}
    words = [_field(pen, path, before.get(path), after.get(path), action) for path in image.fields]
    line = Text.assemble(head, ", ".join(words) if action is not Action.DELETE else "")
    pen.line(line, hang=6)


def _field(pen: Pen, path: str, before: Any, after: Any, action: Action) -> str:
    word = pen.clean(path.replace("_", " "), 40)
    if action is Action.CREATE:
        return f"{word} {pen.value(after, 40)}"
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        moved = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
        pairs = [
            f"{pen.clean(key, 30)} "
            + f" {pen.arrow} ".join(pen.value(side[key], 20) for side in (before, after) if key in side)
            for key in moved[:6]
        ]
        return f"{word} {', '.join(pairs)}{' and more' if len(moved) > 6 else ''}"
    if isinstance(before, list) and isinstance(after, list):
        joined = [f"+{pen.clean(item, 30)}" for item in after if item not in before]
        left = [f"-{pen.clean(item, 30)}" for item in before if item not in after]
        if joined or left:
            return f"{word} {' '.join(joined[:6] + left[:6])}{' and more' if max(len(joined), len(left)) > 6 else ''}"
    old = "unknown" if before is None else pen.value(before, 40)
    return f"{word} {old} {pen.arrow} {pen.value(after, 40)}"


def _write_attempts(pen: Pen, attempts: Sequence[Attempt], *, verbose: bool) -> None:
    many = len(attempts) > _SHOWN and not verbose
    shown = [item for item in attempts if not _fine(item) or item.settled is not None] if many else attempts
    for attempt in shown:
        _write_attempt(pen, attempt)
    if many:
        pen.line(f"and {count(len(attempts) - len(shown), 'call')} that went well (-v shows all)", indent=2)


def _fine(attempt: Attempt) -> bool:
    """Whether all of an attempt worked; a good answer that left something out has a text that says what."""
    return attempt.ending in _FINE and not attempt.text


def _write_attempt(pen: Pen, attempt: Attempt) -> None:
    fine = _fine(attempt)
    ending = "no end is known" if attempt.ending is None else attempt.ending.value
    if attempt.ending in _FINE and not fine:
        ending = f"{ending} in part"
    words = [f"{_number(pen, attempt):<5}", pen.clean(attempt.call.title, 80)]
    tail = f"{_GAP}{attempt.milliseconds:,} ms" if attempt.ending is not None else ""
    tail += f"{_GAP}request {pen.clean(attempt.request_id, 60)}" if attempt.request_id else ""
    pen.line(Text.assemble(_GAP.join(words), _GAP, (ending, "green" if fine else "bold red"), tail), indent=2, hang=7)
    if attempt.call.why:
        pen.line(Text(pen.clean(attempt.call.why, 200), "dim"), indent=9)
    if attempt.text and not fine:
        pen.line(pen.clean(attempt.text, _TEXT), indent=9)
    if attempt.settled is not None:
        pen.line(f"reading back: {_SETTLED[attempt.settled]}", indent=9)


_SETTLED: Final = {
    Settled.DONE: "it had happened",
    Settled.NOT_DONE: "it had not happened",
    Settled.PARTLY: "a part of it had happened",
    Settled.UNKNOWN: "no read shows whether it happened",
}


def _number(pen: Pen, attempt: Attempt) -> str:
    """Name an attempt: `c3`, and the second one `c3#2`."""
    return pen.clean(attempt.call.id, 12) + (f"#{attempt.number}" if attempt.number > 1 else "")


def _write_rest(pen: Pen, left: int) -> None:
    if left > 0:
        pen.line(f"and {left:,} more (-v shows all)", indent=2)


def _done(run: Run) -> int:
    return sum(int(run.counts.get(verdict.value, 0)) for verdict in (Verdict.DONE, Verdict.ALREADY))


def _name(who: Who) -> str:
    """Name a person: of the git author the name alone, else the login."""
    return who.author.partition("<")[0].strip() or who.author or who.user or "?"


def _when(seconds: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime(form)
    except (OverflowError, OSError, ValueError):  # a store that somebody wrote to
        return "?"


def _took(run: Run) -> str:
    return _spelled((run.ended if run.ended is not None else math.nan) - run.started)


def _spelled(seconds: float) -> str:
    if not 0 <= seconds < 100 * 3600:
        return "?"
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    return f"{whole // 60}m {whole % 60:02}s" if whole < 3600 else f"{whole // 3600}h {whole % 3600 // 60:02}m"


def history_document(runs: Sequence[Run], *, looks: Sequence[Look] = (), mask: Mask) -> dict[str, Any]:
    """Turn runs, and looks for drift, into a document, `reconciler-history/1`."""
    return {
        "format": HISTORY_FORMAT,
        "runs": [masked(_head(run), mask) for run in runs],
        "drift": [look_head(look, mask=mask) for look in looks],
    }


def run_document(run: Run, *, mask: Mask) -> dict[str, Any]:
    """Turn all that is known of a run into a document, `reconciler-run/1`."""
    document = {
        **_head(run),
        "changes": [
            {
                "address": image.address,
                "action": image.action,
                "identity": image.identity,
                "label": image.label,
                "fields": image.fields,
                "before": image.before,
                "after": image.after,
            }
            for image in run.images
            if not image.aside
        ],
        "attempts": [
            {
                "call": attempt.call.id,
                "attempt": attempt.number,
                "title": attempt.call.title,
                "addresses": attempt.call.changes,
                "why": attempt.call.why,
                "intended": _iso(attempt.intended),
                "outcome": attempt.ending.value if attempt.ending is not None else None,
                "ms": attempt.milliseconds if attempt.ending is not None else None,
                "request_id": attempt.request_id,
                "text": attempt.text,
                "settled": attempt.settled.value if attempt.settled is not None else None,
                "open": attempt.open,
                "passwords": attempt.places,
            }
            for attempt in run.attempts
        ],
    }
    return {"format": RUN_FORMAT, **masked(document, mask)}


def _head(run: Run) -> dict[str, Any]:
    who = run.who
    return {
        "run": run.id,
        "contact_center": run.contact_center,
        "provider": run.provider,
        "command": run.command,
        "state": run.state.value,
        "started": _iso(run.started),
        "ended": _iso(run.ended) if run.ended is not None else None,
        "who": {
            "user": who.user,
            "host": who.host,
            "author": who.author,
            "revision": who.revision,
            "job": who.job,
            "url": who.url,
        },
        "configuration": run.configuration,
        "config_digest": run.config_digest,
        "calls": run.calls,
        "done": _done(run) if run.ended is not None else None,
        "counts": run.counts,
        "problem": run.problem,
    }


def _iso(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return ""
