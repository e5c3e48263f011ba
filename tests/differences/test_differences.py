"""What moved between two moments, against two replays of the same market."""

import json
import subprocess
import sys
from itertools import takewhile

import msgspec
import pytest

from deskmon.cli.parser import parse as parse_args
from deskmon.clock import HOUR, MINUTE
from deskmon.feeds.demo.simulator.timeline import DemoTimeline
from deskmon.journal import JournalWriter
from deskmon.model import Model
from deskmon.model.differences import COUNTED, Tracked, differences, tracked, window_within
from deskmon.model.figure_path import parse
from tests.timelines.builders import T0, liquidation

SECONDS = 240


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """The simulator's first minutes as a journal, and when they begin (ms)."""
    path, timeline = tmp_path_factory.mktemp("diff") / "cascade.jsonl", DemoTimeline(seed=7)
    with JournalWriter(path, timeline.header) as writer:
        until = timeline.start + SECONDS * 1000
        writer.write(takewhile(lambda event: event.arrival <= until, timeline.events()))
    return path, timeline.start


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "deskmon", *map(str, words)], capture_output=True, text=True, check=True
    ).stdout  # fmt: skip


def at(path, moment, figures):
    only = ",".join(figures)
    return json.loads(run("state", "--replay", path, "--at", moment, "--only", only))


def test_diff_is_the_difference_of_two_replays_figure_by_figure(journal):
    path, _ = journal
    found = json.loads(run("diff", "--replay", path, "--since", "2m", "--json"))
    assert found["until"] - found["since"] == 2 * MINUTE and found["source"] == "simulated"
    figures = [each["figure"] for each in found["figures"] if each["figure"]]
    then, now = (at(path, found[moment], figures) for moment in ("since", "until"))
    assert len(figures) > 20 and {each["topic"] for each in found["figures"]} >= {
        "prices", "liquidations", "funding", "open_interest", "depth", "options", "flows", "metrics", *COUNTED,
    }  # fmt: skip
    for each in found["figures"]:
        if each["figure"] is None:
            continue
        told = [moment[each["figure"]] for moment in (then, now)]
        if ".by_symbol." in each["figure"]:  # nothing of an asset, where the sum is known
            told = [0.0 if value is None else value for value in told]
        assert [each["then"], each["now"]] == told, each["figure"]
        if each["then"] is not None and each["now"] is not None:
            assert each["change"] == pytest.approx(each["now"] - each["then"])
        else:
            assert each["change"] is None and each["sigmas"] is None
        if each["sigmas"] is not None:
            moved = each["change"] if each["change_pct"] is None else each["change_pct"]
            assert each["sigmas"] == pytest.approx(moved / each["sigma"]) and each["n"] >= 30
    sizes = [abs(each["sigmas"]) for each in found["figures"] if each["sigmas"] is not None]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) > 0


def test_diff_counts_new_lines_of_the_log_as_a_loop_does(journal):
    path, start = journal
    since = start + 60_000
    found = json.loads(run("diff", "--replay", path, "--since", since, "--json"))
    log = json.loads(run("state", "--replay", path, "--only", "log"))["log"]
    for kind in COUNTED:
        [count] = [each for each in found["figures"] if each["topic"] == kind]
        assert count["now"] == sum(line["kind"] == kind and since < line["ts"] <= found["until"] for line in log)


def test_diff_prints_what_moved_most_first_with_its_usual(journal):
    lines = run("diff", "--replay", journal[0], "--since", "2m").splitlines()
    assert lines[0].endswith("(2m), simulated") and lines[1].split() == [
        "figure", "then", "change", "now", "σ", "usual", "n",
    ]  # fmt: skip
    assert run("diff", "--replay", journal[0], "--since", "2m30s").splitlines()[0].endswith("(2m30s), simulated")
    first = lines[2].split()
    assert first[0].startswith("liquidations.windows.1m") and first[4].endswith("σ") and first[5].startswith("±")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--since", "now"], "--since now is no earlier than the newest arrival; write an earlier time, such as 2h"),
        (["--since", "soon"], "'soon' is not a time"),
        ([], "the following arguments are required: --since"),
    ],
)
def test_wrong_times_are_said_in_one_line(journal, words, said):
    done = subprocess.run(
        [sys.executable, "-m", "deskmon", "diff", "--replay", str(journal[0]), *words], capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1


def test_a_market_that_stands_still_differs_in_nothing_and_an_empty_one_has_no_figures():
    model = Model()
    assert [each.figure for each in differences(model, HOUR, model.state(0))] == [None, None]
    timeline = DemoTimeline()
    model.apply([timeline.header, *takewhile(lambda event: event.arrival <= timeline.start, timeline.events())])
    now = timeline.start
    then = msgspec.structs.replace(model.state(now), at=now - HOUR)
    assert {each.change for each in differences(model, now, then) if each.figure} <= {0, None}


def test_every_figure_that_is_compared_can_exist_and_its_window_is_within_the_time():
    model = Model()
    assert [each.figure.text for each in tracked(model, HOUR, 2 * HOUR)] == ["liquidations.windows.1h.usd"]
    assert [window_within(length) for length in (1, MINUTE, 10 * MINUTE, 2 * HOUR, 30 * 24 * HOUR)] == [
        "1m", "1m", "5m", "1h", "7d",
    ]  # fmt: skip
    assert parse("flows.BTC.day_usd").is_number


def test_the_command_takes_every_source_and_asks_for_a_time():
    assert parse_args(["diff", "--attach", "unix:x", "--since", "2h"]).attach == "unix:x"


def test_an_asset_of_which_nothing_is_liquidated_is_at_0_where_the_desk_heard():
    model = Model()
    model.apply([liquidation(T0 + 1, symbol="ETH/USDT:USDT", usd=5.0)])
    then = model.state(T0 + 2)
    model.apply([liquidation(T0 + 2 * MINUTE, usd=7.0)])
    found = {each.name: each for each in differences(model, T0 + 2 * MINUTE + 1, then)}
    told = [(each.then, each.now, each.change) for each in (found[f"{of} liquidations 1m"] for of in ("BTC", "ETH"))]
    assert told == [(0.0, 7.0, 7.0), (5.0, 0.0, -5.0)]
    asked = Tracked(parse("liquidations.windows.1m.by_symbol.SOL.long_usd"), "liquidations", "by its path")
    assert [(each.then, each.now) for each in differences(model, T0 + 2 * MINUTE + 1, then, [asked])] == [(0.0, 0.0)]
