"""Depth: what stands in the books near the price, against what is usual and what was, and what large orders cost."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.assets import symbols_of
from deskmon.model import Model
from deskmon.model.depth import ORDERS, REMEMBERED
from deskmon.model.figures import Band, DepthFigure
from deskmon.report.content import Block, Cell, Chart, ChartLine, Inline, Paragraph, Table
from deskmon.report.phrases import path_of, signed_percent
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections.market_phrases import also, bounded, cell, listed_blocks, made, standing

DETAILED = 2
"""Assets that are told by venue, and drawn."""
VENUE_HEAD = (
    "venue",
    *(f"{side} {band}%" for band in REMEMBERED for side in ("bids", "asks")),
    "imbalance",
    "spread, bps",
)
ASSET_HEAD = ("asset", *(f"{band}%{of}" for band in REMEMBERED for of in ("", ", × baseline", ", against then")))


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """The bands of the books."""
    return [path_of("depth", asset, "bands") for asset in assets]


def write(reading: Reading) -> list[Block]:
    """Each asset with books in sentences; of the first also by venue and over time; then all side by side."""
    blocks: list[Block | None] = []
    known: dict[str, DepthFigure] = {}
    for asset in reading.assets:
        symbol = next(iter(symbols_of(asset, reading.model.depth.symbols)), "")
        figure = reading.model.depth.figure(symbol, reading.end)
        if figure is None or not figure.bands:
            why = f"no book of {asset} was told" if figure is None else f"no book of {asset} is live"
            reading.lacks(path_of("depth", asset, "bands", "1"), why)
            continue
        known[asset] = figure
        blocks.append(_told(reading, asset, figure))
        if len(known) <= DETAILED:
            blocks += [_by_venue(reading, asset, figure), _chart(reading, asset)]
    return listed_blocks(*blocks, _side_by_side(reading, known))


def both_usd(band: Band) -> float:
    """Bids and asks together."""
    return band.bid_usd + band.ask_usd


def _told(reading: Reading, asset: str, figure: DepthFigure) -> Paragraph | None:
    return together(
        *(_band(reading, asset, figure, band) for band in REMEMBERED),
        _then(reading, asset, figure),
        _since(reading, asset, figure),
        _slippage(reading, asset, figure),
    )


def _band(reading: Reading, asset: str, figure: DepthFigure, name: str) -> Paragraph | None:
    """The depth within a band, and against its baseline."""
    path, band = path_of("depth", asset, "bands", name), figure.bands[name]
    live = sum(bool(venue.bands) and not venue.stale for venue in figure.venues.values())
    of = "1 venue" if live == 1 else f"{live} venues"
    bids, asks = (
        reading.derived(f"{path}.{side}", bounded(getattr(band, side), band.truncated))
        for side in ("bid_usd", "ask_usd")
    )
    whole = reading.derived(f"{path}.bid_usd", bounded(both_usd(band), band.truncated))
    parts: list[Inline] = [
        f"The depth of {asset} within {name}% is ",
        whole,
        f" on {of}, bids ",
        bids,
        " and asks ",
        asks,
    ]
    usual, ratio = figure.baseline.get(name), figure.baseline_ratio.get(name)
    if usual is not None and ratio is not None and figure.baseline_since is not None:
        times = reading.derived(path_of("depth", asset, "baseline_ratio", name), f"{ratio:.2f}×")
        baseline = reading.derived(path_of("depth", asset, "baseline", name), bounded(usual, False))
        parts += [", ", times, " its baseline of ", baseline, f", the median since {fmt.date(figure.baseline_since)}"]
    else:
        reading.lacks(path_of("depth", asset, "baseline_ratio", name), "too few samples for a baseline")
    return says(*parts, ".")


def _then(reading: Reading, asset: str, figure: DepthFigure) -> Paragraph | None:
    """Against the days from a date on."""
    if figure.then_from is None:
        return None
    known = [name for name in REMEMBERED if figure.then_ratio.get(name) is not None]
    parts: list[Inline] = []
    for name in known:
        path = path_of("depth", asset, "then_ratio", name)
        changed = reading.figure(path, lambda ratio: signed_percent(100 * (ratio - 1)))
        parts += also(f"{' and ' if parts else ''}within {name}% by ", changed)
    since = f"{fmt.day(figure.then_from)} {fmt.date(figure.then_from)[:4]}"
    return (
        says(f"Against the median of the seven days from {since} on, the depth of {asset} changed ", *parts, ".")
        if parts
        else None
    )


def _since(reading: Reading, asset: str, figure: DepthFigure) -> Paragraph | None:
    """Since when it was so deep or thin, by days; nothing where it was more so within a day of this time."""
    words, now, bands = ("highest", "lowest"), figure.bands.get("1"), path_of("depth", asset, "bands")
    passed = [both_usd(held["1"]) for _, held in reading.points(bands) if held and "1" in held]
    if now is None or figure.since is None or not passed:
        return None
    beyond = max(passed) > both_usd(now) if figure.since.extreme == "high" else min(passed) < both_usd(now)
    if beyond:
        return None
    found = standing(reading, path_of("depth", asset, "since"), figure.since, words)
    return None if found is None else says(f"Within 1% the depth of {asset} is the ", found, ".")


def _slippage(reading: Reading, asset: str, figure: DepthFigure) -> Paragraph | None:
    """What orders cost beyond mid, up to the first that the books don't hold."""
    parts: list[Inline] = []
    missing = ""
    for order in ORDERS:
        cost, path = figure.slippage.get(order), path_of("depth", asset, "slippage", order)
        if cost is None or cost.buy_bps is None or cost.sell_bps is None:
            missing = order
            break
        buy = reading.derived(f"{path}.buy_bps", f"{cost.buy_bps:,.1f}")
        sell = reading.derived(f"{path}.sell_bps", f"{cost.sell_bps:,.1f}")
        parts += [f"{', ' if parts else ''}{order} ", buy, " to buy and ", sell, " to sell"]
    return together(
        says(f"In basis points beyond mid, orders of {asset} cost: ", *parts, ".") if parts else None,
        says(f"The books of {asset} do not hold an order of {missing} on both sides.") if missing else None,
    )


