"""The tape: liquidations and big trades, newest first."""

from __future__ import annotations

from collections.abc import Iterable

from deskmon.api import EACH_FRAME, Choice, Drill, Frame, Intent, Row, TablePanel, events, fmt
from deskmon.components.tape import ENTRY_COLUMNS, entry_key, entry_row, entry_usd, from_size, smallest_choice

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

    def empty(self, frame: Frame) -> str:
        kind = "liquidations or big trades" if self.kind == "both" else self.kind
        return " ".join(filter(None, ("no", kind, from_size(self.smallest), "yet")))

    def rows(self, frame: Frame) -> Iterable[Row]:
        for entry in frame.model.tape.newest():
            hidden = "trades" if isinstance(entry, events.Liquidation) else "liquidations"
            if self.kind != hidden and entry_usd(entry) >= self.smallest:
                yield entry_row(entry, frame.now)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        entry = next((entry for entry in frame.model.tape.newest() if entry_key(entry) == row.key), None)
        if entry is None:
            return None
        return Drill("order", {"order": row.key}, f"{fmt.base(entry.symbol)} {fmt.clock(entry.ts)}")
