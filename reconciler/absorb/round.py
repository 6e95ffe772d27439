"""One round: what the edits of some units are, gathered until all of them are known."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from reconciler.absorb.edits import CantError, Edit, Piece, applied, members
from reconciler.absorb.entries import Entries
from reconciler.absorb.pages import Page, Pages, Stand
from reconciler.absorb.units import Unit
from reconciler.load.nodes import Node


@dataclass(slots=True, eq=False)
class Job:
    """What happens to the members of one list or mapping, and for whom."""

    page: Page
    key: Node | None
    box: Node
    gone: dict[int, Unit] = field(default_factory=dict)
    new: list[tuple[Unit, Piece]] = field(default_factory=list)

    def edits(self, *, only: Unit | None = None) -> list[Edit]:
        """Work them out, of one unit only where that is asked for. Raises CantError."""
        gone = [number for number, unit in self.gone.items() if only is None or unit is only]
        new = [piece for unit, piece in self.new if only is None or unit is only]
        return members(self.page.text, self.key, self.box, gone, new)

    def units(self) -> list[Unit]:
        """List those that it is done for."""
        return [*dict.fromkeys([*self.gone.values(), *(unit for unit, _ in self.new)])]


@dataclass(slots=True)
class Drafted:
    """
    New texts by page; where each unit stands; and which units can't be had, and why.

    *following* are units whose value came from elsewhere in the file, and now stands in their own place.
    """

    texts: dict[Page, str] = field(default_factory=dict)
    edits: dict[Page, list[Edit]] = field(default_factory=dict)
    places: dict[Unit, tuple[Page, int]] = field(default_factory=dict)
    stands: dict[Unit, Stand] = field(default_factory=dict)
    refused: dict[Unit, CantError] = field(default_factory=dict)
    following: set[Unit] = field(default_factory=set)
    _moves: dict[Page, list[tuple[int, int, int]]] = field(default_factory=dict)

    def moved(self, page: Page, offset: int) -> int | None:
        """Say where what ended at *offset* ends now, or what began there begins; None where an edit goes across it."""
        moves = self._moves.get(page)
        if moves is None:
            moves, shift = [], 0
            for edit in self.edits.get(page, ()):
                shift += len(edit.new) - (edit.end - edit.start)
                moves.append((edit.end, edit.start, shift))
            self._moves[page] = moves
        place = bisect_right(moves, (offset, len(page.text), 0))
        if place < len(moves) and moves[place][1] < offset:
            return None
        return offset + (moves[place - 1][2] if place else 0)


class Round:
    """What is gathered."""

    def __init__(self, pages: Pages, entries: Entries) -> None:
        self.pages = pages
        self.entries = entries
        self.made = Drafted()
        self.jobs: dict[int, Job] = {}
        self.edits: dict[Page, list[Edit]] = defaultdict(list)

    def job(self, page: Page, key: Node | None, box: Node) -> Job:
        """Give the one job of a box."""
        found = self.jobs.get(id(box))
        if found is None:
            found = self.jobs[id(box)] = Job(page, key, box)
        return found

    def at(self, unit: Unit, page: Page, offset: int) -> None:
        """Note where a unit stands."""
        self.made.places[unit] = (page, offset)

    def put(self, page: Page, low: int, high: int, new: str) -> None:
        """Put a text in place of another."""
        self.edits[page].append(Edit(low, high, new))

    def finished(self) -> Drafted:
        """Work out the texts."""
        made = self.made
        for job in self.jobs.values():
            self.edits[job.page].extend(self.carried_out(job))
        for page, edits in self.edits.items():
            text = applied(page.text, edits)
            if text != page.text:
                made.texts[page], made.edits[page] = text, sorted(edits)
        return made

    def carried_out(self, job: Job) -> Sequence[Edit]:
        """Work out a job; units for which that can't be done are left out of it."""
        try:
            return job.edits()
        except CantError as together:
            bad = {}
            for unit in job.units():
                try:
                    job.edits(only=unit)
                except CantError as problem:
                    bad[unit] = problem
            self.made.refused |= bad or dict.fromkeys(job.units(), together)
            if not bad:
                return ()
            job.gone = {number: unit for number, unit in job.gone.items() if unit not in bad}
            job.new = [(unit, piece) for unit, piece in job.new if unit not in bad]
            return self.carried_out(job) if job.gone or job.new else ()
