"""A user's fault report is a test: captures that lie beside the tests are played to the real code.

Put `deskmon capture`'s files into tests/captures, or name another folder in $DESKMON_CAPTURES. A file
`NAME.expected.json` beside NAME.jsonl.zst holds what `deskmon state` should say at the end, as much of it as matters.
"""

import asyncio
import json
import os
import random
import signal
import stat
import sys
from pathlib import Path

import msgspec
import pytest
import tomlkit

from deskmon.clock import WallClock
from deskmon.config.schema import FeedConfig
from deskmon.events import Liquidation, OpenInterest, Ticker, Trade
from deskmon.hub import capture as capturing
from deskmon.model import Model
from deskmon.plugins import load_feed
from tests.ccxt import venues
from tests.ccxt.captures import played
from tests.ccxt.replay_server import Binance, Bybit, Recording, ReplayServer, read
from tests.ccxt.test_bursts import bybit_frame
from tests.ccxt.test_faults import ticker

FOLDER = Path(os.environ.get("DESKMON_CAPTURES", Path(__file__).parents[1] / "captures"))
FILES = sorted(FOLDER.glob("**/*.jsonl.zst"))


def holds(state, expected) -> bool:
    """Whether all that is expected stands in the state."""
    if isinstance(expected, dict):
        return isinstance(state, dict) and all(
            name in state and holds(state[name], expected[name]) for name in expected
        )
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        return isinstance(state, float | int) and state == pytest.approx(expected)
    return state == expected


def state_of(desk):
    model = Model()
    model.apply(desk.events)
    assert model.rejected == 0, list(model.samples)
    return msgspec.to_builtins(model.state(desk.context.clock.now()))


async def check(path, monkeypatch):
    """Play a capture: nothing in it is rejected, and the state ends as it should."""
    beside = path.with_name(path.name.removesuffix(".jsonl.zst") + ".expected.json")
    expected = json.loads(beside.read_text()) if beside.is_file() else {}
    async with played(path, monkeypatch) as (desk, player):
        if player.waiting:
            async with asyncio.timeout(60):
                await player.played.wait()
        await desk.until(lambda: desk.events and holds(state_of(desk), expected))
    faults = [reason for _, reason in desk.rejected if "not captured" not in reason]
    assert faults == []
    return desk, player


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
async def test_what_a_user_captured_is_read_without_a_fault(path, monkeypatch):
    await check(path, monkeypatch)


async def captured(options, folder, met, monkeypatch):
    """What `deskmon capture` keeps of a feed until `met` holds of what came of it: events by kind."""
    over, told = asyncio.Event(), {}

    class Noting(capturing.EventCounter):
        def put(self, item, origin=""):
            super().put(item)
            told.setdefault(type(item.event), []).append(item.event)
            if met(told):
                over.set()
            return True

    monkeypatch.setattr(capturing, "EventCounter", Noting)
    feed = FeedConfig(type="ccxt", options=msgspec.to_builtins(options))
    async with asyncio.timeout(60):
        tape, _, _ = await capturing.capture(
            "mine", feed, folder, over, load=load_feed, clock=WallClock(), rng=random.Random(1)
        )
    return tape


@pytest.fixture
async def bybit():
    async with ReplayServer(Bybit()) as server:
        venues.serve_markets(server, "bybit", "BTC")
        yield server


def feed(server, *channels):
    return venues.bybit(server, symbols=("BTC",), channels=channels)


def quoted(told, last):
    """Whether this price was the last one told."""
    return Ticker in told and told[Ticker][-1].last == last


