"""
Udesk's prompts and voice files for the search: they meet nothing else of a tenant.

A text stands for itself, a file for its place among the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from reconciler.model.call import Call
from reconciler.model.desired import Desired
from reconciler.model.live import Live
from reconciler.providers.udesk import PROVIDER
from reconciler.providers.udesk.kinds import default_voices
from tests.laws.search import Loss, Model
from tests.laws.udesk.tenants import FILES, desired_of, live_of
from tests.laws.udesk.tenants import VOICES as PROMPTS

CONTENTS: Final = ("0" * 16, "1" * 16)
TEXTS: Final = ("hello", "wait")


class Voices(NamedTuple):
    """
    Files and prompts. *files* has each file's content, "" where there is none.

    *prompts* has what each plays: the place of a file, a text that is read aloud, or "" for the system's own.
    """

    files: tuple[str, ...]
    prompts: tuple[int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceTask:
    """From where to where; *contents* and *texts* are all there are, the empty ones left out."""

    start: Voices
    goal: Voices
    contents: tuple[str, ...]
    texts: tuple[str, ...]

    @property
    def hopeless(self) -> bool:
        """Nothing is: there is room for all."""
        return False

    def moves(self, state: Voices) -> Iterator[Voices]:
        """Make every state that one legal write leads to."""
        return voice_moves(state, self)

    def useful(self, state: Voices) -> Iterator[Voices]:
        """Argue nothing away."""
        return self.moves(state)

    def bound(self) -> Callable[[Voices], int]:
        """Know nothing of what is to come, but that something is."""
        return lambda state: int(state != self.goal)

    def loss(self, state: Voices) -> Loss:
        """Count the prompts that are neither what they are at the start nor what they are in the end."""
        threes = zip(self.start.prompts, state.prompts, self.goal.prompts, strict=True)
        return (sum(now not in {before, after} for before, now, after in threes),)

    def strayed(self, _state: Voices) -> bool:
        """Count it as loss instead."""
        return False


def voice_moves(state: Voices, task: VoiceTask) -> Iterator[Voices]:
    """Make every state that one legal write leads to. New content under an old name is a new file."""
    files, prompts = state
    for place, content in enumerate(files):
        if not content:
            # POST ivrs/vfiles: file names are unique.
            for other in task.contents:
                yield state._replace(files=(*files[:place], other, *files[place + 1 :]))
        elif place not in prompts and not task.start.files[place] == content == task.goal.files[place]:
            # DELETE ivrs/vfiles: what happens to a prompt that plays it is not said, so none may.
            yield state._replace(files=(*files[:place], "", *files[place + 1 :]))
    # PUT ivrs/defvoices: all prompts at once.
    choices: tuple[int | str, ...] = ("", *task.texts, *(place for place, content in enumerate(files) if content))
    for playing in product(choices, repeat=len(prompts)):
        if playing != prompts:
            yield state._replace(prompts=playing)


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


def carried_out(state: Voices, call: Call, task: VoiceTask) -> Voices:
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


def tenant_of(task: VoiceTask) -> tuple[Desired, Live]:
    """Say the same to the planner."""
    return desired_of(_voice_wish(task)), live_of(_voice_sections(task.start))


def told(before: Voices, after: Voices) -> str:
    """Say what one move changed."""
    return f"{before} → {after}"


MODEL: Final = Model(
    provider=PROVIDER,
    tasks=voice_tasks,
    walked=voice_tasks,
    tiny=voice_tasks,
    gentle=voice_tasks,
    cramped=voice_tasks,
    tenant_of=tenant_of,
    carried_out=carried_out,
    told=told,
    impossible="",
)
