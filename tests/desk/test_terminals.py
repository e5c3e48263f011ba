"""The desk starts, switches themes and opens its palette on terminals that can do little."""

import sys

import pytest

from tests.desk.terminal import Terminal

POOR = [("TERM=xterm",), ("TERM=screen", "LC_ALL=C"), ("TERM=xterm", "NO_COLOR=1")]


@pytest.mark.parametrize("settings", POOR, ids=" ".join)
def test_it_runs_on_a_poor_terminal(settings, busy_hub, tmp_path):
    env = ["env", "-u", "COLORTERM", "-u", "NO_COLOR", f"HOME={tmp_path}", *settings]
    with Terminal(argv=[*env, sys.executable, "-m", "deskmon", "attach", f"unix:{busy_hub}"], cwd=tmp_path) as terminal:
        terminal.until("hyperliquid")
        terminal.press("\x10")
        terminal.until("Search for commands")
        terminal.press("quit (q")
        terminal.until("quit (q)")
        terminal.press("\x1b")
        terminal.until(lambda text: "quit (q" not in text)
        terminal.press("t?")
        terminal.until("What the figures mean")
