"""A saved plan, shown: the same as the plan that it was saved from, and harmless whatever the file holds."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import pipeline
from reconciler.cli.showing import show_sheet
from reconciler.model.errors import ReconcilerError
from reconciler.model.plan import Plan
from reconciler.model.secret import Mask
from reconciler.providers import provider
from reconciler.report.console import make_console
from reconciler.report.document import dumps, plan_document
from reconciler.report.forms import written
from reconciler.report.gitlab import code_quality
from reconciler.report.plan_text import render_plan
from reconciler.report.restore import restored
from reconciler.report.safe import visible
from reconciler.report.saved import SavedPlan, read_plan
from reconciler.report.writer import plan_sheet
from tests.commands import Commands, configure
from tests.hostile import HOSTILE, plan_of
from tests.servers import AUTH_TOKEN, Simulator, simulator
from tests.test_golden import ENVIRON, EXAMPLES, GOLDEN, STORIES

FORMS: Final = ("markdown", "html", "sarif", "github", "gitlab", "junit")
OLD: Final = GOLDEN / "rename-queue" / "plan.json"


def planned(path: str, live: str) -> tuple[Plan, Mask]:
    """Plan a story, with all that a plan has that leaves the program."""
    request = pipeline.Request(path=path, snapshot=live, environ=ENVIRON, state="sqlite:///no.db")
    session = pipeline.open_session(pipeline.read(request), request)
    made, found = asyncio.run(pipeline.plan(session))
    return pipeline.fingerprinted(session, made, found), session.desired.mask


def shown(made: Plan, mask: Mask) -> dict[str, str]:
    """Show a plan in every form."""
    text = io.StringIO()
    render_plan(make_console(text, "never", {"COLUMNS": "100"}), made, mask=mask, verbose=True)
    sheet = plan_sheet(made, mask=mask, saved_as="plan.json", here="/work")
    forms = {form: written(form, sheet) for form in FORMS}
    document = dumps(plan_document(made, mask=mask))
    return {**forms, "text": text.getvalue(), "json": document, "code quality": code_quality(sheet)}


@pytest.mark.parametrize("story", [*STORIES, "example"])
def test_a_saved_plan_is_shown_as_the_plan_itself(story: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same bytes in every form, and the same JSON again: nothing that a reader sees is lost in the file."""
    source = EXAMPLES if story == "example" else GOLDEN / story
    monkeypatch.chdir(shutil.copytree(source, tmp_path / story))
    names = ("udesk", "udesk-before.json") if story == "example" else ("desired.yaml", "live.json")
    made, mask = planned(*names)
    saved = read_plan(dumps(plan_document(made, mask=mask)))
    vendor = provider(saved.provider)
    assert vendor is not None
    again = restored(saved, vendor.kinds)
    before, after = shown(made, mask), shown(again, Mask())
    for form, text in before.items():
        assert text == after[form], form


def test_the_command_shows_what_plan_showed(command: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On the command line too: from the file alone, without the configuration, in every form, with the same bytes."""
    monkeypatch.chdir(shutil.copytree(EXAMPLES, tmp_path / "examples"))
    offline = ("plan", "udesk", "--live", "udesk-before.json", "--out", "plan.json", "--prune")
    told = {form: command.ok(*offline, "--format", form).out for form in ("text", "json", *FORMS)}
    shutil.rmtree("udesk")
    for form, text in told.items():
        assert text == command.ok("show", "plan.json", "--format", form).out, form
    assert "Sales" in told["text"]


def test_an_empty_plan_is_shown_as_plan_showed_it(
    command: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What the files name is counted in the file, since nothing else of them is there."""
    monkeypatch.chdir(tmp_path)
    live = {"sections": {"queues": {"9001": {"id": "9001", "name": "Sales"}}}}
    with simulator(seed=live) as tenant:
        configure(tmp_path / "acme.yaml", tenant, 'queues: {sales: {id: "9001", name: Sales}}\n')
        told = command.ok("plan", "acme.yaml", "--out", "plan.json").out
    assert "No changes. 1 queue: all as the files want it.\n" == told
    assert told == command.ok("show", "plan.json").out


def test_explanations_come_along(command: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """JSON that holds explanations is shown with them, byte for byte."""
    monkeypatch.chdir(shutil.copytree(EXAMPLES, tmp_path / "examples"))
    offline = ("plan", "udesk", "--live", "udesk-before.json", "--format", "json", "--explain", "queues/support")
    document = command.ok(*offline).out
    Path("plan.json").write_text(document, encoding="utf-8")
    assert '"explanations"' in document
    assert document == command.ok("show", "plan.json", "--format", "json").out


@pytest.mark.parametrize("form", ["text", "json", *FORMS])
def test_a_plan_without_the_new_keys_is_shown(command: Commands, tmp_path: Path, form: str) -> None:
    """Plans that an older version saved have no names, no pace and no pictures."""
    document = json.loads(OLD.read_text(encoding="utf-8"))
    for key in ("names", "pace", "named", "routing"):
        document.pop(key, None)
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert command.ok("show", str(path), "--format", form).out


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b"version: 1\n",
        b'{"format": "reconciler-plan/9"}',
        b'{"format": "reconciler-plan/1"}',
        b'{"format": "reconciler-plan/1", "format": "reconciler-plan/1"}',
        b'{"format": ["reconciler-plan/1"]}',
        b'{"a": 1e999}',
        b'{"a": NaN}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 400 + b"1" + b"}" * 400,
    ],
    ids=range(15),
)
def test_garbage_is_refused_with_a_remedy(command: Commands, tmp_path: Path, content: bytes) -> None:
    """What is no plan ends with 1, says so, and says how to make one; in any form but text, as a result too."""
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    for form in ("text", "markdown", "json"):
        done = command("show", str(path), "--format", form)
        assert 1 == done.code
        assert "reconciler plan PATH" in done.err
        if form == "text":
            assert "" == done.out
        elif form == "json":
            assert "reconciler-error/1" == json.loads(done.out)["format"]
        else:
            assert done.out.startswith("<!-- reconciler:")