async def test_what_was_captured_is_in_the_recorded_form_and_played_to_the_same_figures(bybit, tmp_path, monkeypatch):
    topic = "linear/allLiquidation.BTCUSDT"
    bybit.frames[topic] = [bybit_frame(n) for n in range(5)]
    bybit.frames["linear/tickers.BTCUSDT"] = [ticker(100 + n) for n in range(3)]
    tape = await captured(
        feed(bybit, "ticker", "liquidations"), tmp_path,
        lambda told: quoted(told, 102.0) and len(told.get(Liquidation, ())) == 5, monkeypatch,
    )  # fmt: skip
    assert stat.S_IMODE(tape.path.stat().st_mode) == 0o600
    assert Recording(tape.path, Bybit()).frames[topic] == bybit.frames[topic]
    await bybit.deafen()
    wanted = {"prices": {"BTC/USDT:USDT": {"venues": {"bybit": {"last": 102, "bid": 99.0}}}}}
    tape.path.with_name(tape.path.name.replace(".jsonl.zst", ".expected.json")).write_text(json.dumps(wanted))
    desk, player = await check(tape.path, monkeypatch)
    assert player.unanswered == set()
    assert state_of(desk)["prices"]["BTC/USDT:USDT"]["venues"]["bybit"]["last"] == 102


async def test_a_frame_that_the_desk_can_not_read_fails_its_capture(bybit, tmp_path, monkeypatch):
    bybit.frames["linear/tickers.BTCUSDT"] = [ticker(100), ticker(-5), ticker(101)]
    tape = await captured(feed(bybit, "ticker"), tmp_path, lambda told: quoted(told, 101.0), monkeypatch)
    with pytest.raises(AssertionError, match="ticker BTC/USDT:USDT"):
        await check(tape.path, monkeypatch)


async def test_answers_are_played_in_the_order_in_which_they_came(tmp_path, monkeypatch):
    amounts = iter(range(10, 10_000))
    trade = {"e": "trade", "E": 1, "T": 1_790_000_000_000, "s": "BTCUSDT", "t": 7, "p": "100", "q": "1", "m": True}
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        server.frames["btcusdt@trade"] = [trade]
        server.json["/fapi/v1/openInterest"] = lambda request: {
            "symbol": "BTCUSDT", "openInterest": str(next(amounts)), "time": 1_790_000_000_000,
        }  # fmt: skip
        channels = {"channels": ("trades", "open_interest"), "poll": {"open_interest": 1}}
        options = venues.binanceusdm(server, symbols=("BTC",), **channels)
        tape = await captured(
            options, tmp_path, lambda told: len(told.get(OpenInterest, ())) >= 2 and Trade in told, monkeypatch
        )
    asked = [json.loads(line["data"]) for line in read(tape.path) if "openInterest?" in line.get("url", "")]
    async with played(tape.path, monkeypatch) as (desk, _):
        await desk.until(lambda: len(desk.of(OpenInterest)) >= len(asked) >= 2)
    amounts = [event.amount for event in desk.of(OpenInterest)]
    assert amounts[: len(asked)] == [float(answer["openInterest"]) for answer in asked]
    assert set(amounts[len(asked) :]) <= {amounts[len(asked) - 1]}, "the last answer stays"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
async def test_a_signal_ends_a_capture_with_a_whole_file(bybit, tmp_path, number, status):
    config, out = tmp_path / "deskmon.toml", tmp_path / "out"
    config.write_text(tomlkit.dumps({"feeds": {"mine": {"type": "ccxt", **feed(bybit, "ticker")}}}))
    asked = asyncio.Event()

    async def wake(socket, message):
        await bybit.answer(socket, message)
        asked.set()

    bybit.quirk = wake
    argv = ["-m", "deskmon", "capture", "mine", "--for", "10m", "--out", str(out), "--config", str(config)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        await asked.wait()
        process.send_signal(number)
        said, words = await process.communicate()
    assert (process.returncode, "answers and" in words.decode()) == (status, True), words
    (path,) = out.iterdir()
    assert said.decode() == f"{path}\n"
    assert {line["t"] for line in read(path)} >= {"header", "http"}


def test_what_is_expected_is_a_part_of_the_state():
    state = {"a": {"b": 1.0, "c": None}, "d": [1]}
    assert holds(state, {"a": {"b": 1}}) and holds(state, {"a": {"c": None}, "d": [1]})
    assert not holds(state, {"a": {"b": 2}}) and not holds(state, {"a": {"c": 0}}) and not holds(state, {"x": {"y": 1}})
