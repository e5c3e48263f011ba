"""Flows of funds as tables and bars: each day, each fund, each asset."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.components.flows import day_ms
from deskmon.model.figures import FlowFigure
from deskmon.report.content import Block, Cell, Chart, ChartLine, Table
from deskmon.report.phrases import path_of, share, signed_usd, usd, weekday
from deskmon.report.reading import Reading, Words

DAYS = 10
"""Days in a table; the bars have all that the figure has."""
FUNDS = 8
"""Funds in a table: those with the largest flow of the month."""
FEWEST_BARS = 5
"""Days from which on bars say more than the table."""


def of_asset(reading: Reading, asset: str, figure: FlowFigure) -> list[Block]:
    """The newest days, all days that are held as bars, and the largest funds where there are several."""
    blocks: list[Block] = [_days(reading, asset, figure)]
    if len(figure.recent) >= FEWEST_BARS:
        bars = [(day_ms(day.date), day.usd) for day in figure.recent]
        line = ChartLine(f"{asset} funds", path_of("flows", asset, "recent"), bars, is_bar=True)
        blocks.append(Chart(f"Net flow of {asset} funds by day", "USD", [line]))
    if len(figure.funds) > 1:
        blocks.append(_funds(reading, asset, figure))
    return blocks


def of_assets(reading: Reading, assets: Sequence[str]) -> Block | None:
    """Assets side by side; None of fewer than two."""
    if len(assets) < 2:
        return None
    columns = {"day": "day_usd", "week": "week_usd", "month": "month_usd", "assets": "aum_usd"}
    rows = [
        [[f"{asset} funds"], *(_cell(reading, path_of("flows", asset, name), name) for name in columns.values())]
        for asset in assets
    ]
    return Table("Net flow by asset, USD", ["funds", *columns], rows)


def _days(reading: Reading, asset: str, figure: FlowFigure) -> Table:
    rows: list[list[Cell]] = []
    first = max(0, len(figure.recent) - DAYS)
    for n, day in enumerate(figure.recent[first:], start=first - len(figure.recent)):
        path = f"{path_of('flows', asset, 'recent')}[{n}]"
        told = f"{day.reported}, preliminary" if day.preliminary else str(day.reported)
        net = reading.figure(f"{path}.usd", signed_usd) or fmt.UNKNOWN
        rows.append([[weekday(day_ms(day.date))], [net], [told]])
    return Table(f"{asset} funds by day, USD", ["day", "net flow", "funds that reported"], rows)


def _funds(reading: Reading, asset: str, figure: FlowFigure) -> Table:
    columns = {
        "day": "day_usd", "week": "week_usd", "month": "month_usd", "assets": "aum_usd",
        f"of all {asset} funds": "share",
    }  # fmt: skip
    columns = {
        words: name
        for words, name in columns.items()
        if any(getattr(f, name) is not None for f in figure.funds.values())
    }
    largest = sorted(figure.funds, key=lambda fund: -abs(figure.funds[fund].month_usd))[:FUNDS]
    rows: list[list[Cell]] = []
    for fund in largest:
        paths = {name: path_of("flows", asset, "funds", fund, name) for name in columns.values()}
        rows.append([[fund], [weekday(day_ms(figure.funds[fund].date))],
                     *(_cell(reading, path, name) for name, path in paths.items())])  # fmt: skip
    return Table(f"The largest {asset} funds by flow of the month, USD", ["fund", "as of", *columns], rows)


def _cell(reading: Reading, path: str, name: str) -> Cell:
    words: Words = {"aum_usd": usd, "share": share}.get(name, signed_usd)
    return [reading.figure(path, words) or fmt.UNKNOWN]
