"""
The proof that no plan makes a call too many: on tiny tenants, all legal ways are searched for the shortest.

`search` knows the vendor's page and not the planner. Here a tenant and a wish are drawn as its states, handed to the
planner as files and a live state would be, and the numbers of calls compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Plan
from reconciler.plan.rehearse import farthest
from reconciler.providers.udesk.kinds import default_voices
from reconciler.providers.udesk.protocol import API
from tests.laws import search
from tests.laws.search import State, Task, Voices, VoiceTask
from tests.laws.tenants import AGENTS, EXTENSIONS, FILES, FILLERS, QUEUES, SETTINGS, desired_of, live_of
from tests.laws.tenants import VOICES as PROMPTS
from tests.laws.test_plan_laws import ORDERS, make, shuffled

LIMIT: Final = 100
KEYS: Final = "12"
WORK: Final = {"work_id": "w1"}  # needed in files, and no matter here
CONTENTS: Final = ("0" * 16, "1" * 16)
TEXTS: Final = ("hello", "wait")

# A case takes a few milliseconds, so that there may be more of them than of other laws.
_MANY: Final = settings(max_examples=5 * settings().max_examples)
_SOME: Final = settings(max_examples=2 * settings().max_examples)


@st.composite
def states(  # noqa: PLR0913 - how many of each there may be
    draw: st.DrawFn, *, agents: int, queues: int, extensions: int, keys: int, most_queues: int
) -> State:
    """Draw any tenant that may be, half of them with all the queues that may be: there the hard cases are."""
    here = draw(st.integers(0, (1 << agents) - 1))
    count = min(most_queues, draw(st.integers(0, 2 * most_queues)))
    lines = sum(1 << queue for queue in draw(st.permutations(range(queues)))[:count])
    phones = 0
    holds = [0] * agents
    for extension in range(extensions):
        holder = draw(st.integers(-2, agents - 1))  # -2 is absent, -1 a spare
        phones |= (holder > -2) << extension
        if holder >= 0 and here >> holder & 1 and holds[holder].bit_count() < search.MOST_HELD:
            holds[holder] |= 1 << extension
    return State(
        agents=here,
        queues=lines,
        extensions=phones,
        serves=tuple(
            lines & draw(st.integers(0, (1 << queues) - 1)) if here >> agent & 1 else 0 for agent in range(agents)
        ),
        holds=tuple(holds),
        keys=tuple(draw(st.sampled_from([0, *_bits(lines)])) for _ in range(keys)),
    )


@st.composite
def tasks(  # noqa: PLR0913 - how many of each there may be
    draw: st.DrawFn,
    *,
    agents: int = 3,
    queues: int = 5,
    extensions: int = 4,
    keys: int = 2,
    places: Sequence[int] = (3, 3, 3, 2, 4, 5, LIMIT),
) -> Task:
    """Draw a tenant and a wish apart from each other, where *places* queues may stand; one more may be wanted."""
    room = draw(st.sampled_from(places))
    size = {"agents": agents, "queues": queues, "extensions": extensions, "keys": keys}
    return Task(
        start=draw(states(**size, most_queues=min(room, queues))),
        goal=draw(states(**size, most_queues=min(room + draw(st.integers(0, 9)) // 9, queues))),
        places=room,
        batch=draw(st.sampled_from([100, 1, 2])),
        queue_ids=queues,
        extension_ids=extensions,
    )


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]


def _names(mask: int, names: Sequence[str]) -> list[str]:
    return [name for place, name in enumerate(names) if mask >> place & 1]


def _sections(state: State) -> dict[str, dict[str, dict[str, Any]]]:
    """Write a state as a tenant's sections."""
    return {
        "queues": {queue: {"name": queue} for queue in _names(state.queues, QUEUES)},
        "agents": {
            agent: WORK
            | {"queues": _names(state.serves[place], QUEUES), "extensions": _names(state.holds[place], EXTENSIONS)}
            for place, agent in enumerate(AGENTS)
            if state.agents >> place & 1
        },
        "extensions": {number: {} for number in _names(state.extensions, EXTENSIONS)},
        "fast_routers": {
            key: {"queue": name, "description": "x"}
            for key, queue in zip(KEYS, state.keys, strict=False)
            for name in _names(queue, QUEUES)
        },
    }


