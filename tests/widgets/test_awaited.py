"""A panel without a figure says who would tell it, how that source is, or which table of deskmon.toml is missing."""

from importlib import import_module
from itertools import takewhile

import pytest

from deskmon.api import events
from deskmon.config.loading import load
from deskmon.feeds.context.catalogue import SOURCES
from deskmon.model import Model
from deskmon.testing import NOW, render
from tests.widgets.making import make

PANELS = ("flows", "holders", "context", "headlines")


def shown(panel, *known, height=8):
    model = Model()
    model.apply(known)
    return [line.strip() for line in render(make(panel), model, NOW, width=100, height=height)]


@pytest.mark.parametrize("panel", PANELS)
def test_a_live_market_without_a_source_gets_the_table_that_the_configuration_takes(panel, tmp_path):
    lines = shown(panel)
    at = lines.index("[feeds.context]")
    assert lines[at - 1].endswith("; these lines of deskmon.toml bring it:"), "three lines"
    table = list(takewhile(bool, lines[at:]))
    assert len(table) == 2
    (tmp_path / "deskmon.toml").write_text("\n".join(table) + "\n")
    feed = load(tmp_path / "deskmon.toml").config.feeds["context"]
    assert feed.type == "context"
    assert set(import_module(f"deskmon.widgets.{panel}").SOURCES) <= set(SOURCES), "all are asked where none are named"


@pytest.mark.parametrize("panel", PANELS)
def test_a_market_that_is_played_is_no_matter_of_the_configuration(panel):
    header = events.Journal(version=1, source="recorded", ts=NOW, started=NOW, mode="replay")
    lines = shown(panel, header)
    assert any(line.endswith("in this market so far") for line in lines) and "[feeds.context]" not in lines


@pytest.mark.parametrize("panel", ["options", "skew", "gamma", "dvol"])
def test_panels_of_options_say_as_much(panel, tmp_path):
    lines = shown(panel)
    at = lines.index("[feeds.deribit_options]")
    assert lines[at + 1] == 'type = "deribit_options"' and not any(lines[at + 2 :])
    (tmp_path / "deskmon.toml").write_text("\n".join(lines[at : at + 2]) + "\n")
    assert load(tmp_path / "deskmon.toml").config.feeds["deribit_options"].type == "deribit_options"
    begun = events.FeedStatus(ts=NOW, feed="chains", state="connecting", detail="loading ccxt")
    assert any(line.endswith("yet; connecting: chains") for line in shown(panel, begun))
    detail = "the venue's name can't be resolved (DNS)"
    failed = events.FeedStatus(
        ts=NOW,
        feed="chains",
        state="reconnecting",
        detail=detail,
        channels={"BTC chain": detail, "BTC DVOL": detail, "trades": detail},
    )
    at = [line for line in shown(panel, begun, failed) if " of chains" in line]
    assert at == [f"BTC {'DVOL' if panel == 'dvol' else 'chain'} of chains: {detail}"]


def test_the_calendar_says_where_its_dates_come_from():
    lines = shown("calendar")
    assert lines[2:4] == ["[feeds.context.urls]", 'calendar = "https://HOST/DATES.ics"']
    row = events.FeedStatus(ts=NOW, feed="context calendar", state="down", detail="ICS: 404", service=True)
    assert "calendar: down, ICS: 404" in shown("calendar", row)


def test_a_source_that_is_asked_says_how_it_is():
    def row(name, state, detail, *, service):
        return events.FeedStatus(ts=NOW, feed=name, state=state, detail=detail, service=service)

    begun = row("context", "connecting", "", service=False)
    assert shown("flows", begun)[1] == "no flow yet; the feed context is connecting"
    failed = row("context etf_btc", "down", "Farside: no route to the host", service=True)
    assert shown("flows", begun, failed)[1:3] == [
        "no flow yet; the feed context reads it from", "etf_btc: down, Farside: no route to the host"
    ]  # fmt: skip
