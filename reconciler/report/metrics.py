"""
A look for drift as metrics: the text format that Prometheus' node exporter reads from `*.prom` files.

A look that failed says so and nothing else: what an earlier one found stays as it was, so that no alert ends because
nobody could look, and the time of the last success grows old, which is what to alert on.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.model.change import Risk
from reconciler.model.drift import Drift, Status
from reconciler.model.secret import Mask
from reconciler.report.safe import storable

_PREFIX: Final = "reconciler_drift_"
_LONGEST: Final = 4_000_000  # characters of an earlier file
Labels: TypeAlias = tuple[tuple[str, str], ...]
Samples: TypeAlias = Mapping[tuple[str, Labels], float]

# In the order in which they are written: what each tells, and whether a look that failed knows it.
_HELP: Final[Mapping[str, tuple[str, bool]]] = {
    "success": ("Whether the last look for drift worked (1) or failed (0).", True),
    "last_run_timestamp_seconds": ("When the last look for drift ended, whether it worked or not.", True),
    "last_success_timestamp_seconds": ("When the last look for drift that worked ended; 0 where none did.", True),
    "duration_seconds": ("How long the last look for drift took.", True),
    "calls": ("How many calls the last look for drift sent to the vendor; all of them reads.", True),
    "notify_failures": ("How many destinations the last look for drift could not tell.", True),
    "findings": ("Objects that are not as they were applied, by section and by what that means for callers.", False),
    "new": ("Findings of the last look that the one before did not have.", False),
    "resolved": ("Findings of the look before that were gone at the last one.", False),
    "pending": ("Objects that differ because the files are ahead of the last apply; no drift.", False),
    "unmanaged": ("Live objects that the files do not name.", False),
}
_SAMPLE: Final = re.compile(
    r'(?P<name>reconciler_drift_[a-z_]+)\{(?P<labels>(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\} '
    r"(?P<value>[-+0-9.e]{1,40})"
)
_LABEL: Final = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"')
_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_SPELLED: Final = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """
    What is known of the look itself. Times are Unix seconds.

    *contact_center* and *provider* are empty where the files were too broken to tell; *last_success* is that of an
    earlier look, where the store knows one.
    """

    contact_center: str
    provider: str
    ended: float
    seconds: float
    calls: int
    last_success: float | None = None
    notify_failures: int = 0


def metrics(measured: Measured, found: Drift | None, *, sections: Sequence[str], earlier: str = "", mask: Mask) -> str:
    """
    Write the metrics of a look.

    Args:
        measured: What is known of the look.
        found: What it found; None where it failed.
        sections: All that findings may be in: each has its series, so that none appears out of nothing.
        earlier: The file as it was, of which a look that failed keeps what it does not know; any text.
        mask: Hides secrets.
    """
    before = _samples(earlier)
    tenant = _tenant(measured, mask)
    if found is None and not measured.contact_center:  # whose look failed is not known, so it is that of all
        tenants = sorted({_of_tenant(labels) for _, labels in before}) or [tenant]
    else:
        tenants = [tenant]
    samples: dict[tuple[str, Labels], float] = {}
    for labels in tenants:
        last = before.get((f"{_PREFIX}last_success_timestamp_seconds", labels), 0.0)
        samples |= _of_look(measured, labels, last, worked=found is not None)
        if found is None:
            samples |= {key: value for key, value in before.items() if _kept(key, labels)}
    if found is not None:
        samples |= _of_drift(found, tenant, sections)
    return _written(samples)


def _tenant(measured: Measured, mask: Mask) -> Labels:
    names = (("contact_center", measured.contact_center), ("provider", measured.provider))
    return tuple((name, storable(mask.text(value))) for name, value in names)


def _of_tenant(labels: Labels) -> Labels:
    known = dict(labels)
    return tuple((name, known.get(name, "")) for name in ("contact_center", "provider"))


def _of_look(
    measured: Measured, labels: Labels, last: float, *, worked: bool
) -> Iterator[tuple[tuple[str, Labels], float]]:
    values = {
        "success": 1.0 if worked else 0.0,
        "last_run_timestamp_seconds": measured.ended,
        "last_success_timestamp_seconds": measured.ended if worked else max(last, measured.last_success or 0.0),
        "duration_seconds": measured.seconds,
        "calls": float(measured.calls),
        "notify_failures": float(measured.notify_failures),
    }
    for name, value in values.items():
        yield (f"{_PREFIX}{name}", labels), value


def _of_drift(found: Drift, labels: Labels, sections: Sequence[str]) -> Iterator[tuple[tuple[str, Labels], float]]:
    counts = Counter((item.change.section, item.risk) for item in found.findings)
    for section in dict.fromkeys((*sections, *(section for section, _ in counts))):
        for risk in Risk:
            more = (("section", section), ("risk", risk.value))
            yield (f"{_PREFIX}findings", (*labels, *more)), float(counts[section, risk])
    for name, number in (
        ("new", sum(1 for item in found.findings if item.status is not Status.STILL)),
        ("resolved", len(found.resolved)),
        ("pending", len(found.pending)),
        ("unmanaged", len(found.unmanaged)),
    ):
        yield (f"{_PREFIX}{name}", labels), float(number)


def _kept(key: tuple[str, Labels], labels: Labels) -> bool:
    """Whether a look that failed keeps a sample of an earlier file: what was found then."""
    name, own = key
    told = _HELP.get(name.removeprefix(_PREFIX))
    return told is not None and not told[1] and _of_tenant(own) == labels


def _written(samples: Samples) -> str:
    lines = []
    for name, (told, _) in _HELP.items():
        mine = [(labels, value) for (whole, labels), value in samples.items() if whole == f"{_PREFIX}{name}"]
        if not mine:
            continue
        lines += [f"# HELP {_PREFIX}{name} {told}", f"# TYPE {_PREFIX}{name} gauge"]
        for labels, value in mine:
            spelled = ",".join(f'{label}="{text.translate(_ESCAPED)}"' for label, text in labels)
            lines.append(f"{_PREFIX}{name}{{{spelled}}} {_number(value)}")
    return "".join(f"{line}\n" for line in lines)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def _samples(text: str) -> Samples:
    """Read an earlier file as far as it is one of ours; a file that somebody else wrote has nothing to say."""
    found: dict[tuple[str, Labels], float] = {}
    for line in text[:_LONGEST].split("\n"):
        match = _SAMPLE.fullmatch(line)
        if match is None:
            continue
        try:
            value = float(match["value"])
        except ValueError:
            continue
        if math.isfinite(value):
            labels = tuple((name, _unescaped(spelled)) for name, spelled in _LABEL.findall(match["labels"]))
            found[match["name"], labels] = value
    return found


def _unescaped(text: str) -> str:
    return re.sub(r'\\[\\"n]', lambda match: _SPELLED[match.group()], text)
