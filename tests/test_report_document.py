"""The JSON documents: exactly the contract's keys in its order, deterministic, masked, and readable again."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.call import Call, Upload
from reconciler.model.change import Action, Change, MemberChange, Risk, Source, ValueChange
from reconciler.model.diagnostics import Diagnostics, Place, error, warning
from reconciler.model.drift import Drift, Finding
from reconciler.model.errors import ReconcilerError, Rejected
from reconciler.model.outcome import Mismatch, Outcome, Result, Stale, Verdict
from reconciler.model.plan import Origin, Plan, Refusal, Summary
from reconciler.model.secret import Mask, Secret
from reconciler.report.document import diagnostics_document, dumps, plan_document, result_document
from reconciler.report.drift_document import drift_document
from reconciler.report.saved import MAX_BYTES, read_plan, read_plan_file
from reconciler.schema import plan_schema

OPEN: Final = Mask()
SECRET: Final = "hunter22"

EMPTY: Final = Plan(
    contact_center="acme-prod",
    provider="udesk",
    config_digest="sha256:c",
    live_digest="sha256:l",
    summary=Summary(),
)

FULL: Final = replace(
    EMPTY,
    summary=Summary(create=1, update=1, delete=1, bind=2, unbind=0, calls=2, minimum_calls=1),
    changes=(
        Change(
            section="queues",
            name="sales",
            identity="9001",
            action=Action.UPDATE,
            fields=(ValueChange(path="timeout", before=60, after=90),),
            source=Source(file="queues.yaml", line=12, column=3),
        ),
        Change(
            section="agents",
            name="li.wei",
            identity="10031",
            action=Action.CREATE,
            fields=(
                ValueChange(path="name", before=None, after="李伟"),
                ValueChange(path="order", before=None, after=("a", "b")),
                MemberChange(path="queues", add=("9001", "9002"), remove=()),
            ),
            risk=Risk.MEDIUM,
        ),
        Change(section="application", name="", identity="", action=Action.DELETE, risk=Risk.HIGH),
    ),
    calls=(
        Call("PUT", "/ccapi/v2/queues", {"Timeout": 90}, id="c1", changes=("queues/sales",), why="timeout 60 → 90"),
        Call(
            "POST",
            "/",
            {"Id": {"from": "c1", "field": "SkillGroupId"}, "Numbers": ("1", "2")},
            action="CreateStaff",
            query={"page": "1"},
            upload=Upload(path="voices/a.wav", digest="0123456789abcdef"),
            id="c2",
            needs=("c1",),
            changes=("agents/li.wei",),
            why="create",
        ),
    ),
    refusals=(Refusal(rule="max-deletes", message="too many", objects=("queues/a",), remedy="--allow-deletes"),),
    warnings=(
        warning("odd", "this is odd", place=Place(file="a.yaml", line=1, column=2), remedy="mend it"),
        warning("vague", "nowhere"),
    ),
    unmanaged=("agents/10077",),
    notes=("one note",),
    origin=Origin(
        path="conf",
        overlays=("prod.yaml",),
        assignments=("queues.sales.timeout=90",),
        targets=("queues/sales",),
        prune=True,
        allow_deletes={"queues": 2, "agents": 1},
    ),
)


def test_the_contract_example_comes_out_key_by_key() -> None:
    """The document of section 3: its keys, in its order, with its values."""
    document = plan_document(FULL, mask=OPEN)
    assert [
        "format",
        "contact_center",
        "provider",
        "config_digest",
        "live_digest",
        "summary",
        "changes",
        "calls",
        "refusals",
        "warnings",
        "unmanaged",
        "notes",
        "names",
        "pace",
        "config",
    ] == [*document]
    assert "reconciler-plan/1" == document["format"]
    assert (
        '{"create": 1, "update": 1, "delete": 1, "bind": 2, "unbind": 0, "calls": 2, "minimum_calls": 1}'
        == json.dumps(document["summary"])
    )
    assert (
        '{"address": "queues/sales", "action": "update", "identity": "9001", '
        '"fields": [{"path": "timeout", "before": 60, "after": 90}], '
        '"source": {"file": "queues.yaml", "line": 12, "column": 3}, "risk": "low"}'
    ) == json.dumps(document["changes"][0])
    assert (
        '{"id": "c1", "method": "PUT", "path": "/ccapi/v2/queues", "body": {"Timeout": 90}, "needs": [], '
        '"changes": ["queues/sales"], "why": "timeout 60 → 90"}'
    ) == json.dumps(document["calls"][0], ensure_ascii=False)
    assert {"rule": "max-deletes", "message": "too many", "objects": ["queues/a"], "remedy": "--allow-deletes"} == (
        document["refusals"][0]
    )
    assert ["agents/10077"] == document["unmanaged"]
    assert ["one note"] == document["notes"]


def test_creations_members_and_single_things() -> None:
    """Before is null on creation; members are add and remove; a single thing is its section alone, unplaced is null."""
    _, created, deleted = plan_document(FULL, mask=OPEN)["changes"]
    assert [
        {"path": "name", "before": None, "after": "李伟"},
        {"path": "order", "before": None, "after": ["a", "b"]},
        {"path": "queues", "add": ["9001", "9002"], "remove": []},
    ] == created["fields"]
    assert ("application", None, "high") == (deleted["address"], deleted["source"], deleted["risk"])


def test_a_call_has_what_it_needs_and_no_more() -> None:
    """`action`, `query` and `upload` stand there only where they are set; a placeholder is kept as it is."""
    plain, rich = plan_document(FULL, mask=OPEN)["calls"]
    assert {"id", "method", "path", "body", "needs", "changes", "why"} == plain.keys()
    assert ("CreateStaff", {"page": "1"}) == (rich["action"], rich["query"])
    assert {"path": "voices/a.wav", "digest": "0123456789abcdef"} == rich["upload"]
    assert {"Id": {"from": "c1", "field": "SkillGroupId"}, "Numbers": ["1", "2"]} == rich["body"]


def test_the_origin_is_there_only_where_it_is_known() -> None:
    """`config` says how to load the same files again; without an origin the key is absent."""
    assert "config" not in plan_document(EMPTY, mask=OPEN)
    assert {
        "path": "conf",
        "overlays": ["prod.yaml"],
        "assignments": ["queues.sales.timeout=90"],
        "targets": ["queues/sales"],
        "prune": True,
        "allow_deletes": {"agents": 1, "queues": 2},
    } == plan_document(FULL, mask=OPEN)["config"]


def test_the_same_plan_gives_the_same_bytes() -> None:
    """Indented by two, characters as they are, one line end at the end; and each time alike."""
    text = dumps(plan_document(FULL, mask=OPEN))
    assert text == dumps(plan_document(replace(FULL), mask=OPEN))
    assert text.startswith('{\n  "format": "reconciler-plan/1",\n')
    assert text.endswith("}\n")
    assert "李伟" in text


def test_secrets_are_masked_everywhere_but_keys_are_kept() -> None:
    """A secret inside any text is `***`, and so is a Secret; the document's own words stay, even if one is secret."""
    plan = replace(
        FULL,
        calls=(
            Call(
                "PUT",
                f"/x/{SECRET}",
                {SECRET: f"a {SECRET} b", "deep": [{"x": SECRET}], "whole": Secret(SECRET)},
                id="c1",
                why=f"to {SECRET}",
            ),
        ),
        notes=(SECRET,),
        unmanaged=(f"agents/{SECRET}",),
        changes=(
            Change(
                section="application",
                name="",
                identity=SECRET,
                action=Action.UPDATE,
                fields=(ValueChange(path="memo", before=(SECRET,), after={"a": SECRET}),),
                source=Source(file=f"{SECRET}.yaml", line=1, column=1),
            ),
        ),
        refusals=(Refusal(rule="r", message=SECRET, objects=(SECRET,), remedy=SECRET),),
        warnings=(warning("w", SECRET, remedy=SECRET),),
    )
    text = dumps(plan_document(plan, mask=Mask.of([SECRET, "calls"])))
    assert SECRET not in text
    assert "***" in text
    assert json.loads(text).keys() == plan_document(plan, mask=OPEN).keys()


