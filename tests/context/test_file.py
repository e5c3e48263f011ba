"""A desk's own numbers come from a file without code; what is wrong with it is said, and the last numbers stay."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from typing import get_args, get_type_hints

import pytest

from deskmon.clock import ManualClock
from deskmon.config.loading import examine, load
from deskmon.config.schema import FeedConfig
from deskmon.events import CalendarEntry, EtfFlow, FeedStatus, Holding
from deskmon.feedkit import FeedContext
from deskmon.feeds.context.mapping import KINDS
from deskmon.feeds.file import FileFeed
from deskmon.hub.supervisor import Supervisor
from deskmon.model import Model
from deskmon.model.feeds import hears_liquidations
from tests.context.samples import NOW
from tests.context.server import served

ETP = {"event": "metric", "columns": {"ts": "Date", "value": "AUM"}, "values": {"name": "etp_aum", "unit": "USD"},
       "scale": {"value": 1e9}}  # fmt: skip


class Unchecked(FileFeed.Options, frozen=True, kw_only=True):
    """Options that nobody compared with the schema."""

    event: str = "metric"


def faults(path="/dev/null", form="csv", **options):
    return [text for _, text in FileFeed.validate_options(FileFeed.Options(path=path, form=form, **options))]


@asynccontextmanager
async def reading(path, **options):
    """The feed, read a step at a time by `again()`; gives (events, said, again)."""
    events, said, go, told = [], [], asyncio.Queue(), asyncio.Queue()

    async def sleep(seconds):
        told.put_nowait(seconds)
        await go.get()

    options = FileFeed.Options(path=str(path), **options)
    assert {key for key, _ in FileFeed.validate_options(options)} <= {"path"}
    context = FeedContext(
        emit=events.append, status=lambda *words: said.append(words), reject=lambda raw, reason: None,
        reconnected=lambda: None, clock=ManualClock(NOW), rng=random.Random(1), sleep=sleep,
    )  # fmt: skip
    task = asyncio.create_task(FileFeed("mine", options).run(context))

    async def again():
        go.put_nowait(None)
        await told.get()

    try:
        await told.get()
        yield events, said, again
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_column_becomes_a_series_and_a_change_of_the_file_comes_by_itself(tmp_path):
    file = tmp_path / "etp.csv"
    file.write_text('Date,AUM\n2026-11-25,178.0\n2026-11-26,-\n2026-11-27,"1,177.5"\n')
    async with reading(file, **ETP) as (events, said, again):
        assert [(event.name, event.value, event.unit) for event in events] == [
            ("etp_aum", 178e9, "USD"), ("etp_aum", 1_177.5e9, "USD"),
        ]  # fmt: skip
        file.write_text("Date,AUM\n2026-11-25,178.0\n2026-11-27,177.5\n2026-11-28,180\n")
        await again()
        assert [event.value for event in events[2:]] == [177.5e9, 180e9], "what changed, and what is new"
        file.write_text("Day,AUM\n2026-11-28,1\n")
        await again()
        assert said[-1][0] == "down" and "Date is missing" in said[-1][1]
        file.unlink()
        await again()
        assert said[-1][:2] == ("down", f"{file}: it can't be read: no such file or directory")
        assert len(events) == 4


async def test_json_has_its_rows_at_a_path_and_fields_at_paths_of_their_own(tmp_path):
    file = tmp_path / "flows.json"
    file.write_text('{"data": {"items": [{"day": "27.11.2026", "flow": {"net": -92.9}, "fund": "XRPX"}]}}')
    options = {
        "event": "etf_flow", "at": "data.items", "time_format": "%d.%m.%Y",
        "columns": {"ts": "day", "date": "day", "usd": "flow.net", "fund": "fund"}, "values": {"asset": "XRP"},
        "scale": {"usd": 1e6},
    }  # fmt: skip
    async with reading(file, **options) as (events, _, _again):
        (flow,) = events
    assert type(flow) is EtfFlow and (flow.fund, flow.date) == ("XRPX", "2026-11-27")
    assert flow.usd == pytest.approx(-92.9e6)


async def test_an_address_is_read_like_a_file():
    async with served() as sources:
        sources.answers["h.csv"] = b"who,coins,cost\nAcme,100,90000\n"
        columns = {"entity": "who", "amount": "coins", "average_cost": "cost", "ts": "since"}
        options = {"event": "holding", "columns": columns, "values": {"asset": "BTC"}}
        async with reading(sources.url("h.csv"), **options) as (
            _,
            said,
            _again,
        ):
            assert "since is missing" in said[-1][1]
        sources.answers["h.csv"] = b"who,coins,cost,since\nAcme,100,90000,1795000000\n"
        async with reading(sources.url("h.csv"), **options) as (
            events,
            _,
            _again,
        ):
            (held,) = events
    assert type(held) is Holding and (held.amount, held.ts) == (100.0, 1_795_000_000_000)


async def test_a_calendar_needs_no_mapping(tmp_path):
    file = tmp_path / "desk.ics"
    file.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nSUMMARY:Review\nDTSTART:20261201T090000Z\nEND:VEVENT\n"
        "END:VCALENDAR\n"
    )
    async with reading(file) as (events, _, _again):
        (entry,) = events
    assert type(entry) is CalendarEntry and entry.text == "Review"


async def test_what_is_no_plain_file_is_refused(tmp_path):
    async with reading("/dev/zero", form="csv", **ETP) as (events, said, _again):
        assert not events and said[-1][1] == "/dev/zero: it is no plain file"


def test_check_names_what_a_mapping_lacks():
    assert faults("/dev/null", form="") == [
        "'/dev/null' has none of the suffixes .csv, .json, .ics: say which form it has"
    ]
    assert faults(event="ticker")[0].startswith("no event 'ticker'; a file holds one of metric, etf_flow")
    assert faults(columns={"ts": "Date", "worth": "v"}) == [
        "metric has no field 'worth'; it has ts, name, value, unit, source",
        "metric needs 'name': name its column, or its value",
        "metric needs 'value': name its column, or its value",
    ]
    assert not faults(**ETP)
    assert faults(**ETP, time_format="%d%d") == ["'%d%d' is no way to write a time"]
    assert faults("https://me:pw@example.org/a.csv", **ETP) == ["a user and a password don't stand in an address"]


def test_check_finds_a_file_that_is_missing_and_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deskmon.toml").write_text(
        '[feeds.mine]\ntype = "file"\npath = "etp.csv"\ncolumns = { ts = "Date", value = "AUM" }\n'
        'values = { name = "etp_aum" }\n'
    )
    (warning,) = load(tmp_path / "deskmon.toml").warnings
    assert "feeds.mine.path" in warning
    assert warning.endswith(f"there is no file 'etp.csv' in {tmp_path}; the feed stays down")
    (tmp_path / "etp.csv").write_text("Date,AUM\n")
    assert not load(tmp_path / "deskmon.toml").warnings


@pytest.mark.parametrize("path", ["~nobody-here/x.csv", "a\0b.csv", "missing.csv", "."])
async def test_a_path_that_is_none_is_said(path):
    async with reading(path, form="csv", **ETP) as (events, said, _again):
        assert not events and said[-1][0] == "down" and said[-1][1].startswith(path)


async def test_no_text_is_no_headline_and_an_object_is_none(tmp_path):
    file, options = tmp_path / "a.json", {"event": "headline", "columns": {"text": "v"}}
    file.write_text('[{"v": null}, {"v": " "}, {"v": "words"}]')
    async with reading(file, **options) as (events, said, again):
        assert [event.text for event in events] == ["words"]
        file.write_text('[{"v": {"a": 1}}]')
        await again()
        assert said[-1][0] == "down" and "is no text" in said[-1][1]


async def test_an_address_is_shown_without_what_may_be_a_key():
    async with served() as sources:
        sources.answers["x.csv"] = b"Date,AUM\n2026-11-25,178\n"
        async with reading(sources.url("x.csv?key=SECRET"), **ETP) as (_, said, _again):
            assert said[-1][0] == "live" and "SECRET" not in str(said) and "127.0.0.1/x.csv" in said[-1][1]


async def test_a_file_hears_no_liquidations(tmp_path):
    file = tmp_path / "etp.csv"
    file.write_text("Date,AUM\n2026-11-25,178.0\n")
    async with reading(file, **ETP) as (_, said, _again):
        model = Model()
        model.apply([
            FeedStatus(ts=NOW, feed="mine", state=state, detail=detail, channels=channels)
            for state, detail, channels in said
        ])  # fmt: skip
    assert model.feeds.figures(NOW)["mine"].state == "live"
    assert not hears_liquidations(model.feeds.figures(NOW)["mine"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({**ETP, "event": "ticker"}, "no event 'ticker'; a file holds one of metric"),
        ({"columns": {"ts": "Date"}}, "metric needs 'name'"),
    ],
    ids=["event", "columns"],
)
async def test_a_mapping_that_can_not_work_leaves_the_feed_down_in_the_words_of_check(options, words):
    options = {"path": "/dev/null", "form": "csv", **options}
    assert words in FileFeed.validate_options(FileFeed.Options(**options))[0][1]
    supervisor = Supervisor(
        "mine", FeedConfig(type="file", options=options), lambda *_: True,
        load=lambda _: type("Unchecked", (FileFeed,), {"Options": Unchecked}),
        clock=ManualClock(NOW), rng=random.Random(1),
    )  # fmt: skip
    await supervisor.run()
    status = supervisor.report(NOW)
    assert status.state == "down" and status.detail.startswith(words)


def test_check_refuses_an_event_that_a_file_can_not_tell(tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text('[feeds.mine]\ntype = "file"\npath = "/dev/null"\nform = "csv"\nevent = "ticker"\n')
    report = examine(path)
    assert report.loaded is None and any("etf_flow" in str(problem) for problem in report.problems)
    assert {*get_args(get_type_hints(FileFeed.Options)["event"])} == {*KINDS}
