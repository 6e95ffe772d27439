"""Plans and checks, written as sheets: names before ids, secrets masked, control characters spelt out."""

from __future__ import annotations

import io
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, assert_never

from rich.console import Console

from reconciler.model.call import Call
from reconciler.model.change import (
    Action,
    Change,
    FieldChange,
    MemberChange,
    ValueChange,
    pair_word,
    pairs_of,
)
from reconciler.model.diagnostics import Diagnostic, Diagnostics, Place, Severity
from reconciler.model.errors import ReconcilerError, Refused, told
from reconciler.model.plan import Origin, Pictures, Plan, Refusal
from reconciler.model.resource import identity_field
from reconciler.model.routing import Routing
from reconciler.model.secret import Mask
from reconciler.report.graph_words import cleaned
from reconciler.report.pen import MEMBERS_SHOWN, Pen, count, duration, field_spec, ref_section, some
from reconciler.report.sheet import CallRow, Item, Level, Problem, Row, Sheet, Subject, fingerprint
from reconciler.report.where import configuration, lies_at

_VALUE_CELLS: Final = 400  # of one value; a form may cut it further
_MEMBER_CELLS: Final = 80
_LONG: Final = 2_000  # of one sentence
_WORDS: Final = {Action.CREATE: "create", Action.UPDATE: "change", Action.DELETE: "delete"}


def plan_sheet(plan: Plan, *, mask: Mask, saved_as: str = "", here: str = "") -> Sheet:
    """
    Make the sheet of a plan.

    *saved_as* is the file that holds it: then that is what `apply` is given. *here* is the folder in which the command
    runs, absolute: files are named from there.
    """
    writer = Writer(mask, plan.names, plan.contact_center, Subject.PLAN, origin=plan.origin, here=here)
    return Sheet(
        subject=Subject.PLAN,
        contact_center=writer.text(plan.contact_center),
        provider=writer.text(plan.provider),
        verdict=_plan_verdict(plan),
        summary=plan.summary,
        items=tuple(writer.item(change, _WORDS[change.action]) for change in plan.changes),
        calls=tuple(writer.call(call) for call in plan.calls),
        time=writer.time(plan),
        command=writer.text(_command(plan, saved_as)),
        refusals=tuple(writer.refusal(refusal) for refusal in plan.refusals),
        problems=tuple(writer.problem(item) for item in plan.warnings),
        unmanaged=tuple(writer.text(address) for address in plan.unmanaged),
        notes=tuple(writer.text(note) for note in plan.notes),
        pictures=writer.pictures(plan.pictures),
        path=writer.path,
        revisions=(writer.text(plan.base),) if plan.base else (),
    )


def check_sheet(  # noqa: PLR0913 - what was checked, and what came of it
    diagnostics: Diagnostics,
    *,
    mask: Mask,
    contact_center: str = "",
    provider: str = "",
    origin: Origin | None = None,
    here: str = "",
    subject: Subject = Subject.CHECK,
) -> Sheet:
    """
    Make the sheet of what is wrong with a configuration.

    *subject* is what was asked for: a plan of such a configuration can't be made.
    """
    writer = Writer(mask, {}, contact_center, subject, origin=origin, here=here)
    errors, warnings = len(diagnostics.errors), len(diagnostics.warnings)
    counted = [count(number, word) for number, word in ((errors, "error"), (warnings, "warning")) if number]
    return Sheet(
        subject=subject,
        contact_center=writer.text(contact_center),
        provider=writer.text(provider),
        verdict=f"{'Not valid' if errors else 'Valid'}{': ' if counted else ''}{', '.join(counted)}.",
        problems=tuple(writer.problem(item) for item in diagnostics),
        path=writer.path,
        failed=bool(errors) and subject is not Subject.CHECK,
    )


