"""`review`: what a git change means, without network and credentials."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import Commands, Done, real
from tests.configurations import WAV
from tests.repositories import commit, git, repository

HEAD: Final = """\
version: 1
contact_center: acme
provider:
  type: udesk
  base_url: https://acme.example.com
  app_id: a54a8b77
  sid: ${env:NOBODY_SETS_THIS}
  auth_token: ${env:NOR_THIS}
"""
BODY: Final = """\
queues:
  sales: {id: "9001", name: Sales, timeout: 60}
  support: {id: "9002", name: Support}
agents:
  li.wei: {id: "10031", work_id: "22024", name: Li Wei, extensions: ["8001"], queues: [sales]}
  ma.li: {id: "10032", work_id: "22025", name: Ma Li, extensions: ["8002"], queues: [sales, support]}
fast_routers:
  "1": {queue: sales, description: Sales}
  "2": {queue: support, description: Support}
"""


class Reviews:
    """Reviews changes of one configuration in a repository of its own."""

    def __init__(self, command: Commands, root: Path) -> None:
        self.command = command
        self.root = root

    def of(self, after: Mapping[str, str | bytes], before: Mapping[str, str | bytes] | None = None) -> dict[str, Any]:
        """Review a change of some files; *before* is what was committed."""
        return self.ran(after, before, "--format", "json").json  # type: ignore[no-any-return]

    def ran(self, after: Mapping[str, str | bytes], before: Mapping[str, str | bytes] | None, *arguments: str) -> Done:
        """Run the command on such a change."""
        repository(self.root, before if before is not None else {"conf/head.yaml": HEAD, "conf/body.yaml": BODY})
        for path in [path for path in (self.root / "conf").rglob("*") if path.is_file()]:
            path.unlink()
        for name, content in after.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.command("review", str(self.root / "conf"), "--base", "HEAD", *arguments)


@pytest.fixture
def reviews(command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reviews:
    """Give reviews in a folder of their own, without anybody's own git settings."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    return Reviews(command, tmp_path / "r")


def edited(*changes: tuple[str, str], head: str = HEAD) -> dict[str, str | bytes]:
    """Give the files with *changes* in the body: what stands there, and what is to stand there instead."""
    text = BODY
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return {"conf/head.yaml": head, "conf/body.yaml": text}


def changes(document: dict[str, Any], part: str = "changes") -> dict[str, tuple[str, str]]:
    """Give the actions and risks of what differs, by address."""
    return {item["address"]: (item["action"], item["risk"]) for item in document[part]}


SAME: Final = {
    "conf/other/name.yml": f"# A comment, another file.\n{HEAD.replace('a54a8b77', chr(39) + 'a54a8b77' + chr(39))}",
    "conf/z.yaml": """\
queues:
  "support":
    name: Support
    id: '9002'
  vente: {timeout: 60, id: "9001", "name": Sales}
""",
    "conf/y/x.yaml": """\
fast_routers: {"2": {description: Support, queue: support}, "1": &one {description: Sales, queue: "9001"}}
agents:
  ma.li:
    queues: [support, vente]
    extensions: &phones ["8002"]
    name: Ma Li
    work_id: "22025"
    id: "10032"
  li.wei: {queues: [vente], id: "10031", work_id: "22024", name: "Li\\x20Wei", extensions: ["8001"]}
""",
}


def test_yaml_written_otherwise_is_no_change(reviews: Reviews) -> None:
    """Moved, split, reordered, quoted, anchored, renamed in the files alone: all that means the same is the same."""
    done = reviews.ran(SAME, None, "--detailed-exitcode")
    assert 0 == done.code, done.err
    assert "No change in meaning." in done.out


