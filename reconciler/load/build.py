"""
Build a tree from YAML events.

Only the events are the parser's (libyaml's where it is there); what scalars, duplicate keys, merge keys and
aliases mean is decided here. `mapping` and `sequence` are the hot path of every run: no place is worked out, no
object made that is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import repeat
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.load import limits
from reconciler.load.problems import Problems, shown
from reconciler.load.secrets import SECRET_NAMES, under_secret_name
from reconciler.load.tree import At, Document, Listing, Map, Span, Stretch
from reconciler.model.scalars import NULL, NULL_SPELLINGS, Quoted
from reconciler.model.secret import MASK

try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML without libyaml
    CParser = None  # type: ignore[assignment,misc]

_SPECIAL: Final = SECRET_NAMES | {"provider", "<<"} | NULL_SPELLINGS
_OPEN: Final = object()  # an anchor whose node is still being read
_NOTHING: Final = object()  # a node that could not be read
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
YAML_ERRORS: Final = (yaml.YAMLError, ValueError, OverflowError, RecursionError)  # the last three: the Python parser's


class LimitError(Exception):
    """A text is more than we read; carries the problem's parts."""

    def __init__(self, code: str, summary: str, remedy: str, mark: Any) -> None:
        super().__init__(summary)
        self.code = code
        self.remedy = remedy
        self.mark = mark


def events(data: bytes, *, pure: bool = False) -> Callable[[], Any]:
    """Give a function that returns the next event; *pure* takes the parser that is written in Python."""
    if CParser is not None and not pure:
        parser: Any = CParser(data)
        return parser.get_event  # type: ignore[no-any-return]
    loader = yaml.SafeLoader(data.decode("utf-8"))
    following: Callable[[], Any] = loader.get_event

    def checked() -> Any:
        event = following()
        # Python's parser takes "\ud800" for a character; libyaml refuses it.
        if event.__class__ is ScalarEvent and not event.value.isascii() and _SURROGATE.search(event.value):
            mark: Any = event.start_mark
            raise yaml.scanner.ScannerError(None, None, "found invalid Unicode character escape code", mark)
        return event

    return checked


def build(doc: Document, problems: Problems, *, nodes: int = 0, overlay: bool = False, pure: bool = False) -> int:
    """
    Read *doc* into its `root`; None where it holds nothing.

    Args:
        doc: The text. `secrets`, `providers` and `broken` are filled in, too.
        problems: Gets what is wrong, syntax errors excepted.
        nodes: How many keys, values and items other files hold already.
        overlay: Null is a value here, but for lists.
        pure: Take the parser that is written in Python.

    Returns:
        How many there are now.

    Raises:
        YAML_ERRORS: It is no YAML.
    """
    builder = _Builder(doc, problems, events(doc.data, pure=pure), nodes, overlay=overlay)
    try:
        builder.document()
    except LimitError as limit:
        doc.broken = True
        doc.root = None
        mark = limit.mark
        span = Span(mark.line, mark.column, mark.line, mark.column + 1)
        problems.error(limit.code, str(limit), Stretch(doc, span), limit.remedy)
    return builder.nodes


