"""The metrics of a look for drift: a strict reader of Prometheus' text format takes them, whatever became of it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from reconciler.model.change import Action, Change, Risk
from reconciler.model.drift import Drift, Finding, Status
from reconciler.model.secret import Mask
from reconciler.report.metrics import Measured, metrics
from tests.commands import Commands, by_hand, configure
from tests.servers import Simulator

OPEN: Final = Mask()
SALES: Final = {"QueueId": "9001", "QueueName": "Verkauf", "Timeout": 60, "MaxLength": 128}
SECTIONS: Final = ("queues", "agents")
NAME: Final = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
SAMPLE: Final = re.compile(rf"({NAME})(?:\{{(.*)\}})? (-?[0-9]+(?:\.[0-9]+)?)")
Samples: TypeAlias = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Samples:
    """
    Read the text format strictly.

    Each name has its HELP and TYPE once and right before its samples, which are not torn apart; no sample comes twice.

    Source: prometheus.io, "Exposition formats", Text-based format.
    """
    assert text.endswith("\n")
    found: Samples = {}
    done: list[str] = []
    lines = iter(text.removesuffix("\n").split("\n"))
    name = ""
    for line in lines:
        if line.startswith("#"):
            told = re.fullmatch(rf"# HELP ({NAME}) [^\\\n]+", line)
            assert told is not None, line
            name = told[1]
            assert name not in done, f"{name} is in two places"
            done.append(name)
            assert f"# TYPE {name} gauge" == next(lines)
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample is not None, line
        assert name == sample[1]
        labels, rest = [], sample[2] or ""
        while rest:
            label = LABEL.match(rest)
            assert label is not None, line
            value = re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), label[2])
            labels.append((label[1], value))
            rest = rest[label.end() :]
            assert not rest or rest.startswith(","), line
            rest = rest[1:]
        assert len(labels) == len(dict(labels)), line
        key = name, frozenset(labels)
        assert key not in found, line
        found[key] = float(sample[3])
    return found


def value(samples: Samples, name: str, **labels: str) -> float:
    """Find the only sample of a metric that has these labels."""
    (found,) = [
        number
        for (whole, own), number in samples.items()
        if whole == f"reconciler_drift_{name}" and {*labels.items()} <= own
    ]
    return found


def measured(ended: float = 100.0, *, name: str = "acme", last: float | None = None) -> Measured:
    """Say what is known of a look."""
    return Measured(contact_center=name, provider="udesk", ended=ended, seconds=1.5, calls=4, last_success=last)


def a_drift(*risks: Risk, status: Status = Status.NEW) -> Drift:
    """Make drift of queues."""
    findings = tuple(
        Finding(
            change=Change(section="queues", name=str(number), identity=str(number), action=Action.UPDATE),
            risk=risk,
            status=status,
        )
        for number, risk in enumerate(risks)
    )
    return Drift(contact_center="acme", provider="udesk", findings=findings, unmanaged=("queues/1",), known=True)


def test_what_a_look_found() -> None:
    """By section and risk, with a series for each of them, so that none appears out of nothing or vanishes."""
    found = read(metrics(measured(), a_drift(Risk.HIGH, Risk.HIGH, Risk.LOW), sections=SECTIONS, mask=OPEN))
    counts = {
        (dict(labels)["section"], dict(labels)["risk"]): number
        for (name, labels), number in found.items()
        if name == "reconciler_drift_findings"
    }
    assert {(section, risk.value) for section in SECTIONS for risk in Risk} == counts.keys()
    assert {("queues", "high"): 2, ("queues", "low"): 1} == {key: number for key, number in counts.items() if number}
    assert (3, 0, 0, 1) == tuple(value(found, name) for name in ("new", "resolved", "pending", "unmanaged"))
    assert (1, 100, 100, 1.5, 4) == tuple(
        value(found, name)
        for name in (
            "success",
            "last_run_timestamp_seconds",
            "last_success_timestamp_seconds",
            "duration_seconds",
            "calls",
        )
    )
    quiet = read(metrics(measured(), a_drift(), sections=SECTIONS, mask=OPEN))
    assert found.keys() == quiet.keys()


def test_a_look_that_failed_keeps_what_was_found() -> None:
    """It says that it failed; the time of the last success grows old, and no alert ends since nobody could look."""
    before = metrics(measured(), a_drift(Risk.HIGH), sections=SECTIONS, mask=OPEN)
    failed = metrics(measured(160.25), None, sections=(), earlier=before, mask=OPEN)
    found = read(failed)
    assert (0, 160.25, 100) == tuple(
        value(found, name) for name in ("success", "last_run_timestamp_seconds", "last_success_timestamp_seconds")
    )
    assert 1 == value(found, "findings", section="queues", risk="high")
    assert read(before).keys() == found.keys()
    again = read(metrics(measured(220), None, sections=(), earlier=failed, mask=OPEN))
    assert (100, 1) == (
        value(again, "last_success_timestamp_seconds"),
        value(again, "findings", section="queues", risk="high"),
    )


def test_without_an_earlier_file() -> None:
    """The store may know when a look last worked; who knows nothing says 0, which is long ago."""
    for last, told in ((None, 0), (42.0, 42)):
        found = read(metrics(measured(last=last), None, sections=SECTIONS, mask=OPEN))
        assert (0, told) == (value(found, "success"), value(found, "last_success_timestamp_seconds"))
        assert not [name for name, _ in found if name == "reconciler_drift_findings"]


@pytest.mark.parametrize(
    "earlier", ["", "x" * 5_000, "\x00\xff{}", 'reconciler_drift_new{contact_center="acme"} NaN\n', "# HELP a\n" * 9]
)
def test_any_earlier_file(earlier: str) -> None:
    """What somebody else wrote there has nothing to say."""
    read(metrics(measured(), None, sections=SECTIONS, earlier=earlier, mask=OPEN))
    read(metrics(measured(), a_drift(Risk.LOW), sections=SECTIONS, earlier=earlier, mask=OPEN))


def test_files_too_broken_to_tell_whose_they_are() -> None:
    """A look that did not come as far as the tenant's name is that of whose file it is."""
    before = metrics(measured(), a_drift(Risk.LOW), sections=SECTIONS, mask=OPEN)
    unknown = Measured(contact_center="", provider="", ended=200, seconds=0.1, calls=0)
    found = read(metrics(unknown, None, sections=(), earlier=before, mask=OPEN))
    assert (0, 100) == (
        value(found, "success", contact_center="acme"),
        value(found, "last_success_timestamp_seconds", contact_center="acme"),
    )
    assert 0 == value(read(metrics(unknown, None, sections=(), mask=OPEN)), "success", contact_center="")