def test_objects_and_fields_are_told_with_their_risk(reviews: Reviews) -> None:
    """What comes and what changes; names stand beside ids, and lines are those of the head."""
    found = reviews.of(
        edited(
            ("timeout: 60", "timeout: 90"),
            ("  li.wei:", '  new.one: {id: "10033", work_id: "1", name: New One, queues: [support]}\n  li.wei:'),
            ("queues: [sales, support]", "queues: [sales]"),
        )
    )
    assert {
        "queues/sales": ("update", "low"),
        "agents/ma.li": ("update", "medium"),
        "agents/new.one": ("create", "low"),
    } == changes(found)
    by_address = {item["address"]: item for item in found["changes"]}
    assert [{"path": "timeout", "before": 60, "after": 90}] == by_address["queues/sales"]["fields"]
    assert [{"path": "queues", "add": [], "remove": ["9002"]}] == by_address["agents/ma.li"]["fields"]
    assert {"file": "body.yaml", "line": 2, "column": 3} == by_address["queues/sales"]["source"]
    assert "Support" == found["names"]["queues/9002"]


def test_what_leaves_the_files_goes_only_where_prune_holds(reviews: Reviews) -> None:
    """Without `prune` it stays live and is no longer managed; a key of the table goes all the same."""
    without = edited(
        ("  li.wei:", "  # li.wei:"),
        ('  "2": {queue: support, description: Support}\n', ""),
        ("[sales, support]", "[sales]"),
    )
    found = reviews.of(without)
    assert ("delete", "high") == changes(found)["fast_routers/2"]
    assert {"agents/li.wei": ("delete", "low"), "extensions/8001": ("delete", "low")} == changes(found, "released")
    assert {"file": "body.yaml", "line": 5, "column": 3} == found["released"][-1]["source"]


def test_with_prune_it_is_deleted(reviews: Reviews) -> None:
    """So says the head's own `manage`; that deletions count against a limit is told."""
    head = HEAD + "manage: {agents: {prune: true}, extensions: {prune: true}}\nsafety: {max_deletes: 0}\n"
    before = edited(head=head)
    after = edited(("  li.wei:", "  # li.wei:"), head=head)
    found = reviews.of(after, before)
    assert {"agents/li.wei": ("delete", "medium"), "extensions/8001": ("delete", "medium")} == changes(found)
    assert any("--allow-deletes agents=1" in note for note in found["notes"])


def test_an_extension_that_the_vendor_is_to_make_is_told(reviews: Reviews) -> None:
    """`extensions: auto` is a wish: in place of a list, where nothing was said, and of a new agent."""
    new = '  new.one: {id: "10033", work_id: "1", name: New One, extensions: auto}\n  li.wei:'
    found = reviews.of(edited(('extensions: ["8002"]', "extensions: auto"), ("  li.wei:", new)))
    fields = {item["address"]: item["fields"] for item in found["changes"]}
    told = {address: {item["path"]: item["after"] for item in items} for address, items in fields.items()}
    assert {"extensions": None, "auto_extension": True} == told["agents/ma.li"]
    assert told["agents/new.one"]["auto_extension"] is True
    silent = edited((', extensions: ["8002"]', ""))
    before = {"conf/head.yaml": HEAD, **silent}
    done = reviews.ran(edited(('extensions: ["8002"]', "extensions: auto")), before, "--detailed-exitcode")
    assert 2 == done.code, "said or not is a difference"


def test_what_is_not_looked_into_is_said_of_both_sides(reviews: Reviews) -> None:
    """A submodule that only the reviewed revision has: nothing of it is read, and a reader is told so."""
    reviews.ran({"conf/head.yaml": HEAD, "conf/body.yaml": BODY}, None)
    git(reviews.root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},conf/more")
    git(reviews.root, "commit", "--quiet", "-m", "submodule")
    done = reviews.command("review", str(reviews.root / "conf"), "--base", "HEAD^", "--head", "HEAD")
    assert 1 == done.out.count("conf/more is a submodule, and is not looked into.")


def test_what_is_protected_by_its_name_in_the_files_is_told_to_lose_that(reviews: Reviews) -> None:
    """Its entry goes, or gets another name: nothing that an apply looks at is called so any more."""
    head = HEAD + "manage: {queues: {prune: true, protect: [support]}}\n"
    before = edited(head=head)
    gone = edited(
        ('  support: {id: "9002", name: Support}\n', ""),
        ("[sales, support]", "[sales]"),
        ('  "2": {queue: support, description: Support}\n', ""),
        head=head,
    )
    renamed = edited(("support", "other"), head=head)
    for after in (gone, renamed):
        (problem,) = [item for item in reviews.of(after, before)["warnings"] if item["code"] == "unprotected"]
        assert "Name 9002 in manage.queues.protect." == problem["remedy"]
    kept = edited(("support", "other"), head=head.replace("[support]", '[support, "9002"]'))
    assert [] == reviews.of(kept, edited(head=head.replace("[support]", '["9002"]')))["warnings"]


