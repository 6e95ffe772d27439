"""Rules of audio files. Source: TCCC API, "UploadIvrAudio", "DescribeIvrAudioList"."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from reconciler.providers.tencent.simulator.answers import UPLOAD_OVERFLOW, Refused, invalid_value
from reconciler.providers.tencent.simulator.asked import Asked, page
from reconciler.providers.tencent.simulator.dialect import Dialect
from reconciler.providers.tencent.simulator.records import Audio, Tenant

LARGEST_PAGE: Final = 50
_VERDICTS: Final = {"approved": 1, "rejected": 2, "pending": 0}


def upload(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """
    Fetch files from their links, each for itself ("UploadIvrAudio").

    There is no network here, so a link stands for its content: the same link twice is the same content.
    """
    files = asked.body["AudioList"]
    if not files:
        raise invalid_value("The parameter `AudioList` is empty.")
    if tenant.uploads + len(files) > asked.dialect.uploads_a_day:
        raise Refused(UPLOAD_OVERFLOW, "Too many files were uploaded today.")
    made, failed = [], []
    for item in files:
        file_name = _file_name(item["AudioUrl"])
        # What the vendor finds behind a link that the files name is for the vendor to say.
        problem = "" if asked.trusted else _problem(tenant, item["CustomFileName"], item["AudioUrl"], file_name)
        if problem:
            failed.append({"FileName": file_name, "FailedMsg": problem})
            continue
        tenant.last_file += 1
        tenant.uploads += 1
        file = Audio(
            tenant.last_file, item["CustomFileName"], file_name, status=0, url=_content(item["AudioUrl"]), fresh=True
        )
        tenant.files[file.id] = file
        if not asked.dialect.review_after:
            _review(file, asked.dialect)
        made.append(_shown(file))
    tenant.tick()
    return {"FailedFileList": failed, "SuccessFileList": made}


def _problem(tenant: Tenant, alias: str, url: str, file_name: str) -> str:
    if not alias:
        return "the alias is empty"
    if not url.lower().startswith(("http://", "https://")):
        return "the link can not be fetched"
    if not file_name.lower().endswith((".mp3", ".wav")):  # "supports mp3 and wav formats"
        return "the format is not supported"
    if any(file.url == _content(url) for file in tenant.files.values()):
        return "duplicate file content"
    return ""


def _content(url: str) -> str:
    """Take what a link stands for: a temporary one has its signature in the query."""
    return url.partition("?")[0]


def _file_name(url: str) -> str:
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""


def _review(file: Audio, dialect: Dialect) -> None:
    file.status = _VERDICTS[dialect.review]
    file.fresh = False


def read_all(tenant: Tenant, asked: Asked) -> dict[str, Any]:
    """List files; the list is `FileInfo` ("DescribeIvrAudioList")."""
    body = asked.body
    found = list(tenant.files.values())
    if body.get("CustomFileName"):
        found = [file for file in found if file.alias in body["CustomFileName"]]
    if body.get("AudioFileName"):
        found = [file for file in found if file.file_name in body["AudioFileName"]]
    if body.get("FileId"):
        found = [file for file in found if file.id in body["FileId"]]
    ids = page([file.id for file in found], tenant, asked, largest=LARGEST_PAGE)
    rows = [_shown(tenant.files[file_id]) for file_id in ids]
    for file_id in ids:
        file = tenant.files[file_id]
        file.shown += 1
        if file.fresh and 0 < asked.dialect.review_after <= file.shown:
            _review(file, asked.dialect)
    return {"TotalCount": len(found), "FileInfo": rows}


def _shown(file: Audio) -> dict[str, Any]:
    return {
        "FileId": file.id,
        "CustomFileName": file.alias,
        "AudioFileName": file.file_name,
        "Status": file.status,
    }
