"""What happens while it happens, on stderr: short lines for people, or one JSON object a line for machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from enum import IntEnum
from typing import IO, Any, Literal

from reconciler.model.secret import Mask
from reconciler.report.safe import escaped_json, masked, visible

LogFormat = Literal["text", "json"]
_LONGEST = 2_000  # characters of one field in a text line


class Level(IntEnum):
    """How much it matters."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


_SHOWN = {-1: Level.ERROR, 0: Level.WARNING, 1: Level.INFO, 2: Level.DEBUG}


class Events:
    """
    Writes events, masked. A reader that went away never stops a run.

    Args:
        stream: Usually stderr.
        form: `text` or `json`.
        clock: Gives Unix seconds.
        verbosity: -1 shows errors, 0 also warnings, 1 also what happens (-v), 2 also details (-vv).
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
        self._level = _SHOWN[min(max(verbosity, -1), 2)]
        self._mask = mask or Mask()

    def hide(self, mask: Mask) -> None:
        """Hide these secrets from now on."""
        self._mask = mask

    def shows(self, level: Level) -> bool:
        """Whether an event of *level* is written, for those that are dear to make."""
        return level >= self._level

    def debug(self, event: str, /, **fields: Any) -> None:
        """Write a detail."""
        self._write(Level.DEBUG, event, fields)

    def info(self, event: str, /, **fields: Any) -> None:
        """Write what happens."""
        self._write(Level.INFO, event, fields)

    def warning(self, event: str, /, **fields: Any) -> None:
        """Write what is odd."""
        self._write(Level.WARNING, event, fields)

    def error(self, event: str, /, **fields: Any) -> None:
        """Write what failed."""
        self._write(Level.ERROR, event, fields)

    def _write(self, level: Level, event: str, fields: dict[str, Any]) -> None:
        if not self.shows(level):
            return
        when = datetime.fromtimestamp(self._clock(), UTC)
        line = (
            self._json(when, level, event, fields) if self._form == "json" else self._text(when, level, event, fields)
        )
        with suppress(OSError, ValueError):  # a closed pipe, or a stream that can't spell a character
            self._stream.write(line)
            self._stream.flush()

    def _json(self, when: datetime, level: Level, event: str, fields: dict[str, Any]) -> str:
        document = {
            "time": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": level.name.lower(),
            "event": masked(event, self._mask),
            "fields": masked(fields, self._mask),
        }
        return escaped_json(json.dumps(document, ensure_ascii=False, separators=(",", ":"))) + "\n"

    def _text(self, when: datetime, level: Level, event: str, fields: dict[str, Any]) -> str:
        words = [f"{when:%H:%M:%S}", f"{level.name.lower():<7}", visible(self._mask.text(event))]
        for name, value in fields.items():
            plain = masked(value, self._mask)
            text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
            text = visible(text[:_LONGEST])
            words.append(f'{visible(name)}="{text}"' if " " in text or not text else f"{visible(name)}={text}")
        return " ".join(words) + "\n"
