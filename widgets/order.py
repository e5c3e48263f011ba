"""One liquidation: all that is known of it, its share of its minute, and what happened around it."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.api import (
    MINUTE,
    SECOND,
    Cell,
    Column,
    Drill,
    Frame,
    Intent,
    Row,
    Section,
    TablePanel,
    events,
    fmt,
    never_cut,
)
from deskmon.components.markets import contract
from deskmon.components.tape import ENTRY_COLUMNS, Entry, entry_key, entry_row, entry_side, entry_usd

AROUND_MS = 30 * SECOND
ABOVE_0 = 1e-300
"""A stretch of all prices, so that orders which are held by their price are found too."""
FIELDS = (Column("field", "", 16, least=10), Column("value", "", 30, least=12, most=80))


class Order(TablePanel):
    """An entry of the tape, whole, among those of its asset within 30 s; the newest liquidation where none is named."""

    name = "order"
    title = "Order"
    topics = frozenset({"liquidations", "trades"})
    definitions = (
        (
            "share",
            "its part of the USD liquidated in its UTC minute, of its asset and of all, as the tape holds it",
        ),
        ("delay", "our receipt minus the venue's time"),
        ("around", "entries of the tape of the same asset, 30 s before to 30 s after, over all venues"),
    )

    class Options(TablePanel.Options, frozen=True):
        """order: the entry's key, as the tape gives it."""

        order: str = ""

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._kept: Entry | None = None

    def heading(self, frame: Frame) -> str:
        entry = self._entry(frame)
        return self.title if entry is None else f"{fmt.base(entry.symbol)} {entry_side(entry)[0]} on {entry.venue}"

    def sections(self, frame: Frame) -> Sequence[Section]:
        entry = self._entry(frame)
        if entry is None:
            return (Section("fields", FIELDS, (), "no such order is held", header=False),)
        around = [row for row in self._around(entry, frame) if row.key != entry_key(entry)]
        quiet = f"nothing else of {fmt.base(entry.symbol)} within 30 s"
        return (
            Section("fields", FIELDS, self._fields(entry, frame), selectable=False, header=False),
            Section("around", ENTRY_COLUMNS, around, quiet),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        entry = next((entry for entry in frame.model.tape.entries if entry_key(entry) == row.key), None)
        if entry is None:
            return None
        return Drill("order", {"order": row.key}, f"{fmt.base(entry.symbol)} {fmt.clock(entry.ts)}")

    def _entry(self, frame: Frame) -> Entry | None:
        """The entry, kept from when it was found: it may leave the tape while the page is open."""
        if self._kept is None:
            entries = reversed(frame.model.tape.entries)
            wanted = self.options.order
            found = (e for e in entries if (entry_key(e) == wanted if wanted else isinstance(e, events.Liquidation)))
            self._kept = next(found, None) or self._large(frame)
        return self._kept

    def _large(self, frame: Frame) -> Entry | None:
        """The entry among the large ones that have left the tape."""
        ts, venue, asset = [*self.options.order.split("/"), "", ""][:3]
        if not ts.isdigit():
            return None
        model, at = frame.model, int(ts)
        waves = (wave for wave in model.waves.figures(frame.now) if wave.start <= at <= (wave.end or frame.now))
        held = [
            *model.liquidations.orders(at, 1, venue),
            *model.liquidations.orders(at, 1, venue, asset),
            *model.liquidations.orders(at, 1, None, asset, low=ABOVE_0),
            *(order for wave in waves for order in model.waves.orders(wave.id, frame.now)),
        ]
        return next((order for order in held if entry_key(order) == self.options.order), None)

    def _around(self, entry: Entry, frame: Frame) -> list[Row]:
        asset = fmt.base(entry.symbol)
        return [
            entry_row(other, frame.now)
            for other in reversed(frame.model.tape.entries)
            if abs(other.ts - entry.ts) <= AROUND_MS and fmt.base(other.symbol) == asset
        ]

    def _fields(self, entry: Entry, frame: Frame) -> list[Row]:
        delay = None if entry.recv is None else entry.recv - entry.ts
        asset = fmt.base(entry.symbol)
        of_asset, of_all = self._shares(entry, frame)
        fields: list[tuple[str, Cell]] = [
            ("date", (never_cut(fmt.date(entry.ts)), "muted")),
            ("time", (never_cut(f"{fmt.clock(entry.ts)}.{entry.ts % 1000:03}"), "text")),
            ("venue", (entry.venue, "text")),
            ("symbol", (f"{entry.symbol}  {contract(entry.symbol)}", "text")),
            ("side", entry_side(entry)),
            ("price", (never_cut(fmt.price(entry.price)), "text")),
            ("amount", (never_cut(f"{entry.amount:,.10g} {asset}"), "text")),
            ("usd", (never_cut(f"{entry_usd(entry):,.2f}"), "sum")),
            (f"share of {asset}", (never_cut(fmt.fraction(of_asset, 1)), "text")),
            ("share of all", (never_cut(fmt.fraction(of_all, 1)), "text")),
            ("id", (entry.id or fmt.UNKNOWN, "muted")),
            ("delay", (fmt.UNKNOWN if delay is None else never_cut(f"{fmt.price(delay, 0)} ms"), "muted")),
        ]
        return [Row(name, {"field": (name, "label"), "value": value}) for name, value in fields]

    def _shares(self, entry: Entry, frame: Frame) -> tuple[float | None, float | None]:
        """Its share of its minute's liquidations: of its asset, and of all. None for a trade."""
        if not isinstance(entry, events.Liquidation):
            return None, None
        minute, asset = entry.ts // MINUTE, fmt.base(entry.symbol)
        held = [e for e in frame.model.tape.entries if isinstance(e, events.Liquidation) and e.ts // MINUTE == minute]
        of_all = sum(other.usd for other in held)
        of_asset = sum(other.usd for other in held if fmt.base(other.symbol) == asset)
        return (entry.usd / of_asset, entry.usd / of_all) if entry in held else (None, None)