def tenant_of(task: Task) -> tuple[Desired, Live]:
    """Say the same to the planner: ignored queues take the places, and the store knows every spare."""
    live = _sections(task.start)
    live["queues"] |= {queue: {"name": "Filler"} for queue in FILLERS[: LIMIT - task.places]}
    desired = desired_of(
        _sections(task.goal),
        manage={"queues": {"ignore": ["91*"]}},
        settings=SETTINGS.model_copy(update={"agent_batch": task.batch}),
    )
    return desired, Live(live_of(live).sections, Memory({"extensions": {name: {} for name in live["extensions"]}}))


def _beside(made: Plan, found: Sequence[State]) -> str:
    """Show a plan beside the shortest way, for whoever has to look why they differ."""
    planned = (f"{call.id} {call.title}: {call.why}" for call in made.calls)
    return "\n".join(["planned:", *planned, "found:", *(told(*step) for step in pairwise(found))])


def told(before: State, after: State) -> str:
    """Say what one move changed: `holds/11 +8001 +8002`."""
    parts = []
    old, new = _members(before), _members(after)
    for name in old:
        signed = [*(f" -{item}" for item in old[name] - new[name]), *(f" +{item}" for item in new[name] - old[name])]
        parts += [name, *sorted(signed), "; "] if signed else []
    return "".join(parts[:-1])


def _members(state: State) -> dict[str, set[str]]:
    found = {
        "agents": {*_names(state.agents, AGENTS)},
        "queues": {*_names(state.queues, QUEUES)},
        "extensions": {*_names(state.extensions, EXTENSIONS)},
    }
    found |= {f"serves/{agent}": {*_names(mask, QUEUES)} for agent, mask in zip(AGENTS, state.serves, strict=False)}
    found |= {f"holds/{agent}": {*_names(mask, EXTENSIONS)} for agent, mask in zip(AGENTS, state.holds, strict=False)}
    return found | {f"key {key}": {*_names(mask, QUEUES)} for key, mask in zip(KEYS, state.keys, strict=False)}


@_MANY
@given(task=tasks())
def test_no_legal_way_is_shorter_than_the_plan(task: Task) -> None:
    """The plan has as many calls as the shortest of all legal ways, and the bound says so; refused is what has none."""
    found = search.shortest(task)
    made = make(*tenant_of(task))
    if found is None:
        assert ["queue-limit"] == [refusal.rule for refusal in made.refusals]
        return
    assert () == made.refusals
    least = len(found) - 1
    assert (least, least) == (len(made.calls), made.summary.minimum_calls), _beside(made, found)


@_SOME
@given(task=tasks(), seed=ORDERS)
def test_each_call_of_a_plan_is_a_legal_move(task: Task, seed: int) -> None:
    """As planned and in another order that `needs` allows, each call is one of the moves, and they end at the wish."""
    made = make(*tenant_of(task))
    assume(not made.refusals)
    for calls in (made.calls, shuffled(made.calls, seed)):
        state = task.start
        for call in calls:
            after = _carried_out(state, call)
            assert after in search.moves(state, task), (state, call)
            state = after
        assert task.goal == state


@given(task=tasks(extensions=0, places=(2, 3, 3, 3, 4)))
def test_no_way_of_as_few_calls_is_kinder_to_callers(task: Task) -> None:
    """
    Of all ways of as few calls, none leaves fewer keys, queues and agents without an answer at any time.

    That holds for the order of the plan and for the one that strays farthest from it: `needs` keeps what counts.
    """
    made = make(*tenant_of(task))
    assume(not made.refusals)
    least = search.gentlest(task, len(made.calls))
    for calls in (made.calls, farthest(made.calls)):
        state = task.start
        worst = search.loss(state, task)
        for call in calls:
            state = _carried_out(state, call)
            worst = max(worst, search.loss(state, task))
        assert least == worst, [call.why for call in calls]


