"""Text of strangers, closed files and hang-ups: what commands and logs write is plain, and their status is right."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon import format as fmt
from deskmon.cli import main
from deskmon.cli.log_file import PlainFormatter, start_log
from deskmon.cli.log_handler import LogFile
from deskmon.cli.text import complain, say
from deskmon.hub.server import reopen_logs
from tests.security.corpus import HOSTILE

STEERING = "\x1b\x07\x9b\x9d\x90\x00\x7f\u202e\u2066\u200b\u200f\ufeff\u2028"


def is_plain(text: str) -> bool:
    return all(char == "\n" or char.isprintable() for char in text)


@given(st.text())
def test_what_is_written_is_printable_and_what_was_printable_stays(text: str):
    assert is_plain(fmt.escaped(text))
    if is_plain(text):
        assert fmt.escaped(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_command_says_steers_the_terminal(text: str, capsys: pytest.CaptureFixture[str]):
    say(text)
    complain(text)
    written = capsys.readouterr()
    assert is_plain(written.out) and is_plain(written.err)


@pytest.mark.parametrize(
    "argv",
    [
        [f"st{STEERING}ate"],
        ["state", f"--st{STEERING}"],
        ["state", "--config", f"/{STEERING}"],
        ["state", "--replay", f"/no/{STEERING}"],
        ["list", STEERING],
        ["--set", f"a{STEERING}=1", "state"],
    ],
)
def test_what_the_command_line_holds_is_repeated_without_what_steers_a_terminal(argv: list[str], capsys):
    try:
        status = main(argv)
    except SystemExit as left:
        status = left.code
    written = capsys.readouterr()
    assert status in (1, 2)
    assert is_plain(written.out) and is_plain(written.err) and written.err.count("\n") == 1


def test_a_configuration_is_shown_without_what_steers_a_terminal_and_reads_back(tmp_path: Path, capsys):
    import tomli

    path = tmp_path / "desk.toml"
    option = 'name = "\\u001b]0;x\\u0007 \\u202e north"'  # of a feed that isn't installed, so that nobody judges it
    path.write_text(f'[feeds.x]\ntype = "gone"\n{option}\n', encoding="utf-8")
    assert main(["config", "show", "--config", str(path)]) == 0
    shown = capsys.readouterr().out
    assert is_plain(shown)
    assert tomli.loads(shown)["feeds"]["x"]["name"] == "\x1b]0;x\x07 \u202e north"


def log_of(text: str) -> str:
    record = logging.LogRecord("deskmon.hub", logging.ERROR, "", 0, "feed %s", (text,), None)
    return PlainFormatter("%(levelname)s %(name)s: %(message)s").format(record)


@given(st.text())
def test_a_record_of_the_log_is_one_plain_line_whatever_a_stranger_sends(text: str):
    line = log_of(text)
    assert is_plain(line) and "\n" not in line and line.startswith("ERROR deskmon.hub: feed ")


def test_a_log_line_of_megabytes_is_cut():
    assert len(log_of("x" * 3_000_000)) < 5_000


def test_a_traceback_in_the_log_keeps_its_lines():
    try:
        raise ValueError("torn\x1b[2J")
    except ValueError:
        record = logging.LogRecord("deskmon", logging.ERROR, "", 0, "feed", (), sys.exc_info())
    text = PlainFormatter("%(message)s").format(record)
    assert is_plain(text) and text.count("\n") >= 3 and "\\u001b[2J" in text


@pytest.fixture
def log_file(tmp_path: Path):
    path, root = tmp_path / "desk.log", logging.getLogger()
    before, level = root.handlers[:], root.level
    start_log(argparse.Namespace(log=str(path), verbose=False), stderr=False)
    yield path
    for handler in root.handlers:
        if isinstance(handler, LogFile):
            handler.close()
    root.handlers[:] = before
    root.setLevel(level)


def test_a_log_is_readable_by_its_owner_alone_and_begins_anew_where_it_was_moved_away(log_file: Path):
    logging.getLogger("deskmon").warning("first")
    log_file.rename(log_file.with_suffix(".1"))
    reopen_logs()
    logging.getLogger("deskmon").warning("second")
    assert "second" in log_file.read_text() and "first" in log_file.with_suffix(".1").read_text()
    assert [path.stat().st_mode & 0o777 for path in (log_file, log_file.with_suffix(".1"))] == [0o600, 0o600]


@pytest.mark.parametrize("value", ["123456", '["123456"]', "{ a = 123456 }", "1.23456"])
def test_a_secret_of_the_wrong_kind_is_not_repeated(tmp_path: Path, capsys, value: str):
    path = tmp_path / "desk.toml"
    path.write_text(f'[mqtt]\nurl = "mqtt://h/d"\nuser = "u"\npassword = {value}\n')
    assert main(["check", str(path)]) == 2
    written = capsys.readouterr()
    assert "mqtt.password" in written.out and "123456" not in written.out + written.err


@pytest.mark.parametrize("version", ['"' + "1" * 3_000_000 + '"', "1" * 3_000_000, "1" * 30])
def test_a_header_of_megabytes_is_refused_in_one_short_line(tmp_path: Path, capsys, version: str):
    path = tmp_path / "big.jsonl"
    path.write_text(f'{{"type":"journal","version":{version}}}\n')
    assert main(["state", "--replay", str(path)]) == 1
    written = capsys.readouterr()
    assert len(written.err) < 1_100 and str(path) in written.err and written.err.count("\n") == 1


def run(argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m deskmon {argv}"
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env={**os.environ, **environ}, check=False
    )


@pytest.mark.parametrize("command", ["check", "list panels", "list panels --json", "config path", "--version"])
def test_a_closed_standard_output_is_said_and_is_a_failure(command: str):
    result = run(f"{command} >&-")
    assert result.returncode == 1
    assert result.stderr.startswith("deskmon: standard output is closed")


def test_a_closed_standard_error_costs_only_what_it_would_have_said():
    result = run("config path 2>&-")
    assert (result.returncode, result.stdout.endswith(".toml\n")) == (0, True)


def test_an_output_without_unicode_gets_numbers_for_what_it_lacks():
    result = run("config show --set desk.name=Zürich", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Z\\xfcrich" in result.stdout


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_recording_ends_whole_when_its_terminal_goes_away(tmp_path: Path, number: int):
    journal = tmp_path / "market.jsonl"
    config = tmp_path / "desk.toml"
    config.write_text('[feeds.demo]\ntype = "demo"\n')
    child = subprocess.Popen([sys.executable, "-m", "deskmon", "record", str(journal), "--config", str(config)])
    while not (journal.exists() and journal.stat().st_size > 100_000):
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(number)
    assert child.wait(60) == 0
    assert main(["state", "--replay", str(journal), "--only", "prices"]) == 0
