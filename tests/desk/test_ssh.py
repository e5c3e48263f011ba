"""The desk through a real sshd, set up as docs/operations.md says: what a trader sees, on good links and thin ones."""

import getpass
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from base64 import b64decode
from pathlib import Path

import pytest

from deskmon.cli.session import GUEST
from tests.desk.sshd import SSH, SSHD, Sshd, ThinLink
from tests.desk.terminal import Terminal, gone

if not (SSHD and SSH) and os.environ.get("CI"):
    raise RuntimeError("CI must have sshd and ssh: Debian's openssh-server and openssh-client")
pytestmark = pytest.mark.skipif(not (SSHD and SSH), reason="no sshd here: Debian has it as openssh-server")

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def match_block(command: str) -> str:
    """The Match block of the page, for whoever runs this, with `command` in place of its own."""
    (block,) = re.findall(r"```sshd_config\n(.*?)```", PAGE.read_text(), re.S)
    block = re.sub(r"Match User \S+", f"Match User {getpass.getuser()}", block)
    return re.sub(r"ForceCommand \S+ (.*)", lambda _: f"ForceCommand {command}", block)


OPERATORS = """
[layouts.default]
rows = [1.0]
columns = [2.0, 1.0]
cells = [{ panel = "prices", row = 0, column = 0 }, { panel = "tape", row = 0, column = 1 }]
"""
"""The operator's configuration: a desk that isn't the packaged one."""


def forced(url: str, folder: Path, *more: str) -> str:
    """What the page forces, with this interpreter, `url`, and in `folder` the operator's configuration and the
    screens' state."""
    (arguments,) = re.findall(r"ForceCommand \S+ (.*)", PAGE.read_text())
    (config := folder / "deskmon.toml").write_text(OPERATORS)
    for theirs, ours in (("unix:/run/deskmon/desk.sock", url), ("/etc/deskmon/deskmon.toml", str(config))):
        assert theirs in arguments
        arguments = arguments.replace(theirs, shlex.quote(ours))
    own = f"XDG_STATE_HOME={folder / 'state'}"
    return f"{shlex.join(['env', own, sys.executable, '-P', '-m', 'deskmon'])} {arguments} {shlex.join(more)}"


@pytest.fixture
def sshd(hub, tmp_path):
    """A server whose only way in is the desk on `hub`."""
    with Sshd(tmp_path, match_block(forced(f"unix:{hub}", tmp_path))) as server:
        yield server


def descendants(pid: int) -> set[int]:
    """Processes below `pid`."""
    table: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        table.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        below = table.get(waiting.pop(), [])
        found.update(below)
        waiting += below
    return found


def test_a_trader_over_ssh_sees_the_operators_desk_as_snapshot_prints_it_and_keys_work(sshd, cascade):
    with Terminal(argv=sshd.client()) as terminal:
        terminal.until("REPLAY")
        terminal.until("PAUSED")
        argv = [sys.executable, "-m", "deskmon", "snapshot", "--replay", str(cascade[0]), "--size", "120x36"]
        frame = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=sshd.folder).stdout
        assert "Funding" not in frame
        terminal.shows(frame)
        terminal.walk(("?", "› help"), ("\x1b", gone("› help")))


def test_a_trader_over_ssh_copies_to_the_clipboard_at_home_and_writes_no_file_on_the_hub_s_machine(
    sshd, monkeypatch
):  # fmt: skip
    monkeypatch.setenv("TERM", "xterm-256color")
    with Terminal(argv=sshd.client(), size=(160, 44)) as terminal:
        terminal.until("PAUSED")
        terminal.walk(("y", "2 panel"), ("y", "copied panel prices"), ("Y", GUEST))
        terminal.press("q")
        terminal.until_ended()
    copies = bytes(terminal.raw).split(b"\x1b]52;c;")[1:]
    text = b64decode(copies[0].partition(b"\x1b\\")[0]).decode()
    assert len(copies) == 1 and text.startswith("Prices") and "simulated" in text and "BTC" in text
    kept = [path.relative_to(sshd.folder) for path in (sshd.folder / "state").rglob("*") if path.is_file()]
    assert not kept


def test_a_connection_that_breaks_leaves_no_process_behind(sshd):
    terminal = Terminal(argv=sshd.client())
    with terminal:
        terminal.until("REPLAY")
        left = descendants(sshd.pid)
        assert any("deskmon" in Path(f"/proc/{pid}/cmdline").read_text() for pid in left)
        os.kill(terminal.child.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (still := [pid for pid in left if os.path.exists(f"/proc/{pid}")]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not still
    assert not descendants(sshd.pid)


def test_a_trader_who_asks_for_another_command_gets_the_desk(sshd):
    with Terminal(argv=[*sshd.client(), "cat", "/etc/passwd"]) as terminal:
        terminal.until("REPLAY")
        assert "root:" not in terminal.text


def test_a_thin_line_carries_the_desk_and_its_keys(busy_hub, tmp_path):
    command = forced(f"unix:{busy_hub}", tmp_path, "--max-kbps", "48")
    with (
        Sshd(tmp_path, match_block(command)) as server,
        ThinLink(server.port, 64) as line,
        Terminal(argv=server.client("-C", port=line.port), size=(200, 50)) as terminal,
    ):
        terminal.until("DEMO")
        for _ in range(3):
            terminal.walk(("/", "⏎ keep"), ("\r", gone("⏎ keep")))
