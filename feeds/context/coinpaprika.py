"""CoinPaprika: the whole market's capitalisation and bitcoin's part of it."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon.events import Metric
from deskmon.feeds.context.answers import Answer, decoded, mapping, member, needed, seconds

PROVIDER = "CoinPaprika"


def market(answer: Answer) -> Iterator[Metric]:
    """Total capitalisation in dollars, bitcoin's part of it in percent, and its own capitalisation."""
    data = mapping(decoded(answer))
    ts, total = seconds(member(data, "last_updated")), needed(member(data, "market_cap_usd"), "market_cap_usd")
    share = needed(member(data, "bitcoin_dominance_percentage"), "bitcoin_dominance_percentage")
    yield Metric(ts=ts, name="total_market_cap", value=total, unit="USD", source=PROVIDER)
    yield Metric(ts=ts, name="btc_dominance", value=share, unit="percent", source=PROVIDER)
    yield Metric(ts=ts, name="market_cap_btc", value=total * share / 100, unit="USD", source=PROVIDER)
