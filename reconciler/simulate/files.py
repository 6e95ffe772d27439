"""The two files of a simulated vendor: the state that it starts from, and the one that it leaves."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.model.errors import ReconcilerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the state comes from, and where it goes at the end."""

    seed: Path | None = None
    dump: Path | None = None

    def read_seed(self) -> Any:
        """Read the snapshot to start from; None where there is none."""
        if self.seed is None:
            return None
        remedy = "use a snapshot that `reconciler fetch` or `simulate --dump` wrote"
        try:
            state = json.loads(self.seed.read_bytes())
        except OSError as cause:
            raise ReconcilerError(f"{self.seed} can't be read: {cause.strerror or cause}", remedy=remedy) from cause
        except (ValueError, RecursionError) as cause:
            raise ReconcilerError(f"{self.seed} is no JSON", remedy=remedy) from cause
        if state is None:
            raise ReconcilerError(f"{self.seed} holds nothing", remedy=remedy)
        return state

    def check_dump(self) -> None:
        """Make sure, before anything is done, that the state can be written at the end."""
        if self.dump is None:
            return
        if self.dump.is_dir():
            raise ReconcilerError(f"{self.dump} is a folder", remedy="give --dump the path of a file")
        try:
            with tempfile.TemporaryFile(dir=self.dump.parent):
                pass
        except OSError as cause:
            raise self._unwritable(cause) from cause

    def write_dump(self, state: Mapping[str, Any]) -> None:
        """Write the state, whole or not at all."""
        if self.dump is None:
            return
        content = json.dumps(state, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"
        try:
            handle, name = tempfile.mkstemp(dir=self.dump.parent, prefix=f".{self.dump.name}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self.dump)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as cause:
            raise self._unwritable(cause) from cause

    def _unwritable(self, cause: OSError) -> ReconcilerError:
        return ReconcilerError(
            f"the state can't be written to {self.dump}: {cause.strerror or cause}",
            remedy="give --dump a file in a folder that exists and that you may write to",
        )
