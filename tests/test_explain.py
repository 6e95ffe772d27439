"""`plan --explain`: why an object changes or not, why its calls stand where they stand, and what would be elsewhere."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings

from reconciler.diff import diff
from reconciler.model.call import Call, Fact
from reconciler.model.desired import Desired, Settings
from reconciler.model.explanation import Rule, Tie, listed
from reconciler.model.live import Live
from reconciler.plan.explain import Explainer
from reconciler.plan.ties import only_better, ties
from reconciler.providers.udesk import PROVIDER
from reconciler.report.saved import read_plan
from tests.commands import Commands, Done
from tests.laws.planned import possible
from tests.laws.udesk.vendor import cases
from tests.laws.vendor import Case

GOLDEN: Final = Path(__file__).parent / "golden"
HEAD: Final = """\
version: 1
contact_center: acme
provider:
  type: udesk
  base_url: https://acme.example.com
  app_id: a54a8b77-f12d-4ac9-742d-5b2bef5c4d11
  sid: ${env:UDESK_SID}
  auth_token: ${env:UDESK_AUTH_TOKEN}
"""


class Story:
    """A wish beside a saved live state, to be explained offline."""

    def __init__(self, command: Commands, folder: Path) -> None:
        self._command = command
        self._folder = folder

    def tell(self, name: str) -> Story:
        """Take over a golden story."""
        for path in (GOLDEN / name).iterdir():
            shutil.copy(path, self._folder / path.name)
        return self

    def write(self, body: str, **sections: Any) -> Story:
        """Write a wish and a live state of one's own."""
        (self._folder / "desired.yaml").write_text(HEAD + textwrap.dedent(body), encoding="utf-8")
        frame = json.loads((GOLDEN / "replaced-queue" / "live.json").read_text(encoding="utf-8"))
        frame["sections"] = {name: {} for name in frame["sections"]} | sections
        (self._folder / "live.json").write_text(json.dumps(frame), encoding="utf-8")
        return self

    def plan(self, *options: str) -> Done:
        """Plan, whatever comes of it."""
        path, live = str(self._folder / "desired.yaml"), str(self._folder / "live.json")
        return self._command("plan", path, "--live", live, *options)

    def explain(self, *addresses: str, options: tuple[str, ...] = ()) -> str:
        """Explain addresses; give what is said after the plan's sum."""
        done = self.plan(*(word for address in addresses for word in ("--explain", address)), *options)
        assert done.code in {0, 3}, done.err
        assert [] == [line for line in done.out.splitlines() if len(line) > 80]
        assert done.out.count(f"\n{addresses[0]}: ") == 1
        return done.out[done.out.index(f"\n{addresses[0]}: ") + 1 :]

    def document(self, *addresses: str) -> list[dict[str, Any]]:
        """Explain addresses, as JSON."""
        done = self.plan("--format", "json", *(word for address in addresses for word in ("--explain", address)))
        found: list[dict[str, Any]] = done.json["explanations"]
        return found


