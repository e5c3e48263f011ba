"""The Textual app around the desk: keys arrive, the stream is folded, the palette opens, themes change."""

import asyncio
from collections import deque

import msgspec
import pytest
from textual.command import CommandPalette

from deskmon import plugins
from deskmon.colours.theme_choice import theme_or_dark
from deskmon.components.panel import Command
from deskmon.config.schema import Cell, Config, Layout
from deskmon.desk.app import DeskApp
from deskmon.desk.palette import DeskCommands
from deskmon.events import Journal, Pulse, Reset, Ticker
from deskmon.transport.requests import Find, Reply

NOW = 1_767_614_400_000


class FakeLink:
    """A hub that says what a test puts in."""

    private = True

    def __init__(self):
        self.state, self.detail, self.with_heartbeat = "live", "", False
        self.batches = asyncio.Queue()
        self.said = deque()
        self.commands, self.asked, self.reply = [], [], Reply(ok=True)
        self.closed = False

    async def events(self):
        while True:
            yield await self.batches.get()
            self.batches.task_done()

    def command(self, do, value=None):
        self.commands.append(Command(do, value))

    async def ask(self, request):
        if isinstance(request, Find):
            return Reply(ok=True)
        self.asked.append(request)
        return self.reply

    async def close(self):
        self.closed = True


def config(**desk) -> Config:
    layout = Layout(columns=(1, 1), cells=(Cell(panel="prices"), Cell(panel="feeds", column=1)))
    made = Config(layouts={"default": layout, "tape": Layout(cells=(Cell(panel="tape"),))})
    return msgspec.structs.replace(made, desk=msgspec.structs.replace(made.desk, **desk))


def market(last: float, mode: str = "demo") -> list:
    return [
        Journal(version=1, source="simulated", note="seed 7", started=NOW - 1000, mode=mode),
        Ticker(ts=NOW, venue="binance", symbol="BTC/USDT:USDT", last=last),
        Pulse(ts=NOW, seq=1, mode=mode, paused=True),
    ]


async def feed(app: DeskApp, pilot, events) -> None:
    app.link.batches.put_nowait(events)
    await app.link.batches.join()
    app.tick()
    await pilot.pause()


async def resize(app: DeskApp, pilot, width: int, height: int) -> None:
    """Give the terminal another size. Textual waits a little for further ones before it tells its widgets."""
    await pilot.resize_terminal(width, height)
    while app.view.size != (width, height):
        await pilot.pause()
    await pilot.pause()


def shown(app: DeskApp) -> str:
    """What Textual's own compositor holds, not what the desk meant to show."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


async def test_the_stream_reaches_the_screen_and_the_market_is_named():
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(64_812.5))
        assert "64,812.50" in shown(app)
        assert "DEMO SIMULATED" in shown(app)
        await feed(app, pilot, market(64_900.25))
        assert "64,900.25" in shown(app)
        assert "64,812.50" not in shown(app)
    assert app.link.closed


async def test_a_snapshot_shows_once_it_is_whole():
    """Its parts come in several batches: until the heartbeat at its end the picture of before stays."""
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(64_812.5))
        header, ticker, pulse = market(64_900.25)
        await feed(app, pilot, [Reset(ts=NOW), header])
        assert "64,812.50" in shown(app)
        await feed(app, pilot, [ticker])
        assert "64,812.50" in shown(app)
        await feed(app, pilot, [pulse])
        assert "64,900.25" in shown(app)


async def test_keys_that_are_typed_while_a_market_is_folded_are_answered_after_it_in_their_order():
    """What is meant for a prompt that isn't there yet never acts as keys of the desk; a seek's own keys don't wait."""
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(120, 30)) as pilot:
        header, ticker, pulse = market(64_812.5)
        await feed(app, pilot, [header, ticker, pulse])
        await feed(app, pilot, [msgspec.structs.replace(pulse, seq=2, seeking=True)])
        for key in ("slash", "e", "space", "d", "less_than_sign"):
            await pilot.press(key)
        assert app.desk.mode is None and app.link.commands[-1].do == "shift"
        await feed(app, pilot, [msgspec.structs.replace(pulse, seq=3)])
        assert app.desk.mode.text == "e d"


