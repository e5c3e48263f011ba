"""Liquidations: how much in which window, by venue, asset and side, who makes up more than half, and hour by hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from deskmon import format as fmt
from deskmon.clock import DAY, HOUR
from deskmon.components.liquidations import long_share
from deskmon.components.since import sum_words
from deskmon.model import Model
from deskmon.model.coverage import is_partial
from deskmon.model.figures import SideSums, Sums, WindowFigure
from deskmon.report.content import Block, Cell, Chart, ChartLine, Figure, Paragraph, Table
from deskmon.report.phrases import listed, path_of, share
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections import liquidation_days, liquidation_waves
from deskmon.report.sections.market_phrases import also, bounded, listed_blocks, made, standing, when

WINDOWS = {"1h": "1 hour", "4h": "4 hours", "12h": "12 hours", "24h": "24 hours", "7d": "7 days"}
"""The windows that are told, in words."""
MOST = 15
"""Assets that have a row."""
_UNITS = {"24h": "day", "7d": "week"}
_ON_THE_WAY = "4h"
"""The window whose largest sums on the way are told."""
_SIDES = ("long_usd", "short_usd")


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Sums of the hour, and by venue of four."""
    return [
        *(path_of("liquidations", "windows", "1h", side) for side in _SIDES),
        path_of("liquidations", "windows", _ON_THE_WAY, "by_venue"),
    ]


def write(reading: Reading) -> list[Block]:
    """What was liquidated by the end, by window, venue and asset; then on the way: waves, stresses and days."""
    windows = {
        name: window for name in WINDOWS if (window := reading.model.liquidations.window(name, reading.end)) is not None
    }
    heard = {name: window for name, window in windows.items() if window.usd is not None}
    if not any(window.count for window in heard.values()):
        why = "no liquidation was told" if heard else "nobody listened"
        reading.lacks(path_of("liquidations", "windows", "24h", "usd"), why)
        return liquidation_days.write(reading)
    blocks: list[Block | None] = [
        together(*(_sum(reading, name, heard[name]) for name in ("24h", "7d") if name in heard)),
        _by_window(reading, heard),
    ]
    for name in ("24h", "7d"):
        if name in heard and (name == "24h" or reading.end - reading.start > 2 * DAY):
            blocks += [_more_than_half(reading, name, heard[name]), _by_venue(reading, name, heard[name])]
            blocks.append(_by_asset(reading, name, heard[name]))
    blocks += [_on_the_way(reading), _chart(reading), *liquidation_waves.write(reading)]
    return [*listed_blocks(*blocks), *liquidation_days.write(reading)]


def _sum(reading: Reading, name: str, window: WindowFigure) -> Paragraph | None:
    path = path_of("liquidations", "windows", name)

    def usd(field: str) -> Figure | None:
        return reading.figure(f"{path}.{field}", lambda value: bounded(value, window.lower_bound))

    since = standing(reading, f"{path}.since", window.since, sum_words(f"liquidated in a {_UNITS[name]}"))
    is_whole = not window.warming_up or window.counts_from is None
    heard = "" if is_whole else f" (heard from {when(window.counts_from or 0)} on)"
    part = reading.figure(f"{path}.long_share", share)
    return says(
        f"In {WINDOWS[name]}{heard} ", usd("usd"), " was liquidated, longs ", usd("long_usd"), *also(" (", part, ")"),
        " and shorts ", usd("short_usd"), *also(": the ", since), ".",
    )  # fmt: skip


def _more_than_half(reading: Reading, name: str, window: WindowFigure) -> Paragraph | None:
    """The fewest venues that make up more than half, and the same of assets."""
    path = path_of("liquidations", "windows", name)
    return together(
        _half(reading, f"{path}.by_venue", f"In {WINDOWS[name]} ", window.by_venue),
        _half(reading, f"{path}.by_symbol", f"By asset, in {WINDOWS[name]} ", window.by_symbol),
    )


def _half(reading: Reading, path: str, before: str, sums: Mapping[str, SideSums]) -> Paragraph | None:
    names, part = fewest_for_half(sums)
    if not names:
        return None
    verb = "made up" if len(names) == 1 else "together made up"
    figure = reading.derived(path, share(part))
    return says(f"{before}{listed(names)} {verb} ", figure, " of what was liquidated, more than half.")


def fewest_for_half(sums: Mapping[str, SideSums]) -> tuple[list[str], float]:
    """The fewest names that make up more than half of the dollars, the largest first, and their part (0 to 1); nobody
    and 0 where there are no dollars."""
    whole, taken, names = sum(each.usd for each in sums.values()), 0.0, list[str]()
    for name, each in sorted(sums.items(), key=lambda item: (-item[1].usd, item[0])):
        if taken > whole / 2 or not whole:
            break
        taken, names = taken + each.usd, [*names, name]
    return names, taken / whole if whole else 0.0


