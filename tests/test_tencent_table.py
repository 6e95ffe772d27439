"""The simulated vendor speaks the language of the table of actions, whatever it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.providers.tencent.simulator.answers import Failure
from reconciler.providers.tencent.simulator.dialect import DIALECTS
from reconciler.providers.tencent.simulator.machine import ACTIONS, Machine
from tests.tencent_machines import EXAMPLES, TABLE, ask, done, machine, requests


def check(value: Any, type_: str, where: str) -> None:
    """Hold a value to its type in the table."""
    type_ = type_.removesuffix("!")
    if value is None:
        return  # "may return null"
    if type_.startswith("["):
        assert isinstance(value, list), where
        for item in value:
            check(item, type_[1:-1], where)
    elif type_ in TABLE["objects"]:
        fields = TABLE["objects"][type_]
        for name, item in value.items():
            assert name in fields, f"{where}.{name}"
            check(item, fields[name], f"{where}.{name}")
    else:
        wanted = {"integer": int, "string": str, "boolean": bool}[type_]
        assert type(value) is wanted, where


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("dialect", ["default", "null_lists=list", "edition=international", "roles=id"])
def test_answers_keep_to_the_table(action: str, dialect: str) -> None:
    """Every action takes an example, whose fields are in the table, and answers with fields and types of the table."""
    tenant = machine("delete_queue_in_use=ok" if action == "DeleteCCCSkillGroup" else dialect)
    tenant.tenant.records.append({"Time": 1_000, "SessionId": "s", "Caller": "1", "Callee": "2"})
    example = EXAMPLES[action]
    assert example.keys() <= TABLE["actions"][action]["request"].keys()
    answer = done(tenant, action, **example)
    response = TABLE["actions"][action]["response"]
    assert answer.keys() <= response.keys()
    for name, value in answer.items():
        check(value, response[name], f"{action}.{name}")
    if action.startswith("Describe") and action not in {"DescribeExtension", "DescribeStaffStatusMetrics"}:
        assert 1 <= max(value for name, value in answer.items() if name in {"TotalCount", "Total"})


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_requests_keep_to_the_table(action: str) -> None:
    """What the table requires is missed, what it lacks is unknown, and what has another type is refused."""
    example = EXAMPLES[action]
    for name, type_ in requests(action).items():
        tenant = machine()
        whole = {"SdkAppId": 1400000001, **example} if "SdkAppId" in requests(action) else dict(example)
        less = {key: value for key, value in whole.items() if key != name}
        if type_.endswith("!"):
            assert "MissingParameter" == _code(tenant, action, less)
            assert "MissingParameter" == _code(tenant, action, {**less, name: None})
        for wrong in ({}, [], "x", 1, True, 1.5, {"a": 1}, ["x"], [1], [None]):
            if not _fits(wrong, type_.removesuffix("!")):
                assert _code(machine(), action, {**less, name: wrong}) in {
                    "InvalidParameter",
                    "MissingParameter",
                    "UnknownParameter",
                }, (name, wrong)
    assert "UnknownParameter" == _code(machine(), action, {**example, "SdkAppID": 1})


def _code(tenant: Machine, action: str, body: Mapping[str, Any]) -> str:
    answer = tenant.handle(action, body)
    return answer.code if isinstance(answer, Failure) else "ok"


def _fits(value: Any, type_: str) -> bool:
    if type_.startswith("["):
        return isinstance(value, list) and all(_fits(item, type_[1:-1]) for item in value)
    if type_ in TABLE["objects"]:
        fields = TABLE["objects"][type_]
        needed = {name for name, inner in fields.items() if inner.endswith("!")}
        return isinstance(value, dict) and needed <= value.keys() <= fields.keys()
    return type(value) is {"integer": int, "string": str, "boolean": bool}[type_]


@pytest.mark.parametrize("action", sorted(set(TABLE["actions"]) - {"DescribeCCCBuyInfoList"}))
def test_an_unknown_instance(action: str) -> None:
    """Another SdkAppId is not there."""
    answer = machine().handle(action, {"SdkAppId": 1, **EXAMPLES[action]})
    assert "InvalidParameterValue.InstanceNotExist" == getattr(answer, "code", "")


def test_the_table_has_every_action() -> None:
    """The machine has an action for each in the table, and none beside; others are invalid."""
    assert set(TABLE["actions"]) == set(ACTIONS) == set(EXAMPLES)
    assert "InvalidAction" == getattr(machine().handle("CreateIVR", {}), "code", "")


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
def test_garbage_is_answered(data: st.DataObject) -> None:
    """Whatever a body holds, there is an answer, and the state can be read back."""
    action = data.draw(st.sampled_from(sorted(ACTIONS)))
    names = st.sampled_from([*requests(action), "Nothing"])
    example = EXAMPLES[action]
    body = {**example, "SdkAppId": 1400000001, **data.draw(st.dictionaries(names, JSON, max_size=3))}
    if data.draw(st.booleans()) and "SdkAppId" not in requests(action):
        del body["SdkAppId"]
    tenant = machine(data.draw(st.sampled_from(sorted(DIALECTS))))
    answer = tenant.handle(action, body)
    assert isinstance(answer, dict | Failure)
    state = tenant.to_state()
    assert state == Machine.from_state(state, tenant.dialect).to_state()


@given(value=JSON, name=st.sampled_from(["Email", "Phone", "StaffNo", "Nick", "SkillGroupIds", "ForwardingConfig"]))
def test_odd_values_are_answered(value: Any, name: str) -> None:
    """A body of the right shape with odd values is carried out or refused."""
    answer = ask(machine(), "ModifyStaff", **{"Email": "zhao@example.com", name: value})
    assert isinstance(answer, dict | Failure)
