"""Levels: the zones of support and resistance around the price, how they stand and since when, and what turned them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from deskmon import format as fmt
from deskmon.analytics.level_sources import round_numbers
from deskmon.components.levels import level_price, level_wicks
from deskmon.model import Model
from deskmon.model.figures import LevelFigure
from deskmon.model.levels import LevelChange
from deskmon.model.path_steps import Place, write_path
from deskmon.report.content import Block, Cell, Inline, Link, Paragraph, Table
from deskmon.report.phrases import path_of, signed_percent
from deskmon.report.reading import Reading, says
from deskmon.report.sections.market_phrases import cell, when

ASSETS = 2
"""Assets whose levels are told: the first that have any."""
SIDE = 10
"""Levels above the price, and below it, besides those that somebody pinned."""
REACH = 15.0
"""How far from the price they are at most, in percent."""
TURNS = 4
"""Closes that are told of a level: those that turned it last."""
ROUND = "round"
"""The source of a zone that stands at a round number."""


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Nothing: levels keep what happened to them."""
    return []


def write(reading: Reading) -> list[Block]:
    """The ladder of each asset, the highest price on top, and what happened on it."""
    levels = reading.model.levels
    symbols = {fmt.base(symbol): symbol for symbol in levels.symbols}
    blocks: list[Block] = []
    told = 0
    for asset in reading.assets:
        found = levels.of(symbols[asset], reading.end) if asset in symbols and told < ASSETS else []
        if asset not in symbols or (told < ASSETS and not found):
            reading.lacks(path_of("levels", asset), f"no candle of {asset} gave a level")
        if found:
            told += 1
            blocks += _told(reading, asset, symbols[asset], found)
    return blocks


def _told(reading: Reading, asset: str, symbol: str, found: Sequence[LevelFigure]) -> Iterator[Block]:
    above = [level for level in found if level.distance_pct > 0][-SIDE:]
    below = [level for level in found if level.distance_pct <= 0][:SIDE]
    near = {level.id for level in (*above, *below) if abs(level.distance_pct) <= REACH}
    shown = [level for level in found if level.id in near or level.pinned]
    if not shown:
        yield Paragraph([f"No level of {asset} is within {REACH:.0f}% of its price."])
        return
    yield from filter(None, (_nearest(reading, asset, shown),))
    yield _ladder(reading, asset, symbol, shown)


def _nearest(reading: Reading, asset: str, shown: Sequence[LevelFigure]) -> Paragraph | None:
    """The nearest support below, and the nearest resistance above."""
    below = [level for level in shown if level.kind == "support" and level.distance_pct <= 0][:1]
    above = [level for level in shown if level.kind == "resistance" and level.distance_pct >= 0][-1:]
    parts = [part for level in (*below, *above) for part in _stands(reading, asset, level)]
    return says(f"Of {asset}, the nearest ", *parts[1:], ".") if parts else None


def _stands(reading: Reading, asset: str, level: LevelFigure) -> list[Inline | None]:
    path = level_path(asset, level)
    low, high = (level_price(edge, level.price) for edge in (level.low, level.high))
    zone = "" if low == high else f" (its zone from {low} to {high})"
    return [
        ", the nearest ", f"{level.kind} is ", reading.figure(f"{path}.price", level_price), f"{zone}, ",
        reading.figure(f"{path}.distance_pct", signed_percent), " away, ", reading.figure(f"{path}.status"),
        f" since {when(level.status_since)}",
    ]  # fmt: skip


def _ladder(reading: Reading, asset: str, symbol: str, shown: Sequence[LevelFigure]) -> Table:
    turns = _turns(reading, symbol)
    rows: list[list[Cell]] = []
    for level in shown:
        path = level_path(asset, level)
        low, high = (level_price(edge, level.price) for edge in (level.low, level.high))
        wicks = len(level_wicks(reading.model, symbol, level, reading.end))
        rows.append([
            [f"{level_price(level.price)} {level.kind}"], [low if low == high else f"{low} to {high}"],
            cell(reading, f"{path}.distance_pct", signed_percent),
            cell(reading, f"{path}.status", partial(_status, level)), [_turned(turns.get(level.id, ()))],
            [str(wicks)], _why(level),
        ])  # fmt: skip
    head = ["level", "zone", "away", "status", "closes that turned it in this time", "wicks of 30 days", "why"]
    return Table(f"Levels of {asset}", head, rows)


def _status(level: LevelFigure, status: str) -> str:
    """How it stands since when; where the price is already beyond it, when a close decides."""
    way = " upwards" if status == "broken" and level.kind == "support" else ""
    said = f"{status}{way} since {when(level.status_since)}"
    if level.decides is None or level.beyond_since is None:
        return said
    return (
        f"{said}; the price is beyond it since {when(level.beyond_since)}, the close of {when(level.decides)} decides"
    )


def _why(level: LevelFigure) -> Cell:
    named: list[Inline] = ["pinned: ", Link(level.label)] if level.pinned and level.label else ["pinned"]
    sources = (_round_named(level) if each == ROUND else each for each in level.sources if not each.startswith("pin"))
    said = ", ".join(sources)
    return [*named, *([f", {said}"] if said else [])] if level.pinned else [said]


def _round_named(level: LevelFigure) -> str:
    """`round 60,000`: which round numbers are in the zone."""
    numbers = [level_price(number) for number, _ in round_numbers(level.low, level.high)]
    return f"{ROUND} {', '.join(numbers)}" if numbers else ROUND


def _turns(reading: Reading, symbol: str) -> dict[str, list[LevelChange]]:
    """Closes of the stretch that turned a level, by its id, the oldest first."""
    found: dict[str, list[LevelChange]] = {}
    for change in reading.model.levels.changes(symbol, reading.end, reading.start):
        found.setdefault(change.figure.id, []).append(change)
    return found


def _turned(turns: Sequence[LevelChange]) -> str:
    """The newest of them: broken at Fri 2026-02-06 04:00Z by 64,200."""
    if not turns:
        return "no close turned it"
    earlier = f"{len(turns) - TURNS} earlier, " if len(turns) > TURNS else ""
    told = (f"{turn.status} {when(turn.time)} at {level_price(turn.close)}" for turn in turns[-TURNS:])
    return earlier + ", ".join(told)


def level_path(asset: str, level: LevelFigure) -> str:
    """`levels.BTC[85000]`."""
    return write_path(path_of("levels", asset), Place(f"{level.price:.10f}".rstrip("0").rstrip(".")))
