"""
Reads that go wrong, on the wire: what may pass is read again, and what stays ends the run.

Its error says what, where and what to do next.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.model.errors import (
    ClockSkew,
    Contradiction,
    Unauthorized,
    Unexpected,
    UnknownTenant,
    Unreachable,
    VendorError,
)
from reconciler.providers.retries import ATTEMPTS
from tests.conformance.stage import Stage
from tests.conformance.vendor import Sections, Vendor
from tests.conformance.vendors import VENDORS
from tests.servers import Simulator, running

EVERY: Final = 0  # times: each matching call
QUICK: Final = {"timeout": 1}
EACH: Final = pytest.mark.parametrize("of", VENDORS.values(), ids=repr)
FAULTS: Final = [(vendor, name) for vendor in VENDORS.values() for name in vendor.reads.faults]
PASSING: Final = [(vendor, name) for vendor, name in FAULTS if vendor.reads.faults[name].passes > 1]
ANONYMOUS: Final = [(vendor, dialect) for vendor in VENDORS.values() for dialect in vendor.reads.anonymous]
PAGES: Final = [(vendor, dialect) for vendor in VENDORS.values() for dialect in vendor.reads.pages]


@pytest.fixture(scope="module")
def vendors() -> Iterator[Mapping[str, Simulator]]:
    """Run one tenant of each vendor for all tests here; each clears its faults."""
    first, second = VENDORS.values()
    with _running(first, first.story.before) as one, _running(second, second.story.before) as other:
        yield {first.name: one, second.name: other}


@pytest.mark.parametrize(("of", "name"), FAULTS, ids=str)
def test_a_read_that_fails_each_time_ends_the_run(
    of: Vendor, name: str, vendors: Mapping[str, Simulator], tmp_path: Path
) -> None:
    """Half a picture is no picture: no plan comes of it, nothing is written, and the message helps."""
    vendor, trouble = vendors[of.name], of.reads.faults[name]
    before = vendor.state()
    stage = _stage(of, vendor, {"times": EVERY, **trouble.fault}, tmp_path)
    try:
        error = _failure(stage, trouble.error)
    finally:
        vendor.control("DELETE", "faults")
    for word in trouble.words:
        assert word in str(error)
    assert before == vendor.state()
    assert trouble.passes == error.attempts
    if "api" in trouble.fault and trouble.passes > 1:
        assert error.attempts == _reads(of, vendor, trouble.fault["api"]), "as the vendor counts"


@pytest.mark.parametrize(("of", "name"), PASSING, ids=str)
def test_a_read_that_fails_once_is_read_again(
    of: Vendor, name: str, vendors: Mapping[str, Simulator], tmp_path: Path
) -> None:
    """The plan is the one of an undisturbed run; the vendor saw that read once more, and no other."""
    vendor, fault = vendors[of.name], of.reads.faults[name].fault
    calm = _stage(of, vendor, None, tmp_path)
    made = calm.plan()
    undisturbed = vendor.calls()["count"], _reads(of, vendor, fault["api"])

    stage = _stage(of, vendor, fault, tmp_path)
    assert made == stage.plan()
    calls = vendor.calls()["count"], _reads(of, vendor, fault["api"])
    assert tuple(count + 1 for count in undisturbed) == calls
    assert [] == vendor.control("GET", "faults")


@EACH
def test_an_answer_that_is_late_is_no_answer_to_another(
    of: Vendor, vendors: Mapping[str, Simulator], tmp_path: Path
) -> None:
    """After a fault the next run works: nothing of the failed one is left behind."""
    vendor = vendors[of.name]
    fault = of.reads.faults["HTTP 500"].fault  # at what lists the queues
    stage = _stage(of, vendor, {**fault, "kind": "truncated", "times": ATTEMPTS}, tmp_path)
    _failure(stage, Unexpected)
    assert {*of.story.before["queues"]} == {*stage.fetch().of("queues")}


@pytest.mark.parametrize(("of", "dialect"), ANONYMOUS, ids=str)
def test_wrong_credentials_are_named_as_such(of: Vendor, dialect: Sequence[str], tmp_path: Path) -> None:
    """However the vendor says it, the settings to check are named, and not their values."""
    environ, setting = of.reads.wrong
    with _running(of, {}, dialect) as vendor:
        stage = Stage(root=tmp_path, url=vendor.url, vendor=of, environ=environ)
        stage.write({"queues": {}})
        error = _failure(stage, Unauthorized)
    assert "credentials" in str(error)
    assert setting in error.remedy
    assert "wrong-secret" not in str(error) + error.remedy


def test_the_wrong_unit_of_time_is_thought_of(tmp_path: Path) -> None:
    """A vendor that counts seconds sees milliseconds as a time far off; the message names the setting ("Timestamp")."""
    udesk = VENDORS["udesk"]
    with _running(udesk, {}, ("timestamp_unit=s",)) as vendor:
        stage = Stage(root=tmp_path, url=vendor.url, vendor=udesk)
        stage.write({"default_number": ""})
        assert "timestamp_unit" in _failure(stage, Unauthorized).remedy


@EACH
def test_another_tenant_is_unknown(of: Vendor, vendors: Mapping[str, Simulator], tmp_path: Path) -> None:
    """What the vendor says of a tenant that it does not know, or not for us, is told as that."""
    setting, value = of.reads.elsewhere
    stage = Stage(root=tmp_path, url=vendors[of.name].url, vendor=of, settings={setting: value})
    stage.write({"queues": {}})
    assert f"provider.{setting}" in _failure(stage, UnknownTenant).remedy


@EACH
def test_nobody_listens(of: Vendor, tmp_path: Path) -> None:
    """A refused connection surely wrote nothing, and says which address."""
    with socket.socket() as taken:  # bound and not listening, so nobody else answers there
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        stage = Stage(root=tmp_path, url=url, vendor=of)
        stage.write({"queues": {}})
        error = _failure(stage, Unreachable)
    assert url in str(error)
    assert f"provider.{of.address}" in error.remedy
    assert ATTEMPTS == error.attempts


@EACH
def test_a_host_that_does_not_exist(of: Vendor, tmp_path: Path) -> None:
    """`.invalid` never resolves (RFC 6761)."""
    stage = Stage(root=tmp_path, url="https://cc.invalid", vendor=of, settings=QUICK)
    stage.write({"queues": {}})
    assert "https://cc.invalid" in str(_failure(stage, Unreachable))


@EACH
def test_a_server_that_is_something_else(of: Vendor, vendors: Mapping[str, Simulator], tmp_path: Path) -> None:
    """A 404 page is no tenant without objects, and hints at the address."""
    vendor = vendors[of.name]
    vendor.control("POST", "faults", {"kind": "html", "api": "*", "status": 404, "times": EVERY})
    try:
        stage = Stage(root=tmp_path, url=vendor.url, vendor=of)
        stage.write({"queues": {}})
        error = _failure(stage, VendorError)
    finally:
        vendor.control("DELETE", "faults")
    assert "404" in str(error)
    assert f"provider.{of.address}" in error.remedy


@pytest.mark.parametrize(("of", "dialect"), PAGES, ids=str)
def test_all_pages_are_read(of: Vendor, dialect: Sequence[str], tmp_path: Path) -> None:
    """Where the answer says that there is more, the rest is asked for."""
    section, _ = of.reads.listed
    with _running(of, of.reads.many, dialect) as vendor:
        stage = _of_many(of, vendor, tmp_path)
        assert sorted(of.reads.many[section]) == sorted(stage.fetch().of(section))


@EACH
def test_a_page_that_is_missing_is_seen(of: Vendor, tmp_path: Path) -> None:
    """One page without its rows: fewer than the total, and no list to plan from."""
    _, api = of.reads.listed
    with _running(of, of.reads.many, of.reads.pages[0]) as vendor:
        vendor.control("POST", "faults", {"kind": "missing-page", "api": api, "skip": 2, "times": EVERY})
        stage = _of_many(of, vendor, tmp_path)
        assert of.reads.missing in str(_failure(stage, Contradiction))


@EACH
def test_a_page_that_fails_is_seen(of: Vendor, tmp_path: Path) -> None:
    """One page of four that always fails ends the run like all of them."""
    _, api = of.reads.listed
    with _running(of, of.reads.many, of.reads.pages[0]) as vendor:
        vendor.control("POST", "faults", {"kind": "error-before", "api": api, "skip": 3, "times": EVERY})
        _failure(_of_many(of, vendor, tmp_path), Unexpected)


@EACH
def test_a_page_that_fails_once_is_read_again(of: Vendor, tmp_path: Path) -> None:
    """That page alone: five reads for four pages, and nothing is missing."""
    section, api = of.reads.listed
    with _running(of, of.reads.many, of.reads.pages[0]) as vendor:
        vendor.control("POST", "faults", {"kind": "error-before", "api": api, "skip": 2})
        stage = _of_many(of, vendor, tmp_path)
        assert sorted(of.reads.many[section]) == sorted(stage.fetch().of(section))
        assert 5 == _reads(of, vendor, api)


SETTLED: Final = [vendor for vendor in VENDORS.values() if vendor.reads.settled]


@pytest.mark.parametrize("fault", ["wrong-total", "missing-page"])
@pytest.mark.parametrize("of", SETTLED, ids=repr)
def test_a_list_that_changes_between_its_pages_is_read_again(of: Vendor, fault: str, tmp_path: Path) -> None:
    """Its total moved, or rows slipped from page to page: all of it is read once more, and nothing is missing."""
    section, api = of.reads.listed
    with _running(of, of.reads.many, of.reads.pages[0]) as vendor:
        vendor.control("POST", "faults", {"kind": fault, "api": api, "skip": 2})
        stage = _of_many(of, vendor, tmp_path)
        assert sorted(of.reads.many[section]) == sorted(stage.fetch().of(section))
        assert 8 == _reads(of, vendor, api)


@EACH
def test_our_own_clock_may_be_wrong(of: Vendor, vendors: Mapping[str, Simulator], tmp_path: Path) -> None:
    """The vendor's Date tells by how much; where that is known to help, the client goes by it."""
    clock = lambda: time.time() + 7200  # noqa: E731 - two hours ahead
    stage = Stage(root=tmp_path, url=vendors[of.name].url, vendor=of, clock=clock)
    stage.write({"queues": {}})
    if of.reads.keeps_time:
        assert {*of.story.before["queues"]} == {*stage.fetch().of("queues")}
    else:
        assert "120 minutes ahead" in str(_failure(stage, ClockSkew))


