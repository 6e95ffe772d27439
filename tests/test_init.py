"""`init`: a first configuration that works at once."""

from __future__ import annotations

import json
import time
from pathlib import Path

import jsonschema
import pytest
import yaml

from reconciler.providers.tencent import PROVIDER as TENCENT
from reconciler.schema import documents, printed
from tests.commands import Commands, files
from tests.servers import APP_ID, running, simulator


def test_what_is_written(command: Commands, tmp_path: Path) -> None:
    """A configuration with its modeline, and the schema that the modeline names; stderr says where, stdout nothing."""
    done = command.ok("init", str(tmp_path / "my-center"))
    assert done.out == ""
    assert {"reconciler.yaml", ".schema/udesk.json"} == files(tmp_path / "my-center").keys()
    text = (tmp_path / "my-center" / "reconciler.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=.schema/udesk.json\n")
    schema = (tmp_path / "my-center" / ".schema" / "udesk.json").read_text(encoding="utf-8")
    assert printed(documents()["udesk"]) == schema
    jsonschema.Draft202012Validator(json.loads(schema)).validate(yaml.safe_load(text))
    for name in files(tmp_path / "my-center"):
        assert name.rpartition("/")[2] in done.err


def test_it_works_at_once(command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any setting it is valid, and works against a simulator with the credentials that it assumes."""
    for name in ("UDESK_SID", "UDESK_AUTH_TOKEN"):
        monkeypatch.delenv(name)
    folder = str(tmp_path / "my-center")
    command.ok("init", folder)
    command.ok("validate", folder)
    text = (tmp_path / "my-center" / "reconciler.yaml").read_text(encoding="utf-8")
    assert "http://127.0.0.1:8080" in text
    assert "reconciler simulate udesk --port 8080" in text
    assert (f"app_id: ${{env:UDESK_APP_ID:-{APP_ID}}}") in text
    with simulator(credentials=("demo-sid", "demo-token")) as running:
        url = ("--set", f"provider.base_url={running.url}")
        assert command("plan", folder, *url, "--detailed-exitcode").code == 2
        command.ok("apply", folder, *url, "--yes")
        assert command("plan", folder, *url, "--detailed-exitcode").code == 0
        command.ok("drift", folder, *url)


def test_what_is_written_for_tencent(command: Commands, tmp_path: Path) -> None:
    """The other vendor's configuration has its modeline and schema too, and editors accept it."""
    folder = tmp_path / "my-center"
    command.ok("init", "--provider", "tencent", str(folder))
    assert {"reconciler.yaml", ".schema/tencent.json"} == files(folder).keys()
    text = (folder / "reconciler.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=.schema/tencent.json\n")
    schema = (folder / ".schema" / "tencent.json").read_text(encoding="utf-8")
    assert printed(documents()["tencent"]) == schema
    jsonschema.Draft202012Validator(json.loads(schema)).validate(yaml.safe_load(text))
    assert "reconciler simulate tencent --port 8080" in text


def test_tencent_works_at_once(command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is valid with no setting at all, and is applied to a simulator named by the environment alone."""
    for name in ("ENDPOINT", "SECRET_ID", "SECRET_KEY", "TOKEN", "SDK_APP_ID"):
        monkeypatch.delenv(f"TENCENTCLOUD_{name}", raising=False)
    folder = str(tmp_path / "my-center")
    command.ok("init", "--provider", "tencent", folder)
    command.ok("validate", folder)
    face = TENCENT.face(seed=None, tenant=None, credentials=("demo-sid", "demo-token"), dialect=(), clock=time.time)
    with running(face) as vendor:
        monkeypatch.setenv("TENCENTCLOUD_ENDPOINT", vendor.url)
        assert command("plan", folder, "--detailed-exitcode").code == 2
        command.ok("apply", folder, "--yes")
        assert command("plan", folder, "--detailed-exitcode").code == 0
        command.ok("drift", folder)
        command.ok("export", "--provider-file", _head_of(folder, tmp_path), "--out", str(tmp_path / "exported"))
        monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "demo-sid")  # an export keeps no credentials, fallbacks neither
        monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "demo-token")
        assert command("plan", str(tmp_path / "exported"), "--detailed-exitcode").code == 0


def _head_of(folder: str, tmp_path: Path) -> str:
    """Keep what says how to reach the tenant."""
    text = Path(folder, "reconciler.yaml").read_text(encoding="utf-8")
    path = tmp_path / "provider.yaml"
    path.write_text(text[: text.index("\nqueues:")], encoding="utf-8")
    return str(path)


def test_nothing_is_overwritten(command: Commands, tmp_path: Path) -> None:
    """A folder that holds one already is left as it is; what else is in it does not matter."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    command.ok("init", str(tmp_path))
    (tmp_path / "reconciler.yaml").write_text("mine", encoding="utf-8")
    before = files(tmp_path)
    done = command("init", str(tmp_path))
    assert (1, "") == (done.code, done.out)
    assert "nothing is overwritten" in done.err
    assert before == files(tmp_path)


@pytest.mark.parametrize("where", ["/dev/null", "/dev/null/x", "/proc/x", "notes.txt"])
def test_places_that_are_no_folder(command: Commands, tmp_path: Path, where: str) -> None:
    """A place that can't be written to is an error with a remedy."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    done = command("init", str(tmp_path / where))
    assert (1, "") == (done.code, done.out)
    assert "Name another folder" in done.err


def test_a_link_is_not_followed_over_something(command: Commands, tmp_path: Path) -> None:
    """A dangling link in the place of the file is there already, too."""
    (tmp_path / "reconciler.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert command("init", str(tmp_path)).code == 1
    assert not (tmp_path / "elsewhere.yaml").exists()
