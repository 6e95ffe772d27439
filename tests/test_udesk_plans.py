"""Udesk's plans on small tenants: how few calls, in which order, and what waits for what, where it is easily lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from reconciler.diff import diff
from reconciler.model.call import Call
from reconciler.model.explanation import Rule
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Plan
from reconciler.plan import plan
from reconciler.plan.rehearse import rehearse
from reconciler.plan.ties import ties
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.protocol import API
from tests.laws.udesk.tenants import desired_of, live_of

Sent = tuple[str, str, Any]


def planned(live: Mapping[str, Any], wish: Mapping[str, Any], *, memory: Memory | None = None, **rest: Any) -> Plan:
    """Plan from plain data, and rehearse; queues, agents and extensions that the wish does not name go."""
    found = Live(live_of(live).sections, memory or Memory())
    desired = desired_of(wish, **{"prune": ("queues", "agents", "extensions"), **rest})
    made = plan(diff(desired, found, PROVIDER.kinds), desired, found, PROVIDER)
    if not made.refusals:
        rehearse(made, desired, found, PROVIDER, check=lambda a, b: diff(a, b, PROVIDER.kinds).changes)
    return made


def sent(made: Plan) -> list[Sent]:
    """List what goes out: method, what follows /ccapi/v2/, body."""
    assert () == made.refusals
    assert made.summary.minimum_calls == made.summary.calls
    return [(call.method, call.path.removeprefix(API), call.body) for call in made.calls]


def waits(made: Plan) -> dict[str, set[str]]:
    """Map what each call is for to what those that it needs are for."""
    assert () == made.refusals
    why = {call.id: call.why for call in made.calls}
    return {call.why: {why[need] for need in call.needs} for call in made.calls}


def test_two_extensions_of_others_go_along_with_an_agent_that_leaves() -> None:
    """Binding two to an agent that is deleted with its extensions spares a call (`IsDelExtensions`)."""
    live = {"agents": {"11": {"extensions": ["8001", "8002"]}, "12": {}}}
    assert [
        ("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001", "8002"]}),
        ("POST", "agents/extensions", {"AgentId": "12", "Extensions": ["8001", "8002"]}),
        ("DELETE", "agents/12", {"AgentId": "12", "IsDelExtensions": True}),
    ] == sent(planned(live, {"agents": {"11": {"extensions": []}}}))


def test_one_extension_is_deleted_by_itself() -> None:
    """To bind one and delete it with an agent would spare nothing."""
    live = {"agents": {"11": {"extensions": ["8001"]}, "12": {}}}
    assert [
        ("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001"]}),
        ("DELETE", "agents/12", {"AgentId": "12"}),
        ("DELETE", "extensions", {"Extension": "8001"}),
    ] == sent(planned(live, {"agents": {"11": {"extensions": []}}}))


def test_an_agent_that_takes_its_own_along_takes_no_others() -> None:
    """There is one place left, and one extension more spares nothing."""
    live = {"agents": {"11": {"extensions": ["8001", "8002"]}, "12": {"extensions": ["8003"]}}}
    assert [
        ("DELETE", "agents/extensions", {"AgentId": "11", "Extensions": ["8001", "8002"]}),
        ("DELETE", "agents/12", {"AgentId": "12", "IsDelExtensions": True}),
        ("DELETE", "extensions", {"Extension": "8001"}),
        ("DELETE", "extensions", {"Extension": "8002"}),
    ] == sent(planned(live, {"agents": {"11": {"extensions": []}}}))


def test_spares_that_only_the_store_knows_are_deleted_by_themselves() -> None:
    """They may be gone by now, and a call that binds them would be refused; a deletion takes either answer."""
    memory = Memory({"extensions": {"8001": {}, "8002": {}}})
    live: dict[str, Any] = {"agents": {"11": {}}, "extensions": {"8001": {}, "8002": {}}}
    assert [
        ("DELETE", "agents/11", {"AgentId": "11"}),
        ("DELETE", "extensions", {"Extension": "8001"}),
        ("DELETE", "extensions", {"Extension": "8002"}),
    ] == sent(planned(live, {"agents": {}}, memory=memory))


def test_a_third_extension_is_refused() -> None:
    """What `additive` keeps counts."""
    live = {"agents": {"11": {"extensions": ["8001", "8002"]}}}
    made = planned(live, {"agents": {"11": {"extensions": ["8003"]}}}, manage={"agents": {"additive": ["extensions"]}})
    assert ["two-extensions"] == [refusal.rule for refusal in made.refusals]
    assert () == made.calls


FILLERS: Final = {str(9100 + number): {"name": "Filler"} for number in range(100)}
IGNORE: Final[Mapping[str, Any]] = {"queues": {"ignore": ["91*"]}}


def fillers(count: int) -> dict[str, Any]:
    """Take so many of the hundred places."""
    return dict([*FILLERS.items()][:count])


def test_where_there_are_too_many_queues_the_first_new_one_waits_for_the_rest() -> None:
    """A tenant may have more than 100, from a time with other limits: all that are too many go first."""
    live = {"queues": {**fillers(99), "9001": {"name": "a"}, "9002": {"name": "b"}}}
    made = planned(live, {"queues": {"9003": {"name": "c"}}}, manage=IGNORE)
    assert {
        "delete queue a": set(),
        "delete queue b": set(),
        "create queue c (9003)": {"delete queue a", "delete queue b"},
    } == waits(made)


LIVE: Final[Mapping[str, Any]] = {
    "queues": {"9001": {"name": "a"}, "9002": {"name": "b"}},
    "agents": {"11": {"name": "Gao"}, "12": {"name": "Luo"}, "13": {"name": "Shi"}},
}


def test_a_queue_s_call_that_can_be_made_sooner_is_made_ahead_of_the_agent_s() -> None:
    """Gao need not wait in queue a for the queues that are made; Gao's own call then names queue a as well."""
    wish = {
        "queues": {**LIVE["queues"], "9003": {"name": "c"}, "9004": {"name": "d"}},
        "agents": {"11": {"queues": ["9001", "9003", "9004"]}, "12": {"queues": ["9001"]}, "13": {"queues": ["9001"]}},
    }
    made = planned(LIVE, wish)
    assert {
        "create queue c (9003)": set(),
        "create queue d (9004)": set(),
        "3 agents join a (9001)": set(),
        "Gao joins c (9003), d (9004)": {"create queue c (9003)", "create queue d (9004)", "3 agents join a (9001)"},
    } == waits(made)
    assert ("POST", "queues/agents", {"QueueId": "9001", "AgentIds": ["11", "12", "13"]}) in sent(made)
    assert ("POST", "agents/queues", {"AgentId": "11", "Queues": ["9001", "9003", "9004"]}) in sent(made)


