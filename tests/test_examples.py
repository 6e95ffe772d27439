"""Every example is what it claims to be: valid in an editor, valid to us, and planned."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from reconciler.model.kind import Kind
from reconciler.model.resource import Resource, specs
from reconciler.providers.tencent.kinds import KINDS as TENCENT_KINDS
from reconciler.providers.udesk.kinds import KINDS
from scripts import make_prompts
from tests.editor import EditorLoader

ROOT: Final = Path(__file__).resolve().parent.parent
EXAMPLES: Final = ROOT / "examples"
SEED: Final = EXAMPLES / "udesk-before.json"
TENCENT_SEED: Final = EXAMPLES / "tencent-before.json"
FILES: Final = tuple(sorted(EXAMPLES.rglob("*.yaml")))
CONFIGURATIONS: Final = ("udesk", "udesk-minimal.yaml", "tencent")
CREDENTIALS: Final = {
    "UDESK_SID": "made-up-sid",
    "UDESK_AUTH_TOKEN": "made-up-token",
    "TENCENTCLOUD_SECRET_ID": "made-up-id",
    "TENCENTCLOUD_SECRET_KEY": "made-up-key",
}


def _name(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_an_editor_accepts_the_example(path: Path) -> None:
    """The schema that the modeline names exists, and accepts the file as an editor reads it."""
    text = path.read_text(encoding="utf-8")
    modeline = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert modeline is not None
    schema = json.loads((path.parent / modeline[1]).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    problems = jsonschema.Draft202012Validator(schema).iter_errors(
        yaml.load(text, EditorLoader)  # noqa: S506 - a SafeLoader with other scalars
    )
    assert [] == [f"{problem.json_path}: {problem.message}" for problem in problems]


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_the_example_is_valid(copies: Path, configuration: str) -> None:
    """`validate` finds no error in it."""
    code, output = reconciler(copies, "validate", configuration)
    assert code == 0, output


def test_every_example_is_tried() -> None:
    """Each folder and each single file in `examples/` is one of the configurations that the tests here use."""
    found = {path.name for path in EXAMPLES.iterdir() if path.is_dir() or path.suffix == ".yaml"}
    assert set(CONFIGURATIONS) == found


def test_the_minimal_example_fits_on_one_screen() -> None:
    """Forty lines at most, none wider than a terminal."""
    lines = (EXAMPLES / "udesk-minimal.yaml").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80


def test_prompts_are_what_the_script_makes() -> None:
    """The wav files in git are the script's, byte for byte, and no others lie there."""
    made = {name: make_prompts.prompt(notes) for name, notes in make_prompts.PROMPTS.items()}
    assert made == {path.name: path.read_bytes() for path in make_prompts.FOLDER.iterdir()}


@pytest.mark.parametrize("path", sorted(make_prompts.FOLDER.iterdir()), ids=lambda path: path.name)
def test_prompts_suit_a_telephone(path: Path) -> None:
    """Each prompt is 8 kHz, 16 bit, mono, and small enough for git."""
    with wave.open(str(path)) as file:
        assert (1, 2, 8000) == (file.getnchannels(), file.getsampwidth(), file.getframerate())
    assert path.stat().st_size < 20_000


