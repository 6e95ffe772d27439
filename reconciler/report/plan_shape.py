"""The shape of a saved plan, `reconciler-plan/1`: what `schemas/plan.json` describes."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

_CAUSE: Final = "Who made it differ since the revision that `--base` named; absent without one."


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourcePart(_Part):
    """Where it stands in the files; line and column count from 1."""

    file: Annotated[str, Field(description="The file, as it was named.")]
    line: Annotated[int, Field(ge=1, description="The line, from 1.")]
    column: Annotated[int, Field(ge=1, description="The column in characters, from 1.")]


class ValuePart(_Part):
    """A field's value before and after."""

    path: Annotated[str, Field(description="The field.")]
    before: Annotated[Any, Field(description="The live value; null on creation, and where it can't be known.")]
    after: Annotated[Any, Field(description="The wanted value; null on deletion.")]
    cause: Annotated[Literal["yours", "drift", "conflict"] | None, Field(description=_CAUSE)] = None


class MembersPart(_Part):
    """Members that join and leave an unordered list."""

    path: Annotated[str, Field(description="The field.")]
    add: Annotated[list[str], Field(description="Identities that join.")]
    remove: Annotated[list[str], Field(description="Identities that leave.")]
    cause: Annotated[Literal["yours", "drift", "conflict"] | None, Field(description=_CAUSE)] = None


class ChangePart(_Part):
    """One object that differs."""

    address: Annotated[str, Field(description="section/local-name; single things are their section alone.")]
    action: Annotated[Literal["create", "update", "delete"], Field(description="What happens to the object.")]
    identity: Annotated[str, Field(description="Its name at the vendor.")]
    fields: Annotated[list[ValuePart | MembersPart], Field(description="What differs.")]
    source: Annotated[
        SourcePart | None, Field(description="Its entry in the files; null where they do not name the object.")
    ]
    risk: Annotated[Literal["low", "medium", "high"], Field(description="What the change does to callers.")]
    cause: Annotated[Literal["yours", "drift", "conflict"] | None, Field(description=_CAUSE)] = None


class UploadPart(_Part):
    """A file that travels with a call."""

    path: Annotated[str, Field(description="Relative to the configuration's folder.")]
    digest: Annotated[str, Field(description="The first 16 hex digits of its SHA-256.")]


class CallPart(_Part):
    """One request to the vendor."""

    id: Annotated[str, Field(min_length=1, description="Names the call within the plan.")]
    method: Annotated[str, Field(description="The HTTP method.")]
    path: Annotated[str, Field(description="The path at the vendor's host.")]
    action: Annotated[str, Field(description="The vendor's action, where it has such.")] = ""
    query: Annotated[dict[str, str], Field(description="Query parameters, without signature.")] = {}
    body: Annotated[
        dict[str, Any] | None,
        Field(description='The body. {"from": "c1", "field": "…"} is a value that an earlier answer gives.'),
    ]
    upload: Annotated[UploadPart | None, Field(description="The file that goes with it.")] = None
    needs: Annotated[list[str], Field(description="Calls that must have succeeded before.")]
    changes: Annotated[list[str], Field(description="Addresses of the changes that it serves.")]
    why: Annotated[str, Field(description="What for, in one line.")]


class RefusalPart(_Part):
    """A guard's no."""

    rule: Annotated[str, Field(description="The rule, a stable word.")]
    message: Annotated[str, Field(description="What it stopped.")]
    objects: Annotated[list[str], Field(description="The addresses concerned.")]
    remedy: Annotated[str, Field(description="What lifts it.")]


class WarningPart(_Part):
    """Something to know that stops nothing."""

    code: Annotated[str, Field(description="The kind of warning, a stable word.")]
    message: Annotated[str, Field(description="What is odd.")]
    source: Annotated[SourcePart | None, Field(description="Where it stands in the files, if anywhere.")]
    remedy: Annotated[str, Field(description="What would be right.")]


class SummaryPart(_Part):
    """The plan in numbers."""

    create: Annotated[int, Field(ge=0, description="Objects to create.")]
    update: Annotated[int, Field(ge=0, description="Objects to change.")]
    delete: Annotated[int, Field(ge=0, description="Objects to delete.")]
    bind: Annotated[int, Field(ge=0, description="Pairs to bind.")]
    unbind: Annotated[int, Field(ge=0, description="Pairs to unbind.")]
    calls: Annotated[int, Field(ge=0, description="Write calls.")]
    minimum_calls: Annotated[int, Field(ge=0, description="A lower bound of the calls, computed apart.")]


class OriginPart(_Part):
    """How to load the same configuration again."""

    path: Annotated[str, Field(description="The configuration, as it was named.")]
    overlays: Annotated[list[str], Field(description="Each --overlay.")]
    assignments: Annotated[list[str], Field(description="Each --set, without those that touch `provider`.")]
    targets: Annotated[list[str], Field(description="Each --target.")]
    prune: Annotated[bool, Field(description="Whether --prune was given.")]
    allow_deletes: Annotated[dict[str, int], Field(description="Each --allow-deletes.")]


class TrialPart(_Part):
    """What would happen if a call ran before some that it waits for, as tried on the vendor's model."""

    call: Annotated[str, Field(description="The call that was moved.")]
    before: Annotated[list[str], Field(description="The calls that it was made before.")]
    along: Annotated[list[str], Field(description="Calls like it that were moved with it.")]
    effect: Annotated[
        Literal["refused", "astray", "noticed", "fewer", "harmless", "untried"],
        Field(description="What came of it, the worst first."),
    ]
    code: Annotated[str, Field(description="The vendor's code, where it refuses.")]
    text: Annotated[str, Field(description="The same in words.")]


