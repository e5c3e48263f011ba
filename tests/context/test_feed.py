"""The whole feed against a local server: every source has a row, its figures, its fallback and its limits."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from contextlib import asynccontextmanager

import pytest

from deskmon.clock import DAY, HOUR, WallClock
from deskmon.events import EtfFlow, FeedStatus, Headline, Holding, Metric
from deskmon.feedkit import FeedContext
from deskmon.feeds.context import ContextFeed
from deskmon.model import Model
from deskmon.plugins import load_panel
from deskmon.testing import render
from tests.context.samples import NOW
from tests.context.server import MACRO, as_of, conditional, served, status, urls


@asynccontextmanager
async def running(**options):
    """The feed at work; gives what it emits, and `until(condition)`."""
    events, said, moved = [], [], asyncio.Event()

    def emit(event):
        events.append(event)
        moved.set()

    async def until(holds):
        async with asyncio.timeout(60):
            while not holds():
                moved.clear()
                await moved.wait()

    feed = ContextFeed("context", ContextFeed.Options(**options))
    assert not ContextFeed.validate_options(feed.options)
    context = FeedContext(
        emit=emit, status=lambda *words: said.append(words), reject=lambda raw, reason: None, reconnected=lambda: None,
        rng=random.Random(1), sleep=lambda seconds: asyncio.sleep(0 if seconds <= 1 else 3_600),
    )  # fmt: skip
    task = asyncio.create_task(feed.run(context))
    try:
        yield events, said, until
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def rows(events):
    return {event.feed: event for event in events if type(event) is FeedStatus}


def metrics(events):
    return {event.name: event for event in events if type(event) is Metric}


async def test_a_fresh_desk_has_every_figure_with_its_source_and_time():
    now = WallClock().now()
    async with served() as sources:
        sources.answers = dict(as_of(now))
        async with running(urls=urls(sources)) as (events, _, until):
            await until(lambda: len([row for row in rows(events).values() if row.state == "live"]) == 15)
    assert {row.feed for row in rows(events).values()} == {f"context {name}" for name in ContextFeed.Options().sources}
    found = metrics(events)
    assert {name: each.value for name, each in found.items()} == pytest.approx(
        {
            "fear_greed": 9, "total_market_cap": 2.92e12, "btc_dominance": 57, "market_cap_btc": 0.57 * 2.92e12,
            "market_cap_eth": 0.11 * 2.92e12, "us10y": 4.14, **{name: price for name, (_, price) in MACRO.items()},
            "stablecoin_supply": 3.108e11, "active_loans": 1.6e10, "sopr_sth": 0.77, "sopr_lth": 1.4,
        }
    )  # fmt: skip
    assert all(each.source and each.ts <= each.recv for each in found.values())
    flows = {(each.asset, each.fund): each.usd for each in events if type(each) is EtfFlow}
    assert flows["BTC", "IBIT"] == -5e8 and flows["XRP", "all funds"] == -92.9e6
    held = {(each.asset, each.note): each for each in events if type(each) is Holding}
    assert held["BTC", "strategy.com"].average_cost is None
    assert held["BTC", "CoinGecko"].average_cost == pytest.approx(74_333)
    assert held["ETH", "CoinGecko"].average_cost is None
    assert [each.url for each in events if type(each) is Headline] == ["https://example.com/a"]
    assert all(agent.startswith("deskmon/") for agent in (each["User-Agent"] for each in sources.headers.values()))
    model = Model()
    model.apply(list(events))
    assert model.rejected == 0
    (due,) = model.calendar.figures(now)
    assert (due.text, round(due.in_ms / DAY)) == ("US jobs report", 3)


async def test_the_rows_are_taken_out_with_the_feed():
    async with served() as sources:
        sources.answers = dict(as_of(WallClock().now()))
        async with running(sources=("fear_greed",), urls=urls(sources)) as (events, _, until):
            await until(lambda: rows(events))
    assert rows(events)["context fear_greed"].state == "removed"


async def test_a_source_that_is_down_says_why_and_keeps_its_last_value_with_its_age():
    now = WallClock().now()
    async with served() as sources:
        sources.answers = dict(as_of(now))
        async with running(sources=("fear_greed",), urls=urls(sources)) as (events, said, until):
            await until(lambda: rows(events))
        sources.answers["fear_greed"] = b"<!DOCTYPE html><title>Just a moment...</title>"
        past = now + 2 * HOUR
        # A later desk of the same user: the shelf is older than the period.
        async with later(past, sources=("fear_greed",), urls=urls(sources)) as (events, said, until):
            await until(lambda: rows(events))
            row = rows(events)["context fear_greed"]
    assert (row.state, said[-1][0]) == ("down", "down") and "challenge for browsers" in row.detail
    assert metrics(events)["fear_greed"].value == 9
    assert metrics(events)["fear_greed"].recv < past - HOUR, "known by then, not by now"


@asynccontextmanager
async def later(now, **options):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WallClock, "now", lambda self: now)
        async with running(**options) as found:
            yield found


async def test_the_fallback_steps_in_by_itself_and_the_figure_says_whose_it_is():
    async with served() as sources:
        sources.answers = dict(as_of(WallClock().now()))
        sources.answers["macro/ndx"] = status(429, Retry_After="600")
        options = urls(sources) | {"macro_fallback": [sources.url("fred/ndx")]}
        async with running(sources=("macro",), urls=options) as (events, _, until):
            await until(lambda: rows(events))
            row = rows(events)["context macro"]
    found = metrics(events)
    assert {name: (each.value, each.source) for name, each in found.items()} == {
        "dxy": (99.6, "Yahoo"), "gold": (5_300.0, "Yahoo"), "ndx": (24_900.0, "FRED"),
    }  # fmt: skip
    assert row.state == "live" and "429" in row.detail and "Yahoo" in row.detail


async def test_a_second_desk_of_the_same_user_asks_nobody_again_and_a_later_one_asks_whether_it_changed():
    now = WallClock().now()
    async with served() as sources:
        body = as_of(now)["fear_greed"]
        sources.answers["fear_greed"] = conditional(body, '"v1"')
        for _ in range(3):
            async with running(sources=("fear_greed",), urls=urls(sources)) as (events, _, until):
                await until(lambda: rows(events))
            assert metrics(events)["fear_greed"].value == 9
        assert sources.asked == {"fear_greed": 1}
        async with later(now + 2 * HOUR, sources=("fear_greed",), urls=urls(sources)) as (events, _, until):
            await until(lambda: rows(events))
    assert sources.asked == {"fear_greed": 2}
    assert sources.headers["fear_greed"]["If-None-Match"] == '"v1"'
    assert rows(events)["context fear_greed"].last_event == now + 2 * HOUR
    assert metrics(events)["fear_greed"].value == 9


def test_options_that_cannot_work_are_named():
    options = ContextFeed.Options(
        sources=("fear_gred",), urls={"sopr_fallbak": "http://x"}, keys={"SoSoValue": "abc", "Other": "env:X"}
    )
    assert [text for _, text in ContextFeed.validate_options(options)] == [
        "no source 'fear_gred'; did you mean 'fear_greed'?",
        "no source 'sopr_fallbak'",
        "'Other' takes no key; SoSoValue do",
        'a secret doesn\'t stand in a config; write "env:NAME" or "file:PATH"',
    ]


async def test_doctor_tells_of_each_source(tmp_path):
    async with served() as sources:
        sources.answers = dict(as_of(WallClock().now()))
        sources.answers["us10y"] = status(403)
        addresses = {name: url for name, url in urls(sources).items() if name in ("fear_greed", "us10y")}
        file = tmp_path / "deskmon.toml"
        lines = [f"{name} = {json.dumps(url)}" for name, url in addresses.items()]
        file.write_text(
            '[feeds.context]\ntype = "context"\nsources = ["fear_greed", "us10y"]\n[feeds.context.urls]\n'
            + "\n".join(lines)
        )
        command = [sys.executable, "-m", "deskmon", "doctor", "--json", "--config", str(file)]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        told, _ = await process.communicate()
    found = {each["detail"].partition(":")[0]: each for each in json.loads(told) if each["what"] == "source"}
    assert found["context fear_greed"]["state"] == "ok" and found["context us10y"]["state"] == "warn"
    assert "403" in found["context us10y"]["detail"]


def test_a_source_stands_below_its_feed_by_its_own_name():
    model = Model()
    statuses = [FeedStatus(ts=NOW, feed=name, state="live", detail="") for name in ("binance", "context")]
    statuses += [
        FeedStatus(ts=NOW, feed=name, state="live", detail="", service=True)
        for name in ("context stablecoins", "mqtt", "mqtt ask")
    ]
    model.apply(statuses)
    lines = render(load_panel("feeds")(), model, width=78, height=8, now=NOW)
    assert [line[1:14].strip() for line in lines[1:6]] == ["binance", "context", "·stablecoins", "mqtt", "mqtt ask"]
