"""What differs: only what is written, only what is read, and never more than the files wish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from reconciler.diff import diff
from reconciler.model.change import Action, Change, MemberChange, Risk, ValueChange, differences
from reconciler.model.live import Live, Memory
from reconciler.model.plan import Differences
from reconciler.providers.udesk import PROVIDER
from tests import groups
from tests.laws.udesk.tenants import desired_of, live_of

PAIR: Final = {"9001": {"name": "Sales", "timeout": 60}, "9002": {"name": "Support", "timeout": 60}}


def compare(
    live: Mapping[str, Any],
    wish: Mapping[str, Any],
    *,
    prune_all: bool = False,
    memory: Memory | None = None,
    **rest: Any,
) -> Differences:
    """Diff plain data; nothing is pruned unless *rest* says so."""
    found = Live(live_of(live).sections, memory or Memory())
    return diff(desired_of(wish, **{"prune": (), **rest}), found, PROVIDER.kinds, prune=prune_all)


def only(found: Differences) -> Change:
    """Give the one change that there is."""
    (change,) = found.changes
    return change


def test_a_field_that_is_not_written_is_not_compared() -> None:
    """The live timeout stays; the change is completed with it for calls that send everything."""
    change = only(compare({"queues": PAIR}, {"queues": {"9001": {"name": "Vente"}}}))
    assert (ValueChange(path="name", before="Sales", after="Vente"),) == change.fields
    assert change.desired is not None
    assert 60 == change.desired.__dict__["timeout"]
    assert Action.UPDATE is change.action


def test_what_is_as_wished_is_no_change() -> None:
    """Same values, other order of members."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9001", "9002"], "name": "Li"}}}
    assert () == compare(live, {"queues": PAIR, "agents": {"11": {"queues": ["9002", "9001"], "name": "Li"}}}).changes


def test_an_absent_section_is_not_managed() -> None:
    """Nothing in it changes, and nothing in it is listed."""
    found = compare({"queues": PAIR}, {"application": {"": {}}})
    assert ((), ()) == (found.changes, found.unmanaged)


def test_an_empty_list_is_a_wish() -> None:
    """`queues: []` unbinds all; members that leave carry the field's risk, members that join don't."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9001", "9002"]}}}
    change = only(compare(live, {"agents": {"11": {"queues": []}}}))
    assert (MemberChange(path="queues", add=(), remove=("9001", "9002")),) == change.fields
    assert Risk.MEDIUM is change.risk
    joining = only(compare({"queues": PAIR, "agents": {"11": {}}}, {"agents": {"11": {"queues": ["9001"]}}}))
    assert Risk.LOW is joining.risk


def test_what_is_additive_only_joins() -> None:
    """Members that somebody added by hand stay; without new ones there is no change."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9001"]}}}
    manage = {"agents": {"additive": ("queues",)}}
    change = only(compare(live, {"agents": {"11": {"queues": ["9002"]}}}, manage=manage))
    assert (MemberChange(path="queues", add=("9002",), remove=()),) == change.fields
    assert change.desired is not None
    assert ("9001", "9002") == change.desired.__dict__["queues"]
    assert () == compare(live, {"agents": {"11": {"queues": []}}}, manage=manage).changes


def test_what_the_files_do_not_name_is_unmanaged_or_goes() -> None:
    """Listed without `prune`; deleted with it, or with `--prune` in sections that the files manage."""
    wish: dict[str, Any] = {"queues": {"9001": {}}}
    assert ("queues/9002",) == compare({"queues": PAIR}, wish).unmanaged
    for found in (compare({"queues": PAIR}, wish, prune=("queues",)), compare({"queues": PAIR}, wish, prune_all=True)):
        assert (Action.DELETE, "queues/9002", Risk.HIGH) == (
            only(found).action, only(found).address, only(found).risk,
        )  # fmt: skip
        assert () == found.unmanaged
    assert () == compare({"queues": PAIR}, {"application": {"": {}}}, prune_all=True).changes


@pytest.mark.parametrize("glob", ["9002", "900[2]", "name:Supp*"])
def test_what_is_ignored_is_not_there(glob: str) -> None:
    """By identity or by name: neither compared, nor deleted, nor listed."""
    manage = {"queues": {"ignore": (glob,)}}
    found = compare({"queues": PAIR}, {"queues": {"9001": {}, "9002": {"name": "x"}}}, prune=("queues",), manage=manage)
    unnamed = compare({"queues": PAIR}, {"queues": {"9001": {}}}, prune=("queues",), manage=manage)
    if not glob.startswith("name:"):  # an entry is known by the name that the files give it
        assert () == found.changes
    assert ((), ()) == (unnamed.changes, unnamed.unmanaged)


