"""Sheets by hand, for tests of the forms that they take: hostile names, drift, a review, a refusal, large plans."""

from __future__ import annotations

from typing import Final

from reconciler.model.change import Action, Cause, Risk, Source
from reconciler.model.diagnostics import Place
from reconciler.model.plan import Pictures, Refusal, Summary
from reconciler.model.routing import Edge, Node, Role, Routing
from reconciler.report.safe import visible
from reconciler.report.sheet import CallRow, Item, Level, Problem, Row, Sheet, Subject

# What breaks out of a markup that does not take care; as a sheet has it, with control characters spelt out.
HOSTILE: Final = tuple(
    map(
        visible,
        (
            "</script><script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "javascript:alert(1)",
            '" onmouseover=alert(1) autofocus onfocus=alert(1) x="',
            "' onmouseover=alert(1) x='",
            "'><svg onload=alert(1)>",
            "</style><style>*{display:none}</style>",
            "</title><meta http-equiv=refresh content=0;url=https://example.com>",
            "</bdi></td></table><form action=https://example.com>",
            "<!--",
            "--><link rel=stylesheet href=https://example.com/x.css>",
            "]]><![CDATA[",
            "&lt;b&gt;&amp;&#60;",
            "| a |\n::error::x",
            "[bold]\x1b[31mred",
            "\u202egnitirw\u202c",
            "\u0645\u0631\u062d\u0628\u0627 123",
            "\u5f20\u4f1f\uff08\u5ba2\u670d\uff09",
            "endless" * 40,
        ),
    )
)
_ACTIONS: Final = ((Action.CREATE, "create"), (Action.UPDATE, "change"), (Action.DELETE, "delete"))


def routing(names: tuple[str, ...], fault: str = "") -> Routing:
    """Draw a number that leads to queues."""
    queues = [Node(address=f"queues/{name}", role=Role.QUEUE, label=name, identity=name, fault=fault) for name in names]
    return Routing(
        nodes=(Node(address="numbers/1", role=Role.NUMBER, label="1"), *queues),
        edges=tuple(Edge(start="numbers/1", end=queue.address) for queue in queues),
        captions=names[:1],
    )


def hostile() -> Sheet:
    """Put each hostile text in each place where a text of others may stand."""
    items = []
    for place, name in enumerate(HOSTILE):
        action, word = _ACTIONS[place % 3]
        items.append(
            Item(
                address=f"queues/{name}",
                section=name if place % 2 else "queues",
                title=name,
                identity=name,
                action=action,
                word=word,
                risk=tuple(Risk)[place % 3],
                fields=(
                    Row(path=name, before=name, after=name, cause=Cause.YOURS),
                    Row(path="members", added=(name, name), removed=(name,), cause=Cause.DRIFT),
                    Row(path=f"{name} of", after=name),
                ),
                source=Source(file=name, line=3, column=1),
                cause=tuple(Cause)[place % 3],
                status=name,
                since=name,
            )
        )
    return Sheet(
        subject=Subject.PLAN,
        contact_center=HOSTILE[0],
        provider=HOSTILE[1],
        verdict=HOSTILE[6],
        summary=Summary(create=7, update=6, delete=6, bind=3, unbind=2, calls=19, minimum_calls=19),
        items=tuple(items),
        calls=tuple(CallRow(id=name, title=name, why=name, needs=(name,)) for name in HOSTILE),
        time=HOSTILE[7],
        command=HOSTILE[3],
        refusals=tuple(
            Refusal(rule=name, message=name, objects=tuple(item.address for item in items), remedy=name)
            for name in HOSTILE[:4]
        ),
        problems=tuple(
            Problem(
                level=tuple(Level)[place % 3],
                code=name,
                message=name,
                remedy=name,
                place=Place(file=name, line=1, column=1, width=3, excerpt=name),
                related=((name, Place(file=name, line=1, column=1)),),
            )
            for place, name in enumerate(HOSTILE)
        ),
        unmanaged=tuple(f"agents/{name}" for name in HOSTILE),
        notes=HOSTILE,
        pictures=Pictures(before=routing(HOSTILE[:12]), after=routing(HOSTILE[6:], "nobody <b>answers</b>")),
        revisions=HOSTILE[:2],
    )