@pytest.fixture
def story(command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Give a story in a folder of its own."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "id-of-the-account")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "key-of-the-account")
    monkeypatch.chdir(tmp_path)
    return Story(command, Path())


def in_one_line(text: str) -> str:
    """Undo how a text was broken into lines."""
    return " ".join(text.split())


def test_the_answer_comes_first_and_then_the_calls(story: Story) -> None:
    """Why, how risky, where and what; then each call with its reasons and what would happen elsewhere."""
    assert """\
fast_routers/2: update key 2
  The files want it otherwise than it is.
  Risk medium: callers may notice a difference (queue).
  In the files: desired.yaml:25:3
    queue Support (9002) → Service (9003)
    description Support → Service

  c3  PUT /ccapi/v2/ivrs/fastrouters  key table: 2
    After c1: queue Service (9003) must be there first.
      Before c1 the vendor's model refuses it: 100018 Queue Blank.
    After c2: for callers' sake Li Wei (10031) and Wang Fang (10032) should
      answer Service (9003) first.
      Before c2, key 2 would lead to queue Service (9003), where nobody answers
      meanwhile.
    c4, c5 wait for it: for callers' sake key 2 should no longer lead to
      Support (9002) when nobody answers there.
    c6 waits for it: a queue that a key leads to can't be deleted, so key 2
      must let go of Support (9002) first.
""" == story.tell("replaced-queue").explain("fast_routers/2")


def test_a_deletion_names_the_rule_and_each_limit(story: Story) -> None:
    """Which rule makes it go; each limit by itself, tried with all else that it waits for out of the way."""
    text = in_one_line(story.tell("replaced-queue").explain("queues/9002"))
    assert "the files do not name it, and manage.queues.prune is true." in text
    assert "Before c3 the vendor's model refuses it: 100004 Queue has fast router, can't delete." in text
    assert "After c4, c5: a queue with agents can't be deleted, so Li Wei (10031) and Wang Fang (10032) must" in text
    assert "Before c4 the vendor's model refuses it: 100004 Queue has agent, can't delete." in text


def test_what_alone_makes_no_difference_is_tried_with_its_like(story: Story) -> None:
    """One agent may leave early unharmed; that all may, in any order, would leave callers with nobody."""
    text = in_one_line(story.tell("replaced-queue").explain("agents/li.wei"))
    assert "Before c3, with c5, key 2 would lead to queue Support (9002), where nobody answers meanwhile." in text


def test_a_full_tenant_is_why_the_old_goes_first(story: Story) -> None:
    """At 100 of 100 queues a creation waits for a deletion, and the vendor's model refuses it before."""
    story.tell("hundred-queues")
    text = in_one_line(story.explain("queues/winter"))
    assert "the tenant has 100 of 100 queues, so queue Spare (9099) must go first. Before c1 the vendor's" in text
    (spare,) = story.document("queues/9099")
    (call,) = spare["calls"]
    assert [] == call["waits"]
    (follower,) = call["followers"]
    assert ["clears"] == follower["rules"]
    assert "refused" == follower["elsewhere"]["effect"]


def test_two_extensions_at_most_and_what_gives_way(story: Story) -> None:
    """A swap: an extension is on one agent only, so one of them must do without, which is said."""
    story.tell("swap-extensions")
    wang = in_one_line(story.explain("agents/wang.fang"))
    assert "an extension is on one agent only, so Wang Fang (10032) must let go of extension 8002 first" in wang
    assert "What gives way: for callers' sake Wang Fang (10032) should have extension 8001 first, but c4" in wang
    li = in_one_line(story.explain("agents/li.wei"))
    assert "Before c2, agent Li Wei (10031) would have no extensions meanwhile." in li


def test_a_recording_under_its_old_name(story: Story) -> None:
    """A file goes only when no prompt plays it, and a name is there only once."""
    text = in_one_line(story.tell("new-recording").explain("voice_files/welcome.wav"))
    assert "a file that a prompt plays is never deleted, so the prompt welcome must let go of welcome.wav first" in text
    assert "a file name is there only once, so the old voice file welcome.wav must go first" in text
    assert "Before c2 the vendor's model refuses it: 100004 Duplicate entry" in text
    assert "(content)" in text


def test_all_that_is_said_of_an_agent_who_leaves(story: Story) -> None:
    """An extension goes because nobody has it any more; both go in one call."""
    text = in_one_line(story.tell("agent-leaves").explain("extensions/8002"))
    assert "agent Wang Fang (10032) gives it up and nobody else has it; manage.extensions.prune is true." in text
    assert "It also serves agents/10032." in text


LIVE: Final[dict[str, Any]] = {
    "extensions": {"8001": {"number": "8001"}},
    "queues": {
        "9001": {"id": "9001", "name": "Sales", "strategy": "longest_idle", "timeout": 60, "max_length": 128},
        "9002": {"id": "9002", "name": "Support", "strategy": "longest_idle", "timeout": 60, "max_length": 128},
    },
    "agents": {
        "10031": {
            "id": "10031",
            "work_id": "1",
            "name": "Li Wei",
            "extensions": ["8001"],
            "queues": ["9001", "9002"],
        },
    },
}


@pytest.mark.parametrize(
    ("body", "address", "reason"),
    [
        ("queues: {sales: {id: '9001', name: Sales}}", "queues/sales", "It is as the files want it."),
        ("queues: {sales: {id: '9001', name: Sales}}", "queues/9001", "It is as the files want it."),
        (
            "queues: {sales: {id: '9001', name: Sales}}",
            "queues/9002",
            "It is unmanaged: live, and not named by the files, so it stays as it is.",
        ),
        (
            "manage: {queues: {prune: true, ignore: ['name:Sup*']}}\nqueues: {sales: {id: '9001'}}",
            "queues/9002",
            "manage.queues.ignore hides it, so it is neither compared nor changed.",
        ),
        (
            "queues: {sales: {id: '9001'}}",
            "agents/10031",
            "The files do not have the section agents, so nothing in it is managed.",
        ),
        (
            """\
            manage: {agents: {additive: [queues], ignore_fields: [email]}}
            queues: {sales: {id: '9001'}}
            agents: {li.wei: {id: '10031', queues: [sales]}}
            """,
            "agents/li.wei",
            """\
            It is as the files want it. manage.agents.ignore_fields: email not compared. manage.agents.additive lets
            it keep these queues: Support (9002).
            """,
        ),
        (
            "manage: {extensions: {prune: true}}\nextensions: []",
            "extensions/8001",
            "It is live, and it stays because agent Li Wei (10031) has it.",
        ),
        (
            "default_voices: {welcome: default}",
            "default_voices/hold",
            "The files do not name it, so it stays as it is.",
        ),
    ],
)
def test_why_nothing_changes(story: Story, body: str, address: str, reason: str) -> None:
    """An address that stays as it is ends with 0, and the reason is given."""
    voices = {name: {"name": name, "wav": "", "tts": ""} for name in ("welcome", "hold")}
    text = story.write(body, **LIVE, default_voices=voices).plan("--explain", address)
    assert 0 == text.code, text.err
    assert f"this plan does not change it {in_one_line(reason)}" in in_one_line(text.out)


KEYS: Final[dict[str, Any]] = {
    "1": {"digit": "1", "queue": "9001", "description": "x"},
    "2": {"digit": "2", "queue": "9002", "description": "x"},
}


def test_who_is_left_alone_is_told_though_nothing_else_changes(story: Story) -> None:
    """What the plan warns of is part of the answer for the queue, its key, and what is turned to it."""
    body = """\
    queues: {sales: {id: '9001', name: Sales}}
    agents: {li.wei: {id: '10031', queues: ['9001']}}
    """
    body = """\
    queues: {sales: {id: '9001', name: Sales}, support: {id: '9002', name: Support}}
    agents: {li.wei: {id: '10031', queues: [sales]}}
    fast_routers: {"1": {queue: support, description: x}, "2": {queue: support, description: x}}
    """
    story.write(body, **LIVE, fast_routers=KEYS)
    queue = in_one_line(story.explain("queues/support"))
    assert (
        "It is as the files want it. It will have nobody who answers, since agent Li Wei (10031) leaves it; " in queue
    )
    assert "key 1 and key 2 lead callers here. Key 1 will lead callers here, where nobody answers." in queue
    key = in_one_line(story.explain("fast_routers/2"))
    assert "It leads callers to queue Support (9002), which will have nobody who answers." in key
    turned = in_one_line(story.explain("fast_routers/1"))
    assert "since nobody answers where it leads." in turned
    assert "It leads callers" not in turned
    assert "nobody" not in in_one_line(story.explain("queues/sales"))


def test_a_long_name_is_shortened_and_its_id_is_whole(story: Story) -> None:
    """The same short form everywhere, also of what fills two columns or must be escaped, and in several at once."""
    names = {"9001": "\u9500\u552e\u90e8" * 40, "9002": "a\u200b" * 60}
    queues = {queue: {**fields, "name": names[queue]} for queue, fields in LIVE["queues"].items()}
    agents = {"10031": {**LIVE["agents"]["10031"], "name": "Wang " * 50, "queues": ["9001"]}}
    body = """\
    manage: {queues: {prune: true}}
    queues: {"9002": {timeout: 60}}
    agents: {"10031": {queues: ["9002"]}}
    fast_routers: {"1": {queue: "9002", description: x}}
    """
    story.write(body, **{**LIVE, "queues": queues, "agents": agents}, fast_routers={"1": KEYS["1"]})
    text = story.explain("agents/10031", "fast_routers/1", "queues/9001")
    whole = in_one_line(text)
    assert "\u9500\u552e\u90e8" * 4 + "\u2026 (9001)" in whole
    assert "Wang Wang Wang Wang Wan… (10031)" in whole
    assert [] == re.findall(r"\(\d+(?:\u2026|$)", whole)
    assert "\u9500\u552e\u90e8" * 5 not in whole


def test_what_target_leaves_out(story: Story) -> None:
    """It differs, and the plan is of something else."""
    story.write("queues: {a: {id: '9001', name: A}, b: {id: '9002', name: B}}", **LIVE)
    text = story.explain("queues/b", options=("--target", "queues/a"))
    assert "It differs, and --target leaves it out" in text


def test_what_an_agent_names_is_wanted_for_the_agent(story: Story) -> None:
    """An extension that no entry of its own wants says who does; `--prune` says that it was asked for."""
    story.write("agents: {li.wei: {id: '10031', extensions: ['8005'], queues: []}}\nqueues: {}", **LIVE)
    text = in_one_line(story.explain("extensions/8005", "queues/9002", options=("--prune",)))
    assert "It is wanted because agents/li.wei names it; it is not there." in text
    assert "It is live, the files do not name it, and --prune is given." in text


def test_a_refused_plan_says_so(story: Story) -> None:
    """What stands against the plan because of the object is part of the answer."""
    story.write("manage: {queues: {prune: true, protect: ['9002']}}\nqueues: {sales: {id: '9001'}}", **LIVE)
    done = story.plan("--explain", "queues/9002")
    assert 3 == done.code
    assert "The plan is refused (protected): queues/9002 would be deleted" in in_one_line(done.out)


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("queues/salse", "Did you mean queues/sales?"),
        ("queue/sales", "Did you mean queues/sales"),
        ("nothing", "An address is SECTION/NAME"),
        ("", "An address is SECTION/NAME"),
        ("/", "An address is SECTION/NAME"),
        ("queues/", "queues/"),
    ],
)
def test_an_address_that_is_nowhere_is_1(story: Story, address: str, remedy: str) -> None:
    """Nothing is printed or saved, and the nearest known names are."""
    done = story.write("queues: {sales: {id: '9001'}}", **LIVE).plan("--explain", address, "--out", "plan.json")
    assert (1, "") == (done.code, done.out)
    assert f"--explain {address}: there is no such address" in done.err
    assert remedy in done.err
    assert not Path("plan.json").exists()


