"""The door: `reconciler …` and `python -m reconciler …`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:  # asked by scripts all the time: no need to load the command line for it
        from reconciler._version import __version__  # noqa: PLC0415

        sys.stdout.write(f"reconciler {__version__}\n")
        return
    from reconciler.cli import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
