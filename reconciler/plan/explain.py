"""
Plan → Explanation of one address: why it changes or does not, why its calls stand where they stand.

The reason for each `need` is read off what the two calls state, so it can't differ from what `order` did; the vendor
says it in words. What would happen elsewhere is tried: see `elsewhere`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Final

from reconciler.model.call import Call
from reconciler.model.change import Action, Change, MemberChange, Risk
from reconciler.model.desired import Desired, Entry
from reconciler.model.explanation import Explanation, Rule, Step, Tie, Wait, called, listed
from reconciler.model.kind import Kind
from reconciler.model.live import Live
from reconciler.model.plan import Differences, Plan
from reconciler.model.resource import Resource, specs
from reconciler.plan.elsewhere import Elsewhere, Name
from reconciler.plan.staffing import leading_to, leaves, left_alone, unanswered
from reconciler.plan.ties import ties
from reconciler.providers.base import Provider

_CALLERS: Final = {
    Risk.LOW: "callers notice nothing",
    Risk.MEDIUM: "callers may notice a difference",
    Risk.HIGH: "callers may get no answer",
}
_NEAR: Final = 3  # names that may have been meant
_ALIKE: Final = 0.75  # of two whole addresses
_WORDS: Final = {Action.CREATE: "comes", Action.DELETE: "goes"}


@dataclass(slots=True, kw_only=True)
class Explainer:
    """Explains addresses of one plan. *differences* are all that the diff found, also what `--target` left out."""

    plan: Plan
    differences: Differences
    desired: Desired
    live: Live
    provider: Provider
    name: Name = field(default=lambda _, live: live)  # calls what the model shows what a wish calls it
    _elsewhere: Elsewhere | None = field(default=None, init=False)

    def near(self, address: str) -> tuple[str, ...]:
        """Find what may have been meant: names of the same section, or else addresses."""
        known = tuple(dict.fromkeys(self._known()))
        section, _, name = address.partition("/")
        of_section = [item.partition("/")[2] for item in known if item.startswith(f"{section}/")]
        if of_section and not name:
            return tuple(f"{section}/{item}" for item in of_section[:_NEAR])
        names = get_close_matches(name, of_section, n=_NEAR)
        return tuple(f"{section}/{item}" for item in names) or tuple(get_close_matches(address, known, _NEAR, _ALIKE))

    def _known(self) -> Iterator[str]:
        for entries in self.desired.sections.values():
            yield from (entry.address for entry in entries.values())
        for section, items in (*self.desired.implied.items(), *self.live.sections.items()):
            yield from (f"{section}/{identity}" if identity else section for identity in items)

    def explain(self, address: str) -> Explanation | None:
        """Explain one address, by local name or identity; None where there is nothing of that name."""
        section, _, name = address.partition("/")
        kind = self.provider.kinds.get(section)
        if kind is None:
            return None
        entry = self._entry(section, name)
        identity = entry.identity if entry is not None else name
        change = _find(self.plan.changes, section, identity)
        if change is not None:
            steps = tuple(self._step(call) for call in self.plan.calls if change.address in call.changes)
            reasons = (
                *self._why(change, kind),
                *self._unanswered(section, identity),
                *self._against(change.address),
            )
            return Explanation(
                address=change.address, one=kind.one if name else "", change=change, reasons=reasons, steps=steps
            )
        if entry is None and identity not in self.live.of(section):
            return None
        shown = entry.address if entry is not None else address
        reasons = (
            *self._why_not(section, identity, entry, kind),
            *self._unanswered(section, identity),
            *self._against(shown),
        )
        return Explanation(address=shown, one=kind.one if name else "", change=None, reasons=reasons)

    def _called(self, section: str, identity: str) -> str:
        return called(section, identity, self.desired, self.live)

    def _entry(self, section: str, name: str) -> Entry | None:
        entries = self.desired.of(section)
        implied = self.desired.implied.get(section, {})
        by_identity = (entry for entry in entries.values() if entry.identity == name)
        return entries.get(name) or next(by_identity, None) or implied.get(name)

    def _why(self, change: Change, kind: Kind[Any]) -> Iterator[str]:
        match change.action:
            case Action.CREATE:
                yield self._wanted(change)
            case Action.UPDATE if not kind.readable:
                applied = "nothing was applied yet" if change.live is None else "that differs"
                yield f"It can't be read back, so it is compared with what was last applied, and {applied}."
            case Action.UPDATE:
                yield "The files want it otherwise than it is."
                if change.live is not None and (name := kind.identity(change.live)) != change.identity:
                    yield f"It is {name} as long as nothing is done, and keeps what it has under its new name."
            case Action.DELETE:
                yield self._goes(change, kind)
        yield f"Risk {change.risk.value}: {self._risk(change, kind)}."

    def _wanted(self, change: Change) -> str:
        names = self._naming(change.section, change.identity)
        written = change.name in self.desired.of(change.section)
        if written or not names:
            return "The files want it, and it is not there."
        return f"It is wanted because {listed(names)} {'name it' if len(names) > 1 else 'names it'}; it is not there."

    def _naming(self, section: str, identity: str) -> list[str]:
        """List the entries that an implied object is there for."""
        return [
            entry.address
            for entries in self.desired.sections.values()
            for entry in entries.values()
            for spec in specs(type(entry.resource)).values()
            if spec.ref is not None and spec.ref.implied and spec.ref.section == section
            if identity in entry.resource.__dict__[spec.name]
        ]

    def _goes(self, change: Change, kind: Kind[Any]) -> str:
        section = change.section
        if kind.whole:
            return f"The files manage {section} as a whole, so what they leave out goes."
        rule = f"manage.{section}.prune is true" if self.desired.rule(section).prune else "--prune is given"
        held = self._holders(section, change.identity)
        if held:
            gives = "give" if len(held) > 1 else "gives"
            return f"The files do not name it, {listed(held)} {gives} it up and nobody else has it; {rule}."
        return f"It is live, the files do not name it, and {rule}."

    def _holders(self, section: str, identity: str) -> list[str]:
        """List who has an object that is there for others: the agents that have an extension."""
        return [
            self._one(other.section, holder)
            for other in self.provider.kinds.values()
            for spec in specs(other.resource).values()
            if spec.ref is not None and spec.ref.implied and spec.ref.section == section
            for holder, item in sorted(self.live.of(other.section).items())
            if identity in item.__dict__[spec.name]
        ]

    def _risk(self, change: Change, kind: Kind[Any]) -> str:
        """Say what the risk is, and what makes it so."""
        said = _CALLERS[change.risk]
        kinds = self.provider.kinds
        alone = leaves(change, kinds).intersection(left_alone(self.plan.changes, self.live, kinds))
        if alone and change.risk is Risk.HIGH:
            lost = [self._one(section, identity) for section, identity in sorted(alone)]
            return f"{said}, since {listed(lost)} {'lose' if len(lost) > 1 else 'loses'} the last who answers"
        if any(item.address == change.address for item in unanswered(self.plan.changes, self.live, kinds)):
            return f"{said}, since nobody answers where it leads"
        if change.action is not Action.UPDATE:
            article = "an" if kind.one[:1] in "aeiou" else "a"
            return f"{said} when {article} {kind.one} {_WORDS[change.action]}"
        rules = specs(kind.resource)
        because = [
            "content" if rules[item.path].digest_of is not None else item.path.replace("_", " ")
            for item in change.fields
            if item.path in rules
            and rules[item.path].risk == change.risk.value
            and (not isinstance(item, MemberChange) or item.remove)
        ]
        return f"{said} ({listed(because)})" if because and change.risk is not Risk.LOW else said

    def _unanswered(self, section: str, identity: str) -> Iterator[str]:
        """Say where the plan leaves callers without an answer at this object, whether it changes or not."""
        kinds, changes = self.provider.kinds, self.plan.changes
        nowhere = {(change.section, change.identity): change for change in unanswered(changes, self.live, kinds)}
        for found in left_alone(changes, self.live, kinds):
            leading = leading_to(found, changes, self.live, kinds)
            if found == (section, identity):
                gone = [self._one(item.section, item.identity) for item in changes if found in leaves(item, kinds)]
                leave = "leave" if len(gone) > 1 else "leaves"
                told = f"It will have nobody who answers, since {listed(gone)} {leave} it"
                callers = [self._one(*item) for item in leading]
                lead = "lead" if len(callers) > 1 else "leads"
                yield f"{told}; {listed(callers)} {lead} callers here." if callers else f"{told}."
            elif (section, identity) in leading and (section, identity) not in nowhere:
                yield f"It leads callers to {self._one(*found)}, which will have nobody who answers."
        callers = [self._one(*key) for key, change in nowhere.items() if (section, identity) in _aims(change)]
        if callers:
            told = listed(callers)
            yield f"{told[:1].upper()}{told[1:]} will lead callers here, where nobody answers."

    def _one(self, section: str, identity: str) -> str:
        return f"{self.provider.kinds[section].one} {self._called(section, identity)}"

    def _against(self, address: str) -> Iterator[str]:
        """Say what stands against the whole plan because of this object."""
        for refusal in self.plan.refusals:
            if address in refusal.objects:
                yield f"The plan is refused ({refusal.rule}): {refusal.message}."

    def _why_not(self, section: str, identity: str, entry: Entry | None, kind: Kind[Any]) -> Iterator[str]:
        name = entry.name if entry is not None else identity
        rule = self.desired.rule(section)
        item = self.live.of(section).get(identity)
        label = _label(entry.resource if entry is not None else None) or _label(item)
        if _find(self.differences.changes, section, identity) is not None:
            yield "It differs, and --target leaves it out: neither do those named there need it."
        elif rule.ignores(name=name, identity=identity, label=label):
            yield f"manage.{section}.ignore hides it, so it is neither compared nor changed."
        elif entry is not None:
            yield from self._matches(entry, item, kind)
        elif kind.external:
            yield "It is only read, to check what names it."
        elif not self.desired.manages(section):
            yield f"The files do not have the section {section}, so nothing in it is managed."
        elif f"{section}/{identity}" in self.plan.unmanaged:
            yield "It is unmanaged: live, and not named by the files, so it stays as it is."
            if kind.collection:
                yield f"manage.{section}.prune: true, or --prune, would delete it."
        elif held := self._holders(section, identity):
            yield f"It is live, and it stays because {listed(held)} {'have' if len(held) > 1 else 'has'} it."
        else:
            yield "The files do not name it, so it stays as it is."

    def _matches(self, entry: Entry, item: Any, kind: Kind[Any]) -> Iterator[str]:
        if item is None:
            yield "The files name it, and there is nothing to do for it."
            return
        said = kind.review(entry, item) if kind.review is not None else None
        if said is not None and said.warning:
            yield f"It is left alone: {said.warning}."
        elif kind.readable:
            yield "It is as the files want it."
        else:
            yield "It can't be read back; it is as it was last applied."
        rule = self.desired.rule(entry.section)
        if rule.ignore_fields:
            yield f"manage.{entry.section}.ignore_fields: {listed(rule.ignore_fields)} not compared."
        for name in rule.additive:
            more = sorted({*item.__dict__.get(name, ())} - {*entry.resource.__dict__.get(name, ())})
            spec = specs(kind.resource).get(name)
            if more and spec is not None and spec.ref is not None and name in entry.written:
                names = [self._called(spec.ref.section, identity) for identity in more]
                yield f"manage.{entry.section}.additive lets it keep these {name}: {listed(names)}."

    def _step(self, call: Call) -> Step:
        by_id = {item.id: item for item in self.plan.calls}
        waits = self._waits([(call, by_id[need]) for need in call.needs])
        followers = self._waits([(item, call) for item in self.plan.calls if call.id in item.needs])
        return Step(
            call=call,
            waits=tuple(map(self._tried, waits)),
            # Where a call waits for nothing, what it is early for says why it stands there.
            followers=tuple(followers if call.needs else map(self._tried, followers)),
            gave_way=tuple(self._gave_way(call)),
        )

    def _waits(self, pairs: Sequence[tuple[Call, Call]]) -> tuple[Wait, ...]:
        """Group pairs of a call and one that it waits for by the reason: rules, sorts of facts, what is called."""
        groups: dict[tuple[Any, ...], list[tuple[Call, Call, tuple[Tie, ...]]]] = {}
        for call, other in pairs:
            found = ties(call, other)
            found = tuple(tie for tie in found if tie.rule is not Rule.PREFERS) or found
            key = (call.title, *((tie.rule, tie.facts[0][:1]) for tie in found))
            groups.setdefault(key, []).append((call, other, found))
        waits: dict[tuple[Any, ...], Wait] = {}
        for group in groups.values():
            wait = Wait(
                calls=tuple(dict.fromkeys(call.id for call, _, _ in group)),
                others=tuple(dict.fromkeys(other.id for _, other, _ in group)),
                rules=tuple(tie.rule for tie in group[0][2]),
                text=self._said([found for _, _, found in group]),
            )
            same = waits.get((wait.others, wait.text))  # in the same words: other calls, the same reason
            waits[wait.others, wait.text] = wait if same is None else replace(same, calls=(*same.calls, *wait.calls))
        return tuple(waits.values())

    def _said(self, group: Sequence[tuple[Tie, ...]]) -> str:
        """Have the vendor say the reasons of a group, each with the facts of all its pairs."""
        texts = []
        for same in zip(*group, strict=True):
            facts = dict.fromkeys(fact for tie in same for fact in tie.facts)
            others = {other.id: other for tie in same for other in tie.others}
            merged = replace(same[0], facts=tuple(sorted(facts)), others=tuple(others.values()))
            texts.append(self.provider.describe(merged, self.desired, self.live))
        return "; ".join(texts) or "the planner puts it there"

    def _tried(self, wait: Wait) -> Wait:
        by_id = {item.id: item for item in self.plan.calls}
        if self._elsewhere is None:
            self._elsewhere = Elsewhere(self.plan, self.desired, self.live, self.provider, self.name)
        return replace(wait, trial=self._elsewhere.trial(by_id[wait.calls[0]], [by_id[other] for other in wait.others]))

    def _gave_way(self, call: Call) -> Iterator[str]:
        """Find what the call would rather have waited for."""
        place = {item.id: number for number, item in enumerate(self.plan.calls)}
        for other in self.plan.calls[place[call.id] + 1 :] if call.prefers else ():
            facts = tuple(sorted(call.prefers & other.gives))
            if facts:
                tie = Tie(rule=Rule.PREFERS, facts=facts, call=call, others=(other,))
                why = self.provider.describe(tie, self.desired, self.live)
                yield f"What gives way: {why}, but {other.id} ({other.why}) can only be made after it."


def _find(changes: Sequence[Change], section: str, identity: str) -> Change | None:
    return next((change for change in changes if change.section == section and change.identity == identity), None)


def _aims(change: Change) -> frozenset[tuple[str, str]]:
    """Name what a change has its object lead to, by section and identity."""
    assert change.desired is not None, "what goes leads nowhere"
    rules = specs(type(change.desired)).values()
    return frozenset(
        (spec.ref.section, change.desired.__dict__[spec.name])
        for spec in rules
        if spec.ref is not None and not spec.is_list
    )


def _label(item: Resource | None) -> str:
    return str(item.__dict__.get(item.label_field, "")) if item is not None and item.label_field else ""
