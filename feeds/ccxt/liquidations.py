"""Liquidations as each venue says them → orders whose side is the position that was closed.

Each function takes one record as the venue sent it and returns its orders. One that closes nothing, or whose side is
not told, raises ValueError. The conventions:

- Binance, Aster (`forceOrder`): `S` is the order's side; `z` the filled total (`l` only the last fill), `ap` the
  average price.
- Bybit: `S` / `side` is the position's side: Buy was long.
- OKX: one record holds several `details`; quantities in contracts. Its v3 frames: type 3 closed a long, 4 a short.
- Deribit: a trade flagged `T` (the taker was liquidated), `M` (the maker) or `MT` (both).
- HTX: `direction` / `side` is the order's side; `volume` in contracts (`amount` is in coins or in contracts).
- Gate: the sign of `size` is the position's.
- BitMEX: `side` is the order's; `leavesQty` in contracts.
- Kraken, dYdX: a trade of type `liquidation`, `LIQUIDATED`; the taker was liquidated.
- Lighter: a trade of type `liquidation`; of its two accounts the one whose position it made smaller was liquidated.
- Hyperliquid: fills of a liquidator vault; who traded with it was liquidated. `A`, the vault sold, closed a short.
- Bitfinex: the sign of AMOUNT is the position's.
- FTX: a flagged trade; the taker was liquidated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskmon.events import Liquidation, PositionSide
from deskmon.feeds.ccxt.instruments import Instrument, Rate, no_rate

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """A liquidation in the venue's units."""

    market_id: str
    ts: int
    side: PositionSide
    price: float
    contracts: float
    id: str | None = None


def sold(side: Any, *, sell: str, buy: str) -> PositionSide:
    """Position closed by an order whose side reads `sell` or `buy`. Raises ValueError for anything else."""
    if side == sell:
        return "long"
    if side == buy:
        return "short"
    raise ValueError(f"side: {side!r} is neither {buy!r} nor {sell!r}")


def _ms(value: Any) -> int:
    """Milliseconds of an ISO text, a {_seconds, _nanoseconds} pair or a number of ms."""
    if isinstance(value, Mapping):
        return int(value["_seconds"]) * 1000 + int(value["_nanoseconds"]) // 1_000_000
    if isinstance(value, str) and not value.isdigit():
        return round(datetime.fromisoformat(value).timestamp() * 1000)
    return int(value)


def binance(record: Record) -> list[Order]:
    """`forceOrder`, or its `o`."""
    order = record.get("o", record)
    if not isinstance(order, Mapping):
        order = record
    average, filled = float(order.get("ap") or 0), float(order.get("z") or 0)
    return [
        Order(
            market_id=order["s"],
            ts=int(order["T"]),
            side=sold(order["S"], sell="SELL", buy="BUY"),
            price=average if average > 0 else float(order["p"]),
            contracts=filled if filled > 0 else float(order["q"]),
        )
    ]


def bybit(record: Record) -> list[Order]:
    """One entry of `allLiquidation`, or of the older `liquidation`."""
    quantity = record.get("v", record.get("size", record.get("qty")))
    return [
        Order(
            market_id=record.get("s") or record["symbol"],
            ts=int(record.get("T") or record.get("updatedTime") or record["time"]),
            side=sold(record.get("S") or record["side"], sell="Buy", buy="Sell"),
            price=float(record.get("p") or record["price"]),
            contracts=float(quantity),
        )
    ]


def okx(record: Record) -> list[Order]:
    """One entry of `liquidation-orders` with all its details, or one of `swap/liquidation` (v3)."""
    if "details" not in record:
        return [
            Order(
                market_id=record["instrument_id"],
                ts=_ms(record["created_at"]),
                side=sold(str(record["type"]), sell="3", buy="4"),
                price=float(record["price"]),
                contracts=float(record["size"]),
            )
        ]
    orders = []
    for detail in record["details"]:
        side: PositionSide = sold(detail["side"], sell="sell", buy="buy")
        if detail.get("posSide") in ("long", "short"):
            side = detail["posSide"]
        orders.append(
            Order(
                market_id=record["instId"],
                ts=int(detail["ts"]),
                side=side,
                price=float(detail["bkPx"]),
                contracts=float(detail["sz"]),
            )
        )
    return orders


