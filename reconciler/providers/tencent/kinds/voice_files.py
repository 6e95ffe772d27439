"""
Tencent voice files: IVR audio, which the vendor fetches from a link.

Source: Tencent CCC 2020-02-10, UploadIvrAudio, DescribeIvrAudioList. Nothing deletes, renames or shows the content of
an audio file, and several may bear one alias. So the alias carries a digest of what was uploaded, where it fits
(`welcome [0123456789abcdef]`); new content is a new file beside the old one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.model.call import Call, Reading
from reconciler.model.change import Action, Change
from reconciler.model.desired import Entry
from reconciler.model.kind import Context, Kind, Lowered, Pending, Review, Shape
from reconciler.model.live import Memory
from reconciler.model.plan import Refusal
from reconciler.model.resource import Computed, Derived, Identity, Needed, Resource, Risky, WriteOnly
from reconciler.providers.tencent.decode import Paged, Row, needed, text
from reconciler.providers.tencent.limits import AUDIO_PAGE

_LONGEST: Final = 100  # characters of an alias that carries a digest; how many fit is not said
_ALIAS: Final = re.compile(r"(?P<name>.+?) \[(?P<digest>[0-9a-f]{16})\]", re.DOTALL)


def _url(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or value != value.strip():
        raise PydanticCustomError("bad-url", "this is no address that the vendor can fetch; write https://…")
    return value


class VoiceFile(Resource):
    """A prompt: mp3 or wav, at most 5 MB, reviewed by the vendor."""

    name: Annotated[
        str, Identity(), Field(pattern=r"^[^\x00-\x1f\x7f#]{1,200}$", description="The file's alias at the vendor.")
    ]
    url: Annotated[
        str,
        Needed(),
        WriteOnly(),
        BeforeValidator(_url),
        Field(description="Where the vendor fetches it: mp3 or wav, at most 5 MB, reachable from the internet."),
    ] = ""
    sha256: Annotated[
        str,
        WriteOnly(),
        Field(
            pattern=r"^[0-9a-fA-F]{64}$",
            description="The content's SHA-256: then new content is uploaded, and a new url alone is no change.",
        ),
    ] = ""
    digest: Annotated[str, Risky("medium"), Derived()] = ""
    digests: Annotated[tuple[str, ...], Computed()] = ()  # of all live files of this name
    file_id: Annotated[str, Computed()] = ""
    status: Annotated[str, Computed()] = ""

    @model_validator(mode="before")
    @classmethod
    def _digested(cls, values: Any) -> Any:
        """Add what tells this file from another: its content where the entry says so, else its address."""
        if not isinstance(values, Mapping):
            return values
        content, url = values.get("sha256"), values.get("url")
        if isinstance(content, str) and content:
            return {**values, "digest": content.lower()[:16]}
        if isinstance(url, str) and url:
            return {**values, "digest": hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:16]}
        return values


_PAGES: Final = Paged(
    action="DescribeIvrAudioList", rows="FileInfo", key=lambda row: text(row, "FileId"), size=AUDIO_PAGE
)


def alias(name: str, digest: str) -> str:
    """Give the alias under which a file is uploaded."""
    whole = f"{name} [{digest}]"
    return whole if len(whole) <= _LONGEST else name


def read(memory: Memory) -> Reading[tuple[VoiceFile, ...]]:
    """Read all files; of those with one name the newest stands for it, and the others beside it, with their ids."""
    found = yield from _PAGES.read()
    files: dict[str, list[tuple[int, str, Row]]] = {}
    for row in found:
        bare, digest = _read_alias(row, memory)
        files.setdefault(bare, []).append((int(needed(row, "FileId", _PAGES.action)), digest, row))
    return tuple(item for name in sorted(files) for item in _named(name, files[name]))


def _read_alias(row: Row, memory: Memory) -> tuple[str, str]:
    whole = needed(row, "CustomFileName", _PAGES.action)
    match = _ALIAS.fullmatch(whole)
    if match:
        return match["name"], match["digest"]
    known = memory.of("voice_files").get(whole, {})
    return whole, str(known.get("digest", "")) if str(known.get("file_id", "")) == text(row, "FileId") else ""


def _named(name: str, rows: list[tuple[int, str, Row]]) -> Sequence[VoiceFile]:
    rows.sort(key=lambda item: item[0])
    good = {digest for _, digest, row in rows if digest and text(row, "Status") != _REJECTED}
    newest = rows[-1][0]
    return [
        VoiceFile.live(
            {
                "name": name if number == newest else f"{name}#{number}",
                "url": "",
                "sha256": "",
                "digest": digest,
                "digests": tuple(sorted(good)),
                "file_id": str(number),
                "status": text(row, "Status"),
            }
        )
        for number, digest, row in rows
    ]


_WAITING, _APPROVED, _REJECTED = "0", "1", "2"


def review(entry: Entry, live: VoiceFile) -> Review | None:
    """Leave alone what nobody can tell, and what is there under this name already, if not as the newest."""
    wish = entry.resource
    assert isinstance(wish, VoiceFile), "voice files are reviewed against voice files"
    if "digest" not in entry.written:
        return None
    if wish.digest == live.digest and live.status == _REJECTED:
        return Review(
            refusal=Refusal(
                rule="rejected-file",
                message=f"{entry.address}: the vendor has reviewed this file and turned it down",
                objects=(entry.address,),
                remedy="Give it another url or content (sha256), or take the entry out of the files.",
            )
        )
    if wish.digest == live.digest and live.status == _WAITING:
        return Review(warning=f"{entry.address} is there, and of no use yet: the vendor has not reviewed it")
    if wish.digest in live.digests:
        return Review(skip=frozenset({"digest"}))
    if not live.digest:
        return Review(
            skip=frozenset({"digest"}),
            warning=f"the live file {live.name} carries no digest, so whether it is what the files name can't be told, "
            "and it is left alone",
        )
    return None


def pending(live: VoiceFile) -> Pending | None:
    """Say that people at the vendor have not reviewed a file yet, or have turned it down."""
    if live.status == _REJECTED:
        return Pending(path="status", wanted="approved", found="rejected", over=True)
    if live.status == _WAITING:
        return Pending(path="status", wanted="approved", found="not reviewed yet")
    return None


def lower(changes: Sequence[Change], _context: Context) -> Lowered:
    """Upload, one file a call, so that it is known which one failed."""
    notes = tuple(
        f"{change.address}: the old file stays at the vendor, since no action deletes it."
        for change in changes
        if change.action is Action.UPDATE
    )
    return Lowered(calls=tuple(_upload(change) for change in changes), notes=notes)


def _upload(change: Change) -> Call:
    wish = change.desired
    assert isinstance(wish, VoiceFile), "voice files are never deleted"
    return Call(
        "POST",
        "/",
        {"AudioList": [{"CustomFileName": alias(wish.name, wish.digest), "AudioUrl": wish.url}]},
        action="UploadIvrAudio",
        changes=(change.address,),
        why=f"have the vendor fetch {wish.name} from its url",
        gives=frozenset({("file", wish.name, wish.digest)}),
    )


KIND: Final = Kind(
    section="voice_files",
    one="voice file",
    resource=VoiceFile,
    shape=Shape.NAMED,
    description="Prompts: mp3 or wav, fetched by the vendor from a url, and reviewed there. Nothing deletes them.",
    read=read,
    identity=lambda file: file.name,
    exported=False,
    unsupported={
        "path": "the vendor fetches the file itself: put it where it can be reached, and write url",
        "description": "a file has no description here",
    },
    review=review,
    pending=pending,
    lower=lower,
)
