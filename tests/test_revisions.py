"""Reading a configuration at a git revision: everything that git has, and nothing of what a repository may do."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from reconciler.model.errors import ReconcilerError
from reconciler.revisions import Checkout, checkout, repository_of, wanted
from tests.repositories import ENVIRON, commit, git, repository

YAML: Final = "version: 1\n"


def files_at(path: Path, rev: str, *overlays: str, everything: bool = False) -> dict[str, bytes]:
    """Read the files that a configuration has at a revision, by their names in the repository."""
    found = repository_of(str(path), ENVIRON)
    with checkout(found, found.commit(rev), wanted(found, str(path), overlays)) as files:
        if everything:
            files.write_all()
        else:
            files.write()
        here = Path(files.folder, str(files._turn))  # noqa: SLF001 - what is really on the disk
        return {
            item.relative_to(here).as_posix(): item.read_bytes()
            for item in sorted(here.rglob("*"))
            if item.is_file() and not item.is_symlink()
        }


def refused(path: Path, rev: str = "HEAD", environ: Mapping[str, str] = ENVIRON) -> str:
    """Have a revision refused; give what is said and what to do."""
    with pytest.raises(ReconcilerError) as raised:  # noqa: PT012 - each of these steps may refuse it
        found = repository_of(str(path), environ)
        with checkout(found, found.commit(rev), wanted(found, str(path), ())) as files:
            files.write()
    return f"{raised.value} {raised.value.remedy}"


def test_the_files_of_a_folder_are_read_as_they_were(tmp_path: Path) -> None:
    """What was committed is there, whatever the work tree and the index hold by now."""
    root = repository(tmp_path / "r", {"conf/a.yaml": "a: 1\n", "conf/b/c.yml": "c: 1\n", "other.yaml": "x: 1\n"})
    (root / "conf/a.yaml").write_text("a: 2\n")
    (root / "conf/new.yaml").write_text("new: 1\n")
    git(root, "add", "conf/new.yaml")
    assert {"conf/a.yaml": b"a: 1\n", "conf/b/c.yml": b"c: 1\n"} == files_at(root / "conf", "HEAD")
    assert "a: 2\n" == (root / "conf/a.yaml").read_text()


def test_only_what_the_yaml_seems_to_name_is_read_at_first(tmp_path: Path) -> None:
    """A large file that nobody names costs nothing; `write_all` reads it, too."""
    root = repository(
        tmp_path / "r",
        {
            "a.yaml": "x: {path: v/hello.wav}\ny: ${file:text.txt}\n",
            "v/hello.wav": b"RIFF",
            "text.txt": "t",
            "big": b"b",
        },
    )
    assert {"a.yaml", "v/hello.wav", "text.txt"} == files_at(root, "HEAD").keys()
    assert {"a.yaml", "v/hello.wav", "text.txt", "big"} == files_at(root, "HEAD", everything=True).keys()


def test_a_single_file_has_what_it_names_beside_it(tmp_path: Path) -> None:
    """Of the folder around a single file no other YAML is read."""
    root = repository(tmp_path / "r", {"c/a.yaml": "x: {path: hello.wav}\n", "c/hello.wav": b"R", "c/b.yaml": YAML})
    assert {"c/a.yaml", "c/hello.wav"} == files_at(root / "c/a.yaml", "HEAD").keys()


def test_names_may_be_anything_that_git_takes(tmp_path: Path) -> None:
    """A line end, a leading dash, a colon, quotes and CJK text in names, and a folder that looks like an option."""
    names = {"-x/--output=a.yaml", "-x/客服.yaml", "-x/a\nb.yaml", '-x/"q".yaml', "-x/:(top).yaml", "-x/*.yaml"}
    root = repository(tmp_path / "r", dict.fromkeys(names, YAML))
    assert names == files_at(root / "-x", "HEAD").keys()


def test_what_a_repository_may_have_run_or_hidden_has_no_effect(tmp_path: Path) -> None:
    """Filters, attributes that leave files out of archives, and hooks: nothing is run, and nothing is hidden."""
    root = repository(
        tmp_path / "r",
        {
            ".gitattributes": "*.yaml export-ignore filter=evil text eol=crlf ident\n",
            "a.yaml": "a: $Id$\n",
        },
    )
    marker = tmp_path / "marker"
    for name in ("filter.evil.smudge", "filter.evil.process", "core.fsmonitor", "core.sshCommand", "core.pager"):
        git(root, "config", name, f"touch {marker}")
    hook = root / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    raw = git(root, "rev-parse", "HEAD:a.yaml")
    found = files_at(root, "HEAD")["a.yaml"]
    assert raw == hashlib.sha1(b"blob %d\0%s" % (len(found), found), usedforsecurity=False).hexdigest()
    assert not marker.exists()


@pytest.mark.parametrize(
    "rev", ["--output=x", "-x", "", "a b", "a\nb", "x" * 600, "HEAD..HEAD", "nowhere", "HEAD:a.yaml"]
)
def test_what_is_no_revision_is_refused(tmp_path: Path, rev: str) -> None:
    """No revision is ever taken for an option, and a file is none; a sentence says so."""
    root = repository(tmp_path / "r", {"a.yaml": YAML})
    assert "revision" in refused(root, rev)
    assert [] == [item.name for item in tmp_path.iterdir() if item.name == "x"]


def test_a_name_that_only_the_remote_has_is_told(tmp_path: Path) -> None:
    """A pipeline's clone has origin/main and no main."""
    root = repository(tmp_path / "r", {"a.yaml": YAML})
    git(root, "update-ref", "refs/remotes/origin/trunk", "HEAD")
    assert "Did you mean origin/trunk?" in refused(root, "trunk")