def test_odd_values_become_json() -> None:
    """Sets are sorted, lone surrogates and NaN can't break the file, and nothing invisible reaches a terminal."""
    odd = {
        "set": frozenset({"b", "a"}),
        "nan": float("nan"),
        "half": "a\ud800b",
        "esc": "\x9b2J\u202e\x7f",
        "o": object,
    }
    plan = replace(EMPTY, calls=(Call("PUT", "/", odd, id="c1"),))
    text = dumps(plan_document(plan, mask=OPEN))
    text.encode("utf-8")
    assert not {"\x9b", "\u202e", "\x7f"} & set(text)
    body = json.loads(text)["calls"][0]["body"]
    assert (["a", "b"], "nan", "a\ufffdb", "\x9b2J\u202e\x7f") == (body["set"], body["nan"], body["half"], body["esc"])


def test_diagnostics_as_a_document() -> None:
    """Whether it is valid, how many of each, and each with its place."""
    place = Place(file="a.yaml", line=3, column=5, width=2, excerpt="  x: 1")
    found = Diagnostics.of(
        [
            error("bad", "this is bad", place=place, remedy="mend", related=(("first here", place),)),
            warning("odd", f"odd {SECRET}"),
        ]
    )
    document = diagnostics_document(found, mask=Mask.of([SECRET]))
    assert ("reconciler-diagnostics/1", False, 1, 1) == tuple(document.values())[:4]
    source = {"file": "a.yaml", "line": 3, "column": 5}
    assert [
        {
            "severity": "warning",
            "code": "odd",
            "message": "odd ***",
            "source": None,
            "remedy": "",
            "width": 0,
            "excerpt": None,
            "related": [],
        },
        {
            "severity": "error",
            "code": "bad",
            "message": "this is bad",
            "source": source,
            "remedy": "mend",
            "width": 2,
            "excerpt": "  x: 1",
            "related": [{"message": "first here", "source": source}],
        },
    ] == document["diagnostics"]
    assert diagnostics_document(Diagnostics(), mask=OPEN)["valid"]


