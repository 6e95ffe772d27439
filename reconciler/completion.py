"""
What the shell offers when a person presses tab.

Every press starts the program anew, and importing click would take longer than all the rest. So this module reads a
table of the commands (`_commands.py`, written from `cli/` by `scripts/commands.py`) and imports nothing, not even
`dataclasses` or `typing`. It answers byte for byte as click would, because the scripts that ask are click's
(`_RECONCILER_COMPLETE=bash_source reconciler` prints one); tests compare the two.
"""

from __future__ import annotations

_SHELLS = ("bash", "zsh", "fish")


class Parameter:
    """
    An option; without names, an argument.

    Args:
        names: All spellings, such as `-q` and `--quiet`.
        takes: `text`, `choice`, `file` or `dir`; nothing for a flag.
        choices: What a `choice` may be.
        many: Whether it may be given again.
        hidden: Whether it is kept to those who know it.
        help: One line.
    """

    __slots__ = ("choices", "help", "hidden", "many", "names", "takes")

    def __init__(
        self,
        *names: str,
        takes: str = "",
        choices: tuple[str, ...] = (),
        many: bool = False,
        hidden: bool = False,
        help: str = "",  # noqa: A002 - click's word
    ) -> None:
        self.names = names
        self.takes = takes
        self.choices = choices
        self.many = many
        self.hidden = hidden
        self.help = help


class Command:
    """A command, or a group of commands; options and arguments in the order in which they are offered."""

    __slots__ = ("commands", "help", "hidden", "name", "parameters")

    def __init__(
        self,
        name: str,
        *,
        help: str = "",  # noqa: A002 - click's word
        hidden: bool = False,
        parameters: tuple[Parameter, ...] = (),
        commands: tuple[Command, ...] = (),
    ) -> None:
        self.name = name
        self.help = help
        self.hidden = hidden
        self.parameters = parameters
        self.commands = commands


class Offer:
    """One thing to type next: a `plain` value, or that the shell shall offer a `file` or `dir` that starts with it."""

    __slots__ = ("help", "type", "value")

    def __init__(self, value: str, *, type: str = "plain", help: str = "") -> None:  # noqa: A002 - click's words
        self.value = value
        self.type = type
        self.help = help


def answer(root: Command, request: str, line: str, position: str) -> str | None:
    """
    Answer a shell's request.

    Args:
        root: The table of commands.
        request: What `_RECONCILER_COMPLETE` says, such as `bash_complete`.
        line: `COMP_WORDS`: the line as typed, with its quotes, which may lack their ends.
        position: `COMP_CWORD`: the index of the word at the cursor; from fish that word itself.

    Returns:
        What the shell's script reads; nothing where *line* or *position* make no sense. None if the request is another
        one, such as for the script itself: that is click's to answer.
    """
    shell, _, instruction = request.partition("_")
    if instruction != "complete" or shell not in _SHELLS:
        return None
    if shell == "fish":
        words, unfinished = _fish_words(line, position)
    else:
        try:
            words, unfinished = _indexed_words(line, int(position))
        except ValueError:
            return ""
    return "\n".join([_written(shell, offer) for offer in offers(root, words, unfinished)])


def offers(root: Command, words: list[str], unfinished: str) -> list[Offer]:
    """List what *unfinished*, which may be empty, can become; *words* are those between the program's name and it."""
    command, given = _reached(root, words)
    last = words[-1] if words else ""
    # Of `--format=` bash makes two words, zsh one.
    if unfinished == "=":
        unfinished = ""
    elif unfinished.startswith("-") and "=" in unfinished:
        last, _, unfinished = unfinished.partition("=")
    if unfinished.startswith("-") and "--" not in words and last != "--":
        return _names(command, given, unfinished)
    for parameter in command.parameters:
        if parameter.takes and last in parameter.names:
            return _values(parameter, unfinished)
    for parameter in command.parameters:
        if not parameter.names and (parameter.many or parameter not in given):
            return _values(parameter, unfinished)
    return _names(command, given, unfinished)


def split(line: str) -> list[str]:
    """Split a line as a shell would. An end that is missing, of quotes or behind a backslash, is taken as typed."""
    words: list[str] = []
    word = quote = ""
    begun = escaped = False  # a word may have begun and still be empty: ""
    for char in line:
        if escaped:
            if quote and char not in (quote, "\\"):
                word += "\\"
            word += char
            escaped = False
        elif not quote and char in " \t\r\n":
            if begun:
                words.append(word)
            word = ""
            begun = False
            continue
        elif char == "\\" and quote != "'":
            escaped = True
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        else:
            word += char
        begun = True
    if begun:
        words.append(word)
    return words


