"""Rules of prompts and keys. Source: Udesk CTI Cloud API, "IVR Configuration Management"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.providers.udesk.simulator import forms
from reconciler.providers.udesk.simulator.answers import (
    INVALID_WAV,
    OVERLOADED,
    Denied,
    duplicate,
    not_found,
    nothing_to_delete,
    parameter,
)
from reconciler.providers.udesk.simulator.asked import Asked, Done, listed, ordered
from reconciler.providers.udesk.simulator.records import VOICES, Key, Tenant, Voice


def upload(tenant: Tenant, asked: Asked) -> Done:
    """
    Add a voice file ("Upload IVR Voice File").

    Whether bytes must come along, and how, is the wire's business; where there are any, they must be a wav.
    """
    name = forms.needed(asked.body, "FileName", blank="File name Blank")
    forms.choice(asked.body, "FileType", "wav", ("wav",))  # "only wav is supported"
    description = forms.text(asked.body, "FileDesc", "")
    if name in tenant.voice_files:  # "Filename, must be unique"
        raise duplicate(name, "file_name")
    if asked.upload is not None and not (asked.upload[:4] == b"RIFF" and asked.upload[8:12] == b"WAVE"):
        raise Denied(INVALID_WAV, "invalid wav")
    tenant.voice_files[name] = description
    return Done()


def delete_file(tenant: Tenant, asked: Asked) -> Done:
    """Delete a voice file ("Delete IVR Voice File")."""
    name = forms.needed(asked.body, "FileName", blank="File name Blank")
    if name not in tenant.voice_files:
        raise nothing_to_delete()
    played = any(voice.kind == "wav" and voice.content == name for voice in tenant.voices.values())
    if played and asked.dialect.voice_in_use == "refused":
        raise Denied(OVERLOADED, "Voice file is in use, can't delete")
    del tenant.voice_files[name]
    return Done()


def list_files(tenant: Tenant, asked: Asked) -> Done:
    """List the voice files ("Get IVR Voice File List")."""
    files = (
        {"FileName": name, "FileType": "wav", "FileDesc": tenant.voice_files[name]}
        for name in ordered(tenant.voice_files, asked.dialect)
    )
    return Done(result={"IvrVFiles": listed(files, asked.dialect)})


def set_voices(tenant: Tenant, asked: Asked) -> Done:
    """Set prompts ("Set IVR Default Voices")."""
    given: Any = asked.body.get("DefVoices")
    if given is None:
        raise parameter("DefVoices Blank")
    if asked.dialect.voices_body == "list":
        if not isinstance(given, list) or len(given) != 1:
            raise parameter("ParamsInvalid")
        given = given[0]
    if not isinstance(given, Mapping):
        raise parameter("ParamsInvalid")
    voices = {name: _voice(tenant, asked, name, value) for name, value in given.items()}
    kept = tenant.voices if asked.dialect.voices_left_out == "keep" else {}
    merged = {**kept, **voices}
    tenant.voices = {name: voice for name, voice in merged.items() if voice is not None}
    return Done()


def _voice(tenant: Tenant, asked: Asked, name: str, value: Any) -> Voice | None:
    """Read one prompt: "default", a text to read aloud, or the name of a voice file that exists."""
    if name not in VOICES:
        raise parameter("ParamsInvalid")
    if value == "default":
        return None
    if not isinstance(value, Mapping):
        raise parameter("ParamsInvalid")
    kind = forms.needed(value, "Type")
    content = forms.needed(value, "Content")
    if kind not in {"tts", "wav"}:
        raise parameter("ParamsInvalid")
    voice = Voice(kind=kind, content=content)
    plays_it = asked.dialect.dangling == "kept" and tenant.voices.get(name) == voice
    if kind == "wav" and content not in tenant.voice_files and not plays_it:
        raise not_found()
    return voice


def read_voices(tenant: Tenant, asked: Asked) -> Done:
    """Show the prompts ("Get IVR Default Voices")."""
    shown: dict[str, Any] = {}
    for name in VOICES:
        voice = tenant.voices.get(name)
        if voice is not None:
            shown[name] = {"Type": voice.kind, "Content": voice.content}
        elif asked.dialect.voices_unset == "default":
            shown[name] = "default"
    return Done(result={"Voices": shown if asked.dialect.voices_answer == "object" else [shown]})


def set_keys(tenant: Tenant, asked: Asked) -> Done:
    """Replace the whole key table ("Update Fast Router Configuration")."""
    keys: dict[str, Key] = {}
    for entry in forms.objects(asked.body, "FastRouter", empty=True):
        key = forms.needed(entry, "Dtmf", forms.KEY)
        if key in keys or "Desc" not in entry:  # "Desc" is required, and may well be ""
            raise parameter("ParamsInvalid")
        queue_id = forms.needed(entry, "QueueId", forms.QUEUE_ID)
        if queue_id not in tenant.queues and not _leads_there(tenant, asked, key, queue_id):
            raise not_found("Queue Blank")
        keys[key] = Key(queue=queue_id, description=forms.text(entry, "Desc", ""))
    tenant.keys = keys
    return Done()


def _leads_there(tenant: Tenant, asked: Asked, key: str, queue_id: str) -> bool:
    """Whether a key that leads to nowhere may go on doing so."""
    return asked.dialect.dangling == "kept" and key in tenant.keys and tenant.keys[key].queue == queue_id


def read_keys(tenant: Tenant, asked: Asked) -> Done:
    """Show the key table ("Get Fast Router Configuration")."""
    table = listed(
        (
            {"Dtmf": key, "Desc": tenant.keys[key].description, "QueueId": tenant.keys[key].queue}
            for key in ordered(tenant.keys, asked.dialect)
        ),
        asked.dialect,
    )
    return (
        Done(beside={"FastRouter": table}) if asked.dialect.fast_router == "top" else Done(result={"FastRouter": table})
    )