async def test_keys_reach_the_desk_whatever_textual_binds_them_to():
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        await pilot.press("tab")
        assert app.desk.page.focus == 1
        await pilot.press("1")
        assert app.desk.page.focus == 0
        await pilot.press("question_mark")
        assert "What the figures mean" in shown(app)
        await pilot.press("escape", "l", "2")
        assert app.desk.layout_name == "tape"
        await pilot.press("slash", "e", "T", "h", "enter")
        assert app.desk.mode is None
        await pilot.press("q")
    assert app.return_code == 0


async def test_the_palette_goes_to_a_layout_by_name():
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        await pilot.press("colon")
        assert isinstance(app.screen, CommandPalette)
        await pilot.press("escape")
        hits = [hit async for hit in DeskCommands(app.screen).search("layout tape")]
        hits[0].command()
        assert app.desk.layout_name == "tape"
        everything = [str(hit.display) async for hit in DeskCommands(app.screen).discover()]
        assert {"layout default", "theme mono", "BTC/USDT:USDT", "quit (q)", "panel feeds"} <= set(everything)


async def test_themes_change_by_key_and_an_unknown_one_falls_back_to_dark():
    app = DeskApp(config(theme="nonesuch"), FakeLink())
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.palette.name == "dark"
        before = app.view._strip(0)
        await pilot.press("t")
        assert app.palette.name == app.theme_names[app.theme_names.index("dark") + 1]
        assert app.view._strip(0) != before
    assert theme_or_dark("mono").name == "mono"


@pytest.mark.parametrize("name", plugins.theme_names())
async def test_the_palette_opens_in_every_theme(name):
    app = DeskApp(config(theme=name), FakeLink())
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.palette.name == name
        await pilot.press("colon")
        assert isinstance(app.screen, CommandPalette)


async def test_replay_keys_become_commands_to_the_hub():
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(80, 24)) as pilot:
        await feed(app, pilot, market(100.0, mode="replay"))
        await pilot.press("space", "full_stop", "right_square_bracket")
        assert app.link.commands == [Command("play"), Command("step"), Command("faster", 2.0)]


async def test_a_resize_keeps_focus_and_redraws():
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(120, 30)) as pilot:
        await feed(app, pilot, market(100.0))
        await pilot.press("2")
        await resize(app, pilot, 60, 20)
        assert app.desk.page.focus == 1
        assert (app.desk.canvas.width, app.desk.canvas.height) == (60, 20)
        assert "2 Feeds" in shown(app)


async def test_a_heartbeat_paints_what_came_with_it_unless_frames_are_wanted_more_often():
    app, fast = DeskApp(config(), FakeLink()), DeskApp(config(fps=10.0), FakeLink())
    for each, painted in ((app, True), (fast, False)):
        async with each.run_test(size=(120, 30)) as pilot:
            await feed(each, pilot, market(64_812.5))
            assert each.link.with_heartbeat is painted
            each._frames._at = float("-inf")
            each._timer.pause()
            ticker = Ticker(ts=NOW + 1000, venue="binance", symbol="BTC/USDT:USDT", last=65_000.0)
            each.link.batches.put_nowait([ticker, Pulse(ts=NOW + 1000, seq=2, mode="demo", paused=True)])
            await each.link.batches.join()
            await pilot.pause()
            assert ("65,000.00" in shown(each)) is painted


async def test_a_terminal_that_is_not_looked_at_gets_one_frame_a_second():
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(80, 24)):
        app.on_app_blur(None)
        assert app._timer._interval == 1.0
        app.on_app_focus(None)
        assert app._timer._interval == 0.25
