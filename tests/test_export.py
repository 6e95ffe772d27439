"""`export`: the live tenant as tidy YAML, from which a plan is empty."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from reconciler.providers.tencent import PROVIDER as TENCENT
from reconciler.schema import documents
from tests.commands import Commands, Done, configure, files, head
from tests.editor import EditorLoader
from tests.servers import AUTH_TOKEN, SID, Simulator, running, simulator

EXAMPLE: Final = Path(__file__).resolve().parent.parent / "examples" / "udesk-before.json"
OTHER_EXAMPLE: Final = EXAMPLE.with_name("tencent-before.json")
ODD_NAMES: Final = (
    "no", "yes", "null", "~", "true", "1e3", "0571", "08", "0o17", "0x1F", "1_000", "12:30:45", "2024-01-01", "=", "<<",
    "- x", "a: b", "a #b", "#", "[", "{x}", "*a", "&a", "!t", "|", ">", "%", "@", "`", "'", '"', "\\n", "${env:HOME}",
    "$", "$$", " lead", "trail ", "销售部", "Łódź 📞", "e\u0301", "a\u00a0b", "x" * 200, "-", "---", "...", "?", "*",
)  # fmt: skip


def agent(number: int, **fields: Any) -> dict[str, Any]:
    """Make a live agent."""
    return {"id": f"{number}", "work_id": f"{number}", "name": f"Agent {number}", **fields}


def exported(command: Commands, running: Simulator, folder: Path, *, literal: bool = False) -> tuple[Done, Path]:
    """Export a tenant; check what must always hold, and give what was written."""
    folder.mkdir(exist_ok=True)
    frame = head(running.url)
    if literal:
        frame = frame.replace("${env:UDESK_SID}", SID).replace("${env:UDESK_AUTH_TOKEN}", f'"{AUTH_TOKEN}"')
    (folder / "frame.yaml").write_text(frame, encoding="utf-8")
    out = folder / "out"
    writes = running.calls()["writes"]
    done = command.ok("export", "--provider-file", str(folder / "frame.yaml"), "--out", str(out))
    made = command.ok("plan", str(out), "--format", "json", "--detailed-exitcode").json
    assert ([], []) == (made["changes"], made["refusals"])
    assert command("drift", str(out)).code == 0 or not made["changes"]
    validator = jsonschema.Draft202012Validator(documents()["udesk"])
    for name, content in files(out).items():
        if name.startswith("."):
            continue
        lines = content.decode("utf-8").splitlines()
        assert f"# yaml-language-server: $schema={'../' * name.count('/')}.schema/udesk.json" == lines[0]
        assert (out / name).parent.joinpath(lines[0].partition("=")[2]).is_file()
        document = yaml.load(content, EditorLoader)  # noqa: S506 - a SafeLoader with other scalars
        assert [] == [f"{name} {item.json_path}: {item.message}" for item in validator.iter_errors(document)]
    assert writes == running.calls()["writes"]
    return done, out


def sections(folder: Path) -> dict[str, Any]:
    """Read what was exported, as an editor does."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.yaml")):
        for section, content in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if isinstance(content, dict):
                found.setdefault(section, {}).update(content)
            else:
                found[section] = content
    return found


def test_the_example(command: Commands, tmp_path: Path) -> None:
    """A believable tenant: references by name, the vendor's defaults left out, one file a section."""
    seed = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    with simulator(seed=seed, app_id="a54a8b77-f12d-4ac9-742d-5b2bef5c4d11") as running:
        done, out = exported(command, running, tmp_path)
    assert "queues.yaml" in files(out)
    found = sections(out)
    assert {"id": "9001", "name": "Sales", "max_length": 64} == found["queues"]["sales"]
    assert found["agents"]["li-wei"]["queues"] == ["sales"]
    assert "enabled" not in found["agents"]["li-wei"]
    assert found["agents"]["li-wei"]["role"] == "leader"
    assert found["default_number"] == "057126200670"
    assert found["manage"]["agents"] == {"prune": False}
    assert "Exported acme" in done.out
    assert "voice" in done.err, "the content of voice files can't be read back, and that is said"