def deribit(record: Record) -> list[Order]:
    """A public trade; no order unless it is flagged. `MT` closed two positions, one on each side."""
    flag = record.get("liquidation")
    if flag is None or flag == "none":
        return []
    if flag not in ("T", "M", "MT"):
        raise ValueError(f"liquidation: {flag!r} is none of T, M, MT")
    taker: PositionSide = sold(record["direction"], sell="sell", buy="buy")
    maker: PositionSide = "short" if taker == "long" else "long"
    return [
        Order(
            market_id=record["instrument_name"],
            ts=int(record["timestamp"]),
            side=taker if role == "T" else maker,
            price=float(record["price"]),
            contracts=float(record["amount"]),
            id=f"{record['trade_id']}-{role}",
        )
        for role in flag
    ]


def htx(record: Record) -> list[Order]:
    """One entry of `liquidation_orders`, websocket or REST, of the v3 or the v5 form."""
    side: PositionSide = sold(record.get("direction") or record["side"], sell="sell", buy="buy")
    if record.get("position_side") in ("long", "short"):
        side = record["position_side"]
    return [
        Order(
            market_id=record["contract_code"],
            ts=int(record.get("created_at") or record["liquidation_time"]),
            side=side,
            price=float(record.get("price") or record["bankrupt_price"]),
            contracts=float(record["volume"]),
        )
    ]


def gate(record: Record) -> list[Order]:
    """One entry of `liq_orders`; `left` contracts of `size` were not filled. Seconds in `time`."""
    size = float(record["size"])
    if size == 0:
        raise ValueError("size: 0 closes nothing")
    price = float(record.get("fill_price") or 0) or float(record.get("order_price") or 0) or float(record["liq_price"])
    milliseconds = record.get("time_ms")
    return [
        Order(
            market_id=record["contract"],
            ts=round(float(record["time"]) * 1000) if milliseconds is None else int(milliseconds),
            side="long" if size > 0 else "short",
            price=price,
            contracts=abs(size) - abs(float(record.get("left") or 0)),
        )
    ]


def bitmex(record: Record) -> list[Order]:
    """One row of the `liquidation` table."""
    return [
        Order(
            market_id=record["symbol"],
            ts=_ms(record["timestamp"]),
            side=sold(record["side"], sell="Sell", buy="Buy"),
            price=float(record["price"]),
            contracts=float(record["leavesQty"]),
            id=record.get("orderID"),
        )
    ]


def kraken(record: Record) -> list[Order]:
    """A public trade of Kraken Futures; no order unless a liquidation made it."""
    if record.get("type") != "liquidation":
        return []
    return [
        Order(
            market_id=record["product_id"],
            ts=int(record["time"]),
            side=sold(record["side"], sell="sell", buy="buy"),
            price=float(record["price"]),
            contracts=float(record["qty"]),
            id=record["uid"],
        )
    ]


def dydx(record: Record) -> list[Order]:
    """A public trade; no order unless a liquidation made it. The frame around it names the market."""
    if record.get("type") != "LIQUIDATED":
        return []
    return [
        Order(
            market_id="",
            ts=_ms(record["createdAt"]),
            side=sold(record["side"], sell="SELL", buy="BUY"),
            price=float(record["price"]),
            contracts=float(record["size"]),
            id=record["id"],
        )
    ]


def lighter(record: Record) -> list[Order]:
    """A public trade; no order unless a liquidation made it.

    Which of the two was liquidated isn't told. A liquidation makes a position smaller, so it is the taker where the
    trade made the taker's position smaller, else the maker where it made the maker's so. The positions are signed and
    of before the trade.
    """
    if record.get("type") != "liquidation":
        return []
    taker: PositionSide = "short" if record["is_maker_ask"] else "long"
    maker: PositionSide = "long" if record["is_maker_ask"] else "short"
    for side, before in ((taker, "taker_position_size_before"), (maker, "maker_position_size_before")):
        held = float(record.get(before) or 0)
        if (held > 0) == (side == "long") and held:
            break
    else:
        raise ValueError("positions: the trade made neither smaller, so nobody knows who was liquidated")
    return [
        Order(
            market_id=str(record["market_id"]),
            ts=int(record["timestamp"]),
            side=side,
            price=float(record["price"]),
            contracts=float(record["size"]),
            id=str(record["trade_id"]),
        )
    ]


