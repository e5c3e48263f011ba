"""What moved: each asset over the stretch and the week, its extremes, and since when there was the like."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.assets import main_symbols, symbols_of
from deskmon.clock import DAY
from deskmon.components.since import return_words
from deskmon.model import Model
from deskmon.model.figures import PriceFigure
from deskmon.report.content import Block, Chart, ChartLine, Paragraph
from deskmon.report.phrases import path_of, signed_percent
from deskmon.report.price_path import LATELY, DayMove, Moment, close_since, largest_day, price_path
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections import price_table, whole_market
from deskmon.report.sections.market_phrases import also, at_start, day, listed_blocks, monday, standing, when

TOLD, CHARTED = 4, 2
"""Assets that have sentences, the others stand in the table; those whose price is drawn too."""


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Prices on the way, and the capitalisation of the market."""
    return [*(path_of("prices", asset, "last") for asset in assets), *whole_market.tracked()]


def write(reading: Reading) -> list[Block]:
    """For the first assets their sentences and charts; then all coins side by side, and the whole market."""
    blocks: list[Block | None] = []
    for place, asset in enumerate(reading.assets[:TOLD]):
        symbol = next(iter(symbols_of(asset, reading.model.prices.symbols)), "")
        figure = reading.model.prices.figure(symbol, reading.end)
        if figure is None:
            reading.lacks(path_of("prices", asset, "last"), f"no price of {asset} was told")
            continue
        blocks += [
            together(*_changes(reading, asset, symbol, figure)),
            _path(reading, asset, symbol),
            _peak(reading, asset, figure),
        ]
        blocks += [_chart(reading, asset, symbol)] if place < CHARTED else []
    table = price_table.of_all(reading, main_symbols(reading.model.prices.symbols))
    return listed_blocks(*blocks, table, whole_market.written(reading))


def lead(reading: Reading) -> Paragraph | None:
    """Of the first asset where it stands, its week, its low and its largest day; of the second its week."""
    told: list[Paragraph | None] = []
    for place, asset in enumerate(reading.assets[:CHARTED]):
        symbol = next(iter(symbols_of(asset, reading.model.prices.symbols)), "")
        figure = reading.model.prices.figure(symbol, reading.end)
        if figure is None:
            continue
        stands, seven, _, calendar = _changes(reading, asset, symbol, figure)
        if place:
            told.append(seven)
            continue
        move = largest_day(reading.model, symbol, reading.start, reading.end)
        path = price_path(reading.model, symbol, reading.start, reading.end)
        low = None if path is None else _extreme(reading, asset, "low", path.low)
        told += [stands, seven, calendar, low, None if move is None else _day(reading, asset, move)]
    return together(*told)


def _changes(reading: Reading, asset: str, symbol: str, figure: PriceFigure) -> list[Paragraph | None]:
    """Where it stands; its changes of seven days, of 24 hours and since Monday."""
    last, returns = path_of("prices", asset, "last"), path_of("prices", asset, "returns")
    seven, week = figure.returns["7d"], figure.returns["week"]
    closes = close_since(reading.model, symbol, figure.last, reading.end)
    lowest = standing(reading, last, closes, ("highest by daily closes", "lowest by daily closes"))
    worst = standing(reading, f"{returns}.7d.since", seven.since, return_words("7d", seven.change_pct))
    words = return_words("week", week.change_pct)
    calendar = standing(reading, f"{returns}.week.since", week.since, words, "week", monday(reading.end))
    percents = [
        reading.figure(path, signed_percent)
        for path in (
            path_of("prices", asset, "change_pct", "7d"),
            path_of("prices", asset, "change_pct", "24h"),
            f"{returns}.week.change_pct",
        )
    ]
    start = also(", after ", at_start(reading, last), " at the start")
    return [
        says(
            f"{asset} stands at ",
            reading.figure(last),
            f" at {when(reading.end)}",
            *start,
            *also(": the ", lowest),
            ".",
        ),
        says(f"Over seven days {asset} changed by ", percents[0], *also(": the ", worst), "."),
        says(f"Over 24 hours {asset} changed by ", percents[1], "."),
        says(f"Since Monday 00:00Z {asset} changed by ", percents[2], *also(": the ", calendar), "."),
    ]


