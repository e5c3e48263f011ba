"""BitMEX, which ccxt no longer has: its list of markets, as ccxt would give it. Imports ccxt.

https://www.bitmex.com/api/explorer, `GET /instrument/active`. Everything else comes by its websocket
(`feeds.native.bitmex`).
"""

from __future__ import annotations

from typing import Any

from ccxt.async_support.base.exchange import Exchange

KINDS = {"FFWCSX": "swap", "FFCCSX": "future"}
COINS = {"XBT": "BTC"}
SATOSHI = 1e-8
"""Of a quanto contract, `multiplier` is satoshi that one contract gains for each unit of price."""


class bitmex(Exchange):  # type: ignore[misc]
    """Markets only."""

    def describe(self) -> Any:
        return self.deep_extend(super().describe(), {
            "id": "bitmex", "name": "BitMEX", "pro": True, "rateLimit": 2000,
            "has": {"swap": True, "future": True, "spot": False, "ws": True},
            "urls": {"api": {"public": "https://www.bitmex.com", "ws": "wss://ws.bitmex.com/realtime"}},
            "api": {"public": {"get": {"instrument/active": 1}}},
        })  # fmt: skip

    def sign(self, path: str, api: Any = "public", method: str = "GET", params: Any = None, headers: Any = None,
             body: Any = None) -> Any:  # fmt: skip
        return {"url": f"{self.urls['api']['public']}/api/v1/{path}", "method": method, "body": body,
                "headers": headers}  # fmt: skip

    async def fetch_markets(self, params: Any = None) -> list[Any]:
        """Perpetuals and futures that are open."""
        answer = await self.fetch2("instrument/active", "public")
        return [self.parse_market(row) for row in answer if row.get("typ") in KINDS]

    def parse_market(self, row: Any) -> Any:
        base, quote = (COINS.get(code, code) for code in (row["underlying"], row["quoteCurrency"]))
        settle = COINS.get(str(row["settlCurrency"]).upper(), str(row["settlCurrency"]).upper())
        kind, expiry = KINDS[row["typ"]], self.parse8601(row.get("expiry"))
        is_inverse, is_quanto = bool(row.get("isInverse")), bool(row.get("isQuanto"))
        symbol = f"{base}/{quote}:{settle}" + (f"-{self.yymmdd(expiry)}" if kind == "future" else "")
        per_coin = float(row.get("underlyingToPositionMultiplier") or 0)
        size = abs(float(row["multiplier"])) * SATOSHI if is_quanto else 1.0 if is_inverse else 1 / per_coin
        return self.safe_market_structure({
            "id": row["symbol"], "symbol": symbol, "base": base, "quote": quote, "settle": settle,
            "baseId": row["underlying"], "quoteId": row["quoteCurrency"], "settleId": row["settlCurrency"],
            "type": kind, "swap": kind == "swap", "future": kind == "future", "spot": False, "option": False,
            "margin": False, "contract": True, "active": row.get("state") == "Open", "quanto": is_quanto,
            "linear": not is_inverse and not is_quanto, "inverse": is_inverse, "contractSize": size,
            "expiry": expiry, "expiryDatetime": row.get("expiry"), "info": row,
        })  # fmt: skip
