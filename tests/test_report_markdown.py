"""The comment on a pull request: what stands where, and what is left when there is too much."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

import pytest

from reconciler.cli.home import home
from reconciler.model.change import Action, Cause, Change, FieldChange, MemberChange, Risk, Source, ValueChange
from reconciler.model.diagnostics import Place, warning
from reconciler.model.plan import Origin, Pace, Pictures, Plan, Refusal, Summary
from reconciler.model.routing import Node, Role, Routing
from reconciler.model.secret import Mask
from reconciler.report.markdown import MOST, markdown, marker
from reconciler.report.markup import code, fenced, link, sentence
from reconciler.report.sheet import Item, Sheet, Subject
from reconciler.report.writer import plan_sheet
from tests.hostile import LONGEST, check_of

SALES: Final = Change(
    section="queues",
    name="sales",
    identity="9001",
    label="Sales",
    action=Action.UPDATE,
    fields=(ValueChange(path="timeout", before=60, after=90),),
    source=Source(file="queues.yaml", line=12, column=3),
)
LI_WEI: Final = Change(section="agents", name="10031", identity="10031", action=Action.DELETE, risk=Risk.HIGH)
PLAN: Final = Plan(
    contact_center="acme",
    provider="udesk",
    summary=Summary(update=1, delete=1, unbind=1, calls=2, minimum_calls=2),
    changes=(SALES, LI_WEI),
    pace=Pace(seconds=2, told="10 calls/s"),
    origin=Origin(path="centers/acme", prune=True),
)
CJK: Final = "\U00020000" * 60


def page(plan: Plan, **more: Any) -> str:
    """Write a plan's comment."""
    return markdown(replace(plan_sheet(plan, mask=Mask(), here="/work"), **more))


def many(count: int, action: Action, *, label: str = "Agent", fields: tuple[FieldChange, ...] = ()) -> Plan:
    """Make a plan of many changes, none of which says less than another."""
    changes = tuple(
        Change(
            section="agents",
            name=f"a{number}",
            identity=f"{number}",
            action=action,
            label=f"{label}{number}",
            fields=fields,
            source=None if action is Action.DELETE else Source(file="agents.yaml", line=number + 1, column=3),
            risk=Risk.MEDIUM,
        )
        for number in range(count)
    )
    return replace(PLAN, changes=changes, unmanaged=tuple(f"agents/x{number}" for number in range(count)))


def test_the_first_line_is_how_a_pipeline_finds_it() -> None:
    """A comment of its own, the same for each page of a contact center, and safe whatever that is called."""
    assert "<!-- reconciler:acme -->" == page(PLAN).splitlines()[0]
    assert "<!-- reconciler:a---b-script- -->" == marker("a-->b<script>")
    assert re.fullmatch(r"<!-- reconciler:[A-Za-z0-9._-]{0,63} -->", marker("x" * 200))


def test_the_verdict_comes_first_then_what_matters_most() -> None:
    """The heading says what it is of; then risks, counts in changes and calls, deletions, and the other changes."""
    plan = replace(PLAN, unmanaged=("agents/10077",), notes=("One name is parked.",))
    lines = page(plan).splitlines()
    assert "### Plan for <code>acme</code> (<code>udesk</code>): Nothing to send." == lines[1]
    assert "**Risk:** **1 high**  " == lines[3]
    assert "**Changes:** 1 to change, 1 to delete, 1 unbound" == lines[4]
    order = ["#### Deletions: 1", "#### Queues: 1 to change", "Unmanaged: 1", "One name is parked"]
    assert [*order] == sorted(order, key=page(plan).index)


def test_a_change_names_its_line() -> None:
    """The link leads from where the command ran to the entry, whatever folder the configuration lies in."""
    row = "| change | <code>Sales (9001)</code> | <code>timeout 60 → 90</code> | low |"
    where = "[<code>centers/acme/queues&#46;yaml&#58;12</code>](centers/acme/queues.yaml#L12) |"
    assert f"{row} {where}" in page(PLAN)


