"""What a trader notes by key reaches the hub with name, asset and price, and stands on every screen."""

import msgspec
import pytest

from deskmon.desk.app import DeskApp
from deskmon.desk.config_writer import ConfigWriter
from deskmon.events import Note as NoteEvent
from deskmon.events import Ticker
from deskmon.transport.requests import MOST_WORDS, Note, Reply
from tests.desk.stubs import Plain, desk_of
from tests.desk.test_app import NOW, FakeLink, config, feed, market, shown
from tests.desk.test_desk import text

ETH = Ticker(ts=NOW, venue="binance", symbol="ETH/USDT:USDT", last=2_771.0)

NOTED = Reply(ok=True, text="noted as ana")


async def typed(keys, writer=None, said=NOTED):
    """The app after these keys, on a market of two assets."""
    app = DeskApp(config(trader="ana"), FakeLink(), writer)
    app.link.reply = said
    async with app.run_test(size=(160, 30)) as pilot:
        await feed(app, pilot, [*market(100.0)[:2], ETH, *market(100.0)[2:]])
        await pilot.press(*keys)
        await pilot.pause()
        app.tick()
        return app, shown(app)


async def test_a_note_names_the_linked_asset_and_its_price_and_is_signed():
    app, screen = await typed(["n", "o", "u", "t", "enter"])
    assert app.link.asked == [Note(id=0, by="ana", text="out", symbol="BTC/USDT:USDT", price=100.0)]
    assert "noted as ana" in screen


async def test_the_question_says_what_the_note_will_be_about_and_on_an_asset_s_page_that_is_the_asset():
    app, screen = await typed(["down", "enter", "n"])
    assert "note (ETH 2,771.00):" in screen
    assert not app.link.asked


async def test_a_note_of_nothing_is_none_and_a_refusal_is_shown():
    app, _ = await typed(["n", "space", "enter", "n", "x", "escape"])
    assert not app.link.asked
    _, screen = await typed(["n", "x", "enter"], said=Reply(ok=False, text="HUB LOST"))
    assert "HUB LOST" in screen


@pytest.mark.parametrize("status", [{"mode": "look_back"}, {"target": NOW}])
def test_while_a_desk_looks_back_nothing_is_noted_for_its_prices_are_of_another_moment(status):
    desk, asked = desk_of(Plain), []
    desk.ask = asked.append
    for name, value in status.items():
        setattr(desk.status, name, value)
    for key in ("n", "x", "enter"):
        desk.press(key, NOW)
    assert not asked and "a note is of now: esc returns" in text(desk)


def test_a_prompt_says_when_a_note_is_full_shows_its_end_and_is_cleared_by_one_key():
    desk, asked = desk_of(Plain), []
    desk.ask = asked.append
    for key in ("n", *("x" * (MOST_WORDS - 1)), "y", "z"):
        desk.press(key, NOW)
    footer = text(desk).splitlines()[-1]
    assert "500 characters: no more fit" in footer and "xy▏" in footer
    for key in ("ctrl+u", "o", "enter"):
        desk.press(key, NOW)
    assert [note.text for note in asked] == ["o"]


async def test_a_kiosk_notes_nothing():
    app, screen = await typed(["n", "x", "enter"], ConfigWriter(None, "this is a kiosk", kiosk=True))
    assert not app.link.asked
    assert "a kiosk notes nothing" in screen


@pytest.mark.parametrize("words", ["out \x1b[2J\x07", "x" * 2_000])
async def test_what_another_trader_notes_can_do_nothing_to_a_screen(words):
    layout = msgspec.structs.replace(config().layouts["tape"], cells=(config().layouts["tape"].cells[0],))
    cell = msgspec.structs.replace(layout.cells[0], panel="events")
    made = msgspec.structs.replace(config(), layouts={"default": msgspec.structs.replace(layout, cells=(cell,))})
    app = DeskApp(made, FakeLink())
    async with app.run_test(size=(100, 20)) as pilot:
        note = NoteEvent(ts=NOW, text=words, by="ben", symbol="ETH/USDT:USDT", price=2_771.0)
        await feed(app, pilot, [*market(100.0)[:2], note, *market(100.0)[2:]])
        screen = shown(app)
    assert "ben: " in screen and "\x1b" not in screen and "\x07" not in screen
