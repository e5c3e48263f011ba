"""The bytes of a difference in a real tmux, behind a real line discipline: the board after many frames."""

import shutil
import subprocess
import time

import pytest
from rich.console import Console

from deskmon.bench.board import CELL, HEIGHT, WIDTH, Board
from deskmon.terminal.grids import Terminal
from tests.terminal.oracle import Judge, cells_of

ALL = 1 << 30
END = "\x1b[50;160Hthe end"
"""Written last, so that all before it is on the screen once this is."""

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")


def frames(count):
    """What the board's terminal is sent in so many frames, and the terminal after them."""
    console = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)
    board, terminal = Board(), Terminal(WIDTH, HEIGHT)
    terminal.write("\x1b[?1049h")
    terminal.write("".join(f"\x1b[{y + 1};1H{board.strip(y).render(console)}" for y in range(HEIGHT)) + "\x1b[1;1H")
    sent = [terminal.take(ALL)]
    for _ in range(count):
        for x, y in board.tick(40):
            terminal.write(f"\x1b[{y + 1};{x + 1}H{board.strip(y).crop(x, x + CELL).render(console)}\x1b[1;1H")
        sent.append(terminal.take(ALL))
    terminal.write(f"{END}\x1b[1;1H")
    sent.append(terminal.take(ALL))
    return b"".join(sent), terminal


def test_tmux_shows_the_board_as_it_is_wanted_after_fifty_frames(tmp_path):
    sent, terminal = frames(50)
    assert b"\v" in sent
    (tmp_path / "sent").write_bytes(b"\x1b[?7l" + sent)

    def tmux(*words):
        argv = ["tmux", "-S", str(tmp_path / "s"), "-f", "/dev/null", *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    size = ("-x", str(WIDTH), "-y", str(HEIGHT))
    tmux("new-session", "-d", *size, f"cat {tmp_path / 'sent'}; cat", ";", "set", "status", "off")
    try:
        tmux("resize-window", *size)
        deadline = time.monotonic() + 60
        while "the end" not in (shown := tmux("capture-pane", "-e", "-p")) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        tmux("kill-server")
    judge = Judge(WIDTH, HEIGHT)
    for y, line in enumerate(shown.splitlines()):
        judge.feed(f"\x1b[{y + 1}H{line}".encode())
    wanted = cells_of(terminal.want, terminal.styles)
    for seen, row in zip(judge.cells(), wanted, strict=True):
        stop = max(x for x, (char, _) in enumerate(row) if char != " ") + 1  # a capture has no blanks at the end
        assert seen[:stop] == row[:stop]
