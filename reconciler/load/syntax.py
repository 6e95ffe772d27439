"""What the YAML parser can't read, in plain words."""

from __future__ import annotations

import re
from typing import Any, Final

from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from reconciler.load.lines import Lines
from reconciler.load.problems import Problems
from reconciler.load.tree import Document, Span, Stretch, Where

NOT_PRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|<[^>]*>")
_OWN_LINE: Final = "write `key: ${…}`, or `- ${…}`, on a line of its own, without the { } or [ ] around it"
_INDENT: Final = "check the indentation of this line and of the one above"
_QUOTE_IT: Final = "put the value in quotes"
# What a parser's message contains, what it means, and what to do. libyaml's wording first, then the Python parser's.
_MEANINGS: Final = (
    ("mapping values are not allowed", "a colon stands where no key can be", f"{_QUOTE_IT}, or check the indentation"),
    ("could not find expected ':'", "a key without a colon", "write `key: value`; look at the line above, too"),
    ("did not find expected key", "this line does not fit the ones above", _INDENT),
    ("expected <block end>", "this line does not fit the ones above", _INDENT),
    ("did not find expected '-' indicator", "this line does not fit the list above", _INDENT),
    ("did not find expected <document start>", "this line does not fit the ones above", _INDENT),
    ("expected '<document start>'", "this line does not fit the ones above", _INDENT),
    (
        "found unexpected end of stream",
        "a quote is opened and never closed",
        "close it; a quote inside of '…' is written ''",
    ),
    ("found unexpected document indicator", "a quote is opened and never closed", "close it before this line"),
    ("tab character", "a tab stands where spaces are due", "indent with spaces"),
    ("expected ',' or '}'", "a comma or } is missing", "write {key: value, key: value}"),
    ("expected ',' or ']'", "a comma or ] is missing", "write [value, value]"),
    ("unknown escape character", "no such escape", "write \\\\ for a backslash, or use single quotes"),
    ("escape sequence", "no such escape", "write \\\\ for a backslash, or use single quotes"),
    ("invalid Unicode character escape", "no such character", "use another escape"),
    ("undefined tag handle", "a tag, and tags have no meaning here", f"remove it, or {_QUOTE_IT}"),
    ("while scanning a tag", "a tag, and tags have no meaning here", f"remove it, or {_QUOTE_IT}"),
    ("while parsing a tag", "a tag, and tags have no meaning here", f"remove it, or {_QUOTE_IT}"),
    ("incompatible YAML document", "another version of YAML", "remove the %YAML line"),
    ("directive", "a broken % directive", f"remove it; a value that begins with % needs quotes: {_QUOTE_IT}"),
    ("block sequence entries are not allowed", "a list item where none can be", _INDENT),
    ("block collections are not allowed", "a list or mapping where none can be", _INDENT),
    ("alphabetic or numeric character", "an & or * without a name", f"{_QUOTE_IT} if it begins with & or *"),
    ("indentation indicator", "a broken | or > block", "write | or > alone, and the text indented below"),
    ("comment or a line break", "a broken | or > block", "write | or > alone, and the text indented below"),
    ("expected comment or line break", "a broken | or > block", "write | or > alone, and the text indented below"),
)


def report(doc: Document, problem: Exception, problems: Problems) -> None:
    """Add what the parser said of *doc*; the document as a whole is lost."""
    doc.broken = True
    doc.root = None
    text = doc.data.decode("utf-8")
    if isinstance(problem, ReaderError):
        _unprintable(doc, text, problems)
        return
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    if not isinstance(problem, MarkedYAMLError) or mark is None:
        problems.error("yaml-syntax", f"{doc.name} is no YAML", Stretch(doc), "check its escapes")
        return
    lines = Lines(text)
    line, column = mark.line, mark.column
    said_last = lines.number(len(lines.text.rstrip()))
    if line > said_last or (line == said_last and not lines[line][column:].strip()):
        # At the very end there is nothing to see; the end of what was written is better.
        line = said_last
        column = len(lines[line].rstrip()) - 1
    said = f"{problem.context or ''}; {problem.problem or ''}"
    summary, remedy = _meaning(said, problem, lines[line], column)
    related: tuple[tuple[str, Where], ...] = ()
    context = problem.context_mark
    if context is not None and context.line < line:
        span = Span(context.line, context.column, context.line, context.column + 1)
        related = (("it begins here", Stretch(doc, span)),)
    span = Span(line, max(0, column), line, max(0, column) + 1)
    problems.error("yaml-syntax", summary, Stretch(doc, span), remedy, related)


def _meaning(said: str, problem: Any, line: str, column: int) -> tuple[str, str]:
    if "cannot start any token" in said:
        letter = line[column : column + 1]
        if letter == "\t":
            return "a tab stands where spaces are due", "indent with spaces"
        return f"no value begins with {letter or 'this character'}", _QUOTE_IT
    for words, meaning, remedy in _MEANINGS:
        if words in said:
            if "${" in line and "," in words:
                return f"this is no YAML: {meaning}", _OWN_LINE
            return f"this is no YAML: {meaning}", remedy
    plain = _QUOTED.sub("…", str(problem.problem or "it can't be read"))
    return f"this is no YAML: {plain}", _INDENT


def _unprintable(doc: Document, text: str, problems: Problems) -> None:
    found = NOT_PRINTABLE.search(text)
    if found is None:
        problems.error(
            "yaml-syntax", f"{doc.name} is no YAML: a character in it is not allowed", Stretch(doc), "remove it"
        )
        return
    before = Lines(text[: found.start()])
    line, column = before.last, len(before[before.last])
    span = Span(line, column, line, column + 1)
    problems.error(
        "control-character",
        f"the character U+{ord(found[0]):04X} is not allowed in YAML",
        Stretch(doc, span),
        f'remove it, or write "\\u{ord(found[0]):04x}" in double quotes',
    )
