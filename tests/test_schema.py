"""The JSON Schema that editors use: current, described throughout, and as tolerant as the loader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from reconciler.model.resource import Resource, identity_field, specs
from reconciler.providers import BUILT_IN
from reconciler.providers.tencent import PROVIDER as TENCENT
from reconciler.providers.udesk import PROVIDER
from reconciler.schema import documents, plan_schema, printed, schema, write

SCHEMAS: Final = Path(__file__).resolve().parent.parent / "schemas"
UDESK: Final = schema(PROVIDER)
DOCUMENTS: Final = documents()
VALIDATOR: Final = jsonschema.Draft202012Validator(UDESK)
OTHER: Final = schema(TENCENT)
OTHER_VALIDATOR: Final = jsonschema.Draft202012Validator(OTHER)

PROVIDER_PART: Final = {
    "type": "udesk",
    "base_url": "https://acme.example.com",
    "app_id": "a54a8b77-f12d-4ac9-742d-5b2bef5c4d11",
    "sid": "${env:UDESK_SID}",
    "auth_token": "${env:UDESK_AUTH_TOKEN}",
}


def problems(written: Any) -> list[str]:
    """Say what an editor would mark."""
    return [f"{problem.json_path}: {problem.message}" for problem in VALIDATOR.iter_errors(written)]


@pytest.mark.parametrize("name", [*DOCUMENTS])
def test_the_committed_files_are_current(name: str) -> None:
    """`schemas/` holds exactly what is printed; `make schemas` rewrites it."""
    assert printed(DOCUMENTS[name]) == (SCHEMAS / f"{name}.json").read_text(encoding="utf-8")


def test_every_schema_is_written(tmp_path: Path) -> None:
    """One file for each, and no others lie in `schemas/`."""
    write(tmp_path)
    assert {*(f"{name}.json" for name in BUILT_IN), "plan.json"} == {path.name for path in tmp_path.iterdir()}
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in SCHEMAS.iterdir()}


@pytest.mark.parametrize("name", [*DOCUMENTS])
def test_schemas_are_sound(name: str) -> None:
    """Each is a schema of the draft that it names, and prints as JSON with one line end."""
    made = DOCUMENTS[name]
    assert "https://json-schema.org/draft/2020-12/schema" == made["$schema"]
    jsonschema.Draft202012Validator.check_schema(made)
    assert made == json.loads(printed(made))
    assert printed(made).endswith("}\n")


def described(part: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Walk over every property, at any depth."""
    if isinstance(part, dict):
        for name, item in part.get("properties", {}).items():
            yield f"{path}/{name}", item
        for key, item in part.items():
            nested = item if key in {"properties", "$defs"} and isinstance(item, dict) else {"": item}
            for name, inner in nested.items():
                yield from described(inner, f"{path}/{name}" if name else path)
    elif isinstance(part, list):
        for item in part:
            yield from described(item, path)


@pytest.mark.parametrize("name", [*DOCUMENTS])
def test_everything_has_a_description(name: str) -> None:
    """An editor can say something of every section and every field, and shows no class names."""
    found = [*described(DOCUMENTS[name], "")]
    assert len(found) > 50
    assert [] == [path for path, part in found if not part.get("description", "").strip()]
    assert [] == [path for path, part in found if isinstance(part.get("title"), str)]


def test_sections_are_those_of_the_vendor() -> None:
    """Each kind that YAML may hold is there, beside the fixed sections; what is only read is not."""
    fixed = {"version", "contact_center", "provider", "manage", "safety", "secrets", "defaults"}
    kinds = {kind.section for kind in PROVIDER.kinds.values() if not kind.external}
    assert fixed | kinds == UDESK["properties"].keys()
    assert {kind.section for kind in PROVIDER.kinds.values() if kind.collection} == (
        UDESK["properties"]["manage"]["properties"].keys()
    )


