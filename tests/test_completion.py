"""Completion answers as click would, at once, whatever the shell sends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
import pytest
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete, split_arg_string
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler._commands import ROOT
from reconciler.cli import cli
from reconciler.completion import Command, answer, offers, split
from scripts import commands as writer

TOP: Final = Path(__file__).resolve().parent.parent
SHELLS: Final[dict[str, type[ShellComplete]]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


def by_click(shell: str, line: str, position: str, root: click.Command = cli) -> str:
    """Let click answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMP_WORDS", line)
        patch.setenv("COMP_CWORD", position)
        return SHELLS[shell](root, {}, "reconciler", "_RECONCILER_COMPLETE").complete()


def offered(*words: str, root: Command = ROOT) -> set[str]:
    """Complete the last of *words*; give the values, and `<file>` for what is left to the shell."""
    found = offers(root, list(words[:-1]), words[-1])
    return {offer.value if offer.type == "plain" else f"<{offer.type}>" for offer in found}


def vocabulary() -> list[str]:
    """Collect every word that the command line knows, and some that it doesn't."""
    words = {
        "",
        "-",
        "--",
        "=",
        "x",
        "./cfg",
        "-x",
        "--nothing",
        "--nothing=1",
        "--=",
        "-v=",
        "-vv",
        "-vq",
        "-vx",
        "é…",
    }
    waiting = [ROOT]
    while waiting:
        command = waiting.pop()
        waiting += command.commands
        words |= {command.name, command.name[:2]}
        for parameter in command.parameters:
            words |= {*parameter.names, *parameter.choices}
            words |= {f"{name}=" for name in parameter.names} | {name[:4] for name in parameter.names}
            words |= {f"{name}={choice[:2]}" for name in parameter.names for choice in parameter.choices}
    return sorted(words)


COMMANDS: Final = st.sampled_from([command.name for command in ROOT.commands])
WORDS: Final = st.sampled_from(vocabulary())
GROUP_OPTIONS: Final = st.sampled_from(
    [(), ("-v",), ("--color", "never"), ("--log-format=json", "-q"), ("--state", "s")]
)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Make the words of a command line that has sense at its beginning, and then maybe none."""
    return [*draw(GROUP_OPTIONS), draw(st.one_of(COMMANDS, WORDS)), *draw(st.lists(WORDS, max_size=5))]


def test_the_table_is_current() -> None:
    """The table is what `cli/` says now; `make schemas` rewrites it."""
    assert writer.table(cli) == writer.PATH.read_text(encoding="utf-8")


@given(words=lines(), back=st.integers(0, 3))
@example(words=[""], back=0)
@example(words=["plan", "--format", "="], back=0)
@example(words=["plan", "cfg", "--format=te"], back=0)
@example(words=["plan", "--", "-"], back=0)
@example(words=["plan", "--prune=1", "--out"], back=0)
@example(words=["simulate", "-"], back=0)
def test_the_answer_is_clicks(words: list[str], back: int) -> None:
    """Each shell gets what click would answer, byte for byte, for the scripts that read it are click's."""
    line = "\n".join(["reconciler", *words])
    for shell in ("bash", "zsh"):
        position = str(max(1, len(split(line)) - back))
        assert by_click(shell, line, position) == answer(ROOT, f"{shell}_complete", line, position)
    for current in (words[-1], ""):
        if split(current) or not current:
            assert by_click("fish", line, current) == answer(ROOT, "fish_complete", line, current)


@given(line=st.text(alphabet=st.sampled_from("plan -\\\"'\t\n=é\x00"), max_size=30))
def test_lines_are_split_as_click_splits_them(line: str) -> None:
    """Quotes, backslashes and blanks mean what they mean to click, and so does a missing end."""
    assert split_arg_string(line) == split(line)


@given(
    name=st.sampled_from([*SHELLS]),
    line=st.one_of(st.text(max_size=40), st.text(alphabet="reconcilr plan-\"'\\=\udc80", max_size=40)),
    position=st.one_of(st.integers().map(str), st.text(max_size=5)),
)
@example(name="bash", line="reconciler plan 'x", position="-7")
@example(name="bash", line="reconciler plan 'x", position="9" * 5000)
@example(name="bash", line="", position="")
@example(name="zsh", line="reconciler \\", position="1e3")
@example(name="fish", line="reconciler ", position=" ")
def test_odd_requests_get_an_answer(name: str, line: str, position: str) -> None:
    """Whatever stands in COMP_WORDS and COMP_CWORD, an answer is made; nothing is raised."""
    assert answer(ROOT, f"{name}_complete", line, position) is not None


@pytest.mark.parametrize(
    "request_", ["bash_source", "zsh_source", "fish_source", "powershell_complete", "x", "complete"]
)
def test_other_requests_are_left_to_click(request_: str) -> None:
    """The shells' scripts, and shells that are not known here, are click's business."""
    assert answer(ROOT, request_, "reconciler ", "1") is None


def test_commands_are_offered() -> None:
    """A person who knows nothing yet sees the commands; options come with the first dash."""
    assert {"plan", "apply", "drift", "init", "validate"} <= offered("")
    assert {"plan"} == offered("pla")
    assert {"plan"} == offered("-v", "--color", "never", "pla")
    assert {"--color"} == offered("--col")
    assert set() == offered("no-such-command", "--pr")


def test_options_are_offered_until_they_are_given() -> None:
    """What was given is left out, unless it may be given again."""
    assert {"--prune"} == offered("plan", "cfg", "--pr")
    assert set() == offered("plan", "cfg", "--prune", "--pr")
    assert {"--target"} == offered("plan", "--target", "queues/sales", "cfg", "--ta")


