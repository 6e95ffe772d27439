"""A saved plan as the value that it was saved from, as far as readers need it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.model.call import Call, Upload
from reconciler.model.change import Action, Cause, Change, FieldChange, MemberChange, Risk, Source, ValueChange
from reconciler.model.diagnostics import Diagnostic, Place, Severity
from reconciler.model.kind import Kind
from reconciler.model.plan import Pace, Pictures, Plan, Refusal, Summary
from reconciler.model.resource import Resource
from reconciler.model.routing import Edge, Node, Role, Routing
from reconciler.report.plan_shape import (
    CallPart,
    ChangePart,
    MembersPart,
    RoutingPart,
    SourcePart,
    ValuePart,
)
from reconciler.report.saved import SavedPlan


def restored(saved: SavedPlan, kinds: Mapping[str, Kind[Any]]) -> Plan:
    """
    Make the plan again from its document, to be shown; it can't be applied.

    *kinds* are its vendor's: they say which fields name other objects. The objects themselves are not in the document,
    so that *desired* and *live* hold what differs, and defaults.
    """
    document = saved.document
    names = {_split(address): name for address, name in document.names.items()}
    routing = document.routing
    return Plan(
        contact_center=document.contact_center,
        provider=document.provider,
        config_digest=document.config_digest,
        live_digest=document.live_digest,
        summary=Summary(**document.summary.model_dump()),
        changes=tuple(_change(part, kinds, names) for part in document.changes),
        calls=tuple(_call(part) for part in document.calls),
        refusals=tuple(
            Refusal(rule=part.rule, message=part.message, objects=tuple(part.objects), remedy=part.remedy)
            for part in document.refusals
        ),
        warnings=tuple(
            Diagnostic(
                severity=Severity.WARNING,
                code=part.code,
                summary=part.message,
                remedy=part.remedy,
                place=None if part.source is None else _place(part.source),
            )
            for part in document.warnings
        ),
        unmanaged=tuple(document.unmanaged),
        notes=tuple(document.notes),
        pace=Pace() if document.pace is None else Pace(seconds=document.pace.seconds, told=document.pace.told),
        origin=saved.origin,
        names=names,
        pictures=None if routing is None else Pictures(before=_routing(routing.before), after=_routing(routing.after)),
        base=document.base,
        named=document.named,
    )


def _split(address: str) -> tuple[str, str]:
    section, _, identity = address.partition("/")
    return section, identity


def _change(part: ChangePart, kinds: Mapping[str, Kind[Any]], names: Mapping[tuple[str, str], str]) -> Change:
    section, name = _split(part.address)
    action = Action(part.action)
    fields = tuple(_field(item) for item in part.fields)
    return Change(
        section=section,
        name=name,
        identity=part.identity,
        action=action,
        fields=fields,
        source=None if part.source is None else Source(**part.source.model_dump()),
        risk=Risk(part.risk),
        label=names.get((section, part.identity), ""),
        desired=None if action is Action.DELETE else _partly(kinds.get(section), fields, after=True),
        live=None if action is Action.CREATE else _partly(kinds.get(section), fields, after=False),
        cause=_cause(part.cause),
    )


def _partly(kind: Kind[Any] | None, fields: tuple[FieldChange, ...], *, after: bool) -> Resource | None:
    """Make an object of what differs."""
    if kind is None:
        return None
    known: dict[str, Any] = {}
    for item in fields:
        match item:
            case ValueChange():
                known[item.path] = item.after if after else item.before
            case MemberChange():
                known[item.path] = item.add if after else item.remove
    made: Resource = kind.resource.live(known)
    return made


def _field(part: ValuePart | MembersPart) -> FieldChange:
    match part:
        case ValuePart():
            before, after = _alike(part.before, part.after)
            return ValueChange(path=part.path, before=before, after=after, cause=_cause(part.cause))
        case MembersPart():
            return MemberChange(
                path=part.path, add=tuple(part.add), remove=tuple(part.remove), cause=_cause(part.cause)
            )


def _alike(before: Any, after: Any) -> tuple[Any, Any]:
    """Keep pairs where both are pairs or nothing; a file that says otherwise was not written by us."""
    shapes = {isinstance(value, dict) for value in (before, after) if value is not None}
    return (before, after) if len(shapes) < 2 else (json.dumps(before), json.dumps(after))


def _cause(word: str | None) -> Cause | None:
    return None if word is None else Cause(word)


def _place(part: SourcePart) -> Place:
    return Place(file=part.file, line=part.line, column=part.column)


def _call(part: CallPart) -> Call:
    return Call(
        part.method,
        part.path,
        part.body,
        action=part.action or None,
        query=part.query,
        upload=None if part.upload is None else Upload(path=part.upload.path, digest=part.upload.digest),
        changes=tuple(part.changes),
        why=part.why,
        id=part.id,
        needs=tuple(part.needs),
    )


def _routing(part: RoutingPart) -> Routing:
    return Routing(
        nodes=tuple(
            Node(
                address=node.address,
                role=Role(node.role),
                label=node.label,
                identity=node.identity,
                fault=node.fault,
                off=node.off,
                count=node.count,
                faults=node.faults,
                members=tuple(node.members),
            )
            for node in part.nodes
        ),
        edges=tuple(Edge(start=edge.start, end=edge.end, outward=edge.outward) for edge in part.edges),
        captions=tuple(part.captions),
    )
