"""How much a configuration may hold. Far above real ones, and low enough to keep memory bounded whatever is read."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024

FILE_BYTES: Final = 32 * MIB
TOTAL_BYTES: Final = 256 * MIB
FILES: Final = 10_000
ENTRIES: Final = 100_000  # files and folders of any kind that are looked at on the way
SCALAR_CHARACTERS: Final = MIB
DEPTH: Final = 50
NODES: Final = 2_500_000  # keys, values and items of all files, aliases written out
ALIASED_NODES: Final = 1_000_000  # what aliases and merges alone may add to one file
SECRETS: Final = 1_000
PROBLEMS: Final = 1_000
COMPARISONS: Final = 200_000  # of names that were not found with those that there are
EXCERPT_CHARACTERS: Final = 400
