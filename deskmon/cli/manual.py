"""The manual page, in the man macros of roff, from the parser alone: what it doesn't know isn't in the page."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Set

from deskmon import __version__
from deskmon.cli.parser import INTRODUCTION, TASKS, Commands, Parser

_END = """\
.SH FILES
.I deskmon.toml
is looked for in several places; \\fBdeskmon config path -v\\fR lists them, and which is in use.
.SH EXIT STATUS
0: done. 1: failed while running. 2: wrong usage or configuration. 130: interrupted.
"""


def page(parser: Parser, commands: Commands) -> str:
    """The text of deskmon(1)."""
    lines = [
        f'.TH DESKMON 1 "" "deskmon {__version__}"',
        ".SH NAME",
        "deskmon \\- a trading\\-desk monitor in the terminal",
        ".SH SYNOPSIS",
        _plain(_usage(parser)),
        ".SH DESCRIPTION",
        *map(_plain, INTRODUCTION.splitlines()),
        ".SH OPTIONS",
        *_options(parser),
    ]
    common = {_spelled(action) for action in parser._actions}
    for task, names in TASKS.items():
        lines.append(f".SH {_plain(task.upper())}")
        for name in names:
            command = commands.parsers[name]
            lines += [f".SS {_plain(_usage(command, common))}", _plain(command.description or "")]
            lines += _options(command, common)
    return "\n".join(lines) + "\n" + _END


def _usage(parser: argparse.ArgumentParser, common: Set[str] = frozenset()) -> str:
    """`deskmon replay FILE …` in one line; options that every command has are left out."""
    if parser.usage:
        return parser.usage
    words = [parser.prog]
    for action in _shown(parser, common):
        name = _names(action)[0]
        optional = action.option_strings or action.nargs == "?"
        words.append(f"[{name}]" if optional and not action.required else name)
    return " ".join(words)


def _options(parser: argparse.ArgumentParser, common: Set[str] = frozenset()) -> Iterator[str]:
    for action in _shown(parser, common):
        yield ".TP"
        yield ".B " + _plain(", ".join(_names(action)))
        yield _plain((action.help or "") % vars(action)) or "\\&"


def _shown(parser: argparse.ArgumentParser, common: Set[str]) -> list[argparse.Action]:
    return [action for action in parser._actions if action.help != argparse.SUPPRESS and _spelled(action) not in common]


def _spelled(action: argparse.Action) -> str:
    """What tells an option from another of the same name."""
    return f"{action.option_strings} {action.help}"


def _names(action: argparse.Action) -> list[str]:
    """The option's spellings, each with the value it takes; an argument's own name."""
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    takes = f" {value}" if action.nargs != 0 else ""
    return [f"{option}{takes}" for option in action.option_strings] or [str(value)]


def _plain(text: str) -> str:
    """Text as roff shows it: its own signs escaped, `code` bold, and no line that begins like a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    escaped = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", escaped)
    escaped = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in escaped)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