class _Builder:
    """One pass over one text."""

    def __init__(self, doc: Document, problems: Problems, get: Callable[[], Any], nodes: int, *, overlay: bool) -> None:
        self.doc = doc
        self.problems = problems
        self.get = get
        self.overlay = overlay
        self.keys: dict[str, str] = {}  # one object for each spelling; none that needs a closer look
        self.anchors: dict[str, Any] = {}
        self.nodes = nodes
        self.aliased = 0
        self.lists = 0  # how many lists stand around what is being read
        names = [name for name, _ in doc.prefix]
        self.provider = names[:1] == ["provider"]
        self.secrecy = int(under_secret_name(names))  # how many names around what is being read are always secret

    def document(self) -> None:
        """Read the whole text."""
        get = self.get
        get()
        if get().__class__ is StreamEndEvent:
            return
        event = get()
        root = self.node(event, 1, None)
        get()
        if root is NULL or root is _NOTHING:
            root = None
        self.doc.root = root
        after = get()
        if after.__class__ is DocumentStartEvent:
            self.fault(
                "second-document",
                "a second document begins here, and a file holds one",
                after,
                "move it to a file of its own, or remove the line ---",
            )

    def fault(self, code: str, summary: str, event: Any, remedy: str, *, lost: bool = True) -> None:
        """Add a problem at *event*; *lost* says that something is left out for it."""
        start, end = event.start_mark, event.end_mark
        span = Span(start.line, start.column, end.line, end.column)
        self.doc.broken = self.doc.broken or lost
        self.problems.error(code, summary, Stretch(self.doc, span), remedy)

    def node(self, event: Any, depth: int, key_mark: Any) -> Any:
        """Read any node; the hot paths below do the common ones themselves."""
        kind = event.__class__
        if kind is MappingStartEvent:
            return self.mapping(event, depth, key_mark)
        if kind is SequenceStartEvent:
            return self.sequence(event, depth)
        if kind is AliasEvent:
            return self.alias(event)
        return self.scalar(event)

    def scalar(self, event: Any) -> Any:
        """Read a scalar, however it is dressed."""
        text = event.value
        if len(text) > limits.SCALAR_CHARACTERS:
            raise LimitError(
                "huge-scalar",
                f"this value has {len(text):,} characters, and {limits.SCALAR_CHARACTERS:,} is the limit",
                "shorten it",
                event.start_mark,
            )
        value = Quoted(text) if event.style else NULL if text in NULL_SPELLINGS else text
        if event.tag is not None:
            self.tag(event)
        if event.anchor is not None:
            if not text:
                self.suspect(f"&{event.anchor}")
            self.anchors[event.anchor] = (value, 1)
        return value

    def tag(self, event: Any) -> None:
        """Refuse an explicit tag; its name may be a secret that begins with an exclamation mark."""
        self.suspect(event.tag)
        self.fault(
            "explicit-tag",
            "a value carries a tag, and tags have no meaning here",
            event,
            "remove the tag; quotes make a value text",
            lost=False,
        )

    def suspect(self, name: str) -> None:
        """Take the name of a tag, an anchor or an alias for a secret, where it stands in a secret's place."""
        if self.doc.open_line is not None:
            self.doc.secrets.extend((name, name[1:]))

    def alias(self, event: Any) -> Any:
        """Give what an alias stands for; it is shared, not copied."""
        found = self.anchors.get(event.anchor)
        if found is None:
            self.suspect(f"*{event.anchor}")
            self.fault(
                "unknown-anchor",
                "this alias names no anchor that stands above it",
                event,
                "define the anchor above; a text that begins with * needs quotes",
            )
            return _NOTHING
        if found is _OPEN:
            self.fault(
                "cyclic-alias", "this alias stands inside of what it names, so it never ends", event, "remove it"
            )
            return _NOTHING
        value, weight = found
        if self.provider:
            self.doc.aliased.append(value)
        self.count_aliased(weight, event.start_mark)
        return value

    def count_aliased(self, weight: int, mark: Any) -> None:
        """Count what an alias or a merge adds, and refuse bombs."""
        self.nodes += weight
        self.aliased += weight
        if self.aliased > limits.ALIASED_NODES:
            raise LimitError(
                "alias-expansion",
                f"aliases blow this file up to over {limits.ALIASED_NODES:,} values",
                "use fewer aliases of aliases",
                mark,
            )

    def enter(self, event: Any, depth: int) -> int:
        """Begin a mapping or a list; give the count of nodes before it."""
        if depth > limits.DEPTH:
            raise LimitError(
                "too-deep", f"this is nested deeper than {limits.DEPTH} levels", "flatten it", event.start_mark
            )
        if event.tag is not None:
            self.tag(event)
        if event.anchor is not None:
            if self.provider and self.secrecy:
                self.suspect(f"&{event.anchor}")
            self.anchors[event.anchor] = _OPEN
        return self.nodes

    def leave(self, event: Any, value: Any, before: int, size: int) -> None:
        """End a mapping or a list of *size* nodes."""
        self.nodes += size + 1
        if self.nodes > limits.NODES:
            raise LimitError(
                "too-many-values",
                f"the configuration holds over {limits.NODES:,} values",
                "split it into several configurations",
                event.start_mark,
            )
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.nodes - before)

    def mapping(self, start: Any, depth: int, key_mark: Any) -> Map:  # noqa: C901, PLR0912, PLR0915 - hot path
        """Read a mapping."""
        before = self.enter(start, depth)
        doc = self.doc
        result = Map()
        result.doc = doc
        result.dollars = doc.dollars
        result.mark = start.start_mark
        result.key_mark = key_mark
        result.origins = None
        marks: dict[str, Any] | None = {} if depth <= 2 else None  # sections, and entries
        result.marks = marks
        merges: list[tuple[Any, Any]] | None = None
        get = self.get
        keys = self.keys
        longest = limits.SCALAR_CHARACTERS
        for _ in repeat(None, limits.NODES):
            event = get()
            if event.__class__ is MappingEndEvent:
                break
            special = False
            if event.__class__ is ScalarEvent:
                text = event.value
                key = keys.get(text)
                if key is None or event.tag is not None or event.anchor is not None:
                    key, special = self.key(event)
            else:
                doc.losses(result.mark).values.append(self.node(event, depth + 1, None))
                self.fault(
                    "complex-key",
                    "a key is a plain text here, not a list, a mapping or an alias",
                    event,
                    "write it out",
                )
                key = None
            here = event.start_mark
            if special:
                if key == "<<" and not event.style:
                    merges = [] if merges is None else merges
                    if merges:
                        self.fault(*_twice("<<"), event, _TWICE_REMEDY)
                    merges.append((self.node(get(), depth + 1, None), event))
                    continue
                value = self.secret(key, depth, here)
                if marks is not None and key is not None:
                    marks[key] = here
            else:
                event = get()
                kind = event.__class__
                if kind is ScalarEvent:
                    value = event.value
                    if event.tag is not None or event.anchor is not None or len(value) > longest:
                        value = self.scalar(event)
                    elif event.style:
                        value = Quoted(value)
                    elif value in NULL_SPELLINGS:
                        value = NULL
                    if marks is not None and key is not None:
                        marks[key] = here
                elif kind is MappingStartEvent:
                    value = self.mapping(event, depth + 1, here)
                elif kind is SequenceStartEvent:
                    value = self.sequence(event, depth + 1)
                    if marks is not None and key is not None:
                        marks[key] = here
                else:
                    value = self.alias(event)
                    if marks is not None and key is not None:
                        marks[key] = here
            if key is None or value is _NOTHING:
                self.drop(result, value)
                if key is not None:
                    doc.losses(result.mark).keys.append(key)
                continue
            if key in result:
                self.again(result, key, value, here, depth)
                continue
            result[key] = value
            if value is NULL:
                self.null(result, key, depth)
        else:
            self.leave(start, result, before, limits.NODES)
        if merges:
            self.merge(result, merges)
        self.leave(start, result, before, 2 * len(result))
        return result

    def sequence(self, start: Any, depth: int) -> list[Any]:  # noqa: C901, PLR0912 - hot path
        """Read a list."""
        before = self.enter(start, depth)
        get = self.get
        longest = limits.SCALAR_CHARACTERS
        result: list[Any] = []
        marks: list[Any] | None = [] if depth <= 2 else None  # under a section's name; of an assignment, at the top
        self.lists += 1
        for _ in repeat(None, limits.NODES):
            event = get()
            kind = event.__class__
            if kind is ScalarEvent:
                value = event.value
                if event.tag is not None or event.anchor is not None or len(value) > longest:
                    value = self.scalar(event)
                elif event.style:
                    value = Quoted(value)
                elif value in NULL_SPELLINGS:
                    value = NULL
                if value is NULL:
                    self.null_item(event)
                    continue
            elif kind is SequenceEndEvent:
                break
            else:
                value = self.node(event, depth + 1, None)
                if value is NULL:
                    self.null_item(event)
                    continue
                if value is _NOTHING:
                    continue
            result.append(value)
            if marks is not None:
                marks.append(event.start_mark)
        else:
            self.leave(start, result, before, limits.NODES)
        self.lists -= 1
        if marks is not None:
            result = Listing.of(result, marks, [(self.doc, len(result))])
        self.leave(start, result, before, len(result))
        return result

    def key(self, event: Any) -> tuple[str | None, bool]:
        """Read a key that was not seen before, or that needs a closer look; say whether its value needs one, too."""
        text: str = event.value
        self.scalar(event)  # for its tag, its anchor and its length
        if text in NULL_SPELLINGS and not event.style:
            self.fault("null-key", "a key is missing here, or is null", event, "put the name in quotes, or remove it")
            return None, False
        if text not in _SPECIAL:
            self.keys[text] = text
            return text, False
        return text, text not in NULL_SPELLINGS and (text != "<<" or not event.style)

    def secret(self, key: str | None, depth: int, mark: Any) -> Any:
        """Read what stands under a name that is always secret, or under `provider`."""
        provider = key == "provider" and depth == 1
        outer, self.provider = self.provider, self.provider or provider
        line, self.doc.open_line = self.doc.open_line, mark.line if self.doc.open_line is None else self.doc.open_line
        self.secrecy += not provider
        value = self.node(self.get(), depth + 1, mark)
        self.secrecy -= not provider
        self.doc.open_line = line
        self.provider = outer
        if provider:
            self.doc.providers.append(value)
        elif value is not _NOTHING:
            # Further down, a mapping is an entry that happens to have such a name; what it lost is said, and counts.
            entry = isinstance(value, Map) and depth + len(self.doc.prefix) > 1 and not self.provider
            self.doc.secrets.append(value.doc.lost.get(id(value.mark)) if entry else value)
        return value

    def drop(self, result: Map, value: Any) -> None:
        """Leave out a value; inside of `provider`, or of a secret, it may be a secret."""
        if value is _NOTHING:
            return
        self.doc.losses(result.mark).values.append(value)
        if self.provider or self.secrecy:
            self.doc.secrets.append(value)

    def say(self, key: str, depth: int) -> str:
        """Quote a key; where a secret is due, it may be one that is written as a key: `{secret}`, `{{ secret }}`."""
        if self.secrecy or (self.provider and depth + len(self.doc.prefix) > 2):
            self.doc.secrets.append(key)
            return f'"{MASK}"'
        return shown(key)

    def again(self, result: Map, key: str, value: Any, mark: Any, depth: int) -> None:
        """Report a key that is there already; the first one stays."""
        self.drop(result, value)
        self.problems.error(
            *_twice(key, self.say(key, depth)),
            Stretch(self.doc, Span(mark.line, mark.column, mark.line, mark.column + max(1, len(key)))),
            _TWICE_REMEDY,
            (("it stands first here", At(result, key, "key")),),
        )

    def null(self, result: Map, key: str, depth: int) -> None:
        """Report null as a value, but for overlays, where it removes a key."""
        if self.overlay and not self.lists:
            return
        del result[key]
        if depth <= 2:  # a section, or an entry
            self.doc.broken = True
        self.doc.holes[id(result.mark)] = result.mark
        # Under the key: an empty value has no place to speak of.
        self.doc.losses(result.mark).keys.append(key)
        self.problems.error("null", f"{self.say(key, depth)} has no value", At(result, key, "key"), _NULL_REMEDY)

    def null_item(self, event: Any) -> None:
        """Report null in a list."""
        self.fault("null", "an item of this list has no value", event, 'write it, or remove it; "" is the empty text')

    def merge(self, result: Map, merges: list[tuple[Any, Any]]) -> None:
        """Apply merge keys: own keys win, then the earlier ones."""
        for value, event in merges:
            for source in value if isinstance(value, list) else [value]:
                if source is _NOTHING:
                    continue
                if not isinstance(source, Map):
                    self.fault(
                        "bad-merge",
                        "the merge key << takes a mapping or a list of mappings",
                        event,
                        'write `<<: *anchor`; in quotes, "<<" is a plain key',
                    )
                    self.drop(result, source)
                    continue
                lost = source.doc.lost.get(id(source.mark))
                if lost is not None:
                    own = self.doc.losses(result.mark)
                    own.keys.extend(lost.keys)
                    own.values.extend(lost.values)
                self.count_aliased(2 * len(source), event.start_mark)
                for key, item in source.items():
                    if key not in result:
                        result.take(key, item, source)


def _twice(key: str, quoted: str | None = None) -> tuple[str, str]:
    return "duplicate-key", f"the key {quoted or shown(key)} stands twice in one mapping"


_TWICE_REMEDY: Final = "merge the two, or rename one"
_NULL_REMEDY: Final = 'write a value, or remove the key; "" is the empty text, [] the empty list, {} the empty mapping'
