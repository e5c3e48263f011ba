"""Option chains of Bybit and OKX: public data by few calls through ccxt's exchange object.

ccxt's own methods lose what a chain is made of: of Bybit the volatilities of bid and ask or else the open interest, of
OKX the forward and the volatilities or else the quotes. So the calls that they make are made here, and read whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from deskmon.events import Option
from deskmon.feedkit import Feed, FeedContext
from deskmon.feeds.chains import parse
from deskmon.feeds.chains.polling import ChainOptions, Polling, asked_coins, limited_exchange, load_ccxt


class OptionChains(Feed):
    """Whole chains at a cadence."""

    name: ClassVar[str] = "option_chains"
    title: ClassVar[str] = "Option chains of Bybit or OKX, public data"
    quiet_s: ClassVar[float] = 600.0

    class Options(ChainOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """Options of the feed."""

        exchange: Annotated[Literal["bybit", "okx"], Meta(description="Id of the exchange in ccxt.")]

    @classmethod
    def venues(cls) -> Sequence[str]:
        return ("bybit", "okx")

    @classmethod
    def assets(cls, options: Any) -> Collection[str] | None:
        return asked_coins(options)

    async def run(self, context: FeedContext) -> None:
        """Emit until cancelled."""
        venue = self.options.exchange
        context.status("connecting", "loading ccxt", None)
        base, faults = await asyncio.to_thread(load_ccxt, venue)
        exchange = limited_exchange(venue, base, faults, self.options, context.tape)
        try:
            await Reading(self.options, context, exchange, faults).forever()
        finally:
            await exchange.close()


class Reading:
    """One run: a task per chain, one limiter for all."""

    def __init__(self, options: OptionChains.Options, context: FeedContext, exchange: Any, faults: ModuleType) -> None:
        self._options, self._context, self._exchange = options, context, exchange
        self._polling = Polling(options, context, faults)

    async def forever(self) -> None:
        """Until cancelled."""
        read = {"bybit": self._bybit, "okx": self._okx}[self._options.exchange]
        async with asyncio.TaskGroup() as group:
            for underlying in self._options.underlyings:
                group.create_task(self._polling.keep(f"{underlying} chain", partial(read, underlying)))

    async def _bybit(self, underlying: str) -> str:
        answer = await self._exchange.publicGetV5MarketTickers({"category": "option", "baseCoin": underlying})
        rows, recv = answer["result"]["list"], self._context.clock.now()
        wanted = parse.bybit_settlement(rows)

        def quote(row: Any) -> Option | None:
            return parse.bybit(row, recv) if parse.settlement(row["symbol"]) == wanted else None

        return f"{self._polling.emit_each(rows, quote)} options"

    async def _okx(self, underlying: str) -> str:
        family, exchange = {"instFamily": f"{underlying}-USD"}, self._exchange
        kind = {"instType": "OPTION", **family}
        summaries = await exchange.publicGetPublicOptSummary(family)
        tickers = await exchange.publicGetMarketTickers(kind)
        interests = await exchange.publicGetPublicOpenInterest(kind)
        recv = self._context.clock.now()
        rows = parse.okx_rows(summaries["data"], tickers["data"], interests["data"])
        return f"{self._polling.emit_each(rows, lambda row: parse.okx(row, recv))} options"
