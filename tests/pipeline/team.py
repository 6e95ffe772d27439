"""A team with a contact center: its repository, the machine that its pipelines run on, and the tenant."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.conformance.vendor import Act, Vendor
from tests.pipeline.forge import TOKEN, Forge
from tests.pipeline.runner import ROOT, Runner
from tests.servers import Simulator, running

CENTER: Final = "contact-center"
NUMBER: Final = 7  # of the pull request


def programs(folder: Path) -> Path:
    """Make a folder with `reconciler`, `python3` and git's settings, as a machine has them on its path."""
    folder.mkdir(parents=True)
    for name, command in (("reconciler", '-P -m reconciler "$@"'), ("python3", '"$@"')):
        file = folder / name
        file.write_text(f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' {command}\n", encoding="utf-8")
        file.chmod(0o755)
    return folder


def machine(folder: Path) -> dict[str, str]:
    """Give the environment of a clean machine, with our programs on its path."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    path = f"{folder / 'bin'}:{os.environ.get('PATH', '')}"
    if not (folder / "bin").exists():
        programs(folder / "bin")
    names = {
        f"GIT_{kind}_{what}": value
        for kind in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ann Lee"), ("EMAIL", "ann@example.com"))
    }
    proxies = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", **proxies, **names}


@dataclass(frozen=True, kw_only=True)
class Team:
    """
    A repository whose folder `contact-center` describes the tenant at *url*.

    *environ* is a machine's; nothing of whoever runs the tests is in it.
    """

    folder: Path
    vendor: Vendor
    simulated: Simulator
    environ: Mapping[str, str]

    @property
    def repository(self) -> Path:
        """Where the team's repository lies; its work tree is somebody's desk."""
        return self.folder / "repository"

    @property
    def center(self) -> Path:
        """Where the configuration lies on that desk."""
        return self.repository / CENTER

    @property
    def store(self) -> str:
        """Give the store that all pipelines share."""
        return f"sqlite:///{self.folder / 'store' / 'state.db'}"

    def git(self, *arguments: str, where: Path | None = None) -> str:
        """Run git on the desk."""
        command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(
            command,
            cwd=where or self.repository,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def reconciler(self, *arguments: str, codes: Collection[int] = (0,)) -> str:
        """Run a command on the desk; give what it wrote to stdout."""
        done = subprocess.run(
            [str(self.folder / "bin" / "reconciler"), *arguments],
            cwd=self.repository,
            env={**self.environ, **self.vendor.environ, "RECONCILER_STATE": self.store},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode in codes, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def head(self) -> dict[str, Any]:
        """Give what a configuration begins with."""
        provider = self.vendor.provider(self.simulated.url, {})
        return {"version": 1, "contact_center": "acme-prod", "provider": provider}

    def write(self, act: Act, **more: Any) -> None:
        """Write the configuration anew: what an act of the vendor's story wishes."""
        shutil.rmtree(self.center, ignore_errors=True)
        self.center.mkdir()
        for name, content in act.files.items():
            (self.center / name).write_bytes(content)
        self.save("center.yaml", {**self.head(), **act.wish, **more})

    def save(self, name: str, document: Mapping[str, Any]) -> None:
        """Write one file of the configuration."""
        text = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)
        self.center.mkdir(parents=True, exist_ok=True)
        (self.center / name).write_text(text, encoding="utf-8")

    def commit(self, message: str) -> str:
        """Commit all of the desk; give the revision."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def begin(self) -> None:
        """Make the repository."""
        self.repository.mkdir(parents=True)
        (self.folder / "store").mkdir(exist_ok=True)
        self.git("init", "--quiet")

    def propose(self, branch: str = "change") -> str:
        """Merge a branch into main as the forge does to try a pull request; give the merge's revision."""
        self.git("checkout", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", "try it", branch)
        merged = self.git("rev-parse", "HEAD")
        self.git("update-ref", f"refs/pull/{NUMBER}/merge", merged)
        self.git("checkout", "--quiet", branch)
        return merged

    def merge(self, branch: str = "change") -> str:
        """Merge a branch; give main's revision."""
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", "merge it", branch)
        return self.git("rev-parse", "HEAD")

    def by_hand(self) -> None:
        """Have somebody change the tenant at the vendor's console, as the vendor's story has it."""
        sections = self.simulated.state()["sections"]
        dialect = next(iter(self.vendor.dialects.values()))
        for method, api, body in self.vendor.story.by_hand(sections, dialect):
            done = self.simulated.control("POST", "call", {"method": method, "api": api, "body": body})
            assert self.vendor.went_well(done["answer"]), done

    def clone(self, where: Path, revision: str, *, depth: int = 1) -> None:
        """Do what `actions/checkout` does: the newest *depth* revisions, and no branch."""
        self.git("init", "--quiet", str(where))
        source = f"file://{self.repository}"
        limit = [f"--depth={depth}"] if depth else []
        self.git("fetch", "--quiet", "--no-tags", *limit, source, revision, where=where)
        self.git("checkout", "--quiet", "--detach", "FETCH_HEAD", where=where)

    def runner(  # noqa: PLR0913 - what a run is about
        self,
        name: str,
        forge: Forge,
        *,
        event: str,
        revision: str,
        secrets: Mapping[str, str],
        fork: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> Runner:
        """Give a runner with an empty disk, for one event in the repository."""
        whose = "somebody/contact-center" if fork else "acme/contact-center"
        told: dict[str, Any] = {}
        if event == "pull_request":
            told = {"pull_request": {"number": NUMBER, "head": {"repo": {"full_name": whose}}}}
        ref = f"refs/pull/{NUMBER}/merge" if event == "pull_request" else "refs/heads/main"
        context = {
            "repository": "acme/contact-center",
            "event_name": event,
            "event": told,
            "ref": ref,
            "sha": revision,
            "token": TOKEN,
        }
        return Runner(
            folder=self.folder / name,
            environ={**self.environ, "GITHUB_API_URL": forge.url, **(environ or {})},
            checkout=self._checkout(revision),
            github=context,
            secrets=secrets,
        )

    def _checkout(self, revision: str) -> Callable[[Path, Mapping[str, str]], None]:
        def checkout(where: Path, given: Mapping[str, str]) -> None:
            assert "false" == given["persist-credentials"], "no later step needs the token"
            where.rmdir()
            self.clone(where, revision, depth=int(given.get("fetch-depth", "1")))

        return checkout

    def credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        """Give the secrets that workflows name, and what else a user puts into the environment."""
        named = {name: value for name, value in self.vendor.environ.items() if name.startswith("UDESK_")}
        others = {name: value for name, value in self.vendor.environ.items() if name not in named}
        return {**named, "RECONCILER_STATE": self.store}, others


@contextlib.contextmanager
def team_of(vendor: Vendor, folder: Path) -> Iterator[Team]:
    """Have a team with an empty repository, and a tenant that is older than it."""
    with running(vendor.face(vendor.story.before, (), time.time)) as simulated:
        found = Team(folder=folder, vendor=vendor, simulated=simulated, environ=machine(folder))
        found.begin()
        yield found
