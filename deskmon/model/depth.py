"""Depth: the newest book by symbol and venue, and the dollars within bands around its middle."""

from __future__ import annotations

from math import fsum
from typing import Any

import msgspec

from deskmon.events import Book
from deskmon.model.figures import Band, DepthFigure, VenueDepth
from deskmon.model.part import Part, stamp

BANDS = ("0.1", "0.5", "1", "2")
"""Percent of the reference."""

ROUNDING = 1e-12
"""A price exactly on the edge is inside, whatever its last binary digits say."""


class Depth(Part[dict[str, DepthFigure]]):
    """Folds books. `reference`: `mid`, or `best` for bands from the best bid and from the best ask."""

    def __init__(self, reference: str = "mid") -> None:
        self.reference = reference
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._books: dict[str, dict[str, Book]] = {}

    def fold(self, event: Book) -> None:
        """Take a book, where it isn't older than the one held."""
        books = self._books.get(event.symbol)
        if books is None:
            books = self._books[event.symbol] = {}
        held = books.get(event.venue)
        if held is None or stamp(event) >= stamp(held):
            books[event.venue] = event
            self.revision += 1

    def book(self, symbol: str, venue: str) -> Book | None:
        """The newest book of a unified symbol on a venue."""
        return self._books.get(symbol, {}).get(venue)

    def checkpoint(self) -> Any:
        return msgspec.to_builtins([book for books in self._books.values() for book in books.values()])

    def restore(self, data: Any) -> None:
        self.clear()
        for book in msgspec.convert(data, list[Book]):
            self._books.setdefault(book.symbol, {})[book.venue] = book

    def _compute(self, now: int) -> dict[str, DepthFigure]:
        figures = {}
        for symbol in sorted(self._books):
            venues = {
                venue: venue_depth(book, self.reference, now) for venue, book in sorted(self._books[symbol].items())
            }
            figures[symbol] = DepthFigure(
                venues=venues, bands=_summed(venues), baseline_ratio=dict.fromkeys(BANDS)
            )  # fmt: skip
        return figures


def venue_depth(book: Book, reference: str, now: int) -> VenueDepth:
    """Depth of one book at desk time `now` (ms). A crossed book, or one with an empty side, has no bands."""
    age = max(0, now - stamp(book))
    if not book.bids or not book.asks:
        return VenueDepth(reference=reference, mid=None, spread_bps=None, bands={}, crossed=False, age_ms=age)
    bid, ask = book.bids[0][0], book.asks[0][0]
    if bid >= ask:
        return VenueDepth(reference=reference, mid=None, spread_bps=None, bands={}, crossed=True, age_ms=age)
    mid = (bid + ask) / 2
    below, above = (bid, ask) if reference == "best" else (mid, mid)
    bands = {}
    for name in BANDS:
        width = float(name) / 100
        lowest, highest = below * (1 - width) * (1 - ROUNDING), above * (1 + width) * (1 + ROUNDING)
        bands[name] = Band(
            bid_usd=_usd(level for level in book.bids if level[0] >= lowest),
            ask_usd=_usd(level for level in book.asks if level[0] <= highest),
            truncated=book.bids[-1][0] >= lowest or book.asks[-1][0] <= highest,
        )
    return VenueDepth(
        reference=reference, mid=mid, spread_bps=(ask - bid) / mid * 1e4, bands=bands, crossed=False, age_ms=age
    )


def _usd(levels: Any) -> float:
    return fsum(price * amount for price, amount in levels)


def _summed(venues: dict[str, VenueDepth]) -> dict[str, Band]:
    shown = [figure.bands for figure in venues.values() if figure.bands]
    if not shown:
        return {}
    return {
        name: Band(
            bid_usd=fsum(bands[name].bid_usd for bands in shown),
            ask_usd=fsum(bands[name].ask_usd for bands in shown),
            truncated=any(bands[name].truncated for bands in shown),
        )
        for name in BANDS
    }
