"""`absorb` offline: configurations in a folder, live tenants made of them and changed by hand, and what comes of it."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from reconciler import pipeline
from reconciler.absorb import absorb
from reconciler.load import Loaded
from reconciler.model.absorbed import Absorption
from reconciler.model.drift import Drift
from reconciler.model.live import Live, plain
from reconciler.model.resource import specs
from reconciler.providers import provider
from reconciler.snapshot import FORMAT

ENVIRON: Final = {
    "UDESK_SID": "sid-5f2c81",
    "UDESK_AUTH_TOKEN": "tok-93be07",
    "TENCENT_ID": "id-7cc1d2",
    "TENCENT_KEY": "key-0a9bb3",
}
UDESK: Final = """\
version: 1
contact_center: acme
provider:
  type: udesk
  base_url: https://acme.example.com
  app_id: a54a8b77
  sid: ${env:UDESK_SID}
  auth_token: ${env:UDESK_AUTH_TOKEN}
"""
TENCENT: Final = """\
version: 1
contact_center: acme
provider: {type: tencent, sdk_app_id: 1400000000, secret_id: "${env:TENCENT_ID}", secret_key: "${env:TENCENT_KEY}"}
"""
_OWN: Final = {"fast_routers": "digit", "default_voices": "name"}  # what the vendor calls an entry that has no identity

Sections = dict[str, dict[str, dict[str, Any]]]


def request(path: Path, **asked: Any) -> pipeline.Request:
    """Ask for a configuration."""
    environ = {**ENVIRON, **asked.pop("environ", {})}
    return pipeline.Request(path=str(path), environ=environ, **asked)


def load(path: Path, **asked: Any) -> Loaded:
    """Load a configuration that is right."""
    loaded = pipeline.read(request(path, **asked))
    assert loaded.desired is not None, [item.summary for item in loaded.diagnostics]
    return loaded


def as_wished(path: Path, **asked: Any) -> Sections:
    """Give the tenant that has what the files want, as a snapshot has it."""
    desired = load(path, **asked).desired
    assert desired is not None
    vendor = provider(desired.settings.type)
    assert vendor is not None
    found: Sections = {}
    for section, kind in vendor.kinds.items():
        found[section] = {}
        entries = {
            **desired.implied.get(section, {}),
            **{entry.identity: entry for entry in desired.of(section).values()},
        }
        for identity, entry in entries.items():
            values = {
                name: entry.resource.__dict__[name]
                for name in {*entry.written, *entry.resource.model_fields_set}
                if not specs(kind.resource)[name].renamed_from
            }
            if section in _OWN:
                values[_OWN[section]] = identity
            live = kind.resource.live(values)
            for name, spec in specs(kind.resource).items():
                if spec.paired_with is not None:
                    members = live.__dict__[spec.paired_with.field]
                    told = {**dict.fromkeys(members, spec.paired_with.default), **live.__dict__[name]}
                    live.__dict__[name] = told
            found[section][identity] = plain(live)
    if "default_voices" in found:
        for name in vendor.kinds["default_voices"].names:
            found["default_voices"].setdefault(name, {"wav": "", "tts": "", "name": name})
    for section in ("relay_numbers", "numbers"):
        if section == "relay_numbers" and section in found:
            found[section] = {
                number: {"number": number, "is_default": False} for number in ("0571000001", "0571000002", "0571000003")
            }
    return found


def snapshot(path: Path, sections: Sections, folder: Path, **asked: Any) -> str:
    """Save a live state beside everything."""
    desired = load(path, **asked).desired
    assert desired is not None
    document = {
        "format": FORMAT,
        "provider": desired.settings.type,
        "contact_center": desired.contact_center,
        "tenant": desired.settings.tenant,
        "sections": sections,
    }
    file = folder / "snapshot.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return str(file)


def opened(path: Path, saved: str, **asked: Any) -> tuple[pipeline.Session, Loaded]:
    """Open a session against a saved live state."""
    loaded = load(path, **asked)
    return pipeline.open_session(loaded, request(path, snapshot=saved, **asked)), loaded


def absorbed(
    path: Path, sections: Sections, folder: Path, *, targets: Sequence[str] = (), dry_run: bool = False, **asked: Any
) -> Absorption:
    """Absorb a live tenant into the files at *path*; *folder* is for the snapshot."""
    saved = snapshot(path, sections, folder, **asked)
    session, loaded = opened(path, saved, targets=tuple(targets), **asked)
    return asyncio.run(absorb(session, loaded, dry_run=dry_run))


def drifted(path: Path, sections: Sections, folder: Path, **asked: Any) -> tuple[Drift, Live]:
    """Look for drift against the same tenant."""
    saved = snapshot(path, sections, folder, **asked)
    session, _ = opened(path, saved, **asked)
    return asyncio.run(pipeline.drift_beside_live(session))


def differing(path: Path, sections: Sections, folder: Path, **asked: Any) -> dict[str, tuple[str, ...]]:
    """Name what differs, and in which fields."""
    drift, _ = drifted(path, sections, folder, **asked)
    return {finding.change.address: finding.change.paths for finding in drift.findings}


def changed(sections: Sections, changes: Mapping[tuple[str, ...], Any]) -> Sections:
    """Copy a tenant, with other values at some paths; None takes an object out."""
    made = copy.deepcopy(sections)
    for (section, identity, *rest), value in changes.items():
        if value is None:
            del made[section][identity]
        elif rest:
            made[section][identity][rest[0]] = value
        else:
            made[section][identity] = value
    return made
