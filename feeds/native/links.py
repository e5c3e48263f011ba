"""The websockets of one run: which topic goes by which, who watches it, and what of it is asked for again. Imports
ccxt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aiohttp import ClientWebSocketResponse
from ccxt import BadRequest

from deskmon.feedkit import background
from deskmon.feeds.ccxt.faults import Stalled
from deskmon.feeds.ccxt.resubscribe import WATCHED, Subscription
from deskmon.feeds.native.books import NativeBooks
from deskmon.feeds.native.intake import Intake
from deskmon.feeds.native.link import Link, LinkEvents
from deskmon.feeds.native.pacing import Limit, Pacer
from deskmon.feeds.native.readings import Refusal
from deskmon.feeds.native.venue import Stream, Venue

if TYPE_CHECKING:
    from deskmon.feeds.ccxt.session import Session

OPENING_S = 10.0
MOST_BYTES = 10_485_760
"""The longest frame that is taken."""


class Watched:
    """What one subscription asks for: the topic of each symbol (empty: of all), the connection of each topic, and the
    future that breaks with the first of them."""

    def __init__(self) -> None:
        self.topics: dict[str, str] = {}
        self.links: dict[str, Link] = {}
        self.broken: asyncio.Future[None] | None = None

    def symbols_on(self, link: Link) -> set[str]:
        """Symbols that come by `link`; none where it brings all."""
        return {symbol for symbol, topic in self.topics.items() if symbol and self.links[topic] is link}

    def end(self, error: BaseException) -> None:
        """Who watches hears `error`."""
        if self.broken is not None and not self.broken.done():
            self.broken.set_exception(error)


class Links(LinkEvents):
    """The native streams of a session. Its exchange gives addresses, markets, and the session of aiohttp with the
    proxy."""

    def __init__(self, venue: Venue, session: Session) -> None:
        self.venue, self._session = venue, session
        self.books = NativeBooks(session, snapshots=venue.snapshots)
        self.intake = Intake(venue, session, self.books, self._refused)
        self._opening, self._in_all = self._pacer(venue.openings), self._pacer(venue.asks_in_all)
        self._links: list[Link] = []
        self._homes: dict[tuple[str, str], Link] = {}
        self._watched: dict[Subscription, Watched] = {}

    def _pacer(self, limits: Sequence[Limit]) -> Pacer:
        return Pacer(limits, self._session.elapsed, self._session.context.sleep)

    async def watch(self, stream: Stream, symbols: list[str]) -> None:
        """Ask for `symbols` for the subscription of this task, and wait until that breaks. Raises why."""
        subscription = WATCHED.get()
        assert subscription is not None
        watched = self._watched.setdefault(subscription, Watched())
        watched.broken = asyncio.get_running_loop().create_future()
        self._assign(watched, stream, symbols)
        links = list(dict.fromkeys(watched.links.values()))
        for link in links:
            self._session.asked_on(subscription, link.name, watched.symbols_on(link))
        try:
            for link in links:
                await link.open()
                await link.ask([topic for topic, home in watched.links.items() if home is link])
                if "book" in subscription.channels:
                    self.books.begin(watched.symbols_on(link), link.name)
            await watched.broken
        finally:
            watched.broken.cancel()

    def _assign(self, watched: Watched, stream: Stream, symbols: Iterable[str]) -> None:
        markets, levels = self._session.exchange.markets, self._session.options.book_limit
        for symbol in symbols:
            market = markets[symbol]
            place, topic = stream.place(market), stream.topic(market, levels)
            watched.topics["" if stream.whole else symbol] = topic
            watched.links[topic] = self._home(place, topic)

    def _home(self, place: str, topic: str) -> Link:
        """The connection of a topic: as before, else the first to its place with room, else another."""
        home = self._homes.get((place, topic))
        if home is None:
            here = [link for link in self._links if link.place == place]
            used = [sum(link is other for other in self._homes.values()) for link in here]
            free = [link for link, count in zip(here, used, strict=True) if count < self.venue.per_connection]
            home = free[0] if free else self._new_link(place)
            self._homes[place, topic] = home
        return home

    def _new_link(self, place: str) -> Link:
        exchange = self._session.exchange
        url = exchange.implode_hostname(self.venue.address(exchange.urls["api"], place))
        # ccxt may have a connection to the same address, which has its name alone; so may another place of a mirror.
        name = f"{url} ({1 + sum(link.url == url for link in self._links)})"
        link = Link(name, url, place, self.venue, self._session.context, self._dial, self._session.is_late, self,
                    lambda: (self._pacer(self.venue.asks), self._in_all))  # fmt: skip
        self._links.append(link)
        return link

    async def _dial(self, url: str) -> ClientWebSocketResponse:
        await self._opening.turn()
        async with asyncio.timeout(OPENING_S):
            return await self._connected(url)

    async def _connected(self, url: str) -> ClientWebSocketResponse:
        exchange = self._session.exchange
        exchange.open()
        http, https, socks = exchange.check_ws_proxy_settings()
        session = exchange.get_socks_proxy_session(socks) if socks else exchange.session
        socket: ClientWebSocketResponse = await session.ws_connect(
            url, autoping=False, autoclose=False, compress=15, max_msg_size=MOST_BYTES, proxy=http or https,
            decode_text=False, headers=exchange.keys.of(url),
        )  # fmt: skip
        return socket

    # What happens on the connections

    def connected(self, link: Link) -> None:
        """It opened: its frames are told apart from those of the one before."""
        exchange = self._session.exchange
        exchange.opened += 1
        link.number = exchange.opened
        self._session.connected(link.name)

    def frame(self, link: Link, data: bytes, recv: int) -> None:
        """A frame came."""
        self.intake.frame(data, link.name, link.number, link.place, recv)

    def slice_over(self, link: Link) -> None:
        """What its frames say of the present is told once."""
        self.intake.slice_over()

    def lost(self, link: Link, error: BaseException) -> None:
        """Who watches anything on it hears `error`."""
        self.intake.slice_over()
        self.books.lost(link.name)
        self._session.lost(link.name, error, link.heard)
        for watched in self._watched.values():
            if link in watched.links.values():
                watched.end(error)

    def _refused(self, name: str, refusal: Refusal) -> None:
        for watched in self._watched.values():
            if any(link.name == name and link.concerns(refusal, topic) for topic, link in watched.links.items()):
                watched.end(BadRequest(refusal.words))

    # What is asked for again, or no longer

    def owns(self, subscription: Subscription) -> bool:
        """Whether it is watched here."""
        return subscription in self._watched

    def restart(self, subscription: Subscription, symbol: str, error: Stalled, *, alone: bool) -> None:
        """Ask for one symbol's topic anew, or close its connection where nothing else comes by it."""
        watched = self._watched[subscription]
        topic = watched.topics.get(symbol, watched.topics.get("", ""))
        link = watched.links.get(topic)
        if link is None or topic not in link.topics:
            return
        if alone:
            link.fail(error)
        else:
            background.start(
                self._renewed(link, topic, symbol, "book" in subscription.channels), f"asks {link.url} again"
            )

    async def _renewed(self, link: Link, topic: str, symbol: str, is_book: bool) -> None:
        await link.take_back([topic])
        self._session.books.asked({symbol})
        await link.ask([topic])
        if is_book:
            self.books.begin([symbol], link.name)

    def withdraw(self, subscription: Subscription) -> None:
        """Nobody watches it any more."""
        watched = self._watched.pop(subscription, None)
        for topic, link in (watched.links if watched is not None else {}).items():
            if any(topic in other.links for other in self._watched.values()):
                continue
            self._homes.pop((link.place, topic), None)
            background.start(link.take_back([topic]), f"takes back from {link.url}")

    async def close(self) -> None:
        """End every connection."""
        self.books.close()
        for link in self._links:
            await link.close()