def test_a_field_that_the_files_leave_is_told_from_one_that_they_empty(reviews: Reviews) -> None:
    """`not managed` is another thing than a value."""
    found = reviews.of(edited((", timeout: 60", ""), ("name: Support}", "name: Support, timeout: 30}")))
    fields = {item["address"]: item["fields"][0] for item in found["changes"]}
    assert {
        "path": "timeout",
        "before": 60,
        "after": None,
        "managed": {"before": True, "after": False},
    } == fields["queues/sales"]
    assert fields["queues/support"]["managed"] == {"before": False, "after": True}


def test_a_queue_that_loses_its_last_agent_is_high_risk(reviews: Reviews) -> None:
    """And the key that leads there is named."""
    found = reviews.of(edited(("queues: [sales, support]", "queues: [sales]")), None)
    assert ("update", "high") == changes(found)["agents/ma.li"]
    assert ["queues/support will have nobody who answers, and fast_routers/2 leads callers there"] == [
        item["message"] for item in found["warnings"] if item["code"] == "left-alone"
    ]
    assert {"before", "after"} == found["routing"].keys()


SETTINGS: Final = (
    ("acme.example.com", "evil.example.com", "settings/provider", "high"),
    ("a54a8b77", "b54a8b77", "settings/provider", "high"),
    ("contact_center: acme", "contact_center: other", "settings/contact_center", "high"),
    ("NOR_THIS", "ANOTHER", "settings/provider", "medium"),
    ("auth_token", "rate_limit: 5\n  auth_token", "settings/provider", "low"),
    ("version: 1\n", "version: 1\nmanage: {agents: {prune: true}}\n", "settings/manage.agents", "medium"),
    ("version: 1\n", "version: 1\nsafety: {max_deletes: 50}\n", "settings/safety", "medium"),
    ("version: 1\n", "version: 1\nsafety: {max_deletes: 1}\n", "settings/safety", "low"),
    ("version: 1\n", "version: 1\nmanage: {agents: {ignore: [x*]}}\n", "settings/manage.agents", "low"),
    (
        "version: 1\n",
        "version: 1\nsecrets: {extension_passwords: {command: [sh]}}\n",
        "settings/secrets",
        "high",
    ),
)


@pytest.mark.parametrize(("old", "new", "address", "risk"), SETTINGS)
def test_settings_are_told_with_their_risk(reviews: Reviews, old: str, new: str, address: str, risk: str) -> None:
    """Another tenant, another place for secrets, and what may be deleted: each has its own risk."""
    found = reviews.of(edited(head=HEAD.replace(old, new)))
    assert {address: ("update", risk)} == changes(found, "settings")
    assert [] == found["changes"]


@pytest.mark.parametrize("rule", ["protect", "ignore", "additive"])
def test_what_is_no_longer_guarded_is_a_risk(reviews: Reviews, rule: str) -> None:
    """Taken out of these lists, objects and members come within reach of an apply."""
    value = "queues" if rule == "additive" else "x*"
    before = edited(head=HEAD + f"manage: {{agents: {{{rule}: [{value}]}}}}\n")
    found = reviews.of(edited(), before)
    assert {"settings/manage.agents": ("update", "medium")} == changes(found, "settings")


def test_secrets_are_never_shown(reviews: Reviews) -> None:
    """A variable is named; a value that stands in the files is not, on either side and in any form."""
    before = edited(head=HEAD.replace("${env:NOR_THIS}", "hunter2-before").replace("NOBODY_SETS_THIS", "ONE"))
    after = edited(head=HEAD.replace("${env:NOR_THIS}", "hunter2-after").replace("NOBODY_SETS_THIS", "TWO"))
    for form in ("text", "json", "markdown", "html", "sarif", "github", "gitlab", "junit"):
        folder = Reviews(reviews.command, reviews.root.parent / form)
        done = folder.ran(after, before, "--format", form)
        assert 0 == done.code, done.err
        assert "hunter2" not in done.out + done.err
    found = reviews.of(after, before)
    fields = {item["path"]: (item["before"], item["after"]) for item in found["settings"][0]["fields"]}
    assert {"sid": ("${env:ONE}", "${env:TWO}"), "auth_token": ("a value", "another value")} == fields


