"""
Tell the story of one contact center, with the real commands against the simulator, from plan to review.

    python -m scripts.demo [udesk|tencent]

Each step is checked, and the first that does not do what the story says ends it with exit code 1. Nothing is left
behind: the example is copied to a temporary folder, and the simulator is stopped however the story ends.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path
from typing import Final

from scripts import story_tencent, story_udesk
from scripts.stage import BrokenStoryError

STORIES: Final = {"udesk": story_udesk.tell, "tencent": story_tencent.tell}


def main() -> int:
    """Tell it, and clean up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that `finally` still happens
    try:
        with tempfile.TemporaryDirectory(prefix="reconciler-demo-") as folder:
            STORIES[sys.argv[1] if len(sys.argv) > 1 else "udesk"](Path(folder))
    except BrokenStoryError as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the simulator is stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
