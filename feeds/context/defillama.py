"""DefiLlama: the supply of all stablecoins, and what is borrowed on Aave."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum

from deskmon.events import Metric
from deskmon.feeds.context.answers import Answer, decoded, mapping, member, needed, number, rows, seconds

PROVIDER = "DefiLlama"


def stablecoins(answer: Answer) -> Iterator[Metric]:
    """Supply in dollars by the day, all pegs together; the newest point is of the day that runs. Most is pegged to the
    dollar: without that peg there is no sum. Raises Unreadable."""
    for row in rows(decoded(answer)):
        ts, pegs = seconds(member(row, "date")), mapping(row, "totalCirculatingUSD")
        needed(member(pegs, "peggedUSD"), "totalCirculatingUSD.peggedUSD")
        values = [value for value in map(number, pegs.values()) if value is not None]
        if values:
            yield Metric(ts=ts, name="stablecoin_supply", value=fsum(values), unit="USD", source=PROVIDER)


def loans(answer: Answer) -> Iterator[Metric]:
    """What is borrowed on all chains. Their own parts stand beside it and aren't added again."""
    borrowed = member(decoded(answer), "currentChainTvls", "borrowed")
    value = needed(borrowed, "currentChainTvls.borrowed")
    yield Metric(ts=answer.at, name="active_loans", value=value, unit="USD", source=f"{PROVIDER}, Aave")
