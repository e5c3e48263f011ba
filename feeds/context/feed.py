"""The context of a market from public sources: flows of funds, holders, sentiment, capitalisation, rates, news."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from platformdirs import user_cache_path

from deskmon.events import Event, FeedState, FeedStatus
from deskmon.feedkit import Feed, FeedContext, is_reference, read_secret
from deskmon.feeds.context.catalogue import SOURCES, YAHOO
from deskmon.feeds.context.reading import Reading
from deskmon.feeds.context.request import Raw, request
from deskmon.feeds.context.shelf import Shelf
from deskmon.feeds.context.source import Source

if TYPE_CHECKING:
    import aiohttp

APART_S = 0.15
"""Seconds between two requests to one host."""
SPREAD_S = 1.0
"""Sources begin within so many seconds."""
SAY_S = 20.0
"""An unchanged row is told again after so many seconds."""
_ETF = "etf_"
"""Before the asset in the names of sources of funds."""


class ContextFeed(Feed):
    """Reads every source of `sources` at its own pace. Each is a row of its own among the feeds."""

    name: ClassVar[str] = "context"
    title: ClassVar[str] = "ETF flows, holders, sentiment, rates and news from public sources"
    quiet_s: ClassVar[float] = 7 * 3_600.0

    class Options(Feed.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """Options of the feed."""

        sources: Annotated[tuple[str, ...], Meta(description="Which sources, by name.")] = tuple(SOURCES)
        urls: Annotated[
            dict[str, str | list[str]],
            Meta(description="Addresses in place of the built-in ones: NAME, NAME_fallback."),
        ] = msgspec.field(default_factory=dict)
        keys: Annotated[
            dict[str, str], Meta(description='Keys of providers that need one, as "env:NAME" or "file:PATH".')
        ] = msgspec.field(default_factory=dict)
        yahoo: Annotated[
            bool, Meta(description="Ask Yahoo for macro series first. Its terms forbid programs: your decision.")
        ] = False
        proxy: Annotated[str | None, Meta(description="Address of an HTTP proxy for all requests.")] = None

    @classmethod
    def validate_options(cls, options: Any) -> Sequence[tuple[str, str]]:
        """Sources and addresses that nobody knows; keys that stand in the file."""
        found = [("sources", _unknown(name)) for name in options.sources if name not in SOURCES]
        named = [name.removesuffix("_fallback") for name in options.urls]
        found += [("urls", _unknown(name)) for name in named if name not in SOURCES]
        addresses = (address for urls in options.urls.values() for address in _listed(urls))
        if any("@" in urlsplit(address).netloc for address in addresses):
            found.append(("urls", "a user and a password don't stand in an address"))
        alone = (name for name, source in SOURCES.items() if len(source.addresses) == 1)
        found += [("urls", f"{name} has no fallback") for name in alone if f"{name}_fallback" in options.urls]
        providers = {address.provider for source in SOURCES.values() for address in source.addresses if address.key}
        found += [("keys", f"{name!r} takes no key; {', '.join(sorted(providers))} do") for name in options.keys
                  if name not in providers]  # fmt: skip
        return found + [
            ("keys", 'a secret doesn\'t stand in a config; write "env:NAME" or "file:PATH"')
            for reference in options.keys.values()
            if not is_reference(reference)
        ]

    @classmethod
    def assets(cls, options: Any) -> Collection[str] | None:
        """Those whose funds it reads."""
        return {name.removeprefix(_ETF).upper() for name in options.sources if name.startswith(_ETF)}

    async def run(self, context: FeedContext) -> None:
        """Read until cancelled."""
        keys = {name: read_secret(reference, f"keys.{name}") for name, reference in self.options.keys.items()}
        shelf = Shelf(user_cache_path("deskmon") / "context")
        sources = [self._source(SOURCES[name]) for name in self.options.sources if name in SOURCES]
        asked = [source for source in sources if source.addresses[0].urls]
        rows = Rows(self.label, context, [source.name for source in asked])
        context.status("connecting", "", {source.name: "connecting" for source in asked})
        http = await asyncio.to_thread(import_module, "aiohttp")  # longer than a loop may wait
        async with http.ClientSession(trust_env=True) as session, rows.told():
            ask = Asking(session, self.options.proxy, context.sleep)
            async with asyncio.TaskGroup() as group:
                for source in asked:
                    reading = Reading(source, ask, shelf, keys, context.clock.now, context.rng)
                    group.create_task(_keep(reading, rows, context))

    def _source(self, source: Source) -> Source:
        """As the configuration has it."""
        first, *others = source.addresses
        if source.name == "macro" and (self.options.yahoo or source.name in self.options.urls):
            first, others = YAHOO, list(source.addresses)
        own = self.options.urls.get(source.name)
        if own is not None:
            first = msgspec.structs.replace(first, urls=_listed(own), history=())
        fallback = self.options.urls.get(f"{source.name}_fallback")
        if fallback is not None and others:
            others[0] = msgspec.structs.replace(others[0], urls=_listed(fallback), history=())
        if own is not None:  # an operator's own address doesn't lead to strangers
            others = others[: fallback is not None]
        return msgspec.structs.replace(source, addresses=(first, *others))


async def _keep(reading: Reading, rows: Rows, context: FeedContext) -> None:
    """Read a source again and again."""
    name = reading.source.name
    await context.sleep(SPREAD_S * context.rng.random())
    while True:
        outcome = await reading.read(lambda event: rows.emit(name, event))
        rows.say(name, "live" if outcome.ok else "down", outcome.words, outcome.at)
        await context.sleep(outcome.wait_s)


class Asking:
    """Requests of all sources: one at a time for each host, and never in a hurry."""

    def __init__(self, session: aiohttp.ClientSession, proxy: str | None, sleep: Any) -> None:
        self._session, self._proxy, self._sleep = session, proxy, sleep
        self._hosts: dict[str, asyncio.Lock] = {}

    async def __call__(self, url: str, headers: Mapping[str, str]) -> Raw:
        """Raises RequestFault."""
        host = urlsplit(url).hostname or ""
        async with self._hosts.setdefault(host, asyncio.Lock()):
            try:
                return await request(self._session, url, headers, self._proxy)
            finally:
                await self._sleep(APART_S)


class Rows:
    """A row of the feeds panel for each source that is `asked`, and the feed's own, which sums them up and connects
    until each was read once."""

    def __init__(self, label: str, context: FeedContext, asked: Collection[str]) -> None:
        self._label, self._context, self._asked = label, context, frozenset(asked)
        self._rows: dict[str, FeedStatus] = {}
        self._told: Counter[str] = Counter()

    def emit(self, name: str, event: Event) -> None:
        """Pass on what a source told."""
        self._context.emit(event)
        self._told[name] += 1

    def say(self, name: str, state: FeedState, words: str, at: int | None) -> None:
        """How a source is; `at`: when it last answered (ms)."""
        now, before = self._context.clock.now(), self._rows.get(name)
        last = at if at is not None else before.last_event if before else None
        self._rows[name] = FeedStatus(
            ts=now, feed=f"{self._label} {name}", state=state, detail=words[:500], last_event=last,
            events=self._told[name], service=True,
        )  # fmt: skip
        self._context.emit(self._rows[name])
        live = [name for name, row in self._rows.items() if row.state == "live"]
        down = [name for name, row in self._rows.items() if row.state == "down"]
        words = f"{len(live)} of {len(self._asked)} sources" + (f"; down: {', '.join(down)}" if down else "")
        together: FeedState = "connecting" if self._asked - self._rows.keys() else "live" if live else "down"
        self._context.status(together, words, {name: row.state for name, row in self._rows.items()})

    @asynccontextmanager
    async def told(self) -> Any:
        """Rows are told again at intervals, and taken out in the end."""
        task = asyncio.create_task(self._repeat())
        try:
            yield
        finally:
            task.cancel()
            for row in self._rows.values():
                self._context.emit(msgspec.structs.replace(row, ts=self._context.clock.now(), state="removed"))

    async def _repeat(self) -> None:
        while True:
            await self._context.sleep(SAY_S)
            for name, row in self._rows.items():
                self._rows[name] = msgspec.structs.replace(row, ts=self._context.clock.now())
                self._context.emit(self._rows[name])


def _listed(urls: str | Sequence[str]) -> tuple[str, ...]:
    return (urls,) if isinstance(urls, str) else tuple(urls)


def _unknown(name: str) -> str:
    close = get_close_matches(name, SOURCES, 1)
    return f"no source {name!r}" + (f"; did you mean {close[0]!r}?" if close else "")
