"""The forms that a sheet can take: one function each, looked up by the name that `--format` has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.report.github import github
from reconciler.report.gitlab import gitlab
from reconciler.report.html import html
from reconciler.report.junit import junit
from reconciler.report.markdown import markdown
from reconciler.report.sarif import sarif
from reconciler.report.sheet import Sheet

_FORMS: Final[Mapping[str, Callable[[Sheet], str]]] = {
    "markdown": markdown,
    "html": html,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
}


def written(form: str, sheet: Sheet) -> str:
    """Write a sheet in a form, with one line end at its end."""
    return _FORMS[form](sheet)