def test_a_queue_that_is_not_there_yet_is_joined_behind_the_agent_s_call() -> None:
    """Gao need not wait in queues a and b for queue c; the call for those does not name c, so it comes before."""
    wish = {
        "queues": {**LIVE["queues"], "9003": {"name": "c"}},
        "agents": {
            "11": {"queues": ["9001", "9002", "9003"]},
            "12": {"queues": ["9003"]},
            "13": {"queues": ["9003"]},
        },
    }
    made = planned(LIVE, wish)
    assert {
        "create queue c (9003)": set(),
        "Gao joins a (9001), b (9002)": set(),
        "3 agents join c (9003)": {"create queue c (9003)", "Gao joins a (9001), b (9002)"},
    } == waits(made)


@pytest.mark.parametrize(
    ("places", "wish", "queues", "expected"),
    [
        pytest.param(
            0, {"11": ["9001", "9002"], "14": ["9001"]}, ["9001", "9002"], "agents/queues", id="an agent is new"
        ),
        pytest.param(
            0, {"11": ["9001", "9003"], "14": ["9001"]}, ["9001", "9003"], "queues/agents", id="and so is a queue"
        ),
        pytest.param(97, {"11": ["9001"], "14": ["9001", "9003"]}, ["9001", "9003"], "agents/queues", id="with room"),
        pytest.param(98, {"11": ["9001"], "14": ["9001", "9003"]}, ["9001", "9003"], "queues/agents", id="without"),
    ],
)
def test_of_two_covers_the_one_that_is_ready_sooner_is_taken(
    places: int, wish: Mapping[str, list[str]], queues: list[str], expected: str
) -> None:
    """Agent 14 and queue 9003 are new, and at the limit the queue waits until another is gone."""
    live = {"queues": {**LIVE["queues"], **fillers(places)}, "agents": {"11": {"name": "Gao"}}}
    agents = {agent: {"work_id": "w", "name": "Gao", "queues": serves} for agent, serves in wish.items()}
    made = planned(live, {"queues": {queue: {"name": "x"} for queue in queues}, "agents": agents}, manage=IGNORE)
    assert [expected] * 2 == [path for _, path, _ in sent(made) if path in {"agents/queues", "queues/agents"}]


def test_what_an_agent_leaves_later_goes_along_until_then() -> None:
    """Were the call to replace what Gao serves, it would take the old queue before the new ones are joined."""
    queues = {**LIVE["queues"], "9003": {"name": "c"}}
    live = {"queues": queues, "agents": {"11": {"name": "Gao", "queues": ["9001"]}}}
    made = planned(live, {"queues": queues, "agents": {"11": {"queues": ["9002", "9003"]}}})
    assert [
        ("POST", "agents/queues", {"AgentId": "11", "Queues": ["9001", "9002", "9003"]}),
        ("DELETE", "agents/queues", {"AgentId": "11", "Queues": ["9001"]}),
    ] == sent(made)
    join, leave = made.calls
    # Not for callers' sake alone: made after it, the call would bind again what Gao has left.
    assert Rule.USED in {tie.rule for tie in ties(leave, join)}


def test_prompts_that_no_longer_play_a_renewed_file_are_set_once() -> None:
    """They let go of it for good, so nothing is parked."""
    live = {"voice_files": {"a.wav": {"digest": "0" * 16}}, "default_voices": {"hold": {"wav": "a.wav"}}}
    wish = {
        "voice_files": {"a.wav": {"path": "a.wav", "digest": "1" * 16}},
        "default_voices": {"hold": {"tts": "Wait"}},
    }
    assert [("PUT", "ivrs/defvoices"), ("DELETE", "ivrs/vfiles"), ("POST", "ivrs/vfiles")] == [
        (method, path) for method, path, _ in sent(planned(live, wish))
    ]


