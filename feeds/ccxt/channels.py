"""What `[feeds.LABEL]` may say to the ccxt feed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from deskmon.feedkit import Feed

ChannelName = Literal["ticker", "trades", "liquidations", "funding", "open_interest", "book", "candles"]

CHANNELS: tuple[ChannelName, ...] = (
    "ticker", "trades", "liquidations", "funding", "open_interest", "book", "candles",
)  # fmt: skip
"""Every channel the feed knows, in the order it shows them."""

POLL_SECONDS: dict[ChannelName, float] = {
    "ticker": 5.0,
    "trades": 5.0,
    "liquidations": 20.0,
    "funding": 60.0,
    "open_interest": 60.0,
    "book": 5.0,
    "candles": 60.0,
}
"""Seconds between two polls of a channel that the venue doesn't stream."""


class CcxtOptions(Feed.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a ccxt feed; public data only, so there is no place for a key."""

    exchange: Annotated[str, Meta(description="Id of the exchange in ccxt: `binanceusdm`, `bybit`, `okx`, …")]
    venue: Annotated[
        str | None, Meta(description="Short name on the desk; derived from the exchange where absent.")
    ] = None
    symbols: Annotated[
        tuple[str, ...],
        Meta(
            description="Unified symbols (`BTC/USDT:USDT`), or bases: `BTC` is the venue's main perpetual.",
            min_length=1,
        ),
    ] = ("BTC", "ETH")
    channels: Annotated[
        tuple[ChannelName, ...], Meta(description="What to watch; all that the venue has by default.")
    ] = CHANNELS
    urls: Annotated[
        dict[str, Any], Meta(description="Addresses that replace ccxt's own, by the names of its `urls.api`.")
    ] = msgspec.field(default_factory=dict)
    headers: Annotated[
        dict[str, str],
        Meta(description='Keys of mirrors: header → "env:NAME" or "file:PATH"; only hosts of `urls` get them.'),
    ] = msgspec.field(default_factory=dict)
    proxy: Annotated[
        str | None,
        Meta(description='Proxy for requests and websockets: http, https, socks5 or socks5h address, or "env:NAME".'),
    ] = None
    native: Annotated[
        bool, Meta(description="Read the venue's websocket without ccxt, where there is a parser of the desk's own.")
    ] = True
    poll: Annotated[
        dict[ChannelName, Annotated[float, Meta(gt=0)]], Meta(description="Seconds between polls, by channel.")
    ] = msgspec.field(default_factory=dict)
    book_limit: Annotated[int, Meta(description="Price levels kept per side of a book.", ge=1, le=5000)] = 200

    def poll_seconds(self, channel: ChannelName, usual: float | None = None) -> float:
        """Seconds between two polls of `channel`; `usual` where the venue wants others than most."""
        return self.poll.get(channel, usual or POLL_SECONDS[channel])
