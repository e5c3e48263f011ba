"""`deskmon capture`: what a venue says, in a file that a fault report can carry and the tests can replay."""

from __future__ import annotations

import asyncio
import random
import signal
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskmon.cli.text import complain, say
from deskmon.errors import DeskError, UsageError

if TYPE_CHECKING:
    from deskmon.config.schema import FeedConfig
    from deskmon.events import FeedStatus
    from deskmon.hub.capture import Capture, EventCounter


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("capture", help="a venue's raw frames and answers, for a fault report")
    parser.add_argument("feed", metavar="FEED", help="a feed of the configuration, [feeds.FEED]")
    parser.add_argument("--for", dest="duration", metavar="60s", default="60s", help="how long; a minute if absent")
    parser.add_argument("--out", metavar="FOLDER", required=True, help="where the file is written; made if absent")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Status 1 where nothing was heard."""
    from deskmon.cli.log_file import start_log
    from deskmon.cli.session import load_config
    from deskmon.config.findings import suggestion
    from deskmon.timeline import parse_duration

    seconds = parse_duration(args.duration) / 1000
    config = load_config(args)
    if args.feed not in config.feeds:
        raise UsageError(f"no feed is called {args.feed!r}", suggestion(args.feed, config.feeds))
    start_log(args, stderr=True)
    return asyncio.run(_capture(args.feed, config.feeds[args.feed], Path(args.out), seconds))


async def _capture(label: str, feed: FeedConfig, folder: Path, seconds: float) -> int:
    from deskmon import plugins
    from deskmon.clock import WallClock
    from deskmon.hub.capture import capture

    loop, over = asyncio.get_running_loop(), asyncio.Event()
    caught: list[int] = []

    def end(number: int) -> None:
        caught.append(number)
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    timer = loop.call_later(seconds, over.set)
    try:
        tape, heard, status = await capture(
            label, feed, folder, over, load=plugins.load_feed, clock=WallClock(), rng=random.Random()
        )
    finally:
        timer.cancel()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
    _tell(label, tape, heard, status)
    return 128 + signal.SIGINT if signal.SIGINT in caught else 0


def _tell(label: str, tape: Capture, heard: EventCounter, status: FeedStatus | None) -> None:
    """Say what was kept. Raises DeskError where that is nothing."""
    state = f"{status.state}: {status.detail}" if status is not None else "it said nothing"
    events = ", ".join(f"{kind} {count:,}" for kind, count in sorted(heard.counts.items())) or "none"
    if not tape.answers and not tape.frames:
        if heard.counts:
            raise DeskError(
                f"{label} emits {events}, but tells a capture nothing", "its author: see `FeedContext.tape`"
            )
        if tape.withheld:
            raise DeskError(f"{label}: all {tape.withheld:,} answers and frames are of an account", "take the keys out")
        remedy = "look at its address and proxy in [feeds]; `deskmon doctor` tries all feeds"
        raise DeskError(f"nothing was heard of {label} ({state})", remedy)
    say(str(tape.path))
    size = tape.path.stat().st_size / 1e6
    complain(f"{tape.answers:,} answers and {tape.frames:,} frames in {size:,.1f} MB; {state}")
    rejected = f"; {status.rejected:,} rejected" if status is not None and status.rejected else ""
    complain(f"what the desk made of them: {events}{rejected}")
    if tape.withheld:
        words = "were left out: they are longer than 16 MiB, or of an account"
        complain(f"{tape.withheld:,} answers and frames {words}")
    if tape.trouble:
        complain(f"it ended early: {tape.trouble}")
