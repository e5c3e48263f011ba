"""Expiries and constant maturities of an asset's options, one a row."""

from __future__ import annotations

from collections.abc import Callable

from deskmon import format as fmt
from deskmon.components.options import dollars, vol, vol_change
from deskmon.model.figures import OptionsFigure
from deskmon.report.content import Block, Cell, Table
from deskmon.report.phrases import path_of
from deskmon.report.reading import Reading, Words
from deskmon.report.sections.market_phrases import cell, standing

EXPIRY_FIGURES: dict[str, tuple[str, Words]] = {
    "days": ("days", lambda days: f"{days:.1f}" if days < 10 else f"{days:,.0f}"),
    "forward": ("forward", dollars), "ATM": ("atm_iv", vol), "RR25": ("rr25", vol_change),
    "put/call": ("put_call_oi", lambda ratio: f"{ratio:.2f}"),
    "calls": ("call_oi", fmt.amount), "puts": ("put_oi", fmt.amount), "max pain": ("max_pain", dollars),
    "implied low": ("implied_low", dollars), "implied high": ("implied_high", dollars),
    "gamma": ("gex_usd", lambda usd: fmt.amount(usd, plus=True)),
}  # fmt: skip
"""Columns by their heads: the figure of an expiry, and how it is written."""
MATURITY_FIGURES: dict[str, tuple[str, Callable[[float | None], str]]] = {
    "ATM": ("atm_iv", vol), "RR25": ("rr25", vol_change), "BF25": ("bf25", vol_change),
}  # fmt: skip


def of_asset(reading: Reading, asset: str, figure: OptionsFigure) -> list[Block]:
    """Both tables, where there are expiries."""
    if not figure.expiries:
        reading.lacks(path_of("options", asset, "expiries"), f"no expiry of {asset} is quoted")
        return []
    return [_expiries(reading, asset, figure), _maturities(reading, asset, figure)]


def _expiries(reading: Reading, asset: str, figure: OptionsFigure) -> Table:
    rows: list[list[Cell]] = []
    for expiry in figure.expiries:
        day = fmt.date(expiry.expiry)
        path = f"{path_of('options', asset, 'expiries')}[{day}]"
        rows.append([[day], *(cell(reading, f"{path}.{field}", words) for field, words in EXPIRY_FIGURES.values())])
    return Table(f"Options of {asset}, by expiry", ("expiry", *EXPIRY_FIGURES), rows)


def _maturities(reading: Reading, asset: str, figure: OptionsFigure) -> Table:
    rows: list[list[Cell]] = []
    for name, maturity in figure.constant_maturity.items():
        path = path_of("options", asset, "constant_maturity", name)
        since = standing(reading, f"{path}.since", maturity.since, ("highest", "lowest"))
        cells = [cell(reading, f"{path}.{field}", words) for field, words in MATURITY_FIGURES.values()]
        rows.append([[f"{name[:-1]} days"], *cells, [since] if since else []])
    return Table(
        f"Volatility and skew of {asset} at constant maturities", ("maturity", *MATURITY_FIGURES, "RR25 since"), rows
    )