def test_json_holds_explanations_only_when_asked(story: Story) -> None:
    """They come on top of the same document, which can still be applied; a saved plan has none."""
    story.tell("replaced-queue")
    plain = story.plan("--format", "json").json
    done = story.plan("--format", "json", "--explain", "queues/9002", "--out", "plan.json")
    explained = done.json
    assert "explanations" not in json.loads(Path("plan.json").read_text(encoding="utf-8"))
    (found,) = explained.pop("explanations")
    assert json.dumps(plain) == json.dumps(explained)
    assert ("queues/9002", True) == (found["address"], found["changes"])
    assert plain["calls"] == list(read_plan(done.out).calls)


def test_an_address_is_explained_once(story: Story) -> None:
    """By local name and by identity it is the same object; several addresses come in the order asked."""
    story.tell("replaced-queue")
    found = story.document("queues/service", "queues/9002", "queues/9003", "queues/service")
    assert ["queues/service", "queues/9002"] == [item["address"] for item in found]


STORIES: Final = tuple(
    sorted(path.parent.name for path in GOLDEN.glob("*/plan.json") if (path.parent / "desired.yaml").exists())
)


@pytest.mark.parametrize("name", STORIES)
def test_every_call_of_every_story_is_explained(story: Story, name: str) -> None:
    """Each need has a reason in words of its own, and no hard one could be dropped: the vendor's model says no."""
    story.tell(name)
    planned = story.plan("--format", "json").json
    addresses = [change["address"] for change in planned["changes"]]
    needs = {call["id"]: set(call["needs"]) for call in planned["calls"]}
    for found in story.document(*addresses) if addresses else ():
        for call in found["calls"]:
            told = [other for wait in call["waits"] for other in wait["others"]]
            assert sorted(needs[call["id"]]) == sorted(told)
            for wait in call["waits"]:
                assert wait["rules"], f"{name}: {call['id']} has a need that its facts do not explain"
                assert '"' not in wait["why"], f"a fact without words: {wait['why']}"
                hard = wait["rules"] != ["prefers"]
                allowed = {"refused", "astray"} if hard else {"noticed", "fewer"}
                if not hard and ("should have extension" in wait["why"] or "prompts" in wait["why"]):
                    allowed.add("harmless")  # others may answer, and which prompt is whose the model can't tell
                if not hard and "must have let go of" in wait["why"]:
                    allowed.add("harmless")  # a telephone's person: open readings of Tencent's pages refuse it else
                assert wait["elsewhere"]["effect"] in allowed, f"{name}: {call['id']} {wait}"


