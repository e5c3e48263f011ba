"""What frames tell of the present state of a market, told once at the end of a slice: of several tickers, funding rates
or open interests of one market the newest is left. Imports no ccxt.

A slice is what is read of one connection at once, 10 ms at most. The mailbox of the hub does the same with what arrives
between two turns of its pump, so nothing is lost here that would have reached the model. As there, the last of every
minute of the venue's clock is told. Trades, liquidations and changes of books don't come here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from deskmon.events import Ticker
from deskmon.feedkit import MINUTE
from deskmon.feeds.ccxt.faults import BAD
from deskmon.feeds.ccxt.interest import Open
from deskmon.feeds.native.carried import Carried
from deskmon.feeds.native.readings import Interest, Quote, Rate

if TYPE_CHECKING:
    from deskmon.feeds.ccxt.session import Session


class Newest:
    """Holds what the frames of one slice tell, and tells the session what is left of it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._carried = Carried()
        self._tickers: dict[str, tuple[Quote, Ticker, int]] = {}
        """Of each market what was told last, the ticker that this makes, and when it came (ms)."""
        self._rates: dict[str, tuple[Rate, int]] = {}
        self._interests: dict[str, tuple[Interest, int]] = {}

    def clear(self) -> None:
        """Nothing is known any more."""
        self._carried.clear()

    def quote(self, quote: Quote, recv: int) -> None:
        """Prices, noted at once for all that is valued by them. Raises ValueError for a value that is no price, or a
        time that is none."""
        market, prices, ts, tickers = quote.market, quote.prices, quote.ts or recv, self._tickers
        listed = market.listed
        held = tickers.get(listed)
        if held is not None:
            before = held[1].ts
            if before // MINUTE != ts // MINUTE:
                self._session.quoted(market, tickers.pop(listed)[1], held[2])
            elif before > ts:
                ts = before
        if market.multiple != 1.0:
            prices = prices.of_one_coin(market.multiple)
        ticker = self._session.noted(market, prices, ts, recv, partial=quote.partial)
        if ticker is not None:
            tickers[listed] = quote, ticker, recv

    def rate(self, rate: Rate, recv: int) -> None:
        """A predicted funding rate."""
        rate = self._carried.rate(rate, recv)
        if rate.rate is not None:
            self._rates[rate.market.listed] = rate, recv

    def interest(self, told: Interest, recv: int) -> None:
        """An open interest."""
        if not self._carried.interest(told, recv):
            return
        held = self._interests.get(told.market.listed)
        if held is not None and (held[0].ts or held[1]) // MINUTE != (told.ts or recv) // MINUTE:
            self._tell_interest(*self._interests.pop(told.market.listed))
        self._interests[told.market.listed] = told, recv

    def tell(self, link: str) -> None:
        """The slice is over, whose frames came by the connection `link`."""
        if not (self._tickers or self._rates or self._interests):
            return
        exchange = self._session.exchange
        exchange.current = link
        try:
            tickers, self._tickers = self._tickers, {}
            for quote, ticker, recv in tickers.values():
                self._session.quoted(quote.market, ticker, recv)
                if quote.partial:
                    for reading in self._carried.again(quote.market.listed, ticker.ts, recv):
                        take: Callable[..., None] = self.rate if isinstance(reading, Rate) else self.interest
                        take(reading, recv)
            if self._rates:
                rates, self._rates = self._rates, {}
                for rate, recv in rates.values():
                    self._session.predicted(rate if rate.ts else replace(rate, ts=recv), recv)
            if self._interests:
                interests, self._interests = self._interests, {}
                for told, recv in interests.values():
                    self._tell_interest(told, recv)
        finally:
            exchange.current = ""

    def _tell_interest(self, told: Interest, recv: int) -> None:
        found = Open(told.value, told.unit, told.ts or recv)
        try:
            self._session.interest_told(told.market, found, recv, told.price)
        except BAD as error:
            self._session.context.reject(told, f"open interest {told.market.listed}: {error}")