def test_a_shallow_clone_without_the_revision_says_what_to_do(tmp_path: Path) -> None:
    """The usual trouble of pipelines, with the setting that mends it."""
    root = repository(tmp_path / "r", {"a.yaml": YAML})
    old = git(root, "rev-parse", "HEAD")
    commit(root, {"a.yaml": "version: 2\n"})
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "clone")
    said = refused(tmp_path / "clone", old)
    assert "fetch-depth: 0" in said


def test_what_is_no_repository_says_so(tmp_path: Path) -> None:
    """No repository, one without a work tree, no git at all: a sentence each."""
    (tmp_path / "plain").mkdir()
    ceiling = ENVIRON | {"GIT_CONFIG_NOSYSTEM": "1"}
    assert "no git repository" in refused(tmp_path / "plain", environ=ceiling)
    git(tmp_path, "init", "--quiet", "--bare", "bare")
    assert "without a work tree" in refused(tmp_path / "bare")
    assert "not installed" in refused(tmp_path / "plain", environ={"PATH": str(tmp_path)})


def test_a_folder_that_pretends_to_be_a_repository_is_not_believed(tmp_path: Path) -> None:
    """A pull request may bring a folder that looks like a bare repository, with settings that run programs."""
    root = repository(tmp_path / "r", {"conf/a.yaml": YAML})
    git(root, "init", "--quiet", "--bare", "conf/evil")
    marker = tmp_path / "marker"
    git(root / "conf/evil", "config", "core.fsmonitor", f"touch {marker}")
    assert "work tree" in refused(root / "conf/evil")
    assert not marker.exists()


def test_variables_that_lead_git_elsewhere_are_not_passed_on(tmp_path: Path) -> None:
    """A hook sets GIT_DIR and GIT_INDEX_FILE; the repository is the one that the path lies in all the same."""
    root = repository(tmp_path / "r", {"a.yaml": "a: mine\n"})
    other = repository(tmp_path / "o", {"a.yaml": "a: other\n"})
    environ = ENVIRON | {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "GIT_INDEX_FILE": "nowhere"}
    found = repository_of(str(root), environ)
    assert str(root.resolve()) == found.root
    with checkout(found, found.commit("HEAD"), wanted(found, str(root), ())) as files:
        files.write()
        assert "a: mine\n" == Path(files.path, "a.yaml").read_text()


def test_a_path_that_the_revision_lacks_is_no_error(tmp_path: Path) -> None:
    """Then all of it is new."""
    root = repository(tmp_path / "r", {"a.yaml": YAML})
    (root / "conf").mkdir()
    found = repository_of(str(root / "conf"), ENVIRON)
    with checkout(found, found.commit("HEAD"), wanted(found, str(root / "conf"), ())) as files:
        assert not files.there