def test_a_key_table_is_whole() -> None:
    """A key that the files leave out goes; `prune` has no part in it."""
    live = {"queues": PAIR, "fast_routers": {"1": {"queue": "9001", "description": "a"}}}
    change = only(compare(live, {"fast_routers": {}}))
    assert (Action.DELETE, "fast_routers/1", Risk.HIGH) == (change.action, change.address, change.risk)


def test_prompts_that_the_files_leave_out_stay() -> None:
    """Nine fields: those left out are not managed, and can't be created or deleted."""
    live = {"default_voices": {"hold": {"tts": "x"}}}
    assert () == compare(live, {"default_voices": {"welcome": {}}}).changes
    assert "default_voices/hold" == only(compare(live, {"default_voices": {"hold": {}}})).address


def test_a_creation_needs_what_the_vendor_needs() -> None:
    """An error at the entry's place, and the field's name as the remedy."""
    found = compare({}, {"queues": {"9001": {"timeout": 5}}})
    (problem,) = found.warnings
    assert ("needed-to-create", "Add name.") == (problem.code, problem.remedy)
    assert problem.place is not None
    assert () == compare({"queues": PAIR}, {"queues": {"9001": {"timeout": 60}}}).warnings, "what exists has one"


def test_an_object_that_somebody_still_names_is_not_deleted() -> None:
    """Agent 11 is not in the files, so nobody takes it out of queue 9002: refused, with who and what to do."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9002"]}}}
    found = compare(live, {"queues": {"9001": {}}}, prune=("queues",))
    (refusal,) = found.refusals
    assert ("still-named", ("queues/9002", "agents/11")) == (refusal.rule, refusal.objects)
    assert refusal.remedy
    moved = compare(live, {"queues": {"9001": {}}, "agents": {"11": {"queues": ["9001"]}}}, prune=("queues",))
    assert () == moved.refusals


@pytest.mark.parametrize(
    ("agents", "manage", "remedy", "lifted", "rule"),
    [
        pytest.param(None, {}, "Name agents/11 in the files without it", {"11": {"queues": []}}, {}, id="unnamed"),
        pytest.param(
            {"11": {"name": "Li"}},
            {},
            "Write queues of agents/11 in the files without it",
            {"11": {"name": "Li", "queues": []}},
            {},
            id="its queues are left open",
        ),
        pytest.param(
            {"11": {"queues": []}},
            {"additive": ("queues",)},
            "Take queues out of manage.agents.additive",
            {"11": {"queues": []}},
            {},
            id="additive",
        ),
        pytest.param(
            {},
            {"additive": ("queues",)},
            "Take queues out of manage.agents.additive and name agents/11 in the files without it",
            {"11": {"queues": []}},
            {},
            id="additive, and unnamed",
        ),
        pytest.param(
            {},
            {"ignore": ("name:Li",)},
            "Take agents/11 out of manage.agents.ignore and name agents/11 in the files without it",
            {"11": {"queues": []}},
            {},
            id="ignored",
        ),
        pytest.param(
            {"11": {"queues": []}},
            {"ignore": ("11",)},
            "Take agents/11 out of manage.agents.ignore",
            {"11": {"queues": []}},
            {},
            id="ignored, and in the files",
        ),
    ],
)
def test_what_lifts_the_refusal_of_a_deletion_does(
    agents: Mapping[str, Any] | None,
    manage: Mapping[str, Any],
    remedy: str,
    lifted: Mapping[str, Any],
    rule: Mapping[str, Any],
) -> None:
    """It says what lets the agent keep the queue; followed to the letter, nothing stands against the deletion."""
    live = {"queues": PAIR, "agents": {"11": {"name": "Li", "queues": ["9002"]}}}
    wish: dict[str, Any] = {"queues": {"9001": {}}} | ({} if agents is None else {"agents": agents})
    (refusal,) = compare(live, wish, prune=("queues",), manage={"agents": manage}).refusals
    assert ("queues/9002", "agents/11") == refusal.objects
    keep = "keep it: name it under queues, or list it in manage.queues.ignore"
    assert f"{remedy}; or {keep}." == refusal.remedy
    after = compare(live, {**wish, "agents": lifted}, prune=("queues",), manage={"agents": rule})
    assert () == after.refusals


def test_an_additive_list_keeps_naming() -> None:
    """Members that stay because the list is additive stand in the way of a deletion."""
    live = {"queues": PAIR, "agents": {"11": {"queues": ["9002"]}}}
    wish = {"queues": {"9001": {}}, "agents": {"11": {"queues": ["9001"]}}}
    found = compare(live, wish, prune=("queues",), manage={"agents": {"additive": ("queues",)}})
    assert ["still-named"] == [refusal.rule for refusal in found.refusals]


def test_an_extension_that_an_unmanaged_agent_keeps_is_no_spare() -> None:
    """`manage.extensions.prune` deletes what nobody has, not what an agent outside the files holds."""
    live = {"agents": {"11": {"extensions": ["8001"]}}, "extensions": {"8009": {}}}
    found = compare(live, {"extensions": {}}, prune=("extensions",), memory=Memory({"extensions": {"8009": {}}}))
    assert ["extensions/8009"] == [change.address for change in found.changes]


def test_a_reference_outside_the_files_must_be_live() -> None:
    """An absent section may be named by identity; what is not there either is an error."""
    wish = {"agents": {"11": {"work_id": "w", "queues": ["9001", "9005"]}}}
    found = compare({"queues": PAIR}, wish)
    (problem,) = found.warnings
    assert ("unknown-reference", True) == (problem.code, "9005" in problem.summary)


def test_what_can_t_be_read_is_set_until_it_was_applied() -> None:
    """Webhook events: unknown before the first apply, compared with it after."""
    wish: dict[str, Any] = {"webhook_events": {"": {"call": ["end"]}}}
    change = only(compare({}, wish))
    assert (ValueChange(path="call", before=None, after=["end"]),) == change.fields
    assert () == compare({"webhook_events": {"": {"call": ["end"]}}}, wish).changes


def test_a_description_alone_is_no_change() -> None:
    """It travels with the next upload, since the vendor has no other way."""
    live = {"voice_files": {"a.wav": {"digest": "0" * 16, "description": "old"}}}
    wish = {"voice_files": {"a.wav": {"path": "a.wav", "digest": "0" * 16, "description": "new"}}}
    assert () == compare(live, wish).changes


def test_changes_come_in_the_kinds_order_with_numbers_in_theirs() -> None:
    """By section as people read them, then by name; digits count as numbers."""
    wish: dict[str, Any] = {
        "agents": {"100": {"work_id": "w"}, "9": {"work_id": "w"}},
        "queues": {"9002": {"name": "b"}, "9001": {"name": "a"}},
    }
    found = [change.address for change in compare({}, wish).changes]
    assert ["queues/9001", "queues/9002", "agents/9", "agents/100"] == found


PAIRS: Final[Mapping[str, Any]] = {
    "queues": {"Sales": {"id": "1"}, "Support": {"id": "2"}, "Night": {"id": "3"}},
    "agents": {"li": {"nick": "Li", "queues": ["Sales", "Support"], "priorities": {"Sales": 3, "Support": 2}}},
}


def paired(wish: Mapping[str, Any], live: Mapping[str, Any] = PAIRS, **manage: Any) -> Differences:
    """Diff agents of the vendor whose pairs have values."""
    return diff(groups.desired_of({"agents": wish}, **manage), groups.live_of(live), groups.KINDS)


def test_pairs_are_compared_where_the_wish_names_them() -> None:
    """The others keep theirs, and the completed wish has both."""
    change = only(paired({"li": {"queues": ["Sales", "Support"], "priorities": {"Sales": 1}}}))
    assert (ValueChange(path="priorities", before={"Sales": 3}, after={"Sales": 1}),) == change.fields
    assert change.desired is not None
    assert {"Sales": 1, "Support": 2} == change.desired.__dict__["priorities"]


@pytest.mark.parametrize("priorities", [{}, {"Sales": 3}, {"Support": 2, "Sales": 3}])
def test_pairs_that_are_as_wished_are_no_change(priorities: Mapping[str, int]) -> None:
    """As little as those that the wish does not name."""
    assert () == paired({"li": {"queues": ["Sales", "Support"], "priorities": priorities}}).changes


def test_pairs_come_and_go_with_their_members() -> None:
    """A new member's value has nothing before it; that of one that leaves is gone from the completed wish."""
    change = only(paired({"li": {"queues": ["Night", "Sales"], "priorities": {"Night": 5}}}))
    assert (
        MemberChange(path="queues", add=("Night",), remove=("Support",)),
        ValueChange(path="priorities", before={}, after={"Night": 5}),
    ) == change.fields
    assert change.desired is not None
    assert {"Night": 5, "Sales": 3} == change.desired.__dict__["priorities"]


