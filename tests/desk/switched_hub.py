"""A live hub whose one price is 1, and 3 once a file exists: `switched_hub.py FILE SOCKET`. Its rule fires above 2."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[2]))

from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.config.schema import Config, FeedConfig, HistoryConfig
from deskmon.events import Ticker
from deskmon.feedkit import Feed
from deskmon.hub.server import serve


class Switched(Feed):
    """A ticker each tenth of a second."""

    name = "switched"
    title = "a price that a file switches"

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        file: str

    async def run(self, context) -> None:
        context.status("live", "")
        switch = Path(self.options.file)
        while True:
            now = context.clock.now()
            last = 3.0 if switch.exists() else 1.0  # noqa: ASYNC240 - once in a tenth of a second
            context.emit(Ticker(ts=now, recv=now, venue="binance", symbol="BTC/USDT:USDT", last=last))
            await asyncio.sleep(0.1)


def config(file: str) -> Config:
    rule = RuleSettings(when="prices.BTC.last > 2", text="BTC above 2", severity="page")
    feeds = {"switched": FeedConfig(type="switched", process="shared", options={"file": file})}
    return Config(feeds=feeds, history=HistoryConfig(enabled=False), alerts=AlertsConfig(rules={"up": rule}))


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(config(sys.argv[1]), listen=f"unix:{sys.argv[2]}", load=lambda name: Switched)))
