"""Extension passwords: given once, so on disk before anything else happens, and seen nowhere else."""

from __future__ import annotations

import json
import os
import re
import resource
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import pyrage  # type: ignore[import-untyped]
import pytest

from reconciler.model.desired import PasswordStore
from reconciler.model.errors import StoreError
from reconciler.model.outcome import OneTimePassword
from reconciler.store import passwords
from tests.commands import BODY, Commands, configure, files
from tests.servers import AUTH_TOKEN, SID, Simulator, simulator

ONE: Final = OneTimePassword(extension="8001", password="pa55-8001", number="00018001")
TWO: Final = OneTimePassword(extension="8002", password="pa55-8002", number="00018002")
BOTH: Final = {
    "extensions": {
        "8001": {"password": "pa55-8001", "number": "00018001"},
        "8002": {"password": "pa55-8002", "number": "00018002"},
    }
}
TAKES: Final = """\
import json, sys, urllib.request
given = json.loads(sys.stdin.read())
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
calls = json.loads(opener.open(sys.argv[1] + "/_control/calls").read())["calls"]
given["writes"] = [call["method"] + " " + call["path"] for call in calls if call["method"] != "GET"]
given["arguments"] = sys.argv[2:]
with open("taken.jsonl", "a") as file:
    file.write(json.dumps(given) + "\\n")
print("the password is", given["password"])
print("the password is", given["password"], file=sys.stderr)
"""


def keep(root: Path, where: PasswordStore, *given: OneTimePassword) -> str:
    """Store passwords of the contact center `acme`."""
    return passwords.keep(given, where, root=str(root), contact_center="acme")


def entries(path: Path, identity: pyrage.x25519.Identity) -> list[Any]:
    """Decrypt a file of age entries."""
    armored = re.findall(r"-----BEGIN AGE.*?END AGE ENCRYPTED FILE-----\n", path.read_text(encoding="ascii"), re.DOTALL)
    assert "".join(armored) == path.read_text(encoding="ascii")
    return [json.loads(pyrage.decrypt(item.encode(), [identity])) for item in armored]


def test_the_default_file(tmp_path: Path) -> None:
    """`.reconciler/secrets/NAME.json`: only its owner may read it, it grows, git ignores it, nothing else is left."""
    keep(tmp_path, PasswordStore(), ONE)
    keep(tmp_path, PasswordStore(), TWO)
    path = tmp_path / ".reconciler" / "secrets" / "acme.json"
    assert json.loads(path.read_text(encoding="utf-8")) == BOTH
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {".reconciler/.gitignore", ".reconciler/secrets/acme.json"} == files(tmp_path).keys()


def test_a_file_of_one_s_own(tmp_path: Path) -> None:
    """A relative path starts at the configuration; what else the file holds stays; it becomes private."""
    path = tmp_path / "deep" / "phones.json"
    path.parent.mkdir()
    path.write_text('{"extensions": {"8009": {"password": "old"}}, "note": "ours"}', encoding="utf-8")
    path.chmod(0o644)
    keep(tmp_path, PasswordStore(file="deep/phones.json"), ONE, TWO)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found == {"extensions": {"8009": {"password": "old"}, **BOTH["extensions"]}, "note": "ours"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (tmp_path / ".reconciler").exists()


@pytest.mark.parametrize("content", ["", "[]", "no json", '{"extensions": []}', '{"extensions": null}'])
def test_a_file_that_holds_something_else(tmp_path: Path, content: str) -> None:
    """It is not overwritten: the password goes to the default file, and the error says so without the password."""
    (tmp_path / "notes.txt").write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match=r"8001 are in .*acme\.json") as caught:
        keep(tmp_path, PasswordStore(file="notes.txt"), ONE)
    assert ONE.password not in str(caught.value) + caught.value.remedy
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == content
    assert ONE.password in (tmp_path / ".reconciler/secrets/acme.json").read_text(encoding="utf-8")


