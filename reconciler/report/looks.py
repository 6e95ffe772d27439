"""Looks for drift, as the history shows them: a row of a table, one in full, and both as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from reconciler.model.drift import Did, DriftState, Look, Seen
from reconciler.model.secret import Mask
from reconciler.report.drift_document import seen_document
from reconciler.report.pen import Pen, count, sentence
from reconciler.report.safe import masked
from reconciler.report.times import iso, moment

LOOK_FORMAT: Final = "reconciler-look/1"
LOOK_STYLES: Final = {DriftState.CLEAN: "green", DriftState.FOUND: "bold yellow", DriftState.FAILED: "bold red"}
_SHOWN: Final = 50
_TEXT: Final = 300
_SIGNS: Final = {Did.CHANGED.value: ("~", "yellow"), Did.MISSING.value: ("-", "red"), Did.EXTRA.value: ("+", "green")}


def state_of(look: Look) -> str:
    """Say in a word or two how it ended; of several alike, how many they were."""
    told = f"{len(look.findings):,} found" if look.state is DriftState.FOUND else look.state.value
    return f"{told} ({look.times:,} times)" if look.times > 1 else told


def render_look(console: Console, look: Look, *, mask: Mask | None = None, verbose: bool = False) -> None:
    """Show all that is known of a look, or of several in a row that saw the same."""
    pen = Pen(console=console, mask=mask or Mask())
    head = f"Look {pen.clean(look.id, 40)}: drift of {pen.clean(look.contact_center, 64)}"
    state = (look.state.value, LOOK_STYLES[look.state])
    pen.line(Text.assemble(f"{head} ({pen.clean(look.provider, 32)}), ", state))
    for label, words in _facts(pen, look):
        if words:
            pen.line(f"{label:<8} {words}", indent=2, hang=9)
    seen = {item.fingerprint: item for item in look.seen}
    there = [name for name in look.findings if name not in look.new]
    again = _changed_again(look, seen)
    gone = [name for name in look.resolved if name not in again]
    groups = (("New", look.new), ("Still there", there), ("Changed once more, was", again), ("Resolved", gone))
    for title, names in groups:
        if names:
            pen.heading(title)
            _write_seen(pen, names, seen, verbose=verbose)


def _changed_again(look: Look, seen: Mapping[str, Seen]) -> Sequence[str]:
    """Find what is gone because a hand changed the same object once more."""
    objects = {(seen[name].section, seen[name].identity) for name in look.new if name in seen}
    return [name for name in look.resolved if name in seen and (seen[name].section, seen[name].identity) in objects]


def _facts(pen: Pen, look: Look) -> Iterable[tuple[str, str]]:
    who = look.who
    yield "when", f"{moment(look.started)}, took {look.seconds:.1f} s"
    if look.times > 1:
        yield "alike", f"{count(look.times, 'look')}, the latest {moment(look.last)}"
    yield "who", " on ".join(pen.clean(part, 60) for part in (who.user, who.host) if part)
    yield "commit", f"{pen.clean(who.revision, 12)} by {pen.clean(who.author, 120)}" if who.author else ""
    yield "job", " ".join(pen.clean(part, 200) for part in (who.job, who.url) if part)
    yield "files", pen.clean(look.configuration, _TEXT)
    yield "base", pen.clean(look.base, _TEXT)
    yield "calls", f"{look.calls:,}, all of them reads"
    yield "ahead", count(look.pending, "object") + " not applied yet" if look.pending else ""
    yield "problem", pen.clean(look.problem, 1_000)


def _write_seen(pen: Pen, names: Sequence[str], seen: Mapping[str, Seen], *, verbose: bool) -> None:
    known = sorted((seen[name] for name in names if name in seen), key=lambda item: (item.section, item.address))
    lost = sum(1 for name in names if name not in seen)
    for item in known if verbose else known[:_SHOWN]:
        sign, style = _SIGNS.get(item.did, ("~", ""))
        name = pen.titled(item.label or item.address.partition("/")[2], item.identity)
        title = f"{sign} {pen.clean(sentence(item.section))} {name}".rstrip()
        risk = f", {pen.clean(item.risk)} risk" if item.risk != "low" else ""
        pen.line(Text.assemble((title, style), f"  {pen.clean(item.did)}{risk}, {_when(item)}"), indent=2, hang=4)
        if item.what:
            pen.line(pen.clean(item.what, _TEXT), indent=6)
    if len(known) > _SHOWN and not verbose:
        pen.line(f"and {len(known) - _SHOWN:,} more (-v shows all)", indent=2)
    if lost:
        pen.line(f"and {lost:,} of which no more is kept", indent=2)


def _when(item: Seen) -> str:
    if item.resolved is not None:
        return f"{moment(item.first_seen)} to {moment(item.resolved)}"
    return f"since {moment(item.first_seen)}"


def look_document(look: Look, *, mask: Mask) -> dict[str, Any]:
    """Turn all that is known of a look into a document, `reconciler-look/1`."""
    seen = {item.fingerprint: item for item in look.seen}
    lists = {
        name: [seen_document(seen[item]) if item in seen else {"fingerprint": item} for item in getattr(look, name)]
        for name in ("findings", "new", "resolved")
    }
    return {"format": LOOK_FORMAT, **look_head(look, mask=mask), **masked(lists, mask)}


def look_head(look: Look, *, mask: Mask) -> dict[str, Any]:
    """Turn what a list shows of a look into data."""
    who = look.who
    head = {
        "run": look.id,
        "contact_center": look.contact_center,
        "provider": look.provider,
        "command": "drift",
        "state": look.state.value,
        "started": iso(look.started),
        "last": iso(look.last),
        "times": look.times,
        "seconds": look.seconds,
        "who": {
            "user": who.user,
            "host": who.host,
            "author": who.author,
            "revision": who.revision,
            "job": who.job,
            "url": who.url,
        },
        "configuration": look.configuration,
        "base": look.base,
        "calls": look.calls,
        "counts": {
            "findings": len(look.findings),
            "new": len(look.new),
            "resolved": len(look.resolved),
            "pending": look.pending,
            "unmanaged": look.unmanaged,
        },
        "problem": look.problem,
    }
    plain: dict[str, Any] = masked(head, mask)
    return plain
