"""Udesk's plans on small tenants: how few calls, in which order, and what waits for what, where it is easily lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from reconciler.diff import diff
from reconciler.model.explanation import Rule
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Plan
from reconciler.plan import plan
from reconciler.plan.rehearse import rehearse
from reconciler.plan.ties import ties
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.protocol import API
from tests.laws.tenants import desired_of, live_of

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
    return planned(
        {"voice_files": live, "default_voices": prompts}, {"voice_files": files, "default_voices": wish}
    )


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
    queues: str, serves: Mapping[str, str] | None = None, table: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Write a tenant: its queues, who serves which, and where keys lead."""
    number = {letter: f"900{place}" for place, letter in enumerate("abcdefgh", start=1)}
    return {
        "queues": {number[letter]: {"name": letter} for letter in queues},
        "agents": {
            NAMES[name]: {"work_id": "w", "name": name, "queues": [number[letter] for letter in letters]}
            for name, letters in (serves or {}).items()
        },
        "fast_routers": {key: {"queue": number[letter], "description": "x"} for key, letter in (table or {}).items()},
    }


def squeezed(places: int, live: Mapping[str, Any], wish: Mapping[str, Any]) -> Plan:
    """Plan where only so many of the hundred places are free for the queues at hand."""
    return planned({**live, "queues": {**live["queues"], **fillers(100 - places)}}, wish, manage=IGNORE)


def test_a_key_keeps_its_answer_at_the_limit() -> None:
    """Gao must leave d early, since c goes with it, so key 2 turns before; nobody is without an answer."""
    made = squeezed(3, side("acd", {"Gao": "acd"}, {"2": "d"}), side("abd", {"Gao": "ab"}, {"1": "d", "2": "a"}))
    assert {"key table: 1, 2"} == waits(made)["Gao leaves c (9003), d (9004)"]
    assert not any("nobody answers" in note for note in made.notes)


def test_a_queue_is_left_by_its_key_before_its_agents_at_the_limit() -> None:
    """Queue c has nobody for a moment, whatever comes first; key 2, which leads there, goes before that."""
    live = side("acde", {"Gao": "e", "Luo": "", "Shi": "acd"}, {"2": "c"})
    made = squeezed(4, live, side("abce", {"Gao": "e", "Luo": "bc", "Shi": "abe"}))
    assert {"key table: 2"} == waits(made)["Shi leaves c (9003), d (9004)"]
    assert any("no agents for a moment" in note and "c (9003)" in note for note in made.notes)


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


def test_where_there_are_too_many_orders_to_search_a_good_one_is_taken() -> None:
    """Fourteen queues of a hundred are replaced, each with an agent of its own: as few calls, and it is rehearsed."""
    old = {str(9001 + number): {"name": f"old {number}"} for number in range(14)}
    new = {str(9051 + number): {"name": f"new {number}"} for number in range(14)}
    live = {
        "queues": {**old, **fillers(86)},
        "agents": {str(11 + place): {"queues": [queue]} for place, queue in enumerate(old)},
    }
    wish = {"queues": new, "agents": {str(11 + place): {"queues": [queue]} for place, queue in enumerate(new)}}
    made = planned(live, wish, manage=IGNORE)
    assert 4 * 14 == len(sent(made))
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
