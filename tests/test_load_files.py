"""Finding and reading the files of a configuration."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from reconciler.load import limits
from tests.configurations import HEAD, WAV, codes, loaded, texts, write


def test_a_folder_is_read_recursively_and_in_sorted_order(tmp_path: Path) -> None:
    """Any file may hold any part; entries come in the order of the files' names, folder by folder."""
    write(
        tmp_path,
        {
            "b/2.yml": "queues: {c: {id: 9003}}\n",
            "a.yaml": HEAD + "queues: {a: {id: 9001}}\n",
            "b/1.yaml": "queues: {b: {id: 9002}}\n",
            "b.txt": "no yaml: [",
        },
    )
    result = loaded(tmp_path)
    assert result.desired is not None, texts(result)
    assert ["a", "b", "c"] == list(result.desired.of("queues"))
    places = [entry.source for entry in result.desired.of("queues").values()]
    assert ["a.yaml", "b/1.yaml", "b/2.yml"] == [place.file for place in places if place]


def test_hidden_files_and_folders_are_skipped(tmp_path: Path) -> None:
    """What begins with a dot is not ours; a configuration inside of a hidden folder is."""
    root = write(tmp_path / ".hidden", {"a.yaml": HEAD, ".b.yaml": "[", ".git/c.yaml": "["})
    assert [] == codes(loaded(root))


def test_a_single_file_may_have_any_name(tmp_path: Path) -> None:
    """A file is read by its name, and its folder is the configuration's folder."""
    write(tmp_path, {"tenant.conf": HEAD, "other.yaml": "["})
    result = loaded(tmp_path / "tenant.conf")
    assert result.desired is not None, texts(result)
    assert str(tmp_path) == result.desired.root


@pytest.mark.parametrize("path", ["missing", "", "a\0b", "a" * 5000])
def test_a_path_that_leads_nowhere_is_one_error(tmp_path: Path, path: str) -> None:
    """Without files there is one error, and no noise about what they lack."""
    result = loaded(f"{tmp_path}/{path}" if path else path)
    assert ["no-configuration"] == codes(result)


def test_a_folder_without_yaml_is_an_error(tmp_path: Path) -> None:
    """An empty folder is most likely the wrong one."""
    result = loaded(write(tmp_path, {"a.json": "{}"}))
    assert ["no-yaml"] == codes(result)


def test_one_error_does_not_hide_another_file_s(tmp_path: Path) -> None:
    """Files are read on after an error, and what the lost one may hold is not missed."""
    write(
        tmp_path,
        {"a.yaml": HEAD, "b.yaml": "queues: [", "c.yaml": "agents: {x: {id: 1, queues: [sales], timout: 1}}\n"},
    )
    assert ["yaml-syntax", "unknown-field"] == codes(loaded(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    """Only UTF-8 is read; the message says so."""
    write(tmp_path, {"a.yaml": (HEAD + "queues: {ü: {id: 9001}}\n").encode(encoding)})
    result = loaded(tmp_path)
    assert result.diagnostics.failed
    if encoding != "utf-16-le":  # without a mark it is UTF-8 with control characters
        assert ["not-utf-8"] == codes(result)


def test_the_byte_that_breaks_utf_8_is_named(tmp_path: Path) -> None:
    """Its offset and its line are said."""
    write(tmp_path, {"a.yaml": b"version: 1\nx: \xff\n"})
    assert "byte 14, in line 2, breaks it" in texts(loaded(tmp_path))


def test_the_byte_that_breaks_utf_8_is_shown(tmp_path: Path) -> None:
    """At its line and column, spelled out; control characters around it do no harm."""
    write(
        tmp_path, {"a.yaml": HEAD, "b.yaml": b"# \xc3\xa9\r\n\nqueues: {\xc3\xa9: {id: 9001, name: M\xfcller\x1b}}\n"}
    )
    (problem,) = loaded(tmp_path).diagnostics
    assert "not-utf-8" == problem.code
    assert problem.place is not None
    assert (3, 31, 4) == (problem.place.line, problem.place.column, problem.place.width)
    assert "queues: {é: {id: 9001, name: M\\xfcller\ufffd}}" == problem.place.excerpt


def test_a_secret_in_a_file_that_is_no_utf_8_stays_one(tmp_path: Path) -> None:
    """Also where the byte stands in it."""
    write(
        tmp_path, {"a.yaml": HEAD.replace("${env:UDESK_AUTH_TOKEN}", "hunter22").encode() + b"  password: hunt\xff9\n"}
    )
    result = loaded(tmp_path)
    assert ["not-utf-8"] == codes(result)
    assert "hunt" not in texts(result)
    assert "hunter22" in result.mask.secrets


def test_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    """UTF-8 with a mark is UTF-8, and columns count without it."""
    write(tmp_path, {"a.yaml": b"\xef\xbb\xbfversoin: 1\n" + HEAD.encode()})
    result = loaded(tmp_path)
    assert ["unknown-section"] == codes(result)
    place = result.diagnostics.items[0].place
    assert place is not None
    assert (1, 1, "versoin: 1") == (place.line, place.column, place.excerpt)


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    """A pipe would hang, a device would never end; a socket can't be opened."""
    write(tmp_path, {"a.yaml": HEAD})
    os.mkfifo(tmp_path / "pipe.yaml")
    server = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tmp_path)  # a socket's path has to be short
    try:
        server.bind("sock.yaml")
    finally:
        os.chdir(here)
        server.close()
    assert ["not-a-file", "unreadable-file"] == codes(loaded(tmp_path))
    assert ["not-a-file"] == codes(loaded(tmp_path / "pipe.yaml"))
    assert ["not-a-file"] == codes(loaded("/dev/null"))


def test_symlink_loops_end(tmp_path: Path) -> None:
    """A link to itself, to a folder around it, or to nothing is an error and no endless walk."""
    write(tmp_path, {"a.yaml": HEAD, "sub/b.yaml": "queues: {}\n"})
    (tmp_path / "self.yaml").symlink_to("self.yaml")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "gone.yaml").symlink_to("nothing")
    (tmp_path / "sub" / "up").symlink_to("..")
    assert sorted(["unreadable-file"] * 3 + ["link-loop"]) == sorted(codes(loaded(tmp_path)))


