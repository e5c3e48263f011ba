"""Coverage: how much is heard of each venue, which totals are lower bounds, what was missed, which feeds are down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from deskmon import format as fmt
from deskmon.model import Model
from deskmon.model.coverage import UNKNOWN, VENUES, is_partial
from deskmon.report.content import Block, Cell, Link, Paragraph, Table
from deskmon.report.covered import WINDOW, coverage_words
from deskmon.report.phrases import listed, path_of
from deskmon.report.reading import Reading
from deskmon.report.sections.market_phrases import bounded, when

GAPS = 10
FEEDS = 10


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Nothing: gaps are held."""
    return []


def write(reading: Reading) -> list[Block]:
    """The source, then venues, gaps and feeds."""
    return [*_source(reading), *_venues(reading), *_gaps(reading), *_feeds(reading)]


def _source(reading: Reading) -> Iterator[Block]:
    header = reading.model.header
    if header is not None and header.note:
        yield Paragraph(["The source says of itself: ", Link(header.note), "."])


def _venues(reading: Reading) -> Iterator[Block]:
    yield Paragraph([" ".join(coverage_words(reading.model, reading.end))])
    heard = reading.model.liquidations.window(WINDOW, reading.end)
    rows: list[list[Cell]] = []
    for venue in sorted(heard.by_venue) if heard is not None else ():
        known = VENUES.get(venue, UNKNOWN)
        path = path_of("liquidations.windows", WINDOW, "by_venue", venue, "usd")
        bound = is_partial(venue, known.coverage)
        total = reading.figure(path, partial(bounded, is_bound=bound))
        rows.append([[venue], [known.coverage], [known.words], [total or fmt.UNKNOWN]])
    if rows:
        head = ["venue", "coverage", "what is heard", "seven days, USD"]
        yield Table("What is heard of each venue's liquidations", head, rows)


def _gaps(reading: Reading) -> Iterator[Block]:
    """What the desk missed within the stretch."""
    found = [gap for gap in reading.model.feeds.gaps if gap.until > reading.start and gap.since <= reading.end]
    if not found:
        yield Paragraph(["No gap of the data is known in this time."])
        return
    rows: list[list[Cell]] = [
        [[gap.feed], [gap.channel or "all"], [when(gap.since)], [when(gap.until)], [fmt.age(gap.until - gap.since)],
         [str(gap.dropped) if gap.dropped else fmt.UNKNOWN]]
        for gap in sorted(found, key=lambda gap: gap.until - gap.since, reverse=True)[:GAPS]
    ]  # fmt: skip
    of = f", the longest {GAPS} of {len(found)}" if len(found) > GAPS else ""
    yield Table(f"Gaps of the data{of}", ["feed", "channel", "from", "until", "length", "events lost"], rows)


def _feeds(reading: Reading) -> Iterator[Block]:
    """Which feeds are not live at the end, and what each says."""
    feeds = {name: feed for name, feed in reading.model.feeds.figures(reading.end).items() if not feed.service}
    if not feeds:
        reading.lacks("feeds", "unknown: no feed says how it is")
        yield Paragraph(["No feed says how it is."])
        return
    down = {name: feed for name, feed in feeds.items() if feed.state != "live"}
    lost = sum(feed.dropped for feed in feeds.values())
    missed = f" They lost {lost:,} events that the desk couldn't take." if lost else ""
    if not down:
        whole = f"All {len(feeds)} feeds are" if len(feeds) > 1 else f"The one feed, {next(iter(feeds))}, is"
        yield Paragraph([f"{whole} live at the end.{missed}"])
        return
    yield Paragraph(
        [f"{len(down)} of {len(feeds)} feeds are not live at the end: {listed(list(down)[:FEEDS])}.{missed}"]
    )
    rows: list[list[Cell]] = [
        [[name], [feed.state], [fmt.age(feed.age_ms)], [Link(feed.detail or "")]]
        for name, feed in list(down.items())[:FEEDS]
    ]  # fmt: skip
    yield Table("Feeds that are not live", ["feed", "state", "newest event ago", "what it says"], rows)
