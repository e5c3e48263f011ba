"""`deskmon log` prints what happened, in order: of a journal, of a hub, or of the user's own rolling journal."""

from __future__ import annotations

import json

import pytest

from deskmon.clock import MINUTE
from deskmon.config.places import journal_folder
from deskmon.config.schema import JournalConfig
from deskmon.events import Alert, FeedStatus, Headline, Note, encode_event
from tests.timelines.builders import T0, header_line
from tests.timelines.folders import write_folder

SAID = [
    FeedStatus(ts=T0, feed="okx", state="live", detail=""),
    FeedStatus(ts=T0 + MINUTE, feed="okx", state="down", detail="HTTP 451\x1b[2J"),
    Note(ts=T0 + 2 * MINUTE, text="sold half", by="ana", symbol="BTC/USDT:USDT", price=99_000.5),
    Headline(ts=T0 + 3 * MINUTE, text="Börse \u202ezu", source="wire"),
    Alert(ts=T0 + 4 * MINUTE, rule="deaf", state="firing", since=T0, text="deaf: okx"),
]


@pytest.fixture
def own_journal():
    """The user's own rolling journal, in which all that happened."""
    folder = journal_folder(JournalConfig())
    folder.mkdir(parents=True)
    write_folder(folder, [SAID], each=20)
    return folder


def test_without_a_source_it_is_the_own_rolling_journal_one_line_each_in_order(run, own_journal):
    lines = run("log").out.splitlines()
    assert [line.split("Z ", 1)[1] for line in lines] == [
        "feeds      okx down: HTTP 451·[2J", "notes      ana: sold half · BTC 99,000.50", "headlines  wire: Börse ·zu",
        "alerts     deaf firing: okx",
    ]  # fmt: skip
    assert lines == sorted(lines) and not any("\x1b" in line for line in lines)
    assert run("log", "--kind", "notes, alerts", "--at", "+2m").out.splitlines() == [lines[1]]


def test_json_is_one_object_a_line_with_what_is_known(run, own_journal):
    [note] = [json.loads(line) for line in run("log", "--kind", "notes", "--json").out.splitlines()]
    assert note == {
        "ts": T0 + 2 * MINUTE, "kind": "notes", "text": "sold half", "by": "ana", "symbol": "BTC/USDT:USDT",
        "price": 99_000.5, "usd": None, "subject": None, "state": None,
    }  # fmt: skip
    assert "\\u202e" in run("log", "--kind", "headlines", "--json").out, "what could turn a terminal around is escaped"


def test_a_journal_that_isn_t_there_yet_is_named_with_what_to_do(run):
    result = run("log")
    assert result.status == 2
    assert "there is no rolling journal at" in result.err and "--demo, --replay or --attach" in result.err


def test_the_lines_of_a_replay_are_those_of_its_state_with_what_the_rules_of_now_say(run, own_journal):
    state = json.loads(run("state", "--replay", str(own_journal), "--only", "log").out)["log"]
    assert [json.loads(line) for line in run("log", "--replay", str(own_journal), "--json").out.splitlines()] == state
    assert [line["kind"] for line in state].count("alerts") == 1


@pytest.mark.parametrize(
    "command",
    [("state", "--only", "feeds"), ("log",), ("snapshot", "--panel", "feeds", "--size", "80x10"), ("alerts", "test")],
    ids=" ".join,
)
def test_what_a_command_left_out_of_a_journal_it_says_on_one_line_in_the_words_of_the_screen(run, tmp_path, command):
    path = tmp_path / "damaged.jsonl"
    path.write_bytes(header_line() + b"".join(encode_event(event) + b"\n" for event in SAID))
    assert run(*command, "--replay", str(path)).err == ""
    with path.open("a") as file:
        file.write('{oops\n{"type":"note"}\n')
    assert run(*command, "--replay", str(path)).err == "deskmon: damaged.jsonl: left out: 1 malformed, 1 invalid\n"
