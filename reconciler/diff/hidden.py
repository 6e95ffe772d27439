"""What `manage.SECTION.ignore` hides."""

from __future__ import annotations

from reconciler.model.desired import Desired, Entry
from reconciler.model.live import Live
from reconciler.model.resource import Resource, specs


class Hidden:
    """What is hidden: it is neither wanted nor live, and whoever names it keeps naming it."""

    def __init__(self, desired: Desired, live: Live) -> None:
        self._desired = desired
        self._live = live
        self._names: dict[str, dict[str, Entry]] = {}

    def any(self, section: str) -> bool:
        """Whether anything of *section* may be hidden."""
        return bool(self._desired.rule(section).ignore)

    def implied(self, section: str) -> tuple[Entry, ...]:
        """List what is wanted only because an entry names it, but for what only hidden entries name."""
        implied = self._desired.implied.get(section, {})
        if not any(self.any(other) for other in self._desired.sections):
            return tuple(implied.values())
        named = {
            value
            for other, entries in self._desired.sections.items()
            for entry in entries.values()
            if not self.has(other, entry.identity)
            for spec in specs(type(entry.resource)).values()
            if spec.ref is not None and spec.ref.implied and spec.ref.section == section
            for value in entry.resource.__dict__[spec.name]
        }
        return tuple(entry for identity, entry in implied.items() if identity in named)

    def has(self, section: str, identity: str) -> bool:
        """Whether an object, wanted or live, is hidden."""
        rule = self._desired.rule(section)
        if not rule.ignore:
            return False
        if section not in self._names:
            self._names[section] = {entry.identity: entry for entry in self._desired.of(section).values()}
        entry = self._names[section].get(identity)
        label = (label_of(entry.resource) if entry else "") or label_of(self._live.of(section).get(identity))
        return rule.ignores(name=entry.name if entry else identity, identity=identity, label=label)


def label_of(item: Resource | None) -> str:
    """Give an object's name for people, where it has one beside its identity."""
    if item is None or item.label_field is None:
        return ""
    return str(item.__dict__.get(item.label_field, ""))
