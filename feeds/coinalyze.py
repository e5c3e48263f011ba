"""Coinalyze's totals of liquidations, to hold the desk's own against. They are told as a series of their own, and never
added to what venues tell.

https://api.coinalyze.net/v1/doc/: a free key, 40 calls a minute, of which each symbol that is asked for counts as one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from deskmon.feedkit import DAY, Feed, FeedContext, backoff, events, is_reference, read_secret
from deskmon.feeds.context.request import RequestFault, request

QUOTES = ("USD", "USDT", "USDC")
PER_REQUEST = 20
"""Symbols in one request, at most."""
PAUSE_S = 31.0
"""After a request, so that two of them take no more than 40 calls in a minute."""
RELIST_S = 21_600.0
"""How long a list of markets holds."""
METRIC = "coinalyze_liquidations_24h_"
"""Names of the series begin with it and end with the asset."""
BAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Coinalyze(Feed):
    """Sums of the last 24 hours by asset, over all perpetuals that Coinalyze watches."""

    name: ClassVar[str] = "coinalyze"
    title: ClassVar[str] = "Coinalyze's totals of liquidations, beside the desk's own"
    quiet_s: ClassVar[float] = 7_200.0

    class Options(Feed.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """Options of the feed."""

        key: Annotated[str, Meta(description='The key, as "env:NAME" or "file:PATH".')] = "env:COINALYZE_KEY"
        assets: Annotated[tuple[str, ...], Meta(description="Coins that are summed.", min_length=1, max_length=20)] = (
            "BTC",
            "ETH",
        )
        every_s: Annotated[float, Meta(description="Seconds between two readings of all assets.", ge=60)] = 600.0
        url: Annotated[str, Meta(description="Address of the interface.")] = "https://api.coinalyze.net/v1"
        proxy: Annotated[str | None, Meta(description="Address of an HTTP proxy.")] = None

    options: Options

    @classmethod
    def validate_options(cls, options: Any) -> Sequence[tuple[str, str]]:
        """A key that stands in the file."""
        if is_reference(options.key):
            return []
        return [("key", 'a secret doesn\'t stand in a config; write "env:NAME" or "file:PATH"')]

    @classmethod
    def assets(cls, options: Any) -> Collection[str] | None:
        """None of them: it tells sums of liquidations beside the desk's own."""
        return ()

    async def run(self, context: FeedContext) -> None:
        """Read until cancelled. Raises ConfigError for a key that can't be read."""
        headers = {"api_key": read_secret(self.options.key, "key")}
        http = await asyncio.to_thread(import_module, "aiohttp")  # longer than a loop may wait
        context.status("connecting", "asking for its markets", None)
        attempt, listed, symbols = 0, -1.0e18, {}
        async with http.ClientSession() as session:

            async def ask(path: str, **query: Any) -> Any:
                url = f"{self.options.url}/{path}" + (f"?{urlencode(query)}" if query else "")
                raw = await request(session, url, headers, self.options.proxy)
                return msgspec.json.decode(raw.content or b"null")

            while True:
                try:
                    now = context.clock.now()
                    if now - listed > RELIST_S * 1000:
                        symbols, listed = perpetuals(await ask("future-markets"), self.options.assets), now
                        await context.sleep(PAUSE_S / PER_REQUEST)
                    for asset, names in symbols.items():
                        await self._read(context, asset, names, ask)
                    attempt = 0
                    context.status("live", f"{', '.join(symbols)} read every {self.options.every_s:g} s", None)
                    await context.sleep(self.options.every_s)
                except (RequestFault, *BAD) as fault:
                    attempt += 1
                    context.status("reconnecting", f"no answer that can be read: {fault}", None)
                    asked = getattr(fault, "retry_s", None) or 0.0
                    await context.sleep(max(asked, backoff(attempt, context.rng, base=5.0, cap=600.0)))

    async def _read(self, context: FeedContext, asset: str, names: Sequence[str], ask: Any) -> None:
        now, total = context.clock.now(), 0.0
        span = {"interval": "5min", "from": (now - DAY) // 1000, "to": now // 1000, "convert_to_usd": "true"}
        for start in range(0, len(names), PER_REQUEST):
            part = names[start : start + PER_REQUEST]
            total += usd(await ask("liquidation-history", symbols=",".join(part), **span))
            await context.sleep(PAUSE_S * len(part) / PER_REQUEST)
        context.emit(
            events.Metric(ts=now, recv=now, name=f"{METRIC}{asset}", value=total, unit="USD", source="coinalyze")
        )


def perpetuals(markets: Iterable[Mapping[str, Any]], assets: Sequence[str]) -> dict[str, list[str]]:
    """Symbols of the perpetuals of each asset, in dollars or dollar coins, in the order of `assets`."""
    found: dict[str, list[str]] = {asset: [] for asset in assets}
    for market in markets:
        if market["is_perpetual"] and market["quote_asset"] in QUOTES and market["base_asset"] in found:
            found[market["base_asset"]].append(str(market["symbol"]))
    return {asset: names for asset, names in found.items() if names}


def usd(answer: Iterable[Mapping[str, Any]]) -> float:
    """Longs and shorts together, USD, of an answer of `liquidation-history`."""
    return sum(float(row["l"]) + float(row["s"]) for market in answer for row in market["history"])
