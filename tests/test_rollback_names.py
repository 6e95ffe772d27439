"""Back to what a run found, where names changed, values belong to pairs, and the vendor lets go by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.diff import diff
from reconciler.model.call import Call
from reconciler.model.change import Change, differences
from reconciler.model.desired import Desired
from reconciler.model.history import Attempt, Ending, Run
from reconciler.model.live import Live
from reconciler.model.plan import Plan, Summary
from reconciler.pipeline.images import images
from reconciler.renames import moved
from reconciler.rollback import Back, way_back
from tests.groups import KINDS, desired_of, live_of


def recorded(before: Mapping[str, Any], wish: Desired, *, ending: Ending = Ending.DONE) -> Run:
    """Give the record of a run that led from *before* to the wish, or was to."""
    live = moved(wish, live_of(before), KINDS).live
    made = Plan(contact_center="acme", provider="none", summary=Summary(), changes=diff(wish, live, KINDS).changes)
    calls = [
        Call("POST", "/", id=f"c{number}", changes=(change.address,)) for number, change in enumerate(made.changes)
    ]
    return Run(
        id="r1", tenant="t", contact_center="acme", provider="none", command="apply", started=0.0,
        images=images(made, live), attempts=tuple(Attempt(call=call, number=1, ending=ending) for call in calls),
    )  # fmt: skip


def back(run: Run, now: Mapping[str, Any], files: Desired) -> tuple[Back, list[str], Live]:
    """Compare the way back with a tenant: give it, its changes in words, and what was read as it calls it."""
    live = live_of(now)
    found = way_back(run, files, live, KINDS)
    called = moved(found.desired, live, KINDS)
    assert () == called.problems
    compared = diff(found.desired, called.live, KINDS)
    assert ((), ()) == (compared.refusals, compared.warnings)
    return found, [_told(change) for change in compared.changes], called.live


def _told(change: Change) -> str:
    return f"{change.action.value} {change.address} {differences(change)}".rstrip()


def said(found: Back) -> list[str]:
    """List what the way back has to say."""
    return [problem.summary for problem in found.warnings]


def queues(**ids: str) -> dict[str, dict[str, Any]]:
    """Give queues by name, each with its id."""
    return {name: {"id": number} for name, number in ids.items()}


RENAME = desired_of({"queues": {"New": {"renamed_from": "Old"}}, "agents": {}})


def test_a_rename_is_taken_back_by_a_rename() -> None:
    """Nobody joins or leaves, and the files still ask for the new name."""
    li = {"li": {"queues": ["Old"], "priorities": {"Old": 1}}}
    run = recorded({"queues": queues(Old="1"), "agents": li}, RENAME)
    now = {"queues": queues(New="1"), "agents": {"li": {"queues": ["New"], "priorities": {"New": 1}}}}
    found, changes, live = back(run, now, RENAME)
    assert ["update queues/New name New → Old"] == changes
    assert ("Old",) == live.of("agents")["li"].queues
    assert ([], True) == (said(found), found.still_asked)


def test_what_goes_back_besides_is_told_in_the_old_names() -> None:
    """A member and its value come back to the queue that has its old name again."""
    wish = desired_of({"queues": {"New": {"renamed_from": "Old"}}, "agents": {"li": {"queues": []}}})
    run = recorded({"queues": queues(Old="1"), "agents": {"li": {"queues": ["Old"], "priorities": {"Old": 1}}}}, wish)
    _, changes, _ = back(run, {"queues": queues(New="1"), "agents": {"li": {}}}, wish)
    assert ["update queues/New name New → Old", "update agents/li queues +Old, priority of Old 1"] == changes


def test_a_rename_that_did_not_happen_is_not_taken_back() -> None:
    """The vendor's id says which one it is; what else the run did to it goes back all the same."""
    wish = desired_of({"queues": {"New": {"renamed_from": "Old", "places": 5}}})
    run = recorded({"queues": queues(Old="1")}, wish)
    found, changes, _ = back(run, {"queues": {"Old": {"id": "1", "places": 5}}}, wish)
    assert ["update queues/New places 5 → 1"] == changes
    assert [] == said(found)