def test_links_come_last_and_lead_nowhere_else(tmp_path: Path) -> None:
    """A link stays a link; nothing is written through one, and a configuration that is one is refused."""
    root = repository(tmp_path / "r", {"conf/a.yaml": "x: ${file:b.txt}\n", "conf/b.txt": "b"})
    (root / "conf/out.yaml").symlink_to("/etc/hostname")
    (root / "conf/in.yaml").symlink_to("b.txt")
    (root / "linked").symlink_to("conf")
    commit(root, {})
    found = repository_of(str(root / "conf"), ENVIRON)
    with checkout(found, found.commit("HEAD"), wanted(found, str(root / "conf"), ())) as files:
        files.write()
        assert "/etc/hostname" == str(Path(files.path, "out.yaml").readlink())
        assert "b" == Path(files.path, "in.yaml").read_text()
    with checkout(found, found.commit("HEAD"), wanted(found, str(root / "linked"), ())) as files:
        assert "conf" == files.wanted.path
    git(root, "rm", "--quiet", "-r", "--cached", "conf")
    git(root, "commit", "--quiet", "-m", "x")


def test_a_path_that_leaves_its_repository_through_a_link_is_refused(tmp_path: Path) -> None:
    """A pull request must not make a path of the repository mean another place of the runner's disk."""
    other = repository(tmp_path / "other", {"a.yaml": YAML})
    root = repository(tmp_path / "r", {"a.yaml": YAML})
    (root / "conf").symlink_to(other)
    assert "symbolic link" in refused(root / "conf")
    (tmp_path / "plain.yaml").write_text(YAML)
    (root / "over.yaml").symlink_to(tmp_path / "plain.yaml")
    found = repository_of(str(root), ENVIRON)
    with pytest.raises(ReconcilerError, match="symbolic link"):
        wanted(found, str(root), (str(root / "over.yaml"),))


def test_a_tree_that_names_places_outside_is_refused(tmp_path: Path) -> None:
    """Git itself never makes such a tree, and a hostile one can be pushed."""
    root = repository(tmp_path / "r", {"a.yaml": YAML})
    blob = git(root, "rev-parse", "HEAD:a.yaml")
    inner = git(root, "mktree", data=f"100644 blob {blob}\tevil.yaml\n".encode())
    raw = b"40000 ..\0" + bytes.fromhex(inner)
    tree = git(root, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=raw)
    bad = git(root, "commit-tree", tree, "-m", "evil")
    assert "never takes" in refused(root, bad)
    assert not (tmp_path / "evil.yaml").exists()


