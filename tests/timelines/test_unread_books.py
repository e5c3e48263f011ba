"""A replay that only folds keeps the lines of books: every figure is as with the books themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import Book, Journal
from deskmon.events.unread import UnreadBook
from deskmon.journal import JournalWriter, read_events
from deskmon.journal.lines import ReadReport
from deskmon.journal.timeline import JournalTimeline
from deskmon.model import Model
from tests.length import examples
from tests.timelines.builders import T0, ticker

MINUTE = 60_000
BOOKS = st.tuples(
    st.integers(0, 40 * MINUTE), st.sampled_from(("bybit", "okx")), st.sampled_from(("BTC", "ETH")),
    st.integers(95, 104), st.integers(96, 106),
)  # fmt: skip


def book(ts: int, venue: str, asset: str, bid: float, ask: float) -> Book:
    """Now and then crossed, or with an empty side."""
    bids = tuple((bid - step * 0.3, 1.0 + step) for step in range(4)) if bid > 95 else ()
    asks = tuple((ask + step * 0.2, 2.0 + step) for step in range(4))
    return Book(ts=T0 + ts, recv=T0 + ts + 7, venue=venue, symbol=f"{asset}/USDT:USDT", bids=bids, asks=asks)


@given(st.lists(BOOKS, min_size=1, max_size=40))
@examples(40, 1_000)
def test_figures_and_checkpoints_are_those_of_the_books(tmp_path_factory, drawn):
    events = [ticker(T0), *(book(*each) for each in drawn)]
    path = tmp_path_factory.mktemp("journal") / "books.jsonl"
    with JournalWriter(path, Journal(version=1, source="recorded", started=T0)) as journal:
        journal.write(events)
    kinds, models = [], []
    for unread in (False, True):
        timeline = JournalTimeline(path)
        timeline.unread = unread
        folded = list(timeline.events())
        kinds.append({type(event) for event in folded})
        models.append(model := Model())
        model.apply([timeline.header, *folded])
    assert (Book in kinds[0], UnreadBook in kinds[0]) == (True, False)
    assert (Book in kinds[1], UnreadBook in kinds[1]) == (False, True)
    now = max(event.arrival for event in events) + 1_000
    read, unread = models
    assert unread.rejected == 0
    assert unread.state(now) == read.state(now)
    assert unread.depth.samples(0) == read.depth.samples(0)
    assert unread.snapshot() == read.snapshot()
    assert not any(isinstance(event, UnreadBook) for event in read_events(path, ReadReport()))
