"""Bytes into JSON objects, whatever arrives."""

from __future__ import annotations

import json
from typing import Any


def json_object(body: bytes) -> dict[str, Any] | None:
    """Read a JSON object; None for none, and for what is no JSON object in UTF-8."""
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=_no_constant)
        if "\\ud" in text.lower():  # half a surrogate pair is legal JSON, and no text
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_constant(name: str) -> Any:
    raise ValueError(name)