def hyperliquid(fills: Sequence[Record]) -> list[Order]:
    """Fills of liquidator vaults in one coin that one liquidation made (`feeds.ccxt.vaults` groups them): one order at
    their average price. The transaction's hash is its id, else the trade's number."""
    first = fills[0]
    total = sum(float(fill["sz"]) for fill in fills)
    cost = sum(float(fill["sz"]) * float(fill["px"]) for fill in fills)
    if total <= 0:
        raise ValueError(f"sz: {total!r} closes nothing")
    digest = str(first.get("hash") or "")
    return [
        Order(
            market_id=first["coin"],
            ts=int(first["time"]),
            side=sold(first["side"], sell="B", buy="A"),
            price=cost / total,
            contracts=total,
            id=digest if digest.strip("0x") else str(first["tid"]),
        )
    ]


def bitfinex(row: Sequence[Any]) -> list[Order]:
    """One row of `liquidations/hist`: of a position that is liquidated, or of what was executed of it
    (`feeds.ccxt.positions` tells them apart). The price is the one at which the position was acquired, else that at
    which it was opened."""
    _, position, ts, _, market_id, amount, opened, _, executed, _, _, acquired = row[:12]
    if not amount:
        raise ValueError("AMOUNT: 0 closes nothing")
    return [
        Order(
            market_id=market_id,
            ts=int(ts),
            side="long" if amount > 0 else "short",
            price=float(acquired or opened),
            contracts=abs(float(amount)),
            id=f"{position}-{ts}" if executed else str(position),
        )
    ]


def ftx(market_id: str) -> Callable[[Record], list[Order]]:
    """A public trade of `market_id`; the frame around it names the market."""

    def parse(record: Record) -> list[Order]:
        if not record.get("liquidation"):
            return []
        number = record.get("id")
        return [
            Order(
                market_id=market_id,
                ts=_ms(record["time"]),
                side=sold(record["side"], sell="sell", buy="buy"),
                price=float(record["price"]),
                contracts=float(record["size"]),
                id=None if number is None else str(number),
            )
        ]

    return parse


PARSERS: dict[str, Callable[[Any], list[Order]]] = {
    "binance": binance,
    "aster": binance,
    "bybit": bybit,
    "okx": okx,
    "deribit": deribit,
    "htx": htx,
    "gate": gate,
    "bitmex": bitmex,
    "kraken": kraken,
    "dydx": dydx,
    "lighter": lighter,
    "hyperliquid": hyperliquid,
    "bitfinex": bitfinex,
}
"""By venue. A venue that isn't here has no convention we know, so its liquidations aren't shown."""


IN_TRADES = frozenset({"deribit", "kraken", "dydx"})
"""Venues that mark liquidations among their trades, which ccxt hands on with the mark in `info`."""


def event(
    order: Order, market: Instrument, venue: str, *, recv: int, occurrence: int = 1, rate: Rate = no_rate
) -> Liquidation:
    """The event of an order on `market`. Raises ValueError where a figure is impossible or has no dollar value.

    Without an id of the venue's own, its content is the id, so that the same order sent twice is one.
    """
    price = market.price(order.price)
    base, usd = market.notional(order.contracts, price, rate, market.units.liquidations)
    identity = order.id or f"{content(order)}-{occurrence}"
    return Liquidation(
        ts=order.ts,
        recv=recv,
        venue=venue,
        symbol=market.symbol,
        side=order.side,
        price=price,
        amount=base,
        usd=usd,
        id=f"{market.symbol}#{identity}",
    )


def content(order: Order) -> str:
    """What makes two orders the same order, but for their occurrence."""
    return f"{order.ts}-{order.side}-{order.price!r}-{order.contracts!r}"
