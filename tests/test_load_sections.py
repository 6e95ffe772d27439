"""From YAML to entries: fields, identities, references, defaults and rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.load import Loaded, limits
from reconciler.load.lines import Lines
from reconciler.model.diagnostics import Place
from tests.configurations import ENVIRON, HEAD, PROVIDER_BLOCK, codes, loaded, texts, write


def one(root: Path, body: str) -> Loaded:
    """Load *body* below the usual head, which has eight lines."""
    return loaded(write(root, {"a.yaml": HEAD + body}))


def marked(result: Loaded) -> list[tuple[str, str]]:
    """List each problem's code with the text that its caret underlines."""
    return [(item.code, _under(item.place)) for item in result.diagnostics]


def _under(place: Place | None) -> str:
    if place is None or place.excerpt is None:
        return ""
    return place.excerpt[place.column - 1 : place.column - 1 + place.width]


def test_the_whole_of_a_configuration(tmp_path: Path) -> None:
    """Every section of the documentation's example becomes what it says."""
    body = """\
application: {name: Acme, callback_url: https://crm.example.com/cti, hide_user_number: false, memo: ""}
default_number: "057126200670"
queues:
  sales:   {id: "9001", name: Sales, strategy: longest_idle, timeout: 60, max_length: 128}
  "9002":  {name: Support}
extensions: ["8001", "8002"]
agents:
  li.wei:
    id: "10031"
    role: agent
    enabled: true
    extensions: ["8001", "8003"]
    queues: [sales, "9002"]
default_voices:
  waiting: {tts: All our agents are busy, please hold.}
  hold: default
fast_routers:
  "1": {queue: sales, description: Sales}
subscriptions:
  crm: {callback: https://crm.example.com/events, events: [user_ringing, user_answer], enabled: true}
webhook_events:
  call: [user_answer, begin, end]
manage:
  agents: {prune: true, ignore: ["9*"], ignore_fields: [email, role], additive: [queues]}
  voice_files: {prune: true}
safety: {max_deletes: 6, max_delete_percent: 31}
secrets: {extension_passwords: {age: p.age, recipients: [age1x]}}
"""
    result = one(tmp_path, body.replace("{tts: All our agents are busy, please hold.}", "{tts: Please hold.}"))
    assert result.desired is not None, texts(result)
    desired = result.desired
    assert "acme" == desired.contact_center
    assert "a54a8b77" == desired.settings.tenant
    agent = desired.of("agents")["li.wei"]
    assert ("10031", ("8001", "8003"), ("9001", "9002")) == (
        agent.identity, agent.resource.__dict__["extensions"], agent.resource.__dict__["queues"],
    )  # fmt: skip
    assert frozenset({"enabled", "extensions", "queues"}) == agent.written  # without the identity and what is ignored
    assert agent.source is not None
    assert ("a.yaml", 16, 3) == (agent.source.file, agent.source.line, agent.source.column)
    assert "9002" == desired.of("queues")["9002"].identity
    assert ["8001", "8002"] == list(desired.of("extensions"))
    assert ["8003"] == list(desired.implied["extensions"])
    assert desired.implied["extensions"]["8003"].implied
    assert agent.source == desired.implied["extensions"]["8003"].source
    hold = desired.of("default_voices")["hold"]
    assert (frozenset({"wav", "tts"}), "", "") == (
        hold.written, hold.resource.__dict__["wav"], hold.resource.__dict__["tts"],
    )  # fmt: skip
    assert frozenset({"wav", "tts"}) == desired.of("default_voices")["waiting"].written
    assert "9001" == desired.of("fast_routers")["1"].resource.__dict__["queue"]
    assert ("user_answer", "user_ringing") == desired.of("subscriptions")["crm"].resource.__dict__["events"]
    events = desired.of("webhook_events")[""]
    assert ("begin", "end", "user_answer") == events.resource.__dict__["call"]
    assert frozenset({"agent_state", "ext_state", "agent_call_mode", "call"}) == events.written
    assert ("057126200670", "default_number") == (
        desired.of("default_number")[""].resource.__dict__["number"], desired.of("default_number")[""].address,
    )  # fmt: skip
    assert {} == desired.of("voice_files")
    assert desired.manages("voice_files")
    assert (6, 31) == (desired.safety.max_deletes, desired.safety.max_delete_percent)
    assert ("age1x",) == desired.secrets.extension_passwords.recipients
    assert ["queues", "extensions", "agents"] == [
        name for name in desired.sections if name in {"agents", "queues", "extensions"}
    ]


