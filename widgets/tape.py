"""The tape: liquidations and big trades, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deskmon.api import DAY, EACH_FRAME, Choice, Drill, Frame, Intent, Row, TablePanel, events, fmt
from deskmon.components.tape import ENTRY_COLUMNS, Entry, entry_key, entry_row, entry_usd, from_size, smallest_choice

KINDS: tuple[str, ...] = ("both", "liquidations", "trades")


class Tape(TablePanel):
    """Every liquidation and every big trade as it came, the big ones hot."""

    name = "tape"
    title = "Tape"
    topics = frozenset({"liquidations", "trades"})
    min_interval_ms = 5_000
    wave_interval_ms = EACH_FRAME
    stay_on_first = True
    sorted_by = "-time"
    most_rows = 300
    definitions = (
        ("liq long, liq short", "a position closed by force, and its side"),
        ("buy, sell", "a trade of at least the desk's big_trade_usd, and the side of its taker"),
        ("usd", "notional in USD; from 50K, 250K, 1M and 5M on the entry is hotter"),
        ("time", "the venue's time, UTC"),
    )
    columns = ENTRY_COLUMNS

    kind = Choice(
        KINDS, key="o", help="Liquidations, trades, or both", note=lambda kind: "" if kind == "both" else kind
    )
    smallest = smallest_choice()

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._rows: dict[int, tuple[Entry, bool, Row]] = {}

    def empty(self, frame: Frame) -> str:
        kind = "liquidations or big trades" if self.kind == "both" else self.kind
        return " ".join(filter(None, ("no", kind, from_size(self.smallest), "yet")))

    def rows(self, frame: Frame) -> Iterable[Row]:
        for entry in frame.model.tape.newest():
            hidden = "trades" if isinstance(entry, events.Liquidation) else "liquidations"
            if self.kind != hidden and entry_usd(entry) >= self.smallest:
                yield self._row(entry, frame.now)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        entry = next((entry for entry in frame.model.tape.newest() if entry_key(entry) == row.key), None)
        if entry is None:
            return None
        return Drill("order", {"order": row.key}, f"{fmt.base(entry.symbol)} {fmt.clock(entry.ts)}")

    def _row(self, entry: Entry, now: int) -> Row:
        """The entry's row, made once: the same few hundred are asked for with every frame."""
        known = self._rows.get(id(entry))
        if known is not None and known[0] is entry and known[1] == (now - entry.ts >= DAY):
            return known[2]
        if len(self._rows) > 2 * self.most_rows:
            self._rows.clear()
        row = entry_row(entry, now)
        self._rows[id(entry)] = entry, now - entry.ts >= DAY, row
        return row
