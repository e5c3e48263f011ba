"""Reading one source: its addresses in their order, the fallback where the first fails, only what is new passed on."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from deskmon.events import CalendarEntry, EtfFlow, Event, Headline, Holding, HoldingTrade, Metric
from deskmon.feedkit import DAY
from deskmon.feeds.context.answers import Answer, Unreadable
from deskmon.feeds.context.plausible import Plausible
from deskmon.feeds.context.request import Raw, RequestFault
from deskmon.feeds.context.shelf import Kept
from deskmon.feeds.context.source import DAY_S, Address, Source

BACK_DAYS = 400
"""Values of series that are older than this aren't passed on."""
KNOWN = 60_000
"""Values known to have been passed on; beyond them the oldest are forgotten, and passed on again if they come."""
RETRY_S = 60.0
RETRY_MOST_S = 3_600.0

Ask = Callable[[str, Mapping[str, str]], Any]
"""`await ask(url, headers)` is a `Raw`; raises RequestFault."""


class Memory(Protocol):
    """What a reading remembers between two runs of the desk: see `Shelf`."""

    def kept(self, url: str) -> Kept | None: ...

    def keep(self, answer: Kept) -> None: ...

    def may_ask(self, provider: str, now: int, limits: Mapping[int, int]) -> bool: ...

    def asking(self, url: str) -> AbstractContextManager[bool]: ...


class Outcome(msgspec.Struct, frozen=True):
    """How a reading went: whether anything answered, in words, and seconds until the next one."""

    ok: bool
    words: str
    wait_s: float
    at: int | None = None


class Reading:
    """Everything about one source that lasts from one reading to the next."""

    def __init__(
        self, source: Source, ask: Ask, shelf: Memory, keys: Mapping[str, str], now: Callable[[], int], rng: Random
    ) -> None:
        self.source = source
        self._ask, self._shelf, self._keys, self._now, self._rng = ask, shelf, keys, now, rng
        self._plausible = Plausible(source.stale_days)
        self._known: OrderedDict[Hashable, Hashable] = OrderedDict()
        self._failures = 0
        self._not_before: dict[str, int] = {}
        self._remembered = False
        self._past: set[str] = set()

    async def read(self, emit: Callable[[Event], None]) -> Outcome:
        """Ask once, the fallbacks after the first, and emit what is new."""
        if not self._remembered:
            self._remembered = True
            await self._remember(emit)
        faults: list[str] = []
        given: set[Hashable] = set()
        retry, answered, at = None, "", None
        for address in self.source.addresses:
            if address.key and address.provider not in self._keys:
                continue
            found, missed, wait = await self._read(address, given, emit)
            retry = wait if retry is None else retry
            faults += missed
            if found is not None:
                answered, at = answered or address.provider, found
            if found is not None and not missed:
                break
        words = "; ".join(filter(None, (answered, *faults)))
        if not answered:
            self._failures += 1
            wait_s = min(RETRY_MOST_S, RETRY_S * 2.0 ** min(self._failures - 1, 10)) * (0.75 + 0.5 * self._rng.random())
            return Outcome(False, words or "no address", max(wait_s, retry or 0.0))
        self._failures = 0
        return Outcome(True, words, self._period_s() * (0.95 + 0.1 * self._rng.random()), at)

    async def _remember(self, emit: Callable[[Event], None]) -> None:
        """What was known before anything is asked, each value with its true age."""
        for address in reversed(self.source.addresses):
            for url in (*address.history, *address.urls):
                kept = await asyncio.to_thread(self._shelf.kept, self._dated(url))
                if kept is not None:
                    try:
                        self._take(await _parsed(address, kept), kept.at, set(), emit)
                    except Unreadable:
                        continue

    async def _read(
        self, address: Address, given: set[Hashable], emit: Callable[[Event], None]
    ) -> tuple[int | None, list[str], float | None]:
        """(when something answered, what went wrong, what a server asks to wait) of one provider."""
        at, retry = None, None
        faults: dict[str, list[str]] = {}
        past = [url for url in address.history if url not in self._past]
        taken: set[Hashable] = set()
        for url in (*past, *address.urls):
            try:
                kept, events = await self._answer(address, self._dated(url))
                taken |= self._take(events, kept.at, given, emit)
            except (Unreadable, RequestFault) as fault:
                faults.setdefault(str(fault), []).append(url)
                if isinstance(fault, RequestFault) and fault.retry_s is not None:
                    retry = max(retry or 0.0, fault.retry_s)
                    self._not_before[address.provider] = self._now() + round(fault.retry_s * 1000)
            else:
                at = max(at or 0, kept.at)
                self._past.add(url)
        given |= taken
        return at, [_told(address, words, urls) for words, urls in faults.items()], retry

    async def _answer(self, address: Address, url: str) -> tuple[Kept, Sequence[Event]]:
        """Today's answer and what it says: the one on the shelf where it is young or being fetched, else a new one."""
        now = self._now()
        kept = await asyncio.to_thread(self._shelf.kept, url)
        if kept is not None and 0 <= now - kept.at < self._period_s() * 900:
            return kept, await _parsed(address, kept)
        wait = self._not_before.get(address.provider, 0) - now
        if wait > 0:
            raise RequestFault(f"it asked to wait until {datetime.fromtimestamp((now + wait) / 1000, UTC):%H:%M}Z")
        async with _asking(self._shelf, url) as free:
            if not free:
                if kept is not None:
                    return kept, await _parsed(address, kept)
                raise RequestFault("another desk of yours asks just now", 5.0)
            if not await asyncio.to_thread(self._shelf.may_ask, address.provider, now, address.limits):
                allowed = " and ".join(f"{limit} requests of {hours} h" for hours, limit in address.limits.items())
                raise RequestFault(f"the {allowed} are used up")
            raw: Raw = await self._ask(url, self._headers(address, kept))
            if raw.content is None and kept is None:
                raise RequestFault("it says that nothing changed, but nothing is known")
            content = kept.content if raw.content is None and kept is not None else raw.content or b""
            found = Kept(url, self._now(), raw.content_type, raw.etag, raw.last_modified, content)
            events = await _parsed(address, found)  # what can't be read is not kept
            await asyncio.to_thread(self._shelf.keep, found)
            return found, events

    def _headers(self, address: Address, kept: Kept | None) -> dict[str, str]:
        found = {address.key: self._keys[address.provider]} if address.key else {}
        if kept is not None and kept.etag:
            found["If-None-Match"] = kept.etag
        if kept is not None and kept.last_modified:
            found["If-Modified-Since"] = kept.last_modified
        return found

    def _take(
        self, events: Sequence[Event], at: int, given: set[Hashable], emit: Callable[[Event], None]
    ) -> set[Hashable]:
        """Emit what is new of an answer of the time `at` but for the series in `given`; the series that it had. Raises
        Unreadable."""
        events = _known_by(events, at)
        if self.source.doubted:
            self._plausible.check(events, at)
        series = set()
        for event in events:
            key, value, of = _identity(event)
            series.add(of)
            old = isinstance(event, Metric) and at - event.ts > BACK_DAYS * DAY
            if of in given or old or self._known.get(key) == value:
                continue
            self._known[key] = value
            if len(self._known) > KNOWN:
                self._known.popitem(last=False)
            emit(replace(event, recv=at))
        return series

    def _dated(self, url: str) -> str:
        return url.replace("{year}", str(datetime.fromtimestamp(self._now() / 1000, UTC).year))

    def _period_s(self) -> float:
        """Seconds until the next reading: longer where nothing is published at this hour or on this day."""
        hours = self.source.hours
        if hours is None:
            return self.source.period_s
        now = datetime.fromtimestamp(self._now() / 1000, UTC)
        first, last = hours
        within = first <= now.hour < last if first < last else now.hour >= first or now.hour < last
        weekend = now.weekday() == 6 or (now.weekday() == 5 and now.hour >= last)
        return self.source.period_s if within and not weekend else max(self.source.period_s, DAY_S / 4)