def recorded_anew(prompts: Mapping[str, Any], wish: Mapping[str, Any], **more: Mapping[str, str]) -> Plan:
    """Plan for a.wav that has new content, with *prompts* live and *wish* wanted; *more* are other files, by name."""
    files = {"a.wav": {"digest": "1" * 16, "path": "a.wav"}} | {
        f"{name}.wav": {"path": f"{name}.wav", **fields} for name, fields in more.items()
    }
    live = {name: {"digest": "0" * 16} for name, fields in files.items() if fields.pop("live", "yes") == "yes"}
    return planned({"voice_files": live, "default_voices": prompts}, {"voice_files": files, "default_voices": wish})


def heard(made: Plan, *prompts: str) -> list[tuple[Any, ...]]:
    """List what each writing of the prompts sets some to."""
    return [
        tuple(body[name] if body[name] == "default" else body[name]["Content"] for name in prompts)
        for method, path, whole in sent(made)
        if path == "ivrs/defvoices"
        for (body,) in (whole["DefVoices"],)
    ]


def test_a_prompt_gets_what_it_is_to_be_when_it_lets_go() -> None:
    """Only who plays the file again is the system's own meanwhile, and only that one is told."""
    both = {"Hold": {"wav": "a.wav"}, "Welcome": {"wav": "a.wav"}}
    live = {name.lower(): plays for name, plays in both.items()}
    made = recorded_anew(live, {"hold": {"tts": "Wait"}, "welcome": {"wav": "a.wav"}})
    assert [("Wait", "default"), ("Wait", "a.wav")] == heard(made, "Hold", "Welcome")
    (note,) = made.notes
    assert note.endswith("meanwhile (welcome).")
    assert [("default_voices/hold", "voice_files/a.wav"), ("voice_files/a.wav",)] == [
        tuple(sorted(call.changes)) for call in made.calls if call.path.endswith("defvoices")
    ]


@pytest.mark.parametrize(
    ("other", "first"),
    [
        pytest.param({"digest": "2" * 16, "live": "no"}, ["upload b.wav as b.wav"], id="new"),
        pytest.param({"digest": "0" * 16}, [], id="there already"),
        pytest.param(
            {"digest": "2" * 16}, ["delete voice file b.wav", "upload b.wav as b.wav"], id="new content, not played"
        ),
    ],
)
def test_a_prompt_that_lets_go_plays_another_file_at_once(other: Mapping[str, str], first: list[str]) -> None:
    """The file comes first, and nobody has to hear the system's own prompt for it."""
    prompts = {"hold": {"wav": "a.wav"}, "welcome": {"wav": "a.wav"}}
    made = recorded_anew(prompts, {"hold": {"wav": "a.wav"}, "welcome": {"wav": "b.wav"}}, b=other)
    assert [("default", "b.wav"), ("a.wav", "b.wav")] == heard(made, "Hold", "Welcome")
    assert first == [call.why for call in made.calls[: len(first)]]
    writing = "let go of the files that are replaced: hold for now, welcome for good"
    assert writing == made.calls[len(first)].why
    assert {*first[-1:]} == waits(made)[writing]


def test_two_prompts_that_swap_files_with_new_content_are_the_system_s_own_meanwhile() -> None:
    """Neither file is there before both have let go."""
    prompts = {"hold": {"wav": "a.wav"}, "welcome": {"wav": "b.wav"}}
    swapped = {"hold": {"wav": "b.wav"}, "welcome": {"wav": "a.wav"}}
    made = recorded_anew(prompts, swapped, b={"digest": "2" * 16})
    assert [("default", "default"), ("b.wav", "a.wav")] == heard(made, "Hold", "Welcome")
    assert ["(hold)", "(welcome)"] == [note.rpartition("meanwhile ")[2].rstrip(".") for note in made.notes]


def test_no_note_where_no_prompt_is_the_system_s_own_meanwhile() -> None:
    """All that played the file get another prompt for good; who plays it then played another before."""
    made = recorded_anew({"hold": {"wav": "a.wav"}}, {"hold": {"tts": "Wait"}})
    assert () == made.notes
    made = recorded_anew(
        {"hold": {"wav": "a.wav"}, "welcome": {"tts": "Hi"}}, {"hold": {"tts": "Wait"}, "welcome": {"wav": "a.wav"}}
    )
    assert [("Wait", "Hi"), ("Wait", "a.wav")] == heard(made, "Hold", "Welcome")
    assert () == made.notes


def test_an_agent_leaves_first_where_its_call_needs_the_place() -> None:
    """Queue c goes for queue d, so Gao leaves it before; the call for b and d names what Gao serves by then."""
    queues = {"9001": {"name": "a"}, "9002": {"name": "b"}, "9003": {"name": "c"}}
    live = {"queues": {**queues, **fillers(97)}, "agents": {"11": {"name": "Gao", "queues": ["9001", "9003"]}}}
    wish = {
        "queues": {"9001": {"name": "a"}, "9002": {"name": "b"}, "9004": {"name": "d"}},
        "agents": {"11": {"queues": ["9001", "9002", "9004"]}},
    }
    made = planned(live, wish, manage=IGNORE)
    assert {
        "Gao leaves c (9003)": set(),
        "delete queue c": {"Gao leaves c (9003)"},
        "create queue d (9004)": {"delete queue c"},
        "Gao joins b (9002), d (9004)": {"create queue d (9004)", "Gao leaves c (9003)"},
    } == waits(made)
    assert ("POST", "agents/queues", {"AgentId": "11", "Queues": ["9001", "9002", "9004"]}) in sent(made)


