"""Back to what a run found: what goes back, what is left alone, and what can't be restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.history import Attempt, Ending, Image, Run, RunState, Settled
from reconciler.model.live import Live
from reconciler.model.secret import Mask
from reconciler.pipeline.images import images
from reconciler.pipeline.rolling_back import find_files
from reconciler.providers.udesk import PROVIDER
from reconciler.rollback import Back, way_back
from tests.commands import Commands, by_hand, configure, head
from tests.laws.planned import make
from tests.laws.udesk.tenants import desired_of, live_of, wish_of
from tests.servers import Simulator, simulator

BEFORE: Mapping[str, Any] = {
    "application": {"": {"name": "A"}},
    "queues": {"9001": {"name": "Sales", "timeout": 60}, "9002": {"name": "Old"}},
    "agents": {
        "11": {"work_id": "w1", "name": "Li", "extensions": ["8001"], "queues": ["9001", "9002"]},
        "12": {"work_id": "w2", "name": "Bo", "extensions": ["8002"], "queues": ["9002"]},
    },
    "voice_files": {"a.wav": {"digest": "0" * 16}, "b.wav": {"digest": "1" * 16}},
    "default_voices": {"welcome": {"wav": "a.wav"}, "hold": {"tts": "wait"}},
    "fast_routers": {"1": {"queue": "9002", "description": "x"}},
}
NOTHING: Mapping[str, Any] = {"application": {"": {"name": "A"}}}


def changed(tenant: Mapping[str, Any], section: str, identity: str, **fields: Any) -> dict[str, Any]:
    """Give a tenant with one object made or changed."""
    items = dict(tenant.get(section, {}))
    items[identity] = {**items.get(identity, {}), **fields}
    return {**tenant, section: items}


def without(tenant: Mapping[str, Any], section: str, identity: str) -> dict[str, Any]:
    """Give a tenant without one object."""
    return {**tenant, section: {key: item for key, item in tenant[section].items() if key != identity}}


def wished(tenant: Mapping[str, Any], **more: Any) -> Desired:
    """Wish for a whole tenant, as files would."""
    return desired_of(wish_of(live_of(tenant)), **more)


def recorded(before: Mapping[str, Any], after: Mapping[str, Any], *, ending: Ending = Ending.DONE) -> Run:
    """Give the record of a run that led from one tenant to another, or was to."""
    live = live_of(before)
    made = make(wished(after), live, PROVIDER)
    assert () == made.refusals
    return Run(
        id="r1", tenant="t", contact_center="acme", provider="udesk", command="apply", started=0.0,
        images=images(made, live), attempts=tuple(Attempt(call=call, number=1, ending=ending) for call in made.calls),
    )  # fmt: skip


def back(run: Run, now: Mapping[str, Any], desired: Desired | None = None, **found: Any) -> tuple[Back, list[str]]:
    """Plan the way back from a tenant; give it, and its changes in a few words."""
    live = live_of(now)
    found_back = way_back(run, desired or wished(now), live, PROVIDER.kinds, **found)
    made = make(found_back.desired, live, PROVIDER)
    assert () == made.refusals
    return found_back, [f"{change.action.value} {change.address}" for change in made.changes]


def said(found: Back) -> list[str]:
    """List what the way back has to say."""
    return [problem.summary for problem in found.warnings]


# What goes back.


def test_a_field_goes_back_to_what_it_was() -> None:
    """What the run changed, and only that."""
    after = changed(BEFORE, "queues", "9001", timeout=90)
    found, changes = back(recorded(BEFORE, after), after)
    assert ["update queues/9001"] == changes
    assert 60 == found.desired.of("queues")["9001"].resource.__dict__["timeout"]
    assert [] == said(found)


def test_of_a_list_only_what_the_run_did_goes_back() -> None:
    """Who was added by others since stays, and who was taken away stays away."""
    after = changed(BEFORE, "agents", "11", queues=["9001"])
    after = changed(after, "queues", "9003", name="New")
    now = changed(after, "agents", "11", queues=["9003"])  # by hand: one more, one less
    found, changes = back(recorded(BEFORE, after), changed(now, "agents", "12", queues=["9002", "9003"]))
    assert ["update agents/11"] == changes
    assert ("9002", "9003") == found.desired.of("agents")["11"].resource.__dict__["queues"]
    assert ["queues/9003 stays: agents/11, agents/12 name it since"] == said(found)


def test_what_was_made_goes_and_what_was_deleted_comes_back() -> None:
    """With all that is known of it, and bound to whom it was bound to."""
    after = changed(without(BEFORE, "agents", "12"), "queues", "9003", name="New")
    found, changes = back(recorded(BEFORE, after), after)
    assert ["delete queues/9003", "create extensions/8002", "create agents/12"] == changes
    assert "Bo" == found.desired.of("agents")["12"].resource.__dict__["name"]
    assert ("extension 8002 is made again with a new password; its old one can't be restored.",) == found.notes


def test_what_a_run_left_half_made_is_nobody_else_s_doing() -> None:
    """Where the run failed to bind what it made, nobody changed that since; after a complete run somebody did."""
    after = changed(BEFORE, "agents", "13", work_id="w3", name="Jo", queues=["9001"], email="a@b")
    now = changed(after, "agents", "13", queues=[])
    run = recorded(BEFORE, after)
    for state, expected in (
        (RunState.INCOMPLETE, []),
        (RunState.CUT, []),
        (RunState.COMPLETE, ["agents/13: it goes, though its queues are not what the run made of it"]),
    ):
        found, changes = back(replace(run, state=state), now)
        assert (["delete agents/13"], expected) == (changes, said(found))
    found, _ = back(replace(run, state=RunState.INCOMPLETE), changed(now, "agents", "13", queues=["9002"], name="Al"))
    assert ["agents/13: it goes, though its name and queues are not what the run made of it"] == said(found)


def test_an_extension_that_the_system_made_for_an_agent_goes_with_it() -> None:
    """The record says whose password was given; one that it does not know stays, and that is said."""
    now = changed(BEFORE, "agents", "13", work_id="w3", extensions=["8009"])
    wish = dict(wish_of(live_of(BEFORE))) | {}
    wish["agents"] = {**wish["agents"], "13": {"work_id": "w3", "extensions": "auto"}}
    made = make(desired_of(wish), live_of(BEFORE), PROVIDER)
    attempts = tuple(Attempt(call=call, number=1, ending=Ending.DONE) for call in made.calls)
    run = replace(recorded(BEFORE, BEFORE), images=images(made), attempts=attempts)

    found, changes = back(run, now)
    assert ["delete agents/13"] == changes
    assert [
        "agents/13 can't be restored: its extensions/8009 stays, as the record does not say that the run made it"
    ] == (said(found))
    known = replace(run, attempts=(replace(attempts[0], places={"8009": "a file"}),))
    found, changes = back(known, now)
    assert ["delete extensions/8009", "delete agents/13"] == changes
    assert [] == said(found)


def test_what_a_run_did_not_do_is_not_taken_back() -> None:
    """Calls that were never sent, or surely did not happen, have no way back, whoever made it so since."""
    after = changed(BEFORE, "queues", "9001", timeout=90)
    for ending in (Ending.UNSENT, Ending.REFUSED):
        _, changes = back(recorded(BEFORE, after, ending=ending), after)
        assert [] == changes
    run = recorded(BEFORE, after, ending=Ending.LOST)
    assert ["update queues/9001"] == back(run, after)[1]
    settled = replace(run, attempts=tuple(replace(item, settled=Settled.NOT_DONE) for item in run.attempts))
    assert [] == back(settled, after)[1]


def test_what_was_there_before_the_run_stays() -> None:
    """An extension that the vendor had already was not made by the run."""
    after = changed(BEFORE, "extensions", "8005")
    found, changes = back(recorded(BEFORE, after, ending=Ending.ALREADY), after)
    assert [] == changes
    assert ["extensions/8005 can't be restored: the vendor said that it was there before the run, so it stays"] == said(
        found
    )


def test_the_files_may_still_ask_for_what_goes() -> None:
    """The way back says whether the next apply would do it again."""
    after = changed(BEFORE, "queues", "9001", timeout=90)
    run = recorded(BEFORE, after)
    assert back(run, after, wished(after))[0].still_asked
    assert not back(run, after, wished(BEFORE))[0].still_asked


# What was changed since.


def test_a_field_that_somebody_changed_since_is_left() -> None:
    """Neither what was before nor what the run made of it: that is somebody's own."""
    after = changed(BEFORE, "queues", "9001", timeout=90, name="Verkauf")
    found, changes = back(recorded(BEFORE, after), changed(after, "queues", "9001", timeout=120))
    assert ["update queues/9001"] == changes
    assert frozenset({"name"}) == found.desired.of("queues")["9001"].written
    (told,) = said(found)
    assert told.startswith("queues/9001: timeout is left as it is, since somebody changed it: it was 60, the run made")