def _live_objects(seed: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for section, objects in json.loads(seed.read_text(encoding="utf-8"))["sections"].items():
        for identity, fields in objects.items():
            yield section, identity, fields


@pytest.mark.parametrize(("seed", "kinds"), [(SEED, KINDS), (TENCENT_SEED, TENCENT_KINDS)], ids=["udesk", "tencent"])
def test_the_older_state_has_every_field(seed: Path, kinds: Mapping[str, Kind[Any]]) -> None:
    """The snapshot holds each object whole, as `fetch` would write it."""
    for section, identity, fields in _live_objects(seed):
        resource: type[Resource] = kinds[section].resource
        assert (section, identity, [*specs(resource)]) == (section, identity, [*fields])


def test_the_older_state_holds_together() -> None:
    """An extension sits on one agent at most, and all that is referred to is there."""
    sections = json.loads(SEED.read_text(encoding="utf-8"))["sections"]
    bound = [number for agent in sections["agents"].values() for number in agent["extensions"]]
    assert sorted(set(bound)) == sorted(bound)
    assert set(bound) <= set(sections["extensions"])
    served = {queue for agent in sections["agents"].values() for queue in agent["queues"]}
    assert served | {key["queue"] for key in sections["fast_routers"].values()} <= set(sections["queues"])


def test_the_example_plans_from_the_older_state(copies: Path) -> None:
    """The plan from the older state holds each kind of change that the demo talks about, and no refusal."""
    code, output = reconciler(copies, "plan", "udesk", "--live", SEED.name, "--format", "json", "--detailed-exitcode")
    assert code == 2, output
    plan = json.loads(output)
    assert [] == plan["refusals"]
    assert {
        ("queues/billing", "create"),
        ("queues/support", "update"),
        ("agents/gao.ming", "update"),
        ("agents/he.ping", "create"),
        ("agents/10039", "delete"),
        ("extensions/8011", "create"),
        ("extensions/8013", "delete"),
        ("fast_routers/3", "create"),
        ("voice_files/welcome-autumn.wav", "create"),
        ("voice_files/welcome-summer.wav", "delete"),
        ("default_voices/welcome", "update"),
    } <= {(change["address"], change["action"]) for change in plan["changes"]}


def test_the_tencent_example_plans_from_the_older_state(copies: Path) -> None:
    """The plan renames a queue in place, holds each kind of change that the demo shows, and no refusal."""
    code, output = reconciler(
        copies, "plan", "tencent", "--live", TENCENT_SEED.name, "--format", "json", "--detailed-exitcode"
    )
    assert code == 2, output
    plan = json.loads(output)
    assert [] == plan["refusals"]
    assert plan["summary"]["calls"] == plan["summary"]["minimum_calls"]
    assert {
        ("queues/support", "update"),
        ("queues/vip", "create"),
        ("agents/li.wei", "update"),
        ("agents/he.ping", "create"),
        ("agents/guo.qi@example.com", "delete"),
        ("extensions/8007", "delete"),
        ("extensions/8100", "update"),
        ("numbers/0085230010002", "update"),
        ("voice_files/welcome", "update"),
    } <= {(change["address"], change["action"]) for change in plan["changes"]}


def test_the_tencent_example_shows_what_there_is() -> None:
    """A queue that rings two people at once, both forms of queues, a renamed queue, a telephone of nobody's."""
    found: dict[str, dict[str, Any]] = {}
    for path in (EXAMPLES / "tencent").glob("*.yaml"):
        for section, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            found.setdefault(section, {}).update(entries if isinstance(entries, dict) else {})
    (ringing,) = (name for name, queue in found["queues"].items() if queue.get("ring_all"))
    assert 2 == sum(ringing in agent["queues"] for agent in found["agents"].values())
    assert {list, dict} == {type(agent["queues"]) for agent in found["agents"].values()}
    assert {"", "li.wei"} <= {extension["agent"] for extension in found["extensions"].values()}
    assert ["Service"] == [queue["renamed_from"] for queue in found["queues"].values() if "renamed_from" in queue]


def test_the_minimal_example_plans_from_nothing(copies: Path) -> None:
    """In an empty tenant, all that it names is created."""
    snapshot = {
        **json.loads(SEED.read_text(encoding="utf-8")),
        "contact_center": "corner-shop",
        "tenant": "0b9c7d52-3e41-4f6a-8c2d-7e5f4a3b2c1d",
    }
    snapshot["sections"] = {
        section: {} if KINDS[section].collection else objects for section, objects in snapshot["sections"].items()
    } | {"fast_routers": {}}
    (copies / "empty.json").write_text(json.dumps(snapshot), encoding="utf-8")
    code, output = reconciler(copies, "plan", "udesk-minimal.yaml", "--live", "empty.json", "--format", "json")
    assert code == 0, output
    assert {
        "queues/orders": "create",
        "extensions/8001": "create",
        "agents/li.wei": "create",
        "agents/wang.fang": "create",
        "fast_routers/1": "create",
    } == {change["address"]: change["action"] for change in json.loads(output)["changes"]}


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Copy the examples, so that what a command leaves beside a configuration does not land in the project."""
    return shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns(".*"))


def reconciler(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the real command in *folder*; give its exit code and what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder,
        env={**os.environ, **CREDENTIALS, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + (done.stderr if done.returncode not in {0, 2} else "")