def _indexed_words(line: str, index: int) -> tuple[list[str], str]:
    words = split(line)
    try:
        return words[1:index], words[index]
    except IndexError:
        return words[1:index], ""


def _fish_words(line: str, current: str) -> tuple[list[str], str]:
    """Fish sends the line up to the cursor, and the word at the cursor once more."""
    words = split(line)[1:]
    unfinished = (split(current) or [""])[0]
    if unfinished and words and words[-1] == unfinished:
        words.pop()
    return words, unfinished


def _written(shell: str, offer: Offer) -> str:
    """Write an offer as the shell's script reads it."""
    match shell:
        case "zsh":
            # The script hands "value:help" to zsh where there is help, and the bare value where "_" says there is none.
            value = offer.value.replace(":", r"\:") if offer.help else offer.value
            return f"{offer.type}\n{value}\n{offer.help or '_'}"
        case "fish" if offer.help:
            return f"{offer.type},{offer.value}\t{offer.help}"
        case _:
            return f"{offer.type},{offer.value}"


def _reached(root: Command, words: list[str]) -> tuple[Command, set[Parameter]]:
    """Follow *words* to the command that they end in; tell which of its parameters they give."""
    command = root
    given, rest = _parsed(command, words)
    while rest and command.commands:
        chosen = [each for each in command.commands if each.name == rest[0]]
        if not chosen:
            break
        command = chosen[0]
        given, rest = _parsed(command, rest[1:])
    return command, given


def _parsed(command: Command, words: list[str]) -> tuple[set[Parameter], list[str]]:
    """Tell which parameters *words* give, and which words are left over. What follows a mistake is not looked at."""
    known = {name: option for option in command.parameters for name in option.names}
    given: set[Parameter] = set()
    plain: list[str] = []
    rest = words[::-1]  # the next word last
    while rest:
        word = rest.pop()
        if word == "--":
            break
        if len(word) > 1 and word[0] == "-":
            options, sound = _options(word, known, rest)
            given.update(options)
            if not sound:
                return given, []
        elif command.commands:  # a group's own options end where its command begins
            rest.append(word)
            break
        else:
            plain.append(word)
    plain += rest[::-1]
    for parameter in command.parameters:
        if not parameter.names and plain:
            given.add(parameter)
            plain = [] if parameter.many else plain[1:]
    return given, plain


def _options(word: str, known: dict[str, Parameter], rest: list[str]) -> tuple[list[Parameter], bool]:
    """Read *word*, which starts with a dash, and its value, taken off *rest*; the second says whether all is well."""
    name, equals, value = word.partition("=")
    if len(name) > 2 and name in known:
        option = known[name]
        if equals and option.takes:
            rest.append(value)
        if (equals and not option.takes) or (option.takes and not rest):
            return [], False
        if option.takes:
            rest.pop()
        return [option], True
    found: list[Parameter] = []
    for end, letter in enumerate("" if word.startswith("--") else word[1:], 2):
        if f"-{letter}" not in known:
            return found, False
        option = known[f"-{letter}"]
        if option.takes:
            if end < len(word):  # the value stands in the same word
                rest.append(word[end:])
            if not rest:
                return found, False
            rest.pop()
            return [*found, option], True
        found.append(option)
    return found, not word.startswith("--")


def _names(command: Command, given: set[Parameter], start: str) -> list[Offer]:
    """Offer the commands of a group, and options where *start* is not empty and can't be a command's."""
    found = [
        Offer(each.name, help=each.help) for each in command.commands if not each.hidden and each.name.startswith(start)
    ]
    if start and not start[0].isalnum():
        found += [
            Offer(name, help=option.help)
            for option in command.parameters
            if not option.hidden and (option.many or option not in given)
            for name in option.names
            if name.startswith(start)
        ]
    return found


def _values(parameter: Parameter, start: str) -> list[Offer]:
    match parameter.takes:
        case "choice":
            return [Offer(choice) for choice in parameter.choices if choice.startswith(start)]
        case "file" | "dir":
            return [Offer(start, type=parameter.takes)]
        case _:
            return []