def test_a_link_and_a_folder_of_one_name_write_nothing_outside(tmp_path: Path) -> None:
    """A tree may hold both; nothing lands behind the link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    root = repository(tmp_path / "r", {"a.yaml": "x: ${file:evil.yaml}\n"})
    blob = git(root, "rev-parse", "HEAD:a.yaml")
    link = git(root, "hash-object", "-w", "--stdin", data=str(outside).encode())
    inner = git(root, "mktree", data=f"100644 blob {blob}\tevil.yaml\n120000 blob {link}\tln\n".encode())
    raw = (
        b"".join(mode + b" sub\0" + bytes.fromhex(name) for mode, name in ((b"120000", link), (b"40000", inner)))
        + b"100644 z.yaml\0"
        + bytes.fromhex(blob)
    )
    tree = git(root, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=raw)
    bad = git(root, "commit-tree", tree, "-m", "evil")
    files_at(root, bad)
    files_at(root, bad, everything=True)
    assert [] == list(outside.iterdir())


def test_a_large_file_is_passed_on_in_pieces(tmp_path: Path) -> None:
    """What is read is what was committed, byte for byte."""
    data = os.urandom(3 * 1024 * 1024 + 17)
    root = repository(tmp_path / "r", {"a.yaml": "x: {path: big.wav}\n", "big.wav": data})
    assert data == files_at(root, "HEAD")["big.wav"]


def test_what_git_lfs_keeps_is_put_in_where_it_is_here(tmp_path: Path) -> None:
    """From its store or the work tree, by its digest; where it is nowhere, a note says how to get it."""
    kept, local, lost = b"RIFF kept", b"RIFF local", b"RIFF lost"

    def pointer(data: bytes) -> bytes:
        digest = hashlib.sha256(data).hexdigest()
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(data)}\n".encode()

    names = {"kept.wav": pointer(kept), "local.wav": pointer(local), "lost.wav": pointer(lost)}
    root = repository(
        tmp_path / "r", {"a.yaml": "x: [{path: kept.wav}, {path: local.wav}, {path: lost.wav}]\n", **names}
    )
    digest = hashlib.sha256(kept).hexdigest()
    store = root / ".git/lfs/objects" / digest[:2] / digest[2:4]
    store.mkdir(parents=True)
    (store / digest).write_bytes(kept)
    (root / "local.wav").write_bytes(local)
    found = repository_of(str(root), ENVIRON)
    with checkout(found, found.commit("HEAD"), wanted(found, str(root), ())) as files:
        files.write()
        assert kept == Path(files.path, "kept.wav").read_bytes()
        assert local == Path(files.path, "local.wav").read_bytes()
        assert ["git lfs fetch" in note for note in files.notes] == [True]


def test_submodules_are_told_and_left_alone(tmp_path: Path) -> None:
    """Of another repository only the revision is known."""
    root = repository(tmp_path / "r", {"a.yaml": YAML})
    head = git(root, "rev-parse", "HEAD")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    git(root, "commit", "--quiet", "-m", "sub")
    found = repository_of(str(root), ENVIRON)
    with checkout(found, found.commit("HEAD"), wanted(found, str(root), ())) as files:
        files.write()
        assert ["sub is a submodule, and is not looked into."] == files.notes


def test_overlays_come_from_the_revision(tmp_path: Path) -> None:
    """One in the repository is read there; one elsewhere stays what it is."""
    root = repository(tmp_path / "r", {"conf/a.yaml": YAML, "env/prod.yaml": "old: 1\n"})
    (root / "env/prod.yaml").write_text("new: 1\n")
    outside = tmp_path / "outside.yaml"
    outside.write_text(YAML)
    found = repository_of(str(root / "conf"), ENVIRON)
    overlays = (str(root / "env/prod.yaml"), str(outside))
    with checkout(found, found.commit("HEAD"), wanted(found, str(root / "conf"), overlays)) as files:
        files.write()
        first, second = files.overlays
        assert "old: 1\n" == Path(first).read_text()
        assert str(outside) == second
        assert str(root / "env/prod.yaml") == files.told(first)


def like(path: Path) -> bool:
    """Whether the work tree counts as the same as the last commit."""
    found = repository_of(str(path), ENVIRON)
    with checkout(found, found.commit("HEAD"), wanted(found, str(path), ())) as files:
        made: Checkout = files
        return made.like_work_tree()


def test_only_the_very_same_files_count_as_the_same(tmp_path: Path) -> None:
    """One byte, one file more or less, one prompt's content: then it must be looked at."""
    root = repository(tmp_path / "r", {"c/a.yaml": "x: {path: my file.wav}\n", "c/my file.wav": b"1", "c/n.txt": b"n"})
    assert like(root / "c")
    assert like(root / "c/a.yaml")
    (root / "c/my file.wav").write_bytes(b"2")
    assert not like(root / "c")
    (root / "c/my file.wav").write_bytes(b"1")
    (root / "c/new.yml").write_bytes(b"")
    assert not like(root / "c")
    (root / "c/new.yml").rename(root / "c/.hidden.yml")
    assert like(root / "c")
    (root / "c/a.yaml").write_bytes(b"x: {path: my file.waw}\n")
    assert not like(root / "c")


def test_the_private_folder_is_private_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else may look into it, and nothing is left of it, also after an error."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    root = repository(tmp_path / "r", {"a.yaml": YAML})
    found = repository_of(str(root), ENVIRON)
    seen = []
    with pytest.raises(KeyError):  # noqa: PT012, SIM117 - the error comes from within
        with checkout(found, found.commit("HEAD"), wanted(found, str(root), ())) as files:
            files.write()
            seen.append(Path(files.folder).stat().st_mode & 0o777)
            raise KeyError
    assert [0o700] == seen
    assert ["r"] == [item.name for item in tmp_path.iterdir()]
