"""What feeds of chains share: an exchange object whose refusals come in our words, and readings at a cadence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from types import ModuleType
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from deskmon.events import FeedState, Option
from deskmon.feedkit import Feed, FeedContext, Tape, backoff
from deskmon.feeds.ccxt.channels import CcxtOptions
from deskmon.feeds.ccxt.exchanges import load_class, merge_urls, settings

BAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What parsing an answer of unexpected shape raises."""


class ChainOptions(Feed.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every feed of chains can be told."""

    underlyings: Annotated[
        tuple[str, ...], Meta(description="Coins whose options are read.", min_length=1, max_length=16)
    ] = ("BTC", "ETH")
    refresh_s: Annotated[float, Meta(description="Seconds between two readings of a chain.", ge=1, le=300)] = 30.0
    urls: Annotated[
        dict[str, Any], Meta(description="Addresses that replace ccxt's own, by the names of its `urls.api`.")
    ] = msgspec.field(default_factory=dict)
    proxy: Annotated[str | None, Meta(description="http://, https:// or socks5:// proxy.")] = None


def asked_coins(options: ChainOptions) -> Collection[str] | None:
    """The coins whose chains are read; None where the venue decides which these are."""
    return None if "USDC" in options.underlyings else options.underlyings


def load_ccxt(exchange: str) -> tuple[type[Any], ModuleType]:
    """ccxt's class and our words for its faults. Seconds of work, so do it in a thread."""
    base = load_class(exchange)
    from deskmon.feeds.ccxt import faults

    return base, faults


def limited_exchange(
    exchange: str, base: type[Any], faults: ModuleType, options: ChainOptions, tape: Tape | None = None
) -> Any:
    """An instance of ccxt's class, limited, whose refusals come in our words; `tape` hears what its venue says."""
    from deskmon.feeds.ccxt.capturing import capture

    def handle_errors(self: Any, code: int, reason: str, url: str, method: str, headers: Any, body: Any,
                      response: Any, request_headers: Any, request_body: Any) -> Any:  # fmt: skip
        faults.check_answer(code, headers or {}, body, response)
        return base.handle_errors(
            self, code, reason, url, method, headers, body, response, request_headers, request_body
        )

    made = type(base.__name__, (base,), {"handle_errors": handle_errors})(
        settings(CcxtOptions(exchange=exchange, proxy=options.proxy))
    )
    made.urls["api"] = merge_urls(made.urls["api"], options.urls)
    made.timeout_on_exit = 0
    capture(tape, made)
    return made


class Polling:
    """The channels of one run, each read at the cadence of the options; a venue that asks for rest gets it from all."""

    def __init__(self, options: ChainOptions, context: FeedContext, faults: ModuleType) -> None:
        self._options, self._context, self.faults = options, context, faults
        self._channels: dict[str, tuple[FeedState, str]] = {}
        self._rest_at = 0

    async def keep(self, channel: str, read: Callable[[], Awaitable[str]]) -> None:
        """Read again and again; after a fault later each time, and never while the venue asks to be left alone.

        `read` returns how it went, in words.
        """
        self._channels[channel] = ("connecting", "waiting for the first answer")
        attempt = 0
        while True:
            wait = (self._rest_at - self._context.clock.now()) / 1000
            if wait > 0:
                await self._context.sleep(wait)
            try:
                words = await read()
            except self.faults.FAULTS as error:
                attempt += 1
                fault = self.faults.describe(error)
                if fault.wait:
                    self._rest_at = max(self._rest_at, self._context.clock.now() + round(fault.wait * 1000))
                self.say(channel, fault.state, fault.words)
                if fault.final:
                    return
                await self._context.sleep(max(fault.wait, backoff(attempt, self._context.rng)))
                continue
            attempt = 0
            self.say(channel, "live", words)
            await self._context.sleep(self._options.refresh_s)

    def say(self, channel: str, state: FeedState, words: str) -> None:
        """How a channel is. The feed is as its worst channel is, in the order of what can be done about it."""
        self._channels[channel] = (state, words)
        self._report()

    def forget(self, channel: str) -> None:
        """A channel ends because nobody wants it."""
        if self._channels.pop(channel, None) is not None:
            self._report()

    def emit_each(self, rows: Iterable[Any], parse: Callable[[Any], Option | None]) -> int:
        """Emit what `parse` makes of each row, None for one that doesn't count; a bad row costs itself. How many."""
        count = 0
        for row in rows:
            try:
                event = parse(row)
            except BAD as error:
                self._context.reject(row, f"option: {error}")
                continue
            if event is not None:
                self._context.emit(event)
                count += 1
        return count

    def _report(self) -> None:
        states = {state for state, _ in self._channels.values()}
        severity: tuple[FeedState, ...] = ("live", "connecting", "stale", "reconnecting", "down")
        worst = max(states, key=severity.index)
        if worst == "down" and len(states) > 1:
            worst = "reconnecting"
        troubled = [f"{name}: {words}" for name, (state, words) in self._channels.items() if state != "live"]
        detail = "; ".join(troubled) or f"every {self._options.refresh_s:g} s"
        self._context.status(worst, detail, {name: words for name, (_, words) in self._channels.items()})
