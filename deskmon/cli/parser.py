"""Commands and their options, and usage errors in one line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from deskmon import __version__
from deskmon.cli import desk
from deskmon.cli.text import complain

COMMANDS = {
    "demo": "desk", "replay": "desk", "attach": "desk", "hub": "hub", "record": "hub", "capture": "capture",
    "state": "output", "snapshot": "output", "check": "check", "config": "check", "doctor": "doctor", "list": "lists",
    "new": "authors", "bench": "measure",
}  # fmt: skip
"""Every command and the module here that declares it."""

_CHOICE = re.compile(r"argument (?P<name>\S+): invalid choice: '?(?P<got>.*?)'? \(choose from (?P<names>.*)\)")

_VALUE = re.compile(r"argument (?P<name>\S+): expected one argument")
_NEGATIVE = re.compile(r"-\d")
_OPTION = re.compile(r"--[\w-]+")


class Parser(argparse.ArgumentParser):
    """argparse whose errors are one line that says what to do."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs)

    def error(self, message: str) -> NoReturn:
        match = _CHOICE.match(message)
        if match:
            from deskmon.plugins import nearest

            names = re.findall(r"[\w-]+", match["names"])
            close = nearest(match["got"], names)
            hint = f"did you mean {close!r}?" if close else f"choose from {', '.join(names)}"
            what = "no command is called" if match["name"] == "COMMAND" else "there is no choice"
            message = f"{what} {match['got']!r}; {hint}"
        match = _VALUE.match(message)
        if match:
            option = match["name"].rpartition("/")[2]
            message = f"{option} takes a value; one that begins with - is written {option}=…"
        complain(f"{message}; see `{self.prog} --help`")
        self.exit(2)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace with `run`, the command's handler. Exits with status 2 on wrong usage."""
    parser = Parser(
        prog="deskmon",
        description="A trading-desk monitor in the terminal. Without a command: the desk, live, as deskmon.toml says.",
        epilog="`deskmon COMMAND --help` describes a command. `deskmon demo` needs no network.",
    )
    _common(parser, "before")
    desk.add_screen(parser)
    parser.add_argument("--version", action="version", version=f"deskmon {__version__}")
    parser.set_defaults(run=desk.live, config=None, theme=None, before=[], sets=[], log=None, verbose=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    named = [COMMANDS[word] for word in argv if word in COMMANDS]
    for module in dict.fromkeys(named or COMMANDS.values()):  # building them all takes longer than reading a config
        import_module(f"deskmon.cli.{module}").add(commands)
    for command in commands.choices.values():
        _common(command, "sets")
    args = parser.parse_args(_with_negative_values(argv))
    args.sets = [*args.before, *args.sets]
    return args


def _with_negative_values(argv: Sequence[str]) -> list[str]:
    """`--at -5m` as `--at=-5m`: argparse takes -5m for an option, and the error wouldn't say what is wrong with it."""
    joined: list[str] = []
    for word in argv:
        if joined and _NEGATIVE.match(word) and _OPTION.fullmatch(joined[-1]):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


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