def test_a_file_that_is_not_there(command: Commands, tmp_path: Path) -> None:
    """So is a missing file, and a folder."""
    for path in (tmp_path / "nowhere.json", tmp_path):
        done = command("show", str(path))
        assert (1, "") == (done.code, done.out)
        assert "can't be read" in " ".join(done.err.split())


def test_values_nested_too_deeply_are_refused(command: Commands, tmp_path: Path) -> None:
    """A plan that is one but for a value in which nobody would find an end."""
    document = json.loads(OLD.read_text(encoding="utf-8"))
    document["calls"][0]["body"] = json.loads('{"a":' * 300 + "1" + "}" * 300)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = command("show", str(path), "--format", "json")
    assert (1, "reconciler-error/1") == (done.code, json.loads(done.out)["format"])
    assert "nested too deeply" in done.err


def test_code_quality_goes_beside_the_three_numbers(
    command: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One call writes both of GitLab's reports; so does `show`, and a plan that could not be made says why."""
    monkeypatch.chdir(shutil.copytree(EXAMPLES, tmp_path / "examples"))
    both = ("--format", "gitlab", "--code-quality", "quality.json")
    done = command.ok("plan", "udesk", "--live", "udesk-before.json", "--out", "plan.json", *both)
    assert {"create", "update", "delete"} == done.json.keys()
    first = Path("quality.json").read_text(encoding="utf-8")
    assert "udesk/support.yaml" in first
    assert done.out == command.ok("show", "plan.json", *both).out
    assert first == Path("quality.json").read_text(encoding="utf-8")
    failed = command("plan", "udesk", "--live", "nowhere.json", *both)
    assert (1, {}) == (failed.code, failed.json)
    assert "critical" in Path("quality.json").read_text(encoding="utf-8")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Find the paths to all values of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in items for found in leaves(item, (*path, key)))]


DOCUMENTS: Final = (
    json.loads((GOLDEN / "example" / "plan.json").read_text(encoding="utf-8")),
    json.loads(dumps(plan_document(plan_of("Sales"), mask=Mask()))),
)
ANY: Final = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20))
    | st.sampled_from(
        [*HOSTILE, "queues/9001", "agents", "9001", "update", "delete", "c1", "2026-01-01", -1, 10**4_000]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_no_file_that_says_it_is_a_plan_does_harm(data: st.DataObject) -> None:
    """Whatever stands in any place of it, it is refused with a sentence, or shown, in every form."""
    document = copy.deepcopy(data.draw(st.sampled_from(DOCUMENTS)))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(leaves(document)[1:]))
        outer = document
        for key in path[:-1]:
            outer = outer[key]
        outer[path[-1]] = data.draw(ANY)
    saved = read(json.dumps(document))
    if saved is None:
        return
    vendor = provider(saved.provider)
    forms = shown(restored(saved, vendor.kinds if vendor is not None else {}), Mask())
    assert all(text.encode() for text in forms.values())
    assert [] == [line for line in forms["text"].split("\n") if line != visible(line)]


def read(text: str) -> SavedPlan | None:
    """Read a plan, or see it refused with a sentence."""
    try:
        return read_plan(text)
    except ReconcilerError as problem:
        if not problem.remedy:
            raise
        return None


WRONG: Final = 'queues: {sales: {id: "9001", nmae: Sales}}\n'