def _by_venue(reading: Reading, asset: str, figure: DepthFigure) -> Table:
    rows: list[list[Cell]] = []
    for venue, depth in figure.venues.items():
        path = path_of("depth", asset, "venues", venue)
        cells: list[Cell] = [[f"{venue} (stale, in no sum)" if depth.stale else venue]]
        for name in REMEMBERED:
            cells += _sides(reading, path_of("depth", asset, "venues", venue, "bands", name), depth.bands.get(name))
        balance = path_of("depth", asset, "venues", venue, "bands", "1")
        cells.append(cell(reading, f"{balance}.imbalance", lambda part: fmt.fraction(part, plus=True)))
        cells.append(cell(reading, f"{path}.spread_bps", lambda bps: f"{bps:.2f}"))
        rows.append(cells)
    return Table(f"Depth of {asset}, by venue", VENUE_HEAD, rows)


def _sides(reading: Reading, path: str, band: Band | None) -> list[Cell]:
    """Bids and asks of a venue within a band."""
    if band is None:
        return [[fmt.UNKNOWN], [fmt.UNKNOWN]]
    return [
        [reading.derived(f"{path}.{side}", fmt.amount(usd, lower_bound=band.truncated, digits=2))]
        for side, usd in (("bid_usd", band.bid_usd), ("ask_usd", band.ask_usd))
    ]


def _side_by_side(reading: Reading, known: dict[str, DepthFigure]) -> Table | None:
    rows: list[list[Cell]] = []
    for asset, figure in known.items():
        cells: list[Cell] = [[asset]]
        for name in REMEMBERED:
            band, usual, then = figure.bands[name], figure.baseline_ratio.get(name), figure.then_ratio.get(name)
            whole = fmt.amount(both_usd(band), lower_bound=band.truncated, digits=2)
            changed = None if then is None else 100 * (then - 1)
            cells.append(made(reading, f"{path_of('depth', asset, 'bands', name)}.bid_usd", whole))
            times = fmt.UNKNOWN if usual is None else f"{usual:.2f}×"
            cells.append(made(reading, path_of("depth", asset, "baseline_ratio", name), times))
            cells.append(made(reading, path_of("depth", asset, "then_ratio", name), fmt.percent(changed, 1)))
        rows.append(cells)
    return Table("Depth by asset", ASSET_HEAD, rows) if len(rows) > 1 else None


def _chart(reading: Reading, asset: str) -> Chart:
    points = reading.points(path_of("depth", asset, "bands"))
    lines = [
        ChartLine(
            f"within {name}%", path_of("depth", asset, "bands", name),
            [(ts, both_usd(bands[name]) if bands and name in bands else None) for ts, bands in points],
        )
        for name in REMEMBERED
    ]  # fmt: skip
    return Chart(f"Depth of {asset}, bids and asks", "USD", lines)