def test_in_a_pipeline_links_lead_to_the_commit() -> None:
    """A comment is no page of the repository, so that the web address of the commit goes before the file."""
    github = {
        "GITHUB_SERVER_URL": "https://git.example",
        "GITHUB_REPOSITORY": "acme/center",
        "GITHUB_SHA": "0123456789abcdef",
        "GITHUB_WORKSPACE": "/home/runner/work/center",
    }
    gitlab = {"CI_PROJECT_URL": "https://git.example/acme/c", "CI_COMMIT_SHA": "0123456", "CI_PROJECT_DIR": "/builds/c"}
    at = home(github, "/home/runner/work/center/my deploy")
    assert "https://git.example/acme/center/blob/0123456789abcdef/my%20deploy/" == at
    assert "https://git.example/acme/c/-/blob/0123456/" == home(gitlab, "/builds/c")
    assert "" == home({}, "/work")
    assert "" == home(github, "/somewhere/else")
    assert "" == home({**github, "GITHUB_SERVER_URL": "javascript:alert(1)//"}, "/home/runner/work/center")
    assert f"]({at}centers/acme/queues.yaml#L12)" in page(PLAN, home=at)


def test_fields_are_folded_as_a_diff() -> None:
    """What a field was and what it becomes, with members that join and leave."""
    fields = (*SALES.fields, MemberChange(path="agents", add=("10031",), remove=("10032",)))
    written = page(replace(PLAN, changes=(replace(SALES, fields=fields),)))
    fold = "<details><summary>Fields, before and after</summary>\n\n```diff\n@@ Queues: change Sales (9001) @@\n"
    diff = "-    timeout: 60\n+    timeout: 90\n-    agents: 10032\n+    agents: 10031\n```\n\n</details>\n"
    assert f"{fold}{diff}" in written


def test_refusals_are_loud_and_say_what_lifts_them() -> None:
    """They stand before all else, with their objects and what to do."""
    refusal = Refusal(
        rule="max-deletes",
        message="7 agents would be deleted, and the limit is 5",
        objects=("agents/10031", "agents/10032"),
        remedy="--allow-deletes agents=7",
    )
    written = page(replace(PLAN, refusals=(refusal,)))
    assert "Refused: 1 rule against it; nothing of this plan will be applied." in written.splitlines()[1]
    row = "- **Refused** (<code>max-deletes</code>): 7 agents would be deleted, and the limit is 5<br>"
    assert row + "<code>agents/10031</code>, <code>agents/10032</code><br>**What lifts it:** " in written
    assert written.index("**What lifts it:**") < written.index("#### Deletions")


def test_the_command_can_be_copied() -> None:
    """It stands in a block of code of its own; a fence in it does not end the block."""
    command = "reconciler apply 'a ``` b' --prune"
    assert f"````sh\n{command}\n````" in page(PLAN, command=command)
    assert "````\na ``` b\n````\n" == fenced("a ``` b")
    assert "the options that `plan` was given" in page(PLAN, command="x" * 5_000)


def test_broken_ways_are_told_only_where_something_breaks() -> None:
    """What a plan newly breaks is told, with what it mends; what was broken before and stays so is not."""
    key = Node(address="fast_routers/1", role=Role.KEY, label="1", fault="leads to a queue where nobody answers")
    queue = Node(address="queues/sales", role=Role.QUEUE, label="Sales", identity="9001", fault="nobody answers")
    other = replace(queue, address="queues/old", label="Old")
    before, after = Routing(nodes=(queue, other)), Routing(nodes=(key, queue))
    broken = page(replace(PLAN, pictures=Pictures(before=before, after=after)))
    assert "- **Broken**: <code>1</code> (<code>fast&#95;routers/1</code>) leads to a queue" in broken
    assert "- Mended: <code>Old</code>" in broken
    assert "<code>Sales</code> (<code>queues/sales</code>)" not in broken
    assert "How callers" not in page(replace(PLAN, pictures=Pictures(before=after, after=Routing(nodes=(key,)))))


def test_causes_are_told_where_they_are_known() -> None:
    """With `--base` each change says whose it is, and the page how many of each there are."""
    changes = (replace(SALES, cause=Cause.YOURS), replace(LI_WEI, cause=Cause.DRIFT))
    written = page(replace(PLAN, changes=changes, base="main"))
    assert "**Causes:** 1 yours, 1 drift" in written
    assert "**Base:** <code>main</code>" in written
    assert "| risk | cause | where |" in written
    assert "| low | yours | [" in written
    assert "cause" not in page(PLAN)


def test_a_check_shows_what_is_wrong_and_where() -> None:
    """Errors first, with the line; nothing of a plan is there."""
    written = markdown(check_of("queues.yaml"))
    assert "#### Errors\n" in written
    assert "- <code>unknown-field</code> at [<code>queues&#46;yaml&#58;1</code>](queues.yaml#L1):" in written
    assert written.index("#### Errors") < written.index("#### Warnings")


