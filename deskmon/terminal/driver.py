"""Textual's driver for a desk on a slow link: input as Textual has it, output by difference and never blocking."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from deskmon.errors import DeskError
from deskmon.terminal.charset import UTF_8, Charset
from deskmon.terminal.grids import Terminal, erases_in_colour
from deskmon.terminal.repetition import QUESTION, is_named, repeats
from deskmon.terminal.writer import Statistics, TerminalWriter

EXIT_LIMIT_S = 0.5
"""How long restoring the terminal may wait for it."""

KEY_S = 0.25
"""How long a key may count as not answered: of one that textual takes for itself the app never says so."""

_LOST, _TERMINATED = 1, 130
"""Exit status after the terminal went away, and after SIGTERM."""


def open_terminal() -> int:
    """A new non-blocking way to the terminal on stdout.

    A file description of its own, since O_NONBLOCK on the inherited one would also be the parent shell's.

    Raises:
        DeskError: stdout is no terminal.
    """
    for path in (_terminal_name(), "/dev/tty"):
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            reason = error.strerror
    raise DeskError(f"the terminal can't be opened: {reason}", "run deskmon in a terminal of your own")


def _terminal_name() -> str:
    stdout = sys.__stdout__
    if stdout is None or not stdout.isatty():
        raise DeskError("stdout is not a terminal", "use `deskmon snapshot` for one frame")
    try:
        return os.ttyname(stdout.fileno())
    except OSError:
        return "/dev/tty"


class ThinDriver(LinuxDriver):
    """`App(driver_class=ThinDriver)`: Textual's output updates a grid; what differs goes out when it can.

    The app is never held up by the terminal, and after a stall one small difference puts the screen right.
    """

    max_kbps: ClassVar[float] = 0.0
    """Kilobits a second that the terminal may be sent, 0 for no limit."""

    charset: ClassVar[Charset] = UTF_8
    """The characters that the terminal's locale carries."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._thread = threading.get_ident()
        self._writer: TerminalWriter | None = None
        self._keys: deque[float] = deque(maxlen=64)
        self._figures = Statistics(0, 0, 0, 0.0, None)
        self._terminal = Terminal(
            *super()._get_terminal_size(), erase=erases_in_colour(os.environ), charset=self.charset
        )

    @property
    def terminal(self) -> Terminal:
        """The wanted and the present grid."""
        return self._terminal

    def statistics(self) -> Statistics:
        """What went to the terminal since the app started or was resumed."""
        if self._writer is not None:
            self._figures = self._writer.statistics()
        return self._figures

    def write(self, data: str) -> None:
        """Take one write of the app, from any thread."""
        if threading.get_ident() != self._thread:
            self._loop.call_soon_threadsafe(self.write, data)
            return
        self._terminal.write(data)
        if self._writer is not None:
            self._writer.schedule()

    def drawn(self, x: int, y: int) -> None:
        """A frame has been drawn on the terminal's grid directly, with the cursor at (x, y)."""
        self._terminal.drawn(x, y)
        if self._writer is not None:
            self._writer.show()

    def is_key_waiting(self) -> bool:
        """Whether a key was read that the app hasn't begun to answer: known before the loop hears of it."""
        return bool(self._keys) and time.monotonic() - self._keys[-1] < KEY_S

    def key_taken(self, key: events.Key) -> None:
        """The app begins to answer a key. Those before it, which textual took for itself, wait no longer either."""
        while self._keys and self._keys[0] <= key.time:
            self._keys.popleft()

    def send(self) -> None:
        """Send what is drawn now, not with whatever else this turn of the loop draws."""
        if self._writer is not None:
            self._writer.send()

    def start_application_mode(self) -> None:
        """Enter the alternate screen and start reading keys."""
        self._writer = TerminalWriter(self._terminal, open_terminal(), kbps=self.max_kbps, lost=self._hang_up)
        self._loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        self._loop.add_signal_handler(signal.SIGTERM, self._app.exit, _TERMINATED, _TERMINATED)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._stop_writer_thread()
        if self.charset.full:
            self._terminal.allow_rep(is_named(os.environ))
            self._terminal.ask(QUESTION)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        super().stop_application_mode()
        if self._writer is not None:
            self._writer.finish(EXIT_LIMIT_S)

    def close(self) -> None:
        """Send nothing more."""
        super().close()
        if self._writer is not None:
            self.statistics()
            self._writer.close()
            self._writer = None
            self._loop.remove_signal_handler(signal.SIGHUP)
            self._loop.remove_signal_handler(signal.SIGTERM)

    def process_message(self, message: Message) -> None:
        """Note a key, and the size that a terminal reports in band, then pass the message on; an answer of the terminal
        is for nobody else. Runs in the input thread."""
        if isinstance(message, events.CursorPosition) and (known := repeats(message)) is not None:
            self._loop.call_soon_threadsafe(self._answered, known)
            return
        if isinstance(message, events.Resize):
            self._loop.call_soon_threadsafe(self._resize, *message.size)
        elif isinstance(message, events.Key):
            self._keys.append(message.time)  # nothing is taken out here, where the loop may be looking
        super().process_message(message)

    def _answered(self, repeats: bool) -> None:
        self._terminal.allow_rep(repeats)
        if self._writer is not None:
            self._writer.schedule()

    def run_input_thread(self) -> None:
        """Read keys until the end; a terminal that is gone ends the app, without a traceback.

        What is no UTF-8, noise on the line or a key of another character set, is dropped with what came beside it.
        """
        while True:
            try:
                super().run_input_thread()
            except UnicodeDecodeError:
                if not self.exit_event.is_set():
                    continue
            except OSError:
                self._loop.call_soon_threadsafe(self._hang_up)
            return

    def _get_terminal_size(self) -> tuple[int, int]:
        """The size now; Textual asks at the start and at every SIGWINCH, where the loop may be anywhere."""
        size = super()._get_terminal_size()
        self._loop.call_soon_threadsafe(self._resize, *size)
        return size

    def _resize(self, width: int, height: int) -> None:
        self._terminal.resize(width, height)
        if self._writer is not None:
            self._writer.schedule()

    def _disable_mouse_support(self) -> None:
        """Also end reports in pixels, which would outlive the app."""
        super()._disable_mouse_support()
        if self._mouse and self._mouse_pixels:
            self.write("\x1b[?1016l")

    def _request_terminal_sync_mode_support(self) -> None:
        """Not asked: differences are small and whole, marks around them would only cost bytes."""

    def _sigtstp_application(self, *_: object) -> None:
        """Stop between two steps of the loop, never in the middle of a frame."""
        if self._auto_restart:
            self._loop.call_soon_threadsafe(super()._sigtstp_application)
        else:
            super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._resume)

    def _resume(self) -> None:
        """Go on after SIGCONT, where nothing is known of what the terminal went through meanwhile."""
        if self._writer is not None:
            self.suspend_application_mode()
        self.resume_application_mode()

    def _hang_up(self) -> None:
        self._app.exit(_LOST, _LOST)

    def _stop_writer_thread(self) -> None:
        """Textual starts its blocking writer along with the rest; nothing goes through it."""
        if self._writer_thread is not None:
            self._writer_thread.stop()
            self._writer_thread = None


def thin_driver(max_kbps: float, charset: Charset = UTF_8) -> type[ThinDriver]:
    """A driver that sends the terminal at most `max_kbps` kilobits a second, in the characters of `charset`."""
    return type("ThinDriver", (ThinDriver,), {"max_kbps": max_kbps, "charset": charset})