@settings(max_examples=60)
@given(cases())
def test_whatever_the_plan_it_is_explained(case: Case) -> None:
    """Every address there is has an answer; every need of every call a reason, the facts' own, and a trial."""
    made = possible(case)
    found = diff(case.desired, case.live, PROVIDER.kinds)
    explainer = Explainer(plan=made, differences=found, desired=case.desired, live=case.live, provider=PROVIDER)
    for entries in case.desired.sections.values():
        assert all(explainer.explain(entry.address) for entry in entries.values())
    for section, items in case.live.sections.items():
        assert all(explainer.explain(f"{section}/{identity}") for identity in items)
    for change in made.changes:
        explained = explainer.explain(change.address)
        assert explained is not None
        assert change is explained.change
        for step in explained.steps:
            assert sorted(step.call.needs) == sorted(other for wait in step.waits for other in wait.others)
            assert all(wait.rules and wait.text and wait.trial for wait in step.waits)


QUEUE: Final = ("queue", "9001")


def pairs() -> Iterator[tuple[Rule, Call, Call]]:
    """Make, for each rule, a call that waits for another by it."""
    fact = frozenset({QUEUE})
    yield Rule.NEEDS, Call("POST", "/a", requires=fact), Call("POST", "/b", gives=fact)
    yield Rule.CLEARS, Call("POST", "/a", forbids=fact), Call("POST", "/b", takes=fact)
    yield Rule.USED, Call("POST", "/a", takes=fact), Call("POST", "/b", requires=fact)
    yield Rule.BEFORE, Call("POST", "/a", gives=fact), Call("POST", "/b", forbids=fact)
    yield Rule.PREFERS, Call("POST", "/a", prefers=fact), Call("POST", "/b", gives=fact)


