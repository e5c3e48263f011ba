"""The tape: liquidations and big trades, newest first."""

from __future__ import annotations

from collections.abc import Iterable

from deskmon.api import Cell, Column, Drill, Frame, Intent, Key, Row, TablePanel, contract, events, fmt, following

KINDS = ("both", "liquidations", "trades")
SMALLEST = (0.0, 10_000.0, 100_000.0, 1_000_000.0)
HEAT = ((5_000_000, "heat5"), (1_000_000, "heat4"), (250_000, "heat3"), (50_000, "heat2"))


def heat(usd: float) -> str:
    """Style of a size in USD: from 50K, 250K, 1M and 5M on a step hotter each."""
    return next((style for size, style in HEAT if usd >= size), "heat1")


def order_key(entry: events.Liquidation | events.Trade) -> str:
    """What tells an entry of the tape from all others."""
    return f"{entry.ts}/{entry.venue}/{entry.symbol}/{entry.side}/{entry.price}/{entry.amount}/{entry.id or ''}"


class Tape(TablePanel):
    """Every liquidation and every big trade as it came, with the big ones hot."""

    name = "tape"
    title = "Tape"
    topics = frozenset({"liquidations", "trades"})
    follows = True
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
    columns = (
        Column("time", "time", 8, "right", 3),
        Column("venue", "venue", 11, priority=5, least=6, order="up"),
        Column("symbol", "symbol", 8, priority=1, least=5, most=10, order="up"),
        Column("side", "side", 9, priority=2, order="up"),
        Column("usd", "usd", 6, "right", 0, order="down"),
        Column("price", "price", 10, "decimal", 4),
        Column("amount", "amount", 7, "right", 6),
        Column("contract", "contract", 11, priority=7),
    )

    class Options(TablePanel.Options):
        """kind: `both`, `liquidations` or `trades` at start; smallest: USD below which entries aren't shown."""

        kind: str = "both"
        smallest: float = 0.0

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._kind: str = self.options.kind
        self._smallest: float = self.options.smallest

    def note(self, frame: Frame) -> str:
        kind = "" if self._kind == "both" else self._kind
        size = f"from {fmt.amount(self._smallest)}" if self._smallest else ""
        return " · ".join(filter(None, (super().note(frame), kind, size)))

    def empty(self, frame: Frame) -> str:
        what = {"liquidations": "liquidations", "trades": "big trades"}.get(self._kind, "liquidations or big trades")
        return f"no {what}{f' from {fmt.amount(self._smallest)}' if self._smallest else ''} yet"

    def rows(self, frame: Frame) -> Iterable[Row]:
        for entry in reversed(frame.model.tape.entries):
            liquidation = isinstance(entry, events.Liquidation)
            if self._kind == ("trades" if liquidation else "liquidations"):
                continue
            usd = entry.usd if liquidation else entry.price * entry.amount
            if usd >= self._smallest:
                yield self._row(entry, usd, liquidation, frame.now)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        entry = next((entry for entry in reversed(frame.model.tape.entries) if order_key(entry) == row.key), None)
        if entry is None:
            return None
        return Drill("order", {"order": row.key}, f"{fmt.base(entry.symbol)} {fmt.clock(entry.ts)}")

    def act(self, action: str, frame: Frame) -> Intent | None:
        if action == "tape.kind":
            self._kind = following(KINDS, self._kind)
        elif action == "tape.size":
            self._smallest = following(SMALLEST, self._smallest)
        else:
            return super().act(action, frame)
        self.changed()
        return None

    def _row(self, entry: events.Liquidation | events.Trade, usd: float, liquidation: bool, now: int) -> Row:
        asset = fmt.base(entry.symbol)
        side, style = f"liq {entry.side}" if liquidation else entry.side, entry.side
        if not liquidation:
            style = "up" if entry.side == "buy" else "down"
        cells: dict[str, Cell] = {
            "time": (fmt.moment(entry.ts, now), "muted"),
            "venue": (entry.venue, "muted"),
            "symbol": (asset, "text"),
            "side": (side, style),
            "usd": (fmt.amount(usd), heat(usd)),
            "price": (fmt.price(entry.price), "text"),
            "amount": (fmt.amount(entry.amount), "muted"),
            "contract": (contract(entry.symbol), "faint"),
        }
        sort = {"venue": entry.venue, "symbol": asset, "side": side, "usd": usd}
        return Row(order_key(entry), cells, sort, text=f"{entry.venue} {entry.symbol} {side}")