def test_what_somebody_made_again_is_left() -> None:
    """An object that the run deleted and that is there with other fields is somebody's own."""
    after = without(BEFORE, "agents", "12")
    now = changed(after, "agents", "12", work_id="w2", name="Cy")
    found, changes = back(recorded(BEFORE, after), now)
    assert ["create extensions/8002"] == changes
    assert ["agents/12: it is there again, with another name and extensions and queues, and is left as it is"] == [
        text for text in said(found) if text.startswith("agents")
    ]


def test_what_somebody_deleted_since_stays_away() -> None:
    """It is not made again for the sake of a field."""
    after = changed(BEFORE, "agents", "12", name="Cy")
    found, changes = back(recorded(BEFORE, after), without(after, "agents", "12"))
    assert [] == changes
    assert ["agents/12: it is gone since, and stays so"] == said(found)


def test_an_extension_that_another_has_since_stays_there() -> None:
    """Nobody is to share a telephone."""
    after = changed(BEFORE, "agents", "12", extensions=[])
    now = changed(after, "agents", "11", extensions=["8001", "8002"])
    found, changes = back(recorded(BEFORE, after), now)
    assert [] == changes
    assert ["agents/12: 8002 among its extensions can't be restored: agents/11 has it since"] == said(found)


def test_a_list_that_would_be_too_long_is_left() -> None:
    """Two extensions are the most; what was added since has the place."""
    after = changed(BEFORE, "agents", "12", extensions=[])
    now = changed(after, "agents", "12", extensions=["8003", "8004"])
    found, changes = back(recorded(BEFORE, after), now)
    assert ["create extensions/8002"] == changes
    assert [
        "agents/12: extensions can't be restored: 8002, 8003, 8004 would be too many: some were added since"
    ] == said(found)