class WaitPart(_Part):
    """Calls that wait for others, all for one reason."""

    calls: Annotated[list[str], Field(description="Who waits.")]
    others: Annotated[list[str], Field(description="For whom.")]
    rules: Annotated[
        list[Literal["needs", "clears", "used", "before", "prefers"]],
        Field(description="What binds them; `prefers` alone is only better for callers."),
    ]
    why: Annotated[str, Field(description="The reason in words.")]
    elsewhere: Annotated[TrialPart | None, Field(description="What would happen elsewhere; null where not tried.")]


class StepPart(_Part):
    """One call that serves the explained object."""

    id: Annotated[str, Field(description="The call.")]
    why: Annotated[str, Field(description="What for, in one line.")]
    waits: Annotated[list[WaitPart], Field(description="Why it stands where it stands.")]
    followers: Annotated[list[WaitPart], Field(description="Who waits for it.")]
    gave_way: Annotated[list[str], Field(description="What would have been better and can't be had.")]


class ExplanationPart(_Part):
    """One address that `--explain` named."""

    address: Annotated[str, Field(description="section/local-name; single things are their section alone.")]
    changes: Annotated[bool, Field(description="Whether the plan changes it.")]
    reasons: Annotated[list[str], Field(description="Why it changes or does not.")]
    calls: Annotated[list[StepPart], Field(description="The calls that serve it, in order.")]


class PacePart(_Part):
    """How long the calls take at least."""

    seconds: Annotated[float, Field(ge=0, description="Seconds, at the vendor's rate.")]
    told: Annotated[str, Field(description='The rate in words: "10 calls/s".')]


class NodePart(_Part):
    """One object on a caller's way, or many folded into one."""

    address: Annotated[str, Field(description="section/local-name; of folded ones, the queue's with # and their role.")]
    role: Annotated[Literal["number", "key", "queue", "agent", "extension"], Field(description="Its part.")]
    label: Annotated[str, Field(description="What people call it.")]
    identity: Annotated[str, Field(description="What the vendor calls it; empty for folded ones.")]
    fault: Annotated[str, Field(description="What is wrong with it; empty when nothing is.")]
    off: Annotated[bool, Field(description="Whether it is switched off.")]
    count: Annotated[int, Field(ge=1, description="How many objects it stands for.")]
    faults: Annotated[int, Field(ge=0, description="How many of the folded ones have a fault.")]
    members: Annotated[list[str], Field(description="What people call the first few folded ones.")]


class EdgePart(_Part):
    """One step of the way."""

    start: Annotated[str, Field(alias="from", description="An address.")]
    end: Annotated[str, Field(alias="to", description="An address.")]
    outward: Annotated[bool, Field(description="Whether calls go out this way.")]


class RoutingPart(_Part):
    """How callers reach people."""

    nodes: Annotated[list[NodePart], Field(description="Who is on the way, by role.")]
    edges: Annotated[list[EdgePart], Field(description="What leads where.")]
    captions: Annotated[list[str], Field(description="What the picture can't show.")]


class PicturesPart(_Part):
    """How callers reach people, before the plan and after it."""

    before: Annotated[RoutingPart, Field(description="As it is live.")]
    after: Annotated[RoutingPart, Field(description="As it is once the plan is carried out.")]


class PlanDocument(_Part):
    """A plan: what differs between the files and the live tenant, and the calls that make it so."""

    format: Annotated[Literal["reconciler-plan/1"], Field(description="The form of this document.")]
    contact_center: Annotated[str, Field(description="The tenant's name in the files.")]
    provider: Annotated[str, Field(description="The vendor.")]
    config_digest: Annotated[str, Field(description="Fingerprint of what the files mean.")]
    live_digest: Annotated[str, Field(description="Fingerprint of the live tenant.")]
    summary: Annotated[SummaryPart, Field(description="How many of what.")]
    changes: Annotated[list[ChangePart], Field(description="What differs, by object.")]
    calls: Annotated[list[CallPart], Field(description="The requests, in a valid serial order.")]
    refusals: Annotated[list[RefusalPart], Field(description="Why the plan may not be applied; empty when it may.")]
    warnings: Annotated[list[WarningPart], Field(description="Things to know.")]
    unmanaged: Annotated[list[str], Field(description="Addresses of live objects that the files do not name.")]
    notes: Annotated[list[str], Field(description="What the plan has to say of its own way.")]
    names: Annotated[dict[str, str], Field(description="People's names, by section/identity.")] = {}
    pace: Annotated[PacePart | None, Field(description="How long the calls take.")] = None
    named: Annotated[
        dict[str, Annotated[int, Field(ge=0)]],
        Field(description="How many objects the files name, by section; 0 stands for a single thing."),
    ] = {}
    base: Annotated[str, Field(description="The revision that `--base` named; absent without one.")] = ""
    routing: Annotated[PicturesPart | None, Field(description="How callers reach people; absent where not drawn.")] = (
        None
    )
    config: Annotated[
        OriginPart | None, Field(description="How to load the same configuration again; absent without one.")
    ] = None
    explanations: Annotated[
        list[ExplanationPart], Field(description="What `--explain` asked for; absent where nothing was asked.")
    ] = []
