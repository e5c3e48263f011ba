"""Holders: what they hold is worth, what they paid, and what that does to levels."""

import pytest

from deskmon.clock import DAY
from deskmon.events import Holding, HoldingTrade, Metric, Ticker
from deskmon.model import Model
from deskmon.model.holders import HELD, TRADES

T = 1_763_683_200_000
SYMBOL = "BTC/USDT:USDT"


def holding(entity="Strategy", amount=649_870.0, cost=74_333.0, ts=T, asset="BTC"):
    return Holding(ts=ts, entity=entity, asset=asset, amount=amount, average_cost=cost)


def trade(amount, usd, ts=T, entity="Strategy"):
    return HoldingTrade(ts=ts, entity=entity, asset="BTC", amount=amount, usd=usd)


def price(last):
    return Ticker(ts=T, venue="binance", symbol=SYMBOL, last=last)


def model_of(*events):
    model = Model()
    model.apply(events)
    assert not model.rejected, model.samples
    return model


def test_profit_value_and_share_are_worked_out_from_price_and_supply():
    model = model_of(holding(), price(86_000.0), Metric(ts=T, name="supply_btc", value=19_950_000.0))
    held = model.holders.figures(T + DAY)["BTC"]["Strategy"]
    assert held.cost_usd == pytest.approx(649_870 * 74_333)
    assert held.unrealised_usd == pytest.approx(649_870 * (86_000 - 74_333))
    assert held.unrealised_pct == pytest.approx((86_000 / 74_333 - 1) * 100)
    assert held.share == pytest.approx(0.03257, abs=1e-5)
    assert held.age_ms == DAY


def test_what_is_not_known_is_none():
    held = model_of(holding(cost=0.0)).holders.figures(T)["BTC"]["Strategy"]
    assert held.average_cost is held.price is held.unrealised_usd is held.share is held.trade_amount is None
    capped = model_of(holding(), price(80_000.0), Metric(ts=T, name="market_cap_btc", value=1.6e12))
    assert capped.holders.figures(T)["BTC"]["Strategy"].share == pytest.approx(649_870 / 2e7)


def test_an_old_capitalisation_is_divided_by_the_price_of_its_own_time():
    """20M coins at 90,000 a week ago; the price has fallen by a third since."""
    then = [
        Ticker(ts=T - 7 * DAY, venue="binance", symbol=SYMBOL, last=90_000.0),
        Metric(ts=T - 7 * DAY, name="market_cap_btc", value=1.8e12),
    ]
    held = model_of(*then, holding(), price(60_000.0)).holders.figures(T)["BTC"]["Strategy"]
    assert held.share == pytest.approx(649_870 / 2e7)
    unknown = model_of(then[1], holding(), price(60_000.0)).holders.figures(T)["BTC"]["Strategy"]
    assert unknown.share is None and unknown.price == 60_000.0


def test_the_newest_holding_counts_whatever_came_last():
    model = model_of(holding(amount=2.0, ts=T), holding(amount=1.0, ts=T - 1))
    assert model.holders.figures(T)["BTC"]["Strategy"].amount == 2.0


def test_two_reports_of_one_source_that_differ_tell_of_a_purchase_and_those_of_two_sources_dont():
    told = [
        Holding(ts=T + n * DAY, entity="Strategy", asset="BTC", amount=amount, note=source)
        for n, (amount, source) in enumerate(
            [(818_869.0, "a"), (843_775.0, "a"), (843_775.0, "a"), (843_700.0, "b"), (843_743.0, "b")]
        )
    ]
    found = [model_of(*told[:n]).holders.figures(T + 9 * DAY)["BTC"]["Strategy"] for n in range(1, 6)]
    assert [(each.change_amount, each.change_ts) for each in found] == [
        (None, None), (24_906.0, T + DAY), (24_906.0, T + DAY), (24_906.0, T + DAY), (43.0, T + 4 * DAY)
    ]  # fmt: skip
    assert found[1].change_from == T and found[1].trade_amount is None, "inferred: at an unknown price"


def test_trades_are_kept_once_and_the_newest_stands_beside_the_holding():
    sale = trade(-32.0, -2.5e6, T + 5)
    model = model_of(holding(), sale, trade(100.0, 7e6, T), sale)
    held = model.holders.figures(T + 9)["BTC"]["Strategy"]
    assert (held.trade_amount, held.trade_usd, held.trade_ts) == (-32.0, 2.5e6, T + 5)
    assert [each.amount for each in model.holders.trades] == [100.0, -32.0]
    model.apply(trade(1.0, 1.0, T + n) for n in range(2 * TRADES))
    assert len(model.holders.trades) == TRADES


def test_average_costs_of_the_largest_holders_are_cost_bases():
    small = [holding(f"fund {n}", 10.0 + n, 1_000.0 + n) for n in range(9)]
    model = model_of(*small, holding(), holding("unknown cost", 9e6, 0.0), holding("sold out", 0.0, 5.0))
    bases = model.holders.cost_bases("BTC", T)
    assert bases[:2] == [("Strategy", 74_333.0), ("fund 8", 1_008.0)] and len(bases) == 6
    assert model.holders.cost_bases("ETH", T) == []
    assert model.levels.holders == (model.holders,)


def test_holders_beyond_the_bound_are_refused():
    model = Model()
    model.apply(holding(f"n{n}") for n in range(HELD + 5))
    assert model.rejected == 5 and len(model.holders.figures(T)["BTC"]) == HELD
