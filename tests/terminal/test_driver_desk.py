"""The desk itself under the thin driver, on a real pseudo-terminal: storms of sizes, a window left, colours, ASCII."""

import asyncio
import os
import random
import re
import signal

import pytest

from deskmon.desk.app import BLURRED_FPS, DeskApp
from tests.desk.test_app import FakeLink, config, market
from tests.terminal.consoles import Console, running
from tests.terminal.oracle import cells_of

STORM = 60


@pytest.fixture
def console():
    console = Console(100, 30)
    yield console
    console.close()


async def shown(app, console):
    """Feed the desk a market and wait until the terminal has it."""
    app.link.batches.put_nowait(market(64_812.5))
    await app.link.batches.join()
    await console.settle(app)


async def test_after_a_storm_of_sizes_the_picture_is_that_of_a_fresh_desk(console, monkeypatch):
    rng, app = random.Random(11), DeskApp(config(), FakeLink())
    async with running(app, console, monkeypatch):
        await shown(app, console)
        before = app._driver.statistics().bytes_written
        for turn in range(STORM):
            console.resize(rng.randint(1, 220), rng.randint(1, 60))
            signal.raise_signal(signal.SIGWINCH)
            if turn % 3 == 0:
                console.read()
                await asyncio.sleep(0)
        assert app._driver.statistics().bytes_written - before < STORM * 220 * 60, "every size was painted"
        console.resize(90, 28)
        signal.raise_signal(signal.SIGWINCH)
        await console.until(lambda: app.size == (90, 28))
        await console.settle(app)
        terminal = app._driver.terminal
        assert (terminal.have.width, terminal.have.height) == (90, 28)
        console.received = b""
        terminal.forget()
        app._driver.write("\x1b[1;1H")
        await console.settle(app)
        judged = console.cells()
        assert judged == cells_of(terminal.want, terminal.styles)
        app.desk.painter.afresh()
        app.tick()
        await console.settle(app)
        assert cells_of(terminal.want, terminal.styles) == judged


async def test_a_window_that_is_left_gets_one_frame_a_second_until_it_is_back(console, monkeypatch):
    app = DeskApp(config(), FakeLink())
    async with running(app, console, monkeypatch):
        await shown(app, console)
        assert b"\x1b[?1004h" in console.received, "the terminal is asked to tell"
        os.write(console.master, b"\x1b[O")
        await console.until(lambda: app._timer._interval == 1 / BLURRED_FPS)
        os.write(console.master, b"\x1b[I")
        await console.until(lambda: app._timer._interval == 1 / app.config.desk.fps)


@pytest.mark.parametrize("noise", [b"\xe9", b"\xff\xfe", b"\xe2\x82"])
async def test_bytes_that_are_no_text_cost_nothing_but_themselves(console, monkeypatch, noise):
    app = DeskApp(config(), FakeLink())
    async with running(app, console, monkeypatch) as task:
        await shown(app, console)
        os.write(console.master, noise)
        await console.settle(app)
        os.write(console.master, b"x")  # may end what the noise began
        await console.settle(app)
        while not task.done() and app.desk.page.focus != 1:
            os.write(console.master, b"2")  # again where the first one is still on its way
            await console.settle(app)
        assert not task.done()


def depths(received: bytes) -> set[str]:
    """The depths of all colours that were asked for."""
    found = set()
    for sequence in re.findall(rb"\x1b\[([\d;]*)m", received):
        numbers = iter([int(number or 0) for number in sequence.split(b";")])
        for number in numbers:
            if number in (38, 48):
                kind = next(numbers)
                found.add({2: "truecolor", 5: "256"}[kind])
                for _ in range({2: 3, 5: 1}[kind]):
                    next(numbers)
            elif number // 10 in (3, 4, 9, 10) and number % 10 < 8:
                found.add("16")
    return found


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"COLORTERM": "truecolor"}, {"truecolor"}),
        ({"COLORTERM": ""}, {"256"}),
        ({"COLORTERM": "", "TERM": "xterm"}, {"16"}),
        ({"NO_COLOR": "1"}, set()),
    ],
)
async def test_the_terminal_gets_the_colours_it_has_from_the_palette_too(console, monkeypatch, environ, wanted):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    app = DeskApp(config(), FakeLink())
    async with running(app, console, monkeypatch):
        await shown(app, console)
        app.action_command_palette()
        await console.until(lambda: len(app.screen_stack) > 1)
        await console.settle(app)
    assert depths(console.received) == wanted


async def test_the_locale_c_gets_ascii_alone(console, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    app = DeskApp(config(), FakeLink())
    async with running(app, console, monkeypatch):
        await shown(app, console)
        app.action_command_palette()
        await console.until(lambda: len(app.screen_stack) > 1)
        await console.settle(app)
    assert console.received.isascii()
    assert b"------" in console.received
