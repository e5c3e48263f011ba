"""`deskmon export`: what a market holds as files of other programs."""

from __future__ import annotations

import csv
import io
import json
import sys

import duckdb
import pandas as pd
import pytest

from deskmon.archive import KINDS
from deskmon.archive.reading import read_archive
from deskmon.cli.progress import Progress
from deskmon.cli.timeline_model import model_at
from deskmon.clock import HOUR, MINUTE, SECOND
from deskmon.config.places import journal_folder
from deskmon.config.schema import Config, FeedConfig, JournalConfig
from deskmon.events import Alert, Headline, LegReading, Liquidation, encode_event
from deskmon.journal import ReadReport, read_events
from tests.timelines.builders import T0, header_line
from tests.timelines.damage import market
from tests.timelines.folders import write_folder

SECONDS = market(120)
EVENTS = [event for second in SECONDS for event in second]


@pytest.fixture
def journal(elsewhere):
    """The user's own rolling journal: two minutes of all kinds."""
    folder = journal_folder(JournalConfig())
    folder.mkdir(parents=True)
    write_folder(folder, SECONDS, each=30, checkpoint_every=10)
    return folder


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_last_weeks_liquidations_are_one_command_for_a_spreadsheet(run, journal, elsewhere):
    result = run("export", "--kind", "liquidations", "--from", "7d ago", "--out", "week.csv")
    assert (result.status, result.err) == (0, "")
    assert result.out == "liquidations  120 rows  week.csv\n"
    [first, *_] = rows = rows_of((elsewhere / "week.csv").read_text())
    [event, *_] = some = [each for each in EVENTS if type(each) is Liquidation]
    assert len(rows) == len(some)
    assert first == {
        "arrival": "2026-01-05 12:00:00.230", "seq": "2", "market_source": "recorded", "ts": "2026-01-05 12:00:00.200",
        "recv": "2026-01-05 12:00:00.230", "venue": "bybit", "symbol": "BTC/USDT:USDT", "side": "long",
        "price": "100.0", "amount": repr(event.amount), "usd": repr(event.usd), "id": "l0",
    }  # fmt: skip


def test_pandas_reads_a_csv_as_it_was(run, journal, elsewhere):
    run("export", "--kind", "trades", "--out", "trades.csv")
    frame = pd.read_csv(elsewhere / "trades.csv", parse_dates=["ts"])
    trades = [each for each in EVENTS if type(each).__name__ == "Trade"]
    assert [int(ts.timestamp() * 1000) for ts in frame.ts.dt.tz_localize("UTC")] == [each.ts for each in trades]
    assert frame.price.tolist() == [each.price for each in trades] and frame.id.tolist() == [each.id for each in trades]


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.zst"])
def test_json_lines_are_a_journal_that_deskmon_reads(run, journal, elsewhere, name):
    assert run("export", "--out", name).status == 0
    assert list(read_events(elsewhere / name, ReadReport())) == EVENTS
    run("export", "--kind", "trades,books", "--from", "+10s", "--to", "+20s", "--out", name)
    wanted = [each for each in EVENTS if type(each).__name__ in ("Trade", "Book")]
    wanted = [each for each in wanted if T0 + 10 * SECOND <= each.arrival <= T0 + 20 * SECOND]
    assert list(read_events(elsewhere / name, ReadReport())) == wanted


def test_a_folder_of_parquet_holds_all_kinds_and_reads_back_to_the_same_events(run, journal, elsewhere):
    result = run("export", "--out", "archive")
    assert [line.split()[:2] for line in result.out.splitlines()] == [
        [name, "120"] for name in KINDS if name in ("tickers", "trades", "liquidations", "funding", "books")
    ]
    assert list(read_archive(elsewhere / "archive")) == EVENTS
    again = run("export", "--out", "archive")
    assert again.status == 1 and "holds tickers of that time already" in again.err
    assert run("export", "--demo", "--kind", "trades", "--out", "archive").err.endswith("such rows never mix\n")


