"""
Make the prompts of `examples/udesk/voices/`: short chimes, the same bytes on every run.

    python scripts/make_prompts.py [FOLDER]

Each is 8 kHz, 16 bit, mono, which is what telephones carry.
"""

from __future__ import annotations

import io
import math
import sys
import wave
from collections.abc import Mapping
from itertools import starmap
from pathlib import Path
from struct import pack
from typing import Final, TypeAlias

RATE: Final = 8000  # samples per second
FOLDER: Final = Path(__file__).resolve().parent.parent / "examples" / "udesk" / "voices"

Note: TypeAlias = tuple[float, float]
"""When it is struck, in seconds, and its pitch in hertz."""

C5, E5, G5, A5, C6 = 523.25, 659.26, 783.99, 880.0, 1046.5

PROMPTS: Final[Mapping[str, tuple[Note, ...]]] = {
    "welcome-autumn.wav": ((0.0, C5), (0.2, E5), (0.4, G5), (0.6, C6)),  # rising: good morning
    "closed.wav": ((0.0, G5), (0.3, E5), (0.6, C5)),  # falling: good night
    "hold.wav": ((0.0, E5), (0.3, A5), (0.6, E5)),  # there and back: still here
}
LENGTH: Final = 1.2  # seconds


def prompt(notes: tuple[Note, ...]) -> bytes:
    """Give a whole wav file in which *notes* ring and fade."""
    samples = (_sample(notes, index / RATE) for index in range(int(LENGTH * RATE)))
    frames = b"".join(pack("<h", round(sample * 32767)) for sample in samples)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)
    return out.getvalue()


def _sample(notes: tuple[Note, ...], time: float) -> float:
    """Give the sound at *time* seconds, from -1 to 1: each note a sine with a soft overtone, dying away."""

    def ring(struck: float, pitch: float) -> float:
        age = time - struck
        if age < 0:
            return 0.0
        attack = min(1.0, age / 0.01)  # without it the note would click
        tone = math.sin(math.tau * pitch * age) + 0.3 * math.sin(2 * math.tau * pitch * age)
        return attack * math.exp(-5 * age) * tone

    fade = min(1.0, (LENGTH - time) / 0.05)
    return 0.4 * fade * sum(starmap(ring, notes))


def main() -> None:
    """Write every prompt."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, notes in PROMPTS.items():
        (folder / name).write_bytes(prompt(notes))
        print(f"{folder / name}: {(folder / name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
