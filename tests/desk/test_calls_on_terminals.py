"""A rule fires while screens look: real screens on pseudo-terminals, of one trader, of another, and a kiosk."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.desk.terminal import Terminal

HUB = Path(__file__).with_name("switched_hub.py")
KITTY = b"\x1b]99;;crypto desk: BTC above 2\x1b\\"
TMUX = b"\x1bPtmux;\x1b\x1b]9;crypto desk: BTC above 2\x1b\x1b\\\x1b\\"
NONE = ("TMUX", "STY", "KITTY_WINDOW_ID", "LC_TERMINAL", "TERM_PROGRAM")


def screen(socket, *args, **environment):
    env = ["env", *(f"-u{name}" for name in NONE), *(f"{name}={value}" for name, value in environment.items())]
    return Terminal(argv=[*env, sys.executable, "-m", "deskmon", "attach", f"unix:{socket}", *args], size=(120, 20))


def bells(raw):
    """Bells that end no sequence."""
    return re.sub(rb"\x1b\][^\x07\x1b]*\x07", b"", raw).count(b"\x07")


def test_a_rule_that_fires_calls_each_trader_once_as_the_terminal_can_and_no_kiosk(tmp_path):
    switch, socket = tmp_path / "switch", tmp_path / "hub.sock"
    hub = subprocess.Popen([sys.executable, str(HUB), str(switch), str(socket)], stderr=subprocess.DEVNULL)
    try:
        while not socket.exists():
            assert hub.poll() is None
            time.sleep(0.05)
        with ExitStack() as open_screens:
            screens = {
                "ann": screen(socket, "--as", "ann", TERM="xterm-kitty"),
                "ann again": screen(socket, "--as", "ann", TERM="xterm-kitty"),
                "cat": screen(socket, "--as", "cat", TERM="tmux-256color", TMUX="/tmp/x", LC_TERMINAL="iTerm2"),
                "dan": screen(socket, "--as", "dan", TERM="xterm-256color"),
                "kiosk": screen(socket, "--kiosk", TERM="xterm-kitty"),
            }
            for each in screens.values():
                open_screens.enter_context(each)
            for each in screens.values():
                each.until("● LIVE")
                each.until("1.00")
            switch.touch()
            for each in screens.values():
                each.until("! PAGE · BTC above 2 · since")
            calling = {name: each for name, each in screens.items() if name in ("cat", "dan")}
            for each in calling.values():
                each.until(lambda _, each=each: bells(bytes(each.raw)))
            anns = (screens["ann"], screens["ann again"])
            anns[0].until(lambda _: any(bells(bytes(each.raw)) or each.watch(0.05) for each in anns))
            for each in screens.values():
                each.walk(("?", "What the figures mean"), ("\x1b", "● LIVE"))  # all that was written before has come
    finally:
        hub.kill()
        hub.wait()
    raw = {name: bytes(each.raw) for name, each in screens.items()}
    assert bells(raw["ann"]) + bells(raw["ann again"]) == 1
    assert sum(raw[name].count(KITTY) for name in ("ann", "ann again")) == 1
    assert (bells(raw["cat"]), raw["cat"].count(TMUX)) == (1, 1)
    assert (bells(raw["dan"]), raw["dan"].count(b"BTC above 2\x1b\\")) == (1, 0)
    assert (bells(raw["kiosk"]), raw["kiosk"].count(b"\x1b]99")) == (0, 0)