def _carried_out(state: State, call: Call) -> State:
    """Do what a call says, whether or not it is legal."""
    body: Mapping[str, Any] = call.body or {}
    agents, queues, extensions, serves, holds, _ = state
    changed: dict[str, Any]
    match call.method, *call.path.removeprefix(API).split("/"):
        case "POST", "agents":
            changed = {"agents": agents | _mask([agent["AgentId"] for agent in body["Agents"]], AGENTS)}
        case "DELETE", "agents", identity if identity in AGENTS:
            place = AGENTS.index(identity)
            taken = holds[place] if body.get("IsDelExtensions") else 0
            left = (*holds[:place], holds[place] & ~taken, *holds[place + 1 :])
            changed = {"agents": agents & ~(1 << place), "extensions": extensions & ~taken, "holds": left}
        case method, "queues":
            changed = {"queues": _with(method, queues, _mask([body["QueueId"]], QUEUES))}
        case method, "extensions":
            changed = {"extensions": _with(method, extensions, _mask([body["Extension"]], EXTENSIONS))}
        case method, "agents", "queues":
            changed = {"serves": tuple(_each(serves, [body["AgentId"]], method, body["Queues"], QUEUES))}
        case "POST", "queues", "agents":
            changed = {"serves": tuple(_each(serves, body["AgentIds"], "POST", [body["QueueId"]], QUEUES))}
        case method, "agents", "extensions":
            changed = {"holds": tuple(_each(holds, [body["AgentId"]], method, body["Extensions"], EXTENSIONS))}
        case "PUT", "ivrs", "fastrouters":
            table = {row["Dtmf"]: _mask([row["QueueId"]], QUEUES) for row in body["FastRouter"]}
            changed = {"keys": tuple(table.get(key, 0) for key in KEYS[: len(state.keys)])}
        case _:
            pytest.fail(f"{call.title} is no call that these tenants need")
    return state._replace(**changed)


def _mask(names: Sequence[str], of: Sequence[str]) -> int:
    return sum(1 << of.index(name) for name in names)


def _with(method: str, mask: int, members: int) -> int:
    return mask | members if method == "POST" else mask & ~members


def _each(
    masks: Sequence[int], agents: Sequence[str], method: str, names: Sequence[str], of: Sequence[str]
) -> Iterator[int]:
    for agent, mask in zip(AGENTS, masks, strict=False):
        yield _with(method, mask, _mask(names, of)) if agent in agents else mask


@_SOME
@given(task=tasks(agents=2, queues=3, extensions=3, keys=1, places=(1, 2, 2, LIMIT)))
def test_the_led_search_finds_what_the_blind_one_finds(task: Task) -> None:
    """The search's bound is never too high, and neither it nor the moves that are left out cost a shorter way."""
    assume(task.goal.queues.bit_count() <= task.places)
    blind, led = search.widest(task), search.shortest(task)
    assert blind is not None
    assert led is not None
    assert len(blind) == len(led), (blind, led)
    assert search.Bound(task)(task.start) <= len(blind) - 1, blind


@given(task=tasks(agents=1, queues=2, extensions=1, keys=1, places=(1,)))
def test_what_the_search_calls_impossible_is(task: Task) -> None:
    """Nothing legal ends at a wish for more queues than there are places, and everything else is reached."""
    assert (search.widest(task) is None) == (search.shortest(task) is None)


@st.composite
def voice_tasks(draw: st.DrawFn) -> VoiceTask:
    """Draw files and prompts, live and wanted apart from each other."""

    def voices() -> Voices:
        files = tuple(draw(st.sampled_from(["", *CONTENTS])) for _ in FILES)
        plays: list[int | str] = ["", *TEXTS, *(place for place, content in enumerate(files) if content)]
        return Voices(files, tuple(draw(st.sampled_from(plays)) for _ in range(2)))

    return VoiceTask(start=voices(), goal=voices(), contents=CONTENTS, texts=TEXTS)


def _voice_wish(task: VoiceTask) -> Mapping[str, Any]:
    """Write the goal as files would, with where each recording lies."""
    wish = _voice_sections(task.goal)
    for name, fields in wish["voice_files"].items():
        fields["path"] = name
    return wish


def _voice_sections(voices: Voices) -> dict[str, dict[str, dict[str, Any]]]:
    playing: dict[str, dict[str, Any]] = {prompt: {} for prompt in PROMPTS}
    for prompt, plays in zip(PROMPTS, voices.prompts, strict=False):
        if plays != "":
            playing[prompt] = {"wav": FILES[plays]} if isinstance(plays, int) else {"tts": plays}
    files = {name: {"digest": content} for name, content in zip(FILES, voices.files, strict=True) if content}
    return {"voice_files": files, "default_voices": playing}


