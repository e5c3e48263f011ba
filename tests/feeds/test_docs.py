"""What docs/feeds.md and docs/exchanges.md say is so."""

import re
from pathlib import Path

import tomli
from aiohttp import web

from deskmon import feedkit
from deskmon.events import Journal, Metric
from deskmon.feedkit import Feed, FeedContext, Timeline, TimelineFeed
from deskmon.feeds.ccxt import CcxtFeed, units
from deskmon.feeds.ccxt.channels import CHANNELS
from deskmon.feeds.ccxt.liquidations import PARSERS
from deskmon.feeds.ccxt.multiples import COINS
from deskmon.journal import JournalTimeline, JournalWriter
from deskmon.testing import NOW, check_feed
from tests.ccxt.replay_server import Dialect, ReplayServer

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "feeds.md").read_text(encoding="utf-8")
EXCHANGES = (DOCS / "exchanges.md").read_text(encoding="utf-8")


async def test_the_example_is_a_feed_that_works():
    source = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    names = {"__name__": "fear_greed"}
    exec(compile(source, "docs/feeds.md", "exec"), names)
    answers = [{"time": "1790000000", "value": "21"}, {"time": "x"}, None]
    async with ReplayServer(Dialect()) as server:
        server.refuse = lambda request: web.json_response(answers.pop(0)) if answers else web.Response(text="<html>")
        feed = names["FearGreed"]("fear", names["FearGreed"].Options(url=server.http))
        probe = await check_feed(feed, turns=2_000)
    (metric,) = [event for event in probe.events if type(event) is Metric]
    assert (metric.ts, metric.value) == (1_790_000_000_000, 21.0)
    assert len(probe.rejected) == 2


async def test_the_timeline_of_the_page_plays_a_journal(tmp_path, monkeypatch):
    source = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    names = {"TimelineFeed": TimelineFeed, "Timeline": Timeline, "JournalTimeline": JournalTimeline}
    exec(compile(source, "docs/feeds.md", "exec"), names)
    monkeypatch.chdir(tmp_path)
    with JournalWriter("weekend.jsonl.zst", Journal(ts=NOW, version=1, source="recorded", started=NOW)) as journal:
        journal.write([Metric(ts=NOW, name="fear_greed", value=21.0)])
    await check_feed(names["Weekend"]("weekend"))


def test_the_page_names_all_that_the_kit_has_and_that_a_feed_declares_and_gets():
    declared = {name for name in vars(Feed) if not name.startswith("_")} - {"Options"}
    code = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))
    assert {*feedkit.__all__, *declared, *FeedContext.__struct_fields__, "Options"} <= code


def test_the_page_leads_to_the_options_of_every_feed_of_the_desk():
    points = tomli.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert [name for name in points["deskmon.feeds"] if f"`{name}`" not in PAGE] == []


def test_every_option_and_channel_is_described():
    for option in CcxtFeed.Options.__struct_fields__:
        assert f"| `{option}` |" in EXCHANGES
    for channel in CHANNELS:
        assert f"`{channel}`" in EXCHANGES


def test_every_venue_whose_liquidations_are_read_is_described():
    names = {"binance": "Binance", "aster": "Aster", "bybit": "Bybit", "okx": "OKX", "deribit": "Deribit", "htx": "HTX",
             "gate": "Gate", "bitmex": "BitMEX", "kraken": "Kraken", "dydx": "dYdX", "lighter": "Lighter",
             "bitfinex": "Bitfinex", "hyperliquid": "Hyperliquid"}  # fmt: skip
    assert names.keys() == PARSERS.keys()
    assert all(name in EXCHANGES for name in names.values())


def test_the_page_of_units_has_the_table_and_the_coins_of_the_code():
    page = (DOCS / "units.md").read_text(encoding="utf-8")
    assert units.markdown() in page
    assert f"The coins of the last rule: {', '.join(sorted(COINS))}." in page
