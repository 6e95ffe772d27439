"""One line of the table: what was measured, against what, and the bound that it must keep."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.measure import Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. *measured* and *against* are for reading, *value* is what *bound* bounds, if it does."""

    what: str
    measured: str
    against: str
    value: float
    bound: float | None
    unit: str
    at_least: bool = False

    @property
    def passes(self) -> bool:
        """Whether the bound holds."""
        if self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def cells(self) -> tuple[str, ...]:
        """Give the row as text."""
        digits = 2 if self.unit in {"x", " MB"} else 0
        sign = "≥" if self.at_least else "≤"
        verdict = "pass" if self.passes else "**miss**"
        value = f"{self.value:.{digits}f}{self.unit}"
        if self.bound is None:
            return (self.what, self.measured, self.against, value, "", "")
        return (self.what, self.measured, self.against, value, f"{sign} {self.bound:g}{self.unit}", verdict)


def ratio(what: str, measured: Samples, against: Samples, bound: float) -> Row:
    """Compare two times: how many times longer *measured* takes."""
    return Row(
        what=what,
        measured=time_of(measured),
        against=time_of(against),
        value=measured.seconds / against.seconds,
        bound=bound,
        unit="x",
    )


def shown(what: str, seconds: float, against: float, bound: float | None = None, *, at_least: bool = False) -> Row:
    """Compare two times in seconds; without a bound it is for orientation."""
    return Row(
        what=what,
        measured=seconds_of(seconds),
        against=seconds_of(against),
        value=seconds / against,
        bound=bound,
        unit="x",
        at_least=at_least,
    )


def memory(what: str, measured: Samples, bound: float) -> Row:
    """Bound a peak."""
    return Row(what=what, measured="", against="", value=measured.peak_mib, bound=bound, unit=" MiB")


def time_of(samples: Samples) -> str:
    """Write the median time."""
    return seconds_of(samples.seconds)


def seconds_of(seconds: float) -> str:
    """Write a time."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.2 else f"{seconds:.2f} s"
