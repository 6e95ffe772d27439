"""
Give a pull request one comment, and bring the same one up to date from then on.

Reads GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST, COMMENT_FILE, COMMENT_AUTHOR, and COMMENT_KEY or
COMMENT_OF. Python's own library is enough: a runner of one's own may have no `gh` and no `jq`.

The comment is told by its first line, which people do not see, and by its author: whoever else writes that line gets
nothing written into what is theirs. A comment is also brought up to date when there is no plan, lest an old one stands
there as if it were of today.
"""

# ruff: noqa: INP001 - a program, and no part of a package
from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

_LONGEST: Final = 65_000  # characters; GitHub takes 65,536
_PAGE: Final = 100  # comments that one answer has at most
_PATIENCE_S: Final = 30
_PAUSES_S: Final = (2, 10)  # before the second and the third try


class Failed(Exception):
    """GitHub refused, or could not be reached."""


class GitHub:
    """The few things that are asked of GitHub about one pull request."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._token = environ["GITHUB_TOKEN"]
        self._repository = f"{environ['GITHUB_API_URL'].rstrip('/')}/repos/{environ['GITHUB_REPOSITORY']}"
        self._number = environ["PULL_REQUEST"]
        if not self._number.isdecimal():
            raise Failed(f"{self._number!r} is no number of a pull request")

    def comments(self) -> Iterator[Mapping[str, Any]]:
        """Give all comments, the oldest first."""
        page = 1
        while True:
            path = f"issues/{self._number}/comments?per_page={_PAGE}&page={page}"
            found = self._send("GET", path)
            yield from found
            if len(found) < _PAGE:
                return
            page += 1

    def create(self, body: str) -> None:
        """Write a comment."""
        self._send("POST", f"issues/{self._number}/comments", {"body": body})

    def update(self, comment: int, body: str) -> None:
        """Write a comment anew."""
        self._send("PATCH", f"issues/comments/{comment}", {"body": body})

    def delete(self, comment: int) -> None:
        """Take a comment away."""
        self._send("DELETE", f"issues/comments/{comment}")

    def _send(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the runner's own setting
            f"{self._repository}/{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": "reconciler",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310 - the same
                text = answer.read()
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code == 429:
                raise ConnectionError(f"GitHub answered {error.code}") from error
            raise Failed(f"GitHub answered {error.code} to {method} {path.partition('?')[0]}") from error
        return json.loads(text) if text else None


def marker(environ: Mapping[str, str]) -> str:
    """Give the line that tells our comment from others: of COMMENT_KEY, or of what the comment is about."""
    key = environ.get("COMMENT_KEY", "")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", key):  # empty, or something that could end the line
        key = hashlib.sha256(f"{key}\n{environ.get('COMMENT_OF', '')}".encode()).hexdigest()[:12]
    return f"<!-- reconciler-action:{key} -->"


def stick(github: GitHub, line: str, text: str, author: str) -> str:
    """Have one comment with *text*; say what was done."""
    body = f"{line}\n{text}"
    if len(body) > _LONGEST:
        body = f"{body[:_LONGEST]}\n\n…"
    ours = [
        comment
        for comment in github.comments()
        if (comment.get("user") or {}).get("login") == author
        and (comment.get("body") or "").replace("\r\n", "\n").startswith(f"{line}\n")
    ]
    if not ours:
        github.create(body)
        return "written"
    first, *others = ours
    github.update(first["id"], body)
    for other in others:  # two runs at the same time may have written one each
        github.delete(other["id"])
    return "brought up to date"


def patiently(work: Callable[[], str], sleep: Callable[[float], None]) -> str:
    """Do all of it again after a failure that may pass; a comment whose answer was lost is found then."""
    for pause in _PAUSES_S:
        try:
            return work()
        except (OSError, ValueError):  # no connection, or no JSON
            sleep(pause)
    return work()


def main(environ: Mapping[str, str] = os.environ, sleep: Callable[[float], None] = time.sleep) -> int:
    """Have the comment; give the exit code."""
    try:
        text = Path(environ["COMMENT_FILE"]).read_text(encoding="utf-8", errors="replace")
        done = patiently(lambda: stick(GitHub(environ), marker(environ), text, environ["COMMENT_AUTHOR"]), sleep)
    except (Failed, OSError, ValueError, KeyError) as error:
        said = str(error).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        print(f"::error title=No comment::The pull request's comment is not of this run: {said}")  # noqa: T201 - the log
        return 1
    print(f"The pull request's comment was {done}.")  # noqa: T201 - the log
    return 0


if __name__ == "__main__":
    sys.exit(main())
