"""Who is told of drift: once, of what is new and what is gone, wherever it goes; and no token is ever seen."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import notify
from reconciler.model.change import Action, Change, ValueChange
from reconciler.model.drift import Drift, Finding
from reconciler.model.errors import ReconcilerError
from reconciler.model.secret import Mask
from reconciler.notify.webhook import post
from reconciler.report.notice import notice
from tests.commands import Commands, Done, by_hand, configure, files, real
from tests.hooks import TOKEN, Hook, hook
from tests.servers import Simulator

SALES: Final = {"QueueId": "9001", "QueueName": "Sales", "Timeout": 60, "MaxLength": 128}
LI_WEI: Final = {"AgentId": "10031", "Queues": ["9001"]}
OPEN: Final = Mask()


@pytest.fixture
def chat() -> Iterator[Hook]:
    """Run a webhook."""
    with hook() as running:
        yield running


@pytest.fixture
def applied(command: Commands, tenant: Simulator, tmp_path: Path) -> str:
    """Give the path of a configuration that is applied, and not drifted."""
    path = configure(tmp_path / "acme.yaml", tenant)
    command.ok("apply", path, "--yes")
    command.ok("drift", path)
    return path


def named(tenant: Simulator, name: str) -> None:
    """Give the queue another name by hand."""
    by_hand(tenant, "PUT", "queues", {**SALES, "QueueName": name})


def clean(done: Done) -> Done:
    """Hold that no token is in anything that was said."""
    assert TOKEN not in done.out + done.err
    return done


def told(body: dict[str, Any]) -> tuple[list[str], list[str], int]:
    """Give what a message says is new, is resolved, and how many stay."""
    return (
        [item["address"] for item in body["new"]],
        [item["address"] for item in body["resolved"]],
        body["still"],
    )


def test_only_what_is_new_and_what_is_gone(command: Commands, tenant: Simulator, applied: str, chat: Hook) -> None:
    """One message when something is found, none while it stays, one when it is gone; none where there is nothing."""
    look = ("drift", applied, "--notify", chat.url)
    assert 0 == clean(command(*look)).code
    assert [] == chat.requests
    named(tenant, "Verkauf")
    by_hand(tenant, "DELETE", "agents/queues", LI_WEI)
    done = clean(command(*look))
    assert (2, True) == (done.code, f"Told {chat.shown}: 2 new, 0 resolved." in done.err)
    (body,) = chat.bodies
    assert (["queues/sales", "agents/li.wei"], [], 0) == told(body)
    assert ("reconciler-notification/1", "acme", "udesk") == (body["format"], body["contact_center"], body["provider"])
    assert "queues Sales (9001) changed: name Sales → Verkauf" in body["text"]
    (path, headers), *_ = chat.requests
    assert (f"/hooks/{TOKEN}?key={TOKEN}x", "application/json") == (path, headers["content-type"])
    for _ in range(2):
        assert 2 == clean(command(*look)).code
    assert 1 == len(chat.bodies)
    named(tenant, "Sales")
    assert 2 == clean(command(*look)).code
    assert ([], ["queues/sales"], 1) == told(chat.bodies[-1])
    assert 2 == clean(command(*look)).code
    assert 2 == len(chat.bodies)
    named(tenant, "Vente")
    clean(command(*look))
    named(tenant, "Else")
    clean(command(*look))
    assert [(["queues/sales"], [], 1)] * 2 == [told(body) for body in chat.bodies[2:]], "changed once more: new"
    named(tenant, "Sales")
    by_hand(tenant, "POST", "agents/queues", LI_WEI)
    assert 0 == clean(command(*look)).code
    assert ([], {"queues/sales", "agents/li.wei"}) == (told(chat.bodies[-1])[0], {*told(chat.bodies[-1])[1]})


def test_who_comes_later_is_not_told_old_news(command: Commands, tenant: Simulator, applied: str, chat: Hook) -> None:
    """What was still there when a destination was named for the first time is no news; it hears when it is gone."""
    named(tenant, "Verkauf")
    command("drift", applied)
    assert 2 == command("drift", applied, "--notify", chat.url).code
    assert [] == chat.bodies
    by_hand(tenant, "DELETE", "agents/queues", LI_WEI)
    command("drift", applied)  # somebody looks by hand in between
    command("drift", applied, "--notify", chat.url)
    assert [(["agents/li.wei"], [], 1)] == [told(body) for body in chat.bodies]
    named(tenant, "Sales")
    command("drift", applied, "--notify", chat.url)
    assert ([], ["queues/sales"], 1) == told(chat.bodies[-1])


def test_what_failed_is_told_again(command: Commands, tenant: Simulator, applied: str, chat: Hook) -> None:
    """To whom it failed, and to nobody else; the exit code is that of the drift."""
    with hook() as other:
        chat.statuses = [500, 500]
        named(tenant, "Verkauf")
        both = ("drift", applied, "--notify", chat.url, "--notify", other.url)
        metrics = Path(applied).parent / "m.prom"
        done = clean(command(*both, "--metrics", str(metrics)))
        assert 2 == done.code
        said = " ".join(done.err.split())
        assert f"{chat.shown} was not told of drift: it answered with HTTP 500." in said
        assert "The next look tells it again." in said
        assert 'notify_failures{contact_center="acme",provider="udesk"} 1\n' in metrics.read_text(encoding="utf-8")
        assert (2, 0, 1) == (len(chat.requests), len(chat.bodies), len(other.bodies))
        clean(command(*both, "--metrics", str(metrics)))
        assert (["queues/sales"], [], 0) == told(chat.bodies[0])
        assert (1, 1) == (len(chat.bodies), len(other.bodies))
        assert 'notify_failures{contact_center="acme",provider="udesk"} 0\n' in metrics.read_text(encoding="utf-8")
        chat.statuses = [503]
        named(tenant, "Sales")
        done = clean(command(*both))
        assert 0 == done.code
        assert ([], ["queues/sales"], 0) == told(chat.bodies[-1]), "the second try worked"


@pytest.mark.parametrize(
    ("statuses", "requests", "says"),
    [([404], 1, "HTTP 404"), ([302], 1, "HTTP 302, a redirect"), ([429, 503], 2, "HTTP 503"), ([500, 204], 2, "")],
)
def test_tries(chat: Hook, statuses: list[int], requests: int, says: str) -> None:
    """Twice at the most, and only what may pass by itself; no redirect is followed, since that leads elsewhere."""
    chat.statuses = [*statuses]
    (to,) = notify.destinations((chat.url,))

    async def no_wait(_seconds: float) -> None:
        return

    why = asyncio.run(post(to, {"a": "ü"}, sleep=no_wait))
    assert (says in why, bool(says)) == (True, bool(why))
    assert (requests, True) == (len(chat.requests), TOKEN not in why)


def test_who_does_not_answer() -> None:
    """No connection, or no answer in time, ends soon and names neither path nor token."""

    async def no_wait(_seconds: float) -> None:
        return

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        (to,) = notify.destinations((f"http://127.0.0.1:{port}/{TOKEN}",))
        assert "no answer within 0.2 s" == asyncio.run(post(to, {}, sleep=no_wait, timeout_s=0.2))
    assert "it can't be reached" == asyncio.run(post(to, {}, sleep=no_wait))


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "http://", f"http:///{TOKEN}", f"http://[::1/{TOKEN}", f"http://h:99999/{TOKEN}", f"{TOKEN}",
        f"http://h /{TOKEN}", f"nothing://{TOKEN}", "://x", f"http://h/{TOKEN}\n", f"mailto://\x00{TOKEN}",
    ],
)  # fmt: skip
def test_an_address_that_is_none(command: Commands, tenant: Simulator, applied: str, url: str) -> None:
    """It is an error before anything else is done, whatever else is asked for, and it is not quoted."""
    calls = len(json.dumps(tenant.calls()))
    done = clean(command("drift", applied, "--notify", url))
    assert (1, "") == (done.code, done.out)
    assert "--notify" in done.err
    assert calls == len(json.dumps(tenant.calls()))


@pytest.mark.parametrize("form", ["json", "markdown", "sarif", "junit"])
def test_tokens_are_seen_nowhere(  # noqa: PLR0913, PLR0917 - pytest hands each over
    command: Commands, tenant: Simulator, applied: str, chat: Hook, form: str, tmp_path: Path
) -> None:
    """Not in the result, not on stderr in any form, not in the store, not where the vendor shows them."""
    named(tenant, f"see {chat.url}")
    options = ("--log-format", "json", "-vv", "drift", applied, "--format", form, "--metrics", str(tmp_path / "m.prom"))
    done = clean(command(*options, "--notify", chat.url))
    assert 2 == done.code
    for line in done.err.splitlines():
        json.loads(line)
    chat.statuses = [404]
    named(tenant, "Sales")
    clean(command(*options, "--notify", chat.url))
    assert TOKEN.encode() not in (tmp_path / "m.prom").read_bytes()
    assert TOKEN not in json.dumps(chat.bodies)


def test_the_store_knows_no_address(tenant: Simulator, tmp_path: Path, chat: Hook) -> None:
    """It tells destinations apart by a digest; RECONCILER_NOTIFY keeps them out of the list of processes, too."""
    path = configure(tmp_path / "acme.yaml", tenant)
    assert 0 == real("apply", path, "--yes").code
    named(tenant, "Verkauf")
    done = clean(real("drift", path, environ={"RECONCILER_NOTIFY": f"{chat.url} {chat.url}2"}))
    assert 2 == done.code
    assert 2 == len(chat.bodies)
    kept = b"".join(files(tmp_path).values())
    assert TOKEN.encode() not in kept


def test_without_a_store_that_can_be_written(command: Commands, tenant: Simulator, applied: str, chat: Hook) -> None:
    """Nobody can remember who was told, so all of it is told at each look; the run says so."""
    (Path(applied).parent / "file").write_text("", encoding="utf-8")
    named(tenant, "Verkauf")
    for _ in range(2):
        done = command("--state", f"sqlite:///{Path(applied).parent}/file/s.db", "drift", applied, "--notify", chat.url)
        assert 2 == done.code
        assert "told all of it again at each look" in " ".join(done.err.split())
    # Without what was last applied, the extension and the agent are as the files say; the queue is not.
    assert [(["queues/sales"], [], 0)] * 2 == [told(body) for body in chat.bodies]


def finding(name: str, value: str = "x") -> Finding:
    """Make a finding on a queue."""
    change = Change(
        section="queues",
        name=name,
        identity=name,
        action=Action.UPDATE,
        label=name,
        fields=(ValueChange(path="name", before=value, after="wish"),),
    )
    return Finding(change=change, fingerprint=name)


def letter(*items: Finding, mask: Mask = OPEN) -> tuple[str, str, dict[str, Any]]:
    """Write a notice of new findings."""
    found = Drift(contact_center="acme", provider="udesk", findings=items)
    return notice(found, new=items, resolved=(), still=0, mask=mask)


@given(st.text(max_size=60))
def test_a_text_calls_nobody_and_is_no_markup(name: str) -> None:
    """Whatever a name holds, a chat or a mailbox makes no mention, no link, no tag and no new line of it."""
    _, text, document = letter(finding(name, f"<!channel> @here [a](https://x) *b* `c` {name}"))
    assert not {*"<>@[]*`&\x1b\u202e"} & {*text}
    assert "://" not in text
    assert 4 == len(text.splitlines()), text
    assert text == document["text"]
    json.loads(json.dumps(document))


def test_a_long_list_is_cut() -> None:
    """A message stays readable, and no body grows without end; the counts are whole."""
    _, text, document = letter(*(finding(str(number)) for number in range(2_000)))
    assert ("2,000 new" in text, "and 1,980 more" in text, len(text) < 8_000) == (True, True, True)
    assert (500, 2_000) == (len(document["new"]), document["summary"]["new"])


def test_secrets_are_masked_in_a_notice() -> None:
    """A credential that somebody pasted into a name goes nowhere."""
    assert "hunter22" not in json.dumps(letter(finding("hunter22", "a hunter22"), mask=Mask.of(["hunter22"])))


def test_through_apprise(command: Commands, tenant: Simulator, applied: str, chat: Hook) -> None:
    """Other schemes go through apprise, `json://` among them: a title and a text, and again where it failed."""
    pytest.importorskip("apprise", reason="the extra `notify` is not installed")
    url = chat.url.replace("http://", "json://").partition("?")[0]
    named(tenant, "Verkauf")
    chat.statuses = [500]
    done = clean(command("drift", applied, "--notify", url))
    assert 2 == done.code
    assert "json://*** was not told of drift: apprise could not deliver it" in " ".join(done.err.split())
    done = clean(command("drift", applied, "--notify", url))
    assert "Told json://***: 1 new" in done.err
    (body,) = chat.bodies
    assert ("Drift in acme (udesk): 1 new", True) == (body["title"], "Verkauf" in body["message"])
    assert 2 == clean(command("drift", applied, "--notify", url)).code
    assert 1 == len(chat.bodies)


def test_without_apprise(command: Commands, applied: str, monkeypatch: pytest.MonkeyPatch, chat: Hook) -> None:
    """Where the extra is not installed, a webhook works and everything else says what to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    done = command("drift", applied, "--notify", f"slack://{TOKEN}/{TOKEN}/{TOKEN}")
    assert (1, True) == (clean(done).code, "pip install 'reconciler[notify]'" in done.err)
    assert 0 == command("drift", applied, "--notify", chat.url).code


def test_addresses_are_each_told_once() -> None:
    """The same address named twice is one destination; two that differ in a token are two."""
    found = notify.destinations(("http://h/a", "http://h/a", "http://h/b"))
    assert 2 == len({item.digest for item in found}) == len(found)
    with pytest.raises(ReconcilerError):
        notify.destinations(("nothing",))
