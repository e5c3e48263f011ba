"""`deskmon diff`: what moved most since a moment, in standard deviations of its usual change."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from typing import TYPE_CHECKING, Any, NamedTuple

from deskmon import format as fmt
from deskmon.cli.market import add_source
from deskmon.cli.text import print_columns, print_json, say
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.model.differences import Difference

SINCE = "2h (2h ago), 08:00, yesterday 21:00, monday, ISO 8601 UTC, epoch ms, +15m from the start"


class Found(NamedTuple):
    """What moved between two moments (ms) of a market of some source."""

    since: int
    until: int
    source: str
    figures: list[Difference]


def add(commands: Any) -> None:
    """Declare the command."""
    diff = commands.add_parser("diff", help="what moved most since a moment, in sigmas of its usual")
    add_source(diff, at=False)
    diff.add_argument("--since", metavar="TIME", required=True, help=SINCE)
    diff.add_argument("--json", action="store_true", help="one object with all figures")
    diff.set_defaults(run=run_diff)


def run_diff(args: Namespace) -> int:
    found = _attached(args) if args.attach is not None else _past(args)
    if args.json:
        return print_json(found._asdict())
    say(_head(found))
    shown = [each for each in found.figures if each.sigmas is not None or each.change]
    if not shown:
        say("nothing moved")
        return 0
    print_columns([("figure", "then", "change", "now", "σ", "usual", "n"), *map(_row, shown)])
    return 0


def _past(args: Namespace) -> Found:
    """Of a market of the past: it is folded once, from the earlier moment to its end."""
    from deskmon.cli.past import open_past, warn_of
    from deskmon.model.differences import differences
    from deskmon.past.sampling import folded

    market = open_past(args)
    end = market.whole.end
    since = _earlier(market.moment(args.since, bare_is_ago=True), end, args.since)
    steps = folded(market, (since, end))
    _, model = next(steps)
    then = model.state(since)
    now, model = next(steps)
    found = differences(model, now, then)
    warn_of(market.timeline)
    return Found(since, now, then.source, found)


def _attached(args: Namespace) -> Found:
    """Of a running hub: as it is, and as it was, from its journal."""
    from deskmon.cli.log_file import start_log
    from deskmon.cli.market import chosen_past, hub_model
    from deskmon.cli.session import remote_link
    from deskmon.model.differences import differences
    from deskmon.past.look_back import model_then
    from deskmon.timeline import parse_duration, parse_time

    config = chosen_past(args)
    start_log(args, stderr=False)
    model = asyncio.run(hub_model(config, args.attach))
    assert model.pulse is not None
    now = model.pulse.ts
    try:
        since = now - parse_duration(args.since)
    except UsageError:
        since = parse_time(args.since, now if model.header is None else model.header.started, now)
    since = _earlier(since, now, args.since)
    past, at = asyncio.run(model_then(remote_link(args.attach, config), config, str(since)))
    then = past.state(at)
    return Found(at, now, model.figures("source", now), differences(model, now, then))


def _earlier(since: int, end: int, text: str) -> int:
    if since >= end:
        raise UsageError(f"--since {text} is no earlier than the newest arrival", "write an earlier time, such as 2h")
    return since


def _head(found: Found) -> str:
    since, until = (f"{fmt.date(ts)} {fmt.clock(ts)}Z" for ts in (found.since, found.until))
    return f"{since} to {until} ({fmt.length(found.until - found.since)}), {found.source}"


def _row(of: Difference) -> tuple[str, ...]:
    from deskmon.components import differences as write

    then, now = write.value_words(of, of.then), write.value_words(of, of.now)
    return (
        of.figure or f"new {of.topic}", then, write.change_words(of), now, write.sigmas_words(of),
        write.sigma_words(of), f"{of.n}",
    )  # fmt: skip