def test_fields_are_those_that_are_written() -> None:
    """What is computed or a digest is not offered; the identity is never required."""
    agent = UDESK["properties"]["agents"]["additionalProperties"]
    resource: type[Resource] = PROVIDER.kinds["agents"].resource
    rules = specs(resource)
    assert [name for name, rule in rules.items() if rule.written] == [*agent["properties"]]
    assert "wrap_up_time" not in agent["properties"]
    assert "required" not in agent
    voice = UDESK["properties"]["voice_files"]["additionalProperties"]
    assert ["path"] == voice["required"]
    assert "digest" not in voice["properties"]
    for name, part in UDESK["properties"]["defaults"]["properties"].items():
        assert identity_field(PROVIDER.kinds[name].resource) not in part["properties"]
        assert "required" not in part


def test_bounds_and_defaults_are_the_vendors() -> None:
    """Numbers have their bounds, and a default is shown where the vendor has one."""
    queue = UDESK["properties"]["queues"]["additionalProperties"]["properties"]
    assert (1, 512, 128) == tuple(queue["max_length"][word] for word in ("minimum", "maximum", "default"))
    assert "default" not in queue["name"]


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"version": 1, "contact_center": "acme-prod", "provider": PROVIDER_PART},
        {"contact_center": "${env:NAME}"},
        {"contact_center": 9},
        {"provider": {**PROVIDER_PART, "rate_limit": "${env:RATE:-10}", "timestamp_unit": "${env:UNIT}"}},
        {"provider": {**PROVIDER_PART, "sid": 571, "rate_limit": 3}},
        {"manage": {"agents": {"prune": True, "ignore": ["9*"], "ignore_fields": ["email"], "additive": ["queues"]}}},
        {"manage": {"queues": {"prune": "${env:PRUNE}", "protect": ["sales", "name:S*", 9001]}}},
        {"safety": {"max_deletes": 5, "max_delete_percent": "${env:P}"}},
        {"secrets": {"extension_passwords": {"age": "x.age", "recipients": ["age1abc"]}}},
        {"secrets": {"extension_passwords": {"command": ["vault", "put"]}}},
        {"defaults": {"agents": {"role": "agent"}, "queues": {"timeout": 30}}},
        {"application": {"name": "Acme", "callback_url": "${env:URL}", "hide_user_number": False, "memo": ""}},
        {"default_number": "057126200670"},
        {"default_number": 57126200670},
        {"default_number": ""},
        {"default_number": "${file:number.txt}"},
        {"queues": {}},
        {"queues": {"9001": {"name": "Sales"}}},
        {"queues": {"sales": {"id": 9001, "name": True, "timeout": "${env:T}", "max_length": 512}}},
        {"queues": {"sales": {"id": "${env:ID}"}}},
        {"extensions": ["8001", 8002, "${env:EXT}"]},
        {"agents": {"li.wei": {"id": "10031", "extensions": "auto", "queues": []}}},
        {"agents": {"li.wei": {"id": 10031, "extensions": [8001, "8002"], "role": "leader", "enabled": "${env:ON}"}}},
        {"agents": {"li.wei": {"role": "${env:ROLE}", "mobile": "", "email": ""}}},
        {"voice_files": {"welcome.wav": {"path": "voices/welcome.wav", "description": 1.5}}},
        {"default_voices": {"welcome": {"wav": "w.wav"}, "waiting": {"tts": "Hold on."}, "hold": "default"}},
        {"fast_routers": {"1": {"queue": "sales", "description": "Sales"}, "0": {"queue": 9001}}},
        {"subscriptions": {"crm": {"callback": "https://a.b/c", "events": ["user_ringing"], "enabled": True}}},
        {"webhook_events": {"call": ["begin", "end"], "agent_state": []}},
    ],
)
def test_what_is_valid_is_accepted(part: Any) -> None:
    """Any part of a configuration, with unquoted texts, substitutions and words, is left unmarked."""
    assert [] == problems(part)


