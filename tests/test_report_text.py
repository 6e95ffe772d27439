"""What people read: plans, diagnostics, results, drift and errors on an 80-column terminal without colour."""

from __future__ import annotations

import io
import re
import time
import unicodedata
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field
from rich.cells import cell_len

from reconciler.model.call import Call, Upload
from reconciler.model.change import Action, Cause, Change, MemberChange, Risk, Source, ValueChange
from reconciler.model.desired import Desired, Entry, Settings
from reconciler.model.diagnostics import Diagnostics, Place, error, warning
from reconciler.model.drift import Drift, Finding
from reconciler.model.errors import (
    DefectError,
    Invalid,
    OutcomeUnknown,
    ReconcilerError,
    Refused,
    Rejected,
    Unexpected,
    VendorError,
)
from reconciler.model.explanation import Effect, Explanation, Rule, Step, Trial, Wait
from reconciler.model.outcome import Mismatch, Outcome, Result, Verdict
from reconciler.model.plan import Pace, Plan, Refusal, Summary
from reconciler.model.resource import DigestOf, Identity, PairedWith, RefTo, Resource, Unordered
from reconciler.model.secret import Mask
from reconciler.report.console import make_console
from reconciler.report.drift_text import render_drift
from reconciler.report.pen import Pen
from reconciler.report.text import (
    render_diagnostics,
    render_error,
    render_line,
    render_plan,
    render_result,
    render_told,
    render_valid,
)

HOSTILE: Final = "Evil\x1b[2J\u202egnp.\n[red]x[/red]"


class Line(Resource):
    """A waiting line."""

    label_field: ClassVar[str | None] = "name"

    id: Annotated[str, Identity(), Field(description="Its id.")]
    name: str = ""
    timeout: int = 60


class Person(Resource):
    """Someone who answers."""

    label_field: ClassVar[str | None] = "name"

    id: Annotated[str, Identity()]
    name: str = ""
    queues: Annotated[tuple[str, ...], RefTo("queues"), Unordered()] = ()


class Key(Resource):
    """A key that callers press."""

    queue: Annotated[str, RefTo("queues")] = ""


class Voice(Resource):
    """A file that is played."""

    name: Annotated[str, Identity()]
    path: str = ""
    digest: Annotated[str, DigestOf("path")] = ""


SALES: Final = Line(id="9001", name="Sales")
LI_WEI: Final = Person(id="10031", name="Li Wei")
NAMES: Final = {("queues", "9001"): "Sales", ("queues", "9002"): "Support", ("agents", "10077"): "Zhao Min"}


def value(path: str, before: Any, after: Any) -> ValueChange:
    """Make a changed value."""
    return ValueChange(path=path, before=before, after=after)


def members(path: str, add: tuple[str, ...], remove: tuple[str, ...] = ()) -> MemberChange:
    """Make changed members."""
    return MemberChange(path=path, add=add, remove=remove)


def a_change(section: str, name: str, action: Action = Action.UPDATE, **rest: Any) -> Change:
    """Make a change, whose identity is its name unless told otherwise."""
    return Change(section=section, name=name, action=action, **{"identity": name, **rest})


def a_plan(**rest: Any) -> Plan:
    """Make a plan; empty unless told otherwise."""
    return Plan(
        **{
            "contact_center": "acme",
            "provider": "udesk",
            "config_digest": "sha256:1",
            "live_digest": "sha256:2",
            "summary": Summary(),
            "names": NAMES,
            **rest,
        }
    )


def shown(render: Any, *arguments: Any, width: int = 80, **options: Any) -> str:
    """Render without colour, and give the text."""
    stream = io.StringIO()
    render(make_console(stream, "never", {"COLUMNS": str(width)}), *arguments, **options)
    return stream.getvalue()