def test_no_variable_is_read(reviews: Reviews, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's pull request can't have the runner's variables printed: each stands for itself."""
    monkeypatch.setenv("RUNNER_SECRET", "s3cr3t-of-the-runner")
    done = reviews.ran(edited(("name: Sales", "name: '${env:RUNNER_SECRET}'")), None)
    assert 0 == done.code, done.err
    assert "s3cr3t" not in done.out + done.err
    assert "${env:RUNNER_SECRET}" in done.out


def test_a_link_does_not_read_the_runners_disk(reviews: Reviews, tmp_path: Path) -> None:
    """Whatever a pull request links to: nothing of it is shown, on either side."""
    secret = tmp_path / "secret.yaml"
    secret.write_text("secret: of-the-runner: [\n")
    root = repository(reviews.root, edited())
    (root / "conf/link.yaml").symlink_to(secret)
    done = reviews.command("review", str(root / "conf"), "--base", "HEAD")
    assert 1 == done.code
    assert "of-the-runner" not in done.out + done.err
    head = commit(root, {})
    (root / "conf/link.yaml").unlink()
    done = reviews.command("review", str(root / "conf"), "--base", "HEAD~1", "--head", head)
    assert 1 == done.code
    assert "of-the-runner" not in done.out + done.err
    done = reviews.command("review", str(root / "conf"), "--base", head)
    assert 1 == done.code
    assert f"the configuration at {head} has errors" in " ".join(done.err.split())
    assert f"{head}:link.yaml" in done.err


def test_two_revisions_are_compared_whatever_the_work_tree_holds(reviews: Reviews) -> None:
    """`--head` names the other one, and the files as they are have no part in it."""
    root = repository(reviews.root, edited())
    commit(root, edited(("timeout: 60", "timeout: 90")))
    (root / "conf/body.yaml").write_text("nonsense: [")
    arguments = ("review", str(root / "conf"), "--base", "HEAD~1", "--head", "HEAD", "--format", "json")
    found = reviews.command.ok(*arguments).json
    assert {"queues/sales": ("update", "low")} == changes(found)
    assert git(root, "rev-parse", "HEAD") == found["head"]["commit"]


def test_a_prompt_with_new_content_is_a_change_and_a_moved_one_is_none(reviews: Reviews) -> None:
    """By its digest, not by its path."""
    voices = "voice_files: {hello.wav: {path: hello.wav}}\n"
    before = {**edited(), "conf/v.yaml": voices, "conf/hello.wav": WAV}
    moved = {**edited(), "conf/v.yaml": voices.replace("path: ", "path: p/"), "conf/p/hello.wav": WAV}
    assert {} == changes(reviews.of(moved, before))
    other = Reviews(reviews.command, reviews.root.parent / "other")
    assert {"voice_files/hello.wav": ("update", "medium")} == changes(
        other.of({**before, "conf/hello.wav": WAV + b"more"}, before)
    )


def test_what_the_base_lacks_is_all_new(reviews: Reviews) -> None:
    """And a note says why."""
    found = reviews.of(edited(), {"README": "nothing yet"})
    assert {("create", "low")} == {*changes(found).values()}
    assert "all of it is new" in found["notes"][0]
    assert [] == found["settings"]


def test_a_base_that_moved_on_is_told(reviews: Reviews) -> None:
    """What others changed on the base since would look undone; the note says how to leave it out."""
    root = repository(reviews.root, edited())
    git(root, "branch", "feature")
    commit(root, edited(("timeout: 60", "timeout: 90")))
    git(root, "checkout", "--quiet", "feature")
    done = reviews.command.ok("review", str(root / "conf"), "--base", "main")
    assert "main has commits that HEAD lacks" in done.out


def test_overlays_and_assignments_count_on_both_sides(reviews: Reviews) -> None:
    """Each side takes the overlay of its own revision; what is set hides what is under it on both."""
    more = 'queues: {sales: {timeout: 10}, x: {id: "9009", name: X}}\n'
    root = repository(reviews.root, {**edited(), "env/prod.yaml": more})
    (root / "env/prod.yaml").write_text("queues: {sales: {timeout: 20}}\n")
    arguments = ("review", str(root / "conf"), "--base", "HEAD", "--overlay", str(root / "env/prod.yaml"))
    found = reviews.command.ok(*arguments, "--format", "json").json
    assert [{"path": "timeout", "before": 10, "after": 20}] == found["changes"][0]["fields"]
    assert [str(root / "env/prod.yaml")] == [item["source"]["file"] for item in found["released"]]
    (root / "env/prod.yaml").write_text(more.replace("10", "20"))
    assert "No change" in reviews.command.ok(*arguments, "--set", "queues.sales.timeout=5").out


def test_errors_end_it_and_say_where(reviews: Reviews) -> None:
    """The head's are told as `validate` tells them; no place is named that is only ours."""
    done = reviews.ran(edited(("timeout: 60", "timeuot: 60")), None)
    assert 1 == done.code
    assert "body.yaml:2:" in done.err
    done = reviews.command("review", str(reviews.root / "conf"), "--base", "nowhere")
    assert 1 == done.code


def test_the_base_is_told_by_its_own_name(reviews: Reviews) -> None:
    """Errors of the base name the revision, not the private folder that it is read from."""
    done = reviews.ran(edited(), edited(("timeout: 60", "timeout: x")))
    assert 1 == done.code
    assert "HEAD:body.yaml:2" in done.err
    assert "reconciler-" not in done.err


def test_another_vendor_is_another_world(reviews: Reviews) -> None:
    """Nothing of one vendor's objects is compared with the other's."""
    tencent = (
        "version: 1\ncontact_center: acme\nprovider: {type: tencent, sdk_app_id: 1400000000, secret_id: '${env:A}', "
        "secret_key: '${env:B}'}\nqueues: {sales: {name: Sales, type: phone}}\n"
    )
    found = reviews.of({"conf/a.yaml": tencent})
    assert {"queues/sales": ("create", "low")} == changes(found)
    assert ("update", "high") == changes(found, "settings")["settings/provider"]


def test_a_renamed_queue_is_one_change(reviews: Reviews) -> None:
    """Where the name is the identity, `renamed_from` makes it one update, and who names it does not change."""
    head = (
        "version: 1\ncontact_center: acme\nprovider: {type: tencent, sdk_app_id: 1400000000, secret_id: '${env:A}', "
        "secret_key: '${env:B}'}\nagents: {li: {email: li@x.cn, name: Li, staff_number: '1', queues: [sales]}}\n"
    )
    before = {"conf/a.yaml": head + "queues: {sales: {name: Sales, type: phone}}\n"}
    after = {"conf/a.yaml": head + "queues: {sales: {name: Vente, type: phone, renamed_from: Sales}}\n"}
    found = reviews.of(after, before)
    assert [("queues/sales", [{"path": "name", "before": "Sales", "after": "Vente"}])] == [
        (item["address"], item["fields"]) for item in found["changes"]
    ]


def test_it_runs_as_a_program_without_network_and_variables(reviews: Reviews) -> None:
    """Exit 2 with --detailed-exitcode, 0 without; nothing but the text on stdout."""
    repository(reviews.root, edited())
    (reviews.root / "conf/body.yaml").write_text(BODY.replace("timeout: 60", "timeout: 90"))
    environ = {"UDESK_SID": "", "https_proxy": "http://127.0.0.1:1"}
    done = real("review", "conf", "--base", "HEAD", "--detailed-exitcode", environ=environ, cwd=reviews.root)
    assert (2, "") == (done.code, done.err)
    assert "timeout 60 → 90" in done.out
    assert 0 == real("review", "conf", "--base", "HEAD", cwd=reviews.root).code


def test_names_speak_no_markup(reviews: Reviews) -> None:
    """A hostile name is harmless in the terminal's text."""
    done = reviews.ran(edited(("name: Sales", 'name: "\\e[31m[bold]::error::\\u202e"')), None)
    assert 0 == done.code, done.err
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert "[bold]::error::" in done.out