def test_duckdb_over_the_folder_says_what_the_state_says(run, journal, elsewhere):
    run("export", "--kind", "liquidations", "--out", "archive")
    at = T0 + 100 * SECOND
    state = json.loads(run("state", "--replay", str(journal), "--at", str(at), "--only", "liquidations").out)
    said = state["liquidations"]["windows"]["1m"]["by_venue"]
    found = duckdb.sql(f"""
        select venue, sum(usd), sum(usd) filter (side = 'long'), count(*) from 'archive/liquidations/**/*.parquet'
        where arrival <= make_timestamptz({at * 1000}) and ts <= make_timestamptz({at * 1000})
        and ts > make_timestamptz({(at - MINUTE) * 1000}) group by venue
    """).fetchall()
    assert found
    assert {venue: pytest.approx((usd, long_usd, count)) for venue, usd, long_usd, count in found} == {
        venue: (sums["usd"], sums["long_usd"], sums["count"]) for venue, sums in said.items()
    }


def test_figures_are_a_column_each_and_as_the_state_says(run, journal, elsewhere):
    figures = ["prices.BTC.last", "liquidations.windows.1m.usd", "waves.current.state"]
    result = run("export", "--figures", ",".join(figures), "--every", "30s", "--out", "f.csv")
    assert result.status == 0, result.err
    rows = rows_of((elsewhere / "f.csv").read_text())
    assert list(rows[0]) == ["ts", "market_source", *figures]
    assert [row["ts"][14:] for row in rows] == ["00:00.020", "00:30.020", "01:00.020", "01:30.020"]
    for row, at in zip(rows, range(T0 + 20, T0 + 2 * MINUTE, 30 * SECOND), strict=True):
        state = json.loads(run("state", "--replay", str(journal), "--at", str(at), "--only", ",".join(figures)).out)
        assert [row[name] for name in figures] == ["" if state[name] is None else str(state[name]) for name in figures]


def test_parts_of_the_state_are_a_row_for_each_figure(run, journal, elsewhere):
    assert run("export", "--figures", "prices,liquidations.windows", "--every", "1m", "--out", "f.parquet").status == 0
    found = duckdb.sql("select figure, value, text, unit from 'f.parquet' where ts = (select max(ts) from 'f.parquet')")
    by_figure = {name: (value, text, unit) for name, value, text, unit in found.fetchall()}
    model, now = model_at(
        Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(journal)})}), T0 + 20 + MINUTE
    )
    price = model.prices.figure("BTC/USDT:USDT", now)
    assert by_figure["prices.BTC/USDT:USDT.last"] == (price.last, None, "quote currency")
    assert by_figure["prices.BTC/USDT:USDT.venue"] == (None, price.venue, "text")
    assert by_figure["prices.BTC/USDT:USDT.high_24h"] == (None, None, "quote currency"), "unknown is null"
    assert by_figure["liquidations.windows.1h.warming_up"] == (1.0, None, "true or false")


def test_candles_are_made_of_what_is_named(run, journal, elsewhere):
    assert run("export", "--bars", "1m", "--out", "bars.csv").out == "bars  8 rows  bars.csv\n"
    bars = rows_of((elsewhere / "bars.csv").read_text())
    assert {(bar["symbol"], bar["made_of"]) for bar in bars} == {
        ("BTC/USDT:USDT", "tickers"),
        ("ETH/USDT:USDT", "trades"),
    }
    assert {bar["volume"] == "" for bar in bars if bar["made_of"] == "tickers"} == {True}
    run("export", "--kind", "trades", "--bars", "30s", "--out", "bars.csv")
    assert {(bar["made_of"], bar["timeframe"]) for bar in rows_of((elsewhere / "bars.csv").read_text())} == {
        ("trades", "30s")
    }


def test_a_text_that_a_spreadsheet_would_run_is_none_in_a_csv(run, elsewhere):
    texts = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", 'plain, "quoted"\nand more']
    path = elsewhere / "desk.jsonl"
    path.write_bytes(header_line() + b"".join(encode_event(Headline(ts=T0, text=text)) + b"\n" for text in texts))
    run("export", "--replay", "desk.jsonl", "--kind", "headlines", "--out", "h.csv")
    assert [row["text"] for row in rows_of((elsewhere / "h.csv").read_text())] == [
        f"'{text}" for text in texts[:4]
    ] + texts[4:]