def _path(reading: Reading, asset: str, symbol: str) -> Paragraph | None:
    path = price_path(reading.model, symbol, reading.start, reading.end)
    move = largest_day(reading.model, symbol, reading.start, reading.end)
    last = path_of("prices", asset, "last")
    sentences: list[Paragraph | None] = []
    if path is not None:
        sentences += [_extreme(reading, asset, "low", path.low), _extreme(reading, asset, "high", path.high)]
        if path.rebound is not None:
            top = reading.derived(last, fmt.price(path.rebound.price), path.rebound.ts)
            median = None if path.lately is None else reading.derived(last, fmt.price(path.lately))
            parts = also(f", and the median of the last {LATELY} hours is ", median)
            sentences.append(
                says(f"After its low {asset} rose as far as ", top, f" on {when(path.rebound.ts)}", *parts, ".")
            )
    return together(*sentences, None if move is None else _day(reading, asset, move))


def _extreme(reading: Reading, asset: str, name: str, found: Moment) -> Paragraph | None:
    last = path_of("prices", asset, "last")
    is_own = found.since is not None and found.since.extreme == name
    since = standing(reading, last, found.since if is_own else None, ("highest price", "lowest price"), at=found.ts)
    price = reading.derived(last, fmt.price(found.price), found.ts)
    return says(f"The {name} of {asset} was ", price, f" on {when(found.ts)}", *also(": the ", since), ".")


def _day(reading: Reading, asset: str, move: DayMove) -> Paragraph | None:
    """The day with the largest move."""
    path, words = path_of("prices", asset, "returns", "1d"), return_words("1d", move.percent)
    percent = reading.derived(f"{path}.change_pct", signed_percent(move.percent), min(move.ts + DAY, reading.end))
    since = standing(reading, f"{path}.since", move.since, words, at=move.ts)
    name, so_far = words[0] if move.percent > 0 else words[1], "" if move.is_over else " so far"
    return says(f"The {name} of {asset} was {day(move.ts)} with ", percent, so_far, *also(": the ", since), ".")


def _peak(reading: Reading, asset: str, figure: PriceFigure) -> Paragraph | None:
    path, peak = path_of("prices", asset, "peak"), figure.peak
    if peak is None:
        reading.lacks(f"{path}.price", "no daily candles are held")
        return None
    below = reading.derived(f"{path}.drawdown_pct", fmt.price(figure.last - peak.price))
    percent = reading.figure(f"{path}.drawdown_pct", signed_percent)
    return says(
        f"The highest price of {asset} in {peak.since.n:,} days of history is ", reading.figure(f"{path}.price"),
        f" on {fmt.date(peak.ts)}; {asset} is ", below, " (", percent, ") from there.",
    )  # fmt: skip


def _chart(reading: Reading, asset: str, symbol: str) -> Chart:
    """The price with the nearest zone on each side of where it stands."""
    path = path_of("prices", asset, "last")
    points = reading.points(path)
    lines = [ChartLine(asset, path, points)]
    zones = reading.model.levels.of(symbol, reading.end)
    for kind in ("resistance", "support"):
        beside = [zone for zone in zones if zone.kind == kind and zone.distance_pct]
        if beside:
            price = min(beside, key=lambda zone: abs(zone.distance_pct)).price
            name = f"{kind} {fmt.price(price, 0 if price >= 1_000 else None)}"
            lines.append(ChartLine(name, f"levels.{asset}[{price:g}].price", [(ts, price) for ts, _ in points]))
    return Chart(f"Price of {asset}, with the nearest support and resistance", "quote currency", lines)
