"""Streams that share a connection are kept apart. Imports ccxt.

ccxt remembers what it has subscribed to by a hash, and asks for a hash only once. At some venues the hash doesn't tell
two streams apart: Aster's ticker and mark price are both `ticker:SYMBOL`, GRVT's ticker and book are both `MARKET@500`.
Of such streams only the first would ever be asked for. So a hash that another stream took is asked for once more under
the name of the stream. Where ccxt keeps a record with a hash (`subscription`), it shares it among streams by itself.
"""

from __future__ import annotations

from typing import Any

from ccxt.async_support.base.exchange import Exchange

from deskmon.feeds.ccxt.resubscribe import WATCHED, Subscription


class Apart(Exchange):  # type: ignore[misc]
    """An exchange that subscribes to each stream, whatever its hash."""

    def watch(
        self, url: str, message_hash: Any, message: Any = None, subscribe_hash: Any = None, subscription: Any = None
    ) -> Any:
        if message is not None and subscribe_hash is not None and subscription is None:
            subscribe_hash = self._own(url, subscribe_hash)
        return super().watch(url, message_hash, message, subscribe_hash, subscription)

    def watch_multiple(
        self, url: str, message_hashes: Any, message: Any = None, subscribe_hashes: Any = None, subscription: Any = None
    ) -> Any:
        if message is not None and subscribe_hashes and subscription is None:
            subscribe_hashes = [self._own(url, taken) for taken in subscribe_hashes]
        return super().watch_multiple(url, message_hashes, message, subscribe_hashes, subscription)

    def _own(self, url: str, taken: str) -> str:
        """`taken` where this stream was the first to subscribe with it, else a hash of this stream's own."""
        stream = WATCHED.get()
        if stream is None:
            return taken
        self.open()
        client = self.client(url)
        owners: dict[str, Subscription] = vars(client).setdefault("owners", {})
        if taken not in client.subscriptions:
            owners[taken] = stream
        return taken if owners.get(taken, stream) is stream else f"{taken} for {stream.name}"
