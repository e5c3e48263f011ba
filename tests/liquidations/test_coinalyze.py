"""Coinalyze's totals stand beside the desk's own and are in no sum. Answers are of api.coinalyze.net/v1/doc/."""

import asyncio

import pytest
from aiohttp import web

from deskmon.components.liquidations import cross_check
from deskmon.events import Liquidation, Metric
from deskmon.feeds.coinalyze import Coinalyze, perpetuals, usd
from deskmon.model import Model
from tests.ccxt.desk import Desk
from tests.ccxt.replay_server import Dialect, ReplayServer

T = 1_790_006_400_000


def market(symbol, base, quote="USDT", perpetual=True):
    return {"symbol": symbol, "exchange": "A", "symbol_on_exchange": symbol, "base_asset": base, "quote_asset": quote,
            "expire_at": None, "has_buy_sell_data": True, "is_perpetual": perpetual, "margined": "STABLE"}  # fmt: skip


MARKETS = [
    market("BTCUSDT_PERP.A", "BTC"), market("BTCUSD_PERP.0", "BTC", "USD"), market("BTCEUR_PERP.K", "BTC", "EUR"),
    market("BTCUSDT.26", "BTC", perpetual=False), market("ETHUSDT_PERP.A", "ETH"), market("XUSDT_PERP.A", "X"),
]  # fmt: skip


async def test_sums_of_each_asset_are_told_with_the_key_and_a_fault_is_not_the_end(monkeypatch):
    monkeypatch.setenv("COINALYZE_KEY", "k")
    refused, asked = [web.HTTPTooManyRequests(headers={"Retry-After": "1"})], []

    async def history(request):
        asked.append((request.headers.get("api_key"), request.query["symbols"], request.query["convert_to_usd"]))
        if refused:
            raise refused.pop()
        rows = [{"t": T // 1000, "l": 10.5, "s": 2}, {"t": T // 1000 + 300, "l": 0, "s": 1}]
        return [{"symbol": symbol, "history": rows} for symbol in request.query["symbols"].split(",")]

    async with ReplayServer(Dialect()) as server:
        server.json["/v1/future-markets"] = MARKETS
        server.json["/v1/liquidation-history"] = history
        desk = Desk()
        feed = Coinalyze("coinalyze", Coinalyze.Options(url=f"{server.http}/v1"))
        task = asyncio.create_task(feed.run(desk.context))
        await desk.until(lambda: len(desk.of(Metric)) >= 2 and desk.said("BTC, ETH read every 600 s"))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert desk.said("it answers 429")
    told = {metric.name: (metric.value, metric.unit, metric.source) for metric in desk.of(Metric)[:2]}
    assert told == {
        "coinalyze_liquidations_24h_BTC": (27.0, "USD", "coinalyze"),
        "coinalyze_liquidations_24h_ETH": (13.5, "USD", "coinalyze"),
    }
    assert set(asked) == {("k", "BTCUSDT_PERP.A,BTCUSD_PERP.0", "true"), ("k", "ETHUSDT_PERP.A", "true")}
    assert desk.of(Liquidation) == []


def test_only_perpetuals_in_dollars_of_the_assets_count():
    assert perpetuals(MARKETS, ("ETH", "BTC", "NONE")) == {
        "ETH": ["ETHUSDT_PERP.A"],
        "BTC": ["BTCUSDT_PERP.A", "BTCUSD_PERP.0"],
    }
    assert usd([{"history": []}]) == 0.0


def test_a_key_does_not_stand_in_a_config():
    ((option, words),) = Coinalyze.validate_options(Coinalyze.Options(key="plain"))
    assert (option, "plain" in words) == ("key", False)
    assert Coinalyze.validate_options(Coinalyze.Options()) == []


def test_the_totals_stand_beside_the_desks_own_of_the_same_assets_and_in_no_sum():
    model = Model()
    for symbol, value in (("BTC", 412e6), ("SOL", 5e6)):
        model.apply([
            Liquidation(ts=T, recv=T, venue="bybit", symbol=f"{symbol}/USDT:USDT", side="long", price=1.0,
                        amount=value, usd=value)
        ])  # fmt: skip
    window = model.liquidations.figures(T).windows["24h"]
    assert cross_check(window, model.metrics.figures(T)) == ""
    model.apply([Metric(ts=T, recv=T, name="coinalyze_liquidations_24h_BTC", value=455e6, unit="USD")])
    assert cross_check(window, model.metrics.figures(T)) == "24h of BTC: desk 412M, Coinalyze 455M"
    assert model.liquidations.figures(T).windows["24h"].usd == pytest.approx(417e6)
