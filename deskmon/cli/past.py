"""The market of the past that a command reads: its source, and the stretch of it that is asked for."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskmon.cli.text import complain
from deskmon.errors import DeskError

if TYPE_CHECKING:
    from deskmon.config.schema import Config
    from deskmon.past import PastMarket, Span
    from deskmon.timeline import Timeline

TIME = "ISO 8601 UTC, epoch ms, +15m from the start, 2h ago, 14:05, yesterday 21:00, monday, now"


def add_span(parser: Any) -> None:
    """Declare the options that choose a stretch of a market."""
    parser.add_argument("--from", dest="since", metavar="TIME", help=f"where to begin: {TIME}")
    parser.add_argument("--to", dest="until", metavar="TIME", help="where to end; the last arrival where absent")


def open_past(args: Namespace) -> PastMarket:
    """The market that the options of `add_source` name: an embedded one, a journal, that of a running hub; without any
    the user's own rolling journal. Raises UsageError and DeskError."""
    from deskmon.cli.log_file import start_log
    from deskmon.cli.market import chosen_past
    from deskmon.past import PastMarket

    config = chosen_past(args)
    start_log(args, stderr=False)
    if args.attach is not None:
        config = _hubs_journal(config, args)
    return PastMarket(config, judge=getattr(args, "judge", True))


def asked_span(market: PastMarket, args: Namespace) -> Span:
    """What `--from` and `--to` say, of the whole market where they say nothing. Raises UsageError."""
    return market.span(args.since, args.until)


def warn_of(timeline: Timeline) -> None:
    """Say what of a journal was left out, in the words of the screen. The newest segment of a folder may be being
    written: that it ends abruptly is no fault."""
    from deskmon.journal import JournalTimeline

    if not isinstance(timeline, JournalTimeline):
        return
    found = timeline.report.findings()
    if timeline.report.faults or (found and not timeline.path.is_dir()):
        complain(f"{timeline.path.name}: {found}")


def _hubs_journal(config: Config, args: Namespace) -> Config:
    """`config` on the journal that the running hub writes. Raises DeskError where it keeps none, or none that can be
    read here."""
    from deskmon.cli.market import hub_model
    from deskmon.journal import not_readable_here
    from deskmon.past import journal_config

    model = asyncio.run(hub_model(config, args.attach))
    status = None if model.pulse is None else model.pulse.hub
    if status is None or status.journal is None:
        raise DeskError("this hub keeps no journal to look back into", "[journal] enabled = true keeps one")
    journal = Path(status.journal.path)
    if (fault := not_readable_here(journal)) is not None:
        raise fault
    args.judge = False  # what that hub said of alerts is in it
    return journal_config(config, journal)
