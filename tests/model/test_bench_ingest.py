"""The ingest bench measures decoding and folding of a market that is the same every time."""

import math

from deskmon.bench import ingest
from deskmon.events import encode_event
from deskmon.model import Model


def test_its_market_is_folded_whole_and_is_the_same_each_time():
    events = list(ingest.market(2_000))
    assert events == list(ingest.market(2_000))
    assert events != list(ingest.market(2_000, seed=8))
    model = Model()
    model.apply(events)
    assert not model.rejected
    state = model.state(events[-1].arrival)
    assert state.prices and state.funding and state.open_interest and state.depth
    assert state.liquidations.windows["1m"].count > 0


def test_it_reports_both_halves_against_their_limits():
    figures = ingest.measure([encode_event(event) for event in ingest.market(200)])
    assert set(figures) == {
        "decode_us", "decode_fold_us", "ratio", "limit", "events_per_s", "least_per_s", "ok", "rounds",
    }  # fmt: skip
    assert all(math.isfinite(value) and value > 0 for key, value in figures.items() if key != "ok")