FULL: Final = a_plan(
    pace=Pace(seconds=0.5, told="10 calls/s"),
    summary=Summary(create=1, update=3, delete=1, bind=1, unbind=1, calls=5, minimum_calls=5),
    changes=(
        a_change(
            "queues",
            "billing",
            Action.CREATE,
            identity="9003",
            label="Billing",
            fields=(value("id", None, "9003"), value("name", None, "Billing"), value("timeout", None, 45)),
            desired=Line(id="9003", name="Billing"),
        ),
        a_change(
            "queues",
            "sales",
            identity="9001",
            label="Sales",
            fields=(value("timeout", 60, 90),),
            source=Source(file="queues.yaml", line=12, column=3),
            desired=SALES,
            live=SALES,
        ),
        a_change("queues", "9009", Action.DELETE, label="Old line", risk=Risk.HIGH, live=SALES),
        a_change(
            "agents",
            "li.wei",
            identity="10031",
            label="Li Wei",
            fields=(members("queues", ("9001",), ("9002",)), value("name", "Li", "Li Wei"), value("email", "a@b", "")),
            risk=Risk.MEDIUM,
            desired=LI_WEI,
            live=LI_WEI,
        ),
        a_change(
            "fast_routers",
            "1",
            fields=(value("queue", "9002", "9001"),),
            risk=Risk.HIGH,
            desired=Key(queue="9001"),
            live=Key(queue="9002"),
        ),
    ),
    calls=(
        Call("POST", "/ccapi/v2/queues", {}, id="c1", changes=("queues/billing",), why="create queue Billing (9003)"),
        Call("PUT", "/ccapi/v2/queues", {}, id="c2", changes=("queues/sales",), why="timeout 60 → 90"),
        Call(
            "POST",
            "/ccapi/v2/queues/agents",
            {},
            id="c3",
            changes=("agents/li.wei",),
            why="bind Li Wei (10031) to Sales (9001)",
            needs=("c1", "c2"),
        ),
        Call("PUT", "/ccapi/v2/ivrs/fastrouters", {}, id="c4", changes=("fast_routers/1",), needs=("c3",)),
        Call(
            "DELETE",
            "/ccapi/v2/queues",
            {},
            id="c5",
            changes=("queues/9009",),
            why="delete queue Old line (9009)",
            upload=Upload(path="voices/a.wav", digest="0" * 16),
            needs=("c4",),
        ),
    ),
    unmanaged=("agents/10077", "agents/10078", "agents/10079", "agents/10080", "queues/9005"),
    notes=("Key 1 is left out of the table while its queue is made anew.",),
    warnings=(
        warning(
            "plain-http",
            "anyone on the way can read the calls",
            place=Place(file="main.yaml", line=4, column=13, width=4, excerpt="  base_url: http://x"),
            remedy="write https",
        ),
    ),
    refusals=(
        Refusal(
            rule="max-deletes",
            message="9 queues would be deleted, and 5 are allowed",
            objects=tuple(f"queues/{number}" for number in range(9)),
            remedy="--allow-deletes queues=9",
        ),
    ),
)


def test_a_plan_reads_well() -> None:
    """Sections, signs, names before ids, calls in order, the sum, and refusals last with what lifts them."""
    assert """\
Queues
  + Billing (9003)   timeout 45
  ~ Sales (9001)     timeout 60 → 90
  - Old line (9009)  deleted, high risk

Agents
  ~ Li Wei (10031)  queues +Sales (9001) -Support (9002), name Li → "Li Wei",
                    email a@b → "", medium risk

Fast routers
  ~ 1  queue Support (9002) → Sales (9001), high risk

Calls, in order
  c1  POST /ccapi/v2/queues           create queue Billing (9003)
  c2  PUT /ccapi/v2/queues            timeout 60 → 90
  c3  POST /ccapi/v2/queues/agents    bind Li Wei (10031) to Sales (9001);
                                      after c1, c2
  c4  PUT /ccapi/v2/ivrs/fastrouters  after c3
  c5  DELETE /ccapi/v2/queues         delete queue Old line (9009);
                                      sends voices/a.wav; after c4

Unmanaged: 5 live objects that the files do not name; they stay as they are.
  agents: Zhao Min (10077), 10078, 10079 and 1 more
  queues: 9005

Note: Key 1 is left out of the table while its queue is made anew.

warning[plain-http]: anyone on the way can read the calls
  main.yaml:4:13
4 |   base_url: http://x
  |             ^^^^ write https

Plan: 1 to create, 3 to change, 1 to delete; 1 binding added, 1 removed;
      5 calls (at least 5 needed), about 1 s at 10 calls/s;
      risk: 2 high, 1 medium

Refused: nothing of this plan will be applied.
  ! max-deletes: 9 queues would be deleted, and 5 are allowed
    queues/0, queues/1, queues/2, queues/3, queues/4, queues/5, queues/6,
    queues/7 and 1 more
    What lifts it: --allow-deletes queues=9
""" == shown(render_plan, FULL)


