"""Udesk default voices: the nine prompts. Source: Udesk CTI Cloud API, "Set IVR Default Voices"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.model.resource import RefTo, Resource, Risky

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

    wav: Annotated[
        str, RefTo("voice_files"), Risky("medium"), Field(min_length=1, description="A voice file to play.")
    ] = ""
    tts: Annotated[str, Risky("medium"), Field(min_length=1, description="A text to read aloud.")] = ""

    @model_validator(mode="before")
    @classmethod
    def _one(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and not {"wav", "tts"}.isdisjoint(values) and len(values) > 1:
            raise PydanticCustomError("one-voice", "a prompt is a wav or a tts, not both")
        if isinstance(values, Mapping) and not values:
            raise PydanticCustomError("no-voice", "a prompt is {{wav: file}}, {{tts: text}} or default")
        return values
