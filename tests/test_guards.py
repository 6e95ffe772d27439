"""What stands against a plan, on the command line: each refusal names the rule, the objects, and what lifts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import Commands, Done, configure
from tests.servers import Simulator, simulator

QUEUES: Final = {"9001": "Orders", "9002": "Returns", "9003": "Repairs"}
AGENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "11": {"name": "Gao Ning", "queues": ["9001"], "extensions": ["8001"]},
    "12": {"name": "Luo Qian", "queues": ["9001", "9002"], "extensions": ["8002"]},
    "13": {"name": "Shi Meng", "queues": ["9003"], "extensions": ["8003"]},
}
KEYS: Final = {"1": "9001", "2": "9002", "3": "9003"}
ALL: Final = "queues:\n  orders: {id: '9001'}\n  returns: {id: '9002'}\n  repairs: {id: '9003'}\n"
WITHOUT_SHI: Final = "agents:\n  gao: {id: '11'}\n  luo: {id: '12'}\n"


def seed(*, more_queues: int = 0) -> dict[str, Any]:
    """Make a tenant of three queues with agents and keys, and more queues that nobody serves."""
    names = QUEUES | {str(9010 + number): f"Old {number}" for number in range(more_queues)}
    return {
        "sections": {
            "queues": {key: {"id": key, "name": name} for key, name in names.items()},
            "extensions": {number: {"number": number} for agent in AGENTS.values() for number in agent["extensions"]},
            "agents": {key: {"id": key, "work_id": f"w{key}", **agent} for key, agent in AGENTS.items()},
            "fast_routers": {
                key: {"digit": key, "queue": queue, "description": QUEUES[queue]} for key, queue in KEYS.items()
            },
            "default_voices": {"welcome": {"name": "welcome", "tts": "Hello"}, "hold": {"name": "hold", "tts": "Wait"}},
        }
    }


@dataclass(frozen=True, slots=True)
class Tried:
    """What `plan` and `apply` said of the same configuration, and the tenant before and after."""

    plan: Done
    apply: Done
    before: Any
    after: Any

    @property
    def rules(self) -> list[tuple[str, list[str]]]:
        """Give the refusals of the plan: rule and objects; each says what lifts it."""
        found = self.plan.json["refusals"]
        assert all(refusal["message"] and refusal["remedy"] for refusal in found)
        return [(refusal["rule"], refusal["objects"]) for refusal in found]

    @property
    def addresses(self) -> set[str]:
        """Give the addresses that the plan changes."""
        return {change["address"] for change in self.plan.json["changes"]}


def attempt(command: Commands, folder: Path, body: str, *arguments: str, more_queues: int = 0) -> Tried:
    """Plan as JSON, then apply without asking."""
    with simulator(seed=seed(more_queues=more_queues)) as running:
        path = configure(folder / "acme.yaml", running, body)
        before = running.state()
        planned = command("plan", path, *arguments, "--format", "json")
        applied = command("apply", path, *arguments, "--yes")
        return Tried(planned, applied, before, running.state())


def refused(tried: Tried) -> list[tuple[str, list[str]]]:
    """Hold that both commands refused and changed nothing; give rules and objects."""
    assert (3, 3) == (tried.plan.code, tried.apply.code), tried.apply.out
    assert tried.before == tried.after
    for rule, _ in tried.rules:
        assert f"! {rule}: " in tried.apply.out
    assert "What lifts it: " in tried.apply.out
    return tried.rules


def done(tried: Tried) -> Any:
    """Hold that both commands worked; give the sections after."""
    assert (0, 0) == (tried.plan.code, tried.apply.code), f"{tried.plan.out}\n{tried.apply.err}"
    return tried.after["sections"]


@pytest.mark.parametrize(
    ("glob", "shi"),
    [
        ("repairs", None),  # deleted
        ("repairs", "queues: []"),
        ("repairs", "queues: [orders]"),
        ("repairs", "enabled: false"),
        ("9003", None),
        ("name:Repairs", None),
        ("name:Re*s", "enabled: false"),
        ("900[3-9]", "queues: []"),
    ],
)
def test_a_protected_queue_keeps_an_answer(command: Commands, tmp_path: Path, glob: str, shi: str | None) -> None:
    """Its last agent is neither deleted, nor unbound, nor moved, nor disabled, whichever way the glob names it."""
    manage = f"manage:\n  agents: {{prune: true}}\n  queues: {{protect: ['{glob}']}}\n"
    agents = WITHOUT_SHI + (f"  shi: {{id: '13', {shi}}}\n" if shi else "")
    assert [("protected", ["queues/repairs"])] == refused(attempt(command, tmp_path, manage + ALL + agents))


def test_protection_holds_without_the_section(command: Commands, tmp_path: Path) -> None:
    """What the files do not name is protected by its live name or id, and keys that lead there are told."""
    manage = "manage:\n  agents: {prune: true}\n  queues: {protect: ['name:Repairs']}\n"
    tried = attempt(command, tmp_path, manage + WITHOUT_SHI)
    assert [("protected", ["queues/9003"])] == refused(tried)
    assert "fast_routers/3 leads callers there" in tried.plan.json["warnings"][0]["message"]


@pytest.mark.parametrize("glob", ["name:Repairs", "name:Fixing"])
def test_a_new_name_does_not_lift_protection(command: Commands, tmp_path: Path, glob: str) -> None:
    """The live name counts, and so does the one that the files give."""
    body = (
        f"manage:\n  queues: {{protect: ['{glob}']}}\nqueues:\n  repairs: {{id: '9003', name: Fixing}}\n"
        "agents:\n  shi: {id: '13', queues: []}\n"
    )
    assert [("protected", ["queues/repairs"])] == refused(attempt(command, tmp_path, body))


def test_a_protected_queue_may_change_hands(command: Commands, tmp_path: Path) -> None:
    """Who leaves may be replaced in the same plan."""
    body = ("manage:\n  agents: {prune: true}\n  queues: {protect: ['*']}\n" + ALL + WITHOUT_SHI).replace(
        "gao: {id: '11'}", "gao: {id: '11', queues: [orders, repairs]}"
    )
    assert ["9001", "9003"] == done(attempt(command, tmp_path, body))["agents"]["11"]["queues"]


def test_what_is_protected_is_not_deleted(command: Commands, tmp_path: Path) -> None:
    """Neither by `prune`, nor by `--prune`, nor by a number that allows it."""
    keys = "fast_routers:\n  '1': {queue: orders}\n  '2': {queue: returns}\n"
    body = (
        "manage:\n  queues: {protect: ['name:Rep*']}\n" + ALL.replace("  repairs: {id: '9003'}\n", "")
        + "agents:\n  gao: {id: '11'}\n  luo: {id: '12'}\n  shi: {id: '13', queues: [orders]}\n" + keys
    )  # fmt: skip
    for more in ((), ("--allow-deletes", "queues=1")):
        assert [("protected", ["queues/9003"])] == refused(attempt(command, tmp_path, body, "--prune", *more))
    agents = "manage:\n  agents: {prune: true, protect: ['1?']}\n"
    assert [("protected", ["agents/13"])] == refused(attempt(command, tmp_path, agents + WITHOUT_SHI))


def test_protection_by_local_name_outlives_the_entry(command: Commands, tmp_path: Path) -> None:
    """Nobody can tell any more whom the name protected, so nothing there is deleted; a glob may fit nobody."""
    agents = "manage:\n  agents: {prune: true, protect: [shi]}\n"
    assert [("protected", ["agents/13"])] == refused(attempt(command, tmp_path, agents + WITHOUT_SHI))
    for number, harmless in enumerate(("gao", "11", "prod-*", "name:Nobody")):
        other = agents.replace("[shi]", f"['{harmless}']")
        assert "13" not in done(attempt(command, tmp_path / str(number), other + WITHOUT_SHI))["agents"]


@pytest.mark.parametrize(
    ("allowed", "said"),
    [
        ([], "safety.max_delete_percent is 30, which is 3 of 10"),
        (["queues=6"], "--allow-deletes allows 6, which is another number"),
        (["queues=8"], "--allow-deletes allows 8, which is another number"),
        (["queues=0"], "--allow-deletes allows 0, which is another number"),
        (["agents=7"], "safety.max_delete_percent is 30"),
        (["queues=7", "queues=70"], "--allow-deletes allows 70"),
    ],
)
def test_only_the_very_number_lifts_the_limit(command: Commands, tmp_path: Path, allowed: list[str], said: str) -> None:
    """Neither fewer nor more nor another section's: a tenant that changed since would pass unseen."""
    arguments = [word for item in allowed for word in ("--allow-deletes", item)]
    tried = attempt(command, tmp_path, "manage:\n  queues: {prune: true}\n" + ALL, *arguments, more_queues=7)
    assert ["max-deletes"] == [rule for rule, _ in refused(tried)]
    (refusal,) = tried.plan.json["refusals"]
    assert [f"queues/{9010 + number}" for number in range(7)] == refusal["objects"]
    assert said in refusal["message"]
    assert "--allow-deletes queues=7" in refusal["remedy"]


