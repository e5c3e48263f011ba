"""`deskmon report`: which stretch it is about, what it writes where, and what it says of what it doesn't know."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import html5lib
import pytest
import zstandard

from deskmon.clock import DAY, HOUR
from deskmon.config.schema import ReportSection
from deskmon.report import FORMS
from deskmon.report.sections import SECTIONS

THURSDAY = 1_769_644_800_000  # 2026-01-29 00:00Z
END = THURSDAY + 8 * DAY + 18 * HOUR  # Friday, 2026-02-06 18:00Z
EVIL = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) \u202e\x1b[31m | `x`"
ASSETS = {"BTC": 84_000.0, "ETH": 2_800.0, "SOL": 120.0}


@pytest.fixture
def journal(elsewhere: Path) -> str:
    """Prices by the hour over eight days, one liquidation, and a headline that would be more than text."""
    events: list[dict[str, Any]] = [
        {"type": "journal", "version": 1, "source": "simulated", "note": "made <b>up</b>", "started": THURSDAY}
    ]
    for ts in range(THURSDAY, END + 1, HOUR):
        fallen = 1 - 0.2 * (ts - THURSDAY) / (END - THURSDAY)
        events += [
            {"type": "ticker", "ts": ts, "venue": "bybit", "symbol": f"{asset}/USDT:USDT", "last": price * fallen}
            for asset, price in ASSETS.items()
        ]
    events.append({
        "type": "liquidation", "ts": END, "venue": "okx", "symbol": "BTC/USDT:USDT", "side": "long", "price": 67_000.0,
        "amount": 1.0, "usd": 67_000.0,
    })  # fmt: skip
    events.append({"type": "headline", "ts": END - HOUR, "text": EVIL, "url": "javascript:alert(1)", "source": EVIL})
    (elsewhere / "week.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return "week.jsonl"


def test_a_report_is_of_the_week_up_to_its_end_and_says_at_once_what_the_market_is(run, journal):
    result = run("report", "--replay", journal)
    lines = result.out.splitlines()
    assert (result.status, result.err) == (0, "")
    assert lines[0] == "BTC, ETH, SOL: 2026-02-02 to 2026-02-06"
    assert lines[3:5] == ["SIMULATED market: made <b>up</b>.", "From 2026-02-02 00:00Z to 2026-02-06 18:00Z."]
    assert "sampled of okx, counted from" in " ".join(lines) and "totals of liquidations are lower bounds" in " ".join(
        lines
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "From 2026-02-02 00:00Z to 2026-02-06 18:00Z"),
        (("--to", "2026-02-01"), "From 2026-01-29 00:00Z to 2026-02-01 00:00Z"),
        (("--to", "2026-02-02T00:00"), "From 2026-01-29 00:00Z to 2026-02-02 00:00Z"),
        (("--from", "yesterday", "--to", "wednesday 12:00"), "From 2026-02-03 00:00Z to 2026-02-04 12:00Z"),
        (("--from", "2025-01-01", "--to", "2027-01-01"), "From 2026-01-29 00:00Z to 2026-02-06 18:00Z"),
    ],
)
def test_the_stretch_is_what_is_asked_for_cut_to_what_the_market_holds(run, journal, words, said):
    assert said in run("report", "--replay", journal, "--asset", "BTC", *words).out


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_report_is_written_in_the_form_of_its_file_the_same_bytes_each_time(run, journal, elsewhere, form):
    names = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "deskmon", "report", "--replay", journal, "--out", f"{seed}/week.{form}"],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True,
            cwd=(elsewhere / seed).mkdir() or elsewhere,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        written = sorted((elsewhere / seed).iterdir())
        assert sorted(done.stdout.splitlines()) == sorted(f"wrote {path.relative_to(elsewhere)}" for path in written)
        names.append({path.name: path.read_bytes() for path in written})
    assert names[0] == names[1]
    assert f"week.{form}" in names[0]


def test_markdown_has_its_charts_beside_it(run, journal, elsewhere):
    run("report", "--replay", journal, "--out", "week.md")
    charts = sorted(path.name for path in elsewhere.glob("*.svg"))
    shown = (elsewhere / "week.md").read_text()
    assert charts and all(f"](<{name}>)" in shown for name in charts)


def test_a_headline_of_the_market_stays_text_in_each_form(run, journal, elsewhere):
    for form in FORMS:
        run("report", "--replay", journal, "--out", f"week.{form}")
        text = (elsewhere / f"week.{form}").read_text()
        assert all(char == "\n" or char.isprintable() for char in text)
        assert "onerror" in text and 'href="javascript' not in text
        assert form == "txt" or "<img" not in text
        assert form != "md" or "](javascript" not in text


def test_a_table_has_no_column_without_anything(run, journal, elsewhere):
    run("report", "--replay", journal, "--out", "week.html")
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse((elsewhere / "week.html").read_text())
    tables = [[["".join(cell.itertext()) for cell in row] for row in table.iter("tr")] for table in page.iter("table")]
    columns = [column for _, *rows in tables for column in zip(*rows, strict=True)]
    assert len(tables) > 3 and all(any(column) for column in columns)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "week.pdf"], "name a file that ends in one of .md, .html, .txt"),
        (["--out", "week.md", "--check"], "--check writes no report"),
        (["--from", "2026-02-05", "--to", "2026-02-04"], "the stretch ends before it begins"),
        (["--from", "noon"], "'noon' is not a time"),
        (["--asset", "BTX"], "no asset 'BTX' in this market; did you mean 'BTC'?"),
        (["--set", 'report.sections=["price"]'], "did you mean 'prices'?"),
    ],
)  # fmt: skip
def test_what_makes_no_report_is_said_in_one_line(run, journal, elsewhere, words, said):
    result = run("report", "--replay", journal, *words)
    assert result.status == 2
    assert said in result.err and result.err.count("\n") == 1
    assert [path.name for path in elsewhere.iterdir()] == [journal]


def test_a_file_that_can_t_be_written_is_a_fault_while_running(run, journal):
    result = run("report", "--replay", journal, "--out", "gone/week.txt")
    assert result.status == 1
    assert result.err == "deskmon: gone/week.txt: No such file or directory; name a file that can be written\n"


def test_check_lists_what_is_unknown_with_section_figure_and_why(run, journal):
    result = run("report", "--replay", journal, "--check", "--set", 'report.sections=["prices"]', "--asset", "BTC")
    *rows, total = result.out.splitlines()
    assert result.status == 1 and rows[0].split() == ["section", "figure", "why"]
    assert all(re.match(r"prices   +\S+  +\w", line) for line in rows[1:])
    assert total.endswith(f"{len(rows) - 1} unknown")


def test_the_configuration_chooses_sections_and_assets_and_options_go_before_it(run, journal, elsewhere):
    (elsewhere / "deskmon.toml").write_text(
        '[report]\nsections = ["liquidations", "prices"]\nassets = ["SOL", "ETH"]\n'
    )
    text = run("report", "--replay", journal).out
    titles = {kind.name: kind.title for kind in SECTIONS}
    assert text.startswith("SOL, ETH: ")
    underlined = [
        line for line, under in zip(text.splitlines(), text.splitlines()[1:], strict=False) if set(under) == {"-"}
    ]
    assert underlined == [titles["liquidations"], titles["prices"]]
    assert run("report", "--replay", journal, "--asset", "BTC").out.startswith("BTC: ")


def test_without_a_source_it_is_of_the_user_s_own_journal(run, journal, elsewhere):
    missing = run("report")
    assert missing.status == 2 and "there is no rolling journal" in missing.err
    own = elsewhere / "own"
    own.mkdir()
    (own / "00000001-20260129T000000.000Z.jsonl.zst").write_bytes(
        zstandard.compress((elsewhere / journal).read_bytes())
    )
    assert "SIMULATED market" in run("report", "--set", f"journal.folder={json.dumps(str(own))}").out


def test_the_configuration_knows_the_names_of_all_sections_in_their_order():

    assert [kind.name for kind in SECTIONS] == [
        name for name in get_args(ReportSection) if name in {kind.name for kind in SECTIONS}
    ]
