"""What funds hold together: their assets under management and coins, each fund's share of them, their cost and gain."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

from msgspec.structs import replace

from deskmon.model.context_figures import FlowFigure, HolderFigure, MetricFigure

Holders = Mapping[str, HolderFigure]
"""By entity, of one asset."""


def all_funds(asset: str) -> str:
    """The holder that stands for all spot funds of an asset: `Spot BTC ETFs`."""
    return f"Spot {asset} ETFs"


def with_assets(
    made: FlowFigure, asset: str, held: Holders, series: Mapping[str, MetricFigure], now: int
) -> FlowFigure:
    """The flows of an asset at desk time `now` (ms), with what `held` and `series` say of its funds.

    Assets under management that the funds don't publish one by one may come as the series `etf_aum_btc`.
    """
    together = held.get(all_funds(asset))
    aum, cap = (series.get(f"{name}_{asset.lower()}") for name in ("etf_aum", "market_cap"))
    aum_usd = made.aum_usd if made.aum_usd is not None or aum is None else aum.value
    shares = _shares(made, held, together)
    return replace(
        made, age_ms=max(0, now - made.ts), aum_usd=aum_usd,
        aum_share=aum_usd / cap.value if aum_usd is not None and cap is not None and cap.value > 0 else None,
        funds={
            name: replace(fund, age_ms=max(0, now - fund.ts), share=shares.get(name))
            for name, fund in made.funds.items()
        },
        coins=together.amount if together else None,
        average_cost=together.average_cost if together else None,
        unrealised_usd=together.unrealised_usd if together else None,
        unrealised_pct=together.unrealised_pct if together else None,
    )  # fmt: skip


def _shares(made: FlowFigure, held: Holders, together: HolderFigure | None) -> dict[str, float]:
    """By fund its share of the coins of all funds, where somebody says both; else of their assets under management,
    where all of them are known."""
    coins = {name: held[name].amount for name in made.funds if name in held}
    if coins:
        whole = together.amount if together else fsum(coins.values()) if coins.keys() == made.funds.keys() else 0.0
        return {name: amount / whole for name, amount in coins.items() if whole > 0}
    managed = {name: fund.aum_usd for name, fund in made.funds.items() if fund.aum_usd is not None}
    return {name: aum / made.aum_usd for name, aum in managed.items()} if made.aum_usd else {}