def test_the_tencent_example(command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queues by name, priorities that are not the vendor's 3, telephones with their agents, and no credentials."""
    seed = json.loads(OTHER_EXAMPLE.read_text(encoding="utf-8"))
    face = TENCENT.face(seed=seed, tenant=None, credentials=(SID, AUTH_TOKEN), dialect=(), clock=time.time)
    with running(face) as vendor:
        (tmp_path / "frame.yaml").write_text(
            "version: 1\ncontact_center: harbour\nprovider:\n  type: tencent\n  sdk_app_id: 1400000000\n"
            f"  endpoint: {vendor.url}\n  secret_id: {SID}\n  secret_key: {AUTH_TOKEN}\n",
            encoding="utf-8",
        )
        out = tmp_path / "out"
        done = command.ok("export", "--provider-file", str(tmp_path / "frame.yaml"), "--out", str(out))
        monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", SID)
        monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", AUTH_TOKEN)
        made = command.ok("plan", str(out), "--format", "json", "--detailed-exitcode").json
        assert ([], []) == (made["changes"], made["refusals"])
        assert 0 == vendor.calls()["writes"]
    validator = jsonschema.Draft202012Validator(documents()["tencent"])
    for path in out.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert SID not in text
        assert AUTH_TOKEN not in text
        document = yaml.load(text, EditorLoader)  # noqa: S506 - a SafeLoader with other scalars
        assert [] == [f"{path.name} {item.json_path}: {item.message}" for item in validator.iter_errors(document)]
    found = sections(out)
    assert {"Sales": {}, "Service": {"priority": 4}} == found["agents"]["chen-mei"]["queues"]
    assert ["Sales"] == found["agents"]["li-wei"]["queues"]
    assert {"number": "8001", "name": "Desk Li Wei", "agent": "li-wei"} == found["extensions"]["desk-li-wei"]
    assert {"outbound_queues": ["Sales"], "enabled": True} == found["numbers"]["0085230010001"]
    assert "voice_files" not in found
    assert "Exported harbour: 2 queues, 6 extensions, 7 agents, 2 numbers.\n" in done.out
    assert "TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY" in " ".join(done.err.split())


def test_an_empty_tenant(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Where there is nothing, the frame is written, and what it says is true."""
    done, out = exported(command, tenant, tmp_path)
    assert "provider.yaml" in files(out)
    assert "empty" in done.out


def test_odd_names(command: Commands, tmp_path: Path) -> None:
    """Names that YAML reads as something else come back as they were, and no local name stands twice."""
    seed = {
        "sections": {
            "queues": {f"{9000 + n}": {"name": name} for n, name in enumerate(ODD_NAMES)},
            "agents": {f"{n + 1}": agent(n + 1, name=name, work_id=f"0{n}") for n, name in enumerate(ODD_NAMES)},
            "subscriptions": {
                name: {"name": name, "callback": "https://x.example.com/$a/${env:HOME}"} for name in ODD_NAMES
            },
            "fast_routers": {"1": {"digit": "1", "queue": "9000", "description": "${env:HOME}"}},
            "application": {"": {"name": "${file:/etc/passwd}", "callback_url": "https://x.example.com/$$"}},
        }
    }
    with simulator(seed=seed) as running:
        exported(command, running, tmp_path)


def test_equal_names(command: Commands, tmp_path: Path) -> None:
    """The first of equal names takes it, others go by their id; a name that is another one's id is nobody's."""
    seed = {
        "sections": {
            "queues": {
                "9001": {"name": "Sales"}, "9002": {"name": "sales!"}, "9003": {"name": "9001"},
                "9004": {"name": "none"},
            },
            "agents": {
                "1": agent(1, name="Li", queues=["9001", "9002"]), "2": agent(2, name="Li", queues=["9004"]),
                "3": agent(3, name="2"), "4": agent(4, name="李"),
            },
        }
    }  # fmt: skip
    with simulator(seed=seed) as running:
        _, out = exported(command, running, tmp_path)
    found = sections(out)
    assert ["sales", "9002", "9003", "none"] == list(found["queues"])
    assert {"li", "2", "3", "4"} == set(found["agents"])
    assert {"sales", "9002"} == set(found["agents"]["li"]["queues"])


def test_values_against_the_page(command: Commands, tmp_path: Path) -> None:
    """What the vendor holds and its page forbids is left out and told, and the plan is empty all the same."""
    seed = {
        "sections": {
            "queues": {"9001": {"name": "Sales", "max_length": 9999, "timeout": -1}},
            "agents": {
                "1": agent(1, mobile="not a number", email="nobody", queues=["9001"]),
                "2": agent(2, work_id="über-2"),
                "3": agent(3, role="boss"),
                "4": agent(4, name=""),
            },
        }
    }
    with simulator(seed=seed) as running:
        done, out = exported(command, running, tmp_path)
    assert "max_length of queues/9001" in done.err
    assert "agents/2" in done.err
    assert "1" in str(sections(out)["agents"])


def test_many_agents(command: Commands, tmp_path: Path) -> None:
    """Over a hundred, agents are split into files by whom they serve first; no file is taken for another."""
    queues = {"9001": {"name": "Sales"}, "9002": {"name": "支持"}, "9003": {"name": "None"}, "9004": {"name": "../x"}}
    agents = {
        f"{n}": agent(n, queues=[[], ["9001"], ["9002"], ["9003"], ["9004"], ["9001", "9002"]][n % 6])
        for n in range(1, 151)
    }
    with simulator(seed={"sections": {"queues": queues, "agents": agents}}) as running:
        _, out = exported(command, running, tmp_path)
    parts = [name for name in files(out) if name.startswith("agents/")]
    assert len(parts) >= 4
    assert "agents.yaml" not in files(out)
    assert len(sections(out)["agents"]) == 150
    assert {"frame.yaml", "out"} == {path.name for path in tmp_path.iterdir()}


def test_literal_secrets_go(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Credentials in the provider file are replaced by references to the environment, and that is said."""
    done, out = exported(command, tenant, tmp_path, literal=True)
    text = (out / "provider.yaml").read_text(encoding="utf-8")
    assert "sid: ${env:UDESK_SID}\n" in text
    assert "auth_token: ${env:UDESK_AUTH_TOKEN}\n" in text
    assert "UDESK_AUTH_TOKEN, UDESK_SID" in done.err
    for content in (*files(out).values(), done.out.encode(), done.err.encode()):
        assert SID.encode() not in content
        assert AUTH_TOKEN.encode() not in content


@pytest.mark.parametrize(
    "provider",
    [
        "provider: {type: udesk, base_url: URL, app_id: APP, rate_limit: 1000, sid: SID, auth_token: 'TOKEN'}",
        "provider: {type: udesk, base_url: URL, app_id: APP, sid: '${env:NOT_SET:-SID}', auth_token: '${file:token}'}",
        "provider:\n  type: udesk\n  base_url: URL\n  app_id: APP\n  sid: >-\n    SID\n  auth_token: |-\n    TOKEN",
        "provider:\n  'type': udesk\n  base_url: URL\n  app_id: APP\n  ? sid\n  : SID\n  auth_token: TOKEN",
    ],
)
def test_secrets_in_any_dress(command: Commands, tenant: Simulator, tmp_path: Path, provider: str) -> None:
    """However they are written, no credential comes along, and what is written works."""
    text = provider.replace("URL", tenant.url).replace("APP", "a54a8b77-f12d-4ac9-742d-5b2bef5c4d11")
    text = "version: 1\ncontact_center: acme\n" + text.replace("SID", SID).replace("TOKEN", AUTH_TOKEN) + "\n"
    (tmp_path / "token").write_text(AUTH_TOKEN, encoding="utf-8")
    (tmp_path / "frame.yaml").write_text(text, encoding="utf-8")
    command.ok("export", "--provider-file", str(tmp_path / "frame.yaml"), "--out", str(tmp_path / "out"))
    for content in files(tmp_path / "out").values():
        assert SID.encode() not in content
        assert AUTH_TOKEN.encode() not in content
    command.ok("plan", str(tmp_path / "out"))


@pytest.mark.parametrize("more", [f"# sid: {SID}\n", "secret: &x\n"])
def test_secrets_that_can_t_be_taken_out(command: Commands, tenant: Simulator, tmp_path: Path, more: str) -> None:
    """A credential in a comment, or behind an anchor, ends the export before anything is written."""
    text = head(tenant.url)
    if "&x" in more:
        text = text.replace("${env:UDESK_SID}", f"&x {SID}").replace(
            "app_id: a54a8b77-f12d-4ac9-742d-5b2bef5c4d11", "app_id: *x"
        )
        text = text.replace("  app_id: *x\n", "") + "  app_id: *x\n"
    else:
        text += more
    (tmp_path / "frame.yaml").write_text(text, encoding="utf-8")
    done = command("export", "--provider-file", str(tmp_path / "frame.yaml"), "--out", str(tmp_path / "out"))
    assert (1, "") == (done.code, done.out)
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A folder that holds anything is refused, before a call is made; an empty one is fine."""
    (tmp_path / "frame.yaml").write_text(head(tenant.url), encoding="utf-8")
    given = ("export", "--provider-file", str(tmp_path / "frame.yaml"), "--out")
    for where in (tmp_path, tmp_path / "frame.yaml", Path("/dev/null"), Path("/proc/none")):
        done = command(*given, str(where))
        assert (1, "") == (done.code, done.out)
        assert done.err.startswith("error"), done.err
    assert {"frame.yaml"} == files(tmp_path).keys()
    assert tenant.calls()["writes"] == 0
    (tmp_path / "empty").mkdir()
    command.ok(*given, str(tmp_path / "empty"))


def test_a_provider_file_that_holds_more(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """What else it says would be said twice; a folder is no provider file."""
    path = configure(tmp_path / "acme.yaml", tenant)
    for where in (path, str(tmp_path)):
        done = command("export", "--provider-file", where, "--out", str(tmp_path / "out"))
        assert (1, "") == (done.code, done.out)
    assert not (tmp_path / "out").exists()


def test_a_tenant_that_can_t_be_read(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Half a tenant is not exported."""
    (tmp_path / "frame.yaml").write_text(head(tenant.url), encoding="utf-8")
    tenant.control("POST", "faults", {"kind": "truncated", "method": "GET", "api": "agents", "times": 0})
    assert command("export", "--provider-file", str(tmp_path / "frame.yaml"), "--out", str(tmp_path / "out")).code == 1
    assert not (tmp_path / "out").exists()


def test_an_export_can_be_applied(command: Commands, tmp_path: Path) -> None:
    """What was exported is a configuration: a change in it is planned and applied."""
    seed = {"sections": {"queues": {"9001": {"name": "Sales"}}, "agents": {"1": agent(1, queues=["9001"])}}}
    with simulator(seed=seed) as running:
        _, out = exported(command, running, tmp_path)
        command.ok("apply", str(out), "--yes", "--set", "queues.sales.timeout=77")
        assert running.state()["sections"]["queues"]["9001"]["timeout"] == 77
