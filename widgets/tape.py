"""The tape: liquidations and big trades, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from msgspec.structs import replace

from deskmon.api import DAY, Drill, Frame, Intent, Key, Row, TablePanel, events, fmt, following
from deskmon.components.tape import ENTRY_COLUMNS, Entry, entry_key, entry_row, entry_usd

Kind = Literal["both", "liquidations", "trades"]
KINDS: tuple[Kind, ...] = ("both", "liquidations", "trades")
SMALLEST = (0.0, 10_000.0, 100_000.0, 1_000_000.0)


class Tape(TablePanel):
    """Every liquidation and every big trade as it came, the big ones hot."""

    name = "tape"
    title = "Tape"
    topics = frozenset({"liquidations", "trades"})
    min_interval_ms = 3_000
    stay_on_first = True
    sorted_by = "-time"
    most_rows = 300
    keys = (
        Key("tape.kind", "o", "kind", "Liquidations, trades, or both"),
        Key("tape.size", "m", "size", "Smallest size shown: all, 10K, 100K, 1M USD"),
    )
    definitions = (
        ("liq long, liq short", "a position closed by force, and its side"),
        ("buy, sell", "a trade of at least the desk's big_trade_usd, and the side of its taker"),
        ("usd", "notional in USD; hotter from 50K, 250K, 1M and 5M"),
        ("time", "the venue's time, UTC"),
    )
    columns = ENTRY_COLUMNS

    class Options(TablePanel.Options, frozen=True):
        """kind: what is shown at start; smallest: USD below which entries aren't shown."""

        kind: Kind = "both"
        smallest: float = 0.0

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._kind: Kind = self.options.kind
        self._smallest: float = self.options.smallest
        self._rows: dict[int, tuple[Entry, bool, Row]] = {}

    def options_now(self) -> Any:
        return replace(super().options_now(), kind=self._kind, smallest=self._smallest)

    def note(self, frame: Frame) -> str:
        kind = "" if self._kind == "both" else self._kind
        return " · ".join(filter(None, (super().note(frame), kind, self._from())))

    def empty(self, frame: Frame) -> str:
        kind = "liquidations or big trades" if self._kind == "both" else self._kind
        return " ".join(filter(None, ("no", kind, self._from(), "yet")))

    def rows(self, frame: Frame) -> Iterable[Row]:
        for entry in reversed(frame.model.tape.entries):
            hidden = "trades" if isinstance(entry, events.Liquidation) else "liquidations"
            if self._kind != hidden and entry_usd(entry) >= self._smallest:
                yield self._row(entry, frame.now)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        entry = next((entry for entry in reversed(frame.model.tape.entries) if entry_key(entry) == row.key), None)
        if entry is None:
            return None
        return Drill("order", {"order": row.key}, f"{fmt.base(entry.symbol)} {fmt.clock(entry.ts)}")

    def on_action(self, action: str, frame: Frame) -> Intent | None:
        if action == "tape.kind":
            self._kind = following(KINDS, self._kind)
        elif action == "tape.size":
            self._smallest = following(SMALLEST, self._smallest)
        else:
            return super().on_action(action, frame)
        self.changed()
        return None

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

    def _from(self) -> str:
        return f"from {fmt.amount(self._smallest)}" if self._smallest else ""