@pytest.mark.parametrize(("rule", "call", "other"), list(pairs()))
def test_the_reason_is_read_off_the_facts(rule: Rule, call: Call, other: Call) -> None:
    """Each of the five rules is found from what the calls state, and only the last is a matter of taste."""
    (tie,) = ties(call, other)
    assert (rule, (QUEUE,)) == (tie.rule, tie.facts)
    assert (rule is Rule.PREFERS) == only_better(call, other)
    assert () == ties(call, Call("POST", "/c"))


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize(
    "fact",
    [
        ("queue", "9001"),
        ("agent", "10031"),
        ("extension", "8001"),
        ("file", "a.wav"),
        ("file", "a.wav", "new"),
        ("serves", "10031", "9001"),
        ("holds", "10031", "8001"),
        ("key", "1", "9001"),
        ("key left", "1", "9001"),
        ("plays", "hold", "a.wav"),
        ("voices parked",),
        ("something new", "x"),
        ("queue",),
        ("serves", "10031"),
        ("",),
    ],
)
def test_every_fact_has_words(rule: Rule, fact: Fact) -> None:
    """Known or not, alone or not, a fact is told in one clause that names what it is about."""
    others = (Call("POST", "/b", id="c1"), Call("POST", "/b", id="c2"))
    tie = Tie(rule=rule, facts=(fact,), call=Call("POST", "/a", id="c3"), others=others)
    nobody = Desired(contact_center="a", settings=Settings(type="udesk"), sections={})
    words = PROVIDER.describe(tie, nobody, Live({}))
    assert words
    assert not words.endswith(".")
    if len(fact) > 1:
        assert all(part in words for part in fact[1:2])
    if rule is Rule.USED and fact[0] != "voices parked":
        assert "c1 and c2 still" in words


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
    ],
)
def test_lists_read_well(items: list[str], text: str) -> None:
    """Few are all named, of many the first three."""
    assert text == listed(items)
