"""Odd arguments and garbage files: whatever is given, the worst is an error that says what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from tests.commands import Commands, configure, head
from tests.servers import Simulator

GARBAGE: Final[dict[str, bytes]] = {
    "nothing": b"",
    "a line end": b"\n",
    "a zero byte": b"\0",
    "half a character": b"version: 1\nname: \xe4\xb8",
    "latin-1": "contact_center: Köln".encode("latin-1"),
    "utf-16": "version: 1".encode("utf-16"),
    "a BOM and nothing": b"\xef\xbb\xbf",
    "binary": bytes(range(256)) * 10,
    "a zip": b"PK\x03\x04" + b"\0" * 100,
    "an open quote": b"version: 1\ncontact_center: 'acme\nprovider: {",
    "tabs": b"version:\t1\n\tcontact_center: acme",
    "a list": b"- 1\n- 2",
    "a scalar": b"hello",
    "a number": b"12345678901234567890123456789012345678901234567890",
    "null": b"null",
    "two documents": b"version: 1\n---\nversion: 1",
    "a cycle": b"&a [*a]",
    "a cycle in a mapping": b"&a {version: *a}",
    "an alias to nothing": b"version: *nobody",
    "a bomb": b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 123)
    ),
    "deep lists": b"[" * 20_000,
    "deep mappings": b"{a: " * 20_000,
    "a tag": b"!!python/object/apply:os.system ['true']",
    "odd keys": b"? [1, 2]\n: 3\n? {a: b}\n: c\n1: 2\nnull: 3\ntrue: 4",
    "a merge of nothing": b"<<: 1\nversion: 1",
    "directives": b"%YAML 9.9\n---\nversion: 1",
    "json": b'{"version": 1, "version": 2}',
    "all sections wrong": b"version: []\ncontact_center: {}\nprovider: 1\nmanage: 1\nsafety: x\nsecrets: 1\nqueues: 1\n"
    b"agents: []\nextensions: {}\ndefault_number: []\nvoice_files: 1\n"
    b"default_voices: 1\nfast_routers: []\ndefaults: 1\n",
    "everything null": b"version: ~\ncontact_center: ~\nprovider: ~\nmanage: ~\nqueues: ~\nagents: ~\n",
    "a marker": "version: 1\ncontact_center: '\u202e\u0007\u2028'\n".encode(),
}  # fmt: skip
ODD: Final = (
    "", " ", "-", "--", "-x", "---", "=", "\n", "\t", "\udcff", "📞", "\u202e", "\x1b[31m", "%s",
    "{}", "${env:HOME}", "~", "*", "con", "a" * 5000, "[red]", "$(true)", "'", '"', "\\",
)  # fmt: skip


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_as_a_configuration(command: Commands, tmp_path: Path, name: str) -> None:
    """A file of garbage is a 1 for every command that reads a configuration, alone as in a folder."""
    (tmp_path / "conf").mkdir()
    path = tmp_path / "conf" / "garbage.yaml"
    path.write_bytes(GARBAGE[name])
    for where in (str(path), str(path.parent)):
        for words in (("validate", where), ("validate", where, "--format", "json"), ("plan", where)):
            assert command(*words).code == 1, words
    for arguments in (
        ("apply", str(path), "--yes"),
        ("drift", str(path)),
        ("fetch", str(path), "--out", str(tmp_path / "live.json")),
        ("export", "--provider-file", str(path), "--out", str(tmp_path / "out")),
    ):
        assert command(*arguments).code == 1, arguments
    assert ["conf"] == [item.name for item in tmp_path.iterdir()]


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_as_anything_else(command: Commands, tenant: Simulator, tmp_path: Path, name: str) -> None:
    """The same garbage as an overlay, a snapshot, a saved plan and a seed."""
    path = configure(tmp_path / "acme.yaml", tenant)
    garbage = tmp_path / "garbage.json"
    garbage.write_bytes(GARBAGE[name])
    harmless = name in {"nothing", "a line end", "a BOM and nothing", "null"}
    assert command("plan", path, "--overlay", str(garbage)).code == (0 if harmless else 1)
    assert command("plan", path, "--live", str(garbage)).code == 1
    assert command("apply", str(garbage), "--yes").code == 1
    assert command("simulate", "udesk", "--seed", str(garbage)).code == 1
    assert tenant.calls()["writes"] == 0


@pytest.mark.parametrize("odd", ODD)
def test_odd_arguments(
    command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    """Odd texts in each place that takes one end in an error or do no harm; nothing is written at the vendor."""
    path = configure(tmp_path / "conf" / "acme.yaml", tenant)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for arguments in (
        (odd,),
        (odd, odd),
        ("--color", odd, "plan", path),
        ("--log-format", odd, "plan", path),
        ("schema", odd),
        ("simulate", odd),
        ("simulate", "udesk", "--dialect", odd),
        ("simulate", "udesk", "--fault", odd),
        ("simulate", "udesk", "--port", odd),
        ("plan", path, "--set", odd),
        ("plan", path, "--set", f"queues.{odd}.name={odd}"),
        ("plan", path, "--set", f"{odd}={odd}"),
        ("plan", path, "--target", odd),
        ("plan", path, "--allow-deletes", odd),
        ("plan", path, "--allow-deletes", f"{odd}={odd}"),
        ("apply", path, "--config", odd),
        ("apply", odd, "--config", odd),
    ):
        done = command(*arguments)
        harmless = arguments[:2] == ("plan", path) or arguments == ("schema", "--")  # the end of options
        assert done.code == 1 or (done.code == 0 and harmless), arguments
        assert "\x1b" not in done.err, arguments
    for arguments in (
        ("validate", odd),
        ("plan", path, "--overlay", odd),
        ("plan", path, "--live", odd),
        ("--state", odd, "drift", path),
        ("fetch", path, "--out", str(tmp_path / "empty" / odd)),
    ):
        assert command(*arguments).code in {0, 1, 2}, arguments
    assert tenant.calls()["writes"] == 0


def test_odd_files(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Pipes, links in circles, links to nowhere and folders called *.yaml are told, or passed by."""
    folder = tmp_path / "conf"
    path = configure(folder / "acme.yaml", tenant)
    (folder / "circle.yaml").symlink_to(folder / "circle.yaml")
    assert command("validate", str(folder)).code == 1
    (folder / "circle.yaml").unlink()
    (folder / "nowhere.yaml").symlink_to(folder / "nothing")
    assert command("validate", str(folder)).code == 1
    (folder / "nowhere.yaml").unlink()
    os.mkfifo(folder / "pipe.yaml")
    assert command("validate", str(folder)).code == 1
    assert command("validate", str(folder / "pipe.yaml")).code == 1
    assert command("validate", path, "--overlay", str(folder / "pipe.yaml")).code == 1
    assert command("apply", str(folder / "pipe.yaml"), "--yes").code == 1
    (folder / "pipe.yaml").unlink()
    (folder / "more.yaml").mkdir()
    (folder / "again").symlink_to(folder)
    assert command("validate", str(folder)).code in {0, 1}


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://nobody.invalid", "http://[::1]:9"])
def test_addresses_where_nobody_answers(command: Commands, tmp_path: Path, address: str) -> None:
    """An address that does not answer is a 1 with a remedy, for each command that calls."""
    path = tmp_path / "acme.yaml"
    path.write_text(head(address) + "queues: {}\n", encoding="utf-8")
    for arguments in (("plan",), ("apply", "--yes"), ("drift",)):
        done = command(arguments[0], str(path), *arguments[1:])
        assert (1, "") == (done.code, done.out)
        assert done.err.startswith("error")


def test_wrong_credentials(
    command: Commands, tenant: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is not accepted is told so, and the credentials are not repeated."""
    path = configure(tmp_path / "acme.yaml", tenant)
    monkeypatch.setenv("UDESK_AUTH_TOKEN", "another-token")
    done = command("plan", path)
    assert (1, "") == (done.code, done.out)
    assert "another-token" not in done.err