@_MANY
@given(task=voice_tasks())
def test_no_legal_way_is_shorter_for_prompts(task: VoiceTask) -> None:
    """Files and prompts are changed with the fewest calls, also where content changes under a name that is played."""
    made = make(desired_of(_voice_wish(task)), live_of(_voice_sections(task.start)))
    found = search.shortest_for_voices(task)
    assert found is not None
    assert () == made.refusals
    least = len(found) - 1
    assert (least, least) == (len(made.calls), made.summary.minimum_calls), (made.calls, found)


@given(task=voice_tasks())
def test_no_way_of_as_few_calls_is_kinder_to_those_who_listen(task: VoiceTask) -> None:
    """Of all ways of as few calls, none has fewer prompts at a time that are neither the old nor the new."""
    made = make(desired_of(_voice_wish(task)), live_of(_voice_sections(task.start)))
    least = search.quietest(task, len(made.calls))
    for calls in (made.calls, farthest(made.calls)):
        state = task.start
        worst = 0
        for call in calls:
            state = _heard(state, call, task)
            worst = max(worst, search.astray(state, task))
        assert task.goal == state
        assert least == worst, [call.why for call in calls]


def _heard(state: Voices, call: Call, task: VoiceTask) -> Voices:
    """Do what a call says to files and prompts."""
    body: Mapping[str, Any] = call.body or {}
    if call.path.endswith("defvoices"):
        (wire,) = body["DefVoices"]
        named = [wire[default_voices.NAMES[prompt]] for prompt, _ in zip(PROMPTS, state.prompts, strict=False)]
        contents = ["" if voice == "default" else voice["Content"] for voice in named]
        return state._replace(prompts=tuple(FILES.index(text) if text in FILES else text for text in contents))
    place = FILES.index(body["FileName"])
    content = task.goal.files[place] if call.method == "POST" else ""
    return state._replace(files=(*state.files[:place], content, *state.files[place + 1 :]))


NOTHING: Final = State(0, 0, 0, (0, 0, 0), (0, 0, 0), (0, 0))


@pytest.mark.parametrize(
    ("start", "goal", "calls"),
    [
        pytest.param(
            NOTHING._replace(agents=0b11, extensions=0b11, holds=(0b11, 0, 0)),
            NOTHING._replace(agents=0b01),
            3,
            id="two extensions that one agent drops go along with another who leaves",
        ),
        pytest.param(
            NOTHING._replace(agents=0b11, extensions=0b01, holds=(0b01, 0, 0)),
            NOTHING._replace(agents=0b01),
            3,
            id="for one extension that saves nothing",
        ),
        pytest.param(
            NOTHING._replace(agents=0b1, extensions=0b11),
            NOTHING,
            3,
            id="spares that only the store knows are not bound",
        ),
        pytest.param(
            NOTHING._replace(agents=0b11, extensions=0b11, holds=(0b01, 0b10, 0)),
            NOTHING._replace(agents=0b11, extensions=0b11, holds=(0b10, 0b01, 0)),
            4,
            id="two agents swap their extensions",
        ),
        pytest.param(
            NOTHING._replace(queues=0b111, keys=(0b001, 0b010)),
            NOTHING._replace(queues=0b111000, keys=(0b001000, 0b010000)),
            8,
            id="three of three queues are replaced, and the keys parked",
        ),
        pytest.param(
            NOTHING._replace(queues=0b111, keys=(0b001, 0b001)),
            NOTHING._replace(queues=0b111000, keys=(0b001000, 0b010000)),
            7,
            id="one old queue with keys and two new ones fit beside each other",
        ),
        pytest.param(
            NOTHING._replace(agents=0b111, queues=0b111),
            NOTHING._replace(agents=0b111, queues=0b111, serves=(0b111, 0b001, 0b001)),
            2,
            id="a star each of agent and queue covers all pairs",
        ),
    ],
)
def test_known_answers(start: State, goal: State, calls: int) -> None:
    """The search finds what was reckoned by hand."""
    found = search.shortest(Task(start=start, goal=goal, places=3, queue_ids=6))
    assert found is not None
    assert calls == len(found) - 1
