"""What happens while it happens, on stderr: short lines for people, or one flat JSON object a line for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import IO, Final, Literal

from reconciler.model.secret import Mask
from reconciler.report.events import Event, Level
from reconciler.report.safe import escaped_json, masked, visible

LogFormat = Literal["text", "json"]
_LONGEST: Final = 2_000  # characters of one text

# What is shown by verbosity. A machine that asked for JSON wants to know what happens without asking twice.
_SHOWN: Final = {
    "text": {-1: Level.ERROR, 0: Level.WARNING, 1: Level.INFO, 2: Level.DEBUG},
    "json": {-1: Level.ERROR, 0: Level.INFO, 1: Level.DEBUG, 2: Level.DEBUG},
}

_LEFT_OUT: Final = {"run", "addresses"}  # of lines for people: the same in all of them, and what the plan shows


class Events:
    """
    Writes events, masked. A reader that went away never stops a run.

    Args:
        stream: Usually stderr.
        form: `text` or `json`.
        clock: Gives Unix seconds.
        verbosity: -1 shows errors, 0 also warnings (as JSON also what happens), 1 and 2 more.
        mask: Hides secrets; `hide` sets it once the configuration is loaded.
    """

    def __init__(
        self,
        stream: IO[str],
        *,
        form: LogFormat = "text",
        clock: Callable[[], float],
        verbosity: int = 0,
        mask: Mask | None = None,
    ) -> None:
        self._stream = stream
        self._form = form
        self._clock = clock
        self._level = _SHOWN[form][min(max(verbosity, -1), 2)]
        self._mask = mask or Mask()

    def hide(self, mask: Mask) -> None:
        """Hide these secrets from now on."""
        self._mask = mask

    def shows(self, level: Level) -> bool:
        """Whether an event of *level* is written, for those that are dear to make."""
        return level >= self._level

    def write(self, event: Event) -> None:
        """Write an event, if its level is shown."""
        if not self.shows(event.level):
            return
        when = datetime.fromtimestamp(self._clock(), UTC)
        line = self._json(when, event) if self._form == "json" else self._text(when, event)
        with suppress(OSError, ValueError):  # a closed pipe, or a stream that can't spell a character
            self._stream.write(line)
            self._stream.flush()

    def _json(self, when: datetime, event: Event) -> str:
        document = {
            "time": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": event.level.name.lower(),
            "event": masked(event.name, self._mask),
        }
        for name, value in event.fields.items():
            plain = masked(value, self._mask)  # before anything is cut: half a secret is one too
            document.setdefault(name, plain[:_LONGEST] if isinstance(plain, str) else plain)
        line = escaped_json(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
        with suppress(LookupError):
            # Where the stream can't spell a character it would escape it in a way that JSON does not have.
            line = _spelled(line, getattr(self._stream, "encoding", None) or "utf-8")
        return line + "\n"

    def _text(self, when: datetime, event: Event) -> str:
        words = [f"{when:%H:%M:%S}", f"{event.level.name.lower():<7}", visible(self._mask.text(event.name))]
        for name, value in event.fields.items():
            if name in _LEFT_OUT or (name == "attempt" and value == 1):
                continue
            plain = masked(value, self._mask)
            text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
            text = visible(text[:_LONGEST])
            words.append(f'{visible(name)}="{text}"' if " " in text or not text else f"{visible(name)}={text}")
        return " ".join(words) + "\n"


@contextmanager
def libraries_heard(events: Callable[[], Events]) -> Iterator[None]:
    """Turn what libraries log or warn of into events, for as long as stderr holds nothing else."""
    import logging  # noqa: PLC0415 - only for those who asked for JSON

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with suppress(Exception):  # a message whose arguments do not fit is no reason to stop
                kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] is not None else ""
                fields = {"text": " ".join(filter(None, (record.getMessage(), kind))), "logger": record.name}
                level = Level.ERROR if record.levelno >= logging.ERROR else Level.WARNING
                events().write(Event(name="library", level=level, fields=fields))

    ear = Ear(logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.getLogger().addHandler(ear)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(ear)
        logging.captureWarnings(capture=False)


def _spelled(line: str, encoding: str) -> str:
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(json.loads(line), separators=(",", ":"))
    return line