def test_a_result_as_a_document() -> None:
    """How each call went, by its id; what failed, with the vendor's words; and the plan that was followed."""
    first, second = FULL.calls
    refused = Rejected(f"no {SECRET}", code="100004", text="Duplicate entry", remedy="wait")
    refused.request_id = f"r-{SECRET}"
    result = Result(
        outcomes=(
            Outcome(call=first, verdict=Verdict.FAILED, error=refused, attempts=3, settled="not done"),
            Outcome(call=second, verdict=Verdict.SKIPPED, blocked_by=("c1",), lost=("8001",)),
        ),
        mismatches=(Mismatch(address="queues/sales", path="timeout", wanted=90, found=("a",)),),
        verified=True,
        problem="one failed",
        stale=(Stale(address="queues/sales", path="timeout", planned=60, found=SECRET),),
        run="4f2a",
        settled=(f"c5 had {SECRET} happened",),
    )
    document = result_document(result, FULL, mask=Mask.of([SECRET]))
    assert ("reconciler-result/1", False, True, False) == (
        document["format"],
        document["complete"],
        document["verified"],
        document["wrote"],
    )
    none = {"done": 0, "already": 0, "partly": 0, "failed": 0, "unknown": 0, "skipped": 0}
    assert {"calls": 2, **none, "failed": 1, "skipped": 1} == document["summary"]
    assert none == document["follow_ups"]
    assert [
        {
            "call": "c1",
            "verdict": "failed",
            "error": {
                "message": "no ***",
                "remedy": "wait",
                "request_id": "r-***",
                "code": "100004",
                "text": "Duplicate entry",
            },
            "blocked_by": [],
            "note": "",
            "attempts": 3,
            "settled": "not done",
            "lost": [],
        },
        {
            "call": "c2",
            "verdict": "skipped",
            "error": None,
            "blocked_by": ["c1"],
            "note": "",
            "attempts": 1,
            "settled": "",
            "lost": ["8001"],
        },
    ] == document["outcomes"]
    assert [
        {"address": "queues/sales", "path": "timeout", "wanted": 90, "found": ["a"], "ignorable": False}
    ] == document["mismatches"]
    assert [{"address": "queues/sales", "path": "timeout", "planned": 60, "found": "***"}] == document["stale"]
    assert ("4f2a", ["c5 had *** happened"]) == (document["run"], document["settled"])
    assert plan_document(FULL, mask=OPEN) == document["plan"]


