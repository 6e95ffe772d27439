"""Tencent's sections, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.kind import Kind
from reconciler.providers.tencent.kinds import agents, extensions, numbers, queues, voice_files

KINDS: Final[Mapping[str, Kind[Any]]] = {
    kind.section: kind for kind in (queues.KIND, extensions.KIND, agents.KIND, numbers.KIND, voice_files.KIND)
}