def error_sheet(  # noqa: PLR0913 - what went wrong, and where
    error: ReconcilerError,
    *,
    mask: Mask,
    contact_center: str = "",
    provider: str = "",
    origin: Origin | None = None,
    here: str = "",
    subject: Subject,
) -> Sheet:
    """Make the sheet of an error after which there is no result, or of a refusal before there was a plan."""
    writer = Writer(mask, {}, contact_center, subject, origin=origin, here=here)
    if isinstance(error, Refused):
        refusals = error.refusals or (Refusal(rule="refused", message=str(error), remedy=error.remedy),)
        return Sheet(
            subject=subject,
            contact_center=writer.text(contact_center),
            provider=writer.text(provider),
            verdict=_refused(len(refusals)),
            refusals=tuple(writer.refusal(refusal) for refusal in refusals),
            path=writer.path,
        )
    problem = Problem(
        level=Level.ERROR,
        code="error",
        message=writer.text(told(error), _LONG),
        remedy=writer.text(error.remedy, _LONG),
    )
    return Sheet(
        subject=subject,
        contact_center=writer.text(contact_center),
        provider=writer.text(provider),
        verdict="It ended with an error; nothing was changed.",
        problems=(problem,),
        path=writer.path,
        failed=True,
    )


class Writer:
    """
    Turns values into a sheet's parts, masked and free of control characters.

    With *origin*, files are named from where the command runs (*here*, absolute); without it, as the values name them.
    """

    def __init__(  # noqa: PLR0913 - what it writes of, and where that comes from
        self,
        mask: Mask,
        names: Mapping[tuple[str, str], str],
        tenant: str,
        subject: Subject,
        *,
        origin: Origin | None = None,
        here: str = "",
    ) -> None:
        self._pen = Pen(console=Console(file=io.StringIO()), mask=mask, names=names)
        self._tenant = tenant
        self._subject = subject
        self._origin = origin
        self._here = here
        self._files: dict[str, str] = {}

    def text(self, value: object, limit: int | None = None) -> str:
        """Mask and escape a text."""
        return self._pen.clean(value, limit)

    def time(self, plan: Plan) -> str:
        """Say how long the calls take; "" where there are none."""
        if not plan.calls or not plan.pace.told:
            return ""
        return f"about {duration(plan.pace.seconds)} at {self.text(plan.pace.told, _MEMBER_CELLS)}"

    @property
    def path(self) -> str:
        """Where the configuration lies, seen from where the command runs; "" where nobody knows."""
        return self.text(configuration(self._origin, self._here))

    def file(self, name: str) -> str:
        """Name a file from where the command runs."""
        if name not in self._files:
            self._files[name] = self.text(lies_at(name, self._origin, self._here))
        return self._files[name]

    def item(self, change: Change, word: str, **more: Any) -> Item:
        """Write one object that differs; *more* are further fields of the item."""
        titled = _told(change)
        fields = tuple(row for found in change.fields if found.path not in titled for row in self._rows(change, found))
        return Item(
            address=self.text(change.address),
            section=self.text(change.section),
            title=self._pen.change_title(change, 120),
            identity=self.text(change.identity),
            action=change.action,
            word=word,
            risk=change.risk,
            fields=fields,
            source=None if change.source is None else replace(change.source, file=self.file(change.source.file)),
            cause=change.cause,
            **{"fingerprint": fingerprint(self._subject, self._tenant, change.section, change.identity, word), **more},
        )

    def _rows(self, change: Change, item: FieldChange) -> Iterator[Row]:
        section = ref_section(change, item.path)
        path = self.text(item.path.replace("_", " "))
        match item:
            case MemberChange():
                named = [
                    tuple(self._pen.object(section or item.path, member, _MEMBER_CELLS) for member in members)
                    for members in (item.add, item.remove)
                ]
                yield Row(path=path, added=named[0], removed=named[1], cause=item.cause)
            case ValueChange(after=dict()) | ValueChange(before=dict()):
                word = self.text(pair_word(change, item.path).replace("_", " "))
                for member, before, after in pairs_of(item):
                    whose = self._pen.object(section or item.path, member, _MEMBER_CELLS)
                    yield Row(
                        path=f"{word} of {whose}",
                        before=None if before is None else self._value(None, before),
                        after=None if after is None else self._value(None, after),
                        cause=item.cause,
                    )
            case ValueChange():
                spec = field_spec(change, item.path)
                if spec is not None and spec.digest_of is not None:
                    new = change.action is not Action.UPDATE
                    yield Row(path="content", before=None if new else "as it was", after="new", cause=item.cause)
                    return
                yield Row(
                    path=path,
                    before=None if item.before is None else self._value(section, item.before),
                    after=None if item.after is None else self._value(section, item.after),
                    cause=item.cause,
                )
            case _:
                assert_never(item)

    def _value(self, section: str | None, value: Any) -> str:
        if section is not None and isinstance(value, str) and value:
            return self._pen.object(section, value, _MEMBER_CELLS)
        if section is not None and isinstance(value, list | tuple):
            named = [self._pen.object(section, str(item), _MEMBER_CELLS) for item in value[:MEMBERS_SHOWN]]
            return f"[{some(named, len(value))}]"
        return self._pen.value(value, _VALUE_CELLS)

    def call(self, call: Call) -> CallRow:
        """Write one call."""
        return CallRow(
            id=self.text(call.id),
            title=self.text(call.title, 200),
            why=self.text(call.why, 400),
            needs=tuple(self.text(need) for need in call.needs),
        )

    def refusal(self, refusal: Refusal) -> Refusal:
        """Write a guard's no."""
        return Refusal(
            rule=self.text(refusal.rule),
            message=self.text(refusal.message, _LONG),
            objects=tuple(self.text(item) for item in refusal.objects),
            remedy=self.text(refusal.remedy, _LONG),
        )

    def problem(self, item: Diagnostic) -> Problem:
        """Write what is wrong."""
        return Problem(
            level=Level.ERROR if item.severity is Severity.ERROR else Level.WARNING,
            code=self.text(item.code),
            message=self.text(item.summary, _LONG),
            remedy=self.text(item.remedy, _LONG),
            place=self._place(item.place),
            related=tuple(
                (self.text(words), found) for words, place in item.related if (found := self._place(place)) is not None
            ),
        )

    def _place(self, place: Place | None) -> Place | None:
        if place is None:
            return None
        excerpt = None if place.excerpt is None else self.text(place.excerpt)
        return replace(place, file=self.file(place.file), excerpt=excerpt)

    def pictures(self, pictures: Pictures | None) -> Pictures | None:
        """Write the names in both pictures."""
        if pictures is None:
            return None
        return Pictures(before=self.picture(pictures.before), after=self.picture(pictures.after))

    def picture(self, routing: Routing) -> Routing:
        """Write the names in a picture."""
        return cleaned(routing, self.text)