def test_colour_only_adds_to_the_text() -> None:
    """With colour the words are the same, and creation, change and deletion differ."""
    stream = io.StringIO()
    render_plan(make_console(stream, "always", {}), FULL)
    colored = stream.getvalue()
    assert "\x1b[32m+ Billing (9003)" in colored
    assert "\x1b[33m~ Sales (9001)" in colored
    assert "\x1b[31m- Old line (9009)" in colored
    assert shown(render_plan, FULL) == re.sub(r"\x1b\[[0-9;]*m", "", colored)


def an_entry(section: str, name: str) -> Entry:
    """Make an entry of the files."""
    return Entry(
        section=section, name=name, identity=name, resource=SALES, source=None, written=frozenset(), implied=False
    )


@pytest.mark.parametrize(
    ("sections", "line"),
    [
        (None, "No changes. The live tenant matches the files."),
        ({}, "No changes. The live tenant matches the files."),
        (
            {"application": [""], "queues": ["a", "b", "c"], "agents": ["d"], "voice_files": []},
            "No changes. Application, 3 queues and 1 agent match.",
        ),
        ({"queues": ["a", "b"]}, "No changes. 2 queues: all as the files want it."),
    ],
)
def test_an_empty_plan_is_one_calm_line(sections: dict[str, list[str]] | None, line: str) -> None:
    """Nothing to do is said once, with what was compared."""
    desired = None
    if sections is not None:
        desired = Desired(
            contact_center="acme",
            settings=Settings(type="udesk"),
            sections={name: {one: an_entry(name, one) for one in names} for name, names in sections.items()},
        )
    assert f"{line}\n" == shown(render_plan, a_plan(), desired=desired)


def test_one_line_is_harmless_too() -> None:
    """A path with an escape sequence is shown, not obeyed; a secret is hidden."""
    text = shown(render_line, "wrote \x1b[2J.json for hunter22", mask=Mask.of(["hunter22"]))
    assert "wrote \\x1b[2J.json for ***\n" == text


def test_what_is_told_breaks_between_words_and_loses_nothing() -> None:
    """Nothing goes beyond the edge but a path, which stays whole; of a long text the end is there too."""
    path = "/srv/" + "x" * 90
    told = f"Waiting for the lock: {'run 4f2a by ann, ' * 500}hunter22 in {path}."
    lines = shown(render_told, told, mask=Mask.of(["hunter22"])).splitlines()
    assert told.replace("hunter22", "***").split() == " ".join(lines).split()
    assert [f"  {path}."] == [line for line in lines if len(line) > 80]


def test_a_valid_configuration_is_one_line() -> None:
    """What it names, and how much of it."""
    desired = Desired(
        contact_center="acme",
        settings=Settings(type="udesk"),
        sections={
            "application": {"": an_entry("application", "")},
            "voice_files": {"a": an_entry("voice_files", "a")},
            "queues": {},
        },
    )
    assert "Valid: acme (udesk): application, 1 voice file.\n" == shown(render_valid, desired)
    assert "Valid: acme (udesk).\n" == shown(render_valid, replace(desired, sections={}))


def test_a_refused_plan_without_changes_does_not_claim_a_match() -> None:
    """Where a guard said no, nothing says that all is well."""
    text = shown(render_plan, a_plan(refusals=FULL.refusals))
    assert text.startswith("No changes.\n")
    assert "max-deletes" in text


def many(number: int) -> Plan:
    """Make a plan with *number* changes in each of two sections, and as many calls."""
    changes = tuple(
        a_change(
            section,
            f"n{index}",
            list(Action)[index % 3],
            label=f"Object {index}",
            fields=(value("timeout", 1, 2), members("queues", tuple(map(str, range(50))))),
            risk=Risk.HIGH if index == number - 2 else Risk.LOW,
        )
        for section in ("queues", "agents")
        for index in range(number)
    )
    calls = tuple(Call("PUT", f"/q/{index}", {}, id=f"c{index}", needs=(), why="x") for index in range(number))
    return a_plan(changes=changes, calls=calls, summary=Summary(update=2 * number, calls=number))


def test_long_plans_are_summarised() -> None:
    """Of 10,000 changes each section gives counts and a few examples, the riskiest first; of calls the first 20."""
    text = shown(render_plan, many(5_000))
    assert "Queues: 1,667 to create, 1,667 to change, 1,666 to delete\n" in text
    assert "  ~ and 1,662 more to change\n" in text
    assert text.index("Object 4998") < text.index("Object 0 ")
    assert "  and 4,980 more calls (-v shows all)\n" in text
    assert len(text.splitlines()) < 120


