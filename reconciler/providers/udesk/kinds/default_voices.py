"""Udesk default voices: the nine prompts. Source: Udesk CTI Cloud API, "Set IVR Default Voices"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.model.call import Call, Fact, Reading
from reconciler.model.change import Change
from reconciler.model.kind import Context, Kind, Lowered, Shape
from reconciler.model.live import Memory
from reconciler.model.resource import Computed, RefTo, Resource, Risky
from reconciler.providers.udesk.decode import get, pick, result, rows, text, unexpected
from reconciler.providers.udesk.kinds.fast_routers import VOICES_SET
from reconciler.providers.udesk.kinds.voice_files import fact
from reconciler.providers.udesk.playing import Playing, Plays, playing
from reconciler.providers.udesk.protocol import API

NAMES: Final = {
    "welcome": "Welcome",
    "closing_time": "ClosingTime",
    "no_answer": "NoAnswer",
    "voice_mail": "VoiceMail",
    "waiting": "Waiting",
    "consult": "Consult",
    "hold": "Hold",
    "queue_timeout": "QueueTimeout",
    "evaluate": "Evaluate",
}


class DefaultVoice(Resource):
    """What callers hear at one moment: a wav file, a text read aloud, or the system's own prompt."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    wav: Annotated[
        str, RefTo("voice_files"), Risky("medium"), Field(min_length=1, description="A voice file to play.")
    ] = ""
    tts: Annotated[str, Field(min_length=1, description="A text to read aloud.")] = ""
    name: Annotated[str, Computed()] = ""  # of a live prompt; in YAML it is the entry's own

    @model_validator(mode="before")
    @classmethod
    def _one(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and not {"wav", "tts"}.isdisjoint(values) and len(values) > 1:
            raise PydanticCustomError("one-voice", "a prompt is a wav or a tts, not both")
        if isinstance(values, Mapping) and not values:
            raise PydanticCustomError("no-voice", "a prompt is {wav: file}, {tts: text} or default")
        return values


def read(_memory: Memory) -> Reading[tuple[DefaultVoice, ...]]:
    """Read all nine; one that is missing is the system's own. `Voices` is an object, or a list of objects."""
    (reply,) = yield (get("ivrs/defvoices"),)
    value = result(reply, "ivrs/defvoices", "Voices", "DefVoices")
    if isinstance(value, dict) and ("Voices" in value or "DefVoices" in value):
        value = pick(value, "Voices", "DefVoices")
    merged: dict[str, Any] = {}
    for part in [value] if isinstance(value, dict) else rows(value, "ivrs/defvoices"):
        merged.update(part)
    if merged and merged.keys().isdisjoint(NAMES.values()):
        raise unexpected("ivrs/defvoices", f"it has none of {', '.join(NAMES.values())}")
    return tuple(DefaultVoice.live({"name": name, **_decode(merged.get(wire), wire)}) for name, wire in NAMES.items())


def _decode(value: Any, wire: str) -> dict[str, str]:
    if value in (None, "", "default"):
        return {"wav": "", "tts": ""}
    if not isinstance(value, dict):
        raise unexpected("ivrs/defvoices", f"{wire} is neither an object nor default")
    content = text(value, "Content")
    match text(value, "Type").lower():
        case "wav":
            return {"wav": content, "tts": ""}
        case "tts":
            return {"wav": "", "tts": content}
        case "" | "default":
            return {"wav": "", "tts": ""}
        case other:
            raise unexpected("ivrs/defvoices", f"{wire} has the unknown type {other!r}")


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """
    Set all nine in one call.

    Whether a prompt left out keeps its setting is not said, so the live ones go along. A file that is replaced under
    its own name must not be named meanwhile: one call more, before, lets go of it.
    """
    plays = playing(context)
    parked, settled = plays.parked, plays.settled
    files = dict.fromkeys(plays.live[name][0] for name in parked)
    renewed = tuple(f"voice_files/{context.desired.local_name('voice_files', file)}" for file in files)
    calls = []
    if parked:
        for_good = [change.address for change in changes if change.identity in settled]
        let_go = ", ".join(f"{name} for {'good' if name in settled else 'now'}" for name in parked)
        calls.append(
            _set(
                plays.between,
                context,
                changes=(*renewed, *for_good),
                why=f"let go of the files that are replaced: {let_go if settled else ', '.join(parked)}",
                requires=_there(settled, plays),
                gives=frozenset({_PARKED}) | _played(settled, plays.wanted),
                takes=_played(parked, plays.live),
            )
        )
    if changes or parked:
        late = [change for change in changes if change.identity not in settled]
        moved = sorted({change.identity for change in late} | plays.silenced)
        gone = _played([name for name in moved if name not in parked], plays.live)
        calls.append(
            _set(
                plays.wanted,
                context,
                changes=tuple(change.address for change in late) or renewed,
                why=f"set {', '.join(moved)}",
                requires=_there(moved, plays) | ({_PARKED} if parked else frozenset()),
                gives=_played(moved, plays.wanted) | {VOICES_SET},
                takes=gone - _played(moved, plays.wanted),
            )
        )
    return Lowered(calls=tuple(calls))


_PARKED: Final = ("voices parked",)


def _played(names: Iterable[str], voices: Mapping[str, Plays]) -> frozenset[Fact]:
    """Name which files prompts play."""
    return frozenset(("plays", name, voices[name][0]) for name in names if name in voices and voices[name][0])


def _there(names: Iterable[str], plays: Playing) -> frozenset[Fact]:
    """Name the files that must be there for prompts to play what they are to play."""
    files = {plays.wanted[name][0] for name in names} - {""}
    return frozenset(fact(file, renewed=file in plays.renewed) for file in files)


def _set(voices: Mapping[str, Plays], context: Context, **rest: Any) -> Call:
    """
    Set prompts.

    The page types DefVoices as a list and names its items like fields: a list of one object, or the object. A live
    prompt may name a file that is gone; whether it may be sent again is not said, and if not, it is left out.
    """
    sound = _sound(voices, context)
    forms = [_form(voices, listed=True), _form(voices, listed=False)]
    if len(sound) < len(voices):
        forms += [_form(sound, listed=True), _form(sound, listed=False)]
    call = forms.pop()
    while forms:
        # A form that is refused says nothing of the files, so both kinds of refusal lead on.
        conditions = frozenset({"form", "missing"} if len(sound) < len(voices) else {"form"})
        call = replace(forms.pop(), otherwise=call, otherwise_on=conditions)
    return replace(call, **rest)


def _form(voices: Mapping[str, Plays], *, listed: bool) -> Call:
    wire: dict[str, Any] = {}
    for name, (wav, tts) in sorted(voices.items()):
        if wav:
            wire[NAMES[name]] = {"Type": "wav", "Content": wav}
        elif tts:
            wire[NAMES[name]] = {"Type": "tts", "Content": tts}
        else:
            wire[NAMES[name]] = "default"
    return Call("PUT", API + "ivrs/defvoices", {"DefVoices": [wire] if listed else wire})


def _sound(voices: Mapping[str, Plays], context: Context) -> Mapping[str, Plays]:
    """Leave out the prompts that play what was gone before: live, and not listed."""
    listed = context.live.of("voice_files")
    live = context.live.of("default_voices")
    return {
        name: plays
        for name, plays in voices.items()
        if not plays[0] or plays[0] in listed or name not in live or live[name].wav != plays[0]
    }


KIND: Final = Kind(
    section="default_voices",
    one="default voice",
    resource=DefaultVoice,
    shape=Shape.NAMED,
    description="What callers hear at nine moments: {wav: file}, {tts: text} or default.",
    read=read,
    identity=lambda voice: voice.name,
    scalars={"default": {}},
    names=tuple(NAMES),
    fixed=True,
    together=True,
    lower=lower,
)
