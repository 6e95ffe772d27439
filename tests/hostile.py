"""Plans in which every text is somebody else's: what the forms of `--format` are tried with."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from reconciler.model.call import Call, Upload
from reconciler.model.change import Action, Cause, Change, FieldChange, MemberChange, Risk, Source, ValueChange
from reconciler.model.diagnostics import Diagnostic, Diagnostics, Place, Severity, error, warning
from reconciler.model.plan import Origin, Pace, Pictures, Plan, Refusal, Summary
from reconciler.model.routing import Edge, Node, Role, Routing
from reconciler.model.secret import Mask
from reconciler.providers.udesk import PROVIDER
from reconciler.report.sheet import Sheet
from reconciler.report.writer import check_sheet, plan_sheet

LONGEST: Final = 10_000
HOSTILE: Final = (
    "</script><script>alert(1)</script>",
    "| a | b |",
    "a|b\\|c\\\\|d",
    "::error::x",
    "::stop-commands::x",
    "ordinary words until the line ends somewhere about here ::error::x ::error::y ::error::z",
    "##[error]x ##vso[task.x]y ###[debug]z",
    "%0A::error::x",
    "[bold]x[/bold]",
    "\x1b[2J\x1b[31mred",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
    "nul\x00 \x7f \x9b1m",
    "\ud800 lone \udfff",
    "\ufffe\uffff",
    "]]>",
    "<![CDATA[x]]>",
    "<!-- x -->",
    "--><b>",
    "<!-- reconciler:other -->",
    "${{ secrets.X }}",
    "$x$ $$y$$ $`z`$",
    "`code` ``` ~~~",
    "```\n</details>\n\n# new",
    "@team @org/team someone@evil.example",
    "#123 GH-123 owner/repo#1 !5 ~label %milestone &1 0123456789abcdef0123456789abcdef01234567",
    "http://evil.example https://evil.example/x www.evil.example ftp://evil.example",
    "www. deadbeef 1. 1) 2026-01-01",
    "![image](http://evil.example/x.png)",
    "[text](javascript:alert(1))",
    "[text][1]\n\n[1]: http://evil.example",
    "<http://evil.example>",
    "[^1]\n\n[^1]: footnote",
    "&lt;b&gt; &amp; &#124; &nbsp;",
    "- item\n- item",
    "+ item",
    "* item",
    "> quote",
    "# heading",
    "===\n---",
    ":smile: :+1:",
    "</details></summary><details open>",
    "</code></td></tr></table>",
    "<img src=x onerror=alert(1)>",
    "***b*** __u__ ~~s~~",
    "\\",
    "\"quoted\" 'single' ,:;",
    "{0} {{1}} %s %(x)s",
    "../../etc/passwd",
    "//evil.example/x",
    "javascript:alert(1)",
    "file:///etc/passwd?x#y",
    "C:\\x\\y",
    "  spaces  and\ttabs ",
    "\u5ba2\u670d\uff0c\u4e2d\u5fc3\uff08\u4e0a\u6d77\uff09",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "e\u0301" * 40,
    "",
    "x" * LONGEST,
    "`" * LONGEST,
    "|" * LONGEST,
    "\U00020000" * LONGEST,
    "@" * LONGEST,
)
MASKED: Final = Mask.of(["secret-of-the-account"])


def plan_of(text: str, *, refused: bool = True) -> Plan:
    """Make a plan that says *text* wherever a plan has something from files or from a vendor."""
    place = Place(file=f"{text}.yaml", line=3, column=5, width=2, excerpt=f"  name: {text}")
    source = Source(file=f"{text}/queues.yaml", line=12, column=3)
    values: tuple[FieldChange, ...] = (
        ValueChange(path="name", before=text, after=f"{text}!", cause=Cause.DRIFT),
        ValueChange(path="timeout", before=60, after=90),
        ValueChange(path=text, before={text: [text, {text: text}]}, after={text: text, "9001": 1}),
        ValueChange(path="memo", before=None, after=text),
        MemberChange(path="agents", add=(text, "10031"), remove=(f"{text}2",)),
    )
    kind: Any = PROVIDER.kinds["queues"].resource
    live = kind.live({"id": "9001", "name": text})
    changes = (
        _change(text, Action.UPDATE, "9001", fields=values, source=source, live=live, desired=live, cause=Cause.YOURS),
        _change(text, Action.CREATE, "9002", fields=values, source=source, desired=live, risk=Risk.HIGH),
        _change(text, Action.DELETE, "9003", live=live, risk=Risk.MEDIUM),
        _change(text, Action.DELETE, text, section="voice_files"),
        Change(section=text or "x", name=text, identity=text, action=Action.UPDATE, fields=values, source=source),
    )
    upload = Upload(path=text, digest="0")
    calls = (
        Call("PUT", f"/ccapi/{text}", {text: text}, id="c1", why=text, changes=(f"queues/{text}",)),
        Call("POST", "/", {}, action=text, id="c2", needs=("c1",), why=f"upload {text}", upload=upload),
    )
    return Plan(
        contact_center=text,
        provider=text,
        summary=Summary(create=1, update=2, delete=2, bind=2, unbind=1, calls=2, minimum_calls=2),
        changes=changes,
        calls=calls,
        refusals=(Refusal(rule=text, message=text, objects=(text, f"queues/{text}"), remedy=text),) if refused else (),
        warnings=(
            warning("left-alone", text, place=place, remedy=text, related=((text, place),)),
            Diagnostic(severity=Severity.WARNING, code=text, summary=text),
        ),
        unmanaged=(f"agents/{text}", text),
        notes=(text, f"A note on {text}."),
        pace=Pace(seconds=2, told=f"10 {text}"),
        origin=Origin(path=text, overlays=(text,), assignments=(text,), targets=(text,), allow_deletes={text: 1}),
        names={("queues", "9001"): text, ("agents", "10031"): text},
        pictures=Pictures(before=Routing(), after=_routing(text)),
        base=text,
        named={text: 2, "application": 0},
    )


def _change(text: str, action: Action, identity: str, *, section: str = "queues", **more: Any) -> Change:
    return Change(section=section, name=f"{text}{identity}", identity=identity, action=action, label=text, **more)


def _routing(text: str) -> Routing:
    nodes = (
        Node(address=f"fast_routers/{text}", role=Role.KEY, label=text, fault=f"leads to {text}"),
        Node(
            address="queues/9001", role=Role.QUEUE, label=text, identity=text, fault="nobody answers", members=(text,)
        ),
        Node(address="queues/9001#agents", role=Role.AGENT, label=text, count=3, faults=2),
    )
    edges = (Edge(start=f"fast_routers/{text}", end="queues/9001"),)
    return Routing(nodes=nodes, edges=edges, captions=(text,))


@lru_cache(maxsize=256)
def sheet_of(text: str, *, refused: bool = True, saved_as: str = "") -> Sheet:
    """Make the sheet of such a plan."""
    return plan_sheet(plan_of(text, refused=refused), mask=MASKED, saved_as=saved_as, here="/work")


@lru_cache(maxsize=256)
def check_of(text: str) -> Sheet:
    """Make the sheet of a configuration that is wrong in such places."""
    place = Place(file=text, line=1, column=1, width=3, excerpt=text)
    found = Diagnostics.of(
        [
            error("unknown-field", text, place=place, remedy=text),
            error(text or "x", f"no {text}", related=((text, place),)),
            warning("odd", f"{text} is odd", place=place),
        ]
    )
    return check_sheet(found, mask=MASKED, contact_center=text, provider=text)
