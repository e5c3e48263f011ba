"""The ladder of one book: level by level, sums from the best price on, and the walls in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Cell, Column, Frame, Line, Row, Section, TablePanel, events, figures, fmt
from deskmon.components.depth import book_state, cumulative, walls
from deskmon.components.markets import contract, main_symbols
from deskmon.components.sections import only_words
from deskmon.components.text import fit

WALL = 5.0
"""A level of this many times its side's median is a wall."""
MARK = "◆"


class Ladder(TablePanel):
    """One book, bids and asks beside each other, best first."""

    name = "ladder"
    title = "Ladder"
    topics = frozenset({"depth", "clock"})
    most_rows = 1_000
    definitions = (
        ("bid, ask", "price of the level; usd: what stands there; sum: USD from the best price up to and with it"),
        ("away", "distance from mid, in percent"),
        ("◆", "a wall: a level with at least 5 times the median USD of its side's levels"),
        ("crossed, stale", "a bid above an ask; a book older than 30 s"),
    )
    columns = (
        Column("bid away", "away", 7, "right", 6),
        Column("bid sum", "sum", 6, "right", 2),
        Column("bid usd", "usd", 8, "right", 1),
        Column("bid", "bid", 10, "decimal", 0),
        Column("ask", "ask", 10, "decimal", 0),
        Column("ask usd", "usd", 8, "right", 1),
        Column("ask sum", "sum", 6, "right", 2),
        Column("ask away", "away", 7, "right", 6),
    )

    class Options(TablePanel.Options, frozen=True):
        """symbol: a unified symbol, the linked asset's main one where empty; venue: the first by name where empty."""

        symbol: str = ""
        venue: str = ""

    def heading(self, frame: Frame) -> str:
        symbol, venue = self._subject(frame)
        return f"{fmt.base(symbol)} {contract(symbol)} on {venue}" if venue else self.title

    def note_parts(self, frame: Frame) -> Iterable[str]:
        found = self._found(frame)
        return () if found is None else (f"{len(found[0].bids)} + {len(found[0].asks)} levels",)

    def oldest(self, frame: Frame) -> int | None:
        found = self._found(frame)
        return None if found is None else found[1].age_ms

    def headline(self, frame: Frame) -> Sequence[Line]:
        found = self._found(frame)
        if found is None:
            return ()
        book, depth = found
        state, style = book_state(depth)
        band = depth.bands.get("1")
        balance = band.imbalance if band else None
        first = [
            (f"{state} {fmt.age(depth.age_ms)}", style) if state else (f"live {fmt.age(depth.age_ms)}", "ok"),
            (f"mid {fmt.price(depth.mid)}", "text"),
            (f"spread {fmt.UNKNOWN if depth.spread_bps is None else f'{depth.spread_bps:.2f}'} bps", "text"),
            (f"imbalance {fmt.fraction(balance, 0, plus=True)} within 1%", "text"),
        ]
        height = min(2 if frame.height >= 6 else 1, max(0, frame.height - 1))
        return [fit(first, frame.width), fit(self._walls(book, depth), frame.width)][:height]

    def sections(self, frame: Frame) -> Sequence[Section]:
        found = self._found(frame)
        if found is None:
            symbol, venue = self._subject(frame)
            where = f" on {venue}" if venue else ""
            return only_words(f"no order book of {symbol or frame.symbol}{where} yet", "ladder")
        return (Section("ladder", self.columns, self._rows(*found), "an empty book"),)

    def _subject(self, frame: Frame) -> tuple[str, str]:
        """(unified symbol, venue), "" where none is known."""
        depth = frame.model.depth
        symbol = self.options.symbol or main_symbols(depth.symbols).get(frame.symbol, "")
        if self.options.venue:
            return symbol, self.options.venue
        figure = depth.figure(symbol, frame.now)
        return symbol, min(figure.venues, default="") if figure else ""

    def _found(self, frame: Frame) -> tuple[events.Book, figures.VenueDepth] | None:
        symbol, venue = self._subject(frame)
        book = frame.model.depth.book(symbol, venue)
        figure = frame.model.depth.figure(symbol, frame.now)
        return None if book is None or figure is None else (book, figure.venues[venue])

    def _walls(self, book: events.Book, depth: figures.VenueDepth) -> list[tuple[str, str]]:
        """The nearest walls of either side, in words."""
        words = []
        for name, side in (("bid", book.bids), ("ask", book.asks)):
            for index in walls(side, WALL)[:2]:
                price, amount = side[index]
                words.append((f"{MARK} {name} wall {fmt.amount(price * amount)} at {fmt.price(price)}", "accent"))
        return words or [("no wall in sight", "muted")]

    def _rows(self, book: events.Book, depth: figures.VenueDepth) -> Iterable[Row]:
        best = (book.bids or book.asks)[0][0] if book.bids or book.asks else None
        digits = fmt.price_digits(best)
        sides = {
            name: (side, cumulative(side), frozenset(walls(side, WALL)))
            for name, side in (("bid", book.bids), ("ask", book.asks))
        }
        for number in range(max(len(book.bids), len(book.asks))):
            cells: dict[str, Cell] = {}
            for name, (side, sums, marked) in sides.items():
                if number < len(side):
                    price, amount = side[number]
                    away = None if depth.mid is None else (price / depth.mid - 1) * 100
                    wall = number in marked
                    style = "accent bold" if wall else "text"
                    cells |= {
                        name: (fmt.price(price, digits), style),
                        f"{name} usd": (f"{MARK if wall else ''}{fmt.amount(price * amount)}", style),
                        f"{name} sum": (fmt.amount(sums[number]), "muted"),
                        f"{name} away": (fmt.percent(away), "faint"),
                    }
            yield Row(str(number), cells, age_ms=depth.age_ms, stale=depth.stale or depth.mid is None)