def test_links_stay_inside_the_folder(tmp_path: Path) -> None:
    """A pull request can't read the runner's disk through a link; links inside of the folder are fine."""
    outside = write(tmp_path / "outside", {"b.yaml": "secret: stuff\n"})
    root = write(tmp_path / "root", {"a.yaml": HEAD, ".data/q.yaml": "queues: {}\n"})
    (root / "q.yaml").symlink_to(".data/q.yaml")
    result = loaded(root)
    assert result.desired is not None, texts(result)
    assert result.desired.manages("queues")
    (root / "x.yaml").symlink_to(outside / "b.yaml")
    (root / "folder").symlink_to(outside)
    result = loaded(root)
    assert ["outside-folder", "outside-folder"] == codes(result)
    assert "stuff" not in texts(result)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    """Files and folders without permission are named."""
    write(tmp_path, {"a.yaml": HEAD, "b.yaml": "x", "c/d.yaml": "x"})
    (tmp_path / "b.yaml").chmod(0)
    (tmp_path / "c").chmod(0)
    try:
        assert ["unreadable-file", "unreadable-folder"] == codes(loaded(tmp_path))
    finally:
        (tmp_path / "c").chmod(0o700)


def test_names_that_are_no_utf_8_can_be_shown(tmp_path: Path) -> None:
    """Whatever a file is called, its errors can be printed."""
    write(tmp_path, {"a.yaml": HEAD})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff\n.yaml")).write_text("x: 1\n")
    result = loaded(tmp_path)
    assert ["unknown-section"] == codes(result)
    assert "b\\xff\\x0a.yaml:1:1" in texts(result)
    texts(result).encode("utf-8")


def test_large_files_are_refused_without_being_read(tmp_path: Path) -> None:
    """Over 32 MiB nothing is parsed."""
    write(tmp_path, {"a.yaml": HEAD})
    with (tmp_path / "b.yaml").open("wb") as file:
        file.truncate(50 * limits.MIB)
    assert ["huge-file"] == codes(loaded(tmp_path))


def test_all_files_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many files can't do what one may not."""
    write(tmp_path, {"a.yaml": HEAD, "b.yaml": "queues: {}", "c.yaml": "agents: {}"})
    monkeypatch.setattr(limits, "TOTAL_BYTES", len(HEAD) + 5)
    assert ["huge-configuration"] == codes(loaded(tmp_path))
    monkeypatch.undo()
    monkeypatch.setattr(limits, "FILES", 2)
    assert ["too-many-files"] == codes(loaded(tmp_path))


def test_all_values_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said once, however many files hold them."""
    agents = [", ".join(f"a{file}-{n}: {{id: {file}{n:03}}}" for n in range(300)) for file in range(6)]
    write(tmp_path, {"a.yaml": HEAD, **{f"b{n}.yaml": f"agents: {{{part}}}\n" for n, part in enumerate(agents)}})
    assert [] == codes(loaded(tmp_path))
    monkeypatch.setattr(limits, "NODES", 3000)
    assert ["too-many-values"] == codes(loaded(tmp_path))


def test_voice_files_are_fingerprinted(tmp_path: Path) -> None:
    """`path` is relative to the file that names it; what is kept is relative to the folder."""
    write(
        tmp_path,
        {"a.yaml": HEAD, "team/v.yaml": "voice_files: {w.wav: {path: ./snd/w.wav}}\n", "team/snd/w.wav": WAV},
    )
    result = loaded(tmp_path)
    assert result.desired is not None, texts(result)
    entry = result.desired.of("voice_files")["w.wav"]
    assert "team/snd/w.wav" == entry.resource.__dict__["path"]
    assert "e3b0c44298fc1c14" != entry.resource.__dict__["digest"]
    assert 16 == len(entry.resource.__dict__["digest"])
    assert frozenset({"path", "digest"}) == entry.written


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../out.wav", "outside-folder"),
        ("/etc/hostname", "outside-folder"),
        ("../no-such-thing", "outside-folder"),
        ("link.wav", "outside-folder"),
        ("missing.wav", "no-such-file"),
        ("folder", "not-a-file"),
        ("text.wav", "wrong-file"),
        ('"a\\0b"', "bad-path"),
        ("pipe.wav", "not-a-file"),
    ],
)
def test_voice_files_that_can_t_be_used(tmp_path: Path, path: str, code: str) -> None:
    """They stay inside of the folder, and have to be what they are called."""
    write(tmp_path, {"out.wav": WAV})
    root = write(
        tmp_path / "root",
        {"a.yaml": HEAD + f"voice_files:\n  w.wav: {{path: {path}}}\n", "text.wav": "hello", "folder/x": ""},
    )
    (root / "link.wav").symlink_to("../out.wav")
    os.mkfifo(root / "pipe.wav")
    assert [code] == codes(loaded(root))
