"""The page of one liquidation wave: who was in it, what price, open interest and funding did, and what came before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import fsum

from msgspec.structs import replace

from deskmon.api import (
    MINUTE,
    Column,
    Drill,
    Frame,
    Intent,
    Line,
    Row,
    Section,
    TablePanel,
    change,
    figures,
    fmt,
)
from deskmon.components.feed_health import coverage_of, is_partial
from deskmon.components.liquidations import breakdown_columns, breakdown_row
from deskmon.components.markets import symbols_of
from deskmon.components.sections import only_words
from deskmon.components.since import since_phrase
from deskmon.components.tape import ENTRY_COLUMNS, entry_key, entry_row
from deskmon.components.text import wrapped
from deskmon.components.values import rate
from deskmon.components.waves import WAVE_COLUMNS, WAVE_DEFINITIONS, WAVE_WORDS, compared, wave_headline, wave_row

BEFORE = 5
"""Waves that it is compared with."""
LARGEST = 10
"""Orders that are listed."""
LEAD_IN = 10 * MINUTE
"""How long before the wave its price path begins (ms)."""
PATH = (
    Column("of", "", 13, least=7),
    Column("before", "before", 10, "right", 2),
    Column("worst", "worst", 10, "right", 3),
    Column("after", "after", 10, "right", 1),
    Column("change", "change", 8, "right", 0),
    Column("path", "path", 12, priority=4, least=8, most=60),
)


class Wave(TablePanel):
    """Everything the desk knows of one wave; the newest where none is named."""

    name = "wave"
    title = "Wave"
    topics = frozenset({"waves", "liquidations", "trades", "prices", "open_interest", "funding", "clock"})
    definitions = (
        *WAVE_DEFINITIONS,
        ("before, after", "at the wave's start, and at its end or now; worst: the price worst for those liquidated"),
        ("change", "of price to its worst; of open interest in coins, of venues known at both ends"),
        ("path", "price from ten minutes before the wave to its end or now"),
        ("funding", "the asset's 8-hour predictions, as last heard, weighted by open interest now"),
        ("share", "of the wave's total, in USD"),
        ("compared", "re-accelerating: USD and peak minute a tenth above the wave before; fading: both a tenth below"),
        ("orders", "the wave's largest, held as long as the wave is"),
    )

    class Options(TablePanel.Options, frozen=True):
        """wave: its number; 0 for the newest."""

        wave: int = 0

    def heading(self, frame: Frame) -> str:
        wave = self._wave(frame)
        return self.title if wave is None else f"Wave {wave.id}"

    def note_parts(self, frame: Frame) -> Iterable[str]:
        wave = self._wave(frame)
        if wave is None:
            return ()
        end = "now" if wave.end is None else fmt.clock(wave.end)
        return (f"{fmt.moment(wave.start, frame.now)}–{end}",)

    def sections(self, frame: Frame) -> Sequence[Section]:
        wave = self._wave(frame)
        if wave is None:
            wanted = f"wave {self.options.wave}" if self.options.wave else "wave"
            return only_words(f"no {wanted} is known")
        orders, path = frame.model.waves.orders(wave.id, frame.now)[:LARGEST], self._path(wave, frame)
        untold = [name for name, row in path.items() if row is None]
        return (
            Section("path", PATH, [row for row in path.values() if row is not None], selectable=False),
            Section("untold", (), (), f"nobody told {_either(untold)} of {wave.lead} in its time" if untold else ""),
            Section("venues", breakdown_columns("venue", ""), self._venues(wave, frame), sorted_by="total"),
            Section("assets", breakdown_columns("asset", ""), self._assets(wave), sorted_by="total"),
            Section("waves", WAVE_COLUMNS, self._waves(wave, frame), sorted_by="wave"),
            Section("held", (), (), "its largest orders" if orders else "none of its orders is held"),
            Section("orders", ENTRY_COLUMNS, [entry_row(order, frame.now) for order in orders], sorted_by="usd"),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        kind, _, name = row.key.partition("/")
        wave = self._wave(frame)
        if wave is not None and kind in ("venue", "asset"):
            until = frame.now if wave.end is None else wave.end
            return Drill("orders", {kind: name, "since": wave.start, "until": until}, name)
        if not name:
            return Drill("wave", {"wave": int(row.key)}, f"wave {row.key}")
        orders = [] if wave is None else frame.model.waves.orders(wave.id, frame.now)
        order = next((order for order in orders if entry_key(order) == row.key), None)
        return None if order is None else Drill("order", {"order": row.key}, f"{fmt.base(order.symbol)} {order.side}")

    def _wave(self, frame: Frame) -> figures.WaveFigure | None:
        waves = frame.model.waves.figures(frame.now)
        wanted = self.options.wave
        return next((wave for wave in reversed(waves) if wanted in (0, wave.id)), None)

    def _earlier(self, wave: figures.WaveFigure, frame: Frame) -> list[figures.WaveFigure]:
        """The waves before it, the newest first."""
        return [other for other in reversed(frame.model.waves.figures(frame.now)) if other.start < wave.start]

    def headline(self, frame: Frame) -> Sequence[Line]:
        """The headline and, where there is room, the comparison with the wave before."""
        wave = self._wave(frame)
        if wave is None or frame.height < 2:
            return []
        lines = wrapped(wave_headline(wave, frame.now), frame.width, 2 if frame.height >= 8 else 1)
        verdict = [[(part, "text")] for part in compared(wave, self._earlier(wave, frame))]
        verdict += [[(words, "text")] for words in [since_phrase(wave.since, WAVE_WORDS, "wave")] if words]
        return lines + wrapped(verdict, frame.width, 1, ", ") if frame.height >= 5 else lines

    def _until(self, wave: figures.WaveFigure, frame: Frame) -> int:
        """When its price and open interest are compared: its end, or now, to the end of the minute, as in figures."""
        end = frame.now if wave.end is None else wave.end
        return max(wave.start, end // MINUTE * MINUTE + MINUTE - 1)

    def _path(self, wave: figures.WaveFigure, frame: Frame) -> dict[str, Row | None]:
        """The rows of what price, open interest and funding did, by name; None for what nobody told."""
        model, until = frame.model, self._until(wave, frame)
        symbol = next(iter(symbols_of(wave.lead, model.prices.symbols)), "")
        digits = fmt.price_digits(wave.price_start)
        window = until - wave.start + LEAD_IN

        def path(width: int) -> str:
            return fmt.sparkline(model.prices.sparkline_values(symbol, until, window, width), width)

        price = Row("price", {
            "of": (wave.lead, "text"), "before": (fmt.price(wave.price_start, digits), "text"),
            "worst": (fmt.price(wave.price_low, digits), "text"), "after": (fmt.price(wave.price_end, digits), "text"),
            "change": change(wave.price_move_pct), "path": (path, "muted"),
        })  # fmt: skip
        first, last = self._interest(wave, frame)
        interest = Row("interest", {
            "of": (f"OI {wave.lead}", "text"), "before": (fmt.amount(first), "text"),
            "after": (fmt.amount(last), "text"), "change": change(wave.open_interest_change_pct),
        })  # fmt: skip
        begun, ended = (self._funding(wave.lead, ts, frame) for ts in (wave.start, until))
        moved = None if begun is None or ended is None else ended - begun
        funding = Row("funding", {
            "of": ("funding 8h", "text"), "before": rate(begun), "after": rate(ended), "change": rate(moved),
        })  # fmt: skip
        return {
            "price": None if wave.price_start is wave.price_end is None else price,
            "open interest": None if first is last is None else interest,
            "funding": None if begun is ended is None else funding,
        }

    def _interest(self, wave: figures.WaveFigure, frame: Frame) -> tuple[float | None, float | None]:
        """Open interest of the lead asset in coins, before and after, over the venues that tell both."""
        interest, until = frame.model.open_interest, self._until(wave, frame)
        ends = [
            (first, last)
            for symbol in symbols_of(wave.lead, interest.symbols)
            for first, last in interest.amounts(symbol, until, until - wave.start, 2).values()
            if first is not None and last is not None
        ]
        return (fsum(first for first, _ in ends), fsum(last for _, last in ends)) if ends else (None, None)

    def _funding(self, asset: str, ts: int, frame: Frame) -> float | None:
        """Mean of the asset's predictions as they were at `ts`, weighted by the venues' open interest now."""
        model = frame.model
        pairs = []
        for symbol in symbols_of(asset, model.funding.figures(frame.now)):
            for venue, usd in model.open_interest.weights(symbol).items():
                known = [value for at, value in model.funding.predicted(symbol, venue) if at <= ts]
                if known:
                    pairs.append((known[-1], usd))
        total = fsum(usd for _, usd in pairs)
        return fsum(value * usd for value, usd in pairs) / total if total > 0 else None

    def _venues(self, wave: figures.WaveFigure, frame: Frame) -> Iterable[Row]:
        for name, sums in sorted(wave.by_venue.items(), key=lambda item: (-item[1].usd, item[0])):
            coverage = coverage_of(frame.model, frame.now, name)
            bound = is_partial(name, coverage)
            yield breakdown_row(f"venue/{name}", name, sums, wave.usd, lower_bound=bound, coverage=coverage)

    def _assets(self, wave: figures.WaveFigure) -> Iterable[Row]:
        for name, sums in sorted(wave.by_symbol.items(), key=lambda item: (-item[1].usd, item[0])):
            yield breakdown_row(f"asset/{name}", name, sums, wave.usd, lower_bound=wave.lower_bound)

    def _waves(self, wave: figures.WaveFigure, frame: Frame) -> Iterable[Row]:
        yield replace(wave_row(wave, frame.now, style="bold"), pinned=True)
        for other in self._earlier(wave, frame)[:BEFORE]:
            yield wave_row(other, frame.now)


def _either(names: Sequence[str]) -> str:
    """`price`, `price or funding`, `price, open interest or funding`."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