def keys(**queues: str) -> dict[str, Any]:
    """Write a key table: `one="9001"`."""
    digits = {"one": "1", "two": "2", "three": "3"}
    return {digits[name]: {"queue": queue, "description": "x"} for name, queue in queues.items()}


def table(call: Call) -> dict[str, str]:
    """Say where a writing of the key table leads."""
    assert call.body is not None
    return {row["Dtmf"]: row["QueueId"] for row in call.body["FastRouter"]}


def test_a_key_that_must_let_go_early_is_set_for_good_where_it_can_be() -> None:
    """Both keys lead to the queue that must go; for one of them the new queue stands already."""
    queues = {"9001": {"name": "a"}, "9002": {"name": "b"}}
    live = {"queues": {**queues, **fillers(98)}, "fast_routers": keys(one="9002", two="9002")}
    wish = {
        "queues": {"9001": {"name": "a"}, "9003": {"name": "c"}},
        "fast_routers": keys(one="9001", two="9003"),
    }
    rows = [{"Dtmf": "1", "Desc": "x", "QueueId": "9001"}, {"Dtmf": "2", "Desc": "x", "QueueId": "9003"}]
    assert [
        ("PUT", "ivrs/fastrouters", {"FastRouter": rows[:1]}),
        ("DELETE", "queues", {"QueueId": "9002"}),
        ("POST", "queues", {"QueueId": "9003", "QueueName": "c"}),
        ("PUT", "ivrs/fastrouters", {"FastRouter": rows}),
    ] == sent(planned(live, wish, manage=IGNORE))


# At the limit. Letters are queues: a is 9001.

NAMES: Final = {
    name: str(number) for number, name in enumerate(("Gao", "Luo", "Shi", "Yu", "Xu", "He", "Su", "An"), 11)
}