@pytest.mark.parametrize(
    ("risks", "told"),
    [
        ((Risk.LOW, Risk.LOW), None),
        ((Risk.LOW, Risk.MEDIUM), "risk: 1 medium"),
        ((Risk.HIGH, Risk.LOW), "risk: 1 high"),
        ((Risk.MEDIUM, Risk.HIGH, Risk.MEDIUM), "risk: 1 high, 2 medium"),
    ],
)
def test_the_sum_tells_the_risk(risks: tuple[Risk, ...], told: str | None) -> None:
    """What callers may notice is counted at the end; what nobody notices is not spoken of."""
    changes = tuple(a_change("queues", str(index), risk=risk) for index, risk in enumerate(risks))
    text = shown(render_plan, a_plan(changes=changes, calls=()))
    *_, last = text.rstrip().splitlines()
    if told is None:
        assert "risk" not in text
    else:
        assert last.endswith(f"; {told}")


def test_medium_risk_is_said_quietly() -> None:
    """High risk stands out, medium is dim."""
    changes = (a_change("queues", "1", risk=Risk.HIGH), a_change("queues", "2", risk=Risk.MEDIUM))
    stream = io.StringIO()
    render_plan(make_console(stream, "always", {"TERM": "xterm-256color"}), a_plan(changes=changes))
    text = stream.getvalue()
    assert "\x1b[1;31mhigh risk" in text
    assert "\x1b[2mmedium risk" in text


def test_long_plans_are_quick() -> None:
    """Rendering 10,000 changes stays under 0.2 s; the best of five, since other work may share the machine."""
    plan = many(5_000)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        shown(render_plan, plan)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.2


def test_verbose_shows_all() -> None:
    """With -v every change and every call is there."""
    text = shown(render_plan, many(60), verbose=True)
    assert all(f"Object {index} " in text for index in range(60))
    assert "c59" in text
    assert "more calls" not in text


def test_long_lists_and_values_are_cut() -> None:
    """Many members, many fields and long texts leave room for the rest."""
    plan = a_plan(
        changes=(
            a_change("agents", "a", fields=(members("queues", tuple(str(number) for number in range(49))),)),
            a_change("queues", "b", fields=(value("memo", "", "word " * 100),)),
            a_change("queues", "c", fields=tuple(value(f"f{number}", 1, 2) for number in range(14))),
        )
    )
    text = shown(render_plan, plan)
    assert "+11 +37 more" in text
    assert "…" in text
    assert "and 4 more fields" in text


def test_new_content_is_said_in_words() -> None:
    """A file's digest means nothing to people."""
    voice = Voice(name="w.wav")
    change = a_change("voice_files", "w.wav", fields=(value("digest", "a" * 16, "b" * 16),), desired=voice, live=voice)
    assert "~ w.wav  content changed\n" in shown(render_plan, a_plan(changes=(change,)))


def test_wide_characters_stay_aligned() -> None:
    """Chinese names take two columns each."""
    plan = a_plan(
        changes=(
            a_change("agents", "1", label="李伟", fields=(value("x", 1, 2),)),
            a_change("agents", "2", label="Ann", fields=(value("x", 1, 2),)),
            a_change("agents", "3", label="很" * 40, fields=(value("x", 1, 2),)),
        )
    )
    rows = shown(render_plan, plan).splitlines()[1:4]
    assert 1 == len({cell_len(row[: row.index("x 1")]) for row in rows})
    assert "… (3)" in rows[2]


def test_hostile_names_do_nothing() -> None:
    """Escape sequences, marks that turn the reading direction, line ends and markup are shown as what they are."""
    plan = a_plan(
        changes=(a_change("agents", "x", label=HOSTILE, fields=(value("name", HOSTILE, HOSTILE),)),),
        calls=(Call("PUT", f"/{HOSTILE}", {}, id="c1", why=HOSTILE),),
        unmanaged=(f"agents/{HOSTILE}",),
        notes=(HOSTILE,),
        warnings=(warning("odd", HOSTILE, place=Place(file=HOSTILE, line=1, column=1, excerpt=HOSTILE)),),
        refusals=(Refusal(rule="r", message=HOSTILE, objects=(HOSTILE,), remedy=HOSTILE),),
    )
    text = shown(render_plan, plan, explanations=(explained(plan, HOSTILE),))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"Note: Evil\x1b[2J\u202egnp.\n[red]x[/red]" in text