def test_drift_as_a_document() -> None:
    """Told from the other side: wanted and found, missing and extra; a wish not yet applied is apart."""
    sales, li_wei, application = FULL.changes
    findings = tuple(Finding(change=change, fingerprint="f" * 32) for change in (sales, application))
    found = Drift(
        contact_center="acme", provider="udesk", findings=findings, pending=(li_wei,), unmanaged=FULL.unmanaged
    )
    document = drift_document(found, mask=OPEN)
    assert {"missing": 0, "changed": 1, "extra": 1, "pending": 1, "unmanaged": 1} == document["summary"]
    assert [("queues/sales", "changed"), ("application", "extra")] == [
        (item["address"], item["drift"]) for item in document["drift"]
    ]
    assert [{"path": "timeout", "wanted": 90, "found": 60}] == document["drift"][0]["fields"]
    assert ["agents/li.wei"] == document["pending"]
    all_of_it = drift_document(replace(found, findings=(Finding(change=li_wei),), pending=()), mask=OPEN)
    assert {"path": "queues", "missing": ["9001", "9002"], "extra": []} == all_of_it["drift"][0]["fields"][2]


def test_a_saved_plan_reads_back() -> None:
    """What `apply plan.json` needs comes back as it was."""
    document = plan_document(FULL, mask=OPEN)
    saved = read_plan(dumps(document))
    assert ("acme-prod", "udesk", "sha256:c", "sha256:l") == (
        saved.contact_center,
        saved.provider,
        saved.config_digest,
        saved.live_digest,
    )
    assert FULL.origin == saved.origin
    assert document["changes"] == [*saved.changes]
    assert document["calls"] == [*saved.calls]
    assert document["refusals"] == [*saved.refusals]
    assert saved == read_plan(dumps(document).encode())
    assert read_plan(dumps(plan_document(EMPTY, mask=OPEN))).origin is None


def test_a_saved_plan_reads_back_from_a_file(tmp_path: Path) -> None:
    """From a path, and with a plain error where nothing can be read."""
    path = tmp_path / "plan.json"
    path.write_text(dumps(plan_document(FULL, mask=OPEN)), encoding="utf-8")
    assert "acme-prod" == read_plan_file(str(path)).contact_center
    for bad in (str(tmp_path / "none.json"), str(tmp_path), "a\0b"):
        with pytest.raises(ReconcilerError, match="can't be read") as caught:
            read_plan_file(bad)
        assert caught.value.remedy


