"""docs/journal.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from deskmon.events import MarketEvent
from deskmon.journal import ReadReport, read_events, read_header

PAGE = Path(__file__).parents[2] / "docs" / "journal.md"
EVENTS = PAGE.read_text(encoding="utf-8").partition("## The events")[2]


def test_the_example_is_a_journal(tmp_path):
    lines = re.search(r"```\n(\{.*?)```", PAGE.read_text(), re.DOTALL).group(1)
    path = tmp_path / "j.jsonl"
    path.write_text(lines)
    report = ReadReport()
    assert [type(event).__name__ for event in read_events(path, report)] == ["Ticker", "Liquidation", "Gap"]
    assert report.rejected == 0
    assert read_header(path).source == "recorded"


@pytest.mark.parametrize("kind", get_args(MarketEvent), ids=lambda kind: kind.__struct_config__.tag)
def test_every_event_is_described_with_all_its_fields(kind):
    row = re.search(rf"^\| `{kind.__struct_config__.tag}` \|(.*)\|$", EVENTS, re.MULTILINE)
    assert row, "a row of the table"
    described = set(re.findall(r"[a-z_0-9]+", row.group(1)))
    assert set(kind.__struct_fields__) - {"ts", "recv"} <= described


def test_the_program_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL).group(1), {})
    assert capsys.readouterr().out == "33450.0 1 event\n"