def test_pairs_of_a_member_that_leaves_go_though_nobody_names_them() -> None:
    """The list alone differs."""
    change = only(paired({"li": {"queues": ["Sales"]}}))
    assert ("queues",) == change.paths
    assert change.desired is not None
    assert {"Sales": 3} == change.desired.__dict__["priorities"]


def test_pairs_at_a_creation_have_nothing_before() -> None:
    """Neither are they there where none is wished for."""
    change = only(paired({"bo": {"queues": ["Sales"], "priorities": {"Sales": 1}}}))
    assert ValueChange(path="priorities", before=None, after={"Sales": 1}) in change.fields
    assert ("queues",) == only(paired({"bo": {"queues": ["Sales"], "priorities": {}}})).paths


def test_members_that_additive_lets_stay_keep_their_values() -> None:
    """They are part of the completed wish, and no difference."""
    wish = {"li": {"queues": ["Sales"], "priorities": {"Sales": 1}}}
    change = only(paired(wish, agents={"additive": ["queues"]}))
    assert ("priorities",) == change.paths
    assert change.desired is not None
    assert {"Sales": 1, "Support": 2} == change.desired.__dict__["priorities"]


def test_pairs_with_what_is_hidden_are_left_alone() -> None:
    """Whoever names a hidden object keeps naming it as it does; nobody is led there."""
    wish = {"li": {"queues": ["Night", "Sales", "Support"], "priorities": {"Night": 1, "Sales": 1, "Support": 1}}}
    change = only(paired(wish, queues={"ignore": ["Night", "Support"]}))
    assert (ValueChange(path="priorities", before={"Sales": 3}, after={"Sales": 1}),) == change.fields
    assert change.desired is not None
    assert {"Sales": 1, "Support": 2} == change.desired.__dict__["priorities"]


