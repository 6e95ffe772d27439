"""How an apply that met trouble reads: what was lost, what it comes from, what others did meanwhile."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from reconciler.model.call import Call
from reconciler.model.change import Action, Change, Source
from reconciler.model.errors import Rejected
from reconciler.model.outcome import Mismatch, Outcome, Result, Stale, Verdict
from reconciler.model.plan import Origin, Plan, Summary
from reconciler.report.console import make_console
from reconciler.report.result_text import render_result, silencing


def change(name: str, line: int | None) -> Change:
    """Make a change of an agent, which stands in a line of the files."""
    source = Source(file="agents.yaml", line=line, column=3) if line is not None else None
    return Change(section="agents", name=name, identity=name, action=Action.UPDATE, source=source)


CALLS: Final = tuple(
    Call("POST", "/q", id=f"c{number}", why=f"do {number}", changes=(f"agents/a{number}",)) for number in range(1, 7)
)
PLAN: Final = Plan(
    contact_center="acme",
    provider="udesk",
    summary=Summary(),
    origin=Origin(path="acme"),
    calls=CALLS,
    changes=tuple(change(f"a{number}", number) for number in range(1, 6)),
)
NO: Final = Rejected("No.", code="100004", text="Duplicate entry")
NO.request_id = "r-7"


def shown(result: Result, plan: Plan = PLAN, **options: Any) -> str:
    """Render on 80 columns without colour."""
    stream = io.StringIO()
    render_result(make_console(stream, "never", {"COLUMNS": "80"}), result, plan, **options)
    text = stream.getvalue()
    assert all(len(line) <= 80 for line in text.splitlines())
    return text


def outcome(number: int, verdict: Verdict = Verdict.DONE, **rest: Any) -> Outcome:
    """Make the outcome of a call."""
    return Outcome(call=CALLS[number - 1], verdict=verdict, **rest)


def test_the_whole_story() -> None:
    """What failed and where it stands, what was not tried because of it, what is lost; not what was told before."""
    result = Result(
        outcomes=(
            outcome(1),
            outcome(2, Verdict.FAILED, error=NO),
            outcome(3, Verdict.SKIPPED, blocked_by=("c2",)),
            outcome(4, Verdict.SKIPPED, blocked_by=("c3",)),
            outcome(5, lost=("8001",), note="the password of extension 8001 is lost: delete it"),
        ),
        mismatches=(
            Mismatch(address="agents/a1", path="email", wanted="a@b", found="", ignorable=True),
            Mismatch(address="application", path="memo", wanted="x", found=""),
        ),
        verified=True,
        stale=(Stale(address="queues/sales", path="max_length", planned=60, found=75),),
        run="4f2a1b2c3d4e",
        settled=("Run 99aa was cut off with 1 call open; reading back: c3 PUT /q had happened",),
    )
    assert """\

Failed
  c2  POST /q  do 2
      No. (100004: Duplicate entry)
      request r-7
      In the files: agents.yaml:2

Not tried
  c3  POST /q  do 3
      not tried because of c2 (do 2)
  c4  POST /q  do 4
      not tried because of c2 (do 2)

A password is lost
  the password of extension 8001 is lost: delete it

Changed by somebody else meanwhile
  queues/sales max length: was 60, is 75 now
  Nothing more was sent. Make a new plan: it starts from what is there now.

Read back, and not as wanted
  agents/a1 email: wanted a@b, found ""
  application memo: wanted x, found ""
  It was sent and did not stay. If others are to have the say there, leave it to
  them:
    manage: {agents: {ignore_fields: [email]}}

Not complete: 2 of 5 calls done, 1 failed, 2 not tried. Run plan to see what
  is left; a second apply carries on from there.
