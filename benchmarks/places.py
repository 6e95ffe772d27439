"""Where things are, and whose calls the simulated tenants take."""

import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
WORK: Final = HERE / ".work"
PYTHON: Final = Path(sys.executable)
RECONCILER: Final = PYTHON.parent / "reconciler"
OCTODNS: Final = WORK / "octodns-venv" / "bin"
SID, AUTH_TOKEN = "demo-sid", "demo-token"
