"""The feed that deskmon.toml names `ccxt`. Nothing of ccxt is imported before it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from deskmon.feedkit import Feed, FeedContext, UsageError
from deskmon.feeds.ccxt.access import doubts
from deskmon.feeds.ccxt.channels import CHANNELS, CcxtOptions
from deskmon.feeds.ccxt.exchanges import DERIVATIVES, check_exchange, exchange_ids, load_class, venue_name
from deskmon.feeds.ccxt.multiples import multiple
from deskmon.feeds.ccxt.offers import missing


class CcxtFeed(Feed):
    """Public market data of any exchange that ccxt knows, by websocket where it has one, else by polling."""

    name: ClassVar[str] = "ccxt"
    title: ClassVar[str] = "Any exchange of the ccxt package, public data"
    quiet_s: ClassVar[float] = 1800.0
    """Each channel has a watchdog of its own; a feed of liquidations alone may well be quiet for long."""
    Options = CcxtOptions

    def __init__(self, label: str, options: CcxtOptions) -> None:
        super().__init__(label, options)
        self.venue = options.venue or venue_name(options.exchange)

    @classmethod
    def venues(cls) -> Sequence[str]:
        """Ids of all exchanges of the installed ccxt."""
        return exchange_ids()

    @classmethod
    def derivatives_of(cls, venue: str) -> str:
        """`binance` → `binanceusdm`; the venue itself where one id has all its markets."""
        return DERIVATIVES.get(venue, venue)

    @classmethod
    def validate_options(cls, options: Any) -> Sequence[tuple[str, str]]:
        """An exchange that ccxt doesn't know, a proxy or keys that can't work, and channels asked for by name that the
        venue doesn't have."""
        try:
            check_exchange(options.exchange)
        except UsageError as error:
            return [("exchange", str(error))]
        named = () if options.channels == CHANNELS else options.channels
        lacking = missing(options.exchange, named)
        found = doubts(options.proxy, options.headers, options.urls)
        return found + [
            ("channels", f"{options.exchange} has no {name.replace('_', ' ')}: {why}") for name, why in lacking
        ]

    @classmethod
    def assets(cls, options: Any) -> Collection[str] | None:
        """The bases of its symbols: of `1000PEPE` the coin too, as which the desk may have it."""
        bases = {symbol.partition("/")[0] for symbol in options.symbols}
        return bases | {multiple(base.upper())[0] for base in bases}

    async def run(self, context: FeedContext) -> None:
        """Emit until cancelled. Raises UsageError for an unknown exchange, DeskError where it lists no symbol."""
        try:
            check_exchange(self.options.exchange)
        except UsageError as error:
            context.status("down", str(error), None)
            raise
        context.status("connecting", "loading ccxt", None)
        exchange, run = await asyncio.to_thread(_load, self.options.exchange)
        await run(self.label, self.venue, self.options, context, exchange).forever()


def _load(exchange: str) -> tuple[type[Any], type[Any]]:
    """The exchange's class and our machinery around it. Seconds of work, so it is done in a thread."""
    loaded = load_class(exchange)
    from deskmon.feeds.ccxt.run import Run

    return loaded, Run