def test_the_very_number_lifts_it(command: Commands, tmp_path: Path) -> None:
    """And with a target the number is what that plan deletes."""
    body = "manage:\n  queues: {prune: true}\n" + ALL
    after = done(attempt(command, tmp_path, body, "--allow-deletes", "queues=7", more_queues=7))
    assert {*QUEUES} == {*after["queues"]}
    few = ("--target", "queues/9010", "--target", "queues/9011")
    assert 8 == len(done(attempt(command, tmp_path, body, *few, more_queues=7))["queues"])
    many = tuple(word for number in range(5) for word in ("--target", f"queues/{9010 + number}"))
    assert ["max-deletes"] == [
        rule
        for rule, _ in refused(attempt(command, tmp_path, body, *many, "--allow-deletes", "queues=7", more_queues=7))
    ]


def test_one_is_one(command: Commands, tmp_path: Path) -> None:
    """A refusal of a single deletion speaks of one object."""
    body = "manage:\n  queues: {prune: true}\nsafety: {max_deletes: 0}\n" + ALL
    tried = attempt(command, tmp_path, body, more_queues=1)
    assert [("max-deletes", ["queues/9010"])] == refused(tried)
    assert "1 queue would be deleted, and safety.max_deletes is 0" == tried.plan.json["refusals"][0]["message"]