def test_secrets_are_masked() -> None:
    """A secret that turns up anywhere is hidden, also where only the configuration knows the mask."""
    plan = a_plan(
        changes=(a_change("application", "", label="hunter22", fields=(value("memo", "hunter22", "x hunter22"),)),),
        notes=("hunter22",),
    )
    desired = Desired(contact_center="a", settings=Settings(type="udesk"), sections={}, mask=Mask.of(["hunter22"]))
    assert "hunter22" not in shown(render_plan, plan, desired=desired)
    assert "hunter22" not in shown(render_plan, plan, mask=Mask.of(["hunter22"]))


def explained(plan: Plan, words: str) -> Explanation:
    """Explain the first change of *plan*, with *words* wherever there is room for words."""
    call = plan.calls[-1] if plan.calls else Call("PUT", "/x", {}, id="c1")
    trial = Trial(call=call.id, before=(words,), effect=Effect.REFUSED, text=words)
    wait = Wait(calls=(call.id, words), others=(words,), rules=(Rule.NEEDS,), text=words, trial=trial)
    step = Step(call=call, waits=(wait,), followers=(wait,) * 5, gave_way=(words,))
    return Explanation(
        address=plan.changes[0].address, one="queue", change=plan.changes[0], reasons=(words,), steps=(step,)
    )


def test_explaining_shows_one_address_in_full() -> None:
    """The answer first: why, how risky, where, what. Then each call: why there, and what would happen elsewhere."""
    place = Source(file="queues.yaml", line=12, column=3)
    change = a_change("queues", "sales", label="Sales", fields=(value("timeout", 60, 90),), source=place)
    call = Call("PUT", "/ccapi/v2/queues", {}, id="c2", why="timeout 60 → 90", changes=("queues/sales", "agents/b"))
    trial = Trial(
        call="c2", before=("c1",), effect=Effect.REFUSED, text="Before c1 the vendor's model refuses it: 1 No."
    )
    step = Step(
        call=call,
        waits=(Wait(calls=("c2",), others=("c1",), rules=(Rule.NEEDS,), text="queue X must be there", trial=trial),),
        followers=(Wait(calls=("c3", "c4"), others=("c2",), rules=(Rule.PREFERS,), text="for callers' sake"),),
        gave_way=("What gives way: this.",),
    )
    reasons = ("The files want it otherwise than it is.", "Risk low: callers notice nothing.")
    explanation = Explanation(address="queues/sales", one="queue", change=change, reasons=reasons, steps=(step,))
    other = Explanation(address="queues/none", change=None, reasons=("It is as the files want it.",))
    assert """
queues/sales: update queue Sales (sales)
  The files want it otherwise than it is.
  Risk low: callers notice nothing.
  In the files: queues.yaml:12:3
    timeout 60 → 90

  c2  PUT /ccapi/v2/queues  timeout 60 → 90
    It also serves agents/b.
    After c1: queue X must be there.
      Before c1 the vendor's model refuses it: 1 No.
    What gives way: this.
    c3, c4 wait for it: for callers' sake.

queues/none: this plan does not change it
  It is as the files want it.
""" in shown(render_plan, FULL, explanations=(explanation, other))


def test_a_sentence_that_is_too_long_ends_with_a_whole_word() -> None:
    """No id is cut, at whatever length."""
    sentence = "Li Wei (10031) joins Sales (9001), Support (9002), Orders (9003)"
    pen = Pen(console=make_console(io.StringIO(), "never", {}))
    words = sentence.split()
    for limit in range(len("Li Wei (10031)") + 1, len(sentence)):
        *told, last = pen.sentence(sentence, limit).split()
        assert cell_len(pen.sentence(sentence, limit)) <= limit
        assert words[: len(told)] == told
        assert words[len(told)].rstrip(",") + "\u2026" == last
    assert sentence == pen.sentence(sentence, len(sentence))


def test_rather_a_name_than_an_id_is_left_out() -> None:
    """Where both don't fit, the name gets shorter, and then goes."""
    pen = Pen(console=make_console(io.StringIO(), "never", {}))
    assert "Sales an\u2026 (100310031)" == pen.titled("Sales and orders", "100310031", 21)
    assert "100310031003100" == pen.titled("Sales", "100310031003100", 18)


def test_without_utf8_the_text_is_still_written() -> None:
    """A terminal that knows only ASCII gets arrows that it can show, and escapes for the rest."""
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="ascii")
    render_plan(
        make_console(stream, "auto", {}),
        a_plan(changes=(a_change("queues", "a", label="李", fields=(value("timeout", 60, 90),)),)),
    )
    stream.flush()
    assert rb"~ \u674e (a)  timeout 60 -> 90" in buffer.getvalue()


texts = st.text(max_size=120) | st.text("a \x1b[]\u202e李é\u0301\u200d👩", max_size=300)


