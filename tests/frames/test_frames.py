"""Frames for notebooks: what they hold is what the journal and the desk hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon import frames
from deskmon.archive import KINDS, event_table
from deskmon.archive.tables import Row
from deskmon.clock import MINUTE, SECOND
from deskmon.config.places import journal_folder
from deskmon.config.schema import JournalConfig
from deskmon.errors import UsageError
from deskmon.events import Liquidation, encode_event
from deskmon.frames.cells import Cells
from tests.archive.any_events import OF_KIND
from tests.length import length
from tests.markets import simulated
from tests.timelines.builders import T0, header_line, liquidation
from tests.timelines.damage import market
from tests.timelines.folders import write_folder

SECONDS = market(120)
EVENTS = [event for second in SECONDS for event in second]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("desk")
    write_folder(made, SECONDS, each=30, checkpoint_every=10)
    return made


def ms(times):
    return [int(each.timestamp() * 1000) for each in times]


def test_events_are_those_of_the_journal_with_types_that_fit_and_units(folder):
    frame = frames.events(folder, "liquidations", start="+10s", end=T0 + 60 * SECOND)
    some = [each for each in EVENTS if type(each) is Liquidation and T0 + 10_020 <= each.arrival <= T0 + 60_000]
    assert ms(frame.index) == [each.ts for each in some] and str(frame.index.tz) == "UTC"
    assert frame.usd.tolist() == [each.usd for each in some] and ms(frame.arrival) == [each.arrival for each in some]
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "arrival": "datetime64[ms, UTC]", "seq": "int64", "recv": "datetime64[ms, UTC]", "venue": "category",
        "symbol": "category", "side": "category", "price": "float64", "amount": "float64", "usd": "float64",
        "id": "string",
    }  # fmt: skip
    assert frame.attrs["units"]["usd"] == "US dollars" and frame.attrs["market_source"] == "recorded"
    assert frames.events(folder, "liquidations", "+10s", "+20s").equals(
        frames.events(
            folder,
            "liquidations",
            datetime.fromtimestamp(T0 / 1000 + 10.02, UTC),
            datetime.fromtimestamp(T0 / 1000 + 20.02, timezone(timedelta(hours=5))),
        )
    )


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=length(8, 200))
@given(data=st.data())
def test_the_columns_of_each_kind_hold_what_its_events_do(name, data):
    some = data.draw(st.lists(OF_KIND[name], max_size=6))
    rows = [Row(seq, event) for seq, event in enumerate(some)]
    for column in event_table(name, "recorded").columns:
        values = column.values(rows)
        cells = Cells(column.form)
        for place in range(0, len(values), 2):
            cells.add(values[place : place + 2])
        found = list(pd.Series(cells.column()))
        assert [plain(column.form, each) for each in found] == [expected(column.form, each) for each in values]


def plain(form, value):
    """What a frame holds, as an event has it."""
    if form in ("number by name", "text by name", "words", "json"):
        return value
    if form == "numbers":
        return value.tolist()
    if pd.isna(value):
        return None
    if form == "time":
        return int(value.value // 10**6)
    return f"{value:%Y-%m-%d}" if form == "date" else value


def expected(form, value):
    return json.loads(value) if form == "json" and value is not None else value


def test_chunks_are_the_same_rows_in_frames_of_bounded_length(folder):
    whole = frames.events(folder, "trades")
    some = list(frames.event_chunks(folder, "trades", rows=50))
    assert [len(each) for each in some] == [50, 50, 20]
    assert pd.concat([each.price for each in some]).equals(whole.price)


def test_an_empty_span_has_the_same_columns(folder):
    empty = frames.events(folder, "liquidations", "+0", "+0")
    assert len(empty) == 0 and [*map(str, empty.dtypes)] == [*map(str, frames.events(folder, "liquidations").dtypes)]
    assert frames.waves(folder, "+0", "+0").empty and frames.liquidations(folder, "+0", "+0").empty


def test_liquidations_count_each_item_once_and_pivot_to_what_the_state_says(tmp_path, run):
    path = tmp_path / "desk.jsonl"
    twice = [liquidation(T0 + at * SECOND, usd=100.0 * (at + 1), id=str(at // 2)) for at in range(8)]
    anonymous = [liquidation(T0 + 8 * SECOND, usd=7.0), liquidation(T0 + 8 * SECOND, usd=7.0)]
    path.write_bytes(header_line() + b"".join(encode_event(each) + b"\n" for each in (*twice, *anonymous)))
    frame = frames.liquidations(path)
    table = frame.pivot_table(index="venue", columns="side", values="usd", aggfunc="sum", observed=True)
    state = json.loads(run("state", "--replay", str(path), "--only", "liquidations").out)
    said = state["liquidations"]["windows"]["1m"]["by_venue"]["bybit"]
    assert table.loc["bybit", "long"] == said["long_usd"] and len(frame) == said["count"] == 6
    assert frame.asset.tolist() == ["BTC"] * 6 and str(frame.asset.dtype) == "category"
    assert len(frames.events(path, "liquidations")) == 10


def test_figures_are_what_the_state_says_at_each_step(folder, run):
    names = ["prices.BTC.last", "liquidations.windows.1m.usd", "waves.current.state", "funding.BTC.venues.okx.next_ts"]
    frame = frames.figures(folder, names, every="30s")
    assert ms(frame.index) == [T0 + 20 + step * 30 * SECOND for step in range(4)]
    for ts, row in zip(ms(frame.index), frame.itertuples(index=False), strict=True):
        state = json.loads(run("state", "--replay", str(folder), "--at", str(ts), "--only", ",".join(names)).out)
        assert [None if pd.isna(each) else each for each in row] == [state[name] for name in names]
    assert frame.attrs["units"]["liquidations.windows.1m.usd"] == "USD"
    assert [str(kind) for kind in frame.dtypes][:3] == ["float64", "float64", "category"]


def test_a_part_of_the_state_is_a_column_for_each_figure_from_when_it_is_known(folder):
    frame = frames.figures(folder, "prices", every=MINUTE, start=T0)
    last = frame["prices.BTC/USDT:USDT.last"]
    assert np.isnan(last.iloc[0]), "nothing had arrived"
    assert last.equals(frames.figures(folder, ["prices.BTC/USDT:USDT.last"], MINUTE, T0)[last.name])
    assert last.iloc[1] > 0
    assert "prices.BTC/USDT:USDT.change_pct.24h" in frame


def test_waves_are_those_of_the_desk():
    at = simulated().now
    frame = frames.waves("demo", end=at)
    wave = simulated().model.waves.figures(at)[-1]
    found = frame.iloc[-1]
    assert (found.id, found.usd, found["count"], found.by_venue) == (
        wave.id,
        wave.usd,
        wave.count,
        {venue: sums.usd for venue, sums in wave.by_venue.items()},
    )
    assert ms([frame.index[-1]]) == [wave.start] and frame.attrs["market_source"] == "simulated"


def test_without_a_source_it_is_the_own_rolling_journal_and_what_there_is_not_is_said(elsewhere):
    with pytest.raises(UsageError, match="there is no rolling journal"):
        frames.events()
    folder = journal_folder(JournalConfig())
    folder.mkdir(parents=True)
    write_folder(folder, SECONDS[:2], each=2)
    assert len(frames.events()) == 2
    for wrong in ({"kind": "trade"}, {"source": "nowhere.jsonl"}, {"start": "tea time"}, {"source": "demo:none"}):
        with pytest.raises(UsageError):
            frames.events(**wrong)
    with pytest.raises(UsageError, match="did you mean"):
        frames.figures(names="prices.BTC.lost")
