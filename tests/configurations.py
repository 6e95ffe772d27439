"""Small configurations on disk, for tests of the stages that read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from reconciler.load import Loaded, load
from reconciler.model.diagnostics import Diagnostic
from reconciler.providers.udesk import PROVIDER

SID: Final = "sid-5f2c81"
AUTH_TOKEN: Final = "tok-93be07"
ENVIRON: Final = {"UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN}

PROVIDER_BLOCK: Final = """\
provider:
  type: udesk
  base_url: https://acme.example.com
  app_id: a54a8b77
  sid: ${env:UDESK_SID}
  auth_token: ${env:UDESK_AUTH_TOKEN}
"""
HEAD: Final = f"version: 1\ncontact_center: acme\n{PROVIDER_BLOCK}"
WAV: Final = b"RIFF\x24\x00\x00\x00WAVEfmt "


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write *files* below *root*; a text is taken as UTF-8, byte for byte."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def loaded(  # noqa: PLR0913 - as many as `load` has
    path: Path | str,
    *,
    environ: Mapping[str, str] = ENVIRON,
    overlays: Sequence[str] = (),
    assignments: Sequence[str] = (),
    placeholders: bool = False,
    pure: bool = False,
) -> Loaded:
    """Load a configuration of the one vendor that there is."""
    return load(
        str(path),
        vendors=lambda name: PROVIDER if name == "udesk" else None,
        vendor_names=lambda: ("udesk",),
        environ=environ,
        overlays=overlays,
        assignments=assignments,
        placeholders=placeholders,
        pure=pure,
    )


def text(diagnostic: Diagnostic) -> str:
    """Write a diagnostic as people see it, in plain text."""
    lines = [f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.summary}"]
    places = [("", diagnostic.place), *diagnostic.related]
    for note, place in places:
        if place is None:
            continue
        lines.append(f"  {place.file}:{place.line}:{place.column}{f' {note}' if note else ''}")
        if place.excerpt is not None:
            lines.append(f"  | {place.excerpt}")
            lines.append(f"  | {' ' * (place.column - 1)}{'^' * place.width}")
    if diagnostic.remedy:
        lines.append(f"  = {diagnostic.remedy}")
    return "\n".join(lines)


def texts(result: Loaded) -> str:
    """Write all diagnostics as people see them."""
    return "\n".join(text(item) for item in result.diagnostics)


def codes(result: Loaded) -> list[str]:
    """List the codes of all diagnostics, by place."""
    return [item.code for item in result.diagnostics]