@settings(max_examples=60, deadline=None)
@given(texts, texts, texts, st.integers(40, 120))
def test_any_text_fits_the_terminal(name: str, other: str, word: str, width: int) -> None:
    """Whatever the texts are, no line is wider than the terminal and no control character gets out."""
    plan = a_plan(
        changes=(
            a_change(
                word or "queues",
                name,
                identity=other,
                label=word,
                fields=(value(word, name, other), members(other, (name, word), (other,))),
            ),
            a_change("agents", other, Action.CREATE, label=name, fields=(value("x", None, [name, other]),)),
        ),
        calls=(Call("PUT", name, {}, id="c1", why=other), Call("PUT", other, {}, id="c2", why=word, needs=("c1",))),
        unmanaged=(name, f"agents/{other}"),
        notes=(word,),
        warnings=(
            warning("w", name, place=Place(file=word, line=1, column=len(other), width=3, excerpt=other), remedy=word),
        ),
        refusals=(Refusal(rule="r", message=other, objects=(name, other), remedy=word),),
    )
    text = shown(render_plan, plan, width=width, explanations=(explained(plan, other),))
    for line in text.split("\n"):
        assert cell_len(line) <= width, line
        assert not [character for character in line if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}]


CARET: Final = error(
    "unknown-field",
    'a queue has no field "timout"',
    place=Place(file="queues.yaml", line=12, column=5, width=6, excerpt="    timout: 90"),
    remedy='did you mean "timeout"? (seconds)',
)


def test_a_diagnostic_reads_well() -> None:
    """What, where, the line with a caret, and what would be right; then how many."""
    twice = error(
        "duplicate-key",
        'the key "sales" stands twice',
        place=Place(file="b.yaml", line=2, column=3),
        related=(("first given here", Place(file="a.yaml", line=7, column=3)),),
    )
    nowhere = warning("no-files", "the folder holds no YAML", remedy="write one, or run init")
    assert """\
warning[no-files]: the folder holds no YAML
  write one, or run init

error[duplicate-key]: the key "sales" stands twice
  b.yaml:2:3
  first given here: a.yaml:7:3

error[unknown-field]: a queue has no field "timout"
  queues.yaml:12:5
12 |     timout: 90
   |     ^^^^^^ did you mean "timeout"? (seconds)

2 errors, 1 warning
""" == shown(render_diagnostics, Diagnostics.of([CARET, twice, nowhere]))


def test_no_diagnostics_print_nothing() -> None:
    """Silence means that all is well."""
    assert "" == shown(render_diagnostics, Diagnostics())


@pytest.mark.parametrize(
    ("excerpt", "column", "width", "row", "caret"),
    [
        ("李: timout", 4, 6, "1 | 李: timout", "  |     ^^^^^^ mend it"),
        ("\ttimout", 2, 6, r"1 | \ttimout", "  |   ^^^^^^ mend it"),
        ("a\x1b[0mb", 2, 1, r"1 | a\x1b[0mb", "  |  ^^^^ mend it"),
        ("short", 40, 3, "1 | short", "  |      ^ mend it"),
        ("", 1, 1, "1 |", "  | ^ mend it"),
        ("x" * 500 + " timout", 502, 6, "1 | …" + "x" * 37 + " timout", "  | " + " " * 39 + "^^^^^^ mend it"),
        ("timout" + "x" * 500, 1, 6, "1 | timout" + "x" * 69 + "…", "  | ^^^^^^ mend it"),
    ],
)
def test_the_caret_points_at_it(excerpt: str, column: int, width: int, row: str, caret: str) -> None:
    """Wide, invisible and far-away characters do not move the caret off its place."""
    place = Place(file="a.yaml", line=1, column=column, width=width, excerpt=excerpt)
    text = shown(render_diagnostics, Diagnostics.of([error("e", "s", place=place, remedy="mend it")]))
    assert ["error[e]: s", f"  a.yaml:1:{column}", row, caret] == text.splitlines()[:4]


def test_a_secret_in_the_line_is_hidden() -> None:
    """The line that an error quotes shows no secret; without a caret, since that would point elsewhere."""
    place = Place(file="a.yaml", line=1, column=6, excerpt="sid: hunter22 x")
    text = shown(render_diagnostics, Diagnostics.of([error("e", "s", place=place)]), mask=Mask.of(["hunter22"]))
    assert "1 | sid: *** x\n" in text
    assert "^" not in text


