"""Udesk voice files: prompts to upload. Source: Udesk CTI Cloud API, "IVR Configuration Management"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from pydantic import Field

from reconciler.model.call import Call, Fact, Reading, Upload
from reconciler.model.change import Action, Change
from reconciler.model.desired import Entry
from reconciler.model.kind import Context, Kind, Lowered, Review, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import Creates, DigestOf, Identity, Needed, Resource, Risky, WriteOnly
from reconciler.providers.udesk.decode import Row, get, needed, result, rows, text
from reconciler.providers.udesk.playing import playing
from reconciler.providers.udesk.protocol import API, BASE64


class VoiceFile(Resource):
    """A wav file that prompts can play."""

    name: Annotated[str, Identity(), Field(pattern=r"^[^/\\\x00-\x1f]{1,200}$", description="File name at the vendor.")]
    path: Annotated[
        str, Needed(), WriteOnly(), Field(min_length=1, description="The wav file, relative to this YAML file.")
    ] = ""
    description: Annotated[
        str, Creates(), Field(description="A remark; it travels with the next upload of the file.")
    ] = ""
    digest: Annotated[
        str,
        Risky("medium"),
        DigestOf("path", magic=((0, b"RIFF"), (8, b"WAVE")), word="a wav file"),
    ] = ""


_DIGEST: Final = re.compile(r"^(?P<description>.*?)\s*\[sha256:(?P<digest>[0-9a-f]{16})\]\s*$", re.DOTALL)


def read(_memory: Memory) -> Reading[tuple[VoiceFile, ...]]:
    """Read the list; content can't be read, so its digest is in FileDesc. Source: "Get IVR Voice File List"."""
    (reply,) = yield (get("ivrs/vfiles"),)
    found = rows(result(reply, "ivrs/vfiles", "IvrVFiles"), "ivrs/vfiles", "IvrVFiles", "VFiles", "Files")
    return tuple(_decode(row) for row in found)


def _decode(row: Row) -> VoiceFile:
    described = text(row, "FileDesc")
    match = _DIGEST.match(described)
    return VoiceFile.live(
        {
            "name": needed(row, "ivrs/vfiles", "FileName"),
            "path": "",
            "description": match["description"] if match else described,
            "digest": match["digest"] if match else "",
        }
    )


def review(entry: Entry, live: VoiceFile) -> Review | None:
    """Leave a live file alone whose content nobody can tell."""
    if live.digest or "digest" not in entry.written:
        return None
    return Review(
        skip=frozenset({"digest"}),
        warning=f"the live file {live.name} carries no digest, so whether its content is {entry.resource.path} "  # type: ignore[attr-defined]
        "can't be told, and it is left alone",
    )


def lower(changes: Sequence[Change], context: Context) -> Lowered:
    """Upload and delete. A file name is unique, so new content under a live name means to delete it first."""
    calls = []
    notes = []
    refusals: list[Refusal] = []
    for change in changes:
        match change.action:
            case Action.CREATE:
                calls.append(_upload(change))
            case Action.UPDATE:
                calls.extend((_remove(change, context), _upload(change, instead=True)))
                plays = playing(context)
                if voices := sorted(name for name in plays.silenced if plays.live[name][0] == change.identity):
                    notes.append(
                        f"{change.identity} is replaced under its own name, which the vendor only allows when no "
                        f"prompt names it: callers hear the system's own prompt meanwhile ({', '.join(voices)})."
                    )
                    refusals.extend(_unmanaged(change, voices, context))
            case Action.DELETE:
                calls.append(_remove(change, context))
    return Lowered(calls=tuple(calls), refusals=tuple(refusals), notes=tuple(notes))


def _unmanaged(change: Change, voices: Sequence[str], context: Context) -> Iterator[Refusal]:
    """Refuse what a run that is cut could not make good: a prompt that is set aside, and that no file wishes back."""
    managed = {entry.identity for entry in context.desired.of("default_voices").values()}
    left = [voice for voice in voices if voice not in managed]
    if left:
        yield Refusal(
            rule="unmanaged-prompt",
            message=f"{change.address} has new content, and to replace it the prompt {', '.join(left)} must let go of "
            "it for a moment; the files do not manage that prompt, so a run that stops there could not set it again",
            objects=(change.address, *(f"default_voices/{voice}" for voice in left)),
            remedy=f"Add it to the files (default_voices: {{{left[0]}: {{wav: {change.name}}}}}), or give the new "
            "content a new file name.",
        )


def fact(name: str, *, renewed: bool) -> Fact:
    """Name a file's presence; new content under an old name is another file."""
    return ("file", name, "new") if renewed else ("file", name)


def _upload(change: Change, *, instead: bool = False) -> Call:
    wish = change.desired
    assert isinstance(wish, VoiceFile), "an upload has a wish"
    described = f"{wish.description} [sha256:{wish.digest}]".lstrip()
    fields = {"FileName": wish.name, "FileType": "wav", "FileDesc": described}
    upload = Upload(path=wish.path, digest=wish.digest)
    # How the bytes travel is not said ("Upload IVR Voice File" lists no part for them): as a multipart file beside the
    # fields, or as base64 in JSON, whichever the vendor does not refuse.
    as_json = Call("POST", API + "ivrs/vfiles", {**fields, "FileContent": BASE64}, upload=upload)
    return Call(
        "POST",
        API + "ivrs/vfiles",
        fields,
        upload=upload,
        otherwise=as_json,
        otherwise_on=frozenset({"form"}),
        changes=(change.address,),
        why=f"upload {wish.path} as {wish.name}",
        forbids=frozenset({fact(wish.name, renewed=False)}) if instead else frozenset(),
        gives=frozenset({fact(wish.name, renewed=instead)}),
    )


def _remove(change: Change, context: Context) -> Call:
    # Deleting a file that a prompt plays: not said what happens, so it is never done.
    voices = [name for name, (wav, _) in playing(context).live.items() if wav == change.identity]
    return Call(
        "DELETE",
        API + "ivrs/vfiles",
        {"FileName": change.identity},
        accepts=frozenset({"missing"}),
        changes=(change.address,),
        why=f"delete voice file {change.identity}",
        forbids=frozenset(("plays", voice, change.identity) for voice in voices),
        takes=frozenset({fact(change.identity, renewed=False)}),
    )


KIND: Final = Kind(
    section="voice_files",
    one="voice file",
    resource=VoiceFile,
    shape=Shape.NAMED,
    description="Wav files that prompts can play.",
    read=read,
    identity=lambda file: file.name,
    collection=True,
    exported=False,
    review=review,
    lower=lower,
)