def test_names_are_escaped_and_masked() -> None:
    """Whatever stands in a name, it stays in its label."""
    name = 'a"b\\c\nd} 1 # x hunter22'
    found = read(metrics(measured(name=name), a_drift(), sections=['s"\n\\'], mask=Mask.of(["hunter22"])))
    assert 1 == value(found, "success", contact_center='a"b\\c\nd} 1 # x ***')
    assert 0 == value(found, "findings", section='s"\n\\', risk="low")


def test_the_file_of_a_look(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Written for each look in one step, readable for who collects it; a look that failed says so in it."""
    path, file = configure(tmp_path / "acme.yaml", tenant), tmp_path / "drift.prom"
    command.ok("apply", path, "--yes")
    started = time.time()
    command.ok("drift", path, "--metrics", str(file))
    assert 0o644 == file.stat().st_mode & 0o777
    found = read(file.read_text(encoding="utf-8"))
    assert (1, 0) == (value(found, "success"), value(found, "findings", section="queues", risk="low"))
    assert started <= value(found, "last_success_timestamp_seconds") <= time.time() + 0.001
    assert value(found, "calls") > 0
    by_hand(tenant, "PUT", "queues", SALES)
    assert 2 == command("drift", path, "--metrics", str(file)).code
    found = read(file.read_text(encoding="utf-8"))
    assert (1, 1) == (value(found, "new"), value(found, "findings", section="queues", risk="low"))
    worked = value(found, "last_success_timestamp_seconds")
    assert 2 == command("drift", path, "--metrics", str(file)).code
    assert 0 == value(read(file.read_text(encoding="utf-8")), "new")
    assert worked < value(read(file.read_text(encoding="utf-8")), "last_success_timestamp_seconds")
    worked = value(read(file.read_text(encoding="utf-8")), "last_success_timestamp_seconds")
    fault = {"kind": "refused", "method": "GET", "api": "queues", "code": "000001", "times": 0}
    tenant.control("POST", "faults", fault)
    assert 1 == command("drift", path, "--metrics", str(file)).code
    found = read(file.read_text(encoding="utf-8"))
    assert (0, worked) == (value(found, "success"), value(found, "last_success_timestamp_seconds"))
    assert 1 == value(found, "findings", section="queues", risk="low")
    file.unlink()
    assert 1 == command("drift", path, "--metrics", str(file)).code
    found = read(file.read_text(encoding="utf-8"))
    assert pytest.approx(worked, abs=5) == value(found, "last_success_timestamp_seconds"), "the store knows it"
    (tmp_path / "acme.yaml").write_text("version: 1\nqueues: [", encoding="utf-8")
    assert 1 == command("drift", path, "--metrics", str(file)).code
    found = read(file.read_text(encoding="utf-8"))
    assert 0 == value(found, "success", contact_center="acme")
    assert not [item for item in tmp_path.iterdir() if item.name.startswith(".drift")]


def test_a_file_that_cannot_be_written(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Drift is told all the same; what would have been a 0 is a 1, so that a cron job notices."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    nowhere = str(tmp_path / "none" / "drift.prom")
    done = command("drift", path, "--metrics", nowhere)
    assert (1, True) == (done.code, "can't be written" in done.err)
    assert "No drift" in done.out
    by_hand(tenant, "PUT", "queues", SALES)
    done = command("drift", path, "--metrics", nowhere)
    assert (2, True) == (done.code, "can't be written" in done.err)
