"""What was subscribed and with which words, so that one symbol of one stream can be subscribed again. Imports ccxt.

ccxt's own `un_watch…` waits for an answer that a venue in trouble doesn't give, looks for Binance's groups on another
connection than the one they came by, and knows neither liquidations nor every venue. All venues take back what they
were sent with the verb changed, so the message that subscribed is kept, and cut to the symbols that it is about.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ccxt.async_support.base.exchange import Exchange

from deskmon.feeds.ccxt.channels import ChannelName
from deskmon.feeds.ccxt.faults import FAULTS

UNSUBSCRIBED_ID = 1_000_000_000
"""Numbers of our own messages begin here, out of the way of ccxt's."""


@dataclass(slots=True, eq=False)
class Subscription:
    """One stream: the channels it brings, its own first; its name; the message that subscribed, by address and by what
    ccxt remembers it by; and by what its updates are awaited, by address."""

    channels: tuple[ChannelName, ...]
    name: str = ""
    sent: dict[tuple[str, str], Any] = field(default_factory=dict)
    awaited: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def forget(self, urls: set[str]) -> None:
        """Keep only what was sent to `urls`: some venues have a new address for each connection."""
        self.sent = {key: message for key, message in self.sent.items() if key[0] in urls}
        self.awaited = {url: names for url, names in self.awaited.items() if url in urls}


WATCHED: ContextVar[Subscription | None] = ContextVar("watched", default=None)
"""The subscription for which ccxt is called just now."""


def mentioned(text: str, names: Mapping[str, str]) -> set[str]:
    """Values of `names` whose key stands in `text` as a word: the longest first, since `BTC/USDT` is in
    `BTC/USDT:USDT` too."""
    found: set[str] = set()
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"
        text, count = re.subn(pattern, "\0", text, flags=re.IGNORECASE)
        if count:
            found.add(names[name])
    return found


def narrowed(message: Any, count: int, kept: Sequence[int]) -> Any:
    """`message` with each list of `count` parts, one for each thing asked for, cut to the places in `kept`."""
    if isinstance(message, Mapping):
        return {key: narrowed(value, count, kept) for key, value in message.items()}
    if isinstance(message, list) and len(message) == count:
        return [message[place] for place in kept]
    return message


def taken_back(message: Any, number: int) -> Any:
    """The message that takes back a subscription, or None where no verb is found."""
    if not isinstance(message, Mapping):
        return None
    back, found = dict(message), False
    for key, value in message.items():
        if key == "sub":
            back["unsub"] = back.pop(key)
            found = True
        elif isinstance(value, str) and re.fullmatch(r"(\w+/)?subscribe", value, re.IGNORECASE):
            back[key] = re.sub("subscribe", _verb, value, flags=re.IGNORECASE)
            found = True
    if "id" in back and isinstance(back["id"], int | str):
        back["id"] = type(back["id"])(number)
    return back if found else None


def _verb(match: re.Match[str]) -> str:
    return "UNSUBSCRIBE" if match[0].isupper() else "unsubscribe"


class Resubscribing(Exchange):  # type: ignore[misc]
    """An exchange that remembers what each stream asked for. It stands next to ccxt's own class."""

    taken = 0
    sending: set[asyncio.Future[None]]

    def watch(
        self, url: str, message_hash: Any, message: Any = None, subscribe_hash: Any = None, subscription: Any = None
    ) -> Any:
        if subscribe_hash is not None:
            self._note(url, [message_hash], [subscribe_hash], message)
        return super().watch(url, message_hash, message, subscribe_hash, subscription)

    def watch_multiple(
        self, url: str, message_hashes: Any, message: Any = None, subscribe_hashes: Any = None, subscription: Any = None
    ) -> Any:
        if subscribe_hashes:
            missing = self._note(url, message_hashes, subscribe_hashes, message)
            if missing:
                message = narrowed(message, len(subscribe_hashes), missing)
        return super().watch_multiple(url, message_hashes, message, subscribe_hashes, subscription)

    def _note(self, url: str, awaited: Sequence[str], remembered: Sequence[str], message: Any) -> list[int]:
        """Keep what is sent for each thing asked for that isn't subscribed yet; the places of these."""
        client = (self.clients or {}).get(url)
        known = client.subscriptions if client is not None else {}
        missing = [place for place, held in enumerate(remembered) if held not in known]
        watched, key = WATCHED.get(), tuple(map(str, awaited))
        if watched is None or (not missing and watched.awaited.get(url) == key):
            return missing
        if any(name.startswith("unsubscribe") for name in key):
            return missing
        watched.forget(set(self.clients or {}) | {url})
        for number, place in enumerate(missing):
            # Bybit's message names only what is missing, others name all.
            alone = narrowed(message, len(remembered), [place])
            watched.sent[url, remembered[place]] = (
                narrowed(alone, len(missing), [number]) if alone == message else alone
            )
        watched.awaited[url] = key
        self.sink.asked(watched, url)
        return missing

    def resubscribe(self, subscription: Subscription, symbol: str, names: Mapping[str, str], error: Exception) -> None:
        """Take back what `subscription` asked for `symbol` (empty: all of it). Who watches it hears `error`, and
        subscribes anew when it watches again; its neighbours on the connection stay as they are."""
        for url, awaited in subscription.awaited.items():
            client = (self.clients or {}).get(url)
            if client is None:
                continue
            taken: list[Any] = []
            for held in _about(symbol, [held for at, held in subscription.sent if at == url], names):
                client.subscriptions.pop(held, None)
                message = subscription.sent[url, held]
                if message not in taken:
                    taken.append(message)
            for message in taken:
                self._take_back(client, message)
            for held in _about(symbol, awaited, names):
                client.reject(error, held)

    def withdraw(self, subscription: Subscription) -> None:
        """Take back all that `subscription` asked for: nobody watches it any more."""
        taken: list[tuple[str, Any]] = []
        for (url, held), message in subscription.sent.items():
            client = (self.clients or {}).get(url)
            if client is None:
                continue
            client.subscriptions.pop(held, None)
            if (url, message) not in taken:
                taken.append((url, message))
                self._take_back(client, message)

    def _take_back(self, client: Any, message: Any) -> None:
        self.taken += 1
        back = taken_back(message, UNSUBSCRIBED_ID + self.taken)
        if back is not None and not client.closed():
            self.sending.add(task := asyncio.ensure_future(_send(client, back)))
            task.add_done_callback(self.sending.discard)


def _about(symbol: str, hashes: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Those of `hashes` that are about `symbol`; all where none says so."""
    return [text for text in hashes if symbol in mentioned(text, names)] or list(hashes)


async def _send(client: Any, message: Any) -> None:
    try:
        await client.send(message)
    except FAULTS as error:
        client.on_error(error)
