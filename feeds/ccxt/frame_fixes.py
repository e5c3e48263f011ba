"""Frames of venues that ccxt misreads, changed before it reads them. Imports no ccxt."""

from __future__ import annotations

from typing import Any


class BinanceCandles:
    """COIN-M klines say contracts in `v` and coins in `q`; ccxt takes `v`, so it is given `q` in its place."""

    def handle_ohlcv(self, client: Any, message: dict[str, Any]) -> Any:
        """Hand on the frame, of an inverse market with its volume in coins."""
        kline = message.get("k")
        if isinstance(kline, dict) and "q" in kline:
            market = self.safe_market(kline.get("s"), None, None, "contract")  # type: ignore[attr-defined]
            if market.get("inverse"):
                message = {**message, "k": {**kline, "v": kline["q"]}}
        return super().handle_ohlcv(client, message)  # type: ignore[misc]


class CoinbaseTrades:
    """Advanced Trade names the maker's side of a public trade, and ccxt hands it on as the taker's."""

    def parse_trade(self, trade: dict[str, Any], market: Any = None) -> dict[str, Any]:
        """The trade with the taker's side."""
        read: dict[str, Any] = super().parse_trade(trade, market)  # type: ignore[misc]
        return {**read, "side": {"buy": "sell", "sell": "buy"}.get(read["side"], read["side"])}


class LighterLiquidations:
    """Liquidations stand beside the trades of a frame. ccxt looks for its store of them as for one by symbol, and puts
    another in its place where that isn't so."""

    def handle_liquidation(self, client: Any, message: dict[str, Any]) -> None:
        """Store each record, with its symbol."""
        for record in message.get("liquidation_trades") or ():
            market = self.safe_market(str(record.get("market_id")))  # type: ignore[attr-defined]
            self.liquidations.append({"symbol": market["symbol"], "info": record})  # type: ignore[attr-defined]


_FIXES: dict[str, tuple[type[Any], ...]] = {
    "binance": (BinanceCandles,),
    "binancecoinm": (BinanceCandles,),
    "coinbase": (CoinbaseTrades,),
    "lighter": (LighterLiquidations,),
}


def frame_fixes(exchange: str) -> tuple[type[Any], ...]:
    """Classes to put before that of the exchange with this id in ccxt."""
    return _FIXES.get(exchange, ())
