"""Basis: what perpetuals and dated futures cost beyond spot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deskmon.api import Cell, Column, Drill, Frame, Intent, Row, Section, TablePanel, change, fmt, is_stale, never_cut
from deskmon.components import carry
from deskmon.components.carry import Future, VenueOrder, futures, premiums
from deskmon.components.sections import only_words
from deskmon.components.since import SINCE_DEFINITION, since_cell, since_column
from deskmon.components.values import aged

Premiums = Mapping[str, Mapping[str, tuple[str, float, int]]]


class Basis(TablePanel):
    """Premium of perpetuals by venue, and annualised basis of dated futures by expiry."""

    name = "basis"
    title = "Basis"
    topics = frozenset({"prices", "open_interest", "clock"})
    min_interval_ms = 5_000
    definitions = (
        ("order", "assets by open interest in USD, the most held first, until s sorts"),
        ("premium", "the perpetual's mark / index − 1 in percent, of the venue's main contract on the asset"),
        ("widest", "the highest less the lowest venue"),
        (SINCE_DEFINITION[0], f"{SINCE_DEFINITION[1]}; of the venue whose premium is the most extreme"),
        ("basis", "annualised, simple: (F / S − 1) × 365 / days to expiry; — on the last day"),
        ("future", "F: its mark, else the middle of bid and ask, else the last trade"),
        ("against", "S: the index that the venue gives with it, else spot on the venue, else its perpetual's index"),
        ("days", "to 08:00 UTC of the expiry's date"),
    )
    dated = (
        Column("asset", "future", 8, least=7, most=10),
        Column("expiry", "expiry", 10, "right", 1, order="up"),
        Column("venue", "venue", 11, priority=2, order="up"),
        Column("days", "days", 5, "right", 3, order="up"),
        Column("basis", "basis", 7, "right", 0, order="down"),
        Column("premium", "F/S", 7, "right", 5, order="down"),
        Column("price", "price", 10, "decimal", 4),
        Column("spot", "spot", 10, "decimal", 6),
        Column("against", "against", 7, priority=7),
        Column("age", "age", 4, "right", 8),
    )

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._venue_order = VenueOrder()

    def sections(self, frame: Frame) -> Sequence[Section]:
        found, listed = premiums(frame.model, frame.now), futures(frame.model, frame.now)
        if not found and not listed:
            return only_words("waiting for a perpetual's mark and index, or a dated future")
        pairs = [(venue, held[0]) for venues in found.values() for venue, held in venues.items()]
        venues = self._venue_order.of(frame.model, pairs)
        columns = [
            Column("asset", "premium", 8, least=7, most=10, order="up"),
            *(Column(venue, venue, 8, "right", n + 1, order="down") for n, venue in enumerate(venues)),
            Column("widest", "widest", 7, "right", 3),
            since_column(34),
        ]
        return (
            Section("perpetuals", columns, self._perpetuals(found, frame), "no perpetual with mark and index yet"),
            Section("dated", self.dated, (self._future(held) for held in listed), "no dated future listed"),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        asset = fmt.base(row.key)
        return Drill("symbol", {"symbol": asset}, asset)

    def _perpetuals(self, found: Premiums, frame: Frame) -> Iterable[Row]:
        prices = frame.model.prices.figures(frame.now)
        for asset, venues in found.items():
            values = {venue: value for venue, (_, value, _) in venues.items()}
            ages = [age for _, _, age in venues.values()]
            live = [age for age in ages if not is_stale("prices", age)]
            spread = carry.widest(values)
            cells: dict[str, Cell] = {"asset": (asset, "text")}
            for venue, (_, value, age) in venues.items():
                text, style = change(value * 100, 4)
                cells[venue] = aged("prices", age, (text, f"{style} flash"))
            cells["widest"] = (fmt.UNKNOWN if spread is None else fmt.percent(spread[2] * 100, 4, plus=False), "text")
            told = [(prices[symbol].venues[venue].premium_since, venue) for venue, (symbol, _, _) in venues.items()]
            cells["since"] = since_cell(
                frame.now, *((since, (f"{venue} highest", f"{venue} lowest")) for since, venue in told)
            )
            sort = {"asset": asset, **values}
            yield Row(asset, cells, sort, max(live) if live else min(ages), not live, text=asset)

    def _future(self, held: Future) -> Row:
        digits = fmt.price_digits(held.price)
        excess = None if held.spot is None else carry.premium(held.price, held.spot)
        asset = fmt.base(held.symbol)
        cells: dict[str, Cell] = {
            "asset": (asset, "text"),
            "expiry": (fmt.date(held.expiry), "text"),
            "venue": (held.venue, "muted"),
            "days": (f"{held.days:.1f}", "text"),
            "basis": _percent(held.basis, 2, "bold"),
            "premium": _percent(excess, 2, ""),
            "price": (fmt.price(held.price, digits), "text flash"),
            "spot": (fmt.price(held.spot, digits), "muted"),
            "against": (never_cut(held.against), "muted"),
            "age": (fmt.age(held.age_ms), "faint"),
        }
        sort = {"expiry": held.expiry, "venue": held.venue, "days": held.days, "basis": held.basis, "premium": excess}
        stale = is_stale("prices", held.age_ms)
        return Row(f"{held.symbol} {held.venue}", cells, sort, held.age_ms, stale, text=f"{held.symbol} {held.venue}")


def _percent(fraction: float | None, digits: int, more: str) -> Cell:
    text, style = change(None if fraction is None else fraction * 100, digits)
    return text, f"{style} flash {more}".strip()
