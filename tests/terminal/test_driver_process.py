"""A whole process on a pseudo-terminal of its own: stopped, continued, hung up."""

import os
import signal
import sys
import termios

import pytest

from deskmon.bench.pty import PtyChild

PATIENCE_S = 60.0


@pytest.fixture
def child(tmp_path):
    with PtyChild([sys.executable, "-m", "deskmon.bench.render", "board", "20", str(tmp_path / "report")]) as child:
        child.read_until(b"ROW01", PATIENCE_S)
        yield child


def test_stopped_it_gives_the_terminal_back_and_continued_it_paints_everything(child):
    raw = termios.tcgetattr(child.fd)[3] & termios.ICANON
    assert not raw
    os.kill(child.pid, signal.SIGTSTP)
    child.read_until(b"\x1b[?1049l", PATIENCE_S)
    assert os.WIFSTOPPED(os.waitpid(child.pid, os.WUNTRACED)[1])
    assert termios.tcgetattr(child.fd)[3] & termios.ICANON
    child.read(0)
    os.kill(child.pid, signal.SIGCONT)
    seen = b""
    while b"ROW14" not in seen:  # a cell that only a whole painting writes
        seen += child.read(PATIENCE_S)
    assert seen.index(b"\x1b[?1049h") < seen.rindex(b"ROW14")


def test_a_closed_window_ends_it_without_a_traceback(tmp_path):
    log = tmp_path / "log"
    shell = f"exec {sys.executable} -X faulthandler -m deskmon.bench.render board 20 {tmp_path / 'report'} 2>{log}"
    child = PtyChild(["sh", "-c", shell])
    child.read_until(b"ROW01", PATIENCE_S)
    os.close(child.fd)
    status = os.waitpid(child.pid, 0)[1]
    assert os.WIFEXITED(status)
    assert "Traceback" not in log.read_text()