@pytest.mark.parametrize(
    "part",
    [
        {"queue": {}},
        {"version": 2},
        {"contact_center": "Acme Prod"},
        {"provider": {"type": "udesk"}},
        {"provider": {**PROVIDER_PART, "type": "tencent"}},
        {"provider": {**PROVIDER_PART, "rate_limit": "10"}},
        {"provider": {**PROVIDER_PART, "rate_limit": 0}},
        {"provider": {**PROVIDER_PART, "tiemout": 3}},
        {"manage": {"application": {"prune": True}}},
        {"manage": {"agents": {"prune": "yes"}}},
        {"manage": {"agents": {"additive": ["name"]}}},
        {"manage": {"agents": {"ignore": "9*"}}},
        {"safety": {"max_deletes": -1}},
        {"safety": {"max_delete_percent": 101}},
        {"secrets": {"extension_passwords": {"file": None}}},
        {"defaults": {"agents": {"id": "1"}}},
        {"defaults": {"extensions": {}}},
        {"application": {"hide_user_number": "no"}},
        {"default_number": None},
        {"queues": []},
        {"queues": {"sales": None}},
        {"queues": {"sales": {"timout": 90}}},
        {"queues": {"sales": {"id": "8001"}}},
        {"queues": {"sales": {"name": ""}}},
        {"queues": {"sales": {"max_length": 513}}},
        {"queues": {"sales": {"timeout": "90"}}},
        {"queues": {"sales": {"timeout": 1.5}}},
        {"extensions": {"8001": {}}},
        {"extensions": ["0800"]},
        {"extensions": ["8001", "8001"]},
        {"agents": {"a": {"extensions": "8001"}}},
        {"agents": {"a": {"extensions": ["8001", "8002", "8003"]}}},
        {"agents": {"a": {"role": "boss"}}},
        {"agents": {"a": {"wrap_up_time": 3}}},
        {"agents": {"a": {"auto_extension": True}}},
        {"voice_files": {"w.wav": {}}},
        {"voice_files": {"w.wav": {"path": "a", "digest": "0"}}},
        {"default_voices": {"welcom": {"wav": "w.wav"}}},
        {"default_voices": {"welcome": {"wav": "w.wav", "tts": "x"}}},
        {"default_voices": {"welcome": {}}},
        {"default_voices": {"welcome": "w.wav"}},
        {"fast_routers": {"10": {"queue": "sales"}}},
        {"webhook_events": {"calls": ["begin"]}},
        {"relay_numbers": []},
        [],
        None,
    ],
)
def test_what_is_wrong_is_marked(part: Any) -> None:
    """An editor marks what `validate` would refuse, where it can know."""
    assert problems(part)


def test_the_plan_schema_names_its_format() -> None:
    """A tool can tell which form it reads."""
    assert "reconciler-plan/1" == plan_schema()["properties"]["format"]["const"]


TENCENT_PART: Final = {
    "type": "tencent",
    "sdk_app_id": 1400000000,
    "secret_id": "${env:TENCENTCLOUD_SECRET_ID}",
    "secret_key": "${env:TENCENTCLOUD_SECRET_KEY}",
}


def test_tencent_s_sections_are_those_that_it_can_set() -> None:
    """What its API can't set is simply not there, nor are fields that are made or computed."""
    kinds = {kind.section for kind in TENCENT.kinds.values() if not kind.external}
    assert kinds <= OTHER["properties"].keys()
    assert set() == TENCENT.unsupported.keys() & OTHER["properties"].keys()
    assert {"queues", "agents", "extensions"} == OTHER["properties"]["manage"]["properties"].keys()
    agent = OTHER["properties"]["agents"]["additionalProperties"]["properties"]
    assert "priorities" not in agent
    for kind in TENCENT.kinds.values():
        entry = OTHER["properties"][kind.section]["additionalProperties"]["properties"]
        assert set() == kind.unsupported.keys() & entry.keys()
        assert [name for name, rule in specs(kind.resource).items() if rule.written] == [*entry]
    assert "renamed_from" in OTHER["properties"]["queues"]["additionalProperties"]["properties"]
    assert "renamed_from" not in OTHER["properties"]["defaults"]["properties"]["queues"]["properties"]


