"""`deskmon journal`: what is there, each damage with its place, and copies that hold all that can be read."""

from __future__ import annotations

import json

import pytest

from deskmon.cli import main
from deskmon.events import Gap
from deskmon.journal import ReadReport, checkpoints, open_at, read_events, read_header, segments
from tests.timelines.builders import T0
from tests.timelines.damage import flipped, write
from tests.timelines.folders import EVENTS, SECONDS


@pytest.fixture
def journal(capsys):
    def run(*argv):
        status = main(["journal", *map(str, argv)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def read(path):
    report = ReadReport()
    events = list(read_events(path, report))
    assert not report.faults and not report.cut
    return events


def test_a_list_names_segments_times_sizes_checkpoints_and_what_is_missing(folder, journal):
    second = segments(folder)[1]
    second.path.unlink()
    status, out, _ = journal("list", folder)
    first, third, total = out.splitlines()
    assert status == 0
    assert "2026-01-05 12:00:00Z  2026-01-05 12:00:19Z" in first and first.endswith("3 checkpoints")
    assert third.endswith("4 checkpoints")
    assert total.startswith("2 segments") and total.endswith("missing: 2")
    told = json.loads(journal("list", folder, "--json")[1])
    assert [row["to"] for row in told["segments"]] == [T0 + 19_400, T0 + 59_400] and told["missing"] == [2]
    assert told["bytes"] == sum(path.stat().st_size for path in folder.iterdir() if "00000002-" not in path.name) + sum(
        one.bytes for one in checkpoints(folder) if one.place.number == 2
    )


def test_verifying_names_each_damage_with_its_bytes_and_fails(folder, journal):
    assert journal("verify", folder)[0] == 0
    second, third = segments(folder)[1:]
    second.path.write_bytes(flipped(second.path.read_bytes(), 8 * second.bytes - 200))
    third.path.write_bytes(third.path.read_bytes()[:-5])
    newest = checkpoints(folder)[-1].path
    newest.write_bytes(b"no checkpoint")
    status, out, _ = journal("verify", folder)
    lines = out.splitlines()
    assert status == 1
    assert lines[0].endswith("sound, 100 events")
    assert "damaged, 95 events; 1 damaged place" in lines[1]
    assert lines[2].startswith("  bytes ") and f"to {second.bytes:,}:" in lines[2]
    assert "damaged" in lines[3] and lines[3].endswith("ends abruptly")
    assert lines[4].startswith(newest.name) and "nothing is lost" in lines[4]
    told = json.loads(journal("verify", folder, "--json")[1])
    assert [one["sound"] for one in told["files"]] == [True, False, False] and not told["sound"]


def test_a_repair_writes_a_copy_of_what_can_be_read_with_gaps_and_touches_nothing(folder, journal, tmp_path):
    first, second, third = segments(folder)
    second.path.write_bytes(flipped(second.path.read_bytes(), 8 * (second.bytes // 2)))
    third.path.write_bytes(b"\0" * 12 + third.path.read_bytes()[12:])  # its header is in there
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    status, out, _ = journal("repair", folder)
    copy = tmp_path / "desk-repaired"
    assert status == 0 and str(copy) in out
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    kept = read(copy)
    assert any(type(event) is Gap for event in kept)
    assert [event for event in kept if type(event) is not Gap] == [event for event in EVENTS if event in kept]
    assert len(kept) > 280 and (copy / first.path.name).read_bytes() == before[first.path.name]
    assert read_header(copy / third.path.name).note == "repaired: its header was damaged"
    assert {one.place.number for one in checkpoints(copy)} == {1}, "places in what was written anew are others"
    assert open_at(copy, T0 + 15_000).checkpoint
    assert journal("repair", folder)[0] == 1, "nothing is written over"


def test_one_file_is_listed_verified_and_repaired_too(tmp_path, journal):
    path = tmp_path / "one.jsonl.zst"
    data = write(path, SECONDS[:20])
    assert journal("list", path)[1].startswith("one.jsonl.zst  2026-01-05 12:00:00Z")
    path.write_bytes(flipped(data, 8 * (len(data) - 100)))
    assert journal("verify", path)[0] == 1
    assert journal("repair", path, "--out", tmp_path / "two.jsonl")[0] == 0
    assert [event for event in read(tmp_path / "two.jsonl") if type(event) is not Gap] == EVENTS[:95]
    assert journal("prune", path)[0] == 2


def test_pruning_lets_go_what_is_too_much_and_what_is_no_journal_is_refused(folder, tmp_path, journal):
    status, out, _ = journal("prune", folder, "--keep", "36500d", "--max-bytes", "1")
    assert status == 0 and "2 segments" not in out
    assert [segment.number for segment in segments(folder)] == [3]
    assert journal("prune", folder, "--keep", "soon")[0] == 2
    (tmp_path / "empty").mkdir()
    for action in ("list", "verify", "repair"):
        status, _, err = journal(action, tmp_path / "empty")
        assert status and "a folder without segments" in err
    status, _, err = journal("list")
    assert status == 2 and "no desk has kept a journal at" in err and "`deskmon hub` begins one" in err
    for length in ("-5d", "9999999999d"):
        assert f"'{length}' is not a length of time" in journal("prune", "--keep", length)[2]


def test_verifying_names_the_lines_that_no_event_can_be_made_of(tmp_path, journal):
    path = tmp_path / "odd.jsonl"
    write(path, [EVENTS])
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2:2] = [b"nonsense \x1b[31m\n"] + [b'{"type":"ticker","ts":1}\n'] * 25
    path.write_bytes(b"".join(lines))
    status, out, _ = journal("verify", path)
    assert status == 1 and "  line 3: JSON is malformed" in out and "\x1b" not in out
    assert "  line 22: " in out and "  line 23: " not in out and out.endswith("  and 6 more lines\n")
    _, out, _ = journal("verify", "--json", path)
    found = json.loads(out)["files"][0]["lines"]
    assert [each["line"] for each in found] == list(range(3, 23)) and found[1]["start"] == '{"type":"ticker","ts":1}'
