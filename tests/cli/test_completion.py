"""Behind TAB, a real shell finds commands, options and the names that the desk knows."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from deskmon import plugins
from deskmon.archive import KINDS
from deskmon.cli.completion import OFFERED, offer_names
from deskmon.cli.parser import COMMANDS, build
from tests.desk.terminal import Terminal

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(deskmon completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -Uz compinit && compinit -u -D && eval "$(deskmon completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "deskmon completion fish | source"),
}
CONFIG = """\
[feeds.kraken_spot]
type = "ccxt"
exchange = "kraken"
symbols = ["BTC/USD", "SOL/USD"]
[layouts.nightwatch]
cells = [{panel = "prices"}]
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes_commands_options_and_names(shell: str, tmp_path: Path) -> None:
    argv, set_up = SHELLS[shell]
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} isn't installed")
    command = tmp_path / "bin" / "deskmon"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m deskmon "$@"\n')
    command.chmod(0o755)
    (tmp_path / "deskmon.toml").write_text(CONFIG)
    path = f"PATH={command.parent}:{os.environ['PATH']}"
    with Terminal(argv=["env", path, f"HOME={tmp_path}", *argv], cwd=tmp_path) as terminal:
        terminal.press(f"{set_up}; echo rea''dy\r")
        terminal.until(lambda text: "ready" in text.replace("rea''dy", ""))
        for written, completed in [
            ("deskmon snaps", "deskmon snapshot"),
            ("deskmon snapshot --panel fundi", "--panel funding"),
            ("deskmon demo 2026-02", "demo 2026-02-06"),
            ("deskmon demo --theme midn", "--theme midnight"),
            ("deskmon --layout nightw", "--layout nightwatch"),
            ("deskmon capture krak", "capture kraken_spot"),
            ("deskmon state --only mode,prices.BTC.la", "mode,prices.BTC.last"),
        ]:
            terminal.press(f"{written}\t")
            terminal.until(completed)
            terminal.press("\x15")  # erases the line


def test_every_argument_that_takes_a_name_or_a_file_offers_what_there_is(elsewhere: Path) -> None:
    (elsewhere / "deskmon.toml").write_text(CONFIG)
    parser, commands = build()
    assert commands.parsers.keys() == COMMANDS.keys()
    offer_names(parser, commands)
    args = parser.parse_args([])
    offered = {
        f"{name} {action.dest}".strip(): action.completer("", parsed_args=args)
        for name, each in (("", parser), *commands.parsers.items())
        for action in each._actions
        if hasattr(action, "completer") and action.metavar not in ("FILE", "FOLDER", "PATH")
    }
    assert offered["snapshot panel"] == offered["demo panel"] == list(plugins.panel_names())
    assert offered["snapshot theme"] == offered["theme"] == list(plugins.theme_names())
    assert offered["begin_with"] == offered["snapshot layout"]
    assert offered["begin_with"][-1] == "nightwatch"
    assert offered["capture feed"] == ["kraken_spot"]
    assert offered["export kind"] == list(KINDS) and "waves" in offered["log kind"]
    assert offered["report asset"] == ["BTC", "SOL"]
    assert offered["demo name"] == offered["state demo"]
    (only,) = (action for action in commands.parsers["state"]._actions if action.dest == "only")
    assert "prices,funding" in only.completer("prices,fu", parsed_args=args)
    assert "mode,prices.BTC.last" in only.completer("mode,prices.BTC.la", parsed_args=args)
    assert {key.split()[-1] for key in OFFERED} == {key.split()[-1] for key in offered}, "one offers to no argument"


def test_a_configuration_that_is_wrong_offers_no_names(elsewhere: Path) -> None:
    (elsewhere / "deskmon.toml").write_text("[desk\n")
    parser, commands = build(["capture"])
    offer_names(parser, commands)
    feed = next(action for action in commands.parsers["capture"]._actions if action.dest == "feed")
    assert feed.completer("", parsed_args=parser.parse_args([])) == []