def test_tencent_s_settings_and_bounds() -> None:
    """They come from the settings, and from what a pair may hold."""
    provider = OTHER["properties"]["provider"]["properties"]
    assert (20, 1) == (provider["rate_limit"]["default"], provider["upload_rate_limit"]["default"])
    assert {"endpoint", "token", "region", "send_password"} <= provider.keys()
    agent = OTHER["properties"]["agents"]["additionalProperties"]["properties"]
    listed, paired = agent["queues"]["anyOf"]
    assert "array" == listed["type"]
    priority = paired["additionalProperties"]["properties"]["priority"]
    assert (1, 5) == (priority["minimum"], priority["maximum"])
    ignored = OTHER["properties"]["manage"]["properties"]["agents"]["properties"]["ignore_fields"]["items"]
    assert "priorities" in ignored["anyOf"][0]["enum"]


@pytest.mark.parametrize(
    "part",
    [
        {"provider": TENCENT_PART},
        {"provider": {**TENCENT_PART, "sdk_app_id": "${env:APP}", "token": "", "rate_limit": 5}},
        {"queues": {"sales": {"name": "Sales", "type": "phone", "ring_all": True, "renamed_from": "Old"}}},
        {"agents": {"li": {"email": "li@example.com", "queues": ["sales"]}}},
        {"agents": {"li": {"queues": {"sales": {"priority": 1}, "support": {}}}}},
        {"agents": {"li": {"queues": {"sales": {"priority": "${env:P}"}}}}},
        {"agents": {"li": {"queues": {}}}},
        {"defaults": {"agents": {"queues": {"sales": {"priority": 5}}}}},
        {"manage": {"agents": {"ignore_fields": ["priorities"], "additive": ["queues"]}}},
        {"extensions": {"8001": {"name": "Desk 1", "queues": ["sales"], "agent": ""}}},
        {"numbers": {"0085212345678": {"outbound_queues": ["sales"], "enabled": False}}},
        {"voice_files": {"welcome": {"url": "https://cdn.example.com/welcome.mp3"}}},
    ],
)
def test_what_is_valid_for_tencent_is_accepted(part: Any) -> None:
    """Both forms of an agent's queues are."""
    assert [] == [f"{problem.json_path}: {problem.message}" for problem in OTHER_VALIDATOR.iter_errors(part)]


@pytest.mark.parametrize(
    "part",
    [
        {"provider": PROVIDER_PART},
        {"provider": {**TENCENT_PART, "sdk_app_id": 0}},
        {"default_voices": {}},
        {"defaults": {"queues": {"renamed_from": "Old"}}},
        {"queues": {"sales": {"timeout": 60}}},
        {"queues": {"sales": {"renamed_from": ""}}},
        {"agents": {"li": {"queues": {"sales": {"priority": 6}}}}},
        {"agents": {"li": {"queues": {"sales": {"priority": "1"}}}}},
        {"agents": {"li": {"queues": {"sales": {"prio": 1}}}}},
        {"agents": {"li": {"queues": {"sales": 1}}}},
        {"agents": {"li": {"queues": ["sales", "sales"]}}},
        {"agents": {"li": {"queues": "sales"}}},
        {"agents": {"li": {"priorities": {"sales": 1}}}},
        {"manage": {"numbers": {}}},
        {"manage": {"agents": {"additive": ["priorities"]}}},
        {"extensions": ["8001"]},
    ],
)
def test_what_is_wrong_for_tencent_is_marked(part: Any) -> None:
    """What `load` would refuse, where an editor can know."""
    assert [*OTHER_VALIDATOR.iter_errors(part)]
