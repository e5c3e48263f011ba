"""The bench of keys: what it reports of a run, what a screen notes of its own keys, what is said where none starts."""

import io
import json
import sys

import pytest

from deskmon.bench import keys, pty, render, startup
from deskmon.bench.noted_keys import Notes
from deskmon.cli import main
from deskmon.errors import DeskError
from deskmon.events import FeedStatus

NOTED = [{"cpu_ms": float(n % 10), "at_s": 10.0 + n, "events": 1_000 * n, "heard": 4_000 * n} for n in range(400)]


@pytest.mark.parametrize(
    ("took", "memory", "holds"),
    [([5.0] * 200, 90.0, True), ([5.0] * 190 + [21.0] * 10, 90.0, False), ([5.0] * 200, 101.0, False)],
)
def test_a_run_holds_its_limits_or_not(took, memory, holds):
    figures = keys.report(took, NOTED, memory)
    assert figures["ok"] is holds
    assert (figures["heard_per_s"], figures["events_per_s"]) == (4_000, 1_000)
    assert (figures["limit_ms"], figures["presses"]) == (20.0, 200)
    assert figures["cpu_p50_ms"] <= figures["cpu_p99_ms"] == 9.0


def status(feed, events, **more):
    return FeedStatus(ts=1_790_000_000_000, feed=feed, state="live", detail="", events=events, **more)


def test_a_key_is_noted_once_it_is_answered_with_what_its_thread_worked_since_it_came():
    file = io.StringIO()
    notes = Notes(file)
    notes.answered()
    assert file.getvalue() == ""
    notes.came()
    notes.folded([status("binance", 5), status("bybit", 2), status("binance", 6), status("journal", 9, service=True)])
    sum(range(200_000))
    notes.answered()
    notes.answered()
    (line,) = file.getvalue().splitlines()
    noted = json.loads(line)
    assert noted["cpu_ms"] > 0 and (noted["events"], noted["heard"]) == (4, 8)


def test_a_rate_of_events_is_asked_of_keys_alone(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(keys, "run", lambda **named: asked.append(named) or {"ok": True})
    assert main(["bench", "keys", "--events", "5000"]) == main(["bench", "keys"]) == 0
    assert asked == [{"events": 5_000}, {}]
    assert main(["bench", "ingest", "--events", "5000"]) == 2
    assert "--events is nothing for ingest" in capsys.readouterr().err


@pytest.fixture
def broken(monkeypatch):
    """An interpreter whose programs end at once with a traceback, in place of the one that benches start."""

    class Broken(pty.PtyChild):
        def __init__(self, argv, *args, **named):
            script = "print('\\x1b[2J\\x1b[1;5Hbefore', end=''); raise RuntimeError('no such market')"
            super().__init__([sys.executable, "-c", script], *args, **named)

    for bench in (keys, render, startup):
        monkeypatch.setattr(bench, "PtyChild", Broken)


@pytest.mark.parametrize(
    ("run", "awaited"),
    [
        (keys.run, "'quit'"),
        (lambda: startup.first(["desk"], startup.READY), "'ready-to-go'"),
        (lambda: render.measure("calm", 0.0), "report of calm"),
    ],
)
def test_a_bench_whose_desk_ends_at_once_says_so_with_the_end_of_what_it_wrote(broken, run, awaited):
    with pytest.raises(DeskError) as fault:
        run()
    words = str(fault.value)
    assert words.startswith(f"what is measured ended (status 1) before {awaited}; it wrote at its end: ")
    assert words.endswith("RuntimeError: no such market") and words.isprintable()


def test_what_a_signal_ends_is_said_to_have_ended_by_it():
    said = r"ended \(signal 9\) before 'x'; it wrote nothing"
    argv = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    with pty.PtyChild(argv) as child, pytest.raises(DeskError, match=said):
        child.read_until(b"x", 60.0)


def test_a_program_that_does_not_exist_ends_its_child_and_nothing_of_this_one():
    said = r"ended \(status 127\) before 'x'; it wrote at its end: no-such-program: No such file"
    with pty.PtyChild(["no-such-program"]) as child, pytest.raises(DeskError, match=said):
        child.read_until(b"x", 60.0)