def test_dropped_keys_count(command: Commands, tmp_path: Path) -> None:
    """A key table that loses more than `safety` allows is refused by its own section."""
    body = "safety: {max_deletes: 2}\nfast_routers: {}\n"
    assert [("max-deletes", ["fast_routers/1", "fast_routers/2", "fast_routers/3"])] == refused(
        attempt(command, tmp_path, body)
    )
    assert {} == done(attempt(command, tmp_path, body, "--allow-deletes", "fast_routers=3"))["fast_routers"]


def test_what_is_ignored_stays_under_prune(command: Commands, tmp_path: Path) -> None:
    """`--prune` deletes what the files do not name, but for what `ignore` hides; who is hidden still holds."""
    hidden = "manage:\n  queues: {ignore: ['name:Re*']}\nqueues:\n  orders: {id: '9001'}\n"
    tried = attempt(command, tmp_path, hidden, "--prune", more_queues=1)
    assert {"queues/9010"} == tried.addresses
    assert {*QUEUES} == {*done(tried)["queues"]}
    held = (
        "manage:\n  agents: {prune: true, ignore: ['13']}\n  queues: {prune: true}\n"
        "queues:\n  orders: {id: '9001'}\n  returns: {id: '9002'}\n" + WITHOUT_SHI
        + "fast_routers:\n  '1': {queue: orders}\n"
    )  # fmt: skip
    assert [("still-named", ["queues/9003", "agents/13"])] == refused(attempt(command, tmp_path, held))


def test_what_is_additive_takes_nothing(command: Commands, tmp_path: Path) -> None:
    """Members that the files do not name stay, also with a target, and such a list still stands against a deletion."""
    body = (
        "manage:\n  agents: {additive: [queues, extensions]}\n" + ALL
        + "agents:\n  gao: {id: '11', queues: [repairs], extensions: ['8004']}\n  luo: {id: '12', queues: []}\n"
    )  # fmt: skip
    tried = attempt(command, tmp_path, body, "--target", "agents/gao")
    assert {"agents/gao", "extensions/8004"} == tried.addresses
    after = done(tried)["agents"]
    assert (["9001", "9003"], ["8001", "8004"]) == (after["11"]["queues"], after["11"]["extensions"])
    assert tried.before["sections"]["agents"]["12"] == after["12"]
    full = body.replace("['8004']", "['8004', '8005']")
    assert [("two-extensions", ["agents/gao"])] == refused(attempt(command, tmp_path, full))