def test_all_errors_are_shown() -> None:
    """A hundred errors are a hundred errors; of very many, a number stands for the rest."""
    few = Diagnostics.of(replace(CARET, summary=f"problem {number:03}") for number in range(100))
    assert all(f"problem {number:03}" in shown(render_diagnostics, few) for number in (0, 50, 99))
    more = Diagnostics.of(replace(CARET, summary=f"problem {number}") for number in range(1_200))
    text = shown(render_diagnostics, more)
    assert text.endswith("and 200 more problems (-v shows all)\n1,200 errors\n")


REJECTED: Final = Rejected(
    "The vendor refused to bind the agent.", code="100004", text="Duplicate entry", remedy="Free it first."
)


def test_a_failed_apply_reads_well() -> None:
    """What failed and why, what is not known, what was not tried, what is not as wanted; then what to do."""
    done, failed, skipped, unknown, _ = FULL.calls
    result = Result(
        outcomes=(
            Outcome(call=done, verdict=Verdict.DONE),
            Outcome(call=failed, verdict=Verdict.FAILED, error=REJECTED),
            Outcome(call=skipped, verdict=Verdict.SKIPPED, blocked_by=("c2",)),
            Outcome(call=unknown, verdict=Verdict.UNKNOWN, error=OutcomeUnknown("No answer came.")),
        ),
        mismatches=(Mismatch(address="queues/sales", path="max_length", wanted=256, found=128),),
        verified=True,
        problem="Reading back found a difference.",
    )
    assert """
Failed
  c2  PUT /ccapi/v2/queues  timeout 60 → 90
      The vendor refused to bind the agent. (100004: Duplicate entry)
      Free it first.
      In the files: queues.yaml:12

Sent, but no answer came: it may have happened
  c4  PUT /ccapi/v2/ivrs/fastrouters
      No answer came.

Not tried
  c3  POST /ccapi/v2/queues/agents  bind Li Wei (10031) to Sales (9001)
      not tried because of c2 (timeout 60 → 90)

Read back, and not as wanted
  queues/sales max length: wanted 256, found 128

Reading back found a difference.

Not complete: 1 of 4 calls done, 1 failed, 1 not known, 1 not tried. Run plan
  to see what is left; a second apply carries on from there.
""" == shown(render_result, result, FULL)


def test_a_complete_apply_is_one_line() -> None:
    """All done, read back, and how many the vendor had already."""
    done, already, *_ = FULL.calls
    result = Result(
        outcomes=(Outcome(call=done, verdict=Verdict.DONE), Outcome(call=already, verdict=Verdict.ALREADY)),
        verified=True,
    )
    assert "Applied: 2 calls done (1 already so); read back, and all is as wanted.\n" == shown(
        render_result, result, FULL
    )
    assert "Nothing to apply.\n" == shown(render_result, Result(verified=True), FULL)


def test_an_apply_that_was_not_read_back_says_so() -> None:
    """Done is not verified."""
    result = Result(outcomes=(Outcome(call=FULL.calls[0], verdict=Verdict.DONE),))
    assert "1 of 1 call done; not read back." in shown(render_result, result, FULL)


def test_drift_is_told_from_the_other_side() -> None:
    """What the hand did: from the files to what is live; a wish not yet applied is no drift."""
    ahead = [change for change in FULL.changes if change.address == "queues/sales"]
    found = Drift(
        contact_center="acme",
        provider="udesk",
        findings=tuple(Finding(change=change) for change in FULL.changes if change not in ahead),
        pending=tuple(ahead),
        unmanaged=FULL.unmanaged,
        known=True,
        names=NAMES,
    )
    assert """\
Changed by hand (files → live):

Queues
  - Billing (9003)   missing
  + Old line (9009)  not in the files

Agents
  ~ Li Wei (10031)  queues +Support (9002) -Sales (9001), name "Li Wei" → Li,
                    email "" → a@b

Fast routers
  ~ 1  queue Sales (9001) → Support (9002)

Drift: 2 changed, 1 missing, 1 that should not be there
1 object differs from the files: not applied yet, or rolled back.
Unmanaged: 5 live objects in agents, queues that the files do not name.
""" == shown(render_drift, found)