def test_the_order_of_pairs_means_nothing() -> None:
    """Neither for the fingerprint of a state nor for plain data."""
    turned = {**PAIRS, "agents": {"li": {**PAIRS["agents"]["li"], "priorities": {"Support": 2, "Sales": 3}}}}
    here, there = groups.live_of(PAIRS), groups.live_of(turned)
    assert here.digest == there.digest
    assert repr(here.as_json()) == repr(there.as_json())


def test_what_the_vendor_gives_cannot_be_wished_into_being() -> None:
    """The error says where such things come from, and what may have been meant."""
    live = {"numbers": {"0571": {}, "0572": {"enabled": False}}}
    found = diff(groups.desired_of({"numbers": {"0573": {}}}), groups.live_of(live), groups.KINDS)
    (problem,) = found.warnings
    assert "not-there" == problem.code
    assert 'numbers/0573: there is no number "0573" at the vendor; numbers are bought in the console' == problem.summary
    assert problem.remedy.startswith('Did you mean "057')
    assert ("numbers/0571", "numbers/0572") == found.unmanaged


def test_who_lets_go_by_itself_does_not_keep_what_goes() -> None:
    """An extension may name an agent who is deleted; a queue that it names is kept from that."""
    extension = {"agent": "li", "queue": "Sales"}
    live: dict[str, Any] = {"agents": {"li": {}}, "queues": {"Sales": {}}, "extensions": {"8001": extension}}
    wish = groups.desired_of({"agents": {}, "queues": {}}, agents={"prune": True}, queues={"prune": True})
    found = diff(wish, groups.live_of(live), groups.KINDS)
    assert [("still-named", ("queues/Sales", "extensions/8001"))] == [
        (refusal.rule, refusal.objects) for refusal in found.refusals
    ]


def test_pairs_are_told_in_words() -> None:
    """Nobody has to read a mapping of a programming language."""
    change = only(paired({"li": {"queues": ["Night", "Sales"], "priorities": {"Night": 5, "Sales": 1}}}))
    assert "queues +Night -Support, priority of Night 5, priority of Sales 3 → 1" == differences(change)
