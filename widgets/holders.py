"""Holders: what treasuries and funds hold, what they paid, what it is worth, and what they bought and sold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Cell, Column, Drill, Frame, Intent, Row, Section, TablePanel, change, figures, fmt
from deskmon.components.awaited import awaited
from deskmon.components.flows import signed_amount

SOURCES = ("strategy", "treasuries")
"""Of the feed `context`: those that tell holdings."""
HOLDERS = (
    Column("holder", "holder", 14, least=13, most=28, order="up"),
    Column("asset", "asset", 5, priority=2, most=8, order="up"),
    Column("amount", "coins", 7, "right", 1, order="down"),
    Column("cost", "av. cost", 10, "right", 3, order="down"),
    Column("price", "price", 10, "right", 5),
    Column("pnl", "P&L usd", 7, "right", 0, order="down"),
    Column("pct", "P&L %", 8, "right", 4, order="down"),
    Column("value", "value", 6, "right", 6, order="down"),
    Column("share", "supply", 6, "right", 7, order="down"),
    Column("trade", "last trade", 10, "right", 8, order="down"),
    Column("when", "on", 8, "right", 9),
    Column("age", "age", 4, "right", 10),
    Column("note", "note", 8, priority=11, least=8, most=40),
)
TRADES = (
    Column("holder", "bought, sold", 14, least=13, most=28, order="up"),
    Column("asset", "asset", 5, priority=2, most=8, order="up"),
    Column("amount", "coins", 7, "right", 1, order="down"),
    Column("usd", "usd", 7, "right", 0, order="down"),
    Column("each", "price", 10, "right", 4),
    Column("when", "when", 8, "right", 3),
)


class Holders(TablePanel):
    """Who sits on how much, and how deep under water?"""

    name = "holders"
    title = "Holders"
    topics = frozenset({"holders", "prices", "metrics", "feeds", "clock"})
    has_live_figures = False
    definitions = (
        ("coins, av. cost", "what the entity holds and paid for each on average, as it says itself, `age` ago"),
        ("P&L", "unrealised: coins × (price − average cost), price that of the asset's main symbol here"),
        ("supply", "coins / the asset's supply: a series that says it, else market cap / price; — without either"),
        ("last trade", "the newest purchase (+) or sale (−) in coins; it changes `coins` once the entity says so"),
        ("~", "inferred: the difference between two reports of one source, made by the day shown; at an unknown price"),
        ("levels", "the average cost of an asset's six largest holders is a source of its levels"),
    )

    def empty(self, frame: Frame) -> str:
        return awaited("holding", SOURCES, frame.model, frame.now)

    def sections(self, frame: Frame) -> Sequence[Section]:
        return (
            Section("holders", HOLDERS, self._holders(frame), self.empty(frame)),
            Section("trades", TRADES, self._trades(frame)),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        asset = row.key.partition("/")[0]
        return Drill("symbol", {"symbol": asset}, asset)

    def _holders(self, frame: Frame) -> Iterable[Row]:
        for asset, holders in frame.model.holders.figures(frame.now).items():
            for entity, held in holders.items():
                yield _holder(asset, entity, held, frame.now)

    def _trades(self, frame: Frame) -> Iterable[Row]:
        for trade in reversed(frame.model.holders.trades):
            each = abs(trade.usd / trade.amount) if trade.amount else None
            usd = -abs(trade.usd) if trade.amount < 0 else abs(trade.usd)
            yield Row(
                f"{trade.asset}/{trade.ts}/{trade.entity}/{trade.amount}/{trade.usd}",
                {
                    "holder": (trade.entity, "text"), "asset": (trade.asset, "text"),
                    "amount": signed_amount(trade.amount), "usd": signed_amount(usd), "each": (fmt.price(each), "text"),
                    "when": (fmt.moment(trade.ts, frame.now), "muted"),
                },
                {"holder": trade.entity, "asset": trade.asset, "amount": trade.amount, "usd": usd},
                text=f"{trade.entity} {trade.asset}",
            )  # fmt: skip


def _holder(asset: str, entity: str, held: figures.HolderFigure, now: int) -> Row:
    pnl, pnl_style = signed_amount(held.unrealised_usd)
    pct, pct_style = change(held.unrealised_pct, 1)
    cells: dict[str, Cell] = {
        "holder": (entity, "text"),
        "asset": (asset, "text"),
        "amount": (fmt.amount(held.amount), "sum flash"),
        "cost": (fmt.price(held.average_cost), "text"),
        "price": (fmt.price(held.price), "muted"),
        "pnl": (pnl, f"{pnl_style} flash"),
        "pct": (pct, f"{pct_style} flash"),
        "value": (fmt.amount(held.value_usd), "muted"),
        "share": (fmt.fraction(held.share, 1), "muted"),
        **_last_trade(held, now),
        "age": (fmt.age(held.age_ms), "faint"),
        "note": (held.note or "", "faint"),
    }
    sort = {
        "holder": entity, "asset": asset, "amount": held.amount, "cost": held.average_cost,
        "pnl": held.unrealised_usd, "pct": held.unrealised_pct, "value": held.value_usd, "share": held.share,
        "trade": held.trade_ts,
    }  # fmt: skip
    return Row(f"{asset}/{entity}", cells, sort, held.age_ms, text=f"{entity} {asset}")


def _last_trade(held: figures.HolderFigure, now: int) -> dict[str, Cell]:
    """The newest purchase or sale and its time; where none was told since, what two reports imply."""
    if held.change_ts is None or held.change_from is None or (held.trade_ts or 0) > held.change_from:
        when = fmt.moment(held.trade_ts, now) if held.trade_ts else fmt.UNKNOWN
        return {"trade": signed_amount(held.trade_amount), "when": (when, "muted")}
    text, style = signed_amount(held.change_amount)
    return {"trade": (f"~{text}", style), "when": (f"by {fmt.day(held.change_ts)}", "muted")}