def test_a_prompt_goes_back_as_one_thing() -> None:
    """A prompt is a file or a text; where one of them was changed since, none is set."""
    after = changed(BEFORE, "default_voices", "welcome", wav="", tts="hello")
    found, changes = back(recorded(BEFORE, after), changed(after, "default_voices", "welcome", tts="hi"))
    assert [] == changes
    assert 1 == len(said(found))


def test_a_key_is_not_led_to_a_queue_that_is_gone() -> None:
    """What it named must be there; the rest goes back."""
    after = changed(BEFORE, "fast_routers", "1", queue="9001", description="y")
    now = without(after, "queues", "9002")
    now = changed(changed(now, "agents", "11", queues=["9001"]), "agents", "12", queues=[])
    found, changes = back(recorded(BEFORE, after), now)
    assert ["update fast_routers/1"] == changes
    assert ["fast_routers/1: queue can't be restored: queues/9002 is not there any more"] == said(found)


# What can't be restored.


def test_a_file_comes_back_only_where_its_content_is_found() -> None:
    """Content is not kept. A prompt that played a file which can't come back is left as it is, too."""
    after = without(changed(BEFORE, "default_voices", "welcome", wav="b.wav"), "voice_files", "a.wav")
    run = recorded(BEFORE, after)
    found, changes = back(run, after)
    assert [] == changes
    voice, file = said(found)
    assert "default_voices/welcome can't be restored: voice_files/a.wav is not there any more" == voice
    assert file.startswith("voice_files/a.wav can't be restored: its content is not kept, and no file")
    found, changes = back(run, after, files={"0" * 16: "prompts/old.wav"})
    assert ["create voice_files/a.wav", "update default_voices/welcome"] == changes
    assert "prompts/old.wav" == found.desired.of("voice_files")["a.wav"].resource.__dict__["path"]