This was run 4f2a1b2c3d4e; all of it: reconciler history show 4f2a1b2c3d4e acme
""" == shown(result)


def test_a_complete_apply_names_its_run() -> None:
    """In the one line that there is."""
    result = Result(outcomes=(outcome(1), outcome(2, Verdict.ALREADY)), verified=True, run="4f2a")
    assert "Applied: 2 calls done (1 already so, run 4f2a); read back, and all is as wanted.\n" == shown(result)


@pytest.mark.parametrize(
    ("settled", "line"),
    [
        ({}, ""),
        ({"done": 1}, "1 answer was lost; reading back showed that the call had happened."),
        ({"done": 2}, "2 answers were lost; reading back showed that the calls had happened."),
        ({"not done": 1}, "1 answer was lost; reading back showed that the call had not happened."),
        (
            {"done": 3, "partly done": 1, "not done": 2},
            "6 answers were lost; reading back showed that 3 calls had happened, 2 had not",
        ),
        ({"nonsense": 1}, ""),
    ],
)
def test_lost_answers_are_told_in_one_line(settled: Mapping[str, int], line: str) -> None:
    """How many answers were lost, and what became of their calls."""
    words = [word for word, number in settled.items() for _ in range(number)]
    outcomes = tuple(outcome(number, settled=word) for number, word in enumerate(words, 1))
    text = shown(Result(outcomes=outcomes or (outcome(1),), verified=True))
    assert line in text
    assert bool(line) == ("lost" in text)


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (("done", "done", "done"), "1 answer was lost; reading back showed that the call had happened."),
        (("done", "not done"), "1 answer was lost; reading back showed that the call had happened in part."),
        (("", "done"), "1 answer was lost; reading back showed that the call had happened."),
        (("done", "not known"), "1 answer was lost; reading back showed that the call is not shown by any read."),
    ],
)
def test_a_lost_answer_counts_once(parts: Sequence[str], line: str) -> None:
    """However many parts a call was in when its answer was lost."""
    text = shown(Result(outcomes=tuple(outcome(1, settled=word) for word in parts), verified=True))
    assert f"\n{line}\n\nApplied: 1 call done;" in text


def test_calls_are_counted_not_their_parts() -> None:
    """A batch that was split is one call; it is done when all of it is, and else done in part, or not at all."""
    done, failed, skipped = Verdict.DONE, Verdict.FAILED, Verdict.SKIPPED
    result = Result(
        outcomes=(
            *(outcome(1, done) for _ in range(16)),
            *(outcome(1, failed, error=NO) for _ in range(4)),
            *(outcome(2, done) for _ in range(3)),
            outcome(3, failed, error=NO),
            outcome(3, skipped),
            outcome(4, skipped),
            outcome(5, Verdict.UNKNOWN),
            outcome(6, Verdict.ALREADY),
        )
    )
    assert "Not complete: 2 of 6 calls done, 1 in part, 1 failed, 1 not known, 1 not" in shown(result)
    assert {"done": 1, "already": 1, "partly": 1, "failed": 1, "unknown": 1, "skipped": 1} == result.tally.counts


def test_follow_ups_are_not_the_plan_s_calls() -> None:
    """What was sent after reading back is told beside the plan's calls."""
    again = replace(CALLS[0], id="again-c1")
    worked = Result(outcomes=(outcome(1), Outcome(call=again, verdict=Verdict.DONE)), verified=True)
    assert shown(worked).startswith("Applied: 1 call done (1 more after reading back); read back, and")
    failed = Result(outcomes=(outcome(1), Outcome(call=again, verdict=Verdict.FAILED, error=NO)), verified=True)
    assert "Not complete: 1 of 1 call done, and 0 of 1 more after reading back." in shown(failed)


def test_only_what_was_sent_is_offered_to_be_left_to_others() -> None:
    """A field whose call failed is no reason to give it up."""
    mismatch = Mismatch(address="agents/a1", path="email", wanted="a@b", found="", ignorable=True)
    assert "ignore_fields" in shown(Result(outcomes=(outcome(1),), mismatches=(mismatch,), verified=True))
    failed = Result(outcomes=(outcome(1, Verdict.FAILED, error=NO),), mismatches=(mismatch,), verified=True)
    assert "ignore_fields" not in shown(failed)


def test_a_batch_names_few_places_and_causes() -> None:
    """Of many lines and many causes the first few are named; one that stands nowhere is not."""
    batch = Call("POST", "/q", id="c9", changes=tuple(f"agents/a{number}" for number in range(10)))
    blocked = Outcome(call=CALLS[0], verdict=Verdict.SKIPPED, blocked_by=("c2", "c3", "c4", "c5", "c2"))
    text = shown(Result(outcomes=(Outcome(call=batch, verdict=Verdict.FAILED, error=NO), blocked)))
    assert "In the files: agents.yaml:1, agents.yaml:2, agents.yaml:3 and 2 more\n" in text
    assert "not tried because of c2 (do 2), c3 (do 3), c4 (do 4) and 1 more\n" in text


def test_calls_that_block_each_other_end() -> None:
    """However odd the outcomes, naming the causes comes to an end."""
    outcomes = (outcome(1, Verdict.SKIPPED, blocked_by=("c2",)), outcome(2, Verdict.SKIPPED, blocked_by=("c1",)))
    assert "Not tried" in shown(Result(outcomes=outcomes))


def test_one_line_a_section_silences() -> None:
    """Each field once, in its section's line; what `manage` can't name is left out."""
    found = [
        Mismatch(address=address, path=path, wanted=1, found=2, ignorable=ignorable)
        for address, path, ignorable in (
            ("agents/a", "email", True),
            ("agents/b", "email", True),
            ("agents/b", "name", True),
            ("queues/q", "timeout", True),
            ("fast_routers/1", "queue", False),
        )
    ]
    assert [
        "manage: {agents: {ignore_fields: [email, name]}}",
        "manage: {queues: {ignore_fields: [timeout]}}",
    ] == silencing(found)


def test_a_lost_password_without_words_still_says_what_to_do() -> None:
    """The extension, and the way out."""
    text = shown(Result(outcomes=(outcome(1, lost=("8001", "8002")),), verified=True))
    assert "2 passwords are lost\n  extension 8001, 8002: the vendor gives a password once" in text
    assert "delete" in text
