"""Which markets a venue's list holds for the symbols asked for, at the start and whenever the list is read again.

Imports ccxt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from deskmon.feeds.ccxt.faults import VenueError
from deskmon.feeds.ccxt.instruments import resolve, without_figures
from deskmon.feeds.ccxt.session import Session


def listed(
    exchange: str, markets: dict[str, dict[str, Any]], asked: Iterable[str], before: Mapping[str, str]
) -> tuple[dict[str, str], list[str], list[str]]:
    """The symbol of each that was asked for, the symbols to watch, and one line for each that isn't listed or isn't
    trading.

    `before`: the symbols by what was asked for, of the last list. A market that is halted but listed is kept, since its
    mark price, funding and liquidations go on; a bare coin doesn't move to another market for that.
    """
    wanted = {name: held if _halted(markets, held := before.get(name, "")) else name for name in asked}
    symbols, lacking = resolve(exchange, markets, wanted.values())
    chosen = {name: found[0] for name, each in wanted.items() if (found := resolve(exchange, markets, [each])[0])}
    lacking += [f"{symbol} is listed here but isn't trading" for symbol in symbols if _halted(markets, symbol)]
    return chosen, symbols, lacking


def _halted(markets: Mapping[str, Mapping[str, Any]], symbol: str) -> bool:
    return symbol in markets and markets[symbol].get("active") is False


class Listing:
    """The list of one session as it was read last. `lacking`: one line for each symbol that it doesn't hold or that
    isn't trading."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._chosen: dict[str, str] = {}
        self.lacking: list[str] = []

    def take(self) -> bool:
        """Take what the list holds of the symbols asked for; True where these aren't the markets watched so far."""
        session, before = self._session, self._session.symbols
        self._chosen, symbols, self.lacking = listed(
            session.options.exchange, session.exchange.markets, session.options.symbols, self._chosen
        )
        session.monitor.notes = [*self.lacking, *without_figures(session.watch_only(symbols))]
        return symbols != before

    async def reload(self) -> None:
        """Read the list again. Raises VenueError, and keeps the old one, where it holds nothing of what is watched:
        that is a fault of the answer rather than the end of every market."""
        exchange = self._session.exchange
        before = exchange.markets
        await exchange.load_markets(True)
        if not any(symbol in exchange.markets for symbol in self._session.symbols):
            exchange.set_markets(before)
            raise VenueError("it holds none of the symbols watched")