def test_a_swap_is_swapped_back() -> None:
    """Whatever the record calls them."""
    wish = desired_of({"queues": {"A": {"renamed_from": "B"}, "B": {"renamed_from": "A"}}})
    run = recorded({"queues": queues(A="1", B="2")}, wish)
    _, changes, _ = back(run, {"queues": queues(A="2", B="1")}, wish)
    assert ["update queues/A name A → B", "update queues/B name B → A"] == sorted(changes)
    _, changes, _ = back(run, {"queues": queues(A="1", B="2")}, wish)
    assert [] == changes


def test_half_a_chain_goes_back() -> None:
    """Only what was renamed gets its name back."""
    wish = desired_of({"queues": {"B": {"renamed_from": "A"}, "C": {"renamed_from": "B"}}})
    run = recorded({"queues": queues(A="1", B="2")}, wish)
    _, changes, _ = back(run, {"queues": queues(A="1", C="2")}, wish)
    assert ["update queues/C name C → B"] == changes
    _, changes, _ = back(run, {"queues": queues(B="1", C="2")}, wish)
    assert ["update queues/B name B → A", "update queues/C name C → B"] == changes


def test_a_name_that_is_taken_by_now_does_not_come_back() -> None:
    """Nor does one that somebody changed again."""
    run = recorded({"queues": queues(Old="1")}, RENAME)
    found, changes, _ = back(run, {"queues": queues(New="1", Old="2")}, RENAME)
    assert [] == changes
    assert ["queues/New: name can't be restored: another queue is called Old by now"] == said(found)
    found, changes, _ = back(run, {"queues": queues(Third="1")}, RENAME)
    assert [] == changes
    story = "it was Old, the run made it New, and it is Third now"
    assert [f"queues/New: name is left as it is, since somebody changed it: {story}"] == said(found)


def test_values_of_pairs_go_back_one_by_one() -> None:
    """What somebody changed since is left alone, and said."""
    names = ["Night", "Sales", "Support"]
    was = {"Night": 3, "Sales": 3, "Support": 3}
    tenant = {"queues": queues(Night="1", Sales="2", Support="3")}
    wish = desired_of({"agents": {"li": {"queues": names, "priorities": {"Sales": 1, "Support": 1}}}})
    run = recorded({**tenant, "agents": {"li": {"queues": names, "priorities": was}}}, wish)
    now = {"li": {"queues": names, "priorities": {"Night": 5, "Sales": 1, "Support": 2}}}
    found, changes, _ = back(run, {**tenant, "agents": now}, wish)
    assert ["update agents/li priority of Sales 1 → 3"] == changes
    story = "it was 3, the run made it 1, and it is 2 now"
    assert [f"agents/li: priorities of Support is left as it is, since somebody changed it: {story}"] == said(found)


def test_who_comes_back_has_all_values_again() -> None:
    """A deleted agent, with what belonged to each queue; and an extension that the vendor let go of."""
    tenant = {"queues": queues(Sales="1"), "extensions": {"8001": {"agent": "li"}, "8002": {}}}
    wish = desired_of({"agents": {}}, agents={"prune": True})
    run = recorded({**tenant, "agents": {"li": {"queues": ["Sales"], "priorities": {"Sales": 2}}}}, wish)
    now = {"queues": queues(Sales="1"), "extensions": {"8001": {"agent": ""}, "8002": {}}}
    found, changes, _ = back(run, now, wish)
    assert [
        'create agents/li nick (unknown) → "", queues +Sales, priority of Sales 2',
        'update extensions/8001 agent "" → li',
    ] == changes
    assert [] == said(found)


def test_what_the_vendor_never_deletes_stays() -> None:
    """That is said, and nothing is planned for it."""
    wish = desired_of({"numbers": {"0571": {}}})
    run = recorded({}, wish)
    found, changes, _ = back(run, {"numbers": {"0571": {}}}, wish)
    assert [] == changes
    assert ["numbers/0571 can't be restored: it stays, since the vendor deletes no number"] == said(found)


def test_what_still_names_the_agent_is_left_as_it_is() -> None:
    """Where the vendor did not let go, there is nothing to give back."""
    tenant = {"extensions": {"8001": {"agent": "li"}}}
    wish = desired_of({"agents": {}}, agents={"prune": True})
    run = recorded({**tenant, "agents": {"li": {}}}, wish)
    _, changes, _ = back(run, tenant, wish)
    assert ["agents/li"] == [change.split()[1] for change in changes]
