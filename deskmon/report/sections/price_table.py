"""All coins side by side: their prices and how they changed."""

from __future__ import annotations

from collections.abc import Mapping

from deskmon.components.since import return_words
from deskmon.report.content import Cell, Table
from deskmon.report.phrases import path_of, signed_percent
from deskmon.report.reading import Reading
from deskmon.report.sections.market_phrases import cell, standing

HEAD = ("asset", "last", "24 h", "7 days", "30 days", "low of 24 h", "high of 24 h", "week, since when")


def of_all(reading: Reading, symbols: Mapping[str, str]) -> Table | None:
    """The assets with a price, those that fell most over the week first; `symbols` by asset."""
    changes = {
        asset: (figure.change_pct["7d"] if (figure := reading.model.prices.figure(symbol, reading.end)) else None)
        for asset, symbol in symbols.items()
    }
    if not changes:
        return None
    ranked = sorted(changes, key=lambda asset: (changes[asset] is None, changes[asset] or 0.0, asset))
    rows = [_row(reading, asset, symbols[asset]) for asset in ranked]
    return Table("Prices of all coins and their changes", HEAD, rows)


def _row(reading: Reading, asset: str, symbol: str) -> list[Cell]:
    path = path_of("prices", asset)
    figure = reading.model.prices.figure(symbol, reading.end)
    week = figure.returns["7d"] if figure else None
    since = week and standing(reading, f"{path}.returns.7d.since", week.since, return_words("7d", week.change_pct))
    percents = ("change_pct.24h", "change_pct.7d", "returns.30d.change_pct")
    return [
        [asset],
        cell(reading, f"{path}.last"),
        *(cell(reading, f"{path}.{each}", signed_percent) for each in percents),
        cell(reading, f"{path}.low_24h"), cell(reading, f"{path}.high_24h"),
        [since] if since else [],
    ]  # fmt: skip
