"""A report that a process of its own makes: the file whole, its text as the answer, and why there is none."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from deskmon.config.schema import Config, FeedConfig, ReportConfig
from deskmon.errors import DeskError, UsageError
from deskmon.events import Journal, Liquidation, Ticker
from deskmon.journal import JournalWriter
from deskmon.report.asking import ReportAsk, report_written
from deskmon.report.worker import answered

T0 = 1_767_571_200_000  # a Monday
SYMBOL = "BTC/USDT:USDT"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "desk.jsonl"
    header = Journal(version=1, ts=T0, source="recorded", started=T0)
    with JournalWriter(path, header) as writer:
        for minute in range(120):
            ts = T0 + minute * 60_000
            writer.write(
                [
                    Ticker(ts=ts, venue="binance", symbol=SYMBOL, last=90_000.0 - 10 * minute),
                    Liquidation(ts=ts, venue="binance", symbol=SYMBOL, side="long", price=9e4, amount=0.1, usd=9e3),
                ]
            )
    return path


CONFIG = Config(report=ReportConfig(sections=("prices", "liquidations")))


async def test_the_file_is_whole_for_its_user_alone_and_the_answer_is_its_text(journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports" / "week.html"
    text = await report_written(CONFIG, journal, T0 + 3_600_000, out)
    html = out.read_text(encoding="utf-8")
    assert html.lower().startswith("<!doctype html>")
    assert "89,400" in html and "89,400" in text  # of the moment that was asked for, and no later one
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in out.parent.iterdir()] == ["week.html"]


async def test_why_there_is_none_is_said(journal: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the stretch ends before it begins"):
        await report_written(CONFIG, journal, T0 - 86_400_000, tmp_path / "a.html")
    (tmp_path / "file").touch()
    with pytest.raises(DeskError, match="Not a directory"):
        await report_written(CONFIG, journal, T0 + 3_600_000, tmp_path / "file" / "a.html")
    with pytest.raises(DeskError, match="no such file"):
        await report_written(CONFIG, tmp_path / "gone.jsonl", T0, tmp_path / "a.html")


def test_sections_and_assets_are_those_of_the_configuration(journal: Path) -> None:
    feeds = {"replay": FeedConfig(type="replay", options={"path": str(journal)})}
    config = Config(feeds=feeds, report=ReportConfig(sections=("liquidations",), assets=("BTC",)))
    text = answered(ReportAsk(config, form="txt"))
    assert "iquidat" in text and "What moved" not in text