LOCAL: Final = {"11": "gao", "12": "luo", "9001": "orders", "9002": "returns", "9003": "repairs"}
NEW: Final = (
    ALL + "  sales: {id: '9004', name: Sales}\n  other: {id: '9005', name: Other}\n"
    "agents:\n  gao: {id: '11', queues: [orders, sales]}\n  luo: {id: '12', extensions: [], queues: [orders, sales]}\n"
    "  ding: {id: '14', work_id: w14, name: Ding An, extensions: ['8002', '8009'], queues: [sales]}\n"
    "fast_routers:\n  '1': {queue: orders, description: Calls}\n  '2': {queue: sales, description: Sales}\n"
    "  '4': {queue: other, description: Other}\n"
    "default_voices:\n  welcome: {tts: Good day}\n  hold: default\n"
)


@pytest.mark.parametrize(
    ("target", "also"),
    [
        ("agents/ding", {"queues/sales", "extensions/8009", "agents/luo"}),
        ("agents/14", {"agents/ding", "queues/sales", "extensions/8009", "agents/luo"}),
        ("fast_routers/1", set()),
        ("fast_routers/2", {"queues/sales"}),
        ("fast_routers/3", set()),
        ("fast_routers/4", {"queues/other"}),
        ("default_voices/welcome", set()),
        ("queues/sales", set()),
    ],
)
def test_a_target_changes_nothing_else(command: Commands, tmp_path: Path, target: str, also: set[str]) -> None:
    """What it needs comes along and is shown; keys and prompts that are left out keep their live values."""
    tried = attempt(command, tmp_path, NEW, "--target", target)
    after = done(tried)
    expected = also if target == "agents/14" else {target} | also
    assert expected == tried.addresses
    told = " ".join(tried.apply.out.split())
    assert all(address in told for address in also - {"agents/ding"})
    assert "left out by --target" in told
    for section, objects in tried.before["sections"].items():
        for identity, item in objects.items():
            named = {f"{section}/{identity}", f"{section}/{LOCAL.get(identity, identity)}"}
            if named.isdisjoint(expected):
                assert item == after[section].get(identity), f"{section}/{identity}"


def test_a_target_that_is_as_wished_is_no_change(command: Commands, tmp_path: Path) -> None:
    """It says so of the target alone, not of all that differs."""
    tried = attempt(command, tmp_path, NEW, "--target", "queues/orders")
    assert set() == tried.addresses
    assert "No changes in what --target names." in tried.apply.out
    assert tried.before == tried.after


@pytest.mark.parametrize("target", ["fast_routers/7", "fast_routers", "agents/nobody", "", "/", "queues/", "no/such"])
def test_a_target_must_exist(command: Commands, tmp_path: Path, target: str) -> None:
    """An address that is neither in the files nor live is an error, and changes nothing."""
    tried = attempt(command, tmp_path, NEW, "--target", target)
    assert (1, 1) == (tried.plan.code, tried.apply.code)
    assert "there is no such address" in tried.plan.err
    assert "there is no such address" in tried.plan.json["error"]["message"]
    assert tried.before == tried.after


def test_a_target_does_not_pass_a_guard(command: Commands, tmp_path: Path) -> None:
    """Protection and refusals hold for what is named, and say nothing of what is left out."""
    body = (
        "manage:\n  agents: {prune: true}\n  queues: {protect: [repairs]}\n"
        + ALL.replace("'9001'", "'9001', timeout: 9") + WITHOUT_SHI
    )  # fmt: skip
    assert [("protected", ["queues/repairs"])] == refused(attempt(command, tmp_path, body, "--target", "agents/13"))
    assert 9 == done(attempt(command, tmp_path, body, "--target", "queues/orders"))["queues"]["9001"]["timeout"]


def test_a_saved_plan_that_was_refused_stays_refused(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """`apply plan.json` is no way around a guard."""
    tenant.control("PUT", "state", seed())
    body = "manage:\n  agents: {prune: true}\n  queues: {protect: [repairs]}\n" + ALL + WITHOUT_SHI
    path = configure(tmp_path / "acme.yaml", tenant, body)
    assert 3 == command("plan", path, "--out", str(tmp_path / "plan.json")).code
    before = tenant.state()
    assert 3 == command("apply", str(tmp_path / "plan.json")).code
    assert before == tenant.state()