def drift() -> Sheet:
    """Find something changed, something missing and something too much, and one thing that is not applied yet."""
    return Sheet(
        subject=Subject.DRIFT,
        contact_center="acme-prod",
        provider="udesk",
        verdict="3 things were changed by hand.",
        items=(
            Item(
                address="queues/support",
                section="queues",
                title="Support (9002)",
                identity="9002",
                action=Action.UPDATE,
                word="changed",
                risk=Risk.MEDIUM,
                fields=(Row(path="timeout", before="90", after="20"),),
                source=Source(file="support.yaml", line=4, column=3),
                status="new",
                since="2026-11-20 23:10 UTC",
            ),
            Item(
                address="agents/li.wei",
                section="agents",
                title="\u674e\u4f1f (10031)",
                identity="10031",
                action=Action.DELETE,
                word="missing",
                risk=Risk.HIGH,
                source=Source(file="sales.yaml", line=9, column=3),
                status="still there",
                since="2026-11-01 08:00 UTC",
            ),
            Item(
                address="agents/10077",
                section="agents",
                title="Temp (10077)",
                identity="10077",
                action=Action.CREATE,
                word="should not be there",
                risk=Risk.LOW,
                status="still there",
                since="2026-11-01 08:00 UTC",
            ),
            Item(
                address="queues/sales",
                section="queues",
                title="Sales (9001)",
                identity="9001",
                action=Action.UPDATE,
                word="not changed yet",
                risk=Risk.LOW,
                fields=(Row(path="name", before="Sale", after="Sales"),),
                source=Source(file="sales.yaml", line=4, column=3),
                pending=True,
            ),
        ),
        unmanaged=("agents/10099",),
        problems=(
            Problem(
                level=Level.WARNING,
                code="http",
                message="The vendor is called without encryption.",
                place=Place(
                    file="company.yaml", line=5, column=13, width=4, excerpt="  base_url: http://acme.example.com"
                ),
            ),
        ),
    )


def review() -> Sheet:
    """Compare two revisions: a queue waits longer, and a key now leads where nobody answers."""
    return Sheet(
        subject=Subject.REVIEW,
        contact_center="acme-prod",
        provider="udesk",
        verdict="1 to change.",
        items=(
            Item(
                address="queues/support",
                section="queues",
                title="Support (9002)",
                identity="9002",
                action=Action.UPDATE,
                word="change",
                risk=Risk.LOW,
                fields=(Row(path="timeout", before="60", after="90"),),
                source=Source(file="support.yaml", line=4, column=3),
            ),
        ),
        notes=("The live tenant was not asked.",),
        pictures=Pictures(before=routing(("a", "b")), after=routing(("a", "b"), "nobody answers")),
        revisions=("main", "feature/longer-wait"),
    )


def refused() -> Sheet:
    """Delete more than safety allows."""
    addresses = tuple(f"agents/{number}" for number in range(10_031, 10_040))
    return Sheet(
        subject=Subject.PLAN,
        contact_center="acme-prod",
        provider="udesk",
        verdict="Refused: 1 rule against it; nothing of this plan will be applied.",
        items=tuple(
            Item(
                address=address,
                section="agents",
                title=f"\u5ba2\u670d {address[7:]}",
                identity=address[7:],
                action=Action.DELETE,
                word="delete",
                risk=Risk.HIGH,
            )
            for address in addresses
        ),
        calls=(CallRow(id="c1", title="DELETE /ccapi/v2/agents/10031", why="delete"),),
        refusals=(
            Refusal(
                rule="max-deletes",
                message="9 agents would be deleted, and safety allows 5.",
                objects=addresses,
                remedy="Name the very number: --allow-deletes agents=9",
            ),
        ),
    )


def empty() -> Sheet:
    """Have nothing to do."""
    same = routing(("sales", "support"))
    return Sheet(
        subject=Subject.PLAN,
        contact_center="acme-prod",
        provider="udesk",
        verdict="No changes: the live tenant is as the files say.",
        pictures=Pictures(before=same, after=same),
    )


def large(number: int, *, fields: int, create: bool = False, wide: int = 20) -> Sheet:
    """Change or create *number* agents, with a call each."""
    return Sheet(
        subject=Subject.PLAN,
        contact_center="acme-prod",
        provider="udesk",
        verdict=f"{number:,} to change.",
        items=tuple(
            Item(
                address=f"agents/agent-{place:05}",
                section="agents",
                title=f"Agent {place:05} ({100_000 + place})",
                identity=str(100_000 + place),
                action=Action.CREATE if create else Action.UPDATE,
                word="create" if create else "change",
                risk=Risk.LOW,
                fields=tuple(
                    Row(path=f"field {field}", before=None if create else "a" * wide, after=f"{place:0{wide}}")
                    for field in range(fields)
                ),
                source=Source(file="agents-01.yaml", line=place + 1, column=3),
            )
            for place in range(number)
        ),
        calls=tuple(
            CallRow(id=f"c{place}", title=f"PUT /ccapi/v2/agents/{place}", why=f"field 0 {'a' * wide} \u2192 {place}")
            for place in range(number)
        ),
    )