def _running(of: Vendor, seed: Sections, dialect: Sequence[str] = ()) -> Any:
    return running(of.face(seed, dialect, time.time))


def _of_many(of: Vendor, vendor: Simulator, root: Path) -> Stage:
    stage = Stage(root=root, url=vendor.url, vendor=of)
    stage.write({of.reads.listed[0]: {}})
    return stage


def _stage(of: Vendor, vendor: Simulator, fault: Mapping[str, Any] | None, root: Path) -> Stage:
    """Make the vendor fail as told and count anew; give a configuration of it."""
    vendor.control("DELETE", "faults")
    if fault is not None:
        vendor.control("POST", "faults", fault)
    vendor.control("DELETE", "calls")
    stage = Stage(root=root, url=vendor.url, vendor=of, settings=QUICK)
    first = of.story.acts[0]
    stage.write(first.wish, first.files)
    return stage


def _reads(of: Vendor, vendor: Simulator, api: str) -> int:
    """Count how often one thing was read."""
    return sum(call["name"] == of.reads.title(api) for call in vendor.calls()["calls"])


def _failure(stage: Stage, kind: type[VendorError]) -> VendorError:
    """Have `plan` fail; check what every message must be: a sentence, a remedy, and no secret."""
    with pytest.raises(VendorError) as caught:
        stage.plan()
    error = caught.value
    assert kind is VendorError or kind is type(error), repr(error)
    assert error.remedy
    told = f"{error} {error.remedy} {error!r} {error.call} {error.__dict__}"
    for secret in stage.vendor.secrets:
        assert secret not in told
    return error
