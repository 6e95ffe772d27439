"""
Markdown that says what is meant and nothing else, wherever its words come from.

What comes from files or vendors stands in `<code>`, each sign in it that Markdown could read as markup spelt as a
numeric reference: CommonMark takes no reference for structure, tables among it, and neither mentions, issue numbers,
emoji nor addresses are looked for in `<code>`, by GitHub and GitLab alike. In sentences only plain words stand bare.
"""

from __future__ import annotations

import re
from typing import Final

from reconciler.model.change import Source
from reconciler.model.diagnostics import Place
from reconciler.report.where import in_files, uri

_FILE_SHOWN: Final = 120  # characters of a file's name
_LINK_MOST: Final = 1_000  # characters of a link
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 ,()/\-\u00a1-\ud7ff\ue000-\U0010ffff]")
_LETTERS: Final = r"[A-Za-z\u00a1-\ud7ff\ue000-\U0010ffff]+"
# A word of a sentence that means nothing to Markdown, GitHub or GitLab: letters, or a number too short for a commit.
_BARE: Final = re.compile(
    rf"(?!\(?www\.)(?!\(?[0-9a-f]{{7}})\(?(?:{_LETTERS}(?:['-]{_LETTERS})*|calls/s|[0-9]{{1,6}}%?|[0-9]{{1,3}}(?:,[0-9]{{3}})+)"
    r"[.,;:)]{0,3}"
)
_ENDING: Final = re.compile(r"[.,;:)]*\Z")


def code(text: str, most: int | None = None) -> str:
    """Write a text from outside so that it is shown and nothing else; cut it to *most* characters."""
    return f"<code>{_UNSAFE.sub(_spelt, cut(text, most))}</code>" if text else ""


def cut(text: str, most: int | None) -> str:
    """Cut a text to *most* characters, the sign for what was cut among them."""
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def _spelt(match: re.Match[str]) -> str:
    sign = match.group()
    if sign == "@":
        return "<wbr>&#64;"  # a text that begins with it is no address: see cmark-gfm's autolinks
    if sign < " " or "\x7f" <= sign <= "\xa0" or "\ud800" <= sign <= "\udfff":
        return "\ufffd"  # a sheet has none of them
    return f"&#{ord(sign)};"


def sentence(text: str, most: int | None = None) -> str:
    """Write a sentence that may quote anything: plain words bare, everything else as code. It can't begin a line."""
    words = cut(text, most).split()
    parts: list[str] = []
    odd: list[str] = []
    for word in words:
        if _BARE.fullmatch(word):
            parts += _quoted(odd)
            parts.append(word)
            odd = []
        else:
            odd.append(word)
    return " ".join([*parts, *_quoted(odd)])


def _quoted(words: list[str]) -> list[str]:
    """Write neighbours as one piece of code; the point that ends a sentence is no part of it."""
    if not words:
        return []
    text = " ".join(words)
    ending = _ENDING.search(text)
    end = ending.group() if ending is not None else ""
    if not text.removesuffix(end):
        return [code(text)]
    return [f"{code(text.removesuffix(end))}{end}"]


def link(place: Source | Place | None, home: str = "") -> str:
    """Write where something stands, as a link where a reader can follow it: below *home*, or relative."""
    if place is None:
        return ""
    told = f"{cut(place.file, _FILE_SHOWN)}:{place.line}"
    target = uri(place.file)
    if not in_files(place.file) or len(target) > _LINK_MOST:
        return code(told)
    return f"[{code(told)}]({home}{target}#L{place.line})"


def fenced(text: str, language: str = "") -> str:
    """Write a block of code; nothing in it can end it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"