def test_new_content_goes_back_only_where_the_old_is_found() -> None:
    """The prompt that plays the file is wished for again, so that a rollback which is cut can be carried on."""
    after = changed(BEFORE, "voice_files", "a.wav", digest="2" * 16)
    run = recorded(BEFORE, after)
    found, changes = back(run, after)
    assert [] == changes
    assert 1 == len(said(found))
    assert ["update voice_files/a.wav"] == back(run, after, files={"0" * 16: "old.wav"})[1]


def test_webhook_events_go_back_where_they_are_remembered() -> None:
    """They can't be read; the first that were ever set have nothing before them."""
    one, two = ({**NOTHING, "webhook_events": {"": {"call": events}}} for events in (["begin"], ["begin", "end"]))
    assert ["update webhook_events"] == back(recorded(one, two), two)[1]
    found, changes = back(recorded(NOTHING, two), two)
    assert [] == changes
    assert "webhook_events: call can't be restored: nobody knows what it was before the run" in said(found)


def test_a_secret_is_not_restored_from_its_mask() -> None:
    """A record holds no secrets, and a mask is no value."""
    one, two = (
        {"application": {"": {"name": "A", "callback_url": f"https://x/?key={key}"}}} for key in ("old", "k3y!")
    )
    run = recorded(one, two)
    mask = Mask.of(["k3y!", "https://x/?key=old"])
    kept = replace(
        run,
        images=tuple(
            replace(image, before=mask.tree(dict(image.before or {})), after=mask.tree(dict(image.after or {})))
            for image in run.images
        ),
    )
    found, changes = back(kept, two, replace(wished(two), mask=mask))
    assert [] == changes
    assert ["application: callback_url can't be restored: it held a secret, which is not kept"] == said(found)


def test_what_the_files_hide_is_left() -> None:
    """`ignore` and `ignore_fields` hold for the way back as well."""
    after = changed(BEFORE, "queues", "9001", timeout=90)
    run = recorded(BEFORE, after)
    hidden = wished(after, manage={"queues": {"ignore": ["name:Sal*"]}})
    assert [] == back(run, after, hidden)[1]
    uncompared = wished(after, manage={"queues": {"ignore_fields": ["timeout"]}})
    found, changes = back(run, after, uncompared)
    assert [] == changes
    assert ["queues/9001: timeout can't be restored: it stands in manage.queues.ignore_fields"] == said(found)


def test_a_record_of_another_version_ends_in_words() -> None:
    """Sections, actions and fields that are not known are said, and the rest goes back."""
    after = changed(BEFORE, "queues", "9001", timeout=90)
    run = recorded(BEFORE, after)
    call = Call("PUT", "/x", changes=("robots/r2", "queues/odd", "queues/9001"))
    odd = (
        Image(address="robots/r2", section="robots", identity="r2", action="update", fields=("arm",)),
        Image(address="queues/odd", section="queues", identity="9002", action="paint"),
        replace(run.images[0], fields=("timeout", "colour"), before={**(run.images[0].before or {}), "colour": "red"}),
    )
    found, changes = back(replace(run, images=odd, attempts=(Attempt(call=call, number=1, ending=Ending.DONE),)), after)
    assert ["update queues/9001"] == changes
    assert 3 == len(said(found))


def test_contents_are_found_below_the_folder_by_their_digests(tmp_path: Path) -> None:
    """Hidden folders and links are left out."""
    (tmp_path / "prompts").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "prompts" / "a.wav").write_bytes(b"one")
    (tmp_path / ".git" / "b.wav").write_bytes(b"two")
    one, two = (sha256(content).hexdigest()[:16] for content in (b"one", b"two"))
    assert {one: "prompts/a.wav"} == find_files(tmp_path, {one, two})
    assert {} == find_files(tmp_path / "missing", {one})


# By the command line.