def test_no_drift_is_one_line() -> None:
    """Nothing changed by hand is said once."""
    assert "No drift. The live tenant is as the files say.\n" == shown(
        render_drift, Drift(contact_center="acme", provider="udesk", known=True)
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            ReconcilerError("The store is locked.", remedy="Run unlock."),
            "error: The store is locked.\n  Run unlock.\n",
        ),
        (
            Rejected("No.", code="000001", text="blank", remedy="Fill it.", call="PUT /q"),
            "error: No. (000001: blank)\n  in the call PUT /q\n  Fill it.\n",
        ),
        (
            Unexpected("This is no JSON.", call="GET /q", reply="<html>\x1b"),
            "error: This is no JSON.\n  in the call GET /q\n  the answer begins: <html>\\x1b\n",
        ),
        (
            VendorError("No answer.", call="GET /q", request_id="r-7\x1b", remedy="Run again."),
            "error: No answer.\n  in the call GET /q, request r-7\\x1b\n  Run again.\n",
        ),
        (VendorError("No answer.", request_id="r-7"), "error: No answer.\n  request r-7\n"),
        (
            DefectError("The plan does not reach its goal.", report="line one\nline two", remedy="Report it."),
            "error: The plan does not reach its goal.\n  Report it.\n\n  line one\n  line two\n",
        ),
        (
            Refused("Not applied.", refusals=(Refusal(rule="lock", message="held", remedy="wait"),)),
            """\
error: Not applied.

Refused: nothing of this plan will be applied.
  ! lock: held
    What lifts it: wait
""",
        ),
        (
            Invalid(Diagnostics.of([error("e", "bad", remedy="mend")])),
            "error[e]: bad\n  mend\n\n1 error\n",
        ),
    ],
)
def test_an_error_says_what_to_do(problem: ReconcilerError, text: str) -> None:
    """A sentence, then what to do; a guard's or a vendor's own words where there are some."""
    assert text == shown(render_error, problem)


class Server(Resource):
    """Somebody who serves lines, each with a rank."""

    lines: Annotated[tuple[str, ...], RefTo("lines"), Unordered()] = ()
    ranks: Annotated[dict[str, int], PairedWith("lines", "rank")] = {}  # noqa: RUF012 - pydantic copies it


def test_what_belongs_to_pairs_is_told_by_name() -> None:
    """Objects have their names, new ones nothing before, and nobody sees a mapping of a programming language."""
    change = Change(
        section="servers",
        name="li",
        identity="li",
        action=Action.UPDATE,
        fields=(ValueChange(path="ranks", before={"1": 3}, after={"1": 1, "2": 5}),),
        desired=Server(lines=("1", "2"), ranks={"1": 1, "2": 5}),
    )
    made = Plan(
        contact_center="a", provider="p", summary=Summary(update=1), changes=(change,), names={("lines", "1"): "Sales"}
    )
    assert "~ li  rank of Sales (1) 3 → 1, rank of 2 5" in shown(render_plan, made)
    assert "wanted [1 2], found [1 3, 2 5]" in shown(
        render_result,
        Result(verified=True, mismatches=(Mismatch(address="a", path="b", wanted={"1": 2}, found={"2": 5, "1": 3}),)),
        made,
    )


def test_a_plan_with_a_base_says_who_made_what_differ() -> None:
    """Each change says whose it is, a field where it is another's, and the sum how many of each there are."""
    fields = (
        ValueChange(path="timeout", before=60, after=90, cause=Cause.YOURS),
        ValueChange(path="max_length", before=64, after=128, cause=Cause.DRIFT),
    )
    sales = Change(
        section="queues",
        name="sales",
        identity="9001",
        label="Sales",
        action=Action.UPDATE,
        fields=fields,
        cause=Cause.YOURS,
    )
    support = Change(
        section="queues", name="support", identity="9002", action=Action.DELETE, risk=Risk.HIGH, cause=Cause.CONFLICT
    )
    made = Plan(
        contact_center="a", provider="p", summary=Summary(update=1, delete=1), changes=(sales, support), base="main"
    )
    told = shown(render_plan, made)
    assert "~ Sales (9001)    timeout 60 → 90, max length 64 → 128 (drift), (yours)" in told
    assert "- support (9002)  deleted, high risk, (conflict)" in told
    assert "Since main: 1 yours, 1 conflict (both, differently)" in told
    assert "Since" not in shown(render_plan, replace(made, base="", changes=(replace(support, cause=None),)))


def test_no_line_begins_as_a_command() -> None:
    """GitHub's runner looks for `::error::` at the start of each line that a job prints, also of a broken one."""
    name = "words that fill the line until its very end " + "::error::x " * 8
    made = Plan(contact_center="a", provider="p", summary=Summary(), notes=(name, "::error::y"))
    assert [] == [line for line in shown(render_plan, made).splitlines() if line.lstrip().startswith("::")]
