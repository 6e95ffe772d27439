"""Where a notice goes: an address that may hold a token, and what may be shown of it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from reconciler.model.errors import ReconcilerError
from reconciler.model.secret import MASK, Secret

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{0,40}", re.IGNORECASE)
_REMEDY: Final = (
    "Name a webhook (https://HOST/PATH, which gets JSON), or a service as apprise spells it, such as "
    "mailto://, slack:// or msteams://."
)
_LONGEST: Final = 4_000  # characters
_WORD: Final = re.compile(r"[a-z_.-]{0,20}")
_PASSWORD: Final = 4  # characters
_TELLING: Final = 8  # characters; what is shorter hides nothing, and would be masked in other words too


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """
    One address.

    *shown* is what people may see of it, *digest* tells it from others without giving it away, and *secrets* are the
    parts of it that must appear nowhere.
    """

    url: Secret
    shown: str
    digest: str
    webhook: bool
    secrets: tuple[str, ...] = ()


def destination(url: str) -> Destination:
    """
    Read one address.

    Raises:
        ReconcilerError: It is none; the message does not quote it.
    """
    scheme, mark, rest = url.partition("://")
    if not mark or not rest or not _SCHEME.fullmatch(scheme) or len(url) > _LONGEST or not url.isprintable():
        raise ReconcilerError("--notify is no address", remedy=_REMEDY)
    webhook = scheme.lower() in {"http", "https"}
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as cause:
        if webhook:
            raise ReconcilerError(f"--notify {scheme}://{MASK} is no address", remedy=_REMEDY) from cause
        parts, host, port = SplitResult(scheme, "", rest, "", ""), "", None
    if webhook and (not host or " " in url):
        raise ReconcilerError(f"--notify {scheme}://{MASK} names no host", remedy=_REMEDY)
    hidden = "@" in parts.netloc or len(parts.path) > 1 or bool(parts.query)
    where = f"[{host}]" if ":" in host else host
    name = f"{where}{f':{port}' if port is not None else ''}"
    return Destination(
        url=Secret(url),
        shown=f"{scheme.lower()}://{name}{f'/{MASK}' if hidden else ''}" if webhook else f"{scheme.lower()}://{MASK}",
        digest=hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        webhook=webhook,
        secrets=_secrets(url, parts, whole=hidden or not webhook),
    )


def _secrets(url: str, parts: SplitResult, *, whole: bool) -> tuple[str, ...]:
    """Name what must be hidden: the whole, and each part that may be a token."""
    if not whole:
        return ()
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    pieces = [*parts.path.split("/"), parts.path.lstrip("/"), parts.path]
    if parts.scheme.lower() not in {"http", "https"} and "." not in host:
        pieces.append(host)  # a service's token may stand where a host does
    found = [piece for piece in pieces if _may_tell(piece)]
    given = [value for _, value in parse_qsl(parts.query, keep_blank_values=True)]
    given += [parts.query, f"{parts.path}?{parts.query}" if parts.query else "", "" if password else user]
    found += [piece for piece in given if len(piece) >= _TELLING]
    if len(password) >= _PASSWORD:
        found.append(password)
    return tuple(sorted({url, *found, *(unquote(piece) for piece in found)}))


def _may_tell(piece: str) -> bool:
    """Whether a part of an address may be a token, rather than a word that stands elsewhere too."""
    return len(piece) >= _TELLING and not _WORD.fullmatch(piece)