def test_age(tmp_path: Path) -> None:
    """One encrypted entry is appended per password; each recipient can read it, and the file alone tells nothing."""
    identities = [pyrage.x25519.Identity.generate() for _ in range(2)]
    where = PasswordStore(age="phones.age", recipients=tuple(str(item.to_public()) for item in identities))
    keep(tmp_path, where, ONE)
    keep(tmp_path, where, TWO)
    path = tmp_path / "phones.age"
    for identity in identities:
        assert entries(path, identity) == [
            {"extension": "8001", "password": "pa55-8001", "number": "00018001"},
            {"extension": "8002", "password": "pa55-8002", "number": "00018002"},
        ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "phones.age" == "".join(files(tmp_path))


def test_age_for_nobody(tmp_path: Path) -> None:
    """A recipient that is none sends the password to the default file."""
    with pytest.raises(StoreError, match=r"no age public key.*8001 are in"):
        keep(tmp_path, PasswordStore(age="phones.age", recipients=("age1nobody",)), ONE)
    assert {".reconciler/.gitignore", ".reconciler/secrets/acme.json"} == files(tmp_path).keys()


def test_age_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install, and the password is safe."""
    monkeypatch.setitem(sys.modules, "pyrage", None)
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    with pytest.raises(StoreError, match=r"pip install 'reconciler\[age\]'"):
        keep(tmp_path, PasswordStore(age="phones.age", recipients=(recipient,)), ONE)
    assert (tmp_path / ".reconciler/secrets/acme.json").exists()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("/nowhere/at/all",), "could not take"),
        ((sys.executable, "-c", "raise SystemExit(7)"), "ended with 7"),
        ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), "ended with -9"),
        ((".",), "could not take"),
    ],
)
def test_a_command_that_fails(tmp_path: Path, command: tuple[str, ...], says: str) -> None:
    """Whatever goes wrong with it, the passwords are in the default file, and the error says where."""
    with pytest.raises(StoreError, match=says) as caught:
        keep(tmp_path, PasswordStore(command=command), ONE, TWO)
    assert "pa55" not in str(caught.value) + caught.value.remedy
    assert json.loads((tmp_path / ".reconciler/secrets/acme.json").read_text(encoding="utf-8")) == BOTH


def test_a_command_that_fails_half_way(tmp_path: Path) -> None:
    """What it took is not written elsewhere, the rest is in the default file, and the error says which are where."""
    takes = "import sys, json; sys.exit(json.load(sys.stdin)['extension'] == '8002')"
    command = (sys.executable, "-c", takes)
    three = OneTimePassword(extension="8003", password="pa55-8003")
    with pytest.raises(
        StoreError, match=r"passwords of 8002, 8003 are in .*acme\.json; those of 8001 were taken by"
    ) as caught:
        keep(tmp_path, PasswordStore(command=command), ONE, TWO, three)
    assert "pa55" not in str(caught.value) + caught.value.remedy
    stored = json.loads((tmp_path / ".reconciler/secrets/acme.json").read_text(encoding="utf-8"))
    assert ["8002", "8003"] == sorted(stored["extensions"])


def test_a_command_that_leaves_a_child_behind(tmp_path: Path) -> None:
    """It has ended when it has ended, whoever still holds its outputs open."""
    stays = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)"
    keep(tmp_path, PasswordStore(command=(sys.executable, "-c", f"{stays}; import os; os._exit(0)")), ONE)


def test_a_command_that_does_not_read(tmp_path: Path) -> None:
    """A program may end well without reading what it is given."""
    keep(tmp_path, PasswordStore(command=(sys.executable, "-c", "")), ONE)
    assert {} == files(tmp_path)


def test_nowhere_to_go(tmp_path: Path) -> None:
    """Where nothing can be written the error says that the password is lost, and what to do about it."""
    (tmp_path / ".reconciler").write_text("", encoding="utf-8")
    for where in (PasswordStore(), PasswordStore(file="/dev/null/x"), PasswordStore(command=("/nowhere",))):
        with pytest.raises(StoreError) as caught:
            keep(tmp_path, where, ONE)
        assert "delete those extensions and apply again" in caught.value.remedy
        assert ONE.password not in str(caught.value) + caught.value.remedy


def test_stored_before_the_next_call(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A command gets one JSON object on its input, in the configuration's folder, before the extension is bound."""
    (tmp_path / "takes.py").write_text(TAKES, encoding="utf-8")
    program = json.dumps([sys.executable, "takes.py", tenant.url, "--for", "phones"])
    path = configure(
        tmp_path / "acme.yaml", tenant, f"secrets: {{extension_passwords: {{command: {program}}}}}\n{BODY}"
    )
    done = command.ok("-vv", "apply", path, "--yes")
    (taken,) = [json.loads(line) for line in (tmp_path / "taken.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"extension", "password", "number", "writes", "arguments"} == taken.keys()
    assert ("8001", ["--for", "phones"]) == (taken["extension"], taken["arguments"])
    assert "POST /ccapi/v2/extensions" in taken["writes"]
    assert "POST /ccapi/v2/agents/extensions" not in taken["writes"]
    assert taken["password"] not in done.out + done.err
    assert not (tmp_path / ".reconciler" / "secrets").exists()


def test_a_command_that_refuses_stops_the_run(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """A non-zero exit is a 4: the extension is there, its password is safe, and nothing more is started."""
    program = json.dumps([sys.executable, "-c", "raise SystemExit(3)"])
    path = configure(
        tmp_path / "acme.yaml",
        tenant,
        f'secrets: {{extension_passwords: {{command: {program}}}}}\nextensions: ["8001"]\n',
    )
    for form, number in (("text", "8001"), ("json", "8002")):
        done = command("apply", path, "--yes", "--format", form, "--set", f'extensions=["{number}"]')
        assert done.code == 4
        assert "acme.json" in done.out
        assert "ended with 3" in done.out
    stored = json.loads((tmp_path / ".reconciler/secrets/acme.json").read_text(encoding="utf-8"))
    assert ["8001", "8002"] == sorted(stored["extensions"])
    assert all(item["password"] not in done.out + done.err for item in stored["extensions"].values())


def test_an_extension_that_the_system_chooses(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """`extensions: auto`: the password of whichever it is arrives as well."""
    body = "agents: {li: {id: '1', work_id: '1', name: Li, extensions: auto}}\n"
    command.ok("apply", configure(tmp_path / "acme.yaml", tenant, body), "--yes")
    (bound,) = tenant.state()["sections"]["agents"]["1"]["extensions"]
    stored = json.loads((tmp_path / ".reconciler/secrets/acme.json").read_text(encoding="utf-8"))
    assert [bound] == list(stored["extensions"])
    assert stored["extensions"][bound]["password"]


def test_many_at_once(command: Commands, tenant: Simulator, tmp_path: Path) -> None:
    """Answers that arrive side by side lose no password."""
    numbers = [str(8000 + number) for number in range(40)]
    path = configure(tmp_path / "acme.yaml", tenant, f"extensions: {json.dumps(numbers)}\n")
    command.ok("apply", path, "--yes")
    stored = json.loads((tmp_path / ".reconciler/secrets/acme.json").read_text(encoding="utf-8"))
    assert numbers == sorted(stored["extensions"])


def test_no_secret_anywhere(command: Commands, tmp_path: Path) -> None:
    """With all logs on, a whole run leaves credentials, signatures and passwords in no output and in no file."""
    with simulator(faults=[{"kind": "refused", "method": "POST", "api": "queues", "code": "000001"}]) as running:
        path = configure(tmp_path / "acme.yaml", running)
        said = ""
        for arguments in (
            ("validate", path),
            ("plan", path, "--out", str(tmp_path / "plan.json")),
            ("apply", path, "--yes"),
            ("apply", path, "--yes", "--format", "json"),
            ("fetch", path, "--out", str(tmp_path / "live.json")),
            ("plan", path, "--live", str(tmp_path / "live.json"), "--format", "json"),
            ("drift", path, "--format", "json"),
            ("apply", str(tmp_path / "plan.json")),
            ("plan", path, "--set", "provider.base_url=http://127.0.0.1:9"),
        ):
            for form in ("text", "json"):
                done = command("-vv", "--log-format", form, *arguments)
                said += done.out + done.err
        store = tmp_path / ".reconciler" / "secrets" / "acme.json"
        given = [item["password"] for item in json.loads(store.read_text(encoding="utf-8"))["extensions"].values()]
        assert len(given) == 1
        left = files(tmp_path)
        del left[".reconciler/secrets/acme.json"]
        assert {"acme.yaml", ".reconciler/.gitignore", ".reconciler/state.db", "plan.json", "live.json"} == left.keys()
        everything = said.encode() + b"".join(left.values())
        for secret in (SID, AUTH_TOKEN, *given):
            assert secret.encode() not in everything
        assert not re.search(rb"Sign=|[?&]Sid=|\b[0-9a-f]{40}\b", everything)


def test_a_default_file_that_can_t_be_read_is_moved_aside(tmp_path: Path) -> None:
    """Neither what it held nor the new password is lost."""
    folder = tmp_path / ".reconciler" / "secrets"
    folder.mkdir(parents=True)
    (folder / "acme.json").write_text('{"extensions": {"8001"', encoding="utf-8")
    given = [OneTimePassword(extension="8002", password="p-8002", number="1")]
    where = passwords.keep(given, PasswordStore(), root=str(tmp_path), contact_center="acme")
    assert {"8002": {"password": "p-8002", "number": "1"}} == json.loads(Path(where).read_text())["extensions"]
    assert '{"extensions": {"8001"' == (folder / "acme.json.unreadable").read_text(encoding="utf-8")


def test_what_was_moved_aside_stays(tmp_path: Path) -> None:
    """A second file that can't be read does not take the first one's place."""
    folder = tmp_path / ".reconciler" / "secrets"
    folder.mkdir(parents=True)
    for content in ("first", "second", "[" * 100_000):
        (folder / "acme.json").write_text(content, encoding="utf-8")
        keep(tmp_path, PasswordStore(), ONE)
    left = {name: content[:6] for name, content in files(folder).items() if name != "acme.json"}
    assert {
        "acme.json.unreadable": b"first",
        "acme.json.unreadable-2": b"second",
        "acme.json.unreadable-3": b"[" * 6,
    } == left


def test_a_link_stays_one(tmp_path: Path) -> None:
    """A file that somebody put elsewhere is written where it is; one in a circle is no file."""
    (tmp_path / "vault").mkdir()
    (tmp_path / "phones.json").symlink_to("vault/phones.json")
    for given in (ONE, TWO):
        keep(tmp_path, PasswordStore(file="phones.json"), given)
    assert (tmp_path / "phones.json").is_symlink()
    target = tmp_path / "vault" / "phones.json"
    assert (BOTH, 0o600) == (json.loads(target.read_text(encoding="utf-8")), stat.S_IMODE(target.stat().st_mode))
    (tmp_path / "round.json").symlink_to("round.json")
    keep(tmp_path, PasswordStore(file="round.json"), ONE)
    assert ONE.password in (tmp_path / "round.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["file", "age"])
@pytest.mark.parametrize("what", ["pipe", "folder", "device"])
def test_what_is_no_file(tmp_path: Path, kind: str, what: str) -> None:
    """A pipe might never end, a folder can't be written: the password goes to the default file."""
    path = tmp_path / "phones"
    match what:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to("/dev/null")
    recipients = (str(pyrage.x25519.Identity.generate().to_public()),)
    where = PasswordStore(age="phones", recipients=recipients) if kind == "age" else PasswordStore(file="phones")
    with pytest.raises(StoreError, match=r"it is no file; the passwords of 8001 are in .*acme\.json"):
        keep(tmp_path, where, ONE)
    assert ONE.password in (tmp_path / ".reconciler/secrets/acme.json").read_text(encoding="utf-8")


def test_a_folder_that_may_not_be_written() -> None:
    """The password is in the default file, and the error says so; where that can't be written either, it is lost."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "shut").mkdir()
        (root / ".reconciler" / "secrets").mkdir(parents=True)
        nobody = 65534 if os.geteuid() == 0 else os.geteuid()
        for path in (root, root / "shut", root / ".reconciler", root / ".reconciler" / "secrets"):
            os.chown(path, nobody, -1)
        (root / "shut").chmod(0o500)
        mine = os.geteuid()
        os.seteuid(nobody)
        try:
            with pytest.raises(StoreError, match=r"Permission denied.*8001 are in .*acme\.json"):
                keep(root, PasswordStore(file="shut/phones.json"), ONE)
            assert [] == list((root / "shut").iterdir())
            (root / ".reconciler" / "secrets").chmod(0o500)
            with pytest.raises(StoreError, match=r"can't be written either.*Permission denied") as caught:
                keep(root, PasswordStore(file="shut/phones.json"), TWO)
            assert "passwords of 8002 are lost" in caught.value.remedy
        finally:
            os.seteuid(mine)
            (root / ".reconciler" / "secrets").chmod(0o700)
        assert ["8001"] == list(json.loads((root / ".reconciler/secrets/acme.json").read_text())["extensions"])


FULL: Final = """
import resource, sys
from pathlib import Path
from reconciler.model.desired import PasswordStore
from reconciler.model.errors import StoreError
from reconciler.model.outcome import OneTimePassword
from reconciler.store import passwords
resource.setrlimit(resource.RLIMIT_FSIZE, (900, resource.RLIM_INFINITY))
where = PasswordStore(**eval(sys.argv[2]))
given = [OneTimePassword(extension=f"81{n:02}", password=f"pa55-{n}", number="1") for n in range(40)]
try:
    passwords.keep(given, where, root=sys.argv[1], contact_center="acme")
except StoreError as error:
    print(error, error.remedy)
"""


@pytest.mark.parametrize("kind", ["default", "file", "age"])
def test_a_disk_that_is_full(tmp_path: Path, kind: str) -> None:
    """What was there before is there still, whole; nothing half written is left; the error names what is lost."""
    identity = pyrage.x25519.Identity.generate()
    settings: dict[str, dict[str, Any]] = {
        "default": {},
        "file": {"file": "phones"},
        "age": {"age": "phones", "recipients": (str(identity.to_public()),)},
    }
    setting = settings[kind]
    keep(tmp_path, PasswordStore(**setting), ONE)
    before = files(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), repr(setting)],
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    assert "delete those extensions and apply again" in done.stdout, done
    assert "File too large" in done.stdout
    assert "8100, 8101" in done.stdout
    assert "pa55" not in done.stdout
    assert before == {name: content for name, content in files(tmp_path).items() if name in before}
    assert {".reconciler/.gitignore"} >= files(tmp_path).keys() - before.keys()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 900


def test_an_entry_that_a_power_cut_left_half(tmp_path: Path) -> None:
    """The next age entry begins on a line of its own, so that it can be read."""
    identity = pyrage.x25519.Identity.generate()
    where = PasswordStore(age="phones.age", recipients=(str(identity.to_public()),))
    keep(tmp_path, where, ONE)
    path = tmp_path / "phones.age"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:90])
    keep(tmp_path, where, TWO)
    assert path.read_bytes().startswith(whole + whole[:90] + b"\n-----BEGIN AGE")