@pytest.mark.parametrize("name", ["validate", "plan"])
def test_a_configuration_that_is_wrong_is_told_in_every_form(
    command: Commands, tenant: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """The exit code is 1, and stdout says what is wrong, so that a comment can; `plan` says it on stderr, too."""
    monkeypatch.chdir(tmp_path)
    configure(tmp_path / "centers" / "acme.yaml", tenant, WRONG)
    done = {
        form: command(name, "centers/acme.yaml", "--format", form)
        for form in FORMS
        if (name, form) != ("validate", "html")
    }
    assert {1} == {item.code for item in done.values()}
    assert {name == "plan"} == {'did you mean "name"?' in item.err for item in done.values()}
    page = done["markdown"].out
    assert page.startswith("<!-- reconciler:acme -->\n")
    assert "[<code>centers/acme&#46;yaml&#58;10</code>](centers/acme.yaml#L10)" in page
    assert "::error file=centers/acme.yaml,line=10," in done["github"].out
    (result,) = json.loads(done["sarif"].out)["runs"][0]["results"]
    assert ("unknown-field", "error") == (result["ruleId"], result["level"])
    kind = "failure" if name == "validate" else "error"
    assert f"<{kind} " in done["junit"].out
    if name == "plan":
        assert {} == done["gitlab"].json
    else:
        assert ["unknown-field"] == [finding["check_name"] for finding in done["gitlab"].json]


def test_an_error_is_told_in_every_form(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Without a live state there is no plan: a page that says so and what to do, and no numbers."""
    path = configure(tmp_path / "acme.yaml", tenant)
    for form in FORMS:
        done = command("plan", path, "--live", str(tmp_path / "nowhere"), "--format", form)
        assert 1 == done.code
        if form == "gitlab":
            assert {} == done.json
        else:
            assert "nowhere" in done.out, form


def test_a_network_that_fails_is_told(command: Commands, tmp_path: Path) -> None:
    """So is a vendor that does not answer."""
    with simulator() as gone:
        path = configure(tmp_path / "acme.yaml", gone)
    done = command("plan", path, "--format", "markdown")
    assert 1 == done.code
    assert (
        "### Plan for <code>acme</code> (<code>udesk</code>): It ended with an error; nothing was changed." in done.out
    )
    assert "Check <code>provider&#46;base&#95;url</code>" in done.out


def test_a_valid_configuration_is_told_in_every_form(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Nothing is wrong: a page of a line, no finding, one case that passes."""
    path = configure(tmp_path / "acme.yaml", tenant)
    done = {form: command.ok("validate", path, "--format", form).out for form in FORMS if form != "html"}
    assert "<!-- reconciler:acme -->\n### Check of <code>acme</code> (<code>udesk</code>): Valid.\n" == done["markdown"]
    assert [] == json.loads(done["gitlab"])
    assert [] == json.loads(done["sarif"])["runs"][0]["results"]
    assert "::notice title=reconciler check::acme: Valid.\n" == done["github"]
    assert 'tests="1" failures="0"' in done["junit"]


@pytest.mark.parametrize("form", [form for form in FORMS if form != "html"])
@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"", b"a: [", b"queues: \x00"])
def test_what_can_not_even_be_read_is_told(command: Commands, tmp_path: Path, form: str, content: bytes | None) -> None:
    """A file that is missing, is no text or no YAML is a problem like any other."""
    path = tmp_path / "acme.yaml"
    if content is not None:
        path.write_bytes(content)
    for name in ("validate", "plan"):
        done = command(name, str(path), "--format", form)
        assert 1 == done.code
        assert done.out
        assert (name == "plan") == bool(done.err)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "html"])
def test_no_secret_is_told(command: Commands, tenant: Simulator, tmp_path: Path, form: str) -> None:
    """What an error quotes is masked, in a line of the file as in a message."""
    path = tmp_path / "acme.yaml"
    configure(path, tenant, f"queues: {{{AUTH_TOKEN}: {{nmae: {AUTH_TOKEN}, timeout: {AUTH_TOKEN}}}}}\n")
    for name in ("validate", "plan"):
        done = command(name, str(path), "--format", form)
        assert 1 == done.code
        assert AUTH_TOKEN not in done.out + done.err


def test_a_refused_plan_is_told_as_one(command: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A guard's no ends with 3, and the page says which and what lifts it."""
    monkeypatch.chdir(tmp_path)
    many = {f"{9000 + number}": {"id": f"{9000 + number}", "name": f"Q{number}"} for number in range(1, 9)}
    with simulator(seed={"sections": {"queues": many}}) as tenant:
        path = configure(tmp_path / "acme.yaml", tenant, "queues: {}\nmanage: {queues: {prune: true}}\n")
        done = command("plan", path, "--format", "markdown")
    assert 3 == done.code
    assert "- **Refused** (<code>max-deletes</code>):" in done.out
    assert "**What lifts it:**" in done.out
    assert "To apply it" not in done.out


def test_what_is_utf_8_by_its_own_rules_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page or an XML file is written as UTF-8, also where the terminal spells otherwise; JSON escapes instead."""
    sheet = plan_sheet(plan_of("\u5ba2\u670d"), mask=Mask())
    for form, spelt in (("markdown", "\u5ba2\u670d"), ("junit", "\u5ba2\u670d"), ("sarif", "\\u5ba2\\u670d")):
        stream = io.BytesIO()
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(stream, encoding="ascii", newline=""))
        show_sheet(form, sheet)
        assert spelt in stream.getvalue().decode("utf-8"), form