FIRST = """\
queues:
  sales: {id: "9001", name: Sales, timeout: 60}
  old: {id: "9002", name: Old}
agents:
  li.wei: {id: "10031", work_id: "22024", name: Li Wei, extensions: ["8001"], queues: [sales, old]}
  bo: {id: "10032", work_id: "22025", name: Bo, extensions: ["8002"], queues: [old]}
fast_routers: {"1": {queue: old, description: x}}
subscriptions: {s1: {callback: "https://a.example/x", events: [user_ringing]}}
webhook_events: {call: [begin]}
"""
SECOND = """\
manage: {queues: {prune: true}, agents: {prune: true}, extensions: {prune: true}, subscriptions: {prune: true}}
queues:
  sales: {id: "9001", name: Verkauf, timeout: 90}
  new: {id: "9003", name: New}
agents:
  li.wei: {id: "10031", work_id: "22024", name: Li Wei, extensions: ["8003"], queues: [sales, new]}
  cy: {id: "10033", work_id: "22026", name: Cy, extensions: auto, queues: [new]}
fast_routers: {"1": {queue: new, description: x}, "2": {queue: sales, description: y}}
subscriptions: {s2: {callback: "https://b.example/x", events: [user_ringing]}}
webhook_events: {call: [begin, end]}
"""


