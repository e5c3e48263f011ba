"""Open interest of an asset in sentences, by venue and over time, and that of all assets side by side."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.assets import main_symbols, symbols_of
from deskmon.clock import DAY
from deskmon.components.carry import by_interest, leverage
from deskmon.model.figures import InterestFigure, MetricFigure
from deskmon.report.content import Block, Cell, Chart, ChartLine, Inline, Paragraph, Table
from deskmon.report.phrases import path_of, signed_percent, usd
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections.market_phrases import also, at_start, cell, standing, when

HEAD = ("total", "24 h", "24 h, coins", "7 days", "7 days, coins", "peak of 90 days", "on", "from peak")
LARGEST = 3
"""Venues whose falls are told."""
MOST = 15
"""Assets that have a row."""


def written(reading: Reading, asset: str, *, is_detailed: bool) -> list[Block | None]:
    """How much, how it changed, how far from its peak; is_detailed: its falls, leverage, venues and a chart as well."""
    symbol = next(iter(symbols_of(asset, reading.model.open_interest.symbols)), "")
    figure = reading.model.open_interest.figure(symbol, reading.end)
    if figure is None:
        reading.lacks(path_of("open_interest", asset, "usd"), f"no open interest of {asset} was told")
        return []
    sentences = [*_changes(reading, asset, figure), _from_peak(reading, asset, figure)]
    if not is_detailed:
        return [together(*sentences)]
    path = path_of("open_interest", asset, "usd")
    ranked = sorted(figure.venues, key=lambda venue: (-figure.venues[venue].usd, venue))
    rows = [_row(reading, venue, path_of("open_interest", asset, "venues", venue)) for venue in ranked]
    table = Table(f"Open interest of {asset}, by venue", ("venue", *HEAD), rows)
    chart = Chart(f"Open interest of {asset}", "USD", [ChartLine(asset, path, reading.points(path))])
    sentences += [each(reading, asset, figure) for each in (_fall, _falls, _leverage)]
    return [together(*sentences), table, chart]


def _changes(reading: Reading, asset: str, figure: InterestFigure) -> list[Paragraph | None]:
    path, called = path_of("open_interest", asset), f"The open interest of {asset}"
    highest = standing(reading, f"{path}.since", figure.since, ("highest", "lowest"))
    move = standing(
        reading, f"{path}.change_24h_since", figure.change_24h_since, ("largest daily rise", "largest daily fall")
    )
    start = also(", after ", at_start(reading, f"{path}.usd", usd), " at the start")
    day, week = (reading.figure(f"{path}.change_{window}_pct", signed_percent) for window in ("24h", "7d"))
    coins = [
        also(" (", reading.figure(f"{path}.change_{window}_amount_pct", signed_percent), " in coins)")
        for window in ("24h", "7d")
    ]
    return [
        says(f"{called} is ", reading.figure(f"{path}.usd", usd), *start, *also(": the ", highest), "."),
        says(f"{called} changed by ", day, *coins[0], " in 24 hours", *also(": the ", move), "."),
        says(f"{called} changed by ", week, *coins[1], " over seven days."),
    ]


def _from_peak(reading: Reading, asset: str, figure: InterestFigure) -> Paragraph | None:
    path = path_of("open_interest", asset)
    below = reading.figure(f"{path}.drawdown_pct", signed_percent)
    peak = reading.figure(f"{path}.peak_usd", usd)
    called = f"The open interest of {asset} is "
    if figure.drawdown_pct == 0:
        return says(called, "the highest of 90 days.")
    return says(called, below, " from its peak of 90 days, ", peak, f" on {fmt.date(figure.peak_ts)}.")


def _fall(reading: Reading, asset: str, figure: InterestFigure) -> Paragraph | None:
    if figure.fall_pct is None:
        return None
    fall = reading.figure(path_of("open_interest", asset, "fall_pct"), signed_percent)
    until = f" until {when(figure.fall_ts)}" if figure.fall_ts is not None else ""
    return says(f"In 90 days the open interest of {asset} fell most within 24 hours{until}, by ", fall, ".")


def _falls(reading: Reading, asset: str, figure: InterestFigure) -> Paragraph | None:
    """The venues that are the farthest below their own peaks."""
    known = {venue: held.drawdown_pct for venue, held in figure.venues.items() if held.drawdown_pct}
    if len(known) < 2:
        return None
    parts: list[Inline] = [f"The largest falls of the open interest of {asset} from the peak of a venue are those of "]
    for place, venue in enumerate(sorted(known, key=lambda venue: (known[venue], venue))[:LARGEST]):
        path = path_of("open_interest", asset, "venues", venue, "drawdown_pct")
        parts += [", " if place else "", f"{venue} (", reading.derived(path, signed_percent(known[venue])), ")"]
    return says(*parts, ".")


def _leverage(reading: Reading, asset: str, figure: InterestFigure) -> Paragraph | None:
    path = path_of("metrics", f"market_cap_{asset.lower()}", "value")
    cap: MetricFigure | None = reading.model.metrics.figures(reading.end).get(f"market_cap_{asset.lower()}")
    ratio = None if cap is None else leverage(figure.usd, cap.value)
    if cap is None or ratio is None:
        reading.lacks(path, f"no market capitalisation of {asset} was told")
        return None
    age = f", told {fmt.age(cap.age_ms)} before" if cap.age_ms > DAY else ""
    part = reading.derived(path_of("open_interest", asset, "usd"), fmt.fraction(ratio, 2))
    return says(
        f"The open interest of {asset} is ",
        part,
        " of its market capitalisation of ",
        reading.figure(path, usd),
        f"{age}.",
    )


def side_by_side(reading: Reading) -> Table | None:
    """All assets, those with the largest open interest first."""
    model = reading.model
    symbols = main_symbols(model.open_interest.symbols)
    ranked = by_interest(model, symbols)
    rows = [_row(reading, asset, path_of("open_interest", asset)) for asset in ranked[:MOST]]
    of = "" if len(ranked) <= MOST else f", the {MOST} largest of {len(ranked)}"
    return Table(f"Open interest by asset{of}", ("asset", *HEAD), rows) if rows else None


def _row(reading: Reading, name: str, path: str) -> list[Cell]:
    percents = ("change_24h_pct", "change_24h_amount_pct", "change_7d_pct", "change_7d_amount_pct")
    return [
        [name],
        cell(reading, f"{path}.usd", usd),
        *(cell(reading, f"{path}.{field}", signed_percent) for field in percents),
        cell(reading, f"{path}.peak_usd", usd),
        cell(reading, f"{path}.peak_ts", fmt.date),
        cell(reading, f"{path}.drawdown_pct", signed_percent),
    ]