def test_values_are_offered() -> None:
    """Choices where the table has some, else the shell's files where a path is due, else nothing."""
    assert {"text", "json"} == offered("absorb", "cfg", "--format", "")
    assert {"json", "junit"} == offered("plan", "cfg", "--format=j")
    assert {"udesk", "tencent"} == offered("simulate", "")
    assert {"<file>"} == offered("plan", "")
    assert {"<file>"} == offered("plan", "cfg", "--out", "pl")
    assert set() == offered("plan", "--target", "")
    assert set() == offered("plan", "cfg", "")


def run(request: str, line: str, position: str) -> subprocess.CompletedProcess[str]:
    """Ask as a shell does; list the modules that it took on stderr."""
    program = (
        "import sys; before = {*sys.modules}\n"
        "from reconciler.__main__ import main; main()\n"
        "print(*sorted({*sys.modules} - before), file=sys.stderr)"
    )
    environment = {**os.environ, "_RECONCILER_COMPLETE": request, "COMP_WORDS": line, "COMP_CWORD": position}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=TOP, env=environment, capture_output=True, encoding="utf-8", check=True
    )


@pytest.mark.parametrize("shell", [*SHELLS])
def test_nothing_else_is_imported(shell: str) -> None:
    """No press of the tab key waits for a module that it doesn't need."""
    done = run(f"{shell}_complete", "reconciler plan --fo", "--fo" if shell == "fish" else "2")
    ours = {"reconciler", "reconciler.__main__", "reconciler._commands", "reconciler.completion"}
    assert ours == {*done.stderr.split()} - {"__future__"}
    assert "--format" in done.stdout


def test_a_broken_word_is_handed_back_as_it_came() -> None:
    """A file name that is no UTF-8 goes back to the shell byte by byte, with no traceback."""
    environment = {
        b"_RECONCILER_COMPLETE": b"fish_complete",
        b"COMP_WORDS": b"reconciler plan \xff'",
        b"COMP_CWORD": b"\xff'",
    }
    done = subprocess.run(
        [sys.executable, "-m", "reconciler"],
        cwd=TOP,
        env={**os.environb, **environment},
        capture_output=True,
        check=True,
    )
    assert (b"file,\xff\n", b"") == (done.stdout, done.stderr)


def test_bash_completes() -> None:
    """The script that click prints for bash understands our answers."""
    command = [sys.executable, "-m", "reconciler"]
    source = {**os.environ, "_RECONCILER_COMPLETE": "bash_source"}
    try:
        script = subprocess.run(command, cwd=TOP, env=source, capture_output=True, encoding="utf-8", check=True).stdout
        press = (
            'COMP_WORDS=(reconciler -v plan cfg --for); COMP_CWORD=4; _reconciler_completion "$1"; echo ${COMPREPLY[*]}'
        )
        done = subprocess.run(
            ["bash", "--norc", "-c", f"{script}\n{press}", "bash", "\n".join(command)],  # noqa: S607 - whichever there is
            cwd=TOP,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
    except FileNotFoundError:
        pytest.skip("there is no bash here")
    assert "--format\n" == done.stdout


@click.group()
def nested() -> None:
    """Have a group, a command that takes many words, and what is hidden."""


@nested.group(short_help="What was.")
@click.option("--all/--some", help="Which.")
def history(**_: object) -> None:
    """Have commands of its own."""


@history.command()
@click.argument("runs", nargs=-1, type=click.Choice(["r1", "r2"]))
@click.option("--to", type=click.Path(file_okay=False))
@click.option("--secret", is_flag=True, hidden=True)
def show(**_: object) -> None:
    """Take many words."""


@nested.command(hidden=True)
def internal() -> None:
    """Not for everyone."""


@pytest.mark.parametrize(
    "line",
    [
        "reconciler ",
        "reconciler i",
        "reconciler internal -",
        "reconciler history ",
        "reconciler history -",
        "reconciler history --some -",
        "reconciler history show ",
        "reconciler history show r1 r",
        "reconciler history show r1 -",
        "reconciler history show r1 --secret -",
        "reconciler history show --to d",
        "reconciler history --all show --to=d",
    ],
)
def test_more_than_the_command_line_has_now(line: str) -> None:
    """Groups in groups, arguments of many words, folders and hidden things are written and completed as well."""
    space: dict[str, Command] = {}
    exec(writer.table(nested), space)  # noqa: S102 - what was just written
    position = str(len(line.split(" ")) - 1)
    for shell in ("bash", "zsh"):
        assert by_click(shell, line, position, nested) == answer(space["ROOT"], f"{shell}_complete", line, position)


@pytest.mark.parametrize(
    "parameter",
    [
        click.Option(["--pair"], nargs=2),
        click.Option(["--name"], prompt=True),
        click.Option(["+x"]),
        click.Option(["--lines"], help="One.\nTwo."),
        click.Option(["--any-case"], type=click.Choice(["a"], case_sensitive=False)),
        click.Option(["--own"], shell_complete=lambda *_: [click.shell_completion.CompletionItem("a", type="own")]),
        click.Argument(["pair"], nargs=2),
    ],
)
def test_what_completion_does_not_know_is_refused(parameter: click.Parameter) -> None:
    """A command line that outgrows completion is noticed when the table is written, not by a person who presses tab."""
    with pytest.raises(writer.Unsupported):
        writer.table(click.Command("reconciler", params=[parameter]))
