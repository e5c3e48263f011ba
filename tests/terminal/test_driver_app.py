"""A Textual app under the thin driver, on a real pseudo-terminal."""

import asyncio
import os
import re
import signal
import termios
from typing import ClassVar

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.binding import Binding
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from deskmon.errors import DeskError
from deskmon.terminal import driver as driver_module
from deskmon.terminal.display import ThinDisplay
from deskmon.terminal.driver import ThinDriver, open_terminal, thin_driver
from deskmon.terminal.vt import split
from deskmon.terminal.writer import CHUNK
from tests.terminal.consoles import Console, running
from tests.terminal.oracle import attributes_of, cells_of, look

UP, DOWN = Style(color="#2ecc71", bgcolor="#121212"), Style(color="#e74c3c", bgcolor="#121212", bold=True)


class Board(Widget):
    """Columns of numbers, of which some change at every tick."""

    DEFAULT_CSS = "Board { width: 100%; height: 100%; }"
    count = 0

    def tick(self, rows=None):
        self.count += 1
        self.refresh(*(Region(0, y, self.size.width, 1) for y in range(rows or self.size.height)))

    def render_line(self, y):
        runs = []
        for column in range(self.size.width // 12):
            value = 60_000 + (self.count * (7 + column) + y * 31) % 5_000
            runs.append(Segment(f" {value:>9,}  ", UP if (value + self.count) % 3 else DOWN))
        return Strip(runs).adjust_cell_length(self.size.width, UP)


class Shown:
    """Comparable with what a terminal shows."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { background: #121212; }"

    def __init__(self, driver_class=ThinDriver):
        super().__init__(driver_class=driver_class)
        self.board = Board()

    def compose(self):
        yield self.board

    def shown(self):
        """The app's own idea of its screen, as cells a terminal shows."""
        rows = []
        styles = self._driver.terminal.styles
        for strip in self.screen._compositor.render_strips():
            row = []
            for segment in strip:
                number = styles.after(0, Strip.render_ansi(segment.style, self.console._color_system))
                row += [look(cell, attributes_of(styles[number])) for cell in split(segment.text)]
            assert len(row) == self.size.width
            rows.append(row)
        return rows


class Desk(Shown, ThinDisplay):
    """An app as the desk is one."""


class Plain(Shown, App):
    """An app that displays as Textual does."""


class Stranger(Widget):
    """Shows text that nobody has cleaned."""

    TEXT = "漢字 e\u0301 ✔\ufe0f \x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[?1000h\u202e\x9b7m"

    def render_line(self, y):
        return Strip([Segment(self.TEXT, UP)]).adjust_cell_length(self.size.width, UP)


class Notice(ModalScreen):
    """A box over the desk, which stays visible around it."""

    CSS = "Notice { align: center middle; background: #0008; } Stranger { width: 50; height: 5; border: round red; }"

    def compose(self):
        yield Stranger()


@pytest.fixture
def console(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    console = Console(96, 20)
    yield console
    console.close()


@pytest.mark.parametrize("kind", [Desk, Plain])
async def test_the_terminal_shows_what_the_app_shows(console, monkeypatch, kind):
    app = kind()
    async with running(app, console, monkeypatch):
        for _ in range(5):
            app.board.tick()
            await console.settle(app)
        assert console.cells() == app.shown()
        assert cells_of(app._driver.terminal.have, app._driver.terminal.styles) == app.shown()


@pytest.mark.parametrize("kind", [Desk, Plain])
async def test_boxes_over_the_desk_and_a_strangers_text_send_nothing_but_cells(console, monkeypatch, kind):
    app = kind()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        console.received = b""
        app.push_screen(Notice())
        await console.until(lambda: len(app.screen_stack) == 2)
        await console.settle(app)
        for rows in range(1, 6):
            app.board.tick(rows)
            await console.settle(app)
        sent = console.received.replace(b"\x1b]22;default\x07", b"")  # Textual's own: the mouse pointer's shape
        assert set(re.findall(rb"\x1b\[[\d;]*([^\d;])", sent)) <= {bytes([byte]) for byte in b"mHABCDGJKX"}
        assert b"\x1b" not in re.sub(rb"\x1b(?:\[|M)", b"", sent)
        assert set(re.findall(rb"[\x00-\x1a\x1c-\x1f\x7f]", sent)) <= {b"\b", b"\v", b"\r", b"\n"}
        if kind is Desk:
            assert "漢".encode() in sent
            assert cells_of(app._driver.terminal.have, app._driver.terminal.styles) == app.shown()
        app.pop_screen()
        await console.until(lambda: len(app.screen_stack) == 1)
        await console.settle(app)
        assert cells_of(app._driver.terminal.have, app._driver.terminal.styles) == app.shown()


async def test_a_terminal_that_stops_reading_holds_nobody_up_and_is_right_again_after_one_frame(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        while app._driver.statistics().stalled_since is None:
            app.board.tick()
            await asyncio.sleep(0)
        written = app._driver.statistics().bytes_written
        displays = []
        app.post_display_hook = lambda: displays.append(app.board.count)
        while len(displays) < 100:  # a blocked loop never gets here
            app.board.tick()
            await asyncio.sleep(0)
        assert app._driver.statistics().bytes_written == written
        assert app._driver.statistics().stalled_since is not None

        await console.settle(app)
        assert app._driver.statistics().stalled_since is None
        assert console.cells() == app.shown()
        late = app._driver.statistics().bytes_written - written
        assert 0 < late <= CHUNK + 2 * whole_screen(app)


def whole_screen(app):
    """Bytes of everything on the screen, in one painting."""
    terminal = app._driver.terminal
    terminal.forget()
    return len(terminal.take(1 << 30))


async def test_a_resize_paints_the_new_size(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        for size in ((60, 12), (120, 30), (120, 30)):
            console.read()
            console.received = b""
            console.resize(*size)
            signal.raise_signal(signal.SIGWINCH)
            await console.until(lambda size=size: app.size == size and console.received)
            await console.settle(app)
            assert console.cells() == app.shown()
            assert len(app.shown()) == size[1]


async def test_a_size_reported_in_band_is_taken(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        os.write(console.master, b"\x1b[?2048;2$y")
        await console.until(lambda: b"\x1b[?2048h" in console.received)
        console.received = b""
        console.width, console.height = 70, 15
        os.write(console.master, b"\x1b[48;15;70;300;700t")
        await console.until(lambda: app.size == (70, 15) and console.received)
        await console.settle(app)
        assert console.cells() == app.shown()


async def test_the_terminal_is_given_back_as_it_was(console, monkeypatch):
    before = termios.tcgetattr(console.slave)
    app = Desk()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        assert termios.tcgetattr(console.slave) != before
        os.write(console.master, b"\x1b[?2048;2$y")
        await console.until(lambda: app._driver._mouse_pixels)
    console.read()
    modes = {int(mode): way == b"h" for mode, way in re.findall(rb"\x1b\[\?(\d+)([hl])", console.received)}
    assert modes.pop(25) and modes.pop(7)  # the cursor is shown, lines wrap
    assert 1049 in modes and 1000 in modes and 1016 in modes
    assert not any(modes.values())
    assert console.received.index(b"\x1b[<u") < console.received.index(b"\x1b[?1049l")
    assert termios.tcgetattr(console.slave) == before


async def test_nothing_else_that_uses_the_terminal_is_made_non_blocking(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        assert os.get_blocking(console.slave)


async def test_an_exit_is_not_held_up_by_a_dead_terminal(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch) as task:
        while app._driver.statistics().stalled_since is None:
            app.board.tick()
            await asyncio.sleep(0)
        app.exit()
        await console.until(task.done, reading=False)


async def test_a_suspended_app_gives_the_terminal_back_and_paints_it_again(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        with app.suspend():
            console.read()
            assert console.received.count(b"\x1b[?1049l") == 1
            console.received = b""
        await console.until(lambda: b"\x1b[?1049h" in console.received)
        await console.settle(app)
        assert console.cells() == app.shown()


async def test_continued_without_having_been_suspended_it_paints_everything_again(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        console.received = b""
        signal.raise_signal(signal.SIGCONT)
        await console.until(lambda: b"\x1b[?1049h" in console.received)
        await console.settle(app)
        assert console.cells() == app.shown()


async def test_a_terminal_that_goes_away_ends_the_app(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch) as task:
        await console.settle(app)
        console.hang_up()
        app.board.tick()
        await console.until(task.done)
        assert app.return_code == 1


@pytest.mark.parametrize(("number", "status"), [(signal.SIGHUP, 1), (signal.SIGTERM, 130)])
async def test_a_signal_to_end_gives_the_terminal_back(console, monkeypatch, number, status):
    app = Desk()
    async with running(app, console, monkeypatch) as task:
        await console.settle(app)
        signal.raise_signal(number)
        await console.until(task.done)
        assert app.return_code == status
        assert b"\x1b[?1049l" in console.received


async def test_a_limited_driver_shows_the_same(console, monkeypatch):
    app = Desk(thin_driver(400))
    async with running(app, console, monkeypatch):
        app.board.tick()
        await console.settle(app)
        assert console.cells() == app.shown()
        assert thin_driver(400).max_kbps == 400
        assert ThinDriver.max_kbps == 0


def test_without_a_terminal_there_is_no_driver(monkeypatch, tmp_path):
    with open(tmp_path / "out", "w") as file:
        monkeypatch.setattr("sys.__stdout__", file)
        with pytest.raises(DeskError, match="not a terminal"):
            open_terminal()


class Typed(Desk):
    """Notes for each key whether the driver knew of it, before and after it was taken."""

    def __init__(self):
        super().__init__()
        self.noted = []

    def on_key(self, event):
        before = self._driver.is_key_waiting()
        self._driver.key_taken(event)
        self.noted.append((event.key, before, self._driver.is_key_waiting()))


async def test_a_key_waits_from_when_it_is_read_until_it_is_taken_or_forgotten(console, monkeypatch):
    monkeypatch.setattr(driver_module, "KEY_S", 3_600.0)
    app = Typed()
    async with running(app, console, monkeypatch):
        assert not app._driver.is_key_waiting()
        os.write(console.master, b"ab")
        await console.until(lambda: len(app.noted) == 2)
        assert [before for _, before, _ in app.noted] == [True, True]
        assert app.noted[-1] == ("b", True, False)
        monkeypatch.setattr(Typed, "on_key", lambda app, event: app.noted.append(event.key))
        os.write(console.master, b"c")
        await console.until(lambda: len(app.noted) == 3)
        assert app._driver.is_key_waiting()
        monkeypatch.setattr(driver_module, "KEY_S", 0.0)
        assert not app._driver.is_key_waiting()


class Bound(Typed):
    """Has a key that textual takes for itself."""

    BINDINGS: ClassVar = [Binding("ctrl+t", "note", priority=True)]

    def action_note(self):
        self.noted.append("bound")


async def test_a_key_that_textual_takes_for_itself_waits_no_longer_than_the_next_that_is_answered(console, monkeypatch):
    monkeypatch.setattr(driver_module, "KEY_S", 3_600.0)
    app = Bound()
    async with running(app, console, monkeypatch):
        os.write(console.master, b"\x14")
        await console.until(lambda: app.noted)
        assert app._driver.is_key_waiting()
        os.write(console.master, b"a")
        await console.until(lambda: len(app.noted) == 2)
        assert app.noted == ["bound", ("a", True, False)]