def _by_window(reading: Reading, windows: Mapping[str, WindowFigure]) -> Table:
    rows = []
    for name, window in windows.items():
        path = path_of("liquidations", "windows", name)
        words = sum_words(f"liquidated in a {_UNITS.get(name, name)}")
        since = standing(reading, f"{path}.since", window.since, words)
        sums = _sums(reading, path, window, window.lower_bound)
        orders = made(reading, f"{path}.count", fmt.amount(window.count))
        rows.append([[WINDOWS[name]], *sums, orders, [since] if since else []])
    head = ("window", "total", "longs", "shorts", "long %", "orders", "since when")
    return Table(f"Liquidated by window, until {when(reading.end)}", head, rows)


def _by_venue(reading: Reading, name: str, window: WindowFigure) -> Table:
    path = path_of("liquidations", "windows", name)
    ranked = sorted(window.by_venue.items(), key=lambda item: (-item[1].usd, item[0]))
    rows: list[list[Cell]] = [[["all"], *_sums(reading, path, window, window.lower_bound), ["100.0%"], []]]
    for venue, sums in ranked:
        partial = is_partial(venue, sums.coverage)
        row = path_of("liquidations", "windows", name, "by_venue", venue)
        part = made(reading, f"{row}.usd", _part(sums, window))
        rows.append([[venue], *_sums(reading, row, sums, partial), part, [sums.coverage]])
    return Table(f"Liquidated in {WINDOWS[name]}, by venue", (*_columns("venue"), "share", "coverage"), rows)


def _by_asset(reading: Reading, name: str, window: WindowFigure) -> Table:
    ranked = sorted(window.by_symbol.items(), key=lambda item: (-item[1].usd, item[0]))
    rows = []
    for asset, sums in ranked[:MOST]:
        row = path_of("liquidations", "windows", name, "by_symbol", asset)
        part = made(reading, f"{row}.usd", _part(sums, window))
        rows.append([[asset], *_sums(reading, row, sums, window.lower_bound), part])
    of = "" if len(ranked) <= MOST else f", the {MOST} largest of {len(ranked)}"
    return Table(f"Liquidated in {WINDOWS[name]}, by asset{of}", (*_columns("asset"), "share"), rows)


def _columns(of: str) -> tuple[str, ...]:
    """Heads of `of`, `venue` or `asset`, and of `_sums`."""
    return of, "total", "longs", "shorts", "long %"


def _sums(reading: Reading, path: str, sums: Sums, is_bound: bool) -> list[Cell]:
    """Total, longs, shorts and the share of longs."""
    cells: list[Cell] = []
    for field in ("usd", *_SIDES):
        words = fmt.amount(getattr(sums, field), lower_bound=is_bound, digits=2)
        cells.append(made(reading, f"{path}.{field}", words))
    return [*cells, made(reading, f"{path}.long_usd", fmt.fraction(long_share(sums), 1))]


def _part(sums: SideSums, window: WindowFigure) -> str:
    return share(sums.usd / window.usd) if window.usd else fmt.UNKNOWN


def _on_the_way(reading: Reading) -> Table | None:
    """By venue the most longs and the most shorts within four hours, and when that was."""
    path = path_of("liquidations", "windows", _ON_THE_WAY, "by_venue")
    most: dict[str, dict[str, tuple[float, int]]] = {}
    for ts, venues in reading.points(path):
        for venue, sums in (venues or {}).items():
            for side in _SIDES:
                held = most.setdefault(venue, {}).get(side, (0.0, ts))
                most[venue][side] = max(held, (getattr(sums, side), ts), key=lambda each: each[0])
    ranked = sorted(most, key=lambda venue: (-most[venue]["long_usd"][0], venue))
    rows = [[[venue], *_most(reading, venue, most[venue])] for venue in ranked]
    caption = f"Most liquidated within {WINDOWS[_ON_THE_WAY]} on the way, by venue"
    return Table(caption, ("venue", "longs", "until", "shorts", "until"), rows) if rows else None


def _most(reading: Reading, venue: str, sides: Mapping[str, tuple[float, int]]) -> list[Cell]:
    cells: list[Cell] = []
    for side in _SIDES:
        usd, ts = sides[side]
        path = path_of("liquidations", "windows", _ON_THE_WAY, "by_venue", venue, side)
        words = fmt.amount(usd, lower_bound=is_partial(venue), digits=2)
        cells += [[reading.derived(path, words, ts)], [when(ts)]]
    return cells


def _chart(reading: Reading) -> Chart | None:
    """Longs and shorts of the hour before each look, where no hour was passed over."""
    lines = []
    for side, name in zip(_SIDES, ("longs", "shorts"), strict=True):
        path = path_of("liquidations", "windows", "1h", side)
        points = reading.points(path)[1:]
        if len(points) < 2 or any(ts - before > HOUR for (before, _), (ts, _) in pairwise(points)):
            return None
        lines.append(ChartLine(name, path, points, is_bar=True))
    return Chart("Liquidated in the hour before each time", "USD", lines)