@pytest.fixture
def commands(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Run commands here."""
    return Commands(capsys, monkeypatch)


@pytest.fixture
def running() -> Iterator[Simulator]:
    """Run a tenant."""
    with simulator() as found:
        yield found


def applied(commands: Commands, path: str, running: Simulator, body: str) -> str:
    """Apply a configuration; give the run's id."""
    configure(Path(path), running, body)
    run: str = commands.ok("apply", path, "--yes", "--format", "json").json["run"]
    return run


def state(running: Simulator) -> Any:
    """Give a tenant's sections, without the ids that it gives by itself."""
    sections = running.state()["sections"]
    for item in sections["subscriptions"].values():
        item["number"] = ""
    return sections


def test_a_rollback_is_planned_carried_out_verified_and_recorded(
    commands: Commands, running: Simulator, tmp_path: Path
) -> None:
    """All is as it was before the run; `drift` finds nobody's hand in it, and a second rollback has nothing to do."""
    path = str(tmp_path / "acme.yaml")
    applied(commands, path, running, FIRST)
    before = state(running)
    run = applied(commands, path, running, SECOND)
    after = state(running)

    shown = commands("rollback", run[:6], "--config", path)
    assert (0, after) == (shown.code, state(running))
    assert "--yes carries it out" in shown.err
    assert "extensions 8001, 8002 are made again, each with a new password" in " ".join(shown.out.split())
    assert f"The files still ask for what run {run} did" in " ".join(shown.out.split())
    assert 2 == commands("rollback", run, "--config", path, "--detailed-exitcode").code

    done = commands.ok("rollback", run, "--config", path, "--yes", "--format", "json").json
    assert before == state(running)
    assert "rollback" == commands.ok("history", "show", done["run"], path, "--format", "json").json["command"]
    drift = commands.ok("drift", path, "--format", "json").json
    assert [] == drift["drift"]

    again = commands.ok("rollback", run, "--config", path, "--format", "json").json
    assert ([], []) == (again["changes"], again["calls"])
    assert 2 == commands("plan", path, "--detailed-exitcode").code


def test_last_is_the_last_run_that_wrote(
    commands: Commands, running: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is in the current folder, the configuration where it was; a rollback can itself be rolled back."""
    path = str(tmp_path / "acme.yaml")
    applied(commands, path, running, FIRST)
    applied(commands, path, running, FIRST.replace("timeout: 60", "timeout: 90"))
    monkeypatch.chdir(tmp_path)
    for timeout in (60, 90):
        commands.ok("rollback", "last", "--yes")
        assert timeout == state(running)["queues"]["9001"]["timeout"]


def test_what_was_changed_since_is_left_and_said(commands: Commands, running: Simulator, tmp_path: Path) -> None:
    """A hand's change since the run is neither taken back nor passed over in silence."""
    path = str(tmp_path / "acme.yaml")
    applied(commands, path, running, FIRST)
    run = applied(commands, path, running, FIRST.replace("timeout: 60", "timeout: 90").replace("Old", "Older"))
    body = {"QueueId": "9001", "QueueName": "Sales", "Strategy": "longest_idle", "Timeout": 120, "MaxLength": 128}
    by_hand(running, "PUT", "queues", body)
    done = commands.ok("rollback", run, "--config", path, "--yes")
    assert "somebody changed it: it was 60, the run made it 90, and it is 120 now" in " ".join(done.out.split())
    queues = state(running)["queues"]
    assert (120, "Old") == (queues["9001"]["timeout"], queues["9002"]["name"])


def test_guards_hold_for_the_way_back(commands: Commands, running: Simulator, tmp_path: Path) -> None:
    """Deleting what a run made needs the same leave as any deletion, with and without --yes."""
    path = str(tmp_path / "acme.yaml")
    applied(commands, path, running, FIRST)
    more = "".join(f'  q{number}: {{id: "90{number}", name: Q{number}}}\n' for number in range(10, 17))
    run = applied(commands, path, running, FIRST.replace("agents:\n", f"{more}agents:\n"))
    assert 3 == commands("rollback", run, "--config", path).code
    assert 3 == commands("rollback", run, "--config", path, "--yes").code
    commands.ok("rollback", run, "--config", path, "--yes", "--allow-deletes", "queues=7")
    assert {"9001", "9002"} == {*state(running)["queues"]}


def test_what_a_limit_leaves_no_place_for_is_said_and_the_rest_goes_back(commands: Commands, tmp_path: Path) -> None:
    """The hundredth place was taken since, so the deleted queue can't come back; the other change is taken back."""
    path = tmp_path / "acme.yaml"
    queues = "".join(f'  q{number}: {{id: "9{number}", name: Q{number}}}\n' for number in range(100, 199))
    whole = f'manage: {{queues: {{prune: true}}}}\nqueues:\n{queues}  sales: {{id: "9001", name: Sales}}\n'
    with simulator() as running:
        applied(commands, str(path), running, whole)
        less = whole.replace('  sales: {id: "9001", name: Sales}\n', "").replace("name: Q100", "name: Q")
        run = applied(commands, str(path), running, less)
        by_hand(running, "POST", "queues", {"QueueId": "9002", "QueueName": "By hand"})
        done = commands.ok("rollback", run, "--config", str(path), "--yes")
        assert "queues/9001 can't be restored: the tenant would have 101 queues" in " ".join(done.out.split())
        assert "Q100" == state(running)["queues"]["9100"]["name"]


def test_a_rollback_begins_only_with_a_run_and_its_tenant(
    commands: Commands, running: Simulator, tmp_path: Path
) -> None:
    """No such run is an error with a remedy; another tenant's configuration is refused; nothing is written."""
    path = tmp_path / "acme.yaml"
    run = applied(commands, str(path), running, FIRST)
    assert 1 == commands("rollback", "nosuch", "--config", str(path)).code
    assert 1 == commands("rollback", "last", "--config", str(tmp_path / "missing.yaml")).code
    path.write_text(head(running.url).replace("contact_center: acme", "contact_center: other") + FIRST)
    refused = commands("rollback", run, "--config", str(path), "--yes")
    assert 3 == refused.code
    assert "wrote to acme at udesk" in " ".join(refused.err.split())
    path.rename(tmp_path / "moved.yaml")
    store = ("--state", f"sqlite:///{tmp_path / '.reconciler' / 'state.db'}")
    gone = commands(*store, "rollback", run)
    assert (1, True) == (gone.code, "--config PATH" in gone.err)
    (tmp_path / "empty").mkdir()
    assert 1 == commands("rollback", "last", "--config", str(tmp_path / "empty")).code


def test_a_live_state_is_needed_for_nothing_to_be_guessed() -> None:
    """A run without images has no way back, and no section is touched."""
    run = Run(id="r", tenant="t", contact_center="a", provider="udesk", command="apply", started=0.0)
    found = way_back(run, desired_of({}, prune=()), Live({}), PROVIDER.kinds)
    assert ({}, (), ()) == (found.desired.sections, found.warnings, found.notes)
