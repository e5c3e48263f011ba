"""The page of what a desk costs: each figure of the benches stands beside its limit, and a missed one says so."""

from __future__ import annotations

import re

import pytest

from benchmarks.performance import BEGIN, END, PAGE, ROWS, table, written
from deskmon.cli.measure import BENCHES

MADE_UP = {
    "startup": {
        "first_frame_ms": 1_300, "empty_app_ms": 1_000, "ratio": 1.3, "limit": 1.35, "first_figure_ms": 2_500,
        "first_figure_ratio": 2.5, "first_figure_limit": 2.0, "reconstruction_figure_ms": 3_000,
        "reconstruction_figure_ratio": 3.0, "reconstruction_figure_limit": 4.0,
    },
    "ingest": {
        "decode_fold_us": 2.0, "decode_us": 1.0, "ratio": 2.0, "limit": 4.0, "events_per_s": 50_000,
        "least_per_s": 100_000,
    },
    "replay": {"replay_us": 9.0, "json_us": 1.0, "events_per_s": 111_111, "ratio": 9.0, "limit": 9.0},
    "render": {
        "cpu_pct": 3.0, "bare_widget_cpu_pct": 2.0, "cpu_ratio": 1.5, "cpu_ratio_limit": 1.6, "bytes_per_cell": 27.6,
        "bytes_per_cell_limit": 35.0, "first_screen_kib": 11.9, "first_screen_without_rep_kib": 14.4,
        "first_screen_limit_kib": 32,
        "default_layout_cascade_kib_per_s": 4.7, "default_layout_cascade_limit_kib_per_s": 8.0,
        "default_layout_calm_kib_per_s": 0.8, "default_layout_calm_limit_kib_per_s": 1.0,
    },
    "keys": {"heard_per_s": 5_000, "p99_ms": 14.0, "p50_ms": 1.0, "limit_ms": 60.0, "screen_resident_mb": 70.0,
        "resident_limit_mb": 100.0},
    "live": {
        "frame_us": 14.0, "limit_us": 15.0, "ccxt_frame_us": 58.6, "json_us": 4.1, "frames_per_s": 70_000,
        "least_per_s": 60_000, "worst_turn_ms": 12.0, "limit_turn_ms": 100.0, "lost": 0,
    },
    "memory": {
        "screen_rss": 66.0, "screen_pss": 50.0, "screen_limit": 60.0, "hub_rss": 59.0, "hub_pss": 40.0,
        "hub_limit": 60.0, "live_rss": 134.0, "live_pss": 112.0, "live_limit": 200.0,
    },
}  # fmt: skip


def rows(text: str) -> list[list[str]]:
    """The cells of the table between the marks."""
    between = text[text.index(BEGIN) : text.index(END)]
    lines = re.findall(r"^\| `.*$", between, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def number(cell: str) -> float:
    return float(re.sub(r"[^\d.]", "", cell))


def test_the_page_has_every_figure_with_its_limit_and_names_machine_load_and_versions() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = rows(text)
    assert [row[0] for row in found] == [f"`{row.bench}`" for row in ROWS]
    assert {row.bench for row in ROWS} == {*BENCHES, "memory"}
    assert re.search(r"^Measured on 20\d\d-\d\d-\d\d .* UTC: \d+ cores .*CPython 3.*textual \d", text, re.MULTILINE)
    assert re.search(r"Load of the machine \(.*\): [\d.]+ before, [\d.]+ after", text)
    for *_, got, limit, share in found:
        least = "at least" in limit
        wanted = number(limit) / number(got) if least else number(got) / number(limit)
        assert number(share) == pytest.approx(wanted, abs=0.006)
        assert ("missed" in share) is (number(share) > 1)


def test_a_missed_limit_stands_out_and_the_rest_of_the_page_stays() -> None:
    page = written(
        f"before\n{BEGIN}\nfigures of last year\n{END}\nafter\n",
        table(MADE_UP, "2 cores", "2026-01-05 12:00", 0.1, 0.9),
    )
    assert page.startswith("before\n") and page.endswith("after\n") and "last year" not in page
    missed = [row for row in rows(page) if "missed" in row[-1]]
    assert [(row[0], row[-1]) for row in missed] == [
        ("`startup`", "**1.25, missed**"), ("`ingest`", "**2.00, missed**"), ("`memory`", "**1.10, missed**"),
    ]  # fmt: skip
    assert "Load of the machine (processes that wanted a core): 0.1 before, 0.9 after." in page
    with pytest.raises(ValueError, match="substring not found"):
        written("no marks", "")
