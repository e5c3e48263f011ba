"""Commands and their options, and usage errors in one line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from deskmon import __version__
from deskmon.cli import desk
from deskmon.cli.text import complain

TASKS: dict[str, dict[str, str]] = {
    "Look at a market": {"demo": "desk", "replay": "desk", "attach": "desk"},
    "Collect without a screen": {"hub": "hub", "record": "hub", "journal": "journal", "capture": "capture"},
    "Print figures and pictures": {
        "state": "output", "snapshot": "output", "plot": "plot", "diff": "diff", "log": "log",
        "report": "report",
    },
    "Take figures elsewhere": {"export": "export", "mcp": "mcp"},
    "Set up": {
        "init": "starter", "config": "check", "check": "check", "doctor": "doctor", "list": "lists",
        "alerts": "alerts", "completion": "shells", "man": "shells",
    },
    "Extend and measure": {"new": "authors", "bench": "measure"},
}  # fmt: skip
"""What people want to do; for each task its commands, and the module here that declares each."""

COMMANDS = {name: module for commands in TASKS.values() for name, module in commands.items()}

_CHOICE = r"argument (?P<name>\S+): invalid choice: '?(?P<got>.*?)'? \(choose from (?P<names>.*)\)"
INTRODUCTION = """\
A trading-desk monitor in the terminal. Without a command: the desk, live, as deskmon.toml says.
`deskmon demo` needs no network. `deskmon COMMAND --help` describes a command."""

_VALUE = r"argument (?P<name>\S+): expected one argument"
_NEGATIVE = r"-\d"
_OPTION = r"--[\w-]+"


class Parser(argparse.ArgumentParser):
    """argparse whose errors are one line that says what to do."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs)

    def error(self, message: str) -> NoReturn:
        match = re.match(_CHOICE, message)
        if match:
            from deskmon.errors import nearest

            names = re.findall(r"[\w-]+", match["names"])
            close = nearest(match["got"], names)
            hint = f"did you mean {close!r}?" if close else f"choose from {', '.join(names)}"
            what = "no command is called" if match["name"] == "COMMAND" else "there is no choice"
            message = f"{what} {match['got']!r}; {hint}"
        match = re.match(_VALUE, message)
        if match:
            option = match["name"].rpartition("/")[2]
            message = f"{option} takes a value; one that begins with - is written {option}=…"
        complain(f"{message}; see `{self.prog} --help`")
        self.exit(2)


class Commands:
    """Where the modules here declare their commands."""

    def __init__(self, parser: Parser) -> None:
        # The list that argparse would print knows no tasks: `_by_task` writes it.
        self._parsers = parser.add_subparsers(
            help=argparse.SUPPRESS, metavar="COMMAND", prog="deskmon", parser_class=Parser
        )
        self.parsers: dict[str, Parser] = self._parsers.choices
        self.summaries: dict[str, str] = {}
        """What each command does, in some words."""

    def add_parser(self, name: str, *, help: str) -> Parser:
        """Declare a command; `help` says what it does and begins in lower case."""
        self.summaries[name] = help
        return self._parsers.add_parser(name, description=f"{help[0].upper()}{help[1:]}.")


def build(argv: Sequence[str] = ()) -> tuple[Parser, Commands]:
    """The parser of the whole command line; of `argv` where that names a command, as building all takes longer than
    reading a config."""
    parser = Parser(prog="deskmon", usage="deskmon [OPTIONS] [COMMAND …]")
    _common(parser, "before")
    desk.add_screen(parser)
    parser.add_argument("--version", action="version", version=f"deskmon {__version__}", help="print the version")
    parser.set_defaults(run=desk.live, config=None, theme=None, before=[], between=[], sets=[], log=None, verbose=False)
    commands = Commands(parser)
    asks_all = not argv or argv[0] in ("-h", "--help")
    named = [] if asks_all else [COMMANDS[word] for word in argv if word in COMMANDS]
    for module in dict.fromkeys(named or COMMANDS.values()):
        import_module(f"deskmon.cli.{module}").add(commands)
    for command in commands.parsers.values():
        actions = _actions(command)
        _common(command, "between" if actions else "sets")
        for action in actions:
            _common(action, "sets")
    parser.description = f"{INTRODUCTION}\n\n{_by_task(commands.summaries)}"
    return parser, commands


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace with `run`, the command's handler. Exits with status 2 on wrong usage."""
    parser, _ = build(argv)
    args = parser.parse_args(_with_negative_values(argv))
    args.sets = [*args.before, *args.between, *args.sets]
    return args


def _by_task(summaries: Mapping[str, str]) -> str:
    tasks = [
        "\n".join([f"{task}:", *(f"  {name:<12}{summaries[name]}" for name in names if name in summaries)])
        for task, names in TASKS.items()
    ]
    return "\n\n".join(tasks)


def _with_negative_values(argv: Sequence[str]) -> list[str]:
    """`--at -5m` as `--at=-5m`: argparse takes -5m for an option, and the error wouldn't say what is wrong with it."""
    joined: list[str] = []
    for word in argv:
        if joined and re.match(_NEGATIVE, word) and re.fullmatch(_OPTION, joined[-1]):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _actions(command: Parser) -> list[Parser]:
    """The parsers of what a command can do, where these are commands of their own: `journal list`."""
    return [
        each
        for nested in command._actions if isinstance(nested, argparse._SubParsersAction)
        for each in nested.choices.values()
    ]  # fmt: skip


def _common(parser: argparse.ArgumentParser, sets: str) -> None:
    """Options that stand before the command as well as after it."""
    group = parser.add_argument_group("common options")
    none: Any = argparse.SUPPRESS
    group.add_argument("--config", metavar="FILE", default=none, help="configuration file")
    group.add_argument("--theme", metavar="NAME", default=none, help="theme instead of the configured one")
    group.add_argument(
        "--set", metavar="KEY=VALUE", dest=sets, action="append", default=none, help="override one key: desk.fps=2"
    )
    group.add_argument("--log", metavar="FILE", default=none, help="append a log to this file")
    group.add_argument("-v", "--verbose", action="store_true", default=none, help="more words; tracebacks of faults")
