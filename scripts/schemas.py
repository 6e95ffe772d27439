"""
Write what `reconciler schema` prints into `schemas/`, or with `--check` say which files are out of date.

    python scripts/schemas.py [--check]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

NAMES: Final = ("udesk", "tencent", "plan")
FOLDER: Final = Path(__file__).resolve().parent.parent / "schemas"


def schema(name: str) -> str:
    """Give the schema as the command prints it."""
    command = [sys.executable, "-m", "reconciler", "schema", name]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def main() -> int:
    """Write or check every schema."""
    check = sys.argv[1:] == ["--check"]
    stale = []
    for name in NAMES:
        path, text = FOLDER / f"{name}.json", schema(name)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            stale.append(path.name)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{path} written")
    if stale:
        print(f"out of date in schemas/: {', '.join(stale)}; run `make schemas`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
