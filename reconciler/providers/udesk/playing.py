"""
What the prompts play: now, in the end, and in between where files are replaced under their own name.

A file's new content means to delete it and to upload it again, and no prompt may play it then. One writing of the
prompts can't both let go of a file before that and name it after. So where a prompt is to play a file that is replaced
and that one plays now, a writing ahead lets go of it: of the prompts that play such a file, each is set for good if
what it is to play can be there by then, and to the system's own if not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from reconciler.model.change import Action
from reconciler.model.kind import Context

Plays: TypeAlias = tuple[str, str]  # a file, or a text that is read aloud; neither is the system's own
OWN: Plays = ("", "")


@dataclass(frozen=True, kw_only=True)
class Playing:
    """
    What each prompt plays.

    *live* is now, *wanted* in the end, and *between* after the writing ahead. *renewed* are the files with new content.
    *parked* are the prompts for which that writing is needed; of those, *silenced* are the system's own until the last.
    """

    live: Mapping[str, Plays]
    wanted: Mapping[str, Plays]
    between: Mapping[str, Plays]
    renewed: frozenset[str]
    parked: tuple[str, ...]
    silenced: frozenset[str]

    @property
    def settled(self) -> tuple[str, ...]:
        """List the prompts that the writing ahead sets for good."""
        return tuple(name for name in self.parked if name not in self.silenced)


@lru_cache(maxsize=1)
def playing(context: Context) -> Playing:
    """Reckon it."""
    live = {name: (voice.wav, voice.tts) for name, voice in context.live.of("default_voices").items()}
    wanted = dict(live)
    renewed = set()
    for change in context.changes.values():
        if change.section == "default_voices":
            assert change.desired is not None, "a prompt is never deleted"
            wish = change.desired.__dict__
            wanted[change.identity] = (wish["wav"], wish["tts"])
        elif change.section == "voice_files" and change.action is Action.UPDATE:
            renewed.add(change.identity)
    again = renewed & {wav for wav, _ in wanted.values()}
    parked = sorted(name for name, (wav, _) in live.items() if wav in again)
    # A file with new content that nobody plays now is there anew before the writing ahead, as one that is new is.
    late = renewed & {wav for wav, _ in live.values()}
    silenced = frozenset(name for name in parked if wanted[name][0] in late)
    return Playing(
        live=live,
        wanted=wanted,
        between={**live, **{name: OWN if name in silenced else wanted[name] for name in parked}},
        renewed=frozenset(renewed),
        parked=tuple(parked),
        silenced=silenced,
    )
