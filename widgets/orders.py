"""The orders behind a figure: liquidations of a venue, asset, side, window or range of prices, the newest first; of a
wave, or another stretch of time, the largest first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from deskmon.api import (
    WINDOWS,
    Cell,
    Choice,
    Column,
    Drill,
    Frame,
    Intent,
    Row,
    Section,
    TablePanel,
    action,
    events,
    figures,
    fmt,
)
from deskmon.components.feed_health import coverage_of, is_partial
from deskmon.components.liquidations import long_share, windows_of
from deskmon.components.tape import ENTRY_COLUMNS, entry_key, entry_row, smallest_choice

SIDES: tuple[str, ...] = ("", "long", "short")
TOTALS = (
    Column("of", "", 11),
    Column("total", "total", 8, "right", 0),
    Column("long", "long", 7, "right", 1),
    Column("short", "short", 7, "right", 2),
    Column("long %", "long %", 6, "right", 3),
    Column("orders", "orders", 6, "right", 4),
)
HELD = 10_000
"""More orders than are held."""


class Orders(TablePanel):
    """Single liquidations that are held, under totals that count all of them."""

    name = "orders"
    title = "Orders"
    topics = frozenset({"liquidations", "trades", "clock"})
    stay_on_first = True
    definitions = (
        ("counted", "every liquidation that the desk counted; of one side its dollars; of a stretch of price none"),
        ("listed", "the orders below: of the newest 2,000, and before them of the largest by venue, asset and price"),
        ("total, long, short", "USD by side of the position that was closed; ≥ a lower bound: the venue drops some"),
        ("coverage", "full: every order; sampled: some; polled, inferred: by REST, from trades; none: not heard"),
        ("usd", "notional in USD; from 50K, 250K, 1M and 5M on the entry is hotter"),
        ("time", "the venue's time, UTC"),
    )

    side = Choice(SIDES, key="d", help="Longs, shorts, or both", note=lambda side: f"{side}s alone" if side else "")
    smallest = smallest_choice()
    window = Choice(tuple(WINDOWS), default="24h", window=True, note=None)

    class Options(TablePanel.Options, frozen=True):
        """What is shown, all of it where empty. venue: short name; asset: `BTC`; since, until: ms UTC, in place of a
        window; low, high: prices, the higher one not among them."""

        venue: str = ""
        asset: str = ""
        since: int = 0
        until: int = 0
        low: float = 0.0
        high: float = math.inf

    def heading(self, frame: Frame) -> str:
        of = " ".join(filter(None, (self.options.asset, self.side, "liquidations")))
        of = of[0].upper() + of[1:]
        return f"{of} on {self.options.venue}" if self.options.venue else of

    def note_parts(self, frame: Frame) -> Iterable[str]:
        coverage = coverage_of(frame.model, frame.now, self.options.venue)
        return (*super().note_parts(frame), coverage, self._when(frame), self._until_when_whole(frame))

    def sections(self, frame: Frame) -> Sequence[Section]:
        held = [order for order in self._held(frame) if order.usd >= self.smallest]
        largest_first = self.options.since > 0
        if largest_first:
            held.sort(key=lambda order: -order.usd)
        rows = (entry_row(order, frame.now) for order in held)
        return (
            Section("totals", TOTALS, self._totals(held, frame), selectable=False),
            Section("orders", ENTRY_COLUMNS, rows, self._quiet(frame), sorted_by="usd" if largest_first else "-time"),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        order = next((order for order in self._held(frame) if entry_key(order) == row.key), None)
        if order is None:
            return None
        return Drill("order", {"order": row.key}, f"{fmt.base(order.symbol)} {fmt.clock(order.ts)}")

    @action("page", key="o", help="The page of the asset or, where all are shown, of the venue")
    def open_page(self, frame: Frame) -> Intent | None:
        page = "symbol" if self.options.asset else "venue"
        name = self.options.asset or self.options.venue
        return Drill(page, {page: name}, name) if name else None

    @window.offered
    def _windows(self, frame: Frame) -> Sequence[str]:
        return () if self.options.since else windows_of(WINDOWS)

    def _when(self, frame: Frame) -> str:
        if not self.options.since:
            return self.window
        return f"{fmt.moment(self.options.since, frame.now)}–{fmt.moment(self._until(frame), frame.now)}"

    def _until_when_whole(self, frame: Frame) -> str:
        """From when on every order is listed, where not all of the window are."""
        since = frame.model.liquidations.tape_since
        until = self._until(frame)
        after = self.options.since or until - WINDOWS[self.window]
        if since is None or since <= after:
            return ""
        return "the largest" if since > until else f"all since {fmt.moment(since, frame.now)}, the largest before"

    def _until(self, frame: Frame) -> int:
        return min(self.options.until or frame.now, frame.now)

    def _held(self, frame: Frame) -> list[events.Liquidation]:
        options, until, model = self.options, self._until(frame), frame.model
        length = until - options.since + 1 if options.since else WINDOWS[self.window]
        found = model.liquidations.orders(
            until, length, options.venue or None, options.asset or None, self.side or None,
            limit=HELD, low=options.low, high=options.high,
        )  # fmt: skip
        wave = next((wave for wave in model.waves.figures(frame.now) if wave.start == options.since), None)
        known = {*found}
        behind = [] if wave is None else model.waves.orders(wave.id, frame.now)
        return found + [order for order in behind if order not in known and self._is_wanted(order)]

    def _is_wanted(self, order: events.Liquidation) -> bool:
        options = self.options
        of_venue, of_asset = options.venue in ("", order.venue), options.asset in ("", fmt.base(order.symbol))
        return of_venue and of_asset and self.side in ("", order.side)

    def _quiet(self, frame: Frame) -> str:
        return "no such liquidation" if frame.model.tape.liquidations.events else "no liquidation has been heard yet"

    def _totals(self, held: Sequence[events.Liquidation], frame: Frame) -> Iterable[Row]:
        counted = self._counted(frame)
        long, short = (math.fsum(order.usd for order in held if order.side == side) for side in ("long", "short"))
        sums = figures.SideSums(usd=long + short, long_usd=long, short_usd=short, count=len(held))
        if counted is not None:
            yield _total("counted", *counted)
        if counted is None or counted[0].count is None or sums.count < counted[0].count:
            yield _total("listed", sums, False)

    def _counted(self, frame: Frame) -> tuple[figures.Sums, bool] | None:
        """All that the model counted of it, and whether that is a lower bound: of one side its dollars alone. None of
        stretches of time or price, of which the model keeps no count."""
        options, liquidations = self.options, frame.model.liquidations
        window = liquidations.windows(frame.now).get(self.window)
        if window is None or options.since or options.low > 0 or options.high < math.inf:
            return None
        sums: figures.Sums | None = window
        if options.venue and options.asset:
            cells = liquidations.matrix(self.window, frame.now, (options.venue,), (options.asset,))
            sums = cells.get((options.venue, options.asset))
        elif options.venue:
            sums = window.by_venue.get(options.venue)
        elif options.asset:
            sums = window.by_symbol.get(options.asset)
        partial = is_partial(options.venue, coverage_of(frame.model, frame.now, options.venue))
        bound = partial if options.venue else window.lower_bound
        return self._of_side(sums or liquidations.nothing(self.window, frame.now, options.venue)), bound

    def _of_side(self, sums: figures.Sums) -> figures.Sums:
        """What of `sums` is of the side that is shown."""
        if not self.side:
            return sums
        long, short = (sums.long_usd, None) if self.side == "long" else (None, sums.short_usd)
        return figures.Sums(usd=long if short is None else short, long_usd=long, short_usd=short, count=None)


def _total(name: str, sums: figures.Sums, bound: bool) -> Row:
    cells: dict[str, Cell] = {
        "of": (name, "label"),
        "total": (fmt.amount(sums.usd, lower_bound=bound, digits=2), "sum flash"),
        "long": (fmt.amount(sums.long_usd, lower_bound=bound, digits=2), "long flash"),
        "short": (fmt.amount(sums.short_usd, lower_bound=bound, digits=2), "short flash"),
        "long %": (fmt.fraction(long_share(sums), 1), "text flash"),
        "orders": (fmt.amount(sums.count), "muted flash"),
    }
    return Row(name, cells)
