"""A Textual app under the thin driver, on a real pseudo-terminal."""

import asyncio
import os
import signal
import termios

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from deskmon.errors import DeskError
from deskmon.screen.driver import ThinDriver, open_terminal, thin_driver
from tests.driver.consoles import Console, running
from tests.driver.oracle import attributes_of, cells_of, look

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


class Desk(App):
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
        for strip in self.screen._compositor.render_strips():
            row = []
            for segment in strip:
                styles = self._driver.terminal.styles
                number = styles.after(0, Strip.render_ansi(segment.style, self.console._color_system))
                row += [look(char, attributes_of(styles[number])) for char in segment.text]
            rows.append(row)
        return rows


@pytest.fixture
def console():
    console = Console(96, 20)
    yield console
    console.close()


async def test_the_terminal_shows_what_the_app_shows(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch):
        for _ in range(5):
            app.board.tick()
            await console.settle(app)
        assert console.cells() == app.shown()
        assert cells_of(app._driver.terminal.have, app._driver.terminal.styles) == app.shown()


async def test_a_terminal_that_stops_reading_holds_nobody_up_and_is_right_again_after_one_frame(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        app.board.tick()
        await console.settle(app)
        ordinary = app._driver.statistics().bytes_written

        async def until_stalled():
            while app._driver.statistics().stalled_since is None:
                app.board.tick()
                await asyncio.sleep(0)

        await until_stalled()
        written = app._driver.statistics().bytes_written
        frames = []
        app.post_display_hook = lambda: frames.append(app.board.count)
        turns = 0
        while len(frames) < 100:  # a blocked loop would never get here
            app.board.tick()
            turns += 1
            await asyncio.sleep(0)
        statistics = app._driver.statistics()
        assert turns >= 100
        assert statistics.bytes_written == written
        assert statistics.stalled_since is not None

        held = len(console.read())
        await console.settle(app)
        assert app._driver.statistics().stalled_since is None
        assert console.cells() == app.shown()
        late = app._driver.statistics().bytes_written - written
        one_frame = whole_screen(app)
        assert held > 0
        assert late <= 2 * one_frame + ordinary
        assert frames


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
    modes = {}
    for match in __import__("re").finditer(rb"\x1b\[\?(\d+)([hl])", console.received):
        modes[int(match[1])] = match[2] == b"h"
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
        os.write(console.master, b"\x1b[?2048;0$y")


async def test_a_terminal_that_goes_away_ends_the_app(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch) as task:
        await console.settle(app)
        os.close(console.master)
        console.master = None
        app.board.tick()
        while not task.done():
            await asyncio.sleep(0.005)
        assert app.return_code == 1
        console.read = lambda: b""


async def test_a_hang_up_ends_the_app(console, monkeypatch):
    app = Desk()
    async with running(app, console, monkeypatch) as task:
        await console.settle(app)
        signal.raise_signal(signal.SIGHUP)
        await console.until(task.done)
        assert app.return_code == 1
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
