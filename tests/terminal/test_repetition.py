"""A terminal is told to repeat characters only once it has shown that it does, or where its name says so."""

import os
import re
import signal

import pytest
from rich.segment import Segment
from textual.app import App
from textual.strip import Strip
from textual.widget import Widget

from deskmon.terminal.charset import Charset
from deskmon.terminal.display import ThinDisplay
from deskmon.terminal.driver import ThinDriver, thin_driver
from deskmon.terminal.repetition import QUESTION, YES, is_named
from tests.terminal.consoles import Console, running
from tests.terminal.oracle import Judge

NO, A_KEY = "\x1b[2;2R", "\x1b[1;5R"
EDGE = "╭" + "─" * 38 + "╮"


class Edges(Widget):
    """Edges of panels."""

    DEFAULT_CSS = "Edges { width: 100%; height: 100%; }"

    def render_line(self, y):
        return Strip([Segment(EDGE)])


class Framed(ThinDisplay, App):
    """Shows edges, and notes keys."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, driver_class=ThinDriver):
        super().__init__(driver_class=driver_class)
        self.keys = ""

    def compose(self):
        yield Edges()

    def on_key(self, event):
        self.keys += event.key


@pytest.fixture
def console(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    console = Console(40, 6)
    yield console
    console.close()


async def painted(app, console, answer):
    """What the app sends for a whole screen after the terminal's answer."""
    await console.settle(app)
    os.write(console.master, answer.encode() + b"x")
    await console.until(lambda: app.keys.endswith("x"))
    console.received = b""
    signal.raise_signal(signal.SIGWINCH)
    await console.until(lambda: console.received)
    await console.settle(app)
    return console.received


@pytest.mark.parametrize(
    ("name", "answer", "repeated"),
    [
        ("xterm-256color", YES, True),
        ("xterm-256color", NO, False),
        ("xterm-256color", "", False),
        ("xterm-256color", A_KEY, False),
        ("xterm-kitty", "", True),
        ("xterm-kitty", NO, False),
        ("screen.xterm-kitty", "", False),
    ],
)
async def test_edges_are_repeated_where_the_terminal_says_so(console, monkeypatch, name, answer, repeated):
    monkeypatch.setenv("TERM", name)
    app = Framed()
    async with running(app, console, monkeypatch):
        sent = await painted(app, console, answer)
        assert (b"\x1b[37b" in sent) is repeated
        assert ["".join(char for char, _ in row) for row in console.cells(rep=repeated)] == [EDGE] * 6


async def test_a_terminal_that_is_not_what_its_name_says_is_painted_anew(console, monkeypatch):
    monkeypatch.setenv("TERM", "foot")
    app = Framed()
    async with running(app, console, monkeypatch):
        await console.settle(app)
        assert b"\x1b[37b" in console.received
        console.received = b""
        os.write(console.master, NO.encode())
        await console.until(lambda: console.received.count(EDGE.encode()) == 6)
        assert b"\x1b[37b" not in console.received


async def test_a_resumed_app_asks_anew(console, monkeypatch):
    app = Framed()
    async with running(app, console, monkeypatch):
        assert b"\x1b[37b" in await painted(app, console, YES)
        console.received = b""
        with app.suspend():
            console.read()
        await console.until(lambda: QUESTION.encode() in console.received)
        await console.settle(app)
        entered = console.received.index(b"\x1b[?1049h")
        assert entered < console.received.index(QUESTION.encode()) < console.received.index(b"\x1b[2J")
        assert console.received.count("─".encode()) > 6 * 38


async def test_an_answer_is_no_key(console, monkeypatch):
    app = Framed()
    async with running(app, console, monkeypatch):
        await painted(app, console, YES)
        assert app.keys == "x"


async def test_a_terminal_without_lines_is_not_asked(console, monkeypatch):
    app = Framed(thin_driver(0, Charset("ascii")))
    async with running(app, console, monkeypatch):
        await console.settle(app)
        assert not re.search(rb"\x1b\[\d*[bn]", console.received)


@pytest.mark.parametrize(("rep", "answered"), [(True, YES), (False, NO)])
def test_terminals_answer_as_expected_and_show_nothing_of_the_question(rep, answered):
    judge, answers = Judge(40, 6, rep=rep), []
    judge.screen.write_process_input = answers.append
    judge.feed(QUESTION.encode())
    assert answers == [answered]
    assert not "".join(judge.screen.display).strip()


def test_a_name_says_so_only_where_it_begins_with_it():
    assert is_named({"TERM": "foot-extra"})
    assert not is_named({"TERM": "tmux-256color"})
    assert not is_named({})
