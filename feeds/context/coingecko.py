"""CoinGecko: the whole market's capitalisation, each coin's part of it, and the treasuries of companies."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon.events import Holding, Metric
from deskmon.feeds.context.answers import Answer, decoded, mapping, member, needed, number, rows, seconds

PROVIDER = "CoinGecko"
COINS = ("btc", "eth", "sol", "xrp", "bnb", "doge")
"""Coins whose part of the market becomes a series."""
ASSETS = {"bitcoin": "BTC", "ethereum": "ETH"}


def market(answer: Answer) -> Iterator[Metric]:
    """Total capitalisation in dollars, bitcoin's part of it in percent, and some coins' own capitalisation."""
    data = mapping(decoded(answer), "data")
    ts = seconds(member(data, "updated_at"))
    total = needed(member(data, "total_market_cap", "usd"), "total_market_cap.usd")
    shares = mapping(data, "market_cap_percentage")
    yield Metric(ts=ts, name="total_market_cap", value=total, unit="USD", source=PROVIDER)
    bitcoin = needed(member(shares, "btc"), "market_cap_percentage.btc")
    yield Metric(ts=ts, name="btc_dominance", value=bitcoin, unit="percent", source=PROVIDER)
    for coin in COINS:
        share = number(shares.get(coin))
        if share is not None:
            cap = total * share / 100
            yield Metric(ts=ts, name=f"market_cap_{coin}", value=cap, unit="USD", source=PROVIDER)


def treasuries(answer: Answer) -> Iterator[Holding]:
    """What companies hold of the coin that the address names, or what one company holds, each at its average cost where
    that is known: 0 means that it isn't."""
    data = mapping(decoded(answer))
    if "holdings" in data:
        for row in rows(data, "holdings"):
            asset = ASSETS.get(str(member(row, "coin_id")))
            amount, cost = number(member(row, "amount")), number(row.get("average_entry_value_usd"))
            if asset and amount:
                yield _holding(asset, answer.at, str(member(data, "name")), amount, cost)
        return
    asset = next((asset for coin, asset in ASSETS.items() if coin in answer.url), "BTC")
    for row in rows(data, "companies"):
        amount = needed(member(row, "total_holdings"), "total_holdings")
        paid = number(row.get("total_entry_value_usd"))
        if amount > 0:
            yield _holding(asset, answer.at, str(member(row, "name")), amount, paid / amount if paid else None)


def _holding(asset: str, at: int, entity: str, amount: float, cost: float | None) -> Holding:
    return Holding(ts=at, entity=entity, asset=asset, amount=amount, average_cost=cost or None, note=PROVIDER)