def test_drift_shows_its_history_and_what_is_pending_apart() -> None:
    """Drift has its own words, since when it is there, and a fold for what is merely not applied yet."""
    about: Any = {"section": "queues", "identity": "1", "action": Action.UPDATE, "risk": Risk.LOW}
    items = (
        Item(address="queues/a", title="A", word="changed", status="still there", since="2026-01-02", **about),
        Item(address="queues/b", title="B", word="changed", pending=True, **about),
    )
    written = markdown(Sheet(subject=Subject.DRIFT, contact_center="acme", verdict="Drift.", items=items))
    assert "#### Queues: 1 changed" in written
    assert "| action | object | what | risk | status | since | where |" in written
    assert "| changed | <code>A</code> |  | low | still there | <code>2026-01-02</code> |  |" in written
    assert "<details><summary>Not applied yet: 1</summary>\n\n- <code>B</code>\n" in written


@pytest.mark.parametrize("action", [*Action])
@pytest.mark.parametrize("label", ["Agent", CJK, "|" * 60])
def test_a_large_plan_is_cut_between_rows(action: Action, label: str) -> None:
    """However much there is: at most 60,000 bytes, verdict and counts kept, every fold closed, the rest counted."""
    fields = (ValueChange(path="memo", before=label, after=label * 2),)
    written = page(many(1_500, action, label=label, fields=fields if action is not Action.DELETE else ()))
    size = len(written.encode())
    assert MOST // 2 < size <= MOST
    assert "**Risk:** **1,500 medium**" in written
    assert written.count("<details>") == written.count("</details>")
    assert written.count("```") % 2 == 0
    assert all(line.endswith("|") for line in written.splitlines() if line.startswith("|"))
    tail = written.splitlines()[-1]
    assert tail.startswith("**Left out here**")
    assert "--format html" in tail
    shown = len(re.findall(r"^(?:\| (?:create|change) |- agents )", written, re.MULTILINE))
    what = "deletions" if action is Action.DELETE else "changes of"
    assert f"{1_500 - shown:,} of 1,500 {what}" in tail


def test_one_giant_text_leaves_room_for_all_else() -> None:
    """A text of any length is cut, wherever it stands."""
    giant = "\U00020000|" * LONGEST
    plan = replace(
        PLAN,
        changes=(replace(SALES, label=giant, fields=(ValueChange(path="memo", before=giant, after=giant),)), LI_WEI),
        refusals=tuple(Refusal(rule=giant, message=giant, objects=(giant,) * 50, remedy=giant) for _ in range(50)),
        warnings=tuple(warning(giant, giant, place=Place(file=giant, line=1, column=1)) for _ in range(50)),
        notes=(giant,) * 50,
        origin=Origin(path=giant),
    )
    written = page(plan)
    assert len(written.encode()) <= MOST
    assert "#### Deletions: 1" in written
    assert "<code>10031</code>" in written
    assert "of 50 refusals" in written


def test_sections_share_the_room() -> None:
    """A section with very many changes leaves room for the others."""
    large = many(3_000, Action.UPDATE, fields=SALES.fields)
    written = page(replace(large, changes=(*large.changes, SALES)))
    assert "<code>Sales (9001)</code>" in written


def test_links_lead_nowhere_else() -> None:
    """A file outside of the repository, or none at all, is named and not linked."""
    assert "<code>&#46;&#46;/x&#46;yaml&#58;1</code>" == link(Source(file="../x.yaml", line=1, column=1))
    assert "<code>--set&#58;1</code>" == link(Source(file="--set", line=1, column=1))
    assert "[<code>a b&#46;yaml&#58;1</code>](a%20b.yaml#L1)" == link(Source(file="a b.yaml", line=1, column=1))
    assert "" == link(None)


def test_sentences_stay_readable() -> None:
    """Words stand bare, and only what could mean something is code, neighbours together."""
    assert "Only 2 agents stay." == sentence("Only 2 agents stay.")
    assert "It can't go: <code>&#64;all</code>".replace("<code>", "<code><wbr>") == sentence("It can't go: @all")
    assert "<code>queues/sales a&#95;b</code>, then" == sentence("queues/sales a_b, then")
    assert "" == sentence("")
    assert "<code>a…</code>" == code("abc", 2)


def test_the_same_sheet_gives_the_same_bytes() -> None:
    """Nothing but the sheet goes into it."""
    plan = many(50, Action.UPDATE, fields=SALES.fields)
    assert page(plan) == page(plan)


def test_nothing_to_do_is_short() -> None:
    """An empty plan is a heading."""
    written = page(replace(PLAN, changes=(), summary=Summary()))
    assert 3 >= len(written.splitlines())
    assert "No changes: the live tenant is as the files say." in written
