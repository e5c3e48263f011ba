"""A real pseudo-terminal on which a Textual app runs in this process, read only when a test says so."""

import asyncio
import fcntl
import os
import re
import signal
import struct
import sys
import termios
from contextlib import asynccontextmanager
from io import FileIO

from tests.terminal.oracle import Judge

_PRIVATE = re.compile(rb"\x1b\[[<>=?][\d;]*\$?[a-zA-Z]|\x1b\][^\x07]*\x07")


class Console:
    """The far end of a pseudo-terminal: `received` so far, and a judge that has been fed all of it."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.master, self.slave = os.openpty()
        os.set_blocking(self.master, False)
        self.file = FileIO(self.slave, "r+")
        self.received = b""
        self.resize(width, height)

    def resize(self, width, height):
        self.width, self.height = width, height
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def read(self):
        """All that has arrived, without waiting."""
        chunks = []
        while self.master is not None:
            try:
                chunks.append(os.read(self.master, 65536))
            except BlockingIOError:
                break
        arrived = b"".join(chunks)
        self.received += arrived
        return arrived

    async def until(self, condition, *, reading=True):
        """Run the loop until `condition()`."""
        while not condition():
            if reading:
                self.read()
            await asyncio.sleep(0.005)

    async def settle(self, app):
        """Run the loop until the app has nothing to draw or send."""
        quiet = 0
        while quiet < 12:
            idle = not self.read() and not app._driver.terminal.pending and not app._driver.statistics().stalled_since
            quiet = quiet + 1 if idle else 0
            await asyncio.sleep(0.005)

    def cells(self, *, rep=False):
        """What a terminal of the present size shows after all that was `received`."""
        judge = Judge(self.width, self.height, rep=rep)
        judge.feed(_PRIVATE.sub(b"", self.received))
        return judge.cells()

    def hang_up(self):
        """Go away, as a closed window does."""
        os.close(self.master)
        self.master = None

    def close(self):
        self.file.close()
        if self.master is not None:
            self.hang_up()


@asynccontextmanager
async def running(app, console, monkeypatch):
    """`app` on `console`, from its first frame to its end; stdin, stdout and signal handlers are put back."""
    signals = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH, signal.SIGTTOU, signal.SIGTTIN)
    handlers = {number: signal.getsignal(number) for number in signals}
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    for name in ("__stdin__", "__stdout__", "__stderr__"):
        monkeypatch.setattr(sys, name, console.file)
    task = asyncio.create_task(app.run_async())
    try:
        await console.until(lambda: task.done() or (app._driver and app._driver.statistics().frames))
        with app._context():
            yield task
        app.exit()
        await console.until(task.done)
    finally:
        task.cancel()
        for number, handler in handlers.items():
            signal.signal(number, handler)
