"""`deskmon completion` and `deskmon man`: what a shell and its manual are told about the command line."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from deskmon.cli.text import write

SHELLS = ("bash", "zsh", "fish")


def add(commands: Any) -> None:
    """Declare the commands."""
    completion = commands.add_parser("completion", help="print what makes a shell complete commands, options and names")
    completion.add_argument("shell", choices=SHELLS, help='bash and zsh: eval "$(deskmon completion bash)"')
    completion.set_defaults(run=run_completion)

    man = commands.add_parser("man", help="print the manual page: deskmon man | man -l -")
    man.set_defaults(run=run_man)


def run_completion(args: Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    write(shellcode(["deskmon"], shell=args.shell) + "\n")
    return 0


def run_man(args: Namespace) -> int:
    from deskmon.cli.manual import page
    from deskmon.cli.parser import build

    write(page(*build()))
    return 0