def _known_by(events: Sequence[Event], at: int) -> list[Event]:
    """Events as known at `at` (ms): one of the day to come counts from then. Raises Unreadable for later ones."""
    ahead = max((event.ts for event in events), default=at)
    if ahead > at + DAY:
        raise Unreadable(f"it tells of {datetime.fromtimestamp(ahead / 1000, UTC):%Y-%m-%d}, which is still to come")
    return [event if event.ts <= at else replace(event, ts=at) for event in events]


def _told(address: Address, words: str, urls: Sequence[str]) -> str:
    """A fault of a provider, and of how many of its addresses: an address itself may hold a key."""
    if len(urls) == len(address.urls) or len(address.urls) == 1:
        return f"{address.provider}: {words}"
    return f"{address.provider}: {words} (at {len(urls)} of {len(address.urls)} addresses)"


@asynccontextmanager
async def _asking(shelf: Memory, url: str) -> AsyncIterator[bool]:
    """The shelf's lock, taken in a thread."""
    lock = shelf.asking(url)
    free = await asyncio.to_thread(lock.__enter__)
    try:
        yield free
    finally:
        lock.__exit__(None, None, None)


async def _parsed(address: Address, kept: Kept) -> Sequence[Event]:
    """What an answer says. In a thread, as it may be large. Raises Unreadable whatever is odd about it."""

    def parse() -> list[Event]:
        try:
            return list(address.parse(Answer(kept.url, kept.content, kept.content_type, kept.at)))
        except Unreadable:
            raise
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as fault:
            raise Unreadable(f"it can't be read: {fault}"[:200]) from fault

    return await asyncio.to_thread(parse)


def _identity(event: Event) -> tuple[Hashable, Hashable, Hashable]:
    """(what it is a report of, what it says, the series that it belongs to)."""
    if isinstance(event, Metric):
        return ("metric", event.name, event.ts), event.value, event.name
    if isinstance(event, EtfFlow):
        return (event.asset, event.fund, event.date), (event.usd, event.status), (event.asset, event.date)
    if isinstance(event, CalendarEntry):
        return ("calendar", event.uid or event.text), (event.time, event.removed), event.text
    if isinstance(event, Holding):
        series = ("holding", event.asset, event.entity)
        return series, (event.ts, event.amount, event.average_cost), series
    if isinstance(event, HoldingTrade):
        trade = ("trade", event.asset, event.entity, event.ts)
        return trade, event.amount, trade
    assert isinstance(event, Headline)
    return " ".join(event.text.casefold().split()), True, event.text