def side(
    queues: str, agents: Mapping[str, str] | None = None, table: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Write a tenant: its queues, its agents ("ab 8001 off" serves two, has a telephone, is off duty), its keys."""
    number = {letter: f"900{place}" for place, letter in enumerate("abcdefgh", start=1)}
    return {
        "queues": {number[letter]: {"name": letter} for letter in queues},
        "agents": {NAMES[name]: _agent(name, said.split(), number) for name, said in (agents or {}).items()},
        "fast_routers": {key: {"queue": number[letter], "description": "x"} for key, letter in (table or {}).items()},
    }


def _agent(name: str, said: Sequence[str], number: Mapping[str, str]) -> dict[str, Any]:
    served = "".join(word for word in said if word.isalpha() and word != "off")
    return {
        "work_id": "w",
        "name": name,
        "enabled": "off" not in said,
        "extensions": [word for word in said if word.isdecimal()],
        "queues": [number[letter] for letter in served],
    }


def squeezed(places: int, live: Mapping[str, Any], wish: Mapping[str, Any]) -> Plan:
    """Plan where only so many of the hundred places are free for the queues at hand."""
    return planned({**live, "queues": {**live["queues"], **fillers(100 - places)}}, wish, manage=IGNORE)


def test_a_key_keeps_its_answer_at_the_limit() -> None:
    """Gao must leave d early, since c goes with it, so key 2 turns before; nobody is without an answer."""
    made = squeezed(3, side("acd", {"Gao": "acd"}, {"2": "d"}), side("abd", {"Gao": "ab"}, {"1": "d", "2": "a"}))
    assert {"key table: 1, 2"} == waits(made)["Gao leaves c (9003), d (9004)"]
    assert not any("nobody answers" in note for note in made.notes)


def test_the_early_writing_sets_every_key_that_it_can() -> None:
    """Key 1 must let go of a; key 2 leads to f from then on too, since Gao leaves b for f before."""
    live = side("ab", {"Gao": "ab"}, {"1": "a", "2": "b"})
    made = squeezed(3, live, side("bef", {"Gao": "f"}, {"1": "e", "2": "f"}))
    early, late = (call for call in made.calls if call.path.endswith("fastrouters"))
    assert {"2": "9006"} == table(early)
    assert {"create queue f (9006)", "Gao joins f (9006)"} == waits(made)[early.why]
    assert {early.why, "Gao joins f (9006)"} == waits(made)["Gao leaves a (9001), b (9002)"]
    assert {"create queue e (9005)", "create queue f (9006)"} == waits(made)[late.why]


def test_the_early_writing_turns_no_key_to_where_nobody_answers() -> None:
    """Key 2 must let go of b; key 1 could lead to a from then on, but stays where Gao answers as long as it may."""
    live = side("bd", {"Gao": "d"}, {"1": "d", "2": "b"})
    made = squeezed(3, live, side("acd", {"Gao": "cd"}, {"1": "a", "2": "c"}))
    early = next(call for call in made.calls if call.path.endswith("fastrouters"))
    assert {"1": "9004"} == table(early)
    assert () == early.needs


def test_more_keys_than_must_let_go_early_where_that_is_better() -> None:
    """One of d and f would be enough; with both gone Gao joins a before leaving f."""
    live = side("df", {"Gao": "f", "Luo": ""}, {"1": "d", "2": "f"})
    made = squeezed(3, live, side("abc", {"Gao": "a", "Luo": "b"}, {"1": "c", "2": "b"}))
    early = next(call for call in made.calls if call.path.endswith("fastrouters"))
    assert {"2": "9002"} == table(early)
    assert {"Gao joins a (9001)", early.why} == waits(made)["Gao leaves f (9006)"]
    assert not any("serves no queue meanwhile" in note for note in made.notes)


def test_a_key_that_can_only_turn_later_is_not_waited_for() -> None:
    """Gao leaves c and d at once, since d makes the place for a, and key 1 turns when a is there: nothing gives way."""
    made = squeezed(2, side("cd", {"Gao": "cd"}, {"1": "c"}), side("a", {"Gao": "a"}, {"1": "a"}))
    assert set() == waits(made)["Gao leaves c (9003), d (9004)"]
    assert not any("A limit lets the old go" in note for note in made.notes)


def test_a_queue_is_left_by_its_key_before_its_agents_at_the_limit() -> None:
    """Queue c has nobody for a moment, whatever comes first; key 2, which leads there, goes before that."""
    live = side("acde", {"Gao": "e", "Luo": "", "Shi": "acd"}, {"2": "c"})
    made = squeezed(4, live, side("abce", {"Gao": "e", "Luo": "bc", "Shi": "abe"}))
    assert {"key table: 2"} == waits(made)["Shi leaves c (9003), d (9004)"]
    assert any("no agents for a moment" in note and "c (9003)" in note for note in made.notes)


def test_a_key_that_goes_does_so_before_its_queue_is_left() -> None:
    """At the limit as elsewhere: callers who still press it reach somebody."""
    made = squeezed(2, side("ac", {"Gao": "ac"}, {"1": "c"}), side("b", {"Gao": ""}, {}))
    assert {"key table: 1"} == waits(made)["Gao leaves a (9001), c (9003)"]


def test_of_orders_that_cost_as_much_the_shortest_loss_is_taken() -> None:
    """Gao leaves all queues before joining others, so key 1 turns when Gao is back, which is told."""
    made = squeezed(4, side("abce", {"Gao": "bce"}, {"1": "b"}), side("abcd", {"Gao": "ad"}, {"1": "a"}))
    assert {"Gao joins a (9001), d (9004)"} == waits(made)["key table: 1"]
    assert any("nobody answers these keys" in note and "1 (now 9002)" in note for note in made.notes)


def test_the_most_at_one_time_count_before_the_most_in_all() -> None:
    """Three queues are replaced; three agents in all would be without one if two more were so at once."""
    live = side(
        "bceg", {"Gao": "b", "Luo": "g", "Shi": "eg", "Yu": "g", "Xu": "", "He": "e", "Su": "bg", "An": ""}, {"1": "b"}
    )
    wish = side(
        "cdfh",
        {"Gao": "df", "Luo": "h", "Shi": "f", "Yu": "d", "Xu": "cf", "He": "f", "Su": "d", "An": "fh"},
        {"1": "f"},
    )
    made = squeezed(4, live, wish)
    assert any("4 agents serve no queue meanwhile, at most 2 at a time" in note for note in made.notes)


def test_a_table_that_must_let_go_first_does_not_ask_for_the_impossible() -> None:
    """Gao can only join when a place is free, and for that the table is written first: nothing gives way."""
    made = squeezed(2, side("bd", {}, {"2": "b"}), side("ad", {"Gao": "ad"}, {"2": "d"}))
    assert "create Gao" in waits(made)
    assert set() == waits(made)["key table: 2"]
    assert not any("A limit lets the old go" in note for note in made.notes)


def test_what_takes_from_callers_waits_for_who_serves_again() -> None:
    """Luo serves nothing for a while, and the table is written last when that is over."""
    live = side("ac", {"Luo": "ac"}, {"1": "c", "2": "c"})
    made = squeezed(2, live, side("bd", {"Gao": "d", "Luo": "bd"}, {"1": "d", "2": "b"}))
    assert "Luo joins b (9002)" in waits(made)["key table: 1, 2"]


def test_what_takes_from_callers_waits_for_queues_that_have_agents_again() -> None:
    """Queue d has nobody for a while."""
    made = squeezed(3, side("ade", {"Gao": "ade"}), side("bcd", {"Luo": "bd", "Shi": "bc"}, {"1": "c"}))
    assert "Luo joins b (9002), d (9004)" in waits(made)["key table: 1"]


def test_what_takes_from_callers_waits_for_keys_that_lead_to_somebody_again() -> None:
    """Key 1 leads to nobody for a while, and Gao stays in e until that is over."""
    live = side("ce", {"Gao": "e", "Luo": "ce", "Shi": "ce"}, {"1": "c"})
    made = squeezed(3, live, side("abd", {"Gao": "abd", "Luo": "", "Shi": ""}, {"1": "b"}))
    assert {"key table: 1"} == waits(made)["Gao leaves e (9005)"]


@pytest.mark.parametrize(
    ("agents", "led", "calls"),
    [
        pytest.param([1] * 14, {}, 4 * 14, id="one each"),
        pytest.param([2] * 13 + [1], {}, 5 * 13 + 4, id="one in the last"),
        pytest.param([1] * 14, {"1": (0, 13), "2": (5, 6)}, 4 * 14 + 1, id="keys"),
    ],
)
def test_where_there_are_too_many_orders_to_search_a_good_one_is_taken(
    agents: Sequence[int], led: Mapping[str, tuple[int, int]], calls: int
) -> None:
    """Fourteen queues of a hundred are replaced, with all their agents, and one of these is without for a moment."""
    who = [place for place, count in enumerate(agents) for _ in range(count)]

    def tenant(first: int, name: str, leads: Mapping[str, int]) -> dict[str, Any]:
        return {
            "queues": {str(first + place): {"name": f"{name} {place}"} for place in range(14)},
            "agents": {str(number): {"queues": [str(first + place)]} for number, place in enumerate(who, 11)},
            "fast_routers": {key: {"queue": str(first + place), "description": "x"} for key, place in leads.items()},
        }

    live = tenant(9001, "old", {key: place for key, (place, _) in led.items()})
    made = squeezed(14, live, tenant(9051, "new", {key: place for key, (_, place) in led.items()}))
    assert calls == len(sent(made))
    assert any("1 agent serves no queue meanwhile" in note for note in made.notes)


# Telephones, prompts.


def test_who_takes_over_a_queue_has_a_telephone_first() -> None:
    """Gao is the last one there, and Luo, who is new, answers only with a telephone."""
    queues = {"9001": {"name": "a"}}
    wish = {
        "queues": queues,
        "agents": {
            "11": {"queues": []},
            "12": {"work_id": "w", "name": "Luo", "queues": ["9001"], "extensions": ["8001"]},
        },
    }
    made = planned({"queues": queues, "agents": {"11": {"name": "Gao", "queues": ["9001"]}}}, wish)
    assert {"Luo joins a (9001)", "Luo gets 8001"} == waits(made)["Gao leaves a (9001)"]


DUTY_ON: Final = "enabled false → true"
DUTY_OFF: Final = "enabled true → false"
KEY: Final[Mapping[str, str]] = {"1": "a"}


@pytest.mark.parametrize(
    ("before", "after", "needs"),
    [
        pytest.param({"Luo": "8002"}, {"Luo": "a 8002"}, {"Luo joins a (9001)"}, id="joins"),
        pytest.param({"Luo": "a off"}, {"Luo": "a"}, {DUTY_ON}, id="comes on duty"),
        pytest.param({"Luo": "a"}, {"Luo": "a 8002"}, {"Luo gets 8002"}, id="gets a telephone"),
        pytest.param({"Luo": "a"}, {"Luo": "a"}, set(), id="has no telephone in the end either"),
        pytest.param({"Luo": "a 8002"}, {"Luo": "a 8002"}, set(), id="is there all along"),
        pytest.param({"Luo": "a"}, {"Luo": "a 8001"}, {"Luo gets 8001"}, id="gets this one's telephone"),
    ],
)
def test_an_agent_goes_off_duty_after_somebody_else_is_there(
    before: Mapping[str, str], after: Mapping[str, str], needs: set[str]
) -> None:
    """Gao goes off duty, and Luo answers in the end."""
    gao = "a" if "a 8001" in after.values() else "a 8001"
    made = planned(side("a", {"Gao": "a 8001", **before}), side("a", {"Gao": f"{gao} off", **after}))
    assert needs == waits(made)[DUTY_OFF]
    assert not any("A limit lets the old go" in note for note in made.notes)


def test_an_agent_goes_off_duty_after_the_key_turns() -> None:
    """Nobody else comes to a."""
    agents = {"Gao": "a 8001", "Luo": "b 8002"}
    made = planned(side("ab", agents, KEY), side("ab", {**agents, "Gao": "a 8001 off"}, {"1": "b"}))
    assert {"key table: 1"} == waits(made)[DUTY_OFF]


def test_an_agent_leaves_after_another_comes_on_duty() -> None:
    """Luo, who serves a already, answers from then on; Shi, who is off duty, answers nobody and leaves at once."""
    live = side("a", {"Gao": "a 8001", "Luo": "a 8002 off", "Shi": "a 8003 off"})
    made = planned(live, side("a", {"Gao": "8001", "Luo": "a 8002", "Shi": "8003 off"}))
    assert {DUTY_ON: set(), "Gao leaves a (9001)": {DUTY_ON}, "Shi leaves a (9001)": set()} == waits(made)


def test_an_agent_leaves_at_once_where_another_stays() -> None:
    """Nobody has to wait for the key."""
    made = planned(side("ab", {"Gao": "a", "Luo": "ab"}, KEY), side("ab", {"Gao": "b", "Luo": "ab"}, {"1": "b"}))
    assert {"Gao joins b (9002)"} == waits(made)["Gao leaves a (9001)"]


def test_an_agent_leaves_after_the_next_one_who_answers_has_joined() -> None:
    """Luo, who comes first by number, is off duty; Yu needs as much as Shi, and one is enough."""
    live = side("a", {"Gao": "a 8001", "Luo": "8002 off"})
    made = planned(live, side("a", {"Gao": "8001", "Luo": "a 8002 off", "Shi": "a 8003", "Yu": "a 8004"}))
    assert {"3 agents join a (9001)", "Shi gets 8003"} == waits(made)["Gao leaves a (9001)"]


def test_an_agent_leaves_after_the_one_joins_who_needs_the_least() -> None:
    """Luo is new and has no telephone yet, and Shi has one."""
    live = side("a", {"Gao": "a 8001", "Shi": "8003"})
    made = planned(live, side("a", {"Gao": "8001", "Luo": "a 8002", "Shi": "a 8003"}))
    assert {"2 agents join a (9001)"} == waits(made)["Gao leaves a (9001)"]


def test_an_agent_leaves_after_another_gets_a_telephone() -> None:
    """Luo serves a already; a second telephone, as Shi gets, is not waited for."""
    made = planned(side("a", {"Gao": "a 8001", "Luo": "a"}), side("a", {"Gao": "8001", "Luo": "a 8002"}))
    assert {"Luo gets 8002"} == waits(made)["Gao leaves a (9001)"]
    made = planned(side("a", {"Gao": "a 8001", "Shi": "8003"}), side("a", {"Gao": "8001", "Shi": "a 8003 8004"}))
    assert {"Shi joins a (9001)"} == waits(made)["Gao leaves a (9001)"]


def test_a_telephone_that_the_system_makes_is_one() -> None:
    """Luo answers from the joining on, so Gao need not wait for the key too."""
    live = side("ab", {"Gao": "a 8001", "Shi": "b 8003"}, KEY)
    wish = side("ab", {"Gao": "8001", "Luo": "a", "Shi": "b 8003"}, {"1": "b"})
    wish["agents"][NAMES["Luo"]]["auto_extension"] = True
    assert {"Luo joins a (9001)"} == waits(planned(live, wish))["Gao leaves a (9001)"]


@pytest.mark.parametrize(
    ("before", "after", "needs"),
    [
        pytest.param("b 8002 off", "b 8002", {DUTY_ON}, id="comes on duty"),
        pytest.param("b", "b 8002", {"Luo gets 8002"}, id="gets a telephone"),
        pytest.param("8002", "b 8002", {"Luo joins b (9002)"}, id="joins"),
    ],
)
def test_a_key_turns_after_its_agent_is_there(before: str, after: str, needs: set[str]) -> None:
    """Luo is the one who answers b."""
    made = planned(
        side("ab", {"Gao": "a 8001", "Luo": before}, KEY), side("ab", {"Gao": "a 8001", "Luo": after}, {"1": "b"})
    )
    assert needs == waits(made)["key table: 1"]


def test_a_key_turns_to_where_somebody_is_all_along_without_waiting_for_more() -> None:
    """Gao answers b; Luo's duty and telephone may come later."""
    made = planned(
        side("ab", {"Gao": "b 8001", "Luo": "b off"}, KEY), side("ab", {"Gao": "b 8001", "Luo": "b 8002"}, {"1": "b"})
    )
    assert set() == waits(made)["key table: 1"]


@pytest.mark.parametrize(
    ("before", "after", "needs"),
    [
        pytest.param({"Luo": "8002"}, {"Luo": "a 8002"}, {"Luo joins a (9001)"}, id="joins"),
        pytest.param({"Luo": "a 8002 off"}, {"Luo": "a 8002"}, {DUTY_ON}, id="comes on duty"),
        pytest.param({"Luo": "a"}, {"Luo": "a 8002"}, {"Luo gets 8002"}, id="gets a telephone"),
        pytest.param({}, {}, set(), id="nobody"),
        pytest.param({"Luo": "a"}, {"Luo": "a 8001"}, set(), id="gets this one's telephone"),
    ],
)
def test_an_agent_gives_up_the_last_telephone_after_somebody_else_is_there(
    before: Mapping[str, str], after: Mapping[str, str], needs: set[str]
) -> None:
    """Gao stays in a without one."""
    made = planned(side("a", {"Gao": "a 8001", **before}), side("a", {"Gao": "a", **after}))
    assert needs == waits(made)["Gao lets go of 8001"]
    assert () == made.notes


def test_an_agent_gives_up_the_last_telephone_after_the_key_turns() -> None:
    """Luo gets the telephone and answers b, and Gao, who leaves a, is the last one there."""
    live = side("ab", {"Gao": "a 8001", "Shi": "b 8003"}, KEY)
    made = planned(live, side("ab", {"Gao": "", "Luo": "b 8001", "Shi": "b 8003"}, {"1": "b"}))
    assert {
        "key table: 1": {"Luo joins b (9002)"},
        "Gao lets go of 8001": {"key table: 1"},
        "Luo gets 8001": {"create Luo", "Gao lets go of 8001"},
        "Gao leaves a (9001)": {"key table: 1"},
    }.items() < waits(made).items()


def test_an_agent_that_keeps_a_telephone_gives_up_the_other_at_once() -> None:
    """The key need not turn for that, though Gao leaves a."""
    made = planned(side("a", {"Gao": "a 8001 8002"}, KEY), side("a", {"Gao": "8002"}))
    assert set() == waits(made)["Gao lets go of 8001"]


@pytest.mark.parametrize(
    ("gao", "luo", "first"),
    [("", "a", "Gao lets go of 8001"), ("a", "", "Luo lets go of 8002"), ("a", "ab", "Gao lets go of 8001")],
    ids=["Gao serves nothing", "Luo serves nothing", "Luo is alone in b"],
)
def test_who_is_missed_least_lets_go_of_a_telephone_first(gao: str, luo: str, first: str) -> None:
    """An extension sits on one agent at a time, so one of them is without for a moment."""
    others = {"Shi": "a 8003"}
    live = side("ab", {"Gao": f"{gao} 8001", "Luo": f"{luo} 8002", **others})
    made = planned(live, side("ab", {"Gao": f"{gao} 8002", "Luo": f"{luo} 8001", **others}))
    assert first == made.calls[0].why
    assert set() == waits(made)[first]


def test_what_a_swap_of_telephones_breaks_is_told() -> None:
    """Who is without a telephone meanwhile, and which queues nobody else answers."""
    live = side("ab", {"Gao": "a 8001", "Luo": "b 8002"})
    (note,) = planned(live, side("ab", {"Gao": "a 8002", "Luo": "b 8001"})).notes
    assert note.endswith("; Luo has no extension meanwhile, nor has anybody else who answers b (9002).")


# Keys that lead to a queue that is gone.


def test_a_key_that_leads_nowhere_stops_no_plan() -> None:
    """It is sent along as it is; a vendor who refuses that is sent the table without it."""
    (call,) = planned(side("b", {}, {"1": "a"}), side("b", {}, {"1": "a", "2": "b"})).calls
    assert {"1": "9001", "2": "9002"} == table(call)
    assert call.otherwise is not None
    assert {"2": "9002"} == table(call.otherwise)
    assert {"missing"} == call.otherwise_on


def test_a_key_whose_queue_is_made_again_needs_no_other_form() -> None:
    """Key 2 is turned to the queue that key 1 leads to already; it is there by then."""
    create, call = planned(side("b", {}, {"1": "a"}), side("ab", {}, {"1": "a", "2": "a"})).calls
    assert ("create queue a (9001)", {"1": "9001", "2": "9001"}) == (create.why, table(call))
    assert (create.id,) == call.needs
    assert call.otherwise is None


def test_a_queue_that_is_gone_takes_no_place() -> None:
    """One place is free, and the new queue takes it: key 1, which leads to a queue that is gone, holds none."""
    made = squeezed(1, side("", {}, {"1": "h"}), side("a", {}, {"1": "a"}))
    assert {"create queue a (9001)": set(), "key table: 1": {"create queue a (9001)"}} == waits(made)
    made = squeezed(1, side("b", {}, {"1": "h"}), side("a", {}, {"1": "a"}))
    assert ["delete queue b", "create queue a (9001)", "key table: 1"] == [call.why for call in made.calls]
    assert 3 == len(sent(made))


def test_an_agent_lets_go_of_what_stays_before_it_is_deleted() -> None:
    """IsDelExtensions would take the extension along; held, it would stand against the deletion."""
    wish: dict[str, Any] = {"agents": {}, "extensions": {"8001": {}}}
    made = planned({"agents": {"11": {"name": "Gao", "extensions": ["8001"]}}}, wish)
    assert {"Gao lets go of 8001": set(), "delete Gao": {"Gao lets go of 8001"}} == waits(made)


def test_extensions_are_bound_before_the_agent_takes_them_along() -> None:
    """And who held them has let go of them before."""
    live = {"agents": {"11": {"name": "Gao", "extensions": ["8001", "8002"]}, "12": {"name": "Luo"}}}
    made = planned(live, {"agents": {"11": {"extensions": []}}})
    _, along, delete = made.calls
    assert {
        "Gao lets go of 8001, 8002": set(),
        "Luo takes 8001, 8002 along, to be deleted in one call": {"Gao lets go of 8001, 8002"},
    }.items() < waits(made).items()
    assert Rule.NEEDS in {tie.rule for tie in ties(delete, along)}


def test_all_telephones_change_at_once_only_when_the_new_ones_are_made() -> None:
    """At two extensions the old ones go first; if a new one can't be made, nothing is lost for it."""
    made = planned(side("a", {"Gao": "a 8001 8002"}, KEY), side("a", {"Gao": "a 8003 8004"}, KEY))
    exist = {"make sure that extension 8003 exists", "make sure that extension 8004 exists"}
    assert exist == waits(made)["Gao lets go of 8001, 8002"]
    assert [note for note in made.notes if "nor has anybody else who answers a (9001)" in note]


def test_one_changes_all_telephones_after_the_other_has_the_new_ones() -> None:
    """Two who both have to: callers reach one of them at any time."""
    live = side("a", {"Gao": "a 8001 8002", "Luo": "a 8003 8004"}, KEY)
    made = planned(live, side("a", {"Gao": "a 8005 8006", "Luo": "a 8007 8008"}, KEY))
    assert "Luo gets 8007, 8008" not in waits(made)["Gao lets go of 8001, 8002"]
    assert "Gao gets 8005, 8006" in waits(made)["Luo lets go of 8003, 8004"]
    assert () == made.notes


def test_who_leaves_waits_for_who_changes_all_telephones() -> None:
    """Who is without one for a moment answers nobody then."""
    live = side("a", {"Gao": "a 8001", "Luo": "a 8003 8004"}, KEY)
    made = planned(live, side("a", {"Gao": "8001", "Luo": "a 8005 8006"}, KEY))
    assert {"Luo gets 8005, 8006"} == waits(made)["Gao leaves a (9001)"]


def test_of_who_comes_one_who_does_not_need_this_very_telephone_is_waited_for() -> None:
    """Luo gets Gao's telephone, Shi a new one: Gao goes when Shi can answer."""
    live = side("a", {"Gao": "a 8001", "Luo": "", "Shi": ""}, KEY)
    made = planned(live, side("a", {"Gao": "", "Luo": "a 8001", "Shi": "a 8003"}, KEY))
    assert "Shi gets 8003" in waits(made)["Gao lets go of 8001"]
