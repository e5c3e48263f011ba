"""Hostile text in every field that carries text, and the bytes that reach a real terminal."""

import json
import subprocess
import sys

import pytest

from tests.desk.terminal import Terminal, gone
from tests.security.corpus import HOSTILE
from tests.security.grammar import faults

SIZE = (160, 44)
OWN = ("\x1b[2J\x1b[H", "\x1b[31;1mred", "\x1b[?1049l")
"""Sequences that a desk sends itself: that none of these is a stranger's, the picture tells."""
TOUR = (
    *(step for layout in "234561" for step in (("l", "⏎ choose"), (layout, gone("⏎ choose")))),
    ("12345678/", "filter /"), ("a\x1b", gone("filter /")),
    ("1\r", "›"), ("\x1b", gone("›")), ("2\r", "›"), ("\x1b", gone("›")),
    ("?", "› help"), ("\x1b", gone("› help")), ("\x10", "🔎"), ("p\x1b", gone("🔎")),
)  # fmt: skip
"""Layouts, panels, a filter, pages, help and the palette."""
START = 1_760_000_000_000


def line(type: str, at: int, **fields) -> str:
    return json.dumps({"type": type, "ts": START + at, **fields})


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """A market whose every text is hostile; what the vocabulary refuses is counted, the rest is shown."""
    lines = [json.dumps({"type": "journal", "version": 1, "source": "recorded", "note": HOSTILE[0], "started": START})]
    for i, text in enumerate(HOSTILE):
        at = i * 100
        lines += [
            line("ticker", at, venue="bybit", symbol="BTC/USDT:USDT", last=60_000.0 + i),
            line("ticker", at, venue=text, symbol=text, last=60_000.0),
            line(
                "liquidation",
                at,
                venue="bybit",
                symbol=f"{text[:40]}/USDT",
                side="long",
                price=1.0,
                amount=1e6,
                usd=1e6,
            ),
            line("trade", at, venue="bybit", symbol="BTC/USDT:USDT", price=6e4, amount=9.0, side="buy", id=text),
            line("feed_status", at, feed=f"feed {i}", state="down", detail=text),
            line("feed_status", at, feed=text, state="live", detail=text),
            line("gap", at, feed="bybit", venue="bybit", channel=text, since=START, until=START + 5, dropped=3),
            line("headline", at, text=text, source=text, url=text),
            line("headline", at, text=f"news {text}", source="wire"),
            line("etf_flow", at, asset="BTC", fund=text, date="2025-10-09", usd=-1e6, source=text),
            line("holding", at, entity=text, asset="BTC", amount=1.0, average_cost=1.0, note=text),
            line("metric", at, name=text, value=1.0, unit=text, source=text),
        ]
    path = tmp_path_factory.mktemp("hostile") / "hostile.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_grammar_finds_what_could_harm():
    assert all(faults(text.encode()) for text in HOSTILE if "\x1b" in text and text not in OWN)
    assert faults("\u05d0".encode()) and faults("\u0661".encode())
    assert faults("\x9b2J".encode()) and faults("\u202e".encode()) and faults("\u200b".encode()) and faults(b"\x07")
    assert not faults("\x1b[2;5H\x1b[38;2;1;2;3mBTC ▲ 60,000.0 ⣿\x1b[m\r\n".encode())


def test_hostile_text_reaches_no_terminal_as_anything_but_text(journal, tmp_path):
    with Terminal("replay", str(journal), "--speed", "max", size=SIZE, cwd=tmp_path) as terminal:
        terminal.until("PAUSED")
        argv = [sys.executable, "-m", "deskmon", "snapshot", "--replay", str(journal), "--size", "160x44"]
        frame = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
        terminal.shows(frame)
        terminal.walk(*TOUR)
        terminal.press("q")
        terminal.until_ended()
    assert not faults(bytes(terminal.raw))


@pytest.mark.parametrize("format", ["text", "ansi", "svg"])
def test_a_snapshot_carries_no_control_either(journal, run, format):
    for panel, known in (("feeds", b"feed 3"), ("tape", b"BTC"), ("prices", b"bybit")):
        where = ("--panel", panel, "--size", "120x90")
        frame = run("snapshot", "--replay", str(journal), "--format", format, *where).out.encode()
        assert known in frame.replace(b"&#160;", b" ")
        assert not faults(frame)
