"""A level pinned by key reaches the private hub, which announces what becomes of it."""

import asyncio
import sys
from contextlib import aclosing
from random import Random

import msgspec
import pytest

from deskmon.analytics.level_settings import LevelSettings, Pinned
from deskmon.cli.session import HANDED_OVER
from deskmon.clock import HOUR
from deskmon.components.panel import Pin
from deskmon.config.schema import Cell, Config, FeedConfig, HistoryConfig, Layout
from deskmon.desk.app import DeskApp
from deskmon.desk.config_writer import ConfigWriter
from deskmon.events import Journal, Level, PinnedLevel, Pulse, Reset, Ticker, encode_event
from deskmon.transport.link import ChildLink
from deskmon.transport.requests import Control, control
from tests.desk.test_app import FakeLink, feed
from tests.levels.builders import T, candles
from tests.levels.test_levels_model import ALONE, path

MINE = Pinned(symbol="BTC", price=100_000.0, label="must hold")


def test_a_pin_is_a_request():
    decode = msgspec.json.Decoder(Control).decode
    assert decode(msgspec.json.encode(control("pin", MINE))) == Control("pin", pin=MINE)
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"do": "pin", "pin": {"symbol": "BTC"}}')


async def test_a_private_hub_announces_what_was_pinned_after_it_began(tmp_path, monkeypatch):
    journal = tmp_path / "path.jsonl"
    events = candles(path(0.5, Random(1)))
    header = Journal(version=1, source="recorded", note="", started=T)
    journal.write_bytes(b"".join(encode_event(event) + b"\n" for event in (header, *events)))
    config = Config(
        feeds={"replay": FeedConfig(type="replay", options={"path": str(journal), "at": "+60h"})},
        levels=LevelSettings(weights=ALONE, tolerance_atr=0.0), history=HistoryConfig(enabled=False),
    )  # fmt: skip
    monkeypatch.setenv(HANDED_OVER, msgspec.json.encode(config).decode())
    link, said = ChildLink([sys.executable, "-m", "deskmon", "hub", "--stdio"]), []
    async with asyncio.timeout(60), aclosing(link.events()) as batches:
        try:
            async for batch in batches:
                if any(isinstance(event, Journal) for event in batch):
                    link.command("pin", MINE)
                    link.command("speed", "max")
                said += [event for event in batch if isinstance(event, Level)]
                if said and said[-1].status == "reclaimed":
                    break
        finally:
            await link.close()
    assert [(event.status, event.label) for event in said] == [
        (status, "must hold") for status in ("testing", "broken", "testing", "reclaimed")
    ]


async def test_the_screen_tells_its_hub_of_a_pin_once_and_one_that_begins_anew_again():
    link = FakeLink()
    app = DeskApp(Config(layouts={"default": Layout(cells=(Cell(panel="levels"),))}), link)
    async with app.run_test(size=(100, 24)) as pilot:
        ticker = Ticker(ts=T + HOUR, venue="binance", symbol="BTC/USDT:USDT", last=100_000.0)
        await feed(app, pilot, [ticker, Pulse(ts=T + HOUR, seq=1, mode="live")])
        await pilot.press("p", "h", "o", "enter")
        app.tick()
        asked = [command.value for command in link.commands if command.do == "pin"]
        assert asked == [Pinned(symbol="BTC", price=100_000.0, label="ho")]
        assert not app.desk.model.levels.pins, "the hub puts it into the stream"
        await feed(app, pilot, [ticker, Pulse(ts=T + HOUR, seq=2, mode="live")])
        assert len([command for command in link.commands if command.do == "pin"]) == 1
        await feed(app, pilot, [Reset(ts=T + HOUR), ticker, Pulse(ts=T + HOUR, seq=1, mode="live")])
        assert len([command for command in link.commands if command.do == "pin"]) == 2


async def test_a_screen_of_another_s_hub_shows_the_hub_s_pins_and_its_own_after_every_snapshot():
    link = FakeLink()
    link.private = False
    levels = LevelSettings(pins=(Pinned(symbol="BTC", price=90_000.0),))
    app = DeskApp(Config(layouts={"default": Layout(cells=(Cell(panel="levels"),))}, levels=levels), link)
    async with app.run_test(size=(100, 24)) as pilot:
        ticker = Ticker(ts=T + HOUR, venue="binance", symbol="BTC/USDT:USDT", last=100_000.0)
        pinned = PinnedLevel(ts=T, symbol="BTC", price=80_000.0)
        snapshot = [Reset(ts=T + HOUR), ticker, pinned, Pulse(ts=T + HOUR, seq=1, mode="live")]
        await feed(app, pilot, snapshot)
        assert [pin.price for pin in app.desk.model.levels.pins] == [80_000.0, 90_000.0]
        await pilot.press("p", "h", "o", "enter")
        for _ in range(2):
            assert [(pin.price, pin.label) for pin in app.desk.model.levels.pins] == [
                (80_000.0, ""), (90_000.0, ""), (100_000.0, "ho")
            ]  # fmt: skip
            await feed(app, pilot, snapshot)
        assert not link.commands


def test_on_another_s_hub_a_pin_stays_with_the_screen_and_the_words_say_so(tmp_path):
    path = tmp_path / "deskmon.toml"
    assert ConfigWriter(path).pin(Pin("BTC", 1.0, "a")).text == f"pinned in {path}"
    assert (
        ConfigWriter(path, attached=True).pin(Pin("BTC", 2.0, "b")).text
        == f"pinned in {path}; the hub doesn't know of it"
    )