def test_an_absent_section_is_not_managed(tmp_path: Path) -> None:
    """Absent and empty are two things."""
    result = one(tmp_path, "queues: {}\nextensions: []\n")
    assert result.desired is not None, texts(result)
    assert {"queues", "extensions"} == set(result.desired.sections)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("quues: {}\n", [("unknown-section", "quues")]),
        ("relay_numbers: {}\n", [("unknown-section", "relay_numbers")]),
        ("queues: {a: {id: 9001, timout: 1}}\n", [("unknown-field", "timout")]),
        ("agents: {a: {id: 1, wrap_up_time: 1}}\n", [("unknown-field", "wrap_up_time")]),
        ("agents: {a: {id: 1, auto_extension: true}}\n", [("unknown-field", "auto_extension")]),
        ("voice_files: {a.wav: {digest: 0}}\n", [("unknown-field", "digest")]),
        ("queues: {a: {id: 9001, name: [x]}}\n", [("not-a-text", "[x]")]),
        ("queues: {a: {id: 9001, name: ''}}\n", [("empty-text", "''")]),
        ("queues: {a: {id: 9001, max_length: 513}}\n", [("out-of-range", "513")]),
        ("queues: {a: {id: 1}}\n", [("bad-form", "1")]),
        ("queues: {a: {name: A}}\n", [("missing-identity", "a")]),
        ("queues: {a: 9001}\n", [("not-a-mapping", "9001")]),
        ("queues: [9001]\n", [("wrong-shape", "[9001]")]),
        ("queues: 9001\n", [("wrong-shape", "9001")]),
        ("application: [x]\n", [("wrong-shape", "[x]")]),
        ("application: {nam: x}\n", [("unknown-field", "nam")]),
        ("application: {name: ''}\n", [("empty-text", "''")]),
        ("default_number: [x]\n", [("wrong-shape", "[x]")]),
        ("default_number: x\n", [("bad-form", "x")]),
        ("extensions: {8001: {}}\n", [("wrong-shape", "{8001: {}}")]),
        ("extensions: 8001\n", [("wrong-shape", "8001")]),
        ("extensions: [8001, 12, [x]]\n", [("bad-form", "12"), ("not-a-text", "[x]")]),
        ("extensions: [8001, '8001']\n", [("duplicate-value", "'8001'")]),
        ("agents: {a: {id: 1, extensions: 8001}}\n", [("not-a-list", "8001")]),
        ("agents: {a: {id: 1, extensions: [8001, 8002, 8003]}}\n", [("too-many", "[8001, 8002, 8003]")]),
        ("agents: {a: {id: 1, extensions: [8002, 12]}}\n", [("bad-form", "12")]),
        ("agents: {a: {id: 1, extensions: [8002, 8002]}}\n", [("duplicate-value", "8002")]),
        ("agents: {a: {id: 1, extensions: {8002: {}}}}\n", [("not-a-list", "{8002: {}}")]),
        ("agents: {a: {id: 1, queues: [[x]]}}\n", [("not-a-text", "[x]")]),
        ("agents: {a: {id: 1, role: boss}}\n", [("unknown-value", "boss")]),
        ("agents: {a: {id: 1, role: [agent]}}\n", [("not-a-text", "[agent]")]),
        ("default_voices: {hold: {}}\n", [("no-voice", "hold")]),
        ("default_voices: {hold: {wav: a, tts: b}}\n", [("one-voice", "hold")]),
        ("default_voices: {hold: defalt}\n", [("not-a-mapping", "defalt")]),
        ("default_voices: {hodl: default}\n", [("unknown-name", "hodl")]),
        ("fast_routers: {10: {queue: a}}\n", [("unknown-name", "10")]),
        ("subscriptions: {a: {events: [x, x]}}\n", [("duplicate-value", "x")]),
        ("webhook_events: {call: [a, a]}\n", [("duplicate-value", "a")]),
        ("webhook_events: {cal: [a]}\n", [("unknown-field", "cal")]),
        ("manage: [queues]\n", [("not-a-mapping", "[queues]")]),
        ("manage: {quues: {}}\n", [("unknown-section", "quues")]),
        ("manage: {application: {}}\n", [("not-a-collection", "application")]),
        ("manage: {relay_numbers: {}}\n", [("unknown-section", "relay_numbers")]),
        ("manage: {queues: {prune: yes}}\n", [("not-a-boolean", "yes")]),
        ("manage: {queues: {pruen: true}}\n", [("unknown-field", "pruen")]),
        ("manage: {queues: true}\n", [("not-a-mapping", "true")]),
        ("manage: {queues: {ignore: 9*}}\n", [("not-a-list", "9*")]),
        ("manage: {queues: {ignore: [a, a]}}\n", [("duplicate-value", "a")]),
        ("manage: {queues: {ignore_fields: [id]}}\n", [("identity-field", "id")]),
        ("manage: {agents: {ignore_fields: [emial]}}\n", [("unknown-field", "emial")]),
        ("manage: {agents: {additive: [name]}}\n", [("not-a-list", "name")]),
        ("manage: {extensions: {ignore_fields: [x]}}\n", [("unknown-field", "x")]),
        ("safety: {max_deletes: -1}\n", [("out-of-range", "-1")]),
        ("safety: {max_delete_percent: 101}\n", [("out-of-range", "101")]),
        ("safety: 5\n", [("not-a-mapping", "5")]),
        ("secrets: {extension_passwords: {file: a, command: [b]}}\n", [("one-password-store", "extension_passwords")]),
        ("secrets: {extension_passwords: {}}\n", [("one-password-store", "extension_passwords")]),
        ("secrets: {extension_passwords: {age: a}}\n", [("age-recipients", "extension_passwords")]),
        ("secrets: {extension_passwords: {file: a, recipients: [b]}}\n", [("age-recipients", "extension_passwords")]),
        ("secrets: {extension_passwords: {file: ''}}\n", [("empty-text", "extension_passwords")]),
        ("secrets: {extension_passwords: {fiel: a}}\n", [("unknown-field", "fiel")]),
        ("secrets: {extension_passwords: file}\n", [("not-a-mapping", "file")]),
        ("defaults: {agents: {rol: agent}}\n", [("unknown-field", "rol")]),
        ("defaults: {agents: {id: 5}}\n", [("identity-field", "id")]),
        ("defaults: {agents: agent}\n", [("not-a-mapping", "agent")]),
        ("defaults: {agens: {}}\n", [("unknown-section", "agens")]),
        ("defaults: {application: {}}\n", [("unknown-section", "application")]),
        ("defaults: x\n", [("not-a-mapping", "x")]),
    ],
)
def test_mistakes_and_where_the_caret_stands(tmp_path: Path, body: str, expected: list[tuple[str, str]]) -> None:
    """One mistake is one error, and its caret underlines the mistake."""
    result = one(tmp_path, body)
    assert expected == marked(result), texts(result)
    assert all(item.remedy for item in result.diagnostics), texts(result)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROVIDER_BLOCK + "contact_center: acme\n", ["missing-key"]),
        (PROVIDER_BLOCK + "version: 1\n", ["missing-key"]),
        ("version: 1\ncontact_center: acme\n", ["missing-key"]),
        ("{}\n", ["missing-key"] * 3),
        (HEAD.replace("version: 1", "version: 2") + "nonsense: 1\n", ["unknown-version"]),
        (HEAD.replace("version: 1", "version: '1'"), ["quoted-number"]),
        (HEAD.replace("version: 1", "version: [1]"), ["not-a-number"]),
        (HEAD.replace("acme\n", "Acme\n"), ["bad-form"]),
        (HEAD.replace("acme\n", "-a\n"), ["bad-form"]),
        (HEAD.replace("acme\n", f"{'a' * 64}\n"), ["bad-form"]),
        (HEAD.replace("acme\n", "[a]\n"), ["bad-form"]),
        (HEAD.replace("acme\n", "'a\\n'\n"), ["bad-form"]),
        (HEAD.replace("type: udesk", "type: udsk"), ["unknown-provider"]),
        (HEAD.replace("type: udesk", "type: [udesk]"), ["unknown-provider"]),
        (HEAD.replace("  type: udesk\n", ""), ["missing-field"]),
        (HEAD.replace("  app_id: a54a8b77\n", ""), ["missing-field"]),
        (HEAD + "  tmeout: 5\n", ["unknown-field"]),
        (HEAD + "  rate_limit: '5'\n", ["quoted-number"]),
        (HEAD + "  timestamp_unit: us\n", ["unknown-value"]),
        (HEAD.replace("acme.example.com", "acme.example.com/ccapi"), ["url-path"]),
        (HEAD.replace("https://acme", "ftp://acme"), ["bad-url"]),
        (HEAD.replace("https://acme.example.com", "http://acme.example.com"), ["plain-http"]),
        (HEAD.replace("https://acme.example.com", "http://127.0.0.1:8080/"), []),
    ],
)
def test_the_head(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Version, name and provider are required and checked; a warning alone stops nothing."""
    result = loaded(write(tmp_path, {"a.yaml": text}))
    assert expected == codes(result), texts(result)
    assert (result.desired is None) == result.diagnostics.failed


def test_a_misspelt_name_is_answered_with_the_right_one(tmp_path: Path) -> None:
    """Sections, fields, values and references are all guessed at."""
    body = "quues: {}\nqueues: {sales: {id: 9001, timout: 5}}\nagents: {x: {id: 1, role: leadr, queues: [sals]}}\n"
    remedies = [item.remedy for item in one(tmp_path, body).diagnostics]
    assert ['did you mean "queues"?', 'did you mean "timeout"?', 'did you mean "leader"?', 'did you mean "sales"?'] == [
        remedy.split("?")[0] + "?" for remedy in remedies
    ]


def test_all_errors_come_at_once_sorted_by_place(tmp_path: Path) -> None:
    """From every file and every section."""
    write(
        tmp_path,
        {
            "b.yaml": "agents: {x: {id: a}, y: {id: 1, queues: [nope]}}\nextensions: [1]\n",
            "a.yaml": HEAD + "queues: {a: {id: 1}}\ndefault_number: x\n",
        },
    )
    result = loaded(tmp_path)
    assert ["bad-form"] * 3 + ["unknown-reference", "bad-form"] == codes(result)
    places = [(item.place.file, item.place.line) for item in result.diagnostics if item.place]
    assert sorted(places) == places


def test_identities_are_unique(tmp_path: Path) -> None:
    """Two local names with one identity name both."""
    result = one(tmp_path, "queues:\n  a: {id: 9001}\n  '9001': {}\n")
    (problem,) = result.diagnostics
    assert ("duplicate-identity", 11) == (problem.code, problem.place.line if problem.place else 0)
    assert [10] == [place.line for _, place in problem.related]


def test_references_by_name_and_by_identity(tmp_path: Path) -> None:
    """Both mean the same object; naming it in both ways is naming it twice."""
    body = "queues: {a: {id: 9002}, b: {id: 9001}}\nagents: {x: {id: 1, queues: [a, 9001]}}\n"
    result = one(tmp_path, body)
    assert result.desired is not None, texts(result)
    assert ("9001", "9002") == result.desired.of("agents")["x"].resource.__dict__["queues"]
    assert [("duplicate-value", "9002")] == marked(one(tmp_path, body.replace("9001]", "9002]")))


def test_ambiguous_references_are_errors(tmp_path: Path) -> None:
    """A text that is one's name and another's identity is neither; unused, it does no harm."""
    body = "queues: {'9001': {id: 9002}, b: {id: 9001}, c: {id: 9003}}\n"
    assert [] == codes(one(tmp_path, body))
    result = one(tmp_path, body + "fast_routers: {1: {queue: '9001'}, 2: {queue: c}, 3: {queue: b}}\n")
    assert [("ambiguous-reference", "'9001'")] == marked(result)


def test_references_to_what_is_not_managed(tmp_path: Path) -> None:
    """They may name a live object, unless `prune` makes the section a wish."""
    body = "agents: {x: {id: 1, queues: [b9001, '9002']}}\n"
    result = one(tmp_path, body)
    assert result.desired is not None, texts(result)
    assert ("9002", "b9001") == result.desired.of("agents")["x"].resource.__dict__["queues"]
    pruned = one(tmp_path, body + "manage: {queues: {prune: true}}\n")
    assert ["unknown-reference", "unknown-reference"] == codes(pruned)


def test_no_noise_from_what_failed(tmp_path: Path) -> None:
    """An entry with a mistake is still there for those who refer to it; a broken section hides nothing else."""
    body = "queues: {sales: {id: 9001, timout: 5}, bad: {id: x}}\nagents: {x: {id: 1, queues: [sales, bad]}}\n"
    assert ["unknown-field", "bad-form"] == codes(one(tmp_path, body))
    assert ["wrong-shape"] == codes(one(tmp_path, "queues: [sales]\nagents: {x: {id: 1, queues: [sales]}}\n"))
    assert ["null"] == codes(one(tmp_path, "queues:\nagents: {x: {id: 1, queues: [sales]}}\n"))
    assert ["null"] == codes(one(tmp_path, "queues: {sales: {id: ~}}\n"))


def test_implied_extensions_have_one_owner(tmp_path: Path) -> None:
    """One that two agents name is an error that names both."""
    result = one(tmp_path, "agents:\n  x: {id: 1, extensions: [8002, 8001]}\n  y: {id: 2, extensions: ['8001']}\n")
    (problem,) = result.diagnostics
    assert ("two-owners", "'8001'") == marked(result)[0]
    assert [10] == [place.line for _, place in problem.related]
    assert ["8001"] == [_under(place) for _, place in problem.related]


def test_auto_extension(tmp_path: Path) -> None:
    """It stands in place of a list, and is a wish of its own."""
    result = one(tmp_path, "agents: {x: {id: 1, extensions: auto}}\n")
    assert result.desired is not None, texts(result)
    agent = result.desired.of("agents")["x"]
    assert agent.resource.__dict__["auto_extension"]
    assert frozenset() == agent.written
    without = one(tmp_path, "agents: {x: {id: 1}}\n")
    assert without.desired is not None
    assert result.desired.digest != without.desired.digest
    assert ["not-a-list"] == codes(one(tmp_path, "agents: {x: {id: 1, extensions: atuo}}\n"))


def test_defaults_give_fields_to_every_entry(tmp_path: Path) -> None:
    """What the entry writes wins; references and lists are the defaults' file's."""
    body = """\
defaults: {agents: {role: leader, queues: [a]}, queues: {timeout: 9}}
queues: {a: {id: 9001}, b: {id: 9002, timeout: 8}}
agents: {x: {id: 1}, y: {id: 2, role: agent, queues: []}}
"""
    result = one(tmp_path, body)
    assert result.desired is not None, texts(result)
    assert [("leader", ("9001",)), ("agent", ())] == [
        (entry.resource.__dict__["role"], entry.resource.__dict__["queues"])
        for entry in result.desired.of("agents").values()
    ]
    assert [9, 8] == [entry.resource.__dict__["timeout"] for entry in result.desired.of("queues").values()]
    assert frozenset({"role", "queues"}) == result.desired.of("agents")["x"].written


def test_a_mistake_in_defaults_is_said_once(tmp_path: Path) -> None:
    """Not once for each entry."""
    body = "defaults: {agents: {role: boss, queues: [nope], extensions: [12]}}\nqueues: {}\nagents:\n"
    body += "".join(f"  a{n}: {{id: {n}}}\n" for n in range(20))
    assert {"unknown-value": 1, "unknown-reference": 1, "bad-form": 1} == {
        code: codes(one(tmp_path, body)).count(code) for code in codes(one(tmp_path, body))
    }


def test_ignored_entries_are_warned_of(tmp_path: Path) -> None:
    """A file that says what `manage` hides is most likely wrong."""
    result = one(tmp_path, "manage: {queues: {ignore: ['90*']}}\nqueues: {a: {id: 9001}, b: {id: 9100}}\n")
    assert ["ignored-entry"] == codes(result)
    assert result.desired is not None


def test_the_vendor_s_checks_have_places(tmp_path: Path) -> None:
    """Limits are checked before any call; their errors point into the files."""
    body = "queues:\n" + "".join(f"  q{n}: {{id: {9000 + n}}}\n" for n in range(101))
    assert [("too-many-queues", "queues")] == marked(one(tmp_path, body))
    body = "queues: {a: {id: 9001, strategy: random}}\n"
    assert [("unlisted-strategy", "random")] == marked(one(tmp_path, body))


def test_places_can_be_asked_for_later(tmp_path: Path) -> None:
    """By path; the nearest part that is there serves for what is left out."""
    body = "queues: {sales: {id: 9001}}\nextensions: [8001]\nagents: {x: {id: 1, queues: [sales]}}\n"
    result = one(tmp_path, body)
    paths = [
        ("queues", "sales"),
        ("queues", "sales", "timeout"),
        ("agents", "x", "queues"),
        ("agents", "x", "queues", "sales"),
        ("extensions", "8001"),
        ("nothing",),
    ]
    assert ["sales", "sales", "[sales]", "sales", "8001", ""] == [_under(place) for place in result.places(paths)]
    assert "9001" == _under(result.place(("queues", "sales", "id")))


BODY = "queues: {a: {id: 9001, name: A}}\nagents: {x: {id: 1, queues: [a], name: X}, y: {id: 2}}\n"


def digest(root: Path, body: str, head: str = HEAD) -> str:
    """Load *body* and give its digest."""
    result = loaded(write(root, {"a.yaml": head + body}))
    assert result.desired is not None, texts(result)
    return result.desired.digest


def test_the_digest_is_of_the_meaning(tmp_path: Path) -> None:
    """Layout, order, comments, anchors and secrets do not change it; values do."""
    first = digest(tmp_path / "a", BODY)
    assert first.startswith("sha256:")
    other = "# moved\nagents:\n  y: {id: '2'}\n  x:\n    name: &n X\n    queues: ['9001']\n    id: 1\n"
    other += "queues:\n  a: {name: A, id: 9001}\n"
    assert first == digest(tmp_path / "b", other)
    assert first == digest(tmp_path / "c", BODY, HEAD.replace("${env:UDESK_SID}", "else"))
    assert first != digest(tmp_path / "d", BODY.replace("name: A", "name: B"))
    assert first != digest(tmp_path / "e", BODY.replace(", name: X", ""))
    assert first != digest(tmp_path / "f", BODY + "safety: {max_deletes: 1}\n")
    assert first != digest(tmp_path / "g", BODY, HEAD.replace("acme\n", "acme2\n"))
    assert first != digest(tmp_path / "h", BODY, HEAD + "  rate_limit: 3\n")


def test_the_digest_is_the_same_in_every_process(tmp_path: Path) -> None:
    """The order of sets, which differs from process to process, has no part in it."""
    write(tmp_path, {"a.yaml": HEAD + BODY})
    code = "import sys; from tests.configurations import loaded; print(loaded(sys.argv[1]).desired.digest)"
    found = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            env={**ENVIRON, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parent.parent,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert 1 == len(found)


@pytest.mark.parametrize(
    "body",
    [
        "agents:\n" + "".join(f"  a{n}: {{id: 1}}\n" for n in range(9000)),
        "queues: {" + ", ".join(f"a{n}: {{id: {n}, timout: 5}}" for n in range(9000)) + "}\n",
        "extensions: [" + ", ".join(f"{n} x" for n in range(9000)) + "]\n",
        "queues:\n" + "".join(f"  a{n}:\n" for n in range(9000)),
        "".join(f"section{n}: 1\n" for n in range(9000)),
    ],
    ids=["identities", "fields", "items", "nulls", "sections"],
)
def test_after_many_problems_one_says_that_there_are_more(tmp_path: Path, body: str) -> None:
    """Nobody reads thousands, and working them out takes minutes."""
    result = loaded(write(tmp_path, {"a.yaml": HEAD + body}))
    assert result.desired is None
    assert limits.PROBLEMS + 1 == len(result.diagnostics)
    assert "too-many-problems" == result.diagnostics.items[-1].code
    assert "too-many-problems" not in codes(result)[:-1]


def test_names_are_compared_as_long_as_that_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the message says what there is."""
    monkeypatch.setattr(limits, "COMPARISONS", 3)
    body = "queues: {sales: {id: 9001}, other: {id: 9002}}\nagents:\n"
    body += "  a: {id: 1, queues: [salse]}\n  b: {id: 2, queues: [salse]}\n"
    result = loaded(write(tmp_path, {"a.yaml": HEAD + body}))
    assert ['did you mean "sales"?', "there are sales, other"] == [item.remedy for item in result.diagnostics]


@pytest.mark.parametrize("text", ["", "a", "\n", "a\n\nb", "ab\ncd\n" * 9000, "\n" * 40_000, "a" * 40_000 + "\nb"])
def test_lines_are_found_in_any_text(text: str) -> None:
    """However long, and wherever its breaks are."""
    lines = Lines(text)
    split = text.split("\n")
    assert len(split) - 1 == lines.last
    offset = 0
    for number, line in [*enumerate(split)][:: max(1, len(split) // 500)]:
        offset = sum(map(len, split[:number])) + number
        assert (offset, line, number) == (lines.start(number), lines[number], lines.number(offset))
    assert len(text) == lines.start(len(split))
