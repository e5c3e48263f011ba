"""Events as Parquet and back: nothing is lost, and rows of simulated markets stay apart."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.archive import KINDS, event_table
from deskmon.archive.days import files
from deskmon.archive.parquet import ParquetFile, ParquetFolder
from deskmon.archive.reading import archive_header, read_archive
from deskmon.archive.tables import Row
from deskmon.clock import DAY, MINUTE
from deskmon.errors import DeskError
from deskmon.events import Book, Journal
from deskmon.past import Span
from tests.archive.any_events import OF_KIND, events
from tests.length import length
from tests.timelines.builders import T0, ticker, trade

HEADER = Journal(version=1, source="recorded", note="two venues", started=T0, pace=3)
ALL = Span(0, 1 << 62)
TAGS = {kind: name for name, kind in KINDS.items()}


def write_folder(folder: Path, market, header=HEADER, span=ALL, names=tuple(KINDS)):
    tables = {name: event_table(name, header.source) for name in names}
    with ParquetFolder(folder, list(tables.values()), header, span) as sink:
        for seq, event in enumerate(market):
            sink.put(tables[TAGS[type(event)]], Row(seq, event))
    return {each.table: each.rows for each in sink.written}


@given(market=events)
def test_a_folder_reads_back_to_the_same_events_in_the_same_order(tmp_path_factory, market):
    folder = tmp_path_factory.mktemp("archive")
    rows = write_folder(folder, market)
    assert list(read_archive(folder)) == market
    assert sum(rows.values()) == len(market)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=length(8, 200))
@given(data=st.data())
def test_a_file_of_each_kind_reads_back_to_the_same_events(tmp_path_factory, name, data):
    some = sorted(data.draw(st.lists(OF_KIND[name], max_size=6)), key=lambda each: each.arrival)
    path, table = tmp_path_factory.mktemp("archive") / "some.parquet", event_table(name, "recorded")
    with ParquetFile(path, table, HEADER) as sink:
        for seq, event in enumerate(some):
            sink.put(table, Row(seq, event))
    assert list(read_archive(path)) == some
    assert archive_header(path) == HEADER
    assert pq.read_schema(path).names == [column.name for column in table.columns]


def test_days_are_those_of_arrival_and_names_say_from_when_to_when(tmp_path):
    midnight = T0 - T0 % DAY + DAY
    write_folder(tmp_path, [ticker(midnight - 5, midnight - 1), ticker(midnight - 2, midnight), ticker(midnight + 7)])
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet")) == [
        "tickers/day=2026-01-05/20260105T235959.999Z-20260105T235959.999Z.parquet",
        "tickers/day=2026-01-06/20260106T000000.000Z-20260106T000000.007Z.parquet",
    ]
    assert [(each.first - midnight, each.last - midnight) for each in files(tmp_path / "tickers")] == [(-1, -1), (0, 7)]


def test_what_comes_far_too_late_is_kept_in_files_of_its_own(tmp_path):
    late = [ticker(T0 - back * DAY + step, last=1.0 + step) for step in range(3) for back in range(8)]
    assert write_folder(tmp_path, late) == {name: 24 if name == "tickers" else 0 for name in KINDS}
    assert sorted(event.arrival for event in read_archive(tmp_path)) == sorted(event.arrival for event in late)


def test_schema_units_and_the_header_of_the_journal_stand_in_each_file(tmp_path):
    write_folder(tmp_path, [trade(T0, id="a")])
    [path] = tmp_path.rglob("*.parquet")
    schema = pq.read_schema(path)
    told = json.loads(schema.metadata[b"deskmon"])
    assert (told["schema"], told["table"]) == (1, "trades")
    assert msgspec.convert(told["journal"], Journal) == HEADER
    assert schema.field("price").metadata[b"unit"] == b"the quote's currency"
    assert str(schema.field("venue").type) == "dictionary<values=string, indices=int32, ordered=0>"
    assert str(schema.field("ts").type) == "timestamp[ms, tz=UTC]"
    file = pq.ParquetFile(path).metadata
    assert {file.row_group(0).column(place).compression for place in range(file.num_columns)} == {"ZSTD"}


def test_what_is_unknown_is_null_and_sides_of_a_book_are_lists(tmp_path):
    book = Book(ts=T0, venue="okx", symbol="BTC/USDT:USDT", bids=((2.0, 1.0), (1.0, 5.0)), asks=())
    write_folder(tmp_path, [ticker(T0), book])
    files = f"{tmp_path}/tickers/**/*.parquet", f"{tmp_path}/books/**/*.parquet"
    assert duckdb.sql(f"select bid, recv, market_source from '{files[0]}'").fetchall() == [(None, None, "recorded")]
    assert duckdb.sql(f"select bid_prices, bid_amounts, ask_prices from '{files[1]}'").fetchall() == [
        ([2.0, 1.0], [1.0, 5.0], [])
    ]


def test_a_folder_takes_neither_the_same_time_twice_nor_a_market_of_another_source(tmp_path):
    first, later = Span(T0, T0 + MINUTE), Span(T0 + 2 * MINUTE, T0 + 3 * MINUTE)
    write_folder(tmp_path, [ticker(T0), ticker(T0 + MINUTE)], span=first)
    with pytest.raises(DeskError, match="holds tickers of that time already"):
        write_folder(tmp_path, [ticker(T0 + MINUTE)], span=Span(T0 + MINUTE - 1, T0 + 3 * MINUTE))
    simulated = msgspec.structs.replace(HEADER, source="simulated")
    with pytest.raises(DeskError, match="are of a recorded market, these of a simulated one"):
        write_folder(tmp_path, [ticker(T0 + 2 * MINUTE)], header=simulated, span=later)
    write_folder(tmp_path, [ticker(T0 + 2 * MINUTE)], span=later)
    assert [event.arrival - T0 for event in read_archive(tmp_path)] == [0, MINUTE, 2 * MINUTE]


def test_what_arrived_at_the_very_end_of_an_export_is_not_there_twice_after_the_next(tmp_path):
    """An export each night, up to midnight and from midnight on."""
    times = [T0, T0 + MINUTE, T0 + MINUTE, T0 + 2 * MINUTE, T0 + 3 * MINUTE]
    for start in (T0 + MINUTE, T0 + 2 * MINUTE, T0):
        span = Span(start, start + MINUTE)
        write_folder(tmp_path, [ticker(at) for at in times if span.start <= at <= span.end], span=span)
    assert [event.arrival for event in read_archive(tmp_path)] == times


def test_an_export_that_fails_leaves_nothing(tmp_path):
    table = event_table("tickers", "recorded")
    kept = tmp_path / "kept.parquet"
    with ParquetFile(kept, table, HEADER) as sink:
        sink.put(table, Row(0, ticker(T0)))
    before = kept.read_bytes()
    for make in (
        lambda: ParquetFolder(tmp_path / "folder", [table], HEADER, ALL),
        lambda: ParquetFile(kept, table, HEADER),
    ):
        with pytest.raises(LookupError), make() as sink:
            for seq in range(5_000):
                sink.put(table, Row(seq, ticker(T0 + seq)))
            raise LookupError
    assert kept.read_bytes() == before
    assert list(tmp_path.rglob("*")) == [kept]


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError("Error writing bytes to file. Detail: [errno 28] No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(DeskError, match=r"No space left on device.*; make room on the disk"):
        write_folder(tmp_path / "archive", [ticker(T0), trade(T0 + 1)])
    assert list(tmp_path.rglob("*")) == []


def test_a_nonce_beyond_64_bits_is_unknown_and_files_of_others_are_named(tmp_path):
    book = Book(ts=T0, venue="okx", symbol="BTC/USDT:USDT", bids=(), asks=(), nonce=2**70)
    write_folder(tmp_path, [book])
    assert [event.nonce for event in read_archive(tmp_path)] == [None]
    foreign = tmp_path / "foreign.parquet"
    duckdb.sql(f"copy (select 1 as a) to '{foreign}'")
    for path in (foreign, tmp_path / "nowhere.parquet"):
        with pytest.raises(DeskError, match="no table of deskmon's"):
            list(read_archive(path))