@pytest.mark.parametrize("value", ["turn\u202eed \x9b31m", "\U000e0001hidden"])
def test_json_in_a_csv_steers_nothing_either_and_means_the_same(run, elsewhere, value):
    legs = (LegReading(text="feeds.bybit.detail = x", met=False, value=value),)
    event = Alert(ts=T0, rule="odd", state="ok", since=T0, legs=legs)
    (elsewhere / "desk.jsonl").write_bytes(header_line() + encode_event(event) + b"\n")
    run("export", "--replay", "desk.jsonl", "--kind", "alerts", "--out", "a.csv")
    text = (elsewhere / "a.csv").read_text()
    assert all(char.isprintable() or char == "\n" for char in text)
    [row] = rows_of(text)
    assert json.loads(row["legs"])[0]["value"] == value


def test_tables_as_json_lines_are_an_object_a_row(run, journal, elsewhere):
    run("export", "--figures", "prices.BTC.last", "--to", "+0", "--out", "f.jsonl")
    assert [json.loads(line) for line in (elsewhere / "f.jsonl").read_text().splitlines()] == [
        {"ts": T0 + 20, "market_source": "recorded", "prices.BTC.last": EVENTS[0].last}
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "x.csv"], "one file holds one kind"),
        (["--kind", "trade", "--out", "x.csv"], "did you mean 'trades'?"),
        (["--kind", ",", "--out", "x.csv"], "--kind names no kind"),
        (["--kind", "trades", "--out", "x.xlsx"], "there is no format .xlsx"),
        (["--kind", "trades", "--figures", "prices", "--out", "x.csv"], "--kind doesn't go with --figures"),
        (["--bars", "7m", "--out", "x.csv"], "7m is no length of a candle"),
        (["--bars", "1m", "--kind", "books", "--out", "x.csv"], "candles aren't made of books"),
        (["--bars", "1m", "--figures", "prices", "--out", "x.csv"], "not allowed with"),
        (["--kind", "trades", "--every", "1m", "--out", "x.csv"], "--every goes with --figures"),
        (["--figures", "prices.BTC.lost", "--out", "x.csv"], "did you mean prices.BTC.last?"),
        (["--figures", "", "--out", "x.csv"], "--figures names no figure"),
        (["--kind", "trades"], "--out"),
    ],
)
def test_what_can_not_be_meant_is_said_on_one_line(run, elsewhere, words, said):
    result = run("export", "--demo", *words)
    assert result.status == 2 and said in result.err and result.err.count("\n") == 1
    assert list(elsewhere.iterdir()) == []


def test_a_place_that_can_not_be_written_is_named(run, journal, elsewhere):
    result = run("export", "--kind", "trades", "--out", "nowhere/x.csv")
    assert result.status == 1 and "can't be written (No such file or directory); choose a folder" in result.err


@pytest.mark.parametrize("out", ["x.parquet", "folder"])
def test_without_pyarrow_it_says_how_to_install_it(run, journal, monkeypatch, out):
    for name in [
        name for name in sys.modules if name.startswith(("pyarrow", "deskmon.archive.arrow", "deskmon.archive.parquet"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run("export", "--kind", "trades", "--out", out)
    assert result.status == 1
    assert result.err == "deskmon: Parquet needs pyarrow; python -m pip install 'deskmon[archive]'\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_how_far_it_got_and_nothing_else_does(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    terminal, pipe = Terminal(), io.StringIO()
    for file in (terminal, pipe):
        with Progress(T0, T0 + HOUR, file) as told:
            for at in range(0, HOUR, MINUTE // 2):
                told(T0 + at)
    drawn = terminal.getvalue().split("\r")
    assert pipe.getvalue() == "" and drawn[-1] == "\x1b[K"
    assert len(drawn) == 102, "a line for each percent, and one that takes it away"
    assert "[###############               ]  50 %  2026-01-05 12:30:00Z" in terminal.getvalue()
    monkeypatch.setenv("TERM", "dumb")
    dumb = Terminal()
    with Progress(T0, T0, dumb) as told:
        told(T0)
    assert dumb.getvalue() == ""
