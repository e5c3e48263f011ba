"""A third party's package of feeds, installed for a while: what they do to their process must cost nobody else."""

from __future__ import annotations

from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: Acme\nVersion: 1.5\n"
FEEDS = '''
import asyncio, logging, os, sys, time
from typing import ClassVar
from deskmon.feedkit import Feed, FeedContext, events


def headline(context, text):
    now = context.clock.now()
    context.emit(events.Headline(ts=now, recv=now, text=text))


class Acme(Feed):
    quiet_s: ClassVar[float] = 42.0

    class Options(Feed.Options, frozen=True, kw_only=True):
        path: str = ""


class Blocks(Acme):
    """Says that it lives, then reads a named pipe that nobody may have opened for writing yet."""
    name, title = "blocks", "Blocks"

    async def run(self, context):
        context.status("live", "all well")
        headline(context, f"before, in {os.getpid()}")
        open(self.options.path).read()
        headline(context, "after")
        await asyncio.Event().wait()


class Dies(Acme):
    """Tells its process, then dies when it is told to."""
    name, title = "dies", "Dies"

    async def run(self, context):
        headline(context, str(os.getpid()))
        await asyncio.Event().wait()


class Asks(Acme):
    """Says what it is answered, what it is told, and whatever else a feed may do."""
    name, title = "asks", "Asks"

    def watch(self, topics):
        self.topics = sorted(topics)

    async def run(self, context):
        print("a library prints")
        logging.getLogger("acme").warning("low on\\nfuel")
        context.status("stale", "slow", {"trades": "live"})
        for raw in ("not an event", None, 17):
            context.emit(raw)
        context.reject(b"<html>", "HTML")
        context.reconnected()
        held = context.stored_times(events.OpenInterest, "okx", "BTC")
        adopted = context.claim_candles("okx", "BTC"), context.claim_candles("okx", "BTC", False)
        now = context.clock.now()
        for number in range(3):
            context.emit(events.Ticker(ts=now - 40, recv=now, venue="okx", symbol="BTC/USDT", last=1.0 + number))
        headline(context, f"{list(held)} {adopted} {self.topics} {context.rng.random():.6f}")
        await asyncio.Event().wait()


class Raises(Acme):
    name, title = "raises_far", "Raises"

    async def run(self, context):
        headline(context, "once")
        raise ConnectionError("the venue hung up")


class Leaves(Acme):
    name, title = "leaves", "Leaves"

    async def run(self, context):
        sys.exit("no licence")


class Garbles(Acme):
    """Speaks in halves of characters, of itself, of what it rejects, in its log and in its last words."""
    name, title = "garbles", "Garbles"

    async def run(self, context):
        context.status("live", "all \\ud800 well", {"tr\\udcffades": "sl\\ud83dow"})
        context.reject("\\udcff", "no \\udcff")
        logging.getLogger("gar\\udcffbled").warning("lo\\udcffw")
        context.emit(events.Trade(ts=context.clock.now(), venue="v", symbol="BTC", price=1.0, amount=1.0, side="buy",
                                  id="\\ud800"))
        headline(context, "after")
        raise RuntimeError("half of a \\ud83d")


class Floods(Acme):
    """Reads far more than anybody takes, in slices; makes one file once it has to wait, another when it is done."""
    name, title = "floods", "Floods"

    async def run(self, context):
        context.status("live", "all well")
        waiting = asyncio.create_task(self.tell_waiting(context))
        for start in range(0, 120_000, 1_000):
            async with context.turns:
                now = context.clock.now()
                for number in range(start, start + 1_000):
                    context.emit(events.Trade(ts=now, recv=now, venue="okx", symbol="BTC", price=1.0, amount=1.0,
                                              side="buy", id=str(number)))
        open(f"{self.options.path}/done", "w").close()
        await waiting

    async def tell_waiting(self, context):
        while not context.turns.held_s:
            await asyncio.sleep(0.001)
        open(f"{self.options.path}/waits", "w").close()
        await asyncio.Event().wait()


class Listens(Acme):
    """Does what it is told on a connection to whoever stands for its venue."""
    name, title = "listens", "Listens"

    async def run(self, context):
        reader, writer = await asyncio.open_unix_connection(self.options.path)
        writer.write(f"{os.getpid()}\\n".encode())
        try:
            async for line in reader:
                word, *rest = line.decode().split()
                if word == "live":
                    context.status("live", "all well")
                elif word == "trade":
                    context.emit(events.Trade(ts=int(rest[1]), recv=context.clock.now(), venue="okx", symbol="BTC",
                                              price=1.0, amount=1.0, side="buy", id=rest[0]))
                elif word == "claim":
                    headline(context, str(context.claim_candles("okx", "BTC")))
                elif word == "raise":
                    raise ConnectionError("the venue hung up")
        finally:
            writer.close()


class Deaf(Acme):
    """Neither ends when cancelled nor lets its loop run."""
    name, title = "deaf", "Deaf"

    async def run(self, context):
        headline(context, str(os.getpid()))
        time.sleep(3600)
'''
ENTRY_POINTS = """
[deskmon.feeds]
blocks = acme_feeds:Blocks
dies = acme_feeds:Dies
asks = acme_feeds:Asks
raises_far = acme_feeds:Raises
leaves = acme_feeds:Leaves
deaf = acme_feeds:Deaf
garbles = acme_feeds:Garbles
listens = acme_feeds:Listens
floods = acme_feeds:Floods
"""


def install(folder: Path, feeds: str = FEEDS, entry_points: str = ENTRY_POINTS) -> None:
    """Put the package into `folder`, which is to be on Python's path."""
    info = folder / "acme-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text(entry_points)
    (folder / "acme_feeds.py").write_text(feeds)