def _told(change: Change) -> frozenset[str]:
    """Name the fields of a new object that its title shows already."""
    if change.action is not Action.CREATE or change.desired is None:
        return frozenset()
    names = [identity_field(type(change.desired)), change.desired.label_field if change.label else None]
    return frozenset(name for name in names if name is not None)


def _plan_verdict(plan: Plan) -> str:
    if plan.refusals:
        return _refused(len(plan.refusals))
    if not plan.changes and not plan.calls:
        return "No changes: the live tenant is as the files say."
    if not plan.calls:
        return "Nothing to send."
    summary = plan.summary
    parts = [
        f"{number:,} to {word}"
        for number, word in ((summary.create, "create"), (summary.update, "change"), (summary.delete, "delete"))
        if number
    ]
    return f"{', '.join(parts) or 'Nothing differs'}, in {count(len(plan.calls), 'call')}."


def _refused(rules: int) -> str:
    return f"Refused: {count(rules, 'rule')} against it; nothing of this plan will be applied."


def _command(plan: Plan, saved_as: str) -> str:
    if plan.refusals or not plan.calls:
        return ""
    if saved_as:
        return f"reconciler apply {shlex.quote(saved_as)}"
    return apply_command(plan.origin) if plan.origin is not None else ""


def apply_command(origin: Origin) -> str:
    """Say how to apply what was planned so."""
    words = ["reconciler", "apply", origin.path]
    for option, values in (
        ("--overlay", origin.overlays),
        ("--set", origin.assignments),
        ("--target", origin.targets),
        ("--allow-deletes", tuple(f"{section}={number}" for section, number in sorted(origin.allow_deletes.items()))),
    ):
        for value in values:
            words += [option, value]
    if origin.prune:
        words.append("--prune")
    return shlex.join(words)
