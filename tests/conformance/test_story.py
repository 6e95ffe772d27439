"""
One story that must hold under every reading of the vendors' pages: apply, drift, apply, change, apply, export.

It is told through the clients and the simulators as they are, once on a socket, else below httpx's seam for transports.
After each act the vendor's own state is compared with the wish, written down apart from everything that made it so.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.model.outcome import Result
from reconciler.model.plan import Plan
from reconciler.model.secret import Mask
from reconciler.providers.base import Face
from reconciler.report.document import dumps, plan_document, result_document
from tests.conformance.stage import Stage
from tests.conformance.vendor import Act, Sections, Vendor, settings_of
from tests.conformance.vendors import VENDORS
from tests.servers import running

EVERY: Final = [(vendor, name) for vendor in VENDORS.values() for name in vendor.dialects]


NOWHERE: Final = "https://vendor.example.com"


@pytest.mark.parametrize(("vendor", "name"), EVERY, ids=str)
def test_the_story_holds_under_every_reading_of_the_page(vendor: Vendor, name: str, tmp_path: Path) -> None:
    """From an older tenant to one wish, from there by hand to drift and back, and to other wishes."""
    dialect = vendor.dialects[name]
    face = vendor.face(vendor.story.before, settings_of(dialect), time.time)
    stage = Stage(root=tmp_path / "acme", url=NOWHERE, vendor=vendor, settings=vendor.adapted(dialect), face=face)
    _Teller(vendor, name, face, stage).tell()


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=repr)
def test_the_story_starts_from_nothing(vendor: Vendor, tmp_path: Path) -> None:
    """A tenant that never had anything but its numbers; on a real socket."""
    face = vendor.face(vendor.story.empty, (), time.time)
    with running(face) as simulated:
        stage = Stage(root=tmp_path / "acme", url=simulated.url, vendor=vendor)
        _Teller(vendor, "default", face, stage).tell()


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=repr)
def test_what_can_t_be_reached_is_some_reading(vendor: Vendor) -> None:
    """The lists of exceptions name readings that there are, none of them in both."""
    unreachable, again = set(vendor.story.unreachable), set(vendor.story.again)
    assert unreachable | again <= set(vendor.dialects)
    assert set() == unreachable & again


class _Teller:
    """Plays the acts; *hindered* when the vendor does not let the end be reached."""

    def __init__(self, vendor: Vendor, name: str, face: Face, stage: Stage) -> None:
        self.hindered = False
        self._vendor = vendor
        self._name = name
        self._face = face
        self._stage = stage

    def tell(self) -> None:
        """Tell the story to its end, or as far as the vendor lets it come."""
        story, stage = self._vendor.story, self._stage
        first, *others = story.acts
        self.play(first)
        if self.hindered:
            return
        self._change_by_hand()
        found = stage.drift()
        assert story.drifted == {finding.change.address for finding in found.findings}
        assert () == found.pending
        self.play(first)
        again = stage.drift()
        assert ((), ()) == (again.findings, again.pending)
        for act in others:
            stage.write(act.wish, act.files)
            assert () == stage.drift().findings, "what the files changed is no drift"
            self.play(act)
            if self.hindered:
                return
        stage.export(stage.root.with_name("exported"))
        assert self._name not in story.unreachable, "the end was reached: strike it off the list"

    def sections(self) -> Sections:
        """Give what the vendor has."""
        found: Sections = self._face.state()["sections"]
        return found

    def _change_by_hand(self) -> None:
        for method, api, body in self._vendor.story.by_hand(
            _as_json(self.sections()), self._vendor.dialects[self._name]
        ):
            done = self._face.call(method, api, body)
            assert self._vendor.went_well(done["answer"]), (method, api, done)

    def play(self, act: Act) -> None:
        """Apply a wish until it holds; one run is enough, but under the readings that the story names."""
        story, dialect = self._vendor.story, self._vendor.dialects[self._name]
        old = _as_json(self.sections())
        self._stage.write(act.wish, act.files)
        made, result = self._apply()
        if not result.complete:
            assert self._name in {**story.again, **story.unreachable}, _problems(result)
            self._is_honest(made, result)
            if self._name in story.unreachable:
                self.hindered = True
                self._is_hindered_again()
                return
            made, result = self._apply()
        assert result.complete, _problems(result)
        now = _as_json(self.sections())
        wished = story.wished(act, old, now, dialect)
        assert [] == list(_apart(story.bare(_as_json(wished)), story.bare(now)))
        again = self._stage.plan()
        assert ((), ()) == (again.changes, again.calls), "there is nothing to do"

    def _is_hindered_again(self) -> None:
        """Hold that another run can't do it either and says so, or that its plan says so beforehand."""
        if self._stage.plan().refusals:
            return
        made, result = self._apply()
        assert not result.complete
        self._is_honest(made, result)

    def _apply(self) -> tuple[Plan, Result]:
        made, result = self._stage.apply()
        assert () == made.refusals
        shown = dumps(plan_document(made, mask=Mask())) + dumps(result_document(result, made, mask=Mask()))
        for secret in (*self._vendor.secrets, *self._stage.passwords().values()):
            assert secret not in shown
        return made, result

    def _is_honest(self, made: Plan, result: Result) -> None:
        """Hold that all that is not as wished is named, and that nothing else is different."""
        told = {item.address for item in result.mismatches}
        told |= {address for item in result.outcomes if item.error or item.blocked_by for address in item.call.changes}
        left = {change.address for change in self._stage.plan().changes}
        assert left <= told, _problems(result)
        assert left <= {change.address for change in made.changes}, "nothing was changed that was as wished"


def _problems(result: Result) -> list[Any]:
    return [*result.mismatches, *(item for item in result.outcomes if item.error), result.problem]


def _as_json(sections: Sections) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(sections))
    return found


def _apart(expected: Any, actual: Any, path: str = "") -> Iterator[str]:
    """Name the places where two differ."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in sorted({*expected, *actual}):
            yield from _apart(expected.get(name), actual.get(name), f"{path}/{name}")
    elif expected != actual:
        yield f"{path}: {expected!r} is due, and it is {actual!r}"
