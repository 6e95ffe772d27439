"""Where the files of this run can be read on the web, as the pipeline that runs it says."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

_PIPELINES: Final = (
    # The address of the repository, the commit, where it was checked out, and what stands between the first two.
    (("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"), "GITHUB_SHA", "GITHUB_WORKSPACE", "/blob/"),
    (("CI_PROJECT_URL",), "CI_COMMIT_SHA", "CI_PROJECT_DIR", "/-/blob/"),
)
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9._~:/%-]+")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")


def here() -> str:
    """Name the folder in which the command runs; "" where it is gone."""
    try:
        return os.getcwd()  # noqa: PTH109 - it is compared with paths as users write them
    except OSError:
        return ""


def home(environ: Mapping[str, str], folder: str) -> str:
    """
    Give the web address of *folder* at the commit that a pipeline looks at, with a slash at its end.

    "" outside of a pipeline. A comment on a pull request is no page of the repository, so that relative links in it
    lead nowhere on GitHub.
    """
    for names, commit, checkout, joint in _PIPELINES:
        address = "/".join(environ.get(name, "").strip("/") for name in names)
        if not _ADDRESS.fullmatch(address) or not _COMMIT.fullmatch(environ.get(commit, "")):
            continue
        below = os.path.relpath(folder, environ.get(checkout) or folder) if folder else "."
        if below.startswith(".."):
            return ""
        path = "" if below == "." else f"{quote(below, safe='/', errors='replace')}/"
        return f"{address}{joint}{environ[commit]}/{path}"
    return ""