def broken(change: Callable[[dict[str, Any]], Any]) -> str:
    """Give a plan's text with one thing changed."""
    document = json.loads(dumps(plan_document(FULL, mask=OPEN)))
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON (line 1, column 1)"),
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("{}", "does not say `format: reconciler-plan/1`"),
        ('{"format": 1}', "does not say `format"),
        ('{"format": ["reconciler-plan/1"]}', "does not say `format"),
        ('{"format": "reconciler-plan/2"}', "saved as 'reconciler-plan/2', and this version reads"),
        ('{"format": "reconciler-plan/1"}', "contact_center: it is missing"),
        ('{"format": "reconciler-plan/1", "format": "reconciler-plan/1"}', "not JSON that we write"),
        ('{"format": NaN}', "not JSON that we write"),
        ("9" * 10_000, "not JSON that we write"),
        ("[" * 200_000, "nested too deeply"),
        (b"\xff\xfe{}", "not UTF-8 (byte 1)"),
        (b"\x00", "not JSON"),
        (" " * (MAX_BYTES + 1), "longer than 100 MB"),
        (broken(lambda it: it.pop("summary")), "summary: it is missing"),
        (broken(lambda it: it.update(calls={})), "calls: "),
        (broken(lambda it: it["changes"][0].pop("action")), "changes[0].action: it is missing"),
        (broken(lambda it: it["changes"][0].update(action="drop")), "changes[0].action: "),
        (broken(lambda it: it["changes"][0].update(extra=1)), "changes[0].extra: no such key is known"),
        (broken(lambda it: it["changes"][0]["fields"][0].pop("path")), "changes[0].fields[0]"),
        (broken(lambda it: it["calls"][0].update(body="x")), "calls[0].body: "),
        (broken(lambda it: it["calls"][0].update(needs=["c9"])), "calls[0]: it needs 'c9', which does not come before"),
        (broken(lambda it: it["calls"][1].update(id="c1")), "calls[1]: there are two calls 'c1'"),
        (broken(lambda it: it["config"].update(allow_deletes={"queues": "many"})), "config.allow_deletes.queues: "),
        (broken(lambda it: it["summary"].update(create=-1)), "summary.create: "),
    ],
)
def test_garbage_gives_an_error_with_a_remedy(text: str | bytes, reason: str) -> None:
    """Whatever the file holds, it is one sentence that says what is wrong, and what to do."""
    with pytest.raises(ReconcilerError) as caught:
        read_plan(text)
    assert reason in str(caught.value)
    assert "Make the plan again" in caught.value.remedy


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    ),
    st.sampled_from([*plan_document(FULL, mask=OPEN)]),
)
def test_any_value_in_any_place_is_read_or_refused(value: Any, key: str) -> None:
    """No value at any key ends in anything but a plan or our error."""
    text = broken(lambda it: it.update({key: value}))
    with suppress(ReconcilerError):
        read_plan(text)


values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()).map(tuple)
names = st.text(min_size=1, max_size=20)
changes = st.builds(
    Change,
    section=names,
    name=st.text(),
    identity=st.text(),
    action=st.sampled_from(Action),
    fields=st.lists(
        st.builds(ValueChange, path=names, before=values, after=values)
        | st.builds(MemberChange, path=names, add=st.tuples(names), remove=st.tuples(names))
    ).map(tuple),
    source=st.none() | st.builds(Source, file=names, line=st.integers(1), column=st.integers(1)),
    risk=st.sampled_from(Risk),
    desired=st.none(),
    live=st.none(),
)
bodies = st.none() | st.dictionaries(names, values)


@settings(max_examples=50, deadline=None)
@given(st.lists(changes, max_size=4).map(tuple), st.lists(bodies, max_size=4), st.booleans())
def test_every_plan_validates_and_reads_back(found: tuple[Change, ...], sent: list[Any], placed: bool) -> None:  # noqa: FBT001
    """The document of any plan fits `schemas/plan.json`, and is read back as it was written."""
    calls = tuple(
        Call("PUT", "/x", body, id=f"c{number}", needs=(f"c{number - 1}",) if number else ())
        for number, body in enumerate(sent)
    )
    plan = replace(EMPTY, changes=found, calls=calls, origin=FULL.origin if placed else None)
    document = plan_document(plan, mask=OPEN)
    assert [] == [problem.message for problem in VALIDATOR.iter_errors(document)]
    assert json.loads(dumps(document)) == document
    assert document["changes"] == [*read_plan(dumps(document)).changes]


VALIDATOR: Final = jsonschema.Draft202012Validator(plan_schema())


@pytest.mark.parametrize("plan", [EMPTY, FULL], ids=["empty", "full"])
def test_the_documents_fit_the_schema(plan: Plan) -> None:
    """The schema itself is sound, and it refuses what is no plan."""
    jsonschema.Draft202012Validator.check_schema(plan_schema())
    document = plan_document(plan, mask=OPEN)
    assert [] == [problem.message for problem in VALIDATOR.iter_errors(document)]
    assert not VALIDATOR.is_valid({**document, "more": 1})
    assert not VALIDATOR.is_valid({key: item for key, item in document.items() if key != "calls"})
