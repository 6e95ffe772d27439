"""Udesk's reads against answers that are wrong: refused with words, never a traceback, never an empty tenant."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.call import Call, Reply, run
from reconciler.model.errors import Contradiction, Unexpected, VendorError
from reconciler.model.live import Memory
from reconciler.model.resource import specs
from reconciler.providers.udesk.kinds import KINDS
from reconciler.providers.udesk.protocol import API

READS: Final = {name: kind.read for name, kind in KINDS.items() if kind.read is not None}
# What each read asks for first, and an answer that is right.
RIGHT: Final[Mapping[str, tuple[str, Any]]] = {
    "application": ("apps", {"AppId": "a", "Name": "Acme", "Type": "default", "CallbackUrl": "", "Memo": None}),
    "relay_numbers": ("spnumbers", {"SpNumbers": ["057126200670"], "DefSpNumber": "057126200670"}),
    "agents": (
        "agents",
        {
            "CurrPage": 1,
            "PageSize": 1,
            "Total": 1,
            "TotalPage": 1,
            "AgentList": [{"AgentId": "62", "Queues": ["9001"], "Extensions": None}],
        },
    ),
    "queues": ("queues", [{"QueueID": "9001", "Name": "Sales", "Timeout": 60, "MaxLength": 128}]),
    "voice_files": ("ivrs/vfiles", {"IvrVFiles": [{"FileName": "a.wav", "FileType": "wav", "FileDesc": ""}]}),
    "default_voices": ("ivrs/defvoices", {"Voices": {"Welcome": {"Type": "wav", "Content": "a.wav"}}}),
    "fast_routers": ("ivrs/fastrouters", {"FastRouter": [{"Dtmf": "1", "Desc": "x", "QueueId": "9001"}]}),
    "subscriptions": ("subscriptions", [{"callback": "https://a", "name": "a", "events": ["x"], "enable": True}]),
}
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**20) | st.floats() | st.text("a9.\u0000é", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)


def read(section: str, payload: Mapping[str, Any]) -> tuple[Any, ...]:
    """Run a section's read on one answer; what it asks for besides is not there."""
    first = f"GET {API}{RIGHT[section][0]}"

    def answer(call: Call) -> Reply:
        if call.title == first:
            return Reply(payload=payload)
        return Reply(payload={"ErrCode": "100018"}, condition="missing")

    return run(READS[section](Memory()), answer)


def test_every_read_is_tried_here() -> None:
    """A new kind brings an answer that is right, so that the wrong ones can be made of it."""
    assert set(READS) == set(RIGHT)


@pytest.mark.parametrize("section", RIGHT)
def test_a_right_answer_is_read(section: str) -> None:
    """One object of each, with every field set (nine prompts)."""
    found = read(section, {"ErrCode": "000000", "Result": RIGHT[section][1]})
    assert (9 if section == "default_voices" else 1) == len(found)
    assert {*specs(KINDS[section].resource)} == {*found[0].__dict__}


@pytest.mark.parametrize("section", RIGHT)
def test_an_answer_without_a_result_is_refused(section: str) -> None:
    """`{"ErrCode": "000000"}` alone says nothing of what is there."""
    with pytest.raises(Unexpected) as caught:
        read(section, {"ErrCode": "000000", "ErrDesc": "OK"})
    assert RIGHT[section][0] in str(caught.value)
    assert caught.value.remedy


WRONG: Final[tuple[Any, ...]] = ("", 0, True, "OK", 7, ["x"], [7], {}, {"Other": []})


@pytest.mark.parametrize(
    ("section", "result"),
    [
        (section, result)
        for section in RIGHT
        for result in WRONG
        if (section, result) != ("default_voices", {})  # an object without prompts: none is set
    ],
)
def test_a_result_of_another_kind_is_refused(section: str, result: Any) -> None:
    """A text, a number or an object without the list is no empty list."""
    with pytest.raises(Unexpected):
        read(section, {"ErrCode": "000000", "Result": result})


@pytest.mark.parametrize("value", ["1e999", float("inf"), float("nan"), "9" * 5000, "12x", [1], {}])
def test_a_number_that_is_none_is_refused(value: Any) -> None:
    """JSON's 1e999 is no number that fits, and a text must be one."""
    row = {"QueueID": "9001", "Name": "Sales", "Timeout": value}
    with pytest.raises(Unexpected, match="Timeout"):
        read("queues", {"Result": [row]})


@pytest.mark.parametrize("section", ["queues", "subscriptions", "fast_routers"])
def test_null_and_an_empty_list_are_both_no_objects(section: str) -> None:
    """The page's examples write null for a list without members ("Get Seat Details")."""
    assert () == read(section, {"ErrCode": "000000", "Result": None})
    assert () == read(section, {"ErrCode": "000000", "Result": []})


@pytest.mark.parametrize("section", sorted(RIGHT.keys() - {"application", "relay_numbers", "default_voices"}))
def test_an_object_without_its_identity_is_refused(section: str) -> None:
    """What can't be named can't be kept apart from the others."""
    result = copy.deepcopy(RIGHT[section][1])
    row = result[0] if isinstance(result, list) else next(item for item in result.values() if isinstance(item, list))[0]
    for name in ("AgentId", "QueueID", "FileName", "Dtmf", "name"):
        row.pop(name, None)
    with pytest.raises(Unexpected, match="has no"):
        read(section, {"ErrCode": "000000", "Result": result})


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ({"Total": 2}, Contradiction),
        ({"Total": 0}, Contradiction),
        ({"Total": 3, "TotalPage": 3, "PageSize": 1}, Contradiction),  # page 1 comes again
        ({"TotalPage": 10**9}, Unexpected),
        ({"TotalPage": -1}, Unexpected),
        ({"Total": "many"}, Unexpected),
    ],
)
def test_pages_that_can_t_be_true_are_refused(page: Mapping[str, Any], error: type[VendorError]) -> None:
    """Fewer or more agents than the total, the same page twice, more pages than there can be."""
    with pytest.raises(error):
        read("agents", {"Result": {**RIGHT["agents"][1], **page}})


@pytest.mark.parametrize("section", RIGHT)
@given(result=JSON)
def test_no_result_ends_in_a_traceback(section: str, result: Any) -> None:
    """Whatever stands in Result: objects, or an error in words."""
    _read_or_refuse(section, {"ErrCode": "000000", "Result": result})


@pytest.mark.parametrize("section", RIGHT)
@given(value=JSON, choice=st.integers(0, 20))
def test_no_field_ends_in_a_traceback(section: str, value: Any, choice: int) -> None:
    """Whatever stands in one field of an answer that is else right."""
    result = copy.deepcopy(RIGHT[section][1])
    places = list(_places(result))
    holder, key = places[choice % len(places)]
    holder[key] = value
    _read_or_refuse(section, {"ErrCode": "000000", "Result": result})


def _places(value: Any) -> Any:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _read_or_refuse(section: str, payload: Mapping[str, Any]) -> None:
    try:
        found = read(section, payload)
    except VendorError as error:
        refused = error
    else:
        _check(section, found)
        return
    assert str(refused)


def _check(section: str, found: tuple[Any, ...]) -> None:
    for item in found:
        assert isinstance(KINDS[section].identity(item), str)
        for name, spec in specs(KINDS[section].resource).items():
            assert isinstance(item.__dict__[name], tuple) is spec.is_list
